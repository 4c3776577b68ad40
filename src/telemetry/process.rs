//! What this process takes of the machine, as the system tells it.

use std::fs;

use rustix::{
    param::page_size,
    process::{Resource, getrlimit},
    time::{ClockId, clock_gettime},
};

/// What it takes; what the system does not tell is left out.
pub(super) struct Process {
    pub(super) resident_bytes: Option<i64>,
    pub(super) cpu_seconds: f64,
    pub(super) open_files: Option<i64>,
    pub(super) files_max: Option<i64>,
}

impl Process {
    pub(super) fn now() -> Self {
        let cpu = clock_gettime(ClockId::ProcessCPUTime);
        let files = fs::read_dir("/proc/self/fd").map(Iterator::count);
        let files_max = getrlimit(Resource::Nofile).current;
        Self {
            resident_bytes: resident(),
            cpu_seconds: cpu.tv_sec as f64 + cpu.tv_nsec as f64 / 1e9,
            open_files: files.ok().and_then(|files| i64::try_from(files).ok()),
            files_max: files_max.and_then(|files| i64::try_from(files).ok()),
        }
    }
}

fn resident() -> Option<i64> {
    let told = fs::read_to_string("/proc/self/statm").ok()?;
    let pages: i64 = told.split(' ').nth(1)?.parse().ok()?;
    pages.checked_mul(i64::try_from(page_size()).ok()?)
}
