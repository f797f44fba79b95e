//! TOTP (RFC 6238): which steps are looked at, what a device's clock is known to be wrong by, and that a code serves once.

use crate::fold::fold_code;
use crate::id::FactorId;
use crate::secret::Secret;
use crate::time::{TimeStep, Timestamp};
use serde::{Deserialize, Serialize};

/// Digits of a code (OTP-05).
pub const DIGITS: usize = 6;

/// Bytes of a seed: 160 bits for SHA-1 (OTP-17).
pub const SEED_BYTES: usize = 20;

/// For how many steps a drift is applied after the code that it was learned from: 30 days (OTP-09).
const LEARNED_FOR: u64 = 30 * 24 * 3600 / TimeStep::SECONDS;

/// Most steps between the clock and a code that is right (OTP-07).
const MOST_OFFSET: i8 = 2;

/// Most codes that are right at one instant.
pub const MOST_CODES: usize = 4;

/// What a device's last right code left behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Burnt {
    /// Which device.
    pub factor: FactorId,
    /// The last step burnt: a code of it or of an earlier one is dead (OTP-10, OTP-11).
    pub step: TimeStep,
    /// How many steps the code was ahead of the clock, -2 to 2; nothing where the device was set up (OTP-08).
    pub offset: i8,
}

/// The steps a code may belong to: the last, the present and the next (OTP-06), and one more on the side on which the device's last
/// right code was (OTP-08).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    first: u64,
    last: u64,
}

impl Window {
    /// The window at `clock`, the real clock: a floor against running backwards would shift the codes.
    pub fn at(clock: Timestamp) -> Self {
        let now = TimeStep::of(clock).0;
        Self { first: now.saturating_sub(1), last: now.saturating_add(1) }
    }

    /// The window at `clock` of a device whose last right code left `last` behind. A device whose clock is wrong runs further away
    /// from ours each day, and one step more keeps it until it is set; after a long silence nobody knows how far it has got.
    pub fn of(last: Option<&Burnt>, clock: Timestamp) -> Self {
        let window = Self::at(clock);
        // The step tells the age: an instant beside it would be a second truth.
        let is_fresh = |burnt: &&Burnt| TimeStep::of(clock).0.saturating_sub(burnt.step.0) <= LEARNED_FOR;
        match last.filter(is_fresh).map_or(0, |burnt| burnt.offset.signum()) {
            -1 => Self { first: window.first.saturating_sub(1), ..window },
            1 => Self { last: window.last.saturating_add(1), ..window },
            _ => window,
        }
    }

    /// The steps, oldest first, at most [`MOST_CODES`]. All of them are computed for every try: how many there are follows from the
    /// device and never from what was typed, so that work does not tell a right code from a wrong one (OTP-19).
    pub fn steps(&self) -> Vec<TimeStep> {
        (self.first..=self.last).map(TimeStep).collect()
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
    pub fn matching(&self, window: &Window, truncated: &[u32]) -> Vec<TimeStep> {
        let modulus = 10u32.pow(DIGITS as u32);
        let hit = |(step, value): (TimeStep, &u32)| (value % modulus == *self.0.expose()).then_some(step);
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

/// How many steps ahead of `clock` a code is that matched `matched`, -2 to 2.
///
/// Where it matched several the nearest is meant: a drift that is not there would make one more code right. Digits that the step
/// before and the step after share tell nothing.
pub fn offset(matched: &[TimeStep], clock: Timestamp) -> i8 {
    let now = TimeStep::of(clock).0;
    let most = u64::from(MOST_OFFSET.unsigned_abs());
    let near = |distance: u64| i8::try_from(distance.min(most)).unwrap_or(MOST_OFFSET);
    let late = matched.iter().filter(|step| step.0 <= now).map(|step| near(now - step.0)).min();
    let early = matched.iter().filter(|step| step.0 >= now).map(|step| near(step.0 - now)).min();
    match (late, early) {
        (Some(late), Some(early)) if late == early => 0,
        (Some(late), Some(early)) if early < late => early,
        (Some(late), _) => -late,
        (None, early) => early.unwrap_or(0),
    }
}

/// A device's name as it is kept: trimmed, 1 to 40 characters, no control or direction signs that could disguise it.
pub fn device_name(typed: &str) -> Option<String> {
    let name = typed.trim();
    let disguise =
        |c: char| c.is_control() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}');
    ((1..=40).contains(&name.chars().count()) && !name.chars().any(disguise)).then(|| name.to_owned())
}
