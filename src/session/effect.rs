//! What a session wants done: plain data.

use super::state::Attempt;
use crate::{
    events::Event,
    generator::author::Spent,
    sandbox::{Lease, Used},
    types::{MicroUsd, SandboxId, SandboxSize, Timestamp},
};

/// What a sandbox has cost so far. Told again with a greater amount as time goes by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Charge {
    pub sandbox: SandboxId,
    pub size: SandboxSize,
    pub millis: i64,
    pub cpu: MicroUsd,
    pub memory: MicroUsd,
}

/// What is to be done, in this order, after the session is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    Begin {
        attempt: Attempt,
    },
    Generate {
        attempt: Attempt,
    },
    Acquire {
        attempt: Attempt,
        until: Timestamp,
    },
    /// The sandbox is there before the app: bring into it what is finished.
    Stage {
        attempt: Attempt,
        lease: Lease,
    },
    Deploy {
        attempt: Attempt,
        lease: Lease,
    },
    /// Listen again to an app that lives on.
    Attach {
        lease: Lease,
        pid: u32,
    },
    /// Stop whatever generation or deployment is under way, and close the app's output.
    Abandon,
    SetTimeout {
        sandbox: SandboxId,
        until: Timestamp,
    },
    Release {
        sandbox: SandboxId,
    },
    /// Stored in the same transaction as the session.
    Charge(Charge),
    /// Stored likewise, and costs nothing.
    Used {
        sandbox: SandboxId,
        used: Used,
    },
    /// The same, for answers of Claude: those that are new or have grown, by their places.
    ChargeAnswers(Vec<(usize, Spent)>),
    Alarm {
        attempt: Attempt,
        at: Timestamp,
    },
    Publish(Event),
    /// No more is held back than may still be spent.
    HoldLess,
    /// The money is final: free what was reserved.
    Settle,
    /// Nothing is left to wait for.
    Stop,
}

impl Effect {
    /// The sandbox that this is about to take or to give back.
    pub(super) const fn concerns(&self) -> Option<&SandboxId> {
        match self {
            Self::Release { sandbox } => Some(sandbox),
            Self::Stage { lease, .. } | Self::Deploy { lease, .. } => Some(&lease.sandbox),
            Self::Begin { .. }
            | Self::Generate { .. }
            | Self::Acquire { .. }
            | Self::Attach { .. }
            | Self::Abandon
            | Self::SetTimeout { .. }
            | Self::Charge(_)
            | Self::Used { .. }
            | Self::ChargeAnswers(_)
            | Self::Alarm { .. }
            | Self::Publish(_)
            | Self::HoldLess
            | Self::Settle
            | Self::Stop => None,
        }
    }
}
