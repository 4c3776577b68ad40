//! What may not be read can not be filtered, ordered or grouped by.

use std::collections::BTreeSet;

use domain::viewer::Role;
use serde_json::{Value, json};

use super::token;
use crate::api::{Wire, access::Table, catalogue_with, quoted};
use crate::support::{Db, Hub, made};

/// A part of a filter or an order, and the cells that must be readable for it.
pub(super) struct Key {
    /// `agency`, `record`, `clue` or `mention`; `by agency` and the like for orders; `grouped` for
    /// dimensions of counts.
    pub(super) of: &'static str,
    pub(super) text: &'static str,
    cells: &'static [(&'static str, &'static str)],
}

#[rustfmt::skip]
pub(super) const KEYS: [Key; 75] = [
    Key { of: "record", text: "underObjection: true", cells: &[("CreditRecord", "underObjection")] },
    Key { of: "case", text: "workflow: [\"breach\"]", cells: &[("Case", "workflow")] },
    Key { of: "case", text: "stage: [\"CLOSED\"]", cells: &[("Case", "stage")] },
    Key { of: "case", text: "openedOn: { lt: \"2026-01-01\" }", cells: &[("Case", "openedOn")] },
    Key { of: "case", text: "dueOn: { lt: \"2026-01-01\" }", cells: &[("Case", "dueOn")] },
    Key { of: "case", text: "overdue: true", cells: &[("Case", "overdue")] },
    Key { of: "case", text: "open: true", cells: &[("Case", "open")] },
    Key { of: "case", text: "underObjection: true", cells: &[("Case", "objections")] },
    Key { of: "case", text: "agency: { name: { eq: \"x\" } }", cells: &[("Case", "agencies"), ("Agency", "name")] },
    Key { of: "case", text: "handler: { name: { eq: \"x\" } }", cells: &[("Case", "handler"), ("Agency", "name")] },
    Key { of: "case", text: "reminded: { name: { eq: \"x\" } }", cells: &[("Case", "reminders"), ("Agency", "name")] },
    Key { of: "case", text: "escalatedTo: { name: { eq: \"x\" } }", cells: &[("Case", "reminders"), ("Agency", "name")] },
    Key { of: "by case", text: "OPENED_ON", cells: &[("Case", "openedOn")] },
    Key { of: "by case", text: "DUE_ON", cells: &[("Case", "dueOn")] },
    Key { of: "sanction", text: "status: [ACTIVE]", cells: &[("Sanction", "status")] },
    Key { of: "sanction", text: "measure: { eq: \"x\" }", cells: &[("Sanction", "measure")] },
    Key { of: "sanction", text: "startsOn: { lt: \"2026-01-01\" }", cells: &[("Sanction", "startsOn")] },
    Key { of: "sanction", text: "endsOn: { lt: \"2026-01-01\" }", cells: &[("Sanction", "endsOn")] },
    Key { of: "sanction", text: "agency: { name: { eq: \"x\" } }", cells: &[("Sanction", "agency"), ("Agency", "name")] },
    Key { of: "by sanction", text: "STARTS_ON", cells: &[("Sanction", "startsOn")] },
    Key { of: "by sanction", text: "ENDS_ON", cells: &[("Sanction", "endsOn")] },
    Key { of: "agency", text: "grade: [\"D\"]", cells: &[("Agency", "assessment"), ("Assessment", "grade")] },
    Key { of: "by agency", text: "SCORE", cells: &[("Agency", "assessment"), ("Assessment", "score")] },
    Key { of: "warning", text: "state: [NEW]", cells: &[("Warning", "state")] },
    Key { of: "warning", text: "level: [RED]", cells: &[("Warning", "level")] },
    Key { of: "warning", text: "redLine: { eq: \"x\" }", cells: &[("Warning", "redLine")] },
    Key { of: "warning", text: "dueOn: { lt: \"2026-01-01\" }", cells: &[("Warning", "dueOn")] },
    Key { of: "warning", text: "overdue: true", cells: &[("Warning", "dueOn")] },
    Key { of: "warning", text: "agency: { name: { eq: \"x\" } }", cells: &[("Warning", "agency"), ("Agency", "name")] },
    Key { of: "by warning", text: "RAISED_AT", cells: &[("Warning", "raisedAt")] },
    Key { of: "by warning", text: "LEVEL", cells: &[("Warning", "level")] },
    Key { of: "by warning", text: "DUE_ON", cells: &[("Warning", "dueOn")] },
    Key { of: "agency", text: "uscc: { eq: \"x\" }", cells: &[("Agency", "uscc")] },
    Key { of: "agency", text: "uscc: { in: [] }", cells: &[("Agency", "uscc")] },
    Key { of: "agency", text: "name: { contains: \"x\" }", cells: &[("Agency", "name")] },
    Key { of: "agency", text: "kind: [ORGAN]", cells: &[("Agency", "kind")] },
    Key { of: "agency", text: "division: { within: \"440600\" }", cells: &[("Agency", "division")] },
    Key { of: "agency", text: "active: true", cells: &[("Agency", "abolishedOn")] },
    Key { of: "agency", text: "hasActiveRecord: false", cells: &[("Agency", "creditRecords"), ("CreditRecord", "status")] },
    Key { of: "by agency", text: "NAME", cells: &[("Agency", "name")] },
    Key { of: "by agency", text: "DIVISION", cells: &[("Agency", "division")] },
    Key { of: "by agency", text: "ACTIVE_RECORDS", cells: &[("Agency", "creditRecords"), ("CreditRecord", "status")] },
    Key { of: "record", text: "kind: [BREACH]", cells: &[("CreditRecord", "kind")] },
    Key { of: "record", text: "tier: [MINOR]", cells: &[("CreditRecord", "tier")] },
    Key { of: "record", text: "status: [ACTIVE]", cells: &[("CreditRecord", "status")] },
    Key { of: "record", text: "domain: { eq: \"x\" }", cells: &[("CreditRecord", "domain")] },
    Key { of: "record", text: "amount: { gte: \"1\" }", cells: &[("CreditRecord", "amount")] },
    Key { of: "record", text: "identifiedOn: { lt: \"2026-01-01\" }", cells: &[("CreditRecord", "identifiedOn")] },
    Key { of: "record", text: "caseNumber: { startsWith: \"x\" }", cells: &[("CreditRecord", "caseNumber")] },
    Key { of: "record", text: "source: { eq: \"x\" }", cells: &[("CreditRecord", "evidence"), ("Evidence", "source")] },
    Key { of: "record", text: "agency: {}", cells: &[("CreditRecord", "agency")] },
    Key { of: "record", text: "agency: { name: { eq: \"x\" } }", cells: &[("CreditRecord", "agency"), ("Agency", "name")] },
    Key { of: "by record", text: "IDENTIFIED_ON", cells: &[("CreditRecord", "identifiedOn")] },
    Key { of: "by record", text: "AMOUNT", cells: &[("CreditRecord", "amount")] },
    Key { of: "by record", text: "TIER", cells: &[("CreditRecord", "tier")] },
    Key { of: "grouped", text: "DIVISION", cells: &[("CreditRecord", "agency"), ("Agency", "division")] },
    Key { of: "grouped", text: "AGENCY", cells: &[("CreditRecord", "agency"), ("Agency", "uscc"), ("Agency", "name")] },
    Key { of: "grouped", text: "KIND", cells: &[("CreditRecord", "kind")] },
    Key { of: "grouped", text: "TIER", cells: &[("CreditRecord", "tier")] },
    Key { of: "grouped", text: "STATUS", cells: &[("CreditRecord", "status")] },
    Key { of: "grouped", text: "DOMAIN", cells: &[("CreditRecord", "domain")] },
    Key { of: "grouped", text: "SOURCE", cells: &[("CreditRecord", "evidence"), ("Evidence", "source")] },
    Key { of: "grouped", text: "MONTH", cells: &[("CreditRecord", "identifiedOn")] },
    Key { of: "grouped", text: "YEAR", cells: &[("CreditRecord", "identifiedOn")] },
    Key { of: "clue", text: "stage: [CONFIRMED]", cells: &[("Clue", "stage")] },
    Key { of: "clue", text: "channel: { eq: \"HOTLINE\" }", cells: &[("Clue", "channel")] },
    Key { of: "clue", text: "dueOn: { lt: \"2026-01-01\" }", cells: &[("Clue", "dueOn")] },
    Key { of: "clue", text: "agency: {}", cells: &[("Clue", "agencies")] },
    Key { of: "clue", text: "agency: { name: { eq: \"x\" } }", cells: &[("Clue", "agencies"), ("Agency", "name")] },
    Key { of: "by clue", text: "RECEIVED_AT", cells: &[("Clue", "receivedAt")] },
    Key { of: "by clue", text: "DUE_ON", cells: &[("Clue", "dueOn")] },
    Key { of: "mention", text: "outcome: [NONE]", cells: &[("Mention", "resolution"), ("Resolution", "outcome")] },
    Key { of: "mention", text: "source: { eq: \"x\" }", cells: &[("Mention", "source")] },
    Key { of: "mention", text: "division: { eq: \"440600\" }", cells: &[("Mention", "division")] },
    Key { of: "mention", text: "decided: true", cells: &[("Mention", "decision")] },
];

/// Where it can be used: queries, and the cells that these need themselves.
fn uses(key: &Key, uscc: &str) -> Vec<(String, Vec<(&'static str, &'static str)>)> {
    let part = key.text;
    let filters = [
        format!("{{ {part} }}"),
        format!("{{ not: {{ {part} }} }}"),
        format!("{{ and: [{{}}, {{ {part} }}] }}"),
        format!("{{ or: [{{}}, {{ not: {{ and: [{{ {part} }}] }} }}] }}"),
    ];
    let mut uses = Vec::new();
    let mut each = |query: &dyn Fn(&str) -> String, needs: &[(&'static str, &'static str)]| {
        uses.extend(filters.iter().map(|filter| (query(filter), needs.to_vec())));
    };
    match key.of {
        "agency" => {
            each(
                &|filter| format!("{{ agencies(filter: {filter}) {{ totalCount }} }}"),
                &[],
            );
            each(
                &|filter| {
                    format!(
                        "{{ division(code: \"440600\") {{ agencies(filter: {filter}) {{ totalCount }} }} }}"
                    )
                },
                &[],
            );
            each(
                &|filter| {
                    format!("{{ creditRecords(filter: {{ agency: {filter} }}) {{ totalCount }} }}")
                },
                &[("CreditRecord", "agency")],
            );
        }
        "record" => {
            each(
                &|filter| format!("{{ creditRecords(filter: {filter}) {{ totalCount }} }}"),
                &[],
            );
            each(
                &|filter| {
                    format!("{{ creditRecordStats(groupBy: [], filter: {filter}) {{ count }} }}")
                },
                &[],
            );
            each(
                &|filter| {
                    format!(
                        "{{ agency(uscc: \"{uscc}\") {{ creditRecords(filter: {filter}) {{ totalCount }} }} }}"
                    )
                },
                &[("Agency", "creditRecords")],
            );
        }
        "mention" => each(
            &|filter| format!("{{ mentions(filter: {filter}) {{ totalCount }} }}"),
            &[],
        ),
        "clue" => each(
            &|filter| format!("{{ clues(filter: {filter}) {{ totalCount }} }}"),
            &[],
        ),
        "case" => each(
            &|filter| format!("{{ cases(filter: {filter}) {{ totalCount }} }}"),
            &[],
        ),
        "sanction" => each(
            &|filter| format!("{{ sanctions(filter: {filter}) {{ totalCount }} }}"),
            &[],
        ),
        "warning" => each(
            &|filter| format!("{{ warnings(filter: {filter}) {{ totalCount }} }}"),
            &[],
        ),
        "grouped" => uses.push((
            format!("{{ creditRecordStats(groupBy: [{part}]) {{ count }} }}"),
            Vec::new(),
        )),
        order => {
            let list = match order {
                "by agency" => "agencies",
                "by clue" => "clues",
                "by case" => "cases",
                "by sanction" => "sanctions",
                "by warning" => "warnings",
                _ => "creditRecords",
            };
            for direction in ["ASC", "DESC"] {
                let one = format!("{{ field: {part}, direction: {direction} }}");
                uses.push((
                    format!("{{ {list}(orderBy: [{one}]) {{ totalCount }} }}"),
                    Vec::new(),
                ));
                uses.push((
                    format!("{{ {list}(orderBy: [{one}, {one}]) {{ totalCount }} }}"),
                    Vec::new(),
                ));
            }
        }
    }
    uses
}

/// A hub whose table gives each cell that a filter needs to other roles, no two of them to the same:
/// what a filter hangs on shows in who may use it.
async fn with_a_table_of_its_own(db: &Db) -> (Hub, Table) {
    let roles = [
        "CONGRESS",
        "GOVERNMENT",
        "COURT",
        "AUTHORITY",
        "OPERATOR",
        "AGENCY",
    ];
    let cells: BTreeSet<(&str, &str)> = KEYS.iter().flat_map(|key| key.cells).copied().collect();
    assert!(cells.len() < 1 << roles.len());
    let folder = db.folder().join("catalogue");
    catalogue_with(&folder, &[]);
    let path = folder.join("access.toml");
    let text = std::fs::read_to_string(&path).expect("it was copied");
    let mut table: toml::Table = text.parse().expect("it is TOML");
    for (number, (type_name, field)) in cells.iter().enumerate() {
        let who = roles
            .iter()
            .enumerate()
            .filter(|(bit, _)| (number + 1) >> bit & 1 == 1);
        let who: toml::value::Array = who.map(|(_, role)| (*role).into()).collect();
        let set = format!("some{number}");
        table["sets"]
            .as_table_mut()
            .expect("a table")
            .insert(set.clone(), who.into());
        let fields = table["fields"][*type_name].as_table_mut().expect("a table");
        fields.insert((*field).to_owned(), set.into());
    }
    // All of them reach the lists.
    for field in ["mentions", "clues", "agencies", "creditRecords", "warnings"] {
        table["fields"]["Query"]
            .as_table_mut()
            .expect("a table")
            .insert(field.to_owned(), "everyone".into());
    }
    for connection in ["MentionConnection", "ClueConnection", "WarningConnection"] {
        for field in ["edges", "pageInfo", "totalCount"] {
            table["fields"][connection]
                .as_table_mut()
                .expect("a table")
                .insert(field.to_owned(), "everyone".into());
        }
    }
    // And see the one body.
    for role in roles {
        table["rows"][role]
            .as_table_mut()
            .expect("a table")
            .insert("agency".to_owned(), "all".into());
    }
    let text = table.to_string();
    std::fs::write(&path, &text).expect("the folder is ours");
    let hub = Hub::with(db, |config| config.catalogue.dir = Some(folder)).await;
    (hub, Table::of(&text))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_may_not_be_read_can_not_be_filtered_or_ordered_by() {
    let db = Db::sqlite();
    let (hub, table) = with_a_table_of_its_own(&db).await;
    let body = made::body(1, "佛山市水务局", "440600");
    hub.ingest(
        "agency_register",
        &[("a.csv", &made::register(std::slice::from_ref(&body)))],
        |_| {},
    )
    .await;
    let wire = Wire::to(&hub).await;
    let (mut wrong, mut allowed, mut refused) = (Vec::new(), 0, 0);
    for role in [
        Role::Congress,
        Role::Government,
        Role::Court,
        Role::Authority,
        Role::Operator,
        Role::Auditor,
        Role::Public,
    ] {
        let token = token(&hub, role);
        for key in &KEYS {
            for (query, needs) in uses(key, body.uscc.as_str()) {
                let may =
                    |(type_name, field): &(&str, &str)| table.may_read(role, type_name, field);
                let is_allowed = key.cells.iter().chain(&needs).all(may);
                // A body that a role does not see is null, and what would be asked of it is not read.
                if query.contains("agency(uscc")
                    && !is_allowed
                    && table.rule(role, "agency") != "all"
                {
                    continue;
                }
                let reply = wire.ask(token.as_deref(), &query).await;
                let codes: BTreeSet<String> = reply.codes().into_iter().collect();
                let is_good = if is_allowed {
                    codes.is_empty()
                } else {
                    codes == BTreeSet::from(["FORBIDDEN".to_owned()])
                };
                if !is_good {
                    wrong.push(format!(
                        "{role}, allowed {is_allowed}: {query}\n{}",
                        reply.text
                    ));
                }
                *(if is_allowed {
                    &mut allowed
                } else {
                    &mut refused
                }) += 1;
            }
        }
    }
    assert!(wrong.is_empty(), "{} {wrong:#?}", wrong.len());
    assert!(allowed > 200 && refused > 200, "{allowed} {refused}");
}

#[tokio::test]
async fn a_filter_in_a_variable_is_looked_at_like_one_in_the_query() {
    let db = Db::sqlite();
    let (hub, table) = with_a_table_of_its_own(&db).await;
    let wire = Wire::to(&hub).await;
    let query = "query ($f: AgencyFilter, $o: [AgencyOrder!]) { agencies(filter: $f, orderBy: $o) { totalCount } }";
    let cases: [(Value, &str); 4] = [
        (json!({ "f": { "name": { "eq": "x" } } }), "name"),
        (
            json!({ "f": { "or": [{ "not": { "uscc": { "startsWith": "1" } } }] } }),
            "uscc",
        ),
        (json!({ "f": { "and": [{ "kind": ["ORGAN"] }] } }), "kind"),
        (
            json!({ "o": [{ "field": "DIVISION", "direction": "ASC" }] }),
            "division",
        ),
    ];
    let (mut allowed, mut refused) = (0, 0);
    for role in [
        Role::Congress,
        Role::Government,
        Role::Court,
        Role::Authority,
        Role::Operator,
        Role::Auditor,
    ] {
        let token = hub.token(role, &["440600"], None);
        for (variables, field) in &cases {
            let reply = wire.ask_with(Some(&token), query, variables).await;
            if table.may_read(role, "Agency", field) {
                assert!(
                    reply.codes().is_empty(),
                    "{role}: {variables}: {}",
                    reply.text
                );
                allowed += 1;
            } else {
                assert_eq!(reply.code(), "FORBIDDEN", "{role}: {variables}");
                assert_eq!(reply.json()["data"], json!({ "agencies": null }));
                refused += 1;
            }
        }
    }
    assert!(allowed > 3 && refused > 3, "{allowed} {refused}");
}

#[tokio::test]
async fn by_the_shipped_table_everybody_may_filter_and_order_what_he_reads() {
    let db = Db::sqlite();
    let hub = Hub::on(&db).await;
    let wire = Wire::to(&hub).await;
    let table = Table::shipped();
    for role in Role::ALL.iter().copied() {
        let token = token(&hub, role);
        let may_list = |key: &&Key| match key.of {
            "mention" => table.may_read(role, "Query", "mentions"),
            "clue" | "by clue" => table.may_read(role, "Query", "clues"),
            "warning" | "by warning" => table.may_read(role, "Query", "warnings"),
            _ => {
                let mut cells = key.cells.iter();
                cells.all(|(on, field)| table.may_read(role, on, field))
            }
        };
        for key in KEYS.iter().filter(may_list) {
            for (query, _) in uses(key, "11440600007039565U") {
                let reply = wire.ask(token.as_deref(), &query).await;
                assert!(reply.codes().is_empty(), "{role}: {query}: {}", reply.text);
            }
        }
    }
    // A text that looks like a field is a text.
    let odd = format!(
        "{{ agencies(filter: {{ name: {{ eq: {} }} }}) {{ totalCount }} }}",
        quoted("orgCode\" } }")
    );
    assert!(wire.ask(None, &odd).await.codes().is_empty());
}
