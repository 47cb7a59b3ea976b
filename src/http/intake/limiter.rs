//! Limits posts of the form, and lookups of their references, for each network and in all: counted in memory, so that the store can't be flooded and
//! references can't be tried one by one.
//!
//! Each network has a limit per hour, and each wider one that it is part of twice as much. All together have a total. A quarter of it is
//! reserved for networks that were not seen recently: when the rest is used up, somebody from elsewhere is still accepted. So a flood from one
//! provider, however many addresses it comes from, closes the form for that provider's other customers at worst.
//!
//! Not the governor crate: a post has to count at every level or at none, and governor can't check a level without counting.
//!
//! No address is stored. Each replica of a site counts for itself.

mod networks;

use super::client::Client;
use crate::server::{LEVELS, Network};
use ipnet::IpNet;
use networks::{Level, Networks, Rate};
use std::num::NonZeroU32;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// How many requests are accepted.
#[derive(Clone, Debug)]
pub struct Rates {
    /// From one network, in an hour. A shelter, a library or a mobile provider is one network for many people.
    pub per_network: NonZeroU32,
    /// From all of them, in an hour.
    pub in_all: NonZeroU32,
    /// The proxies in front of this server, which name the client.
    pub trusted_proxies: Vec<IpNet>,
    /// Visitors come through a proxy, trusted or not: the site is published, and this server speaks no TLS itself.
    pub is_behind_proxy: bool,
}

/// How many references a network may look up for each post that it may send. A visitor does so once after the post, and again with each reload.
const LOOKUPS_PER_POST: u32 = 3;

/// How many posts in an hour the widest network may send and still count as not seen recently.
const RESERVED_PER_NETWORK: u32 = 5;

/// Limits posts and lookups.
#[derive(Debug)]
pub(in crate::http) struct Limiter {
    posts: Mutex<Posts>,
    lookups: Mutex<Networks>,
    /// The lookups of networks that have just sent something.
    senders: Mutex<Level>,
    /// The instants below are durations since this one.
    started: Instant,
    /// The lookups of all who can't be distinguished, and when as many are available again.
    anybody: (Rate, Mutex<Duration>),
}

impl Limiter {
    pub(super) fn new(per_network: NonZeroU32, in_all: NonZeroU32) -> Self {
        let (per_network, in_all) = (per_network.get(), in_all.get());
        let lookups = per_network.saturating_mul(LOOKUPS_PER_POST);
        Self {
            posts: Mutex::new(Posts::new(per_network, in_all)),
            lookups: Mutex::new(Networks::new(lookups)),
            senders: Mutex::new(Level::new(lookups)),
            started: Instant::now(),
            anybody: (Rate::per_hour(in_all.saturating_mul(LOOKUPS_PER_POST)), Mutex::default()),
        }
    }

    /// Counts one request.
    ///
    /// # Errors
    /// There were too many: how long to wait.
    pub(in crate::http) fn count(&self, client: Client) -> Result<(), Duration> {
        let now = self.started.elapsed();
        match client {
            Client::One(address) => lock(&self.posts).count(Network::all_for(address), now),
            Client::Anybody(_) => lock(&self.posts).count_anybody(now),
        }
    }

    /// Whether one more would be counted.
    ///
    /// # Errors
    /// There were too many: how long to wait.
    pub(in crate::http) fn would_count(&self, client: Client) -> Result<(), Duration> {
        let now = self.started.elapsed();
        match client {
            Client::One(address) => lock(&self.posts).take(Network::all_for(address), now).map(|_| ()),
            Client::Anybody(_) => lock(&self.posts).take_of_anybody(now).map(|_| ()),
        }
    }

    /// Counts one lookup of a reference, by its networks alone: no flood from elsewhere keeps a visitor from the page after the post. The other
    /// customers of a provider don't either: a network that has just sent something is counted by itself.
    ///
    /// # Errors
    /// There were too many: how long to wait.
    pub(in crate::http) fn look_up(&self, client: Client) -> Result<(), Duration> {
        let now = self.started.elapsed();
        let Client::One(address) = client else {
            let (rate, mut full) = (self.anybody.0, lock(&self.anybody.1));
            *full = rate.take(*full, now)?;
            return Ok(());
        };
        let networks = Network::all_for(address);
        if !lock(&self.posts).networks.has_taken(networks, now) {
            return lock(&self.lookups).count(networks, now);
        }
        let ([narrowest, ..], mut senders) = (networks, lock(&self.senders));
        let taken = senders.take(narrowest, now)?;
        senders.record(taken);
        Ok(())
    }

    /// Forgets the networks that have sent nothing for an hour.
    pub(in crate::http) fn forget(&self) {
        let now = self.started.elapsed();
        lock(&self.posts).forget(now);
        lock(&self.lookups).forget(now);
        lock(&self.senders).forget(now);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Limits posts.
#[derive(Debug)]
struct Posts {
    networks: Networks,
    /// What the widest networks sent recently.
    recent: Level,
    /// The total for everybody, and when it is full again.
    shared: (Rate, Duration),
    /// That of networks not seen recently.
    reserve: (Rate, Duration),
}

/// What one post takes: of its networks, of what was sent recently where there is still room, and when the totals are full again.
struct Taken {
    networks: [(Network, Duration); LEVELS],
    recent: Option<(Network, Duration)>,
    shared: Duration,
    reserve: Duration,
}

impl Posts {
    fn new(per_network: u32, in_all: u32) -> Self {
        let reserve = in_all / 4;
        Self {
            networks: Networks::new(per_network),
            recent: Level::new(RESERVED_PER_NETWORK),
            shared: (Rate::per_hour(in_all - reserve), Duration::ZERO),
            reserve: (Rate::per_hour(reserve), Duration::ZERO),
        }
    }

    fn count(&mut self, networks: [Network; LEVELS], now: Duration) -> Result<(), Duration> {
        let Taken { networks, recent, shared, reserve } = self.take(networks, now)?;
        (self.shared.1, self.reserve.1) = (shared, reserve);
        self.networks.record(networks);
        if let Some(recent) = recent {
            self.recent.record(recent);
        }
        Ok(())
    }

    /// Takes one without recording it.
    fn take(&mut self, networks: [Network; LEVELS], now: Duration) -> Result<Taken, Duration> {
        let [.., widest] = networks;
        let networks = self.networks.take(networks, now)?;
        let recent = self.recent.take(widest, now).ok();
        let (shared, reserve) = (self.shared.1, self.reserve.1);
        match (self.shared.0.take(shared, now), self.reserve.0.take(reserve, now)) {
            (Ok(shared), _) => Ok(Taken { networks, recent, shared, reserve }),
            (Err(_), Ok(reserve)) if recent.is_some() => Ok(Taken { networks, recent, shared, reserve }),
            (Err(wait), _) => Err(wait),
        }
    }

    /// Counts one of those who can't be distinguished: in all alone, without what is reserved for networks.
    fn count_anybody(&mut self, now: Duration) -> Result<(), Duration> {
        self.shared.1 = self.take_of_anybody(now)?;
        Ok(())
    }

    fn take_of_anybody(&self, now: Duration) -> Result<Duration, Duration> {
        self.shared.0.take(self.shared.1, now)
    }

    fn forget(&mut self, now: Duration) {
        self.networks.forget(now);
        self.recent.forget(now);
    }
}

#[cfg(test)]
mod tests {
    use super::networks::HOUR;
    use super::{Client, Limiter, Posts, RESERVED_PER_NETWORK};
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

    fn limiter(per_network: u32, in_all: u32) -> Limiter {
        Limiter::new(NonZeroU32::new(per_network).unwrap(), NonZeroU32::new(in_all).unwrap())
    }

    /// How many posts of these addresses are accepted at once.
    fn accepted(posts: &mut Posts, from: impl Iterator<Item = IpAddr>, now: Duration) -> usize {
        from.filter(|address| posts.count(Network::all_for(*address), now).is_ok()).count()
    }

    #[test]
    fn one_network_cannot_use_up_the_total() {
        let limiter = limiter(2, 4);
        let count = |address: &str| limiter.count(Client::One(ip(address)));
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
        assert_eq!(accepted(&mut posts, (0..600).map(|n| network(64, n)), Duration::ZERO), 80);
        assert!(posts.count(Network::all_for(ip("2001:db9::1")), Duration::ZERO).is_ok());
        assert!(posts.count(Network::all_for(ip("192.0.2.1")), Duration::ZERO).is_ok());
        assert!(posts.count(Network::all_for(ip("2001:db8:1::1")), Duration::ZERO).is_ok(), "another customer");
    }

    #[test]
    fn a_flood_from_a_whole_provider_leaves_the_form_open_for_others() {
        let mut posts = Posts::new(20, 600);
        assert_eq!(accepted(&mut posts, (0..65_536).map(|n| network(48, n)), Duration::ZERO), 160);
        assert!(posts.count(Network::all_for(ip("2001:db9::1")), Duration::ZERO).is_ok());
    }

    #[test]
    fn when_the_total_is_used_up_networks_not_seen_recently_have_a_reserve() {
        let mut posts = Posts::new(20, 600);
        // Four providers who flood, for as long as it takes.
        let flood = || (0..4).flat_map(|provider| (0..1000).map(move |n| customer(provider, n)));
        let mut now = Duration::ZERO;
        // All but the reserve, and of that what the last one had left of the first few.
        assert_eq!(accepted(&mut posts, flood(), now), 450 + RESERVED_PER_NETWORK as usize);
        for visitor in 0..60 {
            now += Duration::from_mins(1);
            accepted(&mut posts, flood(), now);
            let visitor = ip(&format!("198.{visitor}.100.7"));
            assert!(posts.count(Network::all_for(visitor), now).is_ok(), "{visitor} after {now:?}");
        }
    }

    #[test]
    fn the_reserve_is_limited_too() {
        let mut posts = Posts::new(100, 400);
        assert_eq!(accepted(&mut posts, (0..400).map(|n| network(48, n)), Duration::ZERO), 300);
        let other = |n: u32| ip(&format!("198.51.{}.{}", n / 200, n % 200));
        let few = accepted(&mut posts, (0..100).map(other), Duration::ZERO);
        assert_eq!(few, RESERVED_PER_NETWORK as usize);
        assert_eq!(accepted(&mut posts, (1..1000).map(|n| customer(n, 0)), Duration::ZERO), 100 - few);
    }

    #[test]
    fn lookups_of_references_are_limited_by_network_alone() {
        let limiter = limiter(20, 20);
        let look_up = |address| limiter.look_up(Client::One(address));
        assert_eq!((0..100).filter(|_| look_up(ip("192.0.2.1")).is_ok()).count(), 60);
        assert_eq!((0..60_000).filter(|n| look_up(network(64, *n)).is_ok()).count(), 240);
        assert_eq!((0..60_000).filter(|n| look_up(network(48, *n)).is_ok()).count(), 240);
        assert!((1..=60).contains(&look_up(ip("192.0.2.1")).unwrap_err().as_secs()));
        assert!(look_up(ip("198.51.100.1")).is_ok());
        // The same provider's, who has just sent something.
        let visitor = network(48, 60_001);
        assert!(look_up(visitor).is_err());
        limiter.count(Client::One(visitor)).unwrap();
        assert_eq!((0..100).filter(|_| look_up(visitor).is_ok()).count(), 60);
    }

    #[test]
    fn those_who_cannot_be_distinguished_are_limited_in_all() {
        let limiter = limiter(2, 40);
        let proxy = Client::Anybody(ip("127.0.0.1"));
        assert_eq!((0..100).filter(|_| limiter.count(proxy).is_ok()).count(), 30);
        assert_eq!((0..500).filter(|_| limiter.look_up(proxy).is_ok()).count(), 120);
        // Who can be distinguished has the reserve.
        assert_eq!((0..100).filter(|_| limiter.count(Client::One(ip("192.0.2.1"))).is_ok()).count(), 2);
        assert!(limiter.look_up(Client::One(ip("192.0.2.1"))).is_ok());
    }

    #[test]
    fn whether_one_more_would_be_counted_is_known_without_counting_it() {
        let limiter = limiter(2, 4);
        let (one, another, proxy) =
            (Client::One(ip("192.0.2.1")), Client::One(ip("198.51.100.1")), Client::Anybody(ip("127.0.0.1")));
        assert!((0..10).all(|_| limiter.would_count(one).is_ok() && limiter.would_count(proxy).is_ok()));
        assert!(limiter.count(one).is_ok() && limiter.count(one).is_ok());
        assert!(limiter.would_count(one).is_err() && limiter.would_count(another).is_ok());
        assert!(limiter.count(proxy).is_ok() && limiter.would_count(proxy).is_err());
        assert!(limiter.would_count(another).is_ok(), "the reserve");
    }

    proptest! {
        /// In any hour, at most twice the limit: what was saved up, and what came back.
        #[test]
        fn no_network_exceeds_its_limit(
            posts in prop::collection::vec((0_u128..4, 0_u128..3, 0_u64..900), 1..300),
            per_network in 1_u32..5, in_all in 1_u32..40,
        ) {
            let mut limiter = Posts::new(per_network, in_all);
            let mut now = Duration::ZERO;
            let mut taken: Vec<([Network; 4], Duration)> = Vec::new();
            for (provider, home, wait) in posts {
                now += Duration::from_secs(wait);
                let address = IpAddr::V6(Ipv6Addr::from_bits(((0x2001_0db8 + provider) << 96) | (home << 64)));
                let networks = Network::all_for(address);
                match limiter.count(networks, now) {
                    Ok(()) => taken.push((networks, now)),
                    Err(wait) => prop_assert!(wait > Duration::ZERO && wait <= HOUR, "{:?}", wait),
                }
                let lately = || taken.iter().filter(|(_, at)| *at + HOUR > now);
                prop_assert!(lately().count() <= 2 * in_all as usize);
                for (level, limit) in crate::server::limits_by_level(per_network).into_iter().enumerate() {
                    let own = lately().filter(|(others, _)| others[level] == networks[level]).count();
                    prop_assert!(own <= 2 * limit as usize);
                }
            }
        }

        /// However one provider floods, the first posts from another one are accepted.
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
                let _ = limiter.count(Network::all_for(IpAddr::V6(address)), now);
            }
            prop_assert!(limiter.count(Network::all_for(ip("192.0.2.1")), now).is_ok());
        }
    }
}
