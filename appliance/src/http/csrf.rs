//! Three layers against forms that another site makes a browser send (P-09).
//!
//! 1. `Sec-Fetch-Site`, where the browser sends it, says `same-origin`, or `none` for what the member started by hand.
//! 2. `Origin` is the society's. Under our `Referrer-Policy: no-referrer` browsers blank it to `null` on our own forms too
//!    (Fetch §3.2 "append a request `Origin` header"), so `null` is let through where layer 1 has spoken, and only there.
//! 3. The form carries a MAC of the browser's cookie under the society's key, masked anew for each answer (BREACH).

use crate::ports::{Entropy, Fault};
use crate::society::SocietyKeys;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::header::{HeaderMap, ORIGIN};
use ring::hmac;

/// Layers 1 and 2: whether the headers of a POST speak of a page of the society at `origin`.
pub fn comes_from(origin: &str, headers: &HeaderMap) -> bool {
    let site = one(headers, "sec-fetch-site");
    match (site, one(headers, ORIGIN.as_str())) {
        (Sent::Twice, _) | (_, Sent::Twice) => false,
        (Sent::Once("same-origin" | "none"), given) => matches!(given, Sent::No | Sent::Once("null")) || given == Sent::Once(origin),
        (Sent::Once(_), _) => false,
        (Sent::No, given) => given == Sent::Once(origin),
    }
}

#[derive(PartialEq)]
enum Sent<'a> {
    No,
    Once(&'a str),
    Twice,
}

fn one<'a>(headers: &'a HeaderMap, name: &str) -> Sent<'a> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (None, _) => Sent::No,
        (Some(value), None) => Sent::Once(value.to_str().unwrap_or("unreadable")),
        _ => Sent::Twice,
    }
}

/// The value of the hidden field for the browser that `cookie` names.
pub fn token(keys: &SocietyKeys, cookie: &[u8; 32], entropy: &(dyn Entropy + 'static)) -> Result<String, Fault> {
    let mask: [u8; 32] = entropy.bytes()?;
    let masked = xor(&mask, &keys.csrf(cookie));
    Ok(URL_SAFE_NO_PAD.encode([mask, masked].concat()))
}

/// Layer 3: whether `sent` was made by [`token`] for the browser that `cookie` names.
pub fn fits(keys: &SocietyKeys, cookie: &[u8; 32], sent: &str) -> bool {
    let mut bytes = [0; 66];
    let Ok(64) = URL_SAFE_NO_PAD.decode_slice(sent, &mut bytes) else { return false };
    let (Some(mask), Some(masked)) = (bytes.first_chunk(), bytes.get(32..64).and_then(|rest| rest.first_chunk())) else { return false };
    // Both sides go through an HMAC under a key of this request: ring compares tags in constant time, and offers that for nothing else.
    let blind = hmac::Key::new(hmac::HMAC_SHA256, mask);
    hmac::verify(&blind, &xor(mask, masked), hmac::sign(&blind, &keys.csrf(cookie)).as_ref()).is_ok()
}

fn xor(a: &[u8; 32], b: &[u8; 32]) -> [u8; 32] {
    let mut out = *a;
    out.iter_mut().zip(b).for_each(|(out, b)| *out ^= b);
    out
}
