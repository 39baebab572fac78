//! Small things that clients rely on: killed programs are gone, a boot has an id.

use serde_json::json;

use super::machine::{Machine, modes};

/// Often enough that an answer before the end would be caught out.
const KILLS: usize = 25;

#[test]
fn a_program_that_was_killed_is_not_found_any_more() {
    for mode in modes() {
        let machine = Machine::start(mode);
        let sandbox = machine.create();
        for _ in 0..KILLS {
            let mut program = sandbox.start("echo $$; exec sleep 1000", &[]);
            let pid: i64 = program.until("\n").trim().parse().unwrap();
            let asked = json!({"process": {"pid": pid}, "signal": "SIGNAL_SIGKILL"});
            let answer = sandbox.rpc("/process.Process/SendSignal", &asked);
            assert_eq!(answer.status, 200, "{mode:?} {}", answer.text());
            let found = sandbox.run(&format!("kill -0 {pid}"));
            assert_eq!(found.exit, Some(1), "{mode:?} {found:?}");
            assert_eq!(program.outcome().error, "signal: killed", "{mode:?}");
        }
    }
}

#[test]
fn each_sandbox_has_a_boot_id_of_its_own_and_keeps_it() {
    const PATH: &str = "/proc/sys/kernel/random/boot_id";
    for mode in modes() {
        let machine = Machine::start(mode);
        let (one, other) = (machine.create(), machine.create());
        let boot = |sandbox: &super::machine::Sandbox<'_>| {
            let answer = sandbox.envd("GET", &format!("/files?path={PATH}"), "", b"");
            assert_eq!(answer.status, 200, "{mode:?} {}", answer.text());
            answer.text()
        };
        let seen = boot(&one);
        assert_eq!(seen.trim().len(), 36, "{mode:?} a UUID: {seen}");
        assert_eq!((boot(&one), one.run(&format!("cat {PATH}")).stdout), (seen.clone(), seen.clone()), "{mode:?}");
        assert_ne!(boot(&other), seen, "{mode:?}");
        assert_ne!(std::fs::read_to_string(PATH).unwrap(), seen, "{mode:?} the machine's");
        let forged = one
            .run(&format!("echo x > {PATH}; chmod 666 {PATH}; umount {PATH}; rm /run/boot_id; echo x > /run/boot_id"));
        assert_eq!((forged.exit, boot(&one)), (Some(1), seen), "{mode:?} {forged:?}");
    }
}
