//! What `doctor` prints. The findings are app.rs's, which knows every box.

use serde::Serialize;
use serde_json::json;

use super::{
    console::Console,
    error::{ClientError, Exit},
    text,
};

/// How a finding bears on the engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    Ok,
    /// It works, but weaker than it could.
    Advisory,
    /// Something needed is not there.
    Missing,
    /// Worth knowing.
    Info,
}

/// One thing that was looked at.
#[derive(Clone, Debug, Serialize)]
pub struct Finding {
    pub name: String,
    pub state: State,
    pub detail: String,
    /// What the user can do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remedy: Option<String>,
}

/// Prints `findings`; fails when something is missing.
///
/// # Errors
/// The output could not be written.
pub fn report(findings: &[Finding], json: bool, console: &mut Console) -> Result<Exit, ClientError> {
    let missing = findings.iter().filter(|finding| finding.state == State::Missing).count();
    let exit = if missing == 0 { Exit::Ok } else { Exit::Failed };
    if json {
        console.document(&json!({ "ok": missing == 0, "findings": findings }))?;
        return Ok(exit);
    }
    let width = findings.iter().map(|finding| finding.name.chars().count()).max().unwrap_or(0);
    for finding in findings {
        let mark = match finding.state {
            State::Ok => console.green("ok      "),
            State::Advisory => console.bold("advisory"),
            State::Missing => console.red("missing "),
            State::Info => console.dim("info    "),
        };
        console.line(&format!("{mark}  {:width$}  {}", finding.name, text::harmless(&finding.detail)))?;
        if let Some(remedy) = &finding.remedy {
            console.line(&format!("          {:width$}  → {}", "", text::harmless(remedy)))?;
        }
    }
    console.line(&match missing {
        0 => console.green("This machine has all that an engine needs."),
        1 => console.red("1 thing that an engine needs is missing."),
        _ => console.red(&format!("{missing} things that an engine needs are missing.")),
    })?;
    Ok(exit)
}
