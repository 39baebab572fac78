//! One sandbox, as the host sees it.

mod files;
mod used;

use std::{
    collections::{BTreeMap, HashMap},
    io,
    os::fd::OwnedFd,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use rustix::process::{Signal, pidfd_send_signal};
use tokio::{
    io::unix::AsyncFd,
    sync::watch,
    time::{Instant, timeout},
};
use tokio_util::task::TaskTracker;

use super::{
    agent::{
        client::{self, AgentClient, Turn},
        protocol::{About, Done, Op, Person, Refused, Start},
    },
    allowance::Allowance,
    cgroup::{Cgroup, Freezer},
    connection::Connection,
    egress::{Egress, Exit, OpenError, Rules},
    error::AgentError,
    history::History,
    journal::{Event, Journal},
    lifecycle::{Deadline, Policy, State},
    process::{self, Outputs, Process, Started},
    sleep::Sleep,
    snapshots::{Archive, Snapshots},
    usage::{Samples, Traffic},
    watch::Watches,
};
use crate::types::{Port, SandboxId, Secret, Timestamp};

/// A listener inside accepts at once, unless its backlog is full.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// What a client said about a sandbox when it asked for it.
#[derive(Clone, Debug, Default)]
pub struct Request {
    pub template: String,
    pub timeout: Duration,
    pub metadata: BTreeMap<String, String>,
    pub environment: BTreeMap<String, String>,
    /// What it begins with, instead of empty folders. Its maker takes it out.
    pub files: Option<Archive>,
    /// Whether envd asks for the access token.
    pub secure: bool,
    /// What becomes of it when its time is up, and what wakes it.
    pub policy: Policy,
    /// Where it may connect to.
    pub rules: Rules,
    pub ingress: Ingress,
}

/// How an app in it is visited.
#[derive(Clone, Debug, Default)]
pub struct Ingress {
    /// Whether visitors need the traffic token.
    pub private: bool,
    /// The `Host` that apps are told, `${PORT}` being the port; their own address when `None`.
    pub mask_host: Option<String>,
}

/// A sandbox that runs or is paused. All its ways out lead through [`Sandbox::kill`] and the watching task of `Sandboxes`.
#[derive(Debug)]
pub struct Sandbox {
    pub id: SandboxId,
    pub request: Request,
    pub access_token: Option<Secret>,
    /// What visitors of its apps must show, when not everybody may visit them.
    pub traffic_token: Option<Secret>,
    pub egress: Egress,
    pub started_at: Timestamp,
    pub slot: u32,
    state: watch::Sender<State>,
    /// Held while the state changes; holds PID 1's turn while the sandbox is paused.
    pub(super) changing: tokio::sync::Mutex<Option<Turn>>,
    pub(super) agent: AgentClient,
    /// `None` where no control group can stop programs, and PID 1 does it.
    pub(super) freezer: Option<Arc<Freezer>>,
    /// Of all its programs together.
    pub allowance: Allowance,
    traffic: Arc<Traffic>,
    samples: Mutex<Samples>,
    /// Held from the question what its programs hold until the answer has been noted.
    weighing: tokio::sync::Mutex<()>,
    pidfd: AsyncFd<OwnedFd>,
    cgroup: Mutex<Option<Cgroup>>,
    processes: Mutex<HashMap<i32, Arc<Process>>>,
    pub(super) history: Mutex<History>,
    journal: Mutex<Journal>,
    /// Where its files go when it is paused without its memory.
    pub(super) snapshots: Arc<Snapshots>,
    pub(super) sleep: Sleep,
    gone: watch::Sender<bool>,
    pub watches: Watches,
}

/// What makes a [`Sandbox`].
pub struct Parts {
    pub id: SandboxId,
    pub slot: u32,
    pub request: Request,
    pub access_token: Option<Secret>,
    pub traffic_token: Option<Secret>,
    pub exit: Arc<Exit>,
    pub control: OwnedFd,
    pub pidfd: OwnedFd,
    pub cgroup: Cgroup,
    pub snapshots: Arc<Snapshots>,
}

impl Sandbox {
    /// # Errors
    /// When its descriptors cannot be watched. Must run inside of a tokio runtime.
    pub fn new(parts: Parts) -> io::Result<Self> {
        let until = Deadline::after(parts.request.timeout);
        Ok(Self {
            id: parts.id,
            slot: parts.slot,
            access_token: parts.access_token,
            traffic_token: parts.traffic_token,
            egress: Egress::new(parts.exit, parts.request.rules.clone()),
            started_at: Timestamp::now(),
            state: watch::Sender::new(State::Running { until, era: 0 }),
            changing: tokio::sync::Mutex::default(),
            freezer: parts.cgroup.freezer().map(Arc::new),
            allowance: Allowance::new(Instant::now()),
            traffic: Arc::default(),
            samples: Mutex::new(Samples::since(Instant::now())),
            weighing: tokio::sync::Mutex::new(()),
            request: parts.request,
            agent: AgentClient::new(parts.control)?,
            pidfd: client::watch(parts.pidfd)?,
            cgroup: Mutex::new(Some(parts.cgroup)),
            processes: Mutex::new(HashMap::new()),
            history: Mutex::new(History::since(Timestamp::now())),
            journal: Mutex::default(),
            snapshots: parts.snapshots,
            sleep: Sleep::default(),
            gone: watch::Sender::new(false),
            watches: Watches::default(),
        })
    }

    #[must_use]
    pub fn state(&self) -> State {
        *self.state.borrow()
    }

    /// Tells of every change from now on.
    pub(super) fn states(&self) -> watch::Receiver<State> {
        self.state.subscribe()
    }

    pub(super) fn tell(&self, state: State) {
        self.state.send_replace(state);
    }

    /// When its time is up; of a paused one, since when it is paused.
    #[must_use]
    pub fn ends_at(&self) -> Timestamp {
        match self.state() {
            State::Running { until, .. } => until.shown,
            State::Paused { since, .. } => since,
            State::Gone => self.started_at,
        }
    }

    pub fn note(&self, event: Event) {
        self.journal(|journal| journal.note(Timestamp::now(), event));
    }

    pub fn journal<T>(&self, work: impl FnOnce(&mut Journal) -> T) -> T {
        work(&mut self.journal.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Waits for the end of PID 1, and pauses or kills the sandbox whenever its time is up. It is reaped then.
    pub async fn until_over(&self) {
        let mut states = self.state.subscribe();
        loop {
            let state = *states.borrow_and_update();
            let time_up = async {
                match state {
                    State::Running { until, .. } => {
                        tokio::time::sleep_until(until.at).await;
                        until
                    }
                    State::Paused { .. } | State::Gone => std::future::pending().await,
                }
            };
            tokio::select! {
                _ = self.pidfd.readable() => break,
                until = time_up => if self.time_is_up(until).await { break },
                _ = states.changed() => {}
            }
        }
        // Readable only once the whole pid namespace is gone.
        let _ = self.pidfd.readable().await;
        if let Err(err) = super::launch::reap(std::os::fd::AsFd::as_fd(self.pidfd.get_ref())) {
            tracing::warn!(sandbox = %self.id, error = %err, "cannot reap a sandbox");
        }
    }

    /// Takes the groups away, and ends every request and stream. Blocks for some microseconds, and for as long as a
    /// change of state is under way, which fails soon now that PID 1 is gone.
    pub fn clear(&self) {
        self.empty();
        self.end();
    }

    /// Takes the groups away, and forgets the programs. Blocks for some microseconds.
    pub(super) fn empty(&self) {
        drop(self.cgroup.lock().unwrap_or_else(PoisonError::into_inner).take());
        self.processes.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    pub fn announce_gone(&self) {
        self.gone.send_replace(true);
    }

    /// Kills everything in it, paused or not, without waiting.
    pub fn signal_kill(&self) {
        self.sleep.end();
        self.kill_tree();
    }

    /// Kills its programs with PID 1. One that keeps files only sleeps on.
    pub(super) fn kill_tree(&self) {
        // Fails only for one that is dead already.
        let _ = pidfd_send_signal(self.pidfd.get_ref(), Signal::KILL);
        if let Some(freezer) = &self.freezer {
            freezer.release();
        }
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

    async fn ask(&self, op: Op) -> Result<(Done, Vec<OwnedFd>), AgentError> {
        self.ask_as(Person::User, op).await
    }

    async fn ask_as(&self, person: Person, op: Op) -> Result<(Done, Vec<OwnedFd>), AgentError> {
        self.heed(self.agent.ask(person, op).await)
    }

    /// Kills a sandbox whose PID 1 does not answer.
    pub(super) fn heed<T>(&self, answer: Result<T, AgentError>) -> Result<T, AgentError> {
        if matches!(answer, Err(AgentError::Gone)) {
            // Whatever it is that answers like that, it is no longer ours.
            self.kill_tree();
        }
        answer
    }

    /// Kills a sandbox whose PID 1 did not keep to the protocol.
    fn distrust<T>(&self) -> Result<T, AgentError> {
        self.kill_tree();
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
        self.note(Event::started(pid, &started.command));
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
        let closed = AgentError::Refused(Refused { errno: libc::ECONNREFUSED, about: About::Port });
        if self.egress.port() == Some(port.get()) {
            // No app, but our own proxy: it would be an open one for every visitor.
            return Err(closed);
        }
        let (_, descriptors) = self.ask(Op::Connect { port: port.get() }).await?;
        let Some(socket) = descriptors.into_iter().next() else { return self.distrust() };
        let Ok(connection) = Connection::new(socket, Arc::clone(&self.traffic)) else { return self.distrust() };
        match timeout(CONNECT_TIMEOUT, connection.established()).await {
            Ok(Ok(())) => Ok(connection),
            Ok(Err(_)) | Err(_) => Err(closed),
        }
    }

    /// Replaces its egress rules, and opens its way to the internet when they let anything out.
    ///
    /// # Errors
    /// When that cannot be opened; the rules are then as they were.
    pub async fn set_rules(&self, rules: Rules, tasks: &TaskTracker) -> Result<(), OpenError> {
        if rules.let_something_out() {
            let opened = self.egress.open(&self.agent, tasks).await;
            if matches!(opened, Err(OpenError::Stranger | OpenError::Agent(AgentError::Gone))) {
                // Whatever it is that answers like that, it is no longer ours.
                self.signal_kill();
            }
            opened?;
        }
        self.egress.set_rules(rules);
        Ok(())
    }
}
