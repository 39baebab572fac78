//! `spawnai host`: sandboxes without an engine, by both addressings of the E2B protocol.

use std::{
    collections::BTreeMap,
    net::{Ipv4Addr, SocketAddr},
    path::Path,
    process::{Command, Stdio},
    sync::Arc,
};

use rustls::{
    ClientConfig, ClientConnection, RootCertStore, StreamOwned,
    pki_types::{CertificateDer, ServerName, pem::PemObject},
};
use serde_json::{Value, json};

use super::{
    command::{Running, leaves_nothing},
    stand::spawnai,
    traces::{descendants, mounts},
};
use crate::wire::{self, Answer, Body};

/// A host in a process of its own, and what it printed.
pub struct Host {
    running: Running,
    variables: BTreeMap<String, String>,
}

impl Host {
    pub fn start(folder: &Path) -> Self {
        let mut command = spawnai(folder);
        // A client's variables, as they are after the printed line was pasted: the host is not to follow them.
        command.arg("host").env("E2B_API_KEY", "e2b_00").env("E2B_API_URL", "http://127.0.0.1:9");
        let mut running = Running::start(command);
        let seen = running.until("NODE_EXTRA_CA_CERTS=");
        let words = seen.lines().filter_map(|line| line.strip_prefix("export ")).flat_map(str::split_whitespace);
        let variables =
            words.map(|word| word.split_once('=').unwrap()).map(|(name, value)| (name.to_owned(), value.to_owned()));
        Self { running, variables: variables.collect() }
    }

    pub fn variable(&self, name: &str) -> &str {
        self.variables.get(name).unwrap_or_else(|| panic!("no {name} in {:?}", self.variables))
    }

    /// By TLS: to `host`, whose name the handshake says unless `server_name` is another one.
    fn ask_as(
        &self,
        server_name: &str,
        host: &str,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Answer {
        wire::answer(wire::send_over(Box::new(self.tls(server_name)), host, method, path, headers, body))
    }

    fn ask(&self, label: &str, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        let host = format!("{label}.{}", self.variable("E2B_DOMAIN"));
        let name = host.split(':').next().unwrap();
        self.ask_as(name, &host, method, path, headers, body)
    }

    /// In what `SSL_CERT_FILE` names, and nothing else.
    pub fn trust(&self) -> Arc<ClientConfig> {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut root = RootCertStore::empty();
        root.add(CertificateDer::from_pem_file(self.variable("SSL_CERT_FILE")).unwrap()).unwrap();
        Arc::new(ClientConfig::builder().with_root_certificates(root).with_no_client_auth())
    }

    fn tls(&self, server_name: &str) -> StreamOwned<ClientConnection, std::net::TcpStream> {
        let port = self.variable("E2B_DOMAIN").split(':').nth(1).unwrap().parse().unwrap();
        let tcp = wire::connect(SocketAddr::from((Ipv4Addr::LOCALHOST, port)));
        let name = ServerName::try_from(server_name.to_owned()).unwrap();
        StreamOwned::new(ClientConnection::new(self.trust(), name).unwrap(), tcp)
    }

    fn create(&self) -> (String, String) {
        let key = ("X-API-Key", self.variable("E2B_API_KEY"));
        let answer = self.ask("api", "POST", "/v2/sandboxes", &[key], br#"{"templateID":"base"}"#);
        assert_eq!(answer.status, 201, "{}", answer.text());
        let created = answer.json();
        let text = |name: &str| created[name].as_str().unwrap().to_owned();
        (text("sandboxID"), text("envdAccessToken"))
    }

    /// Starts a program in a sandbox, and leaves it running; its output is the body.
    pub fn start_in(&self, id: &str, token: &str, script: &str) -> Body {
        let message = json!({"process": {"cmd": "/bin/bash", "args": ["-l", "-c", script]}}).to_string();
        let mut frame = vec![0];
        frame.extend(u32::try_from(message.len()).unwrap().to_be_bytes());
        frame.extend(message.as_bytes());
        let headers = [("X-Access-Token", token), ("Content-Type", "application/connect+json")];
        let host = format!("49983-{id}.{}", self.variable("E2B_DOMAIN"));
        let tls = Box::new(self.tls(host.split(':').next().unwrap()));
        let mut reader = wire::send_over(tls, &host, "POST", "/process.Process/Start", &headers, &frame);
        let (status, head) = wire::read_head(&mut reader);
        assert_eq!(status, 200, "{head}");
        Body::of(reader, &head)
    }
}

/// An app that tells the head of each request that reaches it.
const MIRROR: &str = r#"exec node -e '
require("http").createServer((request, answer) => answer.end(JSON.stringify(request.headers)))
    .listen(3000, () => console.log("up"))'"#;

pub fn started(body: &mut Body) {
    // Frames of JSON: the first one tells the pid, the next one that the app listens.
    for _ in 0..2 {
        let head = body.take(5).expect("a frame");
        let length = u32::from_be_bytes(head[1..5].try_into().unwrap());
        body.take(length as usize).expect("a whole frame");
    }
}

#[test]
fn both_addressings_reach_the_same_sandbox_and_nothing_is_left_of_it() {
    let (folder, mounted) = (tempfile::tempdir().unwrap(), mounts());
    let host = Host::start(folder.path());
    let (id, token) = host.create();
    let key = host.variable("E2B_API_KEY").to_owned();

    // A: written by its plain address.
    let plain: SocketAddr = host.variable("E2B_SANDBOX_URL").strip_prefix("http://").unwrap().parse().unwrap();
    assert_eq!(host.variable("E2B_API_URL"), host.variable("E2B_SANDBOX_URL"));
    let to_envd = [("E2b-Sandbox-Id", id.as_str()), ("X-Access-Token", &token)];
    let octets = [&to_envd[..], &[("Content-Type", "application/octet-stream")]].concat();
    let written = wire::call(plain, "POST", "/files?path=a.txt", &octets, b"by either way");
    assert_eq!(written.status, 200, "{}", written.text());
    let listed = wire::call(plain, "GET", "/v2/sandboxes", &[("X-API-Key", &key)], b"").json();
    assert_eq!(listed[0]["sandboxID"], json!(id));

    // B: read by its name.
    let envd = format!("49983-{id}");
    let read = host.ask(&envd, "GET", "/files?path=a.txt", &[("X-Access-Token", &token)], b"");
    assert_eq!((read.status, read.text().as_str()), (200, "by either way"));
    let mut output = host.start_in(&id, &token, MIRROR);
    started(&mut output);
    assert_eq!(host.ask(&format!("3000-{id}"), "GET", "/", &[], b"").status, 200);
    let killed = host.ask("api", "DELETE", &format!("/sandboxes/{id}"), &[("X-API-Key", &key)], b"");
    assert_eq!(killed.status, 204);
    let gone = host.ask(&envd, "GET", "/health", &[], b"");
    assert_eq!((gone.status, gone.json()["message"].as_str()), (502, Some("The sandbox was not found")));

    let (id, token) = host.create();
    let mut output = host.start_in(&id, &token, MIRROR);
    started(&mut output);
    let (pid, processes) = (host.running.child.id(), descendants(host.running.child.id()));
    let (code, _, said) = host.running.interrupt();
    assert_eq!(code, Some(0), "{said}");
    leaves_nothing(pid, &processes, &mounted);
}

#[test]
fn no_header_leads_anywhere_but_to_the_name_that_was_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::start(folder.path());
    let ((id, token), (other, others_token)) = (host.create(), host.create());
    let mut output = host.start_in(&id, &token, MIRROR);
    started(&mut output);
    let domain = host.variable("E2B_DOMAIN").to_owned();
    let (app, envd) = (format!("3000-{id}"), format!("49983-{other}"));
    let key = ("X-API-Key", host.variable("E2B_API_KEY").to_owned());

    // An app's visitor stays with the app, whatever it says, and the app is told none of the keys.
    let api_host = format!("api.{domain}");
    let steering: [&[(&str, &str)]; 5] = [
        &[("E2b-Sandbox-Id", &other), ("E2b-Sandbox-Port", "49983")],
        &[("X-Forwarded-Host", &api_host), ("Forwarded", "host=api.localhost")],
        &[("Connection", "E2b-Sandbox-Id, E2b-Sandbox-Port"), ("X-Original-Host", &api_host)],
        &[("X-API-Key", &key.1), ("X-Access-Token", &others_token)],
        &[("X-HTTP-Method-Override", "DELETE"), ("X-Original-URL", "/v2/sandboxes")],
    ];
    for headers in steering {
        let told = host.ask(&app, "GET", "/v2/sandboxes", headers, b"");
        let told: Value = told.json();
        assert_eq!(told["host"], "localhost:3000", "{headers:?}: {told}");
        for secret in ["e2b-sandbox-id", "e2b-sandbox-port", "x-api-key", "x-access-token"] {
            assert!(told.get(secret).is_none(), "{secret} for {headers:?}: {told}");
        }
    }
    // A connection that was opened for the app does not lead to another name.
    let own_name = app.clone() + "." + domain.split(':').next().unwrap();
    for name in [&api_host, &format!("{envd}.{domain}")] {
        let turned = host.ask_as(&own_name, name, "GET", "/health", &[(key.0, &key.1)], b"");
        assert_eq!(turned.status, 421, "{name}: {}", turned.text());
        let absolute = host.ask(&app, "GET", &format!("https://{name}/health"), &[(key.0, &key.1)], b"");
        assert_eq!(absolute.status, 421, "{name}: {}", absolute.text());
    }
    // The control plane is not turned into a sandbox, and each door asks for its own key.
    let turned = host.ask("api", "GET", "/health", &[("E2b-Sandbox-Id", &other), ("E2b-Sandbox-Port", "49983")], b"");
    assert_eq!((turned.status, turned.json()), (200, json!({"status": "ok"})));
    assert_eq!(host.ask("api", "GET", "/v2/sandboxes", &[("X-Access-Token", &token)], b"").status, 401);
    for wrong in [[("X-Access-Token", token.as_str())], [("X-API-Key", &key.1)], [("Authorization", "Basic dXNlcjo=")]]
    {
        let refused = host.ask(&envd, "GET", "/files?path=/etc/hostname", &wrong, b"");
        assert_eq!((refused.status, refused.json()["code"].as_u64()), (401, Some(401)), "{wrong:?}");
        let call = [&wrong[..], &[("Content-Type", "application/json")]].concat();
        assert_eq!(host.ask(&envd, "POST", "/process.Process/List", &call, b"{}").status, 401, "{wrong:?}");
    }
    assert_eq!(
        host.ask(&envd, "GET", "/files?path=/etc/hostname", &[("X-Access-Token", &others_token)], b"").status,
        200
    );
    // A name with another port than the gateway's is still that name; a foreign one is nobody's.
    assert_eq!(host.ask_as("localhost", "localhost", "GET", "/", &[], b"").status, 404);
}

#[test]
fn beyond_loopback_it_listens_in_plain_http_only_when_told_so() {
    let folder = tempfile::tempdir().unwrap();
    let refused = |arguments: &[&str]| {
        let output = spawnai(folder.path())
            .args(arguments)
            .env("SPAWNAI_HOST_LISTEN", "0.0.0.0:0")
            .stdout(Stdio::piped())
            .output()
            .unwrap();
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    for command in ["host", "serve"] {
        let (code, said) = refused(&[command]);
        assert!(code == Some(2) && said.contains("--expose-plain-http"), "{command}: {code:?} {said}");
    }
    let (code, said) = refused(&["serve", "--expose-plain-http"]);
    assert!(code == Some(2) && said.contains("--expose-plain-http"), "the engine has no such flag: {said}");
    let (code, said) = refused(&["host", "--plan", "pro"]);
    assert!(code == Some(2) && said.contains("--plan"), "a host has no plan: {said}");

    let mut command = spawnai(folder.path());
    command.args(["host", "--expose-plain-http"]).env("SPAWNAI_HOST_LISTEN", "0.0.0.0:0");
    let mut running = Running::start(command);
    let seen = running.until("NODE_EXTRA_CA_CERTS=");
    assert!(seen.contains("E2B_API_URL=http://127.0.0.1:"), "an address that can be gone to: {seen}");
    let (code, _, said) = running.interrupt();
    assert!(code == Some(0) && said.contains("plain HTTP for the whole network to read"), "{code:?} {said}");
}

#[test]
fn what_it_prints_can_be_sourced_and_its_folder_is_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::start(folder.path());
    let mut second = spawnai(folder.path());
    let second = second.arg("host").output().unwrap();
    let said = String::from_utf8_lossy(&second.stderr);
    assert!(second.status.code() == Some(1) && said.contains("pid "), "{said}");
    let line =
        format!("export E2B_API_KEY={} E2B_DOMAIN={}", host.variable("E2B_API_KEY"), host.variable("E2B_DOMAIN"));
    let shell = Command::new("sh").args(["-c", &format!("{line}; printf %s \"$E2B_DOMAIN\"")]).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&shell.stdout), host.variable("E2B_DOMAIN"));
    let key = std::fs::read_to_string(folder.path().join("data/host.key")).unwrap();
    assert_eq!(key.trim(), host.variable("E2B_API_KEY"));
}
