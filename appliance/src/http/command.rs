//! Forms to commands: which fields each form has, exactly, and what they mean.
//!
//! What no page of ours could send is [`Problem::BadRequest`]; what a member may get wrong becomes the `None` of the command,
//! which its own page explains.

use super::form::Fields;
use crate::route::{self, Files, Page};
use crate::society::SocietyKeys;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sekisho_core::birth::{BirthDate, Era};
use sekisho_core::command::{Command, PasskeyAnswer};
use sekisho_core::email::EmailAddress;
use sekisho_core::id::FactorId;
use sekisho_core::letter::Language;
use sekisho_core::lookup::Lookup;
use sekisho_core::otp::{Code, device_name};
use sekisho_core::password::Password;
use sekisho_core::secret::Secret;
use sekisho_core::session::Way;
use sekisho_core::shown::{BirthDateFields, LinkKind, Problem, Typed};
use sekisho_core::step::{Goal, Step};
use sekisho_core::tenant::{Lifetimes, Method, PasswordRule, TenantPolicy, UserIdChange};
use sekisho_core::time::Timestamp;
use sekisho_core::user_id::UserId;
use zeroize::Zeroizing;

/// Characters of a link's token that are looked at; ours have 86.
const LINK_TEXT: usize = 256;

/// Reads the form of `step`. The `csrf` field has been taken out.
///
/// # Errors
/// [`Problem::BadRequest`] for a field missing, unknown, or with a value that the page does not offer.
pub fn of_step(step: Step, mut fields: Fields, policy: &TenantPolicy) -> Result<(Command, Typed), Problem> {
    let form = &mut fields;
    let parsed = match step {
        Step::Login => login(form, &policy.password)?,
        Step::BirthDate => {
            let (date, birth_date) = birth_date(form)?;
            (Command::GiveBirthDate(date), Typed { birth_date, ..Typed::default() })
        }
        Step::Terms => plainly(terms(form)?),
        Step::Email => with_address(form, Command::GiveEmail)?,
        Step::EmailWait => plainly(email_wait(form)?),
        Step::Method => method(form, policy.user_id_change)?,
        Step::NewPassword => plainly(new_password(form, &policy.password)?),
        Step::ActivationCode => plainly(Command::GiveActivationCode { code: lookup(form)?, page: step }),
        Step::SetupTotp => setup_totp(form)?,
        Step::SetupPasskey => plainly(Command::CreatePasskey(passkey(form, &[CANCELLED, KNOWN, UNSUPPORTED])?)),
        Step::NamePasskey => name_passkey(form)?,
        Step::RecoveryCodes => plainly(recovery_codes(form)?),
        Step::LoginTotp => login_totp(form)?,
        Step::LoginPasskey => plainly(Command::GivePasskey(passkey(form, &[CANCELLED, UNSUPPORTED])?)),
        Step::MailCode => plainly(mail_code(form)?),
        Step::GiveRecoveryCode => plainly(Command::GiveRecoveryCode(lookup(form)?)),
        Step::AnotherWay => plainly(Command::ChooseWay(offered(&form.take("way")?, Way::of_id)?)),
        Step::Reauthentication => plainly(reauthentication(form, &policy.password)?),
        Step::Profile => plainly(Command::Begin { goal: offered(&form.take("goal")?, goal_of_profile)?, page: step }),
        Step::LoginMethods => plainly(Command::Begin { goal: goal_of_login_methods(form)?, page: step }),
        Step::OwnPage => plainly(own_page(form)?),
        Step::ChangeEmail => with_address(form, Command::ChangeEmail)?,
        Step::ChangeUserId => with_user_id(form, Command::ChangeUserId)?,
        Step::ChangeMethod => plainly(Command::ChangeMethod(chosen_method(form)?)),
        Step::DeleteDevice => plainly(Command::DeleteDevice),
        Step::ForgotPassword => with_user_id(form, Command::ForgotPassword)?,
        Step::ForgotUserId => forgot_user_id(form)?,
        Step::Recover => plainly(Command::Recover(offered(&form.take("way")?, way_of_recovery)?)),
        Step::Logout => plainly(Command::Logout { everywhere: form.take_box("everywhere")? }),
        Step::TermsDeclined | Step::FirstLoginComplete | Step::Portal | Step::SeeMail => return Err(Problem::BadRequest),
    };
    fields.finish()?;
    Ok(parsed)
}

/// A command of which nothing is shown again.
fn plainly(command: Command) -> (Command, Typed) {
    (command, Typed::default())
}

/// The value that one of the page's buttons or boxes has.
fn offered<T>(value: &str, known: impl Fn(&str) -> Option<T>) -> Result<T, Problem> {
    known(value).ok_or(Problem::BadRequest)
}

fn login(form: &mut Fields, rule: &PasswordRule) -> Result<(Command, Typed), Problem> {
    let user_id = plain(form.take("user_id")?);
    let password = password(form, "password", rule)?;
    Ok((Command::Login { user_id: UserId::typed(&user_id), password }, Typed { user_id, ..Typed::default() }))
}

fn birth_date(form: &mut Fields) -> Result<(Option<BirthDate>, BirthDateFields), Problem> {
    // A choice among radio buttons that was not made is not sent.
    let era = form.take_if_sent("era").map(plain).unwrap_or_default();
    let known = Era::ALL.into_iter().find(|known| known.id() == era);
    if known.is_none() && !era.is_empty() {
        return Err(Problem::BadRequest);
    }
    let [year, month, day] = ["year", "month", "day"].map(|name| form.take(name).map(plain));
    let typed = BirthDateFields { era, year: year?, month: month?, day: day? };
    let date = known.and_then(|era| BirthDate::typed(era, &typed.year, &typed.month, &typed.day));
    Ok((date, typed))
}

fn terms(form: &mut Fields) -> Result<Command, Problem> {
    let version = plain(form.take("version")?);
    match form.take("action")?.as_str() {
        "accept" => Ok(Command::AcceptTerms(version)),
        "decline" => Ok(Command::DeclineTerms),
        _ => Err(Problem::BadRequest),
    }
}

fn email_wait(form: &mut Fields) -> Result<Command, Problem> {
    match form.take("action")?.as_str() {
        "resend" => Ok(Command::ResendLink),
        "correct" => Ok(Command::CorrectEmail),
        _ => Err(Problem::BadRequest),
    }
}

fn method(form: &mut Fields, change: UserIdChange) -> Result<(Command, Typed), Problem> {
    let method = chosen_method(form)?;
    let user_id = match change {
        UserIdChange::Never => None,
        UserIdChange::Optional | UserIdChange::Asked => Some(plain(form.take("user_id")?)),
    };
    let command = Command::ChooseMethod { method, user_id: user_id.as_deref().map(UserId::typed) };
    Ok((command, Typed { user_id: user_id.unwrap_or_default(), ..Typed::default() }))
}

/// The method chosen; `None` for a choice that was not made, which is not sent.
fn chosen_method(form: &mut Fields) -> Result<Option<Method>, Problem> {
    form.take_if_sent("method").map(|id| offered(&id, Method::of_id)).transpose()
}

fn new_password(form: &mut Fields, rule: &PasswordRule) -> Result<Command, Problem> {
    let (password, again) = (password(form, "password", rule)?, password(form, "again", rule)?);
    let sign_out_others = form.take_box("sign_out")?;
    ignore_user_name(form);
    Ok(Command::SetPassword { password, again, sign_out_others })
}

fn reauthentication(form: &mut Fields, rule: &PasswordRule) -> Result<Command, Problem> {
    let password = password(form, "password", rule)?;
    ignore_user_name(form);
    Ok(Command::GivePassword(password))
}

/// The hidden field is there for password managers only (ux 2).
fn ignore_user_name(form: &mut Fields) {
    drop(form.take_if_sent("username"));
}

fn setup_totp(form: &mut Fields) -> Result<(Command, Typed), Problem> {
    let code = code(form)?;
    let device = plain(form.take("device")?);
    let sign_out_others = form.take_box("sign_out")?;
    let as_text = form.take_box("as_text")?;
    let command = Command::ConfirmTotp { code, device: device_name(&device), sign_out_others };
    Ok((command, Typed { device, as_text, ..Typed::default() }))
}

fn login_totp(form: &mut Fields) -> Result<(Command, Typed), Problem> {
    let code = code(form)?;
    let device = form.take_if_sent("device").map(|id| offered(&id, factor_id)).transpose()?;
    Ok((Command::GiveCode { code, device }, Typed { device_id: device, ..Typed::default() }))
}

/// A device by its number, as our pages write it: no sign, no zero in front.
fn factor_id(text: &str) -> Option<FactorId> {
    let id = text.parse().ok().map(FactorId)?;
    (id.0.to_string() == text).then_some(id)
}

const CANCELLED: &str = "cancelled";
const KNOWN: &str = "known";
const UNSUPPORTED: &str = "unsupported";

/// What the page's script sends, or without a script its button: an answer, or why there is none. `outcomes`: those that this
/// page's dialogue can have.
fn passkey(form: &mut Fields, outcomes: &[&str]) -> Result<PasskeyAnswer, Problem> {
    let credential = plain(form.take("credential")?);
    let outcome = form.take_if_sent("outcome").map(plain).unwrap_or_default();
    if !outcome.is_empty() && !outcomes.contains(&outcome.as_str()) {
        return Err(Problem::BadRequest);
    }
    match (credential.is_empty(), outcome.as_str()) {
        (false, "") => Ok(PasskeyAnswer::Json(credential)),
        (false, _) => Err(Problem::BadRequest),
        (true, KNOWN) => Ok(PasskeyAnswer::Known),
        (true, UNSUPPORTED) => Ok(PasskeyAnswer::Unsupported),
        (true, _) => Ok(PasskeyAnswer::Cancelled),
    }
}

fn name_passkey(form: &mut Fields) -> Result<(Command, Typed), Problem> {
    let device = plain(form.take("device")?);
    let name = if device.trim().is_empty() { Some(String::new()) } else { device_name(&device) };
    Ok((Command::NamePasskey(name), Typed { device, ..Typed::default() }))
}

fn recovery_codes(form: &mut Fields) -> Result<Command, Problem> {
    match form.take("action")?.as_str() {
        "make" => Ok(Command::MakeRecoveryCodes),
        "leave" => Ok(Command::LeaveRecoveryCodes),
        _ => Err(Problem::BadRequest),
    }
}

fn mail_code(form: &mut Fields) -> Result<Command, Problem> {
    let code = code(form)?;
    match form.take("action")?.as_str() {
        "give" => Ok(Command::GiveMailCode(code)),
        // Its field comes along with either button.
        "resend" => Ok(Command::ResendMailCode),
        _ => Err(Problem::BadRequest),
    }
}

/// A code by mail is nothing held: the reset link went to the same mailbox (design §7).
fn way_of_recovery(id: &str) -> Option<Option<Way>> {
    if id == "anew" { Some(None) } else { Way::of_id(id).filter(|way| *way != Way::MailCode).map(Some) }
}

fn goal_of_profile(id: &str) -> Option<Goal> {
    match id {
        "change-email" => Some(Goal::ChangeEmail),
        "change-user-id" => Some(Goal::ChangeUserId),
        "change-method" => Some(Goal::ChangeMethod),
        _ => None,
    }
}

fn goal_of_login_methods(form: &mut Fields) -> Result<Goal, Problem> {
    match form.take("goal")?.as_str() {
        "change-password" => Ok(Goal::ChangePassword),
        "add-totp" => Ok(Goal::AddDevice(Method::Totp)),
        "add-passkey" => Ok(Goal::AddDevice(Method::Passkey)),
        "recovery-codes" => Ok(Goal::RecoveryCodes),
        "delete" => Ok(Goal::DeleteDevice(offered(&form.take("device")?, factor_id)?)),
        _ => Err(Problem::BadRequest),
    }
}

fn own_page(form: &mut Fields) -> Result<Command, Problem> {
    match form.take("action")?.as_str() {
        "end-others" => Ok(Command::EndOthers),
        "activation-code" => Ok(Command::GiveActivationCode { code: lookup(form)?, page: Step::OwnPage }),
        _ => Err(Problem::BadRequest),
    }
}

fn forgot_user_id(form: &mut Fields) -> Result<(Command, Typed), Problem> {
    let (date, birth_date) = birth_date(form)?;
    let address = plain(form.take("email")?);
    let command = Command::ForgotUserId(date.zip(EmailAddress::typed(&address)));
    Ok((command, Typed { birth_date, address, ..Typed::default() }))
}

fn with_address(form: &mut Fields, command: impl Fn(Option<EmailAddress>) -> Command) -> Result<(Command, Typed), Problem> {
    let address = plain(form.take("email")?);
    Ok((command(EmailAddress::typed(&address)), Typed { address, ..Typed::default() }))
}

fn with_user_id(form: &mut Fields, command: impl Fn(UserId) -> Command) -> Result<(Command, Typed), Problem> {
    let user_id = plain(form.take("user_id")?);
    Ok((command(UserId::typed(&user_id)), Typed { user_id, ..Typed::default() }))
}

fn password(form: &mut Fields, name: &str, rule: &PasswordRule) -> Result<Option<Password>, Problem> {
    Ok(Password::typed(secret(form.take(name)?), rule))
}

fn code(form: &mut Fields) -> Result<Option<Code>, Problem> {
    Ok(Code::typed(&form.take("code")?))
}

fn lookup(form: &mut Fields) -> Result<Option<Lookup>, Problem> {
    Ok(Lookup::typed(&form.take("code")?))
}

/// Reads the button behind a link. A token that is not ours, for something else, or over at `now`, becomes the `None` that its
/// page calls dead.
///
/// # Errors
/// [`Problem::BadRequest`] for a field missing or unknown, or a token of signs or a length that no link of ours has.
pub fn of_link(
    kind: LinkKind,
    mut fields: Fields,
    lifetimes: &Lifetimes,
    keys: &SocietyKeys,
    now: Timestamp,
) -> Result<(Command, Typed), Problem> {
    let text = link_text(&fields.take("t")?)?;
    fields.finish()?;
    let token = URL_SAFE_NO_PAD.decode(&text).ok();
    let read = || keys.read_link(kind, token.as_deref()?, now);
    let command = match kind {
        LinkKind::Email => Command::ConfirmEmail(read()),
        LinkKind::Reset => Command::OpenReset(read()),
        LinkKind::Freeze => Command::Freeze(token.as_deref().and_then(|token| keys.read_freeze_link(token, lifetimes.freeze_link, now))),
    };
    Ok((command, Typed { link: Some((kind, text)), ..Typed::default() }))
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
pub fn of_language(mut fields: Fields, files: Files) -> Result<(Language, String), Problem> {
    let language = match fields.take("language")?.as_str() {
        "ja" => Language::Ja,
        "en" => Language::En,
        _ => return Err(Problem::BadRequest),
    };
    let back = plain(fields.take("back")?);
    fields.finish()?;
    // Only to a page of ours, by its exact path: nothing else can be written here (P-23).
    let is_page = route::find(&back, files).is_some_and(|route| matches!(route.page, Some(Page::Step { .. } | Page::Help)));
    if is_page { Ok((language, back)) } else { Err(Problem::BadRequest) }
}

fn secret(mut value: Zeroizing<String>) -> Secret<String> {
    Secret::new(std::mem::take(&mut *value))
}

fn plain(mut value: Zeroizing<String>) -> String {
    std::mem::take(&mut *value)
}
