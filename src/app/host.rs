//! `host`: the sandbox host alone, as an endpoint of E2B's protocol for the official SDKs.
//!
//! ```text
//!   program with an SDK ─┬─ A ── http://{host_listen} ─────────────────────────────────► Host
//!                        └─ B ── https://api.{domain}, https://{port}-{id}.{domain} ─► Gateway ─► Host
//! ```
//!
//! No session, store or generator comes with it: the gateway has no app to show, only sandboxes by their ids.

use std::{borrow::Cow, net::SocketAddr, path::Path};

use tracing::info;

use super::{
    Signals, StartError, logging,
    parts::{authority_of, gateway, host_config},
    refuse, settings,
};
use crate::{
    cli::{Cli, Console, Exit, HostArgs, Settings},
    gateway::Gateway,
    host::{self, Host},
    routes::Routes,
    store::DataDir,
    types::{Addressing, Secret, reachable},
};

/// What a person exports so that an SDK finds this host: one line for each of the two addressings.
fn exports(key: &Secret, host: SocketAddr, domain: &str, authority: &Path) -> [String; 2] {
    let (key, near) = (key.expose(), reachable(host));
    let authority = quoted(&authority.to_string_lossy()).into_owned();
    [
        format!("export E2B_API_KEY={key} E2B_API_URL=http://{near} E2B_SANDBOX_URL=http://{near}"),
        format!(
            "export E2B_API_KEY={key} E2B_DOMAIN={domain} SSL_CERT_FILE={authority} NODE_EXTRA_CA_CERTS={authority}"
        ),
    ]
}

/// One word for a shell.
fn quoted(word: &str) -> Cow<'_, str> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/._-+@:".contains(&byte);
    if word.bytes().all(plain) { word.into() } else { format!("'{}'", word.replace('\'', r"'\''")).into() }
}

pub(super) async fn host(cli: &Cli, args: &HostArgs, console: &mut Console) -> Exit {
    let settings = match settings(cli, &args.settings.clone().into(), console) {
        Ok(settings) => settings,
        Err(exit) => return exit,
    };
    logging::start(settings.log.as_deref().unwrap_or("info"));
    let mut signals = Signals::new();
    let running = match Running::start(&settings, args.expose_plain_http).await {
        Ok(running) => running,
        Err(error) => return refuse(&error, console),
    };
    let said = running.say(&settings, console);
    if let Err(error) = said {
        running.stop().await;
        return console.fail(&error, false);
    }
    signals.next().await;
    info!("stopping");
    // Whoever asks twice does not want to wait: the next start clears up.
    tokio::select! {
        () = running.stop() => Exit::Ok,
        () = signals.next() => Exit::Interrupted,
    }
}

/// Both doors, open.
struct Running {
    host: Host,
    gateway: Gateway,
    /// Last, so that nobody else has the folder before all is over.
    folder: DataDir,
}

impl Running {
    /// # Errors
    /// [`StartError`]; what was started by then is stopped again.
    async fn start(settings: &Settings, expose_plain_http: bool) -> Result<Self, StartError> {
        if !settings.host_listen.ip().is_loopback() && !expose_plain_http {
            return Err(StartError::HostExposed(settings.host_listen));
        }
        let folder = DataDir::open(&settings.data_dir)?;
        // In `serve` it is the engine's pool that keeps some.
        let config = host::Config { spares: settings.warm_sandboxes, ..host_config(settings, &folder) };
        let host = Host::start(config)?;
        let addressing = Addressing::Headers { address: reachable(host.address()).to_string() };
        match gateway(settings, &folder, addressing, Some(&host), Routes::default()) {
            Ok(gateway) => Ok(Self { host, gateway, folder }),
            Err(error) => {
                host.shutdown().await;
                Err(error)
            }
        }
    }

    /// The variables on standard output, where a script can take them from; the rest on standard error.
    fn say(&self, settings: &Settings, console: &mut Console) -> Result<(), crate::cli::ClientError> {
        let domain = authority_of(settings, self.gateway.address());
        let authority = self.folder.join("ca.pem");
        let [plain, tls] = exports(&self.host.api_key(), self.host.address(), &domain, &authority);
        console.line("# Plain HTTP, for programs on this machine:")?;
        console.line(&plain)?;
        console.line("# Or TLS, with a host name for each port of each sandbox:")?;
        console.line(&tls)?;
        if !self.host.address().ip().is_loopback() {
            console.remark(&format!("{} is plain HTTP for the whole network to read", self.host.address()));
        }
        console.remark("Ctrl-C stops; the sandboxes end with it");
        Ok(())
    }

    /// Lets go of everything: no process, mount, cgroup or file of a sandbox is left.
    async fn stop(self) {
        self.gateway.shutdown().await;
        self.host.shutdown().await;
        drop(self.folder);
        info!("stopped");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lines_can_be_pasted_into_a_shell() {
        let key = Secret::new("e2b_00".to_owned());
        let [plain, tls] =
            exports(&key, "0.0.0.0:8090".parse().unwrap(), "localhost:8443", Path::new("/a b/it's/ca.pem"));
        assert_eq!(
            plain,
            "export E2B_API_KEY=e2b_00 E2B_API_URL=http://127.0.0.1:8090 E2B_SANDBOX_URL=http://127.0.0.1:8090"
        );
        assert_eq!(
            tls,
            r"export E2B_API_KEY=e2b_00 E2B_DOMAIN=localhost:8443 SSL_CERT_FILE='/a b/it'\''s/ca.pem' NODE_EXTRA_CA_CERTS='/a b/it'\''s/ca.pem'"
        );
        assert_eq!(quoted("/srv/data/ca.pem"), "/srv/data/ca.pem");
    }
}
