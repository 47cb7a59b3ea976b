//! Where the requests are: a store on this computer, or a server that is asked for them. The commands make no difference between the two.

use super::entry::{Change, Entry};
use super::refusal::ServerError;
use super::server::Server;
use super::{away, runtime};
use crate::cli::ask::{self, AskError};
use crate::cli::{Failure, clock, option, quoted, say, store};
use crate::config::PlaceOptions;
use crate::requests::keys::PrivateKeys;
use crate::requests::staff::Resealed;
use crate::requests::store::{Changed, Row, Start, Store, Wanted};
use crate::requests::{self, Reference, inbox, visible};
use jiff::Zoned;
use std::fs;

/// So many are read from a store at once.
const PAGE: u16 = 500;

/// Where the requests are, and what is known of that place.
pub(super) struct Place<'a> {
    options: &'a PlaceOptions,
    source: Source,
}

enum Source {
    Here(Box<Store>),
    There(Box<Server>),
}

/// Does something with the requests, and leaves their place as it should be left.
pub(super) fn with_place<T>(
    options: &PlaceOptions,
    keys: Option<&PrivateKeys>,
    run: impl AsyncFnOnce(&mut Place<'_>) -> Result<T, Failure>,
) -> Result<T, Failure> {
    runtime()?.block_on(async {
        let mut place = Place::open(options, keys).await?;
        let done = run(&mut place).await;
        place.leave().await;
        done
    })
}

/// Which place that is, in words.
pub(super) fn words(options: &PlaceOptions) -> String {
    match &options.server {
        Some(server) => format!("at {}", server.origin().ascii_serialization()),
        None => store::place(&options.store),
    }
}

/// The options of a command that is printed, so that it finds the same place.
pub(super) fn options(options: &PlaceOptions) -> String {
    let Some(server) = &options.server else { return store::options(&options.store) };
    let authority = options.server_ca.as_ref().map(|file| option("--server-ca", file)).unwrap_or_default();
    format!("{}{authority}", option("--server", server.origin().ascii_serialization()))
}

impl<'a> Place<'a> {
    async fn open(options: &'a PlaceOptions, keys: Option<&PrivateKeys>) -> Result<Self, Failure> {
        let place = |source| Self { options, source };
        let Some(address) = &options.server else {
            return Ok(place(Source::Here(Box::new(store::existing(&options.store)?))));
        };
        let Some(keys) = keys else {
            return Err(Failure::new(
                "a server shows its requests to who has a staff key alone, also those that stay sealed",
            )
            .help("name the file of yours with --identity FILE"));
        };
        let authority = options.server_ca.as_ref();
        let authority = authority.map(|file| fs::read(file).map_err(Failure::at(file))).transpose()?;
        let tls = ask::connector(authority.as_deref()).map_err(|error| {
            Failure::new(format!("--server-ca: {error}")).help("it takes a certificate in PEM form")
        })?;
        let server = Server::sign_in(address, tls, keys).await.map_err(|error| failure(options, &error))?;
        Ok(place(Source::There(Box::new(server))))
    }

    async fn leave(self) {
        match self.source {
            Source::Here(store) => store.close().await,
            Source::There(server) => server.end().await,
        }
    }

    /// Every request of a state, the newest first.
    pub(super) async fn list(&mut self, wanted: Wanted, mut take: impl FnMut(Entry)) -> Result<(), Failure> {
        let store = match &mut self.source {
            Source::There(server) => {
                return server.list(wanted, take).await.map_err(|error| failure(self.options, &error));
            }
            Source::Here(store) => store,
        };
        let mut last: Option<Row> = None;
        loop {
            let start = last.as_ref().map_or(Start::Skip(0), |row| Start::After(row.place()));
            let rows = store.list_from(wanted, start, PAGE).await.map_err(|error| away(&error))?;
            let references: Vec<&str> = rows.iter().map(|row| row.reference.as_str()).collect();
            let mut history = store.history(&references).await.map_err(|error| away(&error))?;
            let whole = rows.len() == usize::from(PAGE);
            last = rows.last().map(|row| Row { sealed: String::new(), ..row.clone() });
            for row in rows {
                let history = history.remove(&row.reference).unwrap_or_default();
                take(Entry { row, history });
            }
            if !whole {
                return Ok(());
            }
        }
    }

    /// A request.
    pub(super) async fn get(&mut self, reference: &Reference) -> Result<Option<Entry>, Failure> {
        let store = match &mut self.source {
            Source::There(server) => {
                return server.get(reference).await.map_err(|error| failure(self.options, &error));
            }
            Source::Here(store) => store,
        };
        let Some(row) = store.get(reference).await.map_err(|error| away(&error))? else { return Ok(None) };
        let mut history = store.history(&[reference.as_str()]).await.map_err(|error| away(&error))?;
        let history = history.remove(&row.reference).unwrap_or_default();
        Ok(Some(Entry { row, history }))
    }

    /// Changes requests that are as they were seen; what became of each, in order.
    pub(super) async fn change(&mut self, changes: &[Change]) -> Result<Vec<Changed>, Failure> {
        let now = self.now().timestamp();
        let unknown = |failure: Failure| {
            failure.help(format!(
                "whether something was changed before that isn't known: `clinic-site requests list --state all{}` shows it",
                options(self.options)
            ))
        };
        match &mut self.source {
            Source::There(server) => {
                server.change(changes).await.map_err(|error| unknown(failure(self.options, &error)))
            }
            Source::Here(store) => {
                let (today, hour) = (inbox::today(now), inbox::hour(now.as_second()));
                let changes: Vec<requests::store::Change<'_>> =
                    changes
                        .iter()
                        .map(|Change { reference, to: Resealed { was, closed, sealed, by, .. } }| {
                            requests::store::Change { reference, was, day: closed.then_some(today), sealed, by, hour }
                        })
                        .collect();
                store.change_all(&changes).await.map_err(|error| unknown(away(&error)))
            }
        }
    }

    /// The time, on the clinic's clock: by the server, if there is one.
    pub(super) fn now(&self) -> Zoned {
        let here = clock::now();
        match &self.source {
            Source::Here(_) => here,
            Source::There(server) => server.now().to_zoned(here.time_zone().clone()),
        }
    }

    /// Warns of what is odd about a server: a clock that is off.
    pub(super) fn warn(&self) {
        let Source::There(server) = &self.source else { return };
        if let Some(minutes) = server.clock_off() {
            let (count, which) = (minutes.unsigned_abs(), if minutes > 0 { "ahead of" } else { "behind" });
            say(format!(
                "warning: the clock of this computer is {count} minutes {which} the server's; what is shown here goes by the server's"
            ));
        }
    }

    /// The public keys that new requests are sealed to, as far as the place knows.
    pub(super) fn readers(&self) -> &[String] {
        match &self.source {
            Source::Here(_) => &[],
            Source::There(server) => server.readers(),
        }
    }

    /// That there is no such request.
    pub(super) fn gone(&self, reference: &Reference) -> Failure {
        Failure::new(format!("there is no request {reference}")).help(format!(
            "it was deleted, or the reference has a mistake; `clinic-site requests list --state all{}` lists all there are",
            options(self.options)
        ))
    }
}

/// What a server didn't do, and what to do now.
fn failure(options: &PlaceOptions, error: &ServerError) -> Failure {
    let origin = options.server.as_ref().map(|server| server.origin().ascii_serialization()).unwrap_or_default();
    // A certificate's names may be in it.
    let failure = Failure::new(visible(&format!("{origin}: {error}")).replace('\n', " "));
    let admin = "tell whoever runs the server; nothing that you opened was sent to it";
    match error {
        ServerError::Ask(AskError::Tls(..)) => failure.help(
            "the server has to prove who it is: look at the address; if its certificate is of an authority of its own, name that with --server-ca FILE",
        ),
        ServerError::Ask(AskError::TooLong(..)) | ServerError::Shape(_) | ServerError::Slow => failure.help(admin),
        ServerError::Ask(_) => failure.help("look at the address, and whether this computer is online; then try again"),
        ServerError::Redirected(Some(to)) if *to != origin => failure.help(format!(
            "if the clinic's site is at {to}, name that: --server {}",
            quoted(to)
        )),
        ServerError::Redirected(_) | ServerError::NotADesk(_) => failure.help(
            "--server takes the address of the clinic's site, as its server has it with --public-url; perhaps the server is older, has no staff key, or \
             was started with --no-desk",
        ),
        ServerError::Refused(code, wait) => failure.help(code.help(*wait)),
        ServerError::Foreign => failure.help(format!(
            "it may be the server of another address, which it calls itself by; or somebody has taken it over: {admin}"
        )),
        ServerError::NoKey => failure.help(
            "the server has to be started with your public key (--staff-key), which is in the file of your private key; the file may be an old one",
        ),
    }
}
