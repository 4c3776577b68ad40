//! Which tokens are believed. One that does not verify is refused, always alike, without a reason.

mod algorithms;
mod believed;
mod claims;
mod confusion;
mod issuers;
mod keys_fetched;
mod members;
mod revoked;
mod shapes;
mod signers;
mod spellings;

use serde_json::{Map, Value};
use zhengxin::auth::Refused;

use crate::support::{TODAY, moment};

use signers::Signer;

/// The second at which the tests' clocks stand.
fn now() -> i64 {
    moment(TODAY).timestamp()
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

/// What is to become of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Accepted,
    /// For this reason, which the log has.
    Refused(Refused),
    /// By the transport, which reads the header's value for the token's reader.
    RefusedAtDoor,
}

/// The values of the `Authorization` headers of one request, what they are an example of, and what
/// is to become of it.
struct Vector {
    what: String,
    headers: Vec<Vec<u8>>,
    verdict: Verdict,
}

/// The table of tokens.
#[derive(Default)]
struct Vectors(Vec<Vector>);

impl Vectors {
    fn accept(&mut self, what: impl Into<String>, token: &str) {
        let header = format!("Bearer {token}").into_bytes();
        self.push(what, vec![header], Verdict::Accepted);
    }

    fn refuse(&mut self, why: Refused, what: impl Into<String>, token: &str) {
        self.header(why, what, format!("Bearer {token}"));
    }

    fn header(&mut self, why: Refused, what: impl Into<String>, value: impl Into<Vec<u8>>) {
        self.push(what, vec![value.into()], Verdict::Refused(why));
    }

    fn push(&mut self, what: impl Into<String>, headers: Vec<Vec<u8>>, verdict: Verdict) {
        self.0.push(Vector {
            what: what.into(),
            headers,
            verdict,
        });
    }

    /// A good token but for one claim.
    fn claim(&mut self, signer: &Signer, why: Refused, key: &str, value: Value) {
        let token = signer.with(&but(signer.claims(), key, Some(value.clone())));
        let mut shown = value.to_string();
        shown.truncate(shown.floor_char_boundary(60));
        self.refuse(why, format!("{}: {key} is {shown}", signer.name), &token);
    }
}
