//! Groups count what their viewer may see and nothing else.

use std::collections::BTreeMap;

use serde_json::Value;

use super::assert_no_leak;
use crate::api::{
    province::{NOBODY, Province},
    text,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn groups_count_what_their_viewer_sees() {
    let province = Province::new().await;
    for asker in province.askers() {
        let sight = province.sight(&asker);
        let mut wanted: BTreeMap<(Option<String>, &str), u64> = BTreeMap::new();
        for record in sight.records.iter().map(|at| &province.records[*at]) {
            let is_shown = record.agency != NOBODY && sight.bodies.contains(&record.agency);
            let code = is_shown.then(|| province.bodies[record.agency].uscc.to_string());
            let status = if record.is_active {
                "ACTIVE"
            } else {
                "DELISTED"
            };
            *wanted.entry((code, status)).or_default() += 1;
        }
        let query = "{ creditRecordStats(groupBy: [AGENCY, STATUS], first: 1000) { keys labels count agencies } \
                     whole: creditRecordStats(groupBy: []) { count agencies } \
                     creditRecords { totalCount } }";
        let reply = asker.wire.ask(asker.token.as_deref(), query).await;
        assert_no_leak(&asker, &sight, query, &reply.text);
        let json = reply.json();
        let groups = json["data"]["creditRecordStats"].as_array().cloned();
        let found: BTreeMap<(Option<String>, &str), u64> = groups
            .iter()
            .flatten()
            .map(|group| {
                let keys = &group["keys"];
                let code = keys[0].as_str().map(str::to_owned);
                assert_eq!(group["agencies"], u64::from(code.is_some()), "{asker}");
                (
                    (code, text(&keys[1])),
                    group["count"].as_u64().unwrap_or_default(),
                )
            })
            .collect();
        assert_eq!(found, wanted, "{asker}");
        let whole = &json["data"]["whole"][0];
        let total = &json["data"]["creditRecords"]["totalCount"];
        assert_eq!(
            whole["count"].as_u64().unwrap_or_default(),
            wanted.values().sum::<u64>()
        );
        assert_eq!(
            whole.get("count").unwrap_or(&Value::from(0)),
            total,
            "{asker}"
        );
    }
}
