//! What another catalogue would change for the records and cases that are here.

mod case;
mod record;

use chrono::NaiveDate;
use domain::{casework, credit_record::CreditRecord};

use crate::{catalogue::Catalogue, graph::Graph, store::Known};

/// A record, or a case that is about none, that another catalogue would treat otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    /// The record's number.
    pub record: Option<i64>,
    /// Its case's number, where there is one.
    pub case: Option<i64>,
    /// The body that it is about.
    pub agency: Option<String>,
    /// Its catalogue item.
    pub item: Option<String>,
    /// What would be otherwise, in words.
    pub changes: Vec<String>,
}

/// Two catalogues, and what they are held against.
struct Both<'a> {
    graph: &'a Graph,
    now: &'a Catalogue,
    other: &'a Catalogue,
    /// From which day on measures would be imposed.
    today: NaiveDate,
}

/// The records that another catalogue would grade, show or answer with measures otherwise, and the open cases whose
/// periods or steps it would change: one after the other, each once.
pub fn would_move<'a>(
    graph: &'a Graph,
    now: &'a Catalogue,
    other: &'a Catalogue,
    today: NaiveDate,
) -> impl Iterator<Item = Moved> + 'a {
    let both = move || Both {
        graph,
        now,
        other,
        today,
    };
    let records = graph.all_records().filter_map(move |record| {
        let case = graph.case_of_record(record.id);
        both().moved(
            Some((record.id, &record.fact.fact)),
            case.map(|case| &**case),
        )
    });
    let is_told = |case: &casework::Case| {
        let record = case.about.record;
        record.is_some_and(|id| graph.record(id).is_some())
    };
    let others = graph.all_cases().filter(move |case| !is_told(&case.fact));
    let others = others.filter_map(move |case| both().moved(None, Some(case)));
    records.chain(others)
}

impl Both<'_> {
    fn moved(
        &self,
        record: Option<(i64, &CreditRecord)>,
        case: Option<&Known<casework::Case>>,
    ) -> Option<Moved> {
        let mut changes = Changes::default();
        if let Some((_, fact)) = record {
            self.record(fact, case.map(|case| &case.fact), &mut changes);
        }
        let open = case.filter(|case| !self.graph.is_final(&case.fact));
        if let Some(case) = open {
            self.case(&case.fact, &mut changes);
        }
        if changes.0.is_empty() {
            return None;
        }
        let bodies = match (record, case) {
            (Some((_, fact)), _) => fact.subject.agency().into_iter().collect(),
            (None, Some(case)) => self.graph.subjects_of(&case.fact),
            (None, None) => Vec::new(),
        };
        let body = bodies.first().and_then(|id| self.graph.agency(*id));
        Some(Moved {
            record: record.map(|(id, _)| id),
            case: case.map(|case| case.id),
            agency: body.map(|body| body.fact.name.clone()),
            item: record.map(|(_, fact)| fact.catalogue_item.clone()),
            changes: changes.0,
        })
    }
}

/// What would be otherwise, in words.
#[derive(Default)]
struct Changes(Vec<String>);

impl Changes {
    fn differs(&mut self, what: &str, is: &str, would: &str) {
        if is != would {
            self.say(format!("{what}: {is} -> {would}"));
        }
    }

    fn say(&mut self, words: String) {
        self.0.push(words);
    }
}

fn day(day: Option<NaiveDate>) -> String {
    day.map_or_else(|| "no day".to_owned(), |day| day.to_string())
}
