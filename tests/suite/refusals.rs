//! What isn't there, what can't be done, and what is asked for by mistake or with malice.

use crate::harness::{Reply, TestSite, es, in_english_alone, lang_of, language, text_of};
use crate::serving::is_secured;
use axum::http::Method;
use clinic_site::content::Files;
use clinic_site::lang::Lang;

/// Asserts that an answer is the site's own page for a status: whole, in a language, kept by nobody, with the help lines.
#[track_caller]
fn is_error_page_in(lang: Lang, reply: &Reply, status: u16) {
    assert_eq!(reply.status.as_u16(), status, "{}", reply.asked);
    is_secured(reply, false);
    assert_eq!(reply.header("cache-control"), "no-store", "{}", reply.asked);
    assert_eq!(reply.header("content-type"), "text/html; charset=utf-8", "{}", reply.asked);
    assert_eq!(reply.header("content-language"), lang.tag(), "{}", reply.asked);
    assert_eq!(reply.header("vary"), "Accept-Encoding", "{}", reply.asked);
    for validator in ["etag", "last-modified", "content-encoding", "location"] {
        assert!(!reply.headers.contains_key(validator), "{validator} of {}", reply.asked);
    }
    let page = reply.page();
    assert_eq!(text_of(&page.one("main .status")), status.to_string(), "{}", reply.asked);
    assert!(!page.all("footer a[href=\"tel:911\"]").is_empty(), "{}: no way to call 911", reply.asked);
    assert_eq!(page.lang(), lang, "{}", reply.asked);
    let foot = text_of(&page.one("footer"));
    assert!(foot.starts_with(language(lang).ui.layout.help_heading.as_str()), "{}: {foot}", reply.asked);
}

/// Asserts the same in English.
#[track_caller]
fn is_error_page(reply: &Reply, status: u16) {
    is_error_page_in(Lang::En, reply, status);
}

#[test]
fn what_is_not_there_is_a_page_of_the_site() {
    let site = TestSite::shipped();
    for path in
        ["/nothing/", "/nothing", "/index.php", "/wp-login.php", "/.env", "/assets/", "/assets/site.css", "/contact/x"]
    {
        is_error_page(&site.get(path), 404);
        // A browser that has some other page does not have this one.
        is_error_page(&site.ask(Method::GET, path, &[("if-none-match", "*")]), 404);
        let coded = site.ask(Method::GET, path, &[("accept-encoding", "br")]).is(404).has("content-encoding", "br");
        assert!(coded.body.len() < site.get(path).body.len() / 2, "{path} is sent smaller");
    }
}

#[test]
fn an_error_page_repeats_nothing_that_was_asked() {
    let site = TestSite::shipped();
    let one = site.get("/nothing/").body;
    for path in ["/%3Cscript%3Ealert(1)%3C/script%3E/", "/other/?q=%3Cimg%20src=x%3E", "/\"onload=\"x/"] {
        assert_eq!(site.get(path).is(404).body, one, "{path} gets another page");
    }
}

#[test]
fn only_get_and_head_are_allowed_and_posts_where_there_is_a_form() {
    let site = TestSite::shipped();
    let redirects = ["/group-therapy", "/es/citas", "/location/sacramento/"].map(str::to_owned);
    for path in
        site.paths().into_iter().chain(["/healthz", "/readyz", "/readyz/requests"].map(str::to_owned)).chain(redirects)
    {
        for method in ["POST", "PUT", "DELETE", "PATCH", "TRACE", "CONNECT"] {
            // What becomes of a form's posts is in `posting`.
            let form = site.app().site().form(&path).is_some();
            if form && method == "POST" {
                continue;
            }
            let reply = site.ask(Method::from_bytes(method.as_bytes()).unwrap(), &path, &[]);
            is_error_page_in(lang_of(&path), &reply, 405);
            assert_eq!(
                reply.header("allow"),
                if form { "GET, HEAD, OPTIONS, POST" } else { "GET, HEAD, OPTIONS" },
                "{}",
                reply.asked
            );
        }
    }
}

#[test]
fn what_is_not_there_can_not_be_changed_either() {
    for method in [Method::POST, Method::DELETE, Method::OPTIONS] {
        is_error_page(&TestSite::shipped().ask(method.clone(), "/nothing/", &[]), 404);
        is_error_page_in(es(), &TestSite::shipped().ask(method, "/es/nada/", &[]), 404);
    }
}

/// Asserts a redirect to a path of the site.
#[track_caller]
fn leads_to(site: &TestSite, path: &str, to: &str) {
    let reply = site.get(path);
    is_secured(&reply, false);
    let reply = reply
        .is(308)
        .has("location", to)
        .has("cache-control", "max-age=3600, stale-while-revalidate=3600, stale-if-error=604800");
    assert!(reply.body.is_empty(), "{path}");
    site.get(to).is(200);
}

#[test]
fn a_missing_slash_and_capital_letters_are_mended() {
    let site = TestSite::shipped();
    for page in site.pages().iter().chain(&site.booklets()).filter(|page| *page != "/") {
        let bare = page.trim_end_matches('/');
        leads_to(site, bare, page);
        leads_to(site, &bare.to_uppercase(), page);
        leads_to(site, &page.to_uppercase(), page);
        // Nobody's query goes on to the new address.
        leads_to(site, &format!("{bare}?phone=916"), page);
    }
    leads_to(site, "/Robots.TXT", "/robots.txt");
}

#[test]
fn old_addresses_lead_to_the_new_ones_in_one_step() {
    let site = TestSite::shipped();
    let listed = String::from_utf8(Files::embedded().get("redirects.toml").unwrap().to_vec()).unwrap();
    let listed: toml::Table = toml::from_str(&listed).unwrap();
    let listed = listed["redirects"].as_array().unwrap();
    assert_eq!(listed.len(), 5);
    for redirect in listed {
        let (from, to) = (redirect["from"].as_str().unwrap(), redirect["to"].as_str().unwrap());
        leads_to(site, from, to);
        leads_to(site, from.trim_end_matches('/'), to);
        leads_to(site, &from.to_uppercase(), to);
    }
}

#[test]
fn nobody_can_be_sent_elsewhere() {
    let site = TestSite::shipped();
    let long = format!("/{}", "a".repeat(5000));
    let long_page = format!("/group-therapy{}", "/".repeat(2000));
    for path in [
        "//evil.example/group-therapy",
        "//evil.example/",
        "///evil.example/",
        "/\\evil.example",
        "/\\/evil.example/group-therapy",
        "/%2f%2fevil.example/",
        "/%5cevil.example/",
        "/group-therapy%0d%0aset-cookie:x=1",
        "/group-therapy;x=1",
        "/group-therapy@evil.example",
        "/https://evil.example/",
        "/é/",
        &long,
        &long_page,
    ] {
        is_error_page(&site.get(path), 404);
    }
    is_error_page(&site.get("/group-therapy%00"), 400);
    // Another spelling of a path leads to the page it means: one of the site's own, whatever was asked.
    for (path, page) in [
        ("//group-therapy", "/group-therapy/"),
        ("/group-therapy//", "/group-therapy/"),
        ("/%2e%2e/group-therapy", "/group-therapy/"),
        ("/../group-therapy", "/group-therapy/"),
        ("/group-therapy/.", "/group-therapy/"),
        ("/group%2dtherapy", "/group-therapy/"),
        ("/group-therapy%2f", "/group-therapy/"),
        ("//evil.example/../group-therapy", "/group-therapy/"),
        ("/%2e%2e/", "/"),
        ("/..", "/"),
        ("/./", "/"),
        ("/group-therapy/../", "/"),
        ("/group-therapy/..", "/"),
    ] {
        site.get(path).is(308).has("location", page);
    }
}

#[test]
fn an_absolute_address_in_the_request_line_is_read_as_its_path() {
    // A proxy may ask so (RFC 9112, section 3.2.2); whose host it names changes nothing.
    let site = TestSite::shipped();
    let reply = site.ask(Method::GET, "http://evil.example/group-therapy", &[("host", "evil.example")]);
    reply.is(308).has("location", "/group-therapy/");
    assert_eq!(site.get("http://evil.example/").is(200).body, site.get("/").body);
}

#[test]
fn headers_of_proxies_change_nothing() {
    let site = TestSite::published();
    let plain = site.get("/contact/");
    for header in [
        "host",
        "x-forwarded-host",
        "x-forwarded-proto",
        "x-original-url",
        "x-rewrite-url",
        "x-http-method-override",
        "accept-language",
        "cookie",
    ] {
        let reply = site.ask(Method::GET, "/contact/", &[(header, "evil.example")]).is(200);
        assert_eq!(reply.headers, plain.headers, "{header}");
        assert_eq!(reply.body, plain.body, "{header}");
    }
}

#[test]
fn what_is_not_there_is_told_in_the_language_of_its_path() {
    let site = TestSite::shipped();
    for path in ["/es/nada/", "/es/nada", "/es/group-therapy/", "/es/index.php", "/es/citas/x"] {
        is_error_page_in(es(), &site.get(path), 404);
    }
    for path in ["/nothing/", "/espanol/", "/citas/", "/en/", "/en/contact/"] {
        is_error_page(&site.get(path), 404);
    }
    assert_ne!(site.get("/es/nada/").body, site.get("/nothing/").body);
}

#[test]
fn a_language_that_is_not_there_falls_back_to_english() {
    let site = TestSite::with(&in_english_alone());
    assert!(site.pages().iter().chain(&site.booklets()).all(|path| lang_of(path) == Lang::En));
    for path in ["/es/", "/es", "/es/terapia-de-grupo/", "/ES/", "/es/group-therapy/", "/es/imprimir/"] {
        is_error_page(&site.get(path), 404);
    }
}
