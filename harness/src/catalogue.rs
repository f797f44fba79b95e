//! The catalogue of steps and the places of the manuals: what coverage is counted against.

use serde::Deserialize;
use std::collections::BTreeSet;

/// A tenant profile by the name of its file: `a` … `e`.
pub type ProfileId = String;

/// `vectors/catalogue.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Catalogue {
    /// The catalogue's flows, in the order of the file.
    pub flow: Vec<CatalogueFlow>,
}

/// One flow of the catalogue.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CatalogueFlow {
    /// Permanent id.
    pub id: String,
    /// What it is.
    pub title: String,
    /// What one has to know to read it.
    pub note: Option<String>,
    /// Its steps.
    #[serde(default)]
    pub step: Vec<CatalogueStep>,
}

/// One step of a flow: `FLOW.n`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CatalogueStep {
    /// Permanent id.
    pub id: String,
    /// What the member does or sees.
    pub title: String,
    /// The profiles that have it.
    pub profiles: Vec<ProfileId>,
    /// `ours` where no manual has it.
    pub origin: Option<Origin>,
    /// What one has to know to read it.
    pub note: Option<String>,
    /// Its variants.
    #[serde(default)]
    pub variant: Vec<Variant>,
}

/// One variant of a step: `FLOW.n/VARIANT`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Variant {
    /// Permanent id.
    pub id: String,
    /// What is different in it.
    pub title: String,
    /// The profiles that have it; those of the step when absent.
    pub profiles: Option<Vec<ProfileId>>,
    /// `ours` where no manual has it.
    pub origin: Option<Origin>,
    /// What one has to know to read it.
    pub note: Option<String>,
}

/// Where a step comes from, when it does not come from a manual.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Origin {
    /// This project.
    Ours,
}

impl Catalogue {
    /// Ids of every step and variant that `profile` has: what has to be shown for it.
    pub fn ids(&self, profile: &str) -> BTreeSet<String> {
        self.all().filter(|entry| entry.profiles.iter().any(|have| have == profile)).map(|entry| entry.id.to_owned()).collect()
    }

    /// Every step and variant.
    pub fn all(&self) -> impl Iterator<Item = Entry<'_>> {
        self.flow.iter().flat_map(|flow| &flow.step).flat_map(|step| {
            let variants = step.variant.iter().map(|variant| Entry {
                id: &variant.id,
                step: &step.id,
                profiles: variant.profiles.as_deref().unwrap_or(&step.profiles),
            });
            std::iter::once(Entry { id: &step.id, step: &step.id, profiles: &step.profiles }).chain(variants)
        })
    }
}

/// A step or a variant, with the profiles that have it.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'a> {
    /// Its id.
    pub id: &'a str,
    /// The id of the step that it is, or is a variant of.
    pub step: &'a str,
    /// The profiles that have it.
    pub profiles: &'a [ProfileId],
}

/// `vectors/manuals/<profile>.toml`: every numbered place of one manual.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manual {
    /// Which manual, and so which profile.
    pub manual: ProfileId,
    /// Its places, in the order of the paper.
    pub place: Vec<Place>,
}

/// One numbered place. It covers steps of the catalogue, or says why there is nothing to show.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// Where it stands.
    pub at: String,
    /// The steps and variants that a member meets there.
    #[serde(default)]
    pub covers: Vec<String>,
    /// Why there are none.
    pub reason: Option<String>,
}
