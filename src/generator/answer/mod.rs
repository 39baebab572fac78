//! An answer's text becomes files, while it is being written.
//!
//! ```text
//!   prose, ignored
//!   <app-NONCE> { "start": "node server.js", "port": 3000, "checks": […] } </app-NONCE>      ─► Manifest
//!   <file-NONCE path="server.js">                                                           ─► Open
//!   const http = require("http"); …                                                         ─► Chunk, Chunk, …
//!   </file-NONCE>                                                                           ─► Close
//!   <end-NONCE/>                                                                            ─► End
//! ```
//!
//! The nonce is new for each request and unknown to whoever wrote the prompt, so no text can break out of a file or into
//! one, and code needs no escaping. It also makes an end certain: a tag with the nonce means itself wherever it stands,
//! so a forgotten closing tag costs nothing.
//!
//! Everything here is pure and incremental: the same events come out however the text is cut. It is bounded in files,
//! bytes and tags; what would lead out of the app's folder is refused by name. Flaws that do no harm are told and passed.

mod decoder;
mod manifest;
mod place;
mod tag;

pub use decoder::{ANSWER_MAX, AnswerError, Decoder, Ending, FILE_MAX, FILES_MAX, FILES_SIZE_MAX, Flaw, Part};
pub use manifest::{MANIFEST_MAX, Manifest};
pub use place::{Misplaced, place};
pub use tag::Nonce;
