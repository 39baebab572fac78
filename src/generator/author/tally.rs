//! What Claude's answers have used, known at every moment.

use std::{cell::RefCell, rc::Rc};

use serde::{Deserialize, Serialize};

use crate::{
    generator::claude::{ClaudeError, Costs, Event, MessageStream, Model, Usage},
    types::MicroUsd,
};

/// One call and what it has used so far.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Spent {
    pub model: String,
    pub usage: Usage,
    pub costs: Costs,
    /// The day of the prices.
    pub priced: String,
}

/// A handle to the calls of one session; clones share them, within one arbiter. It outlives the work that fills it.
#[derive(Clone, Debug, Default)]
pub struct Tally(Rc<RefCell<Vec<Spent>>>);

impl Tally {
    /// All calls, in their order. What was there stays, and may grow; it never shrinks.
    #[must_use]
    pub fn calls(&self) -> Vec<Spent> {
        self.0.borrow().clone()
    }

    /// Calls of which the server has counted the prompt.
    #[must_use]
    pub fn begun(&self) -> usize {
        self.0.borrow().iter().filter(|spent| spent.usage.prompt() > 0).count()
    }

    /// What all of it costs.
    #[must_use]
    pub fn cost(&self) -> MicroUsd {
        self.0.borrow().iter().map(|spent| spent.costs.total()).sum()
    }

    #[must_use]
    pub fn usage(&self) -> Usage {
        self.0.borrow().iter().fold(Usage::default(), |sum, spent| sum.plus(spent.usage))
    }

    fn begin(&self, model: &Model, priced: &str) -> usize {
        let mut calls = self.0.borrow_mut();
        let (usage, costs) = (Usage::default(), Costs::default());
        calls.push(Spent { model: model.id.clone(), usage, costs, priced: priced.to_owned() });
        calls.len() - 1
    }

    fn set(&self, call: usize, usage: Usage, model: &Model) {
        if let Some(spent) = self.0.borrow_mut().get_mut(call) {
            (spent.usage, spent.costs) = (usage, usage.costs(model.tier(usage.prompt())));
        }
    }
}

/// An answer that is being read, and its line in the tally: as the server counts while it lasts, and however it ends, its
/// drop included, with an estimate of what the server did not come to count.
pub(super) struct Metered<'a> {
    stream: MessageStream,
    tally: &'a Tally,
    model: &'a Model,
    call: usize,
}

impl<'a> Metered<'a> {
    pub(super) fn new(stream: MessageStream, tally: &'a Tally, model: &'a Model, priced: &str) -> Self {
        let call = tally.begin(model, priced);
        Self { stream, tally, model, call }
    }

    pub(super) async fn next(&mut self) -> Result<Option<Event>, ClaudeError> {
        let event = self.stream.next().await;
        self.tally.set(self.call, self.stream.reported(), self.model);
        event
    }
}

impl Drop for Metered<'_> {
    fn drop(&mut self) {
        self.tally.set(self.call, self.stream.usage(), self.model);
    }
}
