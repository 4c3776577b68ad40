//! A token taken apart. Nothing in it is believed yet.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::Algorithm;
use serde::{
    Deserialize, Deserializer,
    de::{self, MapAccess, Visitor},
};
use serde_json::{Map, Value};

use super::Refused;

const TOKEN_BYTES_MAX: usize = 8 * 1_024;
const KEY_ID_CHARS_MAX: usize = 128;
/// A key that a token brings along, or the place of one, is anybody's key.
const KEY_REFERENCES: [&str; 4] = ["jku", "jwk", "x5u", "x5c"];

/// Header and claims as they stand there.
pub(super) struct Token<'a> {
    pub(super) text: &'a str,
    pub(super) typ: String,
    pub(super) algorithm: Algorithm,
    pub(super) key_id: Option<String>,
    pub(super) claims: Map<String, Value>,
}

impl<'a> Token<'a> {
    /// Takes it apart: three parts of base64url, two of them JSON objects without double members.
    pub(super) fn read(text: &'a str) -> Result<Self, Refused> {
        if text.len() > TOKEN_BYTES_MAX {
            return Err(Refused::Length);
        }
        let mut parts = text.split('.');
        let (Some(header), Some(claims), Some(signature), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(Refused::Form);
        };
        // Bytes have one spelling only: no padding, no left-over bits, no white space.
        let bytes = |part: &str| URL_SAFE_NO_PAD.decode(part).map_err(|_| Refused::Form);
        let (header, claims) = (bytes(header)?, bytes(claims)?);
        bytes(signature)?;
        let mut header = members(&header)?;
        if header.contains_key("crit") {
            return Err(Refused::Critical);
        }
        if KEY_REFERENCES.iter().any(|name| header.contains_key(*name)) {
            return Err(Refused::KeyReference);
        }
        let algorithm = match header.get("alg") {
            Some(Value::String(name)) => name.parse().map_err(|_| Refused::Algorithm)?,
            _ => return Err(Refused::Algorithm),
        };
        let Some(Value::String(typ)) = header.remove("typ") else {
            return Err(Refused::Type);
        };
        let key_id = match header.remove("kid") {
            None => None,
            Some(Value::String(id)) if is_key_id(&id) => Some(id),
            Some(_) => return Err(Refused::KeyId),
        };
        Ok(Self {
            text,
            typ,
            algorithm,
            key_id,
            claims: members(&claims)?,
        })
    }
}

/// Whether a text may name a key.
pub(super) fn is_key_id(text: &str) -> bool {
    (1..=KEY_ID_CHARS_MAX).contains(&text.chars().count())
}

fn members(json: &[u8]) -> Result<Map<String, Value>, Refused> {
    serde_json::from_slice::<Members>(json)
        .map(|members| members.0)
        .map_err(|_| Refused::Json)
}

/// A JSON object. Of a double member one reader takes the first and another the last, so that two
/// could believe different things of one token.
struct Members(Map<String, Value>);

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(object: D) -> Result<Self, D::Error> {
        object.deserialize_map(Once)
    }
}

struct Once;

impl<'de> Visitor<'de> for Once {
    type Value = Members;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Members, A::Error> {
        let mut members = Map::new();
        while let Some((name, value)) = object.next_entry()? {
            if members.insert(name, value).is_some() {
                return Err(de::Error::custom("a member stands there twice"));
            }
        }
        Ok(Members(members))
    }
}
