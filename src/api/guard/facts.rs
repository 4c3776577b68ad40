//! What the guard knows of the schema, read from the schema itself at start.

use std::collections::HashMap;

use async_graphql::parser::{
    parse_schema,
    types::{BaseType, Type, TypeKind, TypeSystemDefinition},
};

use crate::{
    api::graphql::{ENTITIES, REPRESENTATIONS, REPRESENTATIONS_MAX},
    check::BATCH_MAX,
    graph::{GROUPS_MAX, PAGE_DEFAULT, PAGE_MAX},
};

/// How many rows a field yields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Size {
    One,
    Assumed(u64),
    /// As many as its list argument has items, at most so many.
    Given {
        argument: &'static str,
        max: u64,
        /// What each costs.
        each: u64,
    },
    Page {
        default: u64,
        max: u64,
    },
}

/// A field of the schema.
#[derive(Debug, Clone)]
pub(crate) struct FieldFact {
    pub(crate) result: String,
    pub(crate) size: Size,
    /// What one of it costs, beside what is selected below it.
    pub(crate) weight: u64,
    /// Whether it may be null, and, of a list, whether its items may.
    pub(crate) is_nullable: bool,
    pub(crate) has_nullable_items: bool,
}

/// Fields by type and name.
#[derive(Debug)]
pub(crate) struct Facts(HashMap<String, HashMap<String, FieldFact>>);

/// Lists that answer each item of an argument, how many of these there may be, and what each costs.
const GIVEN: [(&str, &str, &str, u64, u64); 2] = [
    ("Query", ENTITIES, REPRESENTATIONS, REPRESENTATIONS_MAX, 1),
    ("Query", "sanctionChecks", "inputs", BATCH_MAX as u64, 3),
];

/// Lists without pages, with the length that is reckoned with. `Edge` lists take their page's.
const LISTS: &[(&str, &str, u64)] = &[
    ("Agency", "aliases", 2),
    ("Agency", "competentDepartments", 2),
    ("Agency", "formerNames", 2),
    ("Agency", "predecessors", 2),
    ("Agency", "successors", 2),
    ("AnnualCampaign", "distribution", 20),
    ("AnnualCampaign", "objections", 20),
    ("AnnualGroup", "grades", 5),
    ("AnnualGroupBefore", "grades", 5),
    ("AnnualMoves", "grades", 20),
    ("AnnualReport", "best", 10),
    ("AnnualReport", "calendar", 5),
    ("AnnualReport", "groups", 20),
    ("AnnualReport", "worst", 10),
    ("Assessment", "changesFrom", 20),
    ("Assessment", "comparison", 10),
    ("Assessment", "contributions", 20),
    ("Assessment", "vetoes", 2),
    ("AuditEntry", "agencies", 2),
    ("AuditEntry", "areas", 2),
    ("AuditProof", "hashes", 30),
    ("Case", "agencies", 2),
    ("Case", "answers", 2),
    ("Case", "competent", 5),
    ("Case", "events", 20),
    ("Case", "evidence", 5),
    ("Case", "nextActs", 20),
    ("Case", "objections", 1),
    ("Case", "orders", 1),
    ("Case", "rectifications", 2),
    ("Case", "reminders", 5),
    ("Case", "repairs", 1),
    ("Case", "sanctions", 3),
    ("CaseEvent", "evidence", 2),
    ("CatalogueItem", "measures", 5),
    ("CatalogueItem", "proof", 5),
    ("Clue", "agencies", 2),
    ("Clue", "evidence", 2),
    ("Clue", "records", 1),
    ("CompetentBody", "agencies", 2),
    ("Contribution", "indicators", 10),
    ("CreditRecord", "clues", 1),
    ("CreditRecord", "evidence", 2),
    ("CreditRecord", "matters", 1),
    ("CreditRecord", "objections", 1),
    ("CreditRecord", "repairs", 1),
    ("CreditRecord", "sanctions", 3),
    ("CreditRecordGroup", "keys", 4),
    ("CreditRecordGroup", "labels", 4),
    ("Division", "children", 50),
    ("Division", "successors", 2),
    ("Indicator", "evidence", 2),
    ("LeadingGroup", "members", 15),
    ("Mention", "context", 20),
    ("Mention", "evidence", 2),
    ("Official", "posts", 2),
    ("Overview", "fallers", 10),
    ("Overview", "heat", 100),
    ("Overview", "risers", 10),
    ("Overview", "trend", 12),
    ("Query", "catalogue", 100),
    ("Query", "redLines", 15),
    ("Query", "rulePacks", 2),
    ("Query", "sources", 10),
    ("Query", "zeroReports", 100),
    ("Query", "zeroReportsDue", 100),
    ("RecordAccess", "areas", 2),
    ("RedLine", "bodies", 2),
    ("RedLine", "warns", 3),
    ("RedLine", "worse", 1),
    ("Resolution", "candidates", 20),
    ("Resolution", "steps", 5),
    ("Rule", "bodies", 1),
    ("RuleHeading", "rules", 1),
    ("RuleHeading", "sources", 2),
    ("RulePack", "grades", 5),
    ("RulePack", "headings", 40),
    ("SanctionCheck", "inherited", 1),
    ("SanctionCheck", "inheritedSanctions", 1),
    ("SanctionCheck", "records", 2),
    ("SanctionCheck", "sanctions", 2),
    ("Totals", "grades", 5),
    ("Totals", "warnings", 4),
    ("Viewer", "divisions", 5),
    ("Viewer", "scopes", 5),
    ("Warning", "events", 10),
    ("Warning", "matters", 1),
    ("Warning", "warned", 3),
    // As many as the page has, which counts at the field itself.
    ("WatchChangePage", "changes", 1),
    ("WatchListSuccess", "refused", 20),
    ("ZeroReport", "evidence", 2),
];

fn given(type_name: &str, name: &str) -> Option<Size> {
    let mut given = GIVEN.iter();
    let found = given.find(|(of, list, ..)| *of == type_name && *list == name);
    found.map(|&(_, _, argument, max, each)| Size::Given {
        argument,
        max,
        each,
    })
}

impl Facts {
    /// Reads the schema's text. A list that is not reckoned with is a mistake in the program.
    pub(crate) fn of(sdl: &str) -> Result<Self, String> {
        Self::with_lists(sdl, |type_name, name| {
            let mut lists = LISTS.iter();
            lists
                .find(|(of, list, _)| *of == type_name && *list == name)
                .map(|(_, _, rows)| *rows)
        })
    }

    /// The same with lengths of lists from elsewhere.
    pub(crate) fn with_lists(
        sdl: &str,
        length: impl Fn(&str, &str) -> Option<u64>,
    ) -> Result<Self, String> {
        let document = parse_schema(sdl).map_err(|error| error.to_string())?;
        let mut types = HashMap::new();
        for definition in document.definitions {
            let TypeSystemDefinition::Type(definition) = definition else {
                continue;
            };
            let definition = definition.node;
            let fields = match definition.kind {
                TypeKind::Object(object) => object.fields,
                TypeKind::Interface(interface) => interface.fields,
                _ => continue,
            };
            let type_name = definition.name.node.to_string();
            let mut facts = HashMap::new();
            for field in fields {
                let field = field.node;
                let name = field.name.node.to_string();
                let (result, is_list) = named(&field.ty.node);
                let is_paged = field
                    .arguments
                    .iter()
                    .any(|argument| argument.node.name.node == "first");
                let size = match (is_paged, is_list) {
                    (true, true) if name == "creditRecordStats" => Size::Page {
                        default: GROUPS_MAX as u64,
                        max: GROUPS_MAX as u64,
                    },
                    (true, _) => Size::Page {
                        default: PAGE_DEFAULT as u64,
                        max: PAGE_MAX as u64,
                    },
                    // The page's size counts at the connection, not again at its edges.
                    (false, true) if result.ends_with("Edge") => Size::One,
                    (false, true) => given(&type_name, &name)
                        .or_else(|| length(&type_name, &name).map(Size::Assumed))
                        .ok_or_else(|| {
                            format!("the guard does not reckon with the list {type_name}.{name}")
                        })?,
                    (false, false) => Size::One,
                };
                facts.insert(
                    name,
                    FieldFact {
                        result,
                        size,
                        weight: 0,
                        is_nullable: field.ty.node.nullable,
                        has_nullable_items: match &field.ty.node.base {
                            BaseType::List(item) => item.nullable,
                            BaseType::Named(_) => true,
                        },
                    },
                );
            }
            types.insert(type_name, facts);
        }
        let mut facts = Self(types);
        facts.weigh();
        Ok(facts)
    }

    /// A field that yields objects costs one, a scalar nothing.
    fn weigh(&mut self) {
        let objects: Vec<String> = self.0.keys().cloned().collect();
        for fact in self.0.values_mut().flat_map(HashMap::values_mut) {
            fact.weight = u64::from(objects.contains(&fact.result));
        }
    }

    pub(crate) fn field(&self, type_name: &str, field: &str) -> Option<&FieldFact> {
        self.0.get(type_name)?.get(field)
    }

    /// All fields of all types, as `(type, field)`.
    pub(crate) fn fields(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().flat_map(|(type_name, fields)| {
            fields
                .keys()
                .map(move |field| (type_name.as_str(), field.as_str()))
        })
    }
}

fn named(of: &Type) -> (String, bool) {
    match &of.base {
        BaseType::Named(name) => (name.to_string(), false),
        BaseType::List(inner) => (named(inner).0, true),
    }
}
