//! What holds for every page in both languages, with and without a refusal.

use crate::reading::{all, attr, ja, rendered, text};
use crate::samples::{NOW, every, face};
use scraper::{ElementRef, Html, Selector};
use sekisho::view;
use sekisho_core::id::FactorId;
use sekisho_core::letter::Language;
use sekisho_core::refusal::Refusal;
use sekisho_core::secret::Secret;
use sekisho_core::shown::{
    BirthDateFields, Device, DeviceChoice, Face, LinkKind, LoginMethods, OwnPage, Page, ProfilePage, Service, Shown, TotpSetup, UserIdField,
};
use sekisho_core::step::Step;
use sekisho_core::tenant::{Method, PasswordRule, UserIdRule};
use std::collections::BTreeSet;

#[test]
fn every_page_says_where_the_member_stands() {
    for (what, refusal, html) in rendered() {
        let html = Html::parse_document(&html);
        let mains = all(&html, "main[data-step]");
        assert_eq!(mains.len(), 1, "{what}");
        assert_eq!(all(&html, "h1").len(), 1, "{what}");
        let alerts = all(&html, "main > [role=alert][data-refusal]");
        match refusal {
            None => assert!(alerts.is_empty(), "{what}"),
            Some(refusal) => {
                assert_eq!(attr(&alerts[0], "data-refusal"), refusal.id(), "{what}");
                assert_eq!(mains[0].child_elements().next(), Some(alerts[0]), "{what}: the refusal comes first");
                assert_eq!(all(&html, "[role=alert] [tabindex='-1'][autofocus]").len(), 1, "{what}: its heading takes the focus");
                let failed = text(&all(&html, "title")[0]).starts_with(if what.starts_with("ja") { "エラー：" } else { "Error: " });
                let is_calm = matches!(refusal, Refusal::PasskeyCancelled | Refusal::Crowded(_));
                assert_eq!(failed, !is_calm, "{what}: closing a dialogue is no error, nor is a crowd");
            }
        }
    }
}

#[test]
fn every_step_of_the_journey_has_a_page_with_its_id() {
    let ids: BTreeSet<&str> = every().iter().map(|(_, shown, _)| shown.id(None)).collect();
    for step in Step::ALL {
        assert!(ids.contains(step.id()), "{}", step.id());
    }
    for (_, shown, refusals) in every() {
        for refusal in std::iter::once(None).chain(refusals.iter().map(Some)) {
            let id = shown.id(refusal);
            assert!(!id.is_empty());
        }
    }
}

#[test]
fn every_page_names_its_language_its_title_and_its_society() {
    for (what, _, html) in rendered() {
        let html = Html::parse_document(&html);
        let japanese = what.starts_with("ja");
        assert_eq!(attr(&all(&html, "html")[0], "lang"), if japanese { "ja" } else { "en" }, "{what}");
        let society = if japanese { face().name_ja } else { face().name_en };
        let title = text(&all(&html, "title")[0]);
        assert!(title.contains(&text(&all(&html, "h1")[0])) && title.contains(&society), "{what}: {title}");
        assert_eq!(text(&all(&html, ".brand")[0]), society, "{what}");
        let footer = text(&all(&html, "footer")[0]);
        assert!(footer.contains(&face().phone) && footer.contains(if japanese { "平日" } else { "weekdays" }), "{what}: {footer}");
        assert_eq!(all(&html, "footer a[href='/help']").len(), 1, "{what}");
        assert_eq!(attr(&all(&html, "body > a")[0], "href"), "#main", "{what}: the skip link comes first");
    }
}

#[test]
fn only_pages_with_a_passkey_dialogue_carry_the_script() {
    for (name, shown, _) in every() {
        let has = view::has_script(&shown);
        assert_eq!(has, name.starts_with("setup-passkey") || name.starts_with("login-passkey"), "{name}");
        let html = ja(shown, None);
        let scripts: Vec<_> =
            all(&html, "script").iter().map(|script| (attr(script, "src"), attr(script, "nonce"), text(script))).collect();
        let ours = (view::script().0, "bm9uY2U", String::new());
        assert_eq!(scripts, if has { vec![ours] } else { vec![] }, "{name}");
        assert_eq!(all(&html, "form[data-passkey]").len(), usize::from(has), "{name}");
        assert_eq!(all(&html, "noscript").len(), usize::from(has), "{name}: says what to do without it");
    }
}

#[test]
fn pages_carry_no_inline_script_no_inline_style_and_no_dead_fields() {
    for (what, _, html) in rendered() {
        let parsed = Html::parse_document(&html);
        for forbidden in
            ["script:not([src])", "style", "[style]", "[placeholder]", "[disabled]", "[readonly]", "[onclick]", "iframe", "base"]
        {
            assert!(all(&parsed, forbidden).is_empty(), "{what}: {forbidden}");
        }
        let sheets = all(&parsed, "link[rel=stylesheet]");
        assert_eq!(sheets.len(), 1, "{what}");
        assert_eq!((attr(&sheets[0], "href"), attr(&sheets[0], "nonce")), (view::style().0, "bm9uY2U"), "{what}");
    }
}

#[test]
fn pages_are_well_formed() {
    for (what, _, html) in rendered() {
        let parsed = Html::parse_document(&html);
        assert!(parsed.errors.is_empty(), "{what}: {:?}", parsed.errors);
        let ids: Vec<&str> = all(&parsed, "[id]").iter().map(|element| attr(element, "id")).collect();
        assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "{what}: an id stands twice in {ids:?}");
    }
}

#[test]
fn every_input_has_a_label_and_its_descriptions_exist() {
    for (what, _, html) in rendered() {
        let html = Html::parse_document(&html);
        for input in all(&html, "input:not([type=hidden]):not([hidden])") {
            let id = attr(&input, "id");
            assert_eq!(all(&html, &format!("label[for='{id}']")).len(), 1, "{what}: {id}");
        }
        for described in all(&html, "[aria-describedby]") {
            for id in attr(&described, "aria-describedby").split(' ') {
                assert_eq!(all(&html, &format!("[id='{id}']")).len(), 1, "{what}: {id}");
            }
        }
        for link in all(&html, "main a") {
            assert!(!attr(&link, "href").is_empty() && !text(&link).is_empty(), "{what}");
        }
        for button in all(&html, "button") {
            let (said, name) = (text(&button), attr(&button, "aria-label"));
            assert!(!said.is_empty() && (name.is_empty() || name.contains(&said)), "{what}: {said} is called {name}");
        }
        for group in all(&html, "fieldset") {
            assert!(group.child_elements().next().is_some_and(|first| first.value().name() == "legend"), "{what}");
        }
    }
}

#[test]
fn every_form_is_a_post_with_its_csrf_value() {
    for (what, _, html) in rendered() {
        let html = Html::parse_document(&html);
        for form in all(&html, "form") {
            assert_eq!(attr(&form, "method"), "post", "{what}");
            let csrf: Vec<ElementRef> = form.select(&Selector::parse("input[type=hidden][name=csrf]").unwrap()).collect();
            assert_eq!(csrf.len(), 1, "{what}");
            assert_eq!(attr(&csrf[0], "value"), "c5f".repeat(14), "{what}");
        }
    }
}

#[test]
fn there_is_at_most_one_primary_button() {
    for (what, _, html) in rendered() {
        assert!(all(&Html::parse_document(&html), ".primary").len() <= 1, "{what}");
    }
}

#[test]
fn pages_are_light() {
    for (what, _, html) in rendered() {
        let picture = html.find("base64,").map_or(0, |from| html[from..].find('"').unwrap());
        let weight = html.len() - picture + view::style().1.len();
        assert!(weight <= 30_000, "{what}: {weight}");
    }
}

#[test]
fn every_refusal_has_a_page_it_can_stand_on() {
    let stand: BTreeSet<&str> = every().iter().flat_map(|(_, _, refusals)| refusals.iter().map(Refusal::id).collect::<Vec<_>>()).collect();
    for refusal in Refusal::each() {
        assert!(stand.contains(refusal.id()), "{}", refusal.id());
    }
}

const EVIL: &str = "<script>alert(\"x\")</script>'&\"><img src=x onerror=alert(1)>";

fn evil() -> String {
    EVIL.to_owned()
}

/// Every page that prints what somebody typed or configured, with the same nasty text everywhere.
fn nasty() -> Vec<Shown> {
    let birth = || BirthDateFields { era: evil(), year: evil(), month: evil(), day: evil() };
    let setup = |as_text| {
        let secret = || Secret::new(evil());
        let setup = TotpSetup { png: secret(), key: secret(), uri: secret(), account: evil(), device: evil(), as_text };
        Shown::SetupTotp(Box::new(setup))
    };
    let field = || UserIdField { user_id: evil(), asked: true, rule: UserIdRule::default() };
    let device = |method| Device { id: FactorId(1), name: evil(), method, since: NOW, last_use: None, synced: Some(true), can_go: true };
    let devices = || vec![device(Method::Totp), device(Method::Passkey)];
    let choice = |id| DeviceChoice { id: FactorId(id), name: evil(), chosen: false };
    let methods = LoginMethods { password_since: None, devices: devices(), adds: vec![], recovery_codes: None };
    let own = OwnPage {
        name: evil(),
        user_id: evil(),
        email: Some(evil()),
        method: None,
        devices: devices(),
        logins: vec![],
        sessions: vec![],
        pending: vec![],
        asks_activation: true,
    };
    let profile = ProfilePage {
        name: evil(),
        user_id: evil(),
        user_id_changes: true,
        email: Some((evil(), false)),
        pending_email: Some((evil(), None)),
        method: None,
        pending_method: None,
        method_changes: true,
    };
    vec![
        Shown::Login { user_id: evil() },
        Shown::BirthDate(birth()),
        Shown::Terms { version: evil(), text: evil() },
        Shown::Email { address: evil(), waits: true },
        Shown::EmailWait { address: evil(), since: NOW, delayed: true },
        Shown::Method { offers: vec![], user_id: Some(field()) },
        Shown::NewPassword { user_id: evil(), rule: PasswordRule::default() },
        setup(false),
        setup(true),
        Shown::LoginTotp { devices: vec![choice(1)], again: false },
        Shown::LoginTotp { devices: vec![choice(1), choice(2)], again: true },
        Shown::SetupPasskey { options: evil(), adds: true },
        Shown::LoginPasskey { options: evil(), again: true },
        Shown::NamePasskey { name: evil() },
        Shown::RecoveryCodes { codes: vec![Secret::new(evil())], since: NOW },
        Shown::MailCode { address: evil(), sent: None, again_from: NOW, delayed: true },
        Shown::Reauthentication { user_id: evil() },
        Shown::Portal { last_login: Some(NOW), on_hold: Some(NOW), advise_passkey: true, codes_left: Some(1) },
        Shown::Profile(Box::new(profile)),
        Shown::LoginMethods(Box::new(methods)),
        Shown::OwnPage(Box::new(own)),
        Shown::ChangeEmail { address: evil() },
        Shown::ChangeUserId(field()),
        Shown::DeleteDevice { name: evil(), method: Method::Totp },
        Shown::ForgotPassword { user_id: evil() },
        Shown::ForgotUserId { birth_date: birth(), address: evil() },
        Shown::Held,
        Shown::LinkConfirm { link: LinkKind::Reset, token: evil(), waits: true },
    ]
}

#[test]
fn whatever_was_typed_or_configured_is_escaped() {
    let services = vec![Service { name_ja: evil(), name_en: evil(), url: evil() }];
    let face = Face { name_ja: evil(), name_en: evil(), phone: evil(), hours_ja: evil(), hours_en: evil(), services };
    for shown in nasty() {
        let id = shown.id(None);
        let ours = usize::from(view::has_script(&shown));
        let (csrf, nonce) = (evil(), evil());
        let page = Page { language: Language::Ja, face: &face, member_name: Some(evil()), csrf, nonce, now: NOW, refusal: None, shown };
        let html = view::render(&page);
        assert!(html.matches("<script").count() == ours && !html.contains("<img src=x"), "{id}");
        let parsed = Html::parse_document(&html);
        assert!(all(&parsed, "script:not([src]), img[src=x], [onerror]").is_empty(), "{id}");
        assert_eq!(text(&all(&parsed, ".brand")[0]), EVIL, "{id}: shown as it is");
        for form in all(&parsed, "form[data-options]") {
            assert_eq!(attr(&form, "data-options"), EVIL, "{id}: the script reads what the service wrote");
        }
    }
}
