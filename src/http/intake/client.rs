//! The client of a request: its peer, or the address that a trusted proxy names.

use ipnet::IpNet;
use std::net::IpAddr;

/// The client's address: the peer's, or, if that is one of our proxies, the right-most one that isn't. Whatever is left of it was written by the
/// client.
pub(super) fn client<'a>(
    peer: IpAddr,
    forwarded: impl DoubleEndedIterator<Item = &'a str>,
    trusted: &[IpNet],
) -> IpAddr {
    let is_trusted = |address: &IpAddr| trusted.iter().any(|network| network.contains(address));
    let mut client = peer.to_canonical();
    let named = forwarded.rev().flat_map(|line| line.rsplit(',')).map(str::trim);
    for name in named {
        if !is_trusted(&client) {
            break;
        }
        let Some(address) = address(name) else { break };
        client = address;
    }
    client
}

/// An address as proxies write it, with or without a port: `192.0.2.1`, `192.0.2.1:80`, `2001:db8::1`, `[2001:db8::1]:80`.
fn address(text: &str) -> Option<IpAddr> {
    let address: Option<IpAddr> = text.parse().ok();
    let with_port = || text.parse::<std::net::SocketAddr>().ok().map(|address| address.ip());
    let in_brackets = || text.strip_prefix('[')?.strip_suffix(']')?.parse().ok();
    Some(address.or_else(with_port).or_else(in_brackets)?.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::{address, client};
    use proptest::prelude::*;
    use std::net::IpAddr;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn only_a_trusted_proxy_is_believed_and_only_its_own_entry() {
        let trusted = ["10.0.0.0/8".parse().unwrap(), "::1/128".parse().unwrap()];
        for (peer, forwarded, wanted) in [
            // No proxy: what the visitor claims is ignored.
            ("192.0.2.9", &["203.0.113.1"][..], "192.0.2.9"),
            ("10.0.0.1", &[], "10.0.0.1"),
            ("10.0.0.1", &["192.0.2.9"], "192.0.2.9"),
            // The visitor wrote the first; the proxy added the second.
            ("10.0.0.1", &["203.0.113.1, 192.0.2.9"], "192.0.2.9"),
            ("10.0.0.1", &["203.0.113.1", "192.0.2.9, 10.0.0.2"], "192.0.2.9"),
            ("10.0.0.1", &["10.0.0.3, 10.0.0.2"], "10.0.0.3"),
            // What can't be read ends the chain where it is.
            ("10.0.0.1", &["192.0.2.9, unknown"], "10.0.0.1"),
            ("10.0.0.1", &["192.0.2.9, "], "10.0.0.1"),
            ("::1", &["2001:db8::7"], "2001:db8::7"),
            ("::ffff:10.0.0.1", &["[2001:db8::7]:443"], "2001:db8::7"),
        ] {
            assert_eq!(client(ip(peer), forwarded.iter().copied(), &trusted), ip(wanted), "{peer} {forwarded:?}");
        }
    }

    #[test]
    fn addresses_are_read_as_proxies_write_them() {
        for text in ["192.0.2.1", "192.0.2.1:80", "::ffff:192.0.2.1"] {
            assert_eq!(address(text), Some(ip("192.0.2.1")), "{text}");
        }
        for text in ["", "unknown", "_hidden", "192.0.2", "[::1", "example.org"] {
            assert_eq!(address(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_visitor_can_not_forge_an_address(forged in "[ -~]{0,60}") {
            let trusted = ["10.0.0.1/32".parse().unwrap()];
            let line = format!("{forged}, 192.0.2.9");
            prop_assert_eq!(client(ip("10.0.0.1"), [line.as_str()].into_iter(), &trusted), ip("192.0.2.9"));
            prop_assert_eq!(client(ip("192.0.2.1"), [forged.as_str()].into_iter(), &trusted), ip("192.0.2.1"));
        }
    }
}
