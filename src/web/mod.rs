//! What browsers get: the API console, from files that were built in. It asks nobody but the hub that
//! it came from.

mod asset;
mod console;

pub(crate) use asset::Asset;
pub(crate) use console::routes;
