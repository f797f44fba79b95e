//! The strangers' lane: one table of a fixed size in which the wrong passwords of every ID stand, whether it is somebody's or not (G-06).
//!
//! A count-min table with conservative update (Cormode and Muthukrishnan 2005; Estan and Varghese 2002): a name has [`ROWS`] places, one in
//! each row, and shares each of them with whoever falls there too. What stands at the best of them is never less than what is true, so that
//! nobody gets more guesses than the limit has, and it is more only where others have failed at all four.

use crate::guard::Counter;
use crate::tenant::Limit;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Places of a name.
pub const ROWS: usize = 4;

/// Places in one row. An ID that fails stands under two names, its own and the one with the source: where `n` of them fail without end,
/// another one is held up by them with a chance of about (1 − e^(−2n/2^20))^4. Ten thousand: 1 in ten million; a hundred thousand: 9 in
/// ten thousand. The harness measures it (`flood.table.held-up`).
pub const WIDTH: u32 = 1 << 20;

/// A name in the table. It has to be as good as random to whoever chooses what is typed: the hash of a member id or of a keyed index.
pub type Name = [u8; 16];

/// Where `name` stands, a place in each row, numbered through the rows.
pub fn places(name: &Name) -> [u32; ROWS] {
    let (words, _) = name.as_chunks::<4>();
    core::array::from_fn(|row| {
        let word = words.get(row).copied().map_or(0, u32::from_be_bytes);
        u32::try_from(row).unwrap_or(0) * WIDTH + word % WIDTH
    })
}

/// One place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cell {
    /// Failures of those who have the place.
    pub counter: Counter,
    /// The source whose further failures are not counted here while free tries are left, by its [`tag`]; 0 when there is none.
    pub spared: u64,
}

/// How a place names a source at an ID: a part of the name under which the two stand together.
pub fn tag(name: &Name) -> u64 {
    name.first_chunk().map_or(0, |chunk| u64::from_be_bytes(*chunk)).max(1)
}

/// What stands at the places of one name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cells(pub [Cell; ROWS]);

impl Cells {
    /// The one that holds the name up for the shortest time. Each place's wait ends at an instant that does not move until somebody fails
    /// there, so what a page has said of it stays true.
    pub fn estimate(&self, limit: &Limit) -> Counter {
        self.0.into_iter().map(|cell| cell.counter).min_by_key(|counter| (counter.end(limit), counter.failures)).unwrap_or_default()
    }

    /// How many failures the name has at most, what time has forgiven taken off.
    pub fn left(&self, limit: &Limit, now: Timestamp) -> u32 {
        self.best(limit, now).counter.left(limit, now)
    }

    /// After one more failure of the name. A place that says more than that keeps what it says.
    #[must_use]
    pub fn failed(&self, limit: &Limit, now: Timestamp) -> Self {
        let least = self.left(limit, now).saturating_add(1);
        self.moved(limit, now, least, |cell, left| if left == 0 { 0 } else { cell.spared })
    }

    /// After a failure of the source `tag` that takes none of the free tries. Time forgives nothing meanwhile.
    #[must_use]
    fn sparing(&self, limit: &Limit, tag: u64, now: Timestamp) -> Self {
        self.moved(limit, now, self.left(limit, now), |_, _| tag)
    }

    fn moved(&self, limit: &Limit, now: Timestamp, least: u32, spared: impl Fn(&Cell, u32) -> u64) -> Self {
        Self(self.0.map(|cell| {
            let left = cell.counter.left(limit, now);
            Cell { counter: Counter { failures: left.max(least), last: now.0.max(cell.counter.last) }, spared: spared(&cell, left) }
        }))
    }

    fn best(&self, limit: &Limit, now: Timestamp) -> Cell {
        self.0.into_iter().min_by_key(|cell| cell.counter.left(limit, now)).unwrap_or_default()
    }
}

/// What one failure of a stranger changes: the lane of the ID, and the share that the stranger's source has in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Strangers {
    /// The ID's, whoever tries.
    pub lane: Cells,
    /// The ID's from this source alone.
    pub share: Cells,
    /// The source's [`tag`].
    pub source: u64,
}

impl Strangers {
    /// After one more failure. A source that has used its `share` of the lane's free tries takes none of the others': it goes on under the
    /// same limit by itself, so that one attacker does not keep the member's next browser waiting (G-02, G-07). One source at a time is
    /// spared so, until the lane is empty, or many of them would have more guesses together than the lane has.
    #[must_use]
    pub fn failed(&self, limit: &Limit, share: u32, now: Timestamp) -> Self {
        let Cell { counter, spared } = self.lane.best(limit, now);
        let left = counter.left(limit, now);
        let may = left >= share && left < limit.free && (spared == 0 || spared == self.source);
        let used = self.share.left(limit, now) >= share;
        let lane = if may && used { self.lane.sparing(limit, self.source, now) } else { self.lane.failed(limit, now) };
        Self { lane, share: self.share.failed(limit, now), source: self.source }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tenant::Limits;

    const NOW: Timestamp = Timestamp(1_800_000_000);

    /// A name's true counter beside its places, which others share.
    fn shared(names: &[[usize; ROWS]], failures: &[(usize, u64)]) -> (Vec<Counter>, Vec<Cells>, Timestamp) {
        let limit = Limits::default().password;
        let mut table = [[Cell::default(); 3]; ROWS];
        let mut truth = vec![Counter::default(); names.len()];
        let mut now = NOW;
        let read = |table: &[[Cell; 3]; ROWS], name: &[usize; ROWS]| Cells(core::array::from_fn(|row| table[row][name[row]]));
        for (who, pause) in failures {
            now = Timestamp(now.0 + pause);
            truth[*who] = truth[*who].failed(&limit, now);
            let after = read(&table, &names[*who]).failed(&limit, now);
            (0..ROWS).for_each(|row| table[row][names[*who][row]] = after.0[row]);
        }
        (truth, names.iter().map(|name| read(&table, name)).collect(), now)
    }

    /// Every order of five failures of three names that share places, with every pause between them that matters.
    #[test]
    fn a_place_never_says_less_than_what_is_true_of_any_name_that_has_it() {
        let limit = Limits::default().password;
        let names = [[0, 0, 0, 0], [0, 1, 1, 1], [1, 1, 0, 2]];
        let pauses = [1, 12 * 3600, 25 * 3600];
        for number in 0..9usize.pow(5) {
            let digits = (0..5).map(|place| number / 9usize.pow(place) % 9);
            let failures: Vec<_> = digits.map(|digit| (digit % 3, pauses[digit / 3])).collect();
            let (truth, cells, now) = shared(&names, &failures);
            for (truth, cells) in truth.iter().zip(&cells) {
                assert!(cells.estimate(&limit).end(&limit) >= truth.end(&limit), "{failures:?}");
                for cell in cells.0 {
                    assert!(cell.counter.left(&limit, now) >= truth.left(&limit, now) && cell.counter.last >= truth.last, "{failures:?}");
                }
            }
        }
    }

    #[test]
    fn who_shares_some_places_and_not_all_is_not_held_up() {
        let limit = Limits::default().password;
        let (_, cells, now) = shared(&[[0, 0, 0, 0], [0, 0, 0, 1]], &[(0, 1); 12]);
        assert_eq!((cells[0].estimate(&limit).failures, cells[1].estimate(&limit).failures), (12, 0));
        assert_eq!(cells[1].left(&limit, now), 0);
    }

    /// An ID's lane, and who comes to it.
    struct Door {
        lane: Cells,
        shares: [Cells; 3],
        now: Timestamp,
    }

    impl Door {
        fn new() -> Self {
            Self { lane: Cells::default(), shares: [Cells::default(); 3], now: NOW }
        }

        /// The lane's failures after `count` of one source.
        fn fail(&mut self, source: usize, count: u32) -> u32 {
            let Limits { password, share, .. } = Limits::default();
            for _ in 0..count {
                let before = Strangers { lane: self.lane, share: self.shares[source], source: source as u64 + 1 };
                let after = before.failed(&password, share, self.now);
                (self.lane, self.shares[source]) = (after.lane, after.share);
            }
            self.lane.estimate(&password).failures
        }

        fn share(&self, source: usize) -> u32 {
            self.shares[source].estimate(&Limits::default().password).failures
        }

        fn pass(&mut self, hours: u64) {
            self.now = Timestamp(self.now.0 + hours * 3600);
        }
    }

    #[test]
    fn one_source_takes_three_of_the_five_free_tries_and_others_have_the_rest() {
        let mut door = Door::new();
        assert_eq!((door.fail(0, 7), door.share(0)), (3, 7));
        assert_eq!(door.fail(1, 2), 5);
        assert_eq!(door.fail(0, 1), 6, "behind the free tries everything counts");
    }

    #[test]
    fn one_source_at_a_time_is_spared_until_the_lane_is_empty() {
        let mut door = Door::new();
        assert_eq!(door.fail(0, 9), 3);
        door.pass(24);
        assert_eq!(door.fail(1, 3), 4, "two of three are forgiven");
        assert_eq!(door.fail(0, 1), 4);
        assert_eq!(door.fail(1, 1), 5, "there is one already");
        door.pass(60);
        assert_eq!(door.fail(1, 3), 3);
        assert_eq!(door.fail(1, 1), 3, "the lane was empty");
        assert_eq!(door.fail(0, 1), 4, "the one before has none any more");
    }

    #[test]
    fn nothing_is_forgiven_while_a_source_goes_on() {
        let mut door = Door::new();
        door.fail(0, 3);
        for _ in 0..20 {
            door.pass(11);
            assert_eq!(door.fail(0, 1), 3);
        }
    }

    #[test]
    fn the_rows_lie_one_behind_another() {
        let name: Name = [0, 0, 0, 1, 0xff, 0xff, 0xff, 0xff, 0, 0x10, 0, 2, 0, 0, 0, 0];
        assert_eq!(places(&name), [1, 2 * WIDTH - 1, 2 * WIDTH + 2, 3 * WIDTH]);
    }
}
