//! What is wrong with rows and their columns: a database or a table that calls them otherwise than the code does.

use super::{
    Diagnostic,
    scan::indent,
    source::{Language, Sides, edit, edit_in, is_vendored, language, pattern},
    symbols::{meant, only, stem},
};
use crate::types::{AppFile, Artifact};

/// Rows that are read by their columns' names, of a connection that gives them none.
pub(super) fn row_factory(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    const SAYS: [&str; 3] = [
        "tuple indices must be integers or slices, not str",
        "cannot convert dictionary update sequence element #0 to a sequence",
        "dictionary update sequence element #0 has length",
    ];
    let own =
        || artifact.files.iter().filter(|file| language(&file.path) == Language::Python && !is_vendored(&file.path));
    if !SAYS.iter().any(|message| diagnostic.says(message)) || own().any(|file| file.content.contains("row_factory")) {
        return None;
    }
    let named = pattern!(r"^\s*((?:self\.|g\.)?\w+)\s*=\s*sqlite3\.connect\(.*\)\s*$");
    let returned = pattern!(r"^\s*return (sqlite3\.connect\(.*\))\s*$");
    let within = pattern!(r"^\s*with sqlite3\.connect\(.*\) as (\w+):\s*$");
    edit_in(artifact, Language::Python, |file| {
        let lines: Vec<&str> = file.content.split('\n').collect();
        let line = |(at, line): (usize, &&str)| -> String {
            let margin = indent(line);
            let set = |name: &str, margin: &str| format!("{margin}{name}.row_factory = sqlite3.Row");
            if let Some(found) = named.captures(line) {
                return format!("{line}\n{}", set(&found[1], margin));
            }
            if let Some(found) = returned.captures(line) {
                let connection = "connection";
                return format!(
                    "{margin}{connection} = {}\n{}\n{margin}return {connection}",
                    &found[1],
                    set(connection, margin)
                );
            }
            let Some(found) = within.captures(line) else { return (*line).to_owned() };
            let inside = lines[at + 1..].iter().find(|line| !line.trim().is_empty()).map_or("", |line| indent(line));
            format!("{line}\n{}", set(&found[1], inside))
        };
        Some(lines.iter().enumerate().map(line).collect::<Vec<_>>().join("\n"))
    })
}

/// `table pets has no column named price`, where the table has one like it that nobody speaks of.
pub(super) fn column(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    let said = pattern!(r"table (\w+) has no column named (\w+)").captures(&diagnostic.output)?;
    let (table, wanted) = (said[1].to_owned(), &said[2]);
    let created = regex::Regex::new(&format!(
        r#"(?is)CREATE\s+TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?["'`\[]?{table}["'`\]]?\s*\((.*?)(?:\)\s*;|\)\s*["'`]|\n\s*\)|$)"#
    ));
    let created = created.ok()?;
    let owner = only(artifact.files.iter().filter(|file| !is_vendored(&file.path) && created.is_match(&file.content)))?;
    let body = created.captures(&owner.content)?[1].to_owned();
    let column =
        pattern!(r"(?m)(?:^|,)\s*([a-z_]\w*)\s+(?:INTEGER|INT|TEXT|REAL|NUMERIC|BLOB|VARCHAR|BOOLEAN|DATE|TIMESTAMP)");
    let columns: Vec<String> = column.captures_iter(&body).map(|found| found[1].to_owned()).collect();
    let is_spoken_of = |name: &String| {
        let word = regex::Regex::new(&format!(r"\b{name}\b"));
        let count = |file: &AppFile| word.as_ref().map_or(2, |word| word.find_iter(&file.content).count());
        artifact.files.iter().filter(|file| !is_vendored(&file.path)).map(count).sum::<usize>() > 1
    };
    let free: Vec<String> = columns.into_iter().filter(|name| !is_spoken_of(name)).collect();
    let wrong = meant(wanted, &free)?;
    let word = regex::Regex::new(&format!(r"\b{wrong}\b")).ok()?;
    edit(artifact, |file| (file.path == owner.path).then(|| word.replace(&file.content, wanted).into_owned()))
}

/// `KeyError: 'population'` of a table of data: the code reads a column that it has not, and it has one like it of which no
/// code speaks: `total_population`.
pub(super) fn column_of_data(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    let sides = Sides::of(artifact);
    let wanted = pattern!(r"KeyError: '(\w+)'").captures(&diagnostic.output)?[1].to_owned();
    let own: Vec<&AppFile> = artifact.files.iter().filter(|file| !is_vendored(&file.path)).collect();
    let reader = only(own.iter().filter(|file| sides.is_servers(file) && file.content.contains("csv.DictReader(")))?;
    let data = only(artifact.files.iter().filter(|file| file.path.ends_with(".csv")))?;
    let (head, _) = data.content.split_once('\n')?;
    let columns: Vec<&str> = head.trim_end().split(',').collect();
    let keys = pattern!(r#"\[["'](\w+)["']\]|\.get\(["'](\w+)["']"#);
    let reads_it =
        keys.captures_iter(&reader.content).any(|found| found.iter().flatten().any(|key| key.as_str() == wanted));
    // A browser's script, too, and not only in quotes: `row.price`.
    let is_spoken_of = |name: &str| {
        let word = regex::Regex::new(&format!(r"\b{name}\b"));
        own.iter().any(|file| file.path != data.path && word.as_ref().is_ok_and(|word| word.is_match(&file.content)))
    };
    if !reads_it
        || columns.contains(&wanted.as_str())
        || !columns.iter().all(|name| name.chars().all(|c| c.is_alphanumeric() || c == '_'))
    {
        return None;
    }
    let free: Vec<String> = columns.iter().filter(|name| !is_spoken_of(name)).map(|name| (*name).to_owned()).collect();
    let same = only(free.iter().filter(|name| stem(name) == stem(&wanted))).map(String::as_str);
    let free = same.or_else(|| meant(&wanted, &free))?;
    let better: Vec<&str> = columns.iter().map(|name| if *name == free { wanted.as_str() } else { name }).collect();
    let mut artifact = artifact.clone();
    let file = artifact.files.iter_mut().find(|file| file.path == data.path)?;
    file.content = file.content.replacen(head.trim_end(), &better.join(","), 1);
    Some(artifact)
}

/// Rows that are sent as they are, where a framework turns into JSON what it is given: `Object of type Row is not JSON
/// serializable`.
pub(super) fn rows_as_data(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    if !diagnostic.says("Object of type Row is not JSON serializable") {
        return None;
    }
    let many = pattern!(r"(?m)^\s+(\w+)\s*=\s*[^\n]*\.fetchall\(\)[ \t]*$");
    let one = pattern!(r"(?m)^\s+(\w+)\s*=\s*[^\n]*\.fetchone\(\)[ \t]*$");
    let at_once = pattern!(r"(?m)^(\s+return )([^\n\[]*\.fetchall\(\))[ \t]*$");
    edit_in(artifact, Language::Python, |file| {
        let names = |given: &regex::Regex| -> Vec<String> {
            given.captures_iter(&file.content).map(|found| found[1].to_owned()).collect()
        };
        let (many, one) = (names(many), names(one));
        let sent = pattern!(r"(?m)(^\s+return |\bjsonify\(|\bjson\.dumps\()(\w+)([ \t]*$|[,)])");
        let data = |found: &regex::Captures<'_>| {
            let (before, name, after) = (&found[1], &found[2], &found[3]);
            match (many.iter().any(|one| one == name), one.iter().any(|one| one == name)) {
                (true, false) => format!("{before}[dict(row) for row in {name}]{after}"),
                (false, true) => format!("{before}dict({name}) if {name} else None{after}"),
                (_, _) => found[0].to_owned(),
            }
        };
        let text = sent.replace_all(&file.content, data);
        Some(at_once.replace_all(&text, "${1}[dict(row) for row in ${2}]").into_owned())
    })
}
