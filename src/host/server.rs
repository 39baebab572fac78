//! The host's threads: one that accepts and supervises, and as many as configured that serve.

use std::{
    net::{SocketAddr, TcpListener},
    sync::{Arc, mpsc},
    thread::JoinHandle,
};

use actix_web::{App, HttpServer, dev::ServerHandle, web};

use super::{
    api::{self, Shared, Visits},
    cgroup::{Cgroups, Controller},
    config::Config,
    error::HostError,
    key, meter, probe,
    sandboxes::Sandboxes,
    sweep,
};
use crate::types::Secret;

/// A running host. Dropping it kills its sandboxes; [`Host::shutdown`] also waits until nothing is left of them.
#[derive(Debug)]
pub struct Host {
    address: SocketAddr,
    shared: Arc<Shared>,
    server: ServerHandle,
    thread: Option<JoinHandle<()>>,
}

impl Host {
    /// Takes the port, makes or reads the key, removes what a crash has left, launches a sandbox to prove that this
    /// machine isolates, and serves. Blocks for some tens of milliseconds.
    ///
    /// # Errors
    /// See [`HostError`]; each says what to change.
    pub fn start(mut config: Config) -> Result<Self, HostError> {
        config.limits = config.limits.balanced();
        let listener =
            TcpListener::bind(config.listen).map_err(|source| HostError::Listen { address: config.listen, source })?;
        let address = listener.local_addr().map_err(|source| HostError::Listen { address: config.listen, source })?;
        let key = key::load_or_create(&config.data_dir)?;
        raise_open_files();
        let hierarchies = probe::read_hierarchies();
        sweep::sweep(&hierarchies);
        let cgroups = Cgroups::open(&hierarchies, &sweep::own_name());
        let site = probe::site(&config, &cgroups);
        if let Err(err) = probe::try_launch(&site) {
            cgroups.close();
            return Err(probe::isolation_error(&err));
        }
        let enforced = cgroups.controllers();
        let advisory = [Controller::Memory, Controller::Pids, Controller::Cpu, Controller::Freezer]
            .into_iter()
            .filter(|controller| !enforced.iter().any(|(held, _)| held == controller))
            .collect();
        let sandboxes = Arc::new(Sandboxes::new(site, &config));
        let snapshots = Arc::clone(&sandboxes.snapshots);
        let shared = Arc::new(Shared { sandboxes, snapshots, key, config, advisory });
        let (server, thread) = serve(&shared, listener)?;
        tracing::info!(%address, identity = ?shared.sandboxes.site.identity, "sandbox host up");
        Ok(Self { address, shared, server, thread: Some(thread) })
    }

    /// Where it listens; the port is the real one.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What clients send as `X-API-Key`.
    #[must_use]
    pub fn api_key(&self) -> Secret {
        self.shared.key.clone()
    }

    /// The way to its apps that needs no connection to [`Self::address`], for whoever is in this process.
    #[must_use]
    pub fn visits(&self) -> Visits {
        Visits::of(&self.shared.sandboxes)
    }

    /// Sandboxes that run or are paused.
    #[must_use]
    pub fn running(&self) -> usize {
        self.shared.sandboxes.all().len()
    }

    /// Kills all sandboxes, waits until they are reaped and their groups removed, and stops serving.
    pub async fn shutdown(mut self) {
        self.shared.sandboxes.close().await;
        self.server.stop(true).await;
        if let Some(thread) = self.thread.take() {
            // It has nothing left to do but return.
            let joined = tokio::task::spawn_blocking(move || thread.join()).await;
            if !matches!(joined, Ok(Ok(()))) {
                tracing::error!("the sandbox host's thread panicked");
            }
        }
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        if self.thread.is_some() {
            self.shared.sandboxes.kill_all();
            // The future only waits; the command is on its way when `stop` returns.
            drop(self.server.stop(false));
        }
    }
}

fn serve(shared: &Arc<Shared>, listener: TcpListener) -> Result<(ServerHandle, JoinHandle<()>), HostError> {
    let (report, reported) = mpsc::channel();
    let (data, config) = (web::Data::from(Arc::clone(shared)), shared.config.clone());
    let sandboxes = Arc::clone(&shared.sandboxes);
    let run = move || {
        actix_web::rt::System::new().block_on(async move {
            drop(data.sandboxes.tasks.spawn(Arc::clone(&data.sandboxes).sample()));
            drop(data.sandboxes.tasks.spawn(Arc::clone(&data.sandboxes).keep_spares()));
            let app = move || App::new().app_data(data.clone()).default_service(web::to(api::dispatch));
            let server = HttpServer::new(app)
                .workers(config.workers.max(1))
                // A stream's small frames would wait for the client's delayed acknowledgement otherwise: 40 ms.
                .tcp_nodelay(true)
                .shutdown_timeout(config.shutdown_grace.as_secs())
                .disable_signals()
                .listen(listener);
            match server {
                Ok(server) => {
                    let server = server.run();
                    let _ = report.send(Ok(server.handle()));
                    let meter = actix_web::rt::spawn(meter::run(sandboxes));
                    if let Err(err) = server.await {
                        tracing::error!(error = %err, "the sandbox host stopped serving");
                    }
                    meter.abort();
                }
                Err(err) => drop(report.send(Err(err))),
            }
        });
    };
    let thread = std::thread::Builder::new().name("sandbox-host".to_owned()).spawn(run).map_err(HostError::Threads)?;
    match reported.recv() {
        Ok(Ok(server)) => Ok((server, thread)),
        Ok(Err(err)) => Err(HostError::Threads(err)),
        Err(_) => Err(HostError::Threads(std::io::Error::other("the host's thread ended at once"))),
    }
}

/// A sandbox takes two descriptors and a program four: a thousand of them are more than the usual soft limit.
fn raise_open_files() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    if setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, maximum: limit.maximum }).is_err() {
        tracing::warn!("cannot raise the number of open files: fewer sandboxes will fit");
    }
}
