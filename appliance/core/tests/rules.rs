//! The small rules: folding, dates, IDs, passwords, addresses, codes, counters, and the permanent ids.

use core::time::Duration;
use proptest::prelude::*;
use sekisho_core::alarm::Alarm;
use sekisho_core::audit::Event;
use sekisho_core::birth::{BirthDate, Era};
use sekisho_core::email::EmailAddress;
use sekisho_core::fold::{fold, fold_code};
use sekisho_core::guard::{Budget, Counter, Gate};
use sekisho_core::id::{FactorId, Generation, ItemId};
use sekisho_core::letter::{LetterKind, Notice};
use sekisho_core::lookup::{CODES, Lookup, RANDOM_BYTES, SIGNS};
use sekisho_core::otp::{Burnt, Code, MOST_CODES, Window, accept, device_name, offset};
use sekisho_core::passkey::{Flaw, counter_is_good};
use sekisho_core::password::{Password, Unfit};
use sekisho_core::refusal::Refusal;
use sekisho_core::secret::Secret;
use sekisho_core::session::Way;
use sekisho_core::step::Step;
use sekisho_core::tenant::{Limits, Method, PasswordRule, Quota, UserIdRule};
use sekisho_core::time::{TimeStep, Timestamp};
use sekisho_core::user_id::UserId;
use std::collections::BTreeSet;

fn password(text: &str) -> Option<Password> {
    Password::typed(Secret::new(text.to_owned()), &PasswordRule::default())
}

fn fitness(text: &str) -> Option<Result<(), Unfit>> {
    Some(password(text)?.fitness(&PasswordRule::default(), &UserId::typed("taro-1980")))
}

#[test]
fn full_width_typing_and_japanese_hyphens_are_no_obstacle() {
    assert_eq!(fold("　１２ー３４５６７８９ "), "12-3456789");
    for hyphen in ["ー", "−", "‐", "–", "－", "ｰ"] {
        assert_eq!(fold(&format!("12{hyphen}34")), "12-34", "{hyphen}");
    }
    assert_eq!(fold_code("０１２ ３４５"), "012345");
    assert_eq!(UserId::typed("ＴＡＲＯ").as_str(), "taro");
}

#[test]
fn codes_are_six_digits_however_they_are_grouped() {
    // OTP-05
    for good in ["012345", "０１２ ３４５", "012-345", " 012345\t"] {
        assert!(Code::typed(good).is_some(), "{good}");
    }
    for bad in ["12345", "+12345", "1234567", "12345a", "", "١٢٣٤٥٦", "12345\0"] {
        assert!(Code::typed(bad).is_none(), "{bad}");
    }
}

#[test]
fn a_birth_date_is_read_in_every_era_and_only_if_there_is_such_a_day() {
    let typed = |era, year, month, day| BirthDate::typed(era, year, month, day).map(BirthDate::digits);
    assert_eq!(typed(Era::Common, "１９８０", "12", "01").as_deref(), Some("19801201"));
    assert_eq!(typed(Era::Showa, "55", "12", "1").as_deref(), Some("19801201"));
    assert_eq!(typed(Era::Showa, "64", "1", "7").as_deref(), Some("19890107"));
    assert_eq!(typed(Era::Heisei, "1", "1", "8").as_deref(), Some("19890108"));
    assert_eq!(typed(Era::Taisho, "15", "12", "24").as_deref(), Some("19261224"));
    assert_eq!(typed(Era::Reiwa, "2", "2", "29").as_deref(), Some("20200229"));
    for (era, year, month, day) in [
        (Era::Common, "1900", "2", "29"),
        (Era::Common, "1980", "13", "1"),
        (Era::Common, "1980", "0", "1"),
        (Era::Common, "1980", "4", "31"),
        (Era::Showa, "0", "1", "1"),
        (Era::Showa, "65", "1", "1"),
        (Era::Common, "", "1", "1"),
        (Era::Common, "-1980", "1", "x"),
    ] {
        assert_eq!(typed(era, year, month, day), None, "{year}-{month}-{day}");
    }
}

#[test]
fn carrier_addresses_are_addresses_and_second_recipients_are_not() {
    for good in ["a..b@docomo.example", "a.@ezweb.example", ".a@example.test", "Taro@EXAMPLE.test", "ｔａｒｏ＠example.test"] {
        assert!(EmailAddress::typed(good).is_some(), "{good}");
    }
    for bad in [
        "",
        "a",
        "a@b",
        "a@b@",
        "@example.test",
        "a b@example.test",
        "a@example.test,b@example.test",
        "a@example.test\r\nBcc: b@example.test",
        "\"a\"@example.test",
        "a@-x.test",
        "a@x..test",
    ] {
        assert!(EmailAddress::typed(bad).is_none(), "{bad}");
    }
    let address = EmailAddress::typed("Taro@EXAMPLE.test").expect("an address");
    assert_eq!(address.text(), "Taro@example.test");
    assert_eq!(address.folded(), "taro@example.test");
}

#[test]
fn a_user_id_of_ones_own_combines_letters_and_digits() {
    let rule = UserIdRule::default();
    for (id, may) in [
        ("taro1980", true),
        ("TARO-1980.a@", true),
        ("taro198", false),
        ("taro-1980-osaka", false),
        ("12345678", false),
        ("abcdefgh", false),
        ("taro_198é", false),
    ] {
        assert_eq!(UserId::typed(id).may_be_chosen(&rule), may, "{id}");
    }
}

#[test]
fn a_password_is_eight_to_sixty_four_of_the_listed_signs_and_not_the_user_id() {
    assert_eq!(fitness("kutsu-no"), Some(Ok(())));
    assert_eq!(fitness("kutsu-n"), Some(Err(Unfit::TooShort)));
    assert_eq!(fitness(&"a1".repeat(32)), Some(Ok(())));
    assert_eq!(fitness(&"a1".repeat(33)), Some(Err(Unfit::TooLong)));
    assert_eq!(fitness("!\"#$%&'()=~|`{+*}<>?_-^\\@[;:],./"), Some(Ok(())));
    assert_eq!(fitness("kutsu no himo"), Some(Err(Unfit::Sign)));
    assert_eq!(fitness("くつのひもくつのひも"), Some(Err(Unfit::Sign)));
    assert_eq!(fitness("Taro-1980"), Some(Err(Unfit::IsUserId)));
    // Full-width typing is folded where the set is ASCII (design §11).
    assert_eq!(fitness("ｋｕｔｓｕ－ｎｏ"), Some(Ok(())));
    assert!(password("").is_none());
    assert!(password(&"a".repeat(1025)).is_none());
}

#[test]
fn composed_and_decomposed_characters_are_one_password() {
    // N-08
    let rule = PasswordRule { ascii: false, ..PasswordRule::default() };
    let typed = |text: &str| Password::typed(Secret::new(text.to_owned()), &rule).expect("typed");
    assert!(typed("がぎぐげご123").is_same_as(&typed("か\u{3099}き\u{3099}く\u{3099}け\u{3099}こ\u{3099}123")));
    assert_eq!(typed("🔑🔑🔑🔑🔑🔑🔑🔑").fitness(&rule, &UserId::typed("x")), Ok(()));
}

#[test]
fn the_window_is_the_step_before_the_present_one_and_the_next() {
    // OTP-01, OTP-06, TO-04
    assert_eq!(TimeStep::of(Timestamp(29)), TimeStep::of(Timestamp(0)));
    assert_ne!(TimeStep::of(Timestamp(30)), TimeStep::of(Timestamp(29)));
    assert_eq!(steps(Window::at(Timestamp(20_000_000_000))), [666_666_665, 666_666_666, 666_666_667]);
}

fn steps(window: Window) -> Vec<u64> {
    window.steps().into_iter().map(|step| step.0).collect()
}

/// The window at step 1,000,000 of a device whose last right code was so far from the clock, and so many steps ago.
fn window_after(offset: i8, ago: u64) -> Vec<i64> {
    const NOW: u64 = 1_000_000;
    let burnt = Burnt { factor: FactorId(1), step: TimeStep(NOW - ago), offset };
    steps(Window::of(Some(&burnt), Timestamp(NOW * TimeStep::SECONDS))).into_iter().map(|step| step as i64 - NOW as i64).collect()
}

#[test]
fn a_device_that_was_early_or_late_may_be_one_step_more_so_and_no_further() {
    // OTP-06, OTP-07, OTP-08
    assert_eq!(steps(Window::of(None, Timestamp(300))), [9, 10, 11]);
    assert_eq!(window_after(0, 1), [-1, 0, 1]);
    assert_eq!(window_after(1, 1), [-1, 0, 1, 2]);
    assert_eq!(window_after(-1, 1), [-2, -1, 0, 1]);
    assert_eq!((window_after(2, 1), window_after(-2, 1)), (window_after(1, 1), window_after(-1, 1)), "it moves no further");
}

#[test]
fn a_drift_is_applied_for_thirty_days() {
    // OTP-09
    let days = |days: u64| days * 24 * 3600 / TimeStep::SECONDS;
    for offset in [-2, -1, 1, 2] {
        assert_eq!(window_after(offset, days(30)).len(), 4, "{offset}");
        assert_eq!(window_after(offset, days(30) + 1), [-1, 0, 1], "{offset}");
    }
}

#[test]
fn what_a_code_says_of_its_clock_is_the_least_that_it_can_mean() {
    // OTP-08
    let of = |steps: &[u64]| offset(&steps.iter().map(|step| TimeStep(*step)).collect::<Vec<_>>(), Timestamp(10 * TimeStep::SECONDS + 7));
    assert_eq!([8, 9, 10, 11, 12].map(|step| of(&[step])), [-2, -1, 0, 1, 2]);
    assert_eq!((of(&[8, 9]), of(&[9, 10]), of(&[8, 11])), (-1, 0, 1), "the nearest step is meant");
    assert_eq!((of(&[9, 11]), of(&[])), (0, 0), "two that are equally near tell nothing");
    assert_eq!((of(&[0]), of(&[1_000_000])), (-2, 2), "OTP-07");
}

#[test]
fn digits_are_accepted_once_in_their_window() {
    let step = |n| TimeStep(n);
    assert_eq!(accept(&[], None), None);
    assert_eq!(accept(&[step(10)], None), Some(step(10)));
    assert_eq!(accept(&[step(10)], Some(step(10))), None, "OTP-10: not twice");
    assert_eq!(accept(&[step(9)], Some(step(10))), None, "OTP-11: nor an older one");
    assert_eq!(accept(&[step(11)], Some(step(10))), Some(step(11)));
    assert_eq!(accept(&[step(9), step(11)], None), Some(step(11)), "TO-05: all matching steps are burnt");
    assert_eq!(accept(&[step(9), step(11)], Some(step(9))), None, "TO-05: the same digits again, in a later step");
}

#[test]
fn every_step_of_the_window_is_compared() {
    // RFC 4226 appendix D: count 1 is 287082, count 7 is 162583.
    let window = Window::at(Timestamp(60));
    let code = Code::typed("287082").expect("six digits");
    assert_eq!(code.matching(&window, &[1_094_287_082, 0, 1_094_287_082]), [TimeStep(1), TimeStep(3)]);
    assert_eq!(code.matching(&window, &[82_162_583, 0, 0]), []);
}

#[test]
fn a_device_name_cannot_disguise_itself() {
    assert_eq!(device_name("  わたしの携帯 📱 ").as_deref(), Some("わたしの携帯 📱"));
    for bad in ["", "   ", "a\nb", "a\u{202e}b", "a\u{200b}b"] {
        assert!(device_name(bad).is_none(), "{bad:?}");
    }
    assert!(device_name(&"あ".repeat(40)).is_some());
    assert!(device_name(&"あ".repeat(41)).is_none());
}

const T: Timestamp = Timestamp(1_800_000_000);
const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;

fn failed(times: u32, limit: &sekisho_core::tenant::Limit) -> Counter {
    (0..times).fold(Counter::default(), |counter, _| counter.failed(limit, T))
}

#[test]
fn passwords_wait_then_lock_for_a_time_as_the_table_says() {
    let limit = Limits::default().password;
    let gate = |failures| failed(failures, &limit).gate(&limit, T);
    assert_eq!(gate(4), Gate::Open);
    for (failures, wait) in [(5, 30), (6, MINUTE), (7, 2 * MINUTE), (8, 4 * MINUTE), (9, 8 * MINUTE)] {
        assert_eq!(gate(failures), Gate::Wait(Timestamp(T.0 + wait)), "{failures}");
    }
    for (failures, lock) in [(10, HOUR), (11, 2 * HOUR), (14, 16 * HOUR), (15, 24 * HOUR), (1000, 24 * HOUR)] {
        assert_eq!(gate(failures), Gate::Locked(Timestamp(T.0 + lock)), "{failures}");
    }
}

#[test]
fn a_wait_ends_exactly_when_stated() {
    let limit = Limits::default().password;
    let counter = failed(5, &limit);
    assert_eq!(counter.gate(&limit, Timestamp(T.0 + 29)), Gate::Wait(Timestamp(T.0 + 30)));
    assert_eq!(counter.gate(&limit, Timestamp(T.0 + 30)), Gate::Open);
}

#[test]
fn one_password_failure_is_forgiven_every_twelve_hours() {
    let limit = Limits::default().password;
    let counter = failed(9, &limit);
    let later = |hours| counter.failed(&limit, Timestamp(T.0 + hours * HOUR)).failures;
    assert_eq!([later(0), later(11), later(12), later(36), later(24 * 30)], [10, 10, 9, 7, 1]);
}

#[test]
fn codes_lock_the_account_for_good_at_the_twentieth_failure() {
    let limit = Limits::default().second_step;
    assert_eq!(failed(4, &limit).gate(&limit, T), Gate::Open);
    assert_eq!(failed(5, &limit).gate(&limit, T), Gate::Wait(Timestamp(T.0 + 30)));
    assert_eq!(failed(12, &limit).gate(&limit, T), Gate::Wait(Timestamp(T.0 + HOUR)));
    assert_eq!(failed(19, &limit).gate(&limit, Timestamp(T.0 + HOUR)), Gate::Open);
    assert_eq!(failed(20, &limit).gate(&limit, Timestamp(u64::MAX)), Gate::LockedForGood);
}

#[test]
fn the_chance_of_guessing_a_code_stays_below_the_documented_bound() {
    // OTP-16: four codes are right at once at most.
    let most = [-2, -1, 0, 1, 2].map(|offset| window_after(offset, 1).len()).into_iter().max();
    assert_eq!(most, Some(MOST_CODES));
    let limits = Limits::default();
    let chance = |guesses: u32| f64::from(guesses) * MOST_CODES as f64 / 1e6;
    assert!(chance(limits.second_step.lock_at) <= 8.1e-5);
    assert!(chance(limits.rebind_at) <= 4.1e-4);
}

#[test]
fn permanent_ids_are_pinned() {
    // Retired, never reused: a change here is a change for every report, log and client out there.
    let steps: Vec<&str> = Step::ALL.iter().map(|step| step.id()).collect();
    assert_eq!(
        steps,
        [
            "login",
            "birth-date",
            "terms",
            "email",
            "email-wait",
            "method",
            "new-password",
            "activation-code",
            "terms-declined",
            "first-login-complete",
            "setup-totp",
            "setup-passkey",
            "name-passkey",
            "recovery-codes",
            "login-totp",
            "login-passkey",
            "mail-code",
            "recovery-code",
            "another-way",
            "re-authentication",
            "portal",
            "profile",
            "login-methods",
            "own-page",
            "change-email",
            "change-user-id",
            "change-method",
            "delete-device",
            "forgot-password",
            "forgot-user-id",
            "see-mail",
            "recover",
            "logout",
        ]
    );
    let refusals: Vec<&str> = Refusal::each().iter().map(Refusal::id).collect();
    assert_eq!(
        refusals,
        [
            "login.wrong",
            "re-authentication.wrong",
            "birth-date.wrong",
            "birth-date.exhausted",
            "birth-date.not-a-date",
            "terms.changed",
            "email.unfit",
            "email.in-use",
            "link.dead",
            "method.not-offered",
            "user-id.unfit",
            "user-id.taken",
            "password.too-short",
            "password.too-long",
            "password.sign",
            "password.is-user-id",
            "password.unchanged",
            "password.differ",
            "totp.setup-wrong",
            "totp.wrong",
            "device-name.unfit",
            "device-name.taken",
            "device.too-many",
            "device.last",
            "passkey.cancelled",
            "passkey.known",
            "passkey.unsupported",
            "passkey.expired",
            "passkey.refused",
            "mail-code.wrong",
            "mail-code.dead",
            "recovery-code.wrong",
            "activation-code.wrong",
            "email.unchanged",
            "method.unchanged",
            "recovery.on-hold",
            "link.on-hold",
            "guard.account-disabled",
            "guard.wait",
            "guard.crowded",
            "guard.password-locked",
            "guard.account-locked",
            "guard.try-again",
            "mail.too-soon",
        ]
    );
    let alarms: Vec<&str> = Alarm::ALL.iter().map(|alarm| alarm.id()).collect();
    assert_eq!(alarms, ["source.flooding", "brake.closed", "hashing.full", "connections.full", "clock.members"]);
    let events: Vec<&str> = Event::ALL.iter().map(|event| event.id()).collect();
    assert_eq!(
        events,
        [
            "login.password.ok",
            "login.password.refused",
            "first-login.birth-date.ok",
            "first-login.birth-date.refused",
            "terms.accepted",
            "email.given",
            "email.proven",
            "link.refused",
            "method.chosen",
            "user-id.changed",
            "password.set",
            "form.refused",
            "first-login.finished",
            "totp.set-up",
            "totp.set-up.refused",
            "login.completed",
            "login.code.refused",
            "passkey.set-up",
            "passkey.set-up.refused",
            "passkey.counter",
            "device.named",
            "device.deleted",
            "mail-code.sent",
            "session.re-authenticated",
            "recovery-codes.made",
            "recovery-codes.used",
            "recovery.asked",
            "recovery.begun",
            "recovery.finished",
            "recovery.held",
            "recovery.cancelled",
            "account.frozen",
            "activation-code.ok",
            "activation-code.refused",
            "terms.declined",
            "session.logged-out",
            "session.others-ended",
            "staff.unlocked",
            "staff.imported",
            "staff.society-added",
            "staff.password-issued",
            "staff.activation-issued",
            "staff.reopened",
            "staff.factor-reset",
            "staff.name-corrected",
            "staff.terms-published",
            "staff.disabled",
            "staff.enabled",
            "staff.deleted",
            "staff.approval-asked",
            "staff.policy-shown",
            "staff.member-shown",
            "staff.audit-read",
            "staff.letters-announced",
            "staff.clock-accepted",
            "clock.jumped",
            "clock.members",
        ]
    );
    let notices: Vec<&str> = Notice::each().iter().map(Notice::id).collect();
    assert_eq!(
        notices,
        [
            "first-login-finished",
            "password-changed",
            "email-changed",
            "email-change-asked",
            "user-id-changed",
            "method-changed",
            "totp-added",
            "passkey-added",
            "device-deleted",
            "recovery-codes-made",
            "recovery-code-used",
            "recovery-finished",
            "recovery-held",
            "recovery-counts",
            "recovery-cancelled",
            "frozen",
            "passkey-counter",
            "account-locked",
            "password-locked",
            "second-step-failed",
            "new-browser",
            "staff-unlocked",
            "staff-password-issued",
            "staff-activation-issued",
            "staff-reopened",
            "staff-factor-reset",
            "staff-name-corrected",
            "staff-disabled",
            "staff-enabled",
            "staff-deleted",
        ]
    );
    let flaws: Vec<&str> = Flaw::ALL.iter().map(|flaw| flaw.id()).collect();
    assert_eq!(
        flaws,
        [
            "passkey.malformed",
            "passkey.credential-type",
            "passkey.client-data-type",
            "passkey.challenge",
            "passkey.origin",
            "passkey.cross-origin",
            "passkey.top-origin",
            "passkey.rp-id-hash",
            "passkey.user-presence",
            "passkey.user-verification",
            "passkey.backup-flags",
            "passkey.authenticator-data",
            "passkey.public-key",
            "passkey.attestation",
            "passkey.credential-id",
            "passkey.unknown-credential",
            "passkey.excluded",
            "passkey.user-handle",
            "passkey.signature",
            "passkey.library",
        ]
    );
    let item = ItemId([0; 8]);
    let letters = [
        LetterKind::ConfirmEmail(item),
        LetterKind::Reset(item),
        LetterKind::UserId,
        LetterKind::MailCode { item, expires: T },
        LetterKind::Issued { generation: Generation(0), expires: T },
        LetterKind::Notice(Notice::Frozen),
        LetterKind::Nothing,
    ];
    let letters: Vec<&str> = letters.iter().map(LetterKind::id).collect();
    assert_eq!(letters, ["confirm-email", "reset", "user-id", "mail-code", "issued", "frozen", "nothing"]);
    assert_eq!(Way::ALL.map(Way::id), ["passkey", "totp", "mail-code", "recovery-code"]);
    assert_eq!(Method::ALL.map(Method::id), ["passkey", "totp", "mail-code"]);
    for ids in [steps, refusals, events, notices, flaws, letters] {
        assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "an id stands twice");
    }
}

#[test]
fn an_id_in_a_form_names_what_it_names_and_nothing_else() {
    for way in Way::ALL {
        assert_eq!(Way::of_id(way.id()), Some(way));
    }
    for method in Method::ALL {
        assert_eq!(Method::of_id(method.id()), Some(method));
    }
    assert_eq!((Way::of_id("Passkey"), Method::of_id("")), (None, None));
    let paths: BTreeSet<&str> = Step::ALL.iter().map(|step| step.path()).collect();
    assert_eq!(paths.len(), Step::ALL.len(), "a path stands twice");
}

#[test]
fn every_notice_of_a_change_can_be_disowned_and_no_other() {
    for notice in Notice::each() {
        let cannot = matches!(notice, Notice::FirstLoginFinished | Notice::Frozen | Notice::Staff(_));
        assert_eq!(notice.can_be_disowned(), !cannot, "{}", notice.id());
    }
}

const QUOTA: Quota = Quota { every: Duration::from_secs(60), an_hour: 5, a_day: 10 };

fn asked(times: u64, every: u64) -> Budget {
    (0..times).fold(Budget::default(), |budget, number| budget.asked(Timestamp(T.0 + number * every)))
}

#[test]
fn a_letter_can_be_asked_for_again_exactly_after_its_wait() {
    assert!(Budget::default().next(&QUOTA, T) <= T, "the first at once");
    let next = asked(1, 0).next(&QUOTA, T);
    assert_eq!(next, Timestamp(T.0 + 60));
    assert_eq!(asked(1, 0).next(&QUOTA, next), next, "and at that instant");
    let none = Quota { every: Duration::ZERO, ..QUOTA };
    assert!(asked(1, 0).next(&none, T) <= T, "a quota without a wait has none");
}

#[test]
fn five_letters_an_hour_and_ten_a_day() {
    let now = Timestamp(T.0 + 5 * MINUTE);
    assert!(asked(4, MINUTE).next(&QUOTA, now) <= now);
    assert_eq!(asked(5, MINUTE).next(&QUOTA, now), Timestamp(T.0 + HOUR), "the hour begins with its first letter");
    let hour = Timestamp(T.0 + HOUR);
    assert!(asked(5, MINUTE).next(&QUOTA, hour) <= hour, "and ends exactly");
    let now = Timestamp(T.0 + 10 * 20 * MINUTE);
    assert!(asked(9, 20 * MINUTE).next(&QUOTA, now) <= now);
    assert_eq!(asked(10, 20 * MINUTE).next(&QUOTA, now), Timestamp(T.0 + 24 * HOUR), "the day begins with its first letter");
    let day = Timestamp(T.0 + 24 * HOUR);
    assert!(asked(10, 20 * MINUTE).next(&QUOTA, day) <= day);
}

#[test]
fn a_budget_neither_overflows_nor_goes_back() {
    let full = Budget { last: u64::MAX, hour: u64::MAX, in_hour: u32::MAX, day: u64::MAX, in_day: u32::MAX };
    assert_eq!(full.asked(T), full);
    assert_eq!(asked(1, 0).asked(Timestamp(0)).last, T.0);
}

#[test]
fn a_code_is_read_however_it_is_typed() {
    for typed in
        ["01AB-CDEF-GHJK-MNPQ", "01abcdefghjkmnpq", "０１ＡＢ ＣＤＥＦ ＧＨＪＫ ＭＮＰＱ", " OIab-cdef—ghjk-mnpq ", "oLABCDEFGHJKMNPQ"]
    {
        let code = Lookup::typed(typed).expect(typed);
        assert_eq!(code.bytes(), b"01ABCDEFGHJKMNPQ", "{typed}");
        assert_eq!(code.printed().expose(), "01AB-CDEF-GHJK-MNPQ");
        assert_eq!(code.index(), Some(0));
    }
    for bad in ["", "01AB-CDEF-GHJK-MNP", "01AB-CDEF-GHJK-MNPQR", "U1AB-CDEF-GHJK-MNPQ", "01AB-CDEF-GHJK-MNP!", "あ1AB-CDEF-GHJK-MNPQ"] {
        assert!(Lookup::typed(bad).is_none(), "{bad}");
    }
    assert_eq!(Lookup::typed("A1AB-CDEF-GHJK-MNPQ").and_then(|code| code.index()), None, "a first sign that is no number names no code");
}

proptest! {
    #[test]
    fn what_is_printed_is_read_as_the_same_code(index in 0..CODES, random in any::<[u8; RANDOM_BYTES]>()) {
        let code = Lookup::of(index, &Secret::new(random));
        let typed = Lookup::typed(&code.printed().expose().to_lowercase()).expect("what we print we read");
        prop_assert_eq!(typed.bytes(), code.bytes());
        prop_assert_eq!(typed.index(), Some(index));
        prop_assert_eq!(code.bytes().len(), SIGNS);
    }
}

#[test]
fn a_passkeys_counter_grows_or_is_not_kept() {
    // WV-16
    for (last, counter, good) in
        [(0, 0, true), (0, 1, true), (1, 0, false), (1, 1, false), (1, 2, true), (9, 3, false), (u32::MAX, 0, false)]
    {
        assert_eq!(counter_is_good(last, counter), good, "{last} then {counter}");
    }
}
