//! Where findings are gathered: one file's, under one policy.

use std::collections::{BTreeSet, HashMap};

use super::{
    fact::Standing,
    policy::Policy,
    read::{Language, NESTED_MAX},
    rules::{Brought, Doubt, Ending, Rule, Wallet},
    verdict::{FINDINGS_MAX, Finding, Severity, Verdict, printable},
};

/// Findings of one rule in one file. More of the same say nothing new.
const PER_RULE_MAX: usize = 5;
/// Hosts that one app names.
pub(super) const EGRESS_MAX: usize = 200;

/// A text in a file that is read as a file of its own.
pub(super) struct Nested {
    pub language: Language,
    pub text: String,
    pub line: usize,
    /// It is a page that the file may show as a text, and give to no browser to read.
    pub shown: bool,
}

/// What is known of an app beyond one of its files.
#[derive(Default)]
pub(super) struct App {
    /// Hosts that the code names.
    pub egress: BTreeSet<String>,
    /// One of its files speaks to others.
    pub speaks: bool,
    /// Places that stand in it as texts, which say nothing as long as it speaks to nobody.
    pub named: Vec<Finding>,
    /// Findings that hold if another file makes use of the one that they are in, and the files that could.
    pub doubts: Vec<Doubt>,
    pub reaching: BTreeSet<String>,
}

/// Collects what is found in one file.
pub(super) struct Found<'p> {
    pub policy: &'p Policy,
    file: &'p str,
    verdict: &'p mut Verdict,
    pub app: &'p mut App,
    /// What is judged is a text that may be no more than that.
    pub data: bool,
    counts: HashMap<&'static str, Vec<usize>>,
    nested: Vec<Nested>,
    bytes: usize,
    /// Names that a scrambling tool has made.
    pub tool_names: usize,
    /// A field of the page asks for a password, or a number of money.
    pub asks_secret: bool,
    /// The file checks passwords itself.
    pub checks: bool,
    /// The other site that a WebSocket of the file leads to.
    pub socket_host: Option<String>,
    /// What the file knows of addresses of money.
    pub wallet: Wallet,
    /// The other site that the file sends somebody's secret to, and the line that does.
    pub sent_secret: Option<(String, usize)>,
    /// The file hears keys, or sees through a camera.
    pub hears: bool,
    pub sees: bool,
    /// Where it sends what may be a key, or anything at all, and the lines that do.
    pub sent_key: Option<(String, usize)>,
    pub sent_body: Option<(String, usize)>,
    /// The file knows where somebody's home is, and has the parts of a path from there to credentials, in that line.
    pub home: bool,
    pub parts: Option<usize>,
    /// What the file says of where raw connections go.
    pub raw: RawDeeds,
    /// A form of the page is sent elsewhere by a script, and an address is given another host.
    pub moved: FormDeeds,
    /// What the file does to files, each by itself harmless.
    pub files: FileDeeds,
    /// What the file writes, and what it loads.
    pub brought: Brought,
    /// What is settled when all of the file has been read.
    pub ending: Ending,
}

/// Together they are what ransomware does.
#[derive(Clone, Default)]
pub(super) struct FileDeeds {
    /// Folders that are gone through.
    pub folders: Vec<String>,
    pub lists: bool,
    pub encrypts: bool,
    pub removes: bool,
    /// What is in a folder is encrypted, is removed, and is opened to be written over.
    pub seals: bool,
    pub clears: bool,
    pub rewrites: bool,
    pub told: bool,
}

/// Together they are a scan or a flood.
#[derive(Default)]
pub(super) struct RawDeeds {
    /// An address of the world's that the file names.
    pub address: Option<String>,
    /// Many addresses or many ports are tried.
    pub many: bool,
    /// A connection to a host that is not known, and the line that makes it.
    pub open: Option<usize>,
}

/// Together they send what a form asks for elsewhere.
#[derive(Clone, Copy, Default)]
pub(super) struct FormDeeds {
    pub form: Option<usize>,
    pub host: bool,
    /// A form of hidden fields alone goes to another site, and a script sends one.
    pub hidden: bool,
    pub sent: Option<usize>,
}

/// Bytes of nested texts of one file, together.
const NESTED_BYTES_MAX: usize = 16 * 1024 * 1024;

impl<'p> Found<'p> {
    pub fn new(policy: &'p Policy, file: &'p str, verdict: &'p mut Verdict, app: &'p mut App) -> Self {
        Self {
            policy,
            file,
            verdict,
            app,
            data: false,
            counts: HashMap::new(),
            nested: Vec::new(),
            bytes: 0,
            tool_names: 0,
            asks_secret: false,
            checks: false,
            socket_host: None,
            wallet: Wallet::default(),
            sent_secret: None,
            hears: false,
            sees: false,
            sent_key: None,
            sent_body: None,
            home: false,
            parts: None,
            raw: RawDeeds::default(),
            moved: FormDeeds::default(),
            files: FileDeeds::default(),
            brought: Brought::default(),
            ending: Ending::default(),
        }
    }

    /// The path of the file that is read.
    pub const fn file(&self) -> &'p str {
        self.file
    }

    /// Notes a finding at a line counted from 0. One rule finds one thing a line, and few a file.
    pub fn add(&mut self, rule: &'static Rule, line: usize, what: &str) {
        if let Some(severity) = self.policy.level(rule).severity() {
            self.add_as(rule, severity, line, what);
        }
    }

    /// As [`Found::add`], but never more than a warning.
    pub fn hint(&mut self, rule: &'static Rule, line: usize, what: &str) {
        if let Some(severity) = self.policy.level(rule).severity() {
            self.add_as(rule, severity.max(Severity::Warn), line, what);
        }
    }

    fn add_as(&mut self, rule: &'static Rule, severity: Severity, line: usize, what: &str) {
        let lines = self.counts.entry(rule.id).or_default();
        let blocks = severity == Severity::Block && !self.verdict.blocked;
        if !blocks && (lines.contains(&line) || lines.len() >= PER_RULE_MAX) {
            return;
        }
        lines.push(line);
        let finding = Finding {
            rule: rule.id.to_owned(),
            severity,
            file: Some(printable(self.file)),
            line: u32::try_from(line + 1).ok(),
            why: format!("{}: {}", printable(what), rule.why),
            remedy: rule.remedy.to_owned(),
        };
        if self.ending.doubts.now.is_some() {
            self.ending.doubts.keep(finding);
        } else if self.data && !self.app.speaks && self.app.named.len() < FINDINGS_MAX {
            self.app.named.push(finding);
        } else {
            self.verdict.add(finding);
        }
    }

    /// Whether what is read from here on may only be shown.
    pub fn show(&mut self, shown: bool) {
        self.ending.doubts.now = shown.then_some(Standing::Shown);
    }

    /// Notes a finding that was kept until now.
    pub fn settle(&mut self, finding: Finding) {
        self.verdict.add(finding);
    }

    /// Has a text read as a file of its own.
    pub fn nest(&mut self, language: Language, text: &str, line: usize) {
        self.nest_as(language, text, line, self.ending.doubts.is_shown());
    }

    /// As [`Found::nest`], for a page that stands as a text in a program.
    pub fn nest_text(&mut self, language: Language, text: &str, line: usize) {
        self.nest_as(language, text, line, self.ending.doubts.is_shown() || self.ending.doubts.shows);
    }

    fn nest_as(&mut self, language: Language, text: &str, line: usize, shown: bool) {
        self.bytes += text.len();
        if !text.trim().is_empty() && self.nested.len() <= NESTED_MAX && self.bytes <= NESTED_BYTES_MAX {
            self.nested.push(Nested { language, text: text.to_owned(), line, shown });
        }
    }

    pub fn take_nested(&mut self) -> Vec<Nested> {
        std::mem::take(&mut self.nested)
    }

    pub fn has_nested(&self) -> bool {
        !self.nested.is_empty()
    }

    /// Notes that the code names a host.
    pub fn egress(&mut self, host: String) {
        if self.app.egress.len() < EGRESS_MAX && !super::hosts::is_local(&host) {
            self.app.egress.insert(host);
        }
    }
}
