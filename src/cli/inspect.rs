//! What `inspect` prints. The report is app's, which knows the guard.

use serde::Serialize;
use serde_json::{Value, json};

use super::{
    console::Console,
    error::{ClientError, Exit},
    text,
};
use crate::types::Severity;

/// One thing that was found.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    pub rule: String,
    pub blocks: bool,
    /// `block`, `warn` or `info`.
    pub severity: Severity,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// Counted from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    pub why: String,
    pub remedy: String,
}

/// A rule, for those who collect findings of many tools.
#[derive(Clone, Debug)]
pub struct Rule {
    pub id: &'static str,
    pub why: &'static str,
    pub remedy: &'static str,
}

/// The outcome of an inspection.
#[derive(Clone, Debug)]
pub struct Report {
    pub files: usize,
    pub blocked: bool,
    pub findings: Vec<Finding>,
    /// Hosts that the code names.
    pub egress: Vec<String>,
    pub rules: Vec<Rule>,
}

/// How a report is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    Human,
    Json,
    /// SARIF 2.1.0, which code hosts show beside the lines.
    Sarif,
}

/// Prints the report; fails when something blocks.
///
/// # Errors
/// The output could not be written.
pub fn report(report: &Report, form: Form, console: &mut Console) -> Result<Exit, ClientError> {
    match form {
        Form::Human => human(report, console)?,
        Form::Json => console.document(&json!({
            "blocked": report.blocked, "files": report.files, "findings": report.findings, "egress": report.egress,
        }))?,
        Form::Sarif => console.document(&sarif(report))?,
    }
    Ok(if report.blocked { Exit::Failed } else { Exit::Ok })
}

fn human(report: &Report, console: &mut Console) -> Result<(), ClientError> {
    for finding in &report.findings {
        let mark = match finding.severity {
            Severity::Block => console.red("blocks"),
            Severity::Warn => console.dim("warns "),
            Severity::Info => console.dim("notes "),
        };
        let place = match (&finding.file, finding.line) {
            (Some(file), Some(line)) => format!("{file}:{line}  "),
            (Some(file), None) => format!("{file}  "),
            (None, _) => String::new(),
        };
        console.line(&format!("{mark}  {}{}", text::harmless(&place), console.bold(&finding.rule)))?;
        console.line(&format!("        {}", text::harmless(&finding.why)))?;
        console.line(&format!("        → {}", text::harmless(&finding.remedy)))?;
    }
    if !report.egress.is_empty() {
        console.line(&console.dim(&format!("names {}", text::harmless(&report.egress.join(", ")))))?;
    }
    let blocking = report.findings.iter().filter(|finding| finding.blocks).count();
    console.line(&match (report.blocked, blocking) {
        (false, _) => console.green(&format!("{} files read: nothing blocks.", report.files)),
        (true, 1) => console.red(&format!("{} files read: 1 finding blocks.", report.files)),
        (true, _) => console.red(&format!("{} files read: {blocking} findings block.", report.files)),
    })
}

fn sarif(report: &Report) -> Value {
    let rules: Vec<Value> = report
        .rules
        .iter()
        .map(|rule| json!({ "id": rule.id, "shortDescription": { "text": rule.why }, "help": { "text": rule.remedy } }))
        .collect();
    let results: Vec<Value> = report
        .findings
        .iter()
        .map(|finding| {
            let mut result = json!({
                "ruleId": finding.rule,
                "level": match finding.severity {
                    Severity::Block => "error",
                    Severity::Warn => "warning",
                    Severity::Info => "note",
                },
                "message": { "text": format!("{}; {}", finding.why, finding.remedy) },
            });
            if let Some(file) = &finding.file {
                let address: String = url::form_urlencoded::byte_serialize(file.as_bytes()).collect();
                let uri = address.replace("%2F", "/").replace('+', "%20");
                let mut place = json!({ "artifactLocation": { "uri": uri } });
                if let Some(line) = finding.line {
                    place["region"] = json!({ "startLine": line });
                }
                result["locations"] = json!([{ "physicalLocation": place }]);
            }
            result
        })
        .collect();
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": { "name": "spawnai", "version": env!("CARGO_PKG_VERSION"), "rules": rules } },
            "results": results,
        }],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sarif_names_rules_places_and_levels() {
        let finding = Finding {
            rule: "code-eval".to_owned(),
            blocks: true,
            severity: Severity::Block,
            file: Some("a b/ü.js".to_owned()),
            line: Some(3),
            why: "w".to_owned(),
            remedy: "r".to_owned(),
        };
        let rule = Rule { id: "code-eval", why: "w", remedy: "r" };
        let report = Report { files: 1, blocked: true, findings: vec![finding], egress: vec![], rules: vec![rule] };
        let document = sarif(&report);
        assert_eq!(document["version"], "2.1.0");
        let result = &document["runs"][0]["results"][0];
        assert_eq!((result["ruleId"].as_str(), result["level"].as_str()), (Some("code-eval"), Some("error")));
        let place = &result["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], "a%20b/%C3%BC.js");
        assert_eq!(place["region"]["startLine"], 3);
        assert_eq!(document["runs"][0]["tool"]["driver"]["rules"][0]["id"], "code-eval");
    }
}
