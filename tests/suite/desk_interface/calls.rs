//! The calls about requests: lists, changes, and waiting for news.

use super::{ANA, BEN, Front, answer, closing, code, own_fingerprint};
use crate::sealed::Kept;
use clinic_site::desk::Origin;
use clinic_site::requests::keys::{PrivateKeys, PublicKeys};
use clinic_site::requests::seal::open;
use clinic_site::requests::store::hash;
use serde_json::{Value, json};
use std::time::Duration;
use tokio::time::timeout;

#[test]
fn of_two_who_close_one_request_at_once_one_wins_and_the_other_is_told_by_whom() {
    let (kept, colleague) = (Kept::new(), PrivateKeys::generate());
    let texts = [&kept.keys, &colleague].map(|keys| keys.public().unwrap().texts().remove(0));
    let both = PublicKeys::parse(texts.iter().map(String::as_str)).unwrap();
    let ana = kept.add(1, "2026-11-23T11:12:00Z", ANA, |_| ());
    let front = Front::with(&kept, &both, Origin::Published(super::SITE.to_owned()));
    let sessions = [front.sign_in(&kept.keys), front.sign_in(&colleague)];
    let row = front.row(&sessions[0], &ana);
    let changes = ["first", "second"].map(|note| closing(&kept.keys, &row, Some(note)));
    let [first, second] = [0, 1].map(|at| json!({ "changes": [&changes[at]] }));
    let replies = front.runtime.block_on(async {
        let call = |at: usize, body| front.calling("192.0.2.1:1", "change", &sessions[at], body);
        tokio::join!(call(0, &first), call(1, &second))
    });
    let results = [&replies.0, &replies.1].map(|reply| answer(reply)["results"][0].take());
    let won = results.iter().position(|result| result["result"] == "done").unwrap();
    let lost = &results[1 - won];
    assert_eq!(lost["result"], "changed");
    let by = [&kept.keys, &colleague].map(own_fingerprint);
    assert_eq!(lost["row"]["history"][0]["key"], by[won].as_str());
    let closing_now = open(&kept.keys, lost["row"]["sealed"].as_str().unwrap()).unwrap().closing.clone().unwrap();
    assert_eq!(*closing_now.note, *["first", "second"][won], "what the winner wrote is what is there");
    // The answer got lost, and it is sent again: it is done, and noted once.
    let again = front.change(&sessions[won], &[changes[won].clone()]);
    assert_eq!(again[0]["result"], "done");
    assert_eq!(front.row(&sessions[0], &ana)["history"].as_array().unwrap().len(), 1);
    assert_eq!(front.change(&sessions[1 - won], &[changes[1 - won].clone()])[0]["result"], "changed");
}

#[test]
fn each_change_of_many_has_a_result_of_its_own() {
    let kept = Kept::new();
    let [ana, ben] = [(1, ANA), (2, BEN)].map(|(number, body)| kept.add(number, "2026-11-23T11:12:00Z", body, |_| ()));
    let front = Front::of(&kept);
    let session = front.sign_in(&kept.keys);
    let [of_ana, of_ben] = [&ana, &ben].map(|reference| closing(&kept.keys, &front.row(&session, reference), Some("")));
    let with = |change: &Value, name: &str, value: Value| {
        let mut change = change.clone();
        change[name] = value;
        change
    };
    let sealed = of_ben["sealed"].as_str().unwrap();
    let short = crate::sealed::seal_text(&kept.keys.public().unwrap(), "a text of another length");
    let results = front.change(
        &session,
        &[
            with(&of_ben, "sealed", json!("no age file")),
            with(&of_ben, "sealed", json!(short)),
            with(&of_ben, "sealed", json!(format!("{sealed}{sealed}"))),
            with(&of_ben, "sealed", json!("x".repeat(16 * 1024 + 1))),
            with(&of_ben, "was", json!(hash("something else"))),
            with(&of_ben, "reference", json!("0000-0000")),
            with(&of_ben, "reference", json!("'; DROP TABLE requests; --")),
            of_ana,
            of_ben.clone(),
        ],
    );
    let named: Vec<_> = results.as_array().unwrap().iter().map(|result| result["result"].as_str().unwrap()).collect();
    let wrong = "wrong_shape";
    assert_eq!(named, [wrong, wrong, wrong, wrong, "changed", "gone", "gone", "done", "done"]);
    assert_eq!(results[4]["row"]["closed_day"], json!(null));
    assert_eq!(results[6]["reference"], "'; DROP TABLE requests; --", "each is named as it was asked");
    assert!(open(&kept.keys, front.row(&session, &ben)["sealed"].as_str().unwrap()).unwrap().closing.is_some());
    for count in [0, 51] {
        let reply = front.call("change", &session, &json!({ "changes": vec![&of_ben; count] }));
        assert_eq!(code(&reply), (422, "wrong_shape".to_owned()), "{count}");
    }
    let many = vec![closing(&kept.keys, &front.row(&session, &ben), None); 50];
    assert_eq!(front.change(&session, &many).as_array().unwrap().len(), 50, "the longest call fits in");
}

#[test]
fn lists_are_the_newest_first_page_by_page_and_counts_are_true() {
    let kept = Kept::new();
    kept.sql(
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 700) \
         INSERT INTO requests (reference, received_hour, language, closed_day, keys, sealed) \
         SELECT printf('%04d-%04d', i, i), 3600 * (i / 3), 'en', CASE WHEN i > 450 THEN 20000 + i / 7 END, 'key', 'sealed' FROM n",
    );
    let front = Front::of(&kept);
    let session = front.sign_in(&kept.keys);
    for (state, count) in [("waiting", 450), ("closed", 250)] {
        let (mut seen, mut after) = (Vec::new(), json!(null));
        loop {
            let asked = json!({ "state": state, "after": after, "limit": 100 });
            let mut page = answer(&front.call("list", &session, &asked).is(200));
            assert_eq!((&page["waiting"], &page["closed"]), (&json!(450), &json!(250)));
            let rows = page["rows"].as_array().unwrap();
            seen.extend(rows.iter().map(|row| row["reference"].as_str().unwrap().to_owned()));
            assert!(rows.iter().all(|row| (row["closed_day"] == json!(null)) == (state == "waiting")));
            after = page["next"].take();
            if after.is_null() {
                break;
            }
            assert_eq!(seen.len() % 100, 0);
        }
        assert_eq!(seen.len(), count, "{state}");
        assert!(seen.is_sorted_by(|a, b| a > b), "{state}: the newest first, each once");
    }
    let place = json!({ "reference": "0400-0400", "received_hour": 0, "closed_day": null });
    for wrong in [
        json!({ "state": "waiting", "limit": 0 }),
        json!({ "state": "waiting", "limit": 101 }),
        json!({ "state": "waiting", "limit": -1 }),
        json!({ "state": "all", "limit": 1 }),
        json!({ "state": "waiting" }),
        json!({ "state": "closed", "limit": 1, "after": place }),
        json!({ "state": "waiting", "limit": 1, "after": { "reference": "0400-0400" } }),
        json!({ "state": "waiting", "limit": 1, "more": true }),
    ] {
        assert_eq!(code(&front.call("list", &session, &wrong)), (422, "wrong_shape".to_owned()), "{wrong}");
    }
    for gone in ["0000-0000", "nonsense", "", "../../etc/passwd"] {
        assert_eq!(code(&front.call("get", &session, &json!({ "reference": gone }))), (404, "not_here".to_owned()));
    }
}

#[test]
fn who_waits_is_told_at_once_what_came_and_a_stop_ends_the_waiting() {
    let kept = Kept::new();
    let front = Front::of(&kept);
    let session = front.sign_in(&kept.keys);
    let sessions: Vec<String> = (0..24).map(|_| front.sign_in(&kept.keys)).collect();
    let first = answer(&front.call("wait", &session, &json!({ "revision": "" })).is(200));
    assert_eq!((&first["waiting"], &first["closed"]), (&json!(0), &json!(0)));
    let ana = kept.add(1, "2026-11-23T11:12:00Z", ANA, |_| ());
    let wait = |revision: &Value| json!({ "revision": revision });
    let second = answer(&front.call("wait", &session, &wait(&first["revision"])).is(200));
    assert_eq!((&second["waiting"], &second["closed"]), (&json!(1), &json!(0)));
    let change = closing(&kept.keys, &front.row(&session, &ana), Some(""));
    let changed = answer(&front.call("change", &session, &json!({ "changes": [change] })).is(200));
    let third = answer(&front.call("wait", &session, &wait(&second["revision"])).is(200));
    assert_eq!(third["revision"], changed["revision"]);
    assert_eq!((&third["waiting"], &third["closed"]), (&json!(0), &json!(1)));

    front.runtime.block_on(async {
        let asked = wait(&third["revision"]);
        let call = || front.calling("192.0.2.1:1", "wait", &session, &asked);
        // What it knows is what is there, also of what was looked at a moment ago.
        assert!(timeout(Duration::from_millis(1500), call()).await.is_err(), "there is no news");
        assert_eq!(
            front.desk.counts().waiting.load(std::sync::atomic::Ordering::Relaxed),
            0,
            "whoever is gone waits no longer"
        );
        {
            let again = futures_of(2, call);
            tokio::pin!(again);
            assert!(timeout(Duration::from_millis(1500), &mut again).await.is_err(), "the last one waits");
            assert_eq!(
                front.desk.counts().waiting.load(std::sync::atomic::Ordering::Relaxed),
                1,
                "whoever asks again has given up the call before"
            );
        }
        let next = std::cell::Cell::new(0);
        let eight = futures_of(24, || {
            let session = &sessions[next.replace(next.get() + 1)];
            front.calling("192.0.2.1:1", "wait", session, &asked)
        });
        tokio::pin!(eight);
        assert!(timeout(Duration::from_millis(300), &mut eight).await.is_err());
        let ninth = call().await;
        assert_eq!(code(&ninth), (429, "too_many".to_owned()));
        assert!(ninth.headers.contains_key("retry-after"));
        front.desk.stop();
        let told = timeout(Duration::from_millis(500), eight).await.expect("a stop ends them");
        for reply in told {
            assert_eq!(answer(&reply)["revision"], third["revision"]);
        }
        assert_eq!(answer(&call().await)["revision"], third["revision"], "and the next is answered at once");
    });
}

/// Some calls at once.
async fn futures_of<F: Future>(count: usize, call: impl Fn() -> F) -> Vec<F::Output> {
    let mut running: Vec<_> = (0..count).map(|_| Box::pin(call())).collect();
    let mut done: Vec<Option<F::Output>> = (0..count).map(|_| None).collect();
    std::future::poll_fn(|context| {
        for (future, done) in running.iter_mut().zip(&mut done).filter(|(_, done)| done.is_none()) {
            if let std::task::Poll::Ready(output) = future.as_mut().poll(context) {
                *done = Some(output);
            }
        }
        if done.iter().all(Option::is_some) { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
    })
    .await;
    done.into_iter().flatten().collect()
}
