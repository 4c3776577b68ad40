//! The directory (名录): codes and names of all bodies, in the form in which the resolver asks for
//! them. An immutable value; a version with a few bodies changed shares the rest with the older one.

mod bigrams;
mod events;
mod key;
mod part;
mod signature;

use std::{fmt, ops::Range, sync::Arc};

use chrono::NaiveDate;
use hashbrown::HashSet;

use crate::{
    agency::Agency,
    alias::AliasTable,
    gazetteer::{Gazetteer, Place},
    name::{self, BodyType},
    org_code::OrgCode,
    reform::Reforms,
    succession::Succession,
    unit_words::UnitWords,
    uscc::Uscc,
};

pub(crate) use key::{HOLE, holed, key_of, without_state};
pub(crate) use part::{Bearing, Body, Core, Entry};
pub(crate) use signature::Signature;

use events::Events;
use part::Part;

/// Changed bodies are kept beside the others up to this number; beyond it all are laid anew.
pub const FRESH_MAX: usize = 4_096;

/// What is known of names beside the register.
#[derive(Debug)]
pub struct Knowledge {
    /// Names of divisions.
    pub gazetteer: Gazetteer,
    /// Short forms.
    pub aliases: AliasTable,
    /// Waves of reform.
    pub reforms: Reforms,
    /// Words of units inside bodies.
    pub units: UnitWords,
}

/// Codes and names of all bodies.
#[derive(Clone)]
pub struct Directory {
    knowledge: Arc<Knowledge>,
    base: Arc<Part>,
    /// Bodies that are new or changed since the base was laid.
    fresh: Arc<Part>,
    /// Rows of the base that stand in `fresh` as they are now.
    superseded: Arc<HashSet<u32>>,
    events: Arc<Events>,
}

/// A body that bears a name.
#[derive(Clone, Copy)]
pub(crate) struct Hit<'a> {
    pub body: &'a Body,
    pub entry: &'a Entry,
}

impl Directory {
    /// A directory of nobody.
    pub fn empty(knowledge: Arc<Knowledge>) -> Self {
        let nobody = Arc::new(Part::build(&knowledge.gazetteer, std::iter::empty()));
        Self {
            base: Arc::clone(&nobody),
            fresh: nobody,
            superseded: Arc::default(),
            events: Arc::default(),
            knowledge,
        }
    }

    /// The same knowledge with these bodies, laid anew.
    pub fn rebuilt<'a>(&self, agencies: impl Iterator<Item = (i64, &'a Agency)>) -> Self {
        let empty = Self::empty(Arc::clone(&self.knowledge));
        Self {
            base: Arc::new(Part::build(&self.knowledge.gazetteer, agencies)),
            events: Arc::clone(&self.events),
            ..empty
        }
    }

    /// Numbers of the bodies that are kept beside the base: whoever changes further ones hands
    /// these over again.
    pub fn fresh(&self) -> impl Iterator<Item = i64> {
        self.fresh.bodies().iter().map(|body| body.id)
    }

    /// With these bodies as they are now, and all others as they were when the base was laid.
    pub fn patched<'a>(&self, agencies: impl Iterator<Item = (i64, &'a Agency)>) -> Self {
        let fresh = Part::build(&self.knowledge.gazetteer, agencies);
        let rows = fresh.bodies().iter().filter_map(|new| {
            let code = new.uscc.org_code();
            let mut rows = self.base.rows_of(&code);
            rows.find(|row| self.base.bodies()[*row as usize].id == new.id)
        });
        Self {
            superseded: Arc::new(rows.collect()),
            fresh: Arc::new(fresh),
            ..self.clone()
        }
    }

    /// With these succession events in the place of those known.
    pub fn with_events<'a>(&self, events: impl Iterator<Item = &'a Succession>) -> Self {
        Self {
            events: Arc::new(Events::new(&self.knowledge.gazetteer, events)),
            ..self.clone()
        }
    }

    /// What is known beside the register.
    pub fn knowledge(&self) -> &Arc<Knowledge> {
        &self.knowledge
    }

    /// How many bodies there are.
    pub fn len(&self) -> usize {
        self.base.bodies().len() - self.superseded.len() + self.fresh.bodies().len()
    }

    /// How much memory bodies and names take, in bytes, without what is known beside the register.
    pub fn bytes(&self) -> usize {
        self.base.bytes() + self.fresh.bytes() + self.events.bytes()
    }

    /// Whether there is nobody.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub(crate) fn events(&self) -> &Events {
        &self.events
    }

    /// The numbers of all bodies that bear exactly this name, now or formerly or as a second one.
    pub fn bearers(&self, written: &str) -> Vec<i64> {
        self.bodies_called(written)
            .iter()
            .map(|body| body.id)
            .collect()
    }

    /// All bodies that bear exactly this name, now or formerly or as a second one, by number.
    pub(crate) fn bodies_called(&self, written: &str) -> Vec<&Body> {
        let name = name::normalise(written);
        let key = key_of(&self.knowledge.gazetteer, &name, None);
        let is_written = |hit: &Hit<'_>| hit.entry.bearing != Bearing::Variant;
        let mut found: Vec<&Body> = match key.place {
            Some(place) => {
                let hits = self.at(place, key.core).filter(is_written);
                hits.map(|hit| hit.body).collect()
            }
            None => {
                let hits = self.named(key.core, None).filter(is_written);
                hits.map(|hit| hit.body).collect()
            }
        };
        found.sort_unstable_by_key(|body| body.id);
        found.dedup_by_key(|body| body.id);
        found
    }

    /// Whether one of two bodies followed the other.
    pub(crate) fn are_related(&self, a: &Body, b: &Body) -> bool {
        let leads = |from: &Body, to: &Body| {
            let mut events = self.events.of_code(&from.uscc);
            events.any(|event| event.to == Some(to.uscc))
        };
        leads(a, b) || leads(b, a)
    }

    /// The body with this code.
    pub(crate) fn by_uscc(&self, code: &Uscc) -> Option<&Body> {
        self.by_org_code(&code.org_code())
            .find(|body| body.uscc == *code)
    }

    /// All bodies whose code embeds this organisation code.
    pub(crate) fn by_org_code(&self, code: &OrgCode) -> impl Iterator<Item = &Body> {
        let of = |part: &'_ Arc<Part>| {
            let rows: Vec<u32> = part.rows_of(code).collect();
            rows
        };
        let base = of(&self.base).into_iter();
        let base = base.filter(|row| !self.superseded.contains(row));
        let base = base.map(|row| &self.base.bodies()[row as usize]);
        let fresh = of(&self.fresh).into_iter();
        base.chain(fresh.map(|row| &self.fresh.bodies()[row as usize]))
    }

    /// Who bears this core in this division.
    pub(crate) fn at<'a>(&'a self, place: Place, core: &str) -> impl Iterator<Item = Hit<'a>> {
        let (base, fresh) = (self.base.at(place, core), self.fresh.at(place, core));
        self.hits(base.iter(), fresh.iter())
    }

    /// Who bears this core anywhere, or in a range of divisions.
    pub(crate) fn named<'a>(
        &'a self,
        core: &str,
        within: Option<&Range<Place>>,
    ) -> impl Iterator<Item = Hit<'a>> {
        self.hits(
            self.base.named(core, within),
            self.fresh.named(core, within),
        )
    }

    /// The first of those who bear this core, in the order of the division tree.
    pub(crate) fn first_named<'a>(
        &'a self,
        core: &str,
        within: Option<&Range<Place>>,
        limit: usize,
    ) -> Vec<Hit<'a>> {
        let base = self.base.named(core, within);
        let base = base.filter(|entry| !self.superseded.contains(&entry.body));
        let fresh = self.fresh.named(core, within);
        let mut hits = Vec::with_capacity(limit);
        hits.extend(base.take(limit).map(|entry| self.base.hit(entry)));
        hits.extend(fresh.take(limit).map(|entry| self.fresh.hit(entry)));
        hits.sort_unstable_by_key(|hit| (hit.entry.place, hit.body.id));
        hits.truncate(limit);
        hits
    }

    /// The names of a division's bodies that end in this type, with what is known of their cores.
    pub(crate) fn of_type(
        &self,
        place: Place,
        body_type: BodyType,
    ) -> impl Iterator<Item = (Hit<'_>, Core<'_>)> {
        let base = self.base.of_type(place, body_type);
        let base = base.filter(|entry| !self.superseded.contains(&entry.body));
        let base = base.map(|entry| self.base.described(entry));
        let fresh = self.fresh.of_type(place, body_type);
        base.chain(fresh.map(|entry| self.fresh.described(entry)))
    }

    /// The core that a hit was found by.
    pub(crate) fn core_of<'a>(&'a self, hit: &Hit<'a>) -> &'a str {
        self.part_of(hit).core(hit.entry.core).text
    }

    /// Whether bodies are called so anywhere: such a name is no slip of the pen for another.
    pub(crate) fn knows(&self, core: &str) -> bool {
        let knowledge = &self.knowledge;
        knowledge.aliases.is_standing(core)
            || knowledge.reforms.of(core).next().is_some()
            || self.named(core, None).next().is_some()
    }

    /// Cores that share rare pairs of characters with this one and may be one edit from it, some more
    /// than once.
    pub(crate) fn alike(&self, core: &str) -> impl Iterator<Item = Core<'_>> {
        self.base.alike(core).chain(self.fresh.alike(core))
    }

    fn hits<'a>(
        &'a self,
        base: impl Iterator<Item = &'a Entry>,
        fresh: impl Iterator<Item = &'a Entry>,
    ) -> impl Iterator<Item = Hit<'a>> {
        base.filter(|entry| !self.superseded.contains(&entry.body))
            .map(|entry| self.base.hit(entry))
            .chain(fresh.map(|entry| self.fresh.hit(entry)))
    }

    /// From when on a body is gone: by the register, or by an event that ended it.
    pub(crate) fn gone_on(&self, body: &Body) -> Option<NaiveDate> {
        let ended = self.events.ended(&body.uscc);
        match (body.abolished_on, ended) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (day, None) | (None, day) => day,
        }
    }

    /// The days between which a hit's name was borne, where they are known.
    pub(crate) fn span(&self, hit: &Hit<'_>) -> (Option<NaiveDate>, Option<NaiveDate>) {
        self.part_of(hit).span(hit.entry)
    }

    fn part_of(&self, hit: &Hit<'_>) -> &Part {
        if self.fresh.holds(hit.body) {
            &self.fresh
        } else {
            &self.base
        }
    }
}

impl fmt::Debug for Directory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Directory of {} bodies", self.len())
    }
}
