//! Words and signs of a language, each an enum that is found by its text.
//!
//! Every name of a program is looked up to see whether it is a word, and every sign is the longest of those that begin
//! alike, so both lookups are tables, made at compile time: one step for a word, one comparison for most signs.

/// Words that one table can hold; the index after the last stands for none.
const ENTRIES_MAX: usize = 255;
const NONE: u8 = 255;
/// Slots of a table of words: enough for a hash without collisions to be found soon.
const SLOTS: usize = 1024;
/// Hashes that are tried before the compiler gives up.
const SEEDS_MAX: u32 = 4000;
/// Bytes of the longest sign.
const SIGN_BYTES_MAX: usize = 4;

/// Declares the enum `$name` with a variant for each text.
macro_rules! vocabulary {
    ($name:ident: $($variant:ident $text:literal)*) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(super) enum $name { $($variant),* }

        impl $name {
            const TEXTS: &'static [&'static str] = &[$($text),*];
            const ALL: &'static [Self] = &[$(Self::$variant),*];
        }

        impl From<$name> for Token {
            fn from(one: $name) -> Self {
                Self::$name(one)
            }
        }
    };
}
pub(super) use vocabulary;

/// Finds words by a hash of their length, first two bytes and last.
#[derive(Debug)]
pub(super) struct Words {
    texts: &'static [&'static str],
    seed: u32,
    slots: [u8; SLOTS],
}

impl Words {
    /// Does not compile where no such hash tells the words apart.
    pub const fn new(texts: &'static [&'static str]) -> Self {
        assert!(texts.len() < ENTRIES_MAX);
        let mut seed = 1;
        while seed < SEEDS_MAX {
            if let Some(slots) = Self::placed(texts, seed) {
                return Self { texts, seed, slots };
            }
            seed += 1;
        }
        panic!("words that no hash tells apart")
    }

    const fn placed(texts: &[&str], seed: u32) -> Option<[u8; SLOTS]> {
        let mut slots = [NONE; SLOTS];
        let mut at = 0;
        while at < texts.len() {
            let slot = Self::slot(texts[at].as_bytes(), seed);
            if slots[slot] != NONE {
                return None;
            }
            slots[slot] = at as u8;
            at += 1;
        }
        Some(slots)
    }

    const fn slot(word: &[u8], seed: u32) -> usize {
        let ends = u32::from_le_bytes([word[0], word[1], word[word.len() - 1], word.len() as u8]);
        (ends.wrapping_mul(seed.wrapping_mul(0x9e37_79b1)) >> 22) as usize % SLOTS
    }

    /// The number of a word of at least two bytes.
    pub fn find(&self, word: &str) -> Option<usize> {
        if word.len() < 2 {
            return None;
        }
        let at = self.slots[Self::slot(word.as_bytes(), self.seed)];
        (self.texts.get(usize::from(at)) == Some(&word)).then_some(usize::from(at))
    }
}

/// Finds the longest sign that a text begins with.
#[derive(Debug)]
pub(super) struct Signs<const N: usize> {
    texts: &'static [&'static str],
    /// Of each first byte, the longest sign; of each sign, the next shorter one that begins alike.
    first: [u8; 128],
    shorter: [u8; N],
}

impl<const N: usize> Signs<N> {
    pub const fn new(texts: &'static [&'static str]) -> Self {
        assert!(texts.len() == N && N < ENTRIES_MAX);
        let (mut first, mut shorter) = ([NONE; 128], [NONE; N]);
        let mut length = 1;
        while length <= SIGN_BYTES_MAX {
            let mut at = 0;
            while at < N {
                let text = texts[at].as_bytes();
                if text.len() == length {
                    shorter[at] = first[text[0] as usize];
                    first[text[0] as usize] = at as u8;
                }
                at += 1;
            }
            length += 1;
        }
        Self { texts, first, shorter }
    }

    /// The number of the sign, and its length in bytes.
    pub fn find(&self, rest: &[u8]) -> Option<(usize, usize)> {
        let mut at = *self.first.get(usize::from(*rest.first()?))?;
        while let Some(text) = self.texts.get(usize::from(at)) {
            if text.len() == 1 || rest.starts_with(text.as_bytes()) {
                return Some((usize::from(at), text.len()));
            }
            at = self.shorter[usize::from(at)];
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXTS: &[&str] = &["if", "true", "type", "typeof"];
    const SIGNS: &[&str] = &["=", "===", "==", "+", "=>"];

    #[test]
    fn words_and_signs_are_found_and_others_are_not() {
        static WORDS: Words = Words::new(TEXTS);
        for (at, word) in TEXTS.iter().enumerate() {
            assert_eq!(WORDS.find(word), Some(at));
        }
        for other in ["", "i", "of", "ture", "typo", "iffy"] {
            assert_eq!(WORDS.find(other), None, "{other}");
        }
        static FOUND: Signs<5> = Signs::new(SIGNS);
        for (text, found) in [
            ("==a", Some((2, 2))),
            ("===", Some((1, 3))),
            ("=", Some((0, 1))),
            ("=+", Some((0, 1))),
            ("é", None),
            ("", None),
        ] {
            assert_eq!(FOUND.find(text.as_bytes()), found, "{text}");
        }
    }
}
