//! The Connect service `process.Process`: programs are started, listened to, fed and signalled. `input` feeds them.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::sync::mpsc;

use super::{
    body_of,
    connect::{Code, RpcError, parse, parse_frame},
    input,
    path::resolve,
    rpc_error,
    status::variables,
    stream::frames,
};
use crate::host::{
    agent::protocol::{About, Person, Size, Start, Streams},
    error::AgentError,
    journal,
    process::{Deaf, Event, LISTENERS_MAX, Outputs, Process, Started},
    sandbox::Sandbox,
    sandboxes::Sandboxes,
};

/// How often a silent stream shows that it lives, unless the client says. E2B's own default.
const KEEPALIVE: Duration = Duration::from_secs(90);

/// Longest wait for a killed program to be reaped. Its end is heard late where a listener does not read.
const REAPED_WITHIN: Duration = Duration::from_secs(2);

#[derive(Deserialize)]
struct StartRequest {
    process: ProcessConfig,
    pty: Option<Pty>,
    tag: Option<String>,
    /// Clients that are too old to say it expect an open stdin.
    #[serde(default = "yes")]
    stdin: bool,
}

/// `process.PTY` of the protocol.
#[derive(Deserialize)]
struct Pty {
    #[serde(default)]
    size: PtySize,
}

/// Numbers that are left out are zero, as everywhere in the protocol.
#[derive(Default, Deserialize)]
#[serde(default)]
struct PtySize {
    cols: u32,
    rows: u32,
}

impl Pty {
    fn size(&self) -> Result<Size, RpcError> {
        let number = |number: u32| {
            u16::try_from(number).map_err(|_| RpcError::new(Code::InvalidArgument, "a terminal's size is below 65536"))
        };
        Ok(Size { columns: number(self.size.cols)?, rows: number(self.size.rows)? })
    }
}

#[derive(Deserialize)]
struct UpdateRequest {
    process: Selector,
    pty: Option<Pty>,
}

fn yes() -> bool {
    true
}

#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct ProcessConfig {
    cmd: String,
    args: Vec<String>,
    envs: std::collections::BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cwd: Option<String>,
}

#[derive(Deserialize)]
struct Selected {
    process: Selector,
}

#[derive(Deserialize)]
pub struct Selector {
    pid: Option<i32>,
    tag: Option<String>,
}

#[derive(Deserialize)]
struct SendSignal {
    process: Selector,
    signal: Value,
}

pub async fn serve(
    sandboxes: &Sandboxes,
    sandbox: Arc<Sandbox>,
    person: Person,
    call: &str,
    request: &HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, RpcError> {
    match call {
        "Start" | "Connect" => {
            let body = body_of(payload).await?;
            // A refusal of a stream is its only frame.
            let opened = match call {
                "Start" => start(sandboxes, &sandbox, person, request, &body).await,
                _ => attach(&sandbox, &body),
            };
            let mut response = HttpResponse::Ok();
            response.content_type("application/connect+json");
            Ok(match opened {
                Ok((process, events)) => {
                    response.streaming(frames(process, events, sandbox.gone(), keepalive(request)))
                }
                Err(err) => response.body(err.last_frame()),
            })
        }
        "List" => Ok(list(&sandbox)),
        "SendInput" => input::send(&sandbox, &body_of(payload).await?).await,
        "StreamInput" => Ok(input::stream(&sandbox, payload).await),
        "Update" => update(&sandbox, &parse(&body_of(payload).await?)?),
        "CloseStdin" => {
            let selected: Selected = parse(&body_of(payload).await?)?;
            input::close(&*select(&sandbox, &selected.process)?).await
        }
        "SendSignal" => signal(&sandbox, &parse(&body_of(payload).await?)?).await,
        _ => Err(RpcError::new(Code::Unimplemented, format!("Process/{call} is not available on this host yet"))),
    }
}

/// Whoever had a program killed must not find it any more, so the answer waits until it is reaped.
async fn signal(sandbox: &Sandbox, asked: &SendSignal) -> Result<HttpResponse, RpcError> {
    let process = select(sandbox, &asked.process)?;
    let number = signal_of(&asked.signal)?;
    sandbox.signal(process.pid, number).await.map_err(|err| rpc_error(&err))?;
    if number == libc::SIGKILL {
        let mut gone = sandbox.gone();
        tokio::select! {
            () = process.until_reaped() => {}
            _ = gone.wait_for(|gone| *gone) => {}
            () = tokio::time::sleep(REAPED_WITHIN) => {}
        }
    }
    Ok(HttpResponse::Ok().json(json!({})))
}

type Opened = (Arc<Process>, mpsc::Receiver<Event>);

async fn start(
    sandboxes: &Sandboxes,
    sandbox: &Arc<Sandbox>,
    person: Person,
    request: &HttpRequest,
    body: &[u8],
) -> Result<Opened, RpcError> {
    let asked: StartRequest = parse_frame(body)?;
    let timeout = header_number(request, "Connect-Timeout-Ms").filter(|millis| *millis > 0).map(Duration::from_millis);
    let (start, started) = order(sandboxes, sandbox, person, asked)?;
    let folder = start.folder.clone();
    let (process, outputs) = sandbox.start(person, start, started).await.map_err(|err| start_error(&err, &folder))?;
    let Ok(events) = process.listen() else {
        return Err(RpcError::new(Code::Internal, "the process cannot be listened to"));
    };
    let (pumped, within) = (Arc::clone(&process), Arc::clone(sandbox));
    sandboxes.tasks.spawn(async move {
        let mut gone = within.gone();
        tokio::select! {
            () = attend(&within, &pumped, outputs, timeout) => {}
            // A listener that never reads would keep the pump waiting beyond the sandbox's end.
            _ = gone.wait_for(|gone| *gone) => {}
        }
    });
    Ok((process, events))
}

/// Stays with a program to its end, which `timeout` brings about.
async fn attend(sandbox: &Sandbox, process: &Process, outputs: Outputs, timeout: Option<Duration>) {
    let kills = sandbox.memory_kills();
    let pump = process.pump(outputs, &sandbox.allowance, async |exit| {
        let out_of_memory = sandbox.settled_memory_kills().await > kills;
        process.out_of_memory.store(out_of_memory, Ordering::Relaxed);
        sandbox.note(journal::Event::ProcessEnded { pid: process.pid, exit, out_of_memory });
        sandbox.forget_process(process.pid);
    });
    let mut pump = std::pin::pin!(pump);
    if let Some(timeout) = timeout {
        tokio::select! {
            () = &mut pump => return,
            () = tokio::time::sleep(timeout) => {}
        }
        process.timed_out.store(true, Ordering::Relaxed);
        // Refused only when it has just ended by itself.
        let _ = sandbox.signal(process.pid, libc::SIGKILL).await;
    }
    pump.await;
}

/// What PID 1 is to start, and how `List` shows it. Nothing of the engine's own environment is in it.
fn order(
    sandboxes: &Sandboxes,
    sandbox: &Sandbox,
    person: Person,
    asked: StartRequest,
) -> Result<(Start, Started), RpcError> {
    let streams = match &asked.pty {
        Some(pty) => Streams::Terminal(pty.size()?),
        None => Streams::Pipes { stdin: asked.stdin },
    };
    let config = asked.process;
    let folder = match &config.cwd {
        Some(folder) if !folder.is_empty() => {
            resolve(folder, person.home()).map_err(|err| RpcError::new(Code::InvalidArgument, err.to_string()))?
        }
        Some(_) | None => person.home().to_owned(),
    };
    let mut environment = std::collections::BTreeMap::from(
        [
            ("HOME", person.home()),
            ("USER", person.name()),
            ("LOGNAME", person.name()),
            ("SHELL", "/bin/bash"),
            ("LANG", "C.UTF-8"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned())),
    );
    environment.insert("PATH".to_owned(), sandboxes.site.search_path.clone());
    environment.extend(sandbox.egress.environment());
    environment.extend(variables(sandbox));
    environment.extend(config.envs.clone());
    let start = Start {
        arguments: std::iter::once(config.cmd.clone()).chain(config.args.iter().cloned()).collect(),
        environment: environment.iter().map(|(name, value)| format!("{name}={value}")).collect(),
        folder,
        streams,
    };
    let started = Started {
        command: config.cmd,
        arguments: config.args,
        environment: config.envs.into_iter().collect(),
        folder: config.cwd,
        tag: asked.tag,
    };
    Ok((start, started))
}

fn start_error(err: &AgentError, folder: &str) -> RpcError {
    match err {
        AgentError::Refused(refused) if refused.about == About::Folder => {
            RpcError::new(Code::InvalidArgument, format!("cwd '{folder}' does not exist or cannot be entered"))
        }
        AgentError::Refused(_) | AgentError::Gone | AgentError::TooLarge => rpc_error(err),
    }
}

fn attach(sandbox: &Sandbox, body: &[u8]) -> Result<Opened, RpcError> {
    let selected: Selected = parse_frame(body)?;
    let process = select(sandbox, &selected.process)?;
    let events = process.listen().map_err(|deaf| match deaf {
        Deaf::Ended => RpcError::new(Code::NotFound, "the process has ended"),
        Deaf::TooMany => {
            RpcError::new(Code::ResourceExhausted, format!("the process has {LISTENERS_MAX} listeners already"))
        }
    })?;
    Ok((process, events))
}

pub fn select(sandbox: &Sandbox, selector: &Selector) -> Result<Arc<Process>, RpcError> {
    let found = sandbox.processes().into_iter().find(|process| match (&selector.pid, &selector.tag) {
        (Some(pid), _) => process.pid == *pid,
        (None, Some(tag)) => process.started.tag.as_ref() == Some(tag),
        (None, None) => false,
    });
    found.ok_or_else(|| match (&selector.pid, &selector.tag) {
        (Some(pid), _) => RpcError::new(Code::NotFound, format!("process with pid {pid} not found")),
        (None, Some(tag)) => RpcError::new(Code::NotFound, format!("process with tag {tag} not found")),
        (None, None) => RpcError::new(Code::InvalidArgument, "name a process by its pid or its tag"),
    })
}

fn list(sandbox: &Sandbox) -> HttpResponse {
    let processes: Vec<_> = sandbox
        .processes()
        .iter()
        .map(|process| {
            let started = &process.started;
            let config = ProcessConfig {
                cmd: started.command.clone(),
                args: started.arguments.clone(),
                envs: started.environment.iter().cloned().collect(),
                cwd: started.folder.clone(),
            };
            match &started.tag {
                Some(tag) => json!({ "config": config, "pid": process.pid, "tag": tag }),
                None => json!({ "config": config, "pid": process.pid }),
            }
        })
        .collect();
    HttpResponse::Ok().json(json!({ "processes": processes }))
}

fn update(sandbox: &Sandbox, asked: &UpdateRequest) -> Result<HttpResponse, RpcError> {
    let process = select(sandbox, &asked.process)?;
    if let Some(pty) = &asked.pty {
        let terminal = process.terminal.as_ref();
        let terminal =
            terminal.ok_or_else(|| RpcError::new(Code::FailedPrecondition, "the process has no terminal"))?;
        let resized = terminal.resize(pty.size()?);
        resized.map_err(|err| RpcError::new(Code::Internal, format!("cannot resize the terminal: {err}")))?;
    }
    Ok(HttpResponse::Ok().json(json!({})))
}

/// By name, as the protocol says, or by number, as JSON may.
fn signal_of(signal: &Value) -> Result<i32, RpcError> {
    match (signal.as_str(), signal.as_i64()) {
        (Some("SIGNAL_SIGKILL"), _) | (_, Some(9)) => Ok(libc::SIGKILL),
        (Some("SIGNAL_SIGTERM"), _) | (_, Some(15)) => Ok(libc::SIGTERM),
        (_, _) => Err(RpcError::new(Code::InvalidArgument, "signal is SIGNAL_SIGTERM or SIGNAL_SIGKILL")),
    }
}

pub fn header_number(request: &HttpRequest, name: &str) -> Option<u64> {
    request.headers().get(name)?.to_str().ok()?.trim().parse().ok()
}

pub fn keepalive(request: &HttpRequest) -> Duration {
    header_number(request, "Keepalive-Ping-Interval")
        .filter(|seconds| *seconds > 0)
        .map_or(KEEPALIVE, Duration::from_secs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signals_are_named_or_numbered() {
        assert_eq!(signal_of(&json!("SIGNAL_SIGKILL")).unwrap(), libc::SIGKILL);
        assert_eq!(signal_of(&json!(15)).unwrap(), libc::SIGTERM);
        assert_eq!(signal_of(&json!("SIGHUP")).unwrap_err().code, Code::InvalidArgument);
    }
}
