//! The canonical trace of a run: what was seen, without what differs from run to run. Equal traces mean equal journeys.

use crate::browser::Exchange;
use serde::Serialize;

/// One exchange in a trace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Line {
    /// The flow's step.
    pub step: String,
    /// GET or POST.
    pub method: String,
    /// The path, without its query.
    pub path: String,
    /// HTTP status.
    pub status: u16,
    /// Permanent id of the page, if it is one.
    pub page: Option<String>,
    /// Permanent id of the refusal, if there is one.
    pub refusal: Option<String>,
}

impl Line {
    /// What `exchange` shows in `step`.
    pub fn of(step: &str, exchange: &Exchange) -> Self {
        Self {
            step: step.to_owned(),
            method: exchange.method.to_string(),
            path: exchange.address.split('?').next().unwrap_or_default().to_owned(),
            status: exchange.status,
            page: exchange.page.step.clone(),
            refusal: exchange.page.refusal.clone(),
        }
    }
}

impl std::fmt::Display for Line {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { step, method, path, status, page, refusal } = self;
        write!(f, "{step} {method} {path} {status} {} {}", page.as_deref().unwrap_or("-"), refusal.as_deref().unwrap_or("-"))
    }
}

/// SHA-256 over the lines, in hex: two runs of one seed have to agree in it.
pub fn digest(lines: &[Line]) -> String {
    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    data_encoding::HEXLOWER.encode(ring::digest::digest(&ring::digest::SHA256, text.as_bytes()).as_ref())
}
