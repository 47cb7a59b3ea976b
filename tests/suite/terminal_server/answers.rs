//! Servers that lie before anything is listed: challenges that are none, and answers that no desk gives.

use super::stub::{Answer, Desk, Stub, challenge, row, token};
use super::{ANA, Staff, refused, two};
use crate::program::ran;
use serde_json::json;

/// What a server wants opened.
type Challenges = Box<dyn Fn(&Desk) -> Vec<String> + Send + Sync>;

/// What a server answers that knows the address of another.
type Lie = Box<dyn Fn(&str) -> Answer + Send + Sync>;

#[test]
fn what_is_no_challenge_of_this_server_is_not_sent_back() {
    let staff = Staff::new();
    let public = staff.public();
    let stored = row(1, &public, ANA, |_| ())["sealed"].as_str().unwrap().to_owned();
    let sealed = |text: &str| crate::sealed::seal_text(&public, text);
    let own = |desk: &Desk| challenge(&desk.address);
    let lies: Vec<(&str, Challenges)> = vec![
        ("a request that is stored", Box::new(move |_| vec![stored.clone()])),
        (
            "another server's",
            Box::new({
                let sealed = sealed(&challenge("https://clinic.example"));
                move |_| vec![sealed.clone()]
            }),
        ),
        (
            "with a line more",
            Box::new({
                let public = public.clone();
                move |desk| vec![crate::sealed::seal_text(&public, &format!("{}a\n", own(desk)))]
            }),
        ),
        (
            "with a megabyte more",
            Box::new({
                let public = public.clone();
                move |desk| vec![crate::sealed::seal_text(&public, &(own(desk) + &"a\n".repeat(500_000)))]
            }),
        ),
        (
            "a word",
            Box::new({
                let sealed = sealed("Ana Test");
                move |_| vec![sealed.clone()]
            }),
        ),
        ("not sealed", Box::new(move |desk| vec![own(desk)])),
        (
            "cut off",
            Box::new({
                let public = public.clone();
                move |desk| {
                    let mut text = crate::sealed::seal_text(&public, &own(desk));
                    text.truncate(300);
                    vec![text]
                }
            }),
        ),
        (
            "too many",
            Box::new({
                let public = public.clone();
                move |desk| vec![crate::sealed::seal_text(&public, &own(desk)); 9]
            }),
        ),
    ];
    for (why, lie) in lies {
        let server = Stub::start(two(&staff), move |asked, desk| {
            (asked.name == "challenge").then(|| Answer::Json(200, json!({ "challenges": lie(desk) })))
        });
        let list = staff.requests(&server, &["list"]);
        refused(
            &list,
            &["something else than a sign-in", "nothing of it was sent back", "tell whoever runs the server"],
        );
        assert_eq!(server.calls(), ["challenge"], "{why}");
        assert!(!list.stderr.contains("Ana") && !list.stderr.contains(&token()), "{why}: {list:?}");
    }
}

#[test]
fn an_answer_that_no_desk_gives_is_told_in_words_and_followed_nowhere() {
    let staff = Staff::new();
    let elsewhere = Stub::honest(two(&staff));
    let raw = |text: &str| Answer::Raw(text.as_bytes().to_vec());
    let lies: Vec<(&str, Lie, &[&str])> = vec![
        (
            "challenge",
            Box::new(move |to| {
                Answer::Raw(
                    format!("HTTP/1.1 302 -\r\nlocation: {to}/desk/api/challenge\r\ncontent-length: 0\r\n\r\n").into(),
                )
            }),
            &["a redirect is never followed", "name that: --server http://127.0.0.1"],
        ),
        (
            "session",
            Box::new(move |to| {
                Answer::Raw(format!("HTTP/1.1 307 -\r\nlocation: {to}/\r\ncontent-length: 0\r\n\r\n").into())
            }),
            &["a redirect is never followed"],
        ),
        (
            "challenge",
            Box::new(move |_| raw("HTTP/1.1 302 -\r\nlocation: \u{1b}]0;owned\u{7}\r\ncontent-length: 0\r\n\r\n")),
            &[],
        ),
        (
            "challenge",
            Box::new(move |_| raw("HTTP/1.1 404 -\r\ncontent-length: 6\r\n\r\n<html>")),
            &["404", "--server takes the address", "--no-desk"],
        ),
        (
            "challenge",
            Box::new(move |_| raw("HTTP/1.1 200 -\r\ncontent-type: text/html\r\ncontent-length: 6\r\n\r\n<html>")),
            &["not as the desk of a clinic's site does"],
        ),
        ("challenge", Box::new(move |_| raw("SSH-2.0-OpenSSH_9.2\r\n")), &["something else than HTTP"]),
        ("challenge", Box::new(move |_| raw("")), &["try again"]),
        ("list", Box::new(move |_| raw("HTTP/1.1 200 -\r\ncontent-length: 60000\r\n\r\n{")), &["try again"]),
        (
            "list",
            Box::new(move |_| Answer::Json(200, json!({ "now": "soon", "rows": [], "next": null }))),
            &["no desk does"],
        ),
        (
            "list",
            Box::new(move |_| Answer::Json(200, json!({ "rows": "\u{1b}[2J" }))),
            &["other words than this program knows"],
        ),
        (
            "session",
            Box::new(move |_| Answer::Json(200, json!({ "session": "x\r\ny: z", "key": "" }))),
            &["no desk does"],
        ),
        (
            "list",
            Box::new(move |_| Answer::Json(401, json!({ "error": "signed_out" }))),
            &["it has ended the session", "run it again"],
        ),
        (
            "list",
            Box::new(move |_| Answer::Json(503, json!({ "error": "unavailable" }))),
            &["can't reach its store", "nothing was changed"],
        ),
        ("list", Box::new(move |_| Answer::Json(400, json!({ "error": "bad_request" }))), &["of another version"]),
        ("list", Box::new(move |_| Answer::Json(400, json!({ "error": "\u{1b}[2Jowned" }))), &["400"]),
        (
            "challenge",
            Box::new(move |_| {
                raw("HTTP/1.1 429 -\r\nretry-after: 30\r\ncontent-length: 20\r\n\r\n{\"error\":\"too_many\"}")
            }),
            &["asked too often", "try again in 30 seconds"],
        ),
        (
            "challenge",
            Box::new(move |_| {
                raw("HTTP/1.1 429 -\r\nretry-after: \u{1b}[2J\r\ncontent-length: 20\r\n\r\n{\"error\":\"too_many\"}")
            }),
            &["something else than HTTP"],
        ),
        ("challenge", Box::new(|_| Answer::Endless), &["answers more than 4194304 bytes"]),
    ];
    for (name, lie, words) in lies {
        let to = elsewhere.url();
        let server = Stub::start(two(&staff), move |asked, _| (asked.name == name).then(|| lie(&to)));
        let list = staff.requests(&server, &["list"]);
        refused(&list, words);
        assert!(!list.stderr.contains("owned"), "{list:?}");
        assert_eq!(server.calls().iter().filter(|call| *call == name).count(), 1, "asked once: {:?}", server.calls());
    }
    assert_eq!(elsewhere.calls(), [] as [&str; 0]);
}

#[test]
fn a_server_that_is_not_there_or_says_nothing_is_told() {
    let staff = Staff::new();
    let nobody = crate::harness::ports::free_address();
    refused(
        &ran(staff.command(&format!("http://{nobody}"), &["list"])),
        &["no connection to", "whether this computer is online"],
    );
    if std::env::var_os("CLINIC_DESK_SILENCE").is_some() {
        for name in ["challenge", "list"] {
            let server = Stub::start(two(&staff), move |asked, _| (asked.name == name).then_some(Answer::Silence));
            refused(&staff.requests(&server, &["list"]), &["no answer within 30 seconds"]);
        }
    }
}
