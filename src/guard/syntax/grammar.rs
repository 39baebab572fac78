//! The grammars of tree-sitter: for whatever the parsers by hand do not read.
//!
//! A grammar finds structure in anything, and says where it found none. It takes about ten times as long as they do.

use std::{collections::HashMap, ops::ControlFlow, sync::OnceLock};

use tree_sitter::{Language, Node, ParseOptions, Parser, TreeCursor};

use super::{
    Dialect,
    kinds::{Field, Kind},
    tree::{Children, Id, Root, Tree},
};

/// The parser reports each hundred of its operations; it takes about two a byte. What takes far more is no program.
const REPORTS_PER_BYTE: usize = 1;
const REPORTS_MIN: usize = 20_000;

const JAVASCRIPT: &[(Kind, &str)] = &[
    (
        Kind::Block,
        "program statement_block expression_statement lexical_declaration variable_declaration class_body \
         export_statement if_statement else_clause switch_statement switch_body switch_case switch_default try_statement \
         catch_clause finally_clause labeled_statement class_declaration abstract_class_declaration method_definition_body \
         enum_declaration enum_body internal_module module ambient_declaration",
    ),
    (
        Kind::Skip,
        "comment html_comment hash_bang_line type_annotation type_arguments type_parameters interface_declaration \
         type_alias_declaration implements_clause jsx_text asserts_annotation type_predicate_annotation empty_statement \
         accessibility_modifier override_modifier optional_chain \
         continue_statement debugger_statement export_clause jsx_closing_element \
         html_character_reference",
    ),
    (
        Kind::Pass,
        "parenthesized_expression non_null_expression as_expression satisfies_expression type_assertion \
         template_substitution computed_property_name jsx_expression decorator",
    ),
    (Kind::Group, "import_clause named_imports import_require_clause jsx_opening_element"),
    (Kind::Await, "await_expression"),
    (Kind::Last, "sequence_expression"),
    (Kind::Choice, "ternary_expression"),
    (Kind::Ident, "identifier"),
    (Kind::Property, "property_identifier private_property_identifier statement_identifier"),
    (Kind::This, "this super import meta_property"),
    (Kind::Constant, "true false null undefined"),
    (Kind::Number, "number"),
    (Kind::Text, "string template_string"),
    (Kind::Chunk, "string_fragment escape_sequence"),
    (Kind::Regex, "regex"),
    (Kind::List, "array"),
    (Kind::Table, "object"),
    (Kind::Pair, "pair"),
    (Kind::Shorthand, "shorthand_property_identifier"),
    (Kind::Spread, "spread_element"),
    (Kind::Member, "member_expression"),
    (Kind::Subscript, "subscript_expression"),
    (Kind::Call, "call_expression"),
    (Kind::New, "new_expression"),
    (Kind::Arguments, "arguments"),
    (Kind::Binary, "binary_expression"),
    (Kind::Unary, "unary_expression"),
    (Kind::Assign, "assignment_expression"),
    (Kind::Augment, "augmented_assignment_expression"),
    (Kind::Declare, "variable_declarator public_field_definition field_definition"),
    (Kind::NamePattern, "shorthand_property_identifier_pattern"),
    (Kind::ListPattern, "array_pattern"),
    (Kind::TablePattern, "object_pattern"),
    (Kind::Pair, "pair_pattern"),
    (
        Kind::DefaultPattern,
        "object_assignment_pattern assignment_pattern rest_pattern required_parameter optional_parameter",
    ),
    (
        Kind::Function,
        "arrow_function function_expression function_declaration generator_function \
         generator_function_declaration method_definition",
    ),
    (Kind::Parameters, "formal_parameters"),
    (Kind::Attribute, "jsx_attribute"),
    (Kind::Exit, "break_statement return_statement throw_statement yield_expression"),
    (Kind::While, "while_statement do_statement"),
    (Kind::For, "for_statement"),
    (Kind::ForIn, "for_in_statement"),
    (Kind::Import, "import_statement"),
    (Kind::ImportPart, "import_specifier"),
    (Kind::ImportAll, "namespace_import"),
    (Kind::Error, "ERROR"),
];

const PYTHON: &[(Kind, &str)] = &[
    (
        Kind::Block,
        "module block expression_statement if_statement elif_clause else_clause try_statement except_clause \
         finally_clause with_statement with_clause with_item class_definition decorated_definition match_statement \
         case_clause pass_statement format_specifier",
    ),
    (
        Kind::Skip,
        "comment type_conversion line_continuation case_pattern continue_statement global_statement nonlocal_statement",
    ),
    (Kind::Pass, "parenthesized_expression interpolation decorator as_pattern_target type_parameter format_expression"),
    (Kind::Await, "await"),
    (Kind::Choice, "conditional_expression boolean_operator"),
    (Kind::Ident, "identifier"),
    (Kind::Constant, "true false none ellipsis"),
    (Kind::Number, "integer float"),
    (Kind::Text, "string"),
    (Kind::Skip, "string_start string_end"),
    (Kind::Chunk, "string_content"),
    (Kind::Join, "concatenated_string"),
    (Kind::List, "list tuple set expression_list"),
    (Kind::Table, "dictionary"),
    (Kind::Pair, "pair"),
    (Kind::Keyword, "keyword_argument"),
    (Kind::Spread, "list_splat dictionary_splat"),
    (Kind::Slice, "slice"),
    (Kind::Member, "attribute"),
    (Kind::Subscript, "subscript generic_type"),
    (Kind::Call, "call"),
    (Kind::Arguments, "argument_list"),
    (Kind::Binary, "binary_operator"),
    (Kind::Unary, "unary_operator"),
    (Kind::Assign, "assignment"),
    (Kind::Augment, "augmented_assignment"),
    (Kind::Declare, "named_expression"),
    (Kind::ListPattern, "pattern_list tuple_pattern list_pattern"),
    (
        Kind::DefaultPattern,
        "default_parameter typed_parameter typed_default_parameter list_splat_pattern dictionary_splat_pattern",
    ),
    (Kind::AsPattern, "as_pattern"),
    (Kind::Function, "lambda function_definition"),
    (Kind::Parameters, "parameters lambda_parameters"),
    (Kind::Exit, "break_statement return_statement raise_statement yield"),
    (Kind::While, "while_statement"),
    (Kind::ForIn, "for_statement for_in_clause"),
    (Kind::Comprehension, "list_comprehension generator_expression set_comprehension"),
    (Kind::Import, "import_statement"),
    (Kind::FromImport, "import_from_statement"),
    (Kind::ImportPart, "aliased_import"),
    (Kind::ImportAll, "wildcard_import"),
    (Kind::Dotted, "dotted_name relative_import"),
    (Kind::Exec, "exec_statement"),
    (Kind::Error, "ERROR"),
];

const FIELDS: &[(&str, Field)] = &[
    ("function", Field::Function),
    ("constructor", Field::Function),
    ("arguments", Field::Arguments),
    ("object", Field::Object),
    ("property", Field::Property),
    ("attribute", Field::Property),
    ("index", Field::Index),
    ("subscript", Field::Index),
    ("left", Field::Left),
    ("right", Field::Right),
    ("operator", Field::Operator),
    ("operators", Field::Operator),
    ("name", Field::Name),
    ("value", Field::Value),
    ("key", Field::Key),
    ("source", Field::Source),
    ("alias", Field::Alias),
    ("condition", Field::Condition),
    ("body", Field::Body),
    ("module_name", Field::Module),
    ("parameter", Field::Parameter),
];

/// A part of a file in which no structure was found.
pub(in crate::guard) struct Broken {
    pub start: usize,
    pub end: usize,
    /// Counted from 0.
    pub line: usize,
}

/// Parsers, made when first needed and used for all files of an inspection.
#[derive(Default)]
pub(in crate::guard) struct Grammars {
    parsers: HashMap<Dialect, Parser>,
}

impl Grammars {
    /// The tree of a text, and where it is broken; nothing when parsing takes longer than is allowed.
    pub fn read(&mut self, dialect: Dialect, text: &str) -> Option<(Tree, Vec<Broken>)> {
        u32::try_from(text.len()).ok()?;
        let grammar = grammar(dialect);
        let parser = self.parsers.entry(dialect).or_default();
        parser.set_language(&grammar.language).ok()?;
        let bytes = text.as_bytes();
        let mut left = REPORTS_MIN + bytes.len() * REPORTS_PER_BYTE;
        let mut progress = |_: &tree_sitter::ParseState| {
            left = left.saturating_sub(1);
            if left == 0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        let options = ParseOptions::new().progress_callback(&mut progress);
        let parsed = parser.parse_with_options(&mut |at, _| bytes.get(at..).unwrap_or_default(), None, Some(options));
        let Some(parsed) = parsed else {
            parser.reset();
            return None;
        };
        let broken = if parsed.root_node().has_error() { broken(&parsed) } else { Vec::new() };
        Some((Planting::new(text, grammar).plant(parsed.walk()), broken))
    }
}

/// The outermost parts that are no syntax.
fn broken(tree: &tree_sitter::Tree) -> Vec<Broken> {
    let mut parts = Vec::new();
    let mut cursor = tree.walk();
    loop {
        let node = cursor.node();
        if node.is_error() || node.is_missing() {
            let range = node.byte_range();
            parts.push(Broken { start: range.start, end: range.end, line: node.start_position().row });
        }
        // An error's own text was read whole; only healthy nodes can hide another.
        if node.has_error() && !node.is_error() && cursor.goto_first_child() {
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                return parts;
            }
        }
    }
}

/// A node of which the children are being read.
struct Frame {
    kind: Kind,
    field: Field,
    start: u32,
    line: u32,
    children: Children,
    /// Its parts count as its parent's.
    group: bool,
}

/// The way from a grammar's tree to ours.
struct Planting<'s> {
    source: &'s str,
    grammar: &'static Grammar,
    tree: Tree,
    frames: Vec<Frame>,
}

impl<'s> Planting<'s> {
    fn new(source: &'s str, grammar: &'static Grammar) -> Self {
        Self { source, grammar, tree: Tree::for_source(source.len()), frames: Vec::new() }
    }

    fn plant(mut self, mut cursor: TreeCursor<'_>) -> Tree {
        loop {
            let field = self.grammar.field(cursor.field_id());
            if self.enter(&cursor.node(), field) {
                if cursor.goto_first_child() {
                    continue;
                }
                self.leave(&cursor.node());
            }
            while !cursor.goto_next_sibling() {
                if !cursor.goto_parent() {
                    return self.tree;
                }
                self.leave(&cursor.node());
            }
        }
    }

    /// Whether the node has a frame now. Of one that has not, the children are not read either.
    fn enter(&mut self, node: &Node<'_>, field: Field) -> bool {
        if !node.is_named() {
            let parent = self.frames.last().map_or(Kind::Block, |frame| frame.kind);
            // An operator is the only token that is read for itself.
            if field == Field::Operator && matches!(parent, Kind::Binary | Kind::Augment | Kind::Unary) {
                self.leaf(node, Kind::Operator, field);
            }
            return false;
        }
        let mut kind = self.grammar.kind(node.kind_id());
        if self.grammar.export == Some(node.kind_id()) && node.child_by_field_name("source").is_some() {
            kind = Kind::Import;
        }
        match kind {
            Kind::Skip => return false,
            Kind::Text => kind = self.text_kind(node),
            Kind::Chunk => kind = self.chunk_kind(),
            Kind::Group => {
                self.frames.push(Frame { kind, field, start: 0, line: 0, children: Children::new(), group: true });
                return true;
            }
            _ => {}
        }
        if node.child_count() == 0 || matches!(kind, Kind::Literal | Kind::Markup | Kind::Chunk | Kind::RawChunk) {
            self.leaf(node, kind, field);
            return false;
        }
        let (start, line) = (place(node.start_byte()), place(node.start_position().row));
        self.frames.push(Frame { kind, field, start, line, children: Children::new(), group: false });
        true
    }

    /// A text without values is one literal.
    fn text_kind(&self, node: &Node<'_>) -> Kind {
        let mut cursor = node.walk();
        let plain = !node
            .children(&mut cursor)
            .any(|child| matches!(child.kind(), "template_substitution" | "interpolation") || child.is_error());
        let attribute = self.frames.last().is_some_and(|frame| frame.kind == Kind::Attribute);
        match (plain, attribute) {
            (true, true) => Kind::Markup,
            (true, false) => Kind::Literal,
            (false, _) => Kind::Text,
        }
    }

    fn chunk_kind(&self) -> Kind {
        let start = self.frames.last().map_or(0, |frame| frame.start as usize);
        let opening = self.source.get(start..).unwrap_or_default();
        let raw = opening.chars().take_while(char::is_ascii_alphabetic).any(|c| c.eq_ignore_ascii_case(&'r'));
        if raw { Kind::RawChunk } else { Kind::Chunk }
    }

    fn leaf(&mut self, node: &Node<'_>, kind: Kind, field: Field) {
        let (start, end) = (place(node.start_byte()), place(node.end_byte()));
        // An escape and the text beside it are one chunk.
        let last = self.frames.last().map_or(Id::NONE, |frame| frame.children.last);
        if matches!(kind, Kind::Chunk | Kind::RawChunk) && !last.is_none() {
            let before = self.tree.node_mut(last);
            if before.kind == kind && before.end == start {
                before.end = end;
                return;
            }
        }
        let id = self.tree.add(kind, start, end, place(node.start_position().row), Children::new());
        self.give(id, field);
    }

    fn leave(&mut self, node: &Node<'_>) {
        let Some(frame) = self.frames.pop() else { return };
        if frame.group {
            return;
        }
        // `as name`: the name itself.
        if frame.kind == Kind::Pass && frame.field == Field::Alias && !frame.children.first.is_none() {
            return self.give(frame.children.first, Field::Alias);
        }
        let id = self.tree.add(frame.kind, frame.start, place(node.end_byte()), frame.line, frame.children);
        self.give(id, frame.field);
    }

    /// Hangs a node into the innermost that is open; the last one has none, and is the root.
    fn give(&mut self, id: Id, field: Field) {
        match self.frames.iter_mut().rev().find(|frame| !frame.group) {
            Some(parent) => self.tree.hang(&mut parent.children, id, field),
            None => self.tree.root = Root(id),
        }
    }
}

/// Texts are shorter than four gigabytes: [`Grammars::read`] has checked that.
fn place(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

/// A grammar with its numbers looked up.
struct Grammar {
    language: Language,
    kinds: Vec<Kind>,
    fields: Vec<Field>,
    /// The number of `export_statement`.
    export: Option<u16>,
}

fn grammar(dialect: Dialect) -> &'static Grammar {
    static GRAMMARS: [OnceLock<Grammar>; 4] = [const { OnceLock::new() }; 4];
    let (slot, language, kinds): (usize, Language, _) = match dialect {
        Dialect::JavaScript => (0, tree_sitter_javascript::LANGUAGE.into(), JAVASCRIPT),
        Dialect::TypeScript => (1, tree_sitter_typescript::LANGUAGE_TYPESCRIPT.into(), JAVASCRIPT),
        Dialect::Tsx => (2, tree_sitter_typescript::LANGUAGE_TSX.into(), JAVASCRIPT),
        Dialect::Python => (3, tree_sitter_python::LANGUAGE.into(), PYTHON),
    };
    GRAMMARS[slot].get_or_init(|| Grammar::new(language, kinds))
}

impl Grammar {
    fn new(language: Language, table: &[(Kind, &str)]) -> Self {
        let kinds = (0..language.node_kind_count()).map(|id| {
            let name = u16::try_from(id).ok().and_then(|id| language.node_kind_for_id(id)).unwrap_or_default();
            let row = table.iter().find(|(_, names)| names.split_whitespace().any(|other| other == name));
            row.map_or(Kind::Other, |(kind, _)| *kind)
        });
        let fields = (0..=language.field_count()).map(|id| {
            let name = u16::try_from(id).ok().and_then(|id| language.field_name_for_id(id)).unwrap_or_default();
            FIELDS.iter().find(|(other, _)| *other == name).map_or(Field::None, |(_, field)| *field)
        });
        let export = language.id_for_node_kind("export_statement", true);
        Self {
            kinds: kinds.collect(),
            fields: fields.collect(),
            export: (export != 0).then_some(export),
            language: language.clone(),
        }
    }

    fn kind(&self, id: u16) -> Kind {
        // The number of ERROR is past all others.
        self.kinds.get(usize::from(id)).copied().unwrap_or(Kind::Error)
    }

    fn field(&self, id: Option<std::num::NonZeroU16>) -> Field {
        id.and_then(|id| self.fields.get(usize::from(id.get()))).copied().unwrap_or(Field::None)
    }
}
