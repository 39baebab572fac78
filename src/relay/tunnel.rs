//! What a connection becomes after a 101: bytes one way, bytes the other way, nobody looks inside.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll, ready},
};

use actix_web::{
    body::{BodySize, MessageBody},
    dev::Payload,
    rt,
};
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, ReadHalf, WriteHalf};
use tokio_util::{io::poll_read_buf, task::AbortOnDropHandle};

/// Bounds of one read, in bytes. A quiet tunnel holds no more than the smaller one: most tunnels are quiet.
const READ_MIN: usize = 4 * 1024;
const READ_MAX: usize = 64 * 1024;

/// The direction from the next hop to the visitor, and the owner of the other direction.
pub(super) struct Tunnel<I> {
    /// What the next hop sent right behind its 101.
    early: Bytes,
    reader: ReadHalf<I>,
    buffer: BytesMut,
    read_size: usize,
    _upload: AbortOnDropHandle<()>,
}

pub(super) fn open<I>(io: I, early: Bytes, visitor: Payload) -> Tunnel<I>
where
    I: AsyncRead + AsyncWrite + Unpin + 'static,
{
    let (reader, writer) = tokio::io::split(io);
    let upload = AbortOnDropHandle::new(rt::spawn(upload(visitor, writer)));
    Tunnel { early, reader, buffer: BytesMut::new(), read_size: READ_MIN, _upload: upload }
}

/// The direction from the visitor to the next hop. A failed write ends it without a word: the read side meets the
/// same broken connection, and ends the tunnel.
async fn upload<I: AsyncRead + AsyncWrite>(mut visitor: Payload, mut writer: WriteHalf<I>) {
    // Ends with the visitor's connection, or with the tunnel that owns this task.
    while let Some(Ok(chunk)) = visitor.next().await {
        if writer.write_all(&chunk).await.is_err() || writer.flush().await.is_err() {
            return;
        }
    }
    let _ = writer.shutdown().await;
}

impl<I: AsyncRead + AsyncWrite + Unpin> MessageBody for Tunnel<I> {
    type Error = io::Error;

    fn size(&self) -> BodySize {
        BodySize::Stream
    }

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, io::Error>>> {
        let this = &mut *self;
        if !this.early.is_empty() {
            return Poll::Ready(Some(Ok(std::mem::take(&mut this.early))));
        }
        if this.buffer.capacity() < READ_MIN / 2 {
            this.buffer.reserve(this.read_size);
        }
        let room = this.buffer.capacity();
        match ready!(poll_read_buf(Pin::new(&mut this.reader), cx, &mut this.buffer)) {
            Ok(0) => Poll::Ready(None),
            Ok(read) => {
                this.read_size = if read == room { (this.read_size * 2).min(READ_MAX) } else { READ_MIN };
                Poll::Ready(Some(Ok(this.buffer.split().freeze())))
            }
            // A tunnel has no other way to say that it ended.
            Err(_) => Poll::Ready(None),
        }
    }
}
