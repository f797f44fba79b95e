//! What a trusted proxy says of the connection that it carries (PROXY protocol version 2), and which proxies are trusted. From anybody
//! else the same bytes are a broken TLS hello.

use ppp::v2::{Addresses, Command, Header, ParseError, Protocol};
use sekisho_core::source::{Networks, Source};
use std::net::IpAddr;

/// Bytes with which every header begins; they tell how many more there are.
pub const START: usize = 16;

/// Most bytes after those: addresses and what a proxy may add about TLS. A proxy that says more is not set up for us.
const MOST: usize = 2048;

/// The proxies before us.
#[derive(Clone, Debug, Default)]
pub struct Proxies {
    /// Where they connect from.
    pub trusted: Networks,
    /// How they say whom they carry.
    pub says: Says,
}

/// How a trusted proxy says whom it carries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Says {
    /// In a header before TLS, on every connection. For what passes TLS through.
    #[default]
    ProxyV2,
    /// In `Forwarded` (RFC 7239), in every request. For what ends TLS and begins it anew.
    Forwarded,
}

impl Proxies {
    /// Whether `peer` is one of them.
    pub fn trusts(&self, peer: Source) -> bool {
        self.trusted.of(peer).is_some()
    }
}

/// Whom a header speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Carried {
    /// The proxy itself: it looks whether we are well.
    Nobody,
    /// Somebody who connected from there.
    Somebody(Source),
}

/// How many bytes follow the first [`START`]; `None`: this is no such header, or a longer one than anybody needs.
pub fn rest(start: &[u8; START]) -> Option<usize> {
    match Header::try_from(start.as_slice()) {
        Ok(_) => Some(0),
        Err(ParseError::Partial(_, rest)) => Some(rest).filter(|rest| *rest <= MOST),
        Err(_) => None,
    }
}

/// What a whole header says. `None`: it says nothing of a TCP connection over IP, and the connection has to be closed: to take the
/// proxy's own address would put all that it carries on one budget.
pub fn carried(header: &[u8]) -> Option<Carried> {
    let header = Header::try_from(header).ok()?;
    match (header.command, header.protocol, &header.addresses) {
        (Command::Local, _, _) => Some(Carried::Nobody),
        (Command::Proxy, Protocol::Stream, Addresses::IPv4(ip)) => Some(Carried::Somebody(Source::of(IpAddr::V4(ip.source_address)))),
        (Command::Proxy, Protocol::Stream, Addresses::IPv6(ip)) => Some(Carried::Somebody(Source::of(IpAddr::V6(ip.source_address)))),
        (Command::Proxy, _, _) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIGNATURE: &[u8] = b"\r\n\r\n\0\r\nQUIT\n";

    /// A header as the specification (haproxy.org, proxy-protocol.txt, 2.2) draws it.
    fn header(command: u8, family: u8, rest: &[u8]) -> Vec<u8> {
        let length = u16::try_from(rest.len()).unwrap().to_be_bytes();
        [SIGNATURE, &[command, family], &length, rest].concat()
    }

    fn start(header: &[u8]) -> [u8; START] {
        header[..START].try_into().unwrap()
    }

    fn v4() -> Vec<u8> {
        [[203, 0, 113, 7], [192, 0, 2, 1], [0xd4, 0x31, 0x01, 0xbb]].concat()
    }

    fn v6(source: &str) -> Vec<u8> {
        let source: std::net::Ipv6Addr = source.parse().unwrap();
        [source.octets().as_slice(), &[0; 16], &[0xd4, 0x31, 0x01, 0xbb]].concat()
    }

    fn somebody(address: &str) -> Option<Carried> {
        Some(Carried::Somebody(Source::of(address.parse().unwrap())))
    }

    #[test]
    fn a_header_tells_its_length_and_whom_the_proxy_carries() {
        for (rest_of, expected) in [
            (header(0x21, 0x11, &v4()), somebody("203.0.113.7")),
            (header(0x21, 0x11, &[v4(), vec![0x03, 0, 4, 1, 2, 3, 4]].concat()), somebody("203.0.113.7")),
            (header(0x21, 0x21, &v6("2001:db8::7")), somebody("2001:db8::7")),
            (header(0x21, 0x21, &v6("::ffff:203.0.113.7")), somebody("203.0.113.7")),
            (header(0x20, 0x00, &[]), Some(Carried::Nobody)),
            (header(0x20, 0x11, &v4()), Some(Carried::Nobody)),
        ] {
            assert_eq!(rest(&start(&rest_of)), Some(rest_of.len() - START));
            assert_eq!(carried(&rest_of), expected);
        }
    }

    #[test]
    fn what_speaks_of_no_tcp_connection_over_ip_is_nothing() {
        for (what, bytes) in [
            ("no family", header(0x21, 0x00, &[])),
            ("a datagram", header(0x21, 0x12, &v4())),
            ("a Unix socket", header(0x21, 0x31, &[0; 216])),
            ("version 1", b"PROXY TCP4 203.0.113.7 192.0.2.1 54321 443\r\n".to_vec()),
            ("version 3", header(0x31, 0x11, &v4())),
            ("another command", header(0x22, 0x11, &v4())),
            ("half an address", header(0x21, 0x11, &v4()[..11])),
            ("fewer bytes than it says", header(0x21, 0x11, &v4())[..27].to_vec()),
            ("a TLS hello", [&[0x16, 0x03, 0x01, 0x02, 0x00, 0x01], [0; 32].as_slice()].concat()),
        ] {
            assert_eq!(carried(&bytes), None, "{what}");
        }
    }

    #[test]
    fn a_header_that_is_none_or_too_long_is_not_read_on() {
        assert_eq!(rest(&[0x16; START]), None);
        assert_eq!(rest(&start(&header(0x21, 0x11, &[0; MOST]))), Some(MOST));
        assert_eq!(rest(&start(&header(0x21, 0x11, &[0; MOST + 1]))), None);
        assert_eq!(rest(&start(&header(0x21, 0x11, &v4()[..11]))), None);
    }
}
