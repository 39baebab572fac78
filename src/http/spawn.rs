//! `POST /api/spawn`.

use std::{net::IpAddr, time::Duration};

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, http::header, web};
use serde::{Deserialize, Serialize};

use super::{Api, ApiError, body};
use crate::{
    guard, limiter,
    registry::{self, SpawnError},
    store::StoreError,
    types::{AppType, Failure, Status, UserId},
};

/// A wish.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SpawnRequest {
    /// What to build, in your own words: 1–2000 characters.
    #[schema(min_length = 1, max_length = 2000)]
    pub prompt: String,
    #[serde(default = "webapp")]
    pub app_type: AppType,
    /// Whom to charge; 1–128 characters out of letters, digits and `. _ - @ :`.
    #[serde(default)]
    pub user_id: Option<String>,
    /// How long it shall live, in hours; the engine's default when absent.
    #[serde(default)]
    pub hours: Option<f64>,
}

const fn webapp() -> AppType {
    AppType::Webapp
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SpawnResponse {
    pub session_id: String,
    pub status: Status,
    /// Dollars, for the whole lifetime.
    pub estimated_cost: f64,
    /// Seconds until it is live.
    pub estimated_time: u32,
    /// Where the app will be; until then the address says how far it is.
    pub app_url: String,
}

#[utoipa::path(post, path = "/api/spawn", tag = "sessions", request_body = SpawnRequest, responses(
    (status = 202, description = "Accepted and stored; follow `/events` or the WebSocket", body = SpawnResponse),
    (status = 400, description = "The wish cannot be read", body = super::openapi::ErrorBody),
    (status = 402, description = "A dollar ceiling is reached", body = super::openapi::ErrorBody),
    (status = 429, description = "Too many wishes, or too many sessions", body = super::openapi::ErrorBody),
    (status = 503, description = "Shutting down", body = super::openapi::ErrorBody),
))]
pub(super) async fn spawn(
    api: web::Data<Api>,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, ApiError> {
    let wish: SpawnRequest = body::json(&request, payload).await?;
    let user = match wish.user_id.as_deref() {
        Some(text) => text.parse().map_err(|error| ApiError::invalid("invalid_user", format!("userId: {error}")))?,
        None => UserId::anonymous(),
    };
    guard::inspect_prompt(&wish.prompt)?;
    let lifetime = wish.hours.map(hours).transpose()?;
    storable(&api).await?;
    admit(&api, &request, user.clone()).await?;
    let spawn = registry::Spawn { prompt: wish.prompt, app_type: wish.app_type, user, lifetime };
    let accepted = match api.registry.ask(spawn).await {
        Ok(answer) => answer.map_err(refusal)?,
        Err(_) => return Err(ApiError::unavailable("registry")),
    };
    let location = format!("/api/spawn/{}", accepted.session);
    Ok(HttpResponse::Accepted().insert_header((header::LOCATION, location)).json(SpawnResponse {
        session_id: accepted.session.to_string(),
        status: Status::Creating,
        estimated_cost: accepted.estimated_cost.as_dollars(),
        estimated_time: api.estimated_seconds,
        app_url: accepted.app_url,
    }))
}

/// A number of hours, as a duration of at least a minute.
pub(super) fn hours(hours: f64) -> Result<Duration, ApiError> {
    const HOURS_MAX: f64 = 24.0;
    if !(1.0 / 60.0..=HOURS_MAX).contains(&hours) {
        let message = format!("{hours} hours: expected a number from 0.0167 (a minute) to {HOURS_MAX}");
        return Err(ApiError::invalid("invalid_hours", message));
    }
    Ok(Duration::from_secs_f64(hours * 3600.0))
}

/// Refuses at once what could not be stored, instead of letting it wait. A store that was away is asked whether it is back.
pub(super) async fn storable(api: &Api) -> Result<(), ApiError> {
    const ANSWER_MAX: Duration = Duration::from_secs(1);
    if api.store.trouble().is_none() {
        return Ok(());
    }
    match actix_rt::time::timeout(ANSWER_MAX, api.store.ping()).await {
        Ok(Ok(_)) => Ok(()),
        // Said in the log when it began; here it would be said for each request.
        Ok(Err(error)) => Err(Failure::from(error).into()),
        Err(_) => Err(Failure::from(StoreError::Overloaded).into()),
    }
}

async fn admit(api: &Api, request: &HttpRequest, user: UserId) -> Result<(), ApiError> {
    let ip = request.peer_addr().map_or(IpAddr::from([0, 0, 0, 0]), |peer| peer.ip());
    match api.limiter.ask_again(limiter::Admit { ip, user }).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(refused)) => {
            let wait = refused.retry_after;
            Err(ApiError::new(StatusCode::TOO_MANY_REQUESTS, Failure::from(refused)).retry_after(wait))
        }
        Err(_) => Err(ApiError::unavailable("limiter")),
    }
}

fn refusal(error: SpawnError) -> ApiError {
    let status = match &error {
        SpawnError::Capacity { .. } => StatusCode::TOO_MANY_REQUESTS,
        SpawnError::Lifetime(_) => StatusCode::BAD_REQUEST,
        SpawnError::Budget(_) => StatusCode::PAYMENT_REQUIRED,
        SpawnError::Draining | SpawnError::NotStored | SpawnError::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
    };
    let retry = match &error {
        SpawnError::Capacity { .. } | SpawnError::Draining | SpawnError::NotStored | SpawnError::Unavailable(_) => true,
        SpawnError::Lifetime(_) | SpawnError::Budget(_) => false,
    };
    let answer = ApiError::new(status, Failure::from(error));
    if retry { answer.retry_after(Duration::from_secs(5)) } else { answer }
}
