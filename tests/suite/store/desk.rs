//! What the front desk needs of the store: who changed what, who is signed in, and lists that stay fast.

use crate::harness::stores::{Place, on_both, row, set_closed};
use clinic_site::requests::store::{
    Added, Change, Changed, NewRow, NewToken, Past, Revision, Start, Store, TokenKind, Wanted, hash,
};
use std::collections::HashSet;
use std::sync::Arc;

on_both! {
    of_two_who_close_one_request_at_once_one_wins
    an_old_ciphertext_changes_nothing
    the_same_change_again_is_done_and_is_remembered_once
    who_changed_what_is_remembered_and_goes_with_the_request
    a_row_that_only_says_it_is_closed_is_closed_like_any_other
    every_change_has_a_revision_of_its_own
    lists_go_on_behind_a_place_whatever_became_of_it
    a_challenge_is_taken_once_whichever_replica_is_asked
    a_session_ends_with_its_time_its_rest_and_its_key
    tokens_have_a_limit_and_those_that_ended_make_room
    what_cannot_have_been_closed_then_is_kept_and_counted
}

/// The key of somebody of the staff.
const ME: &str = "0123456789abcdef0123456789abcdef";
const OTHER: &str = "fedcba9876543210fedcba9876543210";

fn change<'a>(new: &'a NewRow, was: &'a str, day: Option<i64>, sealed: &'a str, by: &'a str) -> Change<'a> {
    Change { reference: &new.reference, was, day, sealed, by, hour: 7200 }
}

async fn of_two_who_close_one_request_at_once_one_wins(place: Place) {
    let stores: Vec<Arc<Store>> = (0..4).map(|_| place.store()).collect();
    for round in 0..8 {
        let new = row(round);
        stores[0].add(std::slice::from_ref(&new), false).await.unwrap();
        let was = hash(&new.sealed);
        let close = |(number, store): (usize, &Arc<Store>)| {
            let (store, new, was) = (Arc::clone(store), new.clone(), was.clone());
            tokio::spawn(async move {
                let (sealed, by) = (format!("closed by {number}"), format!("{number:032}"));
                store.change(&change(&new, &was, Some(20_000), &sealed, &by)).await.unwrap()
            })
        };
        let mut won = Vec::new();
        let mut told = Vec::new();
        for (number, task) in stores.iter().enumerate().map(close).collect::<Vec<_>>().into_iter().enumerate() {
            match task.await.unwrap() {
                Changed::Done => won.push(number),
                Changed::Other(row) => told.push(row.sealed),
                Changed::Gone => panic!("nothing was deleted"),
            }
        }
        assert_eq!((won.len(), told.len()), (1, 3), "round {round}");
        let sealed = format!("closed by {}", won[0]);
        assert_eq!(stores[1].get(&new.reference).await.unwrap().unwrap().sealed, sealed);
        assert_eq!(told, vec![sealed; 3], "the others see what the first made of it");
        let history = stores[2].history(&[new.reference.as_str()]).await.unwrap();
        let by = format!("{:032}", won[0]);
        assert_eq!(history[new.reference.as_str()], [Past { closed: true, by, hour: 7200 }]);
    }
}

async fn an_old_ciphertext_changes_nothing(place: Place) {
    let store = place.store();
    let new = row(1);
    store.add(std::slice::from_ref(&new), false).await.unwrap();
    let first = hash(&new.sealed);
    assert!(matches!(store.change(&change(&new, &first, Some(20_000), "closed", ME)).await, Ok(Changed::Done)));
    let second = hash("closed");
    assert!(matches!(store.change(&change(&new, &second, None, "waits", ME)).await, Ok(Changed::Done)));
    for was in [first.as_str(), second.as_str(), "", "waits"] {
        for day in [Some(20_001), None] {
            let Changed::Other(there) = store.change(&change(&new, was, day, "late", OTHER)).await.unwrap() else {
                panic!("{was}")
            };
            assert_eq!((there.sealed.as_str(), there.closed_day), ("waits", None));
        }
    }
    assert!(matches!(store.change(&change(&row(2), &first, None, "late", OTHER)).await, Ok(Changed::Gone)));
    assert_eq!(store.history(&[new.reference.as_str()]).await.unwrap()[new.reference.as_str()].len(), 2);
}

async fn the_same_change_again_is_done_and_is_remembered_once(place: Place) {
    let store = place.store();
    let new = row(1);
    store.add(std::slice::from_ref(&new), false).await.unwrap();
    let was = hash(&new.sealed);
    let close = change(&new, &was, Some(20_000), "closed", ME);
    let (gone, other) = (row(2), change(&new, &was, Some(20_000), "closed otherwise", OTHER));
    let gone = change(&gone, &was, None, "waits", ME);
    let outcomes = store.change_all(&[close, close, gone, other]).await.unwrap();
    let [Changed::Done, Changed::Done, Changed::Gone, Changed::Other(there)] = outcomes.as_slice() else {
        panic!("{outcomes:?}")
    };
    assert_eq!(there.sealed, "closed");
    assert_eq!(place.number("SELECT COUNT(*) FROM changes").await, 1);
}

async fn who_changed_what_is_remembered_and_goes_with_the_request(place: Place) {
    let store = place.store();
    let new: Vec<NewRow> = (0..3).map(row).collect();
    store.add(&new, false).await.unwrap();
    let mut was = hash(&new[0].sealed);
    for turn in 0..60 {
        let (sealed, day) = (format!("turn {turn}"), (turn % 2 == 0).then_some(20_800));
        let by = if turn % 3 == 0 { OTHER } else { ME };
        let made = Change { hour: turn * 3600, ..change(&new[0], &was, day, &sealed, by) };
        assert!(matches!(store.change(&made).await, Ok(Changed::Done)));
        was = hash(&sealed);
    }
    assert!(set_closed(&store, &new[1].reference, Some(20_800), "closed").await);
    let names: Vec<&str> = new.iter().map(|new| new.reference.as_str()).collect();
    let history = store.history(&names).await.unwrap();
    let first = &history[names[0]];
    assert_eq!(first.len(), 50, "the newest alone");
    assert_eq!(first[0], Past { closed: true, by: ME.to_owned(), hour: 10 * 3600 });
    assert_eq!(first[49], Past { closed: false, by: ME.to_owned(), hour: 59 * 3600 });
    assert_eq!(history[names[1]], [Past { closed: true, by: String::new(), hour: 0 }]);
    assert!(!history.contains_key(names[2]) && store.history::<&str>(&[]).await.unwrap().is_empty());
    // An older program deletes a request, and knows of no changes.
    place.sql(&format!("DELETE FROM requests WHERE reference = '{}'", names[0])).await;
    assert_eq!(store.purge(20_801).await.unwrap(), 1);
    assert_eq!(place.number("SELECT COUNT(*) FROM changes").await, 0);
}

async fn a_row_that_only_says_it_is_closed_is_closed_like_any_other(place: Place) {
    let store = place.store();
    let new = row(1);
    store.add(std::slice::from_ref(&new), false).await.unwrap();
    place.sql("UPDATE requests SET closed_day = 20000").await;
    let was = hash(&new.sealed);
    assert!(matches!(store.change(&change(&new, &was, Some(20_800), "closed", ME)).await, Ok(Changed::Done)));
    assert_eq!(store.get(&new.reference).await.unwrap().unwrap().closed_day, Some(20_800));
}

async fn every_change_has_a_revision_of_its_own(place: Place) {
    let store = place.store();
    let mut seen = HashSet::new();
    let mut look = async |what: &str| {
        let revision = store.revision().await.unwrap();
        assert!(seen.insert(revision.to_string()), "{what}: {revision}");
        assert_eq!(store.revision().await.unwrap(), revision, "{what}");
        revision
    };
    assert_eq!(look("nothing").await, Revision::default());
    store.add(&[row(1), row(2)], false).await.unwrap();
    assert_eq!(look("two").await.to_string(), "2.0.0");
    set_closed(&store, &row(1).reference, Some(20_800), "closed").await;
    look("one closed").await;
    set_closed(&store, &row(1).reference, None, "waits").await;
    look("opened again").await;
    set_closed(&store, &row(1).reference, Some(20_800), "closed").await;
    look("closed again").await;
    // One goes, one comes, and one is closed: the numbers of both are what they were.
    store.purge(20_801).await.unwrap();
    store.add(&[row(3)], false).await.unwrap();
    set_closed(&store, &row(2).reference, Some(20_800), "closed").await;
    let revision = look("others in their place").await;
    assert_eq!((revision.waiting, revision.closed), (1, 1));
}

async fn lists_go_on_behind_a_place_whatever_became_of_it(place: Place) {
    let store = place.store();
    let at = |number: u32, hour: i64| NewRow { received_hour: row(number).received_hour + hour * 3600, ..row(number) };
    let new: Vec<NewRow> = (0..12).map(|number| at(number, i64::from(number / 2))).collect();
    store.add(&new, false).await.unwrap();
    let mut expected: Vec<(i64, String)> =
        new.iter().map(|new| (new.received_hour, new.reference.to_string())).collect();
    expected.sort();
    expected.reverse();
    let expected: Vec<String> = expected.into_iter().map(|(_, reference)| reference).collect();
    for (wanted, size) in [(Wanted::Waiting, 5), (Wanted::Waiting, 1), (Wanted::Closed, 5), (Wanted::Closed, 1)] {
        if wanted == Wanted::Closed {
            for (number, new) in (0..).zip(&new) {
                // The day counts before the hour.
                let day = 20_800 + i64::from(number % 2 == 0);
                set_closed(&store, &new.reference, Some(day), "closed").await;
            }
        }
        let mut found: Vec<String> = Vec::new();
        let mut last = None;
        loop {
            let start = last
                .as_ref()
                .map_or(Start::Skip(0), |last: &clinic_site::requests::store::Row| Start::After(last.place()));
            let page = store.list_from(wanted, start, size).await.unwrap();
            let Some(end) = page.last() else { break };
            // It is changed meanwhile; the list goes on behind where it stood.
            place.sql(&format!("UPDATE requests SET keys = 'x' WHERE reference = '{}'", end.reference)).await;
            found.extend(page.iter().map(|row| row.reference.clone()));
            last = page.into_iter().last();
        }
        if wanted == Wanted::Waiting {
            assert_eq!(found, expected, "{size} at a time");
        } else {
            let even =
                |reference: &String| new.iter().position(|new| new.reference.as_str() == reference).unwrap() % 2 == 0;
            let (later, earlier): (Vec<String>, Vec<String>) = expected.iter().cloned().partition(even);
            assert_eq!(found, [later, earlier].concat(), "{size} at a time");
        }
    }
}

async fn a_challenge_is_taken_once_whichever_replica_is_asked(place: Place) {
    let stores: Vec<Arc<Store>> = (0..4).map(|_| place.store()).collect();
    for round in 0..8 {
        let token = hash(&format!("challenge {round}"));
        let tokens = [NewToken { hash: &token, key: ME }, NewToken { hash: &hash(&token), key: OTHER }];
        assert!(stores[0].add_tokens(&tokens, TokenKind::Challenge, 300, 0).await.unwrap());
        assert_eq!(stores[1].session(&token, 1).await.unwrap(), None, "a challenge is no session");
        assert_eq!(stores[1].take_challenge(&token, 300).await.unwrap(), None, "it has ended");
        let take = |store: &Arc<Store>| {
            let (store, token) = (Arc::clone(store), token.clone());
            tokio::spawn(async move { store.take_challenge(&token, 299).await.unwrap() })
        };
        let mut winners = Vec::new();
        for task in stores.iter().map(take).collect::<Vec<_>>() {
            winners.extend(task.await.unwrap());
        }
        assert_eq!(winners, [ME], "round {round}");
        assert_eq!(stores[2].take_challenge(&hash(&token), 299).await.unwrap().as_deref(), Some(OTHER));
    }
    assert_eq!(place.number("SELECT COUNT(*) FROM tokens").await, 0);
}

async fn a_session_ends_with_its_time_its_rest_and_its_key(place: Place) {
    let (store, other) = (place.store(), place.store());
    let begun = 1_000_000;
    let (mine, hers, his) = (hash("mine"), hash("hers"), hash("his"));
    for (token, key) in [(&mine, ME), (&hers, OTHER), (&his, OTHER)] {
        assert!(store.add_token(token, key, TokenKind::Session, begun + 43_200, begun).await.unwrap());
    }
    assert_eq!(store.take_challenge(&mine, begun).await.unwrap(), None, "a session is no challenge");
    let key = async |token: &str, at: i64| other.session(token, begun + at).await.unwrap();
    assert_eq!(key(&mine, 3599).await.as_deref(), Some(ME), "used by another replica");
    assert_eq!(key(&mine, 3599 + 3599).await.as_deref(), Some(ME));
    assert_eq!(key(&hers, 3600).await, None, "unused for an hour");
    assert_eq!(other.sessions(begun + 3599).await.unwrap(), 3);
    assert_eq!(other.sessions(begun + 3600).await.unwrap(), 1, "those that nobody uses are over");
    // Noted once a minute, not each time.
    let used = "SELECT used FROM tokens WHERE fingerprint = '0123456789abcdef0123456789abcdef'";
    assert_eq!(place.number(used).await, begun + 7198);
    assert_eq!(key(&mine, 7198 + 59).await.as_deref(), Some(ME));
    assert_eq!(place.number(used).await, begun + 7198);
    assert_eq!(key(&mine, 7198 + 60).await.as_deref(), Some(ME));
    assert_eq!(place.number(used).await, begun + 7258);
    for at in (7200..43_200).step_by(3000) {
        assert_eq!(key(&mine, at).await.as_deref(), Some(ME), "{at}");
    }
    assert_eq!(key(&mine, 43_200).await, None, "after twelve hours, however much it is used");
    // Ended by who has it, and by the end of its key.
    assert!(key(&his, 0).await.is_some());
    store.end_session(&his).await.unwrap();
    assert_eq!(key(&his, 0).await, None);
    assert_eq!(store.end_sessions_of_others(&[ME]).await.unwrap(), 1);
    assert_eq!(key(&hers, 0).await, None);
    assert!(store.session(&mine, begun + 43_100).await.unwrap().is_some());
    assert_eq!(store.end_sessions_of_others::<&str>(&[]).await.unwrap(), 1);
}

async fn tokens_have_a_limit_and_those_that_ended_make_room(place: Place) {
    let store = place.store();
    let most = usize::try_from(TokenKind::Session.most()).unwrap();
    let hashes: Vec<String> = (0..most).map(|number| hash(&number.to_string())).collect();
    let tokens: Vec<NewToken<'_>> = hashes.iter().map(|hash| NewToken { hash, key: ME }).collect();
    assert!(store.add_tokens(&tokens, TokenKind::Session, 100, 0).await.unwrap());
    assert!(!store.add_token(&hash("one more"), ME, TokenKind::Session, 100, 50).await.unwrap());
    assert_eq!(store.session(&hash("one more"), 60).await.unwrap(), None);
    assert!(store.add_token(&hash("a challenge"), ME, TokenKind::Challenge, 100, 50).await.unwrap());
    assert!(store.add_token(&hash("one more"), ME, TokenKind::Session, 200, 100).await.unwrap());
    assert_eq!(place.number("SELECT COUNT(*) FROM tokens").await, 1, "what has ended went");
    store.add_token(&hash("unused"), ME, TokenKind::Session, 43_200, 100).await.unwrap();
    store.add_token(&hash("the next"), ME, TokenKind::Session, 43_200, 3700).await.unwrap();
    assert_eq!(place.number("SELECT COUNT(*) FROM tokens").await, 1, "so is one that nobody has used for an hour");
    store.forget_tokens(43_200).await.unwrap();
    assert_eq!(place.number("SELECT COUNT(*) FROM tokens").await, 0);
}

async fn what_cannot_have_been_closed_then_is_kept_and_counted(place: Place) {
    let store = place.store();
    let new: Vec<NewRow> = (0..6).map(row).collect();
    assert_eq!(store.add(&new, false).await.unwrap(), [Added::Now; 6]);
    let came = new[0].received_hour / 86_400;
    // By who writes into the database (T1), by a clock of years ago (T5), the day before, on the day itself, later, and by one that is ahead.
    place.sql(&format!("UPDATE requests SET closed_day = 20000 WHERE reference = '{}'", new[0].reference)).await;
    for (new, day) in new.iter().skip(1).zip([17_900, came - 1, came, came + 1, came + 90]) {
        assert!(set_closed(&store, &new.reference, Some(day), "closed").await);
    }
    let today = came + 60;
    assert_eq!(store.implausible(today).await.unwrap(), 4);
    assert_eq!(store.purge(today - 30).await.unwrap(), 2);
    assert_eq!((store.count(Wanted::Closed).await.unwrap(), store.implausible(today).await.unwrap()), (4, 4));
    assert_eq!(place.number("SELECT COUNT(*) FROM changes").await, 3);
    // When the day has come, it counts.
    assert_eq!(store.purge(came + 121 - 30).await.unwrap(), 1);
    assert_eq!(store.implausible(came + 121).await.unwrap(), 3);
}
