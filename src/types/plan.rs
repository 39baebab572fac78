//! What an installation allows at once. E2B's own two plans, so growing into its cloud changes nothing.

use std::{str::FromStr, time::Duration};

use serde::{Deserialize, Serialize};

/// `SPAWNAI_PLAN`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Plan {
    #[default]
    Hobby,
    Pro,
}

/// The bounds of a [`Plan`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlanLimits {
    /// Sessions that are not over, at once.
    pub sessions: usize,
    /// A session's whole life, extensions included.
    pub lifetime: Duration,
}

impl Plan {
    #[must_use]
    pub const fn limits(self) -> PlanLimits {
        match self {
            Self::Hobby => PlanLimits { sessions: 20, lifetime: Duration::from_secs(3600) },
            Self::Pro => PlanLimits { sessions: 100, lifetime: Duration::from_secs(24 * 3600) },
        }
    }

    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Hobby => "hobby",
            Self::Pro => "pro",
        }
    }
}

impl FromStr for Plan {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "hobby" => Ok(Self::Hobby),
            "pro" => Ok(Self::Pro),
            other => Err(format!("unknown plan {other:?}: expected hobby or pro")),
        }
    }
}
