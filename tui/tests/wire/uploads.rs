//! Uploads: small, large, many, wrong, cancelled, and in bad weather.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use imgwatch::domain::evidence::{Fact, Write};
use imgwatch::domain::ids::UploadId;
use imgwatch::domain::problem::Problem;
use imgwatch::domain::transfer::{ObjectKey, Upload, UploadNews, UploadSource};
use imgwatch::effect::CloudEffect;
use imgwatch::msg::Update;
use imgwatch_local::Fault;

use super::bench::{self, Bench};

const MIB: usize = 1024 * 1024;

fn file(path: &Path) -> Upload {
    Upload { source: UploadSource::File(path.to_owned()), ..bench::test_image() }
}

/// What became of an upload.
async fn outcome(bench: &mut Bench, id: UploadId) -> Result<(Write, u64), Problem> {
    bench
        .until(|update| match update {
            Update::Facts(facts) => facts.into_iter().find_map(|fact| match fact {
                Fact::Stored { upload, write, size, began, at, not_before } if upload == id => {
                    assert!(began <= at && not_before == began, "both have one clock");
                    Some(Ok((write, size)))
                }
                _ => None,
            }),
            Update::Upload(failed, UploadNews::Failed(problem)) if failed == id => Some(Err(problem)),
            _ => None,
        })
        .await
}

#[tokio::test]
async fn a_test_image_is_a_png_and_no_two_are_alike() {
    let cloud = bench::cloud().await;
    let mut bench = Bench::on(&cloud).await;
    let mut tags = BTreeSet::new();
    for number in 0..3 {
        bench.perform(CloudEffect::Upload { id: UploadId(number), upload: bench::test_image() });
        let (write, size) = outcome(&mut bench, UploadId(number)).await.expect("it is stored");
        let tag = write.e_tag.clone().expect("an entity tag");
        assert!(!tag.raw().contains('"'));
        assert!(write.s3_request_id.is_some(), "the exact join needs it");
        tags.insert(tag);
        let object = bench::s3(&cloud).get_object().bucket("bench").key(write.key.raw()).send().await;
        let object = object.expect("the object is there");
        assert_eq!(object.content_type(), Some("image/png"));
        let bytes = object.body.collect().await.expect("a body").into_bytes();
        assert_eq!(bytes.len() as u64, size);
        let mut reader = png::Decoder::new(std::io::Cursor::new(&bytes)).read_info().expect("a PNG");
        let mut pixels = vec![0; reader.output_buffer_size().expect("a size")];
        reader.next_frame(&mut pixels).expect("a whole PNG");
    }
    assert_eq!(tags.len(), 3);
}

#[tokio::test]
async fn files_arrive_whole_below_and_above_the_multipart_limit() {
    let cloud = bench::cloud().await;
    let mut bench = Bench::on(&cloud).await;
    let place = tempfile::tempdir().expect("a directory");
    for (number, size) in [(0, 0), (1, 100_000), (2, 16 * MIB), (3, 20 * MIB + 1)] {
        let path = place.path().join(format!("a+b {size} é.jpg"));
        let content: Vec<u8> = (0..=250).cycle().take(size).collect();
        std::fs::write(&path, &content).expect("a file");
        bench.perform(CloudEffect::Upload { id: UploadId(number), upload: file(&path) });
        let (write, stored) = outcome(&mut bench, UploadId(number)).await.expect("it is stored");
        assert_eq!((write.key.raw(), stored), (format!("a+b {size} é.jpg").as_str(), size as u64));
        assert_eq!(write.e_tag.as_ref().is_some_and(|tag| tag.raw().ends_with("-3")), size > 16 * MIB);
        assert!(write.s3_request_id.is_some());
        let object = bench::s3(&cloud).get_object().bucket("bench").key(write.key.raw()).send().await;
        let object = object.expect("the object is there");
        assert_eq!(object.content_type(), Some("image/jpeg"));
        assert!(object.body.collect().await.expect("a body").into_bytes() == content, "{size} bytes differ");
    }
    assert!(bench.progress.borrow().uploads.is_empty(), "no upload is in progress");
}

#[tokio::test]
async fn progress_counts_up_and_a_retry_begins_again() {
    let cloud = bench::cloud().await;
    let mut bench = Bench::on(&cloud).await;
    let place = tempfile::tempdir().expect("a directory");
    let path = place.path().join("large.png");
    std::fs::write(&path, vec![7; 10 * MIB]).expect("a file");
    bench::fail(&cloud, "s3", "PutObject", 1, 503, "SlowDown");
    let mut progress = bench.progress.clone();
    bench.perform(CloudEffect::Upload { id: UploadId(1), upload: file(&path) });
    let watching = tokio::spawn(async move {
        let mut most = 0;
        // The entry goes when the upload is over; the channel stays.
        while progress.changed().await.is_ok() {
            match progress.borrow_and_update().uploads.get(&UploadId(1)) {
                Some((sent, total)) => {
                    assert_eq!(*total, 10 * MIB as u64);
                    assert!(sent <= total);
                    most = most.max(*sent);
                }
                None if most > 0 => return most,
                None => {}
            }
        }
        most
    });
    outcome(&mut bench, UploadId(1)).await.expect("it is stored");
    assert!(watching.await.expect("it watched") > 0);
}

#[tokio::test]
async fn many_uploads_all_arrive_each_with_its_own_request() {
    let cloud = bench::cloud().await;
    let mut bench = Bench::on(&cloud).await;
    for number in 0..40 {
        bench.perform(CloudEffect::Upload { id: UploadId(number), upload: bench::test_image() });
    }
    let (mut ids, mut keys, mut requests) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    while ids.len() < 40 {
        let facts = bench
            .until(|update| match update {
                Update::Facts(facts) => Some(facts),
                Update::Upload(_, UploadNews::Failed(problem)) => panic!("{problem}"),
                _ => None,
            })
            .await;
        for fact in facts {
            if let Fact::Stored { upload, write, .. } = fact {
                ids.insert(upload);
                keys.insert(write.key);
                requests.insert(write.s3_request_id);
            }
        }
    }
    assert_eq!((keys.len(), requests.len()), (40, 40));
}

#[tokio::test]
async fn what_cannot_be_uploaded_is_named() {
    let place = tempfile::tempdir().expect("a directory");
    let missing = place.path().join("missing.png");
    let cloud = bench::cloud().await;
    let mut bench = Bench::on(&cloud).await;
    let cases = [
        (missing.as_path(), "missing.png", "no such file"),
        (place.path(), "", "directory"),
        (Path::new("/dev/null"), "/dev/null", "not a regular file"),
        #[cfg(target_os = "linux")]
        (Path::new("/proc/self/environ"), "/proc/self/environ", "its size is 0 bytes, but it has content"),
        #[cfg(target_os = "linux")]
        (Path::new("/proc/version"), "/proc/version", "its size is 0 bytes, but it has content"),
    ];
    for (number, (path, what, why)) in (0..).zip(cases) {
        bench.perform(CloudEffect::Upload { id: UploadId(number), upload: file(path) });
        let problem = outcome(&mut bench, UploadId(number)).await.expect_err("it fails");
        assert!(problem.what.shown().contains(what) && problem.why.shown().contains(why), "{problem}");
    }
}

/// Whether an upload was refused because there is an object already.
async fn exists(bench: &mut Bench, id: UploadId) -> bool {
    bench
        .until(|update| match update {
            Update::Upload(refused, UploadNews::Exists) if refused == id => Some(true),
            Update::Facts(facts) => {
                facts.iter().any(|fact| matches!(fact, Fact::Stored { upload, .. } if *upload == id)).then_some(false)
            }
            _ => None,
        })
        .await
}

#[tokio::test]
async fn an_object_that_is_there_is_overwritten_only_when_that_is_meant() {
    let cloud = bench::cloud().await;
    let mut bench = Bench::on(&cloud).await;
    let place = tempfile::tempdir().expect("a directory");
    for (number, size) in [(0, 5), (10, 17 * MIB)] {
        let path = place.path().join(format!("{size}.png"));
        let key = ObjectKey::Named(format!("photos/{size}.png"));
        let send = |replace| Upload { source: UploadSource::File(path.clone()), key: key.clone(), replace };
        for (turn, content, replace, refused) in [(1, 1, false, false), (2, 2, false, true), (3, 3, true, false)] {
            std::fs::write(&path, vec![content; size]).expect("a file");
            let id = UploadId(number + turn);
            bench.perform(CloudEffect::Upload { id, upload: send(replace) });
            assert_eq!(exists(&mut bench, id).await, refused, "{size} bytes, turn {turn}");
        }
        let object = bench::s3(&cloud).get_object().bucket("bench").key(format!("photos/{size}.png")).send().await;
        let bytes = object.expect("the object").body.collect().await.expect("a body").into_bytes();
        assert!(bytes.len() == size && bytes.iter().all(|byte| *byte == 3));
    }
    let left = bench::s3(&cloud).list_multipart_uploads().bucket("bench").send().await.expect("a list");
    assert!(left.uploads().is_empty(), "a refused upload leaves no parts");
}

#[tokio::test]
async fn an_object_whose_answer_was_lost_is_known_for_ours() {
    let cloud = bench::cloud().await;
    let mut bench = Bench::on(&cloud).await;
    let place = tempfile::tempdir().expect("a directory");
    for (number, operation, size) in [(1, "PutObject", 5), (2, "CompleteMultipartUpload", 17 * MIB)] {
        let path = place.path().join(format!("{number}.png"));
        std::fs::write(&path, vec![7; size]).expect("a file");
        // The first attempt is done and not answered; the second one finds the object there.
        bench::inject(&cloud, "s3", operation, 1, Fault::DropResponse(Duration::ZERO));
        bench.perform(CloudEffect::Upload { id: UploadId(number), upload: Upload { replace: false, ..file(&path) } });
        let (write, written) = outcome(&mut bench, UploadId(number)).await.expect("it is stored");
        assert!(write.e_tag.is_some() && written == size as u64, "{operation}: {write:?}");
    }
    // As large and as new, and not ours: the content tells.
    let path = place.path().join("1.png");
    std::fs::write(&path, vec![8; 5]).expect("a file");
    bench::inject(&cloud, "s3", "PutObject", 1, Fault::DropResponse(Duration::ZERO));
    bench.perform(CloudEffect::Upload { id: UploadId(11), upload: Upload { replace: false, ..file(&path) } });
    assert!(exists(&mut bench, UploadId(11)).await);
    // What was stopped too late is stored, and reported as stored.
    let path = place.path().join("late.png");
    std::fs::write(&path, b"content").expect("a file");
    bench::inject(&cloud, "s3", "PutObject", 1, Fault::DropResponse(Duration::from_secs(60)));
    bench.perform(CloudEffect::Upload { id: UploadId(3), upload: file(&path) });
    let s3 = bench::s3(&cloud);
    while s3.head_object().bucket("bench").key("late.png").send().await.is_err() {
        tokio::task::yield_now().await;
    }
    bench.perform(CloudEffect::CancelUpload(UploadId(3)));
    outcome(&mut bench, UploadId(3)).await.expect("it is stored");
}

#[tokio::test]
async fn what_may_pass_holds_an_upload_and_does_not_end_it() {
    let cloud = bench::cloud().await;
    let mut bench = Bench::on(&cloud).await;
    let place = tempfile::tempdir().expect("a directory");
    let path = place.path().join("a.png");
    std::fs::write(&path, b"content").expect("a file");
    // As often as the SDK itself tries.
    bench::fail(&cloud, "s3", "PutObject", 3, 503, "ServiceUnavailable");
    bench.perform(CloudEffect::Upload { id: UploadId(1), upload: Upload { replace: false, ..file(&path) } });
    let problem = bench
        .until(|update| match update {
            Update::Upload(UploadId(1), UploadNews::Held(problem)) => Some(problem),
            _ => None,
        })
        .await;
    assert!(problem.is_transient(), "{problem}");
    let (_, size) = outcome(&mut bench, UploadId(1)).await.expect("it is stored");
    assert_eq!(size, 7);
}

#[tokio::test]
async fn a_test_image_that_is_held_keeps_its_key() {
    let cloud = bench::cloud().await;
    let mut bench = Bench::on(&cloud).await;
    bench::fail(&cloud, "s3", "PutObject", 3, 503, "ServiceUnavailable");
    bench.perform(CloudEffect::Upload { id: UploadId(1), upload: bench::test_image() });
    let mut keys = Vec::new();
    while keys.len() < 2 {
        let began = |update| match update {
            Update::Upload(UploadId(1), UploadNews::Began { key, .. }) => Some(key),
            _ => None,
        };
        keys.push(bench.until(began).await);
    }
    let (write, _) = outcome(&mut bench, UploadId(1)).await.expect("it is stored");
    assert_eq!((&keys[0], &keys[1]), (&write.key, &write.key));
}

#[tokio::test]
async fn a_file_that_changes_while_it_is_sent_is_not_stored_in_pieces() {
    let cloud = bench::cloud().await;
    let mut bench = Bench::on(&cloud).await;
    let place = tempfile::tempdir().expect("a directory");
    let path = place.path().join("growing.png");
    std::fs::write(&path, vec![1; 24 * MIB]).expect("a file");
    bench::inject(&cloud, "s3", "UploadPart", 1, Fault::Delay(Duration::from_millis(300)));
    bench.perform(CloudEffect::Upload { id: UploadId(1), upload: file(&path) });
    bench.until(|update| matches!(update, Update::Upload(UploadId(1), UploadNews::Began { .. })).then_some(())).await;
    std::fs::write(&path, vec![2; 25 * MIB]).expect("a file");
    let problem = outcome(&mut bench, UploadId(1)).await.expect_err("it is refused");
    assert!(problem.why.shown().contains("it changed while it was being sent"), "{problem}");
    let left = bench::s3(&cloud).list_multipart_uploads().bucket("bench").send().await.expect("a list");
    assert!(left.uploads().is_empty());
}

#[tokio::test]
async fn an_endpoint_without_conditional_writes_takes_the_object_all_the_same() {
    let cloud = bench::cloud().await;
    let mut bench = Bench::on(&cloud).await;
    let place = tempfile::tempdir().expect("a directory");
    let path = place.path().join("a.png");
    std::fs::write(&path, b"content").expect("a file");
    bench::fail(&cloud, "s3", "PutObject", 1, 501, "NotImplemented");
    bench.perform(CloudEffect::Upload { id: UploadId(1), upload: Upload { replace: false, ..file(&path) } });
    outcome(&mut bench, UploadId(1)).await.expect("it is stored");
    // There, too, nothing is overwritten unasked.
    std::fs::write(&path, b"other content").expect("a file");
    bench::fail(&cloud, "s3", "PutObject", 1, 501, "NotImplemented");
    bench.perform(CloudEffect::Upload { id: UploadId(2), upload: Upload { replace: false, ..file(&path) } });
    assert!(exists(&mut bench, UploadId(2)).await);
}

#[tokio::test]
async fn a_cancelled_upload_says_so_and_leaves_no_parts() {
    let cloud = bench::cloud().await;
    let mut bench = Bench::on(&cloud).await;
    let place = tempfile::tempdir().expect("a directory");
    let path = place.path().join("large.png");
    std::fs::write(&path, vec![7; 24 * MIB]).expect("a file");
    let slow = Fault::Delay(Duration::from_secs(30));
    bench::inject(&cloud, "s3", "UploadPart", 1, slow.clone());
    bench.perform(CloudEffect::Upload { id: UploadId(1), upload: file(&path) });
    bench.until(|update| matches!(update, Update::Upload(UploadId(1), UploadNews::Began { .. })).then_some(())).await;
    // Parts are being sent: the multipart upload exists.
    let sent =
        |progress: &imgwatch::cloud::Progress| progress.uploads.get(&UploadId(1)).is_some_and(|(sent, _)| *sent > 0);
    bench.progress.wait_for(sent).await.expect("bytes go out");
    bench.perform(CloudEffect::CancelUpload(UploadId(1)));
    bench.until(|update| matches!(update, Update::Upload(UploadId(1), UploadNews::Cancelled)).then_some(())).await;
    let left = bench::s3(&cloud).list_multipart_uploads().bucket("bench").send().await.expect("a list");
    assert!(left.uploads().is_empty());

    bench::inject(&cloud, "s3", "PutObject", 1, slow);
    bench.perform(CloudEffect::Upload { id: UploadId(2), upload: bench::test_image() });
    bench.until(|update| matches!(update, Update::Upload(UploadId(2), UploadNews::Began { .. })).then_some(())).await;
    // All of a small one is sent at once, and what becomes of it is not known.
    let all = |progress: &imgwatch::cloud::Progress| {
        progress.uploads.get(&UploadId(2)).is_some_and(|(sent, size)| *sent == *size)
    };
    bench.progress.wait_for(all).await.expect("bytes go out");
    bench.perform(CloudEffect::CancelUpload(UploadId(2)));
    bench
        .until(|update| matches!(update, Update::Upload(UploadId(2), UploadNews::OutcomeUnknown(_))).then_some(()))
        .await;
}

#[tokio::test]
async fn short_trouble_is_outlived_and_lasting_trouble_is_named() {
    let cloud = bench::cloud().await;
    let mut bench = Bench::on(&cloud).await;
    bench::inject(&cloud, "s3", "PutObject", 1, Fault::Cut);
    bench::fail(&cloud, "s3", "PutObject", 1, 500, "InternalError");
    bench.perform(CloudEffect::Upload { id: UploadId(1), upload: bench::test_image() });
    outcome(&mut bench, UploadId(1)).await.expect("it is stored");

    bench::fail(&cloud, "s3", "PutObject", 1, 403, "AccessDenied");
    bench.perform(CloudEffect::Upload { id: UploadId(2), upload: bench::test_image() });
    let problem = outcome(&mut bench, UploadId(2)).await.expect_err("it fails");
    assert!(problem.why.shown().contains("s3:PutObject"), "{problem}");
}
