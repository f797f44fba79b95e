//! The small rules: folding, dates, IDs, passwords, addresses, codes, counters, and the permanent ids.

use sekisho_core::audit::Event;
use sekisho_core::birth::{BirthDate, Era};
use sekisho_core::email::EmailAddress;
use sekisho_core::fold::{fold, fold_code};
use sekisho_core::guard::{Counter, Gate};
use sekisho_core::otp::{Code, Window, accept, device_name};
use sekisho_core::password::{Password, Unfit};
use sekisho_core::refusal::Refusal;
use sekisho_core::secret::Secret;
use sekisho_core::step::Step;
use sekisho_core::tenant::{Limits, PasswordRule, UserIdRule};
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
    assert_eq!(Window::at(Timestamp(20_000_000_000)).steps().map(|step| step.0), [666_666_665, 666_666_666, 666_666_667]);
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
    assert_eq!(code.matching(&window, [1_094_287_082, 0, 1_094_287_082]), [TimeStep(1), TimeStep(3)]);
    assert_eq!(code.matching(&window, [82_162_583, 0, 0]), []);
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
    let limit = Limits::default().totp;
    assert_eq!(failed(4, &limit).gate(&limit, T), Gate::Open);
    assert_eq!(failed(5, &limit).gate(&limit, T), Gate::Wait(Timestamp(T.0 + 30)));
    assert_eq!(failed(12, &limit).gate(&limit, T), Gate::Wait(Timestamp(T.0 + HOUR)));
    assert_eq!(failed(19, &limit).gate(&limit, Timestamp(T.0 + HOUR)), Gate::Open);
    assert_eq!(failed(20, &limit).gate(&limit, Timestamp(u64::MAX)), Gate::LockedForGood);
}

#[test]
fn the_chance_of_guessing_a_code_stays_below_the_documented_bound() {
    // OTP-16: three codes are right at any instant.
    let limit = Limits::default().totp;
    assert!(f64::from(limit.lock_at) * 3e-6 <= 6.1e-5);
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
            "first-login-complete",
            "setup-totp",
            "login-totp",
            "portal",
            "logout"
        ]
    );
    let refusals: Vec<&str> = Refusal::each().iter().map(Refusal::id).collect();
    assert_eq!(
        refusals,
        [
            "login.wrong",
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
            "guard.wait",
            "guard.password-locked",
            "guard.account-locked",
            "guard.try-again",
            "mail.too-soon",
        ]
    );
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
            "session.logged-out",
            "session.others-ended",
            "staff.unlocked",
            "staff.imported",
            "staff.society-added",
            "staff.member-shown",
            "staff.audit-read",
        ]
    );
    for ids in [steps, refusals, events] {
        assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "an id stands twice");
    }
}
