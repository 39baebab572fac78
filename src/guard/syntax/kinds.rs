//! One vocabulary for the trees of all languages.
//!
//! What the walk has to know of a node is far less than a grammar says, and mostly the same in JavaScript, TypeScript and
//! Python.

/// What a node is to the walk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::guard) enum Kind {
    /// An expression of which only the marks matter.
    Other,
    /// Whether two things are the same, or one is in the other: it tells neither.
    Compare,
    /// Statements: gives no value.
    Block,
    /// Not entered: types, comments.
    Skip,
    /// Gives the value of its first part.
    Pass,
    /// Its parts count as its parent's.
    Group,
    /// Waits for something, and gives it.
    Await,
    Last,
    Choice,
    Ident,
    Property,
    This,
    Constant,
    Number,
    /// A literal as it stands, quotes and all.
    Literal,
    /// The same as an attribute of a tag has it: with references in place of escapes.
    Markup,
    /// A text of chunks and values.
    Text,
    Chunk,
    /// One in which a backslash is a backslash.
    RawChunk,
    /// Literals side by side.
    Join,
    Regex,
    List,
    Table,
    Pair,
    Keyword,
    Shorthand,
    Spread,
    Slice,
    Member,
    Subscript,
    Call,
    New,
    Arguments,
    Operator,
    Binary,
    Unary,
    Assign,
    Augment,
    Declare,
    NamePattern,
    ListPattern,
    TablePattern,
    DefaultPattern,
    AsPattern,
    Function,
    Parameters,
    Attribute,
    Exit,
    While,
    For,
    ForIn,
    Comprehension,
    Import,
    ImportPart,
    ImportAll,
    FromImport,
    Dotted,
    Exec,
    Error,
}

/// Under which name a node hangs in its parent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::guard) enum Field {
    None,
    Function,
    Arguments,
    Object,
    Property,
    Index,
    Left,
    Right,
    Operator,
    Name,
    Value,
    Key,
    Source,
    Alias,
    Condition,
    Body,
    Module,
    Parameter,
}
