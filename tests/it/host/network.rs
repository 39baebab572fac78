//! Sandboxes and the internet: what gets out through the proxy, and what must not.

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
};

use serde_json::{Value, json};

use super::{
    machine::{Machine, Sandbox, modes},
    registry::{self, Registry},
    snapshots::until,
};

const ALL: &str = "0.0.0.0/0";

/// Answers every connection on loopback the same way, and counts nothing: reaching it is the finding.
fn secret_server() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            let _ = stream.read(&mut [0; 4096]);
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\nConnection: close\r\n\r\nsecret");
        }
    });
    port
}

fn with_internet(machine: &Machine) -> Sandbox<'_> {
    machine.create_with(&json!({"templateID": "base", "allow_internet_access": true}))
}

fn detail(machine: &Machine, sandbox: &Sandbox<'_>) -> Value {
    machine.control("GET", &format!("/sandboxes/{}", sandbox.id), &json!({})).json()
}

fn put_network(machine: &Machine, sandbox: &Sandbox<'_>, rules: &Value) -> u16 {
    machine.control("PUT", &format!("/sandboxes/{}/network", sandbox.id), rules).status
}

/// What a sandbox gets from `url`: the proxy's or the server's status, and the body.
fn fetch(sandbox: &Sandbox<'_>, url: &str) -> String {
    sandbox.run(&format!("curl -s -g -m 20 -w ' %{{http_connect}} %{{http_code}}' '{url}'")).stdout
}

fn descriptors(machine: &Machine) -> usize {
    std::fs::read_dir(format!("/proc/{}/fd", machine.pid())).unwrap().count()
}

#[test]
fn a_sandbox_has_no_internet_unless_it_is_asked_for() {
    for mode in modes() {
        let machine = Machine::start_with(mode, &[("HOST_TEST_EGRESS", "127.0.0.1")]);
        let port = secret_server();
        for body in [json!({"templateID": "base"}), json!({"templateID": "base", "allow_internet_access": false})] {
            let sandbox = machine.create_with(&body);
            let inside = sandbox.run(&format!(
                "env | grep -ci proxy; (: < /dev/tcp/127.0.0.1/3128) 2>&1 | grep -om1 refused | head -1; curl -s -m 5 http://127.0.0.1:{port}/"
            ));
            assert_eq!(inside.stdout, "0\nrefused\n", "{mode:?} {inside:?}");
            assert_eq!(detail(&machine, &sandbox)["allowInternetAccess"], false);
            assert_eq!(put_network(&machine, &sandbox, &json!({})), 204);
            assert_eq!(sandbox.run("env | grep -ci proxy").stdout, "0\n", "{mode:?}: clearing rules gives nothing");
            assert_eq!(put_network(&machine, &sandbox, &json!({"allow_internet_access": true})), 204);
            assert_eq!(detail(&machine, &sandbox)["allowInternetAccess"], true);
            let url = format!("http://127.0.0.1:{port}/");
            let got = sandbox.run(&format!("curl -s --noproxy '' {url}"));
            assert_eq!(got.stdout, "secret", "{mode:?}: programs started since then are told of the proxy {got:?}");
        }
    }
}

#[test]
fn nothing_near_is_reached_through_the_proxy() {
    let names = "loop.test=127.0.0.1 six.test=::1 metadata.test=169.254.169.254 private.test=10.0.0.1 \
                 mapped.test=::ffff:127.0.0.1 mixed.test=10.0.0.1 mixed.test=127.0.0.1";
    for mode in modes() {
        let machine = Machine::start_with(mode, &[("HOST_TEST_NAMES", names)]);
        let sandbox = with_internet(&machine);
        let (secret, engine) = (secret_server(), machine.address.port());
        let hosts = [
            "127.0.0.1",
            "2130706433",
            "0x7f000001",
            "0177.0.0.1",
            "017700000001",
            "127.1",
            "0",
            "[::1]",
            "[::]",
            "[::ffff:127.0.0.1]",
            "[::ffff:7f00:1]",
            "[64:ff9b::7f00:1]",
            "[2002:7f00:1::]",
            "169.254.169.254",
            "2852039166",
            "[fd00:ec2::254]",
            "10.0.0.1",
            "100.64.0.1",
            "224.0.0.1",
            "loop.test",
            "LOOP.test.",
            "six.test",
            "metadata.test",
            "private.test",
            "mapped.test",
            "mixed.test",
        ];
        let mut script = String::from("ask() { curl -s -g -m 20 --noproxy '' \"$@\"; echo; }\n");
        for host in hosts {
            for port in [secret, engine] {
                script += &format!("ask http://{host}:{port}/health\n");
                script += &format!("ask -o /dev/null -w '%{{http_connect}}' https://{host}:{port}/\n");
                // Not as curl reads the address, but as it is.
                script += &format!("printf 'CONNECT {host}:{port} HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n' | raw\n");
            }
        }
        let raw =
            "raw() { exec 9<>/dev/tcp/127.0.0.1/3128; cat >&9; read -r line <&9; echo \"raw $line\"; exec 9>&-; }\n";
        let outcome = sandbox.run(&(raw.to_owned() + &script));
        let lines: Vec<_> = outcome.stdout.lines().filter(|line| !line.is_empty()).collect();
        assert_eq!(lines.len(), hosts.len() * 2 * 3, "{mode:?} {outcome:?}");
        for line in lines {
            let refused = line == "403"
                || line.starts_with("raw HTTP/1.1 403")
                || line.contains("\"code\":403") && line.contains("reserved-address")
                // A name that is none of the table's is not known at all.
                || line.contains("is not known") || line.starts_with("raw HTTP/1.1 502") || line == "502";
            assert!(refused && !line.contains("secret"), "{mode:?} {line}");
        }
        let known: Vec<_> = hosts.iter().filter(|host| !host.contains("LOOP")).collect();
        let refusals = outcome.stdout.matches("\"rule\":\"reserved-address\"").count();
        assert!(refusals >= known.len() * 2, "{mode:?} {refusals}");
        assert_eq!(detail(&machine, &sandbox)["egressSentBytes"], 0);
    }
}

#[test]
fn rules_decide_and_can_be_changed_while_it_runs() {
    for mode in modes() {
        let names = "good.test=127.0.0.1 a.good.test=127.0.0.1 other.test=127.0.0.1 www.other.test=127.0.0.1";
        let machine = Machine::start_with(mode, &[("HOST_TEST_EGRESS", "127.0.0.1"), ("HOST_TEST_NAMES", names)]);
        let port = secret_server();
        let network = json!({"denyOut": [ALL], "allowOut": ["good.test", "*.other.test"]});
        let sandbox =
            machine.create_with(&json!({"templateID": "base", "allow_internet_access": true, "network": network}));
        assert_eq!(detail(&machine, &sandbox)["network"]["allowOut"], json!(["good.test", "*.other.test"]));
        let get = |host: &str| fetch(&sandbox, &format!("http://{host}:{port}/"));
        assert_eq!((get("good.test").as_str(), get("www.other.test").as_str()), ("secret 000 200", "secret 000 200"));
        for host in ["a.good.test", "other.test", "unknown.test"] {
            let got = get(host);
            assert!(got.contains("denyOut 0.0.0.0/0") && got.ends_with(" 403"), "{mode:?} {host}: {got}");
        }
        assert_eq!(put_network(&machine, &sandbox, &json!({"denyOut": ["127.0.0.1"]})), 204);
        assert!(get("good.test").contains("denyOut 127.0.0.1"), "{mode:?}");
        assert_eq!(put_network(&machine, &sandbox, &json!({})), 204);
        assert_eq!(get("other.test"), "secret 000 200", "{mode:?}");
        assert_eq!(put_network(&machine, &sandbox, &json!({"allow_internet_access": false})), 204);
        assert!(get("good.test").contains("internet access is off"), "{mode:?}");
        assert_eq!(put_network(&machine, &sandbox, &json!({"rules": {"good.test": [{}]}})), 400);
        assert_eq!(put_network(&machine, &sandbox, &json!({"denyOut": ["good.test"]})), 400);
        assert_eq!(machine.control("PUT", "/sandboxes/nope/network", &json!({})).status, 404);
        let measured = detail(&machine, &sandbox);
        assert!(measured["egressSentBytes"].as_u64() > Some(0), "{measured}");
        assert!(measured["egressReceivedBytes"].as_u64() > Some(0), "{measured}");
    }
}

#[test]
fn npm_and_pip_install_from_a_registry() {
    let registry = Registry::start();
    let names = format!("{}=127.0.0.1", registry::NAME);
    for mode in modes() {
        let machine = Machine::start_with(mode, &[("HOST_TEST_EGRESS", "127.0.0.1"), ("HOST_TEST_NAMES", &names)]);
        let network = json!({"denyOut": [ALL], "allowOut": [registry::NAME]});
        let sandbox =
            machine.create_with(&json!({"templateID": "base", "allow_internet_access": true, "network": network}));
        sandbox.write("/home/user/registry.pem", &registry.certificate);
        let url = registry.url();
        let npm = sandbox.run(&format!(
            "npm install --registry {url} --cafile ~/registry.pem --no-audit --no-fund tiny-package && \
             node -p 'require(\"tiny-package\")'"
        ));
        assert!(npm.stdout.ends_with("tiny from npm\n"), "{mode:?} {npm:?}");
        let pip = sandbox.run(&format!(
            "/usr/bin/python3 -m pip install --disable-pip-version-check --no-cache-dir --index-url {url}/simple/ \
             --cert ~/registry.pem --target ~/packages tiny-package && \
             PYTHONPATH=~/packages /usr/bin/python3 -c 'import tiny_package; print(tiny_package.WHAT)'"
        ));
        assert!(pip.stdout.ends_with("tiny from pip\n"), "{mode:?} {pip:?}");
        let elsewhere = sandbox.run("npm view --registry https://elsewhere.test --fetch-retries 0 tiny-package");
        assert_ne!(elsewhere.exit, Some(0), "{mode:?} {elsewhere:?}");
    }
}

#[test]
fn much_goes_both_ways() {
    const BYTES: usize = 32 << 20;
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            // Takes all, and says how much it was; then gives as much.
            let mut left = BYTES;
            let mut chunk = vec![0; 1 << 16];
            while left > 0 {
                left -= stream.read(&mut chunk).unwrap();
            }
            let _ = stream.write_all(&vec![b'x'; BYTES]);
        }
    });
    for mode in modes() {
        let machine = Machine::start_with(mode, &[("HOST_TEST_EGRESS", "127.0.0.1")]);
        let sandbox = with_internet(&machine);
        let script = format!(
            "import socket\ns = socket.create_connection(('127.0.0.1', 3128))\n\
             s.sendall(b'CONNECT 127.0.0.1:{port} HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n')\n\
             head = b''\nwhile not head.endswith(b'\\r\\n\\r\\n'): head += s.recv(1)\n\
             assert b' 200 ' in head, head\n\
             chunk = b'y' * 65536\nfor _ in range({BYTES} // 65536): s.sendall(chunk)\n\
             n = 0\nwhile n < {BYTES}: n += len(s.recv(1 << 20))\nprint(n)"
        );
        sandbox.write("/home/user/much.py", &script);
        let outcome = sandbox.run("python3 much.py");
        assert_eq!(outcome.stdout, format!("{BYTES}\n"), "{mode:?} {outcome:?}");
        let measured = detail(&machine, &sandbox);
        let sent_and_received = (measured["egressSentBytes"].as_u64(), measured["egressReceivedBytes"].as_u64());
        assert_eq!(sent_and_received, (Some(BYTES as u64), Some(BYTES as u64)), "{mode:?}");
    }
}

#[test]
fn a_killed_sandbox_leaves_no_connection_and_no_descriptor() {
    for mode in modes() {
        let machine = Machine::start_with(mode, &[("HOST_TEST_EGRESS", "127.0.0.1")]);
        // The first one leaves what the host keeps: threads' own descriptors, the client's connection.
        with_internet(&machine).kill();
        let before = descriptors(&machine);
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let sandbox = with_internet(&machine);
        let held = "import socket, sys\nkept = []\nfor _ in range(20):\n\
                    \x20 s = socket.create_connection(('127.0.0.1', 3128)); kept.append(s)\n\
                    \x20 s.sendall(b'CONNECT 127.0.0.1:%d HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n' % int(sys.argv[1]))\n\
                    \x20 assert b' 200 ' in s.recv(100)\n\
                    for _ in range(20): kept.append(socket.create_connection(('127.0.0.1', 3128)))\n\
                    print('held', flush=True)\nsys.stdin.read()\n";
        sandbox.write("/home/user/held.py", held);
        let mut stream = sandbox.start(&format!("sleep 1000 | python3 held.py {port}"), &[]);
        let mut accepted: Vec<TcpStream> = (0..20).map(|_| listener.accept().unwrap().0).collect();
        stream.until("held");
        sandbox.kill();
        for connection in &mut accepted {
            assert!(!matches!(connection.read(&mut [0; 16]), Ok(1..)), "{mode:?}: cut, one way or the other");
        }
        drop(stream);
        // The client's own connections close on their own time; nothing of the sandbox's may be left beyond them.
        until("its descriptors are closed", || descriptors(&machine) <= before + 2);
        assert!(machine.stop());
    }
}

#[test]
fn a_sandbox_that_floods_the_proxy_harms_only_itself() {
    let machine = Machine::start_with(modes()[0], &[("HOST_TEST_EGRESS", "127.0.0.1")]);
    let port = secret_server();
    let (flooding, other) = (with_internet(&machine), with_internet(&machine));
    let flood = "import socket\nkept = []\nfor n in range(400):\n\
                 \x20 s = socket.socket(); s.setblocking(False); s.connect_ex(('127.0.0.1', 3128)); kept.append(s)\n\
                 print('flooding', flush=True)\n\
                 while True:\n\
                 \x20 s = socket.socket(); s.setblocking(False); s.connect_ex(('127.0.0.1', 3128)); s.close()\n";
    flooding.write("/home/user/flood.py", flood);
    let before = descriptors(&machine);
    let mut stream = flooding.start("python3 flood.py", &[]);
    stream.until("flooding");
    let got = other.run(&format!("for n in {{1..20}}; do curl -s --noproxy '' http://127.0.0.1:{port}/; done"));
    assert_eq!(got.stdout, "secret".repeat(20), "{got:?}");
    assert!(descriptors(&machine) < before + 100, "bounded, however many it opens");
    flooding.kill();
    assert!(machine.stop());
}

#[test]
fn apps_are_visited_as_their_maker_said() {
    for mode in modes() {
        let machine = Machine::start_with(mode, &[("HOST_TEST_EGRESS", "127.0.0.1")]);
        let network = json!({"allowPublicTraffic": false, "maskRequestHost": "custom-host.example.com:${PORT}"});
        let body = json!({"templateID": "base", "allow_internet_access": true, "network": network});
        let created = machine.control("POST", "/v2/sandboxes", &body).json();
        let id = created["sandboxID"].as_str().unwrap();
        let token = created["trafficAccessToken"].as_str().unwrap();
        let envd = created["envdAccessToken"].as_str().unwrap().to_owned();
        let sandbox = machine.sandbox(id, &envd);
        sandbox.write(
            "/home/user/app.js",
            "require('http').createServer((q, r) => r.end(JSON.stringify(q.headers))).listen(8080, '127.0.0.1', () => console.log('up'))",
        );
        sandbox.start("node app.js", &[]).until("up");
        for wrong in [&[][..], &[("e2b-traffic-access-token", "ta_wrong")]] {
            let refused = sandbox.to("8080", "GET", "/", wrong, b"");
            assert_eq!((refused.status, refused.json()["code"].as_u64()), (403, Some(403)), "{mode:?}");
        }
        let admitted = sandbox.to("8080", "GET", "/", &[("e2b-traffic-access-token", token)], b"");
        assert_eq!(admitted.status, 200, "{mode:?} {}", admitted.text());
        let headers = admitted.json();
        assert_eq!(headers["host"], "custom-host.example.com:8080", "{mode:?}");
        assert!(headers.get("e2b-traffic-access-token").is_none(), "{mode:?}: an app does not see it");
        let shown = detail(&machine, &sandbox);
        assert_eq!(shown["network"]["allowPublicTraffic"], false);
        let listed = machine.control("GET", "/v2/sandboxes", &json!({})).text();
        assert!(!listed.contains(token), "{mode:?}: a list shows no tokens");
        let open = with_internet(&machine);
        let proxy = open.to("3128", "GET", "http://127.0.0.1/", &[], b"");
        assert_eq!(proxy.status, 502, "{mode:?}: visitors cannot use a sandbox's proxy");
        assert!(proxy.headers.contains("x-spawnai-host: port-closed"), "{mode:?} {}", proxy.headers);
    }
}

#[test]
fn what_cannot_be_done_is_refused() {
    let machine = Machine::start(modes()[0]);
    for network in [
        json!({"rules": {"api.example.com": [{"transform": {"headers": {"X-Key": "1"}}}]}}),
        json!({"egressProxy": {"address": "proxy.example.com:1080"}}),
        json!({"dnsServers": ["8.8.8.8"]}),
        json!({"httpsPorts": [3000]}),
        json!({"allowOut": ["example.com"]}),
        json!({"denyOut": ["example.com"]}),
    ] {
        let body = json!({"templateID": "base", "allow_internet_access": true, "network": network});
        let refused = machine.control("POST", "/v2/sandboxes", &body);
        assert_eq!((refused.status, refused.json()["code"].as_u64()), (400, Some(400)), "{network}");
        assert!(refused.json()["message"].is_string(), "{network}");
    }
}
