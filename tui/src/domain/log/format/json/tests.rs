//! JSON lines as the loggers and runtimes of Lambda write them. `ID` in a line stands for the request id.

use super::super::tests::check;
use Level::{Debug, Error, Info, Trace, Warn};
use imgwatch_shared::record::Level;

#[test]
fn json_lines_of_the_runtimes() {
    check(&[
        // Node: one argument is nested, an error comes apart.
        (
            r#"{"timestamp":"2026-11-29T01:00:00.000Z","level":"ERROR","requestId":"ID","message":{"errorType":"TypeError","errorMessage":"x is undefined","stackTrace":["at a","at b"]}}"#,
            Some(Error),
            true,
            "TypeError: x is undefined",
        ),
        (
            r#"{"timestamp":"2026-11-29T01:00:00.000Z","level":"ERROR","requestId":"ID","errorType":"TypeError","errorMessage":"x is undefined","stackTrace":["at a"]}"#,
            Some(Error),
            true,
            "TypeError: x is undefined",
        ),
        (
            r#"{"timestamp":"2026-11-29T01:00:00.000Z","level":"FATAL","requestId":"ID","message":"gone"}"#,
            Some(Error),
            true,
            "gone",
        ),
        (
            r#"{"timestamp":"2026-11-29T01:00:00.000Z","level":"INFO","requestId":"ID","message":{"errorType":"Error","errorMessage":"no matter"}}"#,
            Some(Info),
            true,
            "Error: no matter",
        ),
        (
            r#"{"timestamp":"2026-11-29T01:00:00.000Z","level":"INFO","requestId":"ID","message":{"a":[1]}}"#,
            Some(Info),
            true,
            r#"{"a":[1]}"#,
        ),
        // The level is the printing function's; the logger's own is in the message.
        (
            r#"{"timestamp":"2026-11-29T01:00:00.000Z","level":"INFO","requestId":"ID","message":{"level":50,"msg":"cannot resize"}}"#,
            Some(Error),
            true,
            "cannot resize",
        ),
        (
            r#"{"timestamp":"2026-11-29T01:00:00.000Z","level":"INFO","requestId":"ID","message":"{\"level\":\"error\",\"message\":\"cannot resize\"}"}"#,
            Some(Error),
            true,
            "cannot resize",
        ),
        // Python: a warning, and an error that was not caught.
        (
            r#"{"timestamp": "2026-11-29T01:00:00.000Z", "level": "WARNING", "message": "odd size", "logger": "root", "requestId": "ID"}"#,
            Some(Warn),
            true,
            "odd size",
        ),
        (
            r#"{"timestamp": "2026-11-29T01:00:00Z", "log_level": "ERROR", "errorMessage": "'Records'", "errorType": "KeyError", "requestId": "ID", "stackTrace": ["  File"]}"#,
            Some(Error),
            true,
            "KeyError: 'Records'",
        ),
        (
            r#"{"timestamp":"2026-11-29T01:00:00.000Z","level":"Error","requestId":"ID","traceId":"1","message":"cannot decode"}"#,
            Some(Error),
            true,
            "cannot decode",
        ),
        (
            r#"{"timestamp":"2026-11-29T01:00:00.000Z","level":"Critical","requestId":"ID","message":"cannot decode"}"#,
            Some(Error),
            true,
            "cannot decode",
        ),
        (
            r#"{"timestamp":"2026-11-29T01:00:00.000Z","message":"cannot decode","level":"FATAL","AWSRequestId":"ID"}"#,
            Some(Error),
            true,
            "cannot decode",
        ),
        (
            r#"{"level":"WARN","fields":{"message":"slow"},"span":{"requestId":"ID","name":"Lambda runtime invoke"},"spans":[]}"#,
            Some(Warn),
            true,
            "slow",
        ),
        (
            r#"{"errorMessage":"boom","errorType":"Function<RuntimeError>","stackTrace":[]}"#,
            Some(Error),
            false,
            "Function<RuntimeError>: boom",
        ),
    ]);
}

#[test]
fn json_lines_of_loggers() {
    check(&[
        (
            r#"{"level":50,"time":1795913818282,"pid":8,"hostname":"h","awsRequestId":"ID","msg":"cannot resize"}"#,
            Some(Error),
            true,
            "cannot resize",
        ),
        (r#"{"level":60,"time":1,"msg":"out of memory"}"#, Some(Error), false, "out of memory"),
        (r#"{"level":40,"time":1,"msg":"slow"}"#, Some(Warn), false, "slow"),
        (r#"{"level":10,"time":1,"msg":"in"}"#, Some(Trace), false, "in"),
        (r#"{"level":"error","time":1,"msg":"cannot resize"}"#, Some(Error), false, "cannot resize"),
        (
            r#"{"level":50,"time":1,"err":{"type":"TypeError","message":"x is undefined","stack":"at"}}"#,
            Some(Error),
            false,
            "TypeError: x is undefined",
        ),
        (
            r#"{"time":"2026-11-29T01:00:00.000Z","level":"WARN","msg":"slow thumbnail","key":"a.png"}"#,
            Some(Warn),
            false,
            "slow thumbnail",
        ),
        (r#"{"time":"2026-11-29T01:00:00.000Z","level":"ERROR+4","msg":"worse"}"#, Some(Error), false, "worse"),
        (r#"{"time":"2026-11-29T01:00:00.000Z","level":"DEBUG-4","msg":"less"}"#, Some(Debug), false, "less"),
        (r#"{"level":"warn","ts":1795913818.2,"caller":"main.go:1","msg":"slow"}"#, Some(Warn), false, "slow"),
        (r#"{"level":"dpanic","ts":1.2,"msg":"cannot be"}"#, Some(Error), false, "cannot be"),
        (r#"{"level":"warning","msg":"slow","time":"2026-11-29T01:00:00Z"}"#, Some(Warn), false, "slow"),
        (r#"{"level":"error","error":"no such key","time":1}"#, Some(Error), false, "no such key"),
        (
            r#"{"level":"CRITICAL","location":"h:1","message":"disk full","timestamp":"2026-11-29 01:00:00,000+0000","service":"s","cold_start":true,"function_request_id":"ID"}"#,
            Some(Error),
            true,
            "disk full",
        ),
        (
            r#"{"level":"INFO","location":"h:1","message":{"Records":[]},"timestamp":"2026-11-29 01:00:00,000+0000"}"#,
            Some(Info),
            false,
            r#"{"Records":[]}"#,
        ),
        // .NET: Powertools, Microsoft's console, Serilog.
        (
            r#"{"ColdStart":true,"FunctionRequestId":"ID","Level":"Error","Message":"cannot decode"}"#,
            Some(Error),
            true,
            "cannot decode",
        ),
        (
            r#"{"EventId":0,"LogLevel":"Warning","Category":"App","Message":"slow","State":{}}"#,
            Some(Warn),
            false,
            "slow",
        ),
        (r#"{"@t":"2026-11-29T01:00:00Z","@mt":"done {Key}","Key":"a"}"#, Some(Info), false, "done {Key}"),
        (r#"{"@t":"2026-11-29T01:00:00Z","@mt":"no","@l":"Fatal","@x":"e"}"#, Some(Error), false, "no"),
        // Python: python-json-logger, structlog, loguru.
        (
            r#"{"asctime":"2026-11-29","levelname":"ERROR","message":"no","aws_request_id":"ID"}"#,
            Some(Error),
            true,
            "no",
        ),
        (r#"{"levelno":40,"message":"no"}"#, Some(Error), false, "no"),
        (r#"{"event":"slow","level":"warning","timestamp":"x"}"#, Some(Warn), false, "slow"),
        (
            r#"{"text":"x","record":{"level":{"icon":"x","name":"ERROR","no":40},"message":"cannot decode"}}"#,
            Some(Error),
            false,
            "cannot decode",
        ),
        // Java: logback, log4j, ECS. PHP: Monolog.
        (
            r#"{"@timestamp":"x","message":"slow","level":"WARN","level_value":30000,"mdc":{"AWSRequestId":"ID"}}"#,
            Some(Warn),
            true,
            "slow",
        ),
        (
            r#"{"instant":{"epochSecond":1},"level":"FATAL","message":"gone","contextMap":{"AWSRequestId":"ID"}}"#,
            Some(Error),
            true,
            "gone",
        ),
        (r#"{"@timestamp":"x","log.level":"error","message":"no","ecs.version":"8"}"#, Some(Error), false, "no"),
        (r#"{"@timestamp":"x","log":{"level":"error"},"message":"no"}"#, Some(Error), false, "no"),
        (r#"{"message":"no","level":400,"level_name":"ERROR","channel":"app"}"#, Some(Error), false, "no"),
        (r#"{"severity":"ERROR","message":"no"}"#, Some(Error), false, "no"),
        (r#"{"severityText":"FATAL","message":"no"}"#, Some(Error), false, "no"),
        // What such a level or id means is not known.
        (r#"{"level":3,"msg":"third floor"}"#, None, false, "third floor"),
        (r#"{"level":"high","msg":"water"}"#, None, false, "water"),
        (r#"{"level":"INFO","msg":"x","requestId":"C3D13FE58DE4C810"}"#, Some(Info), false, "x"),
        (r#"{"Records":[{"s3":{"object":{"key":"ERROR"}}}]}"#, None, false, "="),
    ]);
}
