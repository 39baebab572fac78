//! What a program is told: whether all of it is at hand, and nothing of it leads out of the app or runs something else.
//!
//! ```text
//!   git log -1                ─► Fixed     a tool, and all that it is told stands there
//!   python report.py □        ─► Open      a part of it is not known
//!   node -e …, sh, git -c …   ─► Refused   it runs what nobody has read, or is no tool that is known
//! ```
//! Tools are a list, and so is what git may do by itself. Options are held against what makes programs run others.

use super::programs::{is_built_in, is_converter, is_tool, name, shows};
use crate::guard::value::HOLE;

/// How far the words of a command are known to be harmless.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Told {
    Fixed,
    Open,
    Refused,
}

/// Interpreters and shells, and programs that start others: nobody tells a tool of one but to have it run.
const RUNNERS: [&str; 34] = [
    "sh",
    "bash",
    "zsh",
    "dash",
    "ksh",
    "ash",
    "fish",
    "csh",
    "tcsh",
    "busybox",
    "cmd",
    "powershell",
    "pwsh",
    "perl",
    "ruby",
    "php",
    "lua",
    "tclsh",
    "Rscript",
    "osascript",
    "awk",
    "gawk",
    "mawk",
    "env",
    "xargs",
    "nohup",
    "setsid",
    "timeout",
    "stdbuf",
    "sudo",
    "su",
    "curl",
    "wget",
    "nc",
];

/// Parts of options by which programs run others, or load what the app does not name.
const RUNNING: [&str; 24] = [
    "exec",
    "eval",
    "checkpoint",
    "to-command",
    "shell",
    "upload-pack",
    "receive-pack",
    "ssh-command",
    "sshcommand",
    "askpass",
    "--call",
    "wrapper",
    "-fplugin",
    "-specs",
    "linker",
    "-xx:on",
    "-agent",
    "-javaagent",
    "--filter",
    "--lua-filter",
    "-engine",
    "hook",
    "compress-program",
    "fsmonitor",
];

/// Judges all commands of one line.
pub(super) fn line(commands: &[Vec<String>], shell: bool) -> Told {
    let Some(first) = commands.first() else { return Told::Refused };
    // A shell is for tools; whoever wants to know what `uname` says needs none.
    let needless = shell && first.first().is_none_or(|first| !is_tool(name(first)));
    if needless {
        return Told::Refused;
    }
    let each = commands.iter().enumerate().map(|(at, words)| {
        let built_in = at > 0 && words.first().is_some_and(|first| is_built_in(name(first)));
        if built_in { arguments(words.get(1..).unwrap_or_default(), true) } else { words_of(words) }
    });
    each.max().unwrap_or(Told::Refused)
}

/// Judges a program and its arguments.
fn words_of(words: &[String]) -> Told {
    let Some((first, args)) = words.split_first() else { return Told::Refused };
    let program = name(in_own_folder(first));
    let known = is_tool(program) || shows(program);
    if !known || args.iter().any(|arg| runs(arg, program) || leads_out(arg, program)) {
        return Told::Refused;
    }
    let own = match program {
        "node" | "python" | "bun" => script(program, args),
        "git" => git(args),
        _ => refused(program, args),
    };
    let strict = shows(program);
    // Which folder the program is in is not known.
    let own = own.max(arguments(std::slice::from_ref(first), false));
    own.max(if is_converter(program) { files(args) } else { arguments(args, strict) })
}

/// A program that the app has installed for itself is what its name says.
fn in_own_folder(first: &str) -> &str {
    let (folder, name) = first.rsplit_once('/').unwrap_or(("", first));
    let own = folder.contains(HOLE) || folder.contains("venv/") || folder.ends_with("node_modules/.bin");
    if own && !is_outside(folder, false) { name } else { first }
}

/// Names of files may be whatever the app makes of them, as long as they are no options.
fn files(args: &[String]) -> Told {
    let piped = args.iter().any(|arg| arg.starts_with('|'));
    if piped { Told::Refused } else { Told::Fixed }
}

fn arguments(args: &[String], strict: bool) -> Told {
    if !args.iter().any(|arg| arg.contains(HOLE)) {
        Told::Fixed
    } else if strict {
        Told::Refused
    } else {
        Told::Open
    }
}

/// Whether an argument has a program run something else.
fn runs(arg: &str, program: &str) -> bool {
    if !arg.starts_with('-') {
        let base = arg.rsplit('/').next().unwrap_or(arg);
        let shell = arg.get(..6).is_some_and(|start| start.eq_ignore_ascii_case("shell="));
        return shell || RUNNERS.contains(&name(base)) && program != "which" && program != "whereis";
    }
    let option = arg.to_ascii_lowercase();
    let option = option.split_once('=').map_or(option.as_str(), |(option, _)| option);
    let harmless = matches!((program, option), ("jupyter", "--execute"));
    !harmless && RUNNING.iter().any(|part| option.contains(part))
}

/// Folders that hold the app, where it does not run from its own.
const OWN: [&str; 4] = ["/app/", "/usr/src/app/", "/workspace/", "/code/"];

/// Whether an argument leads out of the app.
fn leads_out(arg: &str, program: &str) -> bool {
    let free = shows(program) && matches!(arg, "/") && matches!(program, "df" | "du" | "ls" | "stat");
    let scratch = !matches!(program, "make" | "node" | "python" | "bun" | "go" | "git");
    !free && arg.split(['=', '@', ':', ',']).any(|part| is_outside(part, scratch)) && !is_address(arg, program)
}

/// Tools fetch from addresses, which are judged as such.
fn is_address(arg: &str, program: &str) -> bool {
    arg.contains("://") && is_tool(program) && !arg.starts_with("file:")
}

/// Whether a path is not one of the app's. `scratch`: what is passing may go to the system's folder for that.
pub(super) fn is_outside(path: &str, scratch: bool) -> bool {
    let own = OWN.iter().any(|folder| path.starts_with(folder) || path == folder.trim_end_matches('/'));
    let passing = scratch && path.starts_with("/tmp/") || path == "/dev/null";
    let climbs = path.split('/').any(|part| part == "..");
    let inside = own || passing;
    path.starts_with(['/', '~', '\\']) && !inside || climbs
}

/// An interpreter: what it runs is a file of the app, which has been read.
fn script(program: &str, args: &[String]) -> Told {
    let mut args = args.iter().map(String::as_str);
    while let Some(arg) = args.next() {
        let Some(option) = arg.strip_prefix('-') else {
            return match arg {
                "run" if program == "bun" => continue,
                "x" | "exec" | "repl" if program == "bun" => Told::Refused,
                arg if arg.contains("://") || arg.starts_with("data:") => Told::Refused,
                arg if arg.contains(HOLE) => Told::Open,
                _ => Told::Fixed,
            };
        };
        let plain = match program {
            "python" if option == "m" => return module(args.next().unwrap_or_default()),
            "python" if matches!(option, "W" | "X") => args.next().is_some(),
            "python" => is_python_flag(option),
            _ => is_node_flag(arg),
        };
        if !plain {
            return Told::Refused;
        }
        if matches!(arg, "--version" | "--help" | "-v" | "-V" | "-h") {
            return Told::Fixed;
        }
    }
    // Without a file it reads what it is given.
    Told::Refused
}

/// Clusters of the letters that say how a file is run, not what.
fn is_python_flag(option: &str) -> bool {
    let cluster = !option.is_empty() && option.bytes().all(|letter| b"bBdEhIOPqRsSuvVx".contains(&letter));
    cluster || matches!(option, "-version" | "-help")
}

pub(super) fn is_node_flag(arg: &str) -> bool {
    const FLAGS: [&str; 18] = [
        "--max-",
        "--no-",
        "--trace-",
        "--test",
        "--watch",
        "--enable-source-maps",
        "--env-file",
        "--version",
        "--help",
        "--check",
        "--experimental-",
        "--expose-gc",
        "--stack-size",
        "--harmony",
        "--unhandled-rejections",
        "--disable-warning",
        "--preserve-symlinks",
        "--hot",
    ];
    matches!(arg, "-v" | "-h" | "-c") || FLAGS.iter().any(|flag| arg.starts_with(flag)) && !arg.contains("loader")
}

/// `python -m`: modules that run what they are told, or serve all that there is.
fn module(module: &str) -> Told {
    let first = module.split('.').next().unwrap_or(module);
    match first {
        "timeit" | "code" | "codeop" | "pdb" | "asyncio" | "idlelib" | "runpy" | "trace" | "profile" | "cProfile"
        | "http" | "smtpd" | "pty" | "ctypes" | "base64" | "zipapp" | "webbrowser" | "antigravity" | "" => {
            Told::Refused
        }
        _ if module.contains(HOLE) => Told::Refused,
        _ => Told::Fixed,
    }
}

/// What git does with the repository that it is in. The rest speaks to others, or runs what its settings name.
fn git(args: &[String]) -> Told {
    let verb = args.iter().map(String::as_str).find(|arg| !arg.starts_with('-'));
    let settings =
        args.iter().any(|arg| arg == "-c" || arg == "-x" || arg.starts_with("--config") || arg.contains('!'));
    let elsewhere =
        args.iter().any(|arg| arg == "-C" || arg.starts_with("--git-dir") || arg.starts_with("--work-tree"));
    let external =
        args.iter().any(|arg| arg.starts_with("ext::") || arg.starts_with("--ext-diff") || arg == "--textconv");
    if settings || external {
        return Told::Refused;
    }
    match verb {
        _ if elsewhere => Told::Open,
        None if args.iter().all(|arg| matches!(arg.as_str(), "--version" | "--help")) => Told::Fixed,
        Some(
            "log" | "status" | "rev-parse" | "rev-list" | "show" | "diff" | "branch" | "describe" | "tag" | "shortlog"
            | "ls-files" | "ls-tree" | "cat-file" | "blame" | "symbolic-ref" | "for-each-ref" | "name-rev"
            | "count-objects" | "version" | "add" | "commit" | "checkout" | "switch" | "init" | "stash" | "rm" | "mv"
            | "restore" | "reset" | "clean" | "merge" | "help",
        ) => Told::Fixed,
        Some(
            "fetch" | "pull" | "push" | "clone" | "remote" | "ls-remote" | "config" | "worktree" | "archive" | "grep",
        ) => Told::Open,
        None | Some(_) => Told::Refused,
    }
}

/// What other tools are told that makes them run something, or fetch it to run it.
fn refused(program: &str, args: &[String]) -> Told {
    let has = |options: &[&str]| args.iter().any(|arg| options.contains(&arg.as_str()));
    let verb = args.iter().map(String::as_str).find(|arg| !arg.starts_with('-')).unwrap_or_default();
    let second = args.iter().map(String::as_str).filter(|arg| !arg.starts_with('-')).nth(1).unwrap_or_default();
    let runs = match program {
        "npm" | "npx" | "pnpm" | "yarn" => has(&["-c"]),
        "cmake" => has(&["-E", "-P"]),
        "latexmk" => has(&["-e", "-r"]),
        "pandoc" => has(&["-F", "-L"]),
        "date" => has(&["-s", "--set"]),
        "hostname" => !verb.is_empty() || has(&["-F", "--file"]),
        "go" => {
            let own = second.starts_with('.') || second.ends_with(".go");
            !matches!(verb, "build" | "version" | "test" | "vet" | "fmt" | "mod" | "env" | "list" | "run" | "")
                || verb == "run" && !own
        }
        "cargo" => {
            has(&["--config"])
                || !matches!(
                    verb,
                    "build" | "run" | "test" | "check" | "clippy" | "fmt" | "doc" | "bench" | "clean" | ""
                )
        }
        "uv" | "poetry" => verb == "run" && (second.contains("://") || has(&["-c"])),
        _ => false,
    };
    let address = shows(program) && args.iter().any(|arg| arg.contains("://"));
    let marked = shows(program) && args.iter().any(|arg| arg.contains([';', '|', '&', '`', '$', '<', '>']));
    let brought = program == "npx" || matches!(verb, "dlx" | "exec" | "x" | "install" | "i" | "add" | "create");
    match (runs || address || marked, brought) {
        (true, _) => Told::Refused,
        // What is installed has been read by nobody.
        (false, true) => Told::Open,
        (false, false) => Told::Fixed,
    }
}
