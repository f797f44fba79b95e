//! Which steps of the catalogue have been shown, for each driver, profile and preset.

use crate::catalogue::{Catalogue, ProfileId, preset_id};
use crate::flow::DriverKind;
use crate::run::{FlowRun, Verdict};
use sekisho_core::tenant::Preset;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// Coverage, as `coverage --json` prints it.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Coverage {
    /// By driver.
    pub drivers: BTreeMap<&'static str, DriverCoverage>,
}

/// Coverage by one driver.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub struct DriverCoverage {
    /// By profile.
    pub profiles: BTreeMap<ProfileId, ProfileCoverage>,
}

/// Coverage of one profile by one driver.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub struct ProfileCoverage {
    /// By preset.
    pub presets: BTreeMap<&'static str, PresetCoverage>,
}

/// Coverage of one profile under one preset by one driver.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct PresetCoverage {
    /// How many steps and variants the catalogue has for it.
    pub steps: usize,
    /// How many of them a passed flow has shown.
    pub covered: usize,
    /// The others.
    pub missing: Vec<String>,
}

impl Coverage {
    /// Every row: driver, profile, preset, and what was shown there.
    pub fn rows(&self) -> impl Iterator<Item = (&'static str, &ProfileId, &'static str, &PresetCoverage)> {
        self.drivers.iter().flat_map(|(driver, of)| {
            of.profiles.iter().flat_map(move |(profile, of)| of.presets.iter().map(move |(preset, of)| (*driver, profile, *preset, of)))
        })
    }

    /// Whether nothing is missing.
    pub fn is_complete(&self) -> bool {
        self.rows().all(|(.., of)| of.missing.is_empty())
    }
}

/// Counts what the passed ones of `runs` have shown. A flow that failed has shown nothing.
pub fn coverage(catalogue: &Catalogue, driver: DriverKind, societies: &[(ProfileId, Preset)], runs: &[FlowRun]) -> Coverage {
    let mut of = DriverCoverage::default();
    for (profile, preset) in societies {
        let is_of = |run: &&FlowRun| run.driver == driver && run.profile == *profile && run.preset == *preset;
        let passed = runs.iter().filter(|run| run.verdict == Verdict::Passed).filter(is_of);
        let shown: BTreeSet<&String> = passed.flat_map(|run| &run.covers).collect();
        let ids = catalogue.ids(profile, *preset);
        let missing: Vec<String> = ids.iter().filter(|id| !shown.contains(id)).cloned().collect();
        let row = PresetCoverage { steps: ids.len(), covered: ids.len() - missing.len(), missing };
        of.profiles.entry(profile.clone()).or_default().presets.insert(preset_id(*preset), row);
    }
    Coverage { drivers: BTreeMap::from([(driver.id(), of)]) }
}
