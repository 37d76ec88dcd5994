//! Event patterns against tables of values; the operators that filter policies have as well are tested there.

use serde_json::{Value, json};

use super::EventPattern;

fn pattern(pattern: &Value) -> EventPattern {
    EventPattern::parse(&pattern.to_string()).expect("a pattern")
}

fn matches(conditions: &Value, value: &Value) -> bool {
    pattern(&json!({"detail": {"key": conditions}})).matches(&json!({"detail": {"key": value}}))
}

#[test]
fn operators_match_what_aws_recorded() {
    let table = [
        (json!([{"prefix": {"equals-ignore-case": "IN/"}}]), vec!["in/a", "In/b", "IN/"], vec!["in", "x in/"]),
        (json!([{"suffix": {"equals-ignore-case": ".Png"}}]), vec!["a.png", "a.PNG"], vec!["png", "a.png.x"]),
        (json!([{"prefix": ""}]), vec!["", "a"], vec![]),
        (json!([{"suffix": ""}]), vec!["", "a"], vec![]),
        (
            json!([{"wildcard": "in/*.jpg"}]),
            vec!["in/a.jpg", "in/.jpg", "in/a/b.jpg", "in/a.jpg.jpg"],
            vec!["in/a.JPG", "out/a.jpg", "in.jpg", "in/jpg"],
        ),
        (json!([{"wildcard": "*a*b*"}]), vec!["ab", "xaxbx", "bab"], vec!["ba", "", "a"]),
        (json!([{"wildcard": "ab*ba"}]), vec!["abba", "ab-ba"], vec!["aba"]),
        (json!([{"wildcard": "exact"}]), vec!["exact"], vec!["exactly", "inexact"]),
        (json!([{"wildcard": ""}]), vec![""], vec!["a"]),
        (json!([{"wildcard": "*"}]), vec!["", "a"], vec![]),
        (json!([{"wildcard": "a\\*b\\\\"}]), vec!["a*b\\"], vec!["axb\\", "a*b"]),
        (json!([{"anything-but": {"suffix": ".tmp"}}]), vec!["a.png"], vec!["a.tmp"]),
        (json!([{"anything-but": {"prefix": ["a", "b"]}}]), vec!["c"], vec!["ax", "bx"]),
        (json!([{"anything-but": {"wildcard": "*/thumbs/*"}}]), vec!["a/b.png"], vec!["a/thumbs/b.png"]),
        (json!([{"anything-but": {"equals-ignore-case": ["A", "b"]}}]), vec!["c", "ab"], vec!["a", "B"]),
        (json!([{"anything-but": {"prefix": "a"}}]), vec!["b"], vec!["ab"]),
        (json!(["a", {"suffix": ".png"}]), vec!["a", "b.png"], vec!["b"]),
    ];
    for (conditions, right, wrong) in table {
        for text in right {
            assert!(matches(&conditions, &json!(text)), "{conditions} {text}");
        }
        for text in wrong {
            assert!(!matches(&conditions, &json!(text)), "{conditions} {text}");
        }
    }
}

#[test]
fn a_missing_field_matches_only_exists_false() {
    let event = json!({"detail": {"other": null}});
    for (field, conditions, expected) in [
        ("key", json!([{"exists": false}]), true),
        ("key", json!([{"anything-but": "a"}]), false),
        ("key", json!([null]), false),
        ("other", json!([{"anything-but": "a"}]), true),
        ("other", json!([{"numeric": ["<", 300]}]), false),
        ("other", json!([null]), true),
    ] {
        let pattern = pattern(&json!({"detail": {field: conditions}}));
        assert_eq!(pattern.matches(&event), expected, "{}", pattern.text);
    }
    assert!(!matches(&json!([{"numeric": ["=", 300]}]), &json!("300")), "a text is no number");
    assert!(!pattern(&json!({"a": [{"exists": false}]})).matches(&json!("text")));
}

#[test]
fn the_pattern_of_images_matches_as_s3_describes_them() {
    let images = pattern(&json!({
        "source": ["aws.s3"],
        "detail-type": ["Object Created"],
        "detail": {
            "bucket": {"name": ["images"]},
            "object": {"key": [{"suffix": ".jpg"}, {"suffix": {"equals-ignore-case": ".png"}}]},
            "$or": [{"object": {"size": [{"numeric": ["<", 100]}]}}, {"reason": ["CopyObject"]}],
        },
    }));
    let event = |bucket: &str, key: &str, size: u64, reason: &str| {
        json!({
            "version": "0",
            "source": "aws.s3",
            "detail-type": "Object Created",
            "resources": [format!("arn:aws:s3:::{bucket}")],
            "detail": {"bucket": {"name": bucket}, "object": {"key": key, "size": size}, "reason": reason},
        })
    };
    for (event, expected) in [
        (event("images", "a b+c.jpg", 9, "PutObject"), true),
        (event("images", "a.PNG", 9, "PutObject"), true),
        (event("images", "a.JPG", 9, "PutObject"), false),
        (event("others", "a.jpg", 9, "PutObject"), false),
        (event("images", "a.jpg", 100, "PutObject"), false),
        (event("images", "a.jpg", 100, "CopyObject"), true),
    ] {
        assert_eq!(images.matches(&event), expected, "{event}");
    }
}

#[test]
fn wrong_patterns_are_refused_in_aws_words() {
    let many = |count: usize| (0..count).map(|index| json!({"a": [index]})).collect::<Vec<_>>();
    let table = [
        ("{bad".to_owned(), "Invalid JSON"),
        ("[]".to_owned(), "Filter is not an object"),
        ("{}".to_owned(), "Empty objects are not allowed"),
        (r#"{"source":"a"}"#.to_owned(), "\"source\" must be an object or an array"),
        (r#"{"source":[]}"#.to_owned(), "Empty arrays are not allowed"),
        (r#"{"a":[{"EXISTS":true}]}"#.to_owned(), "Unrecognized match type EXISTS"),
        (r#"{"a":[{"wildcard":"a**"}]}"#.to_owned(), "Consecutive wildcard characters at pos 2"),
        (r#"{"a":[{"wildcard":"a\\b"}]}"#.to_owned(), "Invalid escape character at pos 2"),
        (r#"{"a":[{"anything-but":{"prefix":""}}]}"#.to_owned(), "Null prefix/suffix not allowed"),
        (r#"{"a":[{"anything-but":{"numeric":[1]}}]}"#.to_owned(), "Unsupported anything-but pattern: numeric"),
        (r#"{"a":[{"prefix":1}]}"#.to_owned(), "prefix match pattern must be a string"),
        (json!({"$or": many(1001)}).to_string(), "Event pattern is longer than 4096 characters"),
        (
            json!({"$or": many(40), "d": {"$or": many(40)}}).to_string(),
            "Event pattern has more than 1000 combinations of $or",
        ),
    ];
    for (text, why) in table {
        assert_eq!(EventPattern::parse(&text).expect_err(&text), why);
    }
}
