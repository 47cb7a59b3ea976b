//! `move`: from a folder to PostgreSQL and back, interrupted and gone on with; at no time are both places a store, nor is a request lost.

use crate::harness::postgres::Postgres;
use crate::harness::stores::{Kind, Place, block_on, row, set_closed};
use crate::program::{Ran, run};
use clinic_site::requests::store::{Added, Location, Row, Store, Wanted};
use std::sync::Arc;

fn places() -> Option<(Place, Place)> {
    Some((Place::new(Kind::Sqlite)?, Place::at(Location::PostgreSql(Postgres::shared()?.database()))))
}

fn flags(place: &Place) -> [String; 2] {
    match &place.location {
        Location::Folder(folder) => ["--data-dir".to_owned(), folder.display().to_string()],
        Location::PostgreSql(url) => ["--database".to_owned(), url.to_string()],
    }
}

fn moves(from: &Place, to: &Place) -> Ran {
    let [from_flag, from] = flags(from);
    let [to_flag, to] = flags(to);
    let to_flag = if to_flag == "--database" { "--to" } else { "--to-dir" };
    run(&["move", &from_flag, &from, to_flag, &to])
}

#[track_caller]
fn moved(ran: &Ran) {
    assert_eq!(ran.code, Some(0), "{ran:?}");
}

#[track_caller]
fn refused(ran: &Ran, words: &str) {
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert!(ran.stderr.contains(words), "{words}: {ran:?}");
}

/// Everything that there is, with what was changed of it, in an order of our own.
async fn everything(store: &Store) -> Vec<(String, Option<i64>, String, usize)> {
    let mut all = Vec::new();
    for wanted in [Wanted::Waiting, Wanted::Closed] {
        let rows = store.list(wanted, u16::MAX).await.unwrap();
        let names: Vec<&str> = rows.iter().map(|row| row.reference.as_str()).collect();
        let history = store.history(&names).await.unwrap();
        let changes = |row: &Row| history.get(&row.reference).map_or(0, Vec::len);
        all.extend(rows.iter().map(|row| (row.reference.clone(), row.closed_day, row.sealed.clone(), changes(row))));
    }
    all.sort();
    all
}

async fn filled(place: &Place, count: u32) -> Arc<Store> {
    let store = place.store();
    for number in 0..count {
        store.add(&[row(number)], number % 3 == 0).await.unwrap();
    }
    for number in (0..count).step_by(5) {
        assert!(set_closed(&store, &row(number).reference, Some(20_800), &format!("closed {number}")).await);
    }
    store.address(&["desk@clinic.example".to_owned(), "Lead@clinic.example".to_owned()], 0).await.unwrap();
    store.add(&[row(count)], true).await.unwrap();
    store
}

#[test]
fn everything_goes_to_postgresql_and_back_and_the_old_place_says_where() {
    let Some((folder, database)) = places() else { return };
    block_on(async {
        let store = filled(&folder, 40).await;
        refused(&moves(&folder, &database), "is in use");
        let (all, unsent) = (everything(&store).await, store.unsent().await.unwrap());
        assert_eq!((all.len(), unsent), (41, 29));
        assert_eq!(all.iter().map(|one| one.3).sum::<usize>(), 8, "who closed what");
        store.close().await;
        moved(&moves(&folder, &database));
        let error = folder.store().add(&[row(900)], false).await.unwrap_err().to_string();
        assert!(error.contains("its requests were moved") && error.contains("in the database"), "{error}");
        refused(&moves(&folder, &database), "its requests were moved");
        let store = database.store();
        assert_eq!((everything(&store).await, store.unsent().await.unwrap()), (all, unsent));
        // Life goes on there, and back it goes, into the folder that it came from.
        assert_eq!(store.add(&[row(500)], true).await.unwrap(), [Added::Now]);
        assert!(set_closed(&store, &row(1).reference, Some(20_801), "closed there").await);
        store.purge(20_801).await.unwrap();
        let (all, unsent) = (everything(&store).await, store.unsent().await.unwrap());
        refused(&moves(&database, &folder), "is in use");
        store.close().await;
        moved(&moves(&database, &folder));
        assert!(database.store().ping().await.unwrap_err().to_string().contains("were moved"));
        let store = folder.store();
        assert_eq!((everything(&store).await, store.unsent().await.unwrap()), (all, unsent));
        store.probe().await.unwrap();
    });
}

#[test]
fn what_is_interrupted_goes_on_and_no_server_takes_half_of_it() {
    let Some((folder, database)) = places() else { return };
    block_on(async {
        let store = filled(&folder, 450).await;
        store.close().await;
        // An empty store that a server began there, which refuses a row in the third page.
        database.store().ping().await.unwrap();
        let late = everything(&store).await[440].0.clone();
        store.close().await;
        database.refuse(&format!("NEW.reference = '{late}'")).await;
        refused(&moves(&folder, &database), "refused");
        assert_eq!(database.number("SELECT COUNT(*) FROM requests").await, 400);
        let error = database.store().ping().await.unwrap_err().to_string();
        assert!(error.contains("not all have come"), "{error}");
        // The old place is still the store: what changes there comes too.
        store.add(&[row(900)], true).await.unwrap();
        let gone = everything(&store).await[3].0.parse().unwrap();
        set_closed(&store, &gone, Some(20_790), "closed meanwhile").await;
        store.purge(20_791).await.unwrap();
        let (all, unsent) = (everything(&store).await, store.unsent().await.unwrap());
        store.close().await;
        database.allow().await;
        moved(&moves(&folder, &database));
        let store = database.store();
        assert_eq!((everything(&store).await, store.unsent().await.unwrap()), (all, unsent));
    });
}

#[test]
fn a_place_with_requests_of_its_own_is_left_alone() {
    let Some((folder, database)) = places() else { return };
    block_on(async {
        for (place, number) in [(&folder, 1), (&database, 2)] {
            let store = place.store();
            store.add(&[row(number)], false).await.unwrap();
            store.close().await;
        }
        refused(&moves(&folder, &database), "holds 1 request of its own");
        for (place, number) in [(folder, 1), (database, 2)] {
            let store = place.store();
            assert!(store.has(&row(number).reference, 0).await.unwrap());
            assert_eq!(store.count(Wanted::Waiting).await.unwrap(), 1);
        }
    });
}
