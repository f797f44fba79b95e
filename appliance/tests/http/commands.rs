//! Which command each form becomes, and what of it may be shown again.

use super::support::*;
use sekisho::http::command::{of_link, of_step};
use sekisho::http::form::Fields;
use sekisho::route::CREDENTIAL_BYTES;
use sekisho_core::birth::BirthDate;
use sekisho_core::command::{Command, FreezeLink, Link, PasskeyAnswer};
use sekisho_core::id::{FactorId, ItemId, MemberId};
use sekisho_core::session::Way;
use sekisho_core::shown::{LinkKind, Problem, Typed};
use sekisho_core::step::{Goal, Step};
use sekisho_core::tenant::{Lifetimes, Method, TenantPolicy, UserIdChange};
use std::time::Duration;

fn parsed(step: Step, body: &str) -> Result<(Command, Typed), Problem> {
    of_step(step, Fields::parse(body.as_bytes(), CREDENTIAL_BYTES)?, &policy())
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
    let (given, _) = command(Step::Terms, "version=2026-04&action=accept");
    assert!(matches!(given, Command::AcceptTerms(version) if version == "2026-04"));
    assert!(matches!(command(Step::Terms, "version=2026-04&action=decline").0, Command::DeclineTerms));
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

    let fixed = TenantPolicy { user_id_change: UserIdChange::Never, ..policy() };
    let of = |body: &str| of_step(Step::Method, Fields::parse(body.as_bytes(), CREDENTIAL_BYTES).unwrap(), &fixed);
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
    assert!(matches!(command(Step::Logout, "everywhere=on").0, Command::Logout { everywhere: true }));
    assert!(matches!(command(Step::Logout, "").0, Command::Logout { everywhere: false }));
}

#[test]
fn a_code_names_its_device_where_there_is_a_choice() {
    let (given, typed) = command(Step::LoginTotp, "code=123-456");
    assert!(matches!(given, Command::GiveCode { code: Some(_), device: None }));
    assert_eq!(typed.device_id, None);
    for (id, device) in [("0", 0), ("7", 7), ("4294967295", u32::MAX)] {
        let (given, typed) = command(Step::LoginTotp, &format!("code=123456&device={id}"));
        assert!(matches!(given, Command::GiveCode { device: Some(id), .. } if id == FactorId(device)));
        assert_eq!(typed.device_id, Some(FactorId(device)), "stays chosen when the code is refused");
    }
}

#[test]
fn a_passkey_page_sends_the_answer_or_why_there_is_none() {
    let answers = |body: &str| {
        let Command::GivePasskey(get) = command(Step::LoginPasskey, body).0 else { panic!("a passkey") };
        let Command::CreatePasskey(create) = command(Step::SetupPasskey, body).0 else { panic!("a passkey") };
        [get, create]
    };
    for body in ["credential=%7B%22id%22%3A1%7D", "credential=%7B%22id%22%3A1%7D&outcome="] {
        assert!(answers(body).iter().all(|answer| matches!(answer, PasskeyAnswer::Json(json) if json == "{\"id\":1}")), "{body}");
    }
    // The last is the page's button without a script.
    for body in ["credential=&outcome=cancelled", "credential=&outcome=", "credential="] {
        assert!(answers(body).iter().all(|answer| matches!(answer, PasskeyAnswer::Cancelled)), "{body}");
    }
    assert!(answers("credential=&outcome=unsupported").iter().all(|answer| matches!(answer, PasskeyAnswer::Unsupported)));
    let known = command(Step::SetupPasskey, "credential=&outcome=known").0;
    assert!(matches!(known, Command::CreatePasskey(PasskeyAnswer::Known)));
}

#[test]
fn a_passkeys_name_may_stay_as_it_is() {
    for (sent, name, typed) in [
        ("device=phone", Some("phone"), "phone"),
        ("device=+%E9%9B%BB%E8%A9%B1+", Some("電話"), " 電話 "),
        ("device=", Some(""), ""),
        ("device=++", Some(""), "  "),
        ("device=a%E2%80%AEb", None, "a\u{202e}b"),
    ] {
        let (given, kept) = command(Step::NamePasskey, sent);
        let Command::NamePasskey(given) = given else { panic!("a name") };
        assert_eq!((given.as_deref(), kept.device.as_str()), (name, typed), "{sent}");
    }
}

#[test]
fn codes_by_mail_and_on_paper() {
    assert!(matches!(command(Step::MailCode, "action=give&code=%EF%BC%91%EF%BC%92%EF%BC%93456").0, Command::GiveMailCode(Some(_))));
    assert!(matches!(command(Step::MailCode, "action=give&code=").0, Command::GiveMailCode(None)));
    assert!(matches!(command(Step::MailCode, "action=resend&code=123456").0, Command::ResendMailCode));
    let (good, bad) = ("code=0o12+3456-789a-bcde", "code=0123-4567-89AB-CDEU");
    assert!(matches!(command(Step::GiveRecoveryCode, good).0, Command::GiveRecoveryCode(Some(code)) if code.index() == Some(0)));
    assert!(matches!(command(Step::GiveRecoveryCode, bad).0, Command::GiveRecoveryCode(None)));
    assert!(matches!(command(Step::ActivationCode, good).0, Command::GiveActivationCode { code: Some(_), page: Step::ActivationCode }));
    assert!(matches!(command(Step::ActivationCode, bad).0, Command::GiveActivationCode { code: None, .. }));
    let own_page = command(Step::OwnPage, &format!("action=activation-code&{good}")).0;
    assert!(matches!(own_page, Command::GiveActivationCode { code: Some(_), page: Step::OwnPage }));
    assert!(matches!(command(Step::OwnPage, "action=end-others").0, Command::EndOthers));
    assert!(matches!(command(Step::RecoveryCodes, "action=make").0, Command::MakeRecoveryCodes));
    assert!(matches!(command(Step::RecoveryCodes, "action=leave").0, Command::LeaveRecoveryCodes));
}

#[test]
fn the_ways_of_a_log_in_and_of_a_recovery() {
    for way in Way::ALL {
        let chosen = command(Step::AnotherWay, &format!("way={}", way.id())).0;
        assert!(matches!(chosen, Command::ChooseWay(chosen) if chosen == way));
        let recovers = parsed(Step::Recover, &format!("way={}", way.id()));
        match way {
            Way::MailCode => assert_eq!(recovers.err(), Some(Problem::BadRequest)),
            _ => assert!(matches!(recovers, Ok((Command::Recover(Some(chosen)), _)) if chosen == way)),
        }
    }
    assert!(matches!(command(Step::Recover, "way=anew").0, Command::Recover(None)));
}

#[test]
fn each_button_of_a_settings_page_begins_its_change() {
    let pages: [(Step, &[(&str, Goal)]); 2] = [
        (
            Step::Profile,
            &[
                ("goal=change-email", Goal::ChangeEmail),
                ("goal=change-user-id", Goal::ChangeUserId),
                ("goal=change-method", Goal::ChangeMethod),
            ],
        ),
        (
            Step::LoginMethods,
            &[
                ("goal=change-password", Goal::ChangePassword),
                ("goal=add-totp", Goal::AddDevice(Method::Totp)),
                ("goal=add-passkey", Goal::AddDevice(Method::Passkey)),
                ("goal=recovery-codes", Goal::RecoveryCodes),
                ("goal=delete&device=12", Goal::DeleteDevice(FactorId(12))),
            ],
        ),
    ];
    for (step, buttons) in pages {
        for (body, wanted) in buttons {
            let Command::Begin { goal, page } = command(step, body).0 else { panic!("a change") };
            assert_eq!((goal, page), (*wanted, step), "{body}");
        }
    }
}

#[test]
fn changes() {
    let (given, typed) = command(Step::ChangeEmail, "email=b%40example.test");
    assert!(matches!(given, Command::ChangeEmail(Some(address)) if address.text() == "b@example.test"));
    assert_eq!(typed.address, "b@example.test");
    assert!(matches!(command(Step::ChangeEmail, "email=").0, Command::ChangeEmail(None)));
    let (given, typed) = command(Step::ChangeUserId, "user_id=%EF%BC%A1b12345");
    assert!(matches!(given, Command::ChangeUserId(id) if id.as_str() == "ab12345"));
    assert_eq!(typed.user_id, "Ａb12345");
    assert!(matches!(command(Step::ChangeMethod, "method=passkey").0, Command::ChangeMethod(Some(Method::Passkey))));
    assert!(matches!(command(Step::ChangeMethod, "").0, Command::ChangeMethod(None)), "no choice made");
    assert!(matches!(command(Step::DeleteDevice, "").0, Command::DeleteDevice));
    let again = command(Step::Reauthentication, "username=member&password=one").0;
    assert!(matches!(again, Command::GivePassword(Some(password)) if password.bytes() == b"one"));
    assert!(matches!(command(Step::Reauthentication, "password=").0, Command::GivePassword(None)));
}

#[test]
fn what_is_forgotten() {
    let (given, typed) = command(Step::ForgotPassword, "user_id=1234%E2%80%905");
    assert!(matches!(given, Command::ForgotPassword(id) if id.as_str() == "1234-5"));
    assert_eq!(typed.user_id, "1234‐5");
    let (given, typed) = command(Step::ForgotUserId, "era=showa&year=20&month=2&day=3&email=a%40example.test");
    let Command::ForgotUserId(Some((date, address))) = given else { panic!("a date and an address") };
    assert_eq!((Some(date), address.text().as_str()), (BirthDate::new(1945, 2, 3), "a@example.test"));
    assert_eq!((typed.birth_date.year.as_str(), typed.address.as_str()), ("20", "a@example.test"));
    for half in ["era=showa&year=20&month=2&day=30&email=a%40example.test", "era=showa&year=20&month=2&day=3&email=a"] {
        assert!(matches!(command(Step::ForgotUserId, half).0, Command::ForgotUserId(None)), "{half}");
    }
}

#[test]
fn nothing_secret_is_kept_to_be_shown_again() {
    let secret = "5ecre7-5ecre7-16";
    for (step, body) in [
        (Step::Login, "user_id=a&password=SECRET"),
        (Step::NewPassword, "password=SECRET&again=SECRET"),
        (Step::Reauthentication, "password=SECRET"),
        (Step::SetupTotp, "code=SECRET&device=a"),
        (Step::LoginTotp, "code=SECRET"),
        (Step::MailCode, "action=give&code=SECRET"),
        (Step::GiveRecoveryCode, "code=SECRET"),
        (Step::ActivationCode, "code=SECRET"),
        (Step::OwnPage, "action=activation-code&code=SECRET"),
        (Step::LoginPasskey, "credential=SECRET"),
        (Step::SetupPasskey, "credential=SECRET"),
    ] {
        let Typed { user_id, birth_date, address, device, device_id, as_text, link } = command(step, &body.replace("SECRET", secret)).1;
        let dates = [birth_date.era, birth_date.year, birth_date.month, birth_date.day];
        let kept = [user_id, address, device].into_iter().chain(dates);
        assert!(kept.into_iter().all(|text| !text.contains(secret)), "{body}");
        assert!(device_id.is_none() && !as_text && link.is_none(), "{body}");
    }
}

/// The button of a link, pressed so many seconds after [`NOW`].
fn pressed(kind: LinkKind, token: &str, later: u64) -> Result<Command, Problem> {
    let fields = Fields::parse(format!("t={token}").as_bytes(), CREDENTIAL_BYTES)?;
    of_link(kind, fields, &Lifetimes::default(), &keys(), NOW.after(Duration::from_secs(later))).map(|(command, typed)| {
        assert_eq!(typed.link, Some((kind, token.to_owned())));
        command
    })
}

const KINDS: [LinkKind; 3] = [LinkKind::Email, LinkKind::Reset, LinkKind::Freeze];

fn token(kind: LinkKind, end: Duration) -> String {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    URL_SAFE_NO_PAD.encode(keys().link(kind, LINK, NOW.after(end)))
}

const LINK: Link = Link { member: MemberId([1; 16]), item: ItemId([2; 8]) };

/// Whether the command is of this kind and says that its link is dead.
fn is_dead(kind: LinkKind, command: &Command) -> bool {
    match kind {
        LinkKind::Email => matches!(command, Command::ConfirmEmail(None)),
        LinkKind::Reset => matches!(command, Command::OpenReset(None)),
        LinkKind::Freeze => matches!(command, Command::Freeze(None)),
    }
}

#[test]
fn a_link_is_read_only_while_its_seal_and_its_time_are_good() {
    let minute = Duration::from_secs(60);
    assert!(matches!(pressed(LinkKind::Email, &token(LinkKind::Email, minute), 0), Ok(Command::ConfirmEmail(Some(LINK)))));
    assert!(matches!(pressed(LinkKind::Reset, &token(LinkKind::Reset, minute), 59), Ok(Command::OpenReset(Some(LINK)))));
    let freeze = token(LinkKind::Freeze, Lifetimes::default().freeze_link);
    let Ok(Command::Freeze(Some(read))) = pressed(LinkKind::Freeze, &freeze, 60) else { panic!("a link") };
    assert_eq!(read, FreezeLink { member: LINK.member, sent: NOW }, "it tells when its letter was sent");
    for kind in KINDS {
        let good = token(kind, minute);
        assert!(!is_dead(kind, &pressed(kind, &good, 59).unwrap()), "{kind:?}");
        assert!(is_dead(kind, &pressed(kind, &good, 60).unwrap()), "{kind:?}");
        for spoilt in [format!("B{}", &good[1..]), good[1..].to_owned(), format!("{good}A"), "never-ours".to_owned(), "A".repeat(86)] {
            assert!(is_dead(kind, &pressed(kind, &spoilt, 0).unwrap()), "{kind:?} {spoilt}");
        }
        assert_eq!(pressed(kind, &"A".repeat(257), 0).err(), Some(Problem::BadRequest));
        assert_eq!(pressed(kind, "", 0).err(), Some(Problem::BadRequest));
    }
}

#[test]
fn a_link_serves_only_what_its_letter_said() {
    for made in KINDS {
        for pressed_at in KINDS.into_iter().filter(|kind| *kind != made) {
            let command = pressed(pressed_at, &token(made, Duration::from_secs(60)), 0).unwrap();
            assert!(is_dead(pressed_at, &command), "{made:?} at {pressed_at:?}");
        }
    }
}
