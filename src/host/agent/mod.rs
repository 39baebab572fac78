//! What runs inside: the engine's own executable as `spawnai sandbox-init`.
//!
//! ```text
//!  nursery (host's pid namespace)               PID 1 (the sandbox's)
//!  once: lays the ground, the root of them all
//!  clone(user, pid) ──► maps its ids ─────────► unshare the rest, clone the root, mounts, pivot_root, lo up
//!                                               bind itself: rlimits, no_new_privs, Landlock, seccomp; Ready
//!                                               serve: poll(control socket, SIGCHLD)
//!                                                 └─ fork ─► drop what is left ─► exec the user's program
//! ```
//!
//! PID 1 is one thread without a runtime, and hands out descriptors rather than moving bytes: a pipe, a file or a
//! connected socket that it made inside works outside at full speed. It ends when the control socket does, whatever
//! the reason, and the kernel then ends all else in its pid namespace: no sandbox outlives its engine.
//!
//! PID 1 is not dumpable, so no program inside can open `/proc/1/exe`, its memory or its descriptors. Should one come by
//! the engine's executable all the same, it is read-only in there: see `executable`.

mod archive;
pub mod birth;
pub mod channel;
pub mod client;
mod exec;
mod executable;
mod files;
mod ground;
mod init;
mod landlock;
mod membership;
mod mounts;
mod nursery;
mod person;
pub mod protocol;
mod seccomp;
mod serve;
mod sys;
mod top;
mod weigh;

pub use landlock::available as landlock_available;
pub use nursery::sandbox_init;
