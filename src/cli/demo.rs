mod tokens;

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    num::NonZeroU32,
    path::{Path, PathBuf},
    sync::Arc,
};

use clap::{Args, ValueEnum};
use domain::division::DivisionCode;

use crate::{
    api,
    app::App,
    auth::Auth,
    catalogue::Catalogue,
    clock::Clock,
    config::{self, Config},
    demo::{Scale, World, prefectures, serve as serve_sources},
    ingest::{From, Order, Report},
    jobs::{Brought, Drops},
};

use super::{
    Done, Global, Stop, print_line,
    progress::{progress_bar, show},
    serve::{listen, serve, stopped},
};
use tokens::print_tokens;

#[derive(Args)]
pub(super) struct DemoArgs {
    /// How big a province
    #[arg(long, value_enum, default_value_t = ScaleName::Small)]
    scale: ScaleName,
    /// The same seed makes the same province
    #[arg(long, default_value_t = 1, value_name = "N")]
    seed: u64,
    /// Which province: a code of GB/T 2260 that has prefectures
    #[arg(long, default_value = "440000", value_name = "CODE")]
    province: DivisionCode,
    /// Address to listen on
    #[arg(long, default_value = "127.0.0.1:8080", value_name = "ADDR")]
    listen: SocketAddr,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ScaleName {
    /// About 2,000 agencies in 3 prefectures
    Small,
    /// 21 prefectures, about 40,000 agencies, 200,000 source rows
    Province,
}

/// The first line of the configuration that a demo leaves in its folder: such a folder is a demo's
/// own and may be made anew.
const MARK: &str = "# Made by `zhengxin demo`, which makes it anew each time.";
/// What the demo's local servers deliver, the register first: it tells who is meant by the rest.
const SOURCES: [&str; 8] = [
    "agency_register",
    "court_debtors",
    "arrears",
    "supervision",
    "hotline",
    "credit_platform",
    "official_register",
    "third_party",
];
/// What lies in a drop folder of its name instead: whoever tries the demo may drop more.
const MAILBOX: &str = "mailbox";
pub(super) async fn run(global: &Global, args: DemoArgs) -> Result<Done, Stop> {
    // Taken first: to find out after the work that the address is taken would be a pity.
    let listener = listen(args.listen).await?;
    let (folder, _own) = fresh_folder(global.data.as_deref())?;
    let catalogue = Catalogue::load(None).map_err(|errors| {
        Stop::Failed(
            errors
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join("\n"),
        )
    })?;
    let scale = match args.scale {
        ScaleName::Small => Scale::SMALL,
        ScaleName::Province => Scale::PROVINCE,
    };
    let (province, tree) = (args.province, &catalogue.divisions);
    let Some(prefecture) = prefectures(tree, province).first().copied() else {
        let reason = format!("{province} is no province with prefectures");
        return Err(Stop::WrongUsage(reason));
    };
    note(global, "making a province up");
    let world = Arc::new(World::make_in(province, args.seed, &scale, tree));
    let (sources, sources_task) = serve_sources(Arc::clone(&world)).await?;

    let config = configure(&folder, province, sources)?;
    let drops = folder.join(MAILBOX);
    std::fs::create_dir(&drops)?;
    std::fs::write(drops.join("letters.mbox"), &world.letters)?;
    let app = App::start(config, Clock::system()).await?;
    for source in SOURCES {
        pull(global, &app, source).await?;
    }
    empty(global, &app, MAILBOX).await?;
    note(global, "grading everybody");
    app.assessing().assess_all().await?;
    let router = api::router(app.clone())?;
    print_tokens(&app, province, prefecture)?;
    print_line(format_args!(
        "ready http://{}/graphql",
        listener.local_addr()?
    ))?;
    let done = serve(app, router, listener, stopped()).await;
    sources_task.abort();
    done
}

/// An empty folder: a temporary one, or the given one once what an earlier demo left is gone.
fn fresh_folder(data: Option<&Path>) -> Result<(PathBuf, Option<tempfile::TempDir>), Stop> {
    let Some(folder) = data else {
        let own = tempfile::Builder::new()
            .prefix("zhengxin-demo-")
            .tempdir()?;
        return Ok((own.path().to_owned(), Some(own)));
    };
    let is_empty = |folder: &Path| {
        std::fs::read_dir(folder).map_or(true, |mut entries| entries.next().is_none())
    };
    if !is_empty(folder) {
        let mark = std::fs::read_to_string(folder.join("zhengxin.toml")).unwrap_or_default();
        if !mark.starts_with(MARK) {
            let reason = format!(
                "{} is not empty and not a demo's: give an empty folder",
                folder.display()
            );
            return Err(Stop::WrongUsage(reason));
        }
        std::fs::remove_dir_all(folder)?;
    }
    std::fs::create_dir_all(folder)?;
    Ok((folder.to_owned(), None))
}

/// The demo's configuration, which also stands in its folder for other commands to use.
fn configure(folder: &Path, province: DivisionCode, sources: SocketAddr) -> Result<Config, Stop> {
    let folder = folder.canonicalize()?;
    let [key_file, person_key, drops] =
        ["local.key", "person.key", MAILBOX].map(|name| folder.join(name));
    Auth::make_key(&key_file)?;
    Auth::make_key(&person_key)?;
    let [data, key, person, letters] =
        [&folder, &key_file, &person_key, &drops].map(|path| path.display().to_string());
    let text = format!(
        "{MARK}\n[database]\ndata = {data:?}\n\n[auth.local]\nkey_file = {key:?}\n\n\
         [hub]\nprovince = \"{province}\"\nperson_key_file = {person:?}\n\n[sources.{MAILBOX}]\nfolder = {letters:?}\n"
    );
    std::fs::write(folder.join("zhengxin.toml"), text)?;
    let mut config = Config::default();
    config.database.data = folder;
    config.hub.province = province.to_string();
    config.hub.person_key_file = Some(person_key);
    config.auth.local = Some(config::LocalKey {
        key_file: Some(key_file),
        ..config::LocalKey::default()
    });
    let at = |path: &str| config::Place {
        url: Some(format!("http://{sources}/{path}")),
        allow: vec!["127.0.0.0/8".to_owned()],
        // It is our own server: nobody has to be spared.
        requests_per_second: NonZeroU32::new(10_000),
        // What the platform's gateway signs with; here it is nobody's.
        user: Some("demo".to_owned()),
        secret: Some("a secret of the demo".to_owned()),
        ..config::Place::default()
    };
    config.sources = BTreeMap::from(SOURCES.map(|key| (key.to_owned(), at(key))));
    let dropped = config::Place {
        folder: Some(drops),
        ..config::Place::default()
    };
    config.sources.insert(MAILBOX.to_owned(), dropped);
    Ok(config)
}

async fn pull(global: &Global, app: &App, source: &str) -> Result<(), Stop> {
    note(global, &format!("pulling {source}"));
    let place = Box::new(app.config.sources[source].clone());
    let progress = progress_bar(global);
    let report = app
        .ingest()?
        .run(&order(source, From::Place(place)), &|so_far| {
            show(&progress, so_far)
        })
        .await?;
    progress.finish_and_clear();
    told(global, source, &report)
}

/// Brings in what lies in a source's drop folder.
async fn empty(global: &Global, app: &App, source: &str) -> Result<(), Stop> {
    let (described, place) = (&app.catalogue.sources[source], &app.config.sources[source]);
    let Some(drops) = Drops::of(&app.ingest()?, described, place) else {
        return Ok(());
    };
    let order = order(source, From::Files(Vec::new()));
    for dropped in drops.look(true).await?.complete {
        match drops.bring(&dropped, &order, &|_| {}).await {
            Brought::Report(report) => told(global, source, &report)?,
            Brought::Refused(reason) | Brought::Later(reason) | Brought::Away(reason) => {
                return Err(Stop::Failed(format!("{source}: {reason}")));
            }
        }
    }
    Ok(())
}

fn order(source: &str, from: From) -> Order {
    Order {
        source: source.to_owned(),
        feed: None,
        from,
        as_of: None,
        partial: false,
        dry_run: false,
    }
}

/// Says what came; here nothing may be refused.
fn told(global: &Global, source: &str, report: &Report) -> Result<(), Stop> {
    let counts = report.counts;
    if report.change.is_none() || counts.rejected > 0 {
        let rejected = || format!("{:?}", report.rejects.first());
        let told = report.message.clone().unwrap_or_else(rejected);
        return Err(Stop::Failed(format!("{source}: {told}")));
    }
    let told = format!(
        "{source}: {} rows, {} stored, {} about nobody of ours, {} not told who is meant ({:.1} s)",
        counts.received, counts.stored, counts.out_of_scope, counts.unresolved, report.seconds
    );
    note(global, &told);
    Ok(())
}

fn note(global: &Global, text: &str) {
    if !global.quiet {
        eprintln!("{text}");
    }
}
