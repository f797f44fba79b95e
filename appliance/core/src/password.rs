//! Passwords: one folding, and what may be chosen.

use crate::secret::Secret;
use crate::tenant::PasswordRule;
use crate::user_id::UserId;
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroize;

/// More bytes than this are not looked at, let alone hashed (N-07, H-03).
pub const LONGEST_BYTES: usize = 1024;

/// Signs that the manuals allow beside letters and digits.
const SIGNS: &str = "!\"#$%&'()=~|`{+*}<>?_-^\\@[;:],./";

/// A password, folded once: NFKC where the society's set is ASCII, NFC elsewhere (design §11). Exact otherwise.
pub struct Password(Secret<String>);

/// Why a password may not be chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unfit {
    /// Fewer code points than the rule's minimum.
    TooShort,
    /// More than its maximum.
    TooLong,
    /// A sign outside the society's set, or a control character.
    Sign,
    /// It is the user ID.
    IsUserId,
}

impl Password {
    /// Folds what was typed; `None` when it is empty or over [`LONGEST_BYTES`]. Takes the text, and wipes it.
    pub fn typed(text: Secret<String>, rule: &PasswordRule) -> Option<Self> {
        let typed = text.expose();
        if typed.is_empty() || typed.len() > LONGEST_BYTES {
            return None;
        }
        let (nfkc, nfc) = (|| typed.nfkc(), || typed.nfc());
        let length: usize = if rule.ascii { nfkc().map(char::len_utf8).sum() } else { nfc().map(char::len_utf8).sum() };
        // As long as it will be: a string that grows leaves what it held before behind, unwiped (H-12).
        let mut folded = String::with_capacity(length);
        if rule.ascii {
            folded.extend(nfkc())
        } else {
            folded.extend(nfc())
        }
        Some(Self(Secret::new(folded)))
    }

    /// The bytes to hash.
    pub fn bytes(&self) -> &[u8] {
        self.0.expose().as_bytes()
    }

    /// Whether both were typed alike.
    pub fn is_same_as(&self, again: &Self) -> bool {
        self.bytes() == again.bytes()
    }

    /// Whether a member called `user_id` may choose it under `rule`.
    pub fn fitness(&self, rule: &PasswordRule, user_id: &UserId) -> Result<(), Unfit> {
        let text = self.0.expose();
        let length = text.chars().count();
        let sign = |c: char| match rule.ascii {
            true => c.is_ascii_alphanumeric() || SIGNS.contains(c),
            false => !c.is_control(),
        };
        let mut lower = text.to_lowercase();
        let is_user_id = lower == user_id.as_str();
        lower.zeroize();
        match () {
            () if length < rule.min => Err(Unfit::TooShort),
            () if length > rule.max => Err(Unfit::TooLong),
            () if !text.chars().all(sign) => Err(Unfit::Sign),
            () if is_user_id => Err(Unfit::IsUserId),
            () => Ok(()),
        }
    }
}
