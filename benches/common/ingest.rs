//! Bringing a file in.

use std::path::Path;

use zhengxin::{
    app::App,
    ingest::{From, Order, Report},
};

/// Brings a file of a source in, all of the source's list or a part of it.
pub async fn ingest(app: &App, source: &str, file: &Path, partial: bool) -> anyhow::Result<Report> {
    let order = Order {
        source: source.to_owned(),
        feed: None,
        from: From::Files(vec![file.to_owned()]),
        as_of: None,
        partial,
        dry_run: false,
    };
    let report = app.ingest()?.run(&order, &|_| {}).await?;
    anyhow::ensure!(report.change.is_some(), "{report:?}");
    Ok(report)
}
