//! The real program, killed as a loss of power would, while many ask: nobody was answered without his
//! entry, and no change that was acknowledged is lost.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use chrono::{Days, NaiveDate};
use domain::{
    audit::{Action, Entry, Outcome},
    viewer::{Role, Scope},
};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};
use zhengxin::{
    auth::{Auth, Grant},
    clock::Clock,
    config::{self, LocalKey},
};

use super::audit_on;
use crate::support::{Db, KEY, zhengxin};

/// Who ask at once.
const CALLERS: u64 = 6;
/// The longest time that one is left alive once he serves.
const ALIVE_MS: u64 = 180;

/// What was answered: the subjects of readers and of those who changed something.
#[derive(Debug, Default)]
struct Answered {
    reads: BTreeSet<String>,
    changes: BTreeSet<String>,
}

fn auth() -> Auth {
    let config = config::Auth {
        local: Some(LocalKey {
            key: Some(KEY.to_owned()),
            ..LocalKey::default()
        }),
        ..config::Auth::default()
    };
    Auth::new(&config, Clock::system()).expect("the key is long enough")
}

/// Asks one thing after another, each under a subject of its own, until nobody answers.
async fn ask(base: String, auth: Auth, next: Arc<AtomicU64>, answered: Arc<Mutex<Answered>>) {
    let http = reqwest::Client::builder()
        .no_proxy()
        .build()
        .expect("a client");
    loop {
        let n = next.fetch_add(1, Ordering::Relaxed);
        let is_read = n.is_multiple_of(2);
        let day =
            NaiveDate::from_ymd_opt(2026, 1, 1).and_then(|day| day.checked_sub_days(Days::new(n)));
        let query = match is_read {
            true => "{ clues(first: 1) { edges { node { content } } } }".to_owned(),
            false => format!(
                r#"mutation {{ recordZeroReport(input: {{ key: "k", division: "440600", workflow: "court", day: "{}", note: "" }}) {{ __typename }} }}"#,
                day.expect("a day")
            ),
        };
        let subject = format!("caller-{n}");
        let grant = Grant {
            subject: subject.clone(),
            role: Role::Authority,
            divisions: vec!["440600".parse().expect("a division")],
            agency: None,
            scopes: vec![Scope::Adhoc],
            minutes: 10,
        };
        let token = auth.issue(&grant).expect("there is a key");
        let request = http.post(format!("{base}/graphql")).bearer_auth(token);
        let Ok(reply) = request.json(&json!({ "query": query })).send().await else {
            return;
        };
        let Ok(told) = reply.json::<Value>().await else {
            return;
        };
        assert!(told.get("errors").is_none(), "{told}");
        let mut answered = answered.lock().expect("nobody panicked");
        match is_read {
            true => answered.reads.insert(subject),
            false => answered.changes.insert(subject),
        };
    }
}

/// Compares what was answered with what is there.
async fn judge(db: &Db, answered: &Answered) -> Result<(), String> {
    let (audit, store) = audit_on(db, |_| {}).await;
    audit.integrate().await.map_err(|error| error.to_string())?;
    let verified = audit
        .verify(None)
        .await
        .map_err(|error| error.to_string())?;
    verified.map_err(|fault| fault.to_string())?;
    let (mut entries, mut from) = (BTreeMap::new(), 0);
    loop {
        let rows = store
            .list_audit(from, 1_000)
            .await
            .map_err(|error| error.to_string())?;
        let Some(last) = rows.last() else { break };
        from = last.seq + 1;
        for row in rows {
            let entry = Entry::decode(&row.record).map_err(|error| error.to_string())?;
            if entry.outcome == Outcome::Allowed {
                *entries
                    .entry((entry.action == Action::Change, entry.actor.subject))
                    .or_insert(0) += 1;
            }
        }
    }
    for subject in &answered.reads {
        if entries.get(&(false, subject.clone())) != Some(&1) {
            return Err(format!("{subject} was answered without an entry"));
        }
    }
    let hand = db.connect().await;
    let sql = "SELECT by_subject FROM zero_report";
    let rows = hand
        .query_all_raw(Statement::from_string(hand.get_database_backend(), sql))
        .await;
    let rows = rows.map_err(|error| error.to_string())?;
    let kept: BTreeSet<String> = rows
        .iter()
        .map(|row| row.try_get_by_index(0).expect("a subject"))
        .collect();
    if let Some(lost) = answered
        .changes
        .iter()
        .find(|subject| !kept.contains(*subject))
    {
        return Err(format!("the change of {lost} is lost"));
    }
    // Whether or not anybody heard of it: no change without its entry, no entry without its change.
    for subject in &kept {
        if entries.get(&(true, subject.clone())) != Some(&1) {
            return Err(format!("the change of {subject} has no entry, or two"));
        }
    }
    let mut changes = entries.keys().filter(|(is_change, _)| *is_change);
    match changes.find(|(_, subject)| !kept.contains(subject)) {
        Some((_, subject)) => Err(format!("the entry of {subject} tells of no change")),
        None => Ok(()),
    }
}

/// Kills so many servers, each at some moment.
async fn kill(db: &Db, kills: u64) -> Answered {
    let (next, answered) = (
        Arc::new(AtomicU64::new(0)),
        Arc::new(Mutex::new(Answered::default())),
    );
    for nth in 0..kills {
        let data = db.folder().display().to_string();
        let serve = zhengxin([
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--database-url",
            &db.url(),
            "--data",
            &data,
        ]);
        let mut running = serve
            .env("ZHENGXIN__AUTH__LOCAL__KEY", KEY)
            .env("ZHENGXIN__JOBS__ENABLED", "false")
            .start_logging_to(&db.folder().join("log"));
        let lines = running.lines_until("ready ");
        let address = lines
            .last()
            .and_then(|line| line.strip_prefix("ready "))
            .expect("an address");
        let base = address.trim_end_matches("/graphql").to_owned();
        let callers = (0..CALLERS).map(|_| {
            tokio::spawn(ask(
                base.clone(),
                auth(),
                Arc::clone(&next),
                Arc::clone(&answered),
            ))
        });
        let callers: Vec<_> = callers.collect();
        // Some while they begin, others in the middle of it.
        let alive = 10 + nth * 7_919 % ALIVE_MS;
        tokio::time::sleep(Duration::from_millis(alive)).await;
        tokio::task::block_in_place(|| running.kill());
        for caller in callers {
            caller.await.expect("nothing else went wrong");
        }
    }
    Arc::into_inner(answered)
        .and_then(|all| all.into_inner().ok())
        .expect("nobody asks any more")
}

fn kills() -> u64 {
    let wanted = std::env::var("ZHENGXIN_AUDIT_KILLS").ok();
    wanted.and_then(|kills| kills.parse().ok()).unwrap_or(20)
}

async fn on(db: Db) {
    let answered = kill(&db, kills()).await;
    assert!(
        answered.reads.len() > 5 && answered.changes.len() > 5,
        "{answered:?}"
    );
    judge(&db, &answered)
        .await
        .unwrap_or_else(|wrong| panic!("{wrong}"));
    // The judge sees a loss: of an entry that was not durable, and of a change that was not.
    let hand = db.connect().await;
    let change = answered.changes.first().expect("there are some");
    let lose = format!("DELETE FROM zero_report WHERE by_subject = '{change}'");
    hand.execute_unprepared(&lose).await.expect("it runs");
    let told = judge(&db, &answered).await.expect_err("it is lost");
    assert_eq!(told, format!("the change of {change} is lost"));
    let unwritten = Answered {
        reads: BTreeSet::from(["caller-none".to_owned()]),
        ..Answered::default()
    };
    let told = judge(&db, &unwritten)
        .await
        .expect_err("nobody wrote it down");
    assert_eq!(told, "caller-none was answered without an entry");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_is_answered_without_his_entry_whenever_the_program_is_killed() {
    let both = [Some(Db::sqlite()), Db::postgres()].into_iter().flatten();
    let both = both.map(|db| tokio::spawn(on(db)));
    for one in both.collect::<Vec<_>>() {
        one.await.unwrap_or_else(|error| panic!("{error}"));
    }
}
