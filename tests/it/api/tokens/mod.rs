//! Which tokens are believed. One that does not verify is refused, always alike, without a reason.

mod algorithms;
mod believed;
mod claims;
mod shapes;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, crypto::sign};
use serde_json::{Map, Value, json};

use crate::support::{KEY, TODAY, moment};

/// The second at which the tests' clocks stand.
fn now() -> i64 {
    moment(TODAY).timestamp()
}

fn header() -> Value {
    json!({ "typ": "at+jwt", "alg": "HS256" })
}

fn claims() -> Value {
    json!({
        "iss": "zhengxin",
        "aud": "zhengxin",
        "sub": "tester",
        "jti": "0123456789abcdef",
        "exp": now() + 600,
        "nbf": now(),
        "iat": now(),
        "role": "GOVERNMENT",
        "divisions": ["440600"],
        "scope": "adhoc",
    })
}

/// An object with another value under a key, or without the key.
fn but(mut object: Value, key: &str, value: Option<Value>) -> Value {
    let map: &mut Map<String, Value> = object.as_object_mut().expect("an object");
    match value {
        Some(value) => drop(map.insert(key.to_owned(), value)),
        None => drop(map.remove(key)),
    }
    object
}

/// A token of these very bytes, signed by a key.
fn signed_raw(header: &str, claims: &str, key: &[u8], algorithm: Algorithm) -> String {
    let message = format!(
        "{}.{}",
        URL_SAFE_NO_PAD.encode(header),
        URL_SAFE_NO_PAD.encode(claims)
    );
    let signature = sign(
        message.as_bytes(),
        &EncodingKey::from_secret(key),
        algorithm,
    )
    .expect("a key signs");
    format!("{message}.{signature}")
}

fn signed(header: &Value, claims: &Value) -> String {
    signed_raw(
        &header.to_string(),
        &claims.to_string(),
        KEY.as_bytes(),
        Algorithm::HS256,
    )
}

fn with_claims(claims: &Value) -> String {
    signed(&header(), claims)
}

/// The values of the `Authorization` headers of one request, and what they are an example of.
struct Vector {
    what: String,
    headers: Vec<Vec<u8>>,
}

/// All that must be refused.
#[derive(Default)]
struct Vectors(Vec<Vector>);

impl Vectors {
    fn token(&mut self, what: impl Into<String>, token: &str) {
        self.header(what, format!("Bearer {token}"));
    }

    fn header(&mut self, what: impl Into<String>, value: impl Into<Vec<u8>>) {
        self.headers(what, vec![value.into()]);
    }

    fn headers(&mut self, what: impl Into<String>, headers: Vec<Vec<u8>>) {
        self.0.push(Vector {
            what: what.into(),
            headers,
        });
    }

    fn claim(&mut self, key: &str, value: Value) {
        let token = with_claims(&but(claims(), key, Some(value.clone())));
        let mut shown = value.to_string();
        shown.truncate(shown.floor_char_boundary(60));
        self.token(format!("{key} is {shown}"), &token);
    }
}
