//! The certificate of the site: that of `serve --tls-cert --tls-key`, or of `--acme`. It is read at the start, and again when it is renewed. Its end, and
//! what is wrong with it, are reported in time, and daily.

use super::acme::{self, Acme};
use super::lifecycle::supervise;
use super::reported::Reported;
use super::signals::{listen_to, received};
use super::{Failure, clock};
use crate::config::ServeOptions;
use crate::http::App;
use crate::server::{Fault, Tls};
use std::sync::Arc;
use std::time::Duration;
use tokio::signal::unix::{Signal, SignalKind};
use tokio::sync::Notify;

/// How often the files are read. A certificate is renewed weeks before it ends.
const CHECK_INTERVAL: Duration = Duration::from_secs(10);

/// So many days before its end, a certificate is warned of, the most urgent last.
const WARN_DAYS: [i64; 3] = [14, 7, 1];

const DAY: i64 = 24 * 60 * 60;

/// Where the certificate comes from.
pub(super) struct Certificate {
    pub(super) tls: Tls,
    /// It comes by itself.
    acme: Option<Arc<Acme>>,
}

impl Certificate {
    /// The certificate that the options name, or that they let come.
    pub(super) fn new(options: &ServeOptions) -> Result<Option<Self>, Failure> {
        if let Some(acme) = Acme::new(options)? {
            return Ok(Some(Self { tls: acme.tls()?, acme: Some(Arc::new(acme)) }));
        }
        let (Some(certificate), Some(key)) = (&options.tls_cert, &options.tls_key) else { return Ok(None) };
        let host = options.public_url.as_ref().and_then(|url| url.host_str());
        let tls = Tls::read(certificate, key, host.as_slice()).map_err(|error| {
            Failure::new(error).help(
                "--tls-cert takes the certificate with its chain (fullchain.pem), --tls-key its key (privkey.pem)",
            )
        })?;
        Ok(Some(Self { tls, acme: None }))
    }

    /// Says that the site can't be opened yet, if so: before anybody can ask.
    pub(super) fn announce(&self, app: &App) {
        if let Some(acme) = &self.acme {
            acme.announce(&self.tls, app);
        }
    }

    /// Starts the tasks that look after it.
    pub(super) fn supervise(self, app: &App) {
        let (Self { tls, acme }, renewed) = (self, Arc::<Notify>::default());
        if let Some(acme) = acme {
            let (tls, with, renewed) = (tls.clone(), app.clone(), Arc::clone(&renewed));
            supervise(app.tasks(), "acme", move || {
                let hangup = listen_to(SignalKind::hangup());
                acme::follow(Arc::clone(&acme), tls.clone(), with.clone(), Arc::clone(&renewed), hangup)
            });
        }
        let with = app.clone();
        supervise(app.tasks(), "certificate", move || {
            follow(tls.clone(), with.clone(), Arc::clone(&renewed), listen_to(SignalKind::hangup()))
        });
    }
}

/// Reads the files again when they have changed, and at once on SIGHUP. While they can't be used, that is reported, and the previous certificate stays.
async fn follow(tls: Tls, app: App, renewed: Arc<Notify>, mut hangup: Option<Signal>) {
    let (mut reported, mut known) = (Reported::default(), Known::default());
    loop {
        known.look(&tls, &app, now());
        tokio::select! {
            () = tokio::time::sleep(CHECK_INTERVAL) => {}
            () = received(hangup.as_mut()) => {}
            () = renewed.notified() => {}
        }
        let with = tls.clone();
        let Ok(read) = tokio::task::spawn_blocking(move || with.read_again(now())).await else { return };
        let was_good = reported.is_good();
        for error in reported.due(read.as_ref().err().map(ToString::to_string).into_iter().collect(), now()) {
            tracing::error!(error, "the new certificate can't be used; the previous one stays");
        }
        match read {
            Ok(true) => tracing::info!("a new certificate is in use"),
            Ok(false) if !was_good => tracing::info!("the certificate's files can be used again"),
            _ => {}
        }
        let trouble = "the renewed certificate can't be used; the log has the cause";
        app.set_trouble("certificate_renewal", (!reported.is_good()).then(|| trouble.to_owned()));
    }
}

/// What was reported about the certificate in use.
#[derive(Default)]
struct Known {
    reported: Reported,
    /// How many of [`WARN_DAYS`] have been reached.
    warned: usize,
}

impl Known {
    /// Says what is wrong with the certificate in use, and when it ends soon.
    fn look(&mut self, tls: &Tls, app: &App, now: i64) {
        let ends = tls.ends();
        app.set_certificate(ends.map(|(ends, _)| ends));
        let Some((ends, lifetime)) = ends else { return };
        let left = ends.saturating_sub(now);
        let (faults, was_good) = (tls.faults(now), self.reported.is_good());
        let words: Vec<_> = faults.iter().map(ToString::to_string).collect();
        for fault in self.reported.due(words.clone(), now) {
            tracing::error!("{fault}");
        }
        let warned = if faults.contains(&Fault::Expired) { self.warned } else { reached(left, lifetime) };
        if warned > self.warned {
            let days = left / DAY;
            tracing::warn!(days, hours = left / 3600, "the certificate ends soon, and was not renewed");
        }
        if (warned < self.warned && warned == 0) || (faults.is_empty() && !was_good) {
            tracing::info!(days = left / DAY, "the certificate is good again");
        }
        app.set_trouble("certificate", (!words.is_empty()).then(|| words.join("; ")));
        self.warned = warned;
    }
}

/// How many of [`WARN_DAYS`] have been reached. Certificates that are made for some days are renewed later than others, so half of what a
/// certificate has in all is always good.
pub(super) fn reached(left: i64, lifetime: i64) -> usize {
    WARN_DAYS.iter().filter(|days| left <= **days * DAY && **days * DAY * 2 <= lifetime).count()
}

fn now() -> i64 {
    clock::now().timestamp().as_second()
}

#[cfg(test)]
mod tests {
    use super::{DAY, reached};

    #[test]
    fn the_end_is_warned_of_as_early_as_fits_the_certificate() {
        let of = |lifetime| [90, 15, 14, 8, 7, 2, 1, 0].map(|left| reached(left * DAY, lifetime * DAY));
        assert_eq!(of(90), [0, 0, 1, 1, 2, 2, 3, 3]);
        assert_eq!(of(20), [0, 0, 0, 0, 1, 1, 2, 2]);
        assert_eq!(of(6), [0, 0, 0, 0, 0, 0, 1, 1], "six days in all");
        assert_eq!(of(1), [0; 8]);
    }
}
