//! How many requests for appointments, and how many looks at their references, come from one network and from all: counted in memory, so that the
//! store can't be flooded and references can't be tried one by one.
//!
//! Each network may send so many an hour, and each wider one that it is part of twice as many. All together have a total. A quarter of it
//! is a reserve for networks that were not seen lately: when the rest is used up, somebody from elsewhere is still taken. So a flood from one provider,
//! however many addresses it comes from, closes the form for that provider's other customers at worst.
//!
//! Not the governor crate: a post has to be taken at every level or to count at none, and governor can't ask a level without taking from it.
//!
//! An address is never written down. Where several replicas serve a site, each counts for itself.

mod networks;

use super::client::client;
use crate::server::{LEVELS, Network};
use ipnet::IpNet;
use networks::{Level, Networks, Quota};
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

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

/// How many references a network may look up for each request that it may send. A visitor does so once, right after the post, and again with each
/// reload.
const LOOKS_PER_POST: u32 = 3;

/// How many posts of the widest network in an hour count as those of one that was not seen lately.
const FEW: u32 = 5;

/// Counts.
#[derive(Debug)]
pub(in crate::http) struct Limiter {
    posts: Mutex<Posts>,
    looks: Mutex<Looks>,
    /// The instants below are durations since this one.
    started: Instant,
    trusted_proxies: Vec<IpNet>,
}

impl Limiter {
    pub(super) fn new(rates: Rates) -> Self {
        Self {
            posts: Mutex::new(Posts::new(rates.per_network.get(), rates.in_all.get())),
            looks: Mutex::new(Looks::new(rates.per_network.get().saturating_mul(LOOKS_PER_POST))),
            started: Instant::now(),
            trusted_proxies: rates.trusted_proxies,
        }
    }

    /// Counts one request of a connection from `peer` with these `X-Forwarded-For` lines.
    ///
    /// # Errors
    /// There were too many: how long to wait.
    pub(in crate::http) fn count<'a>(
        &self,
        peer: IpAddr,
        forwarded: impl DoubleEndedIterator<Item = &'a str>,
    ) -> Result<(), Duration> {
        let networks = Network::all_of(client(peer, forwarded, &self.trusted_proxies));
        lock(&self.posts).count(networks, self.started.elapsed())
    }

    /// Counts one look at a reference, by its network alone: no flood of others keeps a visitor from the page after the post. Who has just sent
    /// something isn't held up by the rest of their provider either.
    ///
    /// # Errors
    /// There were too many: how long to wait.
    pub(in crate::http) fn look_up<'a>(
        &self,
        peer: IpAddr,
        forwarded: impl DoubleEndedIterator<Item = &'a str>,
    ) -> Result<(), Duration> {
        let networks = Network::all_of(client(peer, forwarded, &self.trusted_proxies));
        let now = self.started.elapsed();
        let has_sent = lock(&self.posts).networks.has_taken(networks, now);
        lock(&self.looks).count(networks, has_sent, now)
    }

    /// The network that a request comes from, as a value to compare with others: an IPv4 address or 64 bits of IPv6.
    pub(in crate::http) fn sender<'a>(
        &self,
        peer: IpAddr,
        forwarded: impl DoubleEndedIterator<Item = &'a str>,
    ) -> [u8; 16] {
        Network::bytes(client(peer, forwarded, &self.trusted_proxies))
    }

    /// Forgets the networks that have sent nothing for an hour.
    pub(in crate::http) fn forget(&self) {
        let now = self.started.elapsed();
        lock(&self.posts).forget(now);
        lock(&self.looks).forget(now);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Counts posts.
#[derive(Debug)]
struct Posts {
    networks: Networks,
    /// What the widest networks sent lately.
    lately: Level,
    /// For everybody, and when it is full again.
    shared: (Quota, Duration),
    /// For networks not seen lately.
    reserve: (Quota, Duration),
}

impl Posts {
    fn new(per_network: u32, in_all: u32) -> Self {
        let reserve = in_all / 4;
        Self {
            networks: Networks::new(per_network),
            lately: Level::new(FEW),
            shared: (Quota::per_hour(in_all - reserve), Duration::ZERO),
            reserve: (Quota::per_hour(reserve), Duration::ZERO),
        }
    }

    fn count(&mut self, networks: [Network; LEVELS], now: Duration) -> Result<(), Duration> {
        let [.., widest] = networks;
        let taken = self.networks.take(networks, now)?;
        let new = self.lately.take(widest, now);
        match (self.shared.0.take(self.shared.1, now), self.reserve.0.take(self.reserve.1, now)) {
            (Ok(full), _) => self.shared.1 = full,
            (Err(_), Ok(full)) if new.is_ok() => self.reserve.1 = full,
            (Err(wait), _) => return Err(wait),
        }
        self.networks.note(taken);
        if let Ok(noted) = new {
            self.lately.note(noted);
        }
        Ok(())
    }

    fn forget(&mut self, now: Duration) {
        self.networks.forget(now);
        self.lately.forget(now);
    }
}

/// Counts looks at references.
#[derive(Debug)]
struct Looks {
    networks: Networks,
    /// The narrowest networks of those who have just sent something.
    senders: Level,
}

impl Looks {
    fn new(per_network: u32) -> Self {
        Self { networks: Networks::new(per_network), senders: Level::new(per_network) }
    }

    fn count(&mut self, networks: [Network; LEVELS], has_sent: bool, now: Duration) -> Result<(), Duration> {
        if !has_sent {
            return self.networks.count(networks, now);
        }
        let [narrowest, ..] = networks;
        let taken = self.senders.take(narrowest, now)?;
        self.senders.note(taken);
        Ok(())
    }

    fn forget(&mut self, now: Duration) {
        self.networks.forget(now);
        self.senders.forget(now);
    }
}

#[cfg(test)]
mod tests {
    use super::networks::HOUR;
    use super::{FEW, Limiter, Posts, Rates};
    use crate::server::Network;
    use proptest::prelude::*;
    use std::net::{IpAddr, Ipv6Addr};
    use std::num::NonZeroU32;
    use std::time::Duration;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    /// An address in the n-th network of `2001:db8::/32` that has so many bits.
    fn network(bits: u32, n: u128) -> IpAddr {
        IpAddr::V6(Ipv6Addr::from_bits((0x2001_0db8 << 96) | (n << (128 - bits))))
    }

    /// An address in the n-th /48 of a provider's /32.
    fn customer(provider: u128, n: u128) -> IpAddr {
        IpAddr::V6(Ipv6Addr::from_bits(((0x2001_0db8 + provider) << 96) | (n << 80)))
    }

    /// How many posts of these addresses are taken at once.
    fn taken(posts: &mut Posts, from: impl Iterator<Item = IpAddr>, now: Duration) -> usize {
        from.filter(|address| posts.count(Network::all_of(*address), now).is_ok()).count()
    }

    #[test]
    fn one_network_cannot_use_up_what_all_may_send() {
        let many = |n| NonZeroU32::new(n).unwrap();
        let limiter = Limiter::new(Rates { per_network: many(2), in_all: many(4), trusted_proxies: Vec::new() });
        let count = |address: &str| limiter.count(ip(address), [].into_iter());
        assert!(count("192.0.2.1").is_ok() && count("192.0.2.1").is_ok());
        let wait = count("192.0.2.1").unwrap_err();
        assert!((1000..=1800).contains(&wait.as_secs()), "{wait:?}");
        assert!(count("192.0.2.2").is_ok());
        assert!(count("198.51.100.3").is_ok(), "the reserve");
        assert!(count("203.0.113.4").is_err());
    }

    #[test]
    fn a_flood_from_one_site_of_ipv6_leaves_the_form_open_for_others() {
        let mut posts = Posts::new(20, 600);
        // 600 posts from 600 /64s of one /48.
        assert_eq!(taken(&mut posts, (0..600).map(|n| network(64, n)), Duration::ZERO), 80);
        assert!(posts.count(Network::all_of(ip("2001:db9::1")), Duration::ZERO).is_ok());
        assert!(posts.count(Network::all_of(ip("192.0.2.1")), Duration::ZERO).is_ok());
        assert!(posts.count(Network::all_of(ip("2001:db8:1::1")), Duration::ZERO).is_ok(), "another customer");
    }

    #[test]
    fn a_flood_from_a_whole_provider_leaves_the_form_open_for_others() {
        let mut posts = Posts::new(20, 600);
        assert_eq!(taken(&mut posts, (0..65_536).map(|n| network(48, n)), Duration::ZERO), 160);
        assert!(posts.count(Network::all_of(ip("2001:db9::1")), Duration::ZERO).is_ok());
    }

    #[test]
    fn when_all_is_used_up_networks_not_seen_lately_have_a_reserve() {
        let mut posts = Posts::new(20, 600);
        // Four providers who flood, for as long as it takes.
        let flood = || (0..4).flat_map(|provider| (0..1000).map(move |n| customer(provider, n)));
        let mut now = Duration::ZERO;
        // All but the reserve, and of that what the last one had left of the first few.
        assert_eq!(taken(&mut posts, flood(), now), 450 + FEW as usize);
        for visitor in 0..60 {
            now += Duration::from_mins(1);
            taken(&mut posts, flood(), now);
            let visitor = ip(&format!("198.{visitor}.100.7"));
            assert!(posts.count(Network::all_of(visitor), now).is_ok(), "{visitor} after {now:?}");
        }
    }

    #[test]
    fn the_reserve_is_no_more_for_who_has_used_it() {
        let mut posts = Posts::new(100, 400);
        assert_eq!(taken(&mut posts, (0..400).map(|n| network(48, n)), Duration::ZERO), 300);
        let other = |n: u32| ip(&format!("198.51.{}.{}", n / 200, n % 200));
        let few = taken(&mut posts, (0..100).map(other), Duration::ZERO);
        assert_eq!(few, FEW as usize);
        assert_eq!(taken(&mut posts, (1..1000).map(|n| customer(n, 0)), Duration::ZERO), 100 - few);
    }

    #[test]
    fn looks_at_references_are_limited_by_network_alone() {
        let many = |n| NonZeroU32::new(n).unwrap();
        let limiter = Limiter::new(Rates { per_network: many(20), in_all: many(20), trusted_proxies: Vec::new() });
        let look_up = |address| limiter.look_up(address, [].into_iter());
        assert_eq!((0..100).filter(|_| look_up(ip("192.0.2.1")).is_ok()).count(), 60);
        assert_eq!((0..60_000).filter(|n| look_up(network(64, *n)).is_ok()).count(), 240);
        assert_eq!((0..60_000).filter(|n| look_up(network(48, *n)).is_ok()).count(), 240);
        assert!((1..=60).contains(&look_up(ip("192.0.2.1")).unwrap_err().as_secs()));
        assert!(look_up(ip("198.51.100.1")).is_ok());
        // The same provider's, who has just sent something.
        let visitor = network(48, 60_001);
        assert!(look_up(visitor).is_err());
        limiter.count(visitor, [].into_iter()).unwrap();
        assert_eq!((0..100).filter(|_| look_up(visitor).is_ok()).count(), 60);
    }

    #[test]
    fn a_sender_is_the_narrowest_network_behind_the_trusted_proxies() {
        let trusted_proxies = vec!["10.0.0.0/8".parse().unwrap()];
        let many = |n| NonZeroU32::new(n).unwrap();
        let limiter = Limiter::new(Rates { per_network: many(1), in_all: many(1), trusted_proxies });
        let sender = |peer, forwarded: &str| limiter.sender(ip(peer), [forwarded].into_iter());
        assert_eq!(sender("10.0.0.1", "2001:db8::1"), sender("2001:db8::ffff", ""));
        assert_eq!(sender("192.0.2.1", "203.0.113.1"), sender("10.0.0.2", "192.0.2.1:80"));
        assert_ne!(sender("192.0.2.1", ""), sender("192.0.2.2", ""));
    }

    proptest! {
        /// In any hour, at most twice the quota: what was saved up, and what came back.
        #[test]
        fn no_network_has_more_than_its_quota(
            posts in prop::collection::vec((0_u128..4, 0_u128..3, 0_u64..900), 1..300),
            per_network in 1_u32..5, in_all in 1_u32..40,
        ) {
            let mut limiter = Posts::new(per_network, in_all);
            let mut now = Duration::ZERO;
            let mut taken: Vec<([Network; 4], Duration)> = Vec::new();
            for (provider, home, wait) in posts {
                now += Duration::from_secs(wait);
                let address = IpAddr::V6(Ipv6Addr::from_bits(((0x2001_0db8 + provider) << 96) | (home << 64)));
                let networks = Network::all_of(address);
                match limiter.count(networks, now) {
                    Ok(()) => taken.push((networks, now)),
                    Err(wait) => prop_assert!(wait > Duration::ZERO && wait <= HOUR, "{:?}", wait),
                }
                let lately = || taken.iter().filter(|(_, at)| *at + HOUR > now);
                prop_assert!(lately().count() <= 2 * in_all as usize);
                for (level, quota) in crate::server::quotas(per_network).into_iter().enumerate() {
                    let own = lately().filter(|(others, _)| others[level] == networks[level]).count();
                    prop_assert!(own <= 2 * quota as usize);
                }
            }
        }

        /// However one provider floods, the first posts of another one are taken.
        #[test]
        fn no_provider_closes_the_form_for_another(
            flood in prop::collection::vec((any::<u64>(), 0_u64..30), 0..1500),
            per_network in 1_u32..700,
        ) {
            let mut limiter = Posts::new(per_network, 600);
            let mut now = Duration::ZERO;
            for (low, wait) in flood {
                now += Duration::from_secs(wait);
                let address = Ipv6Addr::from_bits((0x2001_0db8 << 96) | (u128::from(low) << 32));
                let _ = limiter.count(Network::all_of(IpAddr::V6(address)), now);
            }
            prop_assert!(limiter.count(Network::all_of(ip("192.0.2.1")), now).is_ok());
        }
    }
}
