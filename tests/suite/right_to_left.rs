//! Languages that are data alone: Arabic and Vietnamese, of which the program has no word (`tests/fixtures/languages`), and what comes with them.

use crate::content::minimal;
use crate::harness::{TestSite, check, replace, text_of};
use crate::program::{folder, run};
use clinic_site::content::Files;
use clinic_site::diagnostic::Severity;
use clinic_site::lang::Lang;
use std::path::Path;

/// The smallest content in three languages.
fn three_languages() -> Files {
    let mut files = minimal();
    let added = Files::read(Path::new("tests/fixtures/languages")).unwrap();
    for path in added.paths().filter(|path| Path::new(path).extension().is_some_and(|extension| extension == "toml")) {
        files.insert(path, added.get(path).unwrap().to_vec());
    }
    files
}

fn site() -> TestSite {
    TestSite::with(&three_languages())
}

#[test]
fn a_folder_is_a_language() {
    let (content, report) = check(&three_languages(), false);
    assert_eq!(report.count(Severity::Error), 0, "{}", report.text());
    let content = content.unwrap();
    let languages = content.languages.iter();
    let tags: Vec<_> = languages.map(|of| (of.lang.tag(), of.name.as_str(), of.booklet.as_str())).collect();
    assert_eq!(
        tags,
        [("en", "English", "/print/"), ("ar", "العربية", "/ar/tibaa/"), ("vi", "Tiếng Việt", "/vi/print/")]
    );
    let site = site();
    let heads = ["/", "/ar/", "/vi/"].map(|path| {
        let page = site.parsed(path);
        let html = page.one("html");
        let locale = page.one("meta[property='og:locale']").attr("content").unwrap().to_owned();
        (page.lang().tag().to_owned(), html.attr("dir").unwrap_or_default().to_owned(), locale)
    });
    assert_eq!(
        heads.map(|(lang, dir, locale)| format!("{lang} {dir} {locale}")),
        ["en  en_US", "ar rtl ar_US", "vi  vi_US"]
    );
    for path in ["/", "/ar/", "/vi/"] {
        let page = site.parsed(path);
        let named: Vec<_> = page.all("link[rel=alternate]").iter().map(|link| link.attr("hreflang").unwrap()).collect();
        assert_eq!(named, ["en", "x-default", "ar", "vi"], "{path}");
        let links = page.all(".header-links a[hreflang]");
        let links: Vec<_> =
            links.iter().map(|link| format!("{} {}", link.attr("lang").unwrap(), text_of(link))).collect();
        let others =
            ["en English", "ar العربية", "vi Tiếng Việt"].iter().filter(|other| !other.starts_with(page.lang().tag()));
        assert_eq!(links, others.copied().collect::<Vec<_>>(), "{path}");
    }
    assert_eq!(site.get("/ar/nothing/").is(404).page().lang().tag(), "ar");
}

#[test]
fn days_and_times_are_those_of_the_language() {
    let site = site();
    for (path, day) in [("/ar/ittisal/", "23 نوفمبر 2026"), ("/vi/", "23 tháng 11 2026"), ("/", "November 1, 2026")]
    {
        assert_eq!(text_of(&site.parsed(path).one(".end time")), day, "{path}");
    }
    let hours = |path: &str| {
        let page = site.parsed(path);
        page.all("main .contact span.num").iter().map(text_of).collect::<Vec<_>>().join("; ").replace('\u{a0}', " ")
    };
    assert_eq!(hours("/ar/ittisal/"), "5:30 ص – 2:00 م; 4:00 م – 6:00 م");
    assert_eq!(hours("/vi/lich-hen/"), "05:30 – 14:00; 16:00 – 18:00");
    assert_eq!(hours("/contact/"), "5:30 am – 2:00 pm; 4:00 pm – 6:00 pm");
}

#[test]
fn from_right_to_left_numbers_and_addresses_keep_their_order() {
    let site = site();
    for path in site.pages().iter().filter(|path| path.starts_with("/ar/")) {
        let page = site.parsed(path);
        for link in page.all("a[href^='tel:'], a[href^='sms:']") {
            let number = link.select(&scraper::Selector::parse("b.num").unwrap()).next();
            let own = link.attr("dir").is_some();
            let isolated = number.is_some_and(|number| text_of(&number).starts_with('\u{2066}'));
            assert!(own || isolated, "{path}: {}", link.html());
        }
    }
    let contact = site.parsed("/ar/ittisal/");
    let address = text_of(&contact.one("main .contact dl > div:first-child dd"));
    assert!(address.starts_with("\u{2066}1 Sample Street\u{2069}"), "{address:?}");
    // Nothing of it is in a language from left to right.
    for path in ["/", "/contact/", "/vi/", "/vi/lich-hen/"] {
        let text = site.get(path).text().to_owned();
        let attributes = [" dir=\"rtl\"", " dir=\"auto\"", "\u{2066}"].map(|part| text.matches(part).count());
        // The one right-to-left word is the name of Arabic, in the header, at the foot and in the form.
        assert!(attributes[0] <= 3 && attributes[1..] == [0, 0], "{path}: {attributes:?}");
    }
    let (mirrored, plain) = (site.get("/ar/").text().to_owned(), site.get("/").text().to_owned());
    assert!(
        mirrored.contains("matrix(-1 0 0 1 1200 0)") && !plain.contains("matrix(-1"),
        "the picture of the home page"
    );
}

#[test]
fn the_form_offers_the_languages_of_the_site_by_their_own_names() {
    let site = site();
    for (path, own) in [("/appointments/", "en"), ("/ar/mawaid/", "ar"), ("/vi/lich-hen/", "vi")] {
        let page = site.parsed(path);
        let choices = page.all("fieldset label:has([name=language])");
        let told: Vec<_> = choices
            .iter()
            .map(|label| {
                let input = label.select(&scraper::Selector::parse("input").unwrap()).next().unwrap();
                let words = label.select(&scraper::Selector::parse("span").unwrap()).next().unwrap();
                (input.attr("value").unwrap(), words.attr("lang").unwrap_or(own), text_of(&words))
            })
            .collect();
        let named: Vec<_> = told.iter().map(|(value, lang, words)| format!("{value} {lang} {words}")).take(3).collect();
        assert_eq!(named, ["english en English", "ar ar العربية", "vi vi Tiếng Việt"], "{path}");
        assert_eq!(told[3].0, "other", "{path}");
    }
}

#[test]
fn what_is_wrong_with_a_language_is_told() {
    let told = |change: &dyn Fn(&mut Files)| {
        let mut files = three_languages();
        change(&mut files);
        let report = check(&files, false).1;
        let told = report.sorted();
        told.iter()
            .filter(|found| found.severity == Severity::Error)
            .map(|found| found.rule.name)
            .collect::<Vec<_>>()
            .join(" ")
    };
    let set =
        |from: &'static str, to: &'static str| move |files: &mut Files| replace(files, "ar/language.toml", from, to);
    assert_eq!(told(&|files| files.remove("ar/language.toml")), "missing-file");
    assert_eq!(told(&set("\"rtl\"", "\"ltr\"")), "writing-direction");
    assert_eq!(told(&set("\"rtl\"", "\"up\"")), "unknown-choice");
    assert_eq!(told(&set("\"US\"", "\"United States\"")), "malformed");
    assert_eq!(told(&|files| files.insert("Arabic/ui.toml", Vec::new())), "language-tag");
    assert_eq!(
        told(&|files| (0..26_u8).for_each(|at| {
            let about = files.get("vi/language.toml").unwrap().to_vec();
            files.insert(&format!("q{}/language.toml", char::from(b'a' + at)), about);
        }))
        .split(' ')
        .next(),
        Some("too-many")
    );
    // A page in the place of the booklet, or of another language.
    assert_eq!(
        told(&|files| replace(files, "ar/pages/contact.toml", "\"ittisal\"", "\"tibaa\"")).split(' ').next(),
        Some("duplicate-address")
    );
    let taken = told(&|files| replace(files, "en/pages/contact.toml", "slug = \"contact\"", "slug = \"vi\""));
    assert!(taken.starts_with("duplicate-address"), "{taken}");
}

#[test]
fn only_languages_with_a_measure_are_graded() {
    let files = three_languages();
    let content = check(&files, false).0.unwrap();
    let graded = clinic_site::content::reading::measure(&files, &content);
    assert!(graded.len() == 7 && graded.iter().all(|page| page.measure == "grade"), "{}", graded.len());
    assert!(Lang::from_tag("ar").is_some_and(Lang::is_known));
}

#[test]
fn a_new_page_is_made_for_each_language_there_is() {
    let folder = folder(&three_languages());
    let content = folder.path().to_str().unwrap();
    let ran = run(&["new", "page", "parking", "--content", content]);
    let wanted = ["en", "ar", "vi"].map(|tag| format!("{content}/{tag}/pages/parking.toml\n"));
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(0), wanted.concat().as_str()), "{ran:?}");
    let report = check(&Files::read(folder.path()).unwrap(), false).1;
    assert_eq!(report.count(Severity::Error), 0, "{}", report.text());
}
