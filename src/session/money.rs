//! What a session will cost, what is held back for it, and what its answers may still cost. Pure.
//!
//! ```text
//!   0 ── spent ──┬── the sandbox until the end ──┬── words: expected … at most ──┬── budget
//!                └──────────── held back: never less than what can be spent ─────┘
//! ```
//! Time and words are set aside apart: a model that writes much does not take from the app's time, and an app that was
//! extended does not take from a repair. Once the app is live, nothing is held back for words any more: most apps need none, and
//! what is held back stands in the way of the owner's next wish. An app that dies later, and does not come to life again, asks
//! for the money anew before Claude is asked to mend it.

use std::time::Duration;

use super::state::Session;
use crate::types::MicroUsd;

impl Session {
    /// What it will have cost if it lives to its end, extensions included, and its answers are as long as is usual.
    #[must_use]
    pub fn estimated_cost(&self) -> MicroUsd {
        let expected = self.spec.words.filter(|_| self.origin.is_none()).map_or(MicroUsd::ZERO, |words| words.expected);
        self.time_cost(Duration::ZERO) + (expected - self.words_cost()).max(MicroUsd::ZERO).min(self.words_left())
    }

    /// What must be held back for the whole life, once it is `by` longer. What is over costs no more than it did.
    #[must_use]
    pub fn reservation(&self, by: Duration) -> MicroUsd {
        if self.is_over() {
            return self.past_cost;
        }
        (self.time_cost(by) + self.words_left()).min(self.spec.budget)
    }

    /// What answers may still cost.
    #[must_use]
    pub fn words_left(&self) -> MicroUsd {
        if self.proven { MicroUsd::ZERO } else { self.words_for_mending() }
    }

    /// What answers may still cost once that is held back again, though the app was live before.
    #[must_use]
    pub fn words_for_mending(&self) -> MicroUsd {
        let Some(words) = self.spec.words else { return MicroUsd::ZERO };
        let left = self.spec.budget - self.time_cost(Duration::ZERO);
        (words.at_most - self.words_cost()).min(left).max(MicroUsd::ZERO)
    }

    /// What must be held back while an app that was live is mended.
    #[must_use]
    pub fn reservation_for_mending(&self) -> MicroUsd {
        (self.time_cost(Duration::ZERO) + self.words_for_mending()).min(self.spec.budget)
    }

    /// All that was spent, and a sandbox until the end.
    fn time_cost(&self, by: Duration) -> MicroUsd {
        let until = self.expires_at + by;
        self.spec.rates.total(self.spec.size, until.millis_since(self.spec.created_at)) + self.past_cost
    }

    /// What answers have cost.
    fn words_cost(&self) -> MicroUsd {
        self.answers.iter().map(|spent| spent.costs.total()).sum()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{
        super::{
            machine::transition,
            properties::{answer, spec},
            signal::Signal,
        },
        *,
    };
    use crate::generator::author::Words;

    fn session(budget: i64, at_most: i64) -> Session {
        let words = Words { expected: MicroUsd(at_most / 2), at_most: MicroUsd(at_most) };
        let spec = super::super::Spec { words: Some(words), ..spec(budget) };
        Session::create(spec, Duration::from_secs(600)).0
    }

    #[test]
    fn words_are_estimated_and_held_back_until_the_app_is_live() {
        let mut session = session(500_000, 100_000);
        let time = session.time_cost(Duration::ZERO);
        assert_eq!(
            (session.estimated_cost(), session.reservation(Duration::ZERO)),
            (time + MicroUsd(50_000), time + MicroUsd(100_000))
        );
        session.proven = true;
        assert_eq!((session.words_left(), session.reservation(Duration::ZERO)), (MicroUsd::ZERO, time));
        let again = (session.words_for_mending(), session.reservation_for_mending());
        assert_eq!(again, (MicroUsd(100_000), time + MicroUsd(100_000)), "asked for anew, should it have to be mended");
    }

    proptest! {
        #[test]
        fn what_is_held_back_covers_what_can_be_spent(budget in 0..600_000i64, at_most in 0..600_000i64, answers in 0..6usize) {
            let session = session(budget, at_most);
            let told = Signal::Spent { answers: vec![answer(); answers], trials: Vec::new(), last: false };
            let (session, _) = transition(&session, told, session.spec.created_at).unwrap();
            let held = session.reservation(Duration::ZERO);
            prop_assert!(held <= MicroUsd(budget));
            prop_assert!(session.past_cost + session.words_left() <= held.max(session.past_cost));
            prop_assert!(session.words_cost() + session.words_left() <= MicroUsd(at_most).max(session.words_cost()));
        }
    }
}
