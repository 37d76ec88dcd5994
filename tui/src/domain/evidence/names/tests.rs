//! Forms of lines as functions print them, with keys that are hard to tell apart.

use super::*;

const KEYS: [&str; 12] = [
    "in/photo.png",
    "in/a b.png",
    "in/a+b.png",
    "in/é.png",
    "in/🐈 1.png",
    "in/100%2F.png",
    "in/photo.png.png",
    "x/in/photo.png",
    "in/it's \"it\".png",
    "in/new (1), final.png",
    "plain",
    "deep/er/and/deeper/photo 2.png",
];

fn write(key: &str) -> Write {
    let number = KEYS.iter().position(|known| *known == key).unwrap_or(99);
    Write {
        bucket: "images".into(),
        key: key.into(),
        e_tag: Some(Clean::new(&format!("d41d8cd98f00b204e9800998ecf842{number:02}"))),
        version_id: Some(Clean::new(&format!("096fKKXTRTtl3on89fVO.nfljtsv6q{number:02}"))),
        sequencer: Some(Clean::new(&format!("0055AED6DCD9028{number:03}"))),
        s3_request_id: Some(Clean::new(&format!("C3D13FE58DE4C8{number:02}"))),
    }
}

fn known(keys: &[&str]) -> KnownNames {
    let mut known = KnownNames::default();
    for key in keys {
        known.add(&write(key));
    }
    known
}

fn keys(found: &BTreeSet<Name>) -> Vec<&str> {
    found.iter().filter_map(|name| if let Name::Key(object) = name { Some(object.key.raw()) } else { None }).collect()
}

fn parts(found: &BTreeSet<Name>) -> Vec<&str> {
    found
        .iter()
        .filter_map(|name| if let Name::KeyPart(object) = name { Some(object.key.raw()) } else { None })
        .collect()
}

/// The key as S3's events have it.
fn event(write: &Write) -> serde_json::Value {
    let clean = |id: &Option<Clean>| id.as_ref().map(|id| id.raw().to_owned());
    serde_json::json!({"Records": [{
        "eventSource": "aws:s3",
        "responseElements": {"x-amz-request-id": clean(&write.s3_request_id)},
        "s3": {"bucket": {"name": "images"}, "object": {
            "key": encoded(write.key.raw()), "eTag": clean(&write.e_tag), "versionId": clean(&write.version_id),
            "sequencer": clean(&write.sequencer),
        }},
    }]})
}

/// As Python's `json.dumps` writes it.
fn ascii(text: &str) -> String {
    let mut out = String::new();
    for unit in text.encode_utf16() {
        match u8::try_from(unit).ok().filter(u8::is_ascii) {
            Some(byte) => out.push(char::from(byte)),
            None => out.push_str(&format!("\\u{unit:04x}")),
        }
    }
    out
}

/// Every form in which a function may print the key, among all other keys, names that key and no other.
#[test]
fn a_line_names_the_key_that_it_prints() {
    for key in KEYS {
        // One text may be a form of two keys: a case of its own.
        let others = |other: &&str| *other == key || forms(other).is_disjoint(&forms(key));
        let names = known(&KEYS.into_iter().filter(others).collect::<Vec<_>>());
        let form = encoded(key);
        let json = serde_json::Value::from(key);
        let event = event(&write(key));
        let body = serde_json::Value::from(event.to_string());
        let nested = serde_json::Value::from(
            serde_json::json!({"Type": "Notification", "Message": event.to_string()}).to_string(),
        );
        let ascii = ascii(&json.to_string());
        for line in [
            key.to_owned(),
            form.clone(),
            format!("s3://images/{key}"),
            format!("reading s3://images/{key}"),
            format!("https://images.s3.eu-west-1.amazonaws.com/{form}"),
            format!("arn:aws:s3:::images/{form}"),
            format!("Key: {key}"),
            format!("key={form}"),
            format!("\"key\": \"{form}\","),
            format!("{{\"level\":\"INFO\",\"message\":\"new object\",\"key\":{json}}}"),
            format!("{{\"key\": {ascii}}}"),
            format!("2026-11-29T01:00:00.000Z\t79b5e81f-3c1d-4d5e-9a4e-0f6a2f3b7c11\tINFO\ts3://images/{key}"),
            event.to_string(),
            serde_json::to_string_pretty(&event).unwrap(),
            format!("{{\"Records\":[{{\"messageId\":\"1\",\"body\":{body}}}]}}"),
            format!("{{\"Records\":[{{\"messageId\":\"1\",\"body\":{nested}}}]}}"),
            format!("{{'Records': [{{'s3': {{'object': {{'key': '{form}', 'size': 1}}}}}}]}}"),
        ] {
            assert_eq!(keys(&names.find(&line)), [key], "{line}");
        }
    }
}

#[test]
fn a_key_within_another_key_is_not_named() {
    let names = known(&["photo.png", "in/photo", "b.png", "a", "in/a", "final.png"]);
    for line in [
        "in/photo.png.png",
        "x/in/photo.png",
        "in/a b.png",
        "new object in/a b.png",
        "myphoto.png",
        "photo.png2",
        "photo.png/thumb",
        "other/photo.png",
        "s3://others/photo.png",
        "s3://my-images/photo.png",
        "https://others.s3.amazonaws.com/photo.png",
        "a word, and a dog",
        "{\"a\":1,\"id\":\"a\"}",
        "x/new b.png",
        "b.png v2.png",
        "photo.png(1)",
        "%2Fphoto.png",
    ] {
        assert_eq!(keys(&names.find(line)), Vec::<&str>::new(), "{line}");
    }
    for (line, key) in [
        ("File uploaded to bucket images with key photo.png", "photo.png"),
        ("photo.png was uploaded.", "photo.png"),
        ("Done with photo.png.", "photo.png"),
        ("[photo.png]", "photo.png"),
        ("got b.png, size 3", "b.png"),
        ("key: a", "a"),
    ] {
        assert_eq!(keys(&names.find(line)), [key], "{line}");
    }
}

/// One text can be the decoded form of one key and the encoded form of another: it names both, so that neither is sure.
#[test]
fn a_form_of_two_keys_names_both() {
    let names = known(&["in/a b.png", "in/a+b.png", "in/é.png"]);
    assert_eq!(keys(&names.find("in/a+b.png")), ["in/a b.png", "in/a+b.png"]);
    assert_eq!(keys(&names.find("in/a b.png")), ["in/a b.png"]);
    assert_eq!(keys(&names.find("in/a%2Bb.png")), ["in/a+b.png"]);
}

#[test]
fn the_last_part_is_weaker_and_never_within_another_path() {
    let names = known(&["in/photo.png", "x/photo.png", "in/only.png"]);
    assert_eq!(parts(&names.find("resizing photo.png")), ["in/photo.png", "x/photo.png"]);
    assert_eq!(parts(&names.find("resizing /tmp/only.png")), ["in/only.png"]);
    assert_eq!(parts(&names.find("resizing '/tmp/3f2a/only.png'")), ["in/only.png"]);
    assert_eq!(parts(&names.find("resizing other/only.png")), Vec::<&str>::new());
    let found = names.find("in/only.png");
    assert_eq!((keys(&found), parts(&found)), (vec!["in/only.png"], vec![]));
}

#[test]
fn a_last_part_that_too_many_have_names_none_of_them() {
    let objects = |number: usize| (0..number).map(|n| format!("users/{n:02}/avatar.png")).collect::<Vec<_>>();
    for (number, named) in [(32, 32), (33, 0), (50, 0)] {
        let objects = objects(number);
        let once: Vec<&str> = objects.iter().map(String::as_str).collect();
        // The same object again is no other one.
        let twice = [once.as_slice(), once.as_slice()].concat();
        for names in [known(&once), known(&twice)] {
            assert_eq!(parts(&names.find("thumbnail of avatar.png, avatar.png")).len(), named, "{number}");
            assert_eq!(keys(&names.find("thumbnail of users/07/avatar.png")), ["users/07/avatar.png"]);
        }
    }
}

/// What a line costs grows with its length alone: not with how often it repeats a name, nor with how many uploads have it.
/// Where it did, the slowest of these took minutes.
#[test]
fn no_line_takes_long() {
    let mut names = KnownNames::default();
    for n in 0..2_000 {
        let e_tag = Some(Clean::new(&format!("d41d8cd98f00b204e9800998ecf8{n:04}")));
        for key in [
            format!("users/{n}/avatar.png"),
            format!("{}{n}.png", "a/".repeat(100)),
            format!("{n}/id"),
            "again.png".into(),
        ] {
            names.add(&Write { e_tag: e_tag.clone(), ..write(&key) });
        }
    }
    let long = |piece: &str| piece.repeat(64 * 1024 / piece.len());
    let began = std::time::Instant::now();
    for line in [
        long("x/avatar.png "),
        long("x/avatar.png,"),
        long("/tmp/avatar.png,"),
        long("/x/avatar.png\\"),
        long("avatar.png, "),
        long("again.png d41d8cd98f00b204e9800998ecf80000 "),
        long("a/"),
        format!("{}{}", " ".repeat(32 * 1024), long("id,")),
        long("\""),
        long("\\"),
        long("%2F"),
    ] {
        names.find(&line);
    }
    let took = began.elapsed();
    assert!(took < std::time::Duration::from_secs(20), "{took:?}");
}

#[test]
fn ids_are_bare_tokens_at_every_depth() {
    let names = known(&KEYS);
    let it = write("in/new (1), final.png");
    let mut line = event(&it).to_string();
    for depth in 0..4 {
        let found = names.find(&line);
        for name in [
            Name::S3RequestId(it.s3_request_id.clone().unwrap()),
            Name::VersionId(it.version_id.clone().unwrap()),
            Name::Sequencer(it.sequencer.clone().unwrap()),
            Name::ETag(it.e_tag.clone().unwrap()),
        ] {
            assert!(found.contains(&name), "{depth}: {name:?}");
        }
        assert_eq!(
            found.len(),
            8,
            "{depth}: these, the key alone and with its tag, and that it is an event: {found:?}"
        );
        line = serde_json::json!({ "body": line }).to_string();
    }
    for other in ["C3D13FE58DE4C809X", "xC3D13FE58DE4C809", "C3D13FE5 8DE4C801", "null", "", "c3d13fe58de4c809"] {
        assert_eq!(names.find(other), BTreeSet::new(), "{other}");
    }
    assert_eq!(names.find("request C3D13FE58DE4C809.").len(), 1, "a sentence ends behind it");
}

#[test]
fn messages_are_found_by_their_id() {
    let mut names = KnownNames::default();
    let id = Clean::new("3f2a9c1e-0000-5000-8000-000000000001");
    names.add_message(&id);
    assert_eq!(names.find(&format!("{{'MessageId': '{}'}}", id.raw())), BTreeSet::from([Name::MessageId(id)]));
}

proptest::proptest! {
    /// Nothing is named but what stands in the line, in some form.
    #[test]
    fn only_what_is_there_is_named(line in "(photo|in/|a|b|\\.png| |\\+|%2F|/|'|\"|\\\\|\\\\u00e9|é|🐈|images/){0,14}") {
        let names = known(&KEYS);
        let plain = unescape::all(&line).into_owned();
        for name in names.find(&line) {
            let text = match &name {
                Name::Key(object) => object.key.raw().to_owned(),
                Name::KeyPart(object) => file_name(object.key.raw()).to_owned(),
                other => panic!("{other:?}"),
            };
            let is_there = forms(&text).iter().any(|form| line.contains(form) || plain.contains(form));
            proptest::prop_assert!(is_there, "{:?} in {}", name, line);
        }
    }
}
