//! The groups themselves: made, limited, read and removed.

use std::{
    fs, io,
    os::fd::OwnedFd,
    path::{Path, PathBuf},
};

use super::{Controller, Freezer, Hierarchy, Version, settings};
use crate::host::config::Limits;

/// Why a sandbox's groups could not be made.
#[derive(Debug, thiserror::Error)]
#[error("cannot {action} {}", path.display())]
pub struct CgroupError {
    action: &'static str,
    path: PathBuf,
    source: io::Error,
}

fn failed(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> CgroupError {
    move |source| CgroupError { action, path: path.to_owned(), source }
}

/// One hierarchy in use: the engine's own group in it.
#[derive(Clone, Debug)]
struct Place {
    version: Version,
    controllers: Vec<Controller>,
    folder: PathBuf,
    /// The group that this process is in.
    own: PathBuf,
    /// Whether it went there to make room for limits, below the one that it came from.
    moved: bool,
}

/// The groups of this engine, on every hierarchy that it may use.
#[derive(Clone, Debug, Default)]
pub struct Cgroups {
    places: Vec<Place>,
}

impl Cgroups {
    /// Takes a place on each hierarchy that lets us. None at all is an answer too: limits are advisory then.
    #[must_use]
    pub fn open(hierarchies: &[Hierarchy], engine: &str) -> Self {
        let mut places: Vec<Place> = Vec::new();
        let mut taken: Vec<Controller> = Vec::new();
        // A version 2 hierarchy last: a process joins a group of version 1 some hundred times faster, so what both offer
        // is taken from there.
        let (first, last): (Vec<_>, Vec<_>) = hierarchies.iter().partition(|one| one.version == Version::V1);
        for hierarchy in first.into_iter().chain(last) {
            let place = match hierarchy.version {
                Version::V1 => open_v1(hierarchy, engine),
                Version::V2 => open_v2(hierarchy, engine),
            };
            let Some(mut place) = place else { continue };
            place.controllers.retain(|controller| !taken.contains(controller));
            if place.controllers.is_empty() {
                close(&place);
                continue;
            }
            taken.extend(&place.controllers);
            places.push(place);
        }
        Self { places }
    }

    /// Which controllers hold, and by which version.
    #[must_use]
    pub fn controllers(&self) -> Vec<(Controller, Version)> {
        self.places.iter().flat_map(|place| place.controllers.iter().map(|c| (*c, place.version))).collect()
    }

    #[must_use]
    pub fn holds(&self, controller: Controller) -> bool {
        self.places.iter().any(|place| place.controllers.contains(&controller))
    }

    /// Makes the groups of one sandbox, with their limits.
    ///
    /// # Errors
    /// When a group cannot be made or a limit does not take; what was made is removed again.
    pub fn create(&self, sandbox: &str, limits: &Limits) -> Result<Cgroup, CgroupError> {
        let mut cgroup = Cgroup { folders: Vec::new(), joins: Vec::new() };
        for place in &self.places {
            let folder = place.folder.join(sandbox);
            fs::create_dir(&folder).map_err(failed("make", &folder))?;
            cgroup.folders.push((folder.clone(), place.version, place.controllers.clone()));
            for (file, value, needed) in settings(place.version, &place.controllers, limits) {
                let path = folder.join(file);
                match fs::write(&path, value) {
                    Err(source) if needed => return Err(failed("set", &path)(source)),
                    Err(_) | Ok(()) => {}
                }
            }
            cgroup.joins.push(membership(&folder, place.version)?);
        }
        Ok(cgroup)
    }

    /// The membership files of the groups that this process is in, in the order of [`Cgroup::joins`].
    ///
    /// # Errors
    /// When one cannot be opened for writing: who has left that group could not come back.
    pub fn own_memberships(&self) -> Result<Vec<OwnedFd>, CgroupError> {
        self.places.iter().map(|place| membership(&place.own, place.version)).collect()
    }

    /// Removes the engine's own groups, which must be empty by now.
    pub fn close(&self) {
        self.places.iter().for_each(close);
    }
}

fn membership(folder: &Path, version: Version) -> Result<OwnedFd, CgroupError> {
    let members = folder.join(match version {
        Version::V1 => "tasks",
        Version::V2 => "cgroup.procs",
    });
    Ok(fs::OpenOptions::new().write(true).open(&members).map_err(failed("open", &members))?.into())
}

/// Undoes what taking a place did. Failures leave empty groups, which the next engine sweeps.
fn close(place: &Place) {
    let _ = fs::remove_dir(&place.folder);
    if let (true, Some(parent)) = (place.moved, place.folder.parent()) {
        leave(parent, &place.own);
    }
}

fn leave(parent: &Path, leaf: &Path) {
    for controller in V2_CONTROLLERS {
        let _ = fs::write(parent.join("cgroup.subtree_control"), format!("-{}", controller.name()));
    }
    let _ = fs::write(parent.join("cgroup.procs"), "0");
    let _ = fs::remove_dir(leaf);
}

fn open_v1(hierarchy: &Hierarchy, engine: &str) -> Option<Place> {
    let folder = hierarchy.own.join(engine);
    make(&folder)?;
    let (controllers, own) = (hierarchy.controllers.clone(), hierarchy.own.clone());
    Some(Place { version: Version::V1, controllers, folder, own, moved: false })
}

/// On version 2 a group has either processes or limits below it: root's groups go below the mount's root, which is
/// exempt, others below our own group once this process has left it for a leaf.
fn open_v2(hierarchy: &Hierarchy, engine: &str) -> Option<Place> {
    let mut candidates = vec![&hierarchy.mount];
    if hierarchy.own != hierarchy.mount {
        candidates.push(&hierarchy.own);
    }
    for parent in candidates {
        let folder = parent.join(engine);
        if make(&folder).is_none() {
            continue;
        }
        if available(parent).is_empty() {
            // A hybrid's version 2 hierarchy has no controllers, but freezes as any group does.
            let (controllers, own) = (vec![Controller::Freezer], hierarchy.own.clone());
            return Some(Place { version: Version::V2, controllers, folder, own, moved: false });
        }
        let (mut own, mut moved) = (hierarchy.own.clone(), false);
        if enable_v2(parent).is_empty() && parent == &hierarchy.own {
            let below = parent.join(format!("{engine}-self"));
            if make(&below).is_some() {
                let _ = fs::write(below.join("cgroup.procs"), "0");
                (own, moved) = (below, true);
            }
        }
        let controllers = if enable_v2(parent).is_empty() { Vec::new() } else { enable_v2(&folder) };
        let place = Place { version: Version::V2, controllers, folder, own, moved };
        if !place.controllers.is_empty() {
            return Some(place);
        }
        close(&place);
    }
    None
}

const V2_CONTROLLERS: [Controller; 3] = [Controller::Memory, Controller::Pids, Controller::Cpu];

fn available(folder: &Path) -> Vec<Controller> {
    let names = fs::read_to_string(folder.join("cgroup.controllers")).unwrap_or_default();
    V2_CONTROLLERS
        .into_iter()
        .filter(|controller| names.split_whitespace().any(|name| name == controller.name()))
        .collect()
}

/// Hands the controllers of `folder` down to its children; those that are there.
fn enable_v2(folder: &Path) -> Vec<Controller> {
    let control = folder.join("cgroup.subtree_control");
    for controller in available(folder) {
        let _ = fs::write(&control, format!("+{}", controller.name()));
    }
    let enabled = fs::read_to_string(&control).unwrap_or_default();
    let enabled: Vec<_> = enabled.split_whitespace().collect();
    let mut controllers: Vec<_> =
        Controller::ALL.into_iter().filter(|controller| enabled.contains(&controller.name())).collect();
    if !controllers.is_empty() {
        // Part of the core in version 2.
        controllers.extend([Controller::Freezer, Controller::CpuAccounting]);
    }
    controllers
}

fn make(folder: &Path) -> Option<()> {
    match fs::create_dir(folder) {
        Ok(()) => Some(()),
        Err(err) if err.kind() == io::ErrorKind::AlreadyExists => Some(()),
        Err(_) => None,
    }
}

/// The groups of one sandbox. Removed when dropped: by then its processes must be reaped.
#[derive(Debug)]
pub struct Cgroup {
    folders: Vec<(PathBuf, Version, Vec<Controller>)>,
    joins: Vec<OwnedFd>,
}

/// What a sandbox's programs have used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    pub memory_bytes: Option<u64>,
    pub cpu_nanos: Option<u64>,
    /// Programs that the kernel killed for memory.
    pub memory_kills: Option<u64>,
}

impl Cgroup {
    /// The membership files, to hand to PID 1.
    #[must_use]
    pub fn joins(&self) -> &[OwnedFd] {
        &self.joins
    }

    /// Closes the membership files once PID 1 has its own: they would be half of a sandbox's descriptors.
    pub fn close_joins(&mut self) {
        self.joins.clear();
    }

    /// What stops this sandbox's programs; `None` where no group can.
    #[must_use]
    pub fn freezer(&self) -> Option<Freezer> {
        let can =
            |(_, _, controllers): &&(PathBuf, Version, Vec<Controller>)| controllers.contains(&Controller::Freezer);
        self.folders.iter().find(can).map(|(folder, version, _)| Freezer::new(folder.clone(), *version))
    }

    #[must_use]
    pub fn usage(&self) -> Usage {
        Usage {
            memory_bytes: self.read(Controller::Memory, "memory.usage_in_bytes", "memory.current", number),
            cpu_nanos: self.read(Controller::CpuAccounting, "cpuacct.usage", "cpu.stat", |text| {
                number(text).or_else(|| field(text, "usage_usec").map(|micros| micros * 1000))
            }),
            memory_kills: self.memory_kills(),
        }
    }

    /// Programs that the kernel killed for memory; `None` where it does not count them.
    #[must_use]
    pub fn memory_kills(&self) -> Option<u64> {
        self.read(Controller::Memory, "memory.oom_control", "memory.events", |text| field(text, "oom_kill"))
    }

    /// Bytes of files that are kept in memory; `None` where it does not count them.
    #[must_use]
    pub fn memory_cache(&self) -> Option<u64> {
        self.read(Controller::Memory, "memory.stat", "memory.stat", |text| {
            field(text, "cache").or_else(|| field(text, "file"))
        })
    }

    /// What a controller's file tells, by its name in version 1 and in version 2.
    fn read(&self, of: Controller, v1: &str, v2: &str, parse: impl Fn(&str) -> Option<u64>) -> Option<u64> {
        let (folder, version, _) = self.folders.iter().find(|(_, _, controllers)| controllers.contains(&of))?;
        let file = match version {
            Version::V1 => v1,
            Version::V2 => v2,
        };
        parse(&fs::read_to_string(folder.join(file)).ok()?)
    }
}

fn number(text: &str) -> Option<u64> {
    text.trim().parse().ok()
}

impl Drop for Cgroup {
    fn drop(&mut self) {
        self.joins.clear();
        for (folder, _, _) in self.folders.drain(..) {
            if let Err(err) = remove(&folder) {
                tracing::warn!(folder = %folder.display(), error = %err, "cannot remove a cgroup");
            }
        }
    }
}

/// Removes an empty group. A process that was just reaped may hold it for some microseconds more.
pub fn remove(folder: &Path) -> io::Result<()> {
    const TRIES: u32 = 50;
    for _ in 0..TRIES {
        match fs::remove_dir(folder) {
            Err(err) if err.raw_os_error() == Some(libc::EBUSY) => {
                std::thread::sleep(std::time::Duration::from_millis(2));
            }
            Err(err) if err.kind() == io::ErrorKind::NotFound => return Ok(()),
            other => return other,
        }
    }
    fs::remove_dir(folder)
}

/// The value of `name` in lines of `name value`.
fn field(text: &str, name: &str) -> Option<u64> {
    text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')?.trim().parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_found_by_its_whole_name() {
        assert_eq!(field("low 0\noom_kill_disable 1\noom_kill 3", "oom_kill"), Some(3));
        assert_eq!(field("oom_kill_disable 1", "oom_kill"), None);
    }
}
