//! What needs attention: each list from content that has it, the same in the terminal, for programs and on the page of a preview.

use crate::harness::{
    TODAY, TestSite, check, edited, es, in_english_alone, language, noon, replace, reviewed, text_of, without_facts,
};
use clinic_site::content::Files;
use clinic_site::content::agenda::{Agenda, DAYS, List};
use clinic_site::site::{CompressionLevel, Settings, Site, route};
use scraper::{Html, Selector};
use std::process::Command;

#[track_caller]
fn agenda(files: &Files, days: u16) -> Agenda {
    let (content, report) = check(files, false);
    Agenda::new(&content.unwrap_or_else(|| panic!("{}", report.text())), &noon(TODAY), days)
}

#[track_caller]
fn list(agenda: &Agenda, key: &str) -> List {
    agenda.lists.iter().find(|list| list.key == key).unwrap_or_else(|| panic!("{key}: {agenda:?}")).clone()
}

/// The rows of a list, a line each; what is late begins with `!`.
fn rows(files: &Files, days: u16, key: &str) -> Vec<String> {
    let rows = list(&agenda(files, days), key).rows;
    rows.into_iter().map(|row| format!("{}{}", if row.late { "! " } else { "" }, row.cells.join(" | "))).collect()
}

#[test]
fn pages_are_told_by_their_next_review_the_late_ones_first() {
    let files = edited(|files| {
        let text = String::from_utf8(files.get("en/pages/contact.toml").unwrap().to_vec()).unwrap();
        let dated = |last: &str, next: &str| {
            let lines = text.lines().map(|line| match line.split(" = ").next() {
                Some("last_reviewed") => format!("last_reviewed = {last}\n"),
                Some("next_review") => format!("next_review = {next}\n"),
                _ => format!("{line}\n"),
            });
            lines.collect::<String>().into_bytes()
        };
        files.insert("en/pages/contact.toml", dated("2026-01-01", "2026-11-20"));
    });
    let found = rows(&files, 0, "reviews");
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(
        found[0].starts_with("! ") && found[0].ends_with("| en/pages/contact.toml | 2026-11-20 | 3 days ago"),
        "{found:?}"
    );
    let all = rows(&files, 400, "reviews");
    assert!(all.len() > 10 && all[0] == found[0] && all[1..].iter().all(|row| !row.starts_with('!')), "{all:?}");
}

#[test]
fn missing_and_made_up_facts_are_told() {
    // The third column is where they are missed.
    let all = rows(&Files::embedded(), 90, "missing_facts");
    assert_eq!(
        all.iter().map(|row| row.rsplit_once(" | ").unwrap().0).collect::<Vec<_>>(),
        [
            "phone | made up: write the clinic's own",
            "address | made up: write the clinic's own",
            "hours | not given",
            "license | not given",
            "accreditor | not given",
            "coordinator_1557 | not given",
            "coordinator_504 | not given",
            "complaint_lines | not given",
        ]
    );
    assert_eq!(rows(&without_facts(), 90, "missing_facts").len(), 13);
    // What else stands in the same paragraph is left out with it, on each page that names it: once in all languages.
    let lead = "lead = \"Ask us a question";
    let files = edited(|files| replace(files, "en/pages/contact.toml", lead, &format!("{lead} (license {{license}})")));
    let (before, after) = (&all[3], &rows(&files, 90, "missing_facts")[3]);
    assert!(!before.contains("Contact us") && after.contains("| Contact us"), "{after}");
    // Not on pages alone: the words around them are of a language.
    assert!(all[0].ends_with("| en/ui.toml; es/ui.toml"), "{}", all[0]);
}

#[test]
fn what_expires_is_told_as_far_ahead_as_one_looks() {
    let soon = ["deductible", "premium"].map(|name| format!("figures.part_b_{name} | 2026-12-31 | in 38 days"));
    assert_eq!(rows(&Files::embedded(), 38, "expiring_facts"), soon);
    assert_eq!(rows(&Files::embedded(), 37, "expiring_facts"), [""; 0]);
    let year = rows(&Files::embedded(), 365, "expiring_facts");
    assert_eq!(year[..2], soon);
    assert_eq!(
        year[year.len() - 2..],
        ["appointment_line | 2027-11-23 | in 365 days", "payers | 2027-11-23 | in 365 days"]
    );
}

#[test]
fn notices_are_told_by_what_they_do_next() {
    let files = edited(|files| {
        let notice =
            |text: &str, dates: &str| format!("[[notices]]\nabout = \"closure\"\ntext = \"{text}\"\n{dates}\n");
        let notices = [
            notice("Old.", "ends = 2026-11-20"),
            notice("Now.", "starts = 2026-11-20\nends = 2026-11-24T14:00:00"),
            notice("Later.", "starts = 2026-12-01"),
            notice("For ever.", ""),
        ];
        files.insert("en/notices.toml", notices.concat().into_bytes());
    });
    let found: Vec<_> = rows(&files, 90, "notices").into_iter().filter(|row| row.contains("notices.toml")).collect();
    assert_eq!(
        found,
        [
            "! Old. | en/notices.toml | ended | 2026-11-20 | 3 days ago",
            "Now. | en/notices.toml | ends | 2026-11-24T14:00:00 | in 1 day",
            "Later. | en/notices.toml | begins | 2026-12-01 | in 8 days",
        ]
    );
}

#[test]
fn official_texts_and_unread_sources_are_told() {
    let texts = rows(&Files::embedded(), 90, "official_texts");
    let of = |file: &str| texts.iter().filter(|row| row.contains(file)).count();
    let (english, spanish) = (of("| en/pages/notices.toml |"), of("| es/pages/notices.toml |"));
    assert!(english > 0 && english == spanish, "as many in each language: {texts:?}");
    assert_eq!(of("| language_help.toml |"), 16, "one a language that the notice is missing in: {texts:?}");
    assert_eq!(texts.len(), english + spanish + 16, "{texts:?}");
    let sources = rows(&Files::embedded(), 90, "sources");
    let clinic: toml::Table =
        toml::from_str(std::str::from_utf8(Files::embedded().get("clinic.toml").unwrap()).unwrap()).unwrap();
    let unread = clinic["sources"].as_table().unwrap().iter().filter(|(_, source)| source.get("verified_on").is_none());
    let unread: Vec<_> = unread.map(|(key, _)| key.as_str()).collect();
    assert!(unread.contains(&"samhsa_tip_63"), "{unread:?}");
    assert_eq!(sources.len(), unread.len(), "{sources:?}");
    for (row, key) in sources.iter().zip(&unread) {
        assert!(row.starts_with("! ") && row.ends_with(&format!("| sources.{key} | never | now")), "{row}");
    }
    let year = rows(&Files::embedded(), 365, "sources");
    assert!(year.len() > 10 && year[unread.len()].ends_with("| 2026-11-23 | in 365 days"), "{year:?}");
}

#[test]
fn translations_are_told_only_where_there_are_any() {
    assert!(agenda(&in_english_alone(), 90).lists.iter().all(|list| list.key != "translations"));
}

#[test]
fn a_translation_that_the_clinic_has_not_read_is_told_until_it_has() {
    let unread = |files: &Files| {
        let rows = rows(files, 90, "translations").into_iter();
        rows.filter(|row| row.ends_with("| not read by the clinic yet")).collect::<Vec<_>>()
    };
    let before = unread(&Files::embedded());
    let pages = &language(es()).pages;
    assert_eq!(before.len(), pages.values().filter(|page| page.reviewed_by.is_none()).count(), "{before:?}");
    let read = edited(|files| {
        let text = String::from_utf8(files.get("es/pages/contact.toml").unwrap().to_vec()).unwrap();
        files.insert("es/pages/contact.toml", reviewed(&text).into_bytes());
    });
    let after = unread(&read);
    let wanted: Vec<_> = before.into_iter().filter(|row| !row.contains("es/pages/contact.toml")).collect();
    assert_eq!(after, wanted);
}

#[test]
fn translations_that_are_missing_or_behind_are_told() {
    let files = edited(|files| {
        replace(files, "es/pages/contact.toml", "last_reviewed = 2026", "last_reviewed = 2025");
        for file in ["en/pages/medicine.toml", "en/ui.toml"] {
            let text = String::from_utf8(files.get(file).unwrap().to_vec()).unwrap();
            let at = text.find(" = \"").unwrap() + " = \"".len();
            let title = text.find("title = \"").map_or(at, |title| title + "title = \"".len());
            let (head, tail) = text.split_at(title);
            files.insert(file, format!("{head}Anew: {tail}").into_bytes());
        }
        let parking = String::from_utf8(files.get("en/pages/accessibility.toml").unwrap().to_vec()).unwrap();
        let parking = parking.replace("slug = \"accessibility\"", "slug = \"parking\"");
        files.insert("en/pages/parking.toml", parking.into_bytes());
    });
    let found = rows(&files, 90, "translations");
    let found: Vec<_> = found.iter().filter(|row| !row.ends_with("| not read by the clinic yet")).collect();
    let wanted = [
        "! | es/pages/medicine.toml | the English file has changed",
        " | es/pages/parking.toml | missing",
        "! | es/ui.toml | the English file has changed",
    ];
    assert_eq!(found.len(), wanted.len(), "{found:?}");
    for (row, wanted) in found.iter().zip(wanted) {
        let (late, file) = wanted.split_at(wanted.find('|').unwrap());
        assert!(row.starts_with(late.trim()) && row.contains(file), "{row}");
    }
}

/// The site of a preview that follows a folder, or one that doesn't.
fn site(live: bool) -> Site {
    let content = check(&Files::embedded(), false).0.unwrap();
    let settings = Settings {
        public_url: None,
        now: noon(TODAY),
        as_of: false,
        live,
        requests: true,
        compression: CompressionLevel::Fast,
    };
    Site::build(&content, &settings, None).unwrap()
}

#[test]
fn the_page_of_a_live_preview_shows_every_list_and_other_sites_have_no_such_page() {
    let live = site(true);
    let html =
        |path: &str| Html::parse_document(std::str::from_utf8(&live.answer(path).unwrap().identity().bytes).unwrap());
    let page = html(route::PREVIEW_REPORT);
    let all = |selector: &str| {
        page.select(&Selector::parse(selector).unwrap()).map(|found| text_of(&found)).collect::<Vec<_>>()
    };
    assert_eq!(all("h1"), ["What needs attention"]);
    assert_eq!(all("meta[name=robots][content=noindex]").len(), 1);
    let agenda = agenda(&Files::embedded(), DAYS);
    for list in &agenda.lists {
        assert_eq!(all(&format!("h2#{}", list.key)), [format!("{} ({})", list.title, list.rows.len())]);
        let head = all(&format!("[aria-labelledby={}] thead th[scope=col]", list.key));
        let shown = all(&format!("[aria-labelledby={}] tbody tr", list.key));
        assert_eq!(shown.len(), list.rows.len());
        assert!(list.rows.is_empty() || !head.is_empty());
    }
    assert_eq!(all("table > caption").len(), all("table").len());
    let banner = Selector::parse(".preview a[href=\"/_preview/report/\"]").unwrap();
    assert_eq!(html("/").select(&banner).count(), 1, "the way from every page of the preview");

    let plain = site(false);
    assert!(plain.find(route::PREVIEW_REPORT).is_none());
    assert!(plain.entries().all(|(path, _)| {
        plain
            .answer(path)
            .is_none_or(|page| !String::from_utf8_lossy(&page.identity().bytes).contains("_preview/report"))
    }));
    for site in [TestSite::shipped(), TestSite::published()] {
        site.get(route::PREVIEW_REPORT).is(404);
    }
    for path in [route::SITEMAP, route::ROBOTS] {
        let bytes = &live.answer(path).unwrap().identity().bytes;
        assert!(!String::from_utf8_lossy(bytes).contains("_preview"), "{path}");
    }
}

#[track_caller]
fn report(arguments: &[&str]) -> String {
    let run =
        Command::new(env!("CARGO_BIN_EXE_clinic-site")).env_clear().arg("report").args(arguments).output().unwrap();
    assert_eq!(run.status.code(), Some(0), "{}", String::from_utf8_lossy(&run.stderr));
    String::from_utf8(run.stdout).unwrap()
}

#[test]
fn the_command_prints_tables_and_json() {
    let text = report(&["--days", "400"]);
    assert!(text.starts_with("What needs attention, as of "), "{text}");
    let table: Vec<&str> = text.lines().skip_while(|line| !line.starts_with("Pages to read again")).skip(1).collect();
    let column = table[0].find("File").unwrap();
    let rows: Vec<_> = table.iter().take_while(|line| !line.is_empty()).skip(1).collect();
    assert!(rows.len() > 10, "{text}");
    for row in rows {
        let start = row.char_indices().nth(column).unwrap().0;
        let aligned = row[start..].starts_with("en/pages/") || row[start..].starts_with("es/pages/");
        assert!(aligned && row[..start].ends_with("  "), "the columns are aligned: {row}");
    }
    let json: serde_json::Value = serde_json::from_str(&report(&["--format", "json"])).unwrap();
    assert_eq!(json["days"], 90);
    assert_eq!(json["missing_facts"][2]["fact"], "hours");
    assert_eq!(json["missing_facts"][2]["late"], false);
}

#[test]
fn content_with_errors_is_told_instead() {
    let folder = tempfile::TempDir::new().unwrap();
    std::fs::write(folder.path().join("clinic.toml"), "").unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_clinic-site"));
    let run = command.env_clear().args(["report", "--content", folder.path().to_str().unwrap()]).output().unwrap();
    assert_eq!((run.status.code(), run.stdout.len()), (Some(1), 0));
    assert!(String::from_utf8_lossy(&run.stderr).contains("missing-key"));
}

#[test]
fn an_export_never_holds_the_report() {
    let (folder, out) = (tempfile::TempDir::new().unwrap(), tempfile::TempDir::new().unwrap());
    for path in Files::embedded().paths() {
        let file = folder.path().join(path);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, Files::embedded().get(path).unwrap()).unwrap();
    }
    let mut command = Command::new(env!("CARGO_BIN_EXE_clinic-site"));
    let (from, to) = (folder.path().to_str().unwrap(), out.path().to_str().unwrap());
    assert!(command.env_clear().args(["export", "--content", from, "--out", to]).status().unwrap().success());
    assert!(out.path().join("contact/index.html").exists() && !out.path().join("_preview").exists());
}
