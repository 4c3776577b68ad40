//! Runs: attempts to bring a delivery in.

/// How a run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RunState {
    /// It is being read.
    Running,
    /// It lies outside its source's bounds; nothing is stored until somebody lets it in.
    Held,
    /// All of it is in.
    Done,
    /// It is in, but for rows that were rejected.
    Partly,
    /// Nothing of it is in.
    Failed,
}

crate::text_enum!(RunState {
    Running => "RUNNING",
    Held => "HELD",
    Done => "DONE",
    Partly => "PARTLY",
    Failed => "FAILED",
});

impl RunState {
    /// Whether the delivery is in.
    pub const fn is_in(self) -> bool {
        matches!(self, Self::Done | Self::Partly)
    }
}

/// What became of a delivery's rows; each row is counted once besides in `received`, and
/// `withdrawn` counts what the feed lists no longer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct RunCounts {
    /// Rows that were read.
    pub received: i64,
    /// Rows that brought something new or changed something.
    pub stored: i64,
    /// Rows that were there already.
    pub unchanged: i64,
    /// Rows that could not be read.
    pub rejected: i64,
    /// Rows about a government body that could not be told.
    pub unresolved: i64,
    /// Rows about somebody who is no government body.
    pub out_of_scope: i64,
    /// What was listed before and is missing from this full delivery.
    pub withdrawn: i64,
}
