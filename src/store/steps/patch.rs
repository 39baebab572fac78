//! RFC 7396 merge patches: what has to be said to make one JSON document another.

use serde_json::{Map, Value};

/// What makes `from` into `to`; `None` when they are the same. A member that is `null` is as good as absent.
pub(super) fn between(from: &Value, to: &Value) -> Option<Value> {
    let (Value::Object(before), Value::Object(after)) = (from, to) else {
        let to = without_nulls(to.clone());
        return (without_nulls(from.clone()) != to).then_some(to);
    };
    let mut patch = Map::new();
    for (key, value) in after.iter().filter(|(_, value)| !value.is_null()) {
        let known = before.get(key).unwrap_or(&Value::Null);
        // An empty object in the place of nothing is a difference, though no member tells.
        if let Some(change) = between(known, value) {
            patch.insert(key.clone(), change);
        }
    }
    for (key, _) in before.iter().filter(|(key, value)| !value.is_null() && is_absent(after, key)) {
        patch.insert(key.clone(), Value::Null);
    }
    (!patch.is_empty()).then_some(Value::Object(patch))
}

fn is_absent(object: &Map<String, Value>, key: &str) -> bool {
    object.get(key).is_none_or(Value::is_null)
}

/// Makes `target` what the patch says.
pub(super) fn apply(target: &mut Value, patch: Value) {
    let Value::Object(patch) = patch else {
        *target = patch;
        return;
    };
    if !target.is_object() {
        *target = Value::Object(Map::new());
    }
    let Value::Object(members) = target else { return };
    for (key, change) in patch {
        if change.is_null() {
            members.remove(&key);
        } else {
            apply(members.entry(key).or_insert(Value::Null), change);
        }
    }
}

/// The document as patches see it. Arrays are replaced whole, so what is in them stays as it is.
pub(super) fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let members = members.into_iter().filter(|(_, value)| !value.is_null());
            Value::Object(members.map(|(key, value)| (key, without_nulls(value))).collect())
        }
        value @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_)) => value,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn documents() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<f64>().prop_filter_map("a number of JSON", |number| number.is_finite().then(|| Value::from(number))),
            "[a-c]{0,2}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 24, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
                prop::collection::btree_map("[a-d]", inner, 0..4)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    #[test]
    fn only_what_changed_is_said() {
        let before = json!({"a": {"b": 1, "c": [1]}, "d": "x", "e": null});
        let after = json!({"a": {"b": 2, "c": [1]}, "e": {}});
        assert_eq!(between(&before, &after), Some(json!({"a": {"b": 2}, "d": null, "e": {}})));
        assert_eq!(between(&after, &after), None);
        assert_eq!(between(&json!({"a": null}), &json!({})), None);
    }

    proptest! {
        #[test]
        fn patches_lead_from_one_to_the_other(before in documents(), after in documents()) {
            let mut document = without_nulls(before.clone());
            if let Some(patch) = between(&before, &after) {
                // As it is read back from its text.
                apply(&mut document, serde_json::from_str(&patch.to_string()).unwrap());
            }
            prop_assert_eq!(document, without_nulls(after));
        }
    }
}
