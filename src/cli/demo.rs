use std::{
    collections::BTreeMap,
    net::SocketAddr,
    num::NonZeroU32,
    path::{Path, PathBuf},
    sync::Arc,
};

use clap::{Args, ValueEnum};
use domain::{
    uscc::Uscc,
    viewer::{Role, Scope},
};

use crate::{
    app::App,
    auth::{Auth, Grant},
    catalogue::Catalogue,
    clock::Clock,
    config::{self, Config},
    demo::{Scale, World, serve as serve_sources},
    graph::{AgencyPredicate, PageRequest},
    ingest::{From, Order},
};

use super::{
    Done, Global, Stop,
    ingest::progress_bar,
    serve::{listen, serve, stopped},
};

#[derive(Args)]
pub(super) struct DemoArgs {
    /// How big a province
    #[arg(long, value_enum, default_value_t = ScaleName::Small)]
    scale: ScaleName,
    /// The same seed makes the same province
    #[arg(long, default_value_t = 1, value_name = "N")]
    seed: u64,
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
const SOURCES: [&str; 6] = [
    "agency_register",
    "court_debtors",
    "arrears",
    "supervision",
    "hotline",
    "credit_platform",
];
/// Minutes that the demo's tokens live.
const TOKEN_MINUTES: i64 = 12 * 60;

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
    note(global, "making a province up");
    let world = Arc::new(World::make(args.seed, &scale, &catalogue.divisions));
    let (sources, sources_task) = serve_sources(Arc::clone(&world)).await?;

    let app = App::start(configure(&folder, sources)?, Clock::system()).await?;
    for source in SOURCES {
        pull(global, &app, source).await?;
    }
    app.live.catch_up().await?;
    print_tokens(&app)?;
    println!("ready http://{}/graphql", listener.local_addr()?);
    let done = serve(app, listener, stopped()).await;
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
fn configure(folder: &Path, sources: SocketAddr) -> Result<Config, Stop> {
    let folder = folder.canonicalize()?;
    let key_file = folder.join("local.key");
    Auth::make_key(&key_file)?;
    let text = format!(
        "{MARK}\n[database]\ndata = {:?}\n\n[auth.local]\nkey_file = {:?}\n",
        folder.display().to_string(),
        key_file.display().to_string()
    );
    std::fs::write(folder.join("zhengxin.toml"), text)?;
    let mut config = Config::default();
    config.database.data = folder;
    config.auth.local = Some(config::LocalKey {
        key: None,
        key_file: Some(key_file),
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
    Ok(config)
}

async fn pull(global: &Global, app: &App, source: &str) -> Result<(), Stop> {
    note(global, &format!("pulling {source}"));
    let order = Order {
        source: source.to_owned(),
        feed: None,
        from: From::Place(Box::new(app.config.sources[source].clone())),
        as_of: None,
        partial: false,
        dry_run: false,
    };
    let progress = progress_bar(global);
    let report = app
        .ingest()?
        .run(&order, &|rows| progress.set_position(rows as u64))
        .await?;
    progress.finish_and_clear();
    let counts = report.counts;
    if report.change.is_none() || counts.rejected > 0 {
        let told = report
            .message
            .unwrap_or_else(|| format!("{:?}", report.rejects.first()));
        return Err(Stop::Failed(format!("{source}: {told}")));
    }
    let told = format!(
        "{source}: {} rows, {} stored, {} about nobody of ours, {} not told who is meant ({:.1} s)",
        counts.received, counts.stored, counts.out_of_scope, counts.unresolved, report.seconds
    );
    note(global, &told);
    Ok(())
}

/// One ready token for each role that has one.
fn print_tokens(app: &App) -> Result<(), Stop> {
    for role in Role::ALL
        .iter()
        .copied()
        .filter(|role| *role != Role::Public)
    {
        let divisions = match role {
            Role::Government | Role::Authority => vec!["440000"],
            Role::Congress | Role::Court => vec!["440600"],
            _ => Vec::new(),
        };
        let grant = Grant {
            subject: format!("demo-{}", role.as_str().to_lowercase()),
            role,
            divisions: divisions
                .iter()
                .filter_map(|code| code.parse().ok())
                .collect(),
            agency: if role == Role::Agency {
                debtor(app)
            } else {
                None
            },
            scopes: vec![Scope::Adhoc],
            minutes: TOKEN_MINUTES,
        };
        let token = app.auth.issue(&grant)?;
        println!("token {role} {} {token}", divisions.first().unwrap_or(&"-"));
    }
    Ok(())
}

/// A body that has something to see about itself.
fn debtor(app: &App) -> Option<Uscc> {
    let viewer = domain::viewer::Viewer {
        role: Role::Government,
        divisions: vec!["440000".parse().ok()?],
        ..domain::viewer::Viewer::public()
    };
    let view = app.view(&app.live.now(), viewer);
    let request = PageRequest {
        first: Some(1),
        ..PageRequest::default()
    };
    let found = view
        .agencies(
            &AgencyPredicate::HasActiveRecord(true),
            &[],
            &request,
            false,
        )
        .ok()?;
    let (row, _) = found.page.rows.first()?;
    view.agency_at(*row).map(|agency| agency.fact.uscc)
}

fn note(global: &Global, text: &str) {
    if !global.quiet {
        eprintln!("{text}");
    }
}
