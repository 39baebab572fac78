//! A session made again from its log, and held against what the tables have.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Change, Step, digest_of, document, patch, told};
use crate::{
    store::{
        ChargeKind, ChargeRow, SessionRow,
        days::{Portion, Tally, TallyRow},
    },
    types::{MicroUsd, SessionId, Timestamp, UserId},
};

/// What folding a session's steps has come to so far.
#[derive(Debug)]
pub struct Replay {
    session: SessionId,
    revision: i64,
    document: Value,
    tally: Tally,
    artifact: Option<String>,
    /// The session is older than its log, which then does not know of an artifact from before.
    late: bool,
}

/// Something that the log and the tables do not agree upon, in words for whoever runs the engine.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Difference {
    #[error("session {session}: step {revision} follows step {before} in its log")]
    Gap { session: SessionId, before: i64, revision: i64 },
    #[error("session {session}: step {revision} of its log cannot be read: {reason}")]
    Unreadable { session: SessionId, revision: i64, reason: String },
    #[error("session {session}: its log makes revision {replayed}, the store has {stored}")]
    Revision { session: SessionId, replayed: i64, stored: i64 },
    #[error("session {session}: {member} is {stored} in the store, and {replayed} by its log")]
    Row { session: SessionId, member: String, stored: String, replayed: String },
    #[error("session {session}: {kind} of {key}: the store has {stored}, its log makes {replayed}")]
    Charge { session: SessionId, kind: &'static str, key: String, stored: String, replayed: String },
    #[error("session {session}: the stored artifact is not the one of its log")]
    Artifact { session: SessionId },
    #[error("session {session}: of the events up to {last}, {found} are in the store")]
    Events { session: SessionId, last: i64, found: i64 },
    #[error("the ledger: {what} is {stored} in the store, and {replayed} by the logs")]
    Ledger { what: String, stored: String, replayed: String },
}

impl Replay {
    #[must_use]
    pub fn new(session: SessionId) -> Self {
        Self { session, revision: 0, document: Value::Null, tally: Tally::default(), artifact: None, late: false }
    }

    /// Takes the next step of the log.
    ///
    /// # Errors
    /// [`Difference::Gap`] and [`Difference::Unreadable`]; the replay is of no use then.
    pub fn take(&mut self, step: &Step) -> Result<(), Difference> {
        let Step { session, revision, .. } = *step;
        let unreadable = |reason: String| Difference::Unreadable { session, revision, reason };
        let change: Change = serde_json::from_str(&step.body).map_err(|error| unreadable(error.to_string()))?;
        // The log of a session that is older than its log begins where it then stood.
        let begins = self.revision == 0 && (revision == 1 || step.mark == 0);
        if step.session != self.session || !(begins || revision == self.revision + 1) {
            return Err(Difference::Gap { session, before: self.revision, revision });
        }
        self.revision = revision;
        self.late |= step.mark == 0;
        patch::apply(&mut self.document, change.row);
        for (kind, source, day, amount, quantity, at) in change.before {
            let portion = Portion { amount: MicroUsd(amount), quantity };
            self.tally.insert(kind, &source, day, portion, Timestamp(at));
        }
        let user = self.user().map_err(unreadable)?;
        for charge in &change.charges {
            self.tally.tell(&told(session, &user, charge));
        }
        if change.artifact.is_some() {
            self.artifact = change.artifact;
        }
        Ok(())
    }

    /// Whose session it is.
    ///
    /// # Errors
    /// When the log does not say.
    pub fn user(&self) -> Result<UserId, String> {
        self.document["user"].as_str().unwrap_or_default().parse().map_err(|error| format!("user: {error}"))
    }

    #[must_use]
    pub fn is_over(&self) -> bool {
        self.document["over"] == Value::Bool(true)
    }

    #[must_use]
    pub fn budget(&self) -> MicroUsd {
        MicroUsd(self.document["budget"].as_i64().unwrap_or(0))
    }

    /// What the session was charged, in all.
    #[must_use]
    pub fn charged(&self) -> MicroUsd {
        self.tally.rows().map(|row| row.amount).sum()
    }

    /// Each row of the log's charges: what, of which source, on which day, and how much.
    pub fn charges(&self) -> impl Iterator<Item = TallyRow<'_>> {
        self.tally.rows()
    }

    /// What the tables have other than the log.
    #[must_use]
    pub(in crate::store) fn differences(&self, stored: &Stored) -> Vec<Difference> {
        let Stored { row, charges, artifact, events, steps: _ } = stored;
        let session = self.session;
        let mut found = Vec::new();
        if self.revision != row.revision {
            found.push(Difference::Revision { session, replayed: self.revision, stored: row.revision });
        }
        match document(row) {
            Ok(stored) => self.members(&patch::without_nulls(stored), &mut found),
            Err(error) => {
                let reason = error.to_string();
                found.push(Difference::Unreadable { session, revision: row.revision, reason });
            }
        }
        self.money(charges, &mut found);
        if artifact.as_deref().map(digest_of) != self.artifact && !(self.late && self.artifact.is_none()) {
            found.push(Difference::Artifact { session });
        }
        // The machine's own count of its events; a state without one is not the machine's.
        if let Some(last) = self.document["state"]["seq"].as_i64()
            && !events.iter().copied().eq(1..=last)
        {
            let found_events = i64::try_from(events.len()).unwrap_or(i64::MAX);
            found.push(Difference::Events { session, last, found: found_events });
        }
        found
    }

    fn members(&self, stored: &Value, found: &mut Vec<Difference>) {
        let Some(patch) = patch::between(stored, &self.document) else { return };
        let mut paths = Vec::new();
        leaves(&patch, String::new(), &mut paths);
        for path in paths {
            let text = |value: &Value| value.pointer(&path).map_or_else(|| "nothing".to_owned(), Value::to_string);
            found.push(Difference::Row {
                session: self.session,
                stored: text(stored),
                replayed: text(&self.document),
                member: path.trim_start_matches('/').replace('/', "."),
            });
        }
    }

    fn money(&self, charges: &[DayCharge], found: &mut Vec<Difference>) {
        let key = |kind: ChargeKind, source: &str, day| format!("{} {source} on day {day}", kind.as_str());
        let stored: BTreeMap<String, (i64, i64, i64)> = charges
            .iter()
            .map(|DayCharge { row, day }| (key(row.kind, &row.source, *day), (row.amount.0, row.quantity, row.at.0)))
            .collect();
        let replayed: BTreeMap<String, (i64, i64, i64)> = self
            .tally
            .rows()
            .map(|row| (key(row.kind, row.source, row.day), (row.amount.0, row.quantity, row.at.0)))
            .collect();
        for key in stored.keys().chain(replayed.keys().filter(|key| !stored.contains_key(*key))) {
            let (here, there) = (stored.get(key), replayed.get(key));
            if here != there {
                let text =
                    |row: Option<&(i64, i64, i64)>| row.map_or_else(|| "nothing".to_owned(), |row| format!("{row:?}"));
                found.push(Difference::Charge {
                    session: self.session,
                    kind: "(micro-dollars, quantity, time)",
                    key: key.clone(),
                    stored: text(here),
                    replayed: text(there),
                });
            }
        }
    }
}

/// All that the tables have of one session.
#[derive(Clone, Debug)]
pub(in crate::store) struct Stored {
    pub row: SessionRow,
    pub charges: Vec<DayCharge>,
    pub artifact: Option<String>,
    /// The numbers of its events.
    pub events: Vec<i64>,
    /// Its log.
    pub steps: Vec<Step>,
}

/// A row of the table of charges.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::store) struct DayCharge {
    /// Of that day alone.
    pub row: ChargeRow,
    pub day: i64,
}

/// The JSON pointers of all that a patch changes.
fn leaves(patch: &Value, path: String, paths: &mut Vec<String>) {
    match patch {
        Value::Object(members) if !members.is_empty() => {
            for (key, value) in members {
                leaves(value, format!("{path}/{}", key.replace('~', "~0").replace('/', "~1")), paths);
            }
        }
        Value::Object(_) | Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            paths.push(path);
        }
    }
}
