//! The host's end of a TCP connection that PID 1 made inside.
//!
//! PID 1 may have kept the socket, and a socket's flags are everybody's who has it: if one that was taken over made it
//! blocking again, an ordinary read would stop a thread that serves others. So each call here says by itself that it
//! does not wait.

use std::{
    io::{self, IoSlice},
    os::fd::OwnedFd,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use rustix::{
    io::Errno,
    net::{
        RecvFlags, SendAncillaryBuffer, SendFlags, Shutdown, SocketType, recv, sendmsg, shutdown,
        sockopt::{set_tcp_nodelay, socket_error, socket_type},
    },
};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf, unix::AsyncFd};

use super::{agent::client, usage::Traffic};

/// Pieces handed to the kernel at once.
const SLICES_MAX: usize = 64;

#[derive(Debug)]
pub struct Connection {
    socket: AsyncFd<OwnedFd>,
    traffic: Arc<Traffic>,
}

impl Connection {
    /// `socket` may still be connecting: see [`Connection::established`]. What passes is counted in `traffic`.
    ///
    /// # Errors
    /// `InvalidData` for what is no stream socket.
    pub fn new(socket: OwnedFd, traffic: Arc<Traffic>) -> io::Result<Self> {
        match socket_type(&socket) {
            Ok(SocketType::STREAM) => Ok(Self { socket: client::watch(socket)?, traffic }),
            Ok(_) | Err(_) => Err(io::Error::new(io::ErrorKind::InvalidData, "not a stream socket")),
        }
    }

    /// Waits until it is connected.
    ///
    /// # Errors
    /// Why it will not be.
    pub async fn established(&self) -> io::Result<()> {
        let _ = self.socket.writable().await?;
        socket_error(self.socket.get_ref())??;
        // An optimisation only; fails for sockets of another family, which carry bytes as well.
        let _ = set_tcp_nodelay(self.socket.get_ref(), true);
        Ok(())
    }

    fn send(&self, context: &mut Context<'_>, slices: &[IoSlice<'_>]) -> Poll<io::Result<usize>> {
        let slices = &slices[..slices.len().min(SLICES_MAX)];
        loop {
            let mut guard = ready!(self.socket.poll_write_ready(context))?;
            let flags = SendFlags::DONTWAIT | SendFlags::NOSIGNAL;
            let sent = guard
                .try_io(|socket| Ok(sendmsg(socket.get_ref(), slices, &mut SendAncillaryBuffer::default(), flags)?));
            match sent {
                Ok(Err(err)) if err.kind() == io::ErrorKind::Interrupted => {}
                Ok(sent) => {
                    self.traffic.count_received(*sent.as_ref().unwrap_or(&0));
                    return Poll::Ready(sent);
                }
                // Not writable after all: asked for once more, this time to be woken.
                Err(_) => {}
            }
        }
    }
}

impl AsyncRead for Connection {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        loop {
            let mut guard = ready!(self.socket.poll_read_ready(context))?;
            let read = guard.try_io(|socket| {
                // SAFETY: `recv` writes into what it is given, and nothing here makes it less initialised than it was.
                let unfilled = unsafe { into.unfilled_mut() };
                let ((received, _), _) = recv(socket.get_ref(), unfilled, RecvFlags::DONTWAIT)?;
                Ok(received.len())
            });
            match read {
                Ok(Ok(length)) => {
                    // SAFETY: the kernel has just written these bytes.
                    unsafe { into.assume_init(length) };
                    into.advance(length);
                    self.traffic.count_sent(length);
                    return Poll::Ready(Ok(()));
                }
                Ok(Err(err)) if err.kind() == io::ErrorKind::Interrupted => {}
                Ok(Err(err)) => return Poll::Ready(Err(err)),
                Err(_) => {}
            }
        }
    }
}

impl AsyncWrite for Connection {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.send(context, &[IoSlice::new(bytes)])
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.send(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(match shutdown(self.socket.get_ref(), Shutdown::Write) {
            Ok(()) | Err(Errno::NOTCONN) => Ok(()),
            Err(errno) => Err(errno.into()),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::{io::Write as _, net::TcpListener, time::Duration};

    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::*;

    #[tokio::test]
    async fn a_socket_that_was_made_blocking_stops_nobody() {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let ours = std::net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (mut theirs, _) = listener.accept().unwrap();
        let kept = ours.try_clone().unwrap();
        let mut connection = Connection::new(ours.into(), Arc::default()).unwrap();
        connection.established().await.unwrap();
        kept.set_nonblocking(false).unwrap();
        let mut buffer = [0; 16];
        // A read that blocked would never come back to the timer: there is one thread.
        tokio::time::timeout(Duration::from_millis(1), connection.read(&mut buffer)).await.unwrap_err();
        theirs.write_all(b"one").unwrap();
        assert_eq!(connection.read(&mut buffer).await.unwrap(), 3);
        // Woken for bytes that somebody else has taken away by then.
        theirs.write_all(b"two").unwrap();
        connection.socket.readable().await.unwrap().retain_ready();
        assert_eq!(std::io::Read::read(&mut &kept, &mut buffer).unwrap(), 3);
        tokio::time::timeout(Duration::from_millis(1), connection.read(&mut buffer)).await.unwrap_err();
        let flood = vec![0; 64 << 20];
        tokio::time::timeout(Duration::from_millis(1), connection.write_all(&flood)).await.unwrap_err();
    }

    #[tokio::test]
    async fn only_a_stream_socket_is_one() {
        let pipe = rustix::pipe::pipe().unwrap().0;
        assert_eq!(Connection::new(pipe, Arc::default()).unwrap_err().kind(), io::ErrorKind::InvalidData);
        let datagram = std::net::UdpSocket::bind(("127.0.0.1", 0)).unwrap();
        assert_eq!(Connection::new(datagram.into(), Arc::default()).unwrap_err().kind(), io::ErrorKind::InvalidData);
    }
}
