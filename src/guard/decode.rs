//! Decoders: what stands behind codes, base64, hexadecimal digits and turned letters.

use base64::Engine as _;

use super::value::{ELEMENTS_MAX, Marks, Value};

/// Characters made of character codes, at most.
const CODES_MAX: usize = ELEMENTS_MAX;

/// What a decoder makes of a text that is known.
pub(super) fn call(path: &str, args: &[Value]) -> Option<Value> {
    let text = || args.first().and_then(Value::known);
    Some(match path {
        "atob"
        | "window.atob"
        | "base64.b64decode"
        | "base64.urlsafe_b64decode"
        | "base64.standard_b64decode"
        | "base64.decodebytes"
        | "binascii.a2b_base64" => decoded(base64(text()?)?),
        "base64.b32decode" | "base64.b85decode" | "base64.a85decode" | "base64.b16decode" => {
            Value::unknown(Marks::DECODED)
        }
        "bytes.fromhex" | "bytearray.fromhex" | "binascii.unhexlify" | "binascii.a2b_hex" => decoded(hex(text()?)?),
        "Buffer.from" | "Buffer" => match args.get(1).and_then(Value::known) {
            Some("base64" | "base64url") => decoded(base64(text()?)?),
            Some("hex") => decoded(hex(text()?)?),
            _ => Value::text(text()?),
        },
        "codecs.decode" => match args.get(1).and_then(Value::known) {
            Some("rot13" | "rot_13" | "rot-13") => decoded(rot13(text()?)),
            Some("hex" | "hex_codec") => decoded(hex(text()?)?),
            Some("base64" | "base64_codec") => decoded(base64(text()?)?),
            _ => Value::unknown(Marks::DECODED),
        },
        _ => return None,
    })
}

fn decoded(text: String) -> Value {
    Value::text(text).marked(Marks::DECODED)
}

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
