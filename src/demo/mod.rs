//! The made-up province behind `zhengxin demo`: a register, its successions, a court list, what is
//! reported about bodies, who holds which post, what others measured and what is written in letters,
//! all drawn from a seed, and a local server that delivers them as the real sources do.
//!
//! The divisions are the real ones, everything that stands on them is invented: organisation
//! codes begin with `DEM` (bodies) or `DEQ` (everybody else), case serials with 9, persons are
//! called 甲某三, and their numbers begin with a division that does not exist. Check characters are
//! right all the same, so that nothing here passes by being looked at less closely.
//!
//! The same seed and scale give the same world, byte for byte.

mod agencies;
mod assessments;
pub mod files;
mod letters;
mod listings;
mod luck;
mod officials;
mod places;
mod reports;
pub mod server;
mod words;
pub mod world;

#[cfg(test)]
mod tests;

pub use places::prefectures;
pub use server::serve;
pub use world::{
    ListingKind, MadeAgency, MadeListing, MadeSuccession, MadeTable, Reports, Scale, World,
};
