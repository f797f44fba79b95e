//! Reports: for people, for CI, for machines.

pub mod junit;
pub mod text;

use crate::coverage::Coverage;
use crate::guard::Measure;
use crate::run::FlowRun;
use serde::Serialize;
use std::io;
use std::path::Path;

/// `report.json`.
#[derive(Serialize)]
pub struct Report<'a> {
    /// Version of this form.
    pub format: u32,
    /// Version of the harness.
    pub harness: &'static str,
    /// Every flow that was run.
    pub flows: &'a [FlowRun],
    /// What they have shown.
    pub coverage: &'a Coverage,
}

/// Writes `guard.json` and `junit.xml` into `folder`, which is made.
pub fn write_measures(measures: &[Measure], folder: &Path) -> io::Result<()> {
    std::fs::create_dir_all(folder)?;
    let json = serde_json::to_string_pretty(measures).map_err(io::Error::other)?;
    std::fs::write(folder.join("guard.json"), json + "\n")?;
    std::fs::write(folder.join("junit.xml"), junit::of_measures(measures).map_err(io::Error::other)?)
}

impl<'a> Report<'a> {
    /// Of these runs.
    pub fn new(flows: &'a [FlowRun], coverage: &'a Coverage) -> Self {
        Self { format: 1, harness: env!("CARGO_PKG_VERSION"), flows, coverage }
    }

    /// Writes `report.json` and `junit.xml` into `folder`, which is made.
    pub fn write(&self, folder: &Path) -> io::Result<()> {
        std::fs::create_dir_all(folder)?;
        let json = serde_json::to_string_pretty(self).map_err(io::Error::other)?;
        std::fs::write(folder.join("report.json"), json + "\n")?;
        std::fs::write(folder.join("junit.xml"), junit::xml(self.flows).map_err(io::Error::other)?)
    }
}
