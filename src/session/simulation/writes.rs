//! Commits on their way to the store, and what becomes of their answers.

use std::time::Duration;

use super::{
    super::{
        committing::{self, Next},
        state::Session,
    },
    faults::SECOND,
    happening::{Happening, LifeNumber, Said},
    world::{World, millis},
};
use crate::{
    store::{Commit, StoreError},
    types::SessionId,
};

/// A commit that may still be made.
#[derive(Clone)]
pub(super) struct Write {
    pub session: SessionId,
    pub life: LifeNumber,
    pub commit: Box<Commit>,
    pub kept: (Session, i64),
}

impl World {
    /// Sends a commit off; its answer comes as [`Happening::Written`].
    pub(super) fn send_write(&mut self, ticket: u64) {
        let slow = self.strikes(self.faults.commit_slow);
        let wait = if slow { self.random.between(20, 8 * SECOND) } else { self.random.delay(2, 20) };
        self.after(wait, Happening::Write { ticket });
    }

    /// A commit reaches the store.
    pub(super) fn write(&mut self, ticket: u64) {
        let Some(write) = self.writes.get(&ticket).cloned() else { return };
        let said = if self.strikes(self.faults.commit_refused) {
            Said::Never
        } else if self.store_is_away || self.strikes(self.faults.commit_fails) {
            Said::NotNow
        } else {
            self.make(&write)
        };
        let said = if said == Said::Made && self.strikes(self.faults.commit_unheard) { Said::NotNow } else { said };
        let Write { session, life, .. } = write;
        if !self.is_alive(session, life) {
            self.writes.remove(&ticket);
        }
        let wait = self.random.delay(2, 20);
        self.after(wait, Happening::Written { session, life, ticket, said });
    }

    /// Makes a commit, if nobody was there before.
    pub(super) fn make(&mut self, write: &Write) -> Said {
        let before = self.store.session(write.session).map(|row| row.revision);
        match self.store.commit(&write.commit) {
            Ok(()) => {
                if before == write.commit.expected_revision {
                    self.ran.counts.commits += 1;
                    self.kept.insert(write.session, write.kept.clone());
                    self.check_kept(write);
                }
                Said::Made
            }
            Err(_) => Said::Never,
        }
    }

    /// The store's answer, as the shell takes it.
    pub(super) fn written(&mut self, session: SessionId, life: LifeNumber, ticket: u64, said: Said) {
        let steady = self.clock.steady;
        let Some(actor) = self.actors.get_mut(&session).filter(|actor| actor.life == life) else { return };
        let Some(committing) = actor.committing.as_mut().filter(|committing| committing.ticket == ticket) else {
            return;
        };
        let error = match said {
            Said::Made => {
                self.writes.remove(&ticket);
                return self.committed(session);
            }
            Said::NotNow => StoreError::Overloaded,
            Said::Never => StoreError::Closed,
        };
        committing.tries += 1;
        let waited = Duration::from_millis((steady - committing.since).unsigned_abs());
        match committing::after(&error, committing.first, committing.tries, waited) {
            Next::AgainAfter(pause) => self.after(millis(pause), Happening::WriteAgain { session, life, ticket }),
            Next::GiveUp => {
                self.writes.remove(&ticket);
                self.refused(session);
            }
        }
    }

    pub(super) fn write_again(&mut self, session: SessionId, life: LifeNumber, ticket: u64) {
        if self.is_committing(session, life, ticket) {
            self.claim(session);
            self.send_write(ticket);
        }
    }

    /// What is under way goes on without whoever asked, and may be made yet.
    pub(super) fn cut_off(&mut self, session: SessionId, life: LifeNumber, ticket: u64) {
        if self.is_committing(session, life, ticket) {
            self.refused(session);
        }
    }

    fn is_committing(&self, session: SessionId, life: LifeNumber, ticket: u64) -> bool {
        let actor = self.actors.get(&session).filter(|actor| actor.life == life);
        actor.and_then(|actor| actor.committing.as_ref()).is_some_and(|committing| committing.ticket == ticket)
    }
}
