//! The gateway of 广东省政务服务 (TIF): four `x-tif-*` headers, of which one is the SHA-256 of the
//! time, the token, a nonce and the time again.
//!
//! `user` is the paas id, `secret` the token; `extra.service_id` becomes `x-tif-serviceId`,
//! `extra.letters` is `lower` (default) or `upper`.

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};

use super::{Ask, Error, Letters, Secret, Words, put, random_hex};
use crate::egress::Request;

const NAME: &str = "tif";

#[derive(Debug)]
pub(in crate::egress) struct Tif {
    paas_id: String,
    token: Secret,
    service_id: Option<String>,
    letters: Letters,
}

impl Tif {
    pub(super) fn new(words: &Words<'_>) -> Result<Self, Error> {
        words.know(&["service_id", "letters"])?;
        Ok(Self {
            paas_id: words.user()?,
            token: words.secret()?,
            service_id: words.extra("service_id").map(str::to_owned),
            letters: words.letters()?,
        })
    }

    pub(in crate::egress) fn sign(&self, ask: &Ask, now: DateTime<Utc>) -> Result<Request, Error> {
        let nonce = nonce(now, &random_hex::<8>(NAME)?);
        let timestamp = now.timestamp().to_string();
        let signature = self.signature(&timestamp, &nonce);
        let mut request = ask.request();
        for (name, value) in [
            ("x-tif-paasid", &self.paas_id),
            ("x-tif-timestamp", &timestamp),
            ("x-tif-nonce", &nonce),
            ("x-tif-signature", &signature),
        ] {
            put(&mut request, NAME, name, value)?;
        }
        if let Some(service_id) = &self.service_id {
            put(&mut request, NAME, "x-tif-serviceid", service_id)?;
        }
        Ok(request)
    }

    fn signature(&self, timestamp: &str, nonce: &str) -> String {
        let signed = [timestamp, &self.token.0, nonce, timestamp].concat();
        self.letters.hex(&Sha256::digest(signed))
    }
}

/// Milliseconds, a hyphen and something random, in hexadecimal.
fn nonce(now: DateTime<Utc>, random: &str) -> String {
    format!("{:x}-{random}", now.timestamp_millis())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worked_vector_comes_out() {
        let mut tif = Tif {
            paas_id: "demo".to_owned(),
            token: Secret("demo-token".to_owned()),
            service_id: None,
            letters: Letters::Lower,
        };
        let now = DateTime::from_timestamp(1_700_000_000, 0).expect("a moment");
        let nonce = nonce(now, "1a2b3c");
        assert_eq!(nonce, "18bcfe56800-1a2b3c");
        let signature = tif.signature("1700000000", &nonce);
        assert_eq!(
            signature,
            "9f691d373791aa42ae11229bb61e21d810d5c12259ae9466a41890a45ef74c42"
        );
        tif.letters = Letters::Upper;
        assert_eq!(
            tif.signature("1700000000", &nonce),
            signature.to_uppercase()
        );
        assert!(!format!("{tif:?}").contains("demo-token"));
    }
}
