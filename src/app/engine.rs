//! The engine as a whole: started, serving, stopped.

use std::{convert::Infallible, future::ready, net::SocketAddr, rc::Rc, time::Duration};

use actix_web::{App, HttpServer, dev::ServerHandle, middleware::from_fn, web};
use metrics_exporter_prometheus::PrometheusHandle;
use tokio_util::task::AbortOnDropHandle;
use tracing::{info, warn};

use super::{
    StartError, claude,
    metrics::recorder,
    parts::{
        authority_of, database_url, gateway, host_config, ledger_config, limiter_config, pool_config, registry_config,
    },
    upkeep::upkeep,
};
use crate::{
    cli::Settings,
    dashboard,
    gateway::Gateway,
    host::Host,
    http::{self, Api, Door},
    ledger::Ledger,
    limiter::{self, Limiter},
    registry::{self, Directory, Drain, Registry, Restore},
    routes::Routes,
    sandbox::{self, Client, Endpoint, Pool, Turns},
    session::{HostFate, Parts},
    store::{DataDir, Store, StoreError},
    supervisor::{Kept, Tree, keep},
    types::{Addressing, Timestamp},
};

/// What a user is promised at `POST /api/spawn`, in seconds: the built-in generator is live well within it.
const ESTIMATED_SECONDS: u32 = 5;
/// The same when Claude writes: an ordinary app of some thousand tokens.
const ESTIMATED_SECONDS_CLAUDE: u32 = 40;
/// For API requests in flight when the engine stops, in seconds. Event streams never end by themselves.
const SHUTDOWN_SECONDS: u64 = 2;

/// Which sessions end with the engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leaving {
    /// None: all are left in the store for the next start.
    Everything,
    /// Those that this engine started; what it found in the store is left there.
    OthersOnly,
}

/// A running engine.
pub struct Engine {
    address: SocketAddr,
    public_authority: String,
    registry: Kept<Registry>,
    pool: Kept<Pool>,
    _ledger: Kept<Ledger>,
    _limiter: Kept<Limiter>,
    gateway: Gateway,
    host: Option<Host>,
    api: ServerHandle,
    _api_task: AbortOnDropHandle<std::io::Result<()>>,
    _upkeep: AbortOnDropHandle<()>,
    _claude_check: Option<AbortOnDropHandle<()>>,
    directory: Directory,
    /// How long sessions on their way may take when the engine stops.
    drain: Duration,
    store: Store,
    /// Last, so that nobody else has the folder before all is written.
    _folder: DataDir,
}

impl Engine {
    /// Starts everything. Call it on an actix system.
    ///
    /// # Errors
    /// [`StartError`]; what was started by then is stopped again.
    pub async fn start(settings: &Settings) -> Result<Self, StartError> {
        if !settings.listen.ip().is_loopback() {
            return Err(StartError::Exposed(settings.listen));
        }
        say_what_is_not_used(settings);
        let folder = DataDir::open(&settings.data_dir)?;
        let listener = listen(settings.listen)?;
        let store = Store::open(&database_url(settings, folder.path())?).await?;
        let metrics = recorder()?;
        let (endpoint, host) = sandboxes(settings, &folder).await?;
        match Self::assemble(settings, folder, listener, store, metrics, endpoint, &host).await {
            Ok(engine) => Ok(Self { host, ..engine }),
            Err(error) => {
                if let Some(host) = host {
                    host.shutdown().await;
                }
                Err(error)
            }
        }
    }

    async fn assemble(
        settings: &Settings,
        folder: DataDir,
        listener: std::net::TcpListener,
        store: Store,
        metrics: PrometheusHandle,
        endpoint: Endpoint,
        host: &Option<Host>,
    ) -> Result<Self, StartError> {
        let redis = settings.redis_url.as_ref().map(|url| url.expose().parse()).transpose()?;
        let routes = Routes::default();
        let gateway = gateway(settings, &folder, endpoint.addressing.clone(), host.as_ref(), routes.clone())?;
        let public_authority = authority_of(settings, gateway.address());
        let tree = Tree::default();
        let ledger = keep_ledger(&tree, settings, &store).await?;
        let limiter = keep_limiter(&tree, settings, redis).await;
        let client = Client::new(&endpoint);
        let config = pool_config(settings, endpoint, host.is_some(), instance(&folder, host.is_some())?);
        let pool = keep_pool(&tree, config, &client).await;
        let (generators, claude) = claude::generators(settings, host.as_ref())?;
        let (claude_health, claude_check) = claude.map(|watch| (watch.health, watch.task)).unzip();
        let parts = Parts {
            store: store.clone(),
            ledger: ledger.post.clone(),
            pool: pool.post.clone(),
            client,
            generators,
            policies: super::policies(settings)?,
            routes,
            front: Some(sandbox::Front::new(gateway.address(), &settings.ca_file())?),
            turns: if host.is_some() { Turns::here() } else { Turns::default() },
        };
        let directory = Directory::default();
        let config = registry_config(settings, &public_authority);
        let registry = keep_registry(&tree, config, parts, &directory).await;
        let fate = if host.is_some() { HostFate::Lost } else { HostFate::Survived };
        match registry.post.ask(Restore { host: fate }).await {
            Ok(restored) => drop(restored?),
            Err(_) => return Err(StartError::Unanswered("registry")),
        }
        let upkeep = AbortOnDropHandle::new(actix_rt::spawn(upkeep(metrics.clone())));
        let api = Api {
            directory: directory.clone(),
            registry: registry.post.clone(),
            ledger: ledger.post.clone(),
            limiter: limiter.post.clone(),
            supervisor: tree,
            store: store.clone(),
            metrics,
            estimated_seconds: if claude_health.is_some() { ESTIMATED_SECONDS_CLAUDE } else { ESTIMATED_SECONDS },
            claude: claude_health,
        };
        let (address, api, task) = serve(settings, listener, api)?;
        info!(%address, "engine serves");
        Ok(Self {
            address,
            public_authority,
            registry,
            pool,
            _ledger: ledger,
            _limiter: limiter,
            gateway,
            host: None,
            api,
            _api_task: task,
            _upkeep: upkeep,
            _claude_check: claude_check,
            directory,
            drain: Duration::from_secs(settings.drain_seconds.into()),
            store,
            _folder: folder,
        })
    }

    /// Where the API and the dashboard are; the port is the real one.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// What follows the slug in an app's address.
    #[must_use]
    pub fn public_authority(&self) -> &str {
        &self.public_authority
    }

    /// Takes in no more, ends or leaves the sessions, and lets go of everything: no process, mount, cgroup or file of a
    /// sandbox is left.
    pub async fn stop(self, leaving: Leaving) {
        let (destroy, patience) = match leaving {
            Leaving::Everything => (false, self.drain),
            Leaving::OthersOnly => (true, Duration::ZERO),
        };
        if self.registry.post.ask(Drain { destroy, patience }).await.is_err() {
            warn!("the registry did not drain; the next start takes the sessions up");
        }
        self.directory.close();
        if self.pool.post.ask(sandbox::Drain).await.is_err() {
            warn!("the sandbox pool did not drain; its sandboxes end with their timeouts");
        }
        self.api.stop(true).await;
        self.gateway.shutdown().await;
        if let Some(host) = self.host {
            host.shutdown().await;
        }
        self.store.close().await;
        info!("stopped");
    }
}

async fn keep_ledger(tree: &Tree, settings: &Settings, store: &Store) -> Result<Kept<Ledger>, StoreError> {
    let (config, store) = (ledger_config(settings), store.clone());
    keep(tree, "ledger", move |life| Ledger::load(store.clone(), config.clone(), Timestamp::now(), life)).await
}

async fn keep_limiter(tree: &Tree, settings: &Settings, redis: Option<limiter::RedisUrl>) -> Kept<Limiter> {
    let config = limiter_config(settings);
    let make = move |life| ready(Ok::<_, Infallible>(Limiter::new(config.clone(), redis.clone(), life)));
    never_fails(keep(tree, "limiter", make).await)
}

async fn keep_pool(tree: &Tree, config: sandbox::Config, client: &Client) -> Kept<Pool> {
    let client = client.clone();
    let make = move |life| ready(Ok::<_, Infallible>(Pool::new(&config, client.clone(), life)));
    never_fails(keep(tree, "pool", make).await)
}

/// The embedded host ends with its engine and everything in it; what a killed engine left in the cloud, the next one must know.
fn instance(folder: &DataDir, near: bool) -> Result<String, StoreError> {
    if near { Ok(uuid::Uuid::new_v4().simple().to_string()) } else { folder.identity() }
}

async fn keep_registry(tree: &Tree, config: registry::Config, parts: Parts, directory: &Directory) -> Kept<Registry> {
    let (parts, directory) = (Rc::new(parts), directory.clone());
    let make =
        move |life| ready(Ok::<_, Infallible>(Registry::new(config.clone(), parts.clone(), directory.clone(), life)));
    never_fails(keep(tree, "registry", make).await)
}

fn never_fails<T>(made: Result<T, Infallible>) -> T {
    match made {
        Ok(made) => made,
    }
}

fn listen(address: SocketAddr) -> Result<std::net::TcpListener, StartError> {
    std::net::TcpListener::bind(address).map_err(|source| match source.kind() {
        std::io::ErrorKind::AddrInUse => StartError::Taken(address),
        _ => StartError::Listen { address, source },
    })
}

fn serve(
    settings: &Settings,
    listener: std::net::TcpListener,
    api: Api,
) -> Result<(SocketAddr, ServerHandle, AbortOnDropHandle<std::io::Result<()>>), StartError> {
    let failed = |source| StartError::Listen { address: settings.listen, source };
    let address = listener.local_addr().map_err(failed)?;
    let door = web::Data::new(Door::new(address, settings.cors_origins.clone()));
    let (api, origins) = (web::Data::new(api), settings.cors_origins.clone());
    let server = HttpServer::new(move || {
        App::new()
            .app_data(api.clone())
            .app_data(door.clone())
            .wrap(http::cors(&origins))
            .wrap(from_fn(http::close_door))
            .configure(http::configure)
            .configure(dashboard::configure)
            .default_service(web::to(http::not_found))
    })
    .workers(settings.workers)
    .shutdown_timeout(SHUTDOWN_SECONDS)
    .tcp_nodelay(true)
    .disable_signals()
    .listen(listener)
    .map_err(failed)?
    .run();
    let handle = server.handle();
    Ok((address, handle, AbortOnDropHandle::new(actix_rt::spawn(server))))
}

async fn sandboxes(settings: &Settings, folder: &DataDir) -> Result<(Endpoint, Option<Host>), StartError> {
    if let Some(key) = &settings.e2b_api_key {
        let domain = settings.e2b_domain.clone().unwrap_or_else(|| "e2b.app".to_owned());
        let api_url = settings.e2b_api_url.clone().unwrap_or_else(|| format!("https://api.{domain}"));
        let api_url = api_url.trim_end_matches('/').to_owned();
        let addressing = match &settings.e2b_sandbox_url {
            Some(url) => Addressing::at(url).ok_or_else(|| StartError::SandboxUrl(url.clone()))?,
            None => Addressing::Wildcard { domain },
        };
        return Ok((Endpoint { api_url, addressing, api_key: key.clone() }, None));
    }
    if !settings.host_listen.ip().is_loopback() {
        return Err(StartError::HostExposed(settings.host_listen));
    }
    let host = Host::start(host_config(settings, folder))?;
    let address = host.address().to_string();
    let endpoint = Endpoint {
        api_url: format!("http://{address}"),
        addressing: Addressing::Headers { address },
        api_key: host.api_key(),
    };
    Ok((endpoint, Some(host)))
}

/// What is set but does nothing yet must not look as if it did.
fn say_what_is_not_used(settings: &Settings) {
    if settings.otel_endpoint.is_some() {
        warn!("OTEL_EXPORTER_OTLP_ENDPOINT is set, but this version exports no traces");
    }
}
