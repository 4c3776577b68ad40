//! Schema history, the same on SQLite and PostgreSQL. Forward only: a step that has been released
//! is never edited, and each leaves the release before it able to run.

pub use sea_orm_migration::prelude::*;

mod columns;
mod m20261123_000001_create_base;
mod m20261124_000001_all_sources;
mod m20261124_000002_outbox;
mod m20261124_000003_idempotency;
mod m20261126_000001_decisions;
mod m20261126_000001_resume;
mod m20261126_000002_officials;
mod m20261126_000003_judgements;
mod m20261126_000004_revocations;
mod m20261126_000005_casework;
mod m20261127_000007_assess;
mod m20261127_000008_notices;
mod m20261127_000009_annual;
mod m20261127_000010_audit;
mod m20261127_000011_watch;
mod m20261127_000012_exclusions;
mod m20261127_000012_raw_keys;
mod m20261127_000012_witnessed;
mod m20261127_000013_check_lists;
mod m20261128_000014_overdue_since;
mod m20261128_000015_record_spans;

/// All steps, oldest first.
pub struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261123_000001_create_base::Migration),
            Box::new(m20261124_000001_all_sources::Migration),
            Box::new(m20261124_000002_outbox::Migration),
            Box::new(m20261124_000003_idempotency::Migration),
            Box::new(m20261126_000001_resume::Migration),
            Box::new(m20261126_000001_decisions::Migration),
            Box::new(m20261126_000002_officials::Migration),
            Box::new(m20261126_000003_judgements::Migration),
            Box::new(m20261126_000004_revocations::Migration),
            Box::new(m20261126_000005_casework::Migration),
            Box::new(m20261127_000007_assess::Migration),
            Box::new(m20261127_000008_notices::Migration),
            Box::new(m20261127_000009_annual::Migration),
            Box::new(m20261127_000010_audit::Migration),
            Box::new(m20261127_000011_watch::Migration),
            Box::new(m20261127_000012_exclusions::Migration),
            Box::new(m20261127_000012_raw_keys::Migration),
            Box::new(m20261127_000012_witnessed::Migration),
            Box::new(m20261127_000013_check_lists::Migration),
            Box::new(m20261128_000014_overdue_since::Migration),
            Box::new(m20261128_000015_record_spans::Migration),
        ]
    }
}

/// The steps of the audit log's own file, beside an embedded database.
pub struct AuditMigrator;

impl MigratorTrait for AuditMigrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261127_000010_audit::Migration),
            Box::new(m20261127_000012_witnessed::Migration),
        ]
    }
}
