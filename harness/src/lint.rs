//! Whether the vectors fit together. What serde refuses (unknown fields, unknown verbs) never gets this far.

use crate::catalogue::ProfileId;
use crate::flow::{Action, DriverKind, Flow, Step};
use crate::vectors::{Vectors, VectorsError, folder, stem};
use std::collections::{BTreeMap, BTreeSet};

/// What is wrong, one sentence each, in the order of the files.
pub fn lint(vectors: &Vectors) -> Result<Vec<String>, VectorsError> {
    let mut findings = Findings(Vec::new());
    findings.catalogue(vectors);
    findings.manuals(vectors);
    findings.files(vectors)?;
    let known: BTreeMap<&str, &[ProfileId]> = vectors.catalogue.all().map(|entry| (entry.id, entry.profiles)).collect();
    let mut ids = BTreeSet::new();
    let mut roles = BTreeSet::new();
    for (path, flow) in &vectors.flows {
        findings.say(!ids.insert(&flow.id), || format!("flow {}: its id stands twice", flow.id));
        findings.say(stem(path) != flow.id, || format!("{}: the file is not called after its flow {}", path.display(), flow.id));
        for profile in &flow.profiles {
            findings.say(!vectors.profiles.contains_key(profile), || format!("flow {}: unknown profile {profile}", flow.id));
            if let Some(role) = &flow.role {
                findings.say(!roles.insert((role, profile)), || format!("flow {}: role {role} is taken for profile {profile}", flow.id));
            }
            findings.chain(vectors, flow, profile);
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

    fn chain(&mut self, vectors: &Vectors, flow: &Flow, profile: &str) {
        let chain = match vectors.chain(flow, profile) {
            Ok(chain) => chain,
            Err(error) => return self.0.push(error.to_string()),
        };
        let given: BTreeSet<&str> = chain.iter().flat_map(|flow| &flow.given).map(|given| given.member.as_str()).collect();
        let named = chain.iter().map(|flow| flow.given.len()).sum::<usize>();
        self.say(given.len() != named, || format!("flow {} for profile {profile}: a member is given twice", flow.id));
        for step in &flow.step {
            let mut members = references(step);
            members.push(step.member.as_str());
            for member in members.iter().filter(|member| !given.contains(*member)) {
                self.0.push(format!("flow {}, step {}: no member {member:?} is given", flow.id, step.id));
            }
        }
    }

    fn flow(&mut self, flow: &Flow, known: &BTreeMap<&str, &[ProfileId]>) {
        self.say(flow.profiles.is_empty(), || format!("flow {}: it is run for no profile", flow.id));
        self.say(flow.step.is_empty(), || format!("flow {}: it has no step", flow.id));
        let partly = flow.drivers.len() < DriverKind::ALL.len();
        self.say(partly != flow.reason.is_some(), || format!("flow {}: a reason has to stand beside `drivers`, and only there", flow.id));
        let waits = flow.step.iter().any(|step| matches!(step.action, Action::Advance(_)));
        self.say(waits && flow.drivers.contains(&DriverKind::Remote), || {
            format!("flow {}: a real clock cannot be advanced; list its drivers", flow.id)
        });
        let mut steps = BTreeSet::new();
        for step in &flow.step {
            let at = format!("flow {}, step {}", flow.id, step.id);
            self.say(!steps.insert(&step.id), || format!("{at}: it stands twice"));
            for id in &step.covers {
                let Some(have) = known.get(id.as_str()) else {
                    self.0.push(format!("{at}: unknown catalogue step {id}"));
                    continue;
                };
                for profile in flow.profiles.iter().filter(|profile| !have.contains(profile)) {
                    self.0.push(format!("{at}: the catalogue has no {id} for profile {profile}"));
                }
            }
        }
    }
}

/// The members whose data a step speaks of.
fn references(step: &Step) -> Vec<&str> {
    let mut texts: Vec<&String> = step.expect.fields.values().chain(step.expect.letters.keys()).collect();
    match &step.action {
        Action::Submit { with, .. } => texts.extend(with.values()),
        Action::OpenLink { to, .. } => texts.push(to),
        _ => {}
    }
    texts.iter().filter_map(|text| text.strip_prefix('@')).filter_map(|reference| reference.split('.').next()).collect()
}
