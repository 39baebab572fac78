//! What a session has done for it: an app is written, read by the guard, deployed, mended, and runs.

use super::{
    super::{
        history::{Mender, Repair},
        signal::{Outcome, Running, Signal},
        state::Attempt,
    },
    faults::{MINUTE, SECOND, Slip},
    happening::Mail,
    world::World,
};
use crate::{
    generator::{
        author::Spent,
        claude::{Costs, Usage},
    },
    sandbox::Lease,
    types::{Category, Failure, MicroUsd, Origin, Phase, Port, SandboxId, SessionId},
};

/// Claude writes, or mends.
pub(super) struct Writing {
    pub number: u64,
    /// What was known when it began, and what it has used since.
    pub answers: Vec<Spent>,
    known: usize,
}

impl World {
    /// Has an app written: by Claude, where its words are paid for, or from a template.
    pub(super) fn generate(&mut self, id: SessionId, attempt: Attempt) {
        let number = self.number();
        let Some(actor) = self.actors.get_mut(&id) else { return };
        let life = actor.life;
        if actor.session.spec.words.is_none() {
            let well = !self.strikes(self.faults.work_fails * 4);
            let wait = self.random.delay(20, SECOND);
            return self.mail(id, life, Mail::Generated { attempt, well }, wait);
        }
        let answers = actor.session.answers.clone();
        actor.writing = Some(Writing { number, known: answers.len(), answers });
        self.write_on(id, number, 30 * SECOND);
        if !self.strikes(self.faults.work_hangs) {
            let well = !self.strikes(self.faults.work_fails);
            let wait = self.random.delay(30 * SECOND, 6 * MINUTE);
            self.mail(id, life, Mail::WroteAll { writing: number, attempt, well }, wait);
        }
    }

    /// Bills come on the way, some of them at once.
    fn write_on(&mut self, id: SessionId, writing: u64, within: i64) {
        let Some(life) = self.actors.get(&id).map(|actor| actor.life) else { return };
        for _ in 0..self.random.between(1, 4) {
            let wait = self.random.between(0, within);
            self.mail(id, life, Mail::Wrote { writing }, wait);
        }
    }

    /// Brings an app to life in its sandbox.
    pub(super) fn deploy(&mut self, id: SessionId, attempt: Attempt, lease: Lease) {
        let work = self.number();
        let Some(actor) = self.actors.get_mut(&id) else { return };
        let life = actor.life;
        if !actor.has_artifact {
            self.broken("an app is to be deployed, and its files are not at hand");
        }
        let by_claude = actor.session.spec.words.is_some();
        actor.work = Some((work, lease.sandbox));
        for phase in [Phase::Uploading, Phase::Starting, Phase::Checking] {
            let wait = self.random.between(1, 10 * SECOND);
            self.mail(id, life, Mail::Signal(Signal::Outcome { attempt, outcome: Outcome::Progress(phase) }), wait);
        }
        if self.strikes(self.faults.work_hangs) {
            return;
        }
        let wait = self.random.delay(10 * SECOND, 6 * MINUTE);
        let outcome = if self.strikes(self.faults.work_fails) {
            match self.random.between(0, 3) {
                0 => Outcome::Deployed(Err(failure(false))),
                1 if by_claude => Outcome::Mended { failure: failure(false), repair: repair(Mender::Rule) },
                2 if by_claude => return self.mend(id, attempt, work),
                _ => Outcome::Deployed(Err(failure(true))),
            }
        } else {
            Outcome::Deployed(Ok(Running { port: Port::new(3000).unwrap(), pid: 7 }))
        };
        self.mail(id, life, Mail::Deployed { work, attempt, outcome }, wait);
    }

    /// Listens again to an app, which may have gone with its sandbox.
    pub(super) fn attach(&mut self, id: SessionId, lease: Lease) {
        self.claim(id);
        let (app, sandbox) = (self.number(), lease.sandbox);
        let gone = !self.sandboxes.contains_key(&sandbox);
        let Some(actor) = self.actors.get_mut(&id) else { return };
        let life = actor.life;
        actor.app = Some((app, sandbox.clone()));
        if gone || self.strikes(self.faults.app_ends) {
            let wait = self.random.between(1, if gone { 5 * SECOND } else { 20 * MINUTE });
            self.mail(id, life, Mail::AppEnded { app, sandbox, gone }, wait);
        }
    }

    /// The deployment has failed, and Claude is asked.
    fn mend(&mut self, id: SessionId, attempt: Attempt, work: u64) {
        let number = self.number();
        let Some(actor) = self.actors.get_mut(&id) else { return };
        let life = actor.life;
        if actor.work.as_ref().is_some_and(|(present, _)| *present == work) {
            actor.work = None;
        }
        let answers = actor.session.answers.clone();
        actor.writing = Some(Writing { number, known: answers.len(), answers });
        self.write_on(id, number, 20 * SECOND);
        let well = self.random.one_in(2);
        let wait = self.random.delay(30 * SECOND, 3 * MINUTE);
        self.mail(id, life, Mail::Repaired { writing: number, attempt, well }, wait);
    }

    /// Work reports, unless it was abandoned meanwhile.
    pub(super) fn work_comes(&mut self, id: SessionId, mail: Mail) {
        let app = self.number();
        let Some(actor) = self.actors.get_mut(&id) else { return };
        let life = actor.life;
        match mail {
            Mail::Deployed { work, attempt, outcome } => {
                let Some((_, sandbox)) = actor.work.take_if(|(present, _)| *present == work) else { return };
                let outcome = match outcome {
                    // Only what lives can be brought to life.
                    Outcome::Deployed(Ok(_)) if !self.sandboxes.contains_key(&sandbox) => {
                        Outcome::Deployed(Err(failure(true)))
                    }
                    outcome => outcome,
                };
                if matches!(outcome, Outcome::Deployed(Ok(_))) {
                    actor.app = Some((app, sandbox.clone()));
                    if self.strikes(self.faults.app_ends) {
                        let wait = self.random.between(1, 20 * MINUTE);
                        self.mail(id, life, Mail::AppEnded { app, sandbox, gone: false }, wait);
                    }
                } else if matches!(outcome, Outcome::Mended { .. }) {
                    actor.artifact_is_stored = false;
                }
                self.decide(id, Signal::Outcome { attempt, outcome });
            }
            Mail::AppEnded { app, sandbox, gone } => {
                if actor.app.take_if(|(present, _)| *present == app).is_some() {
                    let how = (!gone).then(|| "exit code 1".to_owned());
                    self.decide(id, Signal::AppEnded { sandbox, how });
                }
            }
            Mail::Wrote { writing } => {
                let grows = self.random.one_in(2);
                let Some(actor) = self.actors.get_mut(&id) else { return };
                let Some(present) = actor.writing.as_mut().filter(|present| present.number == writing) else { return };
                // Either the last answer grows, or another one begins.
                let grows = grows && present.known < present.answers.len();
                match present.answers.last_mut().filter(|_| grows) {
                    Some(last) => last.costs.output += MicroUsd(700),
                    None => present.answers.push(answer()),
                }
                let answers = present.answers.clone();
                self.decide(id, Signal::Spent { answers, trials: Vec::new(), last: false });
            }
            Mail::WroteAll { writing, attempt, well } => {
                let Some(done) = actor.writing.take_if(|present| present.number == writing) else { return };
                let wait = self.random.delay(50, 10 * SECOND);
                self.mail(id, life, Mail::Generated { attempt, well }, wait);
                self.decide(id, Signal::Spent { answers: done.answers, trials: Vec::new(), last: false });
            }
            Mail::Repaired { writing, attempt, well } => {
                let Some(done) = actor.writing.take_if(|present| present.number == writing) else { return };
                let outcome = match well && attempt == actor.session.attempt {
                    true => {
                        actor.artifact_is_stored = false;
                        Outcome::Mended { failure: failure(false), repair: repair(Mender::Claude) }
                    }
                    false => Outcome::Deployed(Err(failure(false))),
                };
                let wait = self.random.delay(50, 10 * SECOND);
                self.mail(id, life, Mail::Signal(Signal::Outcome { attempt, outcome }), wait);
                self.decide(id, Signal::Spent { answers: done.answers, trials: Vec::new(), last: false });
            }
            Mail::Generated { attempt, well } => {
                if well && attempt == actor.session.attempt {
                    (actor.has_artifact, actor.artifact_is_stored) = (true, false);
                }
                let read = Signal::Outcome { attempt, outcome: Outcome::Inspected(Box::default()) };
                let made = well.then(origin).ok_or_else(|| failure(true));
                self.mail(id, life, Mail::Signal(read), 0);
                self.decide(id, Signal::Outcome { attempt, outcome: Outcome::Generated(made) });
            }
            Mail::Signal(_) | Mail::Alarm { .. } | Mail::Meter | Mail::Extend { .. } => {}
        }
    }

    /// Stops whatever is under way; what was being written tells what it has cost.
    pub(super) fn abandon(&mut self, id: SessionId) {
        let Some(actor) = self.actors.get_mut(&id) else { return };
        (actor.work, actor.app) = (None, None);
        if let Some(writing) = actor.writing.take()
            && self.slip != Some(Slip::Bill)
        {
            let life = actor.life;
            let bill = Signal::Spent { answers: writing.answers, trials: Vec::new(), last: true };
            self.mail(id, life, Mail::Signal(bill), 0);
        }
    }

    /// A sandbox is gone: whoever works in it, or listens to its app, hears of it.
    pub(super) fn hear_of_end(&mut self, sandbox: &SandboxId) {
        let mut heard = Vec::new();
        for (id, actor) in &self.actors {
            if let Some((app, _)) = actor.app.as_ref().filter(|(_, held)| held == sandbox) {
                heard.push((*id, actor.life, Mail::AppEnded { app: *app, sandbox: sandbox.clone(), gone: true }));
            }
            if let Some((work, _)) = actor.work.as_ref().filter(|(_, held)| held == sandbox) {
                let (attempt, outcome) = (actor.session.attempt, Outcome::Deployed(Err(failure(true))));
                heard.push((*id, actor.life, Mail::Deployed { work: *work, attempt, outcome }));
            }
        }
        for (id, life, mail) in heard {
            let wait = self.random.delay(50, 5 * SECOND);
            self.mail(id, life, mail, wait);
        }
    }
}

fn answer() -> Spent {
    let costs = Costs { output: MicroUsd(900), ..Costs::default() };
    let usage = Usage { output: 60, ..Usage::default() };
    Spent { model: "claude-x".to_owned(), usage, costs, priced: "2026-11-01".to_owned() }
}

fn origin() -> Origin {
    Origin { generator: "built-in".into(), template: "todo".into(), match_percent: 90, note: String::new() }
}

fn repair(by: Mender) -> Repair {
    Repair { by, did: "mended it".to_owned(), failure: failure(false), tokens: 0 }
}

pub(super) fn failure(retryable: bool) -> Failure {
    Failure { retryable, ..Failure::new("played", Category::System, "it failed") }
}
