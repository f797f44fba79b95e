//! One template for each thing that can be shown.

mod entry;
mod outside;
mod recovery;
mod second_step;
mod settings;

use super::frame::Frame;
use askama::Template;
use sekisho_core::shown::{Page, Shown};

/// The page as HTML, or the template's error.
pub(super) fn html(page: &Page) -> askama::Result<String> {
    let f = &Frame::new(page);
    match &page.shown {
        Shown::Login { user_id } => entry::Login::new(f, user_id).render(),
        Shown::BirthDate(fields) => entry::BirthDate::new(f, fields).render(),
        Shown::Terms { version, text } => entry::Terms { f, version, text }.render(),
        Shown::TermsDeclined => entry::TermsDeclined { f }.render(),
        Shown::ActivationCode => entry::ActivationCode::new(f).render(),
        Shown::Email { address, waits } => entry::Email::new(f, address, *waits).render(),
        Shown::EmailWait { address, since, delayed } => entry::EmailWait { f, address, since, delayed: *delayed }.render(),
        Shown::Method { offers, user_id } => entry::Method::new(f, offers, user_id.as_ref()).render(),
        Shown::NewPassword { user_id, rule } => entry::NewPassword::new(f, user_id, rule).render(),
        Shown::FirstLoginComplete => entry::FirstLoginComplete { f }.render(),

        Shown::SetupTotp(setup) => second_step::SetupTotp::new(f, setup).render(),
        Shown::SetupPasskey { options, adds } => second_step::SetupPasskey { f, options, adds: *adds }.render(),
        Shown::NamePasskey { name } => second_step::NamePasskey::new(f, name).render(),
        Shown::LoginTotp { devices, again } => second_step::LoginTotp::new(f, devices, *again).render(),
        Shown::LoginPasskey { options, again } => second_step::LoginPasskey { f, options, again: *again }.render(),
        Shown::MailCode { address, sent, again_from, delayed } => {
            let again_from = (page.now < *again_from).then_some(again_from);
            second_step::MailCode::new(f, address, sent.as_ref(), again_from, *delayed).render()
        }
        Shown::GiveRecoveryCode { left } => second_step::GiveRecoveryCode::new(f, *left).render(),
        Shown::AnotherWay { ways } => second_step::AnotherWay { f, ways }.render(),
        Shown::OfferRecoveryCodes { left, asked } => second_step::OfferRecoveryCodes { f, left: *left, asked: *asked }.render(),
        Shown::RecoveryCodes { codes, since } => second_step::RecoveryCodes { f, codes, since }.render(),

        Shown::Portal { last_login, on_hold, advise_passkey, codes_left } => {
            let (last_login, on_hold) = (last_login.as_ref(), on_hold.as_ref());
            settings::Portal { f, last_login, on_hold, advise_passkey: *advise_passkey, codes_left: *codes_left }.render()
        }
        Shown::Profile(profile) => settings::Profile { f, profile }.render(),
        Shown::LoginMethods(methods) => settings::LoginMethods { f, methods }.render(),
        Shown::OwnPage(own) => settings::OwnPage::new(f, own).render(),
        Shown::Reauthentication { user_id } => settings::Reauthentication::new(f, user_id).render(),
        Shown::ChangeEmail { address } => settings::ChangeEmail::new(f, address).render(),
        Shown::ChangeUserId(field) => settings::ChangeUserId::new(f, field).render(),
        Shown::ChangeMethod { offers, present } => settings::ChangeMethod::new(f, offers, *present).render(),
        Shown::DeleteDevice { name, method } => settings::DeleteDevice { f, name, method: *method }.render(),

        Shown::ForgotPassword { user_id } => recovery::ForgotPassword::new(f, user_id).render(),
        Shown::ForgotUserId { birth_date, address } => recovery::ForgotUserId::new(f, birth_date, address).render(),
        Shown::SeeMail => recovery::SeeMail { f }.render(),
        Shown::Recover { ways, anew, holds } => recovery::Recover { f, ways, anew: *anew, holds: *holds }.render(),

        Shown::Logout => outside::Logout { f }.render(),
        Shown::LoginTimeout => outside::LoginTimeout { f }.render(),
        Shown::Held => outside::Held::new(f, page).render(),
        Shown::LinkConfirm { link, token, .. } => outside::LinkConfirm { f, link: *link, token }.render(),
        Shown::LinkDone { link, waits } => outside::LinkDone { f, link: *link, waits: *waits }.render(),
        Shown::Help => outside::Help { f }.render(),
        Shown::Problem(problem) => outside::ProblemPage { f, problem: *problem, goes_on: page.goes_on().is_some() }.render(),
    }
}
