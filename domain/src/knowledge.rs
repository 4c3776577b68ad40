//! Which texts a change of the resolver's tables could give another answer: more rather than fewer,
//! and without a look at the directory.
//!
//! The tables are asked by a core, which is what is left of a text without place and brackets. So a
//! text has to do with a row where the row's form stands in it, or is abbreviated at its end.

use std::collections::{BTreeSet, HashSet};

use crate::{
    alias::AliasTable,
    id::{Kind, stable_id},
    mention::SubjectText,
    name::normalise,
    reform::Reforms,
};

/// The version of the resolver's rules in this code: another one gives old questions other answers,
/// so all are asked again.
pub const RESOLVER_VERSION: u32 = 6;

/// Characters of a form of which one may be written wrongly.
const CLOSE_CHARS_MIN: usize = 4;

/// A row of the tables, as far as telling who is concerned needs it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Row {
    /// Of all that it says.
    pub digest: i64,
    /// The forms by which it is asked for.
    pub asked: Vec<String>,
    /// The forms that it leads to.
    pub told: Vec<String>,
}

/// The rows of both tables, in one order.
pub fn rows(aliases: &AliasTable, reforms: &Reforms) -> Vec<Row> {
    let standing = aliases.standing().map(|name| Row {
        digest: digest(&format!("standing {name}")),
        asked: vec![name.to_owned()],
        told: Vec::new(),
    });
    let aliases = aliases.iter().map(|row| {
        let said = (&row.short, &row.full, &row.levels, row.within, row.stands);
        Row {
            digest: digest(&format!("alias {said:?}")),
            asked: row.short.clone(),
            told: row.full.clone(),
        }
    });
    let reforms = reforms.iter().map(|row| Row {
        digest: digest(&format!("{row:?}")),
        asked: row.from.clone(),
        told: row.to.clone(),
    });
    let rows: BTreeSet<Row> = standing.chain(aliases).chain(reforms).collect();
    rows.into_iter().collect()
}

fn digest(said: &str) -> i64 {
    stable_id(Kind::Row, &[said])
}

/// Texts that rows which came, went or changed could concern.
#[derive(Debug, Default)]
pub struct Concerned {
    forms: Vec<Vec<char>>,
}

impl Concerned {
    /// By the rows before and now.
    pub fn by(before: &[Row], now: &[Row]) -> Self {
        let (old, new): (BTreeSet<_>, BTreeSet<_>) =
            (before.iter().collect(), now.iter().collect());
        let changed: Vec<&Row> = old.symmetric_difference(&new).copied().collect();
        let asked = changed.iter().flat_map(|row| &row.asked);
        let mut asked: HashSet<&String> = asked.collect();
        // Who is led to a form that is asked for is led on.
        loop {
            let leads_on = |row: &&&Row| row.told.iter().any(|form| asked.contains(form));
            let leading = old.union(&new).filter(leads_on);
            let more: Vec<&String> = leading.flat_map(|row| &row.asked).collect();
            let known = asked.len();
            asked.extend(more);
            if asked.len() == known {
                break;
            }
        }
        // A name that a row has is no slip of the pen for another one.
        asked.extend(changed.iter().flat_map(|row| &row.told));
        let form = |form: &String| normalise(form).chars().filter(|one| *one != HOLE).collect();
        Self {
            forms: asked.into_iter().map(form).collect(),
        }
    }

    /// Whether a text could mean another body than before; a code alone means the same.
    pub fn could_change(&self, subject: &SubjectText) -> bool {
        let name: Vec<char> = subject.name.chars().collect();
        let outside = subject.name.split(['(', '（']).next().unwrap_or_default();
        let ends = [end(&subject.name), end(outside)];
        let is_short_for = |form: &[char]| {
            let mut ends = ends.iter().filter(|end| end.len() == 2);
            ends.any(|end| stands_in(end.iter(), form))
        };
        self.forms.iter().any(|form| {
            stands_in(form.iter(), &name)
                || is_short_for(form)
                || (form.len() >= CLOSE_CHARS_MIN && nearly_stands_in(form, &name))
        })
    }
}

/// Where a division's name stands in a form.
const HOLE: char = '□';

/// The last two characters of a text that are no brackets.
fn end(text: &str) -> Vec<char> {
    let mut last: Vec<char> = text
        .chars()
        .rev()
        .filter(|one| !"()（）".contains(*one))
        .take(2)
        .collect();
    last.reverse();
    last
}

/// Whether all characters of a form stand in a text in their order.
fn stands_in<'a>(mut form: impl Iterator<Item = &'a char>, text: &[char]) -> bool {
    let mut text = text.iter();
    form.all(|one| text.any(|other| other == one))
}

/// Whether all but one do.
fn nearly_stands_in(form: &[char], text: &[char]) -> bool {
    (0..form.len()).any(|left_out| {
        let rest = form[..left_out].iter().chain(&form[left_out + 1..]);
        stands_in(rest, text)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(asked: &[&str], told: &[&str]) -> Row {
        let texts = |forms: &[&str]| forms.iter().map(|form| (*form).to_owned()).collect();
        Row {
            digest: digest(&format!("{asked:?} {told:?}")),
            asked: texts(asked),
            told: texts(told),
        }
    }

    fn concerns(before: &[Row], now: &[Row], text: &str) -> bool {
        let subject = SubjectText::of(text, None).expect("a text");
        Concerned::by(before, now).could_change(&subject)
    }

    #[test]
    fn a_row_concerns_texts_with_its_forms_and_no_others() {
        let now = [row(&["样管局"], &["样例管理局"])];
        for text in [
            "佛山市样管局",
            "样管局",
            "佛山市样例管理局",
            "佛山市样管局（原样局）",
            "样例管理局禅城分局",
            // One character wrong in the full form, and an abbreviation of it.
            "佛山市样例管里局",
            "佛山市例管局",
        ] {
            assert!(concerns(&[], &now, text), "{text}");
            assert!(concerns(&now, &[], text), "{text}");
            assert!(!concerns(&now, &now, text), "{text}");
        }
        for text in ["佛山市教育局", "佛山市水务局（样本）", "某某镇人民政府"]
        {
            assert!(!concerns(&[], &now, text), "{text}");
        }
        let code = SubjectText::of("", Some("007039565")).expect("a code");
        assert!(!Concerned::by(&[], &now).could_change(&code));
    }

    #[test]
    fn who_is_led_to_a_changed_row_is_concerned_too() {
        let stays = row(&["甲委"], &["乙丙委员会"]);
        let comes = row(&["乙丙委员会"], &["丁戊局"]);
        let before = [stays.clone()];
        let now = [stays, comes];
        assert!(concerns(&before, &now, "佛山市甲委"));
        assert!(!concerns(&before, &now, "佛山市己庚局"));
    }

    #[test]
    fn a_form_with_a_hole_is_found_around_a_place() {
        let now = [row(&["样例局□分局"], &[])];
        assert!(concerns(&[], &now, "佛山市样例局禅城分局"));
    }
}
