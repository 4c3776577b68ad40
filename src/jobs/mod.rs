//! What the hub does by itself.

mod due;

pub use due::{Past, Plan, next_due};
