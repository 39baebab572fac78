//! The Messages API's own events out of server-sent ones, and its errors out of bodies. Pure.
//!
//! Every field is optional on the wire, since compatible servers leave out what they do not know: what an event *needs*
//! is asked for here. Events, blocks and stop reasons of another day pass, as the API's rules for versions want it.

use serde::Deserialize;

use super::{ClaudeError, UsageReport, error::shown, retry::Advice, sse::Frame};

/// One step of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The answer begins; the prompt is counted.
    Begun(UsageReport),
    /// The model writes.
    Text(String),
    /// The model thinks, or writes something that is no text: so many bytes.
    Silent(usize),
    /// The answer is about to end, and why.
    Stopping { reason: Option<StopReason>, usage: UsageReport },
    /// The answer is whole.
    Ended,
    /// Nothing that concerns us.
    Other,
}

/// Why the model stopped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StopReason {
    EndTurn,
    MaxTokens,
    StopSequence,
    ToolUse,
    PauseTurn,
    /// The model will not do it; the category is the server's word, when it gives one.
    Refusal(Option<String>),
    ContextFull,
    Unknown(String),
}

#[derive(Deserialize)]
struct Wire {
    #[serde(rename = "type")]
    kind: Option<String>,
    message: Option<WireMessage>,
    content_block: Option<WireBlock>,
    delta: Option<WireDelta>,
    usage: Option<UsageReport>,
    error: Option<WireError>,
}

#[derive(Deserialize)]
struct WireBlock {
    text: Option<String>,
}

#[derive(Deserialize)]
struct WireDelta {
    text: Option<String>,
    thinking: Option<String>,
    partial_json: Option<String>,
    stop_reason: Option<String>,
    stop_details: Option<StopDetails>,
}

#[derive(Deserialize)]
struct StopDetails {
    category: Option<String>,
}

/// A whole message: what a server sends that does not stream.
#[derive(Deserialize)]
struct WireMessage {
    #[serde(default)]
    content: Vec<WireBlock>,
    stop_reason: Option<String>,
    stop_details: Option<StopDetails>,
    usage: Option<UsageReport>,
}

#[derive(Default, Deserialize)]
struct WireError {
    #[serde(rename = "type")]
    kind: Option<String>,
    message: Option<String>,
    /// A string here, a number there.
    code: Option<serde_json::Value>,
    details: Option<serde_json::Value>,
}

#[derive(Deserialize)]
struct ErrorBody {
    error: Option<WireError>,
    message: Option<String>,
}

/// What a frame means. `key` is kept out of what errors show.
///
/// # Errors
/// What an `error` event says, and [`ClaudeError::Protocol`] for one that is known but cannot be read.
pub(super) fn read(frame: &Frame, key: &str) -> Result<Event, ClaudeError> {
    const KNOWN: [&str; 6] =
        ["message_start", "content_block_start", "content_block_delta", "message_delta", "message_stop", "error"];
    if !frame.event.is_empty() && !KNOWN.contains(&frame.event.as_str()) {
        return Ok(Event::Other);
    }
    if frame.data == b"[DONE]" {
        return Ok(Event::Other);
    }
    let wire: Wire = serde_json::from_slice(&frame.data)
        .map_err(|error| ClaudeError::Protocol { detail: format!("event {:?}: {error}", frame.event) })?;
    let kind = wire.kind.as_deref().unwrap_or(&frame.event);
    Ok(match kind {
        "message_start" => Event::Begun(wire.message.and_then(|message| message.usage).unwrap_or_default()),
        "content_block_start" => wire.content_block.and_then(|block| block.text).map_or(Event::Other, text),
        "content_block_delta" => wire.delta.map_or(Event::Other, delta),
        "message_delta" => {
            let reason = wire.delta.and_then(|delta| stop_reason(delta.stop_reason?, delta.stop_details));
            Event::Stopping { reason, usage: wire.usage.unwrap_or_default() }
        }
        "message_stop" => Event::Ended,
        "error" => return Err(in_stream(wire.error.unwrap_or_default(), key)),
        _ => Event::Other,
    })
}

/// A message that came in one piece, as the events that it would have been.
///
/// # Errors
/// [`ClaudeError::Protocol`] when it is none.
pub(super) fn whole(body: &[u8]) -> Result<Vec<Event>, ClaudeError> {
    let message: WireMessage =
        serde_json::from_slice(body).map_err(|error| ClaudeError::Protocol { detail: error.to_string() })?;
    if message.content.is_empty() && message.stop_reason.is_none() {
        return Err(ClaudeError::Protocol { detail: "a JSON body that is no message".to_owned() });
    }
    let usage = message.usage.unwrap_or_default();
    let texts = message.content.into_iter().filter_map(|block| block.text).map(text);
    let reason = message.stop_reason.and_then(|reason| stop_reason(reason, message.stop_details));
    let end = [Event::Stopping { reason, usage }, Event::Ended];
    Ok([Event::Begun(usage)].into_iter().chain(texts).chain(end).collect())
}

fn text(text: String) -> Event {
    if text.is_empty() { Event::Other } else { Event::Text(text) }
}

fn delta(delta: WireDelta) -> Event {
    match (delta.text, delta.thinking.or(delta.partial_json)) {
        (Some(written), _) => text(written),
        (None, Some(silent)) => Event::Silent(silent.len()),
        (None, None) => Event::Other,
    }
}

fn stop_reason(reason: String, details: Option<StopDetails>) -> Option<StopReason> {
    Some(match reason.as_str() {
        "" => return None,
        "end_turn" => StopReason::EndTurn,
        "max_tokens" => StopReason::MaxTokens,
        "stop_sequence" => StopReason::StopSequence,
        "tool_use" => StopReason::ToolUse,
        "pause_turn" => StopReason::PauseTurn,
        "refusal" => StopReason::Refusal(details.and_then(|details| details.category)),
        "model_context_window_exceeded" => StopReason::ContextFull,
        _ => StopReason::Unknown(reason),
    })
}

/// An error that follows a 200, where only its type tells what the status would have been.
fn in_stream(error: WireError, key: &str) -> ClaudeError {
    let status = match error.kind.as_deref().unwrap_or_default() {
        "invalid_request_error" => 400,
        "authentication_error" => 401,
        "billing_error" => 402,
        "permission_error" => 403,
        "not_found_error" => 404,
        "request_too_large" => 413,
        "rate_limit_error" => 429,
        "timeout_error" => 504,
        "overloaded_error" => 529,
        _ => 500,
    };
    sorted(status, &error, "", Advice::default(), key)
}

/// What a status outside of 2xx means. `model` is the one that was asked for.
pub(super) fn refusal(
    status: u16,
    content_type: &str,
    body: &[u8],
    advice: Advice,
    model: &str,
    key: &str,
) -> ClaudeError {
    let parsed: Option<ErrorBody> = serde_json::from_slice(body).ok();
    let spoke_json = parsed.is_some();
    let error = match parsed {
        Some(ErrorBody { error: Some(error), .. }) => error,
        Some(ErrorBody { error: None, message }) => WireError { message, ..WireError::default() },
        None => WireError::default(),
    };
    // A page under a status that an API would explain: somebody else answers there.
    if !spoke_json && (300..500).contains(&status) && !matches!(status, 401 | 403 | 408 | 409 | 429) {
        return ClaudeError::NotApi { status, content_type: shown(content_type, key) };
    }
    sorted(status, &error, model, advice, key)
}

fn sorted(status: u16, error: &WireError, model: &str, advice: Advice, key: &str) -> ClaudeError {
    let words = error.message.as_deref().or(error.kind.as_deref()).unwrap_or("no reason given");
    let message = shown(words, key);
    if is_spend_limit(status, error) {
        return ClaudeError::SpendLimit { message };
    }
    match status {
        401 => ClaudeError::Unauthorized { message },
        403 => ClaudeError::Forbidden { message },
        404 if !model.is_empty() && names_model(error, model) => {
            ClaudeError::UnknownModel { model: model.to_owned(), known: Vec::new() }
        }
        // As proxies say it.
        400 if !model.is_empty()
            && words.contains(model)
            && words.to_ascii_lowercase().contains("invalid model name") =>
        {
            ClaudeError::UnknownModel { model: model.to_owned(), known: Vec::new() }
        }
        429 => ClaudeError::RateLimited { message, after: advice.after },
        503 | 529 => ClaudeError::Overloaded { message },
        500.. => ClaudeError::Server { status, message },
        _ => ClaudeError::Refused { status, message },
    }
}

/// A 402 always is one; a 429 when its code says so (`contract_spend_limit_reached`, `enforced_spend_limit_reached`).
fn is_spend_limit(status: u16, error: &WireError) -> bool {
    let code = error.code.as_ref().and_then(serde_json::Value::as_str);
    let detail = error.details.as_ref().and_then(|details| details["error_code"].as_str());
    let says = |text: Option<&str>| text.is_some_and(|text| text.contains("spend_limit") || text == "billing_error");
    status == 402 || says(code) || says(detail) || says(error.kind.as_deref())
}

fn names_model(error: &WireError, model: &str) -> bool {
    let words = error.message.as_deref().unwrap_or_default();
    words.contains(model) || words.to_ascii_lowercase().contains("model")
}

#[cfg(test)]
#[path = "event_tests.rs"]
mod tests;
