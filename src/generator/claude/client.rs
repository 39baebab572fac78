//! The shell: makes calls, waits between them, and reads answers. What to do about a failure is decided elsewhere.

use std::{
    cell::{Cell, RefCell},
    collections::{HashMap, VecDeque},
    rc::Rc,
    time::Duration,
};

use actix_web::http::Method;
use awc::ClientResponse;
use bytes::Bytes;
use futures_util::{FutureExt as _, StreamExt as _};
use tokio::time::{Instant, sleep, timeout_at};
use tracing::warn;

use super::{
    Allowed, ClaudeConfig, ClaudeError, Event, MessagesRequest, Meter, Model, ModelInfo, Standing, Usage,
    breaker::Breaker,
    event, models,
    retry::{Advice, again},
    sse,
    transport::{self, Call},
};
use crate::types::Timestamp;

/// A refusal's body, and a list of models.
const BODY_MAX: usize = 1024 * 1024;
/// An answer that is not streamed, and all bytes of one that is: the framing makes many bytes of a small piece of text.
const ANSWER_MAX: usize = 64 * 1024 * 1024;
const MODELS_MAX: Duration = Duration::from_secs(5);

/// A handle for one arbiter: clones share connections and the breaker.
#[derive(Clone)]
pub struct Client(Rc<Inner>);

struct Inner {
    config: ClaudeConfig,
    connections: awc::Client,
    breaker: RefCell<Breaker>,
    /// Whether an answer has begun once: what answers otherwise after that is not the wrong address.
    served: Cell<bool>,
    /// Tokens that one answer of a model may have, as far as the server says.
    limits: RefCell<HashMap<String, u32>>,
}

/// One call that failed, with what its head advises.
struct Failed {
    error: ClaudeError,
    advice: Advice,
}

impl From<ClaudeError> for Failed {
    fn from(error: ClaudeError) -> Self {
        Self { error, advice: Advice::default() }
    }
}

impl Client {
    /// # Panics
    /// When no rustls crypto provider is installed: `main` does it first of all.
    #[must_use]
    pub fn new(config: ClaudeConfig) -> Self {
        Self(Rc::new(Inner {
            config,
            connections: transport::connections(),
            breaker: RefCell::default(),
            served: Cell::new(false),
            limits: RefCell::default(),
        }))
    }

    #[must_use]
    pub fn config(&self) -> &ClaudeConfig {
        &self.0.config
    }

    /// Whether the server failed so often that it is not asked now.
    #[must_use]
    pub fn is_resting(&self) -> bool {
        self.0.breaker.borrow().is_open()
    }

    /// Asks, again if need be, until an answer has begun. Dropping the future or the stream closes the connection.
    ///
    /// # Errors
    /// The last call's error; an unknown model with the models that the server has.
    pub async fn open(&self, request: &MessagesRequest) -> Result<MessageStream, ClaudeError> {
        self.open_until(request, self.deadline()).await
    }

    /// When an answer that is asked for now must be whole.
    #[must_use]
    pub fn deadline(&self) -> Instant {
        Instant::now() + self.0.config.patience.whole
    }

    /// As [`open`](Self::open), for an answer that must be whole by `deadline`, which is no later than
    /// [`deadline`](Self::deadline).
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub async fn open_until(&self, request: &MessagesRequest, deadline: Instant) -> Result<MessageStream, ClaudeError> {
        let body = serde_json::to_vec(request).map_err(|error| ClaudeError::Protocol { detail: error.to_string() })?;
        let body = Bytes::from(body);
        let (retries, mut tries) = (&self.0.config.retries, 0);
        if Instant::now() >= deadline {
            return Err(ClaudeError::TooSlow(self.0.config.patience.whole));
        }
        loop {
            self.0.breaker.borrow_mut().admit(Timestamp::now()).map_err(ClaudeError::Resting)?;
            tries += 1;
            let Failed { error, advice } = match timeout_at(deadline, self.attempt(&body, request, deadline)).await {
                Ok(Ok(stream)) => return Ok(stream),
                Ok(Err(failed)) => failed,
                Err(_) => return Err(ClaudeError::TooSlow(self.0.config.patience.whole)),
            };
            self.note(&error);
            let random = getrandom::u32().unwrap_or_default();
            // A page of some proxy between two answers.
            let strayed = self.0.served.get() && matches!(error, ClaudeError::NotApi { .. });
            let wait = again(retries, tries, error.is_retryable() || strayed, advice, random);
            match wait.filter(|wait| Instant::now() + *wait < deadline) {
                Some(wait) => {
                    let millis = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
                    warn!(code = error.code(), tries, wait_ms = millis, "a call to Claude failed; trying again");
                    sleep(wait).await;
                }
                None => return Err(self.explain(error).await),
            }
        }
    }

    /// What models the server lists, in one page of at most 1,000.
    ///
    /// # Errors
    /// As a single call: it is not made again.
    pub async fn models(&self) -> Result<Vec<ModelInfo>, ClaudeError> {
        let call = self.call(Method::GET, "/v1/models?limit=1000", Bytes::new());
        let mut response = transport::send(&self.0.connections, call, MODELS_MAX).await?;
        if response.status().is_success() {
            return models::page(&transport::read(&mut response, BODY_MAX, MODELS_MAX).await?);
        }
        Err(self.refusal(&mut response, "").await.error)
    }

    /// Whether the key is taken and the models are there. Costs nothing. What the server says of the models holds from
    /// then on.
    pub async fn check(&self) -> Standing {
        let config = &self.0.config;
        let wanted: Vec<&str> = [&config.model].into_iter().chain(&config.second).map(String::as_str).collect();
        let listed = self.models().await;
        if let Ok(listed) = &listed {
            *self.0.limits.borrow_mut() = models::limits(&wanted, listed);
        }
        models::standing(&wanted, listed, Timestamp::now())
    }

    /// What is known of a model: the price list's word, within what the server says.
    ///
    /// # Errors
    /// As [`ClaudeConfig::model`].
    pub fn model(&self, id: &str) -> Result<Model, String> {
        let model = self.0.config.model(id)?;
        let limit = self.0.limits.borrow().get(id).copied().unwrap_or(u32::MAX);
        Ok(Model { output_max: model.output_max.min(limit), ..model })
    }

    async fn attempt(
        &self,
        body: &Bytes,
        request: &MessagesRequest,
        deadline: Instant,
    ) -> Result<MessageStream, Failed> {
        let call = self.call(Method::POST, "/v1/messages", body.clone());
        let patience = self.0.config.patience;
        let mut response = transport::send(&self.0.connections, call, patience.head).await?;
        if response.status() != 200 {
            return Err(self.refusal(&mut response, &request.model).await);
        }
        let content_type = transport::header(&response, "content-type").unwrap_or_default().to_ascii_lowercase();
        let mut stream = MessageStream {
            client: self.clone(),
            source: Source::Whole,
            ready: VecDeque::new(),
            meter: Meter::new(Allowed::of(request.bytes(), request.max_tokens)),
            deadline,
            state: StreamState::Open,
        };
        if transport::is_unframed(&response) {
            return Err(ClaudeError::Unframed.into());
        }
        if content_type.starts_with("text/event-stream") {
            stream.source = Source::Live(Box::new(Live { response, decoder: sse::Decoder::default(), bytes: 0 }));
        } else if content_type.starts_with("application/json") {
            let whole = transport::read(&mut response, ANSWER_MAX, patience.idle).await?;
            stream.ready = event::whole(&whole)?.into_iter().map(Ok).collect();
        } else {
            return Err(ClaudeError::NotApi { status: 200, content_type }.into());
        }
        stream.begin().await?;
        Ok(stream)
    }

    async fn refusal(&self, response: &mut ClientResponse, model: &str) -> Failed {
        let status = response.status().as_u16();
        let advice = Advice::read(|name| transport::header(response, name), Timestamp::now());
        let content_type = transport::header(response, "content-type").unwrap_or("no content type").to_owned();
        // A refusal whose reason does not arrive is a refusal still.
        let body = transport::read(response, BODY_MAX, self.0.config.patience.idle).await.unwrap_or_default();
        let error = event::refusal(status, &content_type, &body, advice, model, self.0.config.auth.expose());
        Failed { error, advice }
    }

    fn call(&self, method: Method, path: &str, body: Bytes) -> Call {
        let config = &self.0.config;
        let headers = vec![
            config.auth.header(),
            ("anthropic-version", config.version.clone()),
            ("content-type", "application/json".to_owned()),
            ("accept", "text/event-stream, application/json".to_owned()),
            ("user-agent", concat!("spawnai/", env!("CARGO_PKG_VERSION")).to_owned()),
        ];
        Call { method, url: format!("{}{path}", config.base_url), headers, body }
    }

    fn note(&self, error: &ClaudeError) {
        if error.is_the_servers() {
            self.0.breaker.borrow_mut().failed(Timestamp::now());
        } else {
            self.0.breaker.borrow_mut().succeeded();
        }
    }

    /// Adds what is missing to a failure that a person will read.
    async fn explain(&self, error: ClaudeError) -> ClaudeError {
        match error {
            ClaudeError::UnknownModel { model, .. } => {
                let listed = self.models().await.unwrap_or_default();
                ClaudeError::UnknownModel { model, known: listed.into_iter().map(|info| info.id).collect() }
            }
            error => error,
        }
    }
}

/// An answer that is being written.
pub struct MessageStream {
    client: Client,
    source: Source,
    /// Read, and not asked for yet. At most what one piece of the body held.
    ready: VecDeque<Result<Event, ClaudeError>>,
    meter: Meter,
    deadline: Instant,
    state: StreamState,
}

enum Source {
    Live(Box<Live>),
    /// It came in one piece: all of it is ready.
    Whole,
}

struct Live {
    response: ClientResponse,
    decoder: sse::Decoder,
    bytes: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum StreamState {
    Open,
    Over,
}

impl MessageStream {
    /// What the model does next; `None` after its last event. An answer that ends without one is an error.
    ///
    /// # Errors
    /// What broke the answer off. What was read until then stays counted.
    pub async fn next(&mut self) -> Result<Option<Event>, ClaudeError> {
        if self.state == StreamState::Over {
            return Ok(None);
        }
        let event = self.take().await.and_then(|event| self.weighed(event));
        match &event {
            Ok(Event::Ended) => {
                self.state = StreamState::Over;
                self.let_go();
            }
            Ok(Event::Begun(usage)) => self.meter.report(usage),
            Ok(Event::Stopping { usage, .. }) => {
                self.meter.report(usage);
                self.meter.complete();
            }
            Ok(Event::Text(_) | Event::Silent(_) | Event::Other) => {}
            Err(error) => {
                self.state = StreamState::Over;
                self.client.note(error);
                self.source = Source::Whole;
            }
        }
        event.map(Some)
    }

    /// Counts what was written. No piece of it is handed on once it is more than was asked for.
    fn weighed(&mut self, event: Event) -> Result<Event, ClaudeError> {
        let bytes = match &event {
            Event::Text(text) => text.len(),
            Event::Silent(bytes) => *bytes,
            Event::Begun(_) | Event::Stopping { .. } | Event::Ended | Event::Other => 0,
        };
        match self.meter.wrote(bytes) {
            Ok(()) => Ok(event),
            Err(overrun) => Err(ClaudeError::TooMuch { detail: overrun.to_string() }),
        }
    }

    /// The tokens that the server has counted until now.
    #[must_use]
    pub fn reported(&self) -> Usage {
        self.meter.reported()
    }

    /// The tokens used if nothing more is read; an estimate as long as the answer is not whole.
    #[must_use]
    pub fn usage(&self) -> Usage {
        self.meter.usage()
    }

    /// Waits for the first event, so that an error in its place is one of the call, which can be made again.
    async fn begin(&mut self) -> Result<(), ClaudeError> {
        let first = loop {
            match self.take().await? {
                // A ping says nothing about what follows.
                Event::Other => {}
                event => break event,
            }
        };
        self.ready.push_front(Ok(first));
        // It serves: what breaks later is this answer, which is asked for again a few times at most.
        self.client.0.breaker.borrow_mut().succeeded();
        self.client.0.served.set(true);
        Ok(())
    }

    async fn take(&mut self) -> Result<Event, ClaudeError> {
        let patience = self.client.0.config.patience;
        loop {
            if let Some(event) = self.ready.pop_front() {
                return event;
            }
            let Source::Live(live) = &mut self.source else {
                return Err(ClaudeError::Cut { cause: "it had no end".to_owned() });
            };
            let left = self.deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(ClaudeError::TooSlow(patience.whole));
            }
            let piece = match transport::next(&mut live.response, patience.idle.min(left)).await {
                Ok(Some(piece)) => piece,
                Ok(None) => {
                    return Err(ClaudeError::Cut { cause: "the connection ended before the answer".to_owned() });
                }
                Err(ClaudeError::Silent(_)) if left < patience.idle => {
                    return Err(ClaudeError::TooSlow(patience.whole));
                }
                Err(error) => return Err(error),
            };
            live.bytes += piece.len();
            if live.bytes > ANSWER_MAX {
                return Err(ClaudeError::TooMuch { detail: format!("more than {ANSWER_MAX} bytes") });
            }
            let (ready, key) = (&mut self.ready, self.client.0.config.auth.expose());
            let decoded = live.decoder.push(&piece, |frame| ready.push_back(event::read(&frame, key)));
            if let Err(error) = decoded {
                ready.push_back(Err(ClaudeError::TooMuch { detail: error.to_string() }));
            }
        }
    }

    /// Reads the end of the body, if it is here already, so that the connection serves the next call, too.
    fn let_go(&mut self) {
        if let Source::Live(live) = &mut self.source {
            let _ = live.response.next().now_or_never();
        }
        self.source = Source::Whole;
    }
}
