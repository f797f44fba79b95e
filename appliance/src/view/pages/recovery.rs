//! What is forgotten or lost.

use super::entry::BirthFields;
use crate::view::field::Field;
use crate::view::frame::Frame;
use askama::Template;
use sekisho_core::session::Way;
use sekisho_core::shown::BirthDateFields;

#[derive(Template)]
#[template(path = "forgot-password.html")]
pub(super) struct ForgotPassword<'a> {
    f: &'a Frame<'a>,
    user_id: Field<'a>,
}

impl<'a> ForgotPassword<'a> {
    pub(super) fn new(f: &'a Frame<'a>, user_id: &'a str) -> Self {
        Self { f, user_id: Field::user_id("user-id", user_id) }
    }
}

#[derive(Template)]
#[template(path = "forgot-user-id.html")]
pub(super) struct ForgotUserId<'a> {
    f: &'a Frame<'a>,
    birth: BirthFields<'a>,
    email: Field<'a>,
}

impl<'a> ForgotUserId<'a> {
    pub(super) fn new(f: &'a Frame<'a>, birth_date: &'a BirthDateFields, address: &'a str) -> Self {
        Self { f, birth: BirthFields::new(f, birth_date), email: Field::email("email", address, f.t("forgot-user-id-email-hint")) }
    }
}

#[derive(Template)]
#[template(path = "see-mail.html")]
pub(super) struct SeeMail<'a> {
    pub(super) f: &'a Frame<'a>,
}

#[derive(Template)]
#[template(path = "recover.html")]
pub(super) struct Recover<'a> {
    pub(super) f: &'a Frame<'a>,
    pub(super) ways: &'a [Way],
    pub(super) anew: bool,
    pub(super) holds: bool,
}
