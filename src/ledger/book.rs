//! The sums, and what may be added to them. Pure.

use std::collections::{HashMap, VecDeque};

use serde::Serialize;

use super::{Ceiling, Config, Refused, Standing, account::Account};
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
    users: HashMap<UserId, Sums>,
    total: Sums,
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
            total: Sums::default(),
        }
    }

    /// The book as the store's rows tell it. `spending` must be of [`Day::start`] of `now`'s day.
    #[must_use]
    pub fn replay(config: Config, mut spending: Spending, now: Timestamp) -> Self {
        let mut book = Self::new(config, now);
        // Those that are over are forgotten in this order.
        spending.charges.sort_by_key(|row| row.at);
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
            book.add(&user, Sums { spent: MicroUsd::ZERO, reserved: held });
        }
        for (user, spent) in spending.spent {
            book.add(&user, Sums { spent, reserved: MicroUsd::ZERO });
        }
        book
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
        self.add(&user, Sums { spent: MicroUsd::ZERO, reserved: asked });
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
            (Ceiling::TotalDay, self.config.total_day_usd, self.total),
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
        let spent = if Day::of(row.at) < self.day { MicroUsd::ZERO } else { growth };
        self.add(&user, Sums { spent, reserved });
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
        self.add(&user, Sums { spent: MicroUsd::ZERO, reserved });
    }

    /// Holds no more for a session than lets it cost `amount` in all. One that nothing is held for stays so.
    pub fn hold_less(&mut self, session: SessionId, amount: MicroUsd, now: Timestamp) {
        self.roll(now);
        let Some(account) = self.accounts.get_mut(&session) else { return };
        let (held, user) = (account.held(), account.user.clone());
        account.budget = account.budget.map(|budget| budget.min(amount));
        let reserved = account.held() - held;
        self.add(&user, Sums { spent: MicroUsd::ZERO, reserved });
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
            self.add(&user, Sums { spent: MicroUsd::ZERO, reserved: MicroUsd::ZERO - held });
            self.remember_settled(session);
        }
    }

    #[must_use]
    pub fn user(&self, user: &UserId) -> Sums {
        self.users.get(user).copied().unwrap_or_default()
    }

    #[must_use]
    pub fn stats(&self) -> Stats {
        Stats {
            today: self.total,
            open: self.accounts.len() - self.settled.len(),
            users: self.users.len(),
            resets_at: self.day.end(),
        }
    }

    /// Begins a new day. A clock that goes back begins none: the ceilings of a day must not be had twice.
    fn roll(&mut self, now: Timestamp) {
        let today = Day::of(now);
        if today <= self.day {
            return;
        }
        self.day = today;
        for session in self.settled.drain(..) {
            self.accounts.remove(&session);
        }
        self.total.spent = MicroUsd::ZERO;
        self.users.retain(|_, sums| {
            sums.spent = MicroUsd::ZERO;
            sums.reserved > MicroUsd::ZERO
        });
    }

    fn add(&mut self, user: &UserId, sums: Sums) {
        if sums == Sums::default() {
            return;
        }
        let own = self.users.entry(user.clone()).or_default();
        for to in [own, &mut self.total] {
            to.spent += sums.spent;
            to.reserved += sums.reserved;
        }
        if self.user(user) == Sums::default() {
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
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;
    use crate::store::ChargeKind;

    const NOON: Timestamp = Timestamp(1_700_000_000_000);
    const DAY_MILLIS: i64 = 86_400_000;
    const CONFIG: Config =
        Config { session_usd: MicroUsd(500), user_day_usd: Some(MicroUsd(1000)), total_day_usd: Some(MicroUsd(1500)) };

    fn session(number: u8) -> SessionId {
        SessionId::from_uuid(uuid::Uuid::from_u128(number.into()))
    }

    fn user(number: u8) -> UserId {
        format!("user{number}").parse().unwrap()
    }

    fn row(session_number: u8, source: u8, amount: i64, at: Timestamp) -> ChargeRow {
        ChargeRow {
            session: session(session_number),
            user: user(session_number % 2),
            kind: ChargeKind::Cpu,
            source: source.to_string(),
            amount: MicroUsd(amount),
            quantity: 0,
            at,
        }
    }

    #[test]
    fn what_cannot_be_spent_any_more_is_free_for_others() {
        let mut book = Book::new(CONFIG, NOON);
        for number in [0, 2] {
            book.reserve(session(number), &user(0), MicroUsd(500), NOON).unwrap();
        }
        book.charge(&row(0, 1, 100, NOON), NOON);
        assert!(book.reserve(session(4), &user(0), MicroUsd(300), NOON).is_err());
        book.hold_less(session(0), MicroUsd(150), NOON);
        assert_eq!(book.user(&user(0)), Sums { spent: MicroUsd(100), reserved: MicroUsd(550) });
        book.reserve(session(4), &user(0), MicroUsd(300), NOON).unwrap();
        // More than is held changes nothing, and so does a session that nobody knows.
        book.hold_less(session(0), MicroUsd(400), NOON);
        book.hold_less(session(9), MicroUsd(0), NOON);
        assert_eq!(book.user(&user(0)), Sums { spent: MicroUsd(100), reserved: MicroUsd(850) });
    }

    #[test]
    fn a_ledger_that_was_loaded_before_an_extension_was_stored_learns_of_it() {
        let mut book = Book::new(CONFIG, NOON);
        book.hold(session(0), &user(0), MicroUsd(100), NOON);
        book.hold(session(0), &user(0), MicroUsd(250), NOON);
        assert_eq!(book.user(&user(0)), Sums { spent: MicroUsd(0), reserved: MicroUsd(250) });
        book.hold(session(0), &user(0), MicroUsd(90), NOON);
        assert_eq!(book.standing(session(0)), Some(Standing::Within { left: MicroUsd(250) }));
    }

    #[test]
    fn what_an_ended_session_was_charged_is_not_counted_again_by_the_next_ledger() {
        let charge = row(0, 1, 70, NOON);
        let spending =
            Spending { open: Vec::new(), charges: vec![charge.clone()], spent: vec![(user(0), MicroUsd(70))] };
        let mut book = Book::replay(CONFIG, spending, NOON);
        book.charge(&charge, NOON);
        assert_eq!((book.user(&user(0)).spent, book.stats().open), (MicroUsd(70), 0));
    }

    #[test]
    fn each_ceiling_refuses_in_its_own_words() {
        let mut book = Book::new(CONFIG, NOON);
        let refused = book.reserve(session(0), &user(0), MicroUsd(501), NOON).unwrap_err();
        assert_eq!((refused.ceiling, refused.resets_at), (Ceiling::Session, None));
        for number in [0, 2] {
            book.reserve(session(number), &user(0), MicroUsd(500), NOON).unwrap();
        }
        let refused = book.reserve(session(4), &user(0), MicroUsd(1), NOON).unwrap_err();
        let midnight = Some(Day::of(NOON).end());
        let expected = Refused {
            ceiling: Ceiling::UserDay,
            limit: MicroUsd(1000),
            asked: MicroUsd(1),
            spent: MicroUsd(0),
            reserved: MicroUsd(1000),
            resets_at: midnight,
        };
        assert_eq!(refused, expected);
        book.reserve(session(1), &user(1), MicroUsd(500), NOON).unwrap();
        let refused = book.reserve(session(3), &user(1), MicroUsd(1), NOON).unwrap_err();
        assert_eq!((refused.ceiling, refused.resets_at), (Ceiling::TotalDay, midnight));
        assert_eq!(book.stats().open, 3);
    }

    #[test]
    fn a_session_is_extended_by_the_difference_and_told_when_it_is_exhausted() {
        let mut book = Book::new(CONFIG, NOON);
        book.reserve(session(0), &user(0), MicroUsd(100), NOON).unwrap();
        assert_eq!(book.charge(&row(0, 0, 60, NOON), NOON), Some(Standing::Within { left: MicroUsd(40) }));
        book.reserve(session(0), &user(0), MicroUsd(150), NOON).unwrap();
        assert_eq!(book.user(&user(0)), Sums { spent: MicroUsd(60), reserved: MicroUsd(90) });
        assert_eq!(book.charge(&row(0, 1, 100, NOON), NOON), Some(Standing::Exhausted { over: MicroUsd(10) }));
        assert_eq!(book.standing(session(0)), Some(Standing::Exhausted { over: MicroUsd(10) }));
        assert_eq!(book.user(&user(0)), Sums { spent: MicroUsd(160), reserved: MicroUsd(0) });
    }

    #[test]
    fn midnight_forgets_what_was_spent_but_not_what_is_held() {
        let mut book = Book::new(CONFIG, NOON);
        let tomorrow = Timestamp(NOON.0 + DAY_MILLIS);
        book.reserve(session(0), &user(0), MicroUsd(500), NOON).unwrap();
        book.charge(&row(0, 0, 200, NOON), NOON);
        book.reserve(session(2), &user(0), MicroUsd(500), NOON).unwrap();
        book.settle(session(2), NOON);
        assert!(book.reserve(session(4), &user(0), MicroUsd(500), tomorrow).is_ok());
        assert_eq!(book.stats().today, Sums { spent: MicroUsd(0), reserved: MicroUsd(800) });
        // Measured yesterday, told today.
        book.charge(&row(0, 0, 250, NOON), tomorrow);
        assert_eq!(book.stats().today, Sums { spent: MicroUsd(0), reserved: MicroUsd(750) });
        // The clock goes back: yesterday's ceiling cannot be had again.
        book.charge(&row(0, 0, 300, tomorrow), NOON);
        assert_eq!(book.stats().today, Sums { spent: MicroUsd(50), reserved: MicroUsd(700) });
    }

    #[test]
    fn settled_accounts_are_bounded() {
        let mut book = Book::new(Config::default(), NOON);
        for _ in 0..Spending::SETTLED_MAX + 10 {
            let id = SessionId::generate();
            book.reserve(id, &user(0), MicroUsd(1), NOON).unwrap();
            book.settle(id, NOON);
            book.settle(id, NOON);
        }
        assert_eq!((book.accounts.len(), book.stats().open), (Spending::SETTLED_MAX, 0));
    }

    #[test]
    fn of_the_accounts_that_were_read_back_the_oldest_is_forgotten_first() {
        let latest_first = (0..=254).rev().map(|number| row(number, 0, 10, Timestamp(NOON.0 + i64::from(number))));
        let charges = [row(255, 0, 10, NOON)].into_iter().chain(latest_first).collect();
        let mut book = Book::replay(Config::default(), Spending { charges, ..Spending::default() }, NOON);
        assert_eq!(book.settled.len(), Spending::SETTLED_MAX);
        for number in [255, 0] {
            book.charge(&ChargeRow { session: SessionId::generate(), ..row(1, 0, 0, NOON) }, NOON);
            assert!(!book.accounts.contains_key(&session(number)));
        }
        assert!((1..=254).all(|number| book.accounts.contains_key(&session(number))));
    }

    #[derive(Clone, Debug)]
    enum Step {
        Reserve { session: u8, amount: i64 },
        Charge { session: u8, source: u8, amount: i64 },
        Settle { session: u8 },
        Sleep { millis: i64 },
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let step = prop_oneof![
            4 => (0..6_u8, 0..600_i64).prop_map(|(session, amount)| Step::Reserve { session, amount }),
            6 => (0..6_u8, 0..3_u8, 0..250_i64)
                .prop_map(|(session, source, amount)| Step::Charge { session, source, amount }),
            2 => (0..6_u8).prop_map(|session| Step::Settle { session }),
            1 => (0..DAY_MILLIS).prop_map(|millis| Step::Sleep { millis }),
        ];
        prop::collection::vec(step, 1..80)
    }

    /// Every row ever told, and everything computed from scratch each time.
    #[derive(Default)]
    struct Naive {
        budgets: BTreeMap<u8, i64>,
        /// By session and source, the totals; by session and day, what the totals grew by.
        totals: BTreeMap<(u8, u8), i64>,
        grown: BTreeMap<(u8, Day), i64>,
    }

    impl Naive {
        fn charged(&self, session: u8) -> i64 {
            self.totals.iter().filter(|((of, _), _)| *of == session).map(|(_, total)| total).sum()
        }

        fn sums(&self, of: impl Fn(u8) -> bool, today: Day) -> Sums {
            let held =
                |(number, budget): (&u8, &i64)| if of(*number) { (budget - self.charged(*number)).max(0) } else { 0 };
            let spent =
                self.grown.iter().filter(|((number, day), _)| of(*number) && *day == today).map(|(_, grown)| grown);
            Sums { spent: MicroUsd(spent.sum()), reserved: MicroUsd(self.budgets.iter().map(held).sum()) }
        }

        fn spending(&self, today: Day) -> Spending {
            let open = self.budgets.iter();
            let charges = self.totals.iter().filter(|((of, _), _)| self.budgets.contains_key(of));
            let spent = |number| (user(number), self.sums(|session| session % 2 == number, today).spent);
            Spending {
                open: open.map(|(of, budget)| (session(*of), user(of % 2), MicroUsd(*budget))).collect(),
                charges: charges.map(|((of, source), total)| row(*of, *source, *total, NOON)).collect(),
                spent: vec![spent(0), spent(1)],
            }
        }
    }

    proptest! {
        #[test]
        fn the_sums_are_those_of_a_naive_model_and_pass_no_ceiling(steps in steps()) {
            let (mut book, mut naive, mut now) = (Book::new(CONFIG, NOON), Naive::default(), NOON);
            // What sessions cost beyond their budgets: no ceiling can hold what was not asked for.
            let mut overrun = 0;
            for step in steps {
                match step {
                    Step::Sleep { millis } => now.0 += millis,
                    Step::Settle { session: of } => {
                        book.settle(session(of), now);
                        naive.budgets.remove(&of);
                    }
                    Step::Reserve { session: of, amount } => {
                        // A session that was settled never comes back; its late charges do.
                        let may_come = naive.budgets.contains_key(&of) || naive.charged(of) == 0;
                        if may_come && book.reserve(session(of), &user(of % 2), MicroUsd(amount), now).is_ok() {
                            let budget = naive.budgets.entry(of).or_default();
                            *budget = amount.max(*budget);
                        }
                    }
                    Step::Charge { session: of, source, amount } => {
                        let total = naive.totals.entry((of, source)).or_default();
                        // A settled account is forgotten at midnight, so what comes after it must be new.
                        let growth = (amount - *total).max(0);
                        if !naive.budgets.contains_key(&of) && *total > 0 { continue; }
                        *total += growth;
                        *naive.grown.entry((of, Day::of(now))).or_default() += growth;
                        let budget = naive.budgets.get(&of).copied().unwrap_or(0);
                        let before = naive.charged(of) - growth;
                        overrun += (naive.charged(of) - budget).max(0) - (before - budget).max(0);
                        let told = row(of, source, amount, now);
                        let standing = book.charge(&told, now);
                        prop_assert_eq!(standing, book.charge(&told, now), "told twice");
                    }
                }
                let _ = book.reserve(session(9), &user(0), MicroUsd(1_000_000), now).unwrap_err();
                let today = Day::of(now);
                for number in [0, 1] {
                    let sums = book.user(&user(number));
                    prop_assert_eq!(sums, naive.sums(|of| of % 2 == number, today));
                    prop_assert!((sums.spent + sums.reserved).0 <= 1000 + overrun);
                }
                let total = book.stats().today;
                prop_assert_eq!(total, naive.sums(|_| true, today));
                prop_assert!((total.spent + total.reserved).0 <= 1500 + overrun);
                let again = Book::replay(CONFIG, naive.spending(today), now);
                prop_assert_eq!(again.stats(), book.stats());
                for number in [0, 1] {
                    prop_assert_eq!(again.user(&user(number)), book.user(&user(number)));
                }
                for of in naive.budgets.keys() {
                    prop_assert_eq!(again.standing(session(*of)), book.standing(session(*of)));
                }
            }
        }
    }
}
