//! Traces: the logs and histories by which a machine's owner learns what was done.

use super::has;
use crate::guard::{
    found::Found,
    read::shell::Command,
    rules::{Rule, places::is_trace},
    verdict::Severity,
};

pub static CONCEAL: Rule = Rule {
    id: "command-conceal",
    severity: Severity::Block,
    why: "it wipes the traces by which others learn what was done",
    remedy: "leave the logs and histories of the machine alone",
    finds: &[
        ("x.sh", ": > /var/log/auth.log"),
        ("x.sh", "history -c && unset HISTFILE"),
        ("x.sh", "rm -f ~/.bash_history /var/log/wtmp"),
        ("x.sh", "export HISTFILE=/dev/null"),
        ("x.sh", "ln -sf /dev/null ~/.zsh_history"),
    ],
    spares: &[
        ("x.sh", ": > /var/log/app.log\nHISTSIZE=1000\nhistory | tail\nrm -f logs/*.log"),
        ("Dockerfile", "FROM a\nRUN rm -rf /var/lib/apt/lists/* /var/log/apt/*"),
    ],
};

pub(super) fn conceals(command: &Command, program: &str, args: &[String], line: usize, found: &mut Found<'_>) {
    let unsaved = command.sets.iter().any(|set| match set.split_once('=') {
        Some(("HISTFILE", file)) => matches!(file, "" | "/dev/null"),
        Some(("HISTSIZE" | "HISTFILESIZE", size)) => size == "0",
        _ => false,
    });
    let emptied = matches!(program, "" | ":" | "true" | "echo" | "printf" | "cat" | "truncate" | "cp")
        && command.redirects.iter().any(|target| is_trace(target));
    let on_trace = args.iter().any(|arg| is_trace(arg));
    let removed = match program {
        "rm" | "shred" | "truncate" | "unlink" | "srm" | "wipe" | "sed" | "dd" => on_trace,
        "cp" | "ln" | "tee" | "cat" => on_trace && (has(args, &["/dev/null"]) || program == "tee"),
        "history" => has(args, &["-c", "-cw", "-wc"]),
        "unset" => has(args, &["HISTFILE"]),
        "set" => has(args, &["+o"]) && has(args, &["history"]),
        "journalctl" => args.iter().any(|arg| arg.starts_with("--vacuum") && arg.ends_with(['0', '1', 's'])),
        "auditctl" => has(args, &["-D"]),
        _ => false,
    };
    if unsaved || emptied || removed {
        found.add(&CONCEAL, line, &format!("`{program}` wipes a log or a history"));
    }
}
