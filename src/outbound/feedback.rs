//! What platforms say later: rows of a feedback table, or files dropped beside the packages.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use domain::outbox::MessageNumber;

use crate::{
    catalogue::Feedback,
    store::{Noted, Outcome},
};

use super::{Channel, Error, Outbound, Target, package::Folder, round::RoundReport, trial::short};

/// Messages without an answer that are asked for in one round.
const ASKED_MAX: u64 = 5_000;
/// Entries of a folder that are looked at in one round.
const ENTRIES_MAX: usize = 10_000;
/// Bytes of one feedback file.
const FILE_BYTES_MAX: u64 = 16 * 1_024 * 1_024;
/// Where feedback files go that say nothing new, inside the platform's folder.
const DONE: &str = "feedback-done";

/// One row of feedback: number, state, receipt, reason.
type Row = [Option<String>; 4];

impl Outbound {
    /// Reads what the platform has said since.
    pub(super) async fn read_feedback(
        &self,
        target: &Target,
        report: &mut RoundReport,
    ) -> Result<(), Error> {
        match &target.channel {
            Channel::Service(_) => {}
            Channel::Table(exchange) => {
                let Some(feedback) = exchange.feedback() else {
                    return Ok(());
                };
                let open = self.store.unsettled_outbox(&target.key, ASKED_MAX).await?;
                let numbers: Vec<String> = open.iter().map(ToString::to_string).collect();
                if numbers.is_empty() {
                    return Ok(());
                }
                match exchange.ask(feedback, &numbers).await {
                    Ok(rows) => {
                        self.note(target, feedback, rows, report).await?;
                    }
                    Err(failure) => report.trouble(target, &failure.reason),
                }
            }
            Channel::Package(folder) => {
                if let Some(feedback) = folder.feedback() {
                    self.read_files(target, folder, feedback, report).await?;
                }
            }
        }
        Ok(())
    }

    async fn read_files(
        &self,
        target: &Target,
        folder: &Folder,
        feedback: &Feedback,
        report: &mut RoundReport,
    ) -> Result<(), Error> {
        let (path, layout) = (folder.path.clone(), feedback.clone());
        let files = tokio::task::spawn_blocking(move || look(&path, &layout)).await;
        let files = match files {
            Ok(Ok(files)) => files,
            Ok(Err(error)) => {
                report.trouble(target, &format!("its folder can't be read: {error}"));
                return Ok(());
            }
            Err(error) => {
                report.trouble(target, &error.to_string());
                return Ok(());
            }
        };
        for (path, rows) in files {
            let name = path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            let rows = match rows {
                Ok(rows) => rows,
                Err(reason) => {
                    report.trouble(target, &format!("feedback file {name}: {reason}"));
                    continue;
                }
            };
            // It stays as long as it says something new: it may still be growing.
            if self.note(target, feedback, rows, report).await? == 0
                && let Err(error) = put_aside(&path, &name)
            {
                report.trouble(target, &format!("feedback file {name} stays: {error}"));
            }
        }
        Ok(())
    }

    /// Notes rows of feedback; how many of them said something new.
    async fn note(
        &self,
        target: &Target,
        feedback: &Feedback,
        rows: Vec<Row>,
        report: &mut RoundReport,
    ) -> Result<usize, Error> {
        let mut known = Vec::new();
        let mut strange = 0;
        for [number, state, receipt, reason] in rows {
            let state = state.unwrap_or_default();
            let number = number.as_deref().and_then(MessageNumber::parse);
            let outcome = if feedback.accepted.contains(&state) {
                Outcome::Accepted(receipt.map(|receipt| short(&receipt)))
            } else if feedback.refused.contains(&state) {
                Outcome::Refused(short(reason.as_deref().unwrap_or("no reason was given")))
            } else {
                strange += 1;
                continue;
            };
            match number {
                Some(number) => known.push((number, outcome)),
                None => strange += 1,
            }
        }
        let now = self.clock.now();
        let noted = self.store.note_feedback(&target.key, &known, now).await?;
        let mut new = 0;
        for ((_, outcome), noted) in known.iter().zip(noted) {
            match noted {
                Noted::New => {
                    new += 1;
                    report.count(outcome);
                }
                Noted::Known => {}
                Noted::Foreign => strange += 1,
            }
        }
        if strange > 0 {
            let told = format!(
                "{strange} row(s) of feedback bear no number of ours or no state of the layout"
            );
            report.trouble(target, &told);
        }
        Ok(new)
    }
}

/// A file with its rows, or why it has none.
type Looked = (PathBuf, Result<Vec<Row>, String>);

/// The feedback files of a folder. No link is followed, no sub-folder looked into.
fn look(folder: &Path, feedback: &Feedback) -> io::Result<Vec<Looked>> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder)?.take(ENTRIES_MAX) {
        let entry = entry?;
        let is_feedback = entry
            .file_name()
            .to_string_lossy()
            .ends_with(&feedback.name);
        if is_feedback && entry.file_type()?.is_file() {
            paths.push(entry.path());
        }
    }
    paths.sort();
    Ok(paths
        .into_iter()
        .map(|path| (path.clone(), read(&path, feedback)))
        .collect())
}

fn read(path: &Path, feedback: &Feedback) -> Result<Vec<Row>, String> {
    let told = |error: &dyn std::fmt::Display| error.to_string();
    let bytes = fs::metadata(path).map_err(|error| told(&error))?.len();
    if bytes > FILE_BYTES_MAX {
        return Err(format!("{bytes} bytes, expected at most {FILE_BYTES_MAX}"));
    }
    let text = fs::read_to_string(path).map_err(|error| told(&error))?;
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(&text);
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let headings = reader.headers().map_err(|error| told(&error))?.clone();
    let at = |name: &str| headings.iter().position(|heading| heading.trim() == name);
    let needed = |name: &str| at(name).ok_or_else(|| format!("column {name} is missing"));
    let columns = [
        Some(needed(&feedback.number)?),
        Some(needed(&feedback.state)?),
        feedback.receipt.as_deref().and_then(at),
        feedback.reason.as_deref().and_then(at),
    ];
    let rows = reader.records().map(|row| {
        let row = row.map_err(|error| told(&error))?;
        Ok(columns.map(|column| {
            let cell = row.get(column?)?.trim();
            (!cell.is_empty()).then(|| cell.to_owned())
        }))
    });
    rows.collect()
}

fn put_aside(path: &Path, name: &str) -> io::Result<()> {
    let done = path.parent().unwrap_or(Path::new("")).join(DONE);
    fs::create_dir_all(&done)?;
    fs::rename(path, done.join(name))
}
