use domain::post::Post;
use entities::post;

use super::{
    super::{Known, Result},
    Stamp, read, row,
};

pub(super) fn to_row(stamp: &Stamp, fact: Post) -> post::ActiveModel {
    row!(
        stamp,
        post {
            source: stamp.source.clone(),
            official_id: fact.official_id(),
            person: fact.person,
            name: fact.name,
            agency_uscc: fact.agency.to_string(),
            title: fact.title,
            valid_from: fact.from,
            valid_to: fact.to,
        }
    )
}

pub(in super::super) fn from_row(row: post::Model) -> Result<Known<Post>> {
    let id = row.id;
    let fact = Post {
        agency: read("post", id, &row.agency_uscc)?,
        person: row.person,
        name: row.name,
        title: row.title,
        from: row.valid_from,
        to: row.valid_to,
    };
    Ok(Known {
        id,
        row_id: row.row_id,
        version: row.version,
        fact,
    })
}
