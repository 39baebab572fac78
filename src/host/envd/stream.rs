//! The body of a process stream: a program's events as frames.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use futures_util::{Stream, stream};
use serde_json::{Value, json};
use tokio::{
    sync::{mpsc, watch},
    time::{Instant, MissedTickBehavior, interval_at},
};

use super::connect::{self, Code, RpcError};
use crate::host::{
    agent::protocol::Exit,
    process::{Event, Process},
};

/// Longest wait for a dying sandbox to be reaped.
pub const GONE_TIMEOUT: Duration = Duration::from_secs(10);

struct Frames {
    process: Arc<Process>,
    events: mpsc::Receiver<Event>,
    gone: watch::Receiver<bool>,
    ticks: tokio::time::Interval,
    at: Stage,
}

enum Stage {
    First,
    Running,
    /// The end event is out; the end frame is not.
    Last,
    Over,
}

/// The answer's body: start, output as it comes, end. It breaks off when the sandbox is killed.
pub fn frames(
    process: Arc<Process>,
    events: mpsc::Receiver<Event>,
    gone: watch::Receiver<bool>,
    keepalive: Duration,
) -> impl Stream<Item = std::io::Result<Bytes>> {
    let mut ticks = interval_at(Instant::now() + keepalive, keepalive);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    stream::unfold(Frames { process, events, gone, ticks, at: Stage::First }, |mut frames| async move {
        let frame = frames.next().await?;
        Some((frame, frames))
    })
}

impl Frames {
    async fn next(&mut self) -> Option<std::io::Result<Bytes>> {
        match self.at {
            Stage::First => {
                self.at = Stage::Running;
                Some(Ok(event(&json!({ "start": { "pid": self.process.pid } }))))
            }
            Stage::Running => Some(self.following().await),
            Stage::Last => {
                self.at = Stage::Over;
                Some(Ok(connect::end()))
            }
            Stage::Over => None,
        }
    }

    async fn following(&mut self) -> std::io::Result<Bytes> {
        let heard = tokio::select! {
            biased;
            heard = self.events.recv() => heard.unwrap_or(Event::Lost),
            _ = self.gone.wait_for(|gone| *gone) => Event::Lost,
            _ = self.ticks.tick() => return Ok(event(&json!({ "keepalive": {} }))),
        };
        match heard {
            Event::Stdout(bytes) => Ok(event(&json!({ "data": { "stdout": STANDARD.encode(bytes) } }))),
            Event::Stderr(bytes) => Ok(event(&json!({ "data": { "stderr": STANDARD.encode(bytes) } }))),
            Event::Terminal(bytes) => Ok(event(&json!({ "data": { "pty": STANDARD.encode(bytes) } }))),
            Event::Ended(_) if self.process.timed_out.load(Ordering::Relaxed) => {
                self.at = Stage::Over;
                Ok(RpcError::new(Code::DeadlineExceeded, "context deadline exceeded").last_frame())
            }
            Event::Ended(exit) => {
                self.at = Stage::Last;
                let out_of_memory = self.process.out_of_memory.load(Ordering::Relaxed);
                Ok(event(&json!({ "end": ending(exit, out_of_memory) })))
            }
            Event::Lost => {
                self.at = Stage::Over;
                // Whoever sees the stream break must find the sandbox gone. PID 1 is dying, so this is short.
                let _ = tokio::time::timeout(GONE_TIMEOUT, self.gone.wait_for(|gone| *gone)).await;
                Err(std::io::ErrorKind::ConnectionAborted.into())
            }
        }
    }
}

fn event(body: &Value) -> Bytes {
    connect::message(&json!({ "event": body }))
}

/// In the words of Go's `os.ProcessState`, which clients show to people.
fn ending(exit: Exit, out_of_memory: bool) -> Value {
    let told = |status: String| if out_of_memory { format!("{status} (out of memory)") } else { status };
    match exit {
        Exit::Code(0) => json!({ "exitCode": 0, "exited": true, "status": "exit status 0" }),
        Exit::Code(code) => {
            let status = told(format!("exit status {code}"));
            json!({ "exitCode": code, "exited": true, "status": status, "error": status })
        }
        Exit::Signal(signal) => {
            let status = told(format!("signal: {}", name_of(signal)));
            json!({ "exitCode": -1, "exited": false, "status": status, "error": status })
        }
    }
}

fn name_of(signal: i32) -> String {
    match signal {
        libc::SIGKILL => "killed".to_owned(),
        libc::SIGTERM => "terminated".to_owned(),
        libc::SIGSEGV => "segmentation fault".to_owned(),
        libc::SIGABRT => "aborted".to_owned(),
        other => format!("signal {other}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endings_read_as_envds() {
        assert_eq!(ending(Exit::Code(0), false)["exitCode"], 0);
        assert_eq!(ending(Exit::Code(3), false)["error"], "exit status 3");
        assert_eq!(ending(Exit::Signal(libc::SIGKILL), false)["error"], "signal: killed");
        assert_eq!(ending(Exit::Signal(libc::SIGKILL), true)["error"], "signal: killed (out of memory)");
    }
}
