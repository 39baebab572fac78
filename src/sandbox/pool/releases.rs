//! Sandboxes on their way out: tried again and again, until the host says that they are gone or their own timeout has
//! ended them. Pure.

use std::{collections::BTreeMap, time::Duration};

use super::setback::{BACKOFF_MAX, backoff};
use crate::{
    sandbox::SandboxError,
    types::{SandboxId, Timestamp},
};

/// Tries after which whoever asked for a release is told that it fails. Tries go on.
const TRIES_TOLD: u32 = 5;
/// The host's clock is not ours.
const GRACE: Duration = BACKOFF_MAX;

#[derive(Debug)]
struct Releasing {
    /// The host has ended it by itself then.
    expires: Timestamp,
    tries: u32,
    /// `None` while a try is under way.
    next: Option<Timestamp>,
}

#[derive(Debug, Default)]
pub(super) struct Releases {
    entries: BTreeMap<SandboxId, Releasing>,
    pub failures_total: u64,
}

impl Releases {
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(super) fn has(&self, sandbox: &SandboxId) -> bool {
        self.entries.contains_key(sandbox)
    }

    pub(super) fn begin(&mut self, sandbox: SandboxId, expires: Timestamp, now: Timestamp) {
        self.entries.insert(sandbox, Releasing { expires: expires.max(now) + GRACE, tries: 0, next: Some(now) });
    }

    /// Tries a release under way again right now; false when there is none.
    pub(super) fn hurry(&mut self, sandbox: &SandboxId, now: Timestamp) -> bool {
        let Some(releasing) = self.entries.get_mut(sandbox) else { return false };
        releasing.next = releasing.next.map(|_| now);
        true
    }

    /// What a try came to; gives what those who asked are to be told, when there is something to tell.
    pub(super) fn tried(
        &mut self,
        sandbox: &SandboxId,
        result: Result<(), SandboxError>,
        now: Timestamp,
    ) -> Option<Result<(), SandboxError>> {
        let releasing = self.entries.get_mut(sandbox)?;
        match result {
            Err(error) if now < releasing.expires => {
                self.failures_total += 1;
                releasing.tries = releasing.tries.saturating_add(1);
                releasing.next = Some(now + backoff(releasing.tries).max(error.retry_after().unwrap_or_default()));
                let tell = releasing.tries >= TRIES_TOLD || !error.is_retryable();
                tell.then_some(Err(error))
            }
            // Gone, by our doing or by its own timeout.
            Ok(()) | Err(_) => {
                self.entries.remove(sandbox);
                Some(Ok(()))
            }
        }
    }

    /// Those to be tried now; each counts as under way from here on.
    pub(super) fn due(&mut self, now: Timestamp) -> Vec<SandboxId> {
        let due = self.entries.iter_mut().filter(|(_, releasing)| releasing.next.is_some_and(|next| next <= now));
        due.map(|(sandbox, releasing)| {
            releasing.next = None;
            sandbox.clone()
        })
        .collect()
    }

    pub(super) fn next(&self) -> Option<Timestamp> {
        self.entries.values().filter_map(|releasing| releasing.next).min()
    }

    /// Whether nothing is left but what fails over and over.
    pub(super) fn are_settled(&self) -> bool {
        self.entries.values().all(|releasing| releasing.tries >= TRIES_TOLD)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failed() -> Result<(), SandboxError> {
        Err(SandboxError::Cut { doing: "testing", cause: String::new() })
    }

    #[test]
    fn a_release_that_fails_is_told_after_five_tries_and_tried_until_the_sandbox_has_expired() {
        let (mut releases, sandbox) = (Releases::default(), "a1".parse::<SandboxId>().unwrap());
        let (mut now, expires) = (Timestamp(0), Timestamp(3_600_000));
        releases.begin(sandbox.clone(), expires, now);
        let (mut told, mut tries) = (Vec::new(), 0);
        while let Some(next) = releases.next() {
            now = next;
            assert_eq!(releases.due(now), std::slice::from_ref(&sandbox));
            assert!(releases.due(now).is_empty(), "a try under way is not begun twice");
            tries += 1;
            told.extend(releases.tried(&sandbox, failed(), now).map(|told| (tries, told.is_ok())));
        }
        assert_eq!(told.first(), Some(&(5, false)));
        assert_eq!(told.last(), Some(&(tries, true)), "its own timeout ended it");
        assert!(now >= expires && tries < 100);
    }
}
