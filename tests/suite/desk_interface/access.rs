//! Who gets in: challenges, sessions, and how many calls of strangers are answered.

use super::{ANA, Front, SITE, answer, clock, closing, code, own_fingerprint, pass};
use crate::harness::parts::program;
use crate::sealed::Kept;
use axum::http::Method;
use axum::http::uri::Scheme;
use clinic_site::desk::Origin;
use clinic_site::requests::keys::{PrivateKeys, PublicKeys};
use regex::Regex;
use serde_json::json;
use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

/// Everything with the tools of an administrator: the key file of `keys new`, Debian's `age`, and no program of ours on that side.
#[test]
fn who_opens_a_challenge_with_debians_age_reads_closes_and_opens_again() {
    let Some(age) = program("age") else { return };
    let kept = Kept::new();
    let ana = kept.add(1, "2026-11-23T11:12:00Z", ANA, |_| ());
    let front = Front::of(&kept);
    let challenge = answer(&front.call("challenge", "", &json!({})).is(200));
    let file = kept.path().join("challenge");
    fs::write(&file, challenge["challenges"][0].as_str().unwrap()).unwrap();
    let mut open = Command::new(&age);
    open.args(["--decrypt", "-i", kept.identity().to_str().unwrap(), file.to_str().unwrap()]);
    let text = String::from_utf8(open.output().unwrap().stdout).unwrap();
    let form = format!("^clinic-site desk 1\n{SITE}\nsign in\n2026-11-23T20:05:00Z\n([0-9a-f]{{64}})\n$");
    let token = Regex::new(&form).unwrap().captures(&text).unwrap_or_else(|| panic!("{text:?}"))[1].to_owned();

    let session = answer(&front.call("session", "", &json!({ "token": token })).is(200));
    assert_eq!(session["key"], own_fingerprint(&kept.keys));
    let session = session["session"].as_str().unwrap();
    let list = answer(&front.call("list", session, &json!({ "state": "waiting", "after": null, "limit": 10 })).is(200));
    assert_eq!((&list["waiting"], &list["closed"], &list["keep_days"]), (&json!(1), &json!(0), &json!(30)));
    assert_eq!((&list["now"], &list["next"]), (&json!("2026-11-23T20:00:00Z"), &json!(null)));
    assert_eq!(list["readers"], json!(kept.keys.public().unwrap().texts()));
    let row = &list["rows"][0];
    assert_eq!((&row["reference"], &row["history"]), (&json!(ana.as_str()), &json!([])));
    assert_eq!(*row, front.row(session, &ana));

    fs::write(&file, row["sealed"].as_str().unwrap()).unwrap();
    let mut open = Command::new(&age);
    open.args(["--decrypt", "-i", kept.identity().to_str().unwrap(), file.to_str().unwrap()]);
    assert!(String::from_utf8(open.output().unwrap().stdout).unwrap().contains("\"name\":\"Ana Test\""));

    let closed = front.change(session, &[closing(&kept.keys, row, Some("Monday"))]);
    assert_eq!(closed, json!([{ "reference": ana.as_str(), "result": "done", "row": null }]));
    let row = front.row(session, &ana);
    let key = own_fingerprint(&kept.keys);
    let noon = clock().as_second();
    assert_eq!(row["closed_day"], json!(noon / 86_400));
    assert_eq!(row["history"], json!([{ "state": "closed", "key": key, "hour": noon }]));
    pass(3000);
    front.row(session, &ana);
    pass(600);
    front.change(session, &[closing(&kept.keys, &row, None)]);
    let row = front.row(session, &ana);
    assert_eq!(row["closed_day"], json!(null));
    assert_eq!(row["history"][1], json!({ "state": "waiting", "key": key, "hour": noon + 3600 }));
}

#[test]
fn each_key_has_a_challenge_of_its_own_and_a_session_by_its_name() {
    let (kept, safe, stranger) = (Kept::new(), PrivateKeys::generate(), PrivateKeys::generate());
    let texts = [&kept.keys, &safe].map(|keys| keys.public().unwrap().texts().remove(0));
    let both = PublicKeys::parse(texts.iter().map(String::as_str)).unwrap();
    let front = Front::with(&kept, &both, Origin::Published(SITE.to_owned()));
    let mut orders = BTreeSet::new();
    for _ in 0..20 {
        let challenge = answer(&front.call("challenge", "", &json!({})).is(200));
        let all = challenge["challenges"].as_array().unwrap();
        assert_eq!(all.len(), 2);
        let mine = all.iter().position(|sealed| super::opened(&kept.keys, sealed.as_str().unwrap()).is_some());
        assert!(all.iter().all(|sealed| super::opened(&stranger, sealed.as_str().unwrap()).is_none()));
        orders.insert(mine.unwrap());
    }
    assert_eq!(orders.len(), 2, "the order says whose key it is");
    // `sign_in` compares the fingerprint.
    let (mine, of_safe) = (front.sign_in(&kept.keys), front.sign_in(&safe));
    for session in [mine, of_safe] {
        front.call("list", &session, &json!({ "state": "closed", "limit": 1 })).is(200);
    }
    assert!(front.challenged(&stranger).is_empty());
}

#[test]
fn a_token_is_good_once_and_for_five_minutes() {
    let kept = Kept::new();
    let front = Front::of(&kept);
    let token = |challenge: &str| challenge.lines().nth(4).unwrap().to_owned();
    let once = token(&front.challenged(&kept.keys)[0]);
    front.call("session", "", &json!({ "token": once })).is(200);
    let late = token(&front.challenged(&kept.keys)[0]);
    let in_time = token(&front.challenged(&kept.keys)[0]);
    pass(299);
    front.call("session", "", &json!({ "token": in_time })).is(200);
    pass(1);
    for wrong in [once.as_str(), &late, &"0".repeat(64)] {
        assert_eq!(code(&front.call("session", "", &json!({ "token": wrong }))), (401, "signed_out".to_owned()));
    }
    for wrong in ["", "00", &late.to_uppercase(), &"g".repeat(64), &format!("{late}0")] {
        assert_eq!(code(&front.call("session", "", &json!({ "token": wrong }))), (422, "wrong_shape".to_owned()));
    }
    // A session is none of these tokens, and a token is no session.
    let session = front.sign_in(&kept.keys);
    assert_eq!(code(&front.call("session", "", &json!({ "token": session }))).0, 401);
    let token = token(&front.challenged(&kept.keys)[0]);
    assert_eq!(code(&front.call("list", &token, &json!({ "state": "waiting", "limit": 1 }))).0, 401);
}

#[test]
fn a_session_ends_after_twelve_hours_or_an_hour_without_a_call_or_when_it_is_ended() {
    let kept = Kept::new();
    let front = Front::of(&kept);
    let status =
        |session: &str| front.call("list", session, &json!({ "state": "waiting", "limit": 1 })).status.as_u16();
    let long = front.sign_in(&kept.keys);
    for _ in 0..13 {
        pass(3300);
        assert_eq!(status(&long), 200);
    }
    // 11 hours and 55 minutes so far.
    pass(299);
    assert_eq!(status(&long), 200);
    pass(1);
    assert_eq!(status(&long), 401, "after twelve hours");
    let idle = front.sign_in(&kept.keys);
    pass(3599);
    assert_eq!(status(&idle), 200);
    pass(3600);
    assert_eq!(status(&idle), 401, "after an hour without a call");
    let ended = front.sign_in(&kept.keys);
    assert_eq!(answer(&front.call("end", &ended, &json!({})).is(200)), json!({}));
    assert_eq!(status(&ended), 401, "ended");
    assert_eq!(code(&front.call("end", &ended, &json!({}))).0, 401);
}

#[test]
fn a_key_that_the_server_does_not_have_any_more_has_no_session() {
    let (kept, other) = (Kept::new(), PrivateKeys::generate());
    let before = Front::of(&kept);
    let session = before.sign_in(&kept.keys);
    let token = before.challenged(&kept.keys)[0].lines().nth(4).unwrap().to_owned();
    let after = Front::with(&kept, &other.public().unwrap(), Origin::Published(SITE.to_owned()));
    let list = json!({ "state": "waiting", "limit": 1 });
    assert_eq!(code(&after.call("list", &session, &list)), (401, "signed_out".to_owned()));
    assert_eq!(code(&after.call("session", "", &json!({ "token": token }))).0, 401);
    // Nor has it one when it comes back.
    assert_eq!(code(&before.call("list", &session, &list)).0, 401);
    assert!(after.challenged(&kept.keys).is_empty());
    // Nor if nobody has called while it was away: the start of the server ends it.
    let quiet = before.sign_in(&kept.keys);
    before.call("list", &quiet, &list).is(200);
    after.runtime.block_on(after.desk.end_other_sessions());
    assert_eq!(code(&before.call("list", &quiet, &list)).0, 401);
}

#[test]
fn the_name_in_a_request_never_decides_the_origin_of_a_published_site() {
    let kept = Kept::new();
    let ask = |front: &Front, host: &str, more: &[(&str, &str)]| {
        let headers = [&[("content-type", "application/json"), ("host", host)], more].concat();
        front.ask(&Method::POST, "/desk/api/challenge", &headers, "{}")
    };
    let origin = |front: &Front, host: &str, more: &[(&str, &str)]| {
        let all = answer(&ask(front, host, more).is(200));
        super::opened(&kept.keys, all["challenges"][0].as_str().unwrap()).unwrap().lines().nth(1).unwrap().to_owned()
    };
    let published = Front::of(&kept);
    for more in [
        &[][..],
        &[
            ("x-forwarded-host", "attacker.example"),
            ("test-peer", "10.0.0.1:1"),
            ("origin", "https://attacker.example"),
        ],
        &[("forwarded", "host=attacker.example;proto=http"), ("test-peer", "10.0.0.1:1")],
    ] {
        for host in ["clinic.example", "attacker.example", "127.0.0.1:8080"] {
            assert_eq!(origin(&published, host, more), SITE, "{host} {more:?}");
        }
    }
    let preview = Front::with(&kept, &kept.keys.public().unwrap(), Origin::Preview(Scheme::HTTP));
    assert_eq!(origin(&preview, "127.0.0.1:8080", &[]), "http://127.0.0.1:8080");
    assert_eq!(origin(&preview, "localhost:8080", &[]), "http://localhost:8080");
    // The test's preview lets itself be asked by any name.
    assert_eq!(code(&ask(&preview, "attacker.example", &[])), (404, "not_here".to_owned()));
    for path in ["/desk/", "/desk/desk.html"] {
        preview.ask(&Method::GET, path, &[("host", "attacker.example")], "").is(404);
        preview.ask(&Method::GET, path, &[("host", "localhost:8080")], "").is(200);
    }
}

#[test]
fn strangers_are_limited_by_network_and_who_is_signed_in_goes_on() {
    let kept = Kept::new();
    let front = Front::of(&kept);
    let session = front.sign_in(&kept.keys);
    let list = json!({ "state": "waiting", "limit": 1 });
    let wrong = "0".repeat(64);
    let statuses: Vec<u16> = (0..60).map(|_| front.call("list", &wrong, &list).status.as_u16()).collect();
    // Two calls were made for the session.
    assert_eq!(statuses.iter().filter(|status| **status == 401).count(), 58);
    for (name, session, body) in
        [("list", wrong.as_str(), &list), ("challenge", "", &json!({})), ("session", "", &json!({ "token": wrong }))]
    {
        let reply = front.call(name, session, body);
        assert_eq!(code(&reply), (429, "too_many".to_owned()), "{name}");
        let wait: u64 = reply.header("retry-after").parse().unwrap();
        assert!((1..=60).contains(&wait), "{wait}");
    }
    assert_eq!(code(&front.call("list", "no token at all", &list)).0, 429);
    front.call("list", &session, &list).is(200);
    assert_eq!(code(&front.call_from("198.51.100.1:1", "list", &wrong, &list)).0, 401, "another network");
    // Behind a proxy that is trusted it is the visitor's network that counts.
    let of = |visitor: &str| {
        let headers = [("content-type", "application/json"), ("x-forwarded-for", visitor), ("test-peer", "10.0.0.1:1")];
        front.ask(&Method::POST, "/desk/api/challenge", &headers, "{}").status.as_u16()
    };
    assert_eq!((of("192.0.2.1"), of("203.0.113.9")), (429, 200));
}

#[test]
fn strangers_are_limited_in_all() {
    let kept = Kept::new();
    let front = Front::of(&kept);
    let wrong = "0".repeat(64);
    let list = json!({ "state": "waiting", "limit": 1 });
    let refused = (0..700).filter(|n| {
        let peer = format!("{}.{}.100.1:1", 100 + n / 200, n % 200);
        front.call_from(&peer, "list", &wrong, &list).status.as_u16() == 401
    });
    assert_eq!(refused.count(), 600);
}

#[test]
fn whoever_is_not_signed_in_is_told_so_by_the_head_alone() {
    let kept = Kept::new();
    let front = Front::of(&kept);
    for call in ["list", "get", "change", "wait", "end"] {
        for authorization in ["", "Bearer", "Bearer x", "Basic c3RhZmY6c3RhZmY=", "Bearer 0", "\u{e9}"] {
            let headers = [("content-type", "application/json"), ("authorization", authorization)];
            // A body that never comes, and one that is none.
            let reply = front.ask(&Method::POST, &format!("/desk/api/{call}"), &headers, "no JSON");
            let expected = if reply.status.as_u16() == 429 { (429, "too_many") } else { (401, "signed_out") };
            assert_eq!(code(&reply), (expected.0, expected.1.to_owned()), "{call} {authorization}");
        }
    }
    // A session in any other place is none.
    let session = front.sign_in(&kept.keys);
    let cookie = format!("session={session}");
    for headers in [
        [("content-type", "application/json"), ("cookie", cookie.as_str())],
        [("content-type", "application/json"), ("x-session", &session)],
    ] {
        let reply = front.ask(&Method::POST, "/desk/api/list", &headers, "{\"state\":\"waiting\",\"limit\":1}");
        assert!(matches!(reply.status.as_u16(), 401 | 429), "{}", reply.status);
    }
    front
        .ask(
            &Method::POST,
            "/desk/api/list",
            &[("content-type", "application/json"), ("authorization", &format!("bearer {session}"))],
            "{\"state\":\"waiting\",\"limit\":1}",
        )
        .is(200);
}
