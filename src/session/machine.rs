//! The decisions: (session, signal, now) → (session, effects). No clock, no I/O.

use std::time::Duration;

use super::{
    Rejected,
    effect::Effect,
    history::{Mender, Trial, remember},
    inspection::Inspection,
    signal::{Command, Outcome, Running, Signal},
    state::{Ahead, Asked, Attempt, Session, Spec, State},
};
use crate::{
    events::Event,
    sandbox::Lease,
    types::{Category, EndReason, Failure, MicroUsd, Origin, Phase, SandboxId, Timestamp},
};

/// How long each state may take before it is given up.
pub(super) const CREATING_MAX: Duration = Duration::from_secs(10);
/// Longer than the most patient generator waits for all its answers: what serves instead must still find the time.
pub(super) const GENERATING_MAX: Duration = Duration::from_secs(315);
const ACQUIRING_MAX: Duration = Duration::from_secs(60);
const DEPLOYING_MAX: Duration = Duration::from_secs(300);
/// How often a session starts anew in a fresh sandbox before it is given up.
pub const RESTARTS_MAX: u32 = 3;

/// Decides what `signal` means for `session` at `now`.
///
/// # Errors
/// [`Rejected`] for commands only. Outcomes, deadlines and ends always return a session, unchanged if they are stale.
pub fn transition(session: &Session, signal: Signal, now: Timestamp) -> Result<(Session, Vec<Effect>), Rejected> {
    let mut next = session.clone();
    let mut effects = Vec::new();
    match signal {
        Signal::Command(Command::Destroy) => next.destroy(now, &mut effects),
        Signal::Command(Command::Extend { by }) => next.extend(by, now, &mut effects)?,
        Signal::Outcome { attempt, outcome } if session.waits_for(attempt, &outcome) => {
            next.outcome(outcome, now, &mut effects);
        }
        Signal::Outcome { outcome, .. } => next.settle_stale(outcome, now, &mut effects),
        Signal::Deadline { attempt } if attempt == session.attempt => next.deadline(now, &mut effects),
        Signal::Deadline { .. } => {}
        Signal::AppEnded { sandbox, how } => next.app_ended(&sandbox, how, now, &mut effects),
        Signal::Released { sandbox, used } => next.released(sandbox, used, &mut effects),
        Signal::Spent { answers, trials, last } => {
            next.tried(trials);
            next.spent(answers, last, &mut effects);
        }
        Signal::Meter => next.meter(now, &mut effects),
    }
    Ok((next, effects))
}

impl Session {
    /// A new session, and the effects of its creation.
    #[must_use]
    pub fn create(spec: Spec, lifetime: Duration) -> (Self, Vec<Effect>) {
        let now = spec.created_at;
        let attempt = Attempt(1);
        let session = Self {
            attempt,
            state: State::Creating { deadline: now + CREATING_MAX },
            expires_at: now + lifetime.min(spec.lifetime_max),
            origin: None,
            past_cost: MicroUsd::ZERO,
            answers: Vec::new(),
            trials: Vec::new(),
            repairs: Vec::new(),
            inspection: Inspection::default(),
            proven: false,
            owed: false,
            metered_at: now,
            releasing: Vec::new(),
            restarts: 0,
            mended: 0,
            spec,
        };
        let mut effects = session.entry_effects(None);
        effects.push(Effect::Begin { attempt });
        (session, effects)
    }

    /// When the present state must end; `None` once it is over.
    #[must_use]
    pub fn due(&self) -> Option<Timestamp> {
        match &self.state {
            State::Creating { deadline }
            | State::Generating { deadline, ahead: Ahead::None | Ahead::Asked { .. }, .. }
            | State::Acquiring { deadline, .. } => Some((*deadline).min(self.expires_at)),
            State::Generating { deadline, ahead: Ahead::Held { lease }, .. }
            | State::Deploying { deadline, lease, .. } => {
                Some((*deadline).min(self.expires_at).min(self.money_up_at(lease)))
            }
            State::Ready { lease, .. } => Some(self.expires_at.min(self.money_up_at(lease))),
            State::Expired { .. } | State::Failed { .. } => None,
        }
    }

    /// What an extension would cost, or why it can't be had.
    ///
    /// # Errors
    /// [`Rejected`] when the session is over, or the plan or the budget does not allow it.
    pub fn quote(&self, by: Duration) -> Result<MicroUsd, Rejected> {
        if self.is_over() {
            return Err(Rejected::Over(self.status()));
        }
        let until = self.expires_at + by;
        if until > self.spec.created_at + self.spec.lifetime_max {
            return Err(Rejected::LifetimeExceeded(self.spec.lifetime_max));
        }
        let whole = self.spec.rates.total(self.spec.size, until.millis_since(self.spec.created_at)) + self.past_cost;
        if whole > self.spec.budget {
            return Err(Rejected::OverBudget { would_cost: whole, budget: self.spec.budget });
        }
        Ok(self.spec.rates.total(self.spec.size, i64::try_from(by.as_millis()).unwrap_or(i64::MAX)))
    }

    fn destroy(&mut self, now: Timestamp, effects: &mut Vec<Effect>) {
        // Idempotent: whoever destroys what is over gets what was.
        if !self.is_over() {
            self.expire(EndReason::Destroyed, now, effects);
        }
    }

    fn extend(&mut self, by: Duration, now: Timestamp, effects: &mut Vec<Effect>) -> Result<(), Rejected> {
        self.quote(by)?;
        self.meter(now, effects);
        self.expires_at = self.expires_at + by;
        if let Some(lease) = self.lease() {
            effects.push(Effect::SetTimeout { sandbox: lease.sandbox.clone(), until: self.expires_at });
        }
        effects.extend(self.alarm());
        effects.push(self.publication(Some(format!("extended until {}", self.expires_at))));
        Ok(())
    }

    /// Whether the present state asked for that. A sandbox may have been asked for by the state before.
    const fn waits_for(&self, attempt: Attempt, outcome: &Outcome) -> bool {
        match (&self.state, outcome) {
            (State::Acquiring { asked, .. }, Outcome::Acquired(_)) => attempt.0 == asked.attempt.0,
            (_, _) => attempt.0 == self.attempt.0,
        }
    }

    fn outcome(&mut self, outcome: Outcome, now: Timestamp, effects: &mut Vec<Effect>) {
        if let Outcome::Generated(_) = &outcome {
            self.owed = false;
        }
        match (&mut self.state, outcome) {
            (State::Creating { .. }, Outcome::Begun) => self.generate(None, now, effects),
            (State::Generating { phase, .. } | State::Deploying { phase, .. }, Outcome::Progress(reached)) => {
                // Progress only goes forward, whatever order reports arrive in.
                if reached.progress() > phase.progress() {
                    *phase = reached;
                    effects.push(self.publication(None));
                }
            }
            (State::Generating { .. } | State::Deploying { .. }, Outcome::Note(note)) => {
                effects.push(self.publication(Some(note)));
            }
            (State::Generating { .. } | State::Deploying { .. }, Outcome::Inspected(inspection)) => {
                self.inspected(*inspection, effects);
            }
            (State::Generating { .. } | State::Deploying { .. }, Outcome::Cleared(repair)) => {
                let message = format!("{}; mended: {}", repair.failure.message.trim_end_matches('.'), repair.did);
                remember(&mut self.repairs, repair);
                effects.push(self.publication(Some(message)));
            }
            (State::Generating { ahead: Ahead::Asked { until }, .. }, Outcome::Acquired(acquired)) => {
                let until = *until;
                self.acquired_ahead(acquired, until, now, effects);
            }
            (State::Generating { ahead, .. }, Outcome::Generated(Ok(origin))) => {
                let ahead = std::mem::take(ahead);
                self.generated(origin, ahead, now, effects);
            }
            (State::Acquiring { asked, .. }, Outcome::Acquired(Ok(lease))) => {
                let until = asked.until;
                self.metered_at = now;
                self.deploy(lease.clone(), None, now, effects);
                self.prolong(&lease, until, effects);
            }
            (State::Deploying { lease, .. }, Outcome::Deployed(Ok(Running { port, pid }))) => {
                let lease = lease.clone();
                // What is shown as spent from here on must still be spent after a crash.
                self.meter(now, effects);
                self.proven = true;
                self.enter(State::Ready { lease, port, pid: Some(pid), since: now }, None, effects);
                effects.push(Effect::HoldLess);
            }
            (State::Deploying { .. }, Outcome::Mended { failure, repair }) => {
                let message = format!("{}; mended: {}", failure.message.trim_end_matches('.'), repair.did);
                let (failure, may) = (Failure { message, ..failure }, self.may_be_mended(repair.by));
                remember(&mut self.repairs, repair);
                self.mended += 1;
                if may { self.in_fresh_sandbox(&failure, now, effects) } else { self.fail(failure, now, effects) }
            }
            (State::Deploying { .. }, Outcome::Deployed(Err(failure))) if failure.retryable => {
                self.start_anew(failure, now, effects);
            }
            (State::Generating { .. }, Outcome::Generated(Err(failure)))
            | (State::Acquiring { .. }, Outcome::Acquired(Err(failure)))
            | (State::Deploying { .. }, Outcome::Deployed(Err(failure))) => self.fail(failure, now, effects),
            // The attempt fits but the state does not ask for it: as good as stale.
            (_, outcome) => self.settle_stale(outcome, now, effects),
        }
    }

    fn inspected(&mut self, inspection: Inspection, effects: &mut Vec<Effect>) {
        if inspection == self.inspection {
            return;
        }
        let Inspection { findings, left_out, blocked, egress: _ } = &inspection;
        let (blocked, findings, left_out) = (*blocked, findings.clone(), *left_out);
        effects.push(Effect::Publish(Event::Findings { blocked, findings, left_out }));
        self.inspection = inspection;
    }

    fn acquired_ahead(
        &mut self,
        acquired: Result<Lease, Failure>,
        until: Timestamp,
        now: Timestamp,
        effects: &mut Vec<Effect>,
    ) {
        let State::Generating { ahead, .. } = &mut self.state else { return };
        let Ok(lease) = acquired else {
            // It was early: there may be one by the time the app is written.
            *ahead = Ahead::None;
            return;
        };
        *ahead = Ahead::Held { lease: lease.clone() };
        self.metered_at = now;
        // From now on money is spent by the hour.
        effects.extend(self.alarm());
        self.prolong(&lease, until, effects);
        effects.push(Effect::Stage { attempt: self.attempt, lease });
    }

    fn generated(&mut self, origin: Origin, ahead: Ahead, now: Timestamp, effects: &mut Vec<Effect>) {
        let message = Some(origin.note.clone());
        if self.trials.last().is_none_or(|last| last.error.is_some() || last.generator != origin.generator) {
            remember(&mut self.trials, Trial::of(&origin));
        }
        self.origin = Some(origin);
        match ahead {
            Ahead::None => self.acquire(message, now, effects),
            Ahead::Asked { until } => {
                let asked = Asked { attempt: self.attempt, until };
                self.enter(State::Acquiring { deadline: now + ACQUIRING_MAX, asked }, message, effects);
            }
            Ahead::Held { lease } => self.deploy(lease, message, now, effects),
        }
    }

    fn deadline(&mut self, now: Timestamp, effects: &mut Vec<Effect>) {
        let Some(due) = self.due() else { return };
        if now < due {
            // It was extended since the alarm was set.
            effects.extend(self.alarm());
        } else if now >= self.expires_at {
            self.expire(EndReason::Timeout, now, effects);
        } else if self.lease().is_some_and(|lease| now >= self.money_up_at(lease)) {
            self.expire(EndReason::Budget, now, effects);
        } else {
            let step = self.phase().as_str();
            let failure = Failure::new(
                "step_timeout",
                Category::System,
                format!("the step \"{step}\" did not finish in its time; try again, and see the session's logs"),
            );
            self.fail(failure.retryable(), now, effects);
        }
    }

    fn app_ended(&mut self, sandbox: &SandboxId, how: Option<String>, now: Timestamp, effects: &mut Vec<Effect>) {
        // While it deploys, the deployment itself reports the end, with the output that explains it.
        if !matches!(&self.state, State::Ready { lease, .. } if lease.sandbox == *sandbox) {
            return;
        }
        let how = match how {
            Some(how) => format!("the app ended with {how}"),
            None => "the app's sandbox was lost".to_owned(),
        };
        self.start_anew(Failure::new("app_exited", Category::User, how), now, effects);
    }

    /// Again from a fresh sandbox, until the patience is used up.
    fn start_anew(&mut self, failure: Failure, now: Timestamp, effects: &mut Vec<Effect>) {
        if self.restarts >= RESTARTS_MAX {
            let message =
                format!("{}, and {RESTARTS_MAX} new starts did not help; see the session's logs", failure.message);
            self.fail(Failure { message, retryable: false, ..failure }, now, effects);
            return;
        }
        self.restarts += 1;
        let message = format!("{} ({} of {RESTARTS_MAX})", failure.message, self.restarts);
        self.in_fresh_sandbox(&Failure { message, ..failure }, now, effects);
    }

    fn in_fresh_sandbox(&mut self, failure: &Failure, now: Timestamp, effects: &mut Vec<Effect>) {
        let message = format!("{}; starting anew", failure.message);
        self.drop_lease(now, effects);
        self.acquire(Some(message), now, effects);
    }

    /// Whether a mender has rounds left. Mending has bounds of its own, so that an app which took several repairs may still
    /// crash as often as any other.
    pub(super) fn may_be_mended(&self, by: Mender) -> bool {
        self.repairs.iter().filter(|repair| repair.by == by).count() < by.rounds_max()
    }

    /// Has the app written, and a sandbox fetched meanwhile: whichever comes first waits for the other.
    pub(super) fn generate(&mut self, message: Option<String>, now: Timestamp, effects: &mut Vec<Effect>) {
        let until = self.expires_at;
        let (deadline, ahead) = (now + GENERATING_MAX, Ahead::Asked { until });
        self.owed = true;
        self.enter(State::Generating { deadline, phase: Phase::Writing, ahead }, message, effects);
        effects.push(Effect::Generate { attempt: self.attempt });
        effects.push(Effect::Acquire { attempt: self.attempt, until });
    }

    pub(super) fn acquire(&mut self, message: Option<String>, now: Timestamp, effects: &mut Vec<Effect>) {
        let (attempt, until) = (self.attempt.next(), self.expires_at);
        let state = State::Acquiring { deadline: now + ACQUIRING_MAX, asked: Asked { attempt, until } };
        self.enter(state, message, effects);
        effects.push(Effect::Acquire { attempt, until });
    }

    fn deploy(&mut self, lease: Lease, message: Option<String>, now: Timestamp, effects: &mut Vec<Effect>) {
        let state = State::Deploying { deadline: now + DEPLOYING_MAX, phase: Phase::Uploading, lease: lease.clone() };
        self.enter(state, message, effects);
        effects.push(Effect::Deploy { attempt: self.attempt, lease });
    }

    pub(super) fn fail(&mut self, failure: Failure, now: Timestamp, effects: &mut Vec<Effect>) {
        self.finish(State::Failed { failure, at: now }, now, effects);
    }

    pub(super) fn expire(&mut self, reason: EndReason, now: Timestamp, effects: &mut Vec<Effect>) {
        self.finish(State::Expired { reason, at: now }, now, effects);
    }

    fn finish(&mut self, state: State, now: Timestamp, effects: &mut Vec<Effect>) {
        self.drop_lease(now, effects);
        self.enter(state, None, effects);
        effects.push(Effect::Settle);
        if self.releasing.is_empty() && !self.owed {
            effects.push(Effect::Stop);
        }
    }

    pub(super) fn enter(&mut self, state: State, message: Option<String>, effects: &mut Vec<Effect>) {
        self.attempt = self.attempt.next();
        self.state = state;
        effects.extend(self.entry_effects(message));
    }

    /// Each entry sets one alarm, unless it is the end, and makes one publication.
    fn entry_effects(&self, message: Option<String>) -> Vec<Effect> {
        self.alarm().into_iter().chain([self.publication(message)]).collect()
    }

    pub(super) fn alarm(&self) -> Option<Effect> {
        self.due().map(|at| Effect::Alarm { attempt: self.attempt, at })
    }

    fn publication(&self, message: Option<String>) -> Effect {
        Effect::Publish(self.event(message))
    }
}
