use std::{future::Future, net::SocketAddr};

use axum::Router;
use clap::Args;
use tokio::net::TcpListener;

use crate::{
    api,
    app::App,
    clock::Clock,
    jobs::{self, Jobs},
};

use super::{Done, Global, Stop, print_line};

#[derive(Args)]
pub(super) struct ServeArgs {
    /// Address to listen on, such as 127.0.0.1:8080; port 0 takes a free one
    #[arg(long, value_name = "ADDR")]
    listen: Option<SocketAddr>,
}

pub(super) async fn run(global: &Global, args: &ServeArgs) -> Result<Done, Stop> {
    let mut config = global.config()?;
    if let Some(listen) = args.listen {
        config.server.listen = listen;
    }
    let app = App::start(config, Clock::system()).await?;
    let router = api::router(app.clone())?;
    let listener = listen(app.config.server.listen).await?;
    print_line(format_args!(
        "ready http://{}/graphql",
        listener.local_addr()?
    ))?;
    serve(app, router, listener, stopped()).await
}

/// Binds, or says which address is taken.
pub(super) async fn listen(address: SocketAddr) -> Result<TcpListener, Stop> {
    TcpListener::bind(address)
        .await
        .map_err(|error| Stop::Failed(format!("can't listen on {address}: {error}")))
}

/// Serves until `stopped`, then lets requests and deliveries under way finish.
pub(super) async fn serve(
    app: App,
    router: Router,
    listener: TcpListener,
    stopped: impl Future<Output = ()> + Send + 'static,
) -> Result<Done, Stop> {
    let (agencies, records, mentions) = app.live.now().counts();
    tracing::info!(
        agencies,
        records,
        mentions,
        version = app.live.now().seq(),
        "serving"
    );
    let follower = tokio::spawn(app.live.clone().follow());
    let stopping = app.stopping.clone();
    let trusting = tokio::spawn(jobs::keep_trust(app.clone(), stopping.clone()));
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
    let outbound = app.outbound()?;
    let sending = match app.config.jobs.enabled && outbound.is_configured() {
        true => Some(tokio::spawn(jobs::send(outbound, stopping.clone()))),
        false => None,
    };
    let told = stopping.clone();
    let router = router.into_make_service_with_connect_info::<SocketAddr>();
    let served = axum::serve(listener, router)
        .with_graceful_shutdown(async move {
            stopped.await;
            told.cancel();
        })
        .await;
    stopping.cancel();
    if let Some(jobs) = jobs {
        jobs.await?;
    }
    if let Some(following) = following {
        following.await?;
    }
    if let Some(sending) = sending {
        sending.await?;
    }
    trusting.await?;
    follower.abort();
    served?;
    Ok(Done::Well)
}

/// Ends with Ctrl-C or SIGTERM.
pub(super) async fn stopped() {
    let interrupted = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminated) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = interrupted => {}
                _ = terminated.recv() => {}
            }
            return;
        }
    }
    let _ = interrupted.await;
}
