//! The members of the bench.

use crate::AnyError;
use crate::browser::{Connection, Memory, Site};
use http::StatusCode;
use sekisho_core::time::Timestamp;
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
    /// Their TOTP app, once it has a key.
    pub app: Option<TotpApp>,
    /// Their browser.
    pub browser: Memory,
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
    /// The `serial`th member.
    pub fn new(serial: usize) -> Self {
        let number = format!("{serial:07}");
        Self {
            user_id: format!("{SYMBOL}-{number}"),
            first_password: format!("{SYMBOL}{number}19600401"),
            password: format!("{serial}-correct-Horse"),
            mail: format!("m{serial}@bench.example"),
            app: None,
            browser: Memory::default(),
        }
    }

    /// A code that was never used, of this time step or the next; `None`: wait for a while.
    pub fn fresh_code(&mut self) -> Option<String> {
        let app = self.app.as_mut()?;
        let present = TotpApp::step(now(), 0);
        let step = app.next_step().map_or(present, |next| next.max(present));
        (step <= present + 1).then(|| {
            app.typed_at(step);
            app.at_step(step)
        })
    }

    /// Whether [`Self::fresh_code`] would give one.
    pub fn has_code(&self) -> bool {
        self.app.as_ref().is_some_and(|app| app.next_step().is_none_or(|next| next <= TotpApp::step(now(), 0) + 1))
    }

    /// A whole log-in: a new connection, the log-in page, password, code page, code, portal.
    pub async fn log_in(&mut self, site: &Site) -> Result<Outcome, AnyError> {
        let mut connection = site.connect().await?;
        if self.first_step(&mut connection).await? == Outcome::Busy || self.second_step(&mut connection).await? == Outcome::Busy {
            return Ok(Outcome::Busy);
        }
        let answer = self.browser.get(&mut connection, "/").await?;
        finished(&answer, "portal")
    }

    /// From an empty browser to the page that asks for the code.
    pub async fn first_step(&mut self, connection: &mut Connection) -> Result<Outcome, AnyError> {
        self.browser = Memory::default();
        let answer = self.browser.get(connection, "/login").await?;
        if finished(&answer, "login")? == Outcome::Busy {
            return Ok(Outcome::Busy);
        }
        let fields = [("user_id", self.user_id.as_str()), ("password", self.password.as_str())];
        let answer = self.browser.post(connection, "/login", &fields).await?;
        if answer.status == StatusCode::SERVICE_UNAVAILABLE {
            return Ok(Outcome::Busy);
        }
        answer.leads_to("/code")?;
        let answer = self.browser.get(connection, "/code").await?;
        finished(&answer, "login-totp")
    }

    /// The code, nothing else.
    pub async fn second_step(&mut self, connection: &mut Connection) -> Result<Outcome, AnyError> {
        let code = self.fresh_code().ok_or("a member was asked for a second code in half a minute")?;
        let answer = self.browser.post(connection, "/code", &[("code", &code)]).await?;
        if answer.status == StatusCode::SERVICE_UNAVAILABLE {
            return Ok(Outcome::Busy);
        }
        answer.leads_to("/")?;
        Ok(Outcome::Done)
    }
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
