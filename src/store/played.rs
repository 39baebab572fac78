//! A store in memory, for whoever plays the world: its rows, its charges and its log are made by the real parts.

use std::{collections::BTreeMap, sync::Arc};

use super::{
    ChargeKind, ChargeRow, Commit, Day, SessionRow, Spending, Step, StoreError, Verification,
    days::{Portion, Tally, TallyRow},
    steps::{Change, DayCharge, Stored},
    verify::Verifier,
};
use crate::types::{Artifact, MicroUsd, SessionId, Timestamp, UserId};

/// All that the tables would have.
#[derive(Default)]
pub(crate) struct Played {
    sessions: BTreeMap<SessionId, Tables>,
    /// Whether the log is written: it takes most of the time.
    logged: bool,
}

struct Tables {
    row: SessionRow,
    charges: Tally,
    artifact: Option<Arc<Artifact>>,
    events: Vec<i64>,
    /// The mark of each revision, from 1 on.
    marks: Vec<i64>,
    steps: Vec<Step>,
}

impl Played {
    pub(crate) fn new(logged: bool) -> Self {
        Self { logged, ..Self::default() }
    }

    /// As the databases do it: compare and set, and who comes again with the same mark is told that it is made.
    pub(crate) fn commit(&mut self, commit: &Commit) -> Result<(), StoreError> {
        let (session, revision, mark) = (commit.session.id, commit.session.revision, commit.mark.0);
        let known = self.sessions.get(&session);
        let at = known.map(|known| known.row.revision);
        if at != commit.expected_revision {
            let place = usize::try_from(revision - 1).unwrap_or(usize::MAX);
            let is_made = known.is_some_and(|known| known.marks.get(place) == Some(&mark));
            let expected = commit.expected_revision.unwrap_or(0);
            return if is_made { Ok(()) } else { Err(StoreError::Conflict { session, expected }) };
        }
        let step = self.logged.then(|| step(known.map(|known| &known.row), commit));
        let tables = self.sessions.entry(session).or_insert_with(|| Tables {
            row: commit.session.clone(),
            charges: Tally::default(),
            artifact: None,
            events: Vec::new(),
            marks: Vec::new(),
            steps: Vec::new(),
        });
        tables.row = commit.session.clone();
        tables.marks.push(mark);
        tables.steps.extend(step);
        tables.events.extend(commit.events.iter().map(|event| event.seq));
        for charge in &commit.charges {
            tables.charges.tell(charge);
        }
        if commit.artifact.is_some() {
            tables.artifact.clone_from(&commit.artifact);
        }
        Ok(())
    }

    pub(crate) fn session(&self, id: SessionId) -> Option<&SessionRow> {
        self.sessions.get(&id).map(|tables| &tables.row)
    }

    pub(crate) fn has_artifact(&self, id: SessionId) -> bool {
        self.sessions.get(&id).is_some_and(|tables| tables.artifact.is_some())
    }

    /// The sessions that are not over.
    pub(crate) fn open(&self) -> Vec<SessionId> {
        let open = self.sessions.iter().filter(|(_, tables)| !tables.row.over);
        open.map(|(id, _)| *id).collect()
    }

    /// What a session was charged in all.
    pub(crate) fn charged(&self, id: SessionId) -> MicroUsd {
        self.sessions.get(&id).map_or(MicroUsd::ZERO, |tables| tables.charges.rows().map(|row| row.amount).sum())
    }

    /// The same, source by source.
    pub(crate) fn charges(&self, id: SessionId) -> Vec<ChargeRow> {
        self.sessions.get(&id).map(|tables| totals(&tables.row, tables.charges.rows())).unwrap_or_default()
    }

    /// What the ledger is loaded from.
    pub(crate) fn spending(&self, from: Timestamp) -> Spending {
        let mut spending = Spending::default();
        let mut spent: BTreeMap<(UserId, Day), MicroUsd> = BTreeMap::new();
        for (id, tables) in &self.sessions {
            if !tables.row.over {
                spending.open.push((*id, tables.row.user.clone(), tables.row.budget));
            }
            if !tables.row.over || tables.charges.rows().any(|row| row.at >= from) {
                spending.charges.extend(totals(&tables.row, tables.charges.rows()));
            }
            for row in tables.charges.rows().filter(|row| row.at >= from) {
                *spent.entry((tables.row.user.clone(), Day(row.day))).or_default() += row.amount;
            }
        }
        spending.spent = spent.into_iter().map(|((user, day), amount)| (user, day, amount)).collect();
        spending
    }

    /// Holds the tables against the log, and the ledger's sums against those of the logs.
    pub(crate) fn verify(&self) -> Verification {
        let mut verifier = Verifier::default();
        for tables in self.sessions.values() {
            let stored = Stored {
                row: tables.row.clone(),
                charges: tables.charges.rows().map(|row| day_charge(&tables.row, row)).collect(),
                artifact: tables.artifact.as_ref().map(|artifact| serde_json::to_string(&**artifact).unwrap()),
                events: tables.events.clone(),
                steps: tables.steps.clone(),
            };
            verifier.take(&stored);
        }
        verifier.finish(&self.spending(Timestamp(i64::MIN)))
    }
}

fn step(before: Option<&SessionRow>, commit: &Commit) -> Step {
    let artifact = commit.artifact.as_ref().map(|artifact| serde_json::to_string(&**artifact).unwrap());
    let change = Change::of(before, commit, artifact.as_deref()).unwrap();
    let (session, revision) = (commit.session.id, commit.session.revision);
    let body = serde_json::to_string(&change).unwrap();
    Step { session, revision, at: commit.at, mark: commit.mark.0, body }
}

fn day_charge(session: &SessionRow, row: TallyRow<'_>) -> DayCharge {
    let portion = Portion { amount: row.amount, quantity: row.quantity };
    DayCharge { row: charge(session, row.kind, row.source, portion, row.at), day: row.day }
}

/// One row per key, as the ledger gets them: the sum of its days, and the latest telling.
fn totals<'a>(session: &SessionRow, rows: impl Iterator<Item = TallyRow<'a>>) -> Vec<ChargeRow> {
    let mut keys: BTreeMap<(ChargeKind, &str), (Portion, Timestamp)> = BTreeMap::new();
    for row in rows {
        let (portion, at) = keys.entry((row.kind, row.source)).or_default();
        portion.amount += row.amount;
        portion.quantity += row.quantity;
        *at = (*at).max(row.at);
    }
    keys.into_iter().map(|((kind, source), (portion, at))| charge(session, kind, source, portion, at)).collect()
}

fn charge(session: &SessionRow, kind: ChargeKind, source: &str, portion: Portion, at: Timestamp) -> ChargeRow {
    let Portion { amount, quantity } = portion;
    let (id, user) = (session.id, session.user.clone());
    ChargeRow { session: id, user, kind, source: source.to_owned(), amount, quantity, at }
}
