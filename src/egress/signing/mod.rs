//! How services want to be asked. Letter case, mode of encryption, padding and the like differ from
//! place to place and are data: each dialect reads its own keys of `config::Place::extra`.

mod bearer;
mod cipher;
mod coding;
mod cryptography;
mod national_exchange;
mod session;
mod sm3_sm4;
mod tif;

use std::{fmt, sync::Arc};

use bytes::Bytes;
use reqwest::{
    Method, Url,
    header::{CONTENT_TYPE, HeaderValue},
};
use serde_json::Value;

use crate::config::Place;

use super::{Error, Request};

pub use cryptography::{BadCipher, Cryptography, Mode, Software};

/// A dialect of signing, as descriptions of sources and platforms name it.
pub use crate::catalogue::Signing as Dialect;

impl Dialect {
    fn name(self) -> &'static str {
        match self {
            Self::Bearer => "bearer",
            Self::Tif => "tif",
            Self::NationalExchange => "national_exchange",
            Self::Sm3Sm4 => "sm3_sm4",
        }
    }
}

/// A dialect with what it needs of a place.
#[derive(Debug)]
pub(super) enum Signer {
    Bearer(bearer::Bearer),
    Tif(tif::Tif),
    NationalExchange(Box<national_exchange::NationalExchange>),
    Sm3Sm4(Box<sm3_sm4::Sm3Sm4>),
}

impl Signer {
    pub(super) fn new(
        dialect: Dialect,
        place: &Place,
        cryptography: Arc<dyn Cryptography>,
    ) -> Result<Self, Error> {
        let words = Words {
            dialect: dialect.name(),
            place,
        };
        Ok(match dialect {
            Dialect::Bearer => Self::Bearer(bearer::Bearer::new(&words)?),
            Dialect::Tif => Self::Tif(tif::Tif::new(&words)?),
            Dialect::NationalExchange => Self::NationalExchange(Box::new(
                national_exchange::NationalExchange::new(&words, cryptography)?,
            )),
            Dialect::Sm3Sm4 => Self::Sm3Sm4(Box::new(sm3_sm4::Sm3Sm4::new(&words, cryptography)?)),
        })
    }
}

/// What is asked, before it is signed.
#[derive(Clone)]
pub(super) struct Ask {
    pub(super) method: Method,
    pub(super) url: Url,
    pub(super) body: Option<Value>,
    /// Whether it may be sent again when no answer came.
    pub(super) is_repeatable: bool,
}

impl Ask {
    /// The request with this body instead of its own.
    fn request_with(&self, body: Option<&Value>) -> Request {
        let mut request = Request::new(self.method.clone(), self.url.clone());
        request.is_repeatable = self.is_repeatable;
        if let Some(body) = body {
            request.body = Some(Bytes::from(body.to_string()));
            let json = HeaderValue::from_static("application/json");
            request.headers.insert(CONTENT_TYPE, json);
        }
        request
    }

    fn request(&self) -> Request {
        self.request_with(self.body.as_ref())
    }
}

/// A text that is never shown.
#[derive(Clone)]
struct Secret(String);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// What a place says to a dialect.
struct Words<'a> {
    dialect: &'static str,
    place: &'a Place,
}

impl Words<'_> {
    fn wrong(&self, reason: impl Into<String>) -> Error {
        wrong(self.dialect, reason)
    }

    /// Refuses keys that the dialect does not know.
    fn know(&self, known: &[&str]) -> Result<(), Error> {
        let is_known = |key: &&String| known.contains(&key.as_str());
        match self.place.extra.keys().find(|key| !is_known(key)) {
            None => Ok(()),
            Some(key) => Err(self.wrong(format!(
                "unknown key extra.{key}, expected one of {}",
                known.join(", ")
            ))),
        }
    }

    fn user(&self) -> Result<String, Error> {
        let user = self.place.user.clone();
        user.ok_or_else(|| self.wrong("the key user is missing"))
    }

    fn secret(&self) -> Result<Secret, Error> {
        let secret = self.place.secret.clone().map(Secret);
        secret.ok_or_else(|| self.wrong("the key secret is missing"))
    }

    fn extra(&self, key: &str) -> Option<&str> {
        self.place.extra.get(key).map(String::as_str)
    }

    fn must(&self, key: &str) -> Result<&str, Error> {
        self.extra(key)
            .ok_or_else(|| self.wrong(format!("the key extra.{key} is missing")))
    }

    /// One of these words; the first where nothing is said.
    fn choice<T: Copy>(&self, key: &str, choices: &[(&str, T)]) -> Result<T, Error> {
        let Some(said) = self.extra(key) else {
            return Ok(choices[0].1);
        };
        let chosen = choices.iter().find(|(word, _)| *word == said);
        chosen.map(|(_, choice)| *choice).ok_or_else(|| {
            let expected: Vec<&str> = choices.iter().map(|(word, _)| *word).collect();
            let expected = expected.join(", ");
            self.wrong(format!("extra.{key} must be one of {expected}"))
        })
    }

    /// Whether digests are written in lower case (`letters = "lower"`, the default) or in upper.
    fn letters(&self) -> Result<Letters, Error> {
        self.choice(
            "letters",
            &[("lower", Letters::Lower), ("upper", Letters::Upper)],
        )
    }
}

/// The case of hexadecimal digits.
#[derive(Debug, Clone, Copy)]
enum Letters {
    Lower,
    Upper,
}

impl Letters {
    fn hex(self, bytes: &[u8]) -> String {
        let hex = crate::hex(bytes);
        match self {
            Self::Lower => hex,
            Self::Upper => hex.to_uppercase(),
        }
    }
}

fn wrong(dialect: &'static str, reason: impl Into<String>) -> Error {
    Error::Signing {
        dialect,
        reason: reason.into(),
    }
}

/// Sets a header, marked as one that must not be shown.
fn put(
    request: &mut Request,
    dialect: &'static str,
    name: &'static str,
    value: &str,
) -> Result<(), Error> {
    let value = HeaderValue::from_str(value);
    let mut value =
        value.map_err(|_| wrong(dialect, format!("the header {name} can't hold its value")))?;
    value.set_sensitive(true);
    request.headers.insert(name, value);
    Ok(())
}

/// Random bytes, in hexadecimal.
fn random_hex<const N: usize>(dialect: &'static str) -> Result<String, Error> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| wrong(dialect, error.to_string()))?;
    Ok(crate::hex(&bytes))
}
