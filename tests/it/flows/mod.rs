//! Each track as a story over GraphQL, with the roles that really act.

mod arrears;
mod as_of;
mod audited;
mod breach;
mod checked;
mod court;
mod data;
mod diffs;
mod handed;
mod incentives;
mod led;
mod ledger;
mod local;
mod measures;
mod measures_end;
mod mistakes;
mod oversight;
mod overview;
mod periods;
mod publicity;
mod recounted;
mod redirected;
mod refused;
mod relisted;
mod reminders;
mod repeated;
mod rights;
mod steps;
mod terms;
mod untouched;

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use domain::{uscc::Uscc, viewer::Role};
use serde_json::Value;
use zhengxin::casework::Turned;

use crate::support::{Db, Hub, made, rows};

/// A digest of something that was attached.
const DIGEST: &str = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
/// Mutations that decide something.
const DECISIONS: &[&str] = &[
    "gradeRecord",
    "publishRecord",
    "rejectClue",
    "extendDeadline",
    "issueSupervisionOrder",
    "circulateCase",
    "acceptRectification",
    "returnRectification",
    "imposeSanction",
    "suspendSanction",
    "resumeSanction",
    "liftSanction",
    "decideRepair",
    "revokeRepair",
    "decideObjection",
    "withdrawRecord",
    "grantIncentive",
];
const CASE: &str = "__typename ... on CaseSuccess { case { id version stage open dueOn dueIsProvisional \
     overdue handler { name } record { id version tier status publicUntil underObjection endGround } \
     sanctions { id version status endsOn measure { code } } repairs { id version state dueOn dueIsProvisional overdue } \
     objections { id version state dueOn overdue } rectifications { number overdue refused } orders { number answeredOn } } } \
     ... on Refusal { code message basis } ... on VersionConflict { current }";

/// A bureau, the city's government above it, departments that may be competent, and those who act.
struct Story {
    hub: Hub,
    keys: AtomicU32,
    /// Whether each step is sent twice under its key.
    sends_twice: AtomicBool,
    /// Whoever is concerned.
    bureau: Uscc,
    agency: Who,
    authority: Who,
    congress: Who,
    court: Who,
    /// The government above them all.
    superior: Who,
}

/// Somebody who acts; his tokens last an hour, so each step has one of its own.
struct Who(Role, &'static str, Option<Uscc>);

const BUREAU: &str = "佛山市样例承诺局";
const DEVELOPMENT: &str = "佛山市发展和改革局";
const CITY: &str = "佛山市人民政府";
const PROVINCE: &str = "广东省人民政府";

impl Story {
    async fn on(db: &Db) -> Self {
        Self::of(Hub::on(db).await).await
    }

    async fn of(hub: Hub) -> Self {
        hub.it_is("2026-04-20");
        let province = made::body(5, PROVINCE, "440000");
        let city = made::body(1, CITY, "440600").superior(&province.uscc);
        let bodies = vec![
            made::body(2, BUREAU, "440600").superior(&city.uscc),
            made::body(3, DEVELOPMENT, "440600").superior(&city.uscc),
            made::body(4, "佛山市样例文化馆", "440600"),
            city,
            province,
        ];
        let bureau = bodies[0].uscc;
        hub.ingest(
            "agency_register",
            &[("a.csv", &made::register(&bodies))],
            |_| {},
        )
        .await;
        Self {
            agency: Who(Role::Agency, "440600", Some(bureau)),
            authority: Who(Role::Authority, "440600", None),
            congress: Who(Role::Congress, "440600", None),
            court: Who(Role::Court, "440600", None),
            superior: Who(Role::Government, "440000", None),
            keys: AtomicU32::new(0),
            sends_twice: AtomicBool::new(false),
            bureau,
            hub,
        }
    }

    fn token(&self, who: &Who) -> String {
        self.hub.token(who.0, &[who.1], who.2.as_ref())
    }

    async fn data(&self, who: &Who, query: &str) -> Value {
        self.hub.data(Some(&self.token(who)), query).await
    }

    /// One lead of the hotline about the bureau: its id.
    async fn lead(&self) -> String {
        let order = rows::file(&[order()]);
        let files: [(&str, &[u8]); 1] = [("orders.csv", &order)];
        let report = self.hub.ingest("hotline", &files, |_| {}).await;
        assert_eq!(
            (report.counts.received, report.counts.rejected),
            (1, 0),
            "{report:?}"
        );
        let data = self
            .data(
                &self.authority,
                "{ clues(first: 5) { edges { node { id } } } }",
            )
            .await;
        id(&data["clues"]["edges"][0]["node"])
    }

    async fn id_of(&self, name: &str) -> String {
        self.id_for(&self.authority, name).await
    }

    /// The same of a body that lies outside the city.
    async fn id_for(&self, who: &Who, name: &str) -> String {
        let query = format!(
            r#"{{ agencies(filter: {{ name: {{ eq: "{name}" }} }}, first: 1) {{ edges {{ node {{ id }} }} }} }}"#
        );
        let data = self.data(who, &query).await;
        id(&data["agencies"]["edges"][0]["node"])
    }

    async fn version(&self, id: &str) -> i64 {
        self.version_for(&self.authority, id).await
    }

    /// The same of a thing outside the city.
    async fn version_for(&self, who: &Who, id: &str) -> i64 {
        let kinds = [
            "Clue",
            "CreditRecord",
            "Case",
            "Sanction",
            "Repair",
            "Objection",
        ];
        let parts: Vec<String> = kinds
            .iter()
            .map(|kind| format!("... on {kind} {{ version }}"))
            .collect();
        let query = format!(r#"{{ node(id: "{id}") {{ {} }} }}"#, parts.join(" "));
        let data = self.data(who, &query).await;
        data["node"]["version"].as_i64().unwrap_or(0)
    }

    /// Takes a step on a thing as it stands, under a key of its own.
    async fn step(&self, who: &Who, name: &str, on: (&str, &str), more: &str) -> Value {
        let version = self.version(on.1).await;
        self.step_at(who, name, on, version, more).await
    }

    async fn step_at(
        &self,
        who: &Who,
        name: &str,
        (argument, id): (&str, &str),
        version: i64,
        more: &str,
    ) -> Value {
        let key = self.keys.fetch_add(1, Ordering::SeqCst);
        // Who decides attaches what he decided by, where a story says no more of it.
        let attached = match DECISIONS.contains(&name) && !more.contains("evidence:") {
            true => format!(r#", evidence: ["{DIGEST}"]"#),
            false => String::new(),
        };
        let told = match name {
            "transferClue" => {
                "__typename ... on TransferClueSuccess { clue { id version stage dueOn dueIsProvisional } } \
                 ... on Refusal { code } ... on VersionConflict { current }"
            }
            _ => CASE,
        };
        let query = format!(
            r#"mutation {{ {name}(input: {{ key: "step {key}", {argument}: "{id}", version: {version}, {more}{attached} }}) {{ {told} }} }}"#
        );
        let answer = self.hub.query(Some(&self.token(who)), &query).await;
        assert!(answer.get("errors").is_none(), "{query}\n{answer}");
        if self.sends_twice.load(Ordering::SeqCst) {
            let again = self.hub.query(Some(&self.token(who)), &query).await;
            assert_eq!(again["data"], answer["data"], "{query}");
        }
        answer["data"][name].clone()
    }

    /// The same, which must be done: the case.
    async fn done(&self, who: &Who, name: &str, on: (&str, &str), more: &str) -> Value {
        let done = self.step(who, name, on, more).await;
        assert_eq!(done["__typename"], "CaseSuccess", "{name}: {done}");
        done["case"].clone()
    }

    /// Arrears of the bureau that the registry established on 2026-10-09, told a day later: the record's id.
    async fn debt(&self) -> String {
        self.hub.it_is("2026-10-10");
        let established = rows::file(&[rows::established(1, BUREAU)]);
        let files: [(&str, &[u8]); 1] = [("a.csv", &established)];
        self.hub.ingest("arrears", &files, |_| {}).await;
        let query = "{ creditRecords(first: 5) { edges { node { id } } } }";
        let data = self.data(&self.authority, query).await;
        id(&data["creditRecords"]["edges"][0]["node"])
    }

    /// The bureau is to pay by a day: the case.
    async fn asks_to_pay(&self, the_case: (&str, &str), due_on: &str) -> Value {
        let task = self.task("付清", due_on).await;
        self.done(&self.authority, "askRectification", the_case, &task)
            .await
    }

    /// It says that it did what was asked first.
    async fn says_it_did(&self, the_case: (&str, &str)) {
        let submit = format!(r#"task: 1, note: "已办", evidence: ["{DIGEST}"]"#);
        self.done(&self.agency, "submitRectification", the_case, &submit)
            .await;
    }

    /// Somebody saw that it did: the case.
    async fn sees_it_did(&self, who: &Who, the_case: (&str, &str)) -> Value {
        self.done(who, "acceptRectification", the_case, "task: 1")
            .await
    }

    /// Lets time do what is due on a day.
    async fn turn_on(&self, day: &str) -> Turned {
        self.hub.it_is(day);
        let turned = self.hub.app.casework().turn().await;
        turned.expect("the day turns")
    }

    /// How many cases are told of under a filter.
    async fn count(&self, who: &Who, filter: &str) -> i64 {
        let query = format!("{{ cases(filter: {{ {filter} }}, first: 1) {{ totalCount }} }}");
        let data = self.data(who, &query).await;
        data["cases"]["totalCount"].as_i64().expect("a number")
    }

    /// The same, which must be refused: why.
    async fn refused(&self, who: &Who, name: &str, on: (&str, &str), more: &str) -> String {
        let refused = self.step(who, name, on, more).await;
        assert_eq!(refused["__typename"], "Refusal", "{name}: {refused}");
        refused["code"].as_str().expect("a word").to_owned()
    }
}

fn id(node: &Value) -> String {
    node["id"].as_str().expect("an id").to_owned()
}

/// An order of the hotline about the bureau.
fn order() -> rows::Row {
    rows::order(1, BUREAU, "政务诚信")
        .with("派发时间", "2026-04-01 09:00:00")
        .with("承诺完成时间", "2026-04-15 18:00:00")
}
