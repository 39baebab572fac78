//! What may happen next in a played world: plain data, so that a run can be told step by step.

use super::super::{
    signal::{Outcome, Signal},
    state::Attempt,
};
use crate::{
    ledger,
    sandbox::played::{Event, StartId},
    store::ChargeRow,
    types::{MicroUsd, SandboxId, SessionId, Timestamp, UserId},
};

/// Which of the actors that came after each other at one place. Never given twice.
pub(super) type LifeNumber = u64;

#[derive(Clone, Debug)]
pub(super) enum Happening {
    /// Somebody has a wish.
    Arrival,
    /// The user of a session wants it to end, or to go on for longer.
    Destroy(SessionId),
    Extend(SessionId),
    /// Something reaches a session's actor.
    Mail {
        session: SessionId,
        life: LifeNumber,
        mail: Mail,
    },
    /// A commit reaches the store.
    Write {
        ticket: u64,
    },
    /// Its answer reaches whoever made it.
    Written {
        session: SessionId,
        life: LifeNumber,
        ticket: u64,
        said: Said,
    },
    /// Again, after a failure.
    WriteAgain {
        session: SessionId,
        life: LifeNumber,
        ticket: u64,
    },
    /// Nobody waits longer for a session's first commit.
    CutOff {
        session: SessionId,
        life: LifeNumber,
        ticket: u64,
    },
    /// The registry reads a session from the store, to bring it back.
    Rebuild {
        engine: u64,
        session: SessionId,
        doom: Option<Doom>,
    },
    /// It looks once more for a session that was not stored when its spawn was answered with a no.
    LookAgain {
        engine: u64,
        session: SessionId,
        doom: Doom,
    },
    /// A session asks for a release, now that it has heard what its sandbox used.
    AskRelease {
        session: SessionId,
        life: LifeNumber,
        sandbox: SandboxId,
    },
    ToPool {
        life: LifeNumber,
        mail: PoolMail,
    },
    PoolTick {
        life: LifeNumber,
        alarm: u64,
    },
    PoolRises {
        engine: u64,
    },
    /// A call reaches the host, and its answer the pool.
    HostDoes {
        life: LifeNumber,
        call: HostCall,
        how: HostHow,
    },
    HostSaid {
        life: LifeNumber,
        event: Option<Event>,
    },
    /// A sandbox may have come to the end of its time.
    SandboxDue(SandboxId),
    ToLedger {
        life: LifeNumber,
        mail: LedgerMail,
    },
    LedgerLoads {
        engine: u64,
    },
    LedgerRises {
        engine: u64,
    },
    EngineRises,
    StoreIsBack,
    /// A fault comes by itself.
    Fault,
}

/// Why a session is given up.
#[derive(Clone, Copy, Debug)]
pub(super) enum Doom {
    NotStored,
    Crashed,
}

/// What reaches a session's actor, from outside or from its own futures.
#[derive(Clone, Debug)]
pub(super) enum Mail {
    Signal(Signal),
    Alarm {
        number: u64,
        attempt: Attempt,
    },
    Meter,
    Deployed {
        work: u64,
        attempt: Attempt,
        outcome: Outcome,
    },
    /// A repair by Claude is done.
    Repaired {
        writing: u64,
        attempt: Attempt,
        well: bool,
    },
    AppEnded {
        app: u64,
        sandbox: SandboxId,
        gone: bool,
    },
    /// Claude writes on, and is done.
    Wrote {
        writing: u64,
    },
    WroteAll {
        writing: u64,
        attempt: Attempt,
        well: bool,
    },
    /// The guard has read the app.
    Generated {
        attempt: Attempt,
        well: bool,
    },
    Extend {
        hours: i64,
    },
}

#[derive(Clone, Debug)]
pub(super) enum PoolMail {
    Acquire { asker: (SessionId, LifeNumber), attempt: Attempt, lifetime: i64, tries: u32 },
    Release { sandbox: SandboxId, asker: Option<(SessionId, LifeNumber)>, tries: u32 },
    SetTimeout { sandbox: SandboxId, lifetime: i64 },
    Claim { session: SessionId, sandbox: SandboxId, lifetime: i64 },
}

#[derive(Clone, Debug)]
pub(super) enum LedgerMail {
    Reserve { session: SessionId, user: UserId, amount: MicroUsd, why: ReserveWhy, tries: u32 },
    Charged { session: SessionId, holds: Option<(UserId, MicroUsd)>, charges: Vec<ChargeRow> },
    HoldLess(ledger::HoldLess),
    Settle(SessionId),
}

#[derive(Clone, Copy, Debug)]
pub(super) enum ReserveWhy {
    Spawn { engine: u64 },
    Extend { life: LifeNumber, hours: i64 },
}

#[derive(Clone, Debug)]
pub(super) enum HostCall {
    Create {
        start: StartId,
    },
    /// For the pool itself.
    SetTimeout {
        sandbox: SandboxId,
        lifetime: i64,
    },
    /// For a lease's holder.
    Prolong {
        sandbox: SandboxId,
        lifetime: i64,
        tries: u32,
    },
    Kill {
        sandbox: SandboxId,
    },
    List,
}

/// How a call goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum HostHow {
    Well,
    /// Not carried out, and said so.
    Refused,
    /// Not carried out, or carried out: nobody can tell.
    CutBefore,
    CutAfter,
    /// "No such sandbox", though there is.
    Lie,
}

/// What the store says of a commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Said {
    Made,
    NotNow,
    Never,
}

/// The wall clock and the one that does not jump.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Clock {
    pub steady: i64,
    pub ahead: i64,
}

impl Clock {
    pub(super) const fn now(self) -> Timestamp {
        Timestamp(self.steady + self.ahead)
    }
}
