//! Supervision, with real panics in real session actors.

use std::{convert::Infallible, future::ready, net::TcpListener, path::Path, rc::Rc, time::Duration};

use actix::prelude::*;
use tempfile::TempDir;

use super::{Accepted, Config, Directory, Drain, ListActors, Registry, Restore, Spawn, SpawnError};
use crate::{
    generator::{GeneratorConfig, Generators, Runtimes},
    guard,
    ledger::{self, Ledger},
    routes::Routes,
    sandbox::{self, Client, Endpoint, Pool},
    session::{HostFate, Parts, Session, SessionActor, State},
    store::{DatabaseUrl, Store},
    supervisor::{Kept, Life, Post, Tree, keep},
    types::{Addressing, AppType, MicroUsd, Plan, Rates, SandboxSize, Secret, SessionId, Timestamp, UserId},
};

/// Makes a session actor panic in the middle of its work.
#[derive(Message)]
#[rtype(result = "()")]
struct Blow;

impl Handler<Blow> for SessionActor {
    type Result = ();

    fn handle(&mut self, _: Blow, _: &mut Self::Context) {
        panic!("blown up by a test");
    }
}

/// A registry over a real store and ledger. Its sandbox host takes connections and never answers, so that sessions stay
/// on their way for as long as a test needs.
struct Scene {
    registry: Post<Registry>,
    directory: Directory,
    store: Store,
    _kept: Kept<Registry>,
    _host: TcpListener,
}

async fn scene(folder: &Path) -> Scene {
    scene_within(folder, ledger::Config::default()).await
}

async fn scene_within(folder: &Path, ceilings: ledger::Config) -> Scene {
    let store = Store::open(&DatabaseUrl::in_folder(folder)).await.unwrap();
    let host = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = host.local_addr().unwrap().to_string();
    let endpoint = Endpoint {
        api_url: format!("http://{address}"),
        addressing: Addressing::Headers { address },
        api_key: Secret::new("e2b_00".to_owned()),
    };
    let client = Client::new(&endpoint);
    let pool = sandbox::Config { warm: 0, ..sandbox::Config::near(endpoint, "test".to_owned()) };
    let life = Life::alone("ledger");
    let ledger = life.post().clone();
    Ledger::load(store.clone(), ceilings, Timestamp::now(), life).await.unwrap().start();
    let life = Life::alone("pool");
    let asked = life.post().clone();
    Pool::new(&pool, client.clone(), life).start();
    let parts = Parts {
        store: store.clone(),
        ledger,
        pool: asked,
        client,
        generators: Generators::new(GeneratorConfig::default(), Runtimes { node: true, python: true }),
        policies: guard::Policies::default(),
        routes: Routes::default(),
        front: None,
        turns: sandbox::Turns::default(),
    };
    let config = Config {
        plan: Plan::Hobby,
        lifetime: Duration::from_secs(600),
        session_budget: MicroUsd(500_000),
        size: SandboxSize { vcpus: 1, memory_mib: 512 },
        rates: Rates::default(),
        public_authority: "localhost:8443".to_owned(),
    };
    let directory = Directory::default();
    let (parts, known) = (Rc::new(parts), directory.clone());
    let make =
        move |life| ready(Ok::<_, Infallible>(Registry::new(config.clone(), parts.clone(), known.clone(), life)));
    let kept = keep(&Tree::default(), "registry", make).await.unwrap();
    Scene { registry: kept.post.clone(), _kept: kept, directory, store, _host: host }
}

impl Scene {
    async fn spawn(&self) -> Result<Accepted, SpawnError> {
        let spawn = Spawn {
            prompt: "a todo app".to_owned(),
            app_type: AppType::Webapp,
            user: UserId::anonymous(),
            lifetime: None,
        };
        self.registry.ask(spawn).await.unwrap()
    }

    async fn state(&self, id: SessionId) -> State {
        let row = self.store.session(id).await.unwrap().unwrap();
        crate::session::Kept::read(&row).map(|kept| kept.session).map(|session: Session| session.state).unwrap()
    }

    /// Panics the session's actor.
    async fn blow(&self, id: SessionId) {
        self.until(|| self.directory.actor(id).is_some()).await;
        let victim = self.directory.actor(id).unwrap();
        assert!(victim.ask(Blow).await.is_err(), "it panicked");
    }

    /// Waits for a condition by yielding to the actors; a test that waits for ever is ended by its runner.
    async fn until(&self, condition: impl Fn() -> bool) {
        while !condition() {
            // An ask is a turn of the registry: what it waits for gets its turn, too.
            let _ = self.registry.ask(ListActors).await;
            actix_rt::task::yield_now().await;
        }
    }
}

#[actix::test]
async fn a_session_goes_on_after_its_actor_panicked() {
    let folder = TempDir::new().unwrap();
    let scene = scene(folder.path()).await;
    let id = scene.spawn().await.unwrap().session;
    scene.blow(id).await;
    scene.until(|| scene.directory.actor(id).is_some()).await;
    let view = scene.registry.ask(ListActors).await.unwrap();
    assert_eq!((view.panics_total, view.rebuilds_total, view.sessions.len()), (1, 1, 1));
    // Its successor works from the store: it can be ended like any other.
    let ended = scene.directory.actor(id).unwrap().ask(crate::session::Destroy).await.unwrap();
    assert_eq!(ended.unwrap().reason, Some(crate::types::EndReason::Destroyed));
    scene.until(|| scene.directory.view(id).is_none()).await;
    assert!(matches!(scene.state(id).await, State::Expired { .. }));
}

#[actix::test]
async fn a_session_that_keeps_panicking_is_ended_with_a_clear_error() {
    let folder = TempDir::new().unwrap();
    let scene = scene(folder.path()).await;
    let id = scene.spawn().await.unwrap().session;
    // Five rebuilds, and the one that ends it.
    for _ in 0..6 {
        scene.blow(id).await;
    }
    scene.until(|| scene.directory.view(id).is_none()).await;
    let State::Failed { failure, .. } = scene.state(id).await else { panic!("not failed") };
    assert_eq!(failure.code, "session_crashed");
}

#[actix::test]
async fn what_was_accepted_is_taken_up_by_the_next_engine() {
    let folder = TempDir::new().unwrap();
    let before = scene(folder.path()).await;
    let id = before.spawn().await.unwrap().session;
    before.registry.ask(Drain { destroy: false, patience: Duration::ZERO }).await.unwrap();
    assert!(matches!(before.spawn().await, Err(SpawnError::Draining)));
    before.store.close().await;

    let after = scene(folder.path()).await;
    assert_eq!(after.registry.ask(Restore { host: HostFate::Lost }).await.unwrap().unwrap(), 1);
    assert!(after.directory.view(id).is_some());
    after.registry.ask(Drain { destroy: false, patience: Duration::ZERO }).await.unwrap();
}

#[actix::test]
async fn no_more_sessions_are_open_than_the_plan_allows_even_in_a_burst() {
    let folder = TempDir::new().unwrap();
    let scene = scene(folder.path()).await;
    let asked: Vec<_> = (0..25).map(|_| scene.spawn()).collect();
    let answers = futures_util::future::join_all(asked).await;
    let refused = answers.iter().filter(|answer| matches!(answer, Err(SpawnError::Capacity { max: 20, .. }))).count();
    assert_eq!((answers.len() - refused, refused), (20, 5));
    scene.registry.ask(Drain { destroy: true, patience: Duration::ZERO }).await.unwrap();
    scene.until(|| scene.directory.is_empty()).await;
}

#[actix::test]
async fn extensions_that_come_together_do_not_pass_the_ceiling() {
    let folder = TempDir::new().unwrap();
    let rates = Rates::default();
    let size = SandboxSize { vcpus: 1, memory_mib: 512 };
    // Room for the session and two extensions as long as itself.
    let ceilings = ledger::Config { user_day_usd: Some(rates.total(size, 3 * 600_000)), ..ledger::Config::default() };
    let scene = scene_within(folder.path(), ceilings).await;
    let id = scene.spawn().await.unwrap().session;
    let actor = scene.directory.actor(id).unwrap();
    let by = Duration::from_secs(600);
    let asked = (0..5).map(|_| actor.ask(crate::session::Extend { by }));
    let answers = futures_util::future::join_all(asked).await;
    let granted = answers.iter().filter(|answer| matches!(answer, Ok(Ok(_)))).count();
    assert_eq!(granted, 2);
    scene.registry.ask(Drain { destroy: true, patience: Duration::ZERO }).await.unwrap();
}

#[actix::test]
async fn listeners_who_went_away_take_no_place() {
    let folder = TempDir::new().unwrap();
    let scene = scene(folder.path()).await;
    let id = scene.spawn().await.unwrap().session;
    let actor = scene.directory.actor(id).unwrap();
    for _ in 0..3000 {
        let (sender, stream) = tokio::sync::mpsc::channel(4);
        let subscriber = crate::session::Subscriber::Stream(sender);
        assert!(actor.ask(crate::session::Subscribe { subscriber }).await.unwrap().is_ok());
        drop(stream);
    }
    scene.registry.ask(Drain { destroy: true, patience: Duration::ZERO }).await.unwrap();
}
