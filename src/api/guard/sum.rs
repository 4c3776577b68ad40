//! What a part of a query comes to; every sum saturates.

/// What a part of a query comes to.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Sum {
    pub(super) nodes: u64,
    pub(super) aliases: u64,
    pub(super) directives: u64,
    pub(super) depth: u64,
    pub(super) cost: u64,
    /// Values in the answer: also what is cheap is much if there is enough of it.
    pub(super) values: u64,
    pub(super) inputs: u64,
    /// Fields of the operation's root, also those in fragments.
    pub(super) roots: u64,
}

impl Sum {
    pub(super) fn add(&mut self, other: Sum) {
        self.nodes = self.nodes.saturating_add(other.nodes);
        self.aliases = self.aliases.saturating_add(other.aliases);
        self.directives = self.directives.saturating_add(other.directives);
        self.cost = self.cost.saturating_add(other.cost);
        self.values = self.values.saturating_add(other.values);
        self.inputs = self.inputs.saturating_add(other.inputs);
        self.roots = self.roots.saturating_add(other.roots);
        self.depth = self.depth.max(other.depth);
    }
}
