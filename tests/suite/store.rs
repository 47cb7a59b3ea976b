//! The contract of the store: the same on SQLite and on PostgreSQL.

mod desk;
mod files;
mod identity;

use crate::harness::es;
use crate::harness::stores::{Kind, Place, on, on_both, row, set_closed};
use clinic_site::requests::store::{Added, GROUP, NewRow, Row, Store, Wanted, Write};
use std::fs;
use std::sync::Arc;

on_both! {
    a_row_comes_back_as_it_was_kept
    a_row_that_is_there_is_told_from_another_with_its_reference
    a_group_is_kept_as_a_whole_or_not_at_all
    groups_of_every_size_are_kept
    requests_wait_are_closed_and_are_opened_again
    closed_requests_are_purged_by_their_day
    a_request_that_came_in_too_early_counts_as_not_there
    what_is_renewed_is_written_again_and_stays_what_it_is
    a_probe_writes_and_changes_nothing_else
    a_message_is_put_out_with_its_request_alone
    two_stores_start_at_once_on_an_empty_place
    tables_are_made_once
    many_write_at_once
}

fn rows(numbers: impl IntoIterator<Item = u32>) -> Vec<NewRow> {
    numbers.into_iter().map(row).collect()
}

async fn references(store: &Store, wanted: Wanted) -> Vec<String> {
    store.list(wanted, u16::MAX).await.unwrap().into_iter().map(|row: Row| row.reference).collect()
}

async fn a_row_comes_back_as_it_was_kept(place: Place) {
    let store = place.store();
    store.ping().await.unwrap();
    let new = NewRow { language: es(), ..row(1) };
    assert!(!store.has(&new.reference, 0).await.unwrap());
    assert!(store.get(&new.reference).await.unwrap().is_none());
    assert_eq!(store.add(std::slice::from_ref(&new), false).await.unwrap(), [Added::Now]);
    assert!(store.has(&new.reference, 0).await.unwrap());
    // Another process sees it.
    let kept = place.store().get(&new.reference).await.unwrap().unwrap();
    assert_eq!(kept.reference, new.reference.as_str());
    assert_eq!(kept.received_hour, new.received_hour);
    assert_eq!(kept.language, "es");
    assert_eq!(kept.closed_day, None);
    assert_eq!(kept.keys, new.keys);
    assert_eq!(kept.sealed, new.sealed);
}

async fn a_row_that_is_there_is_told_from_another_with_its_reference(place: Place) {
    let store = place.store();
    let (first, other) = (row(1), NewRow { sealed: "another request".to_owned(), ..row(1) });
    for tell in [false, true] {
        let again = [first.clone(), other.clone(), row(u32::from(tell) + 2), first.clone()];
        let new = if tell { Added::Before } else { Added::Now };
        assert_eq!(store.add(&again, tell).await.unwrap(), [new, Added::Taken, Added::Now, Added::Before]);
    }
    assert_eq!(store.get(&first.reference).await.unwrap().unwrap().sealed, first.sealed);
    assert_eq!(store.count(Wanted::Waiting).await.unwrap(), 3);
    assert_eq!(store.unsent().await.unwrap(), 1);
}

async fn a_group_is_kept_as_a_whole_or_not_at_all(place: Place) {
    let store = place.store();
    store.ping().await.unwrap();
    // Something the database refuses, in the middle.
    place.refuse(&format!("NEW.reference = '{}'", row(33).reference)).await;
    for tell in [false, true] {
        assert!(store.add(&rows(0..64), tell).await.is_err());
        assert_eq!((store.count(Wanted::Waiting).await.unwrap(), store.unsent().await.unwrap()), (0, 0));
    }
    // The store goes on.
    assert_eq!(store.add(&rows(0..33), true).await.unwrap(), [Added::Now; 33]);
    assert_eq!((store.count(Wanted::Waiting).await.unwrap(), store.unsent().await.unwrap()), (33, 33));
}

async fn groups_of_every_size_are_kept(place: Place) {
    let store = place.store();
    let mut next = 0;
    for size in (0..=GROUP).chain([1, GROUP]) {
        let group = rows((0..size).map(|at| next + u32::try_from(at).unwrap()));
        next += u32::try_from(size).unwrap();
        assert_eq!(store.add(&group, size % 2 == 0).await.unwrap(), vec![Added::Now; size]);
    }
    assert_eq!(store.count(Wanted::Waiting).await.unwrap(), i64::from(next));
    let error = store.add(&rows(0..65), false).await.unwrap_err();
    assert_eq!(error.to_string(), "more than 64 requests at once");
    for number in [0, 1, next / 2, next - 1] {
        assert_eq!(store.get(&row(number).reference).await.unwrap().unwrap().sealed, row(number).sealed);
    }
}

async fn requests_wait_are_closed_and_are_opened_again(place: Place) {
    let store = place.store();
    let mut new = rows(0..5);
    // The newest comes first, whatever its reference.
    new[4].received_hour -= 3600;
    store.add(&new, false).await.unwrap();
    let name = |at: usize| new[at].reference.to_string();
    let mut order = vec![name(3), name(2), name(1), name(0), name(4)];
    assert_eq!(references(&store, Wanted::Waiting).await, order);
    assert_eq!(store.list(Wanted::Waiting, 2).await.unwrap().len(), 2);

    assert!(set_closed(&store, &new[1].reference, Some(20_800), "what came of it").await);
    assert!(set_closed(&store, &new[2].reference, Some(20_801), "another").await);
    // Twice, or none there: nothing is changed.
    assert!(!set_closed(&store, &new[1].reference, Some(20_809), "late").await);
    assert!(!set_closed(&store, &row(99).reference, Some(20_809), "late").await);
    assert!(!set_closed(&store, &new[0].reference, None, "it is open").await);
    let closed = store.get(&new[1].reference).await.unwrap().unwrap();
    assert_eq!((closed.closed_day, closed.sealed.as_str()), (Some(20_800), "what came of it"));
    assert_eq!(references(&store, Wanted::Closed).await, [name(2), name(1)]);
    order.retain(|reference| *reference != name(1) && *reference != name(2));
    assert_eq!(references(&store, Wanted::Waiting).await, order);
    assert_eq!((store.count(Wanted::Waiting).await.unwrap(), store.count(Wanted::Closed).await.unwrap()), (3, 2));

    assert!(set_closed(&store, &new[1].reference, None, "waits again").await);
    let open = store.get(&new[1].reference).await.unwrap().unwrap();
    assert_eq!((open.closed_day, open.sealed.as_str()), (None, "waits again"));
    assert_eq!((store.count(Wanted::Waiting).await.unwrap(), store.count(Wanted::Closed).await.unwrap()), (4, 1));
}

async fn closed_requests_are_purged_by_their_day(place: Place) {
    let store = place.store();
    for from in [0, 64, 128, 192] {
        store.add(&rows(from..from + 64), false).await.unwrap();
    }
    // More than go at once, some of the day itself, and the rest waits.
    for number in 0..130 {
        let day = if number < 110 { 20_800 } else { 20_801 };
        assert!(set_closed(&store, &row(number).reference, Some(day), "closed").await);
    }
    assert_eq!(store.purge(20_800).await.unwrap(), 0);
    assert_eq!(store.purge(20_801).await.unwrap(), 110);
    assert_eq!(store.purge(20_801).await.unwrap(), 0);
    assert_eq!((store.count(Wanted::Waiting).await.unwrap(), store.count(Wanted::Closed).await.unwrap()), (126, 20));
    assert!(!store.has(&row(0).reference, 0).await.unwrap());
    assert!(store.has(&row(110).reference, 0).await.unwrap() && store.has(&row(200).reference, 0).await.unwrap());
}

async fn a_request_that_came_in_too_early_counts_as_not_there(place: Place) {
    let store = place.store();
    let new = row(1);
    store.add(std::slice::from_ref(&new), false).await.unwrap();
    assert!(store.has(&new.reference, new.received_hour).await.unwrap());
    assert!(!store.has(&new.reference, new.received_hour + 1).await.unwrap());
    // Staff see it for as long as it is there.
    assert!(store.get(&new.reference).await.unwrap().is_some());
}

async fn what_is_renewed_is_written_again_and_stays_what_it_is(place: Place) {
    let store = place.store();
    let again = |number: u32, sealed: &str| NewRow { sealed: sealed.to_owned(), ..row(number) };
    let sealed = async |number: u32| store.get(&row(number).reference).await.unwrap().map(|row| row.sealed);
    for (tell, first) in [(false, 0), (true, 10)] {
        store.add(&rows(first..first + 2), tell).await.unwrap();
        let unsent = store.unsent().await.unwrap();
        let renewed = again(first, "sealed anew");
        assert_eq!(store.write(&[Write::Renew(&renewed)], tell).await.unwrap(), [Added::Before]);
        assert_eq!(sealed(first).await.as_deref(), Some("sealed anew"));
        // Among others, in any order; what isn't there any more is added; what belongs to another hour is somebody else's.
        let (new, lost, later) =
            (row(first + 2), row(first + 3), NewRow { received_hour: 0, ..again(first + 1, "other") });
        let (twice, writes) = (again(first, "and again"), [&later, &lost]);
        let writes = [Write::Add(&new), Write::Renew(writes[0]), Write::Renew(writes[1]), Write::Renew(&twice)];
        let outcomes = [Added::Now, Added::Taken, Added::Before, Added::Before];
        assert_eq!(store.write(&writes, tell).await.unwrap(), outcomes);
        assert_eq!(sealed(first).await.as_deref(), Some("and again"));
        assert_eq!(sealed(first + 1).await, Some(row(first + 1).sealed));
        assert_eq!(sealed(first + 3).await, Some(row(first + 3).sealed));
        assert_eq!(store.unsent().await.unwrap(), unsent + i64::from(tell), "staff are notified of the new one alone");
        // What staff closed stays as they sealed it.
        assert!(set_closed(&store, &row(first).reference, Some(20_800), "what came of it").await);
        assert_eq!(store.write(&[Write::Renew(&twice)], tell).await.unwrap(), [Added::Before]);
        let closed = store.get(&row(first).reference).await.unwrap().unwrap();
        assert_eq!((closed.closed_day, closed.sealed.as_str()), (Some(20_800), "what came of it"));
    }
}

async fn a_probe_writes_and_changes_nothing_else(place: Place) {
    let store = place.store();
    store.probe().await.unwrap();
    assert_eq!(place.number("SELECT COUNT(*) FROM store WHERE probe LIKE 'aaa%'").await, 1);
    store.probe().await.unwrap();
    assert_eq!(place.number("SELECT COUNT(*) FROM store WHERE probe LIKE 'bbb%'").await, 1);
    assert!(place.number("SELECT LENGTH(probe) FROM store").await > i64::try_from(row(1).sealed.len()).unwrap());
    assert_eq!((store.count(Wanted::Waiting).await.unwrap(), store.unsent().await.unwrap()), (0, 0));
}

async fn a_message_is_put_out_with_its_request_alone(place: Place) {
    let store = place.store();
    store.add(&rows(0..3), false).await.unwrap();
    assert_eq!(store.unsent().await.unwrap(), 0);
    // Of those that were there before, staff know.
    store.add(&rows(0..4), true).await.unwrap();
    assert_eq!(store.unsent().await.unwrap(), 1);
    store.address(&["desk@clinic.example".to_owned()], 0).await.unwrap();
    let due = store.claim("desk@clinic.example", 0, 60).await.unwrap();
    assert_eq!(due.iter().map(|due| due.reference.as_str()).collect::<Vec<_>>(), [row(3).reference.as_str()]);
}

async fn two_stores_start_at_once_on_an_empty_place(place: Place) {
    let stores: Vec<Arc<Store>> = (0..6).map(|_| place.store()).collect();
    let add = |(number, store): (u32, &Arc<Store>)| {
        let store = Arc::clone(store);
        tokio::spawn(async move { store.add(&[row(number)], true).await.unwrap() })
    };
    let tasks: Vec<_> = (0..).zip(&stores).map(add).collect();
    for task in tasks {
        assert_eq!(task.await.unwrap(), [Added::Now]);
    }
    assert_eq!(stores[0].count(Wanted::Waiting).await.unwrap(), 6);
    assert_eq!(place.number("SELECT COUNT(*) FROM store").await, 1, "they agree which store it is");
}

async fn tables_are_made_once(place: Place) {
    let store = place.store();
    store.add(&rows(0..1), false).await.unwrap();
    store.close().await;
    // A closed store opens again when it is used, and so does another.
    assert!(store.has(&row(0).reference, 0).await.unwrap());
    assert!(place.store().has(&row(0).reference, 0).await.unwrap());
    assert_eq!(place.number("SELECT COUNT(*) FROM _sqlx_migrations").await, 4);
    // A newer program has expanded the tables: this one goes on with what it knows, but leaves copies of all to the newer one.
    place.sql("UPDATE _sqlx_migrations SET version = 999 WHERE version = 4").await;
    let older = place.store();
    assert_eq!(older.add(&rows(1..2), true).await.unwrap(), [Added::Now]);
    older.probe().await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let error = older.back_up(&folder.path().join("backup.db")).await.unwrap_err().to_string();
    assert!(error.contains("newer clinic-site") && fs::read_dir(folder.path()).unwrap().count() == 0, "{error}");
    older.close().await;
    // It has contracted them.
    for min_reader in ["UPDATE state SET value = '5' WHERE name = 'min_reader'", "DELETE FROM state"] {
        place.sql(min_reader).await;
        let error = place.store().add(&rows(2..3), false).await.unwrap_err().to_string();
        assert!(
            error.contains("was written by a newer clinic-site") && error.contains("Install that version"),
            "{error}"
        );
    }
}

async fn many_write_at_once(place: Place) {
    let stores: Vec<Arc<Store>> = (0..3).map(|_| place.store()).collect();
    let tasks: Vec<_> = (0..24)
        .map(|number| {
            let store = Arc::clone(&stores[usize::try_from(number % 3).unwrap()]);
            tokio::spawn(async move {
                let added = store.add(&rows(number * 8..number * 8 + 8), true).await.unwrap();
                assert_eq!(added, [Added::Now; 8]);
                assert!(set_closed(&store, &row(number * 8).reference, Some(20_800), "closed").await);
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(stores[0].purge(20_801).await.unwrap(), 24);
    assert_eq!(stores[1].count(Wanted::Waiting).await.unwrap(), 24 * 7);
    assert_eq!(stores[2].unsent().await.unwrap(), 24 * 8);
}

#[test]
fn postgresql_is_told_to_flush_where_it_was_told_not_to() {
    on(Kind::PostgreSql, async |place| {
        place.store().ping().await.unwrap();
        place.refuse("current_setting('synchronous_commit') <> 'remote_apply'").await;
        let name = place.name();
        // What is stronger than we need is left.
        place.sql(&format!("ALTER DATABASE {name} SET synchronous_commit = 'remote_apply'")).await;
        assert_eq!(place.store().add(&rows(0..1), false).await.unwrap(), [Added::Now]);
        place.allow().await;
        place.refuse("current_setting('synchronous_commit') = 'off'").await;
        place.sql(&format!("ALTER DATABASE {name} SET synchronous_commit = 'off'")).await;
        assert_eq!(place.store().add(&rows(1..2), true).await.unwrap(), [Added::Now]);
    });
}

#[test]
fn connections_that_postgresql_has_cut_are_made_again() {
    on(Kind::PostgreSql, async |place| {
        let store = place.store();
        for number in 0..5 {
            assert_eq!(store.add(&rows(number..=number), true).await.unwrap(), [Added::Now]);
            assert!(store.has(&row(number).reference, 0).await.unwrap());
            let others = "pid <> pg_backend_pid() AND datname = current_database()";
            let cut = format!("SELECT COUNT(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE {others}");
            assert!(place.number(&cut).await >= 2);
        }
        assert_eq!(store.count(Wanted::Waiting).await.unwrap(), 5);
    });
}
