//! Numbers that a prompt names: "up to 10 million", "the first 100", "top 20".

/// How many primes a prompt wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Primes {
    UpTo(u64),
    First(u64),
}

/// The limit of the first run, which starts with the app and must be over soon. More can be asked for on its page.
pub(super) const PRIMES_LIMIT_MAX: u64 = 20_000_000;
pub(super) const PRIMES_FIRST_MAX: u64 = 1_000_000;
const PRIMES_LIMIT_DEFAULT: u64 = 1_000_000;
const TOP_DEFAULT: u64 = 25;
const TOP_MAX: u64 = 1000;

/// What the prompt says about primes, bounded; whether it had to be bounded.
pub(super) fn primes(prompt: &str) -> (Primes, bool) {
    let amounts = amounts(prompt);
    let first = amounts.iter().find(|amount| amount.after == "first").map(|amount| amount.value.max(1));
    if let Some(first) = first {
        return (Primes::First(first.min(PRIMES_FIRST_MAX)), first > PRIMES_FIRST_MAX);
    }
    let limit = amounts.iter().map(|amount| amount.value).max().unwrap_or(PRIMES_LIMIT_DEFAULT).max(2);
    (Primes::UpTo(limit.min(PRIMES_LIMIT_MAX)), limit > PRIMES_LIMIT_MAX)
}

/// How many lines a list shall have: a number after "top", "most common" and the like.
pub(super) fn top(prompt: &str) -> u64 {
    let asked = amounts(prompt).into_iter().find(|amount| matches!(amount.after.as_str(), "top" | "first" | "the"));
    asked.map_or(TOP_DEFAULT, |amount| amount.value.clamp(1, TOP_MAX))
}

/// Text in quotation marks of at least three words: the prompt brought its own data.
pub(super) fn quoted(prompt: &str) -> Option<&str> {
    for (open, close) in [('"', '"'), ('“', '”'), ('«', '»'), ('„', '“')] {
        let inside =
            prompt.split_once(open).and_then(|(_, rest)| rest.split_once(close)).map(|(inside, _)| inside.trim());
        if let Some(inside) = inside.filter(|inside| inside.split_whitespace().count() >= 3) {
            return Some(inside);
        }
    }
    None
}

struct Amount {
    value: u64,
    /// The word before it.
    after: String,
}

fn amounts(prompt: &str) -> Vec<Amount> {
    let lower = prompt.to_lowercase();
    let trim = |word: &str| word.trim_matches(|c: char| !c.is_alphanumeric()).to_owned();
    let words: Vec<String> = lower.split_whitespace().map(trim).collect();
    let mut found = Vec::new();
    for (at, word) in words.iter().enumerate() {
        let Some(value) = number(word) else { continue };
        let scale = match words.get(at + 1).map(String::as_str) {
            Some("thousand") => 1_000,
            Some("million" | "millions") => 1_000_000,
            Some("billion") => 1_000_000_000,
            _ => 1,
        };
        let after = at.checked_sub(1).and_then(|before| words.get(before)).cloned().unwrap_or_default();
        found.push(Amount { value: value.saturating_mul(scale), after });
    }
    found
}

/// `1000`, `1,000,000`, `1_000`, `10k`, `5m`, `1e6`, `10^6`, `2**20`, `one`.
fn number(word: &str) -> Option<u64> {
    match word {
        "one" => return Some(1),
        "ten" => return Some(10),
        "hundred" => return Some(100),
        _ => {}
    }
    let plain = word.replace([',', '_'], "");
    let (digits, scale) = match plain
        .strip_suffix('k')
        .map(|cut| (cut, 1_000))
        .or_else(|| plain.strip_suffix('m').map(|cut| (cut, 1_000_000)))
    {
        Some(scaled) => scaled,
        None => (plain.as_str(), 1),
    };
    let power = |base: u64, exponent: &str| exponent.parse::<u32>().ok().map(|exponent| base.saturating_pow(exponent));
    if let Some((base, exponent)) = digits.split_once("**").or_else(|| digits.split_once('^')) {
        return power(base.parse().ok()?, exponent);
    }
    if let Some((mantissa, exponent)) = digits.split_once('e') {
        return Some(mantissa.parse::<u64>().ok()?.saturating_mul(power(10, exponent)?));
    }
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    // More digits than a u64 holds are still a number, and a large one.
    Some(digits.parse::<u64>().unwrap_or(u64::MAX).saturating_mul(scale))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn primes_are_counted_or_limited_as_the_prompt_says() {
        for (prompt, expected) in [
            ("primes up to 1,000", (Primes::UpTo(1000), false)),
            ("all primes below 10 million", (Primes::UpTo(10_000_000), false)),
            ("primes under 1e6", (Primes::UpTo(1_000_000), false)),
            ("primes < 10^5.", (Primes::UpTo(100_000), false)),
            ("the first 100 prime numbers", (Primes::First(100), false)),
            ("primes up to one million", (Primes::UpTo(1_000_000), false)),
            ("primes up to 99999999999999999999999", (Primes::UpTo(PRIMES_LIMIT_MAX), true)),
            ("primes up to 0", (Primes::UpTo(2), false)),
            ("a prime sieve", (Primes::UpTo(1_000_000), false)),
            ("first 9^99 primes", (Primes::First(PRIMES_FIRST_MAX), true)),
        ] {
            assert_eq!(primes(prompt), expected, "{prompt}");
        }
    }

    #[test]
    fn lists_and_quoted_texts() {
        assert_eq!((top("the top 10 words"), top("word frequency"), top("top 99999 words")), (10, 25, 1000));
        assert_eq!(quoted("count words in \"to be or not to be\""), Some("to be or not to be"));
        assert_eq!(quoted("count \"words\""), None);
    }
}
