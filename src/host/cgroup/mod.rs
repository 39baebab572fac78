//! Limits by control groups: version 1, version 2, both at once, or none.
//!
//! ```text
//!  {hierarchy}/{own group}/spawnai-{pid}-{start}     one per engine and hierarchy
//!                            └─ {sandbox}            the programs of one sandbox; PID 1 stays outside,
//!                                                    so that it can tell of a death for memory
//! ```
//! The name carries the engine's pid and start time: a later engine knows from it that the owner is dead, and two
//! living ones leave each other alone. Programs join by writing `0` into membership files that the host opened: the
//! kernel judges that by who opened the file.

mod freezer;
mod groups;

use std::path::{Path, PathBuf};

pub use freezer::{Freezer, THAWED};
pub use groups::{Cgroup, CgroupError, Cgroups, Usage, remove};

use super::config::Limits;

/// Begins the name of every group of ours.
pub const PREFIX: &str = "spawnai-";

/// What can be limited.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Controller {
    Memory,
    Pids,
    Cpu,
    /// Counts processor time; version 2 counts it with `Cpu`.
    CpuAccounting,
    /// Stops and resumes all programs of a sandbox at once.
    Freezer,
}

impl Controller {
    pub const ALL: [Self; 5] = [Self::Memory, Self::Pids, Self::Cpu, Self::CpuAccounting, Self::Freezer];

    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Memory => "memory",
            Self::Pids => "pids",
            Self::Cpu => "cpu",
            Self::CpuAccounting => "cpuacct",
            Self::Freezer => "freezer",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    V1,
    V2,
}

/// One mounted hierarchy, and the group in it that this process is in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hierarchy {
    pub version: Version,
    pub controllers: Vec<Controller>,
    pub mount: PathBuf,
    pub own: PathBuf,
}

/// The hierarchies that `/proc/self/mountinfo` and `/proc/self/cgroup` tell of. Pure. A version 2 hierarchy comes
/// with no controllers here: the file system knows them.
#[must_use]
pub fn hierarchies(mountinfo: &str, membership: &str) -> Vec<Hierarchy> {
    let mut found: Vec<Hierarchy> = Vec::new();
    for line in mountinfo.lines() {
        let Some((mount, kind)) = line.split_once(" - ") else { continue };
        let (fields, kind): (Vec<_>, Vec<_>) = (mount.split(' ').collect(), kind.split(' ').collect());
        let (&[_, _, _, root, point, ..], &[kind, _, options, ..]) = (&fields[..], &kind[..]) else { continue };
        let (version, controllers) = match kind {
            "cgroup" => (
                Version::V1,
                Controller::ALL.into_iter().filter(|c| options.split(',').any(|o| o == c.name())).collect(),
            ),
            "cgroup2" => (Version::V2, Vec::new()),
            _ => continue,
        };
        if version == Version::V1 && controllers.is_empty() {
            continue;
        }
        let group = membership.lines().find_map(|line| {
            let (_, rest) = line.split_once(':')?;
            let (names, group) = rest.split_once(':')?;
            let same = match version {
                Version::V1 => names.split(',').any(|name| controllers.iter().any(|c: &Controller| c.name() == name)),
                Version::V2 => names.is_empty(),
            };
            same.then_some(group)
        });
        let Some(group) = group else { continue };
        let inside = Path::new(group).strip_prefix(root).unwrap_or(Path::new(""));
        found.push(Hierarchy { version, controllers, mount: point.into(), own: Path::new(point).join(inside) });
    }
    found
}

/// What is written into a sandbox's group of a hierarchy: `(file, value, whether the limit hangs on it)`. Pure.
#[must_use]
pub fn settings(version: Version, controllers: &[Controller], limits: &Limits) -> Vec<(&'static str, String, bool)> {
    const PERIOD: u32 = 100_000;
    let memory = (u64::from(limits.memory_mib) << 20).to_string();
    let quota = limits.vcpus.saturating_mul(PERIOD);
    let mut settings = Vec::new();
    for controller in controllers {
        match (version, controller) {
            (Version::V1, Controller::Memory) => {
                settings.push(("memory.limit_in_bytes", memory.clone(), true));
                // Absent where swap is not accounted.
                settings.push(("memory.memsw.limit_in_bytes", memory.clone(), false));
                // Version 2 counts what waits in sockets as memory; here it has a counter of its own.
                settings.push((
                    "memory.kmem.tcp.limit_in_bytes",
                    (u64::from(limits.memory_mib) << 18).to_string(),
                    false,
                ));
            }
            (Version::V2, Controller::Memory) => {
                settings.push(("memory.max", memory.clone(), true));
                settings.push(("memory.swap.max", "0".to_owned(), false));
            }
            (Version::V1 | Version::V2, Controller::Pids) => {
                settings.push(("pids.max", limits.processes.to_string(), true));
            }
            (Version::V1, Controller::Cpu) => {
                settings.push(("cpu.cfs_period_us", PERIOD.to_string(), true));
                settings.push(("cpu.cfs_quota_us", quota.to_string(), true));
            }
            (Version::V2, Controller::Cpu) => settings.push(("cpu.max", format!("{quota} {PERIOD}"), true)),
            (Version::V1 | Version::V2, Controller::CpuAccounting | Controller::Freezer) => {}
        }
    }
    settings
}

/// The name of the groups of the engine with this pid and start time.
#[must_use]
pub fn engine_name(pid: u32, start_time: u64) -> String {
    format!("{PREFIX}{pid}-{start_time}")
}

/// Whose groups a name is of: pid and start time. What follows them tells the engine's groups apart.
#[must_use]
pub fn owner_of(name: &str) -> Option<(u32, u64)> {
    let mut parts = name.strip_prefix(PREFIX)?.split('-');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HYBRID: &str = "\
31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755
32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,relatime - cgroup cgroup rw,cpu,cpuacct
35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory
37 31 0:34 / /sys/fs/cgroup/blkio rw,relatime - cgroup cgroup rw,blkio
41 31 0:38 / /sys/fs/cgroup/unified rw,relatime shared:3 - cgroup2 cgroup2 rw";

    #[test]
    fn hybrid_hierarchies_are_found_with_the_own_group() {
        let found = hierarchies(HYBRID, "4:memory:/jobs/a\n2:cpu,cpuacct:/\n0::/x");
        let [cpu, memory, unified] = &found[..] else { panic!("{found:?}") };
        assert_eq!(cpu.controllers, [Controller::Cpu, Controller::CpuAccounting]);
        assert_eq!(memory.own, Path::new("/sys/fs/cgroup/memory/jobs/a"));
        assert_eq!((unified.version, unified.own.to_str()), (Version::V2, Some("/sys/fs/cgroup/unified/x")));
    }

    #[test]
    fn a_group_below_the_mounts_root_is_found_inside_of_a_container() {
        let mountinfo = "9 8 0:9 /docker/ab /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory";
        let found = hierarchies(mountinfo, "4:memory:/docker/ab/inner");
        assert_eq!(found[0].own, Path::new("/sys/fs/cgroup/memory/inner"));
    }

    #[test]
    fn limits_are_written_in_each_versions_own_words() {
        let limits = Limits::default();
        let all = Controller::ALL;
        let value = |version, file| {
            settings(version, &all, &limits).into_iter().find(|(name, ..)| *name == file).map(|(_, value, _)| value)
        };
        assert_eq!(value(Version::V1, "memory.limit_in_bytes").as_deref(), Some("536870912"));
        assert_eq!(value(Version::V2, "memory.max").as_deref(), Some("536870912"));
        assert_eq!(value(Version::V1, "cpu.cfs_quota_us").as_deref(), Some("200000"));
        assert_eq!(value(Version::V2, "cpu.max").as_deref(), Some("200000 100000"));
        assert_eq!(value(Version::V2, "pids.max").as_deref(), Some("256"));
    }

    #[test]
    fn a_name_tells_its_owner() {
        assert_eq!(owner_of(&engine_name(17, 99)), Some((17, 99)));
        assert_eq!(owner_of("spawnai-17-99-self"), Some((17, 99)));
        assert_eq!(owner_of("spawnai-x"), None);
        assert_eq!(owner_of("user.slice"), None);
    }
}
