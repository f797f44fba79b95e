//! Names for things, each a type of its own so that one cannot be taken for another.

use serde::{Deserialize, Serialize};

macro_rules! opaque {
    ($(#[$doc:meta])* $name:ident, $len:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub struct $name(pub [u8; $len]);

        impl $name {
            /// How many bytes it has.
            pub const LEN: usize = $len;
        }
    };
}

opaque!(
    /// A member, for ever: random, never reused, told to nobody but the member's own mail link.
    MemberId, 16
);
opaque!(
    /// SHA-256 of a session cookie: what the store knows a session by.
    SessionKey, 32
);
opaque!(
    /// SHA-256 of a browser's cookie: what the store knows a browser by that a member has logged in with.
    BrowserKey, 32
);
opaque!(
    /// A browser that members have logged in with, whatever its cookie is at present: the first [`BrowserKey`] that it had.
    BrowserId, 32
);
opaque!(
    /// One pending item (an address that waits for its link, a seed that waits for its code). Random.
    ItemId, 8
);
opaque!(
    /// HMAC of something a member types (user ID, card, address): finds a row without telling what was typed.
    BlindIndex, 16
);

/// The short name of a society: `a-z`, `0-9` and `-`, 1 to 40 characters. Names its file, its keys and its configuration.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SocietyName(String);

impl SocietyName {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for SocietyName {
    type Error = &'static str;

    fn try_from(name: String) -> Result<Self, Self::Error> {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if (1..=40).contains(&name.len()) && name.chars().all(plain) && !name.starts_with('-') {
            Ok(Self(name))
        } else {
            Err("a society's name has 1 to 40 characters: a-z, 0-9 and -, and does not begin with -")
        }
    }
}

impl From<SocietyName> for String {
    fn from(name: SocietyName) -> Self {
        name.0
    }
}

impl core::fmt::Display for SocietyName {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(&self.0)
    }
}

/// A factor within one member's credentials: counted up, never reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct FactorId(pub u32);

/// Which issue of one password or factor a proof speaks of. A proof of an older one is void (design law 2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Generation(pub u32);

/// Revision of a member's record: every change moves it, and a change made from an older one is a conflict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Revision(pub u64);

impl Revision {
    /// The revision after this one.
    pub fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}
