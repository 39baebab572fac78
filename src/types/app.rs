//! An app as the generator hands it over.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Ports an app may listen on; it finds its own in the `PORT` variable.
pub const PORTS: [Port; 3] = [Port(3000), Port(8000), Port(8080)];

/// A TCP port inside a sandbox; never zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "u16", into = "u16")]
pub struct Port(u16);

impl Port {
    #[must_use]
    pub const fn new(port: u16) -> Option<Self> {
        if port == 0 { None } else { Some(Self(port)) }
    }

    #[must_use]
    pub const fn get(self) -> u16 {
        self.0
    }
}

impl TryFrom<u16> for Port {
    type Error = &'static str;
    fn try_from(port: u16) -> Result<Self, &'static str> {
        Self::new(port).ok_or("port 0 cannot be listened on")
    }
}

impl From<Port> for u16 {
    fn from(port: Port) -> Self {
        port.0
    }
}

impl fmt::Display for Port {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What kind of thing a prompt asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum AppType {
    /// Pages for a browser.
    Webapp,
    /// JSON over HTTP.
    Api,
    /// A program that runs and ends; its address shows the output.
    Script,
}

impl AppType {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Webapp => "webapp",
            Self::Api => "api",
            Self::Script => "script",
        }
    }
}

impl FromStr for AppType {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "webapp" => Ok(Self::Webapp),
            "api" => Ok(Self::Api),
            "script" => Ok(Self::Script),
            other => Err(format!("unknown app type {other:?}: expected webapp, api or script")),
        }
    }
}

/// What an app needs on the machine that runs it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Runtime {
    Node,
    Python,
}

impl Runtime {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Node => "node",
            Self::Python => "python",
        }
    }
}

/// One file of an app. `path` is relative to the app's folder, with `/` between its parts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AppFile {
    pub path: String,
    pub content: String,
}

/// Which generator made an artifact, and how it came to it. Shown to the user as it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Origin {
    /// `built-in` or `claude`.
    pub generator: String,
    /// The template or model that answered.
    pub template: String,
    /// How well the prompt fits the template, 0–100.
    pub match_percent: u8,
    /// One sentence for the user: what was chosen and why, and how to get more.
    pub note: String,
}

/// A whole app: what to put into a sandbox, how to start it, and how to know that it lives.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Artifact {
    pub files: Vec<AppFile>,
    /// Run by `/bin/bash -l -c` in the app's folder before the start, and must end with 0.
    pub build: Option<String>,
    /// Run by `/bin/bash -l -c` in the app's folder with `PORT` set; must not end.
    pub start: String,
    pub port: Port,
    pub runtime: Runtime,
    /// Packages that the build installs, by their registry name. For people; the build installs them.
    pub dependencies: Vec<String>,
    /// What proves the app alive, at most [`Artifact::CHECKS_MAX`].
    pub checks: Vec<Check>,
    pub origin: Origin,
}

impl Artifact {
    pub const CHECKS_MAX: usize = 8;
}

/// One HTTP request to the app and what its answer must show.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Check {
    pub name: String,
    pub method: String,
    /// Path and query, beginning with `/`.
    pub path: String,
    /// Sent as `application/json` when given.
    pub body: Option<String>,
    pub expect: Expectation,
}

/// What the answer to a [`Check`] must show.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Expectation {
    pub status: u16,
    /// Text that the body must contain.
    pub contains: Option<String>,
    /// JSON that the body must hold: see [`includes`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub json: Option<Value>,
}

impl Expectation {
    /// An answer with `status`, whatever its body.
    #[must_use]
    pub const fn status(status: u16) -> Self {
        Self { status, contains: None, json: None }
    }
}

/// Whether `got` holds all that `wanted` asks for. An object may have more members than the wanted one, and a list must
/// have the wanted elements in their order, with others between them; all else must be equal, numbers by their value.
#[must_use]
pub fn includes(got: &Value, wanted: &Value) -> bool {
    match (got, wanted) {
        (Value::Object(got), Value::Object(wanted)) => {
            wanted.iter().all(|(name, wanted)| got.get(name).is_some_and(|got| includes(got, wanted)))
        }
        (Value::Array(got), Value::Array(wanted)) => {
            let mut rest = got.iter();
            wanted.iter().all(|wanted| rest.any(|got| includes(got, wanted)))
        }
        (Value::Number(got), Value::Number(wanted)) => got == wanted || got.as_f64() == wanted.as_f64(),
        (_, _) => got == wanted,
    }
}

impl Check {
    /// `GET path` answers `status` and its body contains `text`.
    #[must_use]
    pub fn get(name: &str, path: &str, status: u16, text: Option<&str>) -> Self {
        Self {
            name: name.to_owned(),
            method: "GET".to_owned(),
            path: path.to_owned(),
            body: None,
            expect: Expectation { contains: text.map(str::to_owned), ..Expectation::status(status) },
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn json_is_included_when_all_that_is_asked_for_is_there() {
        let got = json!({ "id": 1, "tags": ["a", "b", "c"], "by": { "name": "x", "age": 3.0 } });
        for wanted in
            [json!({}), json!({ "id": 1.0 }), json!({ "tags": ["a", "c"] }), json!({ "by": { "age": 3 } }), got.clone()]
        {
            assert!(includes(&got, &wanted), "{wanted}");
        }
        for wanted in [
            json!([]),
            json!({ "id": "1" }),
            json!({ "tags": ["c", "a"] }),
            json!({ "by": { "size": 1 } }),
            json!(null),
        ] {
            assert!(!includes(&got, &wanted), "{wanted}");
        }
        assert!(includes(&json!([{ "a": 1, "b": 2 }]), &json!([{ "b": 2 }])));
    }

    #[test]
    fn a_check_of_before_json_was_expected_still_reads() {
        let stored = r#"{"status":200,"contains":null}"#;
        assert_eq!(serde_json::from_str::<Expectation>(stored).unwrap(), Expectation::status(200));
    }
}
