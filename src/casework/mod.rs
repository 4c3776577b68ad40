//! Casework: finding the case, who acts and what he may, taking the step, and what time does.

mod competent;
mod confirming;
mod diff;
mod finding;
mod knowing;
mod leading;
mod prewarning;
#[cfg(test)]
mod properties;
mod reminding;
mod turn;
mod unattended;
mod zero;

use std::{collections::BTreeSet, sync::Arc};

use domain::{
    casework::{Act, Clerk, Command, Deed, Party, Refused, Regarding, Rules, Workflow},
    id::{Kind, derived_id},
    viewer::Role,
};

use crate::{
    catalogue::Catalogue,
    clock::Clock,
    graph::{Graph, Live, View},
    store::{self, CaseStep, Store, Written},
};

use confirming::{case_before, record};
use finding::Found;

pub use diff::{Moved, would_move};
pub use turn::Turned;
pub use zero::ZeroReportDue;

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
    /// The body of a record or a warning that gives occasion to a new case about it, likewise.
    BodyOf { occasion: Regarding, key: String },
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

impl Casework {
    /// Carries a command out, for who may and where the workflow allows it.
    pub async fn act(&self, view: &View, asked: Asked) -> Result<Outcome, store::Error> {
        self.live.catch_up().await?;
        let view = view.of(self.live.now());
        let graph = Arc::clone(view.present());
        let Some(mut found) = self.find(&view, &asked) else {
            let no_track = self.no_track(&asked.command.deed);
            let refused = no_track.or_else(|| {
                let message = "监督事项向单位提出 / it is bodies that are asked";
                is_about_official(&view, &asked.target).then(|| refusal("OTHER_SUBJECT", message))
            });
            return Ok(refused.map_or(Outcome::Gone, Outcome::Refused));
        };
        let begins = matches!(asked.target, Target::Agency { .. } | Target::BodyOf { .. });
        if !begins && found.version != asked.version {
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
        facts.case = id;
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
            Deed::Plain(Act::Begin) => {
                let none = || {
                    refusal(
                        "TOO_EARLY",
                        "措施未到起始日 / no measure's first day has come",
                    )
                };
                rules.begun(&case, &facts, clerk).ok_or_else(none)
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

    /// Why nothing begins where a track is named that no case begins by.
    fn no_track(&self, deed: &Deed) -> Option<Refused> {
        let (act, track) = (deed.act(), deed.track()?);
        let tracks = self.catalogue.casework.workflows.iter();
        let tracks = tracks.filter(|known| known.opens_with(act, Some(&known.key)));
        let known: BTreeSet<&str> = tracks.map(|known| known.key.as_str()).collect();
        let named: Vec<&str> = known.iter().copied().collect();
        let named = named.join("、");
        let message =
            format!("没有这类监督事项，可为：{named} / there is no such kind of matter: {named}");
        (!known.contains(track)).then(|| refusal("NO_TRACK", &message))
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

    /// As what the viewer may act in a case that he sees.
    fn clerk(&self, view: &View, graph: &Graph, found: &Found, deed: &Deed) -> Clerk {
        let viewer = view.viewer();
        let body = viewer.agency.and_then(|code| graph.agency_by_code(&code));
        let is_unknown = viewer.agency.is_some() && body.is_none();
        let subjects = graph.subjects_of(&found.case);
        let is_concerned = body.is_some_and(|body| subjects.contains(&body.id));
        let areas = &viewer.divisions;
        let parties = match viewer.role {
            Role::Agency if is_concerned => vec![Party::Concerned],
            // Nobody decides about himself, and who names a body that nobody knows is nobody.
            _ if is_concerned => Vec::new(),
            Role::Authority if is_unknown => Vec::new(),
            Role::Government | Role::Authority
                if self.is_own_government(graph, areas, &subjects) =>
            {
                Vec::new()
            }
            Role::Authority => self.authority(graph, found, body.map(|body| &**body), areas, deed),
            Role::Government => vec![Party::Government],
            Role::Congress => vec![Party::Congress],
            Role::Court => vec![Party::Court],
            _ => Vec::new(),
        };
        let body = body.map(|body| body.id);
        Clerk {
            subject: viewer.subject.clone(),
            parties,
            body,
            areas: areas.clone(),
            at: self.clock.now(),
            on: self.clock.today(),
        }
    }
}

/// Whether the body of a record is meant that has none, and which the viewer sees.
fn is_about_official(view: &View, target: &Target) -> bool {
    let Target::BodyOf {
        occasion: Regarding::Record(record),
        ..
    } = target
    else {
        return false;
    };
    let record = view.record_row(*record).and_then(|row| view.record_at(row));
    record.is_some_and(|record| record.fact.fact.subject.official().is_some())
}

fn refusal(code: &'static str, message: &str) -> Refused {
    Refused {
        code,
        message: message.to_owned(),
        basis: None,
    }
}
