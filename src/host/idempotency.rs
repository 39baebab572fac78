//! Keys that make a creation happen once, however often it is asked for. Pure, but for the lock that it hands out.
//!
//! ```text
//!  claim(key) ─┬─ new, or too old ────────► an empty outcome: the claimer locks it, makes the sandbox, fills it in
//!              ├─ known, the same request ► that outcome: whoever locks it has waited for the first, and finds the id,
//!              │                            or nothing when the first failed, and makes the sandbox then
//!              └─ known, another request ─► Reused
//! ```

use std::{collections::HashMap, sync::Arc, time::Duration};

use tokio::sync::Mutex;

use crate::types::{SandboxId, Timestamp};

/// How long a key is remembered: longer than any client goes on retrying.
pub const KEPT_FOR: Duration = Duration::from_secs(600);
/// Keys that are remembered; the oldest is forgotten first.
const KEYS_MAX: usize = 1024;
/// Characters of a key.
const LENGTH_MAX: usize = 255;

/// The sandbox that a key stands for, once there is one.
pub type Outcome = Arc<Mutex<Option<SandboxId>>>;

/// The key came before, with another request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reused;

#[derive(Debug)]
struct Claim {
    since: Timestamp,
    /// Of the request.
    fingerprint: u64,
    outcome: Outcome,
}

#[derive(Debug, Default)]
pub struct Keys(HashMap<Box<str>, Claim>);

impl Keys {
    /// # Errors
    /// [`Reused`].
    pub fn claim(&mut self, key: &str, fingerprint: u64, now: Timestamp) -> Result<Outcome, Reused> {
        self.0.retain(|_, claim| claim.since + KEPT_FOR > now);
        if let Some(claim) = self.0.get(key) {
            return if claim.fingerprint == fingerprint { Ok(Arc::clone(&claim.outcome)) } else { Err(Reused) };
        }
        if self.0.len() >= KEYS_MAX {
            let oldest = self.0.iter().min_by_key(|(_, claim)| claim.since).map(|(key, _)| key.clone());
            oldest.and_then(|key| self.0.remove(&key));
        }
        let outcome = Outcome::default();
        self.0.insert(key.into(), Claim { since: now, fingerprint, outcome: Arc::clone(&outcome) });
        Ok(outcome)
    }
}

/// Whether a text may be a key: what the SDKs let through.
#[must_use]
pub fn is_key(text: &str) -> bool {
    (1..=LENGTH_MAX).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_000_000);

    #[test]
    fn a_key_stands_for_one_outcome_until_it_is_old() {
        let mut keys = Keys::default();
        let first = keys.claim("a", 1, NOW).unwrap();
        assert!(Arc::ptr_eq(&first, &keys.claim("a", 1, NOW).unwrap()));
        assert!(!Arc::ptr_eq(&first, &keys.claim("b", 1, NOW).unwrap()));
        assert_eq!(keys.claim("a", 2, NOW).unwrap_err(), Reused);
        assert!(!Arc::ptr_eq(&first, &keys.claim("a", 2, NOW + KEPT_FOR).unwrap()));
    }

    #[test]
    fn the_oldest_key_makes_room() {
        let mut keys = Keys::default();
        let kept: Vec<_> = (0..=KEYS_MAX as u64)
            .map(|number| keys.claim(&format!("key-{number}"), 0, NOW + Duration::from_millis(number)).unwrap())
            .collect();
        assert_eq!(keys.0.len(), KEYS_MAX);
        let again = |keys: &mut Keys, number: usize| keys.claim(&format!("key-{number}"), 0, NOW).unwrap();
        assert!(Arc::ptr_eq(&kept[KEYS_MAX], &again(&mut keys, KEYS_MAX)));
        assert!(!Arc::ptr_eq(&kept[0], &again(&mut keys, 0)));
    }

    #[test]
    fn keys_have_a_form() {
        assert!(is_key("0-a") && is_key(&"a".repeat(255)));
        for wrong in ["", "A", "a b", "ü", &"a".repeat(256)] {
            assert!(!is_key(wrong), "{wrong}");
        }
    }
}
