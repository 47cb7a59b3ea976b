//! The certificate of `serve --tls-cert --tls-key`: read at the start, and again when it is renewed.

use super::Failure;
use super::signals::received;
use crate::config::ServeOptions;
use crate::http::App;
use crate::server::Tls;
use std::time::Duration;
use tokio::signal::unix::Signal;

/// How often the files are read. A certificate is renewed weeks before it ends.
const CHECK_INTERVAL: Duration = Duration::from_secs(10);

/// Reads the certificate, if the options name one.
pub(super) fn read(options: &ServeOptions) -> Result<Option<Tls>, Failure> {
    let (Some(certificate), Some(key)) = (&options.tls_cert, &options.tls_key) else { return Ok(None) };
    let tls = Tls::read(certificate, key).map_err(|error| {
        Failure::new(error)
            .help("--tls-cert takes the certificate with its chain (fullchain.pem), --tls-key its key (privkey.pem)")
    })?;
    Ok(Some(tls))
}

/// Reads the files again when they have changed, and at once on SIGHUP. An error is logged once, and the previous certificate stays.
pub(super) async fn follow(tls: Tls, app: App, mut hangup: Option<Signal>) {
    let mut reported = String::new();
    loop {
        tokio::select! {
            () = tokio::time::sleep(CHECK_INTERVAL) => {}
            () = received(hangup.as_mut()) => {}
        }
        let with = tls.clone();
        let Ok(read) = tokio::task::spawn_blocking(move || with.read_again()).await else { return };
        match read {
            Ok(renewed) => {
                if renewed {
                    tracing::info!("a new certificate is in use");
                } else if !reported.is_empty() {
                    tracing::info!("the certificate's files can be used again");
                }
                reported.clear();
                app.set_trouble("certificate", None);
            }
            Err(error) if error.to_string() != reported => {
                reported = error.to_string();
                app.set_trouble(
                    "certificate",
                    Some("the renewed certificate can't be used; the log has the cause".to_owned()),
                );
                tracing::warn!(%error, "the new certificate can't be used; the previous one stays");
            }
            Err(_) => {}
        }
    }
}
