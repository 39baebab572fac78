//! Whether and when a failed call is made again: the official SDKs' policy, as a pure function.
//!
//! `x-should-retry` wins over what the status says; the wait is what `retry-after-ms` asks for, then what `retry-after`
//! does (seconds or a date), and else min(base · 2ⁿ, cap), less up to a quarter by chance, so that those who failed
//! together do not come back together.

use std::time::Duration;

use crate::types::Timestamp;

/// How patient to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Calls in all, the first included.
    pub tries_max: u32,
    /// Before the second call.
    pub base: Duration,
    /// At most this long before any call, unless the server asks for more.
    pub cap: Duration,
    /// A server that asks for a longer wait is not waited for: a fallback serves sooner.
    pub asked_max: Duration,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            tries_max: 4,
            base: Duration::from_millis(500),
            cap: Duration::from_secs(8),
            asked_max: Duration::from_secs(20),
        }
    }
}

/// What the head of a refusal says about trying again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Advice {
    pub should_retry: Option<bool>,
    /// How long the server asks to be left alone; never zero.
    pub after: Option<Duration>,
}

impl Advice {
    /// Reads it from the headers. What cannot be read is as good as not said.
    pub fn read<'a>(header: impl Fn(&str) -> Option<&'a str>, now: Timestamp) -> Self {
        let should_retry = match header("x-should-retry") {
            Some("true") => Some(true),
            Some("false") => Some(false),
            Some(_) | None => None,
        };
        let millis = header("retry-after-ms").and_then(|text| number(text, 1e-3));
        let after = || {
            let text = header("retry-after")?;
            number(text, 1.0).or_else(|| date(text, now))
        };
        Self { should_retry, after: millis.or_else(after) }
    }
}

fn number(text: &str, unit: f64) -> Option<Duration> {
    let number = text.trim().parse::<f64>().ok()?;
    // Not a number and infinity fail this, too.
    Duration::try_from_secs_f64(number * unit).ok().filter(|after| !after.is_zero())
}

/// An HTTP date, RFC 9110; one that is past asks for nothing.
fn date(text: &str, now: Timestamp) -> Option<Duration> {
    let at = jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(text.trim()).ok()?;
    Some(Timestamp(at.as_millisecond()).until(now)).filter(|after| !after.is_zero())
}

/// How long to wait before the next call, after `tries` of them; `None` is: do not call again. `random` is any number,
/// each as likely as the others.
#[must_use]
pub fn again(policy: &Policy, tries: u32, retryable: bool, advice: Advice, random: u32) -> Option<Duration> {
    if tries >= policy.tries_max || !advice.should_retry.unwrap_or(retryable) {
        return None;
    }
    match advice.after {
        Some(after) => (after <= policy.asked_max).then_some(after),
        None => {
            let doubled = policy.base.saturating_mul(2_u32.saturating_pow(tries.saturating_sub(1)));
            let whole = doubled.min(policy.cap);
            let quarter = u64::try_from(whole.as_millis() / 4).unwrap_or(u64::MAX);
            let off = u128::from(quarter) * u128::from(random) / u128::from(u32::MAX);
            Some(whole.saturating_sub(Duration::from_millis(u64::try_from(off).unwrap_or(0))))
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Tue, 14 Nov 2023 22:13:20 GMT.
    const NOW: Timestamp = Timestamp(1_700_000_000_000);

    fn advice(headers: &[(&str, &str)]) -> Advice {
        let headers: Vec<(String, String)> =
            headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let find = |name: &str| headers.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str());
        Advice::read(find, NOW)
    }

    #[test]
    fn each_header_is_read_and_the_finer_one_wins() {
        let seconds = |after| Some(Duration::from_secs(after));
        assert_eq!(
            advice(&[("retry-after-ms", "1500"), ("retry-after", "9")]).after,
            Some(Duration::from_millis(1500))
        );
        assert_eq!(advice(&[("retry-after", "7")]).after, seconds(7));
        assert_eq!(advice(&[("retry-after", "0.5")]).after, Some(Duration::from_millis(500)));
        assert_eq!(advice(&[("retry-after", "Tue, 14 Nov 2023 22:13:32 GMT")]).after, seconds(12));
        for nothing in ["Tue, 14 Nov 2023 22:13:00 GMT", "0", "-3", "NaN", "inf", "soon", "1e400", ""] {
            assert_eq!(advice(&[("retry-after", nothing)]).after, None, "{nothing}");
        }
        assert_eq!(advice(&[("retry-after-ms", "x"), ("retry-after", "9")]).after, seconds(9));
        assert_eq!(advice(&[("x-should-retry", "false")]).should_retry, Some(false));
        assert_eq!(advice(&[("x-should-retry", "maybe")]).should_retry, None);
    }

    #[test]
    fn the_servers_word_wins_over_the_status() {
        let policy = Policy::default();
        let said = |should| Advice { should_retry: Some(should), after: None };
        assert_eq!(again(&policy, 1, true, said(false), 0), None);
        assert!(again(&policy, 1, false, said(true), 0).is_some());
        assert_eq!(again(&policy, 1, false, Advice::default(), 0), None);
        assert_eq!(again(&policy, policy.tries_max, true, said(true), 0), None, "not even then for ever");
    }

    #[test]
    fn waits_double_up_to_the_cap_and_a_long_request_ends_the_trying() {
        let policy = Policy { tries_max: 9, ..Policy::default() };
        let waits: Vec<_> = (1..8).map(|tries| again(&policy, tries, true, Advice::default(), 0).unwrap()).collect();
        assert_eq!(
            waits.iter().map(Duration::as_millis).collect::<Vec<_>>(),
            [500, 1000, 2000, 4000, 8000, 8000, 8000]
        );
        let asked = |seconds| Advice { should_retry: None, after: Some(Duration::from_secs(seconds)) };
        assert_eq!(again(&policy, 1, true, asked(20), 7), Some(Duration::from_secs(20)));
        assert_eq!(again(&policy, 1, true, asked(21), 7), None);
    }

    proptest! {
        #[test]
        fn chance_takes_off_a_quarter_at_most(tries in 1u32..200, random: u32) {
            let policy = Policy { tries_max: u32::MAX, ..Policy::default() };
            let whole = again(&policy, tries, true, Advice::default(), 0).unwrap();
            let wait = again(&policy, tries, true, Advice::default(), random).unwrap();
            prop_assert!(wait <= whole && wait >= whole * 3 / 4 && whole <= policy.cap);
        }
    }
}
