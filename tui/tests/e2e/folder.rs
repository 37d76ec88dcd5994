//! A folder of many files: uploaded with one sequence of keys, stopped half-way, and continued.
//!
//! `IMGWATCH_TEST_FILES=2000` takes more of them than are taken by default.

use std::collections::BTreeMap;
use std::path::Path;

use super::term::Term;
use crate::ask::ask_ok;

const FILES: usize = 400;

fn files() -> usize {
    std::env::var("IMGWATCH_TEST_FILES").map_or(FILES, |files| files.parse().unwrap())
}

/// Small images, each with content of its own, in four folders; their contents by key.
fn album(root: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut album = BTreeMap::new();
    for number in 0..files() {
        let key = format!("album/{}/img {number:04}+ü.png", number % 4);
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, 2, 2);
        encoder.set_color(png::ColorType::Grayscale);
        let mut writer = encoder.write_header().unwrap();
        let [.., a, b] = number.to_be_bytes();
        writer.write_image_data(&[a, b, 0, 255]).unwrap();
        writer.finish().unwrap();
        let path = root.join(&key);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, &bytes).unwrap();
        album.insert(key, bytes);
    }
    album
}

/// How many files the title of Uploads calls stored.
fn stored(screen: &vt100::Screen) -> Option<usize> {
    let text = screen.contents();
    let (before, _) = text.split_once(&format!(" of {} stored", count(files())))?;
    before.rsplit(' ').next()?.replace(',', "").parse().ok()
}

fn count(number: usize) -> String {
    if number < 1_000 { number.to_string() } else { format!("{},{:03}", number / 1_000, number % 1_000) }
}

#[test]
fn a_folder_is_uploaded_stopped_half_way_and_gone_on_with() {
    let folder = tempfile::tempdir().unwrap();
    let album = album(folder.path());
    let mut term = Term::start(120, 40, &["--local"], &[]);
    term.wait_for("LIVE");
    let endpoint = endpoint(&term.contents());

    // One sequence: the folder above, the mark, the plan, and go.
    term.keys("u");
    term.wait_for("generated test image");
    term.keys(&format!("{}/", folder.path().display()));
    term.wait_for("album/");
    term.keys(" ");
    term.wait_for("1 marked");
    term.keys("\r");
    term.wait_for(&format!("Enter uploads {} files", count(files())));
    term.keys("\r");
    term.wait("a quarter to be stored", |screen| stored(screen).is_some_and(|stored| stored >= files() / 4));
    // The rest takes longer than the keys below, however busy the machine is. Keys are answered meanwhile.
    let slow = r#"{"service":"s3","operation":"PutObject","times":100000,"fault":{"delay_ms":2000}}"#;
    ask_ok(&endpoint, "POST /_imgwatch/faults", &[], slow);
    term.keys("?");
    term.wait_for("upload files, folders or a test image");
    term.keys("q");
    term.keys("X");
    term.wait_for("uploads that are not stored yet?");
    term.keys("y");
    term.wait("the queue to stop", |screen| screen.contents().contains(" unfinished") && stored(screen).is_none());
    term.wait_for("cancelled");
    ask_ok(&endpoint, "DELETE /_imgwatch/faults", &[], "");
    // What is still in progress is not sent again.
    term.wait("no upload to be in progress", |screen| !screen.contents().contains("uploading"));
    term.keys("\u{12}");
    term.wait("the queue to go on", |screen| stored(screen).is_some() || done(screen));
    term.wait("everything to be stored", done);
    // The function has logged each of them: on a screen that is tall enough, all their timelines are seen at once.
    term.keys("z");
    term.resize(120, u16::try_from(files() + 40).unwrap());
    term.wait("every timeline", |screen| screen.contents().matches("✓ published").count() == files());

    // Every object is right.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let s3 = s3(&endpoint);
        for (key, bytes) in &album {
            let object = s3.get_object().bucket("images").key(key).send().await.unwrap();
            assert_eq!(object.content_type(), Some("image/png"));
            assert!(object.body.collect().await.unwrap().into_bytes() == *bytes, "{key} has other content");
        }
    });
    term.keys("q");
    assert!(term.end().0.success());
}

#[test]
fn choosing_begins_where_the_program_was_started_and_a_key_leads_to_the_last_folder() {
    let home = tempfile::tempdir().unwrap();
    std::fs::create_dir(home.path().join("album")).unwrap();
    std::fs::write(home.path().join("album/inside.txt"), "a file").unwrap();
    // A terminal begins in the home directory.
    let env = [("HOME", home.path().to_str().unwrap())];
    let mut term = Term::start(120, 40, &["--local"], &env);
    term.wait_for("LIVE");
    term.keys("u");
    term.wait_for("album/");
    term.keys("album/");
    term.wait_for("inside.txt");
    term.keys("ins\r");
    term.wait_for("Key in bucket images");
    term.keys("\r");
    term.wait_for("Uploads");
    term.wait("the upload", |screen| screen.contents().contains(" 1 · newest"));
    term.keys("q");
    assert!(term.end().0.success());
    let mut term = Term::start(120, 40, &["--local"], &env);
    term.wait_for("LIVE");
    term.keys("u");
    term.wait("the folder that it was started in", |screen| {
        let text = screen.contents();
        text.contains("album/") && !text.contains("~/album/")
    });
    term.keys("\u{f}");
    term.wait_for("~/album/");
    term.wait_for("inside.txt");
    term.keys("\u{3}");
    assert!(term.end().0.success());
}

fn done(screen: &vt100::Screen) -> bool {
    stored(screen).is_none()
        && screen.contents().lines().nth(1).is_some_and(|title| title.contains(&format!(" {} ", count(files()))))
}

/// Where the header says that the local cloud is.
fn endpoint(screen: &str) -> String {
    let (_, rest) = screen.split_once("local 127.0.0.1:").unwrap();
    let port: String = rest.chars().take_while(char::is_ascii_digit).collect();
    format!("http://127.0.0.1:{port}")
}

pub(super) fn s3(endpoint: &str) -> aws_sdk_s3::Client {
    let config = aws_sdk_s3::Config::builder()
        .behavior_version(aws_sdk_s3::config::BehaviorVersion::v2026_01_12())
        .region(aws_sdk_s3::config::Region::new("us-east-1"))
        .credentials_provider(aws_sdk_s3::config::Credentials::new("test", "test", None, None, "test"))
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .endpoint_url(endpoint)
        .force_path_style(true)
        .build();
    aws_sdk_s3::Client::from_conf(config)
}
