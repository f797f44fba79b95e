//! Texts, labels, signs and colours.

use crate::reading::{LANGUAGES, all, buttons, ja, rendered, text};
use crate::samples::{PROBLEMS, every, face, method, page, setup};
use fluent_bundle::FluentResource;
use scraper::Html;
use sekisho::view;
use sekisho_core::password::Password;
use sekisho_core::refusal::Refusal;
use sekisho_core::secret::Secret;
use sekisho_core::shown::Shown;
use sekisho_core::step::Step;
use sekisho_core::tenant::{PasswordRule, UserIdRule};
use sekisho_core::user_id::UserId;
use std::collections::BTreeSet;
use std::path::Path;

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

/// No command of the staff does any of it yet: members are asked to call, and promised nothing.
#[test]
fn nothing_is_promised_that_nobody_can_do() {
    for (what, _, html) in rendered() {
        for word in ["発行", "取り消し", "担当者が対応", " issue", "remove", "staff will"] {
            assert!(!html.contains(word), "{what}: {word}");
        }
    }
    for id in ["help-password-text", "help-phone-text", "help-mail-text"] {
        let line = |path, id: &str| read(path).lines().find(|line| line.starts_with(&format!("{id} = "))).unwrap().to_owned();
        assert!(line("locales/ja/pages.ftl", id).contains("組合へお電話ください"), "{id}");
        assert!(line("locales/en/pages.ftl", id).contains("call your society"), "{id}");
    }
}

#[test]
fn pages_use_no_word_of_the_trade() {
    for (what, _, html) in rendered() {
        let said = text(&Html::parse_document(&html).root_element());
        for word in ["認証子", "クレデンシャル", "セッション", "トークン", "credential", "session", "token", "authenticate"]
        {
            assert!(!said.contains(word), "{what}: {word}");
        }
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
