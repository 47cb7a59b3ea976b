//! The form for an appointment, from the post to the sealed request, through the production router.

mod proxies;
mod typed;

use crate::harness::stores::written;
use crate::harness::{self, Reply, TestSite};
use crate::logs::logged;
use axum::body::Body;
use axum::http::{Method, Request};
use clinic_site::http::{App, Intake, Rates, SiteService, log_posts};
use clinic_site::requests::inbox::Inbox;
use clinic_site::requests::keys::PrivateKeys;
use clinic_site::requests::seal::open;
use clinic_site::requests::store::{Location, Store, Wanted};
use clinic_site::requests::{self, Message, Reference};
use http_body_util::BodyExt;
use hyper::service::Service;
use jiff::Timestamp;
use std::fmt::Write as _;
use std::num::NonZeroU32;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// The form's page in each language.
const PAGES: [&str; 2] = ["/appointments/", "/es/citas/"];

/// A post that is as it should be.
pub const GOOD: &str = "name=Zebulon+Quill&phone=916-555-0142&message=discreet&times=evening&language=spanish&whom=me\
                    &note=Xylophone+%22quoted%22+%3Cb%3E&website=";

/// What is typed in [`GOOD`], and no word of the site.
// Long enough for a ciphertext not to hold a part of them by chance, in any encoding.
const TYPED: [&str; 5] = ["Zebulon", "on Quill", "9165550142", "555-0142", "Xylophone"];

/// A site that takes requests into a folder of its own.
pub struct Taking {
    runtime: Runtime,
    pub app: App,
    store: Arc<Store>,
    pub folder: TempDir,
    keys: PrivateKeys,
}

fn clock() -> Timestamp {
    "2026-11-26T23:34:56Z".parse().unwrap()
}

impl Taking {
    pub fn new() -> Self {
        Self::at(10_000, 10_000)
    }

    /// With limits for one network and for all.
    pub fn at(per_network: u32, in_all: u32) -> Self {
        Self::on(TestSite::shipped(), per_network, in_all)
    }

    /// The same of another site.
    fn on(site: &TestSite, per_network: u32, in_all: u32) -> Self {
        Self::with(site, per_network, in_all, false)
    }

    /// The same, and whether all come through a proxy.
    fn with(site: &TestSite, per_network: u32, in_all: u32, is_behind_proxy: bool) -> Self {
        let folder = TempDir::new().unwrap();
        let keys = PrivateKeys::generate();
        let many = |n| NonZeroU32::new(n).unwrap();
        let trusted_proxies = vec!["10.0.0.0/8".parse().unwrap()];
        let rates = Rates { per_network: many(per_network), in_all: many(in_all), trusted_proxies, is_behind_proxy };
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let (store, app) = runtime.block_on(async {
            let store = Arc::new(Store::new(Location::Folder(folder.path().join("data"))).unwrap());
            let inbox = written(Inbox::new(keys.public().unwrap(), Arc::clone(&store), clock, None).unwrap());
            (store, site.app().clone().with_intake(Intake::new(inbox, rates, None)))
        });
        Self { runtime, app, store, folder, keys }
    }

    fn ask(&self, method: &Method, path: &str, headers: &[(&str, &str)], body: impl Into<Body>) -> Reply {
        let mut request = Request::builder().method(method).uri(path);
        let host = headers.iter().all(|(name, _)| *name != "host").then_some(("host", "clinic.example"));
        for (name, value) in host.iter().chain(headers) {
            request = request.header(*name, *value);
        }
        let asked = format!("{method} {path} {headers:?}");
        let request = request.body(body.into()).unwrap();
        let peer = headers.iter().find(|(name, _)| *name == "test-peer").map_or("192.0.2.1:1", |(_, peer)| *peer);
        let service = SiteService::new(self.app.clone()).with_peer(peer.parse().unwrap());
        self.runtime.block_on(async {
            let response = service.call(request).await.unwrap();
            let (parts, body) = response.into_parts();
            let body = body.collect().await.unwrap().to_bytes();
            Reply { asked, status: parts.status, headers: parts.headers, body }
        })
    }

    fn get(&self, path: &str) -> Reply {
        self.ask(&Method::GET, path, &[], "")
    }

    /// Sends the form as a browser does, with further headers.
    fn post_with(&self, path: &str, body: &str, headers: &[(&str, &str)]) -> Reply {
        let own = [("content-type", "application/x-www-form-urlencoded"), ("sec-fetch-site", "same-origin")];
        let own = own.into_iter().filter(|(name, _)| headers.iter().all(|(other, _)| other != name));
        let headers: Vec<_> = own.chain(headers.iter().copied()).collect();
        self.ask(&Method::POST, path, &headers, body.to_owned())
    }

    fn post(&self, path: &str, body: &str) -> Reply {
        self.post_with(path, body, &[])
    }

    /// Every request that is kept, opened.
    fn kept(&self) -> Vec<requests::Request> {
        let rows = self.runtime.block_on(self.store.list(Wanted::Waiting, 1000)).unwrap();
        rows.iter().map(|row| open(&self.keys, &row.sealed).unwrap()).collect()
    }
}

/// The reference that an answer leads to.
#[track_caller]
fn reference(reply: &Reply, page: &str) -> Reference {
    assert_eq!(reply.status.as_u16(), 303, "{}\n{}", reply.asked, String::from_utf8_lossy(&reply.body));
    let code = reply.header("location").strip_prefix(page).and_then(|rest| rest.strip_suffix('/'));
    code.unwrap_or_else(|| panic!("{}", reply.header("location"))).parse().unwrap()
}

#[test]
fn a_request_is_kept_before_it_is_acknowledged_and_only_the_key_opens_it() {
    let site = Taking::new();
    for page in PAGES {
        let reply = site.post(page, &GOOD.replace("Zebulon", page)).has("cache-control", "no-store");
        let reference = reference(&reply, page);
        let kept = site.kept().into_iter().find(|kept| *kept.reference == *reference.as_str()).unwrap();
        assert_eq!((&*kept.answers.name, &*kept.answers.phone), (format!("{page} Quill").as_str(), "916-555-0142"));
        assert_eq!((kept.answers.message, &*kept.answers.note), (Some(Message::Discreet), "Xylophone \"quoted\" <b>"));
        assert_eq!(
            (&*kept.received, &*kept.page),
            ("2026-11-26T23:35:00Z", if page == "/appointments/" { "en" } else { "es" })
        );
        let row = site.runtime.block_on(site.store.get(&reference)).unwrap().unwrap();
        assert_eq!(row.received_hour, "2026-11-26T23:00:00Z".parse::<Timestamp>().unwrap().as_second());
        let shown = site.get(reply.header("location")).is(200).has("cache-control", "no-store");
        assert!(shown.text().contains(reference.as_str()), "{}", shown.text());
        assert!(TYPED.iter().all(|typed| !shown.text().contains(typed)));
    }
    assert_eq!(site.kept().len(), 2);
}

#[test]
fn only_a_kept_request_has_a_page_that_says_so() {
    let site = Taking::new();
    let reply = site.post(PAGES[0], GOOD);
    let reference = reference(&reply, PAGES[0]);
    // Another page's language, another page, another code, and no code at all.
    site.get(&format!("/es/citas/{reference}/")).is(200);
    site.get(&format!("/contact/{reference}/")).is(404);
    for code in ["0000-0000", "%3Cscript%3E", "K7QM-4XT2%20", &"A".repeat(500)] {
        site.get(&format!("/appointments/{code}/")).is(404);
    }
    site.get("/appointments/../").is(308).has("location", "/");
    site.ask(&Method::POST, &format!("/appointments/{reference}/"), &[], "").is(404);
}

#[test]
fn the_same_post_twice_is_one_request() {
    let site = Taking::new();
    let first = reference(&site.post(PAGES[0], GOOD), PAGES[0]);
    assert_eq!(reference(&site.post(PAGES[0], GOOD), PAGES[0]), first);
    assert_ne!(reference(&site.post(PAGES[0], &GOOD.replace("0142", "0143")), PAGES[0]), first);
    assert_eq!(site.kept().len(), 2);
}

#[test]
fn mistakes_are_shown_with_what_was_typed_and_nothing_is_kept() {
    let site = Taking::new();
    for page in PAGES {
        let reply = site.post(page, &GOOD.replace("916-555-0142", "555-0142")).is(422).has("cache-control", "no-store");
        let shown = reply.page();
        assert_eq!(shown.one("[name=name]").attr("value"), Some("Zebulon Quill"));
        assert_eq!(shown.one("[name=phone]").attr("value"), Some("555-0142"));
        assert_eq!(shown.one("[name=phone]").attr("aria-invalid"), Some("true"));
        assert_eq!(shown.one("textarea[name=note]").text().collect::<String>().trim(), "Xylophone \"quoted\" <b>");
        assert_eq!(shown.all("[name=message][checked]")[0].attr("value"), Some("discreet"));
        site.post(page, "").is(422);
        site.post(page, &format!("{GOOD}spam")).is(422);
    }
    assert!(site.kept().is_empty());
}

#[test]
fn what_another_site_makes_a_browser_send_is_refused_in_the_language_of_the_page() {
    let site = Taking::new();
    for (page, lang) in PAGES.into_iter().zip(["en", "es"]) {
        for headers in [
            &[("sec-fetch-site", "cross-site")][..],
            &[("sec-fetch-site", "same-site")],
            &[("sec-fetch-site", "x"), ("origin", "https://evil.example")],
            &[("sec-fetch-site", ""), ("origin", "https://evil.example")],
            &[("sec-fetch-site", ""), ("origin", "null")],
        ] {
            let reply = site.post_with(page, GOOD, headers).is(403).has("content-language", lang);
            assert!(reply.text().contains("tel:988") && !reply.text().contains("Zebulon"));
        }
    }
    assert!(site.kept().is_empty());
    // An old browser's own form, and a program without a browser.
    site.post_with(PAGES[0], GOOD, &[("sec-fetch-site", ""), ("origin", "http://clinic.example")]).is(303);
    site.post_with(PAGES[0], GOOD, &[("sec-fetch-site", "")]).is(303);
}

#[test]
fn what_is_no_form_is_refused_by_what_is_wrong_with_it() {
    let site = Taking::new();
    for kind in ["application/json", "multipart/form-data; boundary=x", "text/plain", ""] {
        site.post_with(PAGES[0], GOOD, &[("content-type", kind)]).is(415);
    }
    let charset = "Application/X-WWW-Form-URLencoded; charset=UTF-8";
    site.post_with(PAGES[0], GOOD, &[("content-type", charset)]).is(303);
    site.post(PAGES[0], &format!("note={}", "x".repeat(70_000))).is(413);
    site.post(PAGES[0], "name=%ff&phone=9165550142").is(400);
    site.post(PAGES[0], "name=a&name=b&phone=9165550142").is(400);
    site.ask(&Method::PUT, PAGES[0], &[], GOOD).is(405).has("allow", "GET, HEAD, OPTIONS, POST");
    site.post("/contact/", GOOD).is(405).has("allow", "GET, HEAD, OPTIONS");
    assert_eq!(site.kept().len(), 1);
}

#[test]
fn too_many_from_one_network_are_told_when_to_try_again_and_keep_what_they_typed() {
    let site = Taking::at(1, 3);
    let named = |name: &str| GOOD.replace("Zebulon", name);
    site.post(PAGES[0], &named("A")).is(303);
    // A mistake costs nothing.
    site.post(PAGES[0], "name=B").is(422);
    let reply = site.post(PAGES[0], &named("Bartholomew")).is(429);
    let wait: u64 = reply.header("retry-after").parse().unwrap();
    assert!((60..=3600).contains(&wait), "{wait}");
    assert_eq!(reply.page().one("[name=name]").attr("value"), Some("Bartholomew Quill"));
    // What the visitor writes into the header counts only behind a proxy that is trusted.
    site.post_with(PAGES[0], &named("C"), &[("x-forwarded-for", "198.51.100.7")]).is(429);
    let proxied = [("test-peer", "10.0.0.1:1"), ("x-forwarded-for", "203.0.113.9, 198.51.100.7")];
    site.post_with(PAGES[0], &named("D"), &proxied).is(303);
    site.post_with(PAGES[0], &named("E"), &proxied).is(429);
    site.post_with(PAGES[0], &named("F"), &[("test-peer", "[2001:db8::1]:1")]).is(303);
    site.post_with(PAGES[0], &named("G"), &[("test-peer", "[2001:db8::2]:1")]).is(429);
    site.post_with(PAGES[0], &named("H"), &[("test-peer", "192.0.2.200:1")]).is(429);
    assert_eq!(site.kept().len(), 3);
}

#[test]
fn references_cannot_be_tried_one_by_one() {
    let site = Taking::at(20, 600);
    let own = reference(&site.post(PAGES[0], GOOD), PAGES[0]);
    let codes = (0..u8::MAX).map(|n| Reference::from_random([n; 5]));
    let statuses: Vec<u16> = codes.map(|code| site.get(&format!("/appointments/{code}/")).status.as_u16()).collect();
    assert_eq!(statuses.iter().filter(|status| **status == 404).count(), 60, "{statuses:?}");
    assert!(statuses.iter().skip(60).all(|status| *status == 429), "{statuses:?}");
    let reply = site.get(&format!("/appointments/{own}/")).is(429).has("cache-control", "no-store");
    assert!((1..=60).contains(&reply.header("retry-after").parse::<u64>().unwrap()));
    assert!(reply.text().contains("tel:988"));
    // Somebody else, on a page of their own language, and a path that names no reference.
    let elsewhere = [("test-peer", "198.51.100.7:1")];
    site.ask(&Method::GET, &format!("/es/citas/{own}/"), &elsewhere, "").is(200);
    site.get("/appointments/nothing/").is(404);
}

#[test]
fn a_flood_from_one_site_of_ipv6_does_not_close_the_form() {
    let site = Taking::at(20, 600);
    let from = |peer: &str, name: usize| {
        let typed = GOOD.replace("Zebulon", &name.to_string());
        site.post_with(PAGES[0], &typed, &[("test-peer", peer)]).status.as_u16()
    };
    // 600 networks of a household each, within one of 48 bits.
    let taken = (0..600).filter(|n| from(&format!("[2001:db8:0:{n:x}::1]:1"), *n) == 303).count();
    assert_eq!(taken, 80);
    for (n, peer) in ["192.0.2.1:1", "[2001:db8:1::1]:1", "[2001:db9::1]:1"].into_iter().enumerate() {
        assert_eq!(from(peer, 1000 + n), 303, "{peer}");
    }
}

#[test]
fn posts_are_counted_in_one_line_of_the_log_and_have_none_of_their_own() {
    let site = Taking::at(2, 600);
    let log = logged(|| {
        let kept = site.post(PAGES[0], GOOD).is(303).header("location").to_owned();
        site.get(&kept).is(200);
        site.get(&kept.replace('-', "")).is(200);
        site.get("/es/citas/0000-0000/").is(404);
        site.post(PAGES[1], "name=B").is(422);
        site.post_with(PAGES[0], GOOD, &[("content-type", "text/plain")]).is(415);
        site.post_with(PAGES[0], GOOD, &[("sec-fetch-site", "cross-site")]).is(403);
        site.post(PAGES[0], &format!("{GOOD}&name=Zebulon")).is(400);
        site.post(PAGES[1], &GOOD.replace("Zebulon", "C")).is(303);
        site.post(PAGES[0], &GOOD.replace("Zebulon", "D")).is(429);
    });
    assert_eq!(log, "");
    let wait = Duration::from_millis(100);
    let summary = |waits: u32| {
        let run = async {
            let _ = tokio::time::timeout(wait * waits, log_posts(site.app.clone(), wait)).await;
        };
        logged(|| site.runtime.block_on(run))
    };
    let log = summary(10);
    assert_eq!(log.lines().count(), 1, "{log}");
    let counts = "posts of the form accepted=2 mistaken=1 limited=1 refused=3 failed=0 lookups=3 lookups_limited=0";
    assert!(log.trim_end().ends_with(counts), "{log}");
    assert_eq!(summary(3), "", "nobody sent anything");
}

#[test]
fn while_the_store_is_away_visitors_keep_what_they_typed_and_it_recovers_by_itself() {
    let site = Taking::new();
    // A file stands where the folder should be.
    std::fs::write(site.folder.path().join("data"), "in the way").unwrap();
    site.get("/readyz").is(200);
    site.get("/readyz/requests").is(503);
    for page in PAGES {
        let reply = site.post(page, GOOD).is(503).has("cache-control", "no-store");
        assert_eq!(reply.page().one("[name=name]").attr("value"), Some("Zebulon Quill"));
        assert!(!reply.text().contains("in the way") && !reply.text().contains("data"), "the cause is shown");
    }
    site.get("/appointments/K7QM-4XT2/").is(503);
    site.get(PAGES[0]).is(200);
    std::fs::remove_file(site.folder.path().join("data")).unwrap();
    site.post(PAGES[0], GOOD).is(303);
    site.get("/readyz/requests").is(200);
    assert_eq!(site.kept().len(), 1);
}

/// A text in the encodings in which it could turn up.
fn encodings(text: &str) -> Vec<Vec<u8>> {
    let hex = text.bytes().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    });
    let wide = |order: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(order).collect::<Vec<u8>>();
    let mut all = vec![text.into(), text.to_lowercase().into(), text.to_uppercase().into()];
    all.extend([hex.to_uppercase().into_bytes(), hex.into_bytes(), wide(u16::to_le_bytes), wide(u16::to_be_bytes)]);
    // Base64 of a text within another depends on where it begins: the part that doesn't depend on its neighbours.
    for start in 0..3 {
        let padded = [&b"\0\0"[..start], text.as_bytes()].concat();
        let code = base64(&padded[..padded.len() / 3 * 3]);
        all.push(code[if start == 0 { 0 } else { 4 }..].into());
    }
    all.push(text.bytes().rev().collect());
    all
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let groups = bytes.chunks_exact(3).map(|three| three.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte)));
    groups.flat_map(|bits| [18, 12, 6, 0].map(|at| char::from(DIGITS[(bits >> at & 63) as usize]))).collect()
}

#[test]
fn the_search_finds_each_encoding() {
    for (hay, needle) in
        [("UXVpbGxRdWlsbA==", "Quill"), ("AFF1aWxs", "Quill"), ("AABRdWls", "Quill"), ("5175696c6c", "Quill")]
    {
        let found = encodings(needle).iter().any(|code| hay.as_bytes().windows(code.len()).any(|part| part == code));
        assert!(found, "{needle} in {hay}");
    }
}

/// Every file below a folder, as bytes.
fn bytes_below(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all.extend(bytes_below(&path));
        } else {
            all.push((path.display().to_string(), std::fs::read(path).unwrap()));
        }
    }
    all
}

#[test]
fn nothing_that_was_typed_is_on_disk_in_the_log_or_in_the_metrics() {
    let site = Taking::new();
    let log = logged(|| {
        site.post(PAGES[0], GOOD).is(303);
        site.post(PAGES[1], &GOOD.replace("0142", "01")).is(422);
        site.post(PAGES[0], &format!("{GOOD}&name=Zebulon")).is(400);
        site.post_with(PAGES[0], GOOD, &[("sec-fetch-site", "cross-site")]).is(403);
        site.post_with(&format!("{}?name=Zebulon", PAGES[0]), GOOD, &[("x-forwarded-for", "Zebulon Quill")]).is(303);
    });
    let metrics = site.runtime.block_on(async {
        let request = Request::get("/metrics").body(Body::empty()).unwrap();
        let response =
            tower::ServiceExt::oneshot(clinic_site::http::admin_router(site.app.clone(), harness::process()), request)
                .await
                .unwrap();
        String::from_utf8(response.into_body().collect().await.unwrap().to_bytes().to_vec()).unwrap()
    });
    for count in
        ["requests_kept_total 1", "requests_mistaken_total 1", "requests_malformed_total 1", "requests_waiting 1"]
    {
        assert!(metrics.contains(count), "no {count} in\n{metrics}");
    }
    let mut places = bytes_below(site.folder.path());
    let names: Vec<_> = places.iter().map(|(name, _)| name.rsplit('/').next().unwrap().to_owned()).collect();
    assert!(names.contains(&"requests.db".to_owned()) && names.contains(&"requests.db-wal".to_owned()), "{names:?}");
    assert!(!log.contains("status="), "{log}");
    places.extend([("the log".to_owned(), log.into_bytes()), ("the metrics".to_owned(), metrics.into_bytes())]);
    for (place, bytes) in places {
        for typed in TYPED {
            for code in encodings(typed) {
                let found = bytes.windows(code.len()).any(|part| part == code);
                assert!(!found, "{typed} is in {place}, as {:?}", String::from_utf8_lossy(&code));
            }
        }
    }
}

/// Pseudo-random numbers (xorshift64*), the same in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        usize::try_from(self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33).unwrap() % sides
    }

    fn pick<'a, T: ?Sized>(&mut self, from: &[&'a T]) -> &'a T {
        from[self.roll(from.len())]
    }
}

/// A post with something wrong in it.
fn malformed(dice: &mut Dice) -> (Vec<u8>, &'static str) {
    let kinds = [
        "application/x-www-form-urlencoded",
        "application/json",
        "multipart/form-data",
        "text/plain;charset=utf-16",
        "",
    ];
    let form = kinds[0];
    let names = [
        "name",
        "phone",
        "message",
        "times",
        "language",
        "other_language",
        "whom",
        "note",
        "website",
        "x",
        "",
        "%00",
        "name[]",
    ];
    let values =
        ["", "%00", "%ff%fe", "%", "%zz", "a=b", "\u{0}", "%F0%9F%98", "<script>", "916-555-010", "+++", "\u{202e}"];
    match dice.roll(7) {
        0 => ((0..dice.roll(400)).map(|_| u8::try_from(dice.roll(256)).unwrap()).collect(), form),
        1 => (GOOD.as_bytes()[..dice.roll(GOOD.find("&message").unwrap() - 10)].to_vec(), form),
        2 => (GOOD.into(), dice.pick(&kinds[1..])),
        3 => (format!("{GOOD}&{}=twice", dice.pick(&["name", "phone", "message", "whom", "note"])).into(), form),
        4 => (GOOD.replace("916-555-0142", dice.pick(&values)).into(), form),
        5 => (format!("name={}&phone=9165550142", "%C3%A9".repeat(81 + dice.roll(16_000))).into(), form),
        _ => {
            let fields = (0..dice.roll(60)).map(|_| format!("{}={}", dice.pick(&names), dice.pick(&values)));
            (fields.collect::<Vec<_>>().join("&").into(), form)
        }
    }
}

#[test]
fn ten_thousand_malformed_posts_are_refused_and_nothing_is_kept() {
    let site = Taking::new();
    let mut dice = Dice(20_261_126);
    let mut seen = std::collections::BTreeMap::new();
    for at in 0..10_000 {
        let (body, kind) = malformed(&mut dice);
        let text = String::from_utf8_lossy(&body).into_owned();
        let headers = [("content-type", kind), ("sec-fetch-site", "same-origin")];
        let reply = site.ask(&Method::POST, PAGES[at % 2], &headers, body);
        let status = reply.status.as_u16();
        assert!((400..500).contains(&status), "{status} for {kind}: {text:?}");
        *seen.entry(status).or_insert(0) += 1;
    }
    assert!([400, 413, 415, 422].iter().all(|status| seen.get(status).is_some_and(|count| *count > 100)), "{seen:?}");
    assert!(site.kept().is_empty());
}
