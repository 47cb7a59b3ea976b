//! Finished bytes: an answer's body in every coding, its validators and how long it may be cached.

use crate::lang::Lang;
use arc_swap::{ArcSwap, Guard};
use bytes::Bytes;
use flate2::write::GzEncoder;
use http::HeaderValue;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::io::Write;
use std::sync::Arc;
use std::thread;

/// A content coding (RFC 9110, section 8.4.1), the most wanted first. Whoever knows Zstandard (RFC 8878) knows one of these as well: every
/// browser that offers it offers brotli, which is smaller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Coding {
    /// Brotli (RFC 7932): the smallest for text.
    Brotli,
    /// gzip (RFC 1952): what everything understands.
    Gzip,
    /// As it is.
    Identity,
}

impl Coding {
    /// All of them, the most wanted first.
    pub const ALL: [Self; 3] = [Self::Brotli, Self::Gzip, Self::Identity];

    /// Its name in `Accept-Encoding` and `Content-Encoding`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Brotli => "br",
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
pub enum CompressionLevel {
    /// Not at all, for the first moments of the program: it answers before it compresses.
    Plain,
    /// About a millisecond per page: good bytes in every coding.
    Fast,
    /// About thirty milliseconds per page: the smallest bytes.
    Best,
}

/// Larger texts, such as the booklet of a thousand pages, are compressed only after the site is served, and never at the best level, which
/// takes seconds: a start and each save would wait for them.
const LARGE: usize = 256 * 1024;

/// How long an answer may be cached, and by whom. One place turns it into headers: `http::headers`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CachePolicy {
    /// Revalidated each time, which the validator makes cheap. Notices end at their minute, so nothing caches a page longer.
    Revalidate,
    /// Forever: the address changes with the bytes.
    Immutable,
    /// For an hour: files for machines.
    Hour,
    /// Never: errors.
    NoStore,
}

impl CachePolicy {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Revalidate, Self::Immutable, Self::Hour, Self::NoStore];
}

/// One coding of a body.
#[derive(Clone, Debug)]
pub struct Body {
    /// The coded bytes.
    pub bytes: Bytes,
    /// The strong validator of these bytes: codings of one text have different ones (RFC 9110, section 8.8.3.3).
    pub etag: HeaderValue,
}

/// A finished answer. Its text never changes; its compressed bodies are replaced in place when better ones are ready.
#[derive(Debug)]
pub struct Prebuilt {
    /// The media type.
    pub content_type: HeaderValue,
    /// The language of the text, if it has one.
    pub language: Option<Lang>,
    /// How long it may be cached.
    pub cache: CachePolicy,
    /// The name to save it under, of a document that browsers open by themselves.
    pub file_name: Option<String>,
    identity: Body,
    compressed: ArcSwap<Compressed>,
}

/// The compressed bodies of a text, all of one level.
#[derive(Debug)]
struct Compressed {
    level: CompressionLevel,
    /// By [`Coding::index`]; a coding that is not smaller than the text itself is left out.
    bodies: [Option<Body>; 2],
}

/// The bodies of an answer at one moment. A request chooses among these alone, so its head and its body belong together.
#[derive(Debug)]
pub struct Bodies<'a> {
    /// The text as it is.
    pub identity: &'a Body,
    compressed: Guard<Arc<Compressed>>,
}

impl Bodies<'_> {
    /// The body in a coding, if there is one.
    #[must_use]
    pub fn get(&self, coding: Coding) -> Option<&Body> {
        match self.compressed.bodies.get(coding.index()) {
            Some(body) => body.as_ref(),
            None => Some(self.identity),
        }
    }

    /// Whether the answer depends on the codings a client accepts.
    #[must_use]
    pub fn varies(&self) -> bool {
        self.compressed.bodies.iter().any(Option::is_some)
    }
}

impl Prebuilt {
    /// Finishes a text.
    pub(crate) fn new(
        content_type: HeaderValue,
        language: Option<Lang>,
        cache: CachePolicy,
        text: String,
        level: CompressionLevel,
    ) -> Self {
        // Without its spare capacity: a thousand pages would hold as much again.
        let text = Bytes::from(text.into_bytes().into_boxed_slice());
        let level = if text.len() > LARGE { CompressionLevel::Plain } else { level };
        let compressed = ArcSwap::from_pointee(Compressed { level, bodies: compress_all(&text, level) });
        Self { content_type, language, cache, file_name: None, identity: Body::new(text), compressed }
    }

    /// A picture or a document, which is compressed by its own format. Its address changes with it.
    pub(crate) fn from_file(content_type: HeaderValue, file_name: Option<String>, bytes: Bytes) -> Self {
        let compressed = Compressed { level: CompressionLevel::Best, bodies: Default::default() };
        Self {
            content_type,
            language: None,
            cache: CachePolicy::Immutable,
            file_name,
            identity: Body::new(bytes),
            compressed: ArcSwap::from_pointee(compressed),
        }
    }

    /// Replaces the compressed bodies by those of a higher level; requests in flight keep theirs.
    ///
    /// A thread of its own compresses: glibc gives each thread an arena, and finished bytes among an encoder's freed megabytes would keep
    /// these from being returned to the system.
    pub(super) fn improve(&self, level: CompressionLevel) {
        let text = &self.identity.bytes;
        let actual = if text.len() > LARGE { level.min(CompressionLevel::Fast) } else { level };
        let bodies = thread::scope(|scope| {
            let encoder = thread::Builder::new().name("encoder".to_owned());
            match encoder.spawn_scoped(scope, || compress_all(text, actual)) {
                Ok(encoder) => encoder.join().ok().map(|bodies| bodies.map(|body| body.as_ref().map(Body::copied))),
                // The system has no thread to give.
                Err(_) => Some(compress_all(text, actual)),
            }
        });
        let bodies = bodies.unwrap_or_else(|| self.compressed.load().bodies.clone());
        self.compressed.store(Arc::new(Compressed { level, bodies }));
    }

    /// How hard it is compressed.
    pub(super) fn level(&self) -> CompressionLevel {
        self.compressed.load().level
    }

    /// The bodies there are now.
    #[must_use]
    pub fn bodies(&self) -> Bodies<'_> {
        Bodies { identity: &self.identity, compressed: self.compressed.load() }
    }

    /// The body as it is.
    #[must_use]
    pub fn identity(&self) -> &Body {
        &self.identity
    }
}

/// A text in each coding that makes it smaller.
fn compress_all(text: &[u8], level: CompressionLevel) -> [Option<Body>; 2] {
    [Coding::Brotli, Coding::Gzip].map(|coding| {
        let bytes = compress(coding, text, level)?;
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

    /// A copy in this thread's memory.
    fn copied(&self) -> Self {
        Self { bytes: Bytes::copy_from_slice(&self.bytes), etag: self.etag.clone() }
    }
}

/// The first bytes of the SHA-256 of some bytes, in hexadecimal digits.
fn hash(bytes: &[u8], length: usize) -> String {
    hex::encode(Sha256::digest(bytes).get(..length).unwrap_or_default())
}

/// The part of an asset's name that changes with its bytes.
pub(super) fn short_hash(bytes: &[u8]) -> String {
    hash(bytes, 5)
}

// How much memory encoders use. glibc retains about twice the largest block that was ever freed, so a block of two megabytes here would be four
// in an idle process.

/// How far brotli looks back, as a power of two. Below 17 the crate has no small hash table for the fast quality: it takes one of 32 MiB, and
/// 20 times as long.
const BROTLI_WINDOW: i32 = 17;
/// How much brotli gets at once: at its best it uses 32 bytes for each. A longer text becomes 1 % larger this way.
const BROTLI_BLOCK: usize = 32 * 1024;

/// Compresses a text; `None` for the identity or where an encoder fails, which over memory none does.
fn compress(coding: Coding, text: &[u8], level: CompressionLevel) -> Option<Vec<u8>> {
    let best = level == CompressionLevel::Best;
    if level == CompressionLevel::Plain {
        return None;
    }
    match coding {
        Coding::Identity => None,
        Coding::Gzip => {
            let level = flate2::Compression::new(if best { 9 } else { 6 });
            let mut encoder = GzEncoder::new(Vec::with_capacity(text.len() / 3), level);
            encoder.write_all(text).ok()?;
            encoder.finish().ok()
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
    use super::{Bodies, CachePolicy, Coding, CompressionLevel, LARGE, Prebuilt};
    use http::HeaderValue;

    const TEXT: &str = "Group therapy gives you room to talk. ";

    fn finish(text: &str, level: CompressionLevel) -> Prebuilt {
        let content_type = HeaderValue::from_static("text/plain");
        Prebuilt::new(content_type, None, CachePolicy::NoStore, text.to_owned(), level)
    }

    #[test]
    fn each_coding_is_smaller_and_has_its_own_validator() {
        let text = TEXT.repeat(50);
        for level in [CompressionLevel::Fast, CompressionLevel::Best] {
            let page = finish(&text, level);
            let all = page.bodies();
            let bodies: Vec<_> = Coding::ALL.into_iter().filter_map(|coding| all.get(coding)).collect();
            assert_eq!(bodies.len(), Coding::ALL.len());
            assert!(bodies.iter().rev().skip(1).all(|body| body.bytes.len() < text.len() / 4));
            for (at, body) in bodies.iter().enumerate() {
                assert!(bodies.iter().skip(at + 1).all(|other| other.etag != body.etag));
            }
        }
    }

    #[test]
    fn better_bodies_take_the_place_of_those_that_requests_in_flight_keep() {
        let page = finish(&TEXT.repeat(50), CompressionLevel::Plain);
        assert!(!page.bodies().varies(), "as it is");
        page.improve(CompressionLevel::Fast);
        assert_eq!(page.level(), CompressionLevel::Fast);
        let fast = page.bodies();
        let etag = |bodies: &Bodies<'_>| bodies.get(Coding::Gzip).unwrap().etag.clone();
        let before = etag(&fast);
        page.improve(CompressionLevel::Best);
        let best = page.bodies();
        assert!(best.get(Coding::Brotli).is_some() && etag(&best) != before);
        assert_eq!(etag(&fast), before);
        assert_eq!(page.level(), CompressionLevel::Best);
    }

    #[test]
    fn what_is_large_is_compressed_later_and_quickly() {
        let text = TEXT.repeat(LARGE / TEXT.len() + 1);
        let page = finish(&text, CompressionLevel::Best);
        assert!(!page.bodies().varies() && page.level() == CompressionLevel::Plain);
        page.improve(CompressionLevel::Fast);
        let quick = Coding::ALL.map(|coding| page.bodies().get(coding).unwrap().bytes.clone());
        page.improve(CompressionLevel::Best);
        assert_eq!(page.level(), CompressionLevel::Best);
        assert!(quick == Coding::ALL.map(|coding| page.bodies().get(coding).unwrap().bytes.clone()));
    }

    #[test]
    fn what_does_not_shrink_is_sent_as_it_is() {
        let page = finish("ok", CompressionLevel::Best);
        assert!(!page.bodies().varies());
        assert_eq!(page.identity().bytes, "ok");
    }
}
