//! Programs that run others: what they are given to run, and what they install.

use super::{DOWNLOAD, has};
use crate::guard::rules::{packages, spawn};
use crate::guard::{
    found::Found,
    hosts,
    read::{Language, shell::Command},
    value::HOLE,
};

/// Hosts whose installers are the official way, and are read by many.
const INSTALLERS: [&str; 13] = [
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

/// Hosts from which well-known programs are handed out.
const RELEASES: [&str; 12] = [
    "github.com",
    "githubusercontent.com",
    "gitlab.com",
    "dl.k8s.io",
    "storage.googleapis.com",
    "releases.hashicorp.com",
    "dl.google.com",
    "nodejs.org",
    "go.dev",
    "dl.min.io",
    "awscli.amazonaws.com",
    "download.docker.com",
];

/// Whether all that a command loads comes from hosts that hand out well-known programs.
pub(in crate::guard) fn is_trusted(command: &Command) -> bool {
    let hosts: Vec<String> = command.words.iter().flat_map(|word| hosts::named(word)).collect();
    !hosts.is_empty()
        && !command.words.iter().any(|word| word.starts_with("http://"))
        && hosts.iter().all(|host| {
            INSTALLERS.contains(&host.as_str()) || RELEASES.iter().any(|under| hosts::is_under(host, under))
        })
}

pub(in crate::guard) fn is_interpreter(program: &str) -> bool {
    is_shell(program)
        || matches!(program, "node" | "perl" | "ruby" | "php" | "deno" | "bun" | "lua")
        || program.starts_with("python")
}

pub(super) fn is_shell(program: &str) -> bool {
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

/// What is run without having been read.
pub(super) fn runs(command: &Command, program: &str, args: &[String], line: usize, found: &mut Found<'_>) {
    let makes = |feed: &String| {
        let mut words = feed.split_whitespace();
        let first = words.next().map(|word| word.rsplit('/').next().unwrap_or(word)).unwrap_or_default();
        let first = match first {
            "sudo" => words.next().unwrap_or_default(),
            "xargs" => words.find(|word| !word.starts_with('-')).unwrap_or_default(),
            first => first,
        };
        match first {
            "curl" | "wget" | "fetch" | "lynx" | "aria2c" | "http" => {
                let known = hosts::named(feed).iter().any(|host| INSTALLERS.contains(&host.as_str()));
                !known
            }
            "base64" | "base32" | "xxd" | "openssl" | "gunzip" | "zcat" | "uudecode" | "rev" | "tr" | "gzip" | "nc"
            | "hexdump" | "printf" => true,
            "perl" | "ruby" | "php" | "python" | "python3" | "awk" | "sed" => {
                ["chr", "pack", "hex", "decode", "\\x"].iter().any(|word| feed.contains(word))
            }
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
    let path = command.path();
    let temporary = ["/tmp/", "/var/tmp/", "/dev/shm/"].iter().any(|folder| path.starts_with(folder));
    if temporary || path.starts_with('/') && path.contains(['?', '*', '[']) {
        found.add(&DOWNLOAD, line, &format!("`{path}` is run"));
    }
}

/// Programs inside of a command: `sh -c`, `python -c`, `node -e`.
pub(super) fn inline(command: &Command, program: &str, args: &[String], line: usize, found: &mut Found<'_>) {
    for text in &command.inputs {
        if program.starts_with("python") {
            found.nest(Language::Python, text, line);
        } else if matches!(program, "node" | "bun" | "deno") {
            found.nest(Language::JavaScript, text, line);
        } else if is_shell(program) {
            found.nest(Language::Shell, text, line);
        }
    }
    let code =
        |options: &[&str]| args.iter().position(|arg| options.contains(&arg.as_str())).and_then(|at| args.get(at + 1));
    match program {
        program if program.starts_with("python") => {
            if let Some(code) = code(&["-c"]) {
                found.nest(Language::Python, code, line);
            }
        }
        "node" | "bun" => {
            for data in args.iter().filter(|arg| arg.contains("data:text/javascript")) {
                found.add(&DOWNLOAD, line, "a module is loaded from its own text");
                found.nest(Language::JavaScript, data.split_once(',').map_or("", |(_, code)| code), line);
            }
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
        _ => handed(program, args, line, found),
    }
}

/// Commands that other programs are given to run.
fn handed(program: &str, args: &[String], line: usize, found: &mut Found<'_>) {
    match program {
        "alias" => {
            for (_, text) in args.iter().filter_map(|arg| arg.split_once('=')) {
                found.nest(Language::Shell, text, line);
            }
        }
        // Whatever has blanks in it is a command.
        "concurrently"
        | "npm-run-all"
        | "run-p"
        | "run-s"
        | "parallel"
        | "nodemon"
        | "screen"
        | "tmux"
        | "script"
        | "watch"
        | "su"
        | "flock"
        | "entr"
        | "chokidar"
        | "onchange"
        | "start-server-and-test"
        | "wait-on"
        | "dotenv"
        | "runuser"
        | "daemonize"
        | "supervise" => {
            for text in args.iter().filter(|arg| arg.contains(' ')) {
                found.nest(Language::Shell, text, line);
            }
        }
        "trap" => found.nest(Language::Shell, args.first().map_or("", String::as_str), line),
        "awk" | "gawk" | "mawk" | "nawk" => {
            if args.iter().any(|arg| arg.contains("/inet/")) {
                found.add(&spawn::REVERSE_SHELL, line, "awk speaks to a socket");
            }
            for text in args.iter().flat_map(|arg| arg.split("system(").skip(1)) {
                let command = text.trim_start().strip_prefix('"').and_then(|text| text.split_once('"'));
                found.nest(Language::Shell, command.map_or("", |(command, _)| command), line);
            }
        }
        _ => {}
    }
}

/// Packages that a command installs.
pub(super) fn installs(program: &str, args: &[String], line: usize, found: &mut Found<'_>) {
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
