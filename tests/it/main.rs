//! Behaviour of the whole hub through its public doors: files in, the command line, GraphQL out; on
//! real databases and with an injected clock.
#![allow(
    clippy::disallowed_methods,
    reason = "tests send requests and read the environment themselves"
)]

mod api;
mod audit;
mod check;
mod cli;
mod directions;
mod egress;
mod faults;
mod fixtures;
mod flows;
mod ingest;
mod jobs;
mod notify;
mod outbound;
mod pulling;
mod raw_store;
mod resolution;
mod retention;
mod serving;
mod store;
mod support;
mod tenth_source;
