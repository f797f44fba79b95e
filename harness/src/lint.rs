//! Whether the vectors fit together. What serde refuses (unknown fields, unknown verbs) never gets this far.

use crate::catalogue::{Entry, preset_id};
use crate::flow::{Action, DriverKind, Flow, Step};
use crate::vectors::{Vectors, VectorsError, folder, stem};
use sekisho_core::tenant::Preset;
use std::collections::{BTreeMap, BTreeSet};

/// What is wrong, one sentence each, in the order of the files.
pub fn lint(vectors: &Vectors) -> Result<Vec<String>, VectorsError> {
    let mut findings = Findings(Vec::new());
    findings.catalogue(vectors);
    findings.manuals(vectors);
    findings.files(vectors)?;
    let known: BTreeMap<&str, Entry<'_>> = vectors.catalogue.all().map(|entry| (entry.id, entry)).collect();
    let mut ids = BTreeSet::new();
    let mut roles = BTreeSet::new();
    for (path, flow) in &vectors.flows {
        findings.say(!ids.insert(&flow.id), || format!("flow {}: its id stands twice", flow.id));
        findings.say(stem(path) != flow.id, || format!("{}: the file is not called after its flow {}", path.display(), flow.id));
        for profile in &flow.profiles {
            findings.say(!vectors.profiles.contains_key(profile), || format!("flow {}: unknown profile {profile}", flow.id));
            for preset in &flow.presets {
                let at = || format!("profile {profile} under {}", preset_id(*preset));
                if let Some(role) = &flow.role {
                    let is_first = roles.insert((role, profile, preset_id(*preset)));
                    findings.say(!is_first, || format!("flow {}: role {role} is taken for {}", flow.id, at()));
                }
                findings.chain(vectors, flow, profile, *preset);
            }
        }
        findings.flow(flow, &known);
    }
    Ok(findings.0)
}

struct Findings(Vec<String>);

impl Findings {
    fn say(&mut self, is: bool, text: impl FnOnce() -> String) {
        if is {
            self.0.push(text());
        }
    }

    fn catalogue(&mut self, vectors: &Vectors) {
        let mut seen = BTreeSet::new();
        for entry in vectors.catalogue.all() {
            self.say(!seen.insert(entry.id), || format!("catalogue: {} stands twice", entry.id));
            let under = entry.id == entry.step || entry.id.strip_prefix(entry.step).is_some_and(|rest| rest.starts_with('/'));
            self.say(!under, || format!("catalogue: {} is no variant of {}", entry.id, entry.step));
        }
        for flow in &vectors.catalogue.flow {
            for step in &flow.step {
                let presets = step.presets.iter().chain(step.variant.iter().filter_map(|variant| variant.presets.as_ref()));
                self.say(presets.into_iter().any(Vec::is_empty), || format!("catalogue: {} is for no preset", step.id));
                let under = step.id.strip_prefix(flow.id.as_str()).is_some_and(|rest| rest.starts_with('.'));
                self.say(!under, || format!("catalogue: {} is no step of {}", step.id, flow.id));
            }
        }
    }

    fn manuals(&mut self, vectors: &Vectors) {
        let known: BTreeSet<&str> = vectors.catalogue.all().map(|entry| entry.id).collect();
        for manual in &vectors.manuals {
            let mut places = BTreeSet::new();
            for place in &manual.place {
                let at = format!("manual {}, place {:?}", manual.manual, place.at);
                self.say(!places.insert(&place.at), || format!("{at}: it stands twice"));
                let one = place.covers.is_empty() == place.reason.is_some();
                self.say(!one, || format!("{at}: it has to cover a step or say why not, and not both"));
                for id in &place.covers {
                    self.say(!known.contains(id.as_str()), || format!("{at}: unknown step {id}"));
                }
            }
        }
    }

    /// Every file below `flows` is read, so that none is forgotten.
    fn files(&mut self, vectors: &Vectors) -> Result<(), VectorsError> {
        let read: BTreeSet<_> = vectors.flows.iter().map(|(path, _)| path.clone()).collect();
        for path in folder(&vectors.root.join("flows"))? {
            let inside = if path.is_dir() { folder(&path)? } else { vec![path] };
            for path in inside {
                let is_readme = path.file_name().is_some_and(|name| name == "README.md");
                self.say(!is_readme && !read.contains(&path), || format!("{}: nothing reads this file", path.display()));
            }
        }
        Ok(())
    }

    fn chain(&mut self, vectors: &Vectors, flow: &Flow, profile: &str, preset: Preset) {
        let chain = match vectors.chain(flow, profile, preset) {
            Ok(chain) => chain,
            Err(error) => return self.0.push(error.to_string()),
        };
        let at = format!("flow {} for profile {profile} under {}", flow.id, preset_id(preset));
        let steps = || chain.iter().flat_map(|flow| flow.steps(profile, preset));
        let imported = steps().filter(|step| step.is_import()).map(|step| step.member.as_str());
        let all: Vec<&str> = chain.iter().flat_map(|flow| &flow.given).map(|given| given.member.as_str()).chain(imported).collect();
        let given: BTreeSet<&str> = all.iter().copied().collect();
        self.say(given.len() != all.len(), || format!("{at}: a member is given twice"));
        for step in flow.steps(profile, preset) {
            let mut members = references(step);
            members.push(step.member.as_str());
            for member in members.iter().filter(|member| !given.contains(*member)) {
                self.0.push(format!("{at}, step {}: no member {member:?} is given", step.id));
            }
        }
        self.say(flow.steps(profile, preset).next().is_none(), || format!("{at}: it has no step"));
    }

    fn flow(&mut self, flow: &Flow, known: &BTreeMap<&str, Entry<'_>>) {
        self.say(flow.profiles.is_empty(), || format!("flow {}: it is run for no profile", flow.id));
        self.say(flow.presets.is_empty(), || format!("flow {}: it is run under no preset", flow.id));
        let partly = !DriverKind::ALL.into_iter().all(|kind| flow.runs_by(kind));
        self.say(partly != flow.reason.is_some(), || format!("flow {}: a reason has to stand beside `drivers`, and only there", flow.id));
        let waits = flow.step.iter().any(|step| matches!(step.action, Action::Advance(_) | Action::Jump(_)));
        self.say(waits && flow.runs_by(DriverKind::Remote), || format!("flow {}: a real clock cannot be moved; list its drivers", flow.id));
        let staff = flow.step.iter().any(|step| matches!(step.action, Action::Staff(_)));
        self.say(staff && flow.runs_by(DriverKind::Remote), || {
            format!("flow {}: another host's staff cannot be told what to do; list its drivers", flow.id)
        });
        let mut steps = BTreeSet::new();
        for step in &flow.step {
            let at = format!("flow {}, step {}", flow.id, step.id);
            self.say(!steps.insert(&step.id), || format!("{at}: it stands twice"));
            for id in &step.covers {
                let Some(entry) = known.get(id.as_str()) else {
                    self.0.push(format!("{at}: unknown catalogue step {id}"));
                    continue;
                };
                for profile in &flow.profiles {
                    let runs = flow.presets.iter().filter(|preset| step.is_for(profile, **preset));
                    for preset in runs.filter(|preset| !entry.is_for(profile, **preset)) {
                        let preset = preset_id(*preset);
                        self.0.push(format!("{at}: the catalogue has no {id} for profile {profile} under {preset}"));
                    }
                }
            }
        }
    }
}

/// The members whose data a step speaks of.
fn references(step: &Step) -> Vec<&str> {
    let expect = &step.expect;
    let mut texts: Vec<&String> = expect.fields.values().chain(expect.letters.keys()).chain(expect.mails.keys()).collect();
    texts.extend(expect.newest.iter().flat_map(|(to, texts)| std::iter::once(to).chain(texts)));
    texts.extend(expect.text.iter().chain(&expect.no_text).chain(&expect.said));
    match &step.action {
        Action::Submit { with, .. } => texts.extend(with.values()),
        Action::OpenLink { to, .. } | Action::ReadCode { to } | Action::ReadIssued { to } => texts.push(to),
        Action::Passkey(used) => texts.extend(used.with.values()),
        Action::Staff(work) => texts.extend(work.with.values()),
        _ => {}
    }
    let whole = texts.iter().filter_map(|text| text.strip_prefix('@'));
    let inside = texts.iter().flat_map(|text| text.split("{@").skip(1));
    whole.chain(inside).filter_map(|reference| reference.split('.').next()).collect()
}
