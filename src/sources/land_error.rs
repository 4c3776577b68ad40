//! Why a file could not be kept, or can't be read.

use std::io;

use super::NoKey;

/// Why a file could not be kept, or can't be read.
#[derive(Debug, thiserror::Error)]
pub enum LandError {
    #[error("{name} can't be read: {source}")]
    Read { name: String, source: io::Error },
    #[error("{name} has more than {bytes_max} bytes")]
    TooLong { name: String, bytes_max: u64 },
    #[error("{name} {reason}")]
    Charset { name: String, reason: String },
    #[error("{name} changed while it was read")]
    Changed { name: String },
    #[error("{name} could not be noted: {reason}")]
    Unnoted { name: String, reason: String },
    #[error("{name} (SHA-256 {digest}) {reason}")]
    Erased {
        name: String,
        digest: String,
        reason: NoKey,
    },
    #[error("{name} (SHA-256 {digest}) {reason}; it is not kept again")]
    Barred {
        name: String,
        digest: String,
        reason: NoKey,
    },
    #[error("{name}: its key can't be had: {reason}")]
    Key { name: String, reason: String },
    #[error("the raw store failed at {key}: {source}")]
    Store {
        key: String,
        source: object_store::Error,
    },
}

impl LandError {
    /// Whether the delivery is as good as before: the store failed, or the machine did.
    pub fn may_pass(&self) -> bool {
        match self {
            Self::Read { source, .. } => source.kind() != io::ErrorKind::NotFound,
            // What is gone does not come back.
            Self::Store {
                source: object_store::Error::NotFound { .. },
                ..
            } => false,
            Self::Unnoted { .. } | Self::Store { .. } | Self::Key { .. } => true,
            Self::TooLong { .. }
            | Self::Charset { .. }
            | Self::Changed { .. }
            | Self::Erased { .. }
            | Self::Barred { .. } => false,
        }
    }
}

pub(super) fn read_error(name: &str, source: io::Error) -> LandError {
    LandError::Read {
        name: name.to_owned(),
        source,
    }
}
