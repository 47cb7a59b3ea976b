//! `clinic-site requests`: the stored requests, in the terminal.

mod change;
mod entry;
mod list;
mod place;
mod refusal;
mod server;
mod show;
mod sign_in;
mod warnings;

use super::{Failure, Outcome, clock, counted, print, resources, say, store};
use crate::config::{PlaceOptions, PurgeOptions, Requests, StoreOptions};
use crate::requests::Reference;
use crate::requests::inbox::today;
use crate::requests::purge::{IMPLAUSIBLE_HELP, doubt, implausible_words};
use crate::requests::store::{PurgeError, Store, StoreError};
use tokio::runtime::Runtime;

pub(super) fn run(command: &Requests) -> Result<Outcome, Failure> {
    resources::hide_memory();
    match command {
        Requests::List(options) => list::run(options),
        Requests::Show(options) => show::run(options),
        Requests::Close(options) => change::close(options),
        Requests::Reopen(options) => change::reopen(options),
        Requests::Purge(options) => purge(options),
    }
}

pub(super) fn runtime() -> Result<Runtime, Failure> {
    tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(Failure::new)
}

/// Does something with the store, and closes it.
fn with_store<T>(options: &StoreOptions, run: impl AsyncFnOnce(&Store) -> Result<T, Failure>) -> Result<T, Failure> {
    runtime()?.block_on(async {
        let store = store::existing(options)?;
        let done = run(&store).await;
        store.close().await;
        done
    })
}

fn away(error: &StoreError) -> Failure {
    Failure::new(format!("the requests can't be reached: {error}"))
        .help("nothing was changed; check --data-dir or --database, and try again")
}

/// The reference that was written on the command line.
fn reference(text: &str, place: &PlaceOptions) -> Result<Reference, Failure> {
    let help = || format!("`clinic-site requests list{}` lists them", place::options(place));
    text.parse().map_err(|error| Failure::new(error).help(help()))
}

fn purge(options: &PurgeOptions) -> Result<Outcome, Failure> {
    let today = today(clock::now().timestamp());
    let before = today - i64::from(options.keep_days);
    let requests = |count| counted(usize::try_from(count).unwrap_or(usize::MAX), "closed request");
    let now = clock::now().timestamp().as_second();
    let (purged, implausible) = with_store(&options.store, async |store| {
        let days = store.days().await.map_err(|error| away(&error))?;
        if let Some(doubt) = doubt(days, today).filter(|_| !options.trust_clock) {
            return Err(Failure::new(format!("{doubt}, so nothing was deleted"))
                .help("set the clock; or, if it is right, add --trust-clock"));
        }
        let purged = store.purge(before).await.map_err(|error| match &error {
            PurgeError::Interrupted { deleted: 0, error } => away(error),
            PurgeError::Interrupted { deleted, .. } | PurgeError::Log { deleted, .. } => {
                Failure::new(format!("{} deleted, but: {error}", requests(*deleted)))
                    .help("run it again; the server tries again by itself, too")
            }
        })?;
        let rest = async {
            store.forget_tokens(now).await?;
            store.see(today).await?;
            store.implausible(today).await
        };
        Ok((purged, rest.await.map_err(|error| away(&error))?))
    })?;
    say(format!("{} deleted {}", requests(purged), store::place(&options.store)));
    if let Some(words) = implausible_words(implausible) {
        say(format!("warning: {words}; {IMPLAUSIBLE_HELP}"));
    }
    Ok(Outcome::Good)
}
