//! Repairs that cost no tokens: the first rungs of the ladder.
//!
//! ```text
//!   artifact ─► polish ─► deploy ──fails──► Diagnostic ─► mend ─┬─ Some ─► deploy again
//!               (what can be seen                               └─ None ─► the model, with diagnostic and failing files
//!                before a start)          fingerprint: the same error twice ends the loop
//! ```
//!
//! Each repair is a pure function from an artifact and what went wrong with it to a better artifact, or nothing. It knows one
//! mistake that models really make, changes nothing else, and finds nothing to do in what it has mended, so the ladder
//! ends. Those that read no diagnostic serve before the first start, too.
//!
//! A repair is no guess at what the app should do: where the mistake could have been meant, it is left to the model.

mod answering;
mod bindings;
mod browser;
mod calls;
mod checks;
mod commands;
mod decorated;
mod express;
mod fields;
mod fingerprint;
mod folders;
mod frameworks;
mod graph;
mod guarded;
mod later;
mod listening;
mod loops;
mod methods;
mod modules;
mod mounted;
mod names;
mod needs;
mod origins;
mod packages;
mod places;
mod requests;
mod routes;
mod rows;
mod scan;
mod scopes;
mod scripts;
mod serving;
mod shell;
mod slips;
mod source;
mod spelling;
mod standard;
mod start;
mod statements;
mod symbols;
mod syntax;
mod templates;
mod text;
mod typescript;
mod waiting;
mod wiring;
mod words;

pub use fingerprint::{Fingerprint, fingerprint};
pub use packages::unobtainable;

use crate::types::Artifact;

/// At which step an app failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// It was not tried yet.
    None,
    Build,
    /// It ended before it was live, with this code.
    Ended(i32),
    /// It runs, and nothing listens on its port.
    Deaf,
    /// It answers, and not as a check wants.
    Check,
    /// The guard does not let it be started; the output is what it found, a line each.
    Blocked,
}

/// What is known of a failure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    pub trouble: Trouble,
    /// The end of what the build or the app printed, or how a check failed.
    pub output: String,
    /// Whether a build can download packages.
    pub internet: bool,
    /// Where a check failed at what the app answered.
    pub answered: Option<Answered>,
}

/// What a check got that expected something else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    /// The check's name.
    pub check: String,
    pub status: u16,
    /// The beginning of the body.
    pub shown: String,
}

impl Diagnostic {
    const UNTRIED: Self = Self { trouble: Trouble::None, output: String::new(), internet: false, answered: None };

    fn says(&self, what: &str) -> bool {
        self.output.contains(what)
    }
}

/// One rung.
#[derive(Clone, Copy)]
pub struct Repair {
    pub name: &'static str,
    /// What it has done, for the user: "removed code fences".
    pub did: &'static str,
    mend: fn(&Artifact, &Diagnostic) -> Option<Artifact>,
}

/// In the order in which they are tried: what makes files readable first, then what starts them, then what they do.
pub const LADDER: &[Repair] = &[
    Repair { name: "bom", did: "removed byte order marks", mend: text::bom },
    Repair { name: "one-line", did: "put line breaks back", mend: text::escaped_lines },
    Repair { name: "fences", did: "removed code fences", mend: text::fences },
    Repair { name: "stray-tags", did: "removed stray tags", mend: text::stray_tags },
    Repair { name: "entities", did: "turned HTML entities back into code", mend: text::entities },
    Repair { name: "crlf", did: "made line ends plain in scripts", mend: text::crlf },
    Repair { name: "line-numbers", did: "removed the numbers of lines", mend: syntax::line_numbers },
    Repair { name: "first-line", did: "removed a name before the code", mend: syntax::first_line },
    Repair { name: "shebang", did: "removed a shebang that came too late", mend: syntax::shebang },
    Repair { name: "prose", did: "removed sentences after the code", mend: syntax::prose },
    Repair { name: "tabs", did: "made indentation even", mend: text::tabs },
    Repair { name: "quotes", did: "made typographic quotes plain", mend: text::quotes },
    Repair { name: "code-quotes", did: "made typographic quotes plain", mend: syntax::quotes_in_code },
    Repair { name: "between-depths", did: "made indentation even", mend: fields::between_depths },
    Repair { name: "print", did: "called print as a function", mend: syntax::print },
    Repair { name: "page-templates", did: "kept a page's templates from the server", mend: templates::page_templates },
    Repair { name: "apostrophe", did: "kept apostrophes inside of a text", mend: templates::apostrophe },
    Repair { name: "closing-quote", did: "ended a text with its quote", mend: templates::closing_quote },
    Repair { name: "types", did: "left out types", mend: typescript::in_script },
    Repair { name: "inner-backticks", did: "kept backticks inside of a text", mend: syntax::inner_backticks },
    Repair { name: "unclosed", did: "closed brackets", mend: syntax::unclosed },
    Repair { name: "overclosed", did: "removed brackets that close nothing", mend: syntax::overclosed },
    Repair { name: "comma", did: "put a comma where one was missing", mend: syntax::comma },
    Repair { name: "colon", did: "put a colon where one was missing", mend: syntax::colon },
    Repair { name: "too-deep", did: "made indentation even", mend: syntax::too_deep },
    Repair { name: "empty-block", did: "filled an empty block", mend: syntax::empty_block },
    Repair { name: "nested-quotes", did: "used other quotes inside of a text", mend: syntax::nested_quotes },
    Repair { name: "twice", did: "removed what was declared twice", mend: syntax::twice },
    Repair { name: "redeclared", did: "let a second value take the place of the first", mend: scopes::redeclared },
    Repair { name: "page-end", did: "closed a page's script", mend: browser::unclosed },
    Repair { name: "page-reference", did: "corrected the names of files in a page", mend: browser::references },
    Repair { name: "page-file", did: "named a file as its page does", mend: folders::named_by_page },
    Repair { name: "json", did: "mended JSON", mend: packages::json },
    Repair { name: "bare-command", did: "started the app as a service", mend: commands::bare },
    Repair { name: "change-folder", did: "stayed in the app's folder", mend: commands::change_folder },
    Repair { name: "install-at-start", did: "installed before the start", mend: commands::install_at_start },
    Repair { name: "useless-build", did: "left out a build that has nothing to build", mend: packages::useless_build },
    Repair { name: "offline-build", did: "did without a build that needs the internet", mend: packages::offline_build },
    Repair { name: "pip", did: "let pip install", mend: packages::pip },
    Repair { name: "page-opened", did: "served what is for a browser", mend: commands::page_opened },
    Repair { name: "server-options", did: "told the server where to listen", mend: serving::options },
    Repair { name: "page-server", did: "served the pages with Python's own server", mend: commands::page_server },
    Repair { name: "typescript", did: "left out types", mend: typescript::files },
    Repair { name: "absent-script", did: "left out a build that is not there", mend: needs::absent_script },
    Repair { name: "npm-script", did: "started the app without npm", mend: start::npm_script },
    Repair { name: "runner", did: "used a runner that is there", mend: start::runner },
    Repair { name: "executable", did: "started a script by its interpreter", mend: start::executable },
    Repair { name: "start", did: "found what to start", mend: start::missing },
    Repair { name: "entry", did: "started the file that is there", mend: start::wrong_entry },
    Repair { name: "script-entry", did: "started the file that is there", mend: commands::entry_of_script },
    Repair { name: "app-server", did: "served the app with Python's own server", mend: commands::app_server },
    Repair { name: "server-command", did: "told the server where to listen", mend: listening::server_command },
    Repair { name: "name-of-main", did: "wrote __main__ as it is", mend: start::name_of_main },
    Repair { name: "too-early", did: "moved a statement behind what it uses", mend: scopes::too_early },
    Repair { name: "not-run", did: "called what was only defined", mend: start::never_run },
    Repair { name: "no-listen", did: "let the server listen", mend: start::never_listens },
    Repair { name: "awaits", did: "made a function wait", mend: slips::awaits },
    Repair { name: "top-level", did: "waited in a function", mend: waiting::top_level },
    Repair { name: "plain-function", did: "let a function wait", mend: waiting::plain_function },
    Repair { name: "coroutine", did: "waited for a coroutine", mend: waiting::coroutine },
    Repair { name: "coroutine-value", did: "waited for a coroutine", mend: waiting::coroutine_value },
    Repair { name: "module-mixture", did: "made one kind of all modules", mend: wiring::mixture },
    Repair { name: "modules", did: "set the kind of modules", mend: modules::kind },
    Repair { name: "dirname", did: "defined __dirname", mend: modules::dirname },
    Repair { name: "json-import", did: "marked imports of JSON", mend: modules::json_import },
    Repair { name: "import-path", did: "corrected the paths of imports", mend: modules::import_paths },
    Repair { name: "import-elsewhere", did: "imported the file that has what is imported", mend: wiring::unfound },
    Repair { name: "unexported", did: "exported what another file imports", mend: wiring::unexported },
    Repair { name: "taken-apart", did: "imported what a module exports", mend: wiring::taken_apart },
    Repair { name: "package-case", did: "wrote the name of a package as it is", mend: modules::package_case },
    Repair { name: "misnamed", did: "imported a name as it is", mend: wiring::misnamed },
    Repair { name: "exports", did: "imported what a module exports", mend: names::exports },
    Repair { name: "relative-import", did: "imported from beside the program", mend: names::relative_import },
    Repair { name: "module-elsewhere", did: "imported a module from where it is", mend: names::module_elsewhere },
    Repair {
        name: "module-otherwise",
        did: "imported the module that has what is imported",
        mend: frameworks::module_otherwise,
    },
    Repair {
        name: "foreign-words",
        did: "wrote true, false and null as the language does",
        mend: slips::foreign_words,
    },
    Repair { name: "braces", did: "told a page's braces from placeholders", mend: templates::braces_in_format },
    Repair { name: "percent", did: "told a percent sign from a placeholder", mend: templates::percent_in_format },
    Repair { name: "page-braces", did: "told a page's braces from placeholders", mend: templates::braces_in_fstring },
    Repair { name: "global", did: "let a function change a variable of its module", mend: scopes::global },
    Repair { name: "self", did: "gave a method its object", mend: scopes::self_argument },
    Repair { name: "super", did: "called the class that another is derived from", mend: scopes::super_call },
    Repair { name: "new", did: "made an object of a class", mend: scopes::without_new },
    Repair { name: "reserved", did: "used a name that the language leaves free", mend: scripts::reserved },
    Repair { name: "async-constructor", did: "waited inside of a constructor", mend: scripts::async_constructor },
    Repair { name: "slashes", did: "told a slash from the end of a pattern", mend: scripts::slashes },
    Repair { name: "parse-int", did: "read numbers with their radix", mend: scripts::parse_int },
    Repair {
        name: "collection-as-json",
        did: "turned values into JSON that have no form in it",
        mend: scripts::collection_as_json,
    },
    Repair { name: "for-in", did: "went over what a list holds", mend: loops::for_in },
    Repair { name: "goes-on", did: "stopped after an answer", mend: scripts::goes_on },
    Repair { name: "semicolon", did: "ended a line", mend: scopes::semicolon },
    Repair { name: "circle", did: "left out an import that leads back", mend: scopes::circle },
    Repair { name: "empty-body", did: "read an empty body as an empty object", mend: calls::empty_body },
    Repair { name: "first-request", did: "did at the start what Flask does no more", mend: calls::first_request },
    Repair { name: "keeps-name", did: "let a decorated function keep its name", mend: decorated::keeps_name },
    Repair { name: "methods-word", did: "named an argument as it is called", mend: decorated::methods_word },
    Repair { name: "markup", did: "imported a name from where it is now", mend: decorated::markup },
    Repair { name: "returned-error", did: "raised an error that was returned", mend: decorated::returned_error },
    Repair { name: "shared-default", did: "gave each object a list of its own", mend: fields::shared_default },
    Repair { name: "late-default", did: "gave a field a default", mend: fields::late_default },
    Repair { name: "of-object", did: "set a field of an object", mend: fields::of_object },
    Repair { name: "added-to-text", did: "turned a number into a text", mend: fields::added_to_text },
    Repair { name: "later-name", did: "defined a function of a later version", mend: later::name },
    Repair { name: "beside-default", did: "imported what a module exports", mend: wiring::beside_default },
    Repair { name: "url", did: "gave an address its beginning", mend: calls::url_without_base },
    Repair {
        name: "files-otherwise",
        did: "used files with promises or callbacks as they are",
        mend: calls::files_otherwise,
    },
    Repair { name: "other-thread", did: "let threads share a database", mend: calls::other_thread },
    Repair {
        name: "serializable",
        did: "turned values into JSON that have no form in it",
        mend: calls::not_serializable,
    },
    Repair { name: "wildcard", did: "named the rest of a route", mend: calls::wildcard },
    Repair { name: "later", did: "defined a function of a later version", mend: later::function },
    Repair { name: "iterator", did: "made a list of an iterator", mend: later::iterator },
    Repair { name: "constant", did: "made a constant that changes a variable", mend: slips::constant },
    Repair { name: "datetime", did: "told the class datetime from its module", mend: slips::datetime },
    Repair { name: "bytes", did: "sent bytes", mend: slips::bytes },
    Repair { name: "bytes-of-wsgi", did: "sent bytes", mend: slips::bytes_of_wsgi },
    Repair { name: "object-body", did: "sent an object as JSON", mend: slips::object_as_body },
    Repair { name: "address", did: "gave a server its address as a pair", mend: serving::address },
    Repair { name: "whole-body", did: "read as much as was sent", mend: serving::whole_body },
    Repair { name: "status-of-wsgi", did: "sent a status with its words", mend: serving::status_of_wsgi },
    Repair { name: "listen-swapped", did: "told the port first", mend: serving::listen_swapped },
    Repair { name: "worker-path", did: "named the folder of a worker's file", mend: scripts::worker_path },
    Repair { name: "headers", did: "ended the headers of an answer", mend: slips::headers_without_end },
    Repair { name: "port-text", did: "made the port a number", mend: slips::port_as_text },
    Repair { name: "port-variable", did: "asked for the port by its name", mend: slips::port_variable },
    Repair { name: "required-variable", did: "set a variable that must be set", mend: needs::required_variable },
    Repair { name: "unset-variable", did: "did without a variable that nobody set", mend: slips::unset_variable },
    Repair { name: "unset-in-shell", did: "did without a variable that nobody set", mend: shell::unset },
    Repair { name: "here-document", did: "ended a text in a script", mend: shell::here_document },
    Repair { name: "left-behind", did: "waited for the server", mend: shell::left_behind },
    Repair { name: "assignment", did: "left out spaces in an assignment", mend: shell::assignment },
    Repair { name: "root-path", did: "kept files in the app's folder", mend: places::root_path },
    Repair { name: "file-elsewhere", did: "laid files where they are looked for", mend: places::file_elsewhere },
    Repair { name: "database-folder", did: "made a folder", mend: places::database_folder },
    Repair { name: "extended", did: "extended the template that is there", mend: templates::extended },
    Repair { name: "only-page", did: "laid the page where it is looked for", mend: needs::only_page },
    Repair { name: "empty-data", did: "began with an empty file of data", mend: needs::empty_data },
    Repair { name: "folder", did: "made a folder", mend: places::missing_folder },
    Repair { name: "served-folder", did: "served the folder that is there", mend: folders::served },
    Repair { name: "pages-folder", did: "served the folder that is there", mend: folders::of_pages },
    Repair { name: "flask-folders", did: "laid files where Flask looks for them", mend: folders::of_flask },
    Repair { name: "uncalled-router", did: "made a router", mend: express::uncalled_router },
    Repair { name: "send-status", did: "sent a status with its answer", mend: express::send_status },
    Repair { name: "whole-package", did: "imported what a module exports", mend: express::whole_package },
    Repair { name: "body-parser", did: "parsed the bodies that are read", mend: frameworks::body_parser },
    Repair { name: "route-methods", did: "let a route take what it reads", mend: frameworks::route_methods },
    Repair { name: "served-name", did: "served the app by its file's name", mend: frameworks::served_name },
    Repair { name: "pattern", did: "named an argument as it is called now", mend: answering::pattern_of_field },
    Repair { name: "settings", did: "read settings as the new version does", mend: answering::settings },
    Repair { name: "endpoint", did: "named a page's function as it is", mend: answering::endpoint },
    Repair { name: "sql-of-another", did: "wrote SQL as the database knows it", mend: standard::sql_of_another },
    Repair { name: "one-value", did: "made a tuple of one value", mend: standard::one_value },
    Repair { name: "row-factory", did: "gave rows their columns' names", mend: rows::row_factory },
    Repair { name: "rows-as-data", did: "turned rows into data", mend: rows::rows_as_data },
    Repair { name: "column", did: "named a column as the code does", mend: rows::column },
    Repair { name: "data-column", did: "named a column as the code does", mend: rows::column_of_data },
    Repair { name: "tables", did: "made the tables", mend: needs::tables },
    Repair { name: "own-symbol", did: "imported what another file has", mend: wiring::own_symbol },
    Repair { name: "framework-name", did: "imported a name of the framework", mend: frameworks::framework_name },
    Repair {
        name: "module-of-package",
        did: "imported a module of the standard library",
        mend: standard::module_of_package,
    },
    Repair { name: "hidden-package", did: "gave a file a name of its own", mend: standard::hidden_package },
    Repair { name: "own-name", did: "imported what another file has", mend: frameworks::own_name },
    Repair { name: "builtin", did: "imported a module of the standard library", mend: modules::missing_builtin },
    Repair { name: "spelling", did: "corrected the spelling of a name", mend: spelling::variable },
    Repair { name: "member-spelling", did: "corrected the spelling of a name", mend: spelling::member },
    Repair { name: "unbound", did: "gave a method its object", mend: methods::unbound },
    Repair { name: "method-otherwise", did: "called a method by its name", mend: methods::otherwise },
    Repair { name: "taken-otherwise", did: "imported a name as it is", mend: methods::taken_otherwise },
    Repair { name: "foreign-method", did: "called a method by its name", mend: calls::foreign_method },
    Repair { name: "renamed", did: "imported a module by its present name", mend: later::renamed },
    Repair { name: "no-package", did: "did without a package", mend: packages::needless },
    Repair { name: "unused-package", did: "did without a package", mend: packages::unused },
    Repair { name: "package", did: "added a missing package", mend: packages::missing },
    Repair { name: "loopback", did: "listened on all addresses", mend: listening::loopback },
    Repair { name: "port", did: "listened on the right port", mend: listening::wrong_port },
    Repair { name: "install-scripts", did: "left out scripts that run at install", mend: guarded::install_scripts },
    Repair { name: "hidden", did: "removed hidden characters", mend: guarded::hidden_characters },
    Repair { name: "localhost", did: "made addresses relative", mend: browser::localhost },
    Repair { name: "argument", did: "told a program of its file", mend: commands::argument },
    Repair { name: "server-beside", did: "started the server", mend: commands::server_beside },
    Repair { name: "program", did: "showed what the program printed", mend: commands::program },
    Repair { name: "promise", did: "waited for a promise", mend: waiting::promise },
    Repair { name: "mounted", did: "told the app of its routes", mend: mounted::mounted },
    Repair { name: "fixed-first", did: "put a route before one that hid it", mend: routes::fixed_first },
    Repair { name: "rest-last", did: "put what takes the rest behind the routes", mend: routes::rest_last },
    Repair { name: "status-as-data", did: "sent a status as one", mend: answering::status_as_data },
    Repair { name: "parser-first", did: "parsed bodies before they are read", mend: express::parser_first },
    Repair { name: "unsent-status", did: "sent a status that was only set", mend: express::unsent_status },
    Repair { name: "mounted-last", did: "put what takes the rest behind the routes", mend: decorated::mounted_last },
    Repair { name: "guard-below", did: "put a guard where it is asked", mend: decorated::guard_below },
    Repair { name: "sent-as-json", did: "read JSON as JSON", mend: decorated::sent_as_json },
    Repair { name: "page-as-json", did: "sent a page as one", mend: decorated::page_as_json },
    Repair {
        name: "path-parameter",
        did: "named a part of a path as its function does",
        mend: decorated::path_parameter,
    },
    Repair { name: "id-as-text", did: "compared an id with one of an address", mend: requests::id_as_text },
    Repair { name: "numbers-as-texts", did: "sorted numbers as numbers", mend: requests::numbers_as_texts },
    Repair { name: "body-in-time", did: "used a body when it has come", mend: requests::body_in_time },
    Repair { name: "quoted-document", did: "put values into a text", mend: shell::quoted_document },
    Repair { name: "check-status", did: "took another success for one", mend: checks::status },
    Repair { name: "check-case", did: "looked for the words as they are written", mend: checks::case },
    Repair {
        name: "check-browser",
        did: "did not look in a page for what its script shows",
        mend: checks::shown_by_browser,
    },
    Repair { name: "check-path", did: "asked for a file by its name", mend: checks::path },
    Repair { name: "check-extension", did: "asked for a page by its file's name", mend: checks::extension },
    Repair { name: "asked-for", did: "laid a file where the page looks for it", mend: folders::asked_for },
    Repair { name: "named-alike", did: "named a file as its page does", mend: folders::named_alike },
    Repair { name: "check-route", did: "asked for a route by its whole path", mend: checks::route },
];

/// The first repair that has something to do about what went wrong, done.
#[must_use]
pub fn mend(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<(Artifact, &'static Repair)> {
    LADDER.iter().find_map(|repair| Some(((repair.mend)(artifact, diagnostic)?, repair)))
}

/// Everything that can be seen to be wrong before a start, mended; and what was done.
#[must_use]
pub fn polish(artifact: &Artifact) -> (Artifact, Vec<&'static str>) {
    let (mut artifact, mut did) = (artifact.clone(), Vec::new());
    for repair in LADDER {
        if let Some(better) = (repair.mend)(&artifact, &Diagnostic::UNTRIED) {
            artifact = better;
            did.push(repair.did);
        }
    }
    (artifact, did)
}

#[cfg(test)]
mod rung_tests;
#[cfg(test)]
mod tests;
