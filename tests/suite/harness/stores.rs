//! Stores to test: the same test on SQLite and on PostgreSQL.

use super::postgres::Postgres;
use clinic_site::lang::Lang;
use clinic_site::requests::form::Form;
use clinic_site::requests::inbox::{ClientNetwork, Inbox};
use clinic_site::requests::keys::PrivateKeys;
use clinic_site::requests::store::{Change, Changed, Location, NewRow, Store};
use clinic_site::requests::{NewRequest, Reference};
use jiff::Timestamp;
use sqlx::any::install_default_drivers;
use sqlx::{AnyConnection, AssertSqlSafe, Connection, Executor, Row as _};
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;

/// The two kinds of databases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Sqlite,
    PostgreSql,
}

/// An empty place for a store, which goes with this value.
pub struct Place {
    pub location: Location,
    _folder: Option<TempDir>,
}

impl Place {
    /// None where the database isn't installed.
    pub fn new(kind: Kind) -> Option<Self> {
        match kind {
            Kind::Sqlite => {
                let folder = tempfile::tempdir().unwrap();
                Some(Self { location: Location::Folder(folder.path().join("data")), _folder: Some(folder) })
            }
            Kind::PostgreSql => {
                let url = Postgres::shared()?.database();
                Some(Self { location: Location::PostgreSql(url), _folder: None })
            }
        }
    }

    /// A place of the test's own.
    pub fn at(location: Location) -> Self {
        Self { location, _folder: None }
    }

    pub fn store(&self) -> Arc<Store> {
        Arc::new(Store::new(self.location.clone()).unwrap())
    }

    pub fn kind(&self) -> Kind {
        match self.location {
            Location::Folder(_) => Kind::Sqlite,
            Location::PostgreSql(_) => Kind::PostgreSql,
        }
    }

    /// Ends what [`Place::refuse`] began.
    pub async fn allow(&self) {
        self.sql(match self.kind() {
            Kind::Sqlite => "DROP TRIGGER refuse",
            Kind::PostgreSql => "DROP TRIGGER refuse ON requests; DROP FUNCTION refuse",
        })
        .await;
    }

    /// The name of the PostgreSQL database.
    pub fn name(&self) -> &str {
        let Location::PostgreSql(url) = &self.location else { panic!("not PostgreSQL") };
        url.path().trim_start_matches('/')
    }

    /// A connection of the test's own to the database.
    pub async fn connection(&self) -> AnyConnection {
        install_default_drivers();
        let url = match &self.location {
            Location::Folder(folder) => format!("sqlite://{}?mode=rwc", folder.join("requests.db").display()),
            Location::PostgreSql(url) => url.to_string(),
        };
        AnyConnection::connect(&url).await.unwrap()
    }

    /// Runs SQL, past the store.
    pub async fn sql(&self, sql: &str) {
        self.connection().await.execute(AssertSqlSafe(sql.to_owned())).await.unwrap();
    }

    /// A number that SQL gives.
    pub async fn number(&self, sql: &str) -> i64 {
        let row = sqlx::query(AssertSqlSafe(sql.to_owned())).fetch_one(&mut self.connection().await).await.unwrap();
        row.get(0)
    }

    /// Lets the database refuse new requests of which this condition (SQL, about `NEW`) holds.
    pub async fn refuse(&self, condition: &str) {
        let sql = match self.kind() {
            Kind::Sqlite => format!(
                "CREATE TRIGGER refuse BEFORE INSERT ON requests WHEN {condition} BEGIN SELECT RAISE(ABORT, 'refused'); END"
            ),
            Kind::PostgreSql => format!(
                "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS \
                 $$ BEGIN IF {condition} THEN RAISE EXCEPTION 'refused'; END IF; RETURN NEW; END $$; \
                 CREATE TRIGGER refuse BEFORE INSERT ON requests FOR EACH ROW EXECUTE FUNCTION refuse()"
            ),
        };
        self.sql(&sql).await;
    }
}

/// One test on both kinds of databases: `on_both!(name: async function of a Place)`.
macro_rules! on_both {
    ($($name:ident)+) => {
        mod on_sqlite { $(#[test] fn $name() { crate::harness::stores::on(crate::harness::stores::Kind::Sqlite, super::$name); })+ }
        mod on_postgresql { $(#[test] fn $name() { crate::harness::stores::on(crate::harness::stores::Kind::PostgreSql, super::$name); })+ }
    };
}
pub(crate) use on_both;

/// Runs a test on an empty place of this kind.
pub fn on(kind: Kind, test: impl AsyncFnOnce(Place)) {
    if let Some(place) = Place::new(kind) {
        block_on(test(place));
    }
}

/// Runs a test's future as the server runs its own.
pub fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap().block_on(future)
}

/// Asks again until it is so. Machines that run tests are busy.
pub async fn until(what: &str, mut so: impl AsyncFnMut() -> bool) {
    for _ in 0..1200 {
        if so().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("after a minute it still isn't so: {what}");
}

/// A row as long as a real one, which is told from every other by its number.
pub fn row(number: u32) -> NewRow {
    let [a, b, c, d] = number.to_be_bytes();
    NewRow {
        reference: Reference::from_random([9, a, b, c, d]),
        received_hour: 1_795_000_000 - 1_795_000_000 % 3600,
        language: Lang::En,
        keys: "0123abcd".to_owned(),
        sealed: format!("-----BEGIN AGE ENCRYPTED FILE-----\n{}\n", format!("sealed-{number:08}/").repeat(500)),
    }
}

/// Closes a request, or opens it again with `None`, as staff do who have just seen it. Returns whether it was in the other state.
pub async fn set_closed(store: &Store, reference: &Reference, day: Option<i64>, sealed: &str) -> bool {
    let Some(row) = store.get(reference).await.unwrap() else { return false };
    if row.closed_day.is_some() == day.is_some() {
        return false;
    }
    let change = Change { reference, was: &row.hash(), day, sealed, by: "", hour: 0 };
    matches!(store.change(&change).await.unwrap(), Changed::Done)
}

/// What a visitor asks, by a name.
pub fn request(name: &str) -> NewRequest {
    let body = format!("name={name}&phone=9165550100&note=Please+call+{name}");
    Form::read(body.as_bytes()).unwrap().request(Lang::En).unwrap()
}

/// The instant that inboxes of tests live at.
pub fn now() -> Timestamp {
    "2026-11-26T03:14:15Z".parse().unwrap()
}

/// An inbox before a store, and the keys that open what it keeps.
pub fn inbox(store: &Arc<Store>) -> (Arc<Inbox>, PrivateKeys) {
    let keys = PrivateKeys::generate();
    let inbox = Inbox::new(keys.public().unwrap(), Arc::clone(store), now, None).unwrap();
    (written(inbox), keys)
}

/// An inbox with its writer, which ends with the runtime.
pub fn written(inbox: Inbox) -> Arc<Inbox> {
    let inbox = Arc::new(inbox);
    let writer = Arc::clone(&inbox);
    tokio::spawn(async move { writer.write().await });
    inbox
}

/// The network that the visitors of tests come from.
pub const HOME: ClientNetwork = ClientNetwork::new([7; 16]);
