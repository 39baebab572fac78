//! Who listens to a session. It is not a part of the session's actor: who listened to one that died hears its successor.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use actix::{Recipient, dev::SendError};

use super::messages::{Delivery, Subscriber, TooManySubscribers};
use crate::events::Frame;

/// Listeners of one session, over all its WebSockets and event streams.
const SUBSCRIBERS_MAX: usize = 1024;

/// The listeners of one session, shared by its actors' successive lives. Cheap to clone.
#[derive(Clone, Default)]
pub struct Audience(Arc<Mutex<Vec<Subscriber>>>);

impl Audience {
    /// Adds a listener, who first gets `opening`.
    pub(super) fn add(
        &self,
        subscriber: Subscriber,
        opening: impl IntoIterator<Item = Frame>,
    ) -> Result<(), TooManySubscribers> {
        let mut subscribers = self.subscribers();
        // Whoever went away is noticed at the next frame, and a live session may not have one for hours.
        subscribers.retain(|other| !other.is_gone());
        if subscribers.len() >= SUBSCRIBERS_MAX {
            return Err(TooManySubscribers(SUBSCRIBERS_MAX));
        }
        // On the same way as all later frames, so that it is the first to arrive.
        if opening.into_iter().all(|frame| deliver(&subscriber, &frame)) {
            subscribers.push(subscriber);
        }
        Ok(())
    }

    pub(super) fn remove(&self, recipient: &Recipient<Delivery>) {
        self.subscribers().retain(|subscriber| match subscriber {
            Subscriber::Socket(other) => other != recipient,
            Subscriber::Stream(_) => true,
        });
    }

    /// Lets all go: their streams end.
    pub fn dismiss(&self) {
        self.subscribers().clear();
    }

    /// Frames for all, in order. Who does not keep up is let go.
    pub(super) fn deliver(&self, frames: &[Frame]) {
        let mut subscribers = self.subscribers();
        for frame in frames {
            subscribers.retain(|subscriber| deliver(subscriber, frame));
        }
    }

    fn subscribers(&self) -> MutexGuard<'_, Vec<Subscriber>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn deliver(subscriber: &Subscriber, frame: &Frame) -> bool {
    match subscriber {
        // Whoever is behind goes without what passes by.
        Subscriber::Stream(sender) if frame.is_passing() && sender.capacity() <= sender.max_capacity() / 2 => true,
        Subscriber::Socket(recipient) => match recipient.try_send(Delivery(frame.clone())) {
            Ok(()) => true,
            // The socket's own flow control keeps its mailbox short; one that is full is stuck, and it will ask again.
            Err(SendError::Full(_)) => frame.is_passing(),
            Err(SendError::Closed(_)) => false,
        },
        Subscriber::Stream(sender) => sender.try_send(frame.clone()).is_ok(),
    }
}
