//! Members of header and claims, of whatever type: nothing panics, and nothing of a wrong type is
//! believed.

use futures_util::FutureExt;
use proptest::prelude::*;
use serde_json::{Map, Value};
use zhengxin::{
    auth::Auth,
    clock::Clock,
    config::{self, LocalKey},
};

use super::{
    but,
    signers::{LOCAL, Signer},
};
use crate::support::{KEY, TODAY, moment};

/// Claims with what they must be, and those of the header.
const TEXTS: [&str; 7] = ["iss", "aud", "sub", "jti", "role", "scope", "agency"];
const NUMBERS: [&str; 3] = ["exp", "nbf", "iat"];
const HEADER: [&str; 3] = ["alg", "typ", "kid"];

fn auth() -> Auth {
    let config = config::Auth {
        local: Some(LocalKey {
            key: Some(KEY.to_owned()),
            ..LocalKey::default()
        }),
        ..config::Auth::default()
    };
    Auth::new(&config, Clock::of(|| moment(TODAY))).expect("a long key")
}

fn is_believed(auth: &Auth, token: &str) -> bool {
    let header = format!("Bearer {token}");
    let session = auth.session(Some(&header)).now_or_never();
    session.expect("the local key waits for nobody").is_ok()
}

/// Any JSON.
fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,12}".prop_map(Value::from),
        prop::sample::select(vec![
            "zhengxin",
            "tester",
            "GOVERNMENT",
            "440600",
            "HS256",
            "at+jwt",
            "local",
            "adhoc"
        ])
        .prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec(("[a-z]{0,4}", inner), 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

fn is_of_wrong_type(member: &str, value: &Value) -> bool {
    if NUMBERS.contains(&member) {
        return !value.is_i64();
    }
    match member {
        "divisions" => value
            .as_array()
            .is_none_or(|codes| codes.iter().any(|code| !code.is_string())),
        _ => !value.is_string(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_claim_of_a_wrong_type_is_never_believed(
        member in prop::sample::select([&TEXTS[..], &NUMBERS, &["divisions"]].concat()),
        value in json(),
    ) {
        let auth = auth();
        prop_assert!(is_believed(&auth, &LOCAL.good()));
        let token = LOCAL.with(&but(LOCAL.claims(), member, Some(value.clone())));
        let is_believed = is_believed(&auth, &token);
        prop_assert!(!is_believed || !is_of_wrong_type(member, &value), "{member} {value}");
    }

    #[test]
    fn a_header_of_a_wrong_type_is_never_believed(
        member in prop::sample::select(HEADER.to_vec()),
        value in json(),
    ) {
        let header = but(LOCAL.header(), member, Some(value.clone()));
        let token = LOCAL.signed(&header, &LOCAL.claims());
        let right = match member {
            "alg" => "HS256",
            "typ" => "at+jwt",
            _ => "local",
        };
        prop_assert_eq!(is_believed(&auth(), &token), value == right, "{} {}", member, value);
    }

    #[test]
    fn what_nobody_signed_is_never_believed(
        header in prop_oneof![json().prop_map(|json| json.to_string()), Just(LOCAL.header().to_string()), "\\PC{0,40}"],
        claims in prop_oneof![json().prop_map(|json| json.to_string()), Just(LOCAL.claims().to_string()), "\\PC{0,40}"],
        at in any::<prop::sample::Index>(),
        byte in any::<u8>(),
    ) {
        let foreign = Signer { key: "another key than the one that the hub has", ..LOCAL };
        let token = foreign.signed_raw(&header, &claims);
        prop_assert!(!is_believed(&auth(), &token));
        // A good one with one byte changed.
        let mut good = LOCAL.good().into_bytes();
        let at = at.index(good.len());
        let is_changed = good[at] != byte;
        good[at] = byte;
        let changed = String::from_utf8_lossy(&good).into_owned();
        prop_assert!(!is_changed || !is_believed(&auth(), &changed), "{changed}");
    }
}
