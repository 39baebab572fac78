//! One certificate per host name, minted when a visitor first asks for the name.
//!
//! A name need not have an app to get one, only the form of an app's name: "no app lives here" must be readable
//! too, and a visitor may come before the app is routed. That makes names a thing to flood us with, so the number
//! kept is bounded; and as minting costs less than the handshake it is part of, a flood of names is no worse than
//! a flood of handshakes.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use rustls::{
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
};
use tracing::error;

use super::{
    address::{Address, Domain, host_name},
    authority::{Authority, AuthorityError},
};
use crate::types::Timestamp;

/// Names in one of the two generations: at most twice as many certificates are kept, of about 1 KiB each.
const GENERATION_MAX: usize = 256;
/// A certificate is used for so long, and lives three times longer.
const USED_FOR: Duration = Duration::from_secs(30 * 24 * 3600);

/// Picks the certificate for a handshake.
pub(super) struct Certificates {
    authority: Authority,
    kept: Mutex<Kept>,
}

#[derive(Clone)]
struct Minted {
    key: Arc<CertifiedKey>,
    at: Timestamp,
}

/// Two generations instead of a list by age: a name that is asked for moves to the young one, and when that is full the
/// old one is forgotten.
#[derive(Default)]
struct Kept {
    young: HashMap<String, Minted>,
    old: HashMap<String, Minted>,
}

impl Certificates {
    pub(super) fn new(authority: Authority) -> Self {
        Self { authority, kept: Mutex::default() }
    }

    /// The domain that they are for.
    pub(super) const fn domain(&self) -> &Domain {
        self.authority.domain()
    }

    /// `None` for a name that is not ours to vouch for.
    fn for_name(&self, name: Option<&str>, now: Timestamp) -> Result<Option<Arc<CertifiedKey>>, AuthorityError> {
        let name = name.map(host_name).unwrap_or_default();
        let ours = match Address::of(&name, self.authority.domain()) {
            Address::App(_) | Address::Sandbox(..) | Address::ControlPlane | Address::Front => true,
            Address::Foreign => name.is_empty(),
        };
        if !ours {
            return Ok(None);
        }
        if let Some(known) = self.kept().get(&name, now) {
            return Ok(Some(known));
        }
        // Not under the lock: two handshakes may both mint a name, and the later one is kept.
        let key = Arc::new(if name.is_empty() {
            self.authority.certificate_for_addresses(now)?
        } else {
            self.authority.certificate_for_name(&name, now)?
        });
        self.kept().put(name, Minted { key: Arc::clone(&key), at: now });
        Ok(Some(key))
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, Kept> {
        // A map is whole after a panic between two of its operations.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn get(&mut self, name: &str, now: Timestamp) -> Option<Arc<CertifiedKey>> {
        let (name, found) = match self.young.get(name) {
            Some(found) => (None, found.clone()),
            None => self.old.remove_entry(name).map(|(name, found)| (Some(name), found))?,
        };
        if now.until(found.at) > USED_FOR {
            return None;
        }
        let key = Arc::clone(&found.key);
        if let Some(name) = name {
            self.put(name, found);
        }
        Some(key)
    }

    fn put(&mut self, name: String, minted: Minted) {
        if self.young.len() >= GENERATION_MAX && !self.young.contains_key(&name) {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(name, minted);
    }
}

impl ResolvesServerCert for Certificates {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        self.for_name(hello.server_name(), Timestamp::now()).unwrap_or_else(|err| {
            error!(error = %err, "no certificate could be minted");
            None
        })
    }
}

impl fmt::Debug for Certificates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Certificates").field("authority", &self.authority.path()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gateway::Domain;

    const NOW: Timestamp = Timestamp(1_800_000_000_000);

    fn certificates(folder: &tempfile::TempDir) -> Certificates {
        Certificates::new(Authority::open(folder.path(), &Domain::default(), NOW).unwrap())
    }

    #[test]
    fn a_name_is_minted_once_until_it_gets_old() {
        let folder = tempfile::tempdir().unwrap();
        let certificates = certificates(&folder);
        let mint = |name, now| certificates.for_name(name, now).unwrap();
        let first = mint(Some("todo-abc.localhost"), NOW).unwrap();
        assert!(Arc::ptr_eq(&first, &mint(Some("TODO-abc.localhost"), NOW).unwrap()));
        assert!(!Arc::ptr_eq(&first, &mint(Some("3000-abc.localhost"), NOW).unwrap()));
        assert!(!Arc::ptr_eq(
            &first,
            &mint(Some("todo-abc.localhost"), NOW + USED_FOR + Duration::from_secs(1)).unwrap()
        ));
        assert!(mint(None, NOW).is_some(), "a visitor who names nobody");
        for foreign in ["example.com", "a.b.localhost", "_x.localhost"] {
            assert!(mint(Some(foreign), NOW).is_none(), "{foreign}");
        }
    }

    #[test]
    fn a_flood_of_names_is_forgotten_and_a_name_in_use_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let certificates = certificates(&folder);
        let key = certificates.for_name(None, NOW).unwrap().unwrap();
        let mut kept = Kept::default();
        let minted = || Minted { key: Arc::clone(&key), at: NOW };
        kept.put("used".to_owned(), minted());
        for n in 0..GENERATION_MAX * 4 {
            kept.put(format!("flood-{n}"), minted());
            assert!(kept.get("used", NOW).is_some(), "{n}");
        }
        assert!(kept.young.len() + kept.old.len() <= 2 * GENERATION_MAX);
        assert!(kept.get("flood-0", NOW).is_none());
    }
}
