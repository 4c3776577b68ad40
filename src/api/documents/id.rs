//! Names of documents: what their exact text hashes to.

use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::api::{asked::Asked, refusal::No};

/// SHA-256 of a document's exact text.
pub(in crate::api) type Id = [u8; 32];

/// What stands before the digits, to tell how they were made.
pub(super) const PREFIX: &str = "sha256:";

pub(super) fn of(text: &str) -> Id {
    Sha256::digest(text).into()
}

/// Sixty-four digits, in lower case as everywhere else: one document has one name.
pub(super) fn parse(hex: &str) -> Option<Id> {
    let digits = hex.as_bytes();
    let value = |digit: u8| match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    };
    let mut id = Id::default();
    if digits.len() != 2 * id.len() {
        return None;
    }
    for (byte, pair) in id.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = value(pair[0])? << 4 | value(pair[1])?;
    }
    Some(id)
}

/// Which document a request names, in the form of the specification's draft or in the older one.
/// None where it names none; `Some(None)` where no document can have that name.
pub(super) fn stated(asked: &Asked) -> Result<Option<Option<Id>>, No> {
    let of_draft = asked
        .document_id
        .as_deref()
        .map(|name| name.strip_prefix(PREFIX).and_then(parse));
    let older = asked
        .extensions
        .as_ref()
        .and_then(|extensions| extensions.get("persistedQuery"))
        .filter(|older| !older.is_null());
    let older = match older {
        None => None,
        Some(older) => match (&older["version"], &older["sha256Hash"]) {
            (Value::Null, Value::String(hex)) => Some(parse(hex)),
            (version, Value::String(hex)) if *version == 1 => Some(parse(hex)),
            _ => {
                let message = "extensions.persistedQuery: expected version 1 and sha256Hash";
                return Err(No::invalid(message));
            }
        },
    };
    match (of_draft, older) {
        (Some(one), Some(other)) if one != other => {
            Err(No::invalid("the request names two documents"))
        }
        (one, other) => Ok(one.or(other)),
    }
}
