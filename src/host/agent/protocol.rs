//! What the host and PID 1 say to one another over the control socket. Pure: bytes in, values out.
//!
//! ```text
//!  host                              nursery, then PID 1
//!    │ ── Ground + the engine's groups ──► │  once: lays what all sandboxes share
//!    │ ◄──────── Laid + executable ─────── │
//!    │ ── Birth + control ───────────────► │  forks, maps the ids
//!    │ ◄──────────── Born + pidfd ──────── │
//!    │ ── Groups + their files ──────────► │  to PID 1, which builds its root meanwhile
//!    │ ◄──────────── Boot::Ready ───────── │
//!    │ ── Request{seq} ──────────────────► │
//!    │ ◄──── Reply{seq} + descriptors ──── │  one at a time, in order
//! ```
//!
//! Whatever comes from PID 1 may have been written by a program that took it over: [`decode`] bounds it, the
//! types check it, and the host treats every descriptor as a stranger's.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::channel::MESSAGE_MAX;

/// The uid and gid of the sandbox's user, inside.
pub const USER_ID: u32 = 1000;
/// Begins the name of a file's attribute that holds what a client attached to it.
pub const METADATA_PREFIX: &str = "user.e2b.";

/// How the sandbox's ids relate to the host's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Identity {
    /// The host is root: PID 1 becomes uid 0 of the sandbox, programs become uid 1000, and neither is anybody outside.
    Root,
    /// The host is not: everything runs as uid 1000, which outside is the host's own user.
    Rootless,
}

/// Who a request acts as, inside.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Person {
    #[default]
    User,
    /// Uid 0 of the sandbox, who is more than the user over the sandbox's own files alone. Where the host is not root
    /// there is no second uid to be had: this is the user then, at home in another folder.
    Root,
}

impl Person {
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Root => "root",
        }
    }

    #[must_use]
    pub const fn home(self) -> &'static str {
        match self {
            Self::User => "/home/user",
            Self::Root => "/root",
        }
    }
}

/// A question to PID 1. Answered by the [`Reply`] with the same `seq`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    pub seq: u64,
    #[serde(default)]
    pub person: Person,
    pub op: Op,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Op {
    /// Answered by [`Done::Started`] with exit, then the terminal, or stdout, stderr and, when asked for, stdin.
    Start(Start),
    /// Signals the process group of a process that `Start` made.
    Signal {
        pid: i32,
        signal: i32,
    },
    /// Answered by [`Done::Socket`] with a TCP socket that is connected, or still connecting, to that port inside.
    Connect {
        port: u16,
    },
    /// Answered by [`Done::Socket`] with a TCP socket that listens on that port of the loopback interface; 0 is any.
    Listen {
        port: u16,
    },
    /// Answered by [`Done::Opened`] with the file, for reading.
    OpenRead {
        path: String,
    },
    /// Answered by [`Done::Opened`] with the file, made or emptied, its folders made, for writing.
    OpenWrite {
        path: String,
    },
    /// Answered by [`Done::Opened`] with the folder, for reading. Its path there leads over no link.
    OpenFolder {
        path: String,
        /// Whether `path` may be a link.
        follow: bool,
    },
    Stat {
        path: String,
    },
    /// Makes the folder and those above it.
    MakeDir {
        path: String,
    },
    /// Answered by [`Done::Listing`] with a file that holds a JSON list of [`Entry`].
    List {
        path: String,
        depth: u32,
    },
    Remove {
        path: String,
    },
    Move {
        from: String,
        to: String,
    },
    /// Bytes used of the sandbox's disk.
    Usage,
    /// Answered by [`Done::Started`] with exit, then a pipe to read an archive of all files from. The worker's exit
    /// code is 0, or an errno.
    Capture,
    /// As `Capture`, with a pipe to write the archive to. What was there before is removed.
    Restore,
    /// Stops every process but PID 1, where no control group can.
    StopAll,
    /// Lets every process go on, those included that another one had stopped.
    ContinueAll,
    /// What the programs hold; ends the heaviest when it is more than `limit` bytes.
    Weigh {
        limit: u64,
    },
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Start {
    /// Program and arguments; the program is looked up in the `PATH` of `environment`.
    pub arguments: Vec<String>,
    /// `NAME=value`.
    pub environment: Vec<String>,
    pub folder: String,
    pub streams: Streams,
}

/// What a program's stdin, stdout and stderr are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Streams {
    /// Two pipes; stdin is a third one, or `/dev/null`.
    Pipes { stdin: bool },
    /// A terminal of its own, which also controls it.
    Terminal(Size),
}

/// Of a terminal, in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Size {
    pub columns: u16,
    pub rows: u16,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reply {
    pub seq: u64,
    pub result: Result<Done, Refused>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Done {
    /// Done, nothing to say.
    Ok,
    Started {
        pid: i32,
    },
    Socket,
    Opened(Entry),
    Entry(Entry),
    Listing {
        bytes: u64,
    },
    Usage {
        used: u64,
        total: u64,
    },
    Weighed {
        bytes: u64,
        cpu_nanos: u64,
        processes: u32,
        /// Whether one was over the limit and was killed.
        killed: bool,
    },
}

/// Why PID 1 did not do it: the system call's errno, and what it was about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    pub errno: i32,
    pub about: About,
}

/// What a [`Refused`] is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum About {
    Path,
    /// The program to start.
    Program,
    /// The folder to start it in.
    Folder,
    Process,
    Port,
    /// PID 1 itself could not.
    Agent,
}

/// A file, folder or link inside.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    pub path: String,
    pub kind: Kind,
    pub size: u64,
    /// Permission bits.
    pub mode: u32,
    pub uid: u32,
    pub gid: u32,
    /// Milliseconds since the epoch.
    pub modified: i64,
    /// Where it points to, when it is a link.
    pub link: Option<String>,
    /// Its attributes that begin with [`METADATA_PREFIX`], without that.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub metadata: BTreeMap<String, String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kind {
    File,
    Directory,
    Symlink,
    Other,
}

/// Why bytes are not a message.
#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    #[error("message of {0} bytes is over the bound of {MESSAGE_MAX}")]
    TooLong(usize),
    #[error("message does not parse")]
    Malformed(#[source] serde_json::Error),
}

/// # Errors
/// [`DecodeError::TooLong`] when the message does not fit one packet.
pub fn encode<T: Serialize>(message: &T) -> Result<Vec<u8>, DecodeError> {
    let bytes = serde_json::to_vec(message).map_err(DecodeError::Malformed)?;
    if bytes.len() > MESSAGE_MAX { Err(DecodeError::TooLong(bytes.len())) } else { Ok(bytes) }
}

/// # Errors
/// When the bytes are too many or are not a `T`.
pub fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, DecodeError> {
    if bytes.len() > MESSAGE_MAX {
        return Err(DecodeError::TooLong(bytes.len()));
    }
    serde_json::from_slice(bytes).map_err(DecodeError::Malformed)
}

/// How a process ended, as its exit pipe tells: the four bytes of a `wait` status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    Code(i32),
    Signal(i32),
}

impl Exit {
    #[must_use]
    pub fn from_wait_status(status: i32) -> Self {
        if libc::WIFSIGNALED(status) {
            Self::Signal(libc::WTERMSIG(status))
        } else {
            Self::Code(libc::WEXITSTATUS(status))
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{super::birth::Boot, *};

    #[test]
    fn a_request_survives_the_wire() {
        let start = Start {
            arguments: vec!["/bin/bash".into(), "-l".into(), "-c".into(), "echo \"ü\"\n".into()],
            environment: vec!["A=b".into()],
            folder: "/home/user".into(),
            streams: Streams::Terminal(Size { columns: 80, rows: 24 }),
        };
        let request = Request { seq: 7, person: Person::Root, op: Op::Start(start) };
        assert_eq!(decode::<Request>(&encode(&request).unwrap()).unwrap(), request);
    }

    #[test]
    fn a_message_over_the_bound_is_refused_on_both_sides() {
        let request = Request { seq: 1, person: Person::User, op: Op::Stat { path: "x".repeat(MESSAGE_MAX) } };
        assert!(matches!(encode(&request), Err(DecodeError::TooLong(_))));
        assert!(matches!(decode::<Reply>(&vec![b' '; MESSAGE_MAX + 1]), Err(DecodeError::TooLong(_))));
    }

    #[test]
    fn wait_statuses_read_as_the_kernel_writes_them() {
        assert_eq!(Exit::from_wait_status(3 << 8), Exit::Code(3));
        assert_eq!(Exit::from_wait_status(9), Exit::Signal(9));
        assert_eq!(Exit::from_wait_status(0x80 | 11), Exit::Signal(11));
    }

    proptest! {
        #[test]
        fn no_bytes_of_a_hostile_agent_panic(bytes in proptest::collection::vec(any::<u8>(), 0..512)) {
            let _ = decode::<Reply>(&bytes);
            let _ = decode::<Boot>(&bytes);
            let _ = decode::<Vec<Entry>>(&bytes);
        }
    }
}
