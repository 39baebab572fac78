//! The generator: a prompt becomes an app.
//!
//! ```text
//!  prompt ──► author ──► prompting ──► claude ──► answer ──► writing ──► repair ──► artifact
//!                │                  (streams)   (decodes)  (assembles)  (polishes)
//!                └ the reason why not
//! ```
//!
//! Two generators. `claude`, the [`author`], asks a model over the Messages API and reads its answer while it is written. `built-in`
//! is pure:
//!
//! ```text
//!              words ──► matching ──► template ──┐
//!  prompt ──►  title ───────────────────────────►├──► render ──► artifact (files, start, checks, origin)
//!              schema, amounts ─────────────────►┘
//! ```
//!
//! It has app templates that are part of the binary, and a CRUD service made from the nouns and fields of the prompt. It
//! needs no key, no network and no time, so it is what always works. It knows nothing but its templates, and never hides
//! that: [`types::Origin`](crate::types::Origin) tells which one was taken, how well it fits, what of the prompt it does
//! not do, and how to get more. The same request gives the same artifact. A prompt is hostile text; `render` is the one
//! place where it enters a template's file, escaped for that file's language.

mod amounts;
pub mod answer;
mod assemble;
mod assets;
pub mod author;
mod catalog;
pub mod claude;
mod config;
mod error;
mod fields;
mod loose_json;
mod matching;
mod nouns;
mod origin;
pub mod prompting;
mod render;
pub mod repair;
mod schema;
mod title;
mod usual;
mod words;
pub mod writing;

pub use assemble::generate;
pub use config::{GeneratorConfig, Generators, Request, Runtimes};
pub use error::GeneratorError;
pub use schema::{Basis, Field, FieldType, Resource, Schema};
