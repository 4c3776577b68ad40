//! XML, one token after another, with a bound on everything that a hostile document can grow: no
//! document type (so no entities), and limits for a token, the depth and the attributes.

use std::{
    borrow::Cow,
    cell::Cell,
    io::{self, BufRead, Read},
    rc::Rc,
};

use quick_xml::{
    Error, Reader,
    errors::SyntaxError,
    events::{BytesRef, BytesStart, Event},
};

use super::Unreadable;

/// How deep elements may be nested.
const DEPTH_MAX: usize = 64;
/// Attributes of one element at most.
const ATTRIBUTES_MAX: usize = 256;
/// Bytes in one token (a tag, a comment, a text between two tags) at most.
pub(super) const TOKEN_BYTES_MAX: usize = 1_048_576;

/// A document as a stream of tokens.
pub(super) struct XmlTokens<R> {
    reader: Reader<Gauge<R>>,
    buffer: Vec<u8>,
    token_bytes: Rc<Cell<usize>>,
    depth: usize,
    has_root: bool,
}

impl<R: BufRead> XmlTokens<R> {
    /// Begins to read; a token may have `token_bytes_max` bytes.
    pub(super) fn new(input: R, token_bytes_max: usize) -> Self {
        let token_bytes = Rc::new(Cell::new(0));
        let gauge = Gauge {
            inner: input,
            token_bytes: Rc::clone(&token_bytes),
            token_bytes_max,
        };
        let mut reader = Reader::from_reader(gauge);
        reader.config_mut().expand_empty_elements = true;
        Self {
            reader,
            buffer: Vec::new(),
            token_bytes,
            depth: 0,
            has_root: false,
        }
    }

    /// Lets end tags stand that fit no beginning, as lenient readers do.
    pub(super) fn leniently(mut self) -> Self {
        self.reader.config_mut().check_end_names = false;
        self
    }

    /// Bytes that were read.
    pub(super) fn position(&self) -> u64 {
        self.reader.buffer_position()
    }

    /// The next token; none at the document's end.
    pub(super) fn next(&mut self) -> Result<Option<Event<'_>>, Unreadable> {
        self.buffer.clear();
        self.token_bytes.set(0);
        let event = self.reader.read_event_into(&mut self.buffer);
        match event.map_err(|error| unreadable(&error))? {
            Event::Eof if self.depth > 0 => Err(Unreadable::new(
                "ends inside an element: the document is cut off",
            )),
            Event::Eof if !self.has_root => Err(Unreadable::new("is XML without any element")),
            Event::Eof => Ok(None),
            Event::DocType(_) => Err(Unreadable::new(
                "has a document type (<!DOCTYPE); expected XML without one",
            )),
            Event::Start(tag) => {
                self.has_root = true;
                self.depth += 1;
                if self.depth > DEPTH_MAX {
                    return Err(Unreadable::new(format!(
                        "has elements more than {DEPTH_MAX} deep"
                    )));
                }
                check_attributes(&tag)?;
                Ok(Some(Event::Start(tag)))
            }
            Event::End(tag) => {
                self.depth = self.depth.saturating_sub(1);
                Ok(Some(Event::End(tag)))
            }
            Event::GeneralRef(reference) => {
                resolve(&reference)?;
                Ok(Some(Event::GeneralRef(reference)))
            }
            other => Ok(Some(other)),
        }
    }
}

/// Counts before anything is collected or compared, and lets nothing malformed through, which two
/// readers might take for two things.
fn check_attributes(tag: &BytesStart<'_>) -> Result<(), Unreadable> {
    let told = |what: &str| {
        let name: String = tag.local_name().as_ref().chars().take(40).collect();
        Err(Unreadable::new(format!("element {name:?} has {what}")))
    };
    let mut attributes = tag.attributes();
    for (place, attribute) in attributes.with_checks(false).enumerate() {
        if place == ATTRIBUTES_MAX {
            return told(&format!("more than {ATTRIBUTES_MAX} attributes"));
        }
        if attribute.is_err() {
            return told("an attribute that is none; expected name=\"text\"");
        }
    }
    Ok(())
}

/// The texts of the attributes of this name, whatever their prefixes, as they are written.
pub(super) fn attributes<'t>(
    tag: &'t BytesStart<'_>,
    name: &'t str,
) -> impl Iterator<Item = Cow<'t, str>> {
    let mut attributes = tag.attributes();
    attributes.with_checks(false);
    attributes
        .flatten()
        .filter(move |attribute| attribute.key.local_name().as_ref() == name)
        .map(|attribute| attribute.value)
}

/// What a reference such as `&amp;` or `&#20013;` stands for: only XML's own five names are known.
pub(super) fn resolve(reference: &BytesRef<'_>) -> Result<String, Unreadable> {
    let unknown = || {
        let name: String = reference.chars().take(40).collect();
        Unreadable::new(format!(
            "has the reference &{name}; that stands for nothing"
        ))
    };
    if reference.is_char_ref() {
        let character = reference.resolve_char_ref().ok().flatten();
        return character.map(String::from).ok_or_else(unknown);
    }
    let known = quick_xml::escape::resolve_xml_entity(reference);
    known.map(str::to_owned).ok_or_else(unknown)
}

fn unreadable(error: &Error) -> Unreadable {
    Unreadable::new(match error {
        Error::Io(error) => error.to_string(),
        Error::Syntax(SyntaxError::InvalidBangMarkup) => format!("is no XML: {error}"),
        // All others are markup that nobody closed.
        Error::Syntax(error) => format!("ends inside markup ({error}): the document is cut off"),
        error => format!("is no XML: {error}"),
    })
}

/// Counts the bytes of the token that is being read.
struct Gauge<R> {
    inner: R,
    token_bytes: Rc<Cell<usize>>,
    token_bytes_max: usize,
}

impl<R: BufRead> BufRead for Gauge<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.token_bytes.get() > self.token_bytes_max {
            let reason = format!(
                "has a tag or text of more than {} bytes",
                self.token_bytes_max
            );
            return Err(io::Error::new(io::ErrorKind::InvalidData, reason));
        }
        self.inner.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        self.token_bytes.set(self.token_bytes.get() + amount);
        self.inner.consume(amount);
    }
}

impl<R: BufRead> Read for Gauge<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.fill_buf()?.read(into)?;
        self.consume(read);
        Ok(read)
    }
}
