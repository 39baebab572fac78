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
