use domain::post::Post;
use entities::post;

use super::{Stamp, row};

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
