//! Tokens that are believed no longer though their time is not over.

use domain::viewer::{Role, Scope};
use serde_json::{Value, json};
use zhengxin::{
    app,
    auth::{Grant, Refused},
};

use super::{
    believed::{QUERY, believer, present_token},
    but,
    signers::{LOCAL, RS256},
};
use crate::api::Wire;
use crate::support::{Db, Hub, on_both, zhengxin};

const REVOKE: &str = "mutation ($input: RevokeTokenInput!) { revokeToken(input: $input) { __typename \
     ... on RevokeTokenSuccess { jti subject revokedAt } ... on Refusal { code message basis } } }";

fn with(jti: &str, subject: &str, hub: &Hub) -> String {
    let now = hub.app.clock.now().timestamp();
    let mut claims = LOCAL.claims();
    for (name, value) in [
        ("jti", json!(jti)),
        ("sub", json!(subject)),
        ("exp", json!(now + 3_600)),
        ("nbf", json!(now)),
        ("iat", json!(now)),
    ] {
        claims = but(claims, name, Some(value));
    }
    LOCAL.with(&claims)
}

async fn is_believed(hub: &Hub, token: &str) -> bool {
    match hub.app.auth.session(Some(&format!("Bearer {token}"))).await {
        Ok(session) => {
            assert!(hub.app.auth.still_valid(&session));
            true
        }
        Err(why) => {
            assert_eq!(why, Refused::Revoked);
            false
        }
    }
}

/// What every process does again and again.
async fn look(hub: &Hub) {
    let app = &hub.app;
    let looked = app::revoke(&app.auth, &app.store, &app.clock).await;
    looked.expect("the database answers");
}

async fn revoke(wire: &Wire, hub: &Hub, input: Value) -> Value {
    let token = hub.token(Role::Security, &[], None);
    let reply = wire
        .ask_with(Some(&token), REVOKE, &json!({ "input": input }))
        .await;
    reply.json()
}

#[tokio::test]
async fn a_token_or_all_of_a_subject_are_revoked_in_every_process() {
    on_both(async |db| {
        let hub = Hub::on(&db).await;
        let another = Hub::on(&db).await;
        let wire = Wire::to(&hub).await;
        let [one, two, other] =
            [("1", "a"), ("2", "a"), ("3", "b")].map(|(jti, sub)| with(jti, sub, &hub));
        let header = format!("Bearer {one}");
        let session = another.app.auth.session(Some(&header)).await.expect("good");

        let done = revoke(
            &wire,
            &hub,
            json!({ "key": "k1", "jti": "1", "reason": "遗失" }),
        )
        .await;
        let success = &done["data"]["revokeToken"];
        assert_eq!(success["__typename"], "RevokeTokenSuccess", "{done:#}");
        assert_eq!(
            (&success["jti"], &success["subject"]),
            (&json!("1"), &Value::Null)
        );
        assert!(
            !is_believed(&hub, &one).await,
            "at once where it was asked for"
        );
        assert_eq!(present_token(&wire, &one).await.status, 401);
        assert!(is_believed(&hub, &two).await);
        assert!(is_believed(&another, &one).await, "it has not looked yet");
        look(&another).await;
        assert!(!is_believed(&another, &one).await);
        assert!(!another.app.auth.still_valid(&session), "sockets are told");
        assert!(is_believed(&another, &two).await);

        hub.later(60);
        another.later(60);
        let done = revoke(&wire, &hub, json!({ "key": "k2", "subject": "a" })).await;
        assert_eq!(done["data"]["revokeToken"]["subject"], "a", "{done:#}");
        look(&another).await;
        assert!(!is_believed(&another, &two).await);
        assert!(is_believed(&another, &other).await);
        let soon = with("4", "a", &hub);
        assert!(
            !is_believed(&another, &soon).await,
            "the issuer's clock may be ahead"
        );
        hub.later(11);
        another.later(11);
        let later = with("5", "a", &hub);
        assert!(
            is_believed(&another, &later).await,
            "a new token of the subject is believed"
        );

        // Asked again under the same key nothing is done anew.
        let again = revoke(&wire, &hub, json!({ "key": "k2", "subject": "a" })).await;
        assert_eq!(again, done);
        assert!(is_believed(&hub, &later).await);
        let done = revoke(&wire, &hub, json!({ "key": "k3", "subject": "a" })).await;
        assert_eq!(done["data"]["revokeToken"]["subject"], "a", "{done:#}");
        assert!(
            !is_believed(&hub, &later).await,
            "a later revocation reaches later tokens"
        );

        // A process that starts knows all of it.
        let third = Hub::on(&db).await;
        third.later(71);
        assert!(!is_believed(&third, &one).await);
    })
    .await;
}

#[tokio::test]
async fn revocations_are_kept_as_long_as_tokens_may_live() {
    let db = Db::sqlite();
    let hub = Hub::on(&db).await;
    let wire = Wire::to(&hub).await;
    let standing = async || {
        let kept_since = hub.app.clock.now() - zhengxin::auth::REVOCATION_KEPT;
        let listed = hub.app.store.list_revocations(kept_since).await;
        listed.expect("the database answers").len()
    };
    revoke(&wire, &hub, json!({ "key": "a", "jti": "1" })).await;
    revoke(&wire, &hub, json!({ "key": "b", "subject": "s" })).await;
    hub.later(12 * 3_600);
    assert_eq!(
        standing().await,
        2,
        "a token of twelve hours may still be there"
    );
    hub.later(60);
    assert_eq!(standing().await, 0);
    revoke(&wire, &hub, json!({ "key": "c", "jti": "2" })).await;
    let all = hub
        .app
        .store
        .list_revocations(chrono::DateTime::UNIX_EPOCH)
        .await;
    let all = all.expect("the database answers");
    let names: Vec<_> = all
        .iter()
        .map(|one| (one.what.name(), one.by.as_str()))
        .collect();
    assert_eq!(
        names,
        [("2", "test")],
        "what concerns nobody any more is dropped"
    );
}

#[tokio::test]
async fn only_security_revokes_and_only_what_can_be() {
    let db = Db::sqlite();
    let hub = Hub::on(&db).await;
    let wire = Wire::to(&hub).await;
    for role in crate::api::known_roles().filter(|role| *role != Role::Security) {
        let token = hub.token(role, &["440600"], None);
        let input = json!({ "input": { "key": "k", "jti": "1" } });
        let reply = wire.ask_with(Some(&token), REVOKE, &input).await;
        assert_eq!(reply.codes(), ["FORBIDDEN"], "{role}: {}", reply.text);
    }
    for (input, code) in [
        (json!({ "key": "k" }), "NO_TOKEN"),
        (
            json!({ "key": "k", "jti": "1", "subject": "a" }),
            "NO_TOKEN",
        ),
        (json!({ "key": "k", "jti": "" }), "NO_TOKEN"),
        (
            json!({ "key": "k", "subject": "字".repeat(256) }),
            "NO_TOKEN",
        ),
        (
            json!({ "key": "k", "jti": "1", "reason": "字".repeat(1_001) }),
            "REASON_TOO_LONG",
        ),
    ] {
        let done = revoke(&wire, &hub, input.clone()).await;
        assert_eq!(
            done["data"]["revokeToken"]["code"], code,
            "{input}: {done:#}"
        );
    }
    let all = hub
        .app
        .store
        .list_revocations(chrono::DateTime::UNIX_EPOCH)
        .await;
    assert_eq!(
        all.expect("the database answers"),
        [],
        "nothing was revoked"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_line_revokes_what_a_server_believes() {
    let db = Db::sqlite();
    let key = db
        .file("local.key", LOCAL.key.as_bytes())
        .display()
        .to_string();
    let config = format!("[auth]\nrevocation_poll_s = 1\n[auth.local]\nkey_file = {key:?}\n");
    let config = db
        .file("zhengxin.toml", config.as_bytes())
        .display()
        .to_string();
    let place = [
        "--database-url".to_owned(),
        db.url(),
        "--config".to_owned(),
        config,
    ];
    let call = |arguments: &[&str]| {
        let arguments = arguments.iter().map(|one| (*one).to_owned());
        zhengxin(arguments.chain(place.clone()))
    };
    let mut server = call(&["serve", "--listen", "127.0.0.1:0"]).start();
    let lines = server.lines_until("ready ");
    let url = lines.last().and_then(|line| line.strip_prefix("ready "));
    let base = url
        .and_then(|url| url.strip_suffix("/graphql"))
        .expect("an address");
    let wire = Wire::at(base.to_owned());
    let issue = |subject: &str| {
        let issued = call(&["token", "issue", "--role", "COURT", "--subject", subject]).run();
        issued.ended(0).out.trim().to_owned()
    };
    let [lost, kept] = ["lost", "kept"].map(issue);
    assert_eq!(present_token(&wire, &lost).await.status, 200);
    let ran = call(&[
        "token",
        "revoke",
        "--subject",
        "lost",
        "--reason",
        "mislaid",
    ])
    .run();
    assert_eq!(ran.ended(0).out, "revoked lost\n");
    // It polls each second: a refusal must come, or the test's own time limit does.
    let begun = std::time::Instant::now();
    while present_token(&wire, &lost).await.status != 401 {
        assert!(begun.elapsed().as_secs() < 60, "a minute is over");
        tokio::task::yield_now().await;
    }
    assert_eq!(present_token(&wire, &kept).await.status, 200);
    for wrong in [
        &["token", "revoke"][..],
        &["token", "revoke", "--jti", "1", "--subject", "a"],
        &["token", "revoke", "--jti", ""],
    ] {
        let ran = call(wrong).run();
        assert_eq!(ran.code, Some(2), "{ran:?}");
    }
    drop(server);
}

#[tokio::test]
async fn sessions_end_with_their_tokens() {
    let db = Db::sqlite();
    let hub = Hub::on(&db).await;
    let grant = Grant {
        subject: "someone".to_owned(),
        role: Role::Court,
        divisions: Vec::new(),
        agency: None,
        scopes: vec![Scope::Adhoc],
        minutes: 1,
    };
    let token = hub.app.auth.issue(&grant).expect("there is a key");
    let session = hub.app.auth.session(Some(&format!("Bearer {token}"))).await;
    let session = session.expect("good");
    let public = hub.app.auth.session(None).await.expect("everybody may");
    assert_eq!(public.expires, None);
    for (later, holds) in [(0, true), (69, true), (1, false), (86_400, false)] {
        hub.later(later);
        assert_eq!(hub.app.auth.still_valid(&session), holds);
        assert!(hub.app.auth.still_valid(&public));
    }
    assert_eq!(
        Wire::to(&hub).await.data(None, QUERY).await["viewer"]["role"],
        "PUBLIC"
    );
}

#[tokio::test]
async fn equal_keys_of_equal_subjects_of_two_issuers_do_not_meet() {
    let db = Db::sqlite();
    let (hub, _outside) = believer(&db).await;
    let wire = Wire::to(&hub).await;
    for (signer, jti) in [(LOCAL, "one"), (RS256, "two")] {
        let token = signer.with(&but(signer.claims(), "role", Some(json!("SECURITY"))));
        let input = json!({ "input": { "key": "k", "jti": jti } });
        let reply = wire.ask_with(Some(&token), REVOKE, &input).await;
        let done = &reply.json()["data"]["revokeToken"];
        assert_eq!(done["jti"], jti, "{}", reply.text);
    }
}
