//! A deployment, from the first file to the first answer: reported and watched. `listening` takes over from there.

use actix::prelude::*;
use futures_util::StreamExt;
use tokio::sync::mpsc;
use tokio_util::task::AbortOnDropHandle;
use tracing::Instrument;

use super::{
    actor::{SessionActor, internal},
    signal::{Outcome, Running, Signal},
    state::Attempt,
    work::{Reached, tokio_stream_of},
};
use crate::{
    sandbox::{self, Laid, Lease, Plan, RunningApp, Step},
    types::{Phase, Timestamp},
};

/// Reports of a deployment that the actor has not read yet; what is past that is dropped from the log.
const STEPS_WAITING: usize = 256;

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
        let held = lease.clone();
        let egress = self.session.inspection.egress.clone();
        let turns = self.parts.turns.clone();
        let (staging, way) = (self.staging.take(), self.open_to_proof(&artifact));
        let deploying = async move {
            let laid = match staging {
                Some(staging) => staging.laid(lease.sandbox.clone()).await?,
                None => Laid::default(),
            };
            let plan = Plan { laid, way, egress, turns, ..Plan::default() };
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
                Ok(RunningApp { pid, output }) => {
                    this.listen(held, pid, Some(output), ctx);
                    let outcome = Outcome::Deployed(Ok(Running { port, pid }));
                    this.tell(Signal::Outcome { attempt, outcome }, ctx);
                }
                Err(failure) => this.broken(attempt, &failure, ctx),
            }
        }));
        self.work = Some(work);
        let steps = tokio_stream_of(steps).map(move |step| Stepped { attempt, step });
        ctx.add_message_stream(steps);
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
