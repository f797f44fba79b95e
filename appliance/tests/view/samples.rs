//! One of every page, with invented people and societies, for the tests and for the gallery.

use sekisho_core::letter::Language;
use sekisho_core::refusal::Refusal;
use sekisho_core::secret::Secret;
use sekisho_core::shown::{BirthDateFields, Face, Page, Problem, Service, Shown, TotpSetup, UserIdField};
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
    let full = matches!(shown, Shown::Portal { .. } | Shown::Logout);
    let member_name = full.then(|| match language {
        Language::Ja => "緑川 はな子".to_owned(),
        Language::En => "Hanako Midorikawa".to_owned(),
    });
    Page { language, face, member_name, csrf: "c5f".repeat(14), nonce: "bm9uY2U".to_owned(), now: NOW, refusal, shown }
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

/// Every page by a name, each with the refusals that can stand on it.
pub fn every() -> Vec<(&'static str, Shown, Vec<Refusal>)> {
    use Refusal as R;
    let until = Timestamp(NOW.0 + 125);
    let wait = R::Wait(until);
    let birth = BirthDateFields { era: "showa".to_owned(), year: "30".to_owned(), month: "4".to_owned(), day: "31".to_owned() };
    let passwords =
        vec![R::PasswordTooShort, R::PasswordTooLong, R::PasswordSign, R::PasswordIsUserId, R::PasswordUnchanged, R::PasswordsDiffer];
    let email = |waits| Shown::Email { address: "hana..ko@example.test".to_owned(), waits };
    let letter = |delayed| Shown::EmailWait { address: "hana..ko@example.test".to_owned(), since: Timestamp(NOW.0 - 200), delayed };
    let link = |waits| Shown::LinkConfirm { token: "0123456789abcdef".to_owned(), waits };
    let terms = "第1条　この規約は、組合の会員サービスの利用について定めます。\n\n第2条　会員は、ユーザIDとパスワードを自分で管理します。\nほかの人に教えてはなりません。\n\n第3条　組合は、会員の情報を法令に従って取り扱います。";
    let mut every = vec![
        ("login", Shown::Login { user_id: "12-3456789".to_owned() }, vec![R::WrongIdOrPassword, R::BirthDateExhausted, R::TryAgain]),
        ("birth-date", Shown::BirthDate(birth), vec![R::WrongBirthDate, R::NotADate]),
        ("terms", Shown::Terms { version: "2026-04".to_owned(), text: terms.to_owned() }, vec![R::TermsChanged]),
        ("email-waits", email(true), vec![R::EmailUnfit, R::EmailInUse, R::TooSoon]),
        ("email", email(false), vec![]),
        ("email-wait", letter(false), vec![R::TooSoon]),
        ("email-wait-delayed", letter(true), vec![]),
        ("method", method(None), vec![R::MethodNotOffered]),
        ("method-user-id", method(Some(true)), vec![R::UserIdUnfit, R::UserIdTaken]),
        ("method-user-id-optional", method(Some(false)), vec![]),
        ("new-password", Shown::NewPassword { user_id: "12-3456789".to_owned(), rule: PasswordRule::default() }, passwords),
        ("first-login-complete", Shown::FirstLoginComplete, vec![]),
        ("setup-totp", setup(false), vec![R::WrongSetupCode, R::DeviceNameUnfit]),
        ("setup-totp-key", setup(true), vec![R::WrongSetupCode]),
        ("login-totp", Shown::LoginTotp { device: "わたしのスマートフォン".to_owned() }, vec![R::WrongCode, wait]),
        ("portal", Shown::Portal { last_login: Some(Timestamp(NOW.0 - 86_000)) }, vec![]),
        ("portal-first", Shown::Portal { last_login: None }, vec![]),
        ("logout", Shown::Logout, vec![]),
        ("login-timeout", Shown::LoginTimeout, vec![]),
        ("held", Shown::Held, vec![wait, R::PasswordLocked(Timestamp(NOW.0 + 24 * 3_600)), R::AccountLocked]),
        ("link-confirm", link(false), vec![R::LinkDead, R::EmailInUse, R::TryAgain]),
        ("link-confirm-waits", link(true), vec![R::LinkDead, R::EmailInUse]),
        ("link-done", Shown::LinkDone { waits: false }, vec![R::LinkDead]),
        ("link-done-waits", Shown::LinkDone { waits: true }, vec![R::LinkDead]),
        ("help", Shown::Help, vec![]),
    ];
    every.extend(PROBLEMS.map(|problem| (problem.id(), Shown::Problem(problem), vec![])));
    every
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
