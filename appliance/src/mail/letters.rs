//! The words of a letter, in the language of its reader. Plain text; no personal data, no user ID.

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use jiff::tz::{Offset, TimeZone};
use sekisho_core::letter::{Language, Letter};
use sekisho_core::secret::Secret;
use sekisho_core::shown::Face;
use sekisho_core::time::Timestamp;
use unic_langid::LanguageIdentifier;

/// Japan has had one offset and no summer time since 1951.
const JST: Offset = Offset::constant(9);

/// The one link of a letter.
pub struct Link {
    /// Absolute address. It stands alone on its line. `origin` + `/link/email?t=` + 86 characters (64 bytes of base64url) is
    /// longer than the 76 characters of old mail programs; the letter's transfer encoding keeps it in one piece.
    pub url: Secret<String>,
    /// When the letter goes out.
    pub sent: Timestamp,
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

    /// Writes `letter` in its language. `since` is when it was caused; `link` is for the letters that carry one.
    ///
    /// # Errors
    /// A text is missing, or asks for a link that was not given. The letter can never be written.
    pub fn compose(&self, letter: &Letter, face: &Face, since: Timestamp, link: Option<&Link>) -> Result<Text, String> {
        let words = Words { bundle: self.bundle(letter.language) };
        let (society, open) = match letter.language {
            Language::Ja => (&face.name_ja, &face.hours_ja),
            Language::En => (&face.name_en, &face.hours_en),
        };
        let mut args = FluentArgs::new();
        args.set("society", one_line(society));
        args.set("phone", one_line(&face.phone));
        args.set("open", one_line(open));
        args.set("at", words.instant(since)?);
        if let Some(link) = link {
            args.set("link", link.url.expose().as_str());
            args.set("expires", words.instant(link.expires)?);
            args.set("waits", if link.waits { "yes" } else { "no" });
            args.set("hours", link.expires.since(link.sent).as_secs() / 3600);
        }
        let id = letter.kind.id();
        let subject = words.say(&format!("{id}-subject"), &args)?;
        let body = words.say(&format!("{id}-body"), &args)? + "\n\n" + &words.say("footer", &args)? + "\n";
        Ok(Text { subject, body: Secret::new(body) })
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
    fn say(&self, id: &str, args: &FluentArgs) -> Result<String, String> {
        let pattern = self.bundle.get_message(id).and_then(|message| message.value()).ok_or_else(|| format!("letters.ftl: no {id}"))?;
        let mut errors = Vec::new();
        let text = self.bundle.format_pattern(pattern, Some(args), &mut errors).into_owned();
        // Fluent's errors name variables and messages, never values.
        errors.first().map_or(Ok(text), |error| Err(format!("letters.ftl: {id}: {error}")))
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
