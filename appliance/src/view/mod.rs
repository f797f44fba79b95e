//! Shown data to HTML. Pure: a [`Page`] goes in, text comes out. No rules live here, and no texts: those stand in
//! `locales/{ja,en}/pages.ftl`.
//!
//! Every page carries `<main data-step="ID">` and, where a form was refused, `role="alert" data-refusal="ID"`, so that
//! the harness and any other client read the permanent ids. All pages work without a script.

mod clock;
mod field;
mod frame;
mod pages;
mod words;

use ring::digest;
use sekisho_core::shown::Page;
use std::sync::LazyLock;

/// The only style sheet. It is served as a file of its own, so that it is fetched once.
const STYLE: &str = include_str!("../../templates/style.css");

/// Where the style sheet stands. A changed sheet has another address, so that it may be kept for ever.
static STYLE_PATH: LazyLock<String> = LazyLock::new(|| {
    let hash = digest::digest(&digest::SHA256, STYLE.as_bytes());
    let start = hash.as_ref().get(..8).unwrap_or_default();
    format!("/style-{}.css", data_encoding::HEXLOWER.encode(start))
});

/// What is sent when a template fails, which only a defect of ours can cause. It says so in both languages.
const PLAIN: &str = "<!DOCTYPE html><html lang=\"ja\"><meta charset=\"utf-8\"><title>不具合が起きました</title>\
    <main data-step=\"internal\"><h1>不具合が起きました</h1><p>しばらくしてから、もう一度お試しください。</p>\
    <p lang=\"en\">Something went wrong. Please try again later.</p></main></html>";

/// The page as HTML. Never fails: should a template fail, a fixed plain page takes its place.
pub fn render(page: &Page) -> String {
    pages::html(page).unwrap_or_else(|_| PLAIN.to_owned())
}

/// Path and text of the style sheet.
pub fn style() -> (&'static str, &'static str) {
    (&STYLE_PATH, STYLE)
}

#[cfg(test)]
mod tests {
    use super::PLAIN;

    #[test]
    fn the_page_of_last_resort_says_where_it_stands_in_both_languages() {
        assert!(PLAIN.contains("<main data-step=\"internal\">") && PLAIN.contains("lang=\"ja\"") && PLAIN.contains("lang=\"en\""));
        assert!(!PLAIN.contains("<script") && !PLAIN.contains("style"));
    }
}
