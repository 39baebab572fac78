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

/// Groups that are looked into: more than machines have, unless somebody makes them to be in the way.
const GROUPS_MAX: usize = 10_000;
/// Groups within groups.
const DEPTH_MAX: usize = 8;

/// Removes the groups of engines that no longer live, wherever those were started. Those of living ones stay.
pub fn sweep(hierarchies: &[Hierarchy]) {
    for hierarchy in hierarchies {
        let (mut left, mut looked) = (vec![(hierarchy.mount.clone(), 0)], 0);
        while let Some((folder, depth)) = left.pop() {
            for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
                let name = entry.file_name();
                if !entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                    continue;
                }
                match name.to_str().and_then(owner_of) {
                    Some((pid, started)) if start_time(pid) != Some(started) => remove_tree(&entry.path()),
                    Some(_) => {}
                    None if depth < DEPTH_MAX && looked < GROUPS_MAX => {
                        looked += 1;
                        left.push((entry.path(), depth + 1));
                    }
                    None => {}
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

/// When a living process started, in clock ticks since boot: with its pid, a name that is never used again.
fn start_time(pid: u32) -> Option<u64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The second field is the name in parentheses, and may hold anything; the 22nd is what we are after.
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace();
    let state = fields.next()?;
    // Dead, and nobody has asked how yet.
    if matches!(state, "Z" | "X") { None } else { fields.nth(18)?.parse().ok() }
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
