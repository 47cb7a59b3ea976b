//! The `Host` of a request: whether it can only mean this computer.
//!
//! A preview shows unpublished pages and findings. A web page anywhere can give its own name the address 127.0.0.1 (DNS rebinding) and then read a
//! preview through its visitor's browser; but it can't change the name that the browser sends. Browsers resolve `localhost` and names below it
//! to the loopback interface themselves ([let localhost be localhost]), so no such page can have one of those.
//!
//! [let localhost be localhost]: https://datatracker.ietf.org/doc/html/draft-ietf-dnsop-let-localhost-be-localhost-02

use std::net::{Ipv4Addr, Ipv6Addr};

/// Whether the value of a `Host` header, or the authority of a request over HTTP/2, names the loopback interface: `localhost` and names below it, an
/// address of 127.0.0.0/8, `[::1]`; in capital letters too, with a final dot, and with any port (RFC 9110, section 7.2).
pub(crate) fn is_loopback_name(host: &str) -> bool {
    if let Some(rest) = host.strip_prefix('[') {
        return rest.split_once(']').is_some_and(|(address, port)| {
            is_port(port) && address.parse().is_ok_and(|address: Ipv6Addr| address.is_loopback())
        });
    }
    let (name, port) = host.find(':').map_or((host, ""), |colon| host.split_at(colon));
    let name = name.strip_suffix('.').unwrap_or(name);
    // The two most common ones first: the others need a parser.
    is_port(port)
        && (matches!(name, "localhost" | "127.0.0.1")
            || is_localhost(name)
            || name.parse().is_ok_and(|address: Ipv4Addr| address.is_loopback()))
}

/// `localhost`, or a name below it (RFC 6761, section 6.3).
fn is_localhost(name: &str) -> bool {
    let is_label =
        |label: &str| !label.is_empty() && label.bytes().all(|c| c.is_ascii_alphanumeric() || b"-_".contains(&c));
    name.rsplit('.').next().is_some_and(|last| last.eq_ignore_ascii_case("localhost")) && name.split('.').all(is_label)
}

/// Empty, or a colon and a port, which may be empty (RFC 3986, section 3.2.3).
fn is_port(text: &str) -> bool {
    let Some(port) = text.strip_prefix(':') else { return text.is_empty() };
    port.is_empty() || port.bytes().all(|digit| digit.is_ascii_digit()) && port.parse::<u16>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::is_loopback_name;

    #[test]
    fn loopback_names_are_localhost_127_and_1() {
        let names = "localhost LocalHost localhost. localhost:8080 localhost: localhost.:8080 clinic.localhost a.b-c_d.LOCALHOST:3000 127.0.0.1 \
                     127.0.0.1:8080 127.0.0.1. 127.255.255.254 [::1] [::1]:8080 [0:0:0:0:0:0:0:1]:1";
        for name in names.split(' ') {
            assert!(is_loopback_name(name), "{name}");
        }
    }

    #[test]
    fn every_other_name_is_foreign() {
        let names = ". :8080 clinic.example rebound.example:8080 localhost.example 127.0.0.1.example localhost.attacker.example:8080 \
                     notlocalhost not-localhost .localhost a..localhost localhost.. 127.1 2130706433 0x7f.0.0.1 127.0.0.256 128.0.0.1 0.0.0.0 0 \
                     192.168.1.2 [::] [::2] [::ffff:127.0.0.1] [::1 ::1 [::1]x [::1%lo] [localhost] [127.0.0.1] localhost:x localhost:80:80 \
                     localhost:99999 localhost:+80 localhost/ a@localhost localhost@a.example localhost,a l\u{f6}calhost localhost\0 x\0.localhost";
        for name in names.split(' ').chain(["", "localhost ", " localhost"]) {
            assert!(!is_loopback_name(name), "{name:?}");
        }
    }
}
