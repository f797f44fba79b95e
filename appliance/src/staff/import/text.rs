//! Characters: a CSV file in UTF-8 (with or without byte order mark) or Shift_JIS as Windows writes it, read in pieces.

use encoding_rs::{CoderResult, Decoder, DecoderResult, SHIFT_JIS, UTF_8};
use serde::{Deserialize, Serialize};
use std::io::{self, Read};
use zeroize::Zeroizing;

/// How the file writes its characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Encoding {
    /// UTF-8.
    Utf8,
    /// Shift_JIS with the signs of Windows (髙, 﨑).
    ShiftJis,
}

impl Encoding {
    /// As people call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Utf8 => "UTF-8",
            Self::ShiftJis => "Shift_JIS",
        }
    }

    /// Looks at the whole file: UTF-8 if it is, or if it says so in a byte order mark; Shift_JIS otherwise. Japanese text in
    /// Shift_JIS is practically never valid UTF-8, while nearly everything is valid Shift_JIS. A last character that is cut counts as UTF-8.
    pub fn detect(mut file: impl Read) -> io::Result<Self> {
        let mut decoder = UTF_8.new_decoder_without_bom_handling();
        let (mut raw, mut text) = (Zeroizing::new(vec![0; ROOM]), Zeroizing::new(vec![0; TEXT]));
        let mut first = true;
        loop {
            let count = file.read(&mut raw)?;
            let mut piece = raw.get(..count).unwrap_or_default();
            if count == 0 || (first && piece.starts_with(b"\xef\xbb\xbf")) {
                return Ok(Self::Utf8);
            }
            first = false;
            while !piece.is_empty() {
                let (result, used, _) = decoder.decode_to_utf8_without_replacement(piece, &mut text, false);
                if let DecoderResult::Malformed(..) = result {
                    return Ok(Self::ShiftJis);
                }
                piece = piece.get(used..).unwrap_or_default();
            }
        }
    }

    fn decoder(self) -> Decoder {
        match self {
            Self::Utf8 => UTF_8.new_decoder_with_bom_removal(),
            Self::ShiftJis => SHIFT_JIS.new_decoder_without_bom_handling(),
        }
    }
}

/// Bytes read at a time.
const ROOM: usize = 16 * 1024;

/// Room for their text: no byte of either encoding becomes more than three.
const TEXT: usize = 3 * ROOM + 16;

/// The text of a file, in UTF-8. What is no character becomes U+FFFD, which no line may hold. Wiped when dropped.
pub struct Decoded<R> {
    from: R,
    decoder: Decoder,
    raw: Zeroizing<Vec<u8>>,
    text: Zeroizing<Vec<u8>>,
    start: usize,
    end: usize,
    ended: bool,
}

impl<R: Read> Decoded<R> {
    /// The text of `from`.
    pub fn new(from: R, encoding: Encoding) -> Self {
        let (raw, text) = (Zeroizing::new(vec![0; ROOM]), Zeroizing::new(vec![0; TEXT]));
        Self { from, decoder: encoding.decoder(), raw, text, start: 0, end: 0, ended: false }
    }

    /// What it reads from.
    pub fn into_inner(self) -> R {
        self.from
    }

    fn fill(&mut self) -> io::Result<()> {
        while self.start == self.end && !self.ended {
            let count = self.from.read(&mut self.raw)?;
            self.ended = count == 0;
            let piece = self.raw.get(..count).unwrap_or_default();
            let (result, _, written, _) = self.decoder.decode_to_utf8(piece, &mut self.text, self.ended);
            if result == CoderResult::OutputFull {
                return Err(io::Error::other("no room for the text of one piece"));
            }
            (self.start, self.end) = (0, written);
        }
        Ok(())
    }
}

impl<R: Read> Read for Decoded<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.fill()?;
        let mut left = self.text.get(self.start..self.end).unwrap_or_default();
        let count = left.read(into)?;
        self.start += count;
        Ok(count)
    }
}
