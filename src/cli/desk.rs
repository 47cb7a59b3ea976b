//! `clinic-site desk`: the front desk on this computer, for requests that are stored where it can reach them; and `desk page`, which makes the page for a
//! server.

use super::listen::listen;
use super::serve::routed;
use super::signals::{listen_to, stopped};
use super::{Failure, Outcome, clock, counted, print, resources, say, store};
use crate::config::{Confidential, DeskCommand, DeskOptions, DeskPageOptions};
use crate::desk::{Desk, Local, Page, PageSettings, local_router};
use crate::requests::keys::{KeyError, PublicKeys};
use crate::requests::store::Wanted;
use crate::server::{self, Limits};
use crate::site::route;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use tokio::signal::unix::SignalKind;

pub(super) fn run(options: &DeskOptions) -> Result<Outcome, Failure> {
    if let Some(DeskCommand::Page(options)) = &options.command {
        return make_page(options);
    }
    if let Some(server) = &options.server {
        return Err(Failure::new("the desk of a server is a page, which no program has to serve").help(format!(
            "make it with `clinic-site desk page --server {}`, and open the file in a browser",
            server.trim()
        )));
    }
    if options.identity.is_some() {
        return Err(Failure::new("the desk takes no --identity any more")
            .help("leave it out, and choose the file with your key in the page that opens"));
    }
    resources::hide_memory();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(Failure::new)?;
    runtime.block_on(serve(options))
}

async fn serve(options: &DeskOptions) -> Result<Outcome, Failure> {
    let store = Arc::new(store::existing(&options.store)?);
    let waiting = store.count(Wanted::Waiting).await.map_err(|error| {
        Failure::new(format!("the requests can't be reached: {error}")).help("check --data-dir or --database")
    })?;
    let listener = listen(options.listen).await?;
    let address = listener.local_addr().map_err(Failure::new)?;
    let mut token = [0; 16];
    getrandom::fill(&mut token).map_err(|_| Failure::new("the system gives no random bytes"))?;
    let local = Local::new(token, address);
    let desk = Desk::for_this_computer(Arc::clone(&store), || clock::now().timestamp(), options.keep_days);
    // Before anybody can know that the program runs, and send one.
    let terminated = listen_to(SignalKind::terminate());
    say(format!(
        "{} waiting {}. Open this address in a browser on this computer, and keep it to yourself:",
        counted(usize::try_from(waiting).unwrap_or_default(), "request"),
        store::place(&options.store)
    ));
    print(&format!("{}\n", local.url()))?;
    say("It works until you stop the program with Ctrl-C. Lock the screen when you leave.");
    let router = local_router(&local, &desk, &clock::zone_name());
    let stop = async {
        stopped(terminated).await;
        desk.stop();
    };
    server::serve(listener, |_| routed(&router), None, Limits::default(), stop).await;
    store.end().await;
    Ok(Outcome::Good)
}

fn make_page(options: &DeskPageOptions) -> Result<Outcome, Failure> {
    let settings = PageSettings {
        server: options.server.origin().ascii_serialization(),
        api: route::DESK_CALLS.to_owned(),
        readers: readers(&options.readers)?,
        local: false,
        zone: clock::zone_name(),
    };
    let page = Page::new(&settings);
    write(&options.out, &page.html)
        .map_err(|error| Failure::new(format!("{} could not be written: {error}", options.out.display())))?;
    print(&format!("{}\n", options.out.display()))?;
    say(format!("for {}, SHA-256 of the file:\n{}", settings.server, page.fingerprint()));
    Ok(Outcome::Good)
}

/// The keys that the page knows, as they are written everywhere.
fn readers(keys: &[Confidential]) -> Result<Vec<String>, Failure> {
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    let keys = PublicKeys::parse(keys.iter().map(|key| key.0.as_str())).map_err(|error| {
        let failure = Failure::new(format!("--reader: {error}"));
        match error {
            KeyError::Private => failure
                .help("anybody who has the page would have it: make a new pair with `clinic-site keys new`, and give the public key, which begins with age1"),
            _ => failure.help("give a public key, as `clinic-site keys new` prints it"),
        }
    })?;
    Ok(keys.texts())
}

/// Writes the whole file, or leaves what was there.
fn write(file: &Path, text: &str) -> std::io::Result<()> {
    let mut name = file.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    let new = file.with_file_name(name);
    let written = fs::File::create(&new).and_then(|mut open| {
        open.write_all(text.as_bytes())?;
        open.sync_all()
    });
    let written = written.and_then(|()| fs::rename(&new, file));
    if written.is_err() {
        let _ = fs::remove_file(&new);
    }
    written
}
