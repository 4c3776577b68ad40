//! Which tokens are believed. One that does not verify is refused, always alike, without a reason.

use std::collections::BTreeSet;

use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use domain::viewer::Role;
use jsonwebtoken::{Algorithm, EncodingKey, crypto::sign};
use reqwest::header::{AUTHORIZATION, HeaderValue};
use serde_json::{Map, Value, json};

use super::{Reply, Wire, known_roles, text};
use crate::support::{Db, Hub, KEY, TODAY, made, moment};

const QUERY: &str = "{ viewer { subject role divisions { code } agency { uscc } scopes } }";

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

fn algorithms(vectors: &mut Vectors) {
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

fn types(vectors: &mut Vectors) {
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

fn claims_of_all_types(vectors: &mut Vectors) {
    let required = ["iss", "aud", "sub", "jti", "exp", "nbf", "iat", "role"];
    for key in required {
        vectors.token(format!("no {key}"), &with_claims(&but(claims(), key, None)));
    }
    let values = [
        json!(null),
        json!(true),
        json!(17),
        json!(1.5),
        json!("17"),
        json!(["17"]),
        json!({ "17": 17 }),
    ];
    for key in ["exp", "nbf", "iat"] {
        for value in values.iter().filter(|value| !value.is_i64()) {
            vectors.claim(key, value.clone());
        }
    }
    for key in ["iss", "aud", "sub", "jti", "role", "scope"] {
        for value in values.iter().filter(|value| !value.is_string()) {
            vectors.claim(key, value.clone());
        }
    }
    for value in values
        .iter()
        .filter(|value| !value.is_string() && !value.is_null())
    {
        vectors.claim("agency", value.clone());
    }
    for value in &values {
        vectors.claim("divisions", value.clone());
    }
    for value in [
        json!([440_600]),
        json!([null]),
        json!([["440600"]]),
        json!([{ "code": "440600" }]),
    ] {
        vectors.claim("divisions", value);
    }

    for iss in [
        "",
        "Zhengxin",
        "zhengxin ",
        "https://zhengxin.example",
        "zhengxin,other",
    ] {
        vectors.claim("iss", iss.into());
    }
    for aud in ["", "ZHENGXIN", "other", "zhengxin other"] {
        vectors.claim("aud", aud.into());
    }
    for aud in [
        json!([]),
        json!(["zhengxin"]),
        json!(["zhengxin", "other"]),
        json!(["other"]),
    ] {
        vectors.claim("aud", aud);
    }
    for role in [
        "",
        "PUBLIC",
        "public",
        "government",
        "GOVERNMENT ",
        "KING",
        "ADMIN",
        "*",
        "GOVERNMENT COURT",
    ] {
        vectors.claim("role", role.into());
    }
    for scope in ["root", "adhoc root", "ADHOC", "adhoc,unmask", "*"] {
        vectors.claim("scope", scope.into());
    }
    for code in [
        "",
        " ",
        "4406",
        "999999",
        "abcdef",
        "0440604",
        "440604'",
        "４４０６０４",
        "440604010999",
        "*",
    ] {
        vectors.claim("divisions", json!(["440600", code]));
    }
    let body = made::uscc("11", "440600", 1);
    for agency in [
        String::new(),
        "佛山市".to_owned(),
        body.as_str()[..17].to_owned(),
        made::broken(&body),
    ] {
        vectors.claim("agency", agency.into());
    }
    vectors.claim("sub", "".into());
    vectors.claim("jti", "".into());
}

fn times(vectors: &mut Vectors) {
    let mut at = |what: &str, exp: i64, nbf: i64, iat: i64| {
        let claims = but(claims(), "exp", Some(exp.into()));
        let claims = but(
            but(claims, "nbf", Some(nbf.into())),
            "iat",
            Some(iat.into()),
        );
        vectors.token(what, &with_claims(&claims));
    };
    let now = now();
    at(
        "expired a day ago",
        now - 86_400,
        now - 90_000,
        now - 90_000,
    );
    at(
        "expired by more than the leeway",
        now - 11,
        now - 600,
        now - 600,
    );
    at(
        "expired by the whole leeway",
        now - 10,
        now - 600,
        now - 600,
    );
    at("valid only after the leeway", now + 600, now + 11, now);
    at(
        "valid from tomorrow",
        now + 90_000,
        now + 86_400,
        now + 80_000,
    );
    at("issued after the leeway", now + 600, now, now + 11);
    at("issued next year", now + 31_536_600, now, now + 31_536_000);
    at("a life of more than twelve hours", now + 43_201, now, now);
    at(
        "a life of more than twelve hours, almost over",
        now + 60,
        now - 43_200,
        now - 43_200,
    );
    at("a life of a hundred years", now + 3_155_760_000, now, now);
    at("no life at all", now, now, now);
    at("over before it began", now + 5, now, now + 6);
    at(
        "milliseconds",
        (now + 600) * 1_000,
        now * 1_000,
        now * 1_000,
    );
    at("since ever", now + 600, 0, 0);
    at("never", 0, 0, 0);
    at("before 1970", -1, -600, -600);
    at("the last of all moments", i64::MAX, now, now);
    at(
        "from the first to the last moment",
        i64::MAX,
        i64::MIN,
        i64::MIN,
    );
    at("the first of all moments", i64::MIN, i64::MIN, i64::MIN);
    at("the last beginning", now + 600, i64::MAX, now);
    for exp in ["1e400", "99999999999999999999", "1e10", "0x10", "NaN"] {
        let claims = claims()
            .to_string()
            .replace(&format!("\"exp\":{}", now + 600), &format!("\"exp\":{exp}"));
        assert!(claims.contains(exp));
        let token = signed_raw(
            &header().to_string(),
            &claims,
            KEY.as_bytes(),
            Algorithm::HS256,
        );
        vectors.token(format!("exp is {exp}"), &token);
    }
}

fn shapes(vectors: &mut Vectors) {
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

async fn present(wire: &Wire, headers: &[Vec<u8>], query: &str) -> Reply {
    let mut request = wire.post().body(json!({ "query": query }).to_string());
    for value in headers {
        request = request.header(
            AUTHORIZATION,
            HeaderValue::from_bytes(value).expect("a header takes it"),
        );
    }
    Reply::to(request).await
}

async fn present_token(wire: &Wire, token: &str) -> Reply {
    present(wire, &[format!("Bearer {token}").into_bytes()], QUERY).await
}

/// The body without its trace id, and the trace id.
fn without_trace(reply: &Reply) -> (Value, String) {
    let mut json = reply.json();
    let trace = json["errors"][0]["extensions"]["traceId"].take();
    (json, text(&trace).to_owned())
}

#[tokio::test]
async fn a_token_that_does_not_verify_is_refused_always_alike() {
    let db = Db::sqlite();
    let hub = Hub::on(&db).await;
    let wire = Wire::to(&hub).await;
    let mut vectors = Vectors::default();
    algorithms(&mut vectors);
    types(&mut vectors);
    claims_of_all_types(&mut vectors);
    times(&mut vectors);
    shapes(&mut vectors);
    assert!(vectors.0.len() >= 120, "{}", vectors.0.len());

    let wanted = json!({ "errors": [{
        "message": "unauthenticated",
        "extensions": { "code": "UNAUTHENTICATED", "traceId": null },
    }], "extensions": { "version": 0 } });
    let mut traces = BTreeSet::new();
    let mut wrong = Vec::new();
    for vector in &vectors.0 {
        let reply = present(&wire, &vector.headers, QUERY).await;
        if reply.status != 401 {
            wrong.push(format!("{}: {} {}", vector.what, reply.status, reply.text));
            continue;
        }
        let (body, trace) = without_trace(&reply);
        if body != wanted || reply.header("www-authenticate") != "Bearer" {
            wrong.push(format!("{}: {}", vector.what, reply.text));
        }
        assert!(
            traces.insert(trace),
            "{}: a trace id comes back",
            vector.what
        );
    }
    assert!(
        wrong.is_empty(),
        "{} of {}: {wrong:#?}",
        wrong.len(),
        vectors.0.len()
    );
}

#[tokio::test]
async fn what_is_asked_does_not_change_the_refusal() {
    let db = Db::sqlite();
    let hub = Hub::on(&db).await;
    let wire = Wire::to(&hub).await;
    let expired = with_claims(&but(claims(), "exp", Some((now() - 600).into())));
    let headers = [format!("Bearer {expired}").into_bytes()];
    let mut bodies = Vec::new();
    for query in [
        QUERY,
        "{ __typename }",
        "{ sources { key } }",
        "{",
        "{ nonsense }",
        "{ mentions { totalCount } }",
    ] {
        let reply = present(&wire, &headers, query).await;
        assert_eq!(reply.status, 401, "{query}: {}", reply.text);
        bodies.push(without_trace(&reply).0);
    }
    assert!(
        bodies.windows(2).all(|pair| pair[0] == pair[1]),
        "{bodies:#?}"
    );
}

#[tokio::test]
async fn good_tokens_are_believed() {
    let db = Db::sqlite();
    let hub = Hub::on(&db).await;
    let wire = Wire::to(&hub).await;
    let now = now();
    let with = |key: &str, value: Value| with_claims(&but(claims(), key, Some(value)));
    let without = |key: &str| with_claims(&but(claims(), key, None));
    let nearly = but(claims(), "iat", Some((now - 600).into()));
    for (what, token) in [
        ("plain", with_claims(&claims())),
        (
            "expired within the leeway",
            with_claims(&but(nearly, "exp", Some((now - 9).into()))),
        ),
        (
            "not valid yet, within the leeway",
            with("nbf", (now + 10).into()),
        ),
        (
            "issued in the future, within the leeway",
            with("iat", (now + 10).into()),
        ),
        (
            "a life of exactly twelve hours",
            with("exp", (now + 43_200).into()),
        ),
        ("a further claim", with("tenant", "x".into())),
        ("no divisions", without("divisions")),
        ("an empty list of divisions", with("divisions", json!([]))),
        ("no scope", without("scope")),
        ("an empty scope", with("scope", "".into())),
        (
            "several scopes",
            with("scope", "adhoc  unmask totals".into()),
        ),
        (
            "a further header",
            signed(&but(header(), "kid", Some("local".into())), &claims()),
        ),
    ] {
        let reply = present_token(&wire, &token).await;
        assert_eq!(reply.status, 200, "{what}: {}", reply.text);
        assert_eq!(
            reply.json()["data"]["viewer"]["role"],
            "GOVERNMENT",
            "{what}"
        );
    }
    for role in known_roles() {
        let reply = present_token(&wire, &with("role", role.as_str().into())).await;
        assert_eq!(reply.json()["data"]["viewer"]["role"], role.as_str());
    }
    let token = with_claims(&claims());
    for scheme in ["Bearer", "bearer", "BEARER", "bEaReR"] {
        let headers = [format!("{scheme} {token}").into_bytes()];
        assert_eq!(
            present(&wire, &headers, QUERY).await.status,
            200,
            "{scheme}"
        );
    }
}

#[tokio::test]
async fn a_viewer_is_what_his_token_says() {
    let db = Db::sqlite();
    let hub = Hub::on(&db).await;
    let body = made::body(1, "佛山市禅城区发展和改革局", "440604");
    hub.ingest(
        "agency_register",
        &[("a.csv", &made::register(std::slice::from_ref(&body)))],
        |_| {},
    )
    .await;
    let wire = Wire::to(&hub).await;
    let claims = json!({
        "iss": "zhengxin", "aud": "zhengxin", "sub": "某单位经办人", "jti": "1",
        "exp": now() + 60, "nbf": now(), "iat": now(),
        "role": "AGENCY", "divisions": ["440604", "441900003"], "agency": body.uscc.as_str(),
        "scope": "adhoc totals",
    });
    let reply = present_token(&wire, &with_claims(&claims)).await;
    let wanted = json!({
        "subject": "某单位经办人", "role": "AGENCY",
        "divisions": [{ "code": "440604" }, { "code": "441900003" }],
        "agency": { "uscc": body.uscc.as_str() }, "scopes": ["adhoc", "totals"],
    });
    assert_eq!(reply.json()["data"]["viewer"], wanted, "{}", reply.text);
}

#[tokio::test]
async fn without_a_token_one_is_the_public_and_a_token_elsewhere_is_none() {
    let db = Db::sqlite();
    let hub = Hub::on(&db).await;
    let wire = Wire::to(&hub).await;
    let token = with_claims(&claims());
    let body = json!({ "query": QUERY, "extensions": { "authorization": format!("Bearer {token}") }, "token": token });
    for request in [
        wire.post(),
        wire.post().query(&[("access_token", &token)]),
        wire.post()
            .header("X-Authorization", format!("Bearer {token}")),
        wire.post()
            .header("Proxy-Authorization", format!("Bearer {token}")),
        wire.post().header(
            "Cookie",
            format!("access_token={token}; Authorization=Bearer {token}"),
        ),
    ] {
        let reply = Reply::to(request.body(body.to_string())).await;
        let viewer = json!({ "subject": "anonymous", "role": "PUBLIC", "divisions": [], "agency": null, "scopes": [] });
        assert_eq!(reply.json()["data"]["viewer"], viewer, "{}", reply.text);
    }
}

#[tokio::test]
async fn a_token_ends_with_its_time() {
    let db = Db::sqlite();
    let hub = Hub::on(&db).await;
    let wire = Wire::to(&hub).await;
    let token = hub.token(Role::Court, &["440600"], None);
    assert_eq!(present_token(&wire, &token).await.status, 200);
    hub.it_is("2026-11-21");
    assert_eq!(present_token(&wire, &token).await.status, 401);
    hub.it_is("2026-11-19");
    assert_eq!(
        present_token(&wire, &token).await.status,
        401,
        "not yet issued"
    );
}

#[tokio::test]
async fn a_hub_without_a_key_believes_nobody() {
    let db = Db::sqlite();
    let hub = Hub::with(&db, |config| config.auth.local = None).await;
    let wire = Wire::to(&hub).await;
    for key in [KEY, "", "secret"] {
        let token = signed_raw(
            &header().to_string(),
            &claims().to_string(),
            key.as_bytes(),
            Algorithm::HS256,
        );
        assert_eq!(present_token(&wire, &token).await.status, 401);
    }
    assert_eq!(wire.data(None, QUERY).await["viewer"]["role"], "PUBLIC");
}

#[tokio::test]
async fn a_token_of_another_hub_is_not_believed() {
    let db = Db::sqlite();
    let ours = Hub::with(&db, |config| {
        config.auth.issuer = "ours".to_owned();
        config.auth.audience = "ours".to_owned();
    })
    .await;
    let another = db.another();
    let theirs = Hub::on(&another).await;
    let wire = Wire::to(&ours).await;
    let token = ours.token(Role::Court, &["440600"], None);
    assert_eq!(present_token(&wire, &token).await.status, 200);
    let token = theirs.token(Role::Court, &["440600"], None);
    assert_eq!(present_token(&wire, &token).await.status, 401);
}
