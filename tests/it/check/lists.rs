//! Lists of subjects handed over as files: answered in parts that stay answered, with one receipt for the whole.

use std::{cell::Cell, fmt::Write, io::Cursor};

use calamine::{Data, Reader, Xlsx, open_workbook_from_rs};
use domain::viewer::{Role, Viewer};
use reqwest::{Client, RequestBuilder};
use serde_json::Value;
use tokio_util::sync::CancellationToken;
use zhengxin::{
    check::{Asked, NotChecked, Receipt},
    jobs,
};

use super::{ELSEWHERE, GONE, LISTED, SOUND, Scene, name, watch::deliver};
use crate::support::{Db, Hub, made, on_both};

const LISTS: &str = "check/lists?purpose=批量核查&reference=样函1号";

/// A listed body, a sound one and nobody, over and over.
fn list(rows: usize) -> String {
    let names = [LISTED, SOUND, "佛山市不存局"];
    let mut text = "序号,单位名称,备注\n".to_owned();
    for row in 0..rows {
        writeln!(text, "{row},{},=1+1 440604199001010018", names[row % 3]).expect("a text grows");
    }
    text
}

struct Door {
    base: String,
    http: Client,
}

impl Door {
    async fn of(hub: &Hub) -> Self {
        Self {
            base: hub.serve().await,
            http: Client::builder().no_proxy().build().expect("a client"),
        }
    }

    fn post(&self, path: &str, body: impl Into<reqwest::Body>) -> RequestBuilder {
        self.http.post(format!("{}/{path}", self.base)).body(body)
    }

    fn get(&self, path: &str) -> RequestBuilder {
        self.http.get(format!("{}/{path}", self.base))
    }

    /// Hands a list over; status and what is said of it.
    async fn hand(&self, token: &str, path: &str, body: Vec<u8>) -> (u16, Value) {
        said(self.post(path, body).bearer_auth(token)).await
    }
}

async fn said(request: RequestBuilder) -> (u16, Value) {
    let reply = request.send().await.expect("it answers");
    let status = reply.status().as_u16();
    (status, reply.json().await.expect("JSON"))
}

async fn bytes(request: RequestBuilder) -> Vec<u8> {
    let reply = request.send().await.expect("it answers");
    assert_eq!(reply.status().as_u16(), 200);
    reply.bytes().await.expect("a body").to_vec()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_goes_on_where_it_was_and_has_one_receipt() {
    on_both(async |db| {
        let scene = Scene::on(&db).await;
        let (hub, court) = (&scene.hub, scene.court());
        let door = Door::of(hub).await;
        let (status, handed) = door.hand(&court, LISTS, list(1_001).into_bytes()).await;
        assert_eq!(
            (status, &handed["state"], &handed["rows"]),
            (202, &"RUNNING".into(), &1_001.into()),
            "{handed}"
        );
        let id = handed["id"].as_str().expect("an id");
        let (status, again) = door.hand(&court, LISTS, list(1_001).into_bytes()).await;
        assert_eq!(
            (status, &again),
            (202, &handed),
            "handed over twice it is the same list"
        );
        // The hub goes away after one part of three.
        let parts = Cell::new(0);
        let done = hub
            .app
            .lists()
            .work(id, || parts.replace(parts.get() + 1) == 1)
            .await;
        assert!(!done.expect("it is answered"));
        let place = format!("check/lists/{id}");
        let (_, half) = said(door.get(&place).bearer_auth(&court)).await;
        assert_eq!(
            (&half["state"], &half["answered"]),
            (&"RUNNING".into(), &500.into())
        );
        let early = said(
            door.get(&format!("{place}/answers.csv"))
                .bearer_auth(&court),
        )
        .await;
        assert_eq!(
            (early.0, &early.1["errors"][0]["extensions"]["code"]),
            (409, &"CONFLICT".into())
        );

        // Another one goes on, by itself.
        let other = Hub::with_person_key(&db).await;
        other.it_is("2026-04-20");
        let stopping = CancellationToken::new();
        let job = jobs::answer_lists(other.app.lists(), other.app.store.clone(), stopping.clone());
        let job = tokio::spawn(job);
        let whole = loop {
            let (_, told) = said(door.get(&place).bearer_auth(&court)).await;
            if told["state"] != "RUNNING" {
                break told;
            }
            tokio::task::yield_now().await;
        };
        stopping.cancel();
        job.await.expect("it ends");
        assert_eq!(
            (&whole["state"], &whole["answered"]),
            (&"DONE".into(), &1_001.into()),
            "{whole}"
        );
        // Entries of its parts and of the whole name the request by which it came, and the list.
        hub.app.audit.integrate().await.expect("it is put together");
        let auditor = hub.token(Role::Auditor, &["440000"], None);
        let query = "{ auditEntries(filter: { action: CHECK }, first: 9) { edges { node { request } } } }";
        let told = hub.data(Some(&auditor), query).await;
        let edges = told["auditEntries"]["edges"].as_array().expect("a list");
        let named = format!(", list {id}");
        let trace = |edge: &Value| {
            let request = edge["node"]["request"].as_str().expect("a text");
            let trace = request.strip_suffix(&named).expect("it names the list").to_owned();
            assert!(trace.len() == 32 && trace.bytes().all(|byte| byte.is_ascii_hexdigit()), "{trace}");
            trace
        };
        let traces: Vec<String> = edges.iter().map(trace).collect();
        assert_eq!(traces, vec![traces[0].clone(); 4]);
        // What came of it is told with an entry of the log alone: by its answers and its receipt.
        assert_eq!(whole["verdicts"], serde_json::Value::Null);
        assert!(
            whole["receipt"]
                .as_str()
                .is_some_and(|name| name.starts_with("chl_440000_")),
            "{whole}"
        );

        let csv = bytes(
            door.get(&format!("{place}/answers.csv"))
                .bearer_auth(&court),
        )
        .await;
        let text = String::from_utf8(csv).expect("UTF-8");
        let mut reader = csv::Reader::from_reader(text.trim_start_matches('\u{feff}').as_bytes());
        assert_eq!(
            reader.headers().expect("headings").iter().next(),
            Some("序号")
        );
        let rows: Vec<csv::StringRecord> =
            reader.records().collect::<Result<_, _>>().expect("rows");
        assert_eq!(rows.len(), 1_001);
        assert!(
            rows.iter()
                .zip(0..)
                .all(|(row, number): (_, usize)| row[0] == number.to_string()),
            "in their order"
        );
        assert_eq!(
            (&rows[0][3], &rows[1][3], &rows[2][3]),
            ("LISTED", "CLEAR", "UNKNOWN_SUBJECT")
        );
        assert!(
            rows[0][2].starts_with("'=1+1 ") && !text.contains("440604199001010018"),
            "{}",
            &rows[0][2]
        );
        let receipt = scene.receipt(&court, &rows[1_000][10].into()).await;
        assert_eq!(
            (&receipt["verdict"], &receipt["reference"]),
            (&"CLEAR".into(), &"样函1号".into())
        );
        let book = bytes(
            door.get(&format!("{place}/answers.xlsx"))
                .bearer_auth(&court),
        )
        .await;
        let mut book: Xlsx<_> = open_workbook_from_rs(Cursor::new(book)).expect("a workbook");
        let sheet = book
            .worksheet_range_at(0)
            .expect("a sheet")
            .expect("it is read");
        assert_eq!(sheet.height(), 1_002);
        assert_eq!(
            sheet.get_value((1, 3)),
            Some(&Data::String("LISTED".to_owned()))
        );

        // Whom answers that leave are about, and for what they left, stands in the log.
        hub.app.audit.integrate().await.expect("it is put together");
        let auditor = hub.token(Role::Auditor, &["440000"], None);
        let query = "{ auditEntries(filter: { action: EXPORT }, first: 1) { edges { node { agencies purpose reference } } } }";
        let told = hub.data(Some(&auditor), query).await;
        let left = &told["auditEntries"]["edges"][0]["node"];
        assert_eq!((&left["purpose"], &left["reference"]), (&"批量核查".into(), &"样函1号".into()));
        assert_eq!(left["agencies"].as_array().map(Vec::len), Some(2), "{left}");

        // Done, it stays done: the same list is not answered again. Another day's is another one.
        let (_, same) = door.hand(&court, LISTS, list(1_001).into_bytes()).await;
        assert_eq!(same["receipt"], whole["receipt"]);
        hub.it_is("2026-04-21");
        let (_, next) = door
            .hand(&scene.court(), LISTS, list(1_001).into_bytes())
            .await;
        assert_ne!(next["id"], handed["id"]);
        let audit = hub.app.audit.clone();
        audit.integrate().await.expect("it is put together");
        let checks = audit_checks(&scene).await;
        assert_eq!(checks, 3 + 1, "three parts and the whole");
        // Old enough, it is forgotten.
        hub.it_is("2026-05-21");
        assert_eq!(hub.app.lists().erase().await.expect("it is erased"), 1);
        assert_eq!(
            said(door.get(&place).bearer_auth(scene.court())).await.0,
            404
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_part_that_two_answer_at_once_is_told_by_one_receipt() {
    on_both(async |db| {
        let scene = Scene::on(&db).await;
        let door = Door::of(&scene.hub).await;
        let (_, handed) = door
            .hand(&scene.court(), LISTS, list(40).into_bytes())
            .await;
        let id = handed["id"].as_str().expect("an id");
        let other = Hub::with_person_key(&db).await;
        other.it_is("2026-04-20");
        let store = &scene.hub.app.store;
        let known = store.check_list(id).await.expect("it is read");
        let known = known.expect("it is there");
        let lists = [scene.hub.app.lists(), other.app.lists()];
        let both = tokio::join!(lists[0].part(&known, 0), lists[1].part(&known, 0));
        let ids = |told: Result<Vec<(Vec<String>, Receipt)>, NotChecked>| {
            let told = told.expect("it is answered").into_iter();
            told.map(|(_, receipt)| receipt.id.to_string())
                .collect::<Vec<_>>()
        };
        let (first, second) = (ids(both.0), ids(both.1));
        assert_eq!((first.len(), &first), (40, &second));
    })
    .await;
}

#[tokio::test]
async fn a_list_as_of_a_day_is_the_same_on_whatever_day_it_is_handed_over() {
    on_both(async |db| {
        let scene = Scene::on(&db).await;
        let (hub, door) = (&scene.hub, Door::of(&scene.hub).await);
        let hand = async |path: &str| {
            let (status, told) = door
                .hand(&scene.court(), path, list(501).into_bytes())
                .await;
            assert_eq!(status, 202, "{told}");
            told
        };
        let as_of = format!("{LISTS}&asOf=2026-04-20");
        let handed = hand(&as_of).await;
        let id = handed["id"].as_str().expect("an id");
        assert_ne!(
            hand(LISTS).await["id"],
            *id,
            "who names no day asks for none"
        );
        let parts = Cell::new(0);
        let broken_off = || parts.replace(parts.get() + 1) == 1;
        let done = hub.app.lists().work(id, broken_off).await;
        assert!(!done.expect("it is answered"));
        // Midnight goes by; what was answered stays answered.
        hub.it_is("2026-04-21");
        let again = hand(&as_of).await;
        assert_eq!(
            (&again["id"], &again["answered"]),
            (&id.into(), &500.into())
        );
        let done = hub.app.lists().work(id, || false).await;
        assert!(done.expect("it is answered"));
        assert_eq!(hand(&as_of).await["state"], "DONE");
    })
    .await;
}

#[tokio::test]
async fn a_list_without_a_day_is_told_of_the_day_on_which_it_came() {
    on_both(async |db| {
        let scene = Scene::on(&db).await;
        let (hub, door, court) = (&scene.hub, Door::of(&scene.hub).await, scene.court());
        // Whose clock is behind answers it all the same.
        let (_, one) = door.hand(&court, LISTS, list(1).into_bytes()).await;
        let one = one["id"].as_str().expect("an id");
        hub.it_is("2026-04-19");
        let done = hub.app.lists().work(one, || false).await;
        assert!(done.expect("it is answered"));
        hub.it_is("2026-04-20");
        let (_, told) = said(door.get(&format!("check/lists/{one}")).bearer_auth(&court)).await;
        assert_eq!(
            (&told["state"], &told["asOf"]),
            (&"DONE".into(), &"2026-04-20".into()),
            "{told}"
        );
        let (_, handed) = door.hand(&court, LISTS, list(502).into_bytes()).await;
        assert_eq!(handed["asOf"], "2026-04-20");
        let id = handed["id"].as_str().expect("an id");
        let parts = Cell::new(0);
        let broken_off = || parts.replace(parts.get() + 1) == 1;
        let done = hub.app.lists().work(id, broken_off).await;
        assert!(!done.expect("it is answered"));
        // Midnight goes by, and the court takes its listing back.
        hub.it_is("2026-04-21");
        let rest = made::court_jsonl(&[made::listing(2, GONE), made::listing(3, ELSEWHERE)]);
        hub.ingest("court_debtors", &[("c.jsonl", &rest)], |_| {})
            .await;
        assert_eq!(scene.verdict(&name(LISTED)).await, "CLEAR");
        let done = hub.app.lists().work(id, || false).await;
        assert!(done.expect("it is answered"));
        let court = scene.court();
        let answers = door.get(&format!("check/lists/{id}/answers.csv"));
        let csv = bytes(answers.bearer_auth(&court)).await;
        let text = String::from_utf8(csv).expect("UTF-8");
        let mut reader = csv::Reader::from_reader(text.trim_start_matches('\u{feff}').as_bytes());
        let rows: Vec<csv::StringRecord> =
            reader.records().collect::<Result<_, _>>().expect("rows");
        assert_eq!((&rows[0][3], &rows[501][3]), ("LISTED", "LISTED"));
        for row in [&rows[0], &rows[501]] {
            let receipt = scene.receipt(&court, &row[10].into()).await;
            assert_eq!(receipt["asOf"], "2026-04-20");
        }
    })
    .await;
}

/// Entries of checks in the audit log.
async fn audit_checks(scene: &Scene) -> u64 {
    audited(scene, "action: CHECK").await
}

/// Of these those that were refused.
async fn refused_checks(scene: &Scene) -> u64 {
    audited(scene, "action: CHECK, outcome: DENIED").await
}

async fn audited(scene: &Scene, which: &str) -> u64 {
    let auditor = scene.hub.token(Role::Auditor, &["440000"], None);
    let query = format!("{{ auditEntries(filter: {{ {which} }}) {{ totalCount }} }}");
    let told = scene.hub.data(Some(&auditor), &query).await;
    told["auditEntries"]["totalCount"]
        .as_u64()
        .expect("a count")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_part_whose_answers_are_too_long_is_asked_in_halves_and_nothing_is_refused() {
    const LISTINGS: i64 = 45;
    on_both(async |db| {
        let scene = Scene::on(&db).await;
        let door = Door::of(&scene.hub).await;
        let listings: Vec<_> = (1..=LISTINGS).map(|n| made::listing(n, LISTED)).collect();
        deliver(&scene.hub, &listings).await;
        // More lines than one answer takes.
        let rows = format!("{LISTED}\n").repeat(500);
        let list = format!("单位名称\n{rows}").into_bytes();
        let (status, handed) = door.hand(&scene.court(), LISTS, list).await;
        assert_eq!(status, 202, "{handed}");
        let id = handed["id"].as_str().expect("an id");
        let done = scene.hub.app.lists().work(id, || false).await;
        assert!(done.expect("it is answered"));
        let (status, told) = said(
            door.get(&format!("check/lists/{id}"))
                .bearer_auth(scene.court()),
        )
        .await;
        assert_eq!((status, &told["state"]), (200, &"DONE".into()), "{told}");
        let integrated = scene.hub.app.audit.integrate().await;
        integrated.expect("it is put together");
        assert_eq!(refused_checks(&scene).await, 0);
        assert_eq!(
            audit_checks(&scene).await,
            2 + 1,
            "two halves and the whole"
        );
    })
    .await;
}

#[tokio::test]
async fn what_is_no_list_or_nobodys_to_see_is_refused() {
    let db = Db::sqlite();
    let scene = Scene::on(&db).await;
    let (hub, court) = (&scene.hub, scene.court());
    let door = Door::of(hub).await;
    let (_, handed) = door.hand(&court, LISTS, list(2).into_bytes()).await;
    let place = format!("check/lists/{}", handed["id"].as_str().expect("an id"));
    // Of another place or role it is no list; of no role that checks nothing is one.
    let elsewhere = hub.token(Role::Court, &["441900"], None);
    let authority = hub.token(Role::Authority, &["440600"], None);
    for token in [elsewhere, authority] {
        let (status, told) = said(door.get(&place).bearer_auth(token)).await;
        assert_eq!(
            (status, &told["errors"][0]["extensions"]["code"]),
            (404, &"NOT_FOUND".into())
        );
    }
    let congress = hub.token(Role::Congress, &["440600"], None);
    for (request, wanted) in [
        (door.get(&place).bearer_auth(congress), 403),
        (door.get(&place), 403),
        (door.get(&place).bearer_auth("nobody's"), 401),
        (door.get("check/lists").bearer_auth(&court), 405),
        (
            door.get(&format!("{place}/answers.pdf"))
                .bearer_auth(&court),
            404,
        ),
    ] {
        let (status, told) = said(request).await;
        assert_eq!(status, wanted, "{told}");
    }
    for (path, body, says) in [
        (
            LISTS,
            format!("单位名称\n{}\n", "甲".repeat(32_001)),
            "list:2: a cell has 32001 characters, expected at most 32000",
        ),
        (
            "check/lists",
            list(1),
            "purpose: 1 to 200 characters expected",
        ),
        (
            "check/lists?purpose=x&colour=red",
            list(1),
            "expected purpose, reference or asOf",
        ),
        (
            "check/lists?purpose=x&asOf=tomorrow",
            list(1),
            "asOf: a day such as",
        ),
        (
            "check/lists?purpose=x&asOf=2026-04-21",
            list(1),
            "asOf: a day up to 2026-04-20",
        ),
        (
            LISTS,
            "甲,乙\n1,2\n".to_owned(),
            "none of the expected headings",
        ),
        (
            LISTS,
            "区划代码\n440600\n".to_owned(),
            "no column that says who is meant",
        ),
        (LISTS, "名称\n甲,乙\n".to_owned(), "list:2: has 2 columns"),
    ] {
        let (status, told) = door.hand(&court, path, body.into_bytes()).await;
        let message = told["errors"][0]["message"].as_str().unwrap_or_default();
        assert!(status == 400 && message.contains(says), "{status} {told}");
    }
    // What was refused stands in the log, too.
    hub.app.audit.integrate().await.expect("it is put together");
    assert_eq!(refused_checks(&scene).await, 8);
    let auditor = hub.token(Role::Auditor, &["440000"], None);
    let query =
        "{ auditEntries(filter: { action: CHECK }, first: 1) { edges { node { outcome role } } } }";
    let told = hub.data(Some(&auditor), query).await;
    let refused = &told["auditEntries"]["edges"][0]["node"];
    assert_eq!(
        (&refused["outcome"], &refused["role"]),
        (&"DENIED".into(), &"COURT".into())
    );
    // Another day's is another list.
    hub.it_is("2026-04-21");
    let next = scene.court();
    let (_, again) = door.hand(&next, LISTS, list(2).into_bytes()).await;
    assert!(
        again["id"].is_string() && again["id"] != handed["id"],
        "{again}"
    );
    hub.it_is("2026-04-20");
    // One place has so many unfinished ones, and no more, those aside that the command line left behind.
    let viewer = Viewer {
        role: Role::Court,
        divisions: vec!["440600".parse().expect("a code")],
        ..Viewer::public()
    };
    for rows in 7..12 {
        let asked = Asked {
            inputs: Vec::new(),
            as_of: None,
            purpose: "x".to_owned(),
            reference: None,
            request: "command".to_owned(),
        };
        let bytes = list(rows).into_bytes();
        let taken = hub.app.lists().accept(&viewer, &asked, bytes, false).await;
        taken.expect("the command line's lists are taken in");
    }
    for rows in 3..5 {
        assert_eq!(
            door.hand(&court, LISTS, list(rows).into_bytes()).await.0,
            202
        );
    }
    let (status, told) = door.hand(&court, LISTS, list(6).into_bytes()).await;
    assert_eq!(
        (status, &told["errors"][0]["extensions"]["code"]),
        (429, &"LIMITED".into()),
        "{told}"
    );
    hub.app.audit.integrate().await.expect("it is put together");
    assert_eq!(refused_checks(&scene).await, 9);
    let too_big = door.post(LISTS, vec![b'x'; 33 * 1_048_576]);
    // Refused while it still comes, so that the answer may be lost with the connection.
    if let Ok(reply) = too_big.bearer_auth(&court).send().await {
        assert_eq!(reply.status().as_u16(), 413);
    }
}
