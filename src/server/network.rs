//! The networks of an address: limits count by network, not by address.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};

/// How many networks an address counts toward.
pub const LEVELS: usize = 4;

/// The prefix lengths of an address's networks, the narrowest first.
///
/// IPv6: one network of a home, in which a person has any number of addresses; what a home gets, 256 of those; what an office gets, or anybody
/// who asks for it (RFC 6177); and the smallest allocation of a provider. All are free, so counting the narrowest alone would limit nobody.
const V6: [u32; LEVELS] = [64, 56, 48, 32];

/// IPv4: one address, the smallest network that is routed, and two sizes of a provider's. Thousands of people can share one address of a mobile
/// provider, so the limit of a single one is never small.
const V4: [u32; LEVELS] = [32, 24, 20, 16];

/// A network: an address without its last bits. Never logged, so `{:?}` hides it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Network([u8; 16]);

impl Network {
    /// All others, which are counted together.
    pub const OTHERS: Self = Self(Ipv6Addr::UNSPECIFIED.octets());

    /// The networks of an address, the narrowest first.
    #[must_use]
    pub fn all_for(address: IpAddr) -> [Self; LEVELS] {
        let (bits, lengths) = match address.to_canonical() {
            IpAddr::V6(address) => (address.to_bits(), V6),
            IpAddr::V4(address) => (address.to_ipv6_mapped().to_bits(), V4.map(|length| 96 + length)),
        };
        lengths.map(|length| Self((bits & !u128::MAX.checked_shr(length).unwrap_or(0)).to_be_bytes()))
    }

    /// The narrowest network of an address, as bytes to compare.
    #[must_use]
    pub fn narrowest(address: IpAddr) -> [u8; 16] {
        let [Self(narrowest), ..] = Self::all_for(address);
        narrowest
    }
}

impl fmt::Debug for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Network(…)")
    }
}

/// The limits of an address's networks, from that of the narrowest: twice as much at each wider level. So no provider uses up what others need, and
/// a person who has a large network gets little more than anybody else.
#[must_use]
pub fn limits_by_level(narrowest: u32) -> [u32; LEVELS] {
    [1, 2, 4, 8].map(|times: u32| narrowest.saturating_mul(times))
}

#[cfg(test)]
mod tests {
    use super::{LEVELS, Network, limits_by_level};
    use proptest::prelude::*;
    use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

    fn networks(address: &str) -> [Network; LEVELS] {
        Network::all_for(address.parse().unwrap())
    }

    /// How many networks two addresses share.
    fn shared(one: &str, other: &str) -> usize {
        networks(one).iter().zip(networks(other)).filter(|(one, other)| *one == other).count()
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
        assert_eq!(
            Network::narrowest("192.0.2.1".parse().unwrap()),
            Network::narrowest("::ffff:192.0.2.1".parse().unwrap())
        );
        assert_eq!(Network::narrowest("2001:db8::9".parse().unwrap())[..8], [0x20, 1, 0xd, 0xb8, 0, 0, 0, 0]);
        assert_eq!(format!("{:?}", networks("192.0.2.1")[0]), "Network(…)");
    }

    #[test]
    fn wider_networks_have_higher_limits() {
        assert_eq!(limits_by_level(20), [20, 40, 80, 160]);
        assert_eq!(limits_by_level(u32::MAX), [u32::MAX; LEVELS]);
    }

    proptest! {
        #[test]
        fn addresses_that_share_a_network_share_every_wider_one(
            one in any::<u128>(), bit in 0_u32..128, v4 in any::<bool>()
        ) {
            let address = |bits: u128| {
                let v6 = Ipv6Addr::from_bits(bits);
                if v4 { IpAddr::V4(Ipv4Addr::from_bits((bits >> 96) as u32)) } else { IpAddr::V6(v6) }
            };
            let (one, other) = (Network::all_for(address(one)), Network::all_for(address(one ^ (1 << bit))));
            let same: Vec<bool> = one.iter().zip(&other).map(|(one, other)| one == other).collect();
            prop_assert!(same.is_sorted(), "{:?}", same);
        }
    }
}
