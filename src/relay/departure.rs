//! Notices that an HTTP/2 visitor has given up.
//!
//! Over HTTP/1.1 the end of the connection takes the request's future and the response's body with it. Over HTTP/2
//! actix-http runs each request in a task of its own, which finds out only when it has something to send: an event
//! stream that is quiet, or an app that thinks, would be waited for on nobody's behalf. What does know is the other
//! end of the request's body, even after that has been read to its end. It wakes nobody then, so it is asked.

use std::{
    cell::RefCell,
    future::{Future, poll_fn},
    pin::Pin,
    rc::Rc,
    task::{Context, Poll},
    time::Duration,
};

use actix_web::dev::Payload;
use futures_util::Stream;
use tokio::time::sleep;

/// How long a visitor's leave may go unnoticed.
const ASKED_EVERY: Duration = Duration::from_secs(1);

/// Where a request's body is put when it has been read.
pub(super) type Spent = Rc<RefCell<Option<Payload>>>;

/// Ready when the visitor has given up; for a visitor over HTTP/1.1 never.
pub(super) struct Departure(Option<Pin<Box<dyn Future<Output = ()>>>>);

impl Departure {
    pub(super) fn of(spent: Option<Spent>) -> Self {
        Self(spent.map(|spent| -> Pin<Box<dyn Future<Output = ()>>> { Box::pin(departed(spent)) }))
    }

    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.0.as_mut().map_or(Poll::Pending, |departed| departed.as_mut().poll(cx))
    }

    pub(super) async fn wait(&mut self) {
        poll_fn(|cx| self.poll(cx)).await;
    }
}

async fn departed(spent: Spent) {
    // Ends with the visitor, or with the exchange that owns this future.
    loop {
        sleep(ASKED_EVERY).await;
        let reset = poll_fn(|cx| {
            let mut spent = spent.borrow_mut();
            let next = spent.as_mut().map_or(Poll::Pending, |payload| Pin::new(payload).poll_next(cx));
            Poll::Ready(matches!(next, Poll::Ready(Some(Err(_)))))
        });
        if reset.await {
            return;
        }
    }
}
