//! The way that visitors come: through the gateway, over TLS, under the app's own name.
//!
//! An app that answers on its port may still be out of reach: its certificate, its name and its route are the gateway's.
//! So what proves an app alive is asked from outside. The route is not open to visitors yet; the pass opens it to whoever
//! was to see the app first.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use actix_web::http::Method;
use bytes::Bytes;
use rustls::{
    ClientConfig, RootCertStore,
    crypto::ring,
    pki_types::{CertificateDer, pem::PemObject},
};

use super::{
    ANSWER_MAX, Answer, SandboxError,
    transport::{self, Call, Reply},
};
use crate::types::{PASS_HEADER, PROBLEM_HEADER, Port, SandboxId, Secret, reachable};

/// Where the gateway is, and whom it is trusted by. Cheap to clone.
#[derive(Clone)]
pub struct Front {
    address: SocketAddr,
    tls: Arc<ClientConfig>,
}

/// Why no gateway can be visited.
#[derive(Debug, thiserror::Error)]
pub enum FrontError {
    #[error("{path} holds no certificate to trust the gateway by: {cause}")]
    Authority { path: PathBuf, cause: String },
    #[error("cannot set up TLS")]
    Tls(#[from] rustls::Error),
}

impl Front {
    /// The gateway that listens on `address`; `authority` is the file of the certificate that signs for it. Blocks on the
    /// file system.
    ///
    /// # Errors
    /// A file that holds no certificate.
    pub fn new(address: SocketAddr, authority: &Path) -> Result<Self, FrontError> {
        let unusable = |cause: String| FrontError::Authority { path: authority.to_owned(), cause };
        let certificate = CertificateDer::from_pem_file(authority).map_err(|error| unusable(error.to_string()))?;
        let mut roots = RootCertStore::empty();
        roots.add(certificate).map_err(|error| unusable(error.to_string()))?;
        let mut tls = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        tls.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self { address: reachable(address), tls: Arc::new(tls) })
    }

    /// A visitor of the app at `url` (`https://name:port`, without a slash at its end) whom `pass` lets in early.
    #[must_use]
    pub fn visit(&self, url: &str, pass: Secret) -> Visit {
        let connections = transport::fronted(self.address, self.tls.clone());
        Visit { connections, address: self.address, url: url.to_owned(), pass }
    }
}

/// One app's visitor. Its connections go when it goes.
#[derive(Clone)]
pub struct Visit {
    connections: awc::Client,
    address: SocketAddr,
    url: String,
    pass: Secret,
}

impl Visit {
    /// As [`Client::request`](super::Client::request), from outside.
    pub(super) async fn request(
        &self,
        sandbox: &SandboxId,
        port: Port,
        method: Method,
        path: &str,
        body: Option<&str>,
        limit: Duration,
    ) -> Result<Answer, SandboxError> {
        let mut headers = vec![(PASS_HEADER, self.pass.expose().to_owned()), super::client::user_agent()];
        headers.extend(body.map(|_| ("Content-Type", "application/json".to_owned())));
        let call = Call {
            doing: "visiting the app",
            method,
            url: format!("{}{path}", self.url),
            headers,
            body: body.map_or_else(Bytes::new, |body| Bytes::copy_from_slice(body.as_bytes())),
            limit,
            body_max: ANSWER_MAX,
        };
        let reply = transport::send(&self.connections, call).await.map_err(|error| self.named(error))?;
        match reply.header(PROBLEM_HEADER).map(str::to_owned) {
            Some(code) => Err(self.problem(&code, &reply, sandbox, port, limit)),
            None => Ok(Answer { status: reply.status, body: reply.body, truncated: reply.truncated }),
        }
    }

    /// The name of the app leads nowhere by itself: what was connected to is the gateway.
    fn named(&self, error: SandboxError) -> SandboxError {
        match error {
            SandboxError::Unreachable { cause, .. } => self.unreachable(cause),
            other => other,
        }
    }

    fn unreachable(&self, cause: String) -> SandboxError {
        SandboxError::Unreachable { address: format!("{} (the gateway)", self.address), cause }
    }

    /// What the gateway said in the app's place.
    fn problem(&self, code: &str, reply: &Reply, sandbox: &SandboxId, port: Port, limit: Duration) -> SandboxError {
        const DOING: &str = "visiting the app";
        match code {
            "port_closed" => SandboxError::PortClosed { sandbox: sandbox.clone(), port },
            "sandbox_not_found" => SandboxError::NotFound { message: format!("sandbox {sandbox}") },
            "app_not_answering" => {
                SandboxError::Cut { doing: DOING, cause: "the app closed the connection without an answer".to_owned() }
            }
            "app_answer_invalid" => {
                SandboxError::Protocol { doing: DOING, detail: "the app's answer is no HTTP".to_owned() }
            }
            "app_timeout" => SandboxError::Timeout { doing: DOING, after: limit },
            other => self.unreachable(format!("it answers {} ({other})", reply.status)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gateway_on_all_addresses_is_met_on_loopback() {
        for (listens, met) in [("0.0.0.0:1", "127.0.0.1:1"), ("[::]:1", "[::1]:1"), ("10.0.0.1:1", "10.0.0.1:1")] {
            assert_eq!(reachable(listens.parse().unwrap()), met.parse().unwrap());
        }
    }

    #[test]
    fn a_file_that_holds_no_certificate_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ca.pem");
        std::fs::write(&path, "nonsense").unwrap();
        let error = Front::new("127.0.0.1:1".parse().unwrap(), &path).err().unwrap().to_string();
        assert!(error.contains("ca.pem"), "{error}");
    }
}
