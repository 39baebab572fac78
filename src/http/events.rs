//! `GET /api/spawn/{id}/events`: server-sent events, resumable.

use std::{collections::VecDeque, time::Duration};

use actix_web::{HttpRequest, HttpResponse, web};
use bytes::Bytes;
use futures_util::{Stream, stream};
use tokio::sync::mpsc;

use super::{
    Api, ApiError,
    sessions::{actor, id, stored},
};
use crate::{
    events::Frame,
    session::{Subscribe, Subscriber},
    store::{EventRow, Store},
    types::{Category, Failure, SessionId},
};

/// Frames that a slow reader may be behind before it is let go; it comes back with `Last-Event-ID`.
const BEHIND_MAX: usize = 256;
/// Silence is broken by a comment, so that a dead connection is noticed by somebody.
pub(super) const KEEP_ALIVE: Duration = Duration::from_secs(15);

#[utoipa::path(get, path = "/api/spawn/{id}/events", tag = "live",
    params(("id" = String, Path, description = "session id"), ("Last-Event-ID" = Option<i64>, Header, description = "the last `id:` seen")), responses(
    (status = 200, description = "`text/event-stream` of `session_update`, `session_findings` (`blocked`, `findings`, `findingsLeftOut`: what the guard says of the app, in the place of what it said before), `session_error`, `session_expired`: everything from the beginning, or since Last-Event-ID; ends with the session. Between them `session_file` (`path`, `offset`, `text`, `whole`) shows files while they are written; it has no `id:`, and is not repeated", content_type = "text/event-stream", body = String),
    (status = 404, description = "No such session", body = super::openapi::ErrorBody),
))]
pub(super) async fn events(
    api: web::Data<Api>,
    path: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    let id = id(&path)?;
    let after = last_event_id(&request)?;
    let live = match actor(&api, id).await? {
        Some(actor) => {
            let (sender, receiver) = mpsc::channel(BEHIND_MAX);
            match actor.ask_again(Subscribe { subscriber: Subscriber::Stream(sender) }).await {
                Ok(Ok(())) => Some(receiver),
                Ok(Err(full)) => {
                    let failure = Failure::new("too_many_subscribers", Category::Resource, full.to_string());
                    return Err(failure.retryable().into());
                }
                // It ended meanwhile; the store has it all.
                Err(_) => None,
            }
        }
        None => None,
    };
    if live.is_none() {
        stored(&api, id).await?;
    }
    let replay = Replay { store: api.store.clone(), session: id, after, waiting: VecDeque::new(), live };
    Ok(event_stream(frames(replay)))
}

/// An answer of server-sent events that no one in between may keep or buffer.
pub(super) fn event_stream(
    body: impl Stream<Item = Result<Bytes, std::convert::Infallible>> + 'static,
) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/event-stream")
        .insert_header(("cache-control", "no-store"))
        .insert_header(("x-accel-buffering", "no"))
        .streaming(body)
}

pub(super) fn last_event_id(request: &HttpRequest) -> Result<i64, ApiError> {
    let Some(value) = request.headers().get("last-event-id") else { return Ok(0) };
    let number = value.to_str().ok().and_then(|text| text.parse::<i64>().ok()).filter(|number| *number >= 0);
    number.ok_or_else(|| ApiError::invalid("invalid_last_event_id", "Last-Event-ID: expected the `id:` of an event"))
}

/// First what the store has, then what comes live.
///
/// The subscription is made before the store is read, and what is told live was stored before: so nothing falls
/// between the two, and what comes twice is known by its number.
struct Replay {
    store: Store,
    session: SessionId,
    after: i64,
    waiting: VecDeque<EventRow>,
    live: Option<mpsc::Receiver<Frame>>,
}

fn frames(replay: Replay) -> impl Stream<Item = Result<Bytes, std::convert::Infallible>> {
    stream::unfold((replay, true), |(mut replay, stored)| async move {
        if stored && let Some((text, after)) = replay.next_stored().await {
            replay.after = after;
            return Some((Ok(text), (replay, true)));
        }
        let text = replay.next_live().await?;
        Some((Ok(text), (replay, false)))
    })
}

impl Replay {
    async fn next_stored(&mut self) -> Option<(Bytes, i64)> {
        if self.waiting.is_empty() {
            match self.store.events_after(self.session, self.after, Store::EVENTS_MAX).await {
                Ok(rows) => self.waiting = rows.into(),
                Err(error) => tracing::warn!(error = %error, "events could not be read"),
            }
        }
        let row = self.waiting.pop_front()?;
        Some((encode(row.seq, &row.kind, &row.body), row.seq))
    }

    async fn next_live(&mut self) -> Option<Bytes> {
        loop {
            let live = self.live.as_mut()?;
            let frame = match actix_rt::time::timeout(KEEP_ALIVE, live.recv()).await {
                Err(_) => return Some(Bytes::from_static(b": still here\n\n")),
                Ok(received) => received?,
            };
            if frame.last {
                self.live = None;
            }
            if frame.is_passing() {
                // Without an `id:`, so that whoever comes back asks for what follows the last frame that has one.
                return Some(Bytes::from(format!("event: {}\ndata: {}\n\n", frame.kind, frame.json)));
            }
            if frame.seq > self.after {
                self.after = frame.seq;
                return Some(encode(frame.seq, frame.kind, &frame.json));
            }
        }
    }
}

fn encode(seq: i64, kind: &str, json: &str) -> Bytes {
    Bytes::from(format!("id: {seq}\nevent: {kind}\ndata: {json}\n\n"))
}
