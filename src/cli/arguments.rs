//! The arguments, and the words that explain them.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use super::{
    client::Engine,
    error::ClientError,
    settings::{HostFlags, SettingFlags},
};
use crate::types::{AppType, SessionId, Status, Timestamp, UserId};

/// Where `serve` listens when nobody says otherwise.
pub(super) const DEFAULT_URL: &str = "http://127.0.0.1:8080";
/// The longest prompt an engine takes, in characters.
pub(super) const PROMPT_CHARS_MAX: usize = 2000;

const AFTER_HELP: &str = "\
Examples:
  spawnai spawn \"Build me a simple todo app\"
  spawnai spawn --type api \"an API for books with title, author and year\" --json
  spawnai serve --listen 127.0.0.1:9000 --plan pro
  spawnai list --status ready
  spawnai logs -f 0199b0f2-9d3e-7c11-8f2a-3b8f5e0c7d21

Exit codes:
  0    done
  1    something broke, here or at the engine
  2    wrong arguments, settings or prompt
  3    no such session or file
  4    the session failed (spawn)
  5    no engine answers at the address, or the connection to it was lost
  6    a limit or a budget was met
  130  interrupted by Ctrl-C

Settings come from flags, SPAWNAI_* variables and spawnai.toml, in that order; `spawnai serve --help` lists them.
NO_COLOR and TERM=dumb are respected.";

/// From a prompt to a live app at an HTTPS address, in seconds, in an isolated sandbox.
#[derive(Clone, Debug, Parser)]
#[command(name = "spawnai", version, after_help = AFTER_HELP, max_term_width = 110)]
#[command(subcommand_required = true, arg_required_else_help = true)]
pub struct Cli {
    /// Address of the engine that the client commands talk to
    #[arg(long, global = true, env = "SPAWNAI_URL", hide_env_values = true, value_name = "URL")]
    #[arg(default_value = DEFAULT_URL)]
    pub url: String,
    /// File with settings [default: spawnai.toml in the current folder, if there is one]
    #[arg(long, global = true, env = "SPAWNAI_CONFIG", hide_env_values = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    #[command(subcommand)]
    pub command: Command,
}

impl Cli {
    /// The engine at `--url` or `SPAWNAI_URL`; an empty one counts as unset.
    ///
    /// # Errors
    /// [`ClientError::Usage`] if that is not an `http` or `https` address.
    pub fn engine(&self) -> Result<Engine, ClientError> {
        Engine::at(if self.url.is_empty() { DEFAULT_URL } else { &self.url })
    }
}

/// What the program can do: three things that are the engine's own, and those that any client can.
#[derive(Clone, Debug, Subcommand)]
pub enum Command {
    /// Run the engine: API, dashboard, gateway and sandbox host
    #[command(after_help = "Examples:
  spawnai serve
  ANTHROPIC_API_KEY=… spawnai serve --plan pro --session-minutes 120
  SPAWNAI_LISTEN=127.0.0.1:9000 spawnai serve --config /etc/spawnai.toml

Keys and addresses of other services are never flags, since every process can read a command line. They come from
variables or the file: ANTHROPIC_API_KEY, ANTHROPIC_AUTH_TOKEN, ANTHROPIC_BASE_URL, E2B_API_KEY, E2B_API_URL,
E2B_SANDBOX_URL, E2B_DOMAIN, DATABASE_URL, REDIS_URL, OTEL_EXPORTER_OTLP_ENDPOINT.")]
    Serve(ServeArgs),
    /// Run the sandbox host alone: E2B's protocol on this machine, for the official SDKs
    #[command(after_help = "Examples:
  spawnai host
  spawnai host --sandboxes-max 50 --sandbox-memory-mib 1024 --data-dir /var/lib/spawnai
  spawnai host --gateway-domain sbx.example.com --gateway-listen 0.0.0.0:443

Prints the variables that point the SDKs at it, for plain HTTP and for TLS. Ends with SIGINT or SIGTERM, and its
sandboxes with it. E2B_API_KEY and the like are for clients: they are not read here.

Exit codes: 0 ended when asked to, 1 something broke or an address is taken, 2 wrong arguments or settings, 130 asked
twice to end.")]
    Host(HostArgs),
    #[command(flatten)]
    Client(ClientCommand),
    /// Check what this machine has and lacks, and say how to mend it
    #[command(after_help = "Exit codes: 0 all that is needed is there, 1 something needed is missing.")]
    Doctor(DoctorArgs),
    /// Read a file or folder as the guard reads a generated app, and say what it objects to
    #[command(after_help = "Examples:
  spawnai inspect .
  spawnai inspect server.js --json
  spawnai inspect . --sarif > guard.sarif

Links are named and not followed; .git, node_modules and the like are skipped.
Exit codes: 0 nothing blocks, 1 something blocks, 2 the path, the settings or the policy cannot be read.")]
    Inspect(InspectArgs),
}

/// The commands that talk to an engine.
#[derive(Clone, Debug, Subcommand)]
#[expect(clippy::large_enum_variant, reason = "one is made, at the start of the process")]
pub enum ClientCommand {
    /// Make an app from a prompt, and wait until it is live
    #[command(after_help = "Examples:
  spawnai spawn \"Build me a simple todo app\"
  spawnai spawn --type script \"prime sieve up to 10000\"
  git log --oneline | head -20 | spawnai spawn -
  spawnai spawn \"a kanban board\" --json | jq -r .appUrl

With no engine at --url (and that being this machine), one is started in this process and kept until Ctrl-C; the app
ends with it. With --json, standard output is exactly one JSON document: the session as `GET /api/spawn/{id}` gives it
plus `elapsedMs`, or {\"error\": …}. Progress is shown on standard error then, and only on a terminal.")]
    Spawn(SpawnArgs),
    /// List sessions, newest first
    #[command(visible_alias = "ls", after_help = "Example: spawnai list --user ada --status ready --limit 100")]
    List(ListArgs),
    /// Show one session
    Show(ShowArgs),
    /// Print what an app writes
    #[command(after_help = "With --json, each line of output is one JSON document.")]
    Logs(LogsArgs),
    /// Let a session live longer
    #[command(after_help = "Example: spawnai extend 0199b0f2-9d3e-7c11-8f2a-3b8f5e0c7d21 0.5")]
    Extend(ExtendArgs),
    /// End sessions: their apps, sandboxes and addresses are gone
    #[command(
        visible_alias = "rm",
        after_help = "Destroying a session that is over already is no error. With --json, \
                                                  one JSON document a line, one line a session."
    )]
    Destroy(DestroyArgs),
    /// Save an app's files as a zip archive
    #[command(after_help = "Examples:
  spawnai export ID                 writes ID.zip
  spawnai export ID -o app.zip
  spawnai export ID -o - | bsdtar -xf -")]
    Export(ExportArgs),
    /// What was spent: by user, by kind of cost
    #[command(after_help = "Example: spawnai usage --from 2026-11-01 --to 2026-12-01T00:00:00Z")]
    Usage(UsageArgs),
}

#[derive(Args, Clone, Debug)]
pub struct ServeArgs {
    #[command(flatten)]
    pub settings: SettingFlags,
}

#[derive(Args, Clone, Debug)]
pub struct HostArgs {
    /// Serve the network in plain HTTP, where whoever listens in can read the key and all that sandboxes are sent
    #[arg(long)]
    pub expose_plain_http: bool,
    #[command(flatten)]
    pub settings: HostFlags,
}

#[derive(Args, Clone, Debug)]
pub struct DoctorArgs {
    /// Replay the store's log and hold it against its tables, instead; no engine may have the store meanwhile
    #[arg(long)]
    pub verify_store: bool,
    /// Print one JSON document
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub settings: SettingFlags,
}

#[derive(Args, Clone, Debug)]
pub struct InspectArgs {
    /// A file or folder
    pub path: PathBuf,
    /// Whose policy to apply: webapp, api or script
    #[arg(long = "type", value_name = "TYPE", default_value = "webapp", value_parser = str::parse::<AppType>)]
    pub app_type: AppType,
    /// Print one JSON document
    #[arg(long, conflicts_with = "sarif")]
    pub json: bool,
    /// Print SARIF 2.1.0
    #[arg(long)]
    pub sarif: bool,
    #[command(flatten)]
    pub settings: SettingFlags,
}

#[derive(Args, Clone, Debug)]
pub struct SpawnArgs {
    /// What the app should be, in 1 to 2000 characters; `-` reads it from standard input
    #[arg(value_parser = prompt)]
    pub prompt: String,
    /// webapp (pages for a browser), api (JSON over HTTP) or script (runs and ends; its address shows the output)
    #[arg(long = "type", value_name = "TYPE", default_value = "webapp", value_parser = str::parse::<AppType>)]
    pub app_type: AppType,
    /// Print one JSON document at the end, and nothing else
    #[arg(long)]
    pub json: bool,
    /// Return as soon as the engine has accepted; needs a running engine
    #[arg(long, conflicts_with = "hours")]
    pub detach: bool,
    /// Whom to charge
    #[arg(long, value_name = "ID")]
    pub user: Option<UserId>,
    /// Ask for this many more hours once the app is live, as `extend` does
    #[arg(long, value_name = "N", value_parser = hours)]
    pub hours: Option<f64>,
    #[command(flatten)]
    pub settings: SettingFlags,
}

impl SpawnArgs {
    /// Whether this command may be served by an engine that is started for it alone.
    ///
    /// # Errors
    /// The engine was to be another machine's, or nobody would stay to keep it.
    pub fn may_start_engine(&self, engine: &Engine) -> Result<(), ClientError> {
        if !engine.is_local() {
            let reason = "nothing listens there, and it is not this machine".to_owned();
            return Err(ClientError::Unreachable { url: engine.url().to_owned(), reason });
        }
        if self.detach {
            let reason = "nothing listens there, and --detach leaves no process to run one in".to_owned();
            return Err(ClientError::Unreachable { url: engine.url().to_owned(), reason });
        }
        Ok(())
    }
}

#[derive(Args, Clone, Debug)]
pub struct ListArgs {
    /// Only this user's
    #[arg(long, value_name = "ID")]
    pub user: Option<UserId>,
    /// Only creating, generating, deploying, ready, error or expired ones
    #[arg(long, value_parser = str::parse::<Status>)]
    pub status: Option<Status>,
    /// At most this many
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub limit: u32,
    /// Print one JSON document
    #[arg(long)]
    pub json: bool,
}

#[derive(Args, Clone, Debug)]
pub struct ShowArgs {
    pub id: SessionId,
    /// Print one JSON document
    #[arg(long)]
    pub json: bool,
}

#[derive(Args, Clone, Debug)]
pub struct LogsArgs {
    pub id: SessionId,
    /// Go on with what the app writes from now on, until the session is over
    #[arg(short, long)]
    pub follow: bool,
    /// Print one JSON document a line
    #[arg(long)]
    pub json: bool,
}

#[derive(Args, Clone, Debug)]
pub struct ExtendArgs {
    pub id: SessionId,
    /// How much longer; fractions are fine
    #[arg(value_parser = hours)]
    pub hours: f64,
    /// Print one JSON document
    #[arg(long)]
    pub json: bool,
}

#[derive(Args, Clone, Debug)]
pub struct DestroyArgs {
    #[arg(required = true, num_args = 1.., value_name = "ID")]
    pub ids: Vec<SessionId>,
    /// Print one JSON document a line
    #[arg(long)]
    pub json: bool,
}

#[derive(Args, Clone, Debug)]
pub struct ExportArgs {
    pub id: SessionId,
    /// Where to write; `-` is standard output [default: {ID}.zip]
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Replace the file if it exists
    #[arg(long)]
    pub force: bool,
    /// Report an error as JSON
    #[arg(long)]
    pub json: bool,
}

#[derive(Args, Clone, Debug)]
pub struct UsageArgs {
    /// From this date (2026-11-01) or time (2026-11-01T12:00:00Z) on
    #[arg(long, value_name = "TIME", value_parser = moment)]
    pub from: Option<Timestamp>,
    /// Until then, exclusively
    #[arg(long, value_name = "TIME", value_parser = moment)]
    pub to: Option<Timestamp>,
    /// Print one JSON document
    #[arg(long)]
    pub json: bool,
}

/// Checks a prompt's length, so that a bad one starts no engine.
pub(super) fn prompt(text: &str) -> Result<String, String> {
    let length = text.chars().count();
    match length {
        _ if text.trim().is_empty() => Err("the prompt is empty: say what the app should be".to_owned()),
        1..=PROMPT_CHARS_MAX => Ok(text.to_owned()),
        _ => Err(format!("the prompt has {length} characters: at most {PROMPT_CHARS_MAX} are accepted")),
    }
}

fn hours(text: &str) -> Result<f64, String> {
    const HOURS_MAX: f64 = 24.0;
    let refuse = || format!("expected a number of hours above 0 and up to {HOURS_MAX}, such as 1 or 0.5");
    let hours: f64 = text.parse().map_err(|_| refuse())?;
    if hours > 0.0 && hours <= HOURS_MAX { Ok(hours) } else { Err(refuse()) }
}

/// A date is its first moment in UTC.
fn moment(text: &str) -> Result<Timestamp, String> {
    let midnight = format!("{text}T00:00:00Z");
    let time = text.parse::<jiff::Timestamp>().or_else(|_| midnight.parse());
    time.map(|time| Timestamp(time.as_millisecond()))
        .map_err(|_| "expected a date such as 2026-11-01 or a time such as 2026-11-01T12:00:00Z".to_owned())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_arguments_are_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn moments_are_dates_or_times() {
        assert_eq!(moment("1970-01-02"), Ok(Timestamp(86_400_000)));
        assert_eq!(moment("1970-01-01T00:00:01Z"), Ok(Timestamp(1000)));
        assert!(moment("yesterday").is_err());
    }
}
