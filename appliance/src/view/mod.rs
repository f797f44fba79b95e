//! Shown data to HTML.

use sekisho_core::shown::Page;

/// The page as HTML.
pub fn render(page: &Page) -> String {
    let refusal = page.refusal.map_or("", |refusal| refusal.id());
    let id = page.shown.id(page.refusal.as_ref());
    format!(
        "<!doctype html><html lang=\"{}\"><style nonce=\"{}\"></style><main data-step=\"{id}\"><p role=\"alert\" data-refusal=\"{refusal}\"></p><input name=\"csrf\" value=\"{}\"></main></html>",
        page.language.tag(),
        page.nonce,
        page.csrf
    )
}

/// Path and text of the style sheet.
pub fn style() -> (&'static str, &'static str) {
    ("/style-0.css", "")
}
