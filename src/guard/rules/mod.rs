//! The rules: what a fact means.
//!
//! ```text
//!   fact ─► judge ─┬─ evaluate   code from data            ├─ spawn     processes, shells
//!                  ├─ files      outside of the app        ├─ network   sockets, ports, places
//!                  ├─ harvest    secrets on their way out  ├─ hidden    what a reader should not see
//!                  ├─ resources  bombs                     ├─ commands  what a shell is told
//!                  ├─ packages, page, secrets: called by their readers
//!                  └─ ending    what only the end of a file tells
//! ```
//! A rule is a row: its id, what it is about, what to do, and texts that it must and must not find. One test holds
//! every row to its own examples. Whether a finding blocks is the policy's to say; the row has the default. Where only
//! the circumstances tell harm from habit (a constant command of a build tool, a host that serves libraries), the rule
//! gives a hint, which never blocks.

mod asked;
mod brought;
pub(super) mod commands;
mod doubts;
mod drops;
mod ending;
mod evaluate;
mod files;
mod forms;
mod harvest;
mod hidden;
mod hosted;
mod moved;
mod network;
mod options;
pub(super) mod packages;
pub(super) mod page;
mod places;
mod programs;
mod reader;
mod resources;
mod scripted;
pub(super) mod secrets;
mod spawn;
#[cfg(test)]
mod tests;
mod told;
mod wallet;

pub(super) use self::{
    asked::is_secret_name,
    brought::{Brought, is_code},
    commands::{DESTROY, DOWNLOAD},
    doubts::Doubt,
    ending::{Ending, begin, end, is_tiny},
    evaluate::{COMPUTED, INTROSPECTION, is_dangerous},
    files::FILE_OUTSIDE,
    hidden::{BIDI, INVISIBLE, NAME, SCRAMBLED, lookalike},
    moved::opens,
    network::{FLOOD, LISTEN, METADATA, is_metadata_host, is_metadata_number},
    packages::{DOCKER_REMOTE, INSTALL_SCRIPT},
    page::{STYLE_CODE, STYLE_FOREIGN, STYLE_SPY},
    places::{is_credential_file, is_credential_path, is_settings_file, is_system_path},
    reader::{NOT_PARSED, NOT_TEXT, UNREADABLE},
    resources::ALLOCATION,
    scripted::SCRIPT_ELEMENT,
    spawn::FORK,
    wallet::{Wallet, is_pattern},
};
use super::{
    fact::{Fact, Standing},
    found::Found,
    value::Marks,
    verdict::Severity,
};

/// One thing that the guard looks for.
#[derive(Debug)]
pub struct Rule {
    /// Stable: policies, SARIF files and people name it.
    pub id: &'static str,
    /// Unless the policy says otherwise.
    pub severity: Severity,
    /// What it is about, as the second half of a sentence.
    pub why: &'static str,
    pub remedy: &'static str,
    /// Files in which it must be found: name and text.
    pub finds: &'static [(&'static str, &'static str)],
    /// Files which must not be blocked.
    pub spares: &'static [(&'static str, &'static str)],
}

/// Rules that read what files say; those on paths and shapes are in [`super::shape`].
pub(super) static RULES: &[&[&Rule]] = &[
    evaluate::RULES,
    spawn::RULES,
    files::RULES,
    network::RULES,
    harvest::RULES,
    resources::RULES,
    hidden::RULES,
    commands::RULES,
    packages::RULES,
    page::RULES,
    secrets::RULES,
    reader::RULES,
    wallet::RULES,
];

/// Ids of the rules on paths and shapes, which block, and on what an app reaches.
pub(super) const SHAPES: &[&str] = &[
    "path-empty",
    "path-absolute",
    "path-escapes",
    "path-empty-part",
    "path-backslash",
    "path-control-character",
    "path-reserved-name",
    "path-trimmed-name",
    "path-too-long",
    "path-too-deep",
    "path-collision",
    "path-file-and-folder",
    "path-link",
    "files-none",
    "files-too-many",
    "files-too-large",
    "file-too-large",
    "start-empty",
    "command-too-long",
    "command-nul",
    "port-not-allowed",
    "checks-too-many",
    "check-path",
    "check-method",
    "check-status",
    "check-too-large",
    // These note, or warn: see `egress`.
    "egress-allowed",
    "egress-denied",
    "egress-offline",
];

/// All rules that read what files say, for those who list or explain them.
pub fn catalog() -> impl Iterator<Item = &'static Rule> {
    all()
}

/// The id of a rule, of whatever kind, by its name.
pub(super) fn known(id: &str) -> Option<&'static str> {
    all().map(|rule| rule.id).chain(SHAPES.iter().copied()).find(|known| *known == id)
}

/// All rules that read what files say.
pub(super) fn all() -> impl Iterator<Item = &'static Rule> {
    RULES.iter().copied().flatten().copied()
}

/// Whether a module draws pages, and does nothing else.
fn is_drawing(module: &str) -> bool {
    let first = module.split('/').next().unwrap_or(module);
    matches!(
        first,
        "react" | "react-dom" | "vue" | "svelte" | "preact" | "solid-js" | "lit" | "d3" | "chart.js" | "three"
    )
}

/// Holds a fact, told at a line counted from 0, to all rules.
///
/// Returns the marks with which something that would block is in doubt until the end of the file.
pub(super) fn judge(fact: &Fact<'_>, line: usize, found: &mut Found<'_>) -> Marks {
    let mut doubt = Marks::NONE;
    match fact {
        Fact::Import { module, hoisted } => {
            if found.policy.allows_module(module) {
                return Marks::NONE;
            }
            spawn::import(module, line, found);
            evaluate::import(module, line, found);
            network::import(module, line, found);
            harvest::import(module, line, found);
            packages::import(module, line, found);
            // It was there before anything was written.
            if !hoisted {
                brought::import(module, line, found);
            }
            ending::import(module, found);
            found.app.speaks |= !module.starts_with(['.', '/']) && !is_drawing(module);
        }
        Fact::Call(call) => {
            evaluate::call(call, line, found);
            spawn::call(call, line, found);
            files::call(call, line, found);
            network::call(call, line, found);
            harvest::call(call, line, found);
            page::call(call, line, found);
            forms::call(call, line, found);
            scripted::call(call, line, found);
            wallet::call(call, line, found);
            asked::call(call, found);
            drops::call(call, found);
            brought::call(call, line, found);
            ending::call(call, line, found);
        }
        Fact::Assign { path, value } => {
            evaluate::assign(path, value, line, found);
            harvest::assign(path, value, line, found);
            drops::assign(path, value, found);
            page::assign(path, value, line, found);
            scripted::assign(path, value, line, found);
            asked::assign(path, value, found);
            brought::assign(path, value, line, found);
            ending::assign(path, value, found);
            secrets::assign(path, value, line, found);
        }
        Fact::Text { text, marks, escaped, standing } => {
            if *standing != Standing::Pattern {
                evaluate::text(text, line, found);
            }
            if *standing == Standing::Compared {
                network::compared(text, found);
            } else {
                doubt = in_doubt(text, *standing, line, found);
            }
            hidden::text(text, *escaped, line, found);
            if page::text(text, line, found) && found.ending.doubts.shows {
                doubt = doubt.with(Marks::PAGE);
            }
            wallet::text(text, line, found);
            ending::text(text, found);
            harvest::text(text, line, found);
            if marks.has(Marks::ASSEMBLED) {
                secrets::assembled(text, line, found);
            }
        }
        Fact::Name { name, escaped } => hidden::name(name, *escaped, line, found),
        Fact::Endless { grows } => resources::endless(*grows, line, found),
        Fact::Command(command) => {
            found.app.speaks |= !commands::is_quiet(command.program());
            commands::judge(command, line, found);
        }
        Fact::Parts => files::parts(line, found),
        Fact::Ports(ports) => network::many(ports, found),
        Fact::Reaches { path, marks } => doubts::reaches(path, *marks, found),
        Fact::Handed => spawn::handed(line, found),
        Fact::Plain { rule, what } => found.add(rule, line, what),
    }
    doubt
}

/// Judges what a text names, and whether that is in doubt until the end of the file.
fn in_doubt(text: &str, standing: Standing, line: usize, found: &mut Found<'_>) -> Marks {
    let around = found.ending.doubts.now;
    found.ending.doubts.now = around.or(doubts::doubts(standing, found));
    found.ending.doubts.fresh = false;
    files::text(text, line, found);
    network::text(text, line, found);
    found.ending.doubts.now = around;
    if found.ending.doubts.fresh { Marks::PLACE } else { Marks::NONE }
}
