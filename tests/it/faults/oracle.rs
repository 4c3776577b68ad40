//! What must be in the hub, worked out from what was served and from the documented rules alone.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::{
    row::{Fate, Row},
    world::Meant,
};

/// A delivery is held when it has fewer rows than this share of the last full one …
const ROWS_MIN_SHARE: f64 = 0.8;
/// … or withdraws more than this share of what was listed before …
const WITHDRAWN_MAX_SHARE: f64 = 0.05;
/// … and the difference is more than so many rows.
const SLACK_ROWS: usize = 10;

/// A record as it stands now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Record {
    /// The body's code.
    pub(crate) body: String,
    pub(crate) case: String,
    pub(crate) identified_on: String,
    /// The day on which it was delisted.
    pub(crate) delisted_on: Option<String>,
}

/// All that the hub holds of one listing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Standing {
    /// The content that is listed now.
    pub(crate) listed: Option<Map<String, Value>>,
    /// How many contents there ever were.
    pub(crate) contents: usize,
    pub(crate) record: Option<Record>,
    /// How many versions the record ever had.
    pub(crate) versions: usize,
    /// The name as it is listed, where it tells nobody.
    pub(crate) mention: Option<String>,
}

/// All listings by their keys.
pub(crate) type State = BTreeMap<String, Standing>;

/// What must become of a delivery that came whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    In,
    Held,
}

/// The model of the hub.
#[derive(Debug, Clone, Default)]
pub(crate) struct Oracle {
    pub(crate) state: State,
    /// Rows of the newest full delivery, and its day.
    newest: Option<(usize, String)>,
    /// Deliveries say what changed, and withdraw nothing by their silence.
    is_of_changes: bool,
}

impl Oracle {
    /// One of a source that tells only what changed.
    pub(crate) fn of_changes() -> Self {
        Self {
            is_of_changes: true,
            ..Self::default()
        }
    }

    /// Takes what changed: of each listing the last word that can be read.
    fn take_changes(&mut self, rows: &[Row], day: &str, by_hand: bool) -> Verdict {
        let is_word = |row: &&Row| match row.fate {
            Fate::Good => row.meant != Meant::NotOurs,
            Fate::Ended => true,
            Fate::Rejected | Fate::Keyless | Fate::Counted => false,
        };
        let words = rows.iter().filter(is_word);
        let last: BTreeMap<&str, &Row> = words.map(|row| (row.key.as_str(), row)).collect();
        let is_listed = |key: &str| {
            let known = self.state.get(key);
            known.is_some_and(|known| known.listed.is_some())
        };
        let ended = last
            .iter()
            .filter(|(key, row)| row.fate == Fate::Ended && is_listed(key))
            .count();
        let listed = self.state.keys().filter(|key| is_listed(key)).count();
        let too_many = ended as f64 > WITHDRAWN_MAX_SHARE * listed as f64;
        if too_many && ended > SLACK_ROWS && !by_hand {
            return Verdict::Held;
        }
        for (key, row) in last {
            match row.fate {
                Fate::Ended => {
                    // What was never listed leaves nothing to be seen.
                    if let Some(known) = self.state.get_mut(key) {
                        known.withdraw(day);
                    }
                }
                _ => self.state.entry(key.to_owned()).or_default().tell(row),
            }
        }
        Verdict::In
    }

    /// The day of the newest full delivery.
    pub(crate) fn newest_day(&self) -> Option<&str> {
        self.newest.as_ref().map(|(_, day)| day.as_str())
    }

    /// Takes a delivery that came whole; `by_hand` lets it in whatever the bounds say.
    pub(crate) fn take(&mut self, rows: &[Row], day: &str, by_hand: bool) -> Verdict {
        if self.is_of_changes {
            return self.take_changes(rows, day, by_hand);
        }
        let told: BTreeSet<&str> = rows
            .iter()
            .filter(|row| row.fate != Fate::Keyless)
            .filter(|row| row.fate == Fate::Rejected || row.meant != Meant::NotOurs)
            .map(|row| row.key.as_str())
            .collect();
        let is_past = self
            .newest
            .as_ref()
            .is_some_and(|(_, newest)| newest.as_str() > day);
        // Without a row there is nothing to compare with the last delivery where nothing is listed.
        let is_comparable =
            !rows.is_empty() || self.state.values().any(|known| known.listed.is_some());
        if let Some((before, _)) = self.newest.as_ref().filter(|_| is_comparable) {
            let too_few = (rows.len() as f64) < ROWS_MIN_SHARE * *before as f64;
            if too_few && before.saturating_sub(rows.len()) > SLACK_ROWS && !by_hand {
                return Verdict::Held;
            }
        }
        let withdraws = !is_past && rows.iter().all(|row| row.fate != Fate::Keyless);
        if withdraws {
            let listed = self
                .state
                .iter()
                .filter(|(_, known)| known.listed.is_some());
            let listed: Vec<String> = listed.map(|(key, _)| key.clone()).collect();
            let missing = listed.iter().filter(|key| !told.contains(key.as_str()));
            let missing: Vec<String> = missing.cloned().collect();
            let too_many = missing.len() as f64 > WITHDRAWN_MAX_SHARE * listed.len() as f64;
            if too_many && missing.len() > SLACK_ROWS && !by_hand {
                return Verdict::Held;
            }
            for key in &missing {
                self.state.entry(key.clone()).or_default().withdraw(day);
            }
        }
        let mut last = BTreeMap::new();
        for row in rows
            .iter()
            .filter(|row| row.fate == Fate::Good && row.meant != Meant::NotOurs)
        {
            last.insert(row.key.as_str(), row);
        }
        for (key, row) in last {
            match &self.newest {
                Some((_, newest)) if is_past => {
                    // What a newer list does not have was delisted by then.
                    if !self.state.contains_key(key) && matches!(row.meant, Meant::Body(_)) {
                        let mut known = Standing::default();
                        known.tell(row);
                        known.listed = None;
                        if let Some(record) = &mut known.record {
                            record.delisted_on = Some(newest.clone());
                        }
                        self.state.insert(key.to_owned(), known);
                    }
                }
                _ => self.state.entry(key.to_owned()).or_default().tell(row),
            }
        }
        // One whose rows can't all be told apart is no measure.
        if !is_past && withdraws && is_comparable {
            self.newest = Some((rows.len(), day.to_owned()));
        }
        Verdict::In
    }
}

impl Standing {
    fn tell(&mut self, row: &Row) {
        let content = row.content();
        if self.listed.as_ref() != Some(&content) {
            self.contents += 1;
            self.listed = Some(content);
        }
        match row.meant {
            Meant::Body(code) => {
                let record = Record {
                    body: code.to_string(),
                    // As it is written ever since 2016.
                    case: row.case.replace('(', "（").replace(')', "）"),
                    identified_on: row.day.clone(),
                    delisted_on: None,
                };
                if self.record.as_ref() != Some(&record) {
                    self.versions += 1;
                    self.record = Some(record);
                }
                self.mention = None;
            }
            Meant::Untold => {
                self.mention = Some(row.name.clone());
                self.record = None;
            }
            Meant::NotOurs => {}
        }
    }

    fn withdraw(&mut self, day: &str) {
        self.listed = None;
        self.mention = None;
        if let Some(record) = self
            .record
            .as_mut()
            .filter(|record| record.delisted_on.is_none())
        {
            record.delisted_on = Some(day.to_owned());
            self.versions += 1;
        }
    }
}
