//! Every form of the table: as its page sends it, and with one thing wrong.

use super::support::*;
use sekisho::route::{Form, ROUTES};
use std::collections::BTreeSet;

/// A form as its page sends it.
struct Sample {
    path: &'static str,
    /// Fields that every sending carries.
    fields: &'static [(&'static str, &'static str)],
    /// Fields that a page, or a member, may leave out.
    optional: &'static [(&'static str, &'static str)],
}

const fn sample(path: &'static str, fields: &'static [(&'static str, &'static str)]) -> Sample {
    Sample { path, fields, optional: &[] }
}

const YEAR: (&str, &str) = ("year", "20");
const MONTH: (&str, &str) = ("month", "2");
const DAY: (&str, &str) = ("day", "3");

/// All of them, each button by itself.
const SAMPLES: &[Sample] = &[
    sample("/login", &[("user_id", "1"), ("password", "2")]),
    Sample { path: "/birth-date", fields: &[YEAR, MONTH, DAY], optional: &[("era", "showa")] },
    sample("/terms", &[("version", "2026-04"), ("action", "accept")]),
    sample("/terms", &[("version", "2026-04"), ("action", "decline")]),
    sample("/email", &[("email", "a@example.test")]),
    sample("/email/wait", &[("action", "resend")]),
    sample("/email/wait", &[("action", "correct")]),
    Sample { path: "/method", fields: &[("user_id", "a1234567")], optional: &[("method", "totp")] },
    Sample { path: "/new-password", fields: &[("password", "1"), ("again", "1")], optional: &[("sign_out", "on"), ("username", "member")] },
    sample("/activation-code", &[("code", "0123-4567-89AB-CDEF")]),
    Sample { path: "/setup-totp", fields: &[("code", "123456"), ("device", "phone")], optional: &[("sign_out", "on"), ("as_text", "on")] },
    Sample { path: "/setup-passkey", fields: &[("credential", "{}")], optional: &[("outcome", "")] },
    Sample { path: "/setup-passkey", fields: &[("credential", "")], optional: &[("outcome", "known")] },
    sample("/name-passkey", &[("device", "phone")]),
    sample("/recovery-codes", &[("action", "make")]),
    sample("/recovery-codes", &[("action", "leave")]),
    Sample { path: "/code", fields: &[("code", "123456")], optional: &[("device", "7")] },
    Sample { path: "/passkey", fields: &[("credential", "{}")], optional: &[("outcome", "")] },
    Sample { path: "/passkey", fields: &[("credential", "")], optional: &[("outcome", "cancelled")] },
    sample("/mail-code", &[("code", "123456"), ("action", "give")]),
    sample("/mail-code", &[("code", ""), ("action", "resend")]),
    sample("/recovery-code", &[("code", "0123-4567-89AB-CDEF")]),
    sample("/another-way", &[("way", "passkey")]),
    sample("/another-way", &[("way", "mail-code")]),
    Sample { path: "/re-authentication", fields: &[("password", "1")], optional: &[("username", "member")] },
    sample("/profile", &[("goal", "change-email")]),
    sample("/profile", &[("goal", "change-user-id")]),
    sample("/profile", &[("goal", "change-method")]),
    sample("/login-methods", &[("goal", "change-password")]),
    sample("/login-methods", &[("goal", "add-totp")]),
    sample("/login-methods", &[("goal", "add-passkey")]),
    sample("/login-methods", &[("goal", "recovery-codes")]),
    sample("/login-methods", &[("goal", "delete"), ("device", "7")]),
    sample("/own-page", &[("action", "end-others")]),
    sample("/own-page", &[("action", "activation-code"), ("code", "0123-4567-89AB-CDEF")]),
    sample("/profile/email", &[("email", "a@example.test")]),
    sample("/profile/user-id", &[("user_id", "a1234567")]),
    Sample { path: "/profile/method", fields: &[], optional: &[("method", "passkey")] },
    sample("/login-methods/delete", &[]),
    sample("/forgot-password", &[("user_id", "1")]),
    Sample { path: "/forgot-user-id", fields: &[YEAR, MONTH, DAY, ("email", "a@example.test")], optional: &[("era", "showa")] },
    sample("/recover", &[("way", "totp")]),
    sample("/recover", &[("way", "anew")]),
    Sample { path: "/logout", fields: &[], optional: &[("everywhere", "on")] },
    sample("/link/email", &[("t", "abc")]),
    sample("/link/reset", &[("t", "abc")]),
    sample("/link/freeze", &[("t", "abc")]),
    sample("/language", &[("language", "en"), ("back", "/help")]),
];

impl Sample {
    fn all(&self) -> Vec<(&'static str, &'static str)> {
        [self.fields, self.optional].concat()
    }
}

fn body(pairs: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

/// Sends the form and says what came of it: the status, and whether the service was asked.
fn send(sample: &Sample, pairs: &[(&str, &str)]) -> (u16, bool) {
    let stage = stage();
    let status = stage.ask(post(sample.path, &body(pairs))).status().as_u16();
    let asked = stage.script.calls();
    if asked.is_empty() {
        return (status, false);
    }
    // A form goes in as a command of the page that sent it.
    let route = ROUTES.iter().find(|route| path_of(route) == sample.path).unwrap();
    let expected = match route.form {
        Some(Form::Step(step)) => format!("north submit {}", step.id()),
        _ => "north submit link".to_owned(),
    };
    assert_eq!(asked, [expected]);
    (status, true)
}

#[test]
fn there_is_a_sample_of_every_form() {
    let served: BTreeSet<_> = ROUTES.iter().filter(|route| route.form.is_some()).map(path_of).collect();
    let sampled: BTreeSet<_> = SAMPLES.iter().map(|sample| sample.path).collect();
    assert_eq!(served, sampled);
}

#[test]
fn a_form_as_its_page_sends_it_is_taken() {
    for sample in SAMPLES {
        let taken = if sample.path == "/language" { (303, false) } else { (200, true) };
        assert_eq!(send(sample, &sample.all()), taken, "{} {}", sample.path, body(&sample.all()));
        assert_eq!(send(sample, sample.fields), taken, "{} {}", sample.path, body(sample.fields));
    }
}

#[test]
fn a_form_that_lacks_a_field_is_refused() {
    for sample in SAMPLES {
        for left_out in sample.fields {
            let rest: Vec<_> = sample.all().into_iter().filter(|field| field != left_out).collect();
            assert_eq!(send(sample, &rest), (400, false), "{} without {}", sample.path, left_out.0);
        }
    }
}

#[test]
fn a_form_with_a_field_more_is_refused() {
    for sample in SAMPLES {
        for more in [("admin", "1"), ("csrf2", ""), ("", ""), ("goal2", "delete"), ("Action", "give")] {
            let pairs = [sample.all(), vec![more]].concat();
            assert_eq!(send(sample, &pairs), (400, false), "{} with {}", sample.path, more.0);
        }
    }
}

#[test]
fn a_form_with_a_field_twice_is_refused() {
    for sample in SAMPLES {
        for twice in sample.all() {
            for again in [twice, (twice.0, "")] {
                let pairs = [sample.all(), vec![again]].concat();
                assert_eq!(send(sample, &pairs), (400, false), "{} with {again:?}", sample.path);
            }
        }
    }
}

#[test]
fn a_form_with_a_value_that_is_too_long_is_refused() {
    for sample in SAMPLES {
        for long in sample.all() {
            let length = if long.0 == "credential" { 64 * 1024 } else { 4 * 1024 } + 1;
            let value = "1".repeat(length);
            let pairs: Vec<_> =
                sample.all().into_iter().map(|field| if field == long { (long.0, value.as_str()) } else { field }).collect();
            assert_eq!(send(sample, &pairs), (400, false), "{} {}", sample.path, long.0);
        }
    }
}

#[test]
fn a_choice_that_the_page_does_not_offer_is_refused() {
    let choices = ["action", "goal", "way", "method", "era", "outcome", "device", "sign_out", "as_text", "everywhere", "language", "back"];
    for sample in SAMPLES {
        for chosen in sample.all().into_iter().filter(|field| choices.contains(&field.0)) {
            if matches!(sample.path, "/setup-totp" | "/name-passkey") && chosen.0 == "device" {
                // There it is a name.
                continue;
            }
            for other in ["x", "on-", " on", "ON", "1e0", "\u{0}"] {
                let pairs: Vec<_> = sample.all().into_iter().map(|field| if field == chosen { (chosen.0, other) } else { field }).collect();
                assert_eq!(send(sample, &pairs), (400, false), "{} {}={other}", sample.path, chosen.0);
            }
        }
    }
}

#[test]
fn no_form_is_taken_from_another_site_or_without_its_token() {
    for sample in SAMPLES {
        let fields = body(&sample.all());
        let own = format!("https://{NORTH}");
        let forged = [
            post(sample.path, &fields).instead("sec-fetch-site", "cross-site"),
            post(sample.path, &fields).instead("sec-fetch-site", "same-site"),
            post(sample.path, &fields).without("sec-fetch-site"),
            post(sample.path, &fields).without("sec-fetch-site").with("origin", "null"),
            post(sample.path, &fields).with("origin", "https://evil.test"),
            post(sample.path, &fields).without("cookie"),
            post(sample.path, &fields).instead("cookie", &pre(2)),
            raw_post(sample.path, fields.as_bytes()).with("cookie", &pre(1)).with("origin", &own),
        ];
        for sent in forged {
            let stage = stage();
            let headers = format!("{} {:?}", sample.path, sent.headers);
            assert_eq!(stage.ask(sent).status().as_u16(), 403, "{headers}");
            assert!(stage.script.calls().is_empty(), "{headers}");
        }
    }
}

#[test]
fn a_passkeys_answer_may_be_as_long_as_it_is_allowed_to_be_each_byte_sent_as_three() {
    for path in ["/passkey", "/setup-passkey"] {
        let stage = stage();
        let longest = "%7B".repeat(64 * 1024);
        assert_eq!(stage.ask(post(path, &format!("credential={longest}&outcome="))).status().as_u16(), 200, "{path}");
        assert_eq!(stage.ask(post(path, &format!("credential={longest}%7B&outcome="))).status().as_u16(), 400, "{path}");
    }
}
