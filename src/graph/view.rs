//! What one viewer may see of one version of the graph. Row rules are applied here and nowhere
//! else: what a view does not yield does not exist for its viewer, by any path.

mod access_scope;
mod agency;
mod clue;
mod decision;
mod indicator;
mod mention;
mod official;
mod prefix;
mod record;

use std::{ops::Range, sync::Arc};

use chrono::NaiveDate;
use domain::{
    access::{RowRule, RowRules},
    division::DivisionTree,
    resolution::{EVENT_STEP, Resolution, Subject, resolve},
    viewer::Viewer,
};

use super::{
    Graph,
    page::{ListOrder, Page, PageError, PageRequest, Paged, Part},
};

/// A page, and how many there are in all where that was asked for.
#[derive(Debug, Clone, Default)]
pub struct Found {
    pub page: Page,
    pub total: Option<usize>,
}

pub use access_scope::AccessScope;
pub use agency::AgencyOrder;
pub use clue::ClueOrder;
pub use decision::Reach;
pub use official::SeenPost;
pub use prefix::NAMES_LOOKED_AT_MAX;
pub use record::RecordOrder;

/// One viewer's part of one version.
#[derive(Debug, Clone)]
pub struct View {
    graph: Arc<Graph>,
    viewer: Arc<Viewer>,
    today: NaiveDate,
    rules: RowRules,
    /// The viewer's divisions with all below them, as positions in the tree.
    areas: Vec<Range<usize>>,
    /// The body that the viewer acts for.
    own: Option<u32>,
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
            graph,
            viewer,
            today,
        }
    }

    /// What the same viewer may see of another version, today and for the same purpose.
    pub fn of(&self, graph: Arc<Graph>) -> Self {
        Self::new(graph, Arc::clone(&self.viewer), self.rules, self.today)
    }

    /// The version that it is a view of.
    pub fn version(&self) -> i64 {
        self.graph.seq()
    }

    /// Who asks.
    pub fn viewer(&self) -> &Viewer {
        &self.viewer
    }

    /// The business day of the answer.
    pub fn today(&self) -> NaiveDate {
        self.today
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
            as_of: subject.as_of.or(Some(self.today)),
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

fn tag<F: std::fmt::Debug>(order: &[(F, bool)]) -> ListOrder {
    ListOrder {
        tag: order
            .iter()
            .map(|(field, descending)| format!("{field:?}{}", u8::from(*descending)))
            .collect(),
        descending: order.iter().map(|(_, descending)| *descending).collect(),
    }
}

fn sort(mut rows: Vec<u32>, order: &ListOrder, key: &dyn Fn(u32) -> (Vec<Part>, i64)) -> Vec<u32> {
    let mut keyed: Vec<_> = rows.drain(..).map(|row| (key(row), row)).collect();
    keyed.sort_unstable_by(|a, b| order.compare(&a.0, &b.0));
    keyed.into_iter().map(|(_, row)| row).collect()
}

fn find(paged: &Paged<'_>, request: &PageRequest, with_total: bool) -> Result<Found, PageError> {
    Ok(Found {
        page: paged.page(request)?,
        total: with_total.then(|| paged.count()),
    })
}
