//! Search by codes, numbers, names and initials.

use serde_json::Value;

use super::{World, uscc};
use crate::api::{quoted, text};

impl World {
    /// What is found, as `KIND FIELD matched | title`.
    async fn found(&self, wanted: &str, arguments: &str) -> Vec<String> {
        let query = format!(
            "{{ search(text: {}{arguments}) {{ kind field matched title node {{ id __typename }} }} }}",
            quoted(wanted)
        );
        let data = self.data(&query).await;
        let hits = data["search"].as_array().cloned().expect("a list");
        let line = |hit: &Value| {
            assert!(!text(&hit["node"]["id"]).is_empty());
            let fields = ["kind", "field", "matched"].map(|field| text(&hit[field]));
            format!("{} | {}", fields.join(" "), text(&hit["title"]))
        };
        hits.iter().map(line).collect()
    }
}

#[tokio::test]
async fn bodies_are_found_by_codes_names_and_initials() {
    let world = World::new().await;
    let agencies = ", kinds: [AGENCY]";
    let code = uscc('C').to_string();
    let title = "佛山市禅城区C局";
    let whole = [format!("AGENCY CODE {code} | {title}")];
    assert_eq!(world.found(&code, agencies).await, whole);
    assert_eq!(world.found(&code.to_lowercase(), agencies).await, whole);
    assert_eq!(world.found(&code[..17], agencies).await, whole);
    let org = uscc('C').org_code().to_string();
    let by_org = [format!("AGENCY ORG_CODE {org} | {title}")];
    assert_eq!(world.found(&org, agencies).await, by_org);
    let hyphenated = format!("{}-{}", &org[..8], &org[8..]);
    assert_eq!(world.found(&hyphenated, agencies).await, by_org);
    assert_eq!(world.found(&org[..8], agencies).await, by_org);

    let name = [format!("AGENCY NAME {title} | {title}")];
    assert_eq!(world.found(title, agencies).await, name);
    assert_eq!(world.found("  佛山市禅城区C局 ", agencies).await, name);
    assert_eq!(
        world.found("曾用名C二", agencies).await,
        [format!("AGENCY FORMER_NAME 曾用名C二 | {title}")]
    );
    assert_eq!(
        world.found("别名C", agencies).await,
        [format!("AGENCY ALIAS 别名C | {title}")]
    );
    for letters in ["fssccqcj", "FSSCCQCJ", "fssccq"] {
        assert_eq!(
            world.found(letters, agencies).await,
            [format!("AGENCY INITIALS {title} | {title}")],
            "{letters}"
        );
    }
    // Beginning before within, equal ones by name.
    assert_eq!(
        world.found("禅城区", agencies).await,
        [
            "AGENCY NAME 禅城区L单位 | 禅城区L单位".to_owned(),
            format!("AGENCY NAME {title} | {title}"),
        ]
    );
    assert_eq!(world.found("同名M局", agencies).await.len(), 3);
    assert_eq!(
        world
            .found("同名M局", ", kinds: [AGENCY], first: 2")
            .await
            .len(),
        2
    );
    assert!(world.found("谁也不叫这个", agencies).await.is_empty());
}

#[tokio::test]
async fn records_divisions_and_entries_are_found() {
    let world = World::new().await;
    let case = "（2024）粤0604执9005号";
    for written in [case, "(2024)粤0604执9005号"] {
        assert_eq!(
            world.found(written, "").await,
            [format!(
                "CASE_NUMBER CASE_NUMBER {case} | 失信被执行人 {case}"
            )]
        );
    }
    let records = world.found("佛山市禅城区C局", "").await;
    assert_eq!(
        records,
        [
            "AGENCY NAME 佛山市禅城区C局 | 佛山市禅城区C局",
            "CREDIT_RECORD NAME 佛山市禅城区C局 | 失信被执行人 （2024）粤0604执9002号",
            "CREDIT_RECORD NAME 佛山市禅城区C局 | 失信被执行人 （2024）粤0604执9001号",
        ]
    );
    let divisions = ", kinds: [DIVISION], first: 3";
    assert_eq!(
        world.found("440604", divisions).await[0],
        "DIVISION CODE 440604 | 广东省佛山市禅城区"
    );
    assert_eq!(
        world.found("禅城区", divisions).await[0],
        "DIVISION NAME 禅城区 | 广东省佛山市禅城区"
    );
    assert_eq!(
        world
            .found(
                "被人民法院列入失信被执行人名单",
                ", kinds: [CATALOGUE_ITEM]"
            )
            .await[0],
        "CATALOGUE_ITEM NAME 被人民法院列入失信被执行人名单 | 被人民法院列入失信被执行人名单"
    );
    // An entry is a node like all others.
    let query = "{ search(text: \"court.judgment_debtor\") { kind node { id ... on CatalogueItem { code legalBasis } } } }";
    let data = world.data(query).await;
    let hit = &data["search"][0];
    assert_eq!(hit["node"]["code"], "court.judgment_debtor");
    let again = format!("{{ node(id: {}) {{ id __typename }} }}", hit["node"]["id"]);
    let node = world.data(&again).await;
    assert_eq!(node["node"]["id"], hit["node"]["id"]);
    assert_eq!(node["node"]["__typename"], "CatalogueItem");

    assert!(world.found("佛山市", ", kinds: []").await.is_empty());
    for arguments in ["text: \"  \"", "text: \"x\", first: 201"] {
        let query = format!("{{ search({arguments}) {{ title }} }}");
        let reply = world.wire.ask(Some(&world.token), &query).await;
        assert_eq!(reply.code(), "INVALID", "{arguments}");
    }
    let long = format!("{{ search(text: \"{}\") {{ title }} }}", "长".repeat(201));
    assert_eq!(
        world.wire.ask(Some(&world.token), &long).await.code(),
        "INVALID"
    );
}

#[tokio::test]
async fn the_list_in_force_is_told() {
    let world = World::new().await;
    let codes = async |arguments: &str| {
        let query = format!("{{ catalogue{arguments} {{ code list parent {{ code }} }} }}");
        let data = world.data(&query).await;
        let items = data["catalogue"].as_array().cloned().expect("a list");
        let of_base = items.iter().filter(|item| item["list"] == "base");
        let each = of_base.map(|item| text(&item["code"]).to_owned());
        each.collect::<Vec<_>>()
    };
    let all = [
        "breach.confirmed",
        "arrears.established",
        "court.judgment_debtor",
    ];
    assert_eq!(codes("").await, all);
    assert_eq!(codes("(division: \"440600\")").await, all);
    assert_eq!(codes("(asOf: \"2024-01-01\")").await, [all[0], all[2]]);
    assert_eq!(codes("(asOf: \"2023-08-04\")").await, [all[2]]);
    assert!(codes("(asOf: \"2013-09-30\")").await.is_empty());
}
