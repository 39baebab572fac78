//! PID 1's workers, as the host sees them.

use std::{fs::File, io, os::fd::OwnedFd, os::unix::fs::FileTypeExt as _};

use tokio::net::unix::pipe;

use crate::host::{
    agent::{
        client::Turn,
        protocol::{Done, Op},
    },
    error::AgentError,
    sandbox::Sandbox,
};

/// A child of PID 1 that captures or restores.
#[derive(Debug)]
pub struct Worker {
    pub pid: i32,
    pub exit: pipe::Receiver,
    /// The host's end of the archive. Blocks, and ends when the worker does.
    pub archive: File,
}

impl Worker {
    fn of(descriptors: Vec<OwnedFd>) -> io::Result<(pipe::Receiver, File)> {
        let [exit, archive] = <[OwnedFd; 2]>::try_from(descriptors).map_err(|_| io::ErrorKind::InvalidData)?;
        let archive = File::from(archive);
        // Anything else might not end.
        if !archive.metadata()?.file_type().is_fifo() {
            return Err(io::ErrorKind::InvalidData.into());
        }
        Ok((pipe::Receiver::from_owned_fd(exit)?, archive))
    }
}

impl Sandbox {
    /// Starts a worker of PID 1's own: `Capture` or `Restore`.
    ///
    /// # Errors
    /// When it did not start.
    pub async fn work(&self, turn: &mut Turn, op: Op) -> Result<Worker, AgentError> {
        let (done, descriptors) = self.heed(self.agent.ask_in(turn, op).await)?;
        let (Done::Started { pid }, Ok((exit, archive))) = (done, Worker::of(descriptors)) else {
            // Whatever it is that answers like that, it is no longer ours.
            self.kill_tree();
            return Err(AgentError::Gone);
        };
        Ok(Worker { pid, exit, archive })
    }
}
