//! Who stands behind trusted proxies, by `Forwarded` (RFC 7239). Read strictly, quotes and all: what a proxy repeats of a member's own
//! words (`host="…"`) must not be taken for the proxy's. The parsers that exist split at every comma, in quotes or not.

use super::proxy::Proxies;
use http::HeaderMap;
use http::header::FORWARDED;
use sekisho_core::source::Source;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Where a request comes from that `peer` brought: from the right, the first address that is no trusted proxy's. What stands left of it
/// anybody may have written. `peer` itself where it is not trusted, and where anything on the way is not an address.
pub fn source(proxies: &Proxies, peer: Source, headers: &HeaderMap) -> Source {
    behind(proxies, peer, headers).unwrap_or(peer)
}

fn behind(proxies: &Proxies, peer: Source, headers: &HeaderMap) -> Option<Source> {
    let mut last = peer;
    if !proxies.trusts(peer) {
        return Some(peer);
    }
    for value in headers.get_all(FORWARDED).iter().rev() {
        for element in elements(value.to_str().ok()?)?.into_iter().rev() {
            last = node(&element?)?;
            if !proxies.trusts(last) {
                return Some(last);
            }
        }
    }
    Some(last)
}

/// The `for` of each element; `None` if the whole is not such a list.
fn elements(text: &str) -> Option<Vec<Option<String>>> {
    let mut scan = Scan(text);
    let mut elements = Vec::new();
    loop {
        scan.spaces();
        elements.push(scan.element()?);
        scan.spaces();
        if scan.0.is_empty() {
            return Some(elements);
        }
        scan.sign(',')?;
    }
}

/// The address of a node: `192.0.2.43`, `192.0.2.43:47011`, `[2001:db8::17]`, `[2001:db8::17]:_port`. `unknown` and hidden names are
/// none.
fn node(text: &str) -> Option<Source> {
    let (address, port) = match text.strip_prefix('[') {
        Some(rest) => {
            let (address, port) = rest.split_once(']')?;
            (IpAddr::V6(address.parse::<Ipv6Addr>().ok()?), port)
        }
        None => {
            let (address, port) = text.split_at(text.find(':').unwrap_or(text.len()));
            (IpAddr::V4(address.parse::<Ipv4Addr>().ok()?), port)
        }
    };
    (port.is_empty() || is_port(port.strip_prefix(':')?)).then(|| Source::of(address))
}

/// RFC 7239 §6: a number of at most five digits, or a hidden name.
fn is_port(text: &str) -> bool {
    match text.strip_prefix('_') {
        Some(name) => !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c)),
        None => (1..=5).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit()),
    }
}

/// What is left to be read.
struct Scan<'a>(&'a str);

impl<'a> Scan<'a> {
    fn spaces(&mut self) {
        self.0 = self.0.trim_start_matches([' ', '\t']);
    }

    fn sign(&mut self, sign: char) -> Option<()> {
        self.0 = self.0.strip_prefix(sign)?;
        Some(())
    }

    /// Pairs parted by `;`. No parameter may stand twice (§4).
    fn element(&mut self) -> Option<Option<String>> {
        let mut names: Vec<String> = Vec::new();
        let mut forwarded_for = None;
        loop {
            if let Some(name) = self.token() {
                let name = name.to_ascii_lowercase();
                self.sign('=')?;
                let value = self.value()?;
                if names.contains(&name) {
                    return None;
                }
                if name == "for" {
                    forwarded_for = Some(value);
                }
                names.push(name);
            }
            if self.sign(';').is_none() {
                return Some(forwarded_for);
            }
        }
    }

    fn value(&mut self) -> Option<String> {
        if self.sign('"').is_none() {
            return self.token().map(str::to_owned);
        }
        let mut value = String::new();
        let mut chars = self.0.char_indices();
        while let Some((at, c)) = chars.next() {
            match c {
                '"' => {
                    self.0 = self.0.get(at + 1..)?;
                    return Some(value);
                }
                '\\' => value.push(chars.next()?.1),
                _ => value.push(c),
            }
        }
        None
    }

    /// RFC 9110 §5.6.2.
    fn token(&mut self) -> Option<&'a str> {
        let is_in = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
        let (token, rest) = self.0.split_at(self.0.find(|c| !is_in(c)).unwrap_or(self.0.len()));
        self.0 = rest;
        (!token.is_empty()).then_some(token)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;
    use proptest::prelude::*;
    use sekisho_core::source::Networks;

    const PEER: &str = "10.0.0.1";

    fn proxies() -> Proxies {
        let trusted = Networks::new(vec!["10.0.0.0/8".parse().unwrap(), "2001:db8:ffff::/48".parse().unwrap()]);
        Proxies { trusted, ..Proxies::default() }
    }

    fn at(address: &str) -> Source {
        Source::of(address.parse().unwrap())
    }

    /// Whom `peer` carries, by these lines of the header.
    fn by(peer: &str, lines: &[&str]) -> Source {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(FORWARDED, HeaderValue::from_str(line).unwrap());
        }
        source(&proxies(), at(peer), &headers)
    }

    #[test]
    fn a_trusted_peer_is_believed_in_every_form_of_an_address() {
        for (line, expected) in [
            ("for=192.0.2.60;proto=http;by=203.0.113.43", "192.0.2.60"),
            ("For=192.0.2.60", "192.0.2.60"),
            ("for=\"192.0.2.43:47011\"", "192.0.2.43"),
            ("for=\"[2001:db8:cafe::17]:4711\"", "2001:db8:cafe::17"),
            ("for=\"[2001:db8:cafe::17]\"", "2001:db8:cafe::17"),
            ("for=\"[2001:db8:cafe::17]:_obf-1.2\"", "2001:db8:cafe::17"),
            ("for=\"[::ffff:192.0.2.60]\"", "192.0.2.60"),
            ("for=\"192\\.0.2.60\"", "192.0.2.60"),
            ("proto=https;;for=192.0.2.60;", "192.0.2.60"),
            ("host=\"a;b\\\"c,d\";for=192.0.2.60", "192.0.2.60"),
            ("for=198.51.100.1, for=192.0.2.60", "192.0.2.60"),
            ("for=198.51.100.1,\tfor=192.0.2.60 , for=10.2.3.4", "192.0.2.60"),
            ("for=192.0.2.60, for=\"[2001:db8:ffff::1]:443\"", "192.0.2.60"),
            ("for=10.9.9.9, for=10.2.3.4", "10.9.9.9"),
        ] {
            assert_eq!(by(PEER, &[line]).address(), expected.parse::<IpAddr>().unwrap(), "{line}");
        }
        assert_eq!(by(PEER, &["for=198.51.100.1", "for=192.0.2.60", "for=10.0.0.2"]), at("192.0.2.60"));
        assert_eq!(by(PEER, &["\"broken", "for=192.0.2.60"]), at("192.0.2.60"), "what is left of the source is nobody's business");
    }

    #[test]
    fn whatever_is_not_an_address_is_the_peer() {
        for line in [
            "",
            ",",
            "for",
            "for=",
            "for=unknown",
            "for=_hidden",
            "proto=https",
            "by=192.0.2.60",
            "for=192.0.2.60;for=192.0.2.61",
            "for=192.0.2.60 ;proto=http",
            "for = 192.0.2.60",
            "for=192.0.2.60,",
            "for=192.0.2.60,,for=10.0.0.2",
            "for=192.0.2",
            "for=192.0.2.060",
            "for=192.0.2.60:80",
            "for=[2001:db8::1]",
            "for=2001:db8::1",
            "for=\"2001:db8::1\"",
            "for=\"[2001:db8::1\"",
            "for=\"[192.0.2.60]\"",
            "for=\"[fe80::1%eth0]\"",
            "for=\"192.0.2.60:\"",
            "for=\"192.0.2.60:123456\"",
            "for=\"192.0.2.60:_\"",
            "for=\"192.0.2.60",
            "for=\"192.0.2.60\"x",
            "for='192.0.2.60'",
            "for=\" 192.0.2.60\"",
            "for=192.0.2.60 x",
            "192.0.2.60",
        ] {
            assert_eq!(by(PEER, &[line]), at(PEER), "{line}");
        }
        assert_eq!(by(PEER, &[]), at(PEER));
    }

    #[test]
    fn an_untrusted_peer_speaks_for_itself_alone() {
        for peer in ["203.0.113.9", "2001:db8::9"] {
            assert_eq!(by(peer, &["for=192.0.2.60", "for=10.0.0.2"]), at(peer));
        }
    }

    /// A proxy repeats the member's `Host` in quotes, and the member has put another source into it.
    #[test]
    fn what_a_proxy_quotes_is_not_taken_for_its_own_words() {
        let line = "for=192.0.2.60;host=\"a, for=198.51.100.1;x=\\\"\"";
        assert_eq!(by(PEER, &[line]), at("192.0.2.60"));
    }

    proptest! {
        /// ux row 34: whatever a member writes, the proxy's own words stand behind it, and nobody but the member or the proxy pays.
        #[test]
        fn no_words_before_the_proxys_make_the_member_somebody_else(
            words in "[ -~]{0,40}|(for=|host=|\"|\\\\|;|,| |198\\.51\\.100\\.1|x=){0,12}",
            own in prop::sample::select(vec!["for=192.0.2.60", "for=\"192.0.2.60:1\"", "by=10.0.0.1;for=192.0.2.60;host=\"a\""]),
        ) {
            let (member, peer) = (at("192.0.2.60"), at(PEER));
            let found = by(PEER, &[&format!("{words}, {own}")]);
            prop_assert!(found == member || found == peer, "{}", words);
            prop_assert_eq!(by(PEER, &[&words, own]), member);
        }
    }
}
