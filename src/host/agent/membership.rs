//! What programs see of their control groups: that they are in the root of all they can see.
//!
//! The root of a view is the group in which it was unshared. PID 1 shall have the sandbox's as its view and yet stay
//! outside of it: so it goes in, looks around, and comes out again, before it has started any program. Without,
//! `/proc/self/cgroup` would tell every program the engine's pid and its sandbox's name.

use std::{io, os::fd::OwnedFd};

use rustix::thread::{UnshareFlags, unshare_unsafe};

/// Gives the calling process the view of whoever is in the groups that `joins` are the membership files of, and takes
/// it back to those of `leaves`, whose way is gone then. Only for a process with one thread.
///
/// # Errors
/// What the kernel says.
pub fn look_from(joins: &[OwnedFd], leaves: Vec<OwnedFd>) -> io::Result<()> {
    enter(joins)?;
    // SAFETY: the process has one thread, so none is surprised by what it no longer shares.
    unsafe { unshare_unsafe(UnshareFlags::NEWCGROUP) }?;
    enter(&leaves)
}

/// Writing "0" moves only this thread, which the kernel does without stopping the machine.
pub fn enter(groups: &[OwnedFd]) -> io::Result<()> {
    groups.iter().try_for_each(|group| Ok(rustix::io::write(group, b"0").map(drop)?))
}
