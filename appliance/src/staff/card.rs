//! The card key (symbol, number, branch) in the one form that import, look-up and letters share.

use crate::records::index_card;
use crate::society::SocietyKeys;
use sekisho_core::fold::fold_code;
use sekisho_core::id::BlindIndex;

/// Longest symbol or number.
const LONGEST: usize = 20;

/// A card: a family shares symbol and number, the branch tells its members apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Card {
    /// 記号
    pub symbol: String,
    /// 番号, leading zeros kept.
    pub number: String,
    /// 枝番, always two digits.
    pub branch: String,
}

impl Card {
    /// Reads the three fields; full-width signs, spaces and hyphens do not matter, an empty branch is `00`.
    /// The error says which field is wrong, and how, without quoting it.
    pub fn typed(symbol: &str, number: &str, branch: &str) -> Result<Self, &'static str> {
        let (symbol, number, branch) = (fold_code(symbol), fold_code(number), fold_code(branch));
        let sized = |text: &str| (1..=LONGEST).contains(&text.chars().count());
        let digits = |text: &str| text.chars().all(|c| c.is_ascii_digit());
        match () {
            () if !sized(&symbol) || !symbol.chars().all(char::is_alphanumeric) => Err("symbol: 1 to 20 letters or digits"),
            () if !sized(&number) || !digits(&number) => Err("number: 1 to 20 digits"),
            () if branch.len() > 2 || !digits(&branch) => Err("branch: one or two digits, or nothing for 00"),
            () => Ok(Self { symbol, number, branch: format!("{branch:0>2}") }),
        }
    }

    /// Finds it.
    pub fn index(&self, keys: &SocietyKeys) -> BlindIndex {
        index_card(keys, &self.symbol, &self.number, &self.branch)
    }

    /// The user ID of a member who was given no other: `symbol-number`, and `-branch` where there is one.
    pub fn default_user_id(&self) -> String {
        match self.branch.as_str() {
            "00" => format!("{}-{}", self.symbol, self.number),
            branch => format!("{}-{}-{branch}", self.symbol, self.number),
        }
    }
}
