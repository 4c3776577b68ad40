use std::{future::Future, net::SocketAddr};

use axum::Router;
use clap::Args;
use tokio::net::TcpListener;

use crate::{
    api,
    app::App,
    clock::Clock,
    jobs::{self, Jobs},
    serve::{self as serving, Admin, Limits},
};

use super::{Done, Global, Stop, print_line};

#[derive(Args)]
pub(super) struct ServeArgs {
    /// Address to listen on, such as 127.0.0.1:8080; port 0 takes a free one
    #[arg(long, value_name = "ADDR")]
    listen: Option<SocketAddr>,
    /// Address for metrics and health, such as 127.0.0.1:9464
    #[arg(long, value_name = "ADDR")]
    admin_listen: Option<SocketAddr>,
}

pub(super) async fn run(global: &Global, args: &ServeArgs) -> Result<Done, Stop> {
    let mut config = global.config()?;
    if let Some(listen) = args.listen {
        config.server.listen = listen;
    }
    if args.admin_listen.is_some() {
        config.server.admin_listen = args.admin_listen;
    }
    let app = App::start(config, Clock::system()).await?;
    let router = api::router(app.clone())?;
    let listener = listen(app.config.server.listen).await?;
    let admin = match app.config.server.admin_listen {
        Some(address) => Some(Admin::start(app.clone(), address).map_err(taken(address))?),
        None => None,
    };
    if let Some(admin) = &admin {
        print_line(format_args!("admin http://{}/metrics", admin.address))?;
    }
    print_line(format_args!(
        "ready http://{}/graphql",
        listener.local_addr()?
    ))?;
    serve(app, router, listener, stopped()).await
}

/// Binds, or says which address is taken.
pub(super) async fn listen(address: SocketAddr) -> Result<TcpListener, Stop> {
    TcpListener::bind(address).await.map_err(taken(address))
}

fn taken(address: SocketAddr) -> impl FnOnce(std::io::Error) -> Stop {
    move |error| Stop::Failed(format!("can't listen on {address}: {error}"))
}

/// Serves until `stopped`, then lets requests and deliveries under way finish.
pub(super) async fn serve(
    app: App,
    router: Router,
    listener: TcpListener,
    stopped: impl Future<Output = serving::Stop>,
) -> Result<Done, Stop> {
    let (agencies, records, mentions) = app.live.now().counts();
    tracing::info!(
        agencies,
        records,
        mentions,
        version = app.live.now().seq(),
        "serving"
    );
    app.note_start().await?;
    let follower = tokio::spawn(app.live.clone().follow());
    // Deliveries begin no more as soon as the hub is to stop.
    let stopping = app.leaving.clone();
    let trusting = tokio::spawn(jobs::keep_trust(app.clone(), app.stopping.clone()));
    let auditing = jobs::keep_audit_log(app.audit.clone(), app.stopping.clone());
    let auditing = tokio::spawn(auditing);
    let jobs = match app.config.jobs.enabled && !app.config.sources.is_empty() {
        true => {
            let jobs = Jobs::new(&app.config, &app.ingest()?);
            Some(tokio::spawn(jobs.run(stopping.clone().cancelled_owned())))
        }
        false => None,
    };
    let following = match app.config.jobs.enabled {
        true => {
            let following = jobs::follow_register(app.ingest()?, stopping.clone());
            Some(tokio::spawn(following))
        }
        false => None,
    };
    let turning = app.config.jobs.enabled.then(|| {
        let turning = jobs::turn_days(app.casework(), stopping.clone());
        tokio::spawn(turning)
    });
    let retaining = match app.config.jobs.enabled {
        true => {
            let retaining = jobs::erase_what_is_over(app.retention()?, stopping.clone());
            Some(tokio::spawn(retaining))
        }
        false => None,
    };
    let assessing = app.config.jobs.enabled.then(|| {
        let assessing = jobs::assess_changes(app.assessing(), stopping.clone());
        tokio::spawn(assessing)
    });
    let outbound = app.outbound()?;
    let sending = match app.config.jobs.enabled && outbound.is_configured() {
        true => Some(tokio::spawn(jobs::send(outbound, stopping.clone()))),
        false => None,
    };
    let notify = app.notify()?;
    let notifying = match app.config.jobs.enabled && notify.is_configured() {
        true => Some(tokio::spawn(jobs::notify(
            notify,
            app.live.committed(),
            stopping.clone(),
        ))),
        false => None,
    };
    let listing = app.config.jobs.enabled.then(|| {
        let listing = jobs::answer_lists(app.lists(), app.store.clone(), stopping.clone());
        tokio::spawn(listing)
    });
    let watching = app.watching();
    let watching = match app.config.jobs.enabled && !watching.targets.is_empty() {
        true => Some(tokio::spawn(jobs::raise_watched(
            watching,
            stopping.clone(),
        ))),
        false => None,
    };
    let limits = Limits::of(&app.config.server, serving::raise_file_limit());
    let tokens = (app.leaving.clone(), app.stopping.clone());
    let cut = serving::serve(listener, router, limits, tokens, stopped).await;
    if cut > 0 {
        tracing::warn!(connections = cut, "some were not finished in time");
    }
    if let Some(jobs) = jobs {
        jobs.await?;
    }
    if let Some(following) = following {
        following.await?;
    }
    if let Some(sending) = sending {
        sending.await?;
    }
    if let Some(notifying) = notifying {
        notifying.await?;
    }
    if let Some(watching) = watching {
        watching.await?;
    }
    if let Some(turning) = turning {
        turning.await?;
    }
    if let Some(assessing) = assessing {
        assessing.await?;
    }
    if let Some(listing) = listing {
        listing.await?;
    }
    if let Some(retaining) = retaining {
        retaining.await?;
    }
    trusting.await?;
    auditing.await?;
    follower.abort();
    Ok(Done::Well)
}

/// Ends with SIGTERM, or with Ctrl-C by somebody who waits for it.
pub(super) async fn stopped() -> serving::Stop {
    let interrupted = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminated) = signal(SignalKind::terminate()) {
            return tokio::select! {
                _ = interrupted => serving::Stop::Now,
                _ = terminated.recv() => serving::Stop::WithNotice,
            };
        }
    }
    let _ = interrupted.await;
    serving::Stop::Now
}
