//! Tokens of other algorithms and types, with other signatures, or with keys of their own.

use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::json;
use zhengxin::auth::Refused;

use super::{
    Vectors, but,
    signers::{LOCAL, Signer, raw},
};
use crate::support::KEY;

pub(super) fn algorithms(vectors: &mut Vectors, signer: &Signer) {
    let name = signer.name;
    let own = format!("{:?}", signer.algorithm);
    for alg in [
        "none", "None", "NONE", "nOnE", "", "hs256", "HS256 ", "HS1", "rs256", "ES256K", "ES512",
        "Ed25519", "dir", "A128KW", "RSA-OAEP", "HS256", "HS384", "HS512", "RS256", "RS512",
        "ES256", "ES384", "EdDSA",
    ] {
        if alg == own {
            continue;
        }
        // Of those that the issuer does sign with, the key decides.
        let fits = |issuer: &str, listed: &[&str]| signer.issuer == issuer && listed.contains(&alg);
        let why = match fits(
            super::signers::FETCHED,
            &["RS256", "ES256", "ES384", "EdDSA"],
        ) {
            true => Refused::Key,
            false => Refused::Algorithm,
        };
        let header = but(signer.header(), "alg", Some(alg.into()));
        let token = signer.signed(&header, &signer.claims());
        vectors.refuse(
            why,
            format!("{name}: alg {alg:?}, signed otherwise"),
            &token,
        );
        let unsigned = token.rsplit_once('.').expect("three parts").0;
        let token = format!("{unsigned}.");
        vectors.refuse(why, format!("{name}: alg {alg:?}, not signed"), &token);
    }
    for alg in [
        json!(null),
        json!(256),
        json!([own]),
        json!({}),
        json!(true),
    ] {
        let header = but(signer.header(), "alg", Some(alg.clone()));
        let token = signer.signed(&header, &signer.claims());
        vectors.refuse(Refused::Algorithm, format!("{name}: alg is {alg}"), &token);
    }
    let token = signer.signed(&but(signer.header(), "alg", None), &signer.claims());
    vectors.refuse(Refused::Algorithm, format!("{name}: no alg"), &token);
}

pub(super) fn types(vectors: &mut Vectors, signer: &Signer) {
    let name = signer.name;
    for typ in [
        "JWT",
        "jwt",
        "at+jwt",
        "AT+JWT",
        "application/at+jwt",
        "at jwt",
        "at+jwt ",
        "",
        "dpop+jwt",
        "id_token",
        "logout+jwt",
        "refresh+jwt",
        "at+jwt, JWT",
    ] {
        if typ == signer.typ {
            continue;
        }
        let header = but(signer.header(), "typ", Some(typ.into()));
        let token = signer.signed(&header, &signer.claims());
        vectors.refuse(Refused::Type, format!("{name}: typ {typ:?}"), &token);
    }
    for typ in [
        Some(json!(null)),
        Some(json!(1)),
        Some(json!([signer.typ])),
        Some(json!({ "at+jwt": true })),
        None,
    ] {
        let header = but(signer.header(), "typ", typ.clone());
        let token = signer.signed(&header, &signer.claims());
        vectors.refuse(Refused::Type, format!("{name}: typ is {typ:?}"), &token);
    }
    for crit in [
        json!(["exp"]),
        json!(["b64"]),
        json!([]),
        json!(null),
        json!("exp"),
        json!({}),
    ] {
        let header = but(signer.header(), "crit", Some(crit.clone()));
        let token = signer.signed(&header, &signer.claims());
        vectors.refuse(Refused::Critical, format!("{name}: crit is {crit}"), &token);
    }
}

pub(super) fn signatures(vectors: &mut Vectors, signer: &Signer) {
    use Refused::{Form, Signature};
    let good = signer.good();
    let (message, signature) = good.rsplit_once('.').expect("three parts");
    let other = signer.with(&but(signer.claims(), "sub", Some("other".into())));
    let (other_message, other_signature) = other.rsplit_once('.').expect("three parts");
    let flipped = if signature.starts_with('A') { "B" } else { "A" };
    let zeros = URL_SAFE_NO_PAD.encode([0; 64]);
    let mut cut = URL_SAFE_NO_PAD.decode(signature).expect("base64url");
    cut.truncate(cut.len() - 3);
    let cut = URL_SAFE_NO_PAD.encode(cut);
    for (why, what, token) in [
        (
            Signature,
            "another token's signature",
            format!("{message}.{other_signature}"),
        ),
        (
            Signature,
            "another token's message",
            format!("{other_message}.{signature}"),
        ),
        (Signature, "no signature", format!("{message}.")),
        (Form, "no third part", message.to_owned()),
        (Signature, "a signature cut off", format!("{message}.{cut}")),
        (
            Signature,
            "a changed signature",
            format!("{message}.{flipped}{}", &signature[1..]),
        ),
        (Signature, "zeros", format!("{message}.{zeros}")),
        (
            Form,
            "a padded signature",
            format!("{message}.{signature}="),
        ),
        (Form, "a fourth part", format!("{good}.{signature}")),
        (Form, "a fourth part that is empty", format!("{good}.")),
        (Form, "a token twice", format!("{good}{good}")),
        (Form, "a part of spaces", format!("{message}. .{signature}")),
    ] {
        vectors.refuse(why, format!("{}: {what}", signer.name), &token);
    }
}

/// Other keys than the local one.
pub(super) fn secrets(vectors: &mut Vectors) {
    for (name, algorithm) in [("HS384", Algorithm::HS384), ("HS512", Algorithm::HS512)] {
        let header = but(LOCAL.header(), "alg", Some(name.into())).to_string();
        let key = EncodingKey::from_secret(KEY.as_bytes());
        let token = raw(&header, &LOCAL.claims().to_string(), &key, algorithm);
        vectors.refuse(
            Refused::Algorithm,
            format!("{name} with the right key"),
            &token,
        );
    }
    for key in [
        "",
        "secret",
        "zhengxin",
        &KEY[1..],
        &format!("{KEY}\n"),
        &KEY.to_uppercase(),
        &KEY.repeat(2),
    ] {
        let key_bytes = EncodingKey::from_secret(key.as_bytes());
        let (header, claims) = (LOCAL.header().to_string(), LOCAL.claims().to_string());
        let token = raw(&header, &claims, &key_bytes, Algorithm::HS256);
        vectors.refuse(Refused::Signature, format!("the secret {key:?}"), &token);
    }
}

/// References to keys are never followed, also where the signature would be good.
pub(super) fn references(vectors: &mut Vectors, signer: &Signer) {
    let foreign = "a key that the token brings along itself";
    for (member, value) in [
        (
            "jwk",
            json!({ "kty": "oct", "k": URL_SAFE_NO_PAD.encode(foreign), "alg": "HS256" }),
        ),
        ("jwk", json!(null)),
        ("jku", json!("https://keys.example/jwks.json")),
        ("jku", json!("file:///etc/passwd")),
        ("x5u", json!("https://keys.example/chain.pem")),
        ("x5c", json!([STANDARD.encode(foreign)])),
        ("x5c", json!([])),
    ] {
        let header = but(signer.header(), member, Some(value.clone()));
        let token = signer.signed(&header, &signer.claims());
        let what = format!("{}: a key of its own by {member} {value}", signer.name);
        vectors.refuse(Refused::KeyReference, what, &token);
    }
}
