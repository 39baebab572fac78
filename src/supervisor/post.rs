//! An address that outlives the actor behind it.

use std::{
    collections::VecDeque,
    fmt,
    future::Future,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use actix::{Actor, Addr, Handler, MailboxError, Message, dev::ToEnvelope};
use tokio::{sync::watch, time::timeout};
use tracing::error;

/// How long who asks waits for a post that is vacant.
const VACANT_MAX: Duration = Duration::from_secs(5);
/// What may wait to be told to the next holder. More than all sessions of the greatest plan have to say.
const BACKLOG_MAX: usize = 10_000;
/// How often an idempotent question is asked again of a next holder.
const ASKS_MAX: u32 = 3;

/// Nobody answered: the post is vacant, its holder ended over the question, or is too busy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("nobody answered")]
pub struct Unanswered;

impl From<MailboxError> for Unanswered {
    fn from(_: MailboxError) -> Self {
        Self
    }
}

type Told<A> = Box<dyn FnOnce(&Addr<A>) + Send>;

/// Where to reach the actor of a kind, whichever is there. Cheap to clone; usable from any thread.
pub struct Post<A: Actor>(Arc<Shared<A>>);

struct Shared<A: Actor> {
    holder: watch::Sender<Option<Addr<A>>>,
    /// What was told while nobody was there. The lock is also what orders tellers and a new holder.
    backlog: Mutex<VecDeque<Told<A>>>,
    /// Nobody will come any more. Written under the backlog's lock.
    retired: AtomicBool,
    lives: AtomicU64,
    sent: AtomicU64,
    handled: AtomicU64,
}

impl<A: Actor> Clone for Post<A> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<A: Actor> fmt::Debug for Post<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Post").field("held", &self.is_held()).field("mailbox", &self.mailbox()).finish()
    }
}

impl<A: Actor> Default for Post<A> {
    fn default() -> Self {
        Self(Arc::new(Shared {
            holder: watch::Sender::new(None),
            backlog: Mutex::default(),
            retired: AtomicBool::new(false),
            lives: AtomicU64::new(0),
            sent: AtomicU64::new(0),
            handled: AtomicU64::new(0),
        }))
    }
}

impl<A: Actor> Post<A> {
    /// Asks whoever holds the post, and waits some seconds for somebody to. The message is on its way when this
    /// returns, if somebody is there.
    ///
    /// # Errors
    /// [`Unanswered`]; whether the message was handled is then unknown.
    pub fn ask<M>(&self, message: M) -> impl Future<Output = Result<M::Result, Unanswered>> + use<A, M>
    where
        A: Handler<M>,
        A::Context: ToEnvelope<A, M>,
        M: Message + Send + 'static,
        M::Result: Send,
    {
        let asked = match self.holder() {
            Some(holder) => Ok(self.send(&holder, message)),
            None => Err((self.clone(), message)),
        };
        async move {
            match asked {
                Ok(request) => Ok(request.await?),
                Err((post, message)) => {
                    let holder = post.next_holder().await?;
                    Ok(post.send(&holder, message).await?)
                }
            }
        }
    }

    /// Asks, and waits no longer than `limit`.
    ///
    /// # Errors
    /// [`Unanswered`], also after that time.
    pub fn ask_within<M>(
        &self,
        message: M,
        limit: Duration,
    ) -> impl Future<Output = Result<M::Result, Unanswered>> + use<A, M>
    where
        A: Handler<M>,
        A::Context: ToEnvelope<A, M>,
        M: Message + Send + 'static,
        M::Result: Send,
    {
        let asked = self.ask(message);
        async move { timeout(limit, asked).await.unwrap_or(Err(Unanswered)) }
    }

    /// Asks a question that may be asked twice: again of the next holder when one ended over it.
    ///
    /// # Errors
    /// [`Unanswered`] when several did.
    pub fn ask_again<M>(&self, message: M) -> impl Future<Output = Result<M::Result, Unanswered>> + use<A, M>
    where
        A: Handler<M>,
        A::Context: ToEnvelope<A, M>,
        M: Message + Clone + Send + 'static,
        M::Result: Send,
    {
        let (post, mut asked) = (self.clone(), Box::pin(self.ask(message.clone())));
        async move {
            for _ in 1..ASKS_MAX {
                match asked.await {
                    Ok(answer) => return Ok(answer),
                    Err(Unanswered) => asked = Box::pin(post.ask(message.clone())),
                }
            }
            asked.await
        }
    }

    /// Tells whoever holds the post or comes next. Past the mailbox's bound on purpose: what is told is what must not
    /// be lost, and each teller has a bound of its own.
    pub fn tell<M>(&self, message: M)
    where
        A: Handler<M>,
        A::Context: ToEnvelope<A, M>,
        M: Message + Send + 'static,
        M::Result: Send,
    {
        let mut backlog = self.backlog();
        if let Some(holder) = self.holder() {
            self.0.sent.fetch_add(1, Ordering::Relaxed);
            holder.do_send(message);
        } else if self.is_retired() {
            // Whoever lets an actor go for good has no more use for what it is told.
        } else if backlog.len() < BACKLOG_MAX {
            backlog.push_back(Box::new(move |holder| holder.do_send(message)));
        } else {
            error!(waiting = BACKLOG_MAX, "a post is vacant for so long that what it is told is lost");
        }
    }

    /// Whether somebody holds the post now.
    #[must_use]
    pub fn is_held(&self) -> bool {
        self.0.holder.borrow().as_ref().is_some_and(Addr::connected)
    }

    /// Messages that were sent to the holder and that it has not begun to handle, and those that wait for a next one.
    #[must_use]
    pub fn mailbox(&self) -> usize {
        let (sent, handled) = (self.0.sent.load(Ordering::Relaxed), self.0.handled.load(Ordering::Relaxed));
        let waiting = self.backlog().len();
        usize::try_from(sent.saturating_sub(handled)).unwrap_or(usize::MAX).saturating_add(waiting)
    }

    /// Lets the holder go, and takes no other.
    pub fn retire(&self) {
        let mut backlog = self.backlog();
        self.0.retired.store(true, Ordering::Release);
        backlog.clear();
        self.0.holder.send_replace(None);
    }

    pub(super) fn is_retired(&self) -> bool {
        self.0.retired.load(Ordering::Acquire)
    }

    /// Whether this is the number of the holder, and not of one before.
    #[must_use]
    pub fn is_present(&self, life: u64) -> bool {
        life == self.0.lives.load(Ordering::Relaxed)
    }

    pub(super) fn next_life(&self) -> u64 {
        self.0.lives.fetch_add(1, Ordering::Relaxed) + 1
    }

    pub(super) fn took_one(&self) {
        self.0.handled.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn install(&self, life: u64, holder: Addr<A>) {
        let mut backlog = self.backlog();
        if self.is_retired() || !self.is_present(life) {
            return;
        }
        self.0.handled.store(0, Ordering::Relaxed);
        self.0.sent.store(backlog.len() as u64, Ordering::Relaxed);
        for tell in backlog.drain(..) {
            tell(&holder);
        }
        self.0.holder.send_replace(Some(holder));
    }

    pub(super) fn vacate(&self, life: u64) {
        let _order = self.backlog();
        if self.is_present(life) {
            self.0.holder.send_replace(None);
            self.0.sent.store(0, Ordering::Relaxed);
            self.0.handled.store(0, Ordering::Relaxed);
        }
    }

    fn holder(&self) -> Option<Addr<A>> {
        self.0.holder.borrow().clone()
    }

    async fn next_holder(&self) -> Result<Addr<A>, Unanswered> {
        let mut holders = self.0.holder.subscribe();
        let found = timeout(VACANT_MAX, holders.wait_for(|holder| holder.is_some() || self.is_retired())).await;
        // `self` keeps the sender, so the wait ends by a holder or by the time.
        found.ok().and_then(Result::ok).and_then(|holder| holder.clone()).ok_or(Unanswered)
    }

    fn send<M>(&self, holder: &Addr<A>, message: M) -> actix::dev::Request<A, M>
    where
        A: Handler<M>,
        A::Context: ToEnvelope<A, M>,
        M: Message + Send + 'static,
        M::Result: Send,
    {
        self.0.sent.fetch_add(1, Ordering::Relaxed);
        holder.send(message)
    }

    fn backlog(&self) -> MutexGuard<'_, VecDeque<Told<A>>> {
        self.0.backlog.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
