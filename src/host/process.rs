//! A program that runs in a sandbox, and whoever listens to it.
//!
//! ```text
//!  stdout ─┐
//!  stderr ─┤                  ┌─► the stream of Start
//!          ├─► pump (a task) ─┤
//!  or tty ─┤                  └─► streams of Connect
//!  exit   ─┘
//! ```
//! The pump outlives its listeners: a program whose client went away runs on, and its output is read and dropped, so
//! that it never blocks on a full pipe or dies of a closed one. A listener that is there but slow slows the program.

use std::{
    io,
    os::fd::OwnedFd,
    sync::{Arc, Mutex, PoisonError, atomic::AtomicBool},
    time::Duration,
};

use bytes::Bytes;
use tokio::{
    io::AsyncWriteExt as _,
    net::unix::pipe,
    sync::{mpsc, watch},
};

use super::{
    agent::protocol::{Exit, Streams},
    allowance::Allowance,
    foreign::{self, End},
    terminal::Terminal,
};

/// Most events waiting for one listener; each holds at most [`CHUNK`] bytes.
const WAITING_MAX: usize = 32;
/// Bytes read at once. A pipe holds as many.
const CHUNK: usize = 64 * 1024;
/// Chunks read after the end: more than a pipe ever holds is what a child that was left behind still writes.
const DRAINED_MAX: usize = 4;
/// The same for a terminal, which gives at most 4 KiB at once.
const TERMINAL_DRAINED_MAX: usize = 64;
/// A terminal passes on what was written to it with a delay: longest wait for the rest.
const TERMINAL_LAG: Duration = Duration::from_millis(100);
/// Listeners of one program.
pub const LISTENERS_MAX: usize = 16;

/// What a listener hears. After `Ended` or `Lost` comes nothing more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    Stdout(Bytes),
    Stderr(Bytes),
    Terminal(Bytes),
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
    pub input: tokio::sync::Mutex<Input>,
    /// `None` for a program with pipes.
    pub terminal: Option<Arc<Terminal>>,
    /// Whether its time ran out, and not its work.
    pub timed_out: AtomicBool,
    /// Whether the kernel killed something of its sandbox for memory while it ran.
    pub out_of_memory: AtomicBool,
    /// Set when PID 1 has reaped it: nobody finds its pid from then on.
    reaped: watch::Sender<bool>,
    /// `None` once it ended.
    listeners: Mutex<Option<Vec<mpsc::Sender<Event>>>>,
}

/// What leads into a program.
#[derive(Debug)]
pub enum Input {
    /// Closed, or never asked for.
    Closed,
    Pipe(pipe::Sender),
    Terminal(Arc<Terminal>),
}

impl Input {
    /// # Errors
    /// When the descriptor, which comes out of a sandbox, is no writable pipe.
    pub fn of_pipe(stdin: OwnedFd) -> io::Result<Self> {
        Ok(Self::Pipe(pipe::Sender::from_owned_fd(foreign::pipe(stdin, End::Writing)?)?))
    }

    /// # Errors
    /// `NotConnected` when it is closed; else what the kernel says.
    pub async fn write_all(&mut self, input: &[u8]) -> io::Result<()> {
        match self {
            Self::Closed => Err(io::Error::new(io::ErrorKind::NotConnected, "it is not open")),
            Self::Pipe(pipe) => pipe.write_all(input).await,
            Self::Terminal(terminal) => terminal.write_all(input).await,
        }
    }
}

/// The ends of a program's streams that the host reads.
pub struct Outputs {
    /// Stdout or the terminal.
    out: Source,
    err: Option<Source>,
    exit: pipe::Receiver,
}

enum Source {
    Pipe(pipe::Receiver),
    Terminal(Arc<Terminal>),
}

impl Outputs {
    /// # Errors
    /// When one of the descriptors, which come out of a sandbox, is no readable pipe.
    pub fn of_pipes(exit: OwnedFd, stdout: OwnedFd, stderr: OwnedFd) -> io::Result<Self> {
        Ok(Self {
            out: Source::Pipe(receiver(stdout)?),
            err: Some(Source::Pipe(receiver(stderr)?)),
            exit: receiver(exit)?,
        })
    }

    /// # Errors
    /// When `exit` is no readable pipe.
    pub fn of_terminal(exit: OwnedFd, terminal: &Arc<Terminal>) -> io::Result<Self> {
        let out = Source::Terminal(Arc::clone(terminal));
        Ok(Self { out, err: None, exit: receiver(exit)? })
    }
}

impl Source {
    /// The next bytes; `None` at the end.
    async fn read(&self) -> Option<Bytes> {
        match self {
            Self::Pipe(pipe) => read(pipe).await,
            Self::Terminal(terminal) => terminal.read().await.ok().filter(|chunk| !chunk.is_empty()),
        }
    }

    /// What the ended program wrote; `None` when that is all.
    async fn rest(&self) -> Option<Bytes> {
        match self {
            Self::Pipe(pipe) => take(pipe).ok().filter(|chunk| !chunk.is_empty()),
            Self::Terminal(_) => tokio::time::timeout(TERMINAL_LAG, self.read()).await.ok().flatten(),
        }
    }

    const fn drained_max(&self) -> usize {
        match self {
            Self::Pipe(_) => DRAINED_MAX,
            Self::Terminal(_) => TERMINAL_DRAINED_MAX,
        }
    }

    fn event(&self, chunk: Bytes) -> Event {
        match self {
            Self::Pipe(_) => Event::Stdout(chunk),
            Self::Terminal(_) => Event::Terminal(chunk),
        }
    }
}

/// Why somebody cannot listen to a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deaf {
    Ended,
    /// It has [`LISTENERS_MAX`] listeners.
    TooMany,
}

impl Process {
    #[must_use]
    pub fn new(pid: i32, started: Started, input: Input) -> Self {
        let terminal = match &input {
            Input::Terminal(terminal) => Some(Arc::clone(terminal)),
            Input::Closed | Input::Pipe(_) => None,
        };
        Self {
            pid,
            started,
            input: tokio::sync::Mutex::new(input),
            terminal,
            timed_out: AtomicBool::new(false),
            out_of_memory: AtomicBool::new(false),
            reaped: watch::Sender::new(false),
            listeners: Mutex::new(Some(Vec::new())),
        }
    }

    /// Waits until PID 1 has reaped it. A sandbox that goes down with it never says so.
    pub async fn until_reaped(&self) {
        // Fails only when the sender is dropped, and that is part of `self`.
        let _ = self.reaped.subscribe().wait_for(|reaped| *reaped).await;
    }

    /// Hears everything from now on.
    ///
    /// # Errors
    /// [`Deaf`].
    pub fn listen(&self) -> Result<mpsc::Receiver<Event>, Deaf> {
        let mut listeners = self.listeners.lock().unwrap_or_else(PoisonError::into_inner);
        let listeners = listeners.as_mut().ok_or(Deaf::Ended)?;
        listeners.retain(|listener| !listener.is_closed());
        if listeners.len() >= LISTENERS_MAX {
            return Err(Deaf::TooMany);
        }
        let (sender, receiver) = mpsc::channel(WAITING_MAX);
        listeners.push(sender);
        Ok(receiver)
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

    /// Reads the streams until the program has ended, as fast as `allowance` lets it, and calls `ended` with how, if
    /// PID 1 could tell, before anybody hears of the end.
    pub async fn pump(&self, from: Outputs, allowance: &Allowance, ended: impl AsyncFnOnce(Option<Exit>)) {
        let (mut out, mut err) = (true, from.err.is_some());
        let exit = loop {
            // In no fixed order: a flood on one pipe, perhaps of a child left behind, must hide neither the other nor
            // the end.
            tokio::select! {
                chunk = from.out.read(), if out => match chunk {
                    Some(chunk) => {
                        allowance.spend(chunk.len()).await;
                        self.tell(from.out.event(chunk)).await;
                    }
                    None => out = false,
                },
                chunk = read_some(from.err.as_ref()), if err => match chunk {
                    Some(chunk) => {
                        allowance.spend(chunk.len()).await;
                        self.tell(Event::Stderr(chunk)).await;
                    }
                    None => err = false,
                },
                exit = exit_of(&from.exit) => break exit,
            }
        };
        self.reaped.send_replace(true);
        // What it wrote before it ended is still there. A child that it left behind may keep the streams for ever.
        for _ in 0..from.out.drained_max() {
            let Some(chunk) = (if out { from.out.rest().await } else { None }) else { break };
            self.tell(from.out.event(chunk)).await;
        }
        if let Some(source) = from.err.as_ref().filter(|_| err) {
            for _ in 0..source.drained_max() {
                let Some(chunk) = source.rest().await else { break };
                self.tell(Event::Stderr(chunk)).await;
            }
        }
        ended(exit).await;
        self.tell_the_end(exit.map_or(Event::Lost, Event::Ended)).await;
        while out || err {
            let chunk = tokio::select! {
                chunk = from.out.read(), if out => {
                    out = chunk.is_some();
                    chunk
                }
                chunk = read_some(from.err.as_ref()), if err => {
                    err = chunk.is_some();
                    chunk
                }
            };
            allowance.spend(chunk.map_or(0, |chunk| chunk.len())).await;
        }
    }
}

/// The ends of a program's streams, if `descriptors` are what was asked for.
///
/// # Errors
/// When they are not.
pub fn connected(streams: Streams, descriptors: Vec<OwnedFd>) -> io::Result<(Input, Outputs)> {
    let mut descriptors = descriptors.into_iter();
    let mut next = || descriptors.next().ok_or(io::ErrorKind::InvalidData);
    let exit = next()?;
    let connected = match streams {
        Streams::Terminal(_) => {
            let terminal = Arc::new(Terminal::new(next()?)?);
            let outputs = Outputs::of_terminal(exit, &terminal)?;
            (Input::Terminal(terminal), outputs)
        }
        Streams::Pipes { stdin } => {
            let outputs = Outputs::of_pipes(exit, next()?, next()?)?;
            let input = if stdin { Input::of_pipe(next()?)? } else { Input::Closed };
            (input, outputs)
        }
    };
    if descriptors.next().is_some() { Err(io::ErrorKind::InvalidData.into()) } else { Ok(connected) }
}

fn receiver(descriptor: OwnedFd) -> io::Result<pipe::Receiver> {
    pipe::Receiver::from_owned_fd(foreign::pipe(descriptor, End::Reading)?)
}

async fn read_some(source: Option<&Source>) -> Option<Bytes> {
    source?.read().await
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

fn take(pipe: &pipe::Receiver) -> io::Result<Bytes> {
    chunk(|buffer| pipe.try_read(buffer))
}

/// What one `read` gives.
///
/// # Errors
/// Those of `read`.
fn chunk(read: impl FnOnce(&mut [u8]) -> io::Result<usize>) -> io::Result<Bytes> {
    thread_local! {
        /// Shared by all programs of a thread: an idle one holds no memory.
        static BUFFER: std::cell::RefCell<Vec<u8>> = std::cell::RefCell::new(vec![0; CHUNK]);
    }
    BUFFER.with_borrow_mut(|buffer| read(buffer).map(|length| Bytes::copy_from_slice(&buffer[..length])))
}

/// The `wait` status that PID 1 writes when it has reaped the program; `None` when PID 1 is gone.
pub async fn exit_of(pipe: &pipe::Receiver) -> Option<Exit> {
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
        let outputs = Outputs::of_pipes(exit, stdout, stderr).unwrap();
        // Ends with the reading end: Rust programs ignore SIGPIPE.
        let flood = std::thread::spawn(move || {
            let mut child = std::fs::File::from(child_stdout);
            while child.write_all(&[b'x'; 4096]).is_ok() {}
        });
        rustix::io::write(&init_exit, &(3i32 << 8).to_le_bytes()).unwrap();
        let process = Process::new(7, Started::default(), Input::Closed);
        let allowance = Allowance::new(tokio::time::Instant::now());
        let mut heard = process.listen().unwrap();
        let end = async {
            loop {
                if let Some(Event::Ended(exit)) = heard.recv().await {
                    break exit;
                }
            }
        };
        tokio::select! {
            () = process.pump(outputs, &allowance, async |_| {}) => panic!("the flood never ends"),
            exit = end => assert_eq!(exit, Exit::Code(3)),
        }
        process.until_reaped().await;
        flood.join().unwrap();
    }
}
