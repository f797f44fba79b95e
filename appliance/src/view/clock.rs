//! Instants as members read them: Japan time, which has had no summer time since 1951.

use super::words::Words;
use fluent_bundle::FluentArgs;
use jiff::civil::DateTime;
use jiff::tz;
use sekisho_core::time::Timestamp;

/// A day and a minute: `2026年11月21日 9時05分`.
pub(super) fn date(words: Words, at: Timestamp) -> String {
    words.get("clock-date", &parts(japan(at)))
}

/// The time of day to the second: what a member compares with the phone.
pub(super) fn second(words: Words, at: Timestamp) -> String {
    words.get("clock-second", &parts(japan(at)))
}

/// A minute near `now`: the day is told only when it is another one.
pub(super) fn minute(words: Words, at: Timestamp, now: Timestamp) -> String {
    let (then, now) = (japan(at), japan(now));
    let id = if then.date() == now.date() { "clock-minute" } else { "clock-day" };
    words.get(id, &parts(then))
}

/// The first whole minute at which `until` is over, so that nobody comes back a few seconds too early.
pub(super) fn round_up(until: Timestamp) -> Timestamp {
    Timestamp(until.0.div_ceil(60).saturating_mul(60))
}

/// Minutes from `now` to `until`, rounded up; at least one.
pub(super) fn minutes(until: Timestamp, now: Timestamp) -> u64 {
    until.since(now).as_secs().div_ceil(60).max(1)
}

fn japan(at: Timestamp) -> DateTime {
    let second = i64::try_from(at.0).unwrap_or(i64::MAX);
    let instant = jiff::Timestamp::from_second(second).unwrap_or(jiff::Timestamp::MAX);
    tz::offset(9).to_datetime(instant)
}

fn parts(time: DateTime) -> FluentArgs<'static> {
    let mut args = FluentArgs::new();
    // As text, so that 2026 is not written 2,026 and a minute keeps its zero.
    args.set("year", time.year().to_string());
    args.set("month", i64::from(time.month()));
    args.set("day", time.day().to_string());
    args.set("hour", time.hour().to_string());
    args.set("minute", format!("{:02}", time.minute()));
    args.set("second", format!("{:02}", time.second()));
    args
}

#[cfg(test)]
mod tests {
    use super::*;
    use sekisho_core::letter::Language;

    /// 2026-11-21 23:58:30 in Japan.
    const NOW: Timestamp = Timestamp(1_795_273_110);

    #[test]
    fn a_wait_is_rounded_up_to_whole_minutes() {
        assert_eq!(minutes(Timestamp(NOW.0 + 1), NOW), 1);
        assert_eq!(minutes(Timestamp(NOW.0 + 60), NOW), 1);
        assert_eq!(minutes(Timestamp(NOW.0 + 61), NOW), 2);
        assert_eq!(minutes(NOW, NOW), 1, "a wait that is just over still names a minute");
    }

    #[test]
    fn the_end_of_a_wait_is_never_shown_too_early() {
        assert_eq!(round_up(Timestamp(1_200)), Timestamp(1_200));
        assert_eq!(round_up(Timestamp(1_201)), Timestamp(1_260));
    }

    #[test]
    fn times_are_those_of_japan() {
        let ja = Words::of(Language::Ja);
        let en = Words::of(Language::En);
        assert_eq!(second(ja, NOW), "23時58分30秒");
        assert_eq!(date(ja, NOW), "2026年11月21日 23時58分");
        assert_eq!(date(en, NOW), "21 November 2026, 23:58");
    }

    #[test]
    fn the_day_is_told_when_the_wait_ends_tomorrow() {
        let ja = Words::of(Language::Ja);
        assert_eq!(minute(ja, Timestamp(NOW.0 + 60), NOW), "23時59分");
        assert_eq!(minute(ja, Timestamp(NOW.0 + 600), NOW), "11月22日 0時08分");
    }

    #[test]
    fn the_last_instant_there_is_can_be_shown() {
        assert!(date(Words::of(Language::Ja), Timestamp(u64::MAX)).starts_with("9999年"));
    }
}
