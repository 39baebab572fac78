//! Who acts inside: the user, or root, who is more than the user over the sandbox's own files alone.
//!
//! ```text
//!                  host is root                            host is not
//!  PID 1           uid 0, all capabilities of the sandbox  uid 1000, none
//!  `user`          uid 1000, none                          uid 1000, none
//!  `root`          uid 0, CAP_CHOWN, CAP_DAC_OVERRIDE,     uid 1000, none
//!                  CAP_FOWNER
//! ```
//! The three are what root's file calls are for, and the kernel grants each only for files whose owner the sandbox's
//! namespace maps: those of its own disk. The machine's files, which it sees read-only, belong to nobody in here.
//! None of the three reaches a process, a mount, a device or the network. Root's programs are under the same filter
//! of system calls, the same Landlock rules and the same ban on new privileges as the user's.

use std::io;

use rustix::thread::{
    CapabilitySet, CapabilitySets, Gid, Uid, capabilities, set_capabilities, set_no_new_privs, set_thread_groups,
    set_thread_res_gid, set_thread_res_uid,
};

use super::{
    protocol::{Identity, Person, USER_ID},
    sys,
};

/// What `root` has of root's powers.
const OVER_FILES: CapabilitySet = CapabilitySet::CHOWN.union(CapabilitySet::DAC_OVERRIDE).union(CapabilitySet::FOWNER);

/// Takes from PID 1 what it does not need to serve, and from all that it starts what none of them may ever have.
pub fn prepare(identity: Identity) -> io::Result<()> {
    match identity {
        Identity::Root => {
            sys::limit_bounding_set(OVER_FILES);
            Ok(())
        }
        Identity::Rootless => {
            sys::limit_bounding_set(CapabilitySet::empty());
            // Nothing left to do that needs one: everything runs as the same user.
            keep_only(CapabilitySet::empty())
        }
    }
}

/// What belongs to `person` belongs to this uid, and to the gid of the same number.
pub const fn uid(identity: Identity, person: Person) -> u32 {
    match (identity, person) {
        (Identity::Root, Person::Root) => 0,
        (Identity::Root, Person::User) | (Identity::Rootless, Person::User | Person::Root) => USER_ID,
    }
}

/// Does `work` on files with the permissions of `person`.
pub fn acting<T>(identity: Identity, person: Person, work: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
    match (identity, person) {
        (Identity::Rootless, Person::User | Person::Root) => work(),
        (Identity::Root, Person::User) => {
            sys::set_file_identity(USER_ID, USER_ID);
            let result = work();
            sys::set_file_identity(0, 0);
            result
        }
        (Identity::Root, Person::Root) => {
            let own = capabilities(None)?;
            set_capabilities(None, CapabilitySets { effective: OVER_FILES, ..own })?;
            let result = work();
            set_capabilities(None, own)?;
            result
        }
    }
}

/// Becomes `person` for good, with all that this process turns into or starts.
pub fn become_for_good(identity: Identity, person: Person) -> io::Result<()> {
    let kept = match (identity, person) {
        (Identity::Rootless, Person::User | Person::Root) => CapabilitySet::empty(),
        (Identity::Root, Person::User) => {
            sys::limit_bounding_set(CapabilitySet::empty());
            let (user, group) = (Uid::from_raw(USER_ID), Gid::from_raw(USER_ID));
            set_thread_groups(&[])?;
            set_thread_res_gid(group, group, group)?;
            set_thread_res_uid(user, user, user)?;
            CapabilitySet::empty()
        }
        // PID 1 has these ids already.
        (Identity::Root, Person::Root) => OVER_FILES,
    };
    keep_only(kept)?;
    Ok(set_no_new_privs(true)?)
}

/// Nothing is inheritable: what a program has after its exec comes from its uid and the bounding set alone.
fn keep_only(kept: CapabilitySet) -> io::Result<()> {
    let sets = CapabilitySets { effective: kept, permitted: kept, inheritable: CapabilitySet::empty() };
    Ok(set_capabilities(None, sets)?)
}
