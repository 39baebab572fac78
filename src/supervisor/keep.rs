//! Keeps an actor that there is one of: whenever it ends, another one is made.

use std::{future::Future, panic::AssertUnwindSafe, time::Duration};

use actix::{Actor, Context};
use futures_util::FutureExt as _;
use tokio::sync::oneshot;
use tokio_util::task::AbortOnDropHandle;
use tracing::{error, info, warn};

use super::{Condition, Exit, Life, Post, Restarts, Tree, Verdict, tree::Node};
use crate::types::Timestamp;

/// Between the tries of an actor that has used its patience up. An engine without it can do nothing, so tries go on.
const FAILING_RETRY: Duration = Duration::from_secs(10);

/// An actor that is kept. Dropped, or [`retired`](Self::retire), it is let go.
pub struct Kept<A: Actor> {
    pub post: Post<A>,
    _task: AbortOnDropHandle<()>,
}

impl<A: Actor> Kept<A> {
    /// Lets the actor go, once it has handled what it was sent, and makes no other.
    pub fn retire(&self) {
        self.post.retire();
    }
}

impl<A: Actor> Drop for Kept<A> {
    fn drop(&mut self) {
        self.post.retire();
    }
}

/// Starts the actor that `make` makes, on this arbiter, and another one each time that it ends. The tree shows it under `name`.
///
/// # Errors
/// What the first `make` says. Later ones are tried again, with growing waits.
pub async fn keep<A, E, F>(tree: &Tree, name: &'static str, make: impl Fn(Life<A>) -> F + 'static) -> Result<Kept<A>, E>
where
    A: Actor<Context = Context<A>>,
    E: std::fmt::Display + 'static,
    F: Future<Output = Result<A, E>> + 'static,
{
    let post = Post::default();
    let node = tree.add(name, post.clone());
    let (life, first) = life(name, &post);
    make(life).await?.start();
    let kept = post.clone();
    let task = actix_rt::spawn(async move {
        let (mut ended, mut restarts) = (first, Restarts::default());
        loop {
            let exit = hear(ended).await;
            if kept.is_retired() {
                return;
            }
            node.fell(&exit);
            ended = rise(&node, &kept, &mut restarts, &make).await;
            node.rose();
            info!(actor = name, "an actor was made anew");
        }
    });
    Ok(Kept { post, _task: AbortOnDropHandle::new(task) })
}

/// Makes another one, however often it takes.
async fn rise<A, E, F>(
    node: &Node,
    post: &Post<A>,
    restarts: &mut Restarts,
    make: &impl Fn(Life<A>) -> F,
) -> oneshot::Receiver<Exit>
where
    A: Actor<Context = Context<A>>,
    E: std::fmt::Display + 'static,
    F: Future<Output = Result<A, E>> + 'static,
{
    loop {
        let wait = match restarts.exited(Timestamp::now()) {
            Verdict::RebuildAfter(wait) => wait,
            Verdict::GiveUp | Verdict::Forget => {
                error!(actor = node.name(), "an actor does not stay up; it is tried again every few seconds");
                node.set(Condition::Failing);
                FAILING_RETRY
            }
        };
        actix_rt::time::sleep(wait).await;
        let (life, ended) = life(node.name(), post);
        match AssertUnwindSafe(async { make(life).await }).catch_unwind().await {
            Ok(Ok(actor)) => {
                actor.start();
                return ended;
            }
            Ok(Err(error)) => {
                warn!(actor = node.name(), %error, "an actor could not be made anew; trying again");
                node.because(format!("could not be made anew: {error}"));
            }
            Err(_) => node.because(hear(ended).await.reason),
        }
    }
}

fn life<A: Actor<Context = Context<A>>>(name: &'static str, post: &Post<A>) -> (Life<A>, oneshot::Receiver<Exit>) {
    let (report, ended) = oneshot::channel();
    // Who no longer listens has let the actor go.
    (Life::new(name, post, move |_, exit| drop(report.send(exit))), ended)
}

async fn hear(ended: oneshot::Receiver<Exit>) -> Exit {
    let unheard = |_| Exit { finished: false, panicked: false, reason: "ended without a word".to_owned() };
    ended.await.unwrap_or_else(unheard)
}
