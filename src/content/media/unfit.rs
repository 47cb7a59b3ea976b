//! Why a file can't be served: what its bytes are, and how to make of it what can be.

/// Why a file can't be served, and how to make one of it that can.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unfit {
    /// What it is: a phrase without a full stop.
    pub message: String,
    /// How to mend it.
    pub help: String,
}

/// What files begin with that are neither of the three: the bytes, where they are, what it is, and what to do.
type Known = (usize, &'static [u8], &'static str, &'static str);

const AS_PICTURE: &str = "open it in a program for pictures and save it as a JPEG (.jpg)";
const AS_PNG: &str = "open it in a browser or a program for drawings and save it as a PNG, at least 1,000 pixels wide";
const AS_PDF: &str = "print it to a PDF (\"Save as PDF\"), or better write its words into a page";
const NOT_AT_ALL: &str =
    "take it out: a website shows pictures and PDF documents, and nobody has to run or unpack anything of it";
const HEIC: &str =
    "on the iPhone choose Settings, Camera, Formats, Most Compatible; or open it on a computer and save it as a JPEG";

const KNOWN: [Known; 27] = [
    (0, b"GIF8", "a GIF picture", "save it as a PNG; if it moves, choose one picture of it"),
    (8, b"WEBP", "a WebP picture", AS_PICTURE),
    (4, b"ftypavi", "an AVIF picture", AS_PICTURE),
    (4, b"ftyphe", "a HEIC picture, as iPhones take them", HEIC),
    (4, b"ftypmif1", "a HEIC picture, as iPhones take them", HEIC),
    (4, b"ftypmsf1", "a HEIC picture, as iPhones take them", HEIC),
    (
        4,
        b"ftyp",
        "a video",
        "a website for everybody says in words what a video shows; a photograph can go beside them",
    ),
    (0, b"II*\0", "a TIFF picture", AS_PICTURE),
    (0, b"MM\0*", "a TIFF picture", AS_PICTURE),
    (0, b"BM", "a BMP picture", AS_PICTURE),
    (0, b"8BPS", "a Photoshop picture", AS_PICTURE),
    (0, b"\0\0\x01\0", "an icon (ICO)", AS_PNG),
    (0, b"\0\0\0\x0cjP  ", "a JPEG 2000 picture", AS_PICTURE),
    (0, b"\xff\x0a", "a JPEG XL picture", AS_PICTURE),
    (0, b"%!PS", "a PostScript file", AS_PDF),
    (0, b"{\\rtf", "a document of a word processor (RTF)", AS_PDF),
    (0, b"\xd0\xcf\x11\xe0", "a document of an old Word, Excel or PowerPoint", AS_PDF),
    (0, b"MZ", "a program for Windows", NOT_AT_ALL),
    (0, b"\x7fELF", "a program for Linux", NOT_AT_ALL),
    (0, b"\xcf\xfa\xed\xfe", "a program for the Mac", NOT_AT_ALL),
    (0, b"\xca\xfe\xba\xbe", "a program", NOT_AT_ALL),
    (0, b"#!", "a script", NOT_AT_ALL),
    (0, b"Rar!", "an archive (RAR)", NOT_AT_ALL),
    (0, b"7z\xbc\xaf", "an archive (7z)", NOT_AT_ALL),
    (0, b"\x1f\x8b", "an archive (gzip)", NOT_AT_ALL),
    (0, b"ID3", "a recording of sound", NOT_AT_ALL),
    (0, b"RIFF", "a recording of sound or a video", NOT_AT_ALL),
];

/// The documents that are an archive of files, by a name in it.
const ZIPPED: [(&[u8], &str, &str); 5] = [
    (b"word/", "a Word document", AS_PDF),
    (b"xl/", "an Excel sheet", "write its numbers into a page, as a table; or print it to a PDF"),
    (b"ppt/", "a PowerPoint presentation", AS_PDF),
    (b"vnd.oasis.opendocument", "a document of LibreOffice", AS_PDF),
    (b"Index/Document", "a document of Pages", AS_PDF),
];

impl Unfit {
    pub(super) fn new(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { message: message.into(), help: help.into() }
    }

    /// Its bytes were let go before anybody looked at them.
    pub(super) fn gone() -> Self {
        Self::new("this file can't be read", "put it here again from a copy")
    }

    /// What bytes are that are none of the three kinds.
    pub(super) fn of_kind(bytes: &[u8]) -> Self {
        let (what, help) = kind(bytes);
        Self::new(format!("this is {what}, not a JPEG or PNG picture or a PDF"), help)
    }
}

fn kind(bytes: &[u8]) -> (&'static str, &'static str) {
    let start = bytes.get(..bytes.len().min(1024)).unwrap_or_default();
    let text = String::from_utf8_lossy(start).to_ascii_lowercase();
    let begins = text.trim_start_matches(['\u{feff}', ' ', '\t', '\r', '\n']);
    if start.is_empty() {
        return ("an empty file", "put it here again from a copy");
    }
    if begins.starts_with("<svg") || begins.starts_with("<?xml") && text.contains("<svg") {
        return ("an SVG drawing, which can hold a program", AS_PNG);
    }
    if begins.starts_with("<!doctype") || begins.starts_with("<html") || begins.starts_with("<script") {
        return ("a web page", "write its words into a page of this site");
    }
    if start.starts_with(b"PK\x03\x04") {
        let within = |name: &[u8]| memchr::memmem::find(bytes, name).is_some();
        let zipped = ZIPPED.iter().find(|(name, ..)| within(name)).map(|(_, what, help)| (*what, *help));
        return zipped.unwrap_or(("an archive (ZIP)", NOT_AT_ALL));
    }
    let known = KNOWN.iter().find(|(at, mark, ..)| start.get(*at..).is_some_and(|rest| rest.starts_with(mark)));
    known.map_or(("a file of another kind", "save it as a JPEG or PNG picture or as a PDF"), |(.., what, help)| {
        (*what, *help)
    })
}

/// Holds a picture to the limits of its size, in pixels.
pub(super) fn size(width: u64, height: u64, most: u64) -> Result<(), Unfit> {
    let help = "make it smaller: 2,000 pixels on the longer side are enough for every screen";
    if width == 0 || height == 0 {
        return Err(Unfit::new("this picture has no pixels", "save it again in a program for pictures"));
    }
    if width.saturating_mul(height) > most {
        let message = format!("this picture has {width} × {height} pixels, more than {} million", most / 1_000_000);
        return Err(Unfit::new(message, help));
    }
    // What is so long would be a line a pixel high when it is as wide as a page.
    if width > height * 20 || height > width * 20 {
        let message = format!("this picture has {width} × {height} pixels: one side is more than 20 times the other");
        return Err(Unfit::new(message, "cut it to what is to be seen"));
    }
    Ok(())
}
