//! Trying a source's samples: a description says what its rows become, and here it is held to it.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use domain::{
    agency::{Agency, AgencyKind, BodyClass},
    uscc::Uscc,
};
use tokio::sync::mpsc;

use crate::{
    catalogue::{Catalogue, Sample, Source},
    graph::Graph,
    person_key::PersonKey,
    sources::RawStore,
    store::{Fact, NewRun},
};

use super::reading::{Batch, Reading};

/// Batches of a sample: it is small.
const BATCHES_MAX: usize = 64;

/// What of the sources' samples does not come out as they say, a sentence each.
pub fn try_samples(catalogue: &Catalogue, now: DateTime<Utc>) -> Vec<String> {
    let all = || catalogue.sources.values();
    // The reading half of a delivery blocks, which a thread of the runtime must not.
    let tried = std::thread::scope(|scope| {
        let trial = scope.spawn(|| {
            all()
                .flat_map(|source| of_source(catalogue, source, now))
                .collect()
        });
        trial.join()
    });
    tried.unwrap_or_else(|_| vec!["the samples could not be tried to their end".to_owned()])
}

fn of_source(catalogue: &Catalogue, source: &Source, now: DateTime<Utc>) -> Vec<String> {
    let mut wrong = Vec::new();
    for sample in &source.sample {
        let told = try_sample(catalogue, source, sample, now);
        wrong.extend(told.into_iter().map(|what| {
            let key = source.key.get_ref();
            format!("sources/{key}.toml: sample {:?}: {what}", sample.what)
        }));
    }
    wrong
}

fn try_sample(
    catalogue: &Catalogue,
    source: &Source,
    sample: &Sample,
    now: DateTime<Utc>,
) -> Vec<String> {
    let graph = match graph_of(catalogue, sample) {
        Ok(graph) => graph,
        Err(reason) => return vec![reason],
    };
    let (sender, mut batches) = mpsc::channel(BATCHES_MAX);
    let new = NewRun {
        reread_of: None,
        source: source.key.get_ref().clone(),
        feed: "sample".to_owned(),
        is_full: false,
        data_as_of: now,
        started_at: now,
        place: None,
        files: Vec::new(),
    };
    let key = PersonKey::new(b"a key for samples alone, no secret");
    let mut reading = Reading::new(
        source,
        &new,
        catalogue,
        &graph,
        Some(&key),
        sender,
        RawStore::in_memory(),
    );
    // Attachments are kept, if only in memory.
    let runtime = match tokio::runtime::Builder::new_current_thread().build() {
        Ok(runtime) => runtime,
        Err(error) => return vec![error.to_string()],
    };
    let _entered = runtime.enter();
    let text = sample.text.trim_start();
    let read = reading
        .file("sample", text.as_bytes())
        .and_then(|()| reading.finish());
    let mut rows: Vec<(i64, String)> = Vec::new();
    while let Ok(batch) = batches.try_recv() {
        take(batch, &mut rows);
    }
    rows.sort();
    match (read, &sample.refused) {
        (Ok(read), None) => {
            let found: Vec<&str> = rows.iter().map(|(_, what)| what.as_str()).collect();
            let mut wrong = Vec::new();
            if found != sample.becomes {
                wrong.push(format!("expected {:?}, found {found:?}", sample.becomes));
            }
            let lacking = sample
                .warns
                .iter()
                .filter(|part| !read.warnings.iter().any(|told| told.contains(*part)));
            wrong.extend(lacking.map(|part| format!("no warning says {part:?}")));
            if sample.warns.is_empty() && !read.warnings.is_empty() {
                wrong.push(format!("unexpected warnings: {:?}", read.warnings));
            }
            wrong
        }
        (Err(error), Some(part)) if error.to_string().contains(part) => Vec::new(),
        (Err(error), Some(part)) => vec![format!("expected a refusal with {part:?}: {error}")],
        (Err(error), None) => vec![format!("it is refused: {error}")],
        (Ok(_), Some(part)) => vec![format!("it is not refused; expected {part:?}")],
    }
}

fn take(batch: Batch, rows: &mut Vec<(i64, String)>) {
    for row in batch.rows {
        let line = row
            .location
            .rsplit(':')
            .next()
            .and_then(|line| line.parse().ok());
        let what = match row.fact.map(|hashed| hashed.fact) {
            None => "ended",
            Some(Fact::Agency(_)) => "agency",
            Some(Fact::Succession(_)) => "succession",
            Some(Fact::Record(_)) => "record",
            Some(Fact::Mention(_)) => "mention",
            Some(Fact::Clue(_)) => "clue",
            Some(Fact::Indicator(_)) => "indicator",
            Some(Fact::Post(_)) => "post",
            Some(Fact::Assessment(_)) => "assessment",
        };
        rows.push((line.unwrap_or(0), what.to_owned()));
    }
    rows.extend(
        batch
            .counted
            .iter()
            .map(|line| (*line, "counted".to_owned())),
    );
    for reject in batch.rejects {
        let column = reject.column.unwrap_or_default();
        rows.push((reject.line, format!("rejected: {column}")));
    }
}

/// A graph in which the register knows the sample's bodies, each in the division of its code.
fn graph_of(catalogue: &Catalogue, sample: &Sample) -> Result<Graph, String> {
    let mut agencies = Vec::new();
    for (code, name) in &sample.bodies {
        let uscc: Uscc = code.parse().map_err(|error| format!("bodies: {error}"))?;
        let division = &uscc.as_str()[2..8];
        let division = division
            .parse()
            .map_err(|error| format!("bodies: {code}: {error}"))?;
        let kind = match uscc.class() {
            BodyClass::Agency(kind) => kind,
            _ => AgencyKind::Other,
        };
        agencies.push(Agency {
            uscc,
            kind,
            name: name.clone(),
            division,
            established_on: None,
            abolished_on: None,
            superior: None,
            competent: Vec::new(),
            names: Vec::new(),
        });
    }
    Ok(Graph::of(Arc::clone(&catalogue.knowledge), agencies))
}
