use std::time::Duration;

use actix::Message;
use bytes::Bytes;
use serde::Serialize;

use crate::{
    ledger,
    session::HostFate,
    types::{AppType, Category, Failure, MicroUsd, SessionId, Timestamp, UserId},
};

/// Start a session. Answers once it is stored.
#[derive(Debug, Message)]
#[rtype(result = "Result<Accepted, SpawnError>")]
pub struct Spawn {
    pub prompt: String,
    pub app_type: AppType,
    pub user: UserId,
    /// How long it shall live; `None` for the configured default.
    pub lifetime: Option<Duration>,
}

#[derive(Clone, Debug)]
pub struct Accepted {
    pub session: SessionId,
    pub app_url: String,
    pub estimated_cost: MicroUsd,
    /// The session's view as it was stored.
    pub view: Bytes,
}

/// Why no session was started.
#[derive(Debug, thiserror::Error)]
pub enum SpawnError {
    #[error("the plan {plan} allows {max} sessions at once, and that many are open")]
    Capacity { plan: &'static str, max: usize },
    #[error("a session lives at most {} minutes on this plan", .0.as_secs() / 60)]
    Lifetime(Duration),
    #[error("over budget: {0}")]
    Budget(ledger::Refused),
    #[error("the engine is shutting down")]
    Draining,
    #[error("the engine's database did not take it")]
    NotStored,
    #[error("the {0} did not answer")]
    Unavailable(&'static str),
}

impl From<SpawnError> for Failure {
    fn from(error: SpawnError) -> Self {
        let text = error.to_string();
        match error {
            SpawnError::Capacity { .. } => Self::new(
                "capacity",
                Category::Resource,
                format!("{text}; destroy one, wait for one to expire, or run the engine with SPAWNAI_PLAN=pro"),
            )
            .retryable(),
            SpawnError::Lifetime(_) => Self::new("lifetime_exceeded", Category::User, text),
            SpawnError::Budget(refused) => refused.into(),
            SpawnError::Draining => {
                Self::new("draining", Category::System, format!("{text}; try again in a moment")).retryable()
            }
            SpawnError::NotStored => {
                Self::new("store_unavailable", Category::System, format!("{text}; try again soon")).retryable()
            }
            SpawnError::Unavailable(_) => {
                Self::new("internal", Category::System, format!("{text}; try again")).retryable()
            }
        }
    }
}

/// Take up the sessions that the store holds open. Answers with their number.
#[derive(Debug, Message)]
#[rtype(result = "Result<usize, crate::store::StoreError>")]
pub struct Restore {
    pub host: HostFate,
}

/// Take in no more sessions, and let go of those that are.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct Drain {
    /// How long sessions on their way may take to come to rest before they are let go as they are.
    pub patience: Duration,
    /// End those that this engine started, and wait until their sandboxes are gone. All others are left in the store,
    /// to be taken up by the next engine.
    pub destroy: bool,
}

/// The supervisor's own account.
#[derive(Clone, Copy, Debug, Message)]
#[rtype(result = "SupervisorView")]
pub struct ListActors;

#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SupervisorView {
    pub sessions: Vec<Actors>,
    /// Rebuilds of all sessions since the start.
    pub rebuilds_total: u64,
    pub panics_total: u64,
    pub draining: bool,
}

#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Actors {
    pub session_id: String,
    pub connected: bool,
    pub rebuilds: u32,
    /// Why its last actor ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_exit: Option<String>,
    /// Since when the present actor is there.
    #[schema(value_type = String, format = DateTime)]
    pub since: Timestamp,
    /// Messages that wait for it.
    pub mailbox: usize,
}

/// Whether the sandbox host answers, and in what time.
#[derive(Clone, Copy, Debug, Message)]
#[rtype(result = "Result<Duration, crate::sandbox::SandboxError>")]
pub struct ProbeSandboxes;
