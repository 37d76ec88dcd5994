//! One run of the program through the proxy, and what it claims compared with what is there.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::path::Path;
use std::process::{Child, ExitStatus, Stdio};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::bucket::Bucket;
use super::plan::{Fault, Job, Plan, content};
use super::proxy::Proxy;
use crate::program::program;

/// A bucket that starts no function, for all but what waits for one.
pub(super) const QUIET: &str = "faults";
const LOUD: &str = "images";
/// Nothing may take as long as this: a stall is ended after a few seconds, and a request is tried three times.
const HUNG: Duration = Duration::from_secs(120);

/// What came of a run.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    /// Faults that happened, by kind.
    pub(super) fired: BTreeMap<&'static str, usize>,
    pub(super) files: usize,
    /// How files ended, by the word for it.
    pub(super) ends: BTreeMap<String, usize>,
    /// Claimed to be stored or downloaded, and not there as it was.
    pub(super) lost: Vec<String>,
    /// Everything else that was claimed and is not so, or was not said.
    pub(super) false_claims: Vec<String>,
    pub(super) took: Duration,
}

impl Outcome {
    fn wrong(&mut self, what: impl Into<String>) {
        self.false_claims.push(what.into());
    }

    fn end(&mut self, word: &str) {
        self.files += 1;
        *self.ends.entry(word.to_owned()).or_default() += 1;
    }
}

pub(super) fn run(cloud: Bucket, plan: &Plan) -> Outcome {
    let began = Instant::now();
    let folder = tempfile::tempdir().unwrap();
    let proxy = Proxy::start(cloud.port, &plan.rules);
    let mut outcome = match &plan.job {
        Job::Upload { .. } => upload(cloud, plan, &proxy, folder.path()),
        Job::Download { size } => download(cloud, plan, *size, &proxy, folder.path()),
    };
    (outcome.fired, outcome.took) = (proxy.fired(), began.elapsed());
    outcome
}

/// What a run of the program left behind.
struct Ended {
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

impl Ended {
    /// The lines of standard output; those that are no JSON are claims about nothing.
    fn documents(&self, outcome: &mut Outcome) -> Vec<Value> {
        let lines: Vec<_> = self.stdout.lines().map(serde_json::from_str).collect();
        if lines.iter().any(Result::is_err) {
            outcome.wrong(format!("standard output is not JSON: {}", self.stdout));
        }
        lines.into_iter().flatten().collect()
    }

    fn text(&self) -> String {
        format!("exit {:?}\n{}{}", self.code, self.stdout, self.stderr)
    }
}

/// Runs it to its end; nothing where that does not come.
fn imgwatch(proxy: &Proxy, bucket: &str, args: &[&str]) -> Option<Ended> {
    let endpoint = format!("http://127.0.0.1:{}", proxy.port);
    let mut command = program(&["--endpoint-url", &endpoint, "--bucket", bucket]);
    command.args(args).env("IMGWATCH_IDLE_TIMEOUT", proxy.idle_timeout()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let (stdout, stderr) = (read(child.stdout.take().unwrap()), read(child.stderr.take().unwrap()));
    let status = end_of(&mut child);
    let (stdout, stderr) = (stdout.join().unwrap(), stderr.join().unwrap());
    status.map(|status| Ended { code: status.code(), stdout, stderr })
}

fn read(mut from: impl Read + Send + 'static) -> JoinHandle<String> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = from.read_to_end(&mut bytes);
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

fn end_of(child: &mut Child) -> Option<ExitStatus> {
    let began = Instant::now();
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return Some(status);
        }
        if began.elapsed() > HUNG {
            child.kill().unwrap();
            child.wait().unwrap();
            return None;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn upload(cloud: Bucket, plan: &Plan, proxy: &Proxy, folder: &Path) -> Outcome {
    let Job::Upload { sizes, no_overwrite, is_there, wait } = &plan.job else { unreachable!("it is an upload") };
    let (seed, bucket) = (plan.seed, if *wait { LOUD } else { QUIET });
    let mut outcome = Outcome::default();
    let prefix = format!("{seed}-");
    let mut args: Vec<String> = ["upload", "--json", "--prefix", &prefix].map(str::to_owned).into();
    args.extend(no_overwrite.then(|| "--no-overwrite".to_owned()));
    if *wait {
        args.extend(["--wait", "--timeout", "8s"].map(str::to_owned));
    }
    let before = content(seed, 1_000, 777);
    let mut files = Vec::new();
    for (number, size) in sizes.iter().enumerate() {
        let (path, key) = (folder.join(format!("{number}.png")), format!("{prefix}{number}.png"));
        let bytes = content(seed, number, *size);
        fs::write(&path, &bytes).unwrap();
        args.push(path.display().to_string());
        if *is_there {
            cloud.put(&format!("/{bucket}/{key}"), &before);
        }
        files.push((key, bytes));
    }
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let Some(ended) = imgwatch(proxy, bucket, &args) else {
        outcome.wrong("it hung");
        return outcome;
    };
    let documents = ended.documents(&mut outcome);
    if documents.len() != files.len() {
        outcome.wrong(format!("{} objects for {} files: {}", documents.len(), files.len(), ended.text()));
    }
    for ((key, bytes), document) in files.iter().zip(&documents) {
        let there = cloud.get(&format!("/{bucket}/{key}"));
        let status = document["status"].as_str().unwrap_or("none");
        outcome.end(status);
        let is_ours = there.as_ref() == Some(bytes);
        match status {
            "stored" | "published" | "timed_out" if !is_ours => {
                outcome.lost.push(format!("{key} is not in the bucket: {}", ended.text()));
            }
            "failed" if is_ours => outcome.wrong(format!("{key} failed, and is stored: {}", ended.text())),
            "stored" | "published" => {}
            "failed" | "outcome_unknown" | "timed_out" | "skipped" if document["error"].is_string() => {}
            _ => outcome.wrong(format!("{key} does not say why: {}", ended.text())),
        }
        if *is_there && *no_overwrite && there.as_ref() != Some(&before) {
            outcome.lost.push(format!("{key} was overwritten: {}", ended.text()));
        }
        let is_empty = document["deliveries"].as_array().is_some_and(Vec::is_empty);
        if status == "published" && is_empty && document["deliveries_error"].is_null() {
            outcome.wrong(format!("{key} has subscribers: {}", ended.text()));
        }
    }
    if ended.code != Some(expected_code(&documents)) {
        outcome.wrong(format!("the exit code is not what the objects say: {}", ended.text()));
    }
    for key in cloud.incomplete(bucket).iter().filter(|key| key.starts_with(&prefix)) {
        if !ended.stderr.contains(key.as_str()) {
            outcome.wrong(format!("parts of {key} are left silently: {}", ended.text()));
        }
    }
    silence(plan, proxy, &ended, &mut outcome);
    outcome
}

/// What the objects amount to.
fn expected_code(documents: &[Value]) -> i32 {
    let has = |words: &[&str]| documents.iter().any(|one| words.iter().any(|word| one["status"] == *word));
    let states = documents.iter().flat_map(|one| one["deliveries"].as_array().cloned().unwrap_or_default());
    let states: Vec<Value> = states.map(|delivery| delivery["state"].clone()).collect();
    let unlisted = documents.iter().any(|one| one["deliveries_error"].is_string());
    if has(&["failed", "skipped"]) || states.iter().any(|state| state == "failed") {
        1
    } else if has(&["outcome_unknown", "timed_out"]) || unlisted || states.iter().any(|state| state == "unknown") {
        3
    } else {
        0
    }
}

/// A failure after a stall names the host that was waited for.
fn silence(plan: &Plan, proxy: &Proxy, ended: &Ended, outcome: &mut Outcome) {
    let fired = proxy.fired();
    let all_stall = !fired.is_empty() && plan.rules.iter().all(|rule| rule.fault.stalls());
    // That an object was there is no failure of the connection.
    let has_failed = ended.code != Some(0) && !ended.stdout.contains("already exists");
    let host = format!("127.0.0.1:{}", proxy.port);
    if all_stall && has_failed && !(ended.stdout.contains(&host) || ended.stderr.contains(&host)) {
        outcome.wrong(format!("it does not name the host it waited for: {}", ended.text()));
    }
}

fn download(cloud: Bucket, plan: &Plan, size: usize, proxy: &Proxy, folder: &Path) -> Outcome {
    let mut outcome = Outcome::default();
    let bytes = content(plan.seed, 0, size);
    let key = format!("{}-down.png", plan.seed);
    cloud.put(&format!("/{QUIET}/{key}"), &bytes);
    let path = folder.join("out.png");
    let Some(ended) = imgwatch(proxy, QUIET, &["download", "--json", &key, &path.display().to_string()]) else {
        outcome.wrong("it hung");
        return outcome;
    };
    outcome.end(if ended.code == Some(0) { "downloaded" } else { "not downloaded" });
    let documents = ended.documents(&mut outcome);
    match (ended.code, fs::read(&path).ok()) {
        (Some(0), Some(found)) if found == bytes => {}
        (Some(0), _) => outcome.lost.push(format!("the file is not the object: {}", ended.text())),
        (_, Some(_)) => outcome.wrong(format!("it failed and left a file: {}", ended.text())),
        (_, None) if documents.len() != 1 || !documents[0]["error"].is_string() => {
            outcome.wrong(format!("it does not say why: {}", ended.text()));
        }
        (_, None) => {}
    }
    if fs::read_dir(folder).unwrap().count() > usize::from(ended.code == Some(0)) {
        outcome.wrong(format!("it left something beside the file: {}", ended.text()));
    }
    // What happens once, and is seen, is outlived.
    let is_single = matches!(plan.rules.as_slice(), [rule] if rule.times == 1);
    let is_seen = !plan.rules.iter().any(|rule| matches!(rule.fault, Fault::CorruptRequest(_)));
    if is_single && is_seen && ended.code != Some(0) {
        outcome.wrong(format!("one fault ended it: {}", ended.text()));
    }
    silence(plan, proxy, &ended, &mut outcome);
    outcome
}
