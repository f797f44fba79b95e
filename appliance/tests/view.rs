//! Pages as a browser, a screen reader and the harness read them.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

#[path = "view/samples.rs"]
mod samples;

use fluent_bundle::FluentResource;
use samples::{NOW, PROBLEMS, every, face, method, page, setup};
use scraper::{ElementRef, Html, Selector};
use sekisho::view;
use sekisho_core::letter::Language;
use sekisho_core::password::Password;
use sekisho_core::refusal::Refusal;
use sekisho_core::secret::Secret;
use sekisho_core::shown::{Face, Page, Service, Shown};
use sekisho_core::step::Step;
use sekisho_core::tenant::{PasswordRule, UserIdRule};
use sekisho_core::time::Timestamp;
use sekisho_core::user_id::UserId;
use std::collections::BTreeSet;
use std::path::Path;

const LANGUAGES: [Language; 2] = [Language::Ja, Language::En];

/// Every page in both languages, as it is and once for each refusal that can stand on it, by a name for messages.
fn rendered() -> Vec<(String, Option<Refusal>, String)> {
    let face = face();
    let mut out = Vec::new();
    for language in LANGUAGES {
        for at in 0..every().len() {
            let refusals = every().remove(at).2;
            for refusal in std::iter::once(None).chain(refusals.into_iter().map(Some)) {
                let (name, shown, _) = every().remove(at);
                let what = format!("{} {name} {:?}", language.tag(), refusal.map(|refusal| refusal.id()));
                out.push((what, refusal, view::render(&page(&face, language, shown, refusal))));
            }
        }
    }
    out
}

fn ja(shown: Shown, refusal: Option<Refusal>) -> Html {
    Html::parse_document(&view::render(&page(&face(), Language::Ja, shown, refusal)))
}

fn all<'a>(html: &'a Html, selector: &str) -> Vec<ElementRef<'a>> {
    html.select(&Selector::parse(selector).unwrap()).collect()
}

fn attr<'a>(element: &ElementRef<'a>, name: &str) -> &'a str {
    element.value().attr(name).unwrap_or_default()
}

fn text(element: &ElementRef) -> String {
    element.text().collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Texts of the page's own buttons and of links that look like one.
fn buttons(html: &Html) -> Vec<String> {
    all(html, "main button, main a.primary, main a.secondary").iter().map(text).collect()
}

/// Names of the fields that the form to `action` sends, in order.
fn names(html: &Html, action: &str) -> Vec<String> {
    let inside = format!("main form[action='{action}'] [name]");
    let mut names: Vec<String> = all(html, &inside).iter().map(|field| attr(field, "name").to_owned()).collect();
    names.dedup();
    names
}

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
                assert!(text(&all(&html, "title")[0]).starts_with(if what.starts_with("ja") { "エラー：" } else { "Error: " }), "{what}");
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
fn pages_carry_no_script_no_inline_style_and_no_dead_fields() {
    for (what, _, html) in rendered() {
        let parsed = Html::parse_document(&html);
        for forbidden in ["script", "style", "[style]", "[placeholder]", "[disabled]", "[readonly]", "[onclick]", "iframe", "base"] {
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
fn forms_send_the_fields_that_their_steps_expect() {
    let sends = |shown, action: &str| names(&ja(shown, None), action).join(" ");
    let shown = |name: &str| every().into_iter().find(|(have, _, _)| *have == name).unwrap().1;
    assert_eq!(sends(shown("login"), "/login"), "csrf user_id password");
    assert_eq!(sends(shown("birth-date"), "/birth-date"), "csrf era year month day");
    assert_eq!(sends(shown("terms"), "/terms"), "csrf version");
    assert_eq!(sends(shown("email"), "/email"), "csrf email");
    assert_eq!(sends(shown("email-wait"), "/email/wait"), "csrf action");
    assert_eq!(sends(shown("method"), "/method"), "csrf method");
    assert_eq!(sends(shown("method-user-id"), "/method"), "csrf user_id method");
    assert_eq!(sends(shown("new-password"), "/new-password"), "csrf username password again sign_out");
    assert_eq!(sends(shown("first-login-complete"), "/logout"), "csrf");
    assert_eq!(sends(setup(false), "/setup-totp"), "csrf code device sign_out");
    assert_eq!(sends(setup(true), "/setup-totp"), "csrf as_text code device sign_out");
    assert_eq!(sends(shown("login-totp"), "/code"), "csrf code");
    assert_eq!(sends(shown("logout"), "/logout"), "csrf everywhere");
    assert_eq!(sends(shown("link-confirm"), "/link/email"), "csrf t");
}

#[test]
fn buttons_are_called_as_in_the_manuals() {
    let shown = |name: &str| every().into_iter().find(|(have, _, _)| *have == name).unwrap().1;
    let on = |name: &str| buttons(&ja(shown(name), None)).join(" ");
    assert_eq!(on("login"), "ログイン");
    assert_eq!(on("birth-date"), "実行");
    assert_eq!(on("terms"), "同意する");
    assert_eq!(on("email"), "送信");
    assert_eq!(on("email-wait"), "更新 再送信 メールアドレスを訂正する");
    assert_eq!(on("method"), "実行");
    assert_eq!(on("new-password"), "送信");
    assert_eq!(on("first-login-complete"), "ログアウトする");
    assert_eq!(on("setup-totp"), "実行");
    assert_eq!(on("setup-totp-key"), "戻る 実行");
    assert_eq!(on("login-totp"), "トップページへ");
    assert_eq!(on("logout"), "ログアウトする キャンセル");
    assert_eq!(on("login-timeout"), "ログイン");
    for (name, words) in [
        ("method-user-id", "利用不可文字一覧を見る"),
        ("method", "推奨"),
        ("new-password", "パスワード確認用"),
        ("new-password", "全てのデバイスからサインアウトする"),
        ("setup-totp", "スキャンできませんか？"),
        ("setup-totp", "デバイス名"),
        ("setup-totp", "全てのデバイスからサインアウトする"),
        ("login", "※必須"),
    ] {
        assert!(text(&ja(shown(name), None).root_element()).contains(words), "{name}: {words}");
    }
}

#[test]
fn the_three_errors_read_as_in_the_manuals() {
    for (shown, refusal, words) in [
        (Shown::Login { user_id: String::new() }, Refusal::WrongIdOrPassword, "無効なユーザ ID またはパスワードです。"),
        (setup(false), Refusal::WrongSetupCode, "認証コードが異なります"),
        (Shown::LoginTotp { device: String::new() }, Refusal::WrongCode, "ワンタイムパスワードが正しくありません"),
    ] {
        assert_eq!(text(&all(&ja(shown, Some(refusal)), "[role=alert] h2")[0]), words);
    }
}

#[test]
fn a_thing_that_is_not_built_is_not_shown() {
    for (what, _, html) in rendered() {
        for word in ["忘れた方", "forgot", "プロフィール変更", "Recovery"] {
            assert!(!html.contains(word), "{what}: {word}");
        }
    }
}

#[test]
fn a_refusal_marks_its_field_and_leaves_what_was_typed() {
    let html = ja(Shown::Login { user_id: "12-3456789".to_owned() }, Some(Refusal::WrongIdOrPassword));
    let wrong: Vec<&str> = all(&html, "[aria-invalid=true]").iter().map(|field| attr(field, "name")).collect();
    assert_eq!(wrong, ["user_id", "password"], "never which of the two");
    assert_eq!(attr(&all(&html, "#user_id")[0], "value"), "12-3456789");
    assert_eq!(attr(&all(&html, "#password")[0], "value"), "");

    let html = ja(setup(false), Some(Refusal::WrongSetupCode));
    assert_eq!(all(&html, "[aria-invalid]").iter().map(|field| attr(field, "name")).collect::<Vec<_>>(), ["code"]);
    assert_eq!(attr(&all(&html, "#code")[0], "aria-describedby"), "code-hint code-error");
    assert_eq!(text(&all(&html, "#code-error")[0]), "認証コードが異なります");

    let html = ja(method(None), Some(Refusal::MethodNotOffered));
    assert_eq!(all(&html, "fieldset[aria-describedby=method-error] #method-error").len(), 1);
}

#[test]
fn fields_tell_phones_and_password_managers_what_goes_in() {
    let login = ja(Shown::Login { user_id: String::new() }, None);
    assert_eq!(attr(&all(&login, "#user_id")[0], "autocomplete"), "username");
    assert_eq!(attr(&all(&login, "#password")[0], "autocomplete"), "current-password");
    assert_eq!(attr(&all(&login, "#password")[0], "type"), "password");

    let code = ja(Shown::LoginTotp { device: String::new() }, None);
    let code = all(&code, "#code")[0];
    let read = ["type", "inputmode", "autocomplete"].map(|name| attr(&code, name));
    assert_eq!(read, ["text", "numeric", "one-time-code"]);
    assert!(attr(&code, "maxlength").parse::<u32>().unwrap() >= 8, "spaces may be typed");

    let password = ja(Shown::NewPassword { user_id: "hana1234".to_owned(), rule: PasswordRule::default() }, None);
    let kinds: Vec<&str> = all(&password, "input[type=password]").iter().map(|field| attr(field, "autocomplete")).collect();
    assert_eq!(kinds, ["new-password", "new-password"]);
    assert_eq!(attr(&all(&password, "input[autocomplete=username][hidden]")[0], "value"), "hana1234");

    let birth = ja(every().remove(1).1, None);
    for name in ["year", "month", "day"] {
        let field = all(&birth, &format!("#{name}"))[0];
        assert_eq!((attr(&field, "type"), attr(&field, "inputmode")), ("text", "numeric"), "{name}");
    }
    assert_eq!(attr(&all(&birth, "input[name=era][checked]")[0], "value"), "showa");

    let email = ja(Shown::Email { address: String::new(), waits: true }, None);
    assert_eq!(attr(&all(&email, "#email")[0], "type"), "text", "type=email refuses real carrier addresses");
}

#[test]
fn signing_out_of_all_devices_is_ticked_at_set_up_and_not_at_log_out() {
    let ticked = |shown, name: &str| !all(&ja(shown, None), &format!("input[name={name}][value=on][checked]")).is_empty();
    assert!(ticked(setup(false), "sign_out"));
    assert!(ticked(Shown::NewPassword { user_id: String::new(), rule: PasswordRule::default() }, "sign_out"));
    assert!(!ticked(Shown::Logout, "everywhere"));
}

#[test]
fn methods_stand_in_the_societys_order_and_a_single_one_is_chosen_already() {
    let html = ja(method(None), None);
    let order: Vec<&str> = all(&html, "input[name=method]").iter().map(|radio| attr(radio, "value")).collect();
    assert_eq!(order, ["totp", "passkey", "mail-code"]);
    assert!(all(&html, "input[name=method][checked]").is_empty());
    assert_eq!(all(&html, ".badge").len(), 1);
    let Shown::Method { mut offers, user_id } = method(None) else { panic!() };
    offers.truncate(1);
    assert_eq!(all(&ja(Shown::Method { offers, user_id }, None), "input[name=method][checked]").len(), 1);
}

#[test]
fn the_key_page_shows_key_address_and_settings_and_no_picture() {
    let Shown::SetupTotp(data) = setup(true) else { panic!() };
    let html = ja(setup(true), None);
    assert!(all(&html, "img").is_empty());
    assert_eq!(text(&all(&html, ".key code")[0]), *data.key.expose());
    assert!(data.key.expose().split(' ').all(|group| group.len() == 4));
    let app = all(&html, "main a").into_iter().find(|link| attr(link, "href") == data.uri.expose());
    assert!(app.is_some(), "the otpauth address for an app on the same phone");
    let settings = text(&all(&html, "main dl")[0]);
    for words in ["時間ベース", "6桁", "30秒", "ha***"] {
        assert!(settings.contains(words), "{words}");
    }
    assert_eq!(attr(&all(&html, "main a.secondary")[0], "href"), "/setup-totp");
}

#[test]
fn the_picture_page_shows_the_picture_and_not_the_key() {
    let Shown::SetupTotp(data) = setup(false) else { panic!() };
    let html = view::render(&page(&face(), Language::Ja, setup(false), None));
    assert!(!html.contains(data.key.expose().as_str()) && !html.contains(data.uri.expose().as_str()));
    let parsed = Html::parse_document(&html);
    let picture = all(&parsed, "main img[alt]")[0];
    assert_eq!(attr(&picture, "src"), format!("data:image/png;base64,{}", data.png.expose()));
    assert!(!attr(&picture, "alt").is_empty());
    assert_eq!(all(&parsed, "main a[href='/setup-totp/key']").len(), 1);
}

#[test]
fn pages_that_ask_for_a_code_show_the_servers_clock_in_japan_time() {
    for shown in [setup(false), setup(true), Shown::LoginTotp { device: String::new() }] {
        assert_eq!(text(&all(&ja(shown, None), ".clock b")[0]), "10時32分15秒");
    }
}

#[test]
fn a_wait_tells_its_end_and_the_minutes_rounded_up() {
    let wait = Refusal::Wait(Timestamp(NOW.0 + 125));
    let html = ja(Shown::Held, Some(wait));
    assert_eq!(attr(&all(&html, "main")[0], "data-step"), "wait");
    let told = text(&all(&html, "[role=alert]")[0]);
    assert!(told.contains("10時35分") && told.contains("あと 3 分"), "{told}");
    let english = view::render(&page(&face(), Language::En, Shown::Held, Some(wait)));
    assert!(english.contains("10:35") && english.contains("in 3 minutes"));
    let english = view::render(&page(&face(), Language::En, Shown::Held, Some(Refusal::Wait(Timestamp(NOW.0 + 30)))));
    assert!(english.contains("in 1 minute)"));
}

#[test]
fn a_lock_tells_who_can_end_it() {
    let locked = ja(Shown::Held, Some(Refusal::AccountLocked));
    assert_eq!(attr(&all(&locked, "main")[0], "data-step"), "account-locked");
    assert!(buttons(&locked).is_empty(), "trying again is of no use");
    let password = ja(Shown::Held, Some(Refusal::PasswordLocked(Timestamp(NOW.0 + 3_600))));
    assert_eq!(attr(&all(&password, "main")[0], "data-step"), "password-locked");
    for html in [locked, password] {
        let main = text(&all(&html, "main")[0]);
        assert!(main.contains(&face().phone) && main.contains(&face().hours_ja), "{main}");
        assert_eq!(all(&html, "main a[href='tel:0300001234']").len(), 1);
    }
}

#[test]
fn a_dead_link_offers_no_button_and_claims_no_success() {
    for refusal in [Refusal::LinkDead, Refusal::EmailInUse] {
        for shown in [Shown::LinkConfirm { token: "t".to_owned() }, Shown::LinkDone] {
            let html = ja(shown, Some(refusal));
            assert!(all(&html, "main form").is_empty());
            assert_eq!(text(&all(&html, "h1")[0]), "メールアドレスの確認");
        }
    }
    let again = ja(Shown::LinkConfirm { token: "t".to_owned() }, Some(Refusal::TryAgain));
    assert_eq!(all(&again, "main form").len(), 1);
}

#[test]
fn the_members_name_and_the_way_out_stand_behind_a_full_log_in_only() {
    let portal = ja(Shown::Portal { last_login: None }, None);
    let member = all(&portal, "header a.member[href='/logout']");
    assert!(text(&member[0]).contains("緑川 はな子 さん"));
    assert_eq!(all(&portal, "header .bar a[href='/']").len(), 1);
    let half = ja(Shown::LoginTotp { device: String::new() }, None);
    assert!(all(&half, "header a[href='/logout']").is_empty());
    assert!(all(&half, "header nav a[href='/']").is_empty());
}

#[test]
fn the_language_button_leads_back_to_the_same_page() {
    let back = |shown| {
        let html = ja(shown, None);
        let forms = all(&html, "form[action='/language']");
        assert_eq!(forms.len(), 2, "one in each menu");
        assert_eq!(attr(&all(&html, "form[action='/language'] button[name=language]")[0], "value"), "en");
        attr(&all(&html, "form[action='/language'] input[name=back]")[0], "value").to_owned()
    };
    for (name, shown, _) in every() {
        let id = shown.id(None);
        if let Some(step) = Step::ALL.iter().find(|step| step.id() == id && name != "setup-totp-key") {
            assert_eq!(back(shown), step.path(), "{name}");
        }
    }
    assert_eq!(back(setup(true)), "/setup-totp/key");
    assert_eq!(back(Shown::Help), "/help");
    assert_eq!(back(Shown::LinkConfirm { token: "a b&c".to_owned() }), "/link/email?t=a+b%26c");
}

#[test]
fn whatever_was_typed_or_configured_is_escaped() {
    const EVIL: &str = "<script>alert(\"x\")</script>'&\"><img src=x onerror=alert(1)>";
    let evil = || EVIL.to_owned();
    let face = Face {
        name_ja: evil(),
        name_en: evil(),
        phone: evil(),
        hours_ja: evil(),
        hours_en: evil(),
        services: vec![Service { name_ja: evil(), name_en: evil(), url: evil() }],
    };
    let birth = || sekisho_core::shown::BirthDateFields { era: evil(), year: evil(), month: evil(), day: evil() };
    let setup = |as_text| {
        let secret = || Secret::new(evil());
        let setup =
            sekisho_core::shown::TotpSetup { png: secret(), key: secret(), uri: secret(), account: evil(), device: evil(), as_text };
        Shown::SetupTotp(Box::new(setup))
    };
    let field = sekisho_core::shown::UserIdField { user_id: evil(), asked: true, rule: UserIdRule::default() };
    let shown = [
        Shown::Login { user_id: evil() },
        Shown::BirthDate(birth()),
        Shown::Terms { version: evil(), text: evil() },
        Shown::Email { address: evil(), waits: true },
        Shown::EmailWait { address: evil(), since: NOW, delayed: true },
        Shown::Method { offers: vec![], user_id: Some(field) },
        Shown::NewPassword { user_id: evil(), rule: PasswordRule::default() },
        setup(false),
        setup(true),
        Shown::LoginTotp { device: evil() },
        Shown::Portal { last_login: Some(NOW) },
        Shown::Held,
        Shown::LinkConfirm { token: evil() },
    ];
    for shown in shown {
        let id = shown.id(None);
        let page = Page {
            language: Language::Ja,
            face: &face,
            member_name: Some(evil()),
            csrf: evil(),
            nonce: evil(),
            now: NOW,
            refusal: None,
            shown,
        };
        let html = view::render(&page);
        assert!(!html.contains("<script") && !html.contains("<img src=x"), "{id}");
        let parsed = Html::parse_document(&html);
        assert!(all(&parsed, "script, img[src=x], [onerror]").is_empty(), "{id}");
        assert_eq!(text(&all(&parsed, ".brand")[0]), EVIL, "{id}: shown as it is");
    }
}

#[test]
fn both_languages_have_the_same_texts() {
    let ids = |path: &str| -> BTreeSet<String> {
        let resource = FluentResource::try_new(read(path)).unwrap_or_else(|(_, errors)| panic!("{path}: {errors:?}"));
        let mut ids = Vec::new();
        for entry in resource.entries() {
            if let fluent_syntax::ast::Entry::Message(message) = entry {
                assert!(message.value.is_some(), "{path}: {}", message.id.name);
                ids.push(message.id.name.to_owned());
                ids.extend(message.attributes.iter().map(|attribute| format!("{}.{}", message.id.name, attribute.id.name)));
            }
        }
        let set: BTreeSet<String> = ids.iter().cloned().collect();
        assert_eq!(set.len(), ids.len(), "{path}: an id stands twice");
        set
    };
    let japanese = ids("locales/ja/pages.ftl");
    assert_eq!(japanese, ids("locales/en/pages.ftl"));
    for refusal in Refusal::each() {
        let id = format!("refusal-{}", refusal.id().replace('.', "-"));
        assert!(japanese.contains(&id) && japanese.contains(&format!("{id}.do")), "{id}");
    }
    for problem in PROBLEMS {
        let id = format!("problem-{}", problem.id());
        assert!(["", ".what", ".do"].iter().all(|part| japanese.contains(&format!("{id}{part}"))), "{id}");
    }
    for step in Step::ALL {
        assert!(japanese.contains(&format!("page-{}", step.id())), "{}", step.id());
    }
}

#[test]
fn no_text_is_missing_and_none_is_left_over() {
    for (what, _, html) in rendered() {
        assert!(!html.contains('⟦'), "{what}: {}", &html[html.find('⟦').unwrap()..][..60]);
    }
    for language in LANGUAGES {
        for refusal in Refusal::each() {
            let html = view::render(&page(&face(), language, Shown::Held, Some(refusal)));
            assert!(!html.contains('⟦'), "{}", refusal.id());
        }
    }
    // Families of ids that are put together from permanent ids are checked above, one by one.
    let families = ["refusal-", "problem-", "page-", "era-", "method-", "birth-"];
    let used: String = ["templates", "src/view"].iter().flat_map(|dir| files(dir)).map(|path| read(&path)).collect();
    let resource = FluentResource::try_new(read("locales/ja/pages.ftl")).unwrap();
    for entry in resource.entries() {
        if let fluent_syntax::ast::Entry::Message(message) = entry {
            let id = message.id.name;
            let stem = id.strip_suffix("-text").or_else(|| id.strip_suffix("-value")).unwrap_or(id);
            let known =
                families.iter().any(|family| id.starts_with(family)) || [id, stem].iter().any(|id| used.contains(&format!("\"{id}\"")));
            assert!(known, "{id} is used nowhere");
        }
    }
}

#[test]
fn the_signs_that_a_page_lists_are_those_that_the_rules_take() {
    let signs = |html: &Html, selector: &str| -> Vec<BTreeSet<char>> {
        all(html, selector).iter().map(|code| text(code).chars().filter(|sign| *sign != ' ').collect()).collect()
    };
    let ascii = || (' '..='~').filter(|sign| !sign.is_ascii_alphanumeric() && *sign != ' ');
    let rule = PasswordRule::default();
    let password = ja(Shown::NewPassword { user_id: String::new(), rule }, None);
    let taken = |sign: &char| {
        let typed = Password::typed(Secret::new(format!("abcdefgh{sign}")), &rule).unwrap();
        typed.fitness(&rule, &UserId::typed("somebody1")).is_ok()
    };
    assert_eq!(signs(&password, "#password-rule code"), [ascii().filter(taken).collect()]);

    let taken = |sign: &char| UserId::typed(&format!("abc{sign}12345")).may_be_chosen(&UserIdRule::default());
    let (usable, unusable) = ascii().partition(taken);
    assert_eq!(signs(&ja(method(Some(true)), None), "#user_id-chars code"), [usable, unusable]);
}

#[test]
fn the_style_sheets_address_is_its_hash() {
    let (path, css) = view::style();
    let hash = ring::digest::digest(&ring::digest::SHA256, css.as_bytes());
    let hex = data_encoding::HEXLOWER.encode(hash.as_ref());
    assert_eq!(path, format!("/style-{}.css", &hex[..16]));
    assert!(!css.contains("http") && !css.contains("@import") && !css.contains("url("), "it fetches nothing");
}

#[test]
fn no_template_prints_anything_unescaped() {
    for path in files("templates").iter().filter(|path| path.ends_with(".html")) {
        let template = read(path);
        assert!(!template.contains("safe") && !template.contains("{% filter") && !template.contains("autoescape"), "{path}");
    }
}

#[test]
fn colours_can_be_read() {
    let css = view::style().1;
    let light = |name: &str| -> f64 {
        let hex = css.split(&format!("--{name}: #")).nth(1).unwrap().split(';').next().unwrap();
        let digits: String = if hex.len() == 3 { hex.chars().flat_map(|digit| [digit, digit]).collect() } else { hex.to_owned() };
        let part = |at: usize| f64::from(u8::from_str_radix(&digits[at..at + 2], 16).unwrap()) / 255.0;
        let linear = |part: f64| if part <= 0.040_45 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) };
        0.2126 * linear(part(0)) + 0.7152 * linear(part(2)) + 0.0722 * linear(part(4))
    };
    let contrast = |a: &str, b: &str| {
        let (a, b) = (light(a), light(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    };
    for ground in ["card", "paper", "mist", "blush"] {
        for ink in ["ink", "soft", "indigo", "red"] {
            assert!(contrast(ink, ground) >= 4.5, "text {ink} on {ground}: {}", contrast(ink, ground));
        }
        for edge in ["edge", "focus"] {
            assert!(contrast(edge, ground) >= 3.0, "{edge} on {ground}: {}", contrast(edge, ground));
        }
    }
}

fn read(path: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

fn files(dir: &str) -> Vec<String> {
    let entries = std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(dir)).unwrap();
    entries.map(|entry| format!("{dir}/{}", entry.unwrap().file_name().to_str().unwrap())).collect()
}
