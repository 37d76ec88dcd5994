//! Versions: kept, listed, read, deleted, and named in answers and events.

use std::collections::BTreeSet;

use aws_sdk_s3::error::ProvideErrorMetadata as _;
use aws_sdk_s3::operation::list_object_versions::ListObjectVersionsOutput;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{BucketVersioningStatus, Delete, EncodingType, ObjectIdentifier, VersioningConfiguration};

use crate::common::{Fixture, start};

async fn keep(fixture: &Fixture, status: BucketVersioningStatus) {
    let configuration = VersioningConfiguration::builder().status(status).build();
    let put = fixture.s3.put_bucket_versioning().bucket("photos").versioning_configuration(configuration);
    put.send().await.unwrap();
}

/// A bucket that keeps versions.
async fn versioned() -> Fixture {
    let fixture = start().await;
    keep(&fixture, BucketVersioningStatus::Enabled).await;
    fixture
}

/// Writes, and gives the version's id.
async fn put(fixture: &Fixture, key: &str, text: &'static str) -> Option<String> {
    let put = fixture.s3.put_object().bucket("photos").key(key).body(ByteStream::from_static(text.as_bytes()));
    put.send().await.unwrap().version_id
}

/// Reads, by a version's id or what is current.
async fn get(fixture: &Fixture, key: &str, version: Option<&str>) -> Result<(String, Option<String>), (u16, String)> {
    let get = fixture.s3.get_object().bucket("photos").key(key).set_version_id(version.map(str::to_owned));
    match get.send().await {
        Ok(got) => {
            let version = got.version_id.clone();
            Ok((String::from_utf8(got.body.collect().await.unwrap().to_vec()).unwrap(), version))
        }
        Err(error) => {
            let status = error.raw_response().unwrap().status().as_u16();
            Err((status, error.into_service_error().code().unwrap_or_default().to_owned()))
        }
    }
}

async fn list(fixture: &Fixture, prefix: &str) -> ListObjectVersionsOutput {
    fixture.s3.list_object_versions().bucket("photos").prefix(prefix).send().await.unwrap()
}

/// Versions by id, each with whether it is the newest.
fn ids(listed: &ListObjectVersionsOutput) -> Vec<(String, bool)> {
    let id = |id: Option<&str>, latest: Option<bool>| (id.unwrap().to_owned(), latest.unwrap());
    listed.versions().iter().map(|one| id(one.version_id(), one.is_latest())).collect()
}

#[tokio::test]
async fn a_bucket_that_keeps_none_lists_each_object_as_the_version_null() {
    let fixture = start().await;
    for (key, text) in [("cat.png", "one"), ("cat.png", "two"), ("cat.png.bak", "x"), ("dog.png", "x")] {
        assert_eq!(put(&fixture, key, text).await, None);
    }
    let listed = list(&fixture, "cat.png").await;
    assert_eq!(ids(&listed), [("null".to_owned(), true), ("null".to_owned(), true)]);
    let keys: Vec<_> = listed.versions().iter().filter_map(|one| one.key()).collect();
    assert_eq!((keys, listed.is_truncated()), (vec!["cat.png", "cat.png.bak"], Some(false)));
    assert_eq!(get(&fixture, "cat.png", Some("null")).await, Ok(("two".to_owned(), None)));
    fixture.s3.delete_object().bucket("photos").key("cat.png").send().await.unwrap();
    let listed = list(&fixture, "cat.png").await;
    assert_eq!((listed.versions().len(), listed.delete_markers().len()), (1, 0), "nothing is left of what is deleted");
    let asked = fixture.s3.get_bucket_versioning().bucket("photos").send().await.unwrap();
    assert_eq!(asked.status(), None);
}

#[tokio::test]
async fn what_is_overwritten_or_deleted_stays_and_can_be_brought_back() {
    let fixture = versioned().await;
    let first = put(&fixture, "k", "one").await.unwrap();
    let second = put(&fixture, "k", "two").await.unwrap();
    assert_eq!(get(&fixture, "k", None).await, Ok(("two".to_owned(), Some(second.clone()))));
    assert_eq!(get(&fixture, "k", Some(&first)).await, Ok(("one".to_owned(), Some(first.clone()))));
    let deleted = fixture.s3.delete_object().bucket("photos").key("k").send().await.unwrap();
    let marker = deleted.version_id().unwrap();
    assert_eq!(deleted.delete_marker(), Some(true));
    assert_eq!(get(&fixture, "k", None).await, Err((404, "NoSuchKey".to_owned())));
    assert_eq!(get(&fixture, "k", Some(marker)).await, Err((405, "MethodNotAllowed".to_owned())));
    assert_eq!(get(&fixture, "k", Some(&second)).await, Ok(("two".to_owned(), Some(second.clone()))));
    assert_eq!(fixture.s3.list_objects_v2().bucket("photos").send().await.unwrap().contents().len(), 0);

    let listed = list(&fixture, "k").await;
    assert_eq!(ids(&listed), [(second.clone(), false), (first.clone(), false)], "the newest first");
    let [only] = listed.delete_markers() else { panic!("{listed:?}") };
    assert_eq!((only.version_id(), only.is_latest(), only.key()), (Some(marker), Some(true), Some("k")));

    // Without its marker it is there again; without its newest version the one before is.
    let undone = fixture.s3.delete_object().bucket("photos").key("k").version_id(marker).send().await.unwrap();
    assert_eq!((undone.delete_marker(), undone.version_id()), (Some(true), Some(marker)));
    assert_eq!(get(&fixture, "k", None).await, Ok(("two".to_owned(), Some(second.clone()))));
    let gone = fixture.s3.delete_object().bucket("photos").key("k").version_id(&second).send().await.unwrap();
    assert_eq!((gone.delete_marker(), gone.version_id()), (None, Some(second.as_str())));
    assert_eq!(get(&fixture, "k", Some(&second)).await, Err((404, "NoSuchVersion".to_owned())));
    assert_eq!(get(&fixture, "k", None).await, Ok(("one".to_owned(), Some(first))));
    assert_eq!(get(&fixture, "k", Some("nonsense")).await, Err((400, "InvalidArgument".to_owned())));
}

#[tokio::test]
async fn a_marker_is_also_put_on_what_is_not_there_and_a_write_comes_on_top_of_it() {
    let fixture = versioned().await;
    let objects = ["a", "b"].map(|key| ObjectIdentifier::builder().key(key).build().unwrap());
    let delete = Delete::builder().set_objects(Some(objects.into())).build().unwrap();
    let deleted = fixture.s3.delete_objects().bucket("photos").delete(delete).send().await.unwrap();
    assert!(deleted.deleted().iter().all(|one| one.delete_marker() == Some(true)), "{deleted:?}");
    let markers: BTreeSet<_> = deleted.deleted().iter().filter_map(|one| one.delete_marker_version_id()).collect();
    assert_eq!(markers.len(), 2);
    // To a condition, what is deleted is not there.
    let write = fixture.s3.put_object().bucket("photos").key("a").if_none_match("*");
    let version = write.body(ByteStream::from_static(b"x")).send().await.unwrap().version_id.unwrap();
    let listed = list(&fixture, "a").await;
    assert_eq!(ids(&listed), [(version, true)]);
    assert_eq!(
        listed.delete_markers().iter().map(aws_sdk_s3::types::DeleteMarkerEntry::is_latest).collect::<Vec<_>>(),
        [Some(false)]
    );
}

#[tokio::test]
async fn versioning_that_is_suspended_keeps_what_there_is_and_one_version_null() {
    let fixture = start().await;
    put(&fixture, "k", "before").await;
    keep(&fixture, BucketVersioningStatus::Enabled).await;
    assert_eq!(get(&fixture, "k", None).await, Ok(("before".to_owned(), Some("null".to_owned()))));
    let kept = put(&fixture, "k", "kept").await.unwrap();
    keep(&fixture, BucketVersioningStatus::Suspended).await;
    let asked = fixture.s3.get_bucket_versioning().bucket("photos").send().await.unwrap();
    assert_eq!(asked.status(), Some(&BucketVersioningStatus::Suspended));
    // As recorded in `test_put_object_on_suspended_bucket`: a write does not name the version `null`.
    assert_eq!(put(&fixture, "k", "after").await, None);
    assert_eq!(ids(&list(&fixture, "k").await), [("null".to_owned(), true), (kept.clone(), false)]);
    assert_eq!(get(&fixture, "k", Some("null")).await, Ok(("after".to_owned(), Some("null".to_owned()))));
    let deleted = fixture.s3.delete_object().bucket("photos").key("k").send().await.unwrap();
    assert_eq!((deleted.delete_marker(), deleted.version_id()), (Some(true), Some("null")));
    let listed = list(&fixture, "k").await;
    assert_eq!((ids(&listed), listed.delete_markers().len()), (vec![(kept, false)], 1));
}

#[tokio::test]
async fn pages_of_any_size_join_to_all_versions_in_order() {
    let fixture = versioned().await;
    for key in ["a", "a b+ü", "a b+ü", "a b+ü", "b/1", "b/2", "c"] {
        put(&fixture, key, "x").await;
    }
    fixture.s3.delete_object().bucket("photos").key("c").send().await.unwrap();
    let whole = ids(&list(&fixture, "").await);
    assert_eq!(whole.len(), 7);
    for most in 1..=4 {
        let (mut found, mut markers, mut after) = (Vec::new(), 0, (None, None));
        loop {
            let page = fixture.s3.list_object_versions().bucket("photos").max_keys(most);
            let page = page.set_key_marker(after.0).set_version_id_marker(after.1).send().await.unwrap();
            let number = page.versions().len() + page.delete_markers().len();
            assert!(number <= usize::try_from(most).unwrap(), "{page:?}");
            found.extend(ids(&page));
            markers += page.delete_markers().len();
            if page.is_truncated() != Some(true) {
                break;
            }
            after = (page.next_key_marker, page.next_version_id_marker);
        }
        assert_eq!((&found, markers), (&whole, 1), "pages of {most}");
    }
    let folders = fixture.s3.list_object_versions().bucket("photos").delimiter("/").send().await.unwrap();
    let prefixes: Vec<_> = folders.common_prefixes().iter().filter_map(|one| one.prefix()).collect();
    assert_eq!((prefixes, folders.versions().len()), (vec!["b/"], 5));
    let after = fixture.s3.list_object_versions().bucket("photos").key_marker("a b+ü").send().await.unwrap();
    assert_eq!(after.versions()[0].key(), Some("b/1"), "a key alone is passed with all its versions");
    let encoded = fixture.s3.list_object_versions().bucket("photos").encoding_type(EncodingType::Url).max_keys(2);
    let encoded = encoded.send().await.unwrap();
    assert_eq!((encoded.versions()[1].key(), encoded.next_key_marker()), (Some("a+b%2B%C3%BC"), Some("a+b%2B%C3%BC")));
    let error = fixture.s3.list_object_versions().bucket("photos").version_id_marker("x").send().await.unwrap_err();
    assert_eq!(error.into_service_error().code(), Some("InvalidArgument"));
}

#[tokio::test]
async fn a_copy_of_an_older_version_brings_it_to_the_top() {
    let fixture = versioned().await;
    let first = put(&fixture, "k", "one").await.unwrap();
    put(&fixture, "k", "two").await;
    let copy = fixture.s3.copy_object().bucket("photos").key("k").copy_source(format!("photos/k?versionId={first}"));
    let copy = copy.send().await.unwrap();
    assert_eq!(copy.copy_source_version_id(), Some(first.as_str()));
    let third = copy.version_id().unwrap();
    assert_eq!(get(&fixture, "k", None).await, Ok(("one".to_owned(), Some(third.to_owned()))));
    assert_eq!(list(&fixture, "k").await.versions().len(), 3);
}

#[tokio::test]
async fn a_bucket_is_empty_when_its_versions_are_gone_too() {
    let fixture = versioned().await;
    let version = put(&fixture, "k", "x").await.unwrap();
    let marker = fixture.s3.delete_object().bucket("photos").key("k").send().await.unwrap().version_id.unwrap();
    let error = fixture.s3.delete_bucket().bucket("photos").send().await.unwrap_err();
    assert_eq!(error.into_service_error().code(), Some("BucketNotEmpty"));
    for version in [version, marker] {
        fixture.s3.delete_object().bucket("photos").key("k").version_id(version).send().await.unwrap();
    }
    fixture.s3.delete_bucket().bucket("photos").send().await.unwrap();
}

#[tokio::test]
async fn versioning_is_on_or_suspended_and_nothing_else() {
    let fixture = start().await;
    let nothing = VersioningConfiguration::builder().build();
    let put = fixture.s3.put_bucket_versioning().bucket("photos").versioning_configuration(nothing);
    let code = put.send().await.unwrap_err().into_service_error().code().map(str::to_owned);
    assert_eq!(code.as_deref(), Some("IllegalVersioningConfigurationException"));
}

/// As recorded in `test_list_objects_versions_with_prefix_only_and_pagination`.
#[tokio::test]
async fn a_page_after_a_version_that_was_deleted_leaves_none_out() {
    let fixture = versioned().await;
    for text in ["1", "2", "3"] {
        put(&fixture, "k", text).await.unwrap();
    }
    let first = fixture.s3.list_object_versions().bucket("photos").max_keys(1).send().await.unwrap();
    let marker = first.next_version_id_marker().unwrap();
    fixture.s3.delete_object().bucket("photos").key("k").version_id(marker).send().await.unwrap();
    let next = fixture.s3.list_object_versions().bucket("photos").key_marker("k").version_id_marker(marker);
    assert_eq!(next.send().await.unwrap().versions().len(), 2);
}
