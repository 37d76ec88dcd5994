//! Every key that the help shows does what the help says, in the context that it claims.
//!
//! `uploads`, `panels`, `chooser` and `dialogs` hold what each row of the key table is expected to bring about; a row
//! without an expectation fails, and so does an expectation without a row. Each of a row's keys is pressed, in one
//! program as far as it goes: keys that end the program, and those of the first screen, have programs of their own.

mod chooser;
mod dialogs;
mod panels;
pub(crate) mod see;
pub(crate) mod stage;
mod uploads;

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use imgwatch::keymap::action::Action;
use imgwatch::keymap::{Binding, KEYMAP, Scope};
use imgwatch::text::key::Key;
use imgwatch_local::LocalCloud;
use tokio::runtime::Runtime;

use super::images::{quarters, save, write};
use super::raw::{Raw, Request, denied, listing, stacks};
use super::record::{allowed, recorder};
use super::slow;
use super::term::Term;
use see::{home, text};
use stage::{Effect, Expectation, Stage};

/// Objects in the bucket: more than a screen of the panel.
const OBJECTS: usize = 30;

fn expectations() -> Vec<Expectation> {
    [uploads::all(), panels::all(), chooser::all(), dialogs::all()].into_iter().flatten().collect()
}

/// A row's keys.
pub(crate) fn of(row: &Binding) -> &'static [Key] {
    row.usual()
}

/// The rows of the key table with one of their expectations each, where the scope is as asked.
fn tried(is: impl Fn(&Expectation) -> bool) -> Vec<(Expectation, &'static Binding)> {
    let row = |row: (Scope, Action)| KEYMAP.iter().find(|binding| (binding.scope, binding.action) == row);
    expectations()
        .into_iter()
        .filter(is)
        .map(|expected| {
            let binding = row(expected.row);
            (expected, binding.unwrap())
        })
        .collect()
}

fn is_in_one_program(expected: &Expectation) -> bool {
    matches!(expected.effect, Effect::Shows(_)) && !is_of_first_screen(expected)
}

fn is_of_first_screen(expected: &Expectation) -> bool {
    matches!(expected.row.0, Scope::FirstRun | Scope::FirstChoice)
}

/// A bucket with objects and the files that they came from, in a folder with another folder; and a subscription that waits
/// for its confirmation: its email is the latest one.
fn prepare(runtime: &Runtime, files: &Path) -> LocalCloud {
    let cloud = slow::cloud(runtime);
    let paths: Vec<_> = (0..OBJECTS).map(|number| save(files, &format!("pic-{number:02}.png"), quarters())).collect();
    slow::run(&cloud, &["upload", "--wait"], &paths);
    std::fs::create_dir(files.join("album")).unwrap();
    write(&files.join("album"), "inside.txt", b"in the album\n");
    slow::run(&cloud, &["subscribe", "ada@example.com"], &[]);
    cloud
}

/// A home directory with two profiles.
fn profiles(home: &Path) -> String {
    let profile = |name: &str| {
        format!("[profile {name}]\nregion = eu-west-1\naws_access_key_id = K\naws_secret_access_key = s\n")
    };
    let path = home.join("aws-config");
    std::fs::write(&path, profile("a") + &profile("b")).unwrap();
    path.to_str().unwrap().to_owned()
}

/// The folder of the last upload, as another run of the program has left it.
fn remember(home: &Path) {
    let state = home.join(".local/state/imgwatch");
    std::fs::create_dir_all(&state).unwrap();
    std::fs::write(state.join("last-folder"), home.to_str().unwrap()).unwrap();
}

#[test]
fn every_row_of_the_table_has_an_expectation_and_every_expectation_a_row() {
    let expected: Vec<(Scope, Action)> = expectations().into_iter().map(|expected| expected.row).collect();
    let rows: Vec<(Scope, Action)> = KEYMAP.iter().map(|row| (row.scope, row.action)).collect();
    let missing: Vec<_> = rows.iter().filter(|row| !expected.contains(row)).collect();
    assert!(missing.is_empty(), "tests/e2e/keys does not say what these do: {missing:?}");
    let stale: Vec<_> = expected.iter().filter(|row| !rows.contains(row)).collect();
    assert!(stale.is_empty(), "the key table has no such rows: {stale:?}");
}

#[test]
fn every_key_does_what_the_help_says() {
    let (runtime, folder) = (Runtime::new().unwrap(), tempfile::tempdir().unwrap());
    let cloud = prepare(&runtime, folder.path());
    let config = profiles(folder.path());
    remember(folder.path());
    let env = [("HOME", folder.path().to_str().unwrap()), ("AWS_CONFIG_FILE", config.as_str())];
    let (proxy, recording) = recorder(cloud.endpoint().rsplit(':').next().unwrap().parse().unwrap());
    let endpoint = format!("http://127.0.0.1:{}", proxy.port);
    let term = Term::start(120, 40, &["--endpoint-url", &endpoint, "--region", "us-east-1"], &env);
    let mut stage = Stage { term, cloud: &cloud, has_one_stack: Arc::default() };
    stage.term.wait("the dashboard with all that is in the cloud", |screen| {
        let text = screen.contents();
        ["LIVE", " 30 · newest", "2 subscribers, 1 pending", "press c to confirm", "REPORT"]
            .iter()
            .all(|word| text.contains(word))
    });
    for (expected, binding) in tried(is_in_one_program) {
        for key in of(binding) {
            stage.try_key(&expected, *key);
            let what = format!("the panels after {:?} by {key}", expected.row);
            stage.term.wait(&what, |screen| home()(screen, &[]));
        }
    }
    stage.term.keys("q");
    assert!(stage.term.end().0.success());
    // Whatever key is pressed, the policies allow what it asks for.
    let asked: BTreeSet<String> = recording.actions().into_iter().collect();
    for action in ["s3:PutObject", "s3:ListBucketVersions", "sns:Unsubscribe", "sqs:CreateQueue"] {
        assert!(asked.contains(action), "{action}: {asked:?}");
    }
    let allowed = allowed(&["watch", "upload", "subscribe", "probe"]);
    let beyond: Vec<_> = asked.difference(&allowed).collect();
    assert!(beyond.is_empty(), "no policy has {beyond:?}");
    runtime.block_on(cloud.stop());
}

#[test]
fn every_key_that_leaves_leaves() {
    let runtime = Runtime::new().unwrap();
    let cloud = slow::cloud(&runtime);
    let leaves = |expected: &Expectation| matches!(expected.effect, Effect::Ends) && !is_of_first_screen(expected);
    for (expected, binding) in tried(leaves) {
        for key in of(binding) {
            let term = Term::start(120, 40, &["--endpoint-url", cloud.endpoint()], &[]);
            let mut stage = Stage { term, cloud: &cloud, has_one_stack: Arc::default() };
            stage.term.wait_for("LIVE");
            stage.try_key(&expected, *key);
            let (status, screen) = stage.term.end();
            assert!(status.success(), "{:?} by {key}: {status:?}\n{screen}", expected.row);
            cloud.clear_faults();
        }
    }
    runtime.block_on(cloud.stop());
}

#[test]
fn every_key_that_suspends_gives_the_shell_its_terminal() {
    let runtime = Runtime::new().unwrap();
    let cloud = slow::cloud(&runtime);
    for (expected, binding) in tried(|expected| matches!(expected.effect, Effect::Suspends)) {
        for key in of(binding) {
            let term = Term::start_shell(120, 40);
            let mut stage = Stage { term, cloud: &cloud, has_one_stack: Arc::default() };
            stage.term.wait_for("ready> ");
            stage.term.keys(&format!("$IMGWATCH --endpoint-url {}\r", cloud.endpoint()));
            stage.term.wait_for("LIVE");
            stage.try_key(&expected, *key);
            stage.term.wait("the shell", is_shell);
            stage.term.keys("fg\r");
            stage.term.wait("what was there before", vt100::Screen::alternate_screen);
            stage.term.wait_for("An email address");
            stage.term.keys("\u{3}");
            stage.term.wait("the shell again", is_shell);
            stage.term.keys("exit\r");
            assert!(stage.term.end().0.success());
        }
    }
    runtime.block_on(cloud.stop());
}

#[test]
fn every_key_of_the_first_screen_does_what_the_help_says() {
    let (runtime, folder) = (Runtime::new().unwrap(), tempfile::tempdir().unwrap());
    let cloud = slow::cloud(&runtime);
    let config = profiles(folder.path());
    for (expected, binding) in tried(is_of_first_screen) {
        for key in of(binding) {
            let has_one_stack = Arc::<AtomicBool>::default();
            let server = two_stacks(&has_one_stack);
            let env = [
                ("HOME", folder.path().to_str().unwrap()),
                ("AWS_CONFIG_FILE", config.as_str()),
                ("AWS_ACCESS_KEY_ID", "KEY"),
                ("AWS_SECRET_ACCESS_KEY", "secret"),
                ("AWS_REGION", "eu-west-1"),
            ];
            let endpoint = server.far();
            let file = pipelines(folder.path(), &endpoint);
            let mut args = vec!["--endpoint-url", endpoint.as_str()];
            if expected.row.0 == Scope::FirstChoice {
                args.extend(["--config", file.as_str()]);
            }
            let term = Term::start(120, 40, &args, &env);
            let mut stage = Stage { term, cloud: &cloud, has_one_stack };
            stage.term.wait_for("images-dev, images-live; choose one with --stack");
            stage.try_key(&expected, *key);
            if !matches!(expected.effect, Effect::Ends) {
                stage.term.keys("\u{3}");
            }
            assert!(stage.term.end().0.success());
        }
    }
    runtime.block_on(cloud.stop());
}

/// A config file that leaves the choice between two pipelines.
fn pipelines(folder: &Path, endpoint: &str) -> String {
    let pipeline = |name: &str, bucket: &str| {
        format!(
            "[pipelines.{name}]\nendpoint-url = '{endpoint}'\nbucket = '{bucket}'\n\
             topic = 'arn:aws:sns:us-east-1:1:found-topic'\n"
        )
    };
    let text = pipeline("dev", "found-bucket") + &pipeline("live", "live-bucket");
    write(folder, "pipelines.toml", text.as_bytes()).to_str().unwrap().to_owned()
}

/// Whether the shell has its terminal back and waits for a command.
fn is_shell(screen: &vt100::Screen) -> bool {
    !screen.alternate_screen() && !screen.hide_cursor() && screen.contents().trim_end().ends_with("ready>")
}

/// An account with two pipelines, until it has one.
fn two_stacks(has_one_stack: &Arc<AtomicBool>) -> Raw {
    let has_one_stack = Arc::clone(has_one_stack);
    Raw::start(move |request: &Request| {
        let outputs = [
            ("BucketName", "found-bucket"),
            ("FunctionName", "F"),
            ("TopicArn", "arn:aws:sns:us-east-1:1:found-topic"),
        ];
        match request.line.as_str() {
            line if line.starts_with("GET /found-bucket") => listing("found.png"),
            _ if !request.body.contains("Action=DescribeStacks") => denied(request),
            _ if has_one_stack.load(Ordering::Relaxed) => stacks(&[("images-live", &outputs)], None),
            _ => stacks(&[("images-dev", &outputs), ("images-live", &outputs)], None),
        }
    })
}

#[test]
fn the_help_has_every_row_of_the_table() {
    let mut term = super::dashboard();
    term.keys("?");
    term.wait_for("┏ Keys");
    let mut seen = term.contents();
    // Page by page down to the end.
    while let Some((_, last, all)) = see::place(&term.screen()).filter(|(_, last, all)| last < all) {
        term.keys("\u{1b}[6~");
        term.wait("the next page", |screen| see::place(screen).is_some_and(|(_, now, _)| now > last));
        seen.push_str(&term.contents());
        assert!(last < all);
    }
    for row in KEYMAP {
        // Words at the start of a line: the rest may be wrapped.
        let keys: Vec<String> = of(row).iter().map(Key::to_string).collect();
        let words: Vec<&str> = row.help.split(' ').take(3).collect();
        let found = seen.lines().any(|line| {
            line.split(['┃', '│'])
                .any(|part| part.trim().starts_with(&keys.join(" ")) && part.contains(&words.join(" ")))
        });
        assert!(found, "the help does not show {row:?}:\n{seen}");
    }
    term.keys("q");
    term.wait("the help to close", |screen| !text("┏ Keys")(screen, &[]));
    term.keys("q");
    assert!(term.end().0.success());
}
