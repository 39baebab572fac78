//! The world around one session, in which anything happens in any order, and what is held to after each step.

use std::{collections::BTreeMap, time::Duration};

use proptest::prelude::*;

use crate::{
    generator::{
        author::Spent,
        claude::{Costs, Usage},
    },
    sandbox::Lease,
    session::{
        HostFate, Rejected,
        effect::Effect,
        history::{Mender, Repair, Trial},
        inspection::Inspection,
        machine::transition,
        recover,
        signal::{Command, Outcome, Running, Signal},
        state::{Attempt, Session, Spec, State},
    },
    types::{
        AppType, Category, Egress, Failure, MicroUsd, Origin, Phase, Port, Rates, Reach, SandboxId, SandboxSize,
        Secret, SessionId, Slug, Timestamp, UserId,
    },
};

const SIZE: SandboxSize = SandboxSize { vcpus: 1, memory_mib: 512 };

pub fn spec(budget: i64) -> Spec {
    Spec {
        id: SessionId::from_uuid(uuid::Uuid::from_u128(7)),
        user: UserId::anonymous(),
        slug: Slug::from_prompt("todo", [0; 10]),
        app_url: "https://todo.localhost:8443".to_owned(),
        prompt: "todo".to_owned(),
        app_type: AppType::Webapp,
        created_at: Timestamp(1_000_000),
        lifetime_max: Duration::from_secs(3600),
        budget: MicroUsd(budget),
        size: SIZE,
        rates: Rates::default(),
        words: None,
    }
}

pub fn origin() -> Origin {
    Origin { generator: "built-in".into(), template: "todo".into(), match_percent: 90, note: "note".into() }
}

pub fn repair() -> Repair {
    let failure = Failure::new("x", Category::System, "it failed");
    Repair { by: Mender::Rule, did: "mended it".to_owned(), failure, tokens: 0 }
}

pub fn trial() -> Trial {
    Trial { generator: "claude".to_owned(), prompt: Some("full".to_owned()), ..Trial::of(&origin()) }
}

pub fn answer() -> Spent {
    let costs = Costs { output: MicroUsd(40), ..Costs::default() };
    Spent { model: "claude-x".to_owned(), usage: Usage::default(), costs, priced: "2026-11-01".to_owned() }
}

/// What the world may do next. Attempts and sandboxes are chosen when it happens.
#[derive(Clone, Debug)]
pub enum Happening {
    Begun,
    Generated(bool),
    Acquired(bool),
    Progress(Phase),
    Deployed(Result<(), bool>),
    Mended,
    Inspected(bool),
    Cleared,
    Deadline,
    AppEnded {
        ours: bool,
    },
    Released,
    Meter,
    /// A bill with so many answers, and whether it is the last.
    Spent(usize, bool),
    Destroy,
    Extend(u64),
    Recover(HostFate),
    Wait(u64),
    /// The same happening, but with an attempt of the past.
    Stale(Box<Happening>),
}

pub fn happening() -> impl Strategy<Value = Happening> {
    let fresh = prop_oneof![
        4 => Just(Happening::Begun),
        4 => prop::bool::weighted(0.9).prop_map(Happening::Generated),
        6 => prop::bool::weighted(0.9).prop_map(Happening::Acquired),
        2 => prop::sample::select(vec![Phase::Inspecting, Phase::Uploading, Phase::Starting, Phase::Checking])
            .prop_map(Happening::Progress),
        6 => prop_oneof![8 => Just(Ok(())), 1 => Just(Err(true)), 1 => Just(Err(false))].prop_map(Happening::Deployed),
        1 => Just(Happening::Mended),
        2 => any::<bool>().prop_map(Happening::Inspected),
        1 => Just(Happening::Cleared),
        2 => Just(Happening::Deadline),
        2 => any::<bool>().prop_map(|ours| Happening::AppEnded { ours }),
        4 => Just(Happening::Released),
        2 => Just(Happening::Meter),
        3 => (0..6usize, any::<bool>()).prop_map(|(answers, last)| Happening::Spent(answers, last)),
        1 => Just(Happening::Destroy),
        2 => (1..7200u64).prop_map(Happening::Extend),
        1 => prop::sample::select(vec![HostFate::Lost, HostFate::Survived]).prop_map(Happening::Recover),
        3 => (1..600_000u64).prop_map(Happening::Wait),
    ];
    fresh.prop_flat_map(|fresh| prop_oneof![4 => Just(fresh.clone()), 1 => Just(Happening::Stale(Box::new(fresh)))])
}

/// The world around one session: it brings sandboxes, and counts what becomes of them.
pub struct World {
    pub session: Session,
    pub now: Timestamp,
    alarm: Option<(Attempt, Timestamp)>,
    next_sandbox: u64,
    /// Every sandbox ever acquired, with how often it was asked to be released.
    sandboxes: BTreeMap<SandboxId, u32>,
    /// Those that went down with their host.
    lost: Vec<SandboxId>,
}

impl World {
    pub fn new(budget: i64, lifetime: u64) -> Self {
        let (session, effects) = Session::create(spec(budget), Duration::from_secs(lifetime));
        let now = session.spec.created_at;
        let mut world =
            Self { session, now, alarm: None, next_sandbox: 0, sandboxes: BTreeMap::new(), lost: Vec::new() };
        world.note(&effects);
        world
    }

    fn lease(&mut self) -> Lease {
        self.next_sandbox += 1;
        let sandbox: SandboxId = format!("sbx{}", self.next_sandbox).parse().unwrap();
        self.sandboxes.insert(sandbox.clone(), 0);
        Lease { sandbox, access_token: Secret::new(String::new()), size: SIZE, started_at: self.now }
    }

    fn signal(&mut self, happening: Happening) -> Option<(Signal, bool)> {
        let (happening, stale) = match happening {
            Happening::Stale(inner) => (*inner, true),
            fresh => (fresh, false),
        };
        let asked = match (&happening, &self.session.state) {
            (Happening::Acquired(_), State::Acquiring { asked, .. }) => asked.attempt,
            (_, _) => self.session.attempt,
        };
        let attempt = if stale { Attempt(asked.0 - 1) } else { asked };
        let failure = |retryable| Failure { retryable, ..Failure::new("x", Category::System, "it failed") };
        let outcome = |outcome| Signal::Outcome { attempt, outcome };
        let signal = match happening {
            Happening::Begun => outcome(Outcome::Begun),
            Happening::Generated(ok) => outcome(Outcome::Generated(ok.then(origin).ok_or_else(|| failure(false)))),
            Happening::Acquired(true) => outcome(Outcome::Acquired(Ok(self.lease()))),
            Happening::Acquired(false) => outcome(Outcome::Acquired(Err(failure(true)))),
            Happening::Progress(phase) => outcome(Outcome::Progress(phase)),
            Happening::Deployed(Ok(())) => {
                outcome(Outcome::Deployed(Ok(Running { port: Port::new(3000).unwrap(), pid: 7 })))
            }
            Happening::Deployed(Err(retryable)) => outcome(Outcome::Deployed(Err(failure(retryable)))),
            Happening::Mended => outcome(Outcome::Mended { failure: failure(false), repair: repair() }),
            Happening::Inspected(blocked) => {
                let run = Reach::Hosts(vec!["api.example".to_owned()]);
                let egress = Egress { run, ..Egress::default() };
                outcome(Outcome::Inspected(Box::new(Inspection { blocked, egress, ..Inspection::default() })))
            }
            Happening::Cleared => outcome(Outcome::Cleared(repair())),
            Happening::Deadline => {
                // An alarm rings when it is due, not before.
                let (armed, at) = self.alarm?;
                self.now = self.now.max(at);
                return Some((Signal::Deadline { attempt: if stale { attempt } else { armed } }, stale));
            }
            Happening::AppEnded { ours } => {
                let held = self.session.lease().map(|lease| lease.sandbox.clone()).filter(|_| ours);
                let fate = held.is_none();
                let sandbox = held.unwrap_or_else(|| "elsewhere".parse().unwrap());
                return Some((Signal::AppEnded { sandbox, how: Some("exit code 1".to_owned()) }, fate));
            }
            Happening::Released => Signal::Released { sandbox: self.session.releasing.first()?.clone(), used: None },
            Happening::Meter => Signal::Meter,
            Happening::Spent(answers, last) => {
                Signal::Spent { answers: vec![answer(); answers], trials: vec![trial(); answers], last }
            }
            Happening::Destroy => Signal::Command(Command::Destroy),
            Happening::Extend(seconds) => Signal::Command(Command::Extend { by: Duration::from_secs(seconds) }),
            Happening::Wait(_) | Happening::Recover(_) | Happening::Stale(_) => return None,
        };
        let fenced = matches!(signal, Signal::Outcome { .. });
        Some((signal, stale && fenced))
    }

    fn note(&mut self, effects: &[Effect]) {
        for effect in effects {
            match effect {
                Effect::Alarm { attempt, at } => self.alarm = Some((*attempt, *at)),
                Effect::Release { sandbox } => *self.sandboxes.get_mut(sandbox).unwrap() += 1,
                _ => {}
            }
        }
    }

    pub fn step(&mut self, happening: Happening) -> Result<(), TestCaseError> {
        if let Happening::Wait(millis) = happening {
            self.now = self.now + Duration::from_millis(millis);
            return Ok(());
        }
        let before = self.session.clone();
        let effects = if let Happening::Recover(host) = happening {
            self.recover(host)
        } else {
            let Some((signal, stale)) = self.signal(happening) else { return Ok(()) };
            let (next, effects) = match transition(&self.session, signal, self.now) {
                Ok(decided) => decided,
                Err(Rejected::Over(_)) if before.is_over() => return Ok(()),
                Err(Rejected::LifetimeExceeded(_) | Rejected::OverBudget { .. }) => return Ok(()),
                Err(other) => return Err(TestCaseError::fail(format!("rejected: {other}"))),
            };
            if stale {
                prop_assert_eq!(&next.state, &before.state, "a stale signal changed the state");
                prop_assert_eq!(next.attempt, before.attempt);
            }
            self.session = next;
            effects
        };
        self.note(&effects);
        self.check(&before, &effects)
    }

    fn recover(&mut self, host: HostFate) -> Vec<Effect> {
        if host == HostFate::Lost {
            self.lost.extend(self.session.releasing.iter().cloned());
            self.lost.extend(self.session.lease().map(|lease| lease.sandbox.clone()));
        } else {
            // The first asking went down with the actor: asking again is not releasing twice.
            for sandbox in &self.session.releasing {
                *self.sandboxes.get_mut(sandbox).unwrap() = 0;
            }
        }
        let (next, effects) = recover(&self.session, host, self.now);
        self.session = next;
        effects
    }

    fn check(&self, before: &Session, effects: &[Effect]) -> Result<(), TestCaseError> {
        let session = &self.session;
        // Every open state has a deadline, and an alarm that is set for it.
        if session.is_over() {
            prop_assert_eq!(session.due(), None);
        } else {
            let due = session.due().expect("an open state has a deadline");
            let (attempt, at) = self.alarm.expect("an alarm is set");
            prop_assert_eq!(attempt, session.attempt);
            prop_assert!(at <= due, "the alarm rings in time");
        }
        // One publication per entry.
        let entries = session.attempt.0 - before.attempt.0;
        let publications = effects.iter().filter(|effect| matches!(effect, Effect::Publish(_))).count() as u64;
        prop_assert!(entries <= 1, "one signal, at most one entry");
        prop_assert!(publications >= entries && publications <= 1, "{publications} publications, {entries} entries");
        // Every sandbox is held, or was released exactly once, or died with its host.
        let held = session.lease().map(|lease| &lease.sandbox);
        for (sandbox, releases) in &self.sandboxes {
            let gone = *releases == 1 || (*releases == 0 && self.lost.contains(sandbox));
            let kept = *releases == 0 && held == Some(sandbox);
            prop_assert!(gone != kept, "{sandbox}: released {releases} times, held: {kept}");
        }
        // Money never goes back, and the budget is a ceiling (up to the moment the alarm rings).
        prop_assert!(session.past_cost >= before.past_cost);
        // Every answer is charged once, when it becomes known.
        let charged = effects.iter().map(|effect| match effect {
            Effect::ChargeAnswers(answers) => answers.len(),
            _ => 0,
        });
        prop_assert_eq!(charged.sum::<usize>(), session.answers.len() - before.answers.len());
        // What is over stays as it was.
        if before.is_over() {
            prop_assert_eq!(&session.state, &before.state, "an ended session came back");
        }
        Ok(())
    }
}
