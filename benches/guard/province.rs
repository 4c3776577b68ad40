//! A served province of 40,000 agencies and 159,000 listings.

#[path = "../common/ingest.rs"]
mod ingest;

use std::{num::NonZeroU32, path::Path};

use domain::viewer::{Role, Scope};
use zhengxin::{
    app::App,
    auth::{Auth, Grant},
    catalogue::Catalogue,
    clock::Clock,
    config::{Config, LocalKey},
    demo::{Scale, World, files},
};

use ingest::ingest;

pub struct Served {
    pub app: App,
    /// Of one who reads all of it.
    pub token: String,
}

/// Makes one in a folder, with a configuration that a server may start with too.
pub async fn served(folder: &Path) -> anyhow::Result<Served> {
    let catalogue = Catalogue::load(None).map_err(|errors| anyhow::anyhow!("{errors:?}"))?;
    let world = World::make(1, &Scale::PROVINCE, &catalogue.divisions);
    let register = folder.join("agencies.csv");
    std::fs::write(&register, files::register_csv(&world))?;
    let listings = folder.join("debtors.jsonl");
    files::court_jsonl(
        std::io::BufWriter::new(std::fs::File::create(&listings)?),
        world.listings.iter(),
    )?;
    let mut config = Config::default();
    config.database.data = folder.join("data");
    let key_file = folder.join("local.key");
    Auth::make_key(&key_file)?;
    let text = format!(
        "[database]\ndata = {:?}\n\n[auth.local]\nkey_file = {:?}\n\n\
         [server]\ncache_bytes = 0\n\n[rates]\nsubject_per_second = {most}\nsubject_burst = {most}\n",
        config.database.data,
        key_file,
        most = u32::MAX
    );
    std::fs::write(folder.join("zhengxin.toml"), text)?;
    // What is measured is the work of an answer, not what is kept nor how much a caller may ask for.
    config.server.cache_bytes = 0;
    config.rates.subject_per_second = NonZeroU32::MAX;
    config.rates.subject_burst = NonZeroU32::MAX;
    config.rates.address_per_second = NonZeroU32::MAX;
    config.rates.address_burst = NonZeroU32::MAX;
    config.auth.local = Some(LocalKey {
        key: None,
        key_file: Some(key_file),
        beside_issuers: false,
    });
    let app = App::start(config, Clock::system()).await?;
    for (source, file) in [("agency_register", register), ("court_debtors", listings)] {
        let report = ingest(&app, source, &file, false).await?;
        app.live.catch_up().await?;
        println!(
            "{source}: {} rows in {:.1} s",
            report.counts.received, report.seconds
        );
    }
    let token = app.auth.issue(&Grant {
        subject: "bench".to_owned(),
        role: Role::Government,
        divisions: vec!["440000".parse()?],
        agency: None,
        scopes: vec![Scope::Adhoc],
        minutes: 60,
    })?;
    Ok(Served { app, token })
}
