//! What becomes of watched subjects is raised once and told by signed webhooks to whom an operator configured.

use domain::{
    notice::NoticeState,
    viewer::{Role, Scope, Viewer},
};
use serde_json::json;
use zhengxin::auth::Grant;

use super::{
    SECRET, deliver, first, hub_with, is_quiet, nobody, receiver::Receiver, round, second, states,
    webhook,
};
use crate::support::{Db, Hub, exports, made, on_both};

const OWNER: &str = "watch = { subject = \"court client\", role = \"COURT\" }";

async fn watching_hub(db: &Db, receiver: &Receiver) -> Hub {
    hub_with(db, |config| {
        let hook = webhook(db, &receiver.url, OWNER);
        config.notify.insert("court".to_owned(), hook);
    })
    .await
}

/// A list of the first body by this client.
async fn watch(hub: &Hub, subject: &str, role: Role) -> String {
    let grant = Grant {
        subject: subject.to_owned(),
        role,
        divisions: vec!["440600".parse().expect("a code")],
        agency: None,
        scopes: vec![Scope::Adhoc],
        minutes: 600,
    };
    let token = hub.app.auth.issue(&grant).expect("the hub has a key");
    let made = format!(
        r#"mutation {{ createWatchList(input: {{ key: "{role}", title: "x", purpose: "执行协助", reference: "样函1号" }}) {{ ... on WatchListSuccess {{ list {{ id }} }} }} }}"#
    );
    let data = hub.data(Some(&token), &made).await;
    let list = data["createWatchList"]["list"]["id"]
        .as_str()
        .expect("an id")
        .to_owned();
    let add = format!(
        r#"mutation {{ addWatchSubjects(input: {{ key: "{role} a", listId: "{list}", subjects: [{{ name: "佛山市样例局" }}] }}) {{ ... on WatchListSuccess {{ count }} }} }}"#
    );
    let data = hub.data(Some(&token), &add).await;
    assert_eq!(data["addWatchSubjects"]["count"], 1, "{data}");
    list
}

async fn raise(hub: &Hub) -> usize {
    hub.app.live.catch_up().await.expect("the database answers");
    hub.app
        .watching()
        .raise()
        .await
        .expect("the log is read")
        .events
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_is_raised_once_by_whatever_process_and_its_signature_verifies() {
    on_both(async |db| {
        let receiver = Receiver::start().await;
        let hub = watching_hub(&db, &receiver).await;
        let list = watch(&hub, "court client", Role::Court).await;
        // Lists of others are not told there.
        watch(&hub, "another", Role::Court).await;
        watch(&hub, "court client", Role::Authority).await;
        deliver(&hub, "2026-11-20T09:00:00", &[first(1), second(2)]).await;
        let other = watching_hub(&db, &receiver).await;
        let (mine, theirs) = tokio::join!(raise(&hub), raise(&other));
        assert_eq!(mine + theirs, 1);
        assert_eq!(raise(&hub).await + raise(&other).await, 0);
        // Warnings are for other channels.
        assert_eq!(states(&hub).await, [NoticeState::Pending]);
        assert_eq!(round(&hub).await.delivered, 1);
        let got = receiver.got().remove(0);
        assert!(got.is_signed_by(SECRET), "{got:#?}");
        let data = &got.body["data"];
        assert_eq!(got.body["type"], "watch.record_added");
        assert_eq!(
            (&data["listId"], &data["reference"]),
            (&json!(list), &json!("样函1号"))
        );
        assert_eq!(
            (&data["kind"], &data["cause"]),
            (&json!("RECORD_ADDED"), &json!("SOURCE"))
        );
        assert_eq!(
            (&data["subject"]["name"], &data["inherited"]),
            (&json!("佛山市样例局"), &json!(false))
        );
        assert!(
            data["recordId"]
                .as_str()
                .is_some_and(|id| id.starts_with("crd_440000_")),
            "{data}"
        );
        let keys: Vec<&String> = data.as_object().expect("an object").keys().collect();
        assert_eq!(
            keys,
            [
                "about",
                "cause",
                "cursor",
                "inherited",
                "kind",
                "listId",
                "recordId",
                "reference",
                "sanctionId",
                "subject"
            ],
            "keys, and nothing of what the record says"
        );
        is_quiet(&hub).await;
        // Started anew it goes on where it was, and its cursor is the feed's.
        drop((hub, other));
        let anew = watching_hub(&db, &receiver).await;
        assert_eq!(raise(&anew).await, 0);
        deliver(&anew, "2026-11-21T09:00:00", &[second(2)]).await;
        assert_eq!(raise(&anew).await, 1);
        assert_eq!(round(&anew).await.delivered, 1);
        let got = receiver.got();
        assert_eq!(
            (got.len(), &got[1].body["type"]),
            (2, &json!("watch.record_ended"))
        );
        assert_ne!(got[0].id, got[1].id);
        let listed = super::call(&db, &["notify", "list", "-o", "jsonl"]);
        assert!(listed.ended(0).out.contains("watch.record_ended"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_leaves_of_a_subject_is_written_down_before_it_leaves() {
    on_both(async |db| {
        let receiver = Receiver::start().await;
        let hub = watching_hub(&db, &receiver).await;
        let list = watch(&hub, "court client", Role::Court).await;
        deliver(&hub, "2026-11-20T09:00:00", &[first(1)]).await;
        assert_eq!(raise(&hub).await, 1);
        // On SQLite the log has a file once somebody looked for it.
        hub.app.audit.integrate().await.expect("it is put together");
        db.audit_log(false).await;
        let report = round(&hub).await;
        assert_eq!((report.delivered, report.put_off), (0, 1), "{report:#?}");
        assert!(
            report.troubles[0].contains("the audit log can't be written"),
            "{report:#?}"
        );
        assert_eq!(receiver.got().len(), 0);
        db.audit_log(true).await;
        hub.later(61);
        assert_eq!(round(&hub).await.delivered, 1);
        assert_eq!(receiver.got().len(), 1);
        let expected = format!("notify.court watch.record_added of {list}, ");
        let left = exports(&hub).await;
        let [entry] = left.as_slice() else {
            panic!("{left:#?}");
        };
        assert!(entry.object.starts_with(&expected), "{}", entry.object);
        assert_eq!(
            (
                entry.purpose.as_deref(),
                entry.reference.as_deref(),
                entry.actor.subject.as_str()
            ),
            (Some("执行协助"), Some("样函1号"), "hub")
        );
        // The hub sent it on behalf of whose list it is, and the body can see that.
        assert_eq!(
            (entry.actor.role, &entry.actor.areas[..]),
            (Role::Court, &["440600".to_owned()][..])
        );
        let body = made::uscc("11", "440600", 1);
        let body = hub
            .app
            .live
            .now()
            .agency_by_code(&body)
            .expect("it is known")
            .id;
        assert_eq!(entry.agencies, [body]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_lost_a_subject_or_ended_his_list_is_told_nothing_more() {
    on_both(async |db| {
        let receiver = Receiver::start().await;
        let owner = "watch = { subject = \"city\", role = \"GOVERNMENT\" }";
        let hub = hub_with(&db, |config| {
            let hook = webhook(&db, &receiver.url, owner);
            config.notify.insert("city".to_owned(), hook);
        })
        .await;
        let list = watch(&hub, "city", Role::Government).await;
        let noticed = hub.app.store.noticed();
        deliver(&hub, "2026-11-20T09:00:00", &[first(1)]).await;
        assert!(!noticed.has_changed().expect("the store is there"));
        assert_eq!(raise(&hub).await, 1);
        let is_told = noticed.has_changed().expect("the store is there");
        assert!(is_told, "rounds hear of it at once");
        // The body moves to another city.
        let code = made::uscc("11", "440600", 1);
        let moved = made::body_of(code, "佛山市样例局", "440402");
        let file = made::register(&[moved]);
        hub.ingest("agency_register", &[("m.csv", &file)], |order| {
            order.partial = true
        })
        .await;
        deliver(&hub, "2026-11-21T09:00:00", &[first(2)]).await;
        assert_eq!(raise(&hub).await, 0);
        let number: i64 = list
            .rsplit('_')
            .next()
            .and_then(|number| number.parse().ok())
            .expect("a number");
        let now = hub.app.clock.now();
        hub.app
            .store
            .end_watch_list(number, now)
            .await
            .expect("the database answers");
        deliver(&hub, "2026-11-22T09:00:00", &[nobody()]).await;
        assert_eq!(raise(&hub).await, 0);
        assert_eq!(states(&hub).await, [NoticeState::Pending]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_hub_raises_and_tells_by_itself() {
    let db = Db::sqlite();
    let receiver = Receiver::start().await;
    let hub = watching_hub(&db, &receiver).await;
    watch(&hub, "court client", Role::Court).await;
    let stopping = hub.app.stopping.clone();
    let raising = tokio::spawn(zhengxin::jobs::raise_watched(
        hub.app.watching(),
        stopping.clone(),
    ));
    let notify = hub.app.notify().expect("it is configured");
    let telling = tokio::spawn(zhengxin::jobs::notify(
        notify,
        hub.app.live.committed(),
        stopping.clone(),
    ));
    deliver(&hub, "2026-11-20T09:00:00", &[first(1)]).await;
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(60);
    while receiver.got().is_empty() {
        assert!(std::time::Instant::now() < deadline, "it does not tell");
        tokio::task::yield_now().await;
    }
    stopping.cancel();
    for job in [raising, telling] {
        let ended = tokio::time::timeout(std::time::Duration::from_secs(30), job).await;
        ended.expect("it ends").expect("it does not panic");
    }
    assert_eq!(states(&hub).await, [NoticeState::Delivered]);
}

#[tokio::test]
async fn whoever_another_issuer_calls_by_the_same_name_is_told_nothing() {
    let db = Db::sqlite();
    let receiver = Receiver::start().await;
    let hub = watching_hub(&db, &receiver).await;
    let configured = zhengxin::notify::watch_targets(&hub.app.config);
    let target = configured.expect("one is believed").remove(0);
    let stranger = zhengxin::store::WatchTarget {
        issuer: "https://id.example.gov.cn/other".to_owned(),
        ..target.clone()
    };
    // However many older ones are a stranger's.
    let viewer = Viewer {
        issuer: Some(stranger.issuer.clone()),
        subject: target.subject.clone(),
        role: target.role,
        ..Viewer::public()
    };
    let hand = hub.database().await;
    let sql = format!(
        "WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 1001) \
         INSERT INTO watch_list (owner, request, subject, role, divisions, title, purpose, since, version, created_at) \
         SELECT '{}', 'r' || n, '{}', '{}', '', 'x', 'x', 0, 1, '2026-04-20T00:00:00+00:00' FROM n",
        viewer.client(),
        viewer.subject,
        viewer.role,
    );
    sea_orm::ConnectionTrait::execute_unprepared(&hand, &sql)
        .await
        .expect("they are written");
    watch(&hub, "court client", Role::Court).await;
    for (target, lists) in [(target, 1), (stranger, 1_000)] {
        let told = hub.app.store.watch_lists_for(&target).await;
        assert_eq!(told.expect("they are read").len(), lists, "{target:?}");
    }
    // Of several whose tokens are believed one has to be named, and of others nobody.
    let mut config = zhengxin::config::Config::clone(&hub.app.config);
    let watch = "issuer = \"https://id.example.gov.cn/other\", subject = \"x\", role = \"COURT\"";
    let hook = webhook(&db, &receiver.url, &format!("watch = {{ {watch} }}"));
    config.notify.insert("court".to_owned(), hook);
    let refused = zhengxin::notify::watch_targets(&config);
    let error = refused.expect_err("nobody believes it").to_string();
    assert!(error.contains("watch.issuer"), "{error}");
}
