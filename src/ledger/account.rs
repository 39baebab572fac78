//! One session's money.

use std::collections::HashMap;

use crate::{
    store::ChargeKind,
    types::{MicroUsd, UserId},
};

/// How a session stands after a charge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// This much of its budget is left.
    Within { left: MicroUsd },
    /// It has cost as much as it may, or more: it must end.
    Exhausted { over: MicroUsd },
}

#[derive(Clone, Debug)]
pub(super) struct Account {
    pub user: UserId,
    /// `None` once settled.
    pub budget: Option<MicroUsd>,
    pub charged: MicroUsd,
    totals: HashMap<(ChargeKind, String), MicroUsd>,
}

impl Account {
    /// For a session with a budget.
    pub(super) fn open(user: UserId, budget: MicroUsd) -> Self {
        Self { budget: Some(budget.max(MicroUsd::ZERO)), ..Self::unreserved(user) }
    }

    /// For a session that nothing is held for.
    pub(super) fn unreserved(user: UserId) -> Self {
        Self { user, budget: None, charged: MicroUsd::ZERO, totals: HashMap::new() }
    }

    /// Notes a total and says what it has grown by: nothing, when as much was told before.
    pub(super) fn told(&mut self, kind: ChargeKind, source: &str, amount: MicroUsd) -> MicroUsd {
        let total = self.totals.entry((kind, source.to_owned())).or_default();
        let growth = (amount - *total).max(MicroUsd::ZERO);
        *total += growth;
        self.charged += growth;
        growth
    }

    /// What the session may still cost, and so what is held for it.
    pub(super) fn held(&self) -> MicroUsd {
        self.budget.map_or(MicroUsd::ZERO, |budget| (budget - self.charged).max(MicroUsd::ZERO))
    }

    /// `None` when nothing is held for the session: settled, or never reserved.
    pub(super) fn standing(&self) -> Option<Standing> {
        let budget = self.budget?;
        Some(if self.charged < budget {
            Standing::Within { left: budget - self.charged }
        } else {
            Standing::Exhausted { over: self.charged - budget }
        })
    }
}
