//! Sandboxes that bear this engine's name and that nobody here knows: left by a crash, or by an answer that was lost. Pure.
//!
//! A sandbox may be unknown for a moment, while the answer of its creation is on its way or a session has not yet told a
//! pool that was made anew. So it is a stranger when it is seen [`LOOKS`] times, [`EVERY`] apart, and known none of them:
//! one time more than would do by a clock that never jumps ahead.

use std::{collections::BTreeMap, time::Duration};

use crate::types::{SandboxId, Timestamp};

/// Before the first look: an engine that starts has better things to do.
const FIRST: Duration = Duration::from_secs(5);
/// Between two looks at the host's list. Longer than a creation takes (20 s), and than sessions take to claim what is theirs (30 s).
const EVERY: Duration = Duration::from_secs(35);

/// Looks in a row that must see a sandbox. A clock that jumps brings two of them close to each other, and not three.
const LOOKS: u32 = 3;

#[derive(Debug, Default)]
pub(super) struct Strangers {
    /// Unknown ones, with the looks in a row that saw them.
    seen: BTreeMap<SandboxId, u32>,
    begun: bool,
    /// `None` while a list is under way.
    next: Option<Timestamp>,
}

impl Strangers {
    /// Whether to ask for the list now; it counts as under way from here on.
    pub(super) fn look(&mut self, now: Timestamp) -> bool {
        if !std::mem::replace(&mut self.begun, true) {
            self.next = Some(now + FIRST);
        }
        self.next.take_if(|next| *next <= now).is_some()
    }

    pub(super) const fn next(&self) -> Option<Timestamp> {
        self.next
    }

    /// Takes a list in, `None` when there was no answer, and gives those that belong to nobody.
    pub(super) fn listed(
        &mut self,
        listed: Option<Vec<SandboxId>>,
        is_known: impl Fn(&SandboxId) -> bool,
        now: Timestamp,
    ) -> Vec<SandboxId> {
        self.next = Some(now + EVERY);
        // An answer that was not had says nothing about those that were seen before.
        let Some(listed) = listed else { return Vec::new() };
        let unknown = listed.into_iter().filter(|sandbox| !is_known(sandbox));
        let looks = |sandbox: &SandboxId| self.seen.get(sandbox).map_or(1, |looks| looks + 1);
        let unknown: BTreeMap<_, _> = unknown.map(|sandbox| (sandbox.clone(), looks(&sandbox))).collect();
        let (strangers, others) = unknown.into_iter().partition(|(_, looks)| *looks >= LOOKS);
        self.seen = others;
        let strangers: BTreeMap<SandboxId, u32> = strangers;
        strangers.into_keys().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(names: &[&str]) -> Vec<SandboxId> {
        names.iter().map(|name| name.parse().unwrap()).collect()
    }

    #[test]
    fn who_is_seen_three_times_and_never_known_belongs_to_nobody() {
        let (mut strangers, now) = (Strangers::default(), Timestamp(0));
        assert!(!strangers.look(now) && strangers.look(now + FIRST));
        assert!(!strangers.look(now + EVERY), "one list at a time");
        let known = |sandbox: &SandboxId| sandbox.as_str().starts_with('k');
        assert_eq!(strangers.listed(Some(ids(&["a", "b", "k1"])), known, now), ids(&[]));
        assert!(!strangers.look(now) && strangers.look(now + EVERY));
        assert_eq!(strangers.listed(None, known, now), ids(&[]), "nothing was heard, so nothing is forgotten");
        // The clock has jumped ahead meanwhile: whoever claims in time may not have had it.
        assert_eq!(strangers.listed(Some(ids(&["a", "c", "k1"])), known, now), ids(&[]));
        assert_eq!(strangers.listed(Some(ids(&["a", "c", "k1"])), known, now), ids(&["a"]));
        // Should its release be lost, too, it is seen again, and again released.
        assert_eq!(strangers.listed(Some(ids(&["a", "c"])), known, now), ids(&["c"]));
        assert_eq!(strangers.listed(Some(ids(&["a"])), known, now), ids(&[]));
        assert_eq!(strangers.listed(Some(ids(&["a"])), known, now), ids(&["a"]));
    }
}
