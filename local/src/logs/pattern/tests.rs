//! The cases follow the examples and rules of the user guide of CloudWatch Logs.

use proptest::prelude::*;

use super::Pattern;

fn matches(pattern: &str, message: &str) -> bool {
    Pattern::parse(pattern).unwrap_or_else(|bad| panic!("{pattern}: {}", bad.0)).matches(message)
}

#[test]
fn text_patterns() {
    for (pattern, message, expected) in [
        ("", "anything", true),
        ("  ", "anything", true),
        ("ERROR", "[ERROR 400] BAD REQUEST", true),
        ("ERROR", "[error 400]", false),
        ("Exception", "java.lang.NullPointerException", true),
        ("ERROR ARGUMENTS", "ERROR 419 MISSING ARGUMENTS", true),
        ("ERROR ARGUMENTS", "ERROR 400", false),
        ("?ERROR ?WARN", "WARN low", true),
        ("?ERROR ?WARN", "INFO", false),
        ("?WARN ERROR", "ERROR", true),
        ("?WARN ERROR", "WARN", false),
        ("\"INTERNAL SERVER ERROR\"", "500 INTERNAL SERVER ERROR", true),
        ("\"INTERNAL SERVER ERROR\"", "INTERNAL ERROR SERVER", false),
        ("ERROR -ARGUMENTS", "ERROR 400", true),
        ("ERROR -ARGUMENTS", "ERROR 419 MISSING ARGUMENTS", false),
        ("-\"a b\"", "a c b", true),
        ("-\"a b\"", "x a b", false),
        ("\"79b5e81f-1\"", "id 79b5e81f-1 end", true),
        (r#""say \"hi\"""#, r#"they say "hi""#, true),
    ] {
        assert_eq!(matches(pattern, message), expected, "{pattern} on {message}");
    }
}

const MESSAGE: &str = r#"{"level":"ERROR","eventType":"UpdateTrail","sourceIPAddress":"111.111.111.111","status":404,
    "arrayKey":["value","another value"],"objectList":[{"name":"a","id":1},{"name":"b","id":2}],"nothing":null,
    "ok":true,"off":false,"latency":1.5,"a":{"b":4},"a key":{"c.d":"x"},"zero":"0"}"#;

#[test]
fn json_patterns() {
    for (pattern, expected) in [
        (r#"{ $.level = "ERROR" }"#, true),
        (r#"{$.level="ERROR"}"#, true),
        (r#"{ $.level = "error" }"#, false),
        (r"{ $.level = ERROR }", true),
        (r#"{ $.level != "ERROR" }"#, false),
        (r#"{ $.level != "WARN" }"#, true),
        (r#"{ $.missing != "WARN" }"#, false),
        (r"{ $.a != 4 }", false),
        (r#"{ $.eventType = "Update*" }"#, true),
        (r#"{ $.eventType = "*Trail" }"#, true),
        (r#"{ $.eventType = "U*d*T*l" }"#, true),
        (r#"{ $.eventType = "Update" }"#, false),
        (r#"{ $.eventType = "*x*" }"#, false),
        ("{ $.sourceIPAddress != 123.123.* }", true),
        ("{ $.sourceIPAddress = 111.111.* }", true),
        ("{ $.status = 404 }", true),
        ("{ $.status = 4.04e2 }", true),
        ("{ $.status = 4* }", true),
        ("{ $.status = 40 }", false),
        ("{ $.status > 400 && $.status <= 404 }", true),
        ("{ $.status < 404 }", false),
        ("{ $.status >= 404.0 }", true),
        ("{ $.latency > 1.4 }", true),
        ("{ $.level > 1 }", false),
        ("{ $.zero = 0 }", true),
        (r#"{ $.arrayKey[0] = "value" }"#, true),
        (r#"{ $.arrayKey[2] = "value" }"#, false),
        (r#"{ $.arrayKey[*] = "another*" }"#, true),
        ("{ $.objectList[1].id = 2 }", true),
        ("{ $.objectList[*].id = 3 }", false),
        ("{ $.objectList.id = 2 }", false),
        ("{ $.nothing IS NULL }", true),
        ("{ $.missing IS NULL }", false),
        ("{ $.missing NOT EXISTS }", true),
        ("{ $.nothing NOT EXISTS }", false),
        ("{ $.a.b NOT EXISTS }", false),
        ("{ $.ok IS TRUE }", true),
        ("{ $.ok IS FALSE }", false),
        ("{ $.off IS FALSE }", true),
        (r#"{ $.level = "WARN" || $.a.b = 4 }"#, true),
        (r#"{ $.level = "ERROR" || $.a.b = 4 && $.a.b = 5 }"#, true),
        (r#"{ ($.level = "ERROR" || $.a.b = 4) && $.a.b = 5 }"#, false),
        (r#"{ ( ( $.level = "ERROR" ) ) && ($.a.b != 3) }"#, true),
        (r#"{ $['a key']['c.d'] = "x" }"#, true),
        (r#"{ $.["a key"].["c.d"] = "x" }"#, true),
        ("{ $.level = * }", true),
        ("{ $.missing = * }", false),
    ] {
        assert_eq!(matches(pattern, MESSAGE), expected, "{pattern}");
    }
    assert!(!matches(r#"{ $.level = "ERROR" }"#, "ERROR, but no JSON"));
}

#[test]
fn what_is_not_understood_is_refused() {
    for pattern in [
        "79b5e81f-1",
        "a.b",
        "\"open",
        "-",
        "?",
        "%regex%",
        "[ip, user]",
        "{",
        "{}",
        "{ $.a }",
        "{ $.a = }",
        "{ $.a == 1 }",
        "{ $.a > \"x\" }",
        "{ $.a > nan }",
        "{ $.a IS 3 }",
        "{ a = 1 }",
        "{ $ = 1 }",
        "{ $. = 1 }",
        "{ $.a[x] = 1 }",
        "{ ($.a = 1 }",
        "{ $.a = 1) }",
        "{ $.a = 1 && }",
        "{ $.a = 1 $.b = 2 }",
        "{ $.a = %x% }",
        "{ $.a = \"x }",
    ] {
        assert!(Pattern::parse(pattern).is_err(), "{pattern}");
    }
    assert!(Pattern::parse(&format!("{{ {}$.a = 1{} }}", "(".repeat(200), ")".repeat(200))).is_err());
    assert!(Pattern::parse(&"a".repeat(1025)).is_err());
}

proptest! {
    #[test]
    fn parsing_and_matching_never_panic(pattern in ".{0,60}", message in ".{0,60}") {
        if let Ok(pattern) = Pattern::parse(&pattern) {
            pattern.matches(&message);
        }
    }

    /// Made of the words of the syntax, so that parsing gets far.
    #[test]
    fn nearly_valid_patterns_never_panic(
        words in proptest::collection::vec(
            prop::sample::select(vec![
                "{", "}", "(", ")", "&&", "||", "=", "!=", "<", ">=", "$.a", "$.b[0].c", "$['é']", "$[*", "\"", "\"x*\"", "*",
                "1e400", "-1", "IS", "NULL", "NOT", "EXISTS", "?x", "-y", "é", "%", "\\", " ",
            ]),
            0..14,
        )
    ) {
        for pattern in [words.concat(), format!("{{ {} }}", words.join(" "))] {
            if let Ok(pattern) = Pattern::parse(&pattern) {
                pattern.matches(MESSAGE);
            }
        }
    }

    #[test]
    fn a_quoted_term_matches_the_messages_that_hold_it(before in ".{0,9}", term in "[^\"\\\\]{1,9}", after in ".{0,9}") {
        let pattern = format!("\"{term}\"");
        let message = format!("{before}{term}{after}");
        prop_assert!(matches(&pattern, &message));
    }
}
