//! The composition root: the only place that names every box.
//!
//! ```text
//!  main ─► run(Cli) ─┬─ serve ──► Engine::start … signal … Engine::stop
//!                    ├─ host ───► sandbox host and gateway … signal … stop
//!                    ├─ spawn ──► an engine answers? ask it : start one, ask it, keep it until Ctrl-C
//!                    ├─ doctor, inspect ─► look, and say
//!                    └─ the rest ► cli, over HTTP
//! ```
//!
//! Things are started in the order in which they are needed and stopped in the reverse one; what was started is stopped
//! also when something after it could not be.

mod claude;
mod doctor;
mod engine;
mod error;
mod host;
mod inspect;
mod logging;
mod metrics;
mod parts;
mod shortcut;
mod upkeep;
mod verify;

use std::process::ExitCode;

use tokio::signal::unix::{SignalKind, signal};
use tracing::{info, warn};

pub use engine::{Engine, Leaving};
pub use error::StartError;
pub use shortcut::shortcut;

use crate::{
    cli::{
        self, Answering, Cli, ClientCommand, Command, Console, Exit, ServeArgs, SettingFlags, Settings, Sources,
        SpawnArgs,
    },
    guard::Policies,
    supervisor,
};

/// Does what the command line asks for.
#[must_use]
pub fn run(cli: Cli) -> ExitCode {
    // The only failure is that somebody has installed one already, which then serves as well.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let exit = actix_rt::System::new().block_on(async move {
        let mut console = Console::of_process();
        match &cli.command {
            Command::Serve(args) => serve(&cli, args, &mut console).await,
            Command::Host(args) => host::host(&cli, args, &mut console).await,
            Command::Doctor(args) => doctor::doctor(&cli, args, &mut console).await,
            Command::Inspect(args) => inspect::inspect(&cli, args, &mut console),
            Command::Client(ClientCommand::Spawn(args)) => spawn(&cli, args, &mut console).await,
            Command::Client(command) => match cli::Engine::at(&cli.url) {
                Ok(engine) => cli::run_client(command, &engine, &mut console).await,
                Err(error) => console.fail(&error, false),
            },
        }
    });
    ExitCode::from(exit.code())
}

fn settings(cli: &Cli, flags: &SettingFlags, console: &mut Console) -> Result<Settings, Exit> {
    Settings::load(Sources::of_process(flags.clone(), cli.config.clone())).map_err(|error| {
        console.remark(&format!("error: {error}"));
        Exit::Usage
    })
}

/// The guard's policies: those of the file that the settings name, or the defaults.
fn policies(settings: &Settings) -> Result<Policies, error::PolicyFileError> {
    let Some(path) = &settings.guard_policy else { return Ok(Policies::default()) };
    let shown = || path.display().to_string();
    let text =
        std::fs::read_to_string(path).map_err(|source| error::PolicyFileError::Unreadable { path: shown(), source })?;
    Policies::from_toml(&text).map_err(|source| error::PolicyFileError::Invalid { path: shown(), source })
}

fn refuse(error: &StartError, console: &mut Console) -> Exit {
    console.remark(&format!("error: {}", error::with_causes(error)));
    match error {
        StartError::Exposed(_)
        | StartError::HostExposed(_)
        | StartError::SandboxUrl(_)
        | StartError::DatabaseUrl(_)
        | StartError::RedisUrl(_)
        | StartError::Domain(_)
        | StartError::Model(_)
        | StartError::Prices(_)
        | StartError::Policy(_) => Exit::Usage,
        StartError::Store(_)
        | StartError::Host(_)
        | StartError::Authority(_)
        | StartError::Gateway(_)
        | StartError::Front(_)
        | StartError::Taken(_)
        | StartError::Listen { .. }
        | StartError::Metrics(_)
        | StartError::Unanswered(_) => Exit::Failed,
    }
}

async fn serve(cli: &Cli, args: &ServeArgs, console: &mut Console) -> Exit {
    let settings = match settings(cli, &args.settings, console) {
        Ok(settings) => settings,
        Err(exit) => return exit,
    };
    logging::start(settings.log.as_deref().unwrap_or("info"));
    supervisor::hear_panics();
    let mut signals = Signals::new();
    let engine = match Engine::start(&settings).await {
        Ok(engine) => engine,
        Err(error) => return refuse(&error, console),
    };
    console.remark(&format!("dashboard  http://{}", engine.address()));
    console.remark(&format!("apps       https://….{}", engine.public_authority()));
    console.remark(&format!("authority  {}", settings.ca_file().display()));
    console.remark("Ctrl-C stops; open sessions are taken up again at the next start");
    signals.next().await;
    info!("stopping");
    console.remark("stopping; a second Ctrl-C ends at once");
    // Whoever asks twice does not want to wait: the next start clears up.
    tokio::select! {
        () = engine.stop(Leaving::Everything) => Exit::Ok,
        () = signals.next() => Exit::Interrupted,
    }
}

/// SIGINT and SIGTERM. Once made, neither ends the process by itself, and none that comes is missed, however busy the engine
/// is with starting.
struct Signals {
    interrupt: Option<tokio::signal::unix::Signal>,
    terminate: Option<tokio::signal::unix::Signal>,
}

impl Signals {
    fn new() -> Self {
        let open = |kind| {
            signal(kind)
                .inspect_err(|error| warn!(%error, "a signal cannot be caught; it ends the engine at once"))
                .ok()
        };
        Self { interrupt: open(SignalKind::interrupt()), terminate: open(SignalKind::terminate()) }
    }

    async fn next(&mut self) {
        async fn one(signal: &mut Option<tokio::signal::unix::Signal>) {
            match signal {
                Some(signal) => drop(signal.recv().await),
                None => std::future::pending().await,
            }
        }
        tokio::select! {
            () = one(&mut self.interrupt) => {}
            () = one(&mut self.terminate) => {}
        }
    }
}

async fn spawn(cli: &Cli, args: &SpawnArgs, console: &mut Console) -> Exit {
    let command = ClientCommand::Spawn(args.clone());
    let there = match cli::Engine::at(&cli.url) {
        Ok(engine) => engine,
        Err(error) => return console.fail(&error, args.json),
    };
    match cli::engine_answers(&there).await {
        // Whatever a stranger there is, it is not ours to replace; the client says what it found.
        Answering::Engine | Answering::Stranger(_) => return cli::run_client(&command, &there, console).await,
        Answering::Nobody => {}
    }
    if let Err(error) = args.may_start_engine(&there) {
        return console.fail(&error, args.json);
    }
    let settings = match settings(cli, &SettingFlags::default(), console) {
        Ok(settings) => settings,
        Err(exit) => return exit,
    };
    logging::start(settings.log.as_deref().unwrap_or("warn"));
    supervisor::hear_panics();
    let signals = Signals::new();
    let engine = match Engine::start(&settings).await {
        Ok(engine) => engine,
        Err(error) => return refuse(&error, console),
    };
    let exit = spawn_here(&command, args, &engine, &settings, signals, console).await;
    engine.stop(Leaving::OthersOnly).await;
    exit
}

async fn spawn_here(
    command: &ClientCommand,
    args: &SpawnArgs,
    engine: &Engine,
    settings: &Settings,
    mut signals: Signals,
    console: &mut Console,
) -> Exit {
    let near = match cli::Engine::at(&format!("http://{}", engine.address())) {
        Ok(near) => near.with_data_dir(settings.data_dir.clone()).in_process(),
        Err(error) => return console.fail(&error, args.json),
    };
    let exit = cli::run_client(command, &near, console).await;
    if exit != Exit::Ok {
        return exit;
    }
    signals.next().await;
    console.remark("  ending…");
    Exit::Ok
}
