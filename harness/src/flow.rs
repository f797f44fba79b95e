//! Flows as data: a closed list of verbs, no script. `vectors/flows/README.md` tells how to write one.

use crate::catalogue::ProfileId;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::time::Duration;

/// One flow: a member's way through the pages, and what they have to see on it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Flow {
    /// Permanent id; its file is called after it. Never reused.
    pub id: String,
    /// What it shows.
    pub title: String,
    /// The profiles that it is run for.
    pub profiles: Vec<ProfileId>,
    /// The name under which other flows begin with this one. At most one flow has it for each profile.
    pub role: Option<String>,
    /// The role of the flow whose steps are run first. They count as its steps, not as this flow's.
    pub after: Option<String>,
    /// The drivers that can run it; all when absent.
    #[serde(default = "all_drivers")]
    pub drivers: Vec<DriverKind>,
    /// Why not all of them.
    pub reason: Option<String>,
    /// The members it needs, besides those of the flow it comes after.
    #[serde(default)]
    pub given: Vec<Given>,
    /// Its steps, in order.
    pub step: Vec<Step>,
}

/// How an appliance is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum DriverKind {
    /// As a library, with a simulated clock.
    InProcess,
    /// The same appliance, with a real browser before it.
    Browser,
    /// Over HTTPS.
    Remote,
}

impl DriverKind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::InProcess, Self::Browser, Self::Remote];

    /// Whether its clock can be told what time it is.
    pub fn has_simulated_clock(self) -> bool {
        match self {
            Self::InProcess | Self::Browser => true,
            Self::Remote => false,
        }
    }

    /// Permanent id, as in reports.
    pub fn id(self) -> &'static str {
        match self {
            Self::InProcess => "in-process",
            Self::Browser => "browser",
            Self::Remote => "remote",
        }
    }
}

impl Flow {
    /// Whether this driver can run it. A browser stands before the same appliance as `in-process`, so it can run whatever that can.
    pub fn runs_by(&self, driver: DriverKind) -> bool {
        let lists = |kind| self.drivers.contains(&kind);
        lists(driver) || (driver == DriverKind::Browser && lists(DriverKind::InProcess))
    }
}

fn all_drivers() -> Vec<DriverKind> {
    DriverKind::ALL.to_vec()
}

/// A member who has not logged in yet. What is not said is drawn from the seed.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Given {
    /// The name that the steps call it by.
    pub member: String,
    /// What the first password is.
    #[serde(default)]
    pub first_password: FirstPassword,
    /// Whether the society knows an address.
    #[serde(default)]
    pub address: AddressOnFile,
}

/// What a member's first password is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FirstPassword {
    /// No matter which: the first that there is, or issued by the society.
    #[default]
    Any,
    /// Issued by the society.
    Temporary,
    /// Card symbol, card number and birth date.
    Rule,
}

/// Whether the society knows an address.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AddressOnFile {
    /// It does not.
    #[default]
    None,
    /// `@m.mail` is on file, unproven.
    OnFile,
}

/// One step of a flow.
#[derive(Debug, Deserialize)]
#[serde(try_from = "Written")]
pub struct Step {
    /// Stable inside the flow; gaps of ten.
    pub id: String,
    /// Steps and variants of the catalogue that are shown when this step passes.
    pub covers: Vec<String>,
    /// The member who acts.
    pub member: String,
    /// The browser it is done in.
    pub browser: String,
    /// What is done.
    pub action: Action,
    /// What has to be seen then.
    pub expect: Expect,
    /// What must not hold then.
    pub never: Vec<Never>,
}

/// What a step does. Who does it follows from it: the member, the mailbox, the TOTP app, the clock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Member: types an address into the browser.
    Open(String),
    /// Member: fills a form of the page and sends it.
    Submit {
        /// The form's action, where the page has several that would fit.
        form: Option<String>,
        /// What is typed, chosen, ticked (`on`) or cleared (`off`), by field name.
        with: BTreeMap<String, String>,
    },
    /// Member: presses the link with this address, which has to be on the page.
    Follow(String),
    /// Member: goes back to the page before.
    Back,
    /// Member: loads the page anew.
    Reload,
    /// Mailbox: opens the link of a letter.
    OpenLink {
        /// To which address.
        to: String,
        /// Which of the letters with a link.
        which: Which,
    },
    /// TOTP app: takes a key up.
    Enrol {
        /// How it gets the key.
        by: KeyWay,
        /// Which app it is.
        app: AppKind,
    },
    /// TOTP app: its clock is wrong by so many seconds from now on.
    SetAppClock(i64),
    /// TOTP app: the member waits until it shows another code.
    NextCode,
    /// Clock: time passes.
    Advance(Duration),
}

impl Action {
    /// Who does it, as in a flow's `actor`.
    fn actor(&self) -> Actor {
        match self {
            Self::Open(_) | Self::Submit { .. } | Self::Follow(_) | Self::Back | Self::Reload => Actor::Member,
            Self::OpenLink { .. } => Actor::Mailbox,
            Self::Enrol { .. } | Self::SetAppClock(_) | Self::NextCode => Actor::TotpApp,
            Self::Advance(_) => Actor::Clock,
        }
    }
}

/// Who acts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Actor {
    #[default]
    Member,
    Mailbox,
    TotpApp,
    Clock,
}

/// Which of several letters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Which {
    /// The one that came last.
    #[default]
    Newest,
    /// The one that came first.
    Oldest,
}

/// How an app gets a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyWay {
    /// A phone's camera looks at the QR code on the screen.
    Camera,
    /// An extension looks for the QR code on the screen it runs on.
    Screen,
    /// An extension reads the QR code from a saved PNG file.
    PngFile,
    /// The key is typed, in lower case as some apps want it.
    Key,
}

/// The apps of the manuals. The harness's app reads a key as they do; they do not run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AppKind {
    /// Google Authenticator, on a phone.
    #[default]
    GoogleAuthenticator,
    /// Microsoft Authenticator, on a phone.
    MicrosoftAuthenticator,
    /// FreeOTP, on a phone.
    Freeotp,
    /// The extension for Chrome.
    ChromeExtension,
    /// The extension for Edge.
    EdgeExtension,
}

impl AppKind {
    /// Whether this app can get a key this way. Every one takes a typed key.
    pub fn reads(self, way: KeyWay) -> bool {
        match self {
            Self::GoogleAuthenticator | Self::MicrosoftAuthenticator | Self::Freeotp => matches!(way, KeyWay::Camera | KeyWay::Key),
            Self::ChromeExtension => matches!(way, KeyWay::Screen | KeyWay::Key),
            Self::EdgeExtension => matches!(way, KeyWay::PngFile | KeyWay::Key),
        }
    }
}

/// What has to be seen after a step. What is not said is not asked, except that a refusal that is not named is a failure.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Expect {
    /// Permanent id of the page.
    pub page: Option<String>,
    /// HTTP status of the page; 200 where neither it nor a refusal is named.
    pub status: Option<u16>,
    /// Permanent id of the refusal. Absent: there must be none.
    pub refusal: Option<String>,
    /// Texts that stand on the page.
    #[serde(default)]
    pub text: Vec<String>,
    /// Links of the page, by their addresses.
    #[serde(default)]
    pub links: Vec<String>,
    /// What stands in fields of the page, by their names.
    #[serde(default)]
    pub fields: BTreeMap<String, String>,
    /// What can be chosen, by field name, in the order of the page.
    #[serde(default)]
    pub options: BTreeMap<String, Vec<String>>,
    /// The TOTP key on the page.
    pub key: Option<KeyOnPage>,
    /// How many letters have come to an address in this flow, by the address.
    #[serde(default)]
    pub letters: BTreeMap<String, usize>,
}

/// What the TOTP key on a page has to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum KeyOnPage {
    /// The one that the member's app holds.
    Same,
    /// Another one than the member's app holds.
    Other,
}

/// What must not hold after a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Never {
    /// The browser holds a session cookie.
    Session,
}

/// A step as it stands in the file. [`Step`] has only what fits together.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Written {
    id: String,
    #[serde(default)]
    covers: Vec<String>,
    #[serde(default)]
    actor: Actor,
    #[serde(default = "first_member")]
    member: String,
    #[serde(default = "first_browser")]
    browser: String,
    #[serde(rename = "do")]
    verb: Verb,
    at: Option<String>,
    form: Option<String>,
    #[serde(default)]
    with: BTreeMap<String, String>,
    by: Option<String>,
    app: Option<AppKind>,
    mail: Option<WrittenMail>,
    #[serde(default)]
    expect: Expect,
    #[serde(default)]
    never: Vec<Never>,
}

fn first_member() -> String {
    "m".to_owned()
}

fn first_browser() -> String {
    "first".to_owned()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenMail {
    to: String,
    #[serde(default)]
    which: Which,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Verb {
    Open,
    Submit,
    Follow,
    Back,
    Reload,
    OpenLink,
    EnrolByQr,
    EnrolByScreen,
    EnrolByPng,
    EnrolByKey,
    SetClock,
    NextCode,
    Advance,
}

impl TryFrom<Written> for Step {
    type Error = String;

    fn try_from(mut written: Written) -> Result<Self, String> {
        let id = written.id.clone();
        let action = written.action().map_err(|error| format!("step {id}: {error}"))?;
        if action.actor() != written.actor {
            return Err(format!("step {id}: this verb is not the actor's"));
        }
        let Written { covers, member, browser, expect, never, .. } = written;
        Ok(Self { id, covers, member, browser, action, expect, never })
    }
}

impl Written {
    /// Takes out what the verb needs; what is left over belongs to another verb.
    fn action(&mut self) -> Result<Action, String> {
        let action = match self.verb {
            Verb::Open => Action::Open(need(&mut self.at, "at")?),
            Verb::Follow => Action::Follow(need(&mut self.at, "at")?),
            Verb::Submit => Action::Submit { form: self.form.take(), with: std::mem::take(&mut self.with) },
            Verb::Back => Action::Back,
            Verb::Reload => Action::Reload,
            Verb::OpenLink => {
                let mail = need(&mut self.mail, "mail")?;
                Action::OpenLink { to: mail.to, which: mail.which }
            }
            Verb::EnrolByQr => self.enrol(KeyWay::Camera)?,
            Verb::EnrolByScreen => self.enrol(KeyWay::Screen)?,
            Verb::EnrolByPng => self.enrol(KeyWay::PngFile)?,
            Verb::EnrolByKey => self.enrol(KeyWay::Key)?,
            Verb::SetClock => Action::SetAppClock(seconds(&need(&mut self.by, "by")?)?),
            Verb::NextCode => Action::NextCode,
            Verb::Advance => {
                let by = seconds(&need(&mut self.by, "by")?)?;
                Action::Advance(Duration::from_secs(u64::try_from(by).map_err(|_| "time does not pass backwards here")?))
            }
        };
        let left = [
            (self.at.is_some(), "at"),
            (self.form.is_some(), "form"),
            (!self.with.is_empty(), "with"),
            (self.by.is_some(), "by"),
            (self.app.is_some(), "app"),
            (self.mail.is_some(), "mail"),
        ];
        match left.into_iter().find(|(is, _)| *is) {
            Some((_, field)) => Err(format!("`{field}` belongs to another verb")),
            None => Ok(action),
        }
    }

    fn enrol(&mut self, by: KeyWay) -> Result<Action, String> {
        let app = need(&mut self.app, "app")?;
        if app.reads(by) { Ok(Action::Enrol { by, app }) } else { Err("this app does not get a key this way".to_owned()) }
    }
}

fn need<T>(field: &mut Option<T>, name: &str) -> Result<T, String> {
    field.take().ok_or_else(|| format!("`{name}` is missing"))
}

/// Reads `31s`, `-90s`, `31m`, `25h`.
fn seconds(text: &str) -> Result<i64, String> {
    let wrong = || format!("{text:?} is no span of time; write 31s, 5m or 24h");
    let unit = match text.chars().last() {
        Some('s') => 1,
        Some('m') => 60,
        Some('h') => 3600,
        _ => return Err(wrong()),
    };
    let number: i64 = text.get(..text.len() - 1).and_then(|number| number.parse().ok()).ok_or_else(wrong)?;
    number.checked_mul(unit).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(text: &str) -> Result<Step, toml::de::Error> {
        toml::from_str(text)
    }

    #[test]
    fn a_step_reads_its_verb_and_what_belongs_to_it() {
        let read = step("id = 'S010'\ndo = 'submit'\nwith = { user_id = '@m.user-id' }\nexpect = { page = 'birth-date' }").unwrap();
        let with = BTreeMap::from([("user_id".to_owned(), "@m.user-id".to_owned())]);
        assert_eq!(read.action, Action::Submit { form: None, with });
        assert_eq!((read.member.as_str(), read.browser.as_str()), ("m", "first"));
        assert_eq!(read.expect.page.as_deref(), Some("birth-date"));
    }

    #[test]
    fn an_unknown_verb_field_or_expectation_is_refused() {
        for wrong in [
            "id = 'S010'\ndo = 'guess'",
            "id = 'S010'\ndo = 'reload'\nhow = 'often'",
            "id = 'S010'\ndo = 'reload'\nexpect = { pagee = 'login' }",
            "id = 'S010'\ndo = 'reload'\nnever = ['bored']",
        ] {
            assert!(step(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_field_of_another_verb_is_refused() {
        assert!(step("id = 'S010'\ndo = 'open'").unwrap_err().message().contains("`at` is missing"));
        assert!(step("id = 'S010'\ndo = 'back'\nat = '/'").unwrap_err().message().contains("`at` belongs to another verb"));
        assert!(step("id = 'S010'\ndo = 'open'\nat = '/'\nwith = { a = 'b' }").is_err());
    }

    #[test]
    fn the_actor_has_to_be_the_verbs() {
        assert!(step("id = 'S010'\nactor = 'clock'\ndo = 'advance'\nby = '31s'").is_ok());
        assert!(step("id = 'S010'\nactor = 'member'\ndo = 'advance'\nby = '31s'").is_err());
    }

    #[test]
    fn an_app_reads_only_what_it_can_read() {
        let enrol = |way, app| step(&format!("id = 'S010'\nactor = 'totp-app'\ndo = 'enrol-by-{way}'\napp = '{app}'"));
        assert!(enrol("qr", "freeotp").is_ok());
        assert!(enrol("png", "edge-extension").is_ok());
        assert!(enrol("png", "freeotp").is_err());
        assert!(enrol("key", "chrome-extension").is_ok());
    }

    #[test]
    fn spans_of_time_have_a_unit_and_time_passes_forwards_only() {
        assert_eq!(seconds("31m"), Ok(31 * 60));
        assert_eq!(seconds("-90s"), Ok(-90));
        for wrong in ["31", "s", "m31", "1d", "９s", "99999999999999999999h"] {
            assert!(seconds(wrong).is_err(), "{wrong}");
        }
        assert!(step("id = 'S010'\nactor = 'clock'\ndo = 'advance'\nby = '-1s'").is_err());
    }
}
