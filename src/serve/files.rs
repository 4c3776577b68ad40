//! How many files, and so connections, this process may have.

use rustix::process::{Resource, getrlimit, setrlimit};

/// Files that are no connections: databases, raw deliveries, logs.
const OTHER_FILES: usize = 512;
/// Where the system sets no limit.
const UNLIMITED: usize = 1 << 20;

/// Raises the limit of open files as far as this process may, and says where it stands.
pub fn raise_file_limit() -> usize {
    let mut limit = getrlimit(Resource::Nofile);
    if limit.current != limit.maximum {
        let before = limit.current;
        limit.current = limit.maximum;
        // Where that is refused the hub serves fewer.
        if setrlimit(Resource::Nofile, limit).is_err() {
            limit.current = before;
        }
    }
    let files = limit.current.map(usize::try_from);
    files.and_then(Result::ok).unwrap_or(UNLIMITED)
}

/// How many of so many files are for connections; always some.
pub(super) fn for_connections(files: usize) -> usize {
    files.saturating_sub(OTHER_FILES).max(files / 2)
}
