//! Issuers as the configuration has them.

use jsonwebtoken::Algorithm;
use serde_json::json;
use zhengxin::{
    auth::{Auth, Refused},
    clock::Clock,
    config::{self, Issuer, LocalKey},
};

use super::signers::{
    ED25519, ED25519_OTHER, FETCHED, P256, P384, RS256, RSA, RSA_WEAK_PUBLIC, Signer, issuer, jwk,
};
use crate::support::{KEY, TODAY, moment};

const ALL: &str =
    r#"["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA"]"#;

fn clock() -> Clock {
    Clock::of(|| moment(TODAY))
}

fn auth(issuers: Vec<Issuer>) -> Result<Auth, String> {
    let config = config::Auth {
        issuers,
        ..config::Auth::default()
    };
    Auth::new(&config, clock()).map_err(|error| error.to_string())
}

#[tokio::test]
async fn every_algorithm_is_believed_from_files_of_either_form() {
    let folder = tempfile::tempdir().expect("a folder");
    let cases = [
        ("rsa", RSA, Algorithm::RS256),
        ("rsa", RSA, Algorithm::RS384),
        ("rsa", RSA, Algorithm::RS512),
        ("rsa", RSA, Algorithm::PS256),
        ("rsa", RSA, Algorithm::PS384),
        ("rsa", RSA, Algorithm::PS512),
        ("p256", P256, Algorithm::ES256),
        ("p384", P384, Algorithm::ES384),
        ("ed25519", ED25519, Algorithm::EdDSA),
    ];
    let mut pems = issuer(FETCHED, ALL);
    let mut set = Vec::new();
    for (id, key, algorithm) in cases {
        if pems.keys.contains_key(id) {
            continue;
        }
        let path = folder.path().join(format!("{id}.pem"));
        std::fs::write(&path, key.1).expect("the folder is ours");
        pems.keys.insert(id.to_owned(), path);
        set.push(jwk(key, algorithm, id, &json!({})));
    }
    let path = folder.path().join("jwks.json");
    std::fs::write(&path, json!({ "keys": set }).to_string()).expect("the folder is ours");
    let filed = Issuer {
        jwks_file: Some(path),
        ..issuer(FETCHED, ALL)
    };
    for issuer in [pems, filed] {
        let auth = auth(vec![issuer]).expect("good");
        for (id, key, algorithm) in cases {
            let signer = Signer {
                key_id: Some(id),
                key: key.0,
                algorithm,
                ..RS256
            };
            let header = format!("Bearer {}", signer.good());
            let session = auth.session(Some(&header)).await;
            let session = session.unwrap_or_else(|why| panic!("{algorithm:?}: {why}"));
            assert_eq!(session.viewer.subject, "tester");
            let expires = session.expires.expect("a token ends");
            assert_eq!(expires.timestamp(), super::now() + 600);
            assert!(auth.still_valid(&session));
        }
        // A key of the same curve that nobody published.
        let signer = Signer {
            key_id: Some("ed25519"),
            key: ED25519_OTHER.0,
            algorithm: Algorithm::EdDSA,
            ..RS256
        };
        let header = format!("Bearer {}", signer.good());
        let refused = auth.session(Some(&header)).await.err();
        assert_eq!(refused, Some(Refused::Signature));
    }
}

#[test]
fn what_is_wrong_with_an_issuer_is_told_with_its_name() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).expect("the folder is ours");
        path
    };
    let good = |id: &str| Issuer {
        keys: [(id.to_owned(), file("good.pem", RSA.1))].into(),
        ..issuer(FETCHED, ALL)
    };
    let with_pem = |name: &str, text: &str| Issuer {
        keys: [("one".to_owned(), file(name, text))].into(),
        ..issuer(FETCHED, ALL)
    };
    let with_set = |text: &str| Issuer {
        jwks_file: Some(file("set.json", text)),
        ..issuer(FETCHED, ALL)
    };
    let at = |url: &str| Issuer {
        jwks_url: Some(url.to_owned()),
        ..issuer(FETCHED, ALL)
    };
    assert!(auth(vec![good("one")]).is_ok());
    assert!(auth(vec![at("https://id.example/jwks")]).is_ok());
    for (issuers, says) in [
        (vec![issuer(FETCHED, ALL)], "exactly one of"),
        (
            vec![Issuer {
                jwks_url: Some("https://id.example/jwks".to_owned()),
                ..good("one")
            }],
            "exactly one of",
        ),
        (vec![good("one"), good("one")], "twice"),
        (
            vec![Issuer {
                algorithms: Vec::new(),
                ..good("one")
            }],
            "algorithms is empty",
        ),
        (
            vec![Issuer {
                audience: String::new(),
                ..good("one")
            }],
            "audience is empty",
        ),
        (
            vec![Issuer {
                life_minutes_max: 61.try_into().expect("not zero"),
                ..good("one")
            }],
            "life_minutes_max",
        ),
        (
            vec![Issuer {
                refresh_minutes: 4.try_into().expect("not zero"),
                ..good("one")
            }],
            "refresh_minutes",
        ),
        (
            vec![Issuer {
                roles: [("x".to_owned(), "KING".to_owned())].into(),
                ..good("one")
            }],
            "roles.x",
        ),
        (vec![with_pem("private.pem", RSA.0)], "keys.one"),
        (vec![with_pem("weak.pem", RSA_WEAK_PUBLIC)], "2048 bits"),
        (vec![with_pem("empty.pem", "")], "keys.one"),
        (vec![with_set("{}")], "jwks_file"),
        (vec![with_set("{\"keys\":[]}")], "no key"),
        (
            vec![Issuer {
                jwks_file: Some("/nowhere/set.json".into()),
                ..issuer(FETCHED, ALL)
            }],
            "/nowhere/set.json",
        ),
        (vec![at("ftp://id.example/jwks")], "jwks_url"),
        (vec![at("https://user:word@id.example/jwks")], "jwks_url"),
        (vec![at("http://id.example/jwks")], "expected https"),
        (vec![at("https://127.0.0.1/jwks")], "jwks_url"),
    ] {
        let error = auth(issuers).map(drop).expect_err(says);
        assert!(error.contains(says) && error.contains(FETCHED), "{error}");
    }
    for algorithms in [r#"["HS256"]"#, r#"["none"]"#, r#"["RS1"]"#] {
        let text =
            format!("[[issuers]]\nissuer = \"a\"\naudience = \"b\"\nalgorithms = {algorithms}\n");
        let error = toml::from_str::<config::Auth>(&text).expect_err("no such algorithm");
        assert!(error.to_string().contains("unknown variant"), "{error}");
    }
}

#[test]
fn the_local_key_is_refused_beside_issuers_unless_it_is_said_so() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("key.pem");
    std::fs::write(&path, RSA.1).expect("the folder is ours");
    let config = |beside_issuers, poll| config::Auth {
        local: Some(LocalKey {
            key: Some(KEY.to_owned()),
            beside_issuers,
            ..LocalKey::default()
        }),
        issuers: vec![Issuer {
            keys: [("one".to_owned(), path.clone())].into(),
            ..issuer(FETCHED, ALL)
        }],
        revocation_poll_s: poll,
        ..config::Auth::default()
    };
    let error = Auth::new(&config(false, 10), clock()).map(drop);
    let error = error.expect_err("development is no production").to_string();
    assert!(error.contains("beside_issuers"), "{error}");
    assert!(Auth::new(&config(true, 10), clock()).is_ok());
    for poll in [0, 31, u64::MAX] {
        let error = Auth::new(&config(true, poll), clock()).map(drop);
        let error = error.expect_err("not within a minute").to_string();
        assert!(error.contains("revocation_poll_s"), "{error}");
    }
}
