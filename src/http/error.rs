//! The one place that turns failures into answers.

use std::{fmt, time::Duration};

use actix_web::{HttpRequest, HttpResponse, ResponseError, http::StatusCode, http::header};
use serde::Serialize;
use serde_json::Value;

use crate::types::{Category, Failure};

/// An answer that says no. The request id is added by the [door](super::close_door).
#[derive(Debug)]
pub struct ApiError {
    status: StatusCode,
    failure: Failure,
    retry_after: Option<Duration>,
    details: Value,
}

/// What the door finds in a response of ours, to finish it with the request's id.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Unsigned {
    pub code: String,
    pub message: String,
    pub category: Category,
    pub retryable: bool,
    pub request_id: String,
    pub details: Value,
}

impl ApiError {
    #[must_use]
    pub fn new(status: StatusCode, failure: impl Into<Failure>) -> Self {
        Self { status, failure: failure.into(), retry_after: None, details: Value::Object(serde_json::Map::new()) }
    }

    #[must_use]
    pub fn invalid(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, Failure::new(code, Category::User, message))
    }

    #[must_use]
    pub fn not_found(message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, Failure::new("not_found", Category::User, message))
    }

    #[must_use]
    pub fn no_session(id: impl fmt::Display) -> Self {
        Self::not_found(format!("there is no session {id}; GET /api/spawn lists those there are"))
    }

    /// An actor, the store or another part of the engine did not answer.
    #[must_use]
    pub fn unavailable(what: &str) -> Self {
        let message = format!("the engine's {what} did not answer; try again in a moment");
        Self::new(StatusCode::SERVICE_UNAVAILABLE, Failure::new("unavailable", Category::System, message).retryable())
            .retry_after(Duration::from_secs(1))
    }

    #[must_use]
    pub const fn retry_after(mut self, wait: Duration) -> Self {
        self.retry_after = Some(wait);
        self
    }

    #[must_use]
    pub fn detail(mut self, key: &str, value: impl Into<Value>) -> Self {
        if let Value::Object(details) = &mut self.details {
            details.insert(key.to_owned(), value.into());
        }
        self
    }
}

/// A failure whose category alone decides the status.
impl From<Failure> for ApiError {
    fn from(failure: Failure) -> Self {
        let status = match failure.category {
            Category::User => StatusCode::BAD_REQUEST,
            Category::Api => StatusCode::BAD_GATEWAY,
            Category::System => StatusCode::SERVICE_UNAVAILABLE,
            Category::Resource => StatusCode::TOO_MANY_REQUESTS,
        };
        let error = Self::new(status, failure);
        if error.failure.retryable { error.retry_after(Duration::from_secs(5)) } else { error }
    }
}

impl From<crate::store::StoreError> for ApiError {
    fn from(error: crate::store::StoreError) -> Self {
        tracing::warn!(error = %error, "the store failed a request");
        Failure::from(error).into()
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.failure.fmt(f)
    }
}

impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        self.status
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status);
        if let Some(wait) = self.retry_after {
            response.insert_header((header::RETRY_AFTER, wait.as_secs().max(1)));
        }
        let response = response.finish();
        let unsigned = Unsigned {
            code: self.failure.code.to_string(),
            message: self.failure.message.clone(),
            category: self.failure.category,
            retryable: self.failure.retryable,
            request_id: String::new(),
            details: self.details.clone(),
        };
        let mut response = response;
        response.extensions_mut().insert(unsigned);
        response
    }
}

/// `allowed` are the methods that are, as the `Allow` header has them.
pub(super) async fn method_not_allowed(request: HttpRequest, allowed: &'static str) -> HttpResponse {
    let message = format!("{} is not possible here; see /api/openapi.json", request.method());
    let failure = Failure::new("method_not_allowed", Category::User, message);
    let mut answer = ApiError::new(StatusCode::METHOD_NOT_ALLOWED, failure).error_response();
    answer.headers_mut().insert(header::ALLOW, header::HeaderValue::from_static(allowed));
    answer
}
