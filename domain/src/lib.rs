//! The model of Zhengxin and every algorithm that needs no outside world.
//!
//! Pure: no I/O, no clock, no async. Time and data are arguments.
#![warn(missing_docs)]

mod text_enum;

pub mod access;
pub mod affected;
pub mod agency;
pub mod alias;
pub mod assess;
pub mod assessment;
pub mod audit;
pub mod calendar;
pub mod case_number;
pub mod casework;
pub mod change;
pub mod check;
pub mod clue;
pub mod credit_record;
pub mod date;
pub mod decision;
pub mod directory;
pub mod disclosure;
pub mod division;
pub mod exclusion;
pub mod gazetteer;
pub mod id;
pub mod indicator;
pub mod initials;
pub mod knowledge;
pub mod mention;
pub mod money;
pub mod name;
pub mod notice;
pub mod official;
pub mod org_code;
pub mod outbox;
pub mod person_name;
pub mod post;
pub mod privacy;
pub mod reform;
pub mod resolution;
pub mod revocation;
pub mod run;
pub mod subject;
pub mod succession;
pub mod unit_words;
pub mod uscc;
pub mod viewer;
pub mod watch;

pub use text_enum::UnknownValue;
