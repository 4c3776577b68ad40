//! JSON that means one thing only: no key twice in an object, and no deeper than anybody needs.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use super::refusal::{No, Stage};

/// Objects and lists within each other: the members of a request, its variables, and what is in them.
const NESTING_MAX: usize = 34;

/// A JSON object.
pub(super) fn object(bytes: &[u8]) -> Result<Map<String, Value>, No> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value = Strict { left: NESTING_MAX }.deserialize(&mut reader);
    let value = value.and_then(|value| reader.end().map(|()| value));
    match value {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) => Err(No::at(
            Stage::NotWellFormed,
            "expected one JSON object; batches are not served",
        )),
        Err(error) => {
            // What is JSON but says a thing twice is another mistake than what is no JSON.
            let stage = match error.classify() {
                serde_json::error::Category::Data => Stage::NotWellFormed,
                _ => Stage::NotJson,
            };
            let place = format!("line {}, column {}", error.line(), error.column());
            Err(No::at(stage, format!("this is no request ({place})")))
        }
    }
}

/// A value, with how many levels it may still have.
struct Strict {
    left: usize,
}

impl Strict {
    fn below<E: Error>(&self) -> Result<Self, E> {
        let left = self.left.checked_sub(1);
        left.map(|left| Self { left })
            .ok_or_else(|| E::custom("it is nested too deeply"))
    }
}

impl<'de> DeserializeSeed<'de> for Strict {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Value, D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut from: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = from.next_element_seed(self.below()?)? {
            items.push(item);
        }
        Ok(Value::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut from: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some(key) = from.next_key::<String>()? {
            let value = from.next_value_seed(self.below()?)?;
            if object.insert(key, value).is_some() {
                return Err(A::Error::custom("a key stands twice"));
            }
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stage(text: &str) -> Option<Stage> {
        object(text.as_bytes()).err().map(|no| no.stage)
    }

    #[test]
    fn a_key_stands_once_and_nothing_is_bottomless() {
        let text = r#"{"a": [1, -2, 2.5, true, null, "x"], "b": {"a": "\u00e9"}}"#;
        let plain: Value = serde_json::from_str(text).expect("JSON");
        assert_eq!(object(text.as_bytes()).ok().map(Value::Object), Some(plain));
        for twice in [r#"{"a":1,"a":1}"#, r#"{"a":{"b":[{"c":1,"c":2}]}}"#] {
            assert_eq!(stage(twice), Some(Stage::NotWellFormed), "{twice}");
        }
        let nested = |levels: usize| {
            let (open, close) = ("[".repeat(levels), "]".repeat(levels));
            format!("{{\"a\":{open}{close}}}")
        };
        assert_eq!(stage(&nested(NESTING_MAX - 1)), None);
        assert_eq!(stage(&nested(NESTING_MAX + 1)), Some(Stage::NotWellFormed));
        for (text, expected) in [
            ("", Stage::NotJson),
            ("{", Stage::NotJson),
            ("{} {}", Stage::NotJson),
            ("[]", Stage::NotWellFormed),
            ("null", Stage::NotWellFormed),
        ] {
            assert_eq!(stage(text), Some(expected), "{text}");
        }
    }
}
