//! Reads `vectors/`: catalogue, manuals, profiles and flows, every file of them.

use crate::catalogue::{Catalogue, Manual, ProfileId, preset_id};
use crate::flow::Flow;
use sekisho_core::tenant::{Preset, TenantPolicy};
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Everything under `vectors/` that flows are made of.
#[derive(Debug)]
pub struct Vectors {
    /// The folder.
    pub root: PathBuf,
    /// Every step there is.
    pub catalogue: Catalogue,
    /// The manuals, in the order of their names.
    pub manuals: Vec<Manual>,
    /// The societies' policies.
    pub profiles: BTreeMap<ProfileId, TenantPolicy>,
    /// The flows with their files, in the order of these.
    pub flows: Vec<(PathBuf, Flow)>,
}

/// Data that cannot be read. Whoever writes the vectors has to act.
#[derive(Debug, thiserror::Error)]
pub enum VectorsError {
    /// There is no such folder here.
    #[error("no vectors/catalogue.toml in this directory or above it; name the folder with --vectors")]
    NotFound,
    /// A file or folder does not open.
    #[error("{path}: {error}")]
    Unreadable {
        /// Which.
        path: String,
        /// Why.
        error: std::io::Error,
    },
    /// A file is not of its format.
    #[error("{path}: {error}")]
    Malformed {
        /// Which.
        path: String,
        /// Where and why.
        error: String,
    },
    /// No flow has a role that another one needs, or the roles go round in a circle.
    #[error("flow {flow}: no flow of role {role:?} can come before it for profile {profile} under {preset}")]
    NoPrelude {
        /// Which flow.
        flow: String,
        /// The role it wants.
        role: String,
        /// For which profile.
        profile: ProfileId,
        /// Under which preset.
        preset: &'static str,
    },
}

impl Vectors {
    /// The folder `vectors` of the working directory or of the nearest one above it.
    pub fn find() -> Result<PathBuf, VectorsError> {
        let here = std::env::current_dir().map_err(|error| unreadable(Path::new("."), error))?;
        let folders = here.ancestors().map(|above| above.join("vectors"));
        folders.into_iter().find(|folder| folder.join("catalogue.toml").is_file()).ok_or(VectorsError::NotFound)
    }

    /// Reads everything.
    pub fn load(root: &Path) -> Result<Self, VectorsError> {
        let profile = |path: &PathBuf| Ok((stem(path), read(path)?));
        let mut flows = Vec::new();
        for group in folder(&root.join("flows"))?.iter().filter(|path| path.is_dir()) {
            for path in toml_files(group)? {
                let flow = read(&path)?;
                flows.push((path, flow));
            }
        }
        Ok(Self {
            root: root.to_owned(),
            catalogue: read(&root.join("catalogue.toml"))?,
            manuals: toml_files(&root.join("manuals"))?.iter().map(|path| read(path)).collect::<Result<_, _>>()?,
            profiles: toml_files(&root.join("profiles"))?.iter().map(profile).collect::<Result<_, VectorsError>>()?,
            flows,
        })
    }

    /// `flow` for `profile` under `preset`, behind the flows that come before it, first things first.
    pub fn chain<'a>(&'a self, flow: &'a Flow, profile: &str, preset: Preset) -> Result<Vec<&'a Flow>, VectorsError> {
        let mut chain = vec![flow];
        let mut first = flow;
        while let Some(role) = &first.after {
            let plays = |candidate: &&Flow| candidate.role.as_ref() == Some(role) && candidate.is_for(profile, preset);
            let before = self.flows.iter().map(|(_, flow)| flow).find(plays);
            let missing = || VectorsError::NoPrelude {
                flow: first.id.clone(),
                role: role.clone(),
                profile: profile.to_owned(),
                preset: preset_id(preset),
            };
            first = before.filter(|before| !chain.iter().any(|in_chain| in_chain.id == before.id)).ok_or_else(missing)?;
            chain.push(first);
        }
        chain.reverse();
        Ok(chain)
    }
}

/// Everything in a folder, by name.
pub(crate) fn folder(path: &Path) -> Result<Vec<PathBuf>, VectorsError> {
    let entries = std::fs::read_dir(path).map_err(|error| unreadable(path, error))?;
    let mut paths = entries.map(|entry| entry.map(|entry| entry.path())).collect::<Result<Vec<_>, _>>().map_err(|e| unreadable(path, e))?;
    paths.sort();
    Ok(paths)
}

fn toml_files(path: &Path) -> Result<Vec<PathBuf>, VectorsError> {
    Ok(folder(path)?.into_iter().filter(|path| path.extension().is_some_and(|ext| ext == "toml")).collect())
}

fn read<T: DeserializeOwned>(path: &Path) -> Result<T, VectorsError> {
    let text = std::fs::read_to_string(path).map_err(|error| unreadable(path, error))?;
    toml::from_str(&text).map_err(|error| VectorsError::Malformed { path: path.display().to_string(), error: error.to_string() })
}

fn unreadable(path: &Path, error: std::io::Error) -> VectorsError {
    VectorsError::Unreadable { path: path.display().to_string(), error }
}

/// A file's name without folder and ending.
pub(crate) fn stem(path: &Path) -> String {
    path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default()
}
