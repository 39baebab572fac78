//! Programs: which calls start one, which of them everyday apps start, and which do harm by themselves.

use crate::guard::value::HOLE;

/// Programs that builds and everyday scripts start.
pub(super) const TOOLS: [&str; 62] = [
    "clear",
    "cls",
    "title",
    "color",
    "pause",
    "npm",
    "npx",
    "yarn",
    "pnpm",
    "bun",
    "node",
    "python",
    "python3",
    "pip",
    "pip3",
    "uv",
    "poetry",
    "git",
    "make",
    "cmake",
    "tsc",
    "go",
    "cargo",
    "rustc",
    "gcc",
    "g++",
    "javac",
    "java",
    "mvn",
    "gradle",
    "pytest",
    "tox",
    "black",
    "ruff",
    "flake8",
    "mypy",
    "isort",
    "eslint",
    "prettier",
    "webpack",
    "vite",
    "rollup",
    "esbuild",
    "sass",
    "ffmpeg",
    "ffprobe",
    "convert",
    "magick",
    "pandoc",
    "pdflatex",
    "xelatex",
    "latexmk",
    "dot",
    "mkdocs",
    "sphinx-build",
    "jupyter",
    "gunicorn",
    "uvicorn",
    "celery",
    "alembic",
    "flask",
    "pre-commit",
];

/// Programs that do harm, tell what is nobody's business, or run whatever they are told, by the words that follow.
const HARMFUL: [&str; 170] = [
    "sh",
    "bash",
    "zsh",
    "dash",
    "ksh",
    "ash",
    "csh",
    "tcsh",
    "fish",
    "cmd",
    "powershell",
    "pwsh",
    "osascript",
    "busybox",
    "toybox",
    "env",
    "printenv",
    "set",
    "nc",
    "ncat",
    "netcat",
    "socat",
    "telnet",
    "ssh",
    "sshpass",
    "scp",
    "sftp",
    "rsync",
    "ftp",
    "tftp",
    "curl",
    "wget",
    "aria2c",
    "crontab",
    "at",
    "batch",
    "systemctl",
    "service",
    "launchctl",
    "schtasks",
    "reg",
    "sc",
    "net",
    "netsh",
    "wmic",
    "rundll32",
    "regsvr32",
    "mshta",
    "certutil",
    "bitsadmin",
    "cscript",
    "wscript",
    "taskkill",
    "vssadmin",
    "security",
    "sudo",
    "su",
    "doas",
    "pkexec",
    "passwd",
    "useradd",
    "adduser",
    "usermod",
    "chpasswd",
    "visudo",
    "chown",
    "chmod",
    "chattr",
    "mount",
    "umount",
    "dd",
    "mkfs",
    "shred",
    "rm",
    "rmdir",
    "mv",
    "ln",
    "cp",
    "tee",
    "kill",
    "killall",
    "pkill",
    "shutdown",
    "reboot",
    "halt",
    "poweroff",
    "init",
    "docker",
    "podman",
    "kubectl",
    "nsenter",
    "chroot",
    "unshare",
    "setsid",
    "nohup",
    "iptables",
    "nft",
    "ufw",
    "ip",
    "ifconfig",
    "route",
    "arp",
    "hydra",
    "tcpdump",
    "tshark",
    "nmap",
    "masscan",
    "strace",
    "ltrace",
    "gdb",
    "insmod",
    "modprobe",
    "xmrig",
    "minerd",
    "cpuminer",
    "ngrok",
    "cloudflared",
    "lt",
    "gpg",
    "openssl",
    "base64",
    "xxd",
    "eval",
    "exec",
    "source",
    "screen",
    "tmux",
    "script",
    "cat",
    "find",
    "xargs",
    "parallel",
    "awk",
    "gawk",
    "sed",
    "perl",
    "ruby",
    "php",
    "lua",
    "vim",
    "vi",
    "ed",
    "expect",
    "stress",
    "yes",
    "mkfifo",
    "mknod",
    "getent",
    "whoami",
    "id",
    "last",
    "who",
    "w",
    "history",
    "xclip",
    "xsel",
    "pbpaste",
    "screencapture",
    "scrot",
    "import",
    "arecord",
    "keyctl",
    "stty",
    "scapy",
    "proxychains",
    "tor",
    "watch",
    "timeout",
    "nice",
    "time",
];

/// Where a system keeps its programs.
const FOLDERS: [&str; 4] = ["/usr/bin/", "/bin/", "/usr/local/bin/", "/opt/homebrew/bin/"];

/// Whether a program stands in the file with all that it is told, and is none of those that do harm by themselves.
pub(super) fn is_fixed(words: &[String]) -> bool {
    let Some(first) = words.first() else { return false };
    let name = FOLDERS.iter().find_map(|folder| first.strip_prefix(folder)).unwrap_or(first);
    let program = name.trim_end_matches(".exe");
    let named = program.starts_with(|c: char| c.is_ascii_alphanumeric())
        && program.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'+'));
    named
        && !HARMFUL.contains(&program)
        && !program.starts_with("mkfs")
        && !words.iter().any(|word| word.contains([HOLE, ';', '|', '&', '`', '$', '<', '>']))
}

/// Programs that make one file of another, whatever its name is.
pub(super) fn is_converter(program: &str) -> bool {
    matches!(program, "ffmpeg" | "ffprobe" | "convert" | "magick" | "pandoc" | "sass" | "pdflatex" | "xelatex" | "dot")
}

/// Whether a call starts a program, and if so, whether by a shell.
pub(super) fn starts(path: &str) -> Option<bool> {
    match path {
        "os.system"
        | "os.popen"
        | "os.popen2"
        | "os.popen3"
        | "subprocess.getoutput"
        | "subprocess.getstatusoutput"
        | "os.startfile"
        | "asyncio.create_subprocess_shell"
        | "commands.getoutput"
        | "child_process.exec"
        | "child_process.execSync"
        | "nt.system"
        | "posix.system"
        | "platform.popen"
        | "bun.$"
        | "Bun.$"
        | "asyncio.subprocess.create_subprocess_shell" => Some(true),
        "subprocess.run"
        | "subprocess.call"
        | "subprocess.check_call"
        | "subprocess.check_output"
        | "subprocess.Popen"
        | "asyncio.create_subprocess_exec"
        | "child_process.spawn"
        | "child_process.spawnSync"
        | "child_process.execFile"
        | "child_process.execFileSync"
        | "child_process.fork"
        | "Deno.run"
        | "Deno.Command"
        | "Bun.spawn"
        | "Bun.spawnSync"
        | "os.posix_spawn"
        | "os.posix_spawnp"
        | "_posixsubprocess.fork_exec" => Some(false),
        path if path.starts_with("os.exec") || path.starts_with("os.spawn") => Some(false),
        _ => None,
    }
}
