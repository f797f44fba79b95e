//! What a proxy says of a connection is read without a panic, and words before the proxy's own never make a member somebody else.
#![no_main]

use http::header::{FORWARDED, HeaderMap, HeaderValue};
use libfuzzer_sys::fuzz_target;
use sekisho::http::forwarded;
use sekisho::http::proxy::{self, Proxies, Says};
use sekisho_core::source::{Networks, Source};

fn at(address: &str) -> Source {
    Source::of(address.parse().expect("an address"))
}

fuzz_target!(|bytes: &[u8]| {
    if let Some(start) = bytes.first_chunk::<{ proxy::START }>() {
        let whole = proxy::rest(start).and_then(|rest| bytes.get(..start.len() + rest));
        proxy::carried(whole.unwrap_or(bytes));
    }
    let trusted = Networks::new(vec!["10.0.0.0/8".parse().expect("a network")]);
    let proxies = Proxies { trusted, says: Says::Forwarded };
    let (peer, member, stranger) = (at("10.0.0.1"), at("192.0.2.60"), at("203.0.113.9"));
    for own in ["for=192.0.2.60", "for=\"192.0.2.60:4711\"", "by=10.0.0.1;for=192.0.2.60;host=\"a\""] {
        let joined = [bytes, b", ", own.as_bytes()].concat();
        let Ok(joined) = HeaderValue::from_bytes(&joined) else { continue };
        let mut headers = HeaderMap::new();
        headers.append(FORWARDED, joined);
        let found = forwarded::source(&proxies, peer, &headers);
        assert!(found == member || found == peer);
        assert_eq!(forwarded::source(&proxies, stranger, &headers), stranger);
        headers.append(FORWARDED, HeaderValue::from_static(own));
        assert_eq!(forwarded::source(&proxies, peer, &headers), member);
    }
});
