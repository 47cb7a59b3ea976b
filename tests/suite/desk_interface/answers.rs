//! The heads and the errors of the answers, who may read them, and what the log and the metrics hold of them.

use super::{ANA, Front, SITE, answer, closing, code, pass};
use crate::harness::{Reply, TestSite, process, text_of};
use crate::logs::logged;
use crate::sealed::Kept;
use axum::body::Body;
use axum::http::{Method, Request};
use bytes::Bytes;
use clinic_site::desk::{Page, PageSettings};
use clinic_site::http::{Process, admin_router};
use http_body_util::BodyExt;
use hyper::body::Frame;
use serde_json::json;
use std::convert::Infallible;
use std::fs;
use std::pin::Pin;
use std::task::{Context, Poll};
use tower::ServiceExt;

const LIST: &str = "{\"state\":\"waiting\",\"after\":null,\"limit\":1}";

#[test]
fn whatever_is_sent_is_answered_in_the_contracts_words() {
    let kept = Kept::new();
    let front = Front::of(&kept);
    let bearer = format!("Bearer {}", front.sign_in(&kept.keys));
    let send = |path: &str, kind: &str, body: Body| {
        let headers = [("authorization", bearer.as_str()), ("content-type", kind)];
        front.ask(&Method::POST, path, &headers, body)
    };
    let deep = format!("{{\"state\":{}", "[".repeat(2000));
    let long = format!("{{\"state\":\"waiting\",\"limit\":1,\"after\":null{}}}", " ".repeat(4 * 1024));
    for (kind, body, status, named) in [
        ("application/json", LIST.as_bytes(), 200, ""),
        ("Application/JSON; charset=utf-8", LIST.as_bytes(), 200, ""),
        ("text/plain", LIST.as_bytes(), 400, "bad_request"),
        ("application/x-www-form-urlencoded", LIST.as_bytes(), 400, "bad_request"),
        ("", LIST.as_bytes(), 400, "bad_request"),
        ("application/json", b"", 400, "bad_request"),
        ("application/json", b"state=waiting", 400, "bad_request"),
        ("application/json", b"{\"state\":\"waiting\"", 400, "bad_request"),
        ("application/json", b"\xff\xfe", 400, "bad_request"),
        ("application/json", deep.as_bytes(), 400, "bad_request"),
        ("application/json", b"{}", 422, "wrong_shape"),
        ("application/json", b"[]", 422, "wrong_shape"),
        ("application/json", b"null", 422, "wrong_shape"),
        ("application/json", b"{\"state\":\"waiting\",\"limit\":\"1\"}", 422, "wrong_shape"),
        ("application/json", b"{\"state\":\"waiting\",\"limit\":1e99}", 422, "wrong_shape"),
        ("application/json", b"{\"limit\":1,\"state\":\"waiting\",\"limit\":1}", 422, "wrong_shape"),
        ("application/json", long.as_bytes(), 413, "too_long"),
    ] {
        let reply = send("/desk/api/list", kind, Body::from(body.to_vec()));
        if status == 200 {
            reply.is(200);
        } else {
            assert_eq!(code(&reply), (status, named.to_owned()), "{kind} {:.60}", String::from_utf8_lossy(body));
        }
    }
    // In pieces, and without a length.
    let pieces = |text: &str| {
        let bytes = text.as_bytes().to_vec();
        Body::new(Pieces(bytes.into_iter()))
    };
    send("/desk/api/list", "application/json", pieces(LIST)).is(200);
    assert_eq!(code(&send("/desk/api/list", "application/json", pieces(&long))), (413, "too_long".to_owned()));
    let more_than_a_change = " ".repeat(1024 * 1024 + 1);
    assert_eq!(code(&send("/desk/api/change", "application/json", Body::from(more_than_a_change))).0, 413);
    for path in ["/desk/api/", "/desk/api/nothing", "/desk/api/list/", "/desk/api/LIST"] {
        assert_eq!(code(&send(path, "application/json", Body::from(LIST))), (404, "not_here".to_owned()), "{path}");
    }
    for method in [Method::GET, Method::PUT, Method::DELETE] {
        let reply = front.ask(&method, "/desk/api/list", &[("authorization", &bearer)], "");
        assert_eq!(code(&reply), (405, "bad_request".to_owned()), "{method}");
        assert_eq!(reply.header("allow"), "POST");
    }
}

/// A body of single bytes.
struct Pieces(std::vec::IntoIter<u8>);

impl hyper::body::Body for Pieces {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(self.0.next().map(|byte| Ok(Frame::data(Bytes::from(vec![byte])))))
    }
}

#[test]
fn a_page_from_a_disk_may_read_the_answers_and_no_other_page() {
    let kept = Kept::new();
    let front = Front::of(&kept);
    for (origin, is_let) in [
        ("null", true),
        ("file://", false),
        (SITE, false),
        ("https://attacker.example", false),
        ("NULL", false),
        ("null, null", false),
        ("file:///home", false),
        ("", false),
    ] {
        let asked = [
            ("origin", origin),
            ("access-control-request-method", "POST"),
            ("access-control-request-headers", "authorization,content-type"),
        ];
        let preflight = front.ask(&Method::OPTIONS, "/desk/api/list", &asked, "").is(204).has("vary", "Origin");
        let private = [&asked[..], &[("access-control-request-private-network", "true")]].concat();
        let private = front.ask(&Method::OPTIONS, "/desk/api/list", &private, "").is(204);
        let signed_out = front.ask(
            &Method::POST,
            "/desk/api/list",
            &[("origin", origin), ("content-type", "application/json")],
            LIST,
        );
        let challenge = front.ask(
            &Method::POST,
            "/desk/api/challenge",
            &[("origin", origin), ("content-type", "application/json")],
            "{}",
        );
        let nothing = front.ask(&Method::POST, "/desk/api/nothing", &[("origin", origin)], "");
        for reply in [&preflight, &private, &signed_out, &challenge, &nothing] {
            let given = reply.headers.get("access-control-allow-origin").map(|value| value.to_str().unwrap());
            assert_eq!(given, is_let.then_some(origin), "{}", reply.asked);
            assert_eq!(reply.headers.get("access-control-expose-headers").is_some(), is_let);
            assert!(
                reply.headers.get("access-control-allow-credentials").is_none()
                    && reply.headers.get("set-cookie").is_none()
            );
            assert_eq!(
                (reply.header("vary"), reply.header("cache-control")),
                ("Origin", "no-store"),
                "{}",
                reply.asked
            );
        }
        if is_let {
            preflight
                .has("access-control-allow-methods", "POST")
                .has("access-control-allow-headers", "authorization, content-type")
                .has("access-control-max-age", "600")
                .lacks("access-control-allow-private-network");
            private.has("access-control-allow-private-network", "true");
        } else {
            preflight.lacks("access-control-allow-methods");
            private.lacks("access-control-allow-private-network");
        }
    }
    // The site's own form is as it was: no page of another site, from a disk or not, posts it.
    front.ask(&Method::POST, "/appointments/", &[("origin", "null"), ("sec-fetch-site", "cross-site")], "").is(403);
    front.get("/").is(200).lacks("access-control-allow-origin");
}

#[test]
fn the_file_is_saved_and_not_run_and_is_what_the_program_makes_elsewhere() {
    let kept = Kept::new();
    let front = Front::of(&kept);
    let file = front.get("/desk/desk.html").is(200).has("content-disposition", "attachment; filename=\"desk.html\"");
    let policies: Vec<_> = file.headers.get_all("content-security-policy").iter().collect();
    assert_eq!(policies.len(), 2, "the site's own, and one more");
    assert!(policies.iter().any(|policy| *policy == "sandbox"));
    let settings = PageSettings {
        server: SITE.to_owned(),
        api: "/desk/api/".to_owned(),
        readers: Vec::new(),
        local: false,
        zone: "America/Los_Angeles".to_owned(),
    };
    let made = Page::new(&settings);
    assert_eq!(file.text(), made.html);
    let offer = front.get("/desk/").is(200).has("x-robots-tag", "noindex");
    let page = offer.page();
    let shown: Vec<_> = page.all("code").iter().map(text_of).collect();
    assert_eq!(shown, [made.fingerprint(), made.fingerprint()], "in both languages");
    assert!(page.all("a").iter().any(|link| link.attr("href") == Some("/desk/desk.html")));
    assert_eq!((page.all("meta[name=robots][content=noindex]").len(), page.all("script").len()), (1, 0));
    assert_eq!((page.all("html[lang=en]").len(), page.all("section[lang=es]").len()), (1, 1));
    front.get("/desk").is(308).has("location", "/desk/");
    for reply in [file, offer, front.get("/desk/nothing")] {
        reply.has("cache-control", "no-store").has("x-content-type-options", "nosniff").lacks("set-cookie");
    }
    assert_eq!(front.get("/desk/nothing").is(404).text(), front.get("/nowhere/").is(404).text(), "the site's own page");
    // Where there is no desk, there is nothing.
    for path in ["/desk/", "/desk/desk.html", "/desk/api/list", "/desk"] {
        assert!(TestSite::published().get(path).is(404).header("content-type").starts_with("text/html"), "{path}");
    }
    for path in ["/robots.txt", "/sitemap.xml", "/"] {
        assert!(!front.get(path).is(200).text().contains("desk"), "{path}");
    }
}

#[test]
fn the_log_holds_nothing_of_a_call_and_the_metrics_count() {
    let kept = Kept::new();
    let ana = kept.add(1, "2026-11-23T11:12:00Z", ANA, |_| ());
    let front = Front::of(&kept);
    let mut secrets = vec!["AGE ENCRYPTED".to_owned(), ana.to_string(), "Ana Test".to_owned(), "192.0.2.1".to_owned()];
    let log = logged(|| {
        let challenge = front.challenged(&kept.keys).remove(0);
        let token = challenge.lines().nth(4).unwrap().to_owned();
        let session = answer(&front.call("session", "", &json!({ "token": token })).is(200))["session"].take();
        let session = session.as_str().unwrap().to_owned();
        front.call("session", "", &json!({ "token": token })).is(401);
        let row = front.row(&session, &ana);
        let change = closing(&kept.keys, &row, Some("Zebulon"));
        front.change(&session, std::slice::from_ref(&change));
        front.change(&session, &[json!({ "reference": ana.as_str(), "state": "waiting", "sealed": "no", "was": "" })]);
        let stale = closing(&kept.keys, &row, Some("Quill"));
        front.change(&session, &[stale]);
        front.call("wait", &session, &json!({ "revision": "" })).is(200);
        front.call("get", &session, &json!({ "reference": "0000-0000" })).is(404);
        front.call("list", "nobody", &json!({ "state": "waiting", "limit": 1 })).is(401);
        front.get("/desk/").is(200);
        front.get("/desk/desk.html").is(200);
        secrets.extend([token, session, "Zebulon".to_owned(), "Quill".to_owned()]);
        secrets.push(row["sealed"].as_str().unwrap().lines().nth(3).unwrap().to_owned());
        secrets.push(change["was"].as_str().unwrap().to_owned());
    });
    let metrics = scraped(&front);
    for secret in &secrets {
        assert!(!log.contains(secret.as_str()), "{secret} in {log}");
        assert!(!metrics.contains(secret.as_str()), "{secret} in the metrics");
    }
    assert!(!log.contains("request"), "a line shows when somebody called back: {log}");
    for wanted in [
        "desk_sign_ins_total{outcome=\"challenge\"} 1",
        "desk_sign_ins_total{outcome=\"signed_in\"} 1",
        "desk_sign_ins_total{outcome=\"refused\"} 1",
        "desk_changes_total{result=\"done\"} 1",
        "desk_changes_total{result=\"overtaken\"} 1",
        "desk_changes_total{result=\"unfit\"} 1",
        "desk_sessions 1",
        "desk_waits 0",
    ] {
        assert!(metrics.contains(&format!("clinic_site_{wanted}\n")), "{wanted} in {metrics}");
    }
    assert!(!format!("{:?}", front.desk).contains("age1"));
}

fn scraped(front: &Front) -> String {
    let process = Process { staff: Some(front.desk.counts()), ..process() };
    front.runtime.block_on(async {
        let request = Request::get("/metrics").body(Body::empty()).unwrap();
        let response = admin_router(front.app.clone(), process).oneshot(request).await.unwrap();
        String::from_utf8(response.into_body().collect().await.unwrap().to_bytes().to_vec()).unwrap()
    })
}

#[test]
fn while_the_store_is_away_calls_say_so_the_log_once_and_they_go_on_by_themselves() {
    let kept = Kept::new();
    let first = Front::of(&kept);
    let session = first.sign_in(&kept.keys);
    drop(first);
    let (folder, aside) = (kept.path().to_owned(), kept.path().join("aside"));
    let files = ["requests.db", "requests.db-wal", "requests.db-shm"];
    let front = Front::of(&kept);
    let list = json!({ "state": "waiting", "limit": 1 });
    let log = logged(|| {
        fs::create_dir(&aside).unwrap();
        for file in files {
            let _ = fs::rename(folder.join(file), aside.join(file));
        }
        // No file can be opened where a folder is.
        fs::create_dir(folder.join("requests.db")).unwrap();
        for _ in 0..3 {
            let reply: Reply = front.call("list", &session, &list);
            assert_eq!(code(&reply), (503, "unavailable".to_owned()));
            assert_eq!(code(&front.call("challenge", "", &json!({}))).0, 503);
        }
        fs::remove_dir(folder.join("requests.db")).unwrap();
        for file in files {
            let _ = fs::rename(aside.join(file), folder.join(file));
        }
        front.call("list", &session, &list).is(200);
        // While some calls fail and others don't, a line for each would show when staff work.
        pass(60);
        front.call("list", &session, &list).is(200);
        front.call("list", &session, &list).is(200);
    });
    assert_eq!(log.matches("the front desk can't reach the requests").count(), 1, "{log}");
    assert_eq!(log.matches("the front desk reaches the requests again").count(), 1, "{log}");
}
