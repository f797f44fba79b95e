//! One of every page, with invented people and societies, for the tests and for the gallery.

use sekisho_core::id::FactorId;
use sekisho_core::letter::Language;
use sekisho_core::refusal::Refusal;
use sekisho_core::secret::Secret;
use sekisho_core::session::Way;
use sekisho_core::shown::{
    BirthDateFields, Device, DeviceChoice, Face, LinkKind, LoginMethods, OwnPage, Page, Pending, Problem, ProfilePage, Service, Shown,
    TotpSetup, UserIdField,
};
use sekisho_core::tenant::{Method, Offer, PasswordRule, UserIdRule};
use sekisho_core::time::Timestamp;

/// 2026-11-21 10:32:15 in Japan.
pub const NOW: Timestamp = Timestamp(1_795_224_735);

/// A society.
pub fn face() -> Face {
    let service = |name_ja: &str, name_en: &str, path: &str| Service {
        name_ja: name_ja.to_owned(),
        name_en: name_en.to_owned(),
        url: format!("https://services.example.test/{path}"),
    };
    Face {
        name_ja: "みどり野健康保険組合".to_owned(),
        name_en: "Midorino Health Insurance Society".to_owned(),
        phone: "03-0000-1234".to_owned(),
        hours_ja: "平日 9時〜17時".to_owned(),
        hours_en: "weekdays 9:00–17:00".to_owned(),
        services: vec![
            service("医療費のお知らせ", "Notices of medical costs", "costs"),
            service("健診の予約", "Booking a check-up", "checkups"),
            service("申請書とお手続き", "Applications and forms", "forms"),
        ],
    }
}

/// A page around `shown`.
pub fn page<'a>(face: &'a Face, language: Language, shown: Shown, refusal: Option<Refusal>) -> Page<'a> {
    let name = match language {
        Language::Ja => "緑川 はな子".to_owned(),
        Language::En => "Hanako Midorikawa".to_owned(),
    };
    let member_name = is_behind_the_login(&shown).then_some(name);
    Page { language, face, member_name, csrf: "c5f".repeat(14), nonce: "bm9uY2U".to_owned(), now: NOW, refusal, shown }
}

/// Whether the service gives the page the member's name: behind a full log-in.
pub fn is_behind_the_login(shown: &Shown) -> bool {
    match shown {
        Shown::Portal { .. }
        | Shown::Profile(_)
        | Shown::LoginMethods(_)
        | Shown::OwnPage(_)
        | Shown::Reauthentication { .. }
        | Shown::ChangeEmail { .. }
        | Shown::ChangeUserId(_)
        | Shown::ChangeMethod { .. }
        | Shown::DeleteDevice { .. }
        | Shown::Logout => true,
        Shown::SetupPasskey { adds, .. } => *adds,
        Shown::LoginTotp { again, .. } | Shown::LoginPasskey { again, .. } => *again,
        Shown::OfferRecoveryCodes { asked, .. } => *asked,
        _ => false,
    }
}

/// Stands for a picture, in base64; the gallery puts a true one in its place.
pub const PNG: &str = "iVBORw0KGgoAAAANSUhEUg==";

/// The key of the set-up page.
pub const KEY: &str = "BMYF K6U7 YTUQ 4M2Y PWRM P3AR GZNY BJOK";

/// The set-up page, as picture or as text.
pub fn setup(as_text: bool) -> Shown {
    let uri = format!("otpauth://totp/Midorino:ha%2A%2A%2A?secret={}&issuer=Midorino", KEY.replace(' ', ""));
    Shown::SetupTotp(Box::new(TotpSetup {
        png: Secret::new(PNG.to_owned()),
        key: Secret::new(KEY.to_owned()),
        uri: Secret::new(uri),
        account: "ha***".to_owned(),
        device: String::new(),
        as_text,
    }))
}

/// The method page.
pub fn method(asked: Option<bool>) -> Shown {
    let offer = |method, recommended| Offer { method, recommended };
    Shown::Method {
        offers: vec![offer(Method::Totp, true), offer(Method::Passkey, false), offer(Method::MailCode, false)],
        user_id: asked.map(|asked| UserIdField { user_id: "12-3456789".to_owned(), asked, rule: UserIdRule::default() }),
    }
}

/// The code page with as many devices as names, the first of them chosen.
pub fn totp(names: &[&str], again: bool) -> Shown {
    let choice = |(at, name): (usize, &&str)| DeviceChoice { id: FactorId(7 + at as u32), name: (*name).to_owned(), chosen: at == 0 };
    Shown::LoginTotp { devices: names.iter().enumerate().map(choice).collect(), again }
}

/// What the page's script gets: JSON, with the signs that attributes do not like.
pub const OPTIONS: &str = r#"{"challenge":"aGFuYWtv","rp":{"id":"kenpo.example.test","name":"みどり野 & <Co>"},"timeout":300000}"#;

/// A device.
pub fn device(id: u32, name: &str, method: Method, can_go: bool) -> Device {
    let synced = (method == Method::Passkey).then_some(id.is_multiple_of(2));
    let last_use = (id != 9).then_some(Timestamp(NOW.0 - 90_000 * u64::from(id)));
    Device { id: FactorId(id), name: name.to_owned(), method, since: Timestamp(NOW.0 - 9_000_000), last_use, synced, can_go }
}

/// The page of password and devices; `few`: as it is after the first log-in.
pub fn login_methods(few: bool) -> Shown {
    let mut devices = vec![device(2, "わたしのスマートフォン", Method::Passkey, !few)];
    if !few {
        devices.push(device(3, "USBのセキュリティキー", Method::Passkey, true));
        devices.push(device(9, "家のタブレット", Method::Totp, true));
    }
    Shown::LoginMethods(Box::new(LoginMethods {
        password_since: (!few).then_some(Timestamp(NOW.0 - 9_000_000)),
        devices,
        adds: if few { vec![Method::Passkey] } else { vec![Method::Passkey, Method::Totp] },
        recovery_codes: (!few).then_some((Timestamp(NOW.0 - 9_000_000), 8)),
    }))
}

/// The member's own page; `quiet`: with nothing on it that needs attention.
pub fn own_page(quiet: bool) -> Shown {
    let ago = |seconds: u64| Timestamp(NOW.0 - seconds);
    let pending = vec![
        (Pending::Email, Some(Timestamp(NOW.0 + 250_000))),
        (Pending::Method(Method::Passkey), None),
        (Pending::Recovery, Some(Timestamp(NOW.0 + 250_000))),
    ];
    let others = vec![(ago(80_000), ago(70_000), false)];
    let logins = vec![(ago(900), Way::Passkey), (ago(90_000), Way::Totp), (ago(180_000), Way::MailCode), (ago(990_000), Way::RecoveryCode)];
    Shown::OwnPage(Box::new(OwnPage {
        name: "緑川 はな子".to_owned(),
        user_id: "12-3456789".to_owned(),
        email: (!quiet).then(|| "hana..ko@example.test".to_owned()),
        method: Some(Method::Passkey),
        devices: vec![device(2, "わたしのスマートフォン", Method::Passkey, true)],
        logins: if quiet { vec![] } else { logins },
        sessions: [vec![(ago(900), ago(10), true)], if quiet { vec![] } else { others }].concat(),
        pending: if quiet { vec![] } else { pending },
        asks_activation: !quiet,
    }))
}

/// The profile; `pending`: with changes that are not finished.
pub fn profile(pending: bool) -> Shown {
    let from = Timestamp(NOW.0 + 250_000);
    Shown::Profile(Box::new(ProfilePage {
        name: "緑川 はな子".to_owned(),
        user_id: "12-3456789".to_owned(),
        user_id_changes: !pending,
        email: (!pending).then(|| ("hana..ko@example.test".to_owned(), true)),
        pending_email: pending.then(|| ("hanako@example.test".to_owned(), Some(from))),
        method: Some(Method::Totp),
        pending_method: pending.then_some((Method::Passkey, None)),
        method_changes: true,
    }))
}

/// Every page by a name, each with the refusals that can stand on it.
pub fn every() -> Vec<(&'static str, Shown, Vec<Refusal>)> {
    let mut every = first_login();
    every.extend(second_steps());
    every.extend(behind_the_login());
    every.extend(recovery());
    every.extend(links());
    every.extend(PROBLEMS.map(|problem| (problem.id(), Shown::Problem(problem), vec![])));
    every
}

type Samples = Vec<(&'static str, Shown, Vec<Refusal>)>;

fn birth() -> BirthDateFields {
    BirthDateFields { era: "showa".to_owned(), year: "30".to_owned(), month: "4".to_owned(), day: "31".to_owned() }
}

/// Refusals of everything that is guessed at.
fn waits() -> [Refusal; 2] {
    [Refusal::Wait(Timestamp(NOW.0 + 125)), Refusal::TryAgain]
}

fn first_login() -> Samples {
    use Refusal as R;
    let passwords =
        vec![R::PasswordTooShort, R::PasswordTooLong, R::PasswordSign, R::PasswordIsUserId, R::PasswordUnchanged, R::PasswordsDiffer];
    let email = |waits| Shown::Email { address: "hana..ko@example.test".to_owned(), waits };
    let letter = |delayed| Shown::EmailWait { address: "hana..ko@example.test".to_owned(), since: Timestamp(NOW.0 - 200), delayed };
    let terms = "第1条　この規約は、組合の会員サービスの利用について定めます。\n\n第2条　会員は、ユーザIDとパスワードを自分で管理します。\nほかの人に教えてはなりません。\n\n第3条　組合は、会員の情報を法令に従って取り扱います。";
    vec![
        ("login", Shown::Login { user_id: "12-3456789".to_owned() }, vec![R::WrongIdOrPassword, R::BirthDateExhausted, R::TryAgain]),
        ("birth-date", Shown::BirthDate(birth()), vec![R::WrongBirthDate, R::NotADate]),
        ("terms", Shown::Terms { version: "2026-04".to_owned(), text: terms.to_owned() }, vec![R::TermsChanged]),
        ("terms-declined", Shown::TermsDeclined, vec![]),
        ("activation-code", Shown::ActivationCode, [vec![R::WrongActivationCode], waits().to_vec()].concat()),
        ("email-waits", email(true), vec![R::EmailUnfit, R::EmailInUse, R::TooSoon]),
        ("email", email(false), vec![]),
        ("email-wait", letter(false), vec![R::TooSoon]),
        ("email-wait-delayed", letter(true), vec![]),
        ("method", method(None), vec![R::MethodNotOffered]),
        ("method-user-id", method(Some(true)), vec![R::UserIdUnfit, R::UserIdTaken]),
        ("method-user-id-optional", method(Some(false)), vec![]),
        ("new-password", Shown::NewPassword { user_id: "12-3456789".to_owned(), rule: PasswordRule::default() }, passwords),
        ("first-login-complete", Shown::FirstLoginComplete, vec![]),
    ]
}

fn second_steps() -> Samples {
    use Refusal as R;
    let create = |adds| Shown::SetupPasskey { options: OPTIONS.to_owned(), adds };
    let get = |again| Shown::LoginPasskey { options: OPTIONS.to_owned(), again };
    let dialogue = vec![R::PasskeyCancelled, R::PasskeyUnsupported, R::PasskeyExpired, R::PasskeyRefused];
    let known = [dialogue.clone(), vec![R::PasskeyKnown]].concat();
    let names = vec![R::DeviceNameUnfit, R::DeviceNameTaken];
    let codes = [vec![R::WrongMailCode, R::MailCodeDead, R::TooSoon], waits().to_vec()].concat();
    let mail = |sent, again_from, delayed| Shown::MailCode { address: "ha***@example.test".to_owned(), sent, again_from, delayed };
    let sent = Some((Timestamp(NOW.0 - 30), Timestamp(NOW.0 + 570)));
    let paper = |at: usize| Secret::new(format!("{at}A7K-9PQM-2XZT-W4{at}C"));
    vec![
        ("setup-totp", setup(false), [vec![R::WrongSetupCode, R::TooManyDevices], names.clone()].concat()),
        ("setup-totp-key", setup(true), vec![R::WrongSetupCode]),
        ("setup-passkey", create(false), known),
        ("setup-passkey-adds", create(true), vec![R::PasskeyKnown]),
        ("name-passkey", Shown::NamePasskey { name: "iPhone".to_owned() }, names),
        ("login-totp", totp(&["わたしのスマートフォン"], false), [vec![R::WrongCode], waits().to_vec()].concat()),
        ("login-totp-devices", totp(&["わたしのスマートフォン", "家のタブレット", "会社のパソコン"], false), vec![R::WrongCode]),
        ("login-totp-again", totp(&["わたしのスマートフォン"], true), vec![R::WrongCode]),
        ("login-passkey", get(false), [dialogue, waits().to_vec()].concat()),
        ("login-passkey-again", get(true), vec![R::PasskeyCancelled]),
        ("mail-code", mail(sent, Timestamp(NOW.0 + 30), false), codes),
        ("mail-code-delayed", mail(sent, NOW, true), vec![]),
        ("mail-code-none", mail(None, NOW, false), vec![R::MailCodeDead]),
        ("recovery-code", Shown::GiveRecoveryCode { left: 7 }, [vec![R::WrongRecoveryCode], waits().to_vec()].concat()),
        ("another-way", Shown::AnotherWay { ways: Way::ALL.map(|way| (way, way == Way::Totp)).to_vec() }, vec![R::MethodNotOffered]),
        ("recovery-codes-offer", Shown::OfferRecoveryCodes { left: 0, asked: false }, vec![]),
        ("recovery-codes-asked", Shown::OfferRecoveryCodes { left: 1, asked: true }, vec![]),
        ("recovery-codes", Shown::RecoveryCodes { codes: (0..10).map(paper).collect(), since: NOW }, vec![]),
    ]
}

fn behind_the_login() -> Samples {
    use Refusal as R;
    let hold = R::OnHold(Timestamp(NOW.0 + 250_000));
    let portal = |last_login, on_hold, advise_passkey, codes_left| Shown::Portal { last_login, on_hold, advise_passkey, codes_left };
    let last = Some(Timestamp(NOW.0 - 86_000));
    let method = |method, recommended| Offer { method, recommended };
    let offers = vec![method(Method::Passkey, true), method(Method::Totp, false), method(Method::MailCode, false)];
    let user_id = UserIdField { user_id: "12-3456789".to_owned(), asked: true, rule: UserIdRule::default() };
    let user_ids = vec![R::UserIdUnfit, R::UserIdTaken];
    let delete = |method| Shown::DeleteDevice { name: "家のタブレット".to_owned(), method };
    vec![
        ("portal", portal(last, None, false, None), vec![]),
        ("portal-first", portal(None, None, true, None), vec![]),
        ("portal-notices", portal(last, Some(Timestamp(NOW.0 + 250_000)), true, Some(1)), vec![]),
        ("profile", profile(false), vec![hold]),
        ("profile-pending", profile(true), vec![]),
        ("login-methods", login_methods(false), vec![hold, R::LastFactor, R::TooManyDevices, R::MethodNotOffered]),
        ("login-methods-few", login_methods(true), vec![]),
        ("own-page", own_page(false), [vec![R::WrongActivationCode], waits().to_vec()].concat()),
        ("own-page-quiet", own_page(true), vec![]),
        (
            "re-authentication",
            Shown::Reauthentication { user_id: "hana1234".to_owned() },
            [vec![R::WrongPassword], waits().to_vec()].concat(),
        ),
        (
            "change-email",
            Shown::ChangeEmail { address: "hana..ko@example.test".to_owned() },
            vec![R::EmailUnfit, R::EmailUnchanged, R::TooSoon],
        ),
        ("change-user-id", Shown::ChangeUserId(user_id), user_ids),
        ("change-method", Shown::ChangeMethod { offers, present: Some(Method::Totp) }, vec![R::MethodNotOffered, R::MethodUnchanged]),
        ("delete-device", delete(Method::Totp), vec![R::LastFactor]),
        ("delete-device-passkey", delete(Method::Passkey), vec![]),
        ("logout", Shown::Logout, vec![]),
    ]
}

fn recovery() -> Samples {
    use Refusal as R;
    let ways = || vec![Way::Passkey, Way::Totp, Way::RecoveryCode];
    vec![
        ("forgot-password", Shown::ForgotPassword { user_id: "hana1234".to_owned() }, vec![R::TryAgain]),
        (
            "forgot-user-id",
            Shown::ForgotUserId { birth_date: birth(), address: "hana..ko@example.test".to_owned() },
            vec![R::NotADate, R::EmailUnfit, R::TryAgain],
        ),
        ("see-mail", Shown::SeeMail, vec![]),
        ("recover", Shown::Recover { ways: ways(), anew: true, holds: true }, vec![R::MethodNotOffered]),
        ("recover-at-once", Shown::Recover { ways: ways(), anew: true, holds: false }, vec![]),
        ("recover-nothing-held", Shown::Recover { ways: vec![], anew: true, holds: true }, vec![]),
        ("recover-held-only", Shown::Recover { ways: ways(), anew: false, holds: false }, vec![]),
        ("recover-staff-only", Shown::Recover { ways: vec![], anew: false, holds: false }, vec![]),
    ]
}

fn links() -> Samples {
    use Refusal as R;
    let link = |link, waits| Shown::LinkConfirm { link, token: "0123456789abcdef".to_owned(), waits };
    let held = vec![
        R::Wait(Timestamp(NOW.0 + 125)),
        R::Crowded(Timestamp(NOW.0 + 3_600)),
        R::Crowded(Timestamp(NOW.0 + 125)),
        R::PasswordLocked(Timestamp(NOW.0 + 24 * 3_600)),
        R::AccountLocked,
        R::AccountDisabled,
    ];
    let on_hold = R::LinkOnHold(Timestamp(NOW.0 + 250_000));
    vec![
        ("login-timeout", Shown::LoginTimeout, vec![]),
        ("held", Shown::Held, held),
        ("link-email", link(LinkKind::Email, false), vec![R::LinkDead, R::EmailInUse, R::TryAgain, on_hold]),
        ("link-email-waits", link(LinkKind::Email, true), vec![R::LinkDead, R::EmailInUse]),
        ("link-reset", link(LinkKind::Reset, false), vec![R::LinkDead, R::TryAgain]),
        ("link-freeze", link(LinkKind::Freeze, false), vec![R::LinkDead, R::TryAgain]),
        ("link-done", Shown::LinkDone { link: LinkKind::Email, waits: false }, vec![R::LinkDead]),
        ("link-done-waits", Shown::LinkDone { link: LinkKind::Email, waits: true }, vec![R::LinkDead]),
        ("link-frozen", Shown::LinkDone { link: LinkKind::Freeze, waits: false }, vec![]),
        ("help", Shown::Help, vec![]),
    ]
}

/// Every answer that is not a page of the journey.
pub const PROBLEMS: [Problem; 10] = [
    Problem::BadRequest,
    Problem::Forbidden,
    Problem::NotFound,
    Problem::MethodNotAllowed,
    Problem::TooLarge,
    Problem::UnsupportedMedia,
    Problem::Misdirected,
    Problem::Busy,
    Problem::TryLater,
    Problem::Internal,
];
