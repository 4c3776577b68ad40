use domain::succession::Succession;
use entities::succession;

use super::{
    super::{Known, Result},
    Stamp, read, read_optional, row,
};

pub(super) fn to_row(stamp: &Stamp, fact: Succession) -> succession::ActiveModel {
    row!(
        stamp,
        succession {
            from_uscc: fact.from.map(|code| code.to_string()),
            from_name: fact.from_name,
            to_uscc: fact.to.map(|code| code.to_string()),
            to_name: fact.to_name,
            kind: fact.kind.as_str().to_owned(),
            effective_on: fact.effective_on,
            basis: fact.basis,
        }
    )
}

pub(in super::super) fn from_row(row: succession::Model) -> Result<Known<Succession>> {
    let id = row.id;
    let fact = Succession {
        from: read_optional("succession", id, row.from_uscc.as_deref())?,
        from_name: row.from_name,
        to: read_optional("succession", id, row.to_uscc.as_deref())?,
        to_name: row.to_name,
        kind: read("succession", id, &row.kind)?,
        effective_on: row.effective_on,
        basis: row.basis,
    };
    Ok(Known {
        id,
        row_id: row.row_id,
        version: row.version,
        fact,
    })
}
