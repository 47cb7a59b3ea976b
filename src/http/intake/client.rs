//! The client of a request: its peer, or the address that a trusted proxy names. And the proxies that leave that unknown.

use crate::server::Network;
use crate::site::route;
use axum::http::{HeaderMap, HeaderName};
use ipnet::IpNet;
use std::net::IpAddr;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
/// What a proxy calls a request by, each time that it sends it: nginx, `HAProxy` and the ingresses of Kubernetes know it by this name.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// A shorter id may be a number that somebody else can guess.
const MIN_REQUEST_ID: usize = 16;
/// RFC 7239. It is not read for addresses, but whoever sends it is a proxy.
const FORWARDED: HeaderName = HeaderName::from_static("forwarded");

/// Whom a request is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::http) enum Client {
    /// Somebody at this address.
    One(IpAddr),
    /// Anybody behind the proxy at this address, which doesn't say who, or isn't to be believed.
    Anybody(IpAddr),
}

/// The proxies before this server.
#[derive(Debug)]
pub(in crate::http) struct Proxies {
    trusted: Vec<IpNet>,
    /// Visitors come through a proxy: see [`super::limiter::Rates`].
    is_behind_proxy: bool,
    /// Somebody on the internet who isn't trusted names visitors.
    stranger: Seen,
    /// One of the admin's own isn't trusted.
    untrusted: Seen,
    /// A trusted one names nobody.
    silent: Seen,
    /// A trusted one names visitors.
    is_sound: AtomicBool,
    /// Pages have nothing more to show of them, and there is nothing to log.
    is_quiet: AtomicBool,
}

/// Something that is logged once: the address, or nothing if it isn't of one of the admin's own networks, and whether it was logged.
#[derive(Debug)]
struct Seen(OnceLock<String>, AtomicBool);

impl Client {
    /// The narrowest network of the address, as bytes to compare: an IPv4 address or 64 bits of IPv6.
    pub(in crate::http) fn network(self) -> [u8; 16] {
        let (Self::One(address) | Self::Anybody(address)) = self;
        Network::narrowest(address)
    }
}

impl Proxies {
    pub(super) fn new(trusted: Vec<IpNet>, is_behind_proxy: bool) -> Self {
        let [stranger, untrusted, silent] = [const { Seen(OnceLock::new(), AtomicBool::new(false)) }; 3];
        let [is_sound, is_quiet] = [const { AtomicBool::new(false) }; 2];
        Self { trusted, is_behind_proxy, stranger, untrusted, silent, is_sound, is_quiet }
    }

    /// What was seen of proxies since the start: the name of each kind, and whether there was one.
    pub(in crate::http) fn seen(&self) -> [(&'static str, bool); 4] {
        [
            ("sound", self.is_sound.load(Ordering::Relaxed)),
            ("silent", self.silent.is_known()),
            ("untrusted", self.untrusted.is_known()),
            ("stranger", self.stranger.is_known()),
        ]
    }

    pub(in crate::http) fn trusts(&self, address: IpAddr) -> bool {
        self.trusted.iter().any(|network| network.contains(&address.to_canonical()))
    }

    /// What a trusted proxy calls a request by. It has to take out what visitors send by that name.
    pub(in crate::http) fn request_id<'h>(&self, peer: IpAddr, headers: &'h HeaderMap) -> Option<&'h [u8]> {
        let id = headers.get(REQUEST_ID).filter(|_| self.trusts(peer))?.as_bytes();
        (id.len() >= MIN_REQUEST_ID).then_some(id)
    }

    /// Whom a request is for. A peer that isn't trusted is not believed.
    pub(in crate::http) fn client(&self, peer: IpAddr, headers: &HeaderMap) -> Client {
        let client = client(peer, lines(headers), |address| self.trusts(*address));
        let stands_for_many =
            self.trusts(client) || client == peer.to_canonical() && self.is_untrusted(client, headers);
        if stands_for_many { Client::Anybody(client) } else { Client::One(client) }
    }

    /// Whether a peer that isn't trusted is a proxy all the same: it has an address that nobody has on the internet, and all come through a proxy or it
    /// names visitors. From elsewhere the header alone proves nothing, as anybody can write it to be counted with others.
    fn is_untrusted(&self, peer: IpAddr, headers: &HeaderMap) -> bool {
        is_local(peer) && (self.is_behind_proxy || names_visitors(headers))
    }

    /// Notices what a page shows, and logs it. Pages are many: it ends with the first that shows how things are, and only an address of the admin's own or
    /// a trusted one is looked at.
    pub(in crate::http) fn page(&self, peer: IpAddr, path: &str, headers: &HeaderMap) {
        if self.is_quiet.load(Ordering::Relaxed) {
            return;
        }
        if is_local(peer.to_canonical()) || self.trusts(peer) {
            self.notice(peer, path, headers);
        }
        self.log_once();
    }

    /// Looks whether a request shows that a proxy is not set up. The checks of balancers, which are for nobody, show nothing.
    pub(in crate::http) fn notice(&self, peer: IpAddr, path: &str, headers: &HeaderMap) {
        let peer = peer.to_canonical();
        let (trusted, named) = (self.trusts(peer), names_visitors(headers));
        let is_check = matches!(path, "/" | "*" | route::HEALTH | route::READY | route::READY_REQUESTS);
        let Seen(seen, _) = match trusted {
            true if named => return self.is_sound.store(true, Ordering::Relaxed),
            _ if is_check && !named => return,
            true => &self.silent,
            false if self.is_untrusted(peer, headers) => &self.untrusted,
            false if named => &self.stranger,
            false => return,
        };
        seen.get_or_init(|| {
            self.is_quiet.store(false, Ordering::Relaxed);
            if is_local(peer) { peer.to_string() } else { String::new() }
        });
    }

    /// Logs what was noticed, once. Never while somebody asks for an appointment: the line would show when.
    pub(in crate::http) fn log_once(&self) {
        // First, so that what is noticed meanwhile is logged at the next page.
        let is_known = self.is_sound.load(Ordering::Relaxed) || self.untrusted.is_known() || self.silent.is_known();
        self.is_quiet.store(is_known, Ordering::Relaxed);
        if self.stranger.to_be_logged().is_some() {
            tracing::warn!(
                "somebody who is not in --trusted-proxies says for whom they ask (X-Forwarded-For or Forwarded): if it is a proxy of yours, name it \
                 there; until then all its visitors are limited as one network"
            );
        }
        if let Some(address) = self.untrusted.to_be_logged() {
            tracing::warn!(
                "the proxy at {address} is not trusted: its visitors are limited all together; make it send X-Forwarded-For, and start with \
                 --trusted-proxies {address}"
            );
        }
        if let Some(address) = self.silent.to_be_logged() {
            let at = if address.is_empty() { "" } else { " at " };
            tracing::warn!(
                "the trusted proxy{at}{address} sends no X-Forwarded-For: its visitors are limited all together; make it send the address of whom it asks for"
            );
        }
    }
}

impl Seen {
    fn is_known(&self) -> bool {
        self.0.get().is_some()
    }

    fn to_be_logged(&self) -> Option<&str> {
        let Self(address, logged) = self;
        let address = address.get().filter(|_| !logged.load(Ordering::Relaxed))?;
        (!logged.swap(true, Ordering::Relaxed)).then_some(address.as_str())
    }
}

fn names_visitors(headers: &HeaderMap) -> bool {
    headers.keys().any(|name| *name == FORWARDED || *name == FORWARDED_FOR)
}

/// Whether an address is this computer's or one of a network of the admin's own: nobody comes from it over the internet.
fn is_local(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => address.is_loopback() || address.is_private() || address.is_link_local(),
        IpAddr::V6(address) => address.is_loopback() || address.is_unique_local() || address.is_unicast_link_local(),
    }
}

/// The lines in which proxies name whom they ask for.
fn lines(headers: &HeaderMap) -> impl DoubleEndedIterator<Item = &str> {
    // The end of the line is the proxy's. What is before it is the visitor's, and may be no text.
    headers.get_all(FORWARDED_FOR).into_iter().map(|line| {
        let bytes = line.as_bytes();
        let start = bytes.iter().rposition(|byte| !byte.is_ascii()).map_or(0, |at| at + 1);
        bytes.get(start..).and_then(|end| std::str::from_utf8(end).ok()).unwrap_or_default()
    })
}

/// The client's address: the peer's, or, if that is one of our proxies, the right-most one that isn't. Whatever is left of it was written by the
/// client.
fn client<'a>(
    peer: IpAddr,
    forwarded: impl DoubleEndedIterator<Item = &'a str>,
    is_trusted: impl Fn(&IpAddr) -> bool,
) -> IpAddr {
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
    use super::{Client, FORWARDED_FOR, Proxies, address, client, lines};
    use axum::http::{HeaderMap, HeaderName, HeaderValue};
    use proptest::prelude::*;
    use std::net::IpAddr;
    use std::sync::atomic::Ordering;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn trusting(networks: &[&str]) -> Proxies {
        Proxies::new(networks.iter().map(|network| network.parse().unwrap()).collect(), false)
    }

    fn headers(all: &[(&'static str, &'static str)]) -> HeaderMap {
        all.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value))).collect()
    }

    #[test]
    fn who_cannot_be_distinguished_is_anybody() {
        let proxies = trusting(&["10.0.0.0/8", "203.0.113.7/32"]);
        let for_visitor = [("x-forwarded-for", "192.0.2.9")];
        for (peer, sent, one) in [
            ("192.0.2.1", &[][..], Some("192.0.2.1")),
            ("127.0.0.1", &[], Some("127.0.0.1")),
            // A proxy that nobody named.
            ("127.0.0.1", &for_visitor, None),
            ("192.168.0.9", &[("forwarded", "for=192.0.2.9")], None),
            ("fd00::1", &for_visitor, None),
            ("::ffff:172.16.0.1", &for_visitor, None),
            // Anybody on the internet can write that, to be counted with others.
            ("198.51.100.1", &for_visitor, Some("198.51.100.1")),
            ("2001:db8::1", &for_visitor, Some("2001:db8::1")),
            // A trusted one.
            ("10.0.0.1", &for_visitor, Some("192.0.2.9")),
            ("10.0.0.1", &[], None),
            ("203.0.113.7", &[("forwarded", "for=192.0.2.9")], None),
            ("10.0.0.1", &[("x-forwarded-for", "unknown")], None),
            ("10.0.0.1", &[("x-forwarded-for", "203.0.113.7")], None),
        ] {
            let client = proxies.client(ip(peer), &headers(sent));
            assert!(
                one.map_or(matches!(client, Client::Anybody(_)), |one| client == Client::One(ip(one))),
                "{peer} {sent:?}"
            );
        }
        let network = |peer, sent: &[_]| proxies.client(ip(peer), &headers(sent)).network();
        assert_eq!(network("10.0.0.1", &[("x-forwarded-for", "2001:db8::1")]), network("2001:db8::ffff", &[]));
        assert_eq!(network("192.0.2.1", &for_visitor), network("10.0.0.2", &[("x-forwarded-for", "192.0.2.1:80")]));
        assert_ne!(network("192.0.2.1", &[]), network("192.0.2.2", &[]));
    }

    #[test]
    fn where_all_come_through_a_proxy_an_own_address_is_one_whatever_it_sends() {
        let for_visitor = [("x-forwarded-for", "192.0.2.9")];
        let behind = Proxies { is_behind_proxy: true, ..trusting(&["10.0.0.0/8"]) };
        for (peer, is_many) in [
            ("127.0.0.1", true),
            ("::ffff:127.0.0.1", true),
            ("172.17.0.1", true),
            ("fd00::1", true),
            ("198.51.100.1", false),
            ("2001:db8::1", false),
        ] {
            for sent in [&[][..], &for_visitor] {
                let client = behind.client(ip(peer), &headers(sent));
                assert_eq!(matches!(client, Client::Anybody(_)), is_many, "{peer} {sent:?}");
            }
        }
        assert!(behind.client(ip("10.0.0.1"), &headers(&for_visitor)) == Client::One(ip("192.0.2.9")));
        // A visitor on a local network, where this server speaks TLS itself.
        assert!(trusting(&[]).client(ip("192.168.0.9"), &headers(&[])) == Client::One(ip("192.168.0.9")));
    }

    #[test]
    fn pages_are_looked_at_until_one_shows_how_things_are() {
        let for_visitor = [("x-forwarded-for", "192.0.2.9")];
        for (behind, peer, sent, is_shown) in [
            (true, "127.0.0.1", &[][..], true),
            (true, "127.0.0.1", &for_visitor, true),
            (false, "127.0.0.1", &for_visitor, true),
            (false, "127.0.0.1", &[], false),
            (true, "10.0.0.1", &for_visitor, true),
            (true, "10.0.0.1", &[], true),
            (true, "198.51.100.1", &for_visitor, false),
        ] {
            let proxies = Proxies { is_behind_proxy: behind, ..trusting(&["10.0.0.0/8"]) };
            proxies.page(ip(peer), "/", &HeaderMap::new());
            assert!(!proxies.is_quiet.load(Ordering::Relaxed), "a check of {peer} shows nothing");
            proxies.page(ip(peer), "/contact/", &headers(sent));
            assert_eq!(proxies.is_quiet.load(Ordering::Relaxed), is_shown, "{behind} {peer} {sent:?}");
            // What a post shows later is logged at the next page all the same.
            proxies.notice(ip("192.0.2.1"), "/contact/", &headers(&for_visitor));
            proxies.page(ip("192.0.2.1"), "/contact/", &HeaderMap::new());
            assert!(proxies.stranger.1.load(Ordering::Relaxed), "{behind} {peer} {sent:?}");
        }
    }

    #[test]
    fn what_a_visitor_writes_before_the_proxys_word_takes_nothing_from_it() {
        for (line, end) in [
            (&b"192.0.2.9"[..], "192.0.2.9"),
            (b"\xff, 192.0.2.9", ", 192.0.2.9"),
            (b"203.0.113.1, \xc3\xa9\x80, 192.0.2.9", ", 192.0.2.9"),
            (b"192.0.2.9\xff", ""),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(FORWARDED_FOR, HeaderValue::from_bytes(line).unwrap());
            assert_eq!(lines(&headers).collect::<Vec<_>>(), [end], "{}", line.escape_ascii());
        }
    }

    #[test]
    fn only_a_trusted_proxy_is_believed_and_only_its_own_entry() {
        let proxies = trusting(&["10.0.0.0/8", "::1/128"]);
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
            assert_eq!(
                client(ip(peer), forwarded.iter().copied(), |address| proxies.trusts(*address)),
                ip(wanted),
                "{peer} {forwarded:?}"
            );
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
            let proxies = trusting(&["10.0.0.1/32"]);
            let trusts = |address: &IpAddr| proxies.trusts(*address);
            let line = format!("{forged}, 192.0.2.9");
            prop_assert_eq!(client(ip("10.0.0.1"), [line.as_str()].into_iter(), trusts), ip("192.0.2.9"));
            prop_assert_eq!(client(ip("192.0.2.1"), [forged.as_str()].into_iter(), trusts), ip("192.0.2.1"));
        }
    }
}
