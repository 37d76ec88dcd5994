//! Tags of objects, as recorded in `TestS3BucketObjectTagging`.

use aws_sdk_s3::error::ProvideErrorMetadata as _;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{BucketVersioningStatus, Tag, Tagging, TaggingDirective, VersioningConfiguration};

use crate::common::{Fixture, raw, start};

fn tagging(tags: &[(&str, &str)]) -> Tagging {
    let tag = |(key, value): &(&str, &str)| Tag::builder().key(*key).value(*value).build().unwrap();
    Tagging::builder().set_tag_set(Some(tags.iter().map(tag).collect())).build().unwrap()
}

async fn tags(fixture: &Fixture, key: &str, version: Option<&str>) -> Vec<(String, String)> {
    let get = fixture.s3.get_object_tagging().bucket("photos").key(key).set_version_id(version.map(str::to_owned));
    let got = get.send().await.unwrap();
    got.tag_set().iter().map(|tag| (tag.key().to_owned(), tag.value().to_owned())).collect()
}

fn expected(tags: &[(&str, &str)]) -> Vec<(String, String)> {
    tags.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

#[tokio::test]
async fn tags_are_set_counted_replaced_and_deleted() {
    let fixture = start().await;
    let s3 = &fixture.s3;
    let put = || s3.put_object().bucket("photos").key("k").body(ByteStream::from_static(b"x"));
    put().tagging("tag1=tag1&tag2=tag2&tag=").send().await.unwrap();
    assert_eq!(tags(&fixture, "k", None).await, expected(&[("tag", ""), ("tag1", "tag1"), ("tag2", "tag2")]));
    let set = s3.put_object_tagging().bucket("photos").key("k").tagging(tagging(&[("tag3", "tag3")]));
    set.send().await.unwrap();
    assert_eq!(tags(&fixture, "k", None).await, expected(&[("tag3", "tag3")]));
    assert_eq!(s3.get_object().bucket("photos").key("k").send().await.unwrap().tag_count(), Some(1));
    assert_eq!(s3.head_object().bucket("photos").key("k").send().await.unwrap().tag_count(), Some(1));
    s3.delete_object_tagging().bucket("photos").key("k").send().await.unwrap();
    assert_eq!(tags(&fixture, "k", None).await, []);
    assert_eq!(s3.get_object().bucket("photos").key("k").send().await.unwrap().tag_count(), None);
    put().tagging("a=b").send().await.unwrap();
    put().send().await.unwrap();
    assert_eq!(tags(&fixture, "k", None).await, [], "a new object has no tags of the old one");
    put().tagging("wrongquery&wrongagain").send().await.unwrap();
    assert_eq!(tags(&fixture, "k", None).await, expected(&[("wrongagain", ""), ("wrongquery", "")]));
}

#[tokio::test]
async fn a_copy_and_an_upload_in_parts_have_tags() {
    let fixture = start().await;
    let s3 = &fixture.s3;
    s3.put_object().bucket("photos").key("k").tagging("key1=value1").send().await.unwrap();
    let copy = |directive| {
        let copy = s3.copy_object().bucket("photos").key("copy").copy_source("photos/k").tagging("key2=value2");
        copy.set_tagging_directive(directive).send()
    };
    for directive in [None, Some(TaggingDirective::Copy)] {
        copy(directive).await.unwrap();
        assert_eq!(tags(&fixture, "copy", None).await, expected(&[("key1", "value1")]));
    }
    copy(Some(TaggingDirective::Replace)).await.unwrap();
    assert_eq!(tags(&fixture, "copy", None).await, expected(&[("key2", "value2")]));

    let created = s3.create_multipart_upload().bucket("photos").key("parts").tagging("a=b").send().await.unwrap();
    let id = created.upload_id().unwrap();
    let sent = s3.upload_part().bucket("photos").key("parts").upload_id(id).part_number(1);
    let sent = sent.body(ByteStream::from_static(b"x")).send().await.unwrap();
    let part = aws_sdk_s3::types::CompletedPart::builder().part_number(1).set_e_tag(sent.e_tag).build();
    let parts = aws_sdk_s3::types::CompletedMultipartUpload::builder().parts(part).build();
    let complete = s3.complete_multipart_upload().bucket("photos").key("parts").upload_id(id).multipart_upload(parts);
    complete.send().await.unwrap();
    assert_eq!(tags(&fixture, "parts", None).await, expected(&[("a", "b")]));
}

#[tokio::test]
async fn each_version_has_its_tags_and_a_delete_marker_none() {
    let fixture = start().await;
    let s3 = &fixture.s3;
    let enabled = VersioningConfiguration::builder().status(BucketVersioningStatus::Enabled).build();
    s3.put_bucket_versioning().bucket("photos").versioning_configuration(enabled).send().await.unwrap();
    let put = || s3.put_object().bucket("photos").key("k");
    let first = put().tagging("test_tag=tagv1").send().await.unwrap().version_id.unwrap();
    let second = put().send().await.unwrap().version_id.unwrap();
    let set = s3.put_object_tagging().bucket("photos").key("k").tagging(tagging(&[("tag3", "tag3")]));
    assert_eq!(set.send().await.unwrap().version_id(), Some(second.as_str()));
    assert_eq!(tags(&fixture, "k", Some(&first)).await, expected(&[("test_tag", "tagv1")]));
    assert_eq!(tags(&fixture, "k", Some(&second)).await, expected(&[("tag3", "tag3")]));
    let marker = s3.delete_object().bucket("photos").key("k").send().await.unwrap().version_id.unwrap();
    for version in [None, Some(marker)] {
        let get = s3.get_object_tagging().bucket("photos").key("k").set_version_id(version.clone()).send().await;
        let delete = s3.delete_object_tagging().bucket("photos").key("k").set_version_id(version).send().await;
        assert_eq!(get.unwrap_err().code(), Some("MethodNotAllowed"));
        assert_eq!(delete.unwrap_err().code(), Some("MethodNotAllowed"));
    }
}

#[tokio::test]
async fn wrong_tags_are_refused() {
    let fixture = start().await;
    let s3 = &fixture.s3;
    s3.put_object().bucket("photos").key("k").send().await.unwrap();
    let eleven: Vec<(String, &str)> = (0..11).map(|number| (format!("k{number}"), "v")).collect();
    let eleven: Vec<(&str, &str)> = eleven.iter().map(|(key, value)| (key.as_str(), *value)).collect();
    let long = "x".repeat(257);
    for (list, code, message) in [
        (vec![("Key1", "a"), ("Key1", "b")], "InvalidTag", "Cannot provide multiple Tags with the same key"),
        (vec![("Key1,Key2", "a")], "InvalidTag", "The TagKey you have provided is invalid"),
        (vec![("aws:prefixed", "a")], "InvalidTag", "Your TagKey cannot be prefixed with aws:"),
        (vec![("Key1", "Val1,Val2")], "InvalidTag", "The TagValue you have provided is invalid"),
        (vec![("Key1", &long)], "InvalidTag", "The TagValue you have provided is invalid"),
        (vec![(&long[..129], "a")], "InvalidTag", "The TagKey you have provided is invalid"),
        (eleven, "BadRequest", "Object tags cannot be greater than 10"),
    ] {
        let set = s3.put_object_tagging().bucket("photos").key("k").tagging(tagging(&list)).send().await.unwrap_err();
        assert_eq!((set.code(), set.message()), (Some(code), Some(message)), "{list:?}");
    }
    let missing = s3.get_object_tagging().bucket("photos").key("none").send().await.unwrap_err();
    assert_eq!(missing.code(), Some("NoSuchKey"));
    for header in ["key1=val1&key1=val2", "key1=val1,key2=val2"] {
        let answer = raw(fixture.cloud.endpoint(), "PUT /photos/k", &[("x-amz-tagging", header)], b"x").await;
        let message =
            "The header &apos;x-amz-tagging&apos; shall be encoded as UTF-8 then URLEncoded URL query parameters";
        answer.expect(400, &["<Code>InvalidArgument</Code>", message]);
    }
    let body = b"<Tagging><TagSet><Tag><Key>a</Key></Tag></TagSet></Tagging>";
    let answer = raw(fixture.cloud.endpoint(), "PUT /photos/k?tagging", &[], body).await;
    answer.expect(400, &["<Code>MalformedXML</Code>"]);
    assert_eq!(tags(&fixture, "k", None).await, []);
}
