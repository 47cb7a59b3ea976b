//! `clinic-site desk`: the page of the front desk, on this computer alone.

use super::listen::listen;
use super::serve::routed;
use super::signals::{listen_to, stopped};
use super::{Failure, Outcome, clock, counted, identity, print, resources, say, store};
use crate::config::DeskOptions;
use crate::desk::{Desk, router};
use crate::requests::keys::PrivateKeys;
use crate::requests::store::Wanted;
use crate::server::{self, Limits};
use tokio::signal::unix::SignalKind;

pub(super) fn run(options: &DeskOptions) -> Result<Outcome, Failure> {
    resources::hide_memory();
    let keys = identity::read(&options.identity.identity, &options.identity.passphrase)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(Failure::new)?;
    runtime.block_on(serve(options, keys))
}

async fn serve(options: &DeskOptions, keys: PrivateKeys) -> Result<Outcome, Failure> {
    let store = store::existing(&options.store)?;
    let waiting = store.count(Wanted::Waiting).await.map_err(|error| {
        Failure::new(format!("the requests can't be reached: {error}")).help("check --data-dir or --database")
    })?;
    let listener = listen(options.listen).await?;
    let address = listener.local_addr().map_err(Failure::new)?;
    let mut token = [0; 16];
    getrandom::fill(&mut token).map_err(|_| Failure::new("the system gives no random bytes"))?;
    let place = store::place(&options.store);
    let desk = Desk::new(store, keys, clock::now, token, address, place.clone());
    // Before anybody can know that the program runs, and send one.
    let terminated = listen_to(SignalKind::terminate());
    say(format!(
        "{} waiting {place}. Open this address in a browser on this computer, and keep it to yourself:",
        counted(usize::try_from(waiting).unwrap_or_default(), "request")
    ));
    print(&format!("{}\n", desk.url()))?;
    say("It works until you stop the program with Ctrl-C. Lock the screen when you leave.");
    let router = router(desk);
    server::serve(listener, |_| routed(&router), None, Limits::default(), stopped(terminated)).await;
    Ok(Outcome::Good)
}
