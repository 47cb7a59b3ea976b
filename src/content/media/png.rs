//! Drawings, logos, and what can be seen through: PNG (W3C, Portable Network Graphics, third edition).

use super::scale::Scaler;
use super::{Format, MAX_DECODED, MAX_PIXELS, Shape, Unfit, jpeg, unfit};
use png::{BitDepth, ColorType, Decoder, Limits, Reader, Transformations};
use std::collections::HashSet;
use std::io::Cursor;

/// A picture with more colors is a photograph, which is a fifth as large as a JPEG.
const COLORS_OF_A_DRAWING: usize = 2_048;

/// What is served of a picture, or why it can't be.
pub(super) fn look(bytes: &[u8]) -> Result<Shape, Unfit> {
    let (width, height) = size(bytes).ok_or_else(damaged)?;
    unfit::size(width.into(), height.into(), MAX_PIXELS)?;
    let looked = super::guarded(|| rows(bytes, &mut Colors::default())).unwrap_or_else(|| Err(damaged()))?;
    let format = if looked.is_drawing { Format::Png } else { Format::Jpeg };
    Ok(Shape { width, height, format })
}

/// The picture in each of some widths.
pub(super) fn make(bytes: &[u8], shape: &Shape, widths: &[u32]) -> Option<Vec<Vec<u8>>> {
    let largest = *widths.last()?;
    let to = (largest, shape.height_of(largest));
    let mut scaled = Scaled { from: (shape.width, shape.height), to, scaler: None };
    let Looked { channels, .. } = rows(bytes, &mut scaled).ok()?;
    let (largest, channels) = opaque(scaled.scaler?.finish()?, channels, shape.format);
    let sized = |width: &u32| {
        let size = (*width, shape.height_of(*width));
        let pixels = jpeg::smaller(&largest, to, size, channels)?;
        match shape.format {
            Format::Jpeg => jpeg::encode(&pixels, size, channels),
            Format::Png => encode(&pixels, size, channels),
        }
    };
    widths.iter().map(sized).collect()
}

/// What came of all rows.
struct Looked {
    channels: usize,
    /// It has few colors, or can be seen through.
    is_drawing: bool,
}

/// Takes the rows of a picture.
trait Rows {
    fn start(&mut self, channels: usize);
    fn row(&mut self, row: &[u8]);
    fn is_drawing(&self) -> bool;
}

/// Counts colors.
#[derive(Default)]
struct Colors {
    channels: usize,
    seen: HashSet<[u8; 4]>,
    /// The color of the pixel before: in a drawing most have it, and needn't be looked up.
    last: [u8; 4],
    is_transparent: bool,
}

impl Rows for Colors {
    fn start(&mut self, channels: usize) {
        self.channels = channels;
    }

    fn row(&mut self, row: &[u8]) {
        if self.is_transparent {
            return;
        }
        let has_alpha = self.channels.is_multiple_of(2);
        for pixel in row.chunks_exact(self.channels.max(1)) {
            self.is_transparent |= has_alpha && pixel.last().is_some_and(|alpha| *alpha != 255);
            if self.seen.len() <= COLORS_OF_A_DRAWING {
                let mut color = [0; 4];
                color.iter_mut().zip(pixel).for_each(|(to, value)| *to = *value);
                if color != self.last || self.seen.is_empty() {
                    self.seen.insert(color);
                    self.last = color;
                }
            } else if !has_alpha {
                return;
            }
        }
    }

    fn is_drawing(&self) -> bool {
        self.is_transparent || self.seen.len() <= COLORS_OF_A_DRAWING
    }
}

/// Makes them smaller.
struct Scaled {
    from: (u32, u32),
    to: (u32, u32),
    scaler: Option<Scaler>,
}

impl Rows for Scaled {
    fn start(&mut self, channels: usize) {
        self.scaler = Some(Scaler::new(self.from, self.to, channels));
    }

    fn row(&mut self, row: &[u8]) {
        if let Some(scaler) = &mut self.scaler {
            scaler.row(row);
        }
    }

    fn is_drawing(&self) -> bool {
        false
    }
}

/// Decodes a picture row by row: only one that is interlaced is in memory as a whole. Texts and profiles in it are passed over unread.
fn rows(bytes: &[u8], take: &mut impl Rows) -> Result<Looked, Unfit> {
    let most = usize::try_from(MAX_DECODED).unwrap_or(usize::MAX);
    let mut decoder = Decoder::new_with_limits(Cursor::new(bytes), Limits { bytes: most });
    decoder.set_transformations(Transformations::EXPAND | Transformations::STRIP_16);
    decoder.set_ignore_text_chunk(true);
    decoder.set_ignore_iccp_chunk(true);
    let mut reader = decoder.read_info().map_err(|_| damaged())?;
    if reader.info().animation_control.is_some() {
        return Err(Unfit::new(
            "this picture moves (APNG), and what moves can't be stopped by who is bothered by it",
            "save one picture of it as a PNG or JPEG",
        ));
    }
    let (color, depth) = reader.output_color_type();
    if depth != BitDepth::Eight {
        return Err(damaged());
    }
    let channels = color.samples();
    take.start(channels);
    if reader.info().interlaced {
        whole(&mut reader, channels, take)?;
    } else {
        while let Some(row) = reader.next_row().map_err(|_| damaged())? {
            take.row(row.data());
        }
    }
    Ok(Looked { channels, is_drawing: take.is_drawing() })
}

/// The rows of an interlaced picture.
fn whole(reader: &mut Reader<Cursor<&[u8]>>, channels: usize, take: &mut impl Rows) -> Result<(), Unfit> {
    let size = reader.output_buffer_size().filter(|size| *size <= usize::try_from(MAX_DECODED).unwrap_or(usize::MAX));
    let Some(size) = size else {
        return Err(Unfit::new("this picture takes too much memory to open", "save it again without \"interlaced\""));
    };
    let mut pixels = vec![0; size];
    reader.next_frame(&mut pixels).map_err(|_| damaged())?;
    let width = usize::try_from(reader.info().width).unwrap_or_default();
    pixels.chunks_exact((width * channels).max(1)).for_each(|row| take.row(row));
    Ok(())
}

/// The size that the head says, which is looked at before anything is decoded.
fn size(bytes: &[u8]) -> Option<(u32, u32)> {
    let head = bytes.get(8..24)?.strip_prefix(b"\0\0\0\rIHDR")?;
    let (numbers, _) = head.as_chunks::<4>();
    let [width, height] = numbers else { return None };
    Some((u32::from_be_bytes(*width), u32::from_be_bytes(*height)))
}

fn damaged() -> Unfit {
    Unfit::new(
        "this picture is damaged: a part of it is missing or can't be read",
        "save it again in a program for pictures, or restore it from a copy",
    )
}

/// A photograph has no channel of what can be seen through.
fn opaque(pixels: Vec<u8>, channels: usize, format: Format) -> (Vec<u8>, usize) {
    if format == Format::Png || !channels.is_multiple_of(2) {
        return (pixels, channels);
    }
    let opaque = pixels.chunks_exact(channels).flat_map(|pixel| pixel.iter().take(channels - 1).copied()).collect();
    (opaque, channels - 1)
}

/// Encodes pixels: their colors and nothing else.
fn encode(pixels: &[u8], (width, height): (u32, u32), channels: usize) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(match channels {
        1 => ColorType::Grayscale,
        2 => ColorType::GrayscaleAlpha,
        3 => ColorType::Rgb,
        _ => ColorType::Rgba,
    });
    encoder.set_depth(BitDepth::Eight);
    encoder.set_compression(png::Compression::High);
    let mut writer = encoder.write_header().ok()?;
    writer.write_image_data(pixels).ok()?;
    writer.finish().ok()?;
    Some(bytes)
}
