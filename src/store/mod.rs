//! The only place that builds queries. Rows stay in here: domain values go in and come out.
//!
//! Every write belongs to a *change*. A change gets its number in its last statement, in commit
//! order, and until then nobody sees what it brings or ends, however many transactions that took.

mod annual;
mod assess;
mod audit;
mod basis;
mod casework;
mod check_list;
mod checkpoint;
mod claim;
mod clue;
mod connect;
mod delivery;
mod error;
mod evidence;
mod exclusion;
mod fact;
mod feedback;
mod freshness;
mod hold;
mod idempotency;
mod insert;
mod moves;
mod notice;
mod outbox;
mod raw;
mod reresolution;
mod resident;
mod resolved;
mod resume;
mod retracted;
mod revocation;
mod rows;
mod run;
mod stage;
mod take_back;
mod told;
mod version;
mod watch;
mod withdraw;

pub use annual::{CampaignStep, Draft as AnnualDraft, ObjectionsOf, Published, frozen};
pub use assess::{Assessed, AssessedBy, AssessedRows, Judged, NextScore, WarningMove};
pub use audit::{
    AuditEnd, AuditFilter, AuditHead, AuditRow, Integrated, KeptPayload, LoggedEntry, OwnEntry,
    Pending, StatedNote,
};
pub use casework::{CASEWORK, CaseStep, Written, ZeroReport};
pub use check_list::{CheckList, ListPart};
pub use claim::Claim;
pub use connect::Store;
pub use delivery::{Closing, Delivery, FactOf, REJECTS_KEPT_MAX, StagedRow, Tally};
pub use error::{Error, Result};
pub use evidence::Evidence;
pub use exclusion::{EXCLUSIONS_MAX, Excluded, NewExclusion};
pub use fact::{Fact, HashedFact, Known, Listing, id_of_row};
pub use feedback::RowFeedback;
pub use freshness::Freshness;
pub use idempotency::{Asked, KeptOutcome};
pub use moves::{Entry, RecordMove};
pub use notice::{
    ClaimedNotice, NoticeAttempt, NoticeDelivery, NoticeEntry, NoticeTarget, SettledNotice,
};
pub use outbox::{Noted, OutboxEntry, OutboxTarget, Outcome, Outgoing, OutgoingAgency, Settled};
pub use raw::{LandingRaw, RawDelivery, RawErasure, RawKey, RawLook, RawPlace, WrappedKey};
pub use reresolution::{EndedDecision, KeptRow, Reresolution, Retold};
pub use resident::{Notices, Resident, ResidentSink};
pub use resolved::Resolved;
pub use resume::Earlier;
pub use run::{NewRun, RawFile, Reject, Run};
pub use watch::{
    NewWatchList, RaisedWatch, RecordStanding, WATCH_LISTS_MAX, WATCHED_MAX, WatchList, WatchMoves,
    WatchTarget, WatchWritten, Watched,
};

/// Rows in one statement, and in one transaction of a delivery: below SQLite's 32,766 and
/// PostgreSQL's 65,535 bound values for the widest table.
pub const ROWS_PER_BATCH: usize = 1_000;
