//! Connection slots: at most so many for one network, so that no single one takes them all.

use super::network::Network;
use ipnet::IpNet;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::OwnedSemaphorePermit;

/// The slots that each network uses now.
pub(super) struct Slots {
    limit: usize,
    /// Proxies, which speak for everybody.
    trusted: Vec<IpNet>,
    counts: Mutex<HashMap<Network, usize>>,
}

impl Slots {
    /// At most `limit` slots for each network; trusted proxies may use them all.
    pub(super) fn new(limit: usize, trusted: Vec<IpNet>) -> Arc<Self> {
        Arc::new(Self { limit, trusted, counts: Mutex::new(HashMap::new()) })
    }

    /// A slot for a connection from an address; `None` where its network uses as many as it may.
    ///
    /// This computer itself isn't counted, nor are trusted proxies: each speaks for everybody.
    pub(super) fn take(self: &Arc<Self>, address: IpAddr, permit: OwnedSemaphorePermit) -> Option<Slot> {
        Some(Slot { _permit: permit, _network: self.enter(address)? })
    }

    fn enter(self: &Arc<Self>, address: IpAddr) -> Option<Counted> {
        let address = address.to_canonical();
        if address.is_loopback() || self.trusted.iter().any(|proxies| proxies.contains(&address)) {
            return Some(Counted(None));
        }
        let network = Network::of(address);
        let mut counts = self.lock();
        let count = counts.entry(network).or_default();
        if *count >= self.limit {
            return None;
        }
        *count += 1;
        Some(Counted(Some((Arc::clone(self), network))))
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Network, usize>> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A slot, which is free again when this is dropped.
pub(super) struct Slot {
    _permit: OwnedSemaphorePermit,
    _network: Counted,
}

/// A connection that its network is charged for.
struct Counted(Option<(Arc<Slots>, Network)>);

impl Drop for Counted {
    fn drop(&mut self) {
        let Some((slots, network)) = &self.0 else { return };
        if let Entry::Occupied(mut count) = slots.lock().entry(*network) {
            *count.get_mut() -= 1;
            if *count.get() == 0 {
                count.remove();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Slots;

    #[test]
    fn a_network_has_so_many_connections_and_others_have_theirs() {
        let slots = Slots::new(2, Vec::new());
        let enter = |address: &str| slots.enter(address.parse().unwrap());
        let (first, second) = (enter("192.0.2.1"), enter("::ffff:192.0.2.1"));
        assert!(first.is_some() && second.is_some());
        assert!(enter("192.0.2.1").is_none());
        assert!(enter("192.0.2.2").is_some(), "a neighbour is somebody else");
        drop(first);
        assert!(enter("192.0.2.1").is_some(), "a place that was left is free");
        let (one, other) = (enter("2001:db8:0:1::1"), enter("2001:db8:0:1:ffff::2"));
        assert!(one.is_some() && other.is_some());
        assert!(enter("2001:db8:0:1::3").is_none(), "a household has many addresses");
        assert!(enter("2001:db8:0:2::1").is_some());
        drop((one, other, second));
        assert!(slots.lock().is_empty(), "what has left is forgotten");
    }

    #[test]
    fn a_proxy_speaks_for_everybody() {
        let slots = Slots::new(1, vec!["10.0.0.0/8".parse().unwrap()]);
        let all: Vec<_> = ["127.0.0.1", "127.0.0.1", "::1", "::1", "10.0.0.7", "10.0.0.7", "::ffff:10.0.0.7"]
            .map(|address| slots.enter(address.parse().unwrap()))
            .into();
        assert!(all.iter().all(Option::is_some));
        let (first, second) = ["11.0.0.7"; 2].map(|address| slots.enter(address.parse().unwrap())).into();
        assert!(first.is_some() && second.is_none());
    }
}
