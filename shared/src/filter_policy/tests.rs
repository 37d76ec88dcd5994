//! Filter policies against tables of values, and against rules that hold for all of them.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{FilterPolicy, Scope};

fn body(policy: &Value) -> FilterPolicy {
    FilterPolicy::parse(&policy.to_string(), Scope::MessageBody).expect("a policy")
}

fn passes_body(policy: &Value, message: &Value) -> bool {
    body(policy).passes(&Value::Null, &message.to_string())
}

fn passes_attributes(policy: &Value, attributes: &Value) -> bool {
    let policy = FilterPolicy::parse(&policy.to_string(), Scope::MessageAttributes).expect("a policy");
    policy.passes(attributes, "not looked at")
}

#[test]
fn conditions_match_what_aws_says() {
    // Conditions of one field, then values that pass and values that do not. `null` as a whole row means absence.
    let table = [
        (
            json!(["a", "b"]),
            vec![json!("a"), json!("b"), json!(["x", "b"])],
            vec![json!("c"), json!(1), json!([]), json!({"a": "a"})],
        ),
        (json!([100]), vec![json!(100), json!(100.0), json!(1e2)], vec![json!("100"), json!(100.5)]),
        (json!([true]), vec![json!(true), json!([false, true])], vec![json!("true"), json!(false), json!(1)]),
        (json!([null]), vec![json!(null), json!([1, null])], vec![json!("null"), json!(0)]),
        (
            json!([{"prefix": "auto-"}]),
            vec![json!("auto-"), json!("auto-racing")],
            vec![json!("Auto-x"), json!("x auto-"), json!(1)],
        ),
        (json!([{"suffix": ".png"}]), vec![json!("a.png"), json!(".png")], vec![json!("a.PNG"), json!("png")]),
        (
            json!([{"equals-ignore-case": "TenNis"}]),
            vec![json!("tennis"), json!("TENNIS")],
            vec![json!("tennis "), json!(1)],
        ),
        (
            json!([{"exists": true}]),
            vec![json!("x"), json!(null), json!(false), json!(["x"])],
            vec![json!({"x": 1}), json!([])],
        ),
        (json!([{"exists": false}]), vec![json!({"x": 1})], vec![json!("x"), json!(null)]),
        (json!([{"numeric": ["=", 301.5]}]), vec![json!(301.5), json!(3.015e2)], vec![json!(301), json!("301.5")]),
        (json!([{"numeric": ["<", 0]}]), vec![json!(-1), json!(-0.1)], vec![json!(0), json!(1)]),
        (json!([{"numeric": ["<=", 0]}]), vec![json!(-1), json!(0)], vec![json!(0.1)]),
        (json!([{"numeric": [">", 0, "<=", 150]}]), vec![json!(0.1), json!(150)], vec![json!(0), json!(150.1)]),
        (json!([{"numeric": [">=", 0, "<", 150]}]), vec![json!(0), json!(149)], vec![json!(150), json!(-1)]),
        (
            json!([{"anything-but": "a"}]),
            vec![json!("b"), json!(1), json!(["a", "b"])],
            vec![json!("a"), json!(["a"]), json!([])],
        ),
        (json!([{"anything-but": ["a", "b"]}]), vec![json!("c")], vec![json!("a"), json!("b")]),
        (json!([{"anything-but": [100, 500]}]), vec![json!(101), json!("100")], vec![json!(100), json!(500.0)]),
        (json!([{"anything-but": {"prefix": "order-"}}]), vec![json!("data-x"), json!(1)], vec![json!("order-x")]),
        (
            json!([{"cidr": "10.0.0.0/24"}]),
            vec![json!("10.0.0.0"), json!("10.0.0.255")],
            vec![json!("10.0.1.0"), json!("::1"), json!("x")],
        ),
        (json!([{"cidr": "0.0.0.0/0"}]), vec![json!("1.2.3.4")], vec![json!("::1")]),
        (json!([{"cidr": "2001:db8::/32"}]), vec![json!("2001:db8::1")], vec![json!("2001:db9::1")]),
        (json!([{"cidr": "::/0"}]), vec![json!("2001:db8::1")], vec![json!("1.2.3.4")]),
        (
            json!(["a", {"prefix": "b"}, {"numeric": [">", 9]}]),
            vec![json!("a"), json!("bc"), json!(10)],
            vec![json!("c"), json!(9)],
        ),
    ];
    for (conditions, right, wrong) in table {
        for value in right {
            assert!(passes_body(&json!({"key": conditions}), &json!({"key": value})), "{conditions} {value}");
        }
        for value in wrong {
            assert!(!passes_body(&json!({"key": conditions}), &json!({"key": value})), "{conditions} {value}");
        }
        let passes_without = passes_body(&json!({"key": conditions}), &json!({"other": 1}));
        assert_eq!(passes_without, conditions == json!([{"exists": false}]), "{conditions} without the key");
    }
}

#[test]
fn all_fields_must_match_and_one_alternative_of_each_or() {
    let policy = json!({"source": ["s3"], "$or": [{"size": [{"numeric": [">", 10]}]}, {"name": [{"prefix": "x"}], "kind": ["k"]}]});
    for (attributes, expected) in [
        (json!({"source": "s3", "size": 11}), true),
        (json!({"source": "s3", "name": "xy", "kind": "k"}), true),
        (json!({"source": "s3", "name": "xy"}), false),
        (json!({"source": "s3", "size": 10}), false),
        (json!({"source": "sns", "size": 11}), false),
    ] {
        assert_eq!(passes_attributes(&policy, &attributes), expected, "{attributes}");
    }
    let nested = json!({"a": {"$or": [{"b": [1]}, {"c": [2]}]}});
    assert!(passes_body(&nested, &json!({"a": {"c": 2}})));
    assert!(!passes_body(&nested, &json!({"a": {"c": 1}})));
    assert!(!passes_body(&nested, &json!({"c": 2})));
}

#[test]
fn or_over_reserved_words_is_a_name_like_others() {
    let policy = json!({"$or": [{"prefix": "a"}, {"suffix": "b"}]});
    for (attributes, expected) in [
        (json!({"$or": "abc"}), true),
        (json!({"$or": "xb"}), true),
        (json!({"$or": "x"}), false),
        (json!({"prefix": "a"}), false),
    ] {
        assert_eq!(passes_attributes(&policy, &attributes), expected, "{attributes}");
    }
    assert!(passes_body(&json!({"$or": ["a", "b"]}), &json!({"$or": "b"})));
    let deep = json!({"$or": [{"a": {"prefix": ["x"]}}, {"b": [1]}]}).to_string();
    let refused = FilterPolicy::parse(&deep, Scope::MessageBody).expect_err("a reserved word");
    assert_eq!(
        refused.to_string(),
        "FilterPolicy: prefix is Ruler reserved fieldName which cannot be used inside $or."
    );
    // Where `$or` is no operator, reserved words are names too.
    assert!(passes_body(&json!({"a": {"prefix": ["x"]}}), &json!({"a": {"prefix": "x"}})));
}

#[test]
fn bodies_are_matched_in_depth() {
    let policy = json!({"detail": {"object": {"key": [{"suffix": ".png"}]}, "size": [1]}});
    assert!(passes_body(&policy, &json!({"detail": {"object": {"key": "a.png"}, "size": 1}, "more": true})));
    assert!(!passes_body(&policy, &json!({"detail": {"object": {"key": "a.jpg"}, "size": 1}})));
    assert!(!passes_body(&policy, &json!({"detail": "a.png"})));
    // Two conditions on the objects of an array must meet in one object.
    let pair = json!({"items": {"name": ["a"], "size": [2]}});
    assert!(passes_body(&pair, &json!({"items": [{"name": "b"}, {"name": "a", "size": 2}]})));
    assert!(!passes_body(&pair, &json!({"items": [{"name": "a", "size": 1}, {"name": "b", "size": 2}]})));
    assert!(passes_body(&json!({"a": {"b": [{"exists": false}]}}), &json!({})));
    for text in ["", "text", "[1]", "\"a\"", "{"] {
        assert!(!body(&json!({"a": [{"exists": false}]})).passes(&Value::Null, text), "{text:?} is no object");
    }
    assert!(FilterPolicy::parse("{}", Scope::MessageBody).expect("a policy").passes(&Value::Null, "{}"));
}

#[test]
fn wrong_policies_are_refused_in_aws_words() {
    let table = [
        (json!({"a": []}), "FilterPolicy: Empty arrays are not allowed"),
        (json!({"a": "b"}), "FilterPolicy: \"a\" must be an object or an array"),
        (json!({"a": [["b"]]}), "FilterPolicy: Match value must be String, number, true, false, or null"),
        (json!({"a": [{"wild": "b"}]}), "FilterPolicy: Unrecognized match type wild"),
        (json!({"a": [{"prefix": 1}]}), "FilterPolicy: prefix match pattern must be a string"),
        (json!({"a": [{"suffix": null}]}), "FilterPolicy: suffix match pattern must be a string"),
        (json!({"a": [{"equals-ignore-case": []}]}), "FilterPolicy: equals-ignore-case match pattern must be a string"),
        (json!({"a": [{"exists": "x"}]}), "FilterPolicy: exists match pattern must be either true or false."),
        (json!({"a": [{"prefix": "b", "suffix": "c"}]}), "FilterPolicy: Only one key allowed in match expression"),
        (json!({"a": [{}]}), "FilterPolicy: Only one key allowed in match expression"),
        (json!({"a": [{"numeric": []}]}), "FilterPolicy: Invalid member in numeric match: ]"),
        (json!({"a": [{"numeric": [1]}]}), "FilterPolicy: Invalid member in numeric match: 1"),
        (json!({"a": [{"numeric": ["<>", 1]}]}), "FilterPolicy: Unrecognized numeric range operator: <>"),
        (json!({"a": [{"numeric": ["="]}]}), "FilterPolicy: Value of equals must be numeric"),
        (json!({"a": [{"numeric": ["<", "1"]}]}), "FilterPolicy: Value of < must be numeric"),
        (json!({"a": [{"numeric": ["<", 1, ">", 0]}]}), "FilterPolicy: Too many elements in numeric expression"),
        (json!({"a": [{"numeric": [">", 1, ">", 2]}]}), "FilterPolicy: Bad numeric range operator: >"),
        (json!({"a": [{"numeric": [">", 1, 2]}]}), "FilterPolicy: Bad value in numeric range: 2"),
        (json!({"a": [{"numeric": [">", 2, "<", 1]}]}), "FilterPolicy: Bottom must be less than top"),
        (
            json!({"a": [{"numeric": [">", 1, "<", 2, "<", 3]}]}),
            "FilterPolicy: Too many terms in numeric range expression",
        ),
        (
            json!({"a": [1], "b": [1], "c": [1], "d": [1], "e": [1], "f": [1]}),
            "FilterPolicy: Filter policy can not have more than 5 keys",
        ),
        (json!({"a": vec![1; 151]}), "FilterPolicy: Filter policy is too complex"),
        (json!({"a": vec![1; 50], "b": vec![1; 4]}), "FilterPolicy: Filter policy is too complex"),
        (json!({"a": [{"cidr": ["bad-filter"]}]}), "FilterPolicy: prefix match pattern must be a string"),
        (json!({"a": [{"cidr": "bad-filter"}]}), "FilterPolicy: Malformed CIDR, one '/' required"),
        (json!({"a": [{"cidr": "10.0.0.0/x"}]}), "FilterPolicy: Malformed CIDR, mask bits must be an integer"),
        (json!({"a": [{"cidr": "bad-filter/64"}]}), "FilterPolicy: Nonstandard IP address: bad-filter"),
        (json!({"a": [{"anything-but": {"suffix": "b"}}]}), "FilterPolicy: Unsupported anything-but pattern: suffix"),
        (json!({"a": [{"anything-but": {"prefix": false}}]}), "FilterPolicy: prefix match pattern must be a string"),
        // With one object, `$or` is a name, and its object a condition.
        (json!({"$or": [{"a": [1]}]}), "FilterPolicy: Unrecognized match type a"),
        (json!({"$or": [{"numeric": 123}, {"prefix": "abc"}]}), "FilterPolicy: Value of numeric must be an array."),
    ];
    for (policy, message) in table {
        let error = FilterPolicy::parse(&policy.to_string(), Scope::MessageAttributes).expect_err(message);
        assert_eq!(error.to_string(), message, "{policy}");
    }
    let nested = FilterPolicy::parse(r#"{"a":{"b":["c"]}}"#, Scope::MessageAttributes).expect_err("nested");
    assert_eq!(nested.to_string(), "Filter policy scope MessageAttributes does not support nested filter policy");
    // 3 x 4 x 2 x 3: conditions, each as deep as it lies.
    let counted = json!({"a": {"b": {"c": ["1", "2", "3", "4"]}}, "d": {"e": ["1", "2", "3"]}});
    FilterPolicy::parse(&counted.to_string(), Scope::MessageBody).expect("72 combinations");
    let deep = "{\"a\":".repeat(100) + "[1]" + &"}".repeat(100);
    FilterPolicy::parse(&deep, Scope::MessageBody).expect_err("too deep");
    for text in ["", "[]", "\"a\"", "null", "{\"a\":"] {
        FilterPolicy::parse(text, Scope::MessageBody).expect_err(text);
    }
}

fn leaf() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-1000_i32..1000).prop_map(Value::from),
        "[a-c]{0,3}".prop_map(Value::from),
    ]
}

proptest! {
    /// A policy that names a value takes the value, alone and in company.
    #[test]
    fn a_value_matches_itself(value in leaf(), others in prop::collection::vec(leaf(), 0..4)) {
        let policy = json!({"key": [value]});
        let alone = json!({"key": value});
        prop_assert!(passes_body(&policy, &alone));
        let mut company = others;
        company.push(value);
        let company = json!({"key": company});
        prop_assert!(passes_body(&policy, &company));
    }

    /// `anything-but` takes exactly the texts and numbers that the plain list does not.
    #[test]
    fn anything_but_is_the_opposite(
        value in prop_oneof![(-3_i32..3).prop_map(Value::from), "[a-b]{0,2}".prop_map(Value::from)],
        listed in prop::collection::vec("[a-b]{0,2}".prop_map(Value::from), 1..4),
    ) {
        let message = json!({"key": value});
        let is_listed = passes_body(&json!({"key": listed}), &message);
        let is_other = passes_body(&json!({"key": [{"anything-but": listed}]}), &message);
        prop_assert_ne!(is_listed, is_other);
    }

    /// `exists` is true or false of every message, never both and never neither.
    #[test]
    fn a_key_exists_or_not(value in prop::option::of(leaf())) {
        let message = value.map_or(json!({}), |value| json!({"key": value}));
        let yes = passes_body(&json!({"key": [{"exists": true}]}), &message);
        let no = passes_body(&json!({"key": [{"exists": false}]}), &message);
        prop_assert_ne!(yes, no);
    }

    /// Ranges agree with arithmetic.
    #[test]
    fn ranges_are_arithmetic(bottom in -100_i32..100, width in 1_i32..100, value in -300_i32..300) {
        let top = bottom + width;
        let message = json!({"key": value});
        let passes = |terms: Value| passes_body(&json!({"key": [{"numeric": terms}]}), &message);
        prop_assert_eq!(passes(json!([">", bottom, "<=", top])), bottom < value && value <= top);
        prop_assert_eq!(passes(json!([">=", bottom, "<", top])), bottom <= value && value < top);
    }

    /// Whatever the text, reading it ends, and a policy that was read matches without a panic.
    #[test]
    fn any_text_is_read_or_refused(text in r#"[\{\}\[\]":,a-c0-9$or <>=]{0,40}"#) {
        for scope in [Scope::MessageAttributes, Scope::MessageBody] {
            if let Ok(policy) = FilterPolicy::parse(&text, scope) {
                let _ = policy.passes(&Value::Null, "{}");
            }
        }
    }
}
