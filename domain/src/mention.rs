//! Mentions: rows of a source that name someone who is not resolved to a subject of ours.

use crate::{
    division::DivisionCode, name::normalise, person_name::is_masked_name, resolution::Resolution,
};

/// What a row says about its subject, and what became of the attempt to tell who that is.
#[derive(Debug, Clone, PartialEq)]
pub struct Mention {
    /// The subject's name as the source writes it.
    pub text: String,
    /// The subject's codes as the source writes them, parted by a space, where it gives any.
    pub code: Option<String>,
    /// The division that the row itself points to, such as that of the court.
    pub division: Option<DivisionCode>,
    /// The resolver's answer, with what people decided taken into account.
    pub resolution: Resolution,
    /// The version of the decision that holds of it.
    pub decision_version: Option<i64>,
}

impl Mention {
    /// What people decide about: what this row writes about its subject, in one spelling, or the row
    /// itself where that is a person's masked name.
    pub fn subject(&self, row_id: i64) -> Option<SubjectText> {
        match self.is_of_person() {
            true => Some(SubjectText::of_row(&self.text, row_id)),
            false => SubjectText::of(&self.text, self.code.as_deref()),
        }
    }

    /// Whether it is about a natural person: nobody else's name is masked.
    pub fn is_of_person(&self) -> bool {
        is_masked_name(&self.text)
    }
}

/// Characters of a name by which rows are found again: no name of a body is longer, and an index
/// has to hold it.
const NAME_CHARS_MAX: usize = 400;
/// Characters of codes by which rows are found again.
const CODE_CHARS_MAX: usize = 100;

/// Stands before a row's number where codes would stand.
const ROW_MARK: char = '#';

/// What rows write about their subject, in one spelling: equal where they mean the same, and what
/// a decision holds of.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SubjectText {
    /// The normalised name; empty where there is none.
    pub name: String,
    /// The codes in capitals; empty where there are none.
    pub code: String,
}

impl SubjectText {
    /// Of a name and codes as written; none where nobody is named, by a text that is too long to be
    /// a body's name, or by a person's masked name, which others share: what is said of one of them
    /// must not hold of all.
    pub fn of(name: &str, code: Option<&str>) -> Option<Self> {
        let subject = Self {
            name: normalise(name),
            code: code.unwrap_or_default().trim().to_ascii_uppercase(),
        };
        let is_told = !subject.name.is_empty() || !subject.code.is_empty();
        let fits = subject.name.chars().count() <= NAME_CHARS_MAX
            && subject.code.chars().count() <= CODE_CHARS_MAX;
        (is_told && fits && !is_masked_name(&subject.name)).then_some(subject)
    }

    /// Of one row that writes a person's masked name, which others share.
    pub fn of_row(masked_name: &str, row_id: i64) -> Self {
        Self {
            name: masked_name.to_owned(),
            code: format!("{ROW_MARK}{row_id}"),
        }
    }

    /// The one row that it is of.
    pub fn row(&self) -> Option<i64> {
        let number = self.code.strip_prefix(ROW_MARK)?;
        // A text of ours has no masked name, whatever its source writes for a code.
        number.parse().ok().filter(|_| is_masked_name(&self.name))
    }

    /// The codes, which a row has none of.
    pub fn codes(&self) -> &str {
        match self.row() {
            Some(_) => "",
            None => &self.code,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_no_other_row_and_no_text() {
        let one = SubjectText::of_row("甲**", 7);
        assert_ne!(one, SubjectText::of_row("甲**", 8));
        assert_eq!((one.row(), one.codes()), (Some(7), ""));
        let text = SubjectText::of("佛山市样例局", Some("#7")).expect("a text");
        assert_eq!((text.row(), text.codes()), (None, "#7"));
    }

    #[test]
    fn a_subject_has_one_spelling() {
        let one = SubjectText::of(" 佛山市 样例局。", Some("11440604mb2d072246 "));
        let other = SubjectText::of("佛山市样例局", Some("11440604MB2D072246"));
        assert_eq!(one, other);
        assert!(one.is_some());
        assert_ne!(one, SubjectText::of("佛山市样例局", None));
        assert_eq!(SubjectText::of(" ", Some(" ")), None);
        assert_eq!(SubjectText::of(&"局".repeat(401), None), None);
        assert_eq!(SubjectText::of("甲**", Some("aa")), None);
        assert!(SubjectText::of("", Some("007039565")).is_some());
    }
}
