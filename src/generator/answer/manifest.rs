//! What an app is besides its files, as the model says it. Pure.

use serde_json::Value;

use crate::{
    generator::loose_json,
    types::{Artifact, Check, Expectation, Runtime},
};

/// Bytes of a manifest. Eight checks with bodies fit ten times over.
pub const MANIFEST_MAX: usize = 64 * 1024;
const DEPENDENCIES_MAX: usize = 64;
/// Characters of a command, and of a check's texts.
const TEXT_MAX: usize = 4000;

/// Every field may be missing: what can be told from the files is told from them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Manifest {
    pub runtime: Option<Runtime>,
    pub start: Option<String>,
    pub build: Option<String>,
    /// It says that there is nothing to build, and does not just leave that out.
    pub without_build: bool,
    pub port: Option<u16>,
    pub dependencies: Vec<String>,
    pub checks: Vec<Check>,
    /// One sentence of the model about what it made.
    pub summary: Option<String>,
}

impl Manifest {
    /// Reads one, mending its JSON if need be; a field of the wrong kind is as good as missing.
    ///
    /// `None` when it is no JSON object at all.
    #[must_use]
    pub fn read(text: &str) -> Option<(Self, bool)> {
        let (value, mended) = loose_json::parse(text)?;
        let object = value.as_object()?;
        let text = |name: &str| object.get(name).and_then(short_text);
        let manifest = Self {
            runtime: text("runtime").and_then(|name| runtime(&name)),
            start: text("start"),
            build: text("build"),
            without_build: object.get("build").is_some_and(Value::is_null),
            port: object.get("port").and_then(port),
            dependencies: object.get("dependencies").map(dependencies).unwrap_or_default(),
            checks: object.get("checks").map(checks).unwrap_or_default(),
            summary: text("summary"),
        };
        Some((manifest, mended))
    }
}

fn short_text(value: &Value) -> Option<String> {
    let text = value.as_str()?.trim();
    (!text.is_empty() && text.chars().nth(TEXT_MAX).is_none()).then(|| text.to_owned())
}

fn runtime(name: &str) -> Option<Runtime> {
    match name.to_ascii_lowercase().as_str() {
        "node" | "nodejs" | "node.js" | "javascript" | "js" => Some(Runtime::Node),
        "python" | "python3" | "py" => Some(Runtime::Python),
        _ => None,
    }
}

fn port(value: &Value) -> Option<u16> {
    let number = value.as_u64().or_else(|| value.as_str()?.trim().parse().ok())?;
    u16::try_from(number).ok().filter(|port| *port > 0)
}

/// A list of names, or an object of names and versions as `package.json` has it.
fn dependencies(value: &Value) -> Vec<String> {
    let names: Vec<String> = match value {
        Value::Array(names) => names.iter().filter_map(short_text).collect(),
        Value::Object(versions) => versions.keys().cloned().collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Vec::new(),
    };
    names.into_iter().take(DEPENDENCIES_MAX).collect()
}

fn checks(value: &Value) -> Vec<Check> {
    let list = value.as_array().map(Vec::as_slice).unwrap_or_default();
    list.iter().filter_map(check).take(Artifact::CHECKS_MAX).collect()
}

fn check(value: &Value) -> Option<Check> {
    const METHODS: [&str; 6] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"];
    let text = |name: &str| value.get(name).and_then(short_text);
    let path = text("path").filter(|path| path.starts_with('/') && !path.contains(char::is_whitespace))?;
    let method = text("method").unwrap_or_else(|| "GET".to_owned()).to_ascii_uppercase();
    if !METHODS.contains(&method.as_str()) {
        return None;
    }
    let body = value.get("body").and_then(|body| match body {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => Some(body.to_string()),
    });
    let status = value.get("status").and_then(Value::as_u64).and_then(|status| u16::try_from(status).ok());
    let status = status.filter(|status| (100..=599).contains(status)).unwrap_or(200);
    let name = text("name").unwrap_or_else(|| format!("{method} {path}"));
    // One that is as long as a whole manifest may be is no check.
    let json = value.get("json").filter(|json| !json.is_null() && json.to_string().len() <= TEXT_MAX).cloned();
    Some(Check { name, method, path, body, expect: Expectation { status, contains: text("contains"), json } })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_is_read_field_by_field() {
        let text = r#"{
            "runtime": "nodejs", "start": " node server.js ", "build": "", "port": "8080",
            "dependencies": { "express": "^5" },
            "checks": [
                { "path": "/" },
                { "name": "add", "method": "post", "path": "/api", "body": { "a": 1 }, "status": 201, "contains": "1" },
                { "path": "/items", "json": [{ "a": 1 }] }, { "path": "no slash" }, { "method": "BREW", "path": "/" }, 7
            ],
        }"#;
        let (manifest, mended) = Manifest::read(text).unwrap();
        assert!(mended, "a trailing comma");
        assert_eq!((manifest.runtime, manifest.port), (Some(Runtime::Node), Some(8080)));
        assert_eq!((manifest.start.as_deref(), manifest.build), (Some("node server.js"), None));
        assert_eq!(manifest.dependencies, ["express"]);
        let add = Check {
            name: "add".to_owned(),
            method: "POST".to_owned(),
            path: "/api".to_owned(),
            body: Some(r#"{"a":1}"#.to_owned()),
            expect: Expectation { contains: Some("1".to_owned()), ..Expectation::status(201) },
        };
        let mut items = Check::get("GET /items", "/items", 200, None);
        items.expect.json = Some(serde_json::json!([{ "a": 1 }]));
        assert_eq!(manifest.checks, [Check::get("GET /", "/", 200, None), add, items]);
    }

    #[test]
    fn what_is_wrong_is_as_good_as_missing_and_lists_are_bounded() {
        let checks = vec![serde_json::json!({ "path": "/" }); 20];
        let text = serde_json::json!({ "runtime": "cobol", "port": 70_000, "start": 3, "checks": checks });
        let (manifest, mended) = Manifest::read(&text.to_string()).unwrap();
        assert_eq!((manifest.checks.len(), mended), (Artifact::CHECKS_MAX, false));
        assert_eq!(Manifest { checks: Vec::new(), ..manifest }, Manifest::default());
        assert_eq!(Manifest::read("[1]"), None);
        assert_eq!(Manifest::read("start: node server.js"), None);
    }
}
