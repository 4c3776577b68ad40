//! Which rows a viewer is shown, by every path there is. The oracle reckons it from `access.toml`
//! and from the rows that were made; the hub must say the same, in look-ups, lists, counts, filters,
//! orders and cursors.

mod documents;
mod filters;
mod hiding;
mod look_ups;
mod oracle;
mod orders;
mod paths;
mod searching;
mod stats;

use std::collections::BTreeSet;

use serde_json::Value;

use crate::api::{
    Wire,
    province::{Asker, Province, Sight},
};

/// Asks for several fields of the root in few requests: `(field with arguments, selection)`; the
/// answers in their order.
async fn ask_all(wire: &Wire, token: Option<&str>, fields: &[String]) -> (Vec<Value>, String) {
    let (mut answers, mut texts) = (Vec::new(), String::new());
    // Looking at all rows is dear: of filtered lists few go into one request.
    for some in fields.chunks(2) {
        let query: String = some
            .iter()
            .enumerate()
            .map(|(at, field)| format!("q{at}: {field} "))
            .collect();
        let reply = wire.ask(token, &format!("{{ {query} }}")).await;
        let mut json = reply.json();
        assert!(reply.codes().is_empty(), "{query}\n{}", reply.text);
        answers.extend((0..some.len()).map(|at| json["data"][format!("q{at}")].take()));
        texts.push_str(&reply.text);
    }
    (answers, texts)
}

fn assert_no_leak(asker: &Asker, sight: &Sight, what: &str, answer: &str) {
    let leaks = sight.leaks(answer);
    if !leaks.is_empty() {
        let mark = leaks[0];
        let at = answer.find(mark).unwrap_or_default();
        let around: String = answer[answer.floor_char_boundary(at.saturating_sub(300))..]
            .chars()
            .take(500)
            .collect();
        panic!("{asker} was shown {leaks:?}\nby {what}\n… {around} …");
    }
}

fn uscc_of(province: &Province, places: impl IntoIterator<Item = usize>) -> BTreeSet<String> {
    places
        .into_iter()
        .map(|at| province.bodies[at].uscc.to_string())
        .collect()
}

fn set<'a>(texts: impl IntoIterator<Item = &'a str>) -> BTreeSet<String> {
    texts.into_iter().map(str::to_owned).collect()
}
