//! Sanction checks: what stands against a subject, wherever he belongs.

use std::{cmp::Reverse, collections::VecDeque, sync::Arc};

use domain::{
    access::{RowRule, RowRules},
    casework::{Sanction, SanctionStatus},
    check::{Standing, Verdict, verdict},
    credit_record::{CreditRecord, CreditRecordStatus},
    resolution::Resolution,
    succession::Succession,
};
use serde::{Deserialize, Serialize};

use crate::store::{Known, Listing};

use super::{CheckQuestion, Findings, View};

/// Records, measures and inherited records that one answer tells, the newest of each.
pub const STANDING_MAX: usize = 200;
/// Bodies from which one may inherit.
pub const PREDECESSORS_MAX: usize = 64;

/// What was found.
#[derive(Debug, Clone)]
pub struct Checked {
    /// The asker's part, with the rows that the answer tells.
    pub view: Arc<View>,
    pub verdict: Verdict,
    pub resolution: Resolution,
    /// How many bodies fit, of which the best are told.
    pub fitting: usize,
    /// The official's number, where a person was asked about.
    pub official: Option<i64>,
    /// Rows of records that hold.
    pub records: Vec<u32>,
    /// Rows of measures that are in force.
    pub sanctions: Vec<u32>,
    /// Predecessors' records that hold.
    pub inherited: Vec<Inherited>,
    /// Predecessors' measures that are in force.
    pub inherited_sanctions: Vec<Inherited>,
    /// Whether there are predecessors at which nobody looked.
    pub is_cut: bool,
    /// Whether there are some of whom it can't be told which body they were.
    pub is_untold: bool,
    /// How many there are of each.
    pub of: StandingCounts,
    /// The bodies of whose records is told.
    pub about: Vec<i64>,
    /// How many bodies were reviewed and left out.
    pub excluded: usize,
}

/// How many records, measures and inherited ones there are, where not all are told.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StandingCounts {
    pub records: usize,
    pub sanctions: usize,
    pub inherited: usize,
    #[serde(default, skip_serializing_if = "is_none")]
    pub inherited_sanctions: usize,
}

fn is_none(count: &usize) -> bool {
    *count == 0
}

/// A record or a measure of a body from which the subject came.
#[derive(Debug, Clone)]
pub struct Inherited {
    /// Whose it is, by its number.
    pub from: i64,
    /// Its row.
    pub row: u32,
    /// The event by which it comes.
    pub event: Arc<Known<Succession>>,
}

/// A body from which another one came.
pub(super) struct Inherits {
    pub(super) from: i64,
    /// The one that came of it at once: the body itself, or one from which it came.
    pub(super) through: i64,
    pub(super) event: Arc<Known<Succession>>,
    /// Further events that say the same.
    pub(super) also: Vec<Arc<Known<Succession>>>,
}

/// The bodies from which one came.
pub(super) struct Origins {
    /// The nearest first.
    pub(super) predecessors: Vec<Inherits>,
    /// Whether there are more than are looked for.
    is_cut: bool,
    /// Whether an event names one by a name that several bear.
    is_untold: bool,
}

impl View {
    /// Whom a question means and what stands against him on the day of which is told. `restricts` says of a
    /// measure's code whether it is one against its subject.
    pub fn check(&self, asked: &CheckQuestion<'_>, restricts: &dyn Fn(&str) -> bool) -> Checked {
        let whole = self.unbounded();
        let told = whole.told_subject(asked);
        let subject = told.official.or(told.resolution.agency);
        let is_hidden = told.official.is_none() && subject.is_some_and(|id| !self.may_check(id));
        let verdict_of_nobody = self.verdict_of_nobody(asked, &told.resolution);
        let (resolution, fitting) = self.hide_unchecked(told.resolution);
        let mut checked = Checked {
            view: Arc::new(self.clone()),
            verdict: verdict_of_nobody,
            resolution,
            fitting,
            official: told.official,
            records: Vec::new(),
            sanctions: Vec::new(),
            inherited: Vec::new(),
            inherited_sanctions: Vec::new(),
            is_cut: false,
            is_untold: false,
            of: StandingCounts::default(),
            // That the number is an official's is told of him, too.
            about: told
                .doubted
                .map_or_else(Vec::new, |official| whole.bodies_of_official(official)),
            excluded: told.excluded,
        };
        match subject {
            Some(_) if is_hidden => checked.verdict = Verdict::NotCovered,
            Some(subject) => {
                whole.find_standing(subject, restricts, &mut checked);
                checked.verdict = verdict(checked.resolution.outcome, checked.standing());
            }
            None => {}
        }
        checked.view = Arc::new(self.finding(whole.findings(&checked)));
        checked
    }

    /// The body whom a question settles, for who may check it; else what a check says, and how it came to it.
    pub fn settled_body(&self, asked: &CheckQuestion<'_>) -> Result<i64, (Verdict, Resolution)> {
        let told = self.unbounded().told_subject(asked).resolution;
        let is_settled = verdict(told.outcome, Standing::Nothing) == Verdict::Clear;
        let said = match told.agency {
            Some(id) if is_settled && self.may_check(id) => return Ok(id),
            Some(id) if !self.may_check(id) => Verdict::NotCovered,
            _ => self.verdict_of_nobody(asked, &told),
        };
        Err((said, self.hide_unchecked(told).0))
    }

    /// What nobody's rules hide: for deciding, never for telling.
    pub(super) fn unbounded(&self) -> Self {
        self.under(RowRules {
            agency: RowRule::All,
            credit_record: RowRule::All,
            official: RowRule::All,
            case: RowRule::All,
            ..self.rules
        })
    }

    /// Whether the asker may check the body with this number.
    pub fn may_check(&self, id: i64) -> bool {
        self.agency_id_passes(self.rules.check, id)
    }

    fn find_standing(&self, subject: i64, restricts: &dyn Fn(&str) -> bool, checked: &mut Checked) {
        let Origins {
            predecessors,
            is_cut,
            is_untold,
        } = self.inherits_from(subject);
        (checked.is_cut, checked.is_untold) = (is_cut, is_untold);
        checked.records = self.holding_records(subject);
        checked.sanctions = self.restrictions(subject, restricts);
        checked.inherited = self.inherited(&predecessors);
        checked.inherited_sanctions = self.inherited_sanctions(&predecessors, restricts);
        checked.of = StandingCounts {
            records: checked.records.len(),
            sanctions: checked.sanctions.len(),
            inherited: checked.inherited.len(),
            inherited_sanctions: checked.inherited_sanctions.len(),
        };
        checked.records.truncate(STANDING_MAX);
        checked.sanctions.truncate(STANDING_MAX);
        checked.inherited.truncate(STANDING_MAX);
        checked.inherited_sanctions.truncate(STANDING_MAX);
        checked.about = match checked.official {
            Some(number) => self.bodies_of_official(number),
            None => vec![subject],
        };
        let inherited = checked.inherited.iter().chain(&checked.inherited_sanctions);
        checked.about.extend(inherited.map(|one| one.from));
    }

    /// The bodies in which an official holds or held posts, whoever may see them: of whose records is told.
    pub fn bodies_of_official(&self, number: i64) -> Vec<i64> {
        let posts = self.present.officials.posts_of(number);
        self.bodies_with(posts.iter().map(|post| &post.fact.agency))
    }

    /// The rows that an answer tells.
    fn findings(&self, checked: &Checked) -> Findings {
        let told = &checked.resolution;
        let candidates = told.candidates.iter().map(|candidate| candidate.agency);
        let rows = |all: &[Inherited]| all.iter().map(|one| one.row).collect::<Vec<_>>();
        let inherited = rows(&checked.inherited);
        let records = checked.records.iter().chain(&inherited);
        let records = records.filter_map(|row| self.record_at(*row));
        let records: Vec<_> = records.collect();
        let subjects = records
            .iter()
            .filter_map(|record| record.fact.fact.subject.agency());
        let predecessors = checked.inherited_sanctions.iter().map(|one| one.from);
        let inherited = rows(&checked.inherited_sanctions);
        let sanctions = checked.sanctions.iter().chain(&inherited);
        let sanctions = sanctions.filter_map(|row| self.sanction_at(*row));
        Findings {
            bodies: told
                .agency
                .into_iter()
                .chain(candidates)
                .chain(subjects)
                .chain(predecessors)
                .collect(),
            official: checked.official,
            records: records.iter().map(|record| record.id).collect(),
            sanctions: sanctions.map(|(_, sanction)| sanction.id).collect(),
        }
    }

    pub(super) fn holds(&self, row: u32) -> bool {
        let record = self.record_at(row);
        record.is_some_and(|record| self.status_of(&record.fact.fact) == CreditRecordStatus::Active)
    }

    fn holding_records(&self, subject: i64) -> Vec<u32> {
        let rows = self.graph.records_of.rows(&subject).iter().copied();
        let holding = rows.filter(|row| self.holds(*row)).collect();
        self.newest(holding, usize::MAX)
    }

    /// Measures in force that restrict the subject, those that began last first. Incentives stand in no case of
    /// a record.
    fn restrictions(&self, subject: i64, restricts: &dyn Fn(&str) -> bool) -> Vec<u32> {
        let records = self.graph.records_of.rows(&subject).iter();
        let ids = records
            .filter_map(|row| self.record_at(*row))
            .map(|record| record.id);
        let cases = ids.filter_map(|id| self.case_at(self.case_of_record(id)?));
        let sanctions = cases.flat_map(|case| &case.fact.sanctions);
        let in_force =
            sanctions.filter(|sanction| self.is_in_force(sanction) && restricts(&sanction.measure));
        let mut in_force: Vec<_> = in_force.collect();
        in_force.sort_unstable_by_key(|sanction| (Reverse(sanction.starts_on), sanction.id));
        let rows = in_force.iter();
        rows.filter_map(|sanction| self.sanction_row(sanction.id))
            .collect()
    }

    /// Whether a measure runs on the day of which is told.
    pub(super) fn is_in_force(&self, sanction: &Sanction) -> bool {
        let day = self.day();
        self.sanction_status(sanction) == SanctionStatus::Active
            && sanction.starts_on.is_none_or(|on| on <= day)
            && self.sanction_ends_on(sanction).is_none_or(|on| on >= day)
    }

    /// Whether an objection to a record that a check tells waited on the day of which is told, whoever may see its case.
    pub fn is_under_objection(&self, record: &Known<Listing<CreditRecord>>) -> bool {
        let Some(day) = self.past_day() else {
            return record.fact.fact.under_objection;
        };
        let row = self.graph.case_row_of_record(record.id);
        let case = row.and_then(|row| self.any_case_at(row));
        let mut objections = case.iter().flat_map(|case| &case.fact.objections);
        objections.any(|one| one.filed_on <= day && one.decided_on.is_none_or(|on| on > day))
    }

    /// Records that hold of these bodies, the newest first.
    fn inherited(&self, predecessors: &[Inherits]) -> Vec<Inherited> {
        let mut found = all_of(predecessors, |from| self.holding_records(from));
        found.sort_by_key(|one| {
            let record = self.record_at(one.row);
            record.map(|record| (Reverse(record.fact.fact.identified_on), record.id))
        });
        found
    }

    /// Measures in force that restrict these bodies, those that began last first.
    fn inherited_sanctions(
        &self,
        predecessors: &[Inherits],
        restricts: &dyn Fn(&str) -> bool,
    ) -> Vec<Inherited> {
        let mut found = all_of(predecessors, |from| self.restrictions(from, restricts));
        found.sort_by_key(|one| {
            let sanction = self.sanction_at(one.row);
            sanction.map(|(_, sanction)| (Reverse(sanction.starts_on), sanction.id))
        });
        found
    }

    /// Bodies from which this one came by the day of which is told, each with the event by which it did, the nearest
    /// first.
    pub(super) fn inherits_from(&self, subject: i64) -> Origins {
        let mut found: Vec<Inherits> = Vec::new();
        let (mut is_cut, mut is_untold) = (false, false);
        let mut seen = vec![subject];
        let mut open = VecDeque::from([subject]);
        while let Some(body) = open.pop_front() {
            let events = self
                .agency_row(body)
                .map(|row| self.successions(row, false));
            // What is announced for a later day has not come to it yet.
            let events = events.into_iter().flatten();
            let begun = events.filter(|event| event.fact.effective_on <= self.day());
            for event in begun {
                let (mut ends, _) = self.ends_of(&event.fact);
                if ends.len() > 1 {
                    ends.retain(|id| *id != body);
                }
                is_untold |= ends.len() > 1;
                let from = ends.first().copied().filter(|_| ends.len() == 1);
                let same =
                    |known: &&mut Inherits| known.through == body && Some(known.from) == from;
                if let Some(known) = found.iter_mut().find(same) {
                    known.also.push(event);
                    continue;
                }
                let Some(from) = from.filter(|from| !seen.contains(from)) else {
                    continue;
                };
                if seen.len() > PREDECESSORS_MAX {
                    is_cut = true;
                    continue;
                }
                seen.push(from);
                open.push_back(from);
                found.push(Inherits {
                    from,
                    through: body,
                    event,
                    also: Vec::new(),
                });
            }
        }
        Origins {
            predecessors: found,
            is_cut,
            is_untold,
        }
    }
}

/// What these bodies have, each with the event by which it comes.
fn all_of(predecessors: &[Inherits], rows: impl Fn(i64) -> Vec<u32>) -> Vec<Inherited> {
    let of = |one: &Inherits| {
        let (from, event) = (one.from, Arc::clone(&one.event));
        let rows = rows(from).into_iter();
        rows.map(move |row| Inherited {
            from,
            row,
            event: Arc::clone(&event),
        })
    };
    predecessors.iter().flat_map(of).collect()
}

impl Checked {
    fn standing(&self) -> Standing {
        let inherited = self.of.inherited + self.of.inherited_sanctions;
        match (self.of.sanctions, self.of.records, inherited) {
            (1.., ..) => Standing::Sanctioned,
            (_, 1.., _) => Standing::Listed,
            (.., 1..) => Standing::Inherited,
            // Where not all predecessors were looked at nobody can be said to have nothing.
            _ if self.is_cut || self.is_untold => Standing::Inherited,
            _ => Standing::Nothing,
        }
    }
}
