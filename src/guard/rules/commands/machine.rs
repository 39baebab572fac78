//! What a command does to the machine, and whom it lets in.

use super::{DESTROY, DOWNLOAD, PERSIST, PRIVILEGE, REMOTE, has};
use crate::guard::rules::{network, spawn};
use crate::guard::{found::Found, read::shell::Command, value::HOLE};

pub(super) fn redirects(command: &Command, line: usize, found: &mut Found<'_>) {
    for target in &command.redirects {
        let starts = |starts: &[&str]| starts.iter().any(|start| target.starts_with(start));
        let ends = |ends: &[&str]| ends.iter().any(|end| target.ends_with(end));
        if target.starts_with("/dev/sd") || target.starts_with("/dev/nvme") || target.starts_with("/dev/mem") {
            found.add(&DESTROY, line, "it writes over a disk");
        } else if target.contains("sudoers")
            || target.contains("ld.so.preload")
            || target == "/etc/passwd"
            || target == "/etc/shadow"
        {
            found.add(&PRIVILEGE, line, &format!("it writes to {target}"));
        } else if starts(&["/etc/", "/root/", "/usr/", "/lib/", "/boot/"]) && target != "/etc/hosts"
            || ends(&[".bashrc", ".profile", ".bash_profile", ".zshrc", "authorized_keys"])
        {
            found.add(&PERSIST, line, &format!("it writes to {target}"));
        }
    }
}

pub(super) fn destroys(program: &str, args: &[String], line: usize, found: &mut Found<'_>) {
    let system = |path: &String| {
        let path = path.trim_end_matches(['*', '.']);
        let path = if path.len() > 1 && path.chars().all(|c| c == '/') { "/" } else { path };
        let root = matches!(
            path,
            "/" | "~"
                | "~/"
                | "/home"
                | "/home/"
                | "/etc"
                | "/etc/"
                | "/usr"
                | "/usr/"
                | "/var"
                | "/var/"
                | "/bin"
                | "/lib"
                | "/boot"
                | "/root"
                | "/root/"
                | "/opt"
                | "/srv"
                | "C:\\"
                | "c:\\"
        );
        root || path == HOLE.to_string() && args.iter().any(|arg| arg == "--no-preserve-root")
    };
    let on_system = args.iter().any(system);
    let on_disk = args.iter().any(|arg| {
        arg.contains("/dev/sd")
            || arg.contains("/dev/nvme")
            || arg.contains("/dev/vd")
            || arg.contains("/dev/xvd")
            || arg.contains("/dev/hd")
            || arg.contains("/dev/mmcblk")
    });
    let destroys = match program {
        "rm" | "shred" | "unlink" | "del" | "rmdir" | "rd" | "Remove-Item" | "srm" => {
            on_system || on_disk || has(args, &["--no-preserve-root"])
        }
        "dd" | "wipefs" | "fdisk" | "parted" | "sgdisk" | "blkdiscard" => {
            on_disk || args.iter().any(|arg| arg.starts_with("of=/dev/") && arg != "of=/dev/null")
        }
        "mv" | "truncate" | "cp" => on_system && args.iter().any(|arg| arg == "/dev/null") || on_disk,
        "chmod" | "chown" | "chattr" => on_system,
        "shutdown" | "reboot" | "halt" | "poweroff" => true,
        "init" | "telinit" => has(args, &["0", "6"]),
        "kill" => has(args, &["-1"]) && args.len() > 1 || args.last().is_some_and(|pid| pid == "1" || pid == "-1"),
        "find" => on_system && (has(args, &["-delete"]) || args.iter().any(|arg| arg == "rm" || arg == "shred")),
        "format" => args.iter().any(|arg| arg.len() == 2 && arg.ends_with(':')),
        "crontab" => has(args, &["-r"]),
        "git" => false,
        program => program.starts_with("mkfs"),
    };
    if destroys {
        found.add(&DESTROY, line, &format!("`{program} {}`", args.join(" ").replace(HOLE, "…")));
    }
}

/// The file that a command encrypts.
pub(in crate::guard) fn sealed(command: &Command) -> Option<&str> {
    let args = command.args();
    let file = match command.program() {
        "openssl" if has(args, &["enc", "smime", "pkeyutl"]) && !has(args, &["-d", "-decrypt"]) => {
            let named = args.iter().zip(args.iter().skip(1)).find(|(option, _)| *option == "-in");
            named.map(|(_, file)| file).or(command.redirects.first().filter(|_| command.feeds.is_empty()))
        }
        "gpg" | "gpg2" if has(args, &["-c", "-e", "--symmetric", "--encrypt"]) => args.last(),
        "age" if !has(args, &["-d", "--decrypt"]) => args.last(),
        _ => None,
    };
    // One that has a name is the app's own.
    file.map(String::as_str).filter(|file| file.contains(HOLE) && !file.contains(char::is_alphanumeric))
}

/// Whether a command removes the file, once another has encrypted it.
pub(in crate::guard) fn clears(command: &Command, file: &str) -> bool {
    let args = command.args();
    match command.program() {
        "rm" | "shred" | "unlink" | "srm" | "wipe" => args.iter().any(|arg| arg == file),
        "mv" | "cp" => args.last().is_some_and(|arg| arg == file),
        _ => false,
    }
}

/// What destroys more than the app owns when a variable is other than was thought.
pub(super) fn may_destroy(program: &str, args: &[String], line: usize, found: &mut Found<'_>) {
    // `rm -rf "$X"/*` is `rm -rf /*` when nobody sets X.
    let unset = args.iter().any(|arg| {
        arg.starts_with(&format!("{HOLE}/"))
            && arg.trim_start_matches(HOLE).trim_start_matches('/').trim_start_matches('*').is_empty()
    });
    let recursive = args.iter().any(|arg| arg.starts_with('-') && !arg.starts_with("--") && arg.contains(['r', 'R']));
    let enciphers = program == "openssl" && has(args, &["enc"]) && !has(args, &["-d"]);
    if enciphers && args.iter().any(|arg| arg == "-in") && args.iter().any(|arg| arg.contains(HOLE)) {
        found.hint(&DESTROY, line, "it encrypts one file after another");
    }
    if program == "rm" && recursive && unset {
        found.hint(&DESTROY, line, "what it removes depends on a variable that may be empty");
    }
}

pub(super) fn privileges(program: &str, args: &[String], line: usize, found: &mut Found<'_>) {
    let takes = match program {
        "chmod" => args.iter().any(|arg| {
            arg.contains("+s")
                || arg.len() == 4 && arg.starts_with(['4', '2', '6']) && arg.chars().all(|c| c.is_ascii_digit())
        }),
        "setcap" | "nsenter" | "insmod" | "modprobe" | "visudo" | "chroot" | "unshare" | "usermod" | "passwd"
        | "chpasswd" | "iptables" | "nft" | "ufw" | "setenforce" => true,
        "useradd" | "adduser" => args.iter().any(|arg| arg == "0" || arg == "sudo" || arg == "wheel"),
        "docker" | "podman" => {
            has(args, &["--privileged", "--pid=host", "--net=host"])
                || args.iter().any(|arg| arg.starts_with("/:/") || arg.contains("docker.sock"))
        }
        "mount" => !args.is_empty(),
        _ => false,
    };
    if takes {
        found.add(&PRIVILEGE, line, &format!("`{program}`"));
    }
    let stays = match program {
        "sed" | "ed" | "ex" if !args.iter().any(|arg| arg.starts_with("-i")) && program == "sed" => false,
        "cp" | "mv" | "tee" | "install" | "ln" | "sed" | "ed" | "ex" => args.iter().any(|arg| {
            arg.starts_with("/etc/cron")
                || arg.starts_with("/etc/systemd")
                || arg.starts_with("/etc/init.d")
                || arg.ends_with("authorized_keys")
                || arg.starts_with("/etc/profile")
                || arg.starts_with("/etc/sudoers")
                || arg.starts_with("/etc/rc.")
                || arg.starts_with("/etc/pam.d")
                || matches!(arg.as_str(), "/etc/passwd" | "/etc/shadow" | "/etc/ld.so.preload" | "/etc/environment")
                || arg.ends_with(".bashrc")
                || arg.ends_with(".profile")
                || arg.ends_with(".bash_profile")
                || arg.ends_with(".zshrc")
        }),
        _ => false,
    };
    if stays {
        found.add(&PERSIST, line, &format!("`{program}` puts it where it is started again"));
    }
}

pub(super) fn remote(command: &Command, program: &str, args: &[String], line: usize, found: &mut Found<'_>) {
    match program {
        // `$part.c.example.net`: what is asked for is what is told.
        "nslookup" | "dig" | "host" | "drill" if args.iter().any(|arg| arg.contains("\u{fffc}.")) => {
            found.add(&super::harvest::CREDENTIALS, line, "data goes out as the name that is looked up");
        }
        "nc" | "ncat" | "netcat" | "socat" | "telnet" => {
            let shell = args.iter().any(|arg| {
                matches!(arg.as_str(), "-e" | "-c" | "--exec" | "--sh-exec")
                    || arg.contains("EXEC:")
                    || arg.contains("exec:")
            });
            if shell {
                found.add(&spawn::REVERSE_SHELL, line, &format!("`{program}` gives away a shell"));
            }
            if shell || !args.iter().any(|arg| arg.starts_with('-') && arg.contains('z')) {
                found.add(&REMOTE, line, &format!("`{program}`"));
            }
        }
        "xmrig" | "minerd" | "cpuminer" | "ethminer" | "nbminer" | "t-rex" | "phoenixminer" | "xmr-stak"
        | "bfgminer" | "cgminer" => {
            found.add(&network::MINER, line, &format!("`{program}`"));
        }
        "certutil" | "bitsadmin" | "mshta" | "rundll32" | "regsvr32" | "iex" | "IEX" | "Invoke-Expression" => {
            found.add(&DOWNLOAD, line, &format!("`{program}`"))
        }
        "crontab" if !has(args, &["-l", "-r", "-e"]) => {
            let text = command.feeds.join(" ");
            let remote = ["curl", "wget", "nc ", "base64", "bash -i", "/tmp/", "python -c"]
                .iter()
                .any(|word| text.contains(word));
            if remote {
                found.add(&PERSIST, line, "a job of cron fetches what it runs")
            } else {
                found.hint(&PERSIST, line, "a job of cron outlives the app")
            }
        }
        "sshd" | "dropbear" | "telnetd" | "in.telnetd" | "vncserver" | "x11vnc" | "ttyd" | "gotty" | "wetty" => {
            found.add(&REMOTE, line, &format!("`{program}` lets others in"))
        }
        "systemctl" if has(args, &["enable"]) => found.hint(&PERSIST, line, "a service is started with the machine"),
        "ssh" | "scp" | "sftp" | "ftp" => found.hint(&REMOTE, line, &format!("`{program}`")),
        _ => {}
    }
    for set in &command.sets {
        let Some((name, value)) = set.split_once('=') else { continue };
        match name {
            // Other allocators are put there, from where the system keeps its libraries.
            "LD_PRELOAD" | "LD_AUDIT" | "DYLD_INSERT_LIBRARIES"
                if value.starts_with("/usr/lib/")
                    || value.starts_with("/usr/local/lib/")
                    || value.starts_with("lib") =>
            {
                found.hint(&PRIVILEGE, line, "a library is put in front of all others")
            }
            "LD_PRELOAD" | "LD_AUDIT" | "DYLD_INSERT_LIBRARIES" if !value.is_empty() => {
                found.add(&PRIVILEGE, line, "a library is put in front of all others")
            }
            _ => super::variable(name, value, line, found),
        }
    }
    let talks = matches!(program, "openssl" | "nc" | "ncat" | "netcat" | "socat" | "telnet");
    let fed_by_shell = command.feeds.iter().any(|feed| is_interactive(feed.split_whitespace()));
    let on_pipe = is_interactive(command.words.iter().map(String::as_str))
        && (!command.redirects.is_empty() || !command.feeds.is_empty());
    if talks && fed_by_shell || on_pipe {
        found.add(&spawn::REVERSE_SHELL, line, "a shell takes its commands from elsewhere");
    }
}

/// `/bin/sh -i`: a shell that takes one command after another.
fn is_interactive<'w>(mut words: impl Iterator<Item = &'w str>) -> bool {
    let program = words.next().unwrap_or_default();
    super::programs::is_shell(program.rsplit('/').next().unwrap_or(program)) && words.next() == Some("-i")
}
