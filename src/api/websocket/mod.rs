//! `graphql-transport-ws`: many operations over one socket.

mod connection;
mod message;
mod operations;

use std::{net::IpAddr, sync::Arc};

use axum::{
    body::Body,
    extract::ws::{WebSocketUpgrade, rejection::WebSocketUpgradeRejection},
    http::{HeaderMap, Response},
};

use super::{
    Door, rate,
    refusal::No,
    request::{authorization, purpose, reference},
};

use connection::{Connection, Handshake};
use message::MESSAGE_BYTES_MAX;

/// The one protocol that is spoken.
const PROTOCOL: &str = "graphql-transport-ws";

/// Opens a socket; who it is for is said over the socket itself.
pub(super) fn serve(
    door: &Arc<Door>,
    headers: &HeaderMap,
    peer: Option<IpAddr>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response<Body>, No> {
    let upgrade = upgrade.map_err(|_| No::invalid("this is no handshake of a WebSocket"))?;
    let upgrade = upgrade
        .protocols([PROTOCOL])
        // What is a little too large is told so; what is more is not even read.
        .max_message_size(2 * MESSAGE_BYTES_MAX)
        .max_frame_size(2 * MESSAGE_BYTES_MAX);
    if upgrade.selected_protocol().is_none() {
        let message = format!("expected the sub-protocol {PROTOCOL}");
        return Err(No::invalid(message));
    }
    // Clients that can't put it into the first message have it in a header.
    let token = authorization(headers);
    let handshake = Handshake {
        token: token.map(|token| token.map(str::to_owned)),
        purpose: purpose(headers),
        reference: reference(headers),
        address: door.rates.address(peer, headers),
    };
    door.rates.charge(&handshake.address, rate::DOOR)?;
    let door = Arc::clone(door);
    Ok(upgrade.on_upgrade(move |socket| Connection::new(door, socket, handshake).serve()))
}
