//! Identifiers. Each is its own type, checked where it enters the house and trusted after that.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Why a string is not the identifier it claims to be.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("{value:?} is not a valid {kind}: expected {expected}")]
pub struct IdError {
    kind: &'static str,
    value: String,
    expected: &'static str,
}

impl IdError {
    fn new(kind: &'static str, value: &str, expected: &'static str) -> Self {
        // An id can be as long as whoever sent it liked; an error message must not be.
        Self { kind, value: value.chars().take(64).collect(), expected }
    }
}

/// A session: UUID version 7, so ids sort by the time of their creation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SessionId(Uuid);

impl SessionId {
    /// A new id, from the system's clock and random source. For shells, not for pure cores.
    #[must_use]
    pub fn generate() -> Self {
        Self(Uuid::now_v7())
    }

    #[must_use]
    pub const fn from_uuid(uuid: Uuid) -> Self {
        Self(uuid)
    }

    #[must_use]
    pub const fn as_uuid(&self) -> &Uuid {
        &self.0
    }
}

impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl FromStr for SessionId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        Uuid::try_parse(text).map(Self).map_err(|_| IdError::new("session id", text, "a UUID"))
    }
}

macro_rules! checked_string {
    ($(#[$doc:meta])* $name:ident, $kind:literal, $expected:literal, $valid:expr) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                let valid: fn(&str) -> bool = $valid;
                if valid(text) {
                    Ok(Self(text.to_owned()))
                } else {
                    Err(IdError::new($kind, text, $expected))
                }
            }
        }

        impl TryFrom<String> for $name {
            type Error = IdError;

            fn try_from(text: String) -> Result<Self, IdError> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0
            }
        }
    };
}

checked_string!(
    /// A sandbox, as its host named it. Host names are split on `-`, so it has none:
    /// 1–63 lower-case letters and digits.
    SandboxId,
    "sandbox id",
    "1 to 63 lower-case letters and digits",
    |text| (1..=63).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
);

checked_string!(
    /// The first label of an app's address: a readable prefix, a dash, and at least 64 unguessable
    /// bits. It begins with a letter, so it can't be confused with `{port}-{sandboxId}`.
    Slug,
    "slug",
    "a DNS label of 3 to 63 characters that begins with a letter",
    |text| (3..=63).contains(&text.len())
        && text.as_bytes()[0].is_ascii_lowercase()
        && !text.ends_with('-')
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
);

checked_string!(
    /// Whoever a session is charged to. The embedding service's own name for its user.
    UserId,
    "user id",
    "1 to 128 characters out of letters, digits and . _ - @ :",
    |text| (1..=128).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-@:".contains(&b))
);

checked_string!(
    /// Names one HTTP request in answers and logs. Taken over from `X-Request-Id` when valid.
    RequestId,
    "request id",
    "1 to 64 characters out of letters, digits and . _ -",
    |text| (1..=64).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b))
);

impl RequestId {
    /// A new id from the system's random source. For shells, not for pure cores.
    #[must_use]
    pub fn generate() -> Self {
        Self(Uuid::now_v7().simple().to_string())
    }
}

impl UserId {
    /// Who is charged when a request names nobody.
    #[must_use]
    pub fn anonymous() -> Self {
        Self("anonymous".to_owned())
    }
}

impl Slug {
    const WORDS_MAX: usize = 3;
    const PREFIX_MAX: usize = 24;

    /// A slug from the words of a prompt and 80 bits of `entropy`.
    ///
    /// Words that say nothing ("build me a simple") are skipped; a prompt without a usable word
    /// gives the prefix `app`.
    #[must_use]
    pub fn from_prompt(prompt: &str, entropy: [u8; 10]) -> Self {
        const FILLER: &[&str] = &[
            "a",
            "an",
            "and",
            "app",
            "application",
            "build",
            "create",
            "for",
            "i",
            "in",
            "make",
            "me",
            "my",
            "need",
            "of",
            "on",
            "please",
            "simple",
            "site",
            "small",
            "some",
            "that",
            "the",
            "to",
            "want",
            "web",
            "webapp",
            "which",
            "with",
            "write",
            "you",
        ];
        // Base 32 without look-alikes; 10 bytes are 16 characters exactly.
        const ALPHABET: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz023456789";
        let mut text = String::new();
        let words = prompt
            .split(|c: char| !c.is_ascii_alphanumeric())
            .map(str::to_ascii_lowercase)
            .filter(|word| !word.is_empty() && !FILLER.contains(&word.as_str()))
            .skip_while(|word| !word.as_bytes()[0].is_ascii_lowercase());
        for word in words.take(Self::WORDS_MAX) {
            if text.len() + word.len() + 1 > Self::PREFIX_MAX {
                break;
            }
            text.push_str(&word);
            text.push('-');
        }
        if text.is_empty() {
            text.push_str("app-");
        }
        let mut bits: u128 = entropy.iter().fold(0, |acc, byte| (acc << 8) | u128::from(*byte));
        for _ in 0..16 {
            text.push(char::from(ALPHABET[(bits & 31) as usize]));
            bits >>= 5;
        }
        Self(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slug_is_readable_and_carries_its_entropy() {
        let slug = Slug::from_prompt("Build me a simple todo app", [0; 10]);
        assert_eq!(slug.as_str(), "todo-aaaaaaaaaaaaaaaa");
        assert_ne!(slug, Slug::from_prompt("Build me a simple todo app", [1; 10]));
    }

    #[test]
    fn slugs_of_odd_prompts_are_valid() {
        for prompt in ["", "3000 things", "日本語", "-- --", "an API for books with title", &"x".repeat(2000)] {
            let slug = Slug::from_prompt(prompt, [0xff; 10]);
            assert_eq!(slug.as_str().parse::<Slug>().as_ref(), Ok(&slug), "{prompt:?}");
        }
    }

    #[test]
    fn ids_refuse_what_they_are_not() {
        assert!("abc-1".parse::<SandboxId>().is_err());
        assert!("3000-abc".parse::<Slug>().is_err());
        assert!("a b".parse::<UserId>().is_err());
        assert!("nope".parse::<SessionId>().is_err());
        let message = "z".repeat(9000).parse::<SandboxId>().unwrap_err().to_string();
        assert!(message.len() < 200, "{message}");
    }
}
