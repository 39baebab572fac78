//! The host's side of the nursery: started when it is first needed, and anew should it ever end.

use std::{
    io,
    os::{
        fd::{AsFd, AsRawFd as _, BorrowedFd, OwnedFd},
        unix::process::CommandExt as _,
    },
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::{Mutex, MutexGuard, PoisonError},
};

use serde::de::DeserializeOwned;

use super::{end, socket_pair};
use crate::host::{
    agent::{
        birth::{Birth, Born, Ground, Laid},
        channel,
        protocol::{decode, encode},
    },
    cgroup::Cgroups,
    error::LaunchError,
};

/// The process that sandboxes are forked from. Dropping it ends that process, and no sandbox.
#[derive(Debug)]
pub struct Nursery {
    executable: PathBuf,
    ground: Ground,
    /// The groups that this process is in.
    cgroups: Cgroups,
    /// Held for one question and its answer, which take less than a millisecond.
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// The same file, where nothing can write to it. `None` until the first nursery has brought it, and where there can
    /// be none.
    guarded: Option<OwnedFd>,
    running: Option<Running>,
}

#[derive(Debug)]
struct Running {
    /// Dropped first: its end is what ends the process.
    socket: Option<OwnedFd>,
    process: Child,
}

impl Nursery {
    /// One whose processes run `executable`, which is `spawnai`, and whose sandboxes stand on `ground`. Nothing is
    /// started before the first is asked for.
    #[must_use]
    pub fn new(executable: PathBuf, ground: Ground, cgroups: Cgroups) -> Self {
        Self { executable, ground, cgroups, state: Mutex::default() }
    }

    /// Whether sandboxes are born from a read-only mount of the executable; known once one was born.
    #[must_use]
    pub fn is_guarded(&self) -> bool {
        self.state().guarded.is_some()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Has a sandbox's first process made, with `control` as its control socket: its pidfd.
    ///
    /// # Errors
    /// When the process cannot be made; nothing is left of it then.
    pub fn bear(&self, birth: &Birth, control: OwnedFd) -> Result<OwnedFd, LaunchError> {
        let message = encode(birth).map_err(|_| LaunchError::Protocol)?;
        let mut state = self.state();
        if state.running.as_mut().is_some_and(Running::has_ended) {
            state.running.take();
        }
        let nursery = match state.running.take() {
            Some(nursery) => nursery,
            None => self.start(&mut state.guarded)?,
        };
        let (born, pidfd) = nursery.ask::<Born>(&message, &[control.as_fd()])?;
        // Only now: whatever went wrong there, the next sandbox shall not meet it.
        state.running = Some(nursery);
        match (born, pidfd) {
            (Born::Alive, Some(pidfd)) => Ok(pidfd),
            (Born::Alive, None) => Err(LaunchError::Protocol),
            (Born::Failed { step, errno }, pidfd) => {
                if let Some(pidfd) = pidfd {
                    end(pidfd.as_fd());
                }
                Err(LaunchError::Step { step, errno })
            }
        }
    }

    /// The first one brings what all others are started from.
    fn start(&self, guarded: &mut Option<OwnedFd>) -> Result<Running, LaunchError> {
        if guarded.is_none() {
            let (first, mount) = self.start_from(&self.executable)?;
            *guarded = mount;
            if guarded.is_none() {
                return Ok(first);
            }
        }
        let path = guarded.as_ref().map(|mount| PathBuf::from(format!("/proc/self/fd/{}", mount.as_raw_fd())));
        Ok(self.start_from(path.as_ref().unwrap_or(&self.executable))?.0)
    }

    /// One that has laid its ground, and the executable's mount, if it brought one.
    fn start_from(&self, executable: &PathBuf) -> Result<(Running, Option<OwnedFd>), LaunchError> {
        let started = Running::start(executable)?;
        let message = encode(&self.ground).map_err(|_| LaunchError::Protocol)?;
        let leaves = self.cgroups.own_memberships()?;
        let leaves: Vec<_> = leaves.iter().map(AsFd::as_fd).collect();
        match started.ask(&message, &leaves)? {
            (Laid::Done, mount) => Ok((started, mount)),
            (Laid::Failed { step, errno }, _) => Err(LaunchError::Step { step, errno }),
        }
    }
}

impl Running {
    fn start(executable: &PathBuf) -> Result<Self, LaunchError> {
        let (socket, theirs) = socket_pair()?;
        let process = Command::new(executable)
            // All that a sandbox sees of the engine's command line.
            .arg0("spawnai")
            .arg("sandbox-init")
            .env_clear()
            .stdin(Stdio::from(theirs))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|source| LaunchError::Spawn { path: executable.clone(), source })?;
        Ok(Self { socket: Some(socket), process })
    }

    fn has_ended(&mut self) -> bool {
        !matches!(self.process.try_wait(), Ok(None))
    }

    fn ask<T: DeserializeOwned>(
        &self,
        message: &[u8],
        descriptors: &[BorrowedFd<'_>],
    ) -> Result<(T, Option<OwnedFd>), LaunchError> {
        let io = |action| move |source: io::Error| LaunchError::Io { action, source };
        let socket = self.socket.as_ref().ok_or(LaunchError::Ended)?.as_fd();
        channel::send(socket, message, descriptors).map_err(io("ask for a sandbox"))?;
        let mut buffer = vec![0; channel::MESSAGE_MAX];
        let heard = channel::receive(socket, &mut buffer).map_err(io("hear of a sandbox"))?;
        let (length, pidfd) = heard.ok_or(LaunchError::Ended)?;
        Ok((decode(&buffer[..length]).map_err(|_| LaunchError::Protocol)?, pidfd.into_iter().next()))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.socket.take());
        // It may be stuck in a system call, and is not waited for in vain: whatever it still makes ends without its
        // control socket.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
