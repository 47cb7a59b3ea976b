//! Documents: PDF (ISO 32000). How many pages one has, and whether it does anything by itself.
//!
//! It is served as it was uploaded, so what programs in it would do is looked for in all of its bytes, and in what is compressed in it:
//! not only where a reader of PDF would look, since readers differ. Nothing is followed that could lead in a circle, and nothing is
//! decompressed beyond a limit.

use super::Unfit;
use flate2::read::ZlibDecoder;
use memchr::memmem;
use std::collections::{HashMap, HashSet};
use std::io::Read;
use std::ops::Range;

/// Of one compressed part so much is looked at where it isn't known to hold objects, in bytes.
const MAX_PART: usize = 2 << 20;

/// Of all compressed parts together.
const MAX_PARTS: usize = 48 << 20;

/// The most pages of a document, and parts of its tree of pages.
const MAX_PAGES: usize = 2_000;

/// The longest name that is compared, in bytes.
const MAX_NAME: usize = 32;

/// What a document may not do, by the names for it (ISO 32000-1, sections 7.6, 12.5.6, 12.6.4 and 12.7.8).
const REFUSED: [(&[u8], &str); 11] = [
    (b"Encrypt", "this PDF is encrypted, or locked with a password"),
    (b"JavaScript", "this PDF holds a program (JavaScript)"),
    (b"Rendition", "this PDF plays sound or a video"),
    (b"RichMedia", "this PDF plays sound or a video"),
    (b"Launch", "this PDF starts a program"),
    (b"EmbeddedFile", "this PDF has other files in it"),
    (b"EmbeddedFiles", "this PDF has other files in it"),
    (b"Filespec", "this PDF leads to other files"),
    (b"SubmitForm", "this PDF sends what is typed into it somewhere"),
    (b"ImportData", "this PDF reads other files"),
    (b"XFA", "this PDF is a form that only one program can show (XFA)"),
];

const PRINT_ANEW: &str =
    "open it and print it to a new PDF (\"Print\", then \"Save as PDF\"): that leaves out all but the pages";

/// The number of its pages, or why it can't be served.
pub(super) fn pages(bytes: &[u8]) -> Result<usize, Unfit> {
    let parts = Parts::new(bytes)?;
    for part in parts.all() {
        for (_, name) in names(part) {
            // The shortest ones come about by chance in what is compressed.
            let refused = REFUSED.iter().find(|(refused, _)| *refused == name.as_slice());
            if let Some((_, what)) = refused.filter(|(refused, _)| refused.len() > 3 || is_text(part)) {
                return Err(Unfit::new(*what, PRINT_ANEW));
            }
        }
    }
    Document::new(&parts).pages()
}

/// Whether a part is without bytes that only compressed data has.
fn is_text(part: &[u8]) -> bool {
    part.iter().take(4096).filter(|byte| **byte >= 0x80).count() < 64
}

/// The bytes of a document, and of what is compressed in it.
struct Parts<'a> {
    bytes: &'a [u8],
    /// Where each begins in the document, what it holds, and, of a stream of objects, where the first of them is.
    streams: Vec<(usize, Vec<u8>, Option<usize>)>,
}

impl<'a> Parts<'a> {
    fn new(bytes: &'a [u8]) -> Result<Self, Unfit> {
        let (mut streams, mut room, mut before) = (Vec::new(), MAX_PARTS, 0);
        for at in memmem::find_iter(bytes, b"stream") {
            if at >= 3 && bytes.get(at - 3..at) == Some(b"end") {
                continue;
            }
            let head = bytes.get(before..at).unwrap_or_default();
            before = at;
            let behind = bytes.get(at + 6..).unwrap_or_default();
            let data = behind
                .strip_prefix(b"\r\n")
                .or_else(|| behind.strip_prefix(b"\n"))
                .or_else(|| behind.strip_prefix(b"\r"));
            let Some(data) = data else { continue };
            let holds_objects = names(head).any(|(_, name)| name == b"ObjStm");
            if !is_zlib(data) {
                if holds_objects {
                    return Err(Unfit::new(
                        "this PDF hides a part of itself in a way that can't be looked into",
                        PRINT_ANEW,
                    ));
                }
                continue;
            }
            let first = holds_objects.then(|| number_of(head, b"First")).flatten();
            let most = if holds_objects { room } else { room.min(MAX_PART) };
            let part = inflated(data, most);
            if holds_objects && part.len() >= most {
                return Err(Unfit::new(
                    "this PDF is larger than it looks: it takes too much memory to open",
                    PRINT_ANEW,
                ));
            }
            room -= part.len();
            streams.push((at, part, first));
        }
        Ok(Self { bytes, streams })
    }

    fn all(&self) -> impl Iterator<Item = &[u8]> {
        std::iter::once(self.bytes).chain(self.streams.iter().map(|(_, part, _)| part.as_slice()))
    }
}

/// Whether data begins as zlib's (RFC 1950, section 2.2).
fn is_zlib(data: &[u8]) -> bool {
    let [method, flags, ..] = data else { return false };
    method & 15 == 8 && (u16::from(*method) * 256 + u16::from(*flags)).is_multiple_of(31)
}

/// What is compressed, as far as it can be read, up to a limit.
fn inflated(data: &[u8], most: usize) -> Vec<u8> {
    let mut part = Vec::new();
    let limit = u64::try_from(most).unwrap_or(u64::MAX);
    // What comes before a mistake counts.
    let _ = ZlibDecoder::new(data).take(limit).read_to_end(&mut part);
    part
}

/// The names in some bytes, each with the place behind it, without its escapes (ISO 32000-1, section 7.3.5).
fn names(bytes: &[u8]) -> impl Iterator<Item = (usize, Vec<u8>)> {
    memchr::memchr_iter(b'/', bytes).map(|at| {
        let mut name = Vec::new();
        let mut end = at + 1;
        while let Some(byte) = bytes.get(end).filter(|byte| !is_end(**byte)) {
            if name.len() > MAX_NAME {
                break;
            }
            let code = bytes.get(end + 1..end + 3).filter(|_| *byte == b'#');
            let code = code.and_then(|code| u8::from_str_radix(std::str::from_utf8(code).ok()?, 16).ok());
            name.push(code.unwrap_or(*byte));
            end += if code.is_some() { 3 } else { 1 };
        }
        (end, name)
    })
}

/// Whether a byte ends a name: white space and delimiters.
const fn is_end(byte: u8) -> bool {
    matches!(
        byte,
        0 | b'\t' | b'\n' | 12 | b'\r' | b' ' | b'(' | b')' | b'<' | b'>' | b'[' | b']' | b'{' | b'}' | b'/' | b'%'
    )
}

const fn is_space(byte: u8) -> bool {
    matches!(byte, 0 | b'\t' | b'\n' | 12 | b'\r' | b' ')
}

/// What comes after the last name of a kind.
fn behind<'a>(bytes: &'a [u8], wanted: &[u8]) -> Option<&'a [u8]> {
    let (end, _) = names(bytes).filter(|(_, name)| name == wanted).last()?;
    Some(without_spaces(bytes.get(end..)?))
}

fn without_spaces(bytes: &[u8]) -> &[u8] {
    bytes.get(bytes.iter().take_while(|byte| is_space(**byte)).count()..).unwrap_or_default()
}

/// The number that bytes begin with, and what is behind it.
fn number(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let digits = bytes.iter().take(10).take_while(|byte| byte.is_ascii_digit()).count();
    let number = std::str::from_utf8(bytes.get(..digits)?).ok()?.parse().ok()?;
    Some((number, bytes.get(digits..)?))
}

fn number_of(bytes: &[u8], name: &[u8]) -> Option<usize> {
    number(behind(bytes, name)?).map(|(number, _)| number)
}

/// The object that a reference leads to, `12 0 R`, and what is behind it.
fn reference(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let (object, rest) = number(bytes)?;
    let (_, rest) = number(without_spaces(rest))?;
    Some((object, without_spaces(rest).strip_prefix(b"R")?))
}

/// The objects of a document.
struct Document<'a> {
    parts: &'a Parts<'a>,
    /// Each by its number, the newest: nothing for the bytes of the document, or one of its streams, and where it is there.
    objects: HashMap<usize, (Option<usize>, Range<usize>)>,
}

impl<'a> Document<'a> {
    fn new(parts: &'a Parts<'a>) -> Self {
        // In the order of their places: what is changed is written behind what there was.
        let mut found = Vec::new();
        let ends: Vec<usize> = memmem::find_iter(parts.bytes, b"endobj").collect();
        let heads = memmem::find_iter(parts.bytes, b" obj");
        let heads: Vec<(usize, usize)> =
            heads.filter_map(|at| Some((at, parts.bytes.get(..at).and_then(number_before)?))).collect();
        // One without an end goes as far as the next, so that no byte belongs to two.
        let nexts = heads.iter().skip(1).map(|(next, _)| *next).chain([parts.bytes.len()]);
        for ((at, object), next) in heads.iter().zip(nexts) {
            let end = ends.get(ends.partition_point(|end| end < at)).copied().unwrap_or(next).min(next);
            found.push((*at, *object, None, at + 4..end.max(at + 4)));
        }
        for (index, (at, part, first)) in parts.streams.iter().enumerate() {
            let Some(first) = *first else { continue };
            let mut head = part.get(..first).unwrap_or_default();
            let mut places: Vec<(usize, usize)> = Vec::new();
            while let Some((object, rest)) = number(without_spaces(head)) {
                let Some((place, rest)) = number(without_spaces(rest)) else { break };
                places.push((object, first.saturating_add(place)));
                head = rest;
            }
            let next = places.iter().skip(1).map(|(_, place)| *place).chain([part.len()]);
            found.extend(
                places.iter().zip(next).map(|((object, place), next)| (*at, *object, Some(index), *place..next)),
            );
        }
        found.sort_by_key(|(at, ..)| *at);
        let objects = found.into_iter().map(|(_, object, part, range)| (object, (part, range))).collect();
        Self { parts, objects }
    }

    fn object(&self, number: usize) -> Option<&[u8]> {
        let (part, range) = self.objects.get(&number)?;
        let bytes = match part {
            None => self.parts.bytes,
            Some(index) => &self.parts.streams.get(*index)?.1,
        };
        bytes.get(range.clone())
    }

    /// How many pages there are: the leaves of the tree of pages (ISO 32000-1, section 7.7.3).
    fn pages(&self) -> Result<usize, Unfit> {
        let damaged = || Unfit::new("this PDF is damaged: its pages can't be found", PRINT_ANEW);
        let (root, _) = behind(self.parts.bytes, b"Root").and_then(reference).ok_or_else(damaged)?;
        let catalog = self.object(root).ok_or_else(damaged)?;
        let (tree, _) = behind(catalog, b"Pages").and_then(reference).ok_or_else(damaged)?;
        let (mut open, mut seen, mut pages) = (vec![tree], HashSet::new(), 0);
        // Objects within a stream may lie over each other: none of it is looked through more than a few times.
        let all = self.parts.streams.iter().map(|(_, part, _)| part.len()).sum::<usize>() + self.parts.bytes.len();
        let mut left = all.saturating_mul(4);
        while let Some(node) = open.pop() {
            if !seen.insert(node) {
                return Err(Unfit::new("the pages of this PDF lead in a circle", PRINT_ANEW));
            }
            if seen.len() > MAX_PAGES {
                return Err(Unfit::new(format!("this PDF has more than {MAX_PAGES} pages"), "make several of it"));
            }
            let object = self.object(node).ok_or_else(damaged)?;
            left = left.checked_sub(object.len()).ok_or_else(damaged)?;
            let Some(kids) = behind(object, b"Kids") else {
                pages += 1;
                continue;
            };
            let kids = match reference(kids) {
                Some((list, _)) => without_spaces(self.object(list).ok_or_else(damaged)?),
                None => kids,
            };
            let mut rest = kids.strip_prefix(b"[").ok_or_else(damaged)?;
            while let Some((kid, behind)) = reference(without_spaces(rest)) {
                open.push(kid);
                if open.len() > MAX_PAGES {
                    return Err(Unfit::new(format!("this PDF has more than {MAX_PAGES} pages"), "make several of it"));
                }
                rest = behind;
            }
        }
        if pages == 0 { Err(damaged()) } else { Ok(pages) }
    }
}

/// The number of the object whose head ends here: `12 0`.
fn number_before(bytes: &[u8]) -> Option<usize> {
    let tail = bytes.get(bytes.len().saturating_sub(24)..)?;
    let mut words = tail.rsplit(|byte| is_space(*byte) || *byte == b'>' || *byte == b'R');
    let _generation = number(words.next()?)?;
    let (object, rest) = number(words.next()?)?;
    rest.is_empty().then_some(object)
}

#[cfg(test)]
mod tests {
    use super::{Document, Parts, pages};
    use flate2::Compression;
    use flate2::write::ZlibEncoder;
    use std::io::Write;

    /// A document of some objects, the first of which is its catalog.
    fn document(objects: &[&str]) -> Vec<u8> {
        let objects = objects.iter().enumerate().map(|(at, text)| format!("{} 0 obj\n{text}\nendobj\n", at + 1));
        let objects = objects.collect::<Vec<_>>().concat();
        format!("%PDF-1.7\n{objects}trailer\n<< /Root 1 0 R >>\n%%EOF\n").into_bytes()
    }

    /// Its catalog, its tree with two pages, and something else.
    fn two_pages(other: &str) -> Vec<u8> {
        document(&[
            "<< /Type /Catalog /Pages 2 0 R >>",
            "<< /Type /Pages /Kids [3 0 R 4 0 R] /Count 2 >>",
            "<< /Type /Page /Parent 2 0 R >>",
            "<< /Type /Page /Parent 2 0 R >>",
            other,
        ])
    }

    fn refused(bytes: &[u8]) -> String {
        pages(bytes).expect_err("it was taken").message
    }

    fn zlib(text: &str) -> Vec<u8> {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(text.as_bytes()).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn no_byte_belongs_to_two_objects_even_where_none_has_an_end() {
        let text = String::from_utf8(two_pages("<< >>")).unwrap().replace("endobj\n", "");
        assert_eq!(pages(text.as_bytes()).unwrap(), 2);
        let parts = Parts::new(text.as_bytes()).unwrap();
        let ranges = Document::new(&parts).objects.into_values().map(|(_, range)| range.len());
        assert!(ranges.sum::<usize>() <= text.len(), "each is looked through once");
    }

    #[test]
    fn pages_are_counted_in_their_tree() {
        assert_eq!(pages(&two_pages("<< /Info (words) >>")).unwrap(), 2);
        assert!(refused(b"%PDF-1.7\n").contains("damaged"));
        assert!(refused(&document(&["<< /Pages 2 0 R >>", "<< /Kids [] >>"])).contains("damaged"));
        assert!(
            refused(&document(&["<< /Pages 2 0 R >>", "<< /Kids [3 0 R] >>", "<< /Kids [2 0 R] >>"]))
                .contains("circle")
        );
        let many = "3 0 R ".repeat(5_000);
        assert!(refused(&document(&["<< /Pages 2 0 R >>", &format!("<< /Kids [{many}] >>")])).contains("more than"));
    }

    #[test]
    fn what_a_document_may_not_do_is_found_in_every_spelling() {
        for (other, words) in [
            ("<< /OpenAction << /S /JavaScript /JS (app.alert(1)) >> >>", "program"),
            ("<< /S /J#61vaScript >>", "program"),
            ("<< /S /Launch /F (cmd.exe) >>", "starts"),
            ("<< /Names << /EmbeddedFiles 5 0 R >> >>", "other files"),
            ("<< /Encrypt 5 0 R >>", "encrypted"),
            ("<< /S /SubmitForm /F (https://evil.example/) >>", "sends"),
            ("<< /AcroForm << /XFA 9 0 R >> >>", "XFA"),
        ] {
            assert!(refused(&two_pages(other)).contains(words), "{other}");
        }
        assert_eq!(pages(&two_pages("<< /S /URI /URI (https://clinic.example/) /Title (JavaScript) >>")).unwrap(), 2);
    }

    #[test]
    fn what_is_compressed_is_looked_at_too() {
        let objects = zlib("7 0 8 30 << /S /JavaScript >>          << /Type /Page >>");
        let stream = |head: &str, data: &[u8]| {
            [b"%PDF-1.7\n6 0 obj\n".as_slice(), head.as_bytes(), b"\nstream\n", data, b"\nendstream\nendobj\n"].concat()
        };
        let head = "<< /Type /ObjStm /N 2 /First 9 /Filter /FlateDecode >>";
        assert!(refused(&stream(head, &objects)).contains("program"));
        assert!(refused(&stream("<< /Length 9 >>", &objects)).contains("program"), "whatever its head says");
        assert!(refused(&stream(head, b"<~abc~>")).contains("hides"));
        let bomb = zlib(&"0".repeat(60 << 20));
        assert!(refused(&stream(head, &bomb)).contains("too much memory"));
    }

    #[test]
    fn objects_in_streams_are_objects() {
        let objects = zlib("2 0 3 40 << /Kids [3 0 R] /Count 1 /Type /Pages >>      << /Type /Page >>");
        let head = b"%PDF-1.7\n1 0 obj\n<< /Pages 2 0 R >>\nendobj\n6 0 obj\n<< /Type /ObjStm /N 2 /First 9 /Filter /FlateDecode >>\nstream\n";
        let bytes = [head.as_slice(), &objects, b"\nendstream\nendobj\ntrailer << /Root 1 0 R >>"].concat();
        assert_eq!(pages(&bytes).unwrap(), 1);
    }
}
