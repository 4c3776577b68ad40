//! Filters and totals tell nothing of hidden rows.

use std::collections::BTreeSet;

use domain::viewer::Role;

use super::{ask_all, assert_no_leak, set, uscc_of};
use crate::api::{
    each,
    province::{GONE, Province, Sight},
};

/// A filter, and what it says.
type Test<T> = (String, Box<dyn Fn(&Province, &Sight, usize) -> T>);

fn agency_filters(province: &Province) -> Vec<Test<bool>> {
    let has_active = |province: &Province, sight: &Sight, at: usize| {
        sight
            .records
            .iter()
            .map(|at| &province.records[*at])
            .any(|record| record.agency == at && record.is_active)
    };
    let is_in = |code: &'static str| {
        move |province: &Province, _: &Sight, at: usize| {
            province
                .sight(&province.asker(Role::Government, &[code], None))
                .bodies
                .contains(&at)
        }
    };
    let mut filters: Vec<Test<bool>> = vec![
        ("{}".to_owned(), Box::new(|_, _, _| true)),
        ("{ hasActiveRecord: true }".to_owned(), Box::new(has_active)),
        (
            "{ hasActiveRecord: false }".to_owned(),
            Box::new(move |p, s, at| !has_active(p, s, at)),
        ),
        (
            "{ not: { hasActiveRecord: true } }".to_owned(),
            Box::new(move |p, s, at| !has_active(p, s, at)),
        ),
        (
            "{ active: false }".to_owned(),
            Box::new(|_, _, at| at == GONE),
        ),
        (
            "{ kind: [INSTITUTION] }".to_owned(),
            Box::new(|_, _, at| at >= 22),
        ),
        (
            "{ not: { kind: [INSTITUTION] } }".to_owned(),
            Box::new(|_, _, at| at < 22),
        ),
        (
            "{ division: { within: \"440600\" } }".to_owned(),
            Box::new(is_in("440600")),
        ),
        (
            "{ not: { division: { within: \"440600\" } } }".to_owned(),
            Box::new(move |p, s, at| !is_in("440600")(p, s, at)),
        ),
        ("{ or: [] }".to_owned(), Box::new(|_, _, _| false)),
        ("{ not: { or: [] } }".to_owned(), Box::new(|_, _, _| true)),
        (
            "{ name: { contains: \"Z\" } }".to_owned(),
            Box::new(|_, _, _| true),
        ),
        (
            "{ not: { name: { contains: \"Z\" } } }".to_owned(),
            Box::new(|_, _, _| false),
        ),
    ];
    for wanted in [0, 7, 8, 13, 16, 19] {
        let uscc = province.bodies[wanted].uscc;
        filters.push((
            format!("{{ uscc: {{ eq: \"{uscc}\" }} }}"),
            Box::new(move |_, _, at| at == wanted),
        ));
        filters.push((
            format!("{{ not: {{ uscc: {{ eq: \"{uscc}\" }} }} }}"),
            Box::new(move |_, _, at| at != wanted),
        ));
        filters.push((
            format!("{{ or: [{{ uscc: {{ in: [\"{uscc}\"] }} }}, {{ active: false }}] }}"),
            Box::new(move |_, _, at| at == wanted || at == GONE),
        ));
        let start = &uscc.as_str()[..17];
        filters.push((
            format!("{{ uscc: {{ startsWith: \"{start}\" }} }}"),
            Box::new(move |_, _, at| at == wanted),
        ));
    }
    filters
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn filters_and_totals_tell_nothing_of_hidden_rows() {
    let province = Province::new().await;
    let filters = agency_filters(&province);
    for asker in province.askers().iter().step_by(2) {
        let sight = province.sight(asker);
        let token = asker.token.as_deref();
        let fields: Vec<String> = filters
            .iter()
            .map(|(filter, _)| format!("agencies(filter: {filter}, first: 50) {{ totalCount edges {{ node {{ uscc }} }} }}"))
            .collect();
        let (answers, text) = ask_all(&asker.wire, token, &fields).await;
        assert_no_leak(asker, &sight, "filters of agencies", &text);
        for ((filter, test), answer) in filters.iter().zip(&answers) {
            let wanted = sight
                .bodies
                .iter()
                .copied()
                .filter(|at| test(&province, &sight, *at));
            let wanted = uscc_of(&province, wanted);
            assert_eq!(answer["totalCount"], wanted.len(), "{asker}: {filter}");
            assert_eq!(set(each(answer, "uscc")), wanted, "{asker}: {filter}");
        }

        // A filter of the agency inside a filter of records.
        let fields: Vec<String> = filters
            .iter()
            .flat_map(|(filter, _)| {
                let plain = format!("creditRecords(filter: {{ agency: {filter} }}, first: 60) {{ totalCount edges {{ node {{ id }} }} }}");
                let not = format!("creditRecords(filter: {{ not: {{ agency: {filter} }} }}, first: 0) {{ totalCount }}");
                [plain, not]
            })
            .collect();
        let (answers, text) = ask_all(&asker.wire, token, &fields).await;
        assert_no_leak(asker, &sight, "filters of records", &text);
        for ((filter, test), answers) in filters.iter().zip(answers.chunks(2)) {
            let holds = |record: usize| {
                let agency = province.records[record].agency;
                sight.bodies.contains(&agency) && test(&province, &sight, agency)
            };
            let wanted: BTreeSet<String> = sight
                .records
                .iter()
                .filter(|record| holds(**record))
                .map(|record| province.records[*record].id.clone())
                .collect();
            assert_eq!(answers[0]["totalCount"], wanted.len(), "{asker}: {filter}");
            assert_eq!(set(each(&answers[0], "id")), wanted, "{asker}: {filter}");
            assert_eq!(
                answers[1]["totalCount"],
                sight.records.len() - wanted.len(),
                "{asker}: not {filter}"
            );
        }

        type RecordTest = (&'static str, fn(&Province, usize) -> bool);
        let records: [RecordTest; 7] = [
            ("{ status: [ACTIVE] }", |p, at| p.records[at].is_active),
            ("{ not: { status: [ACTIVE] } }", |p, at| {
                !p.records[at].is_active
            }),
            ("{ tier: [GENERAL] }", |p, at| !p.records[at].is_published),
            ("{ kind: [JUDGMENT_DEBTOR] }", |p, at| {
                p.records[at].is_published
            }),
            ("{ caseNumber: { contains: \"执9\" } }", |_, _| true),
            ("{ source: { eq: \"court_debtors\" } }", |_, _| true),
            (
                "{ not: { or: [{ status: [ACTIVE] }, { kind: [ARREARS] }] } }",
                |p, at| !p.records[at].is_active,
            ),
        ];
        let fields =
            records.map(|(filter, _)| format!("creditRecords(filter: {filter}) {{ totalCount }}"));
        let (answers, _) = ask_all(&asker.wire, token, &fields).await;
        for ((filter, test), answer) in records.iter().zip(&answers) {
            let wanted = sight
                .records
                .iter()
                .filter(|at| test(&province, **at))
                .count();
            assert_eq!(answer["totalCount"], wanted, "{asker}: {filter}");
        }

        if province.table.may_read(asker.role, "Query", "mentions") {
            type MentionTest = (&'static str, fn(&Province, usize) -> bool);
            let mentions: [MentionTest; 5] = [
                ("{ outcome: [NONE] }", |p, at| {
                    p.mentions[at].outcome == "NONE"
                }),
                ("{ not: { outcome: [NONE] } }", |p, at| {
                    p.mentions[at].outcome != "NONE"
                }),
                ("{ division: { within: \"440600\" } }", |p, at| {
                    p.mentions[at]
                        .division
                        .is_some_and(|code| code.starts_with("4406"))
                }),
                ("{ not: { division: { within: \"440600\" } } }", |p, at| {
                    !p.mentions[at]
                        .division
                        .is_some_and(|code| code.starts_with("4406"))
                }),
                (
                    "{ or: [{ source: { eq: \"nowhere\" } }, { division: { eq: \"441900\" } }] }",
                    |p, at| p.mentions[at].division == Some("441900"),
                ),
            ];
            let fields =
                mentions.map(|(filter, _)| format!("mentions(filter: {filter}) {{ totalCount }}"));
            let (answers, _) = ask_all(&asker.wire, token, &fields).await;
            for ((filter, test), answer) in mentions.iter().zip(&answers) {
                let wanted = sight
                    .mentions
                    .iter()
                    .filter(|at| test(&province, **at))
                    .count();
                assert_eq!(answer["totalCount"], wanted, "{asker}: {filter}");
            }
        }
    }
}
