//! A vendor of court data: the body goes and comes encrypted with SM4, and a token is the SM3 digest
//! of key, time, secret and plain body.
//!
//! `user` is the appKey, `secret` the secret; `extra.cipher_key` the key of the cipher (`cipher`,
//! default `sm4-ecb`, and its other keys: see [`Cipher`]); `extra.body_as` is `base64` (default) or
//! `hex`, `extra.letters` `lower` (default) or `upper`.

use std::sync::Arc;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use reqwest::Method;
use serde_json::{Value, json};

use super::{
    Ask, Error, Letters, Secret, Words,
    cipher::{CIPHER_KEYS, Cipher},
    coding::Coding,
    cryptography::Cryptography,
    random_hex, wrong,
};
use crate::egress::Request;

const NAME: &str = "sm3_sm4";

pub(in crate::egress) struct Sm3Sm4 {
    app_key: String,
    secret: Secret,
    cipher: Cipher,
    body_as: Coding,
    letters: Letters,
    cryptography: Arc<dyn Cryptography>,
}

impl Sm3Sm4 {
    pub(super) fn new(
        words: &Words<'_>,
        cryptography: Arc<dyn Cryptography>,
    ) -> Result<Self, Error> {
        let own = ["cipher_key", "body_as", "letters"];
        words.know(&[&own[..], &CIPHER_KEYS[..]].concat())?;
        Ok(Self {
            app_key: words.user()?,
            secret: words.secret()?,
            cipher: Cipher::of(words, "sm4-ecb", words.must("cipher_key")?)?,
            body_as: words.choice("body_as", &Coding::CHOICES)?,
            letters: words.letters()?,
            cryptography,
        })
    }

    pub(in crate::egress) fn sign(&self, ask: &Ask, now: DateTime<Utc>) -> Result<Request, Error> {
        if ask.method != Method::POST {
            return Err(wrong(
                NAME,
                "it asks with a body, so the method must be post",
            ));
        }
        let plain = ask
            .body
            .as_ref()
            .map_or_else(|| "{}".to_owned(), Value::to_string);
        let packed = self.cipher.encrypt(plain.as_bytes(), &*self.cryptography);
        let packed = packed.map_err(|error| wrong(NAME, error.to_string()))?;
        let timestamp = now.timestamp_millis().to_string();
        let body = json!({
            "requestHeader": {
                "appKey": self.app_key,
                "timestamp": timestamp,
                "token": self.token(&timestamp, &plain),
                "signType": "SM3",
                "requestId": random_hex::<16>(NAME)?,
                "encryption": self.cipher.family(),
            },
            "requestBody": self.body_as.write(&packed),
        });
        Ok(ask.request_with(Some(&body)))
    }

    fn token(&self, timestamp: &str, plain: &str) -> String {
        let signed = [&self.app_key, timestamp, &self.secret.0, plain].concat();
        self.letters.hex(&self.cryptography.sm3(signed.as_bytes()))
    }

    /// The answer with its `data` decrypted in its place; where there is none, it is an error that
    /// speaks for itself.
    pub(in crate::egress) fn open(&self, body: Bytes) -> Result<Bytes, Error> {
        let odd = |what: &str| wrong(NAME, format!("the answer {what}"));
        let answer = serde_json::from_slice::<Value>(&body);
        let mut answer = answer.map_err(|_| odd("is no JSON document"))?;
        let Some(Value::String(packed)) = answer.get("data") else {
            return Ok(body);
        };
        if packed.is_empty() {
            return Ok(body);
        }
        let packed = self.body_as.read(packed);
        let packed =
            packed.ok_or_else(|| odd("has data that is not written as extra.body_as says"))?;
        let plain = self.cipher.decrypt(&packed, &*self.cryptography);
        let plain = plain.map_err(|error| wrong(NAME, error.to_string()))?;
        let plain = serde_json::from_slice(&plain);
        answer["data"] = plain.map_err(|_| odd("decrypts to no JSON document"))?;
        Ok(Bytes::from(answer.to_string()))
    }
}

impl std::fmt::Debug for Sm3Sm4 {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sm3Sm4(…)")
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::{config::Place, egress::Software};

    #[test]
    fn the_worked_vector_comes_out() {
        let place = Place {
            user: Some("demo-key".to_owned()),
            secret: Some("demo-secret".to_owned()),
            extra: BTreeMap::from([("cipher_key".to_owned(), "0123456789abcdef".to_owned())]),
            ..Place::default()
        };
        let words = Words {
            dialect: NAME,
            place: &place,
        };
        let sm = Sm3Sm4::new(&words, Arc::new(Software)).expect("all is said");
        assert_eq!(
            sm.token("1700000000000", r#"{"pageNo":1}"#),
            "6eaf403fc397e31723b10254aa61261178ab28dda11f50fb783e0b1c5f2b5253"
        );
        assert!(!format!("{sm:?}").contains("demo"));
    }
}
