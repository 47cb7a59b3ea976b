//! The store of requests: something is written into it as a request would be, and deleted again.

use super::super::{quoted, store as places};
use super::{Deployment, Finding, Found, PATIENCE};
use crate::requests::inbox::today;
use crate::requests::purge::{IMPLAUSIBLE_HELP, implausible_words};
use crate::requests::store::{Location, Presence, Store, StoreError};
use std::path::Path;
use tokio::time::timeout;

/// Whether requests can be written. Where there is no store, none is made.
pub(super) fn check(deployment: &Deployment<'_>) -> Found {
    let options = &deployment.options.intake.store;
    let location = match places::location(options) {
        Ok(location) => location,
        Err(failure) => return failure.into(),
    };
    let folder = if let Location::Folder(folder) = &location { Some(folder.as_path()) } else { None };
    let is_published = deployment.options.public_url.is_some();
    if let Some(folder) = folder.filter(|folder| is_published && !folder.is_dir()) {
        return missing(folder).into();
    }
    let store = match Store::new(location.clone()) {
        Ok(store) => store,
        Err(error) => return wrong(&error, folder).into(),
    };
    let looked = async {
        let presence = store.presence().await?;
        let mut implausible = 0;
        if presence == Presence::Here {
            store.probe().await?;
            store.clear_probe().await?;
            implausible = store.implausible(today(deployment.now.timestamp())).await?;
        }
        store.close().await;
        Ok((presence, implausible_words(implausible)))
    };
    let looked = deployment.runtime.block_on(async { timeout(PATIENCE, looked).await });
    let place = places::place(options);
    match looked.unwrap_or_else(|_| Err(StoreError::late())) {
        Ok((Presence::Here, Some(implausible))) => Finding::new(implausible, IMPLAUSIBLE_HELP.to_owned()).into(),
        Ok((Presence::Here, None)) => Found::Good(format!("requests can be stored {place}")),
        Ok((Presence::None, _)) => {
            Found::Good(format!("no request was stored yet {place}; the server begins a store there"))
        }
        Ok((Presence::OtherVersion, _)) => Found::Good(format!(
            "the store {place} is of another version of clinic-site; the server brings it up to date at its start, so nothing was written"
        )),
        Err(error) => wrong(&error, folder).into(),
    }
}

fn missing(folder: &Path) -> Finding {
    let path = quoted(folder);
    Finding::new(
        format!("the data folder {} isn't there", folder.display()),
        format!(
            "if requests are stored there, bring it back: mount its disk, or look at --data-dir; for a first start, make it for the server's user: \
             install -d -m 700 -o clinic-site {path}"
        ),
    )
}

/// The error says what is wrong and where.
fn wrong(error: &StoreError, folder: Option<&Path>) -> Finding {
    let help = match folder {
        Some(folder) => format!(
            "the user that the server runs as has to be able to write there: chown -R clinic-site {path} && chmod -R u+rwX {path}; and the disk \
             needs room",
            path = quoted(folder)
        ),
        None => "look whether the database runs and whether its address (--database), its user and the password (--database-password-file) are right; \
                 requests can't be stored until it answers, while the pages are served"
            .to_owned(),
    };
    Finding::new(format!("requests can't be stored: {error}"), help)
}
