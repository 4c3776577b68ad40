//! Which role reads which field: every cell of `access.toml` against the hub, and filters and orders
//! with it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use domain::viewer::Role;
use serde_json::{Value, json};

use super::{
    Reply, Wire,
    access::Table,
    catalogue_with, quoted,
    sdl::{Kind, Sdl},
};
use crate::support::{Db, Hub, made};

/// A field of a type.
type Cell = (String, String);

/// A way from the root to a type: the fields to be gone, and how to ask for something there.
#[derive(Debug, Clone)]
struct Way {
    cells: Vec<Cell>,
    /// With a `#` where a selection on the type goes.
    query: String,
}

/// What a field needs to be asked at all.
fn arguments(type_name: &str, field: &str) -> &'static str {
    match (type_name, field) {
        ("Query", "node") => "(id: \"agc_440000_17\")",
        ("Query", "division") => "(code: \"440600\")",
        ("Query", "agency") => "(uscc: \"11440600007039565U\")",
        ("Query", "resolve") => "(input: { name: \"水务局\" })",
        ("Mutation", "approveRun") => "(input: { key: \"k\", runId: \"run_440000_17\" })",
        ("Mutation", "decideMention") => {
            "(input: { key: \"k\", mentionId: \"mnt_440000_17\", version: 1, judgement: UNSURE, reason: \"?\" })"
        }
        ("Mutation", "undoMentionDecision") => {
            "(input: { key: \"k\", mentionId: \"mnt_440000_17\", version: 1 })"
        }
        ("Query", "__type") => "(name: \"Query\")",
        _ => "",
    }
}

/// The shortest way to each type over cells that `may` be gone.
fn ways(sdl: &Sdl, may: impl Fn(&str, &str) -> bool) -> BTreeMap<String, Way> {
    let start = |query: &str| Way {
        cells: Vec::new(),
        query: query.to_owned(),
    };
    let mut ways = BTreeMap::from([
        ("Query".to_owned(), start("{ # }")),
        ("Mutation".to_owned(), start("mutation { # }")),
    ]);
    let mut open = VecDeque::from(["Query".to_owned(), "Mutation".to_owned()]);
    while let Some(at) = open.pop_front() {
        let way = ways[&at].clone();
        for field in sdl
            .fields(&at)
            .iter()
            .filter(|field| !sdl.is_leaf(field) && may(&at, &field.name))
        {
            let mut cells = way.cells.clone();
            cells.push((at.clone(), field.name.clone()));
            let selection = format!("{}{} {{ # }}", field.name, arguments(&at, &field.name));
            let query = way.query.replace('#', &selection);
            let mut ends = vec![(field.named.clone(), query.clone())];
            if let Some(Kind::Interface | Kind::Union) = sdl.kind(&field.named) {
                let objects = sdl.implementors(&field.named);
                ends.extend(objects.iter().map(|on| {
                    (
                        (*on).to_owned(),
                        query.replace('#', &format!("... on {on} {{ # }}")),
                    )
                }));
            }
            for (to, query) in ends {
                if !ways.contains_key(&to) {
                    ways.insert(
                        to.clone(),
                        Way {
                            cells: cells.clone(),
                            query,
                        },
                    );
                    open.push_back(to);
                }
            }
        }
    }
    ways
}

/// Forms of asking one field: as it is, by an alias, and from fragments.
fn forms(way: &Way, on: &str, selection: &str) -> [String; 4] {
    [
        way.query.replace('#', selection),
        way.query.replace('#', &format!("other: {selection}")),
        way.query
            .replace('#', &format!("... on {on} {{ ... {{ {selection} }} }}")),
        format!(
            "{} fragment F on {on} {{ {selection} }}",
            way.query.replace('#', "...F")
        ),
    ]
}

fn is_forbidden(reply: &Reply) -> bool {
    reply.is_refusal() && reply.codes() == ["FORBIDDEN"]
}

fn token(hub: &Hub, role: Role) -> Option<String> {
    (role != Role::Public).then(|| hub.token(role, &["440600"], None))
}

/// All cells that there are, those of introspection with them.
fn cells(sdl: &Sdl) -> Vec<Cell> {
    let own = sdl.readable().flat_map(|(type_name, definition)| {
        definition
            .fields
            .iter()
            .map(move |field| (type_name.to_owned(), field.name.clone()))
    });
    let more = ["__schema", "__type"].map(|field| ("Query".to_owned(), field.to_owned()));
    own.chain(more).collect()
}

/// A field as it is asked: with arguments, and a selection that anybody may ask.
fn selection(sdl: &Sdl, type_name: &str, field: &str) -> String {
    let given = arguments(type_name, field);
    match sdl.field(type_name, field) {
        Some(known) if sdl.is_leaf(known) => field.to_owned(),
        _ => format!("{field}{given} {{ __typename }}"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_cell_of_the_table_is_kept_for_every_role() {
    let db = Db::sqlite();
    let hub = Hub::on(&db).await;
    let wire = Wire::to(&hub).await;
    let (table, sdl) = (Table::shipped(), Sdl::served());
    let cells = cells(&sdl);
    let (mut wrong, mut allowed, mut refused) = (Vec::new(), 0, 0);
    let everywhere = ways(&sdl, |_, _| true);
    for (type_name, _) in &cells {
        assert!(
            everywhere.contains_key(type_name),
            "no way leads to {type_name}"
        );
    }
    for role in Role::ALL.iter().copied() {
        let token = token(&hub, role);
        let own = ways(&sdl, |type_name, field| {
            table.may_read(role, type_name, field)
        });
        for (turn, (type_name, field)) in cells.iter().enumerate() {
            // Over fields that this role may read, where there is such a way: then all hangs on this one.
            let way = own.get(type_name).unwrap_or(&everywhere[type_name]);
            let is_allowed = table.may_read(role, type_name, field)
                && way
                    .cells
                    .iter()
                    .all(|(type_name, field)| table.may_read(role, type_name, field));
            let forms = forms(way, type_name, &selection(&sdl, type_name, field));
            // One form each for most, all of them where it is refused.
            let some = if is_allowed {
                &forms[turn % 4..][..1]
            } else {
                &forms[..]
            };
            for query in some {
                let reply = wire.ask(token.as_deref(), query).await;
                let is_good = if is_allowed {
                    reply.codes().is_empty()
                } else {
                    is_forbidden(&reply)
                };
                if !is_good {
                    wrong.push(format!(
                        "{role} {type_name}.{field}: {query}\n{}",
                        reply.text
                    ));
                }
            }
            *(if is_allowed {
                &mut allowed
            } else {
                &mut refused
            }) += 1;
        }
    }
    assert!(wrong.is_empty(), "{} {wrong:#?}", wrong.len());
    assert!(allowed > 900 && refused > 100, "{allowed} {refused}");
}

#[tokio::test]
async fn what_may_not_be_read_is_refused_whatever_stands_around_it() {
    let db = Db::sqlite();
    let hub = Hub::on(&db).await;
    let wire = Wire::to(&hub).await;
    let congress = hub.token(Role::Congress, &["440600"], None);
    let assessor = hub.token(Role::Assessor, &[], None);
    for (token, query) in [
        (None, "{ viewer { role } mentions { totalCount } }"),
        (None, "{ a: mentions { totalCount } }"),
        (
            None,
            "query A { viewer { role } } query B { mentions { totalCount } }",
        ),
        (None, "{ mentions @skip(if: true) { totalCount } }"),
        (None, "{ mentions @include(if: false) { totalCount } }"),
        (
            None,
            "query ($no: Boolean = false) { mentions @include(if: $no) { totalCount } }",
        ),
        (
            None,
            "{ ...F @skip(if: true) } fragment F on Query { mentions { totalCount } }",
        ),
        (
            None,
            "{ viewer { role } } fragment F on Query { resolve(input: { name: \"x\" }) { outcome } }",
        ),
        (None, "{ resolve(input: { name: \"x\" }) { outcome } }"),
        (
            None,
            "{ node(id: \"mnt_440000_17\") { id ... on Mention { text } } }",
        ),
        (
            None,
            "{ node(id: \"mnt_440000_17\") { ... on Node { ... on Mention { id } } } }",
        ),
        (
            None,
            "{ node(id: \"run_440000_17\") { ... on SourceRun { message } } }",
        ),
        (None, "{ sources { key runs { totalCount } } }"),
        (None, "{ __schema { queryType { name } } }"),
        (None, "{ s: __schema { queryType { name } } }"),
        (None, "{ __type(name: \"Agency\") { name } }"),
        (
            None,
            "{ ... on Query { __type(name: \"Agency\") { name } } }",
        ),
        (
            None,
            "{ ...F } fragment F on Query { __schema { types { name } } }",
        ),
        (Some(&congress), "{ mentions(first: 0) { totalCount } }"),
        (
            Some(&assessor),
            "{ creditRecords { edges { node { evidence { sourceKey } } } } }",
        ),
        (
            Some(&assessor),
            "{ creditRecords { edges { node { evidence { ...F } } } } } fragment F on Evidence { run { id } }",
        ),
        (
            Some(&assessor),
            "{ node(id: \"evd_440000_17\") { ... on Evidence { x: location } } }",
        ),
    ] {
        let reply = wire.ask(token.map(String::as_str), query).await;
        if query.contains("fragment F on Query { resolve") {
            // Nobody spreads it: whether validation or the table refuses it is one.
            assert!(reply.is_refusal(), "{query}: {}", reply.text);
        } else {
            assert!(is_forbidden(&reply), "{query}: {}", reply.text);
        }
    }
    // Names of types are no fields.
    let query = "{ __typename viewer { __typename } agencies { __typename edges { __typename } } }";
    assert!(wire.ask(None, query).await.codes().is_empty());
}

#[tokio::test]
async fn a_field_that_is_not_named_is_refused_for_everybody() {
    let db = Db::sqlite();
    let folder = db.folder().join("catalogue");
    let gone = [
        ("Agency", "orgCode"),
        ("Viewer", "scopes"),
        ("CreditRecord", "endGround"),
        ("Query", "sources"),
        ("Query", "__type"),
    ];
    catalogue_with(&folder, &[]);
    let path = folder.join("access.toml");
    let text = std::fs::read_to_string(&path).expect("it was copied");
    let mut table: toml::Table = text.parse().expect("it is TOML");
    let fields = table["fields"].as_table_mut().expect("a table");
    for (type_name, field) in gone {
        let removed = fields[type_name]
            .as_table_mut()
            .expect("a table")
            .remove(field);
        assert!(removed.is_some(), "{type_name}.{field}");
    }
    fields.remove("AgencyName").expect("a type");
    std::fs::write(&path, table.to_string()).expect("the folder is ours");
    let hub = Hub::with(&db, |config| config.catalogue.dir = Some(folder)).await;
    let wire = Wire::to(&hub).await;
    for role in Role::ALL.iter().copied() {
        let token = token(&hub, role);
        for query in [
            "{ agencies { edges { node { orgCode } } } }",
            "{ agencies { edges { node { uscc code: orgCode } } } }",
            "{ node(id: \"agc_440000_17\") { ... on Agency { orgCode } } }",
            "{ agencies { edges { node { ...F } } } } fragment F on Agency { name orgCode }",
            "{ viewer { role scopes } }",
            "{ creditRecords { edges { node { endGround } } } }",
            "{ sources { key } }",
            "{ viewer { role } sources { key } }",
            "{ __type(name: \"Query\") { name } }",
            "{ agencies { edges { node { formerNames { name } } } } }",
            "{ agencies { edges { node { aliases { from to } } } } }",
        ] {
            let reply = wire.ask(token.as_deref(), query).await;
            assert!(is_forbidden(&reply), "{role}: {query}: {}", reply.text);
        }
        let query = "{ viewer { role subject } agencies { edges { node { uscc name } } } creditRecords { edges { node { endedOn } } } }";
        assert!(
            wire.ask(token.as_deref(), query).await.codes().is_empty(),
            "{role}"
        );
    }
}

// Filters and orders

/// A part of a filter or an order, and the cells that must be readable for it.
struct Key {
    /// `agency`, `record`, `clue` or `mention`; `by agency` and the like for orders.
    of: &'static str,
    text: &'static str,
    cells: &'static [(&'static str, &'static str)],
}

#[rustfmt::skip]
const KEYS: [Key; 33] = [
    Key { of: "agency", text: "uscc: { eq: \"x\" }", cells: &[("Agency", "uscc")] },
    Key { of: "agency", text: "uscc: { in: [] }", cells: &[("Agency", "uscc")] },
    Key { of: "agency", text: "name: { contains: \"x\" }", cells: &[("Agency", "name")] },
    Key { of: "agency", text: "kind: [ORGAN]", cells: &[("Agency", "kind")] },
    Key { of: "agency", text: "division: { within: \"440600\" }", cells: &[("Agency", "division")] },
    Key { of: "agency", text: "active: true", cells: &[("Agency", "abolishedOn")] },
    Key { of: "agency", text: "hasActiveRecord: false", cells: &[("Agency", "creditRecords"), ("CreditRecord", "status")] },
    Key { of: "by agency", text: "NAME", cells: &[("Agency", "name")] },
    Key { of: "by agency", text: "DIVISION", cells: &[("Agency", "division")] },
    Key { of: "by agency", text: "ACTIVE_RECORDS", cells: &[("Agency", "creditRecords"), ("CreditRecord", "status")] },
    Key { of: "record", text: "kind: [BREACH]", cells: &[("CreditRecord", "kind")] },
    Key { of: "record", text: "tier: [MINOR]", cells: &[("CreditRecord", "tier")] },
    Key { of: "record", text: "status: [ACTIVE]", cells: &[("CreditRecord", "status")] },
    Key { of: "record", text: "domain: { eq: \"x\" }", cells: &[("CreditRecord", "domain")] },
    Key { of: "record", text: "amount: { gte: \"1\" }", cells: &[("CreditRecord", "amount")] },
    Key { of: "record", text: "identifiedOn: { lt: \"2026-01-01\" }", cells: &[("CreditRecord", "identifiedOn")] },
    Key { of: "record", text: "caseNumber: { startsWith: \"x\" }", cells: &[("CreditRecord", "caseNumber")] },
    Key { of: "record", text: "source: { eq: \"x\" }", cells: &[("CreditRecord", "evidence"), ("Evidence", "source")] },
    Key { of: "record", text: "agency: {}", cells: &[("CreditRecord", "agency")] },
    Key { of: "record", text: "agency: { name: { eq: \"x\" } }", cells: &[("CreditRecord", "agency"), ("Agency", "name")] },
    Key { of: "by record", text: "IDENTIFIED_ON", cells: &[("CreditRecord", "identifiedOn")] },
    Key { of: "by record", text: "AMOUNT", cells: &[("CreditRecord", "amount")] },
    Key { of: "by record", text: "TIER", cells: &[("CreditRecord", "tier")] },
    Key { of: "clue", text: "stage: [CONFIRMED]", cells: &[("Clue", "stage")] },
    Key { of: "clue", text: "channel: { eq: \"HOTLINE\" }", cells: &[("Clue", "channel")] },
    Key { of: "clue", text: "dueOn: { lt: \"2026-01-01\" }", cells: &[("Clue", "dueOn")] },
    Key { of: "clue", text: "agency: {}", cells: &[("Clue", "agencies")] },
    Key { of: "clue", text: "agency: { name: { eq: \"x\" } }", cells: &[("Clue", "agencies"), ("Agency", "name")] },
    Key { of: "by clue", text: "RECEIVED_AT", cells: &[("Clue", "receivedAt")] },
    Key { of: "by clue", text: "DUE_ON", cells: &[("Clue", "dueOn")] },
    Key { of: "mention", text: "outcome: [NONE]", cells: &[("Mention", "resolution"), ("Resolution", "outcome")] },
    Key { of: "mention", text: "source: { eq: \"x\" }", cells: &[("Mention", "source")] },
    Key { of: "mention", text: "division: { eq: \"440600\" }", cells: &[("Mention", "division")] },
];

/// Where it can be used: queries, and the cells that these need themselves.
fn uses(key: &Key, uscc: &str) -> Vec<(String, Vec<(&'static str, &'static str)>)> {
    let part = key.text;
    let filters = [
        format!("{{ {part} }}"),
        format!("{{ not: {{ {part} }} }}"),
        format!("{{ and: [{{}}, {{ {part} }}] }}"),
        format!("{{ or: [{{}}, {{ not: {{ and: [{{ {part} }}] }} }}] }}"),
    ];
    let mut uses = Vec::new();
    let mut each = |query: &dyn Fn(&str) -> String, needs: &[(&'static str, &'static str)]| {
        uses.extend(filters.iter().map(|filter| (query(filter), needs.to_vec())));
    };
    match key.of {
        "agency" => {
            each(
                &|filter| format!("{{ agencies(filter: {filter}) {{ totalCount }} }}"),
                &[],
            );
            each(
                &|filter| {
                    format!(
                        "{{ division(code: \"440600\") {{ agencies(filter: {filter}) {{ totalCount }} }} }}"
                    )
                },
                &[],
            );
            each(
                &|filter| {
                    format!("{{ creditRecords(filter: {{ agency: {filter} }}) {{ totalCount }} }}")
                },
                &[("CreditRecord", "agency")],
            );
        }
        "record" => {
            each(
                &|filter| format!("{{ creditRecords(filter: {filter}) {{ totalCount }} }}"),
                &[],
            );
            each(
                &|filter| {
                    format!(
                        "{{ agency(uscc: \"{uscc}\") {{ creditRecords(filter: {filter}) {{ totalCount }} }} }}"
                    )
                },
                &[("Agency", "creditRecords")],
            );
        }
        "mention" => each(
            &|filter| format!("{{ mentions(filter: {filter}) {{ totalCount }} }}"),
            &[],
        ),
        "clue" => each(
            &|filter| format!("{{ clues(filter: {filter}) {{ totalCount }} }}"),
            &[],
        ),
        order => {
            let list = match order {
                "by agency" => "agencies",
                "by clue" => "clues",
                _ => "creditRecords",
            };
            for direction in ["ASC", "DESC"] {
                let one = format!("{{ field: {part}, direction: {direction} }}");
                uses.push((
                    format!("{{ {list}(orderBy: [{one}]) {{ totalCount }} }}"),
                    Vec::new(),
                ));
                uses.push((
                    format!("{{ {list}(orderBy: [{one}, {one}]) {{ totalCount }} }}"),
                    Vec::new(),
                ));
            }
        }
    }
    uses
}

/// A hub whose table gives each cell that a filter needs to other roles, no two of them to the same:
/// what a filter hangs on shows in who may use it.
async fn with_a_table_of_its_own(db: &Db) -> (Hub, Table) {
    let roles = ["CONGRESS", "GOVERNMENT", "COURT", "AUTHORITY", "OPERATOR"];
    let cells: BTreeSet<(&str, &str)> = KEYS.iter().flat_map(|key| key.cells).copied().collect();
    assert!(cells.len() < 1 << roles.len());
    let folder = db.folder().join("catalogue");
    catalogue_with(&folder, &[]);
    let path = folder.join("access.toml");
    let text = std::fs::read_to_string(&path).expect("it was copied");
    let mut table: toml::Table = text.parse().expect("it is TOML");
    for (number, (type_name, field)) in cells.iter().enumerate() {
        let who = roles
            .iter()
            .enumerate()
            .filter(|(bit, _)| (number + 1) >> bit & 1 == 1);
        let who: toml::value::Array = who.map(|(_, role)| (*role).into()).collect();
        let set = format!("some{number}");
        table["sets"]
            .as_table_mut()
            .expect("a table")
            .insert(set.clone(), who.into());
        let fields = table["fields"][*type_name].as_table_mut().expect("a table");
        fields.insert((*field).to_owned(), set.into());
    }
    // All of them reach the lists.
    for field in ["mentions", "clues", "agencies", "creditRecords"] {
        table["fields"]["Query"]
            .as_table_mut()
            .expect("a table")
            .insert(field.to_owned(), "everyone".into());
    }
    for connection in ["MentionConnection", "ClueConnection"] {
        for field in ["edges", "pageInfo", "totalCount"] {
            table["fields"][connection]
                .as_table_mut()
                .expect("a table")
                .insert(field.to_owned(), "everyone".into());
        }
    }
    // And see the one body.
    for role in roles {
        table["rows"][role]
            .as_table_mut()
            .expect("a table")
            .insert("agency".to_owned(), "all".into());
    }
    let text = table.to_string();
    std::fs::write(&path, &text).expect("the folder is ours");
    let hub = Hub::with(db, |config| config.catalogue.dir = Some(folder)).await;
    (hub, Table::of(&text))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_may_not_be_read_can_not_be_filtered_or_ordered_by() {
    let db = Db::sqlite();
    let (hub, table) = with_a_table_of_its_own(&db).await;
    let body = made::body(1, "佛山市水务局", "440600");
    hub.ingest(
        "agency_register",
        &[("a.csv", &made::register(std::slice::from_ref(&body)))],
        |_| {},
    )
    .await;
    let wire = Wire::to(&hub).await;
    let (mut wrong, mut allowed, mut refused) = (Vec::new(), 0, 0);
    for role in [
        Role::Congress,
        Role::Government,
        Role::Court,
        Role::Authority,
        Role::Operator,
        Role::Auditor,
        Role::Public,
    ] {
        let token = token(&hub, role);
        for key in &KEYS {
            for (query, needs) in uses(key, body.uscc.as_str()) {
                let may =
                    |(type_name, field): &(&str, &str)| table.may_read(role, type_name, field);
                let is_allowed = key.cells.iter().chain(&needs).all(may);
                // A body that a role does not see is null, and what would be asked of it is not read.
                if query.contains("agency(uscc")
                    && !is_allowed
                    && table.rule(role, "agency") != "all"
                {
                    continue;
                }
                let reply = wire.ask(token.as_deref(), &query).await;
                let codes: BTreeSet<String> = reply.codes().into_iter().collect();
                let is_good = if is_allowed {
                    codes.is_empty()
                } else {
                    codes == BTreeSet::from(["FORBIDDEN".to_owned()])
                };
                if !is_good {
                    wrong.push(format!(
                        "{role}, allowed {is_allowed}: {query}\n{}",
                        reply.text
                    ));
                }
                *(if is_allowed {
                    &mut allowed
                } else {
                    &mut refused
                }) += 1;
            }
        }
    }
    assert!(wrong.is_empty(), "{} {wrong:#?}", wrong.len());
    assert!(allowed > 200 && refused > 200, "{allowed} {refused}");
}

#[tokio::test]
async fn a_filter_in_a_variable_is_looked_at_like_one_in_the_query() {
    let db = Db::sqlite();
    let (hub, table) = with_a_table_of_its_own(&db).await;
    let wire = Wire::to(&hub).await;
    let query = "query ($f: AgencyFilter, $o: [AgencyOrder!]) { agencies(filter: $f, orderBy: $o) { totalCount } }";
    let cases: [(Value, &str); 4] = [
        (json!({ "f": { "name": { "eq": "x" } } }), "name"),
        (
            json!({ "f": { "or": [{ "not": { "uscc": { "startsWith": "1" } } }] } }),
            "uscc",
        ),
        (json!({ "f": { "and": [{ "kind": ["ORGAN"] }] } }), "kind"),
        (
            json!({ "o": [{ "field": "DIVISION", "direction": "ASC" }] }),
            "division",
        ),
    ];
    let (mut allowed, mut refused) = (0, 0);
    for role in [
        Role::Congress,
        Role::Government,
        Role::Court,
        Role::Authority,
        Role::Operator,
        Role::Auditor,
    ] {
        let token = hub.token(role, &["440600"], None);
        for (variables, field) in &cases {
            let reply = wire.ask_with(Some(&token), query, variables).await;
            if table.may_read(role, "Agency", field) {
                assert!(
                    reply.codes().is_empty(),
                    "{role}: {variables}: {}",
                    reply.text
                );
                allowed += 1;
            } else {
                assert_eq!(reply.code(), "FORBIDDEN", "{role}: {variables}");
                assert_eq!(reply.json()["data"], json!({ "agencies": null }));
                refused += 1;
            }
        }
    }
    assert!(allowed > 3 && refused > 3, "{allowed} {refused}");
}

#[tokio::test]
async fn by_the_shipped_table_everybody_may_filter_and_order_what_he_reads() {
    let db = Db::sqlite();
    let hub = Hub::on(&db).await;
    let wire = Wire::to(&hub).await;
    let table = Table::shipped();
    for role in Role::ALL.iter().copied() {
        let token = token(&hub, role);
        let may_list = |key: &&Key| match key.of {
            "mention" => table.may_read(role, "Query", "mentions"),
            "clue" | "by clue" => table.may_read(role, "Query", "clues"),
            _ => true,
        };
        for key in KEYS.iter().filter(may_list) {
            for (query, _) in uses(key, "11440600007039565U") {
                let reply = wire.ask(token.as_deref(), &query).await;
                assert!(reply.codes().is_empty(), "{role}: {query}: {}", reply.text);
            }
        }
    }
    // A text that looks like a field is a text.
    let odd = format!(
        "{{ agencies(filter: {{ name: {{ eq: {} }} }}) {{ totalCount }} }}",
        quoted("orgCode\" } }")
    );
    assert!(wire.ask(None, &odd).await.codes().is_empty());
}
