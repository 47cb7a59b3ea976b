//! Makes a picture smaller, and turns it as the camera was held.

/// Takes a picture row by row and makes a smaller one: each pixel is the mean of those that it covers. So only rows are in memory, and what can
/// be seen through keeps its edges.
pub(super) struct Scaler {
    from: (u32, u32),
    to: (u32, u32),
    channels: usize,
    /// For each pixel of a row, the first one that it covers, and how much of each.
    covered: Vec<(usize, Vec<f32>)>,
    line: Vec<f32>,
    sum: Vec<f32>,
    /// The rows taken, in parts of which one is as high as a row of the result.
    at: u64,
    out: Vec<u8>,
}

impl Scaler {
    pub(super) fn new(from: (u32, u32), to: (u32, u32), channels: usize) -> Self {
        let covered = (0..u64::from(to.0)).map(|x| covered(x, u64::from(from.0), u64::from(to.0))).collect();
        let length = usize::try_from(to.0).unwrap_or_default() * channels;
        let rows = usize::try_from(to.1).unwrap_or_default();
        let out = Vec::with_capacity(length * rows);
        Self { from, to, channels, covered, line: vec![0.0; length], sum: vec![0.0; length], at: 0, out }
    }

    /// Takes the next row.
    pub(super) fn row(&mut self, row: &[u8]) {
        match self.channels {
            1 => self.reduce::<1>(row),
            2 => self.reduce::<2>(row),
            3 => self.reduce::<3>(row),
            _ => self.reduce::<4>(row),
        }
        let (high, all) = (u64::from(self.from.1), u64::from(self.to.1));
        let end = self.at + all;
        while self.at < end {
            let edge = (self.at / high + 1) * high;
            let part = edge.min(end) - self.at;
            let weight = ratio(part, high);
            for (sum, value) in self.sum.iter_mut().zip(&self.line) {
                *sum += value * weight;
            }
            self.at += part;
            if self.at == edge {
                self.flush();
            }
        }
    }

    /// The result, if all rows were taken.
    pub(super) fn finish(self) -> Option<Vec<u8>> {
        let pixels = usize::try_from(u64::from(self.to.0) * u64::from(self.to.1)).ok()?;
        (self.out.len() == pixels * self.channels).then_some(self.out)
    }

    /// The row as wide as the result. What can be seen through weighs less in the mean of its neighbors.
    fn reduce<const N: usize>(&mut self, row: &[u8]) {
        let (pixels, _) = row.as_chunks::<N>();
        let (line, _) = self.line.as_chunks_mut::<N>();
        for ((first, weights), to) in self.covered.iter().zip(line) {
            *to = [0.0; N];
            for (pixel, weight) in pixels.get(*first..).unwrap_or_default().iter().zip(weights) {
                let seen = match (N % 2, pixel.last()) {
                    (0, Some(alpha)) => f32::from(*alpha) / 255.0,
                    _ => 1.0,
                };
                let colors = if N.is_multiple_of(2) { N - 1 } else { N };
                for (at, (to, value)) in to.iter_mut().zip(pixel).enumerate() {
                    *to += f32::from(*value) * weight * if at < colors { seen } else { 1.0 };
                }
            }
        }
    }

    fn flush(&mut self) {
        let has_alpha = self.channels.is_multiple_of(2);
        for pixel in self.sum.chunks_exact(self.channels) {
            let alpha = pixel.last().copied().filter(|_| has_alpha);
            let colors = pixel.len() - usize::from(has_alpha);
            let seen = alpha.map_or(1.0, |alpha| alpha / 255.0);
            for color in pixel.iter().take(colors) {
                self.out.push(rounded(if seen > 0.0 { color / seen } else { 0.0 }));
            }
            self.out.extend(alpha.map(rounded));
        }
        self.sum.fill(0.0);
    }
}

/// The pixels that one of the result covers, and how much of each.
fn covered(x: u64, from: u64, to: u64) -> (usize, Vec<f32>) {
    let (start, end) = (x * from, (x + 1) * from);
    let first = start / to;
    let weight = |pixel: u64| ratio(((pixel + 1) * to).min(end) - (pixel * to).max(start), from);
    let weights = (first..end.div_ceil(to)).map(weight).collect();
    (usize::try_from(first).unwrap_or_default(), weights)
}

#[expect(clippy::cast_precision_loss, reason = "the numbers are sizes of pictures, below a few thousand million")]
fn ratio(part: u64, all: u64) -> f32 {
    part as f32 / all as f32
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to a byte")]
fn rounded(value: f32) -> u8 {
    (value + 0.5).clamp(0.0, 255.0) as u8
}

/// Turns a picture as Exif's orientation says (CIPA DC-008, tag 274): 1 is as it is. Returns its size then.
pub(super) fn turned(
    pixels: Vec<u8>,
    (width, height): (u32, u32),
    channels: usize,
    orientation: u8,
) -> (Vec<u8>, (u32, u32)) {
    if !(2..=8).contains(&orientation) {
        return (pixels, (width, height));
    }
    let to = if is_on_its_side(orientation) { (height, width) } else { (width, height) };
    let (right, below) = (width.saturating_sub(1), height.saturating_sub(1));
    let mut out = Vec::with_capacity(pixels.len());
    for y in 0..to.1 {
        for x in 0..to.0 {
            let (from_x, from_y) = match orientation {
                2 => (right - x, y),
                3 => (right - x, below - y),
                4 => (x, below - y),
                5 => (y, x),
                6 => (y, below - x),
                7 => (right - y, below - x),
                _ => (right - y, x),
            };
            let at = usize::try_from(u64::from(from_y) * u64::from(width) + u64::from(from_x)).unwrap_or_default()
                * channels;
            out.extend_from_slice(pixels.get(at..at + channels).unwrap_or_default());
        }
    }
    (out, to)
}

/// Whether width and height change places.
pub(super) const fn is_on_its_side(orientation: u8) -> bool {
    matches!(orientation, 5..=8)
}

#[cfg(test)]
mod tests {
    use super::{Scaler, turned};

    fn scaled(pixels: &[u8], from: (u32, u32), to: (u32, u32), channels: usize) -> Vec<u8> {
        let mut scaler = Scaler::new(from, to, channels);
        pixels.chunks(usize::try_from(from.0).unwrap() * channels).for_each(|row| scaler.row(row));
        scaler.finish().unwrap()
    }

    #[test]
    fn each_pixel_is_the_mean_of_those_it_covers() {
        assert_eq!(scaled(&[0, 100, 200, 100], (2, 2), (1, 1), 1), [100]);
        assert_eq!(scaled(&[10, 20, 30, 40, 50, 60], (3, 2), (3, 2), 1), [10, 20, 30, 40, 50, 60]);
        // A pixel and a half each: (0 + 30 / 2) / 1.5 and (30 / 2 + 90) / 1.5.
        assert_eq!(scaled(&[0, 30, 90], (3, 1), (2, 1), 1), [10, 70]);
        assert_eq!(scaled(&[0, 30, 90], (1, 3), (1, 2), 1), [10, 70]);
        let wide: Vec<u8> = (0..=255).cycle().take(1000 * 7 * 3).collect();
        assert_eq!(scaled(&wide, (1000, 7), (333, 3), 3).len(), 333 * 3 * 3);
    }

    #[test]
    fn what_cannot_be_seen_gives_no_color() {
        assert_eq!(scaled(&[200, 100, 0, 255, 0, 0, 0, 0], (2, 1), (1, 1), 4), [200, 100, 0, 128]);
        assert_eq!(scaled(&[9, 0, 9, 0], (2, 1), (1, 1), 2), [0, 0]);
    }

    #[test]
    fn a_picture_that_ends_too_early_is_none() {
        let mut scaler = Scaler::new((2, 2), (1, 1), 1);
        scaler.row(&[1, 2]);
        assert_eq!(scaler.finish(), None);
    }

    #[test]
    fn a_picture_is_turned_as_the_camera_was_held() {
        // 0 1 2
        // 3 4 5
        let turn = |orientation| turned((0..6).collect(), (3, 2), 1, orientation);
        assert_eq!(turn(1), ((0..6).collect(), (3, 2)));
        assert_eq!(turn(2), (vec![2, 1, 0, 5, 4, 3], (3, 2)));
        assert_eq!(turn(3), (vec![5, 4, 3, 2, 1, 0], (3, 2)));
        assert_eq!(turn(4), (vec![3, 4, 5, 0, 1, 2], (3, 2)));
        assert_eq!(turn(5), (vec![0, 3, 1, 4, 2, 5], (2, 3)));
        assert_eq!(turn(6), (vec![3, 0, 4, 1, 5, 2], (2, 3)));
        assert_eq!(turn(7), (vec![5, 2, 4, 1, 3, 0], (2, 3)));
        assert_eq!(turn(8), (vec![2, 5, 1, 4, 0, 3], (2, 3)));
        assert_eq!(turn(9), ((0..6).collect(), (3, 2)));
    }
}
