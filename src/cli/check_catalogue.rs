use std::path::Path;

use serde_json::json;

use crate::{api, catalogue::Catalogue, clock::Clock, ingest::try_samples};

use super::{Done, Global, Stop, print_object};

pub(super) fn run(global: &Global, dir: Option<&Path>) -> Result<Done, Stop> {
    let config = global.config()?;
    match Catalogue::load(dir.or(config.catalogue.dir.as_deref())) {
        Ok(catalogue) => {
            let told = api::disagreements(&catalogue.access);
            if !told.is_empty() {
                told.iter()
                    .for_each(|told| eprintln!("catalogue/access.toml, key {told}"));
                return Ok(Done::Failed);
            }
            let now = Clock::system().now();
            let wrong = try_samples(&catalogue, now);
            if !wrong.is_empty() {
                wrong.iter().for_each(|wrong| eprintln!("{wrong}"));
                return Ok(Done::Failed);
            }
            let samples = catalogue.sources.values().map(|source| source.sample.len());
            let told = json!({
                "fingerprint": catalogue.fingerprint,
                "divisions": catalogue.divisions.len(),
                "samples": samples.sum::<usize>(),
                "sources": catalogue.sources.keys().cloned().collect::<Vec<_>>(),
                "items": catalogue.lists.len(),
            });
            print_object(global.output, &told)?;
            Ok(Done::Well)
        }
        Err(errors) => {
            for error in errors {
                eprintln!("{error}");
            }
            Ok(Done::Failed)
        }
    }
}
