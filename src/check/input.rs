//! Who is asked about.

use domain::{
    case_number::CaseNumber,
    division::DivisionCode,
    official::Number,
    privacy::{PersonNumber, mask_numbers, person_number},
    resolution::Subject,
};

use crate::{
    graph::{AskedPerson, CheckQuestion, View},
    person_key::PersonKey,
};

use super::{Echo, TEXT_CHARS_MAX};

/// Who is asked about, as it was written but for numbers of persons: these are hidden where the texts come in,
/// so that whatever is asked, told and kept has none.
#[derive(Debug, Clone, Default)]
pub struct CheckInput {
    texts: Echo,
    person: Option<Person>,
}

/// A person who is asked about. His number is digested where it comes in; neither it nor his name is kept.
#[derive(Debug, Clone)]
pub enum Person {
    /// By a name, and by a number where one was given that could be read.
    Written {
        name: String,
        number: Option<Number>,
    },
    /// The official with this number, as he was told before.
    Official(i64),
}

impl Person {
    /// From what was written, with the hub's key for numbers.
    pub fn new(name: Option<String>, number: Option<&str>, key: &PersonKey) -> Self {
        let number = number.and_then(person_number).map(|number| match number {
            PersonNumber::Whole(number) => Number::Digest(key.digest(&number)),
            PersonNumber::Masked => Number::Masked,
        });
        let name = name.unwrap_or_default();
        Self::Written { name, number }
    }

    fn asked(&self) -> AskedPerson<'_> {
        match self {
            Self::Written {
                name,
                number: Some(number),
            } => AskedPerson::Written { name, number },
            Self::Written { number: None, .. } => AskedPerson::Untold,
            Self::Official(number) => AskedPerson::Official(*number),
        }
    }
}

impl CheckInput {
    /// From what was written.
    pub fn new(texts: Echo, person: Option<Person>) -> Self {
        let hide = |text: Option<String>| text.map(|text| hidden(&text));
        let texts = Echo {
            uscc: hide(texts.uscc),
            org_code: hide(texts.org_code),
            name: hide(texts.name),
            division: hide(texts.division),
            case_number: hide(texts.case_number),
        };
        Self { texts, person }
    }

    /// Whether it says anything of who is meant.
    pub fn is_asked(&self) -> bool {
        self.asks_of_body() || self.person.is_some()
    }

    /// Whether a person is asked about.
    pub fn has_person(&self) -> bool {
        self.person.is_some()
    }

    /// Whether a body is.
    pub(super) fn asks_of_body(&self) -> bool {
        let texts = &self.texts;
        let texts = [
            &texts.uscc,
            &texts.org_code,
            &texts.name,
            &texts.case_number,
        ];
        texts.into_iter().any(Option::is_some)
    }

    /// What is told again of it.
    pub(super) fn echo(&self) -> Echo {
        self.texts.clone()
    }

    /// As the graph is asked; what can't be read is noted among the steps of the answer.
    pub(super) fn question(&self, view: &View) -> CheckQuestion<'_> {
        let texts = &self.texts;
        let mut unread = Vec::new();
        let (division, case) = (short(&texts.division), short(&texts.case_number));
        let within = division.and_then(|text| text.trim().parse::<DivisionCode>().ok());
        let within = within.filter(|code| view.divisions().get(*code).is_some());
        if texts.division.is_some() && within.is_none() {
            unread.push(
                "不识别的区划代码，未据以限定 / the division is not known and was not looked at",
            );
        }
        let number = case.and_then(|text| text.parse::<CaseNumber>().ok());
        if texts.case_number.is_some() && number.is_none() {
            unread.push(
                "案号格式不正确，未据以查找 / this is no case number, so it was not looked up",
            );
        }
        let body = [&texts.uscc, &texts.org_code, &texts.name];
        if body
            .iter()
            .any(|text| text.is_some() && short(text).is_none())
        {
            unread.push("文字过长，未据以查找 / a text is too long and was not looked at");
        }
        if let Some(Person::Written { number: None, .. }) = &self.person {
            unread.push("证件号码缺失或无法识别 / no number, or none that can be read");
        }
        CheckQuestion {
            body: Subject {
                code: short(&texts.uscc),
                org_code: short(&texts.org_code),
                name: short(&texts.name),
                within,
                ..Subject::default()
            },
            case: number,
            person: self.person.as_ref().map(Person::asked),
            unread,
            excluded: Vec::new(),
        }
    }
}

/// A text that is short enough to be looked at.
fn short(text: &Option<String>) -> Option<&str> {
    let text = text.as_deref()?;
    (text.chars().count() <= TEXT_CHARS_MAX).then_some(text)
}

/// A text without numbers of persons, in whatever width and with whatever between their digits.
pub(super) fn hidden(text: &str) -> String {
    let joined = text.replace('-', "");
    match person_number(&joined) {
        Some(_) => "*".repeat(joined.chars().count()),
        None => mask_numbers(text).into_owned(),
    }
}
