use domain::{
    credit_record::{CreditRecord, RecordSubject},
    money::Money,
};
use entities::credit_record;

use super::{
    super::{Error, Known, Listing, Result},
    Stamp, read, read_optional, row,
};

pub(super) fn to_row(stamp: &Stamp, fact: CreditRecord) -> credit_record::ActiveModel {
    row!(
        stamp,
        credit_record {
            source: stamp.source.clone(),
            agency_id: fact.subject.agency(),
            official_id: fact.subject.official(),
            kind: fact.kind.as_str().to_owned(),
            tier: fact.tier.map(|tier| tier.as_str().to_owned()),
            status: fact.status.as_str().to_owned(),
            catalogue_item: fact.catalogue_item,
            domain: fact.domain,
            amount_cents: fact.amount.map(|amount| amount.cents()),
            overdue_since: fact.overdue_since,
            identified_on: fact.identified_on,
            identified_by: fact.identified_by,
            case_number: fact.case_number.map(|number| number.to_string()),
            ended_on: fact.ended_on,
            end_ground: fact.end_ground,
            under_objection: fact.under_objection,
            public_until: fact.public_until,
            corrected_on: fact.corrected_on,
            lapses: (!fact.lapses.is_empty())
                .then(|| serde_json::to_string(&fact.lapses).expect("lapses are plain data")),
            is_withheld: fact.is_withheld,
        }
    )
}

pub(in super::super) fn from_row(
    row: credit_record::Model,
) -> Result<Known<Listing<CreditRecord>>> {
    let id = row.id;
    let subject = match (row.agency_id, row.official_id) {
        (Some(agency), None) => RecordSubject::Agency(agency),
        (None, Some(official)) => RecordSubject::Official(official),
        _ => {
            return Err(Error::Corrupt {
                table: "credit_record",
                id,
                reason: "expected an agency or an official".to_owned(),
            });
        }
    };
    let lapses = row.lapses.as_deref().map_or(Ok(Box::default()), |text| {
        serde_json::from_str(text).map_err(|error| Error::Corrupt {
            table: "credit_record",
            id,
            reason: error.to_string(),
        })
    })?;
    let fact = CreditRecord {
        subject,
        kind: read("credit_record", id, &row.kind)?,
        tier: read_optional("credit_record", id, row.tier.as_deref())?,
        status: read("credit_record", id, &row.status)?,
        catalogue_item: row.catalogue_item,
        domain: row.domain,
        amount: row.amount_cents.map(Money::from_cents),
        overdue_since: row.overdue_since,
        identified_on: row.identified_on,
        identified_by: row.identified_by,
        case_number: read_optional("credit_record", id, row.case_number.as_deref())?,
        ended_on: row.ended_on,
        end_ground: row.end_ground,
        under_objection: row.under_objection,
        public_until: row.public_until,
        corrected_on: row.corrected_on,
        lapses,
        is_withheld: row.is_withheld,
    };
    Ok(Known {
        id,
        row_id: row.row_id,
        version: row.version,
        fact: Listing {
            source: row.source,
            fact,
        },
    })
}
