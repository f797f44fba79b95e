//! What a member does at a browser, whichever it is: the harness's own, which has no scripts, or a real one.

use super::page::Page;
use super::{Browser, BrowserError, Exchange};
use crate::drivers::Driver;
use crate::world::authenticator::Authenticator;
use serde_json::Value;
use std::collections::BTreeMap;

/// One browser of a member, with cookies of its own and one page open.
pub trait Tab {
    /// The page it shows.
    fn page(&self) -> Result<&Page, BrowserError>;

    /// Whether it holds a cookie of this name.
    fn holds(&self, cookie: &str) -> bool;

    /// What went over the wire since this was last called.
    fn take_exchanges(&mut self) -> Vec<Exchange>;

    /// Types an address.
    fn open(&mut self, driver: &mut dyn Driver, address: &str) -> Result<(), BrowserError>;

    /// Opens a link of a letter, read on a page of another site.
    fn open_from_mail(&mut self, driver: &mut dyn Driver, address: &str) -> Result<(), BrowserError>;

    /// Presses a link of the page.
    fn follow(&mut self, driver: &mut dyn Driver, address: &str) -> Result<(), BrowserError>;

    /// Fills a form of the page and sends it.
    fn submit(&mut self, driver: &mut dyn Driver, form: Option<&str>, with: &BTreeMap<String, String>) -> Result<(), BrowserError>;

    /// Loads the page anew. A page that was the answer to a form is got by its address: nobody sends a form twice on purpose.
    fn reload(&mut self, driver: &mut dyn Driver) -> Result<(), BrowserError>;

    /// Goes back to the page before.
    fn back(&mut self, driver: &mut dyn Driver) -> Result<(), BrowserError>;

    /// Plugs an authenticator in, or turns the built-in one on. It is empty, and its owner shows themself when asked.
    fn add_authenticator(&mut self, kind: AuthenticatorKind) -> Result<(), BrowserError>;

    /// Whether the owner of the authenticator shows themself from now on (finger, face, PIN) or declines.
    fn set_user_verified(&mut self, kind: AuthenticatorKind, verified: bool) -> Result<(), BrowserError>;

    /// Takes the authenticator away, with what it holds.
    fn remove_authenticator(&mut self, kind: AuthenticatorKind) -> Result<(), BrowserError>;

    /// What the authenticator holds.
    fn export_credentials(&mut self, kind: AuthenticatorKind) -> Result<Vec<Credential>, BrowserError>;

    /// Puts a credential in, as when passkeys are synced between devices, or copied by a thief.
    fn import_credential(&mut self, kind: AuthenticatorKind, credential: &Credential) -> Result<(), BrowserError>;

    /// Fills a form of the page and presses its button, while the one authenticator at hand is of this kind; it is plugged in if it
    /// is not there yet. The page's own script does the ceremony where there are scripts; where there are none, `device` is asked. What
    /// the member has on `device` is what the authenticator holds.
    fn use_passkey(&mut self, driver: &mut dyn Driver, passkey: &UsePasskey, device: &mut Authenticator) -> Result<(), BrowserError>;

    /// What is done with the page that a step has led to, beside the flow's own expectations.
    fn witness(&mut self, moment: &Moment) -> Result<(), BrowserError> {
        let _ = moment;
        Ok(())
    }
}

/// Where a passkey lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AuthenticatorKind {
    /// In the device itself.
    Internal,
    /// In a phone beside it.
    Hybrid,
    /// In a security key.
    Usb,
}

impl AuthenticatorKind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Internal, Self::Hybrid, Self::Usb];

    /// As WebAuthn's `AuthenticatorTransport` calls it.
    pub fn transport(self) -> &'static str {
        match self {
            Self::Internal => "internal",
            Self::Hybrid => "hybrid",
            Self::Usb => "usb",
        }
    }
}

/// A passkey with its private key, in the form of CDP's `WebAuthn.Credential`.
#[derive(Clone, Debug, PartialEq)]
pub struct Credential(pub Value);

/// A passkey's use at a form of the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsePasskey {
    /// The form's action, where several would fit.
    pub form: Option<String>,
    /// What is typed into the form besides.
    pub with: BTreeMap<String, String>,
    /// The authenticator at hand.
    pub kind: AuthenticatorKind,
    /// What its owner does.
    pub outcome: Ceremony,
}

/// How the owner of an authenticator answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ceremony {
    /// They show themself.
    Verified,
    /// They decline; the page's script is told `NotAllowedError`.
    Cancelled,
}

/// A step that has just been done.
#[derive(Clone, Copy, Debug)]
pub struct Moment<'a> {
    /// For which profile.
    pub profile: &'a str,
    /// In which flow it was asked for; the step may be of a flow that comes before it.
    pub flow: &'a str,
    /// Flow and id of the step.
    pub step: (&'a str, &'a str),
}

impl Tab for Browser {
    fn page(&self) -> Result<&Page, BrowserError> {
        Browser::page(self)
    }

    fn holds(&self, cookie: &str) -> bool {
        self.jar().holds(cookie)
    }

    fn take_exchanges(&mut self) -> Vec<Exchange> {
        Browser::take_exchanges(self)
    }

    fn open(&mut self, driver: &mut dyn Driver, address: &str) -> Result<(), BrowserError> {
        Browser::open(self, driver, address)
    }

    fn open_from_mail(&mut self, driver: &mut dyn Driver, address: &str) -> Result<(), BrowserError> {
        Browser::open_from_mail(self, driver, address)
    }

    fn follow(&mut self, driver: &mut dyn Driver, address: &str) -> Result<(), BrowserError> {
        Browser::follow(self, driver, address)
    }

    fn submit(&mut self, driver: &mut dyn Driver, form: Option<&str>, with: &BTreeMap<String, String>) -> Result<(), BrowserError> {
        Browser::submit(self, driver, form, with)
    }

    fn reload(&mut self, driver: &mut dyn Driver) -> Result<(), BrowserError> {
        Browser::reload(self, driver)
    }

    fn back(&mut self, driver: &mut dyn Driver) -> Result<(), BrowserError> {
        Browser::back(self, driver)
    }

    fn add_authenticator(&mut self, _: AuthenticatorKind) -> Result<(), BrowserError> {
        Err(no_authenticator())
    }

    fn set_user_verified(&mut self, _: AuthenticatorKind, _: bool) -> Result<(), BrowserError> {
        Err(no_authenticator())
    }

    fn remove_authenticator(&mut self, _: AuthenticatorKind) -> Result<(), BrowserError> {
        Err(no_authenticator())
    }

    fn export_credentials(&mut self, _: AuthenticatorKind) -> Result<Vec<Credential>, BrowserError> {
        Err(no_authenticator())
    }

    fn import_credential(&mut self, _: AuthenticatorKind, _: &Credential) -> Result<(), BrowserError> {
        Err(no_authenticator())
    }

    fn use_passkey(&mut self, driver: &mut dyn Driver, passkey: &UsePasskey, device: &mut Authenticator) -> Result<(), BrowserError> {
        self.answer_passkey(driver, passkey.form.as_deref(), &passkey.with, device)
    }
}

fn no_authenticator() -> BrowserError {
    BrowserError::Impossible("this browser has no authenticators: the member's own devices are asked".to_owned())
}
