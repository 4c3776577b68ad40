//! Those who sign tokens in the tests: the hub itself, and two identity providers.

use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use jsonwebtoken::{Algorithm, AlgorithmFamily, EncodingKey, crypto::sign, jwk::Jwk};
use serde_json::{Value, json};
use zhengxin::config::{self, Issuer};

use super::now;
use crate::support::KEY;

/// The issuer whose keys are fetched, and the one whose keys lie in files.
pub(super) const FETCHED: &str = "https://id.example";
pub(super) const FILED: &str = "https://court.example/realms/one";

macro_rules! keys {
    ($($name:ident = $file:literal),+ $(,)?) => {
        $(pub(super) const $name: (&str, &str) = (
            include_str!(concat!("keys/", $file, ".pem")),
            include_str!(concat!("keys/", $file, ".pub.pem")),
        );)+
    };
}

keys! {
    RSA = "rsa",
    RSA_OTHER = "rsa_other",
    P256 = "p256",
    P256_OTHER = "p256_other",
    P384 = "p384",
    ED25519 = "ed25519",
    ED25519_OTHER = "ed25519_other",
}
pub(super) const RSA_WEAK_PUBLIC: &str = include_str!("keys/rsa_weak.pub.pem");
pub(super) const RSA_WEAK_TOKEN: &str = include_str!("keys/rsa_weak.token");

/// What a PEM holds.
pub(super) fn der(pem: &str) -> Vec<u8> {
    let lines = pem.lines().filter(|line| !line.starts_with("-----"));
    STANDARD.decode(lines.collect::<String>()).expect("a PEM")
}

/// A private key for an algorithm.
pub(super) fn private(pem: &str, algorithm: Algorithm) -> EncodingKey {
    let der = der(pem);
    match algorithm.family() {
        AlgorithmFamily::Rsa => EncodingKey::from_rsa_der(&der),
        AlgorithmFamily::Ec => EncodingKey::from_ec_der(&der),
        AlgorithmFamily::Ed => EncodingKey::from_ed_der(&der),
        AlgorithmFamily::Hmac => panic!("no PEM is a secret"),
    }
}

/// A public key as a JWK with an id, and with whatever else stands in it.
pub(super) fn jwk(key: (&str, &str), algorithm: Algorithm, id: &str, more: &Value) -> Value {
    let jwk = Jwk::from_encoding_key(&private(key.0, algorithm), algorithm).expect("a public key");
    let mut jwk = serde_json::to_value(jwk).expect("it is JSON");
    let members = jwk.as_object_mut().expect("an object");
    members.remove("alg");
    members.insert("kid".to_owned(), id.into());
    for (name, value) in more.as_object().expect("an object") {
        members.insert(name.clone(), value.clone());
    }
    jwk
}

/// The modulus and exponent of the weak key, which the library would not read.
fn weak_jwk() -> Value {
    // SubjectPublicKeyInfo of 1,024 bits: the modulus begins after 29 bytes and a zero.
    let info = der(RSA_WEAK_PUBLIC);
    let modulus = &info[29..29 + 128];
    assert!(
        modulus[0] >= 0x80 && info.ends_with(&[2, 3, 1, 0, 1]),
        "of 1,024 bits"
    );
    json!({ "kty": "RSA", "kid": "rsa-weak", "n": URL_SAFE_NO_PAD.encode(modulus), "e": "AQAB" })
}

/// What the first issuer publishes: good keys, and all kinds that must not be used.
pub(super) fn published() -> Value {
    let none = json!({});
    json!({ "keys": [
        jwk(RSA, Algorithm::RS256, "rsa", &none),
        jwk(RSA, Algorithm::RS256, "rsa-rs256", &json!({ "alg": "RS256", "use": "sig" })),
        jwk(P256, Algorithm::ES256, "p256", &json!({ "key_ops": ["verify"], "x5t": "abc" })),
        jwk(P384, Algorithm::ES384, "p384", &none),
        jwk(ED25519, Algorithm::EdDSA, "ed25519", &json!({ "alg": "EdDSA" })),
        jwk(RSA, Algorithm::RS256, "rsa-enc", &json!({ "use": "enc" })),
        jwk(RSA, Algorithm::RS256, "rsa-oaep", &json!({ "alg": "RSA-OAEP" })),
        jwk(RSA, Algorithm::RS256, "rsa-ops", &json!({ "key_ops": ["encrypt"] })),
        jwk(RSA, Algorithm::RS256, "rsa-private", &json!({ "d": "AQAB" })),
        jwk(RSA, Algorithm::RS256, "twice", &none),
        jwk(P256, Algorithm::ES256, "twice", &none),
        jwk(P256, Algorithm::ES256, "p256-as-p384", &json!({ "crv": "P-384" })),
        jwk(P384, Algorithm::ES384, "p384-as-p256", &json!({ "crv": "P-256" })),
        jwk(P256, Algorithm::ES256, "secp256k1", &json!({ "crv": "secp256k1" })),
        jwk(P256, Algorithm::ES256, "p256-alg-rs256", &json!({ "alg": "RS256" })),
        jwk(P256, Algorithm::ES256, "p256-kty-rsa", &json!({ "kty": "RSA" })),
        jwk(ED25519, Algorithm::EdDSA, "ed448", &json!({ "crv": "Ed448" })),
        { "kty": "oct", "kid": "oct", "k": URL_SAFE_NO_PAD.encode(KEY), "alg": "HS256" },
        { "kty": "RSA", "kid": "rsa-empty", "n": "", "e": "AQAB" },
        { "kty": "EC", "kid": "p256-zero", "crv": "P-256",
          "x": URL_SAFE_NO_PAD.encode([0; 32]), "y": URL_SAFE_NO_PAD.encode([0; 32]) },
        { "kty": "RSA", "kid": 17 },
        { "kid": "nothing" },
        weak_jwk(),
    ] })
}

/// One who signs.
#[derive(Debug, Clone, Copy)]
pub(super) struct Signer {
    pub(super) name: &'static str,
    pub(super) issuer: &'static str,
    pub(super) typ: &'static str,
    pub(super) role: &'static str,
    pub(super) key_id: Option<&'static str>,
    pub(super) algorithm: Algorithm,
    /// A PEM, or for HS256 the secret itself.
    pub(super) key: &'static str,
    pub(super) life_s_max: i64,
}

pub(super) const LOCAL: Signer = Signer {
    name: "local",
    issuer: "zhengxin",
    typ: "at+jwt",
    role: "GOVERNMENT",
    key_id: None,
    algorithm: Algorithm::HS256,
    key: KEY,
    life_s_max: 43_200,
};

pub(super) const RS256: Signer = Signer {
    name: "fetched RSA key",
    issuer: FETCHED,
    key_id: Some("rsa"),
    algorithm: Algorithm::RS256,
    key: RSA.0,
    life_s_max: 3_600,
    ..LOCAL
};

pub(super) const ES256: Signer = Signer {
    name: "fetched P-256 key",
    key_id: Some("p256"),
    algorithm: Algorithm::ES256,
    key: P256.0,
    ..RS256
};

/// Signs with a key that lies in a file, has a type and names for roles of its own, and lives
/// shortly.
pub(super) const EDDSA: Signer = Signer {
    name: "filed Ed25519 key",
    issuer: FILED,
    typ: "JWT",
    role: "政府",
    key_id: Some("2026"),
    algorithm: Algorithm::EdDSA,
    key: ED25519_OTHER.0,
    life_s_max: 900,
};

impl Signer {
    pub(super) fn header(&self) -> Value {
        let mut header = json!({ "typ": self.typ, "alg": self.algorithm });
        if let Some(id) = self.key_id {
            header["kid"] = id.into();
        }
        header
    }

    pub(super) fn claims(&self) -> Value {
        json!({
            "iss": self.issuer,
            "aud": "zhengxin",
            "sub": "tester",
            "jti": "0123456789abcdef",
            "exp": now() + 600,
            "nbf": now(),
            "iat": now(),
            "role": self.role,
            "divisions": ["440600"],
            "scope": "adhoc",
        })
    }

    pub(super) fn private(&self) -> EncodingKey {
        match self.algorithm.family() {
            AlgorithmFamily::Hmac => EncodingKey::from_secret(self.key.as_bytes()),
            _ => private(self.key, self.algorithm),
        }
    }

    /// A token of these very bytes.
    pub(super) fn signed_raw(&self, header: &str, claims: &str) -> String {
        raw(header, claims, &self.private(), self.algorithm)
    }

    pub(super) fn signed(&self, header: &Value, claims: &Value) -> String {
        self.signed_raw(&header.to_string(), &claims.to_string())
    }

    pub(super) fn with(&self, claims: &Value) -> String {
        self.signed(&self.header(), claims)
    }

    pub(super) fn good(&self) -> String {
        self.with(&self.claims())
    }
}

/// A token of these very bytes, signed by any key.
pub(super) fn raw(header: &str, claims: &str, key: &EncodingKey, algorithm: Algorithm) -> String {
    let message = format!(
        "{}.{}",
        URL_SAFE_NO_PAD.encode(header),
        URL_SAFE_NO_PAD.encode(claims)
    );
    let signature = sign(message.as_bytes(), key, algorithm).expect("a key signs");
    format!("{message}.{signature}")
}

/// An issuer as the configuration has it, its keys still to be said.
pub(super) fn issuer(name: &str, algorithms: &str) -> Issuer {
    let text = format!("issuer = {name:?}\naudience = \"zhengxin\"\nalgorithms = {algorithms}\n");
    toml::from_str(&text).expect("an issuer")
}

/// The configuration that believes all of the above; `jwks_url` is where the first one publishes.
pub(super) fn believing(auth: &mut config::Auth, jwks_url: String, folder: &std::path::Path) {
    let key = folder.join("2026.pem");
    std::fs::write(&key, ED25519_OTHER.1).expect("the folder is ours");
    let local = auth.local.as_mut().expect("the tests have a local key");
    local.beside_issuers = true;
    auth.issuers = vec![
        Issuer {
            jwks_url: Some(jwks_url),
            allow: vec!["127.0.0.0/8".to_owned()],
            ..issuer(FETCHED, r#"["RS256", "PS256", "ES256", "ES384", "EdDSA"]"#)
        },
        Issuer {
            typ: "JWT".to_owned(),
            keys: [("2026".to_owned(), key)].into(),
            life_minutes_max: 15.try_into().expect("not zero"),
            roles: [
                ("政府".to_owned(), "GOVERNMENT".to_owned()),
                ("法院".to_owned(), "COURT".to_owned()),
            ]
            .into(),
            ..issuer(FILED, r#"["EdDSA"]"#)
        },
    ];
}

/// A part of a token.
pub(super) fn encoded(json: &str) -> String {
    URL_SAFE_NO_PAD.encode(json)
}
