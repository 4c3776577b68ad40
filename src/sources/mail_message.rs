//! One message taken apart, within bounds: its parts are found here, so that neither their depth
//! nor their number is the sender's to choose, and a part that never ends is seen.

use mail_parser::{
    Message, MessageParser, MimeHeaders,
    decoders::{
        base64::base64_decode, html::html_to_text, quoted_printable::quoted_printable_decode,
    },
};

use super::whole_text::text_of;

/// Parts of a message at most, and how deep they may be nested.
const PARTS_MAX: usize = 200;
const DEPTH_MAX: usize = 20;
/// Attachments of a message at most.
const ATTACHMENTS_MAX: usize = 100;
/// Bytes of the headers of a part at most.
const HEADERS_BYTES_MAX: usize = 256 * 1_024;
/// Bytes of a message's text at most.
const BODY_BYTES_MAX: usize = 1_048_576;

/// A message.
pub(super) struct Letter<'m> {
    pub(super) headers: Message<'m>,
    /// The text, of a message in HTML without its markup.
    pub(super) body: String,
    /// Names and bytes, decoded from what mail needs for its way and from nothing else.
    pub(super) attachments: Vec<(String, Vec<u8>)>,
}

/// Takes a message apart, or says why it can't be.
pub(super) fn take_apart(message: &[u8]) -> Result<Letter<'_>, String> {
    let head = headers_of(message)?;
    let headers = MessageParser::default().parse_headers(head);
    let is_message = |headers: &Message<'_>| {
        headers.from().is_some() || headers.date().is_some() || headers.subject().is_some()
    };
    let headers = headers
        .filter(is_message)
        .ok_or("has neither From nor Date nor Subject; expected a message")?;
    let mut parts = Parts::default();
    parts.take(message, 0)?;
    let body = match (parts.text, parts.html) {
        (Some(text), _) => text,
        (None, Some(html)) => html_to_text(&html),
        (None, None) => String::new(),
    };
    if body.len() > BODY_BYTES_MAX {
        return Err(too_long());
    }
    Ok(Letter {
        headers,
        body,
        attachments: parts.attachments,
    })
}

#[derive(Default)]
struct Parts {
    count: usize,
    text: Option<String>,
    html: Option<String>,
    attachments: Vec<(String, Vec<u8>)>,
}

impl Parts {
    fn take(&mut self, part: &[u8], depth: usize) -> Result<(), String> {
        self.count += 1;
        if self.count > PARTS_MAX {
            return Err(format!("has more than {PARTS_MAX} parts"));
        }
        if depth > DEPTH_MAX {
            return Err(format!("has parts more than {DEPTH_MAX} deep"));
        }
        let head = headers_of(part)?;
        let body = &part[head.len()..];
        let headers = MessageParser::default()
            .parse_headers(head)
            .unwrap_or_default();
        let kind = headers.content_type();
        let (main, sub) = kind.map_or(("text", "plain"), |kind| {
            (kind.ctype(), kind.subtype().unwrap_or_default())
        });
        if main.eq_ignore_ascii_case("multipart")
            && let Some(boundary) = kind.and_then(|kind| kind.attribute("boundary"))
        {
            return split(body, boundary)?
                .into_iter()
                .try_for_each(|part| self.take(part, depth + 1));
        }
        let bytes = decoded(&headers, body)?;
        let name = headers.attachment_name();
        let is_attached = headers
            .content_disposition()
            .is_some_and(|disposition| disposition.is_attachment());
        let charset = kind.and_then(|kind| kind.attribute("charset"));
        let place = match (
            main.to_ascii_lowercase().as_str(),
            sub.to_ascii_lowercase().as_str(),
        ) {
            _ if is_attached || name.is_some() => None,
            ("text", "plain") => Some(&mut self.text),
            ("text", "html") => Some(&mut self.html),
            _ => None,
        };
        // A second text, such as a list's footer or a signature, is one more attachment.
        if let Some(place @ None) = place {
            if bytes.len() > 2 * BODY_BYTES_MAX {
                return Err(too_long());
            }
            *place = Some(text_of(&bytes, charset));
            return Ok(());
        }
        if self.attachments.len() == ATTACHMENTS_MAX {
            return Err(format!("has more than {ATTACHMENTS_MAX} attachments"));
        }
        let name = name.map_or_else(|| format!("part-{}", self.count), str::to_owned);
        self.attachments.push((name, bytes));
        Ok(())
    }
}

fn too_long() -> String {
    format!("has a text of more than {BODY_BYTES_MAX} bytes")
}

/// The headers of a part, with the empty line behind them.
fn headers_of(part: &[u8]) -> Result<&[u8], String> {
    let mut from = 0;
    for line in part.split_inclusive(|byte| *byte == b'\n') {
        from += line.len();
        if from > HEADERS_BYTES_MAX {
            return Err(format!(
                "has headers of more than {HEADERS_BYTES_MAX} bytes"
            ));
        }
        if line == b"\n" || line == b"\r\n" {
            break;
        }
    }
    Ok(&part[..from])
}

/// The parts between a boundary's lines.
fn split<'p>(body: &'p [u8], boundary: &str) -> Result<Vec<&'p [u8]>, String> {
    let mut parts = Vec::new();
    let (mut at, mut begun) = (0, None);
    for line in body.split_inclusive(|byte| *byte == b'\n') {
        let from = at;
        at += line.len();
        let Some(rest) = line
            .strip_prefix(b"--")
            .and_then(|rest| rest.strip_prefix(boundary.as_bytes()))
            .map(<[u8]>::trim_ascii_end)
            .filter(|rest| rest.is_empty() || *rest == b"--")
        else {
            continue;
        };
        if let Some(begun) = begun {
            if parts.len() == PARTS_MAX {
                return Err(format!("has more than {PARTS_MAX} parts"));
            }
            // The line break before a boundary belongs to it.
            let part = &body[begun..from];
            let part = part.strip_suffix(b"\n").unwrap_or(part);
            parts.push(part.strip_suffix(b"\r").unwrap_or(part));
        }
        if !rest.is_empty() {
            return Ok(parts);
        }
        begun = Some(at);
    }
    Err("has parts that never end: the message is cut off".to_owned())
}

fn decoded(headers: &Message<'_>, body: &[u8]) -> Result<Vec<u8>, String> {
    let encoding = headers.content_transfer_encoding().unwrap_or_default();
    let bytes = match encoding.to_ascii_lowercase().as_str() {
        "base64" => base64_decode(body),
        "quoted-printable" => quoted_printable_decode(body),
        _ => Some(body.to_vec()),
    };
    bytes.ok_or_else(|| format!("has a part that is no {encoding}"))
}
