//! A version of a record in a platform's layout.

use chrono::{DateTime, NaiveDate, Utc};
use domain::{
    casework::SanctionStatus, credit_record::CreditRecordStatus, date::china_offset, id::digest_of,
    outbox::Operation, privacy::mask_numbers,
};

use crate::{
    catalogue::{Layout, Lists, OutboundColumn, OutboundField, Values},
    store::Outgoing,
};

/// What is sent of one version.
#[derive(Debug, Clone)]
pub(super) struct Message {
    /// The outbox row.
    pub id: i64,
    pub attempts: i64,
    pub number: String,
    pub operation: Operation,
    /// In the order of the layout's columns; none is an empty cell.
    pub row: Vec<Option<String>>,
    /// SHA-256 of the row, in hexadecimal.
    pub digest: String,
}

/// What the platform is to do with a version, or why it is not told of it.
pub(super) fn operation(outgoing: &Outgoing) -> Result<Operation, &'static str> {
    use CreditRecordStatus::{Active, Withdrawn};
    let is_known = !matches!(outgoing.last_told, None | Some(Operation::Delete));
    match (outgoing.record.status, is_known) {
        (Active, false) => Ok(Operation::Insert),
        (Withdrawn, true) => Ok(Operation::Delete),
        (_, true) => Ok(Operation::Update),
        // What is over is not spread to where nobody has heard of it.
        (_, false) => Err("it ended before the platform ever held it"),
    }
}

/// The message of a version, or why it can't be put into the layout.
pub(super) fn message(
    layout: &Layout,
    lists: &Lists,
    outgoing: &Outgoing,
    operation: Operation,
    now: DateTime<Utc>,
) -> Result<Message, String> {
    let values = values(lists, outgoing, operation, now);
    let row = row(layout, &values)?;
    let cells = row.iter().map(|cell| cell.as_deref().unwrap_or_default());
    let digest = digest_of(&cells.collect::<Vec<_>>());
    Ok(Message {
        id: outgoing.id,
        attempts: outgoing.attempts,
        number: outgoing.number.to_string(),
        operation,
        row,
        digest,
    })
}

fn values(lists: &Lists, outgoing: &Outgoing, operation: Operation, now: DateTime<Utc>) -> Values {
    use OutboundField as F;
    let (record, agency) = (&outgoing.record, &outgoing.agency);
    let item = lists.item(&record.catalogue_item, record.identified_on);
    // Texts were masked when they came in; nothing leaves unmasked even if one was not.
    let free = |text: &str| Some(mask_numbers(text).into_owned());
    let fields = [
        (F::MessageNumber, Some(outgoing.number.to_string())),
        (F::Operation, Some(operation.as_str().to_owned())),
        (F::RecordId, Some(outgoing.number.record_id.to_string())),
        (F::Version, Some(outgoing.number.version.to_string())),
        (F::Change, Some(outgoing.change.to_string())),
        (F::AgencyName, Some(agency.name.clone())),
        (F::AgencyUscc, Some(agency.uscc.clone())),
        (F::Division, Some(agency.division.clone())),
        (F::Kind, Some(record.kind.as_str().to_owned())),
        (F::Tier, record.tier.map(|tier| tier.as_str().to_owned())),
        (F::Status, Some(record.status.as_str().to_owned())),
        (F::CatalogueItem, Some(record.catalogue_item.clone())),
        (F::ItemTitle, item.map(|item| item.title.clone())),
        (F::LegalBasis, item.map(|item| item.legal_basis.clone())),
        (F::Domain, record.domain.as_deref().and_then(free)),
        (F::Amount, record.amount.map(|amount| amount.to_string())),
        (F::IdentifiedOn, Some(record.identified_on.to_string())),
        (F::IdentifiedBy, free(&record.identified_by)),
        (
            F::CaseNumber,
            record.case_number.as_ref().map(ToString::to_string),
        ),
        (F::EndedOn, record.ended_on.map(|day| day.to_string())),
        (F::EndGround, record.end_ground.as_deref().and_then(free)),
        (F::Measures, measures(outgoing)),
        (F::RecordedAt, Some(outgoing.recorded_at.to_rfc3339())),
        (F::SentAt, Some(now.to_rfc3339())),
    ];
    fields
        .into_iter()
        .filter_map(|(field, value)| Some((field, value?)))
        .collect()
}

/// The measures that follow the record, each in one word with its days.
fn measures(outgoing: &Outgoing) -> Option<String> {
    let told = outgoing.sanctions.iter();
    let told = told.filter(|sanction| sanction.status != SanctionStatus::Proposed);
    let day = |day: Option<NaiveDate>| day.map_or_else(String::new, |day| day.to_string());
    let words = told.map(|sanction| {
        let (from, to) = (day(sanction.starts_on), day(sanction.ends_on));
        format!("{}={} {from}/{to}", sanction.measure, sanction.status)
    });
    let words: Vec<String> = words.collect();
    (!words.is_empty()).then(|| words.join("; "))
}

/// The row of a record's fields, or which column can't be filled.
pub fn row(layout: &Layout, values: &Values) -> Result<Vec<Option<String>>, String> {
    layout
        .columns()
        .map(|column| {
            let cell = cell(layout, column, values)
                .map_err(|reason| format!("column {}: {reason}", column.name))?;
            match &cell {
                None if column.required => Err(format!("column {}: is missing", column.name)),
                Some(text) if text.chars().count() > column.chars_max => Err(format!(
                    "column {}: longer than {} characters",
                    column.name, column.chars_max
                )),
                _ => Ok(cell),
            }
        })
        .collect()
}

fn cell(
    layout: &Layout,
    column: &OutboundColumn,
    values: &Values,
) -> Result<Option<String>, String> {
    let Some(field) = column.field else {
        return Ok(column.value.clone());
    };
    let Some(value) = values.get(&field).filter(|value| !value.is_empty()) else {
        return Ok(None);
    };
    if field == OutboundField::Operation {
        let operation = value.parse::<Operation>();
        let word = operation
            .ok()
            .and_then(|operation| layout.operation(operation));
        return match word {
            Some(word) => Ok(Some(word.to_owned())),
            None => Err(format!("no word for {value}")),
        };
    }
    if !column.codes.is_empty() {
        return match column.codes.get(value) {
            Some(word) => Ok(Some(word.clone())),
            None => Err(format!("no word for {value}")),
        };
    }
    match &column.format {
        Some(format) => formatted(field, value, format).map(Some),
        None => Ok(Some(value.clone())),
    }
}

fn formatted(field: OutboundField, value: &str, format: &str) -> Result<String, String> {
    if field.is_day() {
        let day: NaiveDate = value.parse().map_err(|_| format!("{value:?} is no day"))?;
        return Ok(day.format(format).to_string());
    }
    let moment = DateTime::parse_from_rfc3339(value)
        .map_err(|_| format!("{value:?} is no moment"))?
        .with_timezone(&china_offset());
    Ok(moment.format(format).to_string())
}
