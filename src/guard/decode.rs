//! Decoders: what stands behind codes, base64, hexadecimal digits and turned letters.

use base64::Engine as _;

use super::value::{ELEMENTS_MAX, Value};

/// Characters made of character codes, at most.
const CODES_MAX: usize = ELEMENTS_MAX;

/// Text of character codes, given one by one or as a list.
pub(super) fn codes(args: &[Value]) -> Option<Value> {
    let flat = match args {
        [one] if one.as_list().is_some() => one.as_list()?,
        _ => args,
    };
    let mut text = String::new();
    for value in flat.iter().take(CODES_MAX) {
        let code = value.as_number()?;
        text.push(char::from_u32(code as u32)?);
    }
    (!flat.is_empty()).then(|| Value::text(text))
}

/// The text behind base64, in any of its alphabets.
pub(super) fn base64(text: &str) -> Option<String> {
    let clean: String = text
        .chars()
        .filter(|c| !c.is_whitespace() && *c != '=')
        .map(|c| match c {
            '-' => '+',
            '_' => '/',
            other => other,
        })
        .collect();
    let bytes = base64::engine::general_purpose::STANDARD_NO_PAD.decode(clean).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

pub(super) fn hex(text: &str) -> Option<String> {
    let digits: Vec<u32> =
        text.chars().filter(|c| !c.is_whitespace()).map(|c| c.to_digit(16)).collect::<Option<_>>()?;
    let bytes: Vec<u8> = digits.chunks_exact(2).filter_map(|pair| u8::try_from(pair[0] * 16 + pair[1]).ok()).collect();
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

pub(super) fn rot13(text: &str) -> String {
    let turn = |c: char, first: u8| char::from((u8::try_from(c).unwrap_or(first) - first + 13) % 26 + first);
    text.chars()
        .map(|c| match c {
            'a'..='z' => turn(c, b'a'),
            'A'..='Z' => turn(c, b'A'),
            other => other,
        })
        .collect()
}
