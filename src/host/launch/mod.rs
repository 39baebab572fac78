//! From nothing to a sandbox whose PID 1 answers. See `agent/mod.rs` for the other side.
//!
//! All of it is blocking system calls, a few milliseconds long: it runs on a blocking thread, and as many run at
//! once as there are processors.

pub mod idmap;
pub mod rootfs;

use std::{
    fs, io,
    os::fd::{AsFd, BorrowedFd, OwnedFd},
    os::unix::process::CommandExt as _,
    path::PathBuf,
    process::{Command, Stdio},
    time::Duration,
};

use rustix::{
    net::{AddressFamily, SocketFlags, SocketType, socketpair, sockopt},
    process::{Pid, PidfdFlags, Signal, WaitId, WaitIdOptions, pidfd_open, pidfd_send_signal, waitid},
};

use self::idmap::IdMaps;
use super::{
    agent::{
        channel,
        protocol::{Boot, Setup, decode, encode},
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
    /// A read-only mount of the executable, when the setup asked for it and the kernel gave one.
    pub executable: Option<OwnedFd>,
}

/// What one start needs.
pub struct Order<'a> {
    pub executable: &'a PathBuf,
    pub setup: &'a Setup,
    pub maps: &'a IdMaps,
    pub cgroup: &'a Cgroup,
}

/// Starts one sandbox. Blocks.
///
/// # Errors
/// Which step failed; nothing is left of the sandbox then.
pub fn launch(order: &Order<'_>) -> Result<Launched, LaunchError> {
    let io = |action| move |source: io::Error| LaunchError::Io { action, source };
    let (control, theirs) = socketpair(AddressFamily::UNIX, SocketType::SEQPACKET, SocketFlags::CLOEXEC, None)
        .map_err(|errno| io("make a control socket")(errno.into()))?;
    sockopt::set_socket_timeout(&control, sockopt::Timeout::Recv, Some(STEP_TIMEOUT))
        .map_err(|errno| io("set up the control socket")(errno.into()))?;
    let mut helper = Command::new(order.executable)
        // All that a sandbox sees of the engine's command line.
        .arg0("spawnai")
        .arg("sandbox-init")
        .env_clear()
        .stdin(Stdio::from(theirs))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|source| LaunchError::Spawn { path: order.executable.clone(), source })?;
    let mut heard = Heard::default();
    let booted = boot(order, control.as_fd(), helper.id(), &mut heard);
    if booted.is_err() {
        let _ = helper.kill();
    }
    // The helper ends by itself once PID 1 is there.
    let waited = helper.wait().map_err(io("wait for the helper"));
    match (booted, waited, heard.pidfd) {
        (Ok(()), Ok(_), Some(pidfd)) => Ok(Launched { control, pidfd, executable: heard.executable }),
        (booted, waited, pidfd) => {
            if let Some(pidfd) = pidfd {
                let _ = pidfd_send_signal(&pidfd, Signal::KILL);
                let _ = reap(pidfd.as_fd());
            }
            Err(booted.err().or(waited.err()).unwrap_or(LaunchError::Ended))
        }
    }
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

/// What came of a start so far.
#[derive(Default)]
struct Heard {
    pidfd: Option<OwnedFd>,
    executable: Option<OwnedFd>,
}

fn boot(order: &Order<'_>, control: BorrowedFd<'_>, helper: u32, so_far: &mut Heard) -> Result<(), LaunchError> {
    match hear(control)?.0 {
        Boot::Unshared => {}
        Boot::Failed { step, errno } => return Err(LaunchError::Step { step, errno }),
        Boot::Executable | Boot::Forked { .. } | Boot::Ready => return Err(LaunchError::Protocol),
    }
    write_maps(helper, order.maps)?;
    let setup = encode(order.setup).map_err(|_| LaunchError::Protocol)?;
    let joins: Vec<_> = order.cgroup.joins().iter().map(AsFd::as_fd).collect();
    channel::send(control, &setup, &joins).map_err(|source| LaunchError::Io { action: "send the setup", source })?;
    // The helper and PID 1 share the socket, so either may be heard first.
    let mut ready = false;
    while !(ready && so_far.pidfd.is_some()) {
        let (boot, descriptors) = hear(control)?;
        match boot {
            Boot::Executable if order.setup.show_executable => so_far.executable = descriptors.into_iter().next(),
            Boot::Forked { pid } if so_far.pidfd.is_none() => {
                let pid = Pid::from_raw(pid).ok_or(LaunchError::Protocol)?;
                // It is our child and we have not reaped it, so the pid is still its own.
                so_far.pidfd = Some(pidfd_open(pid, PidfdFlags::empty()).map_err(|_| LaunchError::Protocol)?);
            }
            Boot::Ready if !ready => ready = true,
            Boot::Failed { step, errno } => return Err(LaunchError::Step { step, errno }),
            Boot::Unshared | Boot::Executable | Boot::Forked { .. } | Boot::Ready => return Err(LaunchError::Protocol),
        }
    }
    Ok(())
}

fn hear(control: BorrowedFd<'_>) -> Result<(Boot, Vec<OwnedFd>), LaunchError> {
    let mut buffer = vec![0; channel::MESSAGE_MAX];
    let received = channel::receive(control, &mut buffer)
        .map_err(|source| LaunchError::Io { action: "hear from the sandbox's first process", source })?;
    let (length, descriptors) = received.ok_or(LaunchError::Ended)?;
    Ok((decode(&buffer[..length]).map_err(|_| LaunchError::Protocol)?, descriptors))
}

fn write_maps(helper: u32, maps: &IdMaps) -> Result<(), LaunchError> {
    let write = |name, content: &str| {
        fs::write(format!("/proc/{helper}/{name}"), content)
            .map_err(|source| LaunchError::Io { action: "map the sandbox's ids", source })
    };
    if maps.deny_setgroups {
        write("setgroups", "deny")?;
    }
    write("uid_map", &maps.uid)?;
    write("gid_map", &maps.gid)
}
