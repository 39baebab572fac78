//! What this machine offers to sandboxes, for `doctor` and for the refusal to start without isolation.

use std::{
    env, fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use super::{
    agent::{
        self,
        birth::{Ground, RootPlan},
        protocol::Identity,
    },
    cgroup::{Cgroups, Controller, Version, hierarchies},
    config::Config,
    error::{HostError, LaunchError},
    launch::{
        self, Launched, Nursery, idmap,
        rootfs::{self, Runtime},
    },
    sandboxes::Site,
    sweep,
};

/// One thing that a sandbox relies on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Capability {
    pub name: String,
    pub state: State,
}

/// How far a [`Capability`] holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    Enforced,
    /// Not enforced, or only in part; what that means.
    Advisory(String),
    Missing {
        why: String,
        remedy: String,
    },
}

/// A program that sandboxes should have, and the Debian package that brings it.
struct Wanted {
    program: &'static str,
    package: &'static str,
}

const WANTED: [Wanted; 6] = [
    Wanted { program: "bash", package: "bash" },
    Wanted { program: "node", package: "nodejs" },
    Wanted { program: "python3", package: "python3" },
    Wanted { program: "git", package: "git" },
    Wanted { program: "curl", package: "curl" },
    Wanted { program: "tput", package: "ncurses-bin" },
];

/// Probes the machine; launches one sandbox to know, and leaves nothing of it. Blocks for some tens of milliseconds.
#[must_use]
pub fn probe(config: &Config) -> Vec<Capability> {
    let hierarchies = read_hierarchies();
    // A probe that was killed left its groups behind.
    sweep::sweep(&hierarchies);
    let engine = format!("{}-probe", sweep::own_name());
    let site = site(config, &Cgroups::open(&hierarchies, &engine));
    let launched = try_launch(&site);
    let isolation = launched.as_ref().map_or_else(missing_isolation, |_| State::Enforced);
    let mut found = vec![capability("user namespaces", isolation)];
    if launched.is_ok() {
        found.push(capability("executable", executable_state(site.nursery.is_guarded())));
    }
    found.push(capability(
        "seccomp",
        match fs::read_to_string("/proc/sys/kernel/seccomp/actions_avail") {
            Ok(_) => State::Enforced,
            Err(_) => State::Missing {
                why: "the kernel has no seccomp filters".into(),
                remedy: "use a kernel with CONFIG_SECCOMP_FILTER".into(),
            },
        },
    ));
    found.push(capability(
        "landlock",
        if agent::landlock_available() {
            State::Enforced
        } else {
            State::Advisory("the kernel has no Landlock; mount namespaces and seccomp hold without it".into())
        },
    ));
    found.extend(limits(&site.cgroups));
    found.extend(WANTED.iter().map(|wanted| capability(wanted.program, runtime_state(wanted))));
    site.cgroups.close();
    found
}

fn executable_state(guarded: bool) -> State {
    if guarded {
        return State::Enforced;
    }
    State::Advisory("the engine's file cannot be mounted read-only; its first processes hide it all the same".into())
}

/// Whether sandboxes of this machine have `program`.
#[must_use]
pub fn offers(program: &str) -> bool {
    match find(program) {
        Found::System(_) | Found::Elsewhere(_) => true,
        Found::Nowhere => false,
    }
}

fn capability(name: &str, state: State) -> Capability {
    Capability { name: name.to_owned(), state }
}

/// What every sandbox of this machine gets.
#[must_use]
pub fn site(config: &Config, cgroups: &Cgroups) -> Site {
    let mut runtimes: Vec<Runtime> = Vec::new();
    for wanted in &WANTED {
        if let Found::Elsewhere(runtime) = find(wanted.program)
            && !runtimes.iter().any(|known| known.prefix == runtime.prefix)
        {
            runtimes.push(runtime);
        }
    }
    let identity = if rustix::process::geteuid().is_root() { Identity::Root } else { Identity::Rootless };
    let root = rootfs::plan(&runtimes, python().as_deref(), config.limits.memory_mib);
    Site {
        identity,
        passage_through_root: root.binds.iter().any(|bind| bind.target.starts_with("root/")),
        nursery: Nursery::new(config.init_executable.clone(), ground(identity, root), cgroups.clone()),
        search_path: rootfs::search_path(&runtimes),
        limits: config.limits,
        cgroups: cgroups.clone(),
    }
}

fn ground(identity: Identity, root: RootPlan) -> Ground {
    let (euid, egid) = (rustix::process::geteuid().as_raw(), rustix::process::getegid().as_raw());
    Ground { root, maps: idmap::nursery_maps(identity, euid, egid) }
}

/// The `python3` that programs asking for `python` are given, on a machine with none of that name.
fn python() -> Option<PathBuf> {
    if matches!(find("python"), Found::System(_)) {
        return None;
    }
    match find("python3") {
        Found::System(program) => Some(program),
        Found::Elsewhere(runtime) if runtime.program.with_file_name("python").exists() => None,
        Found::Elsewhere(runtime) => Some(runtime.program),
        Found::Nowhere => None,
    }
}

pub fn read_hierarchies() -> Vec<super::cgroup::Hierarchy> {
    let read = |path| fs::read_to_string(path).unwrap_or_default();
    hierarchies(&read("/proc/self/mountinfo"), &read("/proc/self/cgroup"))
}

/// Starts a sandbox and ends it. Blocks.
///
/// # Errors
/// What step failed.
pub fn try_launch(site: &Site) -> Result<(), LaunchError> {
    const LAST_SLOT: u32 = idmap::SLOTS - 1;
    let Launched { control, pidfd, cgroup } = site.launch("probe", LAST_SLOT)?;
    // Closing the control socket is what ends it; if that failed, no sandbox would be safe from outliving its engine.
    drop(control);
    let reaped = launch::reap(std::os::fd::AsFd::as_fd(&pidfd));
    drop(cgroup);
    reaped.map_err(|source| LaunchError::Io { action: "reap the probe", source })
}

/// Why this machine cannot isolate, and the setting to change.
#[must_use]
pub fn isolation_error(err: &LaunchError) -> HostError {
    match missing_isolation(err) {
        State::Missing { why, remedy } => HostError::Isolation { why, remedy },
        State::Enforced | State::Advisory(_) => HostError::Isolation { why: err.to_string(), remedy: String::new() },
    }
}

fn missing_isolation(err: &LaunchError) -> State {
    let mut why = err.to_string();
    let mut source = std::error::Error::source(err);
    while let Some(cause) = source {
        why = format!("{why}: {cause}");
        source = cause.source();
    }
    State::Missing { why, remedy: remedy(&|path| fs::read_to_string(path).ok()) }
}

/// The first setting that forbids user namespaces, in words to type. Pure but for `read`.
fn remedy(read: &dyn Fn(&str) -> Option<String>) -> String {
    let value = |path| read(path).map(|text| text.trim().to_owned());
    if value("/proc/sys/user/max_user_namespaces").as_deref() == Some("0") {
        return "run `sysctl -w user.max_user_namespaces=15000` as root".to_owned();
    }
    if value("/proc/sys/kernel/unprivileged_userns_clone").as_deref() == Some("0") {
        return "run `sysctl -w kernel.unprivileged_userns_clone=1` as root".to_owned();
    }
    if value("/proc/sys/kernel/apparmor_restrict_unprivileged_userns").as_deref() == Some("1") {
        return "run `sysctl -w kernel.apparmor_restrict_unprivileged_userns=0` as root".to_owned();
    }
    if value("/proc/sys/user/max_user_namespaces").is_none() {
        return "use a kernel with CONFIG_USER_NS".to_owned();
    }
    "inside of a container, run it with user namespaces, mounts and an unmasked /proc allowed (Docker: --privileged, or \
     --security-opt seccomp=unconfined --security-opt apparmor=unconfined --security-opt systempaths=unconfined)"
        .to_owned()
}

fn limits(cgroups: &Cgroups) -> Vec<Capability> {
    let enforced = cgroups.controllers();
    let needed = [Controller::Memory, Controller::Pids, Controller::Cpu, Controller::Freezer];
    needed
        .into_iter()
        .map(|controller| {
            let state = match enforced.iter().find(|(held, _)| *held == controller) {
                Some((_, version)) => (State::Enforced, version_name(*version)),
                None => (State::Advisory(without(controller).to_owned()), "none"),
            };
            capability(&format!("cgroup {} ({})", controller.name(), state.1), state.0)
        })
        .collect()
}

const fn version_name(version: Version) -> &'static str {
    match version {
        Version::V1 => "v1",
        Version::V2 => "v2",
    }
}

const fn without(controller: Controller) -> &'static str {
    match controller {
        Controller::Memory => "no cgroup: files are bounded by tmpfs sizes, memory of processes is not",
        Controller::Pids => "no cgroup: processes are bounded by an rlimit",
        Controller::Cpu | Controller::CpuAccounting => "no cgroup: processor time is not bounded",
        Controller::Freezer => "no cgroup: a pause stops processes by a signal, and they can tell",
    }
}

enum Found {
    /// In `/usr` or a link into it: every sandbox has it.
    System(PathBuf),
    Elsewhere(Runtime),
    Nowhere,
}

fn runtime_state(wanted: &Wanted) -> State {
    match find(wanted.program) {
        Found::System(_) | Found::Elsewhere(_) => State::Enforced,
        Found::Nowhere => State::Missing {
            why: format!("there is no {} that a sandbox could run", wanted.program),
            remedy: format!("run `apt-get install {}` as root", wanted.package),
        },
    }
}

/// A program: the system's own when there is one, else one on `PATH`, else one of a version manager.
fn find(program: &str) -> Found {
    let system = ["/usr/local/bin", "/usr/bin", "/bin"].map(|folder| Path::new(folder).join(program));
    let seen_inside =
        |path: &PathBuf| fs::canonicalize(path).is_ok_and(|real| real.starts_with("/usr") && executable(&real));
    if let Some(program) = system.into_iter().find(seen_inside) {
        return Found::System(program);
    }
    let homes: Vec<PathBuf> =
        env::var_os("HOME").map(PathBuf::from).into_iter().chain([PathBuf::from("/root")]).collect();
    let on_path = env::var_os("PATH").map(|path| env::split_paths(&path).collect::<Vec<_>>()).unwrap_or_default();
    let managed = homes.iter().flat_map(|home| {
        [".pyenv/versions", ".nvm/versions/node", ".local/share/fnm/node-versions"].map(|at| home.join(at))
    });
    let managed = managed.flat_map(|versions| {
        let mut found: Vec<PathBuf> =
            fs::read_dir(versions).into_iter().flatten().flatten().map(|entry| entry.path().join("bin")).collect();
        // The last name is nearest to the newest version.
        found.sort_unstable_by(|a, b| b.cmp(a));
        found
    });
    for folder in on_path.into_iter().chain(managed) {
        let Ok(real) = fs::canonicalize(folder.join(program)) else { continue };
        // A shim is a script that needs its version manager.
        if !executable(&real) || is_script(&real) {
            continue;
        }
        if let Some(prefix) = rootfs::prefix_of(&real, &homes) {
            return Found::Elsewhere(Runtime { program: real, prefix });
        }
    }
    Found::Nowhere
}

fn executable(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
}

fn is_script(path: &Path) -> bool {
    let mut start = [0u8; 2];
    fs::File::open(path)
        .is_ok_and(|mut file| std::io::Read::read_exact(&mut file, &mut start).is_ok() && &start == b"#!")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_remedy_names_the_setting_that_is_in_the_way() {
        let with = |path: &'static str, value: &'static str| {
            remedy(&move |asked| match asked {
                asked if asked == path => Some(format!("{value}\n")),
                "/proc/sys/user/max_user_namespaces" => Some("1000\n".to_owned()),
                _ => None,
            })
        };
        assert!(with("/proc/sys/user/max_user_namespaces", "0").contains("user.max_user_namespaces"));
        assert!(with("/proc/sys/kernel/unprivileged_userns_clone", "0").contains("unprivileged_userns_clone"));
        assert!(with("/proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1").contains("apparmor"));
        assert!(with("/none", "").contains("container"));
        assert!(remedy(&|_| None).contains("CONFIG_USER_NS"));
    }
}
