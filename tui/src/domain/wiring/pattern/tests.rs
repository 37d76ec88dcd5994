use imgwatch_shared::event_pattern::EventPattern as Whole;

use super::Matches::{Depends, No, NotKnown, Yes};
use super::*;

fn event(key: Option<&'static str>) -> ObjectCreated<'static> {
    ObjectCreated {
        bucket: "photos",
        partition: "aws",
        account: Some("123456789012"),
        region: Some("eu-west-1"),
        key,
        size: key.map(|_| 1_000),
    }
}

fn matches(pattern: &str, key: Option<&'static str>) -> Matches {
    EventPattern::new(pattern).matches(&event(key))
}

/// A test of the key alone.
fn of_key(test: &str, key: &'static str) -> Matches {
    matches(&format!(r#"{{"detail":{{"object":{{"key":[{test}]}}}}}}"#), Some(key))
}

#[test]
fn rules_of_other_events_buckets_and_accounts_do_not_match() {
    for (pattern, expected) in [
        (r#"{"source":["aws.s3"]}"#, Yes),
        (r#"{"source":["aws.s3"],"detail-type":["Object Created"]}"#, Yes),
        (r#"{"source":["aws.s3"],"detail-type":["Object Deleted","Object Created"]}"#, Yes),
        (r#"{"source":["aws.s3"],"detail-type":["Object Deleted"]}"#, No),
        (r#"{"source":["aws.ec2"]}"#, No),
        (r#"{"source":[{"prefix":"aws."}],"detail":{"bucket":{"name":["photos"]}}}"#, Yes),
        (r#"{"source":["aws.s3"],"detail":{"bucket":{"name":["other"]}}}"#, No),
        (r#"{"detail":{"bucket":{"name":[{"suffix":"tos"}]}}}"#, Yes),
        (r#"{"account":["123456789012"]}"#, Yes),
        (r#"{"account":["210987654321"]}"#, No),
        (r#"{"region":["us-east-1"]}"#, No),
        (r#"{"resources":["arn:aws:s3:::photos"]}"#, Yes),
        (r#"{"resources":["arn:aws:s3:::other"]}"#, No),
        // CloudTrail's events of S3 have another detail-type.
        (r#"{"detail-type":["AWS API Call via CloudTrail"],"detail":{"eventName":["PutObject"]}}"#, No),
        (r#"{"detail":{"eventName":["PutObject"]}}"#, No),
        (r#"{"detail":{"reason":["PutObject","POST Object","CopyObject"]}}"#, Depends),
        (r#"{"detail":{"reason":["DeleteObject"]}}"#, No),
        (r#"{"detail":{"deletion-type":[{"exists":false}]}}"#, Yes),
        (r#"{"detail":{"request-id":[{"exists":true}]}}"#, Yes),
        (r#"{"detail":{"object":{"version-id":[{"exists":true}]}}}"#, Depends),
        // It is about leaves.
        (r#"{"detail":[{"exists":true}]}"#, No),
        ("{}", Yes),
    ] {
        assert_eq!(matches(pattern, None), expected, "{pattern}");
    }
}

#[test]
fn what_depends_on_the_key_says_so_until_the_key_is_known() {
    for (test, hit, miss) in [
        (r#"{"prefix":"in/"}"#, "in/cat.jpg", "cat.jpg"),
        (r#"{"prefix":{"equals-ignore-case":"IN/"}}"#, "in/cat.jpg", "cat.jpg"),
        (r#"{"suffix":".jpg"}"#, "cat.jpg", "cat.JPG"),
        (r#"{"suffix":{"equals-ignore-case":".jpg"}}"#, "cat.JPG", "cat.png"),
        (r#"{"equals-ignore-case":"CAT.jpg"}"#, "cat.JPG", "cat.jpg.png"),
        (r#"{"wildcard":"in/*/thumb-*.jpg"}"#, "in/2026/11/thumb-1.jpg", "in/thumb-1.jpg"),
        (r#"{"wildcard":"a\\*b"}"#, "a*b", "axb"),
        (r#"{"anything-but":"cat.jpg"}"#, "dog.jpg", "cat.jpg"),
        (r#"{"anything-but":["cat.jpg","dog.jpg"]}"#, "cow.jpg", "dog.jpg"),
        (r#"{"anything-but":{"prefix":"out/"}}"#, "in/cat.jpg", "out/cat.jpg"),
        (r#"{"anything-but":{"prefix":["out/","tmp/"]}}"#, "in/cat.jpg", "tmp/cat.jpg"),
        (r#"{"anything-but":{"suffix":".tmp"}}"#, "cat.jpg", "cat.tmp"),
        (r#"{"anything-but":{"wildcard":"*/thumb/*"}}"#, "in/cat.jpg", "in/thumb/cat.jpg"),
        (r#"{"anything-but":{"equals-ignore-case":["CAT.JPG"]}}"#, "dog.jpg", "cat.jpg"),
        (r#""a b+c.jpg""#, "a b+c.jpg", "a+b%2Bc.jpg"),
    ] {
        assert_eq!(of_key(test, hit), Yes, "{test} {hit}");
        assert_eq!(of_key(test, miss), No, "{test} {miss}");
        let pattern = format!(r#"{{"detail":{{"object":{{"key":[{test}]}}}}}}"#);
        assert_eq!(matches(&pattern, None), Depends, "{test}");
    }
}

#[test]
fn an_empty_prefix_matches_everything_and_an_empty_wildcard_nothing() {
    assert_eq!(of_key(r#"{"prefix":""}"#, "cat.jpg"), Yes);
    assert_eq!(of_key(r#"{"suffix":""}"#, "cat.jpg"), Yes);
    assert_eq!(of_key(r#"{"wildcard":""}"#, "cat.jpg"), No);
    assert_eq!(of_key(r#"{"wildcard":"*"}"#, "cat.jpg"), Yes);
    // Two pieces cannot share what they match.
    assert_eq!(of_key(r#"{"wildcard":"aba*ba"}"#, "aba"), No);
}

#[test]
fn numbers_are_compared_and_texts_are_none() {
    let size = |test: &str| matches(&format!(r#"{{"detail":{{"object":{{"size":[{test}]}}}}}}"#), Some("k"));
    for (test, expected) in [
        (r#"{"numeric":[">",0,"<=",1000]}"#, Yes),
        (r#"{"numeric":["<",1000]}"#, No),
        (r#"{"numeric":[">=",1000]}"#, Yes),
        (r#"{"numeric":["=",1e3]}"#, Yes),
        ("1000", Yes),
        (r#""1000""#, No),
        (r#"{"anything-but":[0]}"#, Yes),
        (r#"{"anything-but":1000}"#, No),
        (r#"{"prefix":"10"}"#, No),
        (r#"{"numeric":["~",1000]}"#, NotKnown),
        (r#"{"numeric":[">"]}"#, NotKnown),
    ] {
        assert_eq!(size(test), expected, "{test}");
    }
    assert_eq!(of_key(r#"{"numeric":[">",0]}"#, "300"), No);
}

#[test]
fn addresses_are_compared_with_networks() {
    // An event that is to come has no address that is known.
    let pattern = r#"{"detail":{"source-ip-address":[{"cidr":"10.0.0.0/8"}]}}"#;
    assert_eq!(matches(pattern, Some("k")), Depends);
    for (network, address, expected) in [
        ("10.0.0.0/8", "10.9.8.7", Yes),
        ("10.0.0.0/8", "11.0.0.1", No),
        ("0.0.0.0/0", "11.0.0.1", Yes),
        ("2001:db8::/32", "2001:db8:1::1", Yes),
        ("2001:db8::/32", "10.0.0.1", No),
        ("10.0.0.1/32", "10.0.0.1", Yes),
    ] {
        assert_eq!(of_key(&format!(r#"{{"cidr":"{network}"}}"#), address), expected, "{network} {address}");
    }
    for no_network in ["office", "10.0.0.0/33"] {
        assert_eq!(of_key(&format!(r#"{{"cidr":"{no_network}"}}"#), "10.0.0.1"), NotKnown, "{no_network}");
    }
}

#[test]
fn alternatives_are_fields_of_their_own() {
    let pattern = r#"{"source":["aws.s3"],"detail":{"$or":[
        {"object":{"key":[{"prefix":"in/"}]}}, {"object":{"size":[{"numeric":[">",5000]}]}}]}}"#;
    for (key, expected) in [(Some("in/cat.jpg"), Yes), (Some("cat.jpg"), No), (None, Depends)] {
        assert_eq!(matches(pattern, key), expected, "{key:?}");
    }
}

#[test]
fn what_cannot_be_read_is_never_no() {
    for test in [
        r#"{"sounds-like":"cat"}"#,
        r#"{"prefix":["in/"]}"#,
        r#"{"prefix":"in/","suffix":".jpg"}"#,
        r#"{"anything-but":{"sounds-like":"cat"}}"#,
        r#"{"exists":"yes"}"#,
        "[]",
    ] {
        assert_eq!(of_key(test, "cat.jpg"), NotKnown, "{test}");
        // Another value of the list may match by itself.
        assert_eq!(of_key(&format!(r#"{test},"cat.jpg""#), "cat.jpg"), Yes, "{test}");
        // What does not match by what is known does not match.
        let other = format!(r#"{{"source":["aws.ec2"],"detail":{{"object":{{"key":[{test}]}}}}}}"#);
        assert_eq!(matches(&other, Some("cat.jpg")), No, "{test}");
    }
    for text in ["", "null", "[]", "no pattern", r#"{"source":"aws.s3"}"#] {
        assert_eq!(matches(text, Some("cat.jpg")), NotKnown, "{text}");
    }
}

#[test]
fn a_pattern_is_shown_by_what_it_asks() {
    for (pattern, shown) in [
        (
            r#"{"detail":{"object":{"key":[{"prefix":"in/"},{"suffix":".jpg"}]}}}"#,
            "object.key prefix in/ or suffix .jpg",
        ),
        (r#"{"source":["aws.s3"],"detail":{"bucket":{"name":["b"]}}}"#, "bucket.name b"),
        (r#"{"detail":{"object":{"size":[{"numeric":[">",0,"<=",5]}]}}}"#, "object.size > 0 and <= 5"),
        (r#"{"detail":{"object":{"key":[{"anything-but":{"prefix":"o/"}}]}}}"#, "object.key anything but prefix o/"),
        (
            r#"{"detail":{"$or":[{"reason":["CopyObject"]},{"requester":[{"exists":false}]}]}}"#,
            "either reason CopyObject or requester does not exist",
        ),
        ("nonsense", "a pattern that cannot be read"),
        (r#"{"source":["aws.s3"],"detail-type":["Object Created"]}"#, "every event"),
        (r#"{"detail":{"object":{"key":[{"wildcard":"in/*\\*.jpg"}]}}}"#, r"object.key wildcard in/*\*.jpg"),
        (
            r#"{"detail":{"object":{"key":[{"sounds-like":"a"}]}}}"#,
            r#"object.key {"sounds-like":"a"} (operator not known)"#,
        ),
        (r#"{"detail":{"object":"key"}}"#, "detail.object (cannot be read)"),
        ("{}", "every event"),
    ] {
        assert_eq!(EventPattern::new(pattern).to_string(), shown);
    }
}

/// What is certain before an event happens is what the local cloud decides once it has happened.
#[test]
fn what_is_certain_is_what_the_local_cloud_decides() {
    let keys = ["in/cat.jpg", "in/cat.JPG", "out/a b+c.jpg", "cat.png", "in/thumb/cat.jpg", "a*b"];
    let of_key = [
        r#""cat.png""#,
        r#"{"prefix":"in/"}"#,
        r#"{"prefix":{"equals-ignore-case":"IN/"}}"#,
        r#"{"suffix":".jpg"}"#,
        r#"{"suffix":{"equals-ignore-case":".JPG"}}"#,
        r#"{"equals-ignore-case":"CAT.PNG"}"#,
        r#"{"wildcard":"in/*.jpg"}"#,
        r#"{"wildcard":"*/thumb/*"}"#,
        r#"{"wildcard":"a\\*b"}"#,
        r#"{"anything-but":"cat.png"}"#,
        r#"{"anything-but":["cat.png","in/cat.jpg"]}"#,
        r#"{"anything-but":{"prefix":"in/"}}"#,
        r#"{"anything-but":{"suffix":[".jpg",".png"]}}"#,
        r#"{"anything-but":{"wildcard":"in/*"}}"#,
        r#"{"exists":true}"#,
        r#"{"exists":false}"#,
        r#"{"prefix":"in/"},{"suffix":".png"}"#,
    ];
    let of_key = of_key.map(|test| format!(r#"{{"detail":{{"object":{{"key":[{test}]}}}}}}"#));
    let others = [
        r#"{"source":["aws.s3"],"detail-type":["Object Created"]}"#,
        r#"{"detail":{"object":{"size":[{"numeric":[">",5,"<=",1000]}]}}}"#,
        r#"{"detail":{"object":{"size":[{"numeric":["=",5]}]}}}"#,
        r#"{"detail":{"bucket":{"name":["other","photos"]}}}"#,
        r#"{"resources":["arn:aws:s3:::photos"],"account":[{"anything-but":"1"}]}"#,
        r#"{"detail":{"deletion-type":[{"exists":false}]}}"#,
        r#"{"detail":{"$or":[{"object":{"key":[{"prefix":"in/"}]}},{"object":{"size":[{"numeric":["<",5]}]}}]}}"#,
    ];
    let mut certain = 0;
    for pattern in of_key.iter().map(String::as_str).chain(others) {
        let whole = Whole::parse(pattern).unwrap_or_else(|why| panic!("{pattern}: {why}"));
        for key in keys {
            let happened = serde_json::json!({
                "version": "0", "id": "1", "detail-type": "Object Created", "source": "aws.s3",
                "account": "123456789012", "time": "2026-03-04T15:04:05Z", "region": "eu-west-1",
                "resources": ["arn:aws:s3:::photos"],
                "detail": {
                    "version": "0", "bucket": {"name": "photos"},
                    "object": {"key": key, "size": 1000, "etag": "e", "sequencer": "s"},
                    "request-id": "r", "requester": "1", "source-ip-address": "1.2.3.4", "reason": "PutObject",
                },
            });
            let expected = matches(pattern, Some(key));
            if let Yes | No = expected {
                certain += 1;
                assert_eq!(whole.matches(&happened), expected == Yes, "{pattern} {key}");
            }
        }
    }
    assert!(certain > 100, "{certain}");
}
