//! Repairs that cost no tokens: the first rungs of the ladder.
//!
//! ```text
//!   artifact ─► polish ─► deploy ──fails──► Diagnostic ─► mend ─┬─ Some ─► deploy again
//!               (what can be seen                               └─ None ─► the model, with diagnostic and failing files
//!                before a start)          fingerprint: the same error twice ends the loop
//! ```
//!
//! Each repair is a pure function from an artifact and what went wrong with it to a better artifact, or nothing. It knows one
//! mistake that models really make, changes nothing else, and finds nothing to do in what it has mended, so the ladder
//! ends. Those that read no diagnostic serve before the first start, too.
//!
//! A repair is no guess at what the app should do: where the mistake could have been meant, it is left to the model.

mod browser;
mod fingerprint;
mod guarded;
mod listening;
mod modules;
mod packages;
mod source;
mod start;
mod text;

pub use fingerprint::{Fingerprint, fingerprint};
pub use packages::unobtainable;

use crate::types::Artifact;

/// At which step an app failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// It was not tried yet.
    None,
    Build,
    /// It ended before it was live, with this code.
    Ended(i32),
    /// It runs, and nothing listens on its port.
    Deaf,
    /// It answers, and not as a check wants.
    Check,
    /// The guard does not let it be started; the output is what it found, a line each.
    Blocked,
}

/// What is known of a failure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    pub trouble: Trouble,
    /// The end of what the build or the app printed, or how a check failed.
    pub output: String,
    /// Whether a build can download packages.
    pub internet: bool,
}

impl Diagnostic {
    const UNTRIED: Self = Self { trouble: Trouble::None, output: String::new(), internet: false };

    fn says(&self, what: &str) -> bool {
        self.output.contains(what)
    }
}

/// One rung.
#[derive(Clone, Copy)]
pub struct Repair {
    pub name: &'static str,
    /// What it has done, for the user: "removed code fences".
    pub did: &'static str,
    mend: fn(&Artifact, &Diagnostic) -> Option<Artifact>,
}

/// In the order in which they are tried: what makes files readable first, then what starts them, then what they do.
pub const LADDER: &[Repair] = &[
    Repair { name: "bom", did: "removed byte order marks", mend: text::bom },
    Repair { name: "one-line", did: "put line breaks back", mend: text::escaped_lines },
    Repair { name: "fences", did: "removed code fences", mend: text::fences },
    Repair { name: "stray-tags", did: "removed stray tags", mend: text::stray_tags },
    Repair { name: "entities", did: "turned HTML entities back into code", mend: text::entities },
    Repair { name: "crlf", did: "made line ends plain in scripts", mend: text::crlf },
    Repair { name: "tabs", did: "made indentation even", mend: text::tabs },
    Repair { name: "quotes", did: "made typographic quotes plain", mend: text::quotes },
    Repair { name: "json", did: "mended JSON", mend: packages::json },
    Repair { name: "useless-build", did: "left out a build that has nothing to build", mend: packages::useless_build },
    Repair { name: "npm-script", did: "started the app without npm", mend: start::npm_script },
    Repair { name: "runner", did: "used a runner that is there", mend: start::runner },
    Repair { name: "executable", did: "started a script by its interpreter", mend: start::executable },
    Repair { name: "start", did: "found what to start", mend: start::missing },
    Repair { name: "entry", did: "started the file that is there", mend: start::wrong_entry },
    Repair { name: "server-command", did: "told the server where to listen", mend: listening::server_command },
    Repair { name: "not-run", did: "called what was only defined", mend: start::never_run },
    Repair { name: "no-listen", did: "let the server listen", mend: start::never_listens },
    Repair { name: "modules", did: "set the kind of modules", mend: modules::kind },
    Repair { name: "dirname", did: "defined __dirname", mend: modules::dirname },
    Repair { name: "json-import", did: "marked imports of JSON", mend: modules::json_import },
    Repair { name: "import-path", did: "corrected the paths of imports", mend: modules::import_paths },
    Repair { name: "builtin", did: "imported a module of the standard library", mend: modules::missing_builtin },
    Repair { name: "no-package", did: "did without a package", mend: packages::needless },
    Repair { name: "package", did: "added a missing package", mend: packages::missing },
    Repair { name: "loopback", did: "listened on all addresses", mend: listening::loopback },
    Repair { name: "port", did: "listened on the right port", mend: listening::wrong_port },
    Repair { name: "install-scripts", did: "left out scripts that run at install", mend: guarded::install_scripts },
    Repair { name: "hidden", did: "removed hidden characters", mend: guarded::hidden_characters },
    Repair { name: "localhost", did: "made addresses relative", mend: browser::localhost },
];

/// The first repair that has something to do about what went wrong, done.
#[must_use]
pub fn mend(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<(Artifact, &'static Repair)> {
    LADDER.iter().find_map(|repair| Some(((repair.mend)(artifact, diagnostic)?, repair)))
}

/// Everything that can be seen to be wrong before a start, mended; and what was done.
#[must_use]
pub fn polish(artifact: &Artifact) -> (Artifact, Vec<&'static str>) {
    let (mut artifact, mut did) = (artifact.clone(), Vec::new());
    for repair in LADDER {
        if let Some(better) = (repair.mend)(&artifact, &Diagnostic::UNTRIED) {
            artifact = better;
            did.push(repair.did);
        }
    }
    (artifact, did)
}

#[cfg(test)]
mod tests;
