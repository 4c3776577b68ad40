//! A subscription under way: each change that its viewer may see and follows is executed as a query of
//! its own, with his rights as they are then, on the version that it is told from.

use std::sync::{Arc, OnceLock};

use async_graphql::Response;
use domain::{assess::Warning, uscc::Uscc};
use futures_util::StreamExt;

use crate::casework::Casework;
use crate::graph::{
    Changes, CursorError, FollowError, Graph, Onlooker, RecordPredicate, View, WarningChanges,
    WarningPredicate, WatchChanges,
};
use crate::store::WatchList;

use super::{
    Door,
    answer::Answer,
    graphql::{Code, Followed, Told, Turn},
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
    following: Following,
    /// Whether it is written down that it asks for what may not be read: once is enough.
    is_denied: bool,
}

/// What is followed, and how far.
enum Following {
    Records {
        predicate: RecordPredicate,
        changes: Changes,
        onlooker: Onlooker,
    },
    Warnings {
        predicate: WarningPredicate,
        /// Who is to hear of them, where one is named.
        warned: Option<Uscc>,
        changes: WarningChanges,
    },
    Watched {
        list: Arc<WatchList>,
        changes: Box<WatchChanges>,
    },
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
        let (request, _) = door.request(&prepared, &caller, graph);
        let request = request.data(turn);
        let mut opening = door.schema.execute_stream(request);
        if let Some(failed) = in_time(opening.next()).await? {
            let answer = door.answer(&prepared, failed, &caller, graph)?;
            door.note_forbidden(&caller, &answer).await;
            return Err(NotOpened::Answered(answer));
        }
        // The stream holds the other end of what was wanted.
        drop(opening);
        let wanted = Arc::into_inner(wanted).and_then(OnceLock::into_inner);
        let wanted =
            wanted.ok_or_else(|| No::at(Stage::Document, "there is no such subscription"))?;
        let live = &door.app.live;
        let cursor = resumed.as_deref().or(wanted.after.as_deref());
        let now = door.app.clock.now();
        let following = match wanted.followed {
            Followed::Records(predicate) => {
                let changes = match cursor {
                    Some(cursor) => Changes::after(live, cursor, now).await.map_err(no)?,
                    None => Changes::since(live, graph.seq()),
                };
                let onlooker = Onlooker::new(&view(door, &caller, graph));
                Following::Records {
                    predicate,
                    changes,
                    onlooker,
                }
            }
            Followed::Warnings(predicate, warned) => {
                let changes = match cursor {
                    Some(cursor) => WarningChanges::after(live, cursor, now).await.map_err(no)?,
                    None => WarningChanges::since(live, graph.seq()),
                };
                Following::Warnings {
                    predicate,
                    warned,
                    changes,
                }
            }
            Followed::Watched(list) => {
                let of = (WatchList::clone(&list), door.app.watching().restricts());
                let changes = match cursor {
                    Some(cursor) => WatchChanges::after(live, of, cursor, now)
                        .await
                        .map_err(no)?,
                    None => WatchChanges::since(live, of, graph.seq()),
                };
                Following::Watched {
                    list: Arc::from(list),
                    changes: Box::new(changes),
                }
            }
        };
        Ok(Self {
            door: Arc::clone(door),
            prepared,
            caller,
            following,
            is_denied: false,
        })
    }

    /// The next change's answer, as soon as there is one, and the change's cursor.
    pub(super) async fn next(&mut self) -> Result<(Answer, String), No> {
        let (told, graph, cursor) = self.next_told().await?;
        let (request, ask) = self.door.request(&self.prepared, &self.caller, &graph);
        let mut telling = self
            .door
            .schema
            .execute_stream(request.data(Turn::Telling(told)));
        let telling = self.door.in_turn(&self.prepared, telling.next());
        let told = in_time(telling).await?;
        let told = told.unwrap_or_else(|| Response::new(async_graphql::Value::Null));
        let answer = self
            .door
            .answer(&self.prepared, told, &self.caller, &graph)?
            .about(&ask);
        if answer.forbidden.is_some() && !std::mem::replace(&mut self.is_denied, true) {
            self.door.note_forbidden(&self.caller, &answer).await;
        }
        self.door
            .audit_read(&self.prepared, &self.caller, &answer)
            .await?;
        Ok((answer, cursor))
    }

    /// The next change that is something to the subscriber, the version that it is told from, and its cursor.
    async fn next_told(&mut self) -> Result<(Told, Arc<Graph>, String), No> {
        let mut looked_at = 0;
        loop {
            looked_at += 1;
            if looked_at % LOOKED_AT_MAX == 0 {
                tokio::task::yield_now().await;
            }
            match &mut self.following {
                Following::Records {
                    predicate,
                    changes,
                    onlooker,
                } => {
                    let change = changes.next().await.map_err(lost)?;
                    // A stream may be open for longer than a day.
                    let today = self.door.app.clock.today();
                    if let Some(kind) = onlooker.told(today, &change, predicate) {
                        let (graph, cursor) = (Arc::clone(&change.graph), change.cursor());
                        return Ok((Told::Record(Arc::new(change), kind), graph, cursor));
                    }
                }
                Following::Warnings {
                    predicate,
                    warned,
                    changes,
                } => {
                    let change = changes.next().await.map_err(lost)?;
                    let view = view(&self.door, &self.caller, &change.graph);
                    let casework = self.door.app.casework();
                    let concerns = |warning: &Warning| {
                        warned.is_none_or(|code| is_warned(&casework, &view, warning, &code))
                    };
                    if let Some(kind) = view.warning_told(&change.moved, predicate, concerns) {
                        let (graph, cursor) = (Arc::clone(&change.graph), change.cursor());
                        return Ok((Told::Warning(Arc::new(change), kind), graph, cursor));
                    }
                }
                Following::Watched { list, changes } => {
                    let view = |graph: &Arc<Graph>| view(&self.door, &self.caller, graph);
                    let change = changes.next(&view).await.map_err(lost)?;
                    let (graph, cursor) = (Arc::clone(&change.graph), change.cursor());
                    let told = Told::Watch(Arc::new(change), Arc::clone(list));
                    return Ok((told, graph, cursor));
                }
            }
        }
    }
}

/// The subscriber's view of a version, today.
fn view(door: &Door, caller: &Caller, graph: &Arc<Graph>) -> View {
    let viewer = caller.session.viewer.clone();
    door.app.view_for(graph, viewer, caller.purpose.as_deref())
}

/// Whether the body with this code, which the viewer may see, is to hear of a warning.
fn is_warned(casework: &Casework, view: &View, warning: &Warning, code: &Uscc) -> bool {
    let body = view.agency_row_by_uscc(code);
    let body = body.and_then(|row| view.agency_at(row));
    body.is_some_and(|body| casework.warned(view.present(), warning).contains(&body.id))
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
    if let FollowError::ListEnded = error {
        return No::at(Stage::Document, error.to_string()).because("WATCH_LIST_ENDED");
    }
    if let FollowError::Store(error) = error {
        tracing::error!(error = %error, "the change log can't be read");
        let message = "the database does not answer / 数据库暂不可用";
        return No::new(Stage::Document, Code::Unavailable, message);
    }
    No::new(Stage::Document, Code::Limited, error.to_string()).because("REPLAY_LIMITED")
}
