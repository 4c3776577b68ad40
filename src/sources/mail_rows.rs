//! Mail as rows: one message (`.eml`) or many (`mbox`), each message a row.

use std::io::{BufRead, Read};

use chrono::DateTime;
use domain::date::china_offset;
use mail_parser::Address;
use sha2::{Digest, Sha256};

use super::{
    BadRow, Columns, Item, RawRow, Sink, Unreadable,
    mail_message::{Letter, take_apart},
};

/// Bytes of a message at most.
const MESSAGE_BYTES_MAX: usize = 32 * 1_048_576;
/// Messages of an mbox at most.
const MESSAGES_MAX: i64 = 200_000;
/// Bytes that are read of a line at once: a longer line comes in pieces.
const LINE_BYTES: u64 = 1_048_576;
/// Lines at a text's beginning that may fill columns, as `被反映单位：…` does.
const LABEL_LINES_MAX: usize = 60;

/// The columns that every message has.
const MESSAGE_ID: &str = "Message-ID";
const FROM: &str = "From";
const TO: &str = "To";
const SUBJECT: &str = "Subject";
const DATE: &str = "Date";
const BODY: &str = "Body";
/// `name sha256`, a line for each.
const ATTACHMENTS: &str = "Attachments";
/// What stands in 【…】 or […] before the subject.
const TAG: &str = "Tag";
const OF_MESSAGE: [&str; 8] = [MESSAGE_ID, FROM, TO, SUBJECT, DATE, BODY, ATTACHMENTS, TAG];

/// Keeps an attachment by its name and bytes, and gives their digest.
pub type Attach<'a> = dyn FnMut(&str, &[u8]) -> Result<String, Unreadable> + 'a;

/// Reads a message or an mbox. `attach` keeps an attachment's bytes, which nobody opens, and gives
/// their digest. A message that can't be taken apart is a bad row; a file without any is refused.
pub fn read_mail(
    columns: &Columns,
    mut input: impl BufRead,
    attach: &mut Attach<'_>,
    sink: &mut impl Sink,
) -> Result<(), Unreadable> {
    sink.take(Item::Headings(columns.names().map(str::to_owned).collect()))?;
    let start = input.fill_buf().map_err(failed)?;
    let is_mbox = start.starts_with(b"From ");
    let mut messages = Messages {
        input,
        is_mbox,
        is_ended: false,
    };
    let mut line = 0;
    while let Some(message) = messages.next()? {
        line += 1;
        if line > MESSAGES_MAX {
            return Err(Unreadable::new(format!(
                "has more than {MESSAGES_MAX} messages"
            )));
        }
        let letter = match &message {
            Some(bytes) => take_apart(bytes),
            None => Err(format!("is longer than {MESSAGE_BYTES_MAX} bytes")),
        };
        let item = match letter {
            Ok(letter) => {
                let bytes = message.as_deref().unwrap_or_default();
                let cells = cells(columns, &letter, bytes, attach)?;
                Item::Row(RawRow { line, cells })
            }
            Err(reason) if !is_mbox => return Err(Unreadable::at(line, reason)),
            Err(reason) => Item::Bad(BadRow {
                line,
                column: None,
                reason,
            }),
        };
        sink.take(item)?;
    }
    Ok(())
}

/// The text without the template's lines about who writes: what is not kept as a column is not kept
/// in the text either.
fn without_dropped(columns: &Columns, body: &str) -> String {
    let is_dropped = |line: &str| {
        let label = line.split_once(['：', ':']).map(|(label, _)| label.trim());
        let slot = label.and_then(|label| columns.slot(label));
        slot.is_some_and(|slot| columns.is_dropped(slot))
    };
    let kept: Vec<&str> = body.lines().filter(|line| !is_dropped(line)).collect();
    kept.join("\n")
}

fn cells(
    columns: &Columns,
    letter: &Letter<'_>,
    bytes: &[u8],
    attach: &mut Attach<'_>,
) -> Result<Vec<Option<String>>, Unreadable> {
    let mut cells = vec![None; columns.len()];
    let mut set = |column: &str, text: Option<String>| {
        if let Some(slot) = columns.slot(column) {
            let text = text.map(|text| text.trim().to_owned());
            cells[slot] = text.filter(|text| !text.is_empty());
        }
    };
    let headers = &letter.headers;
    let subject = headers.subject().unwrap_or_default();
    let id = headers
        .message_id()
        .map_or_else(|| digest_of(bytes), str::to_owned);
    set(MESSAGE_ID, Some(id));
    set(FROM, headers.from().map(addresses));
    set(TO, headers.to().map(addresses));
    set(SUBJECT, Some(subject.to_owned()));
    set(DATE, headers.date().and_then(moment));
    set(BODY, Some(without_dropped(columns, &letter.body)));
    set(TAG, tag(subject).map(str::to_owned));
    if columns.slot(ATTACHMENTS).is_some() {
        let mut kept = String::new();
        for (name, bytes) in &letter.attachments {
            let name = name.replace(['\n', '\r'], " ");
            let digest = attach(&name, bytes)?;
            kept.push_str(&format!("{name} {digest}\n"));
        }
        set(ATTACHMENTS, Some(kept));
    }
    for line in letter.body.lines().take(LABEL_LINES_MAX) {
        let Some((label, text)) = line.split_once(['：', ':']) else {
            continue;
        };
        let (label, text) = (label.trim(), text.trim());
        // What a person writes into the text is never a header, and the first word stands.
        if let Some(slot) = columns.slot(label)
            && !OF_MESSAGE.contains(&label)
            && !text.is_empty()
        {
            cells[slot].get_or_insert_with(|| text.to_owned());
        }
    }
    Ok(cells)
}

fn addresses(addresses: &Address<'_>) -> String {
    let written = addresses
        .iter()
        .map(|one| match (one.name(), one.address()) {
            (Some(name), Some(address)) => format!("{name} <{address}>"),
            (name, address) => name.or(address).unwrap_or_default().to_owned(),
        });
    written.collect::<Vec<_>>().join(", ")
}

/// A message's moment, in the time of China.
fn moment(date: &mail_parser::DateTime) -> Option<String> {
    let moment = DateTime::from_timestamp(date.is_valid().then(|| date.to_timestamp())?, 0)?;
    Some(moment.with_timezone(&china_offset()).to_rfc3339())
}

fn tag(subject: &str) -> Option<&str> {
    let subject = subject.trim_start();
    let (rest, end) = match subject.strip_prefix('【') {
        Some(rest) => (rest, '】'),
        None => (subject.strip_prefix('[')?, ']'),
    };
    rest.split_once(end).map(|(tag, _)| tag.trim())
}

/// Stands for a message that has no number: the same message has the same, in whatever file.
fn digest_of(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes.trim_ascii_end());
    format!("sha256:{}", crate::hex(&digest))
}

/// The messages of a file, of which one at a time is held.
struct Messages<R> {
    input: R,
    is_mbox: bool,
    is_ended: bool,
}

impl<R: BufRead> Messages<R> {
    /// The next message; an inner none where it is too long.
    fn next(&mut self) -> Result<Option<Option<Vec<u8>>>, Unreadable> {
        if self.is_ended {
            return Ok(None);
        }
        let (mut message, mut line) = (Some(Vec::new()), Vec::new());
        // At a line's beginning, and behind an empty one, where alone a message may begin.
        let (mut at_start, mut behind_blank, mut is_first) = (true, true, true);
        loop {
            if self.is_mbox && at_start && behind_blank && !is_first && self.begins_message()? {
                return Ok(Some(message));
            }
            line.clear();
            let mut piece = self.input.by_ref().take(LINE_BYTES);
            if piece.read_until(b'\n', &mut line).map_err(failed)? == 0 {
                self.is_ended = true;
                return Ok(Some(message));
            }
            let is_envelope = self.is_mbox && is_first;
            let quoted = self.is_mbox && at_start && is_quoted(&line);
            at_start = line.ends_with(b"\n");
            behind_blank = line == b"\n" || line == b"\r\n";
            is_first = is_envelope && !at_start;
            if is_envelope {
                continue;
            }
            let text = &line[usize::from(quoted)..];
            match &mut message {
                Some(bytes) if bytes.len() + text.len() <= MESSAGE_BYTES_MAX => {
                    bytes.extend_from_slice(text);
                }
                _ => message = None,
            }
        }
    }

    fn begins_message(&mut self) -> Result<bool, Unreadable> {
        Ok(self.input.fill_buf().map_err(failed)?.starts_with(b"From "))
    }
}

/// A line that begins `From ` was quoted with `>` when it was put into an mbox.
fn is_quoted(line: &[u8]) -> bool {
    let unquoted = line.trim_ascii_start();
    let marks = unquoted.iter().take_while(|byte| **byte == b'>').count();
    marks > 0 && line[0] == b'>' && line[marks..].starts_with(b"From ")
}

fn failed(error: std::io::Error) -> Unreadable {
    Unreadable::new(error.to_string())
}
