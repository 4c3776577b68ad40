//! What the tests stand on: real databases, a hub in this process, the binary, made-up rows.

mod assessed;
mod audit;
pub(crate) mod bombs;
mod catalogue;
mod db;
pub(crate) mod dovecot;
pub(crate) mod faulty;
pub(crate) mod foreign;
mod hub;
pub(crate) mod made;
pub(crate) mod mailserver;
pub(crate) mod mariadb;
mod outside;
pub(crate) mod postgres;
mod program;
pub(crate) mod rows;
mod server;
mod state;

pub(crate) use assessed::assessed;
pub(crate) use audit::exports;
pub(crate) use catalogue::{CatalogueCopy, catalogue_with};
pub(crate) use db::{Db, on_both};
pub(crate) use hub::{Hub, KEY, TODAY, moment};
pub(crate) use outside::{Asked, Outside, read_head};
pub(crate) use program::{Program, Ran, Running, zhengxin};
pub(crate) use state::{anywhere, count, count_on, evidence_of, leftovers, state};
