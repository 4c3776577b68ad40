//! Search finds nothing that its viewer may not see.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{assert_no_leak, set};
use crate::api::{
    province::{NOBODY, Province},
    quoted, text,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn search_finds_what_its_viewer_sees() {
    let province = Province::new().await;
    let uscc = |at: usize| province.bodies[at].uscc.to_string();
    for asker in province.askers().iter().step_by(2) {
        let sight = province.sight(asker);
        let find = async |wanted: &str, kind: &str| {
            let query = format!(
                "{{ search(text: {}, kinds: [{kind}], first: 200) {{ title matched node {{ ... on Agency {{ uscc }} ... on CreditRecord {{ caseNumber agency {{ uscc }} }} }} }} }}",
                quoted(wanted)
            );
            let reply = asker.wire.ask(asker.token.as_deref(), &query).await;
            // What was asked for comes back as it was written, where it fits.
            assert_no_leak(asker, &sight, &query, &reply.text.replace(wanted, ""));
            let json = reply.json();
            let hits = json["data"]["search"].as_array().cloned();
            let nodes = hits.into_iter().flatten().map(|hit| hit["node"].clone());
            nodes.collect::<Vec<Value>>()
        };
        let codes = |nodes: Vec<Value>| set(nodes.iter().map(|node| text(&node["uscc"])));
        for wanted in ["局", "佛山市", "11", "fss", "市禅城"] {
            let fits = |at: &usize| {
                let body = &province.bodies[*at];
                match wanted {
                    "11" => body.uscc.as_str().starts_with("11"),
                    "fss" => body.name.starts_with("佛山市"),
                    _ => body.name.contains(wanted),
                }
            };
            let seen: BTreeSet<String> = sight
                .bodies
                .iter()
                .filter(|at| fits(at))
                .map(|at| uscc(*at))
                .collect();
            assert_eq!(
                codes(find(wanted, "AGENCY").await),
                seen,
                "{asker}: {wanted}"
            );
        }
        for at in [0, 7, 8, 14, 19] {
            let found = codes(find(&uscc(at), "AGENCY").await);
            let seen: BTreeSet<String> = sight
                .bodies
                .contains(&at)
                .then(|| uscc(at))
                .into_iter()
                .collect();
            assert_eq!(found, seen, "{asker}");
        }
        for (at, record) in province.records.iter().enumerate() {
            if record.agency == NOBODY {
                continue;
            }
            let found = find(&record.case, "CASE_NUMBER").await;
            assert_eq!(
                !found.is_empty(),
                sight.records.contains(&at),
                "{asker}: {}",
                record.case
            );
        }
    }
}
