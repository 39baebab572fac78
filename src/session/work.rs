//! Carrying effects out.

use std::{sync::Arc, time::Duration};

use actix::prelude::*;
use tokio::sync::mpsc;
use tracing::warn;

use super::{
    actor::{SessionActor, internal},
    effect::Effect,
    logs::Source,
    signal::{Outcome, Signal},
    state::Attempt,
};
use crate::{
    generator::Request,
    ledger, sandbox,
    sandbox::Lease,
    types::{Artifact, Failure, Origin, Timestamp},
};

impl SessionActor {
    pub(super) fn carry_out(&mut self, effects: Vec<Effect>, ctx: &mut Context<Self>) {
        for effect in effects {
            match effect {
                Effect::Begin { attempt } => {
                    ctx.notify(Reached(Signal::Outcome { attempt, outcome: Outcome::Begun }));
                }
                Effect::Generate { attempt } => self.generate(attempt, ctx),
                Effect::Acquire { attempt, until } => self.acquire(attempt, until, ctx),
                Effect::Stage { attempt: _, lease } => self.stage(lease),
                Effect::Deploy { attempt, lease } => self.deploy(attempt, lease, ctx),
                Effect::Attach { lease, pid } => {
                    // Should the pool be new, too, it does not know whose the sandbox is.
                    self.claiming()();
                    self.listen(lease, pid, None, ctx);
                }
                Effect::Abandon => self.abandon(ctx),
                Effect::SetTimeout { sandbox, until } => {
                    let lifetime = until.until(Timestamp::now());
                    let asked = self.parts.pool.ask_again(sandbox::SetTimeout { sandbox, lifetime });
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
                Effect::HoldLess => {
                    let amount = self.session.reservation(Duration::ZERO);
                    self.parts.ledger.tell(ledger::HoldLess { session: self.session.spec.id, amount });
                }
                Effect::Settle => self.parts.ledger.tell(ledger::Settle { session: self.session.spec.id }),
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
            Ok(artifact) => {
                self.admit(attempt, artifact, ctx, Box::new(move |this, read, ctx| this.generated(attempt, read, ctx)))
            }
            Err(failure) => self.generated(attempt, Err(failure), ctx),
        }
    }

    /// Tells how the generation went; by now the guard has read the app.
    pub(super) fn generated(&mut self, attempt: Attempt, made: Result<Artifact, Failure>, ctx: &mut Context<Self>) {
        // One that nobody waits for any more is told, since that settles what is owed, and not kept.
        let waited_for = attempt == self.session.attempt;
        let outcome = made.map(|artifact| match waited_for {
            true => self.keep_artifact(artifact),
            false => artifact.origin,
        });
        ctx.notify(Reached(Signal::Outcome { attempt, outcome: Outcome::Generated(outcome) }));
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

    fn keep_artifact(&mut self, artifact: Artifact) -> Origin {
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
        let asked = self.parts.pool.ask_again(sandbox::Acquire { session: self.session.spec.id, lifetime });
        ctx.spawn(asked.into_actor(self).map(move |answer, this, ctx| {
            let outcome = match answer {
                Ok(answer) => answer.map(sandbox::Handed::take).map_err(Failure::from),
                Err(_) => Err(internal("the sandbox pool did not answer")),
            };
            this.tell(Signal::Outcome { attempt, outcome: Outcome::Acquired(outcome) }, ctx);
        }));
    }

    /// The sandbox has come before the app: what is finished goes there.
    fn stage(&mut self, lease: Lease) {
        let policy = self.parts.policies.of(self.session.spec.app_type).clone();
        let (client, span) = (self.parts.client.clone(), self.span.clone());
        let internet = self.parts.generators.config().internet;
        self.staging = self.staging.take().map(|staging| staging.begin(client, lease, policy, internet, span));
    }

    fn abandon(&mut self, ctx: &mut Context<Self>) {
        self.stop_writing(ctx);
        (self.staging, self.proof) = (None, None);
        for handle in [self.work.take(), self.app.take()].into_iter().flatten() {
            ctx.cancel_future(handle);
        }
    }

    fn release(&mut self, sandbox: crate::types::SandboxId, ctx: &mut Context<Self>) {
        let (client, pool, asked_for) = (self.parts.client.clone(), self.parts.pool.clone(), sandbox.clone());
        let asked = async move {
            // Only as long as it lives can it be asked. That nobody answers is no reason to keep it.
            let used = client.used(&asked_for).await.ok().flatten();
            (pool.ask_again(sandbox::Release { sandbox: asked_for }).await, used)
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
        self.life.reached("Reached");
        self.tell(signal, ctx);
    }
}
