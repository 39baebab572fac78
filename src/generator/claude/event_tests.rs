use std::time::Duration;

use super::*;

fn frame(event: &str, data: &str) -> Frame {
    Frame { event: event.to_owned(), data: data.as_bytes().to_vec() }
}

fn event(name: &str, data: &str) -> Event {
    read(&frame(name, data), "sk-key").unwrap()
}

fn refused(status: u16, body: &str) -> ClaudeError {
    let advice = Advice { should_retry: None, after: Some(Duration::from_secs(3)) };
    refusal(status, "text/html", body.as_bytes(), advice, "claude-x", "sk-key")
}

#[test]
fn the_events_of_an_answer_are_read() {
    let begun = event("message_start", r#"{"type":"message_start","message":{"id":"m","usage":{"input_tokens":7}}}"#);
    assert_eq!(begun, Event::Begun(UsageReport { input_tokens: Some(7), ..UsageReport::default() }));
    let text = event("content_block_delta", r#"{"index":0,"delta":{"type":"text_delta","text":"a\n"}}"#);
    assert_eq!(text, Event::Text("a\n".to_owned()), "the event's name stands in for a missing type");
    let thought = event("", r#"{"type":"content_block_delta","delta":{"type":"thinking_delta","thinking":"hm"}}"#);
    assert_eq!(thought, Event::Silent(2));
    let stop = r#"{"type":"message_delta","delta":{"stop_reason":"refusal","stop_details":{"category":"cyber"}},"usage":{"output_tokens":9}}"#;
    let usage = UsageReport { output_tokens: Some(9), ..UsageReport::default() };
    let reason = Some(StopReason::Refusal(Some("cyber".to_owned())));
    assert_eq!(event("message_delta", stop), Event::Stopping { reason, usage });
    assert_eq!(event("message_stop", r#"{"type":"message_stop"}"#), Event::Ended);
}

#[test]
fn what_is_not_known_passes() {
    for (name, data) in [
        ("ping", "not even JSON"),
        ("something_new", "{"),
        ("", r#"{"type":"something_new","delta":{"text":"no"}}"#),
        ("content_block_delta", r#"{"delta":{"type":"signature_delta","signature":"x"}}"#),
        ("content_block_start", r#"{"content_block":{"type":"text","text":""}}"#),
        ("", "[DONE]"),
    ] {
        assert_eq!(event(name, data), Event::Other, "{name} {data}");
    }
    let odd = event("message_delta", r#"{"delta":{"stop_reason":"tired"}}"#);
    assert!(matches!(odd, Event::Stopping { reason: Some(StopReason::Unknown(reason)), .. } if reason == "tired"));
}

#[test]
fn a_known_event_that_cannot_be_read_is_an_error() {
    for data in ["", "{", "[]", r#"{"type":7}"#, r#"{"usage":{"input_tokens":-1}}"#] {
        let error = read(&frame("message_delta", data), "").unwrap_err();
        assert!(matches!(error, ClaudeError::Protocol { .. }), "{data}: {error}");
    }
}

#[test]
fn an_error_in_the_stream_is_sorted_by_its_type() {
    let error = |kind: &str| {
        let data = format!(r#"{{"type":"error","error":{{"type":"{kind}","message":"sk-key is tired"}}}}"#);
        read(&frame("error", &data), "sk-key").unwrap_err()
    };
    assert_eq!(error("overloaded_error"), ClaudeError::Overloaded { message: "… is tired".to_owned() });
    assert!(matches!(error("rate_limit_error"), ClaudeError::RateLimited { after: None, .. }));
    assert!(matches!(error("invalid_request_error"), ClaudeError::Refused { status: 400, .. }));
    assert!(matches!(error("api_error"), ClaudeError::Server { status: 500, .. }));
}

#[test]
fn a_spend_limit_is_no_rate_limit() {
    let limit = |error: &str| refused(429, &format!(r#"{{"type":"error","error":{error}}}"#));
    let rate = limit(r#"{"type":"rate_limit_error","message":"slow down"}"#);
    assert_eq!(rate, ClaudeError::RateLimited { message: "slow down".into(), after: Some(Duration::from_secs(3)) });
    for spend in [
        r#"{"type":"rate_limit_error","message":"m","details":{"error_code":"enforced_spend_limit_reached"}}"#,
        r#"{"type":"rate_limit_error","message":"m","code":"contract_spend_limit_reached"}"#,
        r#"{"type":"billing_error","message":"m"}"#,
    ] {
        assert_eq!(limit(spend), ClaudeError::SpendLimit { message: "m".to_owned() }, "{spend}");
    }
    assert!(matches!(refused(402, "{}"), ClaudeError::SpendLimit { .. }));
}

#[test]
fn refusals_of_all_kinds_of_servers_are_sorted() {
    let missing = r#"{"type":"error","error":{"type":"not_found_error","message":"model: claude-x"}}"#;
    assert_eq!(refused(404, missing), ClaudeError::UnknownModel { model: "claude-x".into(), known: Vec::new() });
    // As llama.cpp writes them: no outer type, a number for a code.
    let local = r#"{"error":{"code":400,"message":"too long","type":"invalid_request_error"}}"#;
    assert_eq!(refused(400, local), ClaudeError::Refused { status: 400, message: "too long".to_owned() });
    let page = "<html>not here</html>";
    assert_eq!(refused(404, page), ClaudeError::NotApi { status: 404, content_type: "text/html".to_owned() });
    assert!(matches!(refused(302, page), ClaudeError::NotApi { status: 302, .. }));
    assert!(matches!(refused(401, page), ClaudeError::Unauthorized { .. }));
    assert!(matches!(refused(502, page), ClaudeError::Server { status: 502, .. }));
    assert!(matches!(refused(529, page), ClaudeError::Overloaded { .. }));
}

#[test]
fn a_message_in_one_piece_is_as_good_as_a_stream() {
    let body = r#"{"type":"message","content":[{"type":"text","text":"hi"}],"stop_reason":"end_turn","usage":{"input_tokens":3,"output_tokens":1}}"#;
    let usage = UsageReport { input_tokens: Some(3), output_tokens: Some(1), ..UsageReport::default() };
    let stopping = Event::Stopping { reason: Some(StopReason::EndTurn), usage };
    assert_eq!(
        whole(body.as_bytes()).unwrap(),
        [Event::Begun(usage), Event::Text("hi".into()), stopping, Event::Ended]
    );
    assert!(whole(b"{}").is_err() && whole(b"<html>").is_err());
}
