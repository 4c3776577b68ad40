//! How much one caller may ask for.

use std::num::NonZeroU32;

use serde::Deserialize;

/// Units are those of a query's cost; each request costs one more at the door.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Rates {
    /// Of a token's subject: units that come back in a second …
    pub subject_per_second: NonZeroU32,
    /// … and units at most at once.
    pub subject_burst: NonZeroU32,
    /// Of an address from which somebody asks without a token.
    pub address_per_second: NonZeroU32,
    pub address_burst: NonZeroU32,
    /// Callers that are remembered at once.
    pub callers_max: usize,
}

impl Default for Rates {
    fn default() -> Self {
        Self {
            subject_per_second: units(200_000),
            subject_burst: units(2_000_000),
            address_per_second: units(50_000),
            address_burst: units(1_000_000),
            callers_max: 100_000,
        }
    }
}

const fn units(units: u32) -> NonZeroU32 {
    NonZeroU32::new(units).expect("limits are not zero")
}
