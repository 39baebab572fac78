//! What is wrong with packages and their manifests.

use serde_json::{Map, Value, json};

use super::{
    Diagnostic, Trouble,
    source::{Language, Sides, edit, edit_in, language, pattern},
};
use crate::{
    generator::loose_json,
    types::{AppFile, Artifact, Runtime},
};

const NPM_INSTALL: &str = "npm install --omit=dev --no-audit --no-fund";
/// Debian's Python wants to be told that its packages may be added to.
const PIP_INSTALL: &str = "PIP_BREAK_SYSTEM_PACKAGES=1 python3 -m pip install --quiet --disable-pip-version-check";

/// JSON with comments, trailing commas or no end.
pub(super) fn json(artifact: &Artifact, _: &Diagnostic) -> Option<Artifact> {
    edit_in(artifact, Language::Json, |file| {
        if file.path.contains("tsconfig") {
            return None;
        }
        let (value, mended) = loose_json::parse(&file.content)?;
        mended.then(|| format!("{value:#}\n"))
    })
}

/// Whether a command that installs finds nothing to install.
pub(super) fn has_nothing_to_install(artifact: &Artifact, command: &str) -> bool {
    let tried = Artifact { build: Some(command.trim().to_owned()), ..artifact.clone() };
    command.trim().ends_with("install") && !command.contains("npm")
        || useless_build(&tried, &Diagnostic::UNTRIED).is_some_and(|left| left.build.is_none())
}

/// A build that downloads, where nothing can be downloaded: what the app really lacks, its start will tell.
pub(super) fn offline_build(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    let build = artifact.build.as_deref().filter(|_| diagnostic.trouble == Trouble::Build && !diagnostic.internet)?;
    let downloads = pattern!(r"\b(?:npm (?:install|i|ci)|yarn|pnpm|pip3? install|npx)\b").is_match(build);
    downloads.then(|| Artifact { build: None, ..artifact.clone() })
}

/// Debian's Python refuses to be added to, unless it is told.
pub(super) fn pip(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    const TOLD: &str = "PIP_BREAK_SYSTEM_PACKAGES=1";
    let build = artifact.build.as_deref().filter(|build| diagnostic.internet && !build.contains(TOLD))?;
    let refused = diagnostic.says("externally-managed-environment") || diagnostic.says("PEP 668");
    refused.then(|| Artifact { build: Some(format!("export {TOLD}; {build}")), ..artifact.clone() })
}

/// A build that installs what no manifest names.
pub(super) fn useless_build(artifact: &Artifact, _: &Diagnostic) -> Option<Artifact> {
    let build = artifact.build.as_deref()?.trim();
    let without = |build: Option<String>| Some(Artifact { build, ..artifact.clone() });
    let package = artifact.files.iter().find(|file| file.path == "package.json");
    if pattern!(r"^npm (?:install|i|ci)(?: --[\w=-]+)*$").is_match(build) {
        let package = package.and_then(|file| loose_json::parse(&file.content)).map(|(package, _)| package);
        let has = |key: &str| {
            package.as_ref().and_then(|package| package.get(key)?.as_object()).is_some_and(|map| !map.is_empty())
        };
        if !has("dependencies") && !has("devDependencies") {
            return without(None);
        }
        let locked = artifact.files.iter().any(|file| file.path == "package-lock.json");
        return if build.starts_with("npm ci") && !locked { without(Some(NPM_INSTALL.to_owned())) } else { None };
    }
    let listed = pattern!(r"pip3? install .*-r\s+(\S+)").captures(build)?;
    let requirements = artifact.files.iter().find(|file| file.path == listed[1].trim_start_matches("./"));
    let names =
        |file: &AppFile| file.content.lines().any(|line| !line.trim().is_empty() && !line.trim().starts_with('#'));
    if requirements.is_some_and(names) { None } else { without(None) }
}

/// A package that is missing, and that a build can get.
pub(super) fn missing(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    let (runtime, package) = wanted(diagnostic).filter(|(runtime, package)| !is_local(artifact, *runtime, package))?;
    // One that is listed already could not be had.
    if !diagnostic.internet || artifact.dependencies.contains(&package) && artifact.build.is_some() {
        return None;
    }
    let mut better = match runtime {
        Runtime::Node => with_package(artifact, |manifest| {
            let dependencies = manifest.entry("dependencies").or_insert_with(|| json!({}));
            if let Value::Object(dependencies) = dependencies {
                dependencies.insert(package.clone(), json!("*"));
            }
        })?,
        Runtime::Python => artifact.clone(),
    };
    let step = match runtime {
        Runtime::Node => NPM_INSTALL.to_owned(),
        Runtime::Python => format!("{PIP_INSTALL} '{package}'"),
    };
    better.build = Some(match better.build {
        Some(build) if build.contains("npm install") && runtime == Runtime::Node => build,
        Some(build) => format!("{build} && {step}"),
        None => step,
    });
    better.dependencies.push(package);
    Some(better)
}

/// A package that is imported, missing, and used by nobody.
pub(super) fn unused(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    let script = pattern!(
        r#"^(?:(?:const|let|var)\s+([\w$]+|\{[^{}]*\})\s*=\s*require\(["']([^"'./][^"']*)["']\)|import\s+([\w$]+|\{[^{}]*\}|\*\s*as\s+[\w$]+)\s+from\s+["']([^"'./][^"']*)["']);?[ \t]*$"#
    );
    let python = pattern!(r"^(?:import\s+(\w+)(?:\s+as\s+(\w+))?|from\s+(\w+)[\w.]*\s+import\s+([\w, ]+))[ \t]*$");
    let missing = pattern!(r"Cannot find (?:module|package) '([^'./][^']*)'|No module named '?(\w+)")
        .captures(&diagnostic.output)?;
    let package = missing.get(1).or_else(|| missing.get(2))?.as_str().to_owned();
    edit(artifact, |file| {
        let lines: Vec<&str> = file.content.split('\n').collect();
        let names = |line: &str| -> Option<String> {
            let group = |found: &regex::Captures<'_>, at: usize| found.get(at).map(|part| part.as_str().to_owned());
            match language(&file.path) {
                Language::Script => script.captures(line).and_then(|found| {
                    let from = group(&found, 2).or_else(|| group(&found, 4))?;
                    (from == package).then(|| group(&found, 1).or_else(|| group(&found, 3)))?
                }),
                Language::Python => python.captures(line).and_then(|found| {
                    let from = group(&found, 1).or_else(|| group(&found, 3))?;
                    (from == package).then(|| [4, 2, 1].into_iter().find_map(|at| group(&found, at)))?
                }),
                Language::Shell | Language::Html | Language::Style | Language::Json | Language::Other => None,
            }
        };
        let (at, names) = lines.iter().enumerate().find_map(|(at, line)| Some((at, names(line)?)))?;
        let rest = [&lines[..at], &lines[at + 1..]].concat().join("\n");
        let word = pattern!(r"[A-Za-z_$][\w$]*");
        let is_used = |name: &str| word.find_iter(&rest).any(|used| used.as_str() == name);
        (!word.find_iter(&names).any(|name| name.as_str() != "as" && is_used(name.as_str()))).then_some(rest)
    })
}

/// The package that is missing and cannot be had, for the model and the user: the app must do without.
#[must_use]
pub fn unobtainable(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<String> {
    let (runtime, package) = wanted(diagnostic)?;
    (!diagnostic.internet && !is_local(artifact, runtime, &package)).then_some(package)
}

/// Packages whose whole use the runtime has itself.
pub(super) fn needless(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    let sides = Sides::of(artifact);
    let (_, package) = wanted(diagnostic)?;
    edit(artifact, |file| {
        let text = &file.content;
        if !sides.is_servers(file) || !text.contains(package.as_str()) && !text.contains("dotenv") {
            return None;
        }
        Some(match package.as_str() {
            // The environment is the sandbox's.
            "dotenv" => pattern!(r#"(?m)^.*(?:require\(["']dotenv(?:/config)?["']\)|from ["']dotenv["']|import ["']dotenv/config["']|dotenv\.config\().*\n?"#)
                .replace_all(text, "")
                .into_owned(),
            "python-dotenv" => {
                pattern!(r"(?m)^\s*(?:from dotenv import .*|import dotenv.*|(?:dotenv\.)?load_dotenv\(.*\))\n?").replace_all(text, "").into_owned()
            }
            // A global since node 18.
            "node-fetch" => pattern!(r#"(?m)^.*(?:require\(["']node-fetch["']\)|from ["']node-fetch["']).*\n?"#)
                .replace_all(text, "")
                .into_owned(),
            "uuid" => {
                let text = pattern!(r#"(?m)^(?:const|let|var)\s*\{\s*v4(?:\s*:\s*(\w+))?\s*\}\s*=\s*require\(["']uuid["']\).*$"#)
                    .replace_all(text, |found: &regex::Captures<'_>| {
                        format!("const {} = () => require(\"node:crypto\").randomUUID();", found.get(1).map_or("v4", |name| name.as_str()))
                    });
                pattern!(r#"(?m)^import\s*\{\s*v4(?:\s+as\s+(\w+))?\s*\}\s*from\s*["']uuid["'].*$"#)
                    .replace_all(&text, |found: &regex::Captures<'_>| {
                        format!("import {{ randomUUID as {} }} from \"node:crypto\";", found.get(1).map_or("v4", |name| name.as_str()))
                    })
                    .into_owned()
            }
            // Headers and log lines that no app needs in its sandbox.
            "cors" | "helmet" | "compression" | "morgan" => without_middleware(text, package.as_str()),
            "flask-cors" | "Flask-Cors" => {
                pattern!(r"(?m)^(?:from flask_cors import .*|\s*CORS\(.*\))\n?").replace_all(text, "").into_owned()
            }
            "body-parser" => {
                let name = pattern!(r#"(?m)^(?:const|let|var|import)\s+(\w+)\s*(?:=\s*require\(|from\s*)["']body-parser["'].*\n?"#);
                let parser = name.captures(text)?[1].to_owned();
                name.replace(text, "").replace(&format!("{parser}."), "express.")
            }
            // A terminal's colours.
            "chalk" | "colors" | "kleur" | "picocolors" | "ansi-colors" => {
                let plain = "new Proxy((text) => text, { get: (_, __, self) => self });";
                let import = pattern!(r#"(?m)^(?:const|let|var|import)\s+(\w+)\s*(?:=\s*require\(|from\s*)["'](?:chalk|colors|kleur|picocolors|ansi-colors)["'].*$"#);
                import.replace_all(text, |found: &regex::Captures<'_>| format!("const {} = {plain}", &found[1])).into_owned()
            }
            "nanoid" => {
                let import = pattern!(r#"(?m)^(?:(?:const|let|var)\s*\{\s*nanoid\s*\}\s*=\s*require\(["']nanoid["']\)|import\s*\{\s*nanoid\s*\}\s*from\s*["']nanoid["']).*$"#);
                import.replace_all(text, "const nanoid = () => globalThis.crypto.randomUUID();").into_owned()
            }
            _ => return None,
        })
    })
}

/// Without the import of a middleware, and without its use.
fn without_middleware(text: &str, package: &str) -> String {
    let import = pattern!(r#"^\s*(?:const|let|var|import)\s+(\w+)\s*(?:=\s*require\(|from\s*)["']([\w-]+)["']"#);
    let named = text.lines().find_map(|line| import.captures(line).filter(|found| &found[2] == package));
    let Some(name) = named.map(|found| found[1].to_owned()) else { return text.to_owned() };
    let uses = |line: &&str| {
        let line = line.trim();
        let is_import = import.captures(line).is_some_and(|found| &found[2] == package);
        is_import
            || line.starts_with("app.use(")
                && line.contains(&format!("({name}("))
                && line.trim_end_matches(';').ends_with("))")
    };
    text.split_inclusive('\n').filter(|line| !uses(line)).collect()
}

/// The package that the runtime says it cannot find, by its registry's name.
fn wanted(diagnostic: &Diagnostic) -> Option<(Runtime, String)> {
    let output = &diagnostic.output;
    if let Some(found) =
        pattern!(r"Cannot find (?:module|package) '((?:@[\w.-]+/)?[A-Za-z0-9_][\w.-]*)(?:/[\w./-]*)?'").captures(output)
    {
        return Some((Runtime::Node, found[1].to_owned()));
    }
    let found = pattern!(r"No module named '?([A-Za-z_]\w*)").captures(output)?;
    Some((Runtime::Python, registry_name(&found[1]).to_owned()))
}

fn registry_name(import: &str) -> &str {
    match import {
        "cv2" => "opencv-python-headless",
        "PIL" => "Pillow",
        "yaml" => "PyYAML",
        "bs4" => "beautifulsoup4",
        "sklearn" => "scikit-learn",
        "dotenv" => "python-dotenv",
        "flask_cors" => "Flask-Cors",
        "flask_sqlalchemy" => "Flask-SQLAlchemy",
        "dateutil" => "python-dateutil",
        "jwt" => "PyJWT",
        name => name,
    }
}

/// Whether it is a part of the app that was written wrong, and no package.
fn is_local(artifact: &Artifact, runtime: Runtime, package: &str) -> bool {
    artifact.files.iter().any(|file| match runtime {
        Runtime::Node => file.path == *package || file.path == format!("{package}.js"),
        Runtime::Python => {
            file.path.ends_with(&format!("{package}.py")) || file.path.starts_with(&format!("{package}/"))
        }
    })
}

/// The artifact with a changed `package.json`, made if need be; `None` when it cannot be read.
pub(super) fn with_package(artifact: &Artifact, change: impl FnOnce(&mut Map<String, Value>)) -> Option<Artifact> {
    let at = artifact.files.iter().position(|file| file.path == "package.json");
    let mut package = match at {
        Some(at) => loose_json::parse(&artifact.files[at].content)?.0,
        None => json!({ "private": true }),
    };
    change(package.as_object_mut()?);
    let mut better = artifact.clone();
    let content = format!("{package:#}\n");
    match at {
        Some(at) => better.files[at].content = content,
        None => better.files.push(AppFile { path: "package.json".to_owned(), content }),
    }
    Some(better)
}
