//! Budgets of sources: so many tries at once, and one more each so often. Arithmetic only; nothing here knows an address.
//!
//! The arithmetic is GCRA (ITU-T I.371): all that is kept of a budget is the instant at which it will be full again. A table of such
//! instants has a fixed size for ever. Two sources may fall on one cell; each has two, and the lesser counts, so that a budget is
//! sometimes drawn on by somebody else and never larger than its rate.

use core::time::Duration;

/// How much a source may do, and how fast that comes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// At once, after a rest.
    pub burst: u32,
    /// How many come back in a second. Not 0.
    pub a_second: u32,
}

impl Rate {
    /// Microseconds in which one comes back.
    fn interval(&self) -> u64 {
        1_000_000 / u64::from(self.a_second.max(1))
    }
}

/// What each source may ask for before anything is hashed, and hold open. The same for every society: an address may speak to all of
/// them, so that its budget is the process's. SECURITY.md shows the defaults and a test compares the two (G-07, G-11, P-16).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Admission {
    /// Passwords that strangers' browsers give, of one IPv4 address or IPv6 /64.
    pub narrow: Rate,
    /// The same of one /24 or /48.
    pub wide: Rate,
    /// The same of one network that the configuration names as a company's, in the place of both.
    pub company: Rate,
    /// So many forms that ask for a letter count as one password: they cost mail, and no hash.
    pub letters: u32,
    /// Connections at a time of one IPv4 address or IPv6 /64.
    pub connections: u32,
    /// Connections at a time of one company's network.
    pub company_connections: u32,
}

impl Default for Admission {
    fn default() -> Self {
        Self {
            // A company that nobody has listed gets its 5,000 members in within 20 minutes, and one source takes a thirtieth of two cores.
            narrow: Rate { burst: 300, a_second: 5 },
            wide: Rate { burst: 600, a_second: 10 },
            company: Rate { burst: 5000, a_second: 100 },
            letters: 4,
            connections: 256,
            company_connections: 4096,
        }
    }
}

/// What a form costs its source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// A password: argon2id.
    Password,
    /// A letter.
    Letter,
}

/// Whether a source may go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// It may, and its budget is full again at this instant.
    Allowed(Duration),
    /// It may not until this much later. Nothing was taken from the budget.
    Wait(Duration),
}

/// Asks a budget that is full at `full_at`. Instants count from any one beginning.
pub fn ask(rate: &Rate, weight: Weight, admission: &Admission, full_at: Duration, now: Duration) -> Decision {
    let cost = match weight {
        Weight::Password => rate.interval(),
        Weight::Letter => rate.interval() / u64::from(admission.letters.max(1)),
    };
    let after = full_at.max(now).saturating_add(Duration::from_micros(cost));
    let latest = now.saturating_add(Duration::from_micros(rate.interval().saturating_mul(u64::from(rate.burst))));
    if after <= latest { Decision::Allowed(after) } else { Decision::Wait(after.saturating_sub(latest)) }
}

/// Cells in a row of a table: two rows of them take one mebibyte. Who would fill them, to make strangers wait that have done nothing,
/// has to spend three hundred tries on each within a minute.
const CELLS: usize = 1 << 16;

/// Where a network's budget stands in its table: the same two cells each time, by a hash that nobody outside can foresee.
pub type Place = [u16; 2];

/// Whose budgets are asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// A company's network has one budget, and draws on none of its neighbours'.
    Company(Place),
    /// Everybody else draws on two.
    Own {
        /// Of the narrow prefix.
        narrow: Place,
        /// Of the wide one.
        wide: Place,
    },
}

/// The budgets of all sources there are.
pub struct Buckets {
    narrow: Table,
    wide: Table,
}

impl Default for Buckets {
    fn default() -> Self {
        Self { narrow: Table::new(), wide: Table::new() }
    }
}

impl Buckets {
    /// Takes `weight` from every budget of `whose`, or from none of them: then how long it has to wait.
    pub fn take(&mut self, admission: &Admission, whose: Whose, weight: Weight, now: Duration) -> Result<(), Duration> {
        let ask = |rate, table: &Table, place| match ask(rate, weight, admission, table.full_at(place), now) {
            Decision::Allowed(full_at) => Ok(full_at),
            Decision::Wait(wait) => Err(wait),
        };
        match whose {
            Whose::Company(place) => {
                let full_at = ask(&admission.company, &self.narrow, place)?;
                self.narrow.draw(place, full_at);
            }
            Whose::Own { narrow, wide } => match (ask(&admission.narrow, &self.narrow, narrow), ask(&admission.wide, &self.wide, wide)) {
                (Ok(narrow_full), Ok(wide_full)) => {
                    self.narrow.draw(narrow, narrow_full);
                    self.wide.draw(wide, wide_full);
                }
                (one, other) => return Err(one.err().max(other.err()).unwrap_or_default()),
            },
        }
        Ok(())
    }
}

/// The instants, in microseconds, at which budgets are full.
struct Table([Vec<u64>; 2]);

impl Table {
    fn new() -> Self {
        Self([vec![0; CELLS], vec![0; CELLS]])
    }

    /// The lesser of the two: what others have drawn on one of the cells does not count unless they have on both.
    fn full_at(&self, place: Place) -> Duration {
        let cells = self.0.iter().zip(place).filter_map(|(row, at)| row.get(usize::from(at)));
        Duration::from_micros(cells.copied().min().unwrap_or(u64::MAX))
    }

    fn draw(&mut self, place: Place, full_at: Duration) {
        let micros = u64::try_from(full_at.as_micros()).unwrap_or(u64::MAX);
        for (row, at) in self.0.iter_mut().zip(place) {
            if let Some(cell) = row.get_mut(usize::from(at)) {
                *cell = micros.max(*cell);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ADMISSION: Admission = Admission {
        narrow: Rate { burst: 3, a_second: 1 },
        wide: Rate { burst: 5, a_second: 2 },
        company: Rate { burst: 20, a_second: 10 },
        letters: 4,
        connections: 1,
        company_connections: 1,
    };

    fn second(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn own(narrow: u16, wide: u16) -> Whose {
        Whose::Own { narrow: [narrow, narrow], wide: [wide, wide] }
    }

    /// How many passwords of `whose` go through at `now`.
    fn passes(buckets: &mut Buckets, whose: Whose, now: Duration) -> usize {
        (0..100).take_while(|_| buckets.take(&ADMISSION, whose, Weight::Password, now).is_ok()).count()
    }

    #[test]
    fn a_rested_source_has_its_burst_and_then_its_rate() {
        let mut buckets = Buckets::default();
        let now = second(1000);
        assert_eq!(passes(&mut buckets, own(1, 1), now), 3);
        assert_eq!(buckets.take(&ADMISSION, own(1, 1), Weight::Password, now), Err(second(1)));
        assert_eq!(passes(&mut buckets, own(1, 1), now + second(2)), 2);
        assert_eq!(passes(&mut buckets, own(1, 1), now + second(1002)), 3, "a rest makes it no larger than its burst");
    }

    #[test]
    fn neighbours_share_the_wide_budget_and_a_refusal_takes_nothing() {
        let mut buckets = Buckets::default();
        let now = second(1000);
        assert_eq!(passes(&mut buckets, own(1, 1), now), 3);
        assert_eq!(passes(&mut buckets, own(2, 1), now), 2, "the /24 has five");
        assert_eq!(passes(&mut buckets, own(3, 1), now), 0);
        assert_eq!(passes(&mut buckets, own(3, 2), now), 3, "what the wide budget refused was not taken from the narrow one");
    }

    #[test]
    fn a_company_draws_on_its_own_budget_alone() {
        let mut buckets = Buckets::default();
        let now = second(1000);
        assert_eq!(passes(&mut buckets, Whose::Company([7, 7]), now), 20);
        assert_eq!(passes(&mut buckets, own(1, 7), now), 3);
        assert_eq!(passes(&mut buckets, Whose::Company([7, 7]), now + second(1)), 10);
    }

    /// G-07: a minute and a half after 9:00 in a company's office.
    #[test]
    fn five_thousand_members_behind_one_address_get_in_at_once_if_it_is_known_for_a_companys() {
        let passed = |whose| {
            let mut buckets = Buckets::default();
            let come = (0..5000u32).map(|member| second(9 * 3600) + Duration::from_secs(90) * member / 5000);
            come.filter(|now| buckets.take(&Admission::default(), whose, Weight::Password, *now).is_ok()).count()
        };
        assert_eq!(passed(Whose::Company([1, 2])), 5000);
        // Everybody else's address: the burst, and five a second until the last one comes, 18 ms before the end.
        assert_eq!(passed(own(1, 1)), 300 + 449);
    }

    #[test]
    fn four_letters_cost_as_much_as_a_password() {
        let mut buckets = Buckets::default();
        let letters = (0..100).take_while(|_| buckets.take(&ADMISSION, own(1, 1), Weight::Letter, second(9)).is_ok()).count();
        assert_eq!(letters, 12);
    }

    #[test]
    fn who_shares_one_of_two_cells_with_a_flood_does_not_feel_it() {
        let mut buckets = Buckets::default();
        let flood = Whose::Own { narrow: [1, 2], wide: [1, 2] };
        let beside = Whose::Own { narrow: [1, 3], wide: [4, 2] };
        let now = second(1000);
        assert_eq!(passes(&mut buckets, flood, now), 3);
        assert_eq!(passes(&mut buckets, beside, now), 3);
    }

    proptest! {
        /// G-07: whatever a source does, and whoever else falls on its cells, no span of time gives it more than burst and rate.
        #[test]
        fn no_span_gives_more_than_burst_and_rate(
            steps in proptest::collection::vec((0u64..3_000, any::<bool>()), 1..200),
            beside in any::<[bool; 2]>(),
        ) {
            let mut buckets = Buckets::default();
            let other = Whose::Own { narrow: [if beside[0] { 1 } else { 8 }, if beside[1] { 1 } else { 8 }], wide: [9, 9] };
            let mut now = second(1000);
            let mut passed = Vec::new();
            for (millis, is_ours) in steps {
                now += Duration::from_millis(millis);
                let whose = if is_ours { own(1, 1) } else { other };
                if buckets.take(&ADMISSION, whose, Weight::Password, now).is_ok() && is_ours {
                    passed.push(now);
                }
            }
            for (first, from) in passed.iter().enumerate() {
                for (last, until) in passed.iter().enumerate().skip(first) {
                    let allowed = 3 + usize::try_from((*until - *from).as_secs()).unwrap();
                    prop_assert!(last - first < allowed, "{} in {:?}", last - first + 1, *until - *from);
                }
            }
        }

        /// A source that comes back when it was told to gets through, if it is alone.
        #[test]
        fn the_wait_that_is_told_is_enough_and_no_longer_than_needed(gaps in proptest::collection::vec(0u64..2_000, 1..50)) {
            let mut full_at = Duration::ZERO;
            let mut now = second(1000);
            for millis in gaps {
                now += Duration::from_millis(millis);
                let asked = |at| ask(&ADMISSION.narrow, Weight::Password, &ADMISSION, full_at, at);
                match asked(now) {
                    Decision::Allowed(after) => full_at = after,
                    Decision::Wait(wait) => {
                        prop_assert!(matches!(asked(now + wait), Decision::Allowed(_)));
                        prop_assert!(matches!(asked(now + wait - Duration::from_micros(1)), Decision::Wait(_)));
                    }
                }
            }
        }
    }
}
