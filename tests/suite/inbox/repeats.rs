//! The same post again: the same reference for its sender, after the same work, and nothing for anybody else.

use super::{counts, name_of, waiting};
use crate::harness::stores::{HOME, Kind, Place, block_on, inbox, now, on_both, request, written};
use clinic_site::requests::NewRequest;
use clinic_site::requests::inbox::{ClientNetwork, Inbox};
use clinic_site::requests::keys::PrivateKeys;
use clinic_site::requests::seal::open;
use clinic_site::requests::store::Location;
use std::collections::BTreeSet;
use std::io::Write;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;

on_both! {
    a_repeat_is_sealed_and_written_again
    the_same_post_from_another_network_is_another_request
    a_post_that_a_proxy_sends_again_to_another_server_is_the_same_request
    a_repeat_brings_back_what_a_restored_backup_lacks
    a_repeat_takes_as_long_as_a_first_post
}

async fn a_repeat_is_sealed_and_written_again(place: Place) {
    for bell in [None, Some(Arc::new(Notify::new()))] {
        let store = place.store();
        let name = format!("Ana-{}", bell.is_some());
        let keys = PrivateKeys::generate();
        let inbox = written(Inbox::new(keys.public().unwrap(), Arc::clone(&store), now, bell.clone()).unwrap());
        let reference = inbox.take(&request(&name), HOME).await.unwrap();
        let mut seen = BTreeSet::new();
        let unsent = store.unsent().await.unwrap();
        for _ in 0..5 {
            assert_eq!(inbox.take(&request(&name), HOME).await.unwrap(), reference);
            let row = store.get(&reference).await.unwrap().unwrap();
            let opened = open(&keys, &row.sealed).unwrap();
            assert_eq!((&*opened.reference, &*opened.answers.name), (reference.as_str(), name.as_str()));
            assert!(seen.insert(row.sealed.clone()), "nothing new was written");
        }
        assert_eq!((counts(&inbox), store.unsent().await.unwrap()), ((1, 0), unsent), "it is one request");
    }
}

async fn the_same_post_from_another_network_is_another_request(place: Place) {
    let store = place.store();
    let (inbox, keys) = inbox(&store);
    let mine = inbox.take(&request("Ana"), HOME).await.unwrap();
    let theirs = inbox.take(&request("Ana"), ClientNetwork::new([8; 16])).await.unwrap();
    assert_ne!(mine, theirs);
    assert_eq!(inbox.take(&request("Ana"), HOME).await.unwrap(), mine);
    assert_eq!(inbox.take(&request("Ana"), ClientNetwork::new([8; 16])).await.unwrap(), theirs);
    assert_eq!((waiting(&store).await, counts(&inbox)), (2, (2, 0)));
    assert_eq!(name_of(&store, &keys, &theirs).await, "Ana");
    assert_eq!(format!("{HOME:?}"), "ClientNetwork(…)");
}

async fn a_post_that_a_proxy_sends_again_to_another_server_is_the_same_request(place: Place) {
    let store = place.store();
    let keys = PrivateKeys::generate();
    let server = || written(Inbox::new(keys.public().unwrap(), Arc::clone(&store), now, None).unwrap());
    let (one, other) = (server(), server());
    let id = |id: &'static str| Some(id.as_bytes());
    let first = one.take_by_id(&request("Ana"), HOME, id("0a4b-the-first-try")).await.unwrap();
    assert_eq!(other.take_by_id(&request("Ana"), HOME, id("0a4b-the-first-try")).await.unwrap(), first);
    // Nor is it another one when the visitor sends it once more, whoever gets it.
    assert_eq!(other.take_by_id(&request("Ana"), HOME, id("5c1d-a-second-tap")).await.unwrap(), first);
    assert_eq!(other.take(&request("Ana"), HOME).await.unwrap(), first);
    assert_eq!((waiting(&store).await, counts(&one), counts(&other)), (1, (1, 0), (0, 0)));
    assert_eq!(name_of(&store, &keys, &first).await, "Ana");
    // A proxy that calls all posts the same loses none of them.
    let second = other.take_by_id(&request("Ben"), HOME, id("0a4b-the-first-try")).await.unwrap();
    let third = one.take_by_id(&request("Ana"), ClientNetwork::new([8; 16]), id("0a4b-the-first-try")).await.unwrap();
    assert_eq!(BTreeSet::from([first.as_str(), second.as_str(), third.as_str()]).len(), 3);
    assert_eq!(waiting(&store).await, 3);
}

async fn a_repeat_brings_back_what_a_restored_backup_lacks(place: Place) {
    let store = place.store();
    let (inbox, keys) = inbox(&store);
    let reference = inbox.take(&request("Ana"), HOME).await.unwrap();
    place.sql("DELETE FROM requests").await;
    assert_eq!(inbox.take(&request("Ana"), HOME).await.unwrap(), reference);
    assert_eq!(name_of(&store, &keys, &reference).await, "Ana");
}

/// Sends each of some requests twice, and gives what it measured for the first posts and for the repeats.
async fn first_and_again<T>(inbox: &Inbox, posts: u32, mut measure: impl AsyncFnMut(&NewRequest) -> T) -> [Vec<T>; 2] {
    let (mut measured, before) = ([Vec::new(), Vec::new()], counts(inbox).0);
    for number in 0..posts {
        let request = request(&format!("Ana-{number}"));
        for these in &mut measured {
            these.push(measure(&request).await);
        }
    }
    assert_eq!(counts(inbox), (before + u64::from(posts), 0));
    measured
}

fn median<T: Ord + Copy>(mut all: Vec<T>) -> T {
    all.sort_unstable();
    all[all.len() / 2]
}

#[test]
fn a_repeat_writes_as_many_bytes_as_a_first_post() {
    let place = Place::new(Kind::Sqlite).unwrap();
    let Location::Folder(folder) = &place.location else { panic!("not SQLite") };
    block_on(async {
        for tell in [false, true] {
            let store = place.store();
            let bell = tell.then(|| Arc::new(Notify::new()));
            let keys = PrivateKeys::generate().public().unwrap();
            let inbox = written(Inbox::new(keys, Arc::clone(&store), now, bell).unwrap());
            inbox.take(&request("before"), HOME).await.unwrap();
            let log = || folder.join("requests.db-wal").metadata().unwrap().len();
            // Few enough for the log not to be begun anew.
            let [first, again] = first_and_again(&inbox, 40, async |request| {
                let before = log();
                inbox.take(request, HOME).await.unwrap();
                log() - before
            })
            .await;
            let (first, again) = (median(first), median(again));
            // Pages of 4 KB: a new row's place in the index and in the table's tree is one or two more.
            assert!(again >= first * 6 / 10, "{first} bytes at first, {again} again, with a bell: {tell}");
            store.close().await;
        }
    });
}

/// `CLINIC_REPEAT_POSTS=200` measures how long a first post and a repeat take, on both databases. Without it, nothing is said of time.
async fn a_repeat_takes_as_long_as_a_first_post(place: Place) {
    let posts = std::env::var_os("CLINIC_REPEAT_POSTS").map_or(5, |posts| posts.to_str().unwrap().parse().unwrap());
    for tell in [false, true] {
        let store = place.store();
        let bell = tell.then(|| Arc::new(Notify::new()));
        let keys = PrivateKeys::generate().public().unwrap();
        let inbox = written(Inbox::new(keys, Arc::clone(&store), now, bell).unwrap());
        inbox.take(&request("before"), ClientNetwork::new([9; 16])).await.unwrap();
        let [first, again] = first_and_again(&inbox, posts, async |request| {
            let start = clock();
            inbox.take(request, HOME).await.unwrap();
            start.elapsed()
        })
        .await;
        if posts > 5 {
            let quartiles = |mut all: Vec<Duration>| {
                all.sort_unstable();
                [1, 2, 3].map(|quarter| all[all.len() * quarter / 4])
            };
            let line = format!(
                "{:?}, with a bell: {tell}: quartiles of {posts} first posts {:?}, of their repeats {:?}",
                place.kind(),
                quartiles(first),
                quartiles(again)
            );
            let _ = writeln!(std::io::stderr(), "{line}");
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "a test measures how long a post takes")]
fn clock() -> std::time::Instant {
    std::time::Instant::now()
}
