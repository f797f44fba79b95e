//! What single pages have to show, send and leave out.

use crate::reading::{all, attr, buttons, ja, names, text};
use crate::samples::{NOW, every, face, method, page, setup, totp};
use scraper::Html;
use sekisho::view;
use sekisho_core::letter::Language;
use sekisho_core::refusal::Refusal;
use sekisho_core::shown::{LinkKind, Page, Problem, Shown};
use sekisho_core::step::Step;
use sekisho_core::tenant::PasswordRule;
use sekisho_core::time::Timestamp;

#[test]
fn a_page_without_a_token_has_no_form() {
    let face = face();
    let busy = Page { csrf: String::new(), ..page(&face, Language::Ja, Shown::Problem(Problem::Busy), None) };
    assert!(all(&Html::parse_document(&view::render(&busy)), "form").is_empty());
}

#[test]
fn forms_send_the_fields_that_their_steps_expect() {
    for (name, path, fields) in [
        ("login", "/login", "csrf user_id password"),
        ("birth-date", "/birth-date", "csrf era year month day"),
        ("terms", "/terms", "csrf version action"),
        ("activation-code", "/activation-code", "csrf code"),
        ("email", "/email", "csrf email"),
        ("email-wait", "/email/wait", "csrf action"),
        ("method", "/method", "csrf method"),
        ("method-user-id", "/method", "csrf user_id method"),
        ("new-password", "/new-password", "csrf username password again sign_out"),
        ("first-login-complete", "/logout", "csrf"),
        ("setup-totp", "/setup-totp", "csrf code device sign_out"),
        ("setup-totp-key", "/setup-totp", "csrf as_text code device sign_out"),
        ("setup-passkey", "/setup-passkey", "csrf credential"),
        ("name-passkey", "/name-passkey", "csrf device"),
        ("login-totp", "/code", "csrf code"),
        ("login-totp-devices", "/code", "csrf device code"),
        ("login-passkey", "/passkey", "csrf credential"),
        ("mail-code", "/mail-code", "csrf code action"),
        ("recovery-code", "/recovery-code", "csrf code"),
        ("another-way", "/another-way", "csrf way"),
        ("recovery-codes-offer", "/recovery-codes", "csrf action"),
        ("recovery-codes", "/recovery-codes", "csrf action"),
        ("re-authentication", "/re-authentication", "csrf username password"),
        ("profile", "/profile", "csrf goal csrf goal csrf goal"),
        ("login-methods-few", "/login-methods", "csrf goal csrf goal csrf goal"),
        ("own-page", "/own-page", "csrf code action csrf action"),
        ("change-email", "/profile/email", "csrf email"),
        ("change-user-id", "/profile/user-id", "csrf user_id"),
        ("change-method", "/profile/method", "csrf method"),
        ("delete-device", "/login-methods/delete", "csrf"),
        ("forgot-password", "/forgot-password", "csrf user_id"),
        ("forgot-user-id", "/forgot-user-id", "csrf era year month day email"),
        ("recover", "/recover", "csrf way csrf way"),
        ("logout", "/logout", "csrf everywhere"),
        ("link-email", "/link/email", "csrf t"),
        ("link-reset", "/link/reset", "csrf t"),
        ("link-freeze", "/link/freeze", "csrf t"),
    ] {
        let html = ja(sample(name), None);
        assert_eq!(names(&html, path).join(" "), fields, "{name}");
        assert_eq!(
            all(&html, "main form").len(),
            all(&html, &format!("main form[action='{path}']")).len(),
            "{name}: no form goes elsewhere"
        );
    }
    for name in ["see-mail", "terms-declined"] {
        assert!(all(&ja(sample(name), None), "main form").is_empty(), "{name}");
    }
}

#[test]
fn buttons_send_what_they_say() {
    let sends = |name: &str| -> Vec<String> {
        let html = ja(sample(name), None);
        let named = all(&html, "main button[name]");
        named.iter().map(|button| format!("{}={}", attr(button, "name"), attr(button, "value"))).collect()
    };
    assert_eq!(sends("terms"), ["action=accept", "action=decline"]);
    assert_eq!(sends("mail-code"), ["action=give", "action=resend"], "enter gives the code");
    assert_eq!(sends("another-way"), ["way=passkey", "way=totp", "way=mail-code", "way=recovery-code"]);
    assert_eq!(sends("recover"), ["way=passkey", "way=totp", "way=recovery-code", "way=anew"]);
    assert_eq!(sends("recover-held-only"), ["way=passkey", "way=totp", "way=recovery-code"]);
    assert_eq!(sends("recover-staff-only"), Vec::<String>::new());
    assert_eq!(sends("recovery-codes-offer"), ["action=make", "action=leave"]);
    assert_eq!(sends("recovery-codes"), ["action=leave"]);
    assert_eq!(sends("profile"), ["goal=change-user-id", "goal=change-email", "goal=change-method"]);
    assert_eq!(
        sends("login-methods"),
        ["goal=change-password", "goal=add-totp", "goal=delete", "goal=add-passkey", "goal=delete", "goal=delete", "goal=recovery-codes"]
    );
    assert_eq!(sends("own-page"), ["action=activation-code", "action=end-others"]);
}

#[test]
fn another_code_can_be_asked_for_with_the_field_empty() {
    let html = ja(sample("mail-code"), None);
    assert_eq!(all(&html, "#code[required]").len(), 1);
    assert_eq!(all(&html, "button[value=resend][formnovalidate]").len(), 1);
}

#[test]
fn the_page_of_a_code_by_mail_tells_where_it_went_and_when_the_next_may_go() {
    let said = |name| text(&all(&ja(sample(name), None), "main")[0]);
    for words in ["ha***@example.test", "10時31分 に受け付けました", "10時41分 まで使えます", "10時33分 から再送信できます"]
    {
        assert!(said("mail-code").contains(words), "{words}: {}", said("mail-code"));
    }
    assert!(!said("mail-code-delayed").contains("から再送信できます"));
    assert!(said("mail-code-none").contains("今使えるワンタイムパスワードはありません"));
}

#[test]
fn the_device_used_last_is_chosen_already_and_a_single_one_is_not_asked_for() {
    let several = ja(sample("login-totp-devices"), None);
    let devices = all(&several, "input[type=radio][name=device]");
    assert_eq!(devices.iter().map(|device| attr(device, "value")).collect::<Vec<_>>(), ["7", "8", "9"]);
    assert_eq!(all(&several, "input[name=device][checked]").iter().map(|device| attr(device, "value")).collect::<Vec<_>>(), ["7"]);
    assert!(all(&ja(sample("login-totp"), None), "input[name=device]").is_empty());
}

#[test]
fn recovery_codes_are_printed_with_the_society_and_the_day_and_without_the_member() {
    let html = ja(sample("recovery-codes"), None);
    assert_eq!(all(&html, ".codes li code").len(), 10);
    let sheet = text(&all(&html, ".sheet")[0]);
    assert!(sheet.contains(&face().name_ja) && sheet.contains("2026年11月21日") && sheet.contains("0A7K-9PQM-2XZT-W40C"), "{sheet}");
    assert!(!sheet.contains("12-3456789") && !sheet.contains("緑川"), "{sheet}");
    assert!(view::style().1.contains("size: A4"));
}

#[test]
fn the_last_device_has_no_button_that_deletes_it() {
    let few = ja(sample("login-methods-few"), None);
    assert!(all(&few, "button[value=delete]").is_empty());
    assert!(text(&all(&few, ".card")[0]).contains("最後の1つは削除できません"));
    let names: Vec<String> =
        all(&ja(sample("login-methods"), None), "button[value=delete]").iter().map(|b| attr(b, "aria-label").to_owned()).collect();
    assert_eq!(names, ["家のタブレット を削除", "わたしのスマートフォン を削除", "USBのセキュリティキー を削除"]);
}

/// The manuals: on a phone 設定 stands behind ：, on a computer it stands there.
#[test]
fn setting_up_one_more_device_stands_behind_a_sign_on_phones_only() {
    let html = ja(sample("login-methods"), None);
    assert_eq!(all(&html, "details.dots summary").iter().map(text).collect::<Vec<_>>(), ["：", "："]);
    assert_eq!(all(&html, "details.dots button[name=goal]").len(), 2);
    assert!(view::style().1.contains(".dots::details-content { content-visibility: visible;"));
}

#[test]
fn the_way_back_from_a_change_is_a_link_to_the_page_it_began_on() {
    for (name, path) in [
        ("change-email", "/profile"),
        ("change-user-id", "/profile"),
        ("change-method", "/profile"),
        ("delete-device", "/login-methods"),
        ("setup-passkey-adds", "/login-methods"),
        ("re-authentication", "/"),
        ("profile", "/"),
        ("login-methods", "/"),
        ("own-page", "/"),
    ] {
        assert!(!all(&ja(sample(name), None), &format!("main a[href='{path}']")).is_empty(), "{name}");
    }
}

#[test]
fn a_change_can_be_left_at_every_step_of_it() {
    let face = face();
    let left = |name, member: bool| {
        let mut page = page(&face, Language::Ja, sample(name), None);
        page.member_name = member.then(|| "緑川 はな子".to_owned());
        let html = Html::parse_document(&view::render(&page));
        all(&html, "main a").iter().filter(|link| ["キャンセル", "戻る"].contains(&text(link).as_str())).count()
    };
    for name in ["setup-totp", "login-totp", "login-passkey", "mail-code", "recovery-code", "new-password"] {
        assert_eq!((left(name, true), left(name, false)), (1, 0), "{name}");
    }
    for name in ["setup-passkey-adds", "re-authentication", "change-email", "change-user-id", "change-method", "delete-device"] {
        assert_eq!(left(name, true), 1, "{name}");
    }
}

#[test]
fn forgotten_things_get_the_same_page_whatever_was_typed() {
    let html = |refusal| view::render(&page(&face(), Language::Ja, Shown::SeeMail, refusal));
    assert_eq!(html(None), html(None));
    assert!(!html(None).contains("hana") && html(None).contains("5分間"));
}

#[test]
fn a_hold_is_told_before_it_begins_and_while_it_lasts() {
    let said = |name| text(&all(&ja(sample(name), None), "main")[0]);
    assert!(said("recover").contains("72時間") && said("recover-nothing-held").contains("72時間"));
    assert!(!said("recover-at-once").contains("72時間") && !said("recover-held-only").contains("72時間"));
    assert!(said("portal-notices").contains("2026年11月24日 7時58分"));
    assert!(said("recover-staff-only").contains(&face().phone));
}

#[test]
fn the_button_against_what_the_member_did_not_ask_for_promises_no_more_than_it_does() {
    let said = text(&all(&ja(sample("link-freeze"), None), "main")[0]);
    assert!(said.contains("今のパスワードと認証方式は、そのまま使えます") && !said.contains("元に戻"), "{said}");
    assert_eq!(attr(&all(&ja(sample("link-frozen"), None), "main")[0], "data-step"), "link-frozen");
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

    let code = ja(totp(&["a"], false), None);
    let code = all(&code, "#code")[0];
    let read = ["type", "inputmode", "autocomplete"].map(|name| attr(&code, name));
    assert_eq!(read, ["text", "numeric", "one-time-code"]);
    assert!(attr(&code, "maxlength").parse::<u32>().unwrap() >= 8, "spaces may be typed");

    let password = ja(Shown::NewPassword { user_id: "hana1234".to_owned(), rule: PasswordRule::default() }, None);
    let kinds: Vec<&str> = all(&password, "input[type=password]").iter().map(|field| attr(field, "autocomplete")).collect();
    assert_eq!(kinds, ["new-password", "new-password"]);
    assert_eq!(attr(&all(&password, "input[autocomplete=username][hidden]")[0], "value"), "hana1234");

    let birth = ja(sample("birth-date"), None);
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
    for shown in [setup(false), setup(true), totp(&["a"], false)] {
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
fn a_long_wait_is_told_in_hours_and_with_the_day_of_its_end() {
    let told = |language, seconds| {
        let lock = Refusal::PasswordLocked(Timestamp(NOW.0 + seconds));
        let html = Html::parse_document(&view::render(&page(&face(), language, Shown::Held, Some(lock))));
        text(&all(&html, "[role=alert]")[0])
    };
    for (seconds, ja, en) in [
        (3_600, "11時33分 を過ぎてから（あと 1 時間）", "after 11:33 Japan time (in 1 hour)"),
        (5_400, "12時03分 を過ぎてから（あと 1 時間 30 分）", "after 12:03 Japan time (in 1 hour 30 minutes)"),
        (24 * 3_600, "11月22日 10時33分 を過ぎてから（あと 24 時間）", "after 10:33 on 22 November Japan time (in 24 hours)"),
    ] {
        assert!(told(Language::Ja, seconds).contains(ja), "{}", told(Language::Ja, seconds));
        assert!(told(Language::En, seconds).contains(en), "{}", told(Language::En, seconds));
    }
}

#[test]
fn a_crowd_is_nobodys_fault_and_its_page_says_whether_it_goes_on_by_itself() {
    for (seconds, goes_on) in [(30, true), (600, true), (601, false), (24 * 3_600, false)] {
        let html = ja(Shown::Held, Some(Refusal::Crowded(Timestamp(NOW.0 + seconds))));
        assert_eq!(attr(&all(&html, "main")[0], "data-step"), "crowded");
        assert_eq!(all(&html, "main a[href='/login']").len(), 1, "a link besides");
        assert!(all(&html, "main input, main form").is_empty(), "nothing that could be lost");
        assert_eq!(all(&html, "[role=alert].calm").len(), 1, "in no error's colour");
        let main = text(&all(&html, "main")[0]);
        assert_eq!(main.contains("自動でログイン画面へ進みます"), goes_on, "{seconds}: {main}");
        assert!(main.contains("お客様の操作に問題はありません") && main.contains(&face().phone), "{main}");
    }
    let busy = ja(Shown::Problem(Problem::Busy), None);
    assert!(text(&all(&busy, "main")[0]).contains("自動でログイン画面へ進みます"));
    assert_eq!(all(&busy, "main a[href='/login']").len(), 1);
    assert!(all(&busy, "main input, main form").is_empty());
}

#[test]
fn a_lock_tells_who_can_end_it() {
    let locked = ja(Shown::Held, Some(Refusal::AccountLocked));
    assert_eq!(attr(&all(&locked, "main")[0], "data-step"), "account-locked");
    let closed = ja(Shown::Held, Some(Refusal::AccountDisabled));
    assert_eq!(attr(&all(&closed, "main")[0], "data-step"), "account-disabled");
    assert!(buttons(&locked).is_empty() && buttons(&closed).is_empty(), "trying again is of no use");
    let password = ja(Shown::Held, Some(Refusal::PasswordLocked(Timestamp(NOW.0 + 3_600))));
    assert_eq!(attr(&all(&password, "main")[0], "data-step"), "password-locked");
    for html in [locked, closed, password] {
        let main = text(&all(&html, "main")[0]);
        assert!(main.contains(&face().phone) && main.contains(&face().hours_ja), "{main}");
        assert_eq!(all(&html, "main a[href='tel:0300001234']").len(), 1);
    }
}

#[test]
fn a_dead_link_offers_no_button_and_claims_no_success() {
    for refusal in [Refusal::LinkDead, Refusal::EmailInUse] {
        for waits in [true, false] {
            for shown in [link(waits), Shown::LinkDone { link: LinkKind::Email, waits }] {
                let html = ja(shown, Some(refusal));
                assert!(all(&html, "main form").is_empty());
                assert_eq!(text(&all(&html, "h1")[0]), "メールアドレスの確認");
            }
        }
    }
    let again = ja(link(true), Some(Refusal::TryAgain));
    assert_eq!(all(&again, "main form").len(), 1);
}

/// Where the first log-in goes on at once there is no page with 更新, 再送信 or メールアドレスを訂正する, so nobody may be sent there.
#[test]
fn a_link_sends_back_to_the_page_that_waits_only_where_there_is_one() {
    let heading = text(&all(&ja(Shown::EmailWait { address: String::new(), since: NOW, delayed: false }, None), "h1")[0]);
    for (refusal, pressed) in [(None, "更新"), (Some(Refusal::LinkDead), "再送信"), (Some(Refusal::EmailInUse), "メールアドレスを訂正する")]
    {
        let pages = |waits| match refusal {
            None => vec![Shown::LinkDone { link: LinkKind::Email, waits }],
            Some(_) => vec![link(waits), Shown::LinkDone { link: LinkKind::Email, waits }],
        };
        for shown in pages(true) {
            let main = text(&all(&ja(shown, refusal), "main")[0]);
            assert!(main.contains(&format!("「{heading}」の画面に戻り")) && main.contains(&format!("「{pressed}」")), "{main}");
        }
        for shown in pages(false) {
            let main = text(&all(&ja(shown, refusal), "main")[0]);
            for word in ["戻り", "更新", "再送信", "訂正する"] {
                assert!(!main.contains(word), "{word}: {main}");
            }
            assert!(main.contains(if refusal.is_some() { "「プロフィール変更」" } else { "この画面を閉じてください" }), "{main}");
        }
        for waits in [true, false] {
            for shown in pages(waits) {
                let html = Html::parse_document(&view::render(&page(&face(), Language::En, shown, refusal)));
                let main = text(&all(&html, "main")[0]);
                assert_eq!(main.contains("Go back to the page “Please check your e-mail”"), waits, "{main}");
                assert_eq!(main.contains("press “"), waits, "{main}");
            }
        }
    }
}

#[test]
fn a_log_in_that_is_over_does_not_claim_to_know_why() {
    let html = ja(Shown::LoginTimeout, None);
    assert_eq!(text(&all(&html, "h1")[0]), "もう一度ログインしてください");
    assert_eq!(text(&all(&html, "main .lead")[0]), "ログインの有効時間が過ぎたか、ほかの画面でログアウトされました。");
    assert_eq!(all(&html, "main a.primary[href='/login']").len(), 1);
}

#[test]
fn whoever_does_not_agree_is_led_back_or_out() {
    let html = ja(Shown::TermsDeclined, None);
    let ways: Vec<&str> = all(&html, "main .actions a").iter().map(|link| attr(link, "href")).collect();
    assert_eq!(ways, ["/terms", "/logout"]);
}

#[test]
fn a_page_that_could_not_be_served_says_that_this_request_does_not_count() {
    for problem in [Problem::Busy, Problem::TryLater] {
        let main = text(&all(&ja(Shown::Problem(problem), None), "main")[0]);
        assert!(main.contains("今の操作は受け付けていません。間違いの回数にも数えていません。"), "{main}");
        let english = view::render(&page(&face(), Language::En, Shown::Problem(problem), None));
        assert!(english.contains("This request was not accepted, and it does not count as a wrong try."));
    }
}

#[test]
fn the_members_name_and_the_way_out_stand_behind_a_full_log_in_only() {
    let portal = ja(sample("portal"), None);
    let member = all(&portal, "header a.member[href='/logout']");
    assert!(text(&member[0]).contains("緑川 はな子 さん"));
    let menu: Vec<(&str, String)> = all(&portal, "header .bar a").iter().map(|link| (attr(link, "href"), text(link))).collect();
    let expected = [
        ("/", "トップページ"),
        ("/profile", "プロフィール変更"),
        ("/login-methods", "ログイン方法変更"),
        ("/own-page", "マイページ"),
        ("/help", "ヘルプ"),
    ];
    assert_eq!(menu, expected.map(|(path, label)| (path, label.to_owned())));
    let phone: Vec<&str> = all(&portal, "header details nav > a").iter().map(|link| attr(link, "href")).collect();
    assert_eq!(phone, ["/", "/profile", "/login-methods", "/own-page", "/help", "/logout"]);
    assert_eq!(attr(&all(&portal, "header .bar [aria-current=page]")[0], "href"), "/");
    assert_eq!(attr(&all(&ja(sample("profile"), None), "header .bar [aria-current=page]")[0], "href"), "/profile");
    let half = ja(totp(&["a"], false), None);
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
    let confirm = ja(link(true), None);
    assert!(all(&confirm, "form[action='/language']").is_empty(), "a link's token travels in its own form only");
}

fn sample(name: &str) -> Shown {
    every().into_iter().find(|(have, _, _)| *have == name).unwrap().1
}

fn link(waits: bool) -> Shown {
    Shown::LinkConfirm { link: LinkKind::Email, token: "t".to_owned(), waits }
}
