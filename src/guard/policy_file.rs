//! Policies in TOML.
//!
//! ```toml
//! allow_modules = ["child_process"]   # for all apps
//!
//! [rules]                             # block, warn, info or pass, by the rule's id
//! net-listen-port = "warn"
//!
//! [egress]                            # where there is internet: what the code names, and this
//! allow = ["api.example.com", "*.example.org", "10.1.2.3"]   # "*" is every host
//! deny = ["tracker.example.net"]      # with all names below it, although the code names it
//! install = ["packages.example.com"]  # while packages are installed, before the start; none named is any host
//!
//! [script]                            # one type of app; also [webapp] and [api]
//! allow_modules = ["execa"]
//! [script.rules]
//! spawn-process = "warn"
//! ```
//! What a type says beats what is said for all. An unknown key, rule or level is an error that names what would do: a
//! misspelt rule that is silently ignored is a door left open.

use std::collections::BTreeMap;

use figment::{
    Figment,
    providers::{Format, Toml},
};
use serde::Deserialize;

use super::{
    egress,
    policy::{Level, Policy},
    rules,
};
use crate::types::AppType;

/// The policies of all types of apps.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Policies {
    webapp: Policy,
    api: Policy,
    script: Policy,
}

/// Why a policy cannot be used.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum PolicyError {
    #[error("the policy is not valid: {0}")]
    Malformed(String),
    #[error("there is no rule {rule:?}{}", .nearest.map(|nearest| format!(": did you mean {nearest}?")).unwrap_or_default())]
    UnknownRule { rule: String, nearest: Option<&'static str> },
    #[error("{rule}: {level:?} is not accepted: expected block, warn, info or pass")]
    UnknownLevel { rule: String, level: String },
    #[error("egress: \"*\" allows every host, so deny must be empty: sandboxes can allow names, not deny them")]
    EveryHostButSome,
    #[error(
        "egress: {0:?} is not accepted: expected a host name, *.name, an address, a block of addresses, or \"*\" for all"
    )]
    Host(String),
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Section {
    allow_modules: Vec<String>,
    rules: BTreeMap<String, String>,
    egress: Egress,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Egress {
    allow: Vec<String>,
    deny: Vec<String>,
    install: Vec<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct File {
    allow_modules: Vec<String>,
    rules: BTreeMap<String, String>,
    egress: Egress,
    webapp: Section,
    api: Section,
    script: Section,
}

impl Policies {
    /// Reads a policy file's text.
    ///
    /// # Errors
    /// It is no TOML, or names a key, rule or level that there is not.
    pub fn from_toml(text: &str) -> Result<Self, PolicyError> {
        let file: File = Figment::from(Toml::string(text))
            .extract()
            .map_err(|error| PolicyError::Malformed(error.to_string().trim().to_owned()))?;
        let mut all = Policy::default();
        apply(&mut all, &file.allow_modules, &file.rules, &file.egress)?;
        let one = |section: &Section| {
            let mut policy = all.clone();
            apply(&mut policy, &section.allow_modules, &section.rules, &section.egress)?;
            Ok(policy)
        };
        Ok(Self { webapp: one(&file.webapp)?, api: one(&file.api)?, script: one(&file.script)? })
    }

    /// The policy for apps of a type.
    #[must_use]
    pub const fn of(&self, app_type: AppType) -> &Policy {
        match app_type {
            AppType::Webapp => &self.webapp,
            AppType::Api => &self.api,
            AppType::Script => &self.script,
        }
    }
}

fn apply(
    policy: &mut Policy,
    modules: &[String],
    levels: &BTreeMap<String, String>,
    egress: &Egress,
) -> Result<(), PolicyError> {
    policy.modules.extend(modules.iter().cloned());
    for (entries, list) in [
        (&egress.allow, &mut policy.egress_allow),
        (&egress.deny, &mut policy.egress_deny),
        (&egress.install, &mut policy.egress_install),
    ] {
        for entry in entries {
            list.insert(egress::entry(entry).ok_or_else(|| PolicyError::Host(entry.clone()))?);
        }
    }
    if policy.egress_allow.contains(egress::EVERY) && !policy.egress_deny.is_empty() {
        return Err(PolicyError::EveryHostButSome);
    }
    for (rule, level) in levels {
        let id = rules::known(rule)
            .ok_or_else(|| PolicyError::UnknownRule { rule: rule.clone(), nearest: nearest(rule) })?;
        let level = match level.as_str() {
            "block" => Level::Block,
            "warn" => Level::Warn,
            "info" => Level::Info,
            "pass" => Level::Pass,
            _ => return Err(PolicyError::UnknownLevel { rule: rule.clone(), level: level.clone() }),
        };
        policy.levels.insert(id, level);
    }
    Ok(())
}

/// The rule that shares the most letters in their places, from both ends.
fn nearest(rule: &str) -> Option<&'static str> {
    const SHARED_MIN: usize = 5;
    let shared = |id: &str| {
        let start = id.bytes().zip(rule.bytes()).take_while(|(one, other)| one == other).count();
        let end = id.bytes().rev().zip(rule.bytes().rev()).take_while(|(one, other)| one == other).count();
        start + end
    };
    let ids = rules::all().map(|rule| rule.id).chain(rules::SHAPES.iter().copied());
    ids.max_by_key(|id| shared(id)).filter(|id| shared(id) >= SHARED_MIN)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guard::{Severity, inspect_files};
    use crate::types::AppFile;

    const EVAL: &str = "eval(x)";

    fn blocks(policy: &Policy, name: &str, text: &str) -> bool {
        let files = [AppFile { path: name.to_owned(), content: text.to_owned() }];
        inspect_files(&files, policy).blocked
    }

    #[test]
    fn levels_and_modules_are_by_type() {
        let text = "allow_modules = ['child_process']\n[rules]\ncode-eval = 'warn'\n[script.rules]\ncode-eval = 'block'\npath-escapes = 'pass'\n";
        let policies = Policies::from_toml(text).unwrap();
        assert!(!blocks(policies.of(AppType::Webapp), "x.js", EVAL));
        assert!(blocks(policies.of(AppType::Script), "x.js", EVAL));
        assert!(!blocks(policies.of(AppType::Api), "x.js", "const cp = require('node:child_process'); cp.execSync(x)"));
        assert!(blocks(policies.of(AppType::Api), "../x.js", ""));
        assert!(!blocks(policies.of(AppType::Script), "../x.js", ""));
        let files = [AppFile { path: "x.js".to_owned(), content: EVAL.to_owned() }];
        let verdict = inspect_files(&files, policies.of(AppType::Webapp));
        assert_eq!(verdict.findings[0].severity, Severity::Warn);
    }

    #[test]
    fn what_is_unknown_is_an_error_that_helps() {
        let error = |text: &str| Policies::from_toml(text).unwrap_err().to_string();
        assert_eq!(
            error("[rules]\nfile-destory = 'warn'"),
            "there is no rule \"file-destory\": did you mean file-destroy?"
        );
        assert!(error("[rules]\ncode-eval = 'ignore'").contains("expected block, warn, info or pass"));
        assert!(error("[egress]\nallow = ['https://a.example/x']").contains("expected a host name"));
        assert!(error("[webapps]").contains("webapps"));
        assert!(error("rules = 1").contains("rules"));
        assert_eq!(Policies::from_toml("").unwrap(), Policies::default());
    }
}
