//! Behaviour of the whole hub through its public doors: files in, the command line, GraphQL out; on
//! real databases and with an injected clock.

mod support;
