//! Clients of the hub as it is served: one who asks, and a subscriber of warnings over a WebSocket of
//! `graphql-transport-ws`.

use std::{net::SocketAddr, time::Instant};

use anyhow::Context;
use domain::viewer::{Role, Scope};
use futures_util::{SinkExt, StreamExt};
use reqwest::Client;
use serde_json::{Value, json};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::mpsc,
};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async_with_config,
    tungstenite::{Message, client::IntoClientRequest},
};
use zhengxin::{
    api,
    app::App,
    auth::Grant,
    serve::{Limits, raise_file_limit, serve},
};

/// A warning as it came over the wire, and when.
pub(super) struct Heard {
    pub(super) message: String,
    pub(super) at: Instant,
}

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// The hub as it is served, and who asks it: a supervisor of the whole province.
pub(super) struct Served {
    address: SocketAddr,
    token: String,
}

/// Serves the hub.
pub(super) async fn served(app: &App) -> anyhow::Result<Served> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let address = listener.local_addr()?;
    let limits = Limits::of(&app.config.server, raise_file_limit());
    let tokens = (app.leaving.clone(), app.stopping.clone());
    let router = api::router(app.clone())?;
    tokio::spawn(serve(
        listener,
        router,
        limits,
        tokens,
        std::future::pending(),
    ));
    let token = app.auth.issue(&Grant {
        subject: "bench".to_owned(),
        role: Role::Government,
        divisions: vec!["440000".parse()?],
        agency: None,
        scopes: vec![Scope::Adhoc],
        minutes: 600,
    })?;
    Ok(Served { address, token })
}

impl Served {
    /// What a query is answered.
    pub(super) async fn ask(&self, client: &Client, query: &str) -> anyhow::Result<Value> {
        let asked = client
            .post(format!("http://{}/graphql", self.address))
            .bearer_auth(&self.token)
            .json(&json!({ "query": query }));
        let answer: Value = asked.send().await?.json().await?;
        anyhow::ensure!(answer.get("errors").is_none(), "{query}: {answer}");
        Ok(answer)
    }
}

/// Hears of each warning from now on as a client does.
pub(super) async fn subscribe(
    app: &App,
    served: &Served,
) -> anyhow::Result<mpsc::UnboundedReceiver<Heard>> {
    let Served { address, token } = served;
    let mut request = format!("ws://{address}/graphql").into_client_request()?;
    let protocol = "graphql-transport-ws".parse()?;
    request
        .headers_mut()
        .insert("sec-websocket-protocol", protocol);
    let (mut socket, _) = connect_async_with_config(request, None, true).await?;
    let payload = json!({ "authorization": format!("Bearer {token}") });
    say(
        &mut socket,
        &json!({ "type": "connection_init", "payload": payload }),
    )
    .await?;
    let said = message(&mut socket).await?;
    anyhow::ensure!(said["type"] == "connection_ack", "{said}");
    let query =
        "subscription ($after: String) { warningRaised(after: $after) { warning { message } } }";
    // From a version on that is here: what comes between that and the subscription is told, too.
    let after = app.live.now().seq().to_string();
    let payload = json!({ "query": query, "variables": { "after": after } });
    say(
        &mut socket,
        &json!({ "id": "1", "type": "subscribe", "payload": payload }),
    )
    .await?;
    let (told, hears) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok(said) = message(&mut socket).await {
            let at = Instant::now();
            let message = &said["payload"]["data"]["warningRaised"]["warning"]["message"];
            let Some(message) = message.as_str().map(str::to_owned) else {
                println!("{said}");
                continue;
            };
            if told.send(Heard { message, at }).is_err() {
                return;
            }
        }
    });
    Ok(hears)
}

async fn say(socket: &mut Socket, message: &Value) -> anyhow::Result<()> {
    Ok(socket.send(Message::text(message.to_string())).await?)
}

/// The next message; pings are answered meanwhile.
async fn message(socket: &mut Socket) -> anyhow::Result<Value> {
    loop {
        let heard = socket.next().await.context("the hub closed the socket")??;
        if let Message::Text(text) = heard {
            let said: Value = serde_json::from_str(&text)?;
            match said["type"].as_str() {
                Some("ping") => say(socket, &json!({ "type": "pong" })).await?,
                _ => return Ok(said),
            }
        }
    }
}
