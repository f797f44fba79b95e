//! Signatures, right and otherwise.

use p256::ecdsa::signature::Signer as _;
use p256::ecdsa::{Signature, SigningKey};

/// How the answer is signed. Numbers are DER integers of an ECDSA-Sig-Value unless it says otherwise.
#[derive(Clone, Copy)]
pub(super) enum Signing {
    Right,
    /// The other of the two signatures that every signature stands for: `s` taken from the group's order.
    Mirrored,
    ByOtherKey,
    /// `r = s = 0`.
    Zero,
    /// `r = s = n`, the group's order.
    Order,
    BitFlipped,
    /// `r ‖ s` as 64 bytes, as JOSE has it.
    Raw,
    /// The outer length in two bytes: BER, not DER.
    LongLength,
    Trailing,
    Empty,
    /// Of the same bytes without the last.
    OfLess,
}

impl Signing {
    pub fn sign(self, key: &SigningKey, other: &SigningKey, message: &[u8]) -> Vec<u8> {
        let der = |signature: Signature| signature.to_der().as_bytes().to_vec();
        let right: Signature = key.sign(message);
        match self {
            Self::Right => der(right),
            Self::Mirrored => Signature::from_scalars(*right.r(), -*right.s()).map(der).unwrap_or_default(),
            Self::ByOtherKey => der(other.sign(message)),
            Self::Zero => b"\x30\x06\x02\x01\x00\x02\x01\x00".to_vec(),
            Self::Order => {
                let number = [b"\x02\x21\x00".as_slice(), &ORDER].concat();
                [b"\x30\x46".as_slice(), &number, &number].concat()
            }
            Self::BitFlipped => {
                let mut bytes = der(right);
                if let Some(last) = bytes.last_mut() {
                    *last ^= 1;
                }
                bytes
            }
            Self::Raw => right.to_bytes().to_vec(),
            Self::LongLength => {
                let mut bytes = der(right);
                bytes.insert(1, 0x81);
                bytes
            }
            Self::Trailing => [der(right), vec![0]].concat(),
            Self::Empty => Vec::new(),
            Self::OfLess => der(key.sign(message.split_last().map_or(message, |(_, less)| less))),
        }
    }
}

/// The order of P-256 (SP 800-186 §3.2.1.3).
const ORDER: [u8; 32] = [
    0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17,
    0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
];

#[cfg(test)]
mod tests {
    use super::*;
    use data_encoding::HEXLOWER;
    use ring::digest::{SHA256, digest};

    #[test]
    fn the_right_signature_is_the_standards_own() {
        // WebAuthn Level 3 §16, none.ES256: signed as RFC 6979 says, so there is one right signature.
        let hex = |hex: &str| HEXLOWER.decode(hex.as_bytes()).unwrap();
        let key = SigningKey::from_slice(&hex("6e68e7a58484a3264f66b77f5d6dc5bc36a47085b615c9727ab334e8c369c2ee")).unwrap();
        let client_data =
            br#"{"type":"webauthn.get","challenge":"OcDnUhQXulTUPo3JUXT0I97pvzzYBP9tZchXyav01Ag","origin":"https://example.org","crossOrigin":false}"#;
        let data = hex("bfabc37432958b063360d3ad6461c9c4735ae7f8edd46592a5e0f01452b2e4b51900000000");
        let signature = hex(concat!(
            "3046022100f50a4e2e4409249c4a853ba361282f09841df4dd4547a13a87780218deffcd38",
            "0221008480ac0f0b93538174f575bf11a1dd5d78c6e486013f937295ea13653e331e87"
        ));
        let message = [data.as_slice(), digest(&SHA256, client_data).as_ref()].concat();
        assert_eq!(Signing::Right.sign(&key, &key, &message), signature);
    }
}
