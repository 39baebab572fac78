//! The pool's decisions. Pure: an event and the time go in, effects come out.
//!
//! ```text
//!              Create                    Acquire                 Deliver
//!   (nothing) ───────► starting ──► warm ───────► handing out ───────────► leased
//!                          │        ▲  │ half its time is over   │           │
//!                          │        │  ▼                         │           │ Release, or nobody took it
//!                          │       renewing                      │           ▼
//!                          └── nobody waits, enough warm ────────┴──────► releasing ──Killed──► (gone)
//!                                                                            ▲│ failed: again, later and later
//!                                                                            └┘
//! ```
//! A creation belongs to nobody: whichever comes back first goes to whoever waits longest, so an asker who gave up
//! leaves no orphan behind. A sandbox is in one of these places at a time, and leaves `warm` while its timeout is being
//! renewed: a late renewal must not shorten the life of a lease.
//!
//! A warm place is filled again only [`REFILL_DELAY`] after it was taken. The app of whoever took it starts right now,
//! on the same cores when the host is the embedded one, and the user waits for that app, not for our stock. Askers who
//! wait are another matter: for them creations start at once.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    time::Duration,
};

use super::{
    PoolStats,
    event::{Effect, Event, Limits, StartId, WaiterId},
    releases::Releases,
    setback::Setback,
    strangers::Strangers,
};
use crate::{
    sandbox::{Lease, SandboxError},
    types::{SandboxId, SessionId, Timestamp},
};

/// How long a warm sandbox may outlive an engine that crashed.
pub(crate) const WARM_LIFETIME: Duration = Duration::from_secs(600);
const RENEW_AFTER: Duration = Duration::from_secs(300);
const RENEW_AGAIN: Duration = Duration::from_secs(15);
/// A warm sandbox this close to its end is not worth handing out.
const LIFE_MIN: Duration = Duration::from_secs(10);
/// Node is up in 50 ms and python in 200 ms; a second leaves the cores to both.
const REFILL_DELAY: Duration = Duration::from_secs(1);
/// Sandboxes tried for one asker before it is told of the failure.
const HAND_OUT_TRIES: u32 = 3;
/// When nothing is known of a sandbox's timeout: the longest life that any plan allows.
const LIFETIME_MAX: Duration = Duration::from_secs(24 * 3600);

#[derive(Debug)]
struct Warm {
    lease: Lease,
    /// Until when it surely lives.
    expires: Timestamp,
    renew_at: Timestamp,
}

#[derive(Debug)]
struct Waiter {
    id: WaiterId,
    session: SessionId,
    lifetime: Duration,
    since: Timestamp,
    tries: u32,
}

#[derive(Debug)]
struct Leased {
    session: SessionId,
    /// Who took it. An older one of the same session is of an actor that is no more.
    waiter: WaiterId,
    expires: Timestamp,
}

#[derive(Debug)]
pub(crate) struct State {
    limits: Limits,
    starting: BTreeSet<StartId>,
    warm: VecDeque<Warm>,
    renewing: BTreeMap<SandboxId, Warm>,
    handing: BTreeMap<SandboxId, (Lease, Waiter)>,
    leased: BTreeMap<SandboxId, Leased>,
    releases: Releases,
    strangers: Strangers,
    waiting: VecDeque<Waiter>,
    refill_at: Timestamp,
    setback: Option<Setback>,
    starts: u64,
    last_waiter: WaiterId,
    totals: PoolStats,
    draining: bool,
    drained: bool,
}

impl State {
    pub(crate) fn new(limits: Limits) -> Self {
        Self {
            limits: Limits { starts_max: limits.starts_max.max(1), ..limits },
            starting: BTreeSet::new(),
            warm: VecDeque::new(),
            renewing: BTreeMap::new(),
            handing: BTreeMap::new(),
            leased: BTreeMap::new(),
            releases: Releases::default(),
            strangers: Strangers::default(),
            waiting: VecDeque::new(),
            refill_at: Timestamp(i64::MIN),
            setback: None,
            starts: 0,
            last_waiter: WaiterId(0),
            totals: PoolStats::default(),
            draining: false,
            drained: false,
        }
    }

    pub(crate) fn stats(&self) -> PoolStats {
        PoolStats {
            warm: self.warm.len() + self.renewing.len(),
            starting: self.starting.len(),
            leased: self.leased.len() + self.handing.len(),
            releasing: self.releases.len(),
            waiting: self.waiting.len(),
            release_failures_total: self.releases.failures_total,
            draining: self.draining,
            ..self.totals
        }
    }

    /// Takes an event in, and then does all that is due at `now`.
    pub(crate) fn on(&mut self, event: Event, now: Timestamp) -> Vec<Effect> {
        let mut effects = Vec::new();
        match event {
            Event::Acquire { waiter, session, lifetime } => self.acquire(waiter, session, lifetime, now, &mut effects),
            Event::GaveUp { waiter } => self.waiting.retain(|waiting| waiting.id != waiter),
            Event::Created { start, lease } => self.created(start, lease, now),
            Event::CreateFailed { start, error } => self.create_failed(start, error, now, &mut effects),
            Event::TimeoutSet { sandbox, result } => self.timeout_set(sandbox, result, now, &mut effects),
            Event::Release { sandbox } => self.release(sandbox, now),
            Event::Extended { sandbox, lifetime } => {
                if let Some(leased) = self.leased.get_mut(&sandbox) {
                    leased.expires = now + lifetime;
                }
            }
            Event::Killed { sandbox, result } => {
                let told = self.releases.tried(&sandbox, result, now);
                effects.extend(told.map(|result| Effect::Settled { sandbox, result }));
            }
            Event::Claimed { sandbox, session, lifetime } => self.claimed(sandbox, session, now + lifetime),
            Event::Listed { sandboxes } => self.listed(sandboxes, now),
            Event::Drain => self.drain(now, &mut effects),
            Event::Tick => {}
        }
        self.due(now, &mut effects);
        effects
    }

    /// When to call again with [`Event::Tick`], should nothing else happen; always after `now`.
    pub(crate) fn next_wake(&self, now: Timestamp) -> Option<Timestamp> {
        let deadlines = self.waiting.iter().map(|waiter| waiter.since + self.limits.wait);
        let renewals = self.warm.iter().map(|warm| warm.renew_at);
        let starts = [Some(self.refill_at), self.hold()].into_iter().flatten().filter(|_| !self.draining);
        let looks = self.strangers.next().filter(|_| !self.draining);
        deadlines.chain(renewals).chain(self.releases.next()).chain(starts).chain(looks).filter(|at| *at > now).min()
    }

    fn acquire(
        &mut self,
        id: WaiterId,
        session: SessionId,
        lifetime: Duration,
        now: Timestamp,
        effects: &mut Vec<Effect>,
    ) {
        self.last_waiter = self.last_waiter.max(id);
        let waiting = self.waiting.len();
        if self.draining {
            effects.push(Effect::Refuse { waiter: id, error: SandboxError::Draining });
        } else if waiting >= self.limits.waiting_max {
            effects.push(Effect::Refuse { waiter: id, error: SandboxError::QueueFull { waiting } });
        } else {
            self.waiting.push_back(Waiter { id, session, lifetime, since: now, tries: 0 });
        }
    }

    fn created(&mut self, start: StartId, lease: Lease, now: Timestamp) {
        self.starting.remove(&start);
        self.setback = None;
        self.totals.created_total += 1;
        let wanted = self.warm.len() < self.waiting.len().max(self.warm_places());
        let warm = Warm { lease, expires: now + WARM_LIFETIME, renew_at: now + RENEW_AFTER };
        if wanted && !self.draining {
            self.warm.push_back(warm);
        } else {
            self.release_warm(warm, now);
        }
    }

    /// Places for warm sandboxes, less those whose sandbox is being renewed.
    fn warm_places(&self) -> usize {
        self.limits.warm.saturating_sub(self.renewing.len())
    }

    fn create_failed(&mut self, start: StartId, error: SandboxError, now: Timestamp, effects: &mut Vec<Effect>) {
        self.starting.remove(&start);
        self.totals.create_failures_total += 1;
        self.setback = Some(Setback::after(self.setback.take(), error.clone(), now));
        if !error.is_retryable() {
            // One creation stands for one asker; the next asker's own may fare better.
            let waiter = self.waiting.pop_front();
            effects.extend(waiter.map(|waiter| Effect::Refuse { waiter: waiter.id, error }));
            return;
        }
        // Whoever cannot live to see the next try need not wait for it.
        let Some(again) = self.hold() else { return };
        let wait = self.limits.wait;
        self.waiting.retain(|waiter| {
            let served = waiter.since + wait >= again;
            if !served {
                effects.push(Effect::Refuse { waiter: waiter.id, error: error.clone() });
            }
            served
        });
    }

    /// Until when no creation may begin.
    fn hold(&self) -> Option<Timestamp> {
        self.setback.as_ref().map(|setback| setback.until(!self.waiting.is_empty()))
    }

    fn timeout_set(
        &mut self,
        sandbox: SandboxId,
        result: Result<(), SandboxError>,
        now: Timestamp,
        effects: &mut Vec<Effect>,
    ) {
        if let Some((lease, waiter)) = self.handing.remove(&sandbox) {
            self.handed(lease, waiter, result, now, effects);
        } else if let Some(warm) = self.renewing.remove(&sandbox) {
            self.renewed(warm, result, now);
        }
    }

    fn handed(
        &mut self,
        lease: Lease,
        mut waiter: Waiter,
        result: Result<(), SandboxError>,
        now: Timestamp,
        effects: &mut Vec<Effect>,
    ) {
        let sandbox = lease.sandbox.clone();
        let expires = now + waiter.lifetime.max(WARM_LIFETIME);
        let error = match result {
            Ok(()) if !self.draining => {
                self.take_back_from(&waiter, now);
                let leased = Leased { session: waiter.session, waiter: waiter.id, expires: now + waiter.lifetime };
                self.leased.insert(sandbox, leased);
                effects.push(Effect::Deliver { waiter: waiter.id, lease: Lease { started_at: now, ..lease } });
                return;
            }
            Ok(()) => SandboxError::Draining,
            Err(error) => error,
        };
        let gone = matches!(error, SandboxError::NotFound { .. });
        self.totals.lost_total += u64::from(gone);
        // Also one that is said to be gone: a host may be wrong, and ending what is no more costs one call.
        self.releases.begin(sandbox, expires, now);
        waiter.tries += 1;
        if self.draining || waiter.tries >= HAND_OUT_TRIES || !(gone || error.is_retryable()) {
            effects.push(Effect::Refuse { waiter: waiter.id, error });
        } else {
            self.waiting.push_front(waiter);
        }
    }

    /// A session has one sandbox. One that asks again has lost sight of what it had, by a crash or by a late answer. What
    /// it got by a later asking is its own: then it is this answer that is late, and nobody takes it.
    fn take_back_from(&mut self, waiter: &Waiter, now: Timestamp) {
        let had =
            self.leased.iter().filter(|(_, leased)| leased.session == waiter.session && leased.waiter < waiter.id);
        for sandbox in had.map(|(id, _)| id.clone()).collect::<Vec<_>>() {
            self.release(sandbox, now);
        }
    }

    fn renewed(&mut self, warm: Warm, result: Result<(), SandboxError>, now: Timestamp) {
        let renewed = match result {
            Ok(()) => Warm { expires: now + WARM_LIFETIME, renew_at: now + RENEW_AFTER, ..warm },
            Err(SandboxError::NotFound { .. }) => {
                self.totals.lost_total += 1;
                return self.release_warm(warm, now);
            }
            Err(_) if now + RENEW_AGAIN < warm.expires => Warm { renew_at: now + RENEW_AGAIN, ..warm },
            Err(_) => return self.release_warm(warm, now),
        };
        if self.draining {
            self.release_warm(renewed, now);
        } else {
            self.warm.push_back(renewed);
        }
    }

    fn release(&mut self, sandbox: SandboxId, now: Timestamp) {
        if self.releases.hurry(&sandbox, now) {
            return;
        }
        self.warm.retain(|warm| warm.lease.sandbox != sandbox);
        self.renewing.remove(&sandbox);
        if let Some((_, waiter)) = self.handing.remove(&sandbox) {
            self.waiting.push_front(waiter);
        }
        let expires = self.leased.remove(&sandbox).map_or(now + LIFETIME_MAX, |leased| leased.expires);
        self.releases.begin(sandbox, expires, now);
    }

    /// Not its `expires`, which is the least it lives: a renewal whose answer was lost may have been carried out.
    fn release_warm(&mut self, warm: Warm, now: Timestamp) {
        self.releases.begin(warm.lease.sandbox, now + WARM_LIFETIME, now);
    }

    /// What is on its way out stays so: its session has let it go.
    fn claimed(&mut self, sandbox: SandboxId, session: SessionId, expires: Timestamp) {
        if !self.releases.has(&sandbox) {
            // Whatever the session has asked for before, it does not wait for any more.
            self.leased.insert(sandbox, Leased { session, waiter: self.last_waiter, expires });
        }
    }

    fn listed(&mut self, sandboxes: Option<Vec<SandboxId>>, now: Timestamp) {
        let Self { strangers, warm, renewing, handing, leased, releases, .. } = self;
        let is_known = |sandbox: &SandboxId| {
            leased.contains_key(sandbox)
                || releases.has(sandbox)
                || handing.contains_key(sandbox)
                || renewing.contains_key(sandbox)
                || warm.iter().any(|warm| warm.lease.sandbox == *sandbox)
        };
        for stranger in strangers.listed(sandboxes, is_known, now) {
            self.totals.strangers_total += 1;
            self.releases.begin(stranger, now + LIFETIME_MAX, now);
        }
    }

    fn drain(&mut self, now: Timestamp, effects: &mut Vec<Effect>) {
        self.draining = true;
        self.drained = false;
        for waiter in self.waiting.drain(..) {
            effects.push(Effect::Refuse { waiter: waiter.id, error: SandboxError::Draining });
        }
        for warm in std::mem::take(&mut self.warm) {
            self.release_warm(warm, now);
        }
    }

    fn due(&mut self, now: Timestamp, effects: &mut Vec<Effect>) {
        self.refuse_late(now, effects);
        self.hand_out(now, effects);
        self.renew(now, effects);
        self.start(now, effects);
        if !self.draining && self.strangers.look(now) {
            effects.push(Effect::List);
        }
        effects.extend(self.releases.due(now).into_iter().map(|sandbox| Effect::Kill { sandbox }));
        let idle = self.starting.is_empty() && self.handing.is_empty() && self.renewing.is_empty();
        if self.draining && !self.drained && idle && self.releases.are_settled() {
            self.drained = true;
            effects.push(Effect::Drained);
        }
    }

    fn refuse_late(&mut self, now: Timestamp, effects: &mut Vec<Effect>) {
        let wait = self.limits.wait;
        // One that was put back to the front may be older than those behind it, so all are looked at.
        let (served, late): (Vec<_>, Vec<_>) = self.waiting.drain(..).partition(|waiter| waiter.since + wait > now);
        self.waiting = served.into();
        for waiter in late {
            let error =
                self.setback.as_ref().map_or(SandboxError::NoneFree { waited: wait }, |last| last.error.clone());
            effects.push(Effect::Refuse { waiter: waiter.id, error });
        }
    }

    fn hand_out(&mut self, now: Timestamp, effects: &mut Vec<Effect>) {
        while !self.waiting.is_empty() {
            let Some(warm) = self.warm.pop_front() else { return };
            if warm.expires <= now + LIFE_MIN {
                self.release_warm(warm, now);
                continue;
            }
            let Some(waiter) = self.waiting.pop_front() else { return };
            // The first of a burst sets the time: a steady stream of askers must not put the refill off for ever.
            if self.refill_at <= now {
                self.refill_at = now + REFILL_DELAY;
            }
            let (sandbox, lifetime) = (warm.lease.sandbox.clone(), waiter.lifetime);
            self.handing.insert(sandbox.clone(), (warm.lease, waiter));
            effects.push(Effect::SetTimeout { sandbox, lifetime });
        }
    }

    fn renew(&mut self, now: Timestamp, effects: &mut Vec<Effect>) {
        let (due, fresh): (Vec<_>, Vec<_>) = self.warm.drain(..).partition(|warm| warm.renew_at <= now);
        self.warm = fresh.into();
        for warm in due {
            let sandbox = warm.lease.sandbox.clone();
            self.renewing.insert(sandbox.clone(), warm);
            effects.push(Effect::SetTimeout { sandbox, lifetime: WARM_LIFETIME });
        }
    }

    fn start(&mut self, now: Timestamp, effects: &mut Vec<Effect>) {
        if self.draining || self.hold().is_some_and(|until| until > now) {
            return;
        }
        let refill = if self.refill_at > now { 0 } else { self.warm_places().saturating_sub(self.warm.len()) };
        let wanted = (self.waiting.len() + refill).min(self.limits.starts_max);
        while self.starting.len() < wanted {
            self.starts += 1;
            let start = StartId(self.starts);
            self.starting.insert(start);
            effects.push(Effect::Create { start });
        }
    }
}
