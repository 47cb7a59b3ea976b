//! Finished bytes: an answer's body in every coding, its validators and how long it may be kept.

use crate::lang::Lang;
use bytes::Bytes;
use flate2::write::GzEncoder;
use http::HeaderValue;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::io::Write;
use std::thread;

/// A content coding (RFC 9110, section 8.4.1), the most wanted first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Coding {
    /// Brotli (RFC 7932): the smallest for text.
    Brotli,
    /// Zstandard (RFC 8878).
    Zstd,
    /// gzip (RFC 1952): what everything understands.
    Gzip,
    /// As it is.
    Identity,
}

impl Coding {
    /// All of them, the most wanted first.
    pub const ALL: [Self; 4] = [Self::Brotli, Self::Zstd, Self::Gzip, Self::Identity];

    /// Its name in `Accept-Encoding` and `Content-Encoding`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Brotli => "br",
            Self::Zstd => "zstd",
            Self::Gzip => "gzip",
            Self::Identity => "identity",
        }
    }

    /// Its place in [`Coding::ALL`].
    const fn index(self) -> usize {
        self as usize
    }
}

/// How hard to compress.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Effort {
    /// A fraction of a millisecond a page: gzip alone, which every browser knows, for the first moments of the program.
    First,
    /// About a millisecond a page: good bytes in every coding.
    Fast,
    /// About thirty milliseconds a page: the smallest bytes.
    Best,
}

/// A text of more bytes than this, such as the booklet of a thousand pages, is compressed a moment after it is made, and never at its best, which
/// takes seconds: the start and each save would wait for it.
const LARGE: usize = 256 * 1024;

/// How long an answer may be kept, and by whom. One place turns it into headers: `http::headers`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CachePolicy {
    /// Asked for anew each time; the validator makes that cheap. Notices end at their minute, so nothing keeps a page longer.
    Revalidate,
    /// Kept for ever: the address changes with the bytes.
    Immutable,
    /// Kept for an hour: files for machines.
    Hour,
    /// Never kept: errors.
    NoStore,
}

/// One coding of a body.
#[derive(Clone, Debug)]
pub struct Body {
    /// The coded bytes.
    pub bytes: Bytes,
    /// The strong validator of these bytes: codings of one text have different ones (RFC 9110, section 8.8.3.3).
    pub etag: HeaderValue,
}

/// A finished answer.
#[derive(Clone, Debug)]
pub struct Prebuilt {
    /// The media type.
    pub content_type: HeaderValue,
    /// The language of the text, if it has one.
    pub language: Option<Lang>,
    /// How long it may be kept.
    pub cache: CachePolicy,
    effort: Effort,
    identity: Body,
    /// By [`Coding::index`]; a coding that is not smaller than the text itself is left out.
    coded: [Option<Body>; 3],
}

impl Prebuilt {
    /// Finishes a text.
    pub(crate) fn new(
        content_type: &'static str,
        language: Option<Lang>,
        cache: CachePolicy,
        text: String,
        effort: Effort,
    ) -> Self {
        Self::of_type(HeaderValue::from_static(content_type), language, cache, text, effort)
    }

    /// Finishes a text of a media type that is known at run time only.
    pub(super) fn of_type(
        content_type: HeaderValue,
        language: Option<Lang>,
        cache: CachePolicy,
        text: String,
        effort: Effort,
    ) -> Self {
        // Without the room that a text leaves for more: a thousand pages would keep as much again.
        let text = Bytes::from(text.into_bytes().into_boxed_slice());
        let (effort, coded) =
            if text.len() > LARGE { (Effort::First, Default::default()) } else { (effort, coded(&text, effort)) };
        Self { content_type, language, cache, effort, coded, identity: Body::new(text) }
    }

    /// The same answer, compressed harder.
    ///
    /// By a thread of its own: glibc gives each thread memory of its own, and what encoders take and give back, some megabytes, would keep
    /// the finished bytes among it from being given back to the system with it.
    pub(super) fn with_effort(&self, effort: Effort) -> Self {
        let text = &self.identity.bytes;
        let hard = if text.len() > LARGE { effort.min(Effort::Fast) } else { effort };
        let copied = |coded: [Option<Body>; 3]| coded.map(|body| body.as_ref().map(Body::copied));
        let coded = thread::scope(|scope| {
            let encoder = thread::Builder::new().name("encoder".to_owned());
            match encoder.spawn_scoped(scope, || coded(text, hard)) {
                Ok(encoder) => encoder.join().map_or_else(|_| self.coded.clone(), copied),
                // The system has no thread to give.
                Err(_) => coded(text, hard),
            }
        });
        Self { effort, coded, ..self.clone() }
    }

    /// How hard it was compressed.
    pub(super) fn effort(&self) -> Effort {
        self.effort
    }

    /// The body in a coding, if there is one.
    #[must_use]
    pub fn body(&self, coding: Coding) -> Option<&Body> {
        match self.coded.get(coding.index()) {
            Some(body) => body.as_ref(),
            None => Some(&self.identity),
        }
    }

    /// The body as it is.
    #[must_use]
    pub fn identity(&self) -> &Body {
        &self.identity
    }

    /// Whether the answer depends on the codings a client accepts.
    #[must_use]
    pub fn varies(&self) -> bool {
        self.coded.iter().any(Option::is_some)
    }
}

/// A text in each coding that makes it smaller.
fn coded(text: &Bytes, effort: Effort) -> [Option<Body>; 3] {
    [Coding::Brotli, Coding::Zstd, Coding::Gzip].map(|coding| {
        let bytes = compress(coding, text, effort)?;
        (bytes.len() < text.len()).then(|| Body::new(bytes.into_boxed_slice().into()))
    })
}

impl Body {
    fn new(bytes: Bytes) -> Self {
        // Hexadecimal digits in quotes are always a header value.
        let etag =
            HeaderValue::try_from(format!("\"{}\"", hash(&bytes, 16))).unwrap_or(HeaderValue::from_static("\"\""));
        Self { bytes, etag }
    }

    /// The same in memory of this thread's.
    fn copied(&self) -> Self {
        Self { bytes: Bytes::copy_from_slice(&self.bytes), etag: self.etag.clone() }
    }
}

/// The first bytes of the SHA-256 of some bytes, in hexadecimal digits.
fn hash(bytes: &[u8], length: usize) -> String {
    digits(Sha256::digest(bytes).get(..length).unwrap_or_default())
}

/// Bytes in hexadecimal digits.
pub(super) fn digits(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

/// The part of an asset's name that changes with its bytes.
pub(super) fn short_hash(bytes: &[u8]) -> String {
    hash(bytes, 5)
}

// What an encoder takes while it works. glibc keeps for later about twice the largest block of memory that was ever given back, so that each
// block of two megabytes here would be four of a process that rests.

/// How far brotli looks back, as a power of two. With less than 17, the crate has no small hash table for the quick quality: it takes one of
/// 32 MiB, and 20 times as long.
const BROTLI_WINDOW: i32 = 17;
/// How much brotli is given at once: at its best it takes 32 bytes for each. A text that is longer becomes 1 % larger so.
const BROTLI_BLOCK: usize = 32 * 1024;
/// How far zstd looks back, as a power of two: nearly every page as a whole.
const ZSTD_WINDOW: u32 = 15;

/// Compresses a text; `None` for the identity or where an encoder fails, which over memory none does.
fn compress(coding: Coding, text: &[u8], effort: Effort) -> Option<Vec<u8>> {
    let best = effort == Effort::Best;
    match coding {
        Coding::Identity => None,
        Coding::Brotli | Coding::Zstd if effort == Effort::First => None,
        Coding::Gzip => {
            let level = flate2::Compression::new(match effort {
                Effort::First => 1,
                Effort::Fast => 6,
                Effort::Best => 9,
            });
            let mut encoder = GzEncoder::new(Vec::with_capacity(text.len() / 3), level);
            encoder.write_all(text).ok()?;
            encoder.finish().ok()
        }
        Coding::Zstd => {
            let mut encoder = zstd::bulk::Compressor::new(if best { 19 } else { 6 }).ok()?;
            encoder.set_parameter(zstd::zstd_safe::CParameter::WindowLog(ZSTD_WINDOW)).ok()?;
            encoder.compress(text).ok()
        }
        Coding::Brotli => {
            let params = brotli::enc::BrotliEncoderParams {
                quality: if best { 11 } else { 5 },
                lgwin: BROTLI_WINDOW,
                size_hint: text.len(),
                mode: brotli::enc::backward_references::BrotliEncoderMode::BROTLI_MODE_TEXT,
                ..Default::default()
            };
            let out = Vec::with_capacity(text.len() / 3);
            let mut encoder = brotli::CompressorWriter::with_params(out, BROTLI_BLOCK, &params);
            for block in text.chunks(BROTLI_BLOCK) {
                encoder.write_all(block).ok()?;
                encoder.flush().ok()?;
            }
            Some(encoder.into_inner())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{CachePolicy, Coding, Effort, LARGE, Prebuilt};

    fn finish(text: &str, effort: Effort) -> Prebuilt {
        Prebuilt::new("text/plain", None, CachePolicy::NoStore, text.to_owned(), effort)
    }

    #[test]
    fn each_coding_is_smaller_and_has_its_own_validator() {
        let text = "Group therapy gives you room to talk. ".repeat(50);
        for effort in [Effort::Fast, Effort::Best] {
            let page = finish(&text, effort);
            let bodies: Vec<_> = Coding::ALL.into_iter().filter_map(|coding| page.body(coding)).collect();
            assert_eq!(bodies.len(), 4);
            assert!(bodies.iter().rev().skip(1).all(|body| body.bytes.len() < text.len() / 4));
            for (at, body) in bodies.iter().enumerate() {
                assert!(bodies.iter().skip(at + 1).all(|other| other.etag != body.etag));
            }
        }
    }

    #[test]
    fn at_first_there_is_gzip() {
        let page = finish(&"Group therapy gives you room to talk. ".repeat(50), Effort::First);
        assert!(page.varies() && page.body(Coding::Gzip).is_some());
        assert!(page.body(Coding::Brotli).is_none() && page.body(Coding::Zstd).is_none());
        let better = page.with_effort(Effort::Fast);
        assert!(better.body(Coding::Brotli).is_some() && better.identity().bytes == page.identity().bytes);
    }

    #[test]
    fn what_is_large_is_compressed_later_and_quickly() {
        let text = "Group therapy gives you room to talk. ".repeat(LARGE / 38 + 1);
        let page = finish(&text, Effort::Best);
        assert!(!page.varies() && page.effort() == Effort::First);
        let better = page.with_effort(Effort::Best);
        assert_eq!(better.effort(), Effort::Best);
        let quick = page.with_effort(Effort::Fast);
        for coding in [Coding::Brotli, Coding::Zstd, Coding::Gzip] {
            assert!(better.body(coding).unwrap().bytes == quick.body(coding).unwrap().bytes, "{coding:?}");
        }
    }

    #[test]
    fn what_does_not_shrink_is_sent_as_it_is() {
        let page = finish("ok", Effort::Best);
        assert!(!page.varies());
        assert!(page.body(Coding::Brotli).is_none());
        assert_eq!(page.identity().bytes, "ok");
    }
}
