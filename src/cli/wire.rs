//! The engine's JSON, as far as the command line reads it. Fields it does not know are skipped, so an older `spawnai`
//! works with a newer engine.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::types::{AppType, Category, EndReason, Failure, Phase, SessionId, Status, Timestamp, UserId};

/// `POST /api/spawn`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct NewSession<'a> {
    pub prompt: &'a str,
    pub app_type: AppType,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_id: Option<&'a UserId>,
}

/// Its answer.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Accepted {
    pub session_id: SessionId,
    pub app_url: Option<String>,
}

/// `GET /api/spawn/{id}`. Costs are dollars.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Session {
    pub session_id: SessionId,
    pub status: Status,
    pub phase: Phase,
    #[serde(default)]
    pub progress: u8,
    pub app_url: Option<String>,
    #[serde(default)]
    pub prompt: String,
    pub app_type: Option<AppType>,
    pub user_id: Option<String>,
    pub created_at: Option<Timestamp>,
    pub expires_at: Option<Timestamp>,
    pub estimated_cost: Option<f64>,
    pub actual_cost: Option<f64>,
    pub generator: Option<String>,
    pub template: Option<String>,
    pub match_percent: Option<u8>,
    pub note: Option<String>,
    pub tokens: Option<Tokens>,
    #[serde(default)]
    pub attempts: Vec<Trial>,
    #[serde(default)]
    pub repairs: Vec<Repair>,
    pub error_message: Option<String>,
    pub error: Option<Failure>,
    pub end_reason: Option<EndReason>,
}

/// Tokens of Claude's answers.
#[derive(Debug, Deserialize)]
pub(super) struct Tokens {
    pub total: u64,
}

/// Who was asked for the app, and why somebody else was asked then.
#[derive(Debug, Deserialize)]
pub(super) struct Trial {
    pub model: String,
    pub prompt: Option<String>,
    pub error: Option<Failure>,
}

/// How the app was mended.
#[derive(Debug, Deserialize)]
pub(super) struct Repair {
    pub did: String,
    pub failure: Failure,
    #[serde(default)]
    pub tokens: u64,
}

impl Session {
    /// Why it failed, if it did and the engine says why.
    pub fn failure(&self) -> Option<String> {
        let message = self.error_message.clone().or_else(|| self.error.as_ref().map(|error| error.message.clone()))?;
        Some(match &self.error {
            Some(error) => format!("{message} ({})", error.code),
            None => message,
        })
    }
}

/// `GET /api/spawn`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SessionList {
    pub sessions: Vec<Session>,
    pub next_cursor: Option<String>,
}

/// One frame of `GET /api/spawn/{id}/events`.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", rename_all_fields = "camelCase")]
pub(super) enum Frame {
    SessionUpdate {
        status: Status,
        phase: Phase,
        progress: u8,
        message: Option<String>,
    },
    SessionError {
        error: FrameError,
        #[serde(default)]
        recoverable: bool,
    },
    SessionExpired {},
    /// A piece of a file that is being written.
    SessionFile {
        path: String,
        offset: u64,
        text: String,
    },
    /// A kind that this version does not know.
    #[serde(other)]
    Unknown,
}

#[derive(Debug, Deserialize)]
pub(super) struct FrameError {
    pub message: String,
}

/// `GET /api/spawn/{id}/logs`.
#[derive(Debug, Deserialize)]
pub(super) struct Logs {
    pub lines: Vec<LogLine>,
    #[serde(default)]
    pub truncated: bool,
}

#[derive(Debug, Deserialize)]
pub(super) struct LogLine {
    pub seq: u64,
    pub at: Timestamp,
    pub stream: String,
    pub text: String,
}

/// `POST /api/spawn/{id}/extend`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Extended {
    pub new_expires_at: Timestamp,
    pub additional_cost: f64,
}

/// `DELETE /api/spawn/{id}`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Destroyed {
    pub end_reason: Option<EndReason>,
    pub final_cost: f64,
}

/// `GET /api/usage`.
#[derive(Debug, Deserialize)]
pub(super) struct Usage {
    pub from: Timestamp,
    pub to: Timestamp,
    pub total: f64,
    pub users: Vec<UserUsage>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct UserUsage {
    pub user_id: String,
    pub total: f64,
    pub kinds: Vec<KindUsage>,
}

#[derive(Debug, Deserialize)]
pub(super) struct KindUsage {
    pub kind: String,
    pub cost: f64,
    pub quantity: f64,
    pub unit: String,
}

/// Every refusal of the engine.
#[derive(Debug, Deserialize)]
pub(super) struct ErrorAnswer {
    pub error: Refusal,
}

/// What an engine's refusal says.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Refusal {
    pub code: String,
    pub message: String,
    pub category: Category,
    #[serde(default)]
    pub retryable: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub details: Value,
}
