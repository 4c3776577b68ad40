//! Look-ups, lists and counts: what the row rules give and nothing else.

use std::collections::BTreeSet;

use domain::viewer::Role;
use serde_json::{Value, json};

use super::{ask_all, assert_no_leak, set, uscc_of};
use crate::api::{
    each, nodes,
    province::{Asker, Province, Sight},
    quoted, text,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn look_ups_lists_and_counts_show_what_the_row_rules_give_and_nothing_else() {
    let province = Province::new().await;
    for asker in province.askers() {
        let sight = province.sight(&asker);
        look_up(&province, &asker, &sight).await;
        list(&province, &asker, &sight).await;
        walk_edges(&province, &asker, &sight).await;
    }
}

/// By id and by code, one thing after another.
async fn look_up(province: &Province, asker: &Asker, sight: &Sight) {
    let token = asker.token.as_deref();
    let table = &province.table;
    let may = |type_name: &str| {
        let field = if type_name == "SourceRun" {
            ("Source", "runs")
        } else {
            (type_name, "id")
        };
        table.may_read(asker.role, field.0, field.1)
    };
    let mut fields = Vec::new();
    let mut wanted = Vec::new();
    let mut node = |type_name: &str, id: &str, is_seen: bool| {
        fields.push(format!("node(id: {}) {{ __typename id }}", quoted(id)));
        wanted.push(is_seen.then(|| (type_name.to_owned(), id.to_owned())));
    };
    for (at, body) in province.bodies.iter().enumerate() {
        node("Agency", &body.id, sight.bodies.contains(&at));
    }
    for (at, record) in province.records.iter().enumerate() {
        let is_seen = sight.records.contains(&at);
        node("CreditRecord", &record.id, is_seen);
        for evidence in &record.evidence {
            node("Evidence", evidence, is_seen);
        }
    }
    for (at, mention) in province.mentions.iter().enumerate() {
        let is_seen = sight.mentions.contains(&at);
        node("Mention", &mention.id, is_seen);
        for evidence in &mention.evidence {
            node("Evidence", evidence, is_seen);
        }
    }
    for (at, clue) in province.clues.iter().enumerate() {
        let is_seen = sight.clues.contains(&at);
        node("Clue", &clue.id, is_seen);
        for evidence in &clue.evidence {
            node("Evidence", evidence, is_seen);
        }
    }
    for (at, indicator) in province.indicators.iter().enumerate() {
        let is_seen = sight.indicators.contains(&at);
        node("Indicator", &indicator.id, is_seen);
        for evidence in &indicator.evidence {
            node("Evidence", evidence, is_seen);
        }
    }
    for (at, official) in province.officials.iter().enumerate() {
        node("Official", &official.id, sight.officials.contains(&at));
    }
    for run in &province.runs {
        node("SourceRun", run, may("SourceRun"));
    }
    for key in ["agency_register", "court_debtors"] {
        node(
            "Source",
            &format!("src_440000_{key}"),
            table.rule(asker.role, "source") == "all",
        );
    }
    node("Division", "div_440000_440604", true);
    let (answers, text) = ask_all(&asker.wire, token, &fields).await;
    for ((answer, wanted), field) in answers.iter().zip(&wanted).zip(&fields) {
        let wanted = match wanted {
            Some((type_name, id)) => json!({ "__typename": type_name, "id": id }),
            None => Value::Null,
        };
        assert_eq!(*answer, wanted, "{asker}: {field}");
    }
    assert_no_leak(asker, sight, "node(id)", &text);

    let by_code = province
        .bodies
        .iter()
        .map(|body| format!("agency(uscc: \"{}\") {{ uscc name }}", body.uscc));
    let by_code: Vec<String> = by_code.collect();
    let (answers, text) = ask_all(&asker.wire, token, &by_code).await;
    for (at, answer) in answers.iter().enumerate() {
        let body = &province.bodies[at];
        let is_seen = sight.bodies.contains(&at);
        let wanted = if is_seen {
            json!({ "uscc": body.uscc.as_str(), "name": body.name })
        } else {
            Value::Null
        };
        assert_eq!(*answer, wanted, "{asker}: agency {at}");
    }
    assert_no_leak(asker, sight, "agency(uscc)", &text);
}

/// The lists, whole, and their totals.
async fn list(province: &Province, asker: &Asker, sight: &Sight) {
    let token = asker.token.as_deref();
    let query = "{ agencies(first: 200) { totalCount edges { node { uscc } } } \
         creditRecords(first: 200) { totalCount edges { node { id } } } \
         viewer { agency { uscc name } divisions { code } } \
         nothing: agencies(first: 0) { totalCount pageInfo { hasNextPage hasPreviousPage } } \
         none: creditRecords(last: 0) { totalCount pageInfo { hasNextPage hasPreviousPage } } }";
    let reply = asker.wire.ask(token, query).await;
    let data = &reply.json()["data"];
    assert_no_leak(asker, sight, query, &reply.text);
    let (agencies, records) = (&data["agencies"], &data["creditRecords"]);
    assert_eq!(
        set(each(agencies, "uscc")),
        uscc_of(province, sight.bodies.iter().copied()),
        "{asker}"
    );
    assert_eq!(agencies["totalCount"], sight.bodies.len(), "{asker}");
    let wanted: BTreeSet<String> = sight
        .records
        .iter()
        .map(|at| province.records[*at].id.clone())
        .collect();
    assert_eq!(set(each(records, "id")), wanted, "{asker}");
    assert_eq!(records["totalCount"], sight.records.len(), "{asker}");
    assert_eq!(data["nothing"]["totalCount"], sight.bodies.len(), "{asker}");
    assert_eq!(
        data["nothing"]["pageInfo"]["hasNextPage"],
        !sight.bodies.is_empty(),
        "{asker}"
    );
    assert_eq!(
        data["none"]["pageInfo"]["hasPreviousPage"],
        !sight.records.is_empty(),
        "{asker}"
    );
    let own = (0..province.bodies.len()).find(|at| asker.own == Some(province.bodies[*at].uscc));
    let own = own
        .filter(|at| sight.bodies.contains(at))
        .map(|at| &province.bodies[at]);
    assert_eq!(
        data["viewer"]["agency"]["uscc"].as_str(),
        own.map(|body| body.uscc.as_str()),
        "{asker}"
    );

    list_clues(province, asker, sight).await;
    let query = "{ mentions(first: 100) { totalCount edges { node { id text resolution { outcome agency { uscc } candidates { agency { uscc } } } } } } }";
    if !province.table.may_read(asker.role, "Query", "mentions") {
        assert_eq!(
            asker.wire.ask(token, query).await.code(),
            "FORBIDDEN",
            "{asker}"
        );
        return;
    }
    let reply = asker.wire.ask(token, query).await;
    assert_no_leak(asker, sight, query, &reply.text);
    let mentions = &reply.json()["data"]["mentions"];
    assert_eq!(mentions["totalCount"], sight.mentions.len(), "{asker}");
    assert_eq!(nodes(mentions).count(), sight.mentions.len(), "{asker}");
    for node in nodes(mentions) {
        let mention = province
            .mentions
            .iter()
            .find(|mention| mention.id == node["id"])
            .expect("it was made");
        // The outcome stands; of the candidates those are told that may be seen.
        assert_eq!(node["resolution"]["outcome"], mention.outcome, "{asker}");
        assert_eq!(node["resolution"]["agency"], Value::Null);
        let candidates = node["resolution"]["candidates"].as_array().expect("a list");
        let told = candidates
            .iter()
            .map(|candidate| text(&candidate["agency"]["uscc"]));
        let wanted = mention
            .candidates
            .iter()
            .copied()
            .filter(|at| sight.bodies.contains(at));
        assert_eq!(set(told), uscc_of(province, wanted), "{asker}: {node}");
    }
}

/// Clues, whole, with those of their bodies that may be seen.
async fn list_clues(province: &Province, asker: &Asker, sight: &Sight) {
    let token = asker.token.as_deref();
    let query =
        "{ clues(first: 100) { totalCount edges { node { id title agencies { uscc } } } } }";
    if !province.table.may_read(asker.role, "Query", "clues") {
        let reply = asker.wire.ask(token, query).await;
        assert_eq!(reply.code(), "FORBIDDEN", "{asker}");
        assert!(
            sight.clues.is_empty(),
            "{asker}: no field shows him these rows"
        );
        return;
    }
    let reply = asker.wire.ask(token, query).await;
    assert_no_leak(asker, sight, query, &reply.text);
    let clues = &reply.json()["data"]["clues"];
    assert_eq!(clues["totalCount"], sight.clues.len(), "{asker}");
    let wanted: BTreeSet<String> = sight
        .clues
        .iter()
        .map(|at| province.clues[*at].id.clone())
        .collect();
    assert_eq!(set(each(clues, "id")), wanted, "{asker}");
    for node in nodes(clues) {
        let mut clues = province.clues.iter();
        let clue = clues
            .find(|clue| clue.id == node["id"])
            .expect("it was made");
        let told = node["agencies"].as_array().into_iter().flatten();
        let visible = clue.agencies.iter().copied();
        let visible = visible.filter(|at| sight.bodies.contains(at));
        assert_eq!(
            set(told.map(|body| text(&body["uscc"]))),
            uscc_of(province, visible),
            "{asker}: {node}"
        );
    }
}

/// From each body that may be seen to what stands beside it, and from divisions to their bodies.
async fn walk_edges(province: &Province, asker: &Asker, sight: &Sight) {
    let token = asker.token.as_deref();
    let seen = |places: &[usize]| {
        places
            .iter()
            .copied()
            .filter(|at| sight.bodies.contains(at))
            .collect::<Vec<_>>()
    };
    let bodies: Vec<usize> = sight.bodies.iter().copied().collect();
    let clues = if province.table.may_read(asker.role, "Agency", "clues") {
        "clues(first: 40) { totalCount edges { node { id } } }"
    } else {
        ""
    };
    let may_ask = province.table.may_read(asker.role, "Agency", "officials");
    let officials = if may_ask {
        "officials(first: 40) { totalCount edges { node { id maskedName posts { title agency { uscc } } } } }"
    } else {
        ""
    };
    let field = |at: &usize| {
        format!(
            "agency(uscc: \"{}\") {{ {clues} {officials} indicators(first: 40) {{ totalCount edges {{ node {{ id }} }} }} superior {{ uscc }} superiorName competentDepartments {{ uscc }} \
             subordinates(first: 200) {{ totalCount edges {{ node {{ uscc }} }} }} \
             creditRecords(first: 40) {{ totalCount edges {{ node {{ id agency {{ uscc }} identifiedByAgency {{ name }} }} }} }} \
             predecessors {{ from {{ uscc }} to {{ uscc }} fromName toName }} successors {{ from {{ uscc }} to {{ uscc }} }} }}",
            province.bodies[*at].uscc
        )
    };
    let mut answers = Vec::new();
    for some in bodies.chunks(5) {
        let fields: Vec<String> = some.iter().map(field).collect();
        let (some, text) = ask_all(&asker.wire, token, &fields).await;
        assert_no_leak(asker, sight, &fields[0], &text);
        answers.extend(some);
    }
    for (at, answer) in bodies.iter().copied().zip(&answers) {
        let body = &province.bodies[at];
        let superior = seen(body.superior.as_slice());
        assert_eq!(
            set(answer["superior"]["uscc"].as_str()),
            uscc_of(province, superior),
            "{asker}"
        );
        let name = body
            .superior
            .map(|superior| province.bodies[superior].name.as_str());
        assert_eq!(
            answer["superiorName"].as_str(),
            name,
            "{asker}: a name stays where its body is hidden"
        );
        let told = answer["competentDepartments"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|body| text(&body["uscc"]));
        assert_eq!(
            set(told),
            uscc_of(province, seen(body.competent.as_slice())),
            "{asker}"
        );
        let below: Vec<usize> = (0..province.bodies.len())
            .filter(|below| province.bodies[*below].superior == Some(at))
            .collect();
        let below = seen(&below);
        assert_eq!(
            answer["subordinates"]["totalCount"],
            below.len(),
            "{asker}: below {}",
            body.name
        );
        assert_eq!(
            set(each(&answer["subordinates"], "uscc")),
            uscc_of(province, below),
            "{asker}"
        );

        for (list, told, seen) in [
            ("clues", &province.clues, &sight.clues),
            ("indicators", &province.indicators, &sight.indicators),
        ] {
            let wanted = seen.iter().map(|at| &told[*at]);
            let wanted = wanted.filter(|told| told.agencies.contains(&at));
            let wanted: BTreeSet<String> = wanted.map(|told| told.id.clone()).collect();
            let is_asked = list != "clues" || !clues.is_empty();
            assert!(is_asked || wanted.is_empty(), "{asker}");
            if is_asked {
                assert_eq!(answer[list]["totalCount"], wanted.len(), "{asker}: {list}");
                assert_eq!(set(each(&answer[list], "id")), wanted, "{asker}: {list}");
            }
        }

        let in_office = |official: &&usize| {
            let posts = province.officials[**official].posts;
            posts.contains(&(at, true))
        };
        let wanted = sight.officials.iter().filter(in_office);
        let wanted: BTreeSet<String> = wanted
            .map(|official| province.officials[*official].id.clone())
            .collect();
        assert!(may_ask || wanted.is_empty(), "{asker}");
        if may_ask {
            let told = &answer["officials"];
            assert_eq!(told["totalCount"], wanted.len(), "{asker}");
            assert_eq!(set(each(told, "id")), wanted, "{asker}");
            assert!(
                each(told, "maskedName")
                    .iter()
                    .all(|name| *name == "官****")
            );
        }

        let records = &answer["creditRecords"];
        let wanted = sight
            .records
            .iter()
            .map(|at| &province.records[*at])
            .filter(|record| record.agency == at);
        let wanted: BTreeSet<String> = wanted.map(|record| record.id.clone()).collect();
        assert_eq!(
            records["totalCount"],
            wanted.len(),
            "{asker}: of {}",
            body.name
        );
        assert_eq!(set(each(records, "id")), wanted, "{asker}");
        for node in nodes(records) {
            assert_eq!(node["agency"]["uscc"], body.uscc.as_str());
            let record = province
                .records
                .iter()
                .find(|record| record.id == node["id"])
                .expect("it was made");
            let court = (0..province.bodies.len())
                .find(|at| province.bodies[*at].name == record.identified_by);
            let court = court
                .filter(|at| sight.bodies.contains(at))
                .map(|at| province.bodies[at].name.as_str());
            assert_eq!(
                node["identifiedByAgency"]["name"].as_str(),
                court,
                "{asker}: {node}"
            );
        }
    }
    if let Some(place) = bodies.iter().position(|at| *at == 14) {
        let event = &answers[place]["predecessors"][0];
        assert_eq!(
            event["fromName"], province.bodies[4].name,
            "the name of a hidden end stays"
        );
        assert_eq!(
            set(event["from"]["uscc"].as_str()),
            uscc_of(province, seen(&[4])),
            "{asker}"
        );
    }

    let codes = [
        "100000",
        "440000",
        "440600",
        "440604",
        "440604010",
        "440681",
        "441900",
        "441900121",
        "440100",
        "430000",
        "450000",
    ];
    let fields = codes.map(|code| format!("division(code: \"{code}\") {{ agencies(first: 100) {{ totalCount edges {{ node {{ uscc }} }} }} }}"));
    let (answers, text) = ask_all(&asker.wire, token, &fields).await;
    assert_no_leak(asker, sight, "division.agencies", &text);
    for (code, answer) in codes.iter().zip(&answers) {
        let all = province.sight(&province.asker(Role::Government, &[code], None));
        let within = all.bodies.intersection(&sight.bodies).copied();
        let wanted = uscc_of(province, within);
        assert_eq!(
            answer["agencies"]["totalCount"],
            wanted.len(),
            "{asker} in {code}"
        );
        assert_eq!(
            set(each(&answer["agencies"], "uscc")),
            wanted,
            "{asker} in {code}"
        );
    }
}
