//! Where a command's words go: a terminal, a pipe, or a test.

use std::{
    io::{self, IsTerminal as _, Write},
    time::{Duration, Instant},
};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde::Serialize;

use super::{
    error::{ClientError, Exit},
    text,
};
use crate::types::Phase;

/// What the two outputs can show.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Style {
    /// Standard output is a terminal that can move its cursor.
    pub out_live: bool,
    /// The same of standard error.
    pub err_live: bool,
    /// Standard output shows colours.
    pub color: bool,
}

/// Standard output and standard error, or what stands for them.
pub struct Console {
    out: Box<dyn Write>,
    err: Box<dyn Write>,
    style: Style,
}

impl Console {
    #[must_use]
    pub fn new(out: Box<dyn Write>, err: Box<dyn Write>, style: Style) -> Self {
        Self { out, err, style }
    }

    /// This process's own outputs. `NO_COLOR`, `TERM=dumb` and pipes make them plain.
    #[must_use]
    pub fn of_process() -> Self {
        let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let dumb = std::env::var_os("TERM").is_none_or(|term| term == "dumb");
        let out_live = io::stdout().is_terminal() && !dumb;
        let err_live = io::stderr().is_terminal() && !dumb;
        let style = Style { out_live, err_live, color: out_live && !set("NO_COLOR") };
        Self::new(Box::new(io::stdout()), Box::new(io::stderr()), style)
    }

    /// One line on standard output, seen at once.
    ///
    /// # Errors
    /// [`ClientError::PipeClosed`] when its reader is gone, [`ClientError::Output`] on any other failure.
    pub fn line(&mut self, line: &str) -> Result<(), ClientError> {
        writeln!(self.out, "{line}")?;
        Ok(self.out.flush()?)
    }

    /// Bytes on standard output.
    ///
    /// # Errors
    /// As [`Console::line`].
    pub fn bytes(&mut self, bytes: &[u8]) -> Result<(), ClientError> {
        self.out.write_all(bytes)?;
        Ok(self.out.flush()?)
    }

    /// One JSON document over several lines.
    ///
    /// # Errors
    /// As [`Console::line`].
    pub fn document<T: Serialize>(&mut self, document: &T) -> Result<(), ClientError> {
        let text = serde_json::to_string_pretty(document).map_err(io::Error::from)?;
        self.line(&text)
    }

    /// A word on standard error. That it may get lost must not stop the command.
    pub fn remark(&mut self, remark: &str) {
        let _ = writeln!(self.err, "{remark}");
        let _ = self.err.flush();
    }

    /// Reports `error` in the form asked for, and gives the exit code.
    pub fn fail(&mut self, error: &ClientError, json: bool) -> Exit {
        let silent = matches!(error, ClientError::PipeClosed);
        if json && !silent {
            // If even that fails, the exit code still tells.
            let _ = self.document(&error.to_json());
        } else if !silent {
            let error_text = text::harmless(&error.to_string());
            let remedy = error.remedy().map_or(String::new(), |remedy| format!("\n  {remedy}"));
            self.remark(&format!("error: {error_text}{remedy}"));
        }
        error.exit()
    }

    #[must_use]
    pub(super) fn bold(&self, words: &str) -> String {
        self.paint("1", words)
    }

    #[must_use]
    pub(super) fn green(&self, words: &str) -> String {
        self.paint("1;32", words)
    }

    #[must_use]
    pub(super) fn red(&self, words: &str) -> String {
        self.paint("1;31", words)
    }

    #[must_use]
    pub(super) fn dim(&self, words: &str) -> String {
        self.paint("2", words)
    }

    fn paint(&self, code: &str, words: &str) -> String {
        if self.style.color { format!("\u{1b}[{code}m{words}\u{1b}[0m") } else { words.to_owned() }
    }

    /// How the steps of a session are shown. With `json`, standard output belongs to the document.
    pub(super) fn progress(&self, json: bool, started: Instant) -> Progress {
        let kind = match (json, self.style.out_live, self.style.err_live) {
            (false, true, _) => Kind::Bar(bar(ProgressDrawTarget::stdout(), self.style.color)),
            (true, _, true) => Kind::Bar(bar(ProgressDrawTarget::stderr(), self.style.color)),
            (false, false, _) => Kind::Lines,
            (true, _, false) => Kind::Silent,
        };
        Progress { kind, started, shown: None }
    }
}

/// The steps of one session, as they happen.
pub(super) struct Progress {
    kind: Kind,
    started: Instant,
    shown: Option<(Phase, Instant)>,
}

enum Kind {
    Bar(ProgressBar),
    Lines,
    Silent,
}

impl Progress {
    /// How far something within the present step is: for who sees it move.
    pub fn detail(&mut self, console: &mut Console, phase: Phase, words: &str) -> Result<(), ClientError> {
        match &self.kind {
            Kind::Bar(_) => self.step(console, phase, phase.progress(), Some(words)),
            // The engine's own messages tell each file once it is whole.
            Kind::Lines | Kind::Silent => Ok(()),
        }
    }

    /// A step began, or said more about itself.
    pub fn step(
        &mut self,
        console: &mut Console,
        phase: Phase,
        percent: u8,
        message: Option<&str>,
    ) -> Result<(), ClientError> {
        let now = Instant::now();
        let is_new = self.shown.is_none_or(|(shown, _)| shown != phase);
        let words = match message.map(text::harmless).filter(|message| !message.is_empty()) {
            Some(message) => format!("{}: {message}", text::step(phase)),
            None => text::step(phase).to_owned(),
        };
        match &self.kind {
            Kind::Bar(bar) => {
                if is_new && let Some((done, since)) = self.shown {
                    bar.println(finished(console, done, now.duration_since(since)));
                }
                bar.set_position(u64::from(percent));
                bar.set_message(words);
            }
            Kind::Lines if is_new || message.is_some() => {
                let elapsed = now.duration_since(self.started).as_secs_f64();
                console.line(&format!("{elapsed:>6.2} s  {percent:>3} %  {words}"))?;
            }
            Kind::Lines | Kind::Silent => {}
        }
        if is_new {
            self.shown = Some((phase, now));
        }
        Ok(())
    }

    /// Takes the bar away, so that lines can be written again.
    pub fn finish(&mut self) {
        match &self.kind {
            Kind::Bar(bar) => bar.finish_and_clear(),
            Kind::Lines | Kind::Silent => {}
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.finish();
    }
}

fn finished(console: &Console, phase: Phase, took: Duration) -> String {
    format!("  {} {} {}", console.green("✓"), text::step(phase), console.dim(&text::duration(took)))
}

fn bar(target: ProgressDrawTarget, color: bool) -> ProgressBar {
    const TICK: Duration = Duration::from_millis(100);
    let template = if color {
        "  {spinner:.cyan} [{bar:28.cyan/dim}] {pos:>3} %  {elapsed:>3}  {wide_msg}"
    } else {
        "  {spinner} [{bar:28}] {pos:>3} %  {elapsed:>3}  {wide_msg}"
    };
    let bar = ProgressBar::with_draw_target(Some(100), target);
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style.progress_chars("━━╌"));
    }
    bar.enable_steady_tick(TICK);
    bar
}
