//! A second wall around the file system, where the kernel has Landlock: even a mount that should not be there
//! could not be written to.
//!
//! No signal scope: each start is a domain of its own, and one command must be able to end another. What lies
//! outside of the sandbox is out of reach by its pid namespace.

use landlock::{
    ABI, Access, AccessFs, PathBeneath, PathFd, RestrictionStatus, Ruleset, RulesetAttr, RulesetCreated,
    RulesetCreatedAttr, RulesetError,
};

use super::top::Top;

/// The newest interface whose rights we know; an older kernel enforces what it knows of them.
const INTERFACE: ABI = ABI::V6;

const WRITABLE: [&str; 7] = ["/home/user", "/root", "/tmp", "/var/tmp", "/var/added", "/dev", "/proc"];

/// The rules of this sandbox, built once; `None` when the kernel has no Landlock.
pub struct Rules(Option<RulesetCreated>);

impl Rules {
    /// # Errors
    /// Never for a kernel without Landlock; only when one that has it refuses the rules.
    pub fn build(top: &Top) -> Result<Self, RulesetError> {
        if !available() {
            return Ok(Self(None));
        }
        let mut rules = Ruleset::default().handle_access(AccessFs::from_all(INTERFACE))?.create()?;
        if let Ok(root) = PathFd::new("/") {
            rules = rules.add_rule(PathBeneath::new(root, AccessFs::from_read(INTERFACE)))?;
        }
        for path in WRITABLE {
            if let Ok(folder) = PathFd::new(path) {
                rules = rules.add_rule(PathBeneath::new(folder, AccessFs::from_all(INTERFACE)))?;
            }
        }
        // PID 1's alone: no program has a way to the root that leads through here.
        let linking = AccessFs::MakeSym | AccessFs::RemoveFile;
        rules = rules.add_rule(PathBeneath::new(top.around(), linking))?;
        Ok(Self(Some(rules)))
    }

    /// Binds the calling process, and all that it becomes or starts, to the rules.
    pub fn enforce(&self) -> std::io::Result<()> {
        let Some(rules) = &self.0 else { return Ok(()) };
        let restricted: Result<RestrictionStatus, RulesetError> = rules.try_clone()?.restrict_self();
        restricted.map(drop).map_err(std::io::Error::other)
    }
}

/// Whether this kernel has Landlock switched on.
#[must_use]
pub fn available() -> bool {
    const VERSION: libc::c_uint = 1;
    // SAFETY: with a null attribute, size 0 and this flag the call only answers with a number.
    unsafe { libc::syscall(libc::SYS_landlock_create_ruleset, std::ptr::null::<u8>(), 0usize, VERSION) > 0 }
}
