//! A block of the directory: bodies and their names in flat arrays, found by code, by division and
//! core, by core alone, or by pairs of characters.

mod build;

use std::{hash::BuildHasher, ops::Range};

use chrono::NaiveDate;
use hashbrown::{DefaultHashBuilder, HashTable};

use super::{Hit, Signature, bigrams::Bigrams};
use crate::{gazetteer::Place, name::BodyType, org_code::OrgCode, uscc::Uscc};

/// A body, as far as telling it needs.
#[derive(Debug, Clone)]
pub(crate) struct Body {
    pub id: i64,
    pub uscc: Uscc,
    /// Its division.
    pub home: Place,
    pub established_on: Option<NaiveDate>,
    pub abolished_on: Option<NaiveDate>,
}

/// How a name stands to its bearer; the closest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Bearing {
    Official,
    Former,
    Second,
    /// Not in the register, but the [spelling](crate::name::variant) by which its official name is compared.
    Variant,
    /// Not in the register, but its official name without the short form of its division.
    Shortened,
}

/// A name in its division.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    /// Row of the body.
    pub body: u32,
    pub place: Place,
    /// Number of the core.
    pub core: u32,
    /// Number of the name's days, from 1; none 0.
    span: u32,
    pub bearing: Bearing,
    /// Whether the name itself begins with the division.
    pub is_named: bool,
}

/// What is known of a core.
#[derive(Clone, Copy)]
pub(crate) struct Core<'a> {
    pub text: &'a str,
    pub signature: Signature,
    pub body_type: BodyType,
    /// Where the ending begins that tells the type.
    pub stem: usize,
    pub has_numerals: bool,
}

/// What is kept of a core beside its text.
struct Traits {
    signature: Signature,
    body_type: BodyType,
    /// Bytes of the ending that tells the type.
    ending: u8,
    has_numerals: bool,
}

pub(super) struct Part {
    hasher: DefaultHashBuilder,
    bodies: Vec<Body>,
    /// Rows of bodies by organisation code, which a unified code embeds.
    by_org_code: HashTable<u32>,

    /// The texts of all cores, one behind the other.
    texts: String,
    /// Where each core's text begins; one entry more than there are cores.
    text_starts: Vec<u32>,
    traits: Vec<Traits>,
    by_text: HashTable<u32>,
    bigrams: Bigrams,

    /// By division, then by core.
    entries: Vec<Entry>,
    /// Where each division's entries begin, up to the last that has any; one more than these.
    place_starts: Vec<u32>,
    /// The entries by core, then by division.
    by_core: Vec<u32>,
    /// Where each core's entries begin in `by_core`.
    core_starts: Vec<u32>,
    spans: Vec<(Option<NaiveDate>, Option<NaiveDate>)>,
}

impl Part {
    pub fn bodies(&self) -> &[Body] {
        &self.bodies
    }

    /// What the arrays take.
    pub fn bytes(&self) -> usize {
        let of = |capacity: usize, size: usize| capacity * size;
        of(self.bodies.capacity(), size_of::<Body>())
            + self.by_org_code.allocation_size()
            + self.texts.capacity()
            + of(self.text_starts.capacity(), size_of::<u32>())
            + of(self.traits.capacity(), size_of::<Traits>())
            + self.by_text.allocation_size()
            + self.bigrams.bytes()
            + of(self.entries.capacity(), size_of::<Entry>())
            + of(self.place_starts.capacity(), size_of::<u32>())
            + of(self.by_core.capacity(), size_of::<u32>())
            + of(self.core_starts.capacity(), size_of::<u32>())
            + of(
                self.spans.capacity(),
                size_of::<(Option<NaiveDate>, Option<NaiveDate>)>(),
            )
    }

    /// Whether this very body is one of this block's.
    pub fn holds(&self, body: &Body) -> bool {
        self.bodies
            .as_ptr_range()
            .contains(&std::ptr::from_ref(body))
    }

    pub fn rows_of(&self, code: &OrgCode) -> impl Iterator<Item = u32> {
        let found = self.by_org_code.iter_hash(self.hasher.hash_one(code));
        let is_same = |row: &u32| self.bodies[*row as usize].uscc.org_code() == *code;
        found.copied().filter(is_same)
    }

    fn text(&self, number: u32) -> &str {
        text_of(&self.text_starts, &self.texts, number)
    }

    pub fn core(&self, number: u32) -> Core<'_> {
        let traits = &self.traits[number as usize];
        let text = self.text(number);
        Core {
            text,
            signature: traits.signature,
            body_type: traits.body_type,
            stem: text.len() - usize::from(traits.ending),
            has_numerals: traits.has_numerals,
        }
    }

    pub fn hit<'a>(&'a self, entry: &'a Entry) -> Hit<'a> {
        Hit {
            body: &self.bodies[entry.body as usize],
            entry,
        }
    }

    pub fn described<'a>(&'a self, entry: &'a Entry) -> (Hit<'a>, Core<'a>) {
        (self.hit(entry), self.core(entry.core))
    }

    fn core_number(&self, core: &str) -> Option<u32> {
        let is_same = |number: &u32| self.text(*number) == core;
        self.by_text
            .find(self.hasher.hash_one(core), is_same)
            .copied()
    }

    /// The entries of a division whose cores end in this type, as the register writes them.
    pub fn of_type(&self, place: Place, body_type: BodyType) -> impl Iterator<Item = &Entry> {
        self.of(place).iter().filter(move |entry| {
            let is_written = entry.bearing != Bearing::Variant;
            is_written && self.traits[entry.core as usize].body_type == body_type
        })
    }

    /// The entries of a core in a division.
    pub fn at(&self, place: Place, core: &str) -> &[Entry] {
        let Some(core) = self.core_number(core) else {
            return &[];
        };
        let here = self.of(place);
        let rest = &here[here.partition_point(|entry| entry.core < core)..];
        &rest[..rest.iter().take_while(|entry| entry.core == core).count()]
    }

    /// The entries of a division.
    fn of(&self, place: Place) -> &[Entry] {
        let place = place as usize;
        match self.place_starts.get(place..=place + 1) {
            Some(&[start, end]) => &self.entries[start as usize..end as usize],
            _ => &[],
        }
    }

    /// The entries of a core in all divisions, or in a range of them.
    pub fn named(&self, core: &str, within: Option<&Range<Place>>) -> impl Iterator<Item = &Entry> {
        let rows = match self.core_number(core) {
            Some(core) => {
                let core = core as usize;
                let range = self.core_starts[core] as usize..self.core_starts[core + 1] as usize;
                &self.by_core[range]
            }
            None => &[],
        };
        let place = |row: &u32| self.entries[*row as usize].place;
        let rows = match within {
            Some(within) => {
                let first = rows.partition_point(|row| place(row) < within.start);
                let end = rows.partition_point(|row| place(row) < within.end);
                &rows[first..end]
            }
            None => rows,
        };
        rows.iter().map(|row| &self.entries[*row as usize])
    }

    pub fn alike(&self, text: &str) -> impl Iterator<Item = Core<'_>> + use<'_> {
        let signature = Signature::of(text);
        // Texts stand farther away than traits, and most have nothing else in common.
        let may_be = move |number: &u32| {
            let other = self.traits[*number as usize].signature;
            signature.may_be_one_edit_from(other)
        };
        let numbers = self.bigrams.alike(text).filter(may_be);
        numbers.map(|number| self.core(number))
    }

    pub fn span(&self, entry: &Entry) -> (Option<NaiveDate>, Option<NaiveDate>) {
        match entry.span {
            0 => (None, None),
            number => self.spans[number as usize - 1],
        }
    }
}

fn text_of<'a>(starts: &[u32], texts: &'a str, number: u32) -> &'a str {
    let at = number as usize;
    &texts[starts[at] as usize..starts[at + 1] as usize]
}
