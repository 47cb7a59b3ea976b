//! True health: whether requests can be written is learned by writing, and an outage is told to the log once, with its cause and its end.

use crate::harness::parts::SmallDisk;
use crate::harness::postgres::Postgres;
use crate::harness::stores::{HOME, Place, block_on, inbox, now, on_both, request, set_closed, until, written};
use crate::logs::logged;
use crate::sealed::wait;
use clinic_site::requests::health::State;
use clinic_site::requests::inbox::Inbox;
use clinic_site::requests::keys::PrivateKeys;
use clinic_site::requests::mail::{Delivery, MailSettings, MailStatus, Mailer};
use clinic_site::requests::purge::purge_daily;
use clinic_site::requests::store::{Location, Store};
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;
use tokio::task::JoinSet;

on_both! {
    health_is_unknown_until_something_was_written
    asking_often_probes_once
    a_failure_that_only_a_write_meets_is_seen_and_so_is_its_end
}

fn store(folder: &Path) -> Arc<Store> {
    Arc::new(Store::new(Location::Folder(folder.to_owned())).unwrap())
}

/// How many lines of a log hold all of these.
fn lines(log: &str, wanted: &[&str]) -> usize {
    log.lines().filter(|line| wanted.iter().all(|wanted| line.contains(wanted))).count()
}

async fn health_is_unknown_until_something_was_written(place: Place) {
    let store = place.store();
    let (inbox, _) = inbox(&store);
    store.ping().await.unwrap();
    assert!(matches!(inbox.health().state(), State::Unknown), "reading says nothing about writing");
    inbox.take(&request("Ana"), HOME).await.unwrap();
    assert!(matches!(inbox.health().state(), State::Good));
    // A process that nobody has asked for anything knows by a probe.
    let other = Inbox::new(PrivateKeys::generate().public().unwrap(), Arc::clone(&store), now, None).unwrap();
    other.writable().await.unwrap();
    assert!(matches!(other.health().state(), State::Good));
}

async fn asking_often_probes_once(place: Place) {
    let store = place.store();
    let (inbox, _) = inbox(&store);
    let mut tasks = JoinSet::new();
    for _ in 0..100 {
        let inbox = Arc::clone(&inbox);
        tasks.spawn(async move { inbox.writable().await.unwrap() });
    }
    tasks.join_all().await;
    for _ in 0..100 {
        inbox.writable().await.unwrap();
    }
    // The second probe would write the next letter.
    assert_eq!(place.number("SELECT COUNT(*) FROM store WHERE probe LIKE 'aaa%'").await, 1);
}

async fn a_failure_that_only_a_write_meets_is_seen_and_so_is_its_end(place: Place) {
    let store = place.store();
    let (inbox, _) = inbox(&store);
    inbox.take(&request("before"), HOME).await.unwrap();
    place.refuse("NEW.language = 'en'").await;
    inbox.take(&request("Ana"), HOME).await.unwrap_err();
    let State::Bad { since, cause } = inbox.health().state() else { panic!("{:?}", inbox.health()) };
    assert_eq!((since, cause.to_string().contains("refused")), (now(), true), "{cause}");
    assert_eq!(inbox.writable().await.unwrap_err().to_string(), cause.to_string(), "known without a probe");
    assert!(store.ping().await.is_ok());
    place.allow().await;
    inbox.take(&request("Ana"), HOME).await.unwrap();
    assert!(matches!(inbox.health().state(), State::Good));
    inbox.writable().await.unwrap();
}

#[test]
fn a_full_disk_is_told_once_with_its_cause_and_its_end() {
    let Some(disk) = SmallDisk::mount("2m") else { return };
    let folder = disk.path().join("data");
    let log = logged(|| {
        wait(async {
            let store = store(&folder);
            let (inbox, _) = inbox(&store);
            inbox.take(&request("before"), HOME).await.unwrap();
            store.close().await;
            let filler = disk.path().join("filler");
            let _ = fs::write(&filler, vec![0; 4 << 20]);
            // The purge comes first, as it does at a start.
            let mut tasks = JoinSet::new();
            tasks.spawn(purge_daily(Arc::clone(&store), 30, now, Arc::clone(inbox.health())));
            until("the purge has failed", async || matches!(inbox.health().state(), State::Bad { .. })).await;
            for number in 0..20 {
                inbox.take(&request(&format!("Ana-{number}")), HOME).await.unwrap_err();
                inbox.writable().await.unwrap_err();
                store.probe().await.unwrap_err();
            }
            fs::remove_file(filler).unwrap();
            until("it is seen without a visitor", async || inbox.writable().await.is_ok()).await;
            inbox.take(&request("Ana-0"), HOME).await.unwrap();
            store.close().await;
        });
    });
    let database = folder.join("requests.db");
    assert_eq!(lines(&log, &["ERROR", "the store of requests can't be used", database.to_str().unwrap()]), 1, "{log}");
    // SQLite's words or the system's: it depends on which file had no room.
    assert!(log.contains("database or disk is full") || log.contains("No space left on device"), "{log}");
    assert_eq!((lines(&log, &["ERROR"]), lines(&log, &["WARN"])), (1, 0), "{log}");
    assert_eq!(lines(&log, &["INFO", "the store of requests can be written again"]), 1, "{log}");
    assert!(!log.contains("Ana"), "{log}");
}

#[test]
fn a_read_only_disk_fails_a_probe_while_it_can_be_read() {
    let Some(disk) = SmallDisk::mount("4m") else { return };
    block_on(async {
        let store = store(&disk.path().join("data"));
        store.probe().await.unwrap();
        store.close().await;
        until("the files are closed", async || disk.remount("ro")).await;
        assert!(store.probe().await.is_err());
        assert!(disk.remount("rw"));
        store.probe().await.unwrap();
        store.close().await;
    });
}

#[test]
fn whoever_uses_the_store_tells_one_outage_together_and_watching_sees_its_end() {
    let home = tempfile::tempdir().unwrap();
    let (folder, away) = (home.path().join("data"), home.path().join("away"));
    let log = logged(|| {
        wait(async {
            let (store, bell) = (store(&folder), Arc::new(Notify::new()));
            let keys = PrivateKeys::generate().public().unwrap();
            let inbox = written(Inbox::new(keys, Arc::clone(&store), now, Some(Arc::clone(&bell))).unwrap());
            inbox.writable().await.unwrap();
            fs::rename(&folder, &away).unwrap();
            let mailer = Mailer::new(MailSettings {
                server: "smtp://127.0.0.1:1".parse().unwrap(),
                password: None,
                authority: None,
                from: "site@clinic.example".parse().unwrap(),
                to: vec!["desk@clinic.example".parse().unwrap()],
            });
            let (mailer, counts, health) = (mailer.unwrap(), Arc::new(MailStatus::default()), inbox.health());
            let delivery = Delivery::new(Arc::clone(&store), Arc::clone(health), mailer, bell, now, counts);
            let delivery = Arc::new(delivery);
            let mut tasks = JoinSet::new();
            tasks.spawn(purge_daily(Arc::clone(&store), 30, now, Arc::clone(health)));
            tasks.spawn(delivery.run());
            tasks.spawn(Arc::clone(health).watch());
            for number in 0..20 {
                inbox.take(&request(&format!("Ana-{number}")), HOME).await.unwrap_err();
            }
            fs::rename(&away, &folder).unwrap();
            until("it is over", async || matches!(health.state(), State::Good)).await;
        });
    });
    assert_eq!(lines(&log, &["ERROR", "requests.db is missing", "Bring the folder"]), 1, "{log}");
    assert_eq!((lines(&log, &["ERROR"]), lines(&log, &["WARN"])), (1, 0), "{log}");
    assert_eq!(lines(&log, &["INFO", "can be written again", "seconds="]), 1, "{log}");
}

#[test]
fn another_cause_gets_a_line_of_its_own() {
    let Some(server) = Postgres::start() else { return };
    let place = Place::at(Location::PostgreSql(server.database()));
    let log = logged(|| {
        wait(async {
            let store = place.store();
            let (inbox, _) = inbox(&store);
            inbox.take(&request("before"), HOME).await.unwrap();
            place.refuse("NEW.language = 'en'").await;
            for _ in 0..3 {
                inbox.take(&request("Ana"), HOME).await.unwrap_err();
            }
            server.stop();
            for _ in 0..3 {
                inbox.take(&request("Ana"), HOME).await.unwrap_err();
                assert!(store.probe().await.is_err());
            }
            server.go_on();
            place.allow().await;
            inbox.take(&request("Ana"), HOME).await.unwrap();
            tokio::time::sleep(Duration::from_millis(10)).await;
        });
    });
    assert_eq!(lines(&log, &["ERROR", "the database: refused"]), 1, "{log}");
    assert_eq!(lines(&log, &["ERROR", "Connection refused"]), 1, "{log}");
    assert!(lines(&log, &["ERROR"]) <= 3, "{log}");
    assert_eq!(lines(&log, &["INFO", "can be written again"]), 1, "{log}");
}

#[test]
fn a_clock_that_has_leapt_deletes_nothing_and_is_told_until_it_is_right() {
    static LEAPT: std::sync::atomic::AtomicBool = std::sync::atomic::AtomicBool::new(false);
    fn clock() -> jiff::Timestamp {
        let leapt = LEAPT.load(std::sync::atomic::Ordering::Relaxed);
        if leapt { "2050-01-01T00:00:00Z".parse().unwrap() } else { now() }
    }
    let folder = tempfile::tempdir().unwrap();
    let log = logged(|| {
        wait(async {
            let store = store(folder.path());
            let (inbox, _) = inbox(&store);
            let health = inbox.health();
            let today = clinic_site::requests::inbox::today(now());
            for (number, day) in [(1, today - 31), (2, today - 30)] {
                let mut row = crate::harness::stores::row(number);
                row.received_hour = (today - 40) * 24 * 3600;
                store.add(std::slice::from_ref(&row), false).await.unwrap();
                set_closed(&store, &row.reference, Some(day), "closed").await;
            }
            let closed = async || store.count(clinic_site::requests::store::Wanted::Closed).await.unwrap();
            let mut tasks = JoinSet::new();
            let mut purge = || tasks.spawn(purge_daily(Arc::clone(&store), 30, clock, Arc::clone(health)));
            let first = purge();
            until("it deletes in time", async || closed().await == 1).await;
            until("the day is remembered", async || store.days().await.unwrap().0 == Some(today)).await;
            first.abort();
            // A restart, and the clock is wrong.
            LEAPT.store(true, std::sync::atomic::Ordering::Relaxed);
            let second = purge();
            until("it is doubted", async || health.clock_trouble().is_some()).await;
            let trouble = health.clock_trouble().unwrap();
            assert!(
                trouble.contains("8437 days ahead of 2026-11-26") && trouble.contains("no closed request"),
                "{trouble}"
            );
            assert_eq!((closed().await, store.days().await.unwrap().0), (1, Some(today)));
            second.abort();
            LEAPT.store(false, std::sync::atomic::Ordering::Relaxed);
            purge();
            until("it is right again", async || health.clock_trouble().is_none()).await;
            assert_eq!(closed().await, 1);
        });
    });
    assert_eq!(lines(&log, &["ERROR", "the clock is 8437 days ahead", "purge --trust-clock"]), 1, "{log}");
    assert_eq!(lines(&log, &["INFO", "the clock is believed again"]), 1, "{log}");
}
