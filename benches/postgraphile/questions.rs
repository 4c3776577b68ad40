//! What is asked of both, and what they answer without the names in which they answer it.

use serde_json::{Value, json};

use super::{load, servers::Running};

/// One question in two schemas.
pub struct Question {
    pub name: &'static str,
    /// Whether the order in an answer means anything.
    pub is_ordered: bool,
    /// Bodies of requests, asked in turn.
    pub ours: Vec<String>,
    pub theirs: Vec<String>,
    pub connections: usize,
}

const CONNECTIONS: usize = 16;

const AGENCY: [&str; 2] = [
    "query q($uscc: Uscc!) { agency(uscc: $uscc) { uscc name kind division { code } } }",
    "query q($uscc: String!) { agencyByUscc(uscc: $uscc) { uscc name kind division } }",
];
const TWENTY: [&str; 2] = [
    "{ agencies(first: 20) { edges { node { name uscc creditRecords(first: 5) { edges { node { \
     kind status identifiedOn identifiedBy caseNumber } } } } } } }",
    "{ agencies(first: 20, orderBy: [DIVISION_ASC, ROW_ID_ASC]) { edges { node { name uscc \
     creditRecords(first: 5, orderBy: [IDENTIFIED_ON_DESC, ROW_ID_ASC]) { edges { node { \
     kind status identifiedOn identifiedBy caseNumber } } } } } } }",
];
const GROUPS: [&str; 2] = [
    "{ creditRecordStats(groupBy: [DIVISION, TIER], divisionLevel: PREFECTURE) { keys count } }",
    "{ creditRecords { groupedAggregates(groupBy: [PLACE, TIER]) { keys sum { one } } } }",
];
const FLAT: [&str; 2] = [
    "{ creditRecords(first: 200) { edges { node { \
     kind tier status identifiedOn identifiedBy caseNumber } } } }",
    "{ creditRecords(first: 200, orderBy: [IDENTIFIED_ON_DESC, ROW_ID_ASC]) { edges { node { \
     kind tier status identifiedOn identifiedBy caseNumber } } } }",
];

/// All questions; that for an agency is about each of these.
pub fn all(uscc: &[String]) -> Vec<Question> {
    let fixed = |name, [ours, theirs]: [&str; 2]| Question {
        name,
        is_ordered: true,
        ours: vec![json!({ "query": ours }).to_string()],
        theirs: vec![json!({ "query": theirs }).to_string()],
        connections: CONNECTIONS,
    };
    let each = |query: &str| {
        let body = |uscc: &String| json!({ "query": query, "variables": { "uscc": uscc } });
        uscc.iter().map(|uscc| body(uscc).to_string()).collect()
    };
    vec![
        Question {
            name: "agency(uscc)",
            is_ordered: true,
            ours: each(AGENCY[0]),
            theirs: each(AGENCY[1]),
            connections: CONNECTIONS,
        },
        fixed("20 agencies x 5 records", TWENTY),
        fixed("200 records", FLAT),
        Question {
            is_ordered: false,
            ..fixed("records by city and tier", GROUPS)
        },
    ]
}

/// The values of the answers to bodies of a question, in their order where that means anything.
pub fn told(
    server: &Running,
    question: &Question,
    bodies: &[String],
) -> anyhow::Result<Vec<Vec<String>>> {
    let answers = bodies.iter().take(50).map(|body| {
        let answer: Value = serde_json::from_slice(&load::ask(server, body)?)?;
        anyhow::ensure!(answer.get("errors").is_none(), "{}: {answer}", server.name);
        let mut values = Vec::new();
        leaves(&answer["data"], question.is_ordered, &mut values);
        anyhow::ensure!(!values.is_empty(), "{}: {answer}", server.name);
        Ok(values)
    });
    answers.collect()
}

/// Texts of the values; of a list in no order each item is one, and so is each list in it.
fn leaves(value: &Value, is_ordered: bool, into: &mut Vec<String>) {
    let item = |value: &Value| {
        let mut parts = Vec::new();
        leaves(value, is_ordered, &mut parts);
        parts.sort_unstable();
        parts.join(" ")
    };
    match value {
        Value::Object(members) => {
            let members = members.values();
            members.for_each(|value| leaves(value, is_ordered, into));
        }
        Value::Array(items) if is_ordered => {
            items
                .iter()
                .for_each(|value| leaves(value, is_ordered, into));
        }
        Value::Array(items) => {
            into.extend(items.iter().map(item));
            into.sort_unstable();
        }
        Value::String(text) => into.push(text.clone()),
        leaf => into.push(leaf.to_string()),
    }
}
