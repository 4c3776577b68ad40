use domain::agency::{Agency, AgencyName, NameRelation};
use entities::{agency, agency_name};
use sea_orm::ActiveValue::Set;

use super::{
    super::{Known, Result},
    Stamp, read, read_optional, row,
};

pub(super) fn to_row(stamp: &Stamp, fact: Agency) -> agency::ActiveModel {
    row!(
        stamp,
        agency {
            uscc: fact.uscc.to_string(),
            kind: fact.kind.as_str().to_owned(),
            name: fact.name,
            division: fact.division.to_string(),
            established_on: fact.established_on,
            abolished_on: fact.abolished_on,
            superior: fact.superior.map(|code| code.to_string()),
            competent: join(&fact.competent),
        }
    )
}

pub(super) fn names(
    stamp: &Stamp,
    fact: &Agency,
) -> impl Iterator<Item = agency_name::ActiveModel> {
    fact.names
        .iter()
        .enumerate()
        .map(|(ordinal, name)| agency_name::ActiveModel {
            agency_id: Set(stamp.id),
            change_from: Set(stamp.change),
            ordinal: Set(ordinal as i64),
            name: Set(name.name.clone()),
            relation: Set(name.relation.as_str().to_owned()),
            valid_from: Set(name.from),
            valid_to: Set(name.to),
        })
}

pub(in super::super) fn from_row(
    row: agency::Model,
    names: Vec<agency_name::Model>,
) -> Result<Known<Agency>> {
    let id = row.id;
    let names = names.into_iter().map(|name| {
        Ok(AgencyName {
            relation: read::<NameRelation>("agency_name", id, &name.relation)?,
            name: name.name,
            from: name.valid_from,
            to: name.valid_to,
        })
    });
    let fact = Agency {
        uscc: read("agency", id, &row.uscc)?,
        kind: read("agency", id, &row.kind)?,
        division: read("agency", id, &row.division)?,
        superior: read_optional("agency", id, row.superior.as_deref())?,
        competent: row
            .competent
            .split_whitespace()
            .map(|code| read("agency", id, code))
            .collect::<Result<_>>()?,
        names: names.collect::<Result<_>>()?,
        name: row.name,
        established_on: row.established_on,
        abolished_on: row.abolished_on,
    };
    Ok(Known {
        id,
        row_id: row.row_id,
        version: row.version,
        fact,
    })
}

fn join(codes: &[domain::uscc::Uscc]) -> String {
    codes
        .iter()
        .map(|code| code.as_str())
        .collect::<Vec<_>>()
        .join(" ")
}
