//! Forms to commands: which fields each form has, exactly, and what they mean.
//!
//! What no page of ours could send is [`Problem::BadRequest`]; what a member may get wrong becomes the `None` of the command,
//! which its own page explains.

use super::form::Fields;
use crate::route::{self, Page};
use crate::society::{Society, SocietyKeys};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sekisho_core::birth::{BirthDate, Era};
use sekisho_core::command::Command;
use sekisho_core::email::EmailAddress;
use sekisho_core::letter::Language;
use sekisho_core::otp::{Code, device_name};
use sekisho_core::password::Password;
use sekisho_core::secret::Secret;
use sekisho_core::shown::{BirthDateFields, Problem, Typed};
use sekisho_core::step::Step;
use sekisho_core::tenant::{Method, PasswordRule, UserIdChange};
use sekisho_core::time::Timestamp;
use sekisho_core::user_id::UserId;
use zeroize::Zeroizing;

/// Characters of a link's token that are looked at; ours have 86.
const LINK_TEXT: usize = 256;

/// Reads the form of `step`. The `csrf` field has been taken out.
///
/// # Errors
/// [`Problem::BadRequest`] for a field missing, unknown, or with a value that the page does not offer.
pub fn of_step(step: Step, mut fields: Fields, society: &Society) -> Result<(Command, Typed), Problem> {
    let policy = &society.policy;
    let parsed = match step {
        Step::Login => login(&mut fields, &policy.password)?,
        Step::BirthDate => birth_date(&mut fields)?,
        Step::Terms => (Command::AcceptTerms(plain(fields.take("version")?)), Typed::default()),
        Step::Email => {
            let address = plain(fields.take("email")?);
            (Command::GiveEmail(EmailAddress::typed(&address)), Typed { address, ..Typed::default() })
        }
        Step::EmailWait => match fields.take("action")?.as_str() {
            "resend" => (Command::ResendLink, Typed::default()),
            "correct" => (Command::CorrectEmail, Typed::default()),
            _ => return Err(Problem::BadRequest),
        },
        Step::Method => method(&mut fields, policy.user_id_change)?,
        Step::NewPassword => new_password(&mut fields, &policy.password)?,
        Step::SetupTotp => setup_totp(&mut fields)?,
        Step::LoginTotp => (Command::GiveCode(Code::typed(&fields.take("code")?)), Typed::default()),
        Step::Logout => (Command::Logout { everywhere: fields.take_box("everywhere")? }, Typed::default()),
        Step::FirstLoginComplete | Step::Portal => return Err(Problem::BadRequest),
    };
    fields.finish()?;
    Ok(parsed)
}

fn login(fields: &mut Fields, rule: &PasswordRule) -> Result<(Command, Typed), Problem> {
    let user_id = plain(fields.take("user_id")?);
    let password = Password::typed(secret(fields.take("password")?), rule);
    Ok((Command::Login { user_id: UserId::typed(&user_id), password }, Typed { user_id, ..Typed::default() }))
}

fn birth_date(fields: &mut Fields) -> Result<(Command, Typed), Problem> {
    // A choice among radio buttons that was not made is not sent.
    let era = fields.take_if_sent("era").map(plain).unwrap_or_default();
    let known = Era::ALL.into_iter().find(|known| known.id() == era);
    if known.is_none() && !era.is_empty() {
        return Err(Problem::BadRequest);
    }
    let [year, month, day] = ["year", "month", "day"].map(|name| fields.take(name).map(plain));
    let typed = BirthDateFields { era, year: year?, month: month?, day: day? };
    let date = known.and_then(|era| BirthDate::typed(era, &typed.year, &typed.month, &typed.day));
    Ok((Command::GiveBirthDate(date), Typed { birth_date: typed, ..Typed::default() }))
}

fn method(fields: &mut Fields, change: UserIdChange) -> Result<(Command, Typed), Problem> {
    let known = |id: &str| [Method::Passkey, Method::Totp, Method::MailCode].into_iter().find(|method| method.id() == id);
    let method = fields.take_if_sent("method").map(|id| known(&id).ok_or(Problem::BadRequest)).transpose()?;
    let user_id = match change {
        UserIdChange::Never => None,
        UserIdChange::Optional | UserIdChange::Asked => Some(plain(fields.take("user_id")?)),
    };
    let command = Command::ChooseMethod { method, user_id: user_id.as_deref().map(UserId::typed) };
    Ok((command, Typed { user_id: user_id.unwrap_or_default(), ..Typed::default() }))
}

fn new_password(fields: &mut Fields, rule: &PasswordRule) -> Result<(Command, Typed), Problem> {
    let password = Password::typed(secret(fields.take("password")?), rule);
    let again = Password::typed(secret(fields.take("again")?), rule);
    let sign_out_others = fields.take_box("sign_out")?;
    // There for password managers only (ux 2).
    drop(fields.take_if_sent("username"));
    Ok((Command::SetPassword { password, again, sign_out_others }, Typed::default()))
}

fn setup_totp(fields: &mut Fields) -> Result<(Command, Typed), Problem> {
    let code = Code::typed(&fields.take("code")?);
    let device = plain(fields.take("device")?);
    let sign_out_others = fields.take_box("sign_out")?;
    let as_text = fields.take_box("as_text")?;
    let command = Command::ConfirmTotp { code, device: device_name(&device), sign_out_others };
    Ok((command, Typed { device, as_text, ..Typed::default() }))
}

/// Reads the button behind a link. A token that is not ours, or over, becomes the `None` that its page calls dead.
pub fn of_link(mut fields: Fields, keys: &SocietyKeys, now: Timestamp) -> Result<(Command, Typed), Problem> {
    let token = link_text(&fields.take("t")?)?;
    fields.finish()?;
    let link = URL_SAFE_NO_PAD.decode(&token).ok().and_then(|token| keys.read_email_link(&token, now));
    Ok((Command::ConfirmEmail(link), Typed { link: token, ..Typed::default() }))
}

/// The token in the query of a link, as it came: the button's answer says whether it is good. Mail programs may add fields.
pub fn link_token(query: &str) -> Result<String, Problem> {
    let mut tokens = form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| name == "t").map(|(_, token)| token);
    match (tokens.next(), tokens.next()) {
        (Some(token), None) => link_text(&token),
        _ => Err(Problem::BadRequest),
    }
}

fn link_text(text: &str) -> Result<String, Problem> {
    let fits = !text.is_empty() && text.len() <= LINK_TEXT && text.chars().all(|c| c.is_ascii_graphic());
    fits.then(|| text.to_owned()).ok_or(Problem::BadRequest)
}

/// Reads the choice of a language: which, and the page to go back to.
pub fn of_language(mut fields: Fields, style: &str) -> Result<(Language, String), Problem> {
    let language = match fields.take("language")?.as_str() {
        "ja" => Language::Ja,
        "en" => Language::En,
        _ => return Err(Problem::BadRequest),
    };
    let back = plain(fields.take("back")?);
    fields.finish()?;
    // Only to a page of ours, by its exact path: nothing else can be written here (P-23).
    let is_page = route::find(&back, style).is_some_and(|route| matches!(route.page, Some(Page::Step { .. } | Page::Help)));
    if is_page { Ok((language, back)) } else { Err(Problem::BadRequest) }
}

fn secret(mut value: Zeroizing<String>) -> Secret<String> {
    Secret::new(std::mem::take(&mut *value))
}

fn plain(mut value: Zeroizing<String>) -> String {
    std::mem::take(&mut *value)
}
