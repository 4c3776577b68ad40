//! Public keys, by their ids: from a JWK set (RFC 7517) or from PEM files.

use std::{collections::HashMap, sync::Arc};

use aws_lc_rs::{rsa, signature::RsaPublicKeyComponents};
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use jsonwebtoken::{Algorithm, AlgorithmFamily, DecodingKey};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::token::is_key_id;

const KEYS_MAX: usize = 50;
/// Bits of an RSA modulus.
const RSA_BITS: std::ops::RangeInclusive<usize> = 2_048..=8_192;
/// What stands before the raw key in a SubjectPublicKeyInfo (RFC 5480, RFC 8410).
const SPKI_P256: &[u8] = b"\x30\x59\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07\x03\x42\x00\x04";
const SPKI_P384: &[u8] = b"\x30\x76\x30\x10\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x05\x2b\x81\x04\x00\x22\x03\x62\x00\x04";
const SPKI_ED25519: &[u8] = b"\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00";

/// A public key, and the algorithms that it may verify: those of its family and curve, and where it
/// names one, that one alone.
#[derive(Debug)]
pub(super) struct Key {
    pub(super) verifies: DecodingKey,
    algorithms: Vec<Algorithm>,
}

/// An issuer's keys by their ids.
#[derive(Debug, Default)]
pub(super) struct Keys(HashMap<String, Arc<Key>>);

/// A set that is not used at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum BadSet {
    #[error("it is no JWK set")]
    Json,
    #[error("it has more than {KEYS_MAX} keys")]
    Many,
}

#[derive(Deserialize)]
struct Set {
    keys: Vec<Map<String, Value>>,
}

impl Keys {
    /// Of a JWK set. What is not for verifying signatures, or not understood, is left out; so is an
    /// id that two keys have, for it names neither.
    pub(super) fn of_set(json: &[u8]) -> Result<Self, BadSet> {
        let set: Set = serde_json::from_slice(json).map_err(|_| BadSet::Json)?;
        if set.keys.len() > KEYS_MAX {
            return Err(BadSet::Many);
        }
        let mut keys: HashMap<String, Option<Key>> = HashMap::new();
        for jwk in &set.keys {
            let Some(id) = text(jwk, "kid").filter(|id| is_key_id(id)) else {
                continue;
            };
            keys.entry(id.to_owned())
                .and_modify(|twice| *twice = None)
                .or_insert_with(|| Key::of_jwk(jwk));
        }
        let usable = keys
            .into_iter()
            .filter_map(|(id, key)| Some((id, Arc::new(key?))));
        Ok(Self(usable.collect()))
    }

    /// One more key.
    pub(super) fn insert(&mut self, id: String, key: Key) {
        self.0.insert(id, Arc::new(key));
    }

    /// The key of that very id, if it may verify that algorithm.
    pub(super) fn find(&self, id: &str, algorithm: Algorithm) -> Option<Arc<Key>> {
        let key = self.0.get(id)?;
        key.algorithms.contains(&algorithm).then(|| Arc::clone(key))
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }
}

impl Key {
    fn of_jwk(jwk: &Map<String, Value>) -> Option<Self> {
        let is_for_signatures = jwk.get("use").is_none_or(|purpose| purpose == "sig");
        let may_verify = jwk.get("key_ops").is_none_or(|operations| {
            let operations = operations.as_array();
            operations.is_some_and(|operations| operations.iter().any(|one| one == "verify"))
        });
        // A key whose private half is published is everybody's.
        if !is_for_signatures || !may_verify || jwk.contains_key("d") {
            return None;
        }
        let bytes = |name: &str| URL_SAFE_NO_PAD.decode(text(jwk, name)?).ok();
        let mut key = match (text(jwk, "kty")?, text(jwk, "crv")) {
            ("RSA", _) => Self::rsa(&bytes("n")?, &bytes("e")?),
            ("EC", Some("P-256")) => Self::ec(&bytes("x")?, &bytes("y")?, 32),
            ("EC", Some("P-384")) => Self::ec(&bytes("x")?, &bytes("y")?, 48),
            ("OKP", Some("Ed25519")) => Self::ed25519(&bytes("x")?),
            _ => None,
        }?;
        if let Some(named) = jwk.get("alg") {
            let named: Algorithm = named.as_str()?.parse().ok()?;
            key.algorithms.retain(|algorithm| *algorithm == named);
        }
        Some(key)
    }

    /// Of a PEM file with one public key.
    pub(super) fn of_pem(text: &str) -> Option<Self> {
        let (_, rest) = text.split_once("-----BEGIN PUBLIC KEY-----")?;
        let (base64, _) = rest.split_once("-----END PUBLIC KEY-----")?;
        let base64: String = base64.split_whitespace().collect();
        let info = STANDARD.decode(base64).ok()?;
        if let Some(point) = info.strip_prefix(SPKI_P256) {
            let (x, y) = point.split_at_checked(32)?;
            return Self::ec(x, y, 32);
        }
        if let Some(point) = info.strip_prefix(SPKI_P384) {
            let (x, y) = point.split_at_checked(48)?;
            return Self::ec(x, y, 48);
        }
        if let Some(key) = info.strip_prefix(SPKI_ED25519) {
            return Self::ed25519(key);
        }
        let key = rsa::PublicKey::from_der(&info).ok()?;
        let parts = RsaPublicKeyComponents::<Vec<u8>>::from(&key);
        Self::rsa(&parts.n, &parts.e)
    }

    fn rsa(modulus: &[u8], exponent: &[u8]) -> Option<Self> {
        let first = modulus.iter().position(|byte| *byte != 0)?;
        let modulus = &modulus[first..];
        let bits = modulus.len() * 8 - modulus[0].leading_zeros() as usize;
        RSA_BITS.contains(&bits).then(|| Self {
            verifies: DecodingKey::from_rsa_raw_components(modulus, exponent),
            algorithms: AlgorithmFamily::Rsa.algorithms().to_vec(),
        })
    }

    fn ec(x: &[u8], y: &[u8], bytes: usize) -> Option<Self> {
        let point = [&[4], x, y].concat();
        (x.len() == bytes && y.len() == bytes).then(|| Self {
            verifies: DecodingKey::from_ec_der(&point),
            algorithms: vec![match bytes {
                32 => Algorithm::ES256,
                _ => Algorithm::ES384,
            }],
        })
    }

    fn ed25519(key: &[u8]) -> Option<Self> {
        (key.len() == 32).then(|| Self {
            verifies: DecodingKey::from_ed_der(key),
            algorithms: vec![Algorithm::EdDSA],
        })
    }
}

fn text<'a>(jwk: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    jwk.get(name)?.as_str()
}
