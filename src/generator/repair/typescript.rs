//! TypeScript where nothing runs it: its types are left out, as its own compiler would.
//!
//! ```text
//!   text ─► tree-sitter's tree ─► what to leave out, what to put in ─► JavaScript
//! ```
//!
//! What is more than types (decorators, namespaces, `import = `) is refused, and so is what the grammar cannot read.

use std::collections::BTreeSet;

use tree_sitter::{Node, Parser};

use super::{
    Diagnostic, Trouble,
    scan::place,
    source::{Sides, edit_one, entry, is_vendored, pattern},
};
use crate::types::{AppFile, Artifact};

/// A program that is longer is not looked at.
const TEXT_MAX: usize = 64 * 1024;
/// Nodes of a program's tree.
const NODES_MAX: usize = 200_000;
/// Brackets in brackets: past some thousands, each step of the parser takes longer than the one before.
const NESTING_MAX: usize = 200;

/// Types in a `.js` file that node stumbles over.
pub(super) fn in_script(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    if !diagnostic.says("SyntaxError: ") {
        return None;
    }
    let path = place(artifact, diagnostic)?.path;
    if ![".js", ".mjs", ".cjs"].iter().any(|end| path.ends_with(end)) {
        return None;
    }
    edit_one(artifact, &path, without_types)
}

/// Files that a compiler or a runner should read that is not there.
pub(super) fn files(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    let is_typed =
        |file: &&AppFile| file.path.ends_with(".ts") && !file.path.ends_with(".d.ts") && !is_vendored(&file.path);
    let runs = pattern!(r"\b(?:tsx|ts-node|ts-node-dev|ts-node-esm|vite-node)\b|\.ts\b").is_match(&artifact.start);
    let is_lost = entry(artifact).is_some_and(|entry| !artifact.files.iter().any(|file| file.path == entry));
    let fails = diagnostic.trouble == Trouble::Build || artifact.build.is_none() && is_lost;
    let typed: Vec<&AppFile> = artifact.files.iter().filter(is_typed).collect();
    if typed.is_empty() || !runs && !fails || artifact.files.iter().any(|file| file.path.ends_with(".tsx")) {
        return None;
    }
    let mut better = artifact.clone();
    for file in &mut better.files {
        if is_typed(&&*file) {
            file.content = without_types(&file.content).or_else(|| readable(&file.content))?;
            file.path = file.path.strip_suffix(".ts")?.to_owned() + ".js";
        }
    }
    let import = pattern!(r#"(\bfrom\s+["']|\bimport\s*\(?\s*["']|\brequire\(\s*["'])(\.{1,2}/[^"'\n]+)\.ts(["'])"#);
    for file in better.files.iter_mut().filter(|file| file.path.ends_with(".js") && !is_vendored(&file.path)) {
        file.content = import.replace_all(&file.content, "${1}${2}.js${3}").into_owned();
    }
    // A page asks for the script by its name.
    let scripts = pattern!(r#"(<script[^>]*\bsrc=["'][^"'\n]+)\.ts(["'])"#);
    for file in better.files.iter_mut().filter(|file| file.path.ends_with(".html")) {
        file.content = scripts.replace_all(&file.content, "${1}.js${2}").into_owned();
    }
    let runner = pattern!(
        r"^(exec )?(?:npx (?:--yes |-y )?)?(?:(?:tsx|ts-node|ts-node-dev|ts-node-esm|vite-node|node)\b)((?: (?:watch|--?[\w-]+(?:[= ][\w/-]+)?))*) (\S+)\.ts\b"
    );
    better.start = runner.replace(&better.start, "${1}node ${3}.js").into_owned();
    let sides = Sides::of(&better);
    let is_any = better.files.iter().any(|file| !sides.is_browsers(file));
    (is_any && better != *artifact).then_some(better)
}

/// The program as it is, where it has no types and can be read.
fn readable(text: &str) -> Option<String> {
    let tree = parsed(text)?;
    (!tree.root_node().has_error()).then(|| text.to_owned())
}

fn parsed(text: &str) -> Option<tree_sitter::Tree> {
    let mut depth = 0_usize;
    for byte in text.bytes() {
        match byte {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > NESTING_MAX {
            return None;
        }
    }
    let mut parser = Parser::new();
    parser.set_language(&tree_sitter_typescript::LANGUAGE_TYPESCRIPT.into()).ok()?;
    if text.len() > TEXT_MAX { None } else { parser.parse(text, None) }
}

/// The program without its types; `None` when it has none, or is more than JavaScript with types.
fn without_types(text: &str) -> Option<String> {
    let tree = parsed(text)?;
    if tree.root_node().has_error() {
        return None;
    }
    let mut stripping =
        Stripping { text, left_out: Vec::new(), put_in: Vec::new(), imports: Vec::new(), values: BTreeSet::new() };
    let (mut waiting, mut nodes) = (vec![tree.root_node()], 0);
    while let Some(node) = waiting.pop() {
        nodes += 1;
        if nodes > NODES_MAX {
            return None;
        }
        if stripping.looks_into(node)? {
            let mut cursor = node.walk();
            waiting.extend(node.children(&mut cursor));
        }
    }
    let had_types = !stripping.left_out.is_empty() || !stripping.put_in.is_empty();
    if !had_types {
        return None;
    }
    stripping.drop_unused_imports();
    Some(stripping.done())
}

struct Stripping<'a, 't> {
    text: &'a str,
    left_out: Vec<(usize, usize)>,
    put_in: Vec<(usize, String)>,
    imports: Vec<Node<'t>>,
    /// Names that are used for what they are worth, not for a type.
    values: BTreeSet<&'a str>,
}

impl<'a, 't> Stripping<'a, 't> {
    fn of(&self, node: Node<'_>) -> &'a str {
        &self.text[node.start_byte()..node.end_byte()]
    }

    fn leave_out(&mut self, node: Node<'_>) {
        self.left_out.push((node.start_byte(), node.end_byte()));
    }

    /// Takes a node down; whether its children are to be looked at. `None` for what cannot be put as JavaScript.
    fn looks_into(&mut self, node: Node<'t>) -> Option<bool> {
        match node.kind() {
            "type_annotation"
            | "type_predicate_annotation"
            | "asserts_annotation"
            | "type_parameters"
            | "type_arguments"
            | "interface_declaration"
            | "type_alias_declaration"
            | "ambient_declaration"
            | "implements_clause"
            | "override_modifier"
            | "function_signature"
            | "method_signature"
            | "abstract_method_signature"
            | "index_signature"
            | "opting_type_annotation"
            | "adding_type_annotation"
            | "omitting_type_annotation"
            | "accessibility_modifier" => {
                self.leave_out(node);
                return Some(false);
            }
            "decorator" | "internal_module" | "module" | "import_require_clause" | "import_alias" => return None,
            "as_expression" | "satisfies_expression" => {
                let kept = node.child(0)?;
                // `as const` says nothing but a type, either.
                self.left_out.push((kept.end_byte(), node.end_byte()));
                return self.looks_into_only(kept);
            }
            "non_null_expression" => {
                let kept = node.child(0)?;
                self.left_out.push((kept.end_byte(), node.end_byte()));
                return self.looks_into_only(kept);
            }
            "readonly" | "abstract" | "declare" => self.leave_out(node),
            "?" | "!" if is_of_declaration(node) => self.leave_out(node),
            "export_statement" => {
                let declared = node.child_by_field_name("declaration").map(|node| node.kind());
                let is_type = matches!(
                    declared,
                    Some(
                        "interface_declaration"
                            | "type_alias_declaration"
                            | "ambient_declaration"
                            | "function_signature"
                    )
                );
                let mut cursor = node.walk();
                if is_type || node.children(&mut cursor).any(|child| child.kind() == "type") {
                    self.leave_out(node);
                    return Some(false);
                }
                let mut cursor = node.walk();
                if node.children(&mut cursor).any(|child| child.kind() == "=") {
                    return None;
                }
            }
            "import_statement" => {
                let mut cursor = node.walk();
                if node.children(&mut cursor).any(|child| child.kind() == "type") {
                    self.leave_out(node);
                } else {
                    self.imports.push(node);
                }
                return Some(false);
            }
            "enum_declaration" => return self.enumeration(node),
            "required_parameter" | "optional_parameter" => self.parameter(node)?,
            "identifier" | "shorthand_property_identifier" => {
                self.values.insert(self.of(node));
            }
            _ => {}
        }
        Some(true)
    }

    /// What is kept of a node whose end is left out.
    fn looks_into_only(&mut self, kept: Node<'t>) -> Option<bool> {
        let mut waiting = vec![kept];
        while let Some(node) = waiting.pop() {
            if self.looks_into(node)? {
                let mut cursor = node.walk();
                waiting.extend(node.children(&mut cursor));
            }
        }
        Some(false)
    }

    /// A parameter that is a field of the class, too: `constructor(private name: string)`.
    fn parameter(&mut self, node: Node<'_>) -> Option<()> {
        let mut cursor = node.walk();
        let is_field =
            node.children(&mut cursor).any(|child| matches!(child.kind(), "accessibility_modifier" | "readonly"));
        let named = node.child_by_field_name("pattern")?;
        if named.kind() == "this" {
            return None;
        }
        if is_field {
            let body = node.parent()?.parent()?.child_by_field_name("body")?;
            if named.kind() != "identifier" || self.of(body).contains("super(") {
                return None;
            }
            let name = self.of(named);
            self.put_in.push((body.start_byte() + 1, format!(" this.{name} = {name};")));
        }
        Some(())
    }

    /// An enumeration is an object with its names.
    fn enumeration(&mut self, node: Node<'_>) -> Option<bool> {
        let (name, body) = (node.child_by_field_name("name")?, node.child_by_field_name("body")?);
        let (mut members, mut next) = (Vec::new(), Some(0_i64));
        let mut cursor = body.walk();
        for member in body.named_children(&mut cursor) {
            let (name, value) = match member.kind() {
                "comment" => continue,
                "enum_assignment" => {
                    let value = self.of(member.child_by_field_name("value")?);
                    next = value.parse::<i64>().ok().map(|value| value + 1);
                    (self.of(member.child_by_field_name("name")?), value.to_owned())
                }
                _ => {
                    let value = next?;
                    next = Some(value + 1);
                    (self.of(member), value.to_string())
                }
            };
            members.push(format!("{name}: {value}"));
        }
        self.leave_out(node);
        let text = format!("const {} = {{ {} }};", self.of(name), members.join(", "));
        self.put_in.push((node.start_byte(), text));
        Some(false)
    }

    /// What is imported for its type alone cannot be imported: there is none any more.
    fn drop_unused_imports(&mut self) {
        for node in std::mem::take(&mut self.imports) {
            let mut cursor = node.walk();
            let clause = node.children(&mut cursor).find(|child| child.kind() == "import_clause");
            let Some(clause) = clause else { continue };
            let mut kept = Vec::new();
            let (mut cursor, mut all) = (clause.walk(), 0);
            for part in clause.named_children(&mut cursor) {
                if part.kind() != "named_imports" {
                    all += 1;
                    let name = self.of(part).rsplit(' ').next().unwrap_or_default();
                    kept.extend(self.values.contains(name).then(|| self.of(part).to_owned()));
                    continue;
                }
                let mut cursor = part.walk();
                let specifiers: Vec<_> =
                    part.named_children(&mut cursor).filter(|one| one.kind() == "import_specifier").collect();
                all += specifiers.len();
                let is_used = |one: &&Node<'_>| {
                    let text = self.of(**one);
                    !text.starts_with("type ") && self.values.contains(text.rsplit(' ').next().unwrap_or_default())
                };
                let used: Vec<&str> = specifiers.iter().filter(is_used).map(|one| self.of(*one)).collect();
                if !used.is_empty() {
                    kept.push(format!("{{ {} }}", used.join(", ")));
                }
                all -= used.len().saturating_sub(1);
            }
            if kept.is_empty() {
                self.leave_out(node);
            } else if kept.len() < all {
                self.left_out.push((clause.start_byte(), clause.end_byte()));
                self.put_in.push((clause.start_byte(), kept.join(", ")));
            }
        }
    }

    /// The text with all of that; lines stay where they are.
    fn done(mut self) -> String {
        self.left_out.sort_unstable();
        self.put_in.sort();
        let mut out = String::with_capacity(self.text.len());
        let mut put_in = self.put_in.iter().peekable();
        let mut from = 0;
        let mut take = |out: &mut String, from: usize, to: usize| {
            let mut at = from;
            while let Some((place, text)) = put_in.next_if(|(place, _)| *place <= to) {
                out.push_str(self.text.get(at..*place).unwrap_or_default());
                out.push_str(text);
                at = at.max(*place);
            }
            out.push_str(self.text.get(at..to).unwrap_or_default());
        };
        for (start, end) in self.left_out {
            if end <= from {
                continue;
            }
            take(&mut out, from, start.max(from));
            out.extend(self.text[start.max(from)..end].matches('\n'));
            from = end;
        }
        take(&mut out, from, self.text.len());
        out
    }
}

/// Whether a mark belongs to a parameter, a field or a variable, and is no operator.
fn is_of_declaration(node: Node<'_>) -> bool {
    let kind = node.parent().map(|parent| parent.kind());
    matches!(kind, Some("optional_parameter" | "public_field_definition" | "variable_declarator" | "method_definition"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(text: &str) -> String {
        without_types(text).unwrap_or_else(|| panic!("nothing of {text}"))
    }

    #[test]
    fn types_are_left_out_and_the_program_stays() {
        assert_eq!(plain("function f(a: string, b?: number): void {}"), "function f(a, b) {}");
        assert_eq!(plain("const m = new Map<string, User[]>();"), "const m = new Map();");
        assert_eq!(plain("interface A {\n  b: string;\n}\nlet a = x as A;\n"), "\n\n\nlet a = x;\n");
        assert_eq!(plain("const p = q!.r as const;"), "const p = q.r;");
        assert_eq!(plain("export type A = string;\nexport const b: A = 'c';"), "\nexport const b = 'c';");
        assert_eq!(plain("enum E { A, B = 'b', }\nf(E.A);"), "const E = { A: 0, B: 'b' };\nf(E.A);");
        assert_eq!(
            plain("class A { private b: number = 1; constructor(private readonly c: string) {} }"),
            "class A {  b = 1; constructor(  c) { this.c = c;} }"
        );
        assert_eq!(plain("const x = a ? b : c; let y: number;"), "const x = a ? b : c; let y;");
    }

    #[test]
    fn imports_of_types_are_left_out() {
        assert_eq!(
            plain(
                "import http, { IncomingMessage, createServer } from 'http';\nfunction f(r: IncomingMessage) { http.get(createServer); }"
            ),
            "import http, { createServer } from 'http';\nfunction f(r) { http.get(createServer); }"
        );
        assert_eq!(plain("import type { A } from './a';\nlet a: A;"), "\nlet a;");
        assert_eq!(plain("import { A } from './a';\nlet a: A;"), "\nlet a;");
        assert_eq!(plain("import './b';\nlet a: A;"), "import './b';\nlet a;");
    }

    #[test]
    fn what_is_more_than_types_or_has_none_is_refused() {
        for text in
            ["const a = 1;", "@d class A { b: string; }", "namespace N { export const a: number = 1 }", "a: b: c d e"]
        {
            assert_eq!(without_types(text), None, "{text}");
        }
        assert_eq!(without_types(&"(".repeat(10_000)), None);
    }
}
