use domain::indicator::Indicator;
use entities::indicator;

use super::{
    super::{Known, Listing, Result},
    Stamp, read, row,
};

pub(super) fn to_row(stamp: &Stamp, fact: Indicator) -> indicator::ActiveModel {
    row!(
        stamp,
        indicator {
            source: stamp.source.clone(),
            agency_id: fact.agency_id,
            code: fact.code,
            title: fact.title,
            period_from: fact.period_from,
            period_to: fact.period_to,
            value: fact.value.to_string(),
        }
    )
}

pub(in super::super) fn from_row(row: indicator::Model) -> Result<Known<Listing<Indicator>>> {
    let fact = Indicator {
        agency_id: row.agency_id,
        value: read("indicator", row.id, &row.value)?,
        code: row.code,
        title: row.title,
        period_from: row.period_from,
        period_to: row.period_to,
    };
    Ok(Known {
        id: row.id,
        row_id: row.row_id,
        version: row.version,
        fact: Listing {
            source: row.source,
            fact,
        },
    })
}
