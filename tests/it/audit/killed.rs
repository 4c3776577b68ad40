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
    division::DivisionCode,
    viewer::{Role, Scope},
};
use sea_orm::{ConnectionTrait, Database, Statement};
use serde_json::{Value, json};
use zhengxin::{
    auth::{Auth, Grant},
    check::ReceiptId,
    clock::Clock,
    config::{self, LocalKey},
};

use super::audit_on;
use crate::support::{Db, Hub, KEY, zhengxin};

/// Who ask at once.
const CALLERS: u64 = 6;
/// The longest time that one is left alive once he serves.
const ALIVE_MS: u64 = 180;

/// Rows of each list that is handed over.
const ROWS: usize = 3;

/// What was answered: the subjects of readers and of those who changed something, each with the receipt of his check
/// where he asked for one, and the ids of lists that were taken in.
#[derive(Debug, Default)]
struct Answered {
    reads: BTreeSet<String>,
    changes: BTreeSet<String>,
    checks: BTreeMap<String, String>,
    lists: BTreeMap<String, String>,
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

/// The city and two other places, so that many lists are taken in.
fn areas(n: u64) -> Vec<DivisionCode> {
    // 440100 to 440900 and 441200 to 441900.
    let city = |n: u64| {
        let n = n % 17;
        format!("44{:02}00", if n < 9 { 1 + n } else { 3 + n })
    };
    let codes = ["440600".to_owned(), city(n / 16), city(n / 16 / 17)];
    let codes = codes.map(|code| code.parse().expect("a division"));
    BTreeSet::from(codes).into_iter().collect()
}

/// What one asks: a text, a change, a check, or for a list of subjects to be answered.
#[derive(Clone, Copy, PartialEq)]
enum What {
    Read,
    Change,
    Check,
    List,
}

impl What {
    fn of(n: u64) -> Self {
        [Self::Read, Self::Change, Self::Check, Self::List][n as usize % 4]
    }

    fn query(self, n: u64) -> String {
        // One in four changes something, and no report is of a day before this century.
        let day = NaiveDate::from_ymd_opt(2026, 1, 1)
            .and_then(|day| day.checked_sub_days(Days::new(n / 4)));
        match self {
            Self::Read => "{ clues(first: 1) { edges { node { content } } } }".to_owned(),
            Self::Change => format!(
                r#"mutation {{ recordZeroReport(input: {{ key: "k", division: "440600", workflow: "court", day: "{}", note: "" }}) {{ __typename }} }}"#,
                day.expect("a day")
            ),
            Self::Check | Self::List => format!(
                r#"{{ sanctionCheck(input: {{ name: "佛山市样例{n}局" }}, purpose: "联合惩戒") {{ id verdict }} }}"#
            ),
        }
    }
}

/// Asks one thing after another, each under a subject of its own, until nobody answers.
async fn ask(base: String, auth: Auth, next: Arc<AtomicU64>, answered: Arc<Mutex<Answered>>) {
    let http = reqwest::Client::builder()
        .no_proxy()
        .build()
        .expect("a client");
    loop {
        let n = next.fetch_add(1, Ordering::Relaxed);
        let what = What::of(n);
        let subject = format!("caller-{n}");
        let grant = Grant {
            subject: subject.clone(),
            role: Role::Authority,
            divisions: areas(n),
            agency: None,
            scopes: vec![Scope::Adhoc],
            minutes: 10,
        };
        let token = auth.issue(&grant).expect("there is a key");
        let request = match what {
            What::List => {
                let rows = (0..ROWS).map(|row| format!("佛山市样例{n}{row}局\n"));
                http.post(format!("{base}/check/lists?purpose=%E6%89%B9%E9%87%8F"))
                    .body(format!("单位名称\n{}", rows.collect::<String>()))
            }
            _ => http
                .post(format!("{base}/graphql"))
                .json(&json!({ "query": what.query(n) })),
        };
        let Ok(reply) = request.bearer_auth(token).send().await else {
            return;
        };
        let Ok(told) = reply.json::<Value>().await else {
            return;
        };
        // Of one place a few lists alone may be unfinished, and here nobody finishes them.
        if what == What::List && told["errors"][0]["extensions"]["code"] == "LIMITED" {
            continue;
        }
        assert!(told.get("errors").is_none(), "{told}");
        let id = |id: &Value| id.as_str().expect("an id").to_owned();
        let mut answered = answered.lock().expect("nobody panicked");
        match what {
            What::Read => drop(answered.reads.insert(subject)),
            What::Change => drop(answered.changes.insert(subject)),
            What::Check => {
                let receipt = id(&told["data"]["sanctionCheck"]["id"]);
                answered.checks.insert(subject, receipt);
            }
            What::List => drop(answered.lists.insert(subject, id(&told["id"]))),
        }
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
    for subject in answered.reads.iter().chain(answered.checks.keys()) {
        if entries.get(&(false, subject.clone())) != Some(&1) {
            return Err(format!("{subject} was answered without an entry"));
        }
    }
    // Of a check the whole answer is kept under the entry that its receipt names.
    for (subject, receipt) in &answered.checks {
        let id = ReceiptId::named(receipt, "440000").ok_or("no receipt")?;
        let kept = audit.payload(id.entry).await;
        if kept.map_err(|error| error.to_string())?.is_none() {
            return Err(format!("the answer of {subject} is lost"));
        }
    }
    // A list that was taken in is answered to its end: one entry for its rows, and one for the whole.
    for (subject, list) in &answered.lists {
        let kept = store
            .check_list(list)
            .await
            .map_err(|error| error.to_string())?;
        let Some(kept) = kept else {
            return Err(format!("the list of {subject} is lost"));
        };
        if (kept.entry.is_some(), kept.answered) != (true, ROWS as i64) {
            return Err(format!("the list of {subject} is not answered"));
        }
        if entries.get(&(false, subject.clone())) != Some(&2) {
            return Err(format!("{subject}'s list was answered without an entry"));
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

/// Answers the lists that were taken in, as the next start of the program would, half of them as it is killed again: what
/// is answered by then is not answered once more.
async fn finish(db: &Db, answered: &Answered) {
    for _ in 0..2 {
        let hub = Hub::on(db).await;
        let lists = hub.app.lists();
        for (at, list) in answered.lists.values().enumerate() {
            let kept = hub.app.store.check_list(list).await.expect("it is read");
            let kept = kept.expect("it was taken in");
            match kept.entry.is_some() {
                true => {}
                // Its rows are answered, and then it was over.
                false if kept.answered == 0 && at % 2 == 0 => {
                    lists.part(&kept, 0).await.expect("it is answered");
                }
                false => assert!(lists.work(list, || false).await.expect("it is answered")),
            }
        }
    }
}

async fn on(db: Db) {
    let answered = kill(&db, kills()).await;
    let least = answered.reads.len().min(answered.changes.len());
    let least = least.min(answered.checks.len()).min(answered.lists.len());
    assert!(least > 3, "{answered:?}");
    finish(&db, &answered).await;
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
    let none = || "caller-none".to_owned();
    let receipt = answered.checks.values().next().expect("there are some");
    for (unwritten, expected) in [
        (
            Answered {
                reads: BTreeSet::from([none()]),
                ..Answered::default()
            },
            "caller-none was answered without an entry",
        ),
        (
            Answered {
                checks: BTreeMap::from([(none(), receipt.clone())]),
                ..Answered::default()
            },
            "caller-none was answered without an entry",
        ),
        (
            Answered {
                lists: BTreeMap::from([(none(), "none".to_owned())]),
                ..Answered::default()
            },
            "the list of caller-none is lost",
        ),
    ] {
        let told = judge(&db, &unwritten)
            .await
            .expect_err("nobody wrote it down");
        assert_eq!(told, expected);
    }
    // An answer that was taken out of the log's file is missed by verifying already.
    let file = match &db {
        Db::Sqlite(folder) => format!("sqlite://{}", folder.path().join("audit.db").display()),
        Db::Postgres(url, _) => url.clone(),
    };
    let hand = Database::connect(file).await.expect("the database opens");
    hand.execute_unprepared("DELETE FROM audit_payload")
        .await
        .expect("it runs");
    let told = judge(&db, &answered).await.expect_err("it is lost");
    assert!(told.contains("missing before its time"), "{told}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_is_answered_without_his_entry_whenever_the_program_is_killed() {
    let both = [Some(Db::sqlite()), Db::postgres()].into_iter().flatten();
    let both = both.map(|db| tokio::spawn(on(db)));
    for one in both.collect::<Vec<_>>() {
        one.await.unwrap_or_else(|error| panic!("{error}"));
    }
}
