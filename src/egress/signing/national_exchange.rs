//! The national exchange (全国一体化 国家数据共享交换平台): a handshake gives a secret that expires,
//! and calls are signed with it; all goes by four values named `gjgxjhpt_*`.
//!
//! `user` is the requester (rid), `secret` the appKey; `extra.sid` the service, `extra.handshake` the
//! handshake's path at the same host. The secret comes encrypted with the appKey: see
//! [`Cipher`] for `cipher` (default `aes-128-ecb`), `padding`, `iv` and `key_as`; it is written as
//! `extra.secret_as`, `base64` (default) or `hex`. `extra.refused` are the codes that mean that a
//! secret is no longer good (default `401,403`), `extra.forwarded_for` the address that some
//! deployments want to see in `X-Forwarded-For`.

use std::sync::Arc;

use aws_lc_rs::hmac;
use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::{DateTime, TimeDelta, Utc};
use reqwest::{Method, Url};
use serde_json::{Value, json};
use tokio::sync::Mutex;

use super::{
    Ask, Error, Secret, Words,
    cipher::{CIPHER_KEYS, Cipher},
    coding::Coding,
    cryptography::Cryptography,
    put,
    session::{NAME, Session, code_of},
};
use crate::{
    clock::Clock,
    egress::{Answer, Door, Request},
};

/// A secret is renewed so long before it ends.
const RENEWED_BEFORE: TimeDelta = TimeDelta::minutes(1);
/// Bytes of an answer that may be a refusal; those with rows are longer and not looked into.
const REFUSAL_BYTES_MAX: usize = 4_096;

pub(in crate::egress) struct NationalExchange {
    rid: String,
    sid: String,
    app_key: Secret,
    handshake: Url,
    cipher: Cipher,
    secret_as: Coding,
    refused: Vec<String>,
    forwarded_for: Option<String>,
    cryptography: Arc<dyn Cryptography>,
    session: Mutex<Option<Arc<Session>>>,
}

impl NationalExchange {
    pub(super) fn new(
        words: &Words<'_>,
        cryptography: Arc<dyn Cryptography>,
    ) -> Result<Self, Error> {
        let own = ["sid", "handshake", "secret_as", "refused", "forwarded_for"];
        words.know(&[&own[..], &CIPHER_KEYS[..]].concat())?;
        let app_key = words.secret()?;
        let base = words.place.url.as_deref().unwrap_or_default();
        let handshake = Url::parse(base)
            .and_then(|base| base.join(words.must("handshake").unwrap_or_default()))
            .map_err(|_| Error::Address)?;
        words.must("handshake")?;
        let refused = words.extra("refused").unwrap_or("401,403").split(',');
        Ok(Self {
            rid: words.user()?,
            sid: words.must("sid")?.to_owned(),
            cipher: Cipher::of(words, "aes-128-ecb", &app_key.0)?,
            app_key,
            handshake,
            secret_as: words.choice("secret_as", &Coding::CHOICES)?,
            refused: refused.map(|code| code.trim().to_owned()).collect(),
            forwarded_for: words.extra("forwarded_for").map(str::to_owned),
            cryptography,
            session: Mutex::new(None),
        })
    }

    /// Sends what is asked; where the secret is refused though it should be good, once more with a
    /// new one.
    pub(in crate::egress) async fn send(
        &self,
        door: &Door,
        clock: &Clock,
        ask: &Ask,
    ) -> Result<Answer, Error> {
        let session = self.session(door, clock, None).await?;
        let answer = self.send_with(door, clock, ask, &session).await;
        if !self.is_refusal(&answer) {
            return answer;
        }
        let session = self.session(door, clock, Some(&session)).await?;
        self.send_with(door, clock, ask, &session).await
    }

    async fn send_with(
        &self,
        door: &Door,
        clock: &Clock,
        ask: &Ask,
        session: &Session,
    ) -> Result<Answer, Error> {
        door.send_each(|| self.sign(ask, clock.now(), session))
            .await
    }

    fn sign(&self, ask: &Ask, now: DateTime<Utc>, session: &Session) -> Result<Request, Error> {
        let mut request = ask.request();
        for (name, value) in self.four(now, &session.secret) {
            put(&mut request, NAME, name, &value)?;
        }
        if let Some(address) = &self.forwarded_for {
            put(&mut request, NAME, "x-forwarded-for", address)?;
        }
        Ok(request)
    }

    fn four(&self, now: DateTime<Utc>, key: &[u8]) -> [(&'static str, String); 4] {
        let rtime = now.timestamp_millis().to_string();
        let sign = sign(key, &self.sid, &self.rid, &rtime);
        [
            ("gjgxjhpt_rid", self.rid.clone()),
            ("gjgxjhpt_sid", self.sid.clone()),
            ("gjgxjhpt_rtime", rtime),
            ("gjgxjhpt_sign", sign),
        ]
    }

    fn is_refusal(&self, answer: &Result<Answer, Error>) -> bool {
        let code = match answer {
            Err(Error::Status { status, .. }) => status.to_string(),
            Ok(answer) if answer.body.len() <= REFUSAL_BYTES_MAX => {
                let body = serde_json::from_slice::<Value>(&answer.body);
                body.map_or_else(|_| String::new(), |body| code_of(&body))
            }
            _ => return false,
        };
        self.refused.contains(&code)
    }

    /// The secret that is good now; not the refused one. One handshake serves all who wait for it.
    async fn session(
        &self,
        door: &Door,
        clock: &Clock,
        refused: Option<&Arc<Session>>,
    ) -> Result<Arc<Session>, Error> {
        let mut held = self.session.lock().await;
        let now = clock.now();
        if let Some(session) = held.as_ref() {
            let was_refused = refused.is_some_and(|refused| Arc::ptr_eq(refused, session));
            if !was_refused && now < session.until - RENEWED_BEFORE {
                return Ok(Arc::clone(session));
            }
        }
        let answer = door.send_each(|| {
            let four = self.four(clock.now(), self.app_key.0.as_bytes());
            let four = four.map(|(name, value)| (name.to_owned(), json!(value)));
            let mut ask = Ask {
                method: Method::POST,
                url: self.handshake.clone(),
                body: Some(Value::Object(four.into_iter().collect())),
                is_repeatable: true,
            }
            .request();
            if let Some(address) = &self.forwarded_for {
                put(&mut ask, NAME, "x-forwarded-for", address)?;
            }
            Ok(ask)
        });
        let session = Arc::new(Session::of(
            &answer.await?.body,
            self.secret_as,
            &self.cipher,
            &*self.cryptography,
        )?);
        *held = Some(Arc::clone(&session));
        Ok(session)
    }
}

impl std::fmt::Debug for NationalExchange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("NationalExchange(…)")
    }
}

/// Base64 of the HMAC-SHA256 of service, requester and time.
fn sign(key: &[u8], sid: &str, rid: &str, rtime: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, key);
    let tag = hmac::sign(&key, [sid, rid, rtime].concat().as_bytes());
    STANDARD.encode(tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worked_vector_comes_out() {
        assert_eq!(
            sign(b"demo-app-key", "s_demo", "r_demo", "1700000000000"),
            "7s0ELfBbl3CiSMexSv9T5qUpDhcsH3H+rAteoeHWycA="
        );
    }
}
