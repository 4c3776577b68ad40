//! Database rows, one file a table. No behaviour: `src/store` reads and writes them.
//!
//! Rows that tell facts are versions: `change_from` is the change that brought the version in,
//! `change_to` the one that ended it. A change without a number (`change::Model::seq`) is still
//! being written, and nobody sees what it brings or ends.

pub mod agency;
pub mod agency_name;
pub mod annual_campaign;
pub mod annual_input;
pub mod annual_objection;
pub mod annual_pack;
pub mod annual_result;
pub mod assess_basis;
pub mod assessment;
pub mod attachment;
pub mod audit_checkpoint;
pub mod audit_entry;
pub mod audit_head;
pub mod audit_node;
pub mod audit_object;
pub mod audit_payload;
pub mod audit_pending;
pub mod audit_witnessed;
pub mod case_event;
pub mod casefile;
pub mod change;
pub mod check_exclusion;
pub mod check_list;
pub mod check_list_part;
pub mod checkpoint;
pub mod clue;
pub mod credit_record;
pub mod decision;
pub mod evidence;
pub mod feedback;
pub mod idempotency;
pub mod indicator;
pub mod knowledge;
pub mod mention;
pub mod notice;
pub mod notice_attempt;
pub mod outbox;
pub mod post;
pub mod publication;
pub mod raw_delivery;
pub mod raw_key;
pub mod reject;
pub mod resolved;
pub mod revocation;
pub mod run;
pub mod run_file;
pub mod score;
pub mod source;
pub mod succession;
pub mod warning;
pub mod warning_event;
pub mod watch_list;
pub mod watch_progress;
pub mod watch_subject;
pub mod zero_report;
