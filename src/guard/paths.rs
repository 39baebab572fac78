//! Paths: what a file of an app may be called.
//!
//! A path is judged as text, by the strictest file system it may ever meet: files go into a Linux sandbox now, and
//! into somebody's Windows or macOS folder when the app is exported.

use std::fmt;

use super::{policy::Policy, prompt::turns_text};

/// Why a path is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PathFault {
    Empty,
    Absolute,
    /// A `..` part.
    Escapes,
    /// A `.` part, or none between two slashes, or a slash at the end.
    EmptyPart,
    Backslash,
    /// NUL, another control character, or one that turns the direction of text.
    Control,
    /// Means something else than a file to git or Windows.
    Reserved,
    /// A part that ends with a dot or begins or ends with a space, which Windows drops.
    Trimmed,
    TooLong,
    TooDeep,
}

impl PathFault {
    /// Id of the rule, stable.
    #[must_use]
    pub const fn rule(self) -> &'static str {
        match self {
            Self::Empty => "path-empty",
            Self::Absolute => "path-absolute",
            Self::Escapes => "path-escapes",
            Self::EmptyPart => "path-empty-part",
            Self::Backslash => "path-backslash",
            Self::Control => "path-control-character",
            Self::Reserved => "path-reserved-name",
            Self::Trimmed => "path-trimmed-name",
            Self::TooLong => "path-too-long",
            Self::TooDeep => "path-too-deep",
        }
    }

    #[must_use]
    pub const fn remedy(self) -> &'static str {
        match self {
            Self::Empty => "give the file a name",
            Self::Absolute => "name the file relative to the app's folder",
            Self::Escapes => "keep the file inside of the app's folder",
            Self::EmptyPart => "write the path without `.` parts, doubled or trailing slashes",
            Self::Backslash => "separate folders with /",
            Self::Control => "use printable characters only",
            Self::Reserved => "choose another name",
            Self::Trimmed => "remove the dot or the space at the name's edge",
            Self::TooLong => "shorten the path",
            Self::TooDeep => "use fewer folders",
        }
    }
}

impl fmt::Display for PathFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "the path is empty",
            Self::Absolute => "the path is absolute",
            Self::Escapes => "the path leads out of the app's folder",
            Self::EmptyPart => "the path has an empty part",
            Self::Backslash => "the path has a backslash, which separates folders on some systems",
            Self::Control => "the path has a control or invisible character",
            Self::Reserved => "the name has a special meaning to git or Windows",
            Self::Trimmed => "the name has a dot or a space at its edge, which some systems drop",
            Self::TooLong => "the path is too long",
            Self::TooDeep => "the path has too many folders",
        })
    }
}

impl std::error::Error for PathFault {}

/// Whether `path` names a file inside of the app's folder, and the same file everywhere.
///
/// # Errors
/// The first fault found. An accepted path, joined to any folder, stays inside of it.
pub fn check_path(path: &str, policy: &Policy) -> Result<(), PathFault> {
    if path.is_empty() {
        return Err(PathFault::Empty);
    }
    if path.len() > policy.path_bytes_max {
        return Err(PathFault::TooLong);
    }
    if path.chars().any(|c| c.is_control() || turns_text(c)) {
        return Err(PathFault::Control);
    }
    if path.contains('\\') {
        return Err(PathFault::Backslash);
    }
    if path.starts_with('/') || has_drive(path) {
        return Err(PathFault::Absolute);
    }
    if path.split('/').count() > policy.depth_max + 1 {
        return Err(PathFault::TooDeep);
    }
    path.split('/').try_for_each(check_part)
}

/// Two paths with the same key are one file on a system that folds case or Unicode forms (macOS, Windows).
pub(super) fn collision_key(path: &str) -> String {
    let lower: String = icu_normalizer::ComposingNormalizer::new_nfkc().normalize(path).to_lowercase();
    // Upper case first folds what has no lower twin of its own: ß and ss, ſ and s.
    icu_normalizer::ComposingNormalizer::new_nfkc().normalize(&lower.to_uppercase().to_lowercase()).into_owned()
}

fn check_part(part: &str) -> Result<(), PathFault> {
    match part {
        "" | "." => return Err(PathFault::EmptyPart),
        ".." => return Err(PathFault::Escapes),
        _ => {}
    }
    if is_reserved(part) {
        return Err(PathFault::Reserved);
    }
    if part.ends_with('.') || part.starts_with(' ') || part.ends_with(' ') {
        return Err(PathFault::Trimmed);
    }
    Ok(())
}

/// `C:` and the like: absolute on Windows, and a stream name when it stands later.
fn has_drive(path: &str) -> bool {
    path.as_bytes().get(1) == Some(&b':') && path.as_bytes()[0].is_ascii_alphabetic()
}

/// git's own folder, and the device names of Windows, which stay devices with any extension.
fn is_reserved(part: &str) -> bool {
    const DEVICES: [&str; 4] = ["con", "prn", "aux", "nul"];
    let lower = part.to_ascii_lowercase();
    let stem = lower.split('.').next().unwrap_or_default().trim_end();
    let numbered = stem.strip_prefix("com").or_else(|| stem.strip_prefix("lpt"));
    lower == ".git"
        || lower == "git~1"
        || DEVICES.contains(&stem)
        || numbered.is_some_and(|digit| matches!(digit.as_bytes(), [b'0'..=b'9']))
}

#[cfg(test)]
mod tests {
    use std::path::{Component, Path};

    use super::*;

    fn fault(path: &str) -> Option<PathFault> {
        check_path(path, &Policy::default()).err()
    }

    #[test]
    fn everyday_paths_pass() {
        for path in ["server.js", "public/index.html", ".env.example", "a b.txt", "src/übung/日本.py", "con-tact.js"]
        {
            assert_eq!(fault(path), None, "{path}");
        }
    }

    #[test]
    fn each_fault_has_its_name() {
        let deep = "a/".repeat(13) + "x";
        let long = "x".repeat(241);
        for (path, expected) in [
            ("", PathFault::Empty),
            ("/etc/passwd", PathFault::Absolute),
            ("C:/x", PathFault::Absolute),
            ("../x", PathFault::Escapes),
            ("a/../../x", PathFault::Escapes),
            ("a/..", PathFault::Escapes),
            ("a//b", PathFault::EmptyPart),
            ("a/", PathFault::EmptyPart),
            ("./a", PathFault::EmptyPart),
            ("a\\..\\b", PathFault::Backslash),
            ("a\0b", PathFault::Control),
            ("a\nb", PathFault::Control),
            ("a\u{202e}b", PathFault::Control),
            (".git/config", PathFault::Reserved),
            (".GIT/hooks/x", PathFault::Reserved),
            ("nul", PathFault::Reserved),
            ("public/Com1.txt", PathFault::Reserved),
            ("a./b", PathFault::Trimmed),
            ("a ", PathFault::Trimmed),
            (long.as_str(), PathFault::TooLong),
            (deep.as_str(), PathFault::TooDeep),
        ] {
            assert_eq!(fault(path), Some(expected), "{path:?}");
        }
    }

    #[test]
    fn names_that_a_file_system_may_fold_have_one_key() {
        for (one, other) in [("A.js", "a.js"), ("é", "e\u{301}"), ("Ａ", "a"), ("straße", "STRASSE"), ("ﬁle", "file")]
        {
            assert_eq!(collision_key(one), collision_key(other), "{one} {other}");
        }
        assert_ne!(collision_key("a.js"), collision_key("b.js"));
    }

    proptest::proptest! {
        #[test]
        fn accepted_paths_stay_inside(path in "(\\.|/|\\\\|a|\\.\\.|~|:|\u{0}|C:|[ -~]|\\PC){0,24}") {
            if check_path(&path, &Policy::default()).is_ok() {
                let joined = Path::new("/app").join(&path);
                proptest::prop_assert!(joined.starts_with("/app"));
                proptest::prop_assert!(Path::new(&path).components().all(|part| matches!(part, Component::Normal(_))));
                // Nothing was dropped on the way: the parts are the path.
                proptest::prop_assert_eq!(Path::new(&path).components().count(), path.split('/').count());
            }
        }
    }
}
