//! Tokens whose claims or times are wrong.

use jsonwebtoken::Algorithm;
use serde_json::json;

use super::{Vectors, but, claims, header, now, signed_raw, with_claims};
use crate::support::{KEY, made};

pub(super) fn claims_of_all_types(vectors: &mut Vectors) {
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

pub(super) fn times(vectors: &mut Vectors) {
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
