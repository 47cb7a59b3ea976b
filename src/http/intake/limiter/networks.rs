//! Limits of networks within networks.

use crate::server::{LEVELS, Network, limits_by_level};
use std::collections::HashMap;
use std::time::Duration;

/// At most this many networks of each level are counted by themselves: about a megabyte. All others share one count.
const MAX_NETWORKS: usize = 20_000;

/// How often networks without recent posts are forgotten, while there are posts.
const FORGET_INTERVAL: Duration = Duration::from_mins(1);

pub(super) const HOUR: Duration = Duration::from_hours(1);

/// A number per hour, which may come at once; each is available again after its share of the hour. The generic cell rate algorithm (ITU-T I.371),
/// whose only state is the instant at which all are available again.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rate {
    share: Duration,
}

impl Rate {
    pub(super) fn per_hour(limit: u32) -> Self {
        // Zero: an hour is too short for one.
        Self { share: HOUR.checked_div(limit).unwrap_or(HOUR * 2) }
    }

    /// Takes one, if all are available again at `full`: when they are after that, or how long to wait for one.
    pub(super) fn take(self, full: Duration, now: Duration) -> Result<Duration, Duration> {
        let next = full.max(now) + self.share;
        match next.saturating_sub(now + HOUR) {
            Duration::ZERO => Ok(next),
            wait => Err(wait),
        }
    }
}

/// The limit of each network of one size.
#[derive(Debug)]
pub(super) struct Level {
    rate: Rate,
    full: HashMap<Network, Duration>,
}

impl Level {
    pub(super) fn new(limit: u32) -> Self {
        Self { rate: Rate::per_hour(limit), full: HashMap::new() }
    }

    /// Takes one without recording it: the network to record, and when it is full again.
    pub(super) fn take(&self, network: Network, now: Duration) -> Result<(Network, Duration), Duration> {
        let counted = self.full.len() < MAX_NETWORKS || self.full.contains_key(&network);
        let network = if counted { network } else { Network::OTHERS };
        let full = self.full.get(&network).copied().unwrap_or_default();
        Ok((network, self.rate.take(full, now)?))
    }

    /// Records what was taken.
    pub(super) fn record(&mut self, (network, full): (Network, Duration)) {
        self.full.insert(network, full);
    }

    pub(super) fn forget(&mut self, now: Duration) {
        self.full.retain(|_, full| *full > now);
        self.full.shrink_to_fit();
    }
}

/// Counts for each network and those it is part of.
#[derive(Debug)]
pub(super) struct Networks {
    levels: [Level; LEVELS],
    forgot: Duration,
}

impl Networks {
    pub(super) fn new(narrowest: u32) -> Self {
        Self { levels: limits_by_level(narrowest).map(Level::new), forgot: Duration::ZERO }
    }

    /// Counts one, or returns how long to wait.
    pub(super) fn count(&mut self, networks: [Network; LEVELS], now: Duration) -> Result<(), Duration> {
        let taken = self.take(networks, now)?;
        self.record(taken);
        Ok(())
    }

    /// Whether the narrowest of these networks has taken something recently.
    pub(super) fn has_taken(&self, networks: [Network; LEVELS], now: Duration) -> bool {
        let ([level, ..], [narrowest, ..]) = (&self.levels, networks);
        level.full.get(&narrowest).is_some_and(|full| *full > now)
    }

    /// Takes one of each level, or of none, without recording it.
    pub(super) fn take(
        &mut self,
        networks: [Network; LEVELS],
        now: Duration,
    ) -> Result<[(Network, Duration); LEVELS], Duration> {
        if now.saturating_sub(self.forgot) >= FORGET_INTERVAL {
            self.forget(now);
        }
        let mut taken = [(Network::OTHERS, Duration::ZERO); LEVELS];
        let mut longest = Duration::ZERO;
        for ((level, network), taken) in self.levels.iter().zip(networks).zip(&mut taken) {
            match level.take(network, now) {
                Ok(recorded) => *taken = recorded,
                Err(wait) => longest = longest.max(wait),
            }
        }
        if longest.is_zero() { Ok(taken) } else { Err(longest) }
    }

    /// Records what was taken.
    pub(super) fn record(&mut self, taken: [(Network, Duration); LEVELS]) {
        for (level, taken) in self.levels.iter_mut().zip(taken) {
            level.record(taken);
        }
    }

    /// Forgets the networks without recent posts.
    pub(super) fn forget(&mut self, now: Duration) {
        self.forgot = now;
        for level in &mut self.levels {
            level.forget(now);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{HOUR, MAX_NETWORKS, Networks, Rate};
    use crate::server::Network;
    use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
    use std::time::Duration;

    #[test]
    fn a_rate_is_available_at_once_and_comes_back_in_shares() {
        let rate = Rate::per_hour(3);
        let mut full = Duration::ZERO;
        for _ in 0..3 {
            full = rate.take(full, HOUR).unwrap();
        }
        assert_eq!(full, HOUR * 2);
        assert_eq!(rate.take(full, HOUR), Err(HOUR / 3));
        assert_eq!(rate.take(full, HOUR + HOUR / 3), Ok(HOUR * 2 + HOUR / 3));
        assert!(Rate::per_hour(0).take(Duration::ZERO, HOUR * 100).is_err());
    }

    #[test]
    fn memory_is_bounded_and_networks_are_forgotten_after_a_while() {
        let mut networks = Networks::new(10);
        // More providers of IPv6 than there are, and one address of each.
        let provider = |n: usize| IpAddr::V6(Ipv6Addr::from_bits(((0x2000_0000 + n as u128) << 96) | 1));
        let mut count = |address: IpAddr, now| networks.count(Network::all_for(address), now);
        assert_eq!((0..MAX_NETWORKS + 100).filter(|n| count(provider(*n), HOUR).is_ok()).count(), MAX_NETWORKS + 10);
        let stranger = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));
        assert!(count(stranger, HOUR).is_err(), "all others share the limit of one network");
        assert!(count(provider(0), HOUR).is_ok(), "one that is counted has its own");
        assert!(count(stranger, HOUR * 2).is_ok(), "others are forgotten");
        assert!(networks.levels.iter().all(|level| level.full.len() == 1));
    }

    #[test]
    fn a_refused_post_counts_nowhere() {
        let mut networks = Networks::new(1);
        let customer = |n: u128| Network::all_for(IpAddr::V6(Ipv6Addr::from_bits((0x2001_0db8 << 96) | (n << 80))));
        assert_eq!((0..100).filter(|n| networks.count(customer(*n), HOUR).is_ok()).count(), 8);
        assert!(networks.levels.iter().all(|level| level.full.len() <= 8));
    }
}
