//! Options of `serve` that are about requests for appointments.

use super::{Confidential, StoreOptions};
use clap::Args;
use clap::builder::FalseyValueParser;
use ipnet::IpNet;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::path::PathBuf;

/// How requests for appointments are taken.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Requests for appointments")]
pub struct IntakeOptions {
    /// A public staff key (age1…) that requests are sealed to; may be given several times
    #[arg(
        long = "staff-key",
        value_name = "KEY",
        env = "CLINIC_STAFF_KEY",
        value_delimiter = ',',
        hide_env_values = true
    )]
    pub staff_keys: Vec<Confidential>,
    /// Where they are stored.
    #[command(flatten)]
    pub store: StoreOptions,
    /// For how many days closed requests are stored
    #[arg(long, value_name = "DAYS", env = "CLINIC_KEEP_DAYS", default_value_t = 30)]
    pub keep_days: u16,
    /// Do without the front desk's interface: requests are then opened by `clinic-site requests` and `clinic-site desk` alone, where the store is
    #[arg(long, env = "CLINIC_NO_DESK", value_parser = FalseyValueParser::new())]
    pub no_desk: bool,
    /// How many requests one network (an IPv4 address, an IPv6 /64) may send in an hour; wider ones may send up to eight times as many
    #[arg(long, value_name = "N", env = "CLINIC_NETWORK_LIMIT", default_value = "20")]
    pub network_limit: NonZeroU32,
    /// How many requests all visitors together may send in an hour; a quarter is for networks not seen lately
    #[arg(long, value_name = "N", env = "CLINIC_TOTAL_LIMIT", default_value = "600")]
    pub total_limit: NonZeroU32,
    /// The proxies before this server, as addresses or networks: they are believed when they say for whom they ask,
    /// and may open as many connections as there are
    #[arg(
        long,
        value_name = "NETWORK",
        env = "CLINIC_TRUSTED_PROXIES",
        value_delimiter = ',',
        value_parser = network
    )]
    pub trusted_proxies: Vec<IpNet>,
    /// Who is notified of requests.
    #[command(flatten)]
    pub mail: MailOptions,
}

/// How staff are notified of requests.
#[derive(Clone, Debug, Args)]
pub struct MailOptions {
    /// The mail server that notifies staff of requests: `smtps://user@host` or, with STARTTLS, `smtp://user@host`; in the name
    /// of a user that is an address, write %40 for the @
    #[arg(
        long = "smtp",
        value_name = "URL",
        env = "CLINIC_SMTP",
        hide_env_values = true,
        requires_all = ["mail_from", "mail_to"]
    )]
    pub smtp: Option<Confidential>,
    /// The file that holds the password of the mail server's user
    #[arg(long, value_name = "FILE", env = "CLINIC_SMTP_PASSWORD_FILE", requires = "smtp")]
    pub smtp_password_file: Option<PathBuf>,
    /// A certificate (PEM) to trust besides the public ones, for a mail server of your own
    #[arg(long, value_name = "FILE", env = "CLINIC_SMTP_CA", requires = "smtp")]
    pub smtp_ca: Option<PathBuf>,
    /// The address that messages to staff come from
    #[arg(long, value_name = "ADDRESS", env = "CLINIC_MAIL_FROM", requires = "smtp")]
    pub mail_from: Option<String>,
    /// An address that is notified of requests, by messages of its own; may be given several times
    #[arg(long, value_name = "ADDRESS", env = "CLINIC_MAIL_TO", value_delimiter = ',', requires = "smtp")]
    pub mail_to: Vec<String>,
}

/// A network such as `10.0.0.0/8`, or one address.
fn network(text: &str) -> Result<IpNet, String> {
    let text = text.trim();
    let address = text.parse::<IpAddr>().map(IpNet::from);
    text.parse().or(address).map_err(|_| "write an address like 10.0.0.1 or a network like 10.0.0.0/8".to_owned())
}

#[cfg(test)]
mod tests {
    use super::network;

    #[test]
    fn a_proxy_is_an_address_or_a_network() {
        assert_eq!(network("10.0.0.1").unwrap().to_string(), "10.0.0.1/32");
        assert_eq!(network("fd00::/8").unwrap().to_string(), "fd00::/8");
        assert!(network("proxy.example").is_err());
    }
}
