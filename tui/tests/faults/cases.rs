//! Faults of which it is known what has to come of them.

use std::fs::{self, File};
use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

use super::bucket::Bucket;
use super::plan::{Fault, LARGE, Rule, Target, content};
use super::proxy::Proxy;
use crate::program::{Run, Server, program};

/// A local cloud with a bucket that starts no function, and a folder with files.
struct Bench {
    server: Server,
    cloud: Bucket,
    folder: TempDir,
}

const ALWAYS: usize = usize::MAX;
/// Only a test that fails waits as long as this.
const PATIENCE: Duration = Duration::from_mins(2);

fn rule(target: Target, times: usize, fault: Fault) -> Rule {
    Rule { target, one_of: 1, salt: 0, after: 0, times, fault }
}

impl Bench {
    fn new() -> Self {
        let server = Server::start(&[]);
        let cloud = Bucket { port: server.endpoint.rsplit(':').next().unwrap().parse().unwrap() };
        assert_eq!(cloud.ask("PUT", "/faults", &[], b"").0, 200);
        Self { server, cloud, folder: tempfile::tempdir().unwrap() }
    }

    fn file(&self, name: &str, size: usize) -> String {
        let path = self.folder.path().join(name);
        fs::write(&path, content(7, 0, size)).unwrap();
        path.display().to_string()
    }

    /// Runs the program with a proxy before the cloud; also the endpoint that it is given.
    fn run(&self, rules: &[Rule], args: &[&str]) -> (Run, String) {
        let proxy = Proxy::start(self.cloud.port, rules);
        let host = format!("127.0.0.1:{}", proxy.port);
        let output = command(&proxy, args).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (Run { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }, host)
    }

    fn upload(&self, rules: &[Rule], args: &[&str], code: i32) -> Value {
        let all: Vec<&str> =
            ["--bucket", "faults", "upload", "--json"].into_iter().chain(args.iter().copied()).collect();
        self.run(rules, &all).0.only(code)
    }

    fn has(&self, key: &str, size: usize) -> bool {
        self.cloud.get(&format!("/faults/{key}")).is_some_and(|found| found == content(7, 0, size))
    }
}

fn command(proxy: &Proxy, args: &[&str]) -> std::process::Command {
    let mut command = program(&["--endpoint-url", &format!("http://127.0.0.1:{}", proxy.port)]);
    command.args(args).env("IMGWATCH_IDLE_TIMEOUT", proxy.idle_timeout());
    command
}

/// All cases at the same time: most of it is waiting.
fn each<T: Sync>(cases: &[T], check: impl Fn(usize, &T) + Sync) {
    std::thread::scope(|scope| {
        for (number, case) in cases.iter().enumerate() {
            let check = &check;
            scope.spawn(move || check(number, case));
        }
    });
}

fn text<'a>(document: &'a Value, field: &str) -> &'a str {
    document[field].as_str().unwrap_or_else(|| panic!("{field} of {document}"))
}

#[test]
fn a_write_whose_answer_is_lost_is_stored_if_s3_has_it() {
    let bench = Bench::new();
    let mut cases = Vec::new();
    for fault in [Fault::DropAnswer, Fault::ReplaceAnswer(500), Fault::StallAnswer, Fault::Garbage] {
        let put = |times| (rule(Target::Put, times, fault), 3_000);
        cases.extend([put(1), put(ALWAYS), (rule(Target::Complete, ALWAYS, fault), LARGE)]);
    }
    each(&cases, |number, (rule, size)| {
        let file = bench.file(&format!("{number}.png"), *size);
        let stored = bench.upload(&[*rule], &[&file], 0);
        assert_eq!(text(&stored, "status"), "stored", "{rule:?}: {stored}");
        assert!(bench.has(&format!("{number}.png"), *size), "{rule:?}");
    });
}

#[test]
fn a_write_of_which_s3_says_nothing_is_unknown_and_one_that_was_not_sent_has_failed() {
    let bench = Bench::new();
    let file = bench.file("a.png", 3_000);
    let silent = rule(Target::Head, ALWAYS, Fault::Status(503));
    for fault in [Fault::DropAnswer, Fault::ReplaceAnswer(503)] {
        let unknown = bench.upload(&[rule(Target::Put, ALWAYS, fault), silent], &[&file], 3);
        assert_eq!(text(&unknown, "status"), "outcome_unknown", "{unknown}");
        assert!(text(&unknown, "error").starts_with("it is not known whether a.png was stored"), "{unknown}");
    }
    let (lines, _) =
        bench.run(&[rule(Target::Put, ALWAYS, Fault::DropAnswer), silent], &["--bucket", "faults", "upload", &file]);
    assert!(lines.code == Some(3) && lines.stdout.contains("outcome unknown"), "{}{}", lines.stdout, lines.stderr);
    // What never went out needs no question, and what S3 does not have has failed.
    let file = bench.file("b.png", 3_000);
    each(&[Fault::Refuse, Fault::CutRequest(500), Fault::Status(500), Fault::Portal], |_, fault| {
        let failed = bench.upload(&[rule(Target::Put, ALWAYS, *fault)], &[&file], 1);
        assert_eq!(text(&failed, "status"), "failed", "{fault:?}: {failed}");
    });
    assert!(bench.cloud.get("/faults/b.png").is_none());
}

#[test]
fn an_object_of_its_own_is_never_called_anothers() {
    let bench = Bench::new();
    let file = bench.file("own.png", 3_000);
    let lost = rule(Target::Put, 1, Fault::DropAnswer);
    let stored = bench.upload(&[lost], &["--no-overwrite", &file], 0);
    assert_eq!(text(&stored, "status"), "stored", "{stored}");
    let file = bench.file("other.png", 3_000);
    let unknown = bench.upload(&[lost, rule(Target::Head, ALWAYS, Fault::Refuse)], &["--no-overwrite", &file], 3);
    assert_eq!(text(&unknown, "status"), "outcome_unknown", "{unknown}");
    // One that was there is.
    let there = bench.upload(&[], &["--no-overwrite", &file], 1);
    assert_eq!(text(&there, "error"), "an object with this key already exists", "{there}");
}

#[test]
fn an_object_of_another_program_is_never_called_its_own() {
    let bench = Bench::new();
    let checksums: [&[&str]; 3] =
        [&[], &["x-amz-checksum-algorithm: CRC64NVME"], &["x-amz-checksum-algorithm: SHA256"]];
    for (number, headers) in checksums.into_iter().enumerate() {
        // As large as ours, written just now, and with another content.
        let name = format!("theirs-{number}.png");
        assert_eq!(bench.cloud.ask("PUT", &format!("/faults/{name}"), headers, &content(8, 0, 3_000)).0, 200);
        let file = bench.file(&name, 3_000);
        each(&[Fault::Status(503), Fault::CutRequest(500)], |_, fault| {
            let unknown = bench.upload(&[rule(Target::Put, ALWAYS, *fault)], &[&file], 3);
            assert_eq!(text(&unknown, "status"), "outcome_unknown", "{name} {fault:?}: {unknown}");
        });
        let refused = bench.upload(&[rule(Target::Put, 1, Fault::CutRequest(500))], &["--no-overwrite", &file], 1);
        assert_eq!(text(&refused, "error"), "an object with this key already exists", "{name}: {refused}");
    }
}

#[test]
fn a_server_that_sends_nothing_is_named_while_it_is_waited_for_and_at_the_end() {
    let bench = Bench::new();
    let small = bench.file("small.png", 132_000);
    bench.cloud.put("/faults/down.png", &content(7, 0, 3_000));
    let target = bench.folder.path().join("down.png").display().to_string();
    let cases: [(Target, Fault, &[&str]); 5] = [
        (Target::Put, Fault::Stall, &["upload", &small]),
        (Target::Get, Fault::Stall, &["download", "down.png", &target]),
        (Target::Get, Fault::StallAnswerAt(500), &["download", "down.png", &target]),
        (Target::Any, Fault::Stall, &["objects"]),
        (Target::Sns, Fault::StallAnswer, &["subscriptions"]),
    ];
    each(&cases, |_, (target, fault, args)| {
        let began = Instant::now();
        let args: Vec<&str> = ["--bucket", "faults"].into_iter().chain(args.iter().copied()).collect();
        let (run, host) = bench.run(&[rule(*target, ALWAYS, *fault)], &args);
        assert!(began.elapsed() < PATIENCE, "{args:?} took {:?}", began.elapsed());
        assert_eq!(run.code, Some(1), "{args:?}: {}{}", run.stdout, run.stderr);
        let waits = format!("note: waiting for {host}, which sends nothing");
        assert!(run.stderr.contains(&waits), "{args:?}: {}", run.stderr);
        let end = format!("no data from {host} for");
        assert!((run.stdout.clone() + &run.stderr).contains(&end), "{args:?}: {}{}", run.stdout, run.stderr);
    });
}

#[test]
fn what_is_slow_and_moves_is_waited_for() {
    let bench = Bench::new();
    bench.cloud.put("/faults/slow.png", &content(7, 0, 400_000));
    let target = bench.folder.path().join("slow.png").display().to_string();
    let args = ["--bucket", "faults", "download", "slow.png", &target];
    // All of it takes longer than nothing may move.
    let (run, _) = bench.run(&[rule(Target::Get, ALWAYS, Fault::SlowAnswer)], &args);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert!(fs::read(&target).unwrap() == content(7, 0, 400_000));
}

#[test]
fn subscribers_that_are_not_known_are_reported_and_are_no_success() {
    let bench = Bench::new();
    each(&[Fault::StallAnswer, Fault::Status(500), Fault::Garbage], |_, fault| {
        let args = ["upload", "--test-image", "--wait", "--timeout", "10s", "--json"];
        let (run, _) = bench.run(&[rule(Target::Sns, ALWAYS, *fault)], &args);
        let report = run.only(3);
        assert!(text(&report, "status") == "published" && !text(&report, "deliveries_error").is_empty(), "{report}");
        // What a delivery status names is reported, and no other subscriber.
        let deliveries = report["deliveries"].as_array().cloned().unwrap_or_default();
        assert!(deliveries.iter().all(|delivery| delivery["state"] == "delivered"), "{fault:?}: {report}");
        assert!(report["deliveries"].is_null() || !deliveries.is_empty(), "{fault:?}: {report}");
    });
    let args = ["upload", "--test-image", "--wait", "--timeout", "10s"];
    let (lines, _) = bench.run(&[rule(Target::Sns, ALWAYS, Fault::Status(500))], &args);
    assert_eq!(lines.code, Some(3), "{}{}", lines.stdout, lines.stderr);
    assert!(lines.stdout.contains("the subscribers are not all known"), "{}{}", lines.stdout, lines.stderr);
}

#[test]
fn every_command_prints_json_when_there_is_no_connection() {
    let bench = Bench::new();
    let files = [bench.file("one.png", 10), bench.file("two.png", 20)];
    let commands: [&[&str]; 7] = [
        &["doctor", "--json"],
        &["objects", "--json"],
        &["download", "one.png", "nowhere.png", "--json"],
        &["logs", "--json"],
        &["subscriptions", "--json"],
        &["upload", &files[0], &files[1], "--json"],
        &["upload", &files[0], &files[1], "--wait", "--timeout", "1s", "--json"],
    ];
    each(&[Fault::Refuse, Fault::Portal, Fault::Status(500)], |_, fault| {
        each(&commands, |_, args| {
            let (run, _) = bench.run(&[rule(Target::Any, ALWAYS, *fault)], args);
            assert_ne!(run.code, Some(0), "{fault:?} {args:?}: {}", run.stdout);
            let documents = run.json();
            let is_upload = args[0] == "upload";
            assert_eq!(
                documents.len(),
                if is_upload { 2 } else { 1 },
                "{fault:?} {args:?}: {}{}",
                run.stdout,
                run.stderr
            );
            // Doctor has its own document as long as anything answers.
            let is_told = |one: &Value| one["error"].is_string() || (args[0] == "doctor" && one["checks"].is_array());
            assert!(documents.iter().all(is_told), "{fault:?} {args:?}: {}", run.stdout);
            for (document, file) in documents.iter().zip(&files).filter(|_| is_upload) {
                assert_eq!(text(document, "file"), file);
                assert!(["failed", "outcome_unknown"].contains(&text(document, "status")), "{fault:?}: {document}");
            }
        });
    });
}

/// Waits until the bucket has an incomplete upload.
fn begun(bench: &Bench) {
    let began = Instant::now();
    while bench.cloud.incomplete("faults").is_empty() {
        assert!(began.elapsed() < PATIENCE, "it begins");
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn start(proxy: &Proxy, args: &[&str]) -> Child {
    command(proxy, args).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

#[test]
fn parts_that_may_be_left_are_named_counted_and_reported_at_the_next_start() {
    let bench = Bench::new();
    let large = bench.file("large.png", LARGE);
    let upload = ["--bucket", "faults", "upload", &large];
    // The parts fail, and so does their removal.
    let fails = |target| rule(target, ALWAYS, Fault::Status(500));
    let (run, _) = bench.run(&[fails(Target::Part), fails(Target::Abort)], &upload);
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    let named = " s3api abort-multipart-upload --bucket faults --key large.png --upload-id ";
    assert!(run.stderr.contains(named), "{}", run.stderr);
    // Without these it would be AWS's bucket of the same name.
    assert!(run.stderr.contains("`aws --endpoint-url http://") && run.stderr.contains(" --region "), "{}", run.stderr);
    // The answer with the id does not come, and the next attempt succeeds.
    let (run, _) = bench.run(&[rule(Target::Create, 1, Fault::DropAnswer)], &upload);
    assert!(run.code == Some(0) && run.stderr.contains(named), "{}{}", run.stdout, run.stderr);
    assert_eq!(bench.cloud.incomplete("faults").len(), 2);

    let (doctor, _) = bench.run(&[], &["--bucket", "faults", "doctor", "--json"]);
    let document = &doctor.json()[0];
    let check =
        document["checks"].as_array().unwrap().iter().find(|check| check["id"] == "incomplete-uploads").unwrap();
    assert!(text(check, "found").starts_with("2 incomplete multipart uploads in faults, begun since 20"), "{check}");
    let commands: Vec<&str> =
        text(check, "fix").lines().filter(|line| line.contains("abort-multipart-upload")).collect();
    assert_eq!(commands.len(), 2, "{check}");
}

#[test]
fn what_a_killed_program_left_is_reported_at_the_next_start() {
    let bench = Bench::new();
    let large = bench.file("large.png", LARGE);
    let proxy = Proxy::start(bench.cloud.port, &[rule(Target::Part, ALWAYS, Fault::Delay(60_000))]);
    let mut child = start(&proxy, &["--bucket", "faults", "upload", &large]);
    begun(&bench);
    child.kill().unwrap();
    child.wait().unwrap();
    // A file of its own in parts is not one that was left.
    let cases: [&[&str]; 3] =
        [&["--test-image", "--wait", "--timeout", "1s"], &["--test-image"], &[&large, "--key", "own"]];
    let told = "1 incomplete multipart upload in bucket faults, begun since 20";
    for args in cases {
        let (next, _) = bench.run(&[], &[&["--bucket", "faults", "upload"], args].concat());
        assert!(next.stderr.contains(told) && next.stderr.contains("`imgwatch doctor`"), "{args:?}: {}", next.stderr);
    }
    // An answer that comes late is waited for; a list that may not be read stops nothing.
    let upload = ["--bucket", "faults", "upload", "--test-image"];
    let (next, _) = bench.run(&[rule(Target::Get, ALWAYS, Fault::Delay(300))], &upload);
    assert!(next.stderr.contains(told), "{}", next.stderr);
    let (next, _) = bench.run(&[rule(Target::Get, ALWAYS, Fault::Status(403))], &upload);
    assert!(next.code == Some(0) && !next.stderr.contains("incomplete"), "{}", next.stderr);
}

#[test]
fn a_damaged_download_is_made_again_and_leaves_no_file_if_that_does_not_help() {
    let bench = Bench::new();
    let bytes = content(7, 0, 400_000);
    bench.cloud.put("/faults/cat.png", &bytes);
    let path = |name: &str| -> PathBuf { bench.folder.path().join(name) };
    let get = |times, fault| rule(Target::Get, times, fault);
    let download =
        |rules: &[Rule], to: &str| bench.run(rules, &["--bucket", "faults", "download", "cat.png", to, "--json"]).0;
    let cases = [
        vec![get(1, Fault::Corrupt(100))],
        vec![get(2, Fault::Corrupt(999))],
        vec![get(1, Fault::Truncate(500))],
        vec![get(1, Fault::Portal)],
        // The damage is in a part that the answer after it does not bring again.
        vec![get(1, Fault::CorruptAndCut(100)), Rule { after: 1, ..get(1, Fault::Delay(1)) }],
    ];
    each(&cases, |number, rules| {
        let to = path(&format!("{number}.png"));
        let run = download(rules, to.to_str().unwrap());
        assert_eq!(run.code, Some(0), "{rules:?}: {}", run.stderr);
        assert!(fs::read(&to).unwrap() == bytes, "{rules:?}: the file differs");
    });
    let before = fs::read_dir(bench.folder.path()).unwrap().count();
    let failed = download(&[get(ALWAYS, Fault::Corrupt(100))], path("never.png").to_str().unwrap()).only(1);
    assert!(text(&failed, "error").contains("the data is damaged"), "{failed}");
    assert_eq!(fs::read_dir(bench.folder.path()).unwrap().count(), before, "nothing is left");
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_named() {
    let bench = Bench::new();
    bench.cloud.put("/faults/cat.png", &content(7, 0, 400_000));
    let full = File::options().write(true).open("/dev/full").unwrap();
    let args = bench.server.with(&["--bucket", "faults", "download", "cat.png", "-"]);
    let output = program(&args).stdout(full).output().unwrap();
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.code() == Some(1) && told.contains("its disk is full"), "{told}");
}
