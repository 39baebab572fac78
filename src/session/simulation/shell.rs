//! A session's actor as a value: it commits first and then carries out, and its mailbox rests meanwhile, as the real one's.

use std::{collections::VecDeque, time::Duration};

use super::{
    super::{
        Rejected,
        actor::Kept,
        committing::FIRST_MAX,
        effect::Effect,
        machine::transition,
        rows::{self, Decided},
        signal::{Command, Outcome, Signal},
        state::{Attempt, Session},
    },
    faults::{SECOND, Slip},
    happening::{Happening, LedgerMail, LifeNumber, Mail, PoolMail, ReserveWhy},
    work::Writing,
    world::{World, millis},
    writes::Write,
};
use crate::{
    events::Frame,
    ledger,
    store::{ChargeRow, Commit, Mark, SessionRow},
    types::{MicroUsd, SandboxId, SessionId, Timestamp},
};

/// As the real one's.
const METER_EVERY: i64 = 30 * SECOND;

pub(super) struct SessionActor {
    pub life: LifeNumber,
    pub session: Session,
    pub revision: i64,
    pub seq: i64,
    pub is_stored: bool,
    pub committing: Option<Committing>,
    /// The ledger was asked, and the mailbox rests until it has answered.
    pub asking: bool,
    pub inbox: VecDeque<Mail>,
    pub alarm: Option<(u64, Attempt, Timestamp)>,
    /// A deployment, and the app that it has started.
    pub work: Option<(u64, SandboxId)>,
    pub app: Option<(u64, SandboxId)>,
    pub writing: Option<Writing>,
    pub has_artifact: bool,
    pub artifact_is_stored: bool,
}

/// A commit that is not answered, and what follows it.
pub(super) struct Committing {
    pub ticket: u64,
    pub first: bool,
    pub since: i64,
    pub tries: u32,
    effects: Vec<Effect>,
    brought: Vec<SandboxId>,
    charges: Vec<ChargeRow>,
}

impl World {
    /// Starts an actor with what was decided for it.
    pub(super) fn start(&mut self, decided: (Session, Vec<Effect>), stored: Option<(i64, i64)>) {
        let (session, effects) = decided;
        let (id, life) = (session.spec.id, self.number());
        let (revision, seq) = stored.unwrap_or((0, 0));
        let has_artifact = stored.is_some() && self.store.has_artifact(id);
        let actor = SessionActor {
            life,
            session,
            revision,
            seq,
            is_stored: stored.is_some(),
            committing: None,
            asking: false,
            inbox: VecDeque::new(),
            alarm: None,
            work: None,
            app: None,
            writing: None,
            has_artifact,
            artifact_is_stored: has_artifact,
        };
        self.actors.insert(id, actor);
        self.mail(id, life, Mail::Meter, METER_EVERY);
        self.commit(id, effects, Vec::new());
    }

    /// Something reaches an actor, if it is there; it waits while the actor's mailbox rests.
    pub(super) fn mail_comes(&mut self, session: SessionId, life: LifeNumber, mail: Mail) {
        if !self.is_alive(session, life) {
            return self.undelivered(mail);
        }
        let Some(actor) = self.actors.get_mut(&session) else { return };
        actor.inbox.push_back(mail);
        self.wake(session);
    }

    /// Handles what waits, as long as nothing is being committed.
    pub(super) fn wake(&mut self, session: SessionId) {
        loop {
            let Some(actor) = self.actors.get_mut(&session) else { return };
            if actor.committing.is_some() || actor.asking {
                return;
            }
            let Some(mail) = actor.inbox.pop_front() else { return };
            if self.strikes(self.faults.session_dies) {
                self.undelivered(mail);
                return self.dies(session);
            }
            self.handle(session, mail);
        }
    }

    /// A sandbox that nobody takes goes back to its pool.
    pub(super) fn undelivered(&mut self, mail: Mail) {
        if let Mail::Signal(Signal::Outcome { outcome: Outcome::Acquired(Ok(lease)), .. }) = mail {
            self.send_pool(PoolMail::Release { sandbox: lease.sandbox, asker: None, tries: 0 });
        }
    }

    /// Also while a commit waits for its store, when the actor can do nothing else.
    pub(super) fn claim(&mut self, id: SessionId) {
        let Some(actor) = self.actors.get(&id) else { return };
        let Some(lease) = actor.session.lease() else { return };
        let lifetime = millis(actor.session.expires_at.until(self.clock.now()));
        let sandbox = lease.sandbox.clone();
        if !self.omits(Slip::Claim) {
            self.send_pool(PoolMail::Claim { session: id, sandbox, lifetime });
        }
    }

    fn handle(&mut self, id: SessionId, mail: Mail) {
        let Some(actor) = self.actors.get_mut(&id) else { return };
        let life = actor.life;
        match mail {
            Mail::Signal(signal) => self.decide(id, signal),
            Mail::Alarm { number, attempt } => {
                if actor.alarm.is_some_and(|(armed, ..)| armed == number) {
                    self.decide(id, Signal::Deadline { attempt });
                }
            }
            Mail::Meter => {
                self.claim(id);
                self.mail(id, life, Mail::Meter, METER_EVERY);
                self.decide(id, Signal::Meter);
            }
            Mail::Extend { hours } => {
                let by = Duration::from_secs(3600) * u32::try_from(hours).unwrap();
                if actor.session.quote(by).is_ok() {
                    actor.asking = true;
                    let (user, amount) = (actor.session.spec.user.clone(), actor.session.reservation(by));
                    let why = ReserveWhy::Extend { life, hours };
                    self.send_ledger(LedgerMail::Reserve { session: id, user, amount, why, tries: 0 });
                }
            }
            mail @ (Mail::Deployed { .. }
            | Mail::Repaired { .. }
            | Mail::AppEnded { .. }
            | Mail::Wrote { .. }
            | Mail::WroteAll { .. }
            | Mail::Generated { .. }) => self.work_comes(id, mail),
        }
    }

    /// The ledger has answered an extension.
    pub(super) fn reserved(&mut self, id: SessionId, life: LifeNumber, hours: i64, granted: Option<bool>) {
        let Some(actor) = self.actors.get_mut(&id).filter(|actor| actor.life == life) else { return };
        actor.asking = false;
        if granted == Some(true) {
            self.ran.counts.extensions += 1;
            let by = Duration::from_secs(3600) * u32::try_from(hours).unwrap();
            self.decide(id, Signal::Command(Command::Extend { by }));
        }
        self.wake(id);
    }

    /// Lets the real machine decide, and commits.
    pub(super) fn decide(&mut self, id: SessionId, signal: Signal) {
        let now = self.clock.now();
        let Some(actor) = self.actors.get_mut(&id) else { return };
        let is_command = matches!(signal, Signal::Command(_));
        let (next, effects) = match transition(&actor.session, signal, now) {
            Ok(decided) => decided,
            Err(Rejected::Over(_) | Rejected::LifetimeExceeded(_) | Rejected::OverBudget { .. }) if is_command => {
                return;
            }
            Err(rejected) => self.broken(&format!("what cannot be refused was: {rejected}")),
        };
        if effects.is_empty() && next == actor.session {
            return;
        }
        let before = std::mem::replace(&mut actor.session, next);
        self.check_decision(id, &before, &effects);
        let brought = Session::brought(&before, &effects);
        self.commit(id, effects, brought);
    }

    fn commit(&mut self, id: SessionId, effects: Vec<Effect>, brought: Vec<SandboxId>) {
        let (now, ticket, logged) = (self.clock.now(), self.number(), self.logged);
        let artifact = self.artifact.clone();
        let Some(actor) = self.actors.get_mut(&id) else { return };
        let mut frames = Vec::new();
        for effect in &effects {
            if let Effect::Publish(event) = effect {
                actor.seq += 1;
                if logged {
                    frames.push(Frame::new(id, actor.seq, now, event));
                }
            }
        }
        let stores = (actor.has_artifact && !actor.artifact_is_stored).then_some(artifact);
        let commit = match logged {
            true => Decided {
                session: &actor.session,
                effects: &effects,
                frames: &frames,
                seq: actor.seq,
                revision: actor.revision,
                reserved: actor.session.reservation(Duration::ZERO),
                artifact: stores,
                logs: None,
            }
            .rows(now),
            false => Commit { artifact: stores, ..bare(actor, &effects, now) },
        };
        let first = commit.expected_revision.is_none();
        actor.revision = commit.session.revision;
        let mut charges = commit.charges.clone();
        charges.retain(|charge| charge.amount > MicroUsd::ZERO);
        actor.committing =
            Some(Committing { ticket, first, since: self.clock.steady, tries: 0, effects, brought, charges });
        let (life, kept) = (actor.life, (actor.session.clone(), actor.seq));
        self.writes.insert(ticket, Write { session: id, life, commit: Box::new(commit), kept });
        if first {
            self.after(millis(FIRST_MAX), Happening::CutOff { session: id, life, ticket });
        }
        self.send_write(ticket);
    }

    /// The decision is kept: now it is carried out.
    pub(super) fn committed(&mut self, id: SessionId) {
        let Some(actor) = self.actors.get_mut(&id) else { return };
        let Some(Committing { effects, charges, .. }) = actor.committing.take() else { return };
        actor.is_stored = true;
        actor.artifact_is_stored |= actor.has_artifact;
        let session = &actor.session;
        let holds = (!session.is_over()).then(|| (session.spec.user.clone(), session.reservation(Duration::ZERO)));
        if self.strikes(self.faults.session_dies) {
            return self.dies(id);
        }
        if (!charges.is_empty() || holds.is_some()) && !self.omits(Slip::Charged) {
            self.send_ledger(LedgerMail::Charged { session: id, holds, charges });
        }
        for effect in effects {
            if self.strikes(self.faults.session_dies * 4) {
                return self.dies(id);
            }
            self.carry_out(id, effect);
        }
        self.check_open(id);
        self.wake(id);
    }

    fn carry_out(&mut self, id: SessionId, effect: Effect) {
        if Slip::of(&effect).is_some_and(|slip| self.omits(slip)) {
            return;
        }
        let Some(actor) = self.actors.get_mut(&id) else { return };
        let life = actor.life;
        match effect {
            Effect::Begin { attempt } => {
                let wait = self.random.delay(1, 50);
                self.mail(id, life, Mail::Signal(Signal::Outcome { attempt, outcome: Outcome::Begun }), wait);
            }
            Effect::Generate { attempt } => self.generate(id, attempt),
            Effect::Acquire { attempt, until } => {
                let lifetime = millis(until.until(self.clock.now()));
                self.send_pool(PoolMail::Acquire { asker: (id, life), attempt, lifetime, tries: 0 });
            }
            Effect::Stage { .. } | Effect::Publish(_) => {}
            Effect::Charge(_) | Effect::ChargeAnswers(_) | Effect::Used { .. } => {}
            Effect::Deploy { attempt, lease } => self.deploy(id, attempt, lease),
            Effect::Attach { lease, pid: _ } => self.attach(id, lease),
            Effect::Abandon => self.abandon(id),
            Effect::SetTimeout { sandbox, until } => {
                let lifetime = millis(until.until(self.clock.now()));
                self.send_pool(PoolMail::SetTimeout { sandbox, lifetime });
            }
            Effect::Release { sandbox } => {
                // It is first asked what it used.
                let wait = self.random.delay(5, 2 * SECOND);
                self.after(wait, Happening::AskRelease { session: id, life, sandbox });
            }
            Effect::Alarm { attempt, at } => {
                let wait = millis(at.until(self.clock.now()));
                let number = self.number();
                if let Some(actor) = self.actors.get_mut(&id) {
                    actor.alarm = Some((number, attempt, at));
                }
                self.mail(id, life, Mail::Alarm { number, attempt }, wait);
            }
            Effect::HoldLess => {
                let amount = actor.session.reservation(Duration::ZERO);
                self.send_ledger(LedgerMail::HoldLess(ledger::HoldLess { session: id, amount }));
            }
            Effect::Settle => self.send_ledger(LedgerMail::Settle(id)),
            Effect::Stop => self.finishes(id),
        }
    }

    pub(super) fn ask_release(&mut self, session: SessionId, life: LifeNumber, sandbox: SandboxId) {
        if self.is_alive(session, life) {
            self.send_pool(PoolMail::Release { sandbox, asker: Some((session, life)), tries: 0 });
        }
    }

    /// The store does not take the decision: what it brought is given back, and the actor ends.
    pub(super) fn refused(&mut self, id: SessionId) {
        let Some(Committing { brought, .. }) = self.actors.get_mut(&id).and_then(|actor| actor.committing.take())
        else {
            return;
        };
        for sandbox in brought {
            self.send_pool(PoolMail::Release { sandbox, asker: None, tries: 0 });
        }
        self.ends(id);
    }
}

/// The row without what takes long to write, for runs that keep no log.
fn bare(actor: &SessionActor, effects: &[Effect], now: Timestamp) -> Commit {
    let (session, spec) = (&actor.session, &actor.session.spec);
    Commit {
        mark: Mark::fresh(),
        at: now,
        session: SessionRow {
            id: spec.id,
            user: spec.user.clone(),
            slug: spec.slug.clone(),
            status: session.status(),
            prompt: String::new(),
            app_type: spec.app_type,
            revision: actor.revision + 1,
            created_at: spec.created_at,
            expires_at: Some(session.expires_at),
            over: session.is_over() && session.releasing.is_empty(),
            budget: session.reservation(Duration::ZERO),
            state: String::new(),
            view: String::new(),
        },
        expected_revision: (actor.revision > 0).then_some(actor.revision),
        events: Vec::new(),
        charges: effects.iter().flat_map(|effect| rows::charges(spec, effect, now)).collect(),
        artifact: None,
        logs: None,
    }
}

/// What the row says must be what is read back from it.
pub(super) fn reads_back(row: &SessionRow, kept: &(Session, i64)) -> bool {
    Kept::read(row).is_ok_and(|read| (read.session, read.seq) == *kept)
}
