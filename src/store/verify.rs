//! Whether the log makes what the tables have.

use std::collections::BTreeMap;

use super::{
    Difference, Spending,
    steps::{Replay, Stored},
};
use crate::types::{MicroUsd, SessionId, UserId};

/// What was found when a store was held against its own log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verification {
    pub sessions: usize,
    pub steps: usize,
    /// What all sessions were charged, by their logs.
    pub charged: MicroUsd,
    /// At most [`Verification::DIFFERENCES_MAX`] of them.
    pub differences: Vec<Difference>,
}

impl Verification {
    /// As many as somebody reads; the first ones tell what is wrong.
    pub const DIFFERENCES_MAX: usize = 100;

    fn add(&mut self, difference: Difference) {
        if self.differences.len() < Self::DIFFERENCES_MAX {
            self.differences.push(difference);
        }
    }
}

/// The sums of all logs, session by session.
#[derive(Debug, Default)]
pub(super) struct Verifier {
    found: Verification,
    open: BTreeMap<SessionId, MicroUsd>,
    spent: BTreeMap<UserId, MicroUsd>,
}

impl Verifier {
    pub(super) fn take(&mut self, stored: &Stored) {
        let session = stored.row.id;
        self.found.sessions += 1;
        self.found.steps += stored.steps.len();
        let mut replay = Replay::new(session);
        for step in &stored.steps {
            if let Err(difference) = replay.take(step) {
                self.found.add(difference);
                return;
            }
        }
        for difference in replay.differences(stored) {
            self.found.add(difference);
        }
        self.found.charged += replay.charged();
        if !replay.is_over() {
            self.open.insert(session, replay.budget());
        }
        if let Ok(user) = replay.user() {
            *self.spent.entry(user).or_default() += replay.charged();
        }
    }

    /// Holds the sums against those that the ledger is loaded from; `spending` is of all time.
    pub(super) fn finish(mut self, spending: &Spending) -> Verification {
        let open: BTreeMap<SessionId, MicroUsd> = spending.open.iter().map(|(id, _, budget)| (*id, *budget)).collect();
        let mut spent: BTreeMap<UserId, MicroUsd> = BTreeMap::new();
        for (user, _, amount) in &spending.spent {
            *spent.entry(user.clone()).or_default() += *amount;
        }
        self.spent.retain(|_, amount| *amount != MicroUsd::ZERO);
        let mut ledger = |what: String, stored: String, replayed: String| {
            self.found.add(Difference::Ledger { what, stored, replayed });
        };
        if open != self.open {
            let sum = |open: &BTreeMap<SessionId, MicroUsd>| {
                format!("{} of {} sessions", open.values().copied().sum::<MicroUsd>().0, open.len())
            };
            ledger("what is held back".to_owned(), sum(&open), sum(&self.open));
        }
        for user in spent.keys().chain(self.spent.keys().filter(|user| !spent.contains_key(*user))) {
            let amount = |spent: &BTreeMap<UserId, MicroUsd>| spent.get(user).copied().unwrap_or_default().0;
            let (here, there) = (amount(&spent), amount(&self.spent));
            if here != there {
                ledger(format!("what {user} spent"), here.to_string(), there.to_string());
            }
        }
        self.found
    }
}
