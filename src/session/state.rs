//! What a session is: plain data.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{
    effect::{Charge, Effect},
    history::{Repair, Trial},
    inspection::Inspection,
};
use crate::{
    events::Event,
    generator::author::{Spent, Words},
    sandbox::Lease,
    types::{
        AppType, EndReason, Failure, MicroUsd, Origin, Phase, Port, Rates, SandboxId, SandboxSize, SessionId, Slug,
        Status, Timestamp, UserId,
    },
};

/// What is left of a state's time when Claude's answers have taken theirs.
pub(super) const LAST: Duration = Duration::from_secs(15);

/// A fencing number: +1 at each entry into a state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Attempt(pub u64);

impl Attempt {
    pub(super) const fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

/// What a session was asked to be, and what it was granted on that day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Spec {
    pub id: SessionId,
    pub user: UserId,
    pub slug: Slug,
    pub app_url: String,
    pub prompt: String,
    pub app_type: AppType,
    pub created_at: Timestamp,
    /// The plan's bound on the whole life, extensions included.
    pub lifetime_max: Duration,
    /// What the session may cost in all.
    pub budget: MicroUsd,
    pub size: SandboxSize,
    /// Prices on the day of creation.
    pub rates: Rates,
    /// What Claude's answers may cost; `None` when Claude is not asked.
    #[serde(default)]
    pub words: Option<Words>,
}

/// The sandbox that is fetched while its app is still being written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "ahead", rename_all = "camelCase")]
pub enum Ahead {
    /// Nobody was asked, or there was none: it is asked for once the app is written.
    #[default]
    None,
    /// Under the attempt of the state itself; for a life until then.
    Asked {
        until: Timestamp,
    },
    Held {
        lease: Lease,
    },
}

/// An asking for a sandbox that is not answered yet. It may be older than the state that waits for its answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Asked {
    pub attempt: Attempt,
    /// Until when the sandbox lives.
    pub until: Timestamp,
}

/// Where a session stands, with what only that state has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "camelCase")]
pub enum State {
    Creating {
        deadline: Timestamp,
    },
    Generating {
        deadline: Timestamp,
        phase: Phase,
        #[serde(default)]
        ahead: Ahead,
    },
    Acquiring {
        deadline: Timestamp,
        #[serde(default)]
        asked: Asked,
    },
    Deploying {
        deadline: Timestamp,
        phase: Phase,
        lease: Lease,
    },
    Ready {
        lease: Lease,
        port: Port,
        /// The app's process in its sandbox; unknown in what older versions stored.
        #[serde(default)]
        pid: Option<u32>,
        since: Timestamp,
    },
    Expired {
        reason: EndReason,
        at: Timestamp,
    },
    Failed {
        failure: Failure,
        at: Timestamp,
    },
}

/// A session's whole truth, as the store keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Session {
    pub spec: Spec,
    pub attempt: Attempt,
    pub state: State,
    pub expires_at: Timestamp,
    pub origin: Option<Origin>,
    /// Cost of the sandboxes already given back, and of Claude's answers.
    pub past_cost: MicroUsd,
    /// What Claude's answers have used, one by one.
    #[serde(default)]
    pub answers: Vec<Spent>,
    /// Who was asked for the app, in turn.
    #[serde(default)]
    pub trials: Vec<Trial>,
    /// How the app was mended.
    #[serde(default)]
    pub repairs: Vec<Repair>,
    /// What the guard said of the app as it was read last, and what that app may reach.
    #[serde(default)]
    pub inspection: Inspection,
    /// Its app has been live: no more answers are held back for.
    #[serde(default)]
    pub proven: bool,
    /// An app is being generated, so that a bill may come.
    #[serde(default)]
    pub owed: bool,
    /// Up to when the held sandbox was last charged.
    pub metered_at: Timestamp,
    /// Sandboxes given back, whose end is not confirmed yet.
    pub releasing: Vec<SandboxId>,
    pub restarts: u32,
    /// Deployments of a mended app.
    #[serde(default)]
    pub mended: u32,
}

impl Session {
    #[must_use]
    pub const fn status(&self) -> Status {
        match &self.state {
            State::Creating { .. } => Status::Creating,
            State::Generating { .. } => Status::Generating,
            State::Acquiring { .. } | State::Deploying { .. } => Status::Deploying,
            State::Ready { .. } => Status::Ready,
            State::Expired { .. } => Status::Expired,
            State::Failed { .. } => Status::Error,
        }
    }

    #[must_use]
    pub const fn phase(&self) -> Phase {
        match &self.state {
            State::Creating { .. } => Phase::Queued,
            State::Generating { phase, .. } | State::Deploying { phase, .. } => *phase,
            State::Acquiring { .. } => Phase::Acquiring,
            State::Ready { .. } => Phase::Live,
            State::Expired { .. } | State::Failed { .. } if self.releasing.is_empty() => Phase::Done,
            State::Expired { .. } | State::Failed { .. } => Phase::Releasing,
        }
    }

    #[must_use]
    pub const fn is_over(&self) -> bool {
        self.status().is_over()
    }

    /// Whether nothing is on its way: the app is live, or the session is over.
    #[must_use]
    pub const fn is_resting(&self) -> bool {
        matches!(self.state, State::Ready { .. }) || self.is_over()
    }

    /// How long answers of Claude may take, so that the state they are asked for in can still be left in time.
    #[must_use]
    pub fn time_for_words(&self, now: Timestamp) -> Duration {
        match &self.state {
            State::Creating { deadline }
            | State::Generating { deadline, .. }
            | State::Acquiring { deadline, .. }
            | State::Deploying { deadline, .. } => deadline.until(now).saturating_sub(LAST),
            State::Ready { .. } | State::Expired { .. } | State::Failed { .. } => Duration::ZERO,
        }
    }

    /// Why it is over, when that is no failure.
    #[must_use]
    pub const fn end_reason(&self) -> Option<EndReason> {
        match &self.state {
            State::Expired { reason, .. } => Some(*reason),
            State::Creating { .. }
            | State::Generating { .. }
            | State::Acquiring { .. }
            | State::Deploying { .. }
            | State::Ready { .. }
            | State::Failed { .. } => None,
        }
    }

    /// The sandboxes to give back when the store does not take a decision on what was `before`: those that came with it, and
    /// that whoever reads the store will know nothing of. The others are left to who does.
    pub(super) fn brought(before: &Self, effects: &[Effect]) -> Vec<SandboxId> {
        let knows = |sandbox: &SandboxId| {
            before.lease().is_some_and(|lease| lease.sandbox == *sandbox) || before.releasing.contains(sandbox)
        };
        effects.iter().filter_map(Effect::concerns).filter(|sandbox| !knows(sandbox)).cloned().collect()
    }

    /// The sandbox it holds, if any.
    #[must_use]
    pub const fn lease(&self) -> Option<&Lease> {
        match &self.state {
            State::Generating { ahead: Ahead::Held { lease }, .. }
            | State::Deploying { lease, .. }
            | State::Ready { lease, .. } => Some(lease),
            State::Creating { .. }
            | State::Generating { ahead: Ahead::None | Ahead::Asked { .. }, .. }
            | State::Acquiring { .. }
            | State::Expired { .. }
            | State::Failed { .. } => None,
        }
    }

    /// What it has cost up to `now`.
    #[must_use]
    pub fn cost(&self, now: Timestamp) -> MicroUsd {
        let until = self.metered_until(now);
        let held = self.lease().map(|lease| self.charge(lease, until)).map(|charge| charge.cpu + charge.memory);
        self.past_cost + held.unwrap_or_default()
    }

    /// Up to when the held sandbox is charged: a clock that goes back takes back nothing that was told.
    pub(super) fn metered_until(&self, now: Timestamp) -> Timestamp {
        now.max(self.metered_at)
    }

    pub(super) fn charge(&self, lease: &Lease, now: Timestamp) -> Charge {
        let (rates, millis) = (self.spec.rates, now.millis_since(lease.started_at));
        let (cpu, memory) = (rates.cpu(lease.size, millis), rates.memory(lease.size, millis));
        Charge { sandbox: lease.sandbox.clone(), size: lease.size, millis, cpu, memory }
    }

    /// Where it stands, as an event.
    #[must_use]
    pub fn event(&self, message: Option<String>) -> Event {
        match &self.state {
            State::Failed { failure, .. } => Event::Error { failure: failure.clone(), recoverable: false },
            State::Expired { reason, .. } => Event::Expired { reason: *reason, final_cost: self.past_cost },
            State::Creating { .. }
            | State::Generating { .. }
            | State::Acquiring { .. }
            | State::Deploying { .. }
            | State::Ready { .. } => Event::Update {
                status: self.status(),
                phase: self.phase(),
                progress: self.phase().progress(),
                message,
                app_url: matches!(self.state, State::Ready { .. }).then(|| self.spec.app_url.clone()),
            },
        }
    }
}
