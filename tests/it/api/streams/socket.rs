//! A client of `graphql-transport-ws` that hides nothing.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::{TcpSocket, TcpStream};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, client_async, connect_async_with_config,
    tungstenite::{Error, Message, client::IntoClientRequest, protocol::CloseFrame},
};

use crate::api::Wire;

/// Longer than anything takes that is not wrong.
const PATIENCE: Duration = Duration::from_secs(30);

pub(in crate::api) struct Socket(WebSocketStream<MaybeTlsStream<TcpStream>>);

/// What is heard.
#[derive(Debug)]
pub(super) enum Heard {
    Message(Value),
    Closed(u16, String),
    /// Without a word.
    Gone,
}

impl Socket {
    /// Opens one with these headers; else the status of the refusal.
    pub(super) async fn with(wire: &Wire, headers: &[(&'static str, &str)]) -> Result<Self, u16> {
        let address = wire.base.replace("http://", "ws://") + "/graphql";
        let mut request = address.into_client_request().expect("an address");
        for (name, value) in headers {
            let value = value.parse().expect("a header's value");
            request.headers_mut().append(*name, value);
        }
        // Small messages are not to wait for each other.
        match connect_async_with_config(request, None, true).await {
            Ok((socket, _)) => Ok(Self(socket)),
            Err(Error::Http(response)) => Err(response.status().as_u16()),
            Err(error) => panic!("{error}"),
        }
    }

    /// One whose system takes hardly anything that nobody reads.
    pub(super) async fn narrow(wire: &Wire) -> Self {
        let place = wire.base.trim_start_matches("http://");
        let tcp = TcpSocket::new_v4().expect("a socket");
        tcp.set_nodelay(true).expect("a socket");
        tcp.set_recv_buffer_size(4_096).expect("it is set");
        let tcp = tcp.connect(place.parse().expect("an address")).await;
        let tcp = MaybeTlsStream::Plain(tcp.expect("it is let in"));
        let address = wire.base.replace("http://", "ws://") + "/graphql";
        let mut request = address.into_client_request().expect("an address");
        let protocol = "graphql-transport-ws".parse().expect("a header's value");
        let headers = request.headers_mut();
        headers.insert("sec-websocket-protocol", protocol);
        let (socket, _) = client_async(request, tcp).await.expect("it is let in");
        Self(socket)
    }

    pub(in crate::api) async fn open(wire: &Wire) -> Self {
        let headers = [("sec-websocket-protocol", "graphql-transport-ws")];
        Self::with(wire, &headers).await.expect("it is let in")
    }

    /// Opens one and says who it is for.
    pub(in crate::api) async fn let_in(wire: &Wire, token: Option<&str>) -> Self {
        let mut socket = Self::open(wire).await;
        socket.init(token).await;
        assert_eq!(socket.message().await, json!({ "type": "connection_ack" }));
        socket
    }

    pub(super) async fn init(&mut self, token: Option<&str>) {
        let payload = token.map(|token| json!({ "authorization": format!("Bearer {token}") }));
        self.say(&json!({ "type": "connection_init", "payload": payload }))
            .await;
    }

    pub(in crate::api) async fn say(&mut self, message: &Value) {
        self.send(Message::text(message.to_string())).await;
    }

    pub(super) async fn send(&mut self, message: Message) {
        // Who closes while we speak is heard next.
        let _ = self.0.send(message).await;
    }

    pub(in crate::api) async fn subscribe(&mut self, id: &str, query: &str) {
        let payload = json!({ "query": query });
        self.say(&json!({ "id": id, "type": "subscribe", "payload": payload }))
            .await;
    }

    pub(super) async fn hear(&mut self) -> Heard {
        loop {
            let heard = tokio::time::timeout(PATIENCE, self.0.next()).await;
            match heard.expect("something is heard in time") {
                Some(Ok(Message::Text(text))) => {
                    return Heard::Message(serde_json::from_str(&text).expect("JSON"));
                }
                Some(Ok(Message::Close(Some(CloseFrame { code, reason })))) => {
                    return Heard::Closed(code.into(), reason.to_string());
                }
                Some(Ok(Message::Close(None)) | Err(_)) | None => return Heard::Gone,
                Some(Ok(_)) => {}
            }
        }
    }

    /// The next message.
    pub(in crate::api) async fn message(&mut self) -> Value {
        match self.hear().await {
            Heard::Message(message) => message,
            other => panic!("no message but {other:?}"),
        }
    }

    /// How it is closed, and nothing said before.
    pub(super) async fn closed(&mut self) -> (u16, String) {
        match self.hear().await {
            Heard::Closed(code, reason) => (code, reason),
            other => panic!("not closed but {other:?}"),
        }
    }

    /// Whether it is still open: what is said is answered.
    pub(in crate::api) async fn is_silent(&mut self) {
        self.say(&json!({ "type": "ping" })).await;
        assert_eq!(self.message().await, json!({ "type": "pong" }));
    }
}
