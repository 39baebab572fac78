use std::time::Duration;

use crate::types::{Category, Failure, MicroUsd, Status};

/// Why a command was refused. Outcomes and deadlines never are.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejected {
    #[error("the session is over ({})", .0.as_str())]
    Over(Status),
    #[error("a session lives at most {} minutes on this plan, extensions included", .0.as_secs() / 60)]
    LifetimeExceeded(Duration),
    #[error("the extension would bring the session to {would_cost}, over its budget of {budget}")]
    OverBudget { would_cost: MicroUsd, budget: MicroUsd },
}

impl From<Rejected> for Failure {
    fn from(rejected: Rejected) -> Self {
        let text = rejected.to_string();
        match rejected {
            Rejected::Over(_) => {
                Self::new("session_over", Category::User, format!("{text}; spawn it again to get a new one"))
            }
            Rejected::LifetimeExceeded(_) => Self::new(
                "lifetime_exceeded",
                Category::Resource,
                format!("{text}; ask for less, or run the engine with SPAWNAI_PLAN=pro"),
            ),
            Rejected::OverBudget { .. } => Self::new(
                "budget_exceeded",
                Category::Resource,
                format!("{text}; ask for less, or raise SPAWNAI_SESSION_BUDGET_USD"),
            ),
        }
    }
}
