//! What was measured, and what the policy says that it may be.

use crate::report::text::number;
use serde::Serialize;

/// One number of one attack.
#[derive(Clone, Debug, Serialize)]
pub struct Measure {
    /// Permanent id: `spray.list.guarded.opened`.
    pub id: String,
    /// What is tried, and by whom: one sentence.
    pub attack: &'static str,
    /// What the attacker knows and has.
    pub knows: &'static str,
    /// What the number counts, with its unit.
    pub counts: &'static str,
    /// What it may be, and why.
    pub bound: Bound,
    /// What it was.
    pub measured: f64,
    /// What else should be known of it.
    pub note: String,
    /// Rows of the standards' table, and of the design.
    pub rows: &'static [&'static str],
}

/// What a number may be.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Bound {
    /// Not more, and where the limit comes from.
    AtMost(f64, String),
    /// Not less, and where the limit comes from.
    AtLeast(f64, String),
    /// Exactly, and where the number comes from.
    Exactly(f64, String),
    /// Nothing in the policy bounds it: printed, so that nobody believes otherwise.
    None(String),
}

impl Measure {
    /// Whether the bound holds.
    pub fn holds(&self) -> bool {
        match self.bound {
            Bound::AtMost(most, _) => self.measured <= most,
            Bound::AtLeast(least, _) => self.measured >= least,
            Bound::Exactly(number, _) => self.measured.total_cmp(&number).is_eq(),
            Bound::None(_) => true,
        }
    }
}

impl Bound {
    /// As people read it.
    pub fn said(&self) -> String {
        match self {
            Self::AtMost(most, why) => format!("at most {} ({why})", number(*most)),
            Self::AtLeast(least, why) => format!("at least {} ({why})", number(*least)),
            Self::Exactly(exactly, why) => format!("{} ({why})", number(*exactly)),
            Self::None(why) => format!("no bound ({why})"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(bound: Bound, measured: f64) -> bool {
        Measure { id: String::new(), attack: "", knows: "", counts: "", bound, measured, note: String::new(), rows: &[] }.holds()
    }

    #[test]
    fn a_bound_holds_up_to_itself_and_no_further() {
        let at = |bound: fn(f64, String) -> Bound, measured| of(bound(5.0, String::new()), measured);
        assert_eq!([4.0, 5.0, 6.0].map(|measured| at(Bound::AtMost, measured)), [true, true, false]);
        assert_eq!([4.0, 5.0, 6.0].map(|measured| at(Bound::AtLeast, measured)), [false, true, true]);
        assert_eq!([4.0, 5.0, 6.0].map(|measured| at(Bound::Exactly, measured)), [false, true, false]);
        assert!(!of(Bound::AtMost(5.0, String::new()), f64::NAN) && of(Bound::None(String::new()), 1e9));
    }
}
