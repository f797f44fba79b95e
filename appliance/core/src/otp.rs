//! TOTP (RFC 6238): which steps are looked at, and that a code serves once.

use crate::fold::fold_code;
use crate::secret::Secret;
use crate::time::{TimeStep, Timestamp};

/// Digits of a code (OTP-05).
pub const DIGITS: usize = 6;

/// Bytes of a seed: 160 bits for SHA-1 (OTP-17).
pub const SEED_BYTES: usize = 20;

/// The steps a code may belong to: the last, the present and the next (OTP-06).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window([TimeStep; 3]);

impl Window {
    /// The window at `clock`, the real clock: a floor against running backwards would shift the codes.
    pub fn at(clock: Timestamp) -> Self {
        let now = TimeStep::of(clock).0;
        Self([TimeStep(now.saturating_sub(1)), TimeStep(now), TimeStep(now.saturating_add(1))])
    }

    /// The steps, oldest first. All of them are computed for every try, so that work tells nothing (OTP-19).
    pub fn steps(&self) -> [TimeStep; 3] {
        self.0
    }
}

/// Six digits, as a number. Folded from what was typed: full-width digits, spaces and hyphens do not matter.
pub struct Code(Secret<u32>);

impl Code {
    /// Reads a code; `None` is refused without asking the HSM.
    pub fn typed(text: &str) -> Option<Self> {
        let digits = fold_code(text);
        let plain = digits.len() == DIGITS && digits.bytes().all(|b| b.is_ascii_digit());
        plain.then(|| digits.parse().ok().map(|code| Self(Secret::new(code)))).flatten()
    }

    /// Whether it is `value`, a number below a million: the code of a mail.
    pub fn is(&self, value: &Secret<u32>) -> bool {
        self.0.expose() ^ value.expose() == 0
    }

    /// Which of `window`'s steps carry this code, given the HMAC truncated to 31 bits for each of them (RFC 4226 §5.3).
    /// Every one is compared, whatever the others say.
    pub fn matching(&self, window: &Window, truncated: [u32; 3]) -> Vec<TimeStep> {
        let modulus = 10u32.pow(DIGITS as u32);
        let hit = |(step, value): (TimeStep, u32)| (value % modulus == *self.0.expose()).then_some(step);
        window.steps().into_iter().zip(truncated).filter_map(hit).collect()
    }
}

/// The step to burn if a code that matched `matched` may be accepted after `last`.
///
/// Every matching step has to be later than the last one burnt, and the latest of them is burnt: near steps can carry the
/// same digits, and those digits are then accepted once in the window, not once a step (TO-05).
pub fn accept(matched: &[TimeStep], last: Option<TimeStep>) -> Option<TimeStep> {
    let fresh = matched.iter().all(|step| last.is_none_or(|last| *step > last));
    if fresh { matched.iter().max().copied() } else { None }
}

/// A device's name as it is kept: trimmed, 1 to 40 characters, no control or direction signs that could disguise it.
pub fn device_name(typed: &str) -> Option<String> {
    let name = typed.trim();
    let disguise =
        |c: char| c.is_control() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}');
    ((1..=40).contains(&name.chars().count()) && !name.chars().any(disguise)).then(|| name.to_owned())
}
