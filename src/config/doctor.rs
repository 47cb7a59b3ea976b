//! Options of `doctor` and `healthcheck`.

use super::{ServeOptions, UnknownVariable};
use clap::{Args, ValueEnum};
use std::net::SocketAddr;
use url::Url;

/// What is behind the options of `doctor --help`.
pub(super) const DOCTOR_HELP: &str = "\
Examples:
  clinic-site doctor --public-url https://clinic.example --staff-key age1… --data-dir /var/lib/clinic-site
  clinic-site doctor --format json

Run it as the server's own user and with its variables (docs/operating.md), before the first start, after a change, and
whenever something is strange, also while the server runs. Nothing is changed: what is written to see whether it can be is
deleted again, and the mail server is asked for each recipient without a message.

Exit codes: 0 all is good, 1 something is wrong, 2 could not run.";

/// The same of `healthcheck`.
pub(super) const HEALTHCHECK_HELP: &str = "\
Examples:
  clinic-site healthcheck                       asks http://127.0.0.1:8080/healthz, or https, as the server speaks
  clinic-site healthcheck --url http://127.0.0.1:9090/readyz/requests

Exit codes: 0 it is up, 1 it is not, 2 could not ask.";

/// Options of `doctor`: those of `serve`, and how to print.
#[derive(Clone, Debug, Args)]
pub struct DoctorOptions {
    /// What is looked at.
    #[command(flatten)]
    pub serve: ServeOptions,
    /// How to print what was found
    #[arg(long, value_enum, default_value_t = DoctorFormat::Text)]
    pub format: DoctorFormat,
    /// The variables of the environment that no option has: for every other command they are an error.
    #[arg(skip)]
    pub unknown: Vec<UnknownVariable>,
}

/// How `doctor` prints what it found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum DoctorFormat {
    /// For people
    Text,
    /// For programs
    Json,
}

/// Options of `healthcheck`.
#[derive(Clone, Debug, Args)]
pub struct HealthcheckOptions {
    /// What to ask, http or https; without it, /healthz of the address that the server listens on, on this computer
    #[arg(long, value_name = "URL", value_parser = http_url)]
    pub url: Option<Url>,
    /// The address and port that the server listens on
    #[arg(long, value_name = "ADDR:PORT", env = "CLINIC_LISTEN", default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
}

/// An address that can be asked over HTTP.
fn http_url(text: &str) -> Result<Url, String> {
    let help = "write it like http://127.0.0.1:8080/healthz";
    let url = Url::parse(text).map_err(|error| format!("{error}; {help}"))?;
    if matches!(url.scheme(), "http" | "https") && url.has_host() { Ok(url) } else { Err(help.to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::http_url;

    #[test]
    fn only_what_speaks_http_is_asked() {
        assert!(http_url("http://127.0.0.1:8080/healthz").is_ok() && http_url("https://clinic.example").is_ok());
        for bad in ["127.0.0.1:8080", "ftp://clinic.example/", "http:", "/healthz"] {
            assert!(http_url(bad).unwrap_err().contains("http://127.0.0.1:8080/healthz"), "{bad}");
        }
    }
}
