//! Passkeys (WebAuthn Level 3) as the rules see them: what is kept of one, and what a ceremony may have found.

use crate::id::FactorId;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// A challenge: 32 random bytes (ASVS 6.7.2 asks for 8).
pub const CHALLENGE_BYTES: usize = 32;

/// Most passkeys that one member may have (WR-24).
pub const MOST_PASSKEYS: usize = 10;

/// What is kept of a passkey, sealed with the member's other credentials. What moves at every log-in stands in [`PasskeyState`].
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Passkey {
    /// The credential id, 1 to 1,023 bytes (WR-16). Unique in the society (WR-17).
    pub credential_id: Vec<u8>,
    /// The public key as a COSE_Key (RFC 9052 §7), of one of the algorithms offered.
    pub public_key: Vec<u8>,
    /// Whether the authenticator may back it up (BE). With it the passkey is synced and never device-bound.
    pub backup_eligible: bool,
    /// How browsers may reach it: WebAuthn's `AuthenticatorTransport` words, for `allowCredentials`.
    pub transports: Vec<String>,
    /// The authenticator's model, for the name that is filled in; all zero when it does not say.
    pub aaguid: [u8; 16],
}

/// What moves when a passkey is used: compared and stored in the commit that makes the session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PasskeyState {
    /// Which factor.
    pub factor: FactorId,
    /// The authenticator's signature counter; 0 for one that does not count.
    pub counter: u32,
    /// Whether it is backed up now (BS).
    pub backed_up: bool,
}

/// What a challenge is for. An answer to one purpose serves no other (WV-06).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Ceremony {
    /// A new passkey (`navigator.credentials.create`).
    Create,
    /// A log-in or a re-authentication (`navigator.credentials.get`).
    Get,
}

/// A challenge that waits for its one answer, in the session's row: bound with it to society, member and purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Challenge {
    /// The bytes.
    pub bytes: [u8; CHALLENGE_BYTES],
    /// For what.
    pub ceremony: Ceremony,
    /// When it was made.
    pub since: Timestamp,
}

/// A passkey that a ceremony has made, before anything has been decided about it.
#[derive(Clone, PartialEq, Eq)]
pub struct NewPasskey {
    /// What is kept.
    pub passkey: Passkey,
    /// The counter it begins with.
    pub counter: u32,
    /// Whether it is backed up already.
    pub backed_up: bool,
}

/// What an answer to a `get` ceremony was found to say, its signature and everything else about it being right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Assertion {
    /// Which of the member's passkeys.
    pub factor: FactorId,
    /// The counter in it. Whether it has grown is the rules' to say ([`counter_is_good`]).
    pub counter: u32,
    /// Whether the passkey is backed up now (BS).
    pub backed_up: bool,
}

/// Whether `counter` may follow `last` (WebAuthn §7.2 step 22): it has grown, or the authenticator does not count. Anything else is the
/// sign of a copy: refused, told to the member, and never a reason to delete the passkey.
pub fn counter_is_good(last: u32, counter: u32) -> bool {
    counter > last || (counter == 0 && last == 0)
}

macro_rules! flaws {
    ($($(#[$doc:meta])* $name:ident = $id:literal),* $(,)?) => {
        /// Why an answer to a ceremony proves nothing. For the log and the harness; the page says one thing for all of them (WV-19).
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Flaw {
            $($(#[$doc])* $name),*
        }

        impl Flaw {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The permanent id.
            pub fn id(self) -> &'static str {
                match self { $(Self::$name => $id),* }
            }
        }
    };
}

flaws! {
    /// Not the JSON of a credential: not UTF-8, a key twice, a field missing, nested too deep, too large (WR-02, WV-04).
    Malformed = "passkey.malformed",
    /// `type` of the credential is not `public-key`, or `id` and `rawId` differ.
    CredentialType = "passkey.credential-type",
    /// `type` of the client data is another ceremony's (WR-03, WV-05).
    ClientDataType = "passkey.client-data-type",
    /// Not the challenge that was given (WR-04, WV-06).
    Challenge = "passkey.challenge",
    /// Not exactly the society's origin (WR-05, WV-07).
    Origin = "passkey.origin",
    /// `crossOrigin` is true (WR-06, WV-08).
    CrossOrigin = "passkey.cross-origin",
    /// `topOrigin` is there (WR-07, WV-09).
    TopOrigin = "passkey.top-origin",
    /// Not the hash of the society's own host (WR-09, WV-10).
    RpIdHash = "passkey.rp-id-hash",
    /// The user was not present (WR-10, WV-11).
    UserPresence = "passkey.user-presence",
    /// The user was not verified (WR-11, WV-12).
    UserVerification = "passkey.user-verification",
    /// Backed up without being eligible, or another eligibility than on file (WR-12, WV-13, WV-14).
    BackupFlags = "passkey.backup-flags",
    /// Authenticator data too short, too long, or with flags whose data are not there (WR-08, PK-16).
    AuthenticatorData = "passkey.authenticator-data",
    /// An algorithm that was not offered, or a key that is none of its curve's (WR-14, PK-20).
    PublicKey = "passkey.public-key",
    /// A statement where there must be none, or one that does not verify (WR-15, PK-19).
    Attestation = "passkey.attestation",
    /// A credential id of no byte or of more than 1,023, or another one than the authenticator data has (WR-16).
    CredentialId = "passkey.credential-id",
    /// A credential that is not one of the member's (WV-02, WV-03).
    UnknownCredential = "passkey.unknown-credential",
    /// The passkey is one that the member has already (WR-22).
    Excluded = "passkey.excluded",
    /// Another member's user handle (WV-03).
    UserHandle = "passkey.user-handle",
    /// The signature is not the key's (WV-15).
    Signature = "passkey.signature",
    /// What the library refuses beyond all that.
    Library = "passkey.library",
}
