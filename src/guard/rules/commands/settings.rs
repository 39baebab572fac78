//! What makes one program run another: options in variables, packages out of addresses, folders that are served.

use super::{DOWNLOAD, PRIVILEGE};
use crate::guard::{
    found::Found,
    read::Language,
    rules::{FILE_OUTSIDE, packages},
};

/// Options of Node, wherever they are set: what it loads before the app.
pub(in crate::guard) fn node_options(options: &str, line: usize, found: &mut Found<'_>) {
    let loaded = options.split("--").flat_map(|option| option.split(" -r ")).filter_map(|option| {
        let named = option.split_once(['=', ' ']);
        let (name, value) = named.unwrap_or(("require", option));
        matches!(name, "import" | "require" | "loader" | "experimental-loader" | "r" | "-r").then_some(value.trim())
    });
    for value in loaded {
        let value = value.trim_matches(['"', '\'']);
        if let Some((_, code)) = value.strip_prefix("data:").and_then(|data| data.split_once(',')) {
            found.add(&DOWNLOAD, line, "Node is told to load a module from its own text");
            found.nest(Language::JavaScript, code, line);
        } else if value.starts_with("http:") || value.starts_with("https:") {
            found.add(&DOWNLOAD, line, &format!("Node is told to load {value} before the app"));
        } else if ["/tmp/", "/var/tmp/", "/dev/shm/"].iter().any(|folder| value.starts_with(folder)) {
            found.add(&PRIVILEGE, line, &format!("Node is told to load {value} before the app"));
        }
    }
}

/// A variable, by its name, that programs obey.
pub(in crate::guard) fn variable(name: &str, value: &str, line: usize, found: &mut Found<'_>) {
    match name {
        "NODE_OPTIONS" | "node-options" => node_options(value, line, found),
        "onload-script" => found.add(&PRIVILEGE, line, "npm loads a script of its own before anything else"),
        "script-shell"
            if !matches!(value.rsplit(['/', '\\']).next(), Some("sh" | "bash" | "zsh" | "cmd.exe" | "pwsh")) =>
        {
            found.add(&PRIVILEGE, line, "every script of the package is given to another program");
        }
        "PERL5OPT" | "RUBYOPT" | "PYTHONSTARTUP" | "PERL5DB" | "LUA_INIT"
            if value.contains("://") || value.contains("/tmp/") || value.starts_with("-e") =>
        {
            found.add(&PRIVILEGE, line, &format!("`{name}` has every program load something else first"));
        }
        "PROMPT_COMMAND" | "BASH_ENV" | "GIT_SSH_COMMAND" => found.nest(Language::Shell, value, line),
        _ => {}
    }
}

/// Packages that are fetched and run at once: `npx -p https://…`.
pub(super) fn fetched(program: &str, args: &[String], line: usize, found: &mut Found<'_>) {
    let rest = match (program, args.first().map(String::as_str)) {
        ("npx" | "bunx" | "pnpx" | "uvx", _) => args,
        ("npm" | "bun", Some("exec" | "x"))
        | ("pnpm" | "yarn", Some("dlx" | "exec"))
        | ("pipx" | "uv", Some("run")) => args.get(1..).unwrap_or_default(),
        _ => return,
    };
    let mut named = false;
    for arg in rest {
        let valued = ["-p=", "--package=", "--from=", "--spec=", "--with="].iter().find_map(|it| arg.strip_prefix(it));
        let word = named || !arg.starts_with('-');
        if let Some(package) = valued.or_else(|| word.then_some(arg.as_str()))
            && (package.contains("://")
                || ["git+", "github:", "gitlab:", "gist:"].iter().any(|it| package.starts_with(it)))
        {
            found.add(&packages::REMOTE, line, &format!("`{program}` runs {package}"));
        }
        // The first plain word is what is run; what follows is its own.
        if word && !named {
            return;
        }
        named = matches!(arg.as_str(), "-p" | "--package" | "--from" | "--spec" | "--with");
    }
}

/// A server of files in a folder that is not the app's. `folder` is where the shell has gone.
pub(in crate::guard) fn served(
    program: &str,
    args: &[String],
    folder: Option<&str>,
    line: usize,
    found: &mut Found<'_>,
) {
    let serves = match program {
        program if program.starts_with("python") => {
            args.iter().any(|arg| arg == "http.server" || arg == "SimpleHTTPServer")
        }
        "npx" => args.iter().any(|arg| matches!(arg.as_str(), "serve" | "http-server")),
        "php" => args.iter().any(|arg| arg == "-S"),
        "serve" | "http-server" => true,
        "busybox" => args.first().is_some_and(|arg| arg == "httpd"),
        _ => false,
    };
    if !serves {
        return;
    }
    let outside = |path: &str| {
        matches!(path.trim_end_matches('/'), "" | "~" | "/etc" | "/root" | "/home" | "/var" | "/proc" | "/usr")
            && !path.is_empty()
    };
    if folder.is_some_and(outside) || args.iter().any(|arg| outside(arg.trim_start_matches("--directory="))) {
        found.add(&FILE_OUTSIDE, line, "all files of the machine are served");
    }
}
