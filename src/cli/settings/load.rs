//! Reads the three layers, joins them, and says what is wrong with them.

use std::{
    collections::BTreeMap,
    ffi::OsString,
    fs, io,
    path::{Path, PathBuf},
};

use figment::{
    Figment, Profile, Provider,
    providers::{Format, Serialized, Toml},
    value::{Dict, Value},
};

use super::{
    SettingFlags, Settings,
    keys::{CLIENT_VARIABLES, Form, KEYS, Key, key, nearest},
};

/// The file that is read when none is named, if it is there.
const DEFAULT_FILE: &str = "spawnai.toml";

/// Why an engine can't start with these settings. Every text names the key, the value (unless it is secret) and what
/// would be accepted.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    #[error("{origin}: {value} is not accepted: expected {expected}")]
    Value { origin: String, value: String, expected: String },
    #[error("{origin} is not a setting{}", suggestion(.nearest.as_ref()))]
    Unknown { origin: String, nearest: Option<String> },
    #[error("cannot read the settings in {}", .path.display())]
    Unreadable { path: PathBuf, source: io::Error },
    #[error("{} is not valid TOML: {reason}", .path.display())]
    Malformed { path: PathBuf, reason: String },
}

/// Where settings come from, strongest first. Plain values, so a test can make up its own.
#[derive(Debug, Default)]
pub struct Sources {
    pub flags: SettingFlags,
    /// All environment variables; those that are no settings are skipped.
    pub variables: Vec<(OsString, OsString)>,
    /// `--config`: must be there when named. `None` is `spawnai.toml` in the current folder, if there is one.
    pub file: Option<PathBuf>,
}

impl Sources {
    /// The flags given, this process's variables, and the file named.
    #[must_use]
    pub fn of_process(flags: SettingFlags, file: Option<PathBuf>) -> Self {
        Self { flags, variables: std::env::vars_os().collect(), file }
    }
}

impl Settings {
    /// Joins `sources`: a flag beats a variable beats the file beats the default.
    ///
    /// # Errors
    /// Names the first thing that is wrong, in the order file, variables, flags.
    pub fn load(sources: Sources) -> Result<Self, SettingsError> {
        let mut layers = Layers::default();
        layers.read_file(sources.file)?;
        layers.read_variables(&sources.variables)?;
        for (name, text) in sources.flags.given() {
            if let Some(key) = key(&name) {
                layers.put(key, key.flag(), parse(key, &text));
            }
        }
        layers.settings()
    }
}

/// The joined values, and for each key the words that tell where its value came from.
#[derive(Default)]
struct Layers {
    figment: Figment,
    origins: BTreeMap<&'static str, String>,
}

impl Layers {
    fn put(&mut self, key: &'static Key, origin: String, value: Value) {
        let figment = std::mem::take(&mut self.figment);
        self.figment = figment.merge(Serialized::global(key.name, value));
        self.origins.insert(key.name, origin);
    }

    fn read_file(&mut self, named: Option<PathBuf>) -> Result<(), SettingsError> {
        let must_be_there = named.is_some();
        let path = named.unwrap_or_else(|| PathBuf::from(DEFAULT_FILE));
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound && !must_be_there => return Ok(()),
            Err(source) => return Err(SettingsError::Unreadable { path, source }),
        };
        for (name, value) in toml_table(&path, &text)? {
            let Some(key) = key(&name) else {
                let nearest = nearest(&name, KEYS.iter().map(|key| key.name)).map(str::to_owned);
                return Err(SettingsError::Unknown { origin: format!("{name} in {}", path.display()), nearest });
            };
            self.put(key, format!("{name} in {}", path.display()), value);
        }
        Ok(())
    }

    /// An empty variable counts as unset, as compose files leave them.
    fn read_variables(&mut self, variables: &[(OsString, OsString)]) -> Result<(), SettingsError> {
        for name in variables.iter().filter_map(|(name, _)| name.to_str()) {
            refuse_unknown_variable(name)?;
        }
        let find = |wanted: &str| {
            let found = variables.iter().find(|(name, value)| name == wanted && !value.is_empty());
            found.map(|(_, value)| (wanted.to_owned(), value))
        };
        for key in KEYS {
            let Some((variable, value)) = find(&key.variable()).or_else(|| key.known_as.and_then(find)) else {
                continue;
            };
            let Some(text) = value.to_str() else {
                let expected = format!("{}, in UTF-8", key.expected);
                let value = shown(key, &Value::from(value.to_string_lossy().into_owned()));
                return Err(SettingsError::Value { origin: variable, value, expected });
            };
            self.put(key, variable, parse(key, text));
        }
        Ok(())
    }

    fn settings(self) -> Result<Settings, SettingsError> {
        let settings: Settings = self.figment.extract().map_err(|error| {
            let name = error.path.first().map_or("", String::as_str);
            self.refusal(name).unwrap_or_else(|| SettingsError::Value {
                origin: name.to_owned(),
                value: error.kind.to_string(),
                expected: "another value".to_owned(),
            })
        })?;
        let longest = settings.plan.limits().lifetime.as_secs() / 60;
        if u64::from(settings.session_minutes) > longest
            && let Some(SettingsError::Value { origin, value, .. }) = self.refusal("session_minutes")
        {
            let expected = format!("at most {longest} minutes, the lifetime of the {} plan", settings.plan.as_str());
            return Err(SettingsError::Value { origin, value, expected });
        }
        Ok(settings)
    }

    fn refusal(&self, name: &str) -> Option<SettingsError> {
        let key = key(name)?;
        let value = self.figment.find_value(name).ok()?;
        let origin = self.origins.get(name).cloned().unwrap_or_else(|| name.to_owned());
        Some(SettingsError::Value { origin, value: shown(key, &value), expected: key.expected.to_owned() })
    }
}

fn toml_table(path: &Path, text: &str) -> Result<Dict, SettingsError> {
    let mut profiles = Toml::string(text).data().map_err(|error| {
        let reason = error.kind.to_string();
        SettingsError::Malformed { path: path.to_owned(), reason: reason.trim().to_owned() }
    })?;
    Ok(profiles.remove(&Profile::Default).unwrap_or_default())
}

/// A Kubernetes service named `spawnai` gives every pod beside it variables of these forms; they are not ours.
fn is_service_link(name: &str) -> bool {
    name == "SPAWNAI_PORT" || name.starts_with("SPAWNAI_PORT_") || name.starts_with("SPAWNAI_SERVICE_")
}

fn refuse_unknown_variable(name: &str) -> Result<(), SettingsError> {
    let ours = name.starts_with("SPAWNAI_") && !is_service_link(name) && !CLIENT_VARIABLES.contains(&name);
    if !ours || KEYS.iter().any(|key| key.variable() == name) {
        return Ok(());
    }
    let variables: Vec<String> = KEYS.iter().map(Key::variable).collect();
    let nearest = nearest(name, variables.iter().map(String::as_str)).map(str::to_owned);
    Err(SettingsError::Unknown { origin: name.to_owned(), nearest })
}

/// The value that `text` stands for. Text that is no number stays text, and is refused when the setting is read.
fn parse(key: &Key, text: &str) -> Value {
    let text = text.trim();
    match key.form {
        Form::Text | Form::Secret => Value::from(text),
        Form::Number => match (text.parse::<u64>(), text.parse::<f64>()) {
            (Ok(whole), _) => Value::from(whole),
            (Err(_), Ok(fraction)) => Value::from(fraction),
            (Err(_), Err(_)) => Value::from(text),
        },
        Form::Switch => text.parse::<bool>().map_or_else(|_| Value::from(text), Value::from),
        Form::List => {
            let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
            Value::from(parts.map(str::to_owned).collect::<Vec<_>>())
        }
    }
}

fn shown(key: &Key, value: &Value) -> String {
    const SHOWN_MAX: usize = 80;
    if key.form == Form::Secret {
        return "its value (not shown)".to_owned();
    }
    let text = serde_json::to_string(value).unwrap_or_default();
    if text.chars().count() > SHOWN_MAX {
        return format!("{}…", text.chars().take(SHOWN_MAX).collect::<String>());
    }
    text
}

fn suggestion(nearest: Option<&String>) -> String {
    match nearest {
        Some(name) => format!(": did you mean {name}?"),
        None => ": `spawnai serve --help` lists them".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::{
        cli::{Cli, Command},
        types::{MicroUsd, Plan},
    };

    fn settings(file: &str, variables: &[(&str, &str)], flags: &[&str]) -> Result<Settings, SettingsError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("spawnai.toml");
        fs::write(&path, file).unwrap();
        let arguments = ["spawnai", "serve"].iter().chain(flags);
        let Command::Serve(serve) = Cli::try_parse_from(arguments).unwrap().command else {
            panic!("`serve` was parsed as something else");
        };
        let variables = variables.iter().map(|(name, value)| (OsString::from(name), OsString::from(value))).collect();
        Settings::load(Sources { flags: serve.settings, variables, file: Some(path) })
    }

    fn refusal(file: &str, variables: &[(&str, &str)], flags: &[&str]) -> String {
        settings(file, variables, flags).unwrap_err().to_string()
    }

    #[test]
    fn a_flag_beats_a_variable_beats_the_file_beats_the_default() {
        let file =
            "listen = \"127.0.0.1:1\"\nworkers = 3\nplan = \"pro\"\nsession_budget_usd = 1\ncors_origins = [\"*\"]";
        let variables = [
            ("SPAWNAI_LISTEN", "127.0.0.1:2"),
            ("SPAWNAI_WORKERS", "4"),
            ("ANTHROPIC_API_KEY", "known"),
            ("SPAWNAI_ANTHROPIC_API_KEY", "ours"),
            ("E2B_DOMAIN", ""),
            ("HOME", "/root"),
        ];
        let settings =
            settings(file, &variables, &["--listen", "127.0.0.1:3", "--user-day-budget-usd", "2.5"]).unwrap();
        assert_eq!(settings.listen.port(), 3, "flag");
        assert_eq!(settings.workers, 4, "variable");
        assert_eq!(settings.plan, Plan::Pro, "file");
        assert_eq!(settings.session_budget_usd, MicroUsd(1_000_000), "a whole number of dollars");
        assert_eq!(settings.user_day_budget_usd, Some(MicroUsd(2_500_000)));
        assert_eq!(settings.cors_origins, ["*"]);
        assert_eq!(settings.gateway_listen.port(), 8443, "default");
        assert_eq!(settings.anthropic_api_key.unwrap().expose(), "ours", "the prefixed name wins");
        assert_eq!(settings.e2b_domain, None, "an empty variable is none");
    }

    #[test]
    fn a_bad_value_is_named_with_its_key_and_what_would_do() {
        let text = refusal("", &[("SPAWNAI_WARM_SANDBOXES", "lots")], &[]);
        assert_eq!(text, "SPAWNAI_WARM_SANDBOXES: \"lots\" is not accepted: expected a whole number from 0 to 64");
        let text = refusal("", &[], &["--listen", "localhost"]);
        assert!(
            text.starts_with("--listen: \"localhost\" is not accepted: expected an IP address and a port"),
            "{text}"
        );
        let text = refusal("workers = 0", &[], &[]);
        assert!(
            text.starts_with("workers in ") && text.contains(": 0 is not accepted: expected a whole number"),
            "{text}"
        );
        let text = refusal("", &[("SPAWNAI_PLAN", "gold")], &[]);
        assert_eq!(text, "SPAWNAI_PLAN: \"gold\" is not accepted: expected hobby or pro");
        let text = refusal("", &[], &["--session-minutes", "90"]);
        assert_eq!(
            text,
            "--session-minutes: 90 is not accepted: expected at most 60 minutes, the lifetime of the hobby plan"
        );
        let text = refusal("", &[], &["--session-budget-usd=-1"]);
        assert!(text.contains("US dollars from"), "{text}");
        let text = refusal("", &[("SPAWNAI_CORS_ORIGINS", "https://a.example, b")], &[]);
        assert!(text.contains("expected origins such as"), "{text}");
    }

    #[test]
    fn a_secret_never_shows_in_a_message() {
        let text = refusal("", &[("DATABASE_URL", "mysql://root:hunter2@db/x")], &[]);
        assert!(text.starts_with("DATABASE_URL: its value (not shown) is not accepted"), "{text}");
        assert!(!text.contains("hunter2"), "{text}");
        let settings = settings("", &[("REDIS_URL", "redis://:hunter2@db")], &[]).unwrap();
        assert!(!format!("{settings:?}").contains("hunter2"));
    }

    #[test]
    fn unknown_keys_are_errors_that_name_the_nearest() {
        let text = refusal("gateway_listn = \"127.0.0.1:1\"", &[], &[]);
        assert!(text.ends_with("is not a setting: did you mean gateway_listen?"), "{text}");
        let text = refusal("", &[("SPAWNAI_LISTN", "127.0.0.1:1")], &[]);
        assert_eq!(text, "SPAWNAI_LISTN is not a setting: did you mean SPAWNAI_LISTEN?");
        // The client's own, and what Kubernetes sets beside a service named `spawnai`.
        let others =
            [("SPAWNAI_URL", "x"), ("SPAWNAI_PORT", "tcp://10.0.0.1:80"), ("SPAWNAI_SERVICE_HOST", "10.0.0.1")];
        assert!(settings("", &others, &[]).is_ok());
    }

    #[test]
    fn the_internet_is_off_until_it_is_switched_on() {
        let default = settings("", &[], &[]).unwrap();
        assert!(!default.internet && !default.host_internet && default.host_egress_allow.is_empty());
        let variables = [("SPAWNAI_INTERNET", "true"), ("SPAWNAI_HOST_EGRESS_ALLOW", "10.0.0.0/8, 192.168.1.7")];
        let on = settings("host_internet = true", &variables, &[]).unwrap();
        let allowed: Vec<_> = on.host_egress_allow.iter().map(ToString::to_string).collect();
        assert!(on.internet && on.host_internet);
        assert_eq!(allowed, ["10.0.0.0/8", "192.168.1.7"]);
        assert!(!settings("internet = true", &[], &["--internet", "false"]).unwrap().internet);
        for (name, value) in [("SPAWNAI_INTERNET", "yes"), ("SPAWNAI_HOST_EGRESS_ALLOW", "10.0.0.0/40")] {
            let refused = refusal("", &[(name, value)], &[]);
            assert!(refused.contains(name) && refused.contains(value), "{refused}");
        }
    }

    #[test]
    fn a_file_that_is_no_toml_or_not_there_says_so() {
        assert!(refusal("listen =", &[], &[]).contains("is not valid TOML"));
        let missing = Sources { file: Some("/nonexistent/spawnai.toml".into()), ..Sources::default() };
        assert!(matches!(Settings::load(missing), Err(SettingsError::Unreadable { .. })));
    }
}
