//! What an engine has made on the machine: processes, control groups, mounts, files, open descriptors.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use super::stand::Engine;

/// A process, told from a later one with the same number by its start.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Process {
    pub pid: u32,
    pub name: String,
    start: u64,
}

impl Process {
    pub fn lives(&self) -> bool {
        read(self.pid).is_some_and(|(_, process)| process == *self)
    }
}

/// What belongs to one engine at one time.
#[derive(Debug, PartialEq, Eq)]
pub struct Traces {
    pub processes: BTreeSet<Process>,
    pub groups: BTreeSet<PathBuf>,
    mounts: String,
    files: BTreeSet<PathBuf>,
}

impl Traces {
    pub fn of(engine: &Engine) -> Self {
        Self {
            processes: descendants(engine.pid()),
            groups: groups(engine.pid()).into_iter().filter(|group| is_of_a_sandbox(group)).collect(),
            mounts: mounts(),
            // The store grows by files of its own.
            files: files(engine.folder()).into_iter().filter(|path| !is_of_the_store(path)).collect(),
        }
    }
}

pub fn mounts() -> String {
    fs::read_to_string("/proc/self/mountinfo").unwrap()
}

/// What `ps` calls the process from which sandboxes are forked. It is there as long as its engine.
const NURSERY: &str = "spawnai-nursery";

/// All processes below `pid`, but for the nursery.
pub fn descendants(pid: u32) -> BTreeSet<Process> {
    let mut children: BTreeMap<u32, Vec<Process>> = BTreeMap::new();
    for entry in fs::read_dir("/proc").unwrap().flatten() {
        if let Some((parent, process)) = entry.file_name().to_str().and_then(|name| name.parse().ok()).and_then(read) {
            children.entry(parent).or_default().push(process);
        }
    }
    let (mut found, mut next) = (BTreeSet::new(), vec![pid]);
    while let Some(parent) = next.pop() {
        for process in children.remove(&parent).unwrap_or_default() {
            next.push(process.pid);
            if process.name != NURSERY {
                found.insert(process);
            }
        }
    }
    found
}

/// Control groups of the engine with this pid.
pub fn groups(pid: u32) -> BTreeSet<PathBuf> {
    let mut found = folders(Path::new("/sys/fs/cgroup"));
    let prefix = format!("spawnai-{pid}-");
    let is_ours =
        |path: &PathBuf| path.components().any(|part| part.as_os_str().to_string_lossy().starts_with(&prefix));
    found.retain(is_ours);
    found
}

/// All files and folders below.
pub fn files(folder: &Path) -> BTreeSet<PathBuf> {
    walk(folder, true)
}

/// Open descriptors of a process.
pub fn descriptors(pid: u32) -> usize {
    fs::read_dir(format!("/proc/{pid}/fd")).unwrap().count()
}

fn is_of_a_sandbox(group: &Path) -> bool {
    group.parent().and_then(Path::file_name).is_some_and(|name| name.to_string_lossy().starts_with("spawnai-"))
}

fn is_of_the_store(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("spawnai.db"))
}

fn folders(folder: &Path) -> BTreeSet<PathBuf> {
    walk(folder, false)
}

fn walk(folder: &Path, with_files: bool) -> BTreeSet<PathBuf> {
    let mut found = BTreeSet::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
        if is_folder {
            found.extend(walk(&entry.path(), with_files));
        }
        if is_folder || with_files {
            found.insert(entry.path());
        }
    }
    found
}

/// A process and its parent's number. Zombies are on their way out and hold nothing.
fn read(pid: u32) -> Option<(u32, Process)> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name stands in parentheses, and may hold anything.
    let (head, tail) = stat.rsplit_once(") ")?;
    let fields: Vec<_> = tail.split(' ').collect();
    let name = head.split_once('(')?.1.to_owned();
    let process = Process { pid, name, start: fields[19].parse().ok()? };
    (fields[0] != "Z").then_some((fields[1].parse().ok()?, process))
}
