//! The development authority: what a browser or SDK is told to trust, made on first start and kept.
//!
//! ```text
//!   {data dir}/ca.pem   to be trusted by visitors      ┐ made together, once; the key is written first, so an
//!   {data dir}/ca.key   signs, never leaves            ┘ interrupted first start leaves nothing that is trusted
//!          │
//!          └─ signs ─► one certificate per host name, all with the one key that this process made for itself
//! ```
//!
//! Whoever trusts it must not thereby trust us with the rest of the web: it is constrained to names under the domain
//! and to loopback addresses (RFC 5280 §4.2.1.10). A file that is there is never replaced, because somebody may
//! have trusted it; one that is of no use is refused with the name of the file to delete.

use std::{
    fs,
    io::{self, Write},
    net::{Ipv4Addr, Ipv6Addr},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use rcgen::{
    BasicConstraints, CertificateParams, CidrSubnet, DistinguishedName, DnType, ExtendedKeyUsagePurpose,
    GeneralSubtree, IsCa, Issuer, KeyPair, KeyUsagePurpose, NameConstraints, SanType, SerialNumber, date_time_ymd,
};
use rustls::{
    RootCertStore,
    client::{WebPkiServerVerifier, danger::ServerCertVerifier},
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime, pem::PemObject},
    sign::{CertifiedKey, SigningKey},
};
use x509_parser::parse_x509_certificate;

use super::address::Domain;
use crate::types::Timestamp;

const DAY: Duration = Duration::from_secs(24 * 3600);
const AUTHORITY_LIFETIME: Duration = DAY.saturating_mul(3650);
/// Of the certificate of one host name. Far more than [`super::certificates`] keeps it in use.
const CERTIFICATE_LIFETIME: Duration = DAY.saturating_mul(90);
/// How far the clock of a visitor, or ours before a restart, may be behind.
const CLOCK_SLACK: Duration = DAY;

/// Signs certificates for names under one domain.
pub struct Authority {
    path: PathBuf,
    domain: Domain,
    issuer: Issuer<'static, KeyPair>,
    /// Its only use is in this process: certificates are minted anew after a restart.
    host_key: KeyPair,
    signing_key: Arc<dyn SigningKey>,
}

/// Why there is no authority.
#[derive(Debug, thiserror::Error)]
pub enum AuthorityError {
    #[error("cannot read {path}")]
    Read { path: PathBuf, source: io::Error },
    #[error("cannot write {path}: the gateway keeps its development authority there (SPAWNAI_DATA_DIR)")]
    Write { path: PathBuf, source: io::Error },
    #[error("{certificate} is there, but its key ca.key is not: delete {certificate}, and a new authority is made")]
    KeyMissing { certificate: PathBuf },
    #[error("{path} is damaged ({what}): delete ca.pem and ca.key in its folder, and a new authority is made")]
    Damaged { path: PathBuf, what: String },
    #[error("the authority in {certificate} has expired: delete it and ca.key beside it, and a new one is made")]
    Expired { certificate: PathBuf },
    #[error(
        "the authority in {certificate} does not vouch for names under {domain} (SPAWNAI_GATEWAY_DOMAIN), or ca.key is \
         not its key: delete both files, and a new one is made"
    )]
    Foreign { certificate: PathBuf, domain: Domain, source: Box<rustls::Error> },
    #[error("cannot make a key or sign a certificate")]
    Crypto(#[from] rcgen::Error),
    #[error("the system gives no random bytes")]
    Random(#[from] getrandom::Error),
    #[error("rustls does not take the key that was just made")]
    Key(#[from] rustls::Error),
}

impl Authority {
    /// Opens the authority of `data_dir` for `domain`, and makes it when there is none. Blocks on the file system.
    ///
    /// # Errors
    /// Every way in which the two files can be of no use; the message says what to delete or to change.
    pub fn open(data_dir: &Path, domain: &Domain, now: Timestamp) -> Result<Self, AuthorityError> {
        let (certificate, key) = (data_dir.join("ca.pem"), data_dir.join("ca.key"));
        let (stored, stored_key) = (read(&certificate)?, read(&key)?);
        let Some(stored) = stored else {
            return Self::create(certificate, &key, domain, now);
        };
        let Some(stored_key) = stored_key else {
            return Err(AuthorityError::KeyMissing { certificate });
        };
        let damaged = |path: &Path, what: String| AuthorityError::Damaged { path: path.to_owned(), what };
        let der = CertificateDer::from_pem_slice(&stored).map_err(|error| damaged(&certificate, error.to_string()))?;
        let (_, x509) = parse_x509_certificate(&der).map_err(|error| damaged(&certificate, error.to_string()))?;
        if x509.validity().not_after.timestamp() < now.0 / 1000 {
            return Err(AuthorityError::Expired { certificate });
        }
        let pair = std::str::from_utf8(&stored_key).map_err(|error| damaged(&key, error.to_string()))?;
        let pair = KeyPair::from_pem(pair).map_err(|error| damaged(&key, error.to_string()))?;
        let issuer = Issuer::from_ca_cert_der(&der, pair).map_err(|error| damaged(&certificate, error.to_string()))?;
        let authority = Self::with(certificate.clone(), domain.clone(), issuer)?;
        authority.proves_itself(&der, now).map_err(|source| AuthorityError::Foreign {
            certificate,
            domain: domain.clone(),
            source: Box::new(source),
        })?;
        Ok(authority)
    }

    /// Where visitors find the certificate to trust.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    #[must_use]
    pub const fn domain(&self) -> &Domain {
        &self.domain
    }

    /// A certificate for one name under the domain, with its key. A fraction of a millisecond.
    pub(super) fn certificate_for_name(&self, name: &str, now: Timestamp) -> Result<CertifiedKey, AuthorityError> {
        let name = name.try_into().map_err(AuthorityError::Crypto)?;
        self.certificate(vec![SanType::DnsName(name)], now)
    }

    /// A certificate for visitors who name nobody: the domain itself and loopback.
    pub(super) fn certificate_for_addresses(&self, now: Timestamp) -> Result<CertifiedKey, AuthorityError> {
        let domain = self.domain.as_str().try_into().map_err(AuthorityError::Crypto)?;
        let (v4, v6) = (Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into());
        self.certificate(vec![SanType::DnsName(domain), SanType::IpAddress(v4), SanType::IpAddress(v6)], now)
    }

    fn create(certificate: PathBuf, key: &Path, domain: &Domain, now: Timestamp) -> Result<Self, AuthorityError> {
        let serial = serial()?;
        let epoch = date_time_ymd(1970, 1, 1);
        let mut params = CertificateParams::default();
        // Two authorities of one machine must not look the same in a browser's list.
        let [a, b, c, ..] = serial;
        let mut name = DistinguishedName::new();
        name.push(DnType::OrganizationName, "SpawnAI");
        name.push(DnType::CommonName, format!("SpawnAI development authority {a:02x}{b:02x}{c:02x}"));
        params.distinguished_name = name;
        params.serial_number = Some(SerialNumber::from_slice(&serial));
        (params.not_before, params.not_after) =
            (epoch + since_epoch(now - CLOCK_SLACK), epoch + since_epoch(now + AUTHORITY_LIFETIME));
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        params.name_constraints = Some(NameConstraints {
            permitted_subtrees: vec![
                GeneralSubtree::DnsName(domain.to_string()),
                GeneralSubtree::IpAddress(CidrSubnet::V4([127, 0, 0, 0], [255, 0, 0, 0])),
                GeneralSubtree::IpAddress(CidrSubnet::V6(Ipv6Addr::LOCALHOST.octets(), [255; 16])),
            ],
            excluded_subtrees: Vec::new(),
        });
        let pair = KeyPair::generate()?;
        let signed = params.self_signed(&pair)?;
        write(key, 0o600, pair.serialize_pem().as_bytes())?;
        write(&certificate, 0o644, signed.pem().as_bytes())?;
        Self::with(certificate, domain.clone(), Issuer::new(params, pair))
    }

    fn with(path: PathBuf, domain: Domain, issuer: Issuer<'static, KeyPair>) -> Result<Self, AuthorityError> {
        let host_key = KeyPair::generate()?;
        let der = PrivateKeyDer::Pkcs8(host_key.serialize_der().into());
        let signing_key = ring::sign::any_ecdsa_type(&der)?;
        Ok(Self { path, domain, issuer, host_key, signing_key })
    }

    fn certificate(&self, names: Vec<SanType>, now: Timestamp) -> Result<CertifiedKey, AuthorityError> {
        let epoch = date_time_ymd(1970, 1, 1);
        let mut params = CertificateParams::default();
        let mut subject = DistinguishedName::new();
        subject.push(DnType::OrganizationName, "SpawnAI");
        params.distinguished_name = subject;
        // Of its own, although the key is shared: browsers refuse an issuer that uses a serial number twice.
        params.serial_number = Some(SerialNumber::from_slice(&serial()?));
        (params.not_before, params.not_after) =
            (epoch + since_epoch(now - CLOCK_SLACK), epoch + since_epoch(now + CERTIFICATE_LIFETIME));
        params.subject_alt_names = names;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        let signed = params.signed_by(&self.host_key, &self.issuer)?;
        Ok(CertifiedKey::new(vec![signed.der().clone()], Arc::clone(&self.signing_key)))
    }

    /// Whether a real verifier that trusts `root` takes what this authority mints. Covers at once that key and
    /// certificate belong together, and that its constraints allow the domain.
    fn proves_itself(&self, root: &CertificateDer<'_>, now: Timestamp) -> Result<(), rustls::Error> {
        let general = |error: &dyn std::fmt::Display| rustls::Error::General(error.to_string());
        let name = format!("a.{}", self.domain);
        let probe = self.certificate_for_name(&name, now).map_err(|error| general(&error))?;
        let mut roots = RootCertStore::empty();
        roots.add(root.clone().into_owned())?;
        let provider = Arc::new(ring::default_provider());
        let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider);
        let verifier = verifier.build().map_err(|error| general(&error))?;
        let server = ServerName::try_from(name).map_err(|error| general(&error))?;
        let at = UnixTime::since_unix_epoch(since_epoch(now));
        verifier.verify_server_cert(probe.end_entity_cert()?, &[], &server, &[], at).map(|_| ())
    }
}

fn since_epoch(time: Timestamp) -> Duration {
    time.until(Timestamp(0))
}

fn read(path: &Path) -> Result<Option<Vec<u8>>, AuthorityError> {
    match fs::read(path) {
        Ok(content) => Ok(Some(content)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(AuthorityError::Read { path: path.to_owned(), source }),
    }
}

/// Writes all or nothing, and never with wider rights than `mode`.
fn write(path: &Path, mode: u32, content: &[u8]) -> Result<(), AuthorityError> {
    let mut draft = path.as_os_str().to_owned();
    draft.push(format!(".{}", std::process::id()));
    let draft = PathBuf::from(draft);
    let written = || -> io::Result<()> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        // What a process with our id left behind when it was killed here.
        if let Err(error) = fs::remove_file(&draft)
            && error.kind() != io::ErrorKind::NotFound
        {
            return Err(error);
        }
        let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(mode).open(&draft)?;
        file.write_all(content)?;
        file.sync_all()?;
        fs::rename(&draft, path)
    };
    written().map_err(|source| AuthorityError::Write { path: path.to_owned(), source })
}

/// 126 random bits, positive as RFC 5280 §4.1.2.2 wants it, and of one length.
fn serial() -> Result<[u8; 16], getrandom::Error> {
    let mut serial = [0; 16];
    getrandom::fill(&mut serial)?;
    serial[0] = (serial[0] & 0x3f) | 0x40;
    Ok(serial)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    const NOW: Timestamp = Timestamp(1_800_000_000_000);

    fn open(folder: &Path, now: Timestamp) -> Result<Authority, AuthorityError> {
        Authority::open(folder, &Domain::default(), now)
    }

    #[test]
    fn the_first_start_makes_it_and_the_next_ones_keep_it() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join("deep/data");
        open(&folder, NOW).unwrap();
        let made = fs::read(folder.join("ca.pem")).unwrap();
        let mode = |name| fs::metadata(folder.join(name)).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode("ca.pem"), mode("ca.key")), (0o644, 0o600));
        open(&folder, NOW + DAY).unwrap();
        assert_eq!(fs::read(folder.join("ca.pem")).unwrap(), made);
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 2, "no draft is left");
    }

    #[test]
    fn what_it_mints_is_trusted_under_its_domain_only() {
        let folder = tempfile::tempdir().unwrap();
        let authority = open(folder.path(), NOW).unwrap();
        let root = CertificateDer::from_pem_file(authority.path()).unwrap();
        authority.proves_itself(&root, NOW).unwrap();
        let other = Authority { domain: "example.com".parse().unwrap(), ..open(folder.path(), NOW).unwrap() };
        let refused = other.proves_itself(&root, NOW).unwrap_err();
        assert!(refused.to_string().contains("NameConstraintViolation"), "{refused}");
    }

    #[test]
    fn files_of_no_use_are_named_and_kept() {
        let folder = tempfile::tempdir().unwrap();
        let (certificate, key) = (folder.path().join("ca.pem"), folder.path().join("ca.key"));
        open(folder.path(), NOW).unwrap();
        let (good, good_key) = (fs::read(&certificate).unwrap(), fs::read(&key).unwrap());
        let refused = |now| open(folder.path(), now).err().unwrap();

        assert!(matches!(refused(NOW + AUTHORITY_LIFETIME + DAY), AuthorityError::Expired { .. }));
        let moved = Authority::open(folder.path(), &"example.com".parse().unwrap(), NOW).err().unwrap();
        assert!(
            matches!(moved, AuthorityError::Foreign { .. }) && moved.to_string().contains("SPAWNAI_GATEWAY_DOMAIN")
        );
        for (path, content) in
            [(&certificate, &b"nonsense"[..]), (&key, b"nonsense"), (&key, b"\xff"), (&certificate, b"")]
        {
            fs::write(path, content).unwrap();
            let error = refused(NOW);
            assert!(matches!(&error, AuthorityError::Damaged { path: named, .. } if named == path), "{error}");
            assert!(error.to_string().contains("delete") && error.to_string().contains("ca.pem"), "{error}");
            assert_eq!(fs::read(path).unwrap(), content, "nothing is replaced");
            fs::write(&certificate, &good).unwrap();
            fs::write(&key, &good_key).unwrap();
        }
        fs::write(&key, KeyPair::generate().unwrap().serialize_pem()).unwrap();
        assert!(matches!(refused(NOW), AuthorityError::Foreign { .. }), "a key of another certificate");
        fs::remove_file(&key).unwrap();
        assert!(matches!(refused(NOW), AuthorityError::KeyMissing { .. }));
        fs::create_dir(&key).unwrap();
        assert!(matches!(refused(NOW), AuthorityError::Read { .. }));
    }

    #[test]
    fn a_folder_that_cannot_be_made_is_an_error() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let error = open(&file.path().join("data"), NOW).err().unwrap();
        assert!(error.to_string().contains("data/ca"), "{error}");
    }
}
