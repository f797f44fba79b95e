//! Shown data to HTML. Pure: a [`Page`] goes in, text comes out. No rules live here, and no texts: those stand in
//! `locales/{ja,en}/pages.ftl`.
//!
//! Every page carries `<main data-step="ID">` and, where a form was refused, `role="alert" data-refusal="ID"`, so that
//! the harness and any other client read the permanent ids. All pages but the two with a passkey dialogue work without a script.

mod clock;
mod field;
mod frame;
mod pages;
mod words;

use ring::digest;
use sekisho_core::shown::{Page, Shown};
use std::sync::LazyLock;

/// The only style sheet. It is served as a file of its own, so that it is fetched once.
const STYLE: &str = include_str!("../../templates/style.css");

/// Where the style sheet stands. A changed sheet has another address, so that it may be kept for ever.
static STYLE_PATH: LazyLock<String> = LazyLock::new(|| named("style", STYLE, "css"));

/// The only script: it opens the passkey dialogue, which nothing but a script can.
const SCRIPT: &str = include_str!("../../templates/passkey.js");

/// Where the script stands; as with the style sheet.
static SCRIPT_PATH: LazyLock<String> = LazyLock::new(|| named("passkey", SCRIPT, "js"));

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

/// Path and text of the script.
pub fn script() -> (&'static str, &'static str) {
    (&SCRIPT_PATH, SCRIPT)
}

/// Whether the page has the script, and its policy must let it run.
pub fn has_script(shown: &Shown) -> bool {
    matches!(shown, Shown::SetupPasskey { .. } | Shown::LoginPasskey { .. })
}

/// An address with the hash of what stands there.
fn named(name: &str, text: &str, ending: &str) -> String {
    let hash = digest::digest(&digest::SHA256, text.as_bytes());
    let start = hash.as_ref().get(..8).unwrap_or_default();
    format!("/{name}-{}.{ending}", data_encoding::HEXLOWER.encode(start))
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
