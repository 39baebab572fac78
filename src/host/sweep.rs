//! Removes what engines that were killed have left: control groups. Processes die with their engine, and mounts with
//! their processes.

use std::{fs, path::Path};

use super::cgroup::{Hierarchy, THAWED, engine_name, owner_of, remove};

/// This engine's mark: the name of its groups.
#[must_use]
pub fn own_name() -> String {
    let pid = std::process::id();
    engine_name(pid, start_time(pid).unwrap_or(0))
}

/// Removes the groups of engines that no longer live. Those of living ones stay.
pub fn sweep(hierarchies: &[Hierarchy]) {
    for hierarchy in hierarchies {
        let own = Some(&hierarchy.own).filter(|own| **own != hierarchy.mount);
        for folder in std::iter::once(&hierarchy.mount).chain(own) {
            for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
                let name = entry.file_name();
                let owner = name.to_str().and_then(owner_of);
                if owner.is_some_and(|(pid, started)| start_time(pid) != Some(started)) {
                    remove_tree(&entry.path());
                }
            }
        }
    }
}

fn remove_tree(group: &Path) {
    for entry in fs::read_dir(group).into_iter().flatten().flatten() {
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            // Its processes may be dead and frozen, and not gone before they are thawed.
            let _ = fs::write(entry.path().join("freezer.state"), THAWED);
            let _ = remove(&entry.path());
        }
    }
    match remove(group) {
        Ok(()) => {}
        // Another user's engine: its next start clears up.
        Err(err) if err.kind() == std::io::ErrorKind::PermissionDenied => {}
        Err(err) => tracing::warn!(group = %group.display(), error = %err, "cannot remove a dead engine's cgroup"),
    }
}

/// When a process started, in clock ticks since boot: with its pid, a name that is never used again.
fn start_time(pid: u32) -> Option<u64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The second field is the name in parentheses, and may hold anything; the 22nd is what we are after.
    stat.rsplit_once(')')?.1.split_whitespace().nth(19)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_name_tells_this_process() {
        let pid = std::process::id();
        assert_eq!(owner_of(&own_name()), Some((pid, start_time(pid).unwrap())));
    }
}
