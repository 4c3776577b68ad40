//! Bodies of a kind that `competence.toml` names, in a place.

use domain::{agency::Agency, division::DivisionCode};

use super::{Casework, competent::COMPETENT_MAX};
use crate::{graph::Graph, store::Known};

impl Casework {
    /// The bodies of a kind in a division itself, by number.
    pub fn bodies_of(&self, graph: &Graph, place: DivisionCode, key: &str) -> Vec<i64> {
        let here = graph.bodies_in(place);
        let here = here.filter(|body| self.is_there(&body.fact, key));
        here.take(COMPETENT_MAX).map(|body| body.id).collect()
    }

    /// The body that leads (信用牵头部门) in a division, or in the nearest one above that has one.
    pub(super) fn leader<'a>(
        &self,
        graph: &'a Graph,
        place: DivisionCode,
    ) -> Option<&'a Known<Agency>> {
        let lead = &self.catalogue.casework.competence.lead;
        let above = self.catalogue.divisions.ancestors(place);
        let mut places = std::iter::once(place).chain(above.map(|division| division.code));
        places.find_map(|place| {
            let mut here = graph.bodies_in(place);
            here.find(|body| self.is_there(&body.fact, lead))
                .map(|body| &**body)
        })
    }

    pub(super) fn is_there(&self, body: &Agency, key: &str) -> bool {
        body.abolished_on.is_none() && self.is_of(body, key)
    }
}
