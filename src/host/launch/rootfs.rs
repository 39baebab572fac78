//! What of the machine a sandbox sees. Decided once, when the host starts.

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::super::agent::birth::{Bind, RootPlan};

/// Folders at the root that are links on a merged-/usr system and folders on others.
const USR_LINKS: [&str; 6] = ["bin", "sbin", "lib", "lib32", "lib64", "libx32"];

/// Files and folders of `/etc` that programs of `/usr` need and that tell nothing about the machine.
const ETC_BINDS: [&str; 6] =
    ["/etc/ssl/certs", "/etc/alternatives", "/etc/ld.so.cache", "/etc/mime.types", "/etc/services", "/etc/protocols"];

/// Programs of ours, in a folder that no machine's runtime is bound over.
const SUDO: (&str, &str) = ("run/spawnai/bin/sudo", include_str!("sudo.sh"));
const PYTHON: &str = "run/spawnai/bin/python";

const SYSTEM_PATH: &str = "/run/spawnai/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

pub const HOSTNAME: &str = "sandbox";

/// A program outside of `/usr` and the folder that has to be bound so that it runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Runtime {
    pub program: PathBuf,
    pub prefix: PathBuf,
}

/// The root of every sandbox on this machine; `runtimes` are those that do not lie in `/usr`, `python` what goes by
/// that name in there when nothing does on the machine.
#[must_use]
pub fn plan(runtimes: &[Runtime], python: Option<&Path>, memory_mib: u32) -> RootPlan {
    let programs = vec![(SUDO.0.to_owned(), SUDO.1.to_owned())];
    let mut root = RootPlan { binds: vec![bind("/usr")], links: Vec::new(), files: generated(), programs };
    root.links.extend(python.and_then(Path::to_str).map(|python| (PYTHON.to_owned(), python.to_owned())));
    root.files.extend(visible_limit(memory_mib));
    for name in USR_LINKS {
        let path = format!("/{name}");
        match fs::symlink_metadata(&path) {
            Ok(found) if found.is_symlink() => {
                if let Some(target) =
                    fs::read_link(&path).ok().and_then(|target| target.into_os_string().into_string().ok())
                {
                    root.links.push((name.to_owned(), target));
                }
            }
            Ok(found) if found.is_dir() => root.binds.push(bind(&path)),
            Ok(_) | Err(_) => {}
        }
    }
    root.binds.extend(ETC_BINDS.into_iter().filter(|path| Path::new(path).exists()).map(bind));
    root.binds.extend(runtimes.iter().filter_map(|runtime| runtime.prefix.to_str()).map(bind));
    root.links.push(("etc/os-release".to_owned(), "../usr/lib/os-release".to_owned()));
    root.links.push(("etc/mtab".to_owned(), "/proc/self/mounts".to_owned()));
    root.links.push(("var/run".to_owned(), "/run".to_owned()));
    root
}

/// The `PATH` of programs inside: the machine's own folders, then the bound runtimes'.
#[must_use]
pub fn search_path(runtimes: &[Runtime]) -> String {
    let mut path = SYSTEM_PATH.to_owned();
    for folder in runtimes.iter().filter_map(|runtime| runtime.program.parent()).filter_map(Path::to_str) {
        path.push(':');
        path.push_str(folder);
    }
    path
}

/// The prefix to bind for `program`, when it is none of the machine's secrets: `…/bin/program` gives `…`.
///
/// `None` for one that does not lie in a `bin` folder or whose prefix is, or holds, a home folder.
#[must_use]
pub fn prefix_of(program: &Path, homes: &[PathBuf]) -> Option<PathBuf> {
    let bin = program.parent()?;
    let prefix = bin.parent()?;
    // `~/.local/bin/node` would show `~/.local/share`: keyrings, mail, browsers' profiles.
    let shared = |home: &PathBuf| home.starts_with(prefix) || prefix == home.join(".local");
    let private = prefix.parent().is_none() || homes.iter().any(shared);
    (bin.file_name()? == "bin" && !private).then(|| prefix.to_owned())
}

fn bind(path: &str) -> Bind {
    Bind { source: path.to_owned(), target: path.trim_start_matches('/').to_owned() }
}

/// The memory limit where programs look for that of their control group, which they do not see in here.
///
/// node makes its heap fit it, without a flag in the environment of every program.
fn visible_limit(memory_mib: u32) -> impl Iterator<Item = (String, String)> {
    const NAMES: [&str; 4] =
        ["memory.max", "memory.high", "memory/memory.limit_in_bytes", "memory/memory.soft_limit_in_bytes"];
    let bytes = u64::from(memory_mib) << 20;
    NAMES.into_iter().map(move |name| (format!("sys/fs/cgroup/{name}"), format!("{bytes}\n")))
}

fn generated() -> Vec<(String, String)> {
    let hosts = format!("127.0.0.1 localhost\n::1 localhost ip6-localhost\n127.0.1.1 {HOSTNAME}\n");
    [
        ("etc/passwd", "root:x:0:0:root:/root:/bin/bash\nuser:x:1000:1000::/home/user:/bin/bash\nnobody:x:65534:65534::/nonexistent:/usr/sbin/nologin\n"),
        ("etc/group", "root:x:0:\nuser:x:1000:\nnogroup:x:65534:\n"),
        ("etc/hosts", hosts.as_str()),
        ("etc/hostname", "sandbox\n"),
        ("etc/resolv.conf", "# No network beyond this sandbox.\n"),
        ("etc/nsswitch.conf", "passwd: files\ngroup: files\nhosts: files dns\nservices: files\nprotocols: files\n"),
        // A login shell reads this first; the environment is set by whoever starts it.
        ("etc/profile", "umask 022\n"),
        ("etc/shells", "/bin/sh\n/bin/bash\n"),
    ]
    .map(|(path, content)| (path.to_owned(), content.to_owned()))
    .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_prefix_that_holds_no_home_is_bound() {
        let homes = [PathBuf::from("/root"), PathBuf::from("/home/ann")];
        let prefix = |program: &str| prefix_of(Path::new(program), &homes).map(|path| path.display().to_string());
        assert_eq!(prefix("/root/.pyenv/versions/3.12.1/bin/python3").as_deref(), Some("/root/.pyenv/versions/3.12.1"));
        assert_eq!(prefix("/opt/node/bin/node").as_deref(), Some("/opt/node"));
        assert_eq!(prefix("/home/ann/.local/bin/node"), None, "would show keyrings");
        let managed = "/home/ann/.local/share/fnm/node-versions/v22/installation";
        assert_eq!(prefix(&format!("{managed}/bin/node")).as_deref(), Some(managed));
        assert_eq!(prefix("/root/bin/node"), None, "would show all of root's home");
        assert_eq!(prefix("/home/bin/node"), None, "would show every home");
        assert_eq!(prefix("/bin/node"), None, "would show the machine");
        assert_eq!(prefix("/opt/node/node"), None, "no prefix to tell");
    }

    #[test]
    fn the_memory_limit_is_where_programs_look_for_it() {
        let files = plan(&[], None, 512).files;
        for path in ["sys/fs/cgroup/memory.max", "sys/fs/cgroup/memory/memory.limit_in_bytes"] {
            assert!(files.contains(&(path.to_owned(), "536870912\n".to_owned())), "{path}");
        }
    }

    #[test]
    fn bound_runtimes_come_last_in_the_path() {
        let runtime = Runtime { program: "/opt/node/bin/node".into(), prefix: "/opt/node".into() };
        let root = plan(std::slice::from_ref(&runtime), None, 512);
        assert!(root.binds.iter().any(|bind| bind.source == "/opt/node" && bind.target == "opt/node"));
        assert!(!root.binds.iter().any(|bind| bind.source.starts_with("/etc/ssl/private")));
        assert!(search_path(&[runtime]).ends_with(":/bin:/opt/node/bin"));
    }
}
