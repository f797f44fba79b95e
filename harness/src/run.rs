//! Runs a flow: one step after another, each with its expectations, and the invariants after every exchange.

use crate::browser::tab::{Moment, Tab};
use crate::browser::{Browser, BrowserError, jar};
use crate::catalogue::ProfileId;
use crate::drivers::{Driver, DriverError, Pages, link_to};
use crate::flow::{Action, DriverKind, Expect, Flow, KeyOnPage, KeyWay, Never, Step, Which};
use crate::invariants;
use crate::trace::{Line, digest};
use crate::vectors::Vectors;
use crate::world::entropy::Dice;
use crate::world::member::Member;
use crate::world::otpauth::KeyUri;
use crate::world::qr;
use crate::world::totp_app::{PERIOD, TotpApp};
use sekisho_core::time::Timestamp;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

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
    /// Subjects of the letters to everybody in it, where the clock is simulated: a real outbox would have to be waited for.
    pub letters: Vec<String>,
    /// What this driver could not look at, and why.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub not_looked_at: Vec<String>,
    /// Everybody in it, for what is looked for afterwards.
    #[serde(skip)]
    pub members: Vec<Member>,
}

fn driver_id<S: serde::Serializer>(driver: &DriverKind, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(driver.id())
}

/// Runs `flow` behind the flows that come before it. `seen` is told each step as it ends.
pub fn run_flow(
    vectors: &Vectors,
    flow: &Flow,
    profile: &str,
    driver: &mut dyn Driver,
    seed: u64,
    seen: &mut dyn FnMut(&StepRun),
) -> FlowRun {
    let kind = driver.kind();
    let mut stage = Stage { driver, seed, profile, run: &flow.id, members: BTreeMap::new(), own: BTreeMap::new(), tabs: BTreeMap::new() };
    let mut steps = Vec::new();
    let mut covers = BTreeSet::new();
    let verdict = match vectors.chain(flow, profile) {
        Ok(chain) => {
            // The flows before are run by themselves too; here a real browser has not seen them.
            let shown = chain.iter().filter(|before| kind != DriverKind::Browser || before.id == flow.id);
            covers.extend(shown.flat_map(|flow| &flow.step).flat_map(|step| step.covers.clone()));
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
    profile: &str,
    (driver, beside): (&mut dyn Driver, &mut dyn Driver),
    seed: u64,
    seen: &mut dyn FnMut(&StepRun),
) -> FlowRun {
    let reference = run_flow(vectors, flow, profile, beside, seed, &mut |_| {});
    let mut run = run_flow(vectors, flow, profile, driver, seed, seen);
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
        run.steps.iter().flat_map(of).chain(run.letters.iter().map(|subject| format!("letter {subject}"))).collect()
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
pub fn check_pages(profile: &str, driver: &mut dyn Driver, seed: u64) -> Option<FlowRun> {
    let Pages { seen, findings, not_looked_at } = driver.pages()?;
    let verdict = match (seen, findings.is_empty()) {
        (0, _) => Verdict::Broken("no page was looked at".to_owned()),
        (_, true) => Verdict::Passed,
        (_, false) => Verdict::Failed(findings),
    };
    let mut run = FlowRun::beside(PAGES, profile, driver.kind(), seed, verdict);
    run.not_looked_at = not_looked_at;
    Some(run)
}

/// The id under which [`check_residue`] reports.
const RESIDUE: &str = "residue";

/// Looks through everything that the runs of one profile have left behind for what their members keep to themselves (I11).
pub fn check_residue(profile: &str, driver: &dyn Driver, seed: u64, runs: &mut [FlowRun]) -> FlowRun {
    let members: Vec<Member> = runs.iter_mut().flat_map(|run| std::mem::take(&mut run.members)).collect();
    let residue = driver.residue();
    let verdict = match invariants::check_residue(&residue, &members) {
        _ if residue.is_empty() => Verdict::Skipped("this driver cannot see the target's files and logs".to_owned()),
        Ok(found) if found.is_empty() => Verdict::Passed,
        Ok(found) => Verdict::Failed(found),
        Err(error) => Verdict::Broken(error),
    };
    FlowRun::beside(RESIDUE, profile, driver.kind(), seed, verdict)
}

impl FlowRun {
    /// What is said of a whole profile beside its flows.
    fn beside(id: &str, profile: &str, driver: DriverKind, seed: u64, verdict: Verdict) -> Self {
        Self {
            flow: id.to_owned(),
            profile: profile.to_owned(),
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

fn chain_verdict(chain: &[&Flow], kind: DriverKind, stage: &mut Stage, seen: &mut dyn FnMut(StepRun)) -> Verdict {
    if let Some(not) = chain.iter().find(|flow| !flow.runs_by(kind)) {
        return Verdict::Skipped(not.reason.clone().unwrap_or_default());
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
    Verdict::Passed
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
    profile: &'a str,
    /// The flow that is run, whichever's step it is: its members are nobody else's.
    run: &'a str,
    members: BTreeMap<String, Member>,
    /// The harness's own browsers: those of the flows before, which a real one takes over where the flow itself begins.
    own: BTreeMap<String, Browser>,
    tabs: BTreeMap<String, Box<dyn Tab>>,
}

impl Stage<'_> {
    fn flow(&mut self, flow: &Flow, seen: &mut dyn FnMut(StepRun)) -> Result<(), Stop> {
        for given in &flow.given {
            let mut dice = Dice::new(self.seed, &format!("{} {} {}", self.profile, self.run, given.member));
            let registered = self.driver.register(given, &mut dice)?;
            self.members.insert(given.member.clone(), Member::new(registered, &mut dice));
        }
        for step in &flow.step {
            let done = self.step(flow, step);
            let exchanges = match (self.own.get_mut(&step.browser), self.tabs.get_mut(&step.browser)) {
                (Some(own), _) => own.take_exchanges(),
                (None, Some(tab)) => tab.take_exchanges(),
                (None, None) => Vec::new(),
            };
            let lines = exchanges.iter().map(|exchange| Line::of(&step.id, exchange)).collect();
            let mut failures: Vec<String> =
                exchanges.iter().flat_map(|exchange| invariants::check(exchange, self.members.values())).collect();
            failures.sort();
            failures.dedup();
            match done {
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

    fn step(&mut self, flow: &Flow, step: &Step) -> Result<(), Stop> {
        if flow.id != self.run {
            let mut own = self.own.remove(&step.browser).unwrap_or_default();
            let done = self.at(flow, step, &mut own);
            self.own.insert(step.browser.clone(), own);
            return done;
        }
        let mut tab = match self.tabs.remove(&step.browser) {
            Some(tab) => tab,
            None => self.driver.adopt(self.own.remove(&step.browser).unwrap_or_default())?,
        };
        let done = self.at(flow, step, &mut *tab);
        self.tabs.insert(step.browser.clone(), tab);
        done
    }

    fn at(&mut self, flow: &Flow, step: &Step, tab: &mut dyn Tab) -> Result<(), Stop> {
        self.act(step, tab)?;
        if is_at_browser(step) {
            tab.witness(&Moment { profile: self.profile, flow: self.run, step: (&flow.id, &step.id) })?;
        }
        self.look(step, tab)
    }

    /// Subjects of the letters that have come to everybody.
    fn letters(&mut self) -> Vec<String> {
        let addresses = self
            .members
            .iter()
            .flat_map(|(name, member)| [member.registered.mail.clone(), member.other_mail.clone()].map(|address| (name.clone(), address)));
        let addresses: Vec<(String, String)> = if self.driver.kind().has_simulated_clock() { addresses.collect() } else { Vec::new() };
        let mut subjects = Vec::new();
        for (name, address) in addresses {
            let letters = self.driver.letters(&address).unwrap_or_default();
            subjects.extend(letters.into_iter().map(|letter| format!("{name}: {}", letter.subject)));
        }
        subjects
    }

    fn act(&mut self, step: &Step, browser: &mut dyn Tab) -> Result<(), Stop> {
        match &step.action {
            Action::Open(at) => browser.open(self.driver, at)?,
            Action::Follow(at) => browser.follow(self.driver, at)?,
            Action::Back => browser.back(self.driver)?,
            Action::Reload => browser.reload(self.driver)?,
            Action::Submit { form, with } => self.submit(step, browser, form.as_deref(), with)?,
            Action::OpenLink { to, which } => {
                let to = self.value(to)?;
                let letters = self.driver.letters(&to)?;
                let mut links = letters.iter().filter_map(|letter| link_to(self.driver.origin(), letter));
                let link = match which {
                    Which::Newest => links.next_back(),
                    Which::Oldest => links.next(),
                };
                let link = link.ok_or_else(|| wrong(format!("none of the {} letters to the address has a link", letters.len())))?;
                browser.open_from_mail(self.driver, &link)?;
            }
            Action::Enrol { by, .. } => {
                let app = enrolled(browser, *by)?;
                self.member(&step.member)?.app = Some(app);
            }
            Action::SetAppClock(seconds) => self.member(&step.member)?.app_clock = *seconds,
            Action::NextCode => self.next_code(&step.member)?,
            Action::Advance(by) => {
                let until = self.driver.now().after(*by);
                self.driver.wait_until(until)?;
            }
        }
        Ok(())
    }

    fn submit(&mut self, step: &Step, browser: &mut dyn Tab, form: Option<&str>, with: &BTreeMap<String, String>) -> Result<(), Stop> {
        let now = self.driver.now();
        let typed: BTreeMap<String, String> =
            with.iter().map(|(name, value)| Ok((name.clone(), self.value(value)?))).collect::<Result<_, Stop>>()?;
        let page = browser.page()?.step.clone();
        browser.submit(self.driver, form, &typed)?;
        if browser.page()?.refusal.is_none() && browser.page()?.status == 200 {
            let has_code = with.get("code").is_some_and(|value| value.starts_with('@'));
            learn(self.member(&step.member)?, page.as_deref(), &typed, has_code.then_some(now));
        }
        Ok(())
    }

    /// Waits until the app shows a code that has not been typed. A real clock is not waited for as long as the server takes the
    /// code of the next step: then the app's clock is ahead instead.
    fn next_code(&mut self, member: &str) -> Result<(), Stop> {
        let now = self.driver.now();
        let kind = self.driver.kind();
        let who = self.member(member)?;
        let app = who.app.as_ref().ok_or_else(|| wrong("the member has no app with a key"))?;
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

    /// Compares what is seen with what the step expects.
    fn look(&mut self, step: &Step, browser: &dyn Tab) -> Result<(), Stop> {
        let mut wrong = Vec::new();
        if is_at_browser(step) {
            self.look_at_page(step, browser, &mut wrong)?;
        }
        for (to, expected) in &step.expect.letters {
            let to = self.value(to)?;
            let letters = self.driver.letters(&to)?;
            if letters.len() != *expected {
                wrong.push(format!("{} letters have come to the address; {expected} were expected", letters.len()));
            }
            for (letter, member) in letters.iter().flat_map(|letter| self.members.values().map(move |member| (letter, member))) {
                wrong.extend(invariants::check_letter(letter, member));
            }
        }
        for never in &step.never {
            let Never::Session = never;
            if browser.holds(jar::SESSION) {
                wrong.push("the browser holds a session cookie".to_owned());
            }
        }
        if wrong.is_empty() { Ok(()) } else { Err(Stop::Seen(wrong)) }
    }

    fn look_at_page(&mut self, step: &Step, browser: &dyn Tab, wrong: &mut Vec<String>) -> Result<(), Stop> {
        let page = browser.page()?;
        let Expect { page: id, status, refusal, text, links, fields, options, key, letters: _ } = &step.expect;
        let mut differ = |what: &str, seen: &dyn std::fmt::Debug, expected: &dyn std::fmt::Debug| {
            wrong.push(format!("{what} is {seen:?}; {expected:?} was expected"));
        };
        if id.is_some() && page.step != *id {
            differ("the page", &page.step, id);
        }
        if page.refusal != *refusal {
            differ("the refusal", &page.refusal, refusal);
        }
        let expected_status = status.or(refusal.is_none().then_some(200));
        if expected_status.is_some_and(|expected| expected != page.status) {
            differ("the status", &page.status, &expected_status);
        }
        for text in text.iter().filter(|text| !page.text.contains(text.as_str())) {
            differ("the text", &page.text, text);
        }
        for link in links.iter().filter(|link| !page.links.contains(link)) {
            differ("the list of links", &page.links, link);
        }
        for (name, value) in fields {
            let value = self.value(value)?;
            if page.standing(name) != Some(value.as_str()) {
                differ(&format!("what stands in {name}"), &page.standing(name), &value);
            }
        }
        for (name, expected) in options {
            if page.offered(name) != Some(expected.as_slice()) {
                differ(&format!("what {name} offers"), &page.offered(name), expected);
            }
        }
        if let Some(key) = key {
            let held = self.member(&step.member)?.app.clone();
            let held = held.ok_or_else(|| Stop::Seen(vec!["the member has no app with a key".to_owned()]))?;
            let same = key_on(browser)? == held.key();
            if same != (*key == KeyOnPage::Same) {
                wrong.push(format!("the key on the page has to be the {} one", if same { "other" } else { "same" }));
            }
        }
        Ok(())
    }

    fn member(&mut self, name: &str) -> Result<&mut Member, Stop> {
        self.members.get_mut(name).ok_or_else(|| Stop::Driver(DriverError::Internal(format!("no member {name:?} is given"))))
    }

    /// What a value of a flow stands for: `@m.user-id` is a reference, all else is itself.
    fn value(&self, text: &str) -> Result<String, Stop> {
        let Some(reference) = text.strip_prefix('@') else { return Ok(text.to_owned()) };
        let (name, reference) = reference.split_once('.').unwrap_or((reference, ""));
        let member = self.members.get(name).ok_or_else(|| wrong(format!("no member {name:?} is given")))?;
        member.refer(reference, self.driver.now()).map_err(wrong)
    }
}

/// Whether the step is done at the browser, or with a page of it before one's eyes.
fn is_at_browser(step: &Step) -> bool {
    !matches!(step.action, Action::Advance(_) | Action::NextCode | Action::SetAppClock(_))
}

/// What a member keeps in mind when a form of `page` was accepted.
fn learn(member: &mut Member, page: Option<&str>, typed: &BTreeMap<String, String>, code_typed: Option<Timestamp>) {
    match page {
        Some("method") => {
            if let Some(id) = typed.get("user_id") {
                member.user_id = sekisho_core::user_id::UserId::typed(id).as_str().to_owned();
            }
        }
        Some("new-password") => {
            if let Some(password) = typed.get("password") {
                member.password.clone_from(password);
            }
        }
        _ => {}
    }
    if let (Some(now), Some(app)) = (code_typed, &mut member.app) {
        app.typed_at(TotpApp::step(now, member.app_clock));
    }
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
