//! What the national exchange's handshake gives: a secret, and until when it is good.

use chrono::{DateTime, NaiveDateTime, Utc};
use serde_json::Value;

use super::{Error, cipher::Cipher, coding::Coding, cryptography::Cryptography, wrong};
use crate::egress::error::repeatable_message;

/// The dialect's name in errors.
pub(super) const NAME: &str = "national_exchange";
/// Numbers above this count milliseconds; as seconds they would lie in the year 5138.
const SECONDS_MAX: i64 = 100_000_000_000;

/// A secret until it ends.
pub(super) struct Session {
    pub(super) secret: Vec<u8>,
    pub(super) until: DateTime<Utc>,
}

impl Session {
    /// The secret out of the handshake's answer.
    pub(super) fn of(
        answer: &[u8],
        secret_as: Coding,
        cipher: &Cipher,
        cryptography: &dyn Cryptography,
    ) -> Result<Self, Error> {
        let odd = |what: &str| wrong(NAME, format!("the handshake's answer {what}"));
        let answer: Value =
            serde_json::from_slice(answer).map_err(|_| odd("is no JSON document"))?;
        let code = code_of(&answer);
        if code != "0" {
            let message = answer.pointer("/message").and_then(Value::as_str);
            let message = repeatable_message(message.unwrap_or("no message"));
            let code = repeatable_message(&code);
            return Err(odd(&format!("says code {code} ({message})")));
        }
        let secret = answer.pointer("/data/secret").and_then(Value::as_str);
        let secret = secret.ok_or_else(|| odd("has no data.secret"))?;
        let secret = secret_as.read(secret);
        let secret =
            secret.ok_or_else(|| odd("has a secret that is not as extra.secret_as says"))?;
        let secret = cipher.decrypt(&secret, cryptography);
        let until = answer.pointer("/data/secretEndTime").and_then(moment);
        Ok(Self {
            secret: secret.map_err(|error| wrong(NAME, error.to_string()))?,
            until: until.ok_or_else(|| odd("has no data.secretEndTime that is a time"))?,
        })
    }
}

/// The code that an answer says, as text.
pub(super) fn code_of(answer: &Value) -> String {
    match answer.pointer("/code") {
        Some(Value::String(code)) => code.clone(),
        Some(code) => code.to_string(),
        None => String::new(),
    }
}

/// A time in milliseconds or seconds, as a number or its text, or written out in China's time.
fn moment(value: &Value) -> Option<DateTime<Utc>> {
    let text = value.as_str().map(str::trim);
    let number = value.as_i64().or_else(|| text?.parse().ok());
    match number {
        Some(ms) if ms > SECONDS_MAX => DateTime::from_timestamp_millis(ms),
        Some(s) => DateTime::from_timestamp(s, 0),
        None => NaiveDateTime::parse_from_str(text?, "%Y-%m-%d %H:%M:%S")
            .ok()?
            .and_local_timezone(domain::date::china_offset())
            .single()
            .map(|moment| moment.to_utc()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_end_of_a_secret_is_read_in_its_forms() {
        let end = DateTime::from_timestamp(1_700_000_000, 0);
        for said in [
            json!(1_700_000_000_000_i64),
            json!("1700000000000"),
            json!(1_700_000_000),
            json!("2023-11-15 06:13:20"),
        ] {
            assert_eq!(moment(&said), end, "{said}");
        }
        assert_eq!(moment(&json!("tomorrow")), None);
        assert_eq!(moment(&json!(null)), None);
        assert_eq!(moment(&json!(i64::MAX)), None);
    }
}
