//! Zhengxin (政信): a GraphQL data hub for government integrity.
//!
//! Data flows one way: sources → `ingest` → `store` → `graph` → `api`. ARCHITECTURE.md is the map.

pub mod api;
pub mod app;
pub mod assess;
pub mod audit;
pub mod auth;
pub mod casework;
pub mod catalogue;
pub mod check;
pub mod cli;
pub mod clock;
pub mod config;
pub mod demo;
pub mod egress;
pub mod failpoint;
pub mod graph;
pub mod ingest;
pub mod jobs;
pub mod key_file;
pub mod notify;
pub mod outbound;
pub mod person_key;
pub mod raw_key;
pub mod retention;
pub mod serve;
pub mod sources;
pub mod store;
pub mod tables;
pub mod telemetry;
pub mod timetable;
pub mod web;

/// Bytes in lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
}
