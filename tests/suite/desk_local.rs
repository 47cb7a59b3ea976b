//! The desk of one computer, asked through its router: who gets in, and what the page may do there. Its calls are those of `desk_interface`.

use crate::harness::{Reply, TODAY, noon};
use crate::logs::logged;
use crate::sealed::Kept;
use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request};
use clinic_site::desk::{Desk, Local, local_router};
use clinic_site::requests::Reference;
use clinic_site::requests::seal::{open, seal};
use clinic_site::requests::store::hash;
use http_body_util::BodyExt;
use jiff::Timestamp;
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::runtime::Runtime;
use tower::ServiceExt;

const HOST: &str = "127.0.0.1:8090";
const ROOT: &str = "/0102030405060708090a0b0c0d0e0f10/";
const ANA: &str = "name=Ana+Test&phone=916-555-0100&message=discreet&note=Call+late";

fn clock() -> Timestamp {
    noon(TODAY).timestamp()
}

/// The desk of a store, as a browser on this computer sees it.
struct Here {
    router: Router,
    local: Local,
    runtime: Runtime,
}

impl Here {
    fn of(kept: &Kept) -> Self {
        let local = Local::new(std::array::from_fn(|at| u8::try_from(at + 1).unwrap()), HOST.parse().unwrap());
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let desk = Desk::for_this_computer(Arc::new(kept.store()), clock, 30);
        Self { router: local_router(&local, &desk, "America/Los_Angeles"), local, runtime }
    }

    fn ask(&self, method: Method, path: &str, headers: &[(&str, &str)], body: &str) -> Reply {
        let asked = format!("{method} {path} {headers:?}");
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Body::from(body.to_owned())).unwrap();
        self.runtime.block_on(async {
            let (parts, body) = self.router.clone().oneshot(request).await.unwrap().into_parts();
            let body = body.collect().await.unwrap().to_bytes();
            Reply { asked, status: parts.status, headers: parts.headers, body }
        })
    }

    fn call(&self, name: &str, body: &Value) -> Reply {
        let headers = [
            ("host", HOST),
            ("sec-fetch-site", "same-origin"),
            ("origin", "http://127.0.0.1:8090"),
            ("content-type", "application/json"),
        ];
        self.ask(Method::POST, &format!("{ROOT}api/{name}"), &headers, &body.to_string())
    }
}

fn waiting() -> Value {
    json!({ "state": "waiting", "after": null, "limit": 10 })
}

#[test]
fn only_the_address_that_was_printed_gets_in() {
    let kept = Kept::new();
    let ana = kept.add(1, "2026-11-23T11:12:00Z", ANA, |_| ());
    let here = Here::of(&kept);
    assert_eq!(here.local.url(), format!("http://{HOST}{ROOT}"));
    assert!(!format!("{:?}", here.local).contains(ROOT.trim_matches('/')));
    let (own, other) = (format!("{ROOT}api/list"), ROOT.replace("0102", "0103"));
    let other_list = format!("{other}api/list");
    let root = ROOT.trim_end_matches('/');
    let body = waiting().to_string();
    for (method, path, host, status) in [
        (Method::GET, ROOT, HOST, 200),
        (Method::POST, own.as_str(), HOST, 200),
        (Method::GET, other.as_str(), HOST, 404),
        (Method::POST, other_list.as_str(), HOST, 404),
        (Method::GET, "/", HOST, 404),
        (Method::GET, root, HOST, 404),
        (Method::GET, "/desk/", HOST, 404),
        (Method::GET, ROOT, "localhost:8090", 421),
        (Method::GET, ROOT, "127.0.0.1", 421),
        (Method::POST, &own, "127.0.0.1:8091", 421),
        (Method::POST, &own, "attacker.example:8090", 421),
        (Method::POST, &own, "", 421),
    ] {
        let reply = here.ask(method, path, &[("host", host), ("content-type", "application/json")], &body).is(status);
        assert_eq!(reply.text().contains(ana.as_str()), path == own && status == 200, "{path} {host}");
        assert!(status == 200 || !reply.text().contains(ROOT), "{path} {host} tells the token");
    }
    let json = ("content-type", "application/json");
    here.ask(Method::POST, &own, &[json], &body).is(421);
    here.ask(Method::POST, &own, &[("host", HOST), ("host", "attacker.example"), json], &body).is(421);
    here.ask(Method::POST, &format!("http://attacker.example{own}"), &[("host", HOST), json], &body).is(421);
    // It has no sign-in, so it gives no challenge that a page of a server could be told about.
    for name in ["challenge", "session", "end"] {
        here.call(name, &json!({})).is(404);
    }
}

#[test]
fn what_other_pages_send_is_refused() {
    let kept = Kept::new();
    let here = Here::of(&kept);
    for header in [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("origin", "http://attacker.example"),
        ("origin", "http://127.0.0.1:9999"),
        ("origin", "null"),
    ] {
        let headers = [("host", HOST), ("content-type", "application/json"), header];
        here.ask(Method::POST, &format!("{ROOT}api/list"), &headers, &waiting().to_string()).is(403);
    }
    here.call("list", &waiting()).is(200);
}

#[test]
fn the_page_runs_here_by_its_own_policy_and_nothing_is_kept() {
    let kept = Kept::new();
    let here = Here::of(&kept);
    let page = here.ask(Method::GET, ROOT, &[("host", HOST)], "").is(200);
    let policy = page.header("content-security-policy").to_owned();
    assert!(policy.contains("script-src 'sha256-") && policy.ends_with("frame-ancestors 'none'"), "{policy}");
    assert!(policy.contains("connect-src http://127.0.0.1:8090;") && !policy.contains("'self'"), "{policy}");
    let config = page.page();
    let config: Value = serde_json::from_str(&config.one("#config").text().collect::<String>()).unwrap();
    assert_eq!(
        (&config["server"], &config["api"], &config["local"]),
        (&json!(format!("http://{HOST}")), &json!(format!("{ROOT}api/")), &json!(true))
    );
    for reply in [page, here.call("list", &waiting()), here.call("nothing", &json!({}))] {
        reply.has("cache-control", "no-store").has("referrer-policy", "same-origin").lacks("set-cookie");
    }
}

#[test]
fn changes_are_by_nobody_in_particular_and_the_log_holds_nothing() {
    let kept = Kept::new();
    let ana: Reference = kept.add(1, "2026-11-23T11:12:00Z", ANA, |_| ());
    let here = Here::of(&kept);
    let log = logged(|| {
        let list: Value = serde_json::from_slice(&here.call("list", &waiting()).is(200).body).unwrap();
        assert_eq!((&list["readers"], &list["rows"][0]["reference"]), (&json!(null), &json!(ana.as_str())));
        let row = &list["rows"][0];
        let before = row["sealed"].as_str().unwrap();
        let sealed = seal(&kept.keys.public().unwrap(), &open(&kept.keys, before).unwrap()).unwrap();
        let change = json!({ "reference": ana.as_str(), "state": "closed", "sealed": sealed, "was": hash(before) });
        let changed: Value =
            serde_json::from_slice(&here.call("change", &json!({ "changes": [change] })).is(200).body).unwrap();
        assert_eq!(changed["results"][0]["result"], "done");
        let one: Value =
            serde_json::from_slice(&here.call("get", &json!({ "reference": ana.as_str() })).is(200).body).unwrap();
        assert_eq!(one["row"]["history"], json!([{ "state": "closed", "key": "", "hour": clock().as_second() }]));
    });
    for secret in [ana.as_str(), "Ana Test", ROOT.trim_matches('/'), "AGE ENCRYPTED"] {
        assert!(!log.contains(secret), "{secret} in {log}");
    }
}
