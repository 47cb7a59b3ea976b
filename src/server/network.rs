//! Who counts as one, where something is limited: the networks of an address.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};

/// How many networks an address counts for.
pub const LEVELS: usize = 4;

/// How many of an address's bits name each of its networks, the narrowest first.
///
/// IPv6: one network of a home, in which a person has any number of addresses; what a home gets, 256 of those; what an office gets, or whoever
/// asks for it (RFC 6177); and the least that a provider has. Each is free to have, so counting the narrowest alone limits nobody.
const V6: [u32; LEVELS] = [64, 56, 48, 32];

/// IPv4: one address, the least that is routed, and two sizes of what a provider has. Behind one address of a mobile provider there can be
/// thousands of people, so what a single one may have is never small.
const V4: [u32; LEVELS] = [32, 24, 20, 16];

/// A network: an address without its last bits. It stands in no log, so it says nothing of itself in `{:?}`.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Network([u8; 16]);

impl Network {
    /// Those of an address, the narrowest first.
    #[must_use]
    pub fn all_of(address: IpAddr) -> [Self; LEVELS] {
        let (bits, lengths) = match address.to_canonical() {
            IpAddr::V6(address) => (address.to_bits(), V6),
            IpAddr::V4(address) => (address.to_ipv6_mapped().to_bits(), V4.map(|length| 96 + length)),
        };
        lengths.map(|length| Self((bits & !u128::MAX.checked_shr(length).unwrap_or(0)).to_be_bytes()))
    }

    /// The narrowest one, for what compares networks without knowing what they are.
    #[must_use]
    pub fn bytes(address: IpAddr) -> [u8; 16] {
        let [Self(narrowest), ..] = Self::all_of(address);
        narrowest
    }

    /// Nobody's: for all those together that are not counted by themselves.
    #[must_use]
    pub const fn rest() -> Self {
        Self(Ipv6Addr::UNSPECIFIED.octets())
    }
}

impl fmt::Debug for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Network(…)")
    }
}

/// What the networks of an address may have, where the narrowest may have so much: each one twice as much as the one within it. So no provider
/// takes a place from another, and a person who has a whole network has little more than anybody else.
#[must_use]
pub fn quotas(narrowest: u32) -> [u32; LEVELS] {
    [1, 2, 4, 8].map(|times: u32| narrowest.saturating_mul(times))
}

#[cfg(test)]
mod tests {
    use super::{LEVELS, Network, quotas};
    use proptest::prelude::*;
    use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

    fn of(address: &str) -> [Network; LEVELS] {
        Network::all_of(address.parse().unwrap())
    }

    /// How many networks two addresses share.
    fn shared(one: &str, other: &str) -> usize {
        of(one).iter().zip(of(other)).filter(|(one, other)| *one == other).count()
    }

    #[test]
    fn an_address_is_counted_at_64_56_48_and_32_bits_and_one_of_ipv4_at_32_24_20_and_16() {
        for (other, wanted) in [
            ("2001:db8:1:1:ffff::1", 4),
            ("2001:db8:1:2::1", 3),
            ("2001:db8:1:100::1", 2),
            ("2001:db8:2:1::1", 1),
            ("2001:db9:1:1::1", 0),
            ("192.0.2.1", 0),
        ] {
            assert_eq!(shared("2001:db8:1:1::1", other), wanted, "{other}");
        }
        for (other, wanted) in
            [("::ffff:192.0.2.1", 4), ("192.0.2.2", 3), ("192.0.3.1", 2), ("192.0.16.1", 1), ("192.1.2.1", 0)]
        {
            assert_eq!(shared("192.0.2.1", other), wanted, "{other}");
        }
        assert_eq!(Network::bytes("192.0.2.1".parse().unwrap()), Network::bytes("::ffff:192.0.2.1".parse().unwrap()));
        assert_eq!(Network::bytes("2001:db8::9".parse().unwrap())[..8], [0x20, 1, 0xd, 0xb8, 0, 0, 0, 0]);
        assert_eq!(format!("{:?}", of("192.0.2.1")[0]), "Network(…)");
    }

    #[test]
    fn wider_networks_have_more() {
        assert_eq!(quotas(20), [20, 40, 80, 160]);
        assert_eq!(quotas(u32::MAX), [u32::MAX; LEVELS]);
    }

    proptest! {
        #[test]
        fn whoever_shares_a_network_shares_every_wider_one(
            one in any::<u128>(), bit in 0_u32..128, v4 in any::<bool>()
        ) {
            let address = |bits: u128| {
                let v6 = Ipv6Addr::from_bits(bits);
                if v4 { IpAddr::V4(Ipv4Addr::from_bits((bits >> 96) as u32)) } else { IpAddr::V6(v6) }
            };
            let (one, other) = (Network::all_of(address(one)), Network::all_of(address(one ^ (1 << bit))));
            let same: Vec<bool> = one.iter().zip(&other).map(|(one, other)| one == other).collect();
            prop_assert!(same.is_sorted(), "{:?}", same);
        }
    }
}
