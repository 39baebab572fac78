//! The shell around the machine: commit what was decided, then do it.

use std::{rc::Rc, sync::Arc, time::Duration};

use actix::prelude::*;
use bytes::Bytes;
use futures_util::future::LocalBoxFuture;
use serde::{Deserialize, Serialize};
use tokio::sync::oneshot;
use tracing::{Span, info, warn};

use super::{
    logs::Logs as LogLines,
    machine::transition,
    messages::{Delivery, Ended, Exited, Snapshot, Subscriber},
    proof::Proof,
    rows::Decided,
    staging::Staging,
    state::{Command, Effect, Session, Signal, State},
    writing::Writing,
};
use crate::{
    events::Frame,
    generator::{Generators, repair::Fingerprint},
    guard, ledger,
    routes::Routes,
    sandbox,
    store::{Commit, SessionRow, Store, StoreError},
    types::{Artifact, EndReason, Failure, MicroUsd, Timestamp},
};

/// Messages waiting for one session.
const MAILBOX: usize = 64;
/// How often a live session's cost is charged and its view refreshed.
const METER_EVERY: Duration = Duration::from_secs(30);
/// Tries of one commit before the session is rebuilt from the store.
const COMMIT_TRIES: u32 = 4;
const COMMIT_RETRY_BASE: Duration = Duration::from_millis(50);

/// What all sessions share.
pub struct Parts {
    pub store: Store,
    pub ledger: Addr<ledger::Ledger>,
    pub pool: Addr<sandbox::Pool>,
    pub client: sandbox::Client,
    pub generators: Generators,
    pub policies: guard::Policies,
    pub routes: Routes,
    /// The gateway, as apps' visitors meet it. Without one, apps are proven at their sandboxes' ports.
    pub front: Option<sandbox::Front>,
}

/// Reports the end of the actor that owns it, however that comes about.
pub struct ExitGuard {
    pub report: Recipient<Exited>,
    pub exited: Exited,
}

impl Drop for ExitGuard {
    fn drop(&mut self) {
        self.exited.panicked = std::thread::panicking();
        let Exited { session, slug, panicked, finished } = &self.exited;
        // Past the mailbox bound on purpose: a lost report would be a lost session. The supervisor hears it once per life.
        self.report.do_send(Exited { session: *session, slug: slug.clone(), panicked: *panicked, finished: *finished });
    }
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
    pub(super) subscribers: Vec<Subscriber>,
    pub(super) waiting_for_end: Vec<oneshot::Sender<Ended>>,
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
    alarm: Option<SpawnHandle>,
    /// What to carry out as soon as the first commit is made.
    opening: Option<(Vec<Effect>, Option<oneshot::Sender<()>>)>,
    snapshot: Arc<Snapshot>,
    /// The number of commits made; the store's compare-and-set.
    revision: i64,
    seq: i64,
    pub(super) span: Span,
    guard: ExitGuard,
}

impl SessionActor {
    /// An actor that first commits and carries out what was decided.
    #[must_use]
    pub fn new(opening: Opening, snapshot: Arc<Snapshot>, parts: Rc<Parts>, guard: ExitGuard) -> Self {
        let Opening { decided: (session, effects), stored, artifact, stored_now } = opening;
        let (revision, seq) = stored.unwrap_or((0, 0));
        let span = tracing::info_span!("session", id = %session.spec.id);
        let artifact_stored = artifact.is_some();
        Self {
            session,
            parts,
            artifact,
            artifact_stored,
            logs: LogLines::default(),
            subscribers: Vec::new(),
            waiting_for_end: Vec::new(),
            work: None,
            app: None,
            writing: None,
            staging: None,
            proof: None,
            failures: Vec::new(),
            alarm: None,
            opening: Some((effects, stored_now)),
            snapshot,
            revision,
            seq,
            span,
            guard,
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
        self.session = next;
        self.commit(effects, committed, ctx);
        Ok(())
    }

    /// Signals that are never refused.
    pub(super) fn tell(&mut self, signal: Signal, ctx: &mut Context<Self>) {
        if let Err(rejected) = self.apply(signal, None, ctx) {
            warn!(parent: &self.span, error = %rejected, "a signal that cannot be refused was");
        }
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
    fn commit(&mut self, effects: Vec<Effect>, committed: Option<oneshot::Sender<()>>, ctx: &mut Context<Self>) {
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
        let stores_artifact = commit.artifact.is_some();
        let mut charges = commit.charges.clone();
        charges.retain(|charge| charge.amount > MicroUsd::ZERO);
        let store = self.parts.store.clone();
        let writing = commit_with_retries(store, commit).into_actor(self);
        ctx.wait(writing.map(move |outcome, this, ctx| match outcome {
            Ok(()) => {
                this.artifact_stored |= stores_artifact;
                this.publish(&frames, now);
                if !charges.is_empty() {
                    // Past the mailbox bound on purpose: a handful of sums per session and minute, and none may be lost.
                    this.parts.ledger.do_send(ledger::Charged { session: this.session.spec.id, charges });
                }
                if let Some(committed) = committed {
                    // Whoever asked may be gone; the decision stands.
                    let _ = committed.send(());
                }
                this.carry_out(effects, ctx);
            }
            Err(error) => this.give_up(&error, effects, ctx),
        }));
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
        self.snapshot.store(Arc::new(Bytes::from(view)));
        self.publish_route();
        for frame in frames {
            self.subscribers.retain(|subscriber| deliver(subscriber, frame));
        }
    }

    /// Pieces of files for who listens right now, as far as they keep up.
    pub(super) fn pass(&mut self, frames: &[Frame]) {
        for frame in frames {
            self.subscribers.retain(|subscriber| deliver(subscriber, frame));
        }
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
        self.alarm = Some(ctx.run_later(wait, move |this, ctx| this.tell(signal, ctx)));
    }

    pub(super) fn finish(&mut self, ctx: &mut Context<Self>) {
        self.guard.exited.finished = true;
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
    fn give_up(&mut self, error: &StoreError, effects: Vec<Effect>, ctx: &mut Context<Self>) {
        warn!(parent: &self.span, error = %error, "the store refused a session; rebuilding it");
        for effect in effects {
            match effect {
                Effect::Release { .. } | Effect::Abandon => self.carry_out(vec![effect], ctx),
                Effect::Stage { lease, .. } | Effect::Deploy { lease, .. } => {
                    self.carry_out(vec![Effect::Release { sandbox: lease.sandbox }], ctx);
                }
                Effect::Begin { .. }
                | Effect::Generate { .. }
                | Effect::Acquire { .. }
                | Effect::SetTimeout { .. }
                | Effect::Charge(_)
                | Effect::Used { .. }
                | Effect::ChargeAnswers(_)
                | Effect::Alarm { .. }
                | Effect::Publish(_)
                | Effect::HoldLess
                | Effect::Settle
                | Effect::Stop => {}
            }
        }
        ctx.stop();
    }
}

impl Actor for SessionActor {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        ctx.set_mailbox_capacity(MAILBOX);
        ctx.run_interval(METER_EVERY, |this, ctx| this.tell(Signal::Meter, ctx));
        if let Some((effects, stored_now)) = self.opening.take() {
            self.commit(effects, stored_now, ctx);
        }
    }
}

pub(super) fn deliver(subscriber: &Subscriber, frame: &Frame) -> bool {
    match subscriber {
        // Whoever is behind goes without what passes by.
        Subscriber::Stream(sender) if frame.is_passing() && sender.capacity() <= sender.max_capacity() / 2 => true,
        Subscriber::Socket(recipient) => match recipient.try_send(Delivery(frame.clone())) {
            Ok(()) => true,
            // The socket's own flow control keeps its mailbox short; one that is full is stuck, and it will ask again.
            Err(SendError::Full(_)) => frame.is_passing(),
            Err(SendError::Closed(_)) => false,
        },
        Subscriber::Stream(sender) => sender.try_send(frame.clone()).is_ok(),
    }
}

fn commit_with_retries(store: Store, commit: Commit) -> LocalBoxFuture<'static, Result<(), StoreError>> {
    Box::pin(async move {
        let mut tries = 1;
        loop {
            match store.commit(commit.clone()).await {
                Ok(()) => return Ok(()),
                Err(error) if tries >= COMMIT_TRIES || !may_pass(&error) => return Err(error),
                Err(error) => {
                    warn!(error = %error, tries, "a commit failed; trying again");
                    actix_rt::time::sleep(COMMIT_RETRY_BASE * 4u32.pow(tries - 1)).await;
                    tries += 1;
                }
            }
        }
    })
}

/// Whether the same commit may go through a moment later.
const fn may_pass(error: &StoreError) -> bool {
    matches!(error, StoreError::Overloaded | StoreError::Unavailable { .. })
}

/// A failure of ours, for what the types can't say.
pub(super) fn internal(what: &str) -> Failure {
    Failure::new("internal", crate::types::Category::System, format!("{what}; try again")).retryable()
}
