//! User IDs: how they are folded, and which may be chosen.

use crate::fold::fold;
use crate::tenant::UserIdRule;
use serde::{Deserialize, Serialize};

/// A user ID as it is compared: folded and in lower case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserId(String);

/// Longest ID that is looked at; a longer one is nobody's.
const LONGEST: usize = 64;

impl UserId {
    /// Folds what was typed: NFKC, hyphen-likes to `-`, lower case. Cut at 64 characters, which no ID reaches.
    pub fn typed(text: &str) -> Self {
        Self(fold(text).to_lowercase().chars().take(LONGEST).collect())
    }

    /// The folded ID.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether a member may choose it: letters and digits in combination, also `-` `_` `.` `@`, within the rule's length
    /// (manual-flows, "Policies"). IDs that the society gave are not asked.
    pub fn may_be_chosen(&self, rule: &UserIdRule) -> bool {
        let id = &self.0;
        let sign = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_.@".contains(c);
        (rule.min..=rule.max).contains(&id.chars().count())
            && id.chars().all(sign)
            && id.chars().any(|c| c.is_ascii_lowercase())
            && id.chars().any(|c| c.is_ascii_digit())
    }
}
