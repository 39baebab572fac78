//! What was tried for an app, and what mended it: for whoever wants to know who answered, and why not somebody else.

use serde::{Deserialize, Serialize};

use crate::types::{Failure, Origin};

/// Trials and repairs that a session remembers, each. A plan has three of the one and at most [`Mender::rounds_max`] of the
/// other; crashes of the engine may add to them.
pub(super) const REMEMBERED_MAX: usize = 16;

/// One asking for the app.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Trial {
    /// `claude` or `built-in`.
    pub generator: String,
    /// The model, or the built-in template.
    pub model: String,
    /// How much the model was told: `full` or `simple`. Absent for built-in templates.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prompt: Option<String>,
    /// Why it came to nothing; absent while it lasts, and for the one that brought the app.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub error: Option<Failure>,
}

impl Trial {
    /// The one that an origin tells of.
    #[must_use]
    pub fn of(origin: &Origin) -> Self {
        Self { generator: origin.generator.clone(), model: origin.template.clone(), prompt: None, error: None }
    }
}

/// What mends an app.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Mender {
    /// A rule of the engine, which costs no tokens.
    Rule,
    Claude,
}

impl Mender {
    /// How often each may mend one app.
    #[must_use]
    pub const fn rounds_max(self) -> usize {
        match self {
            Self::Rule => 8,
            Self::Claude => 3,
        }
    }
}

/// One mending, after which the app was deployed anew.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Repair {
    pub by: Mender,
    /// What was done: "listened on all addresses".
    pub did: String,
    /// What had gone wrong.
    #[schema(value_type = Object)]
    pub failure: Failure,
    /// Tokens that it has used, of all kinds.
    pub tokens: u64,
}

/// Adds to a list that is kept short; what is past its bound is not remembered.
pub(super) fn remember<T>(list: &mut Vec<T>, item: T) {
    if list.len() < REMEMBERED_MAX {
        list.push(item);
    }
}
