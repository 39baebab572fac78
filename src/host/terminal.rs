//! The host's end of a program's terminal.
//!
//! It comes out of a sandbox, so it is a stranger's until [`Terminal::new`] has seen that it is the master of a
//! pseudoterminal: nothing else that PID 1 could hand out may be told a size.

use std::{io, os::fd::OwnedFd};

use bytes::Bytes;
use rustix::{
    fs::{FileType, fstat, major, minor},
    io::Errno,
    termios::{Winsize, tcsetwinsize},
};
use tokio::io::{Interest, unix::AsyncFd};

use super::{
    agent::{client, protocol::Size},
    process::chunk,
};

/// `/dev/ptmx`, and so every master that was opened through it.
const MASTER: (u32, u32) = (5, 2);

#[derive(Debug)]
pub struct Terminal(AsyncFd<OwnedFd>);

impl Terminal {
    /// # Errors
    /// `InvalidData` for a descriptor that is no terminal's master.
    pub fn new(descriptor: OwnedFd) -> io::Result<Self> {
        let stat = fstat(&descriptor)?;
        let is_device = FileType::from_raw_mode(stat.st_mode) == FileType::CharacterDevice;
        if !is_device || (major(stat.st_rdev), minor(stat.st_rdev)) != MASTER {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "not a terminal"));
        }
        rustix::io::ioctl_fionbio(&descriptor, true)?;
        Ok(Self(client::watch(descriptor)?))
    }

    /// # Errors
    /// When the kernel refuses, which it does for none that is open.
    pub fn resize(&self, size: Size) -> io::Result<()> {
        let size = Winsize { ws_row: size.rows, ws_col: size.columns, ws_xpixel: 0, ws_ypixel: 0 };
        Ok(tcsetwinsize(self.0.get_ref(), size)?)
    }

    /// Types all of `input`; waits while the program does not read.
    ///
    /// # Errors
    /// When nobody has the terminal open any more.
    pub async fn write_all(&self, mut input: &[u8]) -> io::Result<()> {
        while !input.is_empty() {
            let write = |terminal: &OwnedFd| Ok(rustix::io::write(terminal, input)?);
            let written = self.0.async_io(Interest::WRITABLE, write).await?;
            if written == 0 {
                return Err(io::ErrorKind::WriteZero.into());
            }
            input = &input[written..];
        }
        Ok(())
    }

    /// Reads what is there; empty once nobody has the terminal open any more.
    ///
    /// # Errors
    /// What the kernel says.
    pub async fn read(&self) -> io::Result<Bytes> {
        let read = |terminal: &OwnedFd| {
            chunk(|buffer| match rustix::io::read(terminal, buffer) {
                // How Linux says that the last program closed it.
                Err(Errno::IO) => Ok(0),
                other => Ok(other?),
            })
        };
        self.0.async_io(Interest::READABLE, read).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_a_terminal_is_one() {
        let pipe = rustix::pipe::pipe().unwrap().0;
        assert_eq!(Terminal::new(pipe).unwrap_err().kind(), io::ErrorKind::InvalidData);
        let null = std::fs::File::open("/dev/null").unwrap();
        assert_eq!(Terminal::new(null.into()).unwrap_err().kind(), io::ErrorKind::InvalidData);
    }
}
