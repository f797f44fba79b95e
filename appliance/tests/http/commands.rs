//! Which command each form becomes, and what of it may be shown again.

use super::support::*;
use sekisho::http::command::{of_link, of_step};
use sekisho::http::form::Fields;
use sekisho_core::birth::BirthDate;
use sekisho_core::command::{Command, EmailLink};
use sekisho_core::id::{ItemId, MemberId};
use sekisho_core::shown::{Problem, Typed};
use sekisho_core::step::Step;
use sekisho_core::tenant::{Method, UserIdChange};
use std::time::Duration;

fn parsed(step: Step, body: &str) -> Result<(Command, Typed), Problem> {
    of_step(step, Fields::parse(body.as_bytes())?, &society(NORTH))
}

fn command(step: Step, body: &str) -> (Command, Typed) {
    parsed(step, body).unwrap_or_else(|problem| panic!("{body}: {problem:?}"))
}

#[test]
fn log_in_folds_the_id_and_keeps_what_was_typed() {
    let (command, typed) = command(Step::Login, "user_id=%EF%BC%A11%E3%83%BC2&password=x");
    let Command::Login { user_id, password: Some(password) } = command else { panic!("a log-in") };
    assert_eq!((user_id.as_str(), password.bytes(), typed.user_id.as_str()), ("a1-2", b"x".as_slice(), "Ａ1ー2"));
}

#[test]
fn an_empty_or_endless_password_is_a_log_in_that_never_fits() {
    for password in [String::new(), "x".repeat(1025)] {
        let (command, _) = command(Step::Login, &format!("user_id=1&password={password}"));
        assert!(matches!(command, Command::Login { password: None, .. }));
    }
}

#[test]
fn birth_dates() {
    let (given, typed) = command(Step::BirthDate, "era=showa&year=%EF%BC%92%EF%BC%90&month=02&day=3");
    let Command::GiveBirthDate(date) = given else { panic!("a birth date") };
    assert_eq!(date, BirthDate::new(1945, 2, 3));
    assert_eq!((typed.birth_date.era.as_str(), typed.birth_date.year.as_str()), ("showa", "２０"));
    for wrong in ["era=showa&year=99&month=1&day=1", "era=common&year=&month=&day=", "year=1950&month=1&day=1"] {
        assert!(matches!(command(Step::BirthDate, wrong).0, Command::GiveBirthDate(None)), "{wrong}");
    }
}

#[test]
fn terms_address_and_wait() {
    let (given, _) = command(Step::Terms, "version=2026-04");
    assert!(matches!(given, Command::AcceptTerms(version) if version == "2026-04"));
    let (given, typed) = command(Step::Email, "email=a..b%40docomo.ne.jp");
    assert!(matches!(given, Command::GiveEmail(Some(address)) if address.text() == "a..b@docomo.ne.jp"));
    assert_eq!(typed.address, "a..b@docomo.ne.jp");
    assert!(matches!(command(Step::Email, "email=nobody").0, Command::GiveEmail(None)));
    assert!(matches!(command(Step::EmailWait, "action=resend").0, Command::ResendLink));
    assert!(matches!(command(Step::EmailWait, "action=correct").0, Command::CorrectEmail));
}

#[test]
fn the_method_page_has_a_user_id_only_where_the_society_lets_it_change() {
    let (given, typed) = command(Step::Method, "method=totp&user_id=Abc12345");
    assert!(matches!(given, Command::ChooseMethod { method: Some(Method::Totp), user_id: Some(id) } if id.as_str() == "abc12345"));
    assert_eq!(typed.user_id, "Abc12345");
    assert!(matches!(command(Step::Method, "user_id=a").0, Command::ChooseMethod { method: None, .. }));
    assert_eq!(parsed(Step::Method, "method=totp").err(), Some(Problem::BadRequest));

    let mut fixed = society(NORTH);
    fixed.policy.user_id_change = UserIdChange::Never;
    let of = |body: &str| of_step(Step::Method, Fields::parse(body.as_bytes()).unwrap(), &fixed);
    assert!(matches!(of("method=totp"), Ok((Command::ChooseMethod { user_id: None, .. }, _))));
    assert_eq!(of("method=totp&user_id=a").err(), Some(Problem::BadRequest));
}

#[test]
fn a_new_password_ignores_the_password_managers_field() {
    let (given, _) = command(Step::NewPassword, "username=member&password=one&again=two&sign_out=on");
    let Command::SetPassword { password: Some(one), again: Some(two), sign_out_others: true } = given else { panic!("a password") };
    assert_eq!((one.bytes(), two.bytes()), (b"one".as_slice(), b"two".as_slice()));
    let (given, _) = command(Step::NewPassword, "password=&again=two");
    assert!(matches!(given, Command::SetPassword { password: None, sign_out_others: false, .. }));
}

#[test]
fn set_up_and_code() {
    let (given, typed) = command(Step::SetupTotp, "code=%EF%BC%91%EF%BC%92%EF%BC%93+456&device=+phone+&as_text=on");
    let Command::ConfirmTotp { code: Some(_), device: Some(device), sign_out_others: false } = given else { panic!("a set-up") };
    assert_eq!((device.as_str(), typed.device.as_str(), typed.as_text), ("phone", " phone ", true));
    assert!(matches!(command(Step::SetupTotp, "code=x&device=").0, Command::ConfirmTotp { code: None, device: None, .. }));
    assert!(matches!(command(Step::LoginTotp, "code=123-456").0, Command::GiveCode(Some(_))));
    assert!(matches!(command(Step::Logout, "everywhere=on").0, Command::Logout { everywhere: true }));
    assert!(matches!(command(Step::Logout, "").0, Command::Logout { everywhere: false }));
}

#[test]
fn a_link_is_read_only_while_its_seal_and_its_time_are_good() {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    let link = EmailLink { member: MemberId([1; 16]), item: ItemId([2; 8]) };
    let token = URL_SAFE_NO_PAD.encode(keys().email_link(link, NOW.after(Duration::from_secs(60))));
    let read = |token: &str, later: u64| {
        let fields = Fields::parse(format!("t={token}").as_bytes()).unwrap();
        of_link(fields, &keys(), NOW.after(Duration::from_secs(later))).map(|(command, typed)| {
            let Command::ConfirmEmail(link) = command else { panic!("a link") };
            assert_eq!(typed.link, token);
            link
        })
    };
    assert_eq!(read(&token, 0), Ok(Some(link)));
    assert_eq!(read(&token, 60), Ok(None));
    assert_eq!(read(&format!("B{}", &token[1..]), 0), Ok(None));
    assert_eq!(read("never-ours", 0), Ok(None));
    assert_eq!(read(&"A".repeat(257), 0), Err(Problem::BadRequest));
}
