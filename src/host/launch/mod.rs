//! From nothing to a sandbox whose PID 1 answers. See `agent/mod.rs` for the other side.
//!
//! All of it is blocking system calls, a few milliseconds long: it runs on a blocking thread, and as many run at
//! once as there are processors.

pub mod idmap;
mod nursery;
pub mod rootfs;

use std::{
    io,
    os::fd::{AsFd, BorrowedFd, OwnedFd},
    time::Duration,
};

use rustix::{
    net::{AddressFamily, SocketFlags, SocketType, socketpair, sockopt},
    process::{Signal, WaitId, WaitIdOptions, pidfd_send_signal, waitid},
};

pub use self::nursery::Nursery;
use super::{
    agent::{
        channel,
        protocol::{Birth, Boot, decode},
    },
    cgroup::Cgroup,
    error::LaunchError,
};

/// No step of a start may take longer. Generous: a machine under load starts a sandbox in tens of milliseconds.
const STEP_TIMEOUT: Duration = Duration::from_secs(20);

/// A sandbox that is up: its two handles. Dropping the control socket ends it; [`reap`] must follow.
#[derive(Debug)]
pub struct Launched {
    pub control: OwnedFd,
    pub pidfd: OwnedFd,
}

/// Starts one sandbox. Blocks. `thaw` is what the birth's setup says that PID 1 can thaw its sandbox with.
///
/// # Errors
/// Which step failed; nothing is left of the sandbox then.
pub fn launch(
    nursery: &Nursery,
    birth: &Birth,
    cgroup: &Cgroup,
    thaw: Option<&OwnedFd>,
) -> Result<Launched, LaunchError> {
    let (control, theirs) = socket_pair()?;
    let pidfd = nursery.bear(birth, theirs, cgroup, thaw)?;
    match hear(control.as_fd()) {
        Ok(()) => Ok(Launched { control, pidfd }),
        Err(err) => {
            end(pidfd.as_fd());
            Err(err)
        }
    }
}

/// Ends a process of ours and reaps it.
fn end(pidfd: BorrowedFd<'_>) {
    // Fails only for one that is dead already.
    let _ = pidfd_send_signal(pidfd, Signal::KILL);
    let _ = reap(pidfd);
}

/// Waits until PID 1 of a sandbox, and so all in it, is gone, and reaps it. Blocks.
///
/// # Errors
/// When the kernel refuses; `ECHILD` when it was reaped already.
pub fn reap(pidfd: BorrowedFd<'_>) -> io::Result<()> {
    loop {
        match waitid(WaitId::PidFd(pidfd), WaitIdOptions::EXITED) {
            Ok(_) => return Ok(()),
            Err(rustix::io::Errno::INTR) => {}
            Err(errno) => return Err(errno.into()),
        }
    }
}

/// Ours, on which nothing waits longer than [`STEP_TIMEOUT`], and theirs.
fn socket_pair() -> Result<(OwnedFd, OwnedFd), LaunchError> {
    let io = |action| move |errno: rustix::io::Errno| LaunchError::Io { action, source: errno.into() };
    let (ours, theirs) = socketpair(AddressFamily::UNIX, SocketType::SEQPACKET, SocketFlags::CLOEXEC, None)
        .map_err(io("make a control socket"))?;
    sockopt::set_socket_timeout(&ours, sockopt::Timeout::Recv, Some(STEP_TIMEOUT))
        .map_err(io("set up the control socket"))?;
    Ok((ours, theirs))
}

fn hear(control: BorrowedFd<'_>) -> Result<(), LaunchError> {
    let mut buffer = vec![0; channel::MESSAGE_MAX];
    let received = channel::receive(control, &mut buffer)
        .map_err(|source| LaunchError::Io { action: "hear from the sandbox's first process", source })?;
    let (length, _) = received.ok_or(LaunchError::Ended)?;
    match decode(&buffer[..length]) {
        Ok(Boot::Ready) => Ok(()),
        Ok(Boot::Failed { step, errno }) => Err(LaunchError::Step { step, errno }),
        Err(_) => Err(LaunchError::Protocol),
    }
}
