//! A request to a running sandbox, from its admission to the last byte of its answer.
//!
//! ```text
//!  admitted ─► served ─► head ─► body … ─► end
//!      └──────────┴─ paused or gone ─┴─► the connection breaks
//!                    └─► 502, as for a sandbox that was never there
//! ```
//! A pause freezes programs in the middle of whatever they do. A client must not wait for them: it would wait until
//! somebody resumes the sandbox, perhaps for ever.

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

use actix_web::{
    HttpResponse,
    body::{BodySize, BoxBody, MessageBody},
};
use bytes::Bytes;

use crate::host::pause::Admission;

/// Serves until the sandbox is paused or gone; answers with `refusal` then, unless the answer has begun.
///
/// # Errors
/// Those of `served`.
pub async fn serve<E>(
    admission: Admission,
    served: impl Future<Output = Result<HttpResponse, E>>,
    refusal: impl FnOnce() -> HttpResponse,
) -> Result<HttpResponse, E> {
    let mut over = Box::pin(admission.over());
    let response = tokio::select! {
        biased;
        response = served => response?,
        () = &mut over => return Ok(refusal()),
    };
    Ok(response.map_body(|_, body| match body.size() {
        BodySize::None | BodySize::Sized(0) => body,
        BodySize::Sized(_) | BodySize::Stream => match body.try_into_bytes() {
            // It is all there already.
            Ok(bytes) => BoxBody::new(bytes),
            Err(body) => BoxBody::new(Bounded { body, over }),
        },
    }))
}

/// A body that fails when its sandbox is paused or gone.
struct Bounded<F> {
    body: BoxBody,
    over: Pin<Box<F>>,
}

impl<F: Future<Output = ()>> MessageBody for Bounded<F> {
    type Error = Box<dyn std::error::Error>;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        let this = &mut *self;
        // What has come out of the sandbox is sent in any case.
        if let Poll::Ready(chunk) = Pin::new(&mut this.body).poll_next(cx) {
            return Poll::Ready(chunk);
        }
        this.over
            .as_mut()
            .poll(cx)
            .map(|()| Some(Err(std::io::Error::from(std::io::ErrorKind::ConnectionAborted).into())))
    }
}
