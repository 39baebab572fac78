//! The table of keys: what each is called outside, and what it accepts.

/// One setting, as people meet it.
pub(super) struct Key {
    /// In `spawnai.toml`; with dashes, the flag; in capitals after `SPAWNAI_`, the variable.
    pub name: &'static str,
    /// The variable people know it by elsewhere. `SPAWNAI_{NAME}` works as well, and wins.
    pub known_as: Option<&'static str>,
    pub form: Form,
    /// Ends the sentence "expected …".
    pub expected: &'static str,
}

/// How the text of a flag or variable becomes a value.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Text,
    /// Text that no message may show.
    Secret,
    Number,
    /// `true` or `false`.
    Switch,
    /// Separated by commas.
    List,
}

impl Key {
    pub fn variable(&self) -> String {
        format!("SPAWNAI_{}", self.name.to_uppercase())
    }

    pub fn flag(&self) -> String {
        format!("--{}", self.name.replace('_', "-"))
    }
}

/// `SPAWNAI_*` variables that the client reads, and that are no settings.
pub(super) const CLIENT_VARIABLES: [&str; 2] = ["SPAWNAI_URL", "SPAWNAI_CONFIG"];

pub(super) fn key(name: &str) -> Option<&'static Key> {
    KEYS.iter().find(|key| key.name == name)
}

const ADDRESS: &str = "an IP address and a port, such as 127.0.0.1:8080";
const DOLLARS: &str = "US dollars from 0.000001 to 1000000, such as 0.50";

pub(super) const KEYS: &[Key] = &[
    row("listen", Form::Text, ADDRESS),
    row("gateway_listen", Form::Text, ADDRESS),
    row("gateway_domain", Form::Text, "a domain name without port, such as localhost or apps.example.com"),
    row("host_listen", Form::Text, ADDRESS),
    row("data_dir", Form::Text, "the path of a folder"),
    row("plan", Form::Text, "hobby or pro"),
    row("session_minutes", Form::Number, "a whole number of minutes from 1 to 1440, within the plan's lifetime"),
    row("drain_seconds", Form::Number, "a whole number of seconds from 0 to 3600"),
    row("session_budget_usd", Form::Number, DOLLARS),
    row("user_day_budget_usd", Form::Number, DOLLARS),
    row("total_day_budget_usd", Form::Number, DOLLARS),
    row("warm_sandboxes", Form::Number, "a whole number from 0 to 64"),
    row("concurrent_starts", Form::Number, "a whole number from 1 to 256"),
    row("sandboxes_max", Form::Number, "a whole number from 1 to 2047"),
    row("spawn_per_minute", Form::Number, "a whole number from 1 to 100000"),
    row("spawn_burst", Form::Number, "a whole number from 1 to 100000"),
    row("sandbox_vcpus", Form::Number, "a whole number from 1 to 8"),
    row("sandbox_memory_mib", Form::Number, "a whole number of MiB from 64 to 8192"),
    row("internet", Form::Switch, "true or false"),
    row("host_internet", Form::Switch, "true or false"),
    row("host_egress_allow", Form::List, "IP addresses or blocks of them, such as 10.0.0.0/8"),
    row("workers", Form::Number, "a whole number from 1 to 64"),
    row("cors_origins", Form::List, "origins such as https://example.com, or *"),
    row("claude_model", Form::Text, "the name of a model, such as claude-sonnet-5-5"),
    row("claude_second_model", Form::Text, "the name of a model, or none"),
    row("claude_version", Form::Text, "a date, such as 2026-10-21"),
    row("claude_fallback", Form::Text, "built-in or none"),
    row("claude_prices", Form::Text, "the path of a TOML file"),
    row("guard_policy", Form::Text, "the path of a TOML file"),
    known("anthropic_api_key", "ANTHROPIC_API_KEY", Form::Secret, "a key of Anthropic's API"),
    known("anthropic_auth_token", "ANTHROPIC_AUTH_TOKEN", Form::Secret, "a bearer token"),
    known("anthropic_base_url", "ANTHROPIC_BASE_URL", Form::Text, "an http:// or https:// address"),
    known("e2b_api_key", "E2B_API_KEY", Form::Secret, "a key of E2B's API"),
    known("e2b_api_url", "E2B_API_URL", Form::Text, "an http:// or https:// address"),
    known("e2b_sandbox_url", "E2B_SANDBOX_URL", Form::Text, "an http:// address of a host and a port, without a path"),
    known("e2b_domain", "E2B_DOMAIN", Form::Text, "a domain name, such as e2b.app"),
    known("database_url", "DATABASE_URL", Form::Secret, "an address that begins with sqlite:// or postgres://"),
    known("redis_url", "REDIS_URL", Form::Secret, "an address that begins with redis:// or rediss://"),
    known("otel_endpoint", "OTEL_EXPORTER_OTLP_ENDPOINT", Form::Text, "an http:// or https:// address"),
    known("log", "RUST_LOG", Form::Text, "a log filter, such as info or spawnai=debug"),
];

const fn row(name: &'static str, form: Form, expected: &'static str) -> Key {
    Key { name, known_as: None, form, expected }
}

const fn known(name: &'static str, variable: &'static str, form: Form, expected: &'static str) -> Key {
    Key { name, known_as: Some(variable), form, expected }
}

/// The candidate that `name` is most probably a misspelling of.
pub(super) fn nearest<'a>(name: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    const EDITS_MAX: usize = 3;
    const NAME_MAX: usize = 64;
    if name.len() > NAME_MAX {
        return None;
    }
    let near = candidates.map(|candidate| (edits(name, candidate), candidate)).min()?;
    (near.0 <= EDITS_MAX).then_some(near.1)
}

/// Levenshtein's distance, one row at a time.
fn edits(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (i, a) in from.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in to.iter().enumerate() {
            let replaced = diagonal + usize::from(a != *b);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(row[j + 1] + 1);
        }
    }
    row[to.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelling_finds_its_key_and_nonsense_finds_none() {
        let names = || KEYS.iter().map(|key| key.name);
        assert_eq!(nearest("gateway_listn", names()), Some("gateway_listen"));
        assert_eq!(nearest("warm_sandbox", names()), Some("warm_sandboxes"));
        assert_eq!(nearest("colour_of_the_sky", names()), None);
    }
}
