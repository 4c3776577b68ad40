//! Casework: from a lead to a record, its measures and its repair. One machine; what it may do, who
//! may do it and by when is data (`catalogue/workflows/`, `deadlines.toml`, `publicity.toml`,
//! `measures.toml`).
//!
//! A [`Case`] is what its [`Event`]s made of it: [`Case::apply`] is the only way in which it changes, and
//! [`Rules::step`] the only way to an event. So replaying the events gives the state.

mod act;
mod case;
mod command;
mod deadline;
mod event;
mod measure;
mod parts;
mod place;
mod publicity;
mod reminder;
mod sanction;
mod step;
mod workflow;

pub use act::{Act, Need, Party};
pub use case::{About, Case, Finding, Publicity, Regarding, Running};
pub use command::{Command, Confirmation, Deed};
pub use deadline::{Beside, DayUnit, DeadlineRule, Deadlines, Reminding, SetDayRule};
pub use event::{Actor, Event, Shown, What};
pub use measure::{Measure, MeasureScope, Measures, SubjectKind};
pub use parts::{Objection, ObjectionState, Order, Repair, RepairState, Task};
pub use place::narrowest;
pub use publicity::{PublicityRule, PublicityRules, Window};
pub use reminder::{DueKind, Owed, Reminder, ToRemind};
pub use sanction::{Moved, Sanction, SanctionStatus};
pub use step::{Clerk, Facts, Item, Refused, Rules, Told};
pub use workflow::{Stage, StageRule, StepRule, Workflow, ZeroReporting};
