//! Following a stream of events through lost connections.
//!
//! A connection that is cut, or silent for too long, is opened again behind the last event seen. What the engine sends
//! twice is dropped by its number. Only a number of failures in a row, with no event between them, ends it.

use std::time::Duration;

use awc::ClientResponse;
use futures_util::StreamExt as _;
use tokio::time::{sleep, timeout};

use super::{
    client::Client,
    error::ClientError,
    sse::{SseDecoder, SseEvent},
};

/// Failures in a row until we give up: about 20 s with the pauses below.
const TRIES_MAX: u32 = 10;
const PAUSE_FIRST: Duration = Duration::from_millis(100);
const PAUSE_MAX: Duration = Duration::from_secs(3);
/// Silence after which a connection counts as dead; engines send a comment more often than that.
const SILENCE_MAX: Duration = Duration::from_secs(60);

/// One followed stream.
pub(super) struct Follower<'a> {
    client: &'a Client,
    path: String,
    connection: Option<(ClientResponse, SseDecoder)>,
    waiting: std::vec::IntoIter<SseEvent>,
    last_id: Option<String>,
    failures: u32,
}

impl<'a> Follower<'a> {
    /// `path` is requested on the first call of [`Follower::next`].
    pub fn new(client: &'a Client, path: String) -> Self {
        Self { client, path, connection: None, waiting: Vec::new().into_iter(), last_id: None, failures: 0 }
    }

    /// Begins behind the event numbered `last`, which the caller has seen elsewhere.
    pub fn behind(mut self, last: Option<u64>) -> Self {
        self.last_id = last.map(|number| number.to_string());
        self
    }

    /// The next event; `None` when the stream ended. That may be a lost connection too: awc reports both alike, so
    /// whoever knows that more must come calls [`Follower::resume`].
    pub async fn next(&mut self) -> Result<Option<SseEvent>, ClientError> {
        loop {
            if let Some(event) = self.waiting.find(|event| is_newer(self.last_id.as_deref(), event)) {
                self.failures = 0;
                self.last_id = event.id.clone().or(self.last_id.take());
                return Ok(Some(event));
            }
            match self.read().await {
                Ok(Some(events)) => self.waiting = events.into_iter(),
                Ok(None) => return Ok(None),
                Err(Lost::ForGood(error)) => return Err(error),
                Err(Lost::Connection(reason)) => self.back_off(reason).await?,
            }
        }
    }

    /// The stream ended though the session had not: counts as a failure, then `next` resumes behind the last event.
    pub async fn resume(&mut self) -> Result<(), ClientError> {
        self.back_off("the stream ended early".to_owned()).await
    }

    async fn read(&mut self) -> Result<Option<Vec<SseEvent>>, Lost> {
        let (response, decoder) = match &mut self.connection {
            Some(open) => open,
            None => {
                let response =
                    self.client.open(&self.path, self.last_id.as_deref()).await.map_err(|error| match error {
                        ClientError::Unreachable { reason, .. } => Lost::Connection(reason),
                        ClientError::Refused(refused) if refused.retryable => Lost::Connection(refused.message.clone()),
                        other => Lost::ForGood(other),
                    })?;
                self.connection.insert((response, SseDecoder::default()))
            }
        };
        let chunk = match timeout(SILENCE_MAX, response.next()).await {
            Err(_) => return Err(Lost::Connection(format!("silent for {} s", SILENCE_MAX.as_secs()))),
            Ok(Some(Err(error))) => return Err(Lost::Connection(error.to_string())),
            Ok(None) => {
                self.connection = None;
                return Ok(None);
            }
            Ok(Some(Ok(chunk))) => chunk,
        };
        let what = || format!("GET {}", self.path);
        decoder
            .push(&chunk)
            .map(Some)
            .map_err(|error| Lost::ForGood(ClientError::Unexpected { what: what(), reason: error.to_string() }))
    }

    async fn back_off(&mut self, reason: String) -> Result<(), ClientError> {
        self.connection = None;
        self.failures += 1;
        if self.failures >= TRIES_MAX {
            return Err(ClientError::Cut { tries: self.failures, reason });
        }
        sleep((PAUSE_FIRST * 2u32.saturating_pow(self.failures - 1)).min(PAUSE_MAX)).await;
        Ok(())
    }
}

enum Lost {
    Connection(String),
    ForGood(ClientError),
}

/// Whether `event` comes after the one numbered `last`; events without a number are always taken.
fn is_newer(last: Option<&str>, event: &SseEvent) -> bool {
    let number = |id: &str| id.parse::<u64>().ok();
    match (last.and_then(number), event.id.as_deref().and_then(number)) {
        (Some(last), Some(id)) => id > last,
        (None, _) | (_, None) => true,
    }
}
