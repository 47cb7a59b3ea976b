//! How many connections each network has: no single one may take all places.

use crate::http::network::Network;
use ipnet::IpNet;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The networks that have connections now.
pub(super) struct Networks {
    most: usize,
    /// Proxies, which speak for everybody.
    trusted: Vec<IpNet>,
    counts: Mutex<HashMap<Network, usize>>,
}

impl Networks {
    /// Lets each network have so many connections, and trusted proxies as many as there are.
    pub(super) fn new(most: usize, trusted: Vec<IpNet>) -> Arc<Self> {
        Arc::new(Self { most, trusted, counts: Mutex::new(HashMap::new()) })
    }

    /// Counts a connection while the guest lives; `None` where its network has as many as it may.
    ///
    /// This computer itself isn't counted, nor are trusted proxies: each speaks for everybody.
    pub(super) fn enter(self: &Arc<Self>, address: IpAddr) -> Option<Guest> {
        let address = address.to_canonical();
        if address.is_loopback() || self.trusted.iter().any(|proxies| proxies.contains(&address)) {
            return Some(Guest(None));
        }
        let network = Network::of(address);
        let mut counts = self.lock();
        let count = counts.entry(network).or_default();
        if *count >= self.most {
            return None;
        }
        *count += 1;
        Some(Guest(Some((Arc::clone(self), network))))
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Network, usize>> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A connection that is counted.
pub(super) struct Guest(Option<(Arc<Networks>, Network)>);

impl Drop for Guest {
    fn drop(&mut self) {
        let Some((networks, network)) = &self.0 else { return };
        if let Entry::Occupied(mut count) = networks.lock().entry(*network) {
            *count.get_mut() -= 1;
            if *count.get() == 0 {
                count.remove();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Networks;

    #[test]
    fn a_network_has_so_many_connections_and_others_have_theirs() {
        let networks = Networks::new(2, Vec::new());
        let enter = |address: &str| networks.enter(address.parse().unwrap());
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
        assert!(networks.lock().is_empty(), "what has left is forgotten");
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
