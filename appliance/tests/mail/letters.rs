use crate::fakes::{ITEM, NOW, USER_ID, address, face};
use sekisho::mail::letters::{Carried, Letters, Link, Text};
use sekisho::society::LINK_BYTES;
use sekisho_core::id::Generation;
use sekisho_core::letter::{Language, Letter, LetterKind, Notice};
use sekisho_core::secret::Secret;
use sekisho_core::shown::Face;
use sekisho_core::time::Timestamp;
use sekisho_core::user_id::UserId;
use std::time::Duration;

const LANGUAGES: [Language; 2] = [Language::Ja, Language::En];
const CONFIRM: LetterKind = LetterKind::ConfirmEmail(ITEM);
const URL: &str = "https://sample.example.test/link/email?t=AAAA-_AAAA";
const DIGITS: &str = "012345";
const PASSWORD: &str = "abcdefghjkmn";
const DAY: Duration = Duration::from_secs(24 * 3600);

fn minutes(count: u64) -> Timestamp {
    NOW.after(Duration::from_secs(60 * count))
}

/// One letter of every kind that is ever sent.
fn kinds() -> Vec<LetterKind> {
    let (code, issued) = (minutes(10), NOW.after(30 * DAY));
    let mut kinds = vec![
        CONFIRM,
        LetterKind::Reset(ITEM),
        LetterKind::UserId,
        LetterKind::MailCode { item: ITEM, expires: code },
        LetterKind::Issued { generation: Generation(2), expires: issued },
    ];
    kinds.extend(Notice::each().into_iter().map(LetterKind::Notice));
    kinds
}

fn link() -> Link {
    Link { url: Secret::new(URL.to_owned()), sent: NOW, serves_from: None, expires: NOW.after(DAY), waits: true }
}

fn carried(kind: LetterKind) -> Carried {
    let user_id = UserId::typed(USER_ID);
    match kind {
        LetterKind::ConfirmEmail(_) => Carried::Link(link()),
        LetterKind::Reset(_) => Carried::Link(Link { expires: minutes(5), ..link() }),
        LetterKind::UserId => Carried::UserId(user_id),
        LetterKind::MailCode { expires, .. } => Carried::Code { digits: Secret::new(DIGITS.to_owned()), expires },
        LetterKind::Issued { expires, .. } => Carried::Issued { user_id, password: Secret::new(PASSWORD.to_owned()), expires },
        LetterKind::Notice(notice) if notice.can_be_disowned() => Carried::Link(Link { expires: NOW.after(7 * DAY), ..link() }),
        LetterKind::Notice(_) | LetterKind::Nothing => Carried::Nothing,
    }
}

fn letter(kind: LetterKind, language: Language) -> Letter {
    Letter { to: address("taro.yamada@mail.test"), language, kind, not_before: None }
}

fn compose(kind: LetterKind, language: Language) -> Text {
    compose_with(kind, language, &face(), &carried(kind))
}

fn compose_with(kind: LetterKind, language: Language, face: &Face, carried: &Carried) -> Text {
    Letters::load().unwrap().compose(&letter(kind, language), face, NOW, carried).unwrap()
}

fn each(check: impl Fn(LetterKind, Language, &str, &str)) {
    for kind in kinds() {
        for language in LANGUAGES {
            let text = compose(kind, language);
            check(kind, language, &text.subject, text.body.expose());
        }
    }
}

fn has_link(kind: LetterKind) -> bool {
    matches!(carried(kind), Carried::Link(_))
}

#[test]
fn a_letter_has_one_link_alone_on_its_line_or_none() {
    each(|kind, _, subject, body| {
        assert!(!subject.contains("://"), "{}", kind.id());
        assert_eq!(body.matches("://").count(), usize::from(has_link(kind)), "{}: {body}", kind.id());
        if has_link(kind) {
            let lines: Vec<&str> = body.lines().collect();
            let place = lines.iter().position(|line| *line == URL).expect("a line with the link alone");
            assert_eq!((lines[place - 1], lines[place + 1]), ("", ""), "empty lines around it");
        }
    });
}

#[test]
fn what_a_letter_carries_stands_alone_on_its_line_in_its_own_kind_and_in_no_other() {
    each(|kind, _, subject, body| {
        for (text, carries) in [
            (DIGITS, matches!(kind, LetterKind::MailCode { .. })),
            (PASSWORD, matches!(kind, LetterKind::Issued { .. })),
            (USER_ID, matches!(kind, LetterKind::UserId | LetterKind::Issued { .. })),
        ] {
            assert_eq!(body.lines().filter(|line| *line == text).count(), usize::from(carries), "{}: {text}: {body}", kind.id());
            assert_eq!(body.matches(text).count(), usize::from(carries), "{}: {text}", kind.id());
            assert!(!subject.contains(text), "{}: {subject}", kind.id());
        }
    });
}

#[test]
fn a_subject_is_short_and_every_kind_has_its_own() {
    for language in LANGUAGES {
        let mut subjects: Vec<String> = kinds().into_iter().map(|kind| compose(kind, language).subject).collect();
        assert!(subjects.iter().all(|subject| subject.chars().count() <= 80 && !subject.contains(|c: char| c.is_ascii_digit())));
        let count = subjects.len();
        subjects.sort();
        subjects.dedup();
        assert_eq!(subjects.len(), count, "{subjects:?}");
    }
}

#[test]
fn the_token_is_what_makes_the_line_longer_than_76_characters() {
    assert_eq!((LINK_BYTES * 8).div_ceil(6), 86, "the shortest it can be: see letters::Link");
}

#[test]
fn the_end_of_what_a_letter_carries_is_told_as_clock_time_in_japan_and_as_a_length() {
    let lengths = |kind| match kind {
        LetterKind::ConfirmEmail(_) => {
            Some(("2026年11月22日(日)22時00分まで(日本時間)", "24時間", "22:00 on Sunday, 22 November 2026", "24 hours"))
        }
        LetterKind::Reset(_) => {
            Some(("2026年11月21日(土)22時05分まで(日本時間)", "5分", "22:05 on Saturday, 21 November 2026", "5 minutes"))
        }
        LetterKind::MailCode { .. } => {
            Some(("2026年11月21日(土)22時10分まで(日本時間)", "10分", "22:10 on Saturday, 21 November 2026", "10 minutes"))
        }
        LetterKind::Issued { .. } => {
            Some(("2026年12月21日(月)22時00分まで(日本時間)", "30日間", "22:00 on Monday, 21 December 2026", "30 days"))
        }
        LetterKind::Notice(_) if has_link(kind) => {
            Some(("2026年11月28日(土)22時00分まで(日本時間)", "7日間", "22:00 on Saturday, 28 November 2026", "7 days"))
        }
        _ => None,
    };
    each(|kind, language, _, body| {
        let Some((ja, ja_length, en, en_length)) = lengths(kind) else { return };
        let (end, length) = if language == Language::Ja { (ja, ja_length) } else { (en, en_length) };
        for part in [end, length] {
            assert!(body.contains(part), "{}: {part}: {body}", kind.id());
        }
    });
}

#[test]
fn a_link_on_hold_says_from_when_it_serves_and_any_other_that_it_serves_at_once() {
    let until = NOW.after(3 * DAY);
    for (language, from, at_once) in [
        (Language::Ja, "2026年11月24日(火)22時00分(日本時間)から使えます", "今すぐ使えます"),
        (Language::En, "only from 22:00 on Tuesday, 24 November 2026", "works at once"),
    ] {
        let held = Carried::Link(Link { serves_from: Some(until), expires: until.after(DAY), ..link() });
        let held = compose_with(CONFIRM, language, &face(), &held);
        assert!(held.body.expose().contains(from) && !held.body.expose().contains(at_once), "{}", held.body.expose());
        let free = compose(CONFIRM, language);
        assert!(!free.body.expose().contains(from) && free.body.expose().contains(at_once), "{}", free.body.expose());
    }
}

/// Where no page waits, no page sends the letter again.
#[test]
fn a_letter_speaks_of_sending_it_again_only_where_a_page_can() {
    for (language, again, anew) in [
        (Language::Ja, "「再送信」を押してください", "「Eメール変更」を開き"),
        (Language::En, "press “Send again”", "under “Change the address”"),
    ] {
        for waits in [true, false] {
            let text = compose_with(CONFIRM, language, &face(), &Carried::Link(Link { waits, ..link() }));
            let body = text.body.expose();
            assert_eq!((body.contains(again), body.contains(anew)), (waits, !waits), "{body}");
        }
    }
}

#[test]
fn the_letter_with_the_reset_link_names_the_button_of_the_manuals() {
    assert!(compose(LetterKind::Reset(ITEM), Language::Ja).body.expose().contains("「パスワードをリセット」"));
}

/// A member finds on the page what the letter speaks of.
#[test]
fn a_letter_names_only_buttons_and_links_that_stand_on_a_page() {
    for (language, pages, [open, close]) in [
        (Language::Ja, include_str!("../../locales/ja/pages.ftl"), ['「', '」']),
        (Language::En, include_str!("../../locales/en/pages.ftl"), ['“', '”']),
    ] {
        let labels: Vec<&str> = pages.lines().filter_map(|line| line.split_once(" = ")).map(|(_, label)| label).collect();
        let later = compose_with(CONFIRM, language, &face(), &Carried::Link(Link { waits: false, ..link() }));
        for text in kinds().into_iter().map(|kind| compose(kind, language)).chain([later]) {
            for named in text.body.expose().split(open).skip(1).filter_map(|rest| rest.split(close).next()) {
                assert!(labels.contains(&named), "{}: {named}", language.tag());
            }
        }
    }
}

#[test]
fn a_notice_says_when_it_happened() {
    for notice in Notice::each().into_iter().map(LetterKind::Notice) {
        assert!(compose(notice, Language::Ja).body.expose().contains("2026年11月21日(土)22時00分(日本時間)"), "{}", notice.id());
        assert!(compose(notice, Language::En).body.expose().contains("22:00 on Saturday, 21 November 2026, Japan time"), "{}", notice.id());
    }
}

#[test]
fn a_notice_that_was_put_off_tells_the_time_it_was_put_off_to_and_a_hold_its_end() {
    let until = NOW.after(3 * DAY);
    let counts = LetterKind::Notice(Notice::RecoveryCounts(ITEM));
    let put_off = Letter { not_before: Some(until), ..letter(counts, Language::Ja) };
    let text = Letters::load().unwrap().compose(&put_off, &face(), NOW, &carried(counts)).unwrap();
    assert!(text.body.expose().contains("日時: 2026年11月24日(火)22時00分"), "{}", text.body.expose());

    let held = compose(LetterKind::Notice(Notice::RecoveryHeld(until)), Language::Ja);
    assert!(held.body.expose().contains("2026年11月24日(火)22時00分(日本時間)まで"), "{}", held.body.expose());
}

#[test]
fn a_letter_tells_no_address_and_no_name_of_the_member() {
    each(|kind, _, subject, body| {
        let body = body.replace(USER_ID, "");
        for text in [subject, &body] {
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
    each(|kind, _, subject, body| {
        for word in
            ["認証子", "クレデンシャル", "OTP", "TOTP", "二要素", "credential", "factor", "{", "\u{2068}", "\u{2069}", "\r", "\n\n\n"]
        {
            assert!(!body.contains(word) && !subject.contains(word), "{}: {word:?}", kind.id());
        }
    });
}

#[test]
fn line_ends_in_a_configured_text_stay_on_their_line() {
    let face = Face { name_ja: "組合\r\nBcc: all@mail.test\r\n\r\nhttps://evil.test/".to_owned(), phone: "1\n2".to_owned(), ..face() };
    let text = compose_with(CONFIRM, Language::Ja, &face, &carried(CONFIRM));
    assert!(!text.subject.contains(['\r', '\n']));
    assert_eq!(text.body.expose().lines().filter(|line| line.starts_with("https://")).count(), 1);
    assert!(!text.body.expose().lines().any(|line| line.starts_with("Bcc")));
}

#[test]
fn a_letter_is_not_written_without_what_it_has_to_carry() {
    let letters = Letters::load().unwrap();
    for kind in kinds() {
        for language in LANGUAGES {
            let written = letters.compose(&letter(kind, language), &face(), NOW, &Carried::Nothing);
            assert_eq!(written.is_ok(), matches!(carried(kind), Carried::Nothing), "{}", kind.id());
        }
    }
    assert!(letters.compose(&letter(LetterKind::Nothing, Language::Ja), &face(), NOW, &Carried::Nothing).is_err());
}
