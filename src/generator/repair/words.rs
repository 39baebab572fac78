//! Names that say the same in other words: `getTasks` and `listTasks`, `find_by_id` and `getById`, `list_all` and `all`.
//!
//! Only words that mean one act are taken for each other, and the rest of both names must be the same: `remove_all` is not
//! `all`, `getTask` is not `getTasks`, and `getAll` is not `get`, which wants to know which one.

use super::{source::pattern, symbols::only};

/// Words for one act, a line each. A name without any of them is one that reads.
const ACTS: [&[&str]; 7] = [
    &["get", "list", "fetch", "find", "read", "load", "retrieve", "query", "select", "view", "show", "all"],
    &["add", "create", "insert", "new", "append"],
    &["delete", "remove", "drop", "destroy"],
    &["update", "edit", "modify", "change"],
    &["render", "format"],
    &["calculate", "compute", "calc"],
    &["init", "initialize", "initialise", "setup"],
];

/// The only one of `names` that says what `wanted` says.
pub(super) fn meant<'a>(wanted: &str, names: &'a [String]) -> Option<&'a str> {
    let act = said(wanted);
    only(names.iter().filter(|name| *name != wanted && said(name) == act)).map(String::as_str)
}

/// What a name does, as a place in `ACTS`, and to what; where it does not say to what, whether to all there are.
fn said(name: &str) -> (usize, Vec<String>, bool) {
    let word = pattern!(r"[A-Z]?[a-z0-9]+|[A-Z]+");
    let mut words: Vec<String> = word.find_iter(name).map(|word| word.as_str().to_ascii_lowercase()).collect();
    let says_all = words.iter().any(|word| matches!(word.as_str(), "all" | "list"));
    let first = words.first().cloned().unwrap_or_default();
    let act = ACTS.iter().position(|act| act.contains(&first.as_str()));
    if act.is_some() {
        words.remove(0);
    }
    let act = act.unwrap_or_default();
    if act == 0 {
        words.retain(|word| word != "all");
    }
    let of_all = says_all && words.is_empty();
    (act, words, of_all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_act_on_the_same_thing_is_meant() {
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let found = |wanted, known: &[&str]| meant(wanted, &names(known)).map(str::to_owned);
        assert_eq!(found("list_all", &["add", "all"]).as_deref(), Some("all"));
        assert_eq!(found("renderTable", &["formatTable", "formatRow"]).as_deref(), Some("formatTable"));
        assert_eq!(found("findById", &["get_by_id", "get_by_name"]).as_deref(), Some("get_by_id"));
        assert_eq!(found("view_page", &["page", "edit_page"]).as_deref(), Some("page"));
        assert_eq!(found("remove_all", &["all", "add"]), None, "another act");
        assert_eq!(found("getTask", &["getTasks"]), None, "one and many");
        assert_eq!(found("getAll", &["get", "find", "load", "read"]), None, "one and many");
        assert_eq!(found("getAll", &["get", "findAll"]).as_deref(), Some("findAll"));
        assert_eq!(found("getAllTasks", &["getTasks", "getTask"]).as_deref(), Some("getTasks"));
        assert_eq!(found("getTasks", &["listTasks", "loadTasks"]), None, "either may be meant");
    }
}
