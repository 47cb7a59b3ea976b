//! Pictures and documents made to hurt: each is told at its path, or served without what was in it, within the limits of memory.
//!
//! All are in one folder, so that one run of `check` meets them one after the other. They are made here; none is larger than a few hundred kilobytes.

use crate::content::minimal;
use crate::harness::{TestSite, check, replace};
use crate::hostile::{MEMORY, measured};
use crate::media::{PDF, jpeg, picture, with_exif};
use crate::program::folder;
use clinic_site::content::Files;
use flate2::Compression;
use flate2::write::ZlibEncoder;
use std::fs;
use std::io::Write;
use std::os::unix::fs::symlink;
use std::process::Command;

/// What stands in a picture and must reach no visitor.
const SECRET: &str = "38.5753N-121.4944W-home";

fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// A chunk of a PNG, with its checksum.
fn chunk(kind: &str, data: &[u8]) -> Vec<u8> {
    let mut crc = flate2::Crc::new();
    crc.update(kind.as_bytes());
    crc.update(data);
    let length = u32::try_from(data.len()).unwrap().to_be_bytes();
    [&length, kind.as_bytes(), data, &crc.sum().to_be_bytes()].concat()
}

/// A PNG by hand, with chunks before its pixels. `color` is its type: 0 is gray, 6 red, green, blue and alpha.
fn raw_png(width: u32, height: u32, color: u8, interlaced: u8, before: &[u8], data: &[u8]) -> Vec<u8> {
    let head = [&width.to_be_bytes()[..], &height.to_be_bytes(), &[8, color, 0, 0, interlaced]].concat();
    let start = [b"\x89PNG\r\n\x1a\n".as_slice(), &chunk("IHDR", &head), before].concat();
    [start, chunk("IDAT", &zlib(data)), chunk("IEND", b"")].concat()
}

/// A picture in a page, one for each of these files.
fn with_pictures(names: &[&str]) -> Files {
    let mut files = minimal();
    let sections: String = names.iter().map(|name| picture(name)).collect();
    replace(&mut files, "en/pages/contact.toml", "[[sections]]", &format!("{sections}\n[[sections]]"));
    files
}

/// A file, and words of what is told of it; none, where it is served without what was in it.
fn hostile() -> Vec<(&'static str, Vec<u8>, Option<&'static str>)> {
    let photo = jpeg(64, 48);
    let zeros = vec![0; 64 << 20];
    let huge = [
        b"\xff\xd8\xff\xc0\0\x11\x08".as_slice(),
        &30_000_u16.to_be_bytes(),
        &30_000_u16.to_be_bytes(),
        b"\x03\x01\x22\0\x02\x11\x01\x03\x11\x01\xff\xda\0\x0c\x03\x01\0\x02\x11\x03\x11\0\x3f\0\0\xff\xd9",
    ]
    .concat();
    let texts = [
        chunk("iCCP", &[b"p\0\0".as_slice(), &zlib(&zeros)].concat()),
        chunk("iTXt", &[b"Comment\0\x01\0\0\0".as_slice(), &zlib(&zeros)].concat()),
        chunk("tEXt", format!("Location\0{SECRET}").as_bytes()),
    ]
    .concat();
    let moving = chunk("acTL", &[0, 0, 0, 2, 0, 0, 0, 0]);
    let comment = format!("<!doctype html><script>alert('{SECRET}')</script>");
    let length = u16::try_from(comment.len() + 2).unwrap().to_be_bytes();
    let both = [&photo[..2], b"\xff\xfe", &length, comment.as_bytes(), &photo[2..], comment.as_bytes()].concat();
    let script = PDF.replace("/MediaBox", "/AA << /O << /S /J#61vaScript /JS (app.alert(1)) >> >> /MediaBox");
    let circle = PDF.replace("<< /Type /Page ", "<< /Type /Pages /Kids [2 0 R] ");
    vec![
        // What is said to be a hundred pixels is 64 MB.
        ("bomb.png", raw_png(10, 10, 0, 0, b"", &zeros), None),
        // As large as a picture may be in memory.
        ("wide.png", raw_png(6_000, 6_600, 6, 1, b"", &[0; 6_000 * 6_600 * 4 + 20_000]), None),
        ("drawing.png", b"<?xml version='1.0'?><svg onload='alert(1)'/>".to_vec(), Some("SVG")),
        ("huge.jpg", huge, Some("30000 × 30000 pixels")),
        ("cut.jpg", photo[..photo.len() - 200].to_vec(), Some("damaged")),
        ("place.jpg", with_exif(&photo, 6, SECRET), None),
        ("texts.png", raw_png(10, 10, 0, 0, &texts, &[0; 110]), None),
        ("both.jpg", both, None),
        ("moving.png", raw_png(10, 10, 0, 0, &moving, &[0; 110]), Some("moves")),
        ("page.jpg", b"<!doctype html><script>alert(1)</script>".to_vec(), Some("a web page")),
        ("program.jpg", b"MZ\x90\0".to_vec(), Some("a program for Windows")),
        ("renamed.png", photo, Some("JPEG picture, but its name ends in .png")),
        ("script.pdf", script.into_bytes(), Some("holds a program")),
        ("circle.pdf", circle.into_bytes(), Some("circle")),
    ]
}

#[test]
fn hostile_files_are_told_at_their_paths_or_served_without_what_was_in_them() {
    let all = hostile();
    let pictures: Vec<&str> = all.iter().map(|(name, ..)| *name).filter(|name| !name.ends_with("pdf")).collect();
    let files = with_pictures(&[&pictures[..], &["link.jpg", "pipe.jpg"]].concat());
    let content = folder(&files);
    let place = content.path().join("files");
    fs::create_dir(&place).unwrap();
    for (name, bytes, _) in &all {
        assert!(bytes.len() < 400_000, "{name}: {}", bytes.len());
        fs::write(place.join(name), bytes).unwrap();
    }
    // Names that no address can hold, a link out of the folder, and a pipe that nobody writes to.
    let names = [
        ("a..b.jpg", "a-b.jpg"),
        ("our entrance.jpg", "our-entrance.jpg"),
        ("x\u{202e}gnp.jpg", "x-gnp.jpg"),
        ("a\u{1b}[31m.png", "a-31m.png"),
    ];
    for (name, _) in names {
        fs::write(place.join(name), b"\xff\xd8\xff").unwrap();
    }
    fs::write(place.join("drawing.svg"), "<svg onload='alert(1)'/>").unwrap();
    fs::write(place.join("form.docx"), b"PK\x03\x04....word/document.xml").unwrap();
    symlink("/etc/passwd", place.join("link.jpg")).unwrap();
    assert!(Command::new("mkfifo").arg(place.join("pipe.jpg")).status().unwrap().success());

    let ran = measured(content.path());
    let output = String::from_utf8(ran.output).unwrap();
    assert_eq!(ran.code, Some(1), "{} MB, {} s: {output}", ran.memory >> 20, ran.seconds);
    assert!(ran.memory < MEMORY, "{} MB", ran.memory >> 20);
    let told = |name: &str| output.lines().find(|line| line.contains(&format!("/files/{name}:"))).unwrap_or_default();
    for (name, _, words) in &all {
        match words {
            Some(words) => assert!(told(name).contains(words), "{name}: {output}"),
            None => assert_eq!(told(name), "", "{name}"),
        }
    }
    for (name, meant) in names {
        let shown = name.replace(['\u{202e}', '\u{1b}'], "\u{fffd}");
        assert!(told(&shown).contains("[file-name]") && output.contains(&format!("rename it: {meant}")), "{output}");
    }
    assert!(!output.contains(['\u{202e}', '\u{1b}']), "{output:?}");
    assert!(told("drawing.svg").contains("SVG") && told("form.docx").contains("Word"), "{output}");
    assert!(told("link.jpg").contains("[outside-link]") && told("pipe.jpg").contains("[not-a-file]"), "{output}");
    assert!(!output.contains("root:"), "nothing of another file is said");
}

#[test]
fn what_was_hidden_in_a_picture_reaches_nobody() {
    let clean: Vec<_> =
        hostile().into_iter().filter(|(name, _, words)| words.is_none() && *name != "wide.png").collect();
    let mut files = with_pictures(&clean.iter().map(|(name, ..)| *name).collect::<Vec<_>>());
    for (name, bytes, _) in clean {
        files.insert(&format!("files/{name}"), bytes);
    }
    let site = TestSite::with(&files);
    let site = site.app().site();
    let mut served = 0;
    for (path, _) in site.entries().filter(|(path, _)| path.starts_with("/files/")) {
        let bytes = &site.answer(path).unwrap().identity().bytes;
        served += 1;
        for hidden in [SECRET, "Exif", "<script", "Location", "iTXt", "iCCP"] {
            assert!(!bytes.windows(hidden.len()).any(|part| part == hidden.as_bytes()), "{path}: {hidden}");
        }
    }
    assert_eq!(served, 4);
}

#[test]
fn more_files_than_there_may_be_are_one_finding() {
    let content = folder(&minimal());
    let place = content.path().join("files");
    fs::create_dir(&place).unwrap();
    (0..2_001).for_each(|at| fs::write(place.join(format!("p{at}.jpg")), b"\xff\xd8\xff").unwrap());
    let ran = measured(content.path());
    let output = String::from_utf8(ran.output).unwrap();
    assert_eq!(ran.code, Some(1), "{output}");
    assert_eq!(output.matches("[too-many]").count(), 1, "{output}");
    assert!(output.contains("/files:1:1: error: there are more than 300 files in this folder"), "{output}");
    assert!(ran.memory < MEMORY, "{} MB", ran.memory >> 20);
}

#[test]
fn a_folder_below_the_files_is_told() {
    let mut files = minimal();
    files.insert("files/2026/entrance.jpg", jpeg(8, 8));
    let (_, report) = check(&files, false);
    let text = report.text();
    assert!(text.contains("files/2026/entrance.jpg:1:1: warning: nothing reads this file"), "{text}");
    assert!(text.contains("put it into the folder `files` itself"), "{text}");
}
