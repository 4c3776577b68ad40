//! Names that were compared with a core, by how they are like it, and what they say together.

use chrono::NaiveDate;

use super::{
    compare::{Written, is_homophone, is_one_edit, is_subsequence, same_numerals, tells},
    found::{Found, Match},
    search::Search,
    tier::Tier,
};
use crate::{
    directory::{Core, Hit},
    reform::Reform,
};

/// What a core may be a writing of, among the names of a division.
pub(super) struct Kept<'a> {
    day: NaiveDate,
    /// Reforms of bodies that were called as the core.
    reforms: Vec<&'a Reform>,
    /// Names that the core can be read into, and whether it says enough of them.
    pub abbreviated: Vec<(Hit<'a>, bool)>,
    /// Names one edit away, and whether they sound the same.
    edited: Vec<(Hit<'a>, bool)>,
    homophones: Vec<Hit<'a>>,
}

impl<'a> Kept<'a> {
    pub fn of(search: &Search<'a>, core: &str) -> Self {
        let knowledge = search.directory.knowledge();
        Self {
            day: search.day(),
            reforms: knowledge.reforms.of(core).collect(),
            abbreviated: Vec::new(),
            edited: Vec::new(),
            homophones: Vec::new(),
        }
    }

    /// Whether the core is what bodies were called before a reform, and this is none of before it.
    fn is_reformed(&self, name: &str) -> bool {
        let mut reforms = self.reforms.iter();
        reforms.any(|reform| reform.starts_on <= self.day || reform.to.iter().any(|to| to == name))
    }

    /// Whether the core can be read into a name; it is kept then if their numerals are the same.
    pub fn read_into(&mut self, written: &Written<'_>, hit: Hit<'a>, core: &Core<'a>) -> bool {
        let is_within = written.core.len() < core.text.len()
            && written.signature.may_be_within(core.signature)
            && is_subsequence(written.core, core.text);
        if is_within && same_numerals(written, core) {
            let is_part =
                core.text.starts_with(written.chars[0]) || core.text.ends_with(written.core);
            let is_sure = is_part && tells(written, core) && !self.is_reformed(core.text);
            self.abbreviated.push((hit, is_sure));
        }
        is_within
    }

    /// Who is gone is meant by his own name only, and who was founded later not beside who was there.
    pub fn retain_living(&mut self, search: &Search<'_>) {
        self.abbreviated.retain(|kept| search.is_there(kept.0.body));
        self.edited.retain(|kept| search.is_there(kept.0.body));
        self.homophones.retain(|hit| search.is_there(hit.body));
        let is_founded = |kept: &(Hit<'_>, bool)| search.is_founded(kept.0.body);
        if self.abbreviated.iter().any(is_founded) {
            self.abbreviated.retain(is_founded);
        }
    }

    pub fn is_sure(&self, written: &Written<'_>) -> bool {
        self.abbreviated.iter().all(|kept| kept.1) && written.body_type.may_be_abbreviated()
    }

    pub fn compare(
        &mut self,
        written: &Written<'_>,
        hit: Hit<'a>,
        core: &Core<'a>,
        is_known: bool,
    ) {
        if self.read_into(written, hit, core) {
            // Nothing farther is asked of it.
        } else if is_known || !same_numerals(written, core) {
            // Another name, whatever it is like.
        } else if written.signature.may_be_one_edit_from(core.signature)
            && is_one_edit(written, core)
        {
            self.edited.push((hit, is_homophone(written, core.text)));
        } else if is_homophone(written, core.text) {
            self.homophones.push(hit);
        }
    }

    pub fn decide(
        &self,
        search: &mut Search<'_>,
        written: &Written<'_>,
        is_open: bool,
    ) -> Found<'a> {
        let found = |tier, hits: &[Hit<'a>], reason| {
            let matches = hits.iter().map(|hit| Match::of(hit, reason));
            Found::new(tier, matches.collect())
        };
        if !self.abbreviated.is_empty() {
            let hits: Vec<Hit<'a>> = self.abbreviated.iter().map(|kept| kept.0).collect();
            let rule = "缩略 / abbreviation of one name here:";
            search.steps.found(rule, written.core, hits.len());
            let is_sure = !is_open && self.is_sure(written);
            let reason = "can be read into its name / 为其名称的缩略";
            return found(Tier::Subsequence, &hits, reason).doubtful(!is_sure);
        }
        if !self.edited.is_empty() {
            // Of several, the one that sounds the same was meant.
            let sounds_alike = self.edited.iter().filter(|kept| kept.1);
            let same_sound: Vec<Hit<'a>> = sounds_alike.map(|kept| kept.0).collect();
            let all: Vec<Hit<'a>> = self.edited.iter().map(|kept| kept.0).collect();
            let hits = if same_sound.len() == 1 {
                same_sound
            } else {
                all
            };
            let rule = "一字之差 / one character differs:";
            search.steps.found(rule, written.core, hits.len());
            return found(Tier::Edit, &hits, "differs in one character / 一字之差");
        }
        if !self.homophones.is_empty() {
            let hits = &self.homophones;
            let rule = "同音 / sounds alike:";
            search.steps.found(rule, written.core, hits.len());
            return found(Tier::Pinyin, hits, "sounds alike / 同音");
        }
        Found::nobody()
    }
}
