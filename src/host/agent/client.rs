//! The host's end of a control socket.
//!
//! One question at a time, answered in order: PID 1 answers within microseconds, since it never waits for anything,
//! so a queue of questions would only be a second copy of the socket's own. Who asks and goes away leaves an answer
//! behind, which the next one finds by its number and drops, descriptors and all.

use std::{
    cell::RefCell,
    io,
    os::fd::{AsFd, OwnedFd},
    sync::Arc,
    time::Duration,
};

use tokio::{
    io::{Interest, unix::AsyncFd},
    sync::{Mutex, OwnedMutexGuard},
};

use super::{
    channel,
    protocol::{DecodeError, Done, Op, Reply, Request, decode, encode},
};
use crate::host::error::AgentError;

/// PID 1 never waits, so an answer that takes this long does not come.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(15);

thread_local! {
    /// Replies are read and decoded without a pause between, so one buffer serves every sandbox of a thread.
    static BUFFER: RefCell<Vec<u8>> = RefCell::new(vec![0; channel::MESSAGE_MAX]);
}

/// Watches a descriptor with the runtime of the calling thread.
pub fn watch(descriptor: OwnedFd) -> io::Result<AsyncFd<OwnedFd>> {
    // SAFETY: an `OwnedFd` names one open descriptor until it is dropped, which `AsyncFd` does after it let go of it.
    Ok(unsafe { AsyncFd::register(descriptor) }?)
}

/// Asks PID 1 of one sandbox.
#[derive(Debug)]
pub struct AgentClient {
    socket: AsyncFd<OwnedFd>,
    /// The number of the last question. Held while a question is on its way.
    asked: Arc<Mutex<u64>>,
}

/// The right to ask: while somebody holds it, everybody else's questions wait.
#[derive(Debug)]
pub struct Turn(OwnedMutexGuard<u64>);

impl AgentClient {
    /// # Errors
    /// When the socket cannot be watched. Must run inside of a tokio runtime.
    pub fn new(control: OwnedFd) -> io::Result<Self> {
        rustix::io::ioctl_fionbio(&control, true)?;
        Ok(Self { socket: watch(control)?, asked: Arc::default() })
    }

    /// Asks, and waits for the answer and its descriptors.
    ///
    /// # Errors
    /// [`AgentError::Gone`] when PID 1 is gone or does not keep to the protocol: kill the sandbox then.
    pub async fn ask(&self, op: Op) -> Result<(Done, Vec<OwnedFd>), AgentError> {
        let mut turn = self.turn().await;
        self.ask_in(&mut turn, op).await
    }

    /// Waits until nobody else asks, which takes as long as another one holds the turn.
    pub async fn turn(&self) -> Turn {
        Turn(Arc::clone(&self.asked).lock_owned().await)
    }

    /// Asks with a turn that is held already.
    ///
    /// # Errors
    /// Those of [`Self::ask`].
    pub async fn ask_in(&self, turn: &mut Turn, op: Op) -> Result<(Done, Vec<OwnedFd>), AgentError> {
        tokio::time::timeout(ANSWER_TIMEOUT, self.exchange(&mut turn.0, op)).await.unwrap_or(Err(AgentError::Gone))
    }

    async fn exchange(&self, asked: &mut u64, op: Op) -> Result<(Done, Vec<OwnedFd>), AgentError> {
        let seq = *asked + 1;
        let request = encode(&Request { seq, op }).map_err(|err| match err {
            DecodeError::TooLong(_) => AgentError::TooLarge,
            DecodeError::Malformed(_) => AgentError::Gone,
        })?;
        *asked = seq;
        let sent = self.socket.async_io(Interest::WRITABLE, |socket| channel::send(socket.as_fd(), &request, &[]));
        sent.await.map_err(|_| AgentError::Gone)?;
        // Ends: every turn takes one answer to a question that was asked, or fails.
        loop {
            let (reply, descriptors) = self.hear().await?;
            if reply.seq == seq {
                return reply.result.map(|done| (done, descriptors)).map_err(AgentError::Refused);
            }
            if reply.seq > seq {
                return Err(AgentError::Gone);
            }
        }
    }

    async fn hear(&self) -> Result<(Reply, Vec<OwnedFd>), AgentError> {
        let heard = self.socket.async_io(Interest::READABLE, |socket| {
            BUFFER.with_borrow_mut(|buffer| {
                let (length, descriptors) =
                    channel::receive(socket.as_fd(), buffer)?.ok_or(io::ErrorKind::UnexpectedEof)?;
                let reply = decode::<Reply>(&buffer[..length]).map_err(io::Error::other)?;
                Ok((reply, descriptors))
            })
        });
        heard.await.map_err(|_| AgentError::Gone)
    }
}

#[cfg(test)]
mod tests {
    use rustix::net::{AddressFamily, SocketFlags, SocketType, socketpair};

    use super::*;
    use crate::host::agent::protocol::{About, Refused};

    /// A client, and the end of the socket that an agent would hold.
    fn client() -> (AgentClient, OwnedFd) {
        let (ours, theirs) =
            socketpair(AddressFamily::UNIX, SocketType::SEQPACKET, SocketFlags::CLOEXEC, None).unwrap();
        (AgentClient::new(ours).unwrap(), theirs)
    }

    fn say(agent: &OwnedFd, seq: u64, done: Done, descriptors: usize) {
        let reply = encode(&Reply { seq, result: Ok(done) }).unwrap();
        let pipe = rustix::pipe::pipe().unwrap().0;
        channel::send(agent.as_fd(), &reply, &vec![pipe.as_fd(); descriptors]).unwrap();
    }

    #[tokio::test]
    async fn an_answer_that_nobody_waits_for_is_dropped_with_its_descriptors() {
        let (client, agent) = client();
        let abandoned = tokio::time::timeout(Duration::ZERO, client.ask(Op::Usage)).await;
        assert!(abandoned.is_err());
        say(&agent, 1, Done::Socket, 3);
        say(&agent, 2, Done::Ok, 0);
        let (done, descriptors) = client.ask(Op::Usage).await.unwrap();
        assert_eq!((done, descriptors.len()), (Done::Ok, 0));
    }

    #[tokio::test]
    async fn an_agent_that_breaks_the_protocol_is_gone() {
        for garbage in [&b"{}"[..], b"\0", b"[[[[", &[b'['; 100_000]] {
            let (client, agent) = client();
            channel::send(agent.as_fd(), garbage, &[]).unwrap();
            assert_eq!(client.ask(Op::Usage).await.unwrap_err(), AgentError::Gone);
        }
        let (client, agent) = client();
        say(&agent, 99, Done::Ok, 0);
        assert_eq!(client.ask(Op::Usage).await.unwrap_err(), AgentError::Gone, "an answer to no question");
        let (client, agent) = self::client();
        drop(agent);
        assert_eq!(client.ask(Op::Usage).await.unwrap_err(), AgentError::Gone);
    }

    #[tokio::test]
    async fn a_refusal_and_an_oversized_question_leave_the_agent_in_use() {
        let (client, agent) = client();
        let large = Op::Stat { path: "x".repeat(channel::MESSAGE_MAX) };
        assert_eq!(client.ask(large).await.unwrap_err(), AgentError::TooLarge);
        let refused = Refused { errno: libc::ENOENT, about: About::Path };
        let reply = encode(&Reply { seq: 1, result: Err(refused.clone()) }).unwrap();
        channel::send(agent.as_fd(), &reply, &[]).unwrap();
        assert_eq!(client.ask(Op::Usage).await.unwrap_err(), AgentError::Refused(refused));
    }
}
