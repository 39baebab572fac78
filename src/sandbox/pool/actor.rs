//! The shell around [`State`]: mailbox, clock, calls, and nothing decided.
//!
//! Every call to the host is a future of this actor's context, so it ends with the actor. Should the actor die in the
//! middle of a creation, the sandbox lives on for [`WARM_LIFETIME`] at most and bears the engine's name in its metadata.

use std::{
    cell::RefCell,
    collections::{BTreeMap, HashMap},
    future::Future,
    rc::Rc,
    time::Duration,
};

use actix::{
    Actor, ActorFutureExt as _, AsyncContext as _, Context, Handler, MessageResult, ResponseActFuture, SpawnHandle,
    WrapFuture as _,
    dev::{MessageResponse, OneshotSender},
};
use backon::{ExponentialBuilder, Retryable as _};
use tokio::sync::oneshot;
use tracing::{debug, warn};

use super::{
    Acquire, Claim, Drain, Release, SetTimeout, Stats,
    event::{Effect, Event, Limits, WaiterId},
    state::{State, WARM_LIFETIME},
};
use crate::{
    sandbox::{Client, Config, CreateRequest, Lease, SandboxError},
    supervisor::{Life, Post},
    types::{SandboxId, Timestamp},
};

const MAILBOX: usize = 256;
const TIMEOUT_TRIES: usize = 3;
/// The key in a sandbox's metadata under which the engine that made it is named.
const INSTANCE: &str = "spawnai";

type Outcome = Result<Handed, SandboxError>;

/// Keeps sandboxes warm, hands them out, takes them back. Start it on the arbiter of its [`Client`].
pub struct Pool {
    state: State,
    client: Client,
    request: CreateRequest,
    waiters: HashMap<WaiterId, Pending>,
    last_waiter: u64,
    releases: HashMap<SandboxId, Vec<oneshot::Sender<Result<(), SandboxError>>>>,
    drains: Vec<oneshot::Sender<()>>,
    alarm: Option<SpawnHandle>,
    life: Life<Self>,
}

impl Pool {
    #[must_use]
    pub fn new(config: &Config, client: Client, life: Life<Self>) -> Self {
        let limits = Limits {
            warm: config.warm,
            starts_max: config.starts_max,
            waiting_max: config.waiting_max,
            wait: config.wait,
        };
        let request = CreateRequest {
            template: config.template.clone(),
            size: config.size,
            lifetime: WARM_LIFETIME,
            metadata: BTreeMap::from([(INSTANCE.to_owned(), config.instance.clone())]),
            // What an app may reach is known once its code is: the deployment opens the way then.
            internet: false,
        };
        Self {
            state: State::new(limits),
            client,
            request,
            waiters: HashMap::new(),
            last_waiter: 0,
            releases: HashMap::new(),
            drains: Vec::new(),
            alarm: None,
            life,
        }
    }

    fn apply(&mut self, event: Event, ctx: &mut Context<Self>) {
        let now = Timestamp::now();
        for effect in self.state.on(event, now) {
            self.perform(effect, ctx);
        }
        self.set_alarm(now, ctx);
    }

    /// Before a sandbox is given to whoever is first in the queue: those who went away do not count.
    fn forget_the_gone(&mut self, ctx: &mut Context<Self>) {
        let gone: Vec<_> = self.waiters.iter().filter(|(_, asker)| asker.is_gone()).map(|(id, _)| *id).collect();
        for waiter in gone {
            // One that is being served already is given to nobody then, and comes back.
            self.waiters.remove(&waiter);
            self.apply(Event::GaveUp { waiter }, ctx);
        }
    }

    fn perform(&mut self, effect: Effect, ctx: &mut Context<Self>) {
        let client = self.client.clone();
        match effect {
            Effect::Create { start } => {
                let request = self.request.clone();
                self.call(ctx, async move { client.create(&request).await }, move |created| match created {
                    Ok(lease) => {
                        debug!(sandbox = %lease.sandbox, "sandbox created");
                        Event::Created { start, lease }
                    }
                    Err(error) => {
                        warn!(%error, "a sandbox could not be created");
                        Event::CreateFailed { start, error }
                    }
                });
            }
            Effect::SetTimeout { sandbox, lifetime } => {
                let target = sandbox.clone();
                let call = async move { set_timeout(&client, &target, lifetime).await };
                self.call(ctx, call, move |result| Event::TimeoutSet { sandbox, result });
            }
            Effect::Kill { sandbox } => {
                let target = sandbox.clone();
                self.call(ctx, async move { client.kill(&target).await }, move |result| {
                    if let Err(error) = &result {
                        warn!(%sandbox, %error, "a sandbox could not be released, trying again");
                    }
                    Event::Killed { sandbox, result }
                });
            }
            Effect::Deliver { waiter, lease } => {
                let handed = Handed { lease: Some(lease), pool: self.life.post().clone() };
                // Nobody there to take it: it falls, and comes back as a release.
                if let Some(asker) = self.waiters.remove(&waiter) {
                    asker.answer(Ok(handed));
                }
            }
            Effect::Refuse { waiter, error } => {
                // Nobody there to hear it is no loss.
                if let Some(asker) = self.waiters.remove(&waiter) {
                    asker.answer(Err(error));
                }
            }
            Effect::Settled { sandbox, result } => {
                for asker in self.releases.remove(&sandbox).into_iter().flatten() {
                    drop(asker.send(result.clone()));
                }
            }
            Effect::List => {
                let ours = self.request.metadata.clone();
                self.call(ctx, async move { client.list(&ours).await }, |listed| {
                    let sandboxes = listed.inspect_err(|error| debug!(%error, "sandboxes could not be listed")).ok();
                    let sandboxes = sandboxes.map(|all| all.into_iter().map(|info| info.sandbox).collect());
                    Event::Listed { sandboxes }
                });
            }
            Effect::Drained => {
                for asker in self.drains.drain(..) {
                    // Who no longer waits for the drain needs no answer.
                    asker.send(()).ok();
                }
            }
        }
    }

    fn call<T: 'static>(
        &self,
        ctx: &mut Context<Self>,
        call: impl Future<Output = T> + 'static,
        event: impl FnOnce(T) -> Event + 'static,
    ) {
        ctx.spawn(call.into_actor(self).map(move |result, pool: &mut Self, ctx| {
            pool.life.reached("Answer");
            pool.forget_the_gone(ctx);
            pool.apply(event(result), ctx);
        }));
    }

    fn set_alarm(&mut self, now: Timestamp, ctx: &mut Context<Self>) {
        if let Some(alarm) = self.alarm.take() {
            ctx.cancel_future(alarm);
        }
        self.alarm = self.state.next_wake(now).map(|at| {
            ctx.run_later(at.until(now).max(Duration::from_millis(1)), |pool, ctx| {
                pool.life.reached("Tick");
                pool.alarm = None;
                pool.apply(Event::Tick, ctx);
            })
        });
    }
}

impl Actor for Pool {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Context<Self>) {
        ctx.set_mailbox_capacity(MAILBOX);
        self.life.begin(ctx.address());
        self.apply(Event::Tick, ctx);
    }
}

impl Handler<Acquire> for Pool {
    type Result = Pending;

    fn handle(&mut self, Acquire { session, lifetime }: Acquire, ctx: &mut Context<Self>) -> Pending {
        self.life.handling("Acquire");
        self.last_waiter += 1;
        let (waiter, pending) = (WaiterId(self.last_waiter), Pending::default());
        self.waiters.insert(waiter, pending.clone());
        self.apply(Event::Acquire { waiter, session, lifetime }, ctx);
        pending
    }
}

// What is answered later is answered by futures of the context, which go with the pool: who asks then hears that nobody
// answered, and asks the next one.

impl Handler<Release> for Pool {
    type Result = ResponseActFuture<Self, Result<(), SandboxError>>;

    fn handle(&mut self, Release { sandbox }: Release, ctx: &mut Context<Self>) -> Self::Result {
        self.life.handling("Release");
        let (asker, answer) = oneshot::channel();
        self.releases.entry(sandbox.clone()).or_default().push(asker);
        self.apply(Event::Release { sandbox }, ctx);
        Box::pin(async move { answer.await.unwrap_or(Err(SandboxError::Draining)) }.into_actor(self))
    }
}

impl Handler<SetTimeout> for Pool {
    type Result = ResponseActFuture<Self, Result<(), SandboxError>>;

    fn handle(&mut self, SetTimeout { sandbox, lifetime }: SetTimeout, ctx: &mut Context<Self>) -> Self::Result {
        self.life.handling("SetTimeout");
        let (asker, answer) = oneshot::channel();
        let (client, target) = (self.client.clone(), sandbox.clone());
        let call = async move { set_timeout(&client, &target, lifetime).await };
        ctx.spawn(call.into_actor(self).map(move |result, pool: &mut Self, ctx| {
            if result.is_ok() {
                pool.apply(Event::Extended { sandbox, lifetime }, ctx);
            }
            drop(asker.send(result));
        }));
        Box::pin(async move { answer.await.unwrap_or(Err(SandboxError::Draining)) }.into_actor(self))
    }
}

/// Setting it twice is harmless, and cheaper than another sandbox.
async fn set_timeout(client: &Client, sandbox: &SandboxId, lifetime: Duration) -> Result<(), SandboxError> {
    let once = || client.set_timeout(sandbox, lifetime);
    let tries = ExponentialBuilder::default().with_min_delay(Duration::from_millis(100));
    once.retry(tries.with_max_times(TIMEOUT_TRIES - 1)).when(SandboxError::is_retryable).await
}

impl Handler<Claim> for Pool {
    type Result = ();

    fn handle(&mut self, Claim { session, sandbox, lifetime }: Claim, ctx: &mut Context<Self>) {
        self.life.handling("Claim");
        self.apply(Event::Claimed { sandbox, session, lifetime }, ctx);
    }
}

impl Handler<Stats> for Pool {
    type Result = MessageResult<Stats>;

    fn handle(&mut self, _: Stats, _: &mut Context<Self>) -> MessageResult<Stats> {
        self.life.handling("Stats");
        MessageResult::<Stats>(self.state.stats())
    }
}

impl Handler<Drain> for Pool {
    type Result = ResponseActFuture<Self, ()>;

    fn handle(&mut self, _: Drain, ctx: &mut Context<Self>) -> Self::Result {
        self.life.handling("Drain");
        let (asker, answer) = oneshot::channel();
        self.drains.push(asker);
        self.apply(Event::Drain, ctx);
        Box::pin(async move { answer.await.unwrap_or(()) }.into_actor(self))
    }
}

/// A lease on its way to whoever asked. An asker that ends between the hand-out and the taking would leave a sandbox
/// without an owner: one that is dropped untaken goes back to its pool.
#[derive(Debug)]
pub struct Handed {
    lease: Option<Lease>,
    pool: Post<Pool>,
}

impl Handed {
    /// From here on the sandbox is the caller's to give back.
    #[must_use]
    pub fn take(mut self) -> Lease {
        self.lease.take().unwrap_or_else(|| unreachable!("taken by value, and so only once"))
    }
}

impl Drop for Handed {
    fn drop(&mut self) {
        if let Some(lease) = self.lease.take() {
            // One for each acquisition; a lost one would be a leak.
            self.pool.tell(Release { sandbox: lease.sandbox });
        }
    }
}

/// The answer to an [`Acquire`] that is not there yet.
///
/// Not a future: actix would go on polling it after the asker went away, and the next in the queue would wait longer
/// than need be. This keeps the asker's own channel, which tells when nobody listens any more.
#[derive(Clone, Default)]
pub struct Pending(Rc<RefCell<Asker>>);

#[derive(Default)]
enum Asker {
    /// actix hands the channel over after the handler has returned.
    #[default]
    Expected,
    Listening(OneshotSender<Outcome>),
    /// Refused inside of the handler.
    Early(Outcome),
    Done,
}

impl Pending {
    fn is_gone(&self) -> bool {
        match &*self.0.borrow() {
            Asker::Expected | Asker::Early(_) => false,
            Asker::Listening(asker) => asker.is_closed(),
            Asker::Done => true,
        }
    }

    fn answer(&self, outcome: Outcome) {
        let mut asker = self.0.borrow_mut();
        match std::mem::replace(&mut *asker, Asker::Done) {
            Asker::Listening(listener) => drop(listener.send(outcome)),
            Asker::Expected => *asker = Asker::Early(outcome),
            Asker::Early(_) | Asker::Done => {}
        }
    }
}

impl MessageResponse<Pool, Acquire> for Pending {
    fn handle(self, _: &mut Context<Pool>, channel: Option<OneshotSender<Outcome>>) {
        let mut asker = self.0.borrow_mut();
        *asker = match (std::mem::take(&mut *asker), channel) {
            (Asker::Early(outcome), Some(channel)) => {
                drop(channel.send(outcome));
                Asker::Done
            }
            (Asker::Expected, Some(channel)) => Asker::Listening(channel),
            (_, None) | (Asker::Listening(_) | Asker::Done, Some(_)) => Asker::Done,
        };
    }
}
