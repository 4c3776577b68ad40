//! The record that a confirmation makes.

use domain::{
    casework::{About, Case, Confirmation, Event, Item, Refused, What},
    credit_record::{CreditRecord, RecordSubject},
    privacy::mask_numbers,
};

use super::{finding::about, refusal};

/// The case without the record that has no row yet: whom it is about, its lead says.
pub(super) fn case_before(case: &Case) -> Case {
    about(About {
        record: None,
        ..case.about
    })
}

/// The record that a confirmation makes.
pub(super) fn record(
    case: &Case,
    event: &Event,
    confirmation: &Confirmation,
    subjects: &[i64],
    by: Option<String>,
    item: Option<Item>,
) -> Result<CreditRecord, Refused> {
    let [subject] = subjects else {
        let message = "线索须指明一个单位 / the lead must name one body";
        return Err(refusal("NO_SUBJECT", message));
    };
    let is_recorded = |what: &What| matches!(what, What::Recorded { .. });
    debug_assert!(event.what.iter().any(is_recorded));
    let by =
        by.ok_or_else(|| refusal("NEEDS_BODY", "须写明认定部门 / who determined it is needed"))?;
    let item =
        item.ok_or_else(|| refusal("NO_ITEM", "目录清单中没有该项 / the list has no such item"))?;
    let mut record = CreditRecord {
        amount: confirmation.amount,
        overdue_since: confirmation.overdue_since,
        identified_by: mask_numbers(&by).into_owned(),
        is_withheld: true,
        ..CreditRecord::new(
            RecordSubject::Agency(*subject),
            item.kind,
            item.code,
            confirmation.identified_on,
        )
    };
    case.write_record(&mut record);
    Ok(record)
}
