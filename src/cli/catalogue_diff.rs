use std::path::Path;

use serde_json::{Value, json};

use crate::{
    app::App,
    casework::{Moved, would_move},
    catalogue::Catalogue,
    clock::Clock,
};

use super::{Done, Global, Output, Stop, print_line, print_object};

/// Says what another catalogue would change for the records that are here; nothing is written.
pub(super) async fn run(global: &Global, dir: &Path) -> Result<Done, Stop> {
    let other = match Catalogue::load(Some(dir)) {
        Ok(other) => other,
        Err(errors) => {
            errors.iter().for_each(|error| eprintln!("{error}"));
            return Ok(Done::Failed);
        }
    };
    let app = App::start(global.config()?, Clock::system()).await?;
    let graph = app.live.now();
    let mut count = 0;
    for moved in would_move(&graph, &app.catalogue, &other, app.clock.today()) {
        count += 1;
        print_line(line(&moved, global.output))?;
    }
    if global.output != Output::Jsonl {
        let told = json!({
            "records": graph.counts().1,
            "cases": graph.all_cases().count(),
            "would_move": count,
            "fingerprint": app.catalogue.fingerprint,
            "other": other.fingerprint,
        });
        print_object(global.output, &told)?;
    }
    Ok(Done::Well)
}

fn line(moved: &Moved, output: Output) -> String {
    let told = json!({
        "record": moved.record,
        "case": moved.case,
        "agency": moved.agency,
        "item": moved.item,
        "changes": moved.changes,
    });
    match output {
        Output::Table => {
            let changes = moved.changes.join("; ");
            let number = moved.record.or(moved.case).unwrap_or_default();
            let agency = moved.agency.as_deref().unwrap_or("-");
            let item = moved.item.as_deref().unwrap_or("-");
            format!("{number} {agency} {item}: {changes}")
        }
        Output::Json | Output::Jsonl => Value::to_string(&told),
    }
}
