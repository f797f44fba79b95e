//! The key URI and its picture, as authenticator apps read them (OTP-21).

use crate::ports::Fault;
use base64::{Engine, engine::general_purpose::STANDARD};
use qrcodegen_image::image::codecs::png::{CompressionType, FilterType, PngEncoder};
use qrcodegen_image::qrcodegen::{QrCode, QrCodeEcc};
use sekisho_core::otp::SEED_BYTES;
use sekisho_core::secret::Secret;
use zeroize::Zeroizing;

/// What a set-up page shows of a seed.
pub struct Enrolment {
    /// `otpauth://totp/ISSUER:ACCOUNT?secret=…&issuer=…&algorithm=SHA1&digits=6&period=30`.
    pub uri: Secret<String>,
    /// The URI as a QR code: a PNG in base64.
    pub png: Secret<String>,
    /// The seed in base32 without padding, in groups of four (OTP-24).
    pub key: Secret<String>,
}

/// Draws `seed` for an app that will show `issuer` and `account`. The colon parts the two, so neither may hold one.
pub fn enrolment(seed: &Secret<[u8; SEED_BYTES]>, issuer: &str, account: &str) -> Result<Enrolment, Fault> {
    let plain = |text: &str| text.replace(':', " ");
    let unfit = || Fault::Damaged("a key URI could not be made from the society's name and the account".to_owned());
    let totp = totp_rs::Builder::new()
        .with_secret(seed.expose().as_slice())
        .with_issuer(Some(plain(issuer)))
        .with_account_name(plain(account))
        .build()
        .map_err(|_| unfit())?;
    // totp-rs leaves out what equals the default; apps differ in what they take for it.
    let uri = Secret::new(format!("{}&algorithm=SHA1&digits=6&period=30", totp.to_url().map_err(|_| unfit())?));
    let png = png(uri.expose()).ok_or_else(unfit)?;
    let text = Zeroizing::new(data_encoding::BASE32_NOPAD.encode(seed.expose()));
    let groups: Vec<&str> = text.as_bytes().chunks(4).filter_map(|group| std::str::from_utf8(group).ok()).collect();
    Ok(Enrolment { png: Secret::new(STANDARD.encode(png.as_slice())), key: Secret::new(groups.join(" ")), uri })
}

/// `text` as a QR code. A Japanese issuer makes a dense one, and a screen does not get scratched: the lowest error correction keeps
/// the squares large enough for old phones.
fn png(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    let code = QrCode::encode_text(text, QrCodeEcc::Low).ok()?;
    let mut png = Zeroizing::new(Vec::with_capacity(8 * 1024));
    // Pressed as small as it goes: the picture is the heaviest part of its page.
    let encoder = PngEncoder::new_with_quality(&mut *png, CompressionType::Best, FilterType::Up);
    qrcodegen_image::draw_canvas(code).write_with_encoder(encoder).ok()?;
    Some(png)
}
