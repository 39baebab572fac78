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
        "cp" | "mv" | "tee" | "install" | "ln" => args.iter().any(|arg| {
            arg.starts_with("/etc/cron")
                || arg.starts_with("/etc/systemd")
                || arg.starts_with("/etc/init.d")
                || arg.ends_with("authorized_keys")
                || arg.starts_with("/etc/profile")
                || arg.starts_with("/etc/sudoers")
                || arg.ends_with(".bashrc")
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
        "ssh"
            if args.iter().any(|arg| {
                matches!(arg.as_str(), "-R" | "-D" | "-w")
                    || arg.starts_with("-R")
                    || arg.starts_with("-fNR")
                    || arg.contains("NR")
            }) =>
        {
            found.add(&network::TUNNEL, line, "`ssh` opens a way back in");
        }
        "ngrok" | "cloudflared" | "lt" | "localtunnel" | "chisel" | "frpc" | "bore" | "pagekite" | "zrok"
        | "tailscale" | "gsocket" => {
            found.add(&network::TUNNEL, line, &format!("`{program}`"));
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
        "systemctl" if has(args, &["enable"]) => found.hint(&PERSIST, line, "a service is started with the machine"),
        "ssh" | "scp" | "sftp" | "ftp" => found.hint(&REMOTE, line, &format!("`{program}`")),
        _ => {}
    }
    if command.words.first().is_some_and(|word| word.starts_with("LD_PRELOAD=")) {
        found.add(&PRIVILEGE, line, "a library is put in front of all others");
    }
}
