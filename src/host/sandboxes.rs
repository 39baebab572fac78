//! All sandboxes of a host: made here, found here, and gone from here once they are reaped.
//!
//! ```text
//!  create ──► [starting] ──► running or paused ──► time is up, killed, or PID 1 died ──► reaped ──► groups removed ──► gone
//!             at most one          (one watching task per sandbox; see `lifecycle`)
//!             per processor
//! ```

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, PoisonError, Weak},
    time::Duration,
};

use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{
    agent::{
        birth::{Birth, Setup},
        protocol::Identity,
    },
    cgroup::{Cgroups, Controller},
    config::{Config, Limits},
    egress::{Exit, OpenError},
    error::LaunchError,
    idempotency::{Keys, Outcome},
    journal::Event,
    launch::{
        self, Launched, Nursery,
        idmap::{self, id_maps},
        rootfs::HOSTNAME,
    },
    lifecycle::{Deadline, Signal},
    sandbox::{Parts, Request, Sandbox},
    snapshots::{self, Archive, SnapshotError, Snapshots},
    spares::{Spare, Spares},
    starts::Starts,
};
use crate::types::{SandboxId, Secret, Timestamp};

/// Letters and digits of a sandbox id: about 103 bits, so that nobody guesses one.
const ID_LENGTH: usize = 20;

/// Why there is no new sandbox.
#[derive(Debug, thiserror::Error)]
pub enum CreateError {
    #[error("the host already runs {0} sandboxes")]
    Full(usize),
    #[error("{0} sandboxes wait to be started already")]
    Busy(usize),
    #[error("the idempotency key came before, with another request")]
    KeyReused,
    #[error("the sandbox of the idempotency key is gone")]
    KeySpent,
    #[error("the host is shutting down")]
    Closing,
    #[error("cannot start a sandbox")]
    Launch(#[from] LaunchError),
    #[error("cannot open a sandbox's way to the internet")]
    Egress(#[from] OpenError),
    #[error("cannot watch a sandbox")]
    Watch(#[source] std::io::Error),
    #[error("cannot fill a sandbox")]
    Restore(#[from] SnapshotError),
}

/// What is the same for all sandboxes of this host.
#[derive(Debug)]
pub struct Site {
    pub identity: Identity,
    pub nursery: Nursery,
    /// Whether a runtime that programs use lies below `/root`.
    pub passage_through_root: bool,
    /// `PATH` inside.
    pub search_path: String,
    pub limits: Limits,
    pub cgroups: Cgroups,
}

impl Site {
    /// Starts one sandbox. Blocks.
    ///
    /// # Errors
    /// What step failed; nothing is left then.
    pub fn launch(&self, id: &str, slot: u32) -> Result<Launched, LaunchError> {
        let limits = &self.limits;
        let setup = Setup {
            identity: self.identity,
            hostname: HOSTNAME.to_owned(),
            passage_through_root: self.passage_through_root,
            disk_bytes: u64::from(limits.disk_mib) << 20,
            inodes: limits.inodes,
            processes: limits.processes.into(),
            open_files: limits.open_files.into(),
            memory_counted: self.cgroups.holds(Controller::Memory),
        };
        let (euid, egid) = (rustix::process::geteuid().as_raw(), rustix::process::getegid().as_raw());
        let maps = id_maps(self.identity, std::process::id(), slot, euid, egid);
        launch::launch(&self.nursery, &Birth { setup, maps }, || Ok(self.cgroups.create(id, limits)?))
    }
}

/// The table. Readers take no lock.
#[derive(Debug)]
pub struct Sandboxes {
    pub site: Arc<Site>,
    /// Owned by their watching tasks: what is removed here is dropped in batches, and a sandbox holds descriptors.
    running: papaya::HashMap<SandboxId, Weak<Sandbox>>,
    /// Numbers that no sandbox has; also what bounds how many there are. `None` once the host closes.
    slots: Mutex<Option<BTreeSet<u32>>>,
    capacity: usize,
    /// How long a client may send nothing in the middle of an upload.
    pub silence_max: Duration,
    starts: Starts,
    pub(super) spares: Spares,
    keys: Mutex<Keys>,
    pub snapshots: Arc<Snapshots>,
    /// Cancelled when no new sandbox is taken on any more.
    pub(super) closing: CancellationToken,
    exit: Arc<Exit>,
    /// Owns every task that belongs to a sandbox.
    pub tasks: TaskTracker,
}

impl Sandboxes {
    #[must_use]
    pub fn new(site: Site, config: &Config) -> Self {
        // The last number is the probe's.
        let capacity = config.sandboxes_max.min(idmap::SLOTS as usize - 1);
        Self {
            site: Arc::new(site),
            running: papaya::HashMap::new(),
            slots: Mutex::new(Some((0..u32::try_from(capacity).unwrap_or(idmap::SLOTS)).collect())),
            capacity,
            silence_max: config.silence_max,
            starts: Starts::new(config.starts_max, config.starts_waiting_max),
            spares: Spares::new(config.spares),
            keys: Mutex::default(),
            snapshots: Arc::new(Snapshots::open(config)),
            closing: CancellationToken::new(),
            exit: Arc::new(Exit::new(&config.egress)),
            tasks: TaskTracker::new(),
        }
    }

    #[must_use]
    pub fn get(&self, id: &SandboxId) -> Option<Arc<Sandbox>> {
        self.running.pin().get(id).and_then(Weak::upgrade)
    }

    /// In no particular order.
    #[must_use]
    pub fn all(&self) -> Vec<Arc<Sandbox>> {
        self.running.pin().values().filter_map(Weak::upgrade).collect()
    }

    /// Starts a sandbox and watches it from then on.
    ///
    /// # Errors
    /// See [`CreateError`]; nothing is left then.
    pub async fn create(self: &Arc<Self>, request: Request) -> Result<Arc<Sandbox>, CreateError> {
        // A task, so that a client that goes away in the middle cannot leave half a sandbox.
        let this = Arc::clone(self);
        let created = self.tasks.spawn(async move { this.create_now(request).await }).await;
        created.unwrap_or(Err(CreateError::Launch(LaunchError::Ended)))
    }

    /// As [`Self::create`], once for each key: the same key with the same fingerprint of its request gives the sandbox
    /// that is there already, or is just being made.
    ///
    /// # Errors
    /// See [`CreateError`]. A creation that failed does not count: the key may be used again.
    pub async fn create_once(
        self: &Arc<Self>,
        key: &str,
        fingerprint: u64,
        request: Request,
    ) -> Result<Arc<Sandbox>, CreateError> {
        let outcome = {
            let mut keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
            keys.claim(key, fingerprint, Timestamp::now()).map_err(|_| CreateError::KeyReused)?
        };
        let making = match outcome {
            Outcome::Made(id) => return self.get(&id).ok_or(CreateError::KeySpent),
            Outcome::Making(making) => making,
        };
        let this = Arc::clone(self);
        let created = self.tasks.spawn(async move {
            // Whoever comes second waits here for the first.
            let mut made = making.lock().await;
            if let Some(id) = &*made {
                return this.get(id).ok_or(CreateError::KeySpent);
            }
            let sandbox = Arc::clone(&this).create_now(request).await?;
            *made = Some(sandbox.id.clone());
            this.keys.lock().unwrap_or_else(PoisonError::into_inner).made(&making, &sandbox.id);
            Ok(sandbox)
        });
        created.await.unwrap_or(Err(CreateError::Launch(LaunchError::Ended)))
    }

    async fn create_now(self: Arc<Self>, mut request: Request) -> Result<Arc<Sandbox>, CreateError> {
        let spare = self.take_spare();
        let slot = match &spare {
            Some(spare) => self.slot(spare.slot),
            None => self.take_slot()?,
        };
        let archive = request.files.take();
        let sandbox = Arc::new(self.make(slot.number, request, spare).await?);
        slot.keep();
        if let Err(err) = self.prepare(&sandbox, archive).await {
            let slot = sandbox.slot;
            self.discard(sandbox).await;
            self.give_slot(slot);
            return Err(err);
        }
        sandbox.note(Event::Created);
        self.publish(&sandbox);
        Ok(sandbox)
    }

    /// Opens its way to the internet, and fills it.
    pub(super) async fn prepare(&self, sandbox: &Sandbox, archive: Option<Archive>) -> Result<(), CreateError> {
        // Before any program runs inside: none may take the proxy's port.
        sandbox.set_rules(sandbox.request.rules.clone(), &self.tasks).await?;
        match archive {
            Some(archive) => self.fill(sandbox, archive).await,
            None => Ok(()),
        }
    }

    /// From here on it is found, and watched.
    pub(super) fn publish(self: &Arc<Self>, sandbox: &Arc<Sandbox>) {
        self.running.pin().insert(sandbox.id.clone(), Arc::downgrade(sandbox));
        let (this, watched) = (Arc::clone(self), Arc::clone(sandbox));
        self.tasks.spawn(async move { this.watch(watched).await });
    }

    /// Ends one that nobody has heard of. Its slot is not given back.
    pub(super) async fn discard(&self, sandbox: Arc<Sandbox>) {
        sandbox.signal_kill();
        sandbox.until_over().await;
        let clearing = Arc::clone(&sandbox);
        let _ = tokio::task::spawn_blocking(move || clearing.clear()).await;
        sandbox.egress.close().await;
    }

    async fn make(&self, slot: u32, request: Request, spare: Option<Spare>) -> Result<Sandbox, CreateError> {
        let token = |prefix: &str| Secret::new(format!("{prefix}_{}", random(ID_LENGTH * 2)));
        let access_token = request.secure.then(|| token("ea"));
        let traffic_token = request.ingress.private.then(|| token("ta"));
        let (id, launched) = match spare {
            Some(Spare { id, slot: _, launched }) => (id, launched),
            None => {
                let id = new_id();
                let launched = self.launch(&id, slot).await?;
                (id, launched)
            }
        };
        self.adopt(launched, id, slot, request, (access_token, traffic_token))
    }

    /// Starts a PID 1 for the sandbox of that id, when it is its turn.
    pub(super) async fn launch(&self, id: &SandboxId, slot: u32) -> Result<Launched, CreateError> {
        let _permit = self.starts.turn().await.map_err(|busy| CreateError::Busy(busy.waiting))?;
        let (site, name) = (Arc::clone(&self.site), id.to_string());
        let launched = tokio::task::spawn_blocking(move || site.launch(&name, slot)).await;
        Ok(launched.unwrap_or(Err(LaunchError::Ended))?)
    }

    /// Makes what was launched the sandbox of `request`.
    pub(super) fn adopt(
        &self,
        launched: Launched,
        id: SandboxId,
        slot: u32,
        request: Request,
        (access_token, traffic_token): (Option<Secret>, Option<Secret>),
    ) -> Result<Sandbox, CreateError> {
        let (exit, snapshots) = (Arc::clone(&self.exit), Arc::clone(&self.snapshots));
        let Launched { control, pidfd, cgroup } = launched;
        let parts = Parts { id, slot, request, access_token, traffic_token, exit, control, pidfd, cgroup, snapshots };
        Sandbox::new(parts).map_err(CreateError::Watch)
    }

    /// Its time counts from when its files are there.
    pub(super) async fn fill(&self, sandbox: &Sandbox, archive: Archive) -> Result<(), CreateError> {
        let _permit = self.starts.turn().await.map_err(|busy| CreateError::Busy(busy.waiting))?;
        snapshots::restore(sandbox, archive).await?;
        let until = Deadline::after(sandbox.request.timeout);
        sandbox.change(Signal::SetDeadline(until)).await.map(drop).map_err(|_| SnapshotError::Ended.into())
    }

    async fn watch(&self, sandbox: Arc<Sandbox>) {
        sandbox.until_over().await;
        if sandbox.is_asleep() {
            let emptying = Arc::clone(&sandbox);
            let _ = tokio::task::spawn_blocking(move || emptying.empty()).await;
            sandbox.egress.close().await;
            if sandbox.sleep_on().await {
                sandbox.announce_gone();
                return;
            }
        }
        // From here on nobody finds it: whoever was told that it is gone must not meet it again.
        self.running.pin().remove(&sandbox.id);
        let clearing = Arc::clone(&sandbox);
        let _ = tokio::task::spawn_blocking(move || clearing.clear()).await;
        // Only now: whoever waits for PID 1 of a paused sandbox, to open its way out, has been let go.
        sandbox.egress.close().await;
        self.give_slot(sandbox.slot);
        sandbox.announce_gone();
        tracing::debug!(sandbox = %sandbox.id, "sandbox gone");
    }

    pub(super) fn take_slot(&self) -> Result<Slot<'_>, CreateError> {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        let free = slots.as_mut().ok_or(CreateError::Closing)?;
        let number = free.pop_first().ok_or(CreateError::Full(self.capacity))?;
        Ok(self.slot(number))
    }

    /// A slot that was taken before.
    const fn slot(&self, number: u32) -> Slot<'_> {
        Slot { sandboxes: self, number, kept: false }
    }

    pub(super) fn give_slot(&self, slot: u32) {
        if let Some(slots) = self.slots.lock().unwrap_or_else(PoisonError::into_inner).as_mut() {
            slots.insert(slot);
        }
    }

    /// Ends all sandboxes and takes no new one. Returns when nothing is left of them.
    pub async fn close(&self) {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner).take();
        self.closing.cancel();
        // One that was just starting is not in the table yet: look again until no task is left that could add one.
        self.tasks.close();
        while tokio::time::timeout(Duration::from_millis(20), self.tasks.wait()).await.is_err() {
            for sandbox in self.all() {
                sandbox.signal_kill();
            }
        }
        self.site.cgroups.close();
    }

    /// Kills all, without waiting: for a host that is dropped rather than shut down.
    pub fn kill_all(&self) {
        self.closing.cancel();
        for sandbox in self.all() {
            sandbox.signal_kill();
        }
    }
}

/// A number that is given back unless the sandbox came to be.
pub(super) struct Slot<'a> {
    sandboxes: &'a Sandboxes,
    pub(super) number: u32,
    kept: bool,
}

impl Slot<'_> {
    pub(super) fn keep(mut self) -> u32 {
        self.kept = true;
        self.number
    }
}

impl Drop for Slot<'_> {
    fn drop(&mut self) {
        if !self.kept {
            self.sandboxes.give_slot(self.number);
        }
    }
}

pub(super) fn new_id() -> SandboxId {
    // `i` and 19 more: a sandbox id begins with a letter, as E2B's do.
    let text = format!("i{}", random(ID_LENGTH - 1));
    text.parse().unwrap_or_else(|_| unreachable!("letters and digits make a sandbox id"))
}

/// `length` letters and digits from the system's random source.
pub fn random(length: usize) -> String {
    const ALPHABET: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
    let mut text = String::with_capacity(length);
    while text.len() < length {
        let mut bytes = [0u8; 64];
        if getrandom::fill(&mut bytes).is_err() {
            unreachable!("Linux has a random source");
        }
        // Bytes from 252 on would favour the first letters.
        let letters = bytes.iter().filter(|byte| **byte < 252).map(|byte| char::from(ALPHABET[usize::from(byte % 36)]));
        text.extend(letters.take(length - text.len()));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_long_and_differ() {
        let (one, two) = (new_id(), new_id());
        assert_eq!(one.as_str().len(), ID_LENGTH);
        assert_ne!(one, two);
        assert_eq!(random(64).len(), 64);
    }
}
