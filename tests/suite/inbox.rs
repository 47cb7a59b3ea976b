//! The inbox: what is asked twice is kept once, what can't be kept is refused, and who leaves takes nothing along.

mod repeats;

use crate::harness::stores::{HOME, Kind, Place, block_on, inbox, now, on_both, request, until, written};
use clinic_site::requests::inbox::{Inbox, Refused};
use clinic_site::requests::keys::PrivateKeys;
use clinic_site::requests::seal::open;
use clinic_site::requests::store::{Store, Wanted};
use clinic_site::requests::{Lines, Reference};
use sqlx::{AnyConnection, Executor};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;
use tokio::sync::Notify;

on_both! {
    what_is_taken_is_opened_with_the_key
    the_same_request_has_one_reference_and_one_row
    fifty_of_the_same_at_once_are_one_row
    a_rush_of_different_requests_is_kept
    who_leaves_while_it_is_written_finds_it_kept
    who_leaves_before_it_is_written_leaves_nothing
    more_than_can_wait_are_turned_away
    a_failure_is_counted_and_the_next_try_succeeds
    the_bell_rings_for_what_is_kept
    a_writer_that_is_ended_in_a_rush_loses_nothing_and_can_be_started_again
}

async fn waiting(store: &Store) -> i64 {
    store.count(Wanted::Waiting).await.unwrap()
}

fn counts(inbox: &Inbox) -> (u64, u64) {
    (inbox.counts().stored.load(Ordering::Relaxed), inbox.counts().failed.load(Ordering::Relaxed))
}

async fn name_of(store: &Store, keys: &PrivateKeys, reference: &Reference) -> String {
    let row = store.get(reference).await.unwrap().unwrap();
    let request = open(keys, &row.sealed).unwrap();
    assert_eq!(&*request.reference, reference.as_str());
    request.answers.name.to_string()
}

/// Holds the database's lock for writing, from another connection, until it is let go.
struct Lock(AnyConnection);

impl Lock {
    async fn take(place: &Place) -> Self {
        let mut connection = place.connection().await;
        connection
            .execute(match place.kind() {
                Kind::Sqlite => "BEGIN IMMEDIATE",
                Kind::PostgreSql => "BEGIN; LOCK TABLE requests IN EXCLUSIVE MODE",
            })
            .await
            .unwrap();
        Self(connection)
    }

    /// Returns once a request is on its way to the database, which doesn't take it.
    async fn is_waited_for(&self, place: &Place) {
        match place.kind() {
            // It doesn't say who waits. On a busy machine it takes a while.
            Kind::Sqlite => tokio::time::sleep(Duration::from_secs(1)).await,
            Kind::PostgreSql => {
                let waiting = "SELECT COUNT(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()";
                until("a request waits for the lock", async || place.number(waiting).await > 0).await;
            }
        }
    }

    async fn let_go(mut self) {
        self.0.execute("COMMIT").await.unwrap();
    }
}

async fn what_is_taken_is_opened_with_the_key(place: Place) {
    let store = place.store();
    let (inbox, keys) = inbox(&store);
    let reference = inbox.take(&request("Ana"), HOME).await.unwrap();
    assert_eq!(name_of(&store, &keys, &reference).await, "Ana");
    let row = store.get(&reference).await.unwrap().unwrap();
    assert_eq!((row.received_hour, row.language.as_str()), (now().as_second() - 14 * 60 - 15, "en"));
    assert_eq!(row.keys, keys.public().unwrap().fingerprints());
    assert_eq!(store.unsent().await.unwrap(), 0, "without a bell nobody is notified");
}

async fn the_same_request_has_one_reference_and_one_row(place: Place) {
    let store = place.store();
    let (inbox, _) = inbox(&store);
    let first = inbox.take(&request("Ana"), HOME).await.unwrap();
    assert_eq!(inbox.take(&request("Ana"), HOME).await.unwrap(), first);
    let mut other = request("Ana");
    other.answers.note = Lines::new("Please call another day");
    assert_ne!(inbox.take(&other, HOME).await.unwrap(), first);
    assert_eq!((waiting(&store).await, counts(&inbox)), (2, (2, 0)));
}

async fn fifty_of_the_same_at_once_are_one_row(place: Place) {
    let store = place.store();
    let (inbox, _) = inbox(&store);
    let tasks: Vec<_> = (0..50)
        .map(|_| {
            let inbox = Arc::clone(&inbox);
            tokio::spawn(async move { inbox.take(&request("Ana"), HOME).await.unwrap() })
        })
        .collect();
    let mut references = BTreeSet::new();
    for task in tasks {
        references.insert(task.await.unwrap());
    }
    assert_eq!((references.len(), waiting(&store).await, counts(&inbox)), (1, 1, (1, 0)));
}

async fn a_rush_of_different_requests_is_kept(place: Place) {
    let store = place.store();
    let (inbox, keys) = inbox(&store);
    let tasks: Vec<_> = (0..200)
        .map(|number| {
            let inbox = Arc::clone(&inbox);
            tokio::spawn(async move { (inbox.take(&request(&format!("Ana-{number}")), HOME).await.unwrap(), number) })
        })
        .collect();
    for task in tasks {
        let (reference, number) = task.await.unwrap();
        assert_eq!(name_of(&store, &keys, &reference).await, format!("Ana-{number}"));
    }
    assert_eq!((waiting(&store).await, counts(&inbox)), (200, (200, 0)));
}

async fn who_leaves_while_it_is_written_finds_it_kept(place: Place) {
    let store = place.store();
    let (inbox, keys) = inbox(&store);
    inbox.take(&request("first"), HOME).await.unwrap();
    let lock = Lock::take(&place).await;
    let visitor = tokio::spawn({
        let inbox = Arc::clone(&inbox);
        async move { inbox.take(&request("Ana"), HOME).await }
    });
    lock.is_waited_for(&place).await;
    visitor.abort();
    assert!(visitor.await.unwrap_err().is_cancelled());
    lock.let_go().await;
    until("what was on its way is kept", async || waiting(&store).await == 2).await;
    // The answer got lost, not the request: a second try finds it.
    let reference = inbox.take(&request("Ana"), HOME).await.unwrap();
    assert_eq!(name_of(&store, &keys, &reference).await, "Ana");
    assert_eq!((waiting(&store).await, counts(&inbox)), (2, (2, 0)));
}

async fn who_leaves_before_it_is_written_leaves_nothing(place: Place) {
    let store = place.store();
    let (inbox, _) = inbox(&store);
    inbox.take(&request("first"), HOME).await.unwrap();
    let lock = Lock::take(&place).await;
    let take = |name: &'static str| {
        let inbox = Arc::clone(&inbox);
        tokio::spawn(async move { inbox.take(&request(name), HOME).await })
    };
    let stays = take("stays");
    // What comes later waits for the next commit.
    lock.is_waited_for(&place).await;
    let leaves = take("leaves");
    tokio::time::sleep(Duration::from_millis(300)).await;
    leaves.abort();
    lock.let_go().await;
    stays.await.unwrap().unwrap();
    let last = take("last").await.unwrap().unwrap();
    assert_eq!((waiting(&store).await, store.has(&last, 0).await.unwrap()), (3, true));
}

async fn more_than_can_wait_are_turned_away(place: Place) {
    let store = place.store();
    let (inbox, _) = inbox(&store);
    inbox.take(&request("first"), HOME).await.unwrap();
    let lock = Lock::take(&place).await;
    let tasks: Vec<_> = (0..700)
        .map(|number| {
            let inbox = Arc::clone(&inbox);
            tokio::spawn(async move { inbox.take(&request(&format!("Ana-{number}")), HOME).await })
        })
        .collect();
    // Whoever is turned away is told at once, while the others wait.
    until("some are turned away", async || counts(&inbox).1 > 0).await;
    lock.let_go().await;
    let (mut kept, mut busy) = (1, 0);
    for task in tasks {
        match task.await.unwrap() {
            Ok(_) => kept += 1,
            Err(Refused::Busy) => busy += 1,
            // On a slow machine the first group may have waited too long for the lock.
            Err(_) => {}
        }
    }
    assert!(busy > 0 && waiting(&store).await >= kept, "{busy} turned away, {kept} kept");
    assert!(inbox.take(&request("afterwards"), HOME).await.is_ok());
}

async fn a_failure_is_counted_and_the_next_try_succeeds(place: Place) {
    let store = place.store();
    let (inbox, keys) = inbox(&store);
    store.ping().await.unwrap();
    place.refuse("NEW.language = 'en'").await;
    let error = inbox.take(&request("Ana"), HOME).await.unwrap_err();
    assert!(matches!(error, Refused::Store(_)), "{error}");
    assert!(!format!("{error} {error:?}").contains("Ana"));
    assert_eq!((waiting(&store).await, counts(&inbox)), (0, (0, 1)));
    place.allow().await;
    let reference = inbox.take(&request("Ana"), HOME).await.unwrap();
    assert_eq!(name_of(&store, &keys, &reference).await, "Ana");
    assert_eq!((waiting(&store).await, counts(&inbox)), (1, (1, 1)));
}

async fn the_bell_rings_for_what_is_kept(place: Place) {
    let store = place.store();
    let bell = Arc::new(Notify::new());
    let keys = PrivateKeys::generate().public().unwrap();
    let inbox = written(Inbox::new(keys, Arc::clone(&store), now, Some(Arc::clone(&bell))).unwrap());
    let rings = async || tokio::time::timeout(Duration::from_millis(200), bell.notified()).await.is_ok();
    let reference = inbox.take(&request("Ana"), HOME).await.unwrap();
    assert!(rings().await);
    let desk = "desk@clinic.example";
    store.address(&[desk.to_owned()], 0).await.unwrap();
    assert_eq!(store.claim(desk, 0, 60).await.unwrap()[0].reference, reference.as_str());
    inbox.take(&request("Ana"), HOME).await.unwrap();
    assert!(!rings().await, "nothing is new");
    assert_eq!(store.unsent().await.unwrap(), 1);
}

async fn a_writer_that_is_ended_in_a_rush_loses_nothing_and_can_be_started_again(place: Place) {
    let store = place.store();
    let keys = PrivateKeys::generate();
    let inbox = Arc::new(Inbox::new(keys.public().unwrap(), Arc::clone(&store), now, None).unwrap());
    let write = || {
        let inbox = Arc::clone(&inbox);
        tokio::spawn(async move { inbox.write().await })
    };
    let (mut kept, mut interrupted) = (0, 0);
    let mut promised = BTreeSet::new();
    for round in 0..10 {
        let writer = write();
        let tasks: Vec<_> = (0..150)
            .map(|number| {
                let inbox = Arc::clone(&inbox);
                tokio::spawn(async move { inbox.take(&request(&format!("Ana-{round}-{number}")), HOME).await })
            })
            .collect();
        // At another moment in each round.
        tokio::time::sleep(Duration::from_millis(round * 3)).await;
        writer.abort();
        assert!(writer.await.unwrap_err().is_cancelled());
        let writer = write();
        for (number, task) in tasks.into_iter().enumerate() {
            match task.await.unwrap() {
                Ok(reference) => {
                    assert_eq!(name_of(&store, &keys, &reference).await, format!("Ana-{round}-{number}"));
                    promised.insert(reference);
                }
                Err(error) => {
                    assert!(matches!(error, Refused::Interrupted), "{error}");
                    interrupted += 1;
                    // A second try is safe, whether the first was kept or not.
                    promised.insert(inbox.take(&request(&format!("Ana-{round}-{number}")), HOME).await.unwrap());
                }
            }
            kept += 1;
        }
        writer.abort();
        let _ = writer.await;
    }
    assert_eq!((waiting(&store).await, promised.len()), (kept, 1500));
    assert!(interrupted > 0, "no writer was ended while it wrote");
}

/// Seconds since 1970 of [`the_day`].
static DAY: AtomicI64 = AtomicI64::new(0);

fn the_day() -> jiff::Timestamp {
    jiff::Timestamp::from_second(DAY.load(Ordering::Relaxed)).unwrap()
}

#[test]
fn the_page_of_a_reference_lasts_a_day() {
    let place = Place::new(Kind::Sqlite).unwrap();
    block_on(async {
        let store = place.store();
        let keys = PrivateKeys::generate().public().unwrap();
        let inbox = written(Inbox::new(keys, Arc::clone(&store), the_day, None).unwrap());
        let came = now().as_second();
        DAY.store(came, Ordering::Relaxed);
        let reference = inbox.take(&request("Ana"), HOME).await.unwrap();
        for (hours, there) in [(0, true), (23, true), (24, true), (25, false), (1000, false)] {
            DAY.store(came + hours * 3600, Ordering::Relaxed);
            assert_eq!(inbox.is_recent(&reference).await.unwrap(), there, "after {hours} hours");
        }
        assert!(store.get(&reference).await.unwrap().is_some(), "staff still have it");
    });
}

/// Seconds since 1970 of [`later`].
static SECONDS: AtomicI64 = AtomicI64::new(1_795_000_000);

fn later() -> jiff::Timestamp {
    jiff::Timestamp::from_second(SECONDS.load(Ordering::Relaxed)).unwrap()
}

#[test]
fn after_a_quarter_of_an_hour_or_a_thousand_others_it_is_another_request() {
    let place = Place::new(Kind::Sqlite).unwrap();
    block_on(async {
        let store = place.store();
        let keys = PrivateKeys::generate().public().unwrap();
        let inbox = written(Inbox::new(keys, Arc::clone(&store), later, None).unwrap());
        let first = inbox.take(&request("Ana"), HOME).await.unwrap();
        SECONDS.fetch_add(14 * 60, Ordering::Relaxed);
        assert_eq!(inbox.take(&request("Ana"), HOME).await.unwrap(), first);
        SECONDS.fetch_add(60, Ordering::Relaxed);
        let second = inbox.take(&request("Ana"), HOME).await.unwrap();
        assert_ne!(second, first);
        for round in 0..16 {
            let tasks: Vec<_> = (0..256)
                .map(|number| {
                    let inbox = Arc::clone(&inbox);
                    tokio::spawn(
                        async move { inbox.take(&request(&format!("Ana-{round}-{number}")), HOME).await.unwrap() },
                    )
                })
                .collect();
            for task in tasks {
                task.await.unwrap();
            }
        }
        // What is remembered has an end, so that the memory has one.
        assert_ne!(inbox.take(&request("Ana"), HOME).await.unwrap(), second);
        assert_eq!(waiting(&store).await, 3 + 4096);
    });
}
