//! What the last changes did to records: one feed, which everybody who follows them reads from. It is
//! small, and who is too far behind for it reads the change log.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::{Arc, RwLock},
};

use domain::credit_record::CreditRecord;

use crate::store::{Entry, Known, Listing, Resident};

use super::Graph;

/// Versions that are kept with what led to them.
const KEPT_MAX: usize = 8;
/// Touched records that are kept in all; the newest version's are always.
const TOUCHES_KEPT_MAX: usize = 100_000;

/// A version of a record, which versions of the graph share.
pub(super) type Record = Arc<Known<Listing<CreditRecord>>>;

/// A record as a change found it and left it.
#[derive(Debug, Clone)]
pub(super) struct Touch {
    /// Which of the version's changes.
    pub(super) entry: usize,
    pub(super) id: i64,
    pub(super) before: Option<Record>,
    pub(super) after: Option<Record>,
    pub(super) is_retracted: bool,
}

/// What is noted while a version is made.
#[derive(Default)]
pub(super) struct Touched {
    entries: Vec<Entry>,
    touches: Vec<Touch>,
    /// Those of the change at hand.
    open: BTreeMap<i64, Touch>,
    /// Bodies and officials that the change at hand changed: who may see their records may be another
    /// one than before.
    subjects: BTreeSet<i64>,
    /// Bodies whose score or warnings may be others after these changes.
    concerned: BTreeSet<i64>,
    /// Of these the ones of which a check may tell something else. A grading of everybody is none of it.
    checked: BTreeSet<i64>,
    /// Whether bodies or events moved: who came of whom may be told otherwise.
    pub(super) moves_ends: bool,
}

/// A version with what led to it.
#[derive(Debug)]
pub(super) struct Moved {
    pub(super) before: Arc<Graph>,
    pub(super) after: Arc<Graph>,
    pub(super) entries: Vec<Entry>,
    /// In the order of the changes, then by number.
    pub(super) touches: Vec<Touch>,
}

/// The newest versions with what led to them.
#[derive(Debug, Default)]
pub(super) struct Feed(RwLock<VecDeque<Arc<Moved>>>);

impl Touched {
    /// The next change begins. Before the first one nothing is noted: a start is no change.
    pub(super) fn begin(&mut self, change: Entry, graph: &Graph) {
        self.close(graph);
        self.entries.push(change);
    }

    /// Notes what a fact is about to do.
    pub(super) fn note(&mut self, fact: &Resident, graph: &Graph) {
        if self.entries.is_empty() {
            return;
        }
        let concerned = graph.concerned(fact);
        if matches!(
            fact,
            Resident::Agency(_)
                | Resident::Record(_)
                | Resident::RecordEnded(_)
                | Resident::Case(_)
        ) {
            self.checked.extend(&concerned);
        }
        self.concerned.extend(concerned);
        self.moves_ends |= matches!(
            fact,
            Resident::Agency(_) | Resident::Succession(_) | Resident::SuccessionEnded(_)
        );
        match fact {
            Resident::Record(new) => {
                self.touch(new.id, graph).after = Some(Arc::new(new.clone()));
            }
            Resident::RecordEnded(id) => self.touch(*id, graph).after = None,
            Resident::Agency(new) if graph.agency_by_id.get(&new.id).is_some() => {
                self.subjects.insert(new.id);
            }
            Resident::Post(new) => {
                self.subjects.insert(new.fact.official_id());
                self.subjects.extend(graph.officials.holder(new.id));
            }
            Resident::PostEnded(id) => self.subjects.extend(graph.officials.holder(*id)),
            _ => {}
        }
    }

    /// Notes that the last version of a record says that it is withdrawn.
    pub(super) fn retract(&mut self, record: i64, graph: &Graph) {
        if !self.entries.is_empty() {
            self.touch(record, graph).is_retracted = true;
        }
    }

    fn touch(&mut self, id: i64, graph: &Graph) -> &mut Touch {
        let entry = self.entries.len() - 1;
        self.open.entry(id).or_insert_with(|| {
            let before = graph.record(id).cloned();
            Touch {
                entry,
                id,
                after: before.clone(),
                before,
                is_retracted: false,
            }
        })
    }

    /// The bodies whose score or warnings may be others after these changes.
    pub(super) fn concerned(&self) -> &BTreeSet<i64> {
        &self.concerned
    }

    /// The bodies of which a check may tell something else after these changes.
    pub(super) fn checked(&self) -> &BTreeSet<i64> {
        &self.checked
    }

    /// Whether no change was noted: a start is none.
    pub(super) fn is_start(&self) -> bool {
        self.entries.is_empty()
    }

    /// The change at hand is over.
    pub(super) fn close(&mut self, graph: &Graph) {
        for subject in std::mem::take(&mut self.subjects) {
            for row in graph.records_of.rows(&subject) {
                if let Some(record) = graph.records.get(*row).and_then(Option::as_ref) {
                    self.touch(record.id, graph);
                }
            }
        }
        self.touches
            .extend(std::mem::take(&mut self.open).into_values());
    }
}

impl Moved {
    pub(super) fn new(before: Arc<Graph>, after: Arc<Graph>, touched: Touched) -> Self {
        Self {
            before,
            after,
            entries: touched.entries,
            touches: touched.touches,
        }
    }
}

impl Feed {
    pub(super) fn put(&self, moved: Moved) {
        // Of a start it is not known what led to it.
        if moved.entries.is_empty() {
            return;
        }
        let mut kept = self
            .0
            .write()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        kept.push_back(Arc::new(moved));
        let mut touches: usize = kept.iter().map(|moved| moved.touches.len()).sum();
        while kept.len() > 1 && (kept.len() > KEPT_MAX || touches > TOUCHES_KEPT_MAX) {
            let oldest = kept.pop_front();
            touches -= oldest.map_or(0, |moved| moved.touches.len());
        }
    }

    /// What followed on this version, where it is still kept.
    pub(super) fn after(&self, seq: i64) -> Option<Arc<Moved>> {
        let kept = self
            .0
            .read()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        kept.iter().find(|moved| moved.before.seq() == seq).cloned()
    }
}
