//! What is asked of both, and what they answer without the names in which they answer it.

use serde_json::{Value, json};

use super::{load, servers::Running};

/// One question in two schemas.
pub struct Question {
    pub name: &'static str,
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
            ours: each(AGENCY[0]),
            theirs: each(AGENCY[1]),
            connections: CONNECTIONS,
        },
        fixed("20 agencies x 5 records", TWENTY),
        fixed("200 records", FLAT),
    ]
}

/// The values of the answers, in their order.
pub fn told(server: &Running, bodies: &[String]) -> anyhow::Result<Vec<Vec<Value>>> {
    let answers = bodies.iter().take(50).map(|body| {
        let answer: Value = serde_json::from_slice(&load::ask(server, body)?)?;
        anyhow::ensure!(answer.get("errors").is_none(), "{}: {answer}", server.name);
        let mut values = Vec::new();
        leaves(&answer["data"], &mut values);
        anyhow::ensure!(!values.is_empty(), "{}: {answer}", server.name);
        Ok(values)
    });
    answers.collect()
}

fn leaves(value: &Value, into: &mut Vec<Value>) {
    match value {
        Value::Object(members) => members.values().for_each(|value| leaves(value, into)),
        Value::Array(items) => items.iter().for_each(|value| leaves(value, into)),
        leaf => into.push(leaf.clone()),
    }
}
