//! How many connections each network has: no single one may take all places.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Who counts as one: an IPv4 address, or an IPv6 network of 64 bits, which is what one household gets (RFC 6177).
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Network {
    V4(Ipv4Addr),
    V6(u64),
}

impl Network {
    fn of(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(address) => Self::V4(address),
            IpAddr::V6(address) => {
                let [a, b, c, d, ..] = address.segments();
                Self::V6([a, b, c, d].iter().fold(0, |bits, part| bits << 16 | u64::from(*part)))
            }
        }
    }
}

/// The networks that have connections now.
pub(super) struct Networks {
    most: usize,
    counts: Mutex<HashMap<Network, usize>>,
}

impl Networks {
    /// Lets each network have so many connections.
    pub(super) fn new(most: usize) -> Arc<Self> {
        Arc::new(Self { most, counts: Mutex::new(HashMap::new()) })
    }

    /// Counts a connection while the guest lives; `None` where its network has as many as it may.
    ///
    /// This computer itself isn't counted: what comes from it is a proxy, which speaks for everybody.
    pub(super) fn enter(self: &Arc<Self>, address: IpAddr) -> Option<Guest> {
        if address.to_canonical().is_loopback() {
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
        let networks = Networks::new(2);
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
    fn a_proxy_on_this_computer_speaks_for_everybody() {
        let networks = Networks::new(1);
        let guests: Vec<_> = (0..5).map(|_| networks.enter("127.0.0.1".parse().unwrap())).collect();
        assert!(guests.iter().all(Option::is_some));
        assert!(networks.enter("::1".parse().unwrap()).is_some());
    }
}
