//! Telling a receipt's answer anew from the data that it names.

use std::sync::Arc;

use domain::{
    official::Told,
    viewer::{Role, Viewer},
};

use crate::graph::{Graph, Times};

use super::{Answer, CheckInput, Checking, Kept, Person};

/// What came of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Replayed {
    /// The digest in the receipt.
    pub kept: String,
    /// The digest of the answer as it is told now from the same data; none where a person was asked about who
    /// is no official: nothing is kept by which he could be asked about again.
    pub again: Option<String>,
    /// By what the receipt's answer was told, and by what it is told now.
    pub resolver: [String; 2],
}

impl Replayed {
    /// Whether the bytes are the same.
    pub fn agrees(&self) -> bool {
        self.again.as_ref() == Some(&self.kept)
    }
}

impl Checking {
    /// Tells the answer in one place of what was kept anew, over the version that it names.
    pub fn replay(&self, kept: &Kept, place: usize, version: &Arc<Graph>) -> Option<Replayed> {
        let answer = kept.answers.get(place)?;
        let official = kept.officials.get(place).copied().flatten();
        let input = CheckInput::again(answer, official);
        let again = input.is_asked().then(|| {
            let viewer = kept.asked_by.viewer();
            let rules = self
                .catalogue
                .access
                .row_rules(viewer.role, Some(&kept.purpose));
            let view = version.view(Arc::new(viewer), rules, kept.asked_by.on);
            let times = Times {
                as_of: Some(answer.as_of),
                known_at: None,
            };
            self.answer(&view.told(times, None), &input).0.digest()
        });
        Some(Replayed {
            kept: answer.digest(),
            again,
            resolver: [kept.resolver_version.clone(), self.resolver_version()],
        })
    }
}

impl CheckInput {
    /// What an answer was asked.
    fn again(answer: &Answer, official: Option<i64>) -> Self {
        let echo = answer.input.clone();
        Self {
            uscc: echo.uscc,
            org_code: echo.org_code,
            name: echo.name,
            division: echo.division,
            case_number: echo.case_number,
            person: official.map(|number| Person::Told(Told::Official(number))),
        }
    }
}

impl super::receipt::Asker {
    fn viewer(&self) -> Viewer {
        Viewer {
            role: self.role.parse().unwrap_or(Role::Public),
            divisions: self
                .divisions
                .iter()
                .filter_map(|code| code.parse().ok())
                .collect(),
            agency: self.agency.as_deref().and_then(|code| code.parse().ok()),
            ..Viewer::public()
        }
    }
}
