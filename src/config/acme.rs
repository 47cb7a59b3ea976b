//! Options of `serve` that are about a certificate that comes by itself, and about visitors without TLS.

use clap::Args;
use std::net::SocketAddr;
use std::path::PathBuf;
use url::Url;

/// Where certificates come from, unless another place is named.
const LETS_ENCRYPT: &str = "https://acme-v02.api.letsencrypt.org/directory";

/// A certificate that comes by itself.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "TLS by itself")]
pub struct AcmeOptions {
    /// Speak TLS with a certificate for --public-url that is got and renewed by itself: the e-mail address of who runs the site. You agree to the
    /// terms of the authority, Let's Encrypt, which connects to port 443
    #[arg(
        long,
        value_name = "EMAIL",
        env = "CLINIC_ACME",
        conflicts_with = "tls_cert",
        requires = "public_url",
        value_parser = contact
    )]
    pub acme: Option<String>,
    /// A further name that the certificate is for, such as www.clinic.example; may be given several times
    #[arg(long, value_name = "NAME", env = "CLINIC_ACME_NAME", value_delimiter = ',', requires = "acme")]
    pub acme_name: Vec<String>,
    /// The directory of another authority (ACME, RFC 8555)
    #[arg(
        long,
        value_name = "URL",
        env = "CLINIC_ACME_DIRECTORY",
        default_value = LETS_ENCRYPT,
        requires = "acme",
        value_parser = directory
    )]
    pub acme_directory: Url,
    /// The certificate that the directory itself is verified by, a PEM file; for an authority of one's own
    #[arg(long, value_name = "FILE", env = "CLINIC_ACME_CA", requires = "acme")]
    pub acme_ca: Option<PathBuf>,
    /// A second address and port, without TLS, that sends every visitor to --public-url, such as 0.0.0.0:80
    #[arg(long, value_name = "ADDR:PORT", env = "CLINIC_HTTP_LISTEN", requires = "public_url")]
    pub http_listen: Option<SocketAddr>,
}

/// An e-mail address, as far as it can be distinguished from something else.
fn contact(text: &str) -> Result<String, String> {
    let text = text.trim();
    let is_address = text.split_once('@').is_some_and(|(user, host)| !user.is_empty() && host.contains('.'));
    let is_plain = text.bytes().all(|byte| byte.is_ascii_graphic() && !b",?:@/\"<>".contains(&byte) || byte == b'@');
    if is_address && is_plain && text.matches('@').count() == 1 {
        return Ok(text.to_owned());
    }
    Err("write an e-mail address, like admin@clinic.example".to_owned())
}

fn directory(text: &str) -> Result<Url, String> {
    match Url::parse(text.trim()) {
        Ok(url) if url.scheme() == "https" && url.has_host() => Ok(url),
        _ => Err(format!("write it like {LETS_ENCRYPT}")),
    }
}

#[cfg(test)]
mod tests {
    use super::{contact, directory};

    #[test]
    fn a_contact_is_one_address_and_a_directory_is_reached_by_tls() {
        assert_eq!(contact(" you@clinic.example ").unwrap(), "you@clinic.example");
        for bad in [
            "",
            "you",
            "you@",
            "@clinic.example",
            "you@localhost",
            "mailto:you@clinic.example",
            "a@b.example,c@d.example",
            "a@b@c.d",
        ] {
            assert!(contact(bad).is_err(), "{bad}");
        }
        assert!(directory("https://localhost:14000/dir").is_ok());
        for bad in ["http://localhost/dir", "acme.example", "https://"] {
            assert!(directory(bad).is_err(), "{bad}");
        }
    }
}
