//! Server-sent events, decoded from bytes that may be cut anywhere.
//!
//! The format is <https://html.spec.whatwg.org/multipage/server-sent-events.html>: lines end with LF, CR or CRLF, an
//! empty line ends an event, a line that begins with a colon is a comment.

/// A line or an event longer than this is an error: a peer must not fill our memory.
const EVENT_BYTES_MAX: usize = 1 << 20;

/// One event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct SseEvent {
    pub id: Option<String>,
    pub data: String,
}

#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub(super) enum SseError {
    #[error("an event is longer than {EVENT_BYTES_MAX} bytes")]
    TooLong,
    #[error("an event is not UTF-8")]
    NotUtf8,
}

/// The state between two chunks.
#[derive(Debug, Default)]
pub(super) struct SseDecoder {
    line: Vec<u8>,
    event: SseEvent,
    has_data: bool,
    /// The last byte was a CR, so that an LF that follows belongs to it.
    after_cr: bool,
}

impl SseDecoder {
    /// The events that `chunk` completes.
    pub fn push(&mut self, chunk: &[u8]) -> Result<Vec<SseEvent>, SseError> {
        let mut events = Vec::new();
        for &byte in chunk {
            let after_cr = std::mem::replace(&mut self.after_cr, byte == b'\r');
            match byte {
                b'\n' if after_cr => {}
                b'\n' | b'\r' => events.extend(self.end_line()?),
                _ => {
                    if self.line.len() + self.event.data.len() >= EVENT_BYTES_MAX {
                        return Err(SseError::TooLong);
                    }
                    self.line.push(byte);
                }
            }
        }
        Ok(events)
    }

    fn end_line(&mut self) -> Result<Option<SseEvent>, SseError> {
        let line = std::mem::take(&mut self.line);
        let line = std::str::from_utf8(&line).map_err(|_| SseError::NotUtf8)?;
        if line.is_empty() {
            let event = std::mem::take(&mut self.event);
            return Ok(std::mem::take(&mut self.has_data).then_some(event));
        }
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "data" => {
                if std::mem::replace(&mut self.has_data, true) {
                    self.event.data.push('\n');
                }
                self.event.data.push_str(value);
            }
            "id" => self.event.id = Some(value.to_owned()),
            // `event` repeats what the data's own `type` says; comments and unknown fields are to be skipped.
            _ => {}
        }
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STREAM: &str =
        ": hello\n\nid: 1\nevent: log\ndata: {\"a\":\ndata: 1}\r\n\r\nid: 2\rdata:x\r\revent: only\n\n";

    #[test]
    fn any_cut_gives_the_same_events() {
        let whole = SseDecoder::default().push(STREAM.as_bytes()).unwrap();
        let event = |id: &str, data: &str| SseEvent { id: Some(id.to_owned()), data: data.to_owned() };
        assert_eq!(whole, [event("1", "{\"a\":\n1}"), event("2", "x")]);
        for at in 0..STREAM.len() {
            let mut decoder = SseDecoder::default();
            let mut events = decoder.push(&STREAM.as_bytes()[..at]).unwrap();
            events.extend(decoder.push(&STREAM.as_bytes()[at..]).unwrap());
            assert_eq!(events, whole, "cut at {at}");
        }
    }

    #[test]
    fn an_endless_line_is_refused() {
        let mut decoder = SseDecoder::default();
        assert_eq!(decoder.push(&vec![b'x'; EVENT_BYTES_MAX + 1]), Err(SseError::TooLong));
    }
}
