//! The form that asks for an appointment: its questions, what is said when something is wrong, and the page after it was sent.

use crate::accessibility::problems;
use crate::harness::{
    Page, TODAY, TestSite, address, check, edited, es, lang_of, langs, language, noon, replace, set, text_of,
    with_all_facts, without_facts,
};
use clinic_site::content::rules::FORM_ANCHORS;
use clinic_site::content::{Files, Ui};
use clinic_site::lang::Lang;
use clinic_site::requests::form::{Form, Problem};
use clinic_site::requests::{Choice, Field, Message, Reference, TimeOfDay, Whom};
use clinic_site::site::{CompressionLevel, FormPage, Settings, Site, Trouble};
use scraper::{ElementRef, Html, Selector};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use url::form_urlencoded;

#[track_caller]
fn site(files: &Files, requests: bool) -> Site {
    let (content, report) = check(files, false);
    let content = content.unwrap_or_else(|| panic!("{}", report.text()));
    Site::build(&content, &settings(requests), None).unwrap()
}

fn settings(requests: bool) -> Settings {
    Settings {
        public_url: None,
        now: noon(TODAY),
        as_of: false,
        live: false,
        requests,
        compression: CompressionLevel::Fast,
    }
}

fn parsed(name: &str, html: &str) -> Page {
    Page { path: name.to_owned(), html: Html::parse_document(html) }
}

/// The page of the shipped form in a language, with what was typed.
#[track_caller]
fn filled(lang: Lang, typed: &Form, trouble: Option<Trouble>) -> Page {
    let site = TestSite::shipped().app().site();
    let path = address(lang, "appointments");
    parsed(&path, &site.form(&path).unwrap().filled(typed, trouble).unwrap())
}

#[track_caller]
fn read(body: &str) -> Form {
    Form::read(body.as_bytes()).unwrap()
}

/// What is said of a mistake: none of it may be left out in a template.
type Mistake<'a> = (String, Field, fn(&Ui) -> String);

/// A post with each mistake a visitor can make.
fn mistakes() -> Vec<Mistake<'static>> {
    let long = "x".repeat(501);
    let good = "name=A&phone=9165550100";
    vec![
        ("phone=9165550100".to_owned(), Field::Name, |ui| ui.request_form.name.missing.to_string()),
        (format!("name={long}&phone=9165550100"), Field::Name, |ui| ui.request_form.name.too_long.with(80)),
        ("name=A".to_owned(), Field::Phone, |ui| ui.request_form.phone.missing.to_string()),
        ("name=A&phone=555-0100".to_owned(), Field::Phone, |ui| ui.request_form.phone.not_a_phone.to_string()),
        (format!("name=A&phone={long}"), Field::Phone, |ui| ui.request_form.phone.too_long.with(60)),
        (format!("{good}&other_language={long}"), Field::OtherLanguage, |ui| {
            ui.request_form.language.too_long.with(40)
        }),
        (format!("{good}&note={long}"), Field::Note, |ui| ui.request_form.note.too_long.with(500)),
        (format!("{good}&website=x"), Field::Trap, |ui| ui.request_form.trap.trapped.to_string()),
    ]
}

/// Forms in every state there is.
fn states() -> Vec<(String, Form, Option<Trouble>)> {
    let whole = "name=A&phone=9165550100&message=discreet&times=morning&times=night&language=other&other_language=Hmong\
                 &whom=someone_else&note=One%0D%0Atwo";
    let all = format!("phone=1&other_language={0}&note={0}&website=x", "x".repeat(501));
    let troubles = [Trouble::Unavailable, Trouble::TooMany].map(|trouble| (whole, Some(trouble)));
    let mut states: Vec<_> = [("", None), (whole, None), (all.as_str(), None)].into_iter().chain(troubles).collect();
    let each = mistakes();
    states.extend(each.iter().map(|(body, ..)| (body.as_str(), None)));
    let named = |(body, trouble): (&str, Option<Trouble>)| (format!("{body:.40} {trouble:?}"), read(body), trouble);
    let blank = ("blank".to_owned(), Form::default(), None);
    std::iter::once(blank).chain(states.into_iter().map(named)).collect()
}

#[test]
fn the_blank_form_is_the_page_that_is_served() {
    for (state, site) in TestSite::states() {
        let served = site.app().site();
        let mut paths: Vec<_> = served.form_paths().map(str::to_owned).collect();
        paths.sort();
        assert_eq!(paths, langs().map(|lang| address(lang, "appointments")), "{state}");
        for path in paths {
            let form = served.form(&path).unwrap();
            assert!(form.filled(&Form::default(), None).unwrap() == site.get(&path).is(200).text(), "{state}: {path}");
            assert_eq!(form.lang(), lang_of(&path));
        }
        assert!(served.form("/").is_none() && served.form("/appointments").is_none());
    }
}

/// What a browser would send of the form on a page, without being told what a visitor does.
fn sent(page: &Page) -> String {
    let mut post = form_urlencoded::Serializer::new(String::new());
    for control in page.all("form [name]") {
        let name = control.attr("name").unwrap();
        let value = control.attr("value").unwrap_or_default();
        match (control.value().name(), control.attr("type")) {
            ("textarea", _) => post.append_pair(name, &control.text().collect::<String>().replace('\n', "\r\n")),
            (_, Some("radio" | "checkbox")) if control.attr("checked").is_none() => &mut post,
            _ => post.append_pair(name, value),
        };
    }
    post.finish()
}

#[test]
fn what_was_typed_comes_back_and_would_be_sent_again() {
    for (state, typed, trouble) in states() {
        for lang in langs() {
            let again = read(&sent(&filled(lang, &typed, trouble)));
            let mut wanted = typed.clone();
            // The field for programs comes back empty: a browser that filled it in gets a second try.
            wanted.problems.remove(&Field::Trap);
            if state == "blank" {
                wanted.problems = read("").problems.clone();
            }
            assert!(again == wanted, "{state}: {again:?} for {wanted:?}");
        }
    }
}

#[test]
fn it_asks_all_that_a_request_holds_and_chooses_nothing_for_the_visitor() {
    let offered: BTreeMap<&str, Vec<&str>> = BTreeMap::from([
        ("message", Message::ALL.iter().map(|choice| choice.key()).collect()),
        ("times", TimeOfDay::ALL.iter().map(|choice| choice.key()).collect()),
        ("language", vec!["english", "spanish", "other"]),
        ("whom", Whom::ALL.iter().map(|choice| choice.key()).collect()),
    ]);
    for lang in langs() {
        let page = filled(lang, &Form::default(), None);
        let names: BTreeSet<_> = page.all("form [name]").iter().map(|control| control.attr("name").unwrap()).collect();
        assert_eq!(names, Field::ALL.iter().map(|field| field.key()).collect(), "{lang:?}");
        for (name, keys) in &offered {
            let found = page.all(&format!("fieldset#request-{name} input[name={name}]"));
            assert_eq!(found.iter().map(|one| one.attr("value").unwrap()).collect::<Vec<_>>(), *keys);
            let kind = if *name == "times" { "checkbox" } else { "radio" };
            assert!(found.iter().all(|one| one.attr("type") == Some(kind) && one.attr("checked").is_none()), "{name}");
        }
        let required = page.all("form [required]");
        assert_eq!(
            required.iter().map(|one| one.attr("name").unwrap()).collect::<Vec<_>>(),
            ["name", "phone"],
            "silence is an answer to everything else"
        );
        let words = language(lang).ui.request_form.needed.as_str();
        assert!(page.all("label:has(span)").iter().filter(|label| text_of(label).contains(words)).count() == 2);
        assert!(page.all("[pattern], form [placeholder], [autofocus]").is_empty());
        // A number whose end was cut off looks like a number: only what is many times too long is cut.
        for control in page.all("[maxlength]") {
            let field = Field::ALL.iter().find(|field| Some(field.key()) == control.attr("name")).unwrap();
            assert_eq!(control.attr("maxlength"), Some((8 * Field::max(*field).unwrap()).to_string().as_str()));
        }
        let tokens: Vec<_> =
            page.all("form [autocomplete]").iter().map(|one| one.attr("autocomplete").unwrap()).collect();
        assert_eq!(tokens, ["given-name", "tel", "off", "off", "off"]);
        let checked = page.all("input[type=text], input[type=tel], textarea").into_iter();
        assert!(
            checked.into_iter().all(|one| one.attr("spellcheck") == Some("false")),
            "spelling is checked elsewhere"
        );
    }
}

#[test]
fn it_is_sent_to_its_own_page_and_comes_back_to_its_own_section() {
    for lang in langs() {
        let page = filled(lang, &Form::default(), None);
        let form = page.one("form");
        assert_eq!(form.attr("method"), Some("post"));
        assert!(form.attr("novalidate").is_some() && form.attr("enctype").is_none());
        let (path, anchor) = form.attr("action").unwrap().split_once('#').unwrap();
        assert_eq!(path, page.path);
        let section = page.one("section:has(form)");
        assert_eq!(section.attr("aria-labelledby"), Some(anchor));
        assert_eq!(page.all(&format!("section:has(form) > h2#{anchor}")).len(), 1);
    }
}

/// The ids that an attribute names are there, in the section of the form.
#[track_caller]
fn named(page: &Page, element: &ElementRef<'_>, attribute: &str) -> Vec<String> {
    let ids = element.attr(attribute).unwrap_or_default().split_whitespace();
    ids.map(|id| text_of(&page.one(&format!("section:has(form) [id='{id}']")))).collect()
}

#[test]
fn every_state_keeps_the_rules_of_pages_and_every_question_is_told_with_its_hint() {
    for (state, typed, trouble) in states() {
        for lang in langs() {
            let page = filled(lang, &typed, trouble);
            let found = problems(&page);
            assert!(found.is_empty(), "{state}: {}", found.join("\n"));
            let mut ids = BTreeSet::new();
            for element in page.all("form [id], .request-form [id]") {
                let id = element.attr("id").unwrap();
                ids.insert(id);
                assert!(id.starts_with(FORM_ANCHORS), "{state}: #{id} could be an anchor of the content's own");
            }
            assert!(ids.len() > 15, "{state}");
            let asked = page.all("input[type=text], input[type=tel], textarea, fieldset");
            assert_eq!(asked.len(), 8, "{state}");
            for question in asked {
                let said = named(&page, &question, "aria-describedby");
                let is_other = question.attr("name") == Some(Field::OtherLanguage.key());
                assert_eq!(said.is_empty(), is_other && question.attr("aria-invalid").is_none(), "{state}: {said:?}");
                if question.value().name() == "fieldset" {
                    assert_eq!(question.select(&Selector::parse(":scope > legend").unwrap()).count(), 1);
                } else {
                    page.one(&format!("label[for='{}']", question.attr("id").unwrap()));
                }
            }
            let choices = page.all("input[type=radio], input[type=checkbox]");
            assert!(choices.iter().all(|one| text_of(&ElementRef::wrap(one.parent().unwrap()).unwrap()).len() > 3));
        }
    }
}

#[test]
fn each_mistake_is_said_at_the_top_and_at_its_field_in_the_language_of_the_page() {
    let mut told = BTreeSet::new();
    for (body, field, words) in mistakes() {
        let typed = read(&body);
        assert_eq!(typed.problems.keys().collect::<Vec<_>>(), [&field], "{body:.40}");
        for lang in langs() {
            let (ui, page) = (&language(lang).ui, filled(lang, &typed, None));
            let message = words(ui);
            assert!(!message.contains('{'), "{message}");
            told.insert(message.clone());
            let alert = page.one(".request-form > [role=alert]");
            assert_eq!(alert.prev_siblings().find_map(ElementRef::wrap), None, "it comes first");
            assert_eq!(text_of(&page.one(".request-form > [role=alert] > h3")), ui.request_form.mistakes.as_str());
            let link = page.one(".request-form > [role=alert] li > a");
            assert_eq!(text_of(&link), message);
            let target = page.one(&format!("[id='{}']", &link.attr("href").unwrap()[1..]));
            if field == Field::Trap {
                assert_eq!(target.value().name(), "button");
                assert!(page.all("[aria-invalid]").is_empty());
            } else {
                assert_eq!(target.attr("name"), Some(field.key()));
                assert_eq!(target.attr("aria-invalid"), Some("true"));
                assert_eq!(page.all("[aria-invalid]").len(), 1);
                let said = named(&page, &target, "aria-describedby");
                assert_eq!(said.last().unwrap(), &format!("{}: {message}", ui.request_form.error), "{said:?}");
            }
            let title = text_of(&page.one("title"));
            assert!(title.starts_with(&format!("{}: ", ui.request_form.error)), "{title}");
        }
    }
    assert_eq!(told.len(), mistakes().len() * 2, "two mistakes are told alike: {told:?}");
}

#[test]
fn all_mistakes_are_told_in_the_order_of_the_page_and_none_is_passed_over() {
    let error = format!("{}: ", language(es()).ui.request_form.error);
    for (state, typed, trouble) in states() {
        let page = filled(es(), &typed, trouble);
        let links = page.all(".request-form > [role=alert] li > a");
        assert_eq!(links.len(), typed.problems.len(), "{state}");
        let places: Vec<_> = page.all("form [id]").iter().map(|element| element.attr("id").unwrap()).collect();
        let at = |link: &ElementRef<'_>| places.iter().position(|id| *id == &link.attr("href").unwrap()[1..]).unwrap();
        assert!(links.iter().map(at).is_sorted(), "{state}");
        let is_good = typed.problems.is_empty() && trouble.is_none();
        assert_eq!(page.all("[role=alert]").is_empty(), is_good, "{state}");
        assert_eq!(text_of(&page.one("title")).starts_with(&error), !is_good, "{state}");
    }
    // Choices are never wrong: those that aren't offered count as none.
    let strange = read("name=A&phone=9165550100&message=x&times=x&language=x&whom=x");
    assert_eq!(strange.problems, BTreeMap::<Field, Problem>::new());
}

#[test]
fn what_is_typed_stays_text() {
    let attack = "\"><script>alert(1)</script>' onfocus=x {{ 7*7 }} &lt; </textarea><b>";
    let pairs = [("name", attack), ("phone", attack), ("other_language", attack), ("note", attack)];
    let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    for lang in langs() {
        for trouble in [None, Some(Trouble::Unavailable), Some(Trouble::TooMany)] {
            let page = filled(lang, &read(&body), trouble);
            let values = page.all("input[type=text], input[type=tel]");
            assert_eq!(values.len(), 3);
            assert!(values.iter().all(|input| input.attr("value") == Some(attack)));
            assert_eq!(page.one("textarea").text().collect::<String>(), attack);
            assert_eq!(page.all("script:not([type='application/ld+json']), [onfocus], form b").len(), 0);
            let blank = filled(lang, &Form::default(), None);
            assert_eq!(page.all("form *").len(), blank.all("form *").len() + 4, "two messages");
        }
    }
}

#[test]
fn a_request_that_was_not_kept_is_said_to_be_not_sent_and_nothing_is_lost() {
    let typed = read("name=Ana&phone=9165550100&note=Two%0Alines");
    let (all, none) = (site(&with_all_facts(), true), site(&without_facts(), true));
    for lang in langs() {
        let path = address(lang, "appointments");
        let words = &language(lang).ui.request_form;
        for (trouble, words) in [(Trouble::Unavailable, &words.unavailable), (Trouble::TooMany, &words.too_many)] {
            for (site, number) in [(&all, "tel:+19164442368"), (&none, "tel:+18006624357")] {
                let page = parsed(&path, &site.form(&path).unwrap().filled(&typed, Some(trouble)).unwrap());
                let alert = page.one(".request-form > [role=alert]");
                assert_eq!(alert.prev_siblings().find_map(ElementRef::wrap), None, "it comes first");
                assert_eq!(text_of(&page.one(".request-form > [role=alert] > h3")), words.heading.as_str());
                assert_eq!(page.all(&format!(".request-form > [role=alert] a[href='{number}']")).len(), 1, "{number}");
                let help = address(lang, "get-help-now");
                assert_eq!(page.all(&format!(".request-form > [role=alert] a[href='{help}']")).len(), 1);
                assert!(page.all("[aria-invalid]").is_empty());
                assert_eq!(page.one("#request-name").attr("value"), Some("Ana"));
                assert_eq!(page.one("textarea").text().collect::<String>(), "Two\nlines");
            }
        }
    }
}

#[test]
fn programs_are_told_from_people_by_a_field_that_people_do_not_meet() {
    for (state, typed, trouble) in states() {
        let page = filled(Lang::En, &typed, trouble);
        let trap = page.one("[aria-hidden=true] > input[name=website]");
        assert_eq!((trap.attr("tabindex"), trap.attr("autocomplete")), (Some("-1"), Some("off")), "{state}");
        assert_eq!(trap.attr("value"), None, "{state}");
        assert_eq!(page.all(".honeypot[aria-hidden=true] > label[for=request-website]").len(), 1);
    }
}

fn reference(code: &str) -> Reference {
    code.parse().unwrap()
}

#[test]
fn who_has_sent_it_is_told_the_code_what_happens_next_and_nothing_that_gives_them_away() {
    for (state, site) in TestSite::states() {
        let served = site.app().site();
        for lang in langs() {
            let form = served.form(&address(lang, "appointments")).unwrap();
            let code = reference("K7QM-4XT2");
            assert_eq!(form.received_path(&code), format!("{}K7QM-4XT2/", address(lang, "appointments")));
            let html = form.received(&code);
            assert!(!html.contains(char::is_control) || !html.contains('\u{1}'));
            let page = parsed("received", &html);
            let found = problems(&page);
            assert!(found.is_empty(), "{state}: {}", found.join("\n"));
            let words = &language(lang).ui.request_received;
            assert_eq!(page.lang(), lang);
            assert_eq!(text_of(&page.one("title")), words.title.as_str(), "{state}: without the clinic's name");
            assert_eq!(text_of(&page.one("h1")), words.title.as_str());
            assert_eq!(text_of(&page.one(".status > .num")), "K7QM-4XT2");
            assert_eq!(text_of(&page.one("main strong")), words.shared_device.as_str(), "{state}: to close the tab");
            assert!(
                page.all("meta[name=robots][content=noindex]").len() == 1 && page.all("[rel=canonical]").is_empty()
            );
            assert!(page.all("form").is_empty() && page.all("footer .help a").len() > 3);
            let known = !page.all("header a[href^='tel:']").is_empty();
            assert_eq!(page.all("main a[href^='tel:']").len(), usize::from(known), "{state}: how to take it back");
            assert_eq!(form.received(&reference("0000-0000")), html.replace("K7QM-4XT2", "0000-0000"));
        }
    }
}

#[test]
fn a_site_that_takes_no_requests_says_to_call_and_no_link_leads_nowhere() {
    for files in [Files::embedded(), without_facts()] {
        let site = site(&files, false);
        assert_eq!(site.form_paths().count(), 0);
        let pages: BTreeMap<_, _> = site
            .entries()
            .filter(|(path, _)| path.ends_with('/'))
            .filter_map(|(path, _)| {
                let bytes = &site.answer(path)?.identity().bytes;
                Some((path, parsed(path, std::str::from_utf8(bytes).unwrap())))
            })
            .collect();
        let mut followed = 0;
        for (path, page) in &pages {
            assert!(page.all("form, input, button").is_empty(), "{path}");
            for link in page.all("a[href*='#']") {
                let (to, anchor) = link.attr("href").unwrap().split_once('#').unwrap();
                let target = if to.is_empty() { page } else { &pages[to] };
                followed += usize::from(["form", "formulario"].contains(&anchor));
                assert_eq!(target.all(&format!("[id='{anchor}']")).len(), 1, "{path}: {}", link.html());
            }
        }
        assert!(followed >= 4, "only {followed} links to the form were looked at");
        for (lang, anchor) in [(Lang::En, "form"), (es(), "formulario")] {
            let page = &pages[address(lang, "appointments").as_str()];
            let section = page.one(&format!("section[aria-labelledby={anchor}]"));
            assert_eq!(section.select(&Selector::parse("a[href^='tel:']").unwrap()).count(), 1);
        }
    }
}

#[test]
fn anchors_of_a_page_with_a_form_keep_clear_of_those_within_it() {
    let named = |file: &str, from: &str| {
        let path = format!("en/pages/{file}.toml");
        let files = edited(|files| replace(files, &path, from, "id = \"request-name\""));
        let (_, report) = check(&files, false);
        report.sorted().iter().filter(|finding| finding.rule.name == "duplicate-id").count()
    };
    assert_eq!(named("appointments", "id = \"next\""), 1);
    assert_eq!(named("medicare", "id = \"cost\""), 0);
}

#[test]
fn a_form_is_taken_over_with_its_page_and_made_anew_when_its_words_change() {
    let (content, _) = check(&Files::embedded(), false);
    let content = content.unwrap();
    let before = Site::build(&content, &settings(true), None).unwrap();
    let again = Site::build(&content, &settings(true), Some(&before)).unwrap();
    let same = |a: &Site, b: &Site| {
        let at = |site: &Site| site.form("/appointments/").map(std::ptr::from_ref::<FormPage>);
        at(a) == at(b)
    };
    assert!(same(&before, &again));
    let without = Site::build(&content, &settings(false), Some(&again)).unwrap();
    assert!(without.form("/appointments/").is_none());
    assert!(!Arc::ptr_eq(without.answer("/appointments/").unwrap(), again.answer("/appointments/").unwrap()));
    let files = edited(|files| set(files, "en/ui.toml", "send", "\"Send it\""));
    let (content, _) = check(&files, false);
    let after = Site::build(&content.unwrap(), &settings(true), Some(&again)).unwrap();
    let page = after.form("/appointments/").unwrap().filled(&Form::default(), None).unwrap();
    assert!(page.contains(">Send it</button>"));
}
