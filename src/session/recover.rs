//! What to do with a session found in the store: after a crash of its actor, or of the whole engine.

use super::{
    effect::Effect,
    machine::CREATING_MAX,
    state::{Ahead, Asked, Session, State},
};
use crate::{
    sandbox::Lease,
    types::{EndReason, Failure, Timestamp},
};

/// What became of the sandboxes while nobody looked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HostFate {
    /// They died with the engine: the embedded host's, after a restart.
    Lost,
    /// They may run still: the cloud's always, the embedded host's when only an actor died.
    Survived,
}

/// Decides how a stored session goes on. Work that was in flight is asked for again under a new attempt. An app that was
/// live goes on where its sandbox may have lived on, with all that it has in memory; should it have ended meanwhile, whoever
/// listens to it again is told so. Else it is deployed anew from its stored artifact, at the same address.
#[must_use]
pub fn recover(session: &Session, host: HostFate, now: Timestamp) -> (Session, Vec<Effect>) {
    // Whoever wrote for it is gone, and so is what it had not told.
    let mut next = Session { owed: false, ..session.clone() };
    let mut effects = Vec::new();
    if host == HostFate::Survived
        && now < next.expires_at
        && let State::Ready { pid: Some(pid), lease, .. } = next.state.clone()
    {
        next.go_on(lease, pid, now, &mut effects);
        return (next, effects);
    }
    next.settle_sandboxes(host, now, &mut effects);
    if next.is_over() {
        effects.push(Effect::Settle);
        if next.releasing.is_empty() {
            effects.push(Effect::Stop);
        }
    } else if now >= next.expires_at {
        next.expire(EndReason::Timeout, now, &mut effects);
    } else {
        next.resume(now, &mut effects);
    }
    (next, effects)
}

/// Ends a session that cannot be kept running, with all that it holds given back.
#[must_use]
pub fn give_up(session: &Session, failure: Failure, now: Timestamp) -> (Session, Vec<Effect>) {
    // Whoever wrote for it is gone, and so is what it had not told.
    let mut next = Session { owed: false, ..session.clone() };
    let mut effects = Vec::new();
    next.settle_sandboxes(HostFate::Survived, now, &mut effects);
    if next.is_over() {
        effects.push(Effect::Settle);
        if next.releasing.is_empty() {
            effects.push(Effect::Stop);
        }
    } else {
        next.fail(failure, now, &mut effects);
    }
    (next, effects)
}

impl Session {
    /// The app lives, as far as anybody knows: it is listened to again, and nothing of it is touched.
    fn go_on(&mut self, lease: Lease, pid: u32, now: Timestamp, effects: &mut Vec<Effect>) {
        effects.extend(self.releasing.iter().map(|sandbox| Effect::Release { sandbox: sandbox.clone() }));
        self.meter(now, effects);
        let message = Some("the engine lost sight of the app, and found it again".to_owned());
        self.enter(self.state.clone(), message, effects);
        let sandbox = lease.sandbox.clone();
        effects.push(Effect::Attach { lease, pid });
        // What was stored last, be it an extension or that the app is live, may not yet have been told.
        effects.push(Effect::SetTimeout { sandbox, until: self.expires_at });
        effects.push(Effect::HoldLess);
    }

    fn settle_sandboxes(&mut self, host: HostFate, now: Timestamp, effects: &mut Vec<Effect>) {
        // A lost sandbox is charged up to the last time it was known to run; one that may run still, up to now.
        let (charged_until, still_there) = match host {
            HostFate::Lost => (self.metered_at, false),
            HostFate::Survived => (self.metered_until(now), true),
        };
        if let Some(lease) = self.lease().cloned() {
            let charge = self.charge(&lease, charged_until);
            self.past_cost += charge.cpu + charge.memory;
            self.releasing.push(lease.sandbox);
            effects.push(Effect::Charge(charge));
            // Without its sandbox the state is one step back; `resume` enters it under a new attempt.
            match &mut self.state {
                State::Generating { ahead, .. } => *ahead = Ahead::None,
                State::Creating { .. }
                | State::Acquiring { .. }
                | State::Deploying { .. }
                | State::Ready { .. }
                | State::Expired { .. }
                | State::Failed { .. } => {
                    self.state = State::Acquiring { deadline: now, asked: Asked::default() };
                }
            }
        }
        if still_there {
            effects.extend(self.releasing.iter().map(|sandbox| Effect::Release { sandbox: sandbox.clone() }));
        } else {
            self.releasing.clear();
        }
    }

    fn resume(&mut self, now: Timestamp, effects: &mut Vec<Effect>) {
        let message = Some("the engine restarted; going on from here".to_owned());
        match &self.state {
            State::Creating { .. } => {
                self.enter(State::Creating { deadline: now + CREATING_MAX }, message, effects);
                effects.push(Effect::Begin { attempt: self.attempt });
            }
            State::Generating { .. } => self.generate(message, now, effects),
            State::Acquiring { .. } | State::Deploying { .. } | State::Ready { .. } => {
                self.acquire(message, now, effects);
            }
            State::Expired { .. } | State::Failed { .. } => {}
        }
    }
}
