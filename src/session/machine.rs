//! The decisions: (session, signal, now) → (session, effects). No clock, no I/O.

use std::time::Duration;

use super::{
    Rejected,
    state::{Attempt, Command, Effect, Outcome, Session, Signal, Spec, State},
};
use crate::{
    generator::author::Spent,
    sandbox::{Lease, Used},
    types::{Category, EndReason, Failure, MicroUsd, Phase, SandboxId, Timestamp},
};

/// How long each state may take before it is given up.
pub(super) const CREATING_MAX: Duration = Duration::from_secs(10);
/// Longer than the most patient generator waits for its answers.
pub(super) const GENERATING_MAX: Duration = Duration::from_secs(300);
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
        Signal::Outcome { attempt, outcome } if attempt == session.attempt => next.outcome(outcome, now, &mut effects),
        Signal::Outcome { outcome, .. } => next.settle_stale(outcome, now, &mut effects),
        Signal::Deadline { attempt } if attempt == session.attempt => next.deadline(now, &mut effects),
        Signal::Deadline { .. } => {}
        Signal::AppEnded { sandbox, how } => next.app_ended(&sandbox, how, now, &mut effects),
        Signal::Released { sandbox, used } => next.released(sandbox, used, &mut effects),
        Signal::Spent { answers, last } => next.spent(answers, last, &mut effects),
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
            owed: false,
            metered_at: now,
            releasing: Vec::new(),
            restarts: 0,
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
            State::Creating { deadline } | State::Generating { deadline, .. } | State::Acquiring { deadline } => {
                Some((*deadline).min(self.expires_at))
            }
            State::Deploying { deadline, lease, .. } => {
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

    fn outcome(&mut self, outcome: Outcome, now: Timestamp, effects: &mut Vec<Effect>) {
        if let Outcome::Generated(_) = &outcome {
            self.owed = false;
        }
        match (&mut self.state, outcome) {
            (State::Creating { .. }, Outcome::Begun) => {
                self.owed = true;
                self.enter(State::Generating { deadline: now + GENERATING_MAX, phase: Phase::Writing }, None, effects);
                effects.push(Effect::Generate { attempt: self.attempt });
            }
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
            (State::Generating { .. }, Outcome::Generated(Ok(origin))) => {
                let message = origin.note.clone();
                self.origin = Some(origin);
                self.acquire(Some(message), now, effects);
            }
            (State::Acquiring { .. }, Outcome::Acquired(Ok(lease))) => {
                let deadline = now + DEPLOYING_MAX;
                self.metered_at = now;
                let state = State::Deploying { deadline, phase: Phase::Uploading, lease: lease.clone() };
                self.enter(state, None, effects);
                effects.push(Effect::Deploy { attempt: self.attempt, lease });
            }
            (State::Deploying { lease, .. }, Outcome::Deployed(Ok(port))) => {
                let lease = lease.clone();
                // What is shown as spent from here on must still be spent after a crash.
                self.meter(now, effects);
                self.enter(State::Ready { lease, port, since: now }, None, effects);
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

    /// A late answer changes no state, yet what it brought is ours to give back and to pay.
    fn settle_stale(&mut self, outcome: Outcome, now: Timestamp, effects: &mut Vec<Effect>) {
        match outcome {
            Outcome::Acquired(Ok(lease)) => self.give_back(&lease, now, effects),
            Outcome::Generated(_) => self.owe_no_more(effects),
            Outcome::Acquired(Err(_))
            | Outcome::Begun
            | Outcome::Progress(_)
            | Outcome::Note(_)
            | Outcome::Deployed(_) => {}
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

    fn released(&mut self, sandbox: SandboxId, used: Option<Used>, effects: &mut Vec<Effect>) {
        let before = self.releasing.len();
        self.releasing.retain(|held| *held != sandbox);
        effects.extend(used.map(|used| Effect::Used { sandbox, used }));
        if before != self.releasing.len() && self.is_over() && self.releasing.is_empty() && !self.owed {
            effects.push(Effect::Stop);
        }
    }

    /// Takes a bill, whatever has become of the session meanwhile. One that is older than what is known changes nothing.
    fn spent(&mut self, answers: Vec<Spent>, last: bool, effects: &mut Vec<Effect>) {
        let sum = |answers: &[Spent]| answers.iter().map(|spent| spent.costs.total()).sum::<MicroUsd>();
        let (known, told) = (sum(&self.answers), sum(&answers));
        if answers != self.answers && answers.len() >= self.answers.len() && told >= known {
            let grown = answers.iter().enumerate().filter(|(at, spent)| self.answers.get(*at) != Some(spent));
            effects.push(Effect::ChargeAnswers(grown.map(|(at, spent)| (at, spent.clone())).collect()));
            self.past_cost += told - known;
            self.answers = answers;
            // Less money lasts for less time.
            effects.extend(self.alarm());
        }
        if last {
            self.owe_no_more(effects);
        }
    }

    /// No bill comes any more, so that nothing but sandboxes can keep an ended session.
    fn owe_no_more(&mut self, effects: &mut Vec<Effect>) {
        if std::mem::take(&mut self.owed) && self.is_over() && self.releasing.is_empty() {
            effects.push(Effect::Stop);
        }
    }

    fn meter(&mut self, now: Timestamp, effects: &mut Vec<Effect>) {
        if let Some(lease) = self.lease() {
            effects.push(Effect::Charge(self.charge(lease, now)));
            self.metered_at = now;
        }
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
        let message = format!("{}; starting anew ({} of {RESTARTS_MAX})", failure.message, self.restarts);
        self.drop_lease(now, effects);
        self.acquire(Some(message), now, effects);
    }

    pub(super) fn acquire(&mut self, message: Option<String>, now: Timestamp, effects: &mut Vec<Effect>) {
        self.enter(State::Acquiring { deadline: now + ACQUIRING_MAX }, message, effects);
        effects.push(Effect::Acquire { attempt: self.attempt, until: self.expires_at });
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

    /// Leaves whatever is under way, and the sandbox with it.
    fn drop_lease(&mut self, now: Timestamp, effects: &mut Vec<Effect>) {
        effects.push(Effect::Abandon);
        if let Some(lease) = self.lease().cloned() {
            self.give_back(&lease, now, effects);
        }
    }

    fn give_back(&mut self, lease: &Lease, now: Timestamp, effects: &mut Vec<Effect>) {
        let charge = self.charge(lease, now);
        self.past_cost += charge.cpu + charge.memory;
        self.releasing.push(lease.sandbox.clone());
        effects.push(Effect::Charge(charge));
        effects.push(Effect::Release { sandbox: lease.sandbox.clone() });
    }

    fn money_up_at(&self, lease: &Lease) -> Timestamp {
        let left = self.spec.budget - self.past_cost;
        match self.spec.rates.affordable_millis(lease.size, left) {
            Some(millis) => Timestamp(lease.started_at.0.saturating_add(millis)),
            None => Timestamp(i64::MAX),
        }
    }

    pub(super) fn enter(&mut self, state: State, message: Option<String>, effects: &mut Vec<Effect>) {
        self.attempt = Attempt(self.attempt.0 + 1);
        self.state = state;
        effects.extend(self.entry_effects(message));
    }

    /// Each entry sets one alarm, unless it is the end, and makes one publication.
    fn entry_effects(&self, message: Option<String>) -> Vec<Effect> {
        self.alarm().into_iter().chain([self.publication(message)]).collect()
    }

    fn alarm(&self) -> Option<Effect> {
        self.due().map(|at| Effect::Alarm { attempt: self.attempt, at })
    }

    fn publication(&self, message: Option<String>) -> Effect {
        Effect::Publish(self.event(message))
    }
}
