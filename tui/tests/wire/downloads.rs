//! Downloads: small, large, to every kind of place, stopped, and in bad weather.

use std::path::Path;
use std::time::Duration;

use aws_sdk_s3::primitives::ByteStream;
use imgwatch::domain::ids::DownloadId;
use imgwatch::domain::problem::Problem;
use imgwatch::domain::transfer::{Destination, Download, DownloadNews};
use imgwatch::effect::CloudEffect;
use imgwatch::msg::Update;
use imgwatch::text::clean::Clean;
use imgwatch_local::{Fault, LocalCloud};

use super::bench::{self, Bench};

const MIB: usize = 1024 * 1024;

/// Bytes of which no two stretches are alike.
fn content(size: usize) -> Vec<u8> {
    (0_u32..).flat_map(u32::to_le_bytes).take(size).collect()
}

/// Writes an object; its entity tag without quotes.
async fn put(cloud: &LocalCloud, key: &str, content: &[u8]) -> Clean {
    let body = ByteStream::from(content.to_vec());
    let put = bench::s3(cloud).put_object().bucket("bench").key(key).body(body).send().await.expect("it is written");
    Clean::new(put.e_tag().expect("an entity tag").trim_matches('"'))
}

fn download(key: &str, to: &Path) -> Download {
    Download { key: key.into(), version_id: None, e_tag: None, to: Destination::Path(to.to_owned()), replace: false }
}

/// How a download ended; where it began is reported first.
async fn end(bench: &mut Bench, id: DownloadId) -> DownloadNews {
    bench
        .until(|update| match update {
            Update::Download(told, news) if told == id && !matches!(news, DownloadNews::Began { .. }) => Some(news),
            _ => None,
        })
        .await
}

async fn run(bench: &mut Bench, number: u64, download: Download) -> Result<(Clean, u64, Option<Clean>), Problem> {
    bench.perform(CloudEffect::Download { id: DownloadId(number), download });
    match end(bench, DownloadId(number)).await {
        DownloadNews::Done { to, size, e_tag } => Ok((to, size, e_tag)),
        DownloadNews::Failed(problem) => Err(problem),
        news => panic!("{news:?}"),
    }
}

/// The names in a directory.
fn names(place: &Path) -> Vec<String> {
    let names = std::fs::read_dir(place).expect("a directory").map(|entry| entry.expect("an entry").file_name());
    let mut names: Vec<String> = names.map(|name| name.into_string().expect("UTF-8")).collect();
    names.sort();
    names
}

#[tokio::test]
async fn objects_of_every_size_come_whole_and_leave_nothing_else() {
    let cloud = bench::cloud().await;
    let mut bench = Bench::on(&cloud).await;
    let place = tempfile::tempdir().expect("a directory");
    for (number, size) in [(1, 0), (2, 1), (3, 100_000), (4, 20 * MIB + 7)] {
        let (key, bytes) = (format!("photos/a+b {size} é.jpg"), content(size));
        let e_tag = put(&cloud, &key, &bytes).await;
        let path = place.path().join(format!("{size}.jpg"));
        let asked = Download { e_tag: Some(e_tag.clone()), ..download(&key, &path) };
        let (to, told, tag) = run(&mut bench, number, asked).await.expect("it comes");
        assert_eq!((to.raw(), told, tag), (path.to_str().unwrap(), size as u64, Some(e_tag)));
        assert!(std::fs::read(&path).expect("the file") == bytes, "{size} bytes differ");
    }
    assert_eq!(names(place.path()).len(), 4);
    assert!(bench.progress.borrow().downloads.is_empty(), "no download is in progress");
}

#[cfg(unix)]
#[tokio::test]
async fn a_downloaded_file_has_the_rights_of_any_other_new_file() {
    use std::os::unix::fs::PermissionsExt as _;
    let cloud = bench::cloud().await;
    let mut bench = Bench::on(&cloud).await;
    let place = tempfile::tempdir().expect("a directory");
    put(&cloud, "cat.png", b"a cat").await;
    run(&mut bench, 1, download("cat.png", place.path())).await.expect("it comes");
    std::fs::write(place.path().join("other"), b"").expect("a file");
    let mode = |name: &str| std::fs::metadata(place.path().join(name)).expect("a file").permissions().mode();
    assert_eq!(mode("cat.png"), mode("other"));
}

#[tokio::test]
async fn a_directory_takes_the_file_under_a_plain_name_whatever_the_key() {
    let cloud = bench::cloud().await;
    let mut bench = Bench::on(&cloud).await;
    let outer = tempfile::tempdir().expect("a directory");
    let place = outer.path().join("in here");
    std::fs::create_dir(&place).expect("a directory");
    let keys = [
        ("photos/cat.png", "cat.png"),
        ("x/../../etc/passwd", "passwd"),
        ("a/", "a"),
        ("\u{1b}]0;owned\u{7}\u{202e}gnp.exe\n.png", "_]0;owned__gnp.exe_.png"),
    ];
    for (number, (key, name)) in (1..).zip(keys) {
        put(&cloud, key, key.as_bytes()).await;
        let (to, ..) = run(&mut bench, number, download(key, &place)).await.expect("it comes");
        assert_eq!(to.raw(), place.join(name).to_str().unwrap());
        assert_eq!(std::fs::read(place.join(name)).expect("the file"), key.as_bytes());
    }
    assert_eq!(names(&place).len(), keys.len());
    assert_eq!(names(outer.path()), ["in here"]);
    // A path that a person types.
    let typed = Destination::Typed(format!("{}/typed.png", place.display()));
    let asked = Download { to: typed, ..download("photos/cat.png", &place) };
    let (to, ..) = run(&mut bench, 9, asked).await.expect("it comes");
    assert_eq!(to.raw(), place.join("typed.png").to_str().unwrap());
}

#[tokio::test]
async fn a_file_that_is_there_is_overwritten_only_when_that_is_meant() {
    let cloud = bench::cloud().await;
    let mut bench = Bench::on(&cloud).await;
    let place = tempfile::tempdir().expect("a directory");
    let path = place.path().join("cat.png");
    put(&cloud, "cat.png", b"a new cat").await;
    std::fs::write(&path, b"an old cat").expect("a file");
    let asked = download("cat.png", &path);
    for (number, asked) in [(1, asked.clone()), (2, download("cat.png", place.path()))] {
        bench.perform(CloudEffect::Download { id: DownloadId(number), download: asked });
        let DownloadNews::Exists { to } = end(&mut bench, DownloadId(number)).await else {
            panic!("it is not refused")
        };
        assert_eq!(to.raw(), path.to_str().unwrap());
        assert_eq!(std::fs::read(&path).expect("the file"), b"an old cat");
    }
    run(&mut bench, 3, Download { replace: true, ..asked.clone() }).await.expect("it comes");
    assert_eq!(std::fs::read(&path).expect("the file"), b"a new cat");
    // What another program creates during the download is not overwritten either.
    std::fs::remove_file(&path).expect("it goes");
    bench::fail(&cloud, "s3", "GetObject", u32::MAX, 503, "ServiceUnavailable");
    bench.perform(CloudEffect::Download { id: DownloadId(4), download: asked });
    bench
        .until(|update| matches!(update, Update::Download(DownloadId(4), DownloadNews::Began { .. })).then_some(()))
        .await;
    std::fs::write(&path, b"somebody else's").expect("a file");
    cloud.clear_faults();
    let DownloadNews::Failed(problem) = end(&mut bench, DownloadId(4)).await else { panic!("it is not refused") };
    assert!(problem.why.shown().contains("meanwhile"), "{problem}");
    assert_eq!(std::fs::read(&path).expect("the file"), b"somebody else's");
    assert_eq!(names(place.path()), ["cat.png"]);
}

#[cfg(unix)]
#[tokio::test]
async fn what_is_overwritten_keeps_its_rights_and_a_link_to_it_stays() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    let cloud = bench::cloud().await;
    let mut bench = Bench::on(&cloud).await;
    let place = tempfile::tempdir().expect("a directory");
    let root = place.path().canonicalize().expect("a directory");
    let (file, link) = (root.join("secret.png"), root.join("link.png"));
    put(&cloud, "cat.png", b"a new cat").await;
    symlink("secret.png", &link).expect("a link");
    for (number, mode) in (1..).zip([0o600, 0o666, 0o640]) {
        std::fs::write(&file, b"an old cat").expect("a file");
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).expect("rights");
        bench.perform(CloudEffect::Download { id: DownloadId(number), download: download("cat.png", &link) });
        let DownloadNews::Exists { to } = end(&mut bench, DownloadId(number)).await else {
            panic!("it is not refused")
        };
        assert_eq!(to.raw(), file.to_str().unwrap(), "what would be overwritten is named");
        let asked = Download { replace: true, ..download("cat.png", &link) };
        let (to, ..) = run(&mut bench, 10 + number, asked).await.expect("it comes");
        assert_eq!(to.raw(), file.to_str().unwrap());
        assert_eq!(std::fs::read(&file).expect("the file"), b"a new cat");
        assert_eq!(std::fs::metadata(&file).expect("the file").permissions().mode() & 0o777, mode);
        assert!(std::fs::symlink_metadata(&link).expect("the link").is_symlink());
    }
    // A link to nothing, or to itself, is refused also where it may be overwritten.
    symlink("gone/cat.png", root.join("nowhere.png")).expect("a link");
    symlink("itself.png", root.join("itself.png")).expect("a link");
    for (number, name) in (20..).zip(["nowhere.png", "itself.png"]) {
        let asked = Download { replace: true, ..download("cat.png", &root.join(name)) };
        let problem = run(&mut bench, number, asked).await.expect_err("it is refused");
        assert_eq!(
            problem.to_string(),
            format!(
                "cannot write {}: there is a link of this name that leads nowhere; choose another path",
                root.join(name).display()
            )
        );
    }
    assert_eq!(names(&root), ["itself.png", "link.png", "nowhere.png", "secret.png"]);
}

#[tokio::test]
async fn what_has_changed_since_it_was_listed_is_not_taken_for_it() {
    let cloud = bench::cloud().await;
    let mut bench = Bench::on(&cloud).await;
    let place = tempfile::tempdir().expect("a directory");
    let e_tag = put(&cloud, "cat.png", b"as it was").await;
    put(&cloud, "cat.png", b"as it is").await;
    let asked = Download { e_tag: Some(e_tag), ..download("cat.png", place.path()) };
    let problem = run(&mut bench, 1, asked).await.expect_err("it is refused");
    assert_eq!(
        problem.to_string(),
        "cannot download cat.png from bucket bench: the object has changed since it was listed; refresh, then download \
         it again"
    );
    assert!(names(place.path()).is_empty());
}

#[tokio::test]
async fn a_connection_that_breaks_off_goes_on_where_it_was() {
    let cloud = bench::cloud().await;
    let mut bench = Bench::on(&cloud).await;
    let place = tempfile::tempdir().expect("a directory");
    let bytes = content(5 * MIB);
    let e_tag = put(&cloud, "large.bin", &bytes).await;
    for (number, known) in [(1, Some(e_tag)), (2, None)] {
        let path = place.path().join(number.to_string());
        // Two answers of which a part comes, and one that does not begin.
        bench::inject(&cloud, "s3", "GetObject", 2, Fault::CutAfter(MIB as u64 + 17));
        bench::inject(&cloud, "s3", "GetObject", 1, Fault::Cut);
        let asked = Download { e_tag: known, ..download("large.bin", &path) };
        let (_, size, _) = run(&mut bench, number, asked).await.expect("it comes");
        assert_eq!(size, bytes.len() as u64);
        assert!(std::fs::read(&path).expect("the file") == bytes, "what was put together differs");
    }
    assert_eq!(names(place.path()), ["1", "2"]);
}

#[tokio::test]
async fn what_changes_while_it_comes_is_not_put_together_from_two_contents() {
    let cloud = bench::cloud().await;
    let mut bench = Bench::on(&cloud).await;
    let place = tempfile::tempdir().expect("a directory");
    put(&cloud, "large.bin", &content(2 * MIB)).await;
    bench::inject(&cloud, "s3", "GetObject", 1, Fault::CutAfter(MIB as u64));
    // The rest is requested after another program has overwritten the object.
    bench::fail(&cloud, "s3", "GetObject", u32::MAX, 503, "ServiceUnavailable");
    bench.perform(CloudEffect::Download { id: DownloadId(1), download: download("large.bin", place.path()) });
    let is_half = |progress: &imgwatch::cloud::Progress| {
        progress.downloads.get(&DownloadId(1)).is_some_and(|(got, _)| *got == MIB as u64)
    };
    bench.progress.wait_for(is_half).await.expect("a half comes");
    put(&cloud, "large.bin", &content(3 * MIB)).await;
    cloud.clear_faults();
    let DownloadNews::Failed(problem) = end(&mut bench, DownloadId(1)).await else { panic!("it is not refused") };
    assert!(problem.why.shown().contains("changed during the download"), "{problem}");
    assert!(names(place.path()).is_empty());
}

#[tokio::test]
async fn an_outage_is_outlived_for_a_while_and_then_reported() {
    let cloud = bench::cloud().await;
    let mut bench = Bench::on(&cloud).await;
    let place = tempfile::tempdir().expect("a directory");
    put(&cloud, "cat.png", b"a cat").await;
    // More than the SDK tries by itself.
    bench::fail(&cloud, "s3", "GetObject", 4, 503, "ServiceUnavailable");
    run(&mut bench, 1, download("cat.png", place.path())).await.expect("it comes");
    bench::fail(&cloud, "s3", "GetObject", 1, 403, "AccessDenied");
    let problem = run(&mut bench, 2, download("cat.png", &place.path().join("b"))).await.expect_err("it is refused");
    assert!(problem.why.shown().contains("s3:GetObject is not allowed"), "{problem}");
    bench::fail(&cloud, "s3", "GetObject", 1, 403, "InvalidObjectState");
    let problem = run(&mut bench, 3, download("cat.png", &place.path().join("b"))).await.expect_err("it is refused");
    assert!(problem.hint.contains("restore"), "{problem}");
    let problem = run(&mut bench, 4, download("gone.png", place.path())).await.expect_err("it is refused");
    assert!(problem.why.shown().contains("NoSuchKey"), "{problem}");
    assert_eq!(names(place.path()), ["cat.png"]);
}

#[tokio::test]
async fn a_path_that_cannot_be_written_is_reported_before_anything_is_asked_of_s3() {
    let cloud = bench::cloud().await;
    let mut bench = Bench::on(&cloud).await;
    let place = tempfile::tempdir().expect("a directory");
    std::fs::write(place.path().join("file"), b"").expect("a file");
    std::fs::create_dir_all(place.path().join("taken/cat.png")).expect("a directory");
    bench::fail(&cloud, "s3", "GetObject", 1, 418, "Untouched");
    let cases = [
        (place.path().join("gone/cat.png"), "there is no such directory"),
        (place.path().join("gone/"), "there is no such directory"),
        (place.path().join("file/cat.png"), "not a directory"),
        (place.path().join("taken"), "a directory of this name"),
        ("/dev/null".into(), "not a regular file"),
        (place.path().join("n".repeat(300)), "a part of it, is longer than the file system allows"),
        // Files cannot be created there, not even by root.
        #[cfg(target_os = "linux")]
        ("/proc/cat.png".into(), "no file can be made in its directory"),
    ];
    for (number, (path, why)) in (1..).zip(cases) {
        let problem = run(&mut bench, number, download("cat.png", &path)).await.expect_err("it is refused");
        assert!(problem.why.shown().contains(why), "{problem}");
        assert!(
            problem.what.shown().starts_with("cannot write /") && problem.hint == "choose another path",
            "{problem}"
        );
    }
    put(&cloud, "cat.png", b"a cat").await;
    let problem = run(&mut bench, 99, download("cat.png", place.path())).await.expect_err("the fault is still there");
    assert!(problem.why.shown().contains("Untouched"), "{problem}");
    assert_eq!(names(place.path()), ["file", "taken"]);
}

#[tokio::test]
async fn a_download_that_is_stopped_leaves_nothing() {
    let cloud = bench::cloud().await;
    let mut bench = Bench::on(&cloud).await;
    let place = tempfile::tempdir().expect("a directory");
    put(&cloud, "large.bin", &content(2 * MIB)).await;
    // Half of it comes, and then no answer.
    bench::inject(&cloud, "s3", "GetObject", 1, Fault::CutAfter(MIB as u64));
    bench::inject(&cloud, "s3", "GetObject", u32::MAX, Fault::Delay(Duration::from_secs(3_600)));
    bench.perform(CloudEffect::Download { id: DownloadId(1), download: download("large.bin", place.path()) });
    let is_half = |progress: &imgwatch::cloud::Progress| progress.downloads.values().any(|(got, _)| *got > 0);
    bench.progress.wait_for(is_half).await.expect("a half comes");
    assert_eq!(names(place.path()).len(), 1, "what has come is in a file of another name");
    assert_ne!(names(place.path()), ["large.bin"]);
    bench.perform(CloudEffect::CancelDownload(DownloadId(1)));
    assert!(matches!(end(&mut bench, DownloadId(1)).await, DownloadNews::Cancelled));
    assert!(names(place.path()).is_empty());
    // More than come at once: those that wait can be stopped, too, and the end of the program stops the rest.
    for number in 2..=8 {
        let path = place.path().join(number.to_string());
        bench.perform(CloudEffect::Download { id: DownloadId(number), download: download("large.bin", &path) });
    }
    let mut begun = 0;
    while begun < 7 {
        bench.until(|update| matches!(update, Update::Download(_, DownloadNews::Began { .. })).then_some(())).await;
        begun += 1;
    }
    bench.perform(CloudEffect::CancelDownload(DownloadId(8)));
    assert!(matches!(end(&mut bench, DownloadId(8)).await, DownloadNews::Cancelled));
    bench.driver.stop().await;
    assert!(names(place.path()).is_empty());
}
