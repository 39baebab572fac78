//! `inspect`: the guard on any file or folder.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use super::settings;
use crate::{
    cli::{
        self, Cli, Console, Exit, InspectArgs,
        inspect::{Form, Report, Rule},
    },
    guard::{self, Finding, Policy, Severity},
    types::AppFile,
};

/// Folders that others have filled: what is installed, built, or kept by a version control.
const SKIPPED: [&str; 8] = [".git", ".hg", ".svn", "node_modules", "__pycache__", ".venv", "venv", "target"];
/// Folders above a file; deeper ones are not entered.
const DEPTH_MAX: usize = 64;

pub(super) fn inspect(cli: &Cli, args: &InspectArgs, console: &mut Console) -> Exit {
    let form = match (args.json, args.sarif) {
        (_, true) => Form::Sarif,
        (true, false) => Form::Json,
        (false, false) => Form::Human,
    };
    let settings = match settings(cli, &args.settings, console) {
        Ok(settings) => settings,
        Err(exit) => return exit,
    };
    let policies = match super::policies(&settings) {
        Ok(policies) => policies,
        Err(error) => return usage(&super::error::with_causes(&error), console),
    };
    let policy = policies.of(args.app_type);
    let mut files = Files { policy, files: Vec::new(), findings: Vec::new(), bytes: 0 };
    if let Err(error) = files.gather(&args.path, &relative_name(&args.path), 0) {
        return usage(&format!("cannot read {}: {error}", args.path.display()), console);
    }
    let verdict = guard::inspect_files(&files.files, policy);
    let mut findings = files.findings;
    findings.extend(verdict.findings);
    let report = Report {
        files: files.files.len(),
        blocked: verdict.blocked || findings.iter().any(|finding| finding.severity == Severity::Block),
        findings: findings.into_iter().map(shown).collect(),
        egress: verdict.egress,
        rules: rules().collect(),
    };
    cli::inspect::report(&report, form, console).unwrap_or_else(|error| console.fail(&error, args.json))
}

/// What `inspect` may find, and what a session may note besides.
fn rules() -> impl Iterator<Item = Rule> {
    let notes = guard::EGRESS_NOTES.into_iter().map(|(id, why, remedy)| Rule { id, why, remedy });
    guard::catalog().map(|rule| Rule { id: rule.id, why: rule.why, remedy: rule.remedy }).chain(notes)
}

fn usage(message: &str, console: &mut Console) -> Exit {
    console.remark(&format!("error: {message}"));
    Exit::Usage
}

/// A file is called by its own name, and those of a folder by their way from there.
fn relative_name(path: &Path) -> String {
    match path.is_dir() {
        true => String::new(),
        false => path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default(),
    }
}

fn shown(finding: Finding) -> cli::inspect::Finding {
    cli::inspect::Finding {
        rule: finding.rule,
        blocks: finding.severity == Severity::Block,
        severity: finding.severity,
        file: finding.file,
        line: finding.line,
        why: finding.why,
        remedy: finding.remedy,
    }
}

struct Files<'p> {
    policy: &'p Policy,
    files: Vec<AppFile>,
    findings: Vec<Finding>,
    bytes: usize,
}

impl Files<'_> {
    /// Reads what lies at `path`, called `name` in the report. Once the policy's bounds are passed, nothing more is read:
    /// the verdict is "too many" or "too large" by then.
    fn gather(&mut self, path: &Path, name: &str, depth: usize) -> io::Result<()> {
        let about = fs::symlink_metadata(path)?;
        if about.is_symlink() && depth > 0 {
            self.findings.push(guard::link(name, self.policy));
            return Ok(());
        }
        if about.is_dir() || about.is_symlink() && path.is_dir() {
            return self.folder(path, name, depth);
        }
        if self.files.len() > self.policy.files_max || self.bytes > self.policy.total_bytes_max {
            return Ok(());
        }
        // One byte past the bound tells that it is passed.
        let most = u64::try_from(self.policy.file_bytes_max).unwrap_or(u64::MAX).saturating_add(1);
        let mut bytes = Vec::new();
        io::Read::read_to_end(&mut io::Read::take(fs::File::open(path)?, most), &mut bytes)?;
        self.bytes += bytes.len();
        let content =
            String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned());
        self.files.push(AppFile { path: name.to_owned(), content });
        Ok(())
    }

    fn folder(&mut self, path: &Path, name: &str, depth: usize) -> io::Result<()> {
        if depth > DEPTH_MAX {
            return Ok(());
        }
        let mut entries: Vec<PathBuf> = Vec::new();
        for entry in fs::read_dir(path)? {
            entries.push(entry?.path());
        }
        entries.sort_unstable();
        for entry in entries {
            let Some(own) = entry.file_name().map(|name| name.to_string_lossy().into_owned()) else { continue };
            if entry.is_dir() && SKIPPED.contains(&own.as_str()) {
                continue;
            }
            let below = if name.is_empty() { own } else { format!("{name}/{own}") };
            self.gather(&entry, &below, depth + 1)?;
        }
        Ok(())
    }
}
