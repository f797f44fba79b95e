//! Measurements: raw findings, never a verdict.
