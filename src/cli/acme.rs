//! The certificate of `serve --acme`: ordered, stored in the data folder, and renewed in time (ACME, RFC 8555). The authority connects to port 443 and
//! asks for a challenge, which [`Tls`] answers (RFC 8737).
//!
//! The certificate is a file like one that an admin would name, so it is taken, held against the one in use and watched in the same way
//! (`cli::certificate`).

mod client;
mod folder;
mod order;

use super::reported::Reported;
use super::signals::received;
use super::{Failure, ask, clock};
use crate::config::ServeOptions;
use crate::http::App;
use crate::server::{Fault, Tls};
use folder::Folder;
use jiff::Timestamp;
use order::OrderError;
use std::fmt;
use std::fs;
use std::sync::Arc;
use std::time::Duration;
use tokio::signal::unix::Signal;
use tokio::sync::Notify;
use tokio_rustls::TlsConnector;
use url::{Host, Url};

/// How often the certificate in use is looked at. Clocks jump, and computers sleep.
const CHECK_INTERVAL: Duration = Duration::from_mins(1);

/// The first and the longest pause after an order that failed; it is four times as long each time. Let's Encrypt allows five failures an hour.
const RETRY_PAUSE: (Duration, Duration) = (Duration::from_mins(1), Duration::from_hours(1));

/// How long an order may take in all.
const ORDER_TIMEOUT: Duration = Duration::from_mins(3);

/// What is wanted, and from whom.
pub(super) struct Acme {
    contact: String,
    /// The names of the site, that of its address first.
    names: Vec<String>,
    directory: Url,
    folder: Folder,
    connector: TlsConnector,
}

impl fmt::Debug for Acme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Acme").field("names", &self.names).field("directory", &self.directory).finish_non_exhaustive()
    }
}

impl Acme {
    /// What the options say; `None`: they ask for no certificate.
    pub(super) fn new(options: &ServeOptions) -> Result<Option<Self>, Failure> {
        let acme = &options.acme;
        let (Some(contact), Some(url)) = (&acme.acme, &options.public_url) else { return Ok(None) };
        let Some(Host::Domain(name)) = url.host().filter(|_| url.scheme() == "https") else {
            return Err(Failure::new(format!("no authority gives a certificate for {url}"))
                .help("--acme needs a name and https, like --public-url https://clinic.example"));
        };
        let further = acme.acme_name.iter().map(|name| match Host::parse(name.trim()) {
            Ok(Host::Domain(name)) if !name.contains('*') => Ok(name),
            _ => Err(Failure::new(format!("--acme-name: `{name}` is no name of a host"))
                .help("write it like www.clinic.example")),
        });
        let mut names = vec![name.to_owned()];
        for name in further {
            let name = name?;
            if !names.contains(&name) {
                names.push(name);
            }
        }
        let authority = acme.acme_ca.as_ref().map(|file| fs::read(file).map_err(Failure::at(file))).transpose()?;
        let connector = ask::connector(authority.as_deref())
            .map_err(|error| Failure::new(format!("--acme-ca: {error}")).help("it takes a certificate in PEM form"))?;
        let folder = Folder::new(&options.intake.store.data_dir, &acme.acme_directory);
        Ok(Some(Self { contact: contact.clone(), names, directory: acme.acme_directory.clone(), folder, connector }))
    }

    /// What answers handshakes, with the stored certificate, if there is one.
    pub(super) fn tls(&self) -> Result<Tls, Failure> {
        let file = self.folder.certificate();
        let names: Vec<&str> = self.names.iter().map(String::as_str).collect();
        let tls = Tls::awaiting(&file, &file, &names).map_err(Failure::new)?;
        // Whatever is wrong with it, another one comes.
        if let Err(error) = tls.read_again(now()) {
            tracing::warn!(%error, "the stored certificate can't be used; another one is ordered");
        }
        Ok(tls)
    }

    /// Says that the site can't be opened yet, if there is no certificate.
    pub(super) fn announce(&self, tls: &Tls, app: &App) {
        if tls.ends().is_none() {
            let (names, authority) = (self.names.join(", "), self.authority());
            tracing::warn!(
                "waiting for a certificate for {names} from {authority}; until it comes, nobody can open the site"
            );
            app.set_trouble("certificate_order", Some(format!("waiting for the first certificate, from {authority}")));
        }
    }

    /// The authority, as people know it.
    fn authority(&self) -> &str {
        self.directory.host_str().unwrap_or_default()
    }

    /// Orders a certificate, and puts it where it is read.
    async fn renew(&self, tls: &Tls) -> Result<(), OrderError> {
        self.folder.try_to_write().map_err(OrderError::NotSaved)?;
        let order = tokio::time::timeout(ORDER_TIMEOUT, order::order(self, tls)).await;
        tls.end_challenges();
        let issued = order.unwrap_or(Err(OrderError::TooSlow))?;
        self.folder.write_certificate(&issued).map_err(OrderError::NotSaved)?;
        tls.read_again(now()).map_err(OrderError::Useless)?;
        // A certificate that is due at once would be ordered again at once.
        if due_in(tls, now()) <= 0 { Err(OrderError::DueAtOnce) } else { Ok(()) }
    }
}

/// In how many seconds a certificate has to be ordered: when a third of its life is left, and at once where there is none, or one for other names.
fn due_in(tls: &Tls, now: i64) -> i64 {
    let is_foreign = || tls.faults(now).iter().any(|fault| matches!(fault, Fault::OtherHost(_)));
    match tls.ends() {
        Some((ends, lifetime)) if !is_foreign() => ends - lifetime / 3 - now,
        _ => 0,
    }
}

/// Orders a certificate whenever one is due, and at once on SIGHUP after an order that failed. What is wrong is reported once and then daily. `renewed` is
/// notified of each new certificate.
pub(super) async fn follow(acme: Arc<Acme>, tls: Tls, app: App, renewed: Arc<Notify>, mut hangup: Option<Signal>) {
    let (mut reported, mut pause) = (Reported::default(), RETRY_PAUSE.0);
    let (names, authority) = (acme.names.join(", "), acme.authority());
    loop {
        let left = u64::try_from(due_in(&tls, now())).unwrap_or(0);
        let mut wait = CHECK_INTERVAL.min(Duration::from_secs(left));
        if left == 0 {
            match acme.renew(&tls).await {
                Ok(()) => {
                    let until = tls.ends().and_then(|(ends, _)| Timestamp::from_second(ends).ok());
                    let until = until.map(|until| until.to_string()).unwrap_or_default();
                    tracing::info!("a certificate for {names} has come from {authority}; it is in use until {until}");
                    reported.due(Vec::new(), now());
                    app.set_trouble("certificate_order", None);
                    renewed.notify_one();
                    pause = RETRY_PAUSE.0;
                    continue;
                }
                Err(error) => {
                    let wrong = error.words(&acme);
                    for wrong in reported.due(vec![wrong], now()) {
                        tracing::error!(
                            again_in_minutes = pause.as_secs() / 60,
                            "no certificate for {names}: {wrong}. It is tried again, at once on SIGHUP"
                        );
                    }
                    let what = if tls.ends().is_some() {
                        "the certificate can't be renewed"
                    } else {
                        "there is no certificate yet"
                    };
                    app.set_trouble("certificate_order", Some(format!("{what}; the log has the cause")));
                    wait = pause;
                    if !error.is_unreached() {
                        pause = (pause * 4).min(RETRY_PAUSE.1);
                    }
                }
            }
        }
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            () = received(hangup.as_mut()) => pause = RETRY_PAUSE.0,
        }
    }
}

fn now() -> i64 {
    clock::now().timestamp().as_second()
}
