//! Pages that are not finished: in a preview, marked; on a published site nowhere; and they hold back nothing but themselves.

use crate::content::minimal;
use crate::harness::{TODAY, TestSite, check, edited, replace, set, text_in, without_samples};
use crate::program::{STAFF_KEY, Serving, command, folder, ran, run, soon};
use clinic_site::content::Files;
use clinic_site::diagnostic::Report;
use std::collections::BTreeSet;
use std::fs;

const PUBLIC: Option<&str> = Some("https://clinic.example/");

/// A page about parking, with a line of its own keys more.
fn parking(more: &str) -> Vec<u8> {
    format!(
        "kind = \"page\"\n{more}\nslug = \"parking\"\ntitle = \"Parking and buses\"\n\
         description = \"Where to park and which buses stop near the clinic in Sacramento.\"\nlead = \"How to get here.\"\n\
         navigation = {{ label = \"Getting here\", group = \"visit\", order = 9, header = true }}\n\
         last_reviewed = 2026-11-23\nnext_review = 2027-11-23\n\n\
         [[sections]]\nkind = \"prose\"\nid = \"car\"\nheading = \"By car\"\ntext = \"Ask when you call.\"\n"
    )
    .into_bytes()
}

fn with_parking(mut files: Files, more: &str) -> Files {
    files.insert("en/pages/parking.toml", parking(more));
    files
}

/// Rule, place and severity of each finding about some words.
fn told(report: &Report, words: &str) -> Vec<String> {
    let found = report.sorted().into_iter().filter(|finding| {
        finding.source.path.contains(words) || finding.message.contains(words) || finding.help.contains(words)
    });
    found.map(|finding| format!("{} {} {}", finding.severity.word(), finding.rule.name, finding.message)).collect()
}

#[test]
fn a_draft_is_nowhere_on_a_published_site() {
    let files = with_parking(without_samples(), "draft = true");
    let site = TestSite::build(&files, PUBLIC, TODAY);
    let _ = site.get("/parking/").is(404);
    let all = site.paths();
    assert!(all.iter().any(|path| path == "/sitemap.xml") && all.iter().any(|path| path == "/print/"), "{all:?}");
    for path in all {
        let bytes = site.get(&path).body;
        let text = String::from_utf8_lossy(&bytes);
        for words in ["/parking/", "Parking and buses", "Getting here"] {
            assert!(!text.contains(words), "{path} has {words:?}");
        }
    }
    let without = TestSite::build(&without_samples(), PUBLIC, TODAY);
    for path in ["/", "/es/", "/sitemap.xml", "/print/"] {
        assert_eq!(site.get(path).body, without.get(path).body, "{path} is as if there were no draft");
    }
}

#[test]
fn the_line_holds_a_page_back_however_it_is_written() {
    for more in ["\"draft\" = true", "draft=true # until Monday", "key_words = 1\ndraft = true"] {
        let site = TestSite::build(&with_parking(without_samples(), more), PUBLIC, TODAY);
        let _ = site.get("/parking/").is(404);
    }
    // Below a text with a line that looks like the beginning of a group.
    let (mut files, text) = (without_samples(), String::from_utf8(parking("")).unwrap());
    let lead = "lead = \"\"\"\n[Call us](/contact/) first.\n\"\"\"\ndraft = true";
    files.insert("en/pages/parking.toml", text.replace("lead = \"How to get here.\"", lead).into_bytes());
    let _ = TestSite::build(&files, PUBLIC, TODAY).get("/parking/").is(404);
}

#[test]
fn a_mark_in_a_remark_is_a_note_and_holds_nothing_back() {
    let mut files = without_samples();
    let text = text_in(&files, "en/pages/medicare.toml");
    files.insert("en/pages/medicare.toml", format!("# ✎ ask Ana about this\n{text}").into_bytes());
    let _ = TestSite::build(&files, PUBLIC, TODAY).get("/medicare/").is(200);
}

#[test]
fn a_preview_shows_a_draft_and_says_that_it_is_one() {
    let site = TestSite::with(&with_parking(minimal(), "draft = true"));
    let words = check(&minimal(), false).0.unwrap().languages[0].ui.preview.draft.to_string();
    let page = site.get("/parking/").is(200);
    assert!(page.text().contains(&words), "{}", page.text());
    assert!(site.get("/").text().contains("href=\"/parking/\""), "it is in the navigation");
    assert_eq!(site.get("/print/").text().matches(&words).count(), 1, "and its chapter says so");
    assert!(!site.get("/contact/").text().contains(&words));
    let finished = TestSite::with(&with_parking(minimal(), "draft = false"));
    assert!(!finished.get("/parking/").text().contains(&words));
}

#[test]
fn a_page_is_published_as_soon_as_it_is_finished() {
    for more in ["", "draft = false", "# draft = true"] {
        let files = with_parking(minimal(), more);
        assert_eq!(check(&files, true).1.text(), "", "{more:?}");
        let _ = TestSite::build(&files, PUBLIC, TODAY).get("/parking/").is(200);
    }
    // The same words within a text make no draft.
    let mut files = with_parking(minimal(), "");
    replace(
        &mut files,
        "en/pages/parking.toml",
        "lead = \"How to get here.\"",
        "lead = \"\"\"\nHow to\ndraft = true\n\"\"\"",
    );
    let _ = TestSite::build(&files, PUBLIC, TODAY).get("/parking/").is(200);
}

#[test]
fn whatever_is_wrong_with_a_draft_the_others_are_published() {
    let page = String::from_utf8(parking("draft = true")).unwrap();
    let wrong: [(&str, String); 9] = [
        ("an unknown key", page.replace("slug =", "slog =")),
        ("an open quote", page.replace("lead = \"How to get here.\"", "lead = \"How to get here.")),
        ("the address of another", page.replace("slug = \"parking\"", "slug = \"contact\"")),
        ("the title of another", page.replace("Parking and buses", "Contact")),
        ("a dead link", page.replace("Ask when", "[Ask](/nowhere/) when")),
        ("an unknown fact", page.replace("Ask when", "Ask {nobody} when")),
        ("a parent that is none", page.replace("slug =", "parent = \"nothing\"\nslug =")),
        ("no value for draft", page.replace("draft = true", "draft = yes")),
        ("hardly anything", "draft = true\n".to_owned()),
    ];
    for (what, text) in wrong {
        let mut files = minimal();
        files.insert("en/pages/parking.toml", text.into_bytes());
        let (content, report) = check(&files, true);
        assert!(content.is_some(), "{what}: {}", report.text());
        let told = told(&report, "");
        assert_eq!(told, ["warning draft this page is a draft, so it is in the preview alone"], "{what}");
    }
}

#[test]
fn texts_that_are_still_to_be_written_hold_back_their_page_and_a_notice_goes_out() {
    let content = folder(&without_samples());
    let path = content.path().to_str().unwrap();
    assert_eq!(run(&["new", "page", "parking", "--content", path]).code, Some(0));
    let strict = run(&["check", "--publish", "--content", path]);
    assert_eq!(strict.code, Some(0), "{strict:?}");
    assert_eq!(strict.stdout.matches("[draft]").count(), 2, "each language is told: {}", strict.stdout);
    let site = Serving::start(&[
        "serve",
        "--content",
        path,
        "--log",
        "off",
        "--public-url",
        "https://clinic.example",
        "--staff-key",
        STAFF_KEY,
    ]);
    let mut client = crate::connections::Client::new(site.address);
    let mut get = |path: &str| {
        let answer = client.get(path);
        (answer.status, String::from_utf8_lossy(&answer.body).into_owned())
    };
    assert_eq!([get("/parking/").0, get("/es/parking/").0], [404, 404]);
    let notices = content.path().join("en/notices.toml");
    let text = fs::read_to_string(&notices).unwrap();
    fs::write(&notices, format!("{text}\n[[notices]]\nabout = \"weather\"\ntext = \"We close at noon.\"\n")).unwrap();
    soon("the notice", || get("/").1.contains("We close at noon."));
    assert!(!get("/readyz").1.contains("refused"));
    // One language is finished first.
    let english = content.path().join("en/pages/parking.toml");
    fs::write(&english, parking("")).unwrap();
    soon("the page", || get("/parking/").0 == 200);
    assert_eq!(get("/es/parking/").0, 404, "the Spanish one is still to be written");
    assert!(!get("/parking/").1.contains("rel=\"alternate\" hreflang=\"es\""), "so no page names it");
    assert_eq!(site.end("-TERM").code, Some(0));
}

#[test]
fn a_link_to_a_draft_is_told_and_its_words_are_no_link() {
    let mut files = with_parking(minimal(), "draft = true");
    replace(
        &mut files,
        "en/pages/contact.toml",
        "text = \"Call us.\"",
        "text = \"Call us about [the car park](/parking/#car).\"",
    );
    replace(&mut files, "en/pages/group-therapy.toml", "link = \"/get-help-now/\"", "link = \"/parking/\"");
    files.insert("redirects.toml", b"[[redirects]]\nfrom = \"/cars/\"\nto = \"/parking/\"\n".to_vec());
    for publish in [false, true] {
        let (content, report) = check(&files, publish);
        assert!(content.is_some(), "{}", report.text());
        let links: Vec<_> = report.sorted().into_iter().filter(|finding| finding.rule.name == "draft-link").collect();
        let files: BTreeSet<&str> =
            links.iter().map(|finding| finding.source.path.rsplit('/').next().unwrap()).collect();
        assert_eq!(
            files,
            BTreeSet::from(["contact.toml", "group-therapy.toml", "redirects.toml"]),
            "{}",
            report.text()
        );
        assert!(links[0].help.contains("finish") && links[0].help.contains("parking.toml"), "{}", links[0].help);
    }
    let site = TestSite::build(&files, PUBLIC, TODAY);
    let contact = site.get("/contact/");
    assert!(contact.text().contains("Call us about the car park."), "{}", contact.text());
    assert!(!contact.text().contains("/parking/") && !site.get("/group-therapy/").text().contains("/parking/"));
    let _ = site.get("/cars/").is(404);
    let preview = TestSite::with(&files);
    assert!(
        preview.get("/contact/").text().contains("href=\"/parking/#car\"")
            && preview.get("/group-therapy/").text().contains("href=\"/parking/\"")
    );
    let _ = preview.get("/cars/").is(308);
}

#[test]
fn a_page_that_becomes_a_draft_takes_its_links_with_it() {
    let content = folder(&without_samples());
    let site = Serving::start(&[
        "serve",
        "--content",
        content.path().to_str().unwrap(),
        "--log",
        "off",
        "--public-url",
        "https://clinic.example",
        "--staff-key",
        STAFF_KEY,
    ]);
    let get = |path: &str| {
        let answer = crate::connections::Client::new(site.address).get(path);
        (answer.status, String::from_utf8_lossy(&answer.body).into_owned())
    };
    assert!(get("/appointments/").1.contains("href=\"/medicare/\""));
    let page = content.path().join("en/pages/medicare.toml");
    let text = fs::read_to_string(&page).unwrap();
    fs::write(&page, format!("draft = true\n{text}")).unwrap();
    soon("the draft", || get("/medicare/").0 == 404);
    // What it says in Spanish is a translation of nothing that is published.
    assert_eq!(get("/es/medicare/").0, 404);
    for path in ["/", "/appointments/", "/services/", "/es/", "/es/citas/", "/print/", "/es/imprimir/", "/sitemap.xml"]
    {
        assert!(!get(path).1.replace("cms.gov/medicare/", "").contains("/medicare/"), "{path} leads there");
    }
    fs::write(&page, text).unwrap();
    soon("the page is back", || {
        get("/es/medicare/").0 == 200 && get("/appointments/").1.contains("href=\"/medicare/\"")
    });
    assert_eq!(site.end("-TERM").code, Some(0));
}

#[test]
fn a_page_below_a_draft_is_published_without_it_in_its_breadcrumbs() {
    let mut files = with_parking(minimal(), "draft = true");
    replace(&mut files, "en/pages/group-therapy.toml", "slug =", "parent = \"parking\"\nslug =");
    let site = TestSite::build(&files, PUBLIC, TODAY);
    assert!(!site.get("/group-therapy/").text().contains("Getting here"));
    assert!(TestSite::with(&files).get("/group-therapy/").text().contains("Getting here"));
}

#[test]
fn what_every_page_links_to_is_no_draft() {
    for key in ["home", "get-help-now", "appointments", "contact", "privacy"] {
        let mut files = minimal();
        let file = format!("en/pages/{key}.toml");
        files.insert(&file, format!("draft = true\n{}", text_in(&files, &file)).into_bytes());
        for publish in [false, true] {
            let (content, report) = check(&files, publish);
            assert!(content.is_none(), "{key}");
            let told = told(&report, &format!("/{key}.toml"));
            assert_eq!(
                told,
                ["error needed-draft this page can't be a draft: every page of the site links to it"],
                "{key}"
            );
        }
        // Words that are still to be written keep such a page from being published, as before.
        let mut files = minimal();
        set(&mut files, &file, "title", "\"✎ Write a title\"");
        assert!(check(&files, false).0.is_some() && check(&files, true).0.is_none(), "{key}");
    }
}

#[test]
fn a_translation_of_a_draft_is_held_back_and_a_draft_of_a_translation_alone() {
    let shipped = without_samples();
    let key = "medicare";
    for (lang, held) in [("en", ["/medicare/", "/es/medicare/"].as_slice()), ("es", &["/es/medicare/"])] {
        let mut files = shipped.clone();
        let file = format!("{lang}/pages/{key}.toml");
        files.insert(&file, format!("draft = true\n{}", text_in(&files, &file)).into_bytes());
        let site = TestSite::build(&files, PUBLIC, TODAY);
        for path in ["/medicare/", "/es/medicare/"] {
            let status = if held.contains(&path) { 404 } else { 200 };
            let page = site.get(path).is(status);
            assert!(
                status == 404 || !page.text().contains("rel=\"alternate\" hreflang=\"es\""),
                "{path} names a page that isn't there"
            );
        }
        let (_, report) = check(&files, true);
        let drafts = report.sorted().into_iter().filter(|finding| finding.rule.name == "draft").count();
        assert_eq!(drafts, held.len(), "each is told");
        assert!(report.sorted().iter().all(|finding| finding.rule.name != "missing-translation"), "{}", report.text());
    }
}

#[test]
fn what_is_held_back_is_listed_in_the_report() {
    let content = folder(&with_parking(edited(|_| {}), "draft = true"));
    let text = run(&["report", "--content", content.path().to_str().unwrap()]).stdout;
    assert!(
        text.contains("Pages that are not finished (1)") && text.contains("Parking and buses  en/pages/parking.toml"),
        "{text}"
    );
    assert!(!text.contains("es/pages/parking.toml"), "nothing is to be translated before it is finished: {text}");
    let site = Serving::start(&["serve", "--content", content.path().to_str().unwrap(), "--log", "off"]);
    let page = crate::connections::Client::new(site.address).get("/_preview/report/");
    assert!(String::from_utf8_lossy(&page.body).contains("Pages that are not finished"));
}

#[test]
fn files_of_a_published_site_are_made_without_drafts() {
    let content = folder(&with_parking(without_samples(), "draft = true"));
    let out = tempfile::TempDir::new().unwrap();
    let to = out.path().join("site");
    let export = command(&[
        "export",
        "--content",
        content.path().to_str().unwrap(),
        "--out",
        to.to_str().unwrap(),
        "--public-url",
        "https://clinic.example",
    ]);
    assert_eq!(ran(export).code, Some(0));
    assert!(to.join("contact/index.html").is_file() && !to.join("parking").exists());
}
