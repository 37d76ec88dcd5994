//! Measures a whole listing: `imgwatch objects` beside the peers that are installed, against the stub.
//!
//! It prints tables for `docs/performance.md`, which has the command. It measures programs from outside: the time until
//! they end, the time until their first row, and the memory that the system counted at most.

#![expect(clippy::print_stdout, reason = "the table is its result")]

mod measure;
mod terminal;

use std::error::Error;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use imgwatch_bench::{Keys, Options, Shape, StartAfter, Stub};
use measure::{Measured, measure};

const USAGE: &str = "usage: imgwatch-bench [--program PATH] [--runs N] [--latency MILLISECONDS] [--rate REQUESTS] \
                     [--start-after honoured|ignored] [--keys N,N,...]";

/// What is measured.
struct Plan {
    program: PathBuf,
    runs: usize,
    /// How the stub answers.
    options: Options,
    counts: Vec<u64>,
}

impl Plan {
    fn read(mut arguments: impl Iterator<Item = String>) -> Result<Self, Box<dyn Error>> {
        let mut plan = Self {
            // Both are built into one directory.
            program: std::env::current_exe()?.with_file_name("imgwatch"),
            runs: 5,
            options: Options { latency: Duration::from_millis(30), ..Options::default() },
            counts: vec![1_000, 10_000, 100_000, 1_000_000],
        };
        while let Some(name) = arguments.next() {
            let value = arguments.next().ok_or(USAGE)?;
            match name.as_str() {
                "--program" => plan.program = value.into(),
                "--runs" => plan.runs = value.parse::<NonZeroUsize>()?.get(),
                "--latency" => plan.options.latency = Duration::from_millis(value.parse()?),
                "--rate" => plan.options.rate = Some(value.parse()?),
                "--start-after" if value == "honoured" => plan.options.start_after = StartAfter::Honoured,
                "--start-after" if value == "ignored" => plan.options.start_after = StartAfter::Ignored,
                "--keys" => plan.counts = value.split(',').map(str::parse).collect::<Result<_, _>>()?,
                _ => return Err(USAGE.into()),
            }
        }
        Ok(plan)
    }
}

/// A program that lists, and its arguments; `{url}` stands for the endpoint.
struct Peer {
    name: &'static str,
    program: PathBuf,
    arguments: &'static [&'static str],
}

fn peers(program: PathBuf) -> Vec<Peer> {
    let peer = |name, arguments| Peer { name, program: PathBuf::from(name), arguments };
    vec![
        Peer {
            name: "imgwatch",
            program,
            arguments: &["objects", "--endpoint-url", "{url}", "--bucket", "bench", "--region", "us-east-1"],
        },
        peer("s5cmd", &["--endpoint-url", "{url}", "ls", "s3://bench/*"]),
        peer("rclone", &["lsf", "-R", "--s3-provider", "Other", "--s3-endpoint", "{url}", ":s3,env_auth:bench"]),
        peer("aws", &["--endpoint-url", "{url}", "--region", "us-east-1", "s3", "ls", "--recursive", "s3://bench"]),
    ]
}

#[tokio::main]
#[expect(clippy::print_stderr, reason = "it has no other place for its error")]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Box<dyn Error>> {
    if std::env::args().any(|argument| argument == "--help") {
        println!("{USAGE}");
        return Ok(());
    }
    let plan = Plan::read(std::env::args().skip(1))?;
    if !plan.program.is_file() {
        let hint = "`cargo build -p imgwatch` in the same profile builds it, and --program names another one";
        return Err(format!("there is no {}: {hint}", plan.program.display()).into());
    }
    println!("latency {} ms, median of {} runs", plan.options.latency.as_millis(), plan.runs);
    println!(
        "| keys | shape | program | whole listing | first row | memory | requests |\n|---|---|---|---|---|---|---|"
    );
    for count in &plan.counts {
        for shape in Shape::ALL {
            for peer in peers(plan.program.clone()) {
                row(&plan, &peer, shape, *count).await?;
            }
        }
    }
    println!(
        "\n| keys | first row on the dashboard | whole listing | key to frame: median, 99 %, longest | memory |\n|---|---|---|---|---|"
    );
    for count in &plan.counts {
        dashboard(&plan, *count).await?;
    }
    Ok(())
}

/// Prints a row about the dashboard: one run, in which many keys are pressed.
async fn dashboard(plan: &Plan, count: u64) -> Result<(), Box<dyn Error>> {
    let stub = Stub::start(Keys::Computed { shape: Shape::Numbers, count }, plan.options).await?;
    let (program, url) = (plan.program.clone(), stub.url());
    let watched = tokio::task::spawn_blocking(move || terminal::watch(&program, &url, count)).await?;
    let shown = watched.map_err(|error| error.to_string())?;
    let of = |part: usize| {
        let at = shown.keys.len().saturating_sub(1) * part / 100;
        shown.keys.get(at).map_or_else(|| "-".to_owned(), |time| format!("{:.1} ms", time.as_secs_f64() * 1e3))
    };
    println!(
        "| {count} | {} ms | {:.2} s | {}, {}, {} | {} MB |",
        shown.first_row.as_millis(),
        shown.whole.as_secs_f64(),
        of(50),
        of(99),
        of(100),
        shown.memory / 1_000_000,
    );
    Ok(())
}

/// Prints a row of the table; nothing for a program that is not installed.
async fn row(plan: &Plan, peer: &Peer, shape: Shape, count: u64) -> Result<(), Box<dyn Error>> {
    let mut runs: Vec<(Measured, u64)> = Vec::new();
    for _ in 0..plan.runs {
        let stub = Stub::start(Keys::Computed { shape, count }, plan.options).await?;
        let arguments = peer.arguments.iter().map(|argument| argument.replace("{url}", &stub.url()));
        let Some(measured) = measure(&peer.program, arguments).await? else { return Ok(()) };
        if measured.rows != count {
            return Err(format!("{} printed {} rows of {count} {shape:?} keys", peer.name, measured.rows).into());
        }
        runs.push((measured, stub.answered()));
    }
    let median = |of: fn(&(Measured, u64)) -> u64| {
        let mut values: Vec<u64> = runs.iter().map(of).collect();
        values.sort_unstable();
        values.get(values.len() / 2).copied().unwrap_or_default()
    };
    println!(
        "| {count} | {shape:?} | {} | {:.2} s | {} ms | {} MB | {} |",
        peer.name,
        Duration::from_millis(median(|run| run.0.whole)).as_secs_f64(),
        median(|run| run.0.first_row),
        median(|run| run.0.memory) / 1_000_000,
        median(|run| run.1),
    );
    Ok(())
}
