//! What programs see of their control groups: that they are in the root of all they can see.
//!
//! ```text
//!  PID 1 ── fork ─► scout: joins the sandbox's groups, unshares its view of them, waits
//!  PID 1 ◄─ setns ─ scout ends
//! ```
//! The root of a view is the group in which it was unshared. PID 1 shall have the sandbox's as its view and yet stay
//! outside of it, and may not know a way back out: so another process goes in. Without, `/proc/self/cgroup` would tell
//! every program the engine's pid and its sandbox's name.

use std::{
    fs::File,
    io::{self, Read as _},
    os::fd::{AsFd as _, OwnedFd},
};

use rustix::{
    pipe::{PipeFlags, pipe_with},
    process::{Pid, PidfdFlags, pidfd_open},
    thread::{ThreadNameSpaceType, UnshareFlags, move_into_thread_name_spaces, unshare_unsafe},
};

use super::sys::{self, Fork};

/// Gives the calling process the view of whoever is in the groups that `joins` are the membership files of. Only for a
/// process with one thread and no children.
///
/// # Errors
/// What the kernel says.
pub fn look_from(joins: &[OwnedFd]) -> io::Result<()> {
    let (ready, scout_ready) = pipe_with(PipeFlags::CLOEXEC)?;
    let (scout_leave, leave) = pipe_with(PipeFlags::CLOEXEC)?;
    match sys::fork()? {
        Fork::Child => {
            drop((ready, leave));
            let code = i32::from(scout(joins, &scout_ready).is_err());
            // Until PID 1 has its view, or is gone.
            let _ = File::from(scout_leave).read(&mut [0]);
            sys::exit_now(code)
        }
        Fork::Parent { child } => {
            drop((scout_ready, scout_leave));
            let arrived = File::from(ready).read_exact(&mut [0]);
            let taken = arrived.and_then(|()| {
                // Not by `/proc`, which is still the machine's and knows the scout by another number.
                let scout = Pid::from_raw(child).ok_or(io::ErrorKind::NotFound)?;
                let scout = pidfd_open(scout, PidfdFlags::empty())?;
                Ok(move_into_thread_name_spaces(scout.as_fd(), ThreadNameSpaceType::CONTROL_GROUP)?)
            });
            drop(leave);
            sys::wait(child)?;
            taken
        }
    }
}

fn scout(joins: &[OwnedFd], ready: &OwnedFd) -> io::Result<()> {
    for join in joins {
        rustix::io::write(join, b"0")?;
    }
    // SAFETY: the process has one thread, so none is surprised by what it no longer shares.
    unsafe { unshare_unsafe(UnshareFlags::NEWCGROUP) }?;
    rustix::io::write(ready, b"!")?;
    Ok(())
}
