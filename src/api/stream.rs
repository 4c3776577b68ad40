//! An operation whose answers come one after another, over whatever they go out: it runs in a task of
//! its own behind a bounded queue, and waits where its client is slow. It ends when nobody takes its
//! answers any more, when the token does, and when the hub stops.

use std::sync::Arc;

use async_graphql::parser::types::OperationType;
use tokio::{
    sync::{
        OwnedSemaphorePermit, Semaphore,
        mpsc::{self, Receiver, Sender},
    },
    task::AbortHandle,
    time::timeout,
};

use super::{
    Door,
    answer::Answer,
    graphql::Code,
    pipeline::{Caller, Prepared},
    refusal::{No, Stage},
    subscribe::{NotOpened, Subscription},
};
use crate::{graph::Graph, telemetry};

/// Answers that wait for a client, and their kilobytes in all; one that is larger waits alone.
const QUEUED_MAX: usize = 64;
const QUEUED_KB_MAX: u32 = 1_024;

/// What becomes of it.
#[derive(Debug)]
pub(super) enum Piece {
    /// One result, and the room that it takes.
    Next(Event, Option<OwnedSemaphorePermit>),
    /// It failed, or was refused before it began; nothing follows.
    Failed(Answer),
    /// Nothing follows.
    End,
}

/// A result; of a change with its cursor.
#[derive(Debug)]
pub(super) struct Event {
    pub(super) answer: Answer,
    pub(super) cursor: Option<String>,
}

/// An operation under way; it is over when this is dropped.
#[derive(Debug)]
pub(super) struct Running {
    /// Where this ends without an end, something is wrong with us.
    pub(super) pieces: Receiver<Piece>,
    task: AbortHandle,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// How it ends before its time.
enum Stopped {
    No(No),
    Answered(Answer),
    /// Nobody takes its answers any more.
    Gone,
}

impl From<No> for Stopped {
    fn from(no: No) -> Self {
        Self::No(no)
    }
}

impl Door {
    /// Starts an operation on a version of the graph; `resumed` is the cursor that the transport itself
    /// brought.
    pub(super) fn start(
        self: &Arc<Self>,
        prepared: Prepared,
        caller: Caller,
        graph: Arc<Graph>,
        resumed: Option<String>,
    ) -> Running {
        let (queue, pieces) = mpsc::channel(QUEUED_MAX);
        let door = Arc::clone(self);
        let task = tokio::spawn(telemetry::as_part(async move {
            let trace = caller.trace.clone();
            let ran = door.run(prepared, caller, graph, resumed, &queue).await;
            let last = match ran {
                Ok(()) => Piece::End,
                Err(Stopped::Gone) => return,
                Err(Stopped::Answered(answer)) => Piece::Failed(answer),
                Err(Stopped::No(no)) => {
                    telemetry::note_code(no.code.as_str());
                    let version = door.app.live.now().seq();
                    Piece::Failed(Answer::refusal(&no, version, &trace))
                }
            };
            // Whoever is gone misses nothing.
            let _ = queue.send(last).await;
        }));
        Running {
            pieces,
            task: task.abort_handle(),
        }
    }

    async fn run(
        self: &Arc<Self>,
        prepared: Prepared,
        caller: Caller,
        graph: Arc<Graph>,
        resumed: Option<String>,
        queue: &Sender<Piece>,
    ) -> Result<(), Stopped> {
        let limits = self.app.config.server.streams.clone();
        let room = Arc::new(Semaphore::new(QUEUED_KB_MAX as usize));
        let put = async |event: Event| {
            let kilobytes = event.answer.body.len().div_ceil(1_024);
            let kilobytes = u32::try_from(kilobytes)
                .unwrap_or(u32::MAX)
                .min(QUEUED_KB_MAX);
            let room = Arc::clone(&room).acquire_many_owned(kilobytes);
            let putting = async { queue.send(Piece::Next(event, room.await.ok())).await };
            match timeout(limits.write, putting).await {
                Ok(sent) => sent.map_err(|_| Stopped::Gone),
                Err(_) => {
                    let message = "the client is too slow: resume from the last cursor";
                    let no = No::new(Stage::Document, Code::Limited, message);
                    Err(Stopped::No(no.because("SLOW_CONSUMER")))
                }
            }
        };
        if prepared.kind() != OperationType::Subscription {
            let answer = self.execute(&prepared, &caller, &graph).await?;
            return match answer.refused {
                Some(_) => Err(Stopped::Answered(answer)),
                None => {
                    put(Event {
                        answer,
                        cursor: None,
                    })
                    .await
                }
            };
        }
        let session = caller.session.clone();
        let opened = Subscription::open(self, prepared, caller, &graph, resumed).await;
        let mut subscription = opened.map_err(|not| match not {
            NotOpened::Refused(no) => Stopped::No(no),
            NotOpened::Answered(answer) => Stopped::Answered(answer),
        })?;
        drop(graph);
        loop {
            tokio::select! {
                next = subscription.next() => {
                    let (answer, cursor) = next?;
                    if !self.is_let_in(&session) {
                        return Err(No::unauthenticated().into());
                    }
                    let cursor = Some(cursor);
                    put(Event { answer, cursor }).await?;
                }
                () = self.let_in_no_more(&session) => return Err(No::unauthenticated().into()),
                () = self.app.stopping.cancelled() => return Ok(()),
                () = queue.closed() => return Err(Stopped::Gone),
            }
        }
    }
}
