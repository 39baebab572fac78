//! The inspection: every file read, under one policy.

use super::{
    found::{App, Found},
    policy::{Level, Policy},
    read::{self, Language, Readers},
    rules::{self, secrets},
    shape, taken,
    verdict::{Finding, Severity, Verdict},
};
use crate::types::{AppFile, Artifact};

/// Reads an artifact and says what speaks against running it.
///
/// Pure, and linear in the artifact's size. Files past the policy's bounds are blocked for that and not read.
#[must_use]
pub fn inspect(artifact: &Artifact, policy: &Policy) -> Verdict {
    let mut verdict = Verdict::default();
    shape::judge(artifact, policy, &mut verdict);
    let mut app = App::default();
    let mut readers = Readers::default();
    read_files(&artifact.files, policy, &mut readers, &mut verdict, &mut app);
    // The commands run in the sandbox like any script of the app.
    for (name, command) in [("start command", Some(&artifact.start)), ("build command", artifact.build.as_ref())] {
        if let Some(command) = command {
            let mut found = Found::new(policy, name, &mut verdict, &mut app);
            readers.read(Language::Shell, command, &mut found);
            rules::end(&mut found);
        }
    }
    settle(&artifact.files, &artifact.start, &mut app, &mut verdict);
    finish(verdict, policy, app)
}

/// As [`inspect`], for files that are no whole app.
#[must_use]
pub fn inspect_files(files: &[AppFile], policy: &Policy) -> Verdict {
    let mut verdict = Verdict::default();
    shape::files(files, policy, &mut verdict);
    let mut app = App::default();
    read_files(files, policy, &mut Readers::default(), &mut verdict, &mut app);
    settle(files, "", &mut app, &mut verdict);
    finish(verdict, policy, app)
}

/// The finding on a symbolic link, which an artifact cannot hold and a folder can.
#[must_use]
pub fn link(path: &str, policy: &Policy) -> Finding {
    let mut finding = Finding::block(
        "path-link",
        Some(path),
        "it is a symbolic link, which can lead anywhere",
        "put the file itself there",
    );
    if policy.level_of("path-link", Severity::Block) != Level::Block {
        finding.severity = Severity::Warn;
    }
    finding
}

fn read_files(files: &[AppFile], policy: &Policy, readers: &mut Readers, verdict: &mut Verdict, app: &mut App) {
    let mut left = policy.total_bytes_max;
    for file in files.iter().take(policy.files_max) {
        let text = file.content.as_str();
        if text.len() > policy.file_bytes_max || text.len() > left {
            continue;
        }
        left -= text.len();
        let language = Language::of(&file.path, text);
        let mut found = Found::new(policy, &file.path, verdict, app);
        rules::begin(text, &mut found);
        read::lexical::read(language, text, &mut found);
        secrets::read(language, text, &mut found);
        readers.read(language, text, &mut found);
        rules::end(&mut found);
    }
}

/// Settles what was in doubt until all files were read.
fn settle(files: &[AppFile], start: &str, app: &mut App, verdict: &mut Verdict) {
    let hold = taken::hold(&app.doubts, files, start, &app.reaching);
    for (mut doubt, holds) in std::mem::take(&mut app.doubts).into_iter().zip(hold) {
        if !holds {
            doubt.finding.severity = doubt.finding.severity.max(Severity::Warn);
        }
        if holds || !doubt.silent {
            verdict.add(doubt.finding);
        }
    }
}

/// Applies the policy to findings on shapes, which are made without it.
fn finish(mut verdict: Verdict, policy: &Policy, app: App) -> Verdict {
    for mut finding in app.named {
        if !app.speaks {
            finding.severity = finding.severity.max(Severity::Warn);
        }
        verdict.add(finding);
    }
    if !policy.levels.is_empty() {
        verdict.findings.retain_mut(|finding| {
            let level = policy.level_of(&finding.rule, finding.severity).severity();
            finding.severity = level.unwrap_or(finding.severity);
            level.is_some()
        });
        // A full list may have dropped one that blocks; it stays blocked.
        let full = verdict.findings.len() >= super::verdict::FINDINGS_MAX;
        verdict.blocked =
            verdict.findings.iter().any(|finding| finding.severity == Severity::Block) || full && verdict.blocked;
    }
    verdict.egress = app.egress.into_iter().collect();
    verdict
}
