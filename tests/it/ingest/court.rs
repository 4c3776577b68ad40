//! The court's list: whom it names, and whom it only seems to name.

use domain::run::{RunCounts, RunState};
use serde_json::json;

use super::{COURT, REGISTER, done, hub_with_town, town};
use crate::support::{
    Hub, anywhere,
    made::{self, Listing},
    on_both, state,
};

/// Four listings of one bureau: by its code, by its organisation code without and with hyphen, and
/// by its name alone.
fn listings_of_one() -> Vec<Listing> {
    let bureau = &town()[1];
    let name = "佛山市禅城区样例局";
    vec![
        made::listing(1, name).code(bureau.uscc),
        made::listing(2, name).code(bureau.uscc.org_code().as_str()),
        made::listing(3, name).code(made::hyphenated(&bureau.uscc)),
        made::listing(4, name),
    ]
}

#[tokio::test]
async fn listings_by_code_by_organisation_code_and_by_name_become_records_in_each_form() {
    on_both(async |db| {
        let mut states = Vec::new();
        for (file, bytes) in [
            ("page.json", made::court_page(&listings_of_one(), 4)),
            ("details.jsonl", made::court_jsonl(&listings_of_one())),
            ("platform.csv", made::court_platform(&listings_of_one())),
            (
                "exchange.jsonl",
                made::court_platform_jsonl(&listings_of_one()),
            ),
        ] {
            let db = db.another();
            let hub = hub_with_town(&db).await;
            let report = hub.ingest(COURT, &[(file, &bytes)], |_| {}).await;
            done(
                &report,
                RunCounts {
                    received: 4,
                    stored: 4,
                    ..RunCounts::default()
                },
            );
            assert_eq!(
                hub.records().await,
                vec!["佛山市禅城区样例局 ACTIVE 2025-03-04 -"; 4],
                "{file}"
            );
            assert_eq!(hub.mentions().await, Vec::<String>::new(), "{file}");
            let known = state(&hub).await;
            states.push(
                known
                    .lines()
                    .filter(|line| line.starts_with("record"))
                    .collect::<Vec<_>>()
                    .join("\n"),
            );
        }
        assert!(
            states.windows(2).all(|pair| pair[0] == pair[1]),
            "the form makes a difference: {states:#?}"
        );
    })
    .await;
}

#[tokio::test]
async fn a_record_says_what_its_listing_says_and_where_it_stands() {
    on_both(async |db| {
        let hub = hub_with_town(&db).await;
        let bureau = town()[1].uscc;
        let listing = made::listing(77, "佛山市禅城区样例局").code(bureau).case("（2025）粤0604执恢9077号之一");
        hub.ingest(COURT, &[("list.jsonl", &made::court_jsonl(&[listing]))], |order| order.feed = Some("foshan".to_owned()))
            .await;
        let query = "{ creditRecords { edges { node { kind status tier identifiedOn identifiedBy caseNumber endedOn \
                     amount catalogueItem { code } agency { uscc } \
                     evidence { location sourceKey firstSeenAt withdrawnAt source { key } run { received state } } } } } }";
        let data = hub.data(Some(&hub.everything()), query).await;
        assert_eq!(
            data["creditRecords"]["edges"],
            json!([{ "node": {
                "kind": "JUDGMENT_DEBTOR",
                "status": "ACTIVE",
                "tier": null,
                "identifiedOn": "2025-03-04",
                "identifiedBy": "佛山市禅城区人民法院",
                "caseNumber": "（2025）粤0604执恢9077号",
                "endedOn": null,
                "amount": null,
                "catalogueItem": { "code": "court.judgment_debtor" },
                "agency": { "uscc": bureau.as_str() },
                "evidence": [{
                    "location": "list.jsonl:1",
                    "sourceKey": "77",
                    "firstSeenAt": "2026-11-20T09:00:00+08:00",
                    "withdrawnAt": null,
                    "source": { "key": "court_debtors" },
                    "run": { "received": 1, "state": "DONE" },
                }],
            } }])
        );
    })
    .await;
}

#[tokio::test]
async fn debtors_of_one_case_are_listings_of_their_own() {
    on_both(async |db| {
        let hub = hub_with_town(&db).await;
        let case = "(2025)粤0604执90001号";
        let two = [
            made::listing(1, "佛山市禅城区样例局").case(case),
            made::listing(2, "佛山市南海区样例局").case(case),
        ];
        let report = hub.ingest(COURT, &[("list.jsonl", &made::court_jsonl(&two))], |_| {}).await;
        done(&report, RunCounts { received: 2, stored: 2, ..RunCounts::default() });
        assert_eq!(hub.records().await.len(), 2);

        // Without a number of its own a row of the platform is told by the case and the debtor's place.
        let headings = "bzxrmc,zzjgdm,zxfy,ah,bzxrlxqk,fbrq,bzxrxh,sxid";
        let rows = "佛山市样例局,,佛山市禅城区人民法院,(2025)粤0604执90002号,全部未履行,2025-03-04,1,\n\
                    佛山市禅城区样例中心,,佛山市禅城区人民法院,(2025)粤0604执90002号,全部未履行,2025-03-04,2,\n";
        let file = format!("{headings}\n{rows}");
        let report = hub.ingest(COURT, &[("platform.csv", file.as_bytes())], |order| order.partial = true).await;
        done(&report, RunCounts { received: 2, stored: 2, ..RunCounts::default() });
        assert_eq!(hub.records().await.len(), 4);
    })
    .await;
}

#[tokio::test]
async fn enterprises_persons_and_villages_are_counted_and_nothing_of_them_is_kept() {
    on_both(async |db| {
        let company = made::uscc("91", "440604", 91);
        let village = made::uscc("54", "440604", 54);
        let others = [
            made::listing(1, "佛山市样例贸易有限公司").code(company),
            made::listing(2, "佛山市无码贸易有限公司"),
            made::listing(3, "甲某三").code("0000001990****0012"),
            made::listing(4, "佛山市禅城区样例村民委员会").code(village),
            made::listing(5, "佛山市禅城区无码村民委员会"),
        ];
        let mut listings = others.to_vec();
        listings.push(made::listing(6, "佛山市禅城区样例局"));
        for (file, bytes) in [
            ("page.json", made::court_page(&listings, 6)),
            ("details.jsonl", made::court_jsonl(&listings)),
            ("platform.csv", made::court_platform(&listings)),
        ] {
            let db = db.another();
            let hub = hub_with_town(&db).await;
            let report = hub.ingest(COURT, &[(file, &bytes)], |_| {}).await;
            done(
                &report,
                RunCounts {
                    received: 6,
                    stored: 1,
                    out_of_scope: 5,
                    ..RunCounts::default()
                },
            );
            for other in &others {
                for trace in [&other.name, &other.code, &other.case, &other.duty]
                    .into_iter()
                    .filter(|t| !t.is_empty())
                {
                    assert_eq!(
                        anywhere(&hub, trace).await,
                        Vec::<String>::new(),
                        "{file}: {trace}"
                    );
                }
            }
            // What is personal in the row of a body stays out, too; what is said about the body is there.
            assert_eq!(
                anywhere(&hub, &others[0].representative).await,
                Vec::<String>::new(),
                "{file}"
            );
            assert_eq!(
                anywhere(&hub, "支付工程款第6笔").await,
                vec!["evidence.content"],
                "{file}"
            );
        }
    })
    .await;
}

#[tokio::test]
async fn a_natural_person_of_the_platform_is_told_by_the_column_of_numbers_and_not_kept() {
    on_both(async |db| {
        let hub = hub_with_town(&db).await;
        let headings = "bzxrmc,sfzhm,zzjgdm,zxfy,ah,bzxrlxqk,fbrq,bzxrxh,sxid";
        let row = "某某中心,000000199001010012,,佛山市禅城区人民法院,(2025)粤0604执90001号,全部未履行,2025-03-04,1,1";
        let file = format!("{headings}\n{row}\n");
        let report = hub.ingest(COURT, &[("platform.csv", file.as_bytes())], |_| {}).await;
        done(&report, RunCounts { received: 1, out_of_scope: 1, ..RunCounts::default() });
        assert_eq!(anywhere(&hub, "0000001990").await, Vec::<String>::new());
        assert_eq!(anywhere(&hub, "某某中心").await, Vec::<String>::new());
    })
    .await;
}

#[tokio::test]
async fn what_can_not_be_told_is_a_mention_with_its_reason() {
    on_both(async |db| {
        let hub = hub_with_town(&db).await;
        let listings = [
            made::listing(1, "佛山市禅城区不存局"),
            made::listing(2, "区样例局"),
            made::listing(3, "佛山市南海区样例局").code(town()[1].uscc),
        ];
        let report = hub.ingest(COURT, &[("list.jsonl", &made::court_jsonl(&listings))], |_| {}).await;
        done(&report, RunCounts { received: 3, unresolved: 3, ..RunCounts::default() });
        assert_eq!(hub.records().await, Vec::<String>::new());
        assert_eq!(
            hub.mentions().await,
            ["佛山市南海区样例局 CONFLICT", "佛山市禅城区不存局 NONE", "区样例局 AMBIGUOUS"]
        );

        let query = "{ mentions { edges { node { text division { code } source { key } \
                     evidence { location } resolution { agency { name } candidates { agency { name } } steps } } } } }";
        let operator = hub.token(domain::viewer::Role::Operator, &[], None);
        let data = hub.data(Some(&operator), query).await;
        for edge in data["mentions"]["edges"].as_array().expect("edges") {
            let node = &edge["node"];
            let candidates = node["resolution"]["candidates"].as_array().expect("a list");
            let mut names: Vec<_> = candidates.iter().filter_map(|one| one["agency"]["name"].as_str()).collect();
            names.sort_unstable();
            let expected: &[&str] = match node["text"].as_str() {
                Some("佛山市禅城区不存局") => &[],
                _ => &["佛山市南海区样例局", "佛山市禅城区样例局"],
            };
            assert_eq!(names, expected, "{node:#}");
            assert_eq!(node["resolution"]["agency"], json!(null), "nothing is guessed");
            assert_ne!(node["resolution"]["steps"], json!([]), "it says what was tried");
            assert_eq!(node["division"]["code"], "440604", "the court's number tells the place");
            assert_eq!(node["source"]["key"], "court_debtors");
            assert!(node["evidence"][0]["location"].as_str().is_some_and(|place| place.starts_with("list.jsonl:")));
        }
    })
    .await;
}

#[tokio::test]
async fn the_name_decides_where_the_code_is_broken_or_partial() {
    on_both(async |db| {
        let hub = hub_with_town(&db).await;
        let bureau = town()[1].uscc;
        let name = "佛山市禅城区样例局";
        let listings = [
            made::listing(1, name).code(made::broken(&bureau)),
            made::listing(2, name).code(&bureau.as_str()[..12]),
            made::listing(3, name).code("暂无"),
            made::listing(4, name).code("TST0000"),
            made::listing(5, name).code("00000000000000000X"),
            made::listing(6, "佛山市禅城区不存局").code(made::broken(&bureau)),
        ];
        let report = hub
            .ingest(
                COURT,
                &[("list.jsonl", &made::court_jsonl(&listings))],
                |_| {},
            )
            .await;
        done(
            &report,
            RunCounts {
                received: 6,
                stored: 5,
                unresolved: 1,
                ..RunCounts::default()
            },
        );
        assert_eq!(
            hub.records().await,
            vec!["佛山市禅城区样例局 ACTIVE 2025-03-04 -"; 5]
        );
        assert_eq!(hub.mentions().await, ["佛山市禅城区不存局 NONE"]);
    })
    .await;
}

#[tokio::test]
async fn a_code_decides_where_the_name_is_borne_by_nobody() {
    on_both(async |db| {
        let hub = hub_with_town(&db).await;
        let listing = made::listing(1, "禅城样例").code(town()[1].uscc);
        let report = hub
            .ingest(
                COURT,
                &[("list.jsonl", &made::court_jsonl(&[listing]))],
                |_| {},
            )
            .await;
        done(
            &report,
            RunCounts {
                received: 1,
                stored: 1,
                ..RunCounts::default()
            },
        );
        assert_eq!(
            hub.records().await,
            ["佛山市禅城区样例局 ACTIVE 2025-03-04 -"]
        );
    })
    .await;
}

#[tokio::test]
async fn a_register_that_knows_a_body_later_turns_its_mentions_into_records() {
    on_both(async |db| {
        let hub = hub_with_town(&db).await;
        let list = made::court_jsonl(&[
            made::listing(1, "佛山市顺德区后来局"),
            made::listing(2, "佛山市禅城区不存局"),
        ]);
        hub.ingest(COURT, &[("list.jsonl", &list)], |_| {}).await;
        assert_eq!(hub.mentions().await.len(), 2);

        hub.it_is("2026-11-21");
        let mut rows = town();
        rows.push(made::body(5, "佛山市顺德区后来局", "440606"));
        hub.ingest(
            REGISTER,
            &[("register.csv", &made::register(&rows))],
            |_| {},
        )
        .await;
        assert_eq!(
            hub.mentions().await.len(),
            1,
            "who is meant is told without the list coming again"
        );

        hub.it_is("2026-11-22");
        let report = hub.ingest(COURT, &[("list.jsonl", &list)], |_| {}).await;
        done(
            &report,
            RunCounts {
                received: 2,
                unchanged: 1,
                unresolved: 1,
                ..RunCounts::default()
            },
        );
        assert_eq!(hub.mentions().await, ["佛山市禅城区不存局 NONE"]);
        assert_eq!(
            hub.records().await,
            ["佛山市顺德区后来局 ACTIVE 2025-03-04 -"]
        );
        assert_eq!(
            Hub::on(&db).await.told().await,
            hub.told().await,
            "a hub that starts now knows the same"
        );
    })
    .await;
}

#[tokio::test]
async fn a_record_whose_body_can_not_be_told_any_more_becomes_a_mention_and_may_come_back() {
    on_both(async |db| {
        let hub = hub_with_town(&db).await;
        let list = made::court_jsonl(&[made::listing(1, "佛山市禅城区样例局")]);
        hub.ingest(COURT, &[("list.jsonl", &list)], |_| {}).await;

        hub.it_is("2026-11-21");
        let mut rows = town();
        rows[2] = rows[2].clone().with("机构名称", "佛山市禅城区样例局");
        hub.ingest(REGISTER, &[("register.csv", &made::register(&rows))], |_| {}).await;
        hub.ingest(COURT, &[("list.jsonl", &list)], |_| {}).await;
        assert_eq!(hub.mentions().await, ["佛山市禅城区样例局 AMBIGUOUS"]);
        assert_eq!(hub.records().await, Vec::<String>::new());

        hub.it_is("2026-11-22");
        hub.ingest(REGISTER, &[("register.csv", &made::register(&town()))], |_| {}).await;
        let report = hub.ingest(COURT, &[("list.jsonl", &list)], |_| {}).await;
        assert_eq!(report.outcome, Some(RunState::Done), "{report:#?}");
        assert_eq!(hub.records().await, ["佛山市禅城区样例局 ACTIVE 2025-03-04 -"]);
        assert_eq!(hub.mentions().await, Vec::<String>::new());
        // Each version of a fact has a number of its own.
        for table in ["credit_record", "mention", "agency"] {
            let sql = format!("SELECT COUNT(*) FROM (SELECT id, version FROM {table} GROUP BY id, version HAVING COUNT(*) > 1) AS twice");
            assert_eq!(crate::support::count(&hub, &sql).await, 0, "{table}");
        }
    })
    .await;
}
