//! The command line: arguments, settings, and a client that talks to an engine over its public HTTP interface only.
//!
//! ```text
//!   arguments ─► Command ─┬─ serve, host, doctor, inspect ─► app.rs (settings, findings)
//!                         └─ ClientCommand ─► run_client ─► client (awc) ─► HTTP ─► an engine, wherever it runs
//!                                                │            └ follow (SSE, resumed by Last-Event-ID)
//!                                                └► console (bar on a terminal, lines in a pipe, JSON for scripts)
//! ```
//! `spawn` with no engine running is still a client: app.rs starts an engine in the process and hands its address to
//! [`run_client`]. So there is one code path, and the command line can do nothing that another client could not.

mod arguments;
mod client;
mod commands;
mod console;
pub mod doctor;
mod error;
mod export;
mod follow;
pub mod inspect;
mod logs;
mod settings;
mod spawn;
mod sse;
mod text;
mod wire;

pub use self::{
    arguments::{
        Cli, ClientCommand, Command, DestroyArgs, DoctorArgs, ExportArgs, ExtendArgs, HostArgs, InspectArgs, ListArgs,
        LogsArgs, ServeArgs, ShowArgs, SpawnArgs, UsageArgs,
    },
    client::{Answering, Engine, engine_answers},
    commands::run_client,
    console::{Console, Style},
    error::{ClientError, Exit, Refusal, Refused},
    settings::{HostFlags, SettingFlags, Settings, SettingsError, Sources},
};
