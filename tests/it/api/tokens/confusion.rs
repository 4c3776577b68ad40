//! Keys taken for others: of another kind, another issuer, another purpose, or named by what is no
//! name.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::{Value, json};
use zhengxin::auth::Refused;

use super::{
    Vectors, but,
    signers::{
        ED25519, EDDSA, ES256, FETCHED, FILED, LOCAL, P256, P256_OTHER, P384, RS256, RSA,
        RSA_OTHER, RSA_WEAK_TOKEN, Signer, der, private, published, raw,
    },
};

/// Each key of the fetched set, with each algorithm that it may verify, is believed.
pub(super) fn right_keys(vectors: &mut Vectors) {
    for (key_id, key, algorithm) in [
        ("rsa", RSA.0, Algorithm::RS256),
        ("rsa", RSA.0, Algorithm::PS256),
        ("rsa-rs256", RSA.0, Algorithm::RS256),
        ("p256", P256.0, Algorithm::ES256),
        ("p384", P384.0, Algorithm::ES384),
        ("ed25519", ED25519.0, Algorithm::EdDSA),
    ] {
        let signer = fetched(key_id, key, algorithm);
        let what = format!("{key_id} signs {algorithm:?}");
        vectors.accept(what, &signer.good());
    }
    vectors.accept("a filed key signs", &EDDSA.good());
    vectors.accept("the local key signs", &LOCAL.good());
    let named = but(LOCAL.header(), "kid", Some("local".into()));
    vectors.accept(
        "the local key, by its name",
        &LOCAL.signed(&named, &LOCAL.claims()),
    );
    for (member, value) in [
        ("x5t", json!("YWJj")),
        ("cty", json!("JSON")),
        ("iss", json!("https://elsewhere.example")),
        ("note", json!({ "kid": "other", "alg": "none" })),
    ] {
        let header = but(RS256.header(), member, Some(value.clone()));
        let what = format!("a header {member} {value}, which says nothing to us");
        vectors.accept(what, &RS256.signed(&header, &RS256.claims()));
    }
}

fn fetched(key_id: &'static str, key: &'static str, algorithm: Algorithm) -> Signer {
    Signer {
        key_id: Some(key_id),
        key,
        algorithm,
        ..RS256
    }
}

/// Keys that sign well and must not be believed under that name or with that algorithm.
pub(super) fn wrong_keys(vectors: &mut Vectors) {
    for (key_id, key, algorithm, why) in [
        // In the list of the key's own algorithm, or of the issuer's, it is not.
        ("rsa-rs256", RSA.0, Algorithm::PS256, Refused::Key),
        ("rsa", RSA.0, Algorithm::RS384, Refused::Algorithm),
        ("rsa", RSA.0, Algorithm::RS512, Refused::Algorithm),
        ("rsa", RSA.0, Algorithm::PS384, Refused::Algorithm),
        ("rsa", RSA.0, Algorithm::PS512, Refused::Algorithm),
        // Somebody else's key under a known name.
        ("rsa", RSA_OTHER.0, Algorithm::RS256, Refused::Signature),
        ("rsa", RSA_OTHER.0, Algorithm::PS256, Refused::Signature),
        ("p256", P256_OTHER.0, Algorithm::ES256, Refused::Signature),
        ("ed25519", EDDSA.key, Algorithm::EdDSA, Refused::Signature),
        // A known key under another's name.
        ("p256", RSA.0, Algorithm::RS256, Refused::Key),
        ("p256", P384.0, Algorithm::ES384, Refused::Key),
        ("p256", ED25519.0, Algorithm::EdDSA, Refused::Key),
        ("rsa", P256.0, Algorithm::ES256, Refused::Key),
        ("p384", P256.0, Algorithm::ES256, Refused::Key),
        ("ed25519", P256.0, Algorithm::ES256, Refused::Key),
        // Keys that the set has and nobody may use.
        ("rsa-enc", RSA.0, Algorithm::RS256, Refused::Key),
        ("rsa-oaep", RSA.0, Algorithm::RS256, Refused::Key),
        ("rsa-ops", RSA.0, Algorithm::RS256, Refused::Key),
        ("rsa-private", RSA.0, Algorithm::RS256, Refused::Key),
        ("rsa-empty", RSA.0, Algorithm::RS256, Refused::Key),
        ("twice", RSA.0, Algorithm::RS256, Refused::Key),
        ("twice", P256.0, Algorithm::ES256, Refused::Key),
        ("p256-as-p384", P256.0, Algorithm::ES256, Refused::Key),
        ("p384-as-p256", P384.0, Algorithm::ES384, Refused::Key),
        ("secp256k1", P256.0, Algorithm::ES256, Refused::Key),
        ("p256-alg-rs256", P256.0, Algorithm::ES256, Refused::Key),
        ("p256-alg-rs256", RSA.0, Algorithm::RS256, Refused::Key),
        ("p256-kty-rsa", P256.0, Algorithm::ES256, Refused::Key),
        ("p256-zero", P256.0, Algorithm::ES256, Refused::Signature),
        ("ed448", ED25519.0, Algorithm::EdDSA, Refused::Key),
        ("nothing", RSA.0, Algorithm::RS256, Refused::Key),
        ("2026", EDDSA.key, Algorithm::EdDSA, Refused::Key),
        ("local", RSA.0, Algorithm::RS256, Refused::Key),
        ("17", RSA.0, Algorithm::RS256, Refused::Key),
    ] {
        let token = fetched(key_id, key, algorithm).good();
        vectors.refuse(
            why,
            format!("{algorithm:?} under the name {key_id}"),
            &token,
        );
    }
    vectors.refuse(Refused::Key, "a key of 1,024 bits", RSA_WEAK_TOKEN.trim());

    // One issuer's key for what another would say.
    for (signer, iss, why) in [
        (RS256, FILED, Refused::Type),
        (RS256, "zhengxin", Refused::Algorithm),
        (EDDSA, FETCHED, Refused::Type),
        (EDDSA, "zhengxin", Refused::Type),
        (LOCAL, FETCHED, Refused::Algorithm),
        (LOCAL, FILED, Refused::Type),
    ] {
        let token = signer.with(&but(signer.claims(), "iss", Some(iss.into())));
        vectors.refuse(why, format!("{} for {iss}", signer.name), &token);
    }
    let mixed = Signer {
        typ: "JWT",
        key_id: Some("2026"),
        algorithm: Algorithm::EdDSA,
        key: ED25519.0,
        issuer: FILED,
        ..RS256
    };
    vectors.refuse(
        Refused::Signature,
        "a fetched key under a filed one's name",
        &mixed.good(),
    );
    // A life that only the local key gives.
    let claims = but(RS256.claims(), "exp", Some((super::now() + 43_200).into()));
    vectors.refuse(
        Refused::Life,
        "twelve hours by an identity provider",
        &RS256.with(&claims),
    );
    let claims = but(EDDSA.claims(), "role", Some("GOVERNMENT".into()));
    vectors.refuse(
        Refused::Role,
        "our name where theirs are mapped",
        &EDDSA.with(&claims),
    );
}

/// The public key as the secret of an HMAC, in all its spellings.
pub(super) fn public_keys_as_secrets(vectors: &mut Vectors) {
    for (signer, public) in [
        (RS256, RSA.1),
        (ES256, P256.1),
        (EDDSA, super::signers::ED25519_OTHER.1),
    ] {
        let der = der(public);
        let kid = signer.key_id.expect("these have one");
        let set = published();
        let keys = set["keys"].as_array().expect("a set");
        let jwk = keys.iter().find(|jwk| jwk["kid"] == kid);
        let jwk = jwk.map_or_else(String::new, Value::to_string);
        let modulus = set["keys"][0]["n"].as_str().expect("a modulus").to_owned();
        let secrets: [(&str, Vec<u8>); 8] = [
            ("PEM", public.as_bytes().to_vec()),
            (
                "PEM without its last line end",
                public.trim_end().as_bytes().to_vec(),
            ),
            ("PEM with CRLF", public.replace('\n', "\r\n").into_bytes()),
            ("PEM on one line", public.replace('\n', "").into_bytes()),
            ("DER", der.clone()),
            ("base64 of DER", URL_SAFE_NO_PAD.encode(&der).into_bytes()),
            ("JWK", jwk.into_bytes()),
            (
                "modulus",
                URL_SAFE_NO_PAD.decode(modulus).expect("base64url"),
            ),
        ];
        for (what, secret) in secrets {
            for algorithm in [Algorithm::HS256, Algorithm::HS512] {
                let alg = json!(algorithm);
                let header = but(signer.header(), "alg", Some(alg)).to_string();
                let key = EncodingKey::from_secret(&secret);
                let token = raw(&header, &signer.claims().to_string(), &key, algorithm);
                let what = format!("{}: {algorithm:?} by its {what}", signer.name);
                vectors.refuse(Refused::Algorithm, what, &token);
            }
        }
    }
    // The set's symmetric key, and the local secret under a remote name.
    for key_id in ["oct", "rsa", "local"] {
        let signer = Signer {
            key_id: Some(key_id),
            algorithm: Algorithm::HS256,
            key: LOCAL.key,
            ..RS256
        };
        let what = format!("a secret under the name {key_id}");
        vectors.refuse(Refused::Algorithm, what, &signer.good());
    }
}

/// A `kid` is a name, and nothing else is made of it.
pub(super) fn key_ids(vectors: &mut Vectors) {
    for id in [
        "../../../../dev/null",
        "/dev/null",
        "..\\..\\windows\\win.ini",
        "file:///etc/passwd",
        "https://keys.example/1",
        "http://127.0.0.1:1/jwks",
        "x' UNION SELECT 'secret' --",
        "rsa' OR '1'='1",
        "rsa\"; DROP TABLE revocation; --",
        "rsa|whoami",
        "$(whoami)",
        "`id`",
        "{{7*7}}",
        "${jndi:ldap://x.example/a}",
        "rsa\0",
        "rsa\n",
        "rsa ",
        " rsa",
        "RSA",
        "rsa/../rsa",
        "rsa%00",
        "*",
        "0",
        "__proto__",
        "𝗋𝗌𝖺",
    ] {
        for signer in [RS256, LOCAL] {
            let header = but(signer.header(), "kid", Some(id.into()));
            let token = signer.signed(&header, &signer.claims());
            vectors.refuse(Refused::Key, format!("{}: kid {id:?}", signer.name), &token);
        }
    }
    for id in [
        json!(""),
        json!("k".repeat(129)),
        json!("k".repeat(4_000)),
        json!(null),
        json!(0),
        json!(["rsa"]),
        json!({ "rsa": 1 }),
        json!(true),
    ] {
        for signer in [RS256, LOCAL] {
            let header = but(signer.header(), "kid", Some(id.clone()));
            let token = signer.signed(&header, &signer.claims());
            let mut shown = id.to_string();
            let bytes = shown.len();
            shown.truncate(20);
            let what = format!("{}: kid {shown} of {bytes} bytes", signer.name);
            vectors.refuse(Refused::KeyId, what, &token);
        }
    }
    for signer in [RS256, ES256, EDDSA] {
        let header = but(signer.header(), "kid", None);
        let token = signer.signed(&header, &signer.claims());
        vectors.refuse(Refused::KeyId, format!("{}: no kid", signer.name), &token);
    }
    // ECDSA signatures in another form, and of another curve's length.
    let good = ES256.good();
    let (message, signature) = good.rsplit_once('.').expect("three parts");
    let bytes = URL_SAFE_NO_PAD.decode(signature).expect("base64url");
    let der = [
        &[0x30, 0x44, 0x02, 0x20][..],
        &bytes[..32],
        &[0x02, 0x20],
        &bytes[32..],
    ]
    .concat();
    for (what, bytes) in [
        ("as DER", der),
        (
            "with its halves swapped",
            [&bytes[32..], &bytes[..32]].concat(),
        ),
        ("twice", bytes.repeat(2)),
        ("of zeros (CVE-2022-21449)", vec![0; 64]),
        ("of the longer curve", private_signature(message)),
    ] {
        let token = format!("{message}.{}", URL_SAFE_NO_PAD.encode(bytes));
        vectors.refuse(
            Refused::Signature,
            format!("an ES256 signature {what}"),
            &token,
        );
    }
}

fn private_signature(message: &str) -> Vec<u8> {
    let key = private(P384.0, Algorithm::ES384);
    let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &key, Algorithm::ES384);
    URL_SAFE_NO_PAD
        .decode(signature.expect("a key signs"))
        .expect("base64url")
}
