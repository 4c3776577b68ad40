//! Which rows a viewer is shown, by every path there is. The oracle reckons it from `access.toml`
//! and from the rows that were made; the hub must say the same, in look-ups, lists, counts, filters,
//! orders and cursors.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use domain::viewer::Role;
use serde_json::{Value, json};

use super::{
    Wire, each, nodes,
    province::{Asker, GONE, NAMESAKES, Province, Sight},
    quoted,
    sdl::{Kind, Sdl},
    text,
};
use crate::support::made;

/// Asks for several fields of the root in few requests: `(field with arguments, selection)`; the
/// answers in their order.
async fn ask_all(wire: &Wire, token: Option<&str>, fields: &[String]) -> (Vec<Value>, String) {
    let (mut answers, mut texts) = (Vec::new(), String::new());
    for some in fields.chunks(10) {
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

fn uscc_of(province: &Province, places: impl IntoIterator<Item = usize>) -> BTreeSet<String> {
    places
        .into_iter()
        .map(|at| province.bodies[at].uscc.to_string())
        .collect()
}

fn set<'a>(texts: impl IntoIterator<Item = &'a str>) -> BTreeSet<String> {
    texts.into_iter().map(str::to_owned).collect()
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

/// The number in a node's id, by which ties are broken.
fn number(id: &str) -> i64 {
    id.rsplit('_')
        .next()
        .and_then(|number| number.parse().ok())
        .expect("an id ends with a number")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_order_knows_only_what_its_viewer_may_see() {
    let province = Province::new().await;
    for asker in province.askers() {
        let sight = province.sight(&asker);
        let active = |at: usize| {
            let seen = sight
                .records
                .iter()
                .map(|record| &province.records[*record]);
            seen.filter(|record| record.agency == at && record.is_active)
                .count()
        };
        for field in ["NAME", "DIVISION", "ACTIVE_RECORDS"] {
            for direction in ["ASC", "DESC"] {
                let query = format!(
                    "{{ agencies(orderBy: [{{ field: {field}, direction: {direction} }}], first: 200) {{ edges {{ node {{ uscc }} }} }} }}"
                );
                let reply = asker.wire.ask(asker.token.as_deref(), &query).await;
                assert_no_leak(&asker, &sight, &query, &reply.text);
                let mut wanted: Vec<usize> = sight.bodies.iter().copied().collect();
                wanted.sort_by(|a, b| {
                    let (one, other) = (&province.bodies[*a], &province.bodies[*b]);
                    let order = match field {
                        "NAME" => one.name.cmp(&other.name),
                        "DIVISION" => one.division.cmp(other.division),
                        _ => active(*a).cmp(&active(*b)),
                    };
                    let order = if direction == "DESC" {
                        order.reverse()
                    } else {
                        order
                    };
                    order.then(number(&one.id).cmp(&number(&other.id)))
                });
                let wanted: Vec<&str> = wanted
                    .iter()
                    .map(|at| province.bodies[*at].uscc.as_str())
                    .collect();
                let json = reply.json();
                assert_eq!(
                    each(&json["data"]["agencies"], "uscc"),
                    wanted,
                    "{asker} by {field} {direction}"
                );
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cursor_of_another_viewer_is_a_position_and_no_right() {
    let province = Province::new().await;
    let all = province.asker(Role::Government, &["100000"], None);
    let all = province.stating(all, "supervision");
    let operator = province.asker(Role::Operator, &[], None);
    let cursors = async |asker: &Asker, list: &str| {
        let query = format!("{{ {list}(first: 200) {{ edges {{ cursor node {{ id }} }} }} }}");
        let mut data = asker.wire.data(asker.token.as_deref(), &query).await;
        let edges = data[list]["edges"].take();
        let edges = edges.as_array().cloned().unwrap_or_default();
        let edge = |edge: &Value| {
            (
                text(&edge["cursor"]).to_owned(),
                text(&edge["node"]["id"]).to_owned(),
            )
        };
        edges.iter().map(edge).collect::<Vec<_>>()
    };
    let lists = [
        ("agencies", cursors(&all, "agencies").await),
        ("creditRecords", cursors(&all, "creditRecords").await),
        ("mentions", cursors(&operator, "mentions").await),
        ("clues", cursors(&all, "clues").await),
    ];
    for asker in province.askers().iter().step_by(3) {
        let sight = province.sight(asker);
        let seen: BTreeSet<&str> = sight
            .bodies
            .iter()
            .map(|at| province.bodies[*at].id.as_str())
            .chain(
                sight
                    .records
                    .iter()
                    .map(|at| province.records[*at].id.as_str()),
            )
            .chain(
                sight
                    .mentions
                    .iter()
                    .map(|at| province.mentions[*at].id.as_str()),
            )
            .chain(sight.clues.iter().map(|at| province.clues[*at].id.as_str()))
            .collect();
        for (list, edges) in &lists {
            if !province.table.may_read(asker.role, "Query", list) {
                continue;
            }
            let ids: Vec<&str> = edges.iter().map(|(_, id)| id.as_str()).collect();
            let visible = |ids: &[&str]| {
                ids.iter()
                    .copied()
                    .filter(|id| seen.contains(id))
                    .map(str::to_owned)
                    .collect::<Vec<_>>()
            };
            let mut fields = Vec::new();
            for (cursor, _) in edges {
                let page =
                    "edges { node { id } } pageInfo { hasNextPage hasPreviousPage } totalCount";
                fields.push(format!(
                    "{list}(first: 200, after: \"{cursor}\") {{ {page} }}"
                ));
                fields.push(format!(
                    "{list}(last: 1, before: \"{cursor}\") {{ {page} }}"
                ));
            }
            let mut answers = Vec::new();
            for some in fields.chunks(4) {
                let (some, text) = ask_all(&asker.wire, asker.token.as_deref(), some).await;
                assert_no_leak(asker, &sight, "a cursor of another viewer", &text);
                answers.extend(some);
            }
            for (at, answers) in answers.chunks(2).enumerate() {
                let (before, after) = (visible(&ids[..at]), visible(&ids[at + 1..]));
                let is_seen = seen.contains(ids[at]);
                assert_eq!(each(&answers[0], "id"), after, "{asker}: {list} after {at}");
                let info = &answers[0]["pageInfo"];
                assert_eq!(info["hasNextPage"], false);
                assert_eq!(
                    info["hasPreviousPage"],
                    is_seen || !before.is_empty(),
                    "{asker}: {list} after {at}"
                );
                let last: Vec<&str> = before.last().map(String::as_str).into_iter().collect();
                assert_eq!(each(&answers[1], "id"), last, "{asker}: {list} before {at}");
                let info = &answers[1]["pageInfo"];
                assert_eq!(
                    info["hasPreviousPage"],
                    before.len() > 1,
                    "{asker}: {list} before {at}"
                );
                assert_eq!(
                    info["hasNextPage"],
                    is_seen || !after.is_empty(),
                    "{asker}: {list} before {at}"
                );
                assert_eq!(answers[0]["totalCount"], visible(&ids).len());
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn viewers_who_ask_at_once_do_not_get_each_others_rows() {
    let province = Arc::new(Province::new().await);
    let query = "{ agencies(first: 40) { totalCount edges { node { uscc name creditRecords(first: 5) { edges { node { id caseNumber evidence { id digest } } } } } } } \
         creditRecords(first: 60) { totalCount edges { node { id evidence { id digest receivedAt source { key } } } } } }";
    // In an order that puts different viewers side by side, some at a time.
    let askers: Vec<Asker> = (0..6).flat_map(|_| province.askers()).collect();
    for some in askers.chunks(16) {
        let mut asked = tokio::task::JoinSet::new();
        for asker in some.iter().cloned() {
            asked.spawn(async move {
                let reply = asker.wire.ask(asker.token.as_deref(), query).await;
                (asker, reply)
            });
        }
        for (asker, reply) in asked.join_all().await {
            let sight = province.sight(&asker);
            assert!(reply.codes().is_empty(), "{asker}: {}", reply.text);
            assert_no_leak(&asker, &sight, query, &reply.text);
            let data = &reply.json()["data"];
            assert_eq!(
                data["agencies"]["totalCount"],
                sight.bodies.len(),
                "{asker}"
            );
            assert_eq!(
                data["creditRecords"]["totalCount"],
                sight.records.len(),
                "{asker}"
            );
            let has_evidence = |node: &&Value| {
                node["evidence"]
                    .as_array()
                    .is_some_and(|all| !all.is_empty())
            };
            let evidenced = nodes(&data["creditRecords"]).filter(has_evidence);
            assert_eq!(evidenced.count(), sight.records.len(), "{asker}");
        }
    }
}

// Every path of the schema

/// One step of a path: a field, and the type that it leads to; a connection is stepped through.
#[derive(Debug, Clone)]
struct Hop {
    from: String,
    field: String,
    to: String,
    is_connection: bool,
    /// The field leads to an interface, of which `to` is one object.
    is_abstract: bool,
    is_list: bool,
}

/// All paths of at most so many steps that a role may go.
fn paths(sdl: &Sdl, province: &Province, role: Role, hops_max: usize) -> Vec<Vec<Hop>> {
    let mut paths = Vec::new();
    let mut open: Vec<Vec<Hop>> = vec![Vec::new()];
    while let Some(path) = open.pop() {
        let at = path.last().map_or("Query", |hop| hop.to.as_str());
        if path.len() < hops_max {
            for field in sdl.fields(at).iter().filter(|field| !sdl.is_leaf(field)) {
                let is_connection = field.named.ends_with("Connection");
                let to = field.named.trim_end_matches("Connection");
                if !province.table.may_read(role, at, &field.name) {
                    continue;
                }
                let is_abstract = sdl.kind(to) == Some(Kind::Interface);
                let ends = if is_abstract {
                    sdl.implementors(to)
                } else {
                    vec![to]
                };
                for to in ends
                    .into_iter()
                    .filter(|to| leafs(sdl, province, role, to).is_some())
                {
                    let hop = Hop {
                        from: at.to_owned(),
                        field: field.name.clone(),
                        to: to.to_owned(),
                        is_connection,
                        is_abstract,
                        is_list: field.is_list,
                    };
                    let mut longer = path.clone();
                    longer.push(hop);
                    open.push(longer);
                }
            }
        }
        if !path.is_empty() {
            paths.push(path);
        }
    }
    paths.sort_by_key(Vec::len);
    paths
}

/// The fields of a type that need no selection and that the role may read.
fn leafs(sdl: &Sdl, province: &Province, role: Role, type_name: &str) -> Option<String> {
    let leafs: Vec<&str> = sdl
        .fields(type_name)
        .iter()
        .filter(|field| sdl.is_leaf(field) && province.table.may_read(role, type_name, &field.name))
        .map(|field| field.name.as_str())
        .collect();
    (!leafs.is_empty()).then(|| leafs.join(" "))
}

/// How a path is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Style {
    Plain,
    Alias,
    Fragment,
    Inline,
    Node,
}

const STYLES: [Style; 5] = [
    Style::Plain,
    Style::Fragment,
    Style::Inline,
    Style::Node,
    Style::Alias,
];

/// A field of the root, written out.
struct Written {
    field: String,
    fragment: String,
    cost: u64,
    fields: usize,
}

/// How long a list is reckoned to be; never shorter than the guard does.
fn assumed(hop: &Hop) -> u64 {
    match (hop.is_list, hop.field.as_str()) {
        (false, _) => 1,
        (_, "children") => 50,
        (_, "candidates") => 20,
        (_, "sources") => 10,
        (_, "divisions") => 5,
        _ => 2,
    }
}

/// Writes a path with pages as big as its cost lets them be; nothing, where even small ones do not.
fn write(
    sdl: &Sdl,
    province: &Province,
    role: Role,
    path: &[Hop],
    arguments: &str,
    style: Style,
    number: usize,
) -> Option<Written> {
    let pages = [
        [60, 12, 5, 3, 2],
        [60, 4, 3, 2, 2],
        [30, 3, 2, 1, 1],
        [10, 2, 2, 1, 1],
        [3, 2, 1, 1, 1],
    ];
    let sizes = pages.into_iter().find(|sizes| cost(path, sizes) <= 4_500)?;
    let levels: usize = path
        .iter()
        .map(|hop| {
            if hop.is_connection {
                3
            } else {
                1 + usize::from(hop.is_abstract)
            }
        })
        .sum();
    let end = path.last()?;
    let leafs = leafs(sdl, province, role, &end.to)?;
    let is_node = sdl.0[&end.to].implements.iter().any(|name| name == "Node");
    let (more, mut inner, fragment) = match style {
        Style::Plain | Style::Alias => (0, leafs.clone(), String::new()),
        Style::Fragment => (
            1,
            format!("...F{number}"),
            format!(" fragment F{number} on {} {{ {leafs} }}", end.to),
        ),
        Style::Inline => (1, format!("... on {} {{ {leafs} }}", end.to), String::new()),
        Style::Node if is_node => (
            2,
            format!("... on Node {{ id ... on {} {{ {leafs} }} }}", end.to),
            String::new(),
        ),
        Style::Node => (1, format!("... {{ __typename {leafs} }}"), String::new()),
    };
    // The guard's twelve levels, of which the leaf itself takes one.
    if levels + more > 11 {
        return None;
    }
    let mut page = path.iter().filter(|hop| hop.is_connection).count();
    for (at, hop) in path.iter().enumerate().rev() {
        if hop.is_abstract {
            inner = format!("__typename id ... on {} {{ {inner} }}", hop.to);
        }
        let mut given = if at == 0 {
            arguments.to_owned()
        } else {
            String::new()
        };
        if hop.is_connection {
            page -= 1;
            let first = format!("first: {}", sizes[page.min(4)]);
            given = if given.is_empty() {
                first
            } else {
                format!("{given}, {first}")
            };
            inner = format!(
                "totalCount pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }} edges {{ cursor node {{ {inner} }} }}"
            );
        }
        let given = if given.is_empty() {
            given
        } else {
            format!("({given})")
        };
        let alias = match (at, style) {
            (0, _) => format!("r{number}: "),
            (_, Style::Alias) if at + 1 == path.len() => format!("x{number}: "),
            _ => String::new(),
        };
        inner = format!("{alias}{}{given} {{ {inner} }}", hop.field);
    }
    let fields = leafs.split(' ').count() + 10 * path.len() + 4;
    Some(Written {
        field: inner,
        fragment,
        cost: cost(path, &sizes),
        fields,
    })
}

/// What the guard will reckon, or more.
fn cost(path: &[Hop], sizes: &[u64; 5]) -> u64 {
    let mut page = path.iter().filter(|hop| hop.is_connection).count();
    path.iter().rev().fold(0, |below, hop| {
        if hop.is_connection {
            page -= 1;
            1 + sizes[page.min(4)] * (3 + below)
        } else {
            1 + assumed(hop) * below
        }
    })
}

/// Arguments for the first step, another one each time.
fn arguments(province: &Province, field: &str, to: &str, turn: usize) -> String {
    let pick = |ids: Vec<&str>| format!("id: {}", quoted(ids[turn % ids.len()]));
    let body = &province.bodies[turn % province.bodies.len()];
    match (field, to) {
        ("division", _) => {
            let codes = [
                "440604",
                "100000",
                "440600",
                "441900",
                "440604010",
                "441900121",
                "440681",
                "440100",
                "440000",
            ];
            format!("code: \"{}\"", codes[turn % codes.len()])
        }
        ("agency", _) => format!("uscc: \"{}\"", body.uscc),
        ("resolve", _) => match turn % 3 {
            0 => format!("input: {{ name: {} }}", quoted(&body.name)),
            1 => format!("input: {{ uscc: \"{}\" }}", body.uscc),
            _ => format!(
                "input: {{ orgCode: \"{}\", name: {} }}",
                body.uscc.org_code(),
                quoted(&province.bodies[(turn + 5) % 25].name)
            ),
        },
        ("node", "Agency") => format!("id: {}", quoted(&body.id)),
        ("node", "CreditRecord") => pick(
            province
                .records
                .iter()
                .map(|record| record.id.as_str())
                .collect(),
        ),
        ("node", "Mention") => pick(
            province
                .mentions
                .iter()
                .map(|mention| mention.id.as_str())
                .collect(),
        ),
        ("node", "Clue") => pick(province.clues.iter().map(|clue| clue.id.as_str()).collect()),
        ("node", "Indicator") => {
            let ids = province.indicators.iter().map(|told| told.id.as_str());
            pick(ids.collect())
        }
        ("node", "Official") => {
            let ids = province
                .officials
                .iter()
                .map(|official| official.id.as_str());
            pick(ids.collect())
        }
        ("node", "Evidence") => {
            let told = province.clues.iter().chain(&province.indicators);
            let told = told.flat_map(|told| &told.evidence);
            let records = province.records.iter().flat_map(|record| &record.evidence);
            let mentions = province
                .mentions
                .iter()
                .flat_map(|mention| &mention.evidence);
            pick(
                records
                    .chain(mentions)
                    .chain(told)
                    .map(String::as_str)
                    .collect(),
            )
        }
        ("node", "SourceRun") => pick(province.runs.iter().map(String::as_str).collect()),
        ("node", "Source") => pick(vec![
            "src_440000_court_debtors",
            "src_440000_agency_register",
        ]),
        ("node", "Division") => pick(vec![
            "div_440000_440600",
            "div_440000_441900",
            "div_440000_440604010",
        ]),
        _ => String::new(),
    }
}

/// Some fields of the root in one document.
#[derive(Default)]
struct Document {
    fields: String,
    fragments: String,
    cost: u64,
    count: usize,
    selected: usize,
}

impl Document {
    fn takes(&self, written: &Written) -> bool {
        self.count < 7
            && self.cost + written.cost <= 4_800
            && self.selected + written.fields <= 900
            && self.fields.len() + self.fragments.len() + written.field.len() < 12_000
    }

    fn add(&mut self, written: Written) {
        self.fields.push_str(&written.field);
        self.fields.push(' ');
        self.fragments.push_str(&written.fragment);
        self.cost += written.cost;
        self.count += 1;
        self.selected += written.fields;
    }
}

/// The documents of a walk along paths, and how many paths they go; those that repeat what the
/// viewer wrote come apart.
fn documents(
    sdl: &Sdl,
    province: &Province,
    role: Role,
    paths: &[&Vec<Hop>],
    turn: usize,
) -> (Vec<String>, usize) {
    let mut documents = Vec::new();
    let mut count = 0;
    for echoes in [false, true] {
        let mut document = Document::default();
        let mut close = |document: &mut Document| {
            if document.count > 0 {
                documents.push(format!("{{ {} }}{}", document.fields, document.fragments));
                *document = Document::default();
            }
        };
        for (at, path) in paths
            .iter()
            .enumerate()
            .filter(|(_, path)| (path[0].field == "resolve") == echoes)
        {
            let style = STYLES[(at + turn) % STYLES.len()];
            let arguments = arguments(province, &path[0].field, &path[0].to, at * 7 + turn * 3);
            let Some(written) = write(sdl, province, role, path, &arguments, style, at) else {
                continue;
            };
            if echoes || !document.takes(&written) {
                close(&mut document);
            }
            document.add(written);
            count += 1;
        }
        close(&mut document);
    }
    (documents, count)
}

/// Steps of a path at most.
const HOPS_MAX: usize = 5;
/// Up to so many steps every viewer goes every path; of longer ones each goes some.
const HOPS_OF_ALL: usize = 2;
const LONG_PATHS_EACH: usize = 150;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_path_of_the_schema_shows_a_hidden_row() {
    let province = Arc::new(Province::new().await);
    let sdl = Arc::new(Sdl::served());
    let mut by_role: BTreeMap<Role, Vec<Vec<Hop>>> = BTreeMap::new();
    for role in Role::ALL {
        by_role.insert(*role, paths(&sdl, &province, *role, HOPS_MAX));
    }
    // The schema is big, and each edge of it is gone.
    let of_all = &by_role[&Role::Government];
    assert!(of_all.len() > 5_000, "{}", of_all.len());
    let edges: BTreeSet<(&str, &str)> = by_role
        .values()
        .flatten()
        .flatten()
        .map(|hop| (hop.from.as_str(), hop.field.as_str()))
        .collect();
    for (type_name, definition) in sdl.readable() {
        // Paths are those of queries; what a mutation leads to besides is a run.
        let is_part = [
            "Connection",
            "Edge",
            "PageInfo",
            "Node",
            "Mutation",
            "Success",
        ]
        .iter()
        .any(|part| type_name.ends_with(part));
        for field in definition
            .fields
            .iter()
            .filter(|field| !is_part && !sdl.is_leaf(field))
        {
            assert!(
                edges.contains(&(type_name, field.name.as_str())),
                "{type_name}.{} is not gone",
                field.name
            );
        }
    }

    let by_role = Arc::new(by_role);
    let mut walks = tokio::task::JoinSet::new();
    let askers = province.askers();
    for part in 0..4 {
        let (province, sdl, by_role) = (
            Arc::clone(&province),
            Arc::clone(&sdl),
            Arc::clone(&by_role),
        );
        let askers: Vec<(usize, Asker)> = askers
            .iter()
            .cloned()
            .enumerate()
            .skip(part)
            .step_by(4)
            .collect();
        walks.spawn(async move {
            let mut walked = 0;
            for (turn, asker) in askers {
                walked += walk(&province, &sdl, &asker, &by_role[&asker.role], turn).await;
            }
            walked
        });
    }
    let walked: usize = walks.join_all().await.into_iter().sum();
    assert!(walked > 10_000, "{walked}");
}

/// One viewer goes his paths; how many they were.
async fn walk(
    province: &Province,
    sdl: &Sdl,
    asker: &Asker,
    paths: &[Vec<Hop>],
    turn: usize,
) -> usize {
    let sight = province.sight(asker);
    let long: Vec<&Vec<Hop>> = paths
        .iter()
        .filter(|path| path.len() > HOPS_OF_ALL)
        .collect();
    // Spread over all lengths and roots, and other ones for each viewer.
    let stride = (long.len() / LONG_PATHS_EACH).max(1);
    let some = long.iter().copied().skip(turn % stride).step_by(stride);
    let some: Vec<&Vec<Hop>> = paths
        .iter()
        .filter(|path| path.len() <= HOPS_OF_ALL)
        .chain(some)
        .collect();
    let (documents, count) = documents(sdl, province, asker.role, &some, turn);
    for document in documents {
        let reply = asker.wire.ask(asker.token.as_deref(), &document).await;
        assert!(
            reply.codes().is_empty(),
            "{asker}: {document}\n{}",
            reply.text
        );
        let is_echo = document.contains("resolve(");
        let leaks: Vec<&str> = sight
            .leaks(&reply.text)
            .into_iter()
            // The resolver's steps repeat what was asked.
            .filter(|mark| !is_echo || !document.contains(*mark))
            .collect();
        assert!(
            leaks.is_empty(),
            "{asker} was shown {leaks:?}\nby {document}\n{}",
            reply.text
        );
    }
    count
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_the_whole_country_in_view_the_same_paths_find_every_mark() {
    let province = Province::new().await;
    let sdl = Sdl::served();
    let asker = province.asker(Role::Government, &["100000"], None);
    let asker = province.stating(asker, "supervision");
    let sight = province.sight(&asker);
    assert_eq!(sight.bodies.len(), province.bodies.len());
    // What another viewer must not see, to prove that the search finds it where it is.
    let other = province.sight(&province.asker(Role::Government, &["441900"], None));
    let paths = paths(&sdl, &province, Role::Government, 3);
    let mut found: BTreeSet<&str> = BTreeSet::new();
    let (mut shown, mut all) = (0, 0);
    for turn in 0..4 {
        let some: Vec<&Vec<Hop>> = paths.iter().skip(turn).step_by(4).collect();
        let (documents, _) = documents(&sdl, &province, Role::Government, &some, turn);
        for document in documents {
            let reply = asker.wire.ask(asker.token.as_deref(), &document).await;
            assert!(reply.codes().is_empty(), "{document}\n{}", reply.text);
            all += 1;
            shown += usize::from(!other.leaks(&reply.text).is_empty());
            found.extend(province.marks().filter(|mark| reply.text.contains(*mark)));
        }
    }
    let missing: Vec<&str> = province
        .marks()
        .filter(|mark| !found.contains(mark) && !sight.forbidden.contains(*mark))
        .collect();
    assert!(missing.is_empty(), "no path led to {missing:?}");
    assert!(
        shown * 2 > all,
        "{shown} of {all} documents show what another must not see"
    );
    // The one row that points nowhere is for those who see all.
    assert!(!sight.forbidden.is_empty() && sight.mentions.len() == province.mentions.len() - 1);
}
