//! A mailbox, read over IMAP: what is new in one folder, each message kept as it came. Nothing is
//! marked, moved or deleted there.

mod bounded;
mod folder;
mod mark;
mod wire;

use std::time::Duration;

use async_imap::imap_proto::{AttributeValue, Response, Status};
use tokio::time::{Instant, timeout};

use crate::{
    catalogue::{MAILBOX_LETTER, Source},
    config::Place,
};

use super::{Checkpoints, Journal, LandError, Landing};

use mark::{Mark, TRIES_MAX, Withheld};
use wire::Session;

/// One command and its answer, where that is short.
const COMMAND_TIMEOUT: Duration = Duration::from_secs(30);
/// Until the next bytes of an answer.
const IDLE_TIMEOUT: Duration = Duration::from_secs(30);
/// As slowly may a long answer come: one that is slower has no end.
const BYTES_PER_SECOND_MIN: u64 = 64 * 1_024;
/// A run; what was not asked for until then comes with the next one.
const RUN_TIMEOUT: Duration = Duration::from_secs(10 * 60);
/// A longer message is left out.
pub const MESSAGE_BYTES_MAX: u64 = 32 * 1_024 * 1_024;
/// Messages of one run.
pub const MESSAGES_MAX: usize = 10_000;
/// Messages asked for at once, which together have at most `MESSAGE_BYTES_MAX`.
const BATCH_MESSAGES_MAX: usize = 100;
/// Bytes that a server may send about messages: a million numbers with their sizes.
const LIST_BYTES_MAX: u64 = 64 * 1_024 * 1_024;
/// Bytes beside the messages in an answer; sizes that servers tell are often not exact.
const AROUND_BYTES_MAX: u64 = 1_024 * 1_024;
/// Warnings about single messages; the others are counted.
const WARNINGS_MAX: usize = 50;

/// Why a mailbox could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ImapError {
    #[error("its description names no mailbox")]
    Undescribed,
    // The address itself is not repeated: there may be a password inside.
    #[error("it is no imap or imaps address")]
    Address,
    #[error("a mailbox wants a user and a secret, and none are configured")]
    Anonymous,
    #[error("{0}")]
    Refused(String),
    #[error("the certificates in ca_file can't be used: {0}")]
    Certificates(String),
    #[error(
        "{host} offers no encryption and is in none of the ranges that its place allows: no \
         password is sent there"
    )]
    Clear { host: String },
    #[error("{host} did not answer: {reason}")]
    Unreached { host: String, reason: String },
    #[error("{host} lets us not in: {reason}")]
    Login { host: String, reason: String },
    #[error("folder {folder}: {reason}")]
    Folder { folder: String, reason: String },
    #[error("folder {folder}: {source}")]
    Land { folder: String, source: LandError },
}

/// Reads what is new in a source's folder since the checkpoint; all of it where the folder was made
/// anew, for the same message brought twice does no harm. What came before a failure stays in
/// `landing`.
pub async fn fetch<J: Journal>(
    place: &Place,
    landing: &mut Landing<'_, J>,
    source: &Source,
    before: &Checkpoints,
    mut progress: impl FnMut(u64),
) -> Result<(), ImapError> {
    let mailbox = source.mailbox.as_ref().ok_or(ImapError::Undescribed)?;
    let name = &mailbox.folder;
    let deadline = Instant::now() + RUN_TIMEOUT;
    let mut folder = Folder {
        name,
        session: wire::log_in(place).await?,
    };
    let validity = folder.examine().await?;
    let mut mark = Mark::of(before.get(name).map(String::as_str), validity);
    // What earlier runs were not given goes first.
    let mut listed = folder.list_these(&mark.withheld()).await?;
    let gone = mark.keep_only(&listed).into_iter();
    let mut left_out: Vec<String> = gone.map(|uid| format!("uid {uid} is gone")).collect();
    listed.extend(folder.list_behind(mark.last()).await?);
    if listed.len() > MESSAGES_MAX {
        let others = listed.len() - MESSAGES_MAX;
        listed.truncate(MESSAGES_MAX);
        landing.fetched.warnings.push(format!(
            "folder {name}: {others} more messages come with the next run"
        ));
    }
    let mut rest = &listed[..];
    'all: while let Some(batch) = next_batch(&mut rest) {
        if Instant::now() > deadline {
            let told =
                format!("folder {name}: the time is over, the others come with the next run");
            landing.fetched.warnings.push(told);
            break;
        }
        let fits = |listed: &&Listed| listed.bytes <= MESSAGE_BYTES_MAX;
        let small: Vec<Listed> = batch.iter().filter(fits).copied().collect();
        let mut brought = folder.messages(&small).await?;
        let lacking = |brought: &[(u32, Vec<u8>)]| -> Vec<Listed> {
            let is_missing = |one: &&Listed| brought.iter().all(|(uid, _)| *uid != one.uid);
            small.iter().filter(is_missing).copied().collect()
        };
        // A busy server may leave one out of an answer.
        brought.extend(folder.messages(&lacking(&brought)).await?);
        let lacking: Vec<u32> = lacking(&brought).iter().map(|one| one.uid).collect();
        let still_there = folder.list_these(&lacking).await?;
        for Listed { uid, bytes } in batch.iter().copied() {
            let body = brought.iter().find(|(brought, _)| *brought == uid);
            let Some((_, body)) = body else {
                let is_there = still_there.iter().any(|there| there.uid == uid);
                let what = if bytes > MESSAGE_BYTES_MAX {
                    mark.pass(uid);
                    format!("has {bytes} bytes, expected at most {MESSAGE_BYTES_MAX}")
                } else if !is_there {
                    mark.pass(uid);
                    "is gone".to_owned()
                } else {
                    match mark.withhold(uid) {
                        Withheld::Again => {
                            "is there and was not given; it is asked for again".to_owned()
                        }
                        Withheld::GivenUp => format!(
                            "was not given in {TRIES_MAX} runs and is asked for no more: see to it \
                             by hand"
                        ),
                        Withheld::TooMany => {
                            let told = format!(
                                "folder {name}: uid {uid} was not given, as too many before it; the \
                                 others come with the next run"
                            );
                            landing.fetched.warnings.push(told);
                            break 'all;
                        }
                    }
                };
                left_out.push(format!("uid {uid} {what}"));
                continue;
            };
            mark.pass(uid);
            let reached = (name.clone(), mark.to_string());
            landing.fetched.checkpoints.extend([reached]);
            let letter = format!("{name}{MAILBOX_LETTER}{uid}.eml");
            let landed = landing.land(&letter, body).await;
            landed.map_err(|source| ImapError::Land {
                folder: name.clone(),
                source,
            })?;
            progress(landing.fetched.files.len() as u64);
        }
    }
    folder.leave().await;
    if left_out.len() > WARNINGS_MAX {
        let others = left_out.len() - WARNINGS_MAX;
        left_out.truncate(WARNINGS_MAX);
        left_out.push(format!("{others} others"));
    }
    let told = left_out
        .iter()
        .map(|what| format!("folder {name}: left out: {what}"));
    landing.fetched.warnings.extend(told);
    let reached = (name.clone(), mark.to_string());
    landing.fetched.checkpoints.extend([reached]);
    Ok(())
}

/// A message that the folder holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Listed {
    uid: u32,
    bytes: u64,
}

/// The next messages to ask for, in their order; those that are too long go along uncounted.
fn next_batch<'a>(rest: &mut &'a [Listed]) -> Option<&'a [Listed]> {
    let mut bytes = 0;
    let fits = |listed: &&Listed| {
        bytes += Some(listed.bytes)
            .filter(|bytes| *bytes <= MESSAGE_BYTES_MAX)
            .unwrap_or(0);
        bytes <= MESSAGE_BYTES_MAX
    };
    let count = rest
        .iter()
        .take(BATCH_MESSAGES_MAX)
        .take_while(fits)
        .count();
    let (batch, others) = rest.split_at(count);
    *rest = others;
    (!batch.is_empty()).then_some(batch)
}

/// The folder, opened for reading.
struct Folder<'a> {
    name: &'a str,
    session: Session,
}

impl Folder<'_> {
    /// Opens it, and tells the number under which its messages' numbers hold.
    async fn examine(&mut self) -> Result<u32, ImapError> {
        let encoded = folder::encode(self.name);
        let opened = timeout(COMMAND_TIMEOUT, self.session.imap.examine(encoded)).await;
        let opened = opened.map_err(|_| self.wrong("it was not opened in time"))?;
        let opened = opened.map_err(|error| self.wrong(error))?;
        let none = "its server gives messages no lasting numbers (UIDVALIDITY)";
        opened.uid_validity.ok_or_else(|| self.wrong(none))
    }

    /// What it holds behind a message, in order.
    async fn list_behind(&mut self, last: u32) -> Result<Vec<Listed>, ImapError> {
        let Some(first) = last.checked_add(1) else {
            return Ok(Vec::new());
        };
        // `N:*` names the last message even where its number is smaller than N.
        self.list(&format!("{first}:*"), |uid| uid >= first).await
    }

    /// Which of these it holds, in order.
    async fn list_these(&mut self, uids: &[u32]) -> Result<Vec<Listed>, ImapError> {
        if uids.is_empty() {
            return Ok(Vec::new());
        }
        let named: Vec<String> = uids.iter().map(u32::to_string).collect();
        self.list(&named.join(","), |uid| uids.contains(&uid)).await
    }

    async fn list(
        &mut self,
        named: &str,
        is_meant: impl Fn(u32) -> bool,
    ) -> Result<Vec<Listed>, ImapError> {
        let mut listed = Vec::new();
        let command = format!("UID FETCH {named} (UID RFC822.SIZE)");
        self.ask(&command, LIST_BYTES_MAX, |attributes| {
            let (mut uid, mut bytes) = (None, None);
            for attribute in attributes {
                match attribute {
                    AttributeValue::Uid(found) => uid = Some(*found),
                    AttributeValue::Rfc822Size(found) => bytes = Some(u64::from(*found)),
                    _ => {}
                }
            }
            // One whose length is not told is taken for as long as one may be.
            if let Some(uid) = uid.filter(|uid| is_meant(*uid)) {
                let bytes = bytes.unwrap_or(MESSAGE_BYTES_MAX);
                listed.push(Listed { uid, bytes });
            }
        })
        .await?;
        listed.sort_by_key(|listed| listed.uid);
        listed.dedup_by_key(|listed| listed.uid);
        Ok(listed)
    }

    /// The bytes of messages, without marking them as seen.
    async fn messages(&mut self, wanted: &[Listed]) -> Result<Vec<(u32, Vec<u8>)>, ImapError> {
        if wanted.is_empty() {
            return Ok(Vec::new());
        }
        let uids: Vec<String> = wanted.iter().map(|listed| listed.uid.to_string()).collect();
        let command = format!("UID FETCH {} (UID BODY.PEEK[])", uids.join(","));
        let bytes: u64 = wanted.iter().map(|listed| listed.bytes).sum();
        let bytes_max = 2 * bytes + AROUND_BYTES_MAX;
        let mut brought = Vec::new();
        self.ask(&command, bytes_max, |attributes| {
            let (mut uid, mut body) = (None, None);
            for attribute in attributes {
                match attribute {
                    AttributeValue::Uid(found) => uid = Some(*found),
                    AttributeValue::BodySection {
                        section: None,
                        data: Some(data),
                        ..
                    } => body = Some(data.to_vec()),
                    _ => {}
                }
            }
            brought.extend(uid.zip(body));
        })
        .await?;
        Ok(brought)
    }

    /// Asks for attributes of messages, takes them one by one, and sees that the answer has its end:
    /// the library's own streams end alike for a whole answer, a refusal and a lost connection.
    async fn ask(
        &mut self,
        command: &str,
        bytes_max: u64,
        mut take: impl FnMut(&[AttributeValue<'_>]),
    ) -> Result<(), ImapError> {
        self.session.allowance.set(bytes_max);
        let imap = &mut self.session.imap;
        let asked = async {
            let tag = imap
                .run_command(command)
                .await
                .map_err(|error| error.to_string())?;
            loop {
                let answer = imap
                    .read_response()
                    .await
                    .map_err(|error| error.to_string())?;
                let Some(answer) = answer else {
                    return Err("the connection was lost".to_owned());
                };
                match answer.parsed() {
                    Response::Fetch(_, attributes) => take(attributes),
                    Response::Done {
                        tag: done, status, ..
                    } if *done == tag => {
                        return match status {
                            Status::Ok => Ok(()),
                            _ => Err("its server refuses to tell what it holds".to_owned()),
                        };
                    }
                    _ => {}
                }
            }
        };
        let asked = timeout(answer_timeout(bytes_max), asked).await;
        let asked = asked.unwrap_or_else(|_| Err("its server was too slow".to_owned()));
        asked.map_err(|reason| self.wrong(reason))
    }

    /// Says goodbye; all that was wanted is here already.
    async fn leave(mut self) {
        let _ = timeout(COMMAND_TIMEOUT, self.session.imap.logout()).await;
    }

    fn wrong(&self, reason: impl std::fmt::Display) -> ImapError {
        ImapError::Folder {
            folder: self.name.to_owned(),
            reason: reason.to_string(),
        }
    }
}

/// How long an answer may take that has so many bytes at most.
fn answer_timeout(bytes_max: u64) -> Duration {
    COMMAND_TIMEOUT + Duration::from_secs(bytes_max / BYTES_PER_SECOND_MIN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_are_bounded_and_leave_nothing_out() {
        let mut listed: Vec<Listed> = (1..=250).map(|uid| Listed { uid, bytes: 1_000 }).collect();
        listed[120].bytes = MESSAGE_BYTES_MAX;
        listed[130].bytes = MESSAGE_BYTES_MAX + 1;
        let mut rest = &listed[..];
        let mut batches = Vec::new();
        while let Some(batch) = next_batch(&mut rest) {
            let asked = batch.iter().map(|listed| listed.bytes);
            let asked = asked
                .filter(|bytes| *bytes <= MESSAGE_BYTES_MAX)
                .sum::<u64>();
            assert!(asked <= MESSAGE_BYTES_MAX && batch.len() <= BATCH_MESSAGES_MAX);
            batches.push(batch);
        }
        assert_eq!(batches.concat(), listed);
        assert_eq!(batches.len(), 5);
    }
    #[test]
    fn a_long_answer_has_the_time_that_a_slow_line_needs() {
        assert_eq!(answer_timeout(0), COMMAND_TIMEOUT);
        let line = MESSAGE_BYTES_MAX / answer_timeout(2 * MESSAGE_BYTES_MAX).as_secs();
        assert!(line < 32 * 1_024, "{line} bytes a second are enough");
    }
}
