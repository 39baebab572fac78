//! What can go wrong between the command line and an engine, and which exit code it becomes.

use std::{io, path::PathBuf, process::ExitCode};

use serde_json::{Value, json};

pub use super::wire::Refusal;
use crate::types::Category;

/// How a command ended. The numbers are part of the stable surface: scripts branch on them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    Ok,
    /// Something on our side or the engine's broke.
    Failed,
    /// The arguments or the settings are wrong.
    Usage,
    /// No such session, file or page.
    NotFound,
    /// The engine works, but the session ended in an error.
    SessionFailed,
    /// No engine answers there.
    Unreachable,
    /// A limit or budget was met.
    Limited,
    /// Ctrl-C.
    Interrupted,
    /// Whoever read our output went away. Silent, and no failure; but nobody is left to follow.
    PipeClosed,
}

impl Exit {
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Ok | Self::PipeClosed => 0,
            Self::Failed => 1,
            Self::Usage => 2,
            Self::NotFound => 3,
            Self::SessionFailed => 4,
            Self::Unreachable => 5,
            Self::Limited => 6,
            Self::Interrupted => 130,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

/// Why a client command did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    #[error("no engine answers at {url}: {reason}")]
    Unreachable { url: String, reason: String },
    #[error("{}", .0.message)]
    Refused(Box<Refused>),
    /// Something answered, but not as an engine does.
    #[error("the answer to {what} is not one of a SpawnAI engine: {reason}")]
    Unexpected { what: String, reason: String },
    #[error("the connection was lost {tries} times in a row while following the session: {reason}")]
    Cut { tries: u32, reason: String },
    #[error("cannot write {}: {source}", .path.display())]
    File { path: PathBuf, source: io::Error },
    #[error("{0}")]
    Usage(String),
    #[error("cannot write the output: {0}")]
    Output(io::Error),
    /// The reader of our output is gone.
    #[error("the output was closed")]
    PipeClosed,
    #[error("interrupted")]
    Interrupted,
}

/// A refusal with the facts of its HTTP answer.
#[derive(Debug)]
pub struct Refused {
    pub status: u16,
    /// `Retry-After`, in seconds.
    pub retry_after: Option<u64>,
    pub refusal: Refusal,
}

impl std::ops::Deref for Refused {
    type Target = Refusal;
    fn deref(&self) -> &Refusal {
        &self.refusal
    }
}

impl From<io::Error> for ClientError {
    /// For our own output only: that is why a broken pipe has a meaning here.
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::PipeClosed,
            _ => Self::Output(error),
        }
    }
}

impl ClientError {
    #[must_use]
    pub fn exit(&self) -> Exit {
        match self {
            Self::Unreachable { .. } | Self::Cut { .. } => Exit::Unreachable,
            Self::Refused(refused) if refused.status == 404 => Exit::NotFound,
            Self::Refused(refused) => match refused.category {
                Category::User => Exit::Usage,
                Category::Resource => Exit::Limited,
                Category::Api | Category::System => Exit::Failed,
            },
            Self::Unexpected { .. } | Self::File { .. } | Self::Output(_) => Exit::Failed,
            Self::Usage(_) => Exit::Usage,
            Self::PipeClosed => Exit::PipeClosed,
            Self::Interrupted => Exit::Interrupted,
        }
    }

    /// What the user can do next, if that is not plain from the message.
    #[must_use]
    pub fn remedy(&self) -> Option<String> {
        match self {
            Self::Unreachable { .. } => {
                Some("start one with `spawnai serve`, or name another with --url or SPAWNAI_URL".to_owned())
            }
            Self::Refused(refused) if refused.status == 404 => Some("`spawnai list` shows the sessions".to_owned()),
            Self::Refused(refused) => match (refused.retry_after, refused.retryable) {
                (Some(seconds), _) => Some(format!("try again in {seconds} s")),
                (None, true) => Some("trying again may help".to_owned()),
                (None, false) => None,
            },
            Self::Unexpected { .. } => Some("is another program at that address? --url names the engine's".to_owned()),
            Self::Cut { .. } => Some("the session may go on: `spawnai show` tells".to_owned()),
            Self::File { .. } | Self::Usage(_) | Self::Output(_) | Self::PipeClosed | Self::Interrupted => None,
        }
    }

    /// The error as `--json` prints it: the engine's own envelope, whoever refused.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let (code, category) = match self {
            Self::Refused(refused) => return json!({ "error": refused.refusal }),
            Self::Unreachable { .. } => ("engine_unreachable", Category::System),
            Self::Unexpected { .. } => ("unexpected_answer", Category::System),
            Self::Cut { .. } => ("connection_lost", Category::System),
            Self::File { .. } => ("file_not_written", Category::User),
            Self::Usage(_) => ("bad_usage", Category::User),
            Self::Output(_) | Self::PipeClosed => ("output_closed", Category::System),
            Self::Interrupted => ("interrupted", Category::User),
        };
        let retryable = matches!(self, Self::Unreachable { .. } | Self::Cut { .. });
        json!({ "error": { "code": code, "message": self.to_string(), "category": category, "retryable": retryable } })
    }
}
