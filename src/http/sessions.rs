//! One session, or many: read, extended, destroyed.

use std::{str::FromStr, time::Duration};

use actix_rt::time::timeout;
use actix_web::{HttpRequest, HttpResponse, http::StatusCode, http::header::ContentType, web};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{
    Api, ApiError, body,
    spawn::{hours, storable},
};
use crate::{
    session::{Destroy, Ended, Extend, ExtendError, SessionActor, View},
    store::{ListQuery, SessionRow},
    supervisor::Post,
    types::{EndReason, Failure, SessionId, Status, Timestamp},
};

/// How long a destroy may take before the client is told to look again.
const DESTROY_MAX: Duration = Duration::from_secs(20);
/// The same for an extension.
const EXTEND_MAX: Duration = Duration::from_secs(10);
const PAGE: usize = 50;

/// The id in the path.
pub(super) fn id(path: &str) -> Result<SessionId, ApiError> {
    SessionId::from_str(path).map_err(|error| ApiError::invalid("invalid_session_id", error.to_string()))
}

/// A session's row, or 404.
pub(super) async fn stored(api: &Api, id: SessionId) -> Result<SessionRow, ApiError> {
    api.store.session(id).await?.ok_or_else(|| ApiError::no_session(id))
}

/// The live actor of a session. `None` for one that is over.
pub(super) async fn actor(api: &Api, id: SessionId) -> Result<Option<Post<SessionActor>>, ApiError> {
    if let Some(actor) = api.directory.actor(id) {
        return Ok(Some(actor));
    }
    let row = stored(api, id).await?;
    // Open, but without an actor: it is just being rebuilt.
    if row.over { Ok(None) } else { Err(ApiError::unavailable("session actor")) }
}

/// Why a session's actor does not answer: the session is over, or the actor is just being rebuilt.
async fn silent(api: &Api, id: SessionId) -> ApiError {
    match stored(api, id).await {
        Ok(row) if row.over => conflict(crate::session::Rejected::Over(row.status).into()),
        Ok(_) => ApiError::unavailable("session actor"),
        Err(error) => error,
    }
}

#[utoipa::path(get, path = "/api/spawn/{id}", tag = "sessions", params(("id" = String, Path, description = "session id")), responses(
    (status = 200, description = "Where the session stands, as last published", body = View),
    (status = 404, description = "No such session", body = super::openapi::ErrorBody),
))]
pub(super) async fn show(api: web::Data<Api>, path: web::Path<String>) -> Result<HttpResponse, ApiError> {
    let id = id(&path)?;
    // The published view, as it was serialised when the session last changed: no mailbox, no lock, no encoder.
    if let Some(view) = api.directory.view(id) {
        return Ok(HttpResponse::Ok().content_type(ContentType::json()).body(view));
    }
    Ok(HttpResponse::Ok().content_type(ContentType::json()).body(stored(&api, id).await?.view))
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ListParams {
    /// Only this user's.
    user_id: Option<String>,
    /// Only those in this status.
    status: Option<String>,
    /// 1–200, 50 when absent.
    limit: Option<usize>,
    /// `nextCursor` of the page before.
    cursor: Option<String>,
}

#[derive(Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SessionList {
    /// Newest first.
    #[schema(value_type = Vec<View>)]
    sessions: Vec<Box<RawValue>>,
    /// Absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

#[utoipa::path(get, path = "/api/spawn", tag = "sessions", params(ListParams), responses(
    (status = 200, description = "Sessions, newest first", body = SessionList),
    (status = 400, description = "A parameter cannot be used", body = super::openapi::ErrorBody),
))]
pub(super) async fn list(api: web::Data<Api>, request: HttpRequest) -> Result<HttpResponse, ApiError> {
    let params: ListParams = query(&request)?;
    let bad = |name: &str, error: &dyn std::fmt::Display| {
        ApiError::invalid("invalid_parameter", format!("{name}: {error}")).detail("parameter", name)
    };
    let limit = params.limit.unwrap_or(PAGE);
    if !(1..=ListQuery::LIMIT_MAX).contains(&limit) {
        return Err(bad("limit", &format!("{limit} is not from 1 to {}", ListQuery::LIMIT_MAX)));
    }
    let query = ListQuery {
        user: params.user_id.map(|text| text.parse()).transpose().map_err(|error| bad("userId", &error))?,
        status: params.status.map(|text| text.parse()).transpose().map_err(|error| bad("status", &error))?,
        limit,
        cursor: params.cursor.map(|text| text.parse()).transpose().map_err(|error| bad("cursor", &error))?,
    };
    let page = api.store.list(query).await?;
    // What is published is as new as what is stored, or newer.
    let sessions = page.rows.into_iter().filter_map(|row| {
        let published = api.directory.view(row.id).and_then(|view| String::from_utf8(view.to_vec()).ok());
        RawValue::from_string(published.unwrap_or(row.view)).ok()
    });
    let next_cursor = page.next_cursor.map(|cursor| cursor.to_string());
    Ok(HttpResponse::Ok().json(SessionList { sessions: sessions.collect(), next_cursor }))
}

/// The query string as `T`, with an answer of ours where it does not fit.
pub(super) fn query<T: serde::de::DeserializeOwned>(request: &HttpRequest) -> Result<T, ApiError> {
    web::Query::<T>::from_query(request.query_string())
        .map(web::Query::into_inner)
        .map_err(|error| ApiError::invalid("invalid_parameter", error.to_string()))
}

#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ExtendRequest {
    /// More than a minute, within what the plan allows in all.
    additional_hours: f64,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ExtendResponse {
    session_id: String,
    #[schema(value_type = String, format = DateTime)]
    new_expires_at: Timestamp,
    additional_cost: f64,
}

#[utoipa::path(post, path = "/api/spawn/{id}/extend", tag = "sessions", request_body = ExtendRequest,
    params(("id" = String, Path, description = "session id")), responses(
    (status = 200, description = "It lives longer", body = ExtendResponse),
    (status = 402, description = "A dollar ceiling is reached", body = super::openapi::ErrorBody),
    (status = 409, description = "It is over, or the plan does not allow it", body = super::openapi::ErrorBody),
))]
pub(super) async fn extend(
    api: web::Data<Api>,
    path: web::Path<String>,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, ApiError> {
    let id = id(&path)?;
    let asked: ExtendRequest = body::json(&request, payload).await?;
    let by = hours(asked.additional_hours)?;
    storable(&api).await?;
    let Some(actor) = actor(&api, id).await? else { return Err(silent(&api, id).await) };
    match actor.ask_within(Extend { by }, EXTEND_MAX).await {
        Ok(Ok(extended)) => Ok(HttpResponse::Ok().json(ExtendResponse {
            session_id: id.to_string(),
            new_expires_at: extended.expires_at,
            additional_cost: extended.additional_cost.as_dollars(),
        })),
        Ok(Err(ExtendError::Rejected(rejected))) => Err(conflict(rejected.into())),
        Ok(Err(ExtendError::OverBudget(refused))) => {
            Err(ApiError::new(StatusCode::PAYMENT_REQUIRED, Failure::from(refused)))
        }
        Ok(Err(ExtendError::Unavailable(failure))) => Err(failure.into()),
        Err(_) => Err(silent(&api, id).await),
    }
}

/// Asks for the end until an actor lives to see it. `None` when there is none any more.
pub(super) async fn end(actor: &Post<SessionActor>) -> Option<Ended> {
    loop {
        if let Some(ended) = actor.ask_again(Destroy).await.ok()? {
            return Some(ended);
        }
    }
}

fn conflict(failure: Failure) -> ApiError {
    ApiError::new(StatusCode::CONFLICT, failure)
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DestroyResponse {
    session_id: String,
    status: Status,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_reason: Option<EndReason>,
    final_cost: f64,
}

#[utoipa::path(delete, path = "/api/spawn/{id}", tag = "sessions", params(("id" = String, Path, description = "session id")), responses(
    (status = 200, description = "It is over, and its sandbox is gone", body = DestroyResponse),
    (status = 404, description = "No such session", body = super::openapi::ErrorBody),
))]
pub(super) async fn destroy(api: web::Data<Api>, path: web::Path<String>) -> Result<HttpResponse, ApiError> {
    let id = id(&path)?;
    storable(&api).await?;
    let answer = |status, end_reason, final_cost| {
        Ok(HttpResponse::Ok().json(DestroyResponse { session_id: id.to_string(), status, end_reason, final_cost }))
    };
    if let Some(actor) = actor(&api, id).await?
        && let Ok(Some(ended)) = timeout(DESTROY_MAX, end(&actor)).await
    {
        return answer(ended.status, ended.reason, ended.final_cost.as_dollars());
    }
    // It ended before it could be asked, or takes its time: the store knows.
    let row = stored(&api, id).await?;
    match serde_json::from_str::<View>(&row.view) {
        Ok(view) if row.over => answer(view.status, view.end_reason, view.actual_cost),
        Ok(_) | Err(_) => Err(ApiError::unavailable("session actor")),
    }
}
