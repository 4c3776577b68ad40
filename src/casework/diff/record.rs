//! What a catalogue says of a record.

use std::collections::BTreeMap;

use chrono::{Months, NaiveDate};
use domain::{
    casework::{Case, SubjectKind},
    credit_record::{CreditRecord, Tier},
    division::DivisionCode,
};

use super::{Both, Changes, day};
use crate::catalogue::{Catalogue, CatalogueItem};

/// What it says.
struct Said {
    is_in_force: bool,
    /// The grade that the list gives.
    listed: Option<Tier>,
    is_shown: bool,
    /// The last day before it may be repaired.
    minimum: Option<NaiveDate>,
    /// Whether repair needs a public commitment.
    needs_commitment: bool,
    /// Whether it ends by time only once it was set right.
    needs_correction: bool,
    /// The last day.
    maximum: Option<NaiveDate>,
    /// The measures that may follow, each with the longest term that one of today would have.
    measures: BTreeMap<String, String>,
}

impl Both<'_> {
    pub(super) fn record(&self, fact: &CreditRecord, case: Option<&Case>, changes: &mut Changes) {
        let said = case.and_then(|case| case.record.as_ref());
        let by_hand = said.filter(|said| said.is_graded).and(fact.tier);
        let body = fact.subject.agency().and_then(|id| self.graph.agency(id));
        let place = body.map(|body| body.fact.division);
        let of = |catalogue| Said::of(catalogue, fact, (by_hand, place), self.today);
        let (is, Some(would)) = (of(self.now), of(self.other)) else {
            changes.say("the list would have no such item".to_owned());
            return;
        };
        let Some(is) = is else {
            changes.say("the list has no such item yet".to_owned());
            return;
        };
        let yes = |is_so: bool| if is_so { "yes" } else { "no" };
        changes.differs("in force", yes(is.is_in_force), yes(would.is_in_force));
        match by_hand {
            None => changes.differs("tier", &word(is.listed), &word(would.listed)),
            Some(tier) if is.listed != would.listed => {
                let (is, would) = (word(is.listed), word(would.listed));
                changes.say(format!(
                    "tier: {tier} stays, which was set by hand; the list's {is} -> {would}"
                ));
            }
            Some(_) => {}
        }
        let shown = |is_shown: bool| if is_shown { "shown" } else { "not shown" };
        changes.differs("publicity", shown(is.is_shown), shown(would.is_shown));
        changes.differs("repairable after", &day(is.minimum), &day(would.minimum));
        changes.differs("until", &day(is.maximum), &day(would.maximum));
        let (of, would_need) = (is.needs_commitment, would.needs_commitment);
        changes.differs("commitment for repair", yes(of), yes(would_need));
        let (of, would_need) = (is.needs_correction, would.needs_correction);
        changes.differs("until it is set right", yes(of), yes(would_need));
        let mut codes: Vec<&String> = is.measures.keys().chain(would.measures.keys()).collect();
        codes.sort_unstable();
        codes.dedup();
        for code in codes {
            let term = |said: &Said| {
                let term = said.measures.get(code);
                term.map_or_else(|| "not allowed".to_owned(), Clone::clone)
            };
            changes.differs(&format!("measure {code}"), &term(&is), &term(&would));
        }
    }
}

impl Said {
    fn of(
        catalogue: &Catalogue,
        fact: &CreditRecord,
        (by_hand, place): (Option<Tier>, Option<DivisionCode>),
        today: NaiveDate,
    ) -> Option<Self> {
        let on = fact.identified_on;
        let item = catalogue.lists.item(&fact.catalogue_item, on)?;
        let tier = by_hand.or(item.tier);
        let graded = CreditRecord {
            tier,
            ..fact.clone()
        };
        let rule = catalogue.publicity_rule(&graded, place);
        let window = rule.map(|rule| rule.window(on));
        let maximum = window.and_then(|window| window.maximum);
        let is_official = fact.subject.official().is_some();
        Some(Self {
            is_in_force: item.is_in_force(on),
            listed: item.tier,
            is_shown: item.published && !is_official && rule.is_none_or(|rule| rule.is_public),
            minimum: window.map(|window| window.minimum),
            needs_commitment: rule.is_some_and(|rule| rule.needs_commitment),
            needs_correction: rule.is_some_and(|rule| rule.needs_correction),
            maximum,
            measures: measures(catalogue, item, &graded, place, (today, maximum)),
        })
    }
}

/// The measures that may follow a record from a day on: of one without a grade those of any.
fn measures(
    catalogue: &Catalogue,
    item: &CatalogueItem,
    fact: &CreditRecord,
    place: Option<DivisionCode>,
    (starts, last): (NaiveDate, Option<NaiveDate>),
) -> BTreeMap<String, String> {
    let subject = match fact.subject.official() {
        Some(_) => SubjectKind::Official,
        None => SubjectKind::Agency,
    };
    let told = item.measures.iter().filter_map(|code| {
        let measure = catalogue.measure(code, starts, place)?;
        let is_graded = fact.tier.is_none_or(|tier| measure.tiers.contains(&tier));
        let follows = is_graded && measure.subjects.contains(&subject);
        if !follows || !measure.is_in_force(starts) {
            return None;
        }
        let months = measure.months.map(Months::new);
        let longest = months.and_then(|months| starts.checked_add_months(months));
        let longest = [longest, last].into_iter().flatten().min();
        if longest.is_some_and(|longest| longest < starts) {
            return None;
        }
        let term = longest.map_or_else(
            || "as long as the record holds".to_owned(),
            |longest| format!("until {longest}"),
        );
        Some((code.clone(), term))
    });
    told.collect()
}

fn word(tier: Option<Tier>) -> String {
    tier.map_or_else(|| "none".to_owned(), |tier| tier.to_string())
}
