//! What leaves: confirmed records and their later changes, from the outbox to the platforms that
//! are to hear of them, over a service, in file packages or through an exchange table.
//!
//! A message goes out under the same number however often it is tried. Its row in the outbox is
//! claimed before anything is sent, and says UNKNOWN until the outcome is noted: whoever finds an
//! abandoned claim asks by the number before he sends again.

mod feedback;
mod ledger;
mod message;
mod package;
mod round;
mod rows;
mod service;
mod sql;
mod table;
mod trial;

use std::sync::Arc;

use crate::{
    audit::Audit,
    catalogue::{Catalogue, Layout},
    clock::Clock,
    config::{self, Config},
    egress::{self, Egress},
    store::{self, OutboxTarget, Store},
};

pub use ledger::{LedgerError, LedgerFilter, TableForm, Written, guarded, write_ledger};
pub use message::row;
pub use round::RoundReport;

/// The way out to all platforms that are configured.
pub struct Outbound {
    store: Store,
    audit: Audit,
    catalogue: Arc<Catalogue>,
    clock: Clock,
    targets: Vec<Target>,
}

/// One platform.
struct Target {
    key: String,
    channel: Channel,
}

enum Channel {
    Service(service::Service),
    Package(package::Folder),
    Table(table::Exchange),
}

/// Why nothing can leave.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("outbound.{target}: there is no layout of this name, expected one of {known}")]
    Target { target: String, known: String },
    #[error("outbound.{target}.channel is missing, expected service, package or table")]
    NoChannel { target: String },
    #[error("outbound.{target}: its layout catalogue/outbound/{target}.toml has no [{channel}]")]
    Channel {
        target: String,
        channel: &'static str,
    },
    #[error("outbound.{target}: {expected} is needed")]
    Place {
        target: String,
        expected: &'static str,
    },
    #[error("outbound.{target}: {source}")]
    Egress {
        target: String,
        source: egress::Error,
    },
    #[error(transparent)]
    Store(#[from] store::Error),
}

/// What each layout's platform is to hear of: what the store writes into the outbox.
pub fn targets(catalogue: &Catalogue) -> Vec<OutboxTarget> {
    let target = |(key, layout): (&String, &Layout)| OutboxTarget {
        key: key.clone(),
        kinds: layout.kinds.get_ref().clone(),
        sources_excluded: layout.sources_excluded.clone(),
    };
    catalogue.outbound.iter().map(target).collect()
}

impl Outbound {
    /// The way out to what is configured.
    pub fn new(
        config: &Config,
        catalogue: Arc<Catalogue>,
        (store, audit): (Store, Audit),
        egress: &Egress,
        clock: Clock,
    ) -> Result<Self, Error> {
        let targets = config.outbound.iter().map(|(key, configured)| {
            let layout = catalogue.outbound.get(key).ok_or_else(|| Error::Target {
                target: key.clone(),
                known: catalogue
                    .outbound
                    .keys()
                    .cloned()
                    .collect::<Vec<_>>()
                    .join(", "),
            })?;
            let channel = channel(key, layout, configured, egress, &clock)?;
            Ok(Target {
                key: key.clone(),
                channel,
            })
        });
        let targets = targets.collect::<Result<_, Error>>()?;
        Ok(Self {
            store,
            audit,
            catalogue,
            clock,
            targets,
        })
    }

    /// Whether any platform is configured.
    pub fn is_configured(&self) -> bool {
        !self.targets.is_empty()
    }
}

fn channel(
    key: &str,
    layout: &Layout,
    configured: &config::Outbound,
    egress: &Egress,
    clock: &Clock,
) -> Result<Channel, Error> {
    let place = &configured.place;
    Ok(match configured.channel {
        None => {
            return Err(Error::NoChannel {
                target: key.to_owned(),
            });
        }
        Some(config::Channel::Service) => {
            Channel::Service(service::Service::new(key, layout, place, egress, clock)?)
        }
        Some(config::Channel::Package) => {
            Channel::Package(package::Folder::new(key, layout, place)?)
        }
        Some(config::Channel::Table) => Channel::Table(table::Exchange::new(key, layout, place)?),
    })
}
