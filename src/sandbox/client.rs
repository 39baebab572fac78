//! The engine's side of the E2B protocol: every call it makes, and no policy.
//!
//! Each method makes one attempt; who calls decides about another (`pool` for sandboxes, `deploy` for apps), by
//! [`SandboxError::is_retryable`] and [`SandboxError::was_not_carried_out`].

use std::{cell::Cell, collections::BTreeMap, rc::Rc, time::Duration};

use actix_web::http::Method;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use serde::de::DeserializeOwned;
use tokio::time::Instant;
use uuid::Uuid;

use super::{
    ANSWER_MAX, Answer, Command, CreateRequest, Endpoint, FILE_MAX, Lease, SandboxError, SandboxInfo, frames,
    multipart,
    process::{KEEPALIVE_SECONDS, ProcessStream},
    transport::{self, Call, Connections, Reply},
    used::{Used, UsedAnswer},
    wire,
};
use crate::types::{Addressing, AppFile, Port, Reach, SandboxId, Timestamp};

/// The port of envd, the agent in every sandbox.
const ENVD: Port = match Port::new(49_983) {
    Some(port) => port,
    None => panic!("a constant that is not zero"),
};
const CALL_MAX: Duration = Duration::from_secs(15);
/// A cold start of a cloud sandbox takes a few seconds. Short enough for another try while somebody waits for it.
const CREATE_MAX: Duration = Duration::from_secs(20);
const UPLOAD_MAX: Duration = Duration::from_secs(60);
const PING_MAX: Duration = Duration::from_secs(3);
/// A control plane answer: a page of a list is the largest.
const JSON_MAX: usize = 2 * 1024 * 1024;
const PAGE: usize = 100;
const PAGES_MAX: usize = 50;
/// In the metadata of a sandbox: which creation made it, so that a lost answer does not lose the sandbox.
const CREATION: &str = "spawnai-creation";

/// A handle to the sandbox host, for one arbiter: clones share connections, and none may leave the thread.
#[derive(Clone)]
pub struct Client(Rc<Inner>);

struct Inner {
    endpoint: Endpoint,
    connections: Connections,
    /// Older hosts know only version 1 of the creation; found out once.
    version_1: Cell<bool>,
}

impl Client {
    /// # Panics
    /// When no rustls crypto provider is installed: `main` does it first of all.
    #[must_use]
    pub fn new(endpoint: &Endpoint) -> Self {
        Self(Rc::new(Inner {
            endpoint: endpoint.clone(),
            connections: Connections::new(),
            version_1: Cell::new(false),
        }))
    }

    /// Creates a sandbox. When the answer is lost the sandbox, if it came to be, is looked for and ended before this
    /// returns; should that fail too, its `lifetime` ends it.
    pub async fn create(&self, request: &CreateRequest) -> Result<Lease, SandboxError> {
        let creation = Uuid::now_v7().simple().to_string();
        let created = self.create_as(request, &creation).await;
        if let Err(error) = &created
            && !error.was_not_carried_out()
        {
            self.end_lost(creation).await;
        }
        created
    }

    async fn create_as(&self, request: &CreateRequest, creation: &str) -> Result<Lease, SandboxError> {
        let mut metadata = request.metadata.clone();
        metadata.insert(CREATION.to_owned(), creation.to_owned());
        let body = wire::CreateBody {
            template: &request.template,
            timeout: wire::whole_seconds(request.lifetime),
            metadata: &metadata,
            secure: true,
            allow_internet_access: request.internet,
        };
        let call = |path: &str| {
            let mut call = self.control("creating a sandbox", Method::POST, path, Some(&body))?;
            call.headers.push(("Idempotency-Key", creation.to_owned()));
            call.limit = CREATE_MAX;
            Ok::<_, SandboxError>(call)
        };
        let mut reply = None;
        if !self.0.version_1.get() {
            reply = Some(self.send(call("/v2/sandboxes")?).await?).filter(|reply| reply.status != 404);
        }
        let reply = match reply {
            Some(reply) => reply,
            None => {
                let reply = self.send(call("/sandboxes")?).await?;
                // Only a success proves that it was the version, and not the template, that was not found.
                self.0.version_1.set(reply.status == 201);
                reply
            }
        };
        let answer: wire::CreateAnswer = json("creating a sandbox", &accepted(reply)?)?;
        Ok(Lease {
            sandbox: answer.sandbox,
            access_token: answer.access_token,
            size: request.size,
            started_at: Timestamp::now(),
        })
    }

    async fn end_lost(&self, creation: String) {
        let found = self.list(&BTreeMap::from([(CREATION.to_owned(), creation)])).await;
        for lost in found.unwrap_or_default() {
            if let Err(error) = self.kill(&lost.sandbox).await {
                tracing::warn!(sandbox = %lost.sandbox, %error, "a sandbox whose creation was not answered is left to its timeout");
            }
        }
    }

    /// Ends a sandbox; one that is gone already counts as ended.
    pub async fn kill(&self, sandbox: &SandboxId) -> Result<(), SandboxError> {
        self.0.connections.forget(sandbox);
        let call = self.control::<()>("ending a sandbox", Method::DELETE, &format!("/sandboxes/{sandbox}"), None)?;
        let reply = self.send(call).await?;
        if reply.status == 404 { Ok(()) } else { accepted(reply).map(drop) }
    }

    pub async fn get(&self, sandbox: &SandboxId) -> Result<SandboxInfo, SandboxError> {
        const DOING: &str = "looking a sandbox up";
        let call = self.control::<()>(DOING, Method::GET, &format!("/sandboxes/{sandbox}"), None)?;
        json(DOING, &accepted(self.send(call).await?)?)
    }

    /// What a sandbox has used so far; `None` from a host that does not tell.
    pub async fn used(&self, sandbox: &SandboxId) -> Result<Option<Used>, SandboxError> {
        const DOING: &str = "asking what a sandbox used";
        if matches!(self.0.endpoint.addressing, Addressing::Wildcard { .. }) {
            return Ok(None);
        }
        let mut call = self.control::<()>(DOING, Method::GET, &format!("/sandboxes/{sandbox}"), None)?;
        call.limit = PING_MAX;
        json::<UsedAnswer>(DOING, &accepted(self.send(call).await?)?).map(UsedAnswer::used)
    }

    /// All sandboxes, running or paused, whose metadata has every pair of `metadata`.
    ///
    /// # Errors
    /// As any call; also `Protocol` after 50 pages of 100, so that a host cannot hold us here.
    pub async fn list(&self, metadata: &BTreeMap<String, String>) -> Result<Vec<SandboxInfo>, SandboxError> {
        const DOING: &str = "listing sandboxes";
        let (mut all, mut next) = (Vec::new(), String::new());
        for _ in 0..PAGES_MAX {
            let query = list_query(metadata, &next);
            let call = self.control::<()>(DOING, Method::GET, &format!("/v2/sandboxes?{query}"), None)?;
            let reply = self.send(call).await?;
            next = reply.header("x-next-token").unwrap_or_default().to_owned();
            all.extend(json::<Vec<SandboxInfo>>(DOING, &accepted(reply)?)?);
            if next.is_empty() {
                return Ok(all);
            }
        }
        Err(SandboxError::Protocol { doing: DOING, detail: format!("more than {PAGES_MAX} pages") })
    }

    /// Lets the host end the sandbox `lifetime` from now, whatever was set before.
    pub async fn set_timeout(&self, sandbox: &SandboxId, lifetime: Duration) -> Result<(), SandboxError> {
        let body = wire::TimeoutBody { timeout: wire::whole_seconds(lifetime) };
        let path = format!("/sandboxes/{sandbox}/timeout");
        let call = self.control("setting a sandbox's timeout", Method::POST, &path, Some(&body))?;
        accepted(self.send(call).await?).map(drop)
    }

    /// Lets a running sandbox reach this, and nothing else; whatever was set before is over.
    pub async fn set_reach(&self, sandbox: &SandboxId, reach: &Reach) -> Result<(), SandboxError> {
        let path = format!("/sandboxes/{sandbox}/network");
        let body = wire::NetworkBody::of(reach);
        let call = self.control("setting a sandbox's network rules", Method::PUT, &path, Some(&body))?;
        accepted(self.send(call).await?).map(drop)
    }

    /// How long the host takes to answer a call that needs the key.
    pub async fn ping(&self) -> Result<Duration, SandboxError> {
        let mut call = self.control::<()>("asking for a sign of life", Method::GET, "/v2/sandboxes?limit=1", None)?;
        call.limit = PING_MAX;
        let asked = Instant::now();
        accepted(self.send(call).await?).map(|_| asked.elapsed())
    }

    /// Whether a sandbox's agent answers.
    pub async fn health(&self, lease: &Lease) -> Result<(), SandboxError> {
        let mut call = self.agent(lease, "asking a sandbox's agent", Method::GET, "/health", Bytes::new());
        call.limit = PING_MAX;
        accepted(self.send_to(&lease.sandbox, call).await?).map(drop)
    }

    /// Writes all files under `folder` (absolute) in one request, making folders as needed. Writing twice is harmless.
    pub async fn write_files(&self, lease: &Lease, folder: &str, files: &[AppFile]) -> Result<(), SandboxError> {
        let form = multipart::form(folder, files, Uuid::new_v4())?;
        let mut call = self.agent(lease, "uploading files", Method::POST, "/files?username=user", form.body);
        call.headers.push(("Content-Type", form.content_type));
        call.limit = UPLOAD_MAX;
        accepted(self.send_to(&lease.sandbox, call).await?).map(drop)
    }

    /// Removes a file by its absolute path; one that is gone already counts as removed.
    pub async fn remove(&self, lease: &Lease, path: &str) -> Result<(), SandboxError> {
        const DOING: &str = "removing a file";
        let body = serde_json::to_vec(&wire::PathBody { path }).map_err(|error| unserializable(DOING, &error))?;
        let mut call = self.agent(lease, DOING, Method::POST, "/filesystem.Filesystem/Remove", body.into());
        call.headers.push(("Content-Type", "application/json".to_owned()));
        call.headers.push(("Connect-Protocol-Version", "1".to_owned()));
        let reply = self.send_to(&lease.sandbox, call).await?;
        // Connect's `not_found`; a sandbox that is gone is found out by the next call.
        if reply.status == 404 { Ok(()) } else { accepted(reply).map(drop) }
    }

    /// One file by its absolute path.
    ///
    /// # Errors
    /// As any call; also `Refused` (413) for more than [`FILE_MAX`] bytes.
    pub async fn read_file(&self, lease: &Lease, path: &str) -> Result<Bytes, SandboxError> {
        let path = format!("/files?username=user&path={}", encoded(path));
        let mut call = self.agent(lease, "reading a file", Method::GET, &path, Bytes::new());
        call.body_max = FILE_MAX;
        let reply = self.send_to(&lease.sandbox, call).await?;
        if reply.truncated {
            return Err(SandboxError::Refused {
                status: 413,
                message: format!("the file is larger than {FILE_MAX} bytes"),
            });
        }
        accepted(reply)
    }

    /// Starts a process. Its first event is `Started`; dropping the stream does not end it.
    pub async fn start(&self, lease: &Lease, command: Command<'_>) -> Result<ProcessStream, SandboxError> {
        const DOING: &str = "starting a process";
        let process = wire::ProcessConfig {
            cmd: "/bin/bash",
            args: ["-l", "-c", command.line],
            envs: command.envs,
            cwd: command.folder,
        };
        let message = serde_json::to_vec(&wire::StartBody { process, stdin: false })
            .map_err(|error| unserializable(DOING, &error))?;
        let body = frames::encode(&message)
            .ok_or_else(|| SandboxError::Invalid { reason: format!("a command of {} bytes", message.len()) })?;
        let mut call = self.agent(lease, DOING, Method::POST, "/process.Process/Start", body);
        call.headers.extend(command.limit.map(|limit| ("Connect-Timeout-Ms", limit.as_millis().to_string())));
        self.listen(lease, call).await
    }

    /// Listens to a process that runs: to what it prints from now on, and to its end. Its first event is `Started`.
    ///
    /// # Errors
    /// As any call; that there is no such process (any more) is told by the stream's first event.
    pub async fn attach(&self, lease: &Lease, pid: u32) -> Result<ProcessStream, SandboxError> {
        const DOING: &str = "listening to a process";
        let body = wire::AttachBody { process: wire::ProcessSelector { pid } };
        let message = serde_json::to_vec(&body).map_err(|error| unserializable(DOING, &error))?;
        let body = frames::encode(&message).unwrap_or_default();
        let call = self.agent(lease, DOING, Method::POST, "/process.Process/Connect", body);
        self.listen(lease, call).await
    }

    async fn listen(&self, lease: &Lease, mut call: Call) -> Result<ProcessStream, SandboxError> {
        call.headers.extend([
            ("Content-Type", "application/connect+json".to_owned()),
            ("Connect-Protocol-Version", "1".to_owned()),
            ("Keepalive-Ping-Interval", KEEPALIVE_SECONDS.to_string()),
        ]);
        let response = match self.0.endpoint.addressing {
            Addressing::Headers { .. } => transport::open(&self.0.connections.streams, call).await,
            Addressing::Wildcard { .. } => transport::open(&self.0.connections.far(&lease.sandbox), call).await,
        };
        response.map(ProcessStream::new)
    }

    /// One HTTP request to a port of a sandbox, by the same way that visitors come. `body` is sent as JSON.
    ///
    /// # Errors
    /// [`SandboxError::PortClosed`] and `NotFound` when the host and not the app answered; every answer of the app,
    /// a 500 included, is an `Ok`.
    pub async fn request(
        &self,
        sandbox: &SandboxId,
        port: Port,
        method: &str,
        path: &str,
        body: Option<&str>,
        limit: Duration,
    ) -> Result<Answer, SandboxError> {
        let method = Method::from_bytes(method.as_bytes())
            .map_err(|_| SandboxError::Invalid { reason: format!("{method:?} is not an HTTP method") })?;
        let body_bytes = body.map_or_else(Bytes::new, |body| Bytes::copy_from_slice(body.as_bytes()));
        let mut call = self.inside(sandbox, port, "asking the app", method, path, body_bytes);
        if body.is_some() {
            call.headers.push(("Content-Type", "application/json".to_owned()));
        }
        (call.limit, call.body_max) = (limit, ANSWER_MAX);
        let reply = self.send_to(sandbox, call).await?;
        if reply.status == 502 {
            let marker = reply.header("x-spawnai-host");
            if wire::is_port_closed(marker, &reply.body) {
                return Err(SandboxError::PortClosed { sandbox: sandbox.clone(), port });
            }
            if wire::is_sandbox_gone(marker, &reply.body) {
                return Err(SandboxError::NotFound { message: format!("sandbox {sandbox}") });
            }
        }
        Ok(Answer { status: reply.status, body: reply.body, truncated: reply.truncated })
    }

    fn control<B: serde::Serialize>(
        &self,
        doing: &'static str,
        method: Method,
        path: &str,
        body: Option<&B>,
    ) -> Result<Call, SandboxError> {
        let endpoint = &self.0.endpoint;
        let mut headers = vec![("X-API-Key", endpoint.api_key.expose().to_owned()), user_agent()];
        let mut bytes = Bytes::new();
        if let Some(body) = body {
            headers.push(("Content-Type", "application/json".to_owned()));
            bytes = serde_json::to_vec(body).map_err(|error| unserializable(doing, &error))?.into();
        }
        let url = format!("{}{path}", endpoint.api_url);
        Ok(Call { doing, method, url, headers, body: bytes, limit: CALL_MAX, body_max: JSON_MAX })
    }

    fn agent(&self, lease: &Lease, doing: &'static str, method: Method, path: &str, body: Bytes) -> Call {
        let mut call = self.inside(&lease.sandbox, ENVD, doing, method, path, body);
        call.headers.push(("X-Access-Token", lease.access_token.expose().to_owned()));
        call.headers.push(("Authorization", format!("Basic {}", STANDARD.encode("user:"))));
        call
    }

    fn inside(
        &self,
        sandbox: &SandboxId,
        port: Port,
        doing: &'static str,
        method: Method,
        path: &str,
        body: Bytes,
    ) -> Call {
        let upstream = self.0.endpoint.addressing.upstream(sandbox, port);
        let scheme = if upstream.tls { "https" } else { "http" };
        let mut headers = upstream.headers;
        headers.push(user_agent());
        let url = format!("{scheme}://{}{path}", upstream.host);
        Call { doing, method, url, headers, body, limit: CALL_MAX, body_max: JSON_MAX }
    }

    async fn send(&self, call: Call) -> Result<Reply, SandboxError> {
        transport::send(&self.0.connections.calls, call).await
    }

    async fn send_to(&self, sandbox: &SandboxId, call: Call) -> Result<Reply, SandboxError> {
        match self.0.endpoint.addressing {
            Addressing::Headers { .. } => self.send(call).await,
            Addressing::Wildcard { .. } => transport::send(&self.0.connections.far(sandbox), call).await,
        }
    }
}

pub(super) fn user_agent() -> (&'static str, String) {
    ("User-Agent", concat!("spawnai/", env!("CARGO_PKG_VERSION")).to_owned())
}

fn accepted(reply: Reply) -> Result<Bytes, SandboxError> {
    if (200..300).contains(&reply.status) { Ok(reply.body) } else { Err(reply.refusal()) }
}

fn json<T: DeserializeOwned>(doing: &'static str, body: &[u8]) -> Result<T, SandboxError> {
    serde_json::from_slice(body).map_err(|error| match error.is_eof() {
        // awc takes a connection that ends in mid-answer for the end of the answer.
        true => SandboxError::Cut { doing, cause: format!("{} bytes came, and not all", body.len()) },
        false => SandboxError::Protocol { doing, detail: error.to_string() },
    })
}

fn unserializable(doing: &str, error: &serde_json::Error) -> SandboxError {
    SandboxError::Invalid { reason: format!("{doing}: {error}") }
}

/// The metadata filter is a query string inside of a query string, so it is encoded twice.
fn list_query(metadata: &BTreeMap<String, String>, next: &str) -> String {
    let pairs: Vec<_> = metadata.iter().map(|(key, value)| format!("{}={}", encoded(key), encoded(value))).collect();
    let mut query = format!("limit={PAGE}&state=running,paused&metadata={}", encoded(&pairs.join("&")));
    if !next.is_empty() {
        query.push_str("&nextToken=");
        query.push_str(&encoded(next));
    }
    query
}

fn encoded(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_metadata_filter_is_encoded_twice() {
        let query = list_query(&BTreeMap::from([("a".to_owned(), "b c".to_owned())]), "t/1");
        assert_eq!(query, "limit=100&state=running,paused&metadata=a%3Db%2520c&nextToken=t%2F1");
    }
}
