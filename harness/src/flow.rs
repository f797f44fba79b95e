//! Flows as data: a closed list of verbs, no script. `vectors/flows/README.md` tells how to write one.

use crate::browser::tab::{AuthenticatorKind, Ceremony};
use crate::catalogue::{ALL_PRESETS, ProfileId};
use sekisho_core::tenant::Preset;
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
    /// The presets that it is run under; all when absent.
    #[serde(default = "all_presets")]
    pub presets: Vec<Preset>,
    /// The name under which other flows begin with this one. At most one flow has it for each profile and preset.
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
    /// Whether it is run for this profile under this preset.
    pub fn is_for(&self, profile: &str, preset: Preset) -> bool {
        self.profiles.iter().any(|have| have == profile) && self.presets.contains(&preset)
    }

    /// Its steps for this profile under this preset.
    pub fn steps<'a>(&'a self, profile: &'a str, preset: Preset) -> impl Iterator<Item = &'a Step> {
        self.step.iter().filter(move |step| step.is_for(profile, preset))
    }

    /// Whether this driver can run it. A browser stands before the same appliance as `in-process`, so it can run whatever that can.
    pub fn runs_by(&self, driver: DriverKind) -> bool {
        let lists = |kind| self.drivers.contains(&kind);
        lists(driver) || (driver == DriverKind::Browser && lists(DriverKind::InProcess))
    }
}

fn all_presets() -> Vec<Preset> {
    ALL_PRESETS.to_vec()
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
    /// The profiles in which it is done; the flow's when absent.
    pub profiles: Option<Vec<ProfileId>>,
    /// The presets under which it is done; the flow's when absent.
    pub presets: Option<Vec<Preset>>,
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

impl Step {
    /// Whether it is done for this profile under this preset.
    pub fn is_for(&self, profile: &str, preset: Preset) -> bool {
        let profiles = self.profiles.as_ref().is_none_or(|profiles| profiles.iter().any(|have| have == profile));
        profiles && self.presets.as_ref().is_none_or(|presets| presets.contains(&preset))
    }

    /// Whether the staff register the step's member by it.
    pub fn is_import(&self) -> bool {
        matches!(&self.action, Action::Staff(work) if work.act == StaffAct::Import)
    }
}

/// What a step does. Who does it follows from it: the member, the mailbox, the TOTP app, the authenticator, the staff, the clock.
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
    /// Member: keeps the recovery codes that stand on the page.
    KeepCodes,
    /// Mailbox: opens the link of a letter.
    OpenLink {
        /// To which address.
        to: String,
        /// What kind of letter; any with a link when absent.
        kind: Option<LetterKind>,
        /// Which of those letters.
        which: Which,
    },
    /// Mailbox: reads the newest code sent to an address.
    ReadCode {
        /// To which address.
        to: String,
    },
    /// Mailbox: reads the user ID and the password that the society has sent to an address.
    ReadIssued {
        /// To which address.
        to: String,
    },
    /// TOTP app: takes a key up.
    Enrol {
        /// How it gets the key.
        by: KeyWay,
        /// Which app it is.
        app: AppKind,
        /// The member's device that it runs on.
        on: String,
    },
    /// TOTP app: its clock is wrong by so many seconds from now on.
    SetAppClock(i64),
    /// TOTP app: the member waits until it shows another code.
    NextCode {
        /// The member's device that it runs on.
        on: String,
    },
    /// Authenticator: the page's passkey dialogue.
    Passkey(PasskeyUse),
    /// Staff: a command of theirs.
    Staff(StaffWork),
    /// Clock: time passes.
    Advance(Duration),
    /// Clock: somebody sets it by so many seconds, and no time passes.
    Jump(i64),
}

impl Action {
    /// Who does it, as in a flow's `actor`.
    fn actor(&self) -> Actor {
        match self {
            Self::Open(_) | Self::Submit { .. } | Self::Follow(_) | Self::Back | Self::Reload | Self::KeepCodes => Actor::Member,
            Self::OpenLink { .. } | Self::ReadCode { .. } | Self::ReadIssued { .. } => Actor::Mailbox,
            Self::Enrol { .. } | Self::SetAppClock(_) | Self::NextCode { .. } => Actor::TotpApp,
            Self::Passkey(_) => Actor::Authenticator,
            Self::Staff(_) => Actor::Staff,
            Self::Advance(_) | Self::Jump(_) => Actor::Clock,
        }
    }

    /// Whether it ends with a page in the step's browser.
    pub fn shows_a_page(&self) -> bool {
        match self {
            Self::Open(_) | Self::Submit { .. } | Self::Follow(_) | Self::Back | Self::Reload | Self::KeepCodes => true,
            Self::OpenLink { .. } | Self::Enrol { .. } | Self::Passkey(_) => true,
            Self::ReadCode { .. } | Self::ReadIssued { .. } | Self::SetAppClock(_) | Self::NextCode { .. } => false,
            Self::Staff(_) | Self::Advance(_) | Self::Jump(_) => false,
        }
    }
}

/// A passkey is made or used at a form of the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PasskeyUse {
    /// Made, or used.
    pub is_new: bool,
    /// The form's action, where the page has several that would fit.
    pub form: Option<String>,
    /// What is typed into the form besides.
    pub with: BTreeMap<String, String>,
    /// What the passkey lives in.
    pub kind: DeviceKind,
    /// The member's device by name.
    pub on: String,
    /// What its owner does.
    pub outcome: Outcome,
}

/// What a passkey lives in, as seen from the browser.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DeviceKind {
    /// The computer that the page is open on.
    Platform,
    /// The phone that the page is open on.
    Phone,
    /// A phone, from the computer that the page is open on: by a QR code and over Bluetooth.
    Hybrid,
    /// A security key.
    SecurityKey,
}

impl DeviceKind {
    /// As a browser's virtual authenticator has it.
    pub fn authenticator(self) -> AuthenticatorKind {
        match self {
            Self::Platform | Self::Phone => AuthenticatorKind::Internal,
            Self::Hybrid => AuthenticatorKind::Hybrid,
            Self::SecurityKey => AuthenticatorKind::Usb,
        }
    }

    /// What the member calls it unless the flow says otherwise.
    fn usual_name(self) -> &'static str {
        match self {
            Self::Platform => "pc",
            Self::Phone | Self::Hybrid => "phone",
            Self::SecurityKey => "key",
        }
    }
}

/// What the owner of an authenticator does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Shows face or finger.
    #[default]
    Ok,
    /// Types the PIN that opens the device.
    DevicePin,
    /// Closes the dialogue.
    Cancel,
}

impl Outcome {
    /// As a browser's virtual authenticator knows it: the wire tells whether the owner was verified, not how.
    pub fn ceremony(self) -> Ceremony {
        match self {
            Self::Ok | Self::DevicePin => Ceremony::Verified,
            Self::Cancel => Ceremony::Cancelled,
        }
    }
}

/// Something that the society's staff do, and what they are told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StaffWork {
    /// What.
    pub act: StaffAct,
    /// Who of them.
    pub by: Clerk,
    /// What the command is given besides.
    pub with: BTreeMap<String, String>,
}

/// The society's staff: two persons are two users of the host.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Clerk {
    /// Who does it.
    #[default]
    First,
    /// Who has to agree.
    Second,
}

/// The staff's commands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StaffAct {
    /// Registers a member, who is not given yet.
    Import,
    /// Issues a user ID and a password by mail.
    IssueByMail,
    /// Issues a user ID and a password into a file for the printer.
    IssueByLetter,
    /// Issues an activation code into a file for the printer.
    ActivationCode,
    /// Opens the reset password again for a time.
    Reopen,
    /// Lifts the lock of the password.
    UnlockPassword,
    /// Lifts the lock of the account.
    UnlockAccount,
    /// Removes the factors: asked for by one, done by another.
    ResetFactor,
    /// Corrects the name.
    Rename,
    /// Publishes new terms.
    PublishTerms,
    /// Closes the account.
    Disable,
    /// Opens it again.
    Enable,
    /// Deletes the member.
    Delete,
    /// Shows the member.
    Show,
    /// Lists the society's concessions and limits.
    PolicyShow,
    /// Announces letters with first passwords.
    AnnounceLetters,
    /// Believes the clock although it has jumped.
    ClockAccept,
    /// Adds a society whose key exists.
    SocietyAdd,
    /// Adds a society whose key does not exist.
    SocietyAddWithoutKey,
    /// Checks all keys.
    KeysCheck,
}

/// A letter by what it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LetterKind {
    /// The link that proves an address.
    Confirm,
    /// The link that begins a recovery.
    Reset,
    /// The link "it was not me".
    Freeze,
    /// A code.
    Code,
    /// None of these.
    Plain,
}

/// Who acts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Actor {
    #[default]
    Member,
    Mailbox,
    TotpApp,
    Authenticator,
    Staff,
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
    /// The letters that came to an address by this step, by the address: what each of them holds, in any order.
    #[serde(default)]
    pub mails: BTreeMap<String, Vec<LetterKind>>,
    /// What stands in the newest letter to an address, by the address.
    #[serde(default)]
    pub newest: BTreeMap<String, Vec<String>>,
    /// Texts that do not stand on the page.
    #[serde(default)]
    pub no_text: Vec<String>,
    /// Links that the page does not have.
    #[serde(default)]
    pub no_links: Vec<String>,
    /// Of a staff's command: whether it was refused.
    #[serde(default)]
    pub refused: bool,
    /// Of a staff's command: what its lines say.
    #[serde(default)]
    pub said: Vec<String>,
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
    profiles: Option<Vec<ProfileId>>,
    presets: Option<Vec<Preset>>,
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
    on: Option<String>,
    kind: Option<DeviceKind>,
    outcome: Option<Outcome>,
    clerk: Option<Clerk>,
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
    kind: Option<LetterKind>,
    #[serde(default)]
    which: Which,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Verb {
    Work(Work),
    Staff(StaffAct),
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Work {
    Open,
    Submit,
    Follow,
    Back,
    Reload,
    KeepCodes,
    OpenLink,
    ReadCode,
    ReadIssued,
    CreatePasskey,
    UsePasskey,
    EnrolByQr,
    EnrolByScreen,
    EnrolByPng,
    EnrolByKey,
    SetClock,
    NextCode,
    Advance,
    Jump,
}

impl TryFrom<Written> for Step {
    type Error = String;

    fn try_from(mut written: Written) -> Result<Self, String> {
        let id = written.id.clone();
        let action = written.action().map_err(|error| format!("step {id}: {error}"))?;
        if action.actor() != written.actor {
            return Err(format!("step {id}: this verb is not the actor's"));
        }
        let Written { covers, profiles, presets, member, browser, expect, never, .. } = written;
        Ok(Self { id, covers, profiles, presets, member, browser, action, expect, never })
    }
}

impl Written {
    /// Takes out what the verb needs; what is left over belongs to another verb.
    fn action(&mut self) -> Result<Action, String> {
        let action = match self.verb {
            Verb::Staff(act) => {
                let by = self.clerk.take().unwrap_or_default();
                Action::Staff(StaffWork { act, by, with: std::mem::take(&mut self.with) })
            }
            Verb::Work(work) => self.work(work)?,
        };
        let left = [
            (self.at.is_some(), "at"),
            (self.form.is_some(), "form"),
            (!self.with.is_empty(), "with"),
            (self.by.is_some(), "by"),
            (self.app.is_some(), "app"),
            (self.on.is_some(), "on"),
            (self.kind.is_some(), "kind"),
            (self.outcome.is_some(), "outcome"),
            (self.clerk.is_some(), "clerk"),
            (self.mail.is_some(), "mail"),
        ];
        match left.into_iter().find(|(is, _)| *is) {
            Some((_, field)) => Err(format!("`{field}` belongs to another verb")),
            None => Ok(action),
        }
    }

    fn work(&mut self, work: Work) -> Result<Action, String> {
        Ok(match work {
            Work::Open => Action::Open(need(&mut self.at, "at")?),
            Work::Follow => Action::Follow(need(&mut self.at, "at")?),
            Work::Submit => Action::Submit { form: self.form.take(), with: std::mem::take(&mut self.with) },
            Work::Back => Action::Back,
            Work::Reload => Action::Reload,
            Work::KeepCodes => Action::KeepCodes,
            Work::OpenLink => {
                let WrittenMail { to, kind, which } = need(&mut self.mail, "mail")?;
                Action::OpenLink { to, kind, which }
            }
            Work::ReadCode => Action::ReadCode { to: self.newest_letter()? },
            Work::ReadIssued => Action::ReadIssued { to: self.newest_letter()? },
            Work::CreatePasskey => self.passkey(true)?,
            Work::UsePasskey => self.passkey(false)?,
            Work::EnrolByQr => self.enrol(KeyWay::Camera)?,
            Work::EnrolByScreen => self.enrol(KeyWay::Screen)?,
            Work::EnrolByPng => self.enrol(KeyWay::PngFile)?,
            Work::EnrolByKey => self.enrol(KeyWay::Key)?,
            Work::SetClock => Action::SetAppClock(seconds(&need(&mut self.by, "by")?)?),
            Work::NextCode => Action::NextCode { on: self.device() },
            Work::Jump => Action::Jump(seconds(&need(&mut self.by, "by")?)?),
            Work::Advance => {
                let by = seconds(&need(&mut self.by, "by")?)?;
                Action::Advance(Duration::from_secs(u64::try_from(by).map_err(|_| "time does not pass backwards here")?))
            }
        })
    }

    /// A letter that is simply the newest one to an address.
    fn newest_letter(&mut self) -> Result<String, String> {
        match need(&mut self.mail, "mail")? {
            WrittenMail { to, kind: None, which: Which::Newest } => Ok(to),
            _ => Err("only the newest letter can be read; leave `kind` and `which` out".to_owned()),
        }
    }

    fn passkey(&mut self, is_new: bool) -> Result<Action, String> {
        let kind = need(&mut self.kind, "kind")?;
        Ok(Action::Passkey(PasskeyUse {
            is_new,
            form: self.form.take(),
            with: std::mem::take(&mut self.with),
            kind,
            on: self.on.take().unwrap_or_else(|| kind.usual_name().to_owned()),
            outcome: self.outcome.take().unwrap_or_default(),
        }))
    }

    fn enrol(&mut self, by: KeyWay) -> Result<Action, String> {
        let app = need(&mut self.app, "app")?;
        if !app.reads(by) {
            return Err("this app does not get a key this way".to_owned());
        }
        Ok(Action::Enrol { by, app, on: self.device() })
    }

    /// The device that an app runs on.
    fn device(&mut self) -> String {
        self.on.take().unwrap_or_else(|| USUAL_DEVICE.to_owned())
    }
}

/// The device that a member's TOTP app runs on unless the flow says otherwise.
pub const USUAL_DEVICE: &str = "phone";

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
        assert_eq!(step("id = 'S010'\nactor = 'clock'\ndo = 'jump'\nby = '-2h'").unwrap().action, Action::Jump(-7200));
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

    #[test]
    fn a_browser_runs_what_its_appliance_can_run_in_process() {
        let flow = |drivers: &str| {
            let text = format!("id = 'f'\ntitle = 't'\nprofiles = ['a']\n{drivers}\n[[step]]\nid = 'S010'\ndo = 'reload'");
            toml::from_str::<Flow>(&text).unwrap()
        };
        let runs = |drivers| DriverKind::ALL.map(|driver| flow(drivers).runs_by(driver));
        assert_eq!(runs(""), [true, true, true]);
        assert_eq!(runs("drivers = ['in-process']"), [true, true, false]);
        assert_eq!(runs("drivers = ['browser']"), [false, true, false]);
        assert_eq!(runs("drivers = ['remote']"), [false, false, true]);
    }
}
