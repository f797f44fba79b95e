//! The words of a letter, in the language of its reader. Plain text; only two kinds name anything of the member: its user ID.

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use jiff::tz::{Offset, TimeZone};
use sekisho_core::letter::{Language, Letter, LetterKind, Notice};
use sekisho_core::secret::Secret;
use sekisho_core::shown::Face;
use sekisho_core::time::Timestamp;
use sekisho_core::user_id::UserId;
use std::time::Duration;
use unic_langid::LanguageIdentifier;
use zeroize::Zeroizing;

/// Japan has had one offset and no summer time since 1951.
const JST: Offset = Offset::constant(9);

/// Room for a letter, so that writing it does not move (and leave behind) a link, code or password.
const ROOM: usize = 8192;

/// What is put into a letter when it is sent, as its kind asks for.
pub enum Carried {
    /// Nothing.
    Nothing,
    /// A link.
    Link(Link),
    /// The reminder of a user ID.
    UserId(UserId),
    /// A code by mail.
    Code {
        /// Six digits.
        digits: Secret<String>,
        /// When it ends.
        expires: Timestamp,
    },
    /// An issued password and the user ID that it belongs to.
    Issued {
        /// The user ID.
        user_id: UserId,
        /// The password.
        password: Secret<String>,
        /// When it ends.
        expires: Timestamp,
    },
}

/// The one link of a letter.
pub struct Link {
    /// Absolute address. It stands alone on its line. `origin` + `/link/email?t=` + 86 characters (64 bytes of base64url) is
    /// longer than the 76 characters of old mail programs; the letter's transfer encoding keeps it in one piece.
    pub url: Secret<String>,
    /// When the letter goes out.
    pub sent: Timestamp,
    /// From when on the link serves; `None`: at once.
    pub serves_from: Option<Timestamp>,
    /// When the link ends.
    pub expires: Timestamp,
    /// Whether the member's first log-in waits for it: only then is there a page that sends the letter again.
    pub waits: bool,
}

/// Subject and body.
pub struct Text {
    /// One line. No link, no code, no personal data.
    pub subject: String,
    /// Plain text; lines end with LF.
    pub body: Secret<String>,
}

/// The texts of all letters, read once.
pub struct Letters {
    ja: FluentBundle<FluentResource>,
    en: FluentBundle<FluentResource>,
}

impl Letters {
    /// Reads the texts that are built into the program.
    ///
    /// # Errors
    /// A text file is broken; a test keeps this from leaving the house.
    pub fn load() -> Result<Self, String> {
        Ok(Self {
            ja: bundle(Language::Ja, include_str!("../../locales/ja/letters.ftl"))?,
            en: bundle(Language::En, include_str!("../../locales/en/letters.ftl"))?,
        })
    }

    /// Writes `letter` in its language. `since` is when it was caused; `carried` is what its kind asks for.
    ///
    /// # Errors
    /// A text is missing, or asks for something that is not carried. The letter can never be written.
    pub fn compose(&self, letter: &Letter, face: &Face, since: Timestamp, carried: &Carried) -> Result<Text, String> {
        let words = Words { bundle: self.bundle(letter.language) };
        let (society, open) = match letter.language {
            Language::Ja => (&face.name_ja, &face.hours_ja),
            Language::En => (&face.name_en, &face.hours_en),
        };
        let mut args = FluentArgs::new();
        args.set("society", one_line(society));
        args.set("phone", one_line(&face.phone));
        args.set("open", one_line(open));
        // What was put off has happened when its time came.
        args.set("at", words.instant(letter.not_before.unwrap_or(since))?);
        if let LetterKind::Notice(Notice::RecoveryHeld(until)) = letter.kind {
            args.set("until", words.instant(until)?);
        }
        words.carry(&mut args, since, carried)?;

        let id = letter.kind.id();
        let about = words.say(&format!("{id}-subject"), &args)?;
        args.set("about", about);
        let subject = words.say("subject", &args)?;
        Ok(Text { subject, body: words.body(&letter.kind, id, &args)? })
    }

    fn bundle(&self, language: Language) -> &FluentBundle<FluentResource> {
        match language {
            Language::Ja => &self.ja,
            Language::En => &self.en,
        }
    }
}

/// One language's texts.
struct Words<'a> {
    bundle: &'a FluentBundle<FluentResource>,
}

impl Words<'_> {
    /// Puts what a letter carries where its text can ask for it.
    fn carry<'a>(&self, args: &mut FluentArgs<'a>, since: Timestamp, carried: &'a Carried) -> Result<(), String> {
        let (begins, expires) = match carried {
            Carried::Nothing => return Ok(()),
            Carried::UserId(user_id) => {
                args.set("user", one_line(user_id.as_str()));
                return Ok(());
            }
            Carried::Link(link) => {
                args.set("link", link.url.expose().as_str());
                args.set("waits", if link.waits { "yes" } else { "no" });
                args.set("held", if link.serves_from.is_some() { "yes" } else { "no" });
                if let Some(from) = link.serves_from {
                    args.set("from", self.instant(from)?);
                }
                (link.sent, link.expires)
            }
            Carried::Code { digits, expires } => {
                args.set("code", digits.expose().as_str());
                (since, *expires)
            }
            Carried::Issued { user_id, password, expires } => {
                args.set("user", one_line(user_id.as_str()));
                args.set("password", password.expose().as_str());
                (since, *expires)
            }
        };
        args.set("expires", self.instant(expires)?);
        args.set("span", self.span(expires.since(begins))?);
        Ok(())
    }

    /// Who writes, what happened, what to do if it was not the reader, and how to call.
    fn body(&self, kind: &LetterKind, id: &str, args: &FluentArgs) -> Result<Secret<String>, String> {
        let mut body = Zeroizing::new(String::with_capacity(ROOM));
        let mut add = |part: &str, end: &str| -> Result<(), String> {
            self.write(&mut body, part, args)?;
            body.push_str(end);
            Ok(())
        };
        add("greeting", "\n\n")?;
        add(&format!("{id}-body"), "\n\n")?;
        if let LetterKind::Notice(notice) = kind {
            add("at", "\n\n")?;
            add(remedy(notice), "\n\n")?;
        }
        add("footer", "\n")?;
        Ok(Secret::new(std::mem::take(&mut *body)))
    }

    fn say(&self, id: &str, args: &FluentArgs) -> Result<String, String> {
        let mut text = String::new();
        self.write(&mut text, id, args)?;
        Ok(text)
    }

    fn write(&self, out: &mut String, id: &str, args: &FluentArgs) -> Result<(), String> {
        let pattern = self.bundle.get_message(id).and_then(|message| message.value()).ok_or_else(|| format!("letters.ftl: no {id}"))?;
        let mut errors = Vec::new();
        let written = self.bundle.write_pattern(out, pattern, Some(args), &mut errors);
        // Fluent's errors name variables and messages, never values.
        match (written, errors.first()) {
            (Ok(()), None) => Ok(()),
            (_, Some(error)) => Err(format!("letters.ftl: {id}: {error}")),
            (Err(error), None) => Err(format!("letters.ftl: {id}: {error}")),
        }
    }

    /// Clock time in Japan.
    fn instant(&self, at: Timestamp) -> Result<String, String> {
        let seconds = i64::try_from(at.0).map_err(|error| error.to_string())?;
        let zoned = jiff::Timestamp::from_second(seconds).map_err(|error| error.to_string())?.to_zoned(TimeZone::fixed(JST));
        let mut args = FluentArgs::new();
        args.set("weekday", zoned.weekday().to_monday_one_offset());
        args.set("month", zoned.month());
        let weekday = self.say("weekday", &args)?;
        args.set("weekday", weekday);
        if self.bundle.has_message("month") {
            let month = self.say("month", &args)?;
            args.set("month", month);
        }
        // As text: a year is not a quantity, and minutes keep their leading zero.
        args.set("year", FluentValue::from(zoned.year().to_string()));
        args.set("day", zoned.day().to_string());
        args.set("hour", zoned.hour().to_string());
        args.set("minute", format!("{:02}", zoned.minute()));
        self.say("instant", &args)
    }

    /// How long something serves: whole days from two on, else whole hours, else minutes, to the nearest.
    fn span(&self, length: Duration) -> Result<String, String> {
        const HOUR: u64 = 60;
        const DAY: u64 = 24 * HOUR;
        let minutes = length.as_secs().saturating_add(30) / 60;
        let (id, count) = match minutes {
            _ if minutes >= 2 * DAY && minutes.is_multiple_of(DAY) => ("span-days", minutes / DAY),
            _ if minutes >= HOUR && minutes.is_multiple_of(HOUR) => ("span-hours", minutes / HOUR),
            _ => ("span-minutes", minutes),
        };
        let mut args = FluentArgs::new();
        args.set("count", count);
        self.say(id, &args)
    }
}

/// What the reader of `notice` can do if it was not them.
fn remedy(notice: &Notice) -> &'static str {
    match notice {
        Notice::Staff(_) => "ask",
        notice if notice.can_be_disowned() => "disown",
        _ => "call",
    }
}

/// A text of the configuration without control characters: it stays on its line, and cannot look like another part of the letter.
pub(super) fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

fn bundle(language: Language, source: &str) -> Result<FluentBundle<FluentResource>, String> {
    let tag = language.tag();
    let locale: LanguageIdentifier = tag.parse().map_err(|error| format!("{tag}: {error}"))?;
    let resource = FluentResource::try_new(source.to_owned()).map_err(|(_, errors)| format!("{tag}/letters.ftl: {errors:?}"))?;
    let mut bundle = FluentBundle::new_concurrent(vec![locale]);
    // The marks that isolate right-to-left text would end up in the link.
    bundle.set_use_isolating(false);
    bundle.add_resource(resource).map_err(|errors| format!("{tag}/letters.ftl: {errors:?}"))?;
    Ok(bundle)
}
