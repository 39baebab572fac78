//! What must hold, at each step and at the end.

use super::{
    super::{
        audit,
        effect::Effect,
        state::{Session, State},
    },
    faults::MINUTE,
    shell::reads_back,
    world::World,
    writes::Write,
};
use crate::{
    ledger::{Book, Standing},
    sandbox::Lease,
    types::{MicroUsd, SandboxId, SessionId},
};

/// What a session may cost beyond what was held for it: it cannot end while the store is away, and the clock may jump.
const OVERRUN_MINUTES: i64 = 45;

impl World {
    /// After each decision of the machine.
    pub(super) fn check_decision(&self, id: SessionId, before: &Session, effects: &[Effect]) {
        let Some(session) = self.actors.get(&id).map(|actor| &actor.session) else { return };
        let entries = session.attempt.0.wrapping_sub(before.attempt.0);
        let published = effects.iter().filter(|effect| matches!(effect, Effect::Publish(_))).count() as u64;
        if entries > 1 || published > 1 || published < entries {
            self.broken(&format!("{entries} entries with {published} publications: {effects:?}"));
        }
        if before.is_over() && session.state != before.state {
            self.broken(&format!("what is over came back: {:?} became {:?}", before.state, session.state));
        }
        self.check_money(before, session);
    }

    pub(super) fn check_recovery(&self, before: &Session, (session, effects): &(Session, Vec<Effect>)) {
        if before.is_over() && session.state != before.state {
            self.broken(&format!("what is over came back: {:?} became {:?}", before.state, session.state));
        }
        if !before.is_over() && session.attempt <= before.attempt {
            self.broken("a session goes on under an attempt of the past");
        }
        if let Some(held) = session.lease() {
            let listens = |effect: &Effect| matches!(effect, Effect::Attach { lease, .. } if lease == held);
            let lives = matches!(before.state, State::Ready { .. }) && before.lease() == Some(held);
            if !lives || !effects.iter().any(listens) {
                self.broken("a session that was found in the store holds a sandbox, and no app that lives on in it");
            }
        }
        self.check_money(before, session);
    }

    fn check_money(&self, before: &Session, session: &Session) {
        if session.past_cost < before.past_cost {
            self.broken(&format!("money went back: {:?}, then {:?}", before.past_cost, session.past_cost));
        }
        let now = self.clock.now();
        if session.cost(now) < before.cost(before.metered_at) {
            let (was, is) = (before.cost(before.metered_at), session.cost(now));
            self.broken(&format!("a session that had cost {was:?} has cost {is:?}"));
        }
    }

    /// After each commit: the money of the row and its charges are the same, and the row is read back as it was written.
    pub(super) fn check_kept(&self, write: &Write) {
        let (session, row) = (&write.kept.0, &write.commit.session);
        if self.logged && !reads_back(row, &write.kept) {
            self.broken("a row is read back as another session");
        }
        if let Err(why) = audit::money(session, row.over, self.store.charged(write.session)) {
            self.broken(&format!("{} does not pay: {why}", row.status.as_str()));
        }
    }

    /// After each commit that was carried out: whoever is not over has an alarm that rings in time.
    pub(super) fn check_open(&mut self, id: SessionId) {
        let Some(actor) = self.actors.get(&id) else { return };
        if matches!(actor.session.state, State::Ready { .. }) {
            self.ran.counts.ready += 1;
        }
        let Some(actor) = self.actors.get(&id) else { return };
        let Some(due) = actor.session.due() else { return };
        match actor.alarm {
            Some((_, attempt, at)) if attempt == actor.session.attempt && at <= due => {}
            other => self.broken(&format!("due at {due:?} in {:?}, and the alarm is {other:?}", actor.session.attempt)),
        }
    }

    /// Before a sandbox is killed: nobody may be at home.
    pub(super) fn check_kill(&self, sandbox: &SandboxId) {
        for (id, actor) in &self.actors {
            if actor.session.lease().is_some_and(|lease| lease.sandbox == *sandbox) {
                self.broken(&format!("{sandbox} is killed, and session {id} lives in it"));
            }
        }
    }

    /// When a sandbox is handed out: it was nobody's before.
    pub(super) fn check_delivery(&mut self, lease: &Lease) {
        if !self.delivered.insert(lease.sandbox.clone()) {
            self.broken(&format!("{} is handed out for the second time", lease.sandbox));
        }
    }

    /// After each telling of charges: what was spent had been held.
    pub(super) fn check_standing(&self, session: SessionId, standing: Option<Standing>) {
        let rates = crate::types::Rates::default();
        let size = crate::types::SandboxSize { vcpus: 2, memory_mib: 512 };
        let overrun = rates.total(size, OVERRUN_MINUTES * MINUTE);
        match standing {
            Some(Standing::Exhausted { over }) if over > overrun => {
                self.broken(&format!("session {session} has cost {over} more than was held for it"));
            }
            Some(Standing::Exhausted { .. } | Standing::Within { .. }) | None => {}
        }
    }

    /// When a session's actor is done with it: so is the store.
    pub(super) fn check_finished(&self, id: SessionId) {
        let Some(row) = self.store.session(id) else { return };
        if !row.over {
            self.broken(&format!("session {id} is done with, and its row is not over"));
        }
    }

    pub(super) fn is_at_rest(&self) -> bool {
        let rests = |id| self.actors.get(&id).is_some_and(|actor| actor.session.is_resting());
        self.store.open().into_iter().all(rests)
    }

    /// When nothing has failed for some minutes: everybody has come to rest, and the books agree.
    pub(super) fn check_rest(&self) {
        for id in self.store.open() {
            match self.actors.get(&id) {
                None => self.broken(&format!("session {id} is in the store, and nobody has it")),
                Some(actor) if !actor.session.is_resting() => {
                    self.broken(&format!("session {id} hangs in {:?}", actor.session.state));
                }
                Some(actor) => {
                    let lives = actor.session.lease().is_none_or(|held| self.sandboxes.contains_key(&held.sandbox));
                    if !lives {
                        self.broken(&format!("session {id} is ready in a sandbox that is gone"));
                    }
                }
            }
        }
        self.check_books();
        self.check_sandboxes();
    }

    /// The ledger is what the store would make of it.
    fn check_books(&self) {
        let now = self.clock.now();
        let Some((_, book)) = &self.ledger else { self.broken("there is no ledger") };
        let mut book = book.clone();
        // Whatever the day is, both must be of it.
        book.settle(SessionId::from_uuid(uuid::Uuid::nil()), now);
        let again = Book::replay(self.ledger_config(), self.store.spending(Book::remembers_from(now)), now);
        let (kept, stored) = (book.stats(), again.stats());
        if kept.today.spent != stored.today.spent {
            self.broken(&format!("the ledger has spent {}, the store {}", kept.today.spent, stored.today.spent));
        }
        let open = self.actors.values().filter(|actor| !actor.session.is_over()).count();
        if kept.open != open {
            self.broken(&format!("the ledger holds for {} sessions, {open} are open", kept.open));
        }
        if kept.today.reserved != stored.today.reserved {
            let (held, needed) = (kept.today.reserved, stored.today.reserved);
            self.broken(&format!("the ledger holds {held}, and the next one would hold {needed}"));
        }
    }

    /// Each sandbox is a session's, or waits warm.
    fn check_sandboxes(&self) {
        let Some(pool) = &self.pool else { self.broken("there is no pool") };
        let stats = pool.stats();
        let held = self.actors.values().filter(|actor| actor.session.lease().is_some()).count();
        // Somebody's time may be up at this very moment.
        let leaving = self.actors.values().map(|actor| actor.session.releasing.len()).sum::<usize>();
        if stats.leased != held || stats.releasing > leaving || stats.waiting > 0 {
            self.broken(&format!("{held} sandboxes are held, and the pool has {stats:?}"));
        }
        let settled = held + stats.warm;
        if !(settled..=settled + leaving).contains(&self.sandboxes.len()) {
            self.broken(&format!("{} sandboxes live; {held} are held, and {} wait", self.sandboxes.len(), stats.warm));
        }
    }

    /// When all is over.
    pub(super) fn check_end(&self) {
        if let Some((id, actor)) = self.actors.iter().next() {
            self.broken(&format!("session {id} does not end: {:?}", actor.session.state));
        }
        if let Some(id) = self.store.open().first() {
            self.broken(&format!("session {id} is not over, and nobody has it"));
        }
        self.check_books();
        self.check_sandboxes();
        let held = self.ledger.as_ref().map(|(_, book)| book.stats().today.reserved);
        if held != Some(MicroUsd::ZERO) {
            self.broken(&format!("all is over, and the ledger holds {held:?}"));
        }
        if self.logged {
            let found = self.store.verify();
            if let Some(difference) = found.differences.first() {
                self.broken(&format!("the log makes something else: {difference}"));
            }
        }
    }
}
