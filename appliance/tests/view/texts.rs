//! Texts, labels, signs and colours.

use crate::reading::{LANGUAGES, all, buttons, ja, rendered, text};
use crate::samples::{PROBLEMS, every, face, method, page, setup, totp};
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
    for (name, labels) in [
        ("login", "ログイン"),
        ("birth-date", "実行"),
        ("terms", "同意する 同意しない"),
        ("terms-declined", "利用規約に戻る ログアウトする"),
        ("email", "送信"),
        ("email-wait", "更新 再送信 メールアドレスを訂正する"),
        ("method", "実行"),
        ("new-password", "送信"),
        ("first-login-complete", "ログアウトする"),
        ("setup-totp", "実行"),
        ("setup-totp-key", "戻る 実行"),
        ("name-passkey", "OK"),
        ("login-totp", "トップページへ"),
        ("login-totp-again", "トップページへ"),
        ("login-passkey", "次へ"),
        ("mail-code", "トップページへ 再送信"),
        ("recovery-codes-offer", "作成する 今はしない"),
        ("recovery-codes", "保存しました"),
        ("profile", "変更 Eメール変更 変更 ポータルに戻る"),
        ("login-methods", "更新 設定 削除 設定 削除 削除 作り直す ポータルに戻る"),
        ("re-authentication", "ログイン キャンセル"),
        ("change-email", "実行 戻る"),
        ("change-user-id", "変更 戻る"),
        ("change-method", "実行 戻る"),
        ("delete-device", "削除する 戻る"),
        ("forgot-password", "実行 戻る"),
        ("forgot-user-id", "実行 戻る"),
        ("link-reset", "パスワードをリセット"),
        ("logout", "ログアウトする キャンセル"),
        ("login-timeout", "ログイン"),
    ] {
        assert_eq!(on(name), labels, "{name}");
    }
    for (name, words) in [
        ("method-user-id", "利用不可文字一覧を見る"),
        ("change-user-id", "利用不可文字一覧を見る"),
        ("method", "推奨"),
        ("new-password", "パスワード確認用"),
        ("new-password", "全てのデバイスからサインアウトする"),
        ("setup-totp", "スキャンできませんか？"),
        ("setup-totp", "デバイス名"),
        ("setup-totp", "全てのデバイスからサインアウトする"),
        ("login", "※必須"),
        ("login", "パスワードを忘れた方はこちら"),
        ("login", "ユーザIDを忘れた方はこちら"),
        ("login-totp", "別の方法"),
        ("login-passkey", "別の方法"),
        ("mail-code", "別の方法"),
        ("mail-code", "二段階確認(メール)"),
        ("re-authentication", "続行する際には再度認証してください。"),
        ("login-totp-again", "続行する際には再度認証してください。"),
        ("login-methods", "二要素認証"),
        ("login-methods", "認証アプリ"),
        ("login-methods", "生体認証"),
        ("login-methods", "作成日"),
        ("profile", "プロフィール変更"),
    ] {
        assert!(text(&ja(shown(name), None).root_element()).contains(words), "{name}: {words}");
    }
}

/// The manuals say 登録 on phones and 次へ on computers: one button, whose word follows the kind of pointer.
#[test]
fn the_button_that_makes_a_passkey_bears_both_words_and_shows_one() {
    let html = ja(Shown::SetupPasskey { options: String::new(), adds: false }, None);
    assert_eq!(all(&html, "form[data-passkey] button").len(), 1);
    assert_eq!(text(&all(&html, "button .touch")[0]), "登録");
    assert_eq!(text(&all(&html, "button .mouse")[0]), "次へ");
    let css = view::style().1;
    assert!(css.contains(".mouse { display: none; }") && css.contains("  .touch { display: none; }"));
}

#[test]
fn a_closed_passkey_dialogue_is_no_error_and_can_be_opened_again() {
    let create = || Shown::SetupPasskey { options: String::new(), adds: false };
    let get = || Shown::LoginPasskey { options: String::new(), again: false };
    for shown in [create(), get()] {
        let html = ja(shown, Some(Refusal::PasskeyCancelled));
        assert_eq!(buttons(&html), ["再試行してください"]);
        assert_eq!(all(&html, "[role=alert].calm").len(), 1, "in no error's colour");
    }
    assert_eq!(all(&ja(get(), Some(Refusal::PasskeyCancelled)), "main a[href='/another-way']").len(), 1);
    assert!(all(&ja(get(), Some(Refusal::PasskeyRefused)), ".calm").is_empty());
}

/// A code by mail is a second step and no second factor (NIST SP 800-63B-4 §3.1.3.1).
#[test]
fn a_code_by_mail_is_never_called_a_factor() {
    for (name, shown, _) in every() {
        let said = text(&all(&ja(shown, None), "main")[0]);
        let by_mail = said.contains("二段階確認(メール)");
        assert!(!by_mail || !said.contains("二要素"), "{name}");
        for wrong in ["二段階認証", "メール認証", "多要素"] {
            assert!(!said.contains(wrong), "{name}: {wrong}");
        }
    }
}

#[test]
fn the_three_errors_read_as_in_the_manuals() {
    for (shown, refusal, words) in [
        (Shown::Login { user_id: String::new() }, Refusal::WrongIdOrPassword, "無効なユーザ ID またはパスワードです。"),
        (setup(false), Refusal::WrongSetupCode, "認証コードが異なります"),
        (totp(&["a"], false), Refusal::WrongCode, "ワンタイムパスワードが正しくありません"),
    ] {
        assert_eq!(text(&all(&ja(shown, Some(refusal)), "[role=alert] h2")[0]), words);
    }
}

#[test]
fn help_names_what_members_can_do_themselves_and_the_telephone() {
    let help = ja(Shown::Help, None);
    for path in ["/forgot-password", "/forgot-user-id"] {
        assert_eq!(all(&help, &format!("main a[href='{path}']")).len(), 1, "{path}");
    }
    for id in ["help-password-text", "help-phone-text", "help-mail-text", "help-doubt-text"] {
        let line = |path, id: &str| read(path).lines().find(|line| line.starts_with(&format!("{id} = "))).unwrap().to_owned();
        assert!(line("locales/ja/pages.ftl", id).contains("組合へお電話ください"), "{id}");
        assert!(line("locales/en/pages.ftl", id).contains("call your society"), "{id}");
    }
}

/// What only people of the trade understand.
const TRADE: [&str; 10] = [
    "認証子",
    "アクティベーション",
    "リカバリー",
    "クレデンシャル",
    "セッション",
    "トークン",
    "credential",
    "session",
    "token",
    "authenticate",
];

#[test]
fn pages_use_no_word_of_the_trade() {
    for (what, _, html) in rendered() {
        let said = text(&Html::parse_document(&html).root_element());
        for word in TRADE {
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
    let families = ["refusal-", "problem-", "page-", "era-", "method-", "birth-", "way-", "kind-", "menu-", "delete-", "methods-add-"];
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
fn the_scripts_address_is_its_hash() {
    let (path, script) = view::script();
    let hash = ring::digest::digest(&ring::digest::SHA256, script.as_bytes());
    let hex = data_encoding::HEXLOWER.encode(hash.as_ref());
    assert_eq!(path, format!("/passkey-{}.js", &hex[..16]));
    assert!(!script.contains("http:") && !script.contains("https:") && !script.contains("innerHTML") && !script.contains("eval("));
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
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let entries = std::fs::read_dir(root.join(dir)).unwrap();
    let paths = entries.map(|entry| format!("{dir}/{}", entry.unwrap().file_name().to_str().unwrap()));
    paths.flat_map(|path| if root.join(&path).is_dir() { files(&path) } else { vec![path] }).collect()
}
