//! Runs a flow: one step after another, each with its expectations, and the invariants after every exchange.

mod letters;
mod look;
mod passkey;
mod staff;

pub(crate) use staff::column;

use crate::browser::tab::{Moment, Tab};
use crate::browser::{Browser, BrowserError, Exchange};
use crate::catalogue::{ProfileId, preset_id};
use crate::drivers::{Driver, DriverError, Pages};
use crate::flow::{Action, DriverKind, Flow, Given, KeyWay, Step, USUAL_DEVICE};
use crate::invariants::{self, Freshness};
use crate::trace::{Line, digest};
use crate::vectors::Vectors;
use crate::world::entropy::Dice;
use crate::world::member::Member;
use crate::world::otpauth::KeyUri;
use crate::world::qr;
use crate::world::totp_app::{PERIOD, TotpApp};
use sekisho_core::tenant::Preset;
use sekisho_core::time::Timestamp;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// A society that flows are run at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Setting<'a> {
    /// Its profile.
    pub profile: &'a str,
    /// The preset that it is under.
    pub preset: Preset,
}

impl Setting<'_> {
    /// What the society is called where every profile has one under every preset.
    pub fn society(&self) -> String {
        format!("{}-{}", self.profile, preset_id(self.preset))
    }
}

/// How a flow ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "verdict", content = "why")]
pub enum Verdict {
    /// Every step was as it has to be.
    Passed,
    /// A step of the flow was not.
    Failed(Vec<String>),
    /// A step of a flow that comes before it was not: there is no verdict on this one.
    ControlFailed(Vec<String>),
    /// It is not run by this driver, for a reason.
    Skipped(String),
    /// The target does not answer or is not set up.
    NotReached(String),
    /// The harness or its data are at fault.
    Broken(String),
}

/// One step that was run.
#[derive(Clone, Debug, Serialize)]
pub struct StepRun {
    /// The flow that the step stands in.
    pub flow: String,
    /// Its id there.
    pub id: String,
    /// What went over the wire.
    pub lines: Vec<Line>,
    /// What was not as it has to be.
    pub failures: Vec<String>,
}

/// One flow that was run.
#[derive(Serialize)]
pub struct FlowRun {
    /// Its id.
    pub flow: String,
    /// For which profile.
    pub profile: ProfileId,
    /// Under which preset.
    #[serde(serialize_with = "preset")]
    pub preset: Preset,
    /// By which driver.
    #[serde(serialize_with = "driver_id")]
    pub driver: DriverKind,
    /// With which seed.
    pub seed: u64,
    /// How it ended.
    #[serde(flatten)]
    pub verdict: Verdict,
    /// What its steps show when it passes, those of the flows before it included where the driver itself has run them.
    pub covers: BTreeSet<String>,
    /// Its steps, those of the flows before it included.
    pub steps: Vec<StepRun>,
    /// Hash of the canonical trace.
    pub trace: String,
    /// To whom letters have come, where the clock is simulated: a real outbox would have to be waited for.
    pub letters: Vec<String>,
    /// What this driver could not look at, and why.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub not_looked_at: Vec<String>,
    /// Everybody in it, for what is looked for afterwards.
    #[serde(skip)]
    pub members: Vec<Member>,
}

fn preset<S: serde::Serializer>(preset: &Preset, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(preset_id(*preset))
}

fn driver_id<S: serde::Serializer>(driver: &DriverKind, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(driver.id())
}

/// Runs `flow` behind the flows that come before it. `seen` is told each step as it ends.
pub fn run_flow(
    vectors: &Vectors,
    flow: &Flow,
    setting: Setting<'_>,
    driver: &mut dyn Driver,
    seed: u64,
    seen: &mut dyn FnMut(&StepRun),
) -> FlowRun {
    let kind = driver.kind();
    let Setting { profile, preset } = setting;
    let mut stage = Stage {
        driver,
        seed,
        setting,
        run: &flow.id,
        members: BTreeMap::new(),
        own: BTreeMap::new(),
        tabs: BTreeMap::new(),
        fresh: BTreeMap::new(),
        said: Vec::new(),
    };
    let mut steps = Vec::new();
    let mut covers = BTreeSet::new();
    let verdict = match vectors.chain(flow, profile, preset) {
        Ok(chain) => {
            // The flows before are run by themselves too; here a real browser has not seen them.
            let shown = chain.iter().filter(|before| kind != DriverKind::Browser || before.id == flow.id);
            covers.extend(shown.flat_map(|flow| flow.steps(profile, preset)).flat_map(|step| step.covers.clone()));
            chain_verdict(&chain, kind, &mut stage, &mut |step| {
                seen(&step);
                steps.push(step);
            })
        }
        Err(error) => Verdict::Broken(error.to_string()),
    };
    let lines: Vec<Line> = steps.iter().flat_map(|step| step.lines.clone()).collect();
    let letters = stage.letters();
    FlowRun {
        flow: flow.id.clone(),
        profile: profile.to_owned(),
        preset,
        driver: kind,
        seed,
        verdict,
        covers,
        steps,
        trace: digest(&lines),
        letters,
        not_looked_at: Vec::new(),
        members: stage.members.into_values().collect(),
    }
}

/// As [`run_flow`], and again at `beside`: both have to have seen the same. `beside` is a society like the driver's, on the same clock.
pub fn run_flow_twice(
    vectors: &Vectors,
    flow: &Flow,
    setting: Setting<'_>,
    (driver, beside): (&mut dyn Driver, &mut dyn Driver),
    seed: u64,
    seen: &mut dyn FnMut(&StepRun),
) -> FlowRun {
    let reference = run_flow(vectors, flow, setting, beside, seed, &mut |_| {});
    let mut run = run_flow(vectors, flow, setting, driver, seed, seen);
    if run.verdict == Verdict::Passed
        && let Some(difference) = difference(&run, &reference)
    {
        run.verdict = Verdict::Failed(vec![difference]);
    }
    run.members.extend(reference.members);
    run
}

/// The first thing in which two runs of a flow differ.
fn difference(run: &FlowRun, reference: &FlowRun) -> Option<String> {
    let lines = |run: &FlowRun| -> Vec<String> {
        let of = |step: &StepRun| step.lines.iter().map(|line| format!("{} {line}", step.flow)).collect::<Vec<_>>();
        run.steps.iter().flat_map(of).chain(run.letters.iter().map(|to| format!("a letter to {to}"))).collect()
    };
    let (seen, expected) = (lines(run), lines(reference));
    let places = 0..seen.len().max(expected.len());
    places.into_iter().map(|place| (seen.get(place), expected.get(place))).find(|(seen, expected)| seen != expected).map(
        |(seen, expected)| {
            let or_nothing = |line: Option<&String>| line.map_or("nothing", String::as_str).to_owned();
            let (driver, other) = (run.driver.id(), reference.driver.id());
            format!("{driver} has seen {:?} where {other} has seen {:?} ({:?})", or_nothing(seen), or_nothing(expected), reference.verdict)
        },
    )
}

/// The id under which [`check_pages`] reports.
const PAGES: &str = "pages";

/// What the driver's eyes have found on the pages of one profile; `None` if it has none.
pub fn check_pages(setting: Setting<'_>, driver: &mut dyn Driver, seed: u64) -> Option<FlowRun> {
    let Pages { seen, findings, not_looked_at } = driver.pages()?;
    let verdict = match (seen, findings.is_empty()) {
        (0, _) => Verdict::Broken("no page was looked at".to_owned()),
        (_, true) => Verdict::Passed,
        (_, false) => Verdict::Failed(findings),
    };
    let mut run = FlowRun::beside(PAGES, setting, driver.kind(), seed, verdict);
    run.not_looked_at = not_looked_at;
    Some(run)
}

/// The id under which [`check_residue`] reports.
const RESIDUE: &str = "residue";

/// Looks through everything that the runs of one profile have left behind for what their members keep to themselves (I11).
pub fn check_residue(setting: Setting<'_>, driver: &dyn Driver, seed: u64, runs: &mut [FlowRun]) -> FlowRun {
    let members: Vec<Member> = runs.iter_mut().flat_map(|run| std::mem::take(&mut run.members)).collect();
    let residue = driver.residue();
    let verdict = match invariants::check_residue(&residue, &members) {
        _ if residue.is_empty() => Verdict::Skipped("this driver cannot see the target's files and logs".to_owned()),
        Ok(found) if found.is_empty() => Verdict::Passed,
        Ok(found) => Verdict::Failed(found),
        Err(error) => Verdict::Broken(error),
    };
    FlowRun::beside(RESIDUE, setting, driver.kind(), seed, verdict)
}

impl FlowRun {
    /// What is said of a whole profile beside its flows.
    fn beside(id: &str, setting: Setting<'_>, driver: DriverKind, seed: u64, verdict: Verdict) -> Self {
        Self {
            flow: id.to_owned(),
            profile: setting.profile.to_owned(),
            preset: setting.preset,
            driver,
            seed,
            verdict,
            covers: BTreeSet::new(),
            steps: Vec::new(),
            trace: digest(&[]),
            letters: Vec::new(),
            not_looked_at: Vec::new(),
            members: Vec::new(),
        }
    }
}

/// Why a flow is not run where pages have no scripts.
pub const WITHOUT_SCRIPTS: &str = "a passkey takes a script, and scripts are turned off";

fn chain_verdict(chain: &[&Flow], kind: DriverKind, stage: &mut Stage, seen: &mut dyn FnMut(StepRun)) -> Verdict {
    if let Some(not) = chain.iter().find(|flow| !flow.runs_by(kind)) {
        return Verdict::Skipped(not.reason.clone().unwrap_or_default());
    }
    let takes_passkeys = |flow: &&Flow| flow.step.iter().any(|step| matches!(step.action, Action::Passkey(_)));
    if !stage.driver.runs_scripts() && chain.last().is_some_and(takes_passkeys) {
        return Verdict::Skipped(WITHOUT_SCRIPTS.to_owned());
    }
    for (place, flow) in chain.iter().enumerate() {
        let is_control = place + 1 < chain.len();
        if let Err(stop) = stage.flow(flow, seen) {
            return match stop {
                Stop::Driver(error @ (DriverError::Unreachable(_) | DriverError::NotSetUp(_))) => Verdict::NotReached(error.to_string()),
                Stop::Driver(error @ DriverError::Internal(_)) => Verdict::Broken(error.to_string()),
                Stop::Seen(why) if is_control => Verdict::ControlFailed(why),
                Stop::Seen(why) => Verdict::Failed(why),
            };
        }
    }
    match stage.check_second_steps() {
        Ok(broken) if broken.is_empty() => Verdict::Passed,
        Ok(broken) | Err(Stop::Seen(broken)) => Verdict::Failed(broken),
        Err(Stop::Driver(error)) => Verdict::Broken(error.to_string()),
    }
}

/// Why a flow goes no further.
enum Stop {
    Driver(DriverError),
    Seen(Vec<String>),
}

impl From<BrowserError> for Stop {
    fn from(error: BrowserError) -> Self {
        match error {
            BrowserError::Driver(error) => Self::Driver(error),
            other => Self::Seen(vec![other.to_string()]),
        }
    }
}

impl From<DriverError> for Stop {
    fn from(error: DriverError) -> Self {
        Self::Driver(error)
    }
}

fn wrong(text: impl ToString) -> Stop {
    Stop::Seen(vec![text.to_string()])
}

/// Everybody and everything in a flow.
struct Stage<'a> {
    driver: &'a mut dyn Driver,
    seed: u64,
    setting: Setting<'a>,
    /// The flow that is run, whichever's step it is: its members are nobody else's.
    run: &'a str,
    members: BTreeMap<String, Member>,
    /// The harness's own browsers: those of the flows before, which a real one takes over where the flow itself begins.
    own: BTreeMap<String, Browser>,
    tabs: BTreeMap<String, Box<dyn Tab>>,
    /// What each browser has proved, and when, for I07.
    fresh: BTreeMap<String, Freshness>,
    /// What the staff were told last.
    said: Vec<String>,
}

impl Stage<'_> {
    fn flow(&mut self, flow: &Flow, seen: &mut dyn FnMut(StepRun)) -> Result<(), Stop> {
        for given in &flow.given {
            self.register(given)?;
        }
        for step in flow.steps(self.setting.profile, self.setting.preset) {
            let before = self.letters_before(step)?;
            let done = self.step(flow, step);
            let exchanges = match (self.own.get_mut(&step.browser), self.tabs.get_mut(&step.browser)) {
                (Some(own), _) => own.take_exchanges(),
                (None, Some(tab)) => tab.take_exchanges(),
                (None, None) => Vec::new(),
            };
            let lines = exchanges.iter().map(|exchange| Line::of(&step.id, exchange)).collect();
            let mut failures: Vec<String> =
                exchanges.iter().flat_map(|exchange| invariants::check(exchange, self.members.values())).collect();
            failures.extend(self.check_course(step, &exchanges, &before)?);
            failures.sort();
            failures.dedup();
            match done.and_then(|()| self.look_at_letters(step, &before)) {
                Ok(()) => {}
                Err(Stop::Seen(why)) => failures.extend(why),
                Err(stop) => return Err(stop),
            }
            let stop: Vec<String> = failures.iter().map(|failure| format!("{} {}: {failure}", flow.id, step.id)).collect();
            seen(StepRun { flow: flow.id.clone(), id: step.id.clone(), lines, failures });
            if !stop.is_empty() {
                return Err(Stop::Seen(stop));
            }
        }
        Ok(())
    }

    /// A member comes into being: imported by the staff, with a letter in the hand.
    fn register(&mut self, given: &Given) -> Result<(), Stop> {
        let mut dice = Dice::new(self.seed, &format!("{} {} {}", self.setting.profile, self.run, given.member));
        let registered = self.driver.register(given, &mut dice)?;
        self.members.insert(given.member.clone(), Member::new(registered, &mut dice));
        Ok(())
    }

    /// What has to hold of the course of things, whatever the flow is about: I07 and I08.
    fn check_course(&mut self, step: &Step, exchanges: &[Exchange], before: &letters::Before) -> Result<Vec<String>, Stop> {
        let now = self.driver.now();
        let fresh = self.fresh.entry(step.browser.clone()).or_default();
        let mut broken: Vec<String> = exchanges.iter().flat_map(|exchange| fresh.see(exchange, now, self.setting.preset)).collect();
        if exchanges.iter().any(invariants::is_change) {
            broken.extend(self.check_told(step, before)?);
        }
        Ok(broken)
    }

    fn step(&mut self, flow: &Flow, step: &Step) -> Result<(), Stop> {
        if flow.id != self.run {
            let mut own = self.own.remove(&step.browser).unwrap_or_default();
            let done = self.at(flow, step, &mut own);
            self.own.insert(step.browser.clone(), own);
            return done;
        }
        let mut tab = match self.tabs.remove(&step.browser) {
            Some(tab) => tab,
            None => self.driver.adopt(self.own.remove(&step.browser).unwrap_or_default(), step.action == Action::Reload)?,
        };
        let done = self.at(flow, step, &mut *tab);
        self.tabs.insert(step.browser.clone(), tab);
        done
    }

    fn at(&mut self, flow: &Flow, step: &Step, tab: &mut dyn Tab) -> Result<(), Stop> {
        self.act(step, tab)?;
        if step.action.shows_a_page() {
            tab.witness(&Moment { profile: self.setting.profile, flow: self.run, step: (&flow.id, &step.id) })?;
        }
        self.look(step, tab)
    }

    fn act(&mut self, step: &Step, browser: &mut dyn Tab) -> Result<(), Stop> {
        match &step.action {
            Action::Open(at) => browser.open(self.driver, at)?,
            Action::Follow(at) => browser.follow(self.driver, at)?,
            Action::Back => browser.back(self.driver)?,
            Action::Reload => browser.reload(self.driver)?,
            Action::Submit { form, with } => self.submit(step, browser, form.as_deref(), with)?,
            Action::KeepCodes => {
                let codes = browser.page()?.recovery_codes();
                if codes.len() != sekisho_core::lookup::CODES {
                    return Err(wrong(format!("{} recovery codes stand on the page", codes.len())));
                }
                self.member(&step.member)?.keep_codes(codes);
            }
            Action::OpenLink { to, kind, which } => {
                let link = self.link(to, *kind, *which)?;
                browser.open_from_mail(self.driver, &link)?;
                let to = self.value(to)?;
                if link.starts_with("/link/email") {
                    self.member(&step.member)?.opened_mail = Some(to);
                }
            }
            Action::ReadCode { to } => {
                let code = self.mail_code(to)?;
                self.member(&step.member)?.mail_code = Some(code);
            }
            Action::ReadIssued { to } => {
                let (user_id, password) = self.issued(to)?;
                self.member(&step.member)?.issue(user_id, password);
            }
            Action::Enrol { by, on, .. } => {
                let app = enrolled(browser, *by)?;
                self.member(&step.member)?.apps.insert(on.clone(), app);
            }
            Action::SetAppClock(seconds) => self.member(&step.member)?.app_clock = *seconds,
            Action::NextCode { on } => self.next_code(&step.member, on)?,
            Action::Passkey(used) => self.passkey(step, browser, used)?,
            Action::Staff(work) => self.staff(step, work)?,
            Action::Advance(by) => {
                let until = self.driver.now().after(*by);
                self.driver.wait_until(until)?;
            }
            Action::Jump(seconds) => self.driver.jump(*seconds)?,
        }
        Ok(())
    }

    fn submit(&mut self, step: &Step, browser: &mut dyn Tab, form: Option<&str>, with: &BTreeMap<String, String>) -> Result<(), Stop> {
        let now = self.driver.now();
        let page = browser.page()?.step.clone();
        let typed = self.typed(browser, with)?;
        browser.submit(self.driver, form, &typed)?;
        if browser.page()?.refusal.is_none() && browser.page()?.status == 200 {
            learn(self.member(&step.member)?, page.as_deref(), &typed, with, now);
        }
        Ok(())
    }

    /// What is typed into a form. `#NAME` is the choice of the page that is called so.
    fn typed(&self, browser: &dyn Tab, with: &BTreeMap<String, String>) -> Result<BTreeMap<String, String>, Stop> {
        let page = browser.page()?;
        let one = |(name, value): (&String, &String)| match value.strip_prefix('#') {
            Some(label) => {
                let chosen = page.choice_called(name, label);
                Ok((name.clone(), chosen.ok_or_else(|| wrong(format!("nothing called {label:?} can be chosen as {name}")))?))
            }
            None => Ok((name.clone(), self.value(value)?)),
        };
        with.iter().map(one).collect()
    }

    /// Waits until the app shows a code that has not been typed. A real clock is not waited for as long as the server takes the
    /// code of the next step: then the app's clock is ahead instead.
    fn next_code(&mut self, member: &str, on: &str) -> Result<(), Stop> {
        let now = self.driver.now();
        let kind = self.driver.kind();
        let who = self.member(member)?;
        let app = who.apps.get(on).ok_or_else(|| wrong(format!("the member has no app with a key on {on}")))?;
        let next = app.next_step().unwrap_or_default();
        let shows = TotpApp::step(now, who.app_clock);
        if shows >= next {
            return Ok(());
        }
        if !kind.has_simulated_clock() {
            who.app_clock = 0;
            if TotpApp::step(now, 0) + 1 == next {
                who.app_clock = i64::try_from(next * PERIOD - now.0).unwrap_or_default();
                return Ok(());
            }
        }
        let clock = who.app_clock;
        Ok(self.driver.wait_until(Timestamp((next * PERIOD).saturating_add_signed(-clock)))?)
    }

    fn member(&mut self, name: &str) -> Result<&mut Member, Stop> {
        self.members.get_mut(name).ok_or_else(|| Stop::Driver(DriverError::Internal(format!("no member {name:?} is given"))))
    }

    /// What a value of a flow stands for: `@m.user-id` is a reference, `{@m.user-id}` is one inside a text, all else is itself.
    fn value(&self, text: &str) -> Result<String, Stop> {
        if let Some(reference) = text.strip_prefix('@') {
            return self.refer(reference);
        }
        let mut value = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("{@") {
            let (reference, after) = after.split_once('}').ok_or_else(|| wrong(format!("{text:?}: a reference ends with }}")))?;
            value.push_str(before);
            value.push_str(&self.refer(reference)?);
            rest = after;
        }
        Ok(value + rest)
    }

    fn refer(&self, reference: &str) -> Result<String, Stop> {
        let (name, reference) = reference.split_once('.').unwrap_or((reference, ""));
        let member = self.members.get(name).ok_or_else(|| wrong(format!("no member {name:?} is given")))?;
        member.refer(reference, self.driver.now()).map_err(wrong)
    }
}

/// What a member keeps in mind when a form of `page` was accepted: `typed` is what was sent, `with` is how the flow speaks of it.
fn learn(member: &mut Member, page: Option<&str>, typed: &BTreeMap<String, String>, with: &BTreeMap<String, String>, now: Timestamp) {
    match page {
        Some("method" | "change-user-id") => {
            if let Some(id) = typed.get("user_id") {
                member.user_id = sekisho_core::user_id::UserId::typed(id).as_str().to_owned();
            }
        }
        Some("new-password") => {
            if let Some(password) = typed.get("password") {
                member.password.clone_from(password);
            }
        }
        Some("link-confirm") => member.proven_mail = member.opened_mail.take().or(member.proven_mail.take()),
        Some("setup-totp" | "mail-code") => member.has_second_step = true,
        Some("recovery-code") => member.code_used(),
        _ => {}
    }
    let app = with.get("code").and_then(|value| app_of(value)).and_then(|on| member.apps.get_mut(on));
    if let Some(app) = app {
        app.typed_at(TotpApp::step(now, member.app_clock));
    }
}

/// The device of whose app a value is the code: `@m.code` and `@m.code.tablet|spaced`.
fn app_of(value: &str) -> Option<&str> {
    let (_, name) = value.strip_prefix('@')?.split('|').next()?.split_once('.')?;
    if name == "code" { Some(USUAL_DEVICE) } else { name.strip_prefix("code.") }
}

/// An app that has got its key from the page.
fn enrolled(browser: &dyn Tab, by: KeyWay) -> Result<TotpApp, Stop> {
    let page = browser.page()?;
    if by == KeyWay::Key {
        let key = page.key.as_ref().ok_or_else(|| wrong("no key stands on the page as text"))?;
        return TotpApp::typed(&key.to_lowercase()).ok_or_else(|| wrong("the key on the page is not base32"));
    }
    let [picture] = page.pictures.as_slice() else { return Err(wrong(format!("{} pictures are on the page", page.pictures.len()))) };
    let uri = KeyUri::parse(&qr::read(picture, by).map_err(wrong)?).map_err(wrong)?;
    Ok(TotpApp::new(uri.key))
}

/// The key on the page, as picture or as text.
fn key_on(browser: &dyn Tab) -> Result<Vec<u8>, Stop> {
    let way = if browser.page()?.key.is_some() { KeyWay::Key } else { KeyWay::PngFile };
    enrolled(browser, way).map(|app| app.key().to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(pages: &[&str], letters: &[&str]) -> FlowRun {
        let line = |page: &&str| Line {
            step: "S010".to_owned(),
            method: "GET".to_owned(),
            path: "/".to_owned(),
            status: 200,
            page: Some((*page).to_owned()),
            refusal: None,
        };
        let step = |page: &&str| StepRun { flow: "f".to_owned(), id: "S010".to_owned(), lines: vec![line(page)], failures: Vec::new() };
        let mut run = FlowRun::beside("f", Setting { profile: "a", preset: Preset::Guarded }, DriverKind::Browser, 1, Verdict::Passed);
        run.steps = pages.iter().map(step).collect();
        run.letters = letters.iter().map(|to| (*to).to_owned()).collect();
        run
    }

    #[test]
    fn two_runs_that_have_seen_the_same_do_not_differ() {
        assert_eq!(difference(&run(&["login", "portal"], &["m's address"]), &run(&["login", "portal"], &["m's address"])), None);
    }

    #[test]
    fn the_first_page_or_letter_that_only_one_has_seen_is_told() {
        let reference = run(&["login", "portal"], &["m's address"]);
        for (seen, told) in [
            (run(&["login", "terms"], &["m's address"]), "GET / 200 terms"),
            (run(&["login"], &["m's address"]), "a letter to m's address"),
            (run(&["login", "portal"], &[]), "nothing"),
            (run(&["login", "portal"], &["m's address", "m's address"]), "a letter to m's address"),
        ] {
            let difference = difference(&seen, &reference).unwrap();
            assert!(difference.contains(told), "{difference}");
        }
    }

    #[test]
    fn a_value_says_whose_app_its_code_is_of() {
        assert_eq!(app_of("@m.code"), Some("phone"));
        assert_eq!(app_of("@m.code|spaced"), Some("phone"));
        assert_eq!(app_of("@m.code.tablet|wrong"), Some("tablet"));
        for other in ["@m.mail-code", "@m.recovery-code", "000000", "@m"] {
            assert_eq!(app_of(other), None, "{other}");
        }
    }
}
