//! Who wishes, and who keeps the wishes: users come and go, and the registry starts, rebuilds and forgets sessions.

use std::time::Duration;

use super::{
    super::{
        HostFate, Spec, Words, give_up, recover,
        signal::{Command, Signal},
        state::Session,
    },
    faults::{MINUTE, SECOND},
    happening::{Doom, Happening, LedgerMail, Mail, ReserveWhy},
    world::{World, millis},
};
use crate::{
    supervisor::{Restarts, Verdict},
    types::{
        AppType, Artifact, Category, Failure, MicroUsd, Origin, Port, Rates, Runtime, SandboxSize, SessionId, Slug,
    },
};

/// Sessions at once.
const SESSIONS_MAX: usize = 20;
/// How long until a store that was away is asked again.
const STORE_AGAIN: i64 = SECOND;
/// How long until a first commit that nobody waits for is looked for.
const LATE_COMMIT: i64 = 20 * SECOND;

/// A session that is not over, as the registry knows it.
#[derive(Default)]
pub(super) struct Open {
    restarts: Restarts,
    /// No actor of it will be made any more by this engine.
    pub forgotten: bool,
}

impl World {
    /// Somebody has a wish, if the plan has room for it.
    pub(super) fn arrival(&mut self) {
        if self.calm {
            return;
        }
        let wait = self.random.delay(12 * SECOND, 2 * MINUTE);
        self.after(wait, Happening::Arrival);
        let open = self.open.values().filter(|open| !open.forgotten).count();
        if !self.engine_is_up || open >= SESSIONS_MAX {
            return;
        }
        let lifetime = Duration::from_secs(self.random.between(60, 2400).unsigned_abs());
        let spec = self.spec();
        let (id, user) = (spec.id, spec.user.clone());
        let created = Session::create(spec, lifetime);
        let amount = created.0.reservation(Duration::ZERO);
        self.open.insert(id, Open::default());
        self.spawning.insert(id, created);
        let why = ReserveWhy::Spawn { engine: self.engine };
        self.send_ledger(LedgerMail::Reserve { session: id, user, amount, why, tries: 0 });
    }

    fn spec(&mut self) -> Spec {
        self.ran.counts.sessions += 1;
        let number = self.ran.counts.sessions;
        let (user, by_claude) = (self.random.between(0, 2), self.random.one_in(2));
        let budget = if self.random.one_in(4) { self.random.between(2_000, 40_000) } else { 1_000_000 };
        let words = Words { expected: MicroUsd(2_000), at_most: MicroUsd(budget / 4) };
        Spec {
            id: SessionId::from_uuid(uuid::Uuid::from_u128(number.into())),
            user: self.users[usize::try_from(user).unwrap()].clone(),
            slug: Slug::from_prompt("todo", [0; 10]),
            app_url: "https://todo.localhost:8443".to_owned(),
            prompt: "todo".to_owned(),
            app_type: AppType::Webapp,
            created_at: self.clock.now(),
            lifetime_max: Duration::from_secs(8 * 3600),
            budget: MicroUsd(budget),
            size: SandboxSize { vcpus: 2, memory_mib: 512 },
            rates: Rates::default(),
            words: by_claude.then_some(words),
        }
    }

    /// The ledger has answered a wish; `None` when nobody answered.
    pub(super) fn admitted(&mut self, id: SessionId, granted: Option<bool>) {
        let Some(created) = self.spawning.remove(&id) else { return };
        if granted != Some(true) {
            self.open.remove(&id);
            return;
        }
        // Some change their mind soon, some want more of it, some never come back.
        if !self.random.one_in(3) {
            let wait = self.random.delay(3 * MINUTE, 30 * MINUTE);
            self.after(wait, Happening::Destroy(id));
        }
        if self.random.one_in(4) {
            let wait = self.random.delay(10 * MINUTE, 60 * MINUTE);
            self.after(wait, Happening::Extend(id));
        }
        self.start(created, None);
    }

    /// Whoever wants it to end asks until somebody hears.
    pub(super) fn destroy(&mut self, id: SessionId) {
        match self.actors.get(&id) {
            Some(actor) => {
                let life = actor.life;
                self.mail(id, life, Mail::Signal(Signal::Command(Command::Destroy)), 0);
                self.after(10 * SECOND, Happening::Destroy(id));
            }
            None if self.open.get(&id).is_some_and(|open| !open.forgotten) => {
                self.after(SECOND, Happening::Destroy(id));
            }
            None => {}
        }
    }

    pub(super) fn extend(&mut self, id: SessionId) {
        if let Some(life) = self.actors.get(&id).map(|actor| actor.life) {
            let hours = self.random.between(1, 3);
            self.mail(id, life, Mail::Extend { hours }, 0);
        }
    }

    /// An actor panics, or is lost otherwise, and with it whatever waited for it.
    pub(super) fn dies(&mut self, id: SessionId) {
        self.ran.counts.deaths += 1;
        self.ends(id);
    }

    /// An actor is gone before its session's end; the registry hears of it.
    pub(super) fn ends(&mut self, id: SessionId) {
        let Some(actor) = self.actors.remove(&id) else { return };
        for mail in actor.inbox {
            self.undelivered(mail);
        }
        self.note("died", &id);
        if !actor.is_stored {
            let engine = self.engine;
            return self.after(1, Happening::Rebuild { engine, session: id, doom: Some(Doom::NotStored) });
        }
        self.exited(id);
    }

    fn exited(&mut self, id: SessionId) {
        let (engine, now) = (self.engine, self.clock.now());
        let open = self.open.entry(id).or_default();
        match open.restarts.exited(now) {
            Verdict::RebuildAfter(wait) => {
                self.after(millis(wait), Happening::Rebuild { engine, session: id, doom: None });
            }
            Verdict::GiveUp => {
                self.ran.counts.given_up += 1;
                self.after(1, Happening::Rebuild { engine, session: id, doom: Some(Doom::Crashed) });
            }
            Verdict::Forget => {
                self.ran.counts.forgotten += 1;
                open.forgotten = true;
            }
        }
    }

    /// A session is over, and its actor has nothing left to do.
    pub(super) fn finishes(&mut self, id: SessionId) {
        let Some(actor) = self.actors.remove(&id) else { return };
        for mail in actor.inbox {
            self.undelivered(mail);
        }
        self.open.remove(&id);
        self.check_finished(id);
    }

    /// Brings a session back from the store.
    pub(super) fn rebuild(&mut self, engine: u64, id: SessionId, doom: Option<Doom>, late: bool) {
        if engine != self.engine || !self.engine_is_up || self.actors.contains_key(&id) {
            return;
        }
        if self.store_is_away {
            return self.after(STORE_AGAIN, Happening::Rebuild { engine, session: id, doom });
        }
        let Some((session, seq)) = self.kept.get(&id).cloned() else {
            // Never stored, so never accepted: nothing is lost but the reservation.
            self.send_ledger(LedgerMail::Settle(id));
            self.open.remove(&id);
            if let (Some(doom), false) = (doom, late) {
                self.after(LATE_COMMIT, Happening::LookAgain { engine, session: id, doom });
            }
            return;
        };
        let charges = self.store.charges(id);
        self.send_ledger(LedgerMail::Charged { session: id, holds: None, charges });
        let revision = self.store.session(id).map_or(0, |row| row.revision);
        let now = self.clock.now();
        let decided = match doom {
            None => recover(&session, HostFate::Survived, now),
            Some(doom) => give_up(&session, failure_of(doom), now),
        };
        self.check_recovery(&session, &decided);
        self.start(decided, Some((revision, seq)));
    }

    /// A first commit may have been made when nobody waited for it any more.
    pub(super) fn look_again(&mut self, engine: u64, id: SessionId, doom: Doom) {
        if self.store.session(id).is_some() {
            self.rebuild(engine, id, Some(doom), true);
        }
    }

    /// The engine dies, and with it everything but the store, and what runs elsewhere.
    pub(super) fn engine_dies(&mut self) {
        self.ran.counts.engines += 1;
        self.engine += 1;
        self.engine_is_up = false;
        self.actors.clear();
        self.open.clear();
        self.spawning.clear();
        (self.pool, self.ledger, self.ledger_loads) = (None, None, None);
        self.pool_backlog.clear();
        self.ledger_backlog.clear();
        for write in std::mem::take(&mut self.writes).into_values() {
            if self.random.one_in(2) {
                self.make(&write);
            }
        }
        let wait = self.random.delay(SECOND, 2 * MINUTE);
        self.after(wait, Happening::EngineRises);
    }

    /// An engine begins where the last one ended.
    pub(super) fn engine_rises(&mut self) {
        if self.store_is_away {
            return self.after(STORE_AGAIN, Happening::EngineRises);
        }
        self.engine_is_up = true;
        let fate = if self.random.one_in(2) { HostFate::Lost } else { HostFate::Survived };
        if fate == HostFate::Lost {
            self.sandboxes.clear();
        }
        let engine = self.engine;
        (self.pool_restarts, self.ledger_restarts) = (Restarts::default(), Restarts::default());
        self.ledger_loads(engine);
        self.ledger_rises(engine);
        self.pool_rises(engine);
        let now = self.clock.now();
        for id in self.store.open() {
            let Some((session, seq)) = self.kept.get(&id).cloned() else { continue };
            let revision = self.store.session(id).map_or(0, |row| row.revision);
            self.open.insert(id, Open::default());
            let decided = recover(&session, fate, now);
            self.check_recovery(&session, &decided);
            self.start(decided, Some((revision, seq)));
        }
    }

    pub(super) fn forgotten(&self) -> Vec<SessionId> {
        self.open.iter().filter(|(_, open)| open.forgotten).map(|(id, _)| *id).collect()
    }
}

fn failure_of(doom: Doom) -> Failure {
    let code = match doom {
        Doom::NotStored => "store_unavailable",
        Doom::Crashed => "session_crashed",
    };
    Failure::new(code, Category::System, "played").retryable()
}

/// An app without files: what matters is whether it is at hand.
pub(super) fn artifact() -> Artifact {
    Artifact {
        runtime: Runtime::Node,
        files: Vec::new(),
        dependencies: Vec::new(),
        build: None,
        start: String::new(),
        port: Port::new(3000).unwrap(),
        checks: Vec::new(),
        origin: Origin {
            generator: "built-in".into(),
            template: "todo".into(),
            match_percent: 90,
            note: String::new(),
        },
    }
}
