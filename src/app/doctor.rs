//! `doctor`: what this machine has and lacks.

use std::net::TcpListener;

use super::{
    parts::{database_url, host_config},
    settings,
};
use crate::{
    cli::{
        self, Answering, Cli, Console, DoctorArgs, Exit, Settings,
        doctor::{Finding, State},
    },
    generator::claude::ClaudeConfig,
    host,
    store::{DataDir, Store},
};

/// Capabilities that are programs: those are not enforced, but there.
const PROGRAMS: [&str; 6] = ["bash", "node", "python3", "git", "curl", "tput"];

pub(super) async fn doctor(cli: &Cli, args: &DoctorArgs, console: &mut Console) -> Exit {
    let settings = match settings(cli, &args.settings, console) {
        Ok(settings) => settings,
        Err(exit) => return exit,
    };
    if args.verify_store {
        let findings = super::verify::verify(&settings).await;
        return cli::doctor::report(&findings, args.json, console)
            .unwrap_or_else(|error| console.fail(&error, args.json));
    }
    let mut findings = Vec::new();
    let running = engine(cli, &mut findings).await;
    folder(&settings, running, &mut findings);
    store(&settings, &mut findings).await;
    if !running {
        ports(&settings, &mut findings);
    }
    guard(&settings, &mut findings);
    keys(&settings, &mut findings);
    cli::doctor::report(&findings, args.json, console).unwrap_or_else(|error| console.fail(&error, args.json))
}

fn finding(name: &str, state: State, detail: impl Into<String>, remedy: Option<String>) -> Finding {
    Finding { name: name.to_owned(), state, detail: detail.into(), remedy }
}

/// Whether an engine runs at the address that the client commands use.
async fn engine(cli: &Cli, findings: &mut Vec<Finding>) -> bool {
    let Ok(engine) = cli::Engine::at(&cli.url) else { return false };
    let (state, detail, remedy) = match cli::engine_answers(&engine).await {
        Answering::Engine => (State::Info, "runs".to_owned(), None),
        Answering::Nobody => (
            State::Info,
            "does not run".to_owned(),
            Some("`spawnai serve` starts it; `spawnai spawn` needs none".to_owned()),
        ),
        Answering::Stranger(how) => (
            State::Missing,
            format!("another program answers: {how}"),
            Some("choose another address with --url or SPAWNAI_URL, and SPAWNAI_LISTEN".to_owned()),
        ),
    };
    let running = state == State::Info && remedy.is_none();
    findings.push(finding(&format!("engine at {}", engine.url()), state, detail, remedy));
    running
}

fn folder(settings: &Settings, running: bool, findings: &mut Vec<Finding>) {
    let path = settings.data_dir.display();
    match DataDir::open(&settings.data_dir) {
        Ok(folder) => {
            findings.push(finding("data folder", State::Ok, format!("{path}, writable"), None));
            sandboxes(settings, &folder, findings);
        }
        Err(error) if running => {
            findings.push(finding("data folder", State::Info, super::error::with_causes(&error), None));
        }
        Err(error) => {
            findings.push(finding("data folder", State::Missing, super::error::with_causes(&error), None));
        }
    }
}

/// The database, which is looked at and left as it is.
async fn store(settings: &Settings, findings: &mut Vec<Finding>) {
    let url = match database_url(settings, &settings.data_dir) {
        Ok(url) => url,
        Err(error) => return findings.push(finding("store", State::Missing, error.to_string(), None)),
    };
    findings.push(match Store::describe(&url).await {
        Ok(detail) => finding("store", State::Ok, detail, None),
        Err(error) => finding("store", State::Missing, error.in_full(), None),
    });
}

fn sandboxes(settings: &Settings, folder: &DataDir, findings: &mut Vec<Finding>) {
    if settings.e2b_api_key.is_some() {
        findings.push(finding("sandboxes", State::Info, "E2B's cloud, by E2B_API_KEY", None));
        return;
    }
    for capability in host::probe(&host_config(settings, folder)) {
        let (state, detail, remedy) = match capability.state {
            host::State::Enforced if PROGRAMS.contains(&capability.name.as_str()) => {
                (State::Ok, "there".to_owned(), None)
            }
            host::State::Enforced => (State::Ok, "enforced".to_owned(), None),
            host::State::Advisory(why) => (State::Advisory, why, None),
            host::State::Missing { why, remedy } => (State::Missing, why, Some(remedy)),
        };
        findings.push(finding(&capability.name, state, detail, remedy));
    }
}

fn ports(settings: &Settings, findings: &mut Vec<Finding>) {
    let listens = [
        ("API", settings.listen, "SPAWNAI_LISTEN"),
        ("gateway", settings.gateway_listen, "SPAWNAI_GATEWAY_LISTEN"),
        ("sandbox host", settings.host_listen, "SPAWNAI_HOST_LISTEN"),
    ];
    for (name, address, variable) in listens {
        findings.push(match TcpListener::bind(address) {
            Ok(_) => finding(&format!("address of the {name}"), State::Ok, format!("{address} is free"), None),
            Err(error) => finding(
                &format!("address of the {name}"),
                State::Missing,
                format!("{address}: {error}"),
                Some(format!("stop what listens there, or choose another with {variable}")),
            ),
        });
    }
}

fn guard(settings: &Settings, findings: &mut Vec<Finding>) {
    let shown = match &settings.guard_policy {
        Some(path) => format!("by {}", path.display()),
        None => "by its defaults; SPAWNAI_GUARD_POLICY names a file with others".to_owned(),
    };
    findings.push(match super::policies(settings) {
        Ok(_) => finding("guard", State::Info, shown, None),
        Err(error) => finding(
            "guard",
            State::Missing,
            super::error::with_causes(&error),
            Some("correct the file; `spawnai inspect --sarif .` lists the rules".to_owned()),
        ),
    });
}

fn keys(settings: &Settings, findings: &mut Vec<Finding>) {
    let claude = settings.anthropic_api_key.is_some() || settings.anthropic_auth_token.is_some();
    let detail = if claude {
        let model = settings.claude_model.as_deref().unwrap_or(ClaudeConfig::MODEL);
        format!("a key is set: {model} writes the apps; whether it is taken is said in the log at the start")
    } else {
        "built-in templates only; with a key in ANTHROPIC_API_KEY Claude writes the apps".to_owned()
    };
    findings.push(finding("Claude", State::Info, detail, None));
    if settings.e2b_api_key.is_none() {
        let path = settings.data_dir.join("host.key");
        let detail = match std::fs::read_to_string(&path) {
            Ok(key) => format!(
                "E2B_API_URL=http://{0} E2B_SANDBOX_URL=http://{0} E2B_API_KEY={1}",
                settings.host_listen,
                key.trim()
            ),
            Err(_) => format!("made at the first start, in {}", path.display()),
        };
        findings.push(finding("official E2B SDKs", State::Info, detail, None));
    }
    let authority = settings.ca_file();
    let (detail, remedy) = if authority.exists() {
        let shown = authority.display().to_string();
        (shown.clone(), Some(format!("let browsers trust it, or: curl --cacert {shown} https://…")))
    } else {
        (format!("made at the first start, in {}", authority.display()), None)
    };
    findings.push(finding("certificate authority", State::Info, detail, remedy));
}
