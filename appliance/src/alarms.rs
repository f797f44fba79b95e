//! Alarms: a counter for each, and a line in the log that names the society. A flood of them is a line a minute.

use sekisho_core::alarm::Alarm;
use sekisho_core::id::SocietyName;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// A line in the log is followed by the next one of its kind after this much at the earliest.
const GAP: Duration = Duration::from_secs(60);

/// The alarms of the process. What is kept is as many counters as there are alarms, and a line's time for each society.
#[derive(Default)]
pub struct Alarms {
    raised: [AtomicU64; Alarm::ALL.len()],
    lines: Mutex<BTreeMap<(Alarm, Option<SocietyName>), Line>>,
}

/// The last line, and what has happened since.
struct Line {
    at: Duration,
    since: u64,
}

impl Alarms {
    /// Counts one. `society` is `None` where it concerns all; `passed` is [`crate::ports::Clock::passed`].
    pub fn raise(&self, alarm: Alarm, society: Option<&SocietyName>, passed: Duration) {
        if let Some(count) = self.note(alarm, society, passed) {
            tracing::warn!(alarm = alarm.id(), society = society.map(SocietyName::as_str), count, "alarm");
        }
    }

    /// Every alarm, and how often it was raised since the process began.
    pub fn counts(&self) -> impl Iterator<Item = (Alarm, u64)> + '_ {
        Alarm::ALL.into_iter().zip(&self.raised).map(|(alarm, count)| (alarm, count.load(Ordering::Relaxed)))
    }

    /// How many the line that is due now speaks of; `None`: none is due.
    fn note(&self, alarm: Alarm, society: Option<&SocietyName>, passed: Duration) -> Option<u64> {
        if let Some((_, count)) = Alarm::ALL.iter().zip(&self.raised).find(|(one, _)| **one == alarm) {
            count.fetch_add(1, Ordering::Relaxed);
        }
        // A map of counters has no half-done state.
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(line) = lines.get_mut(&(alarm, society.cloned())) else {
            lines.insert((alarm, society.cloned()), Line { at: passed, since: 0 });
            return Some(1);
        };
        line.since += 1;
        (passed.saturating_sub(line.at) >= GAP).then(|| {
            line.at = passed;
            std::mem::take(&mut line.since)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn society(name: &str) -> SocietyName {
        SocietyName::try_from(name.to_owned()).unwrap_or_else(|text| panic!("{text}"))
    }

    #[test]
    fn the_first_is_told_at_once_and_a_flood_once_a_minute_with_its_count() {
        let alarms = Alarms::default();
        let (a, at) = (society("a"), Duration::from_secs);
        let told: Vec<Option<u64>> = (0..=120).map(|second| alarms.note(Alarm::SourceFlooding, Some(&a), at(second))).collect();
        let lines: Vec<(usize, u64)> = told.iter().enumerate().filter_map(|(second, told)| told.map(|count| (second, count))).collect();
        assert_eq!(lines, [(0, 1), (60, 60), (120, 60)]);
    }

    #[test]
    fn each_alarm_and_each_society_has_its_own_line_and_all_societies_one_counter() {
        let alarms = Alarms::default();
        let (a, b) = (society("a"), society("b"));
        for (alarm, society) in
            [(Alarm::BrakeClosed, Some(&a)), (Alarm::BrakeClosed, Some(&b)), (Alarm::HashingFull, Some(&a)), (Alarm::ConnectionsFull, None)]
        {
            assert_eq!(alarms.note(alarm, society, Duration::ZERO), Some(1));
            assert_eq!(alarms.note(alarm, society, Duration::ZERO), None);
        }
        let counts: Vec<(&str, u64)> = alarms.counts().map(|(alarm, count)| (alarm.id(), count)).collect();
        assert_eq!(
            counts,
            [("source.flooding", 0), ("brake.closed", 4), ("hashing.full", 2), ("connections.full", 2), ("clock.members", 0)]
        );
    }
}
