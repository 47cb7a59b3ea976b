//! Pictures and documents of `content/files/`: what of them is served, and how.

use crate::content::minimal;
use crate::harness::{TODAY, TestSite, check, noon, replace};
use clinic_site::content::{Files, Loader, Review};
use clinic_site::site::saved::{Original, read, write};
use clinic_site::site::{CompressionLevel, Settings, Site, icon_names, route};
use http::Method;
use std::sync::Arc;

/// A document of one page.
pub(crate) const PDF: &str = include_str!("../../templates/gallery/form.pdf");

/// A photograph of so many pixels.
pub(crate) fn jpeg(width: u16, height: u16) -> Vec<u8> {
    let pixels: Vec<u8> =
        (0..usize::from(width) * usize::from(height) * 3).map(|at| u8::try_from(at * 7 % 251).unwrap()).collect();
    let mut bytes = Vec::new();
    jpeg_encoder::Encoder::new(&mut bytes, 90).encode(&pixels, width, height, jpeg_encoder::ColorType::Rgb).unwrap();
    bytes
}

/// A drawing of one color, half of which can be seen through.
pub(crate) fn png(width: u32, height: u32) -> Vec<u8> {
    let half = width / 2;
    let row = (0..width).flat_map(|x| if x < half { [20, 80, 120, 255] } else { [0; 4] });
    let pixels: Vec<u8> = (0..height).flat_map(|_| row.clone()).collect();
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(png::ColorType::Rgba);
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(&pixels).unwrap();
    writer.finish().unwrap();
    bytes
}

/// A photograph as a camera leaves it: how it was held, and words, in Exif.
pub(crate) fn with_exif(jpeg: &[u8], orientation: u8, words: &str) -> Vec<u8> {
    let entry = [0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0];
    let tiff = [b"MM\0*\0\0\0\x08\0\x01".as_slice(), &entry, &[0; 4], words.as_bytes()].concat();
    let length = u16::try_from(tiff.len() + 8).unwrap().to_be_bytes();
    [&jpeg[..2], b"\xff\xe1", &length, b"Exif\0\0", &tiff, &jpeg[2..]].concat()
}

/// The section that shows a picture.
pub(crate) fn picture(name: &str) -> String {
    format!("[[sections]]\nkind = \"picture\"\npicture = {{ file = \"{name}\", alt = \"A blue door.\" }}\n\n")
}

/// The smallest content with a photograph, a drawing and a document on its contact page.
fn with_media() -> Files {
    let mut files = minimal();
    let list = "[[sections]]\nkind = \"files\"\nheading = \"Forms\"\nitems = [{ file = \"Intake_form.pdf\", title = \"Intake form\", page = \"/\" }]\n";
    let sections = format!("{}{}{list}\n[[sections]]", picture("Entrance.jpg"), picture("logo.png"));
    replace(&mut files, "en/pages/contact.toml", "[[sections]]", &sections);
    files.insert("files/Entrance.jpg", with_exif(&jpeg(1_000, 400), 6, ""));
    files.insert("files/logo.png", png(300, 100));
    files.insert("files/Intake_form.pdf", PDF.as_bytes().to_vec());
    files.insert("files/unused.png", png(20, 20));
    files
}

/// The paths below `/files/`, with their hashes taken out, in order.
fn served(site: &Site) -> Vec<String> {
    let paths = site.entries().filter_map(|(path, _)| path.strip_prefix(route::FILES));
    let mut paths: Vec<_> = paths.map(unhashed).collect();
    paths.sort();
    paths
}

fn unhashed(path: &str) -> String {
    let parts: Vec<&str> = path.split('.').collect();
    format!("{}.{}", parts[0], parts[2])
}

#[track_caller]
fn path_of(site: &Site, start: &str) -> String {
    site.entries().map(|(path, _)| path.to_owned()).find(|path| path.starts_with(&format!("/files/{start}"))).unwrap()
}

#[test]
fn a_picture_is_served_in_its_widths_turned_with_its_words_and_its_size() {
    let site = TestSite::with(&with_media());
    assert_eq!(served(&site.app().site()), ["entrance-400.jpg", "intake_form.pdf", "logo-300.png"]);
    let html = site.get("/contact/").is(200).text().to_owned();
    let tag = html.split("<img ").nth(1).unwrap().split('>').next().unwrap();
    for part in
        ["width=\"400\" height=\"1000\"", "alt=\"A blue door.\"", "loading=\"lazy\"", "src=\"/files/entrance-400."]
    {
        assert!(tag.contains(part), "{part}: {tag}");
    }
    assert!(html.contains(">Intake form (PDF, 1 page, 1 KB)</a>"), "{html}");
    assert!(html.contains(
        "<a href=\"/\">Read it as a page of this site<span class=\"visually-hidden\"> (Intake form)</span></a>"
    ));
    let wide = TestSite::with(&{
        let mut files = with_media();
        files.insert("files/Entrance.jpg", jpeg(2_000, 500));
        files
    });
    let widths: Vec<_> = served(&wide.app().site()).into_iter().filter(|path| path.starts_with("entrance")).collect();
    assert_eq!(widths, ["entrance-1600.jpg", "entrance-480.jpg", "entrance-960.jpg"]);
    let bytes =
        wide.app().site().answer(&path_of(&wide.app().site(), "entrance-1600")).unwrap().identity().bytes.clone();
    assert!(bytes.windows(4).any(|part| part == [0x01, 0x90, 0x06, 0x40]), "400 high, 1600 wide");
}

#[test]
fn files_are_cached_for_ever_and_a_document_keeps_its_name() {
    let site = TestSite::with(&with_media());
    for (start, content_type, disposition) in [
        ("entrance", "image/jpeg", ""),
        ("logo", "image/png", ""),
        ("intake", "application/pdf", "inline; filename=\"Intake_form.pdf\""),
    ] {
        let path = path_of(&site.app().site(), start);
        let reply = site.ask(Method::GET, &path, &[("accept-encoding", "br, gzip, zstd")]);
        assert_eq!(reply.header("content-type"), content_type);
        assert_eq!(reply.header("cache-control"), "max-age=31536000, immutable");
        assert_eq!(reply.header("content-disposition"), disposition);
        assert_eq!((reply.header("content-encoding"), reply.header("vary")), ("", ""), "it is compressed already");
        assert_eq!(reply.header("x-content-type-options"), "nosniff");
        assert!(reply.header("content-security-policy").starts_with("default-src 'none'"));
        let head = site.ask(Method::HEAD, &path, &[]);
        assert_eq!(head.header("content-length"), reply.body.len().to_string());
        // A page from before a change finds the file as it is now, and no cache keeps it there.
        let (name, rest) = path.split_once('.').unwrap();
        let old = site.get(&format!("{name}.0123456789.{}", rest.split_once('.').unwrap().1));
        assert_eq!((old.status.as_u16(), old.header("cache-control")), (200, "no-store"), "{path}");
    }
    assert_eq!(site.get("/files/entrance-1600.0123456789.jpg").status, 200, "of another width");
    for none in ["/files/unused-20.0123456789.png", "/files/other.0123456789.pdf", "/files/entrance.jpg"] {
        assert_eq!(site.get(none).status, 404, "{none}");
    }
}

#[test]
fn what_has_not_changed_is_not_encoded_again() {
    let (mut loader, now, icons) = (Loader::default(), noon(TODAY), icon_names());
    let review = Review {
        now: &now,
        publish: false,
        was_published: false,
        icons: &icons,
        other_paths: &route::LINKABLE,
        reserved: &route::RESERVED,
    };
    let mut made = |files: &Files, before: Option<&Site>| {
        let (content, report) = loader.load(files, &review);
        Site::build(&content.unwrap_or_else(|| panic!("{}", report.text())), &settings(None), before).unwrap()
    };
    let mut files = with_media();
    let first = made(&files, None);
    replace(&mut files, "en/pages/home.toml", "lead = \"", "lead = \"Another word. ");
    let second = made(&files, Some(&first));
    files.insert("files/logo.png", png(301, 100));
    let third = made(&files, Some(&second));
    let same = |one: &Site, other: &Site, start| {
        let path = path_of(one, start);
        other.answer(&path).is_some_and(|answer| Arc::ptr_eq(answer, one.answer(&path).unwrap()))
    };
    assert!(same(&first, &second, "entrance") && same(&first, &second, "logo") && same(&second, &third, "entrance"));
    assert!(!same(&second, &third, "logo"));
    let page = |site: &Site| site.answer("/contact/").unwrap().identity().bytes.clone();
    assert_ne!(page(&second), page(&third), "the page names the new one");
}

fn settings(public_url: Option<&str>) -> Settings {
    Settings {
        public_url: public_url.map(|url| url.parse().unwrap()),
        now: noon(TODAY),
        as_of: false,
        live: false,
        requests: true,
        compression: CompressionLevel::Plain,
    }
}

#[test]
fn a_saved_site_has_its_pictures_and_is_made_again_with_them() {
    let files = with_media();
    let (content, report) = check(&files, false);
    let content = content.unwrap_or_else(|| panic!("{}", report.text()));
    let settings = settings(Some("https://clinic.example/"));
    let site = Site::build(&content, &settings, None).unwrap();
    let mut bytes = Vec::new();
    write(Original { site: &site, content: &content, files: &files, settings: &settings }, "0.1.0", &mut bytes)
        .unwrap();
    let restored = read(&bytes[..]).unwrap();
    let (again, report) = check(&restored.files, false);
    let again = Site::build(&again.unwrap_or_else(|| panic!("{}", report.text())), &settings, None).unwrap();
    let finished = restored.into_site(settings.now.timestamp());
    for (path, _) in site.entries().filter(|(path, _)| path.starts_with(route::FILES)) {
        let answer = site.answer(path).unwrap();
        for (how, other) in [("made again", &again), ("finished", &finished)] {
            let other = other.answer(path).unwrap_or_else(|| panic!("{path} is not {how}"));
            assert_eq!(other.identity().bytes, answer.identity().bytes, "{path}, {how}");
            assert_eq!(
                (&other.content_type, other.cache, &other.file_name),
                (&answer.content_type, answer.cache, &answer.file_name)
            );
        }
    }
    assert_eq!(served(&finished), served(&site));
}

#[test]
fn a_picture_is_no_part_of_the_first_visit() {
    let html = TestSite::with(&with_media()).get("/contact/").is(200).text().to_owned();
    assert!(!html.contains("data:image") && html.matches("<img ").count() == 2);
    assert!(html.matches("<img ").count() == html.matches("loading=\"lazy\" decoding=\"async\"").count());
}
