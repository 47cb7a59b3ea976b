//! The booklet: the whole site in one language as one document. It says what the pages say, once, and every link in it leads somewhere in it.

use crate::harness::{Page, TestSite, address, booklet_of, check, edited, es, langs, language, replace, text_of};
use clinic_site::content::Files;
use clinic_site::lang::Lang;
use scraper::{ElementRef, Selector};
use std::collections::BTreeSet;

fn inside<'a>(element: &ElementRef<'a>, selector: &str) -> Vec<ElementRef<'a>> {
    element.select(&Selector::parse(selector).unwrap()).collect()
}

fn attributes(elements: &[ElementRef<'_>], name: &str) -> Vec<String> {
    elements.iter().filter_map(|element| element.attr(name)).map(str::to_owned).collect()
}

#[track_caller]
fn booklet(site: &TestSite, lang: Lang) -> Page {
    site.parsed(booklet_of(lang))
}

/// The chapters: the path of the page of each.
fn chapters(booklet: &Page) -> Vec<(String, ElementRef<'_>)> {
    let chapter = |article: ElementRef<'_>| {
        let [origin] = inside(&article, ".origin a")[..] else { panic!("{}: {}", booklet.path, article.html()) };
        origin.attr("href").unwrap().to_owned()
    };
    booklet.all("main > article.chapter").into_iter().map(|article| (chapter(article), article)).collect()
}

/// The chapter of a page.
#[track_caller]
fn chapter<'a>(booklet: &'a Page, path: &str) -> ElementRef<'a> {
    let found = chapters(booklet).into_iter().find(|(of, _)| of == path);
    found.unwrap_or_else(|| panic!("{} has no chapter of {path}", booklet.path)).1
}

#[test]
fn every_page_of_the_navigation_is_a_chapter_first_home_then_help_at_once_then_the_others_in_their_order() {
    for (state, site) in TestSite::states() {
        for lang in langs() {
            let booklet = booklet(site, lang);
            let first = ["home", "get-help-now"].map(|key| address(lang, key));
            let listed = attributes(&booklet.all("nav.all a"), "href").into_iter().filter(|path| !first.contains(path));
            let wanted: Vec<String> = first.iter().cloned().chain(listed).collect();
            let found: Vec<_> = chapters(&booklet).into_iter().map(|(path, _)| path).collect();
            assert_eq!(found, wanted, "{state}: {lang:?}");
            assert_eq!(found.len(), language(lang).pages.len(), "{state}: {lang:?}");
        }
    }
}

#[test]
fn the_table_of_contents_leads_to_every_chapter_in_order() {
    for lang in langs() {
        let booklet = booklet(TestSite::published(), lang);
        let listed = booklet.all("nav.toc li > a");
        let name = |chapter: &ElementRef<'_>| format!("#{}", chapter.attr("aria-labelledby").unwrap());
        let wanted: Vec<_> = chapters(&booklet).iter().map(|(_, chapter)| name(chapter)).collect();
        assert_eq!(attributes(&listed, "href"), wanted, "{}", booklet.path);
        for link in listed {
            let heading = booklet.one(&format!("h2[id={:?}]", &link.attr("href").unwrap()[1..]));
            assert_eq!(text_of(&link), text_of(&heading), "{}", booklet.path);
        }
    }
}

#[test]
fn a_chapter_says_what_its_page_says_and_how_to_reach_the_clinic_stands_there_once_or_twice() {
    for (state, site) in TestSite::states() {
        for lang in langs() {
            let booklet = booklet(site, lang);
            let with_contact = ["appointments", "contact"].map(|key| address(lang, key));
            for (path, chapter) in chapters(&booklet) {
                let page = site.parsed(&path);
                let here = inside(&chapter, "article > h2, article > .lead");
                let there = [page.one("h1"), page.one(".head > .lead")];
                assert_eq!(texts(&here), texts(&there), "{state}: {path}");
                let told = with_contact.contains(&path);
                let contact = |part: &ElementRef<'_>| part.value().classes().any(|class| class == "contact");
                // The notices of the day stand on the page for emergencies below its main text.
                let parts = page.all("main > section:not(.notices), main > .notice");
                let parts: Vec<_> = parts.into_iter().filter(|part| told || !contact(part)).collect();
                let own = inside(&chapter, "article > section, article > .notice");
                // Paper would go on saying that the clinic is open now.
                let now: Vec<_> = page.all(".contact dd > b").iter().map(text_of).collect();
                let lasting =
                    |text: String| now.iter().fold(text, |text, now| text.replacen(&format!("{now} "), "", 1));
                // And there is no form on it: what stands in its place there is hidden on the screen.
                let forms = texts(&page.all(".request-form"));
                let on_paper =
                    |text| forms.iter().fold(text, |text: String, form| text.replace(&format!(" {form}"), ""));
                let there: Vec<_> = texts(&parts).into_iter().map(lasting).map(on_paper).collect();
                assert_eq!(texts(&own), there, "{state}: {path}");
                assert!(!own.is_empty() && own.iter().any(contact) == told, "{state}: {path}");
                let read = inside(&chapter, ".origin time");
                assert_eq!(
                    attributes(&read, "datetime"),
                    attributes(&page.all(".end time"), "datetime"),
                    "{state}: {path}"
                );
            }
            assert_eq!(booklet.all(".contact").len(), 2, "{state}: {lang:?}");
        }
    }
}

fn texts(elements: &[ElementRef<'_>]) -> Vec<String> {
    elements.iter().map(text_of).collect()
}

#[test]
fn every_source_of_the_pages_is_named_once_at_the_end() {
    let titles = |page: &Page| texts(&page.all(".sources li > :first-child"));
    for (state, site) in TestSite::states() {
        for lang in langs() {
            let named = titles(&booklet(site, lang));
            let once: BTreeSet<_> = named.iter().cloned().collect();
            assert_eq!(named.len(), once.len(), "{state}: a source is named twice: {named:?}");
            let pages = site.parsed_pages().into_iter().filter(|page| page.lang() == lang);
            let wanted: BTreeSet<_> = pages.flat_map(|page| titles(&page)).collect();
            assert_eq!(once, wanted, "{state}: {lang:?}");
        }
    }
}

/// The ids of a document. None is there twice.
#[track_caller]
fn ids(page: &Page) -> BTreeSet<String> {
    let all = attributes(&page.all("[id]"), "id");
    let once: BTreeSet<String> = all.iter().cloned().collect();
    let twice: Vec<_> = once.iter().filter(|id| all.iter().filter(|other| other == id).count() > 1).collect();
    assert!(twice.is_empty(), "{}: {twice:?} are there twice", page.path);
    once
}

/// Asserts that links within the booklet lead to what is there.
#[track_caller]
fn lead_somewhere(booklet: &Page) {
    let ids = ids(booklet);
    let inner = booklet.all("article.chapter a[href^=\"#\"]");
    let lost: Vec<_> =
        inner.iter().filter(|link| !ids.contains(&link.attr("href").unwrap()[1..])).map(ElementRef::html).collect();
    assert!(lost.is_empty(), "{}:\n{}", booklet.path, lost.join("\n"));
    assert!(inner.len() > 20, "{}: only {} links to chapters were looked at", booklet.path, inner.len());
}

#[test]
fn every_id_is_there_once_and_every_link_within_leads_to_one() {
    for (_, site) in TestSite::states() {
        for lang in langs() {
            lead_somewhere(&booklet(site, lang));
        }
    }
}

#[test]
fn no_link_of_a_chapter_leads_out_to_a_page_that_is_a_chapter_too() {
    let mut lost = Vec::new();
    for (state, site) in TestSite::states() {
        for booklet in langs().map(|lang| booklet(site, lang)) {
            let chapters: BTreeSet<_> = chapters(&booklet).into_iter().map(|(path, _)| path).collect();
            // Below each chapter stands the address of its page.
            for link in booklet.all("article.chapter :not(.origin) > a[href^=\"/\"]") {
                let (href, words) = (link.attr("href").unwrap(), text_of(&link));
                let leaves = chapters.contains(href.split('#').next().unwrap());
                lost.extend(leaves.then(|| format!("{state}: {}: {words:?} leads to {href}", booklet.path)));
            }
        }
    }
    assert!(lost.is_empty(), "{}", lost.join("\n"));
}

/// The shipped booklet with a sentence more on the page about families.
#[track_caller]
fn with_link(link: &str) -> Page {
    let files = edited(|files| {
        let page = "en/pages/families.toml";
        replace(files, page, "lead = \"", &format!("lead = \"See [this]({link}). "));
    });
    booklet(&TestSite::with(&files), Lang::En)
}

/// The link that [`with_link`] wrote.
#[track_caller]
fn written(booklet: &Page) -> String {
    attributes(&inside(&chapter(booklet, "/families/"), ".lead a"), "href")[0].clone()
}

#[test]
fn links_lead_to_the_same_part_in_the_chapter_of_the_page() {
    for (link, path, anchor) in [
        ("/medicare/", "/medicare/", ""),
        ("/medicare/#cost", "/medicare/", "cost"),
        ("/families/#questions", "/families/", "questions"),
        ("#questions", "/families/", "questions"),
        ("/group-therapy/#hope", "/group-therapy/", "hope"),
        ("/group-therapy/#objectives", "/group-therapy/", "objectives"),
        ("/", "/", ""),
    ] {
        let booklet = with_link(link);
        let page = TestSite::shipped().parsed(path);
        let there = if anchor.is_empty() { page.one("h1") } else { page.one(&format!("[id={anchor:?}]")) };
        let to = written(&booklet);
        let id = to.strip_prefix('#').unwrap_or_else(|| panic!("{link} leads out, to {to}"));
        let here = inside(&chapter(&booklet, path), &format!("[id={id:?}]"));
        assert_eq!(texts(&here), [text_of(&there)], "{link} leads to {to}");
        lead_somewhere(&booklet);
    }
}

#[test]
fn links_that_lead_to_no_page_stay_as_they_are() {
    for link in ["tel:911", "/contact.vcf", "/print/", "https://988lifeline.org/", "/es/medicare/"] {
        assert_eq!(written(&with_link(link)), link);
    }
}

#[test]
fn a_link_to_a_part_that_the_booklet_leaves_out_still_leads_somewhere() {
    // The section about how to reach the clinic of another page; a language among the notices; what stands around every page.
    let lost = ["/medicare/#reach-us", "/notices/#lang-ko", "/medicare/#site-help", "#site-pages"]
        .into_iter()
        .filter_map(|link| {
            let booklet = with_link(link);
            let href = written(&booklet);
            let there = ids(&booklet).iter().any(|id| href == format!("#{id}")) || href.starts_with('/');
            (!there).then(|| format!("{link} leads to {href}, which isn't there"))
        });
    let lost: Vec<_> = lost.collect();
    assert!(lost.is_empty(), "{}", lost.join("\n"));
}

/// A copy of the page about families under another name, out of the way of links.
fn copied(files: &mut Files, key: &str, more: &str) {
    let text = String::from_utf8(files.get("en/pages/families.toml").unwrap().to_vec()).unwrap();
    let text = text.replace("slug = \"families\"", &format!("slug = \"{key}-page\""));
    let title = text.lines().find(|line| line.starts_with("title = ")).unwrap().to_owned();
    let text = text.replace(&title, &format!("title = \"About {key}\""));
    files.insert(&format!("en/pages/{key}.toml"), format!("{text}{more}").into_bytes());
}

#[test]
fn pages_whose_names_run_into_each_other_or_into_the_frame_keep_their_ids_apart() {
    let mut found = Vec::new();
    let section = |id: &str| {
        format!("\n[[sections]]\nkind = \"prose\"\nid = \"{id}\"\nheading = \"Once more\"\ntext = \"Words.\"\n")
    };
    for (what, name, more) in [
        ("a name that the table of contents has", "contents", String::new()),
        ("a name that the frame has", "main", String::new()),
        ("the name of a chapter and of a part of another", "medicare-cost", String::new()),
        ("a page and its part make the name of another page", "get-help", section("now")),
    ] {
        let booklet = booklet(&TestSite::with(&edited(|files| copied(files, name, &more))), Lang::En);
        let all = attributes(&booklet.all("[id]"), "id");
        let twice: BTreeSet<_> = all.iter().filter(|id| all.iter().filter(|other| other == id).count() > 1).collect();
        found.extend((!twice.is_empty()).then(|| format!("{what}: {twice:?} are there twice")));
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn a_page_that_is_not_in_the_navigation_is_no_chapter_and_links_still_lead_to_it() {
    let files = edited(|files| {
        let path = "en/pages/privacy.toml";
        let text = String::from_utf8(files.get(path).unwrap().to_vec()).unwrap();
        let kept: Vec<&str> = text.lines().filter(|line| !line.starts_with("navigation = ")).collect();
        files.insert(path, kept.join("\n").into_bytes());
    });
    let site = TestSite::with(&files);
    let booklet = booklet(&site, Lang::En);
    assert!(chapters(&booklet).iter().all(|(path, _)| path != "/privacy/"));
    let links = booklet.all("article.chapter a[href^=\"/privacy/\"]");
    assert!(!links.is_empty());
    lead_somewhere(&booklet);
}

#[test]
fn it_is_dated_and_says_what_it_is() {
    for (lang, day) in [(Lang::En, "November 23, 2026"), (es(), "23 de noviembre de 2026")] {
        let booklet = booklet(TestSite::shipped(), lang);
        let words = &language(lang).ui.booklet;
        assert_eq!(text_of(&booklet.one("h1")), words.title.as_str());
        assert_eq!(text_of(&booklet.one("footer [aria-current=page]")), words.link.as_str());
        let head = text_of(&booklet.one("main > .head"));
        assert!(head.contains(&format!("{} {day}.", words.made_on)) && head.contains(words.lead.as_str()), "{head}");
        assert!(text_of(&booklet.one("head > title")).starts_with(words.title.as_str()));
    }
}

#[test]
fn no_page_can_take_the_address_of_a_booklet() {
    for (lang, slug, path) in [(Lang::En, "print", "/print/"), (es(), "imprimir", "/es/imprimir/")] {
        let file = format!("{}/pages/families.toml", lang.tag());
        let own = address(lang, "families");
        let own = own.trim_end_matches('/').rsplit('/').next().unwrap();
        let files = edited(|files| replace(files, &file, &format!("slug = \"{own}\""), &format!("slug = \"{slug}\"")));
        let (content, report) = check(&files, false);
        assert!(content.is_none(), "{path} is taken twice");
        let found: Vec<_> =
            report.sorted().into_iter().filter(|finding| finding.rule.name == "duplicate-address").collect();
        let [finding] = found[..] else { panic!("{}", report.text()) };
        let at = finding.source.text.get(finding.span.clone()).unwrap();
        assert_eq!(
            (finding.source.path.as_str(), at),
            (format!("content/{file}").as_str(), format!("\"{slug}\"").as_str())
        );
        assert!(finding.message.contains(&format!("`{path}` is the address of the booklet")), "{}", finding.message);
    }
    // In the other language the same word is an address like any other.
    for (lang, slug) in [(es(), "print"), (Lang::En, "imprimir")] {
        let file = format!("{}/pages/accessibility.toml", lang.tag());
        let own = address(lang, "accessibility");
        let own = own.trim_end_matches('/').rsplit('/').next().unwrap();
        let files = edited(|files| replace(files, &file, &format!("slug = \"{own}\""), &format!("slug = \"{slug}\"")));
        let (_, report) = check(&files, false);
        assert!(!report.text().contains("[duplicate-address]"), "{}", report.text());
    }
}

#[test]
fn no_page_can_take_the_address_of_a_language() {
    // `/es/` is the Spanish front page, which has no slug: what is to be mended is the other.
    let files = edited(|files| replace(files, "en/pages/families.toml", "slug = \"families\"", "slug = \"es\""));
    let (content, report) = check(&files, false);
    assert!(content.is_none());
    let found: Vec<_> =
        report.sorted().into_iter().filter(|finding| finding.rule.name == "duplicate-address").collect();
    let told = found
        .iter()
        .map(|finding| (finding.source.path.as_str(), finding.source.text.get(finding.span.clone()).unwrap()));
    assert_eq!(told.collect::<Vec<_>>(), [("content/en/pages/families.toml", "\"es\"")], "{}", report.text());
}

#[test]
fn a_page_of_a_site_in_english_alone_can_be_called_es() {
    let mut files = crate::content::minimal();
    replace(&mut files, "en/pages/privacy.toml", "slug = \"privacy\"", "slug = \"es\"");
    replace(&mut files, "en/ui.toml", "(/privacy/)", "(/es/)");
    let (content, report) = check(&files, false);
    assert!(content.is_some(), "there is no Spanish for it to be mistaken for:\n{}", report.text());
}

#[test]
fn an_old_address_can_not_be_that_of_a_booklet() {
    let files = edited(|files| {
        let text = String::from_utf8(files.get("redirects.toml").unwrap().to_vec()).unwrap();
        let more = "\n[[redirects]]\nfrom = \"/print/\"\nto = \"/contact/\"\n";
        files.insert("redirects.toml", format!("{text}{more}").into_bytes());
    });
    let (content, report) = check(&files, false);
    assert!(content.is_none() && report.text().contains("[redirect]"), "{}", report.text());
}
