//! Headers that every answer carries (P-01, P-03 to P-07, P-12, P-21), whatever its status.

use http::header::{self, HeaderMap, HeaderName, HeaderValue};

/// What an answer is, as far as its headers go.
#[derive(Clone, Copy)]
pub enum Kind<'a> {
    /// A page.
    Page {
        /// Of its style sheet, and of its script if it has one.
        nonce: &'a str,
        /// Whether it has a passkey dialogue, and with it a script.
        has_script: bool,
    },
    /// A file of this media type, the same for everybody and for ever, since its path carries its hash.
    File(&'static str),
    /// Neither: a way elsewhere, or a line of plain text.
    Bare,
}

const ALWAYS: [(HeaderName, &str); 10] = [
    (header::STRICT_TRANSPORT_SECURITY, "max-age=63072000; includeSubDomains"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-embedder-policy"), "require-corp"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::X_XSS_PROTECTION, "0"),
    (HeaderName::from_static("x-permitted-cross-domain-policies"), "none"),
    (HeaderName::from_static("x-dns-prefetch-control"), "off"),
];

/// What no page of ours uses.
const UNUSED: &str = "accelerometer=(), autoplay=(), browsing-topics=(), camera=(), display-capture=(), encrypted-media=(), fullscreen=(), \
     geolocation=(), gyroscope=(), magnetometer=(), microphone=(), midi=(), payment=(), picture-in-picture=(), screen-wake-lock=(), \
     usb=(), xr-spatial-tracking=()";

/// Puts them on.
pub fn secure(headers: &mut HeaderMap, kind: Kind) {
    for (name, value) in ALWAYS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    let policies =
        [(header::CONTENT_SECURITY_POLICY, content_policy(kind)), (HeaderName::from_static("permissions-policy"), permissions(kind))];
    for (name, policy) in policies {
        if let Ok(policy) = HeaderValue::try_from(policy) {
            headers.insert(name, policy);
        }
    }
    let (cache, media) = match kind {
        Kind::Page { .. } => ("no-store", Some("text/html; charset=utf-8")),
        Kind::File(media) => ("public, max-age=31536000, immutable", Some(media)),
        Kind::Bare => ("no-store", None),
    };
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    if let Some(media) = media {
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media));
    }
    if !matches!(kind, Kind::File(_)) {
        headers.insert(header::VARY, HeaderValue::from_static("Accept-Language, Cookie, Origin, Sec-Fetch-Site"));
    }
}

/// No script but on the pages that cannot do without one, and there only ours (P-01).
fn content_policy(kind: Kind) -> String {
    let none = || "'none'".to_owned();
    let (script, style) = match kind {
        Kind::Page { nonce, has_script } => {
            let ours = format!("'nonce-{nonce}'");
            (if has_script { ours.clone() } else { none() }, ours)
        }
        Kind::File(_) | Kind::Bare => (none(), none()),
    };
    format!(
        "default-src 'none'; script-src {script}; style-src {style}; img-src 'self' data:; form-action 'self'; frame-ancestors 'none'; \
         base-uri 'none'; require-trusted-types-for 'script'"
    )
}

/// The passkey dialogue where a page has one, and nothing else of what a browser can do (P-06).
fn permissions(kind: Kind) -> String {
    let passkeys = if matches!(kind, Kind::Page { has_script: true, .. }) { "(self)" } else { "()" };
    format!("publickey-credentials-create={passkeys}, publickey-credentials-get={passkeys}, {UNUSED}")
}
