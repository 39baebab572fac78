//! The plain calls of envd: what a sandbox says of itself, and files that become one.

use serde_json::{Value, json};

use super::machine::{Answer, Machine, Sandbox, modes};

fn compose(sandbox: &Sandbox<'_>, body: &Value) -> Answer {
    sandbox.envd("POST", "/files/compose", "application/json", body.to_string().as_bytes())
}

#[test]
fn files_become_one_and_are_gone() {
    for mode in modes() {
        let machine = Machine::start(mode);
        let sandbox = machine.create();
        let part = "0123456789abcdef".repeat(64 * 1024);
        sandbox.write("one", &part);
        sandbox.write("two", "-end");
        let answer = compose(&sandbox, &json!({"source_paths": ["one", "./two"], "destination": "new/whole"}));
        assert_eq!(answer.status, 200, "{mode:?} {}", answer.text());
        assert_eq!(answer.json(), json!({"name": "whole", "type": "file", "path": "/home/user/new/whole"}));
        let seen = sandbox.run("stat -c '%s %U' new/whole; tail -c 5 new/whole; ls -A new . | sort -u").stdout;
        assert_eq!(seen, "1048580 user\nf-end\n.:\nnew\nnew:\nwhole\n", "{mode:?}");
        sandbox.write("three", "3");
        let again =
            compose(&sandbox, &json!({"source_paths": ["three"], "destination": "new/whole", "username": "user"}));
        assert_eq!(
            (again.status, sandbox.run("cat new/whole; ls").stdout.as_str()),
            (200, "3new\n"),
            "{mode:?}: replaced"
        );
    }
}

#[test]
fn a_composition_that_fails_leaves_all_as_it_was() {
    let machine = Machine::start(modes()[0]);
    let sandbox = machine.create();
    sandbox.run("echo kept > whole; mkdir folder; head -c 40000000 /dev/zero > large; ln -s /etc/passwd link");
    for (body, status) in [
        (json!({"source_paths": ["large", "missing"], "destination": "whole"}), 404),
        (json!({"source_paths": ["folder"], "destination": "whole"}), 400),
        (json!({"source_paths": ["/dev/zero"], "destination": "whole"}), 400),
        (json!({"source_paths": ["large", "/proc/1/environ"], "destination": "whole"}), 403),
        (json!({"source_paths": ["large"], "destination": "/usr/whole"}), 403),
        (json!({"source_paths": ["whole"], "destination": "folder"}), 400),
        (json!({"source_paths": ["large", "large"], "destination": "whole"}), 507),
        (json!({"source_paths": [], "destination": "whole"}), 400),
        (json!({"source_paths": ["large"], "destination": "a/../large"}), 400),
        (json!({"source_paths": ["large"], "destination": "whole", "username": "root"}), 401),
        (json!(["large"]), 400),
    ] {
        let refused = compose(&sandbox, &body);
        assert_eq!(
            (refused.status, refused.json()["code"].as_u64()),
            (status, Some(status.into())),
            "{body} {}",
            refused.text()
        );
    }
    assert_eq!(
        sandbox.run("ls -A; cat whole; stat -c %s large").stdout,
        "folder\nlarge\nlink\nwhole\nkept\n40000000\n"
    );
}

#[test]
fn a_sandbox_tells_its_measures_and_its_environment() {
    for mode in modes() {
        let machine = Machine::start(mode);
        let sandbox = machine.create();
        let mut busy = sandbox.start("echo up; while :; do :; done", &[]);
        busy.until("up");
        let answer = sandbox.envd("GET", "/metrics", "", b"");
        let metrics = answer.json();
        let number = |name: &str| metrics[name].as_f64();
        assert_eq!(
            (number("cpu_count"), number("mem_total_mib"), number("mem_total")),
            (Some(2.0), Some(256.0), Some(268_435_456.0))
        );
        assert!(number("disk_total") == Some(67_108_864.0) && number("disk_used") < number("disk_total"), "{metrics}");
        assert!(number("ts") > Some(1.6e9), "{metrics}");
        match (number("cpu_used_pct"), number("mem_used")) {
            (Some(percent), Some(used)) => assert!(percent > 0.0 && percent <= 100.0 && used > 0.0, "{metrics}"),
            (percent, used) => assert_eq!((percent, used), (None, None), "{mode:?}: not counted, so not said"),
        }
        let expected = json!({"GREETING": "hello", "E2B_SANDBOX": "true", "E2B_SANDBOX_ID": sandbox.id});
        assert_eq!(sandbox.envd("GET", "/envs", "", b"").json(), expected, "{mode:?}");
        assert_eq!(sandbox.to("49983", "GET", "/envs", &[], b"").status, 401);
        for (method, path, status) in [
            ("POST", "/envs", 405),
            ("POST", "/metrics", 405),
            ("GET", "/files/compose", 405),
            ("POST", "/init", 403),
            ("POST", "/freeze", 403),
            ("GET", "/nothing", 404),
        ] {
            let refused = sandbox.envd(method, path, "application/json", b"{}");
            assert_eq!(
                (refused.status, refused.json()["code"].as_u64()),
                (status, Some(status.into())),
                "{method} {path}"
            );
        }
    }
}
