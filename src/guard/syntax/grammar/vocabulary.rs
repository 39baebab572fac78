//! What the kinds and fields of each grammar are called here.

use std::sync::OnceLock;

use tree_sitter::Language;

use crate::guard::syntax::{
    Dialect,
    kinds::{Field, Kind},
};

/// A grammar with its numbers looked up.
pub(super) struct Grammar {
    pub language: Language,
    pub kinds: Vec<Kind>,
    pub fields: Vec<Field>,
    /// The number of `export_statement`.
    pub export: Option<u16>,
}

pub(super) fn grammar(dialect: Dialect) -> &'static Grammar {
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

    pub fn kind(&self, id: u16) -> Kind {
        // The number of ERROR is past all others.
        self.kinds.get(usize::from(id)).copied().unwrap_or(Kind::Error)
    }

    pub fn field(&self, id: Option<std::num::NonZeroU16>) -> Field {
        id.and_then(|id| self.fields.get(usize::from(id.get()))).copied().unwrap_or(Field::None)
    }
}

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
         html_character_reference predefined_type generic_type nested_type_identifier union_type intersection_type \
         array_type tuple_type object_type function_type constructor_type literal_type lookup_type conditional_type \
         index_type_query type_query readonly_type parenthesized_type template_literal_type this_type",
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
    (Kind::Ident, "identifier type_identifier"),
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
         generator_function_declaration method_definition function_signature method_signature \
         abstract_method_signature",
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
    (Kind::Compare, "comparison_operator"),
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
