use crate::fakes::{NOW, address, face};
use sekisho::mail::letters::{Letters, Link, Text};
use sekisho::society::LINK_BYTES;
use sekisho_core::id::ItemId;
use sekisho_core::letter::{Language, Letter, LetterKind};
use sekisho_core::secret::Secret;
use sekisho_core::shown::Face;
use std::time::Duration;

const LANGUAGES: [Language; 2] = [Language::Ja, Language::En];
const KINDS: [LetterKind; 3] = [LetterKind::ConfirmEmail(ItemId([3; 8])), LetterKind::FirstLoginFinished, LetterKind::TotpSetUp];
const URL: &str = "https://sample.example.test/link/email?t=AAAA-_AAAA";

fn compose(kind: LetterKind, language: Language, face: &Face) -> Text {
    compose_for(true, kind, language, face)
}

fn compose_for(waits: bool, kind: LetterKind, language: Language, face: &Face) -> Text {
    let letter = Letter { to: address("taro.yamada@mail.test"), language, kind };
    let expires = NOW.after(Duration::from_secs(24 * 3600));
    let link = Link { url: Secret::new(URL.to_owned()), sent: NOW, expires, waits };
    let link = matches!(kind, LetterKind::ConfirmEmail(_)).then_some(link);
    Letters::load().unwrap().compose(&letter, face, NOW, link.as_ref()).unwrap()
}

fn each(check: impl Fn(LetterKind, Language, &str, &str)) {
    for kind in KINDS {
        for language in LANGUAGES {
            let text = compose(kind, language, &face());
            check(kind, language, &text.subject, text.body.expose());
        }
    }
}

#[test]
fn the_link_stands_alone_on_its_line_and_nowhere_else() {
    for language in LANGUAGES {
        let text = compose(KINDS[0], language, &face());
        let lines: Vec<&str> = text.body.expose().lines().collect();
        let place = lines.iter().position(|line| *line == URL).expect("a line with the link alone");
        assert_eq!((lines[place - 1], lines[place + 1]), ("", ""), "empty lines around it");
        assert_eq!(text.body.expose().matches("://").count(), 1);
    }
    each(|kind, _, subject, body| {
        assert!(!subject.contains("://"));
        assert_eq!(body.contains("://"), matches!(kind, LetterKind::ConfirmEmail(_)));
    });
}

#[test]
fn the_token_is_what_makes_the_line_longer_than_76_characters() {
    assert_eq!((LINK_BYTES * 8).div_ceil(6), 86, "the shortest it can be: see letters::Link");
}

#[test]
fn the_end_of_the_link_is_told_as_clock_time_in_japan_and_in_hours() {
    let ja = compose(KINDS[0], Language::Ja, &face());
    assert!(ja.body.expose().contains("2026年11月22日(日)22時00分まで(日本時間)"), "{}", ja.body.expose());
    assert!(ja.body.expose().contains("24時間"));
    let en = compose(KINDS[0], Language::En, &face());
    assert!(en.body.expose().contains("22:00 on Sunday, 22 November 2026, Japan time"), "{}", en.body.expose());
    assert!(en.body.expose().contains("24 hours"));
}

/// Where the first log-in goes on at once, no page sends the letter again.
#[test]
fn a_letter_speaks_of_sending_it_again_only_where_a_page_can() {
    for (language, again, call) in [
        (Language::Ja, "「再送信」を押してください", "期限が過ぎたときは、下の電話番号に"),
        (Language::En, "press “Send again”", "too late, please call"),
    ] {
        for waits in [true, false] {
            let text = compose_for(waits, KINDS[0], language, &face());
            let body = text.body.expose();
            assert_eq!((body.contains(again), body.contains(call)), (waits, !waits), "{body}");
            assert!(!body.contains("元のページ") && !body.contains("go back"), "{body}");
        }
    }
}

#[test]
fn a_notice_says_when_it_happened() {
    for kind in [LetterKind::FirstLoginFinished, LetterKind::TotpSetUp] {
        assert!(compose(kind, Language::Ja, &face()).body.expose().contains("2026年11月21日(土)22時00分"));
        assert!(compose(kind, Language::En, &face()).body.expose().contains("22:00 on Saturday, 21 November 2026"));
    }
}

#[test]
fn a_letter_tells_no_address_and_no_name_of_the_member() {
    each(|kind, _, subject, body| {
        for text in [subject, body] {
            assert!(!text.contains('@') && !text.contains("taro") && !text.contains("yamada"), "{}: {text}", kind.id());
        }
    });
}

#[test]
fn a_letter_says_who_writes_how_to_call_and_what_to_do_if_it_was_not_you() {
    each(|kind, language, subject, body| {
        let face = face();
        let (society, hours, not_you) = match language {
            Language::Ja => (&face.name_ja, &face.hours_ja, "覚えがないとき"),
            Language::En => (&face.name_en, &face.hours_en, "If this was not you"),
        };
        assert!(subject.contains(society.as_str()), "{}", kind.id());
        for part in [society.as_str(), hours, &face.phone, not_you] {
            assert!(body.contains(part), "{}: {part}", kind.id());
        }
    });
}

#[test]
fn a_letter_is_plain_text_in_easy_words() {
    each(|kind, _, _, body| {
        for word in ["認証子", "クレデンシャル", "OTP", "TOTP", "credential", "{", "\u{2068}", "\u{2069}", "\r"] {
            assert!(!body.contains(word), "{}: {word:?}", kind.id());
        }
    });
}

#[test]
fn line_ends_in_a_configured_text_stay_on_their_line() {
    let face = Face { name_ja: "組合\r\nBcc: all@mail.test\r\n\r\nhttps://evil.test/".to_owned(), phone: "1\n2".to_owned(), ..face() };
    let text = compose(KINDS[0], Language::Ja, &face);
    assert!(!text.subject.contains(['\r', '\n']));
    assert_eq!(text.body.expose().lines().filter(|line| line.starts_with("https://")).count(), 1);
    assert!(!text.body.expose().lines().any(|line| line.starts_with("Bcc")));
}

#[test]
fn a_letter_that_needs_a_link_is_not_written_without_one() {
    for language in LANGUAGES {
        let letter = Letter { to: address("a@mail.test"), language, kind: KINDS[0] };
        assert!(Letters::load().unwrap().compose(&letter, &face(), NOW, None).is_err());
    }
}
