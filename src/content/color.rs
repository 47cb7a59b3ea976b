//! Colors, and how well one is seen on another.

use std::fmt;

/// A color in sRGB: red, green and blue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Color([u8; 3]);

impl Color {
    /// Black.
    pub const BLACK: Self = Self([0; 3]);
    /// White.
    pub const WHITE: Self = Self([u8::MAX; 3]);

    /// Reads `#0b4d41`, or `#fff` for `#ffffff` (CSS Color 4, section 5.2).
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('#').filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()))?;
        let long = match digits.len() {
            3 => digits.chars().flat_map(|digit| [digit, digit]).collect(),
            6 => digits.to_owned(),
            _ => return None,
        };
        let [_, red, green, blue] = u32::from_str_radix(&long, 16).ok()?.to_be_bytes();
        Some(Self([red, green, blue]))
    }

    /// WCAG 2.2, "relative luminance".
    fn luminance(self) -> f64 {
        let linear = |part: u8| {
            let part = f64::from(part) / 255.0;
            if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        };
        let [red, green, blue] = self.0.map(linear);
        0.2126_f64.mul_add(red, 0.7152_f64.mul_add(green, 0.0722 * blue))
    }

    /// How well it is seen on another: 1 to 21 (WCAG 2.2, "contrast ratio").
    #[must_use]
    pub fn contrast(self, other: Self) -> f64 {
        let (one, other) = (self.luminance(), other.luminance());
        (one.max(other) + 0.05) / (one.min(other) + 0.05)
    }

    /// The color with so many of 256 parts of another in it.
    #[must_use]
    pub fn with(self, other: Self, parts: u8) -> Self {
        let parts = u32::from(parts);
        let mixed = |(one, other): (u8, u8)| (u32::from(one) * (256 - parts) + u32::from(other) * parts + 128) / 256;
        let [red, green, blue] =
            [0, 1, 2].map(|at| self.0.get(at).copied().zip(other.0.get(at).copied()).map_or(0, mixed));
        Self([red, green, blue].map(|part| u8::try_from(part).unwrap_or(u8::MAX)))
    }

    /// The darker or lighter one that does and is nearest.
    #[must_use]
    pub fn nearest(self, does: impl Fn(Self) -> bool) -> Option<Self> {
        let nearer = (0..=u8::MAX).flat_map(|parts| [self.with(Self::BLACK, parts), self.with(Self::WHITE, parts)]);
        nearer.chain([Self::BLACK, Self::WHITE]).find(|color| does(*color))
    }
}

impl fmt::Display for Color {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_fold(f.write_str("#")?, |(), part| write!(f, "{part:02x}"))
    }
}

#[cfg(test)]
mod tests {
    use super::Color;

    #[test]
    fn colors_are_read_as_style_sheets_write_them() {
        assert_eq!(Color::read("#0B4d41").unwrap().to_string(), "#0b4d41");
        assert_eq!(Color::read("#fff"), Some(Color::WHITE));
        for bad in ["", "#", "0b4d41", "#0b4d4", "#0b4d411", "#00000g", "#+1+2+3", "teal"] {
            assert_eq!(Color::read(bad), None, "{bad}");
        }
    }

    #[test]
    fn contrast_is_computed_as_the_guidelines_say() {
        let grey = Color::read("#767676").unwrap();
        for (one, other, wanted) in
            [(Color::BLACK, Color::WHITE, 21.0), (Color::WHITE, Color::WHITE, 1.0), (grey, Color::WHITE, 4.54)]
        {
            assert!((one.contrast(other) - wanted).abs() < 0.01, "{one} on {other}: {}", one.contrast(other));
        }
    }

    #[test]
    fn the_nearest_that_does_is_found_on_either_side() {
        let blue = Color::read("#4a90d9").unwrap();
        let darker = blue.nearest(|color| color.contrast(Color::WHITE) >= 7.0).unwrap();
        let lighter = blue.nearest(|color| color.contrast(Color::BLACK) >= 14.0).unwrap();
        assert!(darker.contrast(Color::WHITE) < 7.2 && lighter.contrast(Color::BLACK) < 14.4, "{darker} {lighter}");
        assert_eq!(blue.nearest(|_| true), Some(blue));
        assert_eq!(blue.nearest(|color| color == Color::WHITE), Some(Color::WHITE));
        assert_eq!(blue.nearest(|_| false), None);
    }
}
