//! One socket: who it is for, what runs on it, and its end.

use std::{sync::Arc, time::Duration};

use axum::{
    Error,
    extract::ws::{Message, WebSocket},
    http::StatusCode,
};
use bytes::Bytes;
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use serde_json::{Map, Value};
use tokio::time::{Instant, sleep_until, timeout};

use crate::{
    api::{
        Door,
        answer::Answer,
        asked::Asked,
        graphql::Code,
        lease::Lease,
        pipeline::Caller,
        rate,
        refusal::{No, Stage},
        request::{NO_TEXT, NoText, session},
        stream::{Piece, Running},
    },
    auth::Session,
    config::Streams,
    telemetry,
};

use super::{
    message::{self, Close, MESSAGE_BYTES_MAX, Said},
    operations::Operations,
};

/// How long the other side may take to answer a close.
const CLOSING: Duration = Duration::from_secs(2);
/// Signs of life that may be missed.
const PINGS_MISSED_MAX: u32 = 2;

/// How a socket ends.
enum End {
    Close(Close),
    /// It is closed already, or takes nothing any more.
    Gone,
}

impl From<Close> for End {
    fn from(close: Close) -> Self {
        Self::Close(close)
    }
}

/// One that was let in.
struct Member {
    session: Session,
    rate: rate::Key,
    _lease: Lease,
    _told: telemetry::Open,
}

/// What stood in the handshake's headers, and where it came from.
pub(super) struct Handshake {
    pub(super) token: Result<Option<String>, NoText>,
    pub(super) purpose: Option<String>,
    pub(super) reference: Option<String>,
    pub(super) address: rate::Key,
}

pub(super) struct Connection {
    door: Arc<Door>,
    socket: WebSocket,
    limits: Streams,
    handshake: Handshake,
    member: Option<Member>,
    running: Operations,
    pace: DefaultDirectRateLimiter,
    init_by: Instant,
    next_ping: Instant,
    pings_missed: u32,
}

/// What happens next.
enum Event {
    Heard(Option<Result<Message, Error>>),
    Piece(String, Option<Piece>),
    InitTimeout,
    PingDue,
    LetInNoMore,
    Stopping,
}

impl Connection {
    pub(super) fn new(door: Arc<Door>, socket: WebSocket, handshake: Handshake) -> Self {
        let limits = door.app.config.server.streams.clone();
        Self {
            pace: RateLimiter::direct(Quota::per_minute(limits.messages_per_minute)),
            init_by: Instant::now() + limits.init,
            next_ping: Instant::now() + limits.ping,
            door,
            socket,
            limits,
            handshake,
            member: None,
            running: Operations::default(),
            pings_missed: 0,
        }
    }

    pub(super) async fn serve(mut self) {
        let end = loop {
            if let Err(end) = self.step().await {
                break end;
            }
        };
        self.running.clear();
        let End::Close(close) = end else { return };
        let frame = Message::Close(Some(close.frame()));
        if self.send(frame).await.is_ok() {
            self.drain().await;
        }
    }

    /// Reads away what still comes: else neither a reason for closing nor the answer to one might arrive.
    async fn drain(&mut self) {
        let draining = async { while let Some(Ok(_)) = self.socket.recv().await {} };
        // Who does not close his side is not waited for.
        let _ = timeout(CLOSING, draining).await;
    }

    /// Waits for what happens next and deals with it.
    async fn step(&mut self) -> Result<(), End> {
        let Self {
            door,
            socket,
            member,
            running,
            ..
        } = self;
        let event = tokio::select! {
            heard = socket.recv() => Event::Heard(heard),
            (id, piece) = running.next_piece() => Event::Piece(id, piece),
            () = sleep_until(self.init_by), if member.is_none() => Event::InitTimeout,
            () = sleep_until(self.next_ping) => Event::PingDue,
            () = let_in_no_more(door, member.as_ref()) => Event::LetInNoMore,
            () = door.app.stopping.cancelled() => Event::Stopping,
        };
        match event {
            Event::Heard(Some(Ok(message))) => self.hear(message).await,
            // Most of what can't be read is too large; to who is gone nothing can be said.
            Event::Heard(Some(Err(_))) => Err(Close::TooBig.into()),
            Event::Heard(None) => Err(End::Gone),
            Event::Piece(id, piece) => self.pass_on(&id, piece).await,
            Event::InitTimeout => Err(Close::InitTimeout.into()),
            Event::PingDue => self.ping().await,
            Event::LetInNoMore => Err(Close::Forbidden.into()),
            Event::Stopping => {
                while let Some(id) = self.running.finish_any() {
                    self.send(message::complete(&id)).await?;
                }
                Err(Close::GoingAway.into())
            }
        }
    }

    async fn hear(&mut self, heard: Message) -> Result<(), End> {
        self.pings_missed = 0;
        let text = match heard {
            Message::Pong(_) => return Ok(()),
            Message::Close(_) => {
                self.running.clear();
                self.drain().await;
                return Err(End::Gone);
            }
            _ if self.pace.check().is_err() => return Err(Close::TooManyMessages.into()),
            // Answered by the library.
            Message::Ping(_) => return Ok(()),
            Message::Binary(_) => return Err(Close::InvalidMessage.into()),
            Message::Text(text) => text,
        };
        if text.len() > MESSAGE_BYTES_MAX {
            return Err(Close::TooBig.into());
        }
        match Said::read(&text).ok_or(Close::InvalidMessage)? {
            Said::Init(payload) => self.init(payload).await,
            Said::Ping(payload) => self.send(message::pong(payload)).await,
            Said::Pong => Ok(()),
            Said::Subscribe { id, payload } => self.subscribe(id, payload).await,
            Said::Complete { id } => {
                self.running.finish(&id, StatusCode::OK);
                Ok(())
            }
        }
    }

    async fn init(&mut self, payload: Map<String, Value>) -> Result<(), End> {
        if self.member.is_some() {
            return Err(Close::InitTwice.into());
        }
        let token = match payload.get("authorization") {
            None | Some(Value::Null) => std::mem::replace(&mut self.handshake.token, Ok(None)),
            Some(Value::String(token)) => Ok(Some(token.clone())),
            Some(_) => Err(NoText),
        };
        let Ok(token) = token else {
            let trace = telemetry::trace_id();
            self.door.audit_token(NO_TEXT, &trace).await;
            return Err(Close::Forbidden.into());
        };
        let session = session(&self.door, token.as_deref(), &telemetry::trace_id()).await;
        let session = session.map_err(|_| Close::Forbidden)?;
        let lease = self.door.lease(&session);
        let lease = lease.map_err(|_| Close::TooManySockets)?;
        let rate = self.door.rates.key(&session.viewer, self.handshake.address);
        self.member = Some(Member {
            session,
            rate,
            _lease: lease,
            _told: telemetry::open_socket(),
        });
        self.send(message::ack()).await
    }

    async fn subscribe(&mut self, id: String, payload: Map<String, Value>) -> Result<(), End> {
        let member = self.member.as_ref().ok_or(Close::Unauthorized)?;
        if self.running.has(&id) {
            return Err(Close::IdInUse(id).into());
        }
        let observed = telemetry::Access::of(&self.door.app.config.telemetry).operation();
        let (caller, started) = observed.run_now(|| {
            telemetry::note_role(member.session.viewer.role);
            let caller = Caller {
                session: member.session.clone(),
                rate: member.rate,
                purpose: self.handshake.purpose.clone(),
                reference: self.handshake.reference.clone(),
                trace: telemetry::trace_id(),
            };
            let started = self.start(payload, caller.clone()).map_err(|no| {
                telemetry::note_code(no.code.as_str());
                let version = self.door.app.live.now().seq();
                let answer = Answer::refusal(&no, version, &telemetry::trace_id());
                (no, answer)
            });
            (caller, started)
        });
        if let Some((no, _)) = started
            .as_ref()
            .err()
            .filter(|(no, _)| no.code == Code::Forbidden)
        {
            self.door.audit_denied(&caller, no).await;
        }
        match started {
            Ok(running) => {
                self.running.add(id, running, observed);
                Ok(())
            }
            Err((no, answer)) => {
                observed.finish(StatusCode::BAD_REQUEST, answer.body.len() as u64);
                match no.stage {
                    // What is no request at all is no message either.
                    Stage::NotWellFormed => Err(Close::InvalidMessage.into()),
                    _ => self.refuse(&id, &answer).await,
                }
            }
        }
    }

    fn start(&self, payload: Map<String, Value>, caller: Caller) -> Result<Running, No> {
        let asked = Asked::from_object(payload)?;
        if self.running.len() >= self.limits.operations_per_socket {
            let message = "too many operations at a time on this socket";
            return Err(No::new(Stage::Document, Code::Limited, message));
        }
        if !self.door.is_let_in(&caller.session) {
            return Err(No::unauthenticated());
        }
        self.door.rates.charge(&caller.rate, rate::DOOR)?;
        let prepared = self.door.prepare(asked, &caller)?;
        let graph = self.door.app.live.now();
        Ok(self.door.start(prepared, caller, graph, None))
    }

    /// Passes on what became of an operation.
    async fn pass_on(&mut self, id: &str, piece: Option<Piece>) -> Result<(), End> {
        // Its room in the queue is free again once it is sent.
        if let Some(Piece::Next(event, _room)) = piece {
            let next = message::next(id, &event.answer).ok_or(Close::Fault)?;
            return self.send(next).await;
        }
        let (status, sent) = match piece {
            Some(Piece::Failed(answer)) => {
                (StatusCode::BAD_REQUEST, self.refuse(id, &answer).await)
            }
            Some(_) => (StatusCode::OK, self.send(message::complete(id)).await),
            None => (StatusCode::INTERNAL_SERVER_ERROR, Err(Close::Fault.into())),
        };
        self.running.finish(id, status);
        sent
    }

    async fn refuse(&mut self, id: &str, answer: &Answer) -> Result<(), End> {
        let error = message::error(id, answer).ok_or(Close::Fault)?;
        self.send(error).await
    }

    async fn ping(&mut self) -> Result<(), End> {
        if self.pings_missed >= PINGS_MISSED_MAX {
            return Err(End::Gone);
        }
        self.pings_missed += 1;
        self.next_ping = Instant::now() + self.limits.ping;
        self.send(Message::Ping(Bytes::new())).await
    }

    /// Sends, unless the other side takes nothing any more.
    async fn send(&mut self, message: Message) -> Result<(), End> {
        match timeout(self.limits.write, self.socket.send(message)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(End::Gone),
        }
    }
}

async fn let_in_no_more(door: &Door, member: Option<&Member>) {
    match member {
        Some(member) => door.let_in_no_more(&member.session).await,
        None => std::future::pending().await,
    }
}
