//! A deployment, from the first file to the end of the app: reported, watched, and read.

use std::time::Duration;

use actix::prelude::*;
use futures_util::StreamExt;
use tokio::sync::mpsc;
use tokio_util::task::AbortOnDropHandle;
use tracing::{Instrument, warn};

use super::{
    actor::{SessionActor, internal},
    state::{Attempt, Outcome, Signal},
    work::{Reached, tokio_stream_of},
};
use crate::{
    sandbox::{self, Laid, Lease, Plan, ProcessEvent, ProcessStream, RunningApp, SandboxError, Step},
    types::{Phase, SandboxId, Timestamp},
};

/// Reports of a deployment that the actor has not read yet; what is past that is dropped from the log.
const STEPS_WAITING: usize = 256;
/// Pieces of an app's output while its session is busy, or waits for the store; what is past that is not in its log.
const OUTPUT_WAITING: usize = 64;
/// Half a mebibyte per second is read of what one app prints: reading it is work for the thread that all sessions share.
const OUTPUT_BYTE_EVERY: Duration = Duration::from_nanos(1_000_000_000 / (512 * 1024));

impl SessionActor {
    pub(super) fn deploy(&mut self, attempt: Attempt, lease: Lease, ctx: &mut Context<Self>) {
        let Some(artifact) = self.artifact.clone() else {
            let outcome = Outcome::Deployed(Err(internal("the app's files are not at hand")));
            ctx.notify(Reached(Signal::Outcome { attempt, outcome }));
            return;
        };
        let (report, steps) = mpsc::channel(STEPS_WAITING);
        let port = artifact.port;
        let client = self.parts.client.clone();
        let sandbox = lease.sandbox.clone();
        let egress = self.session.inspection.egress.clone();
        let (staging, way) = (self.staging.take(), self.open_to_proof(&artifact));
        let deploying = async move {
            let laid = match staging {
                Some(staging) => staging.laid(lease.sandbox.clone()).await?,
                None => Laid::default(),
            };
            let plan = Plan { laid, way, egress, ..Plan::default() };
            // A full channel drops a log line, never the outcome: that comes with the future's own result.
            let step = move |step| drop(report.try_send(step));
            sandbox::deploy(client, lease, artifact, plan, step).await
        };
        // A task of its own: the actor's futures rest while it commits, and a request must not stand still for as long as a
        // store may be away. Dropped, the handle ends it.
        let task = AbortOnDropHandle::new(actix_rt::spawn(deploying.instrument(self.span.clone())));
        let work = ctx.spawn(task.into_actor(self).map(move |joined, this, ctx| {
            (this.work, this.proof) = (None, None);
            // A panic in there is the actor's own: its supervisor rebuilds the session.
            let outcome = match joined {
                Ok(outcome) => outcome,
                Err(error) => std::panic::resume_unwind(error.into_panic()),
            };
            match outcome {
                Ok(running) => {
                    this.listen(sandbox, running, ctx);
                    this.tell(Signal::Outcome { attempt, outcome: Outcome::Deployed(Ok(port)) }, ctx);
                }
                Err(failure) => this.broken(attempt, &failure, ctx),
            }
        }));
        self.work = Some(work);
        let steps = tokio_stream_of(steps).map(move |step| Stepped { attempt, step });
        ctx.add_message_stream(steps);
    }

    /// Keeps reading what the app writes; its end is the app's end.
    fn listen(&mut self, sandbox: SandboxId, running: RunningApp, ctx: &mut Context<Self>) {
        let (into, output) = mpsc::channel(OUTPUT_WAITING);
        // In a task of its own, as the deployment was: an app that nobody reads would stand still with its session.
        let reading = AbortOnDropHandle::new(actix_rt::spawn(read(running.output, into)));
        let output = tokio_stream_of(output);
        let ended = output.into_actor(self).fold(None, |end, event, this, _| {
            actix::fut::ready(match event {
                // An app runs without a time limit of its own; the session's alarm ends it.
                Ok(ProcessEvent::Started { .. } | ProcessEvent::OutOfTime) => end,
                Ok(ProcessEvent::Output { stream, bytes }) => {
                    this.logs.write(stream.into(), &bytes, Timestamp::now());
                    end
                }
                Ok(ProcessEvent::Ended { exit_code, status }) => Some(sandbox::ending(exit_code, &status)),
                Err(error) => {
                    warn!(parent: &this.span, error = %error, "the app's output broke off");
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

/// Reads what an app prints, no faster than is meant, and hands it on.
async fn read(mut output: ProcessStream, into: mpsc::Sender<Result<ProcessEvent, SandboxError>>) {
    while let Some(event) = output.next().await.transpose() {
        let Ok(ProcessEvent::Output { bytes, .. }) = &event else {
            // Of these there are few, and none may be lost.
            if into.send(event).await.is_err() {
                return;
            }
            continue;
        };
        // The app waits meanwhile, as it would for a slow terminal, and its neighbours do not wait for it.
        let pause = OUTPUT_BYTE_EVERY * u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        if let Err(mpsc::error::TrySendError::Closed(_)) = into.try_send(event) {
            return;
        }
        tokio::time::sleep(pause).await;
    }
}

/// A deployment reports where it is.
#[derive(Message)]
#[rtype(result = "()")]
struct Stepped {
    attempt: Attempt,
    step: Step,
}

impl Handler<Stepped> for SessionActor {
    type Result = ();

    fn handle(&mut self, Stepped { attempt, step }: Stepped, ctx: &mut Self::Context) {
        self.life.reached("Stepped");
        let phase = match step {
            Step::Uploading { .. } => Phase::Uploading,
            Step::Building => Phase::Building,
            Step::Starting => Phase::Starting,
            Step::Checking { .. } => Phase::Checking,
            Step::Output { stream, text } => {
                self.logs.write(stream.into(), text.as_bytes(), Timestamp::now());
                return;
            }
        };
        self.tell(Signal::Outcome { attempt, outcome: Outcome::Progress(phase) }, ctx);
    }
}
