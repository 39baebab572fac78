//! Keys and tokens in the text of files, by what services make them look like.

use std::sync::OnceLock;

use aho_corasick::AhoCorasick;

use super::Rule;
use crate::guard::{fact::method, found::Found, read::Language, value::Value, verdict::Severity};

pub static KEY: Rule = Rule {
    id: "secret-key",
    severity: Severity::Block,
    why: "whoever sees the file has the key",
    remedy: "revoke the key; read the next one from a variable",
    finds: &[
        ("x.js", "const k = 'sk_' + 'live_51HqLyjWDarjtT1zdp7dcQ9rXhGz';"),
        ("x.js", "const k = 'AKIAQ3EGR5T7Y2W4HJKL';"),
        ("x.py", "t = 'ghp_a8Jk2Lm9Qw3Er7Ty5Ui1Op4As6Df0Gh2Jk8L'\n"),
        (".env", "STRIPE_KEY=sk_live_51H8aKqLmN0pQrStUvWxYz123\n"),
        ("x.pem", "-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA7b8xq3\n-----END RSA PRIVATE KEY-----\n"),
        ("x.py", "u = 'postgres://admin:Xk29vQ7m@db.prod.example.net/app'\n"),
    ],
    spares: &[
        ("x.js", "const k = process.env.STRIPE_KEY; const id = 'sk-list-item-done'; const p = 'AKIAXXXXXXXXXXXXXXXX';"),
        (".env.example", "OPENAI_API_KEY=sk-your-key-here\nDATABASE_URL=postgres://user:password@localhost:5432/app\n"),
        ("README.md", "Set GITHUB_TOKEN=ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n"),
    ],
};
pub static GENERIC: Rule = Rule {
    id: "secret-value",
    severity: Severity::Block,
    why: "its name says that it is a secret, and its letters that it is a real one",
    remedy: "read it from a variable",
    finds: &[
        ("Dockerfile", "FROM node:20\nENV AWS_SECRET_ACCESS_KEY=Zt7Kq9pLmW3xRv5YbNc2Ds8FgHj4TuEaQo6IiXx1\n"),
        ("x.js", "const config = { apiSecret: 'f3Kd92mXq7Lp0ZtV5bNc8RwYhG4s' };"),
        ("x.py", "DB_PASSWORD = 'kX9#mP2$vL8qR4nT7wZ1bY6c'\n"),
    ],
    spares: &[
        (
            "x.js",
            "const SESSION_SECRET = 'change-me-in-production'; const tokenType = 'application/x-www-form-urlencoded';",
        ),
        (
            "x.py",
            "app.secret_key = 'dev'\npassword = input('password: ')\nTOKEN_URL = 'https://auth.example.com/oauth/token'\n",
        ),
    ],
};

pub(super) const RULES: &[&Rule] = &[&KEY, &GENERIC];

/// How a service's keys look: what they begin with, what follows, how long that is.
struct Form {
    start: &'static str,
    service: &'static str,
    letters: fn(char) -> bool,
    min: usize,
}

const fn form(start: &'static str, service: &'static str, letters: fn(char) -> bool, min: usize) -> Form {
    Form { start, service, letters, min }
}

fn upper(c: char) -> bool {
    c.is_ascii_uppercase() || c.is_ascii_digit()
}
fn word(c: char) -> bool {
    c.is_ascii_alphanumeric()
}
fn url_safe(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_')
}
fn dotted(c: char) -> bool {
    url_safe(c) || c == '.'
}
fn slashed(c: char) -> bool {
    url_safe(c) || c == '/'
}

const FORMS: &[Form] = &[
    form("AKIA", "AWS", upper, 16),
    form("ASIA", "AWS", upper, 16),
    form("ghp_", "GitHub", word, 30),
    form("gho_", "GitHub", word, 30),
    form("ghs_", "GitHub", word, 30),
    form("ghu_", "GitHub", word, 30),
    form("github_pat_", "GitHub", url_safe, 30),
    form("glpat-", "GitLab", url_safe, 18),
    form("sk-ant-", "Anthropic", url_safe, 20),
    form("sk-proj-", "OpenAI", url_safe, 20),
    form("sk-svcacct-", "OpenAI", url_safe, 20),
    form("sk-", "OpenAI", word, 32),
    form("sk_live_", "Stripe", word, 16),
    form("rk_live_", "Stripe", word, 16),
    form("whsec_", "Stripe", word, 24),
    form("xoxb-", "Slack", url_safe, 20),
    form("xoxp-", "Slack", url_safe, 20),
    form("xapp-", "Slack", url_safe, 20),
    form("hooks.slack.com/services/", "Slack", slashed, 20),
    form("discord.com/api/webhooks/", "Discord", slashed, 40),
    form("discordapp.com/api/webhooks/", "Discord", slashed, 40),
    form("api.telegram.org/bot", "Telegram", |c| url_safe(c) || c == ':', 40),
    form("AIza", "Google", url_safe, 35),
    form("ya29.", "Google", url_safe, 30),
    form("GOCSPX-", "Google", url_safe, 20),
    form("SG.", "SendGrid", dotted, 40),
    form("npm_", "npm", word, 36),
    form("pypi-AgE", "PyPI", url_safe, 40),
    form("dop_v1_", "DigitalOcean", word, 40),
    form("shpat_", "Shopify", word, 30),
    form("shpss_", "Shopify", word, 30),
    form("key-", "Mailgun", word, 32),
    form("hf_", "Hugging Face", word, 30),
    form("r8_", "Replicate", word, 30),
    form("gsk_", "Groq", word, 40),
    form("e2b_", "E2B", word, 32),
    form("lin_api_", "Linear", word, 32),
    form("sq0csp-", "Square", url_safe, 30),
    form("EAACEdEose0cBA", "Facebook", word, 10),
    form("AGE-SECRET-KEY-1", "age", upper, 40),
    form("sntrys_", "Sentry", url_safe, 30),
    form("figd_", "Figma", url_safe, 30),
    form("dapi", "Databricks", |c| c.is_ascii_hexdigit(), 32),
    form("vercel_", "Vercel", word, 24),
    form("sbp_", "Supabase", |c| c.is_ascii_hexdigit(), 40),
    form("ATATT3", "Atlassian", dotted, 40),
    form("-----BEGIN ", "a private key", |_| true, 0),
    form("mongodb+srv://", "a database", |_| true, 0),
    form("mongodb://", "a database", |_| true, 0),
    form("postgres://", "a database", |_| true, 0),
    form("postgresql://", "a database", |_| true, 0),
    form("mysql://", "a database", |_| true, 0),
    form("redis://", "a database", |_| true, 0),
    form("amqp://", "a broker", |_| true, 0),
];

/// Rows of settings that are looked at.
const ROWS_MAX: usize = 10_000;

/// Looks for keys in a whole file.
pub(in crate::guard) fn read(language: Language, text: &str, found: &mut Found<'_>) {
    let (mut line, mut counted) = (0, 0);
    for (form, start, secret) in keys(text) {
        line += memchr::memchr_iter(b'\n', &text.as_bytes()[counted..start]).count();
        counted = start;
        let what = format!("a key of {} ({})", form.service, masked(&format!("{}{secret}", form.start)));
        // Documents show what keys look like.
        if language == Language::Text && form.min > 0 && is_document(found.file()) {
            found.hint(&KEY, line, &what);
        } else {
            found.add(&KEY, line, &what);
        }
    }
    if language == Language::Text && !is_document(found.file()) {
        settings(text, found);
    }
    if language == Language::Dockerfile {
        let rows = text.lines().map(|row| {
            let row = row.trim_start();
            row.strip_prefix("ENV ").or_else(|| row.strip_prefix("ARG ")).unwrap_or_default().trim()
        });
        for (line, row) in rows.enumerate().take(ROWS_MAX) {
            if let Some((name, value)) = row.split_once(['=', ' ']) {
                named(name, value.trim().trim_matches(['"', '\'']), line, found);
            }
        }
    }
}

/// A key that was put together from parts, so as not to stand in the file.
pub(super) fn assembled(text: &str, line: usize, found: &mut Found<'_>) {
    if text.len() > 200 || text.contains("://") {
        return;
    }
    for (form, _, key) in keys(text).filter(|(form, _, _)| form.min > 0) {
        let what = format!("a key of {} ({})", form.service, masked(&format!("{}{key}", form.start)));
        found.add(&KEY, line, &what);
    }
}

/// The keys in a text, each with its form and where it begins.
fn keys(text: &str) -> impl Iterator<Item = (&'static Form, usize, &str)> {
    static STARTS: OnceLock<Option<AhoCorasick>> = OnceLock::new();
    let starts = STARTS.get_or_init(|| {
        let builder = AhoCorasick::builder()
            .match_kind(aho_corasick::MatchKind::LeftmostLongest)
            .build(FORMS.iter().map(|form| form.start));
        builder.ok()
    });
    starts.iter().flat_map(move |starts| starts.find_iter(text)).filter_map(move |hit| {
        let form = FORMS.get(hit.pattern().as_usize())?;
        // A start in the middle of a word begins nothing.
        let before = text[..hit.start()].chars().next_back();
        let inside = before.is_some_and(|c| c.is_ascii_alphanumeric() || c == '_');
        let key = if inside { None } else { secret(form, &text[hit.end()..]) };
        key.map(|key| (form, hit.start(), key))
    })
}

fn is_document(path: &str) -> bool {
    [".md", ".rst", ".txt", ".adoc"].iter().any(|end| path.to_ascii_lowercase().ends_with(end))
}

/// The part after the start, when it is a key.
fn secret<'t>(form: &Form, tail: &'t str) -> Option<&'t str> {
    if form.start == "-----BEGIN " {
        let head = tail.get(..tail.len().min(60)).unwrap_or_default();
        let body = tail.split_once("-----").map_or("", |(_, body)| body.trim_start());
        let filled = body
            .trim_start_matches(['\\', 'n'])
            .chars()
            .take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | ':' | '-' | ' '))
            .count()
            > 8;
        return (head.contains("PRIVATE KEY") && filled && !is_placeholder(body.get(..24).unwrap_or(body)))
            .then_some("");
    }
    if form.start.ends_with("://") {
        return in_url(tail);
    }
    let end = tail.find(|c: char| !(form.letters)(c)).unwrap_or(tail.len());
    let key = &tail[..end.min(200)];
    // The oldest form of OpenAI's keys begins like many a name.
    let mixed = key.chars().any(|c| c.is_ascii_digit());
    (key.len() >= form.min && mixed && !is_placeholder(key) && entropy(key) >= 2.8).then_some(key)
}

/// The password in `user:password@host`.
fn in_url(tail: &str) -> Option<&str> {
    let end = tail.find(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '`' | '/' | '<')).unwrap_or(tail.len());
    let (login, host) = tail[..end].rsplit_once('@')?;
    let (_, password) = login.split_once(':')?;
    let host = host.split([':', '/']).next().unwrap_or_default();
    let near = crate::guard::hosts::is_local(host);
    let unknown = password.contains(['$', '{', '%', '<', '*']) || password.is_empty();
    let common = [
        "password", "pass", "secret", "postgres", "root", "admin", "user", "example", "guest", "mysql", "mongo",
        "test", "dev", "changeme", "pwd", "app",
    ];
    (!near && !unknown && !common.contains(&password.to_ascii_lowercase().as_str()) && !is_placeholder(password))
        .then_some(password)
}

/// `NAME=value` rows of a settings file.
fn settings(text: &str, found: &mut Found<'_>) {
    for (line, row) in text.lines().enumerate().take(ROWS_MAX) {
        if let Some((name, value)) = row.split_once('=')
            && name.len() < 80
            && name.trim_start_matches("export ").trim().chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        {
            named(name, value.trim().trim_matches(['"', '\'']), line, found);
        }
    }
}

pub(super) fn assign(path: &str, value: &Value, line: usize, found: &mut Found<'_>) {
    let name = method(path);
    if let Some(text) = value.known() {
        named(name, text, line, found);
    }
    if let crate::guard::value::Shape::Table(pairs) = &value.shape {
        for (key, value) in pairs.iter().take(64) {
            if let Some(text) = value.known() {
                named(key, text, line, found);
            }
        }
    }
}

/// A value whose name says that it is a secret.
fn named(name: &str, value: &str, line: usize, found: &mut Found<'_>) {
    const LENGTH: std::ops::RangeInclusive<usize> = 20..=200;
    if !LENGTH.contains(&value.len()) {
        return;
    }
    let name = name.to_ascii_lowercase().replace(['_', '-'], "");
    let secret = ["secret", "apikey", "token", "passw", "privatekey", "accesskey", "authkey", "encryptionkey"]
        .iter()
        .any(|word| name.contains(word));
    let about = [
        "url",
        "uri",
        "endpoint",
        "name",
        "path",
        "label",
        "message",
        "text",
        "type",
        "public",
        "regex",
        "pattern",
        "placeholder",
        "header",
        "hash",
    ]
    .iter()
    .any(|word| name.contains(word));
    let digits = value.chars().filter(char::is_ascii_digit).count();
    let letters = value.chars().filter(char::is_ascii_alphabetic).count();
    let plain = value.chars().all(|c| c.is_ascii_graphic()) && !value.contains(['/', '<', '>', '{', '}', '(', ')'])
        || value.ends_with('=');
    if secret
        && !about
        && plain
        && digits >= 3
        && letters >= 6
        && entropy(value) >= 3.6
        && !is_placeholder(value)
        && !words(value)
    {
        found.add(&GENERIC, line, &format!("`{name}` is {}", masked(value)));
    }
}

/// `change-me-in-2024-please`: words with signs between them.
fn words(value: &str) -> bool {
    let parts: Vec<&str> = value.split(['-', '_', '.', ' ', ':']).collect();
    parts.len() >= 3
        && parts.iter().filter(|part| part.chars().all(|c| c.is_ascii_alphabetic())).count() * 2 >= parts.len()
}

fn is_placeholder(key: &str) -> bool {
    let lower = key.to_ascii_lowercase();
    let words = [
        "xxxx",
        "your",
        "placeholder",
        "changeme",
        "replace",
        "insert",
        "dummy",
        "example",
        "fake",
        "redacted",
        "todo",
        "0000000",
        "1234567890abcdef",
        "abcdefghij",
        "....",
        "****",
    ];
    words.iter().any(|word| lower.contains(word))
}

/// Bits per character.
fn entropy(text: &str) -> f64 {
    let mut counts = [0_u32; 256];
    text.bytes().for_each(|byte| counts[usize::from(byte)] += 1);
    let total = f64::from(u32::try_from(text.len()).unwrap_or(u32::MAX));
    counts
        .iter()
        .filter(|count| **count > 0)
        .map(|count| f64::from(*count) / total)
        .map(|share| -share * share.log2())
        .sum()
}

/// Enough of a secret to find it, too little to use it.
fn masked(secret: &str) -> String {
    let shown: String = secret.chars().take(4).collect();
    format!("{shown}… of {} characters", secret.chars().count())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_masked() {
        assert_eq!(masked("sk_live_51H8aKqLmN0p"), "sk_l… of 20 characters");
        assert!(entropy("aaaaaaaa") < 0.1 && entropy("f3Kd92mXq7Lp0ZtV5bNc8R") > 4.0);
    }
}
