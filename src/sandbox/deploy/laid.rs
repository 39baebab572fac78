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
        Difference {
            remove: self.0.iter().filter(|laid| !is_the_apps(laid)).map(|laid| laid.path.as_str()).collect(),
            write: artifact.files.iter().filter(|file| !is_there(file)).cloned().collect(),
        }
    }
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
        laid.doubt(&[file("d.js", "4")]);
        let files =
            vec![file("a.js", "2"), file("b.js", "new"), file("c/x.js", "3"), file("d.js", "4"), file("empty", "")];
        let artifact = artifact(files.clone());
        let difference = laid.difference(&artifact);
        assert_eq!(difference.remove, ["c"]);
        assert_eq!(difference.write, files[1..], "an empty file may be one that broke off");
        assert_eq!(Laid::default().difference(&artifact), Difference { remove: Vec::new(), write: files });
    }
}
