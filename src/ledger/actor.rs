//! The shell around the [`Book`]: tells it the time, and asks the store what the book does not know.

use actix::{Actor, AsyncContext as _, Context, Handler, MessageResult, ResponseFuture};

use super::{Book, Charged, Config, HoldLess, Refused, Reserve, Settle, Stats, StatsQuery, UsageQuery};
use crate::{
    store::{Store, StoreError, UsageRow},
    supervisor::Life,
    types::Timestamp,
};

/// The actor that every reservation and every charge goes by. It holds no truth that the store does not: whoever
/// supervises it loads another.
pub struct Ledger {
    book: Book,
    store: Store,
    life: Life<Self>,
}

impl Ledger {
    /// Messages that may wait. Each session has at most one of each kind under way.
    const MAILBOX: usize = 512;

    /// A ledger that knows today's spending and every open budget.
    ///
    /// # Errors
    /// Whatever keeps the store from answering: a ledger that does not know what was spent must not admit anybody.
    pub async fn load(store: Store, config: Config, now: Timestamp, life: Life<Self>) -> Result<Self, StoreError> {
        let spending = store.spending(Book::remembers_from(now)).await?;
        Ok(Self { book: Book::replay(config, spending, now), store, life })
    }
}

impl Actor for Ledger {
    type Context = Context<Self>;

    fn started(&mut self, context: &mut Context<Self>) {
        context.set_mailbox_capacity(Self::MAILBOX);
        self.life.begin(context.address());
    }
}

impl Handler<Reserve> for Ledger {
    type Result = Result<(), Refused>;

    fn handle(&mut self, ask: Reserve, _: &mut Context<Self>) -> Self::Result {
        self.life.handling("Reserve");
        self.book.reserve(ask.session, &ask.user, ask.amount, Timestamp::now())
    }
}

impl Handler<Charged> for Ledger {
    type Result = MessageResult<Charged>;

    fn handle(&mut self, told: Charged, _: &mut Context<Self>) -> Self::Result {
        self.life.handling("Charged");
        let now = Timestamp::now();
        if let Some((user, amount)) = &told.holds {
            self.book.hold(told.session, user, *amount, now);
        }
        for charge in &told.charges {
            self.book.charge(charge, now);
        }
        MessageResult(self.book.standing(told.session))
    }
}

impl Handler<Settle> for Ledger {
    type Result = ();

    fn handle(&mut self, told: Settle, _: &mut Context<Self>) {
        self.life.handling("Settle");
        self.book.settle(told.session, Timestamp::now());
    }
}

impl Handler<HoldLess> for Ledger {
    type Result = ();

    fn handle(&mut self, told: HoldLess, _: &mut Context<Self>) {
        self.life.handling("HoldLess");
        self.book.hold_less(told.session, told.amount, Timestamp::now());
    }
}

impl Handler<UsageQuery> for Ledger {
    type Result = ResponseFuture<Result<Vec<UsageRow>, StoreError>>;

    fn handle(&mut self, ask: UsageQuery, _: &mut Context<Self>) -> Self::Result {
        self.life.handling("UsageQuery");
        let store = self.store.clone();
        Box::pin(async move { store.usage(ask.from, ask.to, ask.user).await })
    }
}

impl Handler<StatsQuery> for Ledger {
    type Result = MessageResult<StatsQuery>;

    fn handle(&mut self, _: StatsQuery, _: &mut Context<Self>) -> Self::Result {
        self.life.handling("StatsQuery");
        let stats: Stats = self.book.stats();
        MessageResult(stats)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::{
        ledger::{Standing, Sums},
        store::{ChargeKind, ChargeRow, Commit, DatabaseUrl, Day, Mark, SessionRow},
        types::{AppType, MicroUsd, SessionId, Slug, Status, UserId},
    };

    fn commit(id: SessionId, now: Timestamp, amount: i64) -> Commit {
        let session = SessionRow {
            id,
            user: UserId::anonymous(),
            slug: Slug::from_prompt("a poll", [7; 10]),
            status: Status::Ready,
            prompt: "a poll".to_owned(),
            app_type: AppType::Webapp,
            revision: 1,
            created_at: now,
            expires_at: None,
            over: false,
            budget: MicroUsd(1000),
            state: "{}".to_owned(),
            view: "{}".to_owned(),
        };
        let charge = ChargeRow {
            session: id,
            user: UserId::anonymous(),
            kind: ChargeKind::Cpu,
            source: "sandbox1".to_owned(),
            amount: MicroUsd(amount),
            quantity: 5,
            at: now,
        };
        Commit {
            mark: Mark::fresh(),
            at: now,
            session,
            expected_revision: None,
            events: Vec::new(),
            charges: vec![charge],
            artifact: None,
            logs: None,
        }
    }

    #[actix::test]
    async fn a_ledger_that_is_loaded_again_holds_the_same_ceilings() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&DatabaseUrl::in_folder(folder.path())).await.unwrap();
        let config = Config { total_day_usd: Some(MicroUsd(1500)), ..Config::default() };
        let (now, id) = (Timestamp::now(), SessionId::generate());
        let ledger = Ledger::load(store.clone(), config.clone(), now, Life::alone("ledger")).await.unwrap().start();
        let reserve = |session, amount| Reserve { session, user: UserId::anonymous(), amount: MicroUsd(amount) };
        ledger.send(reserve(id, 1000)).await.unwrap().unwrap();
        let commit = commit(id, now, 300);
        store.commit(commit.clone()).await.unwrap();
        for _ in 0..2 {
            let told = Charged { session: id, holds: None, charges: commit.charges.clone() };
            assert_eq!(ledger.send(told).await.unwrap(), Some(Standing::Within { left: MicroUsd(700) }));
        }
        let again = Ledger::load(store.clone(), config, now, Life::alone("ledger")).await.unwrap().start();
        for ledger in [ledger, again] {
            let stats = ledger.send(StatsQuery).await.unwrap();
            assert_eq!((stats.today, stats.open), (Sums { spent: MicroUsd(300), reserved: MicroUsd(700) }, 1));
            assert!(ledger.send(reserve(SessionId::generate(), 501)).await.unwrap().is_err());
            ledger.send(Settle { session: id }).await.unwrap();
            ledger.send(reserve(SessionId::generate(), 1200)).await.unwrap().unwrap();
            let day = Day::of(now);
            let usage =
                ledger.send(UsageQuery { from: day.start(), to: day.end(), user: None }).await.unwrap().unwrap();
            assert_eq!(
                usage.iter().map(|row| (row.kind, row.amount)).collect::<Vec<_>>(),
                [(ChargeKind::Cpu, MicroUsd(300))]
            );
        }
    }

    /// Charges committed and told in any order, over three days, are the same sums in the book and in the store.
    #[actix::test]
    async fn the_store_tells_the_book_that_was_kept() {
        const STEPS: u32 = 120;
        const HOUR: Duration = Duration::from_secs(3600);
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&DatabaseUrl::in_folder(folder.path())).await.unwrap();
        let mut now = Timestamp(1_700_000_000_000);
        let mut book = Book::new(Config::default(), now);
        let mut sessions: Vec<Commit> = (0..4).map(|_| commit(SessionId::generate(), now, 0)).collect();
        for (number, commit) in sessions.iter_mut().enumerate() {
            commit.session.slug = format!("poll-{number}").parse().unwrap();
            book.reserve(commit.session.id, &commit.session.user, commit.session.budget, now).unwrap();
            store.commit(commit.clone()).await.unwrap();
        }
        for number in 0..STEPS {
            let mixed = number.wrapping_mul(2_654_435_761) >> 8;
            let commit = &mut sessions[mixed as usize % 4];
            now = now + HOUR / 2;
            commit.expected_revision = Some(commit.session.revision);
            commit.session.revision += 1;
            commit.mark = Mark::fresh();
            let charge = &mut commit.charges[0];
            charge.source = format!("sandbox{}", mixed % 3);
            charge.amount = MicroUsd(i64::from(number * 2 + mixed % 50));
            charge.at = now - HOUR * (mixed % 2);
            commit.session.over |= number == STEPS - 10;
            store.commit(commit.clone()).await.unwrap();
            book.charge(&commit.charges[0], now);
            if commit.session.over {
                book.settle(commit.session.id, now);
            }
        }
        assert_eq!(sessions.iter().filter(|commit| commit.session.over).count(), 1);
        let spending = store.spending(Book::remembers_from(now)).await.unwrap();
        let again = Book::replay(Config::default(), spending, now);
        assert!(book.stats().today.spent > MicroUsd::ZERO && book.stats().today.reserved > MicroUsd::ZERO);
        assert_eq!(again.stats(), book.stats());
        for commit in sessions.iter().filter(|commit| !commit.session.over) {
            assert_eq!(again.standing(commit.session.id), book.standing(commit.session.id));
        }
    }
}
