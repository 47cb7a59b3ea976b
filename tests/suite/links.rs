//! Links: each leads somewhere, and everything is led to.

use crate::harness::{Page, TestSite, booklet_of, edited, lang_of, shipped, text_in, text_of};
use clinic_site::content::Files;
use clinic_site::lang::Lang;
use clinic_site::site::Entry;
use std::collections::{BTreeMap, BTreeSet};
use url::Url;

const BASE: &str = "https://clinic.example/";

/// Every address on a page, from links and from what is fetched, with the element it stands in.
fn addresses(page: &Page) -> Vec<(String, String)> {
    let mut all = Vec::new();
    for name in ["href", "src", "action", "poster", "data", "cite"] {
        for element in page.all(&format!("[{name}]")) {
            all.push((element.attr(name).unwrap().to_owned(), element.html().chars().take(140).collect()));
        }
    }
    all
}

/// The path and the fragment of an address on this site; nothing for another's.
fn on_this_site(address: &str, page: &str) -> Option<(String, Option<String>)> {
    let here = Url::parse(BASE).unwrap().join(page).unwrap();
    let url = here.join(address).unwrap_or_else(|error| panic!("{address} on {page}: {error}"));
    let own = url.scheme() == "https" && url.host_str() == here.host_str();
    own.then(|| (url.path().to_owned(), url.fragment().map(str::to_owned)))
}

/// The ids of every page, by its path.
fn ids(site: &TestSite) -> BTreeMap<String, BTreeSet<String>> {
    let ids = |page: &Page| page.all("[id]").iter().map(|element| element.attr("id").unwrap().to_owned()).collect();
    site.documents().iter().map(|page| (page.path.clone(), ids(page))).collect()
}

#[test]
fn every_address_on_every_page_leads_somewhere() {
    let mut looked_at = 0;
    for (state, site) in TestSite::states() {
        let ids = ids(site);
        for page in site.documents() {
            for (address, html) in addresses(&page) {
                let Some((mut path, fragment)) = on_this_site(&address, &page.path) else { continue };
                if address.starts_with('#') {
                    path.clone_from(&page.path);
                } else {
                    assert_eq!(site.get(&path).status, 200, "{state}: {}: {address} in {html}", page.path);
                }
                let Some(fragment) = fragment else { continue };
                assert!(ids[&path].contains(&fragment), "{state}: {}: {path} has no #{fragment}: {html}", page.path);
                looked_at += 1;
            }
        }
    }
    assert!(looked_at > 100, "only {looked_at} fragments were looked at");
}

/// A section may leave the page by itself: when its fact isn't known any more, or its event is over.
#[test]
fn a_link_to_a_section_of_which_nothing_is_left_is_words_alone() {
    let own = "[[sections]]\nkind = \"prose\"\nid = \"permit\"\nheading = \"Our permit\"\ntext = \"It is {figure_of_the_permit}.\"\n\n\
               [[sections]]\nkind = \"prose\"\nheading = \"Where it hangs\"\ntext = \"See [our permit](#permit) and [these words](#where-it-hangs).\"\n";
    let figure = "[figures.figure_of_the_permit]\nvalue = \"17\"\nsource = \"clinic_page\"\nverified_on = 2026-11-01\n";
    for is_known in [true, false] {
        let site = TestSite::with(&edited(|files| {
            let page = format!("{}\n{own}", text_in(files, "en/pages/services.toml"));
            files.insert("en/pages/services.toml", page.into_bytes());
            let expires = if is_known { "" } else { "expires_on = 2026-11-20\n" };
            let facts = text_in(files, "clinic.toml").replacen(
                "[[help_lines]]",
                &format!("{figure}{expires}\n[[help_lines]]"),
                1,
            );
            files.insert("clinic.toml", facts.into_bytes());
        }));
        let page = site.parsed("/services/");
        assert_eq!(page.all("#permit").len(), usize::from(is_known));
        assert_eq!(page.all("main a[href=\"#permit\"]").len(), usize::from(is_known));
        assert!(text_of(&page.one("main")).contains("See our permit and these words."));
        assert_eq!(page.all("main a[href=\"#where-it-hangs\"]").len(), 1);
        let booklet = site.parsed(booklet_of(Lang::En));
        let to = if is_known { "#page.services.permit" } else { "#page.services" };
        assert!(
            booklet.all(&format!("main a[href=\"{to}\"]")).iter().any(|link| text_of(link) == "our permit"),
            "{to}"
        );
    }
}

#[test]
fn no_link_needs_a_redirect_or_leaves_out_the_slash() {
    for page in TestSite::shipped().documents() {
        for link in page.all("a[href^=\"/\"]") {
            let path = link.attr("href").unwrap().split('#').next().unwrap_or_default();
            let good = path.ends_with('/') || path == "/contact.vcf";
            assert!(good && !path.starts_with("//"), "{}: {}", page.path, link.html());
        }
    }
}

#[test]
fn every_page_is_reached_from_home_by_links_in_the_text_or_the_navigation() {
    let site = TestSite::published();
    let mut reached = BTreeSet::from(["/".to_owned()]);
    let mut next = vec!["/".to_owned()];
    while let Some(path) = next.pop() {
        for link in site.get(&path).is(200).page().all("a[href^=\"/\"]") {
            let to = link.attr("href").unwrap().split('#').next().unwrap().to_owned();
            if to.ends_with('/') && reached.insert(to.clone()) {
                next.push(to);
            }
        }
    }
    assert_eq!(reached, site.pages().into_iter().chain(site.booklets()).collect());
}

#[test]
fn every_page_and_the_booklet_are_one_link_away_from_every_other_of_the_language() {
    let site = TestSite::shipped();
    for page in site.documents() {
        let of_its_language = |path: &String| lang_of(path) == page.lang();
        let linked = |selector| page.all(selector).iter().map(|link| link.attr("href").unwrap().to_owned()).collect();
        let all: BTreeSet<String> = linked("nav.all a");
        assert_eq!(all, site.pages().into_iter().filter(of_its_language).collect(), "{}", page.path);
        let foot: BTreeSet<String> = linked("footer .about a");
        let booklet = site.booklets().into_iter().find(of_its_language).unwrap();
        assert!(foot.contains(&booklet), "{} has no link to {booklet}: {foot:?}", page.path);
    }
}

#[test]
fn every_address_for_people_is_that_of_a_page_or_of_a_booklet() {
    for (state, site) in TestSite::states() {
        let there: BTreeSet<_> = site.paths().into_iter().filter(|path| path.ends_with('/')).collect();
        assert_eq!(there, site.pages().into_iter().chain(site.booklets()).collect(), "{state}");
    }
}

#[test]
fn redirects_and_the_map_lead_to_pages() {
    let site = TestSite::published();
    let built = site.app().site();
    let moved = built.entries().filter_map(|(from, entry)| match entry {
        Entry::Moved(to) => Some((from, to)),
        Entry::Answer(_) => None,
    });
    let moved = moved.collect::<Vec<_>>();
    assert_eq!(moved.len(), 5, "{moved:?}");
    for (from, to) in moved {
        assert!(site.pages().contains(to), "{from} leads to {to}, which is no page");
        assert_eq!(lang_of(from), lang_of(to), "{from} leads to {to}, which is in another language");
    }
}

/// Whom the site may name: the sources and the help lines of `clinic.toml`, and the site to leave for.
fn hosts() -> BTreeSet<String> {
    let clinic = String::from_utf8(Files::embedded().get("clinic.toml").unwrap().to_vec()).unwrap();
    let clinic: toml::Table = toml::from_str(&clinic).unwrap();
    let sources = clinic["sources"].as_table().unwrap().values().filter_map(|source| source.get("url"));
    let chats = clinic["help_lines"].as_array().unwrap().iter().filter_map(|line| line.get("chat"));
    let named =
        sources.chain(chats).map(|url| Url::parse(url.as_str().unwrap()).unwrap().host_str().unwrap().to_owned());
    let leave = Url::parse(shipped().clinic.leave_url()).unwrap();
    named.chain([leave.host_str().unwrap().to_owned()]).collect()
}

#[test]
fn links_to_others_are_encrypted_and_to_nobody_unnamed() {
    let hosts = hosts();
    for (state, site) in TestSite::states() {
        for page in site.documents() {
            for (address, html) in addresses(&page) {
                let Ok(url) = Url::parse(&address) else { continue };
                match url.scheme() {
                    "tel" | "sms" => {}
                    // Of a coordinator, as clinic.toml has it.
                    "mailto" if address == "mailto:rights@clinic.org" => {}
                    "https" if address.starts_with(BASE) => {}
                    "https" => {
                        let host = url.host_str().unwrap();
                        assert!(
                            hosts.contains(host),
                            "{state}: {}: {host} is no source and no help line: {html}",
                            page.path
                        );
                        assert!(
                            html.starts_with("<a "),
                            "{state}: {}: something is fetched from {host}: {html}",
                            page.path
                        );
                    }
                    other => panic!("{state}: {}: {other}: in {html}", page.path),
                }
            }
        }
    }
}

#[test]
fn numbers_to_call_are_what_they_say() {
    let mut looked_at = 0;
    for (state, site) in TestSite::states() {
        for page in site.documents() {
            for link in page.all("a[href^=\"tel:\"], a[href^=\"sms:\"]") {
                let number = &link.attr("href").unwrap()[4..];
                let digits = number.strip_prefix("+1").unwrap_or(number);
                let national = number.starts_with("+1") && digits.len() == 10;
                let short = ["911", "988"].contains(&number);
                assert!(
                    (national || short) && digits.bytes().all(|byte| byte.is_ascii_digit()),
                    "{state}: {}: {}",
                    page.path,
                    link.html()
                );
                let shown: String = link.text().collect::<String>().chars().filter(char::is_ascii_digit).collect();
                assert!(
                    shown.contains(digits),
                    "{state}: {}: shows {shown}, calls {digits}: {}",
                    page.path,
                    link.html()
                );
                looked_at += 1;
            }
        }
    }
    assert!(looked_at > 500, "only {looked_at} numbers were looked at");
}

#[test]
fn leaving_leaves_no_trace_to_where_it_goes() {
    for page in TestSite::shipped().documents() {
        let leave = page.all(&format!("a[href=\"{}\"]", shipped().clinic.leave_url()));
        assert!(!leave.is_empty(), "{}: no way to leave", page.path);
        for link in leave {
            assert_eq!(link.attr("rel"), Some("noreferrer"), "{}: {}", page.path, link.html());
        }
    }
}
