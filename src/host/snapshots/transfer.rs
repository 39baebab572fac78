//! Between a sandbox and a file: the bytes of an archive, compressed on this side.
//!
//! The worker inside has an end of its own: 0, or the errno of what failed. It counts more than what the pipe says,
//! which only breaks because of it; unless it is this side that failed, and the worker's end what followed.

use std::{
    fs::File,
    io::{self, BufReader, Read as _},
    time::Duration,
};

use flate2::{Compression, bufread::GzDecoder, write::GzEncoder};

use super::{
    super::{
        agent::{
            client::Turn,
            protocol::{Exit, Op},
        },
        config::Limits,
        error::AgentError,
        sandbox::{Sandbox, Worker},
    },
    Archive, Part, SnapshotError,
};

/// Longest capture or restore. Generous: a full disk is half a gigabyte of memory.
const TRANSFER_TIMEOUT: Duration = Duration::from_secs(120);
/// Bytes that an archive may take for each file beside its content: a path is rarely longer.
const ENTRY_BYTES: u64 = 1024;
const BUFFER: usize = 128 * 1024;

/// Writes all files of a sandbox to `part`, while its programs stand still.
///
/// # Errors
/// See [`SnapshotError`]; the part is gone then.
pub async fn take(sandbox: &Sandbox, part: Part, limits: &Limits) -> Result<Part, SnapshotError> {
    let taken = sandbox.at_rest(async |turn: &mut Turn| take_in(sandbox, turn, part, limits).await).await;
    taken.unwrap_or_else(|err| Err(err.into()))
}

/// The same with PID 1's turn, of one whose programs stand still already.
///
/// # Errors
/// Those of [`take`].
pub async fn take_in(sandbox: &Sandbox, turn: &mut Turn, part: Part, limits: &Limits) -> Result<Part, SnapshotError> {
    let full = part.limit();
    // A worker that was taken over writes what it likes, until this is met.
    let most = (u64::from(limits.disk_mib) << 20) + limits.inodes.saturating_mul(2 * ENTRY_BYTES);
    let ended = work(sandbox, turn, Op::Capture, move |archive| {
        let mut packed = GzEncoder::new(part, Compression::fast());
        let mut archive = archive.take(most);
        copy(&mut archive, &mut packed)?;
        if archive.limit() == 0 { Err(io::ErrorKind::FileTooLarge.into()) } else { packed.finish() }
    });
    match ended.await? {
        Ended { exit: Some(Exit::Code(0)), moved: Ok(part) } => Ok(part),
        Ended { moved: Err(err), .. } if err.kind() == io::ErrorKind::QuotaExceeded => Err(SnapshotError::Full(full)),
        Ended { moved: Err(err), .. } if err.kind() == io::ErrorKind::FileTooLarge => {
            Err(SnapshotError::TooLarge(libc::EFBIG))
        }
        Ended { moved: Err(err), .. } => Err(SnapshotError::Disk(err)),
        Ended { exit: Some(Exit::Code(errno @ (libc::EFBIG | libc::E2BIG | libc::ENAMETOOLONG))), .. } => {
            Err(SnapshotError::TooLarge(errno))
        }
        Ended { exit, .. } => Err(failed(exit)),
    }
}

/// Makes the files of a fresh sandbox those of `archive`.
///
/// # Errors
/// See [`SnapshotError`]; the sandbox is good for nothing then.
pub async fn restore(sandbox: &Sandbox, archive: Archive) -> Result<(), SnapshotError> {
    let mut turn = sandbox.agent.turn().await;
    let ended = work(sandbox, &mut turn, Op::Restore, move |mut inside| {
        let mut packed = GzDecoder::new(BufReader::with_capacity(BUFFER, archive.reader()));
        copy(&mut packed, &mut inside)
    });
    match ended.await? {
        Ended { exit: Some(Exit::Code(0)), moved: Ok(()) } => Ok(()),
        // What the decoder says has no errno.
        Ended { moved: Err(err), .. } if err.raw_os_error().is_none() => Err(SnapshotError::Damaged),
        Ended { exit: Some(Exit::Code(errno @ (libc::ENOSPC | libc::EFBIG | libc::E2BIG))), .. } => {
            Err(SnapshotError::DoesNotFit(errno))
        }
        Ended { exit: Some(Exit::Code(libc::EBADMSG)), .. } => Err(SnapshotError::Damaged),
        Ended { exit: Some(Exit::Code(0)), moved: Err(err) } => Err(SnapshotError::Disk(err)),
        Ended { exit, .. } => Err(failed(exit)),
    }
}

fn failed(exit: Option<Exit>) -> SnapshotError {
    match exit {
        None => SnapshotError::Ended,
        Some(Exit::Code(errno)) => SnapshotError::Inside(errno),
        // Killed by a program inside, or for memory.
        Some(Exit::Signal(libc::SIGKILL)) => SnapshotError::Inside(libc::ENOMEM),
        Some(Exit::Signal(_)) => SnapshotError::Inside(libc::EINTR),
    }
}

struct Ended<T> {
    /// `None` when the whole sandbox ended.
    exit: Option<Exit>,
    moved: io::Result<T>,
}

/// Has the worker of `op` started, and moves bytes on a thread of its own until both are done.
async fn work<T: Send + 'static>(
    sandbox: &Sandbox,
    turn: &mut Turn,
    op: Op,
    pump: impl FnOnce(File) -> io::Result<T> + Send + 'static,
) -> Result<Ended<T>, SnapshotError> {
    let started = sandbox.work(turn, op).await.map_err(|err| match err {
        AgentError::Gone => SnapshotError::Ended,
        AgentError::Refused(_) | AgentError::TooLarge => SnapshotError::Agent(err),
    })?;
    let Worker { pid, exit, archive } = started;
    let both = async {
        // It ends with the worker, which has the other end of the pipe.
        let moved = tokio::task::spawn_blocking(move || pump(archive)).await;
        let exit = super::super::process::exit_of(&exit).await;
        Ended { exit, moved: moved.unwrap_or_else(|_| Err(io::ErrorKind::Other.into())) }
    };
    if let Ok(ended) = tokio::time::timeout(TRANSFER_TIMEOUT, both).await {
        return Ok(ended);
    }
    let killed = sandbox.agent.ask_in(turn, Op::Signal { pid, signal: libc::SIGKILL }).await;
    if killed.is_err() {
        // A PID 1 that cannot end its own child is none that could be trusted.
        sandbox.signal_kill();
    }
    Err(SnapshotError::TimedOut(TRANSFER_TIMEOUT.as_secs()))
}

/// To the end of `from`. A pipe whose other end went away is an end too: the worker's exit tells why.
fn copy(from: &mut impl io::Read, to: &mut impl io::Write) -> io::Result<()> {
    let mut buffer = vec![0; BUFFER];
    loop {
        let length = match from.read(&mut buffer) {
            Ok(0) => return to.flush(),
            Ok(length) => length,
            Err(err) if err.kind() == io::ErrorKind::Interrupted => continue,
            Err(err) => return Err(err),
        };
        to.write_all(&buffer[..length])?;
    }
}
