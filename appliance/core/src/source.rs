//! Where a request comes from: an address, and the networks that an attacker gets whole.

use core::fmt;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Bits of the narrow prefix of an IPv4 and of an IPv6 address: one line, one household (G-07).
const NARROW: (u8, u8) = (32, 64);

/// Bits of the wide one: what a provider gives to one customer (G-07).
const WIDE: (u8, u8) = (24, 48);

/// Where a request comes from. Asked, and never stored or logged: its `Debug` tells the family alone.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Source(IpAddr);

impl Source {
    /// This address; an IPv4 address that IPv6 has mapped is the IPv4 address, or each line would have two budgets.
    pub fn of(address: IpAddr) -> Self {
        Self(address.to_canonical())
    }

    /// The address.
    pub fn address(self) -> IpAddr {
        self.0
    }

    /// Its /32, or /64.
    pub fn narrow(self) -> Prefix {
        self.prefix(NARROW)
    }

    /// Its /24, or /48.
    pub fn wide(self) -> Prefix {
        self.prefix(WIDE)
    }

    fn prefix(self, (v4, v6): (u8, u8)) -> Prefix {
        match self.0 {
            IpAddr::V4(address) => {
                let kept = u32::MAX.checked_shl(32 - u32::from(v4)).unwrap_or(0);
                Prefix { bits: v4, network: IpAddr::V4(Ipv4Addr::from_bits(address.to_bits() & kept)) }
            }
            IpAddr::V6(address) => {
                let kept = u128::MAX.checked_shl(128 - u32::from(v6)).unwrap_or(0);
                Prefix { bits: v6, network: IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & kept)) }
            }
        }
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_ipv4() { "Source(IPv4)" } else { "Source(IPv6)" })
    }
}

/// A network that is counted as one. Its `Debug` tells family and length alone: a /32 is an address.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Prefix {
    network: IpAddr,
    bits: u8,
}

impl Prefix {
    /// How many bytes [`Self::encode`] gives.
    pub const LEN: usize = 18;

    /// Family, length and address as bytes, for a keyed hash: no two prefixes share them.
    pub fn encode(self) -> [u8; Self::LEN] {
        let (family, address) = match self.network {
            IpAddr::V4(address) => (4, u128::from(address.to_bits())),
            IpAddr::V6(address) => (6, address.to_bits()),
        };
        let mut out = [0; Self::LEN];
        let (head, tail) = out.split_at_mut(2);
        head.copy_from_slice(&[family, self.bits]);
        tail.copy_from_slice(&address.to_be_bytes());
        out
    }
}

impl fmt::Debug for Prefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Prefix({}/{})", if self.network.is_ipv4() { "IPv4" } else { "IPv6" }, self.bits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn source(text: &str) -> Source {
        Source::of(text.parse().unwrap())
    }

    /// Whether both lie in the same narrow prefix, and in the same wide one.
    fn shares(one: &str, other: &str) -> (bool, bool) {
        let (one, other) = (source(one), source(other));
        (one.narrow() == other.narrow(), one.wide() == other.wide())
    }

    #[test]
    fn a_line_is_a_32_or_a_64_and_a_customer_a_24_or_a_48() {
        assert_eq!(shares("203.0.113.7", "203.0.113.7"), (true, true));
        assert_eq!(shares("203.0.113.7", "203.0.113.8"), (false, true));
        assert_eq!(shares("203.0.113.7", "203.0.112.7"), (false, false));
        assert_eq!(shares("2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff"), (true, true));
        assert_eq!(shares("2001:db8:1:2::1", "2001:db8:1:3::1"), (false, true));
        assert_eq!(shares("2001:db8:1:2::1", "2001:db8:2:2::1"), (false, false));
    }

    #[test]
    fn a_mapped_address_is_the_ipv4_address() {
        assert_eq!(source("::ffff:203.0.113.7"), source("203.0.113.7"));
        // RFC 4291 §2.5.5.1: the older "compatible" form is an IPv6 address of its own.
        assert_ne!(source("::203.0.113.7"), source("203.0.113.7"));
    }

    #[test]
    fn families_and_lengths_share_no_bytes() {
        let all = ["0.0.0.0", "::", "0.0.0.1", "::1", "1.0.0.0", "255.255.255.255", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"];
        let prefixes: BTreeSet<Prefix> = all.into_iter().flat_map(|text| [source(text).narrow(), source(text).wide()]).collect();
        let encoded: BTreeSet<[u8; Prefix::LEN]> = prefixes.iter().map(|prefix| prefix.encode()).collect();
        assert_eq!(encoded.len(), prefixes.len());
    }

    #[test]
    fn what_is_printed_for_a_programmer_tells_no_address() {
        let said = format!("{:?} {:?} {:?}", source("203.0.113.7"), source("203.0.113.7").narrow(), source("2001:db8::1").wide());
        assert_eq!(said, "Source(IPv4) Prefix(IPv4/32) Prefix(IPv6/48)");
    }
}
