//! What goes into the store and comes out of it, in the house's own types.

use std::{fmt, str::FromStr, sync::Arc};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};

use super::Day;
use crate::types::{AppType, Artifact, MicroUsd, SessionId, Slug, Status, Timestamp, UserId};

/// One session as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionRow {
    pub id: SessionId,
    pub user: UserId,
    pub slug: Slug,
    pub status: Status,
    pub prompt: String,
    pub app_type: AppType,
    /// Grows with every commit; what [`Commit::expected_revision`] is compared with.
    pub revision: i64,
    pub created_at: Timestamp,
    pub expires_at: Option<Timestamp>,
    /// Nothing more will happen: sandbox released, charges settled.
    pub over: bool,
    /// The most that the session may cost: what the ledger holds for it while it is not over.
    pub budget: MicroUsd,
    /// JSON of the session's machine. The store does not look into it.
    pub state: String,
    /// JSON of the session as its user sees it. The store does not look into it.
    pub view: String,
}

/// One thing that happened to a session. `seq` numbers them from 1, without gaps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventRow {
    pub session: SessionId,
    pub seq: i64,
    pub at: Timestamp,
    pub kind: String,
    /// JSON.
    pub body: String,
}

/// What is paid for, and, for nothing, what was used of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ChargeKind {
    /// A sandbox's processors.
    Cpu,
    /// A sandbox's memory.
    Memory,
    InputTokens,
    OutputTokens,
    CacheWriteTokens,
    CacheReadTokens,
    /// Processor time that a sandbox really used. It costs nothing: the sandbox was paid for whole.
    CpuUsed,
    /// Memory that a sandbox really held, over time. It costs nothing.
    MemoryUsed,
    /// Bytes on a sandbox's disk at its end. They cost nothing.
    Stored,
    /// Bytes that a sandbox sent to its visitors. They cost nothing.
    Sent,
}

impl ChargeKind {
    pub const ALL: [Self; 10] = [
        Self::Cpu,
        Self::Memory,
        Self::InputTokens,
        Self::OutputTokens,
        Self::CacheWriteTokens,
        Self::CacheReadTokens,
        Self::CpuUsed,
        Self::MemoryUsed,
        Self::Stored,
        Self::Sent,
    ];

    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Cpu => "cpu",
            Self::Memory => "memory",
            Self::InputTokens => "input_tokens",
            Self::OutputTokens => "output_tokens",
            Self::CacheWriteTokens => "cache_write_tokens",
            Self::CacheReadTokens => "cache_read_tokens",
            Self::CpuUsed => "cpu_used",
            Self::MemoryUsed => "memory_used",
            Self::Stored => "stored",
            Self::Sent => "sent",
        }
    }

    /// What [`ChargeRow::quantity`] counts.
    #[must_use]
    pub const fn unit(self) -> &'static str {
        match self {
            Self::Cpu => "vcpu_ms",
            Self::Memory | Self::MemoryUsed => "mib_ms",
            Self::CpuUsed => "cpu_ms",
            Self::Stored | Self::Sent => "bytes",
            Self::InputTokens | Self::OutputTokens | Self::CacheWriteTokens | Self::CacheReadTokens => "tokens",
        }
    }
}

impl FromStr for ChargeKind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.as_str() == text)
            .ok_or_else(|| format!("unknown kind of charge {text:?}"))
    }
}

/// What a session owes for one thing, **in all so far**.
///
/// `(session, kind, source)` is the idempotency key: the greatest total told is the one that counts, so a charge may
/// be told again and late.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChargeRow {
    pub session: SessionId,
    pub user: UserId,
    pub kind: ChargeKind,
    /// What caused it: a sandbox's id, a call to a model.
    pub source: String,
    pub amount: MicroUsd,
    /// In [`ChargeKind::unit`].
    pub quantity: i64,
    /// When it was measured. Decides the UTC day that the growth of the total belongs to.
    pub at: Timestamp,
}

/// Everything that one step of a session writes, in one transaction.
#[derive(Clone, Debug)]
pub struct Commit {
    /// Its own, so that whoever lost the answer can make it again and be told that it was made.
    pub mark: Mark,
    /// When it was decided.
    pub at: Timestamp,
    /// The session after the step, with its new revision.
    pub session: SessionRow,
    /// The revision before the step; `None` for a new session.
    pub expected_revision: Option<i64>,
    pub events: Vec<EventRow>,
    pub charges: Vec<ChargeRow>,
    /// Replaces the stored one when given.
    pub artifact: Option<Arc<Artifact>>,
    /// JSON of the session's last log lines; replaces the stored when given.
    pub logs: Option<String>,
}

/// Tells one commit from all others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark(pub(super) i64);

impl Mark {
    /// A new one. Never 0, which is the mark of what the log began with.
    #[must_use]
    pub fn fresh() -> Self {
        let (high, _) = uuid::Uuid::new_v4().as_u64_pair();
        Self(high.cast_signed() | 1)
    }
}

/// What the store is opened for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// To be an engine's: it is created where it is missing, and brought up to date.
    Serve,
    /// To be looked at while no engine has it. It is left as it is.
    Look,
}

/// Which sessions to list, newest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListQuery {
    pub user: Option<UserId>,
    pub status: Option<Status>,
    /// Rows per page, held to 1–[`ListQuery::LIMIT_MAX`].
    pub limit: usize,
    /// Where the page before ended.
    pub cursor: Option<Cursor>,
}

impl ListQuery {
    pub const LIMIT_MAX: usize = 200;
}

/// A part of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    pub rows: Vec<SessionRow>,
    /// For the next page; `None` on the last.
    pub next_cursor: Option<Cursor>,
}

/// Where a page of sessions ended. Clients hand it back as they got it.
///
/// Sessions are listed by their ids, which sort by time, so a page stays put while new sessions come in before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor(pub(super) SessionId);

#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
#[error("not a valid cursor: expected the nextCursor of an earlier page")]
pub struct CursorError;

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&URL_SAFE_NO_PAD.encode(self.0.as_uuid().as_bytes()))
    }
}

impl FromStr for Cursor {
    type Err = CursorError;

    fn from_str(text: &str) -> Result<Self, CursorError> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| CursorError)?;
        let bytes = <[u8; 16]>::try_from(bytes).map_err(|_| CursorError)?;
        Ok(Self(SessionId::from_uuid(uuid::Uuid::from_bytes(bytes))))
    }
}

/// What one user spent on one kind of thing in a span of time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsageRow {
    pub user: UserId,
    pub kind: ChargeKind,
    pub amount: MicroUsd,
    /// In [`ChargeKind::unit`].
    pub quantity: i64,
    /// Sessions that had a part in it.
    pub sessions: i64,
}

/// What the ledger has to know to go on after a restart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Spending {
    /// Budgets of the sessions that are not over.
    pub open: Vec<(SessionId, UserId, MicroUsd)>,
    /// What those sessions were charged in all, one row per key; `at` is the latest telling. So are the latest
    /// [`Spending::SETTLED_MAX`] of those that are over and were charged since the time asked for: of what is counted
    /// already, the ledger may yet be told.
    pub charges: Vec<ChargeRow>,
    /// What each user was charged since the time asked for, day by day, sessions that are over included.
    pub spent: Vec<(UserId, Day, MicroUsd)>,
}

impl Spending {
    /// Sessions that are over and that the ledger remembers for charges that come late. One that comes later still is
    /// counted whole: rather too much on the day than too little.
    pub const SETTLED_MAX: usize = 256;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_survives_and_rubbish_is_refused() {
        let cursor = Cursor(SessionId::generate());
        assert_eq!(cursor.to_string().parse(), Ok(cursor));
        for rubbish in ["", "a", "!!!!", "AAAAAAAAAAAAAAAAAAAAAAAAAAAA"] {
            assert_eq!(rubbish.parse::<Cursor>(), Err(CursorError), "{rubbish}");
        }
    }

    #[test]
    fn every_kind_is_read_back_by_its_name() {
        for kind in ChargeKind::ALL {
            assert_eq!(kind.as_str().parse(), Ok(kind));
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.as_str());
        }
    }
}
