//! Keys that make a creation happen once, however often it is asked for. Pure, but for the lock that it hands out.
//!
//! ```text
//!  claim(key) ─┬─ new, or too old ────────► Making, empty: the claimer locks it, makes the sandbox, fills it in
//!              ├─ known, the same request ► Making: whoever locks it has waited for the first, and finds the id, or
//!              │                            nothing when the first failed, and makes the sandbox then
//!              │                            Made: that one
//!              └─ known, another request ─► Reused
//! ```

use std::{
    collections::VecDeque,
    hash::{DefaultHasher, Hash, Hasher},
    sync::Arc,
    time::Duration,
};

use arrayvec::ArrayString;
use tokio::sync::Mutex;

use crate::types::{SandboxId, Timestamp};

/// How long a key is remembered: longer than any client goes on retrying.
pub const KEPT_FOR: Duration = Duration::from_secs(600);
/// Keys that are remembered; the oldest is forgotten first.
const KEYS_MAX: usize = 1024;
/// Characters of a key.
const LENGTH_MAX: usize = 255;

/// The sandbox that is made for a key, once there is one.
pub type Making = Arc<Mutex<Option<SandboxId>>>;

#[derive(Clone, Debug)]
pub enum Outcome {
    Making(Making),
    Made(SandboxId),
}

/// The key came before, with another request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reused;

/// Flat once its sandbox is made: a thousand small pieces that live for minutes among those that live for a moment would
/// hold on to a thousand pages.
#[derive(Debug)]
struct Claim {
    /// A hash of it.
    key: [u64; 2],
    /// Of the request.
    fingerprint: u64,
    since: Timestamp,
    state: State,
}

#[derive(Debug)]
enum State {
    Making(Making),
    Made(ArrayString<63>),
}

/// The oldest first.
#[derive(Debug, Default)]
pub struct Keys(VecDeque<Claim>);

impl Keys {
    /// # Errors
    /// [`Reused`].
    pub fn claim(&mut self, key: &str, fingerprint: u64, now: Timestamp) -> Result<Outcome, Reused> {
        self.0.retain(|claim| claim.since + KEPT_FOR > now);
        let key = hash(key);
        if let Some(claim) = self.0.iter().find(|claim| claim.key == key) {
            return if claim.fingerprint == fingerprint { claim.state.outcome() } else { None }.ok_or(Reused);
        }
        if self.0.len() >= KEYS_MAX {
            self.0.pop_front();
        }
        let making = Making::default();
        self.0.push_back(Claim { key, fingerprint, since: now, state: State::Making(Arc::clone(&making)) });
        Ok(Outcome::Making(making))
    }

    /// The sandbox that was claimed with `making` is made. A claim that was forgotten meanwhile stays so, and one that has
    /// its key now is another's.
    pub fn made(&mut self, making: &Making, id: &SandboxId) {
        let claim = self.0.iter_mut().find(|claim| claim.state.is(making));
        if let (Some(claim), Ok(id)) = (claim, ArrayString::from(id.as_str())) {
            claim.state = State::Made(id);
        }
    }
}

impl State {
    fn is(&self, making: &Making) -> bool {
        match self {
            Self::Making(own) => Arc::ptr_eq(own, making),
            Self::Made(_) => false,
        }
    }

    fn outcome(&self) -> Option<Outcome> {
        match self {
            Self::Making(making) => Some(Outcome::Making(Arc::clone(making))),
            Self::Made(id) => id.parse().ok().map(Outcome::Made),
        }
    }
}

/// Wide enough that two keys never meet by chance.
fn hash(key: &str) -> [u64; 2] {
    [0, 1].map(|half: u8| {
        let mut hasher = DefaultHasher::new();
        (half, key).hash(&mut hasher);
        hasher.finish()
    })
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

    fn making(outcome: Result<Outcome, Reused>) -> Making {
        match outcome {
            Ok(Outcome::Making(making)) => making,
            Ok(Outcome::Made(_)) | Err(Reused) => panic!("{outcome:?}"),
        }
    }

    #[test]
    fn a_key_stands_for_one_outcome_until_it_is_old() {
        let mut keys = Keys::default();
        let first = making(keys.claim("a", 1, NOW));
        assert!(Arc::ptr_eq(&first, &making(keys.claim("a", 1, NOW))));
        assert!(!Arc::ptr_eq(&first, &making(keys.claim("b", 1, NOW))));
        assert_eq!(keys.claim("a", 2, NOW).unwrap_err(), Reused);
        let id = "i".repeat(63).parse().unwrap();
        keys.made(&first, &id);
        assert!(matches!(keys.claim("a", 1, NOW), Ok(Outcome::Made(made)) if made == id));
        assert_eq!(keys.claim("a", 2, NOW).unwrap_err(), Reused);
        let second = making(keys.claim("a", 2, NOW + KEPT_FOR));
        // Too late: the key is another's now.
        keys.made(&first, &id);
        assert!(Arc::ptr_eq(&second, &making(keys.claim("a", 2, NOW + KEPT_FOR))));
    }

    #[test]
    fn the_oldest_key_makes_room() {
        let mut keys = Keys::default();
        let kept: Vec<_> = (0..=KEYS_MAX as u64)
            .map(|number| making(keys.claim(&format!("key-{number}"), 0, NOW + Duration::from_millis(number))))
            .collect();
        assert_eq!(keys.0.len(), KEYS_MAX);
        let again = |keys: &mut Keys, number: usize| making(keys.claim(&format!("key-{number}"), 0, NOW));
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
