//! What leaves the machine: one client with deadlines, byte caps, rules on addresses, retries, a
//! pace and a breaker for each host; no redirects, no proxy from the environment, no decoding behind
//! our back. Also how services want to be asked: their dialects of signing.

mod address;
mod body;
mod breaker;
mod door;
mod error;
mod hosts;
mod limits;
mod names;
mod request;
mod retry;
mod service;
mod signing;

use std::sync::Arc;

use crate::config::Place;

pub use address::{may_be_reached, ranges, resolve};
pub use door::Door;
pub use error::{Error, repeatable_message};
pub use limits::{ANSWER_BYTES_MAX, Limits, REQUESTS_PER_SECOND, RETRY_AFTER_MAX};
pub use names::Names;
pub use request::{Answer, Request};
pub use service::Service;
pub use signing::{BadCipher, Cryptography, Dialect, Mode, Software};

use hosts::Hosts;

/// The client. Its clones share what is known of the hosts.
#[derive(Debug, Clone, Default)]
pub struct Egress {
    limits: Arc<Limits>,
    names: Names,
    hosts: Arc<Hosts>,
}

impl Egress {
    /// A client with the limits that everything outside is held to.
    pub fn new() -> Self {
        Self::default()
    }

    /// A client with other limits.
    pub fn with(limits: Limits) -> Self {
        Self {
            limits: Arc::new(limits),
            ..Self::default()
        }
    }

    /// The same client, to which somebody else tells the addresses of names.
    pub fn by_names(self, names: Names) -> Self {
        Self { names, ..self }
    }

    /// The way to one place: its scheme, host and port, and nothing else.
    pub fn door(&self, place: &Place) -> Result<Door, Error> {
        Door::new(place, self)
    }
}
