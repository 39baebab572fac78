//! The host's side of the nursery: started when it is first needed, and anew should it ever end.

use std::{
    io,
    os::{
        fd::{AsFd, OwnedFd},
        unix::process::CommandExt as _,
    },
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::{Mutex, PoisonError},
};

use super::{end, socket_pair};
use crate::host::{
    agent::{
        channel,
        protocol::{Birth, Born, decode, encode},
    },
    cgroup::Cgroup,
    error::LaunchError,
};

/// The process that sandboxes are forked from. Dropping it ends that process, and no sandbox.
#[derive(Debug)]
pub struct Nursery {
    executable: PathBuf,
    /// Held for one question and its answer, which take less than a millisecond.
    running: Mutex<Option<Running>>,
}

#[derive(Debug)]
struct Running {
    /// Dropped first: its end is what ends the process.
    socket: Option<OwnedFd>,
    process: Child,
}

impl Nursery {
    /// One whose processes run `executable`, which is `spawnai`.
    #[must_use]
    pub const fn new(executable: PathBuf) -> Self {
        Self { executable, running: Mutex::new(None) }
    }

    /// Has a sandbox's first process made, with `control` as its control socket: its pidfd.
    ///
    /// # Errors
    /// When the process cannot be made; nothing is left of it then.
    pub fn bear(
        &self,
        birth: &Birth,
        control: OwnedFd,
        cgroup: &Cgroup,
        thaw: Option<&OwnedFd>,
    ) -> Result<OwnedFd, LaunchError> {
        let message = encode(birth).map_err(|_| LaunchError::Protocol)?;
        let descriptors: Vec<_> =
            std::iter::once(&control).chain(cgroup.joins()).chain(thaw).map(AsFd::as_fd).collect();
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        if running.as_mut().is_some_and(Running::has_ended) {
            running.take();
        }
        let nursery = match &mut *running {
            Some(nursery) => nursery,
            none => none.insert(Running::start(&self.executable)?),
        };
        let asked = nursery.ask(&message, &descriptors);
        if asked.is_err() {
            // Whatever went wrong there, the next sandbox shall not meet it.
            running.take();
        }
        let (born, pidfd) = asked?;
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

    fn ask(
        &self,
        message: &[u8],
        descriptors: &[std::os::fd::BorrowedFd<'_>],
    ) -> Result<(Born, Option<OwnedFd>), LaunchError> {
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
