//! Lines word for word as Lambda and runtimes write them.

use super::*;
use crate::domain::evidence::ReportStatus;

const ID: &str = "79b5e81f-3c1d-4d5e-9a4e-0f6a2f3b7c11";

pub(super) fn read_one(message: &str) -> (LogLine, Option<Fact>) {
    read("1".into(), Timestamp::UNIX_EPOCH, "s".into(), message)
}

fn report_of(message: &str) -> InvocationReport {
    match read_one(message) {
        (line, Some(Fact::Reported(source, report))) => {
            assert_eq!(source.lambda_request_id, Some(Clean::new(ID)));
            assert_eq!(line.request_id, Some(Clean::new(ID)));
            report
        }
        other => panic!("no report: {other:?}"),
    }
}

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
    let (_, fact) = read_one("the user wrote: Task timed out after 3.00 seconds");
    assert_eq!(fact, None, "a function may print these words itself: they prove nothing");
}

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
fn json_report_of_trouble() {
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

/// At the level DEBUG the runtime's end is told before the report, which alone counts.
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
fn what_is_billed_and_used_is_known_in_both_forms() {
    let text = report_of(&format!(
        "REPORT RequestId: {ID}\tDuration: 1233.96 ms\tBilled Duration: 1698 ms\tMemory Size: 256 MB\tMax Memory Used: 123 MB\t\
         Init Duration: 463.51 ms\t\n"
    ));
    let json = report_of(&format!(
        r#"{{"time":"2026-10-08T07:30:29.5Z","type":"platform.report","record":{{"requestId":"{ID}","metrics":{{"durationMs":1233.96,"billedDurationMs":1698,"memorySizeMB":256,"maxMemoryUsedMB":123,"initDurationMs":463.51}},"status":"success"}}}}"#
    ));
    assert_eq!(text, json);
    assert_eq!((text.billed_us, text.cost()), (Some(1_698_000), "billed 1698 ms, 123 of 256 MB".to_owned()));
}

#[test]
fn a_process_that_went_away_is_a_crash() {
    let report = report_of(&format!("RequestId: {ID} Process exited before completing request\n\n"));
    assert_eq!((report.status, report.error), (ReportStatus::Error, None));
    let report =
        report_of(&format!("RequestId: {ID} Error: Runtime exited without providing a reason\nRuntime.ExitError\n"));
    assert_eq!((report.status, report.error), (ReportStatus::Error, Some(Clean::new("Runtime.ExitError"))));
}

fn record(rest: &str) -> String {
    format!(
        r#"{{"timestamp":"2026-11-23T15:23:01.004Z","level":"INFO","message":"image received","requestId":"{ID}","bucket":"images","key":"photos/a b.png","eTag":"d41d","sequencer":"0055","s3RequestId":"C3D1"{rest}}}"#
    )
}

#[test]
fn handler_records_become_facts() {
    let (line, fact) =
        read_one(&record(r#","outcome":"published","snsMessageId":"3f2a1b0c-9d8e-5f7a-8b6c-0d1e2f3a4b5c""#));
    assert_eq!((line.kind, line.level), (LineKind::Record, Some(Level::Info)));
    assert_eq!(line.text.shown(), "published photos/a b.png  message 3f2a1b0c-9d8e-5f7a-8b6c-0d1e2f3a4b5c");
    let Some(Fact::Published { source, write, message_id }) = fact else { panic!("{fact:?}") };
    assert_eq!(source.lambda_request_id, Some(Clean::new(ID)));
    assert_eq!(
        (message_id.raw(), write.key.raw(), write.bucket.raw()),
        ("3f2a1b0c-9d8e-5f7a-8b6c-0d1e2f3a4b5c", "photos/a b.png", "images")
    );
    assert_eq!(write.s3_request_id, Some(Clean::new("C3D1")));

    for wrong in ["", "3f2a", "not a message id of SNS, whose ids are 36"] {
        let (_, fact) = read_one(&record(&format!(r#","outcome":"published","snsMessageId":"{wrong}""#)));
        assert!(matches!(fact, Some(Fact::Received(..))), "{wrong:?} names no message: {fact:?}");
    }
    let (_, fact) =
        read_one(&record(r#","outcome":"duplicate","snsMessageId":"3f2a1b0c-9d8e-5f7a-8b6c-0d1e2f3a4b5c""#));
    assert!(matches!(fact, Some(Fact::Published { .. })));
    let (_, fact) = read_one(&record(r#","outcome":"skipped","error":"not an image""#));
    assert!(matches!(fact, Some(Fact::Skipped { reason, .. }) if reason.raw() == "not an image"));
    let (line, fact) = read_one(&record(r#","outcome":"failed","error":"topic missing""#));
    assert_eq!(line.text.shown(), "failed photos/a b.png  topic missing");
    assert!(matches!(fact, Some(Fact::Failed { reason, .. }) if reason.raw() == "topic missing"));
    let (_, fact) = read_one(&record(""));
    assert!(matches!(fact, Some(Fact::Received(..))), "no outcome yet");
}

#[test]
fn a_hostile_key_is_harmless_in_line_and_fact() {
    let line = r#"{"timestamp":"2026-11-23T15:23:01Z","level":"INFO","message":"m","bucket":"b","key":"\u001b]0;x\u0007\u202egpj\n.png","outcome":"published","snsMessageId":"3f2a1b0c-9d8e-5f7a-8b6c-0d1e2f3a4b5c"}"#;
    let (line, fact) = read_one(line);
    assert!(!line.text.shown().chars().any(crate::text::clean::is_harmful));
    let Some(Fact::Published { write, .. }) = fact else { panic!("{fact:?}") };
    assert_eq!(write.key.raw(), "\u{1b}]0;x\u{7}\u{202e}gpj\n.png");
    assert!(line.text.shown().contains(write.key.shown()), "Logs and Objects show one key: {:?}", line.text.shown());
}

#[test]
fn foreign_lines_stay_as_they_are() {
    let (line, fact) = read_one("hello\tworld\n");
    assert_eq!((line.kind, line.text.shown(), fact), (LineKind::Text, "hello  world", None));
    let (line, fact) = read_one(r#"{"a":1}"#);
    assert_eq!((line.kind, line.text.shown(), fact), (LineKind::Text, r#"{"a":1}"#, None));
    let (line, _) = read_one(
        r#"{"level":"ERROR","fields":{"message":"user handler panicked","error":"Any"},"span":{"requestId":"79b5e81f-3c1d-4d5e-9a4e-0f6a2f3b7c11"}}"#,
    );
    assert_eq!((line.level, line.text.shown()), (Some(Level::Error), "user handler panicked"));
    assert_eq!(line.request_id, Some(Clean::new(ID)));
    for odd in ["{", "{}", "START", "REPORT", "START RequestId:", "REPORT RequestId: ", "RequestId: x", "START of work"]
    {
        assert_eq!(read_one(odd).1, None, "{odd:?}");
    }
}

/// What is true of a line: its level, whether it names the invocation, and what its row leads with (`=`: the whole line).
pub(super) type Case = (&'static str, Option<Level>, bool, &'static str);

pub(super) fn check(cases: &[Case]) {
    for (line, level, names, gist) in cases {
        let (read, fact) = read_one(&line.replace("ID", ID));
        let id = names.then(|| Clean::new(ID));
        assert_eq!((read.level, &read.request_id), (*level, &id), "{line}");
        let gist =
            if *gist == "=" { Clean::log(&line.replace("ID", ID)).shown().to_owned() } else { gist.replace("ID", ID) };
        assert_eq!(read.text.shown(), gist, "{line}");
        let proves = matches!(fact, Some(Fact::Reported(..)));
        assert_eq!(proves, line.contains("Task timed out") || line.contains("exited"), "{line}");
    }
}

#[test]
fn text_lines_of_lambda_itself() {
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
