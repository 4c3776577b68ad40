//! A subscription under way: each change that its viewer may see and follows is executed as a query of
//! its own, with his rights as they are then, on the version that it is told from.

use std::sync::{Arc, OnceLock};

use async_graphql::Response;
use futures_util::StreamExt;

use crate::graph::{Changes, CursorError, FollowError, Graph, Onlooker};

use super::{
    Door,
    answer::Answer,
    graphql::{Code, Told, Turn, Wanted},
    pipeline::{Caller, Prepared, in_time},
    refusal::{No, Stage},
};

/// Changes that are looked at before others have their turn.
const LOOKED_AT_MAX: usize = 256;

/// One subscriber's changes.
pub(super) struct Subscription {
    door: Arc<Door>,
    prepared: Prepared,
    caller: Caller,
    wanted: Wanted,
    changes: Changes,
    onlooker: Onlooker,
}

/// Why there is nothing to follow.
pub(super) enum NotOpened {
    Refused(No),
    /// The document or its arguments are wrong.
    Answered(Answer),
}

impl From<No> for NotOpened {
    fn from(no: No) -> Self {
        Self::Refused(no)
    }
}

impl Subscription {
    /// Opens it on a version of the graph; `resumed` is the cursor that the transport itself brought.
    pub(super) async fn open(
        door: &Arc<Door>,
        prepared: Prepared,
        caller: Caller,
        graph: &Arc<Graph>,
        resumed: Option<String>,
    ) -> Result<Self, NotOpened> {
        let wanted = Arc::new(OnceLock::new());
        let turn = Turn::Opening(Arc::clone(&wanted));
        let request = door.request(&prepared, &caller, graph).data(turn);
        let mut opening = door.schema.execute_stream(request);
        if let Some(failed) = in_time(opening.next()).await? {
            let answer = door.answer(&prepared, failed, &caller, graph)?;
            return Err(NotOpened::Answered(answer));
        }
        // The stream holds the other end of what was wanted.
        drop(opening);
        let wanted = Arc::into_inner(wanted).and_then(OnceLock::into_inner);
        let wanted =
            wanted.ok_or_else(|| No::at(Stage::Document, "there is no such subscription"))?;
        let live = &door.app.live;
        let changes = match resumed.as_ref().or(wanted.after.as_ref()) {
            Some(cursor) => Changes::after(live, cursor, door.app.clock.now()).await,
            None => Ok(Changes::since(live, graph.seq())),
        };
        let viewer = caller.session.viewer.clone();
        let purpose = caller.purpose.as_deref();
        let view = door.app.view_for(graph, viewer, purpose);
        Ok(Self {
            door: Arc::clone(door),
            changes: changes.map_err(no)?,
            onlooker: Onlooker::new(&view),
            prepared,
            caller,
            wanted,
        })
    }

    /// The next change's answer, as soon as there is one, and the change's cursor.
    pub(super) async fn next(&mut self) -> Result<(Answer, String), No> {
        let mut looked_at = 0;
        loop {
            let change = self.changes.next().await.map_err(lost)?;
            looked_at += 1;
            if looked_at % LOOKED_AT_MAX == 0 {
                tokio::task::yield_now().await;
            }
            // A stream may be open for longer than a day.
            let today = self.door.app.clock.today();
            let Some(kind) = self.onlooker.told(today, &change, &self.wanted.predicate) else {
                continue;
            };
            let (graph, cursor) = (Arc::clone(&change.graph), change.cursor());
            let turn = Turn::Telling(Arc::new(Told { change, kind }));
            let request = self.door.request(&self.prepared, &self.caller, &graph);
            let mut telling = self.door.schema.execute_stream(request.data(turn));
            let telling = self.door.in_turn(&self.prepared, telling.next());
            let told = in_time(telling).await?;
            let told = told.unwrap_or_else(|| Response::new(async_graphql::Value::Null));
            let answer = self
                .door
                .answer(&self.prepared, told, &self.caller, &graph)?;
            return Ok((answer, cursor));
        }
    }
}

fn no(error: CursorError) -> No {
    let text = error.to_string();
    match error {
        CursorError::Invalid => No::at(Stage::Document, text).because("CURSOR_INVALID"),
        CursorError::Expired => No::at(Stage::Document, text).because("CURSOR_EXPIRED"),
        CursorError::NotReached => No::new(Stage::Document, Code::Unavailable, text),
        CursorError::Follow(error) => lost(error),
    }
}

fn lost(error: FollowError) -> No {
    if let FollowError::Store(error) = error {
        tracing::error!(error = %error, "the change log can't be read");
        let message = "the database does not answer / 数据库暂不可用";
        return No::new(Stage::Document, Code::Unavailable, message);
    }
    No::new(Stage::Document, Code::Limited, error.to_string()).because("REPLAY_LIMITED")
}
