//! Where a request comes from: an address, and the networks that an attacker gets whole.

use core::fmt;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use core::str::FromStr;
use serde::Deserialize;

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
        self.within(if self.0.is_ipv4() { NARROW.0 } else { NARROW.1 })
    }

    /// Its /24, or /48.
    pub fn wide(self) -> Prefix {
        self.within(if self.0.is_ipv4() { WIDE.0 } else { WIDE.1 })
    }

    /// Its prefix of so many bits; all of its own when it has fewer.
    fn within(self, bits: u8) -> Prefix {
        let cut = |whole: u32| whole.saturating_sub(u32::from(bits));
        let network = match self.0 {
            IpAddr::V4(address) => IpAddr::V4(Ipv4Addr::from_bits(address.to_bits() & u32::MAX.checked_shl(cut(32)).unwrap_or(0))),
            IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & u128::MAX.checked_shl(cut(128)).unwrap_or(0))),
        };
        Prefix { network, bits }
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_ipv4() { "Source(IPv4)" } else { "Source(IPv6)" })
    }
}

/// A network that is counted as one. Its `Debug` tells family and length alone: a /32 is an address.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(try_from = "String")]
pub struct Prefix {
    network: IpAddr,
    bits: u8,
}

impl Prefix {
    /// Whether it is everybody of a family: no network to be trusted.
    pub fn is_everybody(self) -> bool {
        self.bits == 0
    }

    /// Whether `source` lies in it.
    pub fn holds(self, source: Source) -> bool {
        source.0.is_ipv4() == self.network.is_ipv4() && source.within(self.bits) == self
    }

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

impl FromStr for Prefix {
    type Err = &'static str;

    /// An address, a slash, and its length in bits (CIDR). Bits behind the length are a typing error.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const FORM: &str = "write ADDRESS/BITS, for example \"203.0.113.7/32\" or \"2001:db8:1::/48\"";
        let (address, bits) = text.split_once('/').ok_or(FORM)?;
        let address: IpAddr = address.parse().map_err(|_| FORM)?;
        let bits: u8 =
            Some(bits).filter(|bits| bits.bytes().all(|byte| byte.is_ascii_digit())).and_then(|bits| bits.parse().ok()).ok_or(FORM)?;
        if Source::of(address).0 != address {
            return Err("an IPv4 address inside IPv6 is taken for the IPv4 address; write that");
        }
        if bits > if address.is_ipv4() { 32 } else { 128 } {
            return Err("more bits than an address has: at most 32, or 128 for IPv6");
        }
        let prefix = Source(address).within(bits);
        if prefix.network != address {
            return Err("the address has bits behind the length; write zeros there, or a greater length");
        }
        Ok(prefix)
    }
}

impl TryFrom<String> for Prefix {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

/// Networks that the configuration names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Networks(Vec<Prefix>);

impl Networks {
    /// These.
    pub fn new(networks: Vec<Prefix>) -> Self {
        Self(networks)
    }

    /// The narrowest that `source` lies in.
    pub fn of(&self, source: Source) -> Option<Prefix> {
        self.0.iter().copied().filter(|network| network.holds(source)).max_by_key(|network| network.bits)
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
    fn a_network_is_written_as_an_address_and_a_length_and_in_no_other_way() {
        let network = |text: &str| text.parse::<Prefix>();
        assert_eq!(network("203.0.113.7/32"), Ok(source("203.0.113.7").narrow()));
        assert_eq!(network("2001:db8:1::/48"), Ok(source("2001:db8:1:2::3").wide()));
        assert_eq!(network("::/0").map(Prefix::is_everybody), Ok(true));
        for wrong in [
            "",
            "/",
            "203.0.113.7",
            "203.0.113.7/",
            "203.0.113.7/33",
            "203.0.113.7/+32",
            "203.0.113.7/ 32",
            "203.0.113.7/24",
            "203.0.113/24",
            "2001:db8::1/64",
            "2001:db8::/129",
            "[2001:db8::]/32",
            "::ffff:203.0.113.7/128",
            "::ffff:0:0/96",
            "example.jp/24",
            "1.2.3.4/24/8",
        ] {
            assert!(network(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_narrowest_network_that_holds_a_source_speaks_for_it() {
        let networks = Networks::new(["10.0.0.0/8", "10.1.0.0/16", "2001:db8::/32"].map(|text| text.parse().unwrap()).to_vec());
        assert_eq!(networks.of(source("10.1.2.3")), "10.1.0.0/16".parse().ok());
        assert_eq!(networks.of(source("::ffff:10.2.2.3")), "10.0.0.0/8".parse().ok());
        assert_eq!(networks.of(source("2001:db8:ffff::1")), "2001:db8::/32".parse().ok());
        assert_eq!(networks.of(source("11.0.0.1")), None);
        let everybody = Networks::new(vec!["0.0.0.0/0".parse().unwrap()]);
        assert!(everybody.of(source("192.0.2.1")).is_some() && everybody.of(source("::")).is_none());
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
