//! What the outside sees of a session.

use serde::{Deserialize, Serialize};

use super::{
    history::{Repair, Trial},
    state::{Session, State},
};
use crate::{
    generator::claude::Usage,
    routes::Route,
    types::{AppType, EndReason, Failure, Finding, Phase, Status, Timestamp},
};

/// The body of `GET /api/spawn/{id}`. Amounts are dollars.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct View {
    #[schema(value_type = String, format = Uuid)]
    pub session_id: String,
    pub status: Status,
    pub phase: Phase,
    /// 0–100.
    pub progress: u8,
    pub app_url: String,
    pub app_type: AppType,
    pub prompt: String,
    pub user_id: String,
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    pub expires_at: Timestamp,
    pub estimated_cost: f64,
    /// What it has cost so far, as of `costAsOf`.
    pub actual_cost: f64,
    #[schema(value_type = String, format = DateTime)]
    pub cost_as_of: Timestamp,
    /// `built-in` or `claude`; absent until one has answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub generator: Option<String>,
    /// The model that wrote the app.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// The built-in template, or the model.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub template: Option<String>,
    /// How well the prompt fits the template, 0–100.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub match_percent: Option<u8>,
    /// What was chosen and why, and how to get more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// New starts in a fresh sandbox so far, those of a mended app included.
    pub restarts: u32,
    /// Answers of Claude so far: tries, rests of cut ones, and repairs.
    #[serde(default)]
    pub answers: usize,
    /// Tokens that they have used.
    #[serde(default)]
    pub tokens: Tokens,
    /// Who was asked for the app, in turn, and why the next one was: the fallbacks, as they happen.
    #[serde(default)]
    pub attempts: Vec<Trial>,
    /// How the app was mended.
    #[serde(default)]
    pub repairs: Vec<Repair>,
    /// What the guard has to say of the app, 20 at most, what blocks first. Keys and tokens are masked.
    #[serde(default)]
    pub findings: Vec<Finding>,
    /// How many more findings there are; absent for none.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub findings_left_out: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sandbox_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end_reason: Option<EndReason>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_message: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub error: Option<Failure>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it with a reference")]
const fn is_zero(number: &usize) -> bool {
    *number == 0
}

/// Tokens by kind; no token is of two kinds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Tokens {
    /// Of all kinds.
    pub total: u64,
    /// Without what a cache has served, or was filled with.
    pub input: u64,
    pub output: u64,
    pub cache_write: u64,
    pub cache_read: u64,
    /// Some were not counted by the server, as in an answer that was cut off.
    pub estimated: bool,
}

impl From<Usage> for Tokens {
    fn from(usage: Usage) -> Self {
        Self {
            total: usage.total(),
            input: usage.input,
            output: usage.output,
            cache_write: usage.cache_write_5m.saturating_add(usage.cache_write_1h),
            cache_read: usage.cache_read,
            estimated: usage.estimated,
        }
    }
}

impl Session {
    #[must_use]
    pub fn view(&self, now: Timestamp) -> View {
        let failure = match &self.state {
            State::Failed { failure, .. } => Some(failure.clone()),
            State::Creating { .. }
            | State::Generating { .. }
            | State::Acquiring { .. }
            | State::Deploying { .. }
            | State::Ready { .. }
            | State::Expired { .. } => None,
        };
        let origin = self.origin.as_ref();
        View {
            session_id: self.spec.id.to_string(),
            status: self.status(),
            phase: self.phase(),
            progress: self.phase().progress(),
            app_url: self.spec.app_url.clone(),
            app_type: self.spec.app_type,
            prompt: self.spec.prompt.clone(),
            user_id: self.spec.user.to_string(),
            created_at: self.spec.created_at,
            expires_at: self.expires_at,
            estimated_cost: self.estimated_cost().as_dollars(),
            actual_cost: self.cost(now).as_dollars(),
            cost_as_of: now,
            generator: origin.map(|origin| origin.generator.clone()),
            model: origin.filter(|origin| origin.generator == "claude").map(|origin| origin.template.clone()),
            template: origin.map(|origin| origin.template.clone()),
            match_percent: origin.map(|origin| origin.match_percent),
            note: origin.map(|origin| origin.note.clone()),
            restarts: self.restarts + self.mended,
            answers: self.answers.len(),
            tokens: self.answers.iter().fold(Usage::default(), |sum, spent| sum.plus(spent.usage)).into(),
            attempts: self.trials.clone(),
            repairs: self.repairs.clone(),
            findings: self.inspection.findings.clone(),
            findings_left_out: self.inspection.left_out,
            sandbox_id: self.lease().map(|lease| lease.sandbox.to_string()),
            end_reason: self.end_reason(),
            error_message: failure.as_ref().map(|failure| failure.message.clone()),
            error: failure,
        }
    }

    /// What visitors of the app's address find.
    #[must_use]
    pub fn route(&self) -> Route {
        match &self.state {
            State::Creating { .. } | State::Generating { .. } | State::Acquiring { .. } | State::Deploying { .. } => {
                Route::Starting { step: self.phase().as_str() }
            }
            State::Ready { lease, port, .. } => Route::Live { sandbox: lease.sandbox.clone(), port: *port },
            State::Expired { reason, .. } => Route::Ended {
                reason: match reason {
                    EndReason::Timeout => "Its time was up.".to_owned(),
                    EndReason::Budget => "Its budget was used up.".to_owned(),
                    EndReason::Destroyed => "It was destroyed by its owner.".to_owned(),
                },
            },
            State::Failed { failure, .. } => Route::Ended { reason: format!("It failed: {}.", failure.message) },
        }
    }
}
