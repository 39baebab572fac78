//! The guard: nothing runs that has not been read.
//!
//! ```text
//!  prompt ──► inspect_prompt ──► generator ──► artifact ──► inspect ──► verdict ──► sandbox
//!                   │                                          │
//!                   ▼                                          ▼
//!            Failure invalid_prompt                 findings: rule, file, why, remedy
//! ```
//!
//! Two pure functions over data, and no actor: a verdict depends on the artifact and the policy alone. The sandbox
//! is the wall; the guard is the doorman, whose use is that a person reads *why* before anything is started.
//!
//! What it reads today is the prompt's text and the artifact's **shape**: paths, sizes, counts, port, checks.
//! It does not read code yet: it says nothing about what a file does once it runs.

mod paths;
mod policy;
mod prompt;
mod shape;
mod verdict;

pub use paths::{PathFault, check_path};
pub use policy::Policy;
pub use prompt::{PROMPT_CHARS_MAX, inspect_prompt};
pub use shape::inspect;
pub use verdict::{FINDINGS_MAX, Finding, Severity, Verdict};
