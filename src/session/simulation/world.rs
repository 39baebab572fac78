//! The played world: a clock, a queue of what will happen, and every actor as a value.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    fmt::Debug,
    sync::Arc,
    time::Duration,
};

use super::{
    super::{effect::Effect, state::Session},
    chance::{Queue, Random},
    crowd::Open,
    faults::{Faults, HOUR, MINUTE, SECOND, Slip},
    happening::{Clock, Happening, LedgerMail, LifeNumber, Mail, PoolMail},
    pool::PoolActor,
    shell::SessionActor,
    writes::Write,
};
use crate::{
    ledger::Book,
    store::played::Played,
    supervisor::Restarts,
    types::{Artifact, SandboxId, SessionId, UserId},
};

/// What is kept of a run's last steps, to be told with a failure.
const TOLD_MAX: usize = 80;
/// A clock that is set does not jump all the time.
const JUMP_EVERY: i64 = 5 * MINUTE;
/// 14 November 2023, 22:13 UTC: many runs live to see midnight.
const BEGINNING: i64 = 1_700_000_000_000;

/// How a run went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Ran {
    pub events: u64,
    /// The same for the same seed.
    pub digest: u64,
    pub counts: Counts,
}

/// What a run has seen, so that nobody takes a quiet world for a sound one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub sessions: u64,
    pub ready: u64,
    pub commits: u64,
    pub sandboxes: u64,
    pub extensions: u64,
    pub deaths: u64,
    pub given_up: u64,
    pub forgotten: u64,
    pub pools: u64,
    pub ledgers: u64,
    pub engines: u64,
    pub outages: u64,
    pub jumps: u64,
}

impl Counts {
    pub(super) const fn add(&mut self, more: &Self) {
        self.sessions += more.sessions;
        self.ready += more.ready;
        self.commits += more.commits;
        self.sandboxes += more.sandboxes;
        self.extensions += more.extensions;
        self.deaths += more.deaths;
        self.given_up += more.given_up;
        self.forgotten += more.forgotten;
        self.pools += more.pools;
        self.ledgers += more.ledgers;
        self.engines += more.engines;
        self.outages += more.outages;
        self.jumps += more.jumps;
    }

    /// Whether each kind of thing has happened.
    pub(super) fn saw_everything(&self) -> bool {
        let Self { sessions, ready, commits, sandboxes, extensions, deaths, given_up, forgotten, .. } = *self;
        let Self { pools, ledgers, engines, outages, jumps, .. } = *self;
        let all = [sessions, ready, commits, sandboxes, extensions, deaths, given_up, forgotten, pools, ledgers];
        all.into_iter().chain([engines, outages, jumps]).all(|count| count > 0)
    }
}

pub(super) struct World {
    pub seed: u64,
    pub random: Random,
    pub faults: Faults,
    /// Nothing fails any more, and nobody comes.
    pub calm: bool,
    pub clock: Clock,
    pub queue: Queue<Happening>,
    pub ran: Ran,
    pub slip: Option<Slip>,
    last_jump: i64,
    pub numbers: u64,
    told: Option<VecDeque<String>>,

    pub logged: bool,
    pub store: Played,
    /// What the store's rows say, in the machine's own words.
    pub kept: BTreeMap<SessionId, (Session, i64)>,
    pub store_is_away: bool,
    pub writes: BTreeMap<u64, Write>,
    pub artifact: Arc<Artifact>,

    pub engine: u64,
    pub engine_is_up: bool,
    pub actors: BTreeMap<SessionId, SessionActor>,
    pub open: BTreeMap<SessionId, Open>,
    pub spawning: BTreeMap<SessionId, (Session, Vec<Effect>)>,
    pub users: Vec<UserId>,

    pub pool: Option<PoolActor>,
    pub pool_restarts: Restarts,
    pub pool_backlog: Vec<PoolMail>,
    pub pool_mail_at: i64,
    pub ledger: Option<(LifeNumber, Book)>,
    pub ledger_loads: Option<Book>,
    pub ledger_restarts: Restarts,
    pub ledger_backlog: Vec<LedgerMail>,
    pub ledger_mail_at: i64,

    /// What lives on the host, and until when, by the steady clock.
    pub sandboxes: BTreeMap<SandboxId, i64>,
    pub delivered: BTreeSet<SandboxId>,
}

impl World {
    pub(super) fn new(seed: u64, logged: bool, is_told: bool) -> Self {
        let mut random = Random::new(seed);
        let faults = Faults::drawn(&mut random);
        let mut world = Self {
            seed,
            random,
            faults,
            calm: false,
            clock: Clock { steady: BEGINNING, ahead: 0 },
            queue: Queue::new(),
            ran: Ran::default(),
            slip: None,
            last_jump: 0,
            numbers: 0,
            told: is_told.then(VecDeque::new),
            logged,
            store: Played::new(logged),
            kept: BTreeMap::new(),
            store_is_away: false,
            writes: BTreeMap::new(),
            artifact: Arc::new(super::crowd::artifact()),
            engine: 0,
            engine_is_up: false,
            actors: BTreeMap::new(),
            open: BTreeMap::new(),
            spawning: BTreeMap::new(),
            users: (0..3).map(|number| format!("user{number}").parse().unwrap()).collect(),
            pool: None,
            pool_restarts: Restarts::default(),
            pool_backlog: Vec::new(),
            pool_mail_at: 0,
            ledger: None,
            ledger_loads: None,
            ledger_restarts: Restarts::default(),
            ledger_backlog: Vec::new(),
            ledger_mail_at: 0,
            sandboxes: BTreeMap::new(),
            delivered: BTreeSet::new(),
        };
        world.clock.steady += world.random.between(0, 2 * HOUR);
        world.engine_rises();
        world.after(1, Happening::Arrival);
        world.next_fault();
        world
    }

    /// Plays until so many things have happened, and then to the end of all sessions.
    pub(super) fn run(mut self, events: u64) -> Ran {
        while self.ran.events < events && self.step() {}
        self.settle_down();
        self.ran
    }

    /// The next thing happens.
    pub(super) fn step(&mut self) -> bool {
        let Some((at, happening)) = self.queue.pop() else { return false };
        self.clock.steady = self.clock.steady.max(at);
        self.ran.events += 1;
        let mixed = self.ran.digest.rotate_left(5) ^ at.unsigned_abs();
        self.ran.digest = mixed.wrapping_mul(0x0000_0100_0000_01b3) ^ self.queue.len() as u64;
        self.tell(&happening);
        self.happens(happening);
        true
    }

    /// Plays on for so many milliseconds.
    pub(super) fn play(&mut self, millis: i64) {
        let until = self.clock.steady + millis;
        self.after(millis, Happening::StoreIsBack);
        while self.clock.steady < until && self.step() {}
    }

    fn happens(&mut self, happening: Happening) {
        match happening {
            Happening::Arrival => self.arrival(),
            Happening::Destroy(session) => self.destroy(session),
            Happening::Extend(session) => self.extend(session),
            Happening::Mail { session, life, mail } => self.mail_comes(session, life, mail),
            Happening::Write { ticket } => self.write(ticket),
            Happening::Written { session, life, ticket, said } => self.written(session, life, ticket, said),
            Happening::WriteAgain { session, life, ticket } => self.write_again(session, life, ticket),
            Happening::CutOff { session, life, ticket } => self.cut_off(session, life, ticket),
            Happening::Rebuild { engine, session, doom } => self.rebuild(engine, session, doom, false),
            Happening::LookAgain { engine, session, doom } => self.look_again(engine, session, doom),
            Happening::AskRelease { session, life, sandbox } => self.ask_release(session, life, sandbox),
            Happening::ToPool { life, mail } => self.pool_hears(life, mail),
            Happening::PoolTick { life, alarm } => self.pool_tick(life, alarm),
            Happening::PoolRises { engine } => self.pool_rises(engine),
            Happening::HostDoes { life, call, how } => self.host_does(life, call, how),
            Happening::HostSaid { life, event } => self.host_said(life, event),
            Happening::SandboxDue(sandbox) => self.sandbox_due(&sandbox),
            Happening::ToLedger { life, mail } => self.ledger_hears(life, mail),
            Happening::LedgerLoads { engine } => self.ledger_loads(engine),
            Happening::LedgerRises { engine } => self.ledger_rises(engine),
            Happening::EngineRises => self.engine_rises(),
            Happening::StoreIsBack => self.store_is_away = false,
            Happening::Fault => self.fault(),
        }
    }

    pub(super) fn after(&mut self, millis: i64, happening: Happening) {
        let lot = self.random.next();
        self.queue.push(self.clock.steady + millis.max(0), lot, happening);
    }

    pub(super) fn mail(&mut self, session: SessionId, life: LifeNumber, mail: Mail, millis: i64) {
        self.after(millis, Happening::Mail { session, life, mail });
    }

    pub(super) const fn number(&mut self) -> u64 {
        self.numbers += 1;
        self.numbers
    }

    /// Whether the shells leave this out, to see it caught.
    pub(super) fn omits(&self, slip: Slip) -> bool {
        self.slip == Some(slip)
    }

    /// Whether a fault that comes once in so many comes now.
    pub(super) fn strikes(&mut self, once_in: i64) -> bool {
        !self.calm && self.random.one_in(once_in)
    }

    pub(super) fn is_alive(&self, session: SessionId, life: LifeNumber) -> bool {
        self.actors.get(&session).is_some_and(|actor| actor.life == life)
    }

    pub(super) fn next_fault(&mut self) {
        if self.faults.every > 0 && !self.calm {
            let wait = self.random.between(1, self.faults.every * 2);
            self.after(wait, Happening::Fault);
        }
    }

    /// A fault of the whole: of the pool, the ledger, the engine, the store, a sandbox, or the clock.
    fn fault(&mut self) {
        self.next_fault();
        let weights = self.faults.weights;
        let sum: i64 = weights.iter().sum();
        if self.calm || sum == 0 || !self.engine_is_up {
            return;
        }
        let mut lot = self.random.between(0, sum - 1);
        let which = weights.iter().position(|weight| {
            lot -= weight;
            lot < 0
        });
        match which {
            Some(0) => self.pool_dies(),
            Some(1) => self.ledger_dies(),
            // The engine takes all with it: not as often as the others.
            Some(2) if self.random.one_in(4) => self.engine_dies(),
            Some(3) if !self.store_is_away => {
                self.ran.counts.outages += 1;
                self.store_is_away = true;
                let (usual, most) = (SECOND, self.faults.outage_max);
                let wait = self.random.delay(usual, most.max(usual));
                self.after(wait, Happening::StoreIsBack);
            }
            Some(4) => {
                let many = self.sandboxes.len();
                let lot = self.random.between(0, many.max(1) as i64 - 1);
                if let Some(sandbox) = self.sandboxes.keys().nth(usize::try_from(lot).unwrap()).cloned() {
                    self.sandbox_ends(&sandbox);
                }
            }
            Some(5) if self.faults.jump_max > 0 && self.clock.steady > self.last_jump + JUMP_EVERY => {
                self.last_jump = self.clock.steady;
                self.ran.counts.jumps += 1;
                let jump = self.random.between(-self.faults.jump_max, self.faults.jump_max);
                // Forth and back: it stays near the truth.
                self.clock.ahead = if self.clock.ahead == 0 { jump } else { 0 };
            }
            Some(_) | None => {}
        }
    }

    /// Nothing fails any more; then everything must come to rest, and to its end.
    fn settle_down(&mut self) {
        self.calm = true;
        self.store_is_away = false;
        if !self.engine_is_up {
            self.play(2 * MINUTE);
        }
        // Whatever was forgotten is taken up by the next engine.
        if !self.forgotten().is_empty() || self.random.one_in(4) {
            self.engine_dies();
        }
        // Longer than the longest step, and than the farthest jump.
        self.play(25 * MINUTE);
        // A sandbox whose time a jump has cut short may have gone just now: its app comes back, and is given the time.
        for _ in 0..15 {
            if self.is_at_rest() {
                break;
            }
            self.play(MINUTE);
        }
        self.catch_up();
        self.check_rest();
        if !self.random.one_in(8) {
            for session in self.open.keys().copied().collect::<Vec<_>>() {
                self.after(0, Happening::Destroy(session));
            }
            self.play(15 * MINUTE);
        } else {
            self.play(25 * HOUR);
        }
        self.check_end();
    }

    /// A meter may just have gone off, or a session's time be up: until what was committed is told and done, the books differ
    /// rightly.
    fn catch_up(&mut self) {
        const TRIES_MAX: u32 = 100;
        const STEP: i64 = 50;
        let under_way = |happening: &Happening| {
            matches!(
                happening,
                Happening::Write { .. }
                    | Happening::Written { .. }
                    | Happening::WriteAgain { .. }
                    | Happening::ToLedger { .. }
                    | Happening::AskRelease { .. }
                    | Happening::ToPool { .. }
                    | Happening::HostDoes { .. }
                    | Happening::HostSaid { .. }
            )
        };
        for _ in 0..TRIES_MAX {
            if !self.queue.any(under_way) {
                return;
            }
            self.play(STEP);
        }
    }

    fn tell(&mut self, happening: &Happening) {
        let Some(told) = &mut self.told else { return };
        if told.len() == TOLD_MAX {
            told.pop_front();
        }
        told.push_back(format!("{:>8} {:>12} {happening:?}", self.ran.events, self.clock.steady - BEGINNING));
    }

    /// More for the story.
    pub(super) fn note(&mut self, what: &str, of: &dyn Debug) {
        if let Some(told) = &mut self.told {
            told.push_back(format!("{:21} {what}: {of:?}", ""));
        }
    }

    /// A promise is broken.
    pub(super) fn broken(&self, what: &str) -> ! {
        for line in self.told.iter().flatten() {
            eprintln!("{line}");
        }
        panic!(
            "{what}\n  at event {} of seed {seed}; SPAWNAI_TEST_SEED={seed} plays it again and tells the story",
            self.ran.events,
            seed = self.seed
        );
    }
}

pub(super) fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}
