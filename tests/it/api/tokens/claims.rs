//! Tokens whose claims or times are wrong.

use serde_json::json;
use zhengxin::auth::Refused;

use super::{Vectors, but, now, signers::Signer};
use crate::support::made;

pub(super) fn claims_of_all_types(vectors: &mut Vectors, signer: &Signer) {
    for key in ["iss", "aud", "sub", "jti", "exp", "nbf", "iat", "role"] {
        let token = signer.with(&but(signer.claims(), key, None));
        vectors.refuse(
            Refused::Claims,
            format!("{}: no {key}", signer.name),
            &token,
        );
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
            vectors.claim(signer, Refused::Claims, key, value.clone());
        }
    }
    for key in ["iss", "sub", "jti", "role", "scope", "agency"] {
        for value in values.iter().filter(|value| !value.is_string()) {
            vectors.claim(signer, Refused::Claims, key, value.clone());
        }
    }
    for value in [
        json!(null),
        json!(true),
        json!(17),
        json!(1.5),
        json!({ "17": 17 }),
    ] {
        vectors.claim(signer, Refused::Claims, "aud", value);
    }
    for value in values.iter().filter(|value| !value.is_array()) {
        vectors.claim(signer, Refused::Claims, "divisions", value.clone());
    }
    for value in [
        json!([440_600]),
        json!([null]),
        json!([["440600"]]),
        json!([{ "code": "440600" }]),
    ] {
        vectors.claim(signer, Refused::Claims, "divisions", value);
    }

    for iss in [
        "",
        "Zhengxin",
        "zhengxin ",
        "https://zhengxin.example",
        "zhengxin,other",
        "https://id.example/",
        "HTTPS://ID.EXAMPLE",
        "https://id.example@evil.example",
    ] {
        vectors.claim(signer, Refused::Issuer, "iss", iss.into());
    }
    for aud in ["", "ZHENGXIN", "other", "zhengxin other", "17"] {
        vectors.claim(signer, Refused::Audience, "aud", aud.into());
    }
    for aud in [json!([]), json!(["17"]), json!(["other"])] {
        vectors.claim(signer, Refused::Audience, "aud", aud);
    }
    // Whoever is one of several audiences could hand the token on to the others.
    for aud in [json!(["zhengxin"]), json!(["zhengxin", "other"])] {
        vectors.claim(signer, Refused::Claims, "aud", aud);
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
        "公众",
    ] {
        vectors.claim(signer, Refused::Role, "role", role.into());
    }
    for scope in ["root", "adhoc root", "ADHOC", "adhoc,unmask", "*"] {
        vectors.claim(signer, Refused::Scope, "scope", scope.into());
    }
    for code in [
        "",
        " ",
        "4406",
        "abcdef",
        "0440604",
        "440604'",
        "４４０６０４",
        "*",
    ] {
        let codes = json!(["440600", code]);
        vectors.claim(signer, Refused::Division, "divisions", codes);
    }
    let many = json!(vec!["440600"; 850]);
    vectors.claim(signer, Refused::Length, "divisions", many);
    let body = made::uscc("11", "440600", 1);
    for agency in [
        String::new(),
        "佛山市".to_owned(),
        body.as_str()[..17].to_owned(),
        made::broken(&body),
    ] {
        vectors.claim(signer, Refused::Agency, "agency", agency.into());
    }
    for key in ["sub", "jti"] {
        vectors.claim(signer, Refused::Claims, key, "".into());
        vectors.claim(signer, Refused::Claims, key, "字".repeat(256).into());
    }
}

pub(super) fn times(vectors: &mut Vectors, signer: &Signer) {
    let mut at = |why: Refused, what: &str, exp: i64, nbf: i64, iat: i64| {
        let claims = but(signer.claims(), "exp", Some(exp.into()));
        let claims = but(claims, "nbf", Some(nbf.into()));
        let claims = but(claims, "iat", Some(iat.into()));
        let what = format!("{}: {what}", signer.name);
        vectors.refuse(why, what, &signer.with(&claims));
    };
    use Refused::{Claims, Early, Expired, Future, Life};
    let (now, life) = (now(), signer.life_s_max);
    at(
        Expired,
        "expired a day ago",
        now - 86_400,
        now - 90_000,
        now - 90_000,
    );
    at(
        Expired,
        "expired by more than the leeway",
        now - 11,
        now - 600,
        now - 600,
    );
    at(
        Expired,
        "expired by the whole leeway",
        now - 10,
        now - 600,
        now - 600,
    );
    at(
        Early,
        "valid only after the leeway",
        now + 600,
        now + 11,
        now,
    );
    at(
        Early,
        "valid from tomorrow",
        now + 90_000,
        now + 86_400,
        now + 80_000,
    );
    at(Future, "issued after the leeway", now + 600, now, now + 11);
    at(
        Future,
        "issued next year",
        now + 31_536_600,
        now,
        now + 31_536_000,
    );
    at(
        Life,
        "a life of a second too much",
        now + life + 1,
        now,
        now,
    );
    at(
        Life,
        "a life of too much, almost over",
        now + 60,
        now - life,
        now - life,
    );
    at(
        Life,
        "a life of a hundred years",
        now + 3_155_760_000,
        now,
        now,
    );
    at(Life, "no life at all", now, now, now);
    at(Life, "over before it began", now + 5, now, now + 6);
    at(
        Early,
        "milliseconds",
        (now + 600) * 1_000,
        now * 1_000,
        now * 1_000,
    );
    at(Life, "since ever", now + 600, 0, 0);
    at(Expired, "never", 0, 0, 0);
    at(Claims, "before 1970", -1, -600, -600);
    at(Life, "the last of all moments", i64::MAX, now, now);
    at(
        Life,
        "from the first to the last moment",
        i64::MAX,
        now,
        i64::MIN,
    );
    at(
        Claims,
        "the first of all moments",
        i64::MIN,
        i64::MIN,
        i64::MIN,
    );
    at(Early, "the last beginning", now + 600, i64::MAX, now);
    for (exp, why) in [
        ("1e400", Refused::Json),
        ("99999999999999999999", Refused::Claims),
        ("1e10", Refused::Claims),
        ("1e30", Refused::Claims),
        ("0x10", Refused::Json),
        ("NaN", Refused::Json),
    ] {
        let good = format!("\"exp\":{}", now + 600);
        let claims = signer.claims().to_string();
        let claims = claims.replace(&good, &format!("\"exp\":{exp}"));
        assert!(claims.contains(exp));
        let token = signer.signed_raw(&signer.header().to_string(), &claims);
        vectors.refuse(why, format!("{}: exp is {exp}", signer.name), &token);
    }
}
