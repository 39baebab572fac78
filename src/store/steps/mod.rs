//! The log of what every commit changed, from which a session can be made again. Pure.
//!
//! ```text
//!  commit n ─► Step { revision: n, body } ─► appended, in the transaction that makes the session's row what it is
//!
//!  body = { row: what is other in the row than before, charges: totals told, artifact: its digest }
//!
//!  fold(step 1 … step n) ══ the row, the charges and the artifact's digest that the other tables have  (`Replay`)
//! ```
//!
//! A step holds a **difference of states and not the signal** that caused it: folding needs no machine, so a log of last
//! year can be folded by next year's engine, and a mistake of the machine is in the log as it happened. The difference is
//! an RFC 7396 merge patch over one JSON document of the whole row, state and view in full; there, nothing is the same as
//! `null`. A metering of a live app makes some 300 bytes; a row is never longer than the session's own and its charges.
//!
//! `mark` is a commit's own random number: whoever lost the answer to a commit finds it here, and knows that it was made.

mod patch;
mod replay;

use ring::digest;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

pub(super) use replay::{DayCharge, Stored};
pub use replay::{Difference, Replay};

use super::{ChargeKind, ChargeRow, Commit, SessionRow};
use crate::types::{SessionId, Timestamp};

/// One commit, as the log has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    pub session: SessionId,
    /// The session's revision after the commit.
    pub revision: i64,
    pub at: Timestamp,
    pub mark: i64,
    /// JSON of what changed.
    pub body: String,
}

/// What a [`Step`] says.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Change {
    /// Merge patch of the row's document.
    pub row: Value,
    /// What the commit told of charges: totals so far.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub charges: Vec<Told>,
    /// The digest of an artifact that the commit stored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub artifact: Option<String>,
    /// Charges of a session that is older than its log, row by row: kind, source, day, amount, quantity, time.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub before: Vec<(ChargeKind, String, i64, i64, i64, i64)>,
}

/// A charge: kind, source, amount, quantity, time.
pub(super) type Told = (ChargeKind, String, i64, i64, i64);

impl Change {
    /// What `commit` changes in a session that was `before`; `None` for a new one.
    ///
    /// # Errors
    /// When a state or a view is no JSON.
    pub(super) fn of(before: Option<&SessionRow>, commit: &Commit, artifact: Option<&str>) -> serde_json::Result<Self> {
        let before = before.map(document).transpose()?.unwrap_or(Value::Null);
        let row = patch::between(&before, &document(&commit.session)?).unwrap_or_else(|| json!({}));
        let charges = commit
            .charges
            .iter()
            .map(|charge| (charge.kind, charge.source.clone(), charge.amount.0, charge.quantity, charge.at.0));
        Ok(Self { row, charges: charges.collect(), artifact: artifact.map(digest_of), before: Vec::new() })
    }
}

/// The whole of a session's row but its id and its revision, which the log's own columns have.
pub(super) fn document(row: &SessionRow) -> serde_json::Result<Value> {
    Ok(json!({
        "user": row.user,
        "slug": row.slug,
        "prompt": row.prompt,
        "appType": row.app_type.as_str(),
        "createdAt": row.created_at.0,
        "status": row.status.as_str(),
        "expiresAt": row.expires_at.map(|at| at.0),
        "over": row.over,
        "budget": row.budget.0,
        "state": serde_json::from_str::<Value>(&row.state)?,
        "view": serde_json::from_str::<Value>(&row.view)?,
    }))
}

/// What the log keeps of an artifact: 128 bits of its digest, in hexadecimal.
pub(super) fn digest_of(artifact: &str) -> String {
    let digest = digest::digest(&digest::SHA256, artifact.as_bytes());
    digest.as_ref().iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

/// A charge as the log has it, with what its session's row knows.
pub(super) fn told(session: SessionId, user: &crate::types::UserId, told: &Told) -> ChargeRow {
    let (kind, source, amount, quantity, at) = told;
    ChargeRow {
        session,
        user: user.clone(),
        kind: *kind,
        source: source.clone(),
        amount: crate::types::MicroUsd(*amount),
        quantity: *quantity,
        at: Timestamp(*at),
    }
}
