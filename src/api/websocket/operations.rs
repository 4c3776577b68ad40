//! What runs on one socket, and what is noted of it for the log.

use std::{collections::VecDeque, future::poll_fn, sync::Arc, task::Poll};

use axum::http::StatusCode;

use crate::{
    api::stream::{Piece, Running},
    telemetry::Observed,
};

/// The operations under way, the one whose turn it is first. Of one that is dropped without an end its
/// client is gone.
#[derive(Default)]
pub(super) struct Operations(VecDeque<Operation>);

struct Operation {
    id: String,
    running: Running,
    observed: Arc<Observed>,
    /// Bytes of its answers so far.
    bytes: u64,
}

impl Operations {
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    pub(super) fn has(&self, id: &str) -> bool {
        self.0.iter().any(|operation| operation.id == id)
    }

    pub(super) fn add(&mut self, id: String, running: Running, observed: Arc<Observed>) {
        self.0.push_back(Operation {
            id,
            running,
            observed,
            bytes: 0,
        });
    }

    /// The next piece of any; each has its turn after another's.
    pub(super) async fn next_piece(&mut self) -> (String, Option<Piece>) {
        poll_fn(|context| {
            for _ in 0..self.0.len() {
                let Some(mut operation) = self.0.pop_front() else {
                    break;
                };
                let polled = operation.running.pieces.poll_recv(context);
                if let Poll::Ready(piece) = &polled {
                    operation.bytes += piece.as_ref().map_or(0, bytes);
                }
                let found = polled.map(|piece| (operation.id.clone(), piece));
                self.0.push_back(operation);
                if found.is_ready() {
                    return found;
                }
            }
            Poll::Pending
        })
        .await
    }

    /// The one under this id has come to its end.
    pub(super) fn finish(&mut self, id: &str, status: StatusCode) {
        let at = self.0.iter().position(|operation| operation.id == id);
        if let Some(operation) = at.and_then(|at| self.0.remove(at)) {
            operation.observed.finish(status, operation.bytes);
        }
    }

    /// Any one is ended by us; its id.
    pub(super) fn finish_any(&mut self) -> Option<String> {
        let operation = self.0.pop_front()?;
        operation.observed.finish(StatusCode::OK, operation.bytes);
        Some(operation.id)
    }
}

fn bytes(piece: &Piece) -> u64 {
    match piece {
        Piece::Next(event, _) => event.answer.body.len() as u64,
        Piece::Failed(answer) => answer.body.len() as u64,
        Piece::End => 0,
    }
}
