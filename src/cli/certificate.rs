//! The certificate of `serve --tls-cert --tls-key`: read at the start, and again when it is renewed. Its end is told in time.

use super::signals::received;
use super::{Failure, clock};
use crate::config::ServeOptions;
use crate::http::App;
use crate::server::{Fault, Tls};
use std::time::Duration;
use tokio::signal::unix::Signal;

/// How often the files are read. A certificate is renewed weeks before it ends.
const CHECK_INTERVAL: Duration = Duration::from_secs(10);

/// So many days before its end, a certificate is warned of, the most urgent last.
const WARN_DAYS: [i64; 3] = [14, 7, 1];

const DAY: i64 = 24 * 60 * 60;

/// Reads the certificate, if the options name one.
pub(super) fn read(options: &ServeOptions) -> Result<Option<Tls>, Failure> {
    let (Some(certificate), Some(key)) = (&options.tls_cert, &options.tls_key) else { return Ok(None) };
    let host = options.public_url.as_ref().and_then(|url| url.host_str());
    let tls = Tls::read(certificate, key, host).map_err(|error| {
        Failure::new(error)
            .help("--tls-cert takes the certificate with its chain (fullchain.pem), --tls-key its key (privkey.pem)")
    })?;
    Ok(Some(tls))
}

/// Reads the files again when they have changed, and at once on SIGHUP. An error is logged once, and the previous certificate stays.
pub(super) async fn follow(tls: Tls, app: App, mut hangup: Option<Signal>) {
    let mut reported = String::new();
    let mut known = Known::default();
    loop {
        known.look(&tls, &app, now());
        tokio::select! {
            () = tokio::time::sleep(CHECK_INTERVAL) => {}
            () = received(hangup.as_mut()) => {}
        }
        let with = tls.clone();
        let Ok(read) = tokio::task::spawn_blocking(move || with.read_again(now())).await else { return };
        match read {
            Ok(renewed) => {
                if renewed {
                    tracing::info!("a new certificate is in use");
                } else if !reported.is_empty() {
                    tracing::info!("the certificate's files can be used again");
                }
                reported.clear();
                app.set_trouble("certificate_renewal", None);
            }
            Err(error) if error.to_string() != reported => {
                reported = error.to_string();
                app.set_trouble(
                    "certificate_renewal",
                    Some("the renewed certificate can't be used; the log has the cause".to_owned()),
                );
                tracing::warn!(%error, "the new certificate can't be used; the previous one stays");
            }
            Err(_) => {}
        }
    }
}

/// What was said of the certificate in use.
#[derive(Default)]
struct Known {
    faults: Vec<Fault>,
    /// How many of [`WARN_DAYS`] have been reached.
    warned: usize,
}

impl Known {
    /// Says what is new about the certificate in use, once.
    fn look(&mut self, tls: &Tls, app: &App, now: i64) {
        let (ends, lifetime) = tls.ends();
        let left = ends.saturating_sub(now);
        app.set_certificate(Some(ends));
        let faults = tls.faults(now);
        for fault in faults.iter().filter(|fault| !self.faults.contains(fault)) {
            tracing::error!("{fault}");
        }
        let warned = if faults.contains(&Fault::Expired) { self.warned } else { reached(left, lifetime) };
        if warned > self.warned {
            let days = left / DAY;
            tracing::warn!(days, hours = left / 3600, "the certificate ends soon, and was not renewed");
        }
        if (warned < self.warned && warned == 0) || (faults.is_empty() && !self.faults.is_empty()) {
            tracing::info!(days = left / DAY, "the certificate is good again");
        }
        let words = |faults: &[Fault]| faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
        app.set_trouble("certificate", (!faults.is_empty()).then(|| words(&faults)));
        (self.faults, self.warned) = (faults, warned);
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
