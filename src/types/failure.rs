//! What went wrong, in words for whoever asked.

use std::{borrow::Cow, fmt};

use serde::{Deserialize, Serialize};

/// Whose doing it is. Decides the HTTP status and the exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Category {
    /// The request is wrong: change it.
    User,
    /// Somebody we depend on failed: Claude, E2B, a database.
    Api,
    /// We failed.
    System,
    /// A limit was met: wait, or raise it.
    Resource,
}

/// A failure as clients see it: a stable code, one helpful sentence, and whether trying again may help.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Failure {
    pub code: Cow<'static, str>,
    pub message: String,
    pub category: Category,
    pub retryable: bool,
}

impl Failure {
    #[must_use]
    pub fn new(code: &'static str, category: Category, message: impl Into<String>) -> Self {
        Self { code: Cow::Borrowed(code), message: message.into(), category, retryable: false }
    }

    #[must_use]
    pub const fn retryable(mut self) -> Self {
        self.retryable = true;
        self
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.message, self.code)
    }
}

impl std::error::Error for Failure {}
