//! Tags: where they begin, whether they are ours, and what they say. Pure.

use std::fmt;

/// Bytes of one tag: a path of 240 bytes, and as much again for what nobody asked for.
pub(super) const TAG_MAX: usize = 512;
const NONCE_CHARS: usize = 12;

/// What marks the tags of one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Nonce(String);

impl Nonce {
    /// From 64 random bits, of which it shows sixty.
    #[must_use]
    pub fn new(random: u64) -> Self {
        // 32 characters that are not mistaken for one another; five bits each.
        const ALPHABET: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
        let letter = |place: usize| char::from(ALPHABET[(random >> (5 * place)) as usize & 31]);
        Self((0..NONCE_CHARS).map(letter).collect())
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Nonce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A tag of ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Tag {
    /// `path` is `None` when the tag has none that can be read.
    File {
        path: Option<String>,
        empty: bool,
    },
    FileEnd,
    Manifest,
    ManifestEnd,
    End,
}

/// What stands at a `<`.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Look {
    Nothing,
    /// It may become a tag; more bytes will tell.
    Open,
    /// A tag, and its length in bytes.
    Found(Tag, usize),
}

/// The tags of one nonce.
#[derive(Debug)]
pub(super) struct Tags([(Vec<u8>, Kind); 5]);

#[derive(Clone, Copy, Debug)]
enum Kind {
    File,
    FileEnd,
    Manifest,
    ManifestEnd,
    End,
}

impl Tags {
    pub(super) fn new(nonce: &Nonce) -> Self {
        let begin = |name: &str| format!("{name}-{nonce}").into_bytes();
        Self([
            (begin("<file"), Kind::File),
            (begin("</file"), Kind::FileEnd),
            (begin("<app"), Kind::Manifest),
            (begin("</app"), Kind::ManifestEnd),
            (begin("<end"), Kind::End),
        ])
    }

    /// What begins at the first byte of `rest`, which is a `<`. The same for any longer `rest`, unless it is `Open`.
    pub(super) fn look(&self, rest: &[u8]) -> Look {
        let mut open = false;
        for (begin, kind) in &self.0 {
            if rest.len() <= begin.len() {
                open |= begin.starts_with(rest);
            } else if rest.starts_with(begin) {
                return complete(rest, begin.len(), *kind);
            }
        }
        if open { Look::Open } else { Look::Nothing }
    }
}

/// Whether a tag that is not ours was meant to be one. Six bytes decide, which every caller has seen.
pub(super) fn is_foreign(rest: &[u8]) -> bool {
    rest.starts_with(b"<file-") || rest.starts_with(b"<file ")
}

fn complete(rest: &[u8], from: usize, kind: Kind) -> Look {
    if !matches!(rest[from], b' ' | b'\t' | b'/' | b'>') {
        return Look::Nothing;
    }
    // A tag is one line and holds no other tag, so what is no tag is known to be none by its first wrong byte.
    let end = rest[from..].iter().take(TAG_MAX - from).position(|byte| matches!(byte, b'>' | b'<' | b'\n'));
    let Some(end) = end.map(|end| from + end) else {
        return if rest.len() < TAG_MAX { Look::Open } else { Look::Nothing };
    };
    if rest[end] != b'>' {
        return Look::Nothing;
    }
    let inside = String::from_utf8_lossy(&rest[from..end]);
    let tag = match kind {
        Kind::File => Tag::File { path: path(&inside), empty: inside.trim_end().ends_with('/') },
        Kind::FileEnd => Tag::FileEnd,
        Kind::Manifest => Tag::Manifest,
        Kind::ManifestEnd => Tag::ManifestEnd,
        Kind::End => Tag::End,
    };
    Look::Found(tag, end + 1)
}

/// The value of `path="…"`, in either kind of quotes.
fn path(attributes: &str) -> Option<String> {
    let after = attributes.split_once("path").map(|(_, after)| after.trim_start())?;
    let value = after.strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let (path, _) = value[1..].split_once(quote)?;
    Some(path.replace("&amp;", "&"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look(text: &str) -> Look {
        Tags::new(&Nonce("n0".to_owned())).look(text.as_bytes())
    }

    fn file(tag: &str, path: Option<&str>, empty: bool) {
        let expected = Look::Found(Tag::File { path: path.map(str::to_owned), empty }, tag.len());
        assert_eq!(look(&format!("{tag}x>")), expected, "{tag}");
    }

    #[test]
    fn tags_are_found_in_the_ways_that_models_write_them() {
        file("<file-n0 path=\"a/b.js\">", Some("a/b.js"), false);
        file("<file-n0  lang='js' path = 'a b' />", Some("a b"), true);
        file("<file-n0>", None, false);
        file("<file-n0 path=\"a>", None, false);
        assert_eq!(look("</file-n0>"), Look::Found(Tag::FileEnd, 10));
        assert_eq!(look("<end-n0 />"), Look::Found(Tag::End, 10));
        assert_eq!(look("<app-n0>{"), Look::Found(Tag::Manifest, 8));
    }

    #[test]
    fn what_is_no_tag_is_known_by_its_first_wrong_byte() {
        for nothing in ["<p>", "<file-n1>", "<file-n00 ", "<file-n0 \n", "<file-n0 path=\"<", "<files", "<<"] {
            assert_eq!(look(nothing), Look::Nothing, "{nothing}");
        }
        for open in ["<", "<f", "<file-n0", "<file-n0 path=\"a", "</", "</app-n"] {
            assert_eq!(look(open), Look::Open, "{open}");
        }
        let long = format!("<file-n0 path=\"{}", "a".repeat(TAG_MAX));
        assert_eq!(look(&long), Look::Nothing);
    }

    #[test]
    fn nonces_are_plain_and_differ() {
        assert_eq!(Nonce::new(0).as_str(), "aaaaaaaaaaaa");
        assert_ne!(Nonce::new(u64::MAX), Nonce::new(u64::MAX >> 8));
        assert!(Nonce::new(0x1234_5678_9abc_def0).as_str().bytes().all(|byte| byte.is_ascii_alphanumeric()));
    }
}
