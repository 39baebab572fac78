//! Listening to a live app: what it prints goes to its log, and its end is told.
//!
//! ```text
//!   found in the store ──────────────────────────────┐
//!                ┌──────────── an event ────────────┐│
//!                ▼                                  │▼
//!   deployed ─► reading ── the connection broke ─► pause ─► attach ── no such process, or sandbox ─► lost
//!                │                                  ▲          │
//!                └── Ended ─► the app's end         └── failed, and may not the next time
//! ```
//! A connection that breaks is not an app that ends: on the way to a cloud each connection breaks some day, and a host may be
//! out of reach for a while, with all its apps alive. So the listening begins anew for as long as the session lives, and only
//! who knows (the stream, or the host that is asked again) says that the app is gone. What is printed meanwhile is in no log.

use std::time::Duration;

use actix::prelude::*;
use tokio::{
    sync::mpsc,
    time::{Instant, sleep},
};
use tokio_util::task::AbortOnDropHandle;
use tracing::{Instrument as _, warn};

use super::{actor::SessionActor, logs::Source, signal::Signal, work::tokio_stream_of};
use crate::{
    sandbox::{self, Client, Lease, ProcessEvent, ProcessStream, SandboxError},
    types::Timestamp,
};

/// Pieces of an app's output while its session is busy, or waits for the store; what is past that is not in its log.
const OUTPUT_WAITING: usize = 64;
/// Half a mebibyte per second is read of what one app prints: reading it is work for the thread that all sessions share.
const OUTPUT_BYTE_EVERY: Duration = Duration::from_nanos(1_000_000_000 / (512 * 1024));
/// Before the first try to listen again.
const PAUSE_FIRST: Duration = Duration::from_millis(100);
/// Between tries, once they have failed for long. The session's own end ends them.
const PAUSE_MAX: Duration = Duration::from_secs(10);

/// What is heard of an app.
enum Heard {
    Event(ProcessEvent),
    /// Nothing, for now.
    Interrupted(SandboxError),
    /// Nothing any more.
    Lost(SandboxError),
}

impl SessionActor {
    /// Keeps reading what the app writes, from a stream of it or, without one, from where it is found; its end is the app's
    /// end.
    pub(super) fn listen(&mut self, lease: Lease, pid: u32, stream: Option<ProcessStream>, ctx: &mut Context<Self>) {
        let (into, output) = mpsc::channel(OUTPUT_WAITING);
        let (client, sandbox, span) = (self.parts.client.clone(), lease.sandbox.clone(), self.span.clone());
        // In a task of its own, as the deployment was: an app that nobody reads would stand still with its session.
        let reading = AbortOnDropHandle::new(actix_rt::spawn(read(client, lease, pid, stream, into).instrument(span)));
        let output = tokio_stream_of(output);
        let ended = output.into_actor(self).fold(None, |end, heard, this, _| {
            actix::fut::ready(match heard {
                // An app runs without a time limit of its own; the session's alarm ends it.
                Heard::Event(ProcessEvent::Started { .. } | ProcessEvent::OutOfTime) => end,
                Heard::Event(ProcessEvent::Output { stream, bytes }) => {
                    this.logs.write(stream.into(), &bytes, Timestamp::now());
                    end
                }
                Heard::Event(ProcessEvent::Ended { exit_code, status }) => Some(sandbox::ending(exit_code, &status)),
                Heard::Interrupted(error) => {
                    warn!(parent: &this.span, error = %error, "the app's output broke off; listening again");
                    let note = "the connection to the sandbox broke; what the app prints until it is back is not shown";
                    this.logs.push(Source::Engine, note, Timestamp::now());
                    end
                }
                Heard::Lost(error) => {
                    warn!(parent: &this.span, error = %error, "the app is gone");
                    end
                }
            })
        });
        let app = ctx.spawn(ended.map(move |end, this, ctx| {
            drop(reading);
            this.life.reached("AppEnded");
            this.app = None;
            this.logs.flush(Timestamp::now());
            this.tell(Signal::AppEnded { sandbox, how: end }, ctx);
        }));
        self.app = Some(app);
    }
}

/// Reads what an app prints, no faster than is meant, and hands it on until the app is gone.
async fn read(client: Client, lease: Lease, pid: u32, stream: Option<ProcessStream>, into: mpsc::Sender<Heard>) {
    let mut pause = PAUSE_FIRST;
    let mut output = match stream {
        Some(stream) => stream,
        None => match attach(&client, &lease, pid, &mut pause).await {
            Ok(stream) => stream,
            Err(error) => return drop(into.send(Heard::Lost(error)).await),
        },
    };
    let mut since = Instant::now();
    loop {
        let event = match output.next().await {
            Ok(Some(event)) => event,
            Ok(None) => return,
            Err(error) if !error.is_retryable() => return drop(into.send(Heard::Lost(error)).await),
            Err(error) => {
                // A host that takes the connection and drops it is no better than one that does not.
                if since.elapsed() > PAUSE_MAX {
                    pause = PAUSE_FIRST;
                }
                // One line for each interruption, not for each try.
                if pause == PAUSE_FIRST && into.send(Heard::Interrupted(error)).await.is_err() {
                    return;
                }
                match attach(&client, &lease, pid, &mut pause).await {
                    Ok(again) => (output, since) = (again, Instant::now()),
                    Err(error) => return drop(into.send(Heard::Lost(error)).await),
                }
                continue;
            }
        };
        let ProcessEvent::Output { bytes, .. } = &event else {
            // Of these there are few, and none may be lost.
            if into.send(Heard::Event(event)).await.is_err() {
                return;
            }
            continue;
        };
        // The app waits meanwhile, as it would for a slow terminal, and its neighbours do not wait for it.
        let rest = OUTPUT_BYTE_EVERY * u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        if let Err(mpsc::error::TrySendError::Closed(_)) = into.try_send(Heard::Event(event)) {
            return;
        }
        sleep(rest).await;
    }
}

/// Tries until there is an answer. `pause` is how long to wait before, and grows with each try.
async fn attach(client: &Client, lease: &Lease, pid: u32, pause: &mut Duration) -> Result<ProcessStream, SandboxError> {
    loop {
        sleep(*pause).await;
        *pause = (*pause * 2).min(PAUSE_MAX);
        match client.attach(lease, pid).await {
            Err(error) if error.is_retryable() => sleep(error.retry_after().unwrap_or_default()).await,
            answered => return answered,
        }
    }
}
