//! Listing, in pages, and keys that are hard to write down.

use std::collections::BTreeSet;

use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{Delete, EncodingType, ObjectIdentifier};
use futures_util::{StreamExt as _, stream};

use crate::common::start;

#[tokio::test]
async fn a_listing_of_2500_keys_comes_in_pages() {
    let fixture = start().await;
    let puts = stream::iter(0..2500).map(|number| {
        let put = fixture.s3.put_object().bucket("photos").key(format!("{}/{number:04}", number % 5));
        async move { put.body(ByteStream::from_static(b"x")).send().await.unwrap() }
    });
    puts.buffer_unordered(16).for_each(|_| async {}).await;

    let mut pages = fixture.s3.list_objects_v2().bucket("photos").into_paginator().send();
    let (mut sizes, mut keys) = (Vec::new(), Vec::new());
    while let Some(page) = pages.next().await {
        let page = page.unwrap();
        sizes.push(page.key_count().unwrap());
        keys.extend(page.contents().iter().map(|object| object.key().unwrap().to_owned()));
    }
    assert_eq!(sizes, [1000, 1000, 500]);
    let mut sorted: Vec<String> = (0..2500).map(|number| format!("{}/{number:04}", number % 5)).collect();
    sorted.sort();
    assert_eq!(keys, sorted);

    let folders = fixture.s3.list_objects_v2().bucket("photos").delimiter("/").max_keys(2).send().await.unwrap();
    let prefixes: Vec<_> = folders.common_prefixes().iter().filter_map(|one| one.prefix()).collect();
    assert_eq!((prefixes, folders.is_truncated(), folders.key_count()), (vec!["0/", "1/"], Some(true), Some(2)));
    let token = folders.next_continuation_token().unwrap();
    let rest = fixture.s3.list_objects_v2().bucket("photos").delimiter("/").continuation_token(token);
    let rest = rest.send().await.unwrap();
    assert_eq!((rest.common_prefixes().len(), rest.is_truncated()), (3, Some(false)));

    let after = fixture.s3.list_objects_v2().bucket("photos").prefix("4/").start_after("4/2490").send().await.unwrap();
    assert_eq!(after.contents()[0].key(), Some("4/2494"));
    let old = fixture.s3.list_objects().bucket("photos").delimiter("/").max_keys(1).send().await.unwrap();
    assert_eq!(old.next_marker(), Some("0/"));
    let old = fixture.s3.list_objects().bucket("photos").delimiter("/").marker("0/").max_keys(1).send().await.unwrap();
    assert_eq!(old.common_prefixes()[0].prefix(), Some("1/"));
    let error = fixture.s3.list_objects_v2().bucket("photos").continuation_token("?").send().await.unwrap_err();
    assert_eq!(error.into_service_error().meta().code(), Some("InvalidArgument"));
}

#[tokio::test]
async fn any_key_makes_the_whole_round() {
    let fixture = start().await;
    let longest = "🐈".repeat(256);
    let keys = [
        "a//b",
        "/leading",
        "trailing/",
        "../up",
        ".",
        "a b+c%20d&e=f?g#h",
        "new\nline",
        "carriage\rreturn",
        "tab\t",
        "\u{1b}]0;x\u{7}",
        "\u{202e}gnp.exe",
        "é e\u{301}",
        "<>&\"'",
        "\u{1}\u{1f}\u{7f}",
        &longest,
    ];
    for key in keys {
        let put = fixture.s3.put_object().bucket("photos").key(key).body(ByteStream::from_static(b"x"));
        put.send().await.unwrap_or_else(|error| panic!("put {key:?}: {error:?}"));
        let got = fixture.s3.get_object().bucket("photos").key(key).send().await;
        got.unwrap_or_else(|error| panic!("get {key:?}: {error:?}"));
    }
    let wanted: BTreeSet<String> = keys.iter().map(ToString::to_string).collect();
    let plain = fixture.s3.list_objects_v2().bucket("photos").send().await.unwrap();
    let found: BTreeSet<_> = plain.contents().iter().map(|object| object.key().unwrap().to_owned()).collect();
    assert_eq!(found, wanted);

    let encoded = fixture.s3.list_objects_v2().bucket("photos").encoding_type(EncodingType::Url).send().await.unwrap();
    let decode = |key: &str| {
        let spaced = key.replace('+', " ");
        percent_encoding::percent_decode_str(&spaced).decode_utf8().unwrap().into_owned()
    };
    let found: BTreeSet<_> = encoded.contents().iter().map(|object| decode(object.key().unwrap())).collect();
    assert_eq!(found, wanted);

    let objects = keys.iter().map(|key| ObjectIdentifier::builder().key(*key).build().unwrap()).collect();
    let delete = Delete::builder().set_objects(Some(objects)).build().unwrap();
    let deleted = fixture.s3.delete_objects().bucket("photos").delete(delete).send().await.unwrap();
    assert_eq!((deleted.deleted().len(), deleted.errors().len()), (keys.len(), 0));
    assert_eq!(fixture.s3.list_objects_v2().bucket("photos").send().await.unwrap().contents().len(), 0);

    let error = fixture.s3.put_object().bucket("photos").key("k".repeat(1025)).send().await.unwrap_err();
    assert_eq!(error.into_service_error().meta().code(), Some("KeyTooLongError"));
}
