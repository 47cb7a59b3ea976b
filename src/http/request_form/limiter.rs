//! How many requests for appointments come from one network, and from all: counted in memory, so that the store can't be flooded.
//!
//! An address is never written down. Where several replicas serve a site, each counts for itself.

use crate::http::network::Network;
use crate::requests::inbox::Sender;
use governor::clock::{Clock, DefaultClock};
use governor::{DefaultDirectRateLimiter, DefaultKeyedRateLimiter, Quota, RateLimiter};
use ipnet::IpNet;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::time::Duration;

/// How many requests are taken.
#[derive(Clone, Debug)]
pub struct Rates {
    /// From one network, in an hour. A shelter, a library or a mobile provider is one network for many people.
    pub per_network: NonZeroU32,
    /// From all of them, in an hour.
    pub in_all: NonZeroU32,
    /// The proxies before this server, which say for whom they ask.
    pub trusted_proxies: Vec<IpNet>,
}

/// The most networks that are counted by themselves: some megabytes. Those beyond share one count.
const MOST_NETWORKS: usize = 50_000;

/// Counts.
#[derive(Debug)]
pub(super) struct Limiter {
    networks: DefaultKeyedRateLimiter<Option<Network>>,
    all: DefaultDirectRateLimiter,
    clock: DefaultClock,
    trusted_proxies: Vec<IpNet>,
}

impl Limiter {
    pub(super) fn new(rates: Rates) -> Self {
        Self {
            networks: RateLimiter::keyed(Quota::per_hour(rates.per_network)),
            all: RateLimiter::direct(Quota::per_hour(rates.in_all)),
            clock: DefaultClock::default(),
            trusted_proxies: rates.trusted_proxies,
        }
    }

    /// Counts one request of a connection from `peer` with these `X-Forwarded-For` lines.
    ///
    /// # Errors
    /// There were too many: how long to wait.
    pub(super) fn count<'a>(
        &self,
        peer: IpAddr,
        forwarded: impl DoubleEndedIterator<Item = &'a str>,
    ) -> Result<(), Duration> {
        let network = Network::of(client(peer, forwarded, &self.trusted_proxies));
        if self.networks.len() >= MOST_NETWORKS {
            self.networks.retain_recent();
        }
        let network = (self.networks.len() < MOST_NETWORKS).then_some(network);
        let late = |until: governor::NotUntil<_>| until.wait_time_from(self.clock.now());
        // The network first: what it may not send doesn't use up what all may.
        self.networks.check_key(&network).map_err(late)?;
        self.all.check().map_err(late)
    }
}

impl Limiter {
    /// The network that a request comes from.
    pub(super) fn sender<'a>(&self, peer: IpAddr, forwarded: impl DoubleEndedIterator<Item = &'a str>) -> Sender {
        Sender::new(Network::of(client(peer, forwarded, &self.trusted_proxies)).bytes())
    }
}

/// Whose request it is: the peer's, or, where that is one of our proxies, that of the right-most address which is none. What stands further
/// left was written by whoever sent it.
fn client<'a>(peer: IpAddr, forwarded: impl DoubleEndedIterator<Item = &'a str>, trusted: &[IpNet]) -> IpAddr {
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
    use super::{Limiter, Rates, address, client};
    use proptest::prelude::*;
    use std::net::IpAddr;
    use std::num::NonZeroU32;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn only_a_trusted_proxy_is_believed_and_only_its_own_word() {
        let trusted = ["10.0.0.0/8".parse().unwrap(), "::1/128".parse().unwrap()];
        for (peer, forwarded, wanted) in [
            // Nobody in between: what the visitor claims is nothing.
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

    #[test]
    fn one_network_cannot_use_up_what_all_may_send() {
        let many = |n| NonZeroU32::new(n).unwrap();
        let limiter = Limiter::new(Rates { per_network: many(2), in_all: many(3), trusted_proxies: Vec::new() });
        let count = |address: &str| limiter.count(ip(address), [].into_iter());
        assert!(count("192.0.2.1").is_ok() && count("192.0.2.1").is_ok());
        let wait = count("192.0.2.1").unwrap_err();
        assert!((1000..=1800).contains(&wait.as_secs()), "{wait:?}");
        assert!(count("192.0.2.2").is_ok());
        assert!(count("192.0.2.3").is_err());
    }

    proptest! {
        #[test]
        fn nothing_a_visitor_writes_makes_up_an_address(forged in "[ -~]{0,60}") {
            let trusted = ["10.0.0.1/32".parse().unwrap()];
            let line = format!("{forged}, 192.0.2.9");
            prop_assert_eq!(client(ip("10.0.0.1"), [line.as_str()].into_iter(), &trusted), ip("192.0.2.9"));
            prop_assert_eq!(client(ip("192.0.2.1"), [forged.as_str()].into_iter(), &trusted), ip("192.0.2.1"));
        }
    }
}
