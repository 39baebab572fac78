//! The sums, and what may be added to them. Pure.

use std::collections::{HashMap, VecDeque};

use serde::Serialize;

use super::{Ceiling, Config, Refused, Standing, account::Account, purse::Purse};
use crate::{
    store::{ChargeRow, Day, Spending},
    types::{MicroUsd, SessionId, Timestamp, UserId},
};

/// Spent since midnight UTC, and held for sessions that are not over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Sums {
    pub spent: MicroUsd,
    pub reserved: MicroUsd,
}

/// The whole ledger in a few numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Stats {
    pub today: Sums,
    /// Sessions that money is held for.
    pub open: usize,
    /// Users with money spent today or held.
    pub users: usize,
    pub resets_at: Timestamp,
}

/// The ledger's sums.
#[derive(Clone, Debug)]
pub struct Book {
    config: Config,
    day: Day,
    accounts: HashMap<SessionId, Account>,
    /// Settled accounts, oldest first, at most [`Spending::SETTLED_MAX`].
    settled: VecDeque<SessionId>,
    users: HashMap<UserId, Purse>,
    total: Purse,
}

impl Book {
    #[must_use]
    pub fn new(config: Config, now: Timestamp) -> Self {
        Self {
            config,
            day: Day::of(now),
            accounts: HashMap::new(),
            settled: VecDeque::new(),
            users: HashMap::new(),
            total: Purse::default(),
        }
    }

    /// The book as the store's rows tell it. `spending` must be since [`Book::remembers_from`].
    #[must_use]
    pub fn replay(config: Config, mut spending: Spending, now: Timestamp) -> Self {
        let mut book = Self::new(config, now);
        // Those that are over are forgotten in the order in which they were last heard of.
        let mut heard: HashMap<SessionId, Timestamp> = HashMap::new();
        for row in &spending.charges {
            let at = heard.entry(row.session).or_insert(row.at);
            *at = row.at.max(*at);
        }
        spending.charges.sort_by_key(|row| heard.get(&row.session).copied());
        for (session, user, budget) in spending.open {
            book.accounts.insert(session, Account::open(user, budget));
        }
        for row in spending.charges {
            let known = book.accounts.contains_key(&row.session);
            let account = book.accounts.entry(row.session).or_insert_with(|| Account::unreserved(row.user.clone()));
            account.told(row.kind, &row.source, row.amount);
            if !known {
                book.remember_settled(row.session);
            }
        }
        let held: Vec<(UserId, MicroUsd)> =
            book.accounts.values().map(|account| (account.user.clone(), account.held())).collect();
        for (user, held) in held {
            book.hold_back(&user, held);
        }
        for (user, day, spent) in spending.spent {
            book.spend(&user, day, spent);
        }
        book
    }

    /// Since when a book that is opened `now` has to know what was spent: since yesterday began, for the clock may go back.
    #[must_use]
    pub fn remembers_from(now: Timestamp) -> Timestamp {
        Day::of(now).before().start()
    }

    /// Holds money for a session so that it may cost `amount` **in all**. Asking again for as much or less changes
    /// nothing; asking for more is how a session is extended.
    ///
    /// # Errors
    /// [`Refused`] when a ceiling would be passed; what was held before still is.
    pub fn reserve(
        &mut self,
        session: SessionId,
        user: &UserId,
        amount: MicroUsd,
        now: Timestamp,
    ) -> Result<(), Refused> {
        self.roll(now);
        let account = self.accounts.get(&session);
        let before = account.and_then(|account| account.budget).unwrap_or(MicroUsd::ZERO);
        let charged = account.map_or(MicroUsd::ZERO, |account| account.charged);
        // The account's own user pays, whoever asks.
        let user = account.map_or(user, |account| &account.user).clone();
        let budget = amount.max(before);
        let held = account.map_or(MicroUsd::ZERO, Account::held);
        let asked = (budget - charged).max(MicroUsd::ZERO) - held;
        self.admit(&user, budget, charged, asked)?;
        if account.is_some_and(|account| account.budget.is_none()) {
            self.settled.retain(|settled| *settled != session);
        }
        self.accounts.entry(session).or_insert_with(|| Account::unreserved(user.clone())).budget = Some(budget);
        self.hold_back(&user, asked);
        Ok(())
    }

    fn admit(&self, user: &UserId, budget: MicroUsd, charged: MicroUsd, asked: MicroUsd) -> Result<(), Refused> {
        let refused = |ceiling, limit, sums: Sums, resets_at| {
            Err(Refused { ceiling, limit, asked, spent: sums.spent, reserved: sums.reserved, resets_at })
        };
        if budget > self.config.session_usd {
            let sums = Sums { spent: charged, reserved: budget - charged - asked };
            return refused(Ceiling::Session, self.config.session_usd, sums, None);
        }
        if asked == MicroUsd::ZERO {
            return Ok(());
        }
        let days = [
            (Ceiling::UserDay, self.config.user_day_usd, self.user(user)),
            (Ceiling::TotalDay, self.config.total_day_usd, self.total.on(self.day)),
        ];
        for (ceiling, limit, sums) in days {
            match limit {
                Some(limit) if sums.spent + sums.reserved + asked > limit => {
                    return refused(ceiling, limit, sums, Some(self.day.end()));
                }
                Some(_) | None => {}
            }
        }
        Ok(())
    }

    /// Counts what a charge has grown by. A session that nothing was reserved for is counted all the same: money that
    /// is gone is gone.
    pub fn charge(&mut self, row: &ChargeRow, now: Timestamp) -> Option<Standing> {
        self.roll(now);
        let known = self.accounts.contains_key(&row.session);
        let account = self.accounts.entry(row.session).or_insert_with(|| Account::unreserved(row.user.clone()));
        let held = account.held();
        let growth = account.told(row.kind, &row.source, row.amount);
        let (user, standing, reserved) = (account.user.clone(), account.standing(), account.held() - held);
        // As the store has it: growth belongs to the day it was measured on, and that one may be over.
        self.spend(&user, Day::of(row.at), growth);
        self.hold_back(&user, reserved);
        if !known {
            self.remember_settled(row.session);
        }
        standing
    }

    /// Holds what a session may cost in all because an earlier ledger has admitted it: the session, or its extension.
    /// Nothing is refused, and nothing that is held already is given back.
    pub fn hold(&mut self, session: SessionId, user: &UserId, amount: MicroUsd, now: Timestamp) {
        self.roll(now);
        let account = self.accounts.entry(session).or_insert_with(|| Account::unreserved(user.clone()));
        let (held, was_settled) = (account.held(), account.budget.is_none());
        account.budget = account.budget.max(Some(amount));
        let (reserved, user) = (account.held() - held, account.user.clone());
        if was_settled {
            self.settled.retain(|settled| *settled != session);
        }
        self.hold_back(&user, reserved);
    }

    /// Holds no more for a session than lets it cost `amount` in all. One that nothing is held for stays so.
    pub fn hold_less(&mut self, session: SessionId, amount: MicroUsd, now: Timestamp) {
        self.roll(now);
        let Some(account) = self.accounts.get_mut(&session) else { return };
        let (held, user) = (account.held(), account.user.clone());
        account.budget = account.budget.map(|budget| budget.min(amount));
        let reserved = account.held() - held;
        self.hold_back(&user, reserved);
    }

    /// How a session stands; `None` when nothing is held for it.
    #[must_use]
    pub fn standing(&self, session: SessionId) -> Option<Standing> {
        self.accounts.get(&session).and_then(Account::standing)
    }

    /// Gives back what is held for a session. Settling again, or one that is unknown, changes nothing.
    pub fn settle(&mut self, session: SessionId, now: Timestamp) {
        self.roll(now);
        let Some(account) = self.accounts.get_mut(&session) else { return };
        let held = account.held();
        if account.budget.take().is_some() {
            let user = account.user.clone();
            self.hold_back(&user, MicroUsd::ZERO - held);
            self.remember_settled(session);
        }
    }

    #[must_use]
    pub fn user(&self, user: &UserId) -> Sums {
        self.users.get(user).map(|purse| purse.on(self.day)).unwrap_or_default()
    }

    #[must_use]
    pub fn stats(&self) -> Stats {
        Stats {
            today: self.total.on(self.day),
            open: self.accounts.len() - self.settled.len(),
            users: self.users.values().filter(|purse| purse.on(self.day) != Sums::default()).count(),
            resets_at: self.day.end(),
        }
    }

    /// Goes to the day of the clock, which may have been set back: what was spent on either side of midnight is
    /// remembered, so no day's ceiling is had twice and no day pays for another.
    fn roll(&mut self, now: Timestamp) {
        let today = Day::of(now);
        if today == self.day {
            return;
        }
        self.day = today;
        self.total.forget_before(today.before());
        self.users.retain(|_, purse| {
            purse.forget_before(today.before());
            !purse.is_empty()
        });
    }

    fn spend(&mut self, user: &UserId, day: Day, amount: MicroUsd) {
        if amount != MicroUsd::ZERO && day >= self.day.before() {
            self.total.spend(day, amount);
            self.users.entry(user.clone()).or_default().spend(day, amount);
        }
    }

    fn hold_back(&mut self, user: &UserId, amount: MicroUsd) {
        if amount == MicroUsd::ZERO {
            return;
        }
        self.total.reserved += amount;
        let own = self.users.entry(user.clone()).or_default();
        own.reserved += amount;
        if own.is_empty() {
            self.users.remove(user);
        }
    }

    fn remember_settled(&mut self, session: SessionId) {
        if self.settled.len() == Spending::SETTLED_MAX
            && let Some(oldest) = self.settled.pop_front()
        {
            self.accounts.remove(&oldest);
        }
        self.settled.push_back(session);
    }
}

#[cfg(test)]
#[path = "book_tests.rs"]
mod tests;
