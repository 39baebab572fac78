//! The two bodies of an exchange, each handed on chunk by chunk as it is, and only when the other side wants more.

use std::{
    cell::Cell,
    future::poll_fn,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll},
};

use actix_web::{
    HttpRequest,
    body::{BodySize, MessageBody},
    dev::Payload,
    error::PayloadError,
    http::{Version, header},
};
use bytes::Bytes;
use futures_util::Stream;
use http::{Response, StatusCode};
use hyper::body::{Body, Frame, Incoming, SizeHint};
use tokio::time::Instant;

use super::{
    Driver, RelayError,
    departure::{Departure, Spent},
};

/// Who keeps the other side waiting.
#[derive(Clone, Copy, Debug)]
pub(super) enum Awaited {
    /// The next hop wants more of the request than the visitor has sent.
    Visitor,
    /// The next hop has, since then, all that the visitor has sent.
    NextHop { since: Instant },
}

impl Awaited {
    fn next_hop() -> Self {
        Self::NextHop { since: Instant::now() }
    }
}

/// The visitor's body on its way to the next hop.
pub(super) struct RequestBody {
    /// `None` at its end.
    payload: Option<Payload>,
    /// A chunk that was already there when we looked.
    first: Option<Bytes>,
    /// Bytes still to come, when the visitor said how many there are.
    left: Option<u64>,
    awaited: Rc<Cell<Awaited>>,
    /// Takes the payload when nothing more comes out of it.
    spent: Spent,
}

impl RequestBody {
    pub(super) fn empty() -> Self {
        let awaited = Rc::new(Cell::new(Awaited::next_hop()));
        Self { payload: None, first: None, left: Some(0), awaited, spent: Spent::default() }
    }

    /// # Errors
    /// [`RelayError::Visitor`] when the body is known to be broken already.
    pub(super) async fn of(request: &HttpRequest, mut payload: Payload) -> Result<Self, RelayError> {
        if matches!(payload, Payload::None) {
            return Ok(Self::empty());
        }
        // actix-web has refused lengths that are not numbers, and h2 those that are not true.
        let length = request.headers().get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
        if let Some(length) = length {
            let body = Self { payload: Some(payload), left: Some(length), ..Self::empty() };
            return Ok(if length > 0 { body } else { body.at_its_end() });
        }
        if request.version() != Version::HTTP_2 {
            return Ok(Self { payload: Some(payload), left: None, ..Self::empty() });
        }
        // An HTTP/2 request without a body says so by ending its stream, which only a look into the stream tells.
        // Without that look every GET would reach the app as a chunked upload.
        match poll_fn(|cx| Poll::Ready(Pin::new(&mut payload).poll_next(cx))).await {
            Poll::Ready(None) => Ok(Self { payload: Some(payload), ..Self::empty() }.at_its_end()),
            Poll::Ready(Some(Ok(first))) => {
                Ok(Self { payload: Some(payload), first: Some(first), left: None, ..Self::empty() })
            }
            Poll::Ready(Some(Err(_))) => Err(RelayError::Visitor(None)),
            Poll::Pending => Ok(Self { payload: Some(payload), left: None, ..Self::empty() }),
        }
    }

    fn at_its_end(mut self) -> Self {
        self.end();
        self
    }

    fn end(&mut self) {
        *self.spent.borrow_mut() = self.payload.take();
    }

    pub(super) fn spent(&self) -> Spent {
        Rc::clone(&self.spent)
    }

    pub(super) fn awaited(&self) -> Rc<Cell<Awaited>> {
        Rc::clone(&self.awaited)
    }
}

impl Body for RequestBody {
    type Data = Bytes;
    type Error = PayloadError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, PayloadError>>> {
        let this = &mut *self;
        let chunk = match (this.first.take(), &mut this.payload) {
            (Some(first), _) => Some(Ok(first)),
            (None, None) => None,
            (None, Some(payload)) => match Pin::new(payload).poll_next(cx) {
                Poll::Ready(chunk) => chunk,
                Poll::Pending => {
                    this.awaited.set(Awaited::Visitor);
                    return Poll::Pending;
                }
            },
        };
        this.awaited.set(Awaited::next_hop());
        match chunk {
            Some(Ok(chunk)) => {
                this.left = this.left.map(|left| left.saturating_sub(chunk.len() as u64));
                if this.left == Some(0) {
                    this.end();
                }
                Poll::Ready(Some(Ok(Frame::data(chunk))))
            }
            Some(Err(error)) => Poll::Ready(Some(Err(error))),
            None => {
                if this.payload.is_some() {
                    this.end();
                }
                Poll::Ready(None)
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.payload.is_none() && self.first.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        self.left.map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}

/// What the visitor is told about the length of an answer's body.
pub(super) fn size_of(answer: &Response<Incoming>, head_only: bool) -> BodySize {
    if matches!(answer.status(), StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED) {
        return BodySize::None;
    }
    let stated = || answer.headers().get(http::header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok();
    // The answer to a HEAD has no body, yet tells the length of the one that a GET would have.
    let length = if head_only { stated() } else { answer.body().size_hint().exact() };
    length.map_or(BodySize::Stream, BodySize::Sized)
}

/// The next hop's body on its way to the visitor, and the owner of the connection it comes over.
pub(super) struct ResponseBody<I> {
    incoming: Incoming,
    size: BodySize,
    departure: Departure,
    _driver: Driver<I>,
}

impl<I> ResponseBody<I> {
    pub(super) fn new(incoming: Incoming, size: BodySize, departure: Departure, driver: Driver<I>) -> Self {
        Self { incoming, size, departure, _driver: driver }
    }
}

impl<I> MessageBody for ResponseBody<I> {
    type Error = hyper::Error;

    fn size(&self) -> BodySize {
        self.size
    }

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, hyper::Error>>> {
        // Ends: skips at most one frame of trailers, and empty chunks, which hyper does not make.
        loop {
            match Pin::new(&mut self.incoming).poll_frame(cx) {
                // Whoever has left does not mind how the body ends.
                Poll::Pending => return self.departure.poll(cx).map(|()| None),
                Poll::Ready(None) => return Poll::Ready(None),
                Poll::Ready(Some(Err(error))) => return Poll::Ready(Some(Err(error))),
                Poll::Ready(Some(Ok(frame))) => match frame.into_data() {
                    // An empty chunk would read as the end of a chunked body.
                    Ok(data) if data.is_empty() => {}
                    Ok(data) => return Poll::Ready(Some(Ok(data))),
                    // actix-web cannot send trailers.
                    Err(_trailers) => {}
                },
            }
        }
    }
}
