//! What single pages have to show, send and leave out.

use crate::reading::{all, attr, buttons, ja, names, text};
use crate::samples::{NOW, every, face, method, page, setup};
use scraper::Html;
use sekisho::view;
use sekisho_core::letter::Language;
use sekisho_core::refusal::Refusal;
use sekisho_core::shown::{Page, Problem, Shown};
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
        for waits in [true, false] {
            for shown in [link(waits), Shown::LinkDone { waits }] {
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
            None => vec![Shown::LinkDone { waits }],
            Some(_) => vec![link(waits), Shown::LinkDone { waits }],
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
            assert!(main.contains(if refusal.is_some() { "組合へお電話ください" } else { "この画面を閉じてください" }), "{main}");
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
fn whoever_does_not_agree_is_led_to_the_log_out() {
    let html = ja(Shown::Terms { version: String::new(), text: String::new() }, None);
    let leave = all(&html, "main a[href='/logout']");
    assert_eq!(leave.iter().map(text).collect::<Vec<_>>(), ["同意しないで終了する"]);
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
    let confirm = ja(link(true), None);
    assert!(all(&confirm, "form[action='/language']").is_empty(), "a link's token travels in its own form only");
}

fn link(waits: bool) -> Shown {
    Shown::LinkConfirm { token: "t".to_owned(), waits }
}
