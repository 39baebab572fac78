//! The shell of the registry.

use std::{
    collections::{HashMap, VecDeque},
    rc::Rc,
    sync::Arc,
    time::Duration,
};

use actix::prelude::*;
use bytes::Bytes;
use futures_util::future::{LocalBoxFuture, join_all};
use tokio::sync::oneshot;
use tracing::{error, info, warn};

use super::{
    Accepted, Actors, Directory, Drain, ListActors, ProbeSandboxes, Restarts, Restore, Spawn, SpawnError,
    SupervisorView, Verdict,
};
use crate::{
    ledger,
    sandbox::SandboxError,
    session::{
        Destroy, Effect, ExitGuard, Exited, Hibernate, HostFate, Kept, Opening, Parts, Session, SessionActor, Snapshot,
        Spec, Words, give_up, recover,
    },
    store::{SessionRow, StoreError},
    types::{Artifact, Category, Failure, MicroUsd, Plan, Rates, SandboxSize, SessionId, Slug, Timestamp},
};

/// Asks that wait for the registry.
const MAILBOX: usize = 1024;
/// Addresses of ended sessions that still say so to their visitors.
const ENDED_ROUTES_MAX: usize = 10_000;
/// How long until a store that was away is asked again for a session.
const STORE_AGAIN: Duration = Duration::from_secs(1);
/// How long a drain waits for sessions to end.
const DRAIN_MAX: Duration = Duration::from_secs(20);

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
    fn app_url(&self, slug: &Slug) -> String {
        format!("https://{slug}.{}", self.public_authority)
    }
}

/// A session that is not over.
#[derive(Clone, Copy, Debug, Default)]
struct Open {
    restarts: Restarts,
    /// An earlier engine started it.
    restored: bool,
}

/// Owns all session actors.
pub struct Registry {
    config: Config,
    parts: Rc<Parts>,
    directory: Directory,
    open: HashMap<SessionId, Open>,
    ended: VecDeque<Slug>,
    rebuilds: u64,
    panics: u64,
    draining: bool,
}

impl Registry {
    #[must_use]
    pub fn new(config: Config, parts: Rc<Parts>, directory: Directory) -> Self {
        Self {
            config,
            parts,
            directory,
            open: HashMap::new(),
            ended: VecDeque::new(),
            rebuilds: 0,
            panics: 0,
            draining: false,
        }
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
    fn start(
        &mut self,
        decided: (Session, Vec<Effect>),
        stored: Option<(i64, i64)>,
        artifact: Option<Arc<Artifact>>,
        stored_now: Option<oneshot::Sender<()>>,
        ctx: &Context<Self>,
    ) -> Bytes {
        let spec = &decided.0.spec;
        let (id, slug) = (spec.id, spec.slug.clone());
        let view = Bytes::from(serde_json::to_vec(&decided.0.view(Timestamp::now())).unwrap_or_default());
        let snapshot = Arc::new(Snapshot::from_pointee(view.clone()));
        let guard = ExitGuard {
            report: ctx.address().recipient(),
            exited: Exited { session: id, slug, panicked: false, finished: false, stored: stored.is_some() },
        };
        let opening = Opening { decided, stored, artifact, stored_now };
        let actor = SessionActor::new(opening, snapshot.clone(), self.parts.clone(), guard).start();
        self.directory.insert(id, snapshot, actor);
        view
    }

    fn forget(&mut self, id: SessionId, slug: Slug) {
        self.open.remove(&id);
        self.directory.remove(id);
        self.ended.push_back(slug);
        if self.ended.len() > ENDED_ROUTES_MAX
            && let Some(oldest) = self.ended.pop_front()
        {
            self.parts.routes.remove(&oldest);
        }
        metrics::gauge!("spawnai_sessions_open").set(self.open.len() as f64);
    }

    /// Brings a session back from the store.
    fn rebuild(&mut self, id: SessionId, doom: Option<Failure>, ctx: &mut Context<Self>) {
        let read = read_session(self.parts.clone(), id).into_actor(self);
        ctx.spawn(read.map(move |found, this, ctx| {
            if this.draining {
                return;
            }
            match found {
                Ok(Some(found)) => {
                    let now = Timestamp::now();
                    let decided = match doom {
                        None => recover(&found.kept.session, HostFate::Survived, now),
                        Some(failure) => give_up(&found.kept.session, failure, now),
                    };
                    this.start(decided, Some((found.revision, found.kept.seq)), found.artifact, None, ctx);
                }
                // Never stored, so never accepted: nothing is lost but the reservation.
                Ok(None) => {
                    this.parts.ledger.do_send(ledger::Settle { session: id });
                    this.open.remove(&id);
                    this.directory.remove(id);
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

    fn exited(&mut self, id: SessionId, slug: Option<Slug>, ctx: &mut Context<Self>) {
        let verdict = self.open.entry(id).or_default().restarts.exited(Timestamp::now());
        self.rebuilds += 1;
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
                    None => {
                        self.open.remove(&id);
                        self.directory.remove(id);
                    }
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

struct Found {
    kept: Kept,
    revision: i64,
    artifact: Option<Arc<Artifact>>,
}

async fn read_session(parts: Rc<Parts>, id: SessionId) -> Result<Option<Found>, StoreError> {
    match parts.store.session(id).await? {
        Some(row) => read_row(&parts, row).await.map(Some),
        None => Ok(None),
    }
}

async fn read_row(parts: &Parts, row: SessionRow) -> Result<Found, StoreError> {
    let kept = Kept::read(&row).map_err(|error| StoreError::Unreadable {
        table: "sessions",
        session: row.id.to_string(),
        reason: error.to_string(),
    })?;
    let artifact = parts.store.artifact(row.id).await?.map(Arc::new);
    Ok(Found { kept, revision: row.revision, artifact })
}

impl Actor for Registry {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        ctx.set_mailbox_capacity(MAILBOX);
    }
}

impl Supervised for Registry {}

impl Handler<Spawn> for Registry {
    type Result = ResponseActFuture<Self, Result<Accepted, SpawnError>>;

    fn handle(&mut self, spawn: Spawn, _: &mut Self::Context) -> Self::Result {
        let limits = self.config.plan.limits();
        let lifetime = spawn.lifetime.unwrap_or(self.config.lifetime.min(limits.lifetime));
        let refused = if self.draining {
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
        let reserving = self.parts.ledger.send(ledger::Reserve { session, user, amount });
        let started = reserving.into_actor(self).map(move |answer, this, ctx| {
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
            let view = this.start(created, None, None, Some(stored_now), ctx);
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

    fn handle(&mut self, Exited { session, slug, panicked, finished, stored }: Exited, ctx: &mut Self::Context) {
        if panicked {
            self.panics += 1;
            metrics::counter!("spawnai_session_panics_total").increment(1);
            error!(%session, "a session actor panicked");
        }
        if finished {
            self.forget(session, slug);
        } else if !stored {
            // Its spawn was answered with a no. If the store has it after all, its answer was lost, and it ends at once.
            let message = "the engine's database did not answer in time; spawn it again";
            self.rebuild(session, Some(Failure::new("store_unavailable", Category::System, message).retryable()), ctx);
        } else if !self.draining {
            self.exited(session, Some(slug), ctx);
        }
    }
}

impl Handler<Restore> for Registry {
    type Result = ResponseActFuture<Self, Result<usize, StoreError>>;

    fn handle(&mut self, Restore { host }: Restore, _: &mut Self::Context) -> Self::Result {
        let parts = self.parts.clone();
        let reading = async move {
            let mut found = Vec::new();
            for row in parts.store.open_sessions().await? {
                let id = row.id;
                match read_row(&parts, row).await {
                    Ok(session) => found.push(session),
                    // One broken row must not keep the others down.
                    Err(error) => error!(session = %id, %error, "a stored session cannot be read; left alone"),
                }
            }
            Ok(found)
        };
        Box::pin(reading.into_actor(self).map(move |found: Result<Vec<Found>, StoreError>, this, ctx| {
            let found = found?;
            let count = found.len();
            for Found { mut kept, revision, artifact } in found {
                // The gateway may listen elsewhere than it did when the session was made.
                kept.session.spec.app_url = this.config.app_url(&kept.session.spec.slug);
                this.open.insert(kept.session.spec.id, Open { restored: true, ..Open::default() });
                let decided = recover(&kept.session, host, Timestamp::now());
                this.start(decided, Some((revision, kept.seq)), artifact, None, ctx);
            }
            if count > 0 {
                info!(count, "took up the sessions of an earlier run");
            }
            Ok(count)
        }))
    }
}

impl Handler<Drain> for Registry {
    type Result = ResponseFuture<()>;

    fn handle(&mut self, Drain { destroy }: Drain, _: &mut Self::Context) -> Self::Result {
        self.draining = true;
        let asked = self.open.iter().filter_map(|(id, open)| {
            let actor = self.directory.actor(*id)?;
            let asked: LocalBoxFuture<'static, bool> = if destroy && !open.restored {
                Box::pin(async move { actor.send(Destroy).await.is_ok() })
            } else {
                Box::pin(async move { actor.send(Hibernate).await.is_ok() })
            };
            Some(asked)
        });
        let asked: Vec<_> = asked.collect();
        Box::pin(async move {
            if actix_rt::time::timeout(DRAIN_MAX, join_all(asked)).await.is_err() {
                warn!("some sessions did not end in time; the next start takes them up");
            }
        })
    }
}

impl Handler<ListActors> for Registry {
    type Result = MessageResult<ListActors>;

    fn handle(&mut self, _: ListActors, _: &mut Self::Context) -> Self::Result {
        let sessions = self.open.iter().map(|(id, open)| Actors {
            session_id: id.to_string(),
            connected: self.directory.actor(*id).is_some_and(|actor| actor.connected()),
            rebuilds: open.restarts.total,
        });
        MessageResult(SupervisorView {
            sessions: sessions.collect(),
            rebuilds_total: self.rebuilds,
            panics_total: self.panics,
            draining: self.draining,
        })
    }
}

impl Handler<ProbeSandboxes> for Registry {
    type Result = ResponseFuture<Result<Duration, SandboxError>>;

    fn handle(&mut self, _: ProbeSandboxes, _: &mut Self::Context) -> Self::Result {
        let client = self.parts.client.clone();
        Box::pin(async move { client.ping().await })
    }
}
