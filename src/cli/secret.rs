//! A file that holds one secret: a password or a passphrase.

use super::Failure;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;
use zeroize::Zeroizing;

/// Somebody's passphrase is shorter; the limit is for files that are something else.
const MAX_BYTES: usize = 64 * 1024;

/// The one line of the file that `flag` names.
pub(super) fn read(flag: &str, file: &Path) -> Result<Zeroizing<String>, Failure> {
    let failed = |error: &dyn std::fmt::Display| {
        Failure::new(format!("{flag} {}: {error}", file.display()))
            .help(format!("{flag} takes a file that holds the secret alone, on one line"))
    };
    // A buffer that grows leaves a copy behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(MAX_BYTES + 1));
    let read = |open: File| -> io::Result<usize> { open.take(MAX_BYTES as u64).read_to_end(&mut bytes) };
    File::open(file).and_then(read).map_err(|error| failed(&error))?;
    let text = text(&bytes).ok_or_else(|| failed(&"it is no text"))?;
    let line = text.trim_matches(['\r', '\n']);
    if line.is_empty() || line.contains(['\r', '\n']) {
        return Err(failed(&"it doesn't hold one line"));
    }
    Ok(Zeroizing::new(line.to_owned()))
}

/// The text of a file, as editors save it: UTF-8, with or without the mark that Windows puts first (BOM), or UTF-16 with it. `None`: it is no text.
pub(super) fn text(bytes: &[u8]) -> Option<Zeroizing<String>> {
    let wide = |bytes: &[u8], number: fn([u8; 2]) -> u16| {
        let numbers = bytes.chunks(2).map(|pair| pair.try_into().map_or(0, number));
        let mut text = Zeroizing::new(String::with_capacity(bytes.len() * 2));
        for c in char::decode_utf16(numbers) {
            text.push(c.ok()?);
        }
        Some(text)
    };
    match bytes {
        [0xff, 0xfe, rest @ ..] => wide(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => wide(rest, u16::from_be_bytes),
        [0xef, 0xbb, 0xbf, rest @ ..] | rest => {
            std::str::from_utf8(rest).ok().map(|text| Zeroizing::new(text.to_owned()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{read, text};

    #[test]
    fn a_text_is_read_as_windows_saves_it() {
        let le: Vec<u8> =
            [0xff, 0xfe].into_iter().chain("sésame\r\n".encode_utf16().flat_map(u16::to_le_bytes)).collect();
        let be: Vec<u8> =
            [0xfe, 0xff].into_iter().chain("sésame\r\n".encode_utf16().flat_map(u16::to_be_bytes)).collect();
        for bytes in [le, be, b"\xef\xbb\xbfs\xc3\xa9same\r\n".to_vec(), "sésame\r\n".into()] {
            assert_eq!(text(&bytes).unwrap().as_str(), "sésame\r\n");
        }
        assert!(text(b"\xff\xfeabc").is_none_or(|text| !text.contains("abc")) && text(b"\xe9").is_none());
    }

    #[test]
    fn a_secret_is_the_one_line_of_its_file() {
        let folder = tempfile::TempDir::new().unwrap();
        let file = folder.path().join("secret");
        for (bytes, wanted) in [
            (&b"\xef\xbb\xbfopen sesame\r\n"[..], Some("open sesame")),
            (b"\n open sesame \n\n", Some(" open sesame ")),
            (b"open\nsesame", None),
            (b"\xef\xbb\xbf\r\n", None),
            (b"\xe9", None),
        ] {
            std::fs::write(&file, bytes).unwrap();
            assert_eq!(read("--flag", &file).ok().as_ref().map(|line| line.as_str()), wanted, "{bytes:?}");
        }
    }
}
