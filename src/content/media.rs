//! The pictures and documents of `content/files/`: what their bytes are, and what of them is served.
//!
//! Nothing of a picture is served as it was uploaded: it is decoded within limits and encoded anew, so that no place, no script and no second
//! file within it reaches a visitor. Both happen once for a state of a file, and the uploaded bytes are let go then.

mod color;
mod jpeg;
mod name;
mod pdf;
mod png;
mod scale;
mod unfit;

pub(super) use name::{has_good_stem, is_name, meant_name};
pub use unfit::Unfit;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::panic::{self, AssertUnwindSafe};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// No picture or document may be larger than this, in bytes.
pub const MAX_MEDIA: u64 = 12 * 1024 * 1024;

/// Nor may all of them together.
pub const MAX_ALL_MEDIA: u64 = 128 * 1024 * 1024;

/// The most pixels of a picture: about those of the best phones.
const MAX_PIXELS: u64 = 40_000_000;

/// The most memory that decoding a picture may take, in bytes. One is decoded at a time.
const MAX_DECODED: u64 = 160_000_000;

/// The folder holds at most so many.
pub const MAX_MEDIA_FILES: usize = 300;

/// The folder, below the content folder.
pub const FOLDER: &str = "files";

/// The widths a picture is served in, in pixels: for phones, for screens with two dots a pixel, for paper.
const WIDTHS: [u32; 3] = [480, 960, 1600];

/// Part of every address: another number where the same file is encoded into other bytes.
const ENCODING: u8 = 1;

/// A picture or a document.
#[derive(Debug)]
pub struct Media {
    /// The name of its file.
    name: String,
    hash: [u8; 32],
    /// The uploaded bytes, until what is served was made of them.
    original: Mutex<Option<Arc<[u8]>>>,
    kind: OnceLock<Result<Kind, Unfit>>,
    made: OnceLock<Vec<Made>>,
}

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A picture.
    Picture(Shape),
    /// A PDF.
    Document {
        /// How many pages it has.
        pages: usize,
        /// Its length in bytes.
        length: usize,
    },
}

/// How a picture is served.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shape {
    /// As it is seen, in pixels: turned as the camera says.
    pub width: u32,
    /// Likewise.
    pub height: u32,
    /// The format of what is served.
    pub format: Format,
}

/// The formats of pictures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// For photographs (ITU-T T.81).
    Jpeg,
    /// For drawings, and for what can be seen through (W3C PNG).
    Png,
}

impl Format {
    /// The ending of a name.
    #[must_use]
    pub const fn ending(self) -> &'static str {
        match self {
            Self::Jpeg => "jpg",
            Self::Png => "png",
        }
    }
}

/// What is served of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Made {
    /// Of a picture, how wide it is, in pixels.
    pub width: Option<u32>,
    /// The bytes.
    pub bytes: bytes::Bytes,
}

impl Shape {
    /// The widths it is served in, the smallest first: none is larger than the picture.
    #[must_use]
    pub fn widths(&self) -> Vec<u32> {
        let largest = self.width.min(WIDTHS.into_iter().max().unwrap_or_default());
        // One that is nearly as large saves nothing.
        WIDTHS.into_iter().filter(|width| width * 5 <= largest * 4).chain([largest]).collect()
    }

    /// The height in one of these widths.
    #[must_use]
    pub fn height_of(&self, width: u32) -> u32 {
        let exact = u64::from(self.height) * u64::from(width);
        let rounded = (exact + u64::from(self.width) / 2) / u64::from(self.width).max(1);
        u32::try_from(rounded).unwrap_or(u32::MAX).max(1)
    }
}

impl Media {
    pub(crate) fn new(name: &str, bytes: Vec<u8>) -> Self {
        Self {
            name: name.to_owned(),
            hash: Sha256::digest(&bytes).into(),
            original: Mutex::new(Some(bytes.into())),
            kind: OnceLock::new(),
            made: OnceLock::new(),
        }
    }

    /// The name of its file.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// One whose bytes are there already, as they were saved: nothing has to be encoded.
    pub(crate) fn saved(name: &str, hash: [u8; 32], kind: Kind, made: Vec<Made>) -> Self {
        let name = name.to_owned();
        Self { name, hash, original: Mutex::new(None), kind: Ok(kind).into(), made: made.into() }
    }

    /// The SHA-256 of the uploaded bytes.
    #[must_use]
    pub const fn hash(&self) -> [u8; 32] {
        self.hash
    }

    /// What it is, or why it can't be served. The first time it is decoded, which takes a while.
    ///
    /// # Errors
    /// It is of another kind, malformed, or too large to be decoded.
    pub fn kind(&self) -> Result<Kind, &Unfit> {
        let kind = self
            .kind
            .get_or_init(|| self.original().map_or_else(|| Err(Unfit::gone()), |bytes| look(&self.name, &bytes)));
        kind.as_ref().copied()
    }

    /// How it is served, if it is a sound picture.
    #[must_use]
    pub fn picture(&self) -> Option<Shape> {
        match self.kind() {
            Ok(Kind::Picture(shape)) => Some(shape),
            _ => None,
        }
    }

    /// Its pages and its length in bytes, if it is a sound document.
    #[must_use]
    pub fn document(&self) -> Option<(usize, usize)> {
        match self.kind() {
            Ok(Kind::Document { pages, length }) => Some((pages, length)),
            _ => None,
        }
    }

    /// What is served of it. The first time it is encoded, which takes a while; then the uploaded bytes are let go.
    pub fn made(&self) -> &[Made] {
        self.made.get_or_init(|| {
            let made = match (self.kind(), self.original()) {
                (Ok(kind), Some(bytes)) => make(kind, &bytes),
                _ => Vec::new(),
            };
            *self.original.lock().unwrap_or_else(PoisonError::into_inner) = None;
            made
        })
    }

    /// The last part of the address of what is served: it changes with the file.
    #[must_use]
    pub fn address(&self, width: Option<u32>) -> String {
        let stem = self.name.rsplit_once('.').map_or(self.name.as_str(), |(stem, _)| stem).to_ascii_lowercase();
        let digest = Sha256::new().chain_update(self.hash).chain_update([ENCODING]).finalize();
        let hash = hex::encode(digest.get(..5).unwrap_or_default());
        let width = width.map(|width| format!("-{width}")).unwrap_or_default();
        let ending = self.picture().map_or("pdf", |shape| shape.format.ending());
        format!("{stem}{width}.{hash}.{ending}")
    }

    fn original(&self) -> Option<Arc<[u8]>> {
        self.original.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// One picture is decoded at a time, whoever asks: each takes up to [`MAX_DECODED`].
static DECODING: Mutex<()> = Mutex::new(());

/// What bytes are, by themselves: names say nothing.
fn look(name: &str, bytes: &[u8]) -> Result<Kind, Unfit> {
    let _alone = DECODING.lock().unwrap_or_else(PoisonError::into_inner);
    let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase()).unwrap_or_default();
    let (kind, wanted, is) = if bytes.starts_with(&[0xff, 0xd8, 0xff]) {
        (Kind::Picture(jpeg::look(bytes)?), ["jpg", "jpeg"], "a JPEG picture")
    } else if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        (Kind::Picture(png::look(bytes)?), ["png", "png"], "a PNG picture")
    } else if bytes.starts_with(b"%PDF-") {
        (Kind::Document { pages: pdf::pages(bytes)?, length: bytes.len() }, ["pdf", "pdf"], "a PDF")
    } else {
        return Err(Unfit::of_kind(bytes));
    };
    if wanted.contains(&ending.as_str()) {
        return Ok(kind);
    }
    let [wanted, _] = wanted;
    let stem = name.strip_suffix(&ending).unwrap_or(name).trim_end_matches('.');
    Err(Unfit::new(format!("this is {is}, but its name ends in .{ending}"), format!("rename it to {stem}.{wanted}")))
}

/// What is served of sound bytes.
fn make(kind: Kind, bytes: &[u8]) -> Vec<Made> {
    let shape = match kind {
        Kind::Document { .. } => return vec![Made { width: None, bytes: bytes::Bytes::copy_from_slice(bytes) }],
        Kind::Picture(shape) => shape,
    };
    let _alone = DECODING.lock().unwrap_or_else(PoisonError::into_inner);
    let widths = shape.widths();
    let is_jpeg = bytes.starts_with(&[0xff, 0xd8]);
    let made = guarded(|| if is_jpeg { jpeg::make(bytes, &shape, &widths) } else { png::make(bytes, &shape, &widths) });
    let made = made.flatten().unwrap_or_default();
    widths.into_iter().zip(made).map(|(width, bytes)| Made { width: Some(width), bytes: bytes.into() }).collect()
}

/// What a decoder gives, or nothing where it panics. The decoders are others' code, made for all that there is, and read bytes that anybody may have
/// put here: a panic would take down the check, or the task that follows the folder, for every page. They hold nothing that outlives the call.
fn guarded<T>(decode: impl FnOnce() -> T) -> Option<T> {
    panic::catch_unwind(AssertUnwindSafe(decode)).ok()
}
