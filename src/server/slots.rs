//! Connection slots, limited for each network, so that no single one uses them all.

use super::network::{LEVELS, Network, limits_by_level};
use ipnet::IpNet;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::OwnedSemaphorePermit;

/// The slots that each network uses now.
pub(super) struct Slots {
    limits: [usize; LEVELS],
    /// Proxies, each of which many visitors share.
    trusted: Vec<IpNet>,
    counts: Mutex<[HashMap<Network, usize>; LEVELS]>,
}

impl Slots {
    /// At most `limit` slots for each of the narrowest networks, more for wider ones ([`limits_by_level`]).
    pub(super) fn new(limit: usize, trusted: Vec<IpNet>) -> Arc<Self> {
        let limits = limits_by_level(u32::try_from(limit).unwrap_or(u32::MAX)).map(|limit| limit as usize);
        Arc::new(Self { limits, trusted, counts: Mutex::default() })
    }

    /// A slot for a connection from an address; `None` if one of its networks has reached its limit. This computer itself and trusted proxies
    /// have none.
    pub(super) fn take(self: &Arc<Self>, address: IpAddr, permit: OwnedSemaphorePermit) -> Option<Slot> {
        Some(Slot { _permit: permit, _counted: self.count(address)? })
    }

    fn count(self: &Arc<Self>, address: IpAddr) -> Option<Counted> {
        let address = address.to_canonical();
        if address.is_loopback() || self.trusted.iter().any(|proxies| proxies.contains(&address)) {
            return Some(Counted(None));
        }
        let networks = Network::all_for(address);
        let mut counts = self.lock();
        let full = |((counts, network), limit): ((&HashMap<_, usize>, &Network), &usize)| {
            counts.get(network).is_some_and(|count| count >= limit)
        };
        if counts.iter().zip(&networks).zip(&self.limits).any(full) {
            return None;
        }
        for (counts, network) in counts.iter_mut().zip(networks) {
            *counts.entry(network).or_default() += 1;
        }
        Some(Counted(Some((Arc::clone(self), networks))))
    }

    fn lock(&self) -> MutexGuard<'_, [HashMap<Network, usize>; LEVELS]> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A slot, freed on drop.
pub(super) struct Slot {
    _permit: OwnedSemaphorePermit,
    _counted: Counted,
}

/// A connection in the counts of its networks, if they count it.
struct Counted(Option<(Arc<Slots>, [Network; LEVELS])>);

impl Drop for Counted {
    fn drop(&mut self) {
        let Some((slots, networks)) = &self.0 else { return };
        for (counts, network) in slots.lock().iter_mut().zip(networks) {
            if let Entry::Occupied(mut count) = counts.entry(*network) {
                *count.get_mut() -= 1;
                if *count.get() == 0 {
                    count.remove();
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Counted, Slots};
    use std::collections::HashMap;
    use std::net::{IpAddr, Ipv6Addr};

    #[test]
    fn each_network_has_its_own_connection_limit() {
        let slots = Slots::new(2, Vec::new());
        let count = |address: &str| slots.count(address.parse().unwrap());
        let (first, second) = (count("192.0.2.1"), count("::ffff:192.0.2.1"));
        assert!(first.is_some() && second.is_some());
        assert!(count("192.0.2.1").is_none());
        assert!(count("192.0.2.2").is_some(), "a neighbor is another network");
        drop(first);
        assert!(count("192.0.2.1").is_some(), "a freed slot is available");
        let (one, other) = (count("2001:db8:0:1::1"), count("2001:db8:0:1:ffff::2"));
        assert!(one.is_some() && other.is_some());
        assert!(count("2001:db8:0:1::3").is_none(), "a household has many addresses");
        assert!(count("2001:db8:0:2::1").is_some());
        drop((one, other, second));
        assert!(slots.lock().iter().all(HashMap::is_empty), "networks without connections are forgotten");
    }

    #[test]
    fn many_networks_within_one_share_its_limit() {
        let slots = Slots::new(2, Vec::new());
        // Addresses in 2001:db8::/32, each in another network of one level: 64, 56, 48, 32 bits.
        let taken = |step: u32| -> Vec<Counted> {
            let address = |n: u128| Ipv6Addr::from_bits((0x2001_0db8 << 96) | (n << step));
            (0..100).filter_map(|n| slots.count(IpAddr::V6(address(n)))).collect()
        };
        for (step, wanted) in [(0, 2), (64, 4), (72, 8), (80, 16)] {
            assert_eq!(taken(step).len(), wanted, "steps of {step} bits");
        }
        let flood = taken(80);
        assert!(slots.count("2001:db8:ffff::1".parse().unwrap()).is_none());
        assert!(slots.count("2001:db9::1".parse().unwrap()).is_some(), "another provider's");
        drop(flood);
        assert!(slots.lock().iter().all(HashMap::is_empty));
    }

    #[test]
    fn proxies_have_no_limit() {
        let slots = Slots::new(1, vec!["10.0.0.0/8".parse().unwrap()]);
        let all: Vec<_> = ["127.0.0.1", "127.0.0.1", "::1", "::1", "10.0.0.7", "10.0.0.7", "::ffff:10.0.0.7"]
            .map(|address| slots.count(address.parse().unwrap()))
            .into();
        assert!(all.iter().all(Option::is_some));
        let (first, second) = ["11.0.0.7"; 2].map(|address| slots.count(address.parse().unwrap())).into();
        assert!(first.is_some() && second.is_none());
    }
}
