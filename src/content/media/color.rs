//! From the colors of Display P3, as iPhones take photographs, to those of sRGB, which a picture without a profile has.

/// From linear Display P3 to linear sRGB (CSS Color Module Level 4, section 18: both have the white of D65).
const MATRIX: [[f32; 3]; 3] =
    [[1.224_940_2, -0.224_940_18, 0.0], [-0.042_056_955, 1.042_057, 0.0], [-0.019_637_555, -0.078_636_04, 1.098_273_6]];

/// Changes red, green and blue in place. Both have the same curve.
pub(super) fn from_p3(pixels: &mut [u8]) {
    let linear: Vec<f32> = (0..=255_u8).map(|value| linear(f32::from(value) / 255.0)).collect();
    let (pixels, _) = pixels.as_chunks_mut::<3>();
    for pixel in pixels {
        let [red, green, blue] = pixel.map(|value| linear.get(usize::from(value)).copied().unwrap_or_default());
        *pixel = MATRIX.map(|[r, g, b]| coded(r * red + g * green + b * blue));
    }
}

fn linear(value: f32) -> f32 {
    if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to a byte")]
fn coded(value: f32) -> u8 {
    let value = value.clamp(0.0, 1.0);
    let coded = if value <= 0.003_130_8 { value * 12.92 } else { 1.055 * value.powf(1.0 / 2.4) - 0.055 };
    coded.mul_add(255.0, 0.5).clamp(0.0, 255.0) as u8
}

#[cfg(test)]
mod tests {
    use super::from_p3;

    #[test]
    fn gray_stays_gray_and_colors_become_stronger() {
        let mut pixels = [0, 0, 0, 128, 128, 128, 255, 255, 255, 200, 100, 50];
        from_p3(&mut pixels);
        assert_eq!(pixels[..9], [0, 0, 0, 128, 128, 128, 255, 255, 255]);
        assert!(pixels[9] > 210 && pixels[10] < 100 && pixels[11] < 40, "{pixels:?}");
    }
}
