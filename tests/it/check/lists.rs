//! Lists of subjects handed over as files: answered in parts that stay answered, with one receipt for the whole.

mod days;
mod refused;

use std::{cell::Cell, fmt::Write, io::Cursor};

use calamine::{Data, Reader, Xlsx, open_workbook_from_rs};
use domain::viewer::{Role, Viewer};
use reqwest::{Client, RequestBuilder};
use serde_json::Value;
use tokio_util::sync::CancellationToken;
use zhengxin::{
    check::{Asked, NotChecked, PartTold},
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
        // Its receipt is not.
        let name = whole["receipt"].as_str().expect("a name");
        let kept = format!("check/lists/{name}");
        let (status, told) = said(door.get(&kept).bearer_auth(scene.court())).await;
        assert_eq!(status, 200, "{told}");
        for same in ["id", "rows", "purpose", "reference", "digest", "answersDigest"] {
            assert_eq!(told[same], whole[same], "{same}");
        }
        let receipts = told["receipts"].as_array().expect("a list");
        let first = scene.receipt(&scene.court(), &receipts[0]["first"]).await;
        assert_eq!((receipts.len(), &first["verdict"]), (3, &"LISTED".into()));
        let stranger = hub.token(Role::Court, &["441900"], None);
        let single = kept.replace(&name[11..], receipts[0]["first"].as_str().map_or("", |id| &id[11..id.len() - 2]));
        for (path, token) in [(&kept, stranger), (&single, scene.court())] {
            assert_eq!(said(door.get(path).bearer_auth(token)).await.0, 404, "{path}");
        }
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
        let again = [&both.0, &both.1].map(|told| told.as_ref().is_ok_and(|told| told.is_again));
        assert_eq!(again.iter().filter(|is_again| **is_again).count(), 1);
        let ids = |told: Result<PartTold, NotChecked>| {
            let told = told.expect("it is answered").rows.into_iter();
            told.map(|(_, receipt)| receipt.id.to_string())
                .collect::<Vec<_>>()
        };
        let (first, second) = (ids(both.0), ids(both.1));
        assert_eq!((first.len(), &first), (40, &second));
    })
    .await;
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
