//! The ledger's shell as a value, around the real book.

use super::{
    faults::SECOND,
    happening::{Happening, LedgerMail, LifeNumber, ReserveWhy},
    world::{World, millis},
};
use crate::{
    ledger::{Book, Config},
    supervisor::Verdict,
    types::{MicroUsd, SessionId},
};

const ASKS_MAX: u32 = 3;

impl World {
    pub(super) fn ledger_config(&self) -> Config {
        let ceiling = (self.seed.is_multiple_of(2)).then_some(MicroUsd(4_000_000));
        Config { session_usd: MicroUsd(2_000_000), user_day_usd: ceiling, total_day_usd: None }
    }

    /// Tells or asks the ledger, or whichever is next. First told, first heard.
    pub(super) fn send_ledger(&mut self, mail: LedgerMail) {
        let Some(life) = self.ledger.as_ref().map(|(life, _)| *life) else { return self.ledger_backlog.push(mail) };
        let wait = self.random.delay(1, if self.calm { 2 } else { SECOND });
        self.ledger_mail_at = (self.ledger_mail_at + 1).max(self.clock.steady + wait);
        let wait = self.ledger_mail_at - self.clock.steady;
        self.after(wait, Happening::ToLedger { life, mail });
    }

    pub(super) fn ledger_hears(&mut self, life: LifeNumber, mail: LedgerMail) {
        let now = self.clock.now();
        let Some((_, book)) = self.ledger.as_mut().filter(|(present, _)| *present == life) else {
            return self.ledger_unanswered(mail);
        };
        match mail {
            LedgerMail::Reserve { session, user, amount, why, .. } => {
                let granted = book.reserve(session, &user, amount, now).is_ok();
                self.reserve_answered(session, why, Some(granted));
            }
            LedgerMail::Charged { session, holds, charges } => {
                if let Some((user, amount)) = &holds {
                    book.hold(session, user, *amount, now);
                }
                for charge in &charges {
                    book.charge(charge, now);
                }
                let standing = book.standing(session);
                self.check_standing(session, standing);
            }
            LedgerMail::HoldLess(told) => book.hold_less(told.session, told.amount, now),
            LedgerMail::Settle(session) => book.settle(session, now),
        }
    }

    fn ledger_unanswered(&mut self, mail: LedgerMail) {
        match mail {
            // Whoever asked died with its engine, or before.
            LedgerMail::Reserve { why: ReserveWhy::Spawn { engine }, .. } if engine != self.engine => {}
            LedgerMail::Reserve { session, why: ReserveWhy::Extend { life, .. }, .. }
                if !self.is_alive(session, life) => {}
            LedgerMail::Reserve { session, user, amount, why, tries } if tries + 1 < ASKS_MAX => {
                self.send_ledger(LedgerMail::Reserve { session, user, amount, why, tries: tries + 1 });
            }
            LedgerMail::Reserve { session, why, .. } => self.reserve_answered(session, why, None),
            // What is told is lost with whoever was told: the store has it.
            LedgerMail::Charged { .. } | LedgerMail::HoldLess(_) | LedgerMail::Settle(_) => {}
        }
    }

    fn reserve_answered(&mut self, session: SessionId, why: ReserveWhy, granted: Option<bool>) {
        match why {
            ReserveWhy::Spawn { engine } if engine == self.engine => self.admitted(session, granted),
            ReserveWhy::Spawn { .. } => {}
            ReserveWhy::Extend { life, hours } => self.reserved(session, life, hours, granted),
        }
    }

    pub(super) fn ledger_dies(&mut self) {
        if self.ledger.take().is_none() {
            return;
        }
        self.ran.counts.ledgers += 1;
        let (engine, now) = (self.engine, self.clock.now());
        let wait = match self.ledger_restarts.exited(now) {
            Verdict::RebuildAfter(wait) => millis(wait),
            Verdict::GiveUp | Verdict::Forget => 10 * SECOND,
        };
        self.after(wait, Happening::LedgerLoads { engine });
    }

    /// Reads what the store has; meanwhile more may be written.
    pub(super) fn ledger_loads(&mut self, engine: u64) {
        if engine != self.engine || self.ledger.is_some() {
            return;
        }
        if self.store_is_away {
            return self.after(SECOND, Happening::LedgerLoads { engine });
        }
        let now = self.clock.now();
        self.ledger_loads =
            Some(Book::replay(self.ledger_config(), self.store.spending(Book::remembers_from(now)), now));
        let wait = self.random.delay(5, SECOND);
        self.after(wait, Happening::LedgerRises { engine });
    }

    pub(super) fn ledger_rises(&mut self, engine: u64) {
        if engine != self.engine {
            return;
        }
        let Some(book) = self.ledger_loads.take() else { return };
        let life = self.number();
        self.ledger = Some((life, book));
        for mail in std::mem::take(&mut self.ledger_backlog) {
            self.send_ledger(mail);
        }
    }
}
