//! Moves requests from a folder to PostgreSQL, from there to a folder, or from one of either to another. Nothing is opened on the way.
//!
//! Until everything has come, no server takes the new place for a store; from then on, none takes the old one. Whatever interrupts it, the same
//! move again goes on: a row that came before is made equal.

use super::connection::Connections;
use super::copy::{CopyError, Summary, Transactions, copy, tally};
use super::error::Cause;
use super::identity::{self, write_marker};
use super::open::{CONNECT_TIMEOUT, FILE, Open};
use super::{Location, StoreError, schema, state};
use sqlx::{AnyConnection, Row as _};
use tokio::time::timeout;

/// A store that nobody else may use meanwhile.
struct Side {
    connections: Connections,
    open: Open,
}

impl Side {
    async fn open(location: &Location) -> Result<Self, StoreError> {
        let connections = Connections::new(location.clone(), true)?;
        let open = timeout(CONNECT_TIMEOUT, connections.open()).await.map_err(|_| StoreError::late())??;
        Ok(Self { connections, open })
    }

    fn parts(&mut self) -> Result<(&mut AnyConnection, bool, &Connections), StoreError> {
        let connection = self.open.connection.as_mut().ok_or_else(StoreError::late)?;
        Ok((connection, self.connections.are_sqlite(), &self.connections))
    }
}

/// Moves everything. `words` says where `to` is, for whoever looks at the old place: nothing secret may be in it.
///
/// # Errors
/// The old place is still the store, unless everything has come. Moving again is safe.
pub async fn relocate(from: &Location, to: &Location, words: &str) -> Result<Summary, StoreError> {
    let mut source = Side::open(from).await?;
    let target = Side::open(to).await;
    let moved = match target {
        Ok(mut target) => {
            let moved = between(&mut source, &mut target, to, words).await;
            target.open.close().await;
            moved
        }
        Err(error) => Err(error),
    };
    source.open.close().await;
    moved
}

async fn between(source: &mut Side, target: &mut Side, to: &Location, words: &str) -> Result<Summary, StoreError> {
    let (from, from_sqlite, sources) = source.parts()?;
    let (into, into_sqlite, targets) = target.parts()?;
    let from_failed = |error| sources.failed(error);
    let into_failed = |error| targets.failed(error);
    if schema::is_newer(from, from_sqlite).await.map_err(from_failed)? {
        return Err(Cause::Newer(sources.file()).into());
    }
    if schema::is_newer(into, into_sqlite).await.map_err(into_failed)? {
        return Err(Cause::Newer(targets.file()).into());
    }
    let id = identity::read(from).await.map_err(from_failed)?.ok_or_else(StoreError::late)?;
    let there = identity::read(into).await.map_err(into_failed)?;
    let (old, new) = (state::all(from).await.map_err(from_failed)?, state::all(into).await.map_err(into_failed)?);
    let (arriving, left) = (new.contains_key(state::ARRIVING), new.contains_key(state::MOVED_TO));
    let is_same = there.as_ref() == Some(&id);
    if let Some(elsewhere) = old.get(state::MOVED_TO).filter(|_| !(is_same && arriving)) {
        return Err(Cause::Elsewhere { file: sources.file(), to: elsewhere.clone() }.into());
    }
    if !(is_same && (arriving || left)) {
        let count = sqlx::query("SELECT COUNT(*) FROM requests").fetch_one(&mut *into).await;
        let count: i64 = count.and_then(|row| row.try_get(0)).map_err(into_failed)?;
        if count > 0 {
            let requests = format!("{count} request{} of its own", if count == 1 { "" } else { "s" });
            return Err(Cause::Occupied { file: targets.file(), requests }.into());
        }
    }
    state::set(into, state::ARRIVING, "1").await.map_err(into_failed)?;
    identity::replace(into, &id).await.map_err(into_failed)?;
    if let Location::Folder(folder) = to {
        let wrong = |error| StoreError::from(Cause::File(folder.clone(), error));
        let database = folder.join(FILE).metadata().map_err(wrong)?;
        write_marker(folder, &id, &database).map_err(wrong)?;
    }
    let copied =
        copy((&mut *from, from_sqlite), (&mut *into, into_sqlite), Transactions::PerPage).await.map_err(|error| {
            match error {
                CopyError::From(error) => from_failed(error),
                CopyError::To(error) => into_failed(error),
            }
        })?;
    if tally(into, into_sqlite).await.map_err(into_failed)? != copied {
        return Err(Cause::Unequal(targets.file()).into());
    }
    if let Some(day) = old.get(state::SEEN_DAY) {
        state::set(into, state::SEEN_DAY, day).await.map_err(into_failed)?;
    }
    // In this order: at no time are both places a store.
    state::set(from, state::MOVED_TO, words).await.map_err(from_failed)?;
    state::forget(into, state::MOVED_TO).await.map_err(into_failed)?;
    state::forget(into, state::ARRIVING).await.map_err(into_failed)?;
    Ok(copied.summary)
}
