//! Headers that every answer carries (P-01, P-03 to P-07, P-12, P-21), whatever its status.

use http::header::{self, HeaderMap, HeaderName, HeaderValue};

/// What an answer is, as far as its headers go.
#[derive(Clone, Copy)]
pub enum Kind<'a> {
    /// A page, with the nonce of its style sheet.
    Page(&'a str),
    /// The style sheet.
    Style,
    /// Neither: a way elsewhere, or a line of plain text.
    Bare,
}

const ALWAYS: [(HeaderName, &str); 11] = [
    (header::STRICT_TRANSPORT_SECURITY, "max-age=63072000; includeSubDomains"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-embedder-policy"), "require-corp"),
    (
        HeaderName::from_static("permissions-policy"),
        "publickey-credentials-create=(self), publickey-credentials-get=(self), accelerometer=(), autoplay=(), browsing-topics=(), camera=(), \
         display-capture=(), encrypted-media=(), fullscreen=(), geolocation=(), gyroscope=(), magnetometer=(), microphone=(), midi=(), \
         payment=(), picture-in-picture=(), screen-wake-lock=(), usb=(), xr-spatial-tracking=()",
    ),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::X_XSS_PROTECTION, "0"),
    (HeaderName::from_static("x-permitted-cross-domain-policies"), "none"),
    (HeaderName::from_static("x-dns-prefetch-control"), "off"),
];

/// Puts them on.
pub fn secure(headers: &mut HeaderMap, kind: Kind) {
    for (name, value) in ALWAYS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if let Ok(policy) = HeaderValue::try_from(content_policy(kind)) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    let (cache, media) = match kind {
        Kind::Page(_) => ("no-store", Some("text/html; charset=utf-8")),
        Kind::Style => ("public, max-age=31536000, immutable", Some("text/css; charset=utf-8")),
        Kind::Bare => ("no-store", None),
    };
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    if let Some(media) = media {
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media));
    }
    if !matches!(kind, Kind::Style) {
        headers.insert(header::VARY, HeaderValue::from_static("Accept-Language, Cookie, Origin, Sec-Fetch-Site"));
    }
}

/// No script at all: no page has one yet. What the nonce marks is the style sheet.
fn content_policy(kind: Kind) -> String {
    let style = match kind {
        Kind::Page(nonce) => format!("'nonce-{nonce}'"),
        Kind::Style | Kind::Bare => "'none'".to_owned(),
    };
    format!(
        "default-src 'none'; script-src 'none'; style-src {style}; img-src 'self' data:; form-action 'self'; frame-ancestors 'none'; \
         base-uri 'none'; require-trusted-types-for 'script'"
    )
}
