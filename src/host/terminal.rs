//! The host's end of a program's terminal.
//!
//! It comes out of a sandbox, so it is a stranger's until [`Terminal::new`] has seen that it is the master of a
//! pseudoterminal: nothing else that PID 1 could hand out may be told a size.
//!
//! PID 1 may have kept a copy, and could make it blocking. A terminal, unlike a pipe or a socket, offers no other way
//! to be read without waiting. So it is looked at before each use, and used on a thread that serves nobody else.

use std::{io, os::fd::OwnedFd};

use bytes::Bytes;
use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    fs::{FileType, OFlags, fcntl_getfl, fstat, major, minor},
    io::Errno,
    termios::{Winsize, tcsetwinsize},
};
use tokio::{io::unix::AsyncFd, sync::Mutex, task::JoinHandle};

use super::agent::{client, protocol::Size};

/// `/dev/ptmx`, and so every master that was opened through it.
const MASTER: (u32, u32) = (5, 2);
/// Bytes read at once. A terminal gives no more.
const CHUNK: usize = 4096;

#[derive(Debug)]
pub struct Terminal {
    descriptor: AsyncFd<OwnedFd>,
    /// A read that was begun and not heard of yet.
    reading: Mutex<Option<JoinHandle<io::Result<Bytes>>>>,
}

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
        Ok(Self { descriptor: client::watch(descriptor)?, reading: Mutex::new(None) })
    }

    /// # Errors
    /// When the kernel refuses, which it does for none that is open.
    pub fn resize(&self, size: Size) -> io::Result<()> {
        let size = Winsize { ws_row: size.rows, ws_col: size.columns, ws_xpixel: 0, ws_ypixel: 0 };
        Ok(tcsetwinsize(self.descriptor.get_ref(), size)?)
    }

    /// Types all of `input`; waits while the program does not read.
    ///
    /// # Errors
    /// When nobody has the terminal open any more.
    pub async fn write_all(&self, mut input: &[u8]) -> io::Result<()> {
        while !input.is_empty() {
            let mut guard = self.descriptor.writable().await?;
            let (terminal, bytes) = (self.unshared()?, Bytes::copy_from_slice(&input[..input.len().min(CHUNK)]));
            let writing = tokio::task::spawn_blocking(move || rustix::io::write(&terminal, &bytes));
            match writing.await.unwrap_or(Err(Errno::INTR)) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(written) => input = &input[written..],
                Err(Errno::AGAIN) => guard.clear_ready(),
                Err(errno) => return Err(errno.into()),
            }
        }
        Ok(())
    }

    /// Reads what is there; empty once nobody has the terminal open any more.
    ///
    /// # Errors
    /// What the kernel says.
    pub async fn read(&self) -> io::Result<Bytes> {
        // Whoever stops waiting leaves what was being read to whoever waits next.
        let mut reading = self.reading.lock().await;
        loop {
            let under_way = match &mut *reading {
                Some(under_way) => under_way,
                None => {
                    let mut guard = self.descriptor.readable().await?;
                    match guard.try_io(|terminal| has_something(terminal.get_ref())) {
                        Ok(there) => there?,
                        Err(_) => continue,
                    }
                    let terminal = self.unshared()?;
                    reading.insert(tokio::task::spawn_blocking(move || read_now(&terminal)))
                }
            };
            let read = under_way.await.unwrap_or(Err(io::ErrorKind::Interrupted.into()));
            *reading = None;
            match read {
                // Somebody inside was faster.
                Err(err) if err.kind() == io::ErrorKind::WouldBlock => {}
                other => return other,
            }
        }
    }

    /// A name of its own for another thread.
    fn unshared(&self) -> io::Result<OwnedFd> {
        if !fcntl_getfl(self.descriptor.get_ref())?.contains(OFlags::NONBLOCK) {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "the terminal was made blocking from inside"));
        }
        self.descriptor.get_ref().try_clone()
    }
}

fn has_something(terminal: &OwnedFd) -> io::Result<()> {
    const AT_ONCE: Timespec = Timespec { tv_sec: 0, tv_nsec: 0 };
    match poll(&mut [PollFd::new(terminal, PollFlags::IN)], Some(&AT_ONCE))? {
        0 => Err(io::ErrorKind::WouldBlock.into()),
        _ => Ok(()),
    }
}

fn read_now(terminal: &OwnedFd) -> io::Result<Bytes> {
    let mut buffer = vec![0; CHUNK];
    let length = match rustix::io::read(terminal, &mut buffer[..]) {
        // How Linux says that the last program closed it.
        Err(Errno::IO) => 0,
        other => other?,
    };
    buffer.truncate(length);
    Ok(Bytes::from(buffer))
}

#[cfg(test)]
mod tests {
    use rustix::{
        io::ioctl_fionbio,
        pty::{OpenptFlags, openpt},
    };

    use super::*;

    #[tokio::test]
    async fn one_that_was_made_blocking_is_not_read() {
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        rustix::pty::unlockpt(&master).unwrap();
        let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY;
        let program = rustix::pty::ioctl_tiocgptpeer(&master, flags).unwrap();
        let kept = master.try_clone().unwrap();
        let terminal = Terminal::new(master).unwrap();
        rustix::io::write(&program, b"shown").unwrap();
        // What was begun for one who went away is the next one's.
        let shown = match tokio::time::timeout(std::time::Duration::ZERO, terminal.read()).await {
            Ok(at_once) => at_once,
            Err(_) => terminal.read().await,
        };
        assert_eq!(&shown.unwrap()[..], b"shown");
        terminal.write_all(b"typed\n").await.unwrap();
        let mut buffer = [0; 16];
        assert_eq!(rustix::io::read(&program, &mut buffer), Ok(6));
        ioctl_fionbio(&kept, false).unwrap();
        assert_eq!(terminal.read().await.unwrap_err().kind(), io::ErrorKind::InvalidData);
        assert_eq!(terminal.write_all(b"x").await.unwrap_err().kind(), io::ErrorKind::InvalidData);
    }

    #[tokio::test]
    async fn only_a_terminal_is_one() {
        let pipe = rustix::pipe::pipe().unwrap().0;
        assert_eq!(Terminal::new(pipe).unwrap_err().kind(), io::ErrorKind::InvalidData);
        let null = std::fs::File::open("/dev/null").unwrap();
        assert_eq!(Terminal::new(null.into()).unwrap_err().kind(), io::ErrorKind::InvalidData);
    }
}
