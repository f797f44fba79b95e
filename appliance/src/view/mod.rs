//! Shown data to HTML.
