//! What of a record a column may say.

use std::collections::BTreeMap;

use serde::Deserialize;

/// A field of an outgoing record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OutboundField {
    /// The same for the same version of the same record: what a repetition is told by.
    MessageNumber,
    /// In the platform's word.
    Operation,
    RecordId,
    Version,
    /// The number of the change in the change log.
    Change,
    AgencyName,
    AgencyUscc,
    Division,
    Kind,
    Tier,
    Status,
    CatalogueItem,
    ItemTitle,
    LegalBasis,
    Domain,
    /// In yuan, with two decimals.
    Amount,
    IdentifiedOn,
    IdentifiedBy,
    CaseNumber,
    EndedOn,
    EndGround,
    /// What follows from it, as `code=STATUS from/to`, one after the other; what is only proposed is not told.
    Measures,
    /// When the change was closed.
    RecordedAt,
    /// When the message was made.
    SentAt,
}

/// The fields of one record, each in our own spelling; what is absent is not known.
pub type Values = BTreeMap<OutboundField, String>;

impl OutboundField {
    /// Our words for it, where it is one of a closed list.
    pub(super) fn words(self) -> Option<Vec<&'static str>> {
        use domain::credit_record::{CreditRecordKind, CreditRecordStatus, Tier};
        match self {
            Self::Kind => Some(
                CreditRecordKind::ALL
                    .iter()
                    .map(|word| word.as_str())
                    .collect(),
            ),
            Self::Status => Some(
                CreditRecordStatus::ALL
                    .iter()
                    .map(|word| word.as_str())
                    .collect(),
            ),
            Self::Tier => Some(Tier::ALL.iter().map(|word| word.as_str()).collect()),
            _ => None,
        }
    }

    /// Whether it is a day.
    pub fn is_day(self) -> bool {
        matches!(self, Self::IdentifiedOn | Self::EndedOn)
    }

    /// Whether it is a moment.
    pub fn is_moment(self) -> bool {
        matches!(self, Self::RecordedAt | Self::SentAt)
    }
}
