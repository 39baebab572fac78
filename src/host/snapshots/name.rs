//! What a snapshot is called: `alias:tag`, as the protocol has it for templates. Pure.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// The tag of whoever names none.
const DEFAULT_TAG: &str = "default";
/// Names that are not to be taken: this host's own template.
const RESERVED: [&str; 1] = ["base"];
const ALIAS_MAX: usize = 128;
const TAG_MAX: usize = 64;

/// Why a text is no name of a snapshot.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum NameError {
    #[error(
        "a snapshot's name is 1 to {ALIAS_MAX} letters, digits, '-', '_' and '.', with '/' between a namespace and it, and ':' before a tag of up to {TAG_MAX}"
    )]
    Form,
    #[error("'{0}' is this host's own template")]
    Reserved(String),
}

/// A name that a client gave: an alias, possibly in a namespace, and a tag.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SnapshotName {
    alias: String,
    tag: String,
}

impl FromStr for SnapshotName {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        let (alias, tag) = text.split_once(':').unwrap_or((text, DEFAULT_TAG));
        let part = |part: &str| {
            let known = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
            !part.is_empty() && part.bytes().all(known) && part != "." && part != ".."
        };
        let parts = alias.split('/').count();
        if parts > 2 || !alias.split('/').all(part) || alias.len() > ALIAS_MAX || !part(tag) || tag.len() > TAG_MAX {
            return Err(NameError::Form);
        }
        if RESERVED.iter().any(|reserved| alias.eq_ignore_ascii_case(reserved)) {
            return Err(NameError::Reserved(alias.to_owned()));
        }
        Ok(Self { alias: alias.to_owned(), tag: tag.to_owned() })
    }
}

impl fmt::Display for SnapshotName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.alias, self.tag)
    }
}

impl TryFrom<String> for SnapshotName {
    type Error = NameError;

    fn try_from(text: String) -> Result<Self, NameError> {
        text.parse()
    }
}

impl From<SnapshotName> for String {
    fn from(name: SnapshotName) -> Self {
        name.to_string()
    }
}

/// What a client calls a snapshot by: its id or its alias, with or without a tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    base: String,
    tag: Option<String>,
}

impl Reference {
    #[must_use]
    pub fn of(text: &str) -> Self {
        let (base, tag) = text.split_once(':').map_or((text, None), |(base, tag)| (base, Some(tag.to_owned())));
        Self { base: base.to_owned(), tag }
    }

    /// Whether it is this one: without a tag, the one that has the default tag.
    #[must_use]
    pub fn names(&self, id: &str, name: Option<&SnapshotName>) -> bool {
        let tag = self.tag.as_deref().unwrap_or(DEFAULT_TAG);
        (self.base == id && tag == DEFAULT_TAG) || name.is_some_and(|name| name.alias == self.base && name.tag == tag)
    }

    /// Whether a list of it has this one: without a tag, whatever tag that has.
    #[must_use]
    pub fn lists(&self, id: &str, name: Option<&SnapshotName>) -> bool {
        match &self.tag {
            Some(_) => self.names(id, name),
            None => self.base == id || name.is_some_and(|name| name.alias == self.base),
        }
    }
}

/// The whole name of a snapshot that got none.
#[must_use]
pub fn unnamed(id: &str) -> String {
    format!("{id}:{DEFAULT_TAG}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_checked_and_shown_whole() {
        let shown = |text: &str| text.parse::<SnapshotName>().map(|name| name.to_string());
        assert_eq!(shown("snap-test_Ab.1").as_deref(), Ok("snap-test_Ab.1:default"));
        assert_eq!(shown("team/snap:v2").as_deref(), Ok("team/snap:v2"));
        for text in ["", ":v1", "a:", "a:b:c", "a/b/c", "/a", "a/", "..", "../a", "a b", "a\0", "ü", &"x".repeat(129)]
        {
            assert_eq!(shown(text), Err(NameError::Form), "{text:?}");
        }
        assert_eq!(shown("base:v1"), Err(NameError::Reserved("base".to_owned())));
    }

    #[test]
    fn a_snapshot_is_found_by_its_id_and_by_its_name() {
        let name: SnapshotName = "team/snap:v2".parse().unwrap();
        let names = |text: &str| Reference::of(text).names("abc", Some(&name));
        assert!(names("abc") && names("abc:default") && names("team/snap:v2"));
        assert!(!names("team/snap") && !names("snap:v2") && !names("abc:v2") && !names("ab"));
        let lists = |text: &str| Reference::of(text).lists("abc", Some(&name));
        assert!(lists("abc") && lists("team/snap") && lists("team/snap:v2"));
        assert!(!lists("team/snap:v1") && !lists("team"));
        assert!(Reference::of("abc").names("abc", None) && !Reference::of("snap").names("abc", None));
    }
}
