use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::types::{EndReason, Failure, Finding, MicroUsd, Phase, SessionId, Status, Timestamp};

/// One thing that happened to a session, as the contract words it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// It moved: a new status, phase or address.
    Update { status: Status, phase: Phase, progress: u8, message: Option<String>, app_url: Option<String> },
    /// The guard has read the app: what it has to say, in the place of what it said before. `left_out` more are not told.
    Findings { blocked: bool, findings: Vec<Finding>, left_out: usize },
    /// It failed for good, or (`recoverable`) it failed and goes on by itself.
    Error { failure: Failure, recoverable: bool },
    /// It is over, without a failure.
    Expired { reason: EndReason, final_cost: MicroUsd },
}

impl Event {
    /// The `type` of the frame, and the `event:` of its SSE form.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Update { .. } => "session_update",
            Self::Findings { .. } => Frame::FINDINGS,
            Self::Error { .. } => "session_error",
            Self::Expired { .. } => "session_expired",
        }
    }

    /// Whether no frame can follow this one.
    #[must_use]
    pub const fn is_last(&self) -> bool {
        match self {
            Self::Update { .. } | Self::Findings { .. } => false,
            Self::Error { recoverable, .. } => !*recoverable,
            Self::Expired { .. } => true,
        }
    }
}

/// A piece of a file that is being written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    pub path: String,
    /// Bytes of the file before it. At 0 the file begins, or begins anew.
    pub offset: usize,
    /// In bytes.
    pub length: usize,
    pub text: String,
    /// The file ends with it.
    pub whole: bool,
}

/// An [`Event`] with its number and its JSON. Cheap to clone: the text is shared.
#[derive(Clone, Debug)]
pub struct Frame {
    pub session: SessionId,
    /// 0 for a frame that passes by: it has no number and is not stored, and who misses it misses nothing that the session
    /// does not show by itself in the end.
    pub seq: i64,
    pub at: Timestamp,
    pub kind: &'static str,
    pub last: bool,
    /// A file begins with it.
    pub begins: bool,
    pub json: Arc<str>,
}

impl Frame {
    #[must_use]
    pub fn new(session: SessionId, seq: i64, at: Timestamp, event: &Event) -> Self {
        let wire = Wire { kind: event.kind(), session_id: session, seq, at, body: Body::from(event) };
        // Serialising plain strings and numbers cannot fail; an empty object would still be a valid frame.
        let json = serde_json::to_string(&wire).unwrap_or_else(|_| "{}".to_owned());
        Self { session, seq, at, kind: event.kind(), last: event.is_last(), begins: false, json: json.into() }
    }
}

impl Frame {
    /// The `type` of a frame with a piece of a file.
    pub const FILE: &str = "session_file";
    /// The `type` of a frame with what the guard found.
    pub const FINDINGS: &str = "session_findings";

    /// A frame that passes by.
    #[must_use]
    pub fn passing(session: SessionId, at: Timestamp, piece: &Piece) -> Self {
        let Piece { path, offset, length: _, text, whole } = piece;
        let wire = Passing { kind: Self::FILE, session_id: session, at, path, offset: *offset, text, whole: *whole };
        let json = serde_json::to_string(&wire).unwrap_or_else(|_| "{}".to_owned());
        Self { session, seq: 0, at, kind: Self::FILE, last: false, begins: *offset == 0, json: json.into() }
    }

    #[must_use]
    pub const fn is_passing(&self) -> bool {
        self.seq == 0
    }

    /// Whether it tells where the session stands, so that whoever is behind needs no older one.
    #[must_use]
    pub fn is_standing(&self) -> bool {
        !self.is_passing() && self.kind != Self::FINDINGS
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Passing<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    session_id: SessionId,
    at: Timestamp,
    path: &'a str,
    offset: usize,
    text: &'a str,
    whole: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Wire<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    session_id: SessionId,
    seq: i64,
    at: Timestamp,
    #[serde(flatten)]
    body: Body<'a>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Body<'a> {
    #[serde(rename_all = "camelCase")]
    Update {
        status: Status,
        phase: Phase,
        progress: u8,
        #[serde(skip_serializing_if = "Option::is_none")]
        message: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        app_url: Option<&'a str>,
    },
    #[serde(rename_all = "camelCase")]
    Findings {
        blocked: bool,
        findings: &'a [Finding],
        #[serde(skip_serializing_if = "is_zero")]
        findings_left_out: usize,
    },
    #[serde(rename_all = "camelCase")]
    Error { error: &'a Failure, recoverable: bool },
    #[serde(rename_all = "camelCase")]
    Expired { end_reason: EndReason, final_cost: f64 },
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it with a reference")]
const fn is_zero(number: &usize) -> bool {
    *number == 0
}

impl<'a> From<&'a Event> for Body<'a> {
    fn from(event: &'a Event) -> Self {
        match event {
            Event::Update { status, phase, progress, message, app_url } => Self::Update {
                status: *status,
                phase: *phase,
                progress: *progress,
                message: message.as_deref(),
                app_url: app_url.as_deref(),
            },
            Event::Findings { blocked, findings, left_out } => {
                Self::Findings { blocked: *blocked, findings, findings_left_out: *left_out }
            }
            Event::Error { failure, recoverable } => Self::Error { error: failure, recoverable: *recoverable },
            Event::Expired { reason, final_cost } => {
                Self::Expired { end_reason: *reason, final_cost: final_cost.as_dollars() }
            }
        }
    }
}

/// A stored frame that does not read as one.
#[derive(Debug, thiserror::Error)]
#[error("event {seq} of session {session} has an unknown kind {kind:?}")]
pub struct FrameError {
    session: SessionId,
    seq: i64,
    kind: String,
}

impl Frame {
    /// A frame from its stored parts.
    ///
    /// # Errors
    /// [`FrameError`] when `kind` is not one of ours: a newer engine wrote it.
    pub fn restore(session: SessionId, seq: i64, at: Timestamp, kind: &str, json: &str) -> Result<Self, FrameError> {
        #[derive(Deserialize)]
        struct Peek {
            #[serde(default)]
            recoverable: bool,
        }
        let (kind, last) = match kind {
            "session_update" => ("session_update", false),
            Self::FINDINGS => (Self::FINDINGS, false),
            "session_error" => {
                ("session_error", !serde_json::from_str::<Peek>(json).is_ok_and(|peek| peek.recoverable))
            }
            "session_expired" => ("session_expired", true),
            other => return Err(FrameError { session, seq, kind: other.to_owned() }),
        };
        Ok(Self { session, seq, at, kind, last, begins: false, json: json.into() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::Category;

    fn session() -> SessionId {
        "01890a5d-ac96-774b-bcce-b302099a8057".parse().unwrap()
    }

    #[test]
    fn frames_read_as_the_contract_says() {
        let update = Event::Update {
            status: Status::Ready,
            phase: Phase::Live,
            progress: 100,
            message: None,
            app_url: Some("https://x.localhost:8443".to_owned()),
        };
        let frame = Frame::new(session(), 7, Timestamp(0), &update);
        assert_eq!(
            &*frame.json,
            r#"{"type":"session_update","sessionId":"01890a5d-ac96-774b-bcce-b302099a8057","seq":7,"at":"1970-01-01T00:00:00.000Z","status":"ready","phase":"live","progress":100,"appUrl":"https://x.localhost:8443"}"#
        );
        let expired = Event::Expired { reason: EndReason::Destroyed, final_cost: MicroUsd(1500) };
        assert!(Frame::new(session(), 8, Timestamp(0), &expired).json.contains(r#""finalCost":0.0015"#));
    }

    #[test]
    fn a_piece_of_a_file_passes_by_without_a_number() {
        let piece = Piece { path: "a.js".to_owned(), offset: 2, length: 3, text: "let".to_owned(), whole: false };
        let frame = Frame::passing(session(), Timestamp(0), &piece);
        assert!(frame.is_passing() && !frame.last);
        assert_eq!(
            &*frame.json,
            r#"{"type":"session_file","sessionId":"01890a5d-ac96-774b-bcce-b302099a8057","at":"1970-01-01T00:00:00.000Z","path":"a.js","offset":2,"text":"let","whole":false}"#
        );
    }

    #[test]
    fn findings_are_numbered_and_stored_like_all_that_happens() {
        let finding = Finding {
            rule: "code-eval".to_owned(),
            severity: crate::types::Severity::Block,
            file: Some("a.js".to_owned()),
            line: Some(3),
            why: "why".to_owned(),
            remedy: "remedy".to_owned(),
        };
        let event = Event::Findings { blocked: true, findings: vec![finding], left_out: 0 };
        let frame = Frame::new(session(), 4, Timestamp(0), &event);
        assert_eq!(
            &*frame.json,
            r#"{"type":"session_findings","sessionId":"01890a5d-ac96-774b-bcce-b302099a8057","seq":4,"at":"1970-01-01T00:00:00.000Z","blocked":true,"findings":[{"rule":"code-eval","severity":"block","file":"a.js","line":3,"why":"why","remedy":"remedy"}]}"#
        );
        let again = Frame::restore(session(), 4, Timestamp(0), frame.kind, &frame.json).unwrap();
        assert!(!again.last && !again.is_standing() && !again.is_passing());
    }

    #[test]
    fn a_frame_survives_the_store() {
        for recoverable in [true, false] {
            let event = Event::Error { failure: Failure::new("x", Category::Api, "y"), recoverable };
            let frame = Frame::new(session(), 1, Timestamp(5), &event);
            let again = Frame::restore(session(), 1, Timestamp(5), frame.kind, &frame.json).unwrap();
            assert_eq!((again.last, again.json), (!recoverable, frame.json));
        }
        assert!(Frame::restore(session(), 1, Timestamp(5), "surprise", "{}").is_err());
    }
}
