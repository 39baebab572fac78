//! All sandboxes of a host: made here, found here, and gone from here once they are reaped.
//!
//! ```text
//!  create ──► [starting] ──► running ──► time is up, killed, or PID 1 died ──► reaped ──► groups removed ──► gone
//!             at most one                 (one watching task per sandbox)
//!             per processor
//! ```

use std::{
    collections::BTreeSet,
    os::fd::{AsRawFd as _, OwnedFd},
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError, Weak},
    time::Duration,
};

use tokio::sync::Semaphore;
use tokio_util::task::TaskTracker;

use super::{
    agent::protocol::{Identity, RootPlan, Setup},
    cgroup::{Cgroups, Controller},
    config::{Config, Limits},
    error::LaunchError,
    launch::{
        self, Launched, Order,
        idmap::{self, id_maps},
        rootfs::HOSTNAME,
    },
    sandbox::{Parts, Request, Sandbox},
};
use crate::types::{SandboxId, Secret};

/// Letters and digits of a sandbox id: about 103 bits, so that nobody guesses one.
const ID_LENGTH: usize = 20;

/// Why there is no new sandbox.
#[derive(Debug, thiserror::Error)]
pub enum CreateError {
    #[error("the host already runs {0} sandboxes")]
    Full(usize),
    #[error("the host is shutting down")]
    Closing,
    #[error("cannot start a sandbox")]
    Launch(#[from] LaunchError),
    #[error("cannot watch a sandbox")]
    Watch(#[source] std::io::Error),
}

/// What is the same for all sandboxes of this host.
#[derive(Debug)]
pub struct Site {
    pub identity: Identity,
    pub init_executable: PathBuf,
    /// The same file, where nothing can write to it. `None` until the probe has brought it, and where there can be none.
    pub guarded: Option<OwnedFd>,
    pub root: RootPlan,
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
    pub fn launch(&self, id: &str, slot: u32) -> Result<(Launched, super::cgroup::Cgroup), LaunchError> {
        let limits = &self.limits;
        let setup = Setup {
            identity: self.identity,
            hostname: HOSTNAME.to_owned(),
            root: self.root.clone(),
            disk_bytes: u64::from(limits.disk_mib) << 20,
            inodes: limits.inodes,
            processes: limits.processes.into(),
            open_files: limits.open_files.into(),
            show_executable: self.guarded.is_none(),
            memory_counted: self.cgroups.holds(Controller::Memory),
        };
        let (euid, egid) = (rustix::process::geteuid().as_raw(), rustix::process::getegid().as_raw());
        let maps = id_maps(self.identity, std::process::id(), slot, euid, egid);
        let mut cgroup = self.cgroups.create(id, limits)?;
        let guarded = self.guarded.as_ref().map(|mount| PathBuf::from(format!("/proc/self/fd/{}", mount.as_raw_fd())));
        let executable = guarded.as_ref().unwrap_or(&self.init_executable);
        let order = Order { executable, setup: &setup, maps: &maps, cgroup: &cgroup };
        let launched = launch::launch(&order)?;
        cgroup.close_joins();
        Ok((launched, cgroup))
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
    starts: Semaphore,
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
            starts: Semaphore::new(config.starts_max.max(1)),
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

    async fn create_now(self: Arc<Self>, request: Request) -> Result<Arc<Sandbox>, CreateError> {
        let slot = self.take_slot()?;
        let made = self.make(slot.number, request).await;
        let sandbox = Arc::new(made?);
        slot.keep();
        self.running.pin().insert(sandbox.id.clone(), Arc::downgrade(&sandbox));
        let (this, watched) = (Arc::clone(&self), Arc::clone(&sandbox));
        self.tasks.spawn(async move { this.watch(watched).await });
        Ok(sandbox)
    }

    async fn make(&self, slot: u32, request: Request) -> Result<Sandbox, CreateError> {
        let id = new_id();
        let permit = self.starts.acquire().await.map_err(|_| CreateError::Closing)?;
        let (site, name) = (Arc::clone(&self.site), id.to_string());
        let launched = tokio::task::spawn_blocking(move || site.launch(&name, slot)).await;
        drop(permit);
        let (launched, cgroup) = launched.unwrap_or(Err(LaunchError::Ended))?;
        let access_token = request.secure.then(|| Secret::new(format!("ea_{}", random(ID_LENGTH * 2))));
        let Launched { control, pidfd, executable: _ } = launched;
        Sandbox::new(Parts { id, slot, request, access_token, control, pidfd, cgroup }).map_err(CreateError::Watch)
    }

    async fn watch(&self, sandbox: Arc<Sandbox>) {
        sandbox.until_over().await;
        // From here on nobody finds it: whoever was told that it is gone must not meet it again.
        self.running.pin().remove(&sandbox.id);
        let clearing = Arc::clone(&sandbox);
        let _ = tokio::task::spawn_blocking(move || clearing.clear()).await;
        self.give_slot(sandbox.slot);
        sandbox.announce_gone();
        tracing::debug!(sandbox = %sandbox.id, "sandbox gone");
    }

    fn take_slot(&self) -> Result<Slot<'_>, CreateError> {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        let free = slots.as_mut().ok_or(CreateError::Closing)?;
        let number = free.pop_first().ok_or(CreateError::Full(self.capacity))?;
        Ok(Slot { sandboxes: self, number, kept: false })
    }

    fn give_slot(&self, slot: u32) {
        if let Some(slots) = self.slots.lock().unwrap_or_else(PoisonError::into_inner).as_mut() {
            slots.insert(slot);
        }
    }

    /// Ends all sandboxes and takes no new one. Returns when nothing is left of them.
    pub async fn close(&self) {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner).take();
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
        for sandbox in self.all() {
            sandbox.signal_kill();
        }
    }
}

/// A number that is given back unless the sandbox came to be.
struct Slot<'a> {
    sandboxes: &'a Sandboxes,
    number: u32,
    kept: bool,
}

impl Slot<'_> {
    fn keep(mut self) {
        self.kept = true;
    }
}

impl Drop for Slot<'_> {
    fn drop(&mut self) {
        if !self.kept {
            self.sandboxes.give_slot(self.number);
        }
    }
}

fn new_id() -> SandboxId {
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
