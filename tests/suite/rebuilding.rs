//! A site that is made from the one before says everywhere what one made anew says: whatever was taken over was still right.

use crate::harness::{TODAY, check, edited, error_path, langs, noon, replace};
use clinic_site::content::{Files, Loader, Review};
use clinic_site::site::{CompressionLevel, Entry, ErrorKind, Settings, Site, icon_names, route};

fn settings() -> Settings {
    Settings {
        public_url: None,
        now: noon(TODAY),
        as_of: false,
        live: true,
        requests: true,
        compression: CompressionLevel::Fast,
    }
}

/// The sites of some states of the content that one program reads one after the other, as it follows a folder: each made from the one before,
/// and each made anew.
#[track_caller]
fn one_after_the_other(states: &[&Files]) -> Vec<(Site, Site)> {
    let (mut loader, now, icons) = (Loader::default(), noon(TODAY), icon_names());
    let review = Review {
        now: &now,
        publish: false,
        was_published: false,
        icons: &icons,
        other_paths: &route::LINKABLE,
        reserved: &route::RESERVED,
    };
    let mut sites: Vec<(Site, Site)> = Vec::new();
    for files in states {
        let (content, report) = loader.load(files, &review);
        let content = content.unwrap_or_else(|| panic!("{}", report.text()));
        let made = |before| Site::build(&content, &settings(), before).unwrap();
        sites.push((made(sites.last().map(|(kept, _)| kept)), made(None)));
    }
    sites
}

/// The paths, of error pages too, at which two sites differ.
fn differences(one: &Site, other: &Site) -> Vec<String> {
    let bytes = |site: &Site, path: &str| site.answer(path).map(|page| page.identity().bytes.clone());
    let paths = one.entries().chain(other.entries()).filter(|(_, entry)| matches!(entry, Entry::Answer(_)));
    let mut found: Vec<_> =
        paths.filter(|(path, _)| bytes(one, path) != bytes(other, path)).map(|(path, _)| path.to_owned()).collect();
    for (lang, kind) in langs().into_iter().flat_map(|lang| ErrorKind::ALL.map(|kind| (lang, kind))) {
        let page = |site: &Site| site.error(kind, &lang.root()).unwrap().identity().bytes.clone();
        found.extend((page(one) != page(other)).then(|| error_path(lang, kind)));
    }
    found.sort();
    found.dedup();
    found
}

/// What somebody changes: the file, the text, the other text.
const CHANGES: [(&str, &str, &str, &str); 7] = [
    ("a date", "en/pages/medicare.toml", "next_review = 2026-12-15", "next_review = 2026-12-14"),
    ("the address of a Spanish page", "es/pages/accessibility.toml", "slug = \"accesibilidad\"", "slug = \"acceso\""),
    ("who has read a Spanish page", "es/pages/contact.toml", "slug = ", "reviewed_by = \"clinic director\"\nslug = "),
    (
        "a text of language help",
        "language_help.toml",
        "name = \"한국어\"\ntext = \"\"",
        "name = \"한국어\"\ntext = \"한국어\"",
    ),
    ("a small word", "es/ui.toml", "menu = \"Todas las páginas\"", "menu = \"Cada página\""),
    ("a number", "clinic.toml", "value = \"916-555-0100\"", "value = \"916-555-0101\""),
    ("an objective", "es/objectives.toml", "name = \"Altruismo\"", "name = \"Ayudar\""),
];

#[test]
fn what_is_taken_over_from_the_site_before_is_what_would_be_made_anew() {
    let mut wrong = Vec::new();
    let moved = edited(|files| {
        for path in ["notices", "appointments", "what-to-expect"].map(|page| format!("es/pages/{page}.toml")) {
            replace(files, &path, "ayuda-en-su-idioma", "idiomas");
        }
    });
    let changes = CHANGES.map(|(what, file, from, to)| (what, edited(|files| replace(files, file, from, to))));
    for (what, changed) in changes.into_iter().chain([("where language help stands on its page", moved)]) {
        let shipped = Files::embedded();
        let sites = one_after_the_other(&[&shipped, &changed, &shipped]);
        for (way, (kept, anew)) in ["first", "made", "taken back"].into_iter().zip(&sites) {
            let found = differences(kept, anew);
            wrong.extend((!found.is_empty()).then(|| format!("{what}, {way}: old at {found:?}")));
        }
        assert!(!differences(&sites[0].1, &sites[1].1).is_empty(), "{what} changes nothing");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn files_that_come_and_go_are_followed_too() {
    for (file, text) in [
        ("tests.toml", Some(crate::test_results::RESULTS)),
        ("language_help.toml", None),
        ("es/words.toml", None),
        ("en/words.toml", None),
    ] {
        let other = edited(|files| match text {
            Some(text) => files.insert(file, text.as_bytes().to_vec()),
            None => files.remove(file),
        });
        for (kept, anew) in one_after_the_other(&[&Files::embedded(), &other, &Files::embedded()]) {
            assert_eq!(differences(&kept, &anew), [""; 0], "{file}");
        }
    }
}

/// A change of the content.
type Edit<'a> = &'a dyn Fn(&mut Files);

#[test]
fn what_ends_or_expires_is_not_taken_over() {
    let notice = "about = \"phone\"\ntext = \"No calls today.\"\nends = 2026-11-23\n";
    let expiring = |files: &mut Files, value: &str| {
        replace(files, "clinic.toml", value, &format!("{value}\nexpires_on = 2026-11-23"));
    };
    let cases: [(&str, Edit<'_>); 4] = [
        ("the phone", &|files| expiring(files, "value = \"916-555-0100\"")),
        ("a help line", &|files| expiring(files, "id = \"samhsa\"")),
        ("a notice", &|files| files.insert("en/notices.toml", format!("[[notices]]\n{notice}").into_bytes())),
        ("a notice on a page", &|files| {
            let page = String::from_utf8(files.get("en/pages/medicare.toml").unwrap().to_vec()).unwrap();
            let page = format!("{page}\n[[sections]]\nkind = \"notice\"\n{notice}");
            files.insert("en/pages/medicare.toml", page.into_bytes());
        }),
    ];
    for (what, edit) in cases {
        let content = check(&edited(edit), false).0.unwrap();
        let tomorrow = Settings { now: noon(TODAY.tomorrow().unwrap()), ..settings() };
        let before = Site::build(&content, &settings(), None).unwrap();
        let after = Site::build(&content, &tomorrow, Some(&before)).unwrap();
        let anew = Site::build(&content, &tomorrow, None).unwrap();
        assert_eq!(differences(&after, &anew), [""; 0], "{what}");
        assert!(differences(&after, &before).contains(&"/medicare/".to_owned()), "{what} is still shown");
    }
}
