//! What is hidden answers like what never was, and the resolver hides after it has decided.

use domain::viewer::Role;

use super::{set, uscc_of};
use crate::api::{
    province::{NAMESAKES, Province},
    text,
};
use crate::support::made;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_resolver_decides_over_all_bodies_and_hides_afterwards() {
    let province = Province::new().await;
    let bodies = &province.bodies;
    let namesake = bodies[NAMESAKES[0]].name.as_str();
    let inputs: Vec<(String, &str, Vec<usize>)> = vec![
        (
            format!("uscc: \"{}\"", bodies[8].uscc),
            "EXACT_CODE",
            vec![8],
        ),
        (
            format!("uscc: \"{}\"", bodies[16].uscc.to_string().to_lowercase()),
            "EXACT_CODE",
            vec![16],
        ),
        (
            format!("orgCode: \"{}\"", made::hyphenated(&bodies[19].uscc)),
            "EXACT_CODE",
            vec![19],
        ),
        (
            format!("name: \"{}\"", bodies[13].name),
            "EXACT_NAME",
            vec![13],
        ),
        ("name: \"曾用名F07Z处\"".to_owned(), "ALIAS", vec![7]),
        ("name: \"别名A18Z办\"".to_owned(), "ALIAS", vec![18]),
        (
            format!("name: \"{namesake}\""),
            "AMBIGUOUS",
            NAMESAKES.to_vec(),
        ),
        (
            format!("name: \"{namesake}\", division: \"441900\""),
            "EXACT_NAME",
            vec![24],
        ),
        (
            format!("name: \"{namesake}\", division: \"440100\""),
            "NONE",
            vec![],
        ),
        (
            format!(
                "name: \"{}\", uscc: \"{}\"",
                bodies[8].name, bodies[18].uscc
            ),
            "CONFLICT",
            vec![8, 18],
        ),
        ("name: \"没有的局\"".to_owned(), "NONE", vec![]),
    ];
    for asker in province.askers() {
        let sight = province.sight(&asker);
        let token = asker.token.as_deref();
        for (input, outcome, meant) in &inputs {
            let query = format!(
                "{{ resolve(input: {{ {input} }}) {{ outcome score steps agency {{ id uscc }} candidates {{ score reason agency {{ id uscc }} }} }} }}"
            );
            let reply = asker.wire.ask(token, &query).await;
            if !province.table.may_read(asker.role, "Query", "resolve") {
                assert_eq!(reply.code(), "FORBIDDEN", "{asker}");
                continue;
            }
            let answer = &reply.json()["data"]["resolve"];
            assert_eq!(answer["outcome"], *outcome, "{asker}: {input}");
            let told = answer["candidates"]
                .as_array()
                .into_iter()
                .flatten()
                .map(|each| text(&each["agency"]["uscc"]));
            let told = set(told.chain(answer["agency"]["uscc"].as_str()));
            let wanted = meant.iter().copied().filter(|at| sight.bodies.contains(at));
            assert_eq!(told, uscc_of(&province, wanted), "{asker}: {input}");
            // What the viewer himself wrote comes back in the steps; nothing else of a hidden body does.
            let written = query.to_uppercase().replace('-', "");
            let leaks: Vec<&str> = sight
                .leaks(&reply.text)
                .into_iter()
                .filter(|mark| !written.contains(*mark))
                .collect();
            assert!(
                leaks.is_empty(),
                "{asker}: {input}: {leaks:?}: {}",
                reply.text
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hidden_thing_answers_like_one_that_never_was() {
    let province = Province::new().await;
    let asker = province.asker(Role::Government, &["441900"], None);
    let sight = province.sight(&asker);
    let token = asker.token.as_deref();
    let of = |hidden: &str, absent: &str, query: &str| {
        let with = |id: &str| query.replace('#', id);
        (with(hidden), with(absent))
    };
    let (hidden, record, mention) = (
        &province.bodies[7],
        &province.records[0],
        &province.mentions[0],
    );
    assert!(
        !sight.bodies.contains(&7) && !sight.records.contains(&0) && !sight.mentions.contains(&0)
    );
    let absent = made::uscc("11", "440604", 4_711).to_string();
    let node = "{ node(id: \"#\") { id __typename ... on Agency { name } } }";
    for (hidden, absent) in [
        of(
            hidden.uscc.as_str(),
            &absent,
            "{ agency(uscc: \"#\") { name creditRecords { totalCount } } }",
        ),
        of(&hidden.id, "agc_440000_17", node),
        of(&record.id, "crd_440000_17", node),
        of(&record.evidence[0], "evd_440000_17", node),
        of(&mention.id, "mnt_440000_17", node),
        of(&mention.evidence[0], "evd_440000_17", node),
        of(&hidden.id.replace("440000", "430000"), "nonsense", node),
        of(
            hidden.uscc.as_str(),
            &absent,
            "{ agencies(filter: { uscc: { eq: \"#\" } }) { totalCount edges { cursor } pageInfo { hasNextPage } } }",
        ),
        of(
            hidden.uscc.as_str(),
            &absent,
            "{ creditRecords(filter: { agency: { uscc: { eq: \"#\" } } }) { totalCount edges { cursor } } }",
        ),
        of(
            &hidden.name,
            "没有的局",
            "{ agencies(filter: { name: { startsWith: \"#\" } }) { totalCount } }",
        ),
        of(
            &record.case,
            "（2025）粤0604执1号",
            "{ creditRecords(filter: { caseNumber: { eq: \"#\" } }) { totalCount } }",
        ),
    ] {
        let (hidden, absent) = (
            asker.wire.ask(token, &hidden).await,
            asker.wire.ask(token, &absent).await,
        );
        assert_eq!((hidden.status, &hidden.text), (absent.status, &absent.text));
        assert!(hidden.codes().is_empty(), "{}", hidden.text);
    }
}
