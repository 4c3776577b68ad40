//! Knowledge of law, lists, sources and rights, as data. It is loaded and checked as a whole; a
//! mistake stops the start and is named with file, line and key.

mod access;
mod aliases;
mod assess;
mod casework;
mod checks;
mod divisions;
mod error;
mod files;
mod form;
mod list;
mod notify;
mod outbound;
mod reforms;
mod source;
mod units;
mod working_days;

use std::{
    collections::BTreeMap,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use chrono::NaiveDate;
use domain::{
    calendar::Calendar,
    casework::{Measure, PublicityRule, Sanction},
    credit_record::CreditRecord,
    directory::Knowledge,
    division::{DivisionCode, DivisionTree},
    gazetteer::Gazetteer,
    knowledge::{Row, rows},
};
use sha2::{Digest, Sha256};

pub use access::Access;
pub use assess::{Assess, is_named, kept_pack};
pub use casework::{Body, Casework, Competence, SUPERIOR};
pub use checks::{CheckColumn, Checks};
pub use error::Error;
pub use list::{CatalogueItem, Lists};
pub use notify::Notify;
pub use outbound::{
    Answer, Feedback, Layout, Manifest, OutboundColumn, OutboundField, Package, PackageForm, Query,
    SendService, SqlType, Table, Values,
};
pub use source::{
    Asking, Bounds, ColumnName, Condition, EXCHANGE_ROWS, Envelope, Exchange, Extent,
    FeedbackTable, Field, FieldType, Form, HeldPost, MAILBOX_LETTER, Mailbox, Other, Paging, Pull,
    RAW_DAYS, Reader, Sample, Schedule, Service, Signing, Since, Sort, Source, TableName,
    TimeFormat, Yields,
};

use files::Files;

/// The files of [`Catalogue::resolution_tables`].
const TABLES: [&str; 2] = ["aliases.toml", "successions.toml"];

/// Files that say nothing of who is meant.
const OF_CASEWORK: [&str; 9] = [
    "access.toml",
    "annual.toml",
    "checks.toml",
    "competence.toml",
    "deadlines.toml",
    "measures.toml",
    "notify.toml",
    "publicity.toml",
    "redlines.toml",
];

/// All of it.
#[derive(Debug)]
pub struct Catalogue {
    pub divisions: Arc<DivisionTree>,
    /// What the resolver knows beside the register.
    pub knowledge: Arc<Knowledge>,
    pub calendar: Calendar,
    pub sources: BTreeMap<String, Source>,
    pub lists: Lists,
    /// Layouts of what leaves, by the platform's key.
    pub outbound: BTreeMap<String, Layout>,
    pub access: Access,
    /// What casework goes by.
    pub casework: Casework,
    /// What bodies are graded and warned by.
    pub assess: Assess,
    /// How lists of subjects are read that are to be checked.
    pub checks: Checks,
    /// How mail about warnings is sent.
    pub notify: Arc<Notify>,
    /// SHA-256 over all files, in hexadecimal: which catalogue an answer was given by.
    pub fingerprint: String,
    /// Over those files that say who is meant and what rows come to, but for the tables below.
    pub resolution_fingerprint: String,
    /// The rows of aliases and reforms, which change alone and concern few.
    pub resolution_tables: Vec<Row>,
}

impl Catalogue {
    /// As [`Self::load`], but the one that was built in is read once a process: it takes half a second in a
    /// debug build, and every hub of a test needs it.
    pub fn open(folder: Option<&Path>) -> Result<Arc<Self>, Vec<Error>> {
        static BUILT_IN: Mutex<Option<Arc<Catalogue>>> = Mutex::new(None);
        if folder.is_some() {
            return Self::load(folder).map(Arc::new);
        }
        let mut built_in = BUILT_IN.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(catalogue) = &*built_in {
            return Ok(Arc::clone(catalogue));
        }
        let catalogue = Arc::new(Self::load(None)?);
        *built_in = Some(Arc::clone(&catalogue));
        Ok(catalogue)
    }

    /// The catalogue in a folder, or the one that was built in.
    pub fn load(folder: Option<&Path>) -> Result<Self, Vec<Error>> {
        let files = match folder {
            Some(folder) => Files::read(folder).map_err(|error| vec![error])?,
            None => Files::embedded(),
        };
        let mut errors = Vec::new();
        let divisions = keep(divisions::load(&files), &mut errors);
        let calendar = keep(working_days::load(&files), &mut errors);
        let lists = keep(list::load(&files, divisions.as_ref()), &mut errors);
        let sources = keep(source::load(&files, lists.as_ref()), &mut errors);
        let outbound = keep(outbound::load(&files), &mut errors);
        let access = keep(access::load(&files), &mut errors);
        let casework = casework::load(&files, lists.as_ref(), divisions.as_ref());
        let casework = keep(casework, &mut errors);
        let assess = keep(assess::load(&files, lists.as_ref()), &mut errors);
        let checks = keep(checks::load(&files), &mut errors);
        let notify = keep(notify::load(&files, calendar.as_ref()), &mut errors);
        let aliases = keep(aliases::load(&files, divisions.as_ref()), &mut errors);
        let reforms = keep(reforms::load(&files, divisions.as_ref()), &mut errors);
        let units = keep(units::load(&files), &mut errors);
        match (
            divisions, aliases, reforms, units, calendar, lists, sources, outbound, access,
            casework, assess, checks, notify,
        ) {
            (
                Some(divisions),
                Some(aliases),
                Some(reforms),
                Some(units),
                Some(calendar),
                Some(lists),
                Some(sources),
                Some(outbound),
                Some(access),
                Some(casework),
                Some(assess),
                Some(checks),
                Some(notify),
            ) if errors.is_empty() => {
                let divisions = Arc::new(divisions);
                let resolution_tables = rows(&aliases, &reforms);
                let knowledge = Knowledge {
                    gazetteer: Gazetteer::new(Arc::clone(&divisions)),
                    aliases,
                    reforms,
                    units,
                };
                Ok(Self {
                    divisions,
                    knowledge: Arc::new(knowledge),
                    calendar,
                    sources,
                    lists,
                    outbound,
                    access,
                    casework,
                    assess,
                    checks,
                    notify: Arc::new(notify),
                    fingerprint: fingerprint(&files, |_| true),
                    resolution_fingerprint: fingerprint(&files, |name| {
                        !OF_CASEWORK.contains(&name)
                            && !name.starts_with("outbound/")
                            && !name.starts_with("workflows/")
                            && !name.starts_with("rules/")
                            && !name.ends_with(".md")
                            && !TABLES.contains(&name)
                    }),
                    resolution_tables,
                })
            }
            _ => Err(errors),
        }
    }
}

impl Catalogue {
    /// The measure of a code for a day in a place.
    pub fn measure(
        &self,
        code: &str,
        on: NaiveDate,
        place: Option<DivisionCode>,
    ) -> Option<&Measure> {
        let measures = &self.casework.measures;
        measures.rule(code, on, place, &self.divisions)
    }

    /// The measure of a sanction in a place.
    pub fn measure_of(&self, sanction: &Sanction, place: Option<DivisionCode>) -> Option<&Measure> {
        self.measure(&sanction.measure, sanction.measured_on(), place)
    }

    /// The rule by which a record in a place is shown.
    pub fn publicity_rule(
        &self,
        record: &CreditRecord,
        place: Option<DivisionCode>,
    ) -> Option<&PublicityRule> {
        let (rules, tree) = (&self.casework.publicity, &self.divisions);
        rules.rule(record.kind, record.tier, record.identified_on, place, tree)
    }
}

/// Keeps what was loaded; what went wrong is gathered, so that one look shows all mistakes.
fn keep<T>(loaded: Result<T, Vec<Error>>, errors: &mut Vec<Error>) -> Option<T> {
    loaded.map_err(|mut found| errors.append(&mut found)).ok()
}

fn fingerprint(files: &Files, counts: impl Fn(&str) -> bool) -> String {
    let mut hash = Sha256::new();
    for (name, text) in files.iter().filter(|(name, _)| counts(name)) {
        hash.update((name.len() as u64).to_be_bytes());
        hash.update(name);
        hash.update((text.len() as u64).to_be_bytes());
        hash.update(text);
    }
    crate::hex(&hash.finalize())
}
