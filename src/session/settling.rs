//! What is held is given back, and what was used is paid: the part of the decisions that is the same in every state.

use super::{effect::Effect, history::Trial, signal::Outcome, state::Session};
use crate::{
    generator::author::Spent,
    sandbox::{Lease, Used},
    types::{MicroUsd, SandboxId, Timestamp},
};

impl Session {
    /// A late answer changes no state, yet what it brought is ours to give back and to pay.
    pub(super) fn settle_stale(&mut self, outcome: Outcome, now: Timestamp, effects: &mut Vec<Effect>) {
        match outcome {
            Outcome::Acquired(Ok(lease)) => self.give_back(&lease, now, effects),
            Outcome::Generated(_) => self.owe_no_more(effects),
            Outcome::Acquired(Err(_))
            | Outcome::Begun
            | Outcome::Progress(_)
            | Outcome::Note(_)
            | Outcome::Inspected(_)
            | Outcome::Cleared(_)
            | Outcome::Deployed(_)
            | Outcome::Mended { .. } => {}
        }
    }

    pub(super) fn released(&mut self, sandbox: SandboxId, used: Option<Used>, effects: &mut Vec<Effect>) {
        let before = self.releasing.len();
        self.releasing.retain(|held| *held != sandbox);
        effects.extend(used.map(|used| Effect::Used { sandbox, used }));
        if before != self.releasing.len() && self.is_over() && self.releasing.is_empty() && !self.owed {
            self.stop(effects);
        }
    }

    /// Takes a bill, whatever has become of the session meanwhile. One that is older than what is known changes nothing.
    pub(super) fn spent(&mut self, answers: Vec<Spent>, last: bool, effects: &mut Vec<Effect>) {
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

    /// Takes the list of who was asked, unless more of it is known already.
    pub(super) fn tried(&mut self, trials: Vec<Trial>) {
        let known = |trials: &[Trial]| trials.len() + trials.iter().filter(|trial| trial.error.is_some()).count();
        if known(&trials) > known(&self.trials) {
            self.trials = trials;
        }
    }

    /// Settles again: a ledger that was made anew in the meantime found a session that was not done.
    fn stop(&self, effects: &mut Vec<Effect>) {
        effects.extend([Effect::Settle, Effect::Stop]);
    }

    /// No bill comes any more, so that nothing but sandboxes can keep an ended session.
    fn owe_no_more(&mut self, effects: &mut Vec<Effect>) {
        if std::mem::take(&mut self.owed) && self.is_over() && self.releasing.is_empty() {
            self.stop(effects);
        }
    }

    pub(super) fn meter(&mut self, now: Timestamp, effects: &mut Vec<Effect>) {
        if let Some(lease) = self.lease() {
            let until = self.metered_until(now);
            effects.push(Effect::Charge(self.charge(lease, until)));
            self.metered_at = until;
        }
    }

    /// Leaves whatever is under way, and the sandbox with it.
    pub(super) fn drop_lease(&mut self, now: Timestamp, effects: &mut Vec<Effect>) {
        effects.push(Effect::Abandon);
        if let Some(lease) = self.lease().cloned() {
            self.give_back(&lease, self.metered_until(now), effects);
        }
    }

    pub(super) fn give_back(&mut self, lease: &Lease, until: Timestamp, effects: &mut Vec<Effect>) {
        let charge = self.charge(lease, until);
        self.past_cost += charge.cpu + charge.memory;
        self.releasing.push(lease.sandbox.clone());
        effects.push(Effect::Charge(charge));
        effects.push(Effect::Release { sandbox: lease.sandbox.clone() });
    }

    /// A sandbox that was asked for before the session was extended would end too soon.
    pub(super) fn prolong(&self, lease: &Lease, asked_until: Timestamp, effects: &mut Vec<Effect>) {
        if self.expires_at > asked_until {
            effects.push(Effect::SetTimeout { sandbox: lease.sandbox.clone(), until: self.expires_at });
        }
    }

    pub(super) fn money_up_at(&self, lease: &Lease) -> Timestamp {
        let left = self.spec.budget - self.past_cost;
        match self.spec.rates.affordable_millis(lease.size, left) {
            Some(millis) => Timestamp(lease.started_at.0.saturating_add(millis)),
            None => Timestamp(i64::MAX),
        }
    }
}
