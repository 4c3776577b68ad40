//! Who is asked about.

use domain::{
    case_number::CaseNumber,
    division::DivisionCode,
    official::{Number, Told, tell},
    privacy::{citizen_number, mask_numbers},
    resolution::Subject,
};

use crate::{
    graph::{CheckQuestion, View},
    person_key::PersonKey,
};

use super::{Echo, TEXT_CHARS_MAX};

/// Who is asked about, as it was written.
#[derive(Debug, Clone, Default)]
pub struct CheckInput {
    pub uscc: Option<String>,
    pub org_code: Option<String>,
    pub name: Option<String>,
    pub division: Option<String>,
    pub case_number: Option<String>,
    pub person: Option<Person>,
}

/// A person who is asked about. His number is digested where it comes in, and neither is kept.
#[derive(Debug, Clone)]
pub enum Person {
    /// By a name, and the digest of a number where one was given that could be read.
    Written {
        name: String,
        number: Option<Number>,
    },
    /// As he was told before.
    Told(Told),
}

impl Person {
    /// From what was written; without a key of the hub no number tells anybody.
    pub fn new(name: Option<String>, number: Option<&str>, key: Option<&PersonKey>) -> Self {
        let whole = number.and_then(citizen_number);
        let digest = whole
            .zip(key)
            .map(|(number, key)| Number::Digest(key.digest(&number)));
        Self::Written {
            name: name.unwrap_or_default(),
            number: digest,
        }
    }
}

impl CheckInput {
    /// Whether it says anything of who is meant.
    pub fn is_asked(&self) -> bool {
        let texts = [&self.uscc, &self.org_code, &self.name, &self.case_number];
        texts.into_iter().any(Option::is_some) || self.person.is_some()
    }

    /// What is said of what can't be asked.
    pub(super) fn admit(&self) -> Result<(), String> {
        let person = self.person.as_ref().and_then(|person| match person {
            Person::Written { name, .. } => Some(name),
            Person::Told(_) => None,
        });
        for (key, text) in [
            ("uscc", self.uscc.as_ref()),
            ("orgCode", self.org_code.as_ref()),
            ("name", self.name.as_ref()),
            ("division", self.division.as_ref()),
            ("caseNumber", self.case_number.as_ref()),
            ("personName", person),
        ] {
            if text.is_some_and(|text| text.chars().count() > TEXT_CHARS_MAX) {
                return Err(format!("{key}: at most {TEXT_CHARS_MAX} characters"));
            }
        }
        Ok(())
    }

    /// What is told again of it. A number of a person that stands in a name is hidden.
    pub(super) fn echo(&self) -> Echo {
        let masked =
            |text: &Option<String>| text.as_deref().map(|text| mask_numbers(text).into_owned());
        Echo {
            uscc: self.uscc.clone(),
            org_code: self.org_code.clone(),
            name: masked(&self.name),
            division: self.division.clone(),
            case_number: masked(&self.case_number),
        }
    }

    /// As the graph is asked; what can't be read is noted among the steps of the answer.
    pub(super) fn question(&self, view: &View) -> CheckQuestion<'_> {
        let mut unread = Vec::new();
        let within = self.division.as_deref().and_then(|text| {
            let code = text.trim().parse::<DivisionCode>().ok();
            let known = code.filter(|code| view.divisions().get(*code).is_some());
            if known.is_none() {
                unread.push("不识别的区划代码，未据以限定 / the division is not known and was not looked at");
            }
            known
        });
        let case = self.case_number.as_deref().and_then(|text| {
            let case = text.parse::<CaseNumber>().ok();
            if case.is_none() {
                unread.push(
                    "案号格式不正确，未据以查找 / this is no case number, so it was not looked up",
                );
            }
            case
        });
        CheckQuestion {
            body: Subject {
                code: self.uscc.as_deref(),
                org_code: self.org_code.as_deref(),
                name: self.name.as_deref(),
                within,
                ..Subject::default()
            },
            case,
            person: self.person.as_ref().map(|person| person.tell(view)),
            but: Vec::new(),
            unread,
        }
    }
}

impl Person {
    fn tell(&self, view: &View) -> Told {
        match self {
            Self::Written {
                name,
                number: Some(number),
            } => tell(&**view.present(), name, number),
            // A name alone tells nobody.
            Self::Written { number: None, .. } => Told::Nobody,
            Self::Told(told) => told.clone(),
        }
    }
}
