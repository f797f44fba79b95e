//! From a TOML file to plain structs, with every problem of the file at once and in words an operator can act on.

use super::Problem;
use serde::de::DeserializeOwned;
use std::ops::Range;
use std::path::Path;
use toml::de::{DeArray, DeTable, DeValue, Deserializer};

/// After so many problems in one file the rest is not looked for.
const MOST: usize = 30;

/// One configuration file while it is read.
pub(super) struct Source<'a> {
    pub(super) file: &'a Path,
    text: String,
    problems: &'a mut Vec<Problem>,
    /// Keys that were reported already: that they are missing now is no news.
    reported: Vec<String>,
}

impl<'a> Source<'a> {
    /// Reads the file; says why if that fails.
    pub(super) fn open(file: &'a Path, problems: &'a mut Vec<Problem>) -> Option<Self> {
        match std::fs::read_to_string(file) {
            Ok(text) => Some(Self { file, text, problems, reported: Vec::new() }),
            Err(error) => {
                problems.push(Problem::of(file, format!("cannot be read: {error}")));
                None
            }
        }
    }

    /// Reports a problem at a place of the file.
    pub(super) fn at(&mut self, span: &Range<usize>, text: impl Into<String>) {
        let line = Some(self.line(span));
        self.problems.push(Problem { file: self.file.to_owned(), line, text: text.into() });
    }

    /// The line that a place lies in; the first is 1.
    pub(super) fn line(&self, span: &Range<usize>) -> usize {
        1 + self.text.bytes().take(span.start).filter(|byte| *byte == b'\n').count()
    }

    /// The value, or a report that `key` is missing, with an example of what to write.
    pub(super) fn need<T>(&mut self, value: Option<T>, key: &str, example: &str) -> Option<T> {
        if value.is_none() && !self.reported.iter().any(|reported| reported == key) {
            let text = format!("the key {key} is missing; write for example: {example}");
            self.problems.push(Problem::of(self.file, text));
        }
        value
    }

    /// The list of problems, for checks of other files.
    pub(super) fn problems(&mut self) -> &mut Vec<Problem> {
        self.problems
    }

    /// Reads the text as a `T`. What does not fit is reported and left out, and the rest is read again,
    /// so that one run shows everything.
    pub(super) fn parse<T: DeserializeOwned>(&mut self) -> Option<T> {
        let text = self.text.clone();
        let (mut document, errors) = DeTable::parse_recoverable(&text);
        // What follows the first mistake is mostly its echo.
        if let Some(error) = errors.first() {
            self.at(&error.span().unwrap_or(0..0), format!("this is not TOML: {}", error.message()));
            return None;
        }
        for _ in 0..MOST {
            match T::deserialize(Deserializer::from(document.clone())) {
                Ok(value) => return Some(value),
                Err(error) => {
                    let span = error.span().unwrap_or(0..0);
                    if !self.is_echo(error.message()) {
                        self.at(&span, explain(error.message()));
                    }
                    let removed = remove(document.get_mut(), &span, "")?;
                    self.reported.push(removed);
                }
            }
        }
        None
    }

    /// Whether a key is missing only because it was reported and left out.
    fn is_echo(&self, message: &str) -> bool {
        let missing = message.strip_prefix("missing field `").and_then(|rest| rest.strip_suffix('`'));
        missing.is_some_and(|key| self.reported.iter().any(|reported| reported.rsplit('.').next() == Some(key)))
    }
}

/// Takes out the key or value that stands at `span`, and says which key that was, with the tables it stands in.
fn remove(table: &mut DeTable, span: &Range<usize>, path: &str) -> Option<String> {
    let full = |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
    let hit = table.iter().find(|(key, value)| key.span() == *span || value.span() == *span).map(|(key, _)| key.clone());
    if let Some(key) = hit {
        table.remove(&key);
        return Some(full(key.get_ref()));
    }
    table.iter_mut().find_map(|(key, value)| remove_below(value.get_mut(), span, &full(key.get_ref())))
}

fn remove_below(value: &mut DeValue, span: &Range<usize>, path: &str) -> Option<String> {
    match value {
        DeValue::Table(table) => remove(table, span, path),
        DeValue::Array(items) if items.iter().any(|item| item.span() == *span) => {
            *items = items.clone().into_iter().filter(|item| item.span() != *span).collect::<DeArray>();
            Some(path.to_owned())
        }
        DeValue::Array(items) => items.iter_mut().find_map(|item| remove_below(item.get_mut(), span, path)),
        _ => None,
    }
}

/// serde's words, turned to what the reader has to do.
fn explain(message: &str) -> String {
    let quoted: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
    match quoted.split_first() {
        Some((wrong, known)) if message.starts_with("unknown field") => format!("unknown key {wrong}; {}", suggest(wrong, known)),
        Some((wrong, known)) if message.starts_with("unknown variant") => format!("unknown value {wrong:?}; {}", suggest(wrong, known)),
        Some((missing, _)) if message.starts_with("missing field") => format!("the key {missing} is missing here; add it"),
        _ if message.starts_with("invalid socket address") => {
            "write ADDRESS:PORT, for example \"[::]:443\" or \"127.0.0.1:9180\"".to_owned()
        }
        _ => match message.split_once(", expected ") {
            Some((found, expected)) => format!("{found}; write {}", in_words(expected)),
            None => message.to_owned(),
        },
    }
}

/// The name that was probably meant, or all that there are.
fn suggest(wrong: &str, known: &[&str]) -> String {
    let nearest = known.iter().min_by_key(|name| strsim::damerau_levenshtein(wrong, name));
    match nearest {
        Some(name) if strsim::damerau_levenshtein(wrong, name) <= 1 + name.len() / 3 => format!("write {name} instead"),
        _ => format!("there are: {}", known.join(", ")),
    }
}

fn in_words(expected: &str) -> &str {
    match expected {
        "u8" | "u16" | "u32" | "u64" | "usize" => "a whole number, without quotes and within its range",
        "a string" => "a text in quotes",
        "a boolean" => "true or false, without quotes",
        "a sequence" => "a list: [ …, … ]",
        other => other,
    }
}
