//! PgBouncer between the program and PostgreSQL, as Debian ships it: one that gives each transaction another session is refused in words at the
//! start, where most posts failed; one that keeps sessions is as good as none.

use crate::harness::postgres::Postgres;
use crate::harness::stores::{Place, block_on, row};
use clinic_site::requests::store::{Added, Location, Wanted};

#[test]
fn a_pooler_that_shares_sessions_is_refused_at_once_and_nothing_is_written() {
    let Some(server) = Postgres::shared() else { return };
    let database = server.database();
    let Some(pooler) = server.pooler(&database, "transaction") else { return };
    block_on(async {
        let (behind, direct) =
            (Place::at(Location::PostgreSql(pooler.url.clone())), Place::at(Location::PostgreSql(database.clone())));
        for _ in 0..5 {
            let error = behind.store().add(&[row(1)], true).await.unwrap_err().to_string();
            assert!(error.contains("pool_mode = transaction") && error.contains("pool_mode = session"), "{error}");
        }
        assert_eq!(direct.number("SELECT COUNT(*) FROM pg_tables WHERE schemaname = 'public'").await, 0);
        // Also while others use the same pooler.
        let mut others = Vec::new();
        for _ in 0..4 {
            others.push(behind.connection().await);
        }
        let error = behind.store().ping().await.unwrap_err().to_string();
        assert!(error.contains("pool_mode = session"), "{error}");
    });
}

#[test]
fn a_pooler_that_keeps_sessions_is_as_good_as_none() {
    let Some(server) = Postgres::shared() else { return };
    let database = server.database();
    let Some(pooler) = server.pooler(&database, "session") else { return };
    block_on(async {
        let place = Place::at(Location::PostgreSql(pooler.url.clone()));
        let stores = [place.store(), place.store()];
        for number in 0..12 {
            let store = &stores[usize::try_from(number % 2).unwrap()];
            assert_eq!(store.add(&[row(number)], true).await.unwrap(), [Added::Now]);
            store.probe().await.unwrap();
        }
        assert_eq!(stores[0].count(Wanted::Waiting).await.unwrap(), 12);
    });
}
