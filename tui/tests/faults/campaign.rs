//! Many runs, several at a time, and the table of what came of them.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use super::bucket::Bucket;
use super::claims::{self, Outcome, QUIET};
use super::plan::Plan;
use crate::program::Server;

/// Runs in `cargo test`: about half a minute. `.ci/run faults` makes more.
const FEW: u64 = 48;
const AT_ONCE: usize = 8;

fn number(name: &str, usual: u64) -> u64 {
    std::env::var(name).ok().map_or(usual, |text| text.parse().unwrap_or_else(|_| panic!("{name} is a number")))
}

/// What all runs came to.
#[derive(Default)]
struct Table {
    runs: u64,
    /// Runs in which a fault of a kind happened, and how often it did.
    fired: BTreeMap<&'static str, (u64, usize)>,
    files: usize,
    ends: BTreeMap<String, usize>,
    lost: Vec<(u64, String)>,
    false_claims: Vec<(u64, String)>,
    longest: (Duration, u64),
}

impl Table {
    fn add(&mut self, seed: u64, outcome: Outcome) {
        self.runs += 1;
        self.files += outcome.files;
        for (kind, times) in outcome.fired {
            let entry = self.fired.entry(kind).or_default();
            *entry = (entry.0 + 1, entry.1 + times);
        }
        for (word, count) in outcome.ends {
            *self.ends.entry(word).or_default() += count;
        }
        self.lost.extend(outcome.lost.into_iter().map(|what| (seed, what)));
        self.false_claims.extend(outcome.false_claims.into_iter().map(|what| (seed, what)));
        self.longest = self.longest.max((outcome.took, seed));
    }

    fn print(&self, took: Duration) {
        println!("{:<32}{:>6}{:>8}", "fault", "runs", "times");
        for (kind, (runs, times)) in &self.fired {
            println!("{kind:<32}{runs:>6}{times:>8}");
        }
        let ends: Vec<String> = self.ends.iter().map(|(word, count)| format!("{count} {word}")).collect();
        let faults: usize = self.fired.values().map(|(_, times)| times).sum();
        println!("{} runs, {faults} faults, {} files: {}", self.runs, self.files, ends.join(", "));
        println!("{} lost, {} false claims", self.lost.len(), self.false_claims.len());
        println!("{} s; the longest run took {} s (seed {})", took.as_secs(), self.longest.0.as_secs(), self.longest.1);
        for (seed, what) in self.lost.iter().chain(&self.false_claims) {
            println!("\nseed {seed}: {what}\n{:?}", Plan::of(*seed));
            println!(
                "again: IMGWATCH_FAULTS=1 IMGWATCH_FAULTS_SEED={seed} cargo test --workspace --test faults -- --nocapture campaign"
            );
        }
    }
}

#[test]
fn what_is_claimed_is_in_the_bucket_whatever_goes_wrong() {
    let (first, count) = (number("IMGWATCH_FAULTS_SEED", 1), number("IMGWATCH_FAULTS", FEW));
    let server = Server::start(&[]);
    let cloud = Bucket { port: server.endpoint.rsplit(':').next().unwrap().parse().unwrap() };
    assert_eq!(cloud.ask("PUT", &format!("/{QUIET}"), &[], b"").0, 200);
    let (next, table, began) = (AtomicU64::new(0), Mutex::new(Table::default()), Instant::now());
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= count {
                        return;
                    }
                    let seed = first.wrapping_add(number);
                    let outcome = claims::run(cloud, &Plan::of(seed));
                    table.lock().unwrap().add(seed, outcome);
                }
            });
        }
    });
    let table = table.into_inner().unwrap();
    table.print(began.elapsed());
    assert!(table.lost.is_empty() && table.false_claims.is_empty(), "see above");
}
