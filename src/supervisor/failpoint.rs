//! Panics on demand, so that tests can see what becomes of them in the real binary. Not there at all in builds without
//! debug assertions.

/// Where actors panic: `FAILPOINTS=ledger:Reserve:2,pool:Acquire:1+` blows the ledger up over the second
/// reservation, and the pool over each acquisition.
#[cfg(debug_assertions)]
pub(super) fn pass(actor: &str, message: &str) {
    use std::sync::{Mutex, OnceLock, PoisonError};

    struct Point {
        at: String,
        /// Messages to let through before.
        left: u64,
        again: bool,
    }

    fn parse(text: &str) -> Option<Point> {
        let (at, count) = text.rsplit_once(':')?;
        let again = count.ends_with('+');
        let left = count.trim_end_matches('+').parse::<u64>().ok()?.checked_sub(1)?;
        Some(Point { at: at.to_owned(), left, again })
    }

    static POINTS: OnceLock<Mutex<Vec<Point>>> = OnceLock::new();
    let points = POINTS.get_or_init(|| {
        let text = std::env::var("FAILPOINTS").unwrap_or_default();
        Mutex::new(text.split(',').filter_map(parse).collect())
    });
    let blow = {
        let mut points = points.lock().unwrap_or_else(PoisonError::into_inner);
        let found = points.iter().position(|point| {
            point.at.split_once(':').is_some_and(|(whose, which)| whose == actor && which == message)
        });
        found.is_some_and(|index| match points[index].left {
            0 if points[index].again => true,
            0 => {
                points.remove(index);
                true
            }
            _ => {
                points[index].left -= 1;
                false
            }
        })
    };
    assert!(!blow, "blown up by FAILPOINTS");
}

#[cfg(not(debug_assertions))]
pub(super) const fn pass(_: &str, _: &str) {}
