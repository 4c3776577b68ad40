//! Casework: finding the case, who acts and what he may, taking the step, and what time does.

mod competent;
mod diff;
#[cfg(test)]
mod properties;
mod turn;

use std::sync::Arc;

use chrono::NaiveDate;
use domain::{
    casework::{
        About, Act, Case, Clerk, Command, Confirmation, Deed, Event, Facts, Item, Party, Refused,
        Rules, Told, What, Workflow,
    },
    credit_record::{CreditRecord, CreditRecordStatus, RecordSubject},
    division::DivisionCode,
    id::{Kind, derived_id},
    viewer::Role,
};

use crate::{
    catalogue::Catalogue,
    clock::Clock,
    graph::{Graph, Live, View},
    store::{self, CaseStep, Store, Written},
};

pub use diff::{Moved, would_move};

/// What a command is about, by stable numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A lead, whose case begins with the first command about it.
    Clue(i64),
    /// A record, likewise.
    Record(i64),
    /// A case.
    Case(i64),
    /// A body that a new case is about; the key tells this case from its others.
    Agency { id: i64, key: String },
}

/// A command with what it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// What it is about.
    pub target: Target,
    /// The version of it that was seen.
    pub version: i64,
    /// What is to be done.
    pub command: Command,
    /// Of a confirmation: who is named as having determined it.
    pub identified_by: Option<String>,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It is done, in the case with this number.
    Done(i64),
    /// It is not done, and why.
    Refused(Refused),
    /// What it is about is another version by now.
    Changed { current: i64 },
    /// There is no such thing.
    Gone,
}

/// What carries casework out.
#[derive(Clone)]
pub struct Casework {
    pub store: Store,
    pub live: Arc<Live>,
    pub catalogue: Arc<Catalogue>,
    pub clock: Clock,
}

/// A case as a command finds it.
struct Found {
    id: i64,
    case: Case,
    facts: Facts,
    /// The version of what the command is about.
    version: i64,
    workflow: Workflow,
}

impl Casework {
    /// Carries a command out, for who may and where the workflow allows it.
    pub async fn act(&self, view: &View, asked: Asked) -> Result<Outcome, store::Error> {
        self.live.catch_up().await?;
        let view = view.of(self.live.now());
        let graph = Arc::clone(view.present());
        let Some(mut found) = self.find(&view, &asked) else {
            return Ok(Outcome::Gone);
        };
        if !matches!(asked.target, Target::Agency { .. }) && found.version != asked.version {
            let current = found.version;
            return Ok(Outcome::Changed { current });
        }
        self.learn_item(&mut found, &asked.command);
        let clerk = self.clerk(&view, &graph, &found, &asked.command.deed);
        if let Err(refused) = self.is_competent(&graph, &found, &asked.command, &clerk) {
            return Ok(Outcome::Refused(refused));
        }
        self.take(&graph, found, asked, &clerk).await
    }

    async fn take(
        &self,
        graph: &Graph,
        found: Found,
        asked: Asked,
        clerk: &Clerk,
    ) -> Result<Outcome, store::Error> {
        let Found {
            id,
            mut case,
            mut facts,
            workflow,
            ..
        } = found;
        let mut command = asked.command;
        if let Deed::Confirm(confirmation) = &mut command.deed {
            confirmation.record = derived_id(Kind::CreditRecord, id, "");
        }
        let rules = self.rules(&workflow);
        let step = match command.deed {
            Deed::Plain(Act::Recount) => {
                let same = || refusal("UNCHANGED", "期限未变 / the day is the same");
                rules.recount(&case, &facts, clerk).ok_or_else(same)
            }
            _ => rules.step(&case, &facts, &command, clerk),
        };
        let event = match step {
            Ok(event) => event,
            Err(refused) => return Ok(Outcome::Refused(refused)),
        };
        case.apply(&event);
        let record = match &command.deed {
            Deed::Confirm(confirmation) => {
                let by = asked.identified_by.or_else(|| {
                    let body = case.handler.and_then(|handler| graph.agency(handler));
                    body.map(|body| body.fact.name.clone())
                });
                let subjects = graph.subjects_of(&case_before(&case));
                match record(
                    &case,
                    &event,
                    confirmation,
                    &subjects,
                    by,
                    facts.item.take(),
                ) {
                    Ok(record) => Some(record),
                    Err(refused) => return Ok(Outcome::Refused(refused)),
                }
            }
            _ => None,
        };
        let is_by_time = clerk.parties == [Party::Clock];
        let step = CaseStep {
            id,
            case,
            event,
            record,
            is_by_time,
        };
        match self.store.write_step(step, self.clock.now()).await? {
            // A turn of many catches up once, at its end.
            Written::Done if is_by_time => Ok(Outcome::Done(id)),
            Written::Done => {
                self.live.wake();
                self.live.catch_up().await?;
                Ok(Outcome::Done(id))
            }
            Written::Changed { current } => Ok(Outcome::Changed { current }),
            Written::Busy => Ok(Outcome::Refused(refusal(
                "SOURCE_BUSY",
                "该数据源正在接入，请稍后再试 / the source is being brought in at the moment; ask again",
            ))),
        }
    }

    fn rules<'a>(&'a self, workflow: &'a Workflow) -> Rules<'a> {
        let casework = &self.catalogue.casework;
        Rules {
            workflow,
            calendar: &self.catalogue.calendar,
            divisions: &self.catalogue.divisions,
            deadlines: &casework.deadlines,
            publicity: &casework.publicity,
            measures: &casework.measures,
        }
    }

    /// The case that a command is about, or one that begins with it; none of what the viewer may not
    /// see.
    fn find(&self, view: &View, asked: &Asked) -> Option<Found> {
        match &asked.target {
            Target::Case(id) => {
                let known = view.case_at(view.case_row(*id)?)?;
                self.standing(view.present(), *id, i64::from(known.fact.events))
            }
            Target::Clue(id) => {
                let clue = view.clue_at(view.clue_row(*id)?)?;
                let case = derived_id(Kind::Case, *id, "");
                let standing = self.standing(view.present(), case, clue.version);
                standing.or_else(|| self.of_clue(view.present(), case, *id))
            }
            Target::Record(id) => {
                let record = view.record_at(view.record_row(*id)?)?;
                let known = view.present().case_of_record(*id);
                let case = known.map_or_else(|| derived_id(Kind::Case, *id, ""), |case| case.id);
                let standing = self.standing(view.present(), case, record.version);
                standing.or_else(|| self.of_record(view.present(), case, *id))
            }
            Target::Agency { id, key } => {
                view.agency_row(*id)?;
                // Others' keys are theirs.
                let act = asked.command.deed.act();
                let today = self.clock.today();
                let key = format!("{act} {today} {} {key}", view.viewer().caller());
                let case = derived_id(Kind::Case, *id, &key);
                let standing = self.standing(view.present(), case, 0);
                let act = asked.command.deed.act();
                standing.or_else(|| {
                    self.of_agency(view.present(), case, *id, |workflow| {
                        workflow.steps_of(act).any(|step| step.from.is_empty())
                    })
                })
            }
        }
    }

    /// A case that has begun.
    fn standing(&self, graph: &Graph, id: i64, version: i64) -> Option<Found> {
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

    fn of_clue(&self, graph: &Graph, id: i64, clue: i64) -> Option<Found> {
        let known = graph.clue(clue)?;
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

    fn of_record(&self, graph: &Graph, id: i64, record: i64) -> Option<Found> {
        let known = graph.record(record)?;
        let fact = &known.fact.fact;
        let case = about(About {
            record: Some(record),
            ..About::default()
        });
        let mut facts = self.facts(graph, &case);
        let is_its = |workflow: &Workflow| workflow.kinds.contains(&fact.kind);
        let workflow = self.workflow_for(facts.place, is_its)?;
        facts.stage = workflow.record_stage.clone();
        facts.told = Some(Told {
            record,
            kind: fact.kind,
            tier: fact.tier,
            identified_on: fact.identified_on,
        });
        facts.item = self.item(&fact.catalogue_item, fact.identified_on, None);
        Some(Found {
            id,
            case,
            facts,
            version: known.version,
            workflow: workflow.clone(),
        })
    }

    fn of_agency(
        &self,
        graph: &Graph,
        id: i64,
        agency: i64,
        is_meant: impl Fn(&Workflow) -> bool,
    ) -> Option<Found> {
        let case = about(About {
            agency: Some(agency),
            ..About::default()
        });
        let facts = self.facts(graph, &case);
        let workflow = self.workflow_for(facts.place, is_meant)?;
        Some(Found {
            id,
            case,
            facts,
            version: 0,
            workflow: workflow.clone(),
        })
    }

    fn workflow_for(
        &self,
        place: Option<DivisionCode>,
        is_meant: impl Fn(&Workflow) -> bool,
    ) -> Option<&Workflow> {
        let (casework, tree) = (&self.catalogue.casework, &self.catalogue.divisions);
        casework.workflow_for(is_meant, self.clock.today(), place, tree)
    }

    /// What is known beside a case.
    fn facts(&self, graph: &Graph, case: &Case) -> Facts {
        let bodies = graph.subjects_of(case);
        let place = bodies.iter().find_map(|id| graph.agency(*id));
        let record = case.about.record.and_then(|id| graph.record(id));
        let fact = record.map(|record| &record.fact.fact);
        // A record that is there no more was taken back.
        let status = case
            .about
            .record
            .map(|_| fact.map_or(CreditRecordStatus::Withdrawn, |fact| fact.status));
        let ended = status.filter(|status| *status != CreditRecordStatus::Active);
        Facts {
            about: case.about,
            stage: None,
            place: place.map(|agency| agency.fact.division),
            item: fact.and_then(|fact| self.item(&fact.catalogue_item, fact.identified_on, None)),
            told: None,
            record_ended: ended,
            is_official: fact.is_some_and(|fact| fact.subject.official().is_some()),
        }
    }

    fn learn_item(&self, found: &mut Found, command: &Command) {
        if let Deed::Confirm(confirmation) = &command.deed {
            let place = found.facts.place;
            found.facts.item = self.item(&confirmation.item, confirmation.identified_on, place);
        }
    }

    /// An entry of the list; of a local one only in its place, where one is said.
    fn item(&self, code: &str, on: NaiveDate, place: Option<DivisionCode>) -> Option<Item> {
        let item = self.catalogue.lists.item(code)?;
        let tree = &self.catalogue.divisions;
        let is_there = match (item.division, place) {
            (Some(within), Some(place)) => tree.contains(within, place),
            _ => true,
        };
        Some(Item {
            code: item.code.clone(),
            kind: item.kind?,
            tier: item.tier,
            measures: item.measures.clone(),
            is_public: item.published,
            is_in_force: is_there && item.is_in_force(on),
        })
    }

    /// As what the viewer may act in a case that he sees.
    fn clerk(&self, view: &View, graph: &Graph, found: &Found, deed: &Deed) -> Clerk {
        let viewer = view.viewer();
        let body = viewer.agency.and_then(|code| graph.agency_by_code(&code));
        let is_unknown = viewer.agency.is_some() && body.is_none();
        let is_concerned =
            body.is_some_and(|body| graph.subjects_of(&found.case).contains(&body.id));
        let parties = match viewer.role {
            // Nobody decides about himself, and who names a body that nobody knows is nobody.
            Role::Authority if is_concerned || is_unknown => Vec::new(),
            Role::Authority => self.authority(graph, found, body.map(|body| &**body), deed),
            Role::Government => vec![Party::Government],
            Role::Congress => vec![Party::Congress],
            Role::Court => vec![Party::Court],
            Role::Agency if is_concerned => vec![Party::Concerned],
            _ => Vec::new(),
        };
        let body = body.map(|body| body.id);
        Clerk {
            subject: viewer.subject.clone(),
            parties,
            body,
            at: self.clock.now(),
            on: self.clock.today(),
        }
    }
}

fn refusal(code: &'static str, message: &str) -> Refused {
    Refused {
        code,
        message: message.to_owned(),
        basis: None,
    }
}

/// A case that is about to begin.
fn about(about: About) -> Case {
    Case {
        about,
        ..Case::default()
    }
}

/// The case without the record that has no row yet: whom it is about, its lead says.
fn case_before(case: &Case) -> Case {
    about(About {
        record: None,
        ..case.about
    })
}

/// The record that a confirmation makes.
fn record(
    case: &Case,
    event: &Event,
    confirmation: &Confirmation,
    subjects: &[i64],
    by: Option<String>,
    item: Option<Item>,
) -> Result<CreditRecord, Refused> {
    let [subject] = subjects else {
        let message = "线索须指明一个单位 / the lead must name one body";
        return Err(refusal("NO_SUBJECT", message));
    };
    let is_recorded = |what: &What| matches!(what, What::Recorded { .. });
    debug_assert!(event.what.iter().any(is_recorded));
    let by =
        by.ok_or_else(|| refusal("NEEDS_BODY", "须写明认定部门 / who determined it is needed"))?;
    let item =
        item.ok_or_else(|| refusal("NO_ITEM", "目录清单中没有该项 / the list has no such item"))?;
    let mut record = CreditRecord {
        subject: RecordSubject::Agency(*subject),
        kind: item.kind,
        tier: None,
        status: CreditRecordStatus::Active,
        catalogue_item: item.code,
        domain: None,
        amount: confirmation.amount,
        identified_on: confirmation.identified_on,
        identified_by: by,
        case_number: None,
        ended_on: None,
        end_ground: None,
        under_objection: false,
        public_until: None,
        is_withheld: true,
    };
    case.write_record(&mut record);
    Ok(record)
}
