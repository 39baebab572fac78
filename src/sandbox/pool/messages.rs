//! What a [`Pool`](super::Pool) understands.

use std::time::Duration;

use actix::Message;

use super::{Handed, PoolStats};
use crate::{
    sandbox::SandboxError,
    types::{SandboxId, SessionId},
};

/// Asks for a sandbox that lives `lifetime` from its hand-out. First come, first served. A sandbox that this session got
/// before and did not give back is released: a session has one.
///
/// Refused with `QueueFull`, `NoneFree` (or the host's own last error) after [`Config::wait`](super::super::Config),
/// `Draining`, or what the host says. When the asker is gone by then, or goes before it takes
/// the lease, the sandbox is released.
#[derive(Clone, Debug, Message)]
#[rtype(result = "Result<Handed, SandboxError>")]
pub struct Acquire {
    pub session: SessionId,
    pub lifetime: Duration,
}

/// Gives a sandbox back; any sandbox of the host, also one of an earlier run of the engine. Answered once it is gone;
/// with the error once several tries failed, and then the pool goes on trying. Asking twice is harmless.
#[derive(Clone, Debug, Message)]
#[rtype(result = "Result<(), SandboxError>")]
pub struct Release {
    pub sandbox: SandboxId,
}

/// This sandbox is the session's, for so long. Told now and then, so that a pool that was made anew knows whose they are.
#[derive(Clone, Debug, Message)]
#[rtype(result = "()")]
pub struct Claim {
    pub session: SessionId,
    pub sandbox: SandboxId,
    pub lifetime: Duration,
}

/// Lets a leased sandbox live `lifetime` from now. Tried three times.
#[derive(Clone, Debug, Message)]
#[rtype(result = "Result<(), SandboxError>")]
pub struct SetTimeout {
    pub sandbox: SandboxId,
    pub lifetime: Duration,
}

/// Asks for the figures.
#[derive(Debug, Message)]
#[rtype(result = "PoolStats")]
pub struct Stats;

/// Refuses whoever waits and whoever asks from now on, and releases what is not leased. Answered when that is done, or
/// when each release that fails has failed several times. Leases are their sessions' to give back, now or later.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct Drain;
