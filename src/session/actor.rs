//! The shell around the machine: commit what was decided, then do it.

use std::{cell::Cell, rc::Rc, sync::Arc, time::Duration};

use actix::prelude::*;
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use tokio::sync::oneshot;
use tracing::{Span, info, warn};

use super::{
    audience::Audience,
    committing,
    effect::Effect,
    logs::Logs as LogLines,
    machine::transition,
    messages::{Ended, Snapshot},
    proof::Proof,
    rows::Decided,
    signal::{Command, Signal},
    staging::Staging,
    state::{Session, State},
    writing::Writing,
};
use crate::{
    events::Frame,
    generator::{Generators, repair::Fingerprint},
    guard, ledger,
    routes::Routes,
    sandbox,
    store::{ChargeRow, SessionRow, Store, StoreError},
    supervisor::{Life, Post},
    types::{Artifact, EndReason, Failure, MicroUsd, SandboxId, Timestamp},
};

/// Messages waiting for one session.
const MAILBOX: usize = 64;
/// How often a live session's cost is charged and its view refreshed.
const METER_EVERY: Duration = Duration::from_secs(30);

/// What all sessions share.
pub struct Parts {
    pub store: Store,
    pub ledger: Post<ledger::Ledger>,
    pub pool: Post<sandbox::Pool>,
    pub client: sandbox::Client,
    pub generators: Generators,
    pub policies: guard::Policies,
    pub routes: Routes,
    /// The gateway, as apps' visitors meet it. Without one, apps are proven at their sandboxes' ports.
    pub front: Option<sandbox::Front>,
    /// Shared by all sessions, where their apps share a machine.
    pub turns: sandbox::Turns,
}

/// With what a session's actor begins.
pub struct Opening {
    /// The session, and what is to be done first: a creation or a recovery.
    pub decided: (Session, Vec<Effect>),
    /// Revision and last event number of a session that the store knows already.
    pub stored: Option<(i64, i64)>,
    pub artifact: Option<Arc<Artifact>>,
    /// Fires when the first commit is made.
    pub stored_now: Option<oneshot::Sender<()>>,
    /// Shared with whoever hears of the actor's end: whether the store is known to have the session.
    pub is_stored: Rc<Cell<bool>>,
    /// The published view, which others read without asking.
    pub snapshot: Arc<Snapshot>,
    pub audience: Audience,
    pub life: Life<SessionActor>,
}

/// A session as the store keeps it.
#[derive(Serialize, Deserialize)]
pub struct Kept {
    pub session: Session,
    /// The number of the last event.
    pub seq: i64,
}

impl Kept {
    /// # Errors
    /// When the row was written by another version of the engine, or damaged.
    pub fn read(row: &SessionRow) -> Result<Self, serde_json::Error> {
        serde_json::from_str(&row.state)
    }
}

/// One session.
pub struct SessionActor {
    pub(super) session: Session,
    pub(super) parts: Rc<Parts>,
    pub(super) artifact: Option<Arc<Artifact>>,
    pub(super) artifact_stored: bool,
    pub(super) logs: LogLines,
    pub(super) audience: Audience,
    pub(super) waiting_for_end: Vec<oneshot::Sender<Ended>>,
    pub(super) waiting_for_rest: Vec<oneshot::Sender<()>>,
    pub(super) work: Option<SpawnHandle>,
    pub(super) app: Option<SpawnHandle>,
    /// What Claude is writing, or mending.
    pub(super) writing: Option<Writing>,
    /// What is brought into the sandbox meanwhile.
    pub(super) staging: Option<Staging>,
    /// What opens the app to the engine before it is live.
    pub(super) proof: Option<Proof>,
    /// The failures that Claude was asked to mend.
    pub(super) failures: Vec<Fingerprint>,
    /// An app that the guard stopped was given back to be mended.
    pub(super) sent_back: bool,
    alarm: Option<SpawnHandle>,
    /// What to carry out as soon as the first commit is made.
    opening: Option<(Vec<Effect>, Option<oneshot::Sender<()>>)>,
    snapshot: Arc<Snapshot>,
    /// The number of commits made; the store's compare-and-set.
    revision: i64,
    seq: i64,
    pub(super) span: Span,
    is_stored: Rc<Cell<bool>>,
    pub(super) life: Life<Self>,
}

impl SessionActor {
    /// An actor that first commits and carries out what was decided.
    #[must_use]
    pub fn new(opening: Opening, parts: Rc<Parts>) -> Self {
        let Opening { decided: (session, effects), stored, artifact, stored_now, is_stored, snapshot, audience, life } =
            opening;
        let (revision, seq) = stored.unwrap_or((0, 0));
        let span = tracing::info_span!("session", id = %session.spec.id);
        let artifact_stored = artifact.is_some();
        Self {
            session,
            parts,
            artifact,
            artifact_stored,
            logs: LogLines::default(),
            audience,
            waiting_for_end: Vec::new(),
            waiting_for_rest: Vec::new(),
            work: None,
            app: None,
            writing: None,
            staging: None,
            proof: None,
            failures: Vec::new(),
            sent_back: false,
            alarm: None,
            opening: Some((effects, stored_now)),
            snapshot,
            revision,
            seq,
            span,
            is_stored,
            life,
        }
    }

    /// Lets the machine decide, commits, and then carries the effects out. `committed` fires between the two.
    pub(super) fn apply(
        &mut self,
        signal: Signal,
        committed: Option<oneshot::Sender<()>>,
        ctx: &mut Context<Self>,
    ) -> Result<(), super::Rejected> {
        let (next, effects) = transition(&self.session, signal, Timestamp::now())?;
        if effects.is_empty() && next == self.session {
            return Ok(());
        }
        self.log_transition(&next);
        let brought = Session::brought(&self.session, &effects);
        self.session = next;
        self.commit(effects, brought, committed, ctx);
        Ok(())
    }

    /// Signals that are never refused.
    pub(super) fn tell(&mut self, signal: Signal, ctx: &mut Context<Self>) {
        if let Err(rejected) = self.apply(signal, None, ctx) {
            warn!(parent: &self.span, error = %rejected, "a signal that cannot be refused was");
        }
    }

    /// Tells a signal, and goes on once its decision is kept: two that are told in one turn would be committed in the
    /// wrong order, and those that an actor sends itself come in any.
    pub(super) fn tell_and(
        &mut self,
        signal: Signal,
        ctx: &mut Context<Self>,
        then: impl FnOnce(&mut Self, &mut Context<Self>) + 'static,
    ) {
        self.tell(signal, ctx);
        // What the context waits for comes before all that is spawned.
        ctx.spawn(std::future::ready(()).into_actor(self).map(|(), this, ctx| then(this, ctx)));
    }

    pub(super) fn destroy(&mut self, ctx: &mut Context<Self>) {
        self.tell(Signal::Command(Command::Destroy), ctx);
    }

    fn log_transition(&self, next: &Session) {
        if next.attempt != self.session.attempt {
            self.measure(next);
            let (status, phase, attempt) = (next.status().as_str(), next.phase().as_str(), next.attempt.0);
            match &next.state {
                State::Failed { failure, .. } => {
                    warn!(parent: &self.span, code = %failure.code, error = %failure.message, "session failed");
                }
                State::Creating { .. }
                | State::Generating { .. }
                | State::Acquiring { .. }
                | State::Deploying { .. }
                | State::Ready { .. }
                | State::Expired { .. } => info!(parent: &self.span, status, phase, attempt, "session moved"),
            }
        }
    }

    fn measure(&self, next: &Session) {
        if let State::Ready { since, .. } = &next.state
            && self.session.restarts == 0
        {
            let seconds = since.millis_since(next.spec.created_at) as f64 / 1e3;
            metrics::histogram!("spawnai_prompt_to_live_seconds").record(seconds);
        }
        if next.is_over() {
            let how = next.end_reason().map_or("error", EndReason::as_str);
            metrics::counter!("spawnai_sessions_ended_total", "how" => how).increment(1);
            metrics::histogram!("spawnai_session_cost_dollars").record(next.past_cost.as_dollars());
        }
    }

    /// One transaction for the state and all that it causes. The mailbox rests until it is through, so nothing is
    /// decided on a state that may not be kept.
    ///
    /// `brought` are the sandboxes that the store does not know before.
    fn commit(
        &mut self,
        effects: Vec<Effect>,
        brought: Vec<SandboxId>,
        committed: Option<oneshot::Sender<()>>,
        ctx: &mut Context<Self>,
    ) {
        let now = Timestamp::now();
        let frames = self.frames(&effects, now);
        let commit = Decided {
            session: &self.session,
            effects: &effects,
            frames: &frames,
            seq: self.seq,
            revision: self.revision,
            reserved: self.session.reservation(Duration::ZERO),
            artifact: if self.artifact_stored { None } else { self.artifact.clone() },
            logs: self.session.is_over().then(|| self.logs.after(0)),
        }
        .rows(now);
        self.revision = commit.session.revision;
        let stores = commit.artifact.clone();
        let mut charges = commit.charges.clone();
        charges.retain(|charge| charge.amount > MicroUsd::ZERO);
        let store = self.parts.store.clone();
        let writing = committing::commit(store, commit, self.claiming()).into_actor(self);
        ctx.wait(writing.map(move |outcome, this, ctx| match outcome {
            Ok(()) => {
                this.is_stored.set(true);
                // It may have been mended meanwhile: then another one is to be stored.
                this.artifact_stored |=
                    stores.zip(this.artifact.as_ref()).is_some_and(|(stored, artifact)| Arc::ptr_eq(&stored, artifact));
                this.publish(&frames, now);
                if let Some(committed) = committed {
                    // Whoever asked may be gone; the decision stands.
                    let _ = committed.send(());
                }
                this.life.reached("Committed");
                this.tell_ledger(charges);
                this.carry_out(effects, ctx);
            }
            Err(error) => this.give_up(&error, brought, ctx),
        }));
    }

    /// Tells the pool what is this session's: one that was made anew does not know.
    pub(super) fn claiming(&self) -> impl Fn() + use<> {
        let (session, expires_at) = (self.session.spec.id, self.session.expires_at);
        let held = self.session.lease().map(|lease| lease.sandbox.clone());
        let pool = self.parts.pool.clone();
        move || {
            if let Some(sandbox) = held.clone() {
                let lifetime = expires_at.until(Timestamp::now());
                pool.tell(sandbox::Claim { session, sandbox, lifetime });
            }
        }
    }

    /// What the store has by now: the charges, and what is held for a session that is not over.
    fn tell_ledger(&self, charges: Vec<ChargeRow>) {
        let spec = &self.session.spec;
        let holds = (!self.session.is_over()).then(|| (spec.user.clone(), self.session.reservation(Duration::ZERO)));
        if !charges.is_empty() || holds.is_some() {
            self.parts.ledger.tell(ledger::Charged { session: spec.id, holds, charges });
        }
    }

    fn frames(&mut self, effects: &[Effect], now: Timestamp) -> Vec<Frame> {
        let mut frames = Vec::new();
        for effect in effects {
            if let Effect::Publish(event) = effect {
                self.seq += 1;
                frames.push(Frame::new(self.session.spec.id, self.seq, now, event));
            }
        }
        frames
    }

    /// Makes the view and the route what the session is now, and tells all who listen.
    fn publish(&mut self, frames: &[Frame], now: Timestamp) {
        let view = serde_json::to_vec(&self.session.view(now)).unwrap_or_default();
        // First, so that whoever reads `ready` finds the app.
        self.publish_route();
        self.snapshot.store(Arc::new(Bytes::from(view)));
        self.audience.deliver(frames);
        if self.session.is_resting() {
            self.waiting_for_rest.clear();
        }
    }

    /// Pieces of files for who listens right now, as far as they keep up.
    pub(super) fn pass(&self, frames: &[Frame]) {
        self.audience.deliver(frames);
    }

    /// The present state as a frame that carries the last number given out.
    pub(super) fn present(&self) -> Frame {
        let now = Timestamp::now();
        Frame::new(self.session.spec.id, self.seq, now, &self.session.event(None))
    }

    pub(super) fn set_alarm(&mut self, signal: Signal, at: Timestamp, ctx: &mut Context<Self>) {
        if let Some(alarm) = self.alarm.take() {
            ctx.cancel_future(alarm);
        }
        let wait = at.until(Timestamp::now());
        self.alarm = Some(ctx.run_later(wait, move |this, ctx| {
            this.life.reached("Alarm");
            this.tell(signal, ctx);
        }));
    }

    /// The alarm's timer stands still while the machine is suspended, and the time does not.
    fn look_at_the_clock(&mut self, ctx: &mut Context<Self>) {
        if self.session.due().is_some_and(|due| due <= Timestamp::now()) {
            self.tell(Signal::Deadline { attempt: self.session.attempt }, ctx);
        }
    }

    pub(super) fn finish(&mut self, ctx: &mut Context<Self>) {
        self.life.finish();
        let ended = self.ended();
        for waiting in self.waiting_for_end.drain(..) {
            let _ = waiting.send(ended.clone());
        }
        ctx.stop();
    }

    pub(super) fn ended(&self) -> Ended {
        let reason = self.session.end_reason();
        Ended { status: self.session.status(), reason, final_cost: self.session.cost(Timestamp::now()) }
    }

    /// The store does not take the decision. Nothing it wanted is done but giving back; the supervisor rebuilds the
    /// session from what the store has.
    fn give_up(&mut self, error: &StoreError, brought: Vec<SandboxId>, ctx: &mut Context<Self>) {
        warn!(parent: &self.span, error = %error, "the store refused a session; rebuilding it");
        // Told and not asked: no future of this actor's is polled any more.
        for sandbox in brought {
            self.parts.pool.tell(sandbox::Release { sandbox });
        }
        ctx.stop();
    }
}

impl Actor for SessionActor {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        ctx.set_mailbox_capacity(MAILBOX);
        self.life.begin(ctx.address());
        ctx.run_interval(METER_EVERY, |this, ctx| {
            this.life.reached("Meter");
            this.claiming()();
            this.tell_and(Signal::Meter, ctx, Self::look_at_the_clock);
        });
        if let Some((effects, stored_now)) = self.opening.take() {
            // A new session has no sandbox, and those of one that was found are in the store.
            self.commit(effects, Vec::new(), stored_now, ctx);
        }
    }
}

/// A failure of ours, for what the types can't say.
pub(super) fn internal(what: &str) -> Failure {
    Failure::new("internal", crate::types::Category::System, format!("{what}; try again")).retryable()
}
