//! What another catalogue would change for the records that are here.

use domain::credit_record::CreditRecord;

use crate::{catalogue::Catalogue, graph::Graph};

/// A record that another catalogue would treat otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    /// Its number.
    pub record: i64,
    /// Its case's number, where there is one.
    pub case: Option<i64>,
    /// The body that it is about.
    pub agency: Option<String>,
    /// Its catalogue item.
    pub item: String,
    /// What would be otherwise, in words.
    pub changes: Vec<String>,
}

/// The records that another catalogue would grade, show or answer with measures otherwise.
pub fn would_move<'a>(
    graph: &'a Graph,
    now: &'a Catalogue,
    other: &'a Catalogue,
) -> impl Iterator<Item = Moved> + 'a {
    graph.all_records().filter_map(|record| {
        let fact = &record.fact.fact;
        let changes = changes(fact, now, other);
        let agency = fact.subject.agency().and_then(|id| graph.agency(id));
        (!changes.is_empty()).then(|| Moved {
            record: record.id,
            case: graph.case_of_record(record.id).map(|case| case.id),
            agency: agency.map(|agency| agency.fact.name.clone()),
            item: fact.catalogue_item.clone(),
            changes,
        })
    })
}

fn changes(fact: &CreditRecord, now: &Catalogue, other: &Catalogue) -> Vec<String> {
    let code = &fact.catalogue_item;
    let (is, would) = (now.lists.item(code), other.lists.item(code));
    let Some(would) = would else {
        return vec!["the list would have no such item".to_owned()];
    };
    let mut changes = Vec::new();
    let mut differs = |what: &str, is: String, would: String| {
        if is != would {
            changes.push(format!("{what}: {is} -> {would}"));
        }
    };
    let word = |tier: Option<domain::credit_record::Tier>| {
        tier.map_or_else(|| "none".to_owned(), |tier| tier.to_string())
    };
    differs(
        "tier",
        word(is.and_then(|item| item.tier)),
        word(would.tier),
    );
    let shown = |is_shown: bool| if is_shown { "shown" } else { "not shown" }.to_owned();
    differs(
        "publicity",
        shown(is.is_some_and(|item| item.published)),
        shown(would.published),
    );
    let measures = |codes: &[String]| codes.join(" ");
    differs(
        "measures",
        is.map_or_else(String::new, |item| measures(&item.measures)),
        measures(&would.measures),
    );
    let until = |catalogue: &Catalogue| {
        let rules = &catalogue.casework.publicity;
        let rule = rules.rule(fact.kind, fact.tier, fact.identified_on);
        let window = rule.map(|rule| rule.window(fact.identified_on));
        let last = window.and_then(|window| window.maximum);
        last.map_or_else(|| "no day".to_owned(), |day| day.to_string())
    };
    differs("until", until(now), until(other));
    changes
}
