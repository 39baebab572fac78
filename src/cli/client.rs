//! One engine, as seen over HTTP.

use std::{path::PathBuf, time::Duration};

use awc::{
    ClientRequest, ClientResponse, SendClientRequest,
    error::SendRequestError,
    http::{Method, StatusCode, header},
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use url::{Host, Url};

use super::{
    error::{ClientError, Refused},
    wire::ErrorAnswer,
};

/// An answer may be this long: 200 sessions with 2,000-character prompts are well below it.
const ANSWER_BYTES_MAX: usize = 8 << 20;
/// Until the head of an answer. Destroying waits for the sandbox to be gone.
const ANSWER_PATIENCE: Duration = Duration::from_secs(30);
/// Until we believe that nobody answers at an address.
const PROBE_PATIENCE: Duration = Duration::from_secs(2);

/// Where an engine is, and what this process knows about it.
#[derive(Clone, Debug)]
pub struct Engine {
    url: Url,
    /// The engine's data folder, when it is on this machine: to say where its certificate authority lies.
    data_dir: Option<PathBuf>,
    /// It was started by this process and ends with it.
    in_process: bool,
}

impl Engine {
    /// # Errors
    /// [`ClientError::Usage`] if `url` is not an `http` or `https` address.
    pub fn at(url: &str) -> Result<Self, ClientError> {
        let refuse = || {
            ClientError::Usage(format!("{url:?} is no engine's address: expected one such as http://127.0.0.1:8080"))
        };
        let url = Url::parse(url).map_err(|_| refuse())?;
        if !matches!(url.scheme(), "http" | "https") || !url.has_host() || url.query().is_some() {
            return Err(refuse());
        }
        Ok(Self { url, data_dir: None, in_process: false })
    }

    #[must_use]
    pub fn with_data_dir(mut self, data_dir: PathBuf) -> Self {
        self.data_dir = Some(data_dir);
        self
    }

    /// Marks an engine that this process itself runs: the words about Ctrl-C differ.
    #[must_use]
    pub const fn in_process(mut self) -> Self {
        self.in_process = true;
        self
    }

    #[must_use]
    pub const fn is_in_process(&self) -> bool {
        self.in_process
    }

    /// The address, without a slash at its end.
    #[must_use]
    pub fn url(&self) -> &str {
        self.url.as_str().trim_end_matches('/')
    }

    /// Whether the address is this machine's own, so that starting an engine here is what the user meant.
    #[must_use]
    pub fn is_local(&self) -> bool {
        match self.url.host() {
            Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        }
    }

    pub(super) fn ca_file(&self) -> Option<PathBuf> {
        self.data_dir.as_ref().map(|folder| folder.join("ca.pem"))
    }
}

/// Who answers at an address.
#[derive(Debug, PartialEq, Eq)]
pub enum Answering {
    Engine,
    Nobody,
    /// Another program. The text says how it answered.
    Stranger(String),
}

/// Asks whether an engine answers there, ill ones included.
pub async fn engine_answers(engine: &Engine) -> Answering {
    let client = Client::with_patience(engine.clone(), PROBE_PATIENCE);
    match client.get("/api/spawn?limit=1").await {
        Ok(answer) if answer.get("sessions").is_some_and(Value::is_array) => Answering::Engine,
        Ok(_) => Answering::Stranger("its list of sessions is none".to_owned()),
        Err(ClientError::Unreachable { .. }) => Answering::Nobody,
        // It refuses in our own words, so it is one of ours.
        Err(ClientError::Refused(_)) => Answering::Engine,
        Err(other) => Answering::Stranger(other.to_string()),
    }
}

/// Talks to one [`Engine`]. Not `Send`: one per thread.
pub(super) struct Client {
    pub engine: Engine,
    http: awc::Client,
}

impl Client {
    pub fn new(engine: Engine) -> Self {
        Self::with_patience(engine, ANSWER_PATIENCE)
    }

    fn with_patience(engine: Engine, patience: Duration) -> Self {
        let agent = concat!("spawnai/", env!("CARGO_PKG_VERSION"));
        let http = awc::Client::builder().timeout(patience).add_default_header((header::USER_AGENT, agent)).finish();
        Self { engine, http }
    }

    pub async fn get(&self, path: &str) -> Result<Value, ClientError> {
        self.answer(Method::GET, path, self.request(Method::GET, path).send()).await
    }

    pub async fn post<B: Serialize>(&self, path: &str, body: &B) -> Result<Value, ClientError> {
        self.answer(Method::POST, path, self.request(Method::POST, path).send_json(body)).await
    }

    pub async fn delete(&self, path: &str) -> Result<Value, ClientError> {
        self.answer(Method::DELETE, path, self.request(Method::DELETE, path).send()).await
    }

    /// Opens a body that is read piece by piece; `last_event` resumes a stream of events behind that one.
    pub async fn open(&self, path: &str, last_event: Option<&str>) -> Result<ClientResponse, ClientError> {
        let mut request = self.request(Method::GET, path);
        if let Some(id) = last_event {
            request = request.insert_header(("Last-Event-ID", id));
        }
        let response = request.send().await.map_err(|error| self.unsent(&Method::GET, path, &error))?;
        self.accepted(&Method::GET, path, response).await
    }

    fn request(&self, method: Method, path: &str) -> ClientRequest {
        self.http.request(method, format!("{}{path}", self.engine.url()))
    }

    async fn answer(&self, method: Method, path: &str, sent: SendClientRequest) -> Result<Value, ClientError> {
        let response = sent.await.map_err(|error| self.unsent(&method, path, &error))?;
        let mut response = self.accepted(&method, path, response).await?;
        let body = response.body().limit(ANSWER_BYTES_MAX).await;
        let body = body.map_err(|error| unexpected(&method, path, error.to_string()))?;
        parse(&method, path, &body)
    }

    /// The answer itself if it is a 2xx, and the engine's refusal otherwise.
    async fn accepted(
        &self,
        method: &Method,
        path: &str,
        mut response: ClientResponse,
    ) -> Result<ClientResponse, ClientError> {
        let status = response.status();
        if status.is_success() {
            return Ok(response);
        }
        let retry_after = response.headers().get(header::RETRY_AFTER);
        let retry_after = retry_after.and_then(|value| value.to_str().ok()?.parse().ok());
        let body = response.body().limit(ANSWER_BYTES_MAX).await.unwrap_or_default();
        Err(match serde_json::from_slice::<ErrorAnswer>(&body) {
            Ok(answer) => {
                let refused = Refused { status: status.as_u16(), retry_after, refusal: answer.error };
                ClientError::Refused(Box::new(refused))
            }
            Err(_) => unexpected(method, path, foreign_status(status)),
        })
    }

    fn unsent(&self, method: &Method, path: &str, error: &SendRequestError) -> ClientError {
        let url = self.engine.url().to_owned();
        match error {
            SendRequestError::Connect(reason) => ClientError::Unreachable { url, reason: reason.to_string() },
            SendRequestError::Send(reason) => ClientError::Unreachable { url, reason: reason.to_string() },
            SendRequestError::Timeout => ClientError::Unreachable { url, reason: "no answer in time".to_owned() },
            other => unexpected(method, path, other.to_string()),
        }
    }
}

/// Reads `answer` as a `T`, keeping what was asked for the message.
pub(super) fn read<T: DeserializeOwned>(what: &str, answer: &Value) -> Result<T, ClientError> {
    T::deserialize(answer).map_err(|error| ClientError::Unexpected { what: what.to_owned(), reason: error.to_string() })
}

fn parse(method: &Method, path: &str, body: &[u8]) -> Result<Value, ClientError> {
    serde_json::from_slice(body).map_err(|error| unexpected(method, path, format!("not JSON ({error})")))
}

fn foreign_status(status: StatusCode) -> String {
    format!("status {status} without the engine's error")
}

fn unexpected(method: &Method, path: &str, reason: String) -> ClientError {
    ClientError::Unexpected { what: format!("{method} {path}"), reason }
}
