//! How many connections each network has: no single one may take all places.

use crate::http::network::{LEVELS, Network, quotas};
use ipnet::IpNet;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The networks that have connections now.
pub(super) struct Networks {
    limits: [usize; LEVELS],
    /// Proxies, which speak for everybody.
    trusted: Vec<IpNet>,
    counts: Mutex<[HashMap<Network, usize>; LEVELS]>,
}

impl Networks {
    /// Lets each network have so many connections, wider ones more ([`quotas`]), and trusted proxies as many as there are.
    pub(super) fn new(most: usize, trusted: Vec<IpNet>) -> Arc<Self> {
        let limits = quotas(u32::try_from(most).unwrap_or(u32::MAX)).map(|limit| limit as usize);
        Arc::new(Self { limits, trusted, counts: Mutex::default() })
    }

    /// Counts a connection while the guest lives; `None` where one of its networks has as many as it may.
    ///
    /// This computer itself isn't counted, nor are trusted proxies: each speaks for everybody.
    pub(super) fn enter(self: &Arc<Self>, address: IpAddr) -> Option<Guest> {
        let address = address.to_canonical();
        if address.is_loopback() || self.trusted.iter().any(|proxies| proxies.contains(&address)) {
            return Some(Guest(None));
        }
        let networks = Network::all_of(address);
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
        Some(Guest(Some((Arc::clone(self), networks))))
    }

    fn lock(&self) -> MutexGuard<'_, [HashMap<Network, usize>; LEVELS]> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A connection that is counted.
pub(super) struct Guest(Option<(Arc<Networks>, [Network; LEVELS])>);

impl Drop for Guest {
    fn drop(&mut self) {
        let Some((counted, networks)) = &self.0 else { return };
        for (counts, network) in counted.lock().iter_mut().zip(networks) {
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
    use super::{Guest, Networks};
    use std::collections::HashMap;
    use std::net::{IpAddr, Ipv6Addr};

    #[test]
    fn a_network_has_so_many_connections_and_others_have_theirs() {
        let networks = Networks::new(2, Vec::new());
        let enter = |address: &str| networks.enter(address.parse().unwrap());
        let (first, second) = (enter("192.0.2.1"), enter("::ffff:192.0.2.1"));
        assert!(first.is_some() && second.is_some());
        assert!(enter("192.0.2.1").is_none());
        assert!(enter("192.0.2.2").is_some(), "a neighbor is somebody else");
        drop(first);
        assert!(enter("192.0.2.1").is_some(), "a place that was left is free");
        let (one, other) = (enter("2001:db8:0:1::1"), enter("2001:db8:0:1:ffff::2"));
        assert!(one.is_some() && other.is_some());
        assert!(enter("2001:db8:0:1::3").is_none(), "a household has many addresses");
        assert!(enter("2001:db8:0:2::1").is_some());
        drop((one, other, second));
        assert!(networks.lock().iter().all(HashMap::is_empty), "what has left is forgotten");
    }

    #[test]
    fn who_has_many_networks_within_one_has_not_as_many_connections() {
        let networks = Networks::new(2, Vec::new());
        // The addresses of 2001:db8::/32, of which each stands in a network of its own at one level: 64, 56, 48, 32 bits.
        let taken = |step: u32| -> Vec<Guest> {
            let address = |n: u128| Ipv6Addr::from_bits((0x2001_0db8 << 96) | (n << step));
            (0..100).filter_map(|n| networks.enter(IpAddr::V6(address(n)))).collect()
        };
        for (step, wanted) in [(0, 2), (64, 4), (72, 8), (80, 16)] {
            assert_eq!(taken(step).len(), wanted, "steps of {step} bits");
        }
        let flood = taken(80);
        assert!(networks.enter("2001:db8:ffff::1".parse().unwrap()).is_none());
        assert!(networks.enter("2001:db9::1".parse().unwrap()).is_some(), "another provider's");
        drop(flood);
        assert!(networks.lock().iter().all(HashMap::is_empty));
    }

    #[test]
    fn a_proxy_speaks_for_everybody() {
        let networks = Networks::new(1, vec!["10.0.0.0/8".parse().unwrap()]);
        let guests: Vec<_> = ["127.0.0.1", "127.0.0.1", "::1", "::1", "10.0.0.7", "10.0.0.7", "::ffff:10.0.0.7"]
            .map(|address| networks.enter(address.parse().unwrap()))
            .into();
        assert!(guests.iter().all(Option::is_some));
        let (first, second) = ["11.0.0.7"; 2].map(|address| networks.enter(address.parse().unwrap())).into();
        assert!(first.is_some() && second.is_none());
    }
}
