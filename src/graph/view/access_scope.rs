use domain::{
    access::RowRules,
    division::DivisionCode,
    uscc::Uscc,
    viewer::{Role, Scope},
};

use super::View;

/// All of a viewer that answers may depend on, but who he is: of one version on one day, equal scopes
/// are told the same.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct AccessScope {
    /// By it goes which fields may be read.
    role: Role,
    /// The purpose is in them, as far as it has an effect.
    rules: RowRules,
    divisions: Vec<DivisionCode>,
    agency: Option<Uscc>,
    rights: Vec<Scope>,
}

impl View {
    /// The viewer's access scope.
    pub fn access_scope(&self) -> AccessScope {
        let viewer = &self.viewer;
        let rights = viewer.scopes.iter().copied();
        AccessScope {
            role: viewer.role,
            rules: self.rules,
            divisions: sorted(viewer.divisions.clone()),
            agency: viewer.agency,
            // Whether he may send queries of his own is decided before they are executed.
            rights: sorted(rights.filter(|right| *right != Scope::Adhoc).collect()),
        }
    }
}

fn sorted<T: Ord>(mut items: Vec<T>) -> Vec<T> {
    items.sort_unstable();
    items.dedup();
    items
}
