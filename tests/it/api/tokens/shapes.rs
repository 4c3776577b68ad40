//! What is no token at all.

use base64::{Engine, engine::general_purpose::STANDARD};
use zhengxin::auth::Refused;

use super::{Vectors, Verdict, but, signers::Signer};

pub(super) fn shapes(vectors: &mut Vectors, signer: &Signer) {
    let (head, body) = (signer.header().to_string(), signer.claims().to_string());
    let name = signer.name;
    for payload in [
        "",
        "{",
        "null",
        "[]",
        "\"x\"",
        "17",
        "\u{feff}{}",
        "{\"role\":\"GOVERNMENT\",}",
        "{'role':'GOVERNMENT'}",
        "{} {}",
    ] {
        let token = signer.signed_raw(&head, payload);
        vectors.refuse(
            Refused::Json,
            format!("{name}: the payload {payload:?}"),
            &token,
        );
    }
    for payload in ["{}", "{\"role\":\"GOVERNMENT\"}"] {
        let token = signer.signed_raw(&head, payload);
        vectors.refuse(
            Refused::Claims,
            format!("{name}: the payload {payload}"),
            &token,
        );
    }
    for header in [
        "",
        "{",
        "null",
        "[]",
        "\"HS256\"",
        "17",
        "{\"typ\":\"at+jwt\"",
    ] {
        let token = signer.signed_raw(header, &body);
        vectors.refuse(
            Refused::Json,
            format!("{name}: the header {header:?}"),
            &token,
        );
    }
    let token = signer.signed_raw("{}", &body);
    vectors.refuse(
        Refused::Algorithm,
        format!("{name}: an empty header"),
        &token,
    );
    let token = signer.signed_raw(&head, &format!("{body}{body}"));
    vectors.refuse(Refused::Json, format!("{name}: the payload twice"), &token);
    for (claim, twice) in [
        ("role", "\"COURT\""),
        ("role", "\"GOVERNMENT\""),
        ("exp", "9999999999"),
        ("sub", "\"other\""),
        ("\\u0072ole", "\"COURT\""),
    ] {
        let payload = format!("{{\"{claim}\":{twice},{}", &body[1..]);
        let token = signer.signed_raw(&head, &payload);
        vectors.refuse(
            Refused::Json,
            format!("{name}: {claim} {twice} twice"),
            &token,
        );
    }
    for (member, twice) in [
        ("alg", "\"none\""),
        ("typ", "\"at+jwt\""),
        ("\\u0061lg", "\"none\""),
    ] {
        let header = format!("{{\"{member}\":{twice},{}", &head[1..]);
        let token = signer.signed_raw(&header, &body);
        vectors.refuse(
            Refused::Json,
            format!("{name}: {member} {twice} twice"),
            &token,
        );
    }
    let deep = format!(
        "{{\"note\":{}1{},{}",
        "[".repeat(1_000),
        "]".repeat(1_000),
        &body[1..]
    );
    let token = signer.signed_raw(&head, &deep);
    vectors.refuse(Refused::Json, format!("{name}: lists in lists"), &token);
    let long = signer.with(&but(
        signer.claims(),
        "note",
        Some("n".repeat(8_000).into()),
    ));
    vectors.refuse(
        Refused::Length,
        format!("{name}: a good one that is too long"),
        &long,
    );

    let good = signer.good();
    let parts: Vec<&str> = good.split('.').collect();
    let standard = STANDARD.encode(format!("{body}   "));
    let token = format!("{}.{standard}=.{}", parts[0], parts[2]);
    vectors.refuse(Refused::Form, format!("{name}: ordinary base64"), &token);
    // A token in a token, and one as claims (RFC 7519, 5.2).
    let nested = signer.signed_raw(&head, &good);
    vectors.refuse(
        Refused::Json,
        format!("{name}: a token in a token"),
        &nested,
    );
    let quoted = signer.signed_raw(&head, &format!("{good:?}"));
    vectors.refuse(
        Refused::Json,
        format!("{name}: a token as a text in a token"),
        &quoted,
    );
    let encrypted = format!("{good}.{}.{}", parts[0], parts[2]);
    vectors.refuse(
        Refused::Form,
        format!("{name}: five parts, as JWE has"),
        &encrypted,
    );
}

/// What has nothing to do with who signs.
pub(super) fn no_tokens(vectors: &mut Vectors, signer: &Signer) {
    let good = signer.good();
    for garbage in [
        "",
        "a",
        "a.b",
        "null",
        "undefined",
        "{}",
        "[object Object]",
        "%00",
        "\\",
        "\"\"",
        "-",
        "==",
        "Bearer",
        "...",
        "a.b.c",
        &format!("\"{good}\""),
        &format!("{good},"),
        &format!("{good} {good}"),
        &format!("{good}, Bearer {good}"),
        &format!("{good}\u{a0}"),
    ] {
        vectors.refuse(Refused::Form, format!("garbage {garbage:?}"), garbage);
    }
    for garbage in [".", "a.", ".a", "eyJ.eyJ.eyJ"] {
        vectors.refuse(Refused::Form, format!("garbage {garbage:?}"), garbage);
    }
    for garbage in ["..", "e30x.e30x.e30x"] {
        vectors.refuse(Refused::Json, format!("garbage {garbage:?}"), garbage);
    }
    vectors.refuse(Refused::Algorithm, "three empty objects", "e30.e30.e30");
    for (what, garbage) in [
        ("8 KiB and one byte of garbage", "a".repeat(8_193)),
        ("60 KiB of garbage", "a".repeat(60_000)),
        ("60 KiB of dots", ".".repeat(60_000)),
    ] {
        vectors.refuse(Refused::Length, what, &garbage);
    }
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
        vectors.header(Refused::Scheme, what, value);
    }
    let header = |value: &str| value.as_bytes().to_vec();
    let bearer = format!("Bearer {good}");
    for (what, headers) in [
        (
            "bytes that are no text",
            vec![[b"Bearer ".as_slice(), &[0xFF, 0xFE, 0xE5]].concat()],
        ),
        ("the header twice", vec![header(&bearer), header(&bearer)]),
        (
            "a good and a bad header",
            vec![header(&bearer), header("Bearer a.b.c")],
        ),
        (
            "a bad and a good header",
            vec![header("Basic eA=="), header(&bearer)],
        ),
        (
            "an empty and a good header",
            vec![header(""), header(&bearer)],
        ),
        (
            "a good and an empty header",
            vec![header(&bearer), header("")],
        ),
    ] {
        vectors.push(what, headers, Verdict::RefusedAtDoor);
    }
    for code in ["999999", "440604010999"] {
        let claims = but(signer.claims(), "divisions", Some(vec![code].into()));
        let header = format!("Bearer {}", signer.with(&claims)).into_bytes();
        let what = format!("a division that does not exist, {code}");
        vectors.push(what, vec![header], Verdict::RefusedAtDoor);
    }
}
