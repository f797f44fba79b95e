//! What can be wrong with an answer, one thing at a time.

use super::answer::{ATTESTED, Answer, BACKED_UP, BACKUP_ELIGIBLE, EXTENDED, Statement, USER_PRESENT, USER_VERIFIED, int, text};
use super::signature::Signing;
use super::{Ceremony, bytes};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ciborium::Value;

macro_rules! mutations {
    ($($(#[$doc:meta])* $name:ident => |$answer:ident| $change:expr),* $(,)?) => {
        /// One change to a right answer.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Mutation {
            $($(#[$doc])* $name),*
        }

        impl Mutation {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            pub(super) fn apply(self, answer: &mut Answer) {
                match self { $(Self::$name => { let $answer = answer; $change; }),* }
            }
        }
    };
}

mutations! {
    // The client data.

    /// `type` of the other ceremony.
    OtherCeremony => |a| a.client.r#type = if a.ceremony == Ceremony::Create { "webauthn.get" } else { "webauthn.create" },
    /// `type` of no ceremony.
    NoCeremony => |a| a.client.r#type = "payment.get",
    /// A challenge that was never given, or not for this.
    OtherChallenge => |a| a.client.challenge = bytes(0, "challenge").to_vec(),
    /// The right challenge without its last byte.
    ShortChallenge => |a| a.client.challenge.truncate(31),
    /// No challenge.
    EmptyChallenge => |a| a.client.challenge.clear(),
    /// `http` instead of `https`.
    OriginHttp => |a| a.client.origin = a.client.origin.replacen("https://", "http://", 1),
    /// Another port.
    OriginPort => |a| a.client.origin.push_str(":8443"),
    /// The default port, written out.
    OriginDefaultPort => |a| a.client.origin.push_str(":443"),
    /// A host below.
    OriginBelow => |a| a.client.origin = a.client.origin.replacen("://", "://evil.", 1),
    /// The host above.
    OriginAbove => |a| a.client.origin = format!("https://{}", a.data.party.split_once('.').map_or("test", |(_, above)| above)),
    /// A host that ends the same.
    OriginPrefixed => |a| a.client.origin = a.client.origin.replacen("://", "://evil", 1),
    /// A host that begins the same.
    OriginContinued => |a| a.client.origin.push_str(".evil.test"),
    /// Another host.
    OriginOther => |a| a.client.origin = "https://other.example.test".to_owned(),
    /// With a user before the host.
    OriginUser => |a| a.client.origin = a.client.origin.replacen("://", "://user@", 1),
    /// With a slash at the end.
    OriginSlash => |a| a.client.origin.push('/'),
    /// With a path.
    OriginPath => |a| a.client.origin.push_str("/login"),
    /// In capitals.
    OriginCapitals => |a| a.client.origin = a.client.origin.to_ascii_uppercase(),
    /// That of a sandboxed frame.
    OriginNull => |a| a.client.origin = "null".to_owned(),
    /// That of an Android app.
    OriginApp => |a| a.client.origin = "android:apk-key-hash:Oez-cSRS1Xpcid3NtV3F4bKGZ1WSfXpfvTGTwGqHbTc".to_owned(),
    /// In another site's frame.
    CrossOrigin => |a| a.client.further = br#","crossOrigin":true"#.to_vec(),
    /// `crossOrigin` as a word.
    CrossOriginWord => |a| a.client.further = br#","crossOrigin":"true""#.to_vec(),
    /// The other site is named.
    TopOrigin => |a| a.client.further.extend(br#","topOrigin":"https://evil.test""#),
    /// Nobody is named as the other site.
    TopOriginNull => |a| a.client.further.extend(br#","topOrigin":null"#),
    /// The origin twice, the right one last.
    OriginTwice => |a| a.client.further.extend(format!(r#","origin":"{}""#, a.client.origin).into_bytes()),
    /// The challenge twice.
    ChallengeTwice => |a| {
        let again = format!(r#","challenge":"{}""#, URL_SAFE_NO_PAD.encode(&a.client.challenge));
        a.client.further.extend(again.into_bytes());
    },
    /// A member that nobody knows twice.
    UnknownTwice => |a| a.client.further.extend(br#","extra":1,"extra":2"#),
    /// A byte order mark.
    ByteOrderMark => |a| a.client.before = b"\xef\xbb\xbf".to_vec(),
    /// Bytes that are no UTF-8.
    NotUtf8 => |a| a.client.further.extend(b",\"extra\":\"\xff\xfe\""),
    /// Nested 10,000 deep.
    DeeplyNested => |a| a.client.further.extend([br#","extra":"#.to_vec(), vec![b'['; 10_000], vec![b']'; 10_000]].concat()),
    /// Something after the client data.
    ClientDataContinued => |a| a.client.after = b"{}".to_vec(),

    // The envelope.

    /// `type` of another kind of credential.
    CredentialType => |a| a.envelope.r#type = "password",
    /// An `id` that is not `rawId`.
    IdNotRawId => |a| a.envelope.id = URL_SAFE_NO_PAD.encode(bytes(0, "id")),
    /// An id, in both places, that is not the one in the authenticator data, or not one of the member's.
    OtherId => |a| {
        a.envelope.id = URL_SAFE_NO_PAD.encode(bytes(0, "id"));
        a.envelope.raw_id.clone_from(&a.envelope.id);
    },
    /// `rawId` with padding.
    PaddedId => |a| a.envelope.raw_id.push_str("=="),
    /// `rawId` twice.
    IdTwice => |a| a.envelope.further = format!(r#","rawId":"{}""#, a.envelope.raw_id),
    /// `type` twice.
    TypeTwice => |a| a.envelope.further = r#","type":"public-key""#.to_owned(),
    /// No response.
    NoResponse => |a| a.envelope.has_response = false,
    /// More than 64 KiB of it.
    TooLong => |a| a.envelope.further = format!(r#","extra":"{}""#, "x".repeat(64 * 1024)),
    /// Something after the JSON.
    JsonContinued => |a| a.envelope.after = "{}",

    // The authenticator data.

    /// Made for another host.
    OtherParty => |a| a.data.party = "other.example.test".to_owned(),
    /// Made for the host above, which browsers allow.
    PartyAbove => |a| a.data.party = a.data.party.split_once('.').map_or_else(String::new, |(_, above)| above.to_owned()),
    /// Nobody was there.
    UserNotPresent => |a| a.data.flags &= !USER_PRESENT,
    /// Somebody was there who showed nothing.
    UserNotVerified => |a| a.data.flags &= !USER_VERIFIED,
    /// A copy of what cannot be copied.
    BackedUpNotEligible => |a| a.data.flags = a.data.flags & !BACKUP_ELIGIBLE | BACKED_UP,
    /// It can be copied, or not, and that was otherwise before.
    EligibilityChanged => |a| a.data.flags ^= BACKUP_ELIGIBLE,
    /// A byte after the authenticator data.
    DataContinued => |a| a.data.after = vec![0],
    /// The flag of extensions without extensions.
    ExtensionsMissing => |a| a.data.flags |= EXTENDED,
    /// Extensions without their flag.
    ExtensionsUnflagged => |a| a.data.after = b"\xa1\x63uvm\xf5".to_vec(),
    /// Extensions that are no map.
    ExtensionsNotAMap => |a| { a.data.flags |= EXTENDED; a.data.after = b"\x63uvm".to_vec() },
    /// The same extension twice.
    ExtensionTwice => |a| { a.data.flags |= EXTENDED; a.data.after = b"\xa2\x63uvm\xf5\x63uvm\xf4".to_vec() },
    /// Extensions and a byte after them.
    ExtensionsContinued => |a| { a.data.flags |= EXTENDED; a.data.after = b"\xa1\x63uvm\xf5\x00".to_vec() },
    /// One byte short of a counter.
    DataShort => |a| a.data.length = 36,
    /// None at all.
    DataEmpty => |a| a.data.length = 0,
    /// No new credential in a creation; one in an assertion.
    AttestedFlagFlipped => |a| a.data.flags ^= ATTESTED,
    /// The new credential cut off.
    CredentialCut => |a| a.data.length = 60,

    // The new credential.

    /// A credential id of no bytes.
    EmptyCredentialId => |a| set_id(a, 0),
    /// A credential id of 1,024 bytes.
    LongCredentialId => |a| set_id(a, 1024),
    /// EdDSA, which was not offered.
    AlgorithmEdDsa => |a| a.data.key = vec![
        (int(1), int(1)), (int(3), int(-8)), (int(-1), int(6)), (int(-2), Value::Bytes(bytes(0, "x").to_vec())),
    ],
    /// ES512, which was not offered.
    AlgorithmEs512 => |a| set(&mut a.data.key, 3, int(-36)),
    /// An RSA key of 1,024 bits.
    RsaShort => |a| a.data.key = rsa_key(128),
    /// An RSA key of 1,024 bits, filled up to 2,048 with zeros.
    RsaPadded => |a| {
        a.data.key = rsa_key(128);
        set(&mut a.data.key, -1, Value::Bytes([vec![0; 128], vec![0xc1; 127], vec![1]].concat()));
    },
    /// ES256 on a key that says it is of RSA.
    OtherKeyType => |a| set(&mut a.data.key, 1, int(3)),
    /// ES256 on P-384: a curve of another algorithm, and a point of neither.
    OtherCurve => |a| set(&mut a.data.key, -1, int(2)),
    /// ES256 on P-384, with a point of P-384: everything in order but the pair.
    CurveOfOtherAlgorithm => |a| a.data.key = p384_key(-7),
    /// A point off the curve.
    PointOffCurve => |a| set(&mut a.data.key, -3, Value::Bytes(vec![1; 32])),
    /// A coordinate of 31 bytes.
    ShortCoordinate => |a| set(&mut a.data.key, -2, Value::Bytes(vec![1; 31])),
    /// A compressed point.
    CompressedPoint => |a| set(&mut a.data.key, -3, Value::Bool(true)),
    /// A member that such a key has not.
    ExtraKeyMember => |a| a.data.key.push((int(2), Value::Bytes(vec![1]))),
    /// The algorithm twice, the right one last.
    KeyMemberTwice => |a| a.data.key.insert(1, (int(3), int(-8))),
    /// A key of indefinite length.
    KeyIndefinite => |a| a.data.key_is_indefinite = true,

    // The attestation.

    /// `none`, with a statement.
    NoneWithStatement => |a| a.attestation.statement = Statement::Of(vec![(text("alg"), int(-7))]),
    /// By the new key itself, signed by another one.
    SelfByOtherKey => |a| attest(a, Signing::ByOtherKey, -7),
    /// By the new key itself, under the name of another algorithm.
    SelfOtherAlgorithm => |a| attest(a, Signing::Right, -257),
    /// By the new key itself, without a signature.
    SelfUnsigned => |a| attest(a, Signing::Empty, -7),
    /// With certificates.
    Certificates => |a| {
        a.attestation.format = "packed";
        let chain = Value::Array(vec![Value::Bytes(vec![0x30, 0])]);
        a.attestation.statement = Statement::ByItself(Signing::Right, -7, vec![(text("x5c"), chain)]);
    },
    /// Of a kind that nobody verifies.
    SafetyNet => |a| a.attestation.format = "android-safetynet",
    /// Of a U2F key.
    U2f => |a| a.attestation.format = "fido-u2f",
    /// Of no kind that there is.
    UnknownFormat => |a| a.attestation.format = "mine",
    /// The format twice, the right one first.
    FormatTwice => |a| a.attestation.further = vec![(text("fmt"), text("packed"))],
    /// An attestation object of indefinite length.
    ObjectIndefinite => |a| a.attestation.is_indefinite = true,
    /// Something after the attestation object.
    ObjectContinued => |a| a.attestation.after = vec![0],

    // The assertion.

    /// Another member's user handle.
    OtherUserHandle => |a| a.envelope.user_handle = Some(vec![0x5a; 16]),
    /// An empty user handle.
    EmptyUserHandle => |a| a.envelope.user_handle = Some(Vec::new()),
    /// The right user handle and a byte more.
    LongUserHandle => |a| a.envelope.user_handle.get_or_insert_default().push(0),
    /// Signed by another key.
    SignatureByOtherKey => |a| a.signing = Signing::ByOtherKey,
    /// `r = s = 0`.
    SignatureZero => |a| a.signing = Signing::Zero,
    /// `r = s = n`.
    SignatureOrder => |a| a.signing = Signing::Order,
    /// One bit flipped.
    SignatureBitFlipped => |a| a.signing = Signing::BitFlipped,
    /// `r ‖ s` instead of DER.
    SignatureRaw => |a| a.signing = Signing::Raw,
    /// BER instead of DER.
    SignatureBer => |a| a.signing = Signing::LongLength,
    /// A byte after the signature.
    SignatureContinued => |a| a.signing = Signing::Trailing,
    /// No signature.
    SignatureEmpty => |a| a.signing = Signing::Empty,
    /// A signature of something else.
    SignatureOfLess => |a| a.signing = Signing::OfLess,

    // What is unusual and right.

    /// The other signature of every pair (high or low `s`).
    SignatureMirrored => |a| a.signing = Signing::Mirrored,
    /// No user handle, as old authenticators answer.
    NoUserHandle => |a| a.envelope.user_handle = None,
    /// A credential id of one byte.
    ShortestCredentialId => |a| set_id(a, 1),
    /// A credential id of 1,023 bytes.
    LongestCredentialId => |a| set_id(a, 1023),
    /// An extension that nobody asked for.
    UnaskedExtension => |a| { a.data.flags |= EXTENDED; a.data.after = b"\xa1\x63uvm\xf5".to_vec() },
    /// Members of the client data that come later in the standard.
    UnknownClientData => |a| a.client.further.extend(br#","extra":{"a":[1,null]},"tokenBinding":{"status":"supported"}"#),
    /// Members of the envelope that browsers add.
    UnknownMembers => |a| a.envelope.further = r#","authenticatorAttachment":"platform","extra":[]"#.to_owned(),
    /// No `crossOrigin`, as old browsers answer.
    NoCrossOrigin => |a| a.client.further.clear(),
    /// By the new key itself.
    SelfAttested => |a| attest(a, Signing::Right, -7),
}

fn set_id(answer: &mut Answer, length: usize) {
    answer.data.credential_id = vec![7; length];
    answer.envelope.id = URL_SAFE_NO_PAD.encode(&answer.data.credential_id);
    answer.envelope.raw_id.clone_from(&answer.envelope.id);
}

fn set(key: &mut [(Value, Value)], label: i64, value: Value) {
    if let Some((_, old)) = key.iter_mut().find(|(known, _)| *known == int(label)) {
        *old = value;
    }
}

fn attest(answer: &mut Answer, signing: Signing, algorithm: i64) {
    answer.attestation.format = "packed";
    answer.attestation.statement = Statement::ByItself(signing, algorithm, Vec::new());
}

fn rsa_key(length: usize) -> Vec<(Value, Value)> {
    let modulus = [vec![0xc1; length.saturating_sub(1)], vec![1]].concat();
    vec![(int(1), int(3)), (int(3), int(-257)), (int(-1), Value::Bytes(modulus)), (int(-2), Value::Bytes(vec![1, 0, 1]))]
}

/// The generator of P-384 (SP 800-186 §3.2.1.4): a point that is on its curve.
fn p384_key(algorithm: i64) -> Vec<(Value, Value)> {
    let coordinate = |hex: &str| Value::Bytes(data_encoding::HEXLOWER.decode(hex.as_bytes()).unwrap_or_default());
    let x = "aa87ca22be8b05378eb1c71ef320ad746e1d3b628ba79b9859f741e082542a385502f25dbf55296c3a545e3872760ab7";
    let y = "3617de4a96262c6f5d9e98bf9292dc29f8f41dbd289a147ce9da3113b5f0b8c00a60b1ce1d7e819d7a431d7c90ea0e5f";
    vec![(int(1), int(2)), (int(3), int(algorithm)), (int(-1), int(2)), (int(-2), coordinate(x)), (int(-3), coordinate(y))]
}
