//! What lies in a sandbox already, and what is to be done until it is the app. Pure.

use crate::types::{AppFile, Artifact};

/// Files that were put into a sandbox ahead of the deployment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Laid(Vec<AppFile>);

/// What a sandbox lacks, or has too much.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Difference<'a> {
    /// In the app's folder, and not the app's. Removed first, since one may lie where the app has a folder.
    pub remove: Vec<&'a str>,
    pub write: Vec<AppFile>,
}

impl Laid {
    /// Notes files that were written. A later one of the same path replaces the earlier.
    pub fn add(&mut self, files: Vec<AppFile>) {
        self.0.retain(|old| files.iter().all(|new| new.path != old.path));
        self.0.extend(files);
    }

    /// Notes that nobody knows what these paths hold: writing them broke off.
    pub fn doubt(&mut self, files: &[AppFile]) {
        self.add(files.iter().map(|file| AppFile { path: file.path.clone(), content: String::new() }).collect());
    }

    #[must_use]
    pub const fn len(&self) -> usize {
        self.0.len()
    }

    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn difference(&self, artifact: &Artifact) -> Difference<'_> {
        let is_there = |file: &AppFile| self.0.iter().any(|laid| laid == file) && !file.content.is_empty();
        let is_the_apps = |laid: &AppFile| artifact.files.iter().any(|file| file.path == laid.path);
        let foreign = self.0.iter().filter(|laid| !is_the_apps(laid)).map(|laid| laid.path.as_str());
        let mut remove: Vec<&str> = foreign.map(|path| root_of(path, artifact)).collect();
        remove.sort_unstable();
        remove.dedup();
        let is_wanting = |file: &&AppFile| !is_there(file) || remove.contains(&file.path.as_str());
        let write = artifact.files.iter().filter(is_wanting).cloned().collect();
        Difference { remove, write }
    }
}

/// The uppermost folder above `path` in which the app has nothing; the file itself when there is none.
fn root_of<'a>(path: &'a str, artifact: &Artifact) -> &'a str {
    let has_nothing_in = |folder: &str| {
        let inside = |file: &AppFile| file.path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'));
        !artifact.files.iter().any(inside)
    };
    let folders = path.match_indices('/').map(|(at, _)| &path[..at]);
    folders.into_iter().find(|folder| has_nothing_in(folder)).unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::{Origin, PORTS, Runtime};

    fn file(path: &str, content: &str) -> AppFile {
        AppFile { path: path.to_owned(), content: content.to_owned() }
    }

    fn artifact(files: Vec<AppFile>) -> Artifact {
        Artifact {
            files,
            build: None,
            start: "node a.js".to_owned(),
            port: PORTS[0],
            runtime: Runtime::Node,
            dependencies: Vec::new(),
            checks: Vec::new(),
            origin: Origin { generator: "t".into(), template: "t".into(), match_percent: 0, note: String::new() },
        }
    }

    #[test]
    fn only_what_differs_is_brought_and_what_is_not_the_apps_goes() {
        let mut laid = Laid::default();
        laid.add(vec![file("a.js", "1"), file("b.js", "old"), file("c", "cut"), file("empty", "")]);
        laid.add(vec![file("a.js", "2")]);
        laid.add(vec![file("old/a/1", "x"), file("old/b", "x"), file("d.js/x", "x"), file("c2/y.js", "x")]);
        laid.doubt(&[file("d.js", "4")]);
        let files = vec![
            file("a.js", "2"),
            file("b.js", "new"),
            file("c/x.js", "3"),
            file("d.js", "4"),
            file("c2/x.js", "5"),
            file("empty", ""),
        ];
        let artifact = artifact(files.clone());
        let difference = laid.difference(&artifact);
        // A folder goes as a whole when the app has nothing in it, or a file in its place.
        assert_eq!(difference.remove, ["c", "c2/y.js", "d.js", "old"]);
        assert_eq!(difference.write, files[1..], "an empty file may be one that broke off");
        assert_eq!(Laid::default().difference(&artifact), Difference { remove: Vec::new(), write: files });
    }
}
