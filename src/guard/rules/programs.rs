//! Programs: which calls start one, and which of them everyday apps start.
//!
//! What is not named here is unknown, and so not started: there is no end to the programs that run what they are told.

/// Programs that builds and everyday scripts start.
const TOOLS: [&str; 62] = [
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

/// Programs that tell something of the machine or of the app's files, or make one file of another, and run nothing.
const SHOWING: [&str; 48] = [
    "ls",
    "df",
    "du",
    "uname",
    "date",
    "uptime",
    "free",
    "nproc",
    "hostname",
    "arch",
    "pwd",
    "echo",
    "true",
    "false",
    "sleep",
    "which",
    "whereis",
    "lscpu",
    "lsblk",
    "lsb_release",
    "sw_vers",
    "nvidia-smi",
    "vcgencmd",
    "cal",
    "wc",
    "head",
    "tail",
    "uniq",
    "cut",
    "diff",
    "cmp",
    "stat",
    "file",
    "tree",
    "md5sum",
    "sha1sum",
    "sha256sum",
    "cksum",
    "basename",
    "dirname",
    "seq",
    "identify",
    "pdftotext",
    "pdfinfo",
    "qrencode",
    "cwebp",
    "optipng",
    "tesseract",
];

/// What a shell does by itself, between the tools that it starts.
const BUILT_IN: [&str; 7] = ["cd", "echo", "true", "exit", "grep", "sort", "mkdir"];

/// Where a system keeps its programs.
const FOLDERS: [&str; 4] = ["/usr/bin/", "/bin/", "/usr/local/bin/", "/opt/homebrew/bin/"];

/// The name of a program, without the folder that systems keep it in; of any other folder it is another program.
pub(super) fn name(word: &str) -> &str {
    let name = FOLDERS.iter().find_map(|folder| word.strip_prefix(folder)).unwrap_or(word);
    let name = name.strip_suffix(".exe").or_else(|| name.strip_suffix(".cmd")).unwrap_or(name);
    match name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.') {
        "python" => "python",
        "node" | "nodejs" => "node",
        _ => name,
    }
}

pub(super) fn is_tool(name: &str) -> bool {
    TOOLS.contains(&name)
}

pub(super) fn shows(name: &str) -> bool {
    SHOWING.contains(&name)
}

pub(super) fn is_built_in(name: &str) -> bool {
    BUILT_IN.contains(&name)
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
        | "child_process.ChildProcess"
        | "child_process.ChildProcess().spawn"
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
