//! Where in the app's folder a file goes, from the path that the model gave. Pure.
//!
//! The guard judges paths by its own, stricter policy later. What is settled here is only that no path leads out, and
//! that the usual slips, which mean a file inside, are understood as that.

use std::borrow::Cow;

/// Bytes of a path.
const PATH_MAX: usize = 240;
/// Where apps lie in a sandbox: models that were told so write it before their paths.
const APP_FOLDERS: [&str; 3] = ["/home/user/app/", "/app/", "/workspace/"];
/// A path that begins with one of these means the machine, and not the app.
const SYSTEM_FOLDERS: [&str; 18] = [
    "bin", "boot", "dev", "etc", "home", "lib", "lib64", "mnt", "opt", "proc", "root", "run", "sbin", "srv", "sys",
    "tmp", "usr", "var",
];

/// Why a path is no place in the app's folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Misplaced {
    #[error("it is empty")]
    Empty,
    #[error("it leads out of the app's folder")]
    Outside,
    #[error("it has a backslash or a control character")]
    Characters,
    #[error("it is longer than 240 bytes")]
    TooLong,
    #[error("it names a folder")]
    Folder,
}

/// The path relative to the app's folder; owned when it had to be understood.
///
/// # Errors
/// [`Misplaced`] when it is none inside of it.
pub fn place(path: &str) -> Result<Cow<'_, str>, Misplaced> {
    let path = path.trim();
    if path.len() > PATH_MAX {
        return Err(Misplaced::TooLong);
    }
    if path.chars().any(|c| c.is_control() || c == '\\') {
        return Err(Misplaced::Characters);
    }
    let inside = match APP_FOLDERS.iter().find_map(|folder| path.strip_prefix(folder)) {
        Some(inside) => inside,
        None => relative(path)?,
    };
    if inside.split('/').any(|part| part == "..") || inside.as_bytes().get(1) == Some(&b':') {
        return Err(Misplaced::Outside);
    }
    if path.ends_with('/') || path.ends_with("/.") {
        return Err(Misplaced::Folder);
    }
    let mut parts = inside.split('/').filter(|part| !matches!(*part, "" | "."));
    if inside.split('/').all(|part| !matches!(part, "" | ".")) {
        return Ok(Cow::Borrowed(inside));
    }
    let first = parts.next().ok_or(Misplaced::Empty)?.to_owned();
    Ok(Cow::Owned(parts.fold(first, |joined, part| joined + "/" + part)))
}

/// An absolute path is one from the app's folder, as in a web address, unless it begins like one of the machine.
fn relative(path: &str) -> Result<&str, Misplaced> {
    let Some(absolute) = path.strip_prefix('/') else {
        return if path.starts_with('~') { Err(Misplaced::Outside) } else { Ok(path) };
    };
    let first = absolute.trim_start_matches('/').split('/').next().unwrap_or_default();
    if SYSTEM_FOLDERS.contains(&first) { Err(Misplaced::Outside) } else { Ok(absolute) }
}

#[cfg(test)]
mod tests {
    use std::path::{Component, Path};

    use super::*;

    #[test]
    fn slips_are_understood() {
        for (given, meant) in [
            ("server.js", "server.js"),
            (" public/a b.html ", "public/a b.html"),
            ("./server.js", "server.js"),
            ("/server.js", "server.js"),
            ("/home/user/app/lib/x.py", "lib/x.py"),
            ("a//b/./c", "a/b/c"),
            (".env", ".env"),
        ] {
            assert_eq!(place(given).as_deref(), Ok(meant), "{given}");
        }
    }

    #[test]
    fn what_leads_out_is_refused_by_name() {
        let long = "x".repeat(241);
        for (given, why) in [
            ("", Misplaced::Empty),
            ("/", Misplaced::Folder),
            ("../x", Misplaced::Outside),
            ("a/../../x", Misplaced::Outside),
            ("/home/user/app/../x", Misplaced::Outside),
            ("/etc/passwd", Misplaced::Outside),
            ("//etc/passwd", Misplaced::Outside),
            ("~/.bashrc", Misplaced::Outside),
            ("C:/x", Misplaced::Outside),
            ("a\\b", Misplaced::Characters),
            ("a\0b", Misplaced::Characters),
            ("src/", Misplaced::Folder),
            (long.as_str(), Misplaced::TooLong),
        ] {
            assert_eq!(place(given), Err(why), "{given:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn accepted_paths_stay_inside(path in "(\\.|/|\\\\|a|\\.\\.|~|:|C:|etc|/app/| |\\PC){0,16}") {
            if let Ok(path) = place(&path) {
                proptest::prop_assert!(Path::new(&*path).components().all(|part| matches!(part, Component::Normal(_))));
                proptest::prop_assert!(Path::new(&*path).components().count() == path.split('/').count());
            }
        }
    }
}
