//! What of the network an app gets: what its code names, and what the policy says. Pure.
//!
//! ```text
//!   internet off ──────────────────────────────────────────────► nothing; the hosts that are named are told
//!   internet on ─┬─ the policy allows "*" ─────────────────────► anything
//!                └─ named by the code − denied + allowed ─┬────► these alone, from the app's start on
//!                                                          └ none ► nothing
//! ```
//! Packages come from hosts that no code names, and many bring more from hosts of their own: while they are installed,
//! before the start and by a command that was read, every host is reached, or those that the policy names for it.
//!
//! The sandbox is the wall here, too: the list becomes the rules of its way out, and all the rest is refused there. A host
//! that the code puts together at run time is not on the list, and so cannot be reached: that is the point.

use std::collections::BTreeSet;

use url::Host;

use super::{
    hosts::is_under,
    policy::Policy,
    verdict::{Finding, Severity, Verdict},
};
use crate::types::{Artifact, Cidr, Egress, Reach};

/// Hosts that one app may reach.
const REACHED_MAX: usize = 128;
/// Hosts that one finding names.
const SHOWN_MAX: usize = 12;
/// Bytes of a host's name (RFC 1035).
const NAME_MAX: usize = 253;
/// Every host, as an entry of a policy.
pub(super) const EVERY: &str = "*";

/// Decides what the artifact may reach when `internet` is (or is not) to be had, and notes it in its verdict.
#[must_use]
pub fn egress(artifact: &Artifact, verdict: &mut Verdict, policy: &Policy, internet: bool) -> Egress {
    let named: BTreeSet<String> = verdict.egress.iter().filter_map(|host| entry(host)).collect();
    if !internet {
        let why = told(&named, "the code names hosts that its sandbox does not reach, since it has no internet");
        note(verdict, policy, "egress-offline", Severity::Info, why, OFFLINE);
        return Egress::default();
    }
    let build = match &artifact.build {
        Some(_) if policy.egress_install.is_empty() || policy.egress_install.contains(EVERY) => Reach::Anything,
        Some(_) => hosts(policy.egress_install.clone()),
        None => Reach::Nothing,
    };
    let installing = match (&build, told(&policy.egress_install, "while packages are installed")) {
        (Reach::Nothing, _) => String::new(),
        (Reach::Hosts(_), Some(told)) => format!("; {told}"),
        (Reach::Hosts(_) | Reach::Anything, _) => "; while packages are installed: every host".to_owned(),
    };
    let denied = |host: &str| policy.egress_deny.iter().any(|entry| covers(entry, host));
    let (cut, mut open): (BTreeSet<String>, BTreeSet<String>) = named.into_iter().partition(|host| denied(host));
    let why = told(&cut, "the code names hosts that the policy denies");
    note(verdict, policy, "egress-denied", Severity::Warn, why, DENIED);
    let (reached, run) = if policy.egress_allow.contains(EVERY) {
        (Some("this app may reach every host: the policy allows all".to_owned()), Reach::Anything)
    } else {
        open.extend(policy.egress_allow.iter().cloned());
        let nothing = (build != Reach::Nothing).then(|| "this app may reach no host".to_owned());
        (told(&open, "this app may reach").or(nothing), hosts(open))
    };
    let why = reached.map(|reached| reached + &installing);
    note(verdict, policy, "egress-allowed", Severity::Info, why, REFUSED);
    Egress { build, run }
}

/// What may be noted of an app's way out, for those who list rules: id, what it is about, what to do.
pub const EGRESS_NOTES: [(&str, &str, &str); 3] = [
    ("egress-allowed", "the hosts that the app may reach, since its code or the policy names them", REFUSED),
    ("egress-denied", "the code names hosts that the policy denies", DENIED),
    ("egress-offline", "the code names hosts that a sandbox without internet does not reach", OFFLINE),
];
const REFUSED: &str = "whatever else it asks for is refused";
const DENIED: &str = "do without them, or allow them in the policy";
const OFFLINE: &str = "what visitors' browsers load is not held back; for the app itself, run the engine with internet";

fn hosts(hosts: BTreeSet<String>) -> Reach {
    let hosts: Vec<String> = hosts.into_iter().take(REACHED_MAX).collect();
    if hosts.is_empty() { Reach::Nothing } else { Reach::Hosts(hosts) }
}

fn note(
    verdict: &mut Verdict,
    policy: &Policy,
    rule: &str,
    default: Severity,
    why: Option<String>,
    remedy: &'static str,
) {
    if let (Some(why), Some(severity)) = (why, policy.level_of(rule, default).severity()) {
        verdict.add(Finding { severity, ..Finding::block(rule, None, why, remedy) });
    }
}

/// "what: a, b and 3 more"; `None` for no host.
fn told(hosts: &BTreeSet<String>, what: &str) -> Option<String> {
    let shown: Vec<&str> = hosts.iter().take(SHOWN_MAX).map(String::as_str).collect();
    let more = match hosts.len().saturating_sub(SHOWN_MAX) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    (!shown.is_empty()).then(|| format!("{what}: {}{more}", shown.join(", ")))
}

/// A host as sandboxes' rules take it: in lower case, international names in their plain form. `None` for what they
/// would refuse, and with it all the others.
pub(super) fn entry(text: &str) -> Option<String> {
    if text == EVERY || text.parse::<Cidr>().is_ok() {
        return Some(text.to_owned());
    }
    let (below, name) = match text.strip_prefix("*.") {
        Some(name) => ("*.", name),
        None => ("", text),
    };
    let Ok(Host::Domain(name)) = Host::parse(name.strip_suffix('.').unwrap_or(name)) else { return None };
    let letters = |label: &str| label.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    let plain = name.len() <= NAME_MAX && name.split('.').all(|label| !label.is_empty() && letters(label));
    plain.then(|| format!("{below}{name}"))
}

/// Whether an entry of a policy speaks of `host`, by its name, one above it, or its address.
fn covers(entry: &str, host: &str) -> bool {
    match (entry.parse::<Cidr>(), host.parse()) {
        (Ok(block), Ok(address)) => block.contains(address),
        (Ok(_), Err(_)) => false,
        (Err(_), _) => is_under(host, entry.strip_prefix("*.").unwrap_or(entry)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        guard::{Level, Policies, inspect},
        types::{AppFile, AppType, Origin, PORTS, Runtime},
    };

    fn app(code: &str, build: Option<&str>) -> Artifact {
        Artifact {
            files: vec![AppFile { path: "server.js".to_owned(), content: code.to_owned() }],
            build: build.map(str::to_owned),
            start: "node server.js".to_owned(),
            port: PORTS[0],
            runtime: Runtime::Node,
            dependencies: Vec::new(),
            checks: Vec::new(),
            origin: Origin { generator: "t".into(), template: "t".into(), match_percent: 0, note: String::new() },
        }
    }

    fn judged(code: &str, build: Option<&str>, policy: &Policy, internet: bool) -> (Egress, Verdict) {
        let artifact = app(code, build);
        let mut verdict = inspect(&artifact, policy);
        (egress(&artifact, &mut verdict, policy, internet), verdict)
    }

    fn run(hosts: &[&str]) -> Egress {
        let run = Reach::Hosts(hosts.iter().map(|host| (*host).to_owned()).collect());
        Egress { build: Reach::Nothing, run }
    }

    const CODE: &str =
        "fetch('https://api.Weather.example/v1'); fetch(`https://b.example/${x}`); fetch('http://localhost:3000')";

    #[test]
    fn the_code_decides_what_is_reached() {
        let (reached, verdict) = judged(CODE, None, &Policy::default(), true);
        assert_eq!(reached, run(&["api.weather.example", "b.example"]));
        let note = &verdict.findings[0];
        assert_eq!((note.rule.as_str(), note.severity, verdict.blocked), ("egress-allowed", Severity::Info, false));
        assert_eq!(note.why, "this app may reach: api.weather.example, b.example");
        assert_eq!(judged("let a = 1", None, &Policy::default(), true), (Egress::default(), Verdict::default()));
    }

    #[test]
    fn packages_are_installed_before_the_list_holds() {
        let (reached, verdict) = judged("let a = 1", Some("npm install"), &Policy::default(), true);
        assert_eq!(reached, Egress { build: Reach::Anything, run: Reach::Nothing });
        assert_eq!(verdict.findings[0].why, "this app may reach no host; while packages are installed: every host");
        let policy = Policy { egress_install: ["packages.example".to_owned()].into(), ..Policy::default() };
        let (reached, verdict) = judged(CODE, Some("npm install"), &policy, true);
        assert_eq!(reached.build, Reach::Hosts(vec!["packages.example".to_owned()]));
        assert!(verdict.findings[0].why.ends_with("b.example; while packages are installed: packages.example"));
    }

    #[test]
    fn without_internet_the_hosts_are_told_and_not_reached() {
        let (reached, verdict) = judged(CODE, Some("npm install"), &Policy::default(), false);
        assert_eq!((reached, verdict.findings[0].rule.as_str()), (Egress::default(), "egress-offline"));
        assert!(verdict.findings[0].why.ends_with("no internet: api.weather.example, b.example"), "{verdict:?}");
    }

    #[test]
    fn the_policy_has_the_last_word() {
        let policy = |text: &str| Policies::from_toml(text).unwrap().of(AppType::Webapp).clone();
        let own = policy("[egress]\nallow = ['10.1.2.3', '*.c.example']\ndeny = ['weather.example']\n");
        let (reached, verdict) = judged(CODE, None, &own, true);
        assert_eq!(reached, run(&["*.c.example", "10.1.2.3", "b.example"]));
        let denied = verdict.findings.iter().find(|finding| finding.rule == "egress-denied").unwrap();
        assert!(denied.severity == Severity::Warn && denied.why.ends_with("api.weather.example"), "{denied:?}");
        assert_eq!(judged(CODE, None, &policy("[webapp.egress]\nallow = ['*']\n"), true).0.run, Reach::Anything);
        let mut strict = Policy::default();
        strict.levels.insert("egress-allowed", Level::Block);
        assert!(judged(CODE, None, &strict, true).1.blocked);
        strict.levels.insert("egress-allowed", Level::Pass);
        assert!(judged(CODE, None, &strict, true).1.findings.is_empty());
        let both = Policies::from_toml("[egress]\nallow = ['*']\ndeny = ['a.example']\n").unwrap_err();
        assert!(both.to_string().contains("deny must be empty"));
    }

    #[test]
    fn what_rules_of_sandboxes_would_refuse_is_left_out() {
        for (text, entry_) in [
            ("Example.COM.", Some("example.com")),
            ("bücher.example", Some("xn--bcher-kva.example")),
            ("*.example.com", Some("*.example.com")),
            ("10.0.0.0/8", Some("10.0.0.0/8")),
            ("", None),
            ("a..b", None),
            ("a b", None),
            ("https://a.example", None),
        ] {
            assert_eq!(entry(text).as_deref(), entry_, "{text}");
        }
    }
}
