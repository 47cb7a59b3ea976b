//! Facts come, go and expire: the pages stay whole, and nothing that isn't known today is shown.

use crate::harness::sample::sample;
use crate::harness::{
    Page, TODAY, TestSite, address, around, check, check_on, edited, langs, language, leave_out, noon, optional_facts,
    replace, supplied, text_of, with_all_facts, without_facts,
};
use clinic_site::content::Files;
use clinic_site::content::agenda::Agenda;
use clinic_site::diagnostic::Severity;
use jiff::civil::{Date, date};

fn on(files: &Files, day: Date) -> TestSite {
    TestSite::build(files, None, day)
}

#[track_caller]
fn text(site: &TestSite, path: &str) -> String {
    text_of(&site.get(path).is(200).page().one("body"))
}

/// What an unknown fact must not leave behind: a label, a mark or a link that has nothing to say.
#[track_caller]
fn is_whole(page: &Page, without: &str) {
    for empty in [
        "dl:not(:has(dd))",
        "dt:not(:has(~ dd))",
        ".actions:empty",
        "a[href=\"tel:\"]",
        "a[href=\"\"]",
        ".line:empty",
        ".flow:empty",
        "section:has(> :is(h2, h3):only-child)",
    ] {
        let found = page.all(empty);
        assert!(found.is_empty(), "without {without}, {} has {empty}: {}", page.path, found[0].html());
    }
    let text = text_of(&page.one("body"));
    for gap in [" ,", " .", "Some(", "()", ", ,", "\u{201c}\u{201d}"] {
        assert!(!text.contains(gap), "without {without}, {} has a gap {gap:?}: {}", page.path, around(&text, gap));
    }
    let appointments = address(page.lang(), "appointments");
    let way = page.all(&format!(".quick a[href={appointments:?}]"));
    assert!(!way.is_empty(), "without {without}, {} has no way to us", page.path);
}

#[test]
fn pages_are_whole_without_any_one_fact() {
    for fact in &optional_facts() {
        let mut files = with_all_facts();
        leave_out(&mut files, &[fact]);
        let (_, report) = check(&files, true);
        assert_eq!(report.count(Severity::Error), 0, "without {fact}:\n{}", report.text());
        on(&files, TODAY).documents().iter().for_each(|page| is_whole(page, fact));
    }
}

#[test]
fn pages_are_whole_without_all_of_them() {
    let (_, report) = check(&supplied(without_facts()), true);
    assert_eq!(report.count(Severity::Error), 0, "{}", report.text());
    for page in TestSite::bare().documents() {
        is_whole(&page, "any fact");
        assert!(page.all(".sample, .call, .contact dl").is_empty(), "{}", page.path);
    }
}

#[test]
fn every_sample_on_a_page_is_marked_as_one() {
    let mut marks = 0;
    for page in TestSite::shipped().documents() {
        for link in page.all("a[href=\"tel:+19165550100\"]") {
            let marked = link.html().contains("class=\"sample\"")
                || link
                    .next_siblings()
                    .find_map(scraper::ElementRef::wrap)
                    .is_some_and(|next| next.attr("class") == Some("sample"));
            assert!(marked, "{}: a made-up number without a mark: {}", page.path, link.html());
            marks += 1;
        }
        for address in page.all("dd").iter().filter(|dd| text_of(dd).contains("Sample Street")) {
            assert!(address.html().contains("class=\"sample\""), "{}: {}", page.path, address.html());
            marks += 1;
        }
        let text = text_of(&page.one("body"));
        let linked = page.all("a[href=\"tel:+19165550100\"]").len();
        assert_eq!(text.matches("916-555-0100").count(), linked, "{}: a made-up number outside of a link", page.path);
    }
    let pages = TestSite::shipped().pages().len();
    assert!(marks >= 2 * pages, "only {marks} samples were looked at on {pages} pages");
}

#[test]
fn beside_a_made_up_number_stand_those_that_help() {
    for page in TestSite::shipped().pages() {
        let page = TestSite::shipped().parsed(&page);
        for place in page.all(".preview").into_iter().chain(page.all("section.contact")) {
            let text = text_of(&place);
            for number in ["911", "988", "1-800-662-4357"] {
                assert!(text.contains(number), "{} has no {number} beside the sample: {text}", page.path);
            }
        }
        assert!(!page.all(".preview .instead").is_empty(), "{}", page.path);
    }
    for site in [TestSite::published(), TestSite::complete(), TestSite::bare()] {
        assert!(site.documents().iter().all(|page| page.all(".instead").is_empty()), "the number is no sample");
    }
}

#[test]
fn nobody_is_told_to_call_a_number_that_is_not_known() {
    let calls = ["call us", "give us a call", "phone us", "llámenos", "llamarnos", "llame a la clínica"];
    let mut found = Vec::new();
    for page in TestSite::bare().documents() {
        let text = crate::words::plain(&text_of(&page.one("html")));
        found.extend(calls.into_iter().filter(|call| text.contains(call)).map(|call| format!("{}: {call}", page.path)));
    }
    assert_eq!(found, [""; 0]);
}

#[test]
fn an_expired_figure_goes_with_its_paragraph() {
    let files = sample();
    let (last, after) = (on(&files, date(2026, 12, 31)), on(&files, date(2027, 1, 1)));
    for (path, sentence, neighbour) in [
        ("/", "A paragraph that goes with its figure", "one more item"),
        ("/es/", "Un párrafo que se va con su cifra", "otro punto"),
    ] {
        let (before, now) = (text(&last, path), text(&after, path));
        assert!(before.contains(&format!("{sentence}: $283.")), "{before}");
        assert!(!now.contains("$283") && !now.contains(sentence), "{now}");
        assert!(now.contains(neighbour), "its neighbors stay: {now}");
    }
    // The figure of the shipped pages, which expires on the same day.
    let (last, after) = [date(2026, 12, 31), date(2027, 1, 1)].map(|day| on(&Files::embedded(), day)).into();
    let has_it = |page: &Page| text_of(&page.one("html")).contains("$283");
    assert_eq!(last.pages().iter().filter(|path| has_it(&last.parsed(path))).count(), 2, "one page in each language");
    for page in after.documents() {
        assert!(!has_it(&page), "{} still has the figure", page.path);
        is_whole(&page, "the expired figure");
    }
}

#[test]
fn expired_facts_are_left_out_everywhere() {
    let (last, after) = (on(&Files::embedded(), date(2027, 11, 23)), on(&Files::embedded(), date(2027, 11, 24)));
    let accepted = |lang| language(lang).ui.contact.payers.as_str();
    for lang in langs() {
        let page = last.parsed(&address(lang, "contact"));
        assert!(!page.all("p.line").is_empty(), "{}", page.path);
        assert!(text_of(&page.one(".contact dl")).contains(&format!("{} Medicare", accepted(lang))), "{}", page.path);
    }
    for page in after.documents() {
        assert!(page.all("p.line").is_empty(), "{}: the appointment line expired the day before", page.path);
        let accepted = accepted(page.lang());
        assert!(page.all(".contact dl").iter().all(|list| !text_of(list).contains(accepted)), "{}", page.path);
        let data: String = page.all("script").iter().flat_map(scraper::ElementRef::text).collect();
        assert!(!data.contains("paymentAccepted"), "{}: the data still has the payers", page.path);
    }
}

#[test]
fn a_notice_is_shown_from_its_first_day_to_its_last() {
    let notices = "[[notices]]\nabout = \"closure\"\ntext = \"We are closed on Monday.\"\nstarts = 2027-01-11\nends = 2027-01-18\n";
    let files = edited(|files| {
        for lang in langs() {
            files.insert(&format!("{}/notices.toml", lang.tag()), notices.into());
        }
    });
    for (day, shown) in
        [(date(2027, 1, 10), false), (date(2027, 1, 11), true), (date(2027, 1, 18), true), (date(2027, 1, 19), false)]
    {
        let site = on(&files, day);
        for page in site.documents() {
            // A booklet is kept for long.
            let shown = shown && !site.booklets().contains(&page.path);
            let found = page.all(".notices .notice.closure").len();
            assert_eq!(found, usize::from(shown), "{} on {day}", page.path);
            assert_eq!(page.all(".notices").len(), found, "{} on {day}: an empty region", page.path);
        }
    }
}

#[test]
fn on_the_front_page_only_what_is_pressing_comes_before_whom_the_clinic_is_for() {
    let notices = |about: &str| {
        format!("[[notices]]\nabout = \"{about}\"\ntext = \"A notice.\"\nstarts = 2026-11-01\nends = 2027-01-18\n\n")
    };
    let files = edited(|files| {
        for lang in langs() {
            let text = ["payment", "closure", "information"].map(notices).concat();
            files.insert(&format!("{}/notices.toml", lang.tag()), text.into_bytes());
        }
    });
    let site = on(&files, TODAY);
    for (path, above) in
        [("/", vec!["closure"]), ("/es/", vec!["closure"]), ("/services/", vec!["payment", "closure", "information"])]
    {
        let page = site.get(path).is(200).page();
        let about = |selector: &str| -> Vec<String> {
            let found = page.all(selector).into_iter();
            found.map(|notice| notice.value().attr("class").unwrap().replace("notice ", "")).collect()
        };
        assert_eq!(about("body > .notices > .notice"), above, "{path}");
        assert_eq!(about(".notice").len(), 3, "{path}");
    }
}

#[test]
fn a_notice_about_a_number_that_is_not_known_leaves_nothing_behind() {
    let notice = "[[notices]]\nabout = \"phone\"\ntext = \"Call {phone}.\"\nstarts = 2026-11-01\nends = 2027-01-18\n";
    let mut files = edited(|files| files.insert("en/notices.toml", notice.into()));
    assert_eq!(on(&files, TODAY).get("/services/").page().all(".notice.phone").len(), 1);
    leave_out(&mut files, &["phone"]);
    for page in on(&files, TODAY).documents() {
        is_whole(&page, "phone");
        assert!(page.all(".notices .phone").is_empty(), "{}", page.path);
    }
}

#[test]
fn what_will_expire_is_a_warning_and_never_an_error() {
    for day in [date(2027, 1, 1), date(2027, 11, 24), date(2030, 1, 1)] {
        let (content, report) = check_on(&crate::harness::without_samples(), true, day);
        assert!(content.is_some(), "on {day} the site could not start:\n{}", report.text());
        assert!(report.count(Severity::Warning) > 0, "on {day} nobody is told");
    }
}

#[test]
fn samples_can_not_be_published() {
    let (content, report) = check(&supplied(Files::embedded()), true);
    assert!(content.is_none());
    assert_eq!(report.count(Severity::Error), 2, "the phone and the address:\n{}", report.text());
    assert!(report.text().contains("clinic.toml:"), "{}", report.text());
}

/// Every fact of the table but the name, which has no last day: given with one.
fn with_last_day(day: Date) -> (Files, Vec<String>) {
    let mut files = with_all_facts();
    let clinic = String::from_utf8(files.get("clinic.toml").unwrap().to_vec()).unwrap();
    let lines = clinic.lines().filter(|line| !line.starts_with("expires_on") && !line.starts_with("verified_on"));
    let dated = lines.map(|line| match line.trim_matches(['[', ']']) {
        // Those three are choices of the clinic and nothing that it knows.
        "navigation" | "leave" | "brand" => format!("{line}\n"),
        name if line.starts_with('[') && name != "name" && !name.starts_with("sources.") => {
            format!("{line}\nexpires_on = {day}\n")
        }
        _ => format!("{line}\n"),
    });
    files.insert("clinic.toml", dated.collect::<String>().into_bytes());
    let (content, report) = check_on(&files, true, day);
    let content = content.unwrap_or_else(|| panic!("{}", report.text()));
    let given = content.clinic.facts().into_iter().filter(|(key, fact)| fact.is_some() && key != "name");
    let given = given.map(|(key, _)| key).collect();
    (files, given)
}

#[test]
fn every_fact_of_the_table_expires_is_reported_and_is_on_the_agenda() {
    let day = date(2026, 11, 20);
    let (files, facts) = with_last_day(day);
    let (figures, others): (Vec<&String>, Vec<_>) = facts.iter().partition(|key| key.contains('.'));
    assert_eq!(others.len(), optional_facts().len(), "with_all_facts gives every fact: {facts:?}");
    assert!(figures.len() > 5, "{facts:?}");
    let (content, report) = check(&files, true);
    let content = content.unwrap_or_else(|| panic!("{}", report.text()));
    assert_eq!(content.clinic.expiries(), vec![day; facts.len()]);
    assert_eq!(content.clinic.known_on(day).expiries().len(), facts.len(), "the last day");
    let known = content.clinic.known_on(TODAY);
    let left: Vec<_> = known.facts().into_iter().filter(|(_, fact)| fact.is_some()).map(|(key, _)| key).collect();
    assert_eq!(left, ["name"], "the days after");
    let expired = report.sorted().into_iter().filter(|finding| finding.rule.name == "expired-fact");
    let mut expired: Vec<_> = expired.map(|finding| finding.message.split('`').nth(1).unwrap().to_owned()).collect();
    let agenda = Agenda::new(&content, &noon(TODAY), 0);
    let list = agenda.lists.iter().find(|list| list.key == "expiring_facts").unwrap();
    let mut listed: Vec<_> = list.rows.iter().map(|row| row.cells[0].clone()).collect();
    let mut facts = facts;
    for keys in [&mut facts, &mut expired, &mut listed] {
        keys.sort();
    }
    assert_eq!((&expired, &listed), (&facts, &facts));
}

#[test]
fn the_name_has_no_last_day() {
    let files = edited(|files| replace(files, "clinic.toml", "[name]\n", "[name]\nexpires_on = 2099-01-01\n"));
    let (content, report) = check(&files, false);
    assert!(content.is_none(), "every page shows the name, so one that expires is refused as it is written");
    let found = report.sorted();
    let errors: Vec<_> = found.iter().filter(|finding| finding.severity == Severity::Error).collect();
    assert_eq!(errors.len(), 1, "{}", report.text());
    assert_eq!((errors[0].rule.name, &errors[0].source.text[errors[0].span.clone()]), ("unknown-key", "expires_on"));
}
