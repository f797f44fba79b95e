//! Instants as members read them: Japan time, which has had no summer time since 1951.

use super::words::Words;
use fluent_bundle::{FluentArgs, FluentValue};
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

/// How long it is from `now` to `until`, rounded up: to minutes below two hours, to whole hours from there on. Never nothing.
pub(super) fn span(words: Words, until: Timestamp, now: Timestamp) -> String {
    let minutes = until.since(now).as_secs().div_ceil(60).max(1);
    let (id, hours, minutes) = match minutes {
        0..60 => ("span-minutes", 0, minutes),
        60 => ("span-hours", 1, 0),
        61..120 => ("span-hour", 1, minutes - 60),
        _ => ("span-hours", minutes.div_ceil(60), 0),
    };
    words.get(id, &[("hours", FluentValue::from(hours)), ("minutes", FluentValue::from(minutes))].into_iter().collect())
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
    fn a_wait_is_rounded_up_to_minutes_and_from_two_hours_on_to_hours() {
        const MINUTE: u64 = 60;
        const HOUR: u64 = 60 * MINUTE;
        for (seconds, ja, en) in [
            (0, "1 分", "1 minute"),
            (1, "1 分", "1 minute"),
            (MINUTE, "1 分", "1 minute"),
            (MINUTE + 1, "2 分", "2 minutes"),
            (59 * MINUTE, "59 分", "59 minutes"),
            (59 * MINUTE + 1, "1 時間", "1 hour"),
            (HOUR, "1 時間", "1 hour"),
            (HOUR + 1, "1 時間 1 分", "1 hour 1 minute"),
            (2 * HOUR - MINUTE, "1 時間 59 分", "1 hour 59 minutes"),
            (2 * HOUR, "2 時間", "2 hours"),
            (2 * HOUR + 1, "3 時間", "3 hours"),
            (24 * HOUR, "24 時間", "24 hours"),
        ] {
            let until = Timestamp(NOW.0 + seconds);
            assert_eq!(span(Words::of(Language::Ja), until, NOW), ja, "{seconds} s");
            assert_eq!(span(Words::of(Language::En), until, NOW), en, "{seconds} s");
        }
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
