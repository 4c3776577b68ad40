//! The directory of names and codes behind the resolver: all bodies, whoever asks. What the viewer
//! may not see is taken out of the answer afterwards.

use domain::{
    division::DivisionCode,
    name,
    org_code::OrgCode,
    resolution::{Directory, Named},
    uscc::Uscc,
};

use super::Graph;

impl Directory for Graph {
    fn by_uscc(&self, code: &Uscc) -> Option<i64> {
        let row = *self.agency_by_uscc.get(code)?;
        self.agencies.get(row).map(|agency| agency.id)
    }

    fn by_org_code(&self, code: &OrgCode) -> Vec<i64> {
        let mut key = [0; 9];
        key.copy_from_slice(code.as_str().as_bytes());
        let rows = self.agencies_by_org_code.rows(&key);
        rows.iter()
            .filter_map(|row| self.agencies.get(*row))
            .map(|agency| agency.id)
            .collect()
    }

    fn by_name(&self, normalised: &str) -> Vec<Named> {
        let rows = self.agencies_by_name.rows(normalised);
        rows.iter()
            .filter_map(|row| self.agencies.get(*row))
            .map(|agency| Named {
                agency: agency.id,
                official: name::normalise(&agency.fact.name) == normalised,
            })
            .collect()
    }

    fn is_within(&self, agency: i64, division: DivisionCode) -> bool {
        let place = self
            .agency_by_id
            .get(&agency)
            .and_then(|row| self.agency_division.get(*row));
        match (place, self.divisions.subtree(division)) {
            (Some(place), Some(range)) => range.contains(&(*place as usize)),
            _ => false,
        }
    }
}
