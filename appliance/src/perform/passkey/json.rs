//! JSON in which no object has a member twice. serde_json takes the last of two where it keeps them, and does not look into what is
//! skipped: neither for bytes that are no UTF-8 nor for depth.

use sekisho_core::passkey::Flaw;
use serde::de::{DeserializeOwned, Error, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Number, Value};
use std::fmt;

/// Reads all of `bytes` as a `T`: UTF-8 without a byte order mark, nested at most 127 deep (serde_json's own bound).
pub(super) fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Flaw> {
    let Strict(value) = serde_json::from_slice(bytes).map_err(|_| Flaw::Malformed)?;
    serde_json::from_value(value).map_err(|_| Flaw::Malformed)
}

struct Strict(Value);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader).map(Self)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str("JSON without a member that comes twice")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(Strict(value)) = items.next_element()? {
            values.push(value);
        }
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some((name, Strict(value))) = members.next_entry::<String, _>()? {
            if object.insert(name, value).is_some() {
                return Err(A::Error::custom("a member comes twice"));
            }
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_json_is() {
        let text = r#"{"a":[null,true,1,-1,1.5,"x\u3042",{}],"b":{"a":2}}"#;
        assert_eq!(read::<Value>(text.as_bytes()), Ok(serde_json::from_str(text).unwrap()));
    }

    #[test]
    fn refuses_a_member_twice_at_any_depth_and_however_it_is_written() {
        for text in [r#"{"a":1,"a":1}"#, r#"[{"b":{"a":1,"x":2,"a":1}}]"#, r#"{"a":1,"\u0061":1}"#] {
            assert_eq!(read::<Value>(text.as_bytes()), Err(Flaw::Malformed), "{text}");
        }
    }

    #[test]
    fn refuses_what_is_no_utf_8_or_too_deep_even_where_nobody_looks() {
        let nested = |depth: usize| [vec![b'['; depth], vec![b']'; depth]].concat();
        assert!(read::<Value>(&nested(127)).is_ok());
        for bytes in [nested(128), nested(30_000), b"\"\xff\"".to_vec(), b"\xef\xbb\xbf{}".to_vec(), b"{}{}".to_vec()] {
            assert_eq!(read::<serde::de::IgnoredAny>(&bytes).map(drop), Err(Flaw::Malformed));
        }
    }
}
