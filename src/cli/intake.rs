//! What `serve` needs to take requests for appointments, by the command line.

use super::lifecycle::supervise;
use super::store::{self, PREVIEW_KEY};
use super::{Failure, clock, option, secret};
use crate::config::{IntakeOptions, MailOptions, ServeOptions, StoreOptions};
use crate::desk::{Desk, Origin};
use crate::http::{Intake, Rates, Tasks};
use crate::requests::inbox::Inbox;
use crate::requests::keys::{KeyError, PrivateKeys, PublicKeys, fingerprint};
use crate::requests::mail::{Delivery, MailSettings, MailStatus, Mailer};
use crate::requests::purge::purge_daily;
use crate::requests::store::{Location, Store};
use crate::telemetry::say;
use axum::http::uri::Scheme;
use jiff::Timestamp;
use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::sync::Notify;
use url::Url;

/// Everything that can be refused before the server starts.
pub(super) struct Settings {
    keys: PublicKeys,
    location: Location,
    rates: Rates,
    keep_days: u16,
    mailer: Option<Mailer>,
    /// The private key, where this is a preview that made one by itself.
    preview_key: Option<PathBuf>,
    store: StoreOptions,
    /// As what the front desk asks, where it is on.
    desk: Option<Origin>,
}

/// Reads the options. `None`: a preview on a computer where nothing can be written, which does without the form.
pub(super) fn settings(options: &ServeOptions) -> Result<Option<Settings>, Failure> {
    let location = store::location(&options.intake.store)?;
    let (keys, preview_key) = if let Some(keys) = named_keys(options)? {
        (keys, None)
    } else {
        let own = own_key(options);
        match preview_keys(&own) {
            Ok(keys) => (keys, Some(own)),
            Err(error) => {
                say(format!("The form for appointments is left out of this preview: {error}"));
                return Ok(None);
            }
        }
    };
    refuse_private_key(options)?;
    let desk = (!options.intake.no_desk).then(|| origin(options));
    let (published, own_tls, options) = (options.public_url.is_some(), options.speaks_tls(), &options.intake);
    let rates = Rates {
        per_network: options.network_limit,
        in_all: options.total_limit,
        trusted_proxies: options.trusted_proxies.clone(),
        is_behind_proxy: published && !own_tls,
    };
    let mailer = mailer(&options.mail)?;
    Ok(Some(Settings {
        keys,
        location,
        rates,
        keep_days: options.keep_days,
        mailer,
        preview_key,
        store: options.store.clone(),
        desk,
    }))
}

/// As what the front desk asks this server.
fn origin(options: &ServeOptions) -> Origin {
    let scheme = if options.speaks_tls() { Scheme::HTTPS } else { Scheme::HTTP };
    options
        .public_url
        .as_ref()
        .map_or(Origin::Preview(scheme), |url| Origin::Published(url.origin().ascii_serialization()))
}

/// The staff's keys. `None`: a preview for which none is named, which makes one.
pub(super) fn named_keys(options: &ServeOptions) -> Result<Option<PublicKeys>, Failure> {
    if !options.intake.staff_keys.is_empty() {
        return staff_keys(&options.intake).map(Some);
    }
    if options.public_url.is_some() {
        return Err(Failure::new("a published site needs a staff key, to which requests for appointments are sealed").help(
            "on the computer of the front desk, run `clinic-site keys new`; give the public key that it prints to --staff-key",
        ));
    }
    Ok(None)
}

/// The private key of a preview opens requests: it may not lie where a published site is served.
pub(super) fn refuse_private_key(options: &ServeOptions) -> Result<(), Failure> {
    let own = own_key(options);
    if options.public_url.is_some() && own.exists() {
        return Err(Failure::new(format!("{} is a private key, and a server may hold none", own.display()))
            .help("a preview made it for trying out; delete it, or move it to the computer of the front desk"));
    }
    Ok(())
}

/// Where a preview keeps its private key.
fn own_key(options: &ServeOptions) -> PathBuf {
    options.intake.store.data_dir.join(PREVIEW_KEY)
}

fn staff_keys(options: &IntakeOptions) -> Result<PublicKeys, Failure> {
    PublicKeys::parse(options.staff_keys.iter().map(|key| key.0.as_str())).map_err(|error| {
        let failure = Failure::new(format!("--staff-key: {error}"));
        match error {
            KeyError::Private => failure.help(
                "the server must never see it: make a new pair with `clinic-site keys new`, and give the server the public key, which begins with age1",
            ),
            _ => failure.help("`clinic-site keys new` makes a pair and prints the public key"),
        }
    })
}

/// The key pair of a preview: that of its data folder, or a new one.
fn preview_keys(file: &Path) -> Result<PublicKeys, String> {
    let failed = |error: io::Error| format!("{}: {error}", file.display());
    let broken = |error: KeyError| format!("{}: {error}", file.display());
    let text = match fs::read(file) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            make_preview_keys(file).map_err(failed)?;
            fs::read(file)
        }
        read => read,
    };
    let keys = PrivateKeys::read(&text.map_err(failed)?, || Err(KeyError::NotAnIdentity)).map_err(broken)?;
    keys.public().map_err(broken)
}

/// Writes a new pair completely or not at all; another preview that starts at the same moment may be faster.
fn make_preview_keys(file: &Path) -> io::Result<()> {
    let folder = file.parent().unwrap_or_else(|| Path::new("."));
    DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    let comment = "A private key that a preview of clinic-site made for trying out. It must not stay on a server.";
    let mut new = tempfile(folder)?;
    new.0.write_all(PrivateKeys::generate().file(&[comment]).as_bytes())?;
    new.0.sync_all()?;
    let linked = fs::hard_link(&new.1, file);
    fs::remove_file(&new.1)?;
    match linked {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

/// A file of this process alone, for its owner alone.
fn tempfile(folder: &Path) -> io::Result<(fs::File, PathBuf)> {
    let path = folder.join(format!(".{PREVIEW_KEY}.{}", std::process::id()));
    let file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&path)?;
    Ok((file, path))
}

/// What sends mail, if a mail server is named. Nothing is connected yet.
pub(super) fn mailer(options: &MailOptions) -> Result<Option<Mailer>, Failure> {
    let Some(server) = &options.smtp else { return Ok(None) };
    // The address isn't repeated: it may hold a password.
    let wrong =
        |what: &str| Failure::new(format!("--smtp: {what}")).help("write it like smtps://user@mail.clinic.example");
    let server = Url::parse(&server.0).map_err(|_| wrong("this is not the address of a mail server"))?;
    let address = |text: &str, flag: &str| {
        let help = "write it like desk@clinic.example";
        text.trim().parse().map_err(|_| Failure::new(format!("{flag}: `{text}` is not an e-mail address")).help(help))
    };
    let from = address(options.mail_from.as_deref().unwrap_or_default(), "--mail-from")?;
    let to = options.mail_to.iter().map(|text| address(text, "--mail-to")).collect::<Result<_, _>>()?;
    let password =
        options.smtp_password_file.as_ref().map(|file| secret::read("--smtp-password-file", file)).transpose()?;
    let authority = options
        .smtp_ca
        .as_ref()
        .map(|file| fs::read(file).map_err(|error| Failure::new(format!("--smtp-ca {}: {error}", file.display()))));
    let authority = authority.transpose()?;
    let mailer = Mailer::new(MailSettings { server, password, authority, from, to });
    mailer.map(Some).map_err(|error| wrong(&error.to_string()))
}

impl Settings {
    /// The fingerprints of the staff's keys.
    pub(super) fn fingerprints(&self) -> Vec<String> {
        self.keys.texts().iter().map(|key| fingerprint(key)).collect()
    }

    /// Starts the tasks that write requests, notify staff, and delete what was closed long ago; must be called within a tokio runtime. Gives what takes
    /// requests, and the front desk, where it is on.
    pub(super) fn start(self, tasks: &Tasks) -> Result<(Intake, Option<Arc<Desk>>), Failure> {
        if let Some(file) = &self.preview_key {
            say(format!(
                "appointments: requests are sealed to the key {}, made for trying out; it must not stay on a server\n\
                 \x20             read them with: clinic-site requests list{}{}",
                file.display(),
                option("--identity", file),
                store::options(&self.store)
            ));
        }
        let store = Arc::new(Store::new(self.location).map_err(Failure::new)?);
        let desk =
            self.desk.map(|origin| Desk::for_server(Arc::clone(&store), now, self.keep_days, &self.keys, origin));
        let bell = self.mailer.is_some().then(|| Arc::new(Notify::new()));
        let inbox = Arc::new(Inbox::new(self.keys, Arc::clone(&store), now, bell.clone()).map_err(Failure::new)?);
        let health = inbox.health();
        let mails = self.mailer.zip(bell).map(|(mailer, bell)| {
            let status = Arc::new(MailStatus::default());
            let (store, health) = (Arc::clone(&store), Arc::clone(health));
            let delivery = Arc::new(Delivery::new(store, health, mailer, bell, now, Arc::clone(&status)));
            supervise(tasks, "mail", move || Arc::clone(&delivery).run());
            status
        });
        let (purged, keep_days) = (Arc::clone(health), self.keep_days);
        supervise(tasks, "purge", move || purge_daily(Arc::clone(&store), keep_days, now, Arc::clone(&purged)));
        let watched = Arc::clone(health);
        supervise(tasks, "store", move || Arc::clone(&watched).watch());
        let writer = Arc::clone(&inbox);
        supervise(tasks, "writer", move || Arc::clone(&writer).write());
        Ok((Intake::new(inbox, self.rates, mails), desk))
    }
}

fn now() -> Timestamp {
    clock::now().timestamp()
}
