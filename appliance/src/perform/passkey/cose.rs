//! Public keys as authenticators write them (COSE_Key, RFC 9052 §7; WebAuthn §5.8.5), of the algorithms that are offered.

use super::cbor::Item;
use sekisho_core::passkey::Flaw;
use serde_json::{Value, json};

/// What is offered, in order of preference, as IANA's COSE algorithm numbers and as the library names them: the three that it verifies
/// (WR-14).
pub(super) const OFFERED: [(i64, &str); 3] = [(-7, "ES256"), (-35, "ES384"), (-257, "RS256")];

/// A key whose algorithm, type and curve belong together and are offered. Whether its point is on the curve is the library's to say.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum PublicKey<'a> {
    Elliptic { algorithm: i128, x: &'a [u8], y: &'a [u8] },
    Rsa { n: &'a [u8], e: &'a [u8] },
}

impl<'a> PublicKey<'a> {
    /// Exactly the members that the key's type has: any other would be one that this check does not know and the library might.
    pub fn read(key: &Item<'a>) -> Result<Self, Flaw> {
        Self::parse(key).ok_or(Flaw::PublicKey)
    }

    fn parse(key: &Item<'a>) -> Option<Self> {
        let int = |label| key.label(label).and_then(Item::int);
        let bytes = |label, length| key.label(label).and_then(Item::bytes).filter(|bytes| bytes.len() == length);
        let (kty, algorithm, members) = (int(1)?, int(3)?, key.entries()?.len());
        let elliptic = |curve, length| {
            let fits = kty == 2 && members == 5 && int(-1)? == curve;
            fits.then_some(Self::Elliptic { algorithm, x: bytes(-2, length)?, y: bytes(-3, length)? })
        };
        match algorithm {
            -7 => elliptic(1, 32),
            -35 => elliptic(2, 48),
            // RSA of 2,048 bits, all of them in use, with an exponent of three bytes: what TPMs make, and all that the library knows.
            -257 if kty == 3 && members == 4 => {
                let n = bytes(-1, 256).filter(|n| n.first() >= Some(&0x80))?;
                Some(Self::Rsa { n, e: bytes(-2, 3)? })
            }
            _ => None,
        }
    }

    /// The key in the library's own record format.
    pub fn record(&self) -> Value {
        match self {
            Self::Elliptic { algorithm: -7, x, y } => json!({ "type_": "ES256", "key": elliptic("SECP256R1", x, y) }),
            Self::Elliptic { x, y, .. } => json!({ "type_": "ES384", "key": elliptic("SECP384R1", x, y) }),
            Self::Rsa { n, e } => json!({ "type_": "RS256", "key": { "RSA": { "n": super::base64url(n), "e": e } } }),
        }
    }
}

fn elliptic(curve: &str, x: &[u8], y: &[u8]) -> Value {
    json!({ "EC_EC2": { "curve": curve, "x": super::base64url(x), "y": super::base64url(y) } })
}
