//! Where a body may stand with a red line, by all that was done: more than one place is possible where a process was
//! killed or did not know of a change yet, and none where a warning was lost or raised twice.

use std::collections::BTreeSet;

use domain::assess::Warning;

/// How often a warning was raised, whether the newest one is open, and whether its cause stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Stand {
    raised: u32,
    is_open: bool,
    is_caused: bool,
}

/// All that are possible.
#[derive(Debug, Clone)]
pub(super) struct Stands(BTreeSet<Stand>);

impl Stand {
    pub(super) fn of(last: Option<&Warning>) -> Self {
        last.map_or_else(Self::default, |last| Self {
            raised: last.episode,
            is_open: last.state.is_open(),
            is_caused: last.is_caused,
        })
    }

    /// After somebody looked, by whose knowledge the body is listed or not.
    fn looked(self, is_listed: bool) -> Self {
        match (is_listed, self.is_caused) {
            // What stands is warned about once, also where somebody closed the warning.
            (true, true) => self,
            (true, false) => Self {
                raised: self.raised + 1,
                is_open: true,
                is_caused: true,
            },
            (false, _) => Self {
                raised: self.raised,
                ..Self::default()
            },
        }
    }

    /// After somebody closed the warning, which must be open.
    fn closed(self) -> Option<Self> {
        self.is_open.then_some(Self {
            is_open: false,
            ..self
        })
    }
}

impl Default for Stands {
    fn default() -> Self {
        Self(BTreeSet::from([Stand::default()]))
    }
}

impl Stands {
    fn turn<I: IntoIterator<Item = Stand>>(&mut self, next: impl Fn(Stand) -> I) {
        self.0 = self.0.iter().flat_map(|stand| next(*stand)).collect();
    }

    /// Somebody looked.
    pub(super) fn looked(&mut self, is_listed: bool) {
        self.turn(|stand| [stand.looked(is_listed)]);
    }

    /// Somebody may have looked.
    pub(super) fn may_be_looked(&mut self, is_listed: bool) {
        self.turn(|stand| [stand, stand.looked(is_listed)]);
    }

    /// Somebody looked, and beside him one who may not have known whether the body is listed by now. What he found
    /// is written only where nobody wrote meanwhile.
    pub(super) fn looked_beside(&mut self, is_listed: bool, was_listed: bool) {
        self.turn(|stand| {
            let (now, then) = (stand.looked(is_listed), stand.looked(was_listed));
            let late = (now == stand).then_some(then);
            [now, then.looked(is_listed)].into_iter().chain(late)
        });
    }

    /// Somebody closed the warning.
    pub(super) fn closed(&mut self) {
        self.turn(Stand::closed);
    }

    /// Somebody closed the warning while another one looked.
    pub(super) fn closed_beside(&mut self, is_listed: bool) {
        self.turn(|stand| {
            let first = stand.closed().map(|closed| closed.looked(is_listed));
            let last = stand.looked(is_listed).closed();
            first.into_iter().chain(last)
        });
    }

    /// It is seen where the body stands, which must be possible; from here on it is known.
    #[track_caller]
    pub(super) fn seen(&mut self, stand: Stand, what: &str) {
        assert!(
            self.0.contains(&stand),
            "{what}: {stand:?} is none of {:?}",
            self.0
        );
        self.0 = BTreeSet::from([stand]);
    }
}
