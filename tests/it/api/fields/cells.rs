//! Each cell of the table of fields, for every role and by every way.

use std::collections::{BTreeMap, VecDeque};

use domain::viewer::Role;

use super::token;
use crate::api::{
    Reply, Wire,
    access::Table,
    catalogue_with,
    sdl::{Kind, Sdl},
};
use crate::support::{Db, Hub};

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
fn arguments(sdl: &Sdl, type_name: &str, field: &str) -> String {
    let known = match (type_name, field) {
        ("Query", "node") => "(id: \"agc_440000_17\")",
        ("Query", "division") => "(code: \"440600\")",
        ("Query", "agency") => "(uscc: \"11440600007039565U\")",
        ("Query", "resolve") => "(input: { name: \"水务局\" })",
        ("Mutation", "approveRun") => "(input: { key: \"k\", runId: \"run_440000_17\" })",
        ("Mutation", "revokeToken") => "(input: { key: \"k\", jti: \"17\" })",
        ("Mutation", "decideMention") => {
            "(input: { key: \"k\", mentionId: \"mnt_440000_17\", version: 1, judgement: UNSURE, reason: \"?\" })"
        }
        ("Mutation", "undoMentionDecision") => {
            "(input: { key: \"k\", mentionId: \"mnt_440000_17\", version: 1, reason: \"?\" })"
        }
        ("Query", "sanctionCheck") => "(input: { name: \"水务局\" }, purpose: \"x\")",
        ("Query", "sanctionChecks") => "(inputs: [{ name: \"水务局\" }], purpose: \"x\")",
        ("Query", "sanctionCheckReceipt") => "(id: \"chk_440000_17\")",
        ("Query", "creditRecordStats") => "(groupBy: [])",
        ("Query", "auditProof") => "(entry: \"k\")",
        ("Query", "zeroReports" | "zeroReportsDue") => "(workflow: \"court\")",
        ("Query", "search") => "(text: \"水务局\")",
        ("Query", "__type") => "(name: \"Query\")",
        ("Query", "watchChanges") => "(list: \"wch_440000_17\")",
        ("Mutation", "addWatchSubjects") => {
            "(input: { key: \"k\", listId: \"wch_440000_17\", subjects: [{ name: \"水务局\" }] })"
        }
        ("Mutation", "removeWatchSubjects") => {
            "(input: { key: \"k\", listId: \"wch_440000_17\", usccs: [\"11440600007039565U\"] })"
        }
        ("Mutation", "excludeFalseMatch") => {
            "(input: { key: \"k\", name: \"水务局\", uscc: \"11440600007039565U\", reason: \"?\", expiresOn: \"2026-12-31\" })"
        }
        ("Subscription", "watchListChanged") => "(list: \"wch_440000_17\")",
        ("Mutation", step) => return input(sdl, step),
        _ => "",
    };
    known.to_owned()
}

/// An input of a step with all that it must have.
fn input(sdl: &Sdl, step: &str) -> String {
    let of = format!("{}{}Input", step[..1].to_uppercase(), &step[1..]);
    let needed = sdl
        .fields(&of)
        .iter()
        .filter(|field| field.written.ends_with('!'));
    let given = needed.map(|field| {
        let value = match field.named.as_str() {
            _ if field.name == "division" => "\"440600\"".to_owned(),
            "Int" => "1".to_owned(),
            "Boolean" => "true".to_owned(),
            "Date" => "\"2026-01-01\"".to_owned(),
            "ID" | "String" => "\"k\"".to_owned(),
            other => sdl.fields(other)[0].name.clone(),
        };
        format!("{}: {value}", field.name)
    });
    format!("(input: {{ {} }})", given.collect::<Vec<_>>().join(", "))
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
        ("Subscription".to_owned(), start("subscription { # }")),
    ]);
    let mut open: VecDeque<String> = ways.keys().cloned().collect();
    while let Some(at) = open.pop_front() {
        let way = ways[&at].clone();
        for field in sdl
            .fields(&at)
            .iter()
            .filter(|field| !sdl.is_leaf(field) && may(&at, &field.name))
        {
            let mut cells = way.cells.clone();
            cells.push((at.clone(), field.name.clone()));
            let selection = format!("{}{} {{ # }}", field.name, arguments(sdl, &at, &field.name));
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
    let given = arguments(sdl, type_name, field);
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
                    // Its changes come over streams only, and that is all that is wrong with it then.
                    let is_stream = way.query.starts_with("subscription");
                    reply.codes().is_empty() || (is_stream && reply.status == 406)
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
