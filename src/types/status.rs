//! What the outside sees of a session's state.

use serde::{Deserialize, Serialize};

/// The six statuses of the contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    Creating,
    Generating,
    Deploying,
    Ready,
    Error,
    Expired,
}

impl Status {
    pub const ALL: [Self; 6] =
        [Self::Creating, Self::Generating, Self::Deploying, Self::Ready, Self::Error, Self::Expired];

    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Creating => "creating",
            Self::Generating => "generating",
            Self::Deploying => "deploying",
            Self::Ready => "ready",
            Self::Error => "error",
            Self::Expired => "expired",
        }
    }

    /// Whether nothing more will happen.
    #[must_use]
    pub const fn is_over(self) -> bool {
        match self {
            Self::Error | Self::Expired => true,
            Self::Creating | Self::Generating | Self::Deploying | Self::Ready => false,
        }
    }
}

impl std::str::FromStr for Status {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|status| status.as_str() == text).ok_or_else(|| {
            format!("unknown status {text:?}: expected one of creating, generating, deploying, ready, error, expired")
        })
    }
}

/// The finer step beside a [`Status`], for people and progress bars.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Phase {
    /// Accepted; a place and a budget are being reserved.
    Queued,
    /// The generator is writing files.
    Writing,
    /// The guard is reading them.
    Inspecting,
    /// Waiting for a sandbox.
    Acquiring,
    /// Files are going into the sandbox.
    Uploading,
    /// The build command runs.
    Building,
    /// The start command ran; waiting for the port.
    Starting,
    /// The port answers; the app's checks run.
    Checking,
    /// Live.
    Live,
    /// Over; the sandbox is being given back.
    Releasing,
    /// Over, and settled.
    Done,
}

impl Phase {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Writing => "writing",
            Self::Inspecting => "inspecting",
            Self::Acquiring => "acquiring",
            Self::Uploading => "uploading",
            Self::Building => "building",
            Self::Starting => "starting",
            Self::Checking => "checking",
            Self::Live => "live",
            Self::Releasing => "releasing",
            Self::Done => "done",
        }
    }

    /// Progress in percent when the phase begins. Monotonic along a session's way.
    #[must_use]
    pub const fn progress(self) -> u8 {
        match self {
            Self::Queued => 0,
            Self::Writing => 10,
            Self::Inspecting => 50,
            Self::Acquiring => 55,
            Self::Uploading => 60,
            Self::Building => 70,
            Self::Starting => 80,
            Self::Checking => 90,
            Self::Live | Self::Releasing | Self::Done => 100,
        }
    }
}

/// Why a session that did not fail is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum EndReason {
    /// Its time was up.
    Timeout,
    /// Its money was up.
    Budget,
    /// Somebody destroyed it.
    Destroyed,
}

impl EndReason {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Timeout => "timeout",
            Self::Budget => "budget",
            Self::Destroyed => "destroyed",
        }
    }
}
