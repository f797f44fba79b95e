//! Who is hashed for next, as plain data: no thread, no clock (G-11).
//!
//! Members who have proved something come first, and every fourth turn a stranger, so that neither side starves the other. Inside each
//! of the two, the societies take turns. The queue has a fixed room; when it is full, a place is taken from the newest stranger of the
//! society that fills it most.

use sekisho_core::id::SocietyName;
use std::collections::{BTreeMap, VecDeque};

/// So many turns of known members in a row; then a stranger's, if one waits.
const IN_A_ROW: u32 = 3;

/// The part of the room that strangers keep however many known members come: as large as their part of the turns.
const STRANGERS_PART: usize = 4;

/// What waits, in the order of its turns.
pub struct Queue<T> {
    room: usize,
    known: Class<T>,
    strangers: Class<T>,
    /// Turns of known members since a stranger's.
    in_a_row: u32,
}

/// What became of something that wants to wait.
#[derive(Debug, PartialEq, Eq)]
pub enum Offered<T> {
    /// It waits.
    Taken,
    /// It waits in the place of this one, whose caller has to be told.
    Displaced(T),
    /// There is no place for it.
    Refused(T),
}

impl<T> Queue<T> {
    /// With room for so many.
    pub fn new(room: usize) -> Self {
        Self { room, known: Class::default(), strangers: Class::default(), in_a_row: 0 }
    }

    /// Lets `item` wait, if there is a place or one that it may take.
    pub fn offer(&mut self, society: &SocietyName, known: bool, item: T) -> Offered<T> {
        let displaced = if self.len() < self.room {
            None
        } else {
            match self.displace(society, known) {
                Some(displaced) => Some(displaced),
                None => return Offered::Refused(item),
            }
        };
        if known { &mut self.known } else { &mut self.strangers }.push(society, item);
        displaced.map_or(Offered::Taken, Offered::Displaced)
    }

    /// Whose turn it is.
    pub fn take(&mut self) -> Option<T> {
        let strangers_turn = self.known.len == 0 || (self.in_a_row >= IN_A_ROW && self.strangers.len > 0);
        self.in_a_row = if strangers_turn { 0 } else { self.in_a_row.saturating_add(1) };
        if strangers_turn { self.strangers.take() } else { self.known.take() }
    }

    fn len(&self) -> usize {
        self.known.len + self.strangers.len
    }

    /// Takes a place away for one of `society`: from a stranger when somebody known comes, otherwise from the society that fills the
    /// class most, if that leaves both sides more alike.
    fn displace(&mut self, society: &SocietyName, known: bool) -> Option<T> {
        if known && self.strangers.len > self.room / STRANGERS_PART {
            return self.strangers.give_up_newest();
        }
        let class = if known { &mut self.known } else { &mut self.strangers };
        (class.waiting(society) + 1 < class.most()).then(|| class.give_up_newest()).flatten()
    }
}

/// One side of the queue. A society is in `order` exactly when something of it waits.
struct Class<T> {
    waiting: BTreeMap<SocietyName, VecDeque<T>>,
    order: VecDeque<SocietyName>,
    len: usize,
}

impl<T> Default for Class<T> {
    fn default() -> Self {
        Self { waiting: BTreeMap::new(), order: VecDeque::new(), len: 0 }
    }
}

impl<T> Class<T> {
    fn waiting(&self, society: &SocietyName) -> usize {
        self.waiting.get(society).map_or(0, VecDeque::len)
    }

    fn most(&self) -> usize {
        self.waiting.values().map(VecDeque::len).max().unwrap_or(0)
    }

    fn push(&mut self, society: &SocietyName, item: T) {
        match self.waiting.get_mut(society) {
            Some(items) => items.push_back(item),
            None => {
                self.waiting.insert(society.clone(), VecDeque::from([item]));
                self.order.push_back(society.clone());
            }
        }
        self.len += 1;
    }

    /// The oldest of the society whose turn it is; then it is the others' turn.
    fn take(&mut self) -> Option<T> {
        let society = self.order.pop_front()?;
        let item = self.waiting.get_mut(&society).and_then(VecDeque::pop_front);
        self.len = self.len.saturating_sub(usize::from(item.is_some()));
        if self.waiting(&society) == 0 {
            self.waiting.remove(&society);
        } else {
            self.order.push_back(society);
        }
        item
    }

    /// The newest of the society that has the most.
    fn give_up_newest(&mut self) -> Option<T> {
        let (society, items) = self.waiting.iter_mut().max_by_key(|(_, items)| items.len())?;
        let society = society.clone();
        let item = items.pop_back();
        self.len = self.len.saturating_sub(usize::from(item.is_some()));
        if self.waiting(&society) == 0 {
            self.waiting.remove(&society);
            self.order.retain(|name| *name != society);
        }
        item
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    fn society(number: u8) -> SocietyName {
        SocietyName::try_from(format!("s{number}")).unwrap()
    }

    /// Everything that waits, in the order of its turns.
    fn drain<T>(queue: &mut Queue<T>) -> Vec<T> {
        std::iter::from_fn(|| queue.take()).collect()
    }

    /// A queue of this room, and these who come one after another: society and whether known. They are called by their number.
    fn with(room: usize, come: &[(u8, bool)]) -> Queue<usize> {
        let mut queue = Queue::new(room);
        for (number, (from, known)) in come.iter().enumerate() {
            assert_eq!(queue.offer(&society(*from), *known, number), Offered::Taken, "{number}");
        }
        queue
    }

    #[test]
    fn societies_take_turns_however_many_each_has_waiting() {
        let mut queue = with(8, &[(1, false), (1, false), (1, false), (1, false), (2, false), (3, false), (2, false)]);
        assert_eq!(drain(&mut queue), [0, 4, 5, 1, 6, 2, 3]);
    }

    #[test]
    fn the_known_come_first_and_every_fourth_turn_is_a_strangers() {
        let mut come = vec![(1, false); 3];
        come.extend([(1, true); 8]);
        assert_eq!(drain(&mut with(16, &come)), [3, 4, 5, 0, 6, 7, 8, 1, 9, 10, 2]);
    }

    #[test]
    fn a_stranger_who_comes_late_waits_for_three_turns_at_most() {
        let mut queue = with(64, &[(1, true); 40]);
        for _ in 0..20 {
            queue.take();
        }
        assert_eq!(queue.offer(&society(2), false, 99), Offered::Taken);
        assert!((0..4).any(|_| queue.take() == Some(99)));
    }

    #[test]
    fn somebody_known_takes_the_place_of_the_newest_stranger_of_the_fullest_society() {
        let mut queue = with(4, &[(1, false), (2, false), (2, false), (2, false)]);
        assert_eq!(queue.offer(&society(1), true, 10), Offered::Displaced(3));
        assert_eq!(queue.offer(&society(1), true, 11), Offered::Displaced(2));
        assert_eq!(drain(&mut queue), [10, 11, 0, 1]);
    }

    #[test]
    fn strangers_keep_a_quarter_of_the_room() {
        let mut queue = with(4, &[(2, false), (2, false)]);
        for known in 10..12 {
            assert_eq!(queue.offer(&society(1), true, known), Offered::Taken);
        }
        assert_eq!(queue.offer(&society(1), true, 12), Offered::Displaced(1));
        assert_eq!(queue.offer(&society(1), true, 13), Offered::Refused(13));
        assert_eq!(drain(&mut queue), [10, 11, 12, 0]);
    }

    #[test]
    fn one_societys_flood_makes_room_for_another_society_and_for_none_of_its_own() {
        let mut queue = with(4, &[(1, false); 4]);
        assert_eq!(queue.offer(&society(1), false, 10), Offered::Refused(10));
        assert_eq!(queue.offer(&society(2), false, 11), Offered::Displaced(3));
        assert_eq!(queue.offer(&society(2), false, 12), Offered::Displaced(2));
        assert_eq!(queue.offer(&society(2), false, 13), Offered::Refused(13), "both have two");
        assert_eq!(drain(&mut queue), [0, 11, 1, 12]);
    }

    #[test]
    fn strangers_take_no_place_of_the_known_and_one_societys_known_not_all_places() {
        let mut queue = with(4, &[(1, true); 4]);
        assert_eq!(queue.offer(&society(2), false, 10), Offered::Refused(10));
        assert_eq!(queue.offer(&society(2), true, 11), Offered::Displaced(3));
    }

    proptest! {
        /// Whatever comes and goes: never more than there is room for, and everybody who came is served, displaced or refused, exactly once.
        #[test]
        fn nobody_is_lost_and_nobody_is_told_twice(
            room in 1usize..12,
            moves in proptest::collection::vec((0u8..4, any::<bool>(), any::<bool>()), 1..200),
        ) {
            let mut queue = Queue::new(room);
            let mut left = BTreeSet::new();
            for (number, (from, known, serves)) in moves.iter().enumerate() {
                let gone = match queue.offer(&society(*from), *known, number) {
                    Offered::Taken => None,
                    Offered::Displaced(other) => {
                        prop_assert!(other != number);
                        Some(other)
                    }
                    Offered::Refused(same) => {
                        prop_assert_eq!(same, number);
                        Some(same)
                    }
                };
                for one in gone.into_iter().chain(serves.then(|| queue.take()).flatten()) {
                    prop_assert!(left.insert(one), "{} a second time", one);
                }
                prop_assert!(queue.len() <= room);
            }
            for one in drain(&mut queue) {
                prop_assert!(left.insert(one), "{} a second time", one);
            }
            prop_assert_eq!(left.len(), moves.len());
        }

        /// Whoever waits behind some of the own society is served after as many rounds of all societies.
        #[test]
        fn no_society_starves(come in proptest::collection::vec(0u8..4, 1..60), from in 0u8..4) {
            let mut queue = Queue::new(100);
            for other in come {
                queue.offer(&society(other), false, None);
            }
            let ahead = queue.strangers.waiting(&society(from));
            queue.offer(&society(from), false, Some(from));
            let served = (0..=(ahead + 1) * 4).position(|_| queue.take() == Some(Some(from)));
            prop_assert!(served.is_some());
        }
    }
}
