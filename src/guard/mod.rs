//! The guard: nothing runs that has not been read.
//!
//! ```text
//!  prompt ──► inspect_prompt ──► generator ──► artifact ──► inspect ──► verdict ──► sandbox
//!                   │                                          │
//!                   ▼                                          ▼
//!            Failure invalid_prompt                 findings: rule, file, why, remedy
//! ```
//!
//! Pure functions over data, and no actor: a verdict depends on the artifact and the policy alone, and all budgets are
//! counted in steps and bytes. The sandbox is the wall; the guard is the doorman, whose use is that a person reads *why*
//! before anything is started.
//!
//! It reads the prompt's text, the artifact's **shape** (paths, sizes, counts, port, checks), and every **file** by
//! its language: see `read`, which turns files into facts, and `rules`, which judge the facts. What no reader of sources can
//! see, such as code that arrives when the app already runs, is the sandbox's to stop.

mod climb;
mod decode;
mod egress;
mod fact;
mod fold;
mod found;
#[cfg(any(fuzzing, test))]
pub mod fuzzing;
mod harm;
mod hosts;
mod inspect;
mod origin;
mod paths;
mod policy;
mod policy_file;
mod prompt;
mod read;
mod rules;
mod shape;
mod syntax;
mod taken;
mod value;
mod verdict;
mod worst;

pub use egress::{EGRESS_NOTES, egress};
pub use inspect::{inspect, inspect_files, link};
pub use paths::{PathFault, check_path};
pub use policy::{Level, Policy};
pub use policy_file::{Policies, PolicyError};
pub use prompt::{PROMPT_CHARS_MAX, inspect_prompt};
pub use rules::{Rule, catalog};
pub use verdict::{FINDINGS_MAX, Finding, Severity, Verdict};
