//! What goes into the pool's decisions and what comes out of them.

use std::time::Duration;

use crate::{
    sandbox::{Lease, SandboxError},
    types::{SandboxId, SessionId},
};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct WaiterId(pub u64);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct StartId(pub u64);

#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    pub warm: usize,
    pub starts_max: usize,
    pub waiting_max: usize,
    pub wait: Duration,
}

#[derive(Clone, Debug)]
pub(crate) enum Event {
    Acquire {
        waiter: WaiterId,
        session: SessionId,
        lifetime: Duration,
    },
    /// The asker went away before it was served.
    GaveUp {
        waiter: WaiterId,
    },
    Created {
        start: StartId,
        lease: Lease,
    },
    CreateFailed {
        start: StartId,
        error: SandboxError,
    },
    /// What [`Effect::SetTimeout`] came to.
    TimeoutSet {
        sandbox: SandboxId,
        result: Result<(), SandboxError>,
    },
    /// A lease's life was changed for its holder.
    Extended {
        sandbox: SandboxId,
        lifetime: Duration,
    },
    Release {
        sandbox: SandboxId,
    },
    /// What [`Effect::Kill`] came to.
    Killed {
        sandbox: SandboxId,
        result: Result<(), SandboxError>,
    },
    /// A session holds this sandbox, and will for so long.
    Claimed {
        sandbox: SandboxId,
        session: SessionId,
        lifetime: Duration,
    },
    /// What [`Effect::List`] came to: all that bear this engine's name.
    Listed {
        sandboxes: Option<Vec<SandboxId>>,
    },
    Drain,
    Tick,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    Create {
        start: StartId,
    },
    SetTimeout {
        sandbox: SandboxId,
        lifetime: Duration,
    },
    Deliver {
        waiter: WaiterId,
        lease: Lease,
    },
    Refuse {
        waiter: WaiterId,
        error: SandboxError,
    },
    Kill {
        sandbox: SandboxId,
    },
    /// Tell all who asked for this release.
    Settled {
        sandbox: SandboxId,
        result: Result<(), SandboxError>,
    },
    List,
    Drained,
}

/// What the pool holds, and what happened since it began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PoolStats {
    pub warm: usize,
    pub starting: usize,
    pub leased: usize,
    pub releasing: usize,
    /// Askers in the queue.
    pub waiting: usize,
    pub created_total: u64,
    pub create_failures_total: u64,
    pub release_failures_total: u64,
    /// Warm sandboxes that were gone when they were needed or renewed.
    pub lost_total: u64,
    /// Sandboxes that belonged to nobody, and were released.
    pub strangers_total: u64,
    pub draining: bool,
}
