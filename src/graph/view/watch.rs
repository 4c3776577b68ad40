//! What becomes of watched subjects: whom a body's records concern, and what is told with an event.

use std::collections::{BTreeSet, HashMap};

use chrono::NaiveDate;
use domain::{
    change::ChangeCause,
    credit_record::CreditRecordStatus,
    watch::{WatchEvent, WatchKind},
};

use crate::store::{Entry, RecordStanding, WatchMoves, Watched};

use super::{Findings, View};

/// Whom what becomes of a body concerns: itself where it is watched, and the watched bodies that inherit from it.
#[derive(Debug, Clone, Default)]
pub struct Concern {
    /// By body the subjects, each with the number of the change log after which it concerns him.
    of: HashMap<i64, Vec<(i64, i64)>>,
}

/// That a subject inherits from a body: through which body it came to him, and by which events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tie {
    subject: i64,
    from: i64,
    through: i64,
    /// The events' numbers, each with the day from which it holds.
    pub events: Vec<(i64, NaiveDate)>,
}

impl Concern {
    /// Of these subjects, who inherit so; a body's records are told from when on its event was known.
    pub fn of(watched: &[Watched], ties: &[Tie], known_since: &HashMap<i64, i64>) -> Self {
        let mut since: HashMap<(i64, i64), i64> = HashMap::new();
        for one in watched {
            since.insert((one.agency, one.agency), one.since);
        }
        // In the order in which they were found: what a tie goes through stands before it.
        for tie in ties {
            let known = tie.events.iter();
            let known = known.filter_map(|(event, _)| known_since.get(event));
            let own = known.min().copied().unwrap_or(i64::MAX);
            let through = since.get(&(tie.subject, tie.through)).copied();
            let through = through.unwrap_or(i64::MAX);
            since.insert((tie.subject, tie.from), own.max(through));
        }
        let mut concern = Self::default();
        for ((subject, body), since) in since {
            concern.of.entry(body).or_default().push((subject, since));
        }
        concern
    }

    /// The bodies of which something is told.
    pub fn bodies(&self) -> impl Iterator<Item = i64> {
        self.of.keys().copied()
    }

    /// Whether there is none.
    pub fn is_nobody(&self) -> bool {
        self.of.is_empty()
    }

    /// Whether this body is one of them.
    pub fn has(&self, body: &i64) -> bool {
        self.of.contains_key(body)
    }

    /// The subjects whom it concerns that the entry with this number did something to a body.
    fn subjects(&self, body: i64, seq: i64) -> impl Iterator<Item = i64> {
        let subjects = self.of.get(&body).into_iter().flatten();
        subjects.filter_map(move |(subject, since)| (seq > *since).then_some(*subject))
    }
}

/// Events by their numbers, so that they come in one order and none twice.
type Events = BTreeSet<(i64, WatchEvent)>;

impl View {
    /// From which bodies subjects inherit, as is known now.
    pub fn ties(&self, watched: &[Watched]) -> Vec<Tie> {
        let whole = self.unbounded();
        let ties = watched.iter().flat_map(|one| {
            let found = whole.inherits_from(one.agency).predecessors.into_iter();
            found.map(|inherits| {
                let events = std::iter::once(&inherits.event).chain(&inherits.also);
                Tie {
                    subject: one.agency,
                    from: inherits.from,
                    through: inherits.through,
                    events: events
                        .map(|event| (event.id, event.fact.effective_on))
                        .collect(),
                }
            })
        });
        ties.collect()
    }

    /// What some entries of the log mean for whom they concern, each with its events in the order of their numbers.
    /// `restricts` says of a measure's code whether it is one against its subject.
    pub fn watch_events<'a>(
        &self,
        moves: &'a WatchMoves,
        concern: &Concern,
        cause: impl Fn(&Entry) -> ChangeCause,
        restricts: &dyn Fn(&str) -> bool,
    ) -> Vec<(&'a Entry, Events)> {
        let whole = self.unbounded();
        let mut events: Vec<(&Entry, Events)> = Vec::new();
        let mut place = HashMap::new();
        for entry in &moves.entries {
            place.insert(entry.change(), events.len());
            events.push((entry, Events::new()));
        }
        let by_time = moves.entries.iter();
        let by_time = by_time.filter(|entry| cause(entry) == ChangeCause::Time);
        let by_time: BTreeSet<i64> = by_time.map(Entry::change).collect();
        let mut tell =
            |change: i64, kind: WatchKind, about: i64, only: Option<i64>, thing: Thing| {
                let Some((entry, events)) = place.get(&change).map(|at| &mut events[*at]) else {
                    return;
                };
                for subject in concern.subjects(about, entry.seq) {
                    if only.is_some_and(|only| only != subject) {
                        continue;
                    }
                    let event = WatchEvent {
                        kind,
                        cause: cause(entry),
                        subject,
                        about,
                        record: thing.0,
                        sanction: thing.1,
                    };
                    events.insert((event.number(entry.seq), event));
                }
            };
        // Of a record how it stood about a body before each change, and after.
        let mut stood: HashMap<(i64, i64, i64), [Option<&RecordStanding>; 2]> = HashMap::new();
        for standing in &moves.records {
            let at = |change| (change, standing.id, standing.agency_id);
            if let Some(ended) = standing.change_to {
                stood.entry(at(ended)).or_default()[0] = Some(standing);
            }
            stood.entry(at(standing.change_from)).or_default()[1] = Some(standing);
        }
        let is_active =
            |standing: &&RecordStanding| standing.status == CreditRecordStatus::Active.as_str();
        for ((change, record, body), stood) in stood {
            let [held, holds] = stood.map(|standing| standing.filter(is_active));
            let is_other = held
                .zip(holds)
                .is_none_or(|(held, holds)| !held.says_what(holds));
            let kind = WatchKind::of_record(held.is_some(), holds.is_some(), is_other);
            if let Some(kind) = kind {
                tell(change, kind, body, None, (Some(record), None));
            }
        }
        for moved in &moves.cases {
            let record = moved.after.about.record;
            let now = record.and_then(|id| whole.graph.record(id));
            let now = now.and_then(|known| known.fact.fact.subject.agency());
            // A case is for one body, whatever its record turns out to be about.
            let its = moved.after.record.as_ref().and_then(|record| record.body);
            let now = its.or(now);
            let bodies = now.map_or_else(|| moved.agencies.clone(), |agency| vec![agency]);
            let before = moved.before.iter().flat_map(|case| &case.sanctions);
            let before: HashMap<i64, _> = before.map(|one| (one.id, one)).collect();
            for sanction in &moved.after.sanctions {
                let before = before.get(&sanction.id);
                let term = |one: &domain::casework::Sanction| (one.starts_on, one.ends_on);
                // What ran is told as people lift or suspend it, though the turn had not noted it yet.
                let by_hand = sanction.moves.last();
                let by_hand = by_hand.filter(|_| !by_time.contains(&moved.change));
                let kind = WatchKind::of_measure(
                    before.map(|before| match by_hand {
                        Some(moved) => before.status_until(moved.on),
                        None => before.status_once_run(),
                    }),
                    sanction.status_once_run(),
                    before.is_some_and(|before| term(before) != term(sanction)),
                );
                let Some(kind) = kind.filter(|_| restricts(&sanction.measure)) else {
                    continue;
                };
                for body in &bodies {
                    let thing = (record, Some(sanction.id));
                    tell(moved.change, kind, *body, None, thing);
                }
            }
        }
        // What follows is told of the subject itself and of nobody who inherits from it.
        for moved in &moves.bodies {
            let (before, after) = (&moved.before, &moved.after);
            for kind in WatchKind::of_body((&before.0, before.1), (&after.0, after.1)) {
                tell(moved.change, kind, moved.id, Some(moved.id), (None, None));
            }
        }
        for (change, known) in &moves.successions {
            let event = &known.fact;
            let (from, to) = (whole.predecessor_of(event), whole.successor_of(event));
            for row in from.into_iter().chain(to) {
                if let Some(body) = whole.graph.agencies.get(row).map(|agency| agency.id) {
                    let kind = WatchKind::of_succession(event.kind);
                    tell(*change, kind, body, Some(body), (None, None));
                }
            }
        }
        events
    }

    /// The row of an event's record, where this view tells it: whoever sees it by a rule of his own looks elsewhere.
    pub fn record_of(&self, event: &WatchEvent) -> Option<u32> {
        let id = event.record.filter(|id| self.finds_record(*id))?;
        self.record_row(id)
    }

    /// Likewise of its measure.
    pub fn sanction_of(&self, event: &WatchEvent) -> Option<u32> {
        let id = event.sanction.filter(|id| self.finds_sanction(*id))?;
        self.sanction_row(id)
    }

    /// What is told with an event: the subject, whom it is about, and its record and measure for as long as a check
    /// tells them of that body.
    pub fn telling(&self, event: &WatchEvent) -> Self {
        let whole = self.unbounded();
        let is_told = |id: &i64| {
            whole.record_row(*id).is_some_and(|row| {
                let record = whole.record_at(row);
                let about = record.and_then(|record| record.fact.fact.subject.agency());
                about == Some(event.about) && whole.holds(row)
            })
        };
        let is_in_force = |id: &i64| {
            let row = whole.sanction_row(*id);
            let sanction = row.and_then(|row| whole.sanction_at(row));
            sanction.is_some_and(|(_, sanction)| whole.is_in_force(sanction))
        };
        self.finding(Findings {
            bodies: vec![event.subject, event.about],
            official: None,
            records: event.record.into_iter().filter(is_told).collect(),
            sanctions: event.sanction.into_iter().filter(is_in_force).collect(),
        })
    }
}

/// A record, and a measure.
type Thing = (Option<i64>, Option<i64>);
