//! What an app depends on is installed while the rest of it is still being written.
//!
//! Nothing of the app may run before the guard has read all of it, and nothing does: the manifest was read by itself, by the
//! guard's rules for manifests, before it came here, and an installation without scripts only lays files. Packages that
//! want to run something when they are installed do so in the app's build, which follows in its turn and finds most of its work done.

use std::{collections::BTreeMap, time::Duration};

use tracing::debug;

use crate::{
    sandbox::{APP_FOLDER, Client, Command, Lease, ProcessEvent, SandboxError},
    types::AppFile,
};

/// For one installation; the build does what is not done by then.
pub(super) const INSTALLING_MAX: Duration = Duration::from_secs(120);

const NPM: &str = "npm install --ignore-scripts --omit=dev --no-audit --no-fund";
/// Wheels are unpacked; whatever else there is would be built by code of its own.
const PIP: &str = "PIP_BREAK_SYSTEM_PACKAGES=1 python3 -m pip install --quiet --disable-pip-version-check --only-binary :all: -r requirements.txt";

/// What installs the packages that a manifest names, without running any of them; `None` for every other file, and for a
/// manifest that names none.
pub(super) fn line(file: &AppFile) -> Option<&'static str> {
    match file.path.as_str() {
        "package.json" => {
            let package: serde_json::Value = serde_json::from_str(&file.content).ok()?;
            let dependencies = package.get("dependencies")?.as_object()?;
            (!dependencies.is_empty()).then_some(NPM)
        }
        "requirements.txt" => {
            let names = |line: &str| line.trim().starts_with(|c: char| c.is_ascii_alphanumeric());
            file.content.lines().any(names).then_some(PIP)
        }
        _ => None,
    }
}

/// Installs, and waits for the end. How it went, the build will find out.
pub(super) async fn install(client: Client, lease: Lease, line: &'static str) {
    if let Err(error) = run(&client, &lease, line).await {
        debug!(error = %error, "packages could not be installed ahead");
    }
}

async fn run(client: &Client, lease: &Lease, line: &str) -> Result<(), SandboxError> {
    let command = Command { line, folder: APP_FOLDER, envs: BTreeMap::new(), limit: Some(INSTALLING_MAX) };
    let mut output = client.start(lease, command).await?;
    while let Some(event) = output.next().await? {
        match event {
            ProcessEvent::Started { .. } | ProcessEvent::Output { .. } => {}
            ProcessEvent::Ended { .. } | ProcessEvent::OutOfTime => break,
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_manifests_that_name_packages_are_installed_and_no_package_runs() {
        let line = |path: &str, content: &str| line(&AppFile { path: path.to_owned(), content: content.to_owned() });
        let npm = line("package.json", r#"{"dependencies":{"express":"^5"}}"#).unwrap();
        assert!(npm.contains("--ignore-scripts"), "{npm}");
        let pip = line("requirements.txt", "# web\nflask==3.1\n").unwrap();
        assert!(pip.contains("--only-binary :all:"), "{pip}");
        for (path, content) in [
            ("package.json", r#"{"dependencies":{}}"#),
            ("package.json", r#"{"devDependencies":{"x":"1"}}"#),
            ("package.json", "no JSON"),
            ("lib/package.json", r#"{"dependencies":{"express":"^5"}}"#),
            ("requirements.txt", "# none\n\n-r other.txt\n"),
            ("server.js", "flask"),
        ] {
            assert_eq!(line(path, content), None, "{path} {content}");
        }
    }
}
