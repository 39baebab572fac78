//! Paths: which are the app's own, and which are somebody else's.

use std::{borrow::Cow, sync::OnceLock};

use aho_corasick::AhoCorasick;

use crate::guard::value::HOLE;

/// Bytes of a text that can be a path.
pub(super) const PATH_BYTES_MAX: usize = 512;

/// Parts of paths that lead to credentials, or to what they are kept in.
const CREDENTIALS: [&str; 58] = [
    "/etc/passwd",
    "/etc/shadow",
    "/etc/sudoers",
    "/etc/gshadow",
    ".ssh/id_",
    ".ssh/authorized_keys",
    ".ssh/known_hosts",
    ".aws/credentials",
    ".aws/config",
    ".git-credentials",
    ".docker/config.json",
    ".kube/config",
    ".config/gcloud",
    ".azure/",
    ".npmrc",
    ".pypirc",
    ".netrc",
    ".gnupg/",
    "/proc/self/environ",
    "/proc/1/",
    "/var/run/docker.sock",
    "/run/docker.sock",
    "wallet.dat",
    "Login Data",
    "logins.json",
    "key4.db",
    ".bash_history",
    ".zsh_history",
    "/run/secrets/",
    "/var/run/secrets/",
    ".mozilla/firefox",
    "Google/Chrome/User Data",
    ".config/google-chrome",
    "Local State",
    ".electrum",
    "exodus.wallet",
    "/.ethereum/keystore",
    "/.bitcoin/",
    "/.vault-token",
    ".pgpass",
    "Local Storage/leveldb",
    "Telegram Desktop/tdata",
    ".config/solana/id.json",
    ".config/gh/hosts.yml",
    ".terraform.d/credentials",
    ".cargo/credentials",
    ".m2/settings.xml",
    ".local/share/keyrings",
    "Library/Keychains",
    ".password-store",
    "/etc/krb5.keytab",
    "/etc/kubernetes/admin.conf",
    ".atomic/Local Storage",
    "nkbihfbeogaeaoehlefnkodbefgpgknn",
    "Network/Cookies",
    "Default/Cookies",
    "Exodus/exodus.wallet",
    "Ethereum/keystore",
];

/// Folders that hold credentials and little else.
const FOLDERS: [&str; 3] = ["/.ssh", "/.aws", "/.gnupg"];

/// Whether a path leads to somebody's credentials.
pub(in crate::guard) fn is_credential_file(path: &str) -> bool {
    let path = path.trim();
    // Most texts of a program are no path at all.
    if !path.contains(['/', '\\', '.', ' ']) {
        return false;
    }
    if path.len() < 5 || path.len() > PATH_BYTES_MAX || path.contains('\n') {
        return false;
    }
    let slashed = if path.contains('\\') { Cow::Owned(path.replace('\\', "/")) } else { Cow::Borrowed(path) };
    let ends = |suffix: &str| slashed.ends_with(suffix);
    // Nearly all paths have none of these parts, and are done with after one look.
    static PARTS: OnceLock<Option<AhoCorasick>> = OnceLock::new();
    let parts = PARTS.get_or_init(|| AhoCorasick::new(CREDENTIALS.iter().chain(&FOLDERS)).ok());
    if parts.as_ref().is_some_and(|parts| !parts.is_match(&*slashed)) {
        return false;
    }
    CREDENTIALS.iter().any(|part| match *part {
        // Names that are words elsewhere count at the end of a path only.
        "Login Data" | "Local State" | ".npmrc" | ".netrc" | ".pypirc" | ".pgpass" | "logins.json" | "key4.db"
        | "wallet.dat" => {
            ends(part)
                && slashed.contains(['/', '.'])
                && (slashed.starts_with(['/', '~', '.', HOLE]) || slashed.contains('/') || slashed == *part)
        }
        part => {
            slashed.contains(part) && !slashed.contains(' ')
                || slashed.contains(part) && slashed.starts_with(['/', '~', HOLE])
        }
    }) || FOLDERS.iter().any(|folder| ends(folder))
}

/// Where apps may read and write.
const FINE: [&str; 40] = [
    "/tmp/",
    "/app/",
    "/data/",
    "/srv/",
    "/workspace/",
    "/code/",
    "/usr/src/app",
    "/home/user/",
    "/dev/null",
    "/dev/stdin",
    "/dev/stdout",
    "/dev/stderr",
    "/dev/fd/",
    "/dev/shm/",
    "/dev/urandom",
    "/dev/random",
    "/dev/zero",
    "/dev/tty",
    "/proc/cpuinfo",
    "/proc/meminfo",
    "/proc/loadavg",
    "/proc/uptime",
    "/proc/stat",
    "/proc/net/dev",
    "/proc/diskstats",
    "/proc/self/status",
    "/proc/version",
    "/sys/class/",
    "/sys/fs/cgroup/",
    "/etc/os-release",
    "/etc/hostname",
    "/etc/timezone",
    "/etc/localtime",
    "/etc/mime.types",
    "/etc/ssl/certs",
    "/usr/share/",
    "/var/tmp/",
    "/var/www/",
    "/var/data/",
    "/var/lib/app",
];

/// What is to be thought of a path.
pub(super) enum Place {
    Fine,
    Odd(&'static str),
    Outside(&'static str),
}

/// Whether it holds the app's own keys: the app reads it, and nobody else gets it.
pub(in crate::guard) fn is_settings_file(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    name == ".env"
        || name.strip_prefix(".env.").is_some_and(|of| !matches!(of, "example" | "sample" | "template" | "dist"))
}

/// Whether it is a log or a history by which the machine's owner learns what was done.
pub(super) fn is_trace(path: &str) -> bool {
    const LOGS: [&str; 14] = [
        "auth.log", "secure", "wtmp", "btmp", "utmp", "lastlog", "faillog", "audit", "syslog", "messages", "kern.log",
        "journal", "cron.log", "sudo.log",
    ];
    const HISTORIES: [&str; 6] =
        [".bash_history", ".zsh_history", ".sh_history", ".ash_history", "fish_history", ".python_history"];
    let log = path.strip_prefix("/var/log/").or_else(|| path.strip_prefix("/run/log/"));
    log.is_some_and(|log| LOGS.iter().any(|name| log.starts_with(name)))
        || path == "/var/run/utmp"
        || HISTORIES.iter().any(|name| path.ends_with(name))
}

/// Files that start programs by themselves: at a login, at the machine's start, or by the clock.
fn is_starter(path: &str) -> bool {
    const FILES: [&str; 8] =
        ["/.bashrc", "/.bash_profile", "/.profile", "/.zshrc", "/.zprofile", "/.zshenv", "/.bash_login", "/.xinitrc"];
    const FOLDERS: [&str; 6] = [
        "/.config/autostart",
        "/Library/LaunchAgents",
        "/Library/LaunchDaemons",
        "Start Menu/Programs/Startup",
        "/.config/systemd/user",
        "/.git/hooks/",
    ];
    FILES.iter().any(|name| path.ends_with(name)) || FOLDERS.iter().any(|name| path.contains(name))
}

/// Whether parts that were joined lead from somebody's home to credentials.
pub(in crate::guard) fn is_credential_path(path: &str) -> bool {
    CREDENTIALS.iter().any(|part| part.starts_with('.') && part.contains('/') && path.starts_with(part))
        || FOLDERS.iter().any(|folder| path.strip_prefix(&folder[1..]).is_some_and(|rest| rest.starts_with("/id_")))
}

/// Whether a text by itself is a folder of the system, or below one.
pub(in crate::guard) fn is_system_path(path: &str) -> bool {
    let open = path == "/" || ["/etc", "/root", "/proc", "/home"].iter().any(|folder| path.starts_with(folder));
    open && !path.contains(char::is_whitespace) && matches!(place(path), Place::Outside(_))
}

/// What is to be thought of a path that is opened.
pub(super) fn place(path: &str) -> Place {
    if is_credential_file(path) {
        return Place::Outside("a file of credentials");
    }
    if is_trace(path) {
        return Place::Outside("a log or a history of the machine");
    }
    if is_starter(path) {
        return Place::Outside("a file that starts programs by itself");
    }
    let path = path.trim_start_matches("file://");
    let up = path.matches("../").count();
    let below = path.trim_start_matches("../");
    let system =
        ["etc/", "root/", "proc/", "home/", "boot/", "sys/", "var/"].iter().any(|folder| below.starts_with(folder));
    if path.starts_with("../") && system || up >= 4 {
        return Place::Outside("a way up and out of the app's folder");
    }
    if let Some(rest) = path.strip_prefix("~/").or_else(|| path.strip_prefix("$HOME/")) {
        return if rest.starts_with('.') {
            Place::Outside("the user's own settings")
        } else {
            Place::Odd("the user's home")
        };
    }
    if path.contains(":\\Windows") || path.contains(":/Windows") || path.contains(":\\Users") {
        return Place::Outside("a folder of the system");
    }
    if !path.starts_with('/') || path.starts_with("//") {
        return Place::Fine;
    }
    if FINE.iter().any(|start| path.starts_with(start)) || matches!(path, "/tmp" | "/app" | "/data") {
        return Place::Fine;
    }
    let system = ["/etc", "/root", "/proc", "/sys", "/boot", "/dev", "/usr", "/bin", "/sbin", "/lib", "/run"];
    if path == "/"
        || system.iter().any(|folder| {
            path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', HOLE]))
        })
    {
        return Place::Outside("a folder of the system");
    }
    if path.starts_with("/home/") && path.contains("/.") {
        return Place::Outside("a user's own settings");
    }
    Place::Odd("an absolute path")
}
