//! Attacks on what is hidden: searching for a value by halves, differences of counts, and two viewers in
//! turn.

use domain::viewer::Role;
use serde_json::{Value, json};

use super::ask_all;
use crate::api::{
    Reply,
    province::{Asker, Province, Sight},
    quoted,
};

/// The bodies that a viewer does not see.
fn hidden<'a>(province: &'a Province, sight: &'a Sight) -> impl Iterator<Item = usize> + 'a {
    (0..province.bodies.len()).filter(|at| !sight.bodies.contains(at))
}

/// Guesses a text letter by letter, as long as one more makes a difference.
async fn guess(asker: &Asker, letters: &[char], query: impl Fn(&str) -> String) -> String {
    let nothing = count(asker, &query("\u{3000}none")).await;
    let mut known = String::new();
    loop {
        let mut longer = None;
        for letter in letters {
            let tried = format!("{known}{letter}");
            if count(asker, &query(&tried)).await != nothing {
                longer = Some(tried);
                break;
            }
        }
        match longer {
            Some(longer) if longer.chars().count() < 40 => known = longer,
            _ => return known,
        }
    }
}

/// The whole answer but for its trace: whatever differs in it tells something.
async fn count(asker: &Asker, query: &str) -> Value {
    let mut json = asker.wire.ask(asker.token.as_deref(), query).await.json();
    for error in json["errors"].as_array_mut().into_iter().flatten() {
        error["extensions"]["traceId"].take();
        // Where in the query it failed.
        error["locations"].take();
    }
    json
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hidden_text_is_not_found_letter_by_letter() {
    let province = Province::new().await;
    let asker = province.asker(Role::Government, &["440604"], None);
    let sight = province.sight(&asker);
    let all = province.asker(Role::Government, &["100000"], None);
    let target = hidden(&province, &sight).next().expect("one is hidden");
    let target = &province.bodies[target];
    let letters: Vec<char> = "0123456789ABCDEFGHJKLMNPQRTUWXY".chars().collect();
    let own = province.bodies[*sight.bodies.iter().next().expect("he sees one")].uscc;
    let queries: [&dyn Fn(&str) -> String; 4] = [
        &|text| {
            format!(
                "{{ agencies(filter: {{ uscc: {{ startsWith: {} }}, not: {{ uscc: {{ eq: \"{own}\" }} }} }}) {{ totalCount pageInfo {{ hasNextPage }} }} }}",
                quoted(text)
            )
        },
        &|text| {
            format!(
                "{{ creditRecords(filter: {{ agency: {{ uscc: {{ startsWith: {} }} }} }}) {{ totalCount }} }}",
                quoted(text)
            )
        },
        &|text| {
            format!(
                "{{ agency(uscc: \"{own}\") {{ subordinates(first: 1) {{ totalCount }} superior {{ id }} }} agencies(filter: {{ uscc: {{ startsWith: {} }} }}, orderBy: [{{ field: ACTIVE_RECORDS, direction: DESC }}]) {{ totalCount }} }}",
                quoted(text)
            )
        },
        &|text| {
            format!(
                "{{ agencies(filter: {{ or: [{{ uscc: {{ startsWith: {} }} }}], hasActiveRecord: true }}) {{ totalCount }} }}",
                quoted(text)
            )
        },
    ];
    for query in queries {
        let found = guess(&asker, &letters, query).await;
        // He finds the codes of those whom he sees, and no other.
        let is_his = |code: &str| {
            let mut seen = sight.bodies.iter().map(|at| &province.bodies[*at].uscc);
            seen.any(|uscc| uscc.as_str().starts_with(code))
        };
        assert!(found.is_empty() || is_his(&found), "{found}");
        assert_ne!(found, target.uscc.as_str());
    }
    // The attack works where nothing is hidden.
    let rest = &target.uscc.as_str()[..14];
    let found = guess(&all, &letters, |text| {
        format!("{{ agencies(filter: {{ uscc: {{ startsWith: \"{rest}{text}\" }} }}) {{ totalCount }} }}")
    })
    .await;
    assert!(!found.is_empty(), "the attack finds nothing at all");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn to_leave_out_what_is_hidden_changes_no_count() {
    let province = Province::new().await;
    for asker in province.askers().iter().step_by(5) {
        let sight = province.sight(asker);
        let token = asker.token.as_deref();
        let plain = ["agencies { totalCount }", "creditRecords { totalCount }"].map(str::to_owned);
        let (wholes, _) = ask_all(&asker.wire, token, &plain).await;
        let mut fields = Vec::new();
        for at in 0..province.bodies.len() {
            let uscc = province.bodies[at].uscc;
            let but = format!("not: {{ uscc: {{ eq: \"{uscc}\" }} }}");
            fields.push(format!("agencies(filter: {{ {but} }}) {{ totalCount }}"));
            let of = format!("agency: {{ uscc: {{ eq: \"{uscc}\" }} }}");
            fields.push(format!(
                "creditRecords(filter: {{ not: {{ {of} }} }}) {{ totalCount }}"
            ));
        }
        let (answers, _) = ask_all(&asker.wire, token, &fields).await;
        for (at, answers) in answers.chunks(2).enumerate() {
            let is_seen = sight.bodies.contains(&at);
            let records = sight.records.iter();
            let own = records.filter(|record| province.records[**record].agency == at);
            let own = if is_seen { own.count() } else { 0 };
            let less = [usize::from(is_seen), own];
            for ((answer, whole), less) in answers.iter().zip(&wholes).zip(less) {
                let whole = whole["totalCount"].as_u64().expect("a count");
                assert_eq!(
                    answer["totalCount"],
                    json!(whole - less as u64),
                    "{asker}: but {at}"
                );
            }
        }
    }
}

/// How often two viewers take turns.
const TURNS: usize = 500;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_viewers_in_turn_get_each_his_own_answer() {
    let province = Province::new().await;
    // One document and one connection for both: all that could be shared is.
    let query = "query Both($first: Int = 40) { viewer { role divisions { code } } agencies(first: $first) \
        { totalCount edges { cursor node { uscc creditRecords(first: 3) { totalCount edges { node { caseNumber } } } } } } \
        creditRecords(first: $first) { totalCount pageInfo { endCursor hasNextPage } } }";
    let one = province.asker(Role::Government, &["440604"], None);
    let other = province.asker(Role::Government, &["441900"], None);
    let public = province.asker(Role::Public, &[], None);
    let askers = [&one, &other, &public];
    let ask = async |asker: &Asker, first: usize| -> Reply {
        let variables = json!({ "first": first });
        let token = asker.token.as_deref();
        asker.wire.ask_with(token, query, &variables).await
    };
    let mut expected = Vec::new();
    for first in [40, 2] {
        for asker in askers {
            let reply = ask(asker, first).await;
            assert!(reply.codes().is_empty(), "{asker}: {}", reply.text);
            assert!(province.sight(asker).leaks(&reply.text).is_empty());
            expected.push(reply.text);
        }
    }
    for turn in 0..TURNS {
        let (at, which) = (turn % 3, turn / 3 % 2);
        let reply = ask(askers[at], [40, 2][which]).await;
        assert_eq!(reply.text, expected[which * 3 + at], "turn {turn}");
    }
}
