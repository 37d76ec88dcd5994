//! `imgwatch doctor`: every check as a table with what mends it, or as one JSON object.

use std::fmt::Write as _;
use std::io::IsTerminal as _;

use serde::Serialize;

use super::failure::Failure;
use super::session::Session;
use super::{json, output};
use crate::cli::{Cli, DoctorArgs};
use crate::config::Feeds;
use crate::domain::diagnosis::findings::Findings;
use crate::domain::diagnosis::{self, Check, Diagnosis, Status};
use crate::domain::ids::RequestId;
use crate::effect::CloudEffect;
use crate::msg::Update;
use crate::terminal::exit::Exit;
use crate::text::clean::Clean;

const REQUEST: RequestId = RequestId(1);

pub(crate) async fn run(cli: &Cli, args: &DoctorArgs) -> Result<Exit, Failure> {
    let findings = Session::hold(cli, Feeds::default(), async |session| look(session, args).await).await?;
    let report = diagnosis::diagnose(&findings);
    let text = if args.json {
        json::line(&Document::of(&report))?
    } else {
        let coloured = std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|it| it.is_empty());
        table(&report, coloured)
    };
    output::write(&text).await?;
    Ok(if report.worst() == Status::Failure { Exit::Failed } else { Exit::Success })
}

async fn look(session: &mut Session, args: &DoctorArgs) -> Result<Findings, Failure> {
    session.perform(CloudEffect::Examine { request: REQUEST, key: args.key.as_deref().map(Clean::new) });
    loop {
        match session.next().await? {
            Update::Examined { request: REQUEST, findings } => return Ok(*findings),
            Update::ExamineFailed { request: REQUEST, problem } => return Err(problem.into()),
            _ => {}
        }
    }
}

/// The report in JSON.
#[derive(Serialize)]
struct Document<'a> {
    key: Option<&'a str>,
    summary: Summary,
    checks: Vec<Row<'a>>,
}

#[derive(Serialize)]
struct Summary {
    failures: usize,
    warnings: usize,
    could_not_look: usize,
    notes: usize,
    ok: usize,
}

#[derive(Serialize)]
struct Row<'a> {
    id: &'static str,
    title: &'static str,
    status: String,
    looked_at: &'a str,
    why: &'static str,
    mend: Option<String>,
    permission: Option<&'static str>,
}

impl<'a> Document<'a> {
    fn of(report: &'a Diagnosis) -> Self {
        let summary = Summary {
            failures: report.count(Status::Failure),
            warnings: report.count(Status::Warning),
            could_not_look: report.count(Status::NotChecked),
            notes: report.count(Status::Note),
            ok: report.count(Status::Ok),
        };
        let row = |check: &'a Check| {
            let mend: Vec<&str> = check.fix.iter().map(Clean::raw).collect();
            Row {
                id: check.id,
                title: check.title,
                status: check.status.word().replace(' ', "-"),
                looked_at: check.found.raw(),
                why: check.why,
                mend: (!mend.is_empty()).then(|| mend.join("\n")),
                permission: check.permission,
            }
        };
        Self { key: report.key.as_ref().map(Clean::raw), summary, checks: report.checks.iter().map(row).collect() }
    }
}

/// In the order of an upload's way; what is not in order is explained below its row.
fn table(report: &Diagnosis, coloured: bool) -> String {
    let paint = |status: Status, text: &str| {
        let code = match status {
            Status::Ok => "32",
            Status::Note => "36",
            Status::NotChecked => "2",
            Status::Warning => "33",
            Status::Failure => "1;31",
        };
        if coloured { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    };
    let mut out = String::new();
    for check in &report.checks {
        let status = format!("{} {:<14}", check.status.sign(), check.status.word());
        // Writing to a String cannot fail.
        let _ = writeln!(out, "{}  {}", paint(check.status, &status), check.title);
        if check.status == Status::Ok {
            let _ = writeln!(out, "                  {}", check.found);
            continue;
        }
        let _ = writeln!(out, "    check         {}", check.id);
        let _ = writeln!(out, "    found         {}", check.found);
        let _ = writeln!(out, "    why           {}", check.why);
        if !check.fix.is_empty() {
            out.push_str("    fix\n");
        }
        for line in &check.fix {
            let _ = writeln!(out, "      {line}");
        }
    }
    let counts: Vec<String> = Status::ALL
        .into_iter()
        .filter(|status| report.count(*status) > 0)
        .map(|status| paint(status, &format!("{} {}", report.count(status), status.word())))
        .collect();
    let _ = writeln!(out, "\n{}", counts.join(", "));
    out
}
