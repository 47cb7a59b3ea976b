//! Photographs: JPEG (ITU-T T.81).
//!
//! What a file claims is read before anything is decoded, since its head alone decides how much memory that takes.

use super::scale::{self, Scaler};
use super::{Format, MAX_DECODED, MAX_PIXELS, Shape, Unfit, unfit};
use zune_core::bytestream::ZCursor;
use zune_core::colorspace::ColorSpace;
use zune_core::options::DecoderOptions;
use zune_jpeg::JpegDecoder;

/// How good what is served looks, of 100: below, edges of letters begin to blur.
const QUALITY: u8 = 78;

/// The most passes of a picture that comes in several: each takes as long as a whole picture. Programs write about ten.
const MAX_SCANS: usize = 32;

/// What the head of a file says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Head {
    width: u32,
    height: u32,
    /// Exif's orientation.
    orientation: u8,
    /// The colors are those of Display P3, as iPhones take photographs, and not of sRGB, which pictures without a profile have.
    is_p3: bool,
    /// How much memory decoding takes, in bytes.
    memory: u64,
}

/// What is served of a picture, or why it can't be.
pub(super) fn look(bytes: &[u8]) -> Result<Shape, Unfit> {
    let head = head(bytes)?;
    let (width, height) =
        if scale::is_on_its_side(head.orientation) { (head.height, head.width) } else { (head.width, head.height) };
    unfit::size(u64::from(width), u64::from(height), MAX_PIXELS)?;
    if head.memory > MAX_DECODED {
        return Err(Unfit::new(
            format!("this picture takes {} MB of memory to open", head.memory >> 20),
            "save it again with at most 4,000 pixels on the longer side, without \"progressive\"",
        ));
    }
    decode(bytes, head)?;
    Ok(Shape { width, height, format: Format::Jpeg })
}

/// The picture in each of some widths.
pub(super) fn make(bytes: &[u8], shape: &Shape, widths: &[u32]) -> Option<Vec<Vec<u8>>> {
    let head = head(bytes).ok()?;
    let pixels = decode(bytes, head).ok()?;
    let largest = *widths.last()?;
    let to = unturned((largest, shape.height_of(largest)), head.orientation);
    let mut scaler = Scaler::new((head.width, head.height), to, 3);
    pixels.chunks(usize::try_from(head.width).ok()? * 3).for_each(|row| scaler.row(row));
    drop(pixels);
    let (mut largest, size) = scale::turned(scaler.finish()?, to, 3, head.orientation);
    if head.is_p3 {
        super::color::from_p3(&mut largest);
    }
    widths
        .iter()
        .map(|width| {
            encode(
                &smaller(&largest, size, (*width, shape.height_of(*width)), 3)?,
                (*width, shape.height_of(*width)),
                3,
            )
        })
        .collect()
}

/// A picture made smaller again.
pub(super) fn smaller(pixels: &[u8], from: (u32, u32), to: (u32, u32), channels: usize) -> Option<Vec<u8>> {
    if from == to {
        return Some(pixels.to_vec());
    }
    let mut scaler = Scaler::new(from, to, channels);
    pixels.chunks(usize::try_from(from.0).ok()? * channels).for_each(|row| scaler.row(row));
    scaler.finish()
}

/// Encodes pixels of one or three channels: their colors and nothing else.
pub(super) fn encode(pixels: &[u8], (width, height): (u32, u32), channels: usize) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut encoder = jpeg_encoder::Encoder::new(&mut bytes, QUALITY);
    encoder.set_sampling_factor(jpeg_encoder::SamplingFactor::F_2_2);
    encoder.set_optimized_huffman_tables(true);
    encoder.set_progressive(true);
    let color = if channels == 1 { jpeg_encoder::ColorType::Luma } else { jpeg_encoder::ColorType::Rgb };
    encoder.encode(pixels, u16::try_from(width).ok()?, u16::try_from(height).ok()?, color).ok()?;
    Some(bytes)
}

/// The size before the picture is turned.
const fn unturned((width, height): (u32, u32), orientation: u8) -> (u32, u32) {
    if scale::is_on_its_side(orientation) { (height, width) } else { (width, height) }
}

/// The pixels, red, green and blue.
fn decode(bytes: &[u8], head: Head) -> Result<Vec<u8>, Unfit> {
    let (width, height) =
        (usize::try_from(head.width).unwrap_or_default(), usize::try_from(head.height).unwrap_or_default());
    let options = DecoderOptions::default()
        .set_max_width(width)
        .set_max_height(height)
        .set_strict_mode(false)
        .jpeg_set_max_scans(MAX_SCANS)
        .jpeg_set_out_colorspace(ColorSpace::RGB);
    let pixels = super::guarded(|| JpegDecoder::new_with_options(ZCursor::new(bytes), options).decode().ok());
    pixels.flatten().filter(|pixels| pixels.len() == width * height * 3).ok_or_else(damaged)
}

fn damaged() -> Unfit {
    Unfit::new(
        "this picture is damaged: a part of it is missing or can't be read",
        "put it here again from the camera, or save it again in a program for pictures",
    )
}

/// Reads the segments up to the picture itself, and looks for its end.
fn head(bytes: &[u8]) -> Result<Head, Unfit> {
    let mut rest = bytes.strip_prefix(&[0xff, 0xd8]).ok_or_else(damaged)?;
    let (mut found, mut orientation, mut is_p3) = (None, 1, false);
    loop {
        let (marker, segment, after) = segment(rest).ok_or_else(damaged)?;
        match marker {
            // Start of scan: the picture begins.
            0xda => break,
            0xe1 if segment.starts_with(b"Exif\0\0") => {
                orientation = orientation_of(segment.get(6..).unwrap_or_default()).unwrap_or(orientation);
            }
            0xe2 if segment.starts_with(b"ICC_PROFILE\0") => is_p3 |= is_display_p3(segment),
            0xc0..=0xc2 => found = Some((marker, segment)),
            // Lossless, hierarchical and arithmetic coding, which no browser shows.
            0xc3 | 0xc5..=0xc7 | 0xc9..=0xcb | 0xcd..=0xcf => return Err(damaged()),
            _ => {}
        }
        rest = after;
    }
    if !is_whole(rest) {
        return Err(damaged());
    }
    let (marker, frame) = found.ok_or_else(damaged)?;
    let [8, h1, h0, w1, w0, components, parts @ ..] = frame else { return Err(damaged()) };
    let (width, height) = (u16::from_be_bytes([*w1, *w0]), u16::from_be_bytes([*h1, *h0]));
    let (parts, _) = parts.as_chunks::<3>();
    let parts = parts.get(..usize::from(*components)).filter(|parts| !parts.is_empty()).ok_or_else(damaged)?;
    let sampling = |part: &[u8; 3]| (u64::from(part[1] >> 4), u64::from(part[1] & 15));
    let most = parts.iter().map(sampling).fold((1, 1), |most, part| (most.0.max(part.0), most.1.max(part.1)));
    let pixels = u64::from(width) * u64::from(height);
    // A picture that comes in several passes is in memory as its coefficients, too, of two bytes each.
    let coefficients: u64 = parts.iter().map(sampling).map(|(h, v)| pixels * 2 * h * v / (most.0 * most.1)).sum();
    let memory = pixels * 3 + if marker == 0xc2 { coefficients } else { 0 };
    if pixels == 0 {
        return Err(damaged());
    }
    Ok(Head { width: width.into(), height: height.into(), orientation, is_p3, memory })
}

/// The first segment: its marker, what is in it, and what is behind it.
fn segment(rest: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let rest = rest.strip_prefix(&[0xff])?;
    // Markers may have any number of these before them.
    let rest = rest.get(rest.iter().position(|byte| *byte != 0xff)?..)?;
    let [marker, high, low, rest @ ..] = rest else { return None };
    let length = usize::from(u16::from_be_bytes([*high, *low])).checked_sub(2)?;
    Some((*marker, rest.get(..length)?, rest.get(length..)?))
}

/// Whether the picture is there to its end: a file that was cut off has no marker of it.
fn is_whole(mut rest: &[u8]) -> bool {
    while let Some(at) = memchr::memchr(0xff, rest) {
        let Some(behind) = rest.get(at + 1..) else { return false };
        if behind.first() == Some(&0xd9) {
            return true;
        }
        rest = behind;
    }
    false
}

/// The orientation in Exif's TIFF structure.
fn orientation_of(tiff: &[u8]) -> Option<u8> {
    let big = match tiff.get(..4)? {
        b"MM\0*" => true,
        b"II*\0" => false,
        _ => return None,
    };
    let short = |at: usize| -> Option<u16> {
        let bytes: [u8; 2] = tiff.get(at..at.checked_add(2)?)?.try_into().ok()?;
        Some(if big { u16::from_be_bytes(bytes) } else { u16::from_le_bytes(bytes) })
    };
    let bytes: [u8; 4] = tiff.get(4..8)?.try_into().ok()?;
    let start = if big { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) };
    let start = usize::try_from(start).ok()?;
    let entries = (0..usize::from(short(start)?)).map(|entry| start.saturating_add(2 + entry * 12));
    let at = entries.take_while(|at| *at < tiff.len()).find(|at| short(*at) == Some(274))?;
    u8::try_from(short(at + 8)?).ok().filter(|value| (1..=8).contains(value))
}

/// Whether a color profile is that of Display P3, by its name, which is in ASCII or UTF-16.
fn is_display_p3(profile: &[u8]) -> bool {
    let wide: Vec<u8> = "Display P3".bytes().flat_map(|byte| [0, byte]).collect();
    memchr::memmem::find(profile, b"Display P3").or_else(|| memchr::memmem::find(profile, &wide)).is_some()
}
