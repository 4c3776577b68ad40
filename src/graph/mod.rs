//! The resident graph: what clients ask about, as one immutable, versioned value in memory.
//!
//! It is loaded from the store at start and moved on by each closed change; a version is built of
//! chunks that versions share, so a small change costs little. [`Graph::view`] is the only way to
//! read it from outside, and a view yields only what its viewer may see.

mod apply;
mod assess;
mod assessments;
mod campaigns;
mod casework;
mod changes;
mod column;
mod decided;
mod glance;
mod live;
mod lookup;
mod moved;
mod officials;
mod page;
mod past;
mod predicate;
mod tally;
mod trail;
mod unscoped;
mod view;

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::{Arc, OnceLock},
};

use chrono::NaiveDate;
use domain::{
    access::RowRules,
    agency::Agency,
    clue::Clue,
    credit_record::{CreditRecord, CreditRecordStatus, PublishedItems},
    decision::Decision,
    directory::{Directory, Knowledge},
    division::{DivisionCode, DivisionTree},
    id::{Kind, stable_id},
    indicator::Indicator,
    mention::Mention,
    succession::Succession,
    uscc::Uscc,
    viewer::Viewer,
};

use crate::store::{Known, Listing, Resident, ResidentSink};

use assess::Assessed;
use assessments::Assessments;
use campaigns::Campaigns;
use casework::Casework;
use column::{Column, Index};
use glance::Glances;
use lookup::{Cases, Lookup};
use officials::Officials;
use tally::Tally;

pub use changes::{
    Changes, CursorError, FollowError, RecordChange, Restricts, WarningChange, WarningChanges,
    WatchChange, WatchChanges, WatchPage, WatchRequest,
};
pub use live::{Live, NotReached};
pub use page::{Cursor, PAGE_DEFAULT, PAGE_MAX, Page, PageError, PageRequest, page_size};
pub use past::NotKnown;
pub use predicate::{
    AgencyPredicate, CasePredicate, CluePredicate, DateTest, DecimalTest, DivisionTest,
    MentionPredicate, RecordPredicate, SanctionPredicate, TextTest, WarningPredicate,
};
pub use view::{
    AccessScope, AgencyOrder, AskedPerson, CONTINUOUS, CaseOrder, CheckQuestion, Checked,
    ClueOrder, Concern, Findings, Fit, Found, GROUPS_MAX, GroupError, GroupKey, Grouping, Hit,
    Inherited, Matched, NAMES_LOOKED_AT_MAX, Onlooker, PREDECESSORS_MAX, Reach, RecordDimension,
    RecordGroup, RecordOrder, STANDING_MAX, SanctionOrder, SeenAssessment, SeenPost,
    StandingCounts, Tie, Times, Totals, View, Wanted, WarningOrder, fit,
};

/// A fact as the graph holds it; a slot whose fact ended is empty.
type Slots<T> = Column<Option<Arc<Known<T>>>>;

/// One version of the graph.
#[derive(Debug, Clone)]
pub struct Graph {
    /// The number of the change log up to which this version goes.
    seq: i64,
    /// The number of the newest version in which bodies or events moved: who came of whom may be told otherwise.
    ends_moved_at: i64,
    divisions: Arc<DivisionTree>,
    /// Position of the hub's own province: where things belong that name no place of their own.
    province: Option<u32>,
    /// Which catalogue items' records are made public, by the day of determination.
    published_items: Arc<PublishedItems>,
    /// Stages that end cases, by workflow.
    final_stages: Arc<HashMap<String, HashSet<String>>>,

    agencies: Column<Arc<Known<Agency>>>,
    /// Position of each agency's division in the tree.
    agency_division: Column<u32>,
    agency_by_id: Index<i64, u32>,
    agency_by_uscc: Index<Uscc, u32>,
    /// Codes and names of all bodies, for the resolver.
    directory: Directory,
    subordinates: Index<Uscc, Vec<u32>>,

    successions: Slots<Succession>,
    succession_by_id: Index<i64, u32>,
    /// By the codes and, where an end has none, the names of both ends.
    successions_by_end: Index<Box<str>, Vec<u32>>,

    records: Slots<Listing<CreditRecord>>,
    record_by_id: Index<i64, u32>,
    /// Rows of the records of an agency or an official, by his or its number.
    records_of: Index<i64, Vec<u32>>,

    mentions: Slots<Listing<Mention>>,
    mention_by_id: Index<i64, u32>,

    /// Without their texts, which stay in the store.
    clues: Slots<Listing<Clue>>,
    clue_by_id: Index<i64, u32>,
    /// Rows of the clues about an agency, by the agency's number.
    clues_of: Index<i64, Vec<u32>>,

    indicators: Slots<Listing<Indicator>>,
    indicator_by_id: Index<i64, u32>,
    /// Rows of an agency's indicators, by the agency's number.
    indicators_of: Index<i64, Vec<u32>>,
    /// How many measurements there are, by their codes and the years in which they ended.
    told_years: Arc<HashMap<String, BTreeMap<i32, u32>>>,

    officials: Officials,
    assessments: Assessments,
    campaigns: Campaigns,
    casework: Casework,
    assessed: Assessed,
    glances: Glances,
    decisions: Slots<Decision>,
    decision_by_id: Index<i64, u32>,
    /// Rows of the decisions about a source's text, whatever their reach.
    decisions_on: Index<i64, Vec<u32>>,

    order: Order,
    /// What records are counted by, and found by; what bodies are found by. Each is laid once a
    /// version of what it is about.
    tally: Arc<OnceLock<Tally>>,
    cases: Arc<OnceLock<Cases>>,
    lookup: Arc<OnceLock<Lookup>>,
}

/// The orders in which lists come when nothing else is asked for; rebuilt when what they order
/// changes.
#[derive(Debug, Clone, Default)]
struct Order {
    /// Agencies in the order of the division tree, then by number.
    agencies: Arc<Vec<u32>>,
    /// Where in `agencies` each division's bodies begin; one entry more than there are divisions.
    division_starts: Arc<Vec<u32>>,
    /// Agencies in the order of their official names, then by number.
    names: Arc<Vec<u32>>,
    /// Records, newest first, then by number.
    records: Arc<Vec<u32>>,
    /// Mentions by number.
    mentions: Arc<Vec<u32>>,
    /// Clues, newest first, then by number.
    clues: Arc<Vec<u32>>,
    /// Decisions, newest first, then by number.
    decisions: Arc<Vec<u32>>,
}

impl Graph {
    /// The same, which knows the stages that end cases.
    pub fn with_final_stages(self, stages: HashMap<String, HashSet<String>>) -> Self {
        Self {
            final_stages: Arc::new(stages),
            ..self
        }
    }

    /// A graph without facts.
    pub fn empty(
        knowledge: Arc<Knowledge>,
        province: Option<DivisionCode>,
        published_items: PublishedItems,
    ) -> Self {
        let divisions = Arc::clone(knowledge.gazetteer.tree());
        let starts = vec![0; divisions.len() + 1];
        let province = province.and_then(|code| divisions.position(code));
        Self {
            seq: 0,
            ends_moved_at: 0,
            divisions,
            province: province.map(|place| place as u32),
            published_items: Arc::new(published_items),
            final_stages: Arc::default(),
            agencies: Column::default(),
            agency_division: Column::default(),
            agency_by_id: Index::default(),
            agency_by_uscc: Index::default(),
            directory: Directory::empty(knowledge),
            subordinates: Index::default(),
            successions: Column::default(),
            succession_by_id: Index::default(),
            successions_by_end: Index::default(),
            records: Column::default(),
            record_by_id: Index::default(),
            records_of: Index::default(),
            mentions: Column::default(),
            mention_by_id: Index::default(),
            clues: Column::default(),
            clue_by_id: Index::default(),
            clues_of: Index::default(),
            indicators: Column::default(),
            indicator_by_id: Index::default(),
            indicators_of: Index::default(),
            told_years: Arc::default(),
            officials: Officials::default(),
            assessments: Assessments::default(),
            campaigns: Campaigns::default(),
            casework: Casework::default(),
            assessed: Assessed::default(),
            glances: Glances::default(),
            decisions: Column::default(),
            decision_by_id: Index::default(),
            decisions_on: Index::default(),
            order: Order {
                division_starts: Arc::new(starts),
                ..Order::default()
            },
            tally: Arc::default(),
            cases: Arc::default(),
            lookup: Arc::default(),
        }
    }

    /// A graph of the same knowledge without any facts.
    fn without_facts(&self) -> Self {
        Self {
            province: self.province,
            published_items: Arc::clone(&self.published_items),
            final_stages: Arc::clone(&self.final_stages),
            ..Self::empty(
                Arc::clone(self.directory.knowledge()),
                None,
                PublishedItems::new(),
            )
        }
    }

    /// A graph of these bodies and nothing else.
    pub fn of(knowledge: Arc<Knowledge>, agencies: Vec<Agency>) -> Self {
        let mut draft = apply::Draft::of(&Self::empty(knowledge, None, PublishedItems::new()));
        for agency in agencies {
            let id = stable_id(Kind::Agency, &[agency.uscc.as_str()]);
            draft.take(Resident::Agency(Known {
                id,
                row_id: id,
                version: 1,
                fact: agency,
            }));
        }
        draft.finish(0)
    }

    /// The number of the change log up to which this version goes.
    pub fn seq(&self) -> i64 {
        self.seq
    }

    /// Whether the register has a body with this code.
    pub fn has_agency(&self, code: &Uscc) -> bool {
        self.agency_by_uscc.get(code).is_some()
    }

    /// Whether a record's list is a public one, and it holds.
    fn publishes(&self, record: &CreditRecord) -> bool {
        record.status == CreditRecordStatus::Active
            && !record.is_withheld
            && self
                .published_items
                .get(&record.catalogue_item)
                .is_some_and(|spans| {
                    spans
                        .iter()
                        .any(|span| span.contains(&record.identified_on))
                })
    }

    fn tally(&self) -> &Tally {
        self.tally.get_or_init(|| Tally::lay(self))
    }

    fn cases(&self) -> &Cases {
        self.cases.get_or_init(|| Cases::lay(self))
    }

    fn lookup(&self) -> &Lookup {
        self.lookup.get_or_init(|| Lookup::lay(self))
    }

    /// Lays what is laid when somebody first asks for it, so that nobody has to wait.
    pub fn warm(&self) {
        self.tally();
        self.cases();
        self.lookup();
    }

    fn is_warm(&self) -> bool {
        self.tally.get().is_some() && self.cases.get().is_some() && self.lookup.get().is_some()
    }

    /// The directory behind the resolver: all bodies, whoever asks. What a viewer may not see is
    /// taken out of the answer afterwards.
    pub fn directory(&self) -> &Directory {
        &self.directory
    }

    /// The division tree: public knowledge, the same for every viewer.
    pub fn divisions(&self) -> &DivisionTree {
        &self.divisions
    }

    /// What this viewer may see of this version, by the row rules of his role.
    pub fn view(self: &Arc<Self>, viewer: Arc<Viewer>, rules: RowRules, today: NaiveDate) -> View {
        View::new(Arc::clone(self), viewer, rules, today)
    }

    /// How many facts of each kind it holds: agencies, records, mentions.
    pub fn counts(&self) -> (usize, usize, usize) {
        (
            self.agencies.len(),
            self.order.records.len(),
            self.order.mentions.len(),
        )
    }
}
