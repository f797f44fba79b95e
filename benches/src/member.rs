//! The members of the bench.

use crate::AnyError;
use crate::browser::{Connection, Memory, Site, between};
use http::StatusCode;
use sekisho_core::time::Timestamp;
use sekisho_harness::world::authenticator::Hostile;
use sekisho_harness::world::totp_app::TotpApp;
use std::time::{SystemTime, UNIX_EPOCH};

/// A member, and what they know.
pub struct Member {
    /// User ID.
    pub user_id: String,
    /// The first password, by the rule.
    pub first_password: String,
    /// The one they choose.
    pub password: String,
    /// Their address.
    pub mail: String,
    /// What they have for the second step.
    pub device: Device,
    /// Their browser, which is known from the first log-in on.
    pub browser: Memory,
}

/// What a member has for the second step.
pub enum Device {
    /// A TOTP app, once it has a key.
    App(Option<TotpApp>),
    /// A passkey, and its answer to the challenge of the page that is open.
    Passkey(Box<Hostile>, String),
}

/// Card symbol of everybody in the bench.
const SYMBOL: &str = "77";

/// Birth date of everybody in the bench: year, month, day.
pub const BIRTH: [&str; 3] = ["1960", "4", "1"];

/// What became of a try to log in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The portal page has come.
    Done,
    /// 503: the appliance is full.
    Busy,
}

impl Member {
    /// The `serial`th member, who takes a passkey.
    pub fn with_passkey(serial: usize) -> Self {
        Self { device: Device::Passkey(Box::new(Hostile::new(serial as u64)), String::new()), ..Self::new(serial) }
    }

    /// The `serial`th member, who takes an app.
    pub fn new(serial: usize) -> Self {
        let number = format!("{serial:07}");
        Self {
            user_id: format!("{SYMBOL}-{number}"),
            first_password: format!("{SYMBOL}{number}19600401"),
            password: format!("{serial}-correct-Horse"),
            mail: format!("m{serial}@bench.example"),
            device: Device::App(None),
            browser: Memory::default(),
        }
    }

    /// A code that was never used, of this time step or the next; `None`: wait for a while.
    pub fn fresh_code(&mut self) -> Option<String> {
        let Device::App(Some(app)) = &mut self.device else { return None };
        let present = TotpApp::step(now(), 0);
        let step = app.next_step().map_or(present, |next| next.max(present));
        (step <= present + 1).then(|| {
            app.typed_at(step);
            app.at_step(step)
        })
    }

    /// Whether [`Self::fresh_code`] would give one.
    pub fn has_code(&self) -> bool {
        matches!(&self.device, Device::App(Some(app)) if app.next_step().is_none_or(|next| next <= TotpApp::step(now(), 0) + 1))
    }

    /// A whole log-in: a new connection, the log-in page, password, code page, code, portal.
    pub async fn log_in(&mut self, site: &Site) -> Result<Outcome, AnyError> {
        let mut connection = site.connect().await?;
        if self.first_step(&mut connection, site).await? == Outcome::Busy || self.second_step(&mut connection).await? == Outcome::Busy {
            return Ok(Outcome::Busy);
        }
        let answer = self.browser.get(&mut connection, "/").await?;
        finished(&answer, "portal")
    }

    /// From a browser without a session to the page of the second step. A passkey signs at once: its device is no part of what is
    /// measured.
    pub async fn first_step(&mut self, connection: &mut Connection, site: &Site) -> Result<Outcome, AnyError> {
        self.browser.overnight();
        let answer = self.browser.get(connection, "/login").await?;
        if finished(&answer, "login")? == Outcome::Busy {
            return Ok(Outcome::Busy);
        }
        let fields = [("user_id", self.user_id.as_str()), ("password", self.password.as_str())];
        let answer = self.browser.post(connection, "/login", &fields).await?;
        if answer.status == StatusCode::SERVICE_UNAVAILABLE {
            return Ok(Outcome::Busy);
        }
        let (path, step) = match self.device {
            Device::App(_) => ("/code", "login-totp"),
            Device::Passkey(..) => ("/passkey", "login-passkey"),
        };
        answer.leads_to(path)?;
        let answer = self.browser.get(connection, path).await?;
        let outcome = finished(&answer, step)?;
        if let (Device::Passkey(key, answered), Outcome::Done) = (&mut self.device, outcome) {
            key.counter += 1;
            *answered = key.get(&options(&answer)?, &site.origin, None).ok_or("the page asks for no passkey")?;
        }
        Ok(outcome)
    }

    /// The code, or the passkey's answer, and nothing else.
    pub async fn second_step(&mut self, connection: &mut Connection) -> Result<Outcome, AnyError> {
        let answer = match &self.device {
            Device::App(_) => {
                let code = self.fresh_code().ok_or("a member was asked for a second code in half a minute")?;
                self.browser.post(connection, "/code", &[("code", &code)]).await?
            }
            Device::Passkey(_, answered) => self.browser.post(connection, "/passkey", &[("credential", answered)]).await?,
        };
        if answer.status == StatusCode::SERVICE_UNAVAILABLE {
            return Ok(Outcome::Busy);
        }
        answer.leads_to("/")?;
        Ok(Outcome::Done)
    }
}

/// What the page's passkey dialogue asks for.
pub fn options(answer: &crate::browser::Answer) -> Result<String, AnyError> {
    let written = between(answer.text(), "data-options=\"", "\"").ok_or("the page has no passkey dialogue")?;
    let plain = written.replace("&quot;", "\"").replace("&#34;", "\"").replace("&#39;", "'").replace("&#x27;", "'");
    Ok(plain
        .replace("&lt;", "<")
        .replace("&#60;", "<")
        .replace("&gt;", ">")
        .replace("&#62;", ">")
        .replace("&#38;", "&")
        .replace("&amp;", "&"))
}

fn finished(answer: &crate::browser::Answer, step: &str) -> Result<Outcome, AnyError> {
    match answer.status {
        StatusCode::SERVICE_UNAVAILABLE => Ok(Outcome::Busy),
        StatusCode::OK if answer.step() == step => Ok(Outcome::Done),
        status => Err(format!("expected the page {step}; got {status}, {:?}, {:?}", answer.location, answer.step()).into()),
    }
}

/// The import file of members `from` to `to`, without addresses and with passwords by the rule.
pub fn csv(from: usize, to: usize) -> String {
    let mut csv = String::from("symbol,number,branch,birth_date,name\n");
    for serial in from..to {
        csv.push_str(&format!("{SYMBOL},{serial:07},00,1960-04-01,測定 {serial}\n"));
    }
    csv
}

/// What time it is.
pub fn now() -> Timestamp {
    Timestamp(SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs()))
}
