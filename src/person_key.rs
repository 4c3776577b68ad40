//! Numbers of natural persons are kept as keyed digests only.

use std::sync::Arc;

use hmac::{Hmac, KeyInit, Mac};
use sm3::Sm3;

/// The key by which numbers of natural persons are digested (HMAC-SM3); it stands outside the
/// database, so that the digests alone give nobody away.
#[derive(Clone)]
pub struct PersonKey(Arc<[u8]>);

impl PersonKey {
    /// A key of these bytes.
    pub fn new(key: &[u8]) -> Self {
        Self(key.into())
    }

    /// The digest of a whole number in its one spelling, in hexadecimal.
    pub fn digest(&self, number: &str) -> String {
        let mut mac = Hmac::<Sm3>::new_from_slice(&self.0).expect("a key of any length is taken");
        mac.update(number.as_bytes());
        crate::hex(&mac.finalize().into_bytes())
    }
}
