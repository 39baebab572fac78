//! The watching part of `filesystem.Filesystem`: one call that streams, and three for clients that would rather ask.

use std::{sync::Arc, time::Duration};

use actix_web::{HttpRequest, HttpResponse, web};
use bytes::{Bytes, BytesMut};
use futures_util::{Stream, stream};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::{
    sync::watch as channel,
    time::{Instant, MissedTickBehavior, interval_at},
};

use super::{
    body_of,
    connect::{self, Code, RpcError, parse, parse_frame},
    filesystem::{EntryInfo, info},
    path::resolve,
    process::{header_number, keepalive},
    rpc_error,
    stream::GONE_TIMEOUT,
};
use crate::host::{
    error::AgentError,
    sandbox::Sandbox,
    sandboxes::Sandboxes,
    watch::{Change, Kind, WatchError, Watcher, Wish, watch},
};

/// `WatchDirRequest` and `CreateWatcherRequest` of the protocol.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct WatchRequest {
    path: String,
    recursive: bool,
    #[serde(alias = "include_entry")]
    include_entry: bool,
    #[serde(alias = "allow_network_mounts")]
    allow_network_mounts: bool,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct WatcherRequest {
    #[serde(alias = "watcher_id")]
    watcher_id: String,
}

/// `FilesystemEvent` of the protocol.
#[derive(Serialize)]
struct FilesystemEvent {
    name: String,
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    entry: Option<EntryInfo>,
}

impl From<Change> for FilesystemEvent {
    fn from(change: Change) -> Self {
        let kind = match change.kind {
            Kind::Create => "EVENT_TYPE_CREATE",
            Kind::Write => "EVENT_TYPE_WRITE",
            Kind::Remove => "EVENT_TYPE_REMOVE",
            Kind::Rename => "EVENT_TYPE_RENAME",
            Kind::Chmod => "EVENT_TYPE_CHMOD",
        };
        Self { name: change.name, kind, entry: change.entry.map(info) }
    }
}

/// Whether the call is one of this part.
#[must_use]
pub fn serves(call: &str) -> bool {
    matches!(call, "WatchDir" | "CreateWatcher" | "GetWatcherEvents" | "RemoveWatcher")
}

pub async fn serve(
    sandboxes: &Sandboxes,
    sandbox: Arc<Sandbox>,
    call: &str,
    request: &HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, RpcError> {
    let body = body_of(payload).await?;
    match call {
        "WatchDir" => {
            let begun = match parse_frame(&body) {
                Ok(asked) => begin(sandboxes, &sandbox, asked).await,
                Err(err) => Err(err),
            };
            let mut response = HttpResponse::Ok();
            response.content_type("application/connect+json");
            let timeout = header_number(request, "Connect-Timeout-Ms").filter(|millis| *millis > 0);
            Ok(match begun {
                Ok(watcher) => response.streaming(frames(
                    watcher,
                    sandbox.gone(),
                    keepalive(request),
                    timeout.map(Duration::from_millis),
                )),
                // A refusal of a stream is its only frame.
                Err(err) => response.body(err.last_frame()),
            })
        }
        "CreateWatcher" => {
            let watcher = begin(sandboxes, &sandbox, parse(&body)?).await?;
            Ok(HttpResponse::Ok().json(json!({ "watcherId": sandbox.watches.keep(watcher) })))
        }
        "GetWatcherEvents" => {
            let WatcherRequest { watcher_id } = parse(&body)?;
            let watcher = sandbox.watches.find(&watcher_id).ok_or_else(|| unknown(&watcher_id))?;
            sandbox.watches.catch_up(&sandbox).await.map_err(refusal)?;
            let events: Vec<_> = watcher.take().map_err(refusal)?.into_iter().map(FilesystemEvent::from).collect();
            Ok(HttpResponse::Ok().json(json!({ "events": events })))
        }
        "RemoveWatcher" => {
            let WatcherRequest { watcher_id } = parse(&body)?;
            if !sandbox.watches.remove(&watcher_id) {
                return Err(unknown(&watcher_id));
            }
            Ok(HttpResponse::Ok().json(json!({})))
        }
        _ => Err(RpcError::new(Code::Unimplemented, format!("unknown call Filesystem/{call}"))),
    }
}

async fn begin(sandboxes: &Sandboxes, sandbox: &Arc<Sandbox>, asked: WatchRequest) -> Result<Arc<Watcher>, RpcError> {
    let path = resolve(&asked.path).map_err(|err| RpcError::new(Code::InvalidArgument, err.to_string()))?;
    let WatchRequest { recursive, include_entry, allow_network_mounts: network, .. } = asked;
    let wish = Wish { path: path.clone(), recursive, include_entry, network };
    watch(sandbox, &sandboxes.tasks, wish).await.map_err(|err| match errno(&err) {
        Some(libc::ENOENT) => RpcError::new(Code::NotFound, format!("path {path} not found")),
        Some(libc::ENOTDIR) => RpcError::new(Code::InvalidArgument, format!("path {path} not a directory")),
        Some(_) | None => refusal(err),
    })
}

fn errno(err: &WatchError) -> Option<i32> {
    if let WatchError::Agent(AgentError::Refused(refused)) = err { Some(refused.errno) } else { None }
}

fn unknown(id: &str) -> RpcError {
    let id: String = id.chars().take(64).collect();
    RpcError::new(Code::NotFound, format!("watcher with id {id} not found"))
}

fn refusal(err: WatchError) -> RpcError {
    let code = match &err {
        WatchError::Agent(err) => return rpc_error(err),
        WatchError::Network(_) => Code::InvalidArgument,
        WatchError::Watchers
        | WatchError::Folders
        | WatchError::Crowded(_)
        | WatchError::Lost
        | WatchError::Machine(_) => Code::ResourceExhausted,
        WatchError::Kernel(_) => Code::Internal,
    };
    RpcError::new(code, err.to_string())
}

struct Frames {
    watcher: Arc<Watcher>,
    gone: channel::Receiver<bool>,
    ticks: tokio::time::Interval,
    until: Option<Instant>,
    at: Stage,
}

enum Stage {
    First,
    Watching,
    Over,
}

enum Heard {
    News,
    /// The sandbox is gone.
    Gone,
    /// The client's time is up.
    Late,
    Tick,
}

/// The answer's body: start, events as they come. It breaks off when the sandbox is killed.
fn frames(
    watcher: Arc<Watcher>,
    gone: channel::Receiver<bool>,
    keepalive: Duration,
    timeout: Option<Duration>,
) -> impl Stream<Item = std::io::Result<Bytes>> {
    let now = Instant::now();
    let mut ticks = interval_at(now + keepalive, keepalive);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let until = timeout.and_then(|timeout| now.checked_add(timeout));
    stream::unfold(Frames { watcher, gone, ticks, until, at: Stage::First }, |mut frames| async move {
        let frame = frames.next().await?;
        Some((frame, frames))
    })
}

impl Frames {
    async fn next(&mut self) -> Option<std::io::Result<Bytes>> {
        match self.at {
            Stage::First => {
                self.at = Stage::Watching;
                Some(Ok(connect::message(&json!({ "start": {} }))))
            }
            Stage::Watching => Some(self.following().await),
            Stage::Over => None,
        }
    }

    async fn following(&mut self) -> std::io::Result<Bytes> {
        loop {
            match self.watcher.take() {
                Ok(changes) if changes.is_empty() => {}
                Ok(changes) => return Ok(told(changes)),
                Err(WatchError::Agent(_)) => return self.broken().await,
                Err(why) => return Ok(self.over(&refusal(why))),
            }
            match self.wait().await {
                Heard::News => {}
                Heard::Gone => return self.broken().await,
                Heard::Late => {
                    return Ok(self.over(&RpcError::new(Code::DeadlineExceeded, "context deadline exceeded")));
                }
                Heard::Tick => return Ok(connect::message(&json!({ "keepalive": {} }))),
            }
        }
    }

    async fn wait(&mut self) -> Heard {
        let until = self.until;
        tokio::select! {
            biased;
            _ = self.gone.wait_for(|gone| *gone) => Heard::Gone,
            () = self.watcher.news.notified() => Heard::News,
            () = at(until) => Heard::Late,
            _ = self.ticks.tick() => Heard::Tick,
        }
    }

    fn over(&mut self, why: &RpcError) -> Bytes {
        self.at = Stage::Over;
        why.last_frame()
    }

    async fn broken(&mut self) -> std::io::Result<Bytes> {
        self.at = Stage::Over;
        // Whoever sees the stream break must find the sandbox gone. PID 1 is dying, so this is short.
        let _ = tokio::time::timeout(GONE_TIMEOUT, self.gone.wait_for(|gone| *gone)).await;
        Err(std::io::ErrorKind::ConnectionAborted.into())
    }
}

async fn at(until: Option<Instant>) {
    match until {
        Some(until) => tokio::time::sleep_until(until).await,
        None => std::future::pending().await,
    }
}

fn told(changes: Vec<Change>) -> Bytes {
    let mut frames = BytesMut::new();
    for change in changes {
        frames.extend_from_slice(&connect::message(&json!({ "filesystem": FilesystemEvent::from(change) })));
    }
    frames.freeze()
}
