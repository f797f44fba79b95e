//! Folding of what members type, so that a full-width keyboard is no obstacle (design §11, OTP-05, ux 4).

use unicode_normalization::UnicodeNormalization;

/// Hyphens as they leave Japanese keyboards. NFKC leaves some of them alone, ー (U+30FC) above all.
const HYPHEN_LIKE: [char; 12] = [
    '\u{30fc}', '\u{ff70}', '\u{2010}', '\u{2011}', '\u{2012}', '\u{2013}', '\u{2014}', '\u{2015}', '\u{2212}', '\u{ff0d}', '\u{2500}',
    '\u{fe63}',
];

/// NFKC with every hyphen-like sign as `-` and no white space around: user IDs, dates, card numbers.
pub fn fold(typed: &str) -> String {
    let hyphens = |c| if HYPHEN_LIKE.contains(&c) { '-' } else { c };
    typed.nfkc().map(hyphens).collect::<String>().trim().to_owned()
}

/// [`fold`] without spaces and hyphens: one-time codes and numbers, which people group as they like.
pub fn fold_code(typed: &str) -> String {
    fold(typed).chars().filter(|c| !c.is_whitespace() && *c != '-').collect()
}
