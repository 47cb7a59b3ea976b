//! Where staff find the requests: on this computer, or at the server of the site.

use super::StoreOptions;
use clap::Args;
use std::net::IpAddr;
use std::path::PathBuf;
use url::{Host, Url};

/// Where the requests are.
#[derive(Clone, Debug, Args)]
pub struct PlaceOptions {
    /// A store on this computer, or a database.
    #[command(flatten)]
    pub store: StoreOptions,
    /// Ask the server of the site instead, from any computer: its address, such as <https://clinic.example>
    #[arg(
        long,
        value_name = "URL",
        env = "CLINIC_SERVER",
        conflicts_with_all = ["data_dir", "database"],
        value_parser = server,
        help = "Ask the server of the site instead, from any computer: its address, such as https://clinic.example"
    )]
    pub server: Option<Url>,
    /// Take the server's certificate by the authority of this file (PEM) instead of those that browsers know
    #[arg(long, value_name = "FILE", env = "CLINIC_SERVER_CA")]
    pub server_ca: Option<PathBuf>,
}

/// The address of a server: its origin, over TLS unless it is this computer.
fn server(text: &str) -> Result<Url, String> {
    let help = "write it like https://clinic.example";
    let url = Url::parse(text).map_err(|error| format!("{error}; {help}"))?;
    let here = match url.host() {
        None => return Err(format!("it names no host; {help}")),
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => IpAddr::from(address).is_loopback(),
        Some(Host::Ipv6(address)) => IpAddr::from(address).is_loopback(),
    };
    match url.scheme() {
        "https" => {}
        "http" if here => {}
        "http" => return Err(format!("without TLS, others on the way could take part; {help}")),
        _ => return Err(format!("it is no address of a site; {help}")),
    }
    let rest = [url.path() != "/", url.query().is_some(), url.fragment().is_some(), !url.username().is_empty()];
    if rest.contains(&true) || url.password().is_some() {
        return Err(format!("only the start of an address is wanted, without a page; {help}"));
    }
    Ok(url)
}

/// For commands that need the store itself: what to do in place of naming a server.
#[derive(Clone, Debug, Args)]
pub struct NoServer {
    /// Not for this command
    #[arg(long, value_name = "URL", hide = true, value_parser = not_at_a_server)]
    pub server: Option<String>,
}

fn not_at_a_server(_: &str) -> Result<String, &'static str> {
    Err("this command works on the store itself: run it where the requests are stored, with --data-dir or --database \
         (what was closed, a server deletes by itself; nobody has to)")
}

#[cfg(test)]
mod tests {
    use super::server;

    #[test]
    fn a_server_is_an_origin_with_tls_unless_it_is_this_computer() {
        for good in [
            "https://clinic.example",
            "https://clinic.example:8443/",
            "https://10.0.0.7",
            "http://127.0.0.1:8080",
            "http://[::1]:8080/",
            "http://localhost:8080",
        ] {
            assert!(server(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "clinic.example",
            "http://clinic.example",
            "http://127.0.0.1.clinic.example",
            "http://localhost.clinic.example",
            "http://10.0.0.7",
            "ftp://clinic.example",
            "file:///etc/passwd",
            "https://clinic.example/desk/",
            "https://clinic.example/?a",
            "https://clinic.example/#a",
            "https://user@clinic.example/",
            "https://:word@clinic.example/",
        ] {
            let error = server(bad).unwrap_err();
            assert!(error.contains("https://clinic.example"), "{bad}: {error}");
        }
    }
}
