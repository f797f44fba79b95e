//! The catalogue of steps and the places of the manuals: what coverage is counted against.

use sekisho_core::tenant::Preset;
use serde::Deserialize;
use std::collections::BTreeSet;

/// A tenant profile by the name of its file: `a` … `e`.
pub type ProfileId = String;

/// Every preset, the weakest first.
pub const ALL_PRESETS: [Preset; 3] = [Preset::Manual, Preset::Guarded, Preset::Hardened];

/// The permanent id of a preset, as in a society's configuration.
pub fn preset_id(preset: Preset) -> &'static str {
    match preset {
        Preset::Manual => "manual",
        Preset::Guarded => "guarded",
        Preset::Hardened => "hardened",
    }
}

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
    /// The presets under which it can happen; all when absent.
    pub presets: Option<Vec<Preset>>,
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
    /// The presets under which it can happen; those of the step when absent.
    pub presets: Option<Vec<Preset>>,
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
    /// Ids of every step and variant that `profile` has under `preset`: what has to be shown for it.
    pub fn ids(&self, profile: &str, preset: Preset) -> BTreeSet<String> {
        self.all().filter(|entry| entry.is_for(profile, preset)).map(|entry| entry.id.to_owned()).collect()
    }

    /// Every step and variant.
    pub fn all(&self) -> impl Iterator<Item = Entry<'_>> {
        self.flow.iter().flat_map(|flow| &flow.step).flat_map(|step| {
            let presets = step.presets.as_deref().unwrap_or(&ALL_PRESETS);
            let variants = step.variant.iter().map(move |variant| Entry {
                id: &variant.id,
                step: &step.id,
                profiles: variant.profiles.as_deref().unwrap_or(&step.profiles),
                presets: variant.presets.as_deref().unwrap_or(presets),
            });
            std::iter::once(Entry { id: &step.id, step: &step.id, profiles: &step.profiles, presets }).chain(variants)
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
    /// The presets under which it can happen.
    pub presets: &'a [Preset],
}

impl Entry<'_> {
    /// Whether it can happen in `profile` under `preset`.
    pub fn is_for(&self, profile: &str, preset: Preset) -> bool {
        self.profiles.iter().any(|have| have == profile) && self.presets.contains(&preset)
    }
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
