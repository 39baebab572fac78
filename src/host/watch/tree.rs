//! Which folders are watched, and what follows from what the kernel says about them. Pure.

use std::{
    collections::{BTreeMap, HashMap},
    ops::Bound,
    sync::Arc,
};

use super::inotify::{Notice, What};

/// What one watcher wants to hear of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    /// A folder's path without links in it.
    pub root: String,
    /// Whether the folders in it count, too.
    pub recursive: bool,
}

impl Scope {
    /// Whether what happens in this folder is of interest.
    #[must_use]
    pub fn sees(&self, folder: &str) -> bool {
        folder == self.root || (self.recursive && below(&self.root, folder).is_some())
    }

    /// How a client that watches this scope calls a path in it: the path from its root on, `.` for the root.
    #[must_use]
    pub fn name_of<'a>(&self, path: &'a str) -> Option<&'a str> {
        if path == self.root { Some(".") } else { below(&self.root, path) }
    }
}

/// `path` from `folder` on, when it lies below.
fn below<'a>(folder: &str, path: &'a str) -> Option<&'a str> {
    path.strip_prefix(folder.trim_end_matches('/'))?.strip_prefix('/').filter(|rest| !rest.is_empty())
}

/// The path of `name` in `folder`.
#[must_use]
pub fn join(folder: &str, name: &str) -> String {
    format!("{}/{name}", folder.trim_end_matches('/'))
}

/// What a client is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Create,
    Write,
    Remove,
    Rename,
    Chmod,
}

/// Something to be done, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// Tell those who see `folder`.
    Tell { folder: Arc<str>, name: String, kind: Kind },
    /// Tell those whose root this is.
    TellRoot { root: Arc<str>, kind: Kind },
    /// Watch a folder that has come to be, for those who see it. One that was made, not moved, was empty at first:
    /// what is in it by now has been missed, and is told.
    Adopt { path: String, made: bool },
    /// Watch this folder and those below it no more.
    Forget { path: String },
    /// Something was missed. Nobody knows what.
    Lost,
}

/// The watched folders, by the kernel's numbers and by their paths.
///
/// A folder that is mounted at two paths has one number, and is known by the path under which it was added last.
#[derive(Debug, Default)]
pub struct Tree {
    paths: HashMap<i32, Arc<str>>,
    watches: BTreeMap<Arc<str>, i32>,
}

impl Tree {
    #[must_use]
    pub fn len(&self) -> usize {
        self.watches.len()
    }

    /// The path, as those who tell of it may share it.
    pub fn insert(&mut self, path: &str, watch: i32) -> Arc<str> {
        let path: Arc<str> = path.into();
        if let Some(other) = self.watches.insert(Arc::clone(&path), watch).filter(|other| *other != watch) {
            self.paths.remove(&other);
        }
        if let Some(other) = self.paths.insert(watch, Arc::clone(&path)).filter(|other| *other != path) {
            self.watches.remove(&other);
        }
        path
    }

    /// Takes the folder and those below it out; the kernel's numbers of them.
    pub fn remove(&mut self, path: &str) -> Vec<i32> {
        let below = join(path, "");
        let range = (Bound::Included(below.as_str()), Bound::Unbounded);
        let inner = self.watches.range::<str, _>(range).take_while(|(folder, _)| folder.starts_with(&below));
        let mut gone: Vec<Arc<str>> = inner.map(|(folder, _)| Arc::clone(folder)).collect();
        gone.push(path.into());
        gone.iter().filter_map(|folder| self.take(folder)).collect()
    }

    /// Takes out the folders that no scope sees; the kernel's numbers of them.
    pub fn retain(&mut self, scopes: &[&Scope]) -> Vec<i32> {
        let unseen = self.watches.keys().filter(|folder| !scopes.iter().any(|scope| scope.sees(folder)));
        let gone: Vec<_> = unseen.cloned().collect();
        gone.iter().filter_map(|folder| self.take(folder)).collect()
    }

    fn take(&mut self, folder: &str) -> Option<i32> {
        let watch = self.watches.remove(folder)?;
        self.paths.remove(&watch);
        Some(watch)
    }

    /// What follows from a notice, in order. One about a folder that is watched no more follows nothing.
    pub fn hear(&mut self, notice: &Notice) -> Vec<Act> {
        if notice.what == What::Overflow {
            return vec![Act::Lost];
        }
        let Some(folder) = self.paths.get(&notice.watch).cloned() else { return Vec::new() };
        if notice.what == What::Over {
            self.take(&folder);
            return Vec::new();
        }
        match &notice.name {
            Some(name) => inside(&folder, name, notice),
            None => itself(&folder, notice.what),
        }
    }
}

fn inside(folder: &Arc<str>, name: &str, notice: &Notice) -> Vec<Act> {
    let tell = |kind| Act::Tell { folder: Arc::clone(folder), name: name.to_owned(), kind };
    let (adopt, forget) =
        (|made| Some(Act::Adopt { path: join(folder, name), made }), || Some(Act::Forget { path: join(folder, name) }));
    let (told, follows) = match notice.what {
        What::Created => (tell(Kind::Create), adopt(true)),
        What::Arrived => (tell(Kind::Create), adopt(false)),
        What::Left => (tell(Kind::Rename), forget()),
        What::Deleted => (tell(Kind::Remove), forget()),
        What::Written => (tell(Kind::Write), None),
        What::Changed => (tell(Kind::Chmod), None),
        // Never about something inside.
        What::Gone | What::Moved | What::Over | What::Overflow => return Vec::new(),
    };
    std::iter::once(told).chain(follows.filter(|_| notice.folder)).collect()
}

/// A folder below a root is reported by the one that it lies in.
fn itself(root: &Arc<str>, what: What) -> Vec<Act> {
    let tell = |kind| Act::TellRoot { root: Arc::clone(root), kind };
    match what {
        What::Gone => vec![tell(Kind::Remove)],
        // Where it went is not told, so its path is of no use from now on.
        What::Moved => vec![tell(Kind::Rename), Act::Forget { path: root.to_string() }],
        What::Changed => vec![tell(Kind::Chmod)],
        What::Created | What::Arrived | What::Left | What::Deleted | What::Written | What::Over | What::Overflow => {
            Vec::new()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(folders: &[(&str, i32)]) -> Tree {
        let mut tree = Tree::default();
        for (path, watch) in folders {
            tree.insert(path, *watch);
        }
        tree
    }

    fn notice(watch: i32, what: What, folder: bool, name: &str) -> Notice {
        Notice { watch, what, folder, name: (!name.is_empty()).then(|| name.to_owned()) }
    }

    #[test]
    fn a_scope_sees_its_folder_and_those_below_only_when_asked() {
        let scope = |root: &str, recursive| Scope { root: root.to_owned(), recursive };
        assert!(scope("/a", false).sees("/a") && !scope("/a", false).sees("/a/b"));
        assert!(scope("/a", true).sees("/a/b/c") && !scope("/a", true).sees("/ab") && !scope("/a", true).sees("/"));
        assert!(scope("/", true).sees("/a/b"));
        assert_eq!(scope("/a", true).name_of("/a/b/c"), Some("b/c"));
        assert_eq!(scope("/", true).name_of("/a"), Some("a"));
        assert_eq!((scope("/a", true).name_of("/a"), scope("/a", true).name_of("/ab")), (Some("."), None));
    }

    #[test]
    fn a_new_folder_is_told_and_then_adopted_and_a_new_file_only_told() {
        let mut tree = tree(&[("/a", 1)]);
        let tell = |name: &str| Act::Tell { folder: "/a".into(), name: name.into(), kind: Kind::Create };
        let adopt = |made| Act::Adopt { path: "/a/d".into(), made };
        assert_eq!(tree.hear(&notice(1, What::Created, true, "d")), [tell("d"), adopt(true)]);
        assert_eq!(tree.hear(&notice(1, What::Arrived, true, "d")), [tell("d"), adopt(false)]);
        assert_eq!(tree.hear(&notice(1, What::Created, false, "f")), [tell("f")]);
        assert_eq!(tree.hear(&notice(7, What::Created, true, "d")), []);
        assert_eq!(tree.hear(&notice(-1, What::Overflow, false, "")), [Act::Lost]);
    }

    #[test]
    fn a_folder_that_leaves_takes_those_below_along() {
        let mut tree = tree(&[("/a", 1), ("/a/b", 2), ("/a/b/c", 3), ("/a/bc", 4)]);
        let left = tree.hear(&notice(1, What::Left, true, "b"));
        let told = Act::Tell { folder: "/a".into(), name: "b".into(), kind: Kind::Rename };
        assert_eq!(left, [told, Act::Forget { path: "/a/b".into() }]);
        let mut gone = tree.remove("/a/b");
        gone.sort_unstable();
        assert_eq!(gone, [2, 3]);
        assert_eq!(tree.hear(&notice(3, What::Written, false, "f")), [], "late, and of nobody's interest");
        assert_eq!(tree.len(), 2);
    }

    #[test]
    fn what_befalls_a_watched_folder_itself_is_told_to_those_who_named_it() {
        let mut tree = tree(&[("/a", 1)]);
        let told = |kind| Act::TellRoot { root: "/a".into(), kind };
        assert_eq!(tree.hear(&notice(1, What::Changed, true, "")), [told(Kind::Chmod)]);
        assert_eq!(
            tree.hear(&notice(1, What::Moved, false, "")),
            [told(Kind::Rename), Act::Forget { path: "/a".into() }]
        );
        assert_eq!(tree.hear(&notice(1, What::Gone, false, "")), [told(Kind::Remove)]);
        assert_eq!(tree.hear(&notice(1, What::Over, false, "")), []);
        assert_eq!(tree.len(), 0, "the kernel gave the number up");
    }

    #[test]
    fn folders_that_nobody_sees_are_given_up() {
        let mut tree = tree(&[("/a", 1), ("/a/b", 2), ("/c", 3)]);
        let scope = Scope { root: "/a".into(), recursive: false };
        let mut gone = tree.retain(&[&scope]);
        gone.sort_unstable();
        assert_eq!((gone, tree.len()), (vec![2, 3], 1));
    }

    #[test]
    fn a_path_and_a_number_have_one_another_only() {
        let mut tree = tree(&[("/a", 1), ("/a", 2), ("/b", 2)]);
        assert_eq!(tree.len(), 1);
        assert_eq!(tree.hear(&notice(1, What::Written, false, "f")), []);
        assert_eq!(tree.remove("/b"), [2]);
        assert_eq!((tree.len(), tree.paths.len()), (0, 0));
    }
}
