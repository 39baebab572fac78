//! One life of an actor: what it carries from its making to its drop.

use std::cell::Cell;

use actix::{Actor, Addr, Context};

use super::{Exit, Post, failpoint};

/// What an actor says it handles before its first message.
const NOTHING: &str = "its start";

/// Carried by an actor as a field; its drop is the actor's end.
pub struct Life<A: Actor> {
    name: &'static str,
    post: Post<A>,
    number: u64,
    handling: Cell<&'static str>,
    finished: Cell<bool>,
    report: Option<Box<dyn FnOnce(u64, Exit)>>,
}

impl<A: Actor<Context = Context<A>>> Life<A> {
    /// A life at `post`, whose number and end are told to `report`.
    #[must_use]
    pub fn new(name: &'static str, post: &Post<A>, report: impl FnOnce(u64, Exit) + 'static) -> Self {
        Self {
            name,
            number: post.next_life(),
            post: post.clone(),
            handling: Cell::new(NOTHING),
            finished: Cell::new(false),
            report: Some(Box::new(report)),
        }
    }

    /// A life that nobody watches, at a post of its own.
    #[must_use]
    pub fn alone(name: &'static str) -> Self {
        Self::new(name, &Post::default(), |_, _| ())
    }

    #[must_use]
    pub const fn post(&self) -> &Post<A> {
        &self.post
    }

    /// Which one at its post this is, counted from 1.
    #[must_use]
    pub const fn number(&self) -> u64 {
        self.number
    }

    /// Whether an earlier actor held this post.
    #[must_use]
    pub const fn is_rebirth(&self) -> bool {
        self.number > 1
    }

    /// Takes the post, and with it what was told while it was vacant. For `Actor::started`.
    pub fn begin(&self, address: Addr<A>) {
        self.post.install(self.number, address);
    }

    /// Says which message is handled from here on. The first line of every handler.
    pub fn handling(&self, message: &'static str) {
        self.handling.set(message);
        self.post.took_one();
        failpoint::pass(self.name, message);
    }

    /// The same for what no message brings: an alarm, an answer.
    pub fn reached(&self, step: &'static str) {
        self.handling.set(step);
        failpoint::pass(self.name, step);
    }

    /// The end that comes now is as it should be.
    pub fn finish(&self) {
        self.finished.set(true);
    }
}

impl<A: Actor> Drop for Life<A> {
    fn drop(&mut self) {
        self.post.vacate(self.number);
        if let Some(report) = self.report.take() {
            report(self.number, Exit::now(self.finished.get(), self.handling.get()));
        }
    }
}
