//! Pages that a program draws: what their fields ask for, and where the program sends that.
//!
//! In a page of tags a form says where it goes. In a component the field stands in one place and the request in another, so
//! each is remembered until both are known.

use super::{forms::PHISHING, harvest::PAGE};
use crate::guard::{
    fact::Call,
    found::Found,
    hosts,
    value::{Marks, Value},
};

/// Names of hosts that are an app's own server elsewhere, or sign people in for others.
const SERVERS: [&str; 14] = [
    "onrender.com",
    "herokuapp.com",
    "railway.app",
    "fly.dev",
    "vercel.app",
    "netlify.app",
    "amazonaws.com",
    "googleapis.com",
    "supabase.co",
    "auth0.com",
    "okta.com",
    "amazoncognito.com",
    "firebaseio.com",
    "workers.dev",
];

/// Services that post what they are told for people to read.
const CHATS: [&str; 6] = ["telegram.org", "discord.com", "discordapp.com", "slack.com", "whatsapp.com", "pushover.net"];

/// Whether a value under that name is one that only its owner should know.
pub(in crate::guard) fn is_secret_name(name: &str) -> bool {
    matches!(
        name,
        "password"
            | "passwd"
            | "passwort"
            | "passcode"
            | "pwd"
            | "pass"
            | "cvv"
            | "cvc"
            | "cardNumber"
            | "card_number"
            | "cardnumber"
            | "ssn"
            | "mnemonic"
            | "seedPhrase"
            | "seed_phrase"
            | "seedphrase"
            | "privateKey"
            | "private_key"
            | "otp"
    )
}

/// An attribute of a tag in a program.
pub(super) fn assign(path: &str, value: &Value, found: &mut Found<'_>) {
    // Whoever replaces these hears all that the page sends.
    if matches!(
        path,
        "XMLHttpRequest.prototype.send"
            | "XMLHttpRequest.prototype.open"
            | "WebSocket.prototype.send"
            | "HTMLFormElement.prototype.submit"
    ) {
        found.sees = true;
        overheard(found);
    }
    let Some(name) = path.strip_prefix("jsx.") else { return };
    let Some(text) = value.known() else { return };
    let asks = match name {
        "type" => text.eq_ignore_ascii_case("password"),
        "name" | "id" | "placeholder" | "autoComplete" | "autocomplete" => {
            let lower = text.to_ascii_lowercase();
            ["passw", "cvv", "seed phrase", "recovery phrase", "private key", "card number", "cc-number"]
                .iter()
                .any(|word| lower.contains(word))
        }
        _ => false,
    };
    if asks {
        found.asks_secret = true;
        judge(found);
    }
}

/// Functions that check a password, or make ready to: the app signs people in itself.
fn checks_password(path: &str) -> bool {
    let library =
        ["bcrypt.", "bcryptjs.", "argon2.", "passlib.", "~argon2."].iter().any(|start| path.starts_with(start));
    library
        || matches!(
            path,
            "werkzeug.security.check_password_hash"
                | "werkzeug.security.generate_password_hash"
                | "django.contrib.auth.authenticate"
                | "crypto.scrypt"
                | "crypto.scryptSync"
                | "crypto.pbkdf2"
                | "crypto.pbkdf2Sync"
                | "hashlib.pbkdf2_hmac"
                | "hashlib.scrypt"
        )
}

/// What is heard of a visitor: keys, and what a camera or a screen shows.
pub(super) fn call(call: &Call<'_>, found: &mut Found<'_>) {
    let listens = matches!(call.method(), "addEventListener" | "on")
        && matches!(call.text(0), Some("keydown" | "keyup" | "keypress" | "input" | "beforeinput"));
    // What a page asks its server, and what that answers, passes a service worker.
    let taps = call.path.ends_with("request.clone().text") || call.path.ends_with("request.clone().json");
    let sees = taps
        || matches!(
            call.path,
            "pyautogui.screenshot"
                | "PIL.ImageGrab.grab"
                | "mss.mss().grab"
                | "sounddevice.rec"
                | "pyscreenshot.grab"
                | "navigator.mediaDevices.getUserMedia"
                | "navigator.mediaDevices.getDisplayMedia"
                | "navigator.getUserMedia"
        );
    if checks_password(call.path) && !found.checks {
        found.checks = true;
        judge(found);
    }
    found.hears |= listens;
    found.sees |= sees;
    if listens || sees {
        overheard(found);
    }
}

/// Something is sent that may be what was heard or seen.
pub(super) fn passed_on(call: &Call<'_>, host: &str, marks: Marks, line: usize, found: &mut Found<'_>) {
    let body = if call.python {
        call.option("files").is_some() || call.option("data").is_some()
    } else {
        call.method() == "sendBeacon" || call.arg(1).is_some_and(|options| options.get("body").is_some())
    };
    if marks.has(Marks::PRESSED) {
        found.sent_key = Some((host.to_owned(), line));
    }
    if body && !is_server(host) {
        found.sent_body = Some((host.to_owned(), line));
    }
    overheard(found);
}

fn overheard(found: &mut Found<'_>) {
    if found.hears
        && let Some((host, line)) = found.sent_key.take()
    {
        found.add(&PAGE, line, &format!("pressed keys go to {host}"));
    }
    if found.sees
        && let Some((host, line)) = found.sent_body.take()
    {
        found.add(&PAGE, line, &format!("what a camera, a screen or another request shows goes to {host}"));
    }
}

/// Something that only its owner should know goes to another site.
pub(super) fn sent(host: &str, line: usize, found: &mut Found<'_>) {
    found.sent_secret = Some((host.to_owned(), line));
    judge(found);
}

fn judge(found: &mut Found<'_>) {
    if !found.asks_secret && !found.checks {
        return;
    }
    let Some((host, sent)) = found.sent_secret.take() else { return };
    let own = is_server(&host);
    let what = format!("what the page asks for goes to {host}");
    if own {
        found.hint(&PHISHING, sent, &what);
    } else {
        found.add(&PHISHING, sent, &what);
    }
}

fn is_server(host: &str) -> bool {
    // A chat hands what it is told to whoever reads it.
    let chat = CHATS.iter().any(|under| hosts::is_under(host, under));
    let named = ["api.", "backend.", "server."].iter().any(|start| host.starts_with(start));
    !chat && (named || SERVERS.iter().any(|under| hosts::is_under(host, under)))
}
