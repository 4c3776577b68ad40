//! What is no token at all.

use base64::{Engine, engine::general_purpose::STANDARD};
use jsonwebtoken::Algorithm;
use serde_json::json;

use super::{Vectors, but, claims, header, signed_raw, with_claims};
use crate::support::KEY;

pub(super) fn shapes(vectors: &mut Vectors) {
    let raw =
        |header: &str, claims: &str| signed_raw(header, claims, KEY.as_bytes(), Algorithm::HS256);
    let (head, body) = (header().to_string(), claims().to_string());
    for payload in [
        "",
        "{",
        "null",
        "[]",
        "\"x\"",
        "17",
        "{}",
        "\u{feff}{}",
        "{\"role\":\"GOVERNMENT\"}",
    ] {
        vectors.token(format!("the payload {payload:?}"), &raw(&head, payload));
    }
    for header in [
        "",
        "{",
        "null",
        "[]",
        "\"HS256\"",
        "17",
        "{}",
        "{\"typ\":\"at+jwt\"",
    ] {
        vectors.token(format!("the header {header:?}"), &raw(header, &body));
    }
    vectors.token("the payload twice", &raw(&head, &format!("{body}{body}")));
    for (claim, twice) in [
        ("role", "\"COURT\""),
        ("exp", "9999999999"),
        ("sub", "\"other\""),
    ] {
        let payload = format!("{{\"{claim}\":{twice},{}", &body[1..]);
        vectors.token(format!("{claim} twice"), &raw(&head, &payload));
    }
    let good = raw(&head, &body);
    for garbage in [
        "",
        ".",
        "..",
        "...",
        "a",
        "a.b",
        "a.b.c",
        "null",
        "undefined",
        "{}",
        "[object Object]",
        "%00",
        "\\",
        "\"\"",
        "eyJ.eyJ.eyJ",
        "e30.e30.e30",
        "-",
        "==",
        "Bearer",
    ] {
        vectors.token(format!("garbage {garbage:?}"), garbage);
    }
    let parts: Vec<&str> = good.split('.').collect();
    let standard = STANDARD.encode(&body);
    vectors.token(
        "ordinary base64",
        &format!("{}.{standard}.{}", parts[0], parts[2]),
    );
    vectors.token("quoted", &format!("\"{good}\""));
    vectors.token("with a comma", &format!("{good},"));
    vectors.token("two tokens", &format!("{good} {good}"));
    vectors.token("two tokens in a list", &format!("{good}, Bearer {good}"));
    vectors.token("8 KiB and one byte of garbage", &"a".repeat(8_193));
    vectors.token("60 KiB of garbage", &"a".repeat(60_000));
    vectors.token("60 KiB of dots", &".".repeat(60_000));
    let long = with_claims(&but(claims(), "note", Some("n".repeat(8_000).into())));
    vectors.token("a good one that is too long", &long);
    let many = with_claims(&but(
        claims(),
        "divisions",
        Some(json!(vec!["440600"; 1_001])),
    ));
    vectors.token("more divisions than there can be", &many);

    for (what, value) in [
        ("no scheme", good.clone()),
        ("nothing", String::new()),
        ("Bearer alone", "Bearer".to_owned()),
        ("Bearer and a tab", format!("Bearer\t{good}")),
        ("Bearer and a colon", format!("Bearer: {good}")),
        ("Basic", "Basic dXNlcjpwYXNz".to_owned()),
        ("Basic with the token", format!("Basic {good}")),
        ("Token", format!("Token {good}")),
        ("JWT", format!("JWT {good}")),
        ("DPoP", format!("DPoP {good}")),
        ("Bearerer", format!("Bearerer {good}")),
    ] {
        vectors.header(what, value);
    }
    vectors.header(
        "bytes that are no text",
        [b"Bearer ".as_slice(), &[0xFF, 0xFE, 0xE5]].concat(),
    );
    let header = |value: &str| value.as_bytes().to_vec();
    let bearer = format!("Bearer {good}");
    vectors.headers("the header twice", vec![header(&bearer), header(&bearer)]);
    vectors.headers(
        "a good and a bad header",
        vec![header(&bearer), header("Bearer a.b.c")],
    );
    vectors.headers(
        "a bad and a good header",
        vec![header("Basic eA=="), header(&bearer)],
    );
    vectors.headers(
        "an empty and a good header",
        vec![header(""), header(&bearer)],
    );
    vectors.headers(
        "a good and an empty header",
        vec![header(&bearer), header("")],
    );
}
