//! Ways out and in that pass the gateway, and programs that bring another one along.

use crate::guard::{found::Found, read::shell::Command, rules::network};

/// Programs of which the only use is a tunnel.
const TUNNELS: [&str; 26] = [
    "ngrok",
    "cloudflared",
    "lt",
    "localtunnel",
    "chisel",
    "frpc",
    "frps",
    "frp",
    "bore",
    "bore-cli",
    "pagekite",
    "pagekite.py",
    "zrok",
    "tailscale",
    "tailscaled",
    "gsocket",
    "gs-netcat",
    "rathole",
    "inlets",
    "gost",
    "ligolo-agent",
    "tunnelmole",
    "tmole",
    "untun",
    "jprq",
    "wstunnel",
];
/// Wrappers that run what stands behind them, in depth.
const WRAPPED_MAX: usize = 4;

pub(super) fn tunnels(program: &str, args: &[String], line: usize, found: &mut Found<'_>) {
    let program = program.trim_end_matches(".exe");
    if TUNNELS.contains(&program) {
        found.add(&network::TUNNEL, line, &format!("`{program}`"));
    }
    if matches!(program, "ssh" | "autossh" | "plink" | "sshpass" | "sshuttle")
        && (program == "sshuttle" || is_forwarded(args))
    {
        found.add(&network::TUNNEL, line, &format!("`{program}` opens a way back in"));
    }
}

/// Whether one of ssh's options opens a port elsewhere, or takes all that goes out.
fn is_forwarded(args: &[String]) -> bool {
    args.iter().any(|arg| {
        let option = arg.strip_prefix('-').filter(|option| !option.starts_with('-')).unwrap_or_default();
        // Letters without a value may stand in front: `-fNR`.
        let open = option.trim_start_matches(|c: char| "46AaCfGgKkMNnqsTtVvXxYy".contains(c));
        open.starts_with(['R', 'D', 'w'])
    }) || args.iter().any(|arg| arg.starts_with("RemoteForward") || arg.starts_with("DynamicForward"))
}

/// The command that a wrapper runs: `npx localtunnel`, `timeout 9 nc`, `busybox wget`.
pub(super) fn wrapped(command: &Command, program: &str, args: &[String]) -> Option<Command> {
    let skip = |args: &[String], valued: &[&str]| {
        let mut at = 0;
        while let Some(arg) = args.get(at).filter(|arg| arg.starts_with('-')) {
            at += 1 + usize::from(valued.contains(&arg.as_str()));
        }
        at
    };
    let (from, packaged) = match program {
        "npx" | "bunx" | "pnpx" | "uvx" => (skip(args, &["-p", "--package", "--from"]), true),
        "npm" | "pnpm" | "yarn" | "bun" | "pipx" => {
            let runs = matches!(args.first().map(String::as_str), Some("exec" | "dlx" | "x" | "run"));
            let named = args.first().is_some_and(|verb| verb != "run") || program == "pipx";
            if !runs || !named {
                return None;
            }
            (1 + skip(args.get(1..)?, &[]), true)
        }
        "timeout" | "gtimeout" => (1 + skip(args, &["-s", "-k"]), false),
        "cross-env" | "cross-env-shell" => (args.iter().take_while(|arg| arg.contains('=')).count(), false),
        "stdbuf" | "busybox" | "toybox" | "unbuffer" | "torsocks" | "torify" | "proxychains" | "proxychains4"
        | "watch" | "ionice" | "chrt" | "catchsegv" | "caffeinate" => (skip(args, &["-n", "-c"]), false),
        _ => return None,
    };
    let mut words = args.get(from..)?.to_vec();
    let first = words.first_mut()?;
    if packaged {
        let version = first.get(1..).and_then(|rest| rest.find('@')).map(|at| at + 1);
        first.truncate(version.unwrap_or(first.len()));
    }
    Some(Command { words, ..command.clone() })
}

/// The innermost of wrapped commands.
pub(super) fn innermost(command: &Command) -> Option<Command> {
    let mut inner = wrapped(command, command.program(), command.args())?;
    for _ in 0..WRAPPED_MAX {
        match wrapped(&inner, inner.program(), inner.args()) {
            Some(next) => inner = next,
            None => break,
        }
    }
    Some(inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guard::read::shell;

    #[test]
    fn wrappers_are_taken_off() {
        for (text, program) in [
            ("npx -y localtunnel@2 --port 3000", "localtunnel"),
            ("pnpm dlx @ngrok/ngrok http 80", "ngrok"),
            ("timeout -k 5 30 busybox nc c.example.net 80", "nc"),
        ] {
            let inner = innermost(&shell::commands(text)[0]).unwrap();
            assert_eq!(inner.program(), program, "{text}");
        }
        for text in ["npm run build", "yarn start", "npm ci"] {
            assert_eq!(innermost(&shell::commands(text)[0]), None, "{text}");
        }
    }

    #[test]
    fn options_of_ssh_are_read_in_clusters() {
        for (text, forwarded) in [
            ("ssh -fNR 80:localhost:3000 x", true),
            ("ssh -qND 1080 x", true),
            ("ssh -o RemoteForward=1 -R x y", true),
            ("ssh -i key.pem -p 22 host uptime", false),
            ("ssh -L 5432:db:5432 x", false),
        ] {
            assert_eq!(is_forwarded(shell::commands(text)[0].args()), forwarded, "{text}");
        }
    }
}
