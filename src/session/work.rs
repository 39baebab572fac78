//! Carrying effects out, and answering messages.

use std::{sync::Arc, time::Duration};

use actix::prelude::*;
use futures_util::StreamExt;
use tokio::sync::{mpsc, oneshot};
use tracing::{Instrument, warn};

use super::{
    actor::{SessionActor, internal},
    logs::{LogPage, Source},
    messages::{
        Destroy, Ended, Extend, ExtendError, Extended, FollowLogs, Hibernate, Logs, Subscribe, Subscriber,
        TooManySubscribers, Unsubscribe,
    },
    state::{Attempt, Command, Effect, Outcome, Signal},
};
use crate::{
    generator::Request,
    ledger,
    sandbox::{self, DeployLimits, Lease, ProcessEvent, RunningApp, Step},
    types::{Artifact, Failure, MicroUsd, Origin, Phase, Timestamp},
};

/// Listeners of one session, over all its WebSockets and event streams.
const SUBSCRIBERS_MAX: usize = 1024;
/// Reports of a deployment that the actor has not read yet; what is past that is dropped from the log.
const STEPS_WAITING: usize = 256;
/// Half a mebibyte per second is read of what one app prints: reading it is work for the thread that all sessions share.
const OUTPUT_BYTE_EVERY: Duration = Duration::from_nanos(1_000_000_000 / (512 * 1024));

impl SessionActor {
    pub(super) fn carry_out(&mut self, effects: Vec<Effect>, ctx: &mut Context<Self>) {
        for effect in effects {
            match effect {
                Effect::Begin { attempt } => {
                    ctx.notify(Reached(Signal::Outcome { attempt, outcome: Outcome::Begun }));
                }
                Effect::Generate { attempt } => self.generate(attempt, ctx),
                Effect::Acquire { attempt, until } => self.acquire(attempt, until, ctx),
                Effect::Deploy { attempt, lease } => self.deploy(attempt, lease, ctx),
                Effect::Abandon => self.abandon(ctx),
                Effect::SetTimeout { sandbox, until } => {
                    let lifetime = until.until(Timestamp::now());
                    let asked = self.parts.pool.send(sandbox::SetTimeout { sandbox, lifetime });
                    ctx.spawn(asked.into_actor(self).map(|answer, this, _| match answer {
                        Ok(Ok(())) => {}
                        Ok(Err(error)) => warn!(parent: &this.span, error = %error, "a sandbox kept its old timeout"),
                        Err(error) => warn!(parent: &this.span, error = %error, "the pool did not answer"),
                    }));
                }
                Effect::Release { sandbox } => self.release(sandbox, ctx),
                Effect::Alarm { attempt, at } => self.set_alarm(Signal::Deadline { attempt }, at, ctx),
                // All were told right after the commit.
                Effect::Publish(_) | Effect::Charge(_) | Effect::ChargeAnswers(_) | Effect::Used { .. } => {}
                // Past the mailbox bound on purpose, once in a session's life: a lost one would hold its money for ever.
                Effect::Settle => self.parts.ledger.do_send(ledger::Settle { session: self.session.spec.id }),
                Effect::Stop => self.finish(ctx),
            }
        }
    }

    fn generate(&mut self, attempt: Attempt, ctx: &mut Context<Self>) {
        if let Some(author) = self.parts.generators.author().cloned() {
            self.write(attempt, author, ctx);
            return;
        }
        match self.built_in(None) {
            Ok(artifact) => self.read(attempt, artifact, ctx),
            Err(failure) => {
                ctx.notify(Reached(Signal::Outcome { attempt, outcome: Outcome::Generated(Err(failure)) }));
            }
        }
    }

    /// The built-in generator's app, not read yet; with a reason when it serves because Claude could not.
    pub(super) fn built_in(&self, because: Option<&Failure>) -> Result<Artifact, Failure> {
        let spec = &self.session.spec;
        let request = Request { prompt: spec.prompt.clone(), app_type: spec.app_type, title: None };
        let generators = &self.parts.generators;
        let made = match because {
            Some(because) => generators.fall_back(&request, because),
            None => generators.generate(&request),
        };
        made.map_err(Failure::from)
    }

    pub(super) fn keep_artifact(&mut self, artifact: Artifact) -> Origin {
        let origin = artifact.origin.clone();
        let note = format!("{} files from {} ({})", artifact.files.len(), origin.generator, origin.template);
        self.logs.push(Source::Engine, &note, Timestamp::now());
        self.artifact = Some(Arc::new(artifact));
        self.artifact_stored = false;
        origin
    }

    fn acquire(&mut self, attempt: Attempt, until: Timestamp, ctx: &mut Context<Self>) {
        let lifetime = until.until(Timestamp::now());
        // Not cancelled with the rest: a sandbox that comes too late must be seen, to be given back.
        let asked = self.parts.pool.send(sandbox::Acquire { session: self.session.spec.id, lifetime });
        ctx.spawn(asked.into_actor(self).map(move |answer, this, ctx| {
            let outcome = match answer {
                Ok(answer) => answer.map(sandbox::Handed::take).map_err(Failure::from),
                Err(_) => Err(internal("the sandbox pool did not answer")),
            };
            this.tell(Signal::Outcome { attempt, outcome: Outcome::Acquired(outcome) }, ctx);
        }));
    }

    fn deploy(&mut self, attempt: Attempt, lease: Lease, ctx: &mut Context<Self>) {
        let Some(artifact) = self.artifact.clone() else {
            let outcome = Outcome::Deployed(Err(internal("the app's files are not at hand")));
            ctx.notify(Reached(Signal::Outcome { attempt, outcome }));
            return;
        };
        let (report, steps) = mpsc::channel(STEPS_WAITING);
        let port = artifact.port;
        let client = self.parts.client.clone();
        let sandbox = lease.sandbox.clone();
        // A full channel drops a log line, never the outcome: that comes with the future's own result.
        let deploying = sandbox::deploy(client, lease, artifact, DeployLimits::default(), move |step| {
            let _ = report.try_send(step);
        });
        let deploying = deploying.instrument(self.span.clone()).into_actor(self);
        let work = ctx.spawn(deploying.map(move |outcome, this, ctx| {
            this.work = None;
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
    fn listen(&mut self, sandbox: crate::types::SandboxId, running: RunningApp, ctx: &mut Context<Self>) {
        let output = futures_util::stream::unfold(running.output, |mut output| async move {
            let event = output.next().await.transpose()?;
            if let Ok(ProcessEvent::Output { bytes, .. }) = &event {
                // The app waits meanwhile, as it would for a slow terminal, and its neighbours do not wait for it.
                tokio::time::sleep(OUTPUT_BYTE_EVERY * u32::try_from(bytes.len()).unwrap_or(u32::MAX)).await;
            }
            Some((event, output))
        });
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
            this.app = None;
            this.logs.flush(Timestamp::now());
            this.tell(Signal::AppEnded { sandbox, how: end }, ctx);
        }));
        self.app = Some(app);
    }

    fn abandon(&mut self, ctx: &mut Context<Self>) {
        self.stop_writing(ctx);
        for handle in [self.work.take(), self.app.take()].into_iter().flatten() {
            ctx.cancel_future(handle);
        }
    }

    fn release(&mut self, sandbox: crate::types::SandboxId, ctx: &mut Context<Self>) {
        let (client, pool, asked_for) = (self.parts.client.clone(), self.parts.pool.clone(), sandbox.clone());
        let asked = async move {
            // Only as long as it lives can it be asked. That nobody answers is no reason to keep it.
            let used = client.used(&asked_for).await.ok().flatten();
            (pool.send(sandbox::Release { sandbox: asked_for }).await, used)
        };
        ctx.spawn(asked.into_actor(self).map(move |(answer, used), this, ctx| {
            match answer {
                Ok(Ok(())) => {}
                // From here on the pool owns the release, and tries until the sandbox's own timeout has ended it.
                Ok(Err(error)) => warn!(parent: &this.span, error = %error, %sandbox, "a sandbox is slow to go"),
                Err(error) => warn!(parent: &this.span, error = %error, %sandbox, "the pool did not answer"),
            }
            this.tell(Signal::Released { sandbox, used }, ctx);
        }));
    }
}

pub(super) fn tokio_stream_of<T>(mut receiver: mpsc::Receiver<T>) -> impl futures_util::Stream<Item = T> {
    futures_util::stream::poll_fn(move |cx| receiver.poll_recv(cx))
}

/// A signal that the actor sends to itself, so that each decision is one message.
#[derive(Message)]
#[rtype(result = "()")]
pub(super) struct Reached(pub Signal);

impl Handler<Reached> for SessionActor {
    type Result = ();

    fn handle(&mut self, Reached(signal): Reached, ctx: &mut Self::Context) {
        self.tell(signal, ctx);
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

impl Handler<Subscribe> for SessionActor {
    type Result = Result<(), TooManySubscribers>;

    fn handle(&mut self, Subscribe { subscriber }: Subscribe, _: &mut Self::Context) -> Self::Result {
        // Whoever went away is noticed at the next frame, and a live session may not have one for hours.
        self.subscribers.retain(|other| !other.is_gone());
        if self.subscribers.len() >= SUBSCRIBERS_MAX {
            return Err(TooManySubscribers(SUBSCRIBERS_MAX));
        }
        // On the same way as all later frames, so that it is the first to arrive.
        let present = self.present();
        if super::actor::deliver(&subscriber, &present) {
            self.subscribers.push(subscriber);
        }
        Ok(())
    }
}

impl Handler<Unsubscribe> for SessionActor {
    type Result = ();

    fn handle(&mut self, Unsubscribe { recipient }: Unsubscribe, _: &mut Self::Context) {
        self.subscribers.retain(|subscriber| match subscriber {
            Subscriber::Socket(other) => *other != recipient,
            Subscriber::Stream(_) => true,
        });
    }
}

impl Handler<Destroy> for SessionActor {
    type Result = ResponseFuture<Ended>;

    fn handle(&mut self, _: Destroy, ctx: &mut Self::Context) -> Self::Result {
        let (sender, ended) = oneshot::channel();
        self.waiting_for_end.push(sender);
        self.destroy(ctx);
        // Where the actor dies first, the store has the end; this is what is known by now.
        let known = self.ended();
        Box::pin(async move { ended.await.unwrap_or(known) })
    }
}

impl Handler<Extend> for SessionActor {
    type Result = ResponseFuture<Result<Extended, ExtendError>>;

    fn handle(&mut self, Extend { by }: Extend, ctx: &mut Self::Context) -> Self::Result {
        let additional_cost = match self.session.quote(by) {
            Ok(cost) => cost,
            Err(rejected) => return Box::pin(std::future::ready(Err(rejected.into()))),
        };
        let (session, user) = (self.session.spec.id, self.session.spec.user.clone());
        let amount = self.reservation(by);
        let asked = self.parts.ledger.send(ledger::Reserve { session, user, amount });
        let (tell, decided) = oneshot::channel();
        // The mailbox rests until the ledger has answered: of extensions that come together, each would else reserve
        // its own hours alone, and all be granted for the price of one.
        ctx.wait(asked.into_actor(self).map(move |answer, this, ctx| {
            // Whoever asked may be gone; the decision stands.
            let _ = tell.send(this.extend(by, additional_cost, answer, ctx));
        }));
        Box::pin(async move {
            let lost = || ExtendError::Unavailable(internal("the extension could not be stored"));
            let (committed, extended) = decided.await.map_err(|_| lost())??;
            committed.await.map_err(|_| lost())?;
            Ok(extended)
        })
    }
}

type Reserved = Result<Result<(), ledger::Refused>, MailboxError>;

impl SessionActor {
    /// Extends what the ledger has reserved for; the receiver fires once that is stored.
    fn extend(
        &mut self,
        by: Duration,
        additional_cost: MicroUsd,
        reserved: Reserved,
        ctx: &mut Context<Self>,
    ) -> Result<(oneshot::Receiver<()>, Extended), ExtendError> {
        match reserved {
            Ok(Ok(())) => {}
            Ok(Err(refused)) => return Err(ExtendError::OverBudget(refused)),
            Err(_) => return Err(ExtendError::Unavailable(internal("the ledger did not answer"))),
        }
        let (sender, committed) = oneshot::channel();
        self.apply(Signal::Command(Command::Extend { by }), Some(sender), ctx)?;
        Ok((committed, Extended { expires_at: self.session.expires_at, additional_cost }))
    }
}

impl SessionActor {
    /// What must be reserved for the whole life, once it is `by` longer.
    pub(super) fn reservation(&self, by: Duration) -> MicroUsd {
        let spec = &self.session.spec;
        let more = spec.rates.total(spec.size, i64::try_from(by.as_millis()).unwrap_or(i64::MAX));
        (self.session.estimated_cost() + more).min(spec.budget)
    }
}

impl Handler<Logs> for SessionActor {
    type Result = MessageResult<Logs>;

    fn handle(&mut self, Logs { after }: Logs, _: &mut Self::Context) -> Self::Result {
        MessageResult(self.logs.after(after))
    }
}

impl Handler<FollowLogs> for SessionActor {
    type Result = Option<LogPage>;

    fn handle(&mut self, FollowLogs { after, follower }: FollowLogs, _: &mut Self::Context) -> Self::Result {
        self.logs.follow(follower).then(|| self.logs.after(after))
    }
}

impl Handler<Hibernate> for SessionActor {
    type Result = ();

    fn handle(&mut self, _: Hibernate, ctx: &mut Self::Context) {
        self.tell(Signal::Meter, ctx);
        // The stop takes effect after the commit that `tell` has put before it.
        ctx.notify(Asleep);
    }
}

#[derive(Message)]
#[rtype(result = "()")]
struct Asleep;

impl Handler<Asleep> for SessionActor {
    type Result = ();

    fn handle(&mut self, _: Asleep, ctx: &mut Self::Context) {
        ctx.stop();
    }
}
