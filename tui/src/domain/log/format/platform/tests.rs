//! Lambda's own lines in a JSON log, word for word.

use super::*;
use crate::domain::evidence::Fact;
use crate::domain::log::format::tests::{ID, check, read_one, report_of};

#[test]
fn json_lines_of_an_invocation() {
    let (line, fact) = read_one(
        r#"{"time":"2026-10-08T07:30:27.768Z","type":"platform.initStart","record":{"initializationType":"on-demand","phase":"init","runtimeVersion":"nodejs:22.mainline.v122","runtimeVersionArn":"arn:","functionName":"f","functionVersion":"$LATEST","instanceId":"2026/10/08/f[$LATEST]22be","instanceMaxMemory":268435456}}"#,
    );
    assert_eq!((line.kind, fact), (LineKind::Init, None));
    assert_eq!(line.text.shown(), "INIT_START nodejs:22.mainline.v122");

    let start = format!(
        r#"{{"time":"2026-10-08T07:30:28.235Z","type":"platform.start","record":{{"requestId":"{ID}","functionArn":"arn:aws:lambda:","version":"$LATEST"}}}}"#
    );
    let (line, fact) = read_one(&start);
    assert_eq!((line.kind, line.text.shown()), (LineKind::Start, "START 79b5e81f"));
    assert!(matches!(fact, Some(Fact::Invoked(_))));

    let report = format!(
        r#"{{"time":"2026-10-08T07:30:29.5Z","type":"platform.report","record":{{"requestId":"{ID}","metrics":{{"durationMs":1233.96,"billedDurationMs":1698,"memorySizeMB":256,"maxMemoryUsedMB":123,"initDurationMs":463.512}},"status":"success"}}}}"#
    );
    let (line, _) = read_one(&report);
    assert_eq!(line.text.shown(), "REPORT 79b5e81f  1233.9 ms, billed 1698 ms, 123 of 256 MB, init 463.5 ms");
    let report = report_of(&report);
    assert_eq!((report.duration_us, report.init_us), (Some(1_233_960), Some(463_512)));
    assert_eq!((report.memory_mb, report.memory_used_mb), (Some(256), Some(123)));
}

#[test]
fn json_report_of_an_error() {
    let line = |rest: &str| {
        format!(
            r#"{{"time":"2026-10-08T07:30:29.5Z","type":"platform.report","record":{{"requestId":"{ID}","metrics":{{"durationMs":5000}},{rest}}}}}"#
        )
    };
    assert_eq!(report_of(&line(r#""status":"timeout""#)).status, ReportStatus::Timeout);
    assert_eq!(report_of(&line(r#""status":"failure""#)).status, ReportStatus::Failure);
    let report = report_of(&line(r#""status":"error","errorType":"Runtime.ExitError""#));
    assert_eq!((report.status, report.error), (ReportStatus::Error, Some(Clean::new("Runtime.ExitError"))));
}

#[test]
fn json_lines_about_the_start_of_an_environment() {
    let cases = [
        (
            r#"{"time":"2026-10-08T07:30:28.2Z","type":"platform.initRuntimeDone","record":{"initializationType":"on-demand","phase":"init","status":"success"}}"#,
            "INIT_DONE init success",
            None,
        ),
        (
            r#"{"time":"2026-10-08T07:30:28.2Z","type":"platform.initReport","record":{"initializationType":"on-demand","phase":"init","status":"error","errorType":"Runtime.InvalidEntrypoint","metrics":{"durationMs":0.27}}}"#,
            "INIT_REPORT init error, Runtime.InvalidEntrypoint",
            Some(Level::Error),
        ),
        (
            r#"{"time":"2026-10-08T07:30:28.2Z","type":"platform.restoreStart","record":{"functionName":"f","functionVersion":"1","instanceId":"i","runtimeVersion":"java:21.v15"}}"#,
            "RESTORE_START java:21.v15",
            None,
        ),
        (
            r#"{"time":"2026-10-08T07:30:28.2Z","type":"platform.restoreReport","record":{"status":"success","metrics":{"durationMs":528.43}}}"#,
            "RESTORE_REPORT success",
            None,
        ),
    ];
    for (message, text, level) in cases {
        let (line, fact) = read_one(message);
        assert_eq!((line.kind, line.text.shown(), line.level, fact), (LineKind::Init, text, level, None));
    }
}

/// At the level DEBUG `runtimeDone` comes before the report, which alone counts.
#[test]
fn json_runtime_done_of_a_time_out() {
    let (line, fact) = read_one(&format!(
        r#"{{"time":"2024-07-01T10:00:05.0Z","type":"platform.runtimeDone","record":{{"requestId":"{ID}","status":"timeout","metrics":{{"durationMs":5001.182,"producedBytes":0}}}}}}"#
    ));
    assert_eq!((line.kind, line.text.shown()), (LineKind::End, "END 79b5e81f timeout"));
    assert_eq!((line.level, line.request_id, fact), (Some(Level::Error), Some(Clean::new(ID)), None));
}

#[test]
fn json_lines_may_carry_tracing_and_lack_metrics() {
    let report = report_of(&format!(
        r#"{{"time":"2026-10-08T07:30:29.5Z","type":"platform.report","record":{{"requestId":"{ID}","metrics":null,"status":"error","errorType":"Runtime.ExitError","tracing":{{"spanId":"54565fb41ac79632","type":"X-Amzn-Trace-Id","value":"Root=1-62e900b2-710d76f009d6e7785905449a"}}}}}}"#
    ));
    assert_eq!((report.status, report.duration_us), (ReportStatus::Error, None));
    assert_eq!(report.error, Some(Clean::new("Runtime.ExitError")));
}

#[test]
fn json_lines_of_faults_extensions_and_dropped_logs() {
    check(&[
        (
            r#"{"time":"2026-11-29T01:00:00.000Z","type":"platform.fault","record":"RequestId: ID Process exited before completing request"}"#,
            Some(Level::Error),
            true,
            "RequestId: ID Process exited before completing request",
        ),
        (
            r#"{"time":"x","type":"platform.extension","record":{"name":"x","state":"LaunchError","errorType":"PermissionDenied"}}"#,
            Some(Level::Error),
            false,
            "=",
        ),
        (r#"{"time":"x","type":"platform.logsDropped","record":{"droppedRecords":3}}"#, Some(Level::Warn), false, "="),
    ]);
}
