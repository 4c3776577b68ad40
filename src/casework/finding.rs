//! The case that a command is about, or one that begins with it.

use domain::{
    casework::{About, Act, Case, Facts, Regarding, Told, Workflow},
    credit_record::CreditRecord,
    division::DivisionCode,
    id::{Kind, derived_id},
};

use super::{Asked, Casework, Target};
use crate::graph::{Graph, View};

/// A case as a command finds it.
pub(super) struct Found {
    pub(super) id: i64,
    pub(super) case: Case,
    pub(super) facts: Facts,
    /// The version of what the command is about.
    pub(super) version: i64,
    pub(super) workflow: Workflow,
}

impl Casework {
    /// The case that a command is about, or one that begins with it; none of what the viewer may not
    /// see.
    pub(super) fn find(&self, view: &View, asked: &Asked) -> Option<Found> {
        match &asked.target {
            Target::Case(id) => {
                let known = view.case_at(view.case_row(*id)?)?;
                self.standing(view.present(), *id, i64::from(known.fact.events))
            }
            Target::Clue(id) => {
                let clue = view.clue_at(view.clue_row(*id)?)?;
                let known = view.present().case_of_clue(*id);
                let standing =
                    known.and_then(|case| self.standing(view.present(), case.id, clue.version));
                standing.or_else(|| self.of_clue(view.present(), *id))
            }
            Target::Record(id) => {
                let record = view.record_at(view.record_row(*id)?)?;
                let known = view.present().case_of_record(*id);
                let standing =
                    known.and_then(|case| self.standing(view.present(), case.id, record.version));
                let led = || self.of_lead(view.present(), *id);
                standing
                    .or_else(led)
                    .or_else(|| self.of_record(view.present(), *id))
            }
            Target::Agency { id, key } => {
                view.agency_row(*id)?;
                let about = About {
                    agency: Some(*id),
                    ..About::default()
                };
                self.beginning(view, about, *id, key, asked)
            }
            Target::BodyOf { occasion, key } => {
                let agency = match occasion {
                    Regarding::Record(id) => {
                        let known = view.record_at(view.record_row(*id)?)?;
                        known.fact.fact.subject.agency()?
                    }
                    Regarding::Warning(id) => view.warning_at(view.warning_row(*id)?)?.fact.agency,
                };
                let about = About {
                    agency: Some(agency),
                    regarding: Some(*occasion),
                    ..About::default()
                };
                self.beginning(view, about, occasion.id(), key, asked)
            }
        }
    }

    /// A case that begins with a command about a body, or has begun with this very one.
    fn beginning(
        &self,
        view: &View,
        about: About,
        of: i64,
        key: &str,
        asked: &Asked,
    ) -> Option<Found> {
        let (act, track) = (asked.command.deed.act(), asked.command.deed.track());
        let today = self.clock.today();
        // Others' keys are theirs, and so are those of the same caller in another place.
        let key = format!("{act} {today} {} {key}", view.viewer().client());
        let case = derived_id(Kind::Case, of, &key);
        let standing = self.standing(view.present(), case, 0);
        standing.or_else(|| self.of_agency(view.present(), case, about, (act, track)))
    }

    /// A case that has begun.
    pub(super) fn standing(&self, graph: &Graph, id: i64, version: i64) -> Option<Found> {
        let known = graph.case(id)?;
        let case = known.fact.clone();
        let facts = self.facts(graph, &case);
        let casework = &self.catalogue.casework;
        let workflow = casework.workflow(&case.workflow, &case.workflow_version)?;
        Some(Found {
            id,
            facts,
            version,
            workflow: workflow.clone(),
            case,
        })
    }

    /// The case that begins with a lead.
    pub(super) fn of_clue(&self, graph: &Graph, clue: i64) -> Option<Found> {
        let known = graph.clue(clue)?;
        let id = fresh(graph, clue, &known.fact.fact.agency_ids);
        let case = about(About {
            clue: Some(clue),
            ..About::default()
        });
        let mut facts = self.facts(graph, &case);
        let channel = known.fact.fact.channel.as_str();
        let workflow = self.workflow_for(facts.place, |workflow| workflow.begins_with(channel))?;
        let stage = known.fact.fact.stage.as_str();
        facts.stage = workflow.stage(stage).map(|stage| stage.code.clone());
        Some(Found {
            id,
            case,
            facts,
            version: known.version,
            workflow: workflow.clone(),
        })
    }

    /// The case that begins with a record that its source told.
    pub(super) fn of_record(&self, graph: &Graph, record: i64) -> Option<Found> {
        let known = graph.record(record)?;
        let fact = &known.fact.fact;
        let id = fresh(graph, record, fact.subject.agency().as_slice());
        // What its source says of the same row before it was established is its lead.
        let lead = derived_id(Kind::Clue, known.row_id, "");
        let lead = graph.clue(lead).map(|clue| clue.id);
        let case = about(About {
            clue: lead.filter(|lead| graph.case_of_clue(*lead).is_none()),
            record: Some(record),
            ..About::default()
        });
        let mut facts = self.facts(graph, &case);
        let is_its = |workflow: &Workflow| workflow.kinds.contains(&fact.kind);
        let workflow = self.workflow_for(facts.place, is_its)?;
        facts.stage = workflow.record_stage.clone();
        facts.told = Some(told(record, fact));
        Some(Found {
            id,
            case,
            facts,
            version: known.version,
            workflow: workflow.clone(),
        })
    }

    /// The case of the lead that a record's source tells in the same row: it goes on with the record.
    pub(super) fn of_lead(&self, graph: &Graph, record: i64) -> Option<Found> {
        let known = graph.record(record)?;
        let fact = &known.fact.fact;
        let lead = graph.case_of_clue(derived_id(Kind::Clue, known.row_id, ""))?;
        let mut found = self.standing(graph, lead.id, known.version)?;
        let takes = found.case.record.is_none() && found.workflow.kinds.contains(&fact.kind);
        let stage = found.workflow.record_stage.clone().filter(|_| takes)?;
        let case = about(About {
            record: Some(record),
            ..found.case.about
        });
        found.facts = self.facts(graph, &case);
        found.facts.stage = Some(stage);
        found.facts.told = Some(told(record, fact));
        Some(found)
    }

    fn of_agency(
        &self,
        graph: &Graph,
        id: i64,
        of: About,
        (act, track): (Act, Option<&str>),
    ) -> Option<Found> {
        let case = about(of);
        let facts = self.facts(graph, &case);
        let workflow =
            self.workflow_for(facts.place, |workflow| workflow.opens_with(act, track))?;
        Some(Found {
            id,
            case,
            facts,
            version: 0,
            workflow: workflow.clone(),
        })
    }

    pub(super) fn workflow_for(
        &self,
        place: Option<DivisionCode>,
        is_meant: impl Fn(&Workflow) -> bool,
    ) -> Option<&Workflow> {
        let (casework, tree) = (&self.catalogue.casework, &self.catalogue.divisions);
        casework.workflow_for(is_meant, self.clock.today(), place, tree)
    }
}

/// The number of a case that begins about a lead or a record. A case is for one body: where what it is about was another's
/// before, that one's case stays its own.
fn fresh(graph: &Graph, about: i64, bodies: &[i64]) -> i64 {
    let first = derived_id(Kind::Case, about, "");
    match graph.case(first) {
        Some(_) => derived_id(Kind::Case, about, &format!("{bodies:?}")),
        None => first,
    }
}

/// What its source told of a record.
fn told(record: i64, fact: &CreditRecord) -> Told {
    Told {
        record,
        kind: fact.kind,
        tier: fact.tier,
        identified_on: fact.identified_on,
    }
}

/// A case that is about to begin.
pub(super) fn about(about: About) -> Case {
    Case {
        about,
        ..Case::default()
    }
}
