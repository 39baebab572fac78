//! The live output of one process in a sandbox.

use std::{collections::VecDeque, time::Duration};

use awc::{ClientResponse, error::PayloadError};
use bytes::Bytes;
use futures_util::{StreamExt as _, stream::LocalBoxStream};
use tokio::time::timeout;

use super::{
    SandboxError,
    frames::{Decoder, Frame},
    wire,
};

/// Seconds between the host's signs of life on a silent stream.
pub(super) const KEEPALIVE_SECONDS: u64 = 30;
/// Three missed signs of life: the host is gone, or the way to it.
const SILENCE_MAX: Duration = Duration::from_secs(KEEPALIVE_SECONDS * 3);
const DOING: &str = "reading a process's output";

/// Which of its outputs a process wrote to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stream {
    Stdout,
    Stderr,
}

/// What a process does, in its order: started once, then output, then ended once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProcessEvent {
    Started {
        pid: u32,
    },
    Output {
        stream: Stream,
        bytes: Bytes,
    },
    /// `status` in the host's words: `exit status 1`, `signal: killed`.
    Ended {
        exit_code: i32,
        status: String,
    },
    /// Killed by the host: it ran longer than the limit it was started with. Ends the stream like `Ended`.
    OutOfTime,
}

/// What the embedded host adds to the status of a process that ended while its sandbox was out of memory.
const OUT_OF_MEMORY: &str = " (out of memory)";

/// How a process ended, as a person is told.
#[must_use]
pub fn ending(exit_code: i32, status: &str) -> String {
    let by_itself = status.strip_suffix(OUT_OF_MEMORY);
    // A signal's name says more than the -1 that stands for it.
    let how = if exit_code >= 0 { format!("exit code {exit_code}") } else { by_itself.unwrap_or(status).to_owned() };
    if by_itself.is_some() { format!("{how}: its sandbox was out of memory") } else { how }
}

/// Reads one process's events. Dropping it closes the connection; the process lives on.
///
/// An idle one holds no timer beyond the pending read's and no buffer: a hundred of them are open all day.
pub struct ProcessStream {
    body: LocalBoxStream<'static, Result<Bytes, PayloadError>>,
    decoder: Decoder,
    /// Events of the last bytes read that nobody has taken yet.
    ready: VecDeque<ProcessEvent>,
    over: bool,
}

impl ProcessStream {
    pub(super) fn new(response: ClientResponse) -> Self {
        Self { body: response.boxed_local(), decoder: Decoder::default(), ready: VecDeque::new(), over: false }
    }

    /// The next event; `None` after the last. Cancel safe: a dropped call loses nothing.
    ///
    /// # Errors
    /// [`SandboxError::Cut`] when the connection ends before the process does (it may still run), `Timeout` after 90 s
    /// without even a sign of life, `Protocol` for bytes that are not the protocol's. After an error there is no more.
    pub async fn next(&mut self) -> Result<Option<ProcessEvent>, SandboxError> {
        loop {
            if let Some(event) = self.ready.pop_front() {
                return Ok(Some(event));
            }
            if self.over {
                return Ok(None);
            }
            if let Err(error) = self.read().await {
                self.over = true;
                return Err(error);
            }
        }
    }

    async fn read(&mut self) -> Result<(), SandboxError> {
        let chunk = match timeout(SILENCE_MAX, self.body.next()).await {
            Ok(Some(Ok(chunk))) => chunk,
            Ok(Some(Err(error))) => return Err(SandboxError::Cut { doing: DOING, cause: error.to_string() }),
            Ok(None) => {
                return Err(SandboxError::Cut { doing: DOING, cause: "the stream has no end frame".to_owned() });
            }
            Err(_) => return Err(SandboxError::Timeout { doing: DOING, after: SILENCE_MAX }),
        };
        self.decoder.push(&chunk);
        loop {
            let frame = self.decoder.next();
            match frame.map_err(|error| SandboxError::Protocol { doing: DOING, detail: error.to_string() })? {
                Some(Frame::Message(payload)) => self.ready.extend(wire::process_event(DOING, &payload)?),
                Some(Frame::End(payload)) => {
                    self.over = true;
                    // A process that ended has said all; whatever the trailer complains about is no news.
                    let ended = matches!(self.ready.back(), Some(ProcessEvent::Ended { .. }));
                    if !ended {
                        self.ready.extend(wire::trailer(DOING, &payload)?);
                    }
                    return Ok(());
                }
                None => return Ok(()),
            }
        }
    }
}

impl std::fmt::Debug for ProcessStream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ProcessStream")
            .field("ready", &self.ready.len())
            .field("over", &self.over)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ending_says_why() {
        assert_eq!(ending(3, "exit status 3"), "exit code 3");
        assert_eq!(ending(-1, "signal: killed"), "signal: killed");
        assert_eq!(ending(-1, "signal: killed (out of memory)"), "signal: killed: its sandbox was out of memory");
        assert_eq!(ending(137, "exit status 137 (out of memory)"), "exit code 137: its sandbox was out of memory");
    }
}
