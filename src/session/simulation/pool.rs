//! The pool's shell as a value, around its real decisions.

use std::{collections::BTreeMap, time::Duration};

use super::{
    super::{
        signal::{Outcome, Signal},
        state::Attempt,
    },
    faults::SECOND,
    happening::{Happening, HostCall, LifeNumber, Mail, PoolMail},
    work::failure,
    world::{World, millis},
};
use crate::{
    sandbox::{
        Lease,
        played::{Effect, Event, Limits, State, WaiterId},
    },
    supervisor::Verdict,
    types::{Failure, SandboxId, SessionId},
};

/// How often a question is asked again of a next holder of the post.
const ASKS_MAX: u32 = 3;

/// Which life of which session waits for a release, and how often it has asked.
type Release = ((SessionId, LifeNumber), u32);

pub(super) struct PoolActor {
    pub life: LifeNumber,
    state: State,
    waiters: BTreeMap<WaiterId, ((SessionId, LifeNumber), Attempt, PoolMail)>,
    last_waiter: u64,
    releases: BTreeMap<SandboxId, Vec<Release>>,
    alarm: u64,
}

impl PoolActor {
    pub(super) fn stats(&self) -> crate::sandbox::PoolStats {
        self.state.stats()
    }
}

impl World {
    /// Tells or asks the pool, or whichever is next. First told, first heard.
    pub(super) fn send_pool(&mut self, mail: PoolMail) {
        let Some(life) = self.pool.as_ref().map(|pool| pool.life) else { return self.pool_backlog.push(mail) };
        let wait = self.random.delay(1, if self.calm { 2 } else { SECOND });
        self.pool_mail_at = (self.pool_mail_at + 1).max(self.clock.steady + wait);
        let wait = self.pool_mail_at - self.clock.steady;
        self.after(wait, Happening::ToPool { life, mail });
    }

    pub(super) fn pool_hears(&mut self, life: LifeNumber, mail: PoolMail) {
        let Some(pool) = self.pool.as_mut().filter(|pool| pool.life == life) else { return self.unanswered(mail) };
        let event = match mail.clone() {
            PoolMail::Acquire { asker, attempt, lifetime, .. } => {
                pool.last_waiter += 1;
                let waiter = WaiterId(pool.last_waiter);
                pool.waiters.insert(waiter, (asker, attempt, mail));
                Event::Acquire { waiter, session: asker.0, lifetime: span(lifetime) }
            }
            PoolMail::Release { sandbox, asker, tries } => {
                let askers = pool.releases.entry(sandbox.clone()).or_default();
                askers.extend(asker.map(|asker| (asker, tries)));
                Event::Release { sandbox }
            }
            PoolMail::SetTimeout { sandbox, lifetime } => {
                return self.call_host(life, HostCall::Prolong { sandbox, lifetime, tries: 0 });
            }
            PoolMail::Claim { session, sandbox, lifetime } => {
                Event::Claimed { sandbox, session, lifetime: span(lifetime) }
            }
        };
        self.pool_takes(event);
    }

    /// The pool has died over a question, or before it: it is asked again of the next, a few times.
    fn unanswered(&mut self, mail: PoolMail) {
        match mail {
            PoolMail::Acquire { asker: (session, life), attempt, lifetime, tries } => {
                if !self.is_alive(session, life) {
                    return;
                }
                if tries + 1 < ASKS_MAX {
                    let asker = (session, life);
                    return self.send_pool(PoolMail::Acquire { asker, attempt, lifetime, tries: tries + 1 });
                }
                let outcome = Outcome::Acquired(Err(failure(true)));
                self.mail(session, life, Mail::Signal(Signal::Outcome { attempt, outcome }), 1);
            }
            PoolMail::Release { sandbox, asker: Some((session, life)), tries } => {
                if !self.is_alive(session, life) {
                    return;
                }
                if tries + 1 < ASKS_MAX {
                    let asker = Some((session, life));
                    return self.send_pool(PoolMail::Release { sandbox, asker, tries: tries + 1 });
                }
                self.mail(session, life, Mail::Signal(Signal::Released { sandbox, used: None }), 1);
            }
            // What is told is lost with whoever was told.
            PoolMail::Release { asker: None, .. } | PoolMail::SetTimeout { .. } | PoolMail::Claim { .. } => {}
        }
    }

    pub(super) fn pool_takes(&mut self, event: Event) {
        let now = self.clock.now();
        let Some(pool) = self.pool.as_mut() else { return };
        let effects = pool.state.on(event, now);
        let wake = pool.state.next_wake(now);
        let life = pool.life;
        for effect in effects {
            self.pool_performs(life, effect);
        }
        let alarm = self.number();
        let Some(pool) = self.pool.as_mut() else { return };
        pool.alarm = alarm;
        if let Some(at) = wake {
            let wait = millis(at.until(now)).max(1);
            self.after(wait, Happening::PoolTick { life, alarm });
        }
    }

    pub(super) fn pool_tick(&mut self, life: LifeNumber, alarm: u64) {
        if self.pool.as_ref().is_some_and(|pool| pool.life == life && pool.alarm == alarm) {
            self.pool_takes(Event::Tick);
        }
    }

    fn pool_performs(&mut self, life: LifeNumber, effect: Effect) {
        let Some(pool) = self.pool.as_mut() else { return };
        match effect {
            Effect::Create { start } => self.call_host(life, HostCall::Create { start }),
            Effect::SetTimeout { sandbox, lifetime } => {
                let lifetime = millis(lifetime);
                self.call_host(life, HostCall::SetTimeout { sandbox, lifetime });
            }
            Effect::Kill { sandbox } => {
                self.check_kill(&sandbox);
                self.call_host(life, HostCall::Kill { sandbox });
            }
            Effect::List => self.call_host(life, HostCall::List),
            Effect::Deliver { waiter, lease } => {
                let asker = pool.waiters.remove(&waiter);
                self.check_delivery(&lease);
                self.deliver(asker.map(|(asker, attempt, _)| (asker, attempt)), lease);
            }
            Effect::Refuse { waiter, error } => {
                if let Some(((session, asker), attempt, _)) = pool.waiters.remove(&waiter) {
                    let outcome = Outcome::Acquired(Err(Failure::from(error)));
                    self.mail(session, asker, Mail::Signal(Signal::Outcome { attempt, outcome }), 1);
                }
            }
            Effect::Settled { sandbox, result: _ } => {
                for ((session, asker), _) in pool.releases.remove(&sandbox).into_iter().flatten() {
                    let released = Signal::Released { sandbox: sandbox.clone(), used: None };
                    self.mail(session, asker, Mail::Signal(released), 1);
                }
            }
            Effect::Drained => {}
        }
    }

    fn deliver(&mut self, asker: Option<((SessionId, LifeNumber), Attempt)>, lease: Lease) {
        match asker {
            Some(((session, life), attempt)) if self.is_alive(session, life) => {
                let outcome = Outcome::Acquired(Ok(lease));
                let wait = self.random.delay(1, SECOND);
                self.mail(session, life, Mail::Signal(Signal::Outcome { attempt, outcome }), wait);
            }
            // Nobody there to take it: it falls, and comes back.
            Some(_) | None => {
                let sandbox = lease.sandbox;
                self.send_pool(PoolMail::Release { sandbox, asker: None, tries: 0 });
            }
        }
    }

    /// Before an answer of the host is taken in: those who went away do not count.
    pub(super) fn forget_the_gone(&mut self) {
        let Some(pool) = self.pool.as_ref() else { return };
        let gone: Vec<WaiterId> = pool
            .waiters
            .iter()
            .filter(|(_, ((session, life), ..))| !self.is_alive(*session, *life))
            .map(|(waiter, _)| *waiter)
            .collect();
        for waiter in gone {
            if let Some(pool) = self.pool.as_mut() {
                pool.waiters.remove(&waiter);
            }
            self.pool_takes(Event::GaveUp { waiter });
        }
    }

    pub(super) fn pool_dies(&mut self) {
        let Some(pool) = self.pool.take() else { return };
        self.ran.counts.pools += 1;
        let (engine, now) = (self.engine, self.clock.now());
        let wait = match self.pool_restarts.exited(now) {
            Verdict::RebuildAfter(wait) => millis(wait),
            Verdict::GiveUp | Verdict::Forget => 10 * SECOND,
        };
        self.after(wait, Happening::PoolRises { engine });
        for (_, _, mail) in pool.waiters.into_values() {
            self.unanswered(mail);
        }
        for (sandbox, askers) in pool.releases {
            for (asker, tries) in askers {
                self.unanswered(PoolMail::Release { sandbox: sandbox.clone(), asker: Some(asker), tries });
            }
        }
    }

    pub(super) fn pool_rises(&mut self, engine: u64) {
        if engine != self.engine || self.pool.is_some() {
            return;
        }
        let warm = usize::try_from(self.seed % 3).unwrap();
        let limits = Limits { warm, starts_max: 2, waiting_max: 128, wait: Duration::from_secs(30) };
        let (life, state) = (self.number(), State::new(limits));
        self.pool = Some(PoolActor {
            life,
            state,
            waiters: BTreeMap::new(),
            last_waiter: 0,
            releases: BTreeMap::new(),
            alarm: 0,
        });
        self.pool_takes(Event::Tick);
        for mail in std::mem::take(&mut self.pool_backlog) {
            self.send_pool(mail);
        }
    }
}

pub(super) fn span(millis: i64) -> Duration {
    Duration::from_millis(millis.unsigned_abs())
}
