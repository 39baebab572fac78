//! What befell a sandbox, for its owner to read. Pure.
//!
//! Never what a program printed, nor its arguments or variables: they hold secrets more often than not. Entries are
//! kept as values and become words when somebody reads them; the oldest fall out.

use std::collections::VecDeque;

use super::agent::protocol::Exit;
use crate::types::Timestamp;

/// Entries of one sandbox: 10 KiB at most, and as much as there are.
const ENTRIES_MAX: usize = 200;
/// Bytes of a program's name.
const PROGRAM_MAX: usize = 64;

/// Who paused or resumed a sandbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    Request,
    /// Its time was up.
    Timeout,
    /// A request for a port inside.
    Traffic,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    Created,
    Paused(Cause),
    Resumed(Cause),
    ProcessStarted {
        pid: i32,
        program: Box<str>,
    },
    /// `None` when nobody could tell how: PID 1 was gone.
    ProcessEnded {
        pid: i32,
        exit: Option<Exit>,
        out_of_memory: bool,
    },
}

impl Event {
    /// Of a program by its name, cut to a bound.
    #[must_use]
    pub fn started(pid: i32, program: &str) -> Self {
        let end = (0..=program.len().min(PROGRAM_MAX)).rfind(|end| program.is_char_boundary(*end)).unwrap_or(0);
        Self::ProcessStarted { pid, program: program[..end].into() }
    }
}

/// How much an entry matters, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    Debug,
    Info,
    Warn,
    Error,
}

/// An event in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub at: Timestamp,
    pub level: Level,
    pub message: String,
    pub fields: Vec<(&'static str, String)>,
}

impl Entry {
    fn of(at: Timestamp, event: &Event) -> Self {
        let cause = |cause: &Cause| match cause {
            Cause::Request => "request",
            Cause::Timeout => "timeout",
            Cause::Traffic => "traffic",
        };
        let (level, message, fields) = match event {
            Event::Created => (Level::Info, "sandbox created".to_owned(), vec![]),
            Event::Paused(by) => (Level::Info, "sandbox paused".to_owned(), vec![("cause", cause(by).to_owned())]),
            Event::Resumed(by) => (Level::Info, "sandbox resumed".to_owned(), vec![("cause", cause(by).to_owned())]),
            Event::ProcessStarted { pid, program } => {
                let fields = vec![("pid", pid.to_string()), ("program", program.to_string())];
                (Level::Info, format!("process {pid} started: {program}"), fields)
            }
            Event::ProcessEnded { pid, exit, out_of_memory } => ended(*pid, *exit, *out_of_memory),
        };
        Self { at, level, message, fields }
    }
}

fn ended(pid: i32, exit: Option<Exit>, out_of_memory: bool) -> (Level, String, Vec<(&'static str, String)>) {
    let mut fields = vec![("pid", pid.to_string())];
    let (mut level, mut message) = match exit {
        Some(Exit::Code(code)) => {
            fields.push(("exitCode", code.to_string()));
            (Level::Info, format!("process {pid} ended with exit code {code}"))
        }
        Some(Exit::Signal(signal)) => {
            fields.push(("signal", signal.to_string()));
            (Level::Warn, format!("process {pid} was killed by signal {signal}"))
        }
        None => (Level::Warn, format!("process {pid} was lost")),
    };
    if out_of_memory {
        fields.push(("outOfMemory", "true".to_owned()));
        message.push_str(": out of memory");
        level = Level::Error;
    }
    (level, message, fields)
}

/// Which entries somebody wants, and in which order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// From this time on, or back from it with `backward`.
    pub from: Timestamp,
    pub backward: bool,
    pub level: Level,
    /// In the message.
    pub search: String,
    pub limit: usize,
}

/// The events of one sandbox, in order.
#[derive(Debug, Default)]
pub struct Journal(VecDeque<(Timestamp, Event)>);

impl Journal {
    pub fn note(&mut self, now: Timestamp, event: Event) {
        if self.0.len() == ENTRIES_MAX {
            self.0.pop_front();
        }
        self.0.push_back((now, event));
    }

    #[must_use]
    pub fn read(&self, wanted: &Wanted) -> Vec<Entry> {
        let in_words = |(at, event): &(Timestamp, Event)| Entry::of(*at, event);
        let fits = |entry: &Entry| entry.level >= wanted.level && entry.message.contains(&wanted.search);
        if wanted.backward {
            let older = self.0.iter().rev().filter(|(at, _)| *at <= wanted.from);
            older.map(in_words).filter(fits).take(wanted.limit).collect()
        } else {
            let newer = self.0.iter().filter(|(at, _)| *at >= wanted.from);
            newer.map(in_words).filter(fits).take(wanted.limit).collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all() -> Wanted {
        Wanted { from: Timestamp(0), backward: false, level: Level::Debug, search: String::new(), limit: 1000 }
    }

    fn journal() -> Journal {
        let mut journal = Journal::default();
        let killed = Event::ProcessEnded { pid: 7, exit: Some(Exit::Signal(9)), out_of_memory: true };
        let events = [Event::Created, Event::started(7, "/bin/bash"), killed, Event::Paused(Cause::Timeout)];
        for (at, event) in (1..).zip(events) {
            journal.note(Timestamp(at), event);
        }
        journal
    }

    #[test]
    fn events_are_told_in_words_and_fields() {
        let told = journal().read(&all());
        let messages: Vec<_> = told.iter().map(|entry| entry.message.as_str()).collect();
        let killed = "process 7 was killed by signal 9: out of memory";
        assert_eq!(messages, ["sandbox created", "process 7 started: /bin/bash", killed, "sandbox paused"]);
        assert_eq!(told[1].fields, [("pid", "7".to_owned()), ("program", "/bin/bash".to_owned())]);
        assert_eq!((told[2].level, told[3].fields[0].1.as_str()), (Level::Error, "timeout"));
    }

    #[test]
    fn entries_are_found_by_time_direction_level_and_words() {
        let journal = journal();
        let times = |wanted| journal.read(&wanted).iter().map(|entry| entry.at.0).collect::<Vec<_>>();
        assert_eq!(times(Wanted { from: Timestamp(3), ..all() }), [3, 4]);
        assert_eq!(times(Wanted { from: Timestamp(3), backward: true, limit: 2, ..all() }), [3, 2]);
        assert_eq!(times(Wanted { level: Level::Warn, ..all() }), [3]);
        assert_eq!(times(Wanted { search: "process".to_owned(), ..all() }), [2, 3]);
        assert_eq!(times(Wanted { limit: 0, ..all() }), [] as [i64; 0]);
    }

    #[test]
    fn the_oldest_entries_and_long_names_are_cut() {
        let mut journal = Journal::default();
        for pid in 0..1000 {
            journal.note(Timestamp(0), Event::started(pid, &"ü".repeat(100)));
        }
        let told = journal.read(&all());
        assert_eq!((told.len(), told[0].fields[0].1.as_str()), (ENTRIES_MAX, "800"));
        assert_eq!(told[0].fields[1].1.len(), PROGRAM_MAX);
    }
}
