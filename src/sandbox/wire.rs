//! The protocol's JSON, and what its refusals mean. Pure.
//!
//! Source: E2B's public OpenAPI document and envd's protobuf files; proto3 JSON leaves out every field that has its
//! default value, so `exitCode: 0` is simply missing.

use std::{borrow::Cow, collections::BTreeMap, time::Duration};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::{
    SandboxError,
    process::{ProcessEvent, Stream},
};
use crate::types::{Reach, SandboxId, Secret, Timestamp};

/// How much of a host's words is repeated in an error.
const MESSAGE_MAX: usize = 300;
/// A host that asks for more is believed only this far.
const RETRY_AFTER_MAX: Duration = Duration::from_secs(120);

/// `POST /v2/sandboxes`.
#[derive(Serialize)]
pub(super) struct CreateBody<'a> {
    #[serde(rename = "templateID")]
    pub template: &'a str,
    /// Seconds.
    pub timeout: u64,
    pub metadata: &'a BTreeMap<String, String>,
    /// Version 1 must be asked for a token; version 2 always gives one.
    pub secure: bool,
    pub allow_internet_access: bool,
}

#[derive(Deserialize)]
pub(super) struct CreateAnswer {
    #[serde(rename = "sandboxID")]
    pub sandbox: SandboxId,
    #[serde(rename = "envdAccessToken")]
    pub access_token: Secret,
}

/// A sandbox as `GET /sandboxes/{id}` and the list show it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SandboxInfo {
    #[serde(rename = "sandboxID")]
    pub sandbox: SandboxId,
    #[serde(default)]
    pub metadata: BTreeMap<String, String>,
    pub started_at: Timestamp,
    /// When the host ends it by itself.
    pub end_at: Timestamp,
    /// `running` or `paused`.
    pub state: String,
}

#[derive(Serialize)]
pub(super) struct TimeoutBody {
    /// Seconds from now.
    pub timeout: u64,
}

/// `PUT /sandboxes/{id}/network`: replaces all rules.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct NetworkBody<'a> {
    #[serde(rename = "allow_internet_access", skip_serializing_if = "Option::is_none")]
    pub internet: Option<bool>,
    pub allow_out: &'a [String],
    pub deny_out: &'a [&'static str],
}

impl<'a> NetworkBody<'a> {
    pub fn of(reach: &'a Reach) -> Self {
        /// All traffic, in the protocol's words; what is allowed takes precedence.
        const ALL: &[&str] = &["0.0.0.0/0"];
        match reach {
            Reach::Nothing => Self { internet: Some(false), allow_out: &[], deny_out: ALL },
            Reach::Hosts(hosts) => Self { internet: None, allow_out: hosts, deny_out: ALL },
            Reach::Anything => Self { internet: Some(true), allow_out: &[], deny_out: &[] },
        }
    }
}

/// `filesystem.Filesystem/Remove`.
#[derive(Serialize)]
pub(super) struct PathBody<'a> {
    pub path: &'a str,
}

#[derive(Serialize)]
pub(super) struct StartBody<'a> {
    pub process: ProcessConfig<'a>,
    /// An open stdin that nobody writes to would hold up whatever reads it; hosts open one unless told.
    pub stdin: bool,
}

/// `process.Process/Connect`.
#[derive(Serialize)]
pub(super) struct AttachBody {
    pub process: ProcessSelector,
}

#[derive(Serialize)]
pub(super) struct ProcessSelector {
    pub pid: u32,
}

#[derive(Serialize)]
pub(super) struct ProcessConfig<'a> {
    pub cmd: &'a str,
    pub args: [&'a str; 3],
    pub envs: BTreeMap<&'a str, &'a str>,
    pub cwd: &'a str,
}

#[derive(Deserialize)]
struct ErrorBody<'a> {
    #[serde(borrow, default)]
    message: Cow<'a, str>,
    /// Only the proxy's 502 has it.
    #[serde(borrow, rename = "sandboxId")]
    sandbox: Option<Cow<'a, str>>,
}

/// An answer's head, as far as a refusal depends on it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Head<'a> {
    pub status: u16,
    pub retry_after: Option<&'a str>,
    pub should_retry: Option<&'a str>,
}

/// Seconds up, since the protocol knows no fractions and a sandbox must not end early.
pub(super) fn whole_seconds(duration: Duration) -> u64 {
    duration.as_secs() + u64::from(duration.subsec_nanos() > 0)
}

/// What an answer outside of 2xx means.
pub(super) fn refusal(head: Head<'_>, body: &[u8]) -> SandboxError {
    let message = words(body);
    let retry_after = head.retry_after.and_then(retry_after);
    match head.status {
        401 | 403 => SandboxError::Unauthorized { message },
        404 => SandboxError::NotFound { message },
        // E2B answers 429 to both; only the rate limit mends itself soon.
        429 if message.contains("maximum number") => SandboxError::Quota { message },
        429 => SandboxError::RateLimited { message, retry_after },
        502 if is_gone(body) => SandboxError::NotFound { message },
        status @ 500..=599 => {
            // The SDKs leave a 500 be. They have a person behind them, who tries again; a session has only itself.
            let again = matches!(status, 500 | 502..=504)
                && head.should_retry.is_none_or(|value| !value.eq_ignore_ascii_case("false"));
            SandboxError::Server { status, message, retry_after, again }
        }
        status => SandboxError::Refused { status, message },
    }
}

/// Whether a 502 is the proxy's own word that the port is closed, and not an app's answer.
pub(super) fn is_port_closed(marker: Option<&str>, body: &[u8]) -> bool {
    marker == Some("port-closed") || proxy_message(body).is_some_and(|message| message.contains("port is not open"))
}

/// The same for a sandbox that is no more.
pub(super) fn is_sandbox_gone(marker: Option<&str>, body: &[u8]) -> bool {
    marker == Some("sandbox-not-found") || is_gone(body)
}

fn is_gone(body: &[u8]) -> bool {
    proxy_message(body).is_some_and(|message| message.contains("was not found"))
}

fn proxy_message(body: &[u8]) -> Option<Cow<'_, str>> {
    let body: ErrorBody<'_> = serde_json::from_slice(body).ok()?;
    body.sandbox.is_some().then_some(body.message)
}

/// The host's own words, or the beginning of whatever it sent instead of the protocol's JSON.
fn words(body: &[u8]) -> String {
    match serde_json::from_slice::<ErrorBody<'_>>(body) {
        Ok(body) if !body.message.is_empty() => body.message.chars().take(MESSAGE_MAX).collect(),
        Ok(_) | Err(_) if body.is_empty() => "no explanation".to_owned(),
        Ok(_) | Err(_) => String::from_utf8_lossy(body).chars().take(MESSAGE_MAX).collect(),
    }
}

/// `Retry-After` in seconds; the date form is rare enough to be treated as absent.
fn retry_after(value: &str) -> Option<Duration> {
    value.trim().parse().ok().map(|seconds| Duration::from_secs(seconds).min(RETRY_AFTER_MAX))
}

#[derive(Deserialize)]
struct Trailer<'a> {
    #[serde(borrow)]
    error: Option<TrailerError<'a>>,
}

#[derive(Deserialize)]
struct TrailerError<'a> {
    #[serde(borrow, default)]
    code: Cow<'a, str>,
    #[serde(borrow, default)]
    message: Cow<'a, str>,
}

/// What a process stream's last frame says, when it is more than that it is the last.
pub(super) fn trailer(doing: &'static str, payload: &[u8]) -> Result<Option<ProcessEvent>, SandboxError> {
    let trailer: Trailer<'_> = serde_json::from_slice(payload)
        .map_err(|error| SandboxError::Protocol { doing, detail: format!("last frame: {error}") })?;
    let Some(error) = trailer.error else { return Ok(None) };
    let message: String = error.message.chars().take(MESSAGE_MAX).collect();
    Err(match &*error.code {
        "not_found" => SandboxError::NotFound { message },
        "unauthenticated" | "permission_denied" => SandboxError::Unauthorized { message },
        "resource_exhausted" => SandboxError::RateLimited { message, retry_after: None },
        // The process was killed by the limit it was started with.
        "deadline_exceeded" => return Ok(Some(ProcessEvent::OutOfTime)),
        "unavailable" | "canceled" => SandboxError::Cut { doing, cause: message },
        "internal" | "unknown" => SandboxError::Server { status: 500, message, retry_after: None, again: false },
        _ => SandboxError::Refused { status: 400, message },
    })
}

#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow)]
    event: Option<Event<'a>>,
}

#[derive(Deserialize)]
struct Event<'a> {
    start: Option<Started>,
    #[serde(borrow)]
    data: Option<Data<'a>>,
    #[serde(borrow)]
    end: Option<Ended<'a>>,
}

#[derive(Deserialize)]
struct Started {
    pid: u32,
}

#[derive(Deserialize)]
struct Data<'a> {
    #[serde(borrow)]
    stdout: Option<Cow<'a, str>>,
    #[serde(borrow)]
    stderr: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
struct Ended<'a> {
    #[serde(rename = "exitCode", default)]
    exit_code: i32,
    #[serde(borrow, default)]
    status: Cow<'a, str>,
}

/// One message of a process stream; `None` for those that say nothing (keepalives, events newer than we are).
pub(super) fn process_event(doing: &'static str, payload: &[u8]) -> Result<Option<ProcessEvent>, SandboxError> {
    let wrong = |detail: String| SandboxError::Protocol { doing, detail };
    let envelope: Envelope<'_> = serde_json::from_slice(payload).map_err(|error| wrong(error.to_string()))?;
    let Some(event) = envelope.event else { return Ok(None) };
    if let Some(Started { pid }) = event.start {
        return Ok(Some(ProcessEvent::Started { pid }));
    }
    if let Some(Ended { exit_code, status }) = event.end {
        return Ok(Some(ProcessEvent::Ended { exit_code, status: status.into_owned() }));
    }
    let Some(data) = event.data else { return Ok(None) };
    let (stream, text) = match (data.stdout, data.stderr) {
        (Some(text), _) => (Stream::Stdout, text),
        (None, Some(text)) => (Stream::Stderr, text),
        (None, None) => return Ok(None),
    };
    let bytes = STANDARD.decode(text.as_bytes()).map_err(|error| wrong(format!("output: {error}")))?;
    Ok(Some(ProcessEvent::Output { stream, bytes: Bytes::from(bytes) }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(status: u16) -> Head<'static> {
        Head { status, ..Head::default() }
    }

    #[test]
    fn the_two_kinds_of_429_are_told_apart() {
        let quota = br#"{"code":429,"message":"you have reached the maximum number of concurrent E2B sandboxes (20)"}"#;
        assert!(matches!(refusal(at(429), quota), SandboxError::Quota { .. }));
        let rate = refusal(Head { retry_after: Some("7"), ..at(429) }, br#"{"code":429,"message":"slow down"}"#);
        assert_eq!(rate.retry_after(), Some(Duration::from_secs(7)));
    }

    #[test]
    fn a_bad_gateway_is_retried_unless_it_says_otherwise() {
        assert!(refusal(at(502), b"<html>").is_retryable());
        assert!(!refusal(Head { should_retry: Some("false"), ..at(502) }, b"").is_retryable());
        assert!(refusal(at(500), b"").is_retryable() && !refusal(at(501), b"").is_retryable());
    }

    #[test]
    fn an_apps_own_502_is_not_the_proxys() {
        let proxy = br#"{"sandboxId":"a1","message":"The sandbox was not found","code":502}"#;
        assert!(is_sandbox_gone(None, proxy) && matches!(refusal(at(502), proxy), SandboxError::NotFound { .. }));
        assert!(!is_sandbox_gone(None, br#"{"message":"the page was not found"}"#));
        assert!(is_port_closed(
            None,
            br#"{"sandboxId":"a1","message":"The sandbox is running but port is not open","code":502}"#
        ));
        assert!(is_port_closed(Some("port-closed"), b""));
    }

    #[test]
    fn process_events_are_read_with_their_defaults_missing() {
        let read = |json: &str| process_event("testing", json.as_bytes());
        assert_eq!(read(r#"{"event":{"start":{"pid":7}}}"#), Ok(Some(ProcessEvent::Started { pid: 7 })));
        assert_eq!(
            read(r#"{"event":{"data":{"stderr":"aGk="}}}"#),
            Ok(Some(ProcessEvent::Output { stream: Stream::Stderr, bytes: Bytes::from_static(b"hi") }))
        );
        assert_eq!(
            read(r#"{"event":{"end":{"exited":true,"status":"exit status 0"}}}"#),
            Ok(Some(ProcessEvent::Ended { exit_code: 0, status: "exit status 0".into() }))
        );
        assert_eq!(read(r#"{"event":{"keepalive":{}}}"#), Ok(None));
        assert!(matches!(read(r#"{"event":{"data":{"stdout":"%"}}}"#), Err(SandboxError::Protocol { .. })));
    }

    #[test]
    fn a_trailer_may_carry_the_error() {
        assert_eq!(trailer("testing", b"{}"), Ok(None));
        let late = trailer("testing", br#"{"error":{"code":"deadline_exceeded"}}"#);
        assert_eq!(late, Ok(Some(ProcessEvent::OutOfTime)));
        let lost = trailer("testing", br#"{"error":{"code":"not_found","message":"no process"}}"#);
        assert_eq!(lost, Err(SandboxError::NotFound { message: "no process".into() }));
    }

    #[test]
    fn a_timeout_is_never_cut_short() {
        assert_eq!([whole_seconds(Duration::from_millis(1)), whole_seconds(Duration::from_secs(2))], [1, 2]);
    }
}
