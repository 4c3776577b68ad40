//! Telling subscribers of warnings, by signed webhooks (Standard Webhooks) and by mail, and of their watch lists, by
//! webhooks.
//!
//! A notice is written with what it tells of (`src/store/notice/`) and goes out under the same id
//! however often it is tried. Whoever gets it twice, because a sender was killed before he noted what
//! had come of it, tells it by that id.

mod mail;
mod round;
mod signature;
mod smtp;
mod webhook;

use std::{collections::BTreeSet, sync::Arc};

use chrono::{DateTime, Utc};
use domain::{assess::WarningLevel, notice::Wanted};
use tokio::sync::watch;

use crate::{
    audit::Audit,
    catalogue::Catalogue,
    clock::Clock,
    config::{Config, Subscriber, Way},
    egress::{self, Egress},
    store::{self, NoticeTarget, Store, WatchTarget},
};

pub use round::NotifyReport;

/// The ways to all subscribers that are configured.
pub struct Notify {
    store: Store,
    catalogue: Arc<Catalogue>,
    audit: Audit,
    clock: Clock,
    /// Which hub this is: ids of warnings carry it.
    province: String,
    ways: Vec<(String, Channel)>,
}

/// The way to one subscriber.
enum Channel {
    Webhook(webhook::Webhook),
    Mail(Box<mail::Mail>),
}

/// Why nobody can be told.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("notify.{name}: {reason}")]
    Way { name: String, reason: &'static str },
    #[error("notify.{name}.{key}: {reason}")]
    Subscriber {
        name: String,
        key: &'static str,
        reason: String,
    },
    #[error("notify.{name}: {source}")]
    Egress { name: String, source: egress::Error },
    #[error("smtp.{key}: {reason}")]
    Smtp { key: &'static str, reason: String },
    #[error(transparent)]
    Store(#[from] store::Error),
}

/// What became of a try.
struct Trial {
    outcome: Outcome,
    /// What was answered: of HTTP or of SMTP.
    status: Option<u16>,
    /// What went wrong, in short.
    error: Option<String>,
}

enum Outcome {
    Done,
    /// It failed; whoever answers asks to be left alone so long.
    Failed(Option<std::time::Duration>),
    /// The subscriber wants no more.
    Gone,
    /// Nothing was sent, and no other message would be either.
    Down(std::time::Duration),
}

fn way<'a>(name: &str, subscriber: &'a Subscriber) -> Result<Way<'a>, Error> {
    subscriber.way().map_err(|reason| Error::Way {
        name: name.to_owned(),
        reason,
    })
}

/// Who is to be told of what: what the store writes down.
pub fn targets(config: &Config, catalogue: &Catalogue) -> Result<Vec<NoticeTarget>, Error> {
    let of_warnings = config.notify.iter().filter(|(_, one)| one.watch.is_none());
    let target = |(name, subscriber): (&String, &Subscriber)| {
        let timing = matches!(way(name, subscriber)?, Way::Mail(_))
            .then(|| Arc::new(catalogue.notify.timing.clone()));
        Ok(NoticeTarget {
            key: name.clone(),
            wanted: wanted(name, subscriber, catalogue)?,
            timing,
        })
    };
    of_warnings.map(target).collect()
}

/// Who is told of whose watch lists.
pub fn watch_targets(config: &Config) -> Result<Vec<WatchTarget>, Error> {
    let believed = config.auth.believed();
    let target = |(name, subscriber): (&String, &Subscriber)| {
        let watch = subscriber.watch.as_ref()?;
        let issuer = match (&watch.issuer, believed.as_slice()) {
            (Some(issuer), all) if all.contains(&issuer.as_str()) => Ok(issuer.clone()),
            (None, &[issuer]) => Ok(issuer.to_owned()),
            (_, all) => Err(Error::Subscriber {
                name: name.clone(),
                key: "watch.issuer",
                reason: format!("expected one of {all:?}"),
            }),
        };
        let target = issuer.map(|issuer| WatchTarget {
            key: name.clone(),
            issuer,
            subject: watch.subject.clone(),
            role: watch.role.0,
        });
        Some(target)
    };
    config.notify.iter().filter_map(target).collect()
}

fn wanted(name: &str, subscriber: &Subscriber, catalogue: &Catalogue) -> Result<Wanted, Error> {
    let wrong = |key, reason: String| Error::Subscriber {
        name: name.to_owned(),
        key,
        reason,
    };
    let tree = &catalogue.divisions;
    let divisions = match subscriber.division {
        Some(code) => {
            let subtree = tree.subtree(code).ok_or_else(|| {
                let reason = format!("{code} is no division of the catalogue");
                wrong("division", reason)
            })?;
            let codes = subtree.map(|position| tree.at(position).code.to_string());
            Some(codes.collect::<BTreeSet<_>>())
        }
        None => None,
    };
    let lines = &catalogue.assess.red_lines;
    for code in &subscriber.red_lines {
        if !lines.iter().any(|line| line.code == *code) {
            let known: Vec<&str> = lines.iter().map(|line| line.code.as_str()).collect();
            let known = known.join(", ");
            let reason = format!("{code:?} is no red line, expected some of {known}");
            return Err(wrong("red_lines", reason));
        }
    }
    Ok(Wanted {
        divisions,
        min_level: subscriber.min_level.unwrap_or(WarningLevel::Blue),
        red_lines: subscriber.red_lines.iter().cloned().collect(),
        warned: subscriber.warned.map(|code| code.to_string()),
    })
}

impl Notify {
    /// The ways to whoever is configured.
    pub fn new(
        config: &Config,
        catalogue: Arc<Catalogue>,
        (store, audit): (Store, Audit),
        egress: &Egress,
        clock: Clock,
    ) -> Result<Self, Error> {
        // What the store writes down for them is held against the catalogue here, too.
        targets(config, &catalogue)?;
        watch_targets(config)?;
        let server = config.smtp.as_ref().map(smtp::Server::new).transpose()?;
        let channel = |(name, subscriber): (&String, &Subscriber)| {
            let channel = match way(name, subscriber)? {
                Way::Webhook(place, secrets) => {
                    Channel::Webhook(webhook::Webhook::new(name, &place, secrets, egress)?)
                }
                Way::Mail(address) => {
                    Channel::Mail(Box::new(mail::Mail::new(name, address, server.as_ref())?))
                }
            };
            Ok((name.clone(), channel))
        };
        Ok(Self {
            ways: config
                .notify
                .iter()
                .map(channel)
                .collect::<Result<_, Error>>()?,
            store,
            audit,
            catalogue,
            clock,
            province: config.hub.province.clone(),
        })
    }

    /// Changes where something was written down for subscribers beside the log.
    pub fn noticed(&self) -> watch::Receiver<()> {
        self.store.noticed()
    }

    /// Whether anybody is configured.
    pub fn is_configured(&self) -> bool {
        !self.ways.is_empty()
    }
}

/// The id of something of a kind, as the API has it.
fn api_id(kind: &str, province: &str, number: i64) -> String {
    format!("{kind}_{province}_{number}")
}

/// A moment as people in China read it.
fn there(at: DateTime<Utc>) -> String {
    let there = at.with_timezone(&domain::date::china_offset());
    there.format("%Y-%m-%d %H:%M").to_string()
}
