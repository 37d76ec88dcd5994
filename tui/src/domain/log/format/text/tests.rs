//! Text lines as the loggers and runtimes of Lambda write them. `ID` in a line stands for the request id.

use super::super::tests::{check, read_one};
use Level::{Debug, Error, Info, Warn};
use imgwatch_shared::record::Level;

#[test]
fn text_lines_of_the_runtimes() {
    check(&[
        (
            "2026-11-29T01:00:00.000Z\tID\tERROR\tInvoke Error \t{\"errorType\":\"Error\",\"errorMessage\":\"boom\"}\n",
            Some(Error),
            true,
            "Invoke Error   {\"errorType\":\"Error\",\"errorMessage\":\"boom\"}",
        ),
        ("2026-11-29T01:00:00.000Z\tundefined\tERROR\tUncaught Exception", Some(Error), false, "Uncaught Exception"),
        (
            "2026-11-29T01:00:00.000Z\tID\tINFO\t{\"level\":\"error\",\"message\":\"cannot resize\"}",
            Some(Error),
            true,
            "cannot resize",
        ),
        ("2026-11-29T01:00:00.000Z\tID\tINFO\t404 ERROR pages", Some(Info), true, "404 ERROR pages"),
        ("[INFO]\t2026-11-29T01:00:00.000Z\t\tbefore the first event", Some(Info), false, "before the first event"),
        (
            "[WARNING]\t2026-11-29T01:00:00.000Z\tID\tLAMBDA_WARNING: Unhandled exception.",
            Some(Warn),
            true,
            "LAMBDA_WARNING: Unhandled exception.",
        ),
        (
            "[ERROR] KeyError: 'Records'\nTraceback (most recent call last):\n\u{a0}\u{a0}File \"/var/task/app.py\", line 5, in handler",
            Some(Error),
            false,
            "KeyError: 'Records'␊Traceback (most recent call last):␊\u{a0}\u{a0}File \"/var/task/app.py\", line 5, in handler",
        ),
        (
            "2026-11-29 01:00:00 ID ERROR MyHandler:12 - cannot decode",
            Some(Error),
            true,
            "MyHandler:12 - cannot decode",
        ),
        (
            "ERROR Lambda runtime invoke{requestId=\"ID\" xrayTraceId=\"Root=1\"}: no",
            Some(Error),
            true,
            "Lambda runtime invoke{requestId=\"ID\" xrayTraceId=\"Root=1\"}: no",
        ),
        (
            "timestamp=2026-11-29T01:00:00Z level=ERROR message=\"a \\\"b\\\"\" requestId=ID",
            Some(Error),
            true,
            "a \"b\"",
        ),
    ]);
}

/// The runtimes' own shapes, with each level that they write.
#[test]
fn text_lines_of_the_runtimes_with_each_level() {
    let shapes: [(&str, &[(&str, Level)]); 3] = [
        // Node and .NET, Python, Ruby.
        (
            "2026-11-29T01:00:00.000Z\tID\tLEVEL\tnew object in/a b.png",
            &[("INFO", Info), ("fail", Error), ("crit", Error), ("dbug", Debug)],
        ),
        ("[LEVEL]\t2026-11-29T01:00:00.000Z\tID\tnew object in/a b.png", &[("ERROR", Error), ("CRITICAL", Error)]),
        (
            "LEVEL ID -- : new object in/a b.png",
            &[("E, [2026-11-29T01:00:00.000000 #8] ERROR", Error), ("I, [2026-11-29T01:00:00.000000 #8]  INFO", Info)],
        ),
    ];
    for (shape, levels) in shapes {
        for (word, level) in levels {
            check(&[(&shape.replace("LEVEL", word), Some(*level), true, "new object in/a b.png")]);
        }
    }
}

#[test]
fn text_lines_of_loggers() {
    check(&[
        (
            "\u{1b}[2m2026-11-29T01:00:00.000000Z\u{1b}[0m \u{1b}[31mERROR\u{1b}[0m \u{1b}[2mbootstrap\u{1b}[0m\u{1b}[2m:\u{1b}[0m cannot decode",
            Some(Error),
            false,
            "bootstrap: cannot decode",
        ),
        ("[2026-11-29T01:00:00Z WARN  bootstrap] slow", Some(Warn), false, "="),
        // Python: `basicConfig`, a common format, loguru.
        ("ERROR:root:no", Some(Error), false, "root:no"),
        ("2026-11-29 01:00:00,000 - app.resize - ERROR - no", Some(Error), false, "="),
        ("2026-11-29 01:00:00.000 | ERROR    | app:resize:5 - no", Some(Error), false, "app:resize:5 - no"),
        // Java: logback, Spring, java.util.logging, log4j about itself.
        ("01:00:00.000 [main] ERROR com.example.Handler - no", Some(Error), false, "="),
        (
            "2026-11-29T01:00:00.000Z  WARN 8 --- [main] c.e.Handler : slow",
            Some(Warn),
            false,
            "8 --- [main] c.e.Handler : slow",
        ),
        ("[main] INFO com.example.Handler - ok", Some(Info), false, "="),
        ("SEVERE: no", Some(Error), false, "no"),
        ("2026-11-29 01:00:00,000 main ERROR no appender", Some(Error), false, "="),
        // .NET: console, systemd, Serilog, NLog.
        ("fail: App.Function[0]", Some(Error), false, "App.Function[0]"),
        ("<3>App.Function[0] no", Some(Error), false, "App.Function[0] no"),
        ("[01:00:00 ERR] no", Some(Error), false, "no"),
        ("2026-11-29 01:00:00.0000|ERROR|App.Function|no", Some(Error), false, "App.Function|no"),
        // Node: winston, pino-pretty, log4js.
        ("error: no", Some(Error), false, "no"),
        ("2026-11-29T01:00:00.000Z [label] warn: slow", Some(Warn), false, "="),
        ("2026-11-29T01:00:00.000Z [error]: no", Some(Error), false, "no"),
        ("[01:00:00.000] ERROR (8): no", Some(Error), false, "(8): no"),
        ("[2026-11-29T01:00:00.000] [ERROR] default - no", Some(Error), false, "default - no"),
        // Go: log with a word, slog, logrus, zap, zerolog, klog. PHP: Monolog.
        ("2026/11/28 10:00:00 [ERROR] no", Some(Error), false, "no"),
        ("2026/11/28 10:00:00 ERROR: no", Some(Error), false, "no"),
        (
            "time=2026-11-29T01:00:00.000Z level=WARN msg=\"slow thumbnail\" key=a.png",
            Some(Warn),
            false,
            "slow thumbnail",
        ),
        ("time=\"2026-11-29T01:00:00Z\" level=error msg=no", Some(Error), false, "no"),
        ("WARN[0000] slow", Some(Warn), false, "[0000] slow"),
        ("2026-11-29T01:00:00.000Z\terror\tmain.go:1\tno", Some(Error), false, "main.go:1  no"),
        ("2026-11-29T01:00:00Z ERR no key=a.png", Some(Error), false, "no key=a.png"),
        ("1:00AM WRN slow", Some(Warn), false, "slow"),
        ("E1129 01:00:00.000000       8 main.go:1] no", Some(Error), false, "8 main.go:1] no"),
        ("[2026-11-29T01:00:00.000000+00:00] app.ERROR: no [] []", Some(Error), false, "no [] []"),
        ("panic: runtime error: index out of range", Some(Error), false, "runtime error: index out of range"),
        ("Error: boom", Some(Error), false, "boom"),
    ]);
}

/// A line whose level is not known is never hidden, so that a guess is worse than none.
#[test]
fn words_in_a_message_are_no_levels() {
    check(&[
        ("INFORMATION is not INFO", None, false, "="),
        ("File uploaded to bucket images with key in/a+b%2B%C3%A9.png", None, false, "="),
        ("2026/11/28 10:00:00 got an ERROR from S3", None, false, "="),
        ("got - ERROR - from S3", None, false, "="),
        ("Info: read the manual", None, false, "="),
        ("debug mode is on", None, false, "="),
        ("DEBUG=1", None, false, "="),
        ("INF", None, false, "="),
        ("Traceback (most recent call last):", None, false, "="),
        ("  File \"/var/task/app.py\", line 5, in handler", None, false, "="),
        ("https://example.com/ERROR", None, false, "="),
        ("E1234 is an error code", None, false, "="),
        ("2026-11-29T01:00:00.000Z", None, false, "="),
        ("2026-11-29T01:00:00.000Z ID done", None, false, "="),
        ("key=a.png msg=INFO", None, false, "="),
        ("level=", None, false, "="),
        ("[", None, false, "="),
        ("[é] é|é", None, false, "="),
        ("|", None, false, "="),
        ("é", None, false, "="),
    ]);
}

proptest::proptest! {
    #[test]
    fn any_line_can_be_read(line in "(\\[|<|\\{|INFO|ERROR:|level=|\"|\\\\|2026|:|\\||-| |\t|é|🐈|[a-z]{0,3}){0,12}") {
        let (read, _) = read_one(&line);
        proptest::prop_assert!(!read.text.shown().chars().any(crate::text::clean::is_harmful));
    }
}
