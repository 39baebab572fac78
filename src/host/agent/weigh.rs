//! What the sandbox's programs hold and have used, where no control group counts it.
//!
//! PID 1 looks at the processes of its own namespace, which are all there are in here. It is one look at one moment:
//! what grows and shrinks between two looks is not seen, so a limit that rests on it is advisory.

use std::fs;

use super::sys;

/// What one look found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Weight {
    /// Memory of all programs, in bytes. What several share counts once for each, unless it is over the limit so.
    pub bytes: u64,
    /// Processor time of all programs that ever ended or still run, in nanoseconds.
    pub cpu_nanos: u64,
    pub processes: u32,
    /// The pid of the program that holds most.
    pub heaviest: Option<i32>,
}

/// One process, by its `/proc/…/stat`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Process {
    bytes: u64,
    /// Its own and that of its children that ended and were waited for.
    cpu_ticks: u64,
}

/// Looks at all programs. Where they seem to hold more than `limit` bytes, a second look counts what they share only
/// once in all; it is slower.
pub fn weigh(limit: u64) -> Weight {
    const INIT: i32 = 1;
    let mut weight = Weight { bytes: detached_segments(), ..Weight::default() };
    let (mut held, mut ticks) = (Vec::new(), 0);
    for entry in fs::read_dir("/proc").into_iter().flatten().flatten() {
        let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse::<i32>().ok()) else { continue };
        // Gone since the folder was read.
        let Some(process) = read(pid, "stat").as_deref().and_then(process_of) else { continue };
        ticks += process.cpu_ticks;
        if pid != INIT {
            held.push((pid, process.bytes));
        }
    }
    weight.cpu_nanos = ticks.saturating_mul(1_000_000_000 / TICKS_PER_SECOND);
    weight.processes = u32::try_from(held.len()).unwrap_or(u32::MAX);
    if weight.bytes + held.iter().map(|(_, bytes)| bytes).sum::<u64>() > limit {
        for (pid, bytes) in &mut held {
            // Not to be read for a program that hides it: what it seems to hold counts then.
            *bytes = read(*pid, "smaps_rollup").as_deref().and_then(proportional).unwrap_or(*bytes);
        }
    }
    weight.bytes += held.iter().map(|(_, bytes)| bytes).sum::<u64>();
    weight.heaviest = held.iter().max_by_key(|(_, bytes)| bytes).map(|(pid, _)| *pid);
    weight
}

/// Of the numbers in `stat`, whatever the clock of the machine: part of the kernel's interface.
const TICKS_PER_SECOND: u64 = 100;

fn read(pid: i32, file: &str) -> Option<String> {
    fs::read_to_string(format!("/proc/{pid}/{file}")).ok()
}

fn process_of(stat: &str) -> Option<Process> {
    // The second field is the name in parentheses, and may hold anything. After it: utime is the 12th, rss the 22nd.
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let number = |at: usize| fields.get(at)?.parse::<u64>().ok();
    let cpu_ticks = (11..15).filter_map(number).sum();
    Some(Process { bytes: number(21)?.saturating_mul(sys::page_size()), cpu_ticks })
}

fn proportional(rollup: &str) -> Option<u64> {
    let kibibytes = rollup.lines().find_map(|line| line.strip_prefix("Pss:"))?.trim().strip_suffix("kB")?;
    Some(kibibytes.trim().parse::<u64>().ok()? << 10)
}

/// Bytes of System V segments that nobody has attached: they are no process's.
fn detached_segments() -> u64 {
    fs::read_to_string("/proc/sysvipc/shm").map_or(0, |table| segments_of(&table))
}

fn segments_of(table: &str) -> u64 {
    let mut lines = table.lines();
    let header: Vec<&str> = lines.next().unwrap_or_default().split_whitespace().collect();
    let at = |name: &str| header.iter().position(|column| *column == name);
    let (Some(attached), Some(resident)) = (at("nattch"), at("rss")) else { return 0 };
    lines
        .map(|line| line.split_whitespace().collect::<Vec<_>>())
        .filter(|columns| columns.get(attached) == Some(&"0"))
        .filter_map(|columns| columns.get(resident)?.parse::<u64>().ok())
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_read_whatever_its_name() {
        let stat = "7 (a) b (c) S 1 7 7 0 -1 4194560 90 0 0 0 5 6 7 8 20 0 1 0 300 4096 10 18446744073709551615";
        let page = sys::page_size();
        assert_eq!(process_of(stat), Some(Process { bytes: 10 * page, cpu_ticks: 26 }));
        assert_eq!(process_of("7 (cut"), None);
    }

    #[test]
    fn shared_memory_counts_where_nobody_has_it_attached() {
        let table = "       key      shmid perms                  size  cpid  lpid nattch   uid   gid  cuid  cgid      atime      dtime      ctime                   rss                  swap\n\
            0 0 1600 4096 1 1 0 1000 1000 1000 1000 0 0 0 8192 0\n\
            0 1 1600 4096 1 1 2 1000 1000 1000 1000 0 0 0 4096 0\n";
        assert_eq!((segments_of(table), segments_of("")), (8192, 0));
        assert_eq!(
            proportional("55-7f ---p 0 00:00 0 [rollup]\nRss: 9 kB\nPss:                 300 kB\n"),
            Some(300 << 10)
        );
    }

    #[test]
    fn this_process_is_among_those_that_are_seen() {
        let weight = weigh(0);
        assert!(weight.processes > 0 && weight.bytes > 0 && weight.cpu_nanos > 0, "{weight:?}");
    }
}
