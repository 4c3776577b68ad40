//! Telling a receipt's answer anew from the data that it names.

use std::sync::Arc;

use domain::viewer::{Role, Viewer};
use sha2::{Digest, Sha256};

use crate::graph::{Graph, Times};

use super::{CheckInput, Checking, Kept, Person, Receipt};

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

/// Why bytes may differ, as people are told.
const NOBODY: &str =
    "a person who is no official: nothing is kept by which he could be asked about again";
const BOTH: &str = "it was told by another resolver and another catalogue";
const RESOLVER: &str = "it was told by another resolver";
const CATALOGUE: &str = "it was told by another catalogue";
const CHANGED: &str = "the same resolver and catalogue tell otherwise: the data of that version or the receipt was changed";

impl Replayed {
    /// Whether the bytes are the same.
    pub fn agrees(&self) -> bool {
        self.again.as_ref() == Some(&self.kept)
    }

    /// Why the bytes are not the same, where they are not.
    pub fn reason(&self) -> Option<&'static str> {
        if self.agrees() {
            return None;
        }
        let part = |text: &'_ str| {
            text.split_once('-')
                .map(|(a, b)| (a.to_owned(), b.to_owned()))
        };
        let [then, now] = [0, 1].map(|at: usize| part(&self.resolver[at]).unwrap_or_default());
        Some(match (then.0 == now.0, then.1 == now.1) {
            _ if self.again.is_none() => NOBODY,
            (false, false) => BOTH,
            (false, true) => RESOLVER,
            (true, false) => CATALOGUE,
            (true, true) => CHANGED,
        })
    }
}

impl Checking {
    /// Tells an answer anew over the version that its receipt names.
    pub fn replay(&self, kept: &Kept, receipt: &Receipt, version: &Arc<Graph>) -> Replayed {
        let person = receipt.official.map(Person::Official);
        let can_be_asked = !receipt.is_person || person.is_some();
        let again = can_be_asked.then(|| {
            let viewer = kept.asked_by.viewer();
            let rules = self
                .catalogue
                .access
                .row_rules(viewer.role, Some(&kept.purpose));
            let view = version.view(Arc::new(viewer), rules, kept.asked_by.on);
            let times = Times {
                as_of: Some(receipt.answer.as_of),
                known_at: None,
            };
            let input = CheckInput::new(receipt.answer.input.clone(), person);
            let (answer, _) = self.answer(&view.told(times, None), &input, &receipt.excluded);
            crate::hex(&Sha256::digest(answer.json()))
        });
        Replayed {
            kept: receipt.digest.clone(),
            again,
            resolver: [kept.resolver_version.clone(), self.resolver_version()],
        }
    }
}

impl super::receipt::Asker {
    pub(super) fn viewer(&self) -> Viewer {
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
