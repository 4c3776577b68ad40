//! The register: agencies, their names and what became of them.

use domain::run::RunCounts;
use entities::evidence;
use sea_orm::EntityTrait;
use serde_json::json;

use super::{REGISTER, done, hub_with_town, town};
use crate::support::{Hub, made, on_both, state};

#[tokio::test]
async fn register_rows_become_agencies_with_names_superior_and_dates() {
    on_both(async |db| {
        let hub = Hub::on(&db).await;
        let mut rows = town();
        rows[3] = rows[3].clone().abolished("2024年06月30日");
        let report = hub.ingest(REGISTER, &[("register.csv", &made::register(&rows))], |_| {}).await;
        done(&report, RunCounts { received: 4, stored: 4, ..RunCounts::default() });

        let query = format!(
            "{{ agency(uscc: \"{}\") {{ name kind orgCode establishedOn abolishedOn division {{ fullName }} \
             superior {{ name }} superiorName competentDepartments {{ name }} formerNames {{ name }} aliases {{ name }} }} }}",
            rows[3].uscc
        );
        let institution = hub.data(Some(&hub.everything()), &query).await;
        assert_eq!(
            institution["agency"],
            json!({
                "name": "佛山市禅城区样例中心",
                "kind": "INSTITUTION",
                "orgCode": rows[3].uscc.org_code().as_str(),
                "establishedOn": "2000-01-02",
                "abolishedOn": "2024-06-30",
                "division": { "fullName": "广东省佛山市禅城区" },
                "superior": { "name": "佛山市禅城区样例局" },
                "superiorName": "佛山市禅城区样例局",
                "competentDepartments": [{ "name": "佛山市禅城区样例局" }],
                "formerNames": [],
                "aliases": [],
            })
        );
        let query = query.replace(rows[3].uscc.as_str(), rows[1].uscc.as_str());
        let bureau = &hub.data(Some(&hub.everything()), &query).await["agency"];
        assert_eq!(bureau["kind"], "ORGAN");
        assert_eq!(bureau["superiorName"], "佛山市样例局");
        assert_eq!(bureau["abolishedOn"], json!(null));
        assert_eq!(bureau["formerNames"], json!([{ "name": "佛山市禅城区旧样局" }]));
        assert_eq!(bureau["aliases"], json!([{ "name": "区样例局" }]));
    })
    .await;
}

#[tokio::test]
async fn several_names_in_one_cell_are_parted_by_semicolons_of_either_width() {
    on_both(async |db| {
        let hub = Hub::on(&db).await;
        let body = made::body(1, "佛山市样例局", "440600").former("佛山市甲样局;佛山市乙样局；佛山市丙样局");
        hub.ingest(REGISTER, &[("register.csv", &made::register(&[body]))], |_| {}).await;
        let query = "{ agencies { edges { node { formerNames { name } } } } }";
        let data = hub.data(Some(&hub.everything()), query).await;
        assert_eq!(
            data["agencies"]["edges"][0]["node"]["formerNames"],
            json!([{ "name": "佛山市甲样局" }, { "name": "佛山市乙样局" }, { "name": "佛山市丙样局" }])
        );
    })
    .await;
}

#[tokio::test]
async fn what_is_stored_is_what_was_written_whatever_characters_it_has() {
    on_both(async |db| {
        let hub = Hub::on(&db).await;
        let names = [
            "甲\"样\"局",
            "乙\\样\\局\\",
            "{丙,样局}",
            "\"NULL\",NULL",
            "'丁''样局', $1",
            "戊\t样局",
        ];
        let body = made::body(1, "佛山市样例局", "440600").alias(&names.join(";"));
        hub.ingest(
            REGISTER,
            &[("register.csv", &made::register(&[body]))],
            |_| {},
        )
        .await;
        let query = "{ agencies { edges { node { aliases { name } } } } }";
        let data = hub.data(Some(&hub.everything()), query).await;
        let told = names.map(|name| json!({ "name": name }));
        assert_eq!(data["agencies"]["edges"][0]["node"]["aliases"], json!(told));

        let database = hub.database().await;
        let kept = evidence::Entity::find()
            .one(&database)
            .await
            .expect("a table");
        let kept = kept.expect("the row is kept").content;
        let kept: serde_json::Value = serde_json::from_str(&kept).expect("it is JSON");
        assert_eq!(kept["别名"], names.join(";"));
        database.close().await.expect("it closes");
    })
    .await;
}

#[tokio::test]
async fn agencies_and_successions_come_in_one_delivery_told_apart_by_their_headings() {
    on_both(async |db| {
        let hub = Hub::on(&db).await;
        let rows = town();
        let gone = "佛山市禅城区消失局";
        let events = made::successions(&[
            ((None, gone), (Some(&rows[1].uscc), "佛山市禅城区样例局"), "合并", "2019-03-01", "样字〔2019〕1号"),
            ((Some(&rows[2].uscc), "佛山市南海区样例局"), (None, ""), "撤销", "2024-05-01", ""),
        ]);
        let files: [(&str, &[u8]); 2] = [("successions.csv", &events), ("register.csv", &made::register(&rows))];
        let report = hub.ingest(REGISTER, &files, |_| {}).await;
        done(&report, RunCounts { received: 6, stored: 6, ..RunCounts::default() });

        let ask = |row: &made::Body| {
            format!(
                "{{ agency(uscc: \"{}\") {{ predecessors {{ kind fromName toName effectiveOn basis to {{ uscc }} }} \
                 successors {{ kind toName effectiveOn basis }} }} }}",
                row.uscc
            )
        };
        let merged = hub.data(Some(&hub.everything()), &ask(&rows[1])).await;
        assert_eq!(
            merged["agency"]["predecessors"],
            json!([{
                "kind": "MERGED",
                "fromName": gone,
                "toName": "佛山市禅城区样例局",
                "effectiveOn": "2019-03-01",
                "basis": "样字〔2019〕1号",
                "to": { "uscc": rows[1].uscc.as_str() },
            }])
        );
        let abolished = hub.data(Some(&hub.everything()), &ask(&rows[2])).await;
        assert_eq!(
            abolished["agency"]["successors"],
            json!([{ "kind": "ABOLISHED", "toName": null, "effectiveOn": "2024-05-01", "basis": null }])
        );
    })
    .await;
}

#[tokio::test]
async fn a_full_delivery_of_one_form_says_nothing_about_the_other() {
    on_both(async |db| {
        let hub = Hub::on(&db).await;
        let rows = town();
        let events = made::successions(&[(
            (None, "佛山市禅城区消失局"),
            (Some(&rows[1].uscc), "佛山市禅城区样例局"),
            "合并",
            "2019-03-01",
            "",
        )]);
        let both: [(&str, &[u8]); 2] = [
            ("register.csv", &made::register(&rows)),
            ("successions.csv", &events),
        ];
        hub.ingest(REGISTER, &both, |_| {}).await;
        let before = state(&hub).await;
        hub.it_is("2026-11-21");
        let report = hub
            .ingest(REGISTER, &[("successions.csv", &events)], |_| {})
            .await;
        done(
            &report,
            RunCounts {
                received: 1,
                unchanged: 1,
                ..RunCounts::default()
            },
        );
        assert_eq!(state(&hub).await, before);
    })
    .await;
}

#[tokio::test]
async fn a_name_is_carried_to_who_followed_and_a_listing_waits_for_a_person() {
    on_both(async |db| {
        let hub = Hub::on(&db).await;
        let rows = town();
        let events = made::successions(&[(
            (None, "佛山市禅城区消失局"),
            (Some(&rows[1].uscc), "佛山市禅城区样例局"),
            "合并",
            "2019-03-01",
            "样字〔2019〕1号",
        )]);
        let both: [(&str, &[u8]); 2] = [
            ("register.csv", &made::register(&rows)),
            ("successions.csv", &events),
        ];
        hub.ingest(REGISTER, &both, |_| {}).await;
        let successor = json!({ "outcome": "SUCCESSOR", "agency": { "name": "佛山市禅城区样例局" } });
        for (day, told) in [
            ("", successor.clone()),
            (", asOf: \"2019-03-01\"", successor.clone()),
            (", asOf: \"2019-02-28\"", json!({ "outcome": "NONE", "agency": null })),
        ] {
            let query = format!(
                "{{ resolve(input: {{ name: \"佛山市禅城区消失局\"{day} }}) {{ outcome agency {{ name }} }} }}"
            );
            let data = hub.data(Some(&hub.everything()), &query).await;
            assert_eq!(data["resolve"], told, "{day}");
        }
        let list = made::court_jsonl(&[made::listing(1, "佛山市禅城区消失局")]);
        hub.ingest("court_debtors", &[("list.jsonl", &list)], |_| {}).await;
        let query = "{ creditRecords { totalCount } mentions { edges { node { resolution { outcome agency { name } } } } } }";
        let data = hub.data(Some(&hub.everything()), query).await;
        assert_eq!(data["creditRecords"]["totalCount"], 0);
        assert_eq!(data["mentions"]["edges"], json!([{ "node": { "resolution": successor } }]));
    })
    .await;
}

#[tokio::test]
async fn a_body_is_found_by_the_name_that_it_bore_before() {
    on_both(async |db| {
        let hub = hub_with_town(&db).await;
        let query =
            "{ resolve(input: { name: \"佛山市禅城区旧样局\" }) { outcome agency { name } } }";
        let data = hub.data(Some(&hub.everything()), query).await;
        assert_eq!(
            data["resolve"],
            json!({ "outcome": "ALIAS", "agency": { "name": "佛山市禅城区样例局" } })
        );
    })
    .await;
}

#[tokio::test]
async fn a_renamed_body_keeps_its_identity_and_is_found_by_its_new_name() {
    on_both(async |db| {
        let hub = hub_with_town(&db).await;
        let ask = format!("{{ agency(uscc: \"{}\") {{ id name }} }}", town()[1].uscc);
        let before = hub.data(Some(&hub.everything()), &ask).await;
        let mut rows = town();
        rows[1] = rows[1]
            .clone()
            .with("机构名称", "佛山市禅城区新样局")
            .former("佛山市禅城区样例局");
        hub.it_is("2026-11-21");
        let report = hub
            .ingest(
                REGISTER,
                &[("register.csv", &made::register(&rows))],
                |_| {},
            )
            .await;
        done(
            &report,
            RunCounts {
                received: 4,
                stored: 1,
                unchanged: 3,
                ..RunCounts::default()
            },
        );
        let after = hub.data(Some(&hub.everything()), &ask).await;
        assert_eq!(after["agency"]["id"], before["agency"]["id"]);
        assert_eq!(after["agency"]["name"], "佛山市禅城区新样局");
        for (name, outcome) in [
            ("佛山市禅城区新样局", "EXACT_NAME"),
            ("佛山市禅城区样例局", "ALIAS"),
            // No name of its own any more, and one character from what it is called.
            ("佛山市禅城区旧样局", "FUZZY"),
        ] {
            let query = format!("{{ resolve(input: {{ name: \"{name}\" }}) {{ outcome }} }}");
            assert_eq!(
                hub.data(Some(&hub.everything()), &query).await["resolve"]["outcome"],
                outcome,
                "{name}"
            );
        }
    })
    .await;
}

#[tokio::test]
async fn bodies_that_are_no_agencies_are_counted_only() {
    on_both(async |db| {
        let hub = Hub::on(&db).await;
        let mut rows = town();
        rows.push(made::body_of(
            made::uscc("54", "440604", 8),
            "佛山市禅城区样例村民委员会",
            "440604",
        ));
        rows.push(made::body_of(
            made::uscc("91", "440604", 9),
            "佛山市样例有限公司",
            "440604",
        ));
        let report = hub
            .ingest(
                REGISTER,
                &[("register.csv", &made::register(&rows))],
                |_| {},
            )
            .await;
        done(
            &report,
            RunCounts {
                received: 6,
                stored: 4,
                out_of_scope: 2,
                ..RunCounts::default()
            },
        );
        for nobody in [
            "村民委员会",
            "有限公司",
            rows[4].uscc.as_str(),
            rows[5].uscc.as_str(),
        ] {
            assert_eq!(
                crate::support::anywhere(&hub, nobody).await,
                Vec::<String>::new(),
                "{nobody}"
            );
        }
    })
    .await;
}

#[tokio::test]
async fn the_column_of_competent_departments_may_be_missing() {
    on_both(async |db| {
        let hub = Hub::on(&db).await;
        let headings = "统一社会信用代码,机构名称,机构性质,行政区划代码,上级机构统一社会信用代码,曾用名,别名,成立日期,撤销日期";
        let file = format!("{headings}\n{},佛山市样例局,机关,440600,,,,2000-01-02,\n", made::uscc("11", "440600", 1));
        let report = hub.ingest(REGISTER, &[("register.csv", file.as_bytes())], |_| {}).await;
        done(&report, RunCounts { received: 1, stored: 1, ..RunCounts::default() });
    })
    .await;
}

#[tokio::test]
async fn a_column_that_nobody_knows_is_told_and_not_kept() {
    on_both(async |db| {
        let hub = Hub::on(&db).await;
        let file = String::from_utf8(made::register(&town())).expect("UTF-8");
        let file = file
            .replace('\n', ",绝不留存\n")
            .replacen("绝不留存", "联系电话", 1);
        let report = hub
            .ingest(REGISTER, &[("register.csv", file.as_bytes())], |_| {})
            .await;
        done(
            &report,
            RunCounts {
                received: 4,
                stored: 4,
                ..RunCounts::default()
            },
        );
        assert!(
            report
                .warnings
                .iter()
                .any(|warning| warning.contains("联系电话")),
            "{:?}",
            report.warnings
        );
        assert_eq!(
            crate::support::anywhere(&hub, "绝不留存").await,
            Vec::<String>::new()
        );
    })
    .await;
}

#[tokio::test]
async fn one_code_on_two_rows_in_two_spellings_is_one_body() {
    on_both(async |db| {
        let hub = Hub::on(&db).await;
        let mut rows = town();
        let twin = rows[0]
            .clone()
            .with("统一社会信用代码", &rows[0].uscc.as_str().to_lowercase());
        rows.push(twin);
        let report = hub
            .try_ingest(
                REGISTER,
                &[("register.csv", &made::register(&rows))],
                |_| {},
            )
            .await
            .expect("one doubtful row is no reason to refuse them all");
        assert_eq!(report.counts.received, 5, "{report:#?}");
        let query = "{ agencies { totalCount } }";
        assert_eq!(
            hub.data(Some(&hub.everything()), query).await["agencies"]["totalCount"],
            4
        );
    })
    .await;
}
