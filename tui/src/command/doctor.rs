//! `imgwatch doctor`: every check as a table with suggested fixes, or as one JSON object.

use std::fmt::Write as _;
use std::io::IsTerminal as _;

use serde::Serialize;

use super::failure::Failure;
use super::session::Session;
use super::{json, output};
use crate::cli::{Cli, DoctorArgs};
use crate::config::Feeds;
use crate::domain::diagnosis::findings::Findings;
use crate::domain::diagnosis::{self, Check, CheckStatus, Diagnosis};
use crate::domain::ids::RequestId;
use crate::effect::CloudEffect;
use crate::msg::Update;
use crate::terminal::exit::Exit;
use crate::text::clean::Clean;

const REQUEST: RequestId = RequestId(1);

pub(crate) async fn run(cli: &Cli, args: &DoctorArgs) -> Result<Exit, Failure> {
    let findings = Session::hold(cli, Feeds::default(), async |session| diagnose(session, args).await).await?;
    let report = diagnosis::diagnose(&findings);
    let text = if args.json {
        json::line(&Document::of(&report))?
    } else {
        let coloured = std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|it| it.is_empty());
        table(&report, coloured)
    };
    output::write(&text).await?;
    let came_out = |status| report.count(status) > 0;
    Ok(Exit::of_findings(came_out(CheckStatus::Failure), came_out(CheckStatus::NotChecked)))
}

async fn diagnose(session: &mut Session, args: &DoctorArgs) -> Result<Findings, Failure> {
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
    checks: Vec<CheckRow<'a>>,
}

#[derive(Serialize)]
struct Summary {
    failures: usize,
    warnings: usize,
    not_checked: usize,
    notes: usize,
    ok: usize,
}

#[derive(Serialize)]
struct CheckRow<'a> {
    id: &'static str,
    title: &'static str,
    status: &'static str,
    found: &'a str,
    why: &'static str,
    fix: Option<String>,
    permission: Option<&'static str>,
}

impl<'a> Document<'a> {
    fn of(report: &'a Diagnosis) -> Self {
        let summary = Summary {
            failures: report.count(CheckStatus::Failure),
            warnings: report.count(CheckStatus::Warning),
            not_checked: report.count(CheckStatus::NotChecked),
            notes: report.count(CheckStatus::Note),
            ok: report.count(CheckStatus::Ok),
        };
        let row = |check: &'a Check| {
            let fix: Vec<&str> = check.fix.iter().map(Clean::raw).collect();
            CheckRow {
                id: check.id,
                title: check.title,
                status: name(check.status),
                found: check.found.raw(),
                why: check.why,
                fix: (!fix.is_empty()).then(|| fix.join("\n")),
                permission: check.permission,
            }
        };
        Self { key: report.key.as_ref().map(Clean::raw), summary, checks: report.checks.iter().map(row).collect() }
    }
}

/// The status in JSON.
fn name(status: CheckStatus) -> &'static str {
    match status {
        CheckStatus::Ok => "ok",
        CheckStatus::Note => "note",
        CheckStatus::NotChecked => "not_checked",
        CheckStatus::Warning => "warning",
        CheckStatus::Failure => "failure",
    }
}

/// In the order of an upload's way; what is not in order is explained below its row.
fn table(report: &Diagnosis, coloured: bool) -> String {
    let paint = |status: CheckStatus, text: &str| {
        let code = match status {
            CheckStatus::Ok => "32",
            CheckStatus::Note => "36",
            CheckStatus::NotChecked => "2",
            CheckStatus::Warning => "33",
            CheckStatus::Failure => "1;31",
        };
        if coloured { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    };
    let mut out = String::new();
    for check in &report.checks {
        let status = format!("{} {:<14}", check.status.sign(), check.status.word());
        // Writing to a String cannot fail.
        let _ = writeln!(out, "{}  {}", paint(check.status, &status), check.title);
        if check.status == CheckStatus::Ok {
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
    let counts: Vec<String> = CheckStatus::ALL
        .into_iter()
        .filter(|status| report.count(*status) > 0)
        .map(|status| paint(status, &status.counted(report.count(status))))
        .collect();
    let _ = writeln!(out, "\n{}", counts.join(", "));
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::contract;

    #[test]
    fn the_contract_holds() {
        let check = |status| Check {
            id: "permission",
            title: "The bucket's right to invoke the function",
            status,
            found: "what was found".into(),
            why: "why it matters",
            fix: if status == CheckStatus::Ok { Vec::new() } else { vec!["# a comment".into(), "aws ...".into()] },
            permission: (status == CheckStatus::NotChecked).then_some("lambda:GetPolicy"),
        };
        let report = |key| Diagnosis { key, checks: CheckStatus::ALL.map(check).into() };
        let none = Diagnosis { key: None, checks: Vec::new() };
        let printed =
            [report(Some("photos/cat.png".into())), none].map(|report| json::line(&Document::of(&report)).unwrap());
        contract::check("doctor", &contract::lines(&printed.concat()));
    }
}
