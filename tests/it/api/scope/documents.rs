//! Queries along all paths of the schema, written in several styles.

use domain::viewer::Role;

use crate::api::{
    province::Province,
    quoted,
    sdl::{Kind, Sdl},
};

/// One step of a path: a field, and the type that it leads to; a connection is stepped through.
#[derive(Debug, Clone)]
pub(super) struct Hop {
    pub(super) from: String,
    pub(super) field: String,
    pub(super) to: String,
    pub(super) is_connection: bool,
    /// The field leads to an interface, of which `to` is one object.
    pub(super) is_abstract: bool,
    pub(super) is_list: bool,
}

/// All paths of at most so many steps that a role may go.
pub(super) fn paths(sdl: &Sdl, province: &Province, role: Role, hops_max: usize) -> Vec<Vec<Hop>> {
    let mut paths = Vec::new();
    let mut open: Vec<Vec<Hop>> = vec![Vec::new()];
    while let Some(path) = open.pop() {
        let at = path.last().map_or("Query", |hop| hop.to.as_str());
        if path.len() < hops_max {
            for field in sdl.fields(at).iter().filter(|field| !sdl.is_leaf(field)) {
                let is_connection = field.named.ends_with("Connection");
                let to = field.named.trim_end_matches("Connection");
                // A check reaches beyond its asker's area, and so does what is watched: `check/rights.rs` and
                // `check/watch/` look at what lies behind.
                if !province.table.may_read(role, at, &field.name)
                    || field.name.starts_with("sanctionCheck")
                    || field.name.starts_with("watch")
                    || field.name.starts_with("checkExclusion")
                {
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
    values: u64,
    fields: usize,
}

/// How long a list is reckoned to be; never shorter than the guard does.
fn assumed(hop: &Hop) -> u64 {
    if !hop.is_list {
        return 1;
    }
    match (hop.from.as_str(), hop.field.as_str()) {
        (_, "children") => 50,
        (_, "candidates") => 20,
        (_, "sources") => 10,
        (_, "catalogue") => 100,
        (_, "redLines") => 15,
        (_, "headings") => 40,
        (_, "contributions" | "events" | "changesFrom") => 20,
        (_, "distribution" | "groups") => 20,
        // A connection elsewhere, which stands in pages.
        ("AnnualCampaign", "objections") => 20,
        ("AnnualMoves", "grades") => 20,
        (_, "comparison" | "best" | "worst") => 10,
        (_, "calendar") => 5,
        (_, "indicators") => 10,
        (_, "zeroReports" | "zeroReportsDue") => 100,
        (_, "answers") => 2,
        (_, "heat") => 100,
        (_, "trend") => 12,
        // They take `first`, which nobody writes here.
        (_, "risers" | "fallers") => 20,
        (_, "grades") => 5,
        (_, "warnings") => 4,
        (_, "competent" | "evidence" | "measures" | "reminders") => 5,
        (_, "members") => 15,
        (_, "warned") => 3,
        (_, "sanctions") => 3,
        (_, "search") => 5,
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
    let end = path.last()?;
    let leafs = leafs(sdl, province, role, &end.to)?;
    // Lists of texts count with what the guard reckons them to have.
    let length = |name: &str| match name {
        "nextActs" => 21,
        "proof" => 6,
        "evidence" => 3,
        _ => 1,
    };
    let leaf_count: u64 = leafs.split(' ').map(length).sum();
    let sizes = pages.into_iter().find(|sizes| {
        cost(path, sizes) <= 4_500 && values(path, sizes, leaf_count) <= VALUES_MAX
    })?;
    let steps = path.iter().map(|hop| if hop.is_connection { 3 } else { 1 });
    // The guard's ten levels, of which the leaf itself takes one.
    if steps.sum::<usize>() > 9 {
        return None;
    }
    let is_node = sdl.0[&end.to].implements.iter().any(|name| name == "Node");
    let (mut inner, fragment) = match style {
        Style::Plain | Style::Alias => (leafs.clone(), String::new()),
        Style::Fragment => (
            format!("...F{number}"),
            format!(" fragment F{number} on {} {{ {leafs} }}", end.to),
        ),
        Style::Inline => (format!("... on {} {{ {leafs} }}", end.to), String::new()),
        Style::Node if is_node => (
            format!("... on Node {{ id ... on {} {{ {leafs} }} }}", end.to),
            String::new(),
        ),
        Style::Node => (format!("... {{ __typename {leafs} }}"), String::new()),
    };
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
        values: values(path, &sizes, leaf_count),
        fields,
    })
}

/// What the guard will reckon, or more.
fn cost(path: &[Hop], sizes: &[u64; 5]) -> u64 {
    let mut page = path.iter().filter(|hop| hop.is_connection).count();
    path.iter().rev().fold(0, |below, hop| {
        if hop.is_connection {
            page -= 1;
            1 + heavy(hop) + sizes[page.min(4)] * (3 + below)
        } else {
            1 + heavy(hop) + assumed(hop) * below
        }
    })
}

/// Values in an answer: a little fewer than the guard lets through.
const VALUES_MAX: u64 = 45_000;

/// What the guard will reckon that the answer has, or more.
fn values(path: &[Hop], sizes: &[u64; 5], leafs: u64) -> u64 {
    let mut page = path.iter().filter(|hop| hop.is_connection).count();
    path.iter().rev().fold(leafs, |below, hop| {
        if hop.is_connection {
            page -= 1;
            // Edge, cursor and node of each, and what is told of the page.
            sizes[page.min(4)] * (below + 11)
        } else {
            assumed(hop) * (below + 3)
        }
    })
}

/// What a step costs by itself.
fn heavy(hop: &Hop) -> u64 {
    match hop.field.as_str() {
        "mentionDecisions" | "search" | "creditRecordStats" => 800,
        "heat" | "totals" | "trend" | "risers" | "fallers" => 800,
        "resolve" | "competent" | "warned" | "zeroReports" | "zeroReportsDue" | "auditEntries"
        | "auditProof" => 50,
        "prewarning" => 3,
        "accesses" => 20,
        // Bodies of a kind in a place; agencies of anything else stand in pages.
        "agencies" if hop.from == "CompetentBody" => 50,
        "runs" | "rejects" => 20,
        "resolution" => 10,
        "assessment" | "assessments" | "ifRepaired" | "changesFrom" | "comparison" => 3,
        "overview" => 400,
        "ranking" => 800,
        "distribution" | "report" => 1_600,
        _ => 0,
    }
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
        ("auditProof", _) => "entry: \"k\"".to_owned(),
        ("zeroReports", _) => "workflow: \"court\"".to_owned(),
        ("zeroReportsDue", _) => "workflow: \"court\", day: \"2025-12-20\"".to_owned(),
        ("node", "Case" | "Sanction" | "Repair" | "Objection") => {
            let beginning = match to {
                "Case" => "cas_",
                "Sanction" => "san_",
                "Repair" => "rep_",
                _ => "obj_",
            };
            let ids = province.parts(beginning);
            pick(ids.iter().map(String::as_str).collect())
        }
        ("creditRecordStats", _) => {
            let by = [
                "AGENCY, STATUS",
                "AGENCY, DIVISION, MONTH",
                "DIVISION, DOMAIN",
                "DOMAIN, TIER, KIND, SOURCE, YEAR",
            ];
            format!("groupBy: [{}], first: 1000", by[turn % by.len()])
        }
        ("search", _) => {
            let text = match turn % 4 {
                0 => body.name.as_str(),
                1 => body.uscc.as_str(),
                2 => &body.name[..6],
                _ => province.records[turn % province.records.len()]
                    .case
                    .as_str(),
            };
            format!("text: {}, first: 5", quoted(text))
        }
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
        ("node", "Reject") => {
            let run = &province.runs[turn % province.runs.len()];
            let id = format!("{}-0", run.replacen("run_", "rej_", 1));
            format!("id: {}", quoted(&id))
        }
        ("node", "MentionDecision") => pick(vec!["dec_440000_17-1"]),
        ("node", "Source") => pick(vec![
            "src_440000_court_debtors",
            "src_440000_agency_register",
        ]),
        ("node", "CatalogueItem") => pick(vec!["cat_440000_court.judgment_debtor"]),
        ("node", "Assessment") => {
            let number = body.id.rsplit('_').next().unwrap_or_default();
            format!("id: \"asm_440000_{number}-general-2026-11-20\"")
        }
        ("node", "AnnualCampaign") => pick(vec!["anc_440000_17"]),
        ("node", "AnnualResult") => pick(vec!["anr_440000_17-17"]),
        ("node", "AuditEntry") => pick(vec!["aud_440000_01890000-0000-7000-8000-000000000000"]),
        ("node", "RecordAccess") => {
            pick(vec!["acc_440000_01890000-0000-7000-8000-000000000000.17"])
        }
        ("node", "AnnualObjection") => pick(vec!["ano_440000_17"]),
        ("node", "WatchList") => pick(vec!["wch_440000_17"]),
        ("node", "WatchSubject") => pick(vec!["wcs_440000_17-17"]),
        ("node", "CheckExclusion") => pick(vec!["exc_440000_17"]),
        ("node", "Warning") => pick(province.warnings.iter().map(String::as_str).collect()),
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
    values: u64,
    count: usize,
    selected: usize,
}

impl Document {
    fn takes(&self, written: &Written) -> bool {
        self.count < 7
            && self.cost + written.cost <= 4_800
            && self.values + written.values <= VALUES_MAX
            && self.selected + written.fields <= 900
            && self.fields.len() + self.fragments.len() + written.field.len() < 12_000
    }

    fn add(&mut self, written: Written) {
        self.fields.push_str(&written.field);
        self.fields.push(' ');
        self.fragments.push_str(&written.fragment);
        self.cost += written.cost;
        self.values += written.values;
        self.count += 1;
        self.selected += written.fields;
    }
}

/// The documents of a walk along paths, and how many paths they go; those that repeat what the
/// viewer wrote come apart.
pub(super) fn documents(
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
