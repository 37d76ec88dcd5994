//! Lines in more than one form, and what the tests of every form use. `ID` in a line stands for the request id.

use super::*;

pub(super) const ID: &str = "79b5e81f-3c1d-4d5e-9a4e-0f6a2f3b7c11";

pub(super) fn read_all(message: &str) -> (LogLine, Vec<Fact>) {
    read("1".into(), Timestamp::UNIX_EPOCH, "f".into(), "s".into(), message)
}

/// A line, and the first thing that it proves.
pub(super) fn read_one(message: &str) -> (LogLine, Option<Fact>) {
    let (line, facts) = read_all(message);
    (line, facts.into_iter().next())
}

pub(super) fn report_of(message: &str) -> InvocationReport {
    match read_one(message) {
        (line, Some(Fact::Reported(source, report))) => {
            assert_eq!(source.lambda_request_id, Some(Clean::new(ID)));
            assert_eq!(line.request_id, Some(Clean::new(ID)));
            report
        }
        other => panic!("no report: {other:?}"),
    }
}

/// What is true of a line: its level, whether it names the invocation, and what its row leads with (`=`: the whole line).
pub(super) type Case<'a> = (&'a str, Option<Level>, bool, &'a str);

pub(super) fn check(cases: &[Case<'_>]) {
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
