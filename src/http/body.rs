//! Request bodies, read within bounds and refused with a reason.

use std::time::Duration;

use actix_web::{
    HttpMessage, HttpRequest,
    http::StatusCode,
    web::{self, Bytes},
};
use serde::de::{DeserializeOwned, IgnoredAny};

use super::ApiError;
use crate::types::{Category, Failure};

/// Bytes of a JSON body: a prompt of 2000 characters fits many times.
const BODY_MAX: usize = 64 * 1024;

/// How long a body may take to come.
const BODY_PATIENCE: Duration = Duration::from_secs(10);

/// Reads a JSON body.
///
/// # Errors
/// 415 for another content type (which also keeps a foreign page's form out), 413 past [`BODY_MAX`], 400 with the place
/// and the reason for what is not JSON or not what was expected.
pub async fn json<T: DeserializeOwned>(request: &HttpRequest, payload: web::Payload) -> Result<T, ApiError> {
    if !request.content_type().eq_ignore_ascii_case("application/json") {
        let failure =
            Failure::new("unsupported_media_type", Category::User, "send JSON, with Content-Type: application/json");
        return Err(ApiError::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, failure));
    }
    let bytes = read(payload).await?;
    if let Err(error) = std::str::from_utf8(&bytes) {
        let message = format!("the body is not UTF-8: byte {} cannot be read", error.valid_up_to());
        return Err(ApiError::invalid("invalid_encoding", message));
    }
    serde_json::from_slice(&bytes).map_err(|error| {
        // Not all that does not fit the type is told as such: for an enum, `null` is said to be no JSON.
        let is_json = error.is_data() || serde_json::from_slice::<IgnoredAny>(&bytes).is_ok();
        let code = if is_json { "invalid_request" } else { "invalid_json" };
        ApiError::invalid(code, format!("the body cannot be used: {error}"))
            .detail("line", error.line())
            .detail("column", error.column())
    })
}

async fn read(payload: web::Payload) -> Result<Bytes, ApiError> {
    let read = actix_rt::time::timeout(BODY_PATIENCE, payload.to_bytes_limited(BODY_MAX)).await;
    let Ok(read) = read else {
        let message = format!("the body did not come within {} s", BODY_PATIENCE.as_secs());
        let failure = Failure::new("body_timeout", Category::User, message).retryable();
        return Err(ApiError::new(StatusCode::REQUEST_TIMEOUT, failure));
    };
    match read {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(error)) => Err(ApiError::invalid("incomplete_body", format!("the body broke off: {error}"))),
        Err(_) => {
            let message = format!("the body is larger than {BODY_MAX} bytes");
            let failure = Failure::new("body_too_large", Category::User, message);
            Err(ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, failure))
        }
    }
}
