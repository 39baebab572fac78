//! `GET /api/spawn/{id}/logs`: what the app wrote, once or as it comes.

use std::collections::VecDeque;

use actix_web::{HttpRequest, HttpResponse, web};
use bytes::Bytes;
use futures_util::stream;
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;

use super::{
    Api, ApiError,
    events::{KEEP_ALIVE, event_stream, last_event_id},
    sessions::{actor, id, query, stored},
};
use crate::{
    session::{FollowLogs, Line, LogPage, Logs},
    types::{Category, Failure, SessionId},
};

/// Lines that a slow follower may be behind before its stream ends.
const BEHIND_MAX: usize = 1024;

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
pub struct LogParams {
    /// Only lines with a greater `seq`.
    #[serde(default)]
    after: u64,
    /// Answer with `text/event-stream`, and keep telling.
    #[serde(default)]
    follow: bool,
}

#[derive(Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct LogResponse {
    session_id: String,
    #[serde(flatten)]
    page: LogPage,
}

#[utoipa::path(get, path = "/api/spawn/{id}/logs", tag = "sessions", params(("id" = String, Path, description = "session id"), LogParams), responses(
    (status = 200, description = "The last lines (at most 1000, 256 KiB), or a stream of them", body = LogResponse),
    (status = 404, description = "No such session", body = super::openapi::ErrorBody),
))]
pub(super) async fn logs(
    api: web::Data<Api>,
    path: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    let id = id(&path)?;
    let params: LogParams = query(&request)?;
    let Some(actor) = actor(&api, id).await? else { return kept(&api, id, &params).await };
    if !params.follow {
        return match actor.ask_again(Logs { after: params.after }).await {
            Ok(page) => Ok(HttpResponse::Ok().json(LogResponse { session_id: id.to_string(), page })),
            // It ended meanwhile.
            Err(_) => kept(&api, id, &params).await,
        };
    }
    let after = params.after.max(last_event_id(&request)?.unsigned_abs());
    let (follower, coming) = mpsc::channel(BEHIND_MAX);
    match actor.ask_again(FollowLogs { after, follower }).await {
        Ok(Some(page)) => Ok(event_stream(lines(page.lines.into(), coming))),
        Ok(None) => {
            let message = "as many follow this session's log as may; try again later";
            Err(Failure::new("too_many_followers", Category::Resource, message).retryable().into())
        }
        Err(_) => kept(&api, id, &LogParams { after, ..params }).await,
    }
}

/// The log of a session that is over.
async fn kept(api: &Api, id: SessionId, params: &LogParams) -> Result<HttpResponse, ApiError> {
    if !stored(api, id).await?.over {
        return Err(ApiError::unavailable("session actor"));
    }
    let page = api.store.logs(id).await?.and_then(|text| serde_json::from_str::<LogPage>(&text).ok());
    let mut page = page.unwrap_or_default();
    page.lines.retain(|line| line.seq > params.after);
    if params.follow {
        return Ok(event_stream(stream::iter(page.lines.into_iter().map(|line| Ok(encode(&line))))));
    }
    Ok(HttpResponse::Ok().json(LogResponse { session_id: id.to_string(), page }))
}

fn lines(
    kept: VecDeque<Line>,
    coming: mpsc::Receiver<Line>,
) -> impl stream::Stream<Item = Result<Bytes, std::convert::Infallible>> {
    stream::unfold((kept, coming), |(mut kept, mut coming)| async move {
        let text = match kept.pop_front() {
            Some(line) => encode(&line),
            None => match actix_rt::time::timeout(KEEP_ALIVE, coming.recv()).await {
                Err(_) => Bytes::from_static(b": still here\n\n"),
                Ok(line) => encode(&line?),
            },
        };
        Some((Ok(text), (kept, coming)))
    })
}

fn encode(line: &Line) -> Bytes {
    let json = serde_json::to_string(line).unwrap_or_default();
    Bytes::from(format!("id: {}\nevent: log\ndata: {json}\n\n", line.seq))
}
