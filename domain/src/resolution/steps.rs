//! What was tried and found, as a reader sees it: Chinese and English, rule, before and after. Only
//! what was asked and what everybody knows is repeated: a step must tell nothing of a body that the
//! reader may not see, nor how many there are.

#[derive(Debug, Default)]
pub(super) struct Steps(Vec<String>);

impl Steps {
    pub fn add(&mut self, step: impl Into<String>) {
        self.0.push(step.into());
    }

    /// A rule turned a text into another.
    pub fn turned(&mut self, rule: &str, before: &str, after: &str) {
        self.0.push(format!("{rule}: {before} → {after}"));
    }

    /// A rule found so many bodies for a text.
    pub fn found(&mut self, rule: &str, text: &str, bodies: usize) {
        let how_many = match bodies {
            0 => "not found / 未命中",
            1 => "found / 命中",
            _ => "several found / 命中多个",
        };
        self.0.push(format!("{rule} {text}: {how_many}"));
    }

    /// How many there are, for [`split_off`](Self::split_off).
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Takes back the steps behind the first so many.
    pub fn split_off(&mut self, len: usize) -> Vec<String> {
        self.0.split_off(len)
    }

    pub fn extend(&mut self, steps: Vec<String>) {
        self.0.extend(steps);
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn into_vec(self) -> Vec<String> {
        self.0
    }
}
