//! Who is competent for a case: 谁行为，谁负责, by division, list and body.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use domain::{
    agency::Agency,
    assess::{Warned, Warning},
    casework::{Act, Clerk, Command, Deed, Party, Refused},
    division::DivisionCode,
    uscc::Uscc,
    viewer::Viewer,
};

use super::{Casework, Found};
use crate::{catalogue::SUPERIOR, graph::Graph, store::Known};

/// The key under which `competence.toml` has the courts.
const COURT: &str = "court";
/// The key under which it has the governments.
const GOVERNMENT: &str = "government";
/// Bodies that are told as competent for one case.
pub const COMPETENT_MAX: usize = 64;
/// Superiors above a body that are looked at; a register may lead round in a circle.
const SUPERIORS_MAX: usize = 16;

/// Whether a body is somewhere above another by the register.
fn is_above(graph: &Graph, upper: &Agency, lower: &Agency) -> bool {
    let superior = |body: &Agency| {
        let above = body.superior.and_then(|code| graph.agency_by_code(&code));
        above.map(|above| &above.fact)
    };
    let above = std::iter::successors(superior(lower), |body| superior(body));
    let mut above = above.take(SUPERIORS_MAX);
    above.any(|body| body.uscc == upper.uscc)
}

impl Casework {
    /// Whether the body that a command hands a case to, or that acts, is competent.
    pub(super) fn is_competent(
        &self,
        graph: &Graph,
        found: &Found,
        command: &Command,
        clerk: &Clerk,
    ) -> Result<(), Refused> {
        match &command.deed {
            Deed::Transfer { to } => {
                let subjects = graph.subjects_of(&found.case);
                let is_fit = graph.agency(*to).is_some_and(|to| {
                    let mut subjects = subjects.iter().filter_map(|id| graph.agency(*id));
                    subjects.clone().next().is_none()
                        || subjects.any(|subject| self.may_verify(graph, &subject.fact, &to.fact))
                });
                let own = subjects.contains(to);
                if !is_fit || own {
                    return Err(Refused {
                        code: "NOT_COMPETENT",
                        message: "须转交被反映单位的上级或主管部门，或清单所列的同级、上级部门 / \
                                  a case goes to the superior or competent department of whom it is about"
                            .to_owned(),
                        basis: Some("发改财金〔2023〕1103号".to_owned()),
                    });
                }
                Ok(())
            }
            Deed::AskRectification { owner, .. } => {
                if graph.subjects_of(&found.case).contains(owner) {
                    return Ok(());
                }
                Err(Refused {
                    code: "OWNER_NOT_CONCERNED",
                    message:
                        "整改由被反映单位承担 / rectification is owed by whom the case is about"
                            .to_owned(),
                    basis: None,
                })
            }
            Deed::Sanction {
                act: Act::ImposeSanction | Act::GrantIncentive,
                measure,
                starts_on,
                ..
            } => {
                let on = starts_on.unwrap_or(clerk.on);
                self.imposes(graph, found, (measure, on), clerk)
            }
            Deed::SanctionMove { sanction, .. } => {
                let mut sanctions = found.case.sanctions.iter();
                let sanction = sanctions.find(|known| known.id == *sanction);
                sanction.map_or(Ok(()), |known| {
                    let on = known.measured_on();
                    let place = found.facts.place;
                    let is_listed = self.catalogue.measure(&known.measure, on, place).is_some();
                    // What the list has no longer is left to who imposed it.
                    if !is_listed && clerk.body.is_some() && known.imposed_by != clerk.body {
                        let message = "由实施单位办理 / it is for the body that imposed it";
                        return Err(super::refusal("WRONG_BODY", message));
                    }
                    self.imposes(graph, found, (&known.measure, on), clerk)
                })
            }
            _ => Ok(()),
        }
    }

    /// Whether who acts is the body that the list names for a measure.
    fn imposes(
        &self,
        graph: &Graph,
        found: &Found,
        (code, on): (&str, NaiveDate),
        clerk: &Clerk,
    ) -> Result<(), Refused> {
        let Some(measure) = self.catalogue.measure(code, on, found.facts.place) else {
            return Ok(());
        };
        let is_court = clerk.parties.contains(&Party::Court);
        let body = clerk.body.and_then(|id| graph.agency(id));
        let by = &measure.imposed_by;
        let may = match body {
            Some(body) => self.is_of(&body.fact, by),
            // Who names no body acts for the court, or the authorities, of his area as a whole.
            None if is_court => by == COURT,
            None => by != COURT && self.has_own(graph, &clerk.areas, found.facts.place, by),
        };
        if may {
            return Ok(());
        }
        let kind = self.catalogue.casework.competence.body(&measure.imposed_by);
        let title = kind.map_or(measure.imposed_by.as_str(), |kind| &kind.title);
        Err(Refused {
            code: "WRONG_BODY",
            message: format!(
                "{code} 由{title}实施 / {code} is imposed by {title}",
                code = measure.code
            ),
            basis: Some(measure.legal_basis.clone()),
        })
    }

    /// Whether the body of a kind that is responsible in a place stands at the level for which somebody acts. Where
    /// the register knows none from the place upward, nobody else could act.
    fn has_own(
        &self,
        graph: &Graph,
        areas: &[DivisionCode],
        place: Option<DivisionCode>,
        key: &str,
    ) -> bool {
        let Some(place) = place else { return true };
        let tree = &self.catalogue.divisions;
        let has = |place| {
            graph
                .bodies_in(place)
                .any(|body| self.is_there(&body.fact, key))
        };
        let mut own = areas.iter().filter(|area| tree.contains(**area, place));
        own.any(|area| has(*area)) || !tree.ancestors(place).any(|above| has(above.code))
    }

    /// As what an authority acts: for its area as a whole where it names no body, of what a body beyond that area
    /// has in hand for measures alone; else as the body that has the case in hand, that determined the record, that leads
    /// (信用牵头部门), or that imposes.
    pub(super) fn authority(
        &self,
        graph: &Graph,
        found: &Found,
        body: Option<&Known<Agency>>,
        areas: &[DivisionCode],
        deed: &Deed,
    ) -> Vec<Party> {
        let is_of_measures = matches!(deed, Deed::Sanction { .. } | Deed::SanctionMove { .. });
        let Some(body) = body else {
            let tree = &self.catalogue.divisions;
            let handler = found.case.handler.and_then(|id| graph.agency(id));
            let is_beyond = handler.is_some_and(|handler| {
                let mut areas = areas.iter();
                !areas.any(|area| tree.contains(*area, handler.fact.division))
            });
            return match (is_beyond, is_of_measures) {
                (false, _) => vec![Party::Handler, Party::Authority],
                (true, true) => vec![Party::Authority],
                (true, false) => Vec::new(),
            };
        };
        let is_lead = self.is_of(&body.fact, &self.catalogue.casework.competence.lead);
        let record = found.case.about.record.and_then(|id| graph.record(id));
        let determined = record.is_some_and(|record| {
            let by = &record.fact.fact.identified_by;
            *by == body.fact.name
        });
        let in_hand = match found.case.handler {
            Some(handler) => handler == body.id,
            None => is_lead || determined,
        };
        [
            (in_hand, Party::Handler),
            (is_lead || is_of_measures, Party::Authority),
        ]
        .into_iter()
        .filter_map(|(is_so, party)| is_so.then_some(party))
        .collect()
    }

    /// Whether a case is about the very government of a division for which somebody acts, and he for none above it.
    pub(super) fn is_own_government(
        &self,
        graph: &Graph,
        areas: &[DivisionCode],
        subjects: &[i64],
    ) -> bool {
        let tree = &self.catalogue.divisions;
        let mut subjects = subjects.iter().filter_map(|id| graph.agency(*id));
        subjects.any(|subject| {
            let place = subject.fact.division;
            let is_above = |area: &DivisionCode| *area != place && tree.contains(*area, place);
            let is_own = areas.contains(&place) && !areas.iter().any(is_above);
            is_own && self.is_of(&subject.fact, GOVERNMENT)
        })
    }

    /// Whether somebody would decide about himself: about the body that his token names or one above it, about the very
    /// government of the division for which he acts, or as a body that nobody knows.
    pub fn decides_about_himself(&self, graph: &Graph, viewer: &Viewer, subject: &Uscc) -> bool {
        let about = graph.agency_by_code(subject);
        let is_his = viewer.agency.is_some_and(|code| {
            let own = graph.agency_by_code(&code);
            let is_above = |own: &Known<Agency>| {
                about.is_some_and(|about| is_above(graph, &about.fact, &own.fact))
            };
            code == *subject || own.is_none_or(|own| is_above(own))
        });
        let is_government =
            |id| self.is_own_government(graph, &viewer.divisions, std::slice::from_ref(&id));
        is_his || about.is_some_and(|about| is_government(about.id))
    }

    /// Whether a body may verify what is alleged of another: its superior, its competent departments, and
    /// departments of the list in its division or above, unless it is above them itself.
    fn may_verify(&self, graph: &Graph, subject: &Agency, to: &Agency) -> bool {
        if is_above(graph, subject, to) {
            return false;
        }
        let is_above = subject.superior == Some(to.uscc) || subject.competent.contains(&to.uscc);
        let tree = &self.catalogue.divisions;
        let is_near = tree.contains(to.division, subject.division);
        let bodies = self.catalogue.casework.competence.bodies();
        is_above || is_near && bodies.iter().any(|body| self.is_of(to, &body.key))
    }

    /// Whether a body is of a kind that `competence.toml` names.
    pub(super) fn is_of(&self, agency: &Agency, key: &str) -> bool {
        let kind = self.catalogue.casework.competence.body(key);
        kind.is_some_and(|kind| {
            let mut names = kind.names.iter();
            names.any(|name| agency.name.ends_with(name.as_str()))
        })
    }

    /// Who is warned, as the red line says: each once, the body itself first, then its superiors as far up as the
    /// warning went, then who is competent for the records behind it and who has the cases behind it in hand; nobody by a line that is no longer drawn.
    pub fn warned(&self, graph: &Graph, warning: &Warning) -> Vec<i64> {
        let assess = &self.catalogue.assess;
        let line = assess.red_line(&warning.red_line, warning.since);
        let body = graph.agency(warning.agency);
        let Some((line, body)) = line.zip(body) else {
            return Vec::new();
        };
        let warns = |who| line.warns.contains(&who);
        let mut found: Vec<i64> = Vec::new();
        let mut add = |id: i64| {
            if !found.contains(&id) && found.len() < COMPETENT_MAX {
                found.push(id);
            }
        };
        if warns(Warned::SelfBody) {
            add(body.id);
        }
        let steps = u32::from(warns(Warned::Superior)) + warning.escalations;
        let mut above = Some(body);
        for _ in 0..steps {
            let superior = above.and_then(|body| body.fact.superior);
            above = superior.and_then(|code| graph.agency_by_code(&code));
            above.into_iter().for_each(|body| add(body.id));
        }
        if warns(Warned::Competent) {
            let records = warning.records.iter().filter_map(|id| graph.record(*id));
            let items: BTreeSet<(&str, NaiveDate)> = records
                .map(|record| {
                    let fact = &record.fact.fact;
                    (fact.catalogue_item.as_str(), fact.identified_on)
                })
                .collect();
            let departments = body.fact.competent.iter();
            let departments = departments.filter_map(|code| graph.agency_by_code(code));
            departments.for_each(|body| add(body.id));
            for item in items {
                let competent = self.competent(graph, &body.fact, Some(item));
                competent.into_iter().for_each(&mut add);
            }
        }
        if warns(Warned::Handler) {
            warning.handlers.iter().for_each(|id| add(*id));
        }
        found
    }

    /// The bodies that are competent for an item of a day of determination and a body that it is about, the nearest
    /// first.
    pub fn competent(
        &self,
        graph: &Graph,
        subject: &Agency,
        item: Option<(&str, NaiveDate)>,
    ) -> Vec<i64> {
        let item = item.and_then(|(code, on)| self.catalogue.lists.item(code, on));
        let key = item.and_then(|item| item.responsible.as_deref());
        let key = key.unwrap_or(SUPERIOR);
        let mut found: Vec<i64> = Vec::new();
        let mut add = |agency: &Known<Agency>| {
            if agency.fact.uscc != subject.uscc && !found.contains(&agency.id) {
                found.push(agency.id);
            }
        };
        if key == SUPERIOR {
            let codes = subject.superior.iter().chain(&subject.competent);
            codes
                .filter_map(|code| graph.agency_by_code(code))
                .for_each(|agency| add(agency));
            return found;
        }
        let tree = &self.catalogue.divisions;
        let above = tree
            .ancestors(subject.division)
            .map(|division| division.code);
        for place in std::iter::once(subject.division).chain(above) {
            let here = graph
                .bodies_in(place)
                .filter(|agency| self.is_of(&agency.fact, key));
            here.take(COMPETENT_MAX).for_each(|agency| add(agency));
        }
        found.truncate(COMPETENT_MAX);
        found
    }
}
