//! What became of something that a viewer follows, and what made it change.

/// What became of it, as one viewer is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ChangeKind {
    /// It is there now.
    Added,
    /// It is another version.
    Changed,
    /// It is there no more, or not for him.
    Ended,
    /// It was repaired or withdrawn: who copied it must stop using it.
    StopUse,
}

/// What made it change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ChangeCause {
    /// A source said so.
    Source,
    /// People dealt with it.
    Casework,
    /// It is told otherwise who is meant.
    Resolution,
    /// Rules changed.
    Rules,
    /// Time went by.
    Time,
}

crate::text_enum!(ChangeCause {
    Source => "SOURCE",
    Casework => "CASEWORK",
    Resolution => "RESOLUTION",
    Rules => "RULES",
    Time => "TIME",
});
crate::text_serde!(ChangeCause);

/// How something stood for a viewer before and after a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Whether he saw it, as one of those that he follows.
    pub was_seen: bool,
    /// Whether he sees it now, likewise.
    pub is_seen: bool,
    /// Whether it is another version now.
    pub has_moved: bool,
    /// Whether it is repaired or withdrawn now and was not before.
    pub stops: bool,
}

impl Standing {
    /// What he is told, if anything. Of what he saw neither before nor after he is told nothing.
    pub fn kind(self) -> Option<ChangeKind> {
        match (self.was_seen, self.is_seen) {
            (false, false) => None,
            (false, true) => Some(ChangeKind::Added),
            (true, _) if self.stops => Some(ChangeKind::StopUse),
            (true, false) => Some(ChangeKind::Ended),
            (true, true) => self.has_moved.then_some(ChangeKind::Changed),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_told_of_what_he_saw_neither_before_nor_after() {
        for (was_seen, is_seen, has_moved, stops, kind) in [
            (false, false, true, false, None),
            (false, false, true, true, None),
            (false, true, true, false, Some(ChangeKind::Added)),
            (false, true, false, false, Some(ChangeKind::Added)),
            (false, true, true, true, Some(ChangeKind::Added)),
            (true, true, true, false, Some(ChangeKind::Changed)),
            (true, true, false, false, None),
            (true, true, true, true, Some(ChangeKind::StopUse)),
            (true, false, true, true, Some(ChangeKind::StopUse)),
            (true, false, true, false, Some(ChangeKind::Ended)),
            (true, false, false, false, Some(ChangeKind::Ended)),
        ] {
            let standing = Standing {
                was_seen,
                is_seen,
                has_moved,
                stops,
            };
            assert_eq!(standing.kind(), kind, "{standing:?}");
        }
    }
}
