//! From an accepted TCP connection to HTTP requests.
//!
//! ```text
//!   TcpStream ── first byte? ── TLS ──► handshake ──► Connection ──► actix-http (HTTP/2 or 1.1) ──► the service
//!                    └───────── text ─► "this port speaks HTTPS", closed
//! ```
//!
//! This stands where `HttpServer::bind_rustls` would, for what that does not tell: the name that a visitor asked for in
//! the handshake, and, over HTTP/2, that the visitor is gone. actix-http runs each HTTP/2 request in a task that only
//! finds out when it next has something to send, which for a quiet event stream may be never; so a [`Connection`]
//! says when it is dropped.

use std::{
    io,
    net::SocketAddr,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use actix_http::Protocol;
use rustls::{ServerConfig, crypto::ring};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf},
    net::TcpStream,
    time::timeout,
};
use tokio_rustls::{TlsAcceptor, server::TlsStream};
use tokio_util::sync::{CancellationToken, DropGuard};

use super::{address::host_name, certificates::Certificates};

/// For the first byte and the handshake together.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);
/// RFC 8446 §5.1: the first byte of a connection that begins with a handshake.
const TLS_HANDSHAKE: u8 = 0x16;
/// What is read of a request in plain text before it is answered, in bytes: enough for the head of most.
const PLAIN_MAX: usize = 8 * 1024;

const PLAIN_ANSWER: &[u8] = b"HTTP/1.1 400 Bad Request\r\ncontent-type: text/plain; charset=utf-8\r\n\
    content-length: 64\r\nconnection: close\r\n\r\n\
    This port speaks HTTPS: begin the address with https:// instead\n";

/// Lets visitors in.
#[derive(Clone)]
pub(super) struct Door {
    tls: TlsAcceptor,
}

/// What a connection tells of its visitor to every request that comes over it.
#[derive(Clone)]
pub(super) struct Visitor {
    /// The server name indication, as a host name.
    pub(super) server_name: Option<String>,
    /// Cancelled when the connection is gone.
    pub(super) gone: CancellationToken,
}

/// A visitor's connection.
pub(super) struct Connection {
    tls: TlsStream<TcpStream>,
    pub(super) visitor: Visitor,
    _gone: DropGuard,
}

/// Why nobody came in. Nothing that we could do anything about, so nothing that is logged louder than a trace.
#[derive(Debug, thiserror::Error)]
pub(super) enum Refused {
    #[error("no handshake in time")]
    Slow,
    #[error("plain text on a TLS port")]
    PlainText,
    #[error("the handshake failed")]
    Handshake(#[from] io::Error),
    #[error("the connection failed")]
    Http(actix_http::error::DispatchError),
}

impl Door {
    /// # Errors
    /// When rustls does not take its own defaults.
    pub(super) fn new(certificates: Certificates) -> Result<Self, rustls::Error> {
        let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_cert_resolver(Arc::new(certificates));
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        // A visitor who comes back resumes, without a signature and without a place in our memory.
        config.ticketer = ring::Ticketer::new()?;
        Ok(Self { tls: TlsAcceptor::from(Arc::new(config)) })
    }

    pub(super) async fn admit(self, tcp: TcpStream) -> Result<(Connection, Protocol, Option<SocketAddr>), Refused> {
        timeout(HANDSHAKE_TIMEOUT, self.admit_unbounded(tcp)).await.map_err(|_| Refused::Slow)?
    }

    async fn admit_unbounded(self, mut tcp: TcpStream) -> Result<(Connection, Protocol, Option<SocketAddr>), Refused> {
        let peer = tcp.peer_addr().ok();
        tcp.set_nodelay(true)?;
        let mut first = [0];
        if tcp.peek(&mut first).await? == 1 && first[0] != TLS_HANDSHAKE {
            explain_plain_text(&mut tcp, first[0]).await?;
            return Err(Refused::PlainText);
        }
        let tls = self.tls.accept(tcp).await?;
        let (_, session) = tls.get_ref();
        let protocol = match session.alpn_protocol() {
            Some(b"h2") => Protocol::Http2,
            Some(_) | None => Protocol::Http1,
        };
        let gone = CancellationToken::new();
        let visitor = Visitor { server_name: session.server_name().map(host_name), gone: gone.clone() };
        Ok((Connection { tls, visitor, _gone: gone.drop_guard() }, protocol, peer))
    }
}

/// Methods are letters; what begins otherwise is no HTTP, and would not understand the answer.
async fn explain_plain_text(tcp: &mut TcpStream, first: u8) -> io::Result<()> {
    if first.is_ascii_uppercase() {
        // Closing on unread bytes would reset the connection and take the answer with it.
        let _ = tcp.read(&mut [0; PLAIN_MAX]).await?;
        tcp.write_all(PLAIN_ANSWER).await?;
    }
    tcp.shutdown().await
}

impl AsyncRead for Connection {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tls).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.tls).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tls).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tls).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.tls).poll_write_vectored(cx, bytes)
    }

    fn is_write_vectored(&self) -> bool {
        self.tls.is_write_vectored()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answer_in_plain_text_has_the_length_it_says() {
        let text = std::str::from_utf8(PLAIN_ANSWER).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        assert!(head.contains(&format!("content-length: {}\r\n", body.len())), "{}", body.len());
    }
}
