//! Tokens of other algorithms and types.

use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use jsonwebtoken::Algorithm;
use serde_json::json;

use super::{Vectors, but, claims, header, signed, signed_raw, with_claims};
use crate::support::KEY;

pub(super) fn algorithms(vectors: &mut Vectors) {
    let good = with_claims(&claims());
    let (message, signature) = good.rsplit_once('.').expect("three parts");
    for alg in [
        "none", "None", "NONE", "nOnE", "", "hs256", "HS256 ", "HS1", "RS256", "PS256", "ES256",
        "EdDSA", "dir", "A128KW", "RSA-OAEP",
    ] {
        let header = but(header(), "alg", Some(alg.into()));
        vectors.token(
            format!("alg {alg:?}, signed as HS256"),
            &signed(&header, &claims()),
        );
        let token = signed(&header, &claims());
        let unsigned = token.rsplit_once('.').expect("three parts").0;
        vectors.token(format!("alg {alg:?}, not signed"), &format!("{unsigned}."));
    }
    for (name, algorithm) in [("HS384", Algorithm::HS384), ("HS512", Algorithm::HS512)] {
        let header = but(header(), "alg", Some(name.into())).to_string();
        let token = signed_raw(&header, &claims().to_string(), KEY.as_bytes(), algorithm);
        vectors.token(format!("{name} with the right key"), &token);
        let token = signed_raw(
            &header,
            &claims().to_string(),
            KEY.as_bytes(),
            Algorithm::HS256,
        );
        vectors.token(format!("{name} that is HS256"), &token);
    }
    for alg in [
        json!(null),
        json!(256),
        json!(["HS256"]),
        json!({}),
        json!(true),
    ] {
        vectors.token(
            format!("alg is {alg}"),
            &signed(&but(header(), "alg", Some(alg.clone())), &claims()),
        );
    }
    vectors.token("no alg", &signed(&but(header(), "alg", None), &claims()));

    for key in [
        "",
        "secret",
        "zhengxin",
        &KEY[1..],
        &format!("{KEY}\n"),
        &KEY.to_uppercase(),
        &KEY.repeat(2),
    ] {
        let token = signed_raw(
            &header().to_string(),
            &claims().to_string(),
            key.as_bytes(),
            Algorithm::HS256,
        );
        vectors.token(format!("the key {key:?}"), &token);
    }
    // References to keys are never followed.
    let foreign = "a key that the token brings along itself";
    for (name, value) in [
        (
            "jwk",
            json!({ "kty": "oct", "k": URL_SAFE_NO_PAD.encode(foreign), "alg": "HS256" }),
        ),
        ("jku", json!("https://keys.example/jwks.json")),
        ("x5u", json!("https://keys.example/chain.pem")),
        ("x5c", json!([STANDARD.encode(foreign)])),
        ("kid", json!("../../../../dev/null")),
        (
            "kid",
            json!("x' UNION SELECT 'a key that the token brings along itself' --"),
        ),
        ("kid", json!("https://keys.example/1")),
        ("kid", json!("k".repeat(4_000))),
    ] {
        let header = but(header(), name, Some(value)).to_string();
        let token = signed_raw(
            &header,
            &claims().to_string(),
            foreign.as_bytes(),
            Algorithm::HS256,
        );
        vectors.token(format!("a key of its own by {name}"), &token);
    }

    let other = with_claims(&but(claims(), "sub", Some("other".into())));
    let foreign_signature = other.rsplit_once('.').expect("three parts").1;
    let flipped = if signature.starts_with('A') { "B" } else { "A" };
    for (what, token) in [
        (
            "another token's signature",
            format!("{message}.{foreign_signature}"),
        ),
        ("no signature", format!("{message}.")),
        ("no third part", message.to_owned()),
        (
            "a signature cut off",
            format!("{message}.{}", &signature[..signature.len() - 4]),
        ),
        (
            "a changed signature",
            format!("{message}.{flipped}{}", &signature[1..]),
        ),
        (
            "a signature with more",
            format!("{message}.{signature}AAAA"),
        ),
        ("a padded signature", format!("{message}.{signature}=")),
        ("a fourth part", format!("{good}.{signature}")),
        ("a fourth part that is empty", format!("{good}.")),
        ("five parts", format!("{message}.{message}.{signature}")),
        ("a token twice", format!("{good}{good}")),
        ("a part of spaces", format!("{message}. .{signature}")),
    ] {
        vectors.token(what, &token);
    }
}

pub(super) fn types(vectors: &mut Vectors) {
    for typ in [
        json!("JWT"),
        json!("jwt"),
        json!("at jwt"),
        json!("at+jwt "),
        json!(""),
        json!("dpop+jwt"),
        json!("id_token"),
        json!("refresh+jwt"),
        json!("at+jwt, JWT"),
        json!(null),
        json!(1),
        json!(["at+jwt"]),
        json!({ "at+jwt": true }),
    ] {
        vectors.token(
            format!("typ is {typ}"),
            &signed(&but(header(), "typ", Some(typ.clone())), &claims()),
        );
    }
    vectors.token("no typ", &signed(&but(header(), "typ", None), &claims()));
    for crit in [
        json!(["exp"]),
        json!(["b64"]),
        json!([]),
        json!(null),
        json!("exp"),
        json!({}),
    ] {
        vectors.token(
            format!("crit is {crit}"),
            &signed(&but(header(), "crit", Some(crit.clone())), &claims()),
        );
    }
}
