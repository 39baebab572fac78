//! What each part of the engine is told of the settings.

use std::{net::SocketAddr, path::Path, time::Duration};

use super::{StartError, shortcut};
use crate::{
    cli::Settings,
    gateway::{self, Authority, Gateway},
    host::{self, Host},
    ledger, limiter, registry,
    routes::Routes,
    sandbox::{self, Endpoint},
    store::{DataDir, DatabaseUrl, DatabaseUrlError},
    types::{Addressing, Rates, SandboxSize, Timestamp},
};

pub(super) fn host_config(settings: &Settings, folder: &DataDir) -> host::Config {
    let config = host::Config::new(settings.host_listen, folder.path().to_owned());
    let size = settings.sandbox_size();
    host::Config {
        starts_max: settings.concurrent_starts,
        sandboxes_max: settings.sandboxes_max,
        limits: host::Limits { vcpus: size.vcpus, memory_mib: size.memory_mib, ..config.limits },
        egress: host::EgressConfig {
            by_default: settings.host_internet,
            allow: settings.host_egress_allow.clone(),
            ..config.egress
        },
        ..config
    }
}

pub(super) fn gateway(
    settings: &Settings,
    folder: &DataDir,
    addressing: Addressing,
    host: Option<&Host>,
    routes: Routes,
) -> Result<Gateway, StartError> {
    let domain = settings.gateway_domain.parse()?;
    let authority = Authority::open(folder.path(), &domain, Timestamp::now())?;
    let config = gateway::Config {
        listen: settings.gateway_listen,
        workers: settings.workers,
        shortcut: host.map(shortcut),
        ..gateway::Config::new(addressing)
    };
    Ok(Gateway::start(config, routes, authority)?)
}

/// The gateway's domain, with its port where browsers need to be told.
pub(super) fn authority_of(settings: &Settings, gateway: SocketAddr) -> String {
    match gateway.port() {
        443 => settings.gateway_domain.clone(),
        port => format!("{}:{port}", settings.gateway_domain),
    }
}

pub(super) fn database_url(settings: &Settings, folder: &Path) -> Result<DatabaseUrl, DatabaseUrlError> {
    match &settings.database_url {
        Some(url) => url.expose().parse(),
        None => Ok(DatabaseUrl::in_folder(folder)),
    }
}

pub(super) fn ledger_config(settings: &Settings) -> ledger::Config {
    ledger::Config {
        session_usd: settings.session_budget_usd,
        user_day_usd: settings.user_day_budget_usd,
        total_day_usd: settings.total_day_budget_usd,
    }
}

pub(super) fn limiter_config(settings: &Settings) -> limiter::Config {
    let rate = limiter::Rate { per_minute: settings.spawn_per_minute, burst: settings.spawn_burst };
    limiter::Config { user: rate, ip: rate, ..limiter::Config::default() }
}

/// `instance` names this engine on a host that others may use, too.
pub(super) fn pool_config(settings: &Settings, endpoint: Endpoint, near: bool, instance: String) -> sandbox::Config {
    if near {
        let config = sandbox::Config::near(endpoint, instance);
        let (warm, starts_max) = (settings.warm_sandboxes, settings.concurrent_starts);
        sandbox::Config { warm, starts_max, size: settings.sandbox_size(), ..config }
    } else {
        sandbox::Config::cloud(endpoint, instance)
    }
}

pub(super) fn registry_config(settings: &Settings, public_authority: &str) -> registry::Config {
    // The cloud gives each sandbox what its template says; the base one has this.
    const CLOUD_SIZE: SandboxSize = SandboxSize { vcpus: 2, memory_mib: 512 };
    registry::Config {
        plan: settings.plan,
        lifetime: Duration::from_secs(u64::from(settings.session_minutes) * 60),
        session_budget: settings.session_budget_usd,
        size: if settings.e2b_api_key.is_some() { CLOUD_SIZE } else { settings.sandbox_size() },
        rates: Rates::default(),
        public_authority: public_authority.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_settings_decide_on_the_internet() {
        let folder = tempfile::tempdir().unwrap();
        let folder = DataDir::open(folder.path()).unwrap();
        for internet in [false, true] {
            let allow = vec!["10.0.0.0/8".parse().unwrap()];
            let settings =
                Settings { internet, host_internet: internet, host_egress_allow: allow, ..Settings::default() };
            let (generators, _) = super::super::claude::generators(&settings, None).unwrap();
            assert_eq!(generators.config().internet, internet, "what the code names is reached, or nothing");
            let egress = host_config(&settings, &folder).egress;
            assert_eq!((egress.by_default, egress.allow), (internet, settings.host_egress_allow));
        }
    }
}
