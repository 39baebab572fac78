//! The shell of the registry: sessions begin, end, and are built anew.

use std::{cell::Cell, collections::HashMap, rc::Rc, sync::Arc, time::Duration};

use actix::prelude::*;
use bytes::Bytes;
use tokio::sync::oneshot;
use tracing::{error, warn};

use super::{Accepted, Directory, Restarts, Spawn, SpawnError, Verdict, restore::read_session};
use crate::{
    ledger,
    session::{Effect, Exited, HostFate, Opening, Parts, Session, SessionActor, Spec, Words, give_up, recover},
    supervisor::{Life, Post},
    types::{Artifact, Category, Failure, MicroUsd, Plan, Rates, SandboxSize, SessionId, Slug, Timestamp},
};

/// Asks that wait for the registry.
const MAILBOX: usize = 1024;
/// How long until a store that was away is asked again for a session.
const STORE_AGAIN: Duration = Duration::from_secs(1);

/// After which a commit that nobody waits for any more is made, or never will be. Longer than the store gives any call.
const LATE_COMMIT: Duration = Duration::from_secs(20);

/// What the registry needs to know to start a session.
#[derive(Clone, Debug)]
pub struct Config {
    pub plan: Plan,
    /// How long a session lives when its request does not say.
    pub lifetime: Duration,
    /// What one session may cost in all.
    pub session_budget: MicroUsd,
    pub size: SandboxSize,
    pub rates: Rates,
    /// What follows the slug in an app's address: `localhost:8443`.
    pub public_authority: String,
}

impl Config {
    pub(super) fn app_url(&self, slug: &Slug) -> String {
        format!("https://{slug}.{}", self.public_authority)
    }
}

/// A session that is not over.
#[derive(Clone, Debug, Default)]
pub(super) struct Open {
    pub restarts: Restarts,
    /// An earlier engine started it.
    pub restored: bool,
    pub last_exit: Option<String>,
    pub since: Timestamp,
}

/// Owns all session actors.
pub struct Registry {
    pub(super) config: Config,
    pub(super) parts: Rc<Parts>,
    pub(super) directory: Directory,
    pub(super) open: HashMap<SessionId, Open>,
    pub(super) life: Life<Self>,
}

impl Registry {
    #[must_use]
    pub fn new(config: Config, parts: Rc<Parts>, directory: Directory, life: Life<Self>) -> Self {
        Self { config, parts, directory, open: HashMap::new(), life }
    }

    fn spec(&self, spawn: &Spawn, lifetime: Duration) -> Spec {
        let (now, id) = (Timestamp::now(), SessionId::generate());
        let slug = Slug::from_prompt(&spawn.prompt, entropy());
        let (size, rates) = (self.config.size, self.config.rates);
        Spec {
            id,
            user: spawn.user.clone(),
            app_url: self.config.app_url(&slug),
            slug,
            prompt: spawn.prompt.clone(),
            app_type: spawn.app_type,
            created_at: now,
            lifetime_max: self.config.plan.limits().lifetime,
            budget: self.config.session_budget,
            size,
            rates,
            words: self.words(&spawn.prompt, lifetime),
        }
    }

    /// What Claude's answers may cost: what is left of the budget when the sandbox's time is paid, if it takes so much.
    fn words(&self, prompt: &str, lifetime: Duration) -> Option<Words> {
        let Config { session_budget, size, rates, .. } = &self.config;
        let time = rates.total(*size, i64::try_from(lifetime.as_millis()).unwrap_or(i64::MAX));
        let author = self.parts.generators.author()?;
        Some(author.estimate(prompt.len()).within(*session_budget - time))
    }

    /// Starts the actor of a session, and puts it where it can be found.
    pub(super) fn start(
        &mut self,
        decided: (Session, Vec<Effect>),
        stored: Option<(i64, i64)>,
        artifact: Option<Arc<Artifact>>,
        stored_now: Option<oneshot::Sender<()>>,
    ) -> Bytes {
        let spec = &decided.0.spec;
        let (id, slug) = (spec.id, spec.slug.clone());
        let view = Bytes::from(serde_json::to_vec(&decided.0.view(Timestamp::now())).unwrap_or_default());
        let entry = self.directory.entry(id);
        entry.snapshot.store(Arc::new(view.clone()));
        let registry = self.life.post().clone();
        // Told and not asked: the registry may be in between two lives itself.
        let is_stored = Rc::new(Cell::new(stored.is_some()));
        let told = Rc::clone(&is_stored);
        let report = move |life, exit| registry.tell(Exited { session: id, slug, stored: told.get(), life, exit });
        let life = Life::new("session", &entry.post, report);
        self.open.entry(id).or_default().since = Timestamp::now();
        let opening = Opening {
            decided,
            stored,
            artifact,
            stored_now,
            is_stored,
            snapshot: entry.snapshot,
            audience: entry.audience,
            life,
        };
        SessionActor::new(opening, self.parts.clone()).start();
        view
    }

    /// A session is over, and nothing of it is left to do.
    fn forget(&mut self, id: SessionId, slug: Slug) {
        self.lose(id);
        self.parts.routes.retire(slug);
    }

    fn lose(&mut self, id: SessionId) {
        self.open.remove(&id);
        self.directory.remove(id);
        metrics::gauge!("spawnai_sessions_open").set(self.open.len() as f64);
    }

    /// Brings a session back from the store.
    pub(super) fn rebuild(&mut self, id: SessionId, doom: Option<Failure>, ctx: &mut Context<Self>) {
        let read = read_session(self.parts.clone(), id).into_actor(self);
        ctx.spawn(read.map(move |found, this, ctx| {
            if this.directory.is_draining() {
                return;
            }
            match found {
                Ok(Some(found)) => {
                    let now = Timestamp::now();
                    let charged = ledger::Charged { session: id, holds: None, charges: found.charges };
                    this.parts.ledger.tell(charged);
                    let decided = match doom {
                        None => recover(&found.kept.session, HostFate::Survived, now),
                        Some(failure) => give_up(&found.kept.session, failure, now),
                    };
                    this.start(decided, Some((found.revision, found.kept.seq)), found.artifact, None);
                }
                // Never stored, so never accepted: nothing is lost but the reservation.
                Ok(None) => {
                    this.parts.ledger.tell(ledger::Settle { session: id });
                    this.lose(id);
                    if let Some(failure) = doom {
                        ctx.run_later(LATE_COMMIT, move |this, ctx| this.look_again(id, failure, ctx));
                    }
                }
                // That the store is away is not the session's doing, and costs it no patience.
                Err(error) if error.may_pass() => {
                    ctx.run_later(STORE_AGAIN, move |this, ctx| this.rebuild(id, doom, ctx));
                }
                Err(error) => {
                    warn!(session = %id, %error, "a session could not be read; trying again");
                    this.exited(id, None, ctx);
                }
            }
        }));
    }

    /// Ends a session whose first commit was made after all, when nobody waited for it any more.
    fn look_again(&mut self, id: SessionId, failure: Failure, ctx: &mut Context<Self>) {
        let asked = self.parts.store.clone();
        let looking = async move { asked.session(id).await };
        ctx.spawn(looking.into_actor(self).map(move |found, this, ctx| match found {
            Ok(Some(_)) => this.rebuild(id, Some(failure), ctx),
            Ok(None) => {}
            Err(_) => {
                ctx.run_later(LATE_COMMIT, move |this, ctx| this.look_again(id, failure, ctx));
            }
        }));
    }

    fn exited(&mut self, id: SessionId, slug: Option<Slug>, ctx: &mut Context<Self>) {
        let verdict = self.open.entry(id).or_default().restarts.exited(Timestamp::now());
        self.directory.count_rebuild();
        metrics::counter!("spawnai_session_rebuilds_total").increment(1);
        match verdict {
            Verdict::RebuildAfter(wait) => {
                warn!(session = %id, wait_ms = wait.as_millis() as u64, "rebuilding a session");
                ctx.run_later(wait, move |this, ctx| this.rebuild(id, None, ctx));
            }
            Verdict::GiveUp => {
                error!(session = %id, "a session does not stay up; ending it");
                let message = "the engine could not keep this session running; spawn it again";
                self.rebuild(id, Some(Failure::new("session_crashed", Category::System, message).retryable()), ctx);
            }
            Verdict::Forget => {
                error!(session = %id, "a session could not even be ended; it stays in the store");
                match slug {
                    Some(slug) => self.forget(id, slug),
                    None => self.lose(id),
                }
            }
        }
    }
}

/// 80 bits: nobody finds an app by trying. The six bits of a version 4 UUID that are not random are left out.
fn entropy() -> [u8; 10] {
    let random = uuid::Uuid::new_v4().into_bytes();
    let mut entropy = [0; 10];
    entropy[..6].copy_from_slice(&random[..6]);
    entropy[6..].copy_from_slice(&random[10..14]);
    entropy
}

impl Actor for Registry {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        ctx.set_mailbox_capacity(MAILBOX);
        self.life.begin(ctx.address());
        if self.life.is_rebirth() {
            self.adopt(ctx);
        }
    }
}

/// Money that was reserved for a session that does not begin after all: what falls unused is given back.
struct Reserved {
    ledger: Option<Post<ledger::Ledger>>,
    session: SessionId,
}

impl Reserved {
    /// From here on the session settles it.
    fn hand_over(mut self) {
        self.ledger = None;
    }
}

impl Drop for Reserved {
    fn drop(&mut self) {
        if let Some(ledger) = self.ledger.take() {
            ledger.tell(ledger::Settle { session: self.session });
        }
    }
}

impl Handler<Spawn> for Registry {
    type Result = ResponseActFuture<Self, Result<Accepted, SpawnError>>;

    fn handle(&mut self, spawn: Spawn, _: &mut Self::Context) -> Self::Result {
        self.life.handling("Spawn");
        let limits = self.config.plan.limits();
        let lifetime = spawn.lifetime.unwrap_or(self.config.lifetime.min(limits.lifetime));
        let refused = if self.directory.is_draining() {
            Some(SpawnError::Draining)
        } else if self.open.len() >= limits.sessions {
            Some(SpawnError::Capacity { plan: self.config.plan.as_str(), max: limits.sessions })
        } else if lifetime > limits.lifetime {
            Some(SpawnError::Lifetime(limits.lifetime))
        } else {
            None
        };
        if let Some(refused) = refused {
            return Box::pin(actix::fut::err(refused));
        }
        let spec = self.spec(&spawn, lifetime);
        let (session, user) = (spec.id, spec.user.clone());
        let created = Session::create(spec, lifetime);
        let (estimated_cost, amount) = (created.0.estimated_cost(), created.0.reservation(Duration::ZERO));
        // Counted from here on, so that a burst of spawns cannot pass the limit together.
        self.open.insert(session, Open::default());
        let reserved = Reserved { ledger: Some(self.parts.ledger.clone()), session };
        let reserving = self.parts.ledger.ask_again(ledger::Reserve { session, user, amount });
        let started = reserving.into_actor(self).map(move |answer, this, _| {
            let refused = match answer {
                Ok(Ok(())) => None,
                Ok(Err(refused)) => Some(SpawnError::Budget(refused)),
                Err(_) => Some(SpawnError::Unavailable("ledger")),
            };
            if let Some(refused) = refused {
                this.open.remove(&session);
                return Err(refused);
            }
            let (stored_now, stored) = oneshot::channel();
            let app_url = created.0.spec.app_url.clone();
            let view = this.start(created, None, None, Some(stored_now));
            reserved.hand_over();
            metrics::counter!("spawnai_sessions_total").increment(1);
            metrics::gauge!("spawnai_sessions_open").set(this.open.len() as f64);
            Ok((stored, Accepted { session, app_url, estimated_cost, view }))
        });
        Box::pin(started.then(|outcome, this, _| {
            let answer = async move {
                let (stored, accepted) = outcome?;
                stored.await.map_err(|_| SpawnError::NotStored)?;
                Ok(accepted)
            };
            answer.into_actor(this)
        }))
    }
}

impl Handler<Exited> for Registry {
    type Result = ();

    fn handle(&mut self, Exited { session, slug, stored, life, exit }: Exited, ctx: &mut Self::Context) {
        self.life.handling("Exited");
        if exit.panicked {
            self.directory.count_panic();
            metrics::counter!("spawnai_session_panics_total").increment(1);
            error!(%session, reason = %exit.reason, "a session actor ended");
        }
        // One that another life has followed, or that is known to be gone, has nothing to say.
        if !self.directory.actor(session).is_some_and(|post| post.is_present(life)) {
            return;
        }
        if exit.finished {
            self.forget(session, slug);
        } else if !stored {
            // Its spawn was answered with a no. If the store has it after all, its answer was lost, and it ends at once.
            let message = "the engine's database did not answer in time; spawn it again";
            self.rebuild(session, Some(Failure::new("store_unavailable", Category::System, message).retryable()), ctx);
        } else if !self.directory.is_draining() {
            self.open.entry(session).or_default().last_exit = Some(exit.reason);
            self.exited(session, Some(slug), ctx);
        }
    }
}
