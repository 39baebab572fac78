//! `probe.py` from inside, as each user, in both modes: every attempt must fail.

use std::{
    collections::HashMap,
    os::{
        linux::net::SocketAddrExt as _,
        unix::net::{SocketAddr, UnixListener},
    },
};

use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::machine::{Machine, Mode, modes};

/// Refused by the filter with EPERM.
const CALLS: [&str; 58] = [
    "ptrace",
    "mount",
    "umount",
    "pivot_root",
    "chroot",
    "unshare user",
    "clone user",
    "bpf",
    "keyctl",
    "add_key",
    "request_key",
    "perf_event_open",
    "userfaultfd",
    "setns",
    "process_vm_readv",
    "process_vm_writev",
    "process_madvise",
    "kcmp",
    "pidfd_getfd",
    "move_pages",
    "migrate_pages",
    "memfd_secret",
    "cachestat",
    "setgroups",
    "mknod",
    "tiocsti",
    "tiocsetd",
    "iopl",
    "init_module",
    "name_to_handle_at",
    "open_by_handle_at",
    "open_tree",
    "open_tree_attr",
    "move_mount",
    "mount_setattr",
    "statmount",
    "listmount",
    "fsopen",
    "fsconfig",
    "fsmount",
    "fspick",
    "quotactl_fd",
    "fanotify_init",
    "lsm_set_self_attr",
    "swapon",
    "reboot",
    "sethostname",
    "syslog",
    "settimeofday",
    "socket packet",
    "socket vsock",
    "socket raw",
    "socket bluetooth",
    "socket netlink xfrm",
    "socket netlink netfilter",
    "socket alg",
    "real-time",
    "priority",
];

#[cfg(target_arch = "x86_64")]
#[test]
fn nothing_gets_out() {
    for mode in modes() {
        let machine = Machine::start(mode);
        let sandbox = machine.create();
        let name = format!("spawnai-test-{}", machine.pid());
        let address = SocketAddr::from_abstract_name(name.as_bytes()).unwrap();
        let _listener = UnixListener::bind_addr(&address).unwrap();
        sandbox.write("/home/user/probe.py", include_str!("probe.py"));
        for person in ["user", "root"] {
            let authorization = format!("Basic {}", STANDARD.encode(format!("{person}:")));
            let command = format!("python3 /home/user/probe.py {} {name}", machine.address.port());
            let outcome = sandbox.start(&command, &[("Authorization", &authorization)]).outcome();
            assert_eq!(outcome.exit, Some(0), "{mode:?} {person} {outcome:?}");
            check(&outcome.stdout, mode, person);
            assert_eq!(sandbox.run("echo alive").stdout, "alive\n", "{mode:?} {person}: kill -9 1 did nothing");
        }
    }
}

fn check(printed: &str, mode: Mode, person: &str) {
    let found: HashMap<_, _> = printed.lines().filter_map(|line| line.split_once(": ")).collect();
    let at = format!("{mode:?} {person}");
    let root = mode == Mode::Root && person == "root";
    for name in CALLS {
        let refused = found[name] == "EPERM" || name == "priority" && found[name] == "EACCES";
        assert!(refused, "{at} {name}: {}", found[name]);
    }
    for name in ["io_uring_setup", "clone3"] {
        assert_eq!(found[name], "ENOSYS", "{at} {name}");
    }
    for name in ["setuid", "setgid"] {
        let refused = matches!(found[name], "EPERM" | "EINVAL");
        assert_eq!(refused, !root, "{at} {name}: {}: who is 0 already may become 0", found[name]);
    }
    for (name, result) in &found {
        if name.starts_with("read ") && *name != "read /proc/kallsyms" {
            assert!(!result.starts_with("read "), "{at} {name}: {result}");
        }
        if name.starts_with("write ") {
            assert_ne!(*result, "written", "{at} {name}");
        }
    }
    let (all, none) = ("000000000000000b", "0000000000000000");
    let capabilities = [format!("{{'{none}'}}"), format!("{{'{none}', '{all}'}}"), format!("{{'{all}', '{none}'}}")];
    assert_eq!(capabilities.iter().position(|set| set == found["capabilities"]).map(|at| at > 0), Some(root), "{at}");
    for (name, expected) in [
        ("read /proc/kallsyms", "read 0"),
        ("host loopback", "ECONNREFUSED"),
        ("host abstract socket", "ECONNREFUSED"),
        ("metadata address", "ENETUNREACH"),
        ("internet", "ENETUNREACH"),
        // SIGSYS.
        ("x32", "exit -31"),
        ("32-bit", "exit -31"),
        ("descriptors", "[0, 1, 2]"),
        ("interfaces", "['lo']"),
        ("groups of init", "[]"),
    ] {
        assert_eq!(found[name], expected, "{at} {name}");
    }
    if mode == Mode::Root {
        assert_eq!(found["groups"], "['/']", "{at}: neither the engine's pid nor the sandbox's name");
    }
    let instances: u32 = found["inotify instances"].parse().unwrap();
    assert!(instances <= 16, "{at}: {instances} of two each that a user of the machine has 128 of");
    assert!(!found["environment"].contains("HOST_TEST"), "{at} {}", found["environment"]);
}
