//! Writes every page in both languages, with and without refusals, as files that a browser can open:
//! `cargo run -p sekisho --example gallery -- OUTDIR`.

#[path = "../tests/view/samples.rs"]
mod samples;

use samples::{KEY, PNG, every, face, page};
use sekisho::view;
use sekisho_core::letter::Language;
use std::path::{Path, PathBuf};

fn main() -> std::io::Result<()> {
    let Some(dir) = std::env::args_os().nth(1).map(PathBuf::from) else {
        return Err(std::io::Error::other("usage: gallery OUTDIR"));
    };
    std::fs::create_dir_all(&dir)?;
    std::fs::write(dir.join("style.css"), view::style().1)?;
    std::fs::write(dir.join("passkey.js"), view::script().1)?;
    let picture = picture().map_err(std::io::Error::other)?;
    for language in [Language::Ja, Language::En] {
        for at in 0..every().len() {
            write(&dir, language, at, &picture)?;
        }
    }
    Ok(())
}

/// The page at place `at`: as it is, and once for each refusal.
fn write(dir: &Path, language: Language, at: usize, picture: &str) -> std::io::Result<()> {
    let refusals = every().into_iter().nth(at).map(|(_, _, refusals)| refusals).unwrap_or_default();
    for refusal in std::iter::once(None).chain(refusals.into_iter().map(Some)) {
        // What is shown holds secrets and so cannot be copied: it is made anew.
        let Some((name, shown, _)) = every().into_iter().nth(at) else { continue };
        let suffix = refusal.map(|refusal| format!("--{}", refusal.id())).unwrap_or_default();
        let html = view::render(&page(&face(), language, shown, refusal));
        let html = html.replace(view::style().0, "style.css").replace(view::script().0, "passkey.js").replace(PNG, picture);
        std::fs::write(dir.join(format!("{}-{name}{suffix}.html", language.tag())), html)?;
    }
    Ok(())
}

/// A QR code as the set-up page shows it, in base64.
fn picture() -> Result<String, totp_rs::TotpError> {
    let seed = data_encoding::BASE32_NOPAD.decode(KEY.replace(' ', "").as_bytes()).unwrap_or_default();
    let issuer = Some(face().name_ja);
    totp_rs::Builder::new().with_secret(seed).with_issuer(issuer).with_account_name("ha***".to_owned()).build()?.to_qr_base64()
}
