//! The Connect protocol in JSON, as far as the SDKs use it. Pure.
//!
//! A unary call is plain JSON both ways. A stream is a row of frames: one byte of flags, the length as a big-endian
//! `u32`, the JSON; the last one has flag 2 and carries the error, if any. <https://connectrpc.com/docs/protocol>

use actix_web::{HttpResponse, HttpResponseBuilder, http::StatusCode};
use bytes::{Buf, BufMut, Bytes, BytesMut};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::json;

const FLAG_COMPRESSED: u8 = 1;
const FLAG_END: u8 = 2;
const PREFIX: usize = 5;

/// The codes that we answer with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    InvalidArgument,
    DeadlineExceeded,
    NotFound,
    AlreadyExists,
    PermissionDenied,
    ResourceExhausted,
    FailedPrecondition,
    Unimplemented,
    Internal,
    Unavailable,
    Unauthenticated,
}

impl Code {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InvalidArgument => "invalid_argument",
            Self::DeadlineExceeded => "deadline_exceeded",
            Self::NotFound => "not_found",
            Self::AlreadyExists => "already_exists",
            Self::PermissionDenied => "permission_denied",
            Self::ResourceExhausted => "resource_exhausted",
            Self::FailedPrecondition => "failed_precondition",
            Self::Unimplemented => "unimplemented",
            Self::Internal => "internal",
            Self::Unavailable => "unavailable",
            Self::Unauthenticated => "unauthenticated",
        }
    }

    const fn status(self) -> StatusCode {
        match self {
            Self::InvalidArgument | Self::FailedPrecondition => StatusCode::BAD_REQUEST,
            Self::DeadlineExceeded => StatusCode::GATEWAY_TIMEOUT,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::AlreadyExists => StatusCode::CONFLICT,
            Self::PermissionDenied => StatusCode::FORBIDDEN,
            Self::ResourceExhausted => StatusCode::TOO_MANY_REQUESTS,
            Self::Unimplemented => StatusCode::NOT_IMPLEMENTED,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            Self::Unauthenticated => StatusCode::UNAUTHORIZED,
        }
    }
}

/// A refused call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RpcError {
    pub code: Code,
    pub message: String,
}

impl RpcError {
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }

    fn body(&self) -> serde_json::Value {
        json!({ "code": self.code.as_str(), "message": self.message })
    }

    /// The whole answer to a unary call.
    #[must_use]
    pub fn unary(&self) -> HttpResponse {
        HttpResponseBuilder::new(self.code.status()).json(self.body())
    }

    /// The last frame of a stream.
    #[must_use]
    pub fn last_frame(&self) -> Bytes {
        frame(FLAG_END, &json!({ "error": self.body() }))
    }
}

/// A message of a stream.
#[must_use]
pub fn message(body: &impl Serialize) -> Bytes {
    frame(0, body)
}

/// The last frame of a stream that went well.
#[must_use]
pub fn end() -> Bytes {
    frame(FLAG_END, &json!({}))
}

fn frame(flags: u8, body: &impl Serialize) -> Bytes {
    let mut bytes = BytesMut::with_capacity(256);
    bytes.put_u8(flags);
    bytes.put_u32(0);
    // Our own bodies have string keys and no failing parts; an empty frame would show up as malformed at once.
    let _ = serde_json::to_writer((&mut bytes).writer(), body);
    let length = u32::try_from(bytes.len() - PREFIX).unwrap_or(u32::MAX);
    bytes[1..PREFIX].copy_from_slice(&length.to_be_bytes());
    bytes.freeze()
}

/// The message of a unary call.
///
/// # Errors
/// [`Code::InvalidArgument`].
pub fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, RpcError> {
    serde_json::from_slice(body).map_err(|err| RpcError::new(Code::InvalidArgument, format!("invalid request: {err}")))
}

/// The one message that opens a server stream.
///
/// # Errors
/// When the body is not exactly one uncompressed frame with a `T`.
pub fn parse_frame<T: DeserializeOwned>(body: &[u8]) -> Result<T, RpcError> {
    let invalid = |what: &str| RpcError::new(Code::InvalidArgument, format!("invalid request frame: {what}"));
    let Some((&[flags, a, b, c, d], message)) = body.split_first_chunk::<PREFIX>() else {
        return Err(invalid("it is cut short"));
    };
    if flags & FLAG_COMPRESSED != 0 {
        return Err(RpcError::new(Code::Unimplemented, "compressed messages are not supported"));
    }
    let length = usize::try_from(u32::from_be_bytes([a, b, c, d])).unwrap_or(usize::MAX);
    match message.len().cmp(&length) {
        std::cmp::Ordering::Less => Err(invalid("it is cut short")),
        std::cmp::Ordering::Greater => Err(invalid("only one is expected")),
        std::cmp::Ordering::Equal => parse(message),
    }
}

/// Takes a client's stream of frames apart, however it was cut on its way.
#[derive(Debug)]
pub struct Frames {
    waiting: BytesMut,
    message_max: usize,
}

impl Frames {
    /// Messages may have `message_max` bytes.
    #[must_use]
    pub fn new(message_max: usize) -> Self {
        Self { waiting: BytesMut::new(), message_max }
    }

    pub fn push(&mut self, chunk: &[u8]) {
        self.waiting.extend_from_slice(chunk);
    }

    /// The next message; `None` when more must be pushed first. Call until then: what is pushed is kept.
    ///
    /// # Errors
    /// For a compressed message and for one over the bound. The stream is of no use afterwards.
    pub fn next(&mut self) -> Result<Option<Bytes>, RpcError> {
        let Some(&[flags, a, b, c, d]) = self.waiting.first_chunk::<PREFIX>() else { return Ok(None) };
        if flags & FLAG_COMPRESSED != 0 {
            return Err(RpcError::new(Code::Unimplemented, "compressed messages are not supported"));
        }
        let length = usize::try_from(u32::from_be_bytes([a, b, c, d])).unwrap_or(usize::MAX);
        if length > self.message_max {
            let message = format!("message is larger than {} bytes", self.message_max);
            return Err(RpcError::new(Code::ResourceExhausted, message));
        }
        if self.waiting.len() < PREFIX + length {
            return Ok(None);
        }
        self.waiting.advance(PREFIX);
        Ok(Some(self.waiting.split_to(length).freeze()))
    }

    /// Whether the stream ended between two messages.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    #[test]
    fn a_frame_reads_back() {
        let bytes = message(&json!({"a": 1}));
        assert_eq!(&bytes[..], b"\0\0\0\0\x07{\"a\":1}");
        assert_eq!(parse_frame::<Value>(&bytes).unwrap(), json!({"a": 1}));
        assert_eq!(&end()[..], b"\x02\0\0\0\x02{}");
    }

    #[test]
    fn odd_frames_are_refused_by_name() {
        let code = |bytes: &[u8]| parse_frame::<Value>(bytes).unwrap_err().code;
        assert_eq!(code(b""), Code::InvalidArgument);
        assert_eq!(code(b"\0\xff\xff\xff\xff{}"), Code::InvalidArgument);
        assert_eq!(code(b"\0\0\0\0\x02{}{}"), Code::InvalidArgument);
        assert_eq!(code(b"\x01\0\0\0\x02{}"), Code::Unimplemented);
    }

    #[test]
    fn a_stream_over_the_bound_is_refused_before_it_is_read() {
        let mut frames = Frames::new(8);
        frames.push(b"\0\0\0\0\x09");
        assert_eq!(frames.next().unwrap_err().code, Code::ResourceExhausted);
    }

    proptest! {
        #[test]
        fn a_stream_reads_back_however_it_is_cut(
            bodies in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..40), 0..6),
            step in 1usize..50,
        ) {
            let mut wire = Vec::new();
            for body in &bodies {
                wire.push(0);
                wire.extend((body.len() as u32).to_be_bytes());
                wire.extend(body);
            }
            let (mut frames, mut seen) = (Frames::new(40), Vec::new());
            for chunk in wire.chunks(step) {
                frames.push(chunk);
                while let Some(message) = frames.next().unwrap() {
                    seen.push(message.to_vec());
                }
            }
            prop_assert!(frames.is_empty());
            prop_assert_eq!(seen, bodies);
        }

        #[test]
        fn no_bytes_of_a_client_panic(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            let _ = parse_frame::<Value>(&bytes);
        }
    }
}
