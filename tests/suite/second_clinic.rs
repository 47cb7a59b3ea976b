//! Another clinic, in another state: what `check` tells of copy that was another's, and one made from files alone (`tests/fixtures/second`).

use crate::content::minimal;
use crate::harness::{TODAY, TestSite, check, replace, set, shipped, text_in, text_of};
use clinic_site::content::{Files, hours};
use clinic_site::diagnostic::Report;
use jiff::ToSpan;
use jiff::civil::date;
use std::path::Path;

/// The shipped content with the facts of another clinic, and nothing else changed.
fn taken_over() -> Files {
    let mut files = Files::embedded();
    let clinic = &shipped().clinic;
    let area = &clinic.area_served.as_ref().unwrap().value;
    let of = |text: &str, key: &str| text.lines().find(|line| line.starts_with(key)).unwrap().to_owned();
    let facts = text_in(&files, "clinic.toml");
    let area_line = of(&facts, &format!("value = {{ city = \"{}\", state = \"{}\"", area.city, area.state));
    let payers =
        facts[facts.find("[payers]").unwrap()..].lines().find(|line| line.starts_with("value")).unwrap().to_owned();
    set(&mut files, "clinic.toml", "value", "\"Front Range Clinic\"");
    replace(
        &mut files,
        "clinic.toml",
        &area_line,
        &area_line.replace(area.city.as_str(), "Denver").replace(area.state.as_str(), "Colorado"),
    );
    replace(&mut files, "clinic.toml", &payers, "value = [\"medicaid\", \"cash\"]");
    let facts = text_in(&files, "clinic.toml").replace("\"around_the_clock\"\n", "\"opening_hours\"\n");
    files.insert("clinic.toml", facts.into_bytes());
    for language in ["en", "es"] {
        let path = format!("{language}/ui.toml");
        replace(&mut files, &path, "\n[payers]\n", "\n[payers]\nmedicaid = \"Medicaid\"\ncash = \"Cash\"\n");
    }
    files
}

/// The files and lines of what contradicts a fact, with its words.
fn contradictions(report: &Report) -> Vec<(String, usize, String)> {
    let found = report.sorted().into_iter().filter(|finding| finding.rule.name == "contradicts-fact");
    let line =
        |finding: &clinic_site::diagnostic::Diagnostic| finding.source.text[..finding.span.start].matches('\n').count();
    found.map(|finding| (finding.source.path.clone(), line(finding), finding.message.clone())).collect()
}

#[test]
fn every_sentence_that_does_not_fit_another_clinic_is_told_at_its_place() {
    let files = taken_over();
    let (content, report) = check(&files, false);
    assert!(content.is_some(), "{}", report.text());
    let told = contradictions(&report);
    let clinic = &shipped().clinic;
    let area = &clinic.area_served.as_ref().unwrap().value;
    let words = [area.city.as_str(), area.state.as_str(), clinic.name.value.as_str()];
    let mut lines = 0;
    for path in files.paths().filter(|path| path.starts_with("en/") || path.starts_with("es/")) {
        let text = text_in(&files, path);
        for (at, line) in text.lines().enumerate().filter(|(_, line)| !line.starts_with('#')) {
            if words.iter().any(|word| line.contains(word)) {
                lines += 1;
                let near = |(file, line, _): &&(String, usize, String)| file.ends_with(path) && line.abs_diff(at) <= 2;
                assert!(told.iter().any(|one| near(&one)), "{path}:{}: {line}", at + 1);
            }
        }
    }
    assert!(lines > 30, "{lines}");
    let kinds = [
        ("doesn't say that this payer pays", 60),
        ("this is about ", 40),
        ("in the opening hours", 20),
        ("a source of this page is of", 8),
        ("pages rest on this source of", 10),
        ("rests on a source of", 6),
        ("these are the languages of", 1),
        ("and its clock is that of America/Los_Angeles", 1),
    ];
    for (words, at_least) in kinds {
        let found = told.iter().filter(|(.., message)| message.contains(words)).count();
        assert!(found >= at_least, "{words}: {found}");
    }
}

/// The smallest content of a clinic in Denver, with a text on its front page and more facts.
fn in_denver(copy: &str, area: &str, more: &str) -> Files {
    let mut files = minimal();
    let facts = format!(
        "[time_zone]\nvalue = \"America/Denver\"\n\n[area_served]\nvalue = {{ city = \"Denver\", state = \"Colorado\"{area} }}\nsource = \"clinic_page\"\n\n\
         [payers]\nvalue = [\"medicaid\"]\nsource = \"clinic_page\"\n\n[[help_lines]]"
    );
    replace(&mut files, "clinic.toml", "[[help_lines]]", &facts);
    files.insert("clinic.toml", format!("{}\n{more}", text_in(&files, "clinic.toml")).into_bytes());
    replace(&mut files, "en/ui.toml", "[payers]\n", "[payers]\nmedicaid = \"Medicaid\"\n");
    set(&mut files, "en/pages/home.toml", "text", &format!("\"{copy}\""));
    files
}

#[test]
fn what_another_state_has_is_told() {
    for (copy, area, message) in [
        ("In Nevada, the limit is 30 days.", "", Some("about Nevada")),
        ("MassHealth is the program of the state.", "", Some("about Massachusetts")),
        ("See Cal. Health and Safety Code.", "", Some("about California")),
        ("Vea el Código de Salud y Seguridad.", "", Some("about California")),
        ("In Colorado, ask Health First Colorado.", "", None),
        ("In Nevada, the limit is 30 days.", ", also_named = [\"Nevada\"]", None),
        ("Ask the Pueblo County office.", "", None),
        ("Ask the Pueblo County office.", ", county = \"Denver\"", Some("about Pueblo County")),
        ("Ask the Adams County office.", ", county = \"Adams County\"", None),
        ("If you have Medicare, see what you would pay.", "", Some("payer")),
        ("We don't take Medicare yet.", "", None),
        ("The bus stops at California Street.", "", None),
    ] {
        let (_, report) = check(&in_denver(copy, area, ""), true);
        let told = contradictions(&report);
        assert_eq!(told.len(), usize::from(message.is_some()), "{copy} {area} {told:?}");
        for (_, _, told) in told {
            assert!(told.contains(message.unwrap()), "{copy}: {told}");
        }
    }
}

#[test]
fn a_source_of_another_state_is_told_with_what_rests_on_it() {
    let law = "[sources.law]\ntitle = \"Nevada Administrative Code, chapter 458\"\n";
    let host = "[sources.law]\ntitle = \"Rules of clinics\"\nurl = \"https://www.nv.gov/rules\"\n";
    let own = "[sources.law]\ntitle = \"Code of Colorado Regulations, and what Nevada made of it\"\n";
    for (source, wanted) in [(law, 3), (host, 3), (own, 0)] {
        let mut files = in_denver("The state rules ask for a test.", "", source);
        assert_eq!(contradictions(&check(&files, true).1), [], "nothing rests on it yet");
        let page = text_in(&files, "en/pages/home.toml").replacen(
            "\n[[sections]]",
            "\nsources = [\"law\"]\n\n[[sections]]",
            1,
        );
        files.insert("en/pages/home.toml", page.into_bytes());
        replace(
            &mut files,
            "clinic.toml",
            "value = \"17,568\"\nsource = \"clinic_page\"",
            "value = \"17,568\"\nsource = \"law\"",
        );
        let told = contradictions(&check(&files, true).1);
        assert_eq!(told.len(), wanted, "{told:?}");
    }
}

/// The clinic of `tests/fixtures/second`.
fn second() -> Files {
    Files::read(Path::new("tests/fixtures/second")).unwrap()
}

const PUBLIC: &str = "https://clinic.example/";

#[test]
fn a_clinic_from_files_alone_publishes_without_a_finding() {
    let (content, report) = check(&second(), true);
    assert!(report.sorted().is_empty(), "{}", report.text());
    let content = content.unwrap();
    let pages: Vec<_> = content.languages.iter().map(|language| (language.lang.tag(), language.pages.len())).collect();
    assert_eq!(pages, [("en", 8), ("vi", 8)]);
    assert!(content.languages.iter().all(|language| language.objectives.objectives.len() == 6));
    assert!(content.lacking.is_empty(), "{:?}", content.lacking);
}

#[test]
fn no_word_of_the_first_clinic_is_anywhere_on_its_site() {
    let site = TestSite::build(&second(), Some(PUBLIC), TODAY);
    let clinic = &shipped().clinic;
    let area = &clinic.area_served.as_ref().unwrap().value;
    let mut words = vec![area.city.as_str(), area.state.as_str(), clinic.name.value.as_str()];
    words.extend(["Medi-Cal", "Medicare", "CalRx", "916-", "+1916", "Nine ways", "española", "/es/", "weather.gov"]);
    let mut documents = 0;
    for path in site.paths() {
        let body = String::from_utf8_lossy(&site.get(&path).is(200).body).to_lowercase();
        for word in &words {
            assert!(!body.contains(&word.to_lowercase()), "{word} in {path}");
        }
        documents += 1;
    }
    assert!(documents > 20, "{documents}");
}

#[test]
fn machines_are_told_of_it_and_of_nobody_else() {
    let site = TestSite::build(&second(), Some(PUBLIC), TODAY);
    let json = site.parsed("/").one("script[type='application/ld+json']").inner_html();
    for word in ["Cottonwood Recovery Clinic", "+13039587368", "\"addressRegion\":\"CO\"", "\"opens\":\"06:00\""] {
        assert!(json.contains(word), "{word} in {json}");
    }
    let card = site.get("/contact.vcf").is(200).text().to_owned();
    for word in ["FN:Cottonwood Recovery Clinic", "+13039587368", "Denver;CO;00000"] {
        assert!(card.contains(word), "{word} in {card}");
    }
    assert!(site.get("/robots.txt").is(200).text().contains("https://clinic.example/sitemap.xml"));
    let map = site.get("/sitemap.xml").is(200).text().to_owned();
    for path in site.pages() {
        assert!(map.contains(&format!("<loc>https://clinic.example{path}</loc>")), "{path} in {map}");
    }
    assert_eq!(site.get("/our-clinic.html").is(308).header("location"), "/contact/");
}

#[test]
fn its_price_payers_and_hours_change_at_new_years_midnight() {
    let zone = check(&second(), true).0.unwrap().clinic.zone();
    let after = date(2027, 1, 1).to_zoned(zone).unwrap();
    let before = after.checked_sub(1.second()).unwrap();
    let said = |now| {
        let site = TestSite::at(&second(), Some(PUBLIC), now);
        let page = |path: &str| text_of(&site.get(path).is(200).page().one("body"));
        let (costs, contact) = (page("/vi/chi-phi/"), page("/contact/"));
        [
            costs.contains("$95"),
            costs.contains("$98"),
            contact.contains("Health First Colorado"),
            contact.contains("6 am") || contact.contains("6:00"),
            // "Opens tomorrow at 5:15" is right on the evening before.
            contact.contains("11:45"),
        ]
    };
    assert_eq!(said(before), [true, false, false, true, false]);
    assert_eq!(said(after), [false, true, true, false, true]);
}

#[test]
fn it_opens_by_the_clock_of_its_own_zone() {
    let (content, _) = check(&second(), true);
    let clinic = content.unwrap().clinic;
    assert_eq!(clinic.zone().iana_name(), Some("America/Denver"));
    for (time, open) in [
        ("2026-11-24T05:59:00", false),
        ("2026-11-24T06:00:00", true),
        ("2026-11-24T12:59:00", true),
        ("2026-11-24T13:00:00", false),
        // Thanksgiving.
        ("2026-11-26T08:00:00", false),
    ] {
        let now = time.parse::<jiff::civil::DateTime>().unwrap().to_zoned(clinic.zone()).unwrap();
        let state = hours::Now::new(&clinic.places()[0], &now).and_then(|now| now.state);
        let said = matches!(state, Some(hours::State::Open(_)));
        assert_eq!(said, open, "{time}");
    }
}
