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
            let (sender, mut receiver) = mpsc::channel(BEHIND_MAX);
            match actor.ask_again(Subscribe { subscriber: Subscriber::Stream(sender) }).await {
                // What it is now came with the subscription.
                Ok(Ok(())) => receiver.try_recv().ok().map(|present| (present, receiver)),
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
    let (present, live) = live.unzip();
    let until = present.as_ref().map_or(i64::MAX, |present| present.seq);
    let replay =
        Replay { store: api.store.clone(), session: id, after, until, waiting: VecDeque::new(), present, live };
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
/// between the two, and what comes twice is known by its number. The store may be a moment ahead of the session, which
/// acts on what it has stored: what it has not told yet is left to it, so that who reads `ready` finds the app.
struct Replay {
    store: Store,
    session: SessionId,
    /// The last one that was told here.
    after: i64,
    /// The last one that the session had told when it was subscribed to.
    until: i64,
    waiting: VecDeque<EventRow>,
    /// What the session was then: for a store that cannot be read.
    present: Option<Frame>,
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
        let row = self.waiting.pop_front().filter(|row| row.seq <= self.until)?;
        Some((encode(row.seq, &row.kind, &row.body), row.seq))
    }

    async fn next_live(&mut self) -> Option<Bytes> {
        loop {
            let live = self.live.as_mut()?;
            let frame = match self.present.take() {
                Some(present) => present,
                None => match actix_rt::time::timeout(KEEP_ALIVE, live.recv()).await {
                    Err(_) => return Some(Bytes::from_static(b": still here\n\n")),
                    Ok(received) => received?,
                },
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

#[cfg(test)]
mod tests {
    use futures_util::StreamExt as _;

    use super::*;
    use crate::store::DatabaseUrl;

    fn row(seq: i64, body: &str) -> EventRow {
        let (session, at) = (SessionId::generate(), crate::types::Timestamp(0));
        EventRow { session, seq, at, kind: "session_update".to_owned(), body: body.to_owned() }
    }

    fn frame(seq: i64, body: &str) -> Frame {
        let row = row(seq, body);
        Frame::restore(row.session, seq, row.at, &row.kind, body).unwrap()
    }

    /// What a reader gets, once the session has told `live`.
    async fn told(stored: Vec<EventRow>, present: Frame, live: Vec<Frame>) -> Vec<String> {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&DatabaseUrl::in_folder(folder.path())).await.unwrap();
        let (sender, receiver) = mpsc::channel(BEHIND_MAX);
        for frame in live {
            sender.try_send(frame).unwrap();
        }
        drop(sender);
        let (session, until) = (SessionId::generate(), present.seq);
        let (waiting, present, live) = (stored.into(), Some(present), Some(receiver));
        let replay = Replay { store, session, after: 0, until, waiting, present, live };
        frames(replay).map(|text| String::from_utf8(text.unwrap().to_vec()).unwrap()).collect().await
    }

    #[actix_rt::test]
    async fn what_is_stored_and_not_yet_told_is_left_to_the_session() {
        let stored = vec![row(1, r#""queued""#), row(2, r#""deploying""#), row(3, r#""ready, from the store""#)];
        let got = told(stored, frame(2, r#""deploying""#), vec![frame(3, r#""ready""#)]).await;
        let data: Vec<_> = got.iter().filter_map(|text| text.lines().nth(2)?.strip_prefix("data: ")).collect();
        assert_eq!(data, [r#""queued""#, r#""deploying""#, r#""ready""#]);
    }

    #[actix_rt::test]
    async fn what_the_store_does_not_give_is_told_as_it_is_now() {
        let got = told(Vec::new(), frame(2, r#""deploying""#), vec![frame(3, r#""ready""#)]).await;
        assert!(got[0].starts_with("id: 2\n") && got[1].starts_with("id: 3\n") && got.len() == 2, "{got:?}");
    }
}
