//! Behind the log-in: the services, the member's data, and changes of them.

use super::entry::{Choice, USER_ID_SIGNS, choices, chosen_user_id};
use crate::view::field::Field;
use crate::view::frame::Frame;
use askama::Template;
use sekisho_core::shown::{self, Device, Pending, ProfilePage, UserIdField};
use sekisho_core::tenant::{Method, Offer};
use sekisho_core::time::Timestamp;

#[derive(Template)]
#[template(path = "portal.html")]
pub(super) struct Portal<'a> {
    pub(super) f: &'a Frame<'a>,
    pub(super) last_login: Option<&'a Timestamp>,
    pub(super) on_hold: Option<&'a Timestamp>,
    pub(super) advise_passkey: bool,
    pub(super) codes_left: Option<usize>,
}

#[derive(Template)]
#[template(path = "profile.html")]
pub(super) struct Profile<'a> {
    pub(super) f: &'a Frame<'a>,
    pub(super) profile: &'a ProfilePage,
}

#[derive(Template)]
#[template(path = "login-methods.html")]
pub(super) struct LoginMethods<'a> {
    pub(super) f: &'a Frame<'a>,
    pub(super) methods: &'a shown::LoginMethods,
}

impl LoginMethods<'_> {
    /// Each kind of device that there is or that can be added: its id, whether one can be added, and the devices.
    fn kinds(&self) -> impl Iterator<Item = (&'static str, bool, Vec<&Device>)> + '_ {
        let all = |kind| self.methods.devices.iter().filter(move |device| device.method == kind).collect::<Vec<_>>();
        let kinds = [Method::Totp, Method::Passkey].into_iter().map(move |kind| (kind.id(), self.methods.adds.contains(&kind), all(kind)));
        kinds.filter(|(_, adds, devices)| *adds || !devices.is_empty())
    }
}

#[derive(Template)]
#[template(path = "own-page.html")]
pub(super) struct OwnPage<'a> {
    f: &'a Frame<'a>,
    own: &'a shown::OwnPage,
    code: Field<'a>,
}

impl<'a> OwnPage<'a> {
    pub(super) fn new(f: &'a Frame<'a>, own: &'a shown::OwnPage) -> Self {
        Self { f, own, code: Field::paper_code("activation-code", f.t("paper-code-hint")) }
    }

    /// What is pending, and when its wait ends.
    fn pending(&self) -> impl Iterator<Item = (String, Option<&Timestamp>)> + '_ {
        self.own.pending.iter().map(|(what, until)| {
            let said = match what {
                Pending::Email => self.f.t("pending-email"),
                Pending::Method(method) => self.f.t1("pending-method", "method", self.f.t(format!("method-{}", method.id()))),
                Pending::Recovery => self.f.t("pending-recovery"),
            };
            (said, until.as_ref())
        })
    }

    fn has_others(&self) -> bool {
        self.own.sessions.iter().any(|(_, _, is_this)| !is_this)
    }
}

#[derive(Template)]
#[template(path = "re-authentication.html")]
pub(super) struct Reauthentication<'a> {
    f: &'a Frame<'a>,
    user_id: &'a str,
    password: Field<'a>,
}

impl<'a> Reauthentication<'a> {
    pub(super) fn new(f: &'a Frame<'a>, user_id: &'a str) -> Self {
        Self { f, user_id, password: Field::password("password", "password", "current-password") }
    }
}

#[derive(Template)]
#[template(path = "change-email.html")]
pub(super) struct ChangeEmail<'a> {
    f: &'a Frame<'a>,
    email: Field<'a>,
}

impl<'a> ChangeEmail<'a> {
    pub(super) fn new(f: &'a Frame<'a>, address: &'a str) -> Self {
        Self { f, email: Field::email("new-email", address, f.t("email-hint")) }
    }
}

#[derive(Template)]
#[template(path = "change-user-id.html")]
pub(super) struct ChangeUserId<'a> {
    f: &'a Frame<'a>,
    user_id: Field<'a>,
}

impl<'a> ChangeUserId<'a> {
    pub(super) fn new(f: &'a Frame<'a>, field: &'a UserIdField) -> Self {
        Self { f, user_id: chosen_user_id(f, field, "user-id-asked", "user-id-change-hint") }
    }
}

#[derive(Template)]
#[template(path = "change-method.html")]
pub(super) struct ChangeMethod<'a> {
    f: &'a Frame<'a>,
    choices: Vec<Choice>,
}

impl<'a> ChangeMethod<'a> {
    pub(super) fn new(f: &'a Frame<'a>, offers: &[Offer], present: Option<Method>) -> Self {
        Self { f, choices: choices(offers, present) }
    }
}

#[derive(Template)]
#[template(path = "delete-device.html")]
pub(super) struct DeleteDevice<'a> {
    pub(super) f: &'a Frame<'a>,
    pub(super) name: &'a str,
    pub(super) method: Method,
}
