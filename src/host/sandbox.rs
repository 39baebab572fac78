//! One sandbox, as the host sees it.

use std::{
    collections::{BTreeMap, HashMap},
    io,
    os::fd::OwnedFd,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use rustix::process::{Signal, pidfd_send_signal};
use tokio::{
    io::unix::AsyncFd,
    sync::watch,
    time::{Instant, timeout},
};

use super::{
    agent::{
        client::{self, AgentClient},
        protocol::{About, Done, Entry, Op, Person, Refused, Start},
    },
    allowance::Allowance,
    cgroup::{Cgroup, Usage},
    connection::Connection,
    error::AgentError,
    foreign,
    process::{self, Outputs, Process, Started},
    usage::{Samples, Traffic, Used, Weighed},
};
use crate::types::{Port, SandboxId, Secret, Timestamp};

/// A listener inside accepts at once, unless its backlog is full.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// Largest listing of a folder, in bytes.
const LISTING_MAX: u64 = 16 << 20;

/// What a client said about a sandbox when it asked for it.
#[derive(Clone, Debug, Default)]
pub struct Request {
    pub template: String,
    pub timeout: Duration,
    pub metadata: BTreeMap<String, String>,
    pub environment: BTreeMap<String, String>,
    /// Whether envd asks for the access token.
    pub secure: bool,
}

/// When a sandbox's time is up, on both clocks: one for people, one for timers.
#[derive(Clone, Copy, Debug)]
pub struct Deadline {
    pub shown: Timestamp,
    pub at: Instant,
}

impl Deadline {
    #[must_use]
    pub fn after(timeout: Duration) -> Self {
        Self { shown: Timestamp::now() + timeout, at: Instant::now() + timeout }
    }
}

/// A sandbox that runs. All its ways out lead through [`Sandbox::kill`] and the watching task of `Sandboxes`.
#[derive(Debug)]
pub struct Sandbox {
    pub id: SandboxId,
    pub request: Request,
    pub access_token: Option<Secret>,
    pub started_at: Timestamp,
    pub slot: u32,
    /// Of all its programs together.
    pub allowance: Allowance,
    traffic: Arc<Traffic>,
    samples: Mutex<Samples>,
    /// Held from the question what its programs hold until the answer has been noted.
    weighing: tokio::sync::Mutex<()>,
    deadline: watch::Sender<Deadline>,
    agent: AgentClient,
    pidfd: AsyncFd<OwnedFd>,
    cgroup: Mutex<Option<Cgroup>>,
    processes: Mutex<HashMap<i32, Arc<Process>>>,
    gone: watch::Sender<bool>,
}

/// What makes a [`Sandbox`].
pub struct Parts {
    pub id: SandboxId,
    pub slot: u32,
    pub request: Request,
    pub access_token: Option<Secret>,
    pub control: OwnedFd,
    pub pidfd: OwnedFd,
    pub cgroup: Cgroup,
}

impl Sandbox {
    /// # Errors
    /// When its descriptors cannot be watched. Must run inside of a tokio runtime.
    pub fn new(parts: Parts) -> io::Result<Self> {
        let deadline = Deadline::after(parts.request.timeout);
        Ok(Self {
            id: parts.id,
            slot: parts.slot,
            access_token: parts.access_token,
            started_at: Timestamp::now(),
            allowance: Allowance::new(Instant::now()),
            traffic: Arc::default(),
            samples: Mutex::new(Samples::since(Instant::now())),
            weighing: tokio::sync::Mutex::new(()),
            deadline: watch::Sender::new(deadline),
            request: parts.request,
            agent: AgentClient::new(parts.control)?,
            pidfd: client::watch(parts.pidfd)?,
            cgroup: Mutex::new(Some(parts.cgroup)),
            processes: Mutex::new(HashMap::new()),
            gone: watch::Sender::new(false),
        })
    }

    #[must_use]
    pub fn ends_at(&self) -> Timestamp {
        self.deadline.borrow().shown
    }

    pub fn set_timeout(&self, timeout: Duration) {
        self.deadline.send_replace(Deadline::after(timeout));
    }

    /// Sets the timeout unless that would end the sandbox earlier.
    pub fn extend_timeout(&self, timeout: Duration) {
        let wanted = Deadline::after(timeout);
        self.deadline.send_if_modified(|deadline| {
            let later = wanted.at > deadline.at;
            if later {
                *deadline = wanted;
            }
            later
        });
    }

    /// Waits for the end: of its time, or of PID 1. Kills it in the first case; it is reaped in both.
    pub async fn until_over(&self) {
        let mut deadline = self.deadline.subscribe();
        loop {
            let at = deadline.borrow_and_update().at;
            tokio::select! {
                _ = self.pidfd.readable() => break,
                () = tokio::time::sleep_until(at) => break self.signal_kill(),
                _ = deadline.changed() => {}
            }
        }
        // Readable only once the whole pid namespace is gone.
        let _ = self.pidfd.readable().await;
        if let Err(err) = super::launch::reap(std::os::fd::AsFd::as_fd(self.pidfd.get_ref())) {
            tracing::warn!(sandbox = %self.id, error = %err, "cannot reap a sandbox");
        }
    }

    /// Takes the groups away and wakes whoever waits for the end. Blocks for some microseconds.
    pub fn clear(&self) {
        drop(self.cgroup.lock().unwrap_or_else(PoisonError::into_inner).take());
        self.processes.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    pub fn announce_gone(&self) {
        self.gone.send_replace(true);
    }

    /// Kills everything in it, without waiting.
    pub fn signal_kill(&self) {
        // Fails only for one that is dead already.
        let _ = pidfd_send_signal(self.pidfd.get_ref(), Signal::KILL);
    }

    /// Kills everything in it, and returns when it is reaped and its groups are removed.
    pub async fn kill(&self) {
        self.signal_kill();
        // Fails only when the sender is dropped, and that is part of `self`.
        let _ = self.gone.subscribe().wait_for(|gone| *gone).await;
    }

    /// For streams that must break when the sandbox does.
    #[must_use]
    pub fn gone(&self) -> watch::Receiver<bool> {
        self.gone.subscribe()
    }

    /// What its programs hold now and have used, by its groups, else by what was weighed.
    #[must_use]
    pub fn usage(&self) -> Usage {
        let cgroup = self.cgroup.lock().unwrap_or_else(PoisonError::into_inner);
        let counted = cgroup.as_ref().map(Cgroup::usage).unwrap_or_default();
        let samples = self.samples();
        Usage {
            memory_bytes: counted.memory_bytes.or(Some(samples.weighed.bytes)),
            cpu_nanos: counted.cpu_nanos.or(Some(samples.weighed.cpu_nanos)),
            memory_kills: counted.memory_kills.or(Some(samples.kills)),
        }
    }

    /// Programs that were killed for memory so far, by the kernel or for their weight.
    #[must_use]
    pub fn memory_kills(&self) -> Option<u64> {
        let cgroup = self.cgroup.lock().unwrap_or_else(PoisonError::into_inner);
        cgroup.as_ref().and_then(Cgroup::memory_kills).or_else(|| Some(self.samples().kills))
    }

    /// [`Sandbox::memory_kills`] of which all are known that any program has ended by so far.
    pub async fn settled_memory_kills(&self) -> Option<u64> {
        drop(self.weighing.lock().await);
        self.memory_kills()
    }

    fn samples(&self) -> MutexGuard<'_, Samples> {
        self.samples.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes what its programs hold at this moment, as far as a control group counts it.
    pub fn sample(&self) {
        let bytes = self.usage().memory_bytes.unwrap_or(0);
        self.samples().sample(bytes, Instant::now());
    }

    #[must_use]
    pub fn weighed(&self) -> Weighed {
        self.samples().weighed
    }

    /// Asks what its programs hold, and has the heaviest killed when that is over `limit` bytes.
    ///
    /// # Errors
    /// When it is gone.
    pub async fn weigh(&self, limit: u64) -> Result<(), AgentError> {
        let _weighing = self.weighing.lock().await;
        let (done, _) = self.ask(Op::Weigh { limit }).await?;
        let Done::Weighed { bytes, cpu_nanos, processes, killed } = done else { return self.distrust() };
        let mut samples = self.samples();
        samples.sample(bytes, Instant::now());
        samples.weighed = Weighed { bytes, cpu_nanos, processes };
        if killed {
            samples.kills += 1;
            tracing::info!(sandbox = %self.id, bytes, limit, "killed a program for memory");
        }
        Ok(())
    }

    /// All that it has used so far.
    pub async fn used(&self) -> Used {
        self.sample();
        let stored = self.disk().await.map_or(0, |(used, _)| used);
        let cpu_nanos = self.usage().cpu_nanos.unwrap_or(0);
        Used::of(&self.samples(), &self.traffic, cpu_nanos, stored)
    }

    async fn ask(&self, op: Op) -> Result<(Done, Vec<OwnedFd>), AgentError> {
        self.ask_as(Person::User, op).await
    }

    async fn ask_as(&self, person: Person, op: Op) -> Result<(Done, Vec<OwnedFd>), AgentError> {
        let answer = self.agent.ask(person, op).await;
        if matches!(answer, Err(AgentError::Gone)) {
            // Whatever it is that answers like that, it is no longer ours.
            self.signal_kill();
        }
        answer
    }

    /// Kills a sandbox whose PID 1 did not keep to the protocol.
    fn distrust<T>(&self) -> Result<T, AgentError> {
        self.signal_kill();
        Err(AgentError::Gone)
    }

    /// Starts a program. Its pump is the caller's to run.
    ///
    /// # Errors
    /// What kept it from starting.
    pub async fn start(
        &self,
        person: Person,
        start: Start,
        started: Started,
    ) -> Result<(Arc<Process>, Outputs), AgentError> {
        let streams = start.streams;
        let (done, descriptors) = self.ask_as(person, Op::Start(start)).await?;
        let Done::Started { pid } = done else { return self.distrust() };
        let Ok((input, outputs)) = process::connected(streams, descriptors) else { return self.distrust() };
        let process = Arc::new(Process::new(pid, started, input));
        self.processes.lock().unwrap_or_else(PoisonError::into_inner).insert(pid, Arc::clone(&process));
        Ok((process, outputs))
    }

    pub fn forget_process(&self, pid: i32) {
        self.processes.lock().unwrap_or_else(PoisonError::into_inner).remove(&pid);
    }

    #[must_use]
    pub fn processes(&self) -> Vec<Arc<Process>> {
        self.processes.lock().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }

    /// Signals a program and its process group, whoever's it is.
    ///
    /// # Errors
    /// `ESRCH` when it has ended.
    pub async fn signal(&self, pid: i32, signal: i32) -> Result<(), AgentError> {
        self.ask(Op::Signal { pid, signal }).await.map(drop)
    }

    /// A connection to `port` of the sandbox's loopback interface.
    ///
    /// # Errors
    /// [`AgentError::Refused`] when nobody listens there.
    pub async fn connect(&self, port: Port) -> Result<Connection, AgentError> {
        let (_, descriptors) = self.ask(Op::Connect { port: port.get() }).await?;
        let Some(socket) = descriptors.into_iter().next() else { return self.distrust() };
        let closed = AgentError::Refused(Refused { errno: libc::ECONNREFUSED, about: About::Port });
        let Ok(connection) = Connection::new(socket, Arc::clone(&self.traffic)) else { return self.distrust() };
        match timeout(CONNECT_TIMEOUT, connection.established()).await {
            Ok(Ok(())) => Ok(connection),
            Ok(Err(_)) | Err(_) => Err(closed),
        }
    }

    /// A file, for reading or, emptied, for writing. Always a plain one.
    ///
    /// # Errors
    /// What the file system inside says to `person`.
    pub async fn open(&self, person: Person, path: String, write: bool) -> Result<(Entry, std::fs::File), AgentError> {
        let op = if write { Op::OpenWrite { path } } else { Op::OpenRead { path } };
        let (done, descriptors) = self.ask_as(person, op).await?;
        let (Done::Opened(entry), Some(file)) = (done, descriptors.into_iter().next()) else { return self.distrust() };
        match if write { foreign::writable(file) } else { foreign::readable(file) } {
            Ok(file) => Ok((entry, file)),
            Err(_) => self.distrust(),
        }
    }

    /// `Stat`, `MakeDir` and `Move`.
    ///
    /// # Errors
    /// What the file system inside says to `person`.
    pub async fn entry(&self, person: Person, op: Op) -> Result<Entry, AgentError> {
        let (Done::Entry(entry), _) = self.ask_as(person, op).await? else { return self.distrust() };
        Ok(entry)
    }

    /// # Errors
    /// What the file system inside says to `person`.
    pub async fn remove(&self, person: Person, path: String) -> Result<(), AgentError> {
        self.ask_as(person, Op::Remove { path }).await.map(drop)
    }

    /// What is in a folder, `depth` levels deep.
    ///
    /// # Errors
    /// What the file system inside says to `person`.
    pub async fn list(&self, person: Person, path: String, depth: u32) -> Result<Vec<Entry>, AgentError> {
        let (done, descriptors) = self.ask_as(person, Op::List { path, depth }).await?;
        let (Done::Listing { bytes }, Some(spool)) = (done, descriptors.into_iter().next()) else {
            return self.distrust();
        };
        let Ok(spool) = foreign::writable(spool) else { return self.distrust() };
        if bytes > LISTING_MAX {
            return self.distrust();
        }
        let mut json = vec![0; usize::try_from(bytes).unwrap_or(0)];
        match std::os::unix::fs::FileExt::read_exact_at(&spool, &mut json, 0).map(|()| serde_json::from_slice(&json)) {
            Ok(Ok(entries)) => Ok(entries),
            Ok(Err(_)) | Err(_) => self.distrust(),
        }
    }

    /// Used and total bytes of its disk.
    ///
    /// # Errors
    /// When it is gone.
    pub async fn disk(&self) -> Result<(u64, u64), AgentError> {
        let (Done::Usage { used, total }, _) = self.ask(Op::Usage).await? else { return self.distrust() };
        Ok((used, total))
    }
}
