//! The answer of a check as data: its bytes are what the digest is taken of and what the receipt keeps, so
//! nothing stands in it that another hour or another asker would change.

use chrono::NaiveDate;
use domain::{check::Verdict, uscc::Uscc};
use serde::{Deserialize, Serialize};

use crate::{
    catalogue::Catalogue,
    graph::{Checked, StandingCounts, View},
};

/// What was asked, as far as it is told again: nothing of a person.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Echo {
    pub uscc: Option<String>,
    pub org_code: Option<String>,
    pub name: Option<String>,
    pub division: Option<String>,
    pub case_number: Option<String>,
}

/// One answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    pub input: Echo,
    /// The day of which facts are told.
    pub as_of: NaiveDate,
    pub verdict: Verdict,
    pub resolution: Told,
    /// The official's name, as far as it is shown.
    pub official: Option<String>,
    pub records: Vec<RecordLine>,
    pub sanctions: Vec<SanctionLine>,
    pub inherited: Vec<InheritedLine>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub inherited_sanctions: Vec<InheritedSanctionLine>,
    /// Whether there are predecessors at which nobody looked.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub predecessors_cut: bool,
    /// Whether there are some of whom it can't be told which body they were.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub predecessors_untold: bool,
    /// How many there are of each, where not all are told.
    pub of: StandingCounts,
    /// How many bodies were reviewed and left out.
    #[serde(default, skip_serializing_if = "is_none")]
    pub excluded: usize,
}

fn is_none(count: &usize) -> bool {
    *count == 0
}

/// Who is meant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Told {
    pub outcome: String,
    pub agency: Option<Body>,
    pub score: f64,
    pub steps: Vec<String>,
    pub candidates: Vec<Choice>,
    /// How many bodies fit, where not all are told.
    #[serde(default, skip_serializing_if = "is_none")]
    pub fitting: usize,
}

/// A body that could be meant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Choice {
    pub agency: Body,
    pub score: f64,
    pub reason: String,
}

/// A body by its code and its name on the day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Body {
    pub uscc: String,
    pub name: String,
}

/// A record that holds. Numbers are texts: scripts read numbers of this size wrongly.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordLine {
    pub id: String,
    pub version: i64,
    pub kind: String,
    pub tier: Option<String>,
    pub catalogue_item: String,
    pub domain: Option<String>,
    pub amount: Option<String>,
    pub identified_on: NaiveDate,
    pub identified_by: String,
    pub case_number: Option<String>,
    pub under_objection: bool,
    pub public_until: Option<NaiveDate>,
}

/// A measure in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SanctionLine {
    pub id: String,
    pub version: i64,
    pub measure: String,
    pub title: String,
    pub legal_basis: String,
    pub starts_on: Option<NaiveDate>,
    pub ends_on: Option<NaiveDate>,
}

/// A predecessor's record, and by what event it comes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InheritedLine {
    pub from: Option<Body>,
    pub from_name: String,
    pub kind: String,
    pub effective_on: NaiveDate,
    pub record: RecordLine,
}

/// A predecessor's measure, and by what event it comes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InheritedSanctionLine {
    pub from: Option<Body>,
    pub from_name: String,
    pub kind: String,
    pub effective_on: NaiveDate,
    pub sanction: SanctionLine,
}

impl Answer {
    /// The predecessors whose records and measures it tells.
    pub(super) fn predecessors(&self) -> impl Iterator<Item = &Body> {
        let records = self.inherited.iter().map(|line| &line.from);
        let sanctions = self.inherited_sanctions.iter().map(|line| &line.from);
        records.chain(sanctions).flatten()
    }

    /// The codes of the bodies that it is about: who is or may be meant, and predecessors.
    pub fn bodies(&self) -> impl Iterator<Item = Uscc> {
        let told = &self.resolution;
        let named = told.agency.iter();
        let named = named.chain(told.candidates.iter().map(|choice| &choice.agency));
        let all = named.chain(self.predecessors());
        all.filter_map(|body| body.uscc.parse().ok())
    }

    /// The codes of the bodies of whose records it tells.
    pub fn about(&self) -> impl Iterator<Item = Uscc> {
        let named = self.resolution.agency.iter().chain(self.predecessors());
        named.filter_map(|body| body.uscc.parse().ok())
    }

    /// What a check found, told through its view.
    pub fn of(input: Echo, checked: &Checked, catalogue: &Catalogue) -> Self {
        let view = &checked.view;
        let told = &checked.resolution;
        let candidates = told.candidates.iter().filter_map(|candidate| {
            Some(Choice {
                agency: body(view, candidate.agency)?,
                score: candidate.score,
                reason: candidate.reason.clone(),
            })
        });
        let official = checked
            .official
            .and_then(|number| view.official_row(number));
        Self {
            input,
            as_of: view.day(),
            verdict: checked.verdict,
            resolution: Told {
                outcome: told.outcome.to_string(),
                agency: told.agency.and_then(|id| body(view, id)),
                score: told.score,
                steps: told.steps.clone(),
                candidates: candidates.collect(),
                fitting: match checked.fitting > told.candidates.len() {
                    true => checked.fitting,
                    false => 0,
                },
            },
            official: official.and_then(|row| view.official_name(row)),
            records: checked
                .records
                .iter()
                .filter_map(|row| record(view, *row))
                .collect(),
            sanctions: checked
                .sanctions
                .iter()
                .filter_map(|row| sanction(view, *row, catalogue))
                .collect(),
            inherited: checked
                .inherited
                .iter()
                .filter_map(|one| {
                    let event = &one.event.fact;
                    Some(InheritedLine {
                        from: body(view, one.from),
                        from_name: event.from_name.clone(),
                        kind: event.kind.to_string(),
                        effective_on: event.effective_on,
                        record: record(view, one.row)?,
                    })
                })
                .collect(),
            inherited_sanctions: checked
                .inherited_sanctions
                .iter()
                .filter_map(|one| {
                    let event = &one.event.fact;
                    Some(InheritedSanctionLine {
                        from: body(view, one.from),
                        from_name: event.from_name.clone(),
                        kind: event.kind.to_string(),
                        effective_on: event.effective_on,
                        sanction: sanction(view, one.row, catalogue)?,
                    })
                })
                .collect(),
            predecessors_cut: checked.is_cut,
            predecessors_untold: checked.is_untold,
            of: checked.of,
            excluded: checked.excluded,
        }
    }

    /// Its bytes: JSON, members in the order of the fields.
    pub fn json(&self) -> String {
        serde_json::to_string(self).expect("texts, numbers and days are JSON")
    }

    /// How many lines it has.
    pub(super) fn lines(&self) -> usize {
        let inherited = self.inherited.len() + self.inherited_sanctions.len();
        self.records.len() + self.sanctions.len() + inherited
    }
}

fn body(view: &View, id: i64) -> Option<Body> {
    let agency = view.agency_at(view.agency_row(id)?)?;
    Some(Body {
        uscc: agency.fact.uscc.to_string(),
        name: view.name_of(&agency.fact).to_owned(),
    })
}

fn record(view: &View, row: u32) -> Option<RecordLine> {
    let known = view.record_at(row)?;
    let fact = &known.fact.fact;
    Some(RecordLine {
        id: known.id.to_string(),
        version: known.version,
        kind: fact.kind.to_string(),
        tier: fact.tier.map(|tier| tier.to_string()),
        catalogue_item: fact.catalogue_item.clone(),
        domain: fact.domain.clone(),
        amount: fact.amount.map(|amount| amount.to_string()),
        identified_on: fact.identified_on,
        identified_by: fact.identified_by.clone(),
        case_number: fact.case_number.as_ref().map(ToString::to_string),
        under_objection: view.is_under_objection(known),
        public_until: fact.public_until,
    })
}

fn sanction(view: &View, row: u32, catalogue: &Catalogue) -> Option<SanctionLine> {
    let (case, sanction) = view.sanction_at(row)?;
    let measure = catalogue.measure_of(sanction, view.present().place_of(&case.fact));
    Some(SanctionLine {
        id: sanction.id.to_string(),
        version: view.sanction_version(sanction),
        measure: sanction.measure.clone(),
        title: measure
            .map(|measure| measure.title.clone())
            .unwrap_or_default(),
        legal_basis: measure
            .map(|measure| measure.legal_basis.clone())
            .unwrap_or_default(),
        starts_on: sanction.starts_on,
        ends_on: view.sanction_ends_on(sanction),
    })
}
