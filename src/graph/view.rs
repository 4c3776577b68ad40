//! What one viewer may see of one version of the graph. Row rules are applied here and nowhere
//! else: what a view does not yield does not exist for its viewer, by any path.

mod access_scope;
mod agency;
mod assessment;
mod campaign;
mod casework;
mod change;
mod check;
mod clue;
mod decision;
mod findings;
mod indicator;
mod list;
mod mention;
mod official;
mod overview;
mod prefix;
mod record;
mod sanction;
mod search;
mod stats;
mod subject;
mod subtree;
mod warning;
mod watch;

use std::{
    fmt::Debug,
    ops::Range,
    sync::{Arc, OnceLock},
};

use chrono::{DateTime, NaiveDate, Utc};
use domain::{
    access::{RowRule, RowRules},
    agency::Agency,
    credit_record::{CreditRecord, CreditRecordStatus},
    division::DivisionTree,
    resolution::{EVENT_STEP, Resolution, Subject, resolve},
    viewer::Viewer,
};
use sha2::{Digest, Sha256};

use super::{
    Graph,
    page::{ListOrder, Page, PageError, PageRequest, Paged, Part},
};

use subtree::SeenAgencies;

/// Bytes of the digest that ties a cursor to its list.
const TAG_BYTES: usize = 8;

/// A page, and how many there are in all where that was asked for.
#[derive(Debug, Clone, Default)]
pub struct Found {
    pub page: Page,
    pub total: Option<usize>,
}

pub use access_scope::AccessScope;
pub use agency::AgencyOrder;
pub use assessment::{CONTINUOUS, SeenAssessment};
pub use casework::CaseOrder;
pub use change::Onlooker;
pub use check::{Checked, Inherited, PREDECESSORS_MAX, STANDING_MAX, StandingCounts};
pub use clue::ClueOrder;
pub use decision::Reach;
pub use findings::Findings;
pub use official::SeenPost;
pub use overview::Totals;
pub use prefix::NAMES_LOOKED_AT_MAX;
pub use record::RecordOrder;
pub use sanction::SanctionOrder;
pub use search::{Fit, Hit, Matched, Wanted, fit};
pub use stats::{GROUPS_MAX, GroupError, GroupKey, Grouping, RecordDimension, RecordGroup};
pub use subject::{AskedPerson, CheckQuestion};
pub use warning::WarningOrder;
pub use watch::{Concern, Tie};

/// Of which times facts are told; now where nothing is said.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Times {
    /// The day on which they held.
    pub as_of: Option<NaiveDate>,
    /// The moment at which they were known.
    pub known_at: Option<DateTime<Utc>>,
}

/// One viewer's part of one version. What is told may be of the past; what he may see is measured by
/// the newest version and by today, so that nothing comes back by asking for an earlier time.
#[derive(Debug, Clone)]
pub struct View {
    /// What is told.
    graph: Arc<Graph>,
    /// What rights are measured by.
    present: Arc<Graph>,
    viewer: Arc<Viewer>,
    today: NaiveDate,
    times: Times,
    rules: RowRules,
    /// The viewer's divisions with all below them, as positions in the tree.
    areas: Vec<Range<usize>>,
    /// The body that the viewer acts for, in the version that rights are measured by.
    own: Option<u32>,
    /// A body that is published with a record that is not one of this version.
    shown: Option<u32>,
    /// Whom a check has found.
    findings: Option<Arc<Findings>>,
    /// The bodies that the viewer sees, once all were looked at.
    seen: Arc<OnceLock<SeenAgencies>>,
}

impl View {
    pub(super) fn new(
        graph: Arc<Graph>,
        viewer: Arc<Viewer>,
        rules: RowRules,
        today: NaiveDate,
    ) -> Self {
        let areas = viewer
            .divisions
            .iter()
            .filter_map(|code| graph.divisions.subtree(*code))
            .collect();
        let own = viewer
            .agency
            .and_then(|code| graph.agency_by_uscc.get(&code).copied());
        Self {
            rules,
            areas,
            own,
            present: Arc::clone(&graph),
            shown: None,
            findings: None,
            seen: Arc::default(),
            graph,
            viewer,
            today,
            times: Times::default(),
        }
    }

    /// The same viewer's part of what held and was known at other times. A version is handed over
    /// where `known_at` is said.
    pub fn told(&self, times: Times, graph: Option<Arc<Graph>>) -> Self {
        Self {
            graph: graph.unwrap_or_else(|| Arc::clone(&self.present)),
            times,
            seen: Arc::default(),
            ..self.clone()
        }
    }

    /// The same of the same times under other row rules.
    fn under(&self, rules: RowRules) -> Self {
        Self {
            rules,
            seen: Arc::default(),
            ..self.clone()
        }
    }

    /// What the same viewer may see of another version, today and for the same purpose.
    pub fn of(&self, graph: Arc<Graph>) -> Self {
        Self::new(graph, Arc::clone(&self.viewer), self.rules, self.today)
    }

    /// The number of the version that rights are measured by.
    pub fn version(&self) -> i64 {
        self.present.seq()
    }

    /// Who asks.
    pub fn viewer(&self) -> &Viewer {
        &self.viewer
    }

    /// The version that rights are measured by: the newest one of the request.
    pub fn present(&self) -> &Arc<Graph> {
        &self.present
    }

    /// The day of which facts are told.
    pub fn day(&self) -> NaiveDate {
        self.times.as_of.unwrap_or(self.today)
    }

    /// The moment of whose knowledge facts are told, where it is not now.
    pub fn known_at(&self) -> Option<DateTime<Utc>> {
        self.times.known_at.filter(|_| self.is_earlier_version())
    }

    /// The day of which facts are told, where it is over: of a day that is over only that is told
    /// which had begun by then. Of today what is announced is told, too.
    pub fn past_day(&self) -> Option<NaiveDate> {
        self.times.as_of.filter(|day| *day < self.today)
    }

    fn is_earlier_version(&self) -> bool {
        !Arc::ptr_eq(&self.graph, &self.present)
    }

    /// An agency's official name on the day of which is told.
    pub fn name_of<'a>(&self, agency: &'a Agency) -> &'a str {
        match self.past_day() {
            Some(day) => agency.name_on(day),
            None => &agency.name,
        }
    }

    /// Where a record stood on the day of which is told.
    pub fn status_of(&self, record: &CreditRecord) -> CreditRecordStatus {
        match self.past_day() {
            Some(day) => record.status_on(day),
            None => record.status,
        }
    }

    /// Whether something that began on this day had begun on the day of which is told.
    pub fn has_begun(&self, on: Option<NaiveDate>) -> bool {
        match (self.past_day(), on) {
            (Some(day), Some(on)) => on <= day,
            _ => true,
        }
    }

    /// What the cursors of a list are good for: this list with its filter, in this order, of these
    /// times, for those who may see the same.
    fn ordering<F: Debug>(&self, list: &dyn Debug, order: &[(F, bool)]) -> ListOrder {
        let viewer = &self.viewer;
        let scope = (self.rules, &viewer.divisions, viewer.agency);
        let whole = format!("{list:?} {order:?} {:?} {scope:?}", self.times);
        ListOrder {
            tag: crate::hex(&Sha256::digest(whole)[..TAG_BYTES]),
            descending: order.iter().map(|(_, descending)| *descending).collect(),
        }
    }

    /// Whether sources and their runs exist for the viewer: they have no place in the division
    /// tree, so it is all of them or none.
    pub fn sees_sources(&self) -> bool {
        self.rules.source == RowRule::All
    }

    /// Whether a thing of this place in the division tree is seen by such a rule.
    fn place_passes(&self, rule: RowRule, place: usize) -> bool {
        match rule {
            RowRule::All => true,
            RowRule::Subtree => self.areas.iter().any(|area| area.contains(&place)),
            RowRule::Level => self.areas.iter().any(|area| area.start == place),
            RowRule::Nothing | RowRule::Own | RowRule::Published => false,
        }
    }

    /// The division tree.
    pub fn divisions(&self) -> &DivisionTree {
        &self.graph.divisions
    }

    /// The resolver's answer over the whole directory, as of today where the question names no day;
    /// then what the viewer may not see is taken out: the outcome stands.
    pub fn resolve(&self, subject: &Subject<'_>) -> Resolution {
        let subject = Subject {
            as_of: subject.as_of.or(Some(self.day())),
            ..*subject
        };
        self.hide(resolve(&self.graph.directory, &subject))
    }

    /// A stored answer, as this viewer may see it.
    pub fn hide(&self, mut resolution: Resolution) -> Resolution {
        let sees = |id: &i64| self.agency_row(*id).is_some();
        let told = resolution.agency.iter().len() + resolution.candidates.len();
        resolution.agency = resolution.agency.filter(sees);
        resolution
            .candidates
            .retain(|candidate| sees(&candidate.agency));
        // What became of a hidden body is as hidden as it is.
        if resolution.agency.iter().len() + resolution.candidates.len() < told {
            resolution
                .steps
                .retain(|step| !step.starts_with(EVENT_STEP));
        }
        resolution
    }
}

fn sort(mut rows: Vec<u32>, order: &ListOrder, key: &dyn Fn(u32) -> (Vec<Part>, i64)) -> Vec<u32> {
    let mut keyed: Vec<_> = rows.drain(..).map(|row| (key(row), row)).collect();
    keyed.sort_unstable_by(|a, b| order.compare(&a.0, &b.0));
    keyed.into_iter().map(|(_, row)| row).collect()
}

fn find(paged: &Paged<'_>, request: &PageRequest, with_total: bool) -> Result<Found, PageError> {
    if !with_total {
        let page = paged.page(request)?;
        return Ok(Found { page, total: None });
    }
    // Who wants both has each row looked at once.
    let rows = paged.rows.iter().copied();
    let matching: Vec<u32> = rows.filter(|row| (paged.matches)(*row)).collect();
    let of_matching = Paged {
        ordering: paged.ordering.clone(),
        rows: &matching,
        key: paged.key,
        matches: &|_| true,
    };
    Ok(Found {
        page: of_matching.page(request)?,
        total: Some(matching.len()),
    })
}
