//! The front desk's page, asked through its router: who gets in, what is shown, and what closing does.

use crate::harness::{Reply, noon, text_of};
use crate::logs::logged;
use crate::sealed::{Kept, wait};
use axum::body::Body;
use axum::http::{Method, Request};
use clinic_site::desk::{Desk, router};
use clinic_site::requests::keys::PrivateKeys;
use clinic_site::requests::seal::open;
use clinic_site::requests::{Outcome, Reference};
use http_body_util::BodyExt;
use jiff::Zoned;
use jiff::civil::date;
use std::fs;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::runtime::Runtime;
use tower::ServiceExt;

const HOST: &str = "127.0.0.1:8090";
const ROOT: &str = "/0102030405060708090a0b0c0d0e0f10/";
const ANA: &str = "name=Ana+Test&phone=916-555-0100&message=discreet&times=morning&times=night&language=spanish&whom=me&note=Call+late";
const BEN: &str = "name=Ben&phone=916-555-0101&message=no&times=evening";

fn clock() -> Zoned {
    noon(date(2026, 11, 23))
}

/// The desk of a store, as a browser on this computer sees it.
struct Front {
    desk: Arc<Desk>,
    runtime: Runtime,
}

impl Front {
    fn of(kept: &Kept) -> Self {
        let keys =
            PrivateKeys::read::<clinic_site::requests::keys::KeyError>(kept.keys.file(&[]).as_bytes(), || panic!());
        let token = std::array::from_fn(|at| u8::try_from(at + 1).unwrap());
        let address: SocketAddr = HOST.parse().unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let desk = runtime
            .block_on(async { Desk::new(kept.store(), keys.unwrap(), clock, token, address, "here".to_owned()) });
        Self { desk, runtime }
    }

    fn ask(&self, method: Method, path: &str, headers: &[(&str, &str)], body: &str) -> Reply {
        let asked = format!("{method} {path}");
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Body::from(body.to_owned())).unwrap();
        self.runtime.block_on(async {
            let response = router(Arc::clone(&self.desk)).oneshot(request).await.unwrap();
            let (parts, body) = response.into_parts();
            let body = body.collect().await.unwrap().to_bytes();
            Reply { asked, status: parts.status, headers: parts.headers, body }
        })
    }

    fn get(&self, path: &str) -> Reply {
        self.ask(Method::GET, &format!("{ROOT}{path}"), &[("host", HOST)], "")
    }

    fn post(&self, path: &str, body: &str) -> Reply {
        let headers = [
            ("host", HOST),
            ("sec-fetch-site", "same-origin"),
            ("origin", "http://127.0.0.1:8090"),
            ("content-type", "application/x-www-form-urlencoded"),
        ];
        self.ask(Method::POST, &format!("{ROOT}{path}"), &headers, body)
    }
}

fn page_of(reference: &Reference) -> String {
    format!("requests/{reference}/")
}

#[test]
fn a_number_is_dialled_as_it_was_meant_and_shown_as_it_was_typed() {
    let kept = Kept::new();
    let ana = kept.add(1, "2026-11-23T11:12:00Z", "name=Ana&phone=٩١٦-٨٧٥-٢٠٥٠ x12 (work)", |_| ());
    let page = Front::of(&kept).get(&page_of(&ana)).is(200).page();
    assert_eq!(page.one("a.tel").attr("href"), Some("tel:+19168752050"));
    assert_eq!(text_of(&page.one("a.tel")), "916-875-2050 x12");
    assert!(text_of(&page.one("dl.answers")).contains("٩١٦-٨٧٥-٢٠٥٠ x12 (work)"));
}

#[test]
fn only_the_address_that_was_printed_gets_in() {
    let kept = Kept::new();
    let ana = kept.add(1, "2026-11-23T11:12:00Z", ANA, |_| ());
    let front = Front::of(&kept);
    assert_eq!(front.desk.url(), format!("http://{HOST}{ROOT}"));
    front.get("").is(200);
    let own = format!("{ROOT}{}", page_of(&ana));
    let other = own.replace("0102", "0103");
    let root = ROOT.trim_end_matches('/');
    for (path, host, status) in [
        (own.as_str(), HOST, 200),
        (other.as_str(), HOST, 404),
        ("/", HOST, 404),
        (root, HOST, 404),
        ("/site.css", HOST, 404),
        (own.as_str(), "localhost:8090", 421),
        (own.as_str(), "127.0.0.1", 421),
        (own.as_str(), "127.0.0.1:8091", 421),
        (own.as_str(), "attacker.example:8090", 421),
        (own.as_str(), "", 421),
    ] {
        let reply = front.ask(Method::GET, path, &[("host", host)], "").is(status);
        assert_eq!(reply.text().contains("Ana"), status == 200, "{path} {host}");
        assert!(status == 200 || !reply.text().contains(ROOT), "{path} {host} tells the token");
    }
    front.ask(Method::GET, &own, &[], "").is(421);
    front.ask(Method::GET, &own, &[("host", HOST), ("host", "attacker.example")], "").is(421);
    front.ask(Method::GET, &format!("http://attacker.example{own}"), &[("host", HOST)], "").is(421);
}

#[test]
fn posts_of_other_pages_change_nothing() {
    let kept = Kept::new();
    let ana = kept.add(1, "2026-11-23T11:12:00Z", ANA, |_| ());
    let front = Front::of(&kept);
    let path = format!("{ROOT}{}", page_of(&ana));
    for header in [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("origin", "http://attacker.example"),
        ("origin", "http://127.0.0.1:9999"),
        ("origin", "null"),
    ] {
        let reply = front.ask(Method::POST, &path, &[("host", HOST), header], "action=close&outcome=booked");
        reply.is(403);
        assert!(wait(async { kept.store().get(&ana).await }).unwrap().unwrap().closed_day.is_none(), "{header:?}");
    }
    front.ask(Method::DELETE, &path, &[("host", HOST), ("sec-fetch-site", "same-origin")], "").is(405);
    front.post(&page_of(&ana), &format!("action=close&outcome=booked&note={}", "x".repeat(20_000))).is(413);
}

#[test]
fn nothing_is_kept_by_the_browser_and_nothing_of_a_person_is_in_addresses_and_titles() {
    let kept = Kept::new();
    let ana = kept.add(1, "2026-11-23T11:12:00Z", ANA, |_| ());
    let front = Front::of(&kept);
    for path in ["", "closed/", "?time=morning", &page_of(&ana), "requests/0000-0000/", "site.css", "nothing"] {
        let reply =
            front.get(path).lacks("set-cookie").has("cache-control", "no-store").has("referrer-policy", "same-origin");
        assert!(reply.header("content-security-policy").starts_with("default-src 'none';"), "{path}");
        if reply.header("content-type").starts_with("text/html") {
            let page = reply.page();
            let title = text_of(&page.one("title"));
            assert!(!title.contains("Ana") && !title.contains("555"), "{title}");
            assert_eq!(page.one("html").attr("translate"), Some("no"), "{path}");
            let found = page.all("script, style, [style], img, iframe, meta[http-equiv]");
            assert!(found.is_empty(), "{path}: {}", found[0].html());
            for link in page.all("[href], [action]") {
                let to = link.attr("href").or_else(|| link.attr("action")).unwrap();
                assert!(
                    to.starts_with(ROOT) || to.starts_with('#') || to == "tel:+19165550100",
                    "{path} leads to {to}"
                );
            }
        }
    }
    for file in ["site.css", "desk.css", "icon.svg"] {
        assert!(!front.get(file).is(200).text().is_empty(), "{file}");
    }
}

#[test]
fn requests_that_wait_are_listed_the_oldest_first_with_what_matters_for_calling() {
    let kept = Kept::new();
    let ben = kept.add(2, "2026-11-23T19:30:00Z", BEN, |_| ());
    let ana = kept.add(1, "2026-11-23T11:12:00Z", ANA, |_| ());
    let again = kept.add(3, "2026-11-23T19:50:00Z", "name=B.&phone=(916)+555+0101&page=es", |_| ());
    let safe = kept.add_for(&PrivateKeys::generate(), 4, "2026-11-23T10:00:00Z", ANA, |_| ());
    kept.add(5, "2026-11-23T10:00:00Z", ANA, |_| ());
    kept.sql("UPDATE requests SET sealed = replace(sealed, 'A', 'B') WHERE received_hour = 1795428000 AND reference LIKE '0M%'");
    let front = Front::of(&kept);
    let page = front.get("").is(200).page();
    let damaged = Reference::from_random([5; 5]);
    let names: Vec<_> = page.all("tbody th").iter().map(text_of).collect();
    let opened =
        [format!("Ana Test{ana}"), format!("Ben{ben}"), format!("B.{again}Asked before? The same number as {ben}")];
    assert_eq!(names[..3], opened, "{names:?}");
    assert_eq!(names[3..].len(), 2, "{names:?}");
    assert!(names.contains(&safe.to_string()) && names.contains(&damaged.to_string()), "{names:?}");
    assert_eq!(text_of(&page.one("h1")), "3 requests wait");
    let first = text_of(&page.all("tbody tr")[0]);
    for said in ["8 hours", "Morning, night", "Spanish", "Yes, but do not say who you are", "For themselves"] {
        assert!(first.contains(said), "{said:?} in {first:?}");
    }
    let rest = text_of(&page.one("section[aria-labelledby=sealed]"));
    assert!(rest.contains("sealed to other keys") && rest.contains("It is damaged"), "{rest}");

    let filtered = |query: &str| -> Vec<String> {
        let page = front.get(query).is(200).page();
        page.all("th a").iter().map(text_of).collect()
    };
    assert_eq!(filtered("?time=evening&language="), ["Ben", "B."], "who named no time can be called at any");
    assert_eq!(filtered("?time=&language=spanish"), ["Ana Test", "B."]);
    assert_eq!(filtered("?time=evening&language=other"), Vec::<String>::new());
    let chosen = front.get("?time=evening&language=spanish").page();
    let chosen: Vec<_> = chosen.all("option[selected]").iter().map(text_of).collect();
    assert_eq!(chosen, ["Evening", "Spanish"]);
}

#[test]
fn a_request_is_opened_closed_and_opened_again() {
    let kept = Kept::new();
    let ana = kept.add(1, "2026-11-23T11:12:00Z", ANA, |_| ());
    let front = Front::of(&kept);
    let page = front.get(&page_of(&ana)).is(200).page();
    assert_eq!(text_of(&page.one("h1")), "Ana Test");
    assert_eq!(page.one("a.tel").attr("href"), Some("tel:+19165550100"));
    let text = text_of(&page.one("main"));
    for said in
        ["Do not say who you are", "Today at 3:12 am, 8 hours ago, on the English page", "Morning, night", "Call late"]
    {
        assert!(text.contains(said), "{said:?} in {text}");
    }
    assert!(page.all("textarea[spellcheck=false]").len() == 1, "a browser may send what it checks elsewhere");

    let closed = front.post(&page_of(&ana), "action=close&outcome=booked&note=Monday%2C%0D%0A9+am").is(303);
    let list = closed.header("location").strip_prefix(ROOT).unwrap().to_owned();
    let row = wait(async { kept.store().get(&ana).await }).unwrap().unwrap();
    let closing = open(&kept.keys, &row.sealed).unwrap().closing.clone().unwrap();
    assert_eq!((closing.outcome, &*closing.note), (Outcome::Booked, "Monday,\n9 am"));
    let page = front.get(&list).is(200).page();
    assert!(text_of(&page.one("[role=status]")).starts_with(&format!("{ana} is closed.")));
    assert_eq!(text_of(&page.one("h1")), "No request waits");

    let page = front.get(&page_of(&ana)).is(200).page();
    assert!(text_of(&page.one("main")).contains("An appointment was made") && page.all("textarea").is_empty());
    let page = front.get("closed/").is(200).page();
    assert!(text_of(&page.one("tbody tr")).contains("An appointment was made"));
    assert!(text_of(&page.one("main")).contains("30 days"));

    // Somebody else was faster.
    let late = front.post(&page_of(&ana), "action=close&outcome=not_now").is(409);
    assert!(late.text().contains("is closed already"));
    front.post(&page_of(&ana), "action=reopen").is(303).has("location", &format!("{ROOT}?reopened={ana}"));
    assert!(wait(async { kept.store().get(&ana).await }).unwrap().unwrap().closed_day.is_none());
    front.post(&page_of(&ana), "action=reopen").is(409);
    for gone in ["0000-0000", "nonsense"] {
        front.get(&format!("requests/{gone}/")).is(404);
        front.post(&format!("requests/{gone}/"), "action=close&outcome=booked").is(404);
    }
}

#[test]
fn a_mistake_in_the_form_is_told_and_what_was_typed_stays() {
    let kept = Kept::new();
    let ana = kept.add(1, "2026-11-23T11:12:00Z", ANA, |_| ());
    let front = Front::of(&kept);
    let note = "é".repeat(301);
    let page = front.post(&page_of(&ana), &format!("action=close&note={note}")).is(422).page();
    assert!(text_of(&page.one("title")).starts_with("Mistake: "));
    let targets: Vec<_> = page.all("[role=alert] a").iter().map(|link| link.attr("href").unwrap().to_owned()).collect();
    assert_eq!(targets, ["#outcome-1", "#note"]);
    assert_eq!((page.all("#outcome-1").len(), page.all("#note").len()), (1, 1));
    assert_eq!(page.one("textarea").text().collect::<String>().trim_start(), note);
    assert!(page.one("textarea").attr("aria-describedby").unwrap().contains("note-problem"));
    assert!(text_of(&page.one("#note-problem")).contains("301 characters, 1 more"));
    let page = front.post(&page_of(&ana), &format!("action=close&outcome=not_reached&note={note}")).is(422).page();
    assert_eq!(page.one("input[checked]").attr("value"), Some("not_reached"));
    assert!(wait(async { kept.store().get(&ana).await }).unwrap().unwrap().closed_day.is_none());
    front.post(&page_of(&ana), &format!("action=close&outcome=booked&note={}", "é".repeat(300))).is(303);
}

#[test]
fn a_request_of_other_keys_and_an_exchanged_one_are_told() {
    let kept = Kept::new();
    let safe = PrivateKeys::generate();
    let other = kept.add_for(&safe, 1, "2026-11-23T11:12:00Z", ANA, |_| ());
    let ben = kept.add(2, "2026-11-23T11:12:00Z", BEN, |request| request["reference"] = "K7QM-4XT2".into());
    let front = Front::of(&kept);
    let told = front.get(&page_of(&other)).is(409);
    assert!(told.text().contains(safe.public().unwrap().fingerprints()), "{}", told.text());
    for reply in [front.get(&page_of(&ben)), front.post(&page_of(&ben), "action=close&outcome=booked")] {
        let reply = reply.is(409);
        assert!(reply.text().contains("Somebody changed the database") && !reply.text().contains("Ben"));
    }
}

#[test]
fn while_the_store_is_away_a_page_says_so_keeps_the_note_and_recovers() {
    let kept = Kept::new();
    let ana = kept.add(1, "2026-11-23T11:12:00Z", ANA, |_| ());
    let folder = kept.path().to_owned();
    let aside = folder.join("aside");
    let log = logged(|| {
        fs::create_dir(&aside).unwrap();
        for file in ["requests.db", "requests.db-wal", "requests.db-shm"] {
            let _ = fs::rename(folder.join(file), aside.join(file));
        }
        let away = Front::of(&kept);
        // No file can be opened where a folder is.
        fs::create_dir(folder.join("requests.db")).unwrap();
        assert!(away.get("").is(503).text().contains("Nothing is lost"));
        let again = away.post(&page_of(&ana), "action=close&outcome=booked&note=Monday").is(503);
        let page = again.page();
        assert_eq!(page.one("textarea").text().collect::<String>().trim(), "Monday");
        assert_eq!(page.one("input[checked]").attr("value"), Some("booked"));
        fs::remove_dir(folder.join("requests.db")).unwrap();
        for file in ["requests.db", "requests.db-wal", "requests.db-shm"] {
            let _ = fs::rename(aside.join(file), folder.join(file));
        }
        away.get("").is(200);
        away.post(&page_of(&ana), "action=close&outcome=booked&note=Monday").is(303);
    });
    assert!(log.contains("the requests can't be reached"), "{log}");
}

#[test]
fn the_log_holds_nothing_of_a_person_and_no_token() {
    let kept = Kept::new();
    let ana = kept.add(1, "2026-11-23T11:12:00Z", ANA, |_| ());
    let front = Front::of(&kept);
    let log = logged(|| {
        front.get("").is(200);
        front.get(&page_of(&ana)).is(200);
        front.post(&page_of(&ana), &format!("action=close&note={}", "Zebulon".repeat(60))).is(422);
        front.post(&page_of(&ana), "action=close&outcome=booked&note=Zebulon").is(303);
        front.get("closed/").is(200);
        front.post(&page_of(&ana), "action=reopen").is(303);
    });
    for secret in ["Ana Test", "555-0100", "Call late", "Zebulon", ROOT.trim_matches('/'), "AGE-SECRET"] {
        assert!(!log.contains(secret), "{secret} in {log}");
    }
    assert!(!format!("{:?}", front.desk).contains(ROOT.trim_matches('/')));
}

#[test]
fn more_requests_than_a_page_holds_are_counted_and_found_behind_it() {
    let kept = Kept::new();
    let ana = kept.add(1, "2026-11-23T11:12:00Z", ANA, |_| ());
    kept.sql(
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1001) \
         INSERT INTO requests (reference, received_hour, language, closed_day, keys, sealed) \
         SELECT printf('%04d-%05d', i, i), 3600 * i, 'en', CASE WHEN i > 600 THEN 20000 END, 'key', 'sealed' FROM n",
    );
    let front = Front::of(&kept);
    let first = front.get("").is(200).page();
    assert_eq!(text_of(&first.one("h1")), "601 requests wait");
    assert_eq!(text_of(&first.one("p.notice")), "These are 1 to 500 of 601. Those after");
    assert_eq!(first.one("p.notice a").attr("href"), Some(format!("{ROOT}?page=2").as_str()));
    let second = front.get("?page=2").is(200).page();
    assert_eq!(text_of(&second.one("h1")), "601 requests wait");
    assert_eq!(text_of(&second.one("p.notice")), "These are 501 to 601 of 601. Those before");
    // The newest, and the only one for this key.
    assert!(text_of(&second.all("tbody")[0]).contains(ana.as_str()));
    for page in ["?page=3", "?page=4294967295", "?page=x", "closed/?page=2"] {
        front.get(page).is(200);
    }
}
