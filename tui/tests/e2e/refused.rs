//! A service that refuses stops what needs it, on the screen: objects are listed, uploaded and downloaded all the same.

use imgwatch_local::{Fault, FaultRule, LocalCloud};
use tokio::runtime::Runtime;

use super::slow;
use super::term::Term;

fn refuse(cloud: &LocalCloud, service: &str) {
    let fault = Fault::Error { status: 403, code: "AccessDenied".to_owned(), message: "not authorized".to_owned() };
    cloud.inject(FaultRule { service: service.to_owned(), operation: None, times: u32::MAX, fault });
}

/// Uploads, lists and downloads by keys while these services refuse; the screen says these words of them.
fn without(services: &[&str], words: &[&str]) {
    let (runtime, folder) = (Runtime::new().unwrap(), tempfile::tempdir().unwrap());
    let cloud = slow::cloud(&runtime);
    let file = folder.path().join("cat.txt");
    std::fs::write(&file, "a cat").unwrap();
    for service in services {
        refuse(&cloud, service);
    }
    let env = [("HOME", folder.path().to_str().unwrap())];
    let mut term = Term::start(160, 50, &["--endpoint-url", cloud.endpoint()], &env);
    term.wait("what is refused", |screen| words.iter().all(|word| screen.contents().contains(word)));
    term.keys(&format!("\u{1b}[200~{}\u{1b}[201~", file.display()));
    term.wait_for("Enter upload");
    term.keys("\r");
    term.wait("the object in its list", |screen| screen.contents().contains(" 1 · newest"));
    std::fs::remove_file(&file).unwrap();
    term.keys("2D");
    term.wait_for("Enter download");
    term.keys(&format!("\u{15}{}\r", file.display()));
    // While the download is not known to have ended, `q` asks.
    term.wait_for("downloaded cat.txt");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "a cat");
    term.keys("q");
    assert!(term.end().0.success());
    runtime.block_on(cloud.stop());
}

#[test]
fn without_sts_objects_work() {
    // The subscriptions are found by the list of topics.
    without(&["sts"], &["2 subscribers"]);
}

#[test]
fn without_sns_objects_work_and_subscriptions_say_why() {
    without(&["sns"], &["Subscriptions: error", "is not allowed"]);
}

#[test]
fn with_s3_only_objects_work_and_the_others_say_why() {
    without(
        &["sts", "sns", "lambda", "logs", "sqs", "cloudwatch"],
        &["Logs, Subscriptions: error", "logs:FilterLogEvents"],
    );
}
