//! A program that runs in a sandbox, and whoever listens to it.
//!
//! ```text
//!  stdout ─┐                  ┌─► the stream of Start
//!  stderr ─┼─► pump (a task) ─┤
//!  exit   ─┘                  └─► streams of Connect
//! ```
//! The pump outlives its listeners: a program whose client went away runs on, and its output is read and dropped, so
//! that it never blocks on a full pipe or dies of a closed one. A listener that is there but slow slows the program.

use std::{
    io,
    os::fd::OwnedFd,
    sync::{Mutex, PoisonError, atomic::AtomicBool},
};

use bytes::Bytes;
use tokio::{net::unix::pipe, sync::mpsc};

use super::agent::protocol::Exit;

/// Most events waiting for one listener; each holds at most [`CHUNK`] bytes.
const WAITING_MAX: usize = 32;
/// Bytes read at once. A pipe holds as many.
const CHUNK: usize = 64 * 1024;
/// Chunks read after the end: more than a pipe ever holds is what a child that was left behind still writes.
const DRAINED_MAX: usize = 4;
/// Listeners of one program.
const LISTENERS_MAX: usize = 16;

/// What a listener hears. After `Ended` or `Lost` comes nothing more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    Stdout(Bytes),
    Stderr(Bytes),
    Ended(Exit),
    /// The sandbox went down with it.
    Lost,
}

/// How a program was started, for `List`.
#[derive(Clone, Debug, Default)]
pub struct Started {
    pub command: String,
    pub arguments: Vec<String>,
    pub environment: Vec<(String, String)>,
    pub folder: Option<String>,
    pub tag: Option<String>,
}

/// A program that runs.
#[derive(Debug)]
pub struct Process {
    pub pid: i32,
    pub started: Started,
    /// `None` once closed, or when it was never asked for.
    pub stdin: tokio::sync::Mutex<Option<pipe::Sender>>,
    /// Whether its time ran out, and not its work.
    pub timed_out: AtomicBool,
    /// Whether the kernel killed something of its sandbox for memory while it ran.
    pub out_of_memory: AtomicBool,
    /// `None` once it ended.
    listeners: Mutex<Option<Vec<mpsc::Sender<Event>>>>,
}

/// The ends of a program's pipes that the host reads.
pub struct Pipes {
    stdout: pipe::Receiver,
    stderr: pipe::Receiver,
    exit: pipe::Receiver,
}

impl Pipes {
    /// # Errors
    /// When one of the descriptors, which come out of a sandbox, is no readable pipe.
    pub fn new(stdout: OwnedFd, stderr: OwnedFd, exit: OwnedFd) -> io::Result<Self> {
        Ok(Self {
            stdout: pipe::Receiver::from_owned_fd(stdout)?,
            stderr: pipe::Receiver::from_owned_fd(stderr)?,
            exit: pipe::Receiver::from_owned_fd(exit)?,
        })
    }
}

impl Process {
    #[must_use]
    pub fn new(pid: i32, started: Started, stdin: Option<pipe::Sender>) -> Self {
        Self {
            pid,
            started,
            stdin: tokio::sync::Mutex::new(stdin),
            timed_out: AtomicBool::new(false),
            out_of_memory: AtomicBool::new(false),
            listeners: Mutex::new(Some(Vec::new())),
        }
    }

    /// Hears everything from now on. `None` when the program has ended or has too many listeners.
    #[must_use]
    pub fn listen(&self) -> Option<mpsc::Receiver<Event>> {
        let mut listeners = self.listeners.lock().unwrap_or_else(PoisonError::into_inner);
        let listeners = listeners.as_mut().filter(|listeners| listeners.len() < LISTENERS_MAX)?;
        let (sender, receiver) = mpsc::channel(WAITING_MAX);
        listeners.push(sender);
        Some(receiver)
    }

    async fn tell(&self, event: Event) {
        let now = self.listeners.lock().unwrap_or_else(PoisonError::into_inner).clone().unwrap_or_default();
        let mut deaf = false;
        for listener in &now {
            deaf |= listener.send(event.clone()).await.is_err();
        }
        if deaf {
            let mut listeners = self.listeners.lock().unwrap_or_else(PoisonError::into_inner);
            listeners.iter_mut().for_each(|listeners| listeners.retain(|listener| !listener.is_closed()));
        }
    }

    async fn tell_the_end(&self, event: Event) {
        let listeners = self.listeners.lock().unwrap_or_else(PoisonError::into_inner).take();
        for listener in listeners.unwrap_or_default() {
            let _ = listener.send(event.clone()).await;
        }
    }

    /// Reads the pipes until the program has ended, and calls `ended` before anybody hears of the end.
    pub async fn pump(&self, mut pipes: Pipes, ended: impl AsyncFnOnce()) {
        let (mut out, mut err) = (true, true);
        let exit = loop {
            // In no fixed order: a flood on one pipe, perhaps of a child left behind, must hide neither the other nor
            // the end.
            tokio::select! {
                chunk = read(&pipes.stdout), if out => match chunk {
                    Some(chunk) => self.tell(Event::Stdout(chunk)).await,
                    None => out = false,
                },
                chunk = read(&pipes.stderr), if err => match chunk {
                    Some(chunk) => self.tell(Event::Stderr(chunk)).await,
                    None => err = false,
                },
                exit = exit_of(&mut pipes.exit) => break exit,
            }
        };
        // What it wrote before it ended lies in the pipes. A child that it left behind may hold them open for ever.
        for _ in 0..DRAINED_MAX {
            let Some(chunk) = out.then(|| try_read(&pipes.stdout)).flatten() else { break };
            self.tell(Event::Stdout(chunk)).await;
        }
        for _ in 0..DRAINED_MAX {
            let Some(chunk) = err.then(|| try_read(&pipes.stderr)).flatten() else { break };
            self.tell(Event::Stderr(chunk)).await;
        }
        ended().await;
        self.tell_the_end(exit.map_or(Event::Lost, Event::Ended)).await;
        while out || err {
            tokio::select! {
                chunk = read(&pipes.stdout), if out => out = chunk.is_some(),
                chunk = read(&pipes.stderr), if err => err = chunk.is_some(),
            }
        }
    }
}

/// The next bytes; `None` at the end.
async fn read(pipe: &pipe::Receiver) -> Option<Bytes> {
    loop {
        pipe.readable().await.ok()?;
        match take(pipe) {
            Ok(chunk) => return (!chunk.is_empty()).then_some(chunk),
            Err(err) if err.kind() == io::ErrorKind::WouldBlock => {}
            Err(_) => return None,
        }
    }
}

fn try_read(pipe: &pipe::Receiver) -> Option<Bytes> {
    take(pipe).ok().filter(|chunk| !chunk.is_empty())
}

fn take(pipe: &pipe::Receiver) -> io::Result<Bytes> {
    thread_local! {
        /// Shared by all programs of a thread: an idle one holds no memory.
        static BUFFER: std::cell::RefCell<Vec<u8>> = std::cell::RefCell::new(vec![0; CHUNK]);
    }
    BUFFER.with_borrow_mut(|buffer| pipe.try_read(buffer).map(|length| Bytes::copy_from_slice(&buffer[..length])))
}

/// The `wait` status that PID 1 writes when it has reaped the program; `None` when PID 1 is gone.
async fn exit_of(pipe: &mut pipe::Receiver) -> Option<Exit> {
    let status = read(pipe).await?;
    Some(Exit::from_wait_status(i32::from_le_bytes(status.as_ref().try_into().ok()?)))
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[tokio::test]
    async fn the_end_is_heard_while_a_child_left_behind_floods() {
        let (stdout, child_stdout) = rustix::pipe::pipe().unwrap();
        let (stderr, _child_stderr) = rustix::pipe::pipe().unwrap();
        let (exit, init_exit) = rustix::pipe::pipe().unwrap();
        for pipe in [&stdout, &stderr, &exit] {
            rustix::io::ioctl_fionbio(pipe, true).unwrap();
        }
        let pipes = Pipes::new(stdout, stderr, exit).unwrap();
        // Ends with the reading end: Rust programs ignore SIGPIPE.
        let flood = std::thread::spawn(move || {
            let mut child = std::fs::File::from(child_stdout);
            while child.write_all(&[b'x'; 4096]).is_ok() {}
        });
        rustix::io::write(&init_exit, &(3i32 << 8).to_le_bytes()).unwrap();
        let process = Process::new(7, Started::default(), None);
        let mut heard = process.listen().unwrap();
        let end = async {
            loop {
                if let Some(Event::Ended(exit)) = heard.recv().await {
                    break exit;
                }
            }
        };
        tokio::select! {
            () = process.pump(pipes, async || {}) => panic!("the flood never ends"),
            exit = end => assert_eq!(exit, Exit::Code(3)),
        }
        flood.join().unwrap();
    }
}
