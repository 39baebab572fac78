//! The pool's promises, against a host that is played: it may answer late, in any order, and say no.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    time::Duration,
};

use proptest::prelude::*;
use uuid::Uuid;

use super::{
    event::{Effect, Event, Limits, StartId, WaiterId},
    state::{State, WARM_LIFETIME},
};
use crate::{
    sandbox::{Lease, SandboxError},
    types::{SandboxId, SandboxSize, Secret, SessionId, Timestamp},
};

const LIFETIME: Duration = Duration::from_secs(3600);
const WAIT: Duration = Duration::from_secs(30);

fn session(number: u64) -> SessionId {
    SessionId::from_uuid(Uuid::from_u128(number.into()))
}

fn lease(sandbox: &SandboxId) -> Lease {
    let size = SandboxSize { vcpus: 1, memory_mib: 1 };
    Lease { sandbox: sandbox.clone(), access_token: Secret::new(String::new()), size, started_at: Timestamp(0) }
}

fn cut() -> SandboxError {
    SandboxError::Cut { doing: "testing", cause: String::new() }
}

fn refused() -> SandboxError {
    SandboxError::Refused { status: 400, message: String::new() }
}

fn gone() -> SandboxError {
    SandboxError::NotFound { message: String::new() }
}

/// The world around the state: what the host has, what is under way, who was told what.
struct World {
    state: State,
    now: Timestamp,
    starts_max: usize,
    made: u64,
    /// With the time at which the host ends it by itself.
    live: BTreeMap<SandboxId, Timestamp>,
    /// Delivered, and not asked back yet.
    held: Vec<SandboxId>,
    delivered: BTreeMap<SandboxId, usize>,
    killed: BTreeMap<SandboxId, usize>,
    calls: VecDeque<Effect>,
    asked: u64,
    answered: BTreeMap<WaiterId, usize>,
    order: Vec<WaiterId>,
    gave_up: BTreeSet<WaiterId>,
    drained: bool,
    /// Of an earlier engine, and nobody's.
    strangers: BTreeSet<SandboxId>,
}

impl World {
    fn new(warm: usize, starts_max: usize) -> Self {
        let mut world = Self {
            state: State::new(Limits { warm, starts_max, waiting_max: 8, wait: WAIT }),
            now: Timestamp(0),
            starts_max,
            made: 0,
            live: BTreeMap::new(),
            held: Vec::new(),
            delivered: BTreeMap::new(),
            killed: BTreeMap::new(),
            calls: VecDeque::new(),
            asked: 0,
            answered: BTreeMap::new(),
            order: Vec::new(),
            gave_up: BTreeSet::new(),
            drained: false,
            strangers: BTreeSet::new(),
        };
        world.tell(Event::Tick);
        world
    }

    fn tell(&mut self, event: Event) {
        let mut events = VecDeque::from([event]);
        while let Some(event) = events.pop_front() {
            for effect in self.state.on(event, self.now) {
                match effect {
                    Effect::Deliver { waiter, lease } if self.gave_up.contains(&waiter) => {
                        *self.answered.entry(waiter).or_default() += 1;
                        events.push_back(Event::Release { sandbox: lease.sandbox });
                    }
                    Effect::Deliver { waiter, lease } => {
                        assert_eq!(lease.started_at, self.now, "charged from the moment of the hand-out");
                        *self.answered.entry(waiter).or_default() += 1;
                        *self.delivered.entry(lease.sandbox.clone()).or_default() += 1;
                        self.order.push(waiter);
                        self.held.push(lease.sandbox);
                    }
                    Effect::Refuse { waiter, .. } => *self.answered.entry(waiter).or_default() += 1,
                    Effect::Settled { .. } => {}
                    Effect::List => {
                        let sandboxes = Some(self.live.keys().chain(&self.strangers).cloned().collect());
                        events.push_back(Event::Listed { sandboxes });
                    }
                    Effect::Drained => {
                        let stats = self.state.stats();
                        assert_eq!((stats.warm, stats.starting), (0, 0), "drained means that nothing is kept");
                        self.drained = true;
                    }
                    call @ (Effect::Create { .. } | Effect::SetTimeout { .. } | Effect::Kill { .. }) => {
                        self.calls.push_back(call);
                    }
                }
            }
        }
        let stats = self.state.stats();
        assert!(stats.starting <= self.starts_max);
        assert!(self.state.next_wake(self.now).is_none_or(|at| at > self.now), "an alarm in the past would spin");
        let known = stats.warm + stats.leased + stats.releasing;
        assert!(self.live.len() <= known, "every live sandbox is known: {} live, {known} known", self.live.len());
    }

    fn acquire(&mut self) -> WaiterId {
        self.asked += 1;
        let waiter = WaiterId(self.asked);
        self.tell(Event::Acquire { waiter, session: session(self.asked), lifetime: LIFETIME });
        waiter
    }

    /// Lets the call at `index` end; `luck` decides how.
    fn finish(&mut self, index: usize, luck: u8) {
        if self.calls.is_empty() {
            return;
        }
        let call = self.calls.remove(index % self.calls.len()).unwrap();
        match call {
            Effect::Create { start } => self.create(start, luck),
            Effect::SetTimeout { sandbox, lifetime } => {
                let result = match luck {
                    // Carried out, and the answer is lost.
                    0 => {
                        self.live.entry(sandbox.clone()).and_modify(|end| *end = self.now + lifetime);
                        Err(cut())
                    }
                    1 => Err(refused()),
                    2 => {
                        self.live.remove(&sandbox);
                        Err(gone())
                    }
                    _ => self.live.get_mut(&sandbox).map(|end| *end = self.now + lifetime).ok_or_else(gone),
                };
                self.tell(Event::TimeoutSet { sandbox, result });
            }
            Effect::Kill { sandbox } => {
                let result = if luck < 2 { Err(cut()) } else { Ok(()) };
                if result.is_ok() {
                    self.strangers.remove(&sandbox);
                }
                if result.is_ok() && self.live.remove(&sandbox).is_some() {
                    *self.killed.entry(sandbox.clone()).or_default() += 1;
                }
                self.tell(Event::Killed { sandbox, result });
            }
            other => panic!("not a call: {other:?}"),
        }
    }

    fn create(&mut self, start: StartId, luck: u8) {
        match luck {
            0 => self.tell(Event::CreateFailed { start, error: cut() }),
            1 => self.tell(Event::CreateFailed { start, error: refused() }),
            _ => {
                self.made += 1;
                let sandbox: SandboxId = format!("s{}", self.made).parse().unwrap();
                self.live.insert(sandbox.clone(), self.now + WARM_LIFETIME);
                self.tell(Event::Created { start, lease: lease(&sandbox) });
            }
        }
    }

    fn release(&mut self, index: usize) {
        if !self.held.is_empty() {
            let sandbox = self.held.remove(index % self.held.len());
            self.tell(Event::Release { sandbox });
        }
    }

    fn pass(&mut self, time: Duration) {
        self.wait_until(self.now + time);
    }

    fn wait_until(&mut self, at: Timestamp) {
        self.now = at;
        self.live.retain(|_, end| *end > at);
        self.tell(Event::Tick);
    }

    /// Everything under way ends well, and the clock goes on as far as anything is due within `horizon`.
    fn settle(&mut self, horizon: Duration) {
        let end = self.now + horizon;
        for _ in 0..10_000 {
            if !self.calls.is_empty() {
                self.finish(0, u8::MAX);
            } else if let Some(at) = self.state.next_wake(self.now).filter(|at| *at <= end) {
                self.wait_until(at);
            } else {
                return;
            }
        }
        panic!("the pool never comes to rest");
    }
}

#[derive(Clone, Debug)]
enum Op {
    Acquire,
    GiveUp(u64),
    Finish(usize, u8),
    Release(usize),
    Pass(u64),
    Stranger(u64),
    Drain,
}

fn ops() -> impl Strategy<Value = Vec<Op>> {
    let op = prop_oneof![
        6 => Just(Op::Acquire),
        1 => any::<u64>().prop_map(Op::GiveUp),
        12 => (any::<usize>(), 0u8..12).prop_map(|(index, luck)| Op::Finish(index, luck)),
        4 => any::<usize>().prop_map(Op::Release),
        3 => (1u64..400_000).prop_map(Op::Pass),
        1 => any::<u64>().prop_map(Op::Stranger),
        1 => prop::bool::weighted(0.1).prop_map(|drain| if drain { Op::Drain } else { Op::Pass(10) }),
    ];
    prop::collection::vec(op, 0..120)
}

proptest! {
    #[test]
    fn every_sandbox_is_handed_out_or_released_once_and_drain_leaves_nothing(
        warm in 0usize..4, starts_max in 1usize..4, ops in ops(),
    ) {
        let mut world = World::new(warm, starts_max);
        for op in ops {
            match op {
                Op::Acquire => { world.acquire(); }
                Op::GiveUp(which) if world.asked > 0 => {
                    let waiter = WaiterId(which % world.asked + 1);
                    if !world.answered.contains_key(&waiter) {
                        world.gave_up.insert(waiter);
                        // Half of them are noticed while they wait, the others only at the delivery.
                        if which % 2 == 0 { world.tell(Event::GaveUp { waiter }); }
                    }
                }
                Op::GiveUp(_) => {}
                Op::Finish(index, luck) => world.finish(index, luck),
                Op::Release(index) => world.release(index),
                Op::Pass(millis) => world.pass(Duration::from_millis(millis)),
                Op::Stranger(number) => { world.strangers.insert(format!("x{number}").parse().unwrap()); }
                Op::Drain => world.tell(Event::Drain),
            }
        }
        if !world.state.stats().draining {
            world.settle(Duration::from_secs(300));
            prop_assert!(world.strangers.is_empty(), "nobody's: {:?}", world.strangers);
        }
        while !world.held.is_empty() {
            world.release(0);
        }
        // A drain in the middle must have done for good.
        if !world.state.stats().draining {
            world.tell(Event::Drain);
        }
        world.settle(Duration::from_secs(3600));
        prop_assert!(world.drained && world.live.is_empty(), "left over: {:?}", world.live);
        let stats = world.state.stats();
        prop_assert_eq!((stats.warm, stats.starting, stats.leased, stats.releasing, stats.waiting), (0, 0, 0, 0, 0));
        prop_assert!(world.delivered.values().chain(world.killed.values()).all(|times| *times == 1));
        for waiter in (1..=world.asked).map(WaiterId) {
            let times = world.answered.get(&waiter).copied().unwrap_or(0);
            prop_assert!(times == 1 || (times == 0 && world.gave_up.contains(&waiter)), "{waiter:?} was answered {times} times");
        }
    }

    #[test]
    fn askers_are_served_in_their_order_and_all_of_them(warm in 0usize..4, starts_max in 1usize..4, gaps in prop::collection::vec(0u64..3_000, 1..9)) {
        let mut world = World::new(warm, starts_max);
        for gap in gaps {
            world.acquire();
            world.pass(Duration::from_millis(gap));
            // Late answers, oldest first: the queue builds up in between.
            world.finish(0, u8::MAX);
        }
        world.settle(WAIT);
        prop_assert_eq!(world.order, (1..=world.asked).map(WaiterId).collect::<Vec<_>>());
    }
}

#[test]
fn a_warm_place_is_refilled_a_second_after_it_was_taken_and_not_before() {
    let mut world = World::new(1, 2);
    world.settle(Duration::ZERO);
    world.acquire();
    world.finish(0, u8::MAX);
    assert_eq!((world.held.len(), world.state.stats().starting), (1, 0));
    world.pass(Duration::from_millis(999));
    assert_eq!(world.state.stats().starting, 0);
    world.pass(Duration::from_millis(1));
    assert_eq!(world.state.stats().starting, 1);
}

#[test]
fn a_steady_stream_of_askers_does_not_put_the_refill_off() {
    let mut world = World::new(2, 1);
    world.settle(Duration::from_secs(1));
    world.acquire();
    world.pass(Duration::from_millis(900));
    world.acquire();
    world.pass(Duration::from_millis(100));
    assert_eq!(world.state.stats().starting, 1);
}

#[test]
fn a_warm_sandbox_is_renewed_before_it_expires_and_replaced_when_it_is_gone() {
    let mut world = World::new(1, 1);
    world.settle(Duration::ZERO);
    world.pass(WARM_LIFETIME / 2);
    let renewal = world.calls.front().cloned().unwrap();
    assert_eq!(renewal, Effect::SetTimeout { sandbox: "s1".parse().unwrap(), lifetime: WARM_LIFETIME });
    world.finish(0, 2);
    assert_eq!((world.state.stats().lost_total, world.state.stats().starting), (1, 1));
}

#[test]
fn an_asker_whose_sandbox_died_gets_the_next_one() {
    let mut world = World::new(1, 1);
    world.settle(Duration::ZERO);
    world.acquire();
    world.finish(0, 2);
    world.settle(Duration::ZERO);
    assert_eq!(world.held, ["s2".parse::<SandboxId>().unwrap()]);
}

#[test]
fn a_session_that_asks_again_gives_back_what_it_had() {
    let mut world = World::new(0, 1);
    for waiter in [1, 2] {
        let waiter = WaiterId(waiter);
        world.tell(Event::Acquire { waiter, session: session(7), lifetime: LIFETIME });
        world.settle(Duration::from_secs(1));
    }
    assert_eq!((world.held.len(), world.state.stats().leased), (2, 1));
    assert_eq!(world.live.keys().map(SandboxId::as_str).collect::<Vec<_>>(), ["s2"]);
}

#[test]
fn a_hand_out_that_comes_late_takes_nothing_from_its_session() {
    let mut world = World::new(2, 2);
    world.settle(Duration::ZERO);
    for waiter in [1, 2] {
        // The first asker has died, and was built anew as the second.
        world.tell(Event::Acquire { waiter: WaiterId(waiter), session: session(7), lifetime: LIFETIME });
    }
    world.gave_up.insert(WaiterId(1));
    world.finish(1, u8::MAX);
    let kept = world.held.clone();
    // A pool hears now and then whose a sandbox is.
    let claimed = Event::Claimed { sandbox: kept[0].clone(), session: session(7), lifetime: LIFETIME };
    world.tell(claimed);
    world.settle(Duration::ZERO);
    assert_eq!((world.held.clone(), world.state.stats().leased), (kept.clone(), 1));
    assert!(world.live.contains_key(&kept[0]));
}

#[test]
fn a_rate_limit_that_outlasts_the_wait_is_told_at_once() {
    let mut world = World::new(0, 1);
    let waiter = world.acquire();
    let error = SandboxError::RateLimited { message: String::new(), retry_after: Some(WAIT * 2) };
    world.calls.clear();
    let told = world.state.on(Event::CreateFailed { start: StartId(1), error: error.clone() }, world.now);
    assert_eq!(told, [Effect::Refuse { waiter, error }]);
}

#[test]
fn an_asker_past_the_queues_bound_is_refused() {
    let mut world = World::new(0, 1);
    for _ in 0..8 {
        world.acquire();
    }
    let told =
        world.state.on(Event::Acquire { waiter: WaiterId(9), session: session(9), lifetime: LIFETIME }, world.now);
    assert_eq!(told, [Effect::Refuse { waiter: WaiterId(9), error: SandboxError::QueueFull { waiting: 8 } }]);
}
