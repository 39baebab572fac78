//! The host of the sandboxes: it keeps its own time, and answers as networks let it.

use super::{
    faults::SECOND,
    happening::{Happening, HostCall, HostHow, LifeNumber},
    pool::span,
    world::{World, millis},
};
use crate::{
    sandbox::{
        Lease, SandboxError,
        played::{Event, WARM_LIFETIME},
    },
    types::{SandboxId, SandboxSize, Secret},
};

/// The slowest way to the host, and back; together less than a creation is given.
const SLOW_MAX: i64 = 25 * SECOND;
const PROLONG_TRIES: u32 = 3;

impl World {
    pub(super) fn call_host(&mut self, life: LifeNumber, call: HostCall) {
        let how = if self.strikes(self.faults.host_refuses) {
            HostHow::Refused
        } else if self.strikes(self.faults.host_cuts) {
            if self.random.one_in(2) { HostHow::CutBefore } else { HostHow::CutAfter }
        } else if self.strikes(self.faults.host_lies) {
            HostHow::Lie
        } else {
            HostHow::Well
        };
        let wait = self.way();
        self.after(wait, Happening::HostDoes { life, call, how });
    }

    fn way(&mut self) -> i64 {
        if self.strikes(self.faults.host_slow) {
            self.random.between(SECOND, SLOW_MAX)
        } else {
            self.random.delay(20, 400)
        }
    }

    /// A call reaches the host.
    pub(super) fn host_does(&mut self, life: LifeNumber, call: HostCall, how: HostHow) {
        let is_done = matches!(how, HostHow::Well | HostHow::CutAfter);
        let cut = || SandboxError::Cut { doing: "playing", cause: String::new() };
        let gone = || SandboxError::NotFound { message: String::new() };
        let heard = |well: Result<(), SandboxError>| match how {
            HostHow::Well => well,
            HostHow::Refused => {
                Err(SandboxError::Server { status: 503, message: String::new(), retry_after: None, again: true })
            }
            HostHow::CutBefore | HostHow::CutAfter => Err(cut()),
            HostHow::Lie => Err(gone()),
        };
        let event = match call {
            HostCall::Create { start } => {
                let lease = is_done.then(|| self.create());
                match (heard(Ok(())), lease) {
                    (Ok(()), Some(lease)) => Some(Event::Created { start, lease }),
                    (Ok(()), None) => Some(Event::CreateFailed { start, error: cut() }),
                    (Err(error), _) => Some(Event::CreateFailed { start, error }),
                }
            }
            HostCall::SetTimeout { sandbox, lifetime } => {
                let well = if is_done { self.set_timeout(&sandbox, lifetime) } else { Ok(()) };
                Some(Event::TimeoutSet { sandbox, result: heard(well) })
            }
            HostCall::Prolong { sandbox, lifetime, tries } => {
                let well = if is_done { self.set_timeout(&sandbox, lifetime) } else { Ok(()) };
                match heard(well) {
                    Ok(()) => Some(Event::Extended { sandbox, lifetime: span(lifetime) }),
                    Err(error) if error.is_retryable() && tries + 1 < PROLONG_TRIES => {
                        return self.call_host(life, HostCall::Prolong { sandbox, lifetime, tries: tries + 1 });
                    }
                    Err(_) => None,
                }
            }
            HostCall::Kill { sandbox } => {
                if is_done {
                    self.sandbox_ends(&sandbox);
                }
                let result = if how == HostHow::Lie { Err(cut()) } else { heard(Ok(())) };
                Some(Event::Killed { sandbox, result })
            }
            HostCall::List => {
                let all = (how == HostHow::Well).then(|| self.sandboxes.keys().cloned().collect());
                Some(Event::Listed { sandboxes: all })
            }
        };
        let wait = self.way();
        self.after(wait, Happening::HostSaid { life, event });
    }

    /// Its answer reaches the pool, if it is the one that asked.
    pub(super) fn host_said(&mut self, life: LifeNumber, event: Option<Event>) {
        if self.pool.as_ref().is_some_and(|pool| pool.life == life) {
            self.forget_the_gone();
            if let Some(event) = event {
                self.pool_takes(event);
            }
        }
    }

    fn create(&mut self) -> Lease {
        self.ran.counts.sandboxes += 1;
        let sandbox: SandboxId = format!("sbx{}", self.ran.counts.sandboxes).parse().unwrap();
        self.sandboxes.insert(sandbox.clone(), self.clock.steady + millis(WARM_LIFETIME));
        self.after(millis(WARM_LIFETIME), Happening::SandboxDue(sandbox.clone()));
        let size = SandboxSize { vcpus: 2, memory_mib: 512 };
        Lease { sandbox, access_token: Secret::new(String::new()), size, started_at: self.clock.now() }
    }

    fn set_timeout(&mut self, sandbox: &SandboxId, lifetime: i64) -> Result<(), SandboxError> {
        let until = self.clock.steady + lifetime;
        match self.sandboxes.get_mut(sandbox) {
            Some(ends) => {
                *ends = until;
                self.after(lifetime, Happening::SandboxDue(sandbox.clone()));
                Ok(())
            }
            None => Err(SandboxError::NotFound { message: String::new() }),
        }
    }

    pub(super) fn sandbox_due(&mut self, sandbox: &SandboxId) {
        if self.sandboxes.get(sandbox).is_some_and(|until| *until <= self.clock.steady) {
            self.sandbox_ends(sandbox);
        }
    }

    /// A sandbox is gone, whoever's doing it was.
    pub(super) fn sandbox_ends(&mut self, sandbox: &SandboxId) {
        if self.sandboxes.remove(sandbox).is_some() {
            self.hear_of_end(sandbox);
        }
    }
}
