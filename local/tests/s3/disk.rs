//! A full disk is named as such, and other requests succeed.
//!
//! The cloud runs in a process of its own, in which a small file system holds the objects.

use std::path::Path;
use std::process::Command;

use aws_sdk_s3::error::ProvideErrorMetadata as _;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{CompletedMultipartUpload, CompletedPart};

use crate::common::{raw, start};

const CHILD: &str = "disk::on_a_file_system_of_one_mebibyte";
const VARIABLE: &str = "IMGWATCH_TEST_SMALL_DISK";

fn body(kibibytes: usize) -> ByteStream {
    vec![7; kibibytes * 1024].into()
}

/// Runs this program again, in a namespace of its own where it may mount.
#[test]
fn a_full_disk_fails_the_write_and_nothing_else() {
    let directory = std::env::temp_dir().join(format!("imgwatch-small-{}", std::process::id()));
    std::fs::create_dir(&directory).unwrap();
    let child = |script: &str| {
        let mut command = Command::new("unshare");
        command.args(["--user", "--map-root-user", "--mount", "sh", "-c", script, "sh"]);
        command.arg(&directory).arg(std::env::current_exe().unwrap());
        command.env("TMPDIR", &directory).env(VARIABLE, "1").output()
    };
    let mount = "mount -t tmpfs -o size=1m tmpfs \"$1\"";
    if child(mount).is_ok_and(|mounted| mounted.status.success()) {
        let output = child(&format!("{mount} && exec \"$2\" --exact {CHILD} --ignored --nocapture")).unwrap();
        let printed = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{printed}{}", String::from_utf8_lossy(&output.stderr));
        assert!(printed.contains("1 passed"), "{printed}");
    }
    std::fs::remove_dir(&directory).unwrap();
}

#[tokio::test]
#[ignore = "the test above runs it"]
async fn on_a_file_system_of_one_mebibyte() {
    assert!(std::env::var_os(VARIABLE).is_some(), "it needs its own file system");
    let fixture = start().await;
    let (endpoint, s3) = (fixture.cloud.endpoint(), &fixture.s3);
    let put = |key: &str, kibibytes| s3.put_object().bucket("photos").key(key).body(body(kibibytes)).send();
    put("first", 600).await.unwrap();

    let refused = put("second", 600).await.unwrap_err();
    let status = refused.raw_response().unwrap().status().as_u16();
    assert_eq!((refused.code(), status), (Some("InsufficientStorage"), 507));
    let message = refused.message().unwrap();
    let directory = std::env::temp_dir().join("imgwatch-objects-");
    for part in [directory.to_str().unwrap(), "the disk is full", "TMPDIR"] {
        assert!(message.contains(part), "{message}");
    }
    // What is larger than all buffers is read to its end, so that the client reads the response.
    let answer = raw(endpoint, "PUT /photos/large", &[], &vec![7; 8 << 20]).await;
    assert!(answer.status == 507 && answer.body.contains("the disk is full"), "{}", answer.body);
    let mut form = b"--x\r\nContent-Disposition: form-data; name=\"key\"\r\n\r\nform\r\n--x\r\n\
                     Content-Disposition: form-data; name=\"file\"\r\n\r\n"
        .to_vec();
    form.extend(vec![7; 1 << 20]);
    form.extend(b"\r\n--x--\r\n");
    let headers = [("content-type", "multipart/form-data; boundary=x")];
    let answer = raw(endpoint, "POST /photos", &headers, &form).await;
    assert!(answer.status == 507 && answer.body.contains("the disk is full"), "{}", answer.body);

    // A part of 300 KiB fits beside the object, and both parts together do not fit a second time.
    let create = s3.create_multipart_upload().bucket("photos").key("parts").send().await.unwrap();
    let id = create.upload_id().unwrap();
    let part = s3.upload_part().bucket("photos").key("parts").upload_id(id).part_number(1);
    let part = part.body(body(300)).send().await.unwrap();
    let part = CompletedPart::builder().part_number(1).set_e_tag(part.e_tag).build();
    let complete = || {
        let parts = CompletedMultipartUpload::builder().parts(part.clone()).build();
        s3.complete_multipart_upload().bucket("photos").key("parts").upload_id(id).multipart_upload(parts).send()
    };
    assert_eq!(complete().await.unwrap_err().code(), Some("InsufficientStorage"));

    let first = s3.get_object().bucket("photos").key("first").send().await.unwrap();
    assert_eq!(first.body.collect().await.unwrap().to_vec().len(), 600 * 1024, "other requests succeed");
    s3.delete_object().bucket("photos").key("first").send().await.unwrap();
    complete().await.unwrap();
    put("second", 600).await.unwrap();
    let listed = s3.list_objects_v2().bucket("photos").send().await.unwrap();
    let keys: Vec<_> = listed.contents().iter().filter_map(|object| object.key()).collect();
    assert_eq!(keys, ["parts", "second"], "what was refused is not listed");
    let files = std::fs::read_dir(objects(&std::env::temp_dir())).unwrap().count();
    assert_eq!(files, 3, "the two objects and the lock: nothing of what was refused is left");
    fixture.cloud.stop().await;
}

fn objects(parent: &Path) -> std::path::PathBuf {
    let mut entries = std::fs::read_dir(parent).unwrap().map(|entry| entry.unwrap().path());
    entries.find(|path| path.is_dir()).unwrap()
}
