//! Sources: calls whose results carry marks, whatever they are given.

use crate::guard::{
    fact::method,
    origin::{self, variable_marks},
    rules,
    value::{Marks, Value},
};

/// Functions that decode, decompress or assemble a text.
const DECODERS: [&str; 25] = [
    "atob",
    "base64.b64decode",
    "base64.urlsafe_b64decode",
    "codecs.decode",
    "zlib.decompress",
    "marshal.loads",
    "bytes.fromhex",
    "binascii.unhexlify",
    "binascii.a2b_base64",
    "bz2.decompress",
    "lzma.decompress",
    "gzip.decompress",
    "zlib.gunzipSync",
    "zlib.inflateSync",
    "zlib.brotliDecompressSync",
    "zlib.unzipSync",
    "zlib.inflateRawSync",
    "base64.b85decode",
    "base64.a85decode",
    "base64.b32decode",
    "crypto.createDecipheriv",
    "crypto.createDecipher",
    "String.fromCharCode",
    "String.fromCodePoint",
    "unescape",
];

/// Marks that a call gives its result, whatever it is given.
pub(super) fn call_marks(path: &str, args: &[Value]) -> Marks {
    let text = args.first().and_then(Value::as_text).unwrap_or_default();
    if rules::is_code(text) && rules::opens(path, args) {
        return Marks::CODE_FILE;
    }
    match path {
        path if DECODERS.contains(&path) => Marks::DECODED,
        "Buffer.from" if matches!(args.get(1).and_then(Value::known), Some("base64" | "hex" | "base64url")) => {
            Marks::DECODED
        }
        "fetch"
        | "urllib.request.urlopen"
        | "urlopen"
        | "http.get"
        | "https.get"
        | "http.request"
        | "https.request"
        | "requests.get"
        | "requests.post"
        | "requests.request"
        | "httpx.get"
        | "httpx.post"
        | "axios.get"
        | "axios"
        | "axios.post"
        | "got"
        | "node-fetch"
        | "needle"
        | "urllib2.urlopen" => Marks::NETWORK,
        "os.environ.get" | "os.getenv" | "os.environ.pop" => variable_marks(text),
        "os.environ.copy" | "os.environ.items" | "os.environ.values" | "Deno.env.toObject" => Marks::ENVIRONMENT,
        "pyperclip.paste" | "clipboard.paste" | "navigator.clipboard.readText" | "navigator.clipboard.read" => {
            Marks::KEYS
        }
        // One value that is named is the app's own business; whatever is there is not.
        "localStorage.getItem" | "sessionStorage.getItem"
            if args.first().is_some_and(|key| key.known().is_none()) && !text.contains(char::is_alphanumeric) =>
        {
            Marks::COOKIE
        }
        "FormData" => Marks::FORM,
        "crypto.createCipheriv" | "crypto.createCipher" | "crypto.publicEncrypt" | "pyaes.AESModeOfOperationCTR" => {
            Marks::ENCIPHERED
        }
        "fs.readdirSync"
        | "fs.promises.readdir"
        | "fs.opendirSync"
        | "os.listdir"
        | "os.walk"
        | "os.scandir"
        | "glob.glob"
        | "glob.iglob"
        | "glob.sync"
        | "glob.globSync"
        | "fast-glob.sync"
        | "globby" => Marks::LISTED,
        "path.basename"
        | "os.path.basename"
        | "werkzeug.utils.secure_filename"
        | "secure_filename"
        | "parseInt"
        | "Number"
        | "int"
        | "float"
        | "encodeURIComponent"
        | "shlex.quote"
        | "html.escape"
        | "len" => Marks::TAMED,
        _ => read_marks(path, text),
    }
}

/// Marks of what is read: from a field, a file, or a connection.
fn read_marks(path: &str, text: &str) -> Marks {
    match path {
        "document.getElementById"
        | "document.querySelector"
        | "document.querySelectorAll"
        | "document.getElementsByName"
            if asks(text) =>
        {
            Marks::PASSWORD
        }
        "open"
        | "fs.readFileSync"
        | "fs.readFile"
        | "fs.promises.readFile"
        | "pathlib.Path"
        | "Path"
        | "fs.createReadStream"
        | "Bun.file"
        | "Deno.readTextFile"
        | "dotenv_values"
        | "dotenv.dotenv_values"
            if rules::is_credential_file(text) || rules::is_settings_file(text) =>
        {
            Marks::CREDENTIAL
        }
        _ => match method(path) {
            "getData" if path.contains("clipboardData") => Marks::KEYS,
            "decrypt" | "decompress" => Marks::DECODED,
            "encrypt" => Marks::ENCIPHERED,
            "toString" if matches!(text, "hex" | "base64" | "base64url") => Marks::ENCODED,
            "btoa" | "b64encode" | "urlsafe_b64encode" | "b32encode" | "hexlify" | "hex" => Marks::ENCODED,
            "rglob" | "iterdir" => Marks::LISTED,
            "recv" | "urlopen" => Marks::NETWORK,
            _ => origin::marks(path),
        },
    }
}

/// Whether a field of that name, or by that selector, asks for what only its owner should know.
fn asks(selector: &str) -> bool {
    let lower = selector.to_ascii_lowercase();
    ["passw", "card-number", "cardnumber", "card_number", "ccnum", "cvv", "cvc", "seed-phrase", "mnemonic"]
        .iter()
        .any(|word| lower.contains(word))
}
