//! What one request is answered from: a view of one version, and a loader for what is not resident.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{
        Arc, Mutex, OnceLock, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use async_graphql::{
    Context,
    dataloader::{DataLoader, Loader},
};
use chrono::NaiveDate;
use domain::{
    assess::Ranked,
    casework::{Case, Event},
};

use crate::{
    api::pipeline::Caller,
    app::App,
    graph::View,
    store::{self, Freshness, KeptRow, Known, Reject, Run, Store},
};

use super::{casework::EVENTS_MAX, error::Result};

/// For what something is read: a purpose, and the case or document that is its occasion.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::api) struct Occasion {
    pub(in crate::api) purpose: String,
    pub(in crate::api) reference: Option<String>,
}

/// One request.
pub(in crate::api) struct Ask {
    pub(in crate::api) app: Arc<App>,
    pub(in crate::api) view: Arc<View>,
    /// The request's name in the log.
    pub(super) trace: String,
    /// The purpose that is stated with it.
    pub(super) purpose: Option<String>,
    /// The case or document that is stated as its occasion.
    pub(super) reference: Option<String>,
    /// Made when something is loaded first.
    stored: OnceLock<DataLoader<Stored>>,
    has_loaded: AtomicBool,
    /// The bodies about which audited fields were told.
    audited: Mutex<BTreeSet<i64>>,
    /// Whether an official was found by his id, whatever was asked of him.
    has_met_official: AtomicBool,
    /// For which purposes and on which occasions they were, where what was asked says so itself.
    occasions: Mutex<BTreeSet<Occasion>>,
    /// Whether what was asked for was refused.
    is_refused: AtomicBool,
}

impl Ask {
    pub(in crate::api) fn new(app: Arc<App>, view: View, caller: &Caller) -> Self {
        Self {
            app,
            view: Arc::new(view),
            trace: caller.trace.clone(),
            purpose: caller.purpose.clone(),
            reference: caller.reference.clone(),
            stored: OnceLock::new(),
            has_loaded: AtomicBool::new(false),
            audited: Mutex::default(),
            has_met_official: AtomicBool::new(false),
            occasions: Mutex::default(),
            is_refused: AtomicBool::new(false),
        }
    }

    /// Whether it was answered from more than the version.
    pub(in crate::api) fn has_loaded(&self) -> bool {
        self.has_loaded.load(Ordering::Relaxed)
    }

    /// Notes that it is answered from more than the version: such an answer is not kept.
    pub(super) fn note_loaded(&self) {
        self.has_loaded.store(true, Ordering::Relaxed);
    }

    /// Notes that an audited field tells about these bodies.
    pub(super) fn note_audited(&self, agencies: impl IntoIterator<Item = i64>) {
        let mut audited = self.audited.lock().unwrap_or_else(PoisonError::into_inner);
        audited.extend(agencies);
    }

    /// Notes that an official was found by his id: that there is one is told by that alone.
    pub(super) fn note_official(&self) {
        self.has_met_official.store(true, Ordering::Relaxed);
    }

    /// Whether an official was found by his id.
    pub(in crate::api) fn has_met_official(&self) -> bool {
        self.has_met_official.load(Ordering::Relaxed)
    }

    /// The bodies about which audited fields told.
    pub(in crate::api) fn audited(&self) -> Arc<[i64]> {
        let audited = self.audited.lock().unwrap_or_else(PoisonError::into_inner);
        audited.iter().copied().collect()
    }

    /// Notes for what an audited field was told.
    pub(super) fn note_occasion(&self, purpose: &str, reference: Option<&str>) {
        let mut occasions = self
            .occasions
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        occasions.insert(Occasion {
            purpose: purpose.to_owned(),
            reference: reference.map(str::to_owned),
        });
    }

    /// For what audited fields were told.
    pub(in crate::api) fn occasions(&self) -> Arc<[Occasion]> {
        let occasions = self
            .occasions
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        occasions.iter().cloned().collect()
    }

    /// Notes that what was asked for is refused.
    pub(super) fn note_refused(&self) {
        self.is_refused.store(true, Ordering::Relaxed);
    }

    /// Whether it was refused.
    pub(in crate::api) fn is_refused(&self) -> bool {
        self.is_refused.load(Ordering::Relaxed)
    }

    /// The database, for what is loaded one by one.
    pub(super) fn store(&self) -> &Store {
        self.note_loaded();
        &self.app.store
    }

    /// It lives as long as the request: nothing that one viewer loaded is seen by another.
    fn stored(&self) -> &DataLoader<Stored> {
        self.stored.get_or_init(|| {
            let stored = Stored(self.store().clone());
            DataLoader::new(stored, tokio::spawn).delay(Duration::ZERO)
        })
    }

    pub(super) async fn evidence_of(&self, row_id: i64) -> Result<Vec<store::Evidence>> {
        Ok(self
            .stored()
            .load_one(EvidenceOf(row_id))
            .await?
            .unwrap_or_default())
    }

    /// The text of one version of a clue that the view yielded, as `(id, version)`.
    pub(super) async fn clue_content(&self, version: (i64, i64)) -> Result<Option<String>> {
        Ok(self.stored().load_one(ContentOf(version)).await?)
    }

    /// What is kept of a row whose fact the view yielded.
    pub(super) async fn kept_of(&self, row_id: i64) -> Result<Option<KeptRow>> {
        Ok(self.stored().load_one(KeptOf(row_id)).await?)
    }

    /// How a body came off in annual assessments, by the sets of their results.
    pub(super) async fn annual_results_of(
        &self,
        agency: i64,
        sets: &[i64],
    ) -> Result<Vec<(i64, Ranked)>> {
        let keys = sets.iter().map(|set| AnnualOf(agency, *set));
        let found = self.stored().load_many(keys).await?;
        let found = found.into_iter();
        Ok(found.map(|(AnnualOf(_, set), body)| (set, body)).collect())
    }

    /// Events of a case from the one after a number on to another, oldest first.
    pub(super) async fn events_of(&self, case: i64, after: u32, last: u32) -> Result<Vec<Event>> {
        let events = self.stored().load_one(EventsOf(case, after)).await?;
        let events = events.unwrap_or_default().into_iter();
        Ok(events.take_while(|event| event.number <= last).collect())
    }

    /// Cases as they stood on a day, by their numbers.
    pub(super) async fn cases_on(
        &self,
        day: NaiveDate,
        cases: impl Iterator<Item = &Known<Case>>,
    ) -> Result<HashMap<i64, Case>> {
        let keys = cases.map(|case| CaseOn(case.id, case.fact.events, day));
        let found = self.stored().load_many(keys).await?;
        let found = found.into_iter();
        Ok(found.map(|(CaseOn(id, ..), case)| (id, case)).collect())
    }

    pub(super) async fn run(&self, id: i64) -> Result<Option<Run>> {
        Ok(self.stored().load_one(RunWith(id)).await?)
    }

    pub(super) async fn freshness(&self, source: &str) -> Result<Freshness> {
        let freshness = self
            .stored()
            .load_one(FreshnessOf(source.to_owned()))
            .await?;
        Ok(freshness.unwrap_or_default())
    }

    pub(super) async fn runs_of(&self, page: RunsOf) -> Result<Vec<Run>> {
        Ok(self.stored().load_one(page).await?.unwrap_or_default())
    }

    pub(super) async fn count_runs(&self, source: &str) -> Result<u64> {
        Ok(self
            .stored()
            .load_one(RunCountOf(source.to_owned()))
            .await?
            .unwrap_or_default())
    }

    pub(super) async fn rejects_of(&self, page: RejectsOf) -> Result<Vec<(i64, Reject)>> {
        Ok(self.stored().load_one(page).await?.unwrap_or_default())
    }

    pub(super) async fn count_rejects(&self, run: i64) -> Result<u64> {
        let count = self.stored().load_one(RejectCountOf(run)).await?;
        Ok(count.unwrap_or_default())
    }
}

/// The request that a resolver works for.
pub(super) fn ask<'a>(ctx: &Context<'a>) -> &'a Ask {
    ctx.data_unchecked::<Arc<Ask>>()
}

/// Loads what is not resident, many keys at once.
struct Stored(Store);

/// The evidence of a row.
#[derive(Clone, PartialEq, Eq, Hash)]
struct EvidenceOf(i64);

/// What is kept of a row.
#[derive(Clone, PartialEq, Eq, Hash)]
struct KeptOf(i64);

/// The text of a clue's version.
#[derive(Clone, PartialEq, Eq, Hash)]
struct ContentOf((i64, i64));

/// The next events of a case after a number.
#[derive(Clone, PartialEq, Eq, Hash)]
struct EventsOf(i64, u32);

/// A case of which so many events are known, on a day.
#[derive(Clone, PartialEq, Eq, Hash)]
struct CaseOn(i64, u32, NaiveDate);

/// How a body came off in the set of results with this number.
#[derive(Clone, PartialEq, Eq, Hash)]
struct AnnualOf(i64, i64);

/// A run by its number.
#[derive(Clone, PartialEq, Eq, Hash)]
struct RunWith(i64);

/// When a source last delivered.
#[derive(Clone, PartialEq, Eq, Hash)]
struct FreshnessOf(String);

/// A page of a source's runs.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct RunsOf {
    pub(super) source: String,
    pub(super) before: Option<i64>,
    pub(super) limit: u64,
}

/// How many runs a source has had.
#[derive(Clone, PartialEq, Eq, Hash)]
struct RunCountOf(String);

/// A page of the rows that a run rejected.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct RejectsOf {
    pub(super) run: i64,
    pub(super) after: Option<i64>,
    pub(super) limit: u64,
}

/// How many rejected rows are kept of a run.
#[derive(Clone, PartialEq, Eq, Hash)]
struct RejectCountOf(i64);

type Found<K, V> = std::result::Result<HashMap<K, V>, Arc<store::Error>>;

impl Loader<EvidenceOf> for Stored {
    type Value = Vec<store::Evidence>;
    type Error = Arc<store::Error>;

    async fn load(&self, keys: &[EvidenceOf]) -> Found<EvidenceOf, Self::Value> {
        let rows: Vec<i64> = keys.iter().map(|key| key.0).collect();
        let found = self.0.list_evidence(&rows).await?;
        Ok(found
            .into_iter()
            .map(|(row_id, list)| (EvidenceOf(row_id), list))
            .collect())
    }
}

impl Loader<KeptOf> for Stored {
    type Value = KeptRow;
    type Error = Arc<store::Error>;

    async fn load(&self, keys: &[KeptOf]) -> Found<KeptOf, KeptRow> {
        let rows: Vec<i64> = keys.iter().map(|key| key.0).collect();
        let found = self.0.list_kept(&rows).await?;
        Ok(found
            .into_iter()
            .map(|row| (KeptOf(row.row_id), row))
            .collect())
    }
}

impl Loader<ContentOf> for Stored {
    type Value = String;
    type Error = Arc<store::Error>;

    async fn load(&self, keys: &[ContentOf]) -> Found<ContentOf, String> {
        let versions: Vec<(i64, i64)> = keys.iter().map(|key| key.0).collect();
        let found = self.0.list_clue_contents(&versions).await?;
        Ok(found
            .into_iter()
            .map(|(version, content)| (ContentOf(version), content))
            .collect())
    }
}

impl Loader<EventsOf> for Stored {
    type Value = Vec<Event>;
    type Error = Arc<store::Error>;

    async fn load(&self, keys: &[EventsOf]) -> Found<EventsOf, Vec<Event>> {
        let mut by_after: HashMap<u32, Vec<i64>> = HashMap::new();
        for EventsOf(case, after) in keys {
            by_after.entry(*after).or_default().push(*case);
        }
        let mut found = HashMap::new();
        for (after, cases) in by_after {
            let numbers = after.saturating_add(1)..=after.saturating_add(EVENTS_MAX);
            let events = self.0.events_of(&cases, numbers).await?.into_iter();
            found.extend(events.map(|(case, events)| (EventsOf(case, after), events)));
        }
        Ok(found)
    }
}

impl Loader<CaseOn> for Stored {
    type Value = Case;
    type Error = Arc<store::Error>;

    async fn load(&self, keys: &[CaseOn]) -> Found<CaseOn, Case> {
        let mut ids: Vec<i64> = keys.iter().map(|key| key.0).collect();
        ids.sort_unstable();
        ids.dedup();
        let last = keys.iter().map(|key| key.1).max().unwrap_or(0);
        let events = self.0.events_of(&ids, 1..=last).await?;
        let then = |key: &CaseOn| {
            let CaseOn(id, known, day) = *key;
            let events = events.get(&id)?.iter().zip(1..=known);
            let events =
                events.take_while(|(event, number)| event.number == *number && event.on <= day);
            let case = Case::replay(events.map(|(event, _)| event));
            (case.events > 0).then(|| (key.clone(), case))
        };
        Ok(keys.iter().filter_map(then).collect())
    }
}

impl Loader<AnnualOf> for Stored {
    type Value = Ranked;
    type Error = Arc<store::Error>;

    async fn load(&self, keys: &[AnnualOf]) -> Found<AnnualOf, Ranked> {
        let distinct = |numbers: &mut Vec<i64>| {
            numbers.sort_unstable();
            numbers.dedup();
        };
        let mut bodies: Vec<i64> = keys.iter().map(|key| key.0).collect();
        let mut sets: Vec<i64> = keys.iter().map(|key| key.1).collect();
        distinct(&mut bodies);
        distinct(&mut sets);
        let found = self.0.annual_results_of(&bodies, &sets).await?;
        Ok(found
            .into_iter()
            .map(|(set, body)| (AnnualOf(body.agency, set), body))
            .collect())
    }
}

impl Loader<RunWith> for Stored {
    type Value = Run;
    type Error = Arc<store::Error>;

    async fn load(&self, keys: &[RunWith]) -> Found<RunWith, Run> {
        let ids: Vec<i64> = keys.iter().map(|key| key.0).collect();
        let found = self.0.find_runs(&ids).await?;
        Ok(found
            .into_iter()
            .map(|run| (RunWith(run.id), run))
            .collect())
    }
}

impl Loader<FreshnessOf> for Stored {
    type Value = Freshness;
    type Error = Arc<store::Error>;

    async fn load(&self, keys: &[FreshnessOf]) -> Found<FreshnessOf, Freshness> {
        let sources: Vec<String> = keys.iter().map(|key| key.0.clone()).collect();
        let found = self.0.freshness(&sources).await?;
        Ok(found
            .into_iter()
            .map(|(source, freshness)| (FreshnessOf(source), freshness))
            .collect())
    }
}

// Sources and their runs are few: each different page or count is a query, and equal ones share it.

impl Loader<RunsOf> for Stored {
    type Value = Vec<Run>;
    type Error = Arc<store::Error>;

    async fn load(&self, keys: &[RunsOf]) -> Found<RunsOf, Vec<Run>> {
        let mut pages = HashMap::new();
        for key in keys {
            let page = self.0.list_runs(&key.source, key.before, key.limit).await?;
            pages.insert(key.clone(), page);
        }
        Ok(pages)
    }
}

impl Loader<RunCountOf> for Stored {
    type Value = u64;
    type Error = Arc<store::Error>;

    async fn load(&self, keys: &[RunCountOf]) -> Found<RunCountOf, u64> {
        let mut counts = HashMap::new();
        for key in keys {
            counts.insert(key.clone(), self.0.count_runs(&key.0).await?);
        }
        Ok(counts)
    }
}

impl Loader<RejectsOf> for Stored {
    type Value = Vec<(i64, Reject)>;
    type Error = Arc<store::Error>;

    async fn load(&self, keys: &[RejectsOf]) -> Found<RejectsOf, Self::Value> {
        let mut pages = HashMap::new();
        for key in keys {
            let page = self.0.page_rejects(key.run, key.after, key.limit).await?;
            pages.insert(key.clone(), page);
        }
        Ok(pages)
    }
}

impl Loader<RejectCountOf> for Stored {
    type Value = u64;
    type Error = Arc<store::Error>;

    async fn load(&self, keys: &[RejectCountOf]) -> Found<RejectCountOf, u64> {
        let mut counts = HashMap::new();
        for key in keys {
            counts.insert(key.clone(), self.0.count_rejects(key.0).await?);
        }
        Ok(counts)
    }
}
