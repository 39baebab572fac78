//! Names of packages: the well-known, what is mistaken for them, and what imitates them.

/// Names that bait imitates. Long ones only: of short names, most are one letter from another.
const KNOWN: &str = "express lodash axios react react-dom react-router react-router-dom webpack typescript mongoose mongodb \
    commander dotenv socket.io jsonwebtoken bcrypt bcryptjs nodemon eslint prettier request moment chalk \
    underscore async bluebird body-parser cookie-parser cross-env discord.js electron fastify helmet jquery \
    passport puppeteer sequelize tailwindcss uuid winston yargs babel-core angular next nuxt svelte redux \
    rimraf semver minimist node-fetch nodemailer multer morgan compression express-session express-rate-limit \
    better-sqlite3 sqlite3 web3 ethers requests numpy pandas django flask scipy matplotlib tensorflow pytorch \
    torch scikit-learn beautifulsoup4 selenium sqlalchemy pillow urllib3 setuptools cryptography \
    python-dateutil pyyaml fastapi uvicorn gunicorn pytest jinja2 werkzeug boto3 botocore colorama paramiko \
    pydantic aiohttp celery redis psycopg2 psycopg2-binary pymongo tornado openai discord.py telebot certifi \
    jellyfish opencv-python httpx click streamlit gradio transformers langchain";
/// Names one slip away from a known one that are themselves well known.
const NEIGHBOURS: &str = "preact nest vuex jest vest tslint xpress moments colors asynckit asyncio reacts yarn uid cuid uuidv4 \
    chalks torchx flasks pytest- sqlite mongoist passports http https httpx2 esthers mordan electrons psycopg \
    psycopg3 djangos radio cumpy axis lodash-es aiobotocore boto jinja web dotenvx scrypt urllib";
/// Names that were bait, and are more than one slip away, or no slip at all.
const BAIT: &str = "crossenv cross-env.js d3.js fabric-js ffmepg gruntcli http-proxy.js jquery.js mariadb mongose mssql.js \
    mssql-node mysqljs node-fabric node-opencv node-opensl node-openssl nodecaffe nodefabric nodeffmpeg \
    nodemailer-js nodemailer.js nodemssql noderequest nodesass nodesqlite opencv.js openssl.js proxy.js \
    shadowsock smb sqlite.js sqliter sqlserver tkinter loadsh lodahs electorn discordjs.js python3-dateutil \
    python-dateutils jeilyfish colourama djanga easyinstall libpeshnx request-python python-requests pyyml \
    beautifulsoup python-mysql python-openssl setup-tools acqusition urlib3 apidev-coop bzip crypt \
    django-server pwd telnet urlparse importantpackage twilio-npm rc-loader babelcli expres discord.dll \
    noblox.js-proxy";
/// Packages, or versions of them, that have done harm.
const HOSTILES: &[(&str, &[&str])] = &[
    ("event-stream", &["3.3.6"]),
    ("flatmap-stream", &[]),
    ("eslint-scope", &["3.7.2"]),
    ("ua-parser-js", &["0.7.29", "0.8.0", "1.0.0"]),
    ("coa", &["2.0.3", "2.0.4", "2.1.1", "2.1.3", "3.0.1", "3.1.3"]),
    ("rc", &["1.2.9", "1.3.9", "2.3.9"]),
    ("node-ipc", &["10.1.1", "10.1.2", "10.1.3", "9.2.2"]),
    ("colors", &["1.4.1", "1.4.2", "1.4.44-liberty-2"]),
    ("faker", &["6.6.6"]),
    ("peacenotwar", &[]),
    ("getcookies", &[]),
    ("electron-native-notify", &[]),
    ("1337qq-js", &[]),
    ("fallguys", &[]),
    ("ctx", &["0.1.2", "0.2.2", "0.2.6"]),
    ("phpass", &["0.9.99"]),
    ("torchtriton", &[]),
    ("ultralytics", &["8.3.41", "8.3.42", "8.3.45", "8.3.46"]),
    ("chalk", &["5.6.1"]),
    ("debug", &["4.4.2"]),
    ("@ctrl/tinycolor", &["4.1.1", "4.1.2"]),
    ("xz-java", &[]),
];

fn is_in(names: &str, name: &str) -> bool {
    names.split_ascii_whitespace().any(|other| other == name)
}

/// Whether this version of a package is known to have done harm; without a version, whether each one is.
pub(super) fn is_hostile(name: &str, version: &str) -> bool {
    HOSTILES.iter().any(|(other, versions)| *other == name && (versions.is_empty() || versions.contains(&version)))
}

/// Whether nobody would load a module of that name but by mistake.
pub(super) fn is_bait(module: &str) -> bool {
    is_in(BAIT, module) && !is_standard(module)
}

/// Names that are modules of a language, though bait has used them as names of packages.
fn is_standard(module: &str) -> bool {
    matches!(module, "tkinter" | "crypt" | "pwd" | "urlparse" | "bzip" | "telnet" | "smb" | "mariadb" | "beautifulsoup")
}

/// The well-known name that `name` is one slip away from.
pub(super) fn imitates(name: &str) -> Option<&'static str> {
    const LENGTH_MIN: usize = 5;
    if is_in(BAIT, name) && !matches!(name, "mariadb" | "smb" | "crypt" | "pwd" | "telnet" | "bzip" | "urlparse") {
        return Some("another package");
    }
    if name.len() < LENGTH_MIN || is_in(KNOWN, name) || is_in(NEIGHBOURS, name) {
        return None;
    }
    KNOWN.split_ascii_whitespace().filter(|known| known.len() >= LENGTH_MIN).find(|known| {
        let separators = |text: &str| text.replace(['-', '.', '_'], "");
        is_one_slip(name, known) || separators(name) == separators(known) && name != *known
    })
}

/// One letter more, less, other, or two swapped.
fn is_one_slip(one: &str, other: &str) -> bool {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    if one.len().abs_diff(other.len()) > 1 {
        return false;
    }
    let start = one.iter().zip(other).take_while(|(a, b)| a == b).count();
    let (a, b) = (&one[start..], &other[start..]);
    match (a.len(), b.len()) {
        (0, 0) => false,
        (x, y) if x == y => a[1..] == b[1..] || x >= 2 && a[0] == b[1] && a[1] == b[0] && a[2..] == b[2..],
        (x, y) if x > y => a[1..] == *b,
        _ => *a == b[1..],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_slip_is_found_and_two_are_not() {
        for (one, other) in [("expres", "express"), ("expresss", "express"), ("axois", "axios"), ("lodesh", "lodash")] {
            assert!(is_one_slip(one, other), "{one}");
        }
        for (one, other) in [("express", "express"), ("axxioss", "axios"), ("koa", "express")] {
            assert!(!is_one_slip(one, other), "{one}");
        }
        assert_eq!(imitates("preact"), None);
        assert_eq!(imitates("nodefetch"), Some("node-fetch"));
    }
}
