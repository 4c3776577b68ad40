//! Everything that one question is answered from: the directory, the subject's bounds, and the steps
//! so far.

use std::ops::Range;

use chrono::NaiveDate;

use super::{Subject, steps::Steps};
use crate::{
    directory::{Body, Directory},
    gazetteer::{Gazetteer, Place},
};

/// Everything that one question is answered from.
pub(super) struct Search<'a> {
    pub directory: &'a Directory,
    pub subject: &'a Subject<'a>,
    /// Only there.
    pub within: Option<Range<Place>>,
    /// Where it was written.
    pub context: Option<Place>,
    /// The bodies of the subject's codes.
    pub coded: Vec<&'a Body>,
    pub steps: Steps,
}

impl<'a> Search<'a> {
    pub fn new(directory: &'a Directory, subject: &'a Subject<'a>) -> Self {
        let gazetteer = &directory.knowledge().gazetteer;
        // What is not in the tree has nobody in it.
        let within = subject.within.map(|code| {
            let place = gazetteer.place(code);
            place.map_or(0..0, |place| gazetteer.subtree(place))
        });
        Self {
            context: subject.context.and_then(|code| gazetteer.place(code)),
            within,
            directory,
            subject,
            coded: Vec::new(),
            steps: Steps::default(),
        }
    }

    pub fn gazetteer(&self) -> &'a Gazetteer {
        &self.directory.knowledge().gazetteer
    }

    /// The day as of which names are taken; the last of all where none is given.
    pub fn day(&self) -> NaiveDate {
        self.subject.as_of.unwrap_or(NaiveDate::MAX)
    }

    /// Whether a body is there on that day: not gone by then.
    pub fn is_there(&self, body: &Body) -> bool {
        let gone_on = self.directory.gone_on(body);
        gone_on.is_none_or(|gone| gone > self.day())
    }

    /// Whether a body was founded by that day, where its day is known; always where none is asked of.
    pub fn is_founded(&self, body: &Body) -> bool {
        let founded = body.established_on;
        founded.is_none_or(|on| on <= self.day())
    }

    /// Whether the question's bounds allow a body of this division.
    pub fn allows(&self, place: Place) -> bool {
        self.within
            .as_ref()
            .is_none_or(|within| within.contains(&place))
    }

    /// Whether a division lies where the question was written, or around it.
    pub fn is_around(&self, place: Place) -> bool {
        let gazetteer = self.gazetteer();
        self.context.is_some_and(|context| {
            gazetteer.is_within(context, place) || gazetteer.is_within(place, context)
        })
    }
}
