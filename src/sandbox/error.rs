//! What can go wrong between the engine and a sandbox, sorted by what to do about it.

use std::time::Duration;

use crate::types::{Category, Failure, Port, SandboxId};

/// A call to the sandbox host that did not end well. Cheap to clone: one failure may answer several askers.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SandboxError {
    /// The host knows no such sandbox (any more).
    #[error("the sandbox host knows no such sandbox or file: {message}")]
    NotFound { message: String },
    /// The sandbox lives, and nothing listens on that port of it.
    #[error("nothing listens on port {port} of sandbox {sandbox}")]
    PortClosed { sandbox: SandboxId, port: Port },
    /// Too many calls in too short a time.
    #[error("the sandbox host limits the rate: {message}")]
    RateLimited { message: String, retry_after: Option<Duration> },
    /// As many sandboxes as the account or machine allows.
    #[error("no more sandboxes are allowed: {message}")]
    Quota { message: String },
    /// The key or the sandbox's token is wrong.
    #[error("the sandbox host refuses the key: {message}")]
    Unauthorized { message: String },
    /// No connection could be made, so the call was not carried out.
    #[error("the sandbox host at {address} cannot be reached: {cause}")]
    Unreachable { address: String, cause: String },
    /// The connection broke before the answer was complete: the call may or may not have been carried out.
    #[error("the connection broke while {doing}: {cause}")]
    Cut { doing: &'static str, cause: String },
    /// No answer in time: the call may or may not have been carried out.
    #[error("no answer within {} ms while {doing}", after.as_millis())]
    Timeout { doing: &'static str, after: Duration },
    /// An answer that is not the protocol's.
    #[error("unintelligible answer while {doing}: {detail}")]
    Protocol { doing: &'static str, detail: String },
    /// The host failed (5xx). `again` is false when it said `Should-Retry: false`.
    #[error("the sandbox host failed with status {status}: {message}")]
    Server { status: u16, message: String, retry_after: Option<Duration>, again: bool },
    /// The host understood and said no (any other 4xx).
    #[error("the sandbox host refused with status {status}: {message}")]
    Refused { status: u16, message: String },
    /// We ourselves refuse to send it.
    #[error("not sent: {reason}")]
    Invalid { reason: String },
    /// The pool gives out no more: it is draining.
    #[error("the sandbox pool is shutting down")]
    Draining,
    /// As many callers wait for a sandbox as may.
    #[error("{waiting} callers wait for a sandbox already")]
    QueueFull { waiting: usize },
    /// The caller waited as long as it may.
    #[error("no sandbox became free within {} s", waited.as_secs())]
    NoneFree { waited: Duration },
}

impl SandboxError {
    /// Whether the same call may succeed later without anybody changing anything.
    #[must_use]
    pub const fn is_retryable(&self) -> bool {
        match self {
            Self::RateLimited { .. }
            | Self::Unreachable { .. }
            | Self::Cut { .. }
            | Self::Timeout { .. }
            | Self::QueueFull { .. }
            | Self::Quota { .. }
            | Self::NoneFree { .. } => true,
            Self::Server { again, .. } => *again,
            Self::NotFound { .. }
            | Self::PortClosed { .. }
            | Self::Unauthorized { .. }
            | Self::Protocol { .. }
            | Self::Refused { .. }
            | Self::Invalid { .. }
            | Self::Draining => false,
        }
    }

    /// Whether the call was surely not carried out, so that repeating it cannot do it twice.
    #[must_use]
    pub const fn was_not_carried_out(&self) -> bool {
        match self {
            Self::RateLimited { .. }
            | Self::Unreachable { .. }
            | Self::Quota { .. }
            | Self::PortClosed { .. }
            | Self::NotFound { .. }
            | Self::Unauthorized { .. }
            | Self::Refused { .. }
            | Self::Invalid { .. }
            | Self::Draining
            | Self::QueueFull { .. }
            | Self::NoneFree { .. } => true,
            Self::Cut { .. } | Self::Timeout { .. } | Self::Protocol { .. } | Self::Server { .. } => false,
        }
    }

    /// How long the host asked to be left alone.
    #[must_use]
    pub const fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::RateLimited { retry_after, .. } | Self::Server { retry_after, .. } => *retry_after,
            Self::NotFound { .. }
            | Self::PortClosed { .. }
            | Self::Quota { .. }
            | Self::Unauthorized { .. }
            | Self::Unreachable { .. }
            | Self::Cut { .. }
            | Self::Timeout { .. }
            | Self::Protocol { .. }
            | Self::Refused { .. }
            | Self::Invalid { .. }
            | Self::Draining
            | Self::QueueFull { .. }
            | Self::NoneFree { .. } => None,
        }
    }

    const fn code(&self) -> &'static str {
        match self {
            Self::NotFound { .. } => "sandbox_gone",
            Self::PortClosed { .. } => "app_not_listening",
            Self::RateLimited { .. } => "sandbox_rate_limited",
            Self::Quota { .. } => "sandbox_quota",
            Self::Unauthorized { .. } => "e2b_unauthorized",
            Self::Unreachable { .. } | Self::Cut { .. } | Self::Server { .. } => "sandbox_unavailable",
            Self::Timeout { .. } => "sandbox_timeout",
            Self::Protocol { .. } => "sandbox_protocol",
            Self::Refused { .. } => "sandbox_refused",
            Self::Invalid { .. } => "sandbox_invalid_request",
            Self::Draining => "shutting_down",
            Self::QueueFull { .. } | Self::NoneFree { .. } => "sandbox_busy",
        }
    }

    const fn category(&self) -> Category {
        match self {
            Self::RateLimited { .. }
            | Self::Quota { .. }
            | Self::QueueFull { .. }
            | Self::NoneFree { .. }
            | Self::Draining => Category::Resource,
            Self::Invalid { .. } => Category::System,
            Self::NotFound { .. }
            | Self::PortClosed { .. }
            | Self::Unauthorized { .. }
            | Self::Unreachable { .. }
            | Self::Cut { .. }
            | Self::Timeout { .. }
            | Self::Protocol { .. }
            | Self::Server { .. }
            | Self::Refused { .. } => Category::Api,
        }
    }

    /// One sentence for the user, with what to do. Internals stay in the log.
    fn sentence(&self) -> String {
        match self {
            Self::NotFound { .. } => {
                "The app's sandbox is gone: it was removed or its time was up. Spawn the app again.".into()
            }
            Self::PortClosed { port, .. } => format!("The app does not listen on port {port}."),
            Self::RateLimited { retry_after: Some(after), .. } => {
                format!(
                    "The sandbox host limits how fast sandboxes are made. Try again in {} s.",
                    after.as_secs().max(1)
                )
            }
            Self::RateLimited { retry_after: None, .. } => {
                "The sandbox host limits how fast sandboxes are made. Try again in a moment.".into()
            }
            Self::Quota { message } => {
                format!(
                    "As many sandboxes run as the host allows ({message}). Destroy a session, or raise the host's limit."
                )
            }
            Self::Unauthorized { .. } => {
                "The sandbox host refuses the key. Check E2B_API_KEY (and E2B_API_URL, if set).".into()
            }
            Self::Unreachable { address, .. } => {
                format!(
                    "The sandbox host at {address} cannot be reached. Check that it runs and that the network is up."
                )
            }
            Self::Cut { .. } => "The connection to the sandbox broke. Try again.".into(),
            Self::Timeout { doing, after } => {
                format!("The sandbox host gave no answer within {} s while {doing}. Try again.", after.as_secs().max(1))
            }
            Self::Protocol { doing, .. } => {
                format!(
                    "The sandbox host answered something unintelligible while {doing}. Check that E2B_API_URL names an E2B API."
                )
            }
            Self::Server { status, .. } => format!("The sandbox host failed (status {status}). Try again in a moment."),
            Self::Refused { message, .. } => format!("The sandbox host refused: {message}."),
            Self::Invalid { reason } => format!("The request cannot be sent to a sandbox: {reason}."),
            Self::Draining => "The engine is shutting down. Try again when it is back.".into(),
            Self::QueueFull { .. } => "Too many sessions wait for a sandbox already. Try again in a moment.".into(),
            Self::NoneFree { waited } => {
                format!("No sandbox became free within {} s. Try again in a moment.", waited.as_secs())
            }
        }
    }
}

impl From<&SandboxError> for Failure {
    fn from(error: &SandboxError) -> Self {
        let failure = Self::new(error.code(), error.category(), error.sentence());
        // A session that begins after a drain or on another sandbox may well succeed, though this call may not.
        let again = match error {
            SandboxError::Draining | SandboxError::NotFound { .. } => true,
            other => other.is_retryable(),
        };
        if again { failure.retryable() } else { failure }
    }
}

impl From<SandboxError> for Failure {
    fn from(error: SandboxError) -> Self {
        Self::from(&error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_key_names_the_variable_and_is_not_retried() {
        let failure = Failure::from(SandboxError::Unauthorized { message: "no".into() });
        assert_eq!((failure.code.as_ref(), failure.retryable), ("e2b_unauthorized", false));
        assert!(failure.message.contains("E2B_API_KEY"));
    }

    #[test]
    fn a_lost_answer_is_retryable_but_may_have_been_carried_out() {
        let cut = SandboxError::Cut { doing: "creating a sandbox", cause: "reset".into() };
        assert!(cut.is_retryable() && !cut.was_not_carried_out());
        let unreachable = SandboxError::Unreachable { address: "x".into(), cause: "refused".into() };
        assert!(unreachable.is_retryable() && unreachable.was_not_carried_out());
    }
}
