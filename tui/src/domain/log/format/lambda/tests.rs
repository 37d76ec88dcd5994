//! Lambda's own lines in a text log, word for word.

use super::*;
use crate::domain::evidence::{Fact, LogSource};
use crate::domain::log::format::tests::{ID, check, read_one, report_of};

#[test]
fn text_lines_of_an_invocation() {
    let (line, fact) = read_one(
        "INIT_START Runtime Version: provided:al2023.v97\tRuntime Version ARN: arn:aws:lambda:eu-west-1::runtime:c41794fa\n",
    );
    assert_eq!((line.kind, fact), (LineKind::Init, None));

    let (line, fact) = read_one(&format!("START RequestId: {ID} Version: $LATEST\n"));
    assert_eq!(line.kind, LineKind::Start);
    assert!(matches!(fact, Some(Fact::Invoked(LogSource { lambda_request_id: Some(id), .. })) if id.raw() == ID));

    let (line, fact) = read_one(&format!("END RequestId: {ID}\n"));
    assert_eq!((line.kind, line.request_id, fact), (LineKind::End, Some(Clean::new(ID)), None));
}

#[test]
fn text_report_with_cold_start_and_trace() {
    let message = format!(
        "REPORT RequestId: {ID}\tDuration: 49.80 ms\tBilled Duration: 50 ms\tMemory Size: 128 MB\t\
         Max Memory Used: 25 MB\tInit Duration: 91.80 ms\t\nXRAY TraceId: 1-5f-6a\tSegmentId: 1\tSampled: true\t\n"
    );
    let (line, _) = read_one(&message);
    assert_eq!(line.text.shown(), "REPORT 79b5e81f  49.8 ms, billed 50 ms, 25 of 128 MB, init 91.8 ms");
    assert_eq!((line.kind, line.level), (LineKind::Report, None));
    let report = report_of(&message);
    assert_eq!((report.duration_us, report.init_us), (Some(49_800), Some(91_800)));
    assert_eq!((report.memory_mb, report.memory_used_mb), (Some(128), Some(25)));
    assert_eq!((report.status, report.error), (ReportStatus::Success, None));
}

#[test]
fn text_report_of_a_crash() {
    let report = report_of(&format!(
        "REPORT RequestId: {ID}\tDuration: 3.10 ms\tBilled Duration: 4 ms\tMemory Size: 128 MB\tMax Memory Used: 3 MB\t\
         Status: error\tError Type: Runtime.ExitError\n"
    ));
    assert_eq!((report.status, report.error), (ReportStatus::Error, Some(Clean::new("Runtime.ExitError"))));
    let report = report_of(&format!(
        "REPORT RequestId: {ID}\tDuration: 3000.00 ms\tBilled Duration: 3000 ms\tMemory Size: 128 MB\t\
         Max Memory Used: 3 MB\tStatus: timeout"
    ));
    assert_eq!(report.status, ReportStatus::Timeout);
}

#[test]
fn text_words_on_time_outs_and_crashes() {
    let report = report_of(&format!("2024-05-01T10:00:03.004Z {ID} Task timed out after 3.00 seconds\n\n"));
    assert_eq!((report.status, report.duration_us), (ReportStatus::Timeout, None));
    let crash = format!("RequestId: {ID} Error: Runtime exited with error: exit status 1\nRuntime.ExitError\n");
    let report = report_of(&crash);
    assert_eq!((report.status, report.error), (ReportStatus::Error, Some(Clean::new("Runtime.ExitError"))));
}

#[test]
fn words_that_a_function_prints_itself_prove_nothing() {
    for printed in [
        "the user wrote: Task timed out after 3.00 seconds",
        "job ID Task timed out after 3.00 seconds",
        "2024-05-01T10:00:03.004Z job ID Task timed out after 3.00 seconds",
        "2024-05-01T10:00:03.004Z ID Task timed out after 3.00 seconds, trying again",
        "2024-05-01T10:00:03.004Z ID Task timed out after all seconds",
        "2024-05-01T10:00:03.004Z\tID\tINFO\tTask timed out after 3.00 seconds",
        "START RequestId: 7 of the supplier",
        "REPORT RequestId: 7\tStatus: error",
        "RequestId: 7 Error: the supplier refused",
        "RequestId: 7 Process exited before completing request",
    ] {
        let (line, fact) = read_one(&printed.replace("ID", ID));
        assert_eq!(fact, None, "{printed}");
        assert!(line.level.is_none_or(|level| level < Level::Error), "{printed}");
    }
}

#[test]
fn text_lines_about_the_start_of_an_environment() {
    let (line, fact) = read_one(
        "INIT_REPORT Init Duration: 0.27 ms\tPhase: init\tStatus: error\tError Type: Runtime.InvalidEntrypoint\n",
    );
    assert_eq!((line.kind, line.level, fact), (LineKind::Init, Some(Level::Error), None));
    let (line, fact) = read_one("INIT_REPORT Init Duration: 91.80 ms\tPhase: init\tStatus: timeout");
    assert_eq!((line.kind, line.level, fact), (LineKind::Init, Some(Level::Error), None));
    for quiet in [
        "RESTORE_START Runtime Version: java:21.v15\tRuntime Version ARN: arn:",
        "RESTORE_REPORT Restore Duration: 528.43 ms\n",
    ] {
        let (line, fact) = read_one(quiet);
        assert_eq!((line.kind, line.level, fact), (LineKind::Init, None, None), "{quiet}");
    }
}

#[test]
fn a_process_that_went_away_is_a_crash() {
    let report = report_of(&format!("RequestId: {ID} Process exited before completing request\n\n"));
    assert_eq!((report.status, report.error), (ReportStatus::Error, None));
    let report =
        report_of(&format!("RequestId: {ID} Error: Runtime exited without providing a reason\nRuntime.ExitError\n"));
    assert_eq!((report.status, report.error), (ReportStatus::Error, Some(Clean::new("Runtime.ExitError"))));
}

#[test]
fn text_lines_of_faults_and_extensions() {
    check(&[
        (
            "2026-11-29T01:00:00.000Z ID Task timed out after 3.00 seconds\n\n",
            Some(Level::Error),
            true,
            "Task timed out after 3.00 seconds",
        ),
        (
            "RequestId: ID Error: Runtime exited with error: signal: killed\nRuntime.ExitError\n",
            Some(Level::Error),
            true,
            "=",
        ),
        (
            "EXTENSION\tName: x\tState: LaunchError\tEvents: []\tError Type: PermissionDenied",
            Some(Level::Error),
            false,
            "=",
        ),
        ("EXTENSION\tName: x\tState: Ready\tEvents: [INVOKE, SHUTDOWN]", None, false, "="),
        (
            "IMAGE\tLaunch error: exec format error\tEntrypoint: [/bootstrap]\tCmd: []\tWorkingDir: []",
            Some(Level::Error),
            false,
            "=",
        ),
    ]);
}
