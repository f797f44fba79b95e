//! `application/x-www-form-urlencoded`, strictly: what a browser cannot have sent is refused, and what was sent is wiped.
//!
//! The decoder is our own, twenty lines, because `form_urlencoded` mends bad UTF-8 and bad escapes in silence and leaves copies
//! of passwords behind. Tests and a fuzz target hold the two together: what is accepted here reads the same there.

use bytes::Bytes;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderMap};
use sekisho_core::shown::Problem;
use std::collections::BTreeMap;
use zeroize::{Zeroize, Zeroizing};

/// Most fields of a form; the largest of ours has eight.
const FIELDS: usize = 16;

/// Longest name of a field.
const NAME_BYTES: usize = 32;

/// A form's fields, each name once, wiped when dropped.
pub struct Fields(BTreeMap<String, Zeroizing<String>>);

impl Fields {
    /// Reads a body whose headers were checked. `longest` is how many bytes one value may have once it is decoded.
    ///
    /// # Errors
    /// [`Problem::BadRequest`] for a name that stands twice, bytes that are no UTF-8, a broken escape, a NUL, or sizes that no
    /// form of ours has.
    pub fn parse(body: &[u8], longest: usize) -> Result<Self, Problem> {
        let mut fields = BTreeMap::new();
        for pair in body.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()) {
            let mut halves = pair.splitn(2, |byte| *byte == b'=');
            let (name, value) = (halves.next().unwrap_or_default(), halves.next().ok_or(Problem::BadRequest)?);
            let (mut name, value) = (decode(name)?, decode(value)?);
            if name.len() > NAME_BYTES || value.len() > longest || fields.len() == FIELDS {
                return Err(Problem::BadRequest);
            }
            if fields.insert(std::mem::take(&mut *name), value).is_some() {
                return Err(Problem::BadRequest);
            }
        }
        Ok(Self(fields))
    }

    /// A field that every sending of the form carries.
    pub fn take(&mut self, name: &str) -> Result<Zeroizing<String>, Problem> {
        self.take_if_sent(name).ok_or(Problem::BadRequest)
    }

    /// A field that may be left out: a choice not made, a box not ticked.
    pub fn take_if_sent(&mut self, name: &str) -> Option<Zeroizing<String>> {
        self.0.remove(name)
    }

    /// A box: `on` or not sent.
    pub fn take_box(&mut self, name: &str) -> Result<bool, Problem> {
        match self.take_if_sent(name) {
            None => Ok(false),
            Some(value) if *value == "on" => Ok(true),
            Some(_) => Err(Problem::BadRequest),
        }
    }

    /// Refuses fields that nobody asked for.
    pub fn finish(self) -> Result<(), Problem> {
        if self.0.is_empty() { Ok(()) } else { Err(Problem::BadRequest) }
    }
}

/// One name or value. The buffer is as long as it can get, so that nothing is left behind by growing.
fn decode(bytes: &[u8]) -> Result<Zeroizing<String>, Problem> {
    let mut out = Zeroizing::new(Vec::with_capacity(bytes.len()));
    let mut rest = bytes.iter();
    while let Some(byte) = rest.next() {
        out.push(match byte {
            b'+' => b' ',
            b'%' => match (hex(rest.next()), hex(rest.next())) {
                (Some(high), Some(low)) if high | low != 0 => high << 4 | low,
                _ => return Err(Problem::BadRequest),
            },
            0x21..=0x7e => *byte,
            _ => return Err(Problem::BadRequest),
        });
    }
    String::from_utf8(std::mem::take(&mut *out)).map(Zeroizing::new).map_err(|error| {
        error.into_bytes().zeroize();
        Problem::BadRequest
    })
}

fn hex(digit: Option<&u8>) -> Option<u8> {
    let digit = char::from(*digit?).to_digit(16)?;
    u8::try_from(digit).ok()
}

/// Whether the body is a form, in the one encoding that our pages ask for.
pub fn check_headers(headers: &HeaderMap) -> Result<(), Problem> {
    let mut types = headers.get_all(CONTENT_TYPE).iter();
    let media = types.next().and_then(|value| value.to_str().ok()).unwrap_or_default().to_ascii_lowercase();
    let (kind, parameter) = media.split_once(';').unwrap_or((&media, ""));
    let is_form = kind.trim() == "application/x-www-form-urlencoded" && matches!(parameter.trim(), "" | "charset=utf-8");
    if is_form && types.next().is_none() && !headers.contains_key(CONTENT_ENCODING) { Ok(()) } else { Err(Problem::UnsupportedMedia) }
}

/// Wipes a body, which may hold a password. Nobody else may hold it any more.
pub fn wipe(body: Bytes) {
    if let Ok(mut body) = body.try_into_mut() {
        body.as_mut().zeroize();
    }
}

#[cfg(test)]
mod tests {
    use super::{Fields, check_headers};
    use crate::route::VALUE_BYTES;
    use http::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderValue};
    use proptest::prelude::*;
    use sekisho_core::shown::Problem;

    #[test]
    fn reads_what_a_browser_sends() {
        let mut fields = Fields::parse(b"user_id=%E5%B1%B1%E7%94%B0+1&empty=&a%2Bb=%26%3D%25", VALUE_BYTES).expect("a form");
        assert_eq!(*fields.take("user_id").expect("sent"), "山田 1");
        assert_eq!(*fields.take("empty").expect("sent"), "");
        assert_eq!(*fields.take("a+b").expect("sent"), "&=%");
        assert!(fields.finish().is_ok());
    }

    #[test]
    fn refuses_what_no_browser_sends() {
        let long = format!("a={}", "x".repeat(5000));
        let many = (0..17).map(|n| format!("f{n}=")).collect::<Vec<_>>().join("&");
        let cases: [&[u8]; 12] = [
            b"a=1&a=2",
            b"a=1&%61=2",
            b"a",
            b"a=%",
            b"a=%4",
            b"a=%zz",
            b"a=%ff",
            b"a=%e5%b1",
            b"a=\xe5\xb1\xb1",
            b"a=%00",
            long.as_bytes(),
            many.as_bytes(),
        ];
        for body in cases {
            assert_eq!(Fields::parse(body, VALUE_BYTES).err(), Some(Problem::BadRequest), "{}", String::from_utf8_lossy(body));
        }
    }

    #[test]
    fn a_value_is_as_long_as_its_form_allows_however_it_was_written() {
        for value in ["x".repeat(8), "%78".repeat(8), "%E5%B1%B1x%2B%20+%25".to_owned()] {
            let body = format!("a={value}");
            let length = Fields::parse(body.as_bytes(), 64).and_then(|mut fields| fields.take("a")).map(|value| value.len());
            assert_eq!(length, Ok(8), "{value}");
            assert!(Fields::parse(body.as_bytes(), 8).is_ok(), "{value}");
            assert_eq!(Fields::parse(body.as_bytes(), 7).err(), Some(Problem::BadRequest), "{value}");
        }
    }

    #[test]
    fn a_box_is_on_or_absent() {
        let mut fields = Fields::parse(b"yes=on&odd=1", VALUE_BYTES).expect("a form");
        assert_eq!(fields.take_box("yes"), Ok(true));
        assert_eq!(fields.take_box("no"), Ok(false));
        assert_eq!(fields.take_box("odd"), Err(Problem::BadRequest));
    }

    #[test]
    fn only_one_plain_form_type_is_a_form() {
        let with = |types: &[&'static str]| {
            let mut headers = HeaderMap::new();
            for value in types {
                headers.append(CONTENT_TYPE, HeaderValue::from_static(value));
            }
            headers
        };
        for good in ["application/x-www-form-urlencoded", "application/x-www-form-urlencoded; charset=UTF-8"] {
            assert_eq!(check_headers(&with(&[good])), Ok(()));
        }
        let form = "application/x-www-form-urlencoded";
        for bad in [
            &[][..],
            &["text/plain"],
            &["multipart/form-data"],
            &["application/json"],
            &["application/x-www-form-urlencoded; charset=shift_jis"],
            &[form, form],
        ] {
            assert_eq!(check_headers(&with(bad)), Err(Problem::UnsupportedMedia), "{bad:?}");
        }
        let mut packed = with(&[form]);
        packed.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        assert_eq!(check_headers(&packed), Err(Problem::UnsupportedMedia));
    }

    proptest! {
        #[test]
        fn what_is_accepted_reads_the_same_in_form_urlencoded(body in "[a-c=&+%0-9A-F\u{7f}é]{0,40}") {
            if let Ok(fields) = Fields::parse(body.as_bytes(), VALUE_BYTES) {
                let theirs: std::collections::BTreeMap<_, _> = form_urlencoded::parse(body.as_bytes()).collect();
                prop_assert_eq!(fields.0.len(), theirs.len());
                for (name, value) in &fields.0 {
                    prop_assert_eq!(theirs.get(name.as_str()).map(AsRef::as_ref), Some(value.as_str()));
                }
            }
        }

        #[test]
        fn what_form_urlencoded_writes_is_read(pairs in proptest::collection::btree_map("[a-z_]{1,12}", "[^\0]{0,40}", 0..8)) {
            let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(&pairs).finish();
            let fields = Fields::parse(body.as_bytes(), VALUE_BYTES).expect("a form");
            prop_assert_eq!(fields.0.len(), pairs.len());
            for (name, value) in &pairs {
                prop_assert_eq!(fields.0.get(name).map(|value| value.as_str()), Some(value.as_str()));
            }
        }
    }
}
