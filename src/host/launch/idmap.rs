//! Which ids of the host a sandbox's ids are. Pure.

use super::super::agent::{
    birth::IdMaps,
    protocol::{Identity, USER_ID},
};

/// Above what `useradd` and container tools hand out.
const FIRST: u32 = 0x7000_0000;
/// Ids of one sandbox: its uid 0 is the first, its uid 1000 the one that lies 1000 higher.
const STRIDE: u32 = 2048;
/// Sandboxes of one engine.
pub const SLOTS: u32 = 2048;
/// Engines with ids of their own on one machine; by pid, so two rarely meet, and if they do, namespaces still part
/// their sandboxes.
const REGIONS: u32 = 64;

/// The maps of a sandbox in `slot` of the engine with `engine_pid`, run by `euid` and `egid`.
#[must_use]
pub fn id_maps(identity: Identity, engine_pid: u32, slot: u32, euid: u32, egid: u32) -> IdMaps {
    match identity {
        Identity::Root => {
            let base = FIRST + (engine_pid % REGIONS) * (SLOTS * STRIDE) + (slot % SLOTS) * STRIDE;
            let map = format!("0 {base} 1\n{USER_ID} {} 1\n", base + USER_ID);
            IdMaps { uid: map.clone(), gid: map, deny_setgroups: false }
        }
        Identity::Rootless => {
            IdMaps { uid: format!("{USER_ID} {euid} 1\n"), gid: format!("{USER_ID} {egid} 1\n"), deny_setgroups: true }
        }
    }
}

/// The maps of the namespace that sandboxes' own lie below, where the caller needs one to mount anything: in there it is
/// who it is outside.
#[must_use]
pub fn nursery_maps(identity: Identity, euid: u32, egid: u32) -> Option<IdMaps> {
    match identity {
        Identity::Root => None,
        Identity::Rootless => {
            Some(IdMaps { uid: format!("{euid} {euid} 1\n"), gid: format!("{egid} {egid} 1\n"), deny_setgroups: true })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_sandboxes_share_an_id_and_none_is_beyond_31_bits() {
        let base = |pid, slot| {
            let maps = id_maps(Identity::Root, pid, slot, 0, 0);
            maps.uid.split(' ').nth(1).unwrap().parse::<u32>().unwrap()
        };
        assert_eq!(base(0, 1) - base(0, 0), STRIDE);
        assert_eq!(base(1, 0) - base(0, SLOTS - 1), STRIDE);
        assert!(base(REGIONS - 1, SLOTS - 1) + USER_ID < i32::MAX as u32);
    }

    #[test]
    fn rootless_maps_the_caller_to_the_sandboxs_user_alone() {
        let maps = id_maps(Identity::Rootless, 7, 3, 12345, 100);
        assert_eq!(
            (maps.uid.as_str(), maps.gid.as_str(), maps.deny_setgroups),
            ("1000 12345 1\n", "1000 100 1\n", true)
        );
    }
}
