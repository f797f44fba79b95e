//! Which steps of the catalogue have been shown, for each driver and profile.

use crate::catalogue::{Catalogue, ProfileId};
use crate::flow::DriverKind;
use crate::run::{FlowRun, Verdict};
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
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct ProfileCoverage {
    /// How many steps and variants the catalogue has for the profile.
    pub steps: usize,
    /// How many of them a passed flow has shown.
    pub covered: usize,
    /// The others.
    pub missing: Vec<String>,
}

/// Counts what the passed ones of `runs` have shown. A flow that failed has shown nothing.
pub fn coverage(catalogue: &Catalogue, driver: DriverKind, profiles: &[ProfileId], runs: &[FlowRun]) -> Coverage {
    let mut of = DriverCoverage::default();
    for profile in profiles {
        let passed = runs.iter().filter(|run| run.verdict == Verdict::Passed && run.profile == *profile && run.driver == driver);
        let shown: BTreeSet<&String> = passed.flat_map(|run| &run.covers).collect();
        let ids = catalogue.ids(profile);
        let missing: Vec<String> = ids.iter().filter(|id| !shown.contains(id)).cloned().collect();
        of.profiles.insert(profile.clone(), ProfileCoverage { steps: ids.len(), covered: ids.len() - missing.len(), missing });
    }
    Coverage { drivers: BTreeMap::from([(driver.id(), of)]) }
}
