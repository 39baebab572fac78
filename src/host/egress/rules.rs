//! What one sandbox may connect to. Pure.
//!
//! ```text
//!  address ─► reserved, or the machine's own? ─yes, and the operator does not let it through─► refused
//!                     │
//!                     ▼
//!             in allowOut, by name or address? ─yes─► connected
//!                     │
//!                     ▼
//!                in denyOut? ─yes─► refused
//!                     │
//!                     ▼
//!             internet on? ─no──► refused
//!                     └────yes──► connected
//! ```
//! That allowed entries take precedence, and that no internet is the same as denying all, are the protocol's words.

use std::{fmt, net::IpAddr};

use url::Host;

use super::address;
use crate::types::Cidr;

/// Entries of one list.
const ENTRIES_MAX: usize = 256;
/// Characters of a name (RFC 1035).
const NAME_MAX: usize = 253;

/// The egress rules of a sandbox. The default lets nothing out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rules {
    /// Whether what no list names is connected to.
    internet: bool,
    allow: Vec<Destination>,
    deny: Vec<Cidr>,
}

/// An entry of `allowOut`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Destination {
    Name(String),
    /// All names below this one, and not the name itself.
    Below(String),
    Network(Cidr),
}

/// Why rules are not taken.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum RuleError {
    #[error("{list}: at most {ENTRIES_MAX} entries")]
    TooMany { list: &'static str },
    #[error("allowOut: {0:?} is no IP address, no CIDR block, no domain and no *.domain")]
    Allow(String),
    #[error("denyOut: {0:?} is no IP address and no CIDR block; domains cannot be denied, only left out of allowOut")]
    Deny(String),
    #[error("allowOut names a domain, which restricts nothing unless denyOut holds 0.0.0.0/0 (all traffic)")]
    DomainWithoutDenyAll,
}

/// Why there is no connection.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum Denied {
    #[error(
        "{address} is {kind}: sandboxes reach the public internet only, and what the operator of this host lets through"
    )]
    Reserved { address: IpAddr, kind: &'static str },
    #[error("{address} is this machine's own: sandboxes reach the public internet only")]
    Own { address: IpAddr },
    #[error("the sandbox's network rules deny it: denyOut holds {0}")]
    Rule(Cidr),
    #[error("internet access is off for this sandbox, and its allowOut does not name this destination")]
    Off,
}

impl Denied {
    /// A stable word for programs.
    #[must_use]
    pub fn rule(&self) -> String {
        match self {
            Self::Reserved { .. } => "reserved-address".to_owned(),
            Self::Own { .. } => "own-address".to_owned(),
            Self::Rule(block) => format!("denyOut {block}"),
            Self::Off => "allow_internet_access false".to_owned(),
        }
    }
}

impl Rules {
    /// # Errors
    /// [`RuleError`] for what the protocol does not allow either.
    pub fn new(internet: bool, allow: &[String], deny: &[String]) -> Result<Self, RuleError> {
        for (list, entries) in [("allowOut", allow), ("denyOut", deny)] {
            if entries.len() > ENTRIES_MAX {
                return Err(RuleError::TooMany { list });
            }
        }
        let allow: Vec<_> = allow.iter().map(|entry| destination(entry)).collect::<Result<_, _>>()?;
        let network = |entry: &String| entry.parse().map_err(|_| RuleError::Deny(shortened(entry)));
        let rules = Self { internet, allow, deny: deny.iter().map(network).collect::<Result<_, _>>()? };
        if rules.allow.iter().any(Destination::is_name) && !rules.denies_the_rest() {
            return Err(RuleError::DomainWithoutDenyAll);
        }
        Ok(rules)
    }

    /// Whether what no list names is connected to.
    #[must_use]
    pub const fn internet(&self) -> bool {
        self.internet
    }

    #[must_use]
    pub fn allow(&self) -> &[Destination] {
        &self.allow
    }

    #[must_use]
    pub fn deny(&self) -> &[Cidr] {
        &self.deny
    }

    /// Whether there is anything that they let through: a sandbox without needs no way out.
    #[must_use]
    pub fn let_something_out(&self) -> bool {
        self.internet || !self.allow.is_empty()
    }

    /// What can be said before a name is resolved. A question to a name server is a message to whoever runs it, so
    /// none is asked for a name that cannot be let through.
    ///
    /// # Errors
    /// [`Denied`] when no address could make it allowed.
    pub fn decide_by_name(&self, host: &Host) -> Result<(), Denied> {
        let by_address = matches!(host, Host::Ipv4(_) | Host::Ipv6(_)) || self.allow.iter().any(|one| !one.is_name());
        if by_address || !self.denies_the_rest() || self.allow.iter().any(|one| one.names(host)) {
            return Ok(());
        }
        Err(match self.deny.iter().find(|block| block.is_everything()) {
            Some(block) => Denied::Rule(*block),
            None => Denied::Off,
        })
    }

    /// Whether `address`, which `host` resolved to (or is), is connected to. `operator` is what the host's operator
    /// lets through of the addresses that are otherwise out of bounds; `own` tells that it is the machine's own.
    ///
    /// # Errors
    /// [`Denied`] with the first reason.
    pub fn decide(&self, operator: &[Cidr], host: &Host, address: IpAddr, own: bool) -> Result<(), Denied> {
        if !operator.iter().any(|block| block.contains(address)) {
            if let Some(kind) = address::reserved(address) {
                return Err(Denied::Reserved { address, kind });
            }
            if own {
                return Err(Denied::Own { address });
            }
        }
        if self.allow.iter().any(|one| one.names(host) || one.holds(address)) {
            return Ok(());
        }
        if let Some(block) = self.deny.iter().find(|block| holds(block, address)) {
            return Err(Denied::Rule(*block));
        }
        if self.internet { Ok(()) } else { Err(Denied::Off) }
    }

    fn denies_the_rest(&self) -> bool {
        !self.internet || self.deny.iter().any(Cidr::is_everything)
    }
}

impl Destination {
    const fn is_name(&self) -> bool {
        match self {
            Self::Name(_) | Self::Below(_) => true,
            Self::Network(_) => false,
        }
    }

    /// Whether it names `host`, whatever that resolves to.
    fn names(&self, host: &Host) -> bool {
        let Host::Domain(host) = host else { return false };
        let host = host.strip_suffix('.').unwrap_or(host);
        match self {
            Self::Name(name) => host == name,
            Self::Below(parent) => host.strip_suffix(parent.as_str()).is_some_and(|rest| rest.ends_with('.')),
            Self::Network(_) => false,
        }
    }

    fn holds(&self, address: IpAddr) -> bool {
        match self {
            Self::Name(_) | Self::Below(_) => false,
            Self::Network(block) => holds(block, address),
        }
    }
}

impl fmt::Display for Destination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => f.write_str(name),
            Self::Below(parent) => write!(f, "*.{parent}"),
            Self::Network(block) => block.fmt(f),
        }
    }
}

/// `0.0.0.0/0` is how clients say "all traffic", so it holds IPv6 as well.
fn holds(block: &Cidr, address: IpAddr) -> bool {
    block.is_everything() || block.contains(address)
}

fn destination(entry: &str) -> Result<Destination, RuleError> {
    if let Ok(block) = entry.parse() {
        return Ok(Destination::Network(block));
    }
    let refused = || RuleError::Allow(shortened(entry));
    let (below, name) = match entry.strip_prefix("*.") {
        Some(name) => (true, name),
        None => (false, entry),
    };
    // Lower case, and punycode for what is not ASCII: as a request's host is read.
    let Ok(Host::Domain(name)) = Host::parse(name.strip_suffix('.').unwrap_or(name)) else { return Err(refused()) };
    if name.is_empty() || name.len() > NAME_MAX || name.contains('*') {
        return Err(refused());
    }
    Ok(if below { Destination::Below(name) } else { Destination::Name(name) })
}

/// What of a client's words an error repeats.
fn shortened(entry: &str) -> String {
    const SHOWN_MAX: usize = 64;
    entry.chars().take(SHOWN_MAX).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ALL: &str = "0.0.0.0/0";

    fn rules(internet: bool, allow: &[&str], deny: &[&str]) -> Rules {
        let owned = |list: &[&str]| list.iter().map(|entry| (*entry).to_owned()).collect::<Vec<_>>();
        Rules::new(internet, &owned(allow), &owned(deny)).unwrap()
    }

    fn refusal(allow: &[&str], deny: &[&str]) -> RuleError {
        let owned = |list: &[&str]| list.iter().map(|entry| (*entry).to_owned()).collect::<Vec<_>>();
        Rules::new(true, &owned(allow), &owned(deny)).unwrap_err()
    }

    fn decide(rules: &Rules, host: &str, address: &str) -> Result<(), Denied> {
        rules.decide(&[], &Host::parse(host).unwrap(), address.parse().unwrap(), false)
    }

    #[test]
    fn allowed_entries_take_precedence_over_denied_ones() {
        let listed = rules(true, &["1.1.1.1", "example.org", "*.example.com", "9.9.0.0/16"], &[ALL]);
        for (host, address) in [
            ("1.1.1.1", "1.1.1.1"),
            ("whatever.net", "1.1.1.1"),
            ("example.org", "8.8.8.8"),
            ("EXAMPLE.org.", "8.8.8.8"),
            ("a.b.example.com", "2606:4700::1111"),
            ("9.9.9.9", "9.9.9.9"),
        ] {
            assert_eq!(decide(&listed, host, address), Ok(()), "{host}");
        }
        for (host, address) in [
            ("8.8.8.8", "8.8.8.8"),
            ("example.com", "8.8.8.8"),
            ("badexample.com", "8.8.8.8"),
            ("example.org.evil.net", "8.8.8.8"),
            ("a.example.org", "8.8.8.8"),
            ("six.net", "2606:4700::1111"),
        ] {
            assert!(matches!(decide(&listed, host, address), Err(Denied::Rule(_))), "{host}");
        }
        let denied = rules(true, &[], &["8.8.8.0/24"]);
        assert_eq!(decide(&denied, "1.1.1.1", "1.1.1.1"), Ok(()));
        assert_eq!(decide(&denied, "dns.example", "8.8.8.8").unwrap_err().rule(), "denyOut 8.8.8.0/24");
    }

    #[test]
    fn no_internet_is_the_same_as_denying_all() {
        let off = rules(false, &[], &[]);
        assert_eq!(decide(&off, "1.1.1.1", "1.1.1.1"), Err(Denied::Off));
        assert!(!off.let_something_out() && !Rules::default().let_something_out());
        let some = rules(false, &["example.org"], &[]);
        assert!(some.let_something_out());
        assert_eq!(decide(&some, "example.org", "8.8.8.8"), Ok(()));
        assert_eq!(decide(&some, "example.net", "8.8.8.8"), Err(Denied::Off));
    }

    #[test]
    fn reserved_addresses_are_refused_whatever_the_sandbox_allows() {
        let all = rules(true, &[ALL, "127.0.0.1", "metadata.example", "169.254.169.254"], &[ALL]);
        for (host, address) in [
            ("metadata.example", "169.254.169.254"),
            ("2130706433", "127.0.0.1"),
            ("0x7f000001", "127.0.0.1"),
            ("017700000001", "127.0.0.1"),
            ("127.1", "127.0.0.1"),
            ("[::ffff:127.0.0.1]", "::ffff:127.0.0.1"),
        ] {
            assert!(matches!(decide(&all, host, address), Err(Denied::Reserved { .. })), "{host}");
        }
        let host = Host::parse("own.example").unwrap();
        let address = "8.8.8.8".parse().unwrap();
        assert_eq!(all.decide(&[], &host, address, true), Err(Denied::Own { address }));
        assert_eq!(Host::parse("2130706433").unwrap(), Host::<String>::Ipv4(std::net::Ipv4Addr::LOCALHOST));
    }

    #[test]
    fn the_operator_opens_an_address_and_not_the_rules() {
        let operator = ["10.0.0.0/8".parse().unwrap()];
        let (host, address) = (Host::parse("registry.example").unwrap(), "10.1.1.1".parse().unwrap());
        assert_eq!(rules(true, &[], &[]).decide(&operator, &host, address, true), Ok(()));
        assert_eq!(rules(false, &[], &[]).decide(&operator, &host, address, false), Err(Denied::Off));
        assert!(rules(true, &[], &["10.1.0.0/16"]).decide(&operator, &host, address, false).is_err());
    }

    #[test]
    fn names_that_cannot_be_allowed_are_not_even_resolved() {
        let name = |rules: &Rules, host: &str| rules.decide_by_name(&Host::parse(host).unwrap());
        let listed = rules(true, &["example.org"], &[ALL]);
        assert!(matches!(name(&listed, "secret.evil.net"), Err(Denied::Rule(_))));
        assert_eq!(name(&listed, "example.org"), Ok(()));
        assert_eq!(name(&listed, "8.8.8.8"), Ok(()), "an address is decided on as one");
        assert_eq!(name(&rules(false, &[], &[]), "example.org"), Err(Denied::Off));
        assert_eq!(name(&rules(false, &["1.1.1.1"], &[]), "one.example"), Ok(()), "it might be that address");
    }

    #[test]
    fn rules_that_say_nothing_are_refused() {
        assert_eq!(refusal(&["example.org"], &[]), RuleError::DomainWithoutDenyAll);
        assert_eq!(refusal(&["example.org"], &["8.8.8.8"]), RuleError::DomainWithoutDenyAll);
        for entry in ["", "*", "*.", "a b", "https://example.org", "*.*.org", "exa*mple.org", "1.2.3.4/40", "0x7f.1"] {
            assert_eq!(refusal(&[entry], &[ALL]), RuleError::Allow(entry.to_owned()));
        }
        assert_eq!(refusal(&[], &["example.org"]), RuleError::Deny("example.org".to_owned()));
        let many = vec!["1.1.1.1".to_owned(); ENTRIES_MAX + 1];
        assert_eq!(Rules::new(true, &many, &[]), Err(RuleError::TooMany { list: "allowOut" }));
    }

    proptest! {
        #[test]
        fn nothing_reserved_passes_without_the_operator(bits: u32, name in "[a-z]{1,8}\\.[a-z]{2,4}", internet: bool) {
            let address = IpAddr::from(std::net::Ipv4Addr::from_bits(bits));
            let rules = Rules::new(internet, &[ALL.to_owned(), name.clone()], &[ALL.to_owned()]).unwrap();
            let decided = rules.decide(&[], &Host::parse(&name).unwrap(), address, false);
            prop_assert_eq!(decided.is_ok(), address::reserved(address).is_none());
        }

        #[test]
        fn no_entry_panics(entry in ".{0,300}") {
            let _ = Rules::new(true, std::slice::from_ref(&entry), std::slice::from_ref(&entry));
        }
    }
}
