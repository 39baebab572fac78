//! Paths as clients write them. Pure.

/// Longest path, in bytes: the kernel's own bound.
const PATH_MAX: usize = 4095;

/// Why a path means nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PathError {
    #[error("path is empty")]
    Empty,
    #[error("path is longer than {PATH_MAX} bytes")]
    TooLong,
    #[error("path contains a NUL byte")]
    Nul,
}

/// The absolute path that `path` means to somebody at home in `home`, without `.`, `..` and doubled slashes: relative
/// paths begin there, and `~` is that folder.
///
/// # Errors
/// See [`PathError`].
pub fn resolve(path: &str, home: &str) -> Result<String, PathError> {
    if path.is_empty() {
        return Err(PathError::Empty);
    }
    if path.contains('\0') {
        return Err(PathError::Nul);
    }
    let (base, rest) = match path.strip_prefix('~') {
        Some(rest) if rest.is_empty() || rest.starts_with('/') => (home, rest),
        Some(_) | None if path.starts_with('/') => ("", path),
        Some(_) | None => (home, path),
    };
    let mut parts: Vec<&str> = Vec::new();
    for part in base.split('/').chain(rest.split('/')) {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            name => parts.push(name),
        }
    }
    let resolved = format!("/{}", parts.join("/"));
    if resolved.len() > PATH_MAX { Err(PathError::TooLong) } else { Ok(resolved) }
}

/// The last part of a path.
#[must_use]
pub fn name_of(path: &str) -> &str {
    path.rsplit('/').find(|part| !part.is_empty()).unwrap_or("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_resolve_as_in_envd() {
        let cases = [
            ("a.txt", "/home/user/a.txt"),
            ("./a//b/../c", "/home/user/a/c"),
            ("/tmp/x", "/tmp/x"),
            ("~", "/home/user"),
            ("~/x", "/home/user/x"),
            ("~other/x", "/home/user/~other/x"),
            ("/../../etc", "/etc"),
            ("/", "/"),
        ];
        for (path, expected) in cases {
            assert_eq!(resolve(path, "/home/user").as_deref(), Ok(expected), "{path}");
        }
        assert_eq!(resolve("~/x", "/root").as_deref(), Ok("/root/x"));
    }

    #[test]
    fn paths_that_mean_nothing_are_refused() {
        assert_eq!(resolve("", "/root"), Err(PathError::Empty));
        assert_eq!(resolve("a\0b", "/root"), Err(PathError::Nul));
        assert_eq!(resolve(&"x/".repeat(5000), "/root"), Err(PathError::TooLong));
    }
}
