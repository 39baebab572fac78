//! How a sandbox comes to be, in what the host, the nursery and PID 1 say to one another until it serves. Plain data.

use serde::{Deserialize, Serialize};

use super::protocol::Identity;

/// A file or folder of the machine that the sandbox sees, read-only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bind {
    /// Absolute path on the machine.
    pub source: String,
    /// Path inside, without the leading `/`.
    pub target: String,
}

/// The sandbox's file system, without what is the same for all of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RootPlan {
    pub binds: Vec<Bind>,
    /// `(path inside without the leading /, what it points to)`.
    pub links: Vec<(String, String)>,
    /// `(path inside without the leading /, content)`.
    pub files: Vec<(String, String)>,
    /// The same for scripts, which are executable.
    pub programs: Vec<(String, String)>,
}

/// Everything that PID 1 must know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Setup {
    pub identity: Identity,
    pub hostname: String,
    /// Whether a program that the user runs lies below `/root`.
    pub passage_through_root: bool,
    /// Bytes of all that programs may write to: `/home/user`, `/root`, `/tmp`, `/var/tmp`, `/var/added`, `/dev/shm`.
    pub disk_bytes: u64,
    pub inodes: u64,
    /// Processes, as an rlimit: it holds where no cgroup does.
    pub processes: u64,
    /// Open files of one process.
    pub open_files: u64,
    /// Whether a control group counts the programs' memory. If not, they get none that nobody could count.
    pub memory_counted: bool,
}

/// What is written to a new user namespace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdMaps {
    pub uid: String,
    pub gid: String,
    /// Whether `setgroups` must be denied first.
    pub deny_setgroups: bool,
}

/// What all sandboxes of a host have in common, and the first thing that a nursery hears. With it come the membership
/// files of the control groups that the engine is in, in the order of those of each sandbox.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ground {
    pub root: RootPlan,
    /// Those of the nursery's own user namespace, which it needs where the host is not root.
    pub maps: Option<IdMaps>,
}

/// The nursery's first answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Laid {
    /// With a read-only mount of the nursery's executable, where there can be one.
    Done,
    Failed {
        step: String,
        errno: i32,
    },
}

/// Asks the nursery for a sandbox. With it comes the sandbox's end of its control socket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Birth {
    pub setup: Setup,
    pub maps: IdMaps,
}

/// The nursery's answer. A process that came to be comes along as a pidfd, also when it cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Born {
    Alive,
    Failed { step: String, errno: i32 },
}

/// The first thing that PID 1 hears. With it come the membership files of the sandbox's control groups.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Groups {
    /// Whether one more descriptor comes last: the file that thaws a frozen sandbox, without which its programs would not
    /// die with PID 1.
    pub thaws: bool,
}

/// How PID 1's start went.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Boot {
    Ready,
    Failed { step: String, errno: i32 },
}
