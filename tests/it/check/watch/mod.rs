//! Watch lists: who may watch whom, and what he is told of it.

pub(super) mod feed;
mod lists;
mod rights;
mod terms;

use domain::viewer::{Role, Scope};
use serde_json::{Value, json};
use zhengxin::auth::Grant;

use super::Scene;
use crate::support::{Hub, made};

/// Of an outcome all that is told.
const DONE: &str = "__typename ... on WatchListSuccess { count refused { place verdict reason } \
     list { id title purpose reference endedAt subjects(first: 200) { totalCount edges { node { id uscc agency { name } } } } } } \
     ... on Refusal { code }";

/// Somebody with his lists.
pub(super) struct Client {
    pub(super) token: String,
}

impl Client {
    pub(super) fn court(hub: &Hub) -> Self {
        Self::of(hub, "court client", Role::Court, "440600")
    }

    fn of(hub: &Hub, subject: &str, role: Role, division: &str) -> Self {
        let grant = Grant {
            subject: subject.to_owned(),
            role,
            divisions: vec![division.parse().expect("a code")],
            agency: None,
            scopes: vec![Scope::Adhoc],
            minutes: 600,
        };
        Self {
            token: hub.app.auth.issue(&grant).expect("the hub has a key"),
        }
    }

    /// What came of a mutation.
    async fn step(&self, hub: &Hub, name: &str, input: Value) -> Value {
        let of = name[..1].to_uppercase() + &name[1..];
        let query =
            format!("mutation ($input: {of}Input!) {{ {name}(input: $input) {{ {DONE} }} }}");
        let token = Some(self.token.as_str());
        let answer = hub
            .query_with(token, &query, &json!({ "input": input }))
            .await;
        assert!(answer.get("errors").is_none(), "{answer:#}");
        answer["data"][name].clone()
    }

    /// A list under a key: its id.
    pub(super) async fn list(&self, hub: &Hub, key: &str) -> String {
        let input = json!({ "key": key, "title": "执行案件", "purpose": "执行协助", "reference": "样函1号" });
        let done = self.step(hub, "createWatchList", input).await;
        text(&done["list"]["id"])
    }

    pub(super) async fn add(&self, hub: &Hub, list: &str, subjects: Value) -> Value {
        let key = format!("add {list} {subjects}")
            .chars()
            .take(200)
            .collect::<String>();
        let input = json!({ "key": key, "listId": list, "subjects": subjects });
        self.step(hub, "addWatchSubjects", input).await
    }

    pub(super) async fn page(
        &self,
        hub: &Hub,
        list: &str,
        after: Option<&str>,
        first: usize,
    ) -> Page {
        let query = "query ($list: ID!, $after: String, $first: Int) { watchChanges(list: $list, after: $after, first: $first) { \
             upTo hasMore changes { cursor at kind cause inherited recordId sanctionId subject { name } about { name } \
             record { id agency { name } } sanction { id measure { code } } } } }";
        let given = json!({ "list": list, "after": after, "first": first });
        let answer = hub.query_with(Some(&self.token), query, &given).await;
        assert!(answer.get("errors").is_none(), "{answer:#}");
        let page = &answer["data"]["watchChanges"];
        let changes = page["changes"].as_array().expect("a list").clone();
        Page {
            changes,
            up_to: text(&page["upTo"]),
            has_more: page["hasMore"] == true,
        }
    }

    /// All that is told behind a cursor, in one line each.
    async fn told(&self, hub: &Hub, list: &str, after: Option<&str>) -> Vec<String> {
        let page = self.page(hub, list, after, 200).await;
        assert!(!page.has_more);
        page.lines()
    }

    /// What is told of a list that is none of his.
    async fn nothing(&self, hub: &Hub, list: &str) -> Value {
        let query = format!("{{ watchChanges(list: {}) {{ upTo }} }}", json!(list));
        hub.data(Some(&self.token), &query).await
    }

    /// The reason for which a feed is refused.
    async fn refused(&self, hub: &Hub, list: &str, after: &str) -> String {
        let query = format!(
            "{{ watchChanges(list: {}, after: {}) {{ upTo }} }}",
            json!(list),
            json!(after)
        );
        let answer = hub.query(Some(&self.token), &query).await;
        let extensions = &answer["errors"][0]["extensions"];
        let reason = extensions["reason"].as_str();
        reason.map_or_else(|| text(&extensions["code"]), str::to_owned)
    }
}

pub(super) struct Page {
    changes: Vec<Value>,
    up_to: String,
    has_more: bool,
}

impl Page {
    pub(super) fn lines(&self) -> Vec<String> {
        self.changes.iter().map(line).collect()
    }
}

/// `KIND CAUSE subject`, and whose it is where it is inherited.
fn line(change: &Value) -> String {
    let about = match change["inherited"] == true {
        true => format!(" < {}", text(&change["about"]["name"])),
        false => {
            assert_eq!(change["about"], change["subject"], "{change}");
            String::new()
        }
    };
    format!(
        "{} {} {}{about}",
        text(&change["kind"]),
        text(&change["cause"]),
        text(&change["subject"]["name"])
    )
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// A delivery of the court's whole list.
pub(super) async fn deliver(hub: &Hub, listings: &[made::Listing]) {
    let list = made::court_jsonl(listings);
    let report = hub
        .ingest("court_debtors", &[("c.jsonl", &list)], |_| {})
        .await;
    assert!(report.change.is_some(), "{report:#?}");
}
