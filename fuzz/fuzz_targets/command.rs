//! A body, posted to any form of the table, is refused or becomes a command of that form and of no other; one field more and it is
//! refused; and nothing that a page asks for in secret is kept to be shown again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sekisho::http::command::{of_language, of_link, of_step};
use sekisho::http::form::Fields;
use sekisho::route::{Files, Form, ROUTES, Route};
use sekisho::society::SocietyKeys;
use sekisho_core::command::Command;
use sekisho_core::shown::{LinkKind, Problem, Typed};
use sekisho_core::tenant::{FirstLoginItem, Method, Offer, Preset, TenantPolicy, UserIdChange};
use sekisho_core::time::Timestamp;
use std::sync::LazyLock;

const FILES: Files = Files { style: "/style-0.css", script: "/passkey-0.js" };

static POLICY: LazyLock<TenantPolicy> = LazyLock::new(|| TenantPolicy {
    preset: Preset::Guarded,
    methods: vec![Offer { method: Method::Totp, recommended: true }],
    first_login: vec![FirstLoginItem::Method, FirstLoginItem::NewPassword],
    wait_for_email: true,
    share_email: false,
    user_id_change: UserIdChange::Optional,
    terms_version: "2026-04".to_owned(),
    user_id: Default::default(),
    password: Default::default(),
    limits: Default::default(),
    lifetimes: Default::default(),
});

static KEYS: LazyLock<SocietyKeys> = LazyLock::new(|| SocietyKeys::derive(&[7; 32]));

fn is_of(kind: LinkKind, command: &Command) -> bool {
    match kind {
        LinkKind::Email => matches!(command, Command::ConfirmEmail(_)),
        LinkKind::Reset => matches!(command, Command::OpenReset(_)),
        LinkKind::Freeze => matches!(command, Command::Freeze(_)),
    }
}

/// Reads the body as the form of `route`, and says what may be shown of it again.
fn read(route: &Route, form: Form, body: &[u8]) -> Result<Typed, Problem> {
    let fields = Fields::parse(body, route.value_limit)?;
    match form {
        Form::Step(step) => {
            let (command, typed) = of_step(step, fields, &POLICY)?;
            assert_eq!(command.step(), Some(step));
            Ok(typed)
        }
        Form::Link(kind) => {
            let (command, typed) = of_link(kind, fields, &POLICY.lifetimes, &KEYS, Timestamp(1_800_000_000))?;
            assert!(is_of(kind, &command));
            Ok(typed)
        }
        Form::Language => {
            let (_, back) = of_language(fields, FILES)?;
            assert!(ROUTES.iter().any(|route| route.path(FILES) == back));
            Ok(Typed::default())
        }
    }
}

fuzz_target!(|input: &[u8]| {
    let Some((which, body)) = input.split_first() else { return };
    let forms: Vec<_> = ROUTES.iter().filter_map(|route| route.form.map(|form| (route, form))).collect();
    let (route, form) = forms[usize::from(*which) % forms.len()];
    let Ok(typed) = read(route, form, body) else { return };
    for (name, value) in form_urlencoded::parse(body) {
        let is_secret = matches!(name.as_ref(), "password" | "again" | "code" | "credential" | "username");
        // Short values may stand anywhere by chance, and a member may type the same twice.
        let twice = form_urlencoded::parse(body).filter(|(_, other)| other.contains(value.as_ref())).count() > 1;
        if is_secret && value.chars().count() > 8 && !twice {
            let dates = [&typed.birth_date.era, &typed.birth_date.year, &typed.birth_date.month, &typed.birth_date.day];
            let kept = [&typed.user_id, &typed.address, &typed.device].into_iter().chain(dates);
            assert!(kept.into_iter().all(|kept| !kept.contains(value.as_ref())), "{name}");
        }
        let again = [body, b"&", name.as_bytes(), b"="].concat();
        assert!(read(route, form, &again).is_err(), "{name} twice");
    }
    assert_eq!(read(route, form, &[body, b"&never-a-field="].concat()).err(), Some(Problem::BadRequest));
});
