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
        birth::{Birth, Boot, Groups},
        channel,
        protocol::{decode, encode},
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
    pub cgroup: Cgroup,
}

/// Starts one sandbox. Blocks. Its groups are made by `groups` while it builds its root.
///
/// # Errors
/// Which step failed; nothing is left of the sandbox then.
pub fn launch(
    nursery: &Nursery,
    birth: &Birth,
    groups: impl FnOnce() -> Result<Cgroup, LaunchError>,
) -> Result<Launched, LaunchError> {
    let (control, theirs) = socket_pair()?;
    let pidfd = nursery.bear(birth, theirs)?;
    let mut cgroup = groups().inspect_err(|_| end(pidfd.as_fd()))?;
    let up = tell(control.as_fd(), &cgroup).and_then(|()| hear(control.as_fd()));
    // Before the groups go: they must be empty by then.
    up.inspect_err(|_| end(pidfd.as_fd()))?;
    cgroup.close_joins();
    Ok(Launched { control, pidfd, cgroup })
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

/// Hands PID 1 its groups.
fn tell(control: BorrowedFd<'_>, cgroup: &Cgroup) -> Result<(), LaunchError> {
    let io = |action| move |source| LaunchError::Io { action, source };
    let thaw = cgroup.freezer().map(|freezer| freezer.last_resort()).transpose();
    let thaw = thaw.map_err(io("open the sandbox's freezer"))?.flatten();
    let message = encode(&Groups { thaws: thaw.is_some() }).map_err(|_| LaunchError::Protocol)?;
    let descriptors: Vec<_> = cgroup.joins().iter().chain(&thaw).map(AsFd::as_fd).collect();
    channel::send(control, &message, &descriptors).map_err(io("tell the sandbox's first process its groups"))
}

/// Waits until it is ready.
fn hear(control: BorrowedFd<'_>) -> Result<(), LaunchError> {
    let mut buffer = vec![0; channel::MESSAGE_MAX];
    let received = channel::receive(control, &mut buffer)
        .map_err(|source| LaunchError::Io { action: "hear from the sandbox's first process", source })?;
    match decode(&buffer[..received.ok_or(LaunchError::Ended)?.0]) {
        Ok(Boot::Ready) => Ok(()),
        Ok(Boot::Failed { step, errno }) => Err(LaunchError::Step { step, errno }),
        Err(_) => Err(LaunchError::Protocol),
    }
}
