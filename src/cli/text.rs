//! Words and figures for people. Pure.

use std::{fmt::Write as _, time::Duration};

use crate::types::{EndReason, Phase, Status, Timestamp};

/// Dollars, as many digits as it takes to see something.
pub(super) fn dollars(amount: f64) -> String {
    if amount != 0.0 && amount.abs() < 0.01 { format!("${amount:.6}") } else { format!("${amount:.4}") }
}

pub(super) fn duration(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        0..10 => format!("{:.1} s", duration.as_secs_f64()),
        10..120 => format!("{seconds} s"),
        120..7200 => format!("{} min", seconds / 60),
        _ => format!("{} h {:02} min", seconds / 3600, seconds / 60 % 60),
    }
}

/// `2026-11-23 04:30:05 UTC`.
pub(super) fn time(time: Timestamp) -> String {
    match jiff::Timestamp::from_millisecond(time.0) {
        Ok(time) => time.strftime("%Y-%m-%d %H:%M:%S UTC").to_string(),
        Err(_) => time.to_string(),
    }
}

pub(super) const fn step(phase: Phase) -> &'static str {
    match phase {
        Phase::Queued => "Reserving a place and a budget",
        Phase::Writing => "Writing the app",
        Phase::Inspecting => "Inspecting the code",
        Phase::Acquiring => "Taking a sandbox",
        Phase::Uploading => "Uploading the files",
        Phase::Building => "Building",
        Phase::Starting => "Starting the app",
        Phase::Checking => "Checking that it answers",
        Phase::Live => "Live",
        Phase::Releasing => "Giving the sandbox back",
        Phase::Done => "Over",
    }
}

/// The status, and why it is over if it is.
pub(super) fn status(status: Status, end_reason: Option<EndReason>) -> String {
    match end_reason {
        Some(reason) => format!("{} ({})", status.as_str(), reason.as_str()),
        None => status.as_str().to_owned(),
    }
}

/// Text of others, made harmless for a terminal: control characters, which could move the cursor, rename the window
/// or hide words, become visible marks. Tabs stay.
pub(super) fn harmless(text: &str) -> String {
    let hides = |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    text.chars().map(|c| if (c.is_control() && c != '\t') || hides(c) { '\u{fffd}' } else { c }).collect()
}

/// An app's output without the escape sequences that only colour it or move the cursor (ECMA-48: `ESC [`, parameters,
/// one final byte), and harmless.
pub(super) fn output(text: &str) -> String {
    let mut parts = text.split("\u{1b}[");
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let rest = part.trim_start_matches(|c| matches!(c, ' '..='?'));
        plain.push_str(rest.strip_prefix(|c| matches!(c, '@'..='~')).unwrap_or(rest));
    }
    harmless(&plain)
}

/// One line of at most `max` characters.
pub(super) fn shortened(text: &str, max: usize) -> String {
    let line = harmless(&text.split_whitespace().collect::<Vec<_>>().join(" "));
    if line.chars().count() <= max {
        return line;
    }
    let cut: String = line.chars().take(max.saturating_sub(1)).collect();
    format!("{}…", cut.trim_end())
}

/// Columns padded to their longest cell; the last one is left as it is. The first row is the head.
pub(super) fn table(rows: &[Vec<String>]) -> Vec<String> {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    rows.iter()
        .map(|row| {
            let mut line = String::new();
            for (cell, width) in row.iter().zip(&widths) {
                // Writing to a String cannot fail.
                let _ = write!(line, "{cell:width$}  ");
            }
            line.trim_end().to_owned()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_read_well() {
        assert_eq!(dollars(0.0), "$0.0000");
        assert_eq!(dollars(0.000_123), "$0.000123");
        assert_eq!(dollars(1.5), "$1.5000");
        assert_eq!(duration(Duration::from_millis(1234)), "1.2 s");
        assert_eq!(duration(Duration::from_secs(1799)), "29 min");
        assert_eq!(duration(Duration::from_secs(7260)), "2 h 01 min");
        assert_eq!(time(Timestamp(0)), "1970-01-01 00:00:00 UTC");
    }

    #[test]
    fn an_app_cannot_drive_the_terminal() {
        assert_eq!(harmless("a\u{1b}]0;owned\u{7}\tb"), "a\u{fffd}]0;owned\u{fffd}\tb");
        assert_eq!(output("\u{1b}[1;31mred\u{1b}[0m \u{1b}[2Jend\u{1b}[\u{1b}]x\u{1b}[é"), "red end\u{fffd}]xé");
        assert_eq!(shortened("  a\n b  cdefgh", 6), "a b c…");
    }

    #[test]
    fn columns_align() {
        let rows = [vec!["ID".to_owned(), "X".to_owned()], vec!["abc".to_owned(), "y".to_owned()]];
        assert_eq!(table(&rows), ["ID   X", "abc  y"]);
    }
}
