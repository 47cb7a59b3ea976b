//! Quotas of networks within networks.

use crate::server::{LEVELS, Network, quotas};
use std::collections::HashMap;
use std::time::Duration;

/// The most networks of each level that are counted by themselves: about a megabyte. Those beyond share one count.
const MAX_NETWORKS: usize = 20_000;

/// How often networks that have everything again are forgotten, while there are posts.
const FORGETTING: Duration = Duration::from_mins(1);

pub(super) const HOUR: Duration = Duration::from_hours(1);

/// So many in an hour, all of them at once if need be, each of which is there again after a share of the hour: the generic cell rate algorithm
/// (ITU-T I.371), whose only state is the instant at which all are there again.
#[derive(Clone, Copy, Debug)]
pub(super) struct Quota {
    share: Duration,
}

impl Quota {
    pub(super) fn per_hour(many: u32) -> Self {
        // None at all: no hour has room for it.
        Self { share: HOUR.checked_div(many).unwrap_or(HOUR * 2) }
    }

    /// Takes one where all would be there again at `full`: when they are after that, or else how long to wait for one.
    pub(super) fn take(self, full: Duration, now: Duration) -> Result<Duration, Duration> {
        let next = full.max(now) + self.share;
        match next.saturating_sub(now + HOUR) {
            Duration::ZERO => Ok(next),
            wait => Err(wait),
        }
    }
}

/// A quota for each network of one size.
#[derive(Debug)]
pub(super) struct Level {
    quota: Quota,
    full: HashMap<Network, Duration>,
}

impl Level {
    pub(super) fn new(many: u32) -> Self {
        Self { quota: Quota::per_hour(many), full: HashMap::new() }
    }

    /// Takes one without noting it, with the network to note it for.
    pub(super) fn take(&self, network: Network, now: Duration) -> Result<(Network, Duration), Duration> {
        let counted = self.full.len() < MAX_NETWORKS || self.full.contains_key(&network);
        let network = if counted { network } else { Network::rest() };
        let full = self.full.get(&network).copied().unwrap_or_default();
        Ok((network, self.quota.take(full, now)?))
    }

    /// Notes what was taken.
    pub(super) fn note(&mut self, (network, full): (Network, Duration)) {
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
        Self { levels: quotas(narrowest).map(Level::new), forgot: Duration::ZERO }
    }

    /// Counts one, or gives how long to wait.
    pub(super) fn count(&mut self, networks: [Network; LEVELS], now: Duration) -> Result<(), Duration> {
        let taken = self.take(networks, now)?;
        self.note(taken);
        Ok(())
    }

    /// Whether the narrowest of these networks has taken something that isn't there again.
    pub(super) fn has_taken(&self, networks: [Network; LEVELS], now: Duration) -> bool {
        let ([level, ..], [narrowest, ..]) = (&self.levels, networks);
        level.full.get(&narrowest).is_some_and(|full| *full > now)
    }

    /// Takes one of each level, or of none, without noting it.
    pub(super) fn take(
        &mut self,
        networks: [Network; LEVELS],
        now: Duration,
    ) -> Result<[(Network, Duration); LEVELS], Duration> {
        if now.saturating_sub(self.forgot) >= FORGETTING {
            self.forget(now);
        }
        let mut taken = [(Network::rest(), Duration::ZERO); LEVELS];
        let mut longest = Duration::ZERO;
        for ((level, network), taken) in self.levels.iter().zip(networks).zip(&mut taken) {
            match level.take(network, now) {
                Ok(noted) => *taken = noted,
                Err(wait) => longest = longest.max(wait),
            }
        }
        if longest.is_zero() { Ok(taken) } else { Err(longest) }
    }

    /// Notes what was taken.
    pub(super) fn note(&mut self, taken: [(Network, Duration); LEVELS]) {
        for (level, taken) in self.levels.iter_mut().zip(taken) {
            level.note(taken);
        }
    }

    /// Forgets the networks that have everything again.
    pub(super) fn forget(&mut self, now: Duration) {
        self.forgot = now;
        for level in &mut self.levels {
            level.forget(now);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{HOUR, MAX_NETWORKS, Networks, Quota};
    use crate::server::Network;
    use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
    use std::time::Duration;

    #[test]
    fn a_quota_is_there_at_once_and_comes_back_in_shares() {
        let quota = Quota::per_hour(3);
        let mut full = Duration::ZERO;
        for _ in 0..3 {
            full = quota.take(full, HOUR).unwrap();
        }
        assert_eq!(full, HOUR * 2);
        assert_eq!(quota.take(full, HOUR), Err(HOUR / 3));
        assert_eq!(quota.take(full, HOUR + HOUR / 3), Ok(HOUR * 2 + HOUR / 3));
        assert!(Quota::per_hour(0).take(Duration::ZERO, HOUR * 100).is_err());
    }

    #[test]
    fn memory_is_bounded_and_networks_are_forgotten_when_they_have_everything_again() {
        let mut networks = Networks::new(10);
        // As many providers of IPv6 as there can hardly be, and one address of each.
        let provider = |n: usize| IpAddr::V6(Ipv6Addr::from_bits(((0x2000_0000 + n as u128) << 96) | 1));
        let mut count = |address: IpAddr, now| networks.count(Network::all_of(address), now);
        assert_eq!((0..MAX_NETWORKS + 100).filter(|n| count(provider(*n), HOUR).is_ok()).count(), MAX_NETWORKS + 10);
        let stranger = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));
        assert!(count(stranger, HOUR).is_err(), "all the rest share what one network has");
        assert!(count(provider(0), HOUR).is_ok(), "one that is counted has its own");
        assert!(count(stranger, HOUR * 2).is_ok(), "others are forgotten");
        assert!(networks.levels.iter().all(|level| level.full.len() == 1));
    }

    #[test]
    fn what_is_not_taken_counts_nowhere() {
        let mut networks = Networks::new(1);
        let customer = |n: u128| Network::all_of(IpAddr::V6(Ipv6Addr::from_bits((0x2001_0db8 << 96) | (n << 80))));
        assert_eq!((0..100).filter(|n| networks.count(customer(*n), HOUR).is_ok()).count(), 8);
        assert!(networks.levels.iter().all(|level| level.full.len() <= 8));
    }
}
