//! The host's settings.

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use super::egress;

/// What every sandbox of a host may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    pub vcpus: u32,
    pub memory_mib: u32,
    /// `/home/user`, `/root`, `/tmp`, `/var/tmp`, `/dev/shm` and what clients added to `/`, together. Their content lies
    /// in memory, and what a program writes counts as the sandbox's memory too: no more than half of that is given, so
    /// that a full disk is told as one, and leaves room for the programs that empty it.
    pub disk_mib: u32,
    /// Files and folders on that disk.
    pub inodes: u64,
    pub processes: u32,
    /// Open files of one process.
    pub open_files: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self { vcpus: 2, memory_mib: 512, disk_mib: 512, inodes: 200_000, processes: 256, open_files: 4096 }
    }
}

impl Limits {
    /// With a disk that leaves room for programs.
    #[must_use]
    pub(super) const fn balanced(self) -> Self {
        let half = self.memory_mib / 2;
        Self { disk_mib: if self.disk_mib < half { self.disk_mib } else { half }, ..self }
    }
}

/// `host::Host::start`'s argument. The composition root fills it from flags and the environment.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where the E2B protocol is served, in plain HTTP. Port 0 takes a free one.
    pub listen: SocketAddr,
    /// Where `host.key` and `snapshots` lie. Must exist and be writable.
    pub data_dir: PathBuf,
    /// The `spawnai` executable, which becomes PID 1 of each sandbox.
    pub init_executable: PathBuf,
    pub limits: Limits,
    /// Sandboxes at once, paused ones among them; one more is answered with 429.
    pub sandboxes_max: usize,
    /// Sandboxes being started at once; the others wait. More than the processors only makes all of them slower.
    pub starts_max: usize,
    /// Sandboxes that wait to be started; one more is told to come again.
    pub starts_waiting_max: usize,
    /// Sandboxes that are kept up before anybody asks for one; they count as sandboxes.
    pub spares: usize,
    /// Longest timeout that a client may ask for.
    pub lifetime_max: Duration,
    /// Sandboxes' way to the internet.
    pub egress: egress::Config,
    /// Snapshots that are kept; one more is answered with 507.
    pub snapshots_max: usize,
    /// Bytes on disk of all of them together, and of the files of sandboxes that are being taken.
    pub snapshot_bytes_max: u64,
    /// Threads that serve HTTP.
    pub workers: usize,
    /// How long a client may send nothing in the middle of an upload.
    pub silence_max: Duration,
    /// How long open connections may finish at shutdown. Sandboxes end at once.
    pub shutdown_grace: Duration,
}

impl Config {
    /// The defaults, for a host at `listen` that keeps its key in `data_dir`.
    #[must_use]
    pub fn new(listen: SocketAddr, data_dir: PathBuf) -> Self {
        Self {
            listen,
            data_dir,
            init_executable: PathBuf::from("/proc/self/exe"),
            limits: Limits::default(),
            sandboxes_max: 1100,
            starts_max: std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
            starts_waiting_max: 512,
            spares: 0,
            lifetime_max: Duration::from_secs(24 * 3600),
            egress: egress::Config::default(),
            snapshots_max: 200,
            snapshot_bytes_max: 8 << 30,
            workers: 1,
            silence_max: Duration::from_secs(60),
            shutdown_grace: Duration::from_secs(1),
        }
    }
}
