//! What takes minutes and days, at another pace: greylisting, refused addresses that are mended, many requests at once, rows of an older program.

use super::{MailServer, STAFF, recipient};
use crate::harness::stores::{HOME, Kind, Place, block_on, on, on_both, request, row, set_closed, until, written};
use crate::logs::logged;
use crate::sealed::wait;
use clinic_site::requests::inbox::Inbox;
use clinic_site::requests::keys::PrivateKeys;
use clinic_site::requests::mail::{Delivery, MailSettings, MailStatus, Mailer, Pace};
use clinic_site::requests::store::{Due, Store};
use serde_json::Value;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::sync::Notify;
use tokio::task::JoinHandle;

on_both! {
    each_recipient_has_rows_of_their_own
    what_an_older_program_left_is_addressed
    what_an_older_program_put_off_is_addressed_once_it_is_not_being_sent
    the_way_back_to_an_older_program_is_as_documented
}

const SECOND: Duration = Duration::from_secs(1);

const QUICK: Pace = Pace { look: SECOND, retry: (SECOND, SECOND), refused: (SECOND, SECOND), limit: (1000, SECOND) };

fn clock() -> jiff::Timestamp {
    jiff::Timestamp::from_second(crate::program::seconds_now()).unwrap()
}

/// A delivery to this mail server.
fn delivery(
    mail: &MailServer,
    store: &Arc<Store>,
    to: &[&str],
    pace: Pace,
) -> (Arc<Inbox>, Arc<MailStatus>, JoinHandle<()>) {
    let bell = Arc::new(Notify::new());
    let keys = PrivateKeys::generate().public().unwrap();
    let inbox = written(Inbox::new(keys, Arc::clone(store), clock, Some(Arc::clone(&bell))).unwrap());
    let mailer = Mailer::new(MailSettings {
        server: format!("smtp://127.0.0.1:{}", mail.port).parse().unwrap(),
        password: None,
        authority: None,
        from: "site@clinic.example".parse().unwrap(),
        to: to.iter().map(|to| to.parse().unwrap()).collect(),
    });
    let status = Arc::new(MailStatus::default());
    let health = Arc::clone(inbox.health());
    let delivery = Delivery::new(Arc::clone(store), health, mailer.unwrap(), bell, clock, Arc::clone(&status));
    let task = tokio::spawn(Arc::new(delivery.with_pace(pace)).run());
    (inbox, status, task)
}

/// The next message, while everything goes on in this thread.
async fn next(mail: &MailServer) -> Value {
    for _ in 0..1200 {
        if let Ok(message) = mail.messages.try_recv() {
            return message;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("no message within a minute");
}

/// The addresses of STAFF.
fn staff() -> Vec<String> {
    STAFF.map(str::to_owned).to_vec()
}

fn references(due: &[Due]) -> Vec<&str> {
    due.iter().map(|due| due.reference.as_str()).collect()
}

async fn each_recipient_has_rows_of_their_own(place: Place) {
    let (one, other) = (place.store(), place.store());
    one.add(&[row(0), row(1), row(2)], true).await.unwrap();
    // Both address at once; there is one row each all the same.
    let (staff, [desk, lead]) = (staff(), STAFF);
    let (first, second) = tokio::join!(one.address(&staff, 1000), other.address(&staff, 1000));
    assert!(first.is_ok() && second.is_ok());
    assert_eq!(one.unsent().await.unwrap(), 6);
    assert_eq!(one.address(&staff, 1000).await.unwrap().len(), 2, "both have something to read");
    // Both want it; one gets all.
    let (first, second) = tokio::join!(one.claim(desk, 1000, 1060), other.claim(desk, 1000, 1060));
    let (first, second) = (first.unwrap(), second.unwrap());
    let mut all: Vec<_> = [references(&first), references(&second)].concat();
    all.sort_unstable();
    let wanted = [row(0), row(1), row(2)].map(|row| row.reference.as_str().to_owned());
    assert_eq!(all, wanted, "each once");
    assert_eq!(one.claim(desk, 1059, 1100).await.unwrap(), []);
    // Those of the other recipient are still there, without what staff have found by themselves.
    assert!(set_closed(&one, &row(1).reference, Some(20_800), "closed").await);
    let due = other.claim(lead, 1000, 1060).await.unwrap();
    assert_eq!(references(&due), [wanted[0].as_str(), &wanted[2]]);
    other.postpone(lead, &due, 5000).await.unwrap();
    assert_eq!(one.claim(lead, 4999, 5060).await.unwrap(), []);
    // A restart tries again what waits for long, and leaves alone what somebody sends now.
    one.try_again(1000, 1060).await.unwrap();
    assert_eq!(one.claim(desk, 1000, 1060).await.unwrap(), []);
    let again = one.claim(lead, 1000, 1060).await.unwrap();
    assert_eq!(again.iter().map(|due| due.attempts).collect::<Vec<_>>(), [2, 2]);
    one.mark_sent(lead, &[wanted[0].clone()]).await.unwrap();
    assert_eq!(one.unsent().await.unwrap(), 4);
    // Whoever is no recipient any more: those who are get what they were not told.
    let now = vec!["new@clinic.example".to_owned()];
    assert_eq!(one.address(&now, 1059).await.unwrap(), Vec::<String>::new(), "somebody sends it now");
    assert_eq!(one.address(&now, 1060).await.unwrap(), now);
    assert_eq!(one.unsent().await.unwrap(), 3);
    assert_eq!(references(&one.claim(&now[0], 1060, 1100).await.unwrap()), [wanted[0].as_str(), &wanted[2]]);
}

async fn what_an_older_program_left_is_addressed(place: Place) {
    let store = place.store();
    store.add(&[row(7), row(8)], false).await.unwrap();
    for (number, next_try) in [(7, 0), (8, 2000)] {
        let reference = row(number).reference;
        place.sql(&format!("INSERT INTO outbox VALUES ('{reference}', 3, {next_try})")).await;
    }
    let staff = staff();
    store.address(&staff, 1000).await.unwrap();
    let due = store.claim(&staff[0], 1000, 1060).await.unwrap();
    assert_eq!(references(&due), [row(7).reference.as_str()], "the other is being sent by the older program");
    store.address(&staff, 2000).await.unwrap();
    assert_eq!(store.claim(&staff[1], 2000, 2060).await.unwrap().len(), 2);
    assert_eq!(place.number("SELECT COUNT(*) FROM outbox").await, 0);
}

/// The older program put a row off while it tried it: for a minute, then twice as long each time, up to six hours.
async fn what_an_older_program_put_off_is_addressed_once_it_is_not_being_sent(place: Place) {
    let (store, now) = (place.store(), 100_000);
    let rows = [
        (0, 0, 0, true),
        (1, 12, now + 20_800, true),
        (2, 12, now + 21_590, false),
        (3, 4, now + 300, true),
        (4, 4, now + 470, false),
        (5, 1, now + 30, false),
        (6, 9, now + 15_300, true),
        (7, 500, now + 21_540, true),
        (8, 2, now + 61, false),
    ];
    for (number, attempts, next_try, _) in rows {
        store.add(&[row(number)], false).await.unwrap();
        place.sql(&format!("INSERT INTO outbox VALUES ('{}', {attempts}, {next_try})", row(number).reference)).await;
    }
    let staff = staff();
    store.address(&staff, now).await.unwrap();
    let due = store.claim(&staff[0], now, now + 150).await.unwrap();
    let mut due = references(&due);
    due.sort_unstable();
    let wanted = rows.into_iter().filter(|row| row.3).map(|(number, ..)| row(number).reference);
    let mut wanted: Vec<_> = wanted.map(|reference| reference.as_str().to_owned()).collect();
    wanted.sort_unstable();
    assert_eq!(due, wanted, "the others are being sent by the older program");
}

/// The older program reads `outbox` alone.
async fn the_way_back_to_an_older_program_is_as_documented(place: Place) {
    let store = place.store();
    store.add(&[row(0), row(1)], true).await.unwrap();
    store.address(&staff(), 1000).await.unwrap();
    store.add(&[row(2)], true).await.unwrap();
    store.claim(STAFF[0], 1000, 5000).await.unwrap();
    let guide = std::fs::read_to_string("docs/operating.md").unwrap();
    let sql = guide.lines().map(str::trim).find(|line| line.starts_with("INSERT INTO outbox")).unwrap();
    place.sql(sql).await;
    assert_eq!(place.number("SELECT COUNT(*) FROM outbox WHERE attempts = 0 AND next_try = 0").await, 3);
    assert_eq!(store.unsent().await.unwrap(), 3);
}

#[test]
fn what_waits_in_the_outbox_of_an_older_program_is_sent() {
    let Some(mail) = MailServer::start(&["plain"]) else { return };
    on(Kind::Sqlite, async |place| {
        let store = place.store();
        store.add(&[row(7)], false).await.unwrap();
        place.sql(&format!("INSERT INTO outbox VALUES ('{}', 3, 1)", row(7).reference)).await;
        let (_inbox, _, task) = delivery(&mail, &store, &STAFF, QUICK);
        for message in mail.next_for_all().values() {
            assert!(message["data"].as_str().unwrap().contains(row(7).reference.as_str()));
        }
        until("the outbox is empty", async || store.unsent().await.unwrap() == 0).await;
        task.abort();
    });
}

#[test]
fn a_server_that_greylists_is_tried_again_and_is_no_trouble() {
    let Some(mail) = MailServer::start(&["plain", "--greylist", "2"]) else { return };
    let log = logged(|| {
        wait(async {
            let place = Place::new(Kind::Sqlite).unwrap();
            let store = place.store();
            let (inbox, status, task) = delivery(&mail, &store, &STAFF[..1], QUICK);
            inbox.take(&request("Ana"), HOME).await.unwrap();
            for _ in 0..2 {
                assert_eq!(next(&mail).await["rejected"], STAFF[0]);
            }
            assert!(status.troubles().is_empty());
            assert_eq!(recipient(&next(&mail).await), STAFF[0]);
            until("it is counted", async || status.sent.load(Ordering::Relaxed) == 1).await;
            assert_eq!((status.failed.load(Ordering::Relaxed), status.refused.load(Ordering::Relaxed)), (2, 0));
            task.abort();
        });
    });
    let lines = |wanted: &str| log.lines().filter(|line| line.contains(wanted)).count();
    assert_eq!(
        (lines("WARN"), lines("ERROR"), lines("notified of requests at this address again")),
        (1, 0, 1),
        "{log}"
    );
}

#[test]
fn a_refused_address_that_is_mended_is_told_by_itself_and_the_log_says_so() {
    let Some(mut mail) = MailServer::start(&["plain", "--reject", STAFF[0]]) else { return };
    let log = logged(|| {
        wait(async {
            let place = Place::new(Kind::Sqlite).unwrap();
            let store = place.store();
            let (inbox, status, task) = delivery(&mail, &store, &STAFF[..1], QUICK);
            for name in ["Ana", "Ben"] {
                inbox.take(&request(name), HOME).await.unwrap();
            }
            assert_eq!(next(&mail).await["rejected"], STAFF[0]);
            until("it is a trouble", async || status.troubles().len() == 1).await;
            mail.accept();
            let told = loop {
                let message = next(&mail).await;
                if message["data"].is_string() {
                    break message;
                }
            };
            assert!(told["data"].as_str().unwrap().contains("Subject: 2 requests"), "{told}");
            until("it is over", async || status.troubles().is_empty()).await;
            task.abort();
        });
    });
    let lines = |wanted: &str| log.lines().filter(|line| line.contains(wanted)).count();
    assert_eq!((lines("ERROR"), lines("notified of requests at this address again")), (1, 1), "{log}");
}

#[test]
fn an_address_for_which_nothing_waits_any_more_is_no_trouble_and_the_log_does_not_call_it_mended() {
    let Some(mail) = MailServer::start(&["plain", "--reject", STAFF[0]]) else { return };
    let log = logged(|| {
        wait(async {
            let place = Place::new(Kind::Sqlite).unwrap();
            let store = place.store();
            let hour = Duration::from_hours(1);
            let (inbox, status, task) = delivery(&mail, &store, &STAFF[..1], Pace { refused: (hour, hour), ..QUICK });
            let first = inbox.take(&request("Ana"), HOME).await.unwrap();
            let second = inbox.take(&request("Ben"), HOME).await.unwrap();
            assert_eq!(next(&mail).await["rejected"], STAFF[0]);
            until("it is a trouble", async || status.troubles().len() == 1).await;
            assert!(set_closed(&store, &first, Some(20_800), "closed").await);
            tokio::time::sleep(SECOND * 3).await;
            assert_eq!(status.troubles().len(), 1, "the second waits");
            assert!(set_closed(&store, &second, Some(20_800), "closed").await);
            until("it is over", async || status.troubles().is_empty()).await;
            // The next one is tried at once, and the trouble begins anew.
            inbox.take(&request("Cleo"), HOME).await.unwrap();
            assert_eq!(next(&mail).await["rejected"], STAFF[0]);
            until("it is a trouble again", async || status.troubles().len() == 1).await;
            task.abort();
        });
    });
    let lines = |wanted: &str| log.lines().filter(|line| line.contains(wanted)).count();
    assert_eq!((lines("ERROR"), lines("notified of requests at this address again")), (2, 0), "{log}");
    assert_eq!(lines("nothing waits for this address any more"), 1, "{log}");
}

#[test]
fn many_requests_at_once_are_told_in_few_messages() {
    let Some(mail) = MailServer::start(&["plain"]) else { return };
    block_on(async {
        let place = Place::new(Kind::Sqlite).unwrap();
        let store = place.store();
        let (inbox, _, task) = delivery(&mail, &store, &STAFF[..1], Pace { limit: (2, SECOND * 3), ..QUICK });
        let mut references = Vec::new();
        for number in 0..50 {
            references.push(inbox.take(&request(&format!("Ana-{number}")), HOME).await.unwrap());
        }
        let (mut texts, mut messages) = (String::new(), 0);
        while !references.iter().all(|reference| texts.contains(reference.as_str())) {
            let message = next(&mail).await;
            texts.push_str(message["data"].as_str().unwrap());
            messages += 1;
        }
        assert!(messages <= 6, "{messages} messages about 50 requests");
        assert!(texts.contains(" requests for an appointment wait\r\n") && !texts.contains("Ana"), "{texts}");
        let each_once = references.iter().all(|reference| texts.matches(&format!("    {reference}\r\n")).count() <= 1);
        assert!(each_once, "{texts}");
        task.abort();
    });
}
