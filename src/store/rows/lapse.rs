//! The times within which a record did not hold, before it held again.

use std::collections::HashMap;

use chrono::NaiveDate;
use domain::credit_record::{CreditRecord, CreditRecordStatus, Lapse};
use entities::credit_record::{Column, Entity};
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter};

use super::{
    super::{Fact, Result},
    NewVersion, record_from_row,
};

/// What is written on a day goes on from the version before it: its lapses stay, and where the record had ended and
/// holds again, from that day on, there is one more.
pub(super) async fn carry(
    tx: &DatabaseTransaction,
    on: NaiveDate,
    new: &mut [NewVersion],
) -> Result<()> {
    let goes_on = |new: &&NewVersion| new.version > 1 && matches!(new.fact, Fact::Record(_));
    let ids: Vec<i64> = new.iter().filter(goes_on).map(|new| new.id).collect();
    if ids.is_empty() {
        return Ok(());
    }
    let rows = Entity::find().filter(Column::Id.is_in(ids)).all(tx).await?;
    let mut before = HashMap::new();
    for row in rows {
        let key = (row.id, row.version);
        before.insert(key, record_from_row(row)?.fact.fact);
    }
    for new in new {
        if let Fact::Record(record) = &mut new.fact
            && let Some(before) = before.remove(&(new.id, new.version - 1))
        {
            record.lapses = lapses(before, record, on);
        }
    }
    Ok(())
}

fn lapses(mut before: CreditRecord, now: &CreditRecord, on: NaiveDate) -> Box<[Lapse]> {
    // What became of it while it was said of another is nothing to this one, but for what its source lists.
    if before.subject != now.subject {
        let lapses = before.lapses.into_iter();
        before.lapses = lapses
            .filter(|lapse| is_the_sources(lapse.status))
            .collect();
        if !is_the_sources(before.status) {
            return before.lapses;
        }
    }
    // What was said to be wrong from the start was not, if it holds now.
    let had_ended = !matches!(
        before.status,
        CreditRecordStatus::Active | CreditRecordStatus::Withdrawn
    );
    let ended_on = before.ended_on.filter(|from| had_ended && *from < on);
    match (now.status, ended_on) {
        (CreditRecordStatus::Active, Some(from)) => {
            let lapse = Lapse {
                status: before.status,
                from,
                to: on,
            };
            before.lapses.into_iter().chain([lapse]).collect()
        }
        _ => before.lapses,
    }
}

fn is_the_sources(status: CreditRecordStatus) -> bool {
    status == CreditRecordStatus::Delisted
}

#[cfg(test)]
mod tests {
    use domain::credit_record::{CreditRecordKind, RecordSubject};

    use super::*;

    #[test]
    fn what_became_of_it_as_another_bodys_is_nothing_to_this_one() {
        use CreditRecordStatus::{Active, Delisted, Repaired};
        let day = |text: &str| text.parse::<NaiveDate>().expect("a day");
        let lapse = |status, from, to| Lapse {
            status,
            from: day(from),
            to: day(to),
        };
        let of = |body| {
            let (subject, kind) = (RecordSubject::Agency(body), CreditRecordKind::Arrears);
            CreditRecord::new(subject, kind, "arrears.established", day("2026-01-01"))
        };
        let before = |status| CreditRecord {
            status,
            ended_on: Some(day("2026-04-01")).filter(|_| status != Active),
            lapses: Box::from([
                lapse(Repaired, "2026-02-01", "2026-02-10"),
                lapse(Delisted, "2026-03-01", "2026-03-10"),
            ]),
            ..of(1)
        };
        let listed = lapse(Delisted, "2026-03-01", "2026-03-10");
        let both = [lapse(Repaired, "2026-02-01", "2026-02-10"), listed];
        let now = |status| lapse(status, "2026-04-01", "2026-05-01");
        for (status, body, expected) in [
            (Repaired, 1, vec![both[0], both[1], now(Repaired)]),
            (Repaired, 2, vec![listed]),
            (Delisted, 2, vec![listed, now(Delisted)]),
            (Active, 1, both.to_vec()),
            (Active, 2, vec![listed]),
        ] {
            let told = lapses(before(status), &of(body), day("2026-05-01"));
            assert_eq!(&*told, expected, "{status} of {body}");
        }
    }
}
