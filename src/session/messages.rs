//! What a session actor is asked, and what it reports.

use std::time::Duration;

use actix::{Message, Recipient};
use bytes::Bytes;
use tokio::sync::mpsc;

use super::{LogPage, Rejected, logs::Line};
use crate::{
    events::Frame,
    ledger,
    supervisor::Exit,
    types::{EndReason, Failure, MicroUsd, SessionId, Slug, Status, Timestamp},
};

/// Who gets a session's frames.
#[derive(Clone)]
pub enum Subscriber {
    /// A WebSocket session actor.
    Socket(Recipient<Delivery>),
    /// A stream of server-sent events.
    Stream(mpsc::Sender<Frame>),
}

impl Subscriber {
    /// Whether nobody is left to read: the socket's actor has stopped, or the stream was dropped.
    #[must_use]
    pub fn is_gone(&self) -> bool {
        match self {
            Self::Socket(recipient) => !recipient.connected(),
            Self::Stream(sender) => sender.is_closed(),
        }
    }
}

/// A frame on its way to a subscriber.
#[derive(Clone, Debug, Message)]
#[rtype(result = "()")]
pub struct Delivery(pub Frame);

/// Deliver the present state, then every change, in order. A subscriber that does not keep up is let go.
#[derive(Clone, Message)]
#[rtype(result = "Result<(), TooManySubscribers>")]
pub struct Subscribe {
    pub subscriber: Subscriber,
}

#[derive(Debug, thiserror::Error)]
#[error("the session has {0} subscribers already")]
pub struct TooManySubscribers(pub usize);

/// Stop delivering to this socket.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Unsubscribe {
    pub recipient: Recipient<Delivery>,
}

/// End the session wherever it stands. Answers once its sandbox is gone; `None` when the actor ended before, and is to be
/// asked again.
#[derive(Clone, Copy, Message)]
#[rtype(result = "Option<Ended>")]
pub struct Destroy;

/// Answers once the session is not on its way any more: live, or over.
#[derive(Clone, Copy, Message)]
#[rtype(result = "()")]
pub struct Rest;

/// Charge what has been used, and stop as you are: the next engine goes on from the store.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Hibernate;

/// How a session ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    pub status: Status,
    pub reason: Option<EndReason>,
    pub final_cost: MicroUsd,
}

/// Live longer.
#[derive(Message)]
#[rtype(result = "Result<Extended, ExtendError>")]
pub struct Extend {
    pub by: Duration,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extended {
    pub expires_at: Timestamp,
    pub additional_cost: MicroUsd,
}

/// Why a session does not live longer.
#[derive(Debug, thiserror::Error)]
pub enum ExtendError {
    #[error(transparent)]
    Rejected(#[from] Rejected),
    #[error("over budget: {0}")]
    OverBudget(ledger::Refused),
    /// The ledger or the store did not answer.
    #[error("{0}")]
    Unavailable(Failure),
}

/// The lines after `after` that are still kept.
#[derive(Clone, Copy, Message)]
#[rtype(result = "LogPage")]
pub struct Logs {
    pub after: u64,
}

/// The same, and all lines that come, into `follower`.
#[derive(Clone, Message)]
#[rtype(result = "Option<LogPage>")]
pub struct FollowLogs {
    pub after: u64,
    pub follower: mpsc::Sender<Line>,
}

/// A session actor is gone. Its [`Life`](crate::supervisor::Life) says so, panics included.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct Exited {
    pub session: SessionId,
    pub slug: Slug,
    /// The store is known to have it. Whoever asked for one that is not stored was told no.
    pub stored: bool,
    /// The number of the life that ended: a late report must not end the next one.
    pub life: u64,
    pub exit: Exit,
}

/// A published view, shared with whoever answers status queries.
pub type Snapshot = arc_swap::ArcSwap<Bytes>;

#[cfg(test)]
mod tests {
    use actix::prelude::*;

    use super::*;

    struct Reader;

    impl Actor for Reader {
        type Context = Context<Self>;
    }

    impl Handler<Delivery> for Reader {
        type Result = ();

        fn handle(&mut self, _: Delivery, ctx: &mut Self::Context) {
            ctx.stop();
        }
    }

    #[test]
    fn a_dropped_stream_is_gone() {
        let (sender, receiver) = mpsc::channel(1);
        let subscriber = Subscriber::Stream(sender);
        assert!(!subscriber.is_gone());
        drop(receiver);
        assert!(subscriber.is_gone());
    }

    #[actix_rt::test]
    async fn a_stopped_socket_is_gone() {
        let reader = Reader.start();
        let subscriber = Subscriber::Socket(reader.clone().recipient());
        assert!(!subscriber.is_gone());
        let event = crate::events::Event::Expired { final_cost: MicroUsd::ZERO, reason: EndReason::Timeout };
        let frame = Frame::new(SessionId::generate(), 1, Timestamp(0), &event);
        reader.send(Delivery(frame)).await.unwrap();
        while reader.connected() {
            actix_rt::task::yield_now().await;
        }
        assert!(subscriber.is_gone());
    }
}
