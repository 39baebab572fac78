//! The child of PID 1 that captures or restores.

use std::{
    fs::File,
    io::{self, BufReader, BufWriter},
    os::fd::{AsFd, BorrowedFd},
};

use rustix::{
    fs::{CWD, Mode, OFlags, openat},
    pipe::{PipeFlags, pipe_with},
    process::setpgid,
};

use super::{
    super::{
        exec::{Confinement, Running},
        protocol::{About, Identity, Refused},
        sys::{self, Fork},
    },
    Bounds, Owners,
    capture::capture,
    format::CHUNK,
    restore::restore,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    Capture,
    Restore,
}

/// Starts the work. Its stream is the host's end of the archive; its exit status is 0, or the errno of what failed.
pub fn start(confinement: &Confinement, work: Work) -> Result<Running, Refused> {
    let refused = |err: &io::Error| Refused { errno: err.raw_os_error().unwrap_or(libc::EIO), about: About::Agent };
    let (read, write) = pipe_with(PipeFlags::CLOEXEC).map_err(|errno| refused(&errno.into()))?;
    let (ours, host) = match work {
        Work::Capture => (write, read),
        Work::Restore => (read, write),
    };
    match sys::fork().map_err(|err| refused(&err))? {
        Fork::Child => {
            let done =
                confine(confinement, work, ours.as_fd()).and_then(|archive| carry_out(confinement, work, archive));
            sys::exit_now(code_of(done))
        }
        Fork::Parent { child } => Ok(Running { pid: child, streams: vec![host] }),
    }
}

/// Gives away all but what the work takes. Gives back the archive's end, the one descriptor that is left.
fn confine(confinement: &Confinement, work: Work, archive: BorrowedFd<'_>) -> io::Result<File> {
    sys::unblock_signals();
    // A group of its own: what is signalled is this, and nothing of PID 1's.
    setpgid(None, None)?;
    match work {
        // Outside of the sandbox's groups, where it is neither frozen with the programs nor killed in their place.
        Work::Capture => {}
        // What it writes stays in memory as the sandbox's own.
        Work::Restore => {
            for join in &confinement.joins {
                rustix::io::write(join, b"0")?;
            }
        }
    }
    sys::lower_limit(libc::RLIMIT_FSIZE, confinement.setup.disk_bytes)?;
    match confinement.setup.identity {
        Identity::Root => sys::keep_file_capabilities()?,
        Identity::Rootless => sys::drop_capabilities()?,
    }
    // System calls and files are bound since PID 1 was.
    sys::keep_only(archive)
}

fn carry_out(confinement: &Confinement, work: Work, archive: File) -> io::Result<()> {
    let setup = &confinement.setup;
    let base = openat(CWD, "/", OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())?;
    let bounds = Bounds { bytes: setup.disk_bytes, entries: setup.inodes.saturating_mul(2) };
    match work {
        Work::Capture => capture(base.as_fd(), BufWriter::with_capacity(CHUNK, archive), bounds),
        Work::Restore => {
            let owners = match setup.identity {
                Identity::Root => Owners::Known,
                Identity::Rootless => Owners::One,
            };
            restore(base.as_fd(), BufReader::with_capacity(CHUNK, archive), bounds, owners)
        }
    }
}

fn code_of(done: io::Result<()>) -> i32 {
    /// Greater ones do not fit an exit status beside what a shell would read as a signal.
    const ERRNO_MAX: i32 = 127;
    match done.map_err(|err| err.raw_os_error()) {
        Ok(()) => 0,
        Err(Some(errno @ 1..=ERRNO_MAX)) => errno,
        Err(Some(_) | None) => libc::EIO,
    }
}
